/* SPDX-License-Identifier: GPL-2.0-only */
/* The recordings in a bundle of `ffascope doctor'. */
#ifndef FFASCOPE_COMMAND_BUNDLE_H
#define FFASCOPE_COMMAND_BUNDLE_H

#include <stdbool.h>

#include "command/verb.h"
#include "record/record.h"

/* Whether a file is compressed, as bundles are. A file that cannot be read is not. */
bool bundle_is_one(const char *path);

/* Gets one recording; name is its name in the bundle. Returns an exit status. */
typedef int (*bundle_fn)(void *ctx, const char *name, struct record_reader *reader,
			 const struct record_meta *meta);

/*
 * Calls fn for each recording of a bundle, in the order in which they were made. Returns the highest
 * exit status of all, after a message for its own errors. No recording at all is an error.
 */
int bundle_each(const struct options *opts, const char *path, bundle_fn fn, void *ctx);

#endif
