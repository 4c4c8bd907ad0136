/* SPDX-License-Identifier: GPL-2.0-only */
/* Many sweeps side by side, for people, for programs and as a page. */
#ifndef FFASCOPE_REPORT_COMPARE_H
#define FFASCOPE_REPORT_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "sweep/table.h"

struct report_compare {
	const struct sweep_table *table;
	bool all;	    /* also rows that do not differ */
	bool expected;	    /* the sweep in column 0 is the baseline */
	bool color;	    /* text only */
	bool verbose;	    /* text only: name every sweep and every difference */
	unsigned int width; /* text only: columns */
};

/* How many columns depart from the baseline, and how many of these only in bits that are unknown. */
void report_compare_departures(const struct sweep_table *table, size_t *departs, size_t *unknown);

void report_compare_text(FILE *out, const struct report_compare *report);

/* One object, one line. Returns 0, or -ENOMEM having printed nothing. */
int report_compare_json(FILE *out, const struct report_compare *report);

/* A line of names, then a line per row and a column per sweep (RFC 4180). */
void report_compare_csv(FILE *out, const struct report_compare *report);

/* One self-contained page. */
void report_compare_html(FILE *out, const struct report_compare *report);

/* Totals of the rows. */
struct report_compare_totals {
	size_t bits, values, controls;			 /* that differ */
	size_t alike_bits, alike_values, alike_controls; /* that do not */
};

void report_compare_totals(const struct sweep_table *table, struct report_compare_totals *totals);

/* "1 bit, 0 values and 2 controls differ; ..." */
void report_compare_summary(FILE *out, const struct report_compare_totals *totals);

/* Whether the sweeps of a group depart from the baseline. */
bool report_compare_departs(const struct sweep_table *table, size_t group);

/* "SET w2[1]: enforced -> accepted". Length as snprintf(). */
size_t report_compare_change(const struct table_change *change, char *buf, size_t size);

/* The letter of a cell in a matrix: that of the class; of a control R, H, F or ?. '.': not tried. */
char report_compare_letter(const struct table_row *row, uint8_t cell);

#endif
