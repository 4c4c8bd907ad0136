// SPDX-License-Identifier: GPL-2.0-only
/* Formats numbers, values of fields and places of bits as text that assign.c can read. */
#include <stdio.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/text.h"
#include "ffa/value.h"

void text_decimal(struct text *text, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	if (value < 10) {
		text_char(text, (char)('0' + value));
		return;
	}
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_put(text, digits + at, sizeof(digits) - at);
}

static void write_digits(char *at, uint64_t value, unsigned int digits)
{
	for (; digits; value >>= 4)
		at[--digits] = "0123456789abcdef"[value & 0xf];
}

void text_digits(struct text *text, uint64_t value, unsigned int digits)
{
	char hex[16];

	write_digits(hex, value, digits);
	text_put(text, hex, digits);
}

void text_hex(struct text *text, uint64_t value)
{
	unsigned int digits = value ? (67 - (unsigned int)__builtin_clzll(value)) / 4 : 1;

	text_put(text, "0x", 2);
	if (text->len + digits < text->size) {
		write_digits(text->buf + text->len, value, digits);
		text->len += digits;
	} else {
		text_digits(text, value, digits);
	}
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
unsigned int text_bytes(const struct ffa_field *f, const struct ffa_dump *regs)
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

void text_field(struct text *text, const struct ffa_field *f, const struct ffa_dump *regs)
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

	text_field(&text, field, regs);

	return text_end(&text);
}

/* A number below 100. Returns the text behind it. */
static char *write_small(char *at, unsigned int value)
{
	if (value > 9)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);

	return at;
}

void text_place(struct text *text, unsigned int reg, unsigned int hi, unsigned int lo, bool wide)
{
	char place[sizeof("x17[63:00]")], *at = place;

	*at++ = wide ? 'x' : 'w';
	at = write_small(at, reg);
	if (lo || hi != (wide ? 63 : 31)) {
		*at++ = '[';
		at = write_small(at, hi);
		if (hi != lo) {
			*at++ = ':';
			at = write_small(at, lo);
		}
		*at++ = ']';
	}
	text_put(text, place, (size_t)(at - place));
}

size_t ffa_format_place(const struct ffa_field *field, char *buf, size_t size)
{
	struct text text = text_into(buf, size);

	text_place(&text, field->reg, field->hi, field->lo, field->wide);
	if (field->regs > 1) {
		text_char(&text, '-');
		text_place(&text, field->reg + field->regs - 1, field->hi, field->lo, field->wide);
	}

	return text_end(&text);
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
