// SPDX-License-Identifier: GPL-2.0-only
/* The differences between two sweeps as a table. */
#include <stdio.h>
#include <string.h>

#include "ffa/answer.h"
#include "report/sweep.h"

#define RULE_WIDTH 5

/* Widths of columns, in characters. Each grows to its longest text. */
struct widths {
	int call, bits, class;
};

static const struct widths least = { .call = 18, .bits = 14, .class = 24 };

/* The texts of one row. */
struct row {
	char bits[64], from[40], to[40];
};

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

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

static void format_change(const struct sweep_change *change, struct row *row)
{
	if (change->is_control) {
		snprintf(row->bits, sizeof(row->bits), "control");
		format_control(change->before, row->from, sizeof(row->from));
		format_control(change->after, row->to, sizeof(row->to));
	} else {
		sweep_format_place(change->value, &change->range, row->bits, sizeof(row->bits));
		snprintf(row->from, sizeof(row->from), "%s", class_name(change->from));
		snprintf(row->to, sizeof(row->to), "%s", class_name(change->to));
	}
}

static void put_change(FILE *out, const struct sweep_change *change, const struct widths *widths)
{
	struct row row;

	format_change(change, &row);
	fprintf(out, "%-*s %-*s %-*s %-*s %s\n", widths->call, sweep_short_name(change->call),
		widths->bits, row.bits, RULE_WIDTH,
		change->is_control ? "" : ffa_rule_name(change->rule), widths->class, row.from,
		row.to);
}

static void widen(int *width, const char *text)
{
	int len = (int)strlen(text);

	if (len > *width)
		*width = len;
}

static bool is_missing(const struct sweep_change *change)
{
	if (change->is_control)
		return !change->before || !change->after;
	return change->from == SWEEP_SKIPPED || change->to == SWEEP_SKIPPED;
}

static struct widths measure(const char *from, const struct sweep_diff *diff, bool missing)
{
	struct widths widths = least;

	widen(&widths.class, from);
	for (size_t i = 0; i < diff->nr; i++) {
		struct row row;

		if (is_missing(&diff->changes[i]) && !missing)
			continue;
		format_change(&diff->changes[i], &row);
		widen(&widths.call, sweep_short_name(diff->changes[i].call));
		widen(&widths.bits, row.bits);
		widen(&widths.class, row.from);
	}
	return widths;
}

void report_diff(FILE *out, const char *from, const char *to, const struct sweep_diff *diff,
		 bool missing, bool color)
{
	const struct widths widths = measure(from, diff, missing);
	bool any = false;

	for (size_t i = 0; i < diff->nr; i++) {
		if (is_missing(&diff->changes[i]) && !missing)
			continue;
		if (!any)
			fprintf(out, "%s%-*s %-*s %-*s %-*s %s%s\n", color ? BOLD : "", widths.call,
				"Call", widths.bits, "Bits", RULE_WIDTH, "Rule", widths.class, from,
				to, color ? PLAIN : "");
		any = true;
		put_change(out, &diff->changes[i], &widths);
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
