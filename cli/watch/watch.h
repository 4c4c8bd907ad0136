/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Joins the calls that were watched in the kernel with the traps of the hypervisor's trace. Pure:
 * no I/O. The same functions serve a live run and a recording.
 *
 * Input arrives in rounds. A round has a marker of each CPU, the events of the trace up to
 * those markers, and the calls that ended since the previous round. It is all that a verdict rests
 * on: the same rounds give the same verdicts in the same order.
 *
 * Unlike the calls of the module those of a driver are made with interrupts on. Between the two
 * hooks around the conduit the task can be interrupted, switched out and moved to another CPU, so
 * more than one trap may lie between them. These facts are certain: each call has made exactly one trap,
 * whole between its two times, on a CPU that it was on; no two calls share one; and of two calls
 * on one CPU of which one ended before the other began the traps are in the same order. A trap is
 * a call's own only where nothing else agrees with all that; else the verdict is unknown.
 */
#ifndef FFASCOPE_WATCH_H
#define FFASCOPE_WATCH_H

#include "event.h"
#include "verdict/verdict.h"

/* A marker in the trace of a CPU. Fixed width: recordings keep it. */
struct watch_mark {
	uint64_t before_ns; /* boot clock just before it was written */
	uint64_t after_ns;  /* and just after */
	uint64_t ts;	    /* hypervisor's clock; 0: not seen, so the trace has a gap there */
	uint32_t cpu;
	uint32_t reserved; /* 0 */
};

struct watch_round {
	uint64_t dropped; /* calls lost since the previous round because the ring buffer was full */
	uint64_t missed;  /* calls of which the hooks saw one end only */
	uint32_t reason;  /* enum verdict_reason: there is no trace, for this reason; 0: there is */
	uint32_t last;	  /* 1: the watch ends here, nothing is waited for any more */
	uint32_t nr_marks;
	uint32_t nr_calls;
	uint32_t nr_events;
	uint32_t reserved; /* 0 */
};

/*
 * A call that is settled; or an interrupt, by host->source, which stands where it came among the
 * calls and has no verdict.
 */
struct watched {
	const struct host_call *host;
	struct verdict_call call; /* the same as the verdict sees it; cpu: where its trap was */
	struct verdict verdict;
	uint64_t conversation; /* counts from 1; 0: it was over with its first answer */
	uint32_t step;	       /* which call of the conversation this is, from 1 */
	uint32_t nr_events;    /* those of its trap, where watch_options.keep_events is set */
	const struct hyp_event *events;
};

typedef void (*watch_fn)(void *ctx, const struct watched *watched);

struct watch_options {
	bool hvc; /* the calls' conduit is HVC, not SMC */
	bool keep_events;
	uint32_t optee; /* watch_state_optee() */
};

struct watch;
struct calibration;

/* What the evidence is worth, as for verdict_join_calibrate(). */
void watch_calibrate(struct watch *watch, const struct calibration *cal);
/* NULL: watch_calibrate() was not called. */
const struct calibration *watch_calibration(const struct watch *watch);

/* NULL without memory. */
struct watch *watch_new(const struct watch_options *opts);
void watch_free(struct watch *watch);

/*
 * Takes a round and passes on the calls that it settles, ordered by their end times.
 * -ENOMEM; -EINVAL: an impossible CPU number.
 */
int watch_round(struct watch *watch, const struct watch_round *round,
		const struct watch_mark *marks, const struct host_call *calls,
		const struct hyp_event *events, watch_fn fn, void *ctx);

struct watch_totals {
	uint64_t calls;	  /* handed on */
	uint64_t dropped; /* see struct watch_round */
	uint64_t missed;
	uint64_t lost_events;  /* of the trace */
	uint64_t other_traps;  /* that no watched call can claim: PSCI, calls left out by filters */
	int64_t offset_low_ns; /* hypervisor's clock minus boot clock, */
	int64_t offset_high_ns; /* between these two */
	bool clock_known;
};

void watch_totals(const struct watch *watch, struct watch_totals *totals);

/* Events that the trace of a CPU lost, 0 for a CPU that is not known. */
uint64_t watch_lost(const struct watch *watch, uint32_t cpu);

/* One more than the highest CPU number that is known. */
uint32_t watch_nr_cpus(const struct watch *watch);

/* ---- conversations: the calls that belong to one request ---- */

struct watch_conversations;

struct watch_conversations *watch_conversations_new(uint32_t optee);
void watch_conversations_free(struct watch_conversations *conversations);

/*
 * Takes the next call; those of one task in the order in which they were made. Says to which
 * conversation it belongs and as which step.
 */
void watch_conversations_next(struct watch_conversations *conversations,
			      const struct host_call *call, uint64_t *conversation, uint32_t *step);

#endif
