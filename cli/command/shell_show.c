// SPDX-License-Identifier: GPL-2.0-only
/* What the shell prints while a script runs. */
#include <stdio.h>

#include "base/json.h"
#include "command/shell.h"
#include "report/report.h"

static void say(struct shell *sh, const char *key, const char *text, bool good)
{
	if (sh->opts->json) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, key, text);
		json_add_bool(obj, "ok", good);
		if (verb_put_json(sh->opts, stdout, obj))
			sh->failed = true;
		return;
	}
	if (verb_color(sh->opts))
		printf("\033[1;3%cm%s\033[0m\n", good ? '2' : '1', text);
	else
		puts(text);
}

void shell_show_call(void *ctx, const struct script_stmt *stmt, const struct script_answer *answer)
{
	struct shell *sh = ctx;
	struct report_options opts = {
		.out = stdout,
		.color = verb_color(sh->opts),
		.verbose = sh->opts->verbosity > 0,
		.ffa_version = script_backend_ffa_version(&sh->backend),
		.texts = script_backend_texts(&sh->backend),
	};
	struct report *report;

	(void)stmt;
	if (sh->in_block && !sh->opts->json && !opts.verbose) {
		shell_tally_count(&sh->tally, answer);
		return;
	}
	report = report_new(sh->opts->json ? &report_json : &report_text, &opts);
	if (report)
		report_call(report, &answer->call, &answer->verdict);
	if (report)
		report_events(report, answer->events, answer->nr_events);
	if (!report || report_end(report)) {
		verb_error(sh->opts, "out of memory");
		sh->failed = true;
	}
	report_free(report);
}

void shell_show_check(void *ctx, const struct script_check *check)
{
	struct shell *sh = ctx;
	char text[768];

	if (check->held && sh->in_block)
		return;
	if (check->held)
		snprintf(text, sizeof(text), "holds");
	else if (sh->in_block)
		snprintf(text, sizeof(text), "line %u, %s: %s: %s", check->stmt->at.line,
			 check->stmt->text, check->unknown ? "cannot be decided" : "does not hold",
			 check->why);
	else
		snprintf(text, sizeof(text), "%s: %s",
			 check->unknown ? "cannot be decided" : "does not hold", check->why);
	say(sh, "expect", text, check->held);
}

void shell_show_variable(void *ctx, const struct script_stmt *let, const char *name, uint64_t value)
{
	struct shell *sh = ctx;
	char text[160];

	(void)let;
	if (sh->in_block)
		return;
	snprintf(text, sizeof(text), "%s = 0x%llx (%llu)", name, (unsigned long long)value,
		 (unsigned long long)value);
	say(sh, "let", text, true);
}

void shell_show_skip(void *ctx, const struct script_stmt *stmt, const char *reason)
{
	struct shell *sh = ctx;

	(void)stmt;
	say(sh, "require", reason, false);
}

void shell_show_trouble(void *ctx, const struct script_stmt *stmt, const char *text)
{
	struct shell *sh = ctx;

	(void)stmt;
	verb_error(sh->opts, "%s", text);
}

void shell_show_case(void *ctx, const struct script_case *c)
{
	static const char *const results[] = {
		[SCRIPT_PASS] = "ok",
		[SCRIPT_FAIL] = "not ok",
		[SCRIPT_SKIP] = "skipped",
	};
	struct shell *sh = ctx;
	char text[1024];

	snprintf(text, sizeof(text), "%s: %s%s%s", results[c->result], c->name,
		 c->reason[0] ? ": " : "", c->reason);
	say(sh, "test", text, c->result != SCRIPT_FAIL);
}
