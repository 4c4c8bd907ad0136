/* SPDX-License-Identifier: GPL-2.0-only */
/* Execution of a script: shared by walk.c, exec.c and cases.c. */
#ifndef FFASCOPE_SCRIPT_EXEC_H
#define FFASCOPE_SCRIPT_EXEC_H

#include "script/internal.h"

/* Calls per batch. */
#define MAX_AHEAD 1024

#define MAX_CPUS  4096

/* The position in a block that is being executed. */
struct frame {
	const struct script_stmt *next;
	const struct script_stmt *loop; /* the repeat, NULL for the outermost block */
	uint64_t left;			/* rounds left, including this one */
	int cpu;
	bool stop;
	bool busy; /* this round returned a statement */
};

struct cursor {
	struct frame frames[SCRIPT_MAX_BLOCKS + 1];
	unsigned int depth;
	const struct script_stmt *last; /* the statement returned last */
};

/* How a block ended. */
enum outcome {
	DONE,
	STOPPED, /* on-failure stop, or a call that could not be made */
	SKIPPED, /* a require was not met */
	ABORTED, /* the run cannot go on */
};

struct script_run {
	const struct script_ops *ops;
	void *ctx;
	const char *name;

	const struct script *script;
	uint64_t values[SCRIPT_MAX_VARIABLES];
	bool set[SCRIPT_MAX_VARIABLES];

	/* Calls made ahead of their statements, in order. */
	struct script_answer *ahead;
	const struct script_stmt **ahead_stmt;
	struct ffa_regs *ahead_in;
	unsigned int nr_ahead, first_ahead, max_ahead;
	/* Negative errno of a batch that made some of its calls; raised after them. 0: none. */
	int pending;
	char pending_why[768];

	/* The call that expect and let refer to: one answer per CPU. */
	struct script_answer *last;
	unsigned int nr_last;
	size_t max_last;
	const struct script_stmt *last_stmt;
	bool last_counted; /* its unknown verdicts are counted in `unknown' */

	struct script_case *now;
	uint64_t unknown;
	bool cleaning;
	char reason[768]; /* of an outcome other than DONE */
	int error;

	const struct script_stmt *done; /* of script_continue() */
	struct frame settings;
};

static inline struct frame *exec_top(struct cursor *cur)
{
	return &cur->frames[cur->depth];
}

/* ---- walk.c ---- */

/* A script_lookup_fn; ctx is the run. */
bool exec_look_up(const void *ctx, const char *name, size_t len, uint64_t *value);
/* Replaces the variables of a word. Returns false with the reason in why. */
bool exec_expand(const struct script_run *run, const char *text, char *buf, size_t size, char *why,
		 size_t why_size);
void exec_start(struct cursor *cur, const struct script_stmt *first, int cpu, bool stop);
/*
 * The next statement to execute; settings such as cpu take effect on the way. NULL: the end, or, if
 * `why' is not empty, cur->last cannot be executed. fixed: fail on anything that needs a variable.
 */
const struct script_stmt *exec_step(const struct script_run *run, struct cursor *cur, bool fixed,
				    char *why, size_t size);

/* Sets a frame's CPU. Returns false with the reason in why. */
bool exec_set_cpu(const struct script_run *run, struct frame *frame, const struct script_stmt *stmt,
		  char *why, size_t size);

/* ---- exec.c ---- */

/* The registers of a call. Returns false with the reason in why. */
bool exec_build(const struct script_run *run, const struct script_stmt *stmt, struct ffa_regs *in,
		char *why, size_t size);
/* Adds an answer to those that expect refers to, and shows it. Returns false if out of memory. */
bool exec_keep_answer(struct script_run *run, const struct script_stmt *stmt,
		      const struct script_answer *answer);

/* Ends a case, or the run, for a negative errno of struct script_ops. stmt may be NULL. */
enum outcome exec_give_up(struct script_run *run, const struct script_stmt *stmt, int ret,
			  const char *err);
/* Makes room for a batch of n calls. Returns false if out of memory. */
bool exec_make_room(struct script_run *run, unsigned int n);
/* Ends the case or the run for a failure after the calls made ahead; else returns outcome. */
enum outcome exec_raise_pending(struct script_run *run, const struct script_stmt *stmt,
				enum outcome outcome);
/* Drops the calls made ahead. */
void exec_drop_ahead(struct script_run *run);
/* The answers of the previous call are no longer needed. */
void exec_forget_last(struct script_run *run);

/* One function per statement. */
enum outcome exec_call(struct script_run *run, const struct script_stmt *stmt,
		       const struct cursor *cur);
/* Whether it held. */
bool exec_expect(struct script_run *run, const struct script_stmt *stmt);
/* Returns false after reporting why. */
bool exec_let(struct script_run *run, const struct script_stmt *stmt);
enum outcome exec_require(struct script_run *run, const struct script_stmt *stmt);

/* ---- parallel.c ---- */

enum outcome exec_parallel(struct script_run *run, const struct script_stmt *stmt, bool stop);

#endif
