/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_WATCH_INTERNAL_H
#define FFASCOPE_WATCH_INTERNAL_H

#include "verdict/calibration.h"
#include "verdict/traps.h"
#include "watch/watch.h"

enum watch_state {
	WATCH_WAITS,   /* the trace does not cover its end yet */
	WATCH_READY,   /* the trace is complete; its trap is not determined yet */
	WATCH_DECIDED, /* its trap is known */
	WATCH_FAILED,  /* cannot be determined, for `reason` */
};

/* A call that waits for its verdict. */
struct watch_waiting {
	struct host_call host;
	uint64_t conversation;
	uint32_t step;
	enum watch_state state;
	enum verdict_reason reason;
	uint32_t rounds;      /* that it has waited */
	uint32_t ready_round; /* of those, the one in which it became ready */
	uint32_t trap_cpu;
	size_t trap;  /* index in the CPU's traps; valid until they are forgotten */
	uint64_t seq; /* counts calls as they come in */
	bool settled;
};

/* Where the trap of a call may be on one CPU: indices of traps. */
struct watch_range {
	size_t begin, end; /* the traps between its two times, end not included */
	size_t least;	   /* the first that the order allows */
	size_t most;	   /* and the last */
	bool broken;	   /* no trap is left for it */
	struct watch_waiting *call;
};

/* The ready calls that were on one CPU only. */
struct watch_cpu_queue {
	struct watch_range *calls; /* in order of their ends */
	struct watch_range **by_begin;
	size_t len, cap, by_begin_cap;
};

struct watch_cpu {
	struct verdict_traps trace;
	bool whole; /* since from_ns, but for the gaps */
	uint64_t from_ns, until_ns;
	uint64_t lost;
	struct vector events;	      /* struct hyp_event, where they are kept */
	struct watch_cpu_queue queue; /* of the round that is going on */
};

/* Hypervisor's clock minus boot clock lies between low and high. */
struct watch_clock {
	bool known;
	int64_t low, high;
	uint64_t at_ns;
};

struct watch {
	struct watch_options opts;
	struct calibration calibration;
	bool calibrated; /* it is set */
	uint8_t conduit;
	struct watch_cpu *cpus;
	size_t nr_cpus;
	struct vector waiting;	  /* struct watch_waiting, by end */
	struct watch_clock clock; /* as the last markers have it */
	struct watch_clock range; /* what holds for the calls of this round */
	struct watch_conversations *conversations;
	uint64_t next_seq;
	struct watch_totals totals;
};

/* Finds out whose trap is whose among the calls that wait. -ENOMEM. */
int watch_match(struct watch *watch);

/*
 * Forgets all that ended before all_ns, and before taken_ns what belongs to calls that are settled.
 * Returns how many of the dropped traps no call had claimed.
 */
uint64_t watch_cpu_forget(struct watch_cpu *cpu, uint64_t all_ns, uint64_t taken_ns);
/* How many traps remain that no call has claimed. */
uint64_t watch_cpu_unclaimed(const struct watch_cpu *cpu);

#endif
