// SPDX-License-Identifier: GPL-2.0-only
/* Registers out of a line of text, in the shapes in which logs have them. */
#include <errno.h>
#include <string.h>

#include "ffa/ffa.h"
#include "ffa/text.h"

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;

	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * A hexadecimal word at s, with or without 0x, at most 16 digits, that ends at a separator or at
 * the end. Returns its length, 0 if there is none.
 */
static size_t read_hex(const char *s, const char *end, uint64_t *value, bool *marked)
{
	const char *start = s;
	uint64_t sum = 0;
	unsigned int digits = 0;

	*marked = end - s > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
	if (*marked)
		s += 2;
	for (; s < end && digit_of(*s) >= 0; s++) {
		if (++digits > 16)
			return 0;
		sum = sum << 4 | (unsigned int)digit_of(*s);
	}
	if (!digits || (s < end && !is_separator(*s)))
		return 0;
	*value = sum;

	return (size_t)(s - start);
}

static const char *skip(const char *s, const char *end)
{
	while (s < end && is_separator(*s))
		s++;

	return s;
}

/* Words from s on, x0 first. Returns how many; -EINVAL for one that is no number, or too many. */
static int read_words(const char *s, const char *end, struct ffa_regs *regs)
{
	int n = 0;

	for (s = skip(s, end); s < end; s = skip(s, end)) {
		uint64_t value;
		bool marked;
		size_t len = read_hex(s, end, &value, &marked);

		if (!len || n == FFA_NR_REGS)
			return -EINVAL;
		regs->x[n++] = value;
		s += len;
	}

	return n ? n : -EINVAL;
}

/* "x0=1 x1=2", "w0: 0x1, w1: 0x2". What else stands there ends the list. */
static int read_named(const char *s, const char *end, struct ffa_regs *regs)
{
	unsigned int given = 0;
	int n = 0;

	while ((s = skip(s, end)) < end && (*s | 0x20) >= 'w' && (*s | 0x20) <= 'x') {
		const char *at = s + 1;
		unsigned int reg = 0, digits = 0;
		uint64_t value;
		bool marked;
		size_t len;

		for (; at < end && *at >= '0' && *at <= '9' && digits < 2; at++, digits++)
			reg = reg * 10 + (unsigned int)(*at - '0');
		if (!digits || reg >= FFA_NR_REGS || given >> reg & 1)
			return -EINVAL;
		at = skip(at, end);
		if (at == end || (*at != '=' && *at != ':'))
			return -EINVAL;
		at = skip(at + 1, end);
		len = read_hex(at, end, &value, &marked);
		if (!len)
			return -EINVAL;
		if ((*s | 0x20) == 'w' && value > UINT32_MAX)
			return -EINVAL;
		regs->x[reg] = value;
		given |= 1u << reg;
		n++;
		s = at + len;
	}

	/* Without x0 nobody knows what call it is. */
	return given & 1 ? n : -EINVAL;
}

/* Behind the number of TF-A's "SPM(0): ", NULL if the line has none. */
static const char *after_spm(const char *line, const char *end)
{
	const char *s = memmem(line, (size_t)(end - line), "SPM(", 4);

	if (!s)
		return NULL;
	for (s += 4; s < end && *s >= '0' && *s <= '9'; s++)
		;
	if (end - s < 2 || s[0] != ')' || s[1] != ':')
		return NULL;

	return s + 2;
}

/* Where "x0=" or "w0:" begins, as a word of its own; NULL if nowhere. */
static const char *find_x0(const char *line, const char *end)
{
	for (const char *s = line; end - s >= 3; s++) {
		const char *at;

		s = memchr(s, '0', (size_t)(end - s));
		if (!s)
			return NULL;
		if (s == line || ((s[-1] | 0x20) != 'x' && (s[-1] | 0x20) != 'w'))
			continue;
		if (s - 1 > line && !is_separator(s[-2]) && !strchr("({[:;", s[-2]))
			continue;
		at = skip(s + 1, end);
		if (at < end && (*at == '=' || *at == ':'))
			return s - 1;
	}

	return NULL;
}

/* A fast call of the standard service with the function number of an FF-A call (DEN0028 2.5). */
static bool is_ffa(uint64_t value)
{
	return (value & ~(uint64_t)FFA_FID_SMC64) >> 8 == 0x840000 && (value & 0xff) >= 0x60;
}

static int parse_line(const char *line, size_t len, struct ffa_regs *regs)
{
	const char *end = line + len, *s;
	uint64_t value;
	bool marked;
	size_t n;
	int ret;

	while (end > line && (is_separator(end[-1]) || end[-1] == '\n'))
		end--;

	s = after_spm(line, end);
	if (s)
		return read_words(s, end, regs);
	s = find_x0(line, end);
	if (s)
		return read_named(s, end, regs);

	/* Nothing but numbers, of which the first is one in plain sight. */
	s = skip(line, end);
	n = read_hex(s, end, &value, &marked);
	if (n && (marked || n == 8 || n == 16)) {
		ret = read_words(s, end, regs);
		if (ret > 0)
			return ret;
	}

	/* Or an FF-A identifier somewhere in the line, and nothing but numbers behind it. */
	for (; s < end; s = skip(s, end)) {
		n = read_hex(s, end, &value, &marked);
		if (n && marked && is_ffa(value)) {
			memset(regs, 0, sizeof(*regs));
			return read_words(s, end, regs);
		}
		while (s < end && !is_separator(*s))
			s++;
	}

	return -EINVAL;
}

int ffa_parse_line(const char *line, size_t len, struct ffa_regs *regs)
{
	int ret;

	memset(regs, 0, sizeof(*regs));
	ret = parse_line(line, len, regs);
	if (ret < 0)
		memset(regs, 0, sizeof(*regs));

	return ret;
}
