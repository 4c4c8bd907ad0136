// SPDX-License-Identifier: GPL-2.0-only
/* Values in order: lists after an introduction, calls by name, answers. */
#include <string.h>
#include <strings.h>

#include "dump/scan.h"
#include "ffa/call.h"

/* Whether the text before a number ends with an introduction of the table that fits it. */
bool scan_has_intro(struct scan *s, const struct token *t)
{
	const struct dump_format *f;
	const char *at = t->s;

	while (at > s->line && strchr(" \t:=", at[-1]))
		at--;
	if (at == t->s)
		return false;
	/* The number of a CPU: SPM(0): */
	if (at > s->line && at[-1] == ')') {
		const char *open = at - 1;

		while (open > s->line && open[-1] >= '0' && open[-1] <= '9')
			open--;
		if (open > s->line && open[-1] == '(')
			at = open - 1;
	}
	for (size_t i = 0; (f = dump_format_at(i)); i++) {
		size_t len;

		if (!f->intro)
			break; /* rows with an introduction come first */
		len = strlen(f->intro);
		len -= f->intro[len - 1] == ':' || f->intro[len - 1] == '=';
		if ((size_t)(at - s->line) < len || (at[-1] ^ f->intro[len - 1]) & ~0x20 ||
		    strncasecmp(at - len, f->intro, len))
			continue;
		s->hexadecimal = f->hexadecimal;
		/* id= is not part of the prefix. */
		if (f->intro[len] == '=')
			s->intro = at - len;
		return f->any_call;
	}

	return false;
}

static bool is_list_sign(const struct token *t)
{
	return !t->run && strchr(",;'\"", *t->s);
}

/* Numbers from i on, x<reg> first. Returns the index after the last. */
unsigned int scan_take_list(struct scan *s, unsigned int i, unsigned int reg, unsigned int set)
{
	unsigned int last = i;

	for (; i < s->n; i++) {
		unsigned int value = scan_number_at(s, i);

		if (value < s->n) {
			if (s->t[value].gap || i == last || value > i || !s->t[value - 1].run) {
				scan_add(s, reg < 255 ? reg : 255, false, set, &s->t[value], NULL);
				reg++;
				i = value;
				last = i + 1;
				continue;
			}
			break;
		}
		if (!is_list_sign(&s->t[i]))
			break;
	}
	if (reg > s->listed)
		s->listed = reg;

	return last;
}

/* The index after ->, = or ret, where the answer begins; n: no answer. */
static unsigned int answer_at(const struct scan *s, unsigned int i)
{
	static const char *const words[] = { "ret", "returned", "returns", "result", "answer" };
	unsigned int start;

	while (scan_is_char(s, i, ')') || scan_is_char(s, i, ']') || scan_is_char(s, i, ','))
		i++;
	start = i;
	if (scan_is_char(s, i, '-') && scan_is_char(s, i + 1, '>'))
		i += 2;
	else if (scan_is_char(s, i, '='))
		i += 1 + scan_is_char(s, i + 1, '>');
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		if (i < s->n && token_is(&s->t[i], words[w]))
			i++;
	}
	if (i == start)
		return s->n;
	while (scan_is_char(s, i, ':') || scan_is_char(s, i, '=') || scan_is_char(s, i, '{') ||
	       scan_is_char(s, i, '['))
		i++;

	return scan_number_at(s, i) < s->n ? i : s->n;
}

/* `| ns 0x0 ...': x8 to x17 and the world, as the lab's monitor prints them. */
static unsigned int take_world(struct scan *s, unsigned int i)
{
	if (!scan_is_char(s, i, '|') || i + 1 >= s->n)
		return i;
	if (token_is(&s->t[i + 1], "ns"))
		s->world = 'n';
	else if (token_is(&s->t[i + 1], "s"))
		s->world = 's';
	else
		return i;

	return scan_take_list(s, i + 2, 8, 0);
}

static void read_answer(struct scan *s, unsigned int i)
{
	unsigned int at = answer_at(s, i);

	if (at < s->n)
		scan_took(s, s->from, &s->t[scan_take_list(s, at, 0, 1) - 1]);
}

void scan_list(struct scan *s, unsigned int i)
{
	unsigned int behind = scan_take_list(s, i, 0, 0);

	behind = take_world(s, behind);
	scan_took(s, s->t[i].minus ? s->t[i].s - 1 : s->t[i].s, &s->t[behind - 1]);
	read_answer(s, behind);
}

/* FFA_ID_GET(0x0, ...) and FFA_ID_GET ret 0x...; false: only mentioned. */
bool scan_read_call(struct scan *s, unsigned int i)
{
	const struct ffa_call *call = scan_call(&s->t[i]);
	unsigned int behind = i + 1;

	if (!call)
		return false;
	if (scan_is_char(s, behind, '(') &&
	    (scan_number_at(s, behind + 1) < s->n || scan_is_char(s, behind + 1, ')'))) {
		scan_add(s, 0, false, 0, NULL, call);
		behind = scan_take_list(s, behind + 1, 1, 0);
		while (scan_is_char(s, behind, ')'))
			behind++;
	} else if (answer_at(s, behind) < s->n) {
		scan_add(s, 0, false, 0, NULL, call);
	} else {
		return false;
	}
	scan_took(s, s->t[i].s, &s->t[behind - 1]);
	read_answer(s, behind);

	return true;
}
