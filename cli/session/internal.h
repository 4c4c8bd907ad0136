/* SPDX-License-Identifier: GPL-2.0-only */
/* A session from the inside: what session.c, clock.c, batch.c and again.c share. */
#ifndef FFASCOPE_SESSION_INTERNAL_H
#define FFASCOPE_SESSION_INTERNAL_H

#include <sched.h>

#include "device/device.h"
#include "hyp/hyp.h"
#include "session/session.h"

/* Calls that are made at once. */
#define SESSION_MAX_BATCH 1024

/* How the clocks stand to each other, ns: the hypervisor's minus the boot clock. */
struct clock_range {
	bool known;
	int64_t low, high;
	uint64_t at_ns; /* when it was measured, on the boot clock */
};

struct session {
	struct device *device;
	bool device_stays;
	struct ffascope_driver *driver; /* what the next batch calls instead of registers */
	struct hyp_trace *trace;
	struct verdict_join *join;
	struct texts *texts; /* that EL2 printed */
	struct record_writer *writer;
	uint32_t texts_written;
	struct record_reader *replay; /* in place of device and trace */
	bool no_trace;		      /* of a replay */
	uint32_t ffa_version;
	unsigned int guard_ns;
	bool guard_given; /* else it follows the clocks */
	unsigned int batch;
	const volatile int *stop;
	struct clock_range clock;
	char note[sizeof(struct error)];
	uint64_t latency_ns;
	cpu_set_t old_cpus;
	bool pinned;
	int pinned_cpu;

	struct ffascope_call *calls; /* room for a batch */
	struct verdict_call *records;
	struct hyp_event *events; /* of the batch, kept for the recording and session_trap() only */
	size_t nr_events, max_events;
	size_t trap_at; /* events before it are of calls that have been asked about */
	bool keep_events;
	struct verdict_clock batch_clock; /* of the batch that is handed on */
};

/* Tags of a batch count from 0; those of the whole request go on. */
struct session_retag {
	verdict_fn fn;
	void *ctx;
	uint64_t first;
	unsigned int n;
};

/* Keeps the process on a CPU. -EINVAL: there is none of that number. */
int session_pin(struct session *s, int cpu, struct error *err);

/* ---- clock.c ---- */

/* Returns false where the marker contradicts what was known: one of the clocks was set anew. */
bool session_clock_note(struct session *s, const struct hyp_marker *marker);
/* What is known now, with what it has lost of its worth since. */
void session_clock_get(const struct session *s, struct verdict_clock *clock);
/*
 * Markers in quick succession: the quickest of them says best how the clocks stand. The process is
 * pinned.
 */
int session_clock_compare(struct session *s, struct error *err);
/* Compares them before n calls, where what is known is too little for these. */
int session_clock_watch(struct session *s, unsigned int n, struct error *err);
/* Sets the pause, where nobody asked for one. */
void session_clock_choose_guard(struct session *s);
/* What the calls of a batch told of the clocks serves the next one. */
void session_clock_keep(struct session *s, const struct verdict_clock *measured,
			const struct verdict_clock *refined);

/* ---- batch.c ---- */

/* A hyp_event_fn; ctx is the session. */
int session_take_event(void *ctx, const struct hyp_event *ev);
/* A verdict_fn; ctx is a struct session_retag. */
void session_hand_on(void *ctx, const struct verdict_call *call, void *tag,
		     const struct verdict *v);
/* n calls, at most as many as s->batch, from s->calls on the CPU that the process is pinned to. */
int session_make_batch(struct session *s, unsigned int n, unsigned int *made,
		       struct session_retag *retag, int *bad, struct error *err);
/* session_call() without a recording. total: of all rounds of the n calls. */
int session_call_now(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		     uint64_t total, int *bad, verdict_fn fn, void *ctx, struct error *err);

/* ---- again.c ---- */

/* Calibrates s->join as the recording has it. */
int session_replay_calibrate(struct session *s, struct error *err);

/* The same request again, with the answers that the recording has. */
int session_call_replayed(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
			  uint64_t total, int *bad, verdict_fn fn, void *ctx, struct error *err);

#endif
