/* SPDX-License-Identifier: GPL-2.0-only */
/* How the cases of a script run are shown: one table of functions a format. */
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
	const char *reason; /* why it was skipped or did not come to its end; "" for neither */
	const char *log;    /* lines about what did not hold */
	uint64_t calls;
	uint64_t expectations;
	uint64_t failures;
	uint64_t ns; /* that it took */
};

struct report_cases {
	const struct report_cases_ops *ops;
	FILE *out;
	unsigned int planned, passed, failed, skipped;
	char *body; /* of a format that begins with its sums */
	size_t body_size;
	FILE *body_out;
};

struct report_cases_ops {
	void (*begin)(struct report_cases *report);
	/* A line of text about the case that is on. */
	void (*line)(struct report_cases *report, const char *text);
	void (*result)(struct report_cases *report, const struct report_case *result);
	/* bail: why the run was ended before its time, NULL: it was not. */
	void (*end)(struct report_cases *report, const char *bail);
};

/* KTAP version 1, as Documentation/dev-tools/ktap.rst of the kernel has it; TAP parsers read it. */
extern const struct report_cases_ops report_ktap;
/* JUnit's XML, as CI systems read it. */
extern const struct report_cases_ops report_junit;

void report_cases_begin(struct report_cases *report, const struct report_cases_ops *ops, FILE *out,
			unsigned int planned);
/* Several lines of text, each ending in a newline. */
void report_cases_lines(struct report_cases *report, const char *text);
void report_cases_result(struct report_cases *report, const struct report_case *result);
void report_cases_end(struct report_cases *report, const char *bail);

#endif
