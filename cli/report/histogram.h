/* SPDX-License-Identifier: GPL-2.0-only */
/* Times sorted into buckets of two decimal digits: 90 a decade, so that none is off by over 10 %. */
#ifndef FFASCOPE_HISTOGRAM_H
#define FFASCOPE_HISTOGRAM_H

#include <stdint.h>

/* 0 to 99 ns one by one, then 90 buckets for each of the decades up to 1000 s. */
#define HISTOGRAM_BUCKETS (100 + 90 * 10)

struct report_histogram {
	uint64_t n, sum, min, max; /* of what was added, in ns */
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void report_histogram_add(struct report_histogram *hist, uint64_t ns);

/* The time that `percent` of 100 are not above, exact to two digits, rounded up. 0 if empty. */
uint64_t report_histogram_percentile(const struct report_histogram *hist, unsigned int percent);

/* How many lie in [from, below); both on the borders of buckets. */
uint64_t report_histogram_between(const struct report_histogram *hist, uint64_t from,
				  uint64_t below);

/* Borders of rows for a picture. */
struct report_histogram_rows {
	unsigned int nr;
	uint64_t border[64]; /* row i is [border[i], border[i + 1]) */
};

/*
 * At most `most` (3 to 60) rows from `min` to `max` ns, of the same width on a logarithmic scale,
 * as narrow as that allows; borders are round numbers.
 */
void report_histogram_plan(uint64_t min, uint64_t max, unsigned int most,
			   struct report_histogram_rows *rows);

#endif
