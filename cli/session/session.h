/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls with their verdicts, live or from a recording. Combines device, trace and verdict; every
 * verb that makes calls uses it.
 */
#ifndef FFASCOPE_SESSION_H
#define FFASCOPE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"
#include "verdict/calibration.h"
#include "verdict/verdict.h"

struct device;
struct ffascope_driver;

struct session_options {
	const char *device;	  /* NULL: the usual one */
	struct device *opened;	  /* NULL, or an open device; the caller closes it */
	const char *tracefs;	  /* NULL: where the mount table says */
	const char *record;	  /* NULL: no recording */
	const char *verb;	  /* name of the verb for the recording */
	uint32_t ffa_version;	  /* 0: from the module, or else the default */
	uint64_t count;		  /* number of calls requested, for the recording */
	unsigned int guard_ns;	  /* pause before and after each call; 0: derived from the clocks */
	bool no_trace;		  /* do not use the trace: every verdict is unknown */
	unsigned int ring_bytes;  /* hyp_options.ring_bytes */
	const volatile int *stop; /* not zero: a signal asked to end */
	/*
	 * Command line, files and partition for the recording; session_open() adds the rest.
	 * NULL: not recorded.
	 */
	const struct record_about *about;
	/* Not NULL: no device; calls are answered from this recording. */
	struct record_reader *replay;
	const struct record_meta *replay_meta;
};

struct session;

/*
 * Opens the device, then the trace, and calibrates. A kernel without hypervisor tracing is not an
 * error: the verdicts are unknown and session_note() says why. Returns a negative errno with a
 * message.
 */
int session_open(struct session **session, const struct session_options *opts, struct error *err);

/* Puts everything back; finishes the recording. NULL is allowed. */
int session_close(struct session *session, struct error *err);

/* The version whose rules apply. */
uint32_t session_ffa_version(const struct session *session);

/* Whether the module makes calls that take something away from arm_ffa (unsafe=1). */
bool session_unsafe(const struct session *session);

/* What the evidence proves on this machine, or on the recorded one. */
const struct calibration *session_calibration(const struct session *session);

/* Texts that verdict.printks refers to. */
const struct texts *session_texts(const struct session *session);

/* Why there is no trace, or NULL. */
const char *session_note(const struct session *session);

/* "fentry", "kprobe", "text" or "none". */
const char *session_reader(const struct session *session);

/* A sentence on the source and the accuracy of the verdicts. */
const char *session_evidence_level(const struct session *session);

/*
 * Makes the calls on a CPU (-1: where the caller runs), in batches that the trace buffer holds,
 * and hands each with its verdict to fn, in order; the tag is its index in `in`. Each element of
 * `in` gives a call; repeat says how often the whole list is made.
 * -EINTR: opts.stop was set; what was made has been handed on. -EXDEV: the CPU went away. -EACCES, -EINVAL: the module refuses
 * a call, *bad is its index, nothing was called. Other negative errno: see the message.
 * Of a recording: -ENODATA where it ends too soon, -EBADMSG where it is damaged or has other calls
 * than these.
 */
int session_call(struct session *session, int cpu, const struct ffa_regs *in, unsigned int n,
		 uint64_t repeat, int *bad, verdict_fn fn, void *ctx, struct error *err);

/* The calls of one CPU, made while others make theirs. */
struct session_lane {
	int cpu;
	const struct ffa_regs *in;
	unsigned int n;	 /* elements of in */
	uint64_t repeat; /* how often the whole list is made */
	void *ctx;	 /* for fn */
	int bad;	 /* out: index of the call that the module refuses, or -1 */
	uint64_t made;	 /* out: calls that were handed on */
	/* Out, live: calls during which another lane's call was under way. */
	uint64_t overlapped;
};

/*
 * Makes calls on several CPUs at the same time, in rounds of a batch on each CPU; a CPU's batch
 * begins when all have reached theirs. Each CPU's trace is judged on its own. After a round the
 * calls are handed to fn, lane by lane, with the lane's ctx; the tag is the index in its `in'. The
 * lanes' CPUs must differ. Errors as session_call(), of the first lane that has one; the other
 * lanes' calls of that round have been made.
 */
int session_call_parallel(struct session *session, struct session_lane *lanes,
			  unsigned int nr_lanes, verdict_fn fn, struct error *err);

/*
 * What the TX buffer has in the calls of session_call() from now on (device_set_tx()); tx NULL:
 * calls without it. A replay needs none.
 */
void session_set_tx(struct session *session, const void *tx, uint32_t len);

/* Bytes of a kernel page, which is the size of arm_ffa's buffers below a pKVM proxy. */
uint32_t session_page_size(const struct session *session);

/*
 * Allocates pages for memory transactions (device_pages()). In a replay the addresses are made up.
 * Returns 0 or a negative errno with a message.
 */
int session_pages(struct session *session, uint64_t *addresses, uint32_t count, bool contiguous,
		  bool keep, uint32_t *page_size, struct error *err);

/*
 * One of arm_ffa's own operations (ffascope.h), with the verdict of the call that it makes. arm_ffa
 * does not tell the registers, and other traps may come between: where it cannot be proven that
 * there was exactly one call and exactly one trap, the verdict is unknown. Returns 0 when it was
 * called: req->status says how it went, *call has its times and what arm_ffa puts into registers.
 * Otherwise as device_driver().
 */
int session_driver(struct session *session, struct ffascope_driver *req, struct verdict_call *call,
		   struct verdict *verdict, struct error *err);

/*
 * The events of a call's trap, at most n of them, for a verdict_fn: they are forgotten when the
 * next batch begins. Calls must be asked about in the order in which they are handed on. Returns
 * how many were written; 0 without a trace.
 */
unsigned int session_trap(struct session *session, const struct verdict_call *call,
			  struct hyp_event *out, unsigned int n);

/* Another pause before and after each call from now on, in ns; 0: as the clocks need. */
void session_set_guard(struct session *session, unsigned int guard_ns);

/* How the clocks stand: offset and what it may be wrong by, in ns. False: not measured. */
bool session_clock(const struct session *session, int64_t *offset_ns, uint64_t *slack_ns);

/* Of the last batch: from its first call to its last verdict, in ns. */
uint64_t session_latency_ns(const struct session *session);

/* What a recording is replayed through. */
struct session_replay {
	struct texts *texts; /* where the texts that EL2 printed go; NULL: they are not kept */
	bool no_trace;	     /* verdicts from the registers alone */
	verdict_fn fn;
	void *ctx;
	struct session **session; /* NULL, or out: what fn can give session_trap() */
	/* Out: the last request for calls that failed, 0 if none did; and its message. */
	int failed;
	struct error failure;
	/* Out, before the first call: what the evidence is worth. */
	struct calibration calibration;
};

/* All batches of a recording. Returns 0 or a negative errno as record_next() does. */
int session_replay(struct record_reader *reader, const struct record_meta *meta,
		   struct session_replay *replay, struct error *err);

#endif
