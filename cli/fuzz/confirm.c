// SPDX-License-Identifier: GPL-2.0-only
/* Under which conditions a departure is seen again: alone, after other calls, sometimes, on one CPU. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/internal.h"

#define TIMES	     3	 /* that a departure is repeated */
#define MANY	     384 /* calls, for a departure that is seen in some of them */
#define MAX_FINDINGS 6	 /* of one call; the rest is counted */
#define MAX_CPUS     4	 /* others that a finding is tried on */
#define MAX_TRIES    3
#define MAX_MEETINGS 4 /* times MANY: CPUs of a busy machine seldom meet */

_Static_assert(MANY <= FUZZ_BATCH && TIMES * (FUZZ_MAX_BEFORE + 1) <= FUZZ_BATCH, "one batch");

/* Whether some of many calls depart. */
static bool is_seldom(const struct fuzz_finding *finding)
{
	return finding->when == FUZZ_SOMETIMES || finding->when == FUZZ_AT_ONCE;
}

/* The calls under the finding's conditions. Returns how many; every step-th is the call itself. */
static unsigned int arrange(const struct fuzz_finding *finding, const struct ffa_regs *in,
			    struct ffa_regs *list, unsigned int *step)
{
	unsigned int times = is_seldom(finding) ? MANY : TIMES, n = 0;

	/* The calls before it are those of other CPUs. */
	if (finding->when == FUZZ_AT_ONCE) {
		*step = 1;
		return times;
	}

	*step = finding->nr_before + 1;
	for (unsigned int t = 0; t < times; t++) {
		memcpy(&list[n], finding->before, finding->nr_before * sizeof(*list));
		n += finding->nr_before;
		list[n++] = *in;
	}
	return n;
}

int fuzz_departs(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		 struct fuzz_finding *finding, const struct ffa_regs *in, bool *departs)
{
	struct ffa_regs *list = calloc(FUZZ_BATCH, sizeof(*list));
	struct sweep_result *out = calloc(FUZZ_BATCH, sizeof(*out));
	unsigned int max = finding->when == FUZZ_AT_ONCE ? MAX_MEETINGS : MAX_TRIES;
	unsigned int step, n, seen = 0, unknown = 0;
	bool again = true;
	int ret = list && out ? 0 : -ENOMEM;

	*departs = false;
	for (unsigned int tries = 0; tries < max && !ret && again; tries++) {
		n = arrange(finding, in, list, &step);
		seen = unknown = 0;
		if (finding->when == FUZZ_AT_ONCE)
			ret = fuzz_repeat_at_once(fuzz, port, cpu, in, &finding->before[0], n, out);
		else
			ret = fuzz_make(fuzz, port, cpu, list, n, out);
		fuzz->more += n;
		for (unsigned int i = step - 1; i < n && !ret; i += step) {
			unknown += out[i].verdict.kind == VERDICT_UNKNOWN;
			if (fuzz_judge(fuzz, finding->base, in, &out[i]) != finding->kind)
				continue;
			seen++;
			finding->result = out[i];
		}
		/* Of many calls, those with a verdict are enough. */
		if (is_seldom(finding))
			unknown = 0;
		again = finding->when == FUZZ_AT_ONCE ? !seen : unknown;
	}
	if (!ret && !unknown)
		*departs = is_seldom(finding) ? seen > 0 : seen == TIMES;
	if (*departs) {
		finding->times = seen;
		finding->tries = is_seldom(finding) ? MANY : TIMES;
	}
	free(list);
	free(out);
	/* The module refuses such a call: it is no way to show the finding. */
	return ret == -EACCES ? 0 : ret;
}

/* Looks for the calls before it that the departure depends on: the fewest of the last ones. */
static int try_after(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		     struct fuzz_finding *finding, const struct ffa_regs *batch, unsigned int at,
		     bool *departs)
{
	int ret = 0;

	finding->when = FUZZ_AFTER;
	for (unsigned int n = 1; n <= FUZZ_MAX_BEFORE && n <= at && !ret && !*departs; n *= 2) {
		memcpy(finding->before, &batch[at - n], n * sizeof(*batch));
		finding->nr_before = n;
		ret = fuzz_departs(fuzz, port, cpu, finding, &finding->in, departs);
	}
	/* One of them may be enough. */
	for (unsigned int i = finding->nr_before; i-- > 0 && *departs && !ret;) {
		struct fuzz_finding one = *finding;
		bool same;

		if (finding->nr_before == 1)
			break;
		one.before[0] = finding->before[i];
		one.nr_before = 1;
		ret = fuzz_departs(fuzz, port, cpu, &one, &one.in, &same);
		if (!ret && same)
			*finding = one;
	}
	if (!*departs)
		finding->nr_before = 0;
	return ret;
}

/* A well-formed call in front shows as much as the one that happened to be there. */
static int simplify_before(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
			   struct fuzz_finding *finding)
{
	for (size_t i = 0; i < fuzz->nr_calls && finding->nr_before == 1; i++) {
		const struct fuzz_call *call = &fuzz->calls[i];
		struct fuzz_finding simple = *finding;
		bool same;
		int ret;

		if (call->dropped || call->sc->fid != (uint32_t)finding->before[0].x[0])
			continue;
		simple.before[0] = call->bases[0].in;
		ret = fuzz_departs(fuzz, port, cpu, &simple, &simple.in, &same);
		if (!ret && same)
			*finding = simple;
		return ret;
	}
	return 0;
}

static int confirm(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		   struct fuzz_finding *finding, const struct ffa_regs *batch, unsigned int at,
		   const struct fuzz_round *round, bool *departs)
{
	const struct sweep_result result = finding->result;
	int ret = fuzz_departs(fuzz, port, cpu, finding, &finding->in, departs);

	if (!ret && !*departs)
		ret = try_after(fuzz, port, cpu, finding, batch, at, departs);
	/* A busy machine makes some calls slow. */
	if (!ret && !*departs && finding->kind != FUZZ_SLOW) {
		finding->when = FUZZ_SOMETIMES;
		ret = fuzz_departs(fuzz, port, cpu, finding, &finding->in, departs);
	}
	/* The other CPUs are the cause only of what this one does not show alone. */
	if (!ret && !*departs && round) {
		finding->result = result;
		ret = fuzz_find_cause(fuzz, port, cpu, finding, round, departs);
	}
	return ret;
}

/* Whether the finding needs nothing that this call does not set as well. */
static bool is_part_of(const struct fuzz_finding *finding, const struct ffa_regs *in)
{
	const struct fuzz_call *call = finding->call;
	bool any = false;

	for (size_t i = 0; i < call->nr_units; i++) {
		if (!fuzz_unit_differs(&call->units[i], finding->base, finding->in.x))
			continue;
		any = true;
		if (!fuzz_unit_differs(&call->units[i], finding->base, in->x))
			return false;
	}
	return any;
}

static struct fuzz_finding *find_known(const struct fuzz *fuzz, const struct fuzz_finding *new,
				       int cpu)
{
	for (size_t i = 0; i < fuzz->nr_findings; i++) {
		struct fuzz_finding *known = &fuzz->findings[i];

		if (known->call == new->call && known->base == new->base &&
		    known->kind == new->kind && (known->cpu < 0 || known->cpu == cpu) &&
		    is_part_of(known, &new->in))
			return known;
	}
	return NULL;
}

/* A finding of the call that depends on more than its registers. */
static struct fuzz_finding *find_fickle(const struct fuzz *fuzz, const struct fuzz_finding *new)
{
	for (size_t i = 0; i < fuzz->nr_findings; i++) {
		struct fuzz_finding *known = &fuzz->findings[i];

		if (known->call == new->call && known->kind == new->kind &&
		    (known->when == FUZZ_AFTER || is_seldom(known)))
			return known;
	}
	return NULL;
}

/* Whether it departs on no other CPU. */
static int check_cpus(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		      struct fuzz_finding *finding)
{
	unsigned int tried = 0;

	/* There it departs seldom, which says nothing of a CPU. */
	if (finding->when == FUZZ_AT_ONCE)
		return 0;
	for (size_t i = 0; i < port->nr_cpus && tried < MAX_CPUS; i++) {
		struct fuzz_finding there = *finding;
		bool departs;
		int ret;

		if (port->cpus[i] == cpu)
			continue;
		ret = fuzz_departs(fuzz, port, port->cpus[i], &there, &there.in, &departs);
		if (ret || departs)
			return ret;
		tried++;
	}
	if (tried)
		finding->cpu = cpu;
	return 0;
}

/* Known already, or one more than is kept of this call. */
static int is_settled(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		      struct fuzz_finding *finding, bool *settled)
{
	struct fuzz_finding *known = find_known(fuzz, finding, cpu);
	struct fuzz_finding *fickle = find_fickle(fuzz, finding);
	bool departs;
	int ret;

	*settled = known || finding->call->nr_findings >= MAX_FINDINGS;
	if (known)
		known->seen++;
	if (*settled || !fickle)
		return 0;
	ret = fuzz_departs(fuzz, port, cpu, finding, &finding->in, &departs);
	*settled = !departs;
	fickle->seen += !departs;
	return ret;
}

static void note_passing(struct fuzz *fuzz, struct fuzz_call *call, struct fuzz_finding *finding)
{
	/* The machine stalled; that is no property of the call. */
	if (finding->kind == FUZZ_SLOW) {
		fuzz->departures--;
		call->departures--;
		return;
	}
	finding->when = FUZZ_ALWAYS;
	finding->nr_before = 0;
	if (!fuzz->passing++) {
		fuzz_describe(finding);
		memcpy(fuzz->passing_text, finding->text, sizeof(fuzz->passing_text));
	}
}

int fuzz_investigate(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		     const struct ffa_regs *in, unsigned int at, struct fuzz_call *call,
		     const struct fuzz_base *base, const struct sweep_result *result,
		     const struct fuzz_round *round)
{
	struct fuzz_finding finding = {
		.call = call,
		.base = base,
		.kind = fuzz_judge(fuzz, base, &in[at], result),
		.in = in[at],
		.drawn = in[at],
		.result = *result,
		.cpu = -1,
	};
	struct fuzz_finding *known, last;
	bool settled, departs = false;
	int ret = is_settled(fuzz, port, cpu, &finding, &settled);

	if (ret || settled)
		return ret;
	ret = confirm(fuzz, port, cpu, &finding, in, at, round, &departs);
	if (!ret && !departs) {
		note_passing(fuzz, call, &finding);
		return 0;
	}
	if (!ret)
		ret = fuzz_reduce(fuzz, port, cpu, &finding);
	if (!ret)
		ret = simplify_before(fuzz, port, cpu, &finding);
	/* So that the result belongs to the reduced call. */
	last = finding;
	if (!ret)
		ret = fuzz_departs(fuzz, port, cpu, &last, &last.in, &departs);
	if (departs)
		finding = last;
	known = find_known(fuzz, &finding, cpu);
	if (known)
		known->seen++;
	if (ret || known)
		return ret;
	ret = check_cpus(fuzz, port, cpu, &finding);
	return ret ? ret : fuzz_add(fuzz, &finding) ? 0 : -ENOMEM;
}

/* The one bit that the finding is about, or the first of several. */
static void keep_one_bit(struct fuzz_finding *finding)
{
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		uint64_t flipped = finding->in.x[reg] ^ finding->base->in.x[reg];

		if (!flipped)
			continue;
		finding->in = finding->base->in;
		finding->in.x[reg] ^= flipped & -flipped;
		return;
	}
}

int fuzz_explain_first(struct fuzz *fuzz, const struct fuzz_port *port,
		       struct fuzz_finding *finding)
{
	struct fuzz_finding again = *finding;
	bool departs;
	int ret;

	keep_one_bit(&again);
	again.when = FUZZ_AFTER;
	again.before[0] = again.base->in;
	again.nr_before = 1;
	ret = fuzz_departs(fuzz, port, port->cpus[0], &again, &again.in, &departs);
	if (!ret && !departs) {
		again.when = FUZZ_SOMETIMES;
		again.nr_before = 0;
		ret = fuzz_departs(fuzz, port, port->cpus[0], &again, &again.in, &departs);
	}
	if (ret)
		return ret;
	return fuzz_add(fuzz, departs ? &again : finding) ? 0 : -ENOMEM;
}
