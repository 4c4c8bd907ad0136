// SPDX-License-Identifier: GPL-2.0-only
/* Results as text and as JSON. */
#include <string.h>

#include "base/json.h"
#include "doctor/doctor.h"
#include "report/calibration.h"

#define WIDTH	   100
#define INDENT	   6
#define PART_WIDTH 8

static const char *const state_words[] = {
	[DOCTOR_GOOD] = "good",	      [DOCTOR_BAD] = "bad",	    [DOCTOR_UNKNOWN] = "unknown",
	[DOCTOR_SKIPPED] = "skipped", [DOCTOR_IGNORED] = "ignored",
};

static const char *const marks[] = {
	[DOCTOR_GOOD] = "good", [DOCTOR_BAD] = "BAD",	[DOCTOR_UNKNOWN] = "?",
	[DOCTOR_SKIPPED] = "-", [DOCTOR_IGNORED] = "-",
};

static const char *const colors[] = {
	[DOCTOR_GOOD] = "\033[1;32m", [DOCTOR_BAD] = "\033[1;31m",  [DOCTOR_UNKNOWN] = "\033[1;33m",
	[DOCTOR_SKIPPED] = "\033[2m", [DOCTOR_IGNORED] = "\033[2m",
};

/* Wraps text between words; returns the column after it. */
static size_t fold(FILE *out, size_t indent, size_t column, const char *text)
{
	bool first = column == indent;

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (!first && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, text);
		column += len;
		text += len;
		text += strspn(text, " \n");
		first = false;
	}
	return column;
}

static void part(FILE *out, const char *label, const char *quote, const char *text)
{
	char quoted[520];

	if (!text[0])
		return;
	snprintf(quoted, sizeof(quoted), "%s%s%s", quote, text, quote);
	fprintf(out, "%*s%-*s", INDENT, "", PART_WIDTH, label);
	fold(out, INDENT + PART_WIDTH, INDENT + PART_WIDTH, quote[0] ? quoted : text);
	fputc('\n', out);
}

static void show_result(FILE *out, const struct doctor_result *r, bool color, bool all)
{
	char name[40];
	size_t column;

	fprintf(out, "%s%-*s%s", color ? colors[r->state] : "", INDENT, marks[r->state],
		color ? "\033[0m" : "");
	column = fold(out, INDENT, INDENT, r->found);
	snprintf(name, sizeof(name), "[%s]", r->name);
	fold(out, INDENT, column, name);
	fputc('\n', out);
	if (all || r->state == DOCTOR_BAD || r->state == DOCTOR_UNKNOWN)
		part(out, "seen:", "\"", r->seen);
	if (all)
		part(out, "source:", "", r->source);
	part(out, "effect:", "", r->effect);
	part(out, "fix:", "", r->fix);
}

/* The answer to "Why do notifications not arrive?". */
static const char *conclusion(const struct doctor_results *results, char *buf, size_t size)
{
	const struct doctor_result *cause = doctor_notification_cause(results);

	if (cause)
		snprintf(buf, size, "Notifications cannot arrive: %s [%s]", cause->found,
			 cause->name);
	else
		snprintf(
			buf, size,
			"Nothing found that stops notifications. Is the receiver's notification bound and set? `ffascope notify' shows pending notifications");
	return buf;
}

void doctor_show_text(FILE *out, const struct doctor_facts *facts,
		      const struct doctor_results *results, const struct doctor_choice *choice,
		      bool color, bool all)
{
	char text[700];

	for (size_t i = 0; i < results->nr; i++) {
		if (!results->at[i].hidden)
			show_result(out, &results->at[i], color, all);
	}
	fputc('\n', out);
	if (choice->notifications)
		fold(out, 0, 0, conclusion(results, text, sizeof(text)));
	else
		fold(out, 0, (size_t)fprintf(out, "Evidence level:"),
		     doctor_evidence_level(facts, results));
	fputc('\n', out);
}

/* An empty text is null. */
static void add(struct json_object *obj, const char *key, const char *text)
{
	json_add_string(obj, key, text && text[0] ? text : NULL);
}

static struct json_object *result_object(const struct doctor_result *r)
{
	static const char *const needs[] = {
		[DOCTOR_FOR_NOTHING] = "",
		[DOCTOR_FOR_CALLS] = "calls",
		[DOCTOR_FOR_VERDICTS] = "verdicts",
	};
	struct json_object *obj = json_new_object();

	add(obj, "check", r->name);
	add(obj, "state", state_words[r->state]);
	add(obj, "needed_for", needs[r->need]);
	add(obj, "found", r->found);
	add(obj, "seen", r->seen);
	add(obj, "source", r->source);
	add(obj, "effect", r->effect);
	add(obj, "fix", r->fix);
	add(obj, "see", r->see);
	return obj;
}

int doctor_show_json(FILE *out, const struct doctor_facts *facts,
		     const struct doctor_results *results, const struct doctor_choice *choice)
{
	const struct doctor_result *cause = doctor_notification_cause(results);
	struct json_object *root = json_new_object();
	struct json_object *array = json_new_array();

	add(root, "kernel", facts->release);
	if (choice->notifications)
		add(root, "cause", cause ? cause->name : NULL);
	else
		add(root, "evidence_level", doctor_evidence_level(facts, results));
	for (size_t i = 0; i < results->nr; i++) {
		if (!results->at[i].hidden)
			json_append(array, result_object(&results->at[i]));
	}
	json_add(root, "checks", array);
	json_add(root, "calibration", report_calibration_object(&facts->calibration));
	return json_print(out, root);
}
