// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "command/run_json.h"
#include "command/run_report.h"

/* Failed expectations that a case shows in full; the rest are counted. */
#define MAX_SHOWN 5

static void begin_log(struct run_log *log)
{
	*log = (struct run_log){ .began_ns = clock_ns(CLOCK_MONOTONIC) };
	log->out = open_memstream(&log->text, &log->size);
}

static void close_log(struct run_log *log)
{
	if (log->out)
		fclose(log->out);
	log->out = NULL;
}

static void free_log(struct run_log *log)
{
	close_log(log);
	free(log->text);
}

/* Lines into the report and into the log of the case. */
static void tell(struct run_report *report, const char *text)
{
	if (!report->opts->json)
		report_cases_lines(&report->ktap, text);
	if (report->log->out)
		fputs(text, report->log->out);
}

int run_report_open(struct run_report *report)
{
	if (!report->junit_file)
		return 0;
	report->junit_out = fopen(report->junit_file, "we");
	if (report->junit_out)
		return 0;
	verb_error(report->opts, "%s: %s", report->junit_file, strerror(errno));
	return -EIO;
}

void run_report_begin(struct run_report *report, unsigned int planned)
{
	if (!report->opts->json)
		report_cases_begin(&report->ktap, &report_ktap, report->out, planned);
	if (report->junit_out)
		report_cases_begin(&report->junit, &report_junit, report->junit_out, planned);
}

int run_report_end(struct run_report *report, const char *bail)
{
	if (!report->opts->json)
		report_cases_end(&report->ktap, bail);
	if (!report->junit_out)
		return 0;

	report_cases_end(&report->junit, bail);
	if (ferror(report->junit_out) | fclose(report->junit_out)) {
		verb_error(report->opts, "%s: %s", report->junit_file, strerror(errno));
		return -EIO;
	}
	return 0;
}

void run_report_script(struct run_report *report, const char *name)
{
	report->script = name;
	report->log = &report->loose;
	begin_log(report->log);
}

void run_report_script_end(struct run_report *report, bool has_case)
{
	/* Else run_report_case_end() has freed it. */
	if (!has_case)
		free_log(&report->loose);
}

void run_report_case(struct run_report *report, const char *name)
{
	report->log = name == report->script ? &report->loose : &report->test;
	if (report->log == &report->test)
		begin_log(report->log);
}

void run_report_call(struct run_report *report, const struct script_stmt *stmt,
		     const struct script_answer *answer)
{
	if (report->opts->json && run_json_call(report->out, report->backend, stmt, answer))
		report->lost_output = true;
}

static void show_check(struct run_report *report, const struct script_check *check)
{
	char *about = script_backend_describe(report->backend, check->answer);
	char *text = NULL;

	if (asprintf(&text, "%s:%u: %s\n  %s: %s\n  the call, %s:%u, on CPU %u: %s\n%s",
		     check->stmt->at.file, check->stmt->at.line, check->stmt->text,
		     check->unknown ? "cannot be decided" : "does not hold", check->why,
		     check->call->at.file, check->call->at.line, check->answer->call.cpu,
		     check->call->text, about ? about : "") >= 0)
		tell(report, text);
	free(text);
	free(about);
}

void run_report_check(struct run_report *report, const struct script_check *check)
{
	if (report->opts->json && run_json_check(report->out, report->opts, check))
		report->lost_output = true;
	if (!check->held && ++report->log->shown <= MAX_SHOWN)
		show_check(report, check);
}

void run_report_trouble(struct run_report *report, const struct script_stmt *stmt, const char *text)
{
	char *line = NULL;

	if (asprintf(&line, "%s:%u: %s\n  %s\n", stmt->at.file, stmt->at.line, stmt->text, text) >=
	    0)
		tell(report, line);
	free(line);
}

static void end_log(struct run_report *report)
{
	char more[64];

	if (report->log->shown > MAX_SHOWN) {
		snprintf(more, sizeof(more), "and %llu more expectations that failed\n",
			 (unsigned long long)(report->log->shown - MAX_SHOWN));
		tell(report, more);
	}
	close_log(report->log);
}

static void count_failure(struct run_report *report, const struct script_case *now)
{
	if (now->result != SCRIPT_FAIL)
		return;
	/* A case that failed only by unknown verdicts counts as unknown. */
	if (now->unknown && now->unknown == now->failures)
		report->unknown_cases++;
	else
		report->failed++;
}

static void put_case(struct run_report *report, const struct report_case *c)
{
	if (!report->opts->json)
		report_cases_result(&report->ktap, c);
	else if (run_json_case(report->out, report->opts, c))
		report->lost_output = true;
	if (report->junit_out)
		report_cases_result(&report->junit, c);
}

void run_report_case_end(struct run_report *report, const struct script_case *now)
{
	static const enum report_result results[] = {
		[SCRIPT_PASS] = REPORT_PASS,
		[SCRIPT_FAIL] = REPORT_FAIL,
		[SCRIPT_SKIP] = REPORT_SKIP,
	};
	struct report_case c = {
		.number = ++report->number,
		.script = report->script,
		.name = now->name,
		.result = results[now->result],
		.reason = now->reason,
		.calls = now->calls,
		.expectations = now->expectations,
		.failures = now->failures,
		.ns = clock_ns(CLOCK_MONOTONIC) - report->log->began_ns,
	};

	end_log(report);
	c.log = report->log->text ? report->log->text : "";
	count_failure(report, now);
	put_case(report, &c);
	free_log(report->log);
	report->log = &report->loose;
}
