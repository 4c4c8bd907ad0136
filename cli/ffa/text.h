/* SPDX-License-Identifier: GPL-2.0-only */
/* Text into a buffer of fixed size, and comparing names. Used in this folder only. */
#ifndef FFASCOPE_FFA_TEXT_H
#define FFASCOPE_FFA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* len is the length of the whole text, as with snprintf(); at most size - 1 bytes are written. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

static inline struct text text_into(char *buf, size_t size)
{
	return (struct text){ .buf = buf, .size = size };
}

static inline void text_char(struct text *text, char c)
{
	if (text->len + 1 < text->size)
		text->buf[text->len] = c;
	text->len++;
}

static inline void text_put(struct text *text, const char *s, size_t len)
{
	if (text->len + len < text->size)
		memcpy(text->buf + text->len, s, len);
	else if (text->len + 1 < text->size)
		memcpy(text->buf + text->len, s, text->size - 1 - text->len);
	text->len += len;
}

static inline void text_string(struct text *text, const char *s)
{
	text_put(text, s, strlen(s));
}

/* Ends the text with a NUL; returns its whole length. */
static inline size_t text_end(struct text *text)
{
	if (text->size)
		text->buf[text->len < text->size ? text->len : text->size - 1] = '\0';

	return text->len;
}

/* ---- format.c ---- */

void text_decimal(struct text *text, uint64_t value);
/* 0x and as few digits as the value needs. */
void text_hex(struct text *text, uint64_t value);
/* As many digits as asked for, at most 16, no 0x. */
void text_digits(struct text *text, uint64_t value, unsigned int digits);

/* ---- catalogue.c ---- */

/* One character of a name in the form that is compared: lower case, - for _. */
char text_fold(char c);
/* Whether len bytes of word are the name; case does not matter, nor - for _. */
bool text_same_name(const char *word, size_t len, const char *name);
/* Whether a name fits a pattern: a part of it, or with * and ? all of it; case and - or _ aside. */
bool text_matches(const char *name, const char *pattern);
/*
 * A number: decimal, 0x or 0b, all len bytes of it, at most 64 bits. Returns 0, -EINVAL if it is
 * no number, -ERANGE if it is too large.
 */
int text_number(const char *word, size_t len, uint64_t *value);

#endif
