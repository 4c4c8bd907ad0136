// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "device/device.h"
#include "driver/bus.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "fuzz/fuzz.h"
#include "command/sweep_port.h"

#define MAX_UNDO_TRIES	  3

/* OP-TEE's endpoint ID, where arm_ffa has found no partition. */
#define DEFAULT_PARTITION 0x8001
#define MAX_DEVICES	  64

/* Whether arm_ffa says that the partition can receive notifications (partition properties, bit 3). */
static bool receives_notifications(struct device *dev, uint16_t id)
{
	struct ffascope_driver req = { .op = FFASCOPE_DRIVER_QUERY, .partition = id, .cpu = -1 };
	struct error err;

	return !device_driver(dev, &req, &err) && !req.status && req.properties & 1u << 3;
}

/*
 * The partition that calls are about: the first one that can receive notifications, so that
 * controls succeed. Otherwise the highest endpoint ID, because partitions of the secure world are
 * above VMs.
 */
static uint16_t find_partition(const char *device)
{
	struct driver_device found[MAX_DEVICES];
	size_t n = driver_bus_devices(found, MAX_DEVICES);
	uint16_t best = 0, receiver = 0;
	struct device *dev = NULL;
	struct error err;

	if (n > 1 && device_open(&dev, device, &err))
		dev = NULL;
	for (size_t i = 0; i < n; i++) {
		if (found[i].id > best)
			best = found[i].id;
		if (!receiver && dev && found[i].id & 0x8000 &&
		    receives_notifications(dev, found[i].id))
			receiver = found[i].id;
	}
	if (dev)
		device_close(dev);
	if (receiver)
		return receiver;
	return best ? best : DEFAULT_PARTITION;
}

void sweep_machine_find(const struct options *opts, struct sweep_machine *machine,
			struct record_about *about, char *kernel, size_t size)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct utsname uts;

	*machine = (struct sweep_machine){ .cpus = cpus > 0 ? (unsigned int)cpus : 1,
					   .partition = find_partition(opts->device),
					   .order = SWEEP_ORDER };
	about->partition = machine->partition;
	about->sweep_order = machine->order;
	if (!uname(&uts))
		snprintf(kernel, size, "%s", uts.release);
}

void sweep_build_find(char *build, size_t size)
{
	/* A note's header (elf.h), and room for the longest name and ID that a kernel has. */
	struct {
		Elf64_Nhdr header;
		char rest[64];
	} note;
	FILE *notes = fopen("/sys/kernel/notes", "re");

	*build = '\0';
	if (!notes)
		return;
	while (fread(&note.header, sizeof(note.header), 1, notes) == 1) {
		/* Name and description are each padded to four bytes. */
		size_t name = (note.header.n_namesz + 3u) & ~3u;
		size_t id = note.header.n_descsz, len = name + ((id + 3u) & ~(size_t)3);

		if (len > sizeof(note.rest) || fread(note.rest, 1, len, notes) != len)
			break;
		if (note.header.n_type != NT_GNU_BUILD_ID ||
		    strncmp(note.rest, "GNU", sizeof("GNU")))
			continue;
		for (size_t i = 0; i < id && 2 * i + 2 < size; i++)
			snprintf(build + 2 * i, size - 2 * i, "%02x",
				 (unsigned char)note.rest[name + i]);
		break;
	}
	fclose(notes);
}

void sweep_machine_recorded(const struct record_about *about, struct sweep_machine *machine)
{
	*machine = (struct sweep_machine){
		.cpus = about->cpus_configured ? about->cpus_configured : 1,
		.partition = (uint16_t)about->partition,
		.order = about->sweep_order,
	};
}

static void take(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct sweep_result *result = (struct sweep_result *)ctx + (uintptr_t)tag;

	*result = (struct sweep_result){ .made = true, .call = *call, .verdict = *v };
	result->has_status = ffa_answer_status(ffa_call_by_fid((uint32_t)call->in.x[0]), &call->out,
					       &result->status);
}

/* After an ambiguous call: longer pauses around the following ones. */
static void choose_guard(struct sweep_calls *calls, const struct sweep_result *out, unsigned int n)
{
	for (unsigned int i = 0; calls->quick && i < n; i++) {
		if (out[i].verdict.reason != VERDICT_AMBIGUOUS)
			continue;
		session_set_guard(calls->session, DEVICE_LONG_GUARD_NS);
		calls->quick = false;
	}
}

int sweep_calls_on(struct sweep_calls *calls, int cpu, const struct ffa_regs *in, unsigned int n,
		   bool must, struct sweep_result *out)
{
	int ret = 0;

	for (int tries = 0; tries < (must ? MAX_UNDO_TRIES : 1) && !out[0].made; tries++) {
		int signal = verb_stop;

		/* Undo the changes first, then act on the signal. */
		if (must)
			verb_stop = 0;
		ret = session_call(calls->session, cpu, in, n, 1, &calls->bad, take, out,
				   &calls->err);
		if (ret == -EACCES && calls->bad >= 0 && (unsigned int)calls->bad < n) {
			out[calls->bad].refused = true;
			return ret;
		}
		if (must && !verb_stop)
			verb_stop = signal;
	}

	choose_guard(calls, out, n);
	return ret;
}

int sweep_calls_at_once(struct sweep_calls *calls, const struct fuzz_lane *lanes, size_t nr_lanes)
{
	struct session_lane *made = calloc(nr_lanes, sizeof(*made));
	unsigned int n = 0;
	int ret;

	if (!made)
		return error_no_memory(&calls->err);
	for (size_t i = 0; i < nr_lanes; i++) {
		if (!lanes[i].n)
			continue;
		made[n] = (struct session_lane){ .cpu = lanes[i].cpu,
						 .in = lanes[i].in,
						 .n = lanes[i].n,
						 .repeat = 1,
						 .ctx = lanes[i].out };
		n++;
	}
	ret = session_call_parallel(calls->session, made, n, take, &calls->err);
	for (size_t i = 0, j = 0; i < nr_lanes; i++) {
		int bad = lanes[i].n ? made[j++].bad : -1;

		if (ret == -EACCES && bad >= 0 && (unsigned int)bad < lanes[i].n)
			lanes[i].out[bad].refused = true;
		choose_guard(calls, lanes[i].out, lanes[i].n);
	}
	free(made);
	return ret;
}

int sweep_calls_make(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		     struct sweep_result *out)
{
	struct sweep_calls *calls = ctx;

	return sweep_calls_on(calls, calls->cpu, in, n, must, out);
}
