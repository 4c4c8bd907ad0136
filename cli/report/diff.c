// SPDX-License-Identifier: GPL-2.0-only
/* The differences between two sweeps as a table. */
#include <stdio.h>

#include "report/sweep.h"

#define CALL_WIDTH  18 /* without "FFA_" and "NOTIFICATION_" */
#define BITS_WIDTH  14
#define RULE_WIDTH  5
#define CLASS_WIDTH 24

#define BOLD	    "\033[1m"
#define PLAIN	    "\033[0m"

static const char *class_name(enum sweep_class class)
{
	return class == SWEEP_SKIPPED ? "not swept" : sweep_class_name(class);
}

static void format_control(const struct sweep_result *control, char *buf, size_t size)
{
	const char *status =
		control && control->has_status ? ffa_status_name(control->status) : NULL;

	if (!control)
		snprintf(buf, size, "not swept");
	else
		snprintf(buf, size, "%s%s%s", verdict_kind_name(control->verdict.kind),
			 status ? " " : "", status ? status : "");
}

static void put_change(FILE *out, const struct sweep_change *change)
{
	char bits[64] = "control", from[40], to[40];

	if (change->is_control) {
		format_control(change->before, from, sizeof(from));
		format_control(change->after, to, sizeof(to));
	} else {
		sweep_format_place(change->value, &change->range, bits, sizeof(bits));
		snprintf(from, sizeof(from), "%s", class_name(change->from));
		snprintf(to, sizeof(to), "%s", class_name(change->to));
	}
	fprintf(out, "%-*s %-*s %-*s %-*s %s\n", CALL_WIDTH, sweep_short_name(change->call),
		BITS_WIDTH, bits, RULE_WIDTH, change->is_control ? "" : ffa_rule_name(change->rule),
		CLASS_WIDTH, from, to);
}

static bool is_missing(const struct sweep_change *change)
{
	if (change->is_control)
		return !change->before || !change->after;
	return change->from == SWEEP_SKIPPED || change->to == SWEEP_SKIPPED;
}

void report_diff(FILE *out, const char *from, const char *to, const struct sweep_diff *diff,
		 bool missing, bool color)
{
	bool any = false;

	for (size_t i = 0; i < diff->nr; i++) {
		if (is_missing(&diff->changes[i]) && !missing)
			continue;
		if (!any)
			fprintf(out, "%s%-*s %-*s %-*s %-*s %s%s\n", color ? BOLD : "", CALL_WIDTH,
				"Call", BITS_WIDTH, "Bits", RULE_WIDTH, "Rule", CLASS_WIDTH, from,
				to, color ? PLAIN : "");
		any = true;
		put_change(out, &diff->changes[i]);
	}
	if (any)
		fputc('\n', out);
	fprintf(out, "%zu bit%s changed, ", diff->bits, diff->bits == 1 ? "" : "s");
	if (diff->values)
		fprintf(out, "%zu value%s changed, ", diff->values, diff->values == 1 ? "" : "s");
	fprintf(out, "%zu control%s got a different verdict", diff->controls,
		diff->controls == 1 ? "" : "s");
	if (diff->missing)
		fprintf(out, "; only one of the sweeps has %zu bits", diff->missing);
	fputs(".\n", out);
}
