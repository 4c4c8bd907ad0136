// SPDX-License-Identifier: GPL-2.0-only
/* Classifies probes by who refused them, and merges ranges of equal class. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ffa/proxy.h"
#include "sweep/sweep.h"

static const struct {
	const char *name;
	char letter;
} classes[SWEEP_NR_CLASSES] = {
	[SWEEP_UNKNOWN] = { "unknown", 'U' }, [SWEEP_ENFORCED] = { "enforced", 'E' },
	[SWEEP_SECURE] = { "secure", 'S' },   [SWEEP_ACCEPTED] = { "accepted", 'A' },
	[SWEEP_ABSENT] = { "absent", 'N' },   [SWEEP_DROPPED] = { "dropped", 'D' },
	[SWEEP_BLOCKED] = { "blocked", 'B' }, [SWEEP_SKIPPED] = { "skipped", '-' },
};

const char *sweep_class_name(enum sweep_class class)
{
	return classes[class].name;
}

char sweep_class_letter(enum sweep_class class)
{
	return classes[class].letter;
}

int sweep_class_by_name(const char *name, enum sweep_class *class)
{
	for (unsigned int i = 0; i < SWEEP_NR_CLASSES; i++) {
		if (!strcmp(classes[i].name, name)) {
			*class = (enum sweep_class)i;
			return 0;
		}
	}
	return -EINVAL;
}

static bool is_error(const struct sweep_result *result)
{
	return result->has_status && result->status < 0;
}

bool sweep_same_status(const struct sweep_result *a, const struct sweep_result *b)
{
	return a->has_status == b->has_status && (!a->has_status || a->status == b->status);
}

#define STATUS_NOT_SUPPORTED (-1) /* DEN0077A 1.3 ALP4 Table 12.2 */

static bool is_success(const struct sweep_result *result)
{
	return result->has_status && !result->status;
}

static bool lacks_the_call(const struct sweep_result *control)
{
	return control->verdict.kind == VERDICT_FORWARDED && control->has_status &&
	       control->status == STATUS_NOT_SUPPORTED;
}

/*
 * EL2 refused the probe. If EL2 also refuses the control, only a different error shows that it
 * checked the bit. An error of a call that EL2 blocks shows nothing.
 */
static enum sweep_class classify_rejected(const struct sweep_result *control,
					  const struct sweep_result *result)
{
	if (control->verdict.kind != VERDICT_REJECTED)
		return SWEEP_ENFORCED;
	if (!is_error(control) || control->status == STATUS_NOT_SUPPORTED ||
	    sweep_same_status(control, result))
		return SWEEP_BLOCKED;
	return SWEEP_ENFORCED;
}

/*
 * The control may itself return an error: TrustZone denies a notification that is already bound,
 * and does not implement every call. A probe with the same error reached the same place.
 */
enum sweep_class sweep_classify(const struct sweep_call *call, const struct sweep_probe *probe)
{
	const struct sweep_result *control = &call->control, *result = &probe->result;
	bool same = sweep_same_status(control, result);

	if (!result->made)
		return SWEEP_SKIPPED;
	if (!control->made || control->verdict.kind == VERDICT_UNKNOWN ||
	    result->verdict.kind == VERDICT_UNKNOWN || probe->other_state)
		return SWEEP_UNKNOWN;
	if (result->verdict.kind == VERDICT_REJECTED)
		return classify_rejected(control, result);
	if (result->verdict.rebuilt &&
	    !ffa_call_el2_passes(call->fid, probe->reg, probe->bit, is_success(result)))
		/* A bit that never left EL2 cannot change the answer. */
		return same ? SWEEP_DROPPED : SWEEP_UNKNOWN;
	if (is_error(result) && !same)
		return SWEEP_SECURE;
	return same && lacks_the_call(control) ? SWEEP_ABSENT : SWEEP_ACCEPTED;
}

void sweep_count(const struct sweep_call *call, size_t count[SWEEP_NR_CLASSES])
{
	memset(count, 0, SWEEP_NR_CLASSES * sizeof(*count));
	for (size_t i = 0; i < call->nr_probes; i++)
		count[call->probes[i].class]++;
}

/* Returns the index after the run of adjacent bits that starts at `from`. */
static size_t run_end(const struct sweep_call *call, size_t from, sweep_alike_fn alike,
		      const void *ctx)
{
	const struct sweep_probe *p = call->probes;
	size_t end = from + 1;

	while (end < call->nr_probes && p[end].reg == p[from].reg && p[end].wide == p[from].wide &&
	       p[end].bit + 1 == p[end - 1].bit && alike(ctx, call, from, end))
		end++;
	return end;
}

size_t sweep_next_range(const struct sweep_call *call, size_t from, sweep_alike_fn alike,
			const void *ctx, struct sweep_range *range)
{
	const struct sweep_probe *p = call->probes;
	size_t end = run_end(call, from, alike, ctx);

	*range = (struct sweep_range){
		.call = call,
		.first = from,
		.reg = p[from].reg,
		.last = p[from].reg,
		.hi = p[from].bit,
		.lo = p[end - 1].bit,
		.wide = p[from].wide,
	};

	while (end < call->nr_probes && p[end].reg == range->last + 1 && p[end].bit == range->hi &&
	       p[end].wide == range->wide && alike(ctx, call, from, end)) {
		size_t next = run_end(call, end, alike, ctx);

		if (p[next - 1].bit != range->lo)
			break;
		range->last++;
		end = next;
	}
	return end;
}

size_t sweep_format_range(const struct sweep_range *range, char *buf, size_t size)
{
	char kind = range->wide ? 'x' : 'w';
	char regs[24], bits[16] = "";

	if (range->last > range->reg)
		snprintf(regs, sizeof(regs), "%c%u-%c%u", kind, range->reg, kind, range->last);
	else
		snprintf(regs, sizeof(regs), "%c%u", kind, range->reg);

	if (range->hi == range->lo)
		snprintf(bits, sizeof(bits), "[%u]", range->hi);
	else if (range->lo || range->hi != (range->wide ? 63 : 31))
		snprintf(bits, sizeof(bits), "[%u:%u]", range->hi, range->lo);

	return (size_t)snprintf(buf, size, "%s%s", regs, bits);
}

size_t sweep_format_place(const struct sweep_value *value, const struct sweep_range *range,
			  char *buf, size_t size)
{
	if (value)
		return (size_t)snprintf(buf, size, "%s", value->words);
	return sweep_format_range(range, buf, size);
}

const char *sweep_short_name(const struct sweep_call *call)
{
	static const char *const prefixes[] = { "FFA_", "NOTIFICATION_" };
	const char *name = call->name;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			name += strlen(prefixes[i]);
	}
	return name;
}
