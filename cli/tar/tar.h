/* SPDX-License-Identifier: GPL-2.0-only */
/* The subset of the ustar format (POSIX.1, pax) that a bundle needs: plain files, compressed. */
#ifndef FFASCOPE_TAR_H
#define FFASCOPE_TAR_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

struct tar_writer;

/* Creates or replaces a compressed archive. Returns 0 or a negative errno with a message. */
int tar_create(struct tar_writer **tar, const char *path, struct error *err);

/* Adds a file. name: below 100 bytes, no leading slash. 0 or a negative errno with a message. */
int tar_add(struct tar_writer *tar, const char *name, const void *data, size_t size,
	    struct error *err);

/* Writes the end of the archive and closes it. NULL is allowed. */
int tar_finish(struct tar_writer *tar, struct error *err);

struct tar_reader;

/*
 * Reads the rest of a file, which may be a pipe, and closes it; name is for messages. tar_next()
 * returns -EBADMSG if it is not a compressed archive, or damaged.
 */
int tar_open(struct tar_reader **tar, FILE *file, const char *name, struct error *err);

/* Reads the next file; data is valid until the next call. 1, 0 at the end, or a negative errno. */
int tar_next(struct tar_reader *tar, char name[101], const void **data, size_t *size,
	     struct error *err);
void tar_close(struct tar_reader *tar);

#endif
