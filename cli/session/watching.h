/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that others make, watched with their verdicts: the hooks, the trace and watch/ together. */
#ifndef FFASCOPE_WATCHING_H
#define FFASCOPE_WATCHING_H

#include "hyp/host.h"
#include "session/session.h"
#include "watch/state.h"
#include "watch/watch.h"

struct watching_options {
	const char *tracefs;		  /* NULL: where the mount table says */
	const char *record;		  /* NULL: no recording */
	const struct record_about *about; /* how it was run, for the recording */
	const struct watch_state *state;  /* what was found */
	uint32_t ffa_version;		  /* whose rules apply */
	unsigned int buffer_kb;		  /* of the trace, for each CPU; 0: the default */
	bool no_trace;			  /* leave the trace alone: every verdict is unknown */
	bool stacks;
	bool keep_events;
	const struct hyp_host_filter *filter;
	const volatile int *stop;
};

struct watching;

/*
 * Switches the trace on and attaches. A kernel that has no hypervisor tracing is no error: the
 * verdicts are unknown then, watching_note() says why. Negative errno with a message.
 */
int watching_open(struct watching **watching, const struct watching_options *opts,
		  struct session_error *err);

/* Why there is no trace, or NULL. */
const char *watching_note(const struct watching *watching);
bool watching_sees_module(const struct watching *watching);

/*
 * Waits a moment for calls, then takes a round of them; hands on what is settled. Ends early where
 * opts.stop is set. last: nothing more is to come, all is settled. Returns 0, 1 at the end of a
 * recording, or a negative errno with a message.
 */
int watching_round(struct watching *watching, bool last, watch_fn fn, void *ctx,
		   struct session_error *err);

const struct watch *watching_watch(const struct watching *watching);

/* The kernel's stack of a call: one line a caller, the nearest first; "" where there is none. */
const char *watching_stack(const struct watching *watching, uint32_t number);

/*
 * The same from a recording; watching_round() takes the next round of it without waiting. *state
 * is what was found then. Nothing of this machine is used.
 */
struct watching_replay {
	struct record_reader *reader;
	bool hvc;
	bool no_trace; /* verdicts from the registers alone */
	bool keep_events;
};

int watching_replay(struct watching **watching, const struct watching_replay *replay,
		    struct watch_state *state, struct session_error *err);

/* Detaches, puts everything back, finishes the recording. NULL is allowed. */
int watching_close(struct watching *watching, struct session_error *err);

#endif
