/* SPDX-License-Identifier: GPL-2.0-only */
/* The results of a run: KTAP or JSON on its output, and JUnit XML in a file. */
#ifndef FFASCOPE_RUN_REPORT_H
#define FFASCOPE_RUN_REPORT_H

#include "command/script_backend.h"
#include "report/cases.h"

/* Lines about the failed expectations of one case. */
struct run_log {
	FILE *out; /* NULL without memory */
	char *text;
	size_t size;
	uint64_t shown; /* expectations that failed */
	uint64_t began_ns;
};

/* Set the first four, and the rest to zero. */
struct run_report {
	const struct options *opts;
	const struct script_backend *backend;
	FILE *out;
	const char *junit_file; /* NULL: none */

	struct report_cases ktap, junit;
	FILE *junit_out;
	unsigned int number;
	const char *script;
	/* The statements outside the tests are a case that continues around them. */
	struct run_log loose, test, *log;

	bool lost_output; /* no memory for an object */
	uint64_t failed, unknown_cases;
};

/* Opens the JUnit file. Returns 0, or a negative errno after a message. */
int run_report_open(struct run_report *report);
/* planned: the number of cases. */
void run_report_begin(struct run_report *report, unsigned int planned);
/*
 * Ends the reports and closes the JUnit file. bail: why the run ended early, or NULL. Returns 0, or
 * -EIO after a message.
 */
int run_report_end(struct run_report *report, const char *bail);

/* name: the script's, which must stay until run_report_script_end(). */
void run_report_script(struct run_report *report, const char *name);
/* has_case: whether the script has a case outside its tests. */
void run_report_script_end(struct run_report *report, bool has_case);

/* As struct script_ops has them. */
void run_report_case(struct run_report *report, const char *name);
void run_report_call(struct run_report *report, const struct script_stmt *stmt,
		     const struct script_answer *answer);
void run_report_check(struct run_report *report, const struct script_check *check);
void run_report_trouble(struct run_report *report, const struct script_stmt *stmt,
			const char *text);
void run_report_case_end(struct run_report *report, const struct script_case *now);

#endif
