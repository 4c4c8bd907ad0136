// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the registers of a call become in pKVM's proxy, and for which calls Linux expects the proxy to
 * check reserved bits.
 *
 * Sources: arch/arm64/kvm/hyp/nvhe/ffa.c of Linux 7.3 for what EL2 sends on; for the checks the
 * kvmarm commits 5224e6f027ee to 3e9df0b0ebd5 (Linux 7.4).
 */
#include <stddef.h>

#include "ffa/proxy.h"

/* w<first> to w<last> of the host's call are in EL2's own request. */
#define PASSES(first, last) ((uint32_t)((1U << ((last) + 1)) - (1U << (first))))

static const struct {
	uint32_t fid;
	uint32_t passes; /* bit n: EL2's own request has the host's w<n>; of a rebuilt call only */
	struct ffa_bits
		id; /* the caller's endpoint ID, which EL2 compares with the host's; or none */
	bool late;  /* EL2 sends that request only after others succeeded (do_ffa_mem_reclaim) */
} rows[] = {
	{ .fid = 0x84000063, .passes = PASSES(1, 1) }, /* VERSION, do_ffa_version */
	{ .fid = 0x84000064 },			       /* FEATURES */
	{ .fid = 0xc4000066 },			       /* RXTX_MAP_64, ffa_map_hyp_buffers */
	{ .fid = 0x84000067 },			       /* RXTX_UNMAP, ffa_unmap_hyp_buffers */
	{ .fid = 0x84000068, .passes = PASSES(1, 5) }, /* PARTITION_INFO_GET, do_ffa_part_get */
	{ .fid = 0x84000072, .passes = PASSES(1, 2) }, /* MEM_LEND, ffa_mem_xfer */
	{ .fid = 0xc4000072, .passes = PASSES(1, 2) }, /* MEM_LEND_64 */
	{ .fid = 0x84000073, .passes = PASSES(1, 2) }, /* MEM_SHARE */
	{ .fid = 0xc4000073, .passes = PASSES(1, 2) }, /* MEM_SHARE_64 */
	{ .fid = 0x84000077, .passes = PASSES(1, 3), .late = true }, /* MEM_RECLAIM */
	{ .fid = 0x8400007b, .passes = PASSES(1, 4) }, /* MEM_FRAG_TX, ffa_mem_frag_tx */
	{ .fid = 0x8400007d, .id = { 1, 15, 0 } },     /* NOTIFICATION_BITMAP_CREATE */
	{ .fid = 0x8400007e, .id = { 1, 15, 0 } },     /* NOTIFICATION_BITMAP_DESTROY */
	{ .fid = 0x8400007f, .id = { 1, 15, 0 } },     /* NOTIFICATION_BIND */
	{ .fid = 0x84000080, .id = { 1, 15, 0 } },     /* NOTIFICATION_UNBIND */
	{ .fid = 0x84000081, .id = { 1, 31, 16 } },    /* NOTIFICATION_SET */
	{ .fid = 0x84000082, .id = { 1, 15, 0 } },     /* NOTIFICATION_GET */
	{ .fid = 0x84000083 },			       /* NOTIFICATION_INFO_GET */
	{ .fid = 0xc4000083 },			       /* NOTIFICATION_INFO_GET_64 */
};

bool ffa_call_el2_checks(uint32_t fid)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].fid == fid)
			return true;
	}
	return false;
}

bool ffa_call_el2_passes(uint32_t fid, unsigned int reg, unsigned int bit, bool success)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].fid == fid)
			return bit < 32 && rows[i].passes >> reg & 1 && (success || !rows[i].late);
	}
	return false;
}

bool ffa_call_el2_checks_id(uint32_t fid, struct ffa_bits *id)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].fid == fid && rows[i].id.hi) {
			*id = rows[i].id;
			return true;
		}
	}
	return false;
}
