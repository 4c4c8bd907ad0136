// SPDX-License-Identifier: GPL-2.0-only
/* A batch of calls, and its part of the trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/operations.h"
#include "base/clock.h"
#include "base/vector.h"
#include "session/internal.h"

/*
 * When the machine stalls, a batch ends: the calls after it belong to the next one, with clocks that
 * were compared again. The clocks drift apart by 1 us, the margin of the guard, in twice this.
 */
#define MAX_BATCH_US 250000

/* How often one request may move to another CPU. */
#define MAX_MOVES    64

int session_pin(struct session *s, int cpu, struct error *err)
{
	cpu_set_t set;

	if (s->pinned && s->pinned_cpu == cpu)
		return 0;

	if (!s->pinned && sched_getaffinity(0, sizeof(s->old_cpus), &s->old_cpus))
		return error_set(err, -errno, "sched_getaffinity: %s", strerror(errno));

	if (cpu >= CPU_SETSIZE)
		return error_set(err, -EINVAL, "CPU %d: the highest number possible is %d", cpu,
				 CPU_SETSIZE - 1);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return error_set(
			err, -errno,
			"CPU %d: %s; /sys/devices/system/cpu/online lists those that can be used",
			cpu, errno == EINVAL ? "not there, or offline" : strerror(errno));

	s->pinned = true;
	s->pinned_cpu = cpu;
	return 0;
}

int session_take_event(void *ctx, const struct hyp_event *ev)
{
	struct session *s = ctx;

	if (s->writer || s->keep_events) {
		if (!vector_room(&s->events, &s->max_events, s->nr_events, sizeof(*s->events)))
			return -ENOMEM;
		s->events[s->nr_events++] = *ev;
	}

	return verdict_join_event(s->join, ev);
}

/* Sets the reason for a failed drain. Returns 0 if the batch continues. */
static int drain_failed(struct session *s, int ret, struct record_batch *batch)
{
	batch->reason = VERDICT_LOST_EVENTS;
	if (ret != -ETIMEDOUT)
		return ret;
	if (!hyp_is_on(s->trace))
		batch->reason = VERDICT_TRACING_OFF;
	return 0;
}

/* When the first and the last call of the batch began, boot clock. */
static uint64_t first_begin(const struct session *s)
{
	return s->calls[0].begin_ns;
}

static uint64_t last_begin(const struct session *s, const struct record_batch *batch)
{
	return s->calls[batch->nr_calls - 1].begin_ns;
}

/* Reads the trace of the batch up to its second marker. */
static int drain(struct session *s, struct hyp_marker *from, struct hyp_marker *until,
		 struct record_batch *batch, struct error *err)
{
	struct clock_range before;
	bool agrees;
	int ret;

	ret = hyp_drain(s->trace, batch->cpu, from, until, HYP_DRAIN_TIMEOUT_MS, session_take_event,
			s, err);
	if (ret)
		return drain_failed(s, ret, batch);

	session_clock_note(s, from);
	before = s->clock;
	agrees = session_clock_note(s, until);
	session_clock_of_calls(s, &before, agrees, first_begin(s), last_begin(s, batch),
			       &batch->clock);
	batch->from_ns = from->ts;
	batch->until_ns = until->ts;
	/* Without the first marker the start of the complete trace is not known. */
	if (!from->ts)
		batch->reason = VERDICT_LOST_EVENTS;
	return 0;
}

/*
 * The CPU went offline, or another process moved this one, so the second marker would be in the
 * trace of another CPU. All calls were made before this drain, which reads all events: the trace is
 * complete up to its beginning.
 */
static int drain_left(struct session *s, struct hyp_marker *from, struct record_batch *batch,
		      struct error *err)
{
	uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
	int ret;

	ret = hyp_drain_all(s->trace, batch->cpu, from, HYP_DRAIN_TIMEOUT_MS, session_take_event, s,
			    err);
	if (ret)
		return drain_failed(s, ret, batch);

	session_clock_note(s, from);
	session_clock_of_calls(s, &s->clock, true, first_begin(s), last_begin(s, batch),
			       &batch->clock);
	batch->from_ns = from->ts;
	batch->until_ns = now_ns + (uint64_t)batch->clock.offset_ns - batch->clock.slack_ns;
	if (!from->ts)
		batch->reason = VERDICT_LOST_EVENTS;
	return 0;
}

/*
 * Without markers: reads all events before the calls, and all events after them. Opening the file
 * makes the kernel look for events, so the trace is complete from the end of the first drain to the
 * start of the second.
 */
static int drain_without_markers(struct session *s, bool before, uint64_t *mark_ns,
				 struct record_batch *batch, struct error *err)
{
	int ret;

	if (!before)
		*mark_ns = clock_ns(CLOCK_BOOTTIME);
	ret = hyp_drain_all(s->trace, batch->cpu, NULL, HYP_DRAIN_TIMEOUT_MS, session_take_event, s,
			    err);
	if (before)
		*mark_ns = clock_ns(CLOCK_BOOTTIME);
	if (ret)
		return drain_failed(s, ret, batch);
	if (!before && !hyp_is_on(s->trace))
		batch->reason = VERDICT_TRACING_OFF;
	session_clock_get(s, &batch->clock);
	return 0;
}

static int keep_calls(struct session *s, unsigned int n, struct error *err)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct ffascope_call *call = &s->calls[i];
		struct verdict_call *rec = &s->records[i];

		memcpy(rec->in.x, call->in, sizeof(call->in));
		memcpy(rec->out.x, call->out, sizeof(call->out));
		rec->begin_ns = call->begin_ns;
		rec->end_ns = call->end_ns;
		rec->cpu = call->cpu;
		rec->reserved = 0;
		if (verdict_join_call(s->join, rec, (void *)(uintptr_t)i))
			return error_no_memory(err);
	}
	return 0;
}

void session_hand_on(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	const struct session_retag *retag = ctx;
	uint64_t index = (retag->first + (uintptr_t)tag) % retag->n;

	retag->fn(retag->ctx, call, (void *)(uintptr_t)index, v);
}

static int make_calls(struct session *s, unsigned int n, unsigned int *done, int *bad,
		      enum verdict_reason *reason, struct error *err)
{
	int ret;

	if (s->driver) {
		driver_operation_registers(s->driver, &s->calls[0]);
		ret = device_driver(s->device, s->driver, err);
		*done = !ret;
		*bad = -1;
		if (!ret) {
			driver_operation_answer(s->driver, &s->calls[0]);
			if (!*reason && !driver_operation_made_one_call(s->driver))
				*reason = VERDICT_AMBIGUOUS;
		}
	} else {
		ret = device_call_within(s->device, MAX_BATCH_US, s->calls, n, s->pinned_cpu,
					 s->guard_ns, done, bad, err);
	}
	return ret;
}

/* Starts the trace of the batch; stores what it measures in *batch. */
static int begin_batch(struct session *s, unsigned int n, struct record_batch *batch,
		       struct hyp_marker *from, struct error *err)
{
	int ret = session_clock_watch(s, n, err);

	if (ret)
		return ret;
	session_clock_choose_guard(s);

	s->nr_events = s->trap_at = 0;
	if (s->clock.known)
		session_clock_get(s, &batch->clock);
	batch->reason = s->trace ? VERDICT_REASON_NONE : VERDICT_TRACING_OFF;
	if (!s->trace)
		return 0;
	if (!hyp_has_markers(s->trace))
		return drain_without_markers(s, true, &batch->from_ns, batch, err);
	return hyp_mark(s->trace, from, err) ? -EIO : 0;
}

/* Reads the trace of the calls that were made. */
static int end_batch(struct session *s, struct record_batch *batch, struct hyp_marker *from,
		     struct error *err)
{
	struct hyp_marker until = { 0 };
	int ret;

	if (!s->trace)
		return 0;
	if (!hyp_has_markers(s->trace)) {
		ret = drain_without_markers(s, false, &batch->until_ns, batch, err);
		batch->from_ns += (uint64_t)batch->clock.offset_ns;
		batch->until_ns += (uint64_t)batch->clock.offset_ns;
		return ret;
	}
	ret = hyp_mark(s->trace, &until, err);
	if (ret)
		return ret;
	if (sched_getcpu() != (int)batch->cpu)
		return drain_left(s, from, batch, err);
	return drain(s, from, &until, batch, err);
}

static void settle_batch(struct session *s, const struct record_batch *batch,
			 struct session_retag *retag)
{
	/* The recording keeps the measured clock: a replay refines it in the same way. */
	struct verdict_clock clock = batch->clock;

	s->batch_clock = batch->clock;
	verdict_join_settle(s->join, batch->cpu, batch->from_ns, batch->until_ns, &clock,
			    batch->reason, session_hand_on, retag);
	session_clock_keep(s, &batch->clock, &clock, last_begin(s, batch));
}

static int write_batch(struct session *s, const struct record_batch *batch, struct error *err)
{
	int ret = record_write_texts(s->writer, s->texts, &s->texts_written, err);

	if (!ret)
		ret = record_write_batch(s->writer, batch, s->records, s->events, err);
	return ret ? -EIO : 0;
}

int session_make_batch(struct session *s, unsigned int n, unsigned int *made,
		       struct session_retag *retag, int *bad, struct error *err)
{
	struct record_batch batch = { .cpu = (uint32_t)s->pinned_cpu };
	enum verdict_reason reason = VERDICT_REASON_NONE;
	uint64_t start = clock_ns(CLOCK_BOOTTIME);
	struct hyp_marker from = { 0 };
	struct error second;
	int ret, later;

	*made = 0;
	ret = begin_batch(s, n, &batch, &from, err);
	if (ret)
		return ret;

	ret = make_calls(s, n, made, bad, &reason, err);
	/* After its CPU went offline the kernel runs the process on others, for good. */
	if (ret == -EXDEV)
		s->pinned_cpu = -1;
	if (!*made)
		return ret;

	batch.nr_calls = *made;
	/* The message of the first failure stays. */
	later = keep_calls(s, *made, ret ? &second : err);
	if (!later)
		later = end_batch(s, &batch, &from, ret ? &second : err);
	/* A reason found in the trace takes precedence. */
	if (!batch.reason)
		batch.reason = reason;
	batch.nr_events = (uint32_t)s->nr_events;
	s->latency_ns = clock_ns(CLOCK_BOOTTIME) - start;

	settle_batch(s, &batch, retag);
	if (s->writer && write_batch(s, &batch, err))
		return -EIO;
	return ret ? ret : later;
}

static int call_now(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		    uint64_t total, int *bad, verdict_fn fn, void *ctx, struct error *err)
{
	struct session_retag retag = { .fn = fn, .ctx = ctx, .n = n };
	unsigned int done, moves = 0;
	uint64_t made = 0;
	int ret;

	ret = session_pin(s, cpu < 0 ? sched_getcpu() : cpu, err);

	while (!ret && made < total) {
		unsigned int now =
			total - made < s->batch ? (unsigned int)(total - made) : s->batch;

		if (s->stop && *s->stop)
			return -EINTR;

		for (unsigned int i = 0; i < now; i++) {
			s->calls[i] = (struct ffascope_call){ 0 };
			memcpy(s->calls[i].in, in[(made + i) % n].x, sizeof(s->calls[i].in));
		}
		retag.first = made;
		ret = session_make_batch(s, now, &done, &retag, bad, err);
		if (*bad >= 0)
			*bad = (int)((made + (unsigned int)*bad) % n);
		made += done;
		/* A signal without effect here, such as SIGCONT. */
		if (ret == -EINTR && !(s->stop && *s->stop))
			ret = 0;
		/* The CPU went offline, and any other will do. */
		if (ret == -EXDEV && cpu < 0 && moves++ < MAX_MOVES)
			ret = session_pin(s, sched_getcpu(), err);
	}

	return ret;
}

int session_call(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		 uint64_t repeat, int *bad, verdict_fn fn, void *ctx, struct error *err)
{
	uint64_t total = n * repeat;
	struct record_failure failure;
	int ret;

	*bad = -1;
	if (s->replay)
		return session_call_replayed(s, cpu, in, n, total, bad, fn, ctx, err);

	ret = call_now(s, cpu, in, n, total, bad, fn, ctx, err);
	if (!ret || !s->writer)
		return ret;

	/* A replay has to fail in the same way. */
	failure = (struct record_failure){
		.error = ret,
		.bad = *bad,
		.text = ret == -EINTR ? "" : err->text,
	};
	return record_write_failure(s->writer, &failure, err) ? -EIO : ret;
}

struct one {
	struct verdict_call *call;
	struct verdict *verdict;
};

static void keep_one(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct one *one = ctx;

	(void)tag;
	*one->call = *call;
	*one->verdict = *v;
}

int session_driver(struct session *s, struct ffascope_driver *req, struct verdict_call *call,
		   struct verdict *verdict, struct error *err)
{
	struct one one = { .call = call, .verdict = verdict };
	struct session_retag retag = { .fn = keep_one, .ctx = &one, .n = 1 };
	unsigned int made;
	int bad, ret;

	*verdict = (struct verdict){ .reason = VERDICT_TRACING_OFF };
	ret = session_pin(s, sched_getcpu(), err);
	if (ret)
		return ret;

	req->cpu = s->pinned_cpu;
	req->guard_ns = s->guard_ns;
	s->calls[0] = (struct ffascope_call){ 0 };
	s->driver = req;
	ret = session_make_batch(s, 1, &made, &retag, &bad, err);
	s->driver = NULL;

	/* arm_ffa does not return the registers. */
	verdict->inferred = VERDICT_SILENT;
	return ret;
}

unsigned int session_trap(struct session *s, const struct verdict_call *call, struct hyp_event *out,
			  unsigned int n)
{
	const struct verdict_clock *clock = &s->batch_clock;
	uint64_t from = call->begin_ns + (uint64_t)clock->offset_ns - clock->guard_ns;
	uint64_t until = call->end_ns + (uint64_t)clock->offset_ns + clock->guard_ns;
	unsigned int found = 0;

	if (!clock->guard_ns)
		return 0;

	for (size_t i = s->trap_at; i < s->nr_events && found < n; i++) {
		const struct hyp_event *ev = &s->events[i];

		if (ev->cpu != call->cpu || ev->ts < from)
			continue;
		if (ev->ts > until)
			break;
		if (!found)
			s->trap_at = i;
		out[found++] = *ev;
	}
	return found;
}
