// SPDX-License-Identifier: GPL-2.0-only
/* Reserved bits, and the values that registers have in them. */
#include <string.h>

#include "ffa/ffa.h"

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
	case FFA_RULE_NO_PARAMETER:
		break;
	}

	return "-";
}

static uint64_t mask_of(unsigned int hi, unsigned int lo)
{
	return UINT64_MAX >> (63 - (hi - lo));
}

uint64_t ffa_bits_get(const struct ffa_regs *regs, unsigned int reg, unsigned int hi,
		      unsigned int lo)
{
	return regs->x[reg] >> lo & mask_of(hi, lo);
}

void ffa_bits_set(struct ffa_regs *regs, unsigned int reg, unsigned int hi, unsigned int lo,
		  uint64_t value)
{
	uint64_t mask = mask_of(hi, lo) << lo;

	regs->x[reg] = (regs->x[reg] & ~mask) | (value << lo & mask);
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

/* only_set: leave out bits that are 0 in regs. */
static void gather_fields(struct gather *g, const struct ffa_field *fields, size_t nr,
			  const struct ffa_regs *regs, unsigned int version, bool only_set)
{
	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = &fields[i];

		if (!is_reserved(f->rule[version]))
			continue;
		for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
			uint64_t value = ffa_bits_get(regs, reg, f->hi, f->lo);

			if (only_set && !value)
				continue;
			gather_add(g, &(struct ffa_violation){
					      .reg = reg,
					      .hi = f->hi,
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

static void gather_restrictions(struct gather *g, const struct ffa_call *call,
				const struct ffa_regs *regs, unsigned int version, bool only_set)
{
	for (size_t i = 0; i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];
		const struct ffa_bits *zero = &r->zero;

		if (!is_reserved(r->rule[version]))
			continue;
		if (zero->reg && ffa_bits_get(regs, zero->reg, zero->hi, zero->lo))
			continue;
		for (unsigned int reg = r->reg; reg < r->reg + r->regs; reg++) {
			uint64_t value = ffa_bits_get(regs, reg, r->hi, r->lo);

			if (only_set && !value)
				continue;
			gather_add(g, &(struct ffa_violation){
					      .reg = reg,
					      .hi = r->hi,
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
	memcpy(out, g->list, (g->nr < n ? g->nr : n) * sizeof(*out));

	return g->nr;
}

size_t ffa_violations(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
		      struct ffa_violation *out, size_t n)
{
	struct gather g;

	if (!call || !ffa_call_known_in(call, version))
		return 0;

	g.nr = 0;
	gather_fields(&g, call->fields, call->nr_fields, regs, ffa_version_index(version), true);
	gather_restrictions(&g, call, regs, ffa_version_index(version), true);

	return hand_out(&g, out, n);
}

static void gather_reserved(struct gather *g, const struct ffa_call *call, uint32_t version,
			    const struct ffa_regs *regs)
{
	static const struct ffa_regs zeros;

	g->nr = 0;
	if (!ffa_call_known_in(call, version))
		return;
	if (!regs)
		regs = &zeros;
	gather_fields(g, call->fields, call->nr_fields, regs, ffa_version_index(version), false);
	gather_restrictions(g, call, regs, ffa_version_index(version), false);
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

size_t ffa_answer_violations(const struct ffa_call *call, const struct ffa_regs *in,
			     const struct ffa_regs *out, uint32_t version,
			     struct ffa_violation *list, size_t n)
{
	const struct ffa_answer *answer = ffa_answer_find(call, in, out);
	const struct ffa_call *row = ffa_call_by_fid((uint32_t)out->x[0]);
	struct gather g;

	if (!answer || !answer->fields)
		return ffa_violations(row, out, version, list, n);

	g.nr = 0;
	gather_fields(&g, answer->fields, answer->nr_fields, out, ffa_version_index(version), true);
	/* The rule for w1 of every FFA_SUCCESS. */
	if (row && answer->fid)
		gather_restrictions(&g, row, out, ffa_version_index(version), true);

	return hand_out(&g, list, n);
}
