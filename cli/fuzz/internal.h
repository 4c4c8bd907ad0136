/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_FUZZ_INTERNAL_H
#define FFASCOPE_FUZZ_INTERNAL_H

#include "fuzz/fuzz.h"

/* The bits of a unit in each of its registers. */
static inline uint64_t fuzz_unit_bits(const struct fuzz_unit *unit)
{
	return ffa_bits_mask(unit->hi, unit->lo);
}

/*
 * Makes n calls, at most FUZZ_BATCH, on a CPU and undoes what they changed. -EACCES: the module
 * refuses a call, which is marked in `out`; nothing was called.
 */
int fuzz_make(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, const struct ffa_regs *in,
	      unsigned int n, struct sweep_result *out);

/* Undoes what calls changed, the last one of `out' first. */
int fuzz_undo(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, unsigned int n,
	      const struct sweep_result *out);
/* Creates or removes the state that calls of a batch remove. */
int fuzz_ours(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, const struct ffa_regs *in,
	      unsigned int n, bool create);

/* ---- at_once.c ---- */

/* What all CPUs made at the same time. */
struct fuzz_round {
	const struct fuzz_lane *lanes;
	size_t nr_lanes;
};

/* As fuzz_make(), on several CPUs at the same time. */
int fuzz_make_at_once(struct fuzz *fuzz, const struct fuzz_port *port,
		      const struct fuzz_lane *lanes, size_t nr_lanes);
/* Makes a call several times on one CPU, while all others make `cause'. out: of this CPU. */
int fuzz_repeat_at_once(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
			const struct ffa_regs *in, const struct ffa_regs *cause, unsigned int times,
			struct sweep_result *out);
/*
 * Looks for the call of another CPU with which the finding departs: one that it met in the round, or
 * that ended shortly before. finding->result is the departure in the round.
 */
int fuzz_find_cause(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		    struct fuzz_finding *finding, const struct fuzz_round *round, bool *departs);

/* Adds a finding, with its sentence. NULL: out of memory. */
struct fuzz_finding *fuzz_add(struct fuzz *fuzz, const struct fuzz_finding *finding);

/*
 * A drawn call departs: confirms it, reduces it, and adds it to the findings. `in` holds the batch, at
 * is the index of the call. round: what other CPUs made at the same time, or NULL. Returns 0 or a
 * negative errno of the port.
 */
int fuzz_investigate(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		     const struct ffa_regs *in, unsigned int at, struct fuzz_call *call,
		     const struct fuzz_base *base, const struct sweep_result *result,
		     const struct fuzz_round *round);

/*
 * The sweep saw something else than later calls: adds a finding that says so, or the conditions under
 * which it is seen again.
 */
int fuzz_explain_first(struct fuzz *fuzz, const struct fuzz_port *port,
		       struct fuzz_finding *finding);

/* Reduces finding->in to the fewest units and bits that depart in the same way. */
int fuzz_reduce(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		struct fuzz_finding *finding);

/*
 * Makes the call `in` under the conditions of the finding, several times. *departs: each time, it
 * departed as the finding does; of FUZZ_SOMETIMES and FUZZ_AT_ONCE, at least once. finding->result is set then.
 */
int fuzz_departs(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		 struct fuzz_finding *finding, const struct ffa_regs *in, bool *departs);

#endif
