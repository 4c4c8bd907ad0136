// SPDX-License-Identifier: GPL-2.0-only
/* FIELD=VALUE: finds the bits that a word names, reads its value and stores it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/text.h"
#include "ffa/value.h"

/* The word that is being read. */
struct word {
	const char *text;
	const struct ffa_call *call; /* NULL: not in the catalogue */
	struct ffa_dump regs;	     /* that the word is put onto */
	size_t eq;		     /* index of the = */
	char *err;
	size_t err_size;
};

/* at: index in the word of the mistake. Always returns -EINVAL. */
static int __attribute__((format(printf, 3, 4)))
wrong(const struct word *w, size_t at, const char *fmt, ...)
{
	va_list args;
	int n;

	if (!w->err_size)
		return -EINVAL;

	n = snprintf(w->err, w->err_size, "\"%.60s%s\", column %zu: ", w->text,
		     strlen(w->text) > 60 ? "..." : "", at + 1);
	if (n < 0 || (size_t)n >= w->err_size)
		return -EINVAL;
	va_start(args, fmt);
	vsnprintf(w->err + n, w->err_size - (size_t)n, fmt, args);
	va_end(args);

	return -EINVAL;
}

/* ---- values ---- */

static bool fits(const struct value *v)
{
	unsigned int top = v->bits % 64;

	return !top || !(v->word[v->words - 1] >> top);
}

/* A hexadecimal number of more than 64 bits. Changes v only on success. */
static int read_big(const char *s, size_t len, struct value *v)
{
	struct value big = { .words = v->words, .bits = v->bits };
	size_t digits;

	if (len < 3 || s[0] != '0' || text_fold(s[1]) != 'x')
		return -EINVAL;
	s += 2;
	len -= 2;
	while (len > 1 && *s == '0') {
		s++;
		len--;
	}
	for (digits = 0; digits < len; digits++) {
		char c = text_fold(s[len - 1 - digits]);
		uint64_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (uint64_t)(c - 'a') + 10;
		else
			return -EINVAL;
		if (digits / 16 >= big.words)
			return -ERANGE;
		big.word[digits / 16] |= digit << digits % 16 * 4;
	}
	if (!fits(&big))
		return -ERANGE;
	*v = big;

	return 0;
}

static int hex_digit(char c)
{
	c = text_fold(c);
	if (c >= '0' && c <= '9')
		return c - '0';

	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 8-4-4-4-12 digits. */
static int read_uuid(const char *s, size_t len, struct value *v)
{
	unsigned int n = 0;

	if (len != 36)
		return -EINVAL;
	v->word[0] = v->word[1] = 0;
	for (size_t i = 0; i < len; n++) {
		int high, low;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i++] != '-')
				return -EINVAL;
		}
		high = hex_digit(s[i]);
		low = hex_digit(s[i + 1]);
		if (high < 0 || low < 0)
			return -EINVAL;
		v->word[n / 8] |= (uint64_t)(high << 4 | low) << n % 8 * 8;
		i += 2;
	}

	return 0;
}

/* Characters; \xHH for those that cannot be typed. */
static int read_characters(const char *s, size_t len, struct value *v)
{
	unsigned int n = 0;

	memset(v->word, 0, sizeof(v->word));
	for (size_t i = 0; i < len; n++) {
		unsigned char c = (unsigned char)s[i++];

		if (c == '\\') {
			int high, low;

			if (len - i < 3 || text_fold(s[i]) != 'x')
				return -EINVAL;
			high = hex_digit(s[i + 1]);
			low = hex_digit(s[i + 2]);
			if (high < 0 || low < 0)
				return -EINVAL;
			c = (unsigned char)(high << 4 | low);
			i += 3;
		}
		if (n >= v->bits / 8)
			return -ERANGE;
		v->word[n / 8] |= (uint64_t)c << n % 8 * 8;
	}

	return 0;
}

static int read_version(const char *s, size_t len, struct value *v)
{
	const char *dot = memchr(s, '.', len);
	uint64_t major, minor;

	if (!dot || text_number(s, (size_t)(dot - s), &major) ||
	    text_number(dot + 1, len - (size_t)(dot - s) - 1, &minor))
		return -EINVAL;
	if (major > 0x7fff || minor > 0xffff)
		return -ERANGE;
	v->word[0] = major << 16 | minor;

	return 0;
}

static int read_status(const char *s, size_t len, struct value *v)
{
	uint64_t number;
	char name[32];
	int32_t code;

	if (len && s[0] == '-') {
		int ret = text_number(s + 1, len - 1, &number);

		if (ret)
			return ret;
		if (number > UINT64_C(0x80000000))
			return -ERANGE;
		v->word[0] = (uint32_t)-number;
		return 0;
	}
	if (len >= sizeof(name))
		return -EINVAL;
	memcpy(name, s, len);
	name[len] = '\0';
	if (ffa_status_by_name(name, &code))
		return -EINVAL;
	v->word[0] = (uint32_t)code;

	return 0;
}

static int read_function(const char *s, size_t len, struct value *v)
{
	char name[64];
	uint32_t fid;

	for (size_t i = 0; i < ffa_feature_count(); i++) {
		if (text_same_name(s, len, ffa_feature_at(i)->name)) {
			v->word[0] = ffa_feature_at(i)->id;
			return 0;
		}
	}
	if (len >= sizeof(name))
		return -EINVAL;
	memcpy(name, s, len);
	name[len] = '\0';
	if (ffa_call_parse_fid(name, &fid))
		return -EINVAL;
	v->word[0] = fid;

	return 0;
}

/* Names of the one-bit fields within an alias, joined by | or a comma. */
static int read_flags(const struct ffa_call *call, const struct ffa_field *place, const char *s,
		      size_t len, struct value *v)
{
	uint64_t flags = 0;

	for (size_t i = 0; i <= len;) {
		size_t end = i, f;

		while (end < len && s[end] != '|' && s[end] != ',')
			end++;
		for (f = 0; f < call->nr_fields; f++) {
			const struct ffa_field *field = &call->fields[f];

			if (field->name && field->reg == place->reg && field->hi == field->lo &&
			    field->lo >= place->lo && field->hi <= place->hi &&
			    text_same_name(s + i, end - i, field->name))
				break;
		}
		if (f == call->nr_fields)
			return -EINVAL;
		flags |= UINT64_C(1) << (call->fields[f].lo - place->lo);
		i = end + 1;
	}
	v->word[0] = flags;

	return 0;
}

/* Everything that is not a plain number, by the type of the field. */
static int read_typed(const struct word *w, const struct ffa_field *f, bool flags, const char *s,
		      size_t len, struct value *v)
{
	for (const struct ffa_symbol *symbol = f->symbols; symbol && symbol->name; symbol++) {
		if (text_same_name(s, len, symbol->name)) {
			v->word[0] = symbol->value;
			return 0;
		}
	}
	if (flags)
		return read_flags(w->call, f, s, len, v);

	switch (f->type) {
	case FFA_TYPE_UUID:
		return read_uuid(s, len, v);
	case FFA_TYPE_TEXT:
		return read_characters(s, len, v);
	case FFA_TYPE_VERSION:
		return read_version(s, len, v);
	case FFA_TYPE_STATUS:
		return read_status(s, len, v);
	case FFA_TYPE_FUNCTION:
		return read_function(s, len, v);
	case FFA_TYPE_HEX:
	case FFA_TYPE_DECIMAL:
	case FFA_TYPE_ID:
		break;
	}

	return -EINVAL;
}

/* The values that a field accepts, for the error message. */
static void describe_value(const struct word *w, const struct ffa_field *f, bool flags, char *buf,
			   size_t size)
{
	struct text text = text_into(buf, size);

	text_string(&text, "give a number (decimal, 0x or 0b)");
	for (const struct ffa_symbol *s = f->symbols; s && s->name; s++) {
		text_string(&text, s == f->symbols ? " or " : ", ");
		text_string(&text, s->name);
	}
	switch (f->type) {
	case FFA_TYPE_UUID:
		text_string(&text, " or a UUID (8-4-4-4-12 digits)");
		break;
	case FFA_TYPE_VERSION:
		text_string(&text, " or a version (1.2)");
		break;
	case FFA_TYPE_STATUS:
		text_string(&text, " or the name of a status code");
		break;
	case FFA_TYPE_FUNCTION:
		text_string(&text, ", the name of a call, or");
		for (size_t i = 0; i < ffa_feature_count(); i++) {
			text_string(&text, i ? ", " : " ");
			text_string(&text, ffa_feature_at(i)->name);
		}
		break;
	case FFA_TYPE_TEXT:
		text_string(&text, " in \\xHH for bytes that are not printable");
		break;
	case FFA_TYPE_HEX:
	case FFA_TYPE_DECIMAL:
	case FFA_TYPE_ID:
		break;
	}
	if (flags) {
		text_string(&text, " or names joined by |:");
		for (size_t i = 0; i < w->call->nr_fields; i++) {
			const struct ffa_field *field = &w->call->fields[i];

			if (field->name && field->reg == f->reg && field->hi == field->lo &&
			    field->lo >= f->lo && field->hi <= f->hi) {
				text_char(&text, ' ');
				text_string(&text, field->name);
			}
		}
	}
	text_end(&text);
}

static int read_value(const struct word *w, const struct ffa_field *f, bool flags, struct value *v)
{
	const char *s = w->text + w->eq + 1;
	size_t len = strlen(s);
	unsigned int width = (f->hi - f->lo + 1u) * f->regs;
	char fix[256];
	uint64_t number;
	int ret;

	*v = (struct value){ .bits = width, .words = (width + 63) / 64 };

	/* Characters may look like a number; nothing else does. */
	ret = f->type == FFA_TYPE_TEXT ? -EINVAL : text_number(s, len, &number);
	if (!ret) {
		v->word[0] = number;
		ret = fits(v) || v->words > 1 ? 0 : -ERANGE;
	} else {
		bool number_too_big = ret == -ERANGE;

		if (number_too_big)
			ret = read_big(s, len, v);
		if (ret == -EINVAL && number_too_big)
			ret = -ERANGE;
		else if (ret == -EINVAL)
			ret = read_typed(w, f, flags, s, len, v);
		if (!ret && !fits(v))
			ret = -ERANGE;
	}
	if (!ret)
		return 0;

	if (ret == -ERANGE) {
		if (f->type == FFA_TYPE_TEXT)
			return wrong(w, w->eq + 1, "longer than the %u characters that fit",
				     width / 8);
		if (width < 64)
			return wrong(w, w->eq + 1, "does not fit its %u bit%s; the most is 0x%llx",
				     width, width == 1 ? "" : "s", (1ULL << width) - 1);
		return wrong(w, w->eq + 1, "does not fit its %u bits", width);
	}
	describe_value(w, f, flags, fix, sizeof(fix));
	if (!len)
		return wrong(w, w->eq + 1, "no value after the =; %s", fix);

	return wrong(w, w->eq + 1, "not a value of this field; %s", fix);
}

/* ---- places ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal digits at *at, at most 99. -1 if there are none. */
static int small_number(const char *s, size_t *at)
{
	int n = 0;

	if (!is_digit(s[*at]))
		return -1;
	while (is_digit(s[*at]) && n < 100)
		n = n * 10 + (s[(*at)++] - '0');

	return n;
}

/* Whether the left side names a register: w or x and a digit. */
static bool names_register(const char *s)
{
	return (text_fold(s[0]) == 'w' || text_fold(s[0]) == 'x') && is_digit(s[1]);
}

static int read_register(const struct word *w, struct ffa_field *f)
{
	const char *s = w->text;
	size_t at = 1, bit;
	int reg, hi, lo;

	*f = (struct ffa_field){ .regs = 1, .wide = text_fold(s[0]) == 'x' };
	reg = small_number(s, &at);
	if (reg >= FFA_NR_REGS)
		return wrong(w, 1, "there are registers 0 to %d", FFA_NR_REGS - 1);
	f->reg = (uint8_t)reg;
	f->hi = f->wide ? 63 : 31;
	if (at == w->eq)
		return 0;

	if (s[at] != '[')
		return wrong(w, at, "a register is followed by = or by bits, as in w1[31:16]=1");
	bit = ++at;
	hi = small_number(s, &at);
	if (hi < 0)
		return wrong(w, at, "the number of a bit belongs here, as in w1[31:16]=1");
	if (hi > f->hi)
		return wrong(w, bit, "%c%d has bits %d to 0", s[0], reg, f->hi);
	lo = hi;
	if (s[at] == ':') {
		bit = ++at;
		lo = small_number(s, &at);
		if (lo < 0)
			return wrong(w, at, "the number of a bit belongs here, as in w1[31:16]=1");
		if (lo > hi)
			return wrong(w, bit, "the higher bit comes first, as in %c%d[%d:%d]", s[0],
				     reg, lo > f->hi ? f->hi : lo, hi);
	}
	if (s[at] != ']' || at + 1 != w->eq)
		return wrong(w, at, "bits are written as w1[31:16]=1 or w2[9]=1");
	f->hi = (uint8_t)hi;
	f->lo = (uint8_t)lo;

	return 0;
}

static bool shares_letters(const char *a, size_t len, const char *b)
{
	size_t same = 0;

	for (size_t i = 0; i < len && b[i]; i++)
		same += text_fold(a[i]) == text_fold(b[i]);

	return same * 2 > len || (len >= 2 && !strncasecmp(a, b, 2));
}

static int no_such_field(const struct word *w)
{
	const char *near = NULL;
	char list[512];
	struct text text = text_into(list, sizeof(list));

	for (size_t i = 0; i < w->call->nr_fields; i++) {
		const char *name = w->call->fields[i].name;

		if (!name)
			continue;
		text_char(&text, ' ');
		text_string(&text, name);
		if (!near && shares_letters(w->text, w->eq, name))
			near = name;
	}
	text_end(&text);

	return wrong(w, 0,
		     "%s has no field \"%.*s\"%s%s%s; %s%s; registers go by number, as in w2=5",
		     w->call->name, (int)(w->eq < 40 ? w->eq : 40), w->text, near ? ", is it " : "",
		     near ? near : "", near ? "?" : "", text.len ? "its fields are" : "it has none",
		     list);
}

/* A field of the variant that the registers select so far. */
static bool read_variant_field(const struct word *w, struct ffa_field *f)
{
	const struct ffa_variant *v = ffa_call_variant(w->call, &w->regs);

	for (size_t i = 0; v && i < v->nr_fields; i++) {
		if (v->fields[i].name && text_same_name(w->text, w->eq, v->fields[i].name)) {
			*f = v->fields[i];
			return true;
		}
	}

	return false;
}

/* The row, or one made of an alias, in *f. */
static int read_field(const struct word *w, struct ffa_field *f, bool *flags)
{
	const struct ffa_call *call = w->call;

	*flags = false;
	if (!call)
		return wrong(w, 0,
			     "this identifier is not in the catalogue, so its registers have no "
			     "names; give them by number, as in w2=5 or x4[63:32]=1");

	for (size_t i = 0; i < call->nr_fields; i++) {
		if (call->fields[i].name && text_same_name(w->text, w->eq, call->fields[i].name)) {
			*f = call->fields[i];
			return 0;
		}
	}
	if (read_variant_field(w, f))
		return 0;
	for (size_t i = 0; i < call->nr_aliases; i++) {
		const struct ffa_alias *a = &call->aliases[i];

		if (text_same_name(w->text, w->eq, a->name)) {
			*f = (struct ffa_field){
				.reg = a->reg, .regs = 1, .hi = a->hi, .lo = a->lo, .type = a->type
			};
			*flags = a->flags;
			return 0;
		}
	}

	return no_such_field(w);
}

int ffa_assign(const struct ffa_call *call, struct ffa_regs *regs, const char *word, char *err,
	       size_t err_size)
{
	struct word w = {
		.text = word, .call = call, .regs.regs = *regs, .err = err, .err_size = err_size
	};
	const char *eq = strchr(word, '=');
	struct ffa_field f = { 0 };
	struct value v = { 0 };
	bool flags = false;
	int ret;

	w.eq = eq ? (size_t)(eq - word) : strlen(word);
	if (!eq)
		return wrong(&w, w.eq, "FIELD=VALUE is wanted, as in %s",
			     call && call->nr_fields && call->fields[0].name ? call->fields[0].name
									     : "w1=5");

	ret = names_register(word) ? read_register(&w, &f) : read_field(&w, &f, &flags);
	if (ret)
		return ret;
	ret = read_value(&w, &f, flags, &v);
	if (ret)
		return ret;
	value_set(&f, regs, &v);

	return 0;
}

int ffa_parse_register(const char *word, struct ffa_bits *bits, uint64_t *value, char *err,
		       size_t err_size)
{
	struct word w = { .text = word, .err = err, .err_size = err_size };
	const char *eq = strchr(word, '=');
	struct ffa_field f;
	struct value v;
	int ret;

	w.eq = eq ? (size_t)(eq - word) : strlen(word);
	if (!eq || !names_register(word))
		return wrong(&w, eq ? 0 : w.eq, "a register is wanted, as in w2[31:0]=0xfffffffe");

	ret = read_register(&w, &f);
	if (!ret)
		ret = read_value(&w, &f, false, &v);
	if (ret)
		return ret;
	*bits = (struct ffa_bits){ .reg = f.reg, .hi = f.hi, .lo = f.lo };
	*value = v.word[0];

	return 0;
}
