// SPDX-License-Identifier: GPL-2.0-only
/* Messages and CPU cycles, 0x6a to 0x70 and later forms. */
#include "ffa/rows.h"

/* ---- legacy of 1.0 ---- */

static const struct ffa_field poll_fields[] = {
	{ WW(1, 7), RULES(MBZ, NONE, NONE, NONE), .source = UNUSED_SOURCE },
};

#define SEND_SOURCE "Hafnium inc/vmapi/hf/call.h (ffa_msg_send()); FF-A ACS"

static const struct ffa_field send_fields[] = {
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID, .meaning = "endpoint that sends",
	  .source = SEND_SOURCE },
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID, .meaning = "endpoint that receives",
	  .source = SEND_SOURCE },
	{ WW(2, 2), RULES(MBZ, NONE, NONE, NONE), .source = SEND_SOURCE },
	{ WW(3, 3), .name = "size", .type = FFA_TYPE_DECIMAL,
	  .meaning = "bytes of the message in the TX buffer", .source = SEND_SOURCE },
	{ WW(4, 4), .name = "attributes",
	  .meaning = "bit 0: notify the sender when the RX buffer is free again",
	  .source = SEND_SOURCE },
	{ WW(5, 7), RULES(MBZ, NONE, NONE, NONE), .source = UNUSED_SOURCE },
};

static const struct ffa_answer poll_answers[] = {
	{ .fid = 0x8400006e,
	  .note = "a message is in the RX buffer",
	  .source = ACS_LIST "10.4; Hafnium inc/vmapi/hf/call.h" },
};

#define SEND_1_0 ACS_LIST "10.1"

static const struct ffa_error send_errors[] = {
	{ -2, "a field is not valid", SEND_1_0 },
	{ -4, "the receiver's RX buffer is not free", SEND_1_0 },
	{ -6, "the callee is not in a state to handle the call", SEND_1_0 },
	{ -3, "no memory to handle the call, or the message does not fit", SEND_1_0 },
	{ -1, "not implemented at this instance", SEND_1_0 },
};

static const struct ffa_error poll_errors[] = {
	{ -7, "no message is in the RX buffer", ACS_LIST "10.4" },
	{ -1, "not implemented at this instance", ACS_LIST "10.4" },
};

/* ---- CPU cycles ---- */

static const struct ffa_field wait_fields[] = {
	UNUSED_W(1, 1),
	{ W(2, 31, 1), RULES(MBZ, MBZ, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE "; 1.0, 1.1: w2 is unused" },
	{ W(2, 0, 0), RULES(MBZ, MBZ, NONE, NONE), .name = "retain-rx", .type = FFA_TYPE_DECIMAL,
	  .meaning = "from 1.2 on: 1: keep the RX buffer",
	  .source = CALL_TABLE "; 1.0, 1.1: w2 is unused" },
	UNUSED_W(3, 7),
};

static const struct ffa_field wait_fields_64[] = {
	UNUSED_X(1, 1),
	{ W(2, 31, 1), RULES(NONE, NONE, NONE, SBZ), .source = CALL_TABLE },
	{ W(2, 0, 0), .name = "retain-rx", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: keep the RX buffer", .source = CALL_TABLE },
	UNUSED_X(3, 17),
};

/* clang-format off */
#define YIELD_ROWS                                                                             \
	{ W(1, 31, 16), .name = "endpoint", .type = FFA_TYPE_ID,                               \
	  .meaning = "endpoint that yields",                                                   \
	  .source = SPEC "14.2" },                                                             \
	{ W(1, 15, 0), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL, .meaning = "its vCPU",     \
	  .source = SPEC "14.2" },                                                             \
	{ WW(2, 3), RULES(MBZ, MBZ, NONE, NONE), .name = "timeout",                            \
	  .meaning = "from 1.2 on: time after which to run it again; MBZ except where 14.2 says " \
		     "otherwise",                                                              \
	  .source = SPEC "14.2; Hafnium commit 184501cb (1.2); before: " ACS_LIST "9.2" }
/* clang-format on */

static const struct ffa_field yield_fields[] = {
	YIELD_ROWS,
	UNUSED_W(4, 7),
};

static const struct ffa_field yield_fields_64[] = {
	YIELD_ROWS,
	UNUSED_X(4, 17),
};

/* clang-format off */
#define RUN_ROWS                                                                               \
	{ W(1, 31, 16), .name = "endpoint", .type = FFA_TYPE_ID, .meaning = "endpoint to run", \
	  .source = CALL_TABLE },                                                              \
	{ W(1, 15, 0), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL, .meaning = "its vCPU",     \
	  .source = CALL_TABLE }
/* clang-format on */

static const struct ffa_field run_fields[] = {
	RUN_ROWS,
	UNUSED_W(2, 7),
};

static const struct ffa_field run_fields_64[] = {
	RUN_ROWS,
	UNUSED_X(2, 17),
};

#define RUN_ERROR ACS_LIST "9.3"

static const struct ffa_answer run_answers[] = {
	{ .fid = 0x84000062,
	  .note = "an interrupt came",
	  .source = "drivers/firmware/arm_ffa/driver.c" },
	{ .fid = 0x8400006c, .note = "the endpoint yields", .source = CALL_TABLE },
	{ .fid = 0x8400006b, .note = "the endpoint waits for work", .source = CALL_TABLE },
	{ .fid = 0x84000070,
	  .note = "the endpoint answers a direct request",
	  .source = CALL_TABLE },
	{ .fid = 0xc4000070,
	  .note = "the endpoint answers a direct request",
	  .source = CALL_TABLE },
	{ .fid = 0xc400008e,
	  .note = "the endpoint answers FFA_MSG_SEND_DIRECT_REQ2",
	  .source = CALL_TABLE },
	{ .fid = 0xc4000062, .note = "1.3: an interrupt came", .source = SPEC "14.4" },
	{ .fid = 0xc400006c, .note = "1.3: the endpoint yields", .source = SPEC "14.2" },
	{ .fid = 0xc400006b, .note = "1.3: the endpoint waits for work", .source = CALL_TABLE },
};

static const struct ffa_error run_errors[] = {
	{ -2, "the endpoint or vCPU ID is not recognised", RUN_ERROR },
	{ -1, "not implemented at this instance, or the caller does not schedule", RUN_ERROR },
	{ -6, "the callee is not in a state to handle the call", RUN_ERROR },
	{ -4, "the vCPU is busy", RUN_ERROR },
	{ -8, "the vCPU or VM has aborted", RUN_ERROR },
};

static const struct ffa_error wait_errors[] = {
	{ -2, "the endpoint or vCPU ID is not recognised (Non-secure instances)", ACS_LIST "9.1" },
	{ -6, "the callee is not in a state to handle the call", ACS_LIST "9.1" },
	{ -1, "called from the Normal world", TFA_SPMC "msg_wait_handler()" },
};

static const struct ffa_error yield_errors[] = {
	{ -2, "the endpoint or vCPU ID is not recognised (ERET only)", ACS_LIST "9.2" },
	{ -6, "the caller is processing a direct request", ACS_LIST "4.5.2" },
	{ -1, "not implemented at this instance", ACS_LIST "9.2" },
};

/* ---- direct messages ---- */

#define W2_SOURCE                                                            \
	CALL_TABLE "; 1.0: Hafnium commit 645eabea (10.2.1.2), TF-A tests; " \
		   "1.1, 1.2: Hafnium src/api.c (1.2 Table 16.6), " TFA_SPMC \
		   "direct_req_smc_handler()"
#define FRAMEWORK_SOURCE \
	"Hafnium inc/vmapi/hf/ffa.h (enum ffa_framework_msg_func); Arm's arm-ffa crate"
#define PAYLOAD_SOURCE "Arm's arm-ffa crate, src/interface_args.rs; Hafnium"

static const struct ffa_symbol messages[] = {
	{ "psci-req", 0x00, "a PSCI call" },
	{ "warm-boot", 0x01, "a CPU was woken" },
	{ "psci-resp", 0x02, "answer to psci-req and warm-boot" },
	{ "vm-created", 0x04, "a VM was created" },
	{ "vm-created-resp", 0x05, "answer to vm-created" },
	{ "vm-destroyed", 0x06, "a VM was destroyed" },
	{ "vm-destroyed-resp", 0x07, "answer to vm-destroyed" },
	{ "version-req", 0x08, "FFA_VERSION of the Normal world" },
	{ "version-resp", 0x09, "answer to version-req" },
	{ "partition-stop", 0x0a, "the partition has to stop" },
	{ "partition-stop-resp", 0x0b, "answer to partition-stop" },
	{ "activation-start", 0x0c, "live activation starts" },
	{ "activation-start-resp", 0x0d, "answer to activation-start" },
	{ "activation-finish", 0x0e, "live activation has finished" },
	{ "activation-finish-resp", 0x0f, "answer to activation-finish" },
	{ 0 }
};

/* What follows the payload of a framework message. Before 1.3 also by the general rule. */
/* clang-format off */
#define NOTHING_W(first, last) \
	{ WW(first, last), RULES(MBZ, MBZ, SBZ, SBZ), .source = PAYLOAD_SOURCE }
#define NOTHING_X(first, last) \
	{ XX(first, last), RULES(MBZ, MBZ, SBZ, SBZ), .source = PAYLOAD_SOURCE }
#define STATUS_FIELD                                                                      \
	{ WW(3, 3), .name = "status", .type = FFA_TYPE_STATUS, .meaning = "SUCCESS, or why not", \
	  .source = PAYLOAD_SOURCE }
#define VM_FIELDS                                                                            \
	{ WW(3, 4), .name = "handle",                                                        \
	  .meaning = "memory region with information about the VM; all ones: none",          \
	  .source = PAYLOAD_SOURCE },                                                        \
	{ W(5, 31, 16), RULES(SBZ, SBZ, SBZ, SBZ), .source = PAYLOAD_SOURCE },               \
	{ W(5, 15, 0), .name = "vm-id", .type = FFA_TYPE_ID, .meaning = "the VM",            \
	  .source = PAYLOAD_SOURCE }
#define BOOT_FIELD                                                                           \
	{ WW(3, 3), .name = "boot-type", .type = FFA_TYPE_DECIMAL, .symbols = boots,         \
	  .closed = true, .meaning = "the state from which the CPU was woken", .source = PAYLOAD_SOURCE }
#define VERSION_FIELD(text)                                                                  \
	{ WW(3, 3), .name = "version", .type = FFA_TYPE_VERSION, .meaning = text,            \
	  .source = PAYLOAD_SOURCE }
#define QUERY_FIELD                                                                          \
	{ WW(4, 4), RULES(MBZ, MBZ, SBZ, NONE), .name = "flags",                             \
	  .meaning = "1.3: flags of FFA_VERSION", .source = PAYLOAD_SOURCE }
/* clang-format on */

static const struct ffa_symbol boots[] = { { "suspend-to-ram", 0, "exit from suspend to RAM" },
					   { "low-power", 1, "exit from a shallower state" },
					   { 0 } };

static const struct ffa_field psci_payload[] = {
	{ WW(3, 3), .name = "psci-function", .meaning = "w0 of the PSCI call",
	  .source = PAYLOAD_SOURCE },
	{ WW(4, 4), .name = "psci-1", .meaning = "its first parameter", .source = PAYLOAD_SOURCE },
	{ WW(5, 5), .name = "psci-2", .meaning = "the second", .source = PAYLOAD_SOURCE },
	{ WW(6, 6), .name = "psci-3", .meaning = "the third", .source = PAYLOAD_SOURCE },
	NOTHING_W(7, 7),
};

static const struct ffa_field psci_payload_64[] = {
	{ XX(3, 3), .name = "psci-function", .meaning = "x0 of the PSCI call",
	  .source = PAYLOAD_SOURCE },
	{ XX(4, 4), .name = "psci-1", .meaning = "its first parameter", .source = PAYLOAD_SOURCE },
	{ XX(5, 5), .name = "psci-2", .meaning = "the second", .source = PAYLOAD_SOURCE },
	{ XX(6, 6), .name = "psci-3", .meaning = "the third", .source = PAYLOAD_SOURCE },
	NOTHING_X(7, 7),
	UNUSED_X17,
};

static const struct ffa_field boot_payload[] = { BOOT_FIELD, NOTHING_W(4, 7) };
static const struct ffa_field status_payload[] = { STATUS_FIELD, NOTHING_W(4, 7) };
static const struct ffa_field vm_payload[] = { VM_FIELDS, NOTHING_W(6, 7) };
static const struct ffa_field version_req_payload[] = {
	VERSION_FIELD("version that the Normal world speaks"),
	QUERY_FIELD,
	NOTHING_W(5, 7),
};
static const struct ffa_field version_resp_payload[] = {
	VERSION_FIELD("the SPMC's version; -1: none that fits"),
	NOTHING_W(4, 7),
};
static const struct ffa_field stop_payload[] = {
	{ WW(3, 3), .name = "reason", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: to be activated live", .source = "Hafnium src/ffa/spmc/lifecycle_msg.c" },
	NOTHING_W(4, 7),
};

/* clang-format off */
#define MESSAGE(type, first, word, rows)                                               \
	{ .name = word, .since = first, .mask = 0x800000ff, .value = 0x80000000 | (type), \
	  .select = 2, .reg = 3, FIELDS(rows), .source = PAYLOAD_SOURCE }
/* clang-format on */

static const struct ffa_variant direct_variants[] = {
	MESSAGE(0x00, FFA_VERSION_1_0, "psci-req", psci_payload),
	MESSAGE(0x01, FFA_VERSION_1_0, "warm-boot", boot_payload),
	MESSAGE(0x02, FFA_VERSION_1_0, "psci-resp", status_payload),
	MESSAGE(0x04, FFA_VERSION_1_1, "vm-created", vm_payload),
	MESSAGE(0x05, FFA_VERSION_1_1, "vm-created-resp", status_payload),
	MESSAGE(0x06, FFA_VERSION_1_1, "vm-destroyed", vm_payload),
	MESSAGE(0x07, FFA_VERSION_1_1, "vm-destroyed-resp", status_payload),
	MESSAGE(0x08, FFA_VERSION_1_0, "version-req", version_req_payload),
	MESSAGE(0x09, FFA_VERSION_1_0, "version-resp", version_resp_payload),
	MESSAGE(0x0a, FFA_VERSION_1_3, "partition-stop", stop_payload),
	MESSAGE(0x0b, FFA_VERSION_1_3, "partition-stop-resp", status_payload),
};

static const struct ffa_variant direct_variants_64[] = {
	MESSAGE(0x00, FFA_VERSION_1_0, "psci-req", psci_payload_64),
};

/* clang-format off */
#define DIRECT_IDS                                                                               \
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID, .meaning = "endpoint that sends", \
	  .source = CALL_TABLE },                                                                \
	{ W(1, 15, 0), .name = "receiver", .type = FFA_TYPE_ID,                                  \
	  .meaning = "endpoint that receives", .source = CALL_TABLE }

#define DIRECT_ROWS                                                                         \
	DIRECT_IDS,                                                                         \
	{ W(2, 31, 31), .name = "framework", .type = FFA_TYPE_DECIMAL,                      \
	  .meaning = "1: a framework message, of the type in 7:0; 0: a partition message",  \
	  .source = CALL_TABLE },                                                           \
	{ W(2, 30, 8), RULES(MBZ, MBZ, MBZ, SBZ), .source = W2_SOURCE },                    \
	{ W(2, 7, 0), .name = "message-type", .symbols = messages, .needs = BITS(2, 31, 31),                          \
	  .meaning = "type of the framework message", .source = CALL_TABLE "; " FRAMEWORK_SOURCE }

/* The payload: the first of its registers has the word for all. */
#define DATA_W(r, n) { W(r, 31, 0), .name = "data" #n, .source = CALL_TABLE }
#define DATA_X(r, n) { X(r, 63, 0), .name = "data" #n, .source = CALL_TABLE }
#define DATA_X_1_3(r, n)                                                                \
	{ X(r, 63, 0), RULES(NO_PARAMETER, NO_PARAMETER, SBZ, NONE), .name = "data" #n, \
	  .source = CALL_TABLE "; before 1.3: 11.2" }
#define DATA_0(place) { place, .name = "data0", .meaning = "payload", .source = CALL_TABLE }
#define DATA_5                                                                        \
	{ X(8, 63, 0), RULES(NO_PARAMETER, NO_PARAMETER, SBZ, NONE), .name = "data5", \
	  .meaning = "from 1.3 on: payload", .source = CALL_TABLE "; before 1.3: 11.2" }
/* clang-format on */

static const struct ffa_field direct_fields[] = {
	DIRECT_ROWS, DATA_0(WW(3, 3)), DATA_W(4, 1), DATA_W(5, 2), DATA_W(6, 3), DATA_W(7, 4),
};

static const struct ffa_field direct_fields_64[] = {
	DIRECT_ROWS,
	DATA_0(XX(3, 3)),
	DATA_X(4, 1),
	DATA_X(5, 2),
	DATA_X(6, 3),
	DATA_X(7, 4),
	DATA_5,
	DATA_X_1_3(9, 6),
	DATA_X_1_3(10, 7),
	DATA_X_1_3(11, 8),
	DATA_X_1_3(12, 9),
	DATA_X_1_3(13, 10),
	DATA_X_1_3(14, 11),
	DATA_X_1_3(15, 12),
	DATA_X_1_3(16, 13),
	DATA_X_1_3(17, 14),
};

static const struct ffa_restriction direct_restrictions[] = {
	{ W(2, 7, 0), .zero = BITS(2, 31, 31), RULES(MBZ, MBZ, MBZ, MBZ),
	  .when = "while framework is 0", .source = W2_SOURCE },
};

#define DATA_X_4_TO_17                                                                          \
	DATA_0(XX(4, 4)), DATA_X(5, 1), DATA_X(6, 2), DATA_X(7, 3), DATA_X(8, 4), DATA_X(9, 5), \
		DATA_X(10, 6), DATA_X(11, 7), DATA_X(12, 8), DATA_X(13, 9), DATA_X(14, 10),     \
		DATA_X(15, 11), DATA_X(16, 12), DATA_X(17, 13)

static const struct ffa_field req2_fields[] = {
	DIRECT_IDS,
	{ XX(2, 3), .name = "uuid", .type = FFA_TYPE_UUID, .meaning = "service of the receiver",
	  .source = CALL_TABLE },
	DATA_X_4_TO_17,
};

static const struct ffa_field resp2_fields[] = {
	DIRECT_IDS,
	UNUSED_X(2, 3),
	DATA_X_4_TO_17,
};

#define DRIVER "drivers/firmware/arm_ffa/driver.c"
/* clang-format off */
#define NOT_READY                                                                              \
	{ .fid = 0x84000062, .note = "an interrupt came; FFA_RUN continues", .source = DRIVER }, \
	{ .fid = 0x8400006c, .note = "the receiver yields; FFA_RUN continues", .source = DRIVER }
/* clang-format on */

static const struct ffa_answer req_answers[] = {
	{ .fid = 0x84000070, .source = CALL_TABLE },
	NOT_READY,
};

static const struct ffa_answer req_answers_64[] = {
	{ .fid = 0xc4000070, .source = CALL_TABLE },
	NOT_READY,
};

static const struct ffa_answer req2_answers[] = {
	{ .fid = 0xc400008e, .source = CALL_TABLE },
	NOT_READY,
};

#define SEND2_UNKNOWN \
	"SBZ in 1.3; the FF-A ACS expects INVALID_PARAMETERS in 1.1, the arm-ffa crate MBZ"
#define SEND2_FLAGS CALL_TABLE "; 1.1: FF-A ACS (INVALID_PARAMETERS)"

static const struct ffa_field send2_fields[] = {
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID,
	  .meaning = "VM that sends (Non-secure physical instance only)", .source = CALL_TABLE },
	{ W(1, 15, 0), RULES(NONE, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ W(2, 31, 2), RULES(NONE, MBZ, UNKNOWN, SBZ), .unknown = SEND2_UNKNOWN,
	  .source = SEND2_FLAGS },
	{ W(2, 1, 1), .name = "delay-sri", .type = FFA_TYPE_DECIMAL,
	  .meaning = "hint to delay the Schedule Receiver interrupt", .source = CALL_TABLE },
	{ W(2, 0, 0), RULES(NONE, MBZ, UNKNOWN, SBZ), .unknown = SEND2_UNKNOWN,
	  .source = SEND2_FLAGS },
	UNUSED_W(3, 7),
};

static const struct ffa_restriction send2_restrictions[] = {
	{ W(2, 1, 1), RULES(NONE, UNKNOWN, MBZ, MBZ), .when = "at the Non-secure physical instance",
	  .unknown = "the 1.1 table was not at hand; Hafnium refuses it from the Normal world",
	  .source =
		  "Hafnium src/api.c (api_ffa_msg_send2()); FFA_NOTIFICATION_SET: " SPEC "16.5.1" },
};

static const struct ffa_error send2_errors[] = {
	{ -2, "the flags are not valid (1.1)", SEND2_FLAGS },
	{ -2, "delay-sri from the Normal world", "Hafnium src/api.c (api_ffa_msg_send2())" },
	NOT_HERE,
};

#define REQ_ERROR  ACS_LIST "10.2"
#define RESP_ERROR ACS_LIST "10.3"

static const struct ffa_error req_errors[] = {
	{ -2, "an endpoint ID is not valid, or a reserved register is not 0", REQ_ERROR },
	{ -6, "the receiver does not take direct messages", ACS_LIST "10.2.1.2" },
	{ -1, "not implemented at this instance, or the sender may not send them",
	  REQ_ERROR ", 10.2.1.2" },
	{ -4, "the receiver is busy", TFA_SPMC "direct_req_smc_handler()" },
	{ -8, "the receiver has aborted", REQ_ERROR },
};

static const struct ffa_error resp_errors[] = {
	{ -2, "an endpoint ID is not valid, or a reserved register is not 0", RESP_ERROR },
	{ -6, "the receiver did not ask, or takes no direct messages",
	  ACS_LIST "10.3.1.2; " TFA_SPMC "direct_resp_smc_handler()" },
	{ -1, "not implemented at this instance, or the sender may not send them",
	  RESP_ERROR ", 10.3.1.2" },
	{ -4, "the receiver is busy", RESP_ERROR },
};

#define REQ2_ERROR  HAFNIUM_API "api_ffa_msg_send_direct_req()"
#define RESP2_ERROR HAFNIUM_API "api_ffa_msg_send_direct_resp()"

static const struct ffa_error req2_errors[] = {
	{ -2, "an endpoint ID is not valid, or the receiver has no service of this UUID",
	  REQ2_ERROR },
	{ -6, "the receiver does not take these messages, or not in the state of the sender",
	  REQ2_ERROR },
	{ -4, "the receiver is busy", REQ2_ERROR },
	{ -8, "the receiver has aborted", REQ2_ERROR },
	{ -1, "pKVM's proxy does not support it", PROXY "ffa_call_supported()" },
	NOT_HERE,
};

static const struct ffa_error resp2_errors[] = {
	{ -2, "an endpoint ID is not valid", RESP2_ERROR },
	{ -6, "no request is being handled, or it was no FFA_MSG_SEND_DIRECT_REQ2", RESP2_ERROR },
	{ -1, "pKVM's proxy does not support it", PROXY "ffa_call_supported()" },
	NOT_HERE,
};

#define RUNS	      "gives CPU time to the receiver, which acts on the message"
#define ANSWERS_OTHER "may end a call that waits for an answer"

static const struct ffa_call calls[] = {
	{
		.name = "FFA_MSG_POLL",
		.fid = 0x8400006a,
		.since = FFA_VERSION_1_0,
		.until = FFA_VERSION_1_0,
		.summary = "asks for an indirect message (1.0 only)",
		CONDUITS_UNKNOWN,
		FIELDS(poll_fields),
		ANSWERS(poll_answers),
		ERRORS(poll_errors),
		.changes = "takes a message out of the RX buffer's queue",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MSG_POLL",
		.note = "not in DEN0077A 1.3",
		.source = "include/linux/arm_ffa.h",
	},
	{
		.name = "FFA_MSG_WAIT",
		.fid = 0x8400006b,
		.since = FFA_VERSION_1_0,
		.summary = "waits for work and gives the CPU back",
		CONDUITS_UNKNOWN,
		FIELDS(wait_fields),
		ERRORS(wait_errors),
		.changes = "releases the RX buffer and the CPU",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MSG_WAIT",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_WAIT_64",
		.fid = 0xc400006b,
		.since = FFA_VERSION_1_3,
		.summary = "waits for work and gives the CPU back",
		CONDUITS_UNKNOWN,
		FIELDS(wait_fields_64),
		ERRORS(wait_errors),
		.changes = "releases the RX buffer and the CPU",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MSG_WAIT_64",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_YIELD",
		.fid = 0x8400006c,
		.since = FFA_VERSION_1_0,
		.summary = "gives the CPU back before the work is done",
		CONDUITS_UNKNOWN,
		FIELDS(yield_fields),
		ERRORS(yield_errors),
		.changes = "gives the CPU away",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "YIELD endpoint=0 vcpu-id=0",
		.source = SPEC "14.2",
	},
	{
		.name = "FFA_YIELD_64",
		.fid = 0xc400006c,
		.since = FFA_VERSION_1_3,
		.summary = "gives the CPU back before the work is done",
		CONDUITS_UNKNOWN,
		FIELDS(yield_fields_64),
		ERRORS(yield_errors),
		.changes = "gives the CPU away",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "YIELD_64 endpoint=0 vcpu-id=0",
		.source = SPEC "14.2",
	},
	{
		.name = "FFA_RUN",
		.fid = 0x8400006d,
		.since = FFA_VERSION_1_0,
		.summary = "gives CPU time to a vCPU of an endpoint",
		CONDUITS_UNKNOWN,
		FIELDS(run_fields),
		ANSWERS(run_answers),
		ERRORS(run_errors),
		.changes = "gives CPU time to the endpoint",
		.consent = FFA_CONSENT_ALWAYS,
		.control = "endpoint={partition} vcpu-id=0",
		.example = "RUN endpoint=0x8001 vcpu-id=0",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_RUN_64",
		.fid = 0xc400006d,
		.since = FFA_VERSION_1_3,
		.summary = "gives CPU time to a vCPU of an endpoint",
		CONDUITS_UNKNOWN,
		FIELDS(run_fields_64),
		ANSWERS(run_answers),
		ERRORS(run_errors),
		.changes = "gives CPU time to the endpoint",
		.consent = FFA_CONSENT_ALWAYS,
		.control = "endpoint={partition} vcpu-id=0",
		.example = "RUN_64 endpoint=0x8001 vcpu-id=0",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND",
		.fid = 0x8400006e,
		.since = FFA_VERSION_1_0,
		.until = FFA_VERSION_1_0,
		.summary = "sends an indirect message (1.0 only)",
		CONDUITS_UNKNOWN,
		FIELDS(send_fields),
		ANSWER_PLAIN,
		ERRORS(send_errors),
		.changes = "sends the message in the TX buffer",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MSG_SEND sender=0 receiver=1 size=4",
		.note = "not in DEN0077A 1.3",
		.source = SEND_SOURCE,
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_REQ",
		.fid = 0x8400006f,
		.since = FFA_VERSION_1_0,
		.summary = "sends a message in registers and runs its receiver",
		CONDUITS_UNKNOWN,
		FIELDS(direct_fields),
		VARIANTS(direct_variants),
		RESTRICTIONS(direct_restrictions),
		ANSWERS(req_answers),
		ERRORS(req_errors),
		.changes = RUNS,
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition}",
		.values = "sender=1; sender=0xffff; receiver=0; receiver=0xffff",
		.example = "MSG_SEND_DIRECT_REQ sender=0 receiver=0x8001 data0=1",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_REQ_64",
		.fid = 0xc400006f,
		.since = FFA_VERSION_1_0,
		.summary = "sends a message in registers and runs its receiver",
		CONDUITS_UNKNOWN,
		FIELDS(direct_fields_64),
		VARIANTS(direct_variants_64),
		RESTRICTIONS(direct_restrictions),
		ANSWERS(req_answers_64),
		ERRORS(req_errors),
		.changes = RUNS,
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition}",
		.values = "sender=1; sender=0xffff; receiver=0; receiver=0xffff",
		.example = "MSG_SEND_DIRECT_REQ_64 sender=0 receiver=0x8001 data0=1",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_RESP",
		.fid = 0x84000070,
		.since = FFA_VERSION_1_0,
		.summary = "answers a message in registers",
		CONDUITS_UNKNOWN,
		FIELDS(direct_fields),
		VARIANTS(direct_variants),
		RESTRICTIONS(direct_restrictions),
		ERRORS(resp_errors),
		.changes = ANSWERS_OTHER,
		.consent = FFA_CONSENT_ALWAYS,
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_RESP_64",
		.fid = 0xc4000070,
		.since = FFA_VERSION_1_0,
		.summary = "answers a message in registers",
		CONDUITS_UNKNOWN,
		FIELDS(direct_fields_64),
		VARIANTS(direct_variants_64),
		RESTRICTIONS(direct_restrictions),
		ERRORS(resp_errors),
		.changes = ANSWERS_OTHER,
		.consent = FFA_CONSENT_ALWAYS,
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND2",
		.fid = 0x84000086,
		.since = FFA_VERSION_1_1,
		.summary = "sends the message in the TX buffer",
		CONDUITS_UNKNOWN,
		FIELDS(send2_fields),
		RESTRICTIONS(send2_restrictions),
		ANSWER_PLAIN,
		ERRORS(send2_errors),
		.changes = "sends the message in the TX buffer",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MSG_SEND2 sender=0",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_REQ2",
		.fid = 0xc400008d,
		.since = FFA_VERSION_1_2,
		.summary = "sends a message in registers to a service of a partition and runs it",
		CONDUITS_UNKNOWN,
		FIELDS(req2_fields),
		ANSWERS(req2_answers),
		ERRORS(req2_errors),
		.changes = RUNS,
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition}",
		.example = "MSG_SEND_DIRECT_REQ2 sender=0 receiver=0x8001 data0=1",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_RESP2",
		.fid = 0xc400008e,
		.since = FFA_VERSION_1_2,
		.summary = "answers a message to a service of a partition",
		CONDUITS_UNKNOWN,
		FIELDS(resp2_fields),
		ERRORS(resp2_errors),
		.changes = ANSWERS_OTHER,
		.consent = FFA_CONSENT_ALWAYS,
		.source = CALL_TABLE,
	},
};

const struct ffa_table ffa_table_messages = { LIST(calls) };
