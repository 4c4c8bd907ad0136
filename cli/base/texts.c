// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/foreign.h"
#include "base/texts.h"
#include "base/vector.h"

/* Bounds the memory of a run of days: texts beyond this are counted, not kept. */
#define MAX_TEXTS 100000

/* A text repeats within a few others, or not at all. */
#define RECENT	  32

struct texts {
	struct vector list; /* char * */
};

struct texts *texts_new(void)
{
	return calloc(1, sizeof(struct texts));
}

void texts_free(struct texts *texts)
{
	if (!texts)
		return;

	for (size_t i = 0; i < texts->list.len; i++)
		free(((char **)texts->list.data)[i]);
	free(texts->list.data);
	free(texts);
}

static uint32_t find_recent(const struct texts *texts, const char *text, size_t len)
{
	char *const *list = texts->list.data;
	size_t n = texts->list.len;

	for (size_t i = n; i > 0 && n - i < RECENT; i--) {
		if (!strncmp(list[i - 1], text, len) && !list[i - 1][len])
			return (uint32_t)i;
	}
	return 0;
}

uint32_t texts_add(struct texts *texts, const char *text)
{
	size_t len = strlen(text);
	uint32_t number;
	char *copy, **slot;

	while (len && text[len - 1] == '\n')
		len--;
	copy = strndup(text, len);
	if (!copy)
		return 0;
	foreign_clean(copy, len, "\n\t");
	number = find_recent(texts, copy, len);
	if (number || texts->list.len >= MAX_TEXTS) {
		free(copy);
		return number;
	}

	slot = vector_push(&texts->list, sizeof(*slot));
	if (!slot) {
		free(copy);
		return 0;
	}
	*slot = copy;
	return (uint32_t)texts->list.len;
}

uint32_t texts_count(const struct texts *texts)
{
	return texts ? (uint32_t)texts->list.len : 0;
}

const char *texts_get(const struct texts *texts, uint64_t number)
{
	if (!texts || !number || number > texts->list.len)
		return NULL;
	return ((char *const *)texts->list.data)[number - 1];
}
