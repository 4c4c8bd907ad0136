// SPDX-License-Identifier: GPL-2.0-only
/*
 * random-calls COUNT SEED RECORDING: makes calls drawn at random on every CPU in turn, of the
 * identifiers 0x60 to 0x97 that the module makes, in both widths, with registers that are random,
 * nearly zero or zero, and prints each with its verdict as ffascope --json does. x17 of each call
 * holds a number of its own, by which the monitor's log is searched.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "session/session.h"

#define FIRST	   0x60
#define LAST	   0x97
#define BATCH	   40
#define NONCE	   17
#define FLAG_COUNT 5 /* PARTITION_INFO_GET, w5[0] */

static uint64_t state;

/* xorshift64* (Vigna 2016): a run can be made again by its seed. */
static uint64_t draw(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static uint64_t draw_register(void)
{
	switch (draw() % 4) {
	case 0:
		return draw();
	case 1:
		return draw() & 0xffffffff;
	case 2:
		return UINT64_C(1) << draw() % 64;
	default:
		return 0;
	}
}

/* What the module refuses without unsafe=1 (kmod/main.c, call_is_unsafe). */
static bool refused(const struct ffa_regs *in)
{
	uint32_t nr = (uint32_t)in->x[0] & 0xffff;

	switch (nr) {
	case 0x63:
		return (uint32_t)in->x[1] < FFA_VERSION_1_2;
	case 0x68:
		return !(in->x[FLAG_COUNT] & 1);
	case 0x65 ... 0x67:
	case 0x6d:
	case 0x71 ... 0x7b:
	case 0x84:
	case 0x88:
	case 0x89:
		return true;
	default:
		return false;
	}
}

static void draw_call(struct ffa_regs *in, uint64_t nonce)
{
	bool calm = draw() % 3 == 0;

	do {
		*in = (struct ffa_regs){ 0 };
		in->x[0] = 0x84000000 | (FIRST + draw() % (LAST - FIRST + 1));
		if (draw() & 1)
			in->x[0] |= FFA_FID_SMC64;
		for (int i = 1; i < 8; i++)
			in->x[i] = calm && draw() % 4 ? 0 : draw_register();
		for (int i = 8; i < NONCE; i++)
			in->x[i] = draw_register();
	} while (refused(in));
	in->x[NONCE] = nonce;
	/* Now and then the identifier itself is broken. */
	if (draw() % 40 == 0)
		in->x[0] |= UINT64_C(1) << (32 + draw() % 32);
}

static void show(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	(void)tag;
	report_call(ctx, call, v);
}

static int all_cpus(struct session *session, struct report *report, unsigned long count,
		    const cpu_set_t *cpus, struct session_error *err)
{
	struct ffa_regs in[BATCH];
	uint64_t nonce = 0x5eed00000000;
	int cpu = 0, bad, ret = 0;

	for (unsigned long made = 0; made < count && !ret; made += BATCH) {
		while (!CPU_ISSET(cpu, cpus))
			cpu = (cpu + 1) % CPU_SETSIZE;
		for (int i = 0; i < BATCH; i++)
			draw_call(&in[i], ++nonce);
		ret = session_call(session, cpu, in, BATCH, 1, &bad, show, report, err);
		cpu = (cpu + 1) % CPU_SETSIZE;
	}
	return ret;
}

int main(int argc, char **argv)
{
	const struct report_options report_opts = { .out = stdout, .ffa_version = FFA_VERSION_1_2 };
	struct session_options opts = { .verb = "call" };
	struct session_error err;
	struct session *session;
	struct report *report;
	cpu_set_t cpus;
	int ret;

	if (argc != 4)
		return 2;

	state = strtoull(argv[2], NULL, 0) | 1;
	opts.record = argv[3];
	sched_getaffinity(0, sizeof(cpus), &cpus);
	report = report_new(&report_json, &report_opts);
	if (!report)
		return 5;
	if (session_open(&session, &opts, &err)) {
		fprintf(stderr, "random-calls: %s\n", err.text);
		return 3;
	}

	ret = all_cpus(session, report, strtoul(argv[1], NULL, 0), &cpus, &err);
	if (ret)
		fprintf(stderr, "random-calls: %s\n", err.text);
	if (session_close(session, &err))
		ret = -EIO;
	report_free(report);
	return ret ? 5 : 0;
}
