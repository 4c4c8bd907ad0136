/* SPDX-License-Identifier: GPL-2.0-only */
/* A line from the terminal, with editing, history and completion; or from stdin. */
#ifndef FFASCOPE_LINE_EDITOR_H
#define FFASCOPE_LINE_EDITOR_H

#include <stddef.h>

typedef void (*line_editor_candidate_fn)(void *ctx, const char *text);

/*
 * Calls fn for each text that may stand at the end of the line; returns the index from which on
 * they replace it. A candidate that ends in a blank is a whole word.
 */
typedef size_t (*line_editor_complete_fn)(void *ctx, const char *line, size_t len,
					  line_editor_candidate_fn fn, void *fn_ctx);

struct line_editor;

/*
 * name: what ~/.editrc calls the program. history: a file, NULL for none. Returns NULL without
 * memory.
 */
struct line_editor *line_editor_new(const char *name, const char *history,
				    line_editor_complete_fn complete, void *ctx);
/* Puts the terminal back and writes the history. */
void line_editor_free(struct line_editor *editor);

/*
 * The next line, without its end; valid until the next one. NULL with errno 0: the end; EINTR: a
 * signal came; else an error.
 */
const char *line_editor_read(struct line_editor *editor, const char *prompt);

#endif
