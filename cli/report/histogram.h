/* SPDX-License-Identifier: GPL-2.0-only */
/* Histogram of times with 90 buckets a decade: two decimal digits, an error below 10 %. */
#ifndef FFASCOPE_HISTOGRAM_H
#define FFASCOPE_HISTOGRAM_H

#include <stdint.h>

/* One bucket a ns up to 99 ns, then 90 for each decade up to 1000 s. */
#define HISTOGRAM_BUCKETS (100 + 90 * 10)

struct report_histogram {
	uint64_t n, sum, min, max; /* ns */
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void report_histogram_add(struct report_histogram *hist, uint64_t ns);

/* The percentile in ns, two digits, rounded up. 0 if the histogram is empty. */
uint64_t report_histogram_percentile(const struct report_histogram *hist, unsigned int percent);

/* Number of times in [from, below) ns. Both must be bucket borders. */
uint64_t report_histogram_between(const struct report_histogram *hist, uint64_t from,
				  uint64_t below);

/* Rows of a drawn histogram. */
struct report_histogram_rows {
	unsigned int nr;
	uint64_t border[64]; /* row i is [border[i], border[i + 1]) */
};

/*
 * Divides `min` to `max` ns into at most `most` (3 to 60) rows of equal width on a logarithmic
 * scale, as narrow as possible, with round borders.
 */
void report_histogram_plan(uint64_t min, uint64_t max, unsigned int most,
			   struct report_histogram_rows *rows);

#endif
