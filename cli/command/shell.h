/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the shell: its output, its own commands, completion and history. */
#ifndef FFASCOPE_SHELL_H
#define FFASCOPE_SHELL_H

#include "command/line_editor.h"
#include "command/script_backend.h"
#include "command/shell_tally.h"
#include "command/verb.h"

struct shell {
	const struct options *opts;
	const struct verb *(*verb_at)(size_t index); /* of verbs/verbs.h */
	struct script_backend backend;
	struct script *script;
	struct script_run *run;
	struct line_editor *editor;
	bool terminal;
	char *record;
	bool in_block; /* inside a block, calls are counted instead of shown */
	struct shell_tally tally;
	int sig;
	bool done;
	/* For the exit status where stdin is no terminal. */
	bool mistake, failed, no_memory;
};

/* Output, as struct script_ops has it; ctx is the struct shell. */
void shell_show_call(void *ctx, const struct script_stmt *stmt, const struct script_answer *answer);
void shell_show_check(void *ctx, const struct script_check *check);
void shell_show_variable(void *ctx, const struct script_stmt *let, const char *name,
			 uint64_t value);
void shell_show_skip(void *ctx, const struct script_stmt *stmt, const char *reason);
void shell_show_trouble(void *ctx, const struct script_stmt *stmt, const char *text);
void shell_show_case(void *ctx, const struct script_case *c);

/* The verb of this name, if the shell takes it; else NULL. */
const struct verb *shell_verb(const struct shell *sh, const char *name);

/* Carries out a line that is not of the language of scripts. False if it is one that is. */
bool shell_command(struct shell *sh, const char *line);

/* A line_editor_complete_fn; ctx is the struct shell. */
size_t shell_complete(void *ctx, const char *line, size_t len, line_editor_candidate_fn fn,
		      void *fn_ctx);
/* For each line on stdin prints what may stand at its end, and an empty line. */
void shell_complete_lines(struct shell *sh);

/*
 * ~/.local/state/ffascope/history, its folder made. Freed by the caller; NULL if there is no place
 * for it.
 */
char *shell_history_file(void);

#endif
