/* SPDX-License-Identifier: GPL-2.0-only */
/* Words and numbers of a line. Used in this folder only. */
#ifndef FFASCOPE_DUMP_TOKEN_H
#define FFASCOPE_DUMP_TOKEN_H

#include <string.h>
#include <strings.h>

#include "dump/dump.h"

#define MAX_TOKENS 192

/* A run of letters, digits and _, or one other character. A run can be word and number. */
struct token {
	const char *s;
	unsigned int len;
	bool run;
	bool number;  /* can be read as one */
	bool marked;  /* with 0x */
	bool letters; /* unmarked, with a to f in it: hexadecimal only */
	bool minus;   /* preceded by a - */
	bool gap;     /* preceded by a blank */
	unsigned int digits;
	uint64_t hex;
	uint64_t dec; /* UINT64_MAX if it does not fit, or has letters */
};

struct tokens {
	unsigned int n;
	bool more; /* than MAX_TOKENS */
	struct token t[MAX_TOKENS];
};

void tokens_split(const char *line, size_t len, struct tokens *out);

/* Whether a run is this word, in any case. Most are not: the length or the first letter tells. */
static inline bool token_is(const struct token *t, const char *word)
{
	return strlen(word) == t->len && !((*t->s ^ *word) & ~0x20) && t->run &&
	       !strncasecmp(word, t->s, t->len);
}

static inline bool token_is_char(const struct token *t, char c)
{
	return !t->run && *t->s == c;
}

#endif
