/* SPDX-License-Identifier: GPL-2.0-only */
/* Traps of one CPU, derived from the events of its trace. For this folder and watch/. */
#ifndef FFASCOPE_VERDICT_TRAPS_H
#define FFASCOPE_VERDICT_TRAPS_H

#include "base/vector.h"
#include "verdict/spans.h"
#include "verdict/verdict.h"

/* An SMC (or HVC) of the host, from its entry to EL2 to the return. ns, hypervisor's clock. */
struct verdict_trap {
	uint64_t enter_ns;
	uint64_t exit_ns;
	uint64_t first_leave_ns; /* when the first SMC left EL2 */
	uint64_t secure_ns;
	uint64_t last_back_ns; /* when the last SMC came back */
	uint32_t smcs;
	bool taken;	/* watch/: its call is known */
	bool has_id;	/* host_smc or host_ffa_call names its call */
	bool forwarded; /* by that event: no handler at EL2 claimed the call */
	uint64_t id;	/* by that event: the function identifier */
};

/* A time for which the trace is incomplete or not trusted. */
struct verdict_gap {
	uint64_t from_ns;
	uint64_t until_ns;
};

/* EL2 printed a text. */
struct verdict_printk {
	uint64_t ts;
	uint32_t text; /* its number; 0: not kept */
};

enum verdict_where {
	VERDICT_WHERE_UNKNOWN, /* after a gap, and before the first event unless that is an entry */
	VERDICT_WHERE_HOST,
	VERDICT_WHERE_EL2,
	VERDICT_WHERE_SECURE,
	VERDICT_WHERE_GUEST,
};

/* Initialize to zero. */
struct verdict_traps {
	enum verdict_where where;
	bool conduit; /* the open trap was made through the calls' conduit */
	bool any;     /* there was an event */
	struct hyp_event last;
	uint64_t left_ns; /* when EL2 was last left for EL3 */
	struct verdict_trap open;
	struct vector traps;   /* struct verdict_trap, in order of time */
	struct vector gaps;    /* struct verdict_gap */
	struct vector printks; /* struct verdict_printk, in order of time */
	struct spans spans;    /* in place of traps, for a trace without reasons */
	bool bare;	       /* the trace has no reasons */
};

/* Adds the next event of the CPU's trace. conduit: enum hyp_reason of the calls. -ENOMEM. */
int verdict_traps_event(struct verdict_traps *cpu, uint8_t conduit, const struct hyp_event *ev);

/* The time up to which the trace is complete: the start of an open trap or gap, if any. */
uint64_t verdict_traps_until(const struct verdict_traps *cpu);

/* Whether a gap overlaps the closed interval. */
bool verdict_traps_gap(const struct verdict_traps *cpu, uint64_t from_ns, uint64_t until_ns);

/* Whether the event names the call of its trap: host_smc, host_ffa_call; and as forwarded. */
bool verdict_names_call(const struct hyp_event *ev);
bool verdict_names_forwarded(const struct hyp_event *ev);

/* Stores in *v the texts that EL2 printed in the closed interval. */
void verdict_traps_printks(const struct verdict_traps *cpu, uint64_t from_ns, uint64_t until_ns,
			   struct verdict *v);

void verdict_traps_free(struct verdict_traps *cpu);

/* The first of `len` traps in time order that does not end before `from`; len if there is none. */
size_t verdict_traps_first(const struct verdict_trap *traps, size_t len, uint64_t from);

/*
 * Judges a call by its trap. v->inferred is an input, the other members are outputs. offset_ns:
 * hypervisor's clock minus boot clock.
 */
void verdict_judge(const struct calibration *cal, const struct verdict_call *call,
		   const struct verdict_trap *trap, int64_t offset_ns, struct verdict *v);

#endif
