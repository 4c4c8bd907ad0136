// SPDX-License-Identifier: GPL-2.0-only
/* Batches on all CPUs at the same time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/internal.h"

/* Calls of other CPUs at about the time of a departure that are tried as its cause. */
#define MAX_CAUSES 8
/* How long before a call the cause may have ended, in ns. */
#define CAUSE_NS   100000

static int by_time(const void *a, const void *b)
{
	const struct sweep_result *left = a, *right = b;

	if (left->call.end_ns == right->call.end_ns)
		return left->call.cpu < right->call.cpu ? -1 : left->call.cpu > right->call.cpu;
	return left->call.end_ns < right->call.end_ns ? -1 : 1;
}

/* The lanes' calls in one array, and their results in the order of time. */
struct merged {
	struct ffa_regs *in;
	struct sweep_result *out;
	unsigned int n;
};

static int merge(const struct fuzz_lane *lanes, size_t nr_lanes, struct merged *all)
{
	*all = (struct merged){ 0 };
	for (size_t i = 0; i < nr_lanes; i++)
		all->n += lanes[i].n;
	all->in = calloc(all->n ? all->n : 1, sizeof(*all->in));
	all->out = calloc(all->n ? all->n : 1, sizeof(*all->out));
	all->n = 0;
	for (size_t i = 0; i < nr_lanes && all->in && all->out; i++) {
		memcpy(all->in + all->n, lanes[i].in, lanes[i].n * sizeof(*all->in));
		all->n += lanes[i].n;
	}
	return all->in && all->out ? 0 : -ENOMEM;
}

/* Takes the results; those of calls that were not made have no time. */
static void sort_results(const struct fuzz_lane *lanes, size_t nr_lanes, struct merged *all)
{
	all->n = 0;
	for (size_t i = 0; i < nr_lanes; i++) {
		memcpy(all->out + all->n, lanes[i].out, lanes[i].n * sizeof(*all->out));
		all->n += lanes[i].n;
	}
	qsort(all->out, all->n, sizeof(*all->out), by_time);
}

int fuzz_make_at_once(struct fuzz *fuzz, const struct fuzz_port *port,
		      const struct fuzz_lane *lanes, size_t nr_lanes)
{
	int cpu = port->cpus[0], ret, back, last;
	struct merged all;

	ret = merge(lanes, nr_lanes, &all);
	for (size_t i = 0; i < nr_lanes && !ret; i++)
		memset(lanes[i].out, 0, lanes[i].n * sizeof(*lanes[i].out));
	if (!ret)
		ret = fuzz_ours(fuzz, port, cpu, all.in, all.n, true);
	if (!ret) {
		ret = port->call_at_once(port->ctx, lanes, nr_lanes);
		sort_results(lanes, nr_lanes, &all);
		back = fuzz_undo(fuzz, port, cpu, all.n, all.out);
		last = fuzz_ours(fuzz, port, cpu, all.in, all.n, false);
		ret = ret ? ret : back ? back : last;
	}
	free(all.in);
	free(all.out);
	return ret;
}

int fuzz_repeat_at_once(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
			const struct ffa_regs *in, const struct ffa_regs *cause, unsigned int times,
			struct sweep_result *out)
{
	struct fuzz_lane *lanes = calloc(port->nr_cpus, sizeof(*lanes));
	struct ffa_regs *list = calloc(2 * (size_t)times, sizeof(*list));
	struct sweep_result *others = calloc(port->nr_cpus * (size_t)times, sizeof(*others));
	int ret = lanes && list && others ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < times && !ret; i++) {
		list[i] = *in;
		list[times + i] = *cause;
	}
	for (size_t i = 0; i < port->nr_cpus && !ret; i++)
		lanes[i] = (struct fuzz_lane){
			.cpu = port->cpus[i],
			.in = port->cpus[i] == cpu ? list : list + times,
			.n = times,
			.out = port->cpus[i] == cpu ? out : others + i * times,
		};
	if (!ret)
		ret = fuzz_make_at_once(fuzz, port, lanes, port->nr_cpus);
	free(lanes);
	free(list);
	free(others);
	return ret;
}

/* The time between two calls; 0: they overlap. */
static uint64_t apart_ns(const struct verdict_call *call, const struct verdict_call *other)
{
	if (other->end_ns < call->begin_ns)
		return call->begin_ns - other->end_ns;
	return other->begin_ns > call->end_ns ? other->begin_ns - call->end_ns : 0;
}

/* Whether a call may be the cause: it met the departing one, or ended shortly before. */
static bool may_cause(const struct sweep_result *departed, const struct sweep_result *other)
{
	return other->made && apart_ns(&departed->call, &other->call) < CAUSE_NS &&
	       other->call.begin_ns < departed->call.end_ns;
}

int fuzz_find_cause(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		    struct fuzz_finding *finding, const struct fuzz_round *round, bool *departs)
{
	const struct sweep_result departed = finding->result;
	unsigned int tried = 0;
	int ret = 0;

	finding->when = FUZZ_AT_ONCE;
	finding->nr_before = 1;
	for (size_t i = 0; i < round->nr_lanes && !ret && !*departs; i++) {
		const struct fuzz_lane *lane = &round->lanes[i];

		/* The latest first. */
		for (unsigned int at = lane->n;
		     at-- > 0 && lane->cpu != cpu && tried < MAX_CAUSES && !ret && !*departs;) {
			if (!may_cause(&departed, &lane->out[at]))
				continue;
			finding->before[0] = lane->in[at];
			tried++;
			ret = fuzz_departs(fuzz, port, cpu, finding, &finding->in, departs);
		}
	}
	if (!*departs)
		finding->nr_before = 0;
	return ret;
}
