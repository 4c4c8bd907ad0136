// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "report/histogram.h"

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int bucket = 0;

	while (ns >= 100) {
		ns /= 10;
		bucket += 90;
	}
	bucket += (unsigned int)ns;
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static uint64_t start_of(unsigned int bucket)
{
	uint64_t scale = 1;

	while (bucket >= 100) {
		bucket -= 90;
		scale *= 10;
	}
	return bucket * scale;
}

void report_histogram_add(struct report_histogram *hist, uint64_t ns)
{
	if (!hist->n || ns < hist->min)
		hist->min = ns;
	if (ns > hist->max)
		hist->max = ns;
	hist->n++;
	hist->sum += ns;
	hist->counts[bucket_of(ns)]++;
}

uint64_t report_histogram_percentile(const struct report_histogram *hist, unsigned int percent)
{
	/* Divide first, so that the product cannot overflow. */
	uint64_t wanted = hist->n / 100 * percent + (hist->n % 100 * percent + 99) / 100;
	uint64_t seen = 0;

	if (!hist->n)
		return 0;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += hist->counts[i];
		if (seen >= wanted) {
			/* A bucket wider than 1 ns: round up to its upper end. */
			uint64_t high = i + 1 < HISTOGRAM_BUCKETS && i >= 100 ? start_of(i + 1)
									      : start_of(i);

			return high < hist->max ? high : hist->max;
		}
	}
	return hist->max;
}

uint64_t report_histogram_between(const struct report_histogram *hist, uint64_t from,
				  uint64_t below)
{
	unsigned int end = bucket_of(below);
	uint64_t n = 0;

	/* The last bucket has no upper border. */
	if (end == HISTOGRAM_BUCKETS - 1)
		end++;
	for (unsigned int i = bucket_of(from); i < end; i++)
		n += hist->counts[i];
	return n;
}

/* Borders within a decade in tenths of its start, finest scale first; 0 ends a row. */
static const unsigned char scales[][25] = {
	{ 10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30,
	  33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91 },
	{ 10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82 },
	{ 10, 15, 22, 33, 47, 68 },
	{ 10, 20, 50 },
	{ 10 },
};

#define NR_SCALES (sizeof(scales) / sizeof(scales[0]))

/* Start of the next row; ns may lie between two borders. */
static uint64_t next_border(const unsigned char *scale, uint64_t ns)
{
	uint64_t tenth = 1;

	/* Below 10 ns the borders would be fractions. */
	if (ns < 10)
		return 10;
	while (ns / tenth >= 100)
		tenth *= 10;
	for (unsigned int i = 0; scale[i]; i++) {
		if (scale[i] * tenth > ns)
			return scale[i] * tenth;
	}
	return 100 * tenth;
}

/* The highest border at or below ns. */
static uint64_t last_border(const unsigned char *scale, uint64_t ns)
{
	uint64_t tenth = 1, border = 0;

	if (ns < 10)
		return 0;
	while (ns / tenth >= 100)
		tenth *= 10;
	for (unsigned int i = 0; scale[i] && scale[i] * tenth <= ns; i++)
		border = scale[i] * tenth;
	return border;
}

void report_histogram_plan(uint64_t min, uint64_t max, unsigned int most,
			   struct report_histogram_rows *rows)
{
	const uint64_t limit = start_of(HISTOGRAM_BUCKETS - 1);

	min = min < limit ? min : limit;
	max = max < limit ? max : limit;
	for (size_t i = 0; i < NR_SCALES; i++) {
		rows->nr = 0;
		rows->border[0] = last_border(scales[i], min);
		do {
			rows->border[rows->nr + 1] = next_border(scales[i], rows->border[rows->nr]);
			rows->nr++;
		} while (rows->border[rows->nr] <= max && rows->nr < most);
		if (rows->border[rows->nr] > max)
			return;
	}
}
