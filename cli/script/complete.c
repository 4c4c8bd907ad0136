// SPDX-License-Identifier: GPL-2.0-only
/* What may stand at the end of a line that is being typed. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "script/internal.h"

struct completion {
	const char *word; /* what is there of it */
	size_t len;
	script_candidate_fn fn;
	void *ctx;
};

static char fold(char c)
{
	return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

/* Whether a name begins with the word, whatever the case, - or _. */
static bool begins(const struct completion *c, const char *name)
{
	for (size_t i = 0; i < c->len; i++) {
		if (!name[i] || fold(name[i]) != fold(c->word[i]))
			return false;
	}
	return true;
}

/* suffix: "=" for what goes on, " " for what is whole. */
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
	/* Who types the prefix gets it. */
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
	/* Behind the $. */
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

size_t script_complete(struct script *script, const char *line, size_t len,
		       const char *const *others, script_candidate_fn fn, void *ctx)
{
	static const char *const wants_call[] = { "call", "describe", "sweep", "help", NULL };
	static const char *const requirements[] = { "forwarding", "ffa", "tracing", "module",
						    NULL };
	static const char *const cpus[] = { "all", "any", NULL };
	static const char *const failures[] = { "stop", "continue", NULL };
	struct completion c = { .fn = fn, .ctx = ctx };
	const char *words[MAX_TYPED], *cut;
	size_t lens[MAX_TYPED], n = 0, i = 0, start = 0;
	bool call_word = false;

	/* The words before the one that is typed. */
	for (;;) {
		while (i < len && (line[i] == ' ' || line[i] == '\t'))
			i++;
		start = i;
		while (i < len && line[i] != ' ' && line[i] != '\t')
			i++;
		if (i == len)
			break;
		if (n < MAX_TYPED) {
			words[n] = line + start;
			lens[n] = i - start;
		}
		n++;
	}
	c.word = line + start;
	c.len = len - start;

#define IS(index, name) (lens[index] == strlen(name) && !memcmp(words[index], name, lens[index]))

	if (!n) {
		for (size_t k = 0; script_keyword(k); k++)
			offer(&c, script_keyword(k), " ");
		offer_list(&c, others, " ");
		return start;
	}

	/* Behind the last = or |, a name for a value; and variables. */
	cut = memrchr(c.word, '$', c.len);
	if (cut) {
		start += (size_t)(cut - c.word);
		c.len -= (size_t)(cut - c.word);
		c.word = cut;
		offer_variables(c, script);
		return start;
	}
	for (const char *const *w = wants_call; *w; w++)
		call_word = call_word || IS(0, *w);
	if (call_word && n == 1) {
		offer_calls(&c);
	} else if (IS(0, "call")) {
		const struct ffa_call *call = call_of(words[1], lens[1]);
		const char *eq = memchr(c.word, '=', c.len), *name = c.word;

		if (!eq) {
			if (call)
				offer_fields(&c, call->fields, call->nr_fields);
			for (size_t a = 0; call && a < call->nr_aliases; a++)
				offer(&c, call->aliases[a].name, "=");
			return start;
		}
		cut = memrchr(eq, '|', c.len - (size_t)(eq - c.word));
		cut = (cut ? cut : eq) + 1;
		start += (size_t)(cut - c.word);
		c.len -= (size_t)(cut - c.word);
		c.word = cut;
		offer_values(&c, call, name, (size_t)(eq - name));
	} else if (call_word) {
		offer_calls(&c);
	} else if (IS(0, "expect")) {
		cut = memrchr(c.word, '|', c.len);
		if (cut) {
			start += (size_t)(cut + 1 - c.word);
			c.len -= (size_t)(cut + 1 - c.word);
			c.word = cut + 1;
		}
		offer_for_expect(&c, script);
	} else if (IS(0, "let") && n == 3) {
		offer_for_let(&c, script);
	} else if (IS(0, "require")) {
		if (n == 1)
			offer_list(&c, requirements, " ");
		else if (n == 2 && IS(1, "forwarding"))
			offer_calls(&c);
		for (unsigned int v = 0; n == 2 && IS(1, "ffa") && v < FFA_NR_VERSIONS; v++)
			offer(&c, ffa_version_name(ffa_version_at(v)), "");
	} else if (IS(0, "cpu") && n == 1) {
		offer_list(&c, cpus, "");
	} else if (IS(0, "on-failure") && n == 1) {
		offer_list(&c, failures, "");
	}
#undef IS
	return start;
}
