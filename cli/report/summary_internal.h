/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by both forms of a summary. */
#ifndef FFASCOPE_SUMMARY_INTERNAL_H
#define FFASCOPE_SUMMARY_INTERNAL_H

#include "report/histogram.h"
#include "report/summary.h"

/* Limits that bound the memory for any recording. */
#define SUMMARY_MAX_CALLS   200
#define SUMMARY_MAX_ANSWERS 32
#define SUMMARY_MAX_LOST    64
#define SUMMARY_NR_REASONS  (VERDICT_NOT_TRACED + 1)

enum report_leg { LEG_TOTAL, LEG_EL2, LEG_SECURE, NR_LEGS };

struct report_summary_answer {
	bool has_status;
	int32_t status;
	uint64_t calls;
};

struct report_summary_call {
	uint32_t fid;
	bool others; /* calls without an entry of their own */
	uint64_t n;
	uint64_t verdicts[VERDICT_FORWARDED + 1];
	struct report_summary_answer answers[SUMMARY_MAX_ANSWERS];
	unsigned int nr_answers;
	uint64_t other_answers;
	struct report_histogram legs[NR_LEGS];
};

struct report_summary_lost {
	char what[96];
	uint64_t n;
};

struct report_summary {
	uint64_t total;
	uint64_t begin_ns, end_ns; /* boot clock */
	uint64_t verdicts[VERDICT_FORWARDED + 1];
	uint64_t reasons[SUMMARY_NR_REASONS];
	struct report_summary_lost lost[SUMMARY_MAX_LOST];
	unsigned int nr_lost;
	bool calibrated; /* calibration is set */
	struct calibration calibration;
	struct report_summary_call **calls;
	size_t nr_calls;
	size_t last; /* index of the last counted call */
};

const char *report_summary_leg_name(enum report_leg leg);
/* "DENIED", or the number if the code has no name. */
const char *report_summary_answer_name(const struct report_summary_answer *answer, char buf[16]);
/* The calls sorted by count, most frequent first; the caller frees the array. NULL: no memory. */
const struct report_summary_call **report_summary_sorted(const struct report_summary *summary);

#endif
