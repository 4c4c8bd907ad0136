// SPDX-License-Identifier: GPL-2.0-only
/* Many sweeps side by side, as JSON and as CSV. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "report/compare.h"

/* ---- JSON ---- */

static struct json_object *columns_array(const struct sweep_table *t)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < t->nr_columns; i++) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, "file", t->columns[i].name);
		json_add_string(obj, "kernel", t->columns[i].kernel);
		json_add_string(obj, "ffa", ffa_version_name(t->columns[i].version));
		json_add_uint(obj, "group", t->columns[i].group);
		json_append(array, obj);
	}
	return array;
}

/* NULL for what was not tried. */
static struct json_object *cell_name(const struct table_row *row, uint8_t cell)
{
	return json_new_string(cell ? sweep_table_cell_name(row, cell) : NULL);
}

static void add_place(struct json_object *obj, const struct table_row *row)
{
	char place[64], rules[16];

	json_add_string(obj, "call", row->call->call.name);
	json_add_hex(obj, "fid", row->call->call.fid, 8);
	sweep_table_place(row, place, sizeof(place));
	json_add_string(obj, "bits", place);
	sweep_table_rules(row, rules, sizeof(rules));
	json_add_string(obj, "rule", row->is_control ? NULL : rules);
}

static struct json_object *row_object(const struct sweep_table *t, const struct table_row *row)
{
	struct json_object *obj = json_new_object(), *results = json_new_array();

	add_place(obj, row);
	json_add_bool(obj, "differs", row->differs);
	for (size_t i = 0; i < t->nr_groups; i++)
		json_append(results, cell_name(row, sweep_table_cell(&t->groups[i], row->slot)));
	json_add(obj, "results", results);
	return obj;
}

static void add_change(void *ctx, const struct table_change *change)
{
	struct json_object *obj = json_new_object();

	add_place(obj, &change->row);
	json_add(obj, "from", cell_name(&change->row, change->from));
	json_add(obj, "to", cell_name(&change->row, change->to));
	json_append(ctx, obj);
}

/* The first group is the reference unless there is a baseline. */
static struct json_object *groups_array(const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	struct json_object *array = json_new_array();
	size_t reference = report->expected ? t->columns[0].group : 0;

	for (size_t i = 0; i < t->nr_groups; i++) {
		struct json_object *obj = json_new_object(), *changes = json_new_array();

		sweep_table_compare(t, reference, i, add_change, changes);
		json_add_uint(obj, "sweeps", t->groups[i].members);
		json_add(obj, "changes", changes);
		json_append(array, obj);
	}
	return array;
}

static struct json_object *expected_object(const struct sweep_table *t)
{
	struct json_object *obj = json_new_object(), *departs = json_new_array();

	json_add_string(obj, "baseline", t->columns[0].name);
	for (size_t i = 1; i < t->nr_columns; i++) {
		if (report_compare_departs(t, t->columns[i].group))
			json_append(departs, json_new_string(t->columns[i].name));
	}
	json_add(obj, "departs", departs);
	return obj;
}

int report_compare_json(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	struct json_object *obj = json_new_object(), *rows = json_new_array();
	struct report_compare_totals totals;

	report_compare_totals(t, &totals);
	json_add(obj, "columns", columns_array(t));
	json_add(obj, "groups", groups_array(report));
	for (size_t i = 0; i < t->nr_rows; i++) {
		if (report->all || t->rows[i].differs)
			json_append(rows, row_object(t, &t->rows[i]));
	}
	json_add(obj, "rows", rows);
	json_add_uint(obj, "differing_bits", totals.bits);
	json_add_uint(obj, "differing_values", totals.values);
	json_add_uint(obj, "differing_controls", totals.controls);
	json_add(obj, "expected", report->expected ? expected_object(t) : NULL);
	return json_print(out, obj);
}

/* ---- CSV ---- */

/* RFC 4180: quoted where it has to be. */
static void put_field(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void report_compare_csv(FILE *out, const struct report_compare *report)
{
	const struct sweep_table *t = report->table;
	char place[64], rules[16];

	fputs("call,fid,bits,rule", out);
	for (size_t i = 0; i < t->nr_columns; i++) {
		fputc(',', out);
		put_field(out, t->columns[i].name);
	}
	fputs("\r\n", out);
	for (size_t r = 0; r < t->nr_rows; r++) {
		const struct table_row *row = &t->rows[r];

		if (!report->all && !row->differs)
			continue;
		sweep_table_place(row, place, sizeof(place));
		sweep_table_rules(row, rules, sizeof(rules));
		fprintf(out, "%s,0x%08x,%s,%s", row->call->call.name, row->call->call.fid, place,
			rules);
		for (size_t i = 0; i < t->nr_columns; i++) {
			const struct table_group *group = &t->groups[t->columns[i].group];
			uint8_t cell = sweep_table_cell(group, row->slot);

			fprintf(out, ",%s", cell ? sweep_table_cell_name(row, cell) : "");
		}
		fputs("\r\n", out);
	}
}
