// SPDX-License-Identifier: GPL-2.0-only
/* Formats a call: its fields, what was not given, and the reserved bits that are set. */
#include "ffa/call.h"
#include "ffa/format.h"
#include "ffa/rules.h"
#include "ffa/text.h"
#include "ffa/value.h"

/* Rules of the four versions, a byte each. */
typedef uint32_t rules_t;

_Static_assert(sizeof(enum ffa_rule[FFA_NR_VERSIONS]) == sizeof(rules_t), "one byte a rule");
_Static_assert(FFA_RULE_NONE == 0, "fields have no bits in rules_t");
/* Bits 1:0 tell reserved bits from others. */
_Static_assert((FFA_RULE_MBZ & 3) != 0 && (FFA_RULE_SBZ & 3) != 0 && (FFA_RULE_UNKNOWN & 3) != 0 &&
		       (FFA_RULE_NO_PARAMETER & 3) == 0,
	       "reserved rules");
#define RESERVED UINT32_C(0x03030303)

static inline rules_t rules_of(const enum ffa_rule *rule)
{
	rules_t rules;

	memcpy(&rules, rule, sizeof(rules));

	return rules;
}

/* A call and its registers, with the properties that every part of the text needs. */
struct view {
	const struct ffa_call *call; /* may be NULL */
	const struct ffa_dump *regs;
	rules_t versions; /* 0xff in the byte of each version that has the call */
	uint32_t set;	  /* bit n: x[n] is not 0. Most rows lie in registers that are */
	uint64_t lacks;	  /* bit 2n: x[n], or half of it, was not given */
	size_t nr;
	const struct ffa_field *rows[FFA_MAX_ROWS];
};

static rules_t versions_of(const struct ffa_call *call)
{
	uint8_t known[FFA_NR_VERSIONS];
	rules_t versions;

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		known[v] = ffa_call_known_in(call, ffa_version_at(v)) ? 0xff : 0;
	memcpy(&versions, known, sizeof(versions));

	return versions;
}

static void look_up(struct view *view, const struct ffa_call *call, const struct ffa_dump *regs)
{
	view->call = call;
	view->regs = regs;
	view->versions = call ? versions_of(call) : 0;
	view->set = 0;
	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++)
		view->set |= (uint32_t)(regs->x[reg] != 0) << reg;
	view->lacks = (regs->missing | regs->missing >> 1) & UINT64_C(0x5555555555555555);
	view->nr = ffa_call_rows(call, regs, view->rows);
}

static inline bool always_a_field(const struct view *view, const struct ffa_field *f)
{
	return !(rules_of(f->rule) & view->versions);
}

static inline bool is_given(const struct view *view, const struct ffa_field *f)
{
	uint64_t span = (UINT64_C(1) << 2 * f->regs) - 1;

	return (!(view->lacks >> 2 * f->reg & span) && !f->length.hi) ||
	       ffa_field_given(f, view->regs);
}

static inline bool any_set(const struct view *view, const struct ffa_field *f)
{
	if (!(view->set >> f->reg & ((UINT32_C(1) << f->regs) - 1)))
		return false;
	for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
		if (ffa_bits_get(&view->regs->regs, reg, f->hi, f->lo))
			return true;
	}

	return false;
}

/* ---- fields ---- */

static void blank(struct text *text)
{
	if (text->len)
		text_char(text, ' ');
}

/* Bits of x0 to x17 that no row of the call has. */
static uint64_t outside(const struct ffa_call *call, unsigned int reg)
{
	if (!reg)
		return UINT64_C(0xffffffff00000000);
	if (!call)
		return UINT64_MAX;
	if (ffa_call_takes_canary(call->fid))
		return reg < 8 ? UINT64_C(0xffffffff00000000) : UINT64_MAX;
	if (!ffa_not_parameter(call, reg, 0))
		return ffa_not_parameter(call, reg, 63) ? UINT64_C(0xffffffff00000000) : 0;

	return UINT64_MAX;
}

static void format_outside(struct text *text, const struct view *view)
{
	const uint64_t *x = view->regs->x;

	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		uint64_t mask;

		/* Nearly always nothing is there: look before asking the table. */
		if (!(reg ? x[reg] : x[reg] >> 32))
			continue;
		mask = outside(view->call, reg);
		if (!(x[reg] & mask))
			continue;
		blank(text);
		text_place(text, reg, 63, mask == UINT64_MAX ? 0 : 32, true);
		text_char(text, '=');
		text_hex(text, mask == UINT64_MAX ? x[reg] : x[reg] >> 32);
	}
}

/* Bits of a row by register: reserved ones, or a field of which a part was not given. */
static void format_row_bits(struct text *text, const struct ffa_field *f,
			    const struct ffa_dump *regs)
{
	for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
		unsigned int hi = ffa_given(regs, reg, f->hi, f->lo) ? f->hi : f->hi & 31;
		uint64_t value;

		if (f->lo > hi)
			continue;
		value = ffa_bits_get(&regs->regs, reg, hi, f->lo);
		if (!value)
			continue;
		blank(text);
		text_place(text, reg, hi, f->lo, f->wide);
		text_char(text, '=');
		text_hex(text, value);
	}
}

/* Whether there are characters after those that count. */
static bool is_text_longer(const struct ffa_field *f, const struct ffa_dump *regs)
{
	struct value v = value_get(f, &regs->regs);

	for (unsigned int i = text_bytes(f, regs); i < v.words * 8; i++) {
		if (value_byte(&v, i))
			return true;
	}

	return false;
}

/* brief: only fields that are not zero. */
static void format_fields(struct text *text, const struct view *view, bool brief)
{
	uint64_t by_register = 0; /* bit n: row n is shown by its bits, after the fields */

	_Static_assert(FFA_MAX_ROWS <= 64, "a bit for each row");
	for (size_t i = 0; i < view->nr; i++) {
		const struct ffa_field *f = view->rows[i];
		bool set = any_set(view, f);

		if (!f->name || !is_given(view, f)) {
			by_register |= (uint64_t)set << i;
			continue;
		}
		if (set && f->type == FFA_TYPE_TEXT && is_text_longer(f, view->regs))
			by_register |= UINT64_C(1) << i;
		if (!set && (brief || !always_a_field(view, f)))
			continue;
		blank(text);
		text_string(text, f->name);
		text_char(text, '=');
		text_field(text, f, view->regs);
	}
	for (size_t i = 0; by_register >> i; i++) {
		if (by_register >> i & 1)
			format_row_bits(text, view->rows[i], view->regs);
		if (i == 63)
			break;
	}
	format_outside(text, view);
}

static size_t fields_text(const struct ffa_call *call, const struct ffa_dump *regs, bool brief,
			  char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	struct view view;

	look_up(&view, call, regs);
	format_fields(&text, &view, brief);

	return text_end(&text);
}

size_t ffa_dump_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
		       size_t size)
{
	return fields_text(call, regs, false, buf, size);
}

size_t ffa_dump_set_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			   size_t size)
{
	return fields_text(call, regs, true, buf, size);
}

/* ---- what was not given ---- */

/* Bit n: register n has a field in every version, and part of it was not given. */
static uint32_t lacking(const struct view *view, uint32_t *wide)
{
	uint32_t lacks = 0;

	for (size_t i = 0; i < view->nr; i++) {
		const struct ffa_field *f = view->rows[i];

		if (!f->name || is_given(view, f) || !always_a_field(view, f))
			continue;
		for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
			if (ffa_given(view->regs, reg, f->hi, f->lo))
				continue;
			lacks |= UINT32_C(1) << reg;
			*wide |= (uint32_t)f->wide << reg;
		}
	}

	return lacks;
}

/* Runs of registers, "w3-w4, w7", between two strings; nothing if all were given. */
static void format_not_given(struct text *text, const struct view *view, const char *before,
			     const char *after)
{
	uint32_t wide = 0, lacks = view->regs->missing ? lacking(view, &wide) : 0;
	const char *sign = before;

	for (unsigned int reg = 1; lacks && reg < FFA_NR_REGS; reg++) {
		unsigned int last = reg;
		bool is_wide = wide >> reg & 1;

		if (!(lacks >> reg & 1))
			continue;
		while (last + 1 < FFA_NR_REGS && lacks >> (last + 1) & 1)
			last++;
		text_string(text, sign);
		sign = ", ";
		text_place(text, reg, is_wide ? 63 : 31, 0, is_wide);
		if (last > reg) {
			text_char(text, '-');
			text_place(text, last, is_wide ? 63 : 31, 0, is_wide);
		}
		reg = last;
	}
	if (sign != before)
		text_string(text, after);
}

size_t ffa_format_not_given(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			    size_t size)
{
	struct text text = text_into(buf, size);
	struct view view;

	look_up(&view, call, regs);
	format_not_given(&text, &view, "", "");

	return text_end(&text);
}

/* ---- rules ---- */

/* Broken rules while they are written. */
struct broken {
	struct text *text;
	const char *sign; /* what comes before the next */
	rules_t versions; /* 0xff in the byte of each version that is shown */
	/* The versions of the last one: the next often has the same rules. */
	rules_t rules;
	size_t from, len;
};

static void format_versions(struct broken *b, const enum ffa_rule *rule)
{
	struct text *text = b->text;
	const char *sign = " (";
	uint8_t wanted[FFA_NR_VERSIONS];

	if (b->len && b->rules == rules_of(rule) && b->from + b->len < text->size) {
		text_put(text, text->buf + b->from, b->len);
		return;
	}
	memcpy(wanted, &b->versions, sizeof(wanted));
	b->rules = rules_of(rule);
	b->from = text->len;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (!wanted[v])
			continue;
		text_string(text, sign);
		sign = ", ";
		text_put(text, ffa_version_name(ffa_version_at(v)), sizeof("1.0") - 1);
		text_char(text, ' ');
		text_string(text, ffa_violation_name(rule[v]));
	}
	text_char(text, ')');
	b->len = text->len - b->from;
}

static void format_place_and_value(struct broken *b, unsigned int reg, unsigned int hi,
				   unsigned int lo, bool wide, uint64_t value)
{
	text_string(b->text, b->sign);
	b->sign = ", ";
	text_place(b->text, reg, hi, lo, wide);
	text_char(b->text, '=');
	text_hex(b->text, value);
}

/* The reserved bits that are set. */
static void format_reserved(struct broken *b, const struct ffa_dump *dump,
			    const struct ffa_restriction *r)
{
	for (unsigned int reg = r->reg; reg < r->reg + r->regs; reg++) {
		uint64_t value = ffa_bits_get(&dump->regs, reg, r->hi, r->lo);

		if (!value)
			continue;
		format_place_and_value(b, reg, rules_highest_given(dump, reg, r->hi), r->lo,
				       r->wide, value);
		if (r->when) {
			text_char(b->text, ' ');
			text_string(b->text, r->when);
		}
		format_versions(b, r->rule);
	}
}

static void format_bad_value(struct broken *b, const struct ffa_field *f,
			     const struct ffa_dump *regs)
{
	struct ffa_violation v;

	if (!rules_bad_value(f, regs, &v))
		return;
	format_place_and_value(b, v.reg, v.hi, v.lo, v.wide, v.value);
	text_string(b->text, " is no ");
	text_string(b->text, f->name);
	if (f->max) {
		text_string(b->text, " (");
		text_decimal(b->text, f->min);
		text_string(b->text, " to ");
		text_decimal(b->text, f->max);
		text_char(b->text, ')');
	}
}

static void format_row_rules(struct broken *b, const struct ffa_field *f,
			     const struct ffa_dump *regs)
{
	struct ffa_restriction r = {
		.reg = f->reg, .regs = f->regs, .hi = f->hi, .lo = f->lo, .wide = f->wide
	};

	memcpy(r.rule, f->rule, sizeof(r.rule));
	format_reserved(b, regs, &r);
}

/* Broken rules after `before'; nothing if none is. version 0: those of all that have the call. */
static void format_rules(struct text *text, const struct view *view, uint32_t version,
			 const char *before)
{
	const struct ffa_call *call = view->call;
	struct broken b = { .text = text, .sign = before, .versions = view->versions };

	if (!call)
		return;
	if (version) {
		uint8_t one[FFA_NR_VERSIONS] = { 0 };

		one[ffa_version_index(ffa_rules_version(call, version))] = 0xff;
		memcpy(&b.versions, one, sizeof(one));
	}
	for (size_t i = 0; i < view->nr; i++) {
		const struct ffa_field *f = view->rows[i];

		if (f->max || f->closed)
			format_bad_value(&b, f, view->regs);
		if (rules_of(f->rule) & b.versions & RESERVED && any_set(view, f))
			format_row_rules(&b, f, view->regs);
	}
	for (size_t i = 0; i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];

		if (rules_of(r->rule) & b.versions & RESERVED &&
		    ffa_restriction_applies(r, view->regs))
			format_reserved(&b, view->regs, r);
	}
}

size_t ffa_dump_rules(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		      char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	struct view view;

	look_up(&view, call, regs);
	format_rules(&text, &view, version, "");

	return text_end(&text);
}

/* ---- all of it ---- */

size_t ffa_format_call(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		       bool rules, char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	struct view view;

	look_up(&view, call, regs);
	if (call)
		text_string(&text, call->name);
	else
		text_hex(&text, (uint32_t)regs->x[0]);
	format_fields(&text, &view, false);
	format_not_given(&text, &view, "  (", " not given)");
	if (rules)
		format_rules(&text, &view, version, "  ! ");

	return text_end(&text);
}
