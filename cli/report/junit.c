// SPDX-License-Identifier: GPL-2.0-only
/* Cases as JUnit XML. The totals come first, so the rest is kept until the end. */
#include <stdlib.h>

#include "base/markup.h"
#include "report/cases.h"

static void junit_begin(struct report_cases *report)
{
	report->body_out = open_memstream(&report->body, &report->body_size);
}

static void put_detail(FILE *out, const char *element, const char *message, const char *text)
{
	fprintf(out, "      <%s message=\"", element);
	markup_put_attribute(out, message);
	fputs("\">", out);
	markup_put_attribute(out, text);
	fprintf(out, "</%s>\n", element);
}

static void junit_result(struct report_cases *report, const struct report_case *result)
{
	FILE *out = report->body_out;
	char message[64];

	if (!out)
		return;

	fputs("    <testcase classname=\"ffascope.", out);
	markup_put_attribute(out, result->script);
	fputs("\" name=\"", out);
	markup_put_attribute(out, result->name);
	fprintf(out, "\" assertions=\"%llu\" time=\"%llu.%06llu\">\n",
		(unsigned long long)result->expectations,
		(unsigned long long)result->ns / 1000000000,
		(unsigned long long)result->ns / 1000 % 1000000);
	if (result->result == REPORT_SKIP) {
		fputs("      <skipped message=\"", out);
		markup_put_attribute(out, result->reason);
		fputs("\"/>\n", out);
	} else if (result->result == REPORT_FAIL) {
		snprintf(message, sizeof(message), "%llu expectation%s failed",
			 (unsigned long long)result->failures, result->failures == 1 ? "" : "s");
		put_detail(out, "failure", result->reason[0] ? result->reason : message,
			   result->log);
	}
	fputs("    </testcase>\n", out);
}

static void junit_end(struct report_cases *report, const char *bail)
{
	if (!report->body_out)
		return;

	fclose(report->body_out);
	fprintf(report->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites>\n"
		"  <testsuite name=\"ffascope\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n",
		report->passed + report->failed + report->skipped, report->failed, report->skipped);
	fputs(report->body, report->out);
	if (bail) {
		fputs("    <system-err>", report->out);
		markup_put_attribute(report->out, bail);
		fputs("</system-err>\n", report->out);
	}
	fputs("  </testsuite>\n</testsuites>\n", report->out);
	free(report->body);
}

const struct report_cases_ops report_junit = {
	.begin = junit_begin,
	.result = junit_result,
	.end = junit_end,
};
