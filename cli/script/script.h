/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The script language (ffascope-script(5)): from lines of text to a tree of statements, and the
 * tree carried out over functions that somebody else gives. Pure: no I/O, no kernel.
 */
#ifndef FFASCOPE_SCRIPT_H
#define FFASCOPE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verdict/verdict.h"

#define SCRIPT_MAX_LINE	      4096    /* characters */
#define SCRIPT_MAX_BLOCKS     8	      /* one in the other */
#define SCRIPT_MAX_INCLUDES   8	      /* one in the other */
#define SCRIPT_MAX_FILES      1000    /* that one file includes, with all that these include */
#define SCRIPT_MAX_STATEMENTS 1000000 /* of a file with all that it includes */
#define SCRIPT_MAX_VARIABLES  256
#define SCRIPT_MAX_REPEAT     UINT64_C(1000000000)
#define SCRIPT_MAX_CPU	      4095

/* Of `cpu': a number, or one of these. */
#define SCRIPT_CPU_ANY	      -1 /* wherever the program happens to run */
#define SCRIPT_CPU_ALL	      -2

struct script_place {
	const char *file;
	unsigned int line;   /* from 1 */
	unsigned int column; /* from 1, in bytes */
};

enum script_kind {
	SCRIPT_CALL,
	SCRIPT_EXPECT,
	SCRIPT_LET,
	SCRIPT_REQUIRE,
	SCRIPT_REPEAT,
	SCRIPT_CPU,
	SCRIPT_ON_FAILURE,
	SCRIPT_CLEANUP,
	SCRIPT_TEST,
};

enum script_op { SCRIPT_EQ, SCRIPT_NE, SCRIPT_LT, SCRIPT_LE, SCRIPT_GT, SCRIPT_GE };

enum script_term_kind {
	SCRIPT_TERM_VERDICT,
	SCRIPT_TERM_STATUS,
	SCRIPT_TERM_SMCS,
	SCRIPT_TERM_REGISTER,
	SCRIPT_TERM_FIELD, /* of the answer */
};

#define SCRIPT_MAX_STATUSES 16

/* One word of `expect'. */
struct script_term {
	struct script_term *next;
	enum script_term_kind kind;
	unsigned int column;
	const char *text; /* as it was written */
	/* A verdict or status: one of these. */
	unsigned int verdicts; /* bit n: enum verdict_kind n */
	unsigned int nr_statuses;
	int32_t statuses[SCRIPT_MAX_STATUSES];
	/* A comparison. */
	const char *left;
	enum script_op op;
	const char *right; /* may have variables in it */
};

/* A FIELD=VALUE word of `call'. */
struct script_word {
	struct script_word *next;
	unsigned int column;
	const char *text; /* may have variables in it */
};

enum script_requirement {
	SCRIPT_REQUIRE_FORWARDING, /* fid */
	SCRIPT_REQUIRE_FFA,	   /* version */
	SCRIPT_REQUIRE_TRACING,
	SCRIPT_REQUIRE_MODULE,
};

struct script_stmt {
	struct script_stmt *next;
	enum script_kind kind;
	struct script_place at;
	const char *text; /* the line, without what is around it */

	uint32_t fid;		    /* of call, require forwarding */
	const struct ffa_call *row; /* of fid; NULL where no source describes it */
	struct script_word *words;  /* of call, where it has variables in it; else NULL */
	struct ffa_regs *in;	    /* of call without variables; else NULL */
	struct script_term *terms;  /* of expect */
	unsigned int variable;	    /* of let: its index */
	const char *value; /* of let; of repeat and cpu where it is a variable, else NULL */
	uint64_t count;	   /* of repeat */
	int cpu;	   /* of cpu */
	bool stop;	   /* of on-failure */
	enum script_requirement requirement;
	uint32_t version; /* of require ffa */
	const char *name; /* of test */
	struct script_stmt *body;
};

struct script_error {
	struct script_place at;
	char text[1024]; /* what is wrong, and the mend */
};

/*
 * Reads a file that `include' names, relative to the file that includes it (NULL: the script
 * itself). Gives its text (freed by the parser), and the name under which messages speak of it.
 * Returns 0, or a negative errno with a message in err.
 */
typedef int (*script_load_fn)(void *ctx, const char *from, const char *path, char **name,
			      char **text, size_t *len, char *err, size_t err_size);

struct script;

/* load may be NULL: nothing can be included. Returns NULL without memory. */
struct script *script_new(script_load_fn load, void *ctx);
void script_free(struct script *script);

/* The whole of a file. Returns the number of errors. */
size_t script_load(struct script *script, const char *path);
/* The same for text (len bytes) that came from elsewhere; file is its name in messages. */
size_t script_parse(struct script *script, const char *file, const char *text, size_t len);

/*
 * One line, for a prompt: what came before it counts. Returns the number of errors in this line;
 * one with errors changes nothing.
 */
size_t script_line(struct script *script, const char *text, size_t len);
/* How many blocks are open: a line at a prompt is carried out where there is none. */
unsigned int script_open_blocks(const struct script *script);
/* Forgets the blocks that are open. */
void script_drop_blocks(struct script *script);

size_t script_nr_errors(const struct script *script);
const struct script_error *script_error_at(const struct script *script, size_t index);

/* The statements outside all blocks, in order. NULL: there is none. */
const struct script_stmt *script_statements(const struct script *script);
/* How many KTAP cases the script is: its tests, and one for what stands outside of them. */
unsigned int script_nr_cases(const struct script *script);
/* Whether something outside the tests can fail, and so is a case of its own. */
bool script_has_loose_case(const struct script *script);

/*
 * Goes through the calls that would change what others rely on, as far as can be seen without
 * carrying the script out; fn gets the clause of ffa_call_needs_consent().
 */
void script_consents(const struct script *script,
		     void (*fn)(void *ctx, const struct script_stmt *call, const char *changes),
		     void *ctx);

/* The words that may begin a statement, NULL behind the last; for completion. */
const char *script_keyword(size_t index);
/* "let NAME = VALUE" and what it does, NULL for an unknown keyword. */
const char *script_usage(const char *keyword);
/* The names of the variables, NULL behind the last. */
const char *script_variable(const struct script *script, size_t index);

typedef void (*script_candidate_fn)(void *ctx, const char *text);

/*
 * What may stand at the end of a line (len characters of it are typed): keywords and `others' (NULL
 * behind the last) as its first word, then calls, fields, values by name, variables. Each candidate
 * replaces what is there from the returned index on. script may be NULL.
 */
size_t script_complete(struct script *script, const char *line, size_t len,
		       const char *const *others, script_candidate_fn fn, void *ctx);

/* ---- carrying out ---- */

#define SCRIPT_MAX_EVENTS 8

/* A call that was made. */
struct script_answer {
	struct verdict_call call;
	struct verdict verdict;
	unsigned int nr_events; /* of its trap, as far as they are known */
	struct hyp_event events[SCRIPT_MAX_EVENTS];
};

/* How an expectation came out. */
struct script_check {
	const struct script_stmt *stmt;
	const struct script_stmt *call; /* the one that it speaks of */
	const struct script_answer *answer;
	bool held;
	bool unknown;  /* it did not hold for want of a verdict, and for nothing else */
	char why[512]; /* it did not hold */
};

enum script_result { SCRIPT_PASS, SCRIPT_FAIL, SCRIPT_SKIP };

struct script_case {
	const char *name;
	enum script_result result;
	char reason[768]; /* of SCRIPT_SKIP, and of SCRIPT_FAIL where it did not come to an end */
	uint64_t calls;
	uint64_t expectations; /* that were looked at */
	uint64_t failures;     /* that did not hold */
	uint64_t unknown;      /* of these, for want of a verdict only */
};

/*
 * What the machine gives. All have ctx first. The functions that can fail return a negative errno
 * with a message in err, and then:
 * -EINVAL, -EACCES, -EXDEV from call: this call cannot be made, the case ends; any other: the run
 * ends.
 */
struct script_ops {
	/*
	 * Makes n calls, one after the other, on a CPU (SCRIPT_CPU_ANY: any); *done of them were
	 * made, whatever is returned. Where one is refused, *bad is its index and none was made.
	 */
	int (*call)(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		    struct script_answer *answers, unsigned int *done, int *bad, char *err,
		    size_t err_size);
	/* Returns 1 if met, 0 if not, with the reason in why. Not for SCRIPT_REQUIRE_FORWARDING. */
	int (*require)(void *ctx, const struct script_stmt *stmt, char *why, size_t size);
	/* The CPUs of `cpu all'. Returns how many; at most n are written. */
	unsigned int (*cpus)(void *ctx, int *cpu, unsigned int n);
	/* Whether somebody asked to end. May be NULL. */
	bool (*stopped)(void *ctx);
	/* Cleanup begins (true) and ends, whatever asked to end: it is not to be heard meanwhile. */
	void (*cleanup)(void *ctx, bool begin);
	/* NULL, or why the call must not be made: --allow-state-change was not given. */
	const char *(*refuse)(void *ctx, const struct ffa_regs *in);

	/* What happened; each may be NULL. */
	void (*case_begin)(void *ctx, const char *name);
	void (*called)(void *ctx, const struct script_stmt *stmt,
		       const struct script_answer *answer);
	void (*checked)(void *ctx, const struct script_check *check);
	void (*bound)(void *ctx, const struct script_stmt *let, const char *name, uint64_t value);
	void (*skipped)(void *ctx, const struct script_stmt *require, const char *reason);
	/* Something else went wrong at a statement. */
	void (*trouble)(void *ctx, const struct script_stmt *stmt, const char *text);
	void (*case_end)(void *ctx, const struct script_case *result);
};

struct script_run;

/* Returns NULL without memory. */
struct script_run *script_run_new(const struct script_ops *ops, void *ctx);
void script_run_free(struct script_run *run);

/* The name of the case of a script's statements outside tests, and what stands before others. */
void script_run_name(struct script_run *run, const char *name);

/*
 * Carries out a script, all cases of it, script_nr_cases() times case_end. Returns 0; or the
 * error that ended it, with a message in err: cleanup blocks have been carried out, the case that
 * was on has failed, those behind it are skipped.
 */
int script_execute(struct script_run *run, const struct script *script, char *err, size_t err_size);
/* Skips all cases of a script. */
void script_skip(struct script_run *run, const struct script *script, const char *reason);

/*
 * For a prompt: what was added since the last time, in no case. Returns 0; -ECANCELED if something
 * did not hold or was not met (the functions of ops have told); else as script_execute().
 */
int script_continue(struct script_run *run, const struct script *script, char *err,
		    size_t err_size);

/* Verdicts that were unknown though nobody expected that, in all that was carried out. */
uint64_t script_run_unknown(const struct script_run *run);
/* The value of a variable by index. False if it is not set. */
bool script_run_variable(const struct script_run *run, unsigned int index, uint64_t *value);

/*
 * The call by which `require forwarding' finds out whether fid is forwarded: fid itself where its
 * registers at zero change nothing, else FFA_FEATURES asked about it. Returns whether it is fid.
 */
bool script_probe(uint32_t fid, struct ffa_regs *in);

#endif
