/* SPDX-License-Identifier: GPL-2.0-only */
/* The traps of one CPU, out of the events of its trace. For the files of this folder and of watch/. */
#ifndef FFASCOPE_VERDICT_TRAPS_H
#define FFASCOPE_VERDICT_TRAPS_H

#include "base/vector.h"
#include "verdict/spans.h"
#include "verdict/verdict.h"

/* An SMC (or HVC) of the host at EL2, until the return to the host. ns, hypervisor's clock. */
struct verdict_trap {
	uint64_t enter_ns;
	uint64_t exit_ns;
	uint64_t first_leave_ns; /* the first SMC leaves EL2 */
	uint64_t secure_ns;
	uint64_t last_back_ns; /* the last SMC has come back */
	uint32_t smcs;
	bool taken;	/* watch/: it is known whose it is */
	bool has_id;	/* host_smc was in it, where the kernel has that event */
	bool forwarded; /* by host_smc: no handler of EL2 has claimed the call */
	uint64_t id;	/* by host_smc: the function identifier */
};

/* A stretch of time of which the trace tells nothing, or nothing that is believed. */
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
	VERDICT_WHERE_UNKNOWN, /* after a gap; before the first event, unless that is an entry */
	VERDICT_WHERE_HOST,
	VERDICT_WHERE_EL2,
	VERDICT_WHERE_SECURE,
	VERDICT_WHERE_GUEST,
};

/* All zero to begin with. */
struct verdict_traps {
	enum verdict_where where;
	bool conduit; /* the trap that is open came by the calls' conduit */
	bool any;     /* an event was seen */
	struct hyp_event last;
	uint64_t left_ns; /* when EL2 was last left for EL3 */
	struct verdict_trap open;
	struct vector traps;   /* struct verdict_trap, in order of time */
	struct vector gaps;    /* struct verdict_gap */
	struct vector printks; /* struct verdict_printk, in order of time */
	struct spans spans;    /* of a trace without reasons, instead of traps */
	bool bare;	       /* it is one */
};

/* Takes the next event of the CPU's trace. conduit: enum hyp_reason of the calls. -ENOMEM. */
int verdict_traps_event(struct verdict_traps *cpu, uint8_t conduit, const struct hyp_event *ev);

/* Up to when the trace is believed: not into a trap that is open, nor behind an open gap. */
uint64_t verdict_traps_until(const struct verdict_traps *cpu);

/* Whether a gap touches the time between two times, both of them included. */
bool verdict_traps_gap(const struct verdict_traps *cpu, uint64_t from_ns, uint64_t until_ns);

/* Whether the event names the call of its trap: host_smc, host_ffa_call; and as forwarded. */
bool verdict_names_call(const struct hyp_event *ev);
bool verdict_names_forwarded(const struct hyp_event *ev);

/* Sets what EL2 printed between two times, both included, as that of the verdict. */
void verdict_traps_printks(const struct verdict_traps *cpu, uint64_t from_ns, uint64_t until_ns,
			   struct verdict *v);

void verdict_traps_free(struct verdict_traps *cpu);

/* The first of `len` traps in time order that does not end before `from`; len if there is none. */
size_t verdict_traps_first(const struct verdict_trap *traps, size_t len, uint64_t from);

/*
 * What became of a call whose trap is known; v->inferred is set, the rest is filled. offset_ns:
 * hypervisor's clock minus boot clock.
 */
void verdict_judge(const struct calibration *cal, const struct verdict_call *call,
		   const struct verdict_trap *trap, int64_t offset_ns, struct verdict *v);

#endif
