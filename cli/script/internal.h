/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_SCRIPT_INTERNAL_H
#define FFASCOPE_SCRIPT_INTERNAL_H

#include <stdarg.h>

#include "ffa/call.h"
#include "script/script.h"

#define MAX_WORDS  64
#define MAX_ERRORS 100

/* A word of a line: quotes taken off, escapes undone. */
struct lexeme {
	const char *text;
	unsigned int column; /* from 1, of its first character in the line */
	bool quoted;	     /* began with a quote */
};

/* The target of new statements: a file or a block. */
struct block {
	const struct script_stmt *stmt; /* NULL: outside all blocks */
	struct script_stmt **tail;
	struct script_stmt **parts; /* of parallel: where its next `cpu' goes */
	unsigned int file;	    /* depth of include in which it was opened */
	bool cpu_all;
	const struct script_stmt *call; /* the call that expect and let refer to; NULL: none */
	unsigned int nr_visible;	/* variables known when it was opened */
	uint64_t calls;
};

struct script {
	struct chunk *memory;
	struct chunk *spare; /* enough for one line; taken when there is no memory */
	bool no_memory;	     /* spare is used up: no further line is read */
	script_load_fn load;
	void *load_ctx;

	struct script_stmt *first;
	struct block blocks[SCRIPT_MAX_BLOCKS + 1];
	unsigned int depth;		    /* index of the innermost block */
	const struct script_stmt *tests[2]; /* first and last */

	const char *variables[SCRIPT_MAX_VARIABLES];
	/* The block that the last let of each stood in; NULL: outside all blocks. */
	const struct script_stmt *let_in[SCRIPT_MAX_VARIABLES];
	unsigned int nr_variables;
	/* Indices of those in scope, in order of their let. */
	unsigned int visible[SCRIPT_MAX_VARIABLES];
	unsigned int nr_visible;

	const char *call_word; /* the call that was looked up last */
	uint32_t call_fid;
	const struct ffa_call *call_row;

	const char *including[SCRIPT_MAX_INCLUDES + 1];
	unsigned int nr_including;
	unsigned int nr_files; /* that were included */
	unsigned int nr_statements;
	unsigned int nr_tests;
	bool loose;

	struct script_place at; /* of the line that is read */
	const char *line;
	size_t line_len; /* up to its comment */
	size_t nr_errors;
	size_t nr_kept;	   /* in errors: at most MAX_ERRORS */
	size_t max_errors; /* there is room for */
	struct script_error *errors;
	struct script_error memory_error; /* with no_memory: follows those in errors */
};

static inline struct block *script_block(struct script *script)
{
	return &script->blocks[script->depth];
}

/* Adds a statement to the tree; words[0] is its keyword. Reports mistakes. */
void script_statement(struct script *script, const struct lexeme *words, int n);

/* Includes the file that a word names. */
void script_include(struct script *script, const struct lexeme *word);

/* Reports a mistake at a column of the current line. */
void script_wrong(struct script *script, unsigned int column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Makes sure that the next line finds memory. Returns false after reporting that there is none. */
bool script_reserve(struct script *script);
/*
 * Uninitialised memory for the line that is read, freed with the script. Never NULL; sets no_memory
 * when it takes the spare chunk.
 */
void *script_alloc(struct script *script, size_t size);
void script_free_memory(struct script *script);

/* Copies len bytes and adds a NUL. Freed with the script. */
char *script_keep(struct script *script, const char *text, size_t len);

/* Splits a line. Returns the number of words, -1 after reporting a mistake. */
int script_lex(struct script *script, const char *line, size_t len, struct lexeme *words);

/* The index of a variable in scope, -1 if there is none. name has len characters. */
int script_find_variable(const struct script *script, const char *name, size_t len);

/*
 * The variable that `text` (after a $) names, with or without braces: name and length; returns how
 * many characters that took, 0 if it is not a name.
 */
size_t script_variable_name(const char *text, const char **name, size_t *len);

/* Whether there is a $ in a word. */
bool script_has_variable(const char *text);

/*
 * Replaces the variables of a word with the values that fn returns (false: not set). Returns 0;
 * -ENOENT if fn returned false, then *name is the variable (*len characters of `text`); -ERANGE if
 * the result is too long.
 */
int script_expand(const char *text,
		  bool (*fn)(const void *ctx, const char *name, size_t len, uint64_t *value),
		  const void *ctx, char *buf, size_t size, const char **name, size_t *len);

/* "=", "!=" and so on. */
const char *script_op_name(enum script_op op);

/* A number: decimal, 0x or 0b, 64 bits. */
bool script_number(const char *text, uint64_t *value);

/* Parses the words of an expect statement, from the second on. Reports mistakes. */
void script_parse_terms(struct script *script, struct script_stmt *stmt, const struct lexeme *words,
			int n);

/* Checks the source of a let. Returns false after reporting a mistake. */
bool script_check_source(struct script *script, const struct script_stmt *call, const char *text,
			 unsigned int column);

/* Checks that the variables of a word are in scope, and replaces them with 0 for a check. */
bool script_try_expand(struct script *script, const struct lexeme *word, char *buf, size_t size);

/*
 * A message of cli/ffa of the shape "WORD", column N: TEXT -> N and TEXT.
 */
const char *script_message(const char *err, unsigned int *column);

/* ---- of the answer ---- */

/* The value of an operand of let or of a comparison: a register, smcs. -EINVAL: neither. */
int script_place_of(const char *left, struct ffa_bits *bits);
/*
 * The field of an answer by name as a call row that ffa_assign() takes: its fields are those of the
 * answer. NULL fields if there are none.
 */
struct ffa_call script_answer_row(const struct ffa_call *call, const struct ffa_answer *answer,
				  char name[96]);
/* The field of a row by name, any case, - or _; NULL if there is none. */
const struct ffa_field *script_row_field(const struct ffa_call *row, const char *name);

/* Whether an expectation holds; fills held, unknown and why of check. */
typedef bool (*script_lookup_fn)(const void *ctx, const char *name, size_t len, uint64_t *value);
void script_evaluate(struct script_check *check, script_lookup_fn lookup, const void *ctx);

/* Extracts the value of a let from an answer. Returns 0 or -EINVAL with the reason in why. */
int script_take(const char *source, const struct script_stmt *call,
		const struct script_answer *answer, uint64_t *value, char *why, size_t size);

#endif
