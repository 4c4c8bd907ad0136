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
	{ .fid = 0x84000078, .note = "paused; FFA_MEM_OP_RESUME goes on", .source = CODE },
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

static const struct ffa_field reclaim_fields[] = {
	HANDLE,
	{ WW(3, 3), .name = "flags", .meaning = "as the memory region's flags", .source = CODE },
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
	{ .fid = 0x84000078, .note = "paused; FFA_MEM_OP_RESUME goes on", .source = CODE },
};

#define PERM_SOURCE "Hafnium inc/vmapi/hf/ffa.h, include/linux/arm_ffa.h; DEN0140 not read"
/* clang-format off */
#define PERM_BASE .name = "base", .meaning = "address of the first page", .source = PERM_SOURCE
#define PERM_PAGES                                                                    \
	.name = "page-count", .type = FFA_TYPE_DECIMAL, .meaning = "number of pages", \
	.source = PERM_SOURCE
#define PERM_ATTRIBUTES \
	.name = "attributes", .meaning = "access permissions", .source = PERM_SOURCE
/* clang-format on */

static const struct ffa_field perm_get_fields[] = {
	{ WW(1, 1), PERM_BASE },
	{ WW(2, 2), PERM_PAGES },
	UNUSED_W(3, 7),
};

static const struct ffa_field perm_get_fields_64[] = {
	{ XX(1, 1), PERM_BASE },
	{ WW(2, 2), PERM_PAGES },
	UNUSED_X7(3),
	UNUSED_X17,
};

static const struct ffa_field perm_set_fields[] = {
	{ WW(1, 1), PERM_BASE },
	{ WW(2, 2), PERM_PAGES },
	{ WW(3, 3), PERM_ATTRIBUTES },
	UNUSED_W(4, 7),
};

static const struct ffa_field perm_set_fields_64[] = {
	{ XX(1, 1), PERM_BASE },
	{ WW(2, 2), PERM_PAGES },
	{ WW(3, 3), PERM_ATTRIBUTES },
	UNUSED_X7(4),
	UNUSED_X17,
};

static const struct ffa_answer unknown_answers[] = {
	{ .fid = FFA_FID_SUCCESS,
	  .note = "the results are in DEN0140, which was not at hand",
	  .source = PERM_SOURCE },
};

/* clang-format off */
#define RECLAIM "FFA_MEM_RECLAIM with the handle of the answer"
#define SENDS(word, number, what, verb, undone, reissues)                                        \
	{                                                                                        \
		.name = "FFA_MEM_" word, .fid = 0x84000000 | (number), .since = FFA_VERSION_1_0, \
		.summary = what, CONDUITS_UNKNOWN, FIELDS(send_fields), ANSWERS(send_answers),   \
		.errors_note = IN_DEN0140, .changes = verb " memory of the host",                \
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
		FIELDS(send_fields_64), ANSWERS(send_answers), .errors_note = IN_DEN0140,        \
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
		.errors_note = IN_DEN0140,
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
		.errors_note = IN_DEN0140,
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
		.errors_note = IN_DEN0140,
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
		.errors_note = IN_DEN0140,
		.changes = "gives up access to the memory that the TX buffer names",
		.undo = "FFA_MEM_RETRIEVE_REQ",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_RELINQUISH",
		.note = "what to give up is described in the TX buffer",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_RECLAIM",
		.fid = 0x84000077,
		.since = FFA_VERSION_1_0,
		.summary = "takes memory back that was sent",
		CONDUITS_UNKNOWN,
		FIELDS(reclaim_fields),
		ANSWER_PLAIN,
		.errors_note = IN_DEN0140,
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
		.summary = "tells that a memory operation pauses",
		CONDUITS_UNKNOWN,
		FIELDS(op_fields),
		.errors_note = NO_ERROR_LIST,
		.changes = "may pause a memory operation",
		.undo = "FFA_MEM_OP_RESUME",
		.consent = FFA_CONSENT_ALWAYS,
		.note = "in the kernel's header; not in DEN0077A 1.3, Hafnium or TF-A",
		.source = "include/linux/arm_ffa.h",
	},
	{
		.name = "FFA_MEM_OP_RESUME",
		.fid = 0x84000079,
		.since = FFA_VERSION_1_0,
		.summary = "goes on with a paused memory operation",
		CONDUITS_UNKNOWN,
		FIELDS(op_fields),
		.errors_note = NO_ERROR_LIST,
		.changes = "goes on with a memory operation",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_OP_RESUME handle=0x1",
		.note = "in the kernel's header; not in DEN0077A 1.3, Hafnium or TF-A",
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
		.errors_note = IN_DEN0140,
		.changes = "goes on with a memory operation",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_FRAG_RX handle=0x1 offset=4096",
		.source = CODE,
	},
	{
		.name = "FFA_MEM_FRAG_TX",
		.fid = 0x8400007b,
		.since = FFA_VERSION_1_0,
		.summary = "hands on the next fragment of a descriptor",
		CONDUITS_UNKNOWN,
		FIELDS(frag_tx_fields),
		ANSWERS(frag_tx_answers),
		.errors_note = IN_DEN0140,
		.changes = "goes on with a memory operation",
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
		.summary = "tells the permissions of a partition's own memory",
		.caller = "SP at S-EL0",
		CONDUITS_UNKNOWN,
		FIELDS(perm_get_fields),
		ANSWERS(unknown_answers),
		.errors_note = IN_DEN0140,
		.example = "MEM_PERM_GET base=0x80000000",
		.note = "the sources count one or two parameters",
		.source = PERM_SOURCE,
	},
	{
		.name = "FFA_MEM_PERM_GET_64",
		.fid = 0xc4000088,
		.since = FFA_VERSION_1_1,
		.summary = "tells the permissions of a partition's own memory",
		.caller = "SP at S-EL0",
		CONDUITS_UNKNOWN,
		FIELDS(perm_get_fields_64),
		ANSWERS(unknown_answers),
		.errors_note = IN_DEN0140,
		.example = "MEM_PERM_GET_64 base=0x80000000",
		.note = "the sources count one or two parameters",
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
		ANSWER_PLAIN,
		.errors_note = IN_DEN0140,
		.changes = "sets permissions of memory",
		.undo = "FFA_MEM_PERM_SET with what FFA_MEM_PERM_GET told before",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_PERM_SET base=0x80000000 page-count=1",
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
		ANSWER_PLAIN,
		.errors_note = IN_DEN0140,
		.changes = "sets permissions of memory",
		.undo = "FFA_MEM_PERM_SET with what FFA_MEM_PERM_GET told before",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MEM_PERM_SET_64 base=0x80000000 page-count=1",
		.source = PERM_SOURCE,
	},
};

const struct ffa_table ffa_table_memory = { LIST(calls) };
