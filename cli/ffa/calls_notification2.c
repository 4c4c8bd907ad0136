// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notification calls of 1.3 with up to 384 notifications, 0x94 to 0x97: SMC64 only
 * (DEN0077A 1.3 ALP4 Tables 16.28 to 16.43).
 */
#include "ffa/rows.h"

#define TABLES	 SPEC "Tables 16.28 to 16.43"
#define ONLY_SBZ RULES(NONE, NONE, NONE, SBZ)

/* clang-format off */
#define SENDER_RECEIVER                                                                            \
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID, .meaning = "endpoint that signals", \
	  .source = TABLES },                                                                      \
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID,                                    \
	  .meaning = "endpoint that receives", .source = TABLES }
#define BITMAP                                                                               \
	{ XX(3, 8), .name = "bitmap",                                                        \
	  .meaning = "notifications 0 to 383, at least one bit; MBZ for those that are not " \
		     "implemented",                                                          \
	  .source = TABLES }
/* clang-format on */

static const struct ffa_field bind2_fields[] = {
	SENDER_RECEIVER,
	{ X(2, 63, 1), ONLY_SBZ, .source = TABLES },
	{ X(2, 0, 0), .name = "per-vcpu", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: each notification is for one vCPU, 0: for the whole endpoint",
	  .source = TABLES },
	BITMAP,
	{ XX(9, 17), ONLY_SBZ, .source = TABLES },
};

static const struct ffa_field unbind2_fields[] = {
	SENDER_RECEIVER,
	{ XX(2, 2), ONLY_SBZ, .source = TABLES },
	BITMAP,
	{ XX(9, 17), ONLY_SBZ, .source = TABLES },
};

static const struct ffa_field set2_fields[] = {
	SENDER_RECEIVER,
	{ X(2, 63, 16), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL,
	  .meaning = "vCPU of the receiver, if per-vcpu is 1", .source = TABLES },
	{ X(2, 15, 2), RULES(NONE, NONE, NONE, MBZ), .source = TABLES },
	{ X(2, 1, 1), .name = "delay-sri", .type = FFA_TYPE_DECIMAL,
	  .meaning = "hint to delay the Schedule Receiver interrupt", .source = TABLES },
	{ X(2, 0, 0), .name = "per-vcpu", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: every notification of the bitmap is per-vCPU, 0: every one is global",
	  .source = TABLES },
	BITMAP,
	{ XX(9, 17), ONLY_SBZ, .source = TABLES },
};

#define SET2_UNKNOWN "the sources state it for FFA_NOTIFICATION_SET only, where it is MBZ"

static const struct ffa_restriction set2_restrictions[] = {
	{ X(2, 63, 16), .zero = BITS(2, 0, 0), RULES(NONE, NONE, NONE, MBZ),
	  .when = "while per-vcpu is 0", .source = TABLES " (INVALID_PARAMETERS)" },
	{ X(2, 1, 1), RULES(NONE, NONE, NONE, UNKNOWN),
	  .when = "at the Non-secure physical instance", .unknown = SET2_UNKNOWN,
	  .source = TABLES },
};

static const struct ffa_field get2_fields[] = {
	{ W(1, 31, 16), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL,
	  .meaning = "vCPU of the receiver (the high half here)", .source = TABLES },
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID, .meaning = "endpoint that receives",
	  .source = TABLES },
	{ X(2, 63, 4), ONLY_SBZ, .source = TABLES },
	{ X(2, 3, 3), .name = "hyp", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return the hypervisor's framework notifications", .source = TABLES },
	{ X(2, 2, 2), .name = "spm", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return the SPM's framework notifications", .source = TABLES },
	{ X(2, 1, 1), .name = "vm", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return notifications from VMs", .source = TABLES },
	{ X(2, 0, 0), .name = "sp", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return notifications from SPs", .source = TABLES },
	{ XX(3, 8), .name = "sp-mask",
	  .meaning = "notifications from SPs that are not to be returned", .source = TABLES },
	{ XX(9, 14), .name = "vm-mask",
	  .meaning = "notifications from VMs that are not to be returned", .source = TABLES },
	{ XX(15, 15), .name = "spm-mask",
	  .meaning = "SPM framework notifications that are not to be returned", .source = TABLES },
	{ XX(16, 16), .name = "hyp-mask",
	  .meaning = "hypervisor framework notifications that are not to be returned",
	  .source = TABLES },
	{ XX(17, 17), ONLY_SBZ, .source = TABLES },
};

static const struct ffa_restriction get2_restrictions[] = {
	{ X(2, 3, 3), ONLY_SBZ, .when = "at the Non-secure physical instance", .source = TABLES },
	{ X(2, 1, 1), ONLY_SBZ, .when = "at the Non-secure physical instance", .source = TABLES },
	{ XX(3, 8), .zero = BITS(2, 0, 0), ONLY_SBZ, .when = "while sp is 0", .source = TABLES },
	{ XX(9, 14), .zero = BITS(2, 1, 1), ONLY_SBZ, .when = "while vm is 0", .source = TABLES },
	{ XX(15, 15), .zero = BITS(2, 2, 2), ONLY_SBZ, .when = "while spm is 0", .source = TABLES },
	{ XX(16, 16), .zero = BITS(2, 3, 3), ONLY_SBZ, .when = "while hyp is 0", .source = TABLES },
};

static const struct ffa_alias bind2_aliases[] = {
	{ RW(2, 0, 0), .name = "flags", .flags = true },
};

static const struct ffa_alias set2_aliases[] = {
	{ RW(2, 1, 0), .name = "flags", .flags = true },
};

static const struct ffa_alias get2_aliases[] = {
	{ RW(2, 3, 0), .name = "flags", .flags = true },
};

static const struct ffa_field get2_success[] = {
	{ XX(2, 2), RULES(NONE, NONE, NONE, MBZ), .source = TABLES },
	{ XX(3, 8), .name = "sp-bitmap", .meaning = "pending from SPs, if sp was 1",
	  .source = TABLES },
	{ XX(9, 14), .name = "vm-bitmap", .meaning = "pending from VMs, if vm was 1",
	  .source = TABLES },
	{ XX(15, 15), .name = "spm-bitmap", .meaning = "SPM framework notifications, if spm was 1",
	  .source = TABLES },
	{ XX(16, 16), .name = "hyp-bitmap",
	  .meaning = "hypervisor framework notifications, if hyp was 1", .source = TABLES },
	{ XX(17, 17), ONLY_SBZ, .source = RESULT_SOURCE },
};

static const struct ffa_answer get2_answers[] = {
	{ .fid = FFA_FID_SUCCESS_64,
	  FIELDS(get2_success),
	  .note = "the call clears the notifications that it returns",
	  .source = TABLES },
};

/* The errors of the calls of 1.1, and those for the larger bitmap. */
#define NOT_BOUND "a notification is bound to another sender or is pending, or the caller may not"

static const struct ffa_error bind2_errors[] = {
	{ -2, "the bitmap is empty, or names a notification over the supported number", NULL },
	{ -2, "sender or receiver ID is not valid; per-vcpu is set and not supported", NULL },
	NOT_HERE,
	{ -6, NOT_BOUND, NULL },
	{ -8, "the sender has aborted", NULL },
};

static const struct ffa_error unbind2_errors[] = {
	{ -2, "an ID is not recognised, or the bitmap is not valid", NULL },
	NOT_HERE,
	{ -6, NOT_BOUND, NULL },
	{ -8, "the sender has aborted", NULL },
};

static const struct ffa_error set2_errors[] = {
	{ -2, "an ID is not recognised, or the flags are not valid", NULL },
	{ -2, "per-vcpu is 0 and vcpu-id is not", NULL },
	NOT_HERE,
	{ -6, "the sender may not signal a notification, or the receiver takes none", NULL },
	{ -8, "the receiver has aborted", NULL },
};

static const struct ffa_error get2_errors[] = {
	{ -2, "the receiver is not recognised, or the flags are badly encoded", NULL },
	{ -6, "the caller may not", NULL },
	NOT_HERE,
};

/* Within the first 64, which every SPMC has; bits that drivers reach last. */
#define HIGH_BITMAP "sender={partition} receiver=0 bitmap=0x8000000080000000"

static const struct ffa_call calls[] = {
	{
		.name = "FFA_NOTIFICATION_BIND2",
		.fid = 0xc4000094,
		.since = FFA_VERSION_1_3,
		.summary = "allows a sender to signal notifications to a receiver, up to 384",
		.caller = "receiver, or hypervisor on behalf of the VM in receiver",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(bind2_fields),
		ALIASES(bind2_aliases),
		ANSWER_PLAIN,
		ERRORS(bind2_errors),
		.changes = "binds the receiver's notifications to the sender",
		.undo = "FFA_NOTIFICATION_UNBIND2 of the same sender, receiver and bitmap",
		.consent = FFA_CONSENT_ALWAYS,
		.undo_fid = 0xc4000095,
		.control = HIGH_BITMAP,
		.example = "NOTIFICATION_BIND2 sender=0x8001 receiver=0 bitmap=0x20",
		.source = TABLES,
	},
	{
		.name = "FFA_NOTIFICATION_UNBIND2",
		.fid = 0xc4000095,
		.since = FFA_VERSION_1_3,
		.summary = "withdraws a sender's permission to signal notifications, up to 384",
		.caller = "receiver, or hypervisor on behalf of the VM in receiver",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(unbind2_fields),
		ANSWER_PLAIN,
		ERRORS(unbind2_errors),
		.changes = "unbinds the receiver's notifications from the sender",
		.undo = "FFA_NOTIFICATION_BIND2 of the same sender, receiver and bitmap, with the "
			"per-vcpu flag that it had",
		.consent = FFA_CONSENT_ALWAYS,
		.undo_fid = 0xc4000094,
		.first = FFA_FIRST_OURS,
		.control = HIGH_BITMAP,
		.example = "NOTIFICATION_UNBIND2 sender=0x8001 receiver=0 "
			   "bitmap=0x20",
		.source = TABLES,
	},
	{
		.name = "FFA_NOTIFICATION_SET2",
		.fid = 0xc4000096,
		.since = FFA_VERSION_1_3,
		.summary = "signals notifications to a receiver, up to 384",
		.caller = "sender, or hypervisor on behalf of the VM in sender",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(set2_fields),
		RESTRICTIONS(set2_restrictions),
		ALIASES(set2_aliases),
		ANSWER_PLAIN,
		ERRORS(set2_errors),
		.changes = "makes notifications of the receiver pending",
		.undo = "FFA_NOTIFICATION_GET2 by the receiver",
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition} bitmap=0x8000000080000000",
		.example = "NOTIFICATION_SET2 sender=0 receiver=0x8001 bitmap=0x20",
		.source = TABLES,
	},
	{
		.name = "FFA_NOTIFICATION_GET2",
		.fid = 0xc4000097,
		.since = FFA_VERSION_1_3,
		.summary = "takes the pending notifications of a receiver, up to 384",
		.caller = "receiver, or hypervisor on behalf of the VM in receiver",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(get2_fields),
		RESTRICTIONS(get2_restrictions),
		ALIASES(get2_aliases),
		ANSWERS(get2_answers),
		ERRORS(get2_errors),
		.changes = "clears the pending notifications that it returns",
		.consent = FFA_CONSENT_IF_SET,
		.consent_bits = BITS(2, 3, 0),
		.control = "vcpu-id={last-cpu} receiver=0",
		.example = "NOTIFICATION_GET2 receiver=0 vcpu-id=0",
		.note = "with no flag set nothing is returned and nothing is cleared",
		.source = TABLES,
	},
};

const struct ffa_table ffa_table_notifications2 = { LIST(calls) };
