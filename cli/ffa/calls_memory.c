// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory management, 0x71 to 0x7b, 0x88, 0x89. Its specification (DEN0140) was not at hand: the
 * parameters are those that the kernel's code passes, Hafnium and TF-A agree on the identifiers.
 */
#include "ffa/rows.h"

#define CODE                              \
	"arch/arm64/kvm/hyp/nvhe/ffa.c, " \
	"drivers/firmware/arm_ffa/driver.c; DEN0140 not read"
#define IN_DEN0140 "specified in DEN0140, which was not at hand"

/* clang-format off */
#define LENGTHS                                                          \
	{ WW(1, 1), .name = "total-length", .type = FFA_TYPE_DECIMAL,    \
	  .meaning = "bytes of the whole descriptor", .source = CODE },  \
	{ WW(2, 2), .name = "fragment-length", .type = FFA_TYPE_DECIMAL, \
	  .meaning = "bytes of its first fragment", .source = CODE }
#define ADDRESS .name = "address", .meaning = "buffer with the descriptor; MBZ if it is in TX", \
		.source = CODE
#define PAGE_COUNT                                                  \
	{ WW(4, 4), .name = "page-count", .type = FFA_TYPE_DECIMAL, \
	  .meaning = "4K pages of that buffer; MBZ if it is TX", .source = CODE }
/* clang-format on */

static const struct ffa_field send_fields[] = {
	LENGTHS,
	{ WW(3, 3), ADDRESS },
	PAGE_COUNT,
	UNUSED_W(5, 7),
};

static const struct ffa_field send_fields_64[] = {
	LENGTHS, { XX(3, 3), ADDRESS }, PAGE_COUNT, UNUSED_X7(5), UNUSED_X17,
};

static const struct ffa_field handle_success[] = {
	{ WW(2, 3), .name = "handle", .meaning = "handle of the memory region", .source = CODE },
	NO_RESULT_W(4, 7),
};

static const struct ffa_answer send_answers[] = {
	{ .fid = FFA_FID_SUCCESS, FIELDS(handle_success), .source = CODE },
	{ .fid = 0x8400007a, .note = "the next fragment is asked for", .source = CODE },
	{ .fid = 0x84000078, .note = "paused; FFA_MEM_OP_RESUME continues", .source = CODE },
};

static const struct ffa_answer retrieve_answers[] = {
	{ .fid = 0x84000075, .source = CODE },
};

static const struct ffa_field resp_fields[] = {
	LENGTHS,
	UNUSED_W(3, 7),
};

static const struct ffa_field nothing_fields[] = {
	UNUSED_W(1, 7),
};

/* clang-format off */
#define HANDLE \
	{ WW(1, 2), .name = "handle", .meaning = "handle of the memory region", .source = CODE }
/* clang-format on */

#define RECLAIM_FLAGS \
	"Arm's arm-ffa crate, src/memory_management.rs (MemReclaimFlags); Hafnium FFA_MEM_RECLAIM_CLEAR"

static const struct ffa_alias reclaim_aliases[] = {
	{ RW(3, 1, 0), .name = "flags", .flags = true },
};

static const struct ffa_field reclaim_fields[] = {
	HANDLE,
	{ W(3, 31, 2), RULES(MBZ, MBZ, MBZ, MBZ), .source = RECLAIM_FLAGS },
	{ W(3, 1, 1), .name = "time-slice", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: the callee may return before it is done (FFA_MEM_OP_PAUSE)",
	  .source = RECLAIM_FLAGS },
	{ W(3, 0, 0), .name = "zero", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: zero the memory before the owner can use it", .source = RECLAIM_FLAGS },
	UNUSED_W(4, 7),
};

static const struct ffa_field op_fields[] = {
	HANDLE,
	{ WW(3, 7), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
	  .unknown = "named in include/linux/arm_ffa.h only; no text at hand describes it",
	  .source = "drivers/firmware/arm_ffa/driver.c" },
};

/* clang-format off */
#define FRAGMENT_END                                                                     \
	{ W(4, 31, 16), .name = "endpoint", .type = FFA_TYPE_ID,                         \
	  .meaning = "endpoint that the fragment belongs to, as the relayer sees it",    \
	  .source = CODE },                                                              \
	{ W(4, 15, 0), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN), .unknown = IN_DEN0140, \
	  .source = CODE },                                                              \
	UNUSED_W(5, 7)
/* clang-format on */

static const struct ffa_field frag_rx_fields[] = {
	HANDLE,
	{ WW(3, 3), .name = "offset", .type = FFA_TYPE_DECIMAL,
	  .meaning = "where the fragment begins, in bytes of the descriptor", .source = CODE },
	FRAGMENT_END,
};

static const struct ffa_field frag_tx_fields[] = {
	HANDLE,
	{ WW(3, 3), .name = "fragment-length", .type = FFA_TYPE_DECIMAL,
	  .meaning = "bytes of the fragment in the TX buffer", .source = CODE },
	FRAGMENT_END,
};

static const struct ffa_answer frag_rx_answers[] = {
	{ .fid = 0x8400007b, .source = CODE },
};

static const struct ffa_answer frag_tx_answers[] = {
	{ .fid = 0x8400007a, .note = "the next fragment is asked for", .source = CODE },
	{ .fid = FFA_FID_SUCCESS, FIELDS(handle_success), .source = CODE },
	{ .fid = 0x84000078, .note = "paused; FFA_MEM_OP_RESUME continues", .source = CODE },
};

#define PERM_1_3                                                                                  \
	"Arm's arm-ffa crate f4fc7ee, Hafnium commit ed91e991, TF-A commit 9bfe78c2e; 1.2: " SPEC \
	"11.2"
#define PERM_BITS                                                                            \
	"EDK2 ArmFfaMemMgmt.h, OP-TEE core/arch/arm/include/ffa.h; reserved bits: " TFA_SPMC \
	"ffa_mem_perm_set_handler()"

static const struct ffa_symbol accesses[] = {
	{ "none", 0, "no access" }, { "rw", 1, "read and write" }, { "ro", 3, "read only" }, { 0 }
};

#define PERM_SOURCE "Hafnium inc/vmapi/hf/ffa.h, include/linux/arm_ffa.h; DEN0140 not read"
/* clang-format off */
#define PERM_BASE .name = "base", .meaning = "address of the first page", .source = PERM_SOURCE
#define PERM_PAGES                                                                    \
	.name = "page-count", .type = FFA_TYPE_DECIMAL, .meaning = "number of pages", \
	.source = PERM_SOURCE
#define PERM_EXTRA(r)                                                                          \
	{ WW(r, r), RULES(NONE, MBZ, SBZ, NONE), .name = "extra-pages", .type = FFA_TYPE_DECIMAL, \
	  .meaning = "from 1.3 on: number of pages, less 1; before: always one page",          \
	  .source = PERM_1_3 }
#define PERM_ATTRIBUTES(r)                                                                   \
	{ W(r, 31, 3), RULES(NONE, MBZ, MBZ, MBZ), .source = PERM_BITS },                    \
	{ W(r, 2, 2), .name = "xn", .type = FFA_TYPE_DECIMAL, .meaning = "1: not executable", \
	  .source = PERM_BITS },                                                             \
	{ W(r, 1, 0), .name = "access", .type = FFA_TYPE_DECIMAL, .symbols = accesses,       \
	  .closed = true, .meaning = "data access; 2 is reserved", .source = PERM_BITS }
/* clang-format on */

static const struct ffa_field perm_get_fields[] = {
	{ WW(1, 1), PERM_BASE },
	PERM_EXTRA(2),
	UNUSED_W(3, 7),
};

static const struct ffa_field perm_get_fields_64[] = {
	{ XX(1, 1), PERM_BASE },
	PERM_EXTRA(2),
	UNUSED_X7(3),
	UNUSED_X17,
};

static const struct ffa_field perm_set_fields[] = {
	{ WW(1, 1), PERM_BASE },
	{ WW(2, 2), PERM_PAGES },
	PERM_ATTRIBUTES(3),
	UNUSED_W(4, 7),
};

static const struct ffa_field perm_set_fields_64[] = {
	{ XX(1, 1), PERM_BASE },
	{ WW(2, 2), PERM_PAGES },
	PERM_ATTRIBUTES(3),
	UNUSED_X7(4),
	UNUSED_X17,
};

static const struct ffa_field perm_success[] = {
	PERM_ATTRIBUTES(2),
	PERM_EXTRA(3),
	NO_RESULT_W(4, 7),
};

static const struct ffa_answer perm_answers[] = {
	{ .fid = FFA_FID_SUCCESS, FIELDS(perm_success), .source = PERM_BITS },
};

static const struct ffa_alias perm_aliases[] = {
	{ RW(3, 31, 0), .name = "attributes" },
};

#define PERM_SET_ERROR TFA_SPMC "ffa_mem_perm_set_handler()"
#define PERM_GET_ERROR TFA_SPMC "ffa_mem_perm_get_handler()"

static const struct ffa_error perm_set_errors[] = {
	{ -2, "the address, the number of pages or the attributes are not valid", PERM_SET_ERROR },
	{ -6, "the caller runs at S-EL1, or is past its initialization", PERM_SET_ERROR },
	{ -1, "called from the Normal world", PERM_SET_ERROR },
};

static const struct ffa_error perm_get_errors[] = {
	{ -2, "the address is not valid", PERM_GET_ERROR },
	{ -6, "the caller runs at S-EL1, or is past its initialization", PERM_GET_ERROR },
	{ -1, "called from the Normal world", PERM_GET_ERROR },
};

static const struct ffa_error send_errors[] = {
	{ -2, "address or page-count is set, and only TX is supported",
	  PROXY "__do_ffa_mem_xfer(); " TFA_MEM "spmc_ffa_mem_send()" },
	{ -2,
	  "the fragment is longer than the descriptor or the buffer, or no buffers are registered",
	  PROXY "__do_ffa_mem_xfer()" },
	{ -2, "the descriptor is not valid", PROXY "__do_ffa_mem_xfer()" },
	{ -3, "the descriptor is longer than the proxy's buffer, or the SPMC has no room for it",
	  PROXY "__do_ffa_mem_xfer(); " TFA_MEM "spmc_ffa_mem_send()" },
	{ -6, "pKVM's proxy: the host may not share these pages", PROXY "ffa_host_share_ranges()" },
	{ -6, "the sender in the descriptor is of the Secure world",
	  TFA_MEM "spmc_ffa_fill_desc()" },
};

static const struct ffa_error retrieve_errors[] = {
	{ -2,
	  "no buffers are registered, the request is in fragments, or it does not fit what was sent",
	  TFA_MEM "spmc_ffa_mem_retrieve_req()" },
	{ -6, "the RX buffer is not free", TFA_MEM "spmc_ffa_mem_retrieve_req()" },
};

static const struct ffa_error relinquish_errors[] = {
	{ -2, "no buffers are registered, the handle is not known, or the memory is not retrieved",
	  TFA_MEM "spmc_ffa_mem_relinquish()" },
};

static const struct ffa_error reclaim_errors[] = {
	{ -2, "the handle is not known, or the flags are not supported",
	  TFA_MEM "spmc_ffa_mem_reclaim()" },
	{ -6, "a borrower has not relinquished the memory", TFA_MEM "spmc_ffa_mem_reclaim()" },
	{ -3, "pKVM's proxy: the descriptor is longer than its buffer", PROXY "do_ffa_reclaim()" },
	{ -8, "pKVM's proxy: the descriptor of the SPMC is not valid", PROXY "do_ffa_reclaim()" },
};

static const struct ffa_error op_errors[] = {
	{ -1, "pKVM's proxy does not support it", PROXY "ffa_call_supported()" },
};

static const struct ffa_error frag_rx_errors[] = {
	{ -2, "the handle or the offset is not valid, or no buffers are registered",
	  TFA_MEM "spmc_ffa_mem_frag_rx()" },
	{ -6, "the RX buffer is not free", TFA_MEM "spmc_ffa_mem_frag_rx()" },
};

static const struct ffa_error frag_tx_errors[] = {
	{ -2, "the handle or the length is not valid, or no buffers are registered",
	  PROXY "do_ffa_mem_frag_tx(); " TFA_MEM "spmc_ffa_mem_frag_tx()" },
	{ -6, "pKVM's proxy: the host may not share these pages", PROXY "ffa_host_share_ranges()" },
};

static const struct ffa_answer resume_answers[] = {
	{ .fid = FFA_FID_SUCCESS, FIELDS(handle_success), .source = CODE },
	{ .fid = 0x8400007a, .note = "the next fragment is asked for", .source = CODE },
	{ .fid = 0x84000078, .note = "paused again", .source = CODE },
};

/* clang-format off */
#define RECLAIM "FFA_MEM_RECLAIM with the handle of the answer"
#define SENDS(word, number, what, verb, undone, reissues)                                        \
	{                                                                                        \
		.name = "FFA_MEM_" word, .fid = 0x84000000 | (number), .since = FFA_VERSION_1_0, \
		.summary = what, CONDUITS_UNKNOWN, FIELDS(send_fields), ANSWERS(send_answers),   \
		ERRORS(send_errors), .changes = verb " memory of the host",                \
		.undo = undone,                                                                  \
		.consent = FFA_CONSENT_ALWAYS, .el2_reissues = reissues,                         \
		.example = "MEM_" word                                                           \
			   " total-length=96 fragment-length=96",                                \
		.note = "the memory region is described in the TX buffer or at address",         \
		.source = CODE,                                                                  \
	},                                                                                       \
	{                                                                                        \
		.name = "FFA_MEM_" word "_64", .fid = 0xc4000000 | (number),                     \
		.since = FFA_VERSION_1_0, .summary = what, CONDUITS_UNKNOWN,                     \
		FIELDS(send_fields_64), ANSWERS(send_answers), ERRORS(send_errors),        \
		.changes = verb " memory of the host",                                           \
		.undo = undone,                                                                  \
		.consent = FFA_CONSENT_ALWAYS, .el2_reissues = reissues,                         \
		.example = "MEM_" word                                                           \
			   "_64 total-length=96 fragment-length=96",                             \
		.note = "the memory region is described in the TX buffer or at address",         \
		.source = CODE,                                                                  \
	}
/* clang-format on */

/* No SPMC gives this handle: the call fails before it changes a transaction of a driver. */
#define UNUSED_HANDLE "handle=0xfffffffffffffffe"

static const struct ffa_call calls[] = {
	SENDS("DONATE", 0x71, "gives memory to another endpoint for good", "gives away", NULL,
	      false),
	SENDS("LEND", 0x72, "lends memory to other endpoints, without access meanwhile", "lends",
	      RECLAIM, true),
	SENDS("SHARE", 0x73, "shares memory with other endpoints", "shares", RECLAIM, true),
	{
		.name = "FFA_MEM_RETRIEVE_REQ",
		.fid = 0x84000074,
		.since = FFA_VERSION_1_0,
		.summary = "asks for access to memory that was sent",
		CONDUITS_UNKNOWN,
		FIELDS(send_fields),
		ANSWERS(retrieve_answers),
		ERRORS(retrieve_errors),
		.changes = "maps memory of another endpoint, and fills the RX buffer",
		.undo = "FFA_MEM_RELINQUISH, FFA_RX_RELEASE",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_RETRIEVE_REQ total-length=64 fragment-length=64",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_RETRIEVE_REQ_64",
		.fid = 0xc4000074,
		.since = FFA_VERSION_1_0,
		.summary = "asks for access to memory that was sent",
		CONDUITS_UNKNOWN,
		FIELDS(send_fields_64),
		ANSWERS(retrieve_answers),
		ERRORS(retrieve_errors),
		.changes = "maps memory of another endpoint, and fills the RX buffer",
		.undo = "FFA_MEM_RELINQUISH, FFA_RX_RELEASE",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_RETRIEVE_REQ_64 total-length=64 fragment-length=64",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_RETRIEVE_RESP",
		.fid = 0x84000075,
		.since = FFA_VERSION_1_0,
		.summary = "answers FFA_MEM_RETRIEVE_REQ, with a descriptor in the RX buffer",
		CONDUITS_UNKNOWN,
		FIELDS(resp_fields),
		.errors_note = "it is an answer",
		.changes = "may end a call that waits for an answer",
		.consent = FFA_CONSENT_ALWAYS,
		.source = CODE,
	},
	{
		.name = "FFA_MEM_RELINQUISH",
		.fid = 0x84000076,
		.since = FFA_VERSION_1_0,
		.summary = "gives up access to memory that was retrieved",
		CONDUITS_UNKNOWN,
		FIELDS(nothing_fields),
		ANSWER_PLAIN,
		ERRORS(relinquish_errors),
		.changes = "gives up access to the memory that the TX buffer names",
		.undo = "FFA_MEM_RETRIEVE_REQ",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_RELINQUISH",
		.note = "the TX buffer describes the memory to give up",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_RECLAIM",
		.fid = 0x84000077,
		.since = FFA_VERSION_1_0,
		.summary = "takes memory back that was sent",
		CONDUITS_UNKNOWN,
		FIELDS(reclaim_fields),
		ALIASES(reclaim_aliases),
		ANSWER_PLAIN,
		ERRORS(reclaim_errors),
		.changes = "takes memory back from its borrowers",
		.undo = "FFA_MEM_SHARE or FFA_MEM_LEND of the same memory",
		.consent = FFA_CONSENT_ALWAYS,
		.el2_reissues = true,
		.control = UNUSED_HANDLE,
		.example = "MEM_RECLAIM handle=0x1",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_OP_PAUSE",
		.fid = 0x84000078,
		.since = FFA_VERSION_1_0,
		.summary = "reports that a memory operation is paused",
		CONDUITS_UNKNOWN,
		FIELDS(op_fields),
		ERRORS(op_errors),
		.changes = "may pause a memory operation",
		.undo = "FFA_MEM_OP_RESUME",
		.consent = FFA_CONSENT_ALWAYS,
		.note = "not in DEN0077A 1.3, Hafnium or TF-A; Arm's arm-ffa crate has the handle in w1 and "
			"w2 as well",
		.source = "include/linux/arm_ffa.h",
	},
	{
		.name = "FFA_MEM_OP_RESUME",
		.fid = 0x84000079,
		.since = FFA_VERSION_1_0,
		.summary = "continues a paused memory operation",
		CONDUITS_UNKNOWN,
		FIELDS(op_fields),
		ANSWERS(resume_answers),
		ERRORS(op_errors),
		.changes = "continues a memory operation",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_OP_RESUME handle=0x1",
		.note = "not in DEN0077A 1.3, Hafnium or TF-A; Arm's arm-ffa crate has the handle in w1 and "
			"w2 as well",
		.source = "include/linux/arm_ffa.h",
	},
	{
		.name = "FFA_MEM_FRAG_RX",
		.fid = 0x8400007a,
		.since = FFA_VERSION_1_0,
		.summary = "asks for the next fragment of a descriptor",
		CONDUITS_UNKNOWN,
		FIELDS(frag_rx_fields),
		ANSWERS(frag_rx_answers),
		ERRORS(frag_rx_errors),
		.changes = "continues a memory operation",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_FRAG_RX handle=0x1 offset=4096",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_FRAG_TX",
		.fid = 0x8400007b,
		.since = FFA_VERSION_1_0,
		.summary = "sends the next fragment of a descriptor",
		CONDUITS_UNKNOWN,
		FIELDS(frag_tx_fields),
		ANSWERS(frag_tx_answers),
		ERRORS(frag_tx_errors),
		.changes = "continues a memory operation",
		.consent = FFA_CONSENT_ALWAYS,
		.el2_reissues = true,
		.control = UNUSED_HANDLE,
		.example = "MEM_FRAG_TX handle=0x1 fragment-length=4096",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_PERM_GET",
		.fid = 0x84000088,
		.since = FFA_VERSION_1_1,
		.summary = "returns the permissions of a partition's own memory",
		.caller = "SP at S-EL0",
		CONDUITS_UNKNOWN,
		FIELDS(perm_get_fields),
		ANSWERS(perm_answers),
		ERRORS(perm_get_errors),
		.example = "MEM_PERM_GET base=0x80000000",
		.source = PERM_SOURCE,
	},
	{
		.name = "FFA_MEM_PERM_GET_64",
		.fid = 0xc4000088,
		.since = FFA_VERSION_1_1,
		.summary = "returns the permissions of a partition's own memory",
		.caller = "SP at S-EL0",
		CONDUITS_UNKNOWN,
		FIELDS(perm_get_fields_64),
		ANSWERS(perm_answers),
		ERRORS(perm_get_errors),
		.example = "MEM_PERM_GET_64 base=0x80000000",
		.source = PERM_SOURCE,
	},
	{
		.name = "FFA_MEM_PERM_SET",
		.fid = 0x84000089,
		.since = FFA_VERSION_1_1,
		.summary = "sets the permissions of a partition's own memory",
		.caller = "SP at S-EL0",
		CONDUITS_UNKNOWN,
		FIELDS(perm_set_fields),
		ALIASES(perm_aliases),
		ANSWER_PLAIN,
		ERRORS(perm_set_errors),
		.changes = "sets permissions of memory",
		.undo = "FFA_MEM_PERM_SET with the permissions that FFA_MEM_PERM_GET returned before",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_PERM_SET base=0x80000000 page-count=1 access=ro",
		.source = PERM_SOURCE,
	},
	{
		.name = "FFA_MEM_PERM_SET_64",
		.fid = 0xc4000089,
		.since = FFA_VERSION_1_1,
		.summary = "sets the permissions of a partition's own memory",
		.caller = "SP at S-EL0",
		CONDUITS_UNKNOWN,
		FIELDS(perm_set_fields_64),
		ALIASES(perm_aliases),
		ANSWER_PLAIN,
		ERRORS(perm_set_errors),
		.changes = "sets permissions of memory",
		.undo = "FFA_MEM_PERM_SET with the permissions that FFA_MEM_PERM_GET returned before",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_PERM_SET_64 base=0x80000000 page-count=1 access=ro",
		.source = PERM_SOURCE,
	},
};

const struct ffa_table ffa_table_memory = { LIST(calls) };
