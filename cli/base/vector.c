// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

#define FIRST_CAP 16

bool vector_room(void *array, size_t *cap, size_t len, size_t size)
{
	size_t want = *cap ? 2 * *cap : FIRST_CAP;
	void *data, *more;

	if (len < *cap)
		return true;

	/* Not through a void **: the pointer has the type of its elements. */
	memcpy(&data, array, sizeof(data));
	more = reallocarray(data, want, size);
	if (!more)
		return false;
	memcpy(array, &more, sizeof(more));
	*cap = want;
	return true;
}

void *vector_push(struct vector *vec, size_t size)
{
	if (!vector_room(&vec->data, &vec->cap, vec->len, size))
		return NULL;
	return (char *)vec->data + size * vec->len++;
}
