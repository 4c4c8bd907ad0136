/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts of calls by call, verdict and answer, with a histogram of each phase. Memory is bounded
 * for any number of calls.
 */
#ifndef FFASCOPE_SUMMARY_H
#define FFASCOPE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "verdict/calibration.h"
#include "verdict/verdict.h"

struct report_summary;

/* Style of the output. */
struct report_summary_style {
	bool color;
	bool utf8;  /* block characters, else ASCII; readable without colour */
	bool table; /* a line for each call, without answers, histograms and evidence */
};

/* Returns NULL if there is no memory. */
struct report_summary *report_summary_new(void);
void report_summary_free(struct report_summary *summary);

/* Counts a call. Without memory for its entry it counts as one of the `other calls'. */
void report_summary_add(struct report_summary *summary, const struct verdict_call *call,
			const struct verdict *verdict);

/*
 * Counts losses: n of `what', such as "events in the trace buffer of CPU 0". Copies the string;
 * losses with the same string add up.
 */
void report_summary_lost(struct report_summary *summary, const char *what, uint64_t n);

/* What the evidence of the calls is worth; copied. Without it the summary has no such part. */
void report_summary_calibration(struct report_summary *summary, const struct calibration *cal);

void report_summary_print(const struct report_summary *summary, FILE *out,
			  const struct report_summary_style *style);
/* One JSON object and a newline; ffascope(1), JSON, describes it. */
int report_summary_print_json(const struct report_summary *summary, FILE *out);

#endif
