// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose trap is whose. For each call the first and the last trap that it can have made follow from
 * three facts (see watch.h): it lies between the call's two times, no other call has it, and the
 * traps of calls that follow each other on a CPU do so too. Where the first is the last it is the
 * call's own. Each trap found narrows the choice for other calls; repeat until nothing changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "watch/internal.h"

/* The time in which the trap of a call lies, on the hypervisor's clock. */
struct window {
	uint64_t from_ns, until_ns;
};

static struct window window_of(const struct watch *watch, const struct host_call *host)
{
	struct window win = {
		.from_ns = host->begin_ns + (uint64_t)watch->range.low,
		.until_ns = host->end_ns + (uint64_t)watch->range.high,
	};

	return win;
}

static const struct verdict_trap *traps_of(const struct watch_cpu *cpu)
{
	return (const struct verdict_trap *)cpu->trace.traps.data;
}

static bool is_taken(const struct watch_cpu *cpu, size_t trap)
{
	return traps_of(cpu)[trap].taken;
}

/* The first trap that begins at a time or later. */
static size_t first_entered(const struct watch_cpu *cpu, uint64_t from_ns)
{
	size_t lo = 0, hi = cpu->trace.traps.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (traps_of(cpu)[mid].enter_ns < from_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The first trap that ends after a time. */
static size_t first_after(const struct watch_cpu *cpu, uint64_t until_ns)
{
	return verdict_traps_first(traps_of(cpu), cpu->trace.traps.len, until_ns + 1);
}

static void find_range(const struct watch_cpu *cpu, const struct window *win, size_t *begin,
		       size_t *end)
{
	*begin = first_entered(cpu, win->from_ns);
	*end = first_after(cpu, win->until_ns);
	if (*end < *begin)
		*end = *begin;
}

/* ---- which calls have their trace ---- */

/* The CPUs that the task was on between the two times of the call. */
enum visited {
	VISITED_ONE,
	VISITED_TWO, /* where it began and where it ended */
	VISITED_ANY,
};

static enum visited visited_of(const struct host_call *host)
{
	bool same = host->cpu == host->end_cpu;

	if (!host->migrations && same)
		return VISITED_ONE;
	if (host->migrations == 1 && !same)
		return VISITED_TWO;
	return VISITED_ANY;
}

static bool has_visited(const struct host_call *host, uint32_t cpu)
{
	return visited_of(host) == VISITED_ANY || host->cpu == cpu || host->end_cpu == cpu;
}

static void fail(struct watch_waiting *w, enum verdict_reason reason)
{
	w->state = WATCH_FAILED;
	w->reason = reason;
}

/* Whether the trace of a CPU is there and whole for a call; if not, its state says why. */
static bool has_trace(const struct watch_cpu *cpu, const struct window *win,
		      struct watch_waiting *w)
{
	if (win->until_ns > cpu->until_ns) {
		w->state = WATCH_WAITS;
		return false;
	}
	if (!cpu->whole || win->from_ns < cpu->from_ns ||
	    verdict_traps_gap(&cpu->trace, win->from_ns, win->until_ns)) {
		fail(w, VERDICT_LOST_EVENTS);
		return false;
	}
	return true;
}

static void look_at_trace(struct watch *watch, struct watch_waiting *w)
{
	struct window win = window_of(watch, &w->host);

	if (w->host.end_ns <= w->host.begin_ns) {
		fail(w, VERDICT_NO_EVENTS);
		return;
	}
	if (!watch->range.known)
		return;

	for (uint32_t i = 0; i < watch->nr_cpus; i++) {
		/* A CPU that has never been marked has never been there. */
		if (!has_visited(&w->host, i) ||
		    (visited_of(&w->host) == VISITED_ANY && !watch->cpus[i].until_ns))
			continue;
		if (!has_trace(&watch->cpus[i], &win, w))
			return;
	}
	if (w->state != WATCH_READY)
		w->ready_round = w->rounds;
	w->state = WATCH_READY;
}

/* ---- calls that stayed on one CPU ---- */

static int add_to_queue(struct watch_cpu *cpu, const struct window *win, struct watch_waiting *w)
{
	struct watch_cpu_queue *queue = &cpu->queue;
	struct watch_range *range;

	if (!vector_room(&queue->calls, &queue->cap, queue->len, sizeof(*queue->calls)) ||
	    !vector_room(&queue->by_begin, &queue->by_begin_cap, queue->len,
			 sizeof(*queue->by_begin)))
		return -ENOMEM;

	range = &queue->calls[queue->len++];
	*range = (struct watch_range){ .call = w };
	find_range(cpu, win, &range->begin, &range->end);
	return 0;
}

static int compare_begins(const void *a, const void *b)
{
	const struct watch_range *left = *(struct watch_range *const *)a;
	const struct watch_range *right = *(struct watch_range *const *)b;

	if (left->call->host.begin_ns != right->call->host.begin_ns)
		return left->call->host.begin_ns < right->call->host.begin_ns ? -1 : 1;
	return left < right ? -1 : left > right;
}

static void sort_queue(struct watch_cpu_queue *queue)
{
	for (size_t i = 0; i < queue->len; i++)
		queue->by_begin[i] = &queue->calls[i];
	if (queue->len)
		qsort(queue->by_begin, queue->len, sizeof(*queue->by_begin), compare_begins);
}

static bool is_decided(const struct watch_range *range)
{
	return range->call->state == WATCH_DECIDED;
}

/* The first trap that each call can have made: after those of all calls that ended before it. */
static void find_least(const struct watch_cpu *cpu, struct watch_cpu_queue *queue)
{
	size_t ended = 0, from = 0;

	for (size_t i = 0; i < queue->len; i++) {
		struct watch_range *range = queue->by_begin[i];

		for (; ended < queue->len &&
		       queue->calls[ended].call->host.end_ns <= range->call->host.begin_ns;
		     ended++) {
			const struct watch_range *before = &queue->calls[ended];

			if (!before->broken && before->least >= from)
				from = before->least + 1;
		}

		range->broken = false;
		if (is_decided(range)) {
			range->least = range->call->trap;
			continue;
		}
		range->least = range->begin > from ? range->begin : from;
		while (range->least < range->end && is_taken(cpu, range->least))
			range->least++;
		range->broken = range->least >= range->end;
	}
}

/* And the last one: before those of all calls that began after it had ended. */
static void find_most(const struct watch_cpu *cpu, struct watch_cpu_queue *queue)
{
	size_t begun = queue->len, until = SIZE_MAX;

	for (size_t i = queue->len; i-- > 0;) {
		struct watch_range *range = &queue->calls[i];

		for (; begun &&
		       queue->by_begin[begun - 1]->call->host.begin_ns >= range->call->host.end_ns;
		     begun--) {
			const struct watch_range *after = queue->by_begin[begun - 1];

			if (!after->broken && after->most < until)
				until = after->most;
		}

		if (is_decided(range)) {
			range->most = range->call->trap;
			continue;
		}
		if (range->broken)
			continue;
		range->most = range->end < until ? range->end : until;
		while (range->most > range->begin && is_taken(cpu, range->most - 1))
			range->most--;
		range->broken = range->most <= range->least;
		range->most -= !range->broken;
	}
}

static void decide(struct watch *watch, uint32_t nr, size_t trap, struct watch_waiting *w)
{
	struct verdict_trap *traps = (struct verdict_trap *)watch->cpus[nr].trace.traps.data;

	traps[trap].taken = true;
	w->state = WATCH_DECIDED;
	w->trap_cpu = nr;
	w->trap = trap;
}

/* Of calls whose traps may be each other's: where one of them is left without, none is believed. */
static bool decide_group(struct watch *watch, uint32_t nr, struct watch_range **ranges, size_t n)
{
	bool changed = false;

	for (size_t i = 0; i < n; i++) {
		if (ranges[i]->broken && ranges[i]->begin < ranges[i]->end)
			return false;
	}

	for (size_t i = 0; i < n; i++) {
		if (is_decided(ranges[i]) || ranges[i]->broken ||
		    ranges[i]->least != ranges[i]->most)
			continue;
		decide(watch, nr, ranges[i]->least, ranges[i]->call);
		changed = true;
	}
	return changed;
}

static bool match_queue(struct watch *watch, uint32_t nr)
{
	struct watch_cpu *cpu = &watch->cpus[nr];
	struct watch_cpu_queue *queue = &cpu->queue;
	bool changed = false;
	size_t first = 0, end = 0;

	find_least(cpu, queue);
	find_most(cpu, queue);

	for (size_t i = 0; i < queue->len; i++) {
		const struct watch_range *range = queue->by_begin[i];

		if (i > first && range->begin >= end) {
			changed |= decide_group(watch, nr, queue->by_begin + first, i - first);
			first = i;
		}
		if (range->end > end)
			end = range->end;
	}
	changed |= decide_group(watch, nr, queue->by_begin + first, queue->len - first);
	return changed;
}

/* ---- calls whose task was moved ---- */

/* How many unclaimed traps a call can have made; the last of them in *nr, *trap. */
static size_t count_free(const struct watch *watch, const struct watch_waiting *w, uint32_t *nr,
			 size_t *trap)
{
	struct window win = window_of(watch, &w->host);
	size_t found = 0;

	for (uint32_t i = 0; i < watch->nr_cpus; i++) {
		const struct watch_cpu *cpu = &watch->cpus[i];
		size_t begin, end;

		if (!has_visited(&w->host, i))
			continue;
		find_range(cpu, &win, &begin, &end);
		for (size_t j = begin; j < end; j++) {
			if (is_taken(cpu, j))
				continue;
			*nr = i;
			*trap = j;
			found++;
		}
	}
	return found;
}

static bool match_moved(struct watch *watch)
{
	struct watch_waiting *waiting = (struct watch_waiting *)watch->waiting.data;
	bool changed = false;
	uint32_t nr;
	size_t trap;

	for (size_t i = 0; i < watch->waiting.len; i++) {
		struct watch_waiting *w = &waiting[i];

		if (w->state != WATCH_READY || visited_of(&w->host) == VISITED_ONE ||
		    count_free(watch, w, &nr, &trap) != 1)
			continue;
		decide(watch, nr, trap, w);
		changed = true;
	}
	return changed;
}

int watch_match(struct watch *watch)
{
	struct watch_waiting *waiting = (struct watch_waiting *)watch->waiting.data;
	bool changed;

	for (uint32_t i = 0; i < watch->nr_cpus; i++)
		watch->cpus[i].queue.len = 0;

	for (size_t i = 0; i < watch->waiting.len; i++) {
		struct watch_waiting *w = &waiting[i];
		struct window win = window_of(watch, &w->host);
		int ret;

		/* An interrupt has no trap. */
		if (w->host.source == HOST_SOURCE_SRI)
			continue;
		look_at_trace(watch, w);
		if (w->state != WATCH_READY || visited_of(&w->host) != VISITED_ONE)
			continue;
		ret = add_to_queue(&watch->cpus[w->host.cpu], &win, w);
		if (ret)
			return ret;
	}
	for (uint32_t i = 0; i < watch->nr_cpus; i++)
		sort_queue(&watch->cpus[i].queue);

	do {
		changed = match_moved(watch);
		for (uint32_t i = 0; i < watch->nr_cpus; i++)
			changed |= match_queue(watch, i);
	} while (changed);

	for (size_t i = 0; i < watch->waiting.len; i++) {
		uint32_t nr;
		size_t trap;

		if (waiting[i].state == WATCH_READY && !count_free(watch, &waiting[i], &nr, &trap))
			fail(&waiting[i], VERDICT_NO_EVENTS);
	}
	return 0;
}

/* ---- dropping traps and events that are no longer needed ---- */

uint64_t watch_cpu_unclaimed(const struct watch_cpu *cpu)
{
	uint64_t n = 0;

	for (size_t i = 0; i < cpu->trace.traps.len; i++)
		n += !is_taken(cpu, i);
	return n;
}

static void forget_events(struct watch_cpu *cpu, uint64_t before_ns)
{
	struct hyp_event *events = (struct hyp_event *)cpu->events.data;
	size_t n = 0;

	while (n < cpu->events.len && events[n].ts < before_ns)
		n++;
	if (n)
		memmove(events, events + n, (cpu->events.len - n) * sizeof(*events));
	cpu->events.len -= n;
}

uint64_t watch_cpu_forget(struct watch_cpu *cpu, uint64_t all_ns, uint64_t taken_ns)
{
	struct verdict_trap *traps = (struct verdict_trap *)cpu->trace.traps.data;
	struct verdict_gap *gaps = (struct verdict_gap *)cpu->trace.gaps.data;
	struct verdict_printk *printks = cpu->trace.printks.data;
	uint64_t unclaimed = 0;
	size_t kept = 0;

	for (size_t i = 0; i < cpu->trace.traps.len; i++) {
		if (traps[i].exit_ns < all_ns) {
			unclaimed += !traps[i].taken;
			continue;
		}
		if (!traps[i].taken || traps[i].exit_ns >= taken_ns)
			traps[kept++] = traps[i];
	}
	cpu->trace.traps.len = kept;

	kept = 0;
	for (size_t i = 0; i < cpu->trace.gaps.len; i++) {
		/* The last one may be open still. */
		if (i + 1 == cpu->trace.gaps.len || gaps[i].until_ns >= all_ns)
			gaps[kept++] = gaps[i];
	}
	cpu->trace.gaps.len = kept;

	kept = 0;
	for (size_t i = 0; i < cpu->trace.printks.len; i++) {
		if (printks[i].ts >= taken_ns)
			printks[kept++] = printks[i];
	}
	cpu->trace.printks.len = kept;

	forget_events(cpu, taken_ns);
	/* A call that began before could be one of those whose trap is forgotten. */
	if (cpu->from_ns < all_ns)
		cpu->from_ns = all_ns;
	return unclaimed;
}
