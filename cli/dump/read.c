// SPDX-License-Identifier: GPL-2.0-only
/* Registers out of one line. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dump/token.h"

#define NR_NAMED  31 /* x0 to x30 */
#define MAX_PAIRS 64

/* A value for a register; set 0: the call, 1: its answer. */
struct pair {
	const struct token *value;
	const struct ffa_call *call; /* x0 by its name, in place of value */
	uint8_t reg;
	uint8_t set;
	bool narrow;
};

struct scan {
	const char *line, *end;
	const struct token *t;
	unsigned int n;
	bool answers;
	struct pair pair[MAX_PAIRS];
	unsigned int nr_pairs;
	const char *from, *to; /* what was read */
	bool named;	       /* pairs come from names */
	bool loose;	       /* a name and a number with only a blank between them was seen */
	const char *fault_at;  /* the name that has no number */
	unsigned int fault_len;
	unsigned int listed; /* values of a list, more than there are registers if it is too long */
	char world;
	bool hexadecimal;  /* the introduction says so */
	const char *intro; /* where it begins, NULL: none */
};

bool dump_is_ffa(uint64_t value)
{
	/* A fast call of the standard service, with or without hint, number 0x60 to 0xff. */
	return (value & ~UINT64_C(0x400100ff)) == 0x84000000 && (value & 0xff) >= 0x60;
}

/* ---- numbers ---- */

enum radix {
	HEXADECIMAL,
	DECIMAL,
	UNSURE, /* hexadecimal is documented, decimal is possible */
};

static bool is_call_in_hex(const struct token *t)
{
	return dump_is_ffa(t->hex) && (t->marked || t->digits == 8 || t->digits == 16);
}

static bool is_call_in_decimal(const struct token *t)
{
	return t->dec != UINT64_MAX && dump_is_ffa(t->dec);
}

/* How the numbers without 0x are meant: the identifier tells, or the form of another number. */
static enum radix radix_of(const struct scan *s)
{
	bool differ = false;

	if (s->hexadecimal)
		return HEXADECIMAL;
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		const struct token *t = s->pair[i].value;

		if (!t || t->marked)
			continue;
		if (!s->pair[i].reg && is_call_in_hex(t))
			return HEXADECIMAL;
		if (!s->pair[i].reg && is_call_in_decimal(t))
			return DECIMAL;
	}
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		const struct token *t = s->pair[i].value;

		if (!t || t->marked)
			continue;
		if (t->letters || (t->digits >= 8 && *t->s == '0'))
			return HEXADECIMAL;
		differ |= t->hex != t->dec;
	}

	return differ ? UNSURE : HEXADECIMAL;
}

static uint64_t value_of(const struct token *t, enum radix radix)
{
	uint64_t value = radix == DECIMAL && !t->marked && t->dec != UINT64_MAX ? t->dec : t->hex;

	return t->minus ? -value : value;
}

/* ---- pairs ---- */

static bool is_char(const struct scan *s, unsigned int i, char c)
{
	return i < s->n && token_is_char(&s->t[i], c);
}

static bool is_number(const struct scan *s, unsigned int i)
{
	return i < s->n && s->t[i].number;
}

/* The index of the number at i, after its minus sign; n: no number. */
static unsigned int number_at(const struct scan *s, unsigned int i)
{
	if (is_char(s, i, '-') && is_number(s, i + 1) && s->t[i + 1].minus)
		return i + 1;

	return is_number(s, i) ? i : s->n;
}

static void add_pair(struct scan *s, unsigned int reg, bool narrow, unsigned int set,
		     const struct token *value, const struct ffa_call *call)
{
	if (s->nr_pairs == MAX_PAIRS)
		return;
	s->pair[s->nr_pairs++] = (struct pair){ .value = value,
						.call = call,
						.reg = (uint8_t)reg,
						.set = (uint8_t)set,
						.narrow = narrow };
}

static void took(struct scan *s, const char *from, const struct token *last)
{
	if (!s->from)
		s->from = from;
	s->to = last->s + last->len;
}

/* FFA_ERROR, FFA_ERROR_32, FFA_MSG_SEND_DIRECT_REQ_SMC64 and the like. */
static const struct ffa_call *call_of(const struct token *t)
{
	static const char *const endings[] = { "_32", "_SMC32", "_AARCH32" };
	const struct ffa_call *call;
	char name[64];
	size_t len = t->len;

	if (len < 5 || len >= sizeof(name) || strncasecmp(t->s, "FFA_", 4))
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
static int name_at(const struct scan *s, unsigned int i, bool *narrow, unsigned int *next)
{
	const struct token *t = &s->t[i];
	const struct dump_name *name;
	unsigned int letters = 0, reg = 0;

	/* Most words are none: look at the first letter before the table. */
	if (!t->run || t->len > 11 || t->marked || !begins_name[(unsigned char)t->s[0]])
		return -1;
	while (letters < t->len && (t->s[letters] < '0' || t->s[letters] > '9'))
		letters++;
	for (size_t k = 0; (name = dump_name_at(k)); k++) {
		if ((name->base[0] ^ t->s[0]) & ~0x20 || strlen(name->base) != letters ||
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
		} else if (is_char(s, i + 1, '[') && is_number(s, i + 2) &&
			   is_char(s, i + 3, ']')) {
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
	if (is_char(s, i, '"') || is_char(s, i, '\''))
		i++;
	if (is_char(s, i, '(') && is_char(s, i + 1, '/') && is_char(s, i + 3, ')'))
		i += 4;
	*sign = is_char(s, i, '=') || is_char(s, i, ':') || is_char(s, i, '|');
	if (*sign)
		i++;
	if (*sign && is_char(s, i, '='))
		i++;
	if (is_char(s, i, '"') || is_char(s, i, '\''))
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

	if (is_number(s, i + 1) && s->t[i + 1].gap && first->marked &&
	    s->t[i + 1].dec == first->hex && !s->t[i + 1].marked &&
	    name_at(s, i + 1, &ignored, &next) < 0)
		return i + 1;
	while (!equals && !first->marked && first->digits >= 8 && is_number(s, i + 1) &&
	       s->t[i + 1].gap && s->t[i + 1].digits == first->digits && !s->t[i + 1].marked &&
	       reg + 1 < NR_NAMED)
		add_pair(s, ++reg, narrow, set, &s->t[++i], NULL);

	return i;
}

/* Whether a name stands for the function identifier. */
static bool names_call(const struct token *t)
{
	const struct dump_name *name;

	for (size_t k = 0; (name = dump_name_at(k)); k++) {
		if (name->is_call && token_is(t, name->base))
			return true;
	}

	return false;
}

static unsigned int take_list(struct scan *s, unsigned int i, unsigned int reg, unsigned int set);

/* A name and its value at i. Returns the index of the last token, n if there is none. */
static unsigned int read_named(struct scan *s, unsigned int i, unsigned int set)
{
	const struct ffa_call *call = NULL;
	unsigned int next, value;
	bool narrow, sign;
	int reg = name_at(s, i, &narrow, &next);

	if (reg < 0)
		return s->n;
	next = skip_sign(s, next, &sign);
	value = number_at(s, next);
	if (value == s->n && !reg && next < s->n)
		call = call_of(&s->t[next]);
	if (value == s->n && !call) {
		if (sign && !s->fault_at) {
			s->fault_at = s->t[i].s;
			s->fault_len = s->t[i].len;
		}
		return s->n;
	}
	if (!call && !sign && !(s->t[value].gap && (is_wide_number(&s->t[value]) || s->loose)))
		return s->n;
	if (!call && names_call(&s->t[i]) && is_number(s, value + 1)) {
		value = take_list(s, value, 0, set) - 1;
		took(s, s->t[i].s, &s->t[value]);
		return value;
	}
	s->loose |= !sign;
	s->named = true;
	add_pair(s, (unsigned int)reg, narrow, set, call ? NULL : &s->t[value], call);
	if (call)
		value = next;
	else
		value = take_more(s, value, (unsigned int)reg, narrow, set,
				  is_char(s, value - 1, '='));
	took(s, s->t[i].s, &s->t[value]);

	return value;
}

/* ---- lists ---- */

/* Whether the text before a number ends with an introduction of the table that fits it. */
static bool has_intro(struct scan *s, const struct token *t)
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
static unsigned int take_list(struct scan *s, unsigned int i, unsigned int reg, unsigned int set)
{
	unsigned int last = i;

	for (; i < s->n; i++) {
		unsigned int value = number_at(s, i);

		if (value < s->n) {
			if (s->t[value].gap || i == last || value > i || !s->t[value - 1].run) {
				add_pair(s, reg < 255 ? reg : 255, false, set, &s->t[value], NULL);
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

	while (is_char(s, i, ')') || is_char(s, i, ']') || is_char(s, i, ','))
		i++;
	start = i;
	if (is_char(s, i, '-') && is_char(s, i + 1, '>'))
		i += 2;
	else if (is_char(s, i, '='))
		i += 1 + is_char(s, i + 1, '>');
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		if (i < s->n && token_is(&s->t[i], words[w]))
			i++;
	}
	if (i == start)
		return s->n;
	while (is_char(s, i, ':') || is_char(s, i, '=') || is_char(s, i, '{') || is_char(s, i, '['))
		i++;

	return number_at(s, i) < s->n ? i : s->n;
}

/* `| ns 0x0 ...': x8 to x17 and the world, as the lab's monitor prints them. */
static unsigned int take_world(struct scan *s, unsigned int i)
{
	if (!is_char(s, i, '|') || i + 1 >= s->n)
		return i;
	if (token_is(&s->t[i + 1], "ns"))
		s->world = 'n';
	else if (token_is(&s->t[i + 1], "s"))
		s->world = 's';
	else
		return i;

	return take_list(s, i + 2, 8, 0);
}

static void read_answer(struct scan *s, unsigned int i)
{
	unsigned int at = answer_at(s, i);

	if (at < s->n)
		took(s, s->from, &s->t[take_list(s, at, 0, 1) - 1]);
}

static void read_list(struct scan *s, unsigned int i)
{
	unsigned int behind = take_list(s, i, 0, 0);

	behind = take_world(s, behind);
	took(s, s->t[i].minus ? s->t[i].s - 1 : s->t[i].s, &s->t[behind - 1]);
	read_answer(s, behind);
}

/* FFA_ID_GET(0x0, ...) and FFA_ID_GET ret 0x...; false: only mentioned. */
static bool read_call(struct scan *s, unsigned int i)
{
	const struct ffa_call *call = call_of(&s->t[i]);
	unsigned int behind = i + 1;

	if (!call)
		return false;
	if (is_char(s, behind, '(') &&
	    (number_at(s, behind + 1) < s->n || is_char(s, behind + 1, ')'))) {
		add_pair(s, 0, false, 0, NULL, call);
		behind = take_list(s, behind + 1, 1, 0);
		while (is_char(s, behind, ')'))
			behind++;
	} else if (answer_at(s, behind) < s->n) {
		add_pair(s, 0, false, 0, NULL, call);
	} else {
		return false;
	}
	took(s, s->t[i].s, &s->t[behind - 1]);
	read_answer(s, behind);

	return true;
}

/* ---- the line ---- */

/* Whether the numbers at i begin a list: an FF-A call, or what an introduction promises. */
static bool begins_list(struct scan *s, unsigned int i)
{
	const struct token *t = &s->t[i];

	if (!t->number || t->minus)
		return false;

	if (t->marked && is_call_in_hex(t)) {
		/* The introduction matters only if it is id=. */
		if (t->s > s->line && t->s[-1] == '=')
			has_intro(s, t);
		return true;
	}

	return has_intro(s, t) || is_call_in_hex(t) || is_call_in_decimal(t);
}

static bool names_x0(const struct scan *s, unsigned int set)
{
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		if (!s->pair[i].reg && s->pair[i].set == set)
			return true;
	}

	return false;
}

/* Whether the names from `from' on are those of an answer: x0 again, after an arrow or `ret'. */
static bool is_arrow(const struct scan *s, unsigned int i)
{
	if (is_char(s, i, '>') && i && is_char(s, i - 1, '-'))
		return true;

	return s->t[i].run && (token_is(&s->t[i], "ret") || token_is(&s->t[i], "returned") ||
			       token_is(&s->t[i], "result"));
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
		if (arrow && !set && names_x0(s, 0) && !name_at(s, i, &narrow, &last))
			set = 1;
		last = read_named(s, i, set);
		if (last < s->n) {
			i = last;
			arrow = false;
			continue;
		}
		if (!s->nr_pairs && begins_list(s, i)) {
			read_list(s, i);
			if (s->nr_pairs > 1)
				return;
			/* An identifier alone: names may follow. */
		} else if (!s->nr_pairs && s->t[i].len > 4 && read_call(s, i)) {
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
	read_list(s, (unsigned int)(first - s->t));

	return true;
}

/* ---- what was read ---- */

static bool give(struct dump_line *out, struct ffa_dump *dump, const struct pair *p,
		 enum radix radix)
{
	uint64_t value = p->call ? p->call->fid : value_of(p->value, radix);

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
	enum radix radix = radix_of(s);

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

/* The text before and after, without the punctuation that surrounded the numbers. */
static void set_surroundings(const struct scan *s, struct dump_line *out)
{
	const char *from = s->line, *to = s->intro ? s->intro : s->from;

	while (to > from && strchr(" \t{[(<.\"'$%", to[-1]))
		to--;
	trim(&from, &to, "\r");
	out->prefix = from;
	out->prefix_len = (size_t)(to - from);
	from = s->to;
	to = s->end;
	while (from < to && strchr(" \t\r,;)]}>\"'|.", *from))
		from++;
	trim(&from, &to, " \t\r");
	out->rest = from;
	out->rest_len = (size_t)(to - from);
}

static void set_forwarded(const struct scan *s, struct dump_line *out)
{
	for (unsigned int i = 0; i + 2 < s->n; i++) {
		if (!token_is(&s->t[i], "forwarded") || !is_char(s, i + 1, '=') ||
		    !is_number(s, i + 2) || s->t[i + 2].hex > 1)
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
	if (i && (is_char(s, i, '=') || is_char(s, i, ':')))
		i++;
	if (number_at(s, i) != s->n - 1)
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
	struct scan s = { .line = line, .end = line + len, .t = tokens.t, .answers = answers };

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
