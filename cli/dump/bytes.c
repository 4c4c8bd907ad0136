// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes out of text. A line has a label (an offset or an address), groups of hexadecimal digits, and
 * a column of characters. Each of the three can be missing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dump/bytes.h"

#define MAX_GROUPS 256 /* in a line */

struct group {
	const char *s; /* digits, without 0x */
	unsigned int digits;
	bool marked; /* with 0x */
};

struct line {
	const char *s, *end;
	bool labelled;
	bool colon;	   /* after the label */
	const char *label; /* its digits */
	unsigned int nr_label;
	struct group group[MAX_GROUPS];
	unsigned int nr;
	const char *rest; /* the column of characters, or end */
};

/* How the digits of a group that has more than one byte are ordered. */
enum order { ORDER_UNKNOWN, ORDER_BYTES, ORDER_NUMBERS };

struct reader {
	struct dump_bytes *out;
	unsigned int nr_line;
	enum order order;
	bool any_label;
	uint64_t base;	  /* first label */
	bool octal;	  /* labels */
	bool marked;	  /* numbers with 0x were seen: lines without one are no bytes */
	unsigned int bad; /* the first line that is not understood unless marked; 0: none */
	bool star;	  /* lines that are equal to the last one were left out */
	size_t row;	  /* bytes of the last line */
};

static int __attribute__((format(printf, 2, 3))) fail(struct reader *r, const char *fmt, ...)
{
	char text[120];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(r->out->why, sizeof(r->out->why), "line %u: %s", r->nr_line, text);

	return -EINVAL;
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;

	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;

	return s;
}

static const char *skip_digits(const char *s, const char *end)
{
	while (s < end && hex_of(*s) >= 0)
		s++;

	return s;
}

/* ---- the parts of a line ---- */

/* A group at s: returns the text after it, NULL if there is none. */
static const char *take_group(const char *s, const char *end, struct group *g)
{
	const char *after;

	g->marked = end - s > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
	if (g->marked)
		s += 2;
	after = skip_digits(s, end);
	g->s = s;
	g->digits = (unsigned int)(after - s);
	if (!g->digits || (g->digits & 1 && !g->marked) || (g->marked && g->digits > 16))
		return NULL;
	/* The suffixes of C. */
	while (g->marked && after < end && strchr("uUlL", *after))
		after++;
	/* A word that begins with hexadecimal digits is none. */
	if (after < end && !is_blank(*after) && !strchr(",;})]\"'\\|", *after))
		return NULL;

	return after;
}

/* "... 00000000: ", "0x40000000 <sym+16>:\t": the label, from its colon on. */
static const char *find_label(struct line *l)
{
	struct group g;

	for (const char *colon = l->s; colon < l->end; colon++) {
		const char *digits = colon, *after = skip_blanks(colon + 1, l->end);

		if (*colon != ':' || after == colon + 1 || !take_group(after, l->end, &g))
			continue;
		if (digits > l->s && digits[-1] == '>') {
			while (digits > l->s && *digits != '<')
				digits--;
			while (digits > l->s && is_blank(digits[-1]))
				digits--;
		}
		l->label = digits;
		while (l->label > l->s && hex_of(l->label[-1]) >= 0)
			l->label--;
		l->nr_label = (unsigned int)(digits - l->label);
		if (l->nr_label < 4)
			continue;
		l->labelled = l->colon = true;
		return after;
	}

	return NULL;
}

/* "00000010  05 80 ...", "0000020 05 80 ...": a label without a colon is longer than the groups. */
static const char *find_bare_label(struct line *l, bool labels_before)
{
	const char *s = skip_blanks(l->s, l->end), *after = skip_digits(s, l->end), *next;
	struct group g;

	if (after - s < 6 || after - s > 16 || (after < l->end && !is_blank(*after)))
		return NULL;
	next = skip_blanks(after, l->end);
	if (next == l->end ? !labels_before
			   : !take_group(next, l->end, &g) || g.marked ||
				     (g.digits > 4 && (after - s > 7 || g.digits < 8)))
		return NULL;
	l->labelled = true;
	l->label = s;
	l->nr_label = (unsigned int)(after - s);

	return next;
}

/* Groups after a label: up to the column of characters. */
static void take_column(struct line *l, const char *s)
{
	while (s < l->end && l->nr < MAX_GROUPS) {
		struct group *g = &l->group[l->nr];
		const char *after = take_group(s, l->end, g), *next;

		/* Groups of one width; the last line of a dump can end earlier. */
		if (!after ||
		    (l->nr && g->digits != l->group[0].digits && g->digits > l->group[0].digits))
			break;
		l->nr++;
		next = skip_blanks(after, l->end);
		s = next;
		/* hexdump -C has a gap in the middle; others have one before the characters. */
		if (next - after > 1 && *after != '\t' &&
		    !(next - after == 2 && l->nr == 8 && g->digits == 2))
			break;
	}
	l->rest = s;
}

static bool is_punctuation(char c)
{
	return is_blank(c) || strchr(",;{}[]()\"'", c);
}

/* A line without a label: groups only, or among other words those with 0x. */
static bool take_free(struct line *l)
{
	bool words = false, marked = false, plain = false;
	const char *s = l->s;

	while (s < l->end && l->nr < MAX_GROUPS) {
		const char *after;

		if (is_punctuation(*s)) {
			s++;
			continue;
		}
		if (l->end - s > 3 && s[0] == '\\' && s[1] == 'x' && hex_of(s[2]) >= 0 &&
		    hex_of(s[3]) >= 0) {
			l->group[l->nr++] = (struct group){ s + 2, 2, true };
			s += 4;
			continue;
		}
		if (l->end - s >= 2 && s[0] == '/' && (s[1] == '/' || s[1] == '*'))
			break;
		after = take_group(s, l->end, &l->group[l->nr]);
		if (after) {
			marked |= l->group[l->nr].marked;
			plain |= !l->group[l->nr].marked;
			l->nr++;
		} else {
			words = true;
			for (after = s; after < l->end && !is_punctuation(*after);)
				after++;
		}
		s = after > s ? after : s + 1;
	}
	if (!words || !marked)
		return !words;
	/* Words that look like digits are not meant. */
	if (plain) {
		unsigned int kept = 0;

		for (unsigned int i = 0; i < l->nr; i++) {
			if (l->group[i].marked)
				l->group[kept++] = l->group[i];
		}
		l->nr = kept;
	}

	return true;
}

/* ---- bytes of a line ---- */

static unsigned int group_bytes(const struct group *g)
{
	return (g->digits + 1) / 2;
}

/* Byte i of a group, in the order of memory. */
static uint8_t group_byte(const struct group *g, unsigned int i, bool number)
{
	unsigned int n = group_bytes(g), at = number ? n - 1 - i : i;
	/* 0x5 has half of a byte at its beginning. */
	int first = 2 * (int)at - (int)(g->digits & 1);

	return (uint8_t)((first < 0 ? 0 : hex_of(g->s[first])) << 4 | hex_of(g->s[first + 1]));
}

static bool is_number(const struct group *g, enum order order)
{
	return g->digits > 2 && (g->marked || order == ORDER_NUMBERS);
}

/* Whether the column of characters shows the bytes in this order. */
static bool fits_characters(const struct line *l, enum order order)
{
	const char *c = skip_blanks(l->rest, l->end);

	if (c < l->end && *c == '|')
		c++;
	for (unsigned int i = 0; i < l->nr; i++) {
		for (unsigned int k = 0; k < group_bytes(&l->group[i]); k++, c++) {
			uint8_t byte = group_byte(&l->group[i], k, order == ORDER_NUMBERS);

			if (c >= l->end || (byte > ' ' && byte < 0x7f ? *c != (char)byte : false))
				return false;
			if (byte >= 0x80 && *c != '.')
				return false;
		}
	}

	return true;
}

/* Of groups of several bytes: what their line shows about their order. */
static enum order order_of(const struct line *l)
{
	bool bytes, numbers;

	if (!l->nr || l->group[0].digits <= 2 || l->group[0].marked)
		return ORDER_UNKNOWN;
	/* hexdump and od -x: numbers of 16 bits after a label without a colon. */
	if (l->labelled && !l->colon)
		return ORDER_NUMBERS;
	bytes = fits_characters(l, ORDER_BYTES);
	numbers = fits_characters(l, ORDER_NUMBERS);
	if (bytes == numbers)
		return ORDER_UNKNOWN;

	return bytes ? ORDER_BYTES : ORDER_NUMBERS;
}

static int put(struct reader *r, uint8_t byte)
{
	if (r->out->len == r->out->size)
		return -ENOSPC;
	r->out->buf[r->out->len++] = byte;

	return 0;
}

static uint64_t label_value(const struct line *l, unsigned int radix)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < l->nr_label; i++)
		value = value * radix + (unsigned int)hex_of(l->label[i]);

	return value;
}

/* Repeats the last row up to this offset. */
static int repeat(struct reader *r, uint64_t upto)
{
	while (r->out->len < upto) {
		if (put(r, r->out->buf[r->out->len - r->row]))
			return -ENOSPC;
	}

	return 0;
}

/* Holds the label against the bytes before it. */
static int check_label(struct reader *r, const struct line *l)
{
	uint64_t at;

	if (!r->any_label) {
		r->any_label = true;
		r->base = label_value(l, 16);
		return 0;
	}
	at = label_value(l, r->octal ? 8 : 16) - r->base;
	/* od and hexdump count in octal digits, seven of them. */
	if (!r->octal && at != r->out->len && l->nr_label == 7 && !r->base &&
	    (label_value(l, 8) == r->out->len || r->star)) {
		r->octal = true;
		at = label_value(l, 8);
	}
	if (r->star && at > r->out->len && r->row)
		return repeat(r, at);
	if (at != r->out->len)
		return fail(r, "the label says offset 0x%llx, but 0x%zx bytes precede it",
			    (unsigned long long)at, r->out->len);

	return 0;
}

static int take_bytes(struct reader *r, const struct line *l)
{
	size_t before;
	int ret = l->labelled ? check_label(r, l) : 0;

	if (ret)
		return ret;
	before = r->out->len;
	for (unsigned int i = 0; i < l->nr; i++) {
		const struct group *g = &l->group[i];

		for (unsigned int k = 0; k < group_bytes(g); k++) {
			if (put(r, group_byte(g, k, is_number(g, r->order))))
				return -ENOSPC;
		}
	}
	r->row = r->out->len - before;
	r->star = false;

	return 0;
}

/* ---- lines ---- */

static bool is_text_only(const struct line *l)
{
	const char *s = skip_blanks(l->s, l->end);

	return s == l->end || *s == '#' || (l->end - s >= 2 && s[0] == '/' && s[1] == '/');
}

/* Returns false if the line is not understood. */
static bool split(struct line *l, bool labels_before)
{
	const char *s;

	l->nr = 0;
	l->labelled = l->colon = false;
	l->rest = l->end;
	s = find_label(l);
	if (!s)
		s = find_bare_label(l, labels_before);
	if (!s)
		return take_free(l);
	take_column(l, s);

	return true;
}

static int read_line(struct reader *r, struct line *l, bool vote)
{
	const char *s = skip_blanks(l->s, l->end);

	if (is_text_only(l))
		return 0;
	if (l->end - s == 1 && *s == '*') {
		r->star = true;
		return 0;
	}
	if (!split(l, r->any_label)) {
		/* The rest of a declaration in C, among lines with its values. */
		if (!r->bad)
			r->bad = r->nr_line;
		return 0;
	}
	if (l->nr == MAX_GROUPS)
		return fail(r, "more than %d groups of digits", MAX_GROUPS - 1);
	if (vote) {
		r->any_label |= l->labelled;
		r->marked |= !l->labelled && l->nr && l->group[0].marked;
		if (r->order == ORDER_UNKNOWN)
			r->order = order_of(l);
		/* Plain digits without labels are bytes; after a label both are known. */
		r->out->unsure |=
			l->colon && l->nr && l->group[0].digits > 4 && !l->group[0].marked;
		return 0;
	}

	return take_bytes(r, l);
}

static int read_lines(struct reader *r, const char *text, size_t len, bool vote)
{
	const char *end = text + len;
	struct line l;
	int ret;

	r->nr_line = 0;
	r->any_label = r->star = false;
	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));

		r->nr_line++;
		l.s = text;
		l.end = line_end ? line_end : end;
		text = l.end + !!line_end;
		while (l.end > l.s && l.end[-1] == '\r')
			l.end--;
		ret = read_line(r, &l, vote);
		if (ret)
			return ret;
	}

	return 0;
}

bool dump_is_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((bytes[i] < ' ' && !strchr("\t\n\r", bytes[i] ? bytes[i] : '!')) ||
		    bytes[i] >= 0x7f)
			return false;
	}

	return true;
}

int dump_bytes_read(const char *text, size_t len, struct dump_bytes *out)
{
	struct reader r = { .out = out, .order = ORDER_UNKNOWN };
	int ret;

	out->len = 0;
	out->why[0] = '\0';
	out->unsure = false;
	ret = read_lines(&r, text, len, true);
	if (!ret && r.bad && !r.marked) {
		r.nr_line = r.bad;
		ret = fail(&r, "not understood: no bytes in hexadecimal");
	}
	if (ret)
		return ret;
	out->unsure &= r.order == ORDER_UNKNOWN && !out->words;
	if (out->words)
		r.order = ORDER_NUMBERS;

	return read_lines(&r, text, len, false);
}
