// SPDX-License-Identifier: GPL-2.0-only
/* Splits lines into words, and replaces variables in words. */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "ffa/format.h"
#include "script/internal.h"

/* Many small allocations, freed together. */
struct chunk {
	struct chunk *next;
	size_t used, size;
	max_align_t data[];
};

#define CHUNK_SIZE 65536

/*
 * A line takes less than a chunk: its words at most twice (SCRIPT_MAX_LINE bytes and their padding),
 * MAX_WORDS terms, one statement.
 */
_Static_assert(2 * (SCRIPT_MAX_LINE + MAX_WORDS * sizeof(max_align_t)) +
			       MAX_WORDS * sizeof(struct script_term) + sizeof(struct script_stmt) +
			       sizeof(struct ffa_regs) + SCRIPT_MAX_LINE <
		       CHUNK_SIZE,
	       "the spare chunk must hold a line");

static struct chunk *new_chunk(void)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + CHUNK_SIZE);

	if (chunk)
		*chunk = (struct chunk){ .size = CHUNK_SIZE };

	return chunk;
}

static void set_no_memory(struct script *script)
{
	if (script->no_memory)
		return;
	script->no_memory = true;
	script->memory_error.at = script->at;
	snprintf(script->memory_error.text, sizeof(script->memory_error.text), "out of memory");
	script->nr_errors++;
}

bool script_reserve(struct script *script)
{
	if (!script->spare)
		script->spare = new_chunk();
	script->no_memory = false;
	if (!script->spare)
		set_no_memory(script);

	return script->spare;
}

void *script_alloc(struct script *script, size_t size)
{
	struct chunk *chunk = script->memory;
	void *piece;

	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (!chunk || chunk->size - chunk->used < size) {
		chunk = new_chunk();
		if (!chunk) {
			chunk = script->spare;
			script->spare = NULL;
			set_no_memory(script);
		}
		chunk->next = script->memory;
		script->memory = chunk;
	}
	piece = (char *)chunk->data + chunk->used;
	chunk->used += size;
	return piece;
}

void script_free_memory(struct script *script)
{
	free(script->spare);
	while (script->memory) {
		struct chunk *chunk = script->memory;

		script->memory = chunk->next;
		free(chunk);
	}
}

char *script_keep(struct script *script, const char *text, size_t len)
{
	char *copy = script_alloc(script, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void script_wrong(struct script *script, unsigned int column, const char *fmt, ...)
{
	struct script_error *error;
	va_list args;

	script->nr_errors++;
	if (script->nr_kept == MAX_ERRORS)
		return;

	if (!vector_room(&script->errors, &script->max_errors, script->nr_kept,
			 sizeof(*script->errors))) {
		set_no_memory(script);
		return;
	}
	error = &script->errors[script->nr_kept++];
	error->at = script->at;
	error->at.column = column;
	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_foreign(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static bool check_characters(struct script *script, const char *line, size_t len)
{
	unsigned int foreign = 0;
	size_t i = 0;

	/* No early exit, so that the compiler can vectorise the loop. */
	for (size_t n = 0; n < len; n++)
		foreign |= is_foreign(line[n]);
	if (!foreign)
		return true;

	while (!is_foreign(line[i]))
		i++;
	script_wrong(script, (unsigned int)i + 1,
		     "a byte 0x%02x: a script is plain text; take it out", (unsigned char)line[i]);
	return false;
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '#';
}

/* Reads up to the closing quote. Returns the index after it, 0 for a mistake. */
static size_t read_quoted(struct script *script, const char *line, size_t len, size_t i, char *out,
			  size_t *out_len)
{
	size_t open = i - 1;

	for (; i < len && line[i] != '"'; i++) {
		char c = line[i];

		if (c == '\\' && i + 1 < len && (line[i + 1] == '"' || line[i + 1] == '\\'))
			c = line[++i];
		out[(*out_len)++] = c;
	}
	if (i == len) {
		script_wrong(script, (unsigned int)open + 1,
			     "this quote is not closed: a \" is missing at the end of the text");
		return 0;
	}
	return i + 1;
}

/*
 * Reads a word that contains quotes, anywhere and any number, from line[i] on. Returns the index
 * after it, 0 after reporting a mistake.
 */
static size_t read_with_quotes(struct script *script, const char *line, size_t len, size_t i,
			       const char **word)
{
	char text[SCRIPT_MAX_LINE + 1];
	size_t text_len = 0;

	while (i < len && !ends_word(line[i])) {
		if (line[i] != '"') {
			text[text_len++] = line[i++];
			continue;
		}
		i = read_quoted(script, line, len, i + 1, text, &text_len);
		if (!i)
			return 0;
	}
	*word = script_keep(script, text, text_len);
	return i;
}

int script_lex(struct script *script, const char *line, size_t len, struct lexeme *words)
{
	size_t i = 0;
	int n = 0;

	if (len && line[len - 1] == '\r')
		len--;
	if (len > SCRIPT_MAX_LINE) {
		script_wrong(
			script, SCRIPT_MAX_LINE + 1,
			"the line is longer than %d characters; use variables or a comment line of its own",
			SCRIPT_MAX_LINE);
		return -1;
	}
	if (!check_characters(script, line, len))
		return -1;

	for (;;) {
		struct lexeme *word = &words[n];
		size_t start;

		while (i < len && is_blank(line[i]))
			i++;
		script->line_len = i;
		if (i == len || line[i] == '#')
			return n;
		if (n == MAX_WORDS) {
			script_wrong(script, (unsigned int)i + 1, "more than %d words on a line",
				     MAX_WORDS);
			return -1;
		}

		start = i;
		while (i < len && !ends_word(line[i]) && line[i] != '"')
			i++;
		if (i < len && line[i] == '"') {
			i = read_with_quotes(script, line, len, start, &word->text);
			if (!i)
				return -1;
		} else {
			word->text = script_keep(script, line + start, i - start);
		}
		word->column = (unsigned int)start + 1;
		word->quoted = line[start] == '"';
		n++;
	}
}

/* ---- variables ---- */

static bool begins_name(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

size_t script_variable_name(const char *text, const char **name, size_t *len)
{
	bool braces = text[0] == '{';
	size_t n = 0;

	*name = text + braces;
	if (!begins_name((*name)[0]))
		return 0;
	while (begins_name((*name)[n]) || isdigit((unsigned char)(*name)[n]))
		n++;
	*len = n;
	if (braces && (*name)[n] != '}')
		return 0;

	return n + (braces ? 2 : 0);
}

bool script_has_variable(const char *text)
{
	return strchr(text, '$');
}

int script_find_variable(const struct script *script, const char *name, size_t len)
{
	for (unsigned int i = 0; i < script->nr_visible; i++) {
		const char *known = script->variables[script->visible[i]];

		if (strlen(known) == len && !memcmp(known, name, len))
			return (int)script->visible[i];
	}
	return -1;
}

int script_expand(const char *text,
		  bool (*fn)(const void *ctx, const char *name, size_t len, uint64_t *value),
		  const void *ctx, char *buf, size_t size, const char **name, size_t *len)
{
	size_t out = 0;

	while (*text) {
		uint64_t value;
		int n;

		if (*text != '$') {
			if (out + 1 >= size)
				return -ERANGE;
			buf[out++] = *text++;
			continue;
		}
		*name = text + 1;
		*len = 0;
		n = (int)script_variable_name(text + 1, name, len);
		if (!n || !fn(ctx, *name, *len, &value))
			return -ENOENT;
		text += n + 1;
		n = snprintf(buf + out, size - out, "0x%llx", (unsigned long long)value);
		if ((size_t)n >= size - out)
			return -ERANGE;
		out += (size_t)n;
	}
	buf[out] = '\0';

	return 0;
}

/* The block whose end ended a variable of this name, or NULL. */
static const struct script_stmt *ended_with(const struct script *script, const char *name, int len)
{
	for (unsigned int i = 0; i < script->nr_variables; i++) {
		const char *known = script->variables[i];

		if (strlen(known) == (size_t)len && !memcmp(known, name, (size_t)len))
			return script->let_in[i];
	}
	return NULL;
}

static void not_set(struct script *script, unsigned int column, const char *name, int len)
{
	const struct script_stmt *block = ended_with(script, name, len);

	if (!block)
		script_wrong(script, column,
			     "$%.*s is not set here: `let %.*s = ...' must come before this line",
			     len, name, len, name);
	else if (block->kind == SCRIPT_TEST)
		script_wrong(
			script, column,
			"$%.*s is not set here: its let is in test \"%.60s\" (%s:%u) and ends with it. Put `let %.*s = ...' before that test, or into this block",
			len, name, block->name, block->at.file, block->at.line, len, name);
	else
		script_wrong(
			script, column,
			"$%.*s is not set here: its let is in the cleanup of %s:%u and ends with it. Put `let %.*s = ...' before that block, or into this one",
			len, name, block->at.file, block->at.line, len, name);
}

static bool is_visible(const void *ctx, const char *name, size_t len, uint64_t *value)
{
	*value = 0;
	return script_find_variable(ctx, name, len) >= 0;
}

bool script_try_expand(struct script *script, const struct lexeme *word, char *buf, size_t size)
{
	const char *name;
	size_t len;

	switch (script_expand(word->text, is_visible, script, buf, size, &name, &len)) {
	case 0:
		return true;
	case -ERANGE:
		script_wrong(script, word->column, "this word is too long");
		return false;
	default:
		break;
	}

	if (!len)
		script_wrong(script, word->column,
			     "a $ without a name; a variable is $id or ${id}");
	else
		not_set(script, word->column + (unsigned int)(name - word->text) - 1, name,
			(int)len);
	return false;
}

bool script_number(const char *text, uint64_t *value)
{
	struct ffa_bits bits;
	char word[128];
	char err[256];

	if (strlen(text) > 100)
		return false;
	snprintf(word, sizeof(word), "x0=%s", text);
	return !ffa_parse_register(word, &bits, value, err, sizeof(err));
}

const char *script_message(const char *err, unsigned int *column)
{
	const char *place = strstr(err, "\", column ");
	char *end;

	*column = 1;
	if (!place)
		return err;
	*column = (unsigned int)strtoul(place + strlen("\", column "), &end, 10);

	return strncmp(end, ": ", 2) ? err : end + 2;
}
