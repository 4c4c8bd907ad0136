// SPDX-License-Identifier: GPL-2.0-only
/* Reserved bits, and the values that registers have in them. */
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/value.h"

const char *ffa_rule_name(enum ffa_rule rule)
{
	switch (rule) {
	case FFA_RULE_NONE:
		return "field";
	case FFA_RULE_MBZ:
		return "MBZ";
	case FFA_RULE_SBZ:
		return "SBZ";
	case FFA_RULE_UNKNOWN:
		return "?";
	case FFA_RULE_VALUE:
		return "value";
	case FFA_RULE_NO_PARAMETER:
		break;
	}

	return "-";
}

const char *ffa_violation_name(enum ffa_rule rule)
{
	return rule == FFA_RULE_UNKNOWN ? "unknown" : ffa_rule_name(rule);
}

void ffa_bits_set(struct ffa_regs *regs, unsigned int reg, unsigned int hi, unsigned int lo,
		  uint64_t value)
{
	uint64_t mask = ffa_bits_max(hi, lo) << lo;

	regs->x[reg] = (regs->x[reg] & ~mask) | (value << lo & mask);
}

bool ffa_field_given(const struct ffa_field *field, const struct ffa_dump *regs)
{
	unsigned int last = field->reg + field->regs;
	const struct ffa_bits *length = &field->length;

	if (!regs->missing)
		return true;
	/* Of a text no more is needed than its characters. */
	if (length->hi && !ffa_given(regs, length->reg, length->hi, length->lo))
		return false;
	if (length->hi) {
		uint64_t count = ffa_bits_get(&regs->regs, length->reg, length->hi, length->lo);
		uint64_t needed =
			(count + (field->hi - field->lo) / 8) / ((field->hi - field->lo + 1) / 8);

		if (needed && needed < field->regs)
			last = field->reg + (unsigned int)needed;
	}
	for (unsigned int reg = field->reg; reg < last; reg++) {
		if (!ffa_given(regs, reg, field->hi, field->lo))
			return false;
	}

	return true;
}

const struct ffa_variant *ffa_call_variant(const struct ffa_call *call, const struct ffa_dump *regs)
{
	for (size_t i = 0; call && i < call->nr_variants; i++) {
		const struct ffa_variant *v = &call->variants[i];

		if (((uint32_t)regs->x[v->select] & v->mask) == v->value &&
		    ffa_given(regs, v->select, 31, 0))
			return v;
	}

	return NULL;
}

size_t ffa_call_rows(const struct ffa_call *call, const struct ffa_dump *regs,
		     const struct ffa_field **rows)
{
	const struct ffa_variant *variant = ffa_call_variant(call, regs);
	size_t n = 0;

	for (size_t i = 0; call && i < call->nr_fields && n < FFA_MAX_ROWS; i++) {
		if (!variant || call->fields[i].reg < variant->reg)
			rows[n++] = &call->fields[i];
	}
	for (size_t i = 0; variant && i < variant->nr_fields && n < FFA_MAX_ROWS; i++)
		rows[n++] = &variant->fields[i];

	return n;
}

const struct ffa_field *ffa_field_by_name(const struct ffa_field *fields, size_t nr,
					  const char *name)
{
	for (size_t i = 0; i < nr; i++) {
		if (fields[i].name && !strcmp(fields[i].name, name))
			return &fields[i];
	}

	return NULL;
}

bool ffa_not_parameter(const struct ffa_call *call, unsigned int reg, unsigned int bit)
{
	if (!reg)
		return bit > 31;
	if (ffa_call_takes_canary(call->fid))
		return reg > 7 || bit > 31;

	/* An SMC64 call has w registers too: their upper halves carry nothing (DEN0028 2.6). */
	for (size_t i = 0; i < call->nr_fields; i++) {
		const struct ffa_field *f = &call->fields[i];

		if (reg >= f->reg && reg < f->reg + f->regs)
			return bit > 31 && !f->wide;
	}

	return false;
}

static bool is_reserved(enum ffa_rule rule)
{
	return rule == FFA_RULE_MBZ || rule == FFA_RULE_SBZ || rule == FFA_RULE_UNKNOWN;
}

/* Reserved ranges as they are gathered: order of registers, higher bits first. */
struct gather {
	struct ffa_violation list[64];
	size_t nr;
};

static void gather_add(struct gather *g, const struct ffa_violation *v)
{
	size_t place = g->nr;

	if (g->nr == sizeof(g->list) / sizeof(g->list[0]))
		return;
	while (place && (g->list[place - 1].reg > v->reg ||
			 (g->list[place - 1].reg == v->reg && g->list[place - 1].hi < v->hi)))
		place--;
	memmove(&g->list[place + 1], &g->list[place], (g->nr - place) * sizeof(*v));
	g->list[place] = *v;
	g->nr++;
}

static const char *name_at(const struct ffa_call *call, unsigned int reg, unsigned int hi)
{
	for (size_t i = 0; i < call->nr_fields; i++) {
		const struct ffa_field *f = &call->fields[i];

		if (reg >= f->reg && reg < f->reg + f->regs && hi <= f->hi && hi >= f->lo)
			return f->name;
	}

	return NULL;
}

/* Whether the field can have the value that it has. */
static bool has_good_value(const struct ffa_field *f, uint64_t value)
{
	if (f->max && (value < f->min || value > f->max))
		return false;
	for (const struct ffa_symbol *s = f->symbols; f->closed && s->name; s++) {
		if (s->value == value)
			return true;
	}

	return !f->closed;
}

bool rules_bad_value(const struct ffa_field *f, const struct ffa_dump *regs,
		     struct ffa_violation *violation)
{
	uint64_t value;

	if ((!f->max && !f->closed) || !ffa_field_given(f, regs))
		return false;
	value = ffa_bits_get(&regs->regs, f->reg, f->hi, f->lo);
	if (has_good_value(f, value))
		return false;
	*violation = (struct ffa_violation){ .reg = f->reg,
					     .hi = f->hi,
					     .lo = f->lo,
					     .wide = f->wide,
					     .rule = FFA_RULE_VALUE,
					     .value = value,
					     .field = f->name,
					     .source = f->source };

	return true;
}

/* only_set: leave out bits that are 0 in regs. */
static void gather_fields(struct gather *g, const struct ffa_field *const *rows, size_t nr,
			  const struct ffa_dump *regs, unsigned int version, bool only_set)
{
	struct ffa_violation bad;

	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = rows[i];

		if (only_set && f->rule[version] == FFA_RULE_NONE && rules_bad_value(f, regs, &bad))
			gather_add(g, &bad);
		if (!is_reserved(f->rule[version]))
			continue;
		for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
			uint64_t value = ffa_bits_get(&regs->regs, reg, f->hi, f->lo);

			if (only_set && !value)
				continue;
			gather_add(g, &(struct ffa_violation){
					      .reg = reg,
					      .hi = rules_highest_given(regs, reg, f->hi),
					      .lo = f->lo,
					      .wide = f->wide,
					      .rule = f->rule[version],
					      .value = value,
					      .field = f->name,
					      .unknown = f->rule[version] == FFA_RULE_UNKNOWN
								 ? f->unknown
								 : NULL,
					      .source = f->source });
		}
	}
}

bool ffa_restriction_applies(const struct ffa_restriction *r, const struct ffa_dump *regs)
{
	const struct ffa_bits *zero = &r->zero;

	return !zero->reg || (ffa_given(regs, zero->reg, zero->hi, zero->lo) &&
			      !ffa_bits_get(&regs->regs, zero->reg, zero->hi, zero->lo));
}

static void gather_restrictions(struct gather *g, const struct ffa_call *call,
				const struct ffa_dump *regs, unsigned int version, bool only_set)
{
	for (size_t i = 0; i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];

		if (!is_reserved(r->rule[version]))
			continue;
		if (!ffa_restriction_applies(r, regs))
			continue;
		for (unsigned int reg = r->reg; reg < r->reg + r->regs; reg++) {
			uint64_t value = ffa_bits_get(&regs->regs, reg, r->hi, r->lo);

			if (only_set && !value)
				continue;
			gather_add(g, &(struct ffa_violation){
					      .reg = reg,
					      .hi = rules_highest_given(regs, reg, r->hi),
					      .lo = r->lo,
					      .wide = r->wide,
					      .rule = r->rule[version],
					      .value = value,
					      .field = name_at(call, reg, r->hi),
					      .when = r->when,
					      .unknown = r->rule[version] == FFA_RULE_UNKNOWN
								 ? r->unknown
								 : NULL,
					      .source = r->source });
		}
	}
}

static size_t hand_out(const struct gather *g, struct ffa_violation *out, size_t n)
{
	/* out may be NULL where n is 0. */
	if (n)
		memcpy(out, g->list, (g->nr < n ? g->nr : n) * sizeof(*out));

	return g->nr;
}

size_t ffa_dump_violations(const struct ffa_call *call, const struct ffa_dump *regs,
			   uint32_t version, struct ffa_violation *out, size_t n)
{
	const struct ffa_field *rows[FFA_MAX_ROWS];
	struct gather g = { .nr = 0 };

	if (!call)
		return 0;

	version = ffa_version_index(ffa_rules_version(call, version));
	gather_fields(&g, rows, ffa_call_rows(call, regs, rows), regs, version, true);
	gather_restrictions(&g, call, regs, version, true);

	return hand_out(&g, out, n);
}

static void gather_reserved(struct gather *g, const struct ffa_call *call, uint32_t version,
			    const struct ffa_regs *in)
{
	const struct ffa_field *rows[FFA_MAX_ROWS];
	struct ffa_dump regs = { .missing = 0 };

	g->nr = 0;
	if (!ffa_call_known_in(call, version))
		return;
	if (in)
		regs.regs = *in;
	version = ffa_version_index(version);
	gather_fields(g, rows, ffa_call_rows(call, &regs, rows), &regs, version, false);
	gather_restrictions(g, call, &regs, version, false);
}

bool ffa_reserved_at(const struct ffa_call *call, uint32_t version, const struct ffa_regs *regs,
		     size_t index, struct ffa_violation *out)
{
	struct gather g;

	gather_reserved(&g, call, version, regs);
	if (index >= g.nr)
		return false;
	*out = g.list[index];

	return true;
}

size_t ffa_reserved_count(const struct ffa_call *call, uint32_t version,
			  const struct ffa_regs *regs)
{
	struct gather g;

	gather_reserved(&g, call, version, regs);

	return g.nr;
}

/* Registers after the last descriptor of an answer are MBZ (DEN0077A 1.3, the call's table). */
static void gather_behind_partitions(struct gather *g, const struct ffa_call *call,
				     const struct ffa_dump *in, const struct ffa_dump *out)
{
	for (unsigned int reg = ffa_partitions_end(call, in, out); reg < FFA_NR_REGS; reg++) {
		if (out->x[reg])
			gather_add(g, &(struct ffa_violation){
					      .reg = reg,
					      .hi = rules_highest_given(out, reg, 63),
					      .wide = true,
					      .rule = FFA_RULE_MBZ,
					      .value = out->x[reg],
					      .when = "after the last descriptor",
					      .source = "DEN0077A 1.3 ALP4 (table of the call)" });
	}
}

size_t ffa_dump_answer_violations(const struct ffa_call *call, const struct ffa_dump *in,
				  const struct ffa_dump *out, uint32_t version,
				  struct ffa_violation *list, size_t n)
{
	const struct ffa_answer *answer = ffa_dump_answer(call, in, out);
	const struct ffa_call *row = ffa_call_by_fid((uint32_t)out->x[0]);
	const struct ffa_field *rows[FFA_MAX_ROWS];
	struct gather g = { .nr = 0 };
	size_t nr = 0;

	if (!answer || !answer->fields)
		return ffa_dump_violations(row, out, version, list, n);

	version = ffa_version_index(ffa_rules_version(call, version));
	while (nr < answer->nr_fields && nr < FFA_MAX_ROWS) {
		rows[nr] = &answer->fields[nr];
		nr++;
	}
	gather_fields(&g, rows, nr, out, version, true);
	if (answer->result == FFA_RESULT_DESCRIPTORS)
		gather_behind_partitions(&g, call, in, out);
	/* The rule for w1 of every FFA_SUCCESS. */
	if (row && answer->fid)
		gather_restrictions(&g, row, out, version, true);

	return hand_out(&g, list, n);
}
