// SPDX-License-Identifier: GPL-2.0-only
/* Breaks the time of a verdict down by step. */
#include <stdlib.h>
#include <string.h>

#include "cost.h"
#include "hyp/hyp.h"

#define GUARD_NS 3000

static int count_event(void *ctx, const struct hyp_event *event)
{
	(void)event;
	++*(unsigned int *)ctx;
	return 0;
}

struct kept {
	struct hyp_event *events;
	size_t n, max;
};

static int keep_event(void *ctx, const struct hyp_event *event)
{
	struct kept *kept = ctx;

	if (kept->n < kept->max)
		kept->events[kept->n++] = *event;
	return 0;
}

static void settled(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	(void)call;
	(void)tag;
	*(unsigned int *)ctx += v->kind != VERDICT_UNKNOWN;
}

static void judge(const struct bench_kind *kind, const struct bench_loop *loop,
		  const struct kept *kept, const struct hyp_marker *from,
		  const struct hyp_marker *until)
{
	struct verdict_clock clock = { .slack_ns = GUARD_NS, .guard_ns = GUARD_NS };
	struct verdict_join *join = verdict_join_new(false);
	unsigned int told = 0;
	double begin = bench_now_us();

	for (unsigned int i = 0; join && i < loop->n; i++) {
		struct verdict_call call = { .cpu = BENCH_CPU };

		memcpy(call.in.x, loop->calls[i].in, sizeof(call.in.x));
		memcpy(call.out.x, loop->calls[i].out, sizeof(call.out.x));
		call.begin_ns = loop->calls[i].begin_ns;
		call.end_ns = loop->calls[i].end_ns;
		verdict_join_call(join, &call, NULL);
	}
	for (size_t i = 0; join && i < kept->n; i++)
		verdict_join_event(join, &kept->events[i]);
	bench_say("part-join", kind, (bench_now_us() - begin) / loop->n);
	begin = bench_now_us();
	verdict_join_settle(join, BENCH_CPU, from->ts, until->ts, &clock, VERDICT_REASON_NONE,
			    settled, &told);
	bench_say("part-settle", kind, (bench_now_us() - begin) / loop->n);
	verdict_join_free(join);
}

static void parts_of(struct hyp_trace *trace, const struct bench_kind *kind, unsigned int n)
{
	struct kept kept = { .max = 16 * n };
	struct hyp_marker from, until;
	struct error err;
	struct error hyp_err;
	unsigned int done, events = 0;
	struct bench_loop loop;
	double begin;
	int bad;

	bench_loop_open(&loop, kind, n);
	kept.events = calloc(kept.max, sizeof(*kept.events));
	if (!kept.events)
		bench_die("out of memory");
	begin = bench_now_us();
	hyp_mark(trace, &from, &hyp_err);
	bench_say("part-mark", kind, (bench_now_us() - begin) / n);
	begin = bench_now_us();
	device_call(loop.device, loop.calls, n, BENCH_CPU, GUARD_NS, &done, &bad, &err);
	bench_say("part-calls", kind, (bench_now_us() - begin) / n);
	hyp_mark(trace, &until, &hyp_err);
	begin = bench_now_us();
	if (hyp_drain(trace, BENCH_CPU, &from, &until, 5000, count_event, &events, &hyp_err))
		bench_die("%s", hyp_err.text);
	bench_say("part-drain", kind, (bench_now_us() - begin) / n);
	bench_say("part-events", kind, (double)events / n);

	hyp_mark(trace, &from, &hyp_err);
	device_call(loop.device, loop.calls, n, BENCH_CPU, GUARD_NS, &done, &bad, &err);
	hyp_mark(trace, &until, &hyp_err);
	if (hyp_drain(trace, BENCH_CPU, &from, &until, 5000, keep_event, &kept, &hyp_err))
		bench_die("%s", hyp_err.text);
	judge(kind, &loop, &kept, &from, &until);
	free(kept.events);
	bench_loop_close(&loop);
}

int bench_parts(int times, unsigned int n)
{
	const struct hyp_options opts = { 0 };
	struct hyp_trace *trace;
	struct error err;

	bench_pin(BENCH_CPU);
	if (n > 1000 || hyp_open(&trace, &opts, &err))
		bench_die("%s", n > 1000 ? "at most 1000 calls" : err.text);
	for (int i = 0; i < times; i++) {
		for (size_t k = 0; k < BENCH_NR_KINDS; k++)
			parts_of(trace, &bench_kinds[k], n);
	}
	hyp_close(trace);
	return 0;
}
