// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vector.h"
#include "device/device.h"
#include "hyp/hyp.h"
#include "calibrate/calibrate.h"

/* A busy machine can lose the events of a try; a further try takes less than 1 ms. */
#define MAX_TRIES	  3

/* Without markers, assume that the clocks differ by no more than the kernel allows. */
#define UNMARKED_SLACK_NS 2000

struct attempt {
	const struct calibrate_options *opts;
	struct ffascope_call calls[CALIBRATION_NR_PROBES];
	struct verdict_call records[CALIBRATION_NR_PROBES];
	struct hyp_event *events;
	size_t nr_events, max_events;
	struct record_batch batch;
};

static int take_event(void *ctx, const struct hyp_event *ev)
{
	struct attempt *a = ctx;

	if (!vector_room(&a->events, &a->max_events, a->nr_events, sizeof(*a->events)))
		return -ENOMEM;
	a->events[a->nr_events++] = *ev;
	return 0;
}

static unsigned int prepare(struct attempt *a)
{
	uint32_t version = device_info(a->opts->device)->ffa_version;
	unsigned int n = 0;

	for (int probe = 0; probe < CALIBRATION_NR_PROBES; probe++) {
		struct ffa_regs in;

		if (!calibration_probe(probe, version, &in))
			continue;
		a->calls[n] = (struct ffascope_call){ 0 };
		memcpy(a->calls[n++].in, in.x, sizeof(in.x));
	}
	return n;
}

/* Leaves out calls that the module refuses; older versions allow fewer calls. */
static int make_calls(struct attempt *a, unsigned int n)
{
	struct error ignored;
	unsigned int done = 0;
	int bad, ret;

	do {
		ret = device_call(a->opts->device, a->calls, n, (int)a->batch.cpu,
				  DEVICE_LONG_GUARD_NS, &done, &bad, &ignored);
		if (bad < 0 || !ret)
			break;
		n--;
		memmove(&a->calls[bad], &a->calls[bad + 1],
			(n - (unsigned int)bad) * sizeof(a->calls[0]));
	} while (n);

	for (unsigned int i = 0; i < done; i++) {
		struct verdict_call *rec = &a->records[i];

		*rec = (struct verdict_call){
			.begin_ns = a->calls[i].begin_ns,
			.end_ns = a->calls[i].end_ns,
			.cpu = a->calls[i].cpu,
		};
		memcpy(rec->in.x, a->calls[i].in, sizeof(rec->in.x));
		memcpy(rec->out.x, a->calls[i].out, sizeof(rec->out.x));
	}
	a->batch.nr_calls = done;
	return ret == -EINTR ? ret : 0;
}

/* The range of offsets that both markers allow. */
static void compare_clocks(struct attempt *a, const struct hyp_marker *from,
			   const struct hyp_marker *until)
{
	struct verdict_clock *clock = &a->batch.clock;
	int64_t low, high, low2, high2;

	if (!hyp_marker_offset(a->opts->trace, from, &low, &high) ||
	    !hyp_marker_offset(a->opts->trace, until, &low2, &high2)) {
		a->batch.reason = VERDICT_LOST_EVENTS;
		return;
	}
	low = low2 > low ? low2 : low;
	high = high2 < high ? high2 : high;
	if (low > high) {
		a->batch.reason = VERDICT_AMBIGUOUS;
		return;
	}
	clock->offset_ns = low + (high - low) / 2;
	clock->slack_ns = (uint64_t)(high - low + 1) / 2;
}

static int call_between_markers(struct attempt *a, unsigned int n)
{
	struct hyp_marker from = { 0 }, until = { 0 };
	struct error hyp_err;
	int ret;

	ret = hyp_mark(a->opts->trace, &from, &hyp_err);
	if (!ret)
		ret = make_calls(a, n);
	if (ret || hyp_mark(a->opts->trace, &until, &hyp_err))
		return ret == -EINTR ? ret : 0;

	ret = hyp_drain(a->opts->trace, a->batch.cpu, &from, &until, HYP_DRAIN_TIMEOUT_MS,
			take_event, a, &hyp_err);
	if (ret) {
		a->batch.reason = VERDICT_LOST_EVENTS;
		return ret == -EINTR || ret == -ENOMEM ? ret : 0;
	}
	a->batch.from_ns = from.ts;
	a->batch.until_ns = until.ts;
	compare_clocks(a, &from, &until);
	return 0;
}

static int call_without_markers(struct attempt *a, unsigned int n)
{
	struct error hyp_err;
	int ret;

	a->batch.clock.slack_ns = UNMARKED_SLACK_NS;
	ret = hyp_drain_all(a->opts->trace, a->batch.cpu, NULL, HYP_DRAIN_TIMEOUT_MS, take_event, a,
			    &hyp_err);
	a->batch.from_ns = clock_ns(CLOCK_BOOTTIME);
	if (!ret)
		ret = make_calls(a, n);
	a->batch.until_ns = clock_ns(CLOCK_BOOTTIME);
	if (!ret)
		ret = hyp_drain_all(a->opts->trace, a->batch.cpu, NULL, HYP_DRAIN_TIMEOUT_MS,
				    take_event, a, &hyp_err);
	if (ret)
		a->batch.reason = VERDICT_LOST_EVENTS;
	return ret == -EINTR || ret == -ENOMEM ? ret : 0;
}

static int judge(struct attempt *a, struct calibration *cal)
{
	const struct record_batch *batch = &a->batch;
	struct calibration_run run = {
		.hvc = device_info(a->opts->device)->conduit == FFASCOPE_CONDUIT_HVC,
		.precision_ns = a->opts->trace ? hyp_precision(a->opts->trace) : 1,
		.cpu = batch->cpu,
		.reason = batch->reason,
		.from_ns = batch->from_ns,
		.until_ns = batch->until_ns,
		.clock = batch->clock,
		.nr_calls = batch->nr_calls,
		.nr_events = batch->nr_events,
	};

	return calibration_run(cal, &run, a->records, a->events);
}

static int try_once(struct attempt *a, struct calibration *cal, struct error *err)
{
	unsigned int n = prepare(a);
	int ret;

	a->nr_events = 0;
	a->batch = (struct record_batch){
		.cpu = (uint32_t)sched_getcpu(),
		.reason = a->opts->trace ? VERDICT_REASON_NONE : VERDICT_TRACING_OFF,
		.clock.guard_ns = DEVICE_LONG_GUARD_NS,
	};
	if (!a->opts->trace)
		ret = make_calls(a, n);
	else if (hyp_has_markers(a->opts->trace))
		ret = call_between_markers(a, n);
	else
		ret = call_without_markers(a, n);
	a->batch.nr_events = (uint32_t)a->nr_events;
	if (!ret)
		ret = judge(a, cal);
	if (ret)
		return ret == -EINTR ? ret : error_no_memory(err);

	if (a->opts->writer &&
	    record_write_calibration(a->opts->writer, &a->batch, a->records, a->events, err))
		return -EIO;
	return 0;
}

int calibrate_evidence(const struct calibrate_options *opts, struct calibration *cal,
		       struct error *err)
{
	struct attempt a = { .opts = opts };
	cpu_set_t before, set;
	bool pinned;
	int ret = 0;

	*cal = (struct calibration){ 0 };
	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	pinned = !sched_getaffinity(0, sizeof(before), &before) &&
		 !sched_setaffinity(0, sizeof(set), &set);

	device_first_call(opts->device);
	for (int i = 0; i < MAX_TRIES && !ret && !(opts->stop && *opts->stop); i++) {
		ret = try_once(&a, cal, err);
		/* A signal. If it asks to end, the calls of the run check for it as well. */
		if (ret == -EINTR)
			ret = 0;
		else if (!opts->trace || calibration_is_complete(cal))
			break;
	}

	if (pinned)
		sched_setaffinity(0, sizeof(before), &before);
	free(a.events);
	return ret;
}
