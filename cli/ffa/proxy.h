/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How pKVM's proxy at EL2 treats a call (arch/arm64/kvm/hyp/nvhe/ffa.c): what the registers of an answer
 * can tell, and what Linux expects it to check.
 */
#ifndef FFASCOPE_FFA_PROXY_H
#define FFASCOPE_FFA_PROXY_H

#include "ffa/regs.h"

struct ffa_call;

/*
 * Whether pKVM's proxy answers this call itself and issues its own SMCs for it, so that the
 * registers of the answer do not tell what left EL2 (arch/arm64/kvm/hyp/nvhe/ffa.c,
 * kvm_host_ffa_handler).
 */
bool ffa_call_el2_reissues(const struct ffa_call *call);

/*
 * Whether Linux expects the proxy to refuse reserved bits of this call: the calls that it handles,
 * and not those that it passes through unread (proxy.c names the sources).
 */
bool ffa_call_el2_checks(uint32_t fid);

/*
 * Of a call that EL2 rebuilds: whether EL2's own request carries this bit of the host's register.
 * success: the call succeeded. False for a call that EL2 does not rebuild.
 */
bool ffa_call_el2_passes(uint32_t fid, unsigned int reg, unsigned int bit, bool success);

/*
 * Of a call that carries the caller's endpoint ID: where. Linux expects the proxy to refuse an ID that
 * is not the host's there (proxy.c names the sources). False: the proxy checks no ID of this call.
 */
bool ffa_call_el2_checks_id(uint32_t fid, struct ffa_bits *id);

#endif
