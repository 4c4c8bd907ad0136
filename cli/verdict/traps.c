// SPDX-License-Identifier: GPL-2.0-only
/*
 * A state machine per CPU turns events into traps. Events of one CPU alternate strictly: enter,
 * exit, enter, exit. Events that do not alternate, and losses that the trace reports, make a gap.
 * After a gap all events are ignored until EL2 has returned to the host once, because the second
 * half of a forwarded call looks like a rejected one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/traps.h"

static int add_gap(struct verdict_traps *cpu, uint64_t from, uint64_t until)
{
	struct verdict_gap *gap = vector_push(&cpu->gaps, sizeof(*gap));

	if (!gap)
		return -ENOMEM;

	*gap = (struct verdict_gap){ .from_ns = from, .until_ns = until };
	cpu->where = VERDICT_WHERE_UNKNOWN;
	spans_lose(&cpu->spans);
	return 0;
}

/* The gap starts with the open trap, or else with the last event. */
static int make_gap(struct verdict_traps *cpu, const struct hyp_event *ev)
{
	uint64_t from = cpu->any ? cpu->last.ts : 0;

	if (cpu->where != VERDICT_WHERE_HOST && cpu->where != VERDICT_WHERE_UNKNOWN)
		from = cpu->open.enter_ns;

	if (from > ev->ts)
		return add_gap(cpu, ev->ts, from);
	return add_gap(cpu, from, ev->ts);
}

static int on_arrive(uint8_t conduit, struct verdict_traps *cpu, const struct hyp_event *ev)
{
	switch (cpu->where) {
	case VERDICT_WHERE_UNKNOWN:
		return 0;
	case VERDICT_WHERE_HOST:
		cpu->open = (struct verdict_trap){ .enter_ns = ev->ts };
		cpu->conduit = ev->reason == conduit;
		cpu->where = VERDICT_WHERE_EL2;
		return 0;
	case VERDICT_WHERE_SECURE:
		if (ev->reason == HYP_REASON_SMC) {
			cpu->open.secure_ns += ev->ts - cpu->left_ns;
			cpu->open.last_back_ns = ev->ts;
			cpu->where = VERDICT_WHERE_EL2;
			return 0;
		}
		if (ev->reason == HYP_REASON_PSCI) {
			/* The CPU was off or suspended: this SMC returns through the entry point. */
			cpu->conduit = false;
			cpu->where = VERDICT_WHERE_EL2;
			return 0;
		}
		break;
	case VERDICT_WHERE_GUEST:
		if (ev->reason == HYP_REASON_GUEST_EXIT) {
			cpu->where = VERDICT_WHERE_EL2;
			return 0;
		}
		break;
	case VERDICT_WHERE_EL2:
		break;
	}

	return make_gap(cpu, ev);
}

static int on_leave(struct verdict_traps *cpu, const struct hyp_event *ev)
{
	bool to_host = ev->reason == HYP_REASON_ERET_HOST || ev->reason == HYP_REASON_PSCI;

	if (cpu->where == VERDICT_WHERE_UNKNOWN) {
		if (!to_host)
			return 0;
		/* The gap includes this return, because its trap is incomplete. */
		if (cpu->gaps.len) {
			struct verdict_gap *gaps = (struct verdict_gap *)cpu->gaps.data;

			gaps[cpu->gaps.len - 1].until_ns = ev->ts;
		}
		cpu->where = VERDICT_WHERE_HOST;
		return 0;
	}

	if (cpu->where != VERDICT_WHERE_EL2)
		return make_gap(cpu, ev);

	switch (ev->reason) {
	case HYP_REASON_SMC:
		if (!cpu->open.smcs++)
			cpu->open.first_leave_ns = ev->ts;
		cpu->left_ns = ev->ts;
		cpu->where = VERDICT_WHERE_SECURE;
		return 0;
	case HYP_REASON_ERET_GUEST:
		cpu->where = VERDICT_WHERE_GUEST;
		return 0;
	case HYP_REASON_ERET_HOST:
	case HYP_REASON_PSCI:
		cpu->where = VERDICT_WHERE_HOST;
		if (cpu->conduit) {
			struct verdict_trap *trap = vector_push(&cpu->traps, sizeof(*trap));

			if (!trap)
				return -ENOMEM;
			cpu->open.exit_ns = ev->ts;
			*trap = cpu->open;
		}
		return 0;
	default:
		return make_gap(cpu, ev);
	}
}

/* Android: names the call of the open trap. */
static void on_host_smc(struct verdict_traps *cpu, const struct hyp_event *ev)
{
	cpu->open.has_id = true;
	cpu->open.id = ev->id;
	cpu->open.forwarded = verdict_names_forwarded(ev);
}

static int on_printk(struct verdict_traps *cpu, const struct hyp_event *ev)
{
	struct verdict_printk *printk = vector_push(&cpu->printks, sizeof(*printk));

	if (!printk)
		return -ENOMEM;
	*printk = (struct verdict_printk){ .ts = ev->ts, .text = (uint32_t)ev->id };
	return 0;
}

bool verdict_names_call(const struct hyp_event *ev)
{
	return ev->type == HYP_EVENT_HOST_SMC || ev->type == HYP_EVENT_HOST_FFA_CALL;
}

bool verdict_names_forwarded(const struct hyp_event *ev)
{
	return ev->type == HYP_EVENT_HOST_FFA_CALL ? !ev->arg : ev->arg != 0;
}

void verdict_traps_printks(const struct verdict_traps *cpu, uint64_t from_ns, uint64_t until_ns,
			   struct verdict *v)
{
	const struct verdict_printk *all = cpu->printks.data;
	size_t first = 0, until = cpu->printks.len, n = 0;

	while (first < until) {
		size_t mid = first + (until - first) / 2;

		if (all[mid].ts < from_ns)
			first = mid + 1;
		else
			until = mid;
	}
	for (; first + n < cpu->printks.len && all[first + n].ts <= until_ns; n++) {
		if (n < VERDICT_MAX_PRINTKS)
			v->printks[n] = all[first + n].text;
	}
	v->nr_printks = (uint32_t)n;
}

static int on_bare(struct verdict_traps *cpu, const struct hyp_event *ev)
{
	uint64_t from = cpu->any && cpu->last.ts < ev->ts ? cpu->last.ts : ev->ts;
	bool begun;
	int ret;

	cpu->bare = true;
	if (cpu->spans.is_open)
		from = cpu->spans.open.enter_ns;
	ret = spans_event(&cpu->spans, ev);
	if (ret <= 0)
		return ret;

	/* add_gap() clears `begun', which this exit has just set. */
	begun = cpu->spans.begun;
	ret = add_gap(cpu, from, ev->ts);
	cpu->spans.begun = begun;
	return ret;
}

int verdict_traps_event(struct verdict_traps *cpu, uint8_t conduit, const struct hyp_event *ev)
{
	int ret = 0;

	if (cpu->any && verdict_is_repeat(&cpu->last, ev))
		return 0;

	/*
	 * A trace is complete from a time at which its CPU ran the host. So its first event is an
	 * entry from the host, or older than that time, where no call is expected.
	 */
	if (!cpu->any && !ev->lost && ev->type == HYP_EVENT_ENTER) {
		cpu->where = VERDICT_WHERE_HOST;
		cpu->spans.begun = true;
	}

	/* Time never goes back in a CPU's trace, unless the trace was reset. */
	if (ev->lost || (cpu->any && ev->ts < cpu->last.ts))
		ret = make_gap(cpu, ev);

	if (!ret && (ev->type == HYP_EVENT_ENTER || ev->type == HYP_EVENT_EXIT) &&
	    ev->reason == HYP_REASON_NONE)
		ret = on_bare(cpu, ev);
	else if (!ret && ev->type == HYP_EVENT_ENTER)
		ret = on_arrive(conduit, cpu, ev);
	else if (!ret && ev->type == HYP_EVENT_EXIT)
		ret = on_leave(cpu, ev);
	else if (!ret && verdict_names_call(ev) && cpu->bare)
		ret = spans_event(&cpu->spans, ev);
	else if (!ret && verdict_names_call(ev))
		on_host_smc(cpu, ev);
	else if (!ret && ev->type == HYP_EVENT_PRINTK)
		ret = on_printk(cpu, ev);

	cpu->last = *ev;
	cpu->any = true;
	return ret;
}

size_t verdict_traps_first(const struct verdict_trap *traps, size_t len, uint64_t from)
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

uint64_t verdict_traps_until(const struct verdict_traps *cpu)
{
	const struct verdict_gap *gaps = (const struct verdict_gap *)cpu->gaps.data;

	if (cpu->bare)
		return cpu->spans.is_open ? cpu->spans.open.enter_ns : UINT64_MAX;

	switch (cpu->where) {
	case VERDICT_WHERE_HOST:
		return UINT64_MAX;
	case VERDICT_WHERE_UNKNOWN:
		return cpu->gaps.len ? gaps[cpu->gaps.len - 1].from_ns : 0;
	default:
		return cpu->open.enter_ns;
	}
}

bool verdict_traps_gap(const struct verdict_traps *cpu, uint64_t from_ns, uint64_t until_ns)
{
	const struct verdict_gap *gaps = (const struct verdict_gap *)cpu->gaps.data;

	for (size_t i = 0; i < cpu->gaps.len; i++) {
		if (gaps[i].from_ns <= until_ns && from_ns <= gaps[i].until_ns)
			return true;
	}
	return false;
}

void verdict_traps_free(struct verdict_traps *cpu)
{
	free(cpu->traps.data);
	free(cpu->gaps.data);
	free(cpu->printks.data);
	spans_free(&cpu->spans);
}
