// SPDX-License-Identifier: GPL-2.0-only
/* The links, for people and for programs. */
#include <string.h>

#include "doctor/doctor.h"
#include "base/json.h"

#define WIDTH  100
#define INDENT 24

static const char *const state_words[] = {
	[DOCTOR_GOOD] = "good",
	[DOCTOR_BAD] = "bad",
	[DOCTOR_UNKNOWN] = "unknown",
};

/* Text folded at blanks, each further line set in. */
static void fold(FILE *out, const char *text)
{
	size_t column = INDENT;

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (column > INDENT && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, text);
		column += len;
		text += len;
		text += strspn(text, " \n");
	}
	fputc('\n', out);
}

static void part(FILE *out, const char *label, const char *text)
{
	if (!text[0])
		return;
	fprintf(out, "%*s%-8s", INDENT - 8, "", label);
	fold(out, text);
}

void doctor_show_text(FILE *out, const struct doctor_facts *facts, const struct doctor_link *links,
		      size_t n, bool color, bool all)
{
	static const char *const colors[] = {
		[DOCTOR_GOOD] = "\033[1;32m",
		[DOCTOR_BAD] = "\033[1;31m",
		[DOCTOR_UNKNOWN] = "\033[1;33m",
	};
	static const char *const marks[] = {
		[DOCTOR_GOOD] = "good",
		[DOCTOR_BAD] = "BAD",
		[DOCTOR_UNKNOWN] = "?",
	};

	for (size_t i = 0; i < n; i++) {
		const struct doctor_link *link = &links[i];

		fprintf(out, "%s%-4s%s  %-18s", color ? colors[link->state] : "",
			marks[link->state], color ? "\033[0m" : "", link->name);
		fold(out, link->found);
		if (all || link->state != DOCTOR_GOOD)
			part(out, "source:", link->source);
		part(out, "effect:", link->effect);
		part(out, "fix:", link->fix);
	}
	fprintf(out, "\n%-24s", "Evidence level");
	fold(out, doctor_evidence_level(facts, links, n));
}

/* An empty text is null. */
static void add(struct json_object *obj, const char *key, const char *text)
{
	json_add_string(obj, key, text[0] ? text : NULL);
}

int doctor_show_json(FILE *out, const struct doctor_facts *facts, const struct doctor_link *links,
		     size_t n)
{
	static const char *const needs[] = {
		[DOCTOR_FOR_NOTHING] = "",
		[DOCTOR_FOR_CALLS] = "calls",
		[DOCTOR_FOR_VERDICTS] = "verdicts",
	};
	struct json_object *root = json_new_object();
	struct json_object *array = json_new_array();

	add(root, "kernel", facts->release);
	add(root, "evidence_level", doctor_evidence_level(facts, links, n));
	for (size_t i = 0; i < n; i++) {
		const struct doctor_link *link = &links[i];
		struct json_object *obj = json_new_object();

		add(obj, "link", link->name);
		add(obj, "state", state_words[link->state]);
		add(obj, "needed_for", needs[link->need]);
		add(obj, "found", link->found);
		add(obj, "source", link->source);
		add(obj, "effect", link->effect);
		add(obj, "fix", link->fix);
		json_append(array, obj);
	}
	json_add(root, "links", array);
	return json_print(out, root);
}
