/* SPDX-License-Identifier: GPL-2.0-only */
/* How calls and their verdicts are shown: one table of functions a format. */
#ifndef FFASCOPE_REPORT_H
#define FFASCOPE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "verdict/verdict.h"
#include "watch/state.h"
#include "watch/watch.h"

struct report_options {
	FILE *out;
	bool color;
	bool utf8;	      /* block characters in histograms, else ASCII */
	bool verbose;	      /* registers too */
	bool summary_only;    /* count calls, show the counts at the end; of report_text */
	uint32_t ffa_version; /* whose rules the broken rules are of */
	const char *title;    /* of a page: what it shows; NULL: nothing is known */
	uint64_t skip;	      /* of a page: calls that it leaves out at the beginning */
};

struct report;

struct report_ops {
	/* A call with its verdict. */
	void (*call)(struct report *report, const struct verdict_call *call,
		     const struct verdict *verdict);
	/*
	 * A call that was watched; stack: the names of its callers, one a line, "" where they are not
	 * known. NULL: as any other call.
	 */
	void (*watched)(struct report *report, const struct watched *watched, const char *stack);
	/* What was found before the first call. NULL: is not shown. */
	void (*state)(struct report *report, const struct watch_state *state);
	/* A call that is not made: its registers and the rules that they break. */
	void (*dry_run)(struct report *report, const struct ffa_regs *in);
	/* After the last call. */
	void (*end)(struct report *report);
	/* What the format keeps in report->own. */
	void (*free)(struct report *report);
};

extern const struct report_ops report_text;
extern const struct report_ops report_json;
/* Counts and histograms of all calls, at the end; and the same as one JSON object. */
extern const struct report_ops report_summary;
extern const struct report_ops report_summary_json;
/* A page with a timeline of the calls, in HTML. */
extern const struct report_ops report_timeline;

/* Returns NULL without memory. */
struct report *report_new(const struct report_ops *ops, const struct report_options *opts);
void report_free(struct report *report);

void report_call(struct report *report, const struct verdict_call *call,
		 const struct verdict *verdict);
void report_watched(struct report *report, const struct watched *watched, const char *stack);
void report_state(struct report *report, const struct watch_state *state);
/* Both return 0, or -ENOMEM where something could not be shown. */
int report_dry_run(struct report *report, const struct ffa_regs *in);
int report_end(struct report *report);

/* How many verdicts were unknown. */
uint64_t report_unknown(const struct report *report);

/*
 * For people: a call that arm_ffa made, of whose answer it tells a word and not the registers.
 */
void report_text_of_driver(const struct report_options *opts, const struct ffa_regs *in,
			   const char *answer, const struct verdict *verdict);

#endif
