/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow. */
#ifndef FFASCOPE_BASE_VECTOR_H
#define FFASCOPE_BASE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

/* An array of elements of any one type; zeroed, it is empty. */
struct vector {
	void *data;
	size_t len, cap; /* in elements */
};

/*
 * Adds an element of size bytes and returns it, uninitialized; NULL without memory. Elements may
 * move: earlier pointers into the array are stale. free(vec->data) drops the array.
 */
void *vector_push(struct vector *vec, size_t size);

/*
 * The same for an array that is kept in members of its own type: makes room for one element after
 * len. array is the address of the pointer to the first element. Returns false without memory; the
 * array is as it was then.
 */
bool vector_room(void *array, size_t *cap, size_t len, size_t size);

#endif
