/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_FUZZ_INTERNAL_H
#define FFASCOPE_FUZZ_INTERNAL_H

#include "fuzz/fuzz.h"

/*
 * Makes n calls, at most FUZZ_BATCH, on a CPU and undoes what they changed. -EACCES: the module
 * refuses a call, which is marked in `out`; nothing was called.
 */
int fuzz_make(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, const struct ffa_regs *in,
	      unsigned int n, struct sweep_result *out);

/* Adds a finding, with its sentence. NULL: out of memory. */
struct fuzz_finding *fuzz_add(struct fuzz *fuzz, const struct fuzz_finding *finding);

/*
 * A drawn call departs: confirms it, reduces it, and adds it to the findings. `in` holds the batch, at
 * is the index of the call. Returns 0 or a negative errno of the port.
 */
int fuzz_investigate(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		     const struct ffa_regs *in, unsigned int at, const struct fuzz_call *call,
		     const struct fuzz_base *base, const struct sweep_result *result);

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
 * departed as the finding does; of FUZZ_SOMETIMES, at least once. finding->result is set then.
 */
int fuzz_departs(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		 struct fuzz_finding *finding, const struct ffa_regs *in, bool *departs);

#endif
