/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sweeps of the TX buffer of MEM_SHARE and MEM_LEND: the control is a well-formed transaction of two
 * pages; each probe sets one reserved bit of its descriptor, or one offset, count, length or address
 * at or beyond its limit. Pure: struct buffer_port makes the calls.
 */
#ifndef FFASCOPE_SWEEP_BUFFER_H
#define FFASCOPE_SWEEP_BUFFER_H

#include "ffa/memory.h"
#include "sweep/sweep.h"

struct buffer_probe {
	char place[64];	  /* "0x24[3]"; of a limit: the words that make it */
	const char *what; /* descriptor of a reserved bit; of a limit: the mistake */
	bool is_bit;
	enum ffa_rule rule; /* of a reserved bit */
	/*
	 * The hypervisor has to refuse it, because it would share what the host did not offer, or
	 * read beyond it (arch/arm64/kvm/hyp/nvhe/ffa.c, __do_ffa_mem_xfer()).
	 */
	bool must_refuse;
	struct ffa_regs in;
	struct ffa_mem_request request;
	enum sweep_class class;
	struct sweep_result result;
	bool left; /* it succeeded, and its pages could not be reclaimed */
};

struct buffer_sweep {
	const struct ffa_call *call;
	uint32_t version;
	uint16_t receiver;
	struct ffa_regs in;
	struct ffa_mem_request request; /* the control's */
	struct sweep_result control;
	struct sweep_result again; /* the control after all probes */
	bool left;		   /* a control was not reclaimed */
	struct buffer_probe *probes;
	size_t nr_probes, max_probes;
};

/* Plans the sweep of a call. Returns 0, -ENOMEM, or -EINVAL if the version has no descriptor. */
int buffer_sweep_plan(struct buffer_sweep *sweep, const struct ffa_call *call, uint32_t version,
		      uint16_t receiver);
void buffer_sweep_free(struct buffer_sweep *sweep);

struct buffer_port {
	void *ctx;
	/*
	 * Makes a transaction, with its further fragments, and reclaims it if it succeeded; *left: it
	 * could not. Fills in *out from the last call before the reclaim. Returns 0 or a negative
	 * errno.
	 */
	int (*make)(void *ctx, const struct ffa_regs *in, const struct ffa_mem_request *request,
		    struct sweep_result *out, bool *left);
};

/* Makes the control, the probes, and the control again. Returns 0 or the port's error. */
int buffer_sweep_run(struct buffer_sweep *sweep, const struct buffer_port *port);

/* Probes that the hypervisor had to refuse and did not, and what stayed shared. */
size_t buffer_sweep_findings(const struct buffer_sweep *sweep);
/* Whether a probe is one. */
bool buffer_probe_departs(const struct buffer_probe *probe);

#endif
