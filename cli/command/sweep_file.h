/* SPDX-License-Identifier: GPL-2.0-only */
/* Saved sweeps, for `sweep' and `diff'. */
#ifndef FFASCOPE_SWEEP_FILE_H
#define FFASCOPE_SWEEP_FILE_H

#include <stdio.h>

#include "record/record.h"
#include "sweep/sweep.h"
#include "command/verb.h"

/*
 * Reads a saved sweep; keep (may be NULL) gets its text for a recording. Returns 0, or a negative
 * errno after telling why.
 */
int sweep_file_load(const struct options *opts, const char *path, struct sweep *sweep,
		    struct record_about *keep);
/* The same for an open file, which it closes. */
int sweep_file_read(const struct options *opts, FILE *file, const char *path, struct sweep *sweep,
		    struct record_about *keep);
/* The same for text that is there already; path is its name in messages. */
int sweep_file_parse(const struct options *opts, const char *path, const char *text, size_t len,
		     struct sweep *sweep);

/* A file that is to be written once all went well; what it holds stays until then. */
struct sweep_file {
	const char *path; /* NULL: none */
	FILE *file;
	bool created;
};

/* Opens it. path may be NULL. Returns 0, or a negative errno after telling why. */
int sweep_file_open(const struct options *opts, const char *path, struct sweep_file *file);

/* Empties it and returns where to write to. */
FILE *sweep_file_begin(struct sweep_file *file);

/*
 * Closes it; one that was made for this and not written is removed. Returns 0, or a negative errno
 * after telling why.
 */
int sweep_file_close(const struct options *opts, struct sweep_file *file);

#endif
