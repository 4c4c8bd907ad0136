/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches calls of other tasks live: joins the probe, the hypervisor's trace and watch/. */
#ifndef FFASCOPE_DRIVER_WATCH_H
#define FFASCOPE_DRIVER_WATCH_H

#include "driver/probe.h"
#include "record/record.h"
#include "watch/state.h"
#include "watch/watch.h"

struct driver_watch_options {
	const char *device;		  /* to calibrate with; NULL: the usual one */
	const char *tracefs;		  /* NULL: where the mount table says */
	const char *record;		  /* NULL: no recording */
	const struct record_about *about; /* how it was run, for the recording */
	const struct watch_state *state;  /* what was found */
	uint32_t ffa_version;		  /* whose rules apply */
	unsigned int buffer_kb;		  /* of the trace, for each CPU; 0: the default */
	bool no_trace;			  /* leave the trace alone: every verdict is unknown */
	bool stacks;
	bool keep_events;
	const struct driver_filter *filter;
	const volatile int *stop;
};

struct driver_watch;

/*
 * Switches the trace on and attaches. A kernel without hypervisor tracing is not an error: the
 * verdicts are unknown then, driver_watch_note() says why. Negative errno with a message.
 */
int driver_watch_open(struct driver_watch **watch, const struct driver_watch_options *opts,
		      struct error *err);

/* Texts that verdict.printks refers to. */
const struct texts *driver_watch_texts(const struct driver_watch *watch);

/* Why there is no trace, or NULL. */
const char *driver_watch_note(const struct driver_watch *watch);
bool driver_watch_sees_module(const struct driver_watch *watch);

/* What hooks arm_ffa, in words; NULL for a recording. */
const char *driver_watch_way(const struct driver_watch *watch);

/*
 * Waits a moment for calls, then takes a round of them and passes on the settled ones. Ends early if
 * opts.stop is set. last: nothing more is to come, all is settled. Returns 0, 1 at the end of a
 * recording, or a negative errno with a message.
 */
int driver_watch_round(struct driver_watch *watch, bool last, watch_fn fn, void *ctx,
		       struct error *err);

const struct watch *driver_watch_matching(const struct driver_watch *watch);

/* The kernel's stack of a call: one line a caller, the nearest first; "" where there is none. */
const char *driver_watch_stack(const struct driver_watch *watch, uint32_t number);

/*
 * The same from a recording; driver_watch_round() takes the next round of it without waiting. *state
 * is what was found then. This machine is not accessed.
 */
struct driver_watch_replay {
	struct record_reader *reader;
	bool hvc;
	bool no_trace; /* verdicts from the registers alone */
	bool keep_events;
};

int driver_watch_replay(struct driver_watch **watch, const struct driver_watch_replay *replay,
			struct watch_state *state, struct error *err);

/* Detaches, puts everything back, finishes the recording. NULL is allowed. */
int driver_watch_close(struct driver_watch *watch, struct error *err);

#endif
