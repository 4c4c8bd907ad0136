// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "ffa/catalogue.h"
#include "ffa/rules.h"
#include "sweep/table.h"

/* A place is a bit of w0 to w17 or of x0 to x17. */
#define NR_PLACES ((size_t)2 * FFA_NR_REGS * 64)

static size_t place_of(const struct sweep_probe *probe)
{
	return ((size_t)probe->wide * FFA_NR_REGS + probe->reg) * 64 + probe->bit;
}

static int new_slot(struct sweep_table *t, size_t *slot)
{
	if (!vector_room(&t->slot_rules, &t->max_slots, t->nr_slots, 1))
		return -ENOMEM;
	t->slot_rules[t->nr_slots] = 0;
	*slot = t->nr_slots++;
	return 0;
}

static struct table_call *add_call(struct sweep_table *t, const struct sweep_call *like)
{
	struct table_call *call;

	if (!vector_room(&t->calls, &t->max_calls, t->nr_calls, sizeof(*call)))
		return NULL;
	call = &t->calls[t->nr_calls];
	*call = (struct table_call){ .call = { .fid = like->fid, .ffa = like->ffa } };
	memcpy(call->call.name, like->name, sizeof(call->call.name));
	call->index = calloc(NR_PLACES, sizeof(*call->index));
	if (!call->index)
		return NULL;
	t->nr_calls++;
	return new_slot(t, &call->control) ? NULL : call;
}

static struct table_call *find_call(struct sweep_table *t, const struct sweep_call *like)
{
	for (size_t i = 0; i < t->nr_calls; i++) {
		if (t->calls[i].call.fid == like->fid)
			return &t->calls[i];
	}
	return add_call(t, like);
}

/* The slot of a probe; a new one if no sweep had this bit before. */
static int slot_of(struct sweep_table *t, struct table_call *call, const struct sweep_probe *probe,
		   size_t *slot)
{
	uint32_t *index = &call->index[place_of(probe)];
	int ret = 0;

	if (*index) {
		*slot = *index - 1;
	} else {
		ret = new_slot(t, slot);
		*index = ret ? 0 : (uint32_t)*slot + 1;
	}
	if (!ret)
		t->slot_rules[*slot] |= (uint8_t)(1U << probe->rule);
	return ret;
}

/* The same for a value. */
static int slot_of_value(struct sweep_table *t, struct table_call *call, const char *words,
			 size_t *slot)
{
	struct table_value *value;

	for (size_t i = 0; i < call->nr_values; i++) {
		*slot = call->values[i].slot;
		if (!strcmp(call->values[i].value.words, words))
			return 0;
	}
	if (!vector_room(&call->values, &call->max_values, call->nr_values, sizeof(*value)) ||
	    new_slot(t, slot))
		return -ENOMEM;
	value = &call->values[call->nr_values++];
	*value = (struct table_value){ .slot = *slot };
	snprintf(value->value.words, sizeof(value->value.words), "%s", words);
	t->slot_rules[*slot] = 1U << FFA_RULE_VALUE;
	return 0;
}

/* The cells of one sweep, while they are collected. */
struct cells {
	uint8_t *data;
	size_t nr, max;
};

static int put_cell(struct cells *cells, size_t slot, uint8_t cell)
{
	while (cells->nr <= slot) {
		if (!vector_room(&cells->data, &cells->max, cells->nr, 1))
			return -ENOMEM;
		cells->data[cells->nr++] = 0;
	}
	cells->data[slot] = cell;
	return 0;
}

static bool is_wanted(const struct sweep_table *t, const struct sweep_call *call)
{
	for (size_t i = 0; i < t->nr_patterns; i++) {
		if (call->ffa && ffa_call_matches(call->ffa, t->patterns[i]))
			return true;
	}
	return !t->nr_patterns;
}

static int collect(struct sweep_table *t, const struct sweep *sweep, struct cells *cells)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *from = &sweep->calls[i];
		struct table_call *call;
		size_t slot;

		if (!from->control.made || !is_wanted(t, from))
			continue;
		call = find_call(t, from);
		if (!call)
			return -ENOMEM;
		if (put_cell(cells, call->control, (uint8_t)from->control.verdict.kind + 1))
			return -ENOMEM;
		for (size_t p = 0; p < from->nr_probes + from->nr_values; p++) {
			const struct sweep_probe *probe = &from->probes[p];
			int ret;

			if (probe->class == SWEEP_SKIPPED)
				continue;
			ret = probe->value ? slot_of_value(t, call, probe->value->words, &slot)
					   : slot_of(t, call, probe, &slot);
			if (ret || put_cell(cells, slot, (uint8_t)probe->class + 1))
				return -ENOMEM;
		}
	}
	return 0;
}

/* FNV-1a. */
static uint64_t hash_of(const struct cells *cells)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < cells->nr; i++)
		hash = (hash ^ cells->data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* The group with these cells, which it takes over if it is a new one. Cells end with a cell that is not 0. */
static int find_group(struct sweep_table *t, struct cells *cells, size_t *group)
{
	uint64_t hash = hash_of(cells);
	struct table_group *new;

	for (size_t i = 0; i < t->nr_groups; i++) {
		const struct table_group *g = &t->groups[i];

		if (g->hash == hash && g->nr == cells->nr &&
		    (!g->nr || !memcmp(g->cells, cells->data, g->nr))) {
			*group = i;
			return 0;
		}
	}
	if (!vector_room(&t->groups, &t->max_groups, t->nr_groups, sizeof(*new)))
		return -ENOMEM;
	new = &t->groups[t->nr_groups];
	*new = (struct table_group){
		.cells = cells->data, .nr = cells->nr, .hash = hash, .first = t->nr_columns
	};
	cells->data = NULL;
	*group = t->nr_groups++;
	return 0;
}

static int add_column(struct sweep_table *t, const char *name, const struct sweep *sweep,
		      size_t group)
{
	struct table_column *column;

	if (!vector_room(&t->columns, &t->max_columns, t->nr_columns, sizeof(*column)))
		return -ENOMEM;
	column = &t->columns[t->nr_columns];
	*column = (struct table_column){ .version = sweep->version, .group = group };
	memcpy(column->kernel, sweep->kernel, sizeof(column->kernel));
	column->name = strdup(name);
	if (!column->name)
		return -ENOMEM;
	t->nr_columns++;
	t->groups[group].members++;
	return 0;
}

int sweep_table_add(struct sweep_table *t, const char *name, const struct sweep *sweep)
{
	struct cells cells = { 0 };
	size_t group;
	int ret = collect(t, sweep, &cells);

	if (!ret)
		ret = find_group(t, &cells, &group);
	if (!ret)
		ret = add_column(t, name, sweep, group);
	free(cells.data);
	return ret;
}

/* ---- groups ---- */

static int by_size(const void *a, const void *b)
{
	const struct table_group *x = a, *y = b;

	if (x->members != y->members)
		return x->members > y->members ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

/* A group is known by its first column while groups move. */
static int sort_groups(struct sweep_table *t)
{
	size_t *at = calloc(t->nr_columns + 1, sizeof(*at));
	size_t *firsts = calloc(t->nr_groups + 1, sizeof(*firsts));

	if (at && firsts) {
		for (size_t i = 0; i < t->nr_groups; i++)
			firsts[i] = t->groups[i].first;
		qsort(t->groups, t->nr_groups, sizeof(*t->groups), by_size);
		for (size_t i = 0; i < t->nr_groups; i++)
			at[t->groups[i].first] = i;
		for (size_t i = 0; i < t->nr_columns; i++)
			t->columns[i].group = at[firsts[t->columns[i].group]];
	}
	free(firsts);
	free(at);
	return at && firsts ? 0 : -ENOMEM;
}

uint8_t sweep_table_cell(const struct table_group *group, size_t slot)
{
	return slot < group->nr ? group->cells[slot] : 0;
}

/* ---- rows ---- */

/* Makes the union of all probes of a call: in order of registers, highest bit first. */
static int make_probes(const struct sweep_table *t, struct table_call *call)
{
	size_t nr = 0, i = 0;

	for (size_t p = 0; p < NR_PLACES; p++)
		nr += call->index[p] != 0;
	call->call.probes = calloc(nr + 1, sizeof(*call->call.probes));
	call->slots = calloc(nr + 1, sizeof(*call->slots));
	call->rules = calloc(nr + 1, 1);
	if (!call->call.probes || !call->slots || !call->rules)
		return -ENOMEM;
	call->call.nr_probes = nr;

	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		for (unsigned int n = 0; n < 128; n++) {
			struct sweep_probe probe = { .reg = (uint8_t)reg,
						     .wide = n >= 64,
						     .bit = (uint8_t)(63 - n % 64) };
			uint32_t index = call->index[place_of(&probe)];

			if (!index)
				continue;
			call->call.probes[i] = probe;
			call->slots[i] = index - 1;
			call->rules[i++] = t->slot_rules[index - 1];
		}
	}
	return 0;
}

struct all_groups {
	const struct sweep_table *table;
	const struct table_call *call;
};

static bool alike_in_all(const void *ctx, const struct sweep_call *call, size_t a, size_t b)
{
	const struct all_groups *all = ctx;
	size_t x = all->call->slots[a], y = all->call->slots[b];

	(void)call;
	if (all->call->rules[a] != all->call->rules[b])
		return false;
	for (size_t i = 0; i < all->table->nr_groups; i++) {
		const struct table_group *g = &all->table->groups[i];

		if (sweep_table_cell(g, x) != sweep_table_cell(g, y))
			return false;
	}
	return true;
}

static bool differs(const struct sweep_table *t, size_t slot)
{
	uint8_t seen = 0;

	for (size_t i = 0; i < t->nr_groups; i++) {
		uint8_t cell = sweep_table_cell(&t->groups[i], slot);

		if (cell && seen && cell != seen)
			return true;
		if (cell)
			seen = cell;
	}
	return false;
}

static struct table_row row_of(const struct table_call *call, const struct sweep_range *range)
{
	return (struct table_row){
		.call = call,
		.range = *range,
		.rules = call->rules[range->first],
		.slot = call->slots[range->first],
		.bits = (size_t)(range->last - range->reg + 1) *
			(size_t)(range->hi - range->lo + 1),
	};
}

static struct table_row control_row(const struct table_call *call)
{
	return (struct table_row){
		.call = call, .is_control = true, .slot = call->control, .bits = 1
	};
}

static struct table_row value_row(const struct table_call *call, const struct table_value *value)
{
	return (struct table_row){ .call = call,
				   .value = &value->value,
				   .rules = 1U << FFA_RULE_VALUE,
				   .slot = value->slot,
				   .bits = 1 };
}

static int add_row(struct sweep_table *t, const struct table_row *row)
{
	if (!vector_room(&t->rows, &t->max_rows, t->nr_rows, sizeof(*row)))
		return -ENOMEM;
	t->rows[t->nr_rows] = *row;
	t->rows[t->nr_rows++].differs = differs(t, row->slot);
	return 0;
}

static int add_rows(struct sweep_table *t, const struct table_call *call)
{
	const struct all_groups all = { .table = t, .call = call };
	struct table_row row = control_row(call);
	struct sweep_range range;
	int ret = add_row(t, &row);

	for (size_t i = 0; i < call->call.nr_probes && !ret;) {
		i = sweep_next_range(&call->call, i, alike_in_all, &all, &range);
		row = row_of(call, &range);
		ret = add_row(t, &row);
	}
	for (size_t i = 0; i < call->nr_values && !ret; i++) {
		row = value_row(call, &call->values[i]);
		ret = add_row(t, &row);
	}
	return ret;
}

/* By function number, SMC32 first, as in the catalogue. */
static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct table_call *)a)->call.fid;
	uint32_t y = ((const struct table_call *)b)->call.fid;

	if ((x ^ y) & ~FFA_FID_SMC64)
		return (x & ~FFA_FID_SMC64) < (y & ~FFA_FID_SMC64) ? -1 : 1;
	return x < y ? -1 : 1;
}

int sweep_table_finish(struct sweep_table *t)
{
	int ret = sort_groups(t);

	if (t->nr_calls)
		qsort(t->calls, t->nr_calls, sizeof(*t->calls), by_number);
	for (size_t i = 0; i < t->nr_calls && !ret; i++) {
		ret = make_probes(t, &t->calls[i]);
		if (!ret)
			ret = add_rows(t, &t->calls[i]);
	}
	return ret;
}

void sweep_table_free(struct sweep_table *t)
{
	for (size_t i = 0; i < t->nr_columns; i++)
		free(t->columns[i].name);
	for (size_t i = 0; i < t->nr_groups; i++)
		free(t->groups[i].cells);
	for (size_t i = 0; i < t->nr_calls; i++) {
		free(t->calls[i].call.probes);
		free(t->calls[i].slots);
		free(t->calls[i].rules);
		free(t->calls[i].index);
		free(t->calls[i].values);
	}
	free(t->columns);
	free(t->groups);
	free(t->calls);
	free(t->rows);
	free(t->slot_rules);
	*t = (struct sweep_table){ 0 };
}

/* ---- words ---- */

const char *sweep_table_cell_name(const struct table_row *row, uint8_t cell)
{
	if (!cell)
		return "-";
	return row->is_control ? verdict_kind_name((enum verdict_kind)(cell - 1))
			       : sweep_class_name((enum sweep_class)(cell - 1));
}

size_t sweep_table_rules(const struct table_row *row, char *buf, size_t size)
{
	static const enum ffa_rule rules[] = { FFA_RULE_MBZ, FFA_RULE_SBZ, FFA_RULE_UNKNOWN,
					       FFA_RULE_VALUE };
	size_t len = 0;

	if (size)
		buf[0] = '\0';
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!(row->rules & 1U << rules[i]))
			continue;
		len += (size_t)snprintf(len < size ? buf + len : NULL, len < size ? size - len : 0,
					"%s%s", len ? "/" : "", ffa_rule_name(rules[i]));
	}
	return len;
}

size_t sweep_table_place(const struct table_row *row, char *buf, size_t size)
{
	if (row->is_control)
		return (size_t)snprintf(buf, size, "control");
	return sweep_format_place(row->value, &row->range, buf, size);
}

/* ---- two groups ---- */

struct pair {
	const struct table_call *call;
	const struct table_group *from, *to;
};

static bool alike_in_pair(const void *ctx, const struct sweep_call *call, size_t a, size_t b)
{
	const struct pair *pair = ctx;
	size_t x = pair->call->slots[a], y = pair->call->slots[b];

	(void)call;
	return pair->call->rules[a] == pair->call->rules[b] &&
	       sweep_table_cell(pair->from, x) == sweep_table_cell(pair->from, y) &&
	       sweep_table_cell(pair->to, x) == sweep_table_cell(pair->to, y);
}

/* Whether both groups tried the row and differ; if so, fn gets it. */
static bool change(const struct pair *pair, const struct table_row *row,
		   void (*fn)(void *ctx, const struct table_change *change), void *ctx)
{
	struct table_change change = {
		.row = *row,
		.from = sweep_table_cell(pair->from, row->slot),
		.to = sweep_table_cell(pair->to, row->slot),
	};

	if (!change.from || !change.to || change.from == change.to)
		return false;
	if (fn)
		fn(ctx, &change);
	return true;
}

size_t sweep_table_compare(const struct sweep_table *t, size_t from, size_t to,
			   void (*fn)(void *ctx, const struct table_change *change), void *ctx)
{
	struct pair pair = { .from = &t->groups[from], .to = &t->groups[to] };
	size_t nr = 0;

	for (size_t i = 0; i < t->nr_calls; i++) {
		const struct table_call *call = &t->calls[i];
		struct table_row row = control_row(call);
		struct sweep_range range;

		pair.call = call;
		nr += change(&pair, &row, fn, ctx);
		for (size_t p = 0; p < call->call.nr_probes;) {
			p = sweep_next_range(&call->call, p, alike_in_pair, &pair, &range);
			row = row_of(call, &range);
			nr += change(&pair, &row, fn, ctx);
		}
		for (size_t v = 0; v < call->nr_values; v++) {
			row = value_row(call, &call->values[v]);
			nr += change(&pair, &row, fn, ctx);
		}
	}
	return nr;
}
