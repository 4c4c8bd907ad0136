// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many sweeps as a page. It must stay small and fast with hundreds of different results, so a row of
 * the matrix is one letter per result, which compare.js colours.
 */
#include <ctype.h>
#include <string.h>

#include "base/markup.h"
#include "config.h"
#include "report/compare.h"

#include "compare.css.h"
#include "compare.js.h"

#define SHOWN_NAMES   5	 /* of a group; the rest unfolds */
#define SHOWN_CHANGES 10 /* of a group; the matrix has them all */

static char css_class(char letter)
{
	switch (letter) {
	case '?': /* a control */
	case 'U':
		return 'Q';
	case 'N':
		return 'L';
	case '.':
		return 'N';
	default:
		return letter;
	}
}

/* The index of the next column of a group, nr_columns after the last. */
static size_t next_member(const struct sweep_table *t, size_t group, size_t from)
{
	while (from < t->nr_columns && t->columns[from].group != group)
		from++;
	return from;
}

static void put_lower(FILE *out, const char *text)
{
	char c[2] = "";

	for (; *text; text++) {
		c[0] = (char)tolower((unsigned char)*text);
		markup_put_attribute(out, c);
	}
}

static void put_names(FILE *out, const struct sweep_table *t, size_t group)
{
	size_t shown = 0, members = t->groups[group].members;

	for (size_t i = next_member(t, group, 0); i < t->nr_columns;
	     i = next_member(t, group, i + 1)) {
		if (shown == SHOWN_NAMES)
			fprintf(out, "<details><summary>and %zu more</summary>", members - shown);
		fputs("<span title=\"Linux ", out);
		markup_put_attribute(out, t->columns[i].kernel);
		fprintf(out, ", FF-A %s\">", ffa_version_name(t->columns[i].version));
		markup_put(out, t->columns[i].name);
		fputs("</span>", out);
		if (++shown < members && shown != SHOWN_NAMES)
			fputs(", ", out);
	}
	if (members > SHOWN_NAMES)
		fputs("</details>", out);
}

struct list {
	FILE *out;
	size_t nr;
};

static void put_change(void *ctx, const struct table_change *change)
{
	struct list *list = ctx;
	char text[160];

	if (list->nr++ >= SHOWN_CHANGES)
		return;
	report_compare_change(change, text, sizeof(text));
	markup_put(list->out, text);
	fputs("<br>", list->out);
}

static void put_group(FILE *out, const struct report_compare *report, size_t reference,
		      size_t group)
{
	const struct sweep_table *t = report->table;
	struct list list = { .out = out };

	fprintf(out, "<tr%s data-files=\"", group == reference ? " class=\"base\"" : "");
	for (size_t i = next_member(t, group, 0); i < t->nr_columns;
	     i = next_member(t, group, i + 1)) {
		put_lower(out, t->columns[i].name);
		fputc(' ', out);
	}
	fputs("\" data-short=\"", out);
	markup_put_attribute(out, t->columns[t->groups[group].first].name);
	if (t->groups[group].members > 1)
		fprintf(out, " and %zu more", t->groups[group].members - 1);
	fprintf(out, "\"><td>%zu</td><td>%zu</td><td class=\"w\">", group + 1,
		t->groups[group].members);
	put_names(out, t, group);
	fputs("</td><td class=\"w\">", out);
	if (group == reference)
		fputs("(reference)", out);
	else if (!sweep_table_compare(t, reference, group, put_change, &list))
		fputs("the same wherever both were tried", out);
	if (list.nr > SHOWN_CHANGES)
		fprintf(out, "and %zu more", list.nr - SHOWN_CHANGES);
	fputs("</td></tr>\n", out);
}

static void put_groups(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;

	fprintf(out,
		"<h2>Results</h2>\n<table id=\"g\"><thead><tr><th></th><th>sweeps</th><th>names</th>"
		"<th>difference from %s</th></tr></thead><tbody>\n",
		report->expected ? "the baseline" : "result 1");
	for (size_t i = 0; i < t->nr_groups; i++)
		put_group(out, report, report->expected ? t->columns[0].group : 0, i);
	fputs("</tbody></table>\n", out);
}

/* Letters only: the script colours the rows that are in view. */
static void put_cells(FILE *out, const struct sweep_table *t, const struct table_row *row)
{
	for (size_t i = 0; i < t->nr_groups; i++)
		fputc(report_compare_letter(row, sweep_table_cell(&t->groups[i], row->slot)), out);
}

static void put_row(FILE *out, const struct sweep_table *t, const struct table_row *row)
{
	const char *name = sweep_short_name(&row->call->call);
	char place[64], rules[16];

	sweep_table_place(row, place, sizeof(place));
	sweep_table_rules(row, rules, sizeof(rules));
	fputs("<tr data-t=\"", out);
	put_lower(out, row->call->call.name);
	fputc(' ', out);
	put_lower(out, place);
	fputc(' ', out);
	put_lower(out, rules);
	fputs("\"><td>", out);
	markup_put(out, name);
	fprintf(out, "</td><td>%s</td><td>%s</td><td class=\"c\">", place, rules);
	put_cells(out, t, row);
	fputs("</td></tr>\n", out);
}

static void put_rows(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;

	fputs("<h2>Reserved bits and values</h2>\n<form id=\"form\" class=\"off\" onsubmit=\"return false\"><label>"
	      "Filter <input type=\"search\" id=\"f\" placeholder=\"set w2  file:board-7\"></label>"
	      "<label><input type=\"checkbox\" id=\"d\" checked> only rows that differ</label>"
	      "<span id=\"n\" class=\"dim\"></span></form>\n<p id=\"at\" class=\"dim\"></p>\n"
	      "<div class=\"scroll\"><table id=\"m\"><thead><tr><th>call</th><th>bits</th>"
	      "<th>rule</th><th class=\"c\">results</th></tr></thead><tbody>\n",
	      out);
	for (size_t i = 0; i < t->nr_rows; i++) {
		if (report->all || t->rows[i].differs)
			put_row(out, t, &t->rows[i]);
	}
	fputs("</tbody></table></div>\n", out);
}

static void put_key(FILE *out)
{
	static const char *const others[] = { ".not tried", "Fcontrol forwarded",
					      "Rcontrol rejected", "Hcontrol answered by EL2" };

	fputs("<p class=\"key\">", out);
	for (unsigned int i = 0; i < SWEEP_NR_CLASSES; i++) {
		char letter = sweep_class_letter(i);

		if (i != SWEEP_SKIPPED)
			fprintf(out, "<span class=\"%c\">%c</span>%s", css_class(letter), letter,
				sweep_class_name(i));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		fprintf(out, "<span class=\"%c\">%c</span>%s", css_class(others[i][0]),
			others[i][0], others[i] + 1);
	fputs("</p>\n", out);
}

static void put_summary(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	struct report_compare_totals totals;
	size_t departs, unknown;

	report_compare_totals(t, &totals);
	fprintf(out, "<p>%zu sweeps, %zu different results. ", t->nr_columns, t->nr_groups);
	if (t->nr_groups > 1 && t->groups[0].members > 1)
		fprintf(out, "%zu are alike, %zu depart. ", t->groups[0].members,
			t->nr_columns - t->groups[0].members);
	report_compare_summary(out, &totals);
	if (report->expected) {
		report_compare_departures(t, &departs, &unknown);
		fprintf(out, " %zu of %zu depart from the baseline ", departs, t->nr_columns - 1);
		markup_put(out, t->columns[0].name);
		fputc('.', out);
	}
	fputs("</p>\n", out);
}

void report_compare_html(FILE *out, const struct report_compare *report)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<title>ffascope compare: %zu sweeps</title>\n<style>%s</style></head>\n<body>\n"
		"<h1>Who checks reserved bits: %zu sweeps</h1>\n<p class=\"dim\">ffascope %s</p>\n",
		report->table->nr_columns, compare_css, report->table->nr_columns,
		FFASCOPE_VERSION);
	put_summary(out, report);
	put_key(out);
	put_groups(out, report);
	put_rows(out, report);
	fprintf(out, "<script>\n%s</script>\n</body></html>\n", compare_js);
}
