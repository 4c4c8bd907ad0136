// SPDX-License-Identifier: GPL-2.0-only
/* Many sweeps side by side, as text. */
#include <string.h>

#include "report/compare.h"

#define CALL_WIDTH  18 /* "FFA_" and "NOTIFICATION_" are left out */
#define BITS_WIDTH  14 /* at least */
#define RULE_WIDTH  7
#define WORD_WIDTH  11 /* "forwarded", two blanks */
#define MAX_CHANGES 6  /* of a group, without -v */

#define BOLD	    "\033[1m"
#define PLAIN	    "\033[0m"

void report_compare_totals(const struct sweep_table *t, struct report_compare_totals *totals)
{
	*totals = (struct report_compare_totals){ 0 };
	for (size_t i = 0; i < t->nr_rows; i++) {
		const struct table_row *row = &t->rows[i];

		if (row->is_control)
			++*(row->differs ? &totals->controls : &totals->alike_controls);
		else if (row->value)
			++*(row->differs ? &totals->values : &totals->alike_values);
		else
			*(row->differs ? &totals->bits : &totals->alike_bits) += row->bits;
	}
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void report_compare_summary(FILE *out, const struct report_compare_totals *t)
{
	fprintf(out, "%zu bit%s, %zu value%s and %zu control%s differ; %zu, %zu and %zu do not.",
		t->bits, plural(t->bits), t->values, plural(t->values), t->controls,
		plural(t->controls), t->alike_bits, t->alike_values, t->alike_controls);
}

bool report_compare_departs(const struct sweep_table *t, size_t group)
{
	return sweep_table_compare(t, t->columns[0].group, group, NULL, NULL) > 0;
}

static void see_known(void *ctx, const struct table_change *change)
{
	uint8_t unknown =
		(change->row.is_control ? (uint8_t)VERDICT_UNKNOWN : (uint8_t)SWEEP_UNKNOWN) + 1;

	*(bool *)ctx |= change->to != unknown;
}

void report_compare_departures(const struct sweep_table *t, size_t *departs, size_t *unknown)
{
	*departs = *unknown = 0;
	for (size_t i = 0; i < t->nr_groups; i++) {
		size_t baseline = t->columns[0].group;
		bool known = false;

		if (!sweep_table_compare(t, baseline, i, see_known, &known))
			continue;
		*departs += t->groups[i].members;
		*unknown += known ? 0 : t->groups[i].members;
	}
}

size_t report_compare_change(const struct table_change *change, char *buf, size_t size)
{
	const struct table_row *row = &change->row;
	char place[64];

	sweep_table_place(row, place, sizeof(place));
	return (size_t)snprintf(buf, size, "%s %s: %s -> %s", sweep_short_name(&row->call->call),
				place, sweep_table_cell_name(row, change->from),
				sweep_table_cell_name(row, change->to));
}

char report_compare_letter(const struct table_row *row, uint8_t cell)
{
	static const char verdicts[] = {
		[VERDICT_UNKNOWN] = '?',
		[VERDICT_REJECTED] = 'R',
		[VERDICT_ANSWERED] = 'H',
		[VERDICT_FORWARDED] = 'F',
	};

	if (!cell)
		return '.';
	return row->is_control ? verdicts[cell - 1]
			       : sweep_class_letter((enum sweep_class)(cell - 1));
}

/* The widest place of a row that is shown; words of values can be longer than ranges. */
static size_t bits_width(const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	size_t width = BITS_WIDTH;
	char place[64];

	for (size_t i = 0; i < t->nr_rows; i++) {
		size_t len;

		if (!report->all && !t->rows[i].differs)
			continue;
		len = sweep_table_place(&t->rows[i], place, sizeof(place));
		width = len > width ? len : width;
	}
	return width;
}

static size_t room_for_cells(const struct report_compare *report)
{
	size_t fixed = CALL_WIDTH + 1 + bits_width(report) + 1 + RULE_WIDTH + 1;

	return report->width > fixed ? report->width - fixed : 1;
}

/* Whether the rows can show each result as a word; else as a letter. */
static bool fits_in_words(const struct report_compare *report)
{
	return report->table->nr_groups * WORD_WIDTH <= room_for_cells(report) + 2;
}

/* ---- groups ---- */

/* The names of a group's sweeps, as many as fit into the width. */
static void put_members(FILE *out, const struct report_compare *report, size_t group)
{
	const struct sweep_table *t = report->table;
	size_t at = 16, left = t->groups[group].members;
	const char *separator = "";

	for (size_t i = t->groups[group].first; i < t->nr_columns && left; i++) {
		const struct table_column *column = &t->columns[i];
		size_t len = strlen(column->name) + 2;

		if (column->group != group)
			continue;
		if (*separator && !report->verbose && at + len + 14 > report->width)
			break;
		fprintf(out, "%s%s", separator, column->name);
		separator = ", ";
		at += len;
		left--;
	}
	if (left)
		fprintf(out, " and %zu more", left);
	fputc('\n', out);
}

static bool same_kernel(const struct sweep_table *t, size_t group)
{
	const struct table_column *first = &t->columns[t->groups[group].first];

	for (size_t i = t->groups[group].first; i < t->nr_columns; i++) {
		const struct table_column *column = &t->columns[i];

		if (column->group == group &&
		    (strcmp(column->kernel, first->kernel) || column->version != first->version))
			return false;
	}
	return true;
}

struct lines {
	FILE *out;
	size_t nr, most;
};

static void put_change(void *ctx, const struct table_change *change)
{
	struct lines *lines = ctx;
	char text[160];

	if (lines->nr++ >= lines->most)
		return;
	report_compare_change(change, text, sizeof(text));
	fprintf(lines->out, "      %s\n", text);
}

/* What a group has that the reference, the baseline or the largest group, has not. */
static void put_changes(FILE *out, const struct report_compare *report, size_t from, size_t group)
{
	struct lines lines = { .out = out, .most = report->verbose ? SIZE_MAX : MAX_CHANGES };

	if (from == group)
		return;
	sweep_table_compare(report->table, from, group, put_change, &lines);
	if (lines.nr > lines.most)
		fprintf(out, "      and %zu more (-v shows them)\n", lines.nr - lines.most);
	if (!lines.nr)
		fputs("      the same wherever both were tried\n", out);
}

static void put_group(FILE *out, const struct report_compare *report, size_t reference,
		      size_t group)
{
	const struct sweep_table *t = report->table;
	const struct table_group *g = &t->groups[group];
	const struct table_column *first = &t->columns[g->first];

	fprintf(out, "%s%4zu%s  %zu sweep%s: ", report->color ? BOLD : "", group + 1,
		report->color ? PLAIN : "", g->members, g->members == 1 ? "" : "s");
	put_members(out, report, group);
	if (same_kernel(t, group))
		fprintf(out, "      Linux %s, FF-A %s%s\n", first->kernel,
			ffa_version_name(first->version),
			report->expected && group == reference ? ", as the baseline" : "");
	else
		fprintf(out, "      several kernels%s\n",
			report->expected && group == reference ? ", as the baseline" : "");
	if (report->verbose || !fits_in_words(report))
		put_changes(out, report, reference, group);
}

static void put_groups(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	size_t reference = report->expected ? t->columns[0].group : 0;

	fprintf(out, "%zu sweep%s, %zu different result%s\n\n", t->nr_columns,
		t->nr_columns == 1 ? "" : "s", t->nr_groups, t->nr_groups == 1 ? "" : "s");
	for (size_t i = 0; i < t->nr_groups; i++)
		put_group(out, report, reference, i);
	fputc('\n', out);
}

/* ---- rows ---- */

static void put_head(FILE *out, const struct report_compare *report, size_t from, size_t until,
		     bool words)
{
	fprintf(out, "%s%-*s %-*s %-*s ", report->color ? BOLD : "", CALL_WIDTH, "Call",
		(int)bits_width(report), "Bits", RULE_WIDTH, "Rule");
	for (size_t i = from; i < until; i++) {
		if (words)
			fprintf(out, "%-*zu", i + 1 < until ? WORD_WIDTH : 0, i + 1);
		else
			fprintf(out, "%zu", (i + 1) % 10);
	}
	fprintf(out, "%s\n", report->color ? PLAIN : "");
}

static void put_row(FILE *out, const struct sweep_table *t, const struct table_row *row,
		    size_t width, size_t from, size_t until, bool words)
{
	char place[64], rules[16];

	sweep_table_place(row, place, sizeof(place));
	sweep_table_rules(row, rules, sizeof(rules));
	fprintf(out, "%-*s %-*s %-*s ", CALL_WIDTH, sweep_short_name(&row->call->call), (int)width,
		place, RULE_WIDTH, rules);
	for (size_t i = from; i < until; i++) {
		uint8_t cell = sweep_table_cell(&t->groups[i], row->slot);

		if (words)
			fprintf(out, "%-*s", i + 1 < until ? WORD_WIDTH : 0,
				sweep_table_cell_name(row, cell));
		else
			fputc(report_compare_letter(row, cell), out);
	}
	fputc('\n', out);
}

/* Groups from to until - 1; a table for each width of groups. */
static void put_block(FILE *out, const struct report_compare *report, size_t from, size_t until,
		      bool words)
{
	const struct sweep_table *t = report->table;
	size_t width = bits_width(report);

	put_head(out, report, from, until, words);
	for (size_t i = 0; i < t->nr_rows; i++) {
		if (report->all || t->rows[i].differs)
			put_row(out, t, &t->rows[i], width, from, until, words);
	}
	fputc('\n', out);
}

static void put_key(FILE *out)
{
	for (unsigned int i = 0; i < SWEEP_NR_CLASSES; i++) {
		if (i != SWEEP_SKIPPED)
			fprintf(out, "%c %s  ", sweep_class_letter(i), sweep_class_name(i));
	}
	fputs("\n. not tried; of a control: F forwarded  R rejected  H answered by EL2  ? unknown\n\n",
	      out);
}

static void put_rows(FILE *out, const struct report_compare *report)
{
	size_t nr = report->table->nr_groups;
	bool words = fits_in_words(report);
	size_t step = words ? nr : room_for_cells(report);

	for (size_t from = 0; from < nr; from += step) {
		size_t until = from + step < nr ? from + step : nr;

		if (step < nr)
			fprintf(out, "Results %zu to %zu\n", from + 1, until);
		put_block(out, report, from, until, words);
	}
	if (!words)
		put_key(out);
}

static void put_departures(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	size_t departs, unknown;

	report_compare_departures(t, &departs, &unknown);
	fprintf(out, "%zu of %zu sweeps depart from %s", departs, t->nr_columns - 1,
		t->columns[0].name);
	if (unknown)
		fprintf(out, ", %zu of them in unknown results only", unknown);
	fputs(departs ? ":\n" : ".\n", out);
	for (size_t i = 1; i < t->nr_columns; i++) {
		if (report_compare_departs(t, t->columns[i].group))
			fprintf(out, "  %s (result %zu)\n", t->columns[i].name,
				t->columns[i].group + 1);
	}
}

void report_compare_text(FILE *out, const struct report_compare *report)
{
	struct report_compare_totals totals;

	put_groups(out, report);
	report_compare_totals(report->table, &totals);
	if (report->all || totals.bits || totals.values || totals.controls)
		put_rows(out, report);
	report_compare_summary(out, &totals);
	fputc('\n', out);
	if (report->expected)
		put_departures(out, report);
}
