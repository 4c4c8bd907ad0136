/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_SESSION_INTERNAL_H
#define FFASCOPE_SESSION_INTERNAL_H

#include <pthread.h>
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

/* A batch of calls on one CPU. Batches on different CPUs can be made at once, one thread each. */
struct session_part {
	int cpu;
	unsigned int n;		     /* calls that are asked for, at most session.batch */
	struct ffascope_call *calls; /* room for SESSION_MAX_BATCH */
	struct verdict_call *records;
	struct verdict *verdicts;
	struct hyp_event *events; /* in a replay the reader owns them */
	size_t nr_events, max_events;
	size_t trap_at; /* start of the search in session_trap() */

	/* Results. */
	struct record_batch batch;  /* batch.nr_calls were made */
	int bad;		    /* index of the call that the module refused, or -1 */
	int ret, later;		    /* errors of the calls, and of what follows them */
	struct error err;	    /* of the first of these errors */
	struct verdict_clock clock; /* measured clock, refined by the calls */
};

struct session_team;

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
	pthread_mutex_t clock_mutex; /* guards clock while a team works */
	char note[sizeof(struct error)];
	uint64_t latency_ns;
	cpu_set_t old_cpus;
	bool pinned;
	int pinned_cpu;

	struct session_part own;    /* of calls on one CPU, which the caller's thread makes */
	struct session_part *shown; /* being handed on, for session_trap() */
	struct session_team *team;  /* threads for calls on several CPUs; NULL: none yet */
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

/* Pins the calling thread to a CPU. -EINVAL: no such CPU. */
int session_pin_thread(int cpu, struct error *err);
/* Pins the process's main thread, and remembers where it was allowed to run. */
int session_pin(struct session *s, int cpu, struct error *err);

/* A hyp_event_fn between batches; ctx is the session. */
int session_take_event(void *ctx, const struct hyp_event *ev);
/* A verdict_fn; ctx is a struct session_retag. */
void session_hand_on(void *ctx, const struct verdict_call *call, void *tag,
		     const struct verdict *v);
/* Allocates what a part needs. */
int session_part_init(struct session_part *part);
void session_part_free(struct session *s, struct session_part *part);
/* Puts n calls of a request into a part, starting with call number `first'. */
void session_part_fill(struct session_part *part, const struct ffa_regs *in, unsigned int nr_in,
		       uint64_t first, unsigned int n);
/* Before batches of at most n calls: compares the clocks where necessary, sets the guard. */
int session_prepare(struct session *s, unsigned int n, struct error *err);
/*
 * Makes the calls of a part on its CPU, to which the thread is pinned, and judges them. ready, if
 * not NULL, is called just before the calls.
 */
void session_part_make(struct session *s, struct session_part *part, void (*ready)(void *ctx),
		       void *ctx);
/* Hands the calls on and records them. Returns 0 or the part's first error, with its message. */
int session_part_finish(struct session *s, struct session_part *part,
			const struct session_retag *retag, struct error *err);

/* Whether a request goes on after this result: a signal without effect here is no error. */
bool session_goes_on(const struct session *s, int ret);
/* Records that a request failed. Returns ret, or -EIO. */
int session_write_failure(struct session *s, int ret, int bad, struct error *err);

/* ---- parallel.c ---- */

void session_team_free(struct session *s);

/* ---- replay.c ---- */

/* Calibrates s->join from the recording. */
int session_replay_calibrate(struct session *s, struct error *err);

/* The same requests, answered from the recording. One lane may have any CPU, -1. */
int session_call_replayed(struct session *s, struct session_lane *lanes, unsigned int nr_lanes,
			  verdict_fn fn, struct error *err);

#endif
