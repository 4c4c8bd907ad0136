// SPDX-License-Identifier: GPL-2.0-only
/* Compares two sweeps: which bits changed class. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"

/* The call with this identifier in the other sweep, or NULL. */
static const struct sweep_call *find_call(const struct sweep *sweep, uint32_t fid)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		if (sweep->calls[i].fid == fid)
			return &sweep->calls[i];
	}
	return NULL;
}

static enum sweep_class class_in(const struct sweep_call *call, const struct sweep_probe *like)
{
	for (size_t i = 0; i < call->nr_probes; i++) {
		const struct sweep_probe *probe = &call->probes[i];

		if (probe->reg == like->reg && probe->bit == like->bit && probe->wide == like->wide)
			return probe->class;
	}
	return SWEEP_SKIPPED;
}

struct pairs {
	const enum sweep_class *other; /* one for each probe */
};

static bool alike(const void *ctx, const struct sweep_call *call, size_t a, size_t b)
{
	const struct pairs *pairs = ctx;

	return call->probes[a].class == call->probes[b].class &&
	       call->probes[a].rule == call->probes[b].rule && pairs->other[a] == pairs->other[b];
}

static int add(struct sweep_diff *diff, const struct sweep_change *change)
{
	struct sweep_change *more = reallocarray(diff->changes, diff->nr + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	diff->changes = more;
	more[diff->nr++] = *change;
	return 0;
}

static void count(struct sweep_diff *diff, const struct sweep_change *change)
{
	size_t bits = (size_t)(change->range.last - change->range.reg + 1) *
		      (size_t)(change->range.hi - change->range.lo + 1);

	if (change->from == SWEEP_SKIPPED || change->to == SWEEP_SKIPPED) {
		diff->missing += bits;
		return;
	}
	diff->bits += bits;
	if (change->to == SWEEP_UNKNOWN)
		diff->newly_unknown += bits;
}

/*
 * Compares the probes of `call` with those of `other`. only_missing: only the probes that `other`
 * lacks; the rest were compared in the other direction. newer: `call` belongs to the newer sweep.
 */
static int compare_probes(const struct sweep_call *call, const struct sweep_call *other, bool newer,
			  bool only_missing, struct sweep_diff *diff)
{
	enum sweep_class *classes = calloc(call->nr_probes + 1, sizeof(*classes));
	struct pairs pairs = { .other = classes };
	int ret = 0;

	if (!classes)
		return -ENOMEM;
	for (size_t i = 0; i < call->nr_probes; i++)
		classes[i] = class_in(other, &call->probes[i]);

	for (size_t i = 0; i < call->nr_probes && !ret;) {
		enum sweep_class mine = call->probes[i].class, theirs = classes[i];
		struct sweep_change change = {
			.call = call,
			.rule = call->probes[i].rule,
			.from = newer ? theirs : mine,
			.to = newer ? mine : theirs,
		};

		i = sweep_next_range(call, i, alike, &pairs, &change.range);
		if (mine == theirs || (only_missing && theirs != SWEEP_SKIPPED))
			continue;
		count(diff, &change);
		ret = add(diff, &change);
	}
	free(classes);
	return ret;
}

static const struct sweep_probe *find_value(const struct sweep_call *call, const char *words)
{
	for (size_t i = 0; i < call->nr_values; i++) {
		if (!strcmp(call->values[i].words, words))
			return &call->probes[call->nr_probes + i];
	}
	return NULL;
}

/* As compare_probes(), for values. A value that one of the sweeps did not try is no change. */
static int compare_values(const struct sweep_call *now, const struct sweep_call *then,
			  struct sweep_diff *diff)
{
	for (size_t i = 0; i < now->nr_values; i++) {
		const struct sweep_probe *after = &now->probes[now->nr_probes + i];
		const struct sweep_probe *before = find_value(then, now->values[i].words);
		struct sweep_change change = {
			.call = now,
			.value = &now->values[i],
			.rule = after->rule,
			.from = before ? before->class : SWEEP_SKIPPED,
			.to = after->class,
		};

		if (change.from == change.to || change.from == SWEEP_SKIPPED ||
		    change.to == SWEEP_SKIPPED)
			continue;
		diff->values++;
		diff->newly_unknown += change.to == SWEEP_UNKNOWN;
		if (add(diff, &change))
			return -ENOMEM;
	}
	return 0;
}

static int compare_controls(const struct sweep_call *from, const struct sweep_call *to,
			    struct sweep_diff *diff)
{
	const struct sweep_result *before = from && from->control.made ? &from->control : NULL;
	const struct sweep_result *after = to && to->control.made ? &to->control : NULL;
	struct sweep_change change = {
		.call = to ? to : from, .is_control = true, .before = before, .after = after
	};

	if (before && after && before->verdict.kind == after->verdict.kind)
		return 0;
	if (!before && !after)
		return 0;
	if (before && after) {
		diff->controls++;
		diff->controls_unknown += after->verdict.kind == VERDICT_UNKNOWN;
	} else {
		diff->missing += (before ? from : to)->nr_probes;
	}
	return add(diff, &change);
}

int sweep_compare(const struct sweep *from, const struct sweep *to, struct sweep_diff *diff)
{
	int ret = 0;

	*diff = (struct sweep_diff){ 0 };
	for (size_t i = 0; i < to->nr_calls && !ret; i++) {
		const struct sweep_call *now = &to->calls[i];
		const struct sweep_call *then = find_call(from, now->fid);

		ret = compare_controls(then, now, diff);
		if (ret || !then || !then->control.made || !now->control.made)
			continue;
		ret = compare_probes(now, then, true, false, diff);
		if (!ret)
			ret = compare_probes(then, now, false, true, diff);
		if (!ret)
			ret = compare_values(now, then, diff);
	}
	for (size_t i = 0; i < from->nr_calls && !ret; i++) {
		if (!find_call(to, from->calls[i].fid))
			ret = compare_controls(&from->calls[i], NULL, diff);
	}

	if (ret)
		sweep_diff_free(diff);
	return ret;
}

void sweep_diff_free(struct sweep_diff *diff)
{
	free(diff->changes);
	*diff = (struct sweep_diff){ 0 };
}
