/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_SESSION_INTERNAL_H
#define FFASCOPE_SESSION_INTERNAL_H

#include <sched.h>

#include "device/device.h"
#include "hyp/hyp.h"
#include "session/session.h"

/* Maximum number of calls in a batch. */
#define SESSION_MAX_BATCH 1024

/* Range of the clock offset in ns: hypervisor's clock minus boot clock. */
struct clock_range {
	bool known;
	int64_t low, high;
	uint64_t at_ns; /* time of the measurement, boot clock */
};

struct session {
	struct device *device;
	bool device_stays;
	struct ffascope_driver
		*driver; /* operation that the next batch calls, NULL for registers */
	struct hyp_trace *trace;
	struct verdict_join *join;
	struct texts *texts; /* texts that EL2 printed */
	struct record_writer *writer;
	uint32_t texts_written;
	struct record_reader *replay; /* replaces device and trace */
	bool no_trace;		      /* replay without the trace */
	uint32_t ffa_version;
	unsigned int guard_ns;
	bool guard_given; /* else derived from the clocks */
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
	size_t trap_at; /* start of the search in session_trap() */
	bool keep_events;
	struct verdict_clock batch_clock; /* of the current batch */
};

/* Converts tags of a batch, which start at 0, to indices of the whole request. */
struct session_retag {
	verdict_fn fn;
	void *ctx;
	uint64_t first;
	unsigned int n;
};

/* ---- clock.c ---- */

/* Returns false if the marker contradicts the known offset: one of the clocks was set. */
bool session_clock_note(struct session *s, const struct hyp_marker *marker);
/* Current offset, widened for drift since it was measured. */
void session_clock_get(const struct session *s, struct verdict_clock *clock);
/*
 * The offset while the calls of a batch began, from the first to the last (boot clock). before: the
 * offset known before them. agrees: session_clock_note() since then returned true.
 */
void session_clock_of_calls(const struct session *s, const struct clock_range *before, bool agrees,
			    uint64_t first_ns, uint64_t last_ns, struct verdict_clock *clock);
/*
 * Writes several markers; the fastest gives the most exact offset. The process must be pinned.
 */
int session_clock_compare(struct session *s, struct error *err);
/* Compares the clocks before n calls if the offset is too inexact for them. */
int session_clock_watch(struct session *s, unsigned int n, struct error *err);
/* Sets the default guard. */
void session_clock_choose_guard(struct session *s);
/* Keeps the offset that the calls of a batch refined, for the next batch. at_ns: the last call. */
void session_clock_keep(struct session *s, const struct verdict_clock *measured,
			const struct verdict_clock *refined, uint64_t at_ns);

/* ---- batch.c ---- */

/* Pins the process to a CPU. -EINVAL: no such CPU. */
int session_pin(struct session *s, int cpu, struct error *err);

/* A hyp_event_fn; ctx is the session. */
int session_take_event(void *ctx, const struct hyp_event *ev);
/* A verdict_fn; ctx is a struct session_retag. */
void session_hand_on(void *ctx, const struct verdict_call *call, void *tag,
		     const struct verdict *v);
/* Makes n <= s->batch calls from s->calls on the CPU that the process is pinned to. */
int session_make_batch(struct session *s, unsigned int n, unsigned int *made,
		       struct session_retag *retag, int *bad, struct error *err);
/* ---- replay.c ---- */

/* Calibrates s->join from the recording. */
int session_replay_calibrate(struct session *s, struct error *err);

/* The same request, answered from the recording. */
int session_call_replayed(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
			  uint64_t total, int *bad, verdict_fn fn, void *ctx, struct error *err);

#endif
