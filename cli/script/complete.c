// SPDX-License-Identifier: GPL-2.0-only
/* Completion of a line that is being typed. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "script/internal.h"

struct completion {
	const char *word; /* the part that has been typed */
	size_t len;
	script_candidate_fn fn;
	void *ctx;
};

static char fold(char c)
{
	return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

/* Whether a name begins with the word, ignoring case and treating - and _ as equal. */
static bool begins(const struct completion *c, const char *name)
{
	for (size_t i = 0; i < c->len; i++) {
		if (!name[i] || fold(name[i]) != fold(c->word[i]))
			return false;
	}
	return true;
}

/* suffix: "=" if a value follows, " " if the word is complete. */
static void offer(const struct completion *c, const char *name, const char *suffix)
{
	char text[160];

	if (!begins(c, name))
		return;
	snprintf(text, sizeof(text), "%s%s", name, suffix);
	c->fn(c->ctx, text);
}

static void offer_list(const struct completion *c, const char *const *names, const char *suffix)
{
	for (; *names; names++)
		offer(c, *names, suffix);
}

static void offer_calls(const struct completion *c)
{
	/* Offer names with the prefix only after it has been typed. */
	bool whole = c->len && !strncasecmp(c->word, "FFA_", c->len < 4 ? c->len : 4);
	const struct ffa_call *call;

	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (whole)
			offer(c, ffa_call_name(call), " ");
		offer(c, ffa_call_name(call) + strlen("FFA_"), " ");
	}
}

static void offer_fields(const struct completion *c, const struct ffa_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fields[i].name)
			offer(c, fields[i].name, "=");
	}
}

static void offer_statuses(const struct completion *c)
{
	for (int32_t code = 0; code > -32; code--) {
		if (ffa_status_name(code))
			offer(c, ffa_status_name(code), "");
	}
}

static void offer_verdicts(const struct completion *c)
{
	for (int kind = VERDICT_UNKNOWN; kind <= VERDICT_FORWARDED; kind++)
		offer(c, verdict_kind_name((enum verdict_kind)kind), "");
}

static void offer_variables(struct completion c, const struct script *script)
{
	/* After the $. */
	c.word++;
	c.len--;
	for (unsigned int i = 0; script && i < script->nr_visible; i++) {
		const char *name = script->variables[script->visible[i]];
		char text[160];

		if (strncmp(name, c.word, c.len))
			continue;
		snprintf(text, sizeof(text), "$%s", name);
		c.fn(c.ctx, text);
	}
}

/* The one-bit fields that an alias covers. */
static void offer_flags(const struct completion *c, const struct ffa_call *call,
			const struct ffa_alias *alias)
{
	for (size_t i = 0; i < call->nr_fields; i++) {
		const struct ffa_field *bit = &call->fields[i];

		if (bit->name && bit->reg == alias->reg && bit->hi == bit->lo &&
		    bit->lo >= alias->lo && bit->hi <= alias->hi)
			offer(c, bit->name, "");
	}
}

static void offer_type(const struct completion *c, enum ffa_type type)
{
	switch (type) {
	case FFA_TYPE_STATUS:
		offer_statuses(c);
		break;
	case FFA_TYPE_VERSION:
		for (unsigned int i = 0; i < FFA_NR_VERSIONS; i++)
			offer(c, ffa_version_name(ffa_version_at(i)), "");
		break;
	case FFA_TYPE_FUNCTION:
		for (size_t i = 0; i < ffa_feature_count(); i++)
			offer(c, ffa_feature_at(i)->name, "");
		offer_calls(c);
		break;
	default:
		break;
	}
}

/* Names for the values of a field. */
static void offer_values(const struct completion *c, const struct ffa_call *call, const char *name,
			 size_t len)
{
	const struct completion typed = { .word = name, .len = len };

	for (size_t i = 0; call && i < call->nr_fields; i++) {
		const struct ffa_field *field = &call->fields[i];

		if (!field->name || strlen(field->name) != len || !begins(&typed, field->name))
			continue;
		for (const struct ffa_symbol *s = field->symbols; s && s->name; s++)
			offer(c, s->name, "");
		offer_type(c, field->type);
	}
	for (size_t i = 0; call && i < call->nr_aliases; i++) {
		const struct ffa_alias *alias = &call->aliases[i];

		if (strlen(alias->name) != len || !begins(&typed, alias->name))
			continue;
		if (alias->flags)
			offer_flags(c, call, alias);
		offer_type(c, alias->type);
	}
}

static const struct ffa_call *call_of(const char *word, size_t len)
{
	char name[96];

	if (len >= sizeof(name))
		return NULL;
	memcpy(name, word, len);
	name[len] = '\0';
	return ffa_call_find(name);
}

static void offer_for_expect(const struct completion *c, struct script *script)
{
	const struct script_stmt *stmt = script ? script_block(script)->call : NULL;
	const struct ffa_call *call = stmt ? stmt->row : NULL;

	offer_verdicts(c);
	offer_statuses(c);
	offer(c, "smcs", "=");
	offer(c, "rebuilt", "=");
	for (size_t i = 0; call && i < call->nr_answers; i++) {
		char name[96];
		struct ffa_call row = script_answer_row(call, &call->answers[i], name);

		offer_fields(c, row.fields, row.nr_fields);
	}
}

static void offer_for_let(const struct completion *c, struct script *script)
{
	const struct script_stmt *stmt = script ? script_block(script)->call : NULL;
	const struct ffa_call *call = stmt ? stmt->row : NULL;

	offer(c, "smcs", "");
	for (size_t i = 0; call && i < call->nr_answers; i++) {
		char name[96];
		struct ffa_call row = script_answer_row(call, &call->answers[i], name);

		for (size_t f = 0; f < row.nr_fields; f++) {
			if (row.fields[f].name)
				offer(c, row.fields[f].name, "");
		}
	}
}

#define MAX_TYPED 4

/* The line: the words before the one that is typed, and that one. */
struct typed {
	const char *word[MAX_TYPED];
	size_t len[MAX_TYPED];
	size_t n;     /* words before the last; may be more than MAX_TYPED */
	size_t start; /* of the text that a candidate replaces */
	struct script *script;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct typed split(const char *line, size_t len)
{
	struct typed t = { 0 };

	for (size_t i = 0;;) {
		while (i < len && is_blank(line[i]))
			i++;
		t.start = i;
		while (i < len && !is_blank(line[i]))
			i++;
		if (i == len)
			return t;
		if (t.n < MAX_TYPED) {
			t.word[t.n] = line + t.start;
			t.len[t.n] = i - t.start;
		}
		t.n++;
	}
}

static bool is_word(const struct typed *t, size_t index, const char *name)
{
	return t->len[index] == strlen(name) && !memcmp(t->word[index], name, t->len[index]);
}

/* Completes from this character of the word on. */
static void cut_to(struct typed *t, struct completion *c, const char *from)
{
	size_t skip = (size_t)(from - c->word);

	t->start += skip;
	c->word += skip;
	c->len -= skip;
}

static void complete_call_name(struct typed *t, struct completion *c)
{
	(void)t;
	offer_calls(c);
}

static void offer_field_names(const struct completion *c, const struct ffa_call *call)
{
	offer_fields(c, call->fields, call->nr_fields);
	for (size_t a = 0; a < call->nr_aliases; a++)
		offer(c, call->aliases[a].name, "=");
}

/* call CALL FIELD=VALUE|VALUE */
static void complete_call(struct typed *t, struct completion *c)
{
	const char *eq = memchr(c->word, '=', c->len), *name = c->word, *bar;
	const struct ffa_call *call;

	if (t->n == 1) {
		offer_calls(c);
		return;
	}
	call = call_of(t->word[1], t->len[1]);
	if (!call)
		return;
	if (!eq) {
		offer_field_names(c, call);
		return;
	}
	bar = memrchr(eq, '|', c->len - (size_t)(eq - c->word));
	cut_to(t, c, (bar ? bar : eq) + 1);
	offer_values(c, call, name, (size_t)(eq - name));
}

static void complete_expect(struct typed *t, struct completion *c)
{
	const char *bar = memrchr(c->word, '|', c->len);

	if (bar)
		cut_to(t, c, bar + 1);
	offer_for_expect(c, t->script);
}

static void complete_let(struct typed *t, struct completion *c)
{
	if (t->n == 3)
		offer_for_let(c, t->script);
}

static void complete_require(struct typed *t, struct completion *c)
{
	static const char *const requirements[] = { "forwarding", "ffa",    "tracing",
						    "module",	  "unsafe", NULL };

	if (t->n == 1)
		offer_list(c, requirements, " ");
	else if (t->n == 2 && is_word(t, 1, "forwarding"))
		offer_calls(c);
	else if (t->n == 2 && is_word(t, 1, "ffa"))
		offer_type(c, FFA_TYPE_VERSION);
}

static void complete_cpu(struct typed *t, struct completion *c)
{
	static const char *const cpus[] = { "all", "any", NULL };

	if (t->n == 1)
		offer_list(c, cpus, "");
}

static void complete_on_failure(struct typed *t, struct completion *c)
{
	static const char *const failures[] = { "stop", "continue", NULL };

	if (t->n == 1)
		offer_list(c, failures, "");
}

static const struct {
	const char *keyword;
	void (*complete)(struct typed *t, struct completion *c);
} statements[] = {
	{ "call", complete_call },
	{ "describe", complete_call_name },
	{ "sweep", complete_call_name },
	{ "help", complete_call_name },
	{ "expect", complete_expect },
	{ "let", complete_let },
	{ "require", complete_require },
	{ "cpu", complete_cpu },
	{ "on-failure", complete_on_failure },
};

#define NR_STATEMENTS (sizeof(statements) / sizeof(statements[0]))

size_t script_complete(struct script *script, const char *line, size_t len,
		       const char *const *others, script_candidate_fn fn, void *ctx)
{
	struct typed t = split(line, len);
	struct completion c = {
		.word = line + t.start, .len = len - t.start, .fn = fn, .ctx = ctx
	};
	const char *dollar;

	t.script = script;
	if (!t.n) {
		for (size_t k = 0; script_keyword(k); k++)
			offer(&c, script_keyword(k), " ");
		offer_list(&c, others, " ");
		return t.start;
	}

	dollar = memrchr(c.word, '$', c.len);
	if (dollar) {
		cut_to(&t, &c, dollar);
		offer_variables(c, script);
		return t.start;
	}
	for (size_t i = 0; i < NR_STATEMENTS; i++) {
		if (is_word(&t, 0, statements[i].keyword))
			statements[i].complete(&t, &c);
	}

	return t.start;
}
