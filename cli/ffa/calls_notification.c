// SPDX-License-Identifier: GPL-2.0-only
/* Notifications, 0x7d to 0x83 (DEN0077A 1.3 ALP4 chapter 16). All came with 1.1. */
#include "ffa/rows.h"

#define SINCE_1_1 .since = FFA_VERSION_1_1

/* ---- BITMAP_CREATE ---- */

static const struct ffa_field create_fields[] = {
	{ W(1, 31, 16), RULES(NONE, MBZ, MBZ, MBZ),
	  .source = SPEC "Table 16.3; 1.1, 1.2: kernel review 2026-05-29" },
	{ W(1, 15, 0), .name = "vm-id", .type = FFA_TYPE_ID,
	  .meaning =
		  "owner of the bitmap: a VM, or 0 for the hypervisor, or for the OS kernel where "
		  "there is none",
	  .source = SPEC "Table 16.3" },
	{ WW(2, 2), .name = "vcpu-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of vCPUs that the VM has; no range is stated",
	  .source = SPEC "Table 16.3" },
	{ W(3, 31, 9), RULES(NONE, MBZ, SBZ, SBZ),
	  .source = SPEC "Table 16.3 (printed there as Bits[32:9]); 1.1, 1.2: w3 is unused" },
	{ W(3, 8, 0), RULES(NONE, MBZ, SBZ, NONE), .name = "sp-notifications",
	  .type = FFA_TYPE_DECIMAL, .meaning = "1.3: number of SP notifications asked for, less 64",
	  .source = SPEC "Table 16.3; 1.1, 1.2: w3 is unused" },
	UNUSED_W(4, 7),
};

static const struct ffa_field create_success[] = {
	{ W(2, 31, 9), RULES(NONE, UNKNOWN, UNKNOWN, SBZ), .unknown = RESULT_UNKNOWN,
	  .source = SPEC "Tables 16.3 to 16.5" },
	{ W(2, 8, 0), RULES(NONE, UNKNOWN, UNKNOWN, NONE), .name = "sp-notifications",
	  .type = FFA_TYPE_DECIMAL, .unknown = "new in 1.3; what held before was not at hand",
	  .meaning = "1.3: number of SP notifications given, less 64; may be more than asked for",
	  .source = SPEC "Tables 16.3 to 16.5, 10.3" },
	NO_RESULT_W(3, 7),
};

static const struct ffa_answer create_answers[] = {
	{ .fid = FFA_FID_SUCCESS, FIELDS(create_success), .source = SPEC "Tables 16.3 to 16.5" },
};

static const struct ffa_error create_errors[] = {
	{ -2, "the VM ID is not recognised", NULL },
	{ -1, "not implemented at this instance", NULL },
	{ -6, "the bitmap was created already", NULL },
	{ -3, "no memory for the bitmap", NULL },
};

/* ---- BITMAP_DESTROY ---- */

static const struct ffa_field destroy_fields[] = {
	{ W(1, 31, 16), RULES(NONE, UNKNOWN, UNKNOWN, SBZ),
	  .unknown =
		  "the 1.1 and 1.2 tables were not at hand; in BITMAP_CREATE the same bits are MBZ",
	  .source = SPEC "Table 16.8" },
	{ W(1, 15, 0), .name = "vm-id", .type = FFA_TYPE_ID, .meaning = "owner of the bitmap",
	  .source = SPEC "Table 16.8" },
	UNUSED_W(2, 7),
};

static const struct ffa_error destroy_errors[] = {
	{ -2, "the VM ID is not recognised", NULL },
	{ -1, "not implemented at this instance", NULL },
	{ -6, "the bitmap was not created, or is not in a masked and non-pending state", NULL },
};

/* ---- BIND ---- */

static const struct ffa_field bind_fields[] = {
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID,
	  .meaning = "endpoint that will be allowed to signal", .source = SPEC "Table 16.12" },
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID,
	  .meaning = "endpoint that will receive: the caller, or a VM on whose behalf the "
		     "hypervisor calls",
	  .source = SPEC "Table 16.12" },
	{ W(2, 31, 1), RULES(NONE, MBZ, UNKNOWN, SBZ),
	  .unknown = "the 1.2 table was not at hand; MBZ in 1.1, SBZ in 1.3",
	  .source = SPEC "Table 16.12; 1.1: Hafnium commit 1daeaeadf27c" },
	{ W(2, 0, 0), .name = "per-vcpu", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: each notification is for one vCPU, 0: for the whole endpoint",
	  .source = SPEC "Table 16.12" },
	{ WW(3, 4), .name = "bitmap", .meaning = "notifications, at least one bit",
	  .source = SPEC "Table 16.12" },
	UNUSED_W(5, 7),
};

static const struct ffa_alias bind_aliases[] = {
	{ RW(2, 0, 0), .name = "flags", .flags = true },
};

static const struct ffa_error bind_errors[] = {
	{ -2, "sender or receiver ID is not valid; 1.3: per-vcpu is set and not supported", NULL },
	{ -2,
	  "the bitmap is empty: not in the list, but Hafnium, the ACS and TF-A's tests expect it",
	  "Hafnium api.c, ACS notification_unbind, TF-A tests" },
	{ -1, "not implemented at this instance", NULL },
	{ -6, "a notification is bound to another sender or is pending, or the caller may not",
	  NULL },
	{ -8, "the sender has aborted", NULL },
};

/* ---- UNBIND ---- */

static const struct ffa_field unbind_fields[] = {
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID,
	  .meaning = "endpoint that was allowed to signal", .source = SPEC "Table 16.16" },
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID,
	  .meaning = "endpoint that receives: the caller, or a VM on whose behalf the hypervisor "
		     "calls",
	  .source = SPEC "Table 16.16" },
	{ WW(2, 2), RULES(NONE, MBZ, UNKNOWN, SBZ),
	  .unknown = "the 1.2 table was not at hand; MBZ in 1.1, SBZ in 1.3",
	  .source = SPEC "Table 16.16; 1.1: ACS ffa_v1.1_test_scenarios.md" },
	{ WW(3, 4), .name = "bitmap", .meaning = "notifications, at least one bit",
	  .source = SPEC "Table 16.16" },
	UNUSED_W(5, 7),
};

static const struct ffa_error unbind_errors[] = {
	{ -2, "an ID is not recognised, or the bitmap is not valid", NULL },
	{ -1, "not implemented at this instance", NULL },
	{ -6, "a notification is bound to another sender or is pending, or the caller may not",
	  NULL },
	{ -8, "the sender has aborted", NULL },
};

/* ---- SET ---- */

static const struct ffa_field set_fields[] = {
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID,
	  .meaning =
		  "endpoint that signals: the caller, or a VM on whose behalf the hypervisor calls",
	  .source = SPEC "Table 16.20" },
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID, .meaning = "endpoint to signal",
	  .source = SPEC "Table 16.20" },
	{ W(2, 31, 16), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL,
	  .meaning = "vCPU of the receiver, if per-vcpu is 1", .source = SPEC "Table 16.20" },
	{ W(2, 15, 2), RULES(NONE, MBZ, MBZ, MBZ),
	  .source = SPEC "Table 16.20; 1.1, 1.2: Hafnium api.c (1.1 BET0 Table 17.19)" },
	{ W(2, 1, 1), .name = "delay-sri", .type = FFA_TYPE_DECIMAL,
	  .meaning = "hint to delay the Schedule Receiver interrupt; valid at the Secure virtual "
		     "instance only",
	  .source = SPEC "16.5.1" },
	{ W(2, 0, 0), .name = "per-vcpu", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: every notification of the bitmap is per-vCPU, 0: every one is global",
	  .source = SPEC "Table 16.20" },
	{ WW(3, 4), .name = "bitmap", .meaning = "notifications to signal, at least one bit",
	  .source = SPEC "Table 16.20" },
	UNUSED_W(5, 7),
};

static const struct ffa_restriction set_restrictions[] = {
	{ W(2, 31, 16), .zero = BITS(2, 0, 0), RULES(NONE, MBZ, MBZ, MBZ),
	  .when = "while per-vcpu is 0",
	  .source = SPEC "Table 16.20; 1.1, 1.2: Hafnium api.c, ACS notification_set" },
	{ W(2, 1, 1), RULES(NONE, UNKNOWN, MBZ, MBZ), .when = "at the Non-secure physical instance",
	  .unknown = "the 1.1 table was not at hand; MBZ in 1.2 and 1.3",
	  .source = SPEC "16.5.1; 1.2: Hafnium commit 41c5da385103 (1.2 EAC0 16.5.1)" },
};

static const struct ffa_alias set_aliases[] = {
	{ RW(2, 1, 0), .name = "flags", .flags = true },
};

static const struct ffa_error set_errors[] = {
	{ -2, "an ID is not recognised, or the flags are not valid", NULL },
	{ -2, "per-vcpu is 0 and vcpu-id is not", NULL },
	{ -2, "per-vcpu is 0 and a notification of the bitmap is per-vCPU", NULL },
	{ -2, "per-vcpu is 1 and a notification of the bitmap is global", NULL },
	{ -2, "per-vcpu is 1 and not supported", NULL },
	{ -1, "not implemented at this instance", NULL },
	{ -6, "the sender may not signal a notification, or the receiver takes none", NULL },
	{ -8, "the receiver has aborted", NULL },
};

/* ---- GET ---- */

static const struct ffa_field get_fields[] = {
	{ W(1, 31, 16), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL,
	  .meaning = "vCPU of the receiver (the high half here)", .source = SPEC "Table 16.24" },
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID,
	  .meaning = "the caller, or a VM on whose behalf the hypervisor calls",
	  .source = SPEC "Table 16.24" },
	{ W(2, 31, 4), RULES(NONE, MBZ, SBZ, SBZ),
	  .source = SPEC "Table 16.24; 1.1: Hafnium commit fc95a30e (1.1 EAC0); 1.2: ACS commits "
			 "7fd709a, d679492" },
	{ W(2, 3, 3), .name = "hyp", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return the hypervisor's framework notifications",
	  .source = SPEC "Table 16.24" },
	{ W(2, 2, 2), .name = "spm", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return the SPM's framework notifications", .source = SPEC "Table 16.24" },
	{ W(2, 1, 1), .name = "vm", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return notifications from VMs", .source = SPEC "Table 16.24" },
	{ W(2, 0, 0), .name = "sp", .type = FFA_TYPE_DECIMAL,
	  .meaning = "return notifications from SPs", .source = SPEC "Table 16.24" },
	UNUSED_W(3, 7),
};

static const struct ffa_restriction get_restrictions[] = {
	{ W(2, 3, 3), RULES(NONE, MBZ, SBZ, SBZ), .when = "at the Non-secure physical instance",
	  .source = SPEC "Table 16.24; release notes of 1.2 BET0 (relaxed from MBZ to SBZ)" },
	{ W(2, 1, 1), RULES(NONE, MBZ, SBZ, SBZ), .when = "at the Non-secure physical instance",
	  .source = SPEC "Table 16.24; release notes of 1.2 BET0 (relaxed from MBZ to SBZ)" },
};

static const struct ffa_alias get_aliases[] = {
	{ RW(2, 3, 0), .name = "flags", .flags = true },
};

static const struct ffa_field get_success[] = {
	{ WW(2, 3), .name = "sp-bitmap", .meaning = "pending from SPs, if sp was 1",
	  .source = SPEC "Tables 16.24 to 16.26" },
	{ WW(4, 5), .name = "vm-bitmap", .meaning = "pending from VMs, if vm was 1",
	  .source = SPEC "Tables 16.24 to 16.26" },
	{ WW(6, 6), .name = "spm-bitmap",
	  .meaning = "SPM framework notifications, if spm was 1; bit 0: RX buffer full, others "
		     "reserved",
	  .source = SPEC "Tables 16.24 to 16.26, 10.8.1" },
	{ WW(7, 7), .name = "hyp-bitmap",
	  .meaning = "hypervisor framework notifications, if hyp was 1; bit 0: RX buffer full, "
		     "others reserved",
	  .source = SPEC "Tables 16.24 to 16.26, 10.8.1" },
};

static const struct ffa_answer get_answers[] = {
	{ .fid = FFA_FID_SUCCESS,
	  FIELDS(get_success),
	  .note = "the call clears the notifications that it returns",
	  .source = SPEC "Tables 16.24 to 16.26, 10.5" },
};

static const struct ffa_error get_errors[] = {
	{ -2, "the receiver is not recognised, or the flags are badly encoded", NULL },
	{ -6, "the caller may not", NULL },
	{ -1, "not implemented at this instance", NULL },
};

/* ---- INFO_GET ---- */

#define INFO_UNKNOWN \
	"the 1.1 table was not at hand; MBZ by the general rule of 1.1 for unused registers"
#define INFO_SOURCE SPEC "Tables 16.46 to 16.50, 11.2"

static const struct ffa_field info_fields[] = {
	{ WW(1, 7), RULES(NONE, UNKNOWN, SBZ, SBZ), .unknown = INFO_UNKNOWN,
	  .source = INFO_SOURCE },
};

static const struct ffa_field info_fields_64[] = {
	{ XX(1, 7), RULES(NONE, UNKNOWN, SBZ, SBZ), .unknown = INFO_UNKNOWN,
	  .source = INFO_SOURCE },
	{ XX(8, 17), RULES(NONE, NO_PARAMETER, SBZ, SBZ), .source = INFO_SOURCE },
};

#define INFO_SIZES "2 bits a list, the first in the lowest: number of its IDs, less 1"
#define INFO_IDS                                                                                \
	"16 bits each, the first in bits 15:0 of the first register; a list is an endpoint ID " \
	"and 0 to 3 vCPU IDs"

static const struct ffa_field info_success[] = {
	{ W(2, 31, 12), .name = "sizes", .meaning = INFO_SIZES,
	  .source = SPEC "Tables 16.46 to 16.50" },
	{ W(2, 11, 11), RULES(NONE, MBZ, MBZ, MBZ), .source = SPEC "Tables 16.46 to 16.50" },
	{ W(2, 10, 7), .name = "lists", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of lists, to 10", .source = SPEC "Tables 16.46 to 16.50" },
	{ W(2, 6, 1), RULES(NONE, MBZ, MBZ, MBZ), .source = SPEC "Tables 16.46 to 16.50" },
	{ W(2, 0, 0), .name = "more", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: more are pending, call again", .source = SPEC "Tables 16.46 to 16.50" },
	{ WW(3, 7), .name = "ids", .meaning = INFO_IDS, .source = SPEC "Tables 16.46 to 16.50" },
};

static const struct ffa_field info_success_64[] = {
	{ X(2, 63, 52), RULES(NONE, MBZ, MBZ, MBZ), .source = SPEC "Tables 16.46 to 16.50" },
	{ X(2, 51, 12), .name = "sizes", .meaning = INFO_SIZES,
	  .source = SPEC "Tables 16.46 to 16.50" },
	{ X(2, 11, 7), .name = "lists", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of lists, to 20", .source = SPEC "Tables 16.46 to 16.50" },
	{ X(2, 6, 1), RULES(NONE, MBZ, MBZ, MBZ), .source = SPEC "Tables 16.46 to 16.50" },
	{ X(2, 0, 0), .name = "more", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: more are pending, call again", .source = SPEC "Tables 16.46 to 16.50" },
	{ XX(3, 7), .name = "ids", .meaning = INFO_IDS, .source = SPEC "Tables 16.46 to 16.50" },
	{ XX(8, 17), RULES(NONE, NO_PARAMETER, MBZ, MBZ), .source = SPEC "11.2 (ERET)" },
};

#define INFO_NOTE "pending notifications are listed once only"

static const struct ffa_answer info_answers[] = {
	{ .fid = FFA_FID_SUCCESS,
	  FIELDS(info_success),
	  .result = FFA_RESULT_LISTS,
	  .note = INFO_NOTE,
	  .source = SPEC "Tables 16.46 to 16.50, 16.11.1" },
};

static const struct ffa_answer info_answers_64[] = {
	{ .fid = FFA_FID_SUCCESS_64,
	  FIELDS(info_success_64),
	  .result = FFA_RESULT_LISTS,
	  .note = INFO_NOTE "; FFA_SUCCESS_64 only if a register holds a 64-bit value",
	  .source = SPEC "Tables 12.7, 16.46 to 16.50, 16.11.1" },
	{ .fid = FFA_FID_SUCCESS,
	  FIELDS(info_success),
	  .result = FFA_RESULT_LISTS,
	  .note = INFO_NOTE,
	  .source = SPEC "Tables 12.7, 16.46 to 16.50, 16.11.1" },
};

static const struct ffa_error info_errors[] = {
	{ -9, "nothing is pending", NULL },
	{ -1, "not implemented at this instance; always to an SP", NULL },
};

#define INFO_CALLER                                                                              \
	"hypervisor or OS kernel; at the Non-secure virtual instance the VM that schedules the " \
	"receivers"

/* Bits that drivers, who count from 0, reach last; one in each half. */
#define HIGH_BITMAP "sender={partition} receiver=0 bitmap=0x8000000080000000"

/* Not the host: two VMs, the SPMC of the lab, the highest ID, and a partition. */
#define OTHERS(field) \
	field "=1; " field "=32767; " field "=0x8000; " field "=0xffff; " field "={partition}"

static const struct ffa_call calls[] = {
	{
		.name = "FFA_NOTIFICATION_BITMAP_CREATE",
		.fid = 0x8400007d,
		SINCE_1_1,
		.summary = "creates the bitmap for notifications to a VM",
		.caller = "hypervisor for a VM or itself; OS kernel for ID 0 where there is none",
		CONDUITS(SMC, ERET, NOT, NOT),
		FIELDS(create_fields),
		ANSWERS(create_answers),
		ERRORS(create_errors),
		.changes = "creates the VM's notification bitmap",
		.undo = "FFA_NOTIFICATION_BITMAP_DESTROY of the same vm-id",
		.undo_fid = 0x8400007e,
		.control = "vm-id=0 vcpu-count={cpus}",
		.values = OTHERS("vm-id") "; vcpu-count=0; vcpu-count=65535",
		.harmless = "vcpu-count=65535",
		.example = "NOTIFICATION_BITMAP_CREATE vm-id=0 vcpu-count=4",
		.note = "FFA_FEATURES of this identifier shows whether there is a hypervisor: "
			"NOT_SUPPORTED if so",
		.source = SPEC "Tables 16.2 to 16.5, 10.9",
	},
	{
		.name = "FFA_NOTIFICATION_BITMAP_DESTROY",
		.fid = 0x8400007e,
		SINCE_1_1,
		.summary = "destroys the bitmap for notifications to a VM",
		.caller = "hypervisor for a VM or itself; OS kernel for ID 0 where there is none",
		CONDUITS(SMC, ERET, NOT, NOT),
		FIELDS(destroy_fields),
		ANSWER_PLAIN,
		ERRORS(destroy_errors),
		.changes = "takes away the VM's notification bitmap",
		.undo = "FFA_NOTIFICATION_BITMAP_CREATE of the same vm-id, with its vcpu-count",
		.consent = FFA_CONSENT_ALWAYS,
		.undo_fid = 0x8400007d,
		.first = FFA_FIRST_ANYBODY,
		.control = "vm-id=0",
		.values = OTHERS("vm-id"),
		.example = "NOTIFICATION_BITMAP_DESTROY vm-id=0",
		.source = SPEC "Tables 16.7 to 16.9",
	},
	{
		.name = "FFA_NOTIFICATION_BIND",
		.fid = 0x8400007f,
		SINCE_1_1,
		.summary = "allows a sender to signal notifications to a receiver",
		.caller = "receiver, or hypervisor on behalf of the VM in receiver",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(bind_fields),
		ALIASES(bind_aliases),
		ANSWER_PLAIN,
		ERRORS(bind_errors),
		.changes = "binds the receiver's notifications to the sender",
		.undo = "FFA_NOTIFICATION_UNBIND of the same sender, receiver and bitmap",
		.consent = FFA_CONSENT_ALWAYS,
		.undo_fid = 0x84000080,
		.control = HIGH_BITMAP,
		.values = OTHERS("receiver") "; sender=0; sender=0xffff; bitmap=0; per-vcpu=1",
		.harmless = "bitmap=0",
		.example = "NOTIFICATION_BIND sender=0x8001 receiver=0 bitmap=0x20",
		.source = SPEC "Tables 16.11 to 16.13",
	},
	{
		.name = "FFA_NOTIFICATION_UNBIND",
		.fid = 0x84000080,
		SINCE_1_1,
		.summary = "withdraws a sender's permission to signal notifications",
		.caller = "receiver, or hypervisor on behalf of the VM in receiver",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(unbind_fields),
		ANSWER_PLAIN,
		ERRORS(unbind_errors),
		.changes = "unbinds the receiver's notifications from the sender",
		.undo = "FFA_NOTIFICATION_BIND of the same sender, receiver and bitmap, with the "
			"per-vcpu flag that it had",
		.consent = FFA_CONSENT_ALWAYS,
		.undo_fid = 0x8400007f,
		.first = FFA_FIRST_OURS,
		.control = HIGH_BITMAP,
		.values = OTHERS("receiver") "; sender=0; sender=0xffff; bitmap=0",
		.harmless = "bitmap=0",
		.example = "NOTIFICATION_UNBIND sender=0x8001 receiver=0 bitmap=0x20",
		.source = SPEC "Tables 16.15 to 16.17",
	},
	{
		.name = "FFA_NOTIFICATION_SET",
		.fid = 0x84000081,
		SINCE_1_1,
		.summary = "signals notifications to a receiver",
		.caller = "sender, or hypervisor on behalf of the VM in sender",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(set_fields),
		RESTRICTIONS(set_restrictions),
		ALIASES(set_aliases),
		ANSWER_PLAIN,
		ERRORS(set_errors),
		.changes = "makes notifications of the receiver pending",
		.undo = "FFA_NOTIFICATION_GET by the receiver",
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition} bitmap=0x8000000080000000",
		.values =
			OTHERS("sender") "; receiver=0; receiver=0xffff; bitmap=0; per-vcpu=1; "
					 "per-vcpu=1 vcpu-id={last-cpu}; per-vcpu=1 vcpu-id=65535",
		.example = "NOTIFICATION_SET sender=0 receiver=0x8001 bitmap=0x20",
		.note = "setting a notification that is pending already has no effect",
		.source = SPEC "Tables 16.19 to 16.21, 16.5.1",
	},
	{
		.name = "FFA_NOTIFICATION_GET",
		.fid = 0x84000082,
		SINCE_1_1,
		.summary = "takes the pending notifications of a receiver",
		.caller = "receiver, or hypervisor on behalf of the VM in receiver",
		CONDUITS(SMC, ERET, VIRT, SVIRT),
		FIELDS(get_fields),
		RESTRICTIONS(get_restrictions),
		ALIASES(get_aliases),
		ANSWERS(get_answers),
		ERRORS(get_errors),
		.changes = "clears the pending notifications that it returns",
		.undo = NULL,
		.consent = FFA_CONSENT_IF_SET,
		.consent_bits = BITS(2, 3, 0),
		.control = "vcpu-id={last-cpu} receiver=0",
		.values = OTHERS("receiver") "; vcpu-id=65535",
		.example = "NOTIFICATION_GET receiver=0 vcpu-id=0",
		.note = "with no flag set nothing is returned and nothing is cleared",
		.source = SPEC "Tables 16.23 to 16.26, 10.5",
	},
	{
		.name = "FFA_NOTIFICATION_INFO_GET",
		.fid = 0x84000083,
		SINCE_1_1,
		.summary = "lists the endpoints and vCPUs with pending notifications",
		.caller = INFO_CALLER,
		CONDUITS(SMC, ERET, VIRT, NOT),
		FIELDS(info_fields),
		ANSWERS(info_answers),
		ERRORS(info_errors),
		.changes = "takes the list of pending notifications away from the host's driver",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "NOTIFICATION_INFO_GET",
		.note = "a list is returned once: arm_ffa's handler then finds nothing (16.11.1)",
		.source = SPEC "Tables 16.45 to 16.50, 16.11.1",
	},
	{
		.name = "FFA_NOTIFICATION_INFO_GET_64",
		.fid = 0xc4000083,
		SINCE_1_1,
		.summary = "lists the endpoints and vCPUs with pending notifications",
		.caller = INFO_CALLER,
		CONDUITS(SMC, ERET, VIRT, NOT),
		FIELDS(info_fields_64),
		ANSWERS(info_answers_64),
		ERRORS(info_errors),
		.changes = "takes the list of pending notifications away from the host's driver",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "NOTIFICATION_INFO_GET_64",
		.note = "a list is returned once: arm_ffa's handler then finds nothing (16.11.1)",
		.source = SPEC "Tables 16.45 to 16.50, 16.11.1",
	},
};

const struct ffa_table ffa_table_notifications = { LIST(calls) };
