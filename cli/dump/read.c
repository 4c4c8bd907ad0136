// SPDX-License-Identifier: GPL-2.0-only
/* Registers out of one line. */
#include <stdio.h>
#include <string.h>

#include "dump/scan.h"
#include "ffa/answer.h"
#include "ffa/call.h"

/* ---- the line ---- */

/* Whether the numbers at i begin a list: an FF-A call, or what an introduction promises. */
static bool begins_list(struct scan *s, unsigned int i)
{
	const struct token *t = &s->t[i];

	if (!t->number || t->minus)
		return false;

	if (t->marked && scan_is_call_in_hex(t)) {
		/* The introduction matters only if it is id=. */
		if (t->s > s->line && t->s[-1] == '=')
			scan_has_intro(s, t);
		return true;
	}

	return scan_has_intro(s, t) || scan_is_call_in_hex(t) || scan_is_call_in_decimal(t);
}

static bool names_x0(const struct scan *s, unsigned int set)
{
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		if (!s->pair[i].reg && s->pair[i].set == set)
			return true;
	}

	return false;
}

/* Whether the names from here on are those of an answer, if x0 is among them again. */
static bool is_arrow(const struct scan *s, unsigned int i)
{
	const struct token *t = &s->t[i];

	if (!t->run)
		return *t->s == '>' && i && token_is_char(t - 1, '-');

	return token_is(t, "ret") || token_is(t, "returned") || token_is(t, "result");
}

static void read_line(struct scan *s)
{
	unsigned int set = 0;
	bool arrow = false;

	for (unsigned int i = 0; i < s->n; i++) {
		unsigned int last;
		bool narrow;

		if (is_arrow(s, i)) {
			arrow = true;
			continue;
		}
		if (!s->t[i].run)
			continue;
		if (arrow && !set && names_x0(s, 0) && !scan_name(s, i, &narrow, &last))
			set = 1;
		last = scan_named(s, i, set);
		if (last < s->n) {
			i = last;
			arrow = false;
			continue;
		}
		if (!s->nr_pairs && begins_list(s, i)) {
			scan_list(s, i);
			if (s->nr_pairs > 1)
				return;
			/* An identifier alone: names may follow. */
		} else if (!s->nr_pairs && s->t[i].len > 4 && scan_read_call(s, i)) {
			return;
		}
	}
}

/* Nothing but numbers. */
static bool read_bare(struct scan *s)
{
	const struct token *first = NULL;

	for (unsigned int i = 0; i < s->n; i++) {
		const struct token *t = &s->t[i];

		if (t->number && !first)
			first = t;
		if (!t->number && (t->run || !strchr(",;()[]{}\"'-", *t->s)))
			return false;
	}
	if (!first || first->minus ||
	    !(first->marked || s->answers || first->digits == 8 || first->digits == 16))
		return false;
	scan_list(s, (unsigned int)(first - s->t));

	return true;
}

/* ---- what was read ---- */

static inline bool give(struct dump_line *out, struct ffa_dump *dump, const struct pair *p,
			enum radix radix)
{
	uint64_t value = p->call ? p->call->fid : scan_value(p->value, radix);

	if (p->narrow && value > UINT32_MAX) {
		if (!p->value->minus) {
			snprintf(out->fault, sizeof(out->fault),
				 "w%u has 32 bits: 0x%llx does not fit", p->reg,
				 (unsigned long long)value);
			return false;
		}
		value = (uint32_t)value;
	}
	if (ffa_given(dump, p->reg, 31, 0) && dump->x[p->reg] != value) {
		snprintf(out->fault, sizeof(out->fault), "x%u is given twice, as 0x%llx and 0x%llx",
			 p->reg, (unsigned long long)dump->x[p->reg], (unsigned long long)value);
		return false;
	}
	ffa_give(dump, p->reg, value, !p->narrow);

	return true;
}

static bool give_all(const struct scan *s, struct dump_line *out)
{
	enum radix radix = scan_radix(s);

	out->two_readings = radix == UNSURE;
	if (radix == UNSURE)
		out->decimal = (struct ffa_dump){ .missing = FFA_MISSING_ALL };
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		const struct pair *p = &s->pair[i];

		if (p->reg >= FFA_NR_REGS) {
			out->others |= p->reg < NR_NAMED ? UINT64_C(1) << p->reg : 0;
			continue;
		}
		if (p->set && !out->has_answer)
			out->answer = (struct ffa_dump){ .missing = FFA_MISSING_ALL };
		out->has_answer |= p->set;
		if (!give(out, p->set ? &out->answer : &out->regs, p, radix))
			return false;
		if (radix == UNSURE && !p->set && !give(out, &out->decimal, p, DECIMAL))
			return false;
	}

	return true;
}

static void trim(const char **from, const char **to, const char *chars)
{
	while (*from < *to && strchr(chars, **from))
		(*from)++;
	while (*to > *from && strchr(chars, (*to)[-1]))
		(*to)--;
}

/* Characters around the numbers that belong to neither the prefix nor the rest. */
#define BEFORE 1
#define AFTER  2
static const unsigned char around[256] = {
	['\0'] = BEFORE | AFTER, [' '] = BEFORE | AFTER, ['\t'] = BEFORE | AFTER,
	['{'] = BEFORE,		 ['['] = BEFORE,	 ['('] = BEFORE,
	['<'] = BEFORE,		 ['$'] = BEFORE,	 ['%'] = BEFORE,
	['.'] = BEFORE | AFTER,	 ['"'] = BEFORE | AFTER, ['\''] = BEFORE | AFTER,
	['\r'] = AFTER,		 [','] = AFTER,		 [';'] = AFTER,
	[')'] = AFTER,		 [']'] = AFTER,		 ['}'] = AFTER,
	['>'] = AFTER,		 ['|'] = AFTER,
};

static bool is_around(char c, unsigned int side)
{
	return around[(unsigned char)c] & side;
}

/* The text before and after, without the punctuation that surrounded the numbers. */
static void set_surroundings(const struct scan *s, struct dump_line *out)
{
	const char *from = s->line, *to = s->intro ? s->intro : s->from;

	while (to > from && is_around(to[-1], BEFORE))
		to--;
	trim(&from, &to, "\r");
	out->prefix = from;
	out->prefix_len = (size_t)(to - from);
	from = s->to;
	to = s->end;
	while (from < to && is_around(*from, AFTER))
		from++;
	trim(&from, &to, " \t\r");
	out->rest = from;
	out->rest_len = (size_t)(to - from);
}

static void set_forwarded(const struct scan *s, struct dump_line *out)
{
	for (unsigned int i = 0; i + 2 < s->n; i++) {
		if (!token_is(&s->t[i], "forwarded") || !scan_is_char(s, i + 1, '=') ||
		    !scan_is_number(s, i + 2) || s->t[i + 2].hex > 1)
			continue;
		out->forwarded = (int)s->t[i + 2].hex;
		if (out->rest == s->t[i].s)
			out->rest_len = 0;
	}
}

/* -2, 0xfffffffe, "ret = -2" and nothing else. */
static bool read_code(const struct scan *s, struct dump_line *out)
{
	static const char *const words[] = {
		"ret", "status", "error", "err", "code", "result", "rc"
	};
	const struct token *t = &s->t[s->n - 1];
	unsigned int i = 0;
	int64_t code;

	/* A word, a sign and a number with its sign. */
	if (!s->n || s->n > 4 || !t->number)
		return false;
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		if (!i && token_is(&s->t[0], words[w]))
			i = 1;
	}
	if (i && (scan_is_char(s, i, '=') || scan_is_char(s, i, ':')))
		i++;
	if (scan_number_at(s, i) != s->n - 1)
		return false;
	code = t->minus ? -(int64_t)t->hex : (int64_t)(int32_t)(uint32_t)t->hex;
	if (!t->minus && !(t->hex >> 31 == 1 || t->hex >> 31 == UINT64_C(0x1ffffffff)))
		return false;
	if (code >= 0 || !ffa_status_name((int32_t)code))
		return false;
	out->kind = DUMP_CODE;
	out->code = (int32_t)code;

	return true;
}

static void set_kind(const struct scan *s, struct dump_line *out)
{
	if (s->listed > FFA_NR_REGS) {
		out->kind = DUMP_FAULT;
		snprintf(out->fault, sizeof(out->fault),
			 "%u numbers, but only 18 registers (x0 to x17)", s->listed);
		return;
	}
	if (!s->nr_pairs) {
		out->kind = s->fault_at ? DUMP_FAULT : DUMP_NOTHING;
		if (s->fault_at)
			snprintf(out->fault, sizeof(out->fault), "no number after %.*s",
				 (int)s->fault_len, s->fault_at);
		return;
	}
	if (!give_all(s, out)) {
		out->kind = DUMP_FAULT;
		return;
	}
	out->kind = ffa_given(&out->regs, 0, 31, 0) ? DUMP_REGS : DUMP_FRAGMENT;
	out->named = s->named;
	out->world = s->world;
	set_surroundings(s, out);
	set_forwarded(s, out);
}

void dump_read(const char *line, size_t len, bool answers, struct dump_line *out)
{
	struct tokens tokens;
	struct pair pairs[MAX_PAIRS];
	struct scan s = {
		.line = line, .end = line + len, .t = tokens.t, .answers = answers, .pair = pairs
	};

	out->kind = DUMP_NOTHING;
	out->prefix = out->rest = line;
	out->prefix_len = out->rest_len = 0;
	out->regs = (struct ffa_dump){ .missing = FFA_MISSING_ALL };
	out->has_answer = out->two_readings = out->named = false;
	out->others = 0;
	out->forwarded = -1;
	out->world = 0;
	out->fault[0] = '\0';

	tokens_split(line, len, &tokens);
	s.n = tokens.n;
	if (!s.n || (!answers && read_code(&s, out)))
		return;
	if (answers && s.t[0].number && read_bare(&s)) {
		set_kind(&s, out);
		return;
	}
	read_line(&s);
	if (!s.nr_pairs)
		read_bare(&s);
	set_kind(&s, out);
}
