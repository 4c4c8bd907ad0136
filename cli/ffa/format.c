// SPDX-License-Identifier: GPL-2.0-only
/* Formats fields and registers as text that assign.c can read. */
#include <stdio.h>
#include <string.h>

#include "ffa/ffa.h"
#include "ffa/text.h"
#include "ffa/value.h"

void text_decimal(struct text *text, uint64_t value)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		text_char(text, digits[--n]);
}

void text_digits(struct text *text, uint64_t value, unsigned int digits)
{
	while (digits--)
		text_char(text, "0123456789abcdef"[value >> 4 * digits & 0xf]);
}

void text_hex(struct text *text, uint64_t value)
{
	unsigned int digits = 1;

	while (digits < 16 && value >> 4 * digits)
		digits++;
	text_char(text, '0');
	text_char(text, 'x');
	text_digits(text, value, digits);
}

static const char *symbol_of(const struct ffa_symbol *symbols, uint64_t value)
{
	for (; symbols && symbols->name; symbols++) {
		if (symbols->value == value)
			return symbols->name;
	}

	return NULL;
}

static void format_big(struct text *text, const struct value *v)
{
	unsigned int top = v->words;

	while (top > 1 && !v->word[top - 1])
		top--;
	text_hex(text, v->word[top - 1]);
	while (--top)
		text_digits(text, v->word[top - 1], 16);
}

/* How many bytes of a text count: all, or as many as its length says. */
static unsigned int text_bytes(const struct ffa_field *f, const struct ffa_dump *regs)
{
	unsigned int all = (f->hi - f->lo + 1u) / 8 * f->regs;
	uint64_t count;

	if (!f->length.hi || !ffa_given(regs, f->length.reg, f->length.hi, f->length.lo))
		return all;
	count = ffa_bits_get(&regs->regs, f->length.reg, f->length.hi, f->length.lo);

	return count && count < all ? (unsigned int)count : all;
}

static void format_characters(struct text *text, const struct value *v, unsigned int len)
{
	while (len && !value_byte(v, len - 1))
		len--;
	for (unsigned int i = 0; i < len; i++) {
		unsigned char c = value_byte(v, i);

		/* In a script, blanks and # end a word and a backslash starts an escape. */
		if (c > ' ' && c < 0x7f && c != '\\' && c != '#' && c != '"' && c != '\'') {
			text_char(text, (char)c);
		} else {
			text_string(text, "\\x");
			text_digits(text, c, 2);
		}
	}
}

static void format_function(struct text *text, uint64_t value)
{
	const struct ffa_call *call = ffa_call_by_fid((uint32_t)value);

	for (size_t i = 0; i < ffa_feature_count(); i++) {
		if (ffa_feature_at(i)->id == value) {
			text_string(text, ffa_feature_at(i)->name);
			return;
		}
	}
	if (call)
		text_string(text, call->name);
	else
		text_hex(text, value);
}

static void format_status(struct text *text, uint64_t value)
{
	int32_t code = (int32_t)value;
	const char *name = ffa_status_name(code);

	if (name) {
		text_string(text, name);
		return;
	}
	if (code < 0)
		text_char(text, '-');
	text_decimal(text, code < 0 ? -(int64_t)code : code);
}

static bool any_given(const struct ffa_field *f, const struct ffa_dump *regs)
{
	for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
		if (ffa_given(regs, reg, f->hi, f->lo))
			return true;
	}

	return false;
}

static void format_field(struct text *text, const struct ffa_field *f, const struct ffa_dump *regs)
{
	struct value v = value_get(f, &regs->regs);
	const char *symbol;
	char uuid[37];
	uint8_t bytes[16];

	if (!ffa_field_given(f, regs)) {
		text_string(text, any_given(f, regs) ? "given in part" : "not given");
		return;
	}
	if (v.words == 1 &&
	    (!f->needs.reg || ffa_bits_get(&regs->regs, f->needs.reg, f->needs.hi, f->needs.lo))) {
		symbol = symbol_of(f->symbols, v.word[0]);
		if (symbol) {
			text_string(text, symbol);
			return;
		}
	}

	switch (f->type) {
	case FFA_TYPE_HEX:
		format_big(text, &v);
		break;
	case FFA_TYPE_DECIMAL:
		text_decimal(text, v.word[0]);
		break;
	case FFA_TYPE_ID:
		/* IDs of the Secure world have bit 15 set. */
		if (v.word[0] < 0x8000)
			text_decimal(text, v.word[0]);
		else
			text_hex(text, v.word[0]);
		break;
	case FFA_TYPE_VERSION:
		text_decimal(text, v.word[0] >> 16);
		text_char(text, '.');
		text_decimal(text, v.word[0] & 0xffff);
		break;
	case FFA_TYPE_STATUS:
		format_status(text, v.word[0]);
		break;
	case FFA_TYPE_FUNCTION:
		format_function(text, v.word[0]);
		break;
	case FFA_TYPE_UUID:
		for (unsigned int i = 0; i < 16; i++)
			bytes[i] = value_byte(&v, i);
		ffa_format_uuid(bytes, uuid);
		text_string(text, uuid);
		break;
	case FFA_TYPE_TEXT:
		format_characters(text, &v, text_bytes(f, regs));
		break;
	}
}

uint64_t ffa_field_get(const struct ffa_field *field, const struct ffa_regs *regs)
{
	return value_get(field, regs).word[0];
}

void ffa_format_uuid(const uint8_t uuid[16], char buf[37])
{
	struct text text = text_into(buf, 37);

	for (unsigned int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text_char(&text, '-');
		text_digits(&text, uuid[i], 2);
	}
	text_end(&text);
}

size_t ffa_dump_value(const struct ffa_field *field, const struct ffa_dump *regs, char *buf,
		      size_t size)
{
	struct text text = text_into(buf, size);

	format_field(&text, field, regs);

	return text_end(&text);
}

static void format_range(struct text *text, unsigned int reg, unsigned int hi, unsigned int lo,
			 bool wide)
{
	text_char(text, wide ? 'x' : 'w');
	text_decimal(text, reg);
	if (!lo && hi == (wide ? 63 : 31))
		return;
	text_char(text, '[');
	text_decimal(text, hi);
	if (hi != lo) {
		text_char(text, ':');
		text_decimal(text, lo);
	}
	text_char(text, ']');
}

size_t ffa_format_place(const struct ffa_field *field, char *buf, size_t size)
{
	struct text text = text_into(buf, size);

	format_range(&text, field->reg, field->hi, field->lo, field->wide);
	if (field->regs > 1) {
		text_char(&text, '-');
		format_range(&text, field->reg + field->regs - 1, field->hi, field->lo,
			     field->wide);
	}

	return text_end(&text);
}

static void blank(struct text *text)
{
	if (text->len)
		text_char(text, ' ');
}

static bool always_a_field(const struct ffa_field *f, const struct ffa_call *call)
{
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (ffa_call_known_in(call, ffa_version_at(v)) && f->rule[v] != FFA_RULE_NONE)
			return false;
	}

	return true;
}

static bool any_set(const struct ffa_field *f, const struct ffa_dump *regs)
{
	for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
		if (ffa_bits_get(&regs->regs, reg, f->hi, f->lo))
			return true;
	}

	return false;
}

/* Bit n: x[n] is not 0. Most rows of a call lie in registers that are: one look at each is enough. */
static uint32_t registers_set(const struct ffa_dump *regs)
{
	uint32_t set = 0;

	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++)
		set |= (uint32_t)(regs->x[reg] != 0) << reg;

	return set;
}

static bool in_registers(const struct ffa_field *f, uint32_t set)
{
	return set >> f->reg & ((UINT32_C(1) << f->regs) - 1);
}

/* Bits of x0 to x17 that no row of the call has. */
static uint64_t outside(const struct ffa_call *call, unsigned int reg)
{
	if (!reg || (call && reg < 8 && ffa_not_parameter(call, reg, 63)))
		return UINT64_C(0xffffffff00000000);
	if (!call)
		return UINT64_MAX;
	if (!ffa_not_parameter(call, reg, 0))
		return ffa_not_parameter(call, reg, 63) ? UINT64_C(0xffffffff00000000) : 0;

	return UINT64_MAX;
}

static void format_outside(struct text *text, const struct ffa_call *call,
			   const struct ffa_dump *regs)
{
	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		uint64_t mask;

		/* Nearly always nothing is there: look before asking the table. */
		if (!(reg ? regs->x[reg] : regs->x[reg] >> 32))
			continue;
		mask = outside(call, reg);
		if (!(regs->x[reg] & mask))
			continue;
		blank(text);
		format_range(text, reg, 63, mask == UINT64_MAX ? 0 : 32, true);
		text_char(text, '=');
		text_hex(text, mask == UINT64_MAX ? regs->x[reg] : regs->x[reg] >> 32);
	}
}

/* Bits of a row by register: reserved ones, or a field of which a part was not given. */
static void format_bits(struct text *text, const struct ffa_field *f, const struct ffa_dump *regs)
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
		format_range(text, reg, hi, f->lo, f->wide);
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
static size_t dump_fields(const struct ffa_call *call, const struct ffa_dump *regs, bool brief,
			  char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	const struct ffa_field *rows[FFA_MAX_ROWS];
	size_t nr = ffa_call_rows(call, regs, rows);
	uint32_t set = registers_set(regs);

	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = rows[i];

		if (!f->name || !ffa_field_given(f, regs) ||
		    (!(in_registers(f, set) && any_set(f, regs)) &&
		     (brief || !always_a_field(f, call))))
			continue;
		blank(&text);
		text_string(&text, f->name);
		text_char(&text, '=');
		format_field(&text, f, regs);
	}
	for (size_t i = 0; i < nr; i++) {
		if (!in_registers(rows[i], set))
			continue;
		if (!rows[i]->name || !ffa_field_given(rows[i], regs) ||
		    (rows[i]->type == FFA_TYPE_TEXT && is_text_longer(rows[i], regs)))
			format_bits(&text, rows[i], regs);
	}
	format_outside(&text, call, regs);

	return text_end(&text);
}

size_t ffa_dump_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
		       size_t size)
{
	return dump_fields(call, regs, false, buf, size);
}

size_t ffa_dump_set_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			   size_t size)
{
	return dump_fields(call, regs, true, buf, size);
}

/* Bit n: register n has a field in every version, and part of it was not given. */
static uint32_t lacking(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t *wide)
{
	const struct ffa_field *rows[FFA_MAX_ROWS];
	size_t nr = ffa_call_rows(call, regs, rows);
	uint32_t lacks = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = rows[i];

		if (!f->name || ffa_field_given(f, regs) || !always_a_field(f, call))
			continue;
		for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
			if (ffa_given(regs, reg, f->hi, f->lo))
				continue;
			lacks |= UINT32_C(1) << reg;
			*wide |= (uint32_t)f->wide << reg;
		}
	}

	return lacks;
}

size_t ffa_format_not_given(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			    size_t size)
{
	struct text text = text_into(buf, size);
	uint32_t wide = 0, lacks = regs->missing ? lacking(call, regs, &wide) : 0;

	for (unsigned int reg = 1; lacks && reg < FFA_NR_REGS; reg++) {
		unsigned int last = reg;
		bool is_wide = wide >> reg & 1;

		if (!(lacks >> reg & 1))
			continue;
		while (last + 1 < FFA_NR_REGS && lacks >> (last + 1) & 1)
			last++;
		if (text.len)
			text_string(&text, ", ");
		format_range(&text, reg, is_wide ? 63 : 31, 0, is_wide);
		if (last > reg) {
			text_char(&text, '-');
			format_range(&text, last, is_wide ? 63 : 31, 0, is_wide);
		}
		reg = last;
	}

	return text_end(&text);
}

static void format_versions(struct text *text, const struct ffa_call *call,
			    const enum ffa_rule *rule, uint32_t version)
{
	bool first = true;

	text_string(text, " (");
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (version ? v != ffa_version_index(version)
			    : !ffa_call_known_in(call, ffa_version_at(v)))
			continue;
		if (!first)
			text_string(text, ", ");
		first = false;
		text_string(text, ffa_version_name(ffa_version_at(v)));
		text_char(text, ' ');
		text_string(text, ffa_violation_name(rule[v]));
	}
	text_char(text, ')');
}

size_t ffa_format_example(const struct ffa_call *call, char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	char words[160], *word, *rest = NULL;
	struct ffa_regs regs;

	if (!call->example)
		return text_end(&text);

	/* The name, then FIELD=VALUE. */
	snprintf(words, sizeof(words), "%s", call->example);
	ffa_call_init(call, 0, &regs);
	strtok_r(words, " ", &rest);
	while ((word = strtok_r(NULL, " ", &rest)))
		ffa_assign(call, &regs, word, NULL, 0);

	text_string(&text, "ffascope call ");
	if (ffa_call_needs_consent(call, &regs))
		text_string(&text, "--allow-state-change ");
	text_string(&text, call->example);

	return text_end(&text);
}

static bool is_rule(enum ffa_rule rule)
{
	return rule == FFA_RULE_MBZ || rule == FFA_RULE_SBZ || rule == FFA_RULE_UNKNOWN;
}

/* Whether the row has a rule in this version, or in any that has the call. */
static bool has_rule(const struct ffa_call *call, const enum ffa_rule *rule, uint32_t version)
{
	if (version)
		return is_rule(rule[ffa_version_index(version)]);
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (ffa_call_known_in(call, ffa_version_at(v)) && is_rule(rule[v]))
			return true;
	}

	return false;
}

static void format_broken(struct text *text, const struct ffa_call *call, unsigned int reg,
			  const struct ffa_bits *bits, bool wide, uint64_t value,
			  const enum ffa_rule *rule, uint32_t version, const char *when)
{
	if (text->len)
		text_string(text, ", ");
	format_range(text, reg, bits->hi, bits->lo, wide);
	text_char(text, '=');
	text_hex(text, value);
	if (when) {
		text_char(text, ' ');
		text_string(text, when);
	}
	format_versions(text, call, rule, version);
}

/* The highest bit of a range that was given. */
static uint8_t given_hi(const struct ffa_dump *regs, unsigned int reg, uint8_t hi)
{
	return hi > 31 && !ffa_given(regs, reg, hi, 32) ? 31 : hi;
}

static void format_values(struct text *text, const struct ffa_field *f, const struct ffa_dump *regs)
{
	struct ffa_violation v;

	if (!rules_bad_value(f, regs, &v))
		return;
	if (text->len)
		text_string(text, ", ");
	format_range(text, v.reg, v.hi, v.lo, v.wide);
	text_char(text, '=');
	text_hex(text, v.value);
	text_string(text, " is no ");
	text_string(text, f->name);
	if (f->max) {
		text_string(text, " (");
		text_decimal(text, f->min);
		text_string(text, " to ");
		text_decimal(text, f->max);
		text_char(text, ')');
	}
}

size_t ffa_format_bits(unsigned int hi, unsigned int lo, char *buf, size_t size)
{
	struct text text = text_into(buf, size);

	text_decimal(&text, hi);
	if (hi != lo) {
		text_char(&text, ':');
		text_decimal(&text, lo);
	}

	return text_end(&text);
}

size_t ffa_dump_rules(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		      char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	const struct ffa_field *rows[FFA_MAX_ROWS];
	size_t nr = call ? ffa_call_rows(call, regs, rows) : 0;
	uint32_t set = registers_set(regs);

	if (call && version)
		version = ffa_rules_version(call, version);
	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = rows[i];

		format_values(&text, f, regs);
		if (!in_registers(f, set) || !any_set(f, regs) || !has_rule(call, f->rule, version))
			continue;
		for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
			uint64_t value = ffa_bits_get(&regs->regs, reg, f->hi, f->lo);

			if (value)
				format_broken(
					&text, call, reg,
					&(struct ffa_bits){ 0, given_hi(regs, reg, f->hi), f->lo },
					f->wide, value, f->rule, version, NULL);
		}
	}
	for (size_t i = 0; call && i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];

		if (!ffa_restriction_applies(r, regs) || !has_rule(call, r->rule, version))
			continue;
		for (unsigned int reg = r->reg; reg < r->reg + r->regs; reg++) {
			uint64_t value = ffa_bits_get(&regs->regs, reg, r->hi, r->lo);

			if (value)
				format_broken(
					&text, call, reg,
					&(struct ffa_bits){ 0, given_hi(regs, reg, r->hi), r->lo },
					r->wide, value, r->rule, version, r->when);
		}
	}

	return text_end(&text);
}
