// SPDX-License-Identifier: GPL-2.0-only
/* Answers, and interrupts that end a call in their place, 0x60 to 0x62 (DEN0077A 1.3 ALP4 12, 14.4). */
#include "ffa/rows.h"

#define TARGET_SOURCE  SPEC "12.2, 12.3"
#define TARGET_UNKNOWN "only the 1.3 text of 12.2 and 12.3 was at hand"

/* clang-format off */
#define TARGET                                                                               \
	{ WW(1, 1), .name = "target", .meaning = "endpoint and vCPU that the answer is for", \
	  .source = TARGET_SOURCE }
#define TARGET_RESTRICTION(since_13)                                                            \
	{ W(1, 31, 0), .rule = { FFA_RULE_##since_13, FFA_RULE_##since_13, FFA_RULE_##since_13, \
				  FFA_RULE_MBZ },                                               \
	  .when = "unless through SMC at the Non-secure virtual instance",                      \
	  .unknown = TARGET_UNKNOWN, .source = TARGET_SOURCE }
/* clang-format on */

static const struct ffa_restriction target_restrictions[] = {
	TARGET_RESTRICTION(UNKNOWN),
};

static const struct ffa_restriction target_restrictions_1_3[] = {
	{ W(1, 31, 0), RULES(NONE, NONE, NONE, MBZ),
	  .when = "unless through SMC at the Non-secure virtual instance",
	  .source = TARGET_SOURCE },
};

/* clang-format off */
#define ERROR_FIELD                                                                    \
	{ WW(2, 2), .name = "code", .type = FFA_TYPE_STATUS, .meaning = "status code", \
	  .source = SPEC "Table 12.2" }
/* clang-format on */

static const struct ffa_field error_fields[] = {
	TARGET,
	ERROR_FIELD,
	NO_RESULT_W(3, 7),
};

static const struct ffa_field error_fields_64[] = {
	TARGET,
	ERROR_FIELD,
	UNUSED_X(3, 17),
};

static const struct ffa_field success_fields[] = {
	TARGET,
	{ WW(2, 7), .name = "result", .meaning = "as the function says, else SBZ",
	  .source = SPEC "12.3" },
};

static const struct ffa_field success_fields_64[] = {
	TARGET,
	{ XX(2, 7), .name = "result", .meaning = "as the function says, else SBZ",
	  .source = SPEC "12.3" },
	{ XX(8, 17), RULES(NO_PARAMETER, NO_PARAMETER, NONE, NONE), .name = "result-8",
	  .meaning = "from 1.2 on: as the function says, else SBZ",
	  .source = SPEC "12.3; 1.0, 1.1: kernel review 2026-06-25" },
};

/* clang-format off */
#define INTERRUPT_ROWS                                                                \
	{ W(1, 31, 16), .name = "endpoint", .type = FFA_TYPE_ID,                      \
	  .meaning = "endpoint that was interrupted, MBZ if not given",     \
	  .source = SPEC "14.4" },                                                    \
	{ W(1, 15, 0), .name = "vcpu-id", .type = FFA_TYPE_DECIMAL,                   \
	  .meaning = "its vCPU, MBZ if not given", .source = SPEC "14.4" }, \
	{ WW(2, 2), .name = "interrupt", .type = FFA_TYPE_DECIMAL,                    \
	  .meaning = "interrupt ID, MBZ if not given", .source = SPEC "14.4" }
/* clang-format on */

static const struct ffa_field interrupt_fields[] = {
	INTERRUPT_ROWS,
	UNUSED_W(3, 7),
};

static const struct ffa_field interrupt_fields_64[] = {
	INTERRUPT_ROWS,
	UNUSED_X(3, 17),
};

#define ANSWER_CHANGES "may end a call that waits for an answer"

static const struct ffa_call calls[] = {
	{
		.name = "FFA_ERROR",
		.fid = FFA_FID_ERROR,
		.since = FFA_VERSION_1_0,
		.summary = "answer: the call failed",
		CONDUITS_UNKNOWN,
		FIELDS(error_fields),
		RESTRICTIONS(target_restrictions),
		.changes = ANSWER_CHANGES,
		.consent = FFA_CONSENT_ALWAYS,
		.source = SPEC "12.2, Table 12.2",
	},
	{
		.name = "FFA_ERROR_64",
		.fid = FFA_FID_ERROR_64,
		.since = FFA_VERSION_1_3,
		.summary = "answer: the call failed",
		CONDUITS_UNKNOWN,
		FIELDS(error_fields_64),
		RESTRICTIONS(target_restrictions_1_3),
		.changes = ANSWER_CHANGES,
		.consent = FFA_CONSENT_ALWAYS,
		.source = SPEC "12.2, Table 12.2",
	},
	{
		.name = "FFA_SUCCESS",
		.fid = FFA_FID_SUCCESS,
		.since = FFA_VERSION_1_0,
		.summary = "answer: the call succeeded",
		CONDUITS_UNKNOWN,
		FIELDS(success_fields),
		RESTRICTIONS(target_restrictions),
		.changes = ANSWER_CHANGES,
		.consent = FFA_CONSENT_ALWAYS,
		.source = SPEC "12.3",
	},
	{
		.name = "FFA_SUCCESS_64",
		.fid = FFA_FID_SUCCESS_64,
		.since = FFA_VERSION_1_0,
		.summary = "answer: the call succeeded, a result has 64 bits",
		CONDUITS_UNKNOWN,
		FIELDS(success_fields_64),
		RESTRICTIONS(target_restrictions),
		.changes = ANSWER_CHANGES,
		.consent = FFA_CONSENT_ALWAYS,
		.source = SPEC "12.3, Table 12.7",
	},
	{
		.name = "FFA_INTERRUPT",
		.fid = 0x84000062,
		.since = FFA_VERSION_1_0,
		.summary = "reports that an interrupt preempted the called endpoint",
		CONDUITS_UNKNOWN,
		FIELDS(interrupt_fields),
		.errors_note = "it is an answer",
		.changes = ANSWER_CHANGES,
		.consent = FFA_CONSENT_ALWAYS,
		.source = SPEC "14.4",
	},
	{
		.name = "FFA_INTERRUPT_64",
		.fid = 0xc4000062,
		.since = FFA_VERSION_1_3,
		.summary = "reports that an interrupt preempted the called endpoint",
		CONDUITS_UNKNOWN,
		FIELDS(interrupt_fields_64),
		.errors_note = "it is an answer",
		.changes = ANSWER_CHANGES,
		.consent = FFA_CONSENT_ALWAYS,
		.source = SPEC "14.4",
	},
};

const struct ffa_table ffa_table_answers = { LIST(calls) };
