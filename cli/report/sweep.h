/* SPDX-License-Identifier: GPL-2.0-only */
/* Sweeps and the differences between two as text, JSON and HTML. */
#ifndef FFASCOPE_REPORT_SWEEP_H
#define FFASCOPE_REPORT_SWEEP_H

#include <stdbool.h>
#include <stdio.h>

#include "sweep/sweep.h"

/* A sweep and its findings. */
struct report_sweep {
	const struct sweep *sweep;
	enum sweep_policy policy;
	bool summary;  /* print a line per call before the matrices */
	bool expected; /* violations of the policy are failures */
	const struct sweep_finding *findings;
	size_t nr_findings;
	const struct sweep *baseline;  /* NULL: no baseline and no diff */
	const struct sweep_diff *diff; /* from the baseline to this sweep */
};

/* A row of the matrix: registers first to last have the same cells. */
struct report_row {
	unsigned int first, last;
	bool wide;	/* 64 cells, else 32 */
	char cell[64];	/* letter of bit n, '.' if not reserved */
	char rules[16]; /* rules rules rules of the reserved bits: "SBZ", "MBZ SBZ" */
};

/* The rows of a call; join: merge equal ones. Returns their number, at most 17. */
unsigned int report_rows(const struct sweep_call *call, bool join, struct report_row rows[17]);

/* "  E receiver=1           rejected, INVALID_PARAMETERS": the outcome of a value, without a newline. */
void report_value(FILE *out, const struct sweep_probe *probe);

/* "strict: every reserved bit is refused by EL2". */
const char *report_policy(enum sweep_policy policy);

/* "Findings", "No findings", or that no call was made: a sweep that was cut off found nothing. */
const char *report_findings_heading(const struct report_sweep *report);

/* Matrix (at most 100 columns), findings and differences from the baseline. */
void report_matrix(FILE *out, const struct report_sweep *report, bool color);

/* One self-contained page. */
void report_html(FILE *out, const struct report_sweep *report);

/* One object, one line. Returns 0, or -ENOMEM having printed nothing. */
int report_sweep_json(FILE *out, const struct report_sweep *report);

/* Tab-separated lines that never change. */
void report_sweep_tsv(FILE *out, const struct sweep *sweep);

/* The plan of a sweep: controls and numbers of probes. */
void report_plan(FILE *out, const struct sweep *sweep);
void report_plan_tsv(FILE *out, const struct sweep *sweep);
int report_plan_json(FILE *out, const struct sweep *sweep);

/*
 * The differences as a table, its columns headed by what the two sweeps are called; also what only
 * one of them has looked at, if missing is set.
 */
void report_diff(FILE *out, const char *from, const char *to, const struct sweep_diff *diff,
		 bool missing, bool color);
int report_diff_json(FILE *out, const struct sweep *from, const struct sweep *to,
		     const struct sweep_diff *diff);

#endif
