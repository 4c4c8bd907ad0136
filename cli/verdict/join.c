// SPDX-License-Identifier: GPL-2.0-only
/* Joins the calls of the module with the traps of their CPU. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "verdict/calibration.h"
#include "verdict/traps.h"

/* A bound on CPU numbers in recordings, far above any machine. */
#define MAX_CPUS 4096

struct waiting {
	struct verdict_call call;
	void *tag;
};

struct cpu_state {
	struct verdict_traps trace;
	struct vector calls; /* struct waiting */
};

struct verdict_join {
	uint8_t conduit_reason;
	unsigned int precision_ns;
	struct calibration calibration;
	struct cpu_state **cpus;
	size_t nr_cpus;
};

struct verdict_join *verdict_join_new(bool hvc)
{
	struct verdict_join *join = calloc(1, sizeof(*join));

	if (join) {
		join->conduit_reason = hvc ? HYP_REASON_HVC : HYP_REASON_SMC;
		join->precision_ns = 1;
	}
	return join;
}

void verdict_join_set_precision(struct verdict_join *join, unsigned int precision_ns)
{
	join->precision_ns = precision_ns ? precision_ns : 1;
}

void verdict_join_calibrate(struct verdict_join *join, const struct calibration *cal)
{
	join->calibration = *cal;
}

const struct calibration *verdict_join_calibration(const struct verdict_join *join)
{
	return &join->calibration;
}

void verdict_join_free(struct verdict_join *join)
{
	if (!join)
		return;

	for (size_t i = 0; i < join->nr_cpus; i++) {
		struct cpu_state *cpu = join->cpus[i];

		if (!cpu)
			continue;
		verdict_traps_free(&cpu->trace);
		free(cpu->calls.data);
		free(cpu);
	}
	free(join->cpus);
	free(join);
}

static int get_cpu(struct verdict_join *join, uint32_t nr, struct cpu_state **out)
{
	if (nr >= MAX_CPUS)
		return -EINVAL;

	if (nr >= join->nr_cpus) {
		struct cpu_state **cpus = reallocarray(join->cpus, nr + 1, sizeof(*cpus));

		if (!cpus)
			return -ENOMEM;
		memset(cpus + join->nr_cpus, 0, (nr + 1 - join->nr_cpus) * sizeof(*cpus));
		join->cpus = cpus;
		join->nr_cpus = nr + 1;
	}

	if (!join->cpus[nr]) {
		join->cpus[nr] = calloc(1, sizeof(**join->cpus));
		if (!join->cpus[nr])
			return -ENOMEM;
	}

	*out = join->cpus[nr];
	return 0;
}

int verdict_join_room(struct verdict_join *join, uint32_t nr)
{
	struct cpu_state *cpu;

	return get_cpu(join, nr, &cpu);
}

int verdict_join_event(struct verdict_join *join, const struct hyp_event *ev)
{
	struct cpu_state *cpu;
	int ret;

	ret = get_cpu(join, ev->cpu, &cpu);
	if (ret)
		return ret;

	return verdict_traps_event(&cpu->trace, join->conduit_reason, ev);
}

int verdict_join_call(struct verdict_join *join, const struct verdict_call *call, void *tag)
{
	struct cpu_state *cpu;
	struct waiting *waiting;
	int ret;

	ret = get_cpu(join, call->cpu, &cpu);
	if (ret)
		return ret;

	waiting = vector_push(&cpu->calls, sizeof(*waiting));
	if (!waiting)
		return -ENOMEM;

	*waiting = (struct waiting){ .call = *call, .tag = tag };
	return 0;
}

static enum verdict_kind kind_of(const struct verdict_call *call, const struct verdict_trap *trap)
{
	int32_t status;

	if (trap->smcs)
		return VERDICT_FORWARDED;

	/* The catalogue is searched where it is needed only: this is done for each call. */
	if (call->out.x[0] == UINT64_MAX ||
	    (ffa_answer_status(ffa_call_by_fid((uint32_t)call->in.x[0]), &call->out, &status) &&
	     status < 0))
		return VERDICT_REJECTED;

	return VERDICT_ANSWERED;
}

void verdict_judge(const struct calibration *cal, const struct verdict_call *call,
		   const struct verdict_trap *trap, int64_t offset_ns, struct verdict *v)
{
	/* The trace itself says that it was another call, or one that was passed on and never left. */
	if (trap->has_id && ((uint32_t)trap->id != (uint32_t)call->in.x[0] ||
			     (trap->forwarded && trap->smcs != 1))) {
		v->reason = VERDICT_AMBIGUOUS;
		return;
	}

	v->from_trace = true;
	v->claimed = trap->has_id && !trap->forwarded;
	v->passed_on = trap->has_id && trap->forwarded;
	v->kind = kind_of(call, trap);
	v->smcs = trap->smcs;
	v->enter_ns = trap->enter_ns - (uint64_t)offset_ns;
	v->total_ns = trap->exit_ns - trap->enter_ns;
	v->secure_ns = trap->secure_ns;
	v->el2_before_ns = (trap->smcs ? trap->first_leave_ns : trap->exit_ns) - trap->enter_ns;
	v->el2_after_ns = v->total_ns - v->secure_ns - v->el2_before_ns;
	calibration_check(cal, call, v);
}

/* The calls of a batch and its traps are not as many as each other. */
#define NOT_COUNTED SIZE_MAX

/*
 * By its window in time; and where the traps could be counted (own), by its place among them: both
 * must name the same trap.
 */
static void find_verdict(const struct verdict_join *join, const struct cpu_state *cpu,
			 const struct verdict_call *call, uint64_t from, uint64_t until,
			 const struct verdict_clock *clock, size_t own, struct verdict *v)
{
	const struct verdict_trap *traps = (const struct verdict_trap *)cpu->trace.traps.data;
	const struct calibration *cal = &join->calibration;
	/* An event may be later than its time says, by what was cut off: never earlier. */
	uint64_t cut = join->precision_ns - 1;
	uint64_t begin = call->begin_ns + (uint64_t)clock->offset_ns - clock->slack_ns - cut;
	uint64_t end = call->end_ns + (uint64_t)clock->offset_ns + clock->slack_ns;
	size_t first;

	if (begin < from || end > until) {
		v->reason = VERDICT_LOST_EVENTS;
		return;
	}

	if (verdict_traps_gap(&cpu->trace, begin, end)) {
		v->reason = VERDICT_LOST_EVENTS;
		return;
	}

	/* With clocks that agree less well than calls are apart, a neighbour's trap would fit. */
	if (clock->slack_ns + cut > clock->guard_ns) {
		v->reason = VERDICT_AMBIGUOUS;
		return;
	}

	if (cpu->trace.bare) {
		spans_judge(&cpu->trace.spans, call, begin, end, clock->offset_ns, v);
		if (v->from_trace)
			calibration_check(cal, call, v);
		verdict_traps_printks(&cpu->trace, begin, end, v);
		return;
	}

	first = verdict_traps_first(traps, cpu->trace.traps.len, begin);
	if (first == cpu->trace.traps.len || traps[first].enter_ns > end)
		v->reason = VERDICT_NO_EVENTS;
	else if ((own != NOT_COUNTED && first != own) || traps[first].enter_ns < begin ||
		 traps[first].exit_ns > end ||
		 (first + 1 < cpu->trace.traps.len && traps[first + 1].enter_ns <= end))
		v->reason = VERDICT_AMBIGUOUS;
	else
		verdict_judge(cal, call, &traps[first], clock->offset_ns, v);
	verdict_traps_printks(&cpu->trace, begin, end, v);
}

/* What one call and its trap say about the clocks: the offset lies between low and high. */
struct bounds {
	int64_t low, high;
};

static void narrow(struct bounds *bounds, const struct verdict_call *call, uint64_t enter_ns,
		   uint64_t exit_ns, unsigned int precision_ns)
{
	int64_t low = (int64_t)(exit_ns - call->end_ns);
	int64_t high = (int64_t)(enter_ns + precision_ns - 1 - call->begin_ns);

	if (low > bounds->low)
		bounds->low = low;
	if (high < bounds->high)
		bounds->high = high;
}

/* The first of exactly n traps between two times; NOT_COUNTED: there are not that many. */
static size_t count_traps(const struct verdict_traps *trace, uint64_t from, uint64_t until,
			  size_t n)
{
	const struct verdict_trap *traps = (const struct verdict_trap *)trace->traps.data;
	size_t first = verdict_traps_first(traps, trace->traps.len, from), last = first;

	while (last < trace->traps.len && traps[last].exit_ns <= until)
		last++;
	if (last - first != n || traps[first].enter_ns < from)
		return NOT_COUNTED;
	return first;
}

/* False: the calls and the spans that name FF-A calls do not match one by one. */
static bool bound_by_spans(const struct cpu_state *cpu, uint64_t from, uint64_t until,
			   unsigned int precision_ns, struct bounds *bounds)
{
	const struct waiting *waiting = (const struct waiting *)cpu->calls.data;

	for (size_t i = 0; i < cpu->calls.len; i++) {
		const struct span *span = spans_nth(&cpu->trace.spans, from, until, i);

		if (!span || (uint32_t)span->id != (uint32_t)waiting[i].call.in.x[0])
			return false;
		narrow(bounds, &waiting[i].call, span->enter_ns, span->exit_ns, precision_ns);
	}
	return !spans_nth(&cpu->trace.spans, from, until, cpu->calls.len);
}

/*
 * Derives the offset of the clocks from the calls themselves. Each call made one trap. If the trace
 * from `from` to `until` is complete and has as many traps as there are calls, then the first trap
 * belongs to the first call and so on, whatever the clocks say, and each pair bounds the offset.
 * Changes *clock only if all bounds agree with each other and with the measured offset. Returns the
 * index of the first call's trap, or NOT_COUNTED; spans are judged one by one, without an index.
 */
static size_t refine_clock(const struct cpu_state *cpu, uint64_t from, uint64_t until,
			   unsigned int precision_ns, struct verdict_clock *clock)
{
	const struct waiting *waiting = (const struct waiting *)cpu->calls.data;
	const struct verdict_trap *traps = (const struct verdict_trap *)cpu->trace.traps.data;
	struct bounds bounds = {
		.low = clock->offset_ns - (int64_t)clock->slack_ns,
		.high = clock->offset_ns + (int64_t)clock->slack_ns,
	};
	size_t first = NOT_COUNTED;

	if (!cpu->calls.len || verdict_traps_gap(&cpu->trace, from, until))
		return NOT_COUNTED;
	if (cpu->trace.bare) {
		if (!bound_by_spans(cpu, from, until, precision_ns, &bounds))
			return NOT_COUNTED;
	} else {
		first = count_traps(&cpu->trace, from, until, cpu->calls.len);
		if (first == NOT_COUNTED)
			return first;
		for (size_t i = 0; i < cpu->calls.len; i++)
			narrow(&bounds, &waiting[i].call, traps[first + i].enter_ns,
			       traps[first + i].exit_ns, precision_ns);
	}
	if (bounds.low > bounds.high)
		return first;

	clock->offset_ns = bounds.low + (bounds.high - bounds.low) / 2;
	clock->slack_ns = (uint64_t)(bounds.high - bounds.low + 1) / 2;
	return first;
}

static uint64_t min_ns(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void verdict_join_settle(struct verdict_join *join, uint32_t nr, uint64_t from, uint64_t until,
			 struct verdict_clock *clock, enum verdict_reason reason, verdict_fn fn,
			 void *ctx)
{
	const struct waiting *waiting;
	size_t first = NOT_COUNTED;
	struct cpu_state *cpu;

	if (nr >= join->nr_cpus || !join->cpus[nr])
		return;

	cpu = join->cpus[nr];
	waiting = (const struct waiting *)cpu->calls.data;
	until = min_ns(until, verdict_traps_until(&cpu->trace));
	if (!reason)
		first = refine_clock(cpu, from, until, join->precision_ns, clock);

	for (size_t i = 0; i < cpu->calls.len; i++) {
		struct verdict v = { .reason = reason };

		v.inferred = calibration_infer(&join->calibration, &waiting[i].call);
		if (!reason)
			find_verdict(join, cpu, &waiting[i].call, from, until, clock,
				     first == NOT_COUNTED ? first : first + i, &v);
		fn(ctx, &waiting[i].call, waiting[i].tag, &v);
	}

	cpu->calls.len = 0;
	cpu->trace.traps.len = 0;
	cpu->trace.spans.len = 0;
	cpu->trace.gaps.len = 0;
	cpu->trace.printks.len = 0;
}
