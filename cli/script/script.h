/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The script language (ffascope-script(5)): parses lines of text into a tree of statements, and
 * executes the tree through functions that the caller provides. Pure: no I/O, no kernel.
 */
#ifndef FFASCOPE_SCRIPT_H
#define FFASCOPE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ffa/memory.h"
#include "verdict/verdict.h"

struct ffa_call;

#define SCRIPT_MAX_LINE	      4096    /* characters */
#define SCRIPT_MAX_BLOCKS     8	      /* nested */
#define SCRIPT_MAX_INCLUDES   8	      /* nested */
#define SCRIPT_MAX_FILES      1000    /* included by one file, directly or not */
#define SCRIPT_MAX_STATEMENTS 1000000 /* of a file and its includes */
#define SCRIPT_MAX_VARIABLES  256
#define SCRIPT_MAX_REPEAT     UINT64_C(1000000000)
#define SCRIPT_MAX_CPU	      4095

/* Of `cpu': a number, or one of these. */
#define SCRIPT_CPU_ANY	      -1 /* the CPU on which the program runs */
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
	SCRIPT_PARALLEL, /* its body: a SCRIPT_CPU for each part, whose body is the part */
};

enum script_op { SCRIPT_EQ, SCRIPT_NE, SCRIPT_LT, SCRIPT_LE, SCRIPT_GT, SCRIPT_GE };

enum script_term_kind {
	SCRIPT_TERM_VERDICT,
	SCRIPT_TERM_STATUS,
	SCRIPT_TERM_SMCS,
	SCRIPT_TERM_REBUILT, /* 1: EL2 sent its own request */
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
	SCRIPT_REQUIRE_UNSAFE,
};

struct script_stmt {
	struct script_stmt *next;
	enum script_kind kind;
	struct script_place at;
	const char *text; /* the line, without blanks and comment */

	uint32_t fid;		    /* of call, require forwarding */
	const struct ffa_call *row; /* of fid; NULL where no source describes it */
	struct script_word *words;  /* of call with variables or a TX buffer; else NULL */
	struct ffa_regs *in;	    /* of any other call; else NULL */
	bool memory;		    /* of call: some words are for the TX buffer (ffa_mem_word()) */
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
	char text[1024]; /* the mistake, and how to fix it */
};

/*
 * Reads a file that `include' names, relative to the including file (NULL: the script itself).
 * Returns its text, which the parser frees, and its name for messages.
 * Returns 0, or a negative errno with a message in err.
 */
typedef int (*script_load_fn)(void *ctx, const char *from, const char *path, char **name,
			      char **text, size_t *len, char *err, size_t err_size);

struct script;

/* load may be NULL: include is an error then. Returns NULL if out of memory. */
struct script *script_new(script_load_fn load, void *ctx);
void script_free(struct script *script);

/* Parses a whole file. Returns the number of errors. */
size_t script_load(struct script *script, const char *path);
/* The same for text of len bytes; file is its name in messages. */
size_t script_parse(struct script *script, const char *file, const char *text, size_t len);

/*
 * Parses one line of a prompt, after those before it. Returns the number of errors in this line. A
 * line with errors has no effect.
 */
size_t script_line(struct script *script, const char *text, size_t len);
/* Number of open blocks. A prompt executes a line when there is none. */
unsigned int script_open_blocks(const struct script *script);
/* Forgets the blocks that are open. */
void script_drop_blocks(struct script *script);

size_t script_nr_errors(const struct script *script);
const struct script_error *script_error_at(const struct script *script, size_t index);
/* Whether parsing ended because there was no memory; the last error says so. */
bool script_out_of_memory(const struct script *script);

/* The statements outside all blocks, in order. NULL: there is none. */
const struct script_stmt *script_statements(const struct script *script);
/* Number of KTAP cases: one per test, and one for the statements outside tests. */
unsigned int script_nr_cases(const struct script *script);
/* Whether a statement outside the tests can fail, which makes it a case. */
bool script_has_loose_case(const struct script *script);

/*
 * Visits the calls that would change state that others rely on. Only those that parsing can find:
 * registers set from variables are not known yet. fn gets the clause of ffa_call_needs_consent().
 */
void script_consents(const struct script *script,
		     void (*fn)(void *ctx, const struct script_stmt *call, const char *changes),
		     void *ctx);

/* The keywords of statements, NULL after the last; for completion. */
const char *script_keyword(size_t index);
/* "let NAME = VALUE" and what it does, NULL for an unknown keyword. */
const char *script_usage(const char *keyword);
/* The names of the variables, NULL after the last. */
const char *script_variable(const struct script *script, size_t index);

typedef void (*script_candidate_fn)(void *ctx, const char *text);

/*
 * Completes a line of which len characters are typed: keywords and `others' (NULL after the last)
 * as the first word, then calls, fields, names of values, variables. Each candidate replaces the
 * text from the returned index on. script may be NULL.
 */
size_t script_complete(struct script *script, const char *line, size_t len,
		       const char *const *others, script_candidate_fn fn, void *ctx);

/* ---- execution ---- */

#define SCRIPT_MAX_EVENTS 8

/* A call that was made. */
struct script_answer {
	struct verdict_call call;
	struct verdict verdict;
	unsigned int nr_events; /* known events of its trap */
	struct hyp_event events[SCRIPT_MAX_EVENTS];
};

/* The result of an expectation. */
struct script_check {
	const struct script_stmt *stmt;
	const struct script_stmt *call; /* the call that it checks */
	const struct script_answer *answer;
	bool held;
	bool unknown;  /* it failed only because the verdict is unknown */
	char why[512]; /* it did not hold */
};

/* Calls of one CPU, made while other CPUs make theirs. */
struct script_lane {
	int cpu;
	const struct ffa_regs *in;
	unsigned int n;
	struct script_answer *answers; /* room for n */
	unsigned int done;	       /* out: calls that were made */
	int bad;		       /* out: index of the call that is refused, or -1 */
};

enum script_result { SCRIPT_PASS, SCRIPT_FAIL, SCRIPT_SKIP };

struct script_case {
	const char *name;
	enum script_result result;
	char reason[768]; /* of SCRIPT_SKIP, and of SCRIPT_FAIL if the case was cut short */
	uint64_t calls;
	uint64_t expectations; /* checked */
	uint64_t failures;     /* failed */
	uint64_t unknown;      /* of these, only for an unknown verdict */
};

/*
 * The functions that the caller provides. All take ctx first. On failure they return a negative
 * errno with a message in err. -EINVAL, -EACCES and -EXDEV from call end the case: this call cannot
 * be made. Any other error ends the run.
 */
struct script_ops {
	/*
	 * Makes n calls in order on a CPU (SCRIPT_CPU_ANY: any). *done is always the number of calls
	 * made. If a call is refused, *bad is its index and no call was made.
	 */
	int (*call)(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		    struct script_answer *answers, unsigned int *done, int *bad, char *err,
		    size_t err_size);
	/*
	 * Makes a call with contents of the TX buffer, and the calls that its further fragments
	 * take; the answer is that of the last one. NULL: such calls cannot be made.
	 */
	int (*call_memory)(void *ctx, int cpu, const struct ffa_regs *in,
			   const struct ffa_mem_request *request, struct script_answer *answer,
			   char *err, size_t err_size);
	/*
	 * Makes the calls of all lanes at the same time, each lane's in order. The lanes' CPUs
	 * differ. Sets done and bad of each. If a call is refused, none of its lane was made.
	 */
	int (*call_parallel)(void *ctx, struct script_lane *lanes, unsigned int nr_lanes, char *err,
			     size_t err_size);
	/* Returns 1 if met, 0 if not, with the reason in why. Not for SCRIPT_REQUIRE_FORWARDING. */
	int (*require)(void *ctx, const struct script_stmt *stmt, char *why, size_t size);
	/* The CPUs of `cpu all'. Returns how many; at most n are written. */
	unsigned int (*cpus)(void *ctx, int *cpu, unsigned int n);
	/* Whether the user asked to stop. May be NULL. */
	bool (*stopped)(void *ctx);
	/* Cleanup begins (true) or ends (false). Requests to stop are ignored in between. */
	void (*cleanup)(void *ctx, bool begin);
	/* NULL, or why the call must not be made: --allow-state-change was not given. */
	const char *(*refuse)(void *ctx, const struct ffa_regs *in);

	/* Progress; each may be NULL. */
	void (*case_begin)(void *ctx, const char *name);
	void (*called)(void *ctx, const struct script_stmt *stmt,
		       const struct script_answer *answer);
	void (*checked)(void *ctx, const struct script_check *check);
	void (*bound)(void *ctx, const struct script_stmt *let, const char *name, uint64_t value);
	void (*skipped)(void *ctx, const struct script_stmt *require, const char *reason);
	/* Another error at a statement. */
	void (*trouble)(void *ctx, const struct script_stmt *stmt, const char *text);
	void (*case_end)(void *ctx, const struct script_case *result);
};

struct script_run;

/* Returns NULL if out of memory. */
struct script_run *script_run_new(const struct script_ops *ops, void *ctx);
void script_run_free(struct script_run *run);

/* The case name of the statements outside tests, and the prefix of other case names. */
void script_run_name(struct script_run *run, const char *name);

/*
 * Executes all cases of a script and calls case_end script_nr_cases() times. Returns 0, or the error
 * that ended the run with a message in err: then cleanup blocks have run, the current case has
 * failed, and the later ones are skipped.
 */
int script_execute(struct script_run *run, const struct script *script, char *err, size_t err_size);
/* Skips all cases of a script. */
void script_skip(struct script_run *run, const struct script *script, const char *reason);

/*
 * For a prompt: executes the statements added since the last call, outside any case. Returns 0;
 * -ECANCELED if an expectation failed or a requirement was not met (reported through ops); else as
 * script_execute().
 */
int script_continue(struct script_run *run, const struct script *script, char *err,
		    size_t err_size);

/* Number of unknown verdicts that no expectation asked for, since the start. */
uint64_t script_run_unknown(const struct script_run *run);
/* The value of a variable by index. False if it is not set. */
bool script_run_variable(const struct script_run *run, unsigned int index, uint64_t *value);

/*
 * The call with which `require forwarding' tests whether fid is forwarded: fid itself if it changes
 * nothing with all registers 0, else FFA_FEATURES of fid. Returns whether it is fid itself.
 */
bool script_probe(uint32_t fid, struct ffa_regs *in);

#endif
