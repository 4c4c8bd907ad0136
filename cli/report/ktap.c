// SPDX-License-Identifier: GPL-2.0-only
/* Cases as KTAP, and the code that all formats of cases share. */
#include <stdlib.h>
#include <string.h>

#include "report/cases.h"

void report_cases_begin(struct report_cases *report, const struct report_cases_ops *ops, FILE *out,
			unsigned int planned)
{
	*report = (struct report_cases){ .ops = ops, .out = out, .planned = planned };
	ops->begin(report);
}

void report_cases_lines(struct report_cases *report, const char *text)
{
	char *copy, *line, *rest;

	if (!report->ops->line)
		return;
	copy = rest = strdup(text);
	if (!copy)
		return;
	while ((line = strsep(&rest, "\n"))) {
		if (*line || rest)
			report->ops->line(report, line);
	}
	free(copy);
}

void report_cases_result(struct report_cases *report, const struct report_case *result)
{
	report->passed += result->result == REPORT_PASS;
	report->failed += result->result == REPORT_FAIL;
	report->skipped += result->result == REPORT_SKIP;
	report->ops->result(report, result);
}

void report_cases_end(struct report_cases *report, const char *bail)
{
	report->ops->end(report, bail);
}

/* In KTAP # starts a directive, so neither # nor a newline may appear in a name. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(*text == '\n' || *text == '\r' ? ' ' : *text == '#' ? '.' : *text, out);
}

static void ktap_begin(struct report_cases *report)
{
	fprintf(report->out, "KTAP version 1\n1..%u\n", report->planned);
	fflush(report->out);
}

static void ktap_line(struct report_cases *report, const char *text)
{
	fprintf(report->out, "# %s\n", text);
}

static void ktap_result(struct report_cases *report, const struct report_case *result)
{
	/* A call that was refused has told it at its line. */
	if (result->reason[0] && result->result == REPORT_FAIL &&
	    !strstr(result->log, result->reason))
		report_cases_lines(report, result->reason);
	fprintf(report->out, "%s %u ", result->result == REPORT_FAIL ? "not ok" : "ok",
		result->number);
	put_text(report->out, result->name);
	if (result->result == REPORT_SKIP) {
		fputs(" # SKIP ", report->out);
		put_text(report->out, result->reason);
	}
	fputc('\n', report->out);
	fflush(report->out);
}

static void ktap_end(struct report_cases *report, const char *bail)
{
	fprintf(report->out, "# Totals: pass:%u fail:%u skip:%u\n", report->passed, report->failed,
		report->skipped);
	if (bail) {
		fputs("Bail out! ", report->out);
		put_text(report->out, bail);
		fputc('\n', report->out);
	}
	fflush(report->out);
}

const struct report_cases_ops report_ktap = {
	.begin = ktap_begin,
	.line = ktap_line,
	.result = ktap_result,
	.end = ktap_end,
};
