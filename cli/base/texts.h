/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts that events refer to by number. */
#ifndef FFASCOPE_BASE_TEXTS_H
#define FFASCOPE_BASE_TEXTS_H

#include <stdint.h>

struct texts;

/* NULL without memory. */
struct texts *texts_new(void);
void texts_free(struct texts *texts);

/*
 * The number of a text, from 1; a recent one that is equal has the same number. 0: it was not kept,
 * because memory is short or there are too many. A newline at the end is dropped.
 */
uint32_t texts_add(struct texts *texts, const char *text);

/* How many there are: the highest number. */
uint32_t texts_count(const struct texts *texts);

/* NULL: no text has this number. texts may be NULL. */
const char *texts_get(const struct texts *texts, uint64_t number);

#endif
