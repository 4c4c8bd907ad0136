// SPDX-License-Identifier: GPL-2.0-only
/* Splits a line into words, numbers and other characters. */
#include "dump/token.h"

/* Classes of characters: bit 7 part of a run, bits 3:0 the value of a hexadecimal digit. */
#define RUN	0x80
#define DIGIT	0x40 /* hexadecimal */
#define BLANK	0x20

#define D(c, v) [c] = RUN | DIGIT | (v)
#define L(c)	[c] = RUN, [(c) ^ 0x20] = RUN
static const unsigned char class_of[256] = {
	D('0', 0),   D('1', 1),	    D('2', 2),	    D('3', 3),	    D('4', 4),	D('5', 5),
	D('6', 6),   D('7', 7),	    D('8', 8),	    D('9', 9),	    D('a', 10), D('b', 11),
	D('c', 12),  D('d', 13),    D('e', 14),	    D('f', 15),	    D('A', 10), D('B', 11),
	D('C', 12),  D('D', 13),    D('E', 14),	    D('F', 15),	    L('g'),	L('h'),
	L('i'),	     L('j'),	    L('k'),	    L('l'),	    L('m'),	L('n'),
	L('o'),	     L('p'),	    L('q'),	    L('r'),	    L('s'),	L('t'),
	L('u'),	     L('v'),	    L('w'),	    L('x'),	    L('y'),	L('z'),
	['_'] = RUN, [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The suffixes of C and Rust: u, l, ul, ull, u8 to u64, usize. */
static bool is_suffix(const char *s, const char *end)
{
	static const char *const suffixes[] = { "u",   "l",   "ul",  "lu",   "ull",  "ll",   "llu",
						"u32", "u64", "u16", "_u32", "_u64", "usize" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strlen(suffixes[i]) == (size_t)(end - s) &&
		    !strncasecmp(suffixes[i], s, (size_t)(end - s)))
			return true;
	}

	return false;
}

/* The digits of a number from s on. Returns the text behind them. */
static const char *read_hex(struct token *t, const char *s, const char *end)
{
	unsigned int digits = 0, significant = 0;
	uint64_t hex = 0;

	for (; s < end; s++) {
		unsigned char class = class_of[(unsigned char)*s];

		if (!(class & DIGIT)) {
			if (*s == '_' && digits && s + 1 < end)
				continue;
			break;
		}
		hex = hex << 4 | (class & 0xf);
		significant += hex != 0;
		digits++;
	}
	t->digits = digits;
	t->hex = hex;
	t->number = significant <= 16;

	return s;
}

/* The same without 0x: it can be decimal as well. */
static const char *read_either(struct token *t, const char *s, const char *end)
{
	unsigned int digits = 0, significant = 0;
	bool letters = false, overflow = false;
	uint64_t hex = 0, dec = 0;

	for (; s < end; s++) {
		unsigned char class = class_of[(unsigned char)*s];
		unsigned int digit = class & 0xf;

		if (!(class & DIGIT)) {
			if (*s == '_' && digits && s + 1 < end)
				continue;
			break;
		}
		digits++;
		significant += significant || digit;
		hex = hex << 4 | digit;
		letters |= digit > 9;
		/* 19 digits fit. */
		overflow |= significant > 19 && dec > (UINT64_MAX - digit) / 10;
		dec = dec * 10 + digit;
	}
	if (letters || overflow)
		dec = UINT64_MAX;
	/* Too long for a hexadecimal number: a decimal one. */
	t->number = significant <= 16 || dec != UINT64_MAX;
	t->letters = letters;
	t->digits = digits;
	t->hex = significant > 16 ? dec : hex;
	t->dec = dec;

	return s;
}

/* Reads a run as a number, if it is one of at most 64 bits. */
static void read_number(struct token *t)
{
	const char *s = t->s, *end = s + t->len;

	t->marked = t->len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
	t->dec = UINT64_MAX;
	s = t->marked ? read_hex(t, s + 2, end) : read_either(t, s, end);
	if (!t->digits || (s < end && !is_suffix(s, end)))
		t->number = t->letters = false;
}

/* A part of 12.345 is not a number. */
static bool is_fraction(const char *line, const char *end, const struct token *t)
{
	const char *after = t->s + t->len;

	if (t->s - line >= 2 && t->s[-1] == '.' && is_digit(t->s[-2]))
		return true;

	return end - after >= 2 && after[0] == '.' && is_digit(after[1]) && !t->marked;
}

static bool has_minus(const char *line, const struct token *t)
{
	if (t->s == line || t->s[-1] != '-')
		return false;

	return t->s - line == 1 || !(class_of[(unsigned char)t->s[-2]] & RUN);
}

/*
 * A number with 0x and nothing behind its digits, as most numbers of a log are. Returns the text
 * behind it; s: it is something else.
 */
static const char *read_plain_hex(struct token *t, const char *s, const char *end)
{
	const char *digits = s + 2, *at;
	uint64_t hex = 0;

	if (end - s < 3 || s[0] != '0' || (s[1] | 0x20) != 'x')
		return s;
	for (at = digits; at < end && class_of[(unsigned char)*at] & DIGIT; at++)
		hex = hex << 4 | (class_of[(unsigned char)*at] & 0xf);
	/* More than 16 digits fit only if they begin with zeros. */
	if (at == digits || at - digits > 16 || (at < end && class_of[(unsigned char)*at] & RUN))
		return s;
	t->number = t->marked = true;
	t->digits = (unsigned int)(at - digits);
	t->hex = hex;
	t->dec = UINT64_MAX;

	return at;
}

static const char *behind_run(const char *s, const char *end)
{
	while (s < end && class_of[(unsigned char)*s] & RUN)
		s++;

	return s;
}

/* A run that begins with a digit of a number. Returns the text behind it. */
static const char *read_run(struct token *t, const char *line, const char *end)
{
	const char *behind = read_plain_hex(t, t->s, end);

	if (behind == t->s)
		behind = behind_run(t->s, end);
	t->len = (unsigned int)(behind - t->s);
	if (!t->marked)
		read_number(t);
	/* Nearly always a blank is before a number, and behind it. */
	if (t->number && (!t->gap || (behind < end && *behind == '.'))) {
		t->number = !is_fraction(line, end, t);
		t->minus = has_minus(line, t);
	}

	return behind;
}

void tokens_split(const char *line, size_t len, struct tokens *out)
{
	const char *s = line, *end = line + len;
	bool gap = true;

	out->n = 0;
	out->more = false;
	while (s < end) {
		unsigned char class = class_of[(unsigned char)*s];
		struct token *t;

		if (class & BLANK) {
			gap = true;
			s++;
			continue;
		}
		if (out->n == MAX_TOKENS) {
			out->more = true;
			return;
		}
		t = &out->t[out->n++];
		*t = (struct token){ .s = s, .len = 1, .gap = gap, .run = class & RUN };
		gap = false;
		if (class & DIGIT) {
			s = read_run(t, line, end);
		} else {
			s = t->run ? behind_run(s, end) : s + 1;
			t->len = (unsigned int)(s - t->s);
		}
	}
}
