/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the watched calls are shown, by what became of them. The rest is filtered in BPF. */
#ifndef FFASCOPE_WATCH_FILTER_H
#define FFASCOPE_WATCH_FILTER_H

#include "watch/watch.h"

#define WATCH_MAX_STATUSES 16

/* Fixed width: recordings keep it, so that a replay shows the same calls. All 0: all pass. */
struct watch_filter {
	uint64_t slower_ns; /* only those that took longer */
	uint32_t verdicts;  /* bits 1 << enum verdict_kind; 0: all */
	uint32_t nr_statuses;
	int32_t status[WATCH_MAX_STATUSES]; /* only those answered with one of these */
};

/* "rejected|unknown". Returns 0, or -EINVAL. */
int watch_filter_verdicts(struct watch_filter *filter, const char *words);

/* "DENIED|BUSY" or numbers. Returns 0; -EINVAL; -E2BIG: too many. */
int watch_filter_statuses(struct watch_filter *filter, const char *words);

/* "500us", "2ms", "1500ns", "1s"; a plain number is so many times bare_ns. 0, or -EINVAL. */
int watch_parse_time(const char *text, uint64_t bare_ns, uint64_t *ns);

/* How long a call took: its trap, or where that is not known, between its two times. ns. */
uint64_t watch_time_ns(const struct watched *watched);

bool watch_passes(const struct watch_filter *filter, const struct watched *watched);

#endif
