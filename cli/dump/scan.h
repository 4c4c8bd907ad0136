/* SPDX-License-Identifier: GPL-2.0-only */
/* A line while it is read: its tokens, and the registers found in them. Used in this folder only. */
#ifndef FFASCOPE_DUMP_SCAN_H
#define FFASCOPE_DUMP_SCAN_H

#include "dump/token.h"

struct ffa_call;

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
	struct pair *pair; /* MAX_PAIRS of them */
	unsigned int nr_pairs;
	bool unmarked;	       /* a value has no 0x */
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

/* ---- tokens ---- */

static inline bool scan_is_char(const struct scan *s, unsigned int i, char c)
{
	return i < s->n && token_is_char(&s->t[i], c);
}

static inline bool scan_is_number(const struct scan *s, unsigned int i)
{
	return i < s->n && s->t[i].number;
}

/* The index of the number at i, after its minus sign; n: no number. */
static inline unsigned int scan_number_at(const struct scan *s, unsigned int i)
{
	if (scan_is_char(s, i, '-') && scan_is_number(s, i + 1) && s->t[i + 1].minus)
		return i + 1;

	return scan_is_number(s, i) ? i : s->n;
}

/* ---- numbers.c ---- */

enum radix {
	HEXADECIMAL,
	DECIMAL,
	UNSURE, /* hexadecimal is documented, decimal is possible */
};

/* Whether a number is the identifier of a call, read in this way. */
bool scan_is_call_in_hex(const struct token *t);
bool scan_is_call_in_decimal(const struct token *t);
/* How the numbers without 0x are meant: the identifier tells, or the form of another number. */
enum radix scan_radix(const struct scan *s);
static inline uint64_t scan_value(const struct token *t, enum radix radix)
{
	uint64_t value = radix == DECIMAL && !t->marked && t->dec != UINT64_MAX ? t->dec : t->hex;

	return t->minus ? -value : value;
}

/* ---- formats.c ---- */

extern const struct dump_name dump_names[];
extern const size_t dump_nr_names;

/* ---- names.c: registers by their names ---- */

/* A value for a register; call: x0 by its name, in place of the value. */
static inline void scan_add(struct scan *s, unsigned int reg, bool narrow, unsigned int set,
			    const struct token *value, const struct ffa_call *call)
{
	if (s->nr_pairs == MAX_PAIRS)
		return;
	s->unmarked |= value && !value->marked;
	s->pair[s->nr_pairs++] = (struct pair){ .value = value,
						.call = call,
						.reg = (uint8_t)reg,
						.set = (uint8_t)set,
						.narrow = narrow };
}

/* The text from `from' to the end of a token was read. */
void scan_took(struct scan *s, const char *from, const struct token *last);
/* The call that a word names: FFA_ERROR, FFA_ERROR_32, FFA_MSG_SEND_DIRECT_REQ_SMC64; else NULL. */
const struct ffa_call *scan_call(const struct token *t);
/* The register that the tokens at i name; *next: after the name. -1: none. */
int scan_name(const struct scan *s, unsigned int i, bool *narrow, unsigned int *next);
/* A name and its value at i. Returns the index of the last token, n if there is none. */
unsigned int scan_named(struct scan *s, unsigned int i, unsigned int set);

/* ---- lists.c: values in order ---- */

/* Whether the text before a number ends with an introduction of the table that fits it. */
bool scan_has_intro(struct scan *s, const struct token *t);
/* Numbers from i on, x<reg> first. Returns the index after the last. */
unsigned int scan_take_list(struct scan *s, unsigned int i, unsigned int reg, unsigned int set);
/* A list at i, and the answer or the world that follow it. */
void scan_list(struct scan *s, unsigned int i);
/* FFA_ID_GET(0x0, ...) and FFA_ID_GET ret 0x...; false: only mentioned. */
bool scan_read_call(struct scan *s, unsigned int i);

#endif
