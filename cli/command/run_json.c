// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "command/run_json.h"
#include "report/report.h"

static void add_place(struct json_object *obj, const struct script_stmt *stmt)
{
	json_add_string(obj, "file", stmt->at.file);
	json_add_int(obj, "line", stmt->at.line);
}

/* The call's own object. Freed by the caller; NULL without memory. */
static char *call_text(const struct script_backend *backend, const struct script_answer *answer)
{
	char *text = NULL;
	size_t size;
	struct report_options opts = {
		.out = open_memstream(&text, &size),
		.ffa_version = script_backend_ffa_version(backend),
		.texts = script_backend_texts(backend),
	};
	struct report *report = opts.out ? report_new(&report_json, &opts) : NULL;
	bool complete;

	if (report)
		report_call(report, &answer->call, &answer->verdict);
	complete = report && !report_end(report);
	report_free(report);
	if (opts.out && fclose(opts.out))
		complete = false;
	if (complete)
		return text;
	free(text);
	return NULL;
}

/* {"file":..,"line":..} and {"call":...} become one object. */
static int put_joined(FILE *out, const struct script_stmt *stmt, const char *call)
{
	struct json_object *place = json_new_object();
	const char *head;

	add_place(place, stmt);
	head = json_text(place, NULL);
	if (head)
		fprintf(out, JSON_HEAD ",%.*s%s", (int)strlen(head) - 2, head + 1,
			call + strlen(JSON_HEAD));
	json_free(place);
	return head ? 0 : -ENOMEM;
}

int run_json_call(FILE *out, const struct script_backend *backend, const struct script_stmt *stmt,
		  const struct script_answer *answer)
{
	char *text = call_text(backend, answer);
	int ret = -ENOMEM;

	if (text && !strncmp(text, JSON_HEAD, strlen(JSON_HEAD)))
		ret = put_joined(out, stmt, text);
	free(text);
	return ret;
}

int run_json_check(FILE *out, const struct options *opts, const struct script_check *check)
{
	struct json_object *obj = json_new_object();

	add_place(obj, check->stmt);
	json_add_string(obj, "expect", check->stmt->text);
	json_add_bool(obj, "held", check->held);
	json_add_bool(obj, "unknown", check->unknown);
	json_add(obj, "why", check->held ? NULL : json_new_string(check->why));
	return verb_put_json(opts, out, obj);
}

int run_json_case(FILE *out, const struct options *opts, const struct report_case *c)
{
	static const char *const results[] = {
		[REPORT_PASS] = "pass",
		[REPORT_FAIL] = "fail",
		[REPORT_SKIP] = "skip",
	};
	struct json_object *obj = json_new_object();

	json_add_int(obj, "case", c->number);
	json_add_string(obj, "name", c->name);
	json_add_string(obj, "result", results[c->result]);
	json_add(obj, "reason", c->reason[0] ? json_new_string(c->reason) : NULL);
	json_add_uint(obj, "calls", c->calls);
	json_add_uint(obj, "expectations", c->expectations);
	json_add_uint(obj, "failures", c->failures);
	return verb_put_json(opts, out, obj);
}
