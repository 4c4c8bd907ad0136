// SPDX-License-Identifier: GPL-2.0-only
/* The rounds: clocks, traps, the calls that wait for their verdict. See match.c for who owns what. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "watch/internal.h"

/* A bound on CPU numbers in recordings, far above any machine. */
#define MAX_CPUS	 4096

/* A call waits so many rounds for CPUs whose trace does not come, */
#define MAX_ROUNDS	 40

/* and so many for calls that would tell whose trap is whose. */
#define UNDECIDED_ROUNDS 3

/* How long an unclaimed trap is kept: its call may not have returned yet. */
#define KEEP_TRAPS_NS	 UINT64_C(5000000000)

struct watch *watch_new(const struct watch_options *opts)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;

	watch->opts = *opts;
	watch->conduit = opts->hvc ? HYP_REASON_HVC : HYP_REASON_SMC;
	watch->conversations = watch_conversations_new(opts->optee);
	if (!watch->conversations) {
		free(watch);
		return NULL;
	}
	return watch;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;

	for (size_t i = 0; i < watch->nr_cpus; i++) {
		verdict_traps_free(&watch->cpus[i].trace);
		free(watch->cpus[i].events.data);
		free(watch->cpus[i].queue.calls);
		free(watch->cpus[i].queue.by_begin);
	}
	free(watch->cpus);
	free(watch->waiting.data);
	watch_conversations_free(watch->conversations);
	free(watch);
}

void watch_calibrate(struct watch *watch, const struct calibration *cal)
{
	watch->calibration = *cal;
	watch->calibrated = true;
}

const struct calibration *watch_calibration(const struct watch *watch)
{
	return watch->calibrated ? &watch->calibration : NULL;
}

static int get_cpu(struct watch *watch, uint32_t nr, struct watch_cpu **out)
{
	if (nr >= MAX_CPUS)
		return -EINVAL;

	if (nr >= watch->nr_cpus) {
		struct watch_cpu *cpus = reallocarray(watch->cpus, nr + 1, sizeof(*cpus));

		if (!cpus)
			return -ENOMEM;
		memset(cpus + watch->nr_cpus, 0, (nr + 1 - watch->nr_cpus) * sizeof(*cpus));
		watch->cpus = cpus;
		watch->nr_cpus = nr + 1;
	}

	*out = &watch->cpus[nr];
	return 0;
}

/* ---- clocks ---- */

static void widen(struct watch_clock *clock, uint64_t now_ns)
{
	int64_t drift;

	if (now_ns <= clock->at_ns)
		return;
	drift = (int64_t)verdict_clock_drift(now_ns - clock->at_ns);
	clock->low -= drift;
	clock->high += drift;
	clock->at_ns = now_ns;
}

/* Each marker narrows the range. One that contradicts it shows that a clock was set: start again. */
static void take_clock(struct watch_clock *clock, const struct watch_mark *mark)
{
	int64_t low = (int64_t)(mark->ts - mark->after_ns);
	int64_t high = (int64_t)(mark->ts - mark->before_ns);

	widen(clock, mark->after_ns);
	if (!clock->known || low > clock->high || high < clock->low) {
		*clock = (struct watch_clock){ true, low, high, mark->after_ns };
		return;
	}
	if (low > clock->low)
		clock->low = low;
	if (high < clock->high)
		clock->high = high;
}

/* The calls of a round lie between two measurements: what either allows is allowed. */
static void take_clocks(struct watch *watch, const struct watch_mark *marks, uint32_t n)
{
	struct watch_clock before = watch->clock;

	for (uint32_t i = 0; i < n; i++) {
		if (marks[i].ts)
			take_clock(&watch->clock, &marks[i]);
	}

	watch->range = watch->clock;
	if (!before.known)
		return;
	widen(&before, watch->clock.at_ns);
	if (before.low < watch->range.low)
		watch->range.low = before.low;
	if (before.high > watch->range.high)
		watch->range.high = before.high;
}

/* ---- the trace ---- */

static int take_event(struct watch *watch, const struct hyp_event *ev)
{
	struct watch_cpu *cpu;
	int ret = get_cpu(watch, ev->cpu, &cpu);

	if (ret)
		return ret;

	if (cpu->trace.any && verdict_is_repeat(&cpu->trace.last, ev))
		return 0;
	cpu->lost += ev->lost;
	watch->totals.lost_events += ev->lost;
	if (watch->opts.keep_events) {
		struct hyp_event *kept = vector_push(&cpu->events, sizeof(*kept));

		if (!kept)
			return -ENOMEM;
		*kept = *ev;
	}
	return verdict_traps_event(&cpu->trace, watch->conduit, ev);
}

static int take_mark(struct watch *watch, const struct watch_mark *mark)
{
	struct watch_cpu *cpu;
	int ret = get_cpu(watch, mark->cpu, &cpu);

	if (ret)
		return ret;

	if (!mark->ts) {
		/* The state of the trace is unknown: believe only what follows. */
		cpu->whole = false;
		cpu->until_ns = UINT64_MAX;
		return 0;
	}

	if (!cpu->whole) {
		cpu->whole = true;
		cpu->from_ns = mark->ts;
	}
	cpu->until_ns = verdict_traps_until(&cpu->trace);
	if (cpu->until_ns > mark->ts)
		cpu->until_ns = mark->ts;
	return 0;
}

/* ---- the calls ---- */

static void copy_call(const struct host_call *host, struct verdict_call *call)
{
	_Static_assert(sizeof(call->in) == sizeof(host->in), "registers of a call");

	memcpy(&call->in, host->in, sizeof(call->in));
	memcpy(&call->out, host->out, sizeof(call->out));
	call->begin_ns = host->begin_ns;
	call->end_ns = host->end_ns;
	call->cpu = host->cpu;
	call->reserved = 0;
}

static int take_call(struct watch *watch, const struct host_call *host)
{
	struct watch_waiting *waiting;
	struct watch_cpu *cpu;
	int ret = get_cpu(watch, host->cpu, &cpu);

	if (!ret)
		ret = get_cpu(watch, host->end_cpu, &cpu);
	if (ret)
		return ret;

	waiting = vector_push(&watch->waiting, sizeof(*waiting));
	if (!waiting)
		return -ENOMEM;

	*waiting = (struct watch_waiting){ .host = *host, .seq = watch->next_seq++ };
	waiting->host.comm[sizeof(waiting->host.comm) - 1] = '\0';
	if (host->source == HOST_SOURCE_SRI)
		return 0;
	watch_conversations_next(watch->conversations, &waiting->host, &waiting->conversation,
				 &waiting->step);
	return 0;
}

static unsigned int find_events(const struct watch_cpu *cpu, const struct verdict_trap *trap,
				const struct hyp_event **events)
{
	const struct hyp_event *all = (const struct hyp_event *)cpu->events.data;
	size_t lo = 0, hi = cpu->events.len, n = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (all[mid].ts < trap->enter_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < cpu->events.len && all[lo + n].ts <= trap->exit_ns)
		n++;
	*events = all + lo;
	return (unsigned int)n;
}

static void hand_on(struct watch *watch, const struct watch_waiting *waiting, watch_fn fn,
		    void *ctx)
{
	struct watched watched = {
		.host = &waiting->host,
		.conversation = waiting->conversation,
		.step = waiting->step,
	};

	copy_call(&waiting->host, &watched.call);
	watched.verdict.inferred = calibration_infer(&watch->calibration, &watched.call);
	if (waiting->state == WATCH_DECIDED) {
		const struct watch_cpu *cpu = &watch->cpus[waiting->trap_cpu];
		const struct verdict_trap *traps =
			(const struct verdict_trap *)cpu->trace.traps.data;

		watched.call.cpu = waiting->trap_cpu;
		verdict_judge(&watch->calibration, &watched.call, &traps[waiting->trap],
			      watch->range.low + (watch->range.high - watch->range.low) / 2,
			      &watched.verdict);
		verdict_traps_printks(&cpu->trace, traps[waiting->trap].enter_ns,
				      traps[waiting->trap].exit_ns, &watched.verdict);
		watched.nr_events = find_events(cpu, &traps[waiting->trap], &watched.events);
	} else {
		watched.verdict.reason = waiting->reason;
	}

	watch->totals.calls += waiting->host.source != HOST_SOURCE_SRI;
	fn(ctx, &watched);
}

/* Which of the calls are over with; the others go on waiting. */
static void look_at_waiting(struct watch *watch, const struct watch_round *round)
{
	struct watch_waiting *waiting = (struct watch_waiting *)watch->waiting.data;

	for (size_t i = 0; i < watch->waiting.len; i++) {
		struct watch_waiting *w = &waiting[i];

		w->rounds++;
		w->settled = true;
		if (w->state == WATCH_DECIDED || w->state == WATCH_FAILED ||
		    w->host.source == HOST_SOURCE_SRI)
			continue;

		if (round->reason)
			w->reason = round->reason;
		else if (w->state == WATCH_READY &&
			 (round->last || w->rounds > w->ready_round + UNDECIDED_ROUNDS))
			w->reason = VERDICT_AMBIGUOUS;
		else if (w->state == WATCH_WAITS && (round->last || w->rounds > MAX_ROUNDS))
			w->reason = VERDICT_LOST_EVENTS;
		else
			w->settled = false;
	}
}

static int compare_ends(const void *a, const void *b)
{
	const struct watch_waiting *left = a, *right = b;

	if (left->host.end_ns != right->host.end_ns)
		return left->host.end_ns < right->host.end_ns ? -1 : 1;
	return left->seq < right->seq ? -1 : left->seq > right->seq;
}

/* In order of their ends, whichever CPU they were on; what waits stays. */
static void hand_on_settled(struct watch *watch, watch_fn fn, void *ctx)
{
	struct watch_waiting *waiting = (struct watch_waiting *)watch->waiting.data;
	size_t kept = 0;

	for (size_t i = 0; i < watch->waiting.len; i++) {
		if (waiting[i].settled)
			hand_on(watch, &waiting[i], fn, ctx);
		else
			waiting[kept++] = waiting[i];
	}
	watch->waiting.len = kept;
}

/* What no call that waits, or that is still to come, can ask for. */
static void forget(struct watch *watch)
{
	const struct watch_waiting *waiting = (const struct watch_waiting *)watch->waiting.data;
	uint64_t oldest = UINT64_MAX;

	for (size_t i = 0; i < watch->waiting.len; i++) {
		if (waiting[i].host.begin_ns < oldest)
			oldest = waiting[i].host.begin_ns;
	}

	for (size_t i = 0; i < watch->nr_cpus; i++) {
		struct watch_cpu *cpu = &watch->cpus[i];
		uint64_t taken_ns = cpu->until_ns, all_ns = 0;

		if (!cpu->whole)
			continue;
		if (oldest != UINT64_MAX && oldest + (uint64_t)watch->range.low < taken_ns)
			taken_ns = oldest + (uint64_t)watch->range.low;
		if (cpu->until_ns > KEEP_TRAPS_NS)
			all_ns = cpu->until_ns - KEEP_TRAPS_NS;
		if (all_ns > taken_ns)
			all_ns = taken_ns;
		watch->totals.other_traps += watch_cpu_forget(cpu, all_ns, taken_ns);
	}
}

int watch_round(struct watch *watch, const struct watch_round *round,
		const struct watch_mark *marks, const struct host_call *calls,
		const struct hyp_event *events, watch_fn fn, void *ctx)
{
	int ret = 0;

	watch->totals.dropped += round->dropped;
	watch->totals.missed += round->missed;
	for (uint32_t i = 0; i < round->nr_events && !ret; i++)
		ret = take_event(watch, &events[i]);
	for (uint32_t i = 0; i < round->nr_marks && !ret; i++)
		ret = take_mark(watch, &marks[i]);
	take_clocks(watch, marks, round->nr_marks);
	for (uint32_t i = 0; i < round->nr_calls && !ret; i++)
		ret = take_call(watch, &calls[i]);
	if (ret)
		return ret;

	if (watch->waiting.len)
		qsort(watch->waiting.data, watch->waiting.len, sizeof(struct watch_waiting),
		      compare_ends);
	if (!round->reason)
		ret = watch_match(watch);
	if (ret)
		return ret;

	look_at_waiting(watch, round);
	hand_on_settled(watch, fn, ctx);
	forget(watch);
	return 0;
}

void watch_totals(const struct watch *watch, struct watch_totals *totals)
{
	*totals = watch->totals;
	totals->clock_known = watch->clock.known;
	totals->offset_low_ns = watch->clock.low;
	totals->offset_high_ns = watch->clock.high;
	for (size_t i = 0; i < watch->nr_cpus; i++)
		totals->other_traps += watch_cpu_unclaimed(&watch->cpus[i]);
}

uint64_t watch_lost(const struct watch *watch, uint32_t cpu)
{
	return cpu < watch->nr_cpus ? watch->cpus[cpu].lost : 0;
}

uint32_t watch_nr_cpus(const struct watch *watch)
{
	return (uint32_t)watch->nr_cpus;
}
