// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins calls with the traps of their CPU.
 *
 * Per CPU a small state machine turns events into traps. Events of one CPU alternate strictly:
 * enter, exit, enter, exit. What does not alternate, and what the trace says was lost, makes a
 * hole; after a hole nothing is believed until EL2 has returned to the host once, because the
 * second half of a forwarded call looks like a rejected one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"

/* A bound on CPU numbers in recordings, far above any machine. */
#define MAX_CPUS 4096

struct trap {
	uint64_t enter_ns;
	uint64_t exit_ns;
	uint64_t first_leave_ns; /* the first SMC leaves EL2 */
	uint64_t secure_ns;
	uint64_t last_back_ns; /* the last SMC has come back */
	uint32_t smcs;
};

struct hole {
	uint64_t from_ns;
	uint64_t until_ns;
};

struct waiting {
	struct verdict_call call;
	void *tag;
};

enum where {
	WHERE_UNKNOWN, /* after a hole */
	WHERE_HOST,
	WHERE_EL2,
	WHERE_SECURE,
	WHERE_GUEST,
};

struct vec {
	char *data;
	size_t len, cap; /* in elements */
};

struct cpu_state {
	enum where where;
	bool conduit; /* the trap that is open came by the calls' conduit */
	bool any;     /* an event was seen */
	struct hyp_event last;
	uint64_t left_ns; /* when EL2 was last left for EL3 */
	struct trap open;
	struct vec traps;
	struct vec holes;
	struct vec calls;
};

struct verdict_join {
	uint8_t conduit_reason;
	struct cpu_state **cpus;
	size_t nr_cpus;
};

static void *vec_push(struct vec *vec, size_t size)
{
	if (vec->len == vec->cap) {
		size_t cap = vec->cap ? 2 * vec->cap : 64;
		char *data = reallocarray(vec->data, cap, size);

		if (!data)
			return NULL;
		vec->data = data;
		vec->cap = cap;
	}

	return vec->data + size * vec->len++;
}

struct verdict_join *verdict_join_new(bool hvc)
{
	struct verdict_join *join = calloc(1, sizeof(*join));

	if (join)
		join->conduit_reason = hvc ? HYP_REASON_HVC : HYP_REASON_SMC;
	return join;
}

void verdict_join_free(struct verdict_join *join)
{
	if (!join)
		return;

	for (size_t i = 0; i < join->nr_cpus; i++) {
		struct cpu_state *cpu = join->cpus[i];

		if (!cpu)
			continue;
		free(cpu->traps.data);
		free(cpu->holes.data);
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

static int add_hole(struct cpu_state *cpu, uint64_t from, uint64_t until)
{
	struct hole *hole = vec_push(&cpu->holes, sizeof(*hole));

	if (!hole)
		return -ENOMEM;

	*hole = (struct hole){ .from_ns = from, .until_ns = until };
	cpu->where = WHERE_UNKNOWN;
	return 0;
}

/* A hole from the start of the trap that is open, else from the last event that was seen. */
static int make_hole(struct cpu_state *cpu, const struct hyp_event *ev)
{
	uint64_t from = cpu->any ? cpu->last.ts : 0;

	if (cpu->where != WHERE_HOST && cpu->where != WHERE_UNKNOWN)
		from = cpu->open.enter_ns;

	if (from > ev->ts)
		return add_hole(cpu, ev->ts, from);
	return add_hole(cpu, from, ev->ts);
}

static int on_arrive(struct verdict_join *join, struct cpu_state *cpu, const struct hyp_event *ev)
{
	switch (cpu->where) {
	case WHERE_UNKNOWN:
		return 0;
	case WHERE_HOST:
		cpu->open = (struct trap){ .enter_ns = ev->ts };
		cpu->conduit = ev->reason == join->conduit_reason;
		cpu->where = WHERE_EL2;
		return 0;
	case WHERE_SECURE:
		if (ev->reason == HYP_REASON_SMC) {
			cpu->open.secure_ns += ev->ts - cpu->left_ns;
			cpu->open.last_back_ns = ev->ts;
			cpu->where = WHERE_EL2;
			return 0;
		}
		if (ev->reason == HYP_REASON_PSCI) {
			/* The CPU was off or suspended: that SMC returns by way of the entry point. */
			cpu->conduit = false;
			cpu->where = WHERE_EL2;
			return 0;
		}
		break;
	case WHERE_GUEST:
		if (ev->reason == HYP_REASON_GUEST_EXIT) {
			cpu->where = WHERE_EL2;
			return 0;
		}
		break;
	case WHERE_EL2:
		break;
	}

	return make_hole(cpu, ev);
}

static int on_leave(struct cpu_state *cpu, const struct hyp_event *ev)
{
	bool to_host = ev->reason == HYP_REASON_ERET_HOST || ev->reason == HYP_REASON_PSCI;

	if (cpu->where == WHERE_UNKNOWN) {
		if (!to_host)
			return 0;
		/* The hole ends here at the earliest: what led to this return was not seen. */
		if (cpu->holes.len) {
			struct hole *holes = (struct hole *)cpu->holes.data;

			holes[cpu->holes.len - 1].until_ns = ev->ts;
		}
		cpu->where = WHERE_HOST;
		return 0;
	}

	if (cpu->where != WHERE_EL2)
		return make_hole(cpu, ev);

	switch (ev->reason) {
	case HYP_REASON_SMC:
		if (!cpu->open.smcs++)
			cpu->open.first_leave_ns = ev->ts;
		cpu->left_ns = ev->ts;
		cpu->where = WHERE_SECURE;
		return 0;
	case HYP_REASON_ERET_GUEST:
		cpu->where = WHERE_GUEST;
		return 0;
	case HYP_REASON_ERET_HOST:
	case HYP_REASON_PSCI:
		cpu->where = WHERE_HOST;
		if (cpu->conduit) {
			struct trap *trap = vec_push(&cpu->traps, sizeof(*trap));

			if (!trap)
				return -ENOMEM;
			cpu->open.exit_ns = ev->ts;
			*trap = cpu->open;
		}
		return 0;
	default:
		return make_hole(cpu, ev);
	}
}

/* A reader whose page of text is full prints its last event again at the next read. */
static bool is_repeat(const struct cpu_state *cpu, const struct hyp_event *ev)
{
	const struct hyp_event *last = &cpu->last;

	return cpu->any && last->ts == ev->ts && last->type == ev->type &&
	       last->reason == ev->reason && last->id == ev->id;
}

int verdict_join_event(struct verdict_join *join, const struct hyp_event *ev)
{
	struct cpu_state *cpu;
	int ret;

	ret = get_cpu(join, ev->cpu, &cpu);
	if (ret)
		return ret;

	if (is_repeat(cpu, ev))
		return 0;

	/* Time goes one way in a CPU's trace; where it does not, the trace was reset or is foreign. */
	if (ev->lost || (cpu->any && ev->ts < cpu->last.ts))
		ret = make_hole(cpu, ev);

	if (!ret && ev->type == HYP_EVENT_ENTER)
		ret = on_arrive(join, cpu, ev);
	else if (!ret && ev->type == HYP_EVENT_EXIT)
		ret = on_leave(cpu, ev);

	cpu->last = *ev;
	cpu->any = true;
	return ret;
}

int verdict_join_call(struct verdict_join *join, const struct verdict_call *call, void *tag)
{
	struct cpu_state *cpu;
	struct waiting *waiting;
	int ret;

	ret = get_cpu(join, call->cpu, &cpu);
	if (ret)
		return ret;

	waiting = vec_push(&cpu->calls, sizeof(*waiting));
	if (!waiting)
		return -ENOMEM;

	*waiting = (struct waiting){ .call = *call, .tag = tag };
	return 0;
}

static bool overlaps(uint64_t a_from, uint64_t a_until, uint64_t b_from, uint64_t b_until)
{
	return a_from <= b_until && b_from <= a_until;
}

static enum verdict_kind kind_of(const struct verdict_call *call, const struct trap *trap)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	int32_t status;

	if (trap->smcs)
		return VERDICT_FORWARDED;

	if (call->out.x[0] == UINT64_MAX ||
	    (ffa_answer_status(ffa, &call->out, &status) && status < 0))
		return VERDICT_REJECTED;

	return VERDICT_ANSWERED;
}

static void judge(const struct verdict_call *call, const struct trap *trap,
		  const struct verdict_clock *clock, struct verdict *v)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);

	v->from_trace = true;
	v->kind = kind_of(call, trap);
	v->smcs = trap->smcs;
	v->enter_ns = trap->enter_ns - (uint64_t)clock->offset_ns;
	v->total_ns = trap->exit_ns - trap->enter_ns;
	v->secure_ns = trap->secure_ns;
	v->el2_before_ns = (trap->smcs ? trap->first_leave_ns : trap->exit_ns) - trap->enter_ns;
	v->el2_after_ns = v->total_ns - v->secure_ns - v->el2_before_ns;

	/*
	 * What came back through EL2 untouched cannot have been written by it. The reverse is no
	 * contradiction: EL2 also writes the answers of calls for which it sent SMCs of its own,
	 * and an SPMC at S-EL2 makes EL3 return its own x8-x17.
	 */
	if (v->kind != VERDICT_FORWARDED && v->inferred == VERDICT_SUGGESTS_SECURE)
		v->reason = VERDICT_EVIDENCE_CONFLICT;

	/* A signed 64-bit error with zeroed canaries is EL2's own, and it had nothing to send. */
	if (v->kind == VERDICT_FORWARDED && v->inferred == VERDICT_SUGGESTS_EL2 &&
	    !(ffa && ffa_call_el2_reissues(ffa)) && (int64_t)call->out.x[2] < 0 &&
	    (uint32_t)call->out.x[0] == FFA_FID_ERROR)
		v->reason = VERDICT_EVIDENCE_CONFLICT;

	if (v->reason)
		v->kind = VERDICT_UNKNOWN;
}

/* The first element of a vector in time order that does not end before `from`. */
static size_t first_from(const struct trap *traps, size_t len, uint64_t from)
{
	size_t lo = 0;

	while (lo < len) {
		size_t mid = lo + (len - lo) / 2;

		if (traps[mid].exit_ns < from)
			lo = mid + 1;
		else
			len = mid;
	}
	return lo;
}

static void find_verdict(const struct cpu_state *cpu, const struct verdict_call *call,
			 uint64_t from, uint64_t until, const struct verdict_clock *clock,
			 struct verdict *v)
{
	const struct trap *traps = (const struct trap *)cpu->traps.data;
	const struct hole *holes = (const struct hole *)cpu->holes.data;
	uint64_t begin = call->begin_ns + (uint64_t)clock->offset_ns - clock->slack_ns;
	uint64_t end = call->end_ns + (uint64_t)clock->offset_ns + clock->slack_ns;
	size_t first;

	if (begin < from || end > until) {
		v->reason = VERDICT_LOST_EVENTS;
		return;
	}

	for (size_t i = 0; i < cpu->holes.len; i++) {
		if (overlaps(holes[i].from_ns, holes[i].until_ns, begin, end)) {
			v->reason = VERDICT_LOST_EVENTS;
			return;
		}
	}

	/* With clocks that agree less well than calls are apart, a neighbour's trap would fit. */
	if (clock->slack_ns > clock->guard_ns) {
		v->reason = VERDICT_AMBIGUOUS;
		return;
	}

	first = first_from(traps, cpu->traps.len, begin);
	if (first == cpu->traps.len || traps[first].enter_ns > end)
		v->reason = VERDICT_NO_EVENTS;
	else if (traps[first].enter_ns < begin || traps[first].exit_ns > end ||
		 (first + 1 < cpu->traps.len && traps[first + 1].enter_ns <= end))
		v->reason = VERDICT_AMBIGUOUS;
	else
		judge(call, &traps[first], clock, v);
}

/*
 * How the clocks stand, told by the calls themselves. Each call made one trap; where the trace from
 * `from` to `until` is whole and has as many traps as there are calls, the first belongs to the
 * first and so on, whatever the clocks say, and each pair bounds the offset. *clock is changed only
 * where all bounds agree with each other and with what was measured before.
 */
static void refine_clock(const struct cpu_state *cpu, uint64_t from, uint64_t until,
			 struct verdict_clock *clock)
{
	const struct waiting *waiting = (const struct waiting *)cpu->calls.data;
	const struct trap *traps = (const struct trap *)cpu->traps.data;
	int64_t low = clock->offset_ns - (int64_t)clock->slack_ns;
	int64_t high = clock->offset_ns + (int64_t)clock->slack_ns;
	size_t first = first_from(traps, cpu->traps.len, from), n = 0;

	while (first + n < cpu->traps.len && traps[first + n].exit_ns <= until)
		n++;
	if (!n || n != cpu->calls.len || traps[first].enter_ns < from)
		return;
	for (size_t i = 0; i < cpu->holes.len; i++) {
		const struct hole *holes = (const struct hole *)cpu->holes.data;

		if (overlaps(holes[i].from_ns, holes[i].until_ns, from, until))
			return;
	}

	for (size_t i = 0; i < n; i++) {
		int64_t least = (int64_t)(traps[first + i].exit_ns - waiting[i].call.end_ns);
		int64_t most = (int64_t)(traps[first + i].enter_ns - waiting[i].call.begin_ns);

		low = least > low ? least : low;
		high = most < high ? most : high;
	}
	if (low > high)
		return;

	clock->offset_ns = low + (high - low) / 2;
	clock->slack_ns = (uint64_t)(high - low + 1) / 2;
}

static uint64_t min_ns(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Up to when the trace is believed: not into a trap that is open, nor behind an open hole. */
static uint64_t believed_until(const struct cpu_state *cpu)
{
	const struct hole *holes = (const struct hole *)cpu->holes.data;

	switch (cpu->where) {
	case WHERE_HOST:
		return UINT64_MAX;
	case WHERE_UNKNOWN:
		return cpu->holes.len ? holes[cpu->holes.len - 1].from_ns : 0;
	default:
		return cpu->open.enter_ns;
	}
}

void verdict_join_settle(struct verdict_join *join, uint32_t nr, uint64_t from, uint64_t until,
			 struct verdict_clock *clock, enum verdict_reason reason, verdict_fn fn,
			 void *ctx)
{
	const struct waiting *waiting;
	struct cpu_state *cpu;

	if (nr >= join->nr_cpus || !join->cpus[nr])
		return;

	cpu = join->cpus[nr];
	waiting = (const struct waiting *)cpu->calls.data;
	until = min_ns(until, believed_until(cpu));
	if (!reason)
		refine_clock(cpu, from, until, clock);

	for (size_t i = 0; i < cpu->calls.len; i++) {
		struct verdict v = { .reason = reason };

		v.inferred = verdict_from_registers(&waiting[i].call);
		if (!reason)
			find_verdict(cpu, &waiting[i].call, from, until, clock, &v);
		fn(ctx, &waiting[i].call, waiting[i].tag, &v);
	}

	cpu->calls.len = 0;
	cpu->traps.len = 0;
	cpu->holes.len = 0;
}
