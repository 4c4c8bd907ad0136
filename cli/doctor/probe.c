// SPDX-License-Identifier: GPL-2.0-only
/* Gathers the facts from files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "driver/bus.h"
#include "driver/probe.h"
#include "doctor/doctor.h"
#include "hyp/hyp.h"

#define TRACING "/sys/kernel/tracing"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* The first line of a file; "" where there is none. */
static const char *read_line(struct doctor_source *src, const char *path)
{
	const char *text = doctor_read(src, path, NULL);
	char line[512];

	if (!text)
		return "";
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	return or_empty(doctor_keep(src, path, line));
}

static bool keep_capabilities(const char *line, size_t len)
{
	return len > 7 && !strncmp(line, "CapEff:", 7);
}

static bool keep_arm_ffa(const char *line, size_t len)
{
	return len >= 7 && !strncmp(line, "arm-ffa", 7);
}

static bool keep_ffa_interrupts(const char *line, size_t len)
{
	return memmem(line, len, "ARM-FFA-", 8) != NULL;
}

/* Of other programs keep nothing, not even the name. */
static bool keep_own_name(const char *line, size_t len)
{
	return len == 8 && !strncmp(line, "ffascope", 8);
}

static void probe_processor(struct doctor_source *src, struct doctor_facts *facts)
{
	struct utsname uts;

	facts->arch = read_line(src, "/proc/sys/kernel/arch");
	facts->release = read_line(src, "/proc/sys/kernel/osrelease");
	if (!facts->arch[0] && !src->root[0] && !uname(&uts))
		facts->arch = or_empty(doctor_keep(src, "/proc/sys/kernel/arch", uts.machine));

	/* Strings of a device tree end in a NUL, which ends the line here. */
	facts->conduit = read_line(src, "/sys/firmware/devicetree/base/psci/method");
	facts->hypervisor = read_line(src, "/sys/hypervisor/type");
	if (!facts->hypervisor[0])
		facts->hypervisor =
			read_line(src, "/sys/firmware/devicetree/base/hypervisor/compatible");
	facts->log = doctor_read(src, "/kmsg", doctor_log_keep);
	facts->log_denied = !facts->log && !src->root[0] && errno == EPERM;
	facts->log = or_empty(facts->log);
	facts->has_kvm = doctor_exists(src, "/dev/kvm");
	facts->config = or_empty(doctor_read(src, "/proc/config.gz", doctor_config_keep));
}

/* The kernel's parameters: words in one line. */
static void probe_cmdline(struct doctor_source *src, struct doctor_facts *facts)
{
	const char *text = doctor_read(src, "/proc/cmdline", NULL);
	char kept[1024] = "";
	size_t at = 0;

	while (text && *text) {
		size_t len = strcspn(text, " \n");

		if (len && doctor_cmdline_keep(text, len) && at + len + 2 < sizeof(kept))
			at += (size_t)snprintf(kept + at, sizeof(kept) - at, "%s%.*s",
					       at ? " " : "", (int)len, text);
		text += len;
		text += strspn(text, " \n");
	}
	facts->cmdline = or_empty(doctor_keep(src, "/proc/cmdline", kept));
}

static void probe_ffa(struct doctor_source *src, struct doctor_facts *facts)
{
	static const char dir[] = DRIVER_BUS_DEVICES;
	char names[DOCTOR_MAX_PARTITIONS][64], drivers[DOCTOR_MAX_PARTITIONS][64];
	char path[256];

	facts->has_ffa_bus = doctor_exists(src, DRIVER_BUS);
	facts->nr_partitions = doctor_names(src, dir, names, DOCTOR_MAX_PARTITIONS);
	for (size_t i = 0; i < facts->nr_partitions; i++) {
		struct doctor_partition *part = &facts->partitions[i];

		snprintf(part->name, sizeof(part->name), "%.63s", names[i]);
		snprintf(path, sizeof(path), "%s/%.63s/partition_id", dir, names[i]);
		snprintf(part->id, sizeof(part->id), "%s", read_line(src, path));
		snprintf(path, sizeof(path), "%s/%.63s/uuid", dir, names[i]);
		snprintf(part->uuid, sizeof(part->uuid), "%s", read_line(src, path));
	}

	/* A driver's folder has a link to each bound device. */
	size_t n = doctor_names(src, DRIVER_BUS "/drivers", drivers, DOCTOR_MAX_PARTITIONS);

	for (size_t d = 0; d < n; d++) {
		for (size_t i = 0; i < facts->nr_partitions; i++) {
			snprintf(path, sizeof(path), DRIVER_BUS "/drivers/%.63s/%.63s/uuid",
				 drivers[d], facts->partitions[i].name);
			if (doctor_exists(src, path))
				snprintf(facts->partitions[i].driver,
					 sizeof(facts->partitions[i].driver), "%.63s", drivers[d]);
		}
	}
	facts->deferred =
		or_empty(doctor_read(src, "/sys/kernel/debug/devices_deferred", keep_arm_ffa));
	facts->ffa_interrupts = or_empty(doctor_read(src, "/proc/interrupts", keep_ffa_interrupts));
}

static void probe_rights(struct doctor_source *src, struct doctor_facts *facts)
{
	const char *caps = doctor_read(src, "/proc/self/status", keep_capabilities);

	caps = caps ? strstr(caps, "CapEff:") : NULL;
	facts->capabilities_known = caps;
	if (caps)
		facts->capabilities = strtoull(caps + 7, NULL, 16);
	facts->lockdown = read_line(src, "/sys/kernel/security/lockdown");
	facts->selinux = read_line(src, "/sys/fs/selinux/enforce");
	facts->context = facts->selinux[0] ? read_line(src, "/proc/self/attr/current") : "";
}

/* The state file names its boot: cli/hyp/settings.c. */
static void probe_state(struct doctor_source *src, struct doctor_facts *facts)
{
	const char *boot = read_line(src, "/proc/sys/kernel/random/boot_id");
	const char *dir = src->root[0] ? "/run/ffascope" : hyp_run_dir();
	char words[128], path[128];
	const char *owner;

	snprintf(path, sizeof(path), "%s/lock", dir);
	owner = read_line(src, path);
	snprintf(path, sizeof(path), "%s/state", dir);
	facts->state = or_empty(doctor_read(src, path, NULL));
	if (facts->state[0] && strcmp(dir, "/run/ffascope"))
		doctor_keep(src, "/run/ffascope/state", facts->state);
	snprintf(words, sizeof(words), "\nboot %s\n", boot);
	facts->state_is_old = facts->state[0] && boot[0] && !strstr(facts->state, words);

	/* The lock file stays when its owner ends. */
	facts->owner = "";
	snprintf(path, sizeof(path), "/proc/%.20s/comm", owner);
	if (owner[0] && atoi(owner) != getpid() &&
	    or_empty(doctor_read(src, path, keep_own_name))[0])
		facts->owner = owner;
}

static void probe_trace(struct doctor_source *src, const struct doctor_ask *ask,
			struct doctor_facts *facts)
{
	struct hyp_layout layout;
	struct error err;
	char path[512], dir[300];

	(void)ask;
	facts->layout = facts->trace_error = "";
	facts->has_tracefs = doctor_exists(src, TRACING);
	snprintf(dir, sizeof(dir), "%s%s", src->root, TRACING);
	if (hyp_find(src->root[0] ? dir : src->tracefs, &layout, &err)) {
		facts->trace_error = or_empty(doctor_keep(src, "/found/trace-error", err.text));
		return;
	}

	/* hyp_find() used the mount table: read from the tracefs that it found. */
	if (!src->root[0] && !src->tracefs) {
		snprintf(src->found_tracefs, sizeof(src->found_tracefs), "%.*s",
			 (int)(strlen(layout.root) - strlen(layout.name) - 1), layout.root);
		src->tracefs = src->found_tracefs;
	}
	facts->has_tracefs = true;
	facts->layout = or_empty(doctor_keep(src, "/found/layout", layout.name));
	snprintf(path, sizeof(path), TRACING "/%s/events/%s", layout.name, layout.group);
	facts->nr_events = doctor_names(src, path, facts->events, DOCTOR_MAX_EVENTS);
	for (size_t i = 0; i < facts->nr_events;) {
		snprintf(path, sizeof(path), TRACING "/%s/events/%s/%.63s/format", layout.name,
			 layout.group, facts->events[i]);
		/* `enable' and the like are not events. */
		if (!doctor_read(src, path, NULL))
			memmove(facts->events[i], facts->events[i + 1],
				(--facts->nr_events - i) * sizeof(facts->events[0]));
		else
			i++;
	}

	snprintf(path, sizeof(path), TRACING "/%s/write_event", layout.name);
	facts->has_write_event = doctor_exists(src, path);
	snprintf(path, sizeof(path), TRACING "/%s/tracing_on", layout.name);
	facts->tracing_on = read_line(src, path)[0] == '1';
	snprintf(path, sizeof(path), TRACING "/%s/buffer_size_kb", layout.name);
	read_line(src, path);
}

/* BTF holds a table of NUL-terminated names. */
static bool btf_has(const struct doctor_file *file, const char *name)
{
	return memmem(file->data, file->size, name, strlen(name));
}

static void probe_reader(struct doctor_source *src, const struct doctor_ask *ask,
			 struct doctor_facts *facts)
{
	static const char btf[] = "/sys/kernel/btf/vmlinux";
	static const char *const types[] = { "trace_remote_iterator",
					     "remote_event_format_hyp_enter" };
	enum hyp_reader reader;
	struct error err;
	char kept[128] = "";

	if (doctor_read(src, btf, NULL)) {
		facts->has_btf = true;
		facts->btf_fits = true;
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			bool there = btf_has(&src->files[src->nr_files - 1], types[i]);

			facts->btf_fits &= there;
			if (there)
				snprintf(kept + strlen(kept), sizeof(kept) - strlen(kept), "%s\n",
					 types[i]);
		}
		/* Keep the names only: BTF has some megabytes. */
		doctor_keep(src, btf, kept);
	}

	facts->has_bpf = doctor_exists(src, "/proc/sys/kernel/unprivileged_bpf_disabled");
	facts->has_kprobes = doctor_exists(src, "/sys/bus/event_source/devices/kprobe/type");

	facts->reader_error = read_line(src, "/found/reader-error");
	facts->reader = read_line(src, "/found/reader");
	if (!ask->touch || !facts->layout[0])
		return;

	if (!hyp_try_reader(src->tracefs, &reader, &err))
		facts->reader =
			or_empty(doctor_keep(src, "/found/reader", hyp_reader_name(reader)));
	facts->reader_error = or_empty(doctor_keep(src, "/found/reader-error", err.text));
}

/* Attaches to arm_ffa as `trace' does, and detaches. */
static void probe_hook(struct doctor_source *src, const struct doctor_ask *ask,
		       struct doctor_facts *facts)
{
	const struct driver_filter filter = { 0 };
	struct driver_probe *probe;
	struct error err = { "" };

	facts->hook_error = read_line(src, "/found/hook-error");
	facts->hook = read_line(src, "/found/hook");
	if (!ask->touch || !facts->has_bpf)
		return;

	if (!driver_probe_open(&probe, &filter, false, 0, &err)) {
		facts->hook = or_empty(
			doctor_keep(src, "/found/hook", driver_way_name(driver_probe_way(probe))));
		driver_probe_close(probe);
	}
	facts->hook_error = or_empty(doctor_keep(src, "/found/hook-error", err.text));
}

int doctor_probe(struct doctor_source *src, const struct doctor_ask *ask,
		 struct doctor_facts *facts)
{
	*facts = (struct doctor_facts){ 0 };
	probe_processor(src, facts);
	probe_cmdline(src, facts);
	probe_ffa(src, facts);
	probe_rights(src, facts);
	probe_state(src, facts);
	doctor_probe_device(src, ask, facts);
	probe_trace(src, ask, facts);
	probe_reader(src, ask, facts);
	probe_hook(src, ask, facts);

	/* Nothing was kept: no memory. */
	return src->nr_files ? 0 : -ENOMEM;
}
