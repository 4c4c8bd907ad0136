/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up proxy and SPMC, for tests of sweeps. */
#ifndef FFASCOPE_TESTS_FAKE_PROXY_H
#define FFASCOPE_TESTS_FAKE_PROXY_H

#include "identifiers.h"
#include "sweep/sweep.h"

#define HIGH_BITS 0x8000000080000000ULL

/* A machine: which calls its proxy forwards, and the state of its SPMC for VM 0. */
struct fake {
	bool (*passes)(const struct ffa_regs *in);  /* the proxy's check */
	bool (*accepts)(const struct ffa_regs *in); /* the SPMC's, for reserved bits */
	uint32_t without;			    /* a call that the proxy never forwards */
	bool created;
	uint64_t bound, others; /* to the sweep's sender; to others */

	unsigned int batches, calls, forwarded;
	unsigned int stop_after; /* a signal arrives before this call; 0: none */
	unsigned int noise;	 /* one in this many verdicts is lost; 0: none */
	uint32_t conflict;	 /* EL2 overwrites this call's answer after forwarding it */
	bool untraced;
	uint32_t rebuilt;      /* EL2 sends its own requests for this call */
	unsigned int moves_at; /* someone else destroys the bitmap before this call; 0: none */
	bool (*module_refuses)(const struct ffa_regs *in);
};

/* Checks of a proxy or SPMC; all_but_w2_bit_9: as well_formed, but does not look at this bit. */
bool proxy_nothing(const struct ffa_regs *in);
bool proxy_everything(const struct ffa_regs *in);
bool proxy_no_reserved_bits(const struct ffa_regs *in);
/* Like the proxy series: rejects any reserved bit, and IDs that are not the host's. */
bool proxy_well_formed(const struct ffa_regs *in);
bool proxy_all_but_w2_bit_9(const struct ffa_regs *in);
bool proxy_no_canaries(const struct ffa_regs *in);

/* Two CPUs, and the order of today's sweeps. */
extern const struct sweep_machine fake_machine;

/* Makes calls on a struct fake, as struct sweep_port has it. */
int fake_call(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
	      struct sweep_result *out);

/* Plans the default sweep. */
void fake_plan(struct sweep *sweep, uint32_t version, bool consent);
/* Plans and makes it, with FF-A 1.2 and consent. */
int fake_run(struct sweep *sweep, struct fake *f);

/* Fail the test if there is no such call or value. */
const struct sweep_call *fake_find(const struct sweep *sweep, uint32_t fid);
const struct sweep_probe *fake_find_value(const struct sweep *sweep, uint32_t fid,
					  const char *words);

/*
 * Every probe that was made has this class, except those of `but`. The made-up SPMC does not have
 * SET, so what it accepts elsewhere is `absent` there.
 */
void fake_all_are(const struct sweep *sweep, enum sweep_class class, uint32_t but);

#endif
