// SPDX-License-Identifier: GPL-2.0-only
/* Splits files into lines, and answers queries about a script. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "script/internal.h"

/* The line without its comment and the blanks around it. */
static const char *keep_line(struct script *script, const char *text)
{
	size_t len = script->line_len;

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	return script_keep(script, text, len);
}

static void read_line(struct script *script, const char *text, size_t len)
{
	struct lexeme words[MAX_WORDS];
	int n;

	/* The first line of a file can start with a byte order mark. */
	if (script->at.line == 1 && len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		script_wrong(script, 1, "a byte order mark; save the file without one");
		return;
	}
	if (script->nr_statements > SCRIPT_MAX_STATEMENTS || script->no_memory)
		return;
	n = script_lex(script, text, len, words);
	if (n <= 0)
		return;
	script->at.column = words[0].column;
	if (++script->nr_statements > SCRIPT_MAX_STATEMENTS) {
		if (script->nr_statements == SCRIPT_MAX_STATEMENTS + 1)
			script_wrong(script, words[0].column, "more than %d statements; use repeat",
				     SCRIPT_MAX_STATEMENTS);
		return;
	}

	script->line = keep_line(script, text);
	script_statement(script, words, n);
}

static void read_text(struct script *script, const char *file, const char *text, size_t len)
{
	struct script_place outer = script->at;
	const char *outer_line = script->line;
	unsigned int line = 0;

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		line++;
		script->at = (struct script_place){ .file = file, .line = line, .column = 1 };
		read_line(script, text, n);
		n += !!end;
		text += n;
		len -= n;
	}

	while (!script->no_memory && script->depth &&
	       script_block(script)->file == script->nr_including) {
		script->at = script_block(script)->stmt->at;
		script_wrong(script, script->at.column,
			     "this block has no end: a line `end' is missing");
		script->nr_visible = script_block(script)->nr_visible;
		script->depth--;
	}
	script->at = outer;
	script->line = outer_line;
}

/* ---- files ---- */

static void read_file(struct script *script, const char *from, const char *path,
		      unsigned int column)
{
	char err[512] = "";
	char *name = NULL, *text = NULL;
	const char *kept;
	size_t len;
	int ret;

	ret = script->load ? script->load(script->load_ctx, from, path, &name, &text, &len, err,
					  sizeof(err))
			   : -ENOTSUP;
	if (ret) {
		script_wrong(script, column, "%s", err[0] ? err : "nothing can be included here");
		return;
	}

	if (strlen(name) > SCRIPT_MAX_LINE) {
		script_wrong(script, column, "the name of the file is longer than %d characters",
			     SCRIPT_MAX_LINE);
		free(name);
		free(text);
		return;
	}
	kept = script_keep(script, name, strlen(name));
	free(name);
	for (unsigned int i = 0; i < script->nr_including; i++) {
		if (strcmp(script->including[i], kept))
			continue;
		script_wrong(script, column, "%s includes itself%s", kept,
			     i + 1 == script->nr_including ? "" : " through other files");
		free(text);
		return;
	}
	script->including[script->nr_including++] = kept;
	read_text(script, kept, text, len);
	script->nr_including--;
	free(text);
}

void script_include(struct script *script, const struct lexeme *word)
{
	if (!word->text[0]) {
		script_wrong(script, word->column, "include needs the name of a file");
		return;
	}
	if (script->nr_including > SCRIPT_MAX_INCLUDES - 1) {
		script_wrong(script, word->column, "more than %d files that include each other",
			     SCRIPT_MAX_INCLUDES);
		return;
	}
	if (script->nr_files == SCRIPT_MAX_FILES) {
		script_wrong(script, word->column, "more than %d files are included",
			     SCRIPT_MAX_FILES);
		return;
	}
	script->nr_files++;
	read_file(script, script->at.file, word->text, word->column);
}

struct script *script_new(script_load_fn load, void *ctx)
{
	struct script *script = calloc(1, sizeof(*script));

	if (!script)
		return NULL;
	script->load = load;
	script->load_ctx = ctx;
	script->blocks[0].tail = &script->first;
	if (!script_reserve(script)) {
		script_free(script);
		return NULL;
	}
	return script;
}

void script_free(struct script *script)
{
	if (!script)
		return;

	script_free_memory(script);
	free(script->errors);
	free(script);
}

size_t script_load(struct script *script, const char *path)
{
	script->at = (struct script_place){ .file = path };
	read_file(script, NULL, path, 0);
	return script->nr_errors;
}

size_t script_parse(struct script *script, const char *file, const char *text, size_t len)
{
	file = script_keep(script, file, strnlen(file, SCRIPT_MAX_LINE));
	script->including[0] = file;
	script->nr_including = 1;
	read_text(script, file, text, len);
	script->nr_including = 0;
	return script->nr_errors;
}

size_t script_line(struct script *script, const char *text, size_t len)
{
	const struct block before = *script_block(script);
	const struct script_stmt *last_test = script->tests[1];
	unsigned int depth = script->depth, nr_visible = script->nr_visible;

	script->nr_errors = script->nr_kept = 0;
	script->at = (struct script_place){ .file = "(typed)",
					    .line = script->at.line + 1,
					    .column = 1 };
	script_reserve(script);
	read_line(script, text, len);
	if (!script->nr_errors)
		return 0;

	/* Undo the line. */
	script->depth = depth;
	script->nr_visible = nr_visible;
	*script_block(script) = before;
	*before.tail = NULL;
	if (script->tests[1] != last_test) {
		script->tests[1] = last_test;
		script->tests[0] = last_test ? script->tests[0] : NULL;
	}
	return script->nr_errors;
}

unsigned int script_open_blocks(const struct script *script)
{
	return script->depth;
}

void script_drop_blocks(struct script *script)
{
	struct script_stmt **at = &script->first;

	if (!script->depth)
		return;

	while (*at && *at != script->blocks[1].stmt)
		at = &(*at)->next;
	*at = NULL;
	script->blocks[0].tail = at;
	/* The same test name can be typed again. */
	if (script->tests[1] == script->blocks[1].stmt)
		script->tests[0] = script->tests[1] = NULL;
	script->nr_visible = script->blocks[1].nr_visible;
	script->depth = 0;
}

size_t script_nr_errors(const struct script *script)
{
	return script->nr_errors;
}

const struct script_error *script_error_at(const struct script *script, size_t index)
{
	if (index < script->nr_kept)
		return &script->errors[index];

	return script->no_memory && index == script->nr_kept ? &script->memory_error : NULL;
}

bool script_out_of_memory(const struct script *script)
{
	return script->no_memory;
}

const struct script_stmt *script_statements(const struct script *script)
{
	return script->first;
}

unsigned int script_nr_cases(const struct script *script)
{
	return script->nr_tests + script_has_loose_case(script);
}

bool script_has_loose_case(const struct script *script)
{
	/* An empty file is one case: a file without cases would not appear in the report. */
	return script->loose || !script->nr_tests;
}

const char *script_variable(const struct script *script, size_t index)
{
	return index < script->nr_variables ? script->variables[index] : NULL;
}

static void
find_consents(const struct script_stmt *stmt,
	      void (*fn)(void *ctx, const struct script_stmt *call, const char *changes), void *ctx)
{
	for (; stmt; stmt = stmt->next) {
		bool known_now = stmt->kind == SCRIPT_CALL && !stmt->words;
		const char *changes = NULL;
		struct ffa_regs none;

		/* The effect of an identifier outside the catalogue is unknown. */
		if (known_now && stmt->row)
			changes = ffa_call_needs_consent(stmt->row, stmt->in);
		/* Memory calls need it whatever their registers are. */
		if (stmt->memory && stmt->row && ffa_mem_is_transaction(stmt->fid)) {
			ffa_call_init(stmt->row, stmt->fid, &none);
			changes = ffa_call_needs_consent(stmt->row, &none);
		}
		if (changes)
			fn(ctx, stmt, changes);
		find_consents(stmt->body, fn, ctx);
	}
}

void script_consents(const struct script *script,
		     void (*fn)(void *ctx, const struct script_stmt *call, const char *changes),
		     void *ctx)
{
	find_consents(script->first, fn, ctx);
}
