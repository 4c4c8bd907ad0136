// SPDX-License-Identifier: GPL-2.0-only
/*
 * random-calls COUNT SEED RECORDING [TRACEFS]: makes random calls (draw.h) on every CPU in turn and
 * prints each with its verdict as ffascope --json does. Tells lab/coverage/plugin.c where the calls
 * begin and end.
 * random-calls COUNT SEED RECORDING at-once: the same on all CPUs at the same time.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "report/report.h"
#include "session/session.h"

#define BATCH	  40
#define MAX_LANES 64

static void show(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	(void)tag;
	report_call(ctx, call, v);
}

/* A NOP that QEMU's plugin sees; on every architecture that the tests are built for. */
static void begin_section(void)
{
#ifdef __aarch64__
	__asm__ volatile("hint #0x67");
#endif
}

static int all_cpus(struct session *session, struct report *report, struct draw *draw,
		    unsigned long count, const cpu_set_t *cpus, struct error *err)
{
	struct ffa_regs in[BATCH];
	uint64_t nonce = 0x5eed00000000;
	int cpu = 0, bad, ret = 0;

	for (unsigned long made = 0; made < count && !ret; made += BATCH) {
		while (!CPU_ISSET(cpu, cpus))
			cpu = (cpu + 1) % CPU_SETSIZE;
		for (int i = 0; i < BATCH; i++)
			draw_call(draw, &in[i], ++nonce);
		ret = session_call(session, cpu, in, BATCH, 1, &bad, show, report, err);
		cpu = (cpu + 1) % CPU_SETSIZE;
	}
	return ret;
}

static int at_once(struct session *session, struct report *report, struct draw *draw,
		   unsigned long count, const cpu_set_t *cpus, struct error *err)
{
	static struct ffa_regs in[MAX_LANES][BATCH];
	struct session_lane lanes[MAX_LANES];
	uint64_t nonce = 0x5eed00000000, overlapped = 0, total = 0;
	unsigned int n = 0;
	int ret = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE && n < MAX_LANES; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		lanes[n] = (struct session_lane){
			.cpu = cpu, .in = in[n], .n = BATCH, .repeat = 1, .ctx = report
		};
		n++;
	}
	for (unsigned long made = 0; made < count && !ret; made += BATCH * n) {
		for (unsigned int i = 0; i < n * BATCH; i++)
			draw_call(draw, &in[i / BATCH][i % BATCH], ++nonce);
		ret = session_call_parallel(session, lanes, n, show, err);
		for (unsigned int i = 0; i < n; i++) {
			overlapped += lanes[i].overlapped;
			total += lanes[i].made;
		}
	}
	fprintf(stderr, "random-calls: %llu of %llu calls met a call of another CPU\n",
		(unsigned long long)overlapped, (unsigned long long)total);
	return ret;
}

int main(int argc, char **argv)
{
	const struct report_options report_opts = { .out = stdout, .ffa_version = FFA_VERSION_1_2 };
	struct session_options opts = { .verb = "call" };
	struct error err;
	struct session *session;
	struct report *report;
	struct draw draw;
	cpu_set_t cpus;
	bool all = argc == 5 && !strcmp(argv[4], "at-once");
	int ret;

	if (argc != 4 && argc != 5)
		return 2;

	opts.record = argv[3];
	opts.tracefs = all ? NULL : argv[4];
	sched_getaffinity(0, sizeof(cpus), &cpus);
	if (draw_init(&draw, strtoull(argv[2], NULL, 0), (unsigned int)CPU_COUNT(&cpus)))
		return 5;
	report = report_new(&report_json, &report_opts);
	if (!report)
		return 5;
	if (session_open(&session, &opts, &err)) {
		fprintf(stderr, "random-calls: %s\n", err.text);
		return 3;
	}

	begin_section();
	ret = (all ? at_once : all_cpus)(session, report, &draw, strtoul(argv[1], NULL, 0), &cpus,
					 &err);
	begin_section();
	if (ret)
		fprintf(stderr, "random-calls: %s\n", err.text);
	if (session_close(session, &err))
		ret = -EIO;
	report_free(report);
	draw_free(&draw);
	return ret ? 5 : 0;
}
