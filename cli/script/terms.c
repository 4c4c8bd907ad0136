// SPDX-License-Identifier: GPL-2.0-only
/* Parses the terms of expect and let. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "script/internal.h"

const char *script_op_name(enum script_op op)
{
	static const char *const names[] = {
		[SCRIPT_EQ] = "=",  [SCRIPT_NE] = "!=", [SCRIPT_LT] = "<",
		[SCRIPT_LE] = "<=", [SCRIPT_GT] = ">",	[SCRIPT_GE] = ">=",
	};

	return names[op];
}

/* Finds the operator of a comparison, the end of its left and the start of its right side. */
static const char *find_op(const char *text, enum script_op *op, const char **right)
{
	const char *at = strpbrk(text, "=!<>");

	if (!at)
		return NULL;

	*right = at + 1;
	switch (*at) {
	case '!':
		if (at[1] != '=')
			return NULL;
		*op = SCRIPT_NE;
		*right = at + 2;
		break;
	case '<':
	case '>':
		*op = *at == '<' ? SCRIPT_LT : SCRIPT_GT;
		if (at[1] == '=') {
			*op = *at == '<' ? SCRIPT_LE : SCRIPT_GE;
			*right = at + 2;
		}
		break;
	default:
		*op = SCRIPT_EQ;
		/* Accept == for =. */
		if (at[1] == '=')
			*right = at + 2;
		break;
	}
	return at;
}

static bool names_register(const char *text)
{
	return (text[0] == 'w' || text[0] == 'x' || text[0] == 'W' || text[0] == 'X') &&
	       isdigit((unsigned char)text[1]);
}

int script_place_of(const char *left, struct ffa_bits *bits)
{
	char word[64], err[256];
	uint64_t value;

	if (strlen(left) >= sizeof(word) - 2)
		return -EINVAL;
	snprintf(word, sizeof(word), "%s=0", left);
	return ffa_parse_register(word, bits, &value, err, sizeof(err));
}

static bool same_name(const char *a, const char *b)
{
	while (*a && *b) {
		char x = *a == '_' ? '-' : (char)tolower((unsigned char)*a);
		char y = *b == '_' ? '-' : (char)tolower((unsigned char)*b);

		if (x != y)
			return false;
		a++;
		b++;
	}
	return !*a && !*b;
}

const struct ffa_field *script_row_field(const struct ffa_call *row, const char *name)
{
	for (size_t i = 0; row->fields && i < row->nr_fields; i++) {
		if (row->fields[i].name && same_name(row->fields[i].name, name))
			return &row->fields[i];
	}
	return NULL;
}

struct ffa_call script_answer_row(const struct ffa_call *call, const struct ffa_answer *answer,
				  char name[96])
{
	struct ffa_call row = { .name = name };

	snprintf(name, 96, "the answer to %s", call ? ffa_call_name(call) : "this call");
	if (!answer)
		return row;

	row.fields = answer->fields;
	row.nr_fields = answer->nr_fields;
	/* Some answers are themselves calls: FFA_MSG_SEND_DIRECT_RESP. */
	if (!row.fields && answer->fid && ffa_call_by_fid(answer->fid) &&
	    answer->fid != FFA_FID_SUCCESS && answer->fid != FFA_FID_SUCCESS_64) {
		row.fields = ffa_call_by_fid(answer->fid)->fields;
		row.nr_fields = ffa_call_by_fid(answer->fid)->nr_fields;
	}
	return row;
}

/* ---- reading ---- */

static void list_answer_fields(const struct ffa_call *call, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; call && i < call->nr_answers; i++) {
		char name[96];
		struct ffa_call row = script_answer_row(call, &call->answers[i], name);

		for (size_t f = 0; row.fields && f < row.nr_fields && len < size; f++) {
			if (row.fields[f].name && !strstr(buf, row.fields[f].name))
				len += (size_t)snprintf(buf + len, size - len, " %s",
							row.fields[f].name);
		}
	}
}

/* value: of an assignment to try; NULL: the name only. */
static bool check_field(struct script *script, const struct script_stmt *stmt, const char *left,
			const char *value, unsigned int column, unsigned int value_column)
{
	const struct ffa_call *call = stmt->row;
	char err[1024] = "", list[512];
	bool found = false;

	for (size_t i = 0; call && i < call->nr_answers; i++) {
		struct ffa_regs scratch = { { 0 } };
		char name[96], word[512];
		struct ffa_call row = script_answer_row(call, &call->answers[i], name);

		if (!script_row_field(&row, left))
			continue;
		found = true;
		if (!value)
			return true;
		if ((size_t)snprintf(word, sizeof(word), "%s=%s", left, value) >= sizeof(word)) {
			script_wrong(script, value_column, "this value is too long");
			return false;
		}
		if (!ffa_assign(&row, &scratch, word, err, sizeof(err)))
			return true;
	}
	if (found) {
		unsigned int at;
		const char *text = script_message(err, &at);

		script_wrong(script, value_column, "%s", text);
		return false;
	}

	list_answer_fields(call, list, sizeof(list));
	script_wrong(
		script, column,
		"the answer to %s has no field \"%.60s\"; %s%s; registers go by number, as in w2[31:0]=5",
		call ? ffa_call_name(call) : "a call by number", left,
		list[0] ? "its fields are" : "it has none", list);
	return false;
}

static bool check_comparison(struct script *script, const struct script_stmt *call,
			     struct script_term *term, const char *right)
{
	unsigned int right_at = term->column + (unsigned int)(term->right - term->text);
	struct ffa_bits bits;
	char word[512], err[1024];
	uint64_t value;

	if (!right[0]) {
		script_wrong(script, right_at, "no value after the %s", script_op_name(term->op));
		return false;
	}
	if (!strcmp(term->left, "smcs") || !strcmp(term->left, "rebuilt")) {
		bool count = !strcmp(term->left, "smcs");

		term->kind = count ? SCRIPT_TERM_SMCS : SCRIPT_TERM_REBUILT;
		if (script_number(right, &value) && (count || value <= 1))
			return true;
		script_wrong(script, right_at, "%s",
			     count ? "smcs is a count; give a number, as in smcs=1"
				   : "rebuilt is 1 or 0, as in rebuilt=0");
		return false;
	}
	if (!names_register(term->left)) {
		term->kind = SCRIPT_TERM_FIELD;
		return check_field(script, call, term->left, right, term->column, right_at);
	}

	term->kind = SCRIPT_TERM_REGISTER;
	if ((size_t)snprintf(word, sizeof(word), "%s=%s", term->left, right) >= sizeof(word)) {
		script_wrong(script, right_at, "this value is too long");
		return false;
	}
	if (ffa_parse_register(word, &bits, &value, err, sizeof(err))) {
		unsigned int at;
		const char *text = script_message(err, &at);
		size_t left_len = strlen(term->left);

		/* The message counts columns as if the operator were one character long. */
		if (at > left_len + 1)
			at += (unsigned int)(term->right - term->text) - (unsigned int)left_len - 1;
		script_wrong(script, term->column + at - 1, "%s", text);
		return false;
	}
	return true;
}

static bool read_comparison(struct script *script, struct script_term *term,
			    const struct lexeme *word, const struct script_stmt *call)
{
	const char *end = find_op(word->text, &term->op, &term->right);
	struct lexeme right = { .column = word->column };
	char tried[512];

	if (!end) {
		script_wrong(script, word->column + (unsigned int)strcspn(word->text, "!"),
			     "= must follow !, as in w2!=0");
		return false;
	}
	if (end == word->text) {
		script_wrong(
			script, word->column,
			"nothing to compare before the %s; a register, a field of the answer, or smcs belongs there",
			script_op_name(term->op));
		return false;
	}
	term->left = script_keep(script, word->text, (size_t)(end - word->text));
	right.text = term->right;
	right.column += (unsigned int)(term->right - word->text);
	return script_try_expand(script, &right, tried, sizeof(tried)) &&
	       check_comparison(script, call, term, tried);
}

static int verdict_by_name(const char *name, size_t len)
{
	for (int kind = VERDICT_UNKNOWN; kind <= VERDICT_FORWARDED; kind++) {
		const char *known = verdict_kind_name((enum verdict_kind)kind);

		if (strlen(known) == len && !strncasecmp(known, name, len))
			return kind;
	}
	return -1;
}

/* One word of a list. Returns false after reporting a mistake. */
static bool read_alternative(struct script *script, struct script_term *term, const char *name,
			     size_t len, unsigned int column)
{
	int kind = verdict_by_name(name, len);
	char copy[64];
	int32_t code;
	size_t kept;

	if (!len) {
		script_wrong(
			script, column,
			"nothing on one side of the |; it stands between two words, as in DENIED|SUCCESS");
		return false;
	}
	if (kind >= 0) {
		if (term->nr_statuses) {
			script_wrong(
				script, column,
				"a verdict beside a status in one list; put a blank between them: both must hold then");
			return false;
		}
		term->verdicts |= 1u << kind;
		return true;
	}

	/* Longer than any status: the message shows the beginning. */
	kept = len < sizeof(copy) ? len : sizeof(copy) - 1;
	memcpy(copy, name, kept);
	copy[kept] = '\0';
	if (len > kept || ffa_status_by_name(copy, &code)) {
		script_wrong(
			script, column,
			"\"%.40s\" is not a verdict (rejected, answered, forwarded, unknown), a status (SUCCESS, DENIED, INVALID_PARAMETERS, NOT_SUPPORTED, ...) or a comparison (w2[31:0]=5, smcs=1)",
			copy);
		return false;
	}
	if (term->verdicts) {
		script_wrong(
			script, column,
			"a status beside a verdict in one list; put a blank between them: both must hold then");
		return false;
	}
	if (term->nr_statuses == SCRIPT_MAX_STATUSES) {
		script_wrong(script, column, "more than %d statuses in a list",
			     SCRIPT_MAX_STATUSES);
		return false;
	}
	term->statuses[term->nr_statuses++] = code;
	return true;
}

static bool read_list(struct script *script, struct script_term *term, const struct lexeme *word)
{
	const char *name = word->text;

	for (;;) {
		size_t len = strcspn(name, "|");

		if (!read_alternative(script, term, name, len,
				      word->column + (unsigned int)(name - word->text)))
			return false;
		if (!name[len])
			break;
		name += len + 1;
	}
	term->kind = term->verdicts ? SCRIPT_TERM_VERDICT : SCRIPT_TERM_STATUS;
	return true;
}

void script_parse_terms(struct script *script, struct script_stmt *stmt, const struct lexeme *words,
			int n)
{
	const struct script_stmt *call = script->blocks[script->depth].call;
	struct script_term **tail = &stmt->terms;

	for (int i = 1; i < n; i++) {
		struct script_term *term = script_alloc(script, sizeof(*term));
		bool good;

		*term = (struct script_term){ .column = words[i].column, .text = words[i].text };
		good = strpbrk(words[i].text, "=!<>")
			       ? read_comparison(script, term, &words[i], call)
			       : read_list(script, term, &words[i]);
		if (!good)
			continue;
		for (const struct script_term *t = stmt->terms; t; t = t->next) {
			if (t->kind == term->kind && term->kind <= SCRIPT_TERM_STATUS) {
				script_wrong(script, term->column,
					     "a second %s: both can never hold; join them by |",
					     term->kind == SCRIPT_TERM_VERDICT ? "verdict"
									       : "status");
				break;
			}
		}
		*tail = term;
		tail = &term->next;
	}
}

bool script_check_source(struct script *script, const struct script_stmt *call, const char *text,
			 unsigned int column)
{
	struct ffa_bits bits;
	char word[128], err[1024];
	uint64_t value;

	if (!strcmp(text, "smcs"))
		return true;
	if (!names_register(text))
		return check_field(script, call, text, NULL, column, column);
	if (strlen(text) > 100) {
		script_wrong(script, column, "this value is too long");
		return false;
	}

	snprintf(word, sizeof(word), "%s=0", text);
	if (ffa_parse_register(word, &bits, &value, err, sizeof(err))) {
		unsigned int at;
		const char *message = script_message(err, &at);

		script_wrong(script, column + at - 1, "%s", message);
		return false;
	}
	return true;
}
