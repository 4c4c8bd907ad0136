// SPDX-License-Identifier: GPL-2.0-only
/* Registers by their names. */
#include <string.h>
#include <strings.h>

#include "dump/scan.h"
#include "ffa/catalogue.h"

void scan_took(struct scan *s, const char *from, const struct token *last)
{
	if (!s->from)
		s->from = from;
	s->to = last->s + last->len;
}

/* FFA_ERROR, FFA_ERROR_32, FFA_MSG_SEND_DIRECT_REQ_SMC64 and the like. */
const struct ffa_call *scan_call(const struct token *t)
{
	static const char *const endings[] = { "_32", "_SMC32", "_AARCH32" };
	const struct ffa_call *call;
	char name[64];
	size_t len = t->len;

	if (len < 5 || len >= sizeof(name) || (*t->s | 0x20) != 'f' || strncasecmp(t->s, "FFA_", 4))
		return NULL;
	memcpy(name, t->s, len);
	name[len] = '\0';
	call = ffa_call_find(name);
	for (size_t i = 0; !call && i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t cut = strlen(endings[i]);

		if (len > cut && !strcasecmp(name + len - cut, endings[i])) {
			name[len - cut] = '\0';
			call = ffa_call_find(name);
			name[len - cut] = endings[i][0];
		}
	}
	if (!call && len > 6 && !strcasecmp(name + len - 6, "_SMC64")) {
		memcpy(name + len - 6, "_64", 4);
		call = ffa_call_find(name);
	}

	return call;
}

/* ---- names ---- */

/* The first letters of the names in the table; a test holds them against it. */
#define LETTER(c) [c] = true, [(c) ^ 0x20] = true
static const bool begins_name[256] = {
	LETTER('x'), LETTER('w'), LETTER('a'), LETTER('r'), LETTER('f'), LETTER('s'),
};

/* The register that the tokens at i name; *next: after the name. -1: none. */
int scan_name(const struct scan *s, unsigned int i, bool *narrow, unsigned int *next)
{
	const struct token *t = &s->t[i];
	const struct dump_name *name;
	unsigned int letters = 0, reg = 0;

	/* Most words are none: look at the first letter before the table. */
	if (!t->run || t->len > 11 || t->marked || !begins_name[(unsigned char)t->s[0]])
		return -1;
	while (letters < t->len && (t->s[letters] < '0' || t->s[letters] > '9'))
		letters++;
	for (name = dump_names; name < dump_names + dump_nr_names; name++) {
		if (name->len != letters || (name->base[0] ^ t->s[0]) & ~0x20 ||
		    strncasecmp(name->base, t->s, letters))
			continue;
		*narrow = name->narrow;
		*next = i + 1;
		if (name->is_call)
			return letters == t->len ? 0 : -1;
		if (letters < t->len) {
			if (t->len - letters > 2)
				return -1;
			for (unsigned int d = letters; d < t->len; d++) {
				if (t->s[d] < '0' || t->s[d] > '9')
					return -1;
				reg = reg * 10 + (unsigned int)(t->s[d] - '0');
			}
		} else if (scan_is_char(s, i + 1, '[') && scan_is_number(s, i + 2) &&
			   scan_is_char(s, i + 3, ']')) {
			reg = (unsigned int)(s->t[i + 2].dec < NR_NAMED ? s->t[i + 2].dec
									: NR_NAMED);
			*next = i + 4;
		} else {
			return -1;
		}
		return reg < NR_NAMED ? (int)reg : -1;
	}

	return -1;
}

/* Behind quotes, "(/64)" and =, : or | at i. *sign: one of the three was there. */
static unsigned int skip_sign(const struct scan *s, unsigned int i, bool *sign)
{
	if (scan_is_char(s, i, '"') || scan_is_char(s, i, '\''))
		i++;
	if (scan_is_char(s, i, '(') && scan_is_char(s, i + 1, '/') && scan_is_char(s, i + 3, ')'))
		i += 4;
	*sign = scan_is_char(s, i, '=') || scan_is_char(s, i, ':') || scan_is_char(s, i, '|');
	if (*sign)
		i++;
	if (*sign && scan_is_char(s, i, '='))
		i++;
	if (scan_is_char(s, i, '"') || scan_is_char(s, i, '\''))
		i++;

	return i;
}

static bool is_wide_number(const struct token *t)
{
	return t->number && (t->marked || t->digits >= 8);
}

/* More values after one: gdb's decimal column, or the registers that follow in a dump. */
static unsigned int take_more(struct scan *s, unsigned int i, unsigned int reg, bool narrow,
			      unsigned int set, bool equals)
{
	const struct token *first = &s->t[i];
	bool ignored;
	unsigned int next;

	if (scan_is_number(s, i + 1) && s->t[i + 1].gap && first->marked &&
	    s->t[i + 1].dec == first->hex && !s->t[i + 1].marked &&
	    scan_name(s, i + 1, &ignored, &next) < 0)
		return i + 1;
	while (!equals && !first->marked && first->digits >= 8 && scan_is_number(s, i + 1) &&
	       s->t[i + 1].gap && s->t[i + 1].digits == first->digits && !s->t[i + 1].marked &&
	       reg + 1 < NR_NAMED)
		scan_add(s, ++reg, narrow, set, &s->t[++i], NULL);

	return i;
}

/* Whether a name stands for the function identifier. */
static bool names_call(const struct token *t)
{
	for (size_t k = 0; k < dump_nr_names; k++) {
		if (dump_names[k].is_call && token_is(t, dump_names[k].base))
			return true;
	}

	return false;
}

/* A name and its value at i. Returns the index of the last token, n if there is none. */
unsigned int scan_named(struct scan *s, unsigned int i, unsigned int set)
{
	const struct ffa_call *call = NULL;
	unsigned int next, value;
	bool narrow, sign;
	int reg = scan_name(s, i, &narrow, &next);

	if (reg < 0)
		return s->n;
	next = skip_sign(s, next, &sign);
	value = scan_number_at(s, next);
	if (value == s->n && !reg && next < s->n)
		call = scan_call(&s->t[next]);
	if (value == s->n && !call) {
		if (sign && !s->fault_at) {
			s->fault_at = s->t[i].s;
			s->fault_len = s->t[i].len;
		}
		return s->n;
	}
	if (!call && !sign && !(s->t[value].gap && (is_wide_number(&s->t[value]) || s->loose)))
		return s->n;
	if (!call && names_call(&s->t[i]) && scan_is_number(s, value + 1)) {
		value = scan_take_list(s, value, 0, set) - 1;
		scan_took(s, s->t[i].s, &s->t[value]);
		return value;
	}
	s->loose |= !sign;
	s->named = true;
	scan_add(s, (unsigned int)reg, narrow, set, call ? NULL : &s->t[value], call);
	if (call)
		value = next;
	else
		value = take_more(s, value, (unsigned int)reg, narrow, set,
				  scan_is_char(s, value - 1, '='));
	scan_took(s, s->t[i].s, &s->t[value]);

	return value;
}
