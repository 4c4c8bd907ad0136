/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the parts of bench-cost. Every failure ends the program with status 5 and a message. */
#ifndef FFASCOPE_BENCH_COST_H
#define FFASCOPE_BENCH_COST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "device/device.h"
#include "session/session.h"
#include "verdict/verdict.h"

#define BENCH_TRACE	 "/sys/kernel/tracing/remotes/hypervisor/"
#define BENCH_PIPE	 BENCH_TRACE "per_cpu/cpu0/trace_pipe"
#define BENCH_CPU	 0
#define BENCH_MARKER	 "4242424242"
#define BENCH_NR_KINDS	 2

/* Samples of each method per round. */
#define BENCH_NR_SAMPLES 8

/* On the stock proxy, one is rejected at EL2, the other is forwarded to the secure world. */
struct bench_kind {
	const char *name;
	uint64_t fid;
	enum verdict_kind verdict;
};

extern const struct bench_kind bench_kinds[BENCH_NR_KINDS];

void __attribute__((noreturn, format(printf, 1, 2))) bench_die(const char *fmt, ...);
double bench_now_us(void);
void bench_pin(int cpu);
/* Prints a sample: "WHAT.KIND VALUE". */
void bench_say(const char *what, const struct bench_kind *kind, double value);

/* Writes to a file of the hypervisor's trace. */
void bench_put(const char *file, const char *text);
/* Enables all events, with a buffer large enough for a sleeping reader. */
void bench_trace_on(void);
void bench_trace_off(void);

/* The bare loop in the module: n calls without a guard. */
struct bench_loop {
	struct device *device;
	struct ffascope_call *calls;
	unsigned int n, batch;
};

void bench_loop_open(struct bench_loop *loop, const struct bench_kind *kind, unsigned int n);
/* Returns the total time in us. */
double bench_loop_run(struct bench_loop *loop, int cpu);
void bench_loop_close(struct bench_loop *loop);

struct session *bench_session(void);
/*
 * Makes n verdicts as `call --count' does. Returns the total time in us; adds to *unknown. Ends the
 * program if a verdict is neither the kind's nor unknown.
 */
double bench_verdicts(struct session *session, int cpu, const struct bench_kind *kind,
		      unsigned int n, unsigned int *unknown);
/* The same with n calls on each of the first CPUs, at most 8, at the same time. */
double bench_verdicts_at_once(struct session *session, int cpus, const struct bench_kind *kind,
			      unsigned int n, unsigned int *unknown);
/* Waits until the hooks of earlier sessions are detached (cli/hyp/trace.c). */
void bench_wait_for_quiet(void);

/* The command line's arguments. */
int bench_parts(int times, unsigned int n);
int bench_once(uint64_t fid);
int bench_by_hand(int times, char *awk);
void bench_run(const char *name, char **argv);

#endif
