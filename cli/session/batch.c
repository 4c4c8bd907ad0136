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

int session_pin_thread(int cpu, struct error *err)
{
	cpu_set_t set;

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
	return 0;
}

int session_pin(struct session *s, int cpu, struct error *err)
{
	int ret;

	if (s->pinned && s->pinned_cpu == cpu)
		return 0;

	if (!s->pinned && sched_getaffinity(0, sizeof(s->old_cpus), &s->old_cpus))
		return error_set(err, -errno, "sched_getaffinity: %s", strerror(errno));

	ret = session_pin_thread(cpu, err);
	if (ret)
		return ret;

	s->pinned = true;
	s->pinned_cpu = cpu;
	return 0;
}

static int keep_event(struct session_part *part, const struct hyp_event *ev)
{
	if (part->nr_events && verdict_is_repeat(&part->events[part->nr_events - 1], ev))
		return 0;
	if (part->nr_events >= part->max_events &&
	    !vector_room(&part->events, &part->max_events, part->nr_events, sizeof(*ev)))
		return -ENOMEM;
	part->events[part->nr_events++] = *ev;
	return 0;
}

int session_take_event(void *ctx, const struct hyp_event *ev)
{
	struct session *s = ctx;

	return verdict_join_event(s->join, ev);
}

/*
 * Keeps the events of a batch for the recording and session_trap(). Those of other CPUs, which
 * another reader consumed, belong to other parts.
 */
static int take_event(void *ctx, const struct hyp_event *ev)
{
	struct session_part *part = ctx;

	return ev->cpu == (uint32_t)part->cpu ? keep_event(part, ev) : 0;
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
static uint64_t first_begin(const struct session_part *part)
{
	return part->calls[0].begin_ns;
}

static uint64_t last_begin(const struct session_part *part)
{
	return part->calls[part->batch.nr_calls - 1].begin_ns;
}

/* Reads the trace of the batch up to its second marker. */
static int drain(struct session *s, struct session_part *part, struct hyp_marker *from,
		 struct hyp_marker *until, struct error *err)
{
	struct record_batch *batch = &part->batch;
	struct clock_range before;
	bool agrees;
	int ret;

	ret = hyp_drain(s->trace, batch->cpu, from, until, HYP_DRAIN_TIMEOUT_MS, take_event, part,
			err);
	if (ret)
		return drain_failed(s, ret, batch);

	pthread_mutex_lock(&s->clock_mutex);
	session_clock_note(s, from);
	before = s->clock;
	agrees = session_clock_note(s, until);
	session_clock_of_calls(s, &before, agrees, first_begin(part), last_begin(part),
			       &batch->clock);
	pthread_mutex_unlock(&s->clock_mutex);
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
static int drain_left(struct session *s, struct session_part *part, struct hyp_marker *from,
		      struct error *err)
{
	struct record_batch *batch = &part->batch;
	uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
	int ret;

	ret = hyp_drain_all(s->trace, batch->cpu, from, HYP_DRAIN_TIMEOUT_MS, take_event, part,
			    err);
	if (ret)
		return drain_failed(s, ret, batch);

	pthread_mutex_lock(&s->clock_mutex);
	session_clock_note(s, from);
	session_clock_of_calls(s, &s->clock, true, first_begin(part), last_begin(part),
			       &batch->clock);
	pthread_mutex_unlock(&s->clock_mutex);
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
static int drain_without_markers(struct session *s, struct session_part *part, bool before,
				 uint64_t *mark_ns, struct error *err)
{
	struct record_batch *batch = &part->batch;
	int ret;

	if (!before)
		*mark_ns = clock_ns(CLOCK_BOOTTIME);
	ret = hyp_drain_all(s->trace, batch->cpu, NULL, HYP_DRAIN_TIMEOUT_MS, take_event, part,
			    err);
	if (before)
		*mark_ns = clock_ns(CLOCK_BOOTTIME);
	if (ret)
		return drain_failed(s, ret, batch);
	if (!before && !hyp_is_on(s->trace))
		batch->reason = VERDICT_TRACING_OFF;
	pthread_mutex_lock(&s->clock_mutex);
	session_clock_get(s, &batch->clock);
	pthread_mutex_unlock(&s->clock_mutex);
	return 0;
}

/* Hands calls and events to the join. */
static int feed(struct session *s, struct session_part *part)
{
	int ret = 0;

	for (size_t i = 0; i < part->nr_events && !ret; i++)
		ret = verdict_join_event(s->join, &part->events[i]);

	for (unsigned int i = 0; i < part->batch.nr_calls && !ret; i++) {
		const struct ffascope_call *call = &part->calls[i];
		struct verdict_call *rec = &part->records[i];

		memcpy(rec->in.x, call->in, sizeof(call->in));
		memcpy(rec->out.x, call->out, sizeof(call->out));
		rec->begin_ns = call->begin_ns;
		rec->end_ns = call->end_ns;
		rec->cpu = call->cpu;
		rec->reserved = 0;
		ret = verdict_join_call(s->join, rec, (void *)(uintptr_t)i);
	}
	return ret;
}

void session_hand_on(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	const struct session_retag *retag = ctx;
	uint64_t index = (retag->first + (uintptr_t)tag) % retag->n;

	retag->fn(retag->ctx, call, (void *)(uintptr_t)index, v);
}

static int make_calls(struct session *s, struct session_part *part, struct error *err)
{
	struct record_batch *batch = &part->batch;
	unsigned int done;
	int ret;

	if (!s->driver) {
		ret = device_call_within(s->device, MAX_BATCH_US, part->calls, part->n, part->cpu,
					 s->guard_ns, &done, &part->bad, err);
		batch->nr_calls = done;
		return ret;
	}

	driver_operation_registers(s->driver, &part->calls[0]);
	ret = device_driver(s->device, s->driver, err);
	if (ret)
		return ret;
	batch->nr_calls = 1;
	driver_operation_answer(s->driver, &part->calls[0]);
	return 0;
}

int session_part_init(struct session_part *part)
{
	part->calls = calloc(SESSION_MAX_BATCH, sizeof(*part->calls));
	part->records = calloc(SESSION_MAX_BATCH, sizeof(*part->records));
	part->verdicts = calloc(SESSION_MAX_BATCH, sizeof(*part->verdicts));
	return part->calls && part->records && part->verdicts ? 0 : -ENOMEM;
}

void session_part_free(struct session *s, struct session_part *part)
{
	free(part->calls);
	free(part->records);
	free(part->verdicts);
	if (!s->replay)
		free(part->events);
}

void session_part_fill(struct session_part *part, const struct ffa_regs *in, unsigned int nr_in,
		       uint64_t first, unsigned int n)
{
	part->n = n;
	part->bad = -1;
	part->ret = part->later = 0;
	part->batch.nr_calls = 0;
	for (unsigned int i = 0; i < n; i++) {
		part->calls[i] = (struct ffascope_call){ 0 };
		memcpy(part->calls[i].in, in[(first + i) % nr_in].x, sizeof(part->calls[i].in));
	}
}

int session_prepare(struct session *s, unsigned int n, struct error *err)
{
	int ret = session_clock_watch(s, n, err);

	if (!ret)
		session_clock_choose_guard(s);
	return ret;
}

/* Starts the trace of the batch. */
static int begin_batch(struct session *s, struct session_part *part, struct hyp_marker *from,
		       struct error *err)
{
	struct record_batch *batch = &part->batch;

	part->nr_events = part->trap_at = 0;
	*batch = (struct record_batch){ .cpu = (uint32_t)part->cpu };
	pthread_mutex_lock(&s->clock_mutex);
	if (s->clock.known)
		session_clock_get(s, &batch->clock);
	pthread_mutex_unlock(&s->clock_mutex);
	batch->reason = s->trace ? VERDICT_REASON_NONE : VERDICT_TRACING_OFF;
	if (!s->trace)
		return 0;
	if (!hyp_has_markers(s->trace))
		return drain_without_markers(s, part, true, &batch->from_ns, err);
	return hyp_mark(s->trace, from, err) ? -EIO : 0;
}

/* Reads the trace of the calls that were made. */
static int end_batch(struct session *s, struct session_part *part, struct hyp_marker *from,
		     struct error *err)
{
	struct record_batch *batch = &part->batch;
	struct hyp_marker until = { 0 };
	int ret;

	if (!s->trace)
		return 0;
	if (!hyp_has_markers(s->trace)) {
		ret = drain_without_markers(s, part, false, &batch->until_ns, err);
		batch->from_ns += (uint64_t)batch->clock.offset_ns;
		batch->until_ns += (uint64_t)batch->clock.offset_ns;
		return ret;
	}
	ret = hyp_mark(s->trace, &until, err);
	if (ret)
		return ret;
	if (sched_getcpu() != part->cpu)
		return drain_left(s, part, from, err);
	return drain(s, part, from, &until, err);
}

static void keep_verdict(void *ctx, const struct verdict_call *call, void *tag,
			 const struct verdict *v)
{
	struct session_part *part = ctx;

	(void)call;
	part->verdicts[(uintptr_t)tag] = *v;
}

static void settle_batch(struct session *s, struct session_part *part)
{
	struct record_batch *batch = &part->batch;

	batch->nr_events = (uint32_t)part->nr_events;
	/* A reason found in the trace takes precedence. */
	if (s->driver && !batch->reason && !driver_operation_made_one_call(s->driver))
		batch->reason = VERDICT_AMBIGUOUS;
	/* The recording keeps the measured clock: a replay refines it in the same way. */
	part->clock = batch->clock;
	verdict_join_settle(s->join, batch->cpu, batch->from_ns, batch->until_ns, &part->clock,
			    batch->reason, keep_verdict, part);
}

void session_part_make(struct session *s, struct session_part *part, void (*ready)(void *ctx),
		       void *ctx)
{
	struct hyp_marker from = { 0 };
	struct error second;

	part->ret = begin_batch(s, part, &from, &part->err);
	if (ready)
		ready(ctx);
	if (part->ret)
		return;

	part->ret = make_calls(s, part, &part->err);
	if (!part->batch.nr_calls)
		return;

	/* The message of the first failure stays. */
	part->later = end_batch(s, part, &from, part->ret ? &second : &part->err);
	if (feed(s, part) && !part->later)
		part->later = error_no_memory(part->ret ? &second : &part->err);
	settle_batch(s, part);
}

static int write_batch(struct session *s, const struct session_part *part, struct error *err)
{
	int ret = record_write_texts(s->writer, s->texts, &s->texts_written, err);

	if (!ret)
		ret = record_write_batch(s->writer, &part->batch, part->records, part->events, err);
	return ret ? -EIO : 0;
}

int session_part_finish(struct session *s, struct session_part *part,
			const struct session_retag *retag, struct error *err)
{
	int ret = part->ret ? part->ret : part->later;

	if (part->batch.nr_calls) {
		session_clock_keep(s, &part->batch.clock, &part->clock, last_begin(part));
		s->shown = part;
		for (unsigned int i = 0; i < part->batch.nr_calls; i++)
			session_hand_on((void *)retag, &part->records[i], (void *)(uintptr_t)i,
					&part->verdicts[i]);
		if (s->writer && write_batch(s, part, err))
			return -EIO;
	}
	if (ret)
		*err = part->err;
	return ret;
}

bool session_goes_on(const struct session *s, int ret)
{
	return !ret || (ret == -EINTR && !(s->stop && *s->stop));
}

/* Makes the calls in s->own on the CPU that the process is pinned to. */
static int make_batch(struct session *s, const struct session_retag *retag, struct error *err)
{
	uint64_t start = clock_ns(CLOCK_BOOTTIME);
	struct session_part *part = &s->own;
	int ret;

	ret = session_prepare(s, part->n, err);
	if (ret)
		return ret;
	part->cpu = s->pinned_cpu;
	session_part_make(s, part, NULL, NULL);
	/* After its CPU went offline the kernel runs the process on others, for good. */
	if (part->ret == -EXDEV)
		s->pinned_cpu = -1;
	s->latency_ns = clock_ns(CLOCK_BOOTTIME) - start;
	return session_part_finish(s, part, retag, err);
}

static int call_now(struct session *s, struct session_lane *lane, verdict_fn fn, struct error *err)
{
	struct session_retag retag = { .fn = fn, .ctx = lane->ctx, .n = lane->n };
	uint64_t total = lane->n * lane->repeat;
	unsigned int moves = 0;
	int ret;

	ret = session_pin(s, lane->cpu < 0 ? sched_getcpu() : lane->cpu, err);

	while (session_goes_on(s, ret) && lane->made < total) {
		uint64_t left = total - lane->made;

		if (s->stop && *s->stop)
			return -EINTR;

		session_part_fill(&s->own, lane->in, lane->n, lane->made,
				  left < s->batch ? (unsigned int)left : s->batch);
		retag.first = lane->made;
		ret = make_batch(s, &retag, err);
		if (s->own.bad >= 0)
			lane->bad = (int)((lane->made + (unsigned int)s->own.bad) % lane->n);
		lane->made += s->own.batch.nr_calls;
		/* The CPU went offline, and any other will do. */
		if (ret == -EXDEV && lane->cpu < 0 && moves++ < MAX_MOVES)
			ret = session_pin(s, sched_getcpu(), err);
	}

	return session_goes_on(s, ret) ? 0 : ret;
}

int session_write_failure(struct session *s, int ret, int bad, struct error *err)
{
	struct record_failure failure = {
		.error = ret,
		.bad = bad,
		.text = ret == -EINTR ? "" : err->text,
	};

	if (!ret || !s->writer)
		return ret;
	/* A replay has to fail in the same way. */
	return record_write_failure(s->writer, &failure, err) ? -EIO : ret;
}

int session_call(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		 uint64_t repeat, int *bad, verdict_fn fn, void *ctx, struct error *err)
{
	struct session_lane lane = {
		.cpu = cpu, .in = in, .n = n, .repeat = repeat, .ctx = ctx, .bad = -1
	};
	int ret;

	if (s->replay)
		ret = session_call_replayed(s, &lane, 1, fn, err);
	else
		ret = session_write_failure(s, call_now(s, &lane, fn, err), lane.bad, err);
	*bad = lane.bad;
	return ret;
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
	const struct ffa_regs none = { 0 };
	int ret;

	*verdict = (struct verdict){ .reason = VERDICT_TRACING_OFF };
	ret = session_pin(s, sched_getcpu(), err);
	if (ret)
		return ret;

	req->cpu = s->pinned_cpu;
	req->guard_ns = s->guard_ns;
	session_part_fill(&s->own, &none, 1, 0, 1);
	s->driver = req;
	ret = make_batch(s, &retag, err);
	s->driver = NULL;

	/* arm_ffa does not return the registers. */
	verdict->inferred = VERDICT_SILENT;
	return ret;
}

unsigned int session_trap(struct session *s, const struct verdict_call *call, struct hyp_event *out,
			  unsigned int n)
{
	struct session_part *part = s->shown;
	const struct verdict_clock *clock = &part->batch.clock;
	uint64_t from = call->begin_ns + (uint64_t)clock->offset_ns - clock->guard_ns;
	uint64_t until = call->end_ns + (uint64_t)clock->offset_ns + clock->guard_ns;
	unsigned int found = 0;

	if (!clock->guard_ns)
		return 0;

	for (size_t i = part->trap_at; i < part->nr_events && found < n; i++) {
		const struct hyp_event *ev = &part->events[i];

		if (ev->cpu != call->cpu || ev->ts < from)
			continue;
		if (ev->ts > until)
			break;
		/* Recordings of ffascope 0.1 keep repeated events. */
		if (found && verdict_is_repeat(&out[found - 1], ev))
			continue;
		if (!found)
			part->trap_at = i;
		out[found++] = *ev;
	}
	return found;
}
