/* SPDX-License-Identifier: GPL-2.0-only */
/* The recordings in a bundle of `ffascope doctor'. */
#ifndef FFASCOPE_COMMAND_BUNDLE_H
#define FFASCOPE_COMMAND_BUNDLE_H

#include <stdbool.h>
#include <stdio.h>

#include "command/verb.h"
#include "record/record.h"

/* Opens a file, which may be a pipe; "-" is standard input. NULL after a message. */
FILE *bundle_open(const struct options *opts, const char *path);

/* The first byte of a file, which stays unread, so that a pipe can be told by it; or EOF. */
int bundle_peek(FILE *file);

/* RFC 1952: first byte of a compressed file, as bundles are. */
#define BUNDLE_FIRST_BYTE 0x1f

/* Gets one recording; name is its name in the bundle. Returns an exit status. */
typedef int (*bundle_fn)(void *ctx, const char *name, struct record_reader *reader,
			 const struct record_meta *meta);

/* Gets the diagnosis, doctor.txt. */
typedef void (*bundle_text_fn)(void *ctx, const char *text);

/*
 * Calls fn for each recording of a bundle, in the order in which they were made, and closes the
 * file. text: NULL, or called for the diagnosis, which stands before the recordings. Returns the
 * highest exit status of all, after a message for its own errors. No recording at all is an error.
 */
int bundle_each(const struct options *opts, FILE *file, const char *path, bundle_fn fn,
		bundle_text_fn text, void *ctx);

#endif
