// SPDX-License-Identifier: GPL-2.0-only
/* Messages and CPU cycles, 0x6a to 0x70 and later forms. */
#include "ffa/rows.h"

/* ---- legacy of 1.0 ---- */

static const struct ffa_field poll_fields[] = {
	{ WW(1, 7), RULES(MBZ, NONE, NONE, NONE), .source = UNUSED_SOURCE },
};

static const struct ffa_field send_fields[] = {
	{ WW(1, 7), .name = "parameters",
	  .meaning = "3 or 4 parameters, whose places are not in the sources",
	  .source = "include/linux/arm_ffa.h (the identifier only)" },
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
	{ WW(2, 3), .name = "timeout",                                                         \
	  .meaning = "time after which to run it again; MBZ except where 14.2 says otherwise", \
	  .source = SPEC "14.2" }
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
};

/* ---- direct messages ---- */

#define FRAMEWORK_UNKNOWN "only the 1.3 text of this table was at hand"

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
	{ W(2, 30, 8), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), .unknown = FRAMEWORK_UNKNOWN, \
	  .source = CALL_TABLE },                                                           \
	{ W(2, 7, 0), .name = "message-type", .meaning = "type of the framework message",   \
	  .source = CALL_TABLE }

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
	{ W(2, 7, 0), .zero = BITS(2, 31, 31), RULES(UNKNOWN, UNKNOWN, UNKNOWN, MBZ),
	  .when = "while framework is 0", .unknown = FRAMEWORK_UNKNOWN, .source = CALL_TABLE },
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
	{ .fid = 0x84000062, .note = "an interrupt came; FFA_RUN goes on", .source = DRIVER }, \
	{ .fid = 0x8400006c, .note = "the receiver yields; FFA_RUN goes on", .source = DRIVER }
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

static const struct ffa_field send2_fields[] = {
	{ W(1, 31, 16), .name = "sender", .type = FFA_TYPE_ID,
	  .meaning = "VM that sends (Non-secure physical instance only)", .source = CALL_TABLE },
	{ W(1, 15, 0), RULES(NONE, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ W(2, 31, 2), RULES(NONE, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ W(2, 1, 1), .name = "delay-sri", .type = FFA_TYPE_DECIMAL,
	  .meaning = "hint to delay the Schedule Receiver interrupt", .source = CALL_TABLE },
	{ W(2, 0, 0), RULES(NONE, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	UNUSED_W(3, 7),
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
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
		.changes = "gives the RX buffer back and the CPU away",
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
		.errors_note = NO_ERROR_LIST,
		.changes = "gives the RX buffer back and the CPU away",
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
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
		.changes = "sends the message in the TX buffer",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "MSG_SEND",
		.note = "not in DEN0077A 1.3; the places of its parameters are not in the sources",
		.source = "include/linux/arm_ffa.h",
	},
	{
		.name = "FFA_MSG_SEND_DIRECT_REQ",
		.fid = 0x8400006f,
		.since = FFA_VERSION_1_0,
		.summary = "sends a message in registers and runs its receiver",
		CONDUITS_UNKNOWN,
		FIELDS(direct_fields),
		RESTRICTIONS(direct_restrictions),
		ANSWERS(req_answers),
		.errors_note = NO_ERROR_LIST,
		.changes = RUNS,
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition}",
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
		RESTRICTIONS(direct_restrictions),
		ANSWERS(req_answers_64),
		.errors_note = NO_ERROR_LIST,
		.changes = RUNS,
		.consent = FFA_CONSENT_ALWAYS,
		.control = "sender=0 receiver={partition}",
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
		RESTRICTIONS(direct_restrictions),
		.errors_note = NO_ERROR_LIST,
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
		RESTRICTIONS(direct_restrictions),
		.errors_note = NO_ERROR_LIST,
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
		ANSWER_PLAIN,
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
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
		.errors_note = NO_ERROR_LIST,
		.changes = ANSWERS_OTHER,
		.consent = FFA_CONSENT_ALWAYS,
		.source = CALL_TABLE,
	},
};

const struct ffa_table ffa_table_messages = { LIST(calls) };
