/* SPDX-License-Identifier: GPL-2.0-only */
/* Output of the cases of a script run: one table of functions a format. */
#ifndef FFASCOPE_REPORT_CASES_H
#define FFASCOPE_REPORT_CASES_H

#include <stdint.h>
#include <stdio.h>

enum report_result { REPORT_PASS, REPORT_FAIL, REPORT_SKIP };

struct report_case {
	unsigned int number; /* from 1 */
	const char *script;  /* "forward" */
	const char *name;    /* "forward: a reserved bit is rejected" */
	enum report_result result;
	const char *reason; /* why it was skipped or ended early, else "" */
	const char *log;    /* lines about failed expectations */
	uint64_t calls;
	uint64_t expectations;
	uint64_t failures;
	uint64_t ns; /* duration */
};

struct report_cases {
	const struct report_cases_ops *ops;
	FILE *out;
	unsigned int planned, passed, failed, skipped;
	char *body; /* kept until the end by formats that start with totals */
	size_t body_size;
	FILE *body_out;
};

struct report_cases_ops {
	void (*begin)(struct report_cases *report);
	/* A line of text about the current case. */
	void (*line)(struct report_cases *report, const char *text);
	void (*result)(struct report_cases *report, const struct report_case *result);
	/* bail: why the run ended early; NULL if it did not. */
	void (*end)(struct report_cases *report, const char *bail);
};

/* KTAP version 1 (Linux, Documentation/dev-tools/ktap.rst). TAP parsers read it. */
extern const struct report_cases_ops report_ktap;
/* JUnit XML, for CI systems. */
extern const struct report_cases_ops report_junit;

void report_cases_begin(struct report_cases *report, const struct report_cases_ops *ops, FILE *out,
			unsigned int planned);
/* Lines of text, each with its newline. */
void report_cases_lines(struct report_cases *report, const char *text);
void report_cases_result(struct report_cases *report, const struct report_case *result);
void report_cases_end(struct report_cases *report, const char *bail);

#endif
