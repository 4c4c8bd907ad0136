/* SPDX-License-Identifier: GPL-2.0-only */
/* Output of calls and verdicts: one table of functions a format. */
#ifndef FFASCOPE_REPORT_H
#define FFASCOPE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/texts.h"
#include "verdict/verdict.h"
#include "watch/state.h"
#include "watch/watch.h"

struct calibration;

struct report_options {
	FILE *out;
	bool color;
	bool utf8;		   /* block characters in histograms, else ASCII */
	bool verbose;		   /* registers and events too */
	bool brief;		   /* report_text: two lines a call, verdict and answer */
	bool by_cpu;		   /* report_text: name the CPUs */
	bool summary_only;	   /* report_text: only count calls, print the counts at the end */
	uint32_t ffa_version;	   /* version whose rules apply */
	const char *title;	   /* title of a page, or NULL */
	uint64_t skip;		   /* page: number of calls to leave out at the start */
	const struct texts *texts; /* that EL2 printed; NULL: not known */
	/* Summaries: what the evidence is worth, complete at the end; NULL: left out. */
	const struct calibration *calibration;
};

struct report;

struct report_ops {
	/* A call with its verdict. */
	void (*call)(struct report *report, const struct verdict_call *call,
		     const struct verdict *verdict);
	/*
	 * A driver's call; stack: its callers, one a line, "" if unknown. NULL: report it with
	 * call().
	 */
	void (*watched)(struct report *report, const struct watched *watched, const char *stack);
	/* The events of the trap of the call before. NULL: not shown. */
	void (*events)(struct report *report, const struct hyp_event *events, unsigned int n);
	/* State found before the first call. NULL: not shown. */
	void (*state)(struct report *report, const struct watch_state *state);
	/* A call that is not made (--dry-run): its registers and the rules that they violate. */
	void (*dry_run)(struct report *report, const struct ffa_regs *in);
	/* After the last call. */
	void (*end)(struct report *report);
	/* Frees report->own. */
	void (*free)(struct report *report);
};

extern const struct report_ops report_text;
extern const struct report_ops report_json;
/* Tab-separated lines that never change. */
extern const struct report_ops report_tsv;
/* Counts and histograms of all calls at the end, as text and as one JSON object. */
extern const struct report_ops report_summary;
extern const struct report_ops report_summary_json;
/* Calls with reserved or unused bits set, by driver, task and call; as text and as JSON. */
extern const struct report_ops report_violations;
extern const struct report_ops report_violations_json;
/* HTML page with a timeline of the calls. */
extern const struct report_ops report_timeline;
/* Trace for Perfetto: protocol buffers. */
extern const struct report_ops report_perfetto;

/* Returns NULL if there is no memory. */
struct report *report_new(const struct report_ops *ops, const struct report_options *opts);
void report_free(struct report *report);

void report_call(struct report *report, const struct verdict_call *call,
		 const struct verdict *verdict);
/* The n events of its trap, for report_options.verbose; in order, directly after report_call(). */
void report_events(struct report *report, const struct hyp_event *events, unsigned int n);
void report_watched(struct report *report, const struct watched *watched, const char *stack);
void report_state(struct report *report, const struct watch_state *state);
/* Both return 0, or -ENOMEM where something could not be shown. */
int report_dry_run(struct report *report, const struct ffa_regs *in);
int report_end(struct report *report);

/* Number of calls that set reserved or unused bits; report_violations only. */
uint64_t report_violating(const struct report *report);

/* Number of unknown verdicts. */
uint64_t report_unknown(const struct report *report);

/*
 * A call that arm_ffa made. arm_ffa returns an error code and no registers.
 */
void report_text_of_driver(const struct report_options *opts, const struct ffa_regs *in,
			   const char *answer, const struct verdict *verdict);

#endif
