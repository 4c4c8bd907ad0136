// SPDX-License-Identifier: GPL-2.0-only
/* Other calls: resuming worlds, secondary entry points, the console, EL3 interrupts, aborts. */
#include "ffa/rows.h"

const struct ffa_answer ffa_answer_plain[1] = {
	{
		.fid = FFA_FID_SUCCESS,
		.fields = (const struct ffa_field[]){ NO_RESULT_W(2, 7) },
		.nr_fields = 1,
		.source = RESULT_SOURCE,
	},
};

static const struct ffa_field nothing_fields[] = {
	UNUSED_W(1, 7),
};

static const struct ffa_field nothing_fields_64[] = {
	UNUSED_X(1, 17),
};

#define HEADER "include/linux/arm_ffa.h"

static const struct ffa_field secondary_fields[] = {
	{ WW(1, 7), .name = "parameters",
	  .meaning = "the sources have the identifier only; the 64-bit form takes an entry point",
	  .source = HEADER },
};

static const struct ffa_field secondary_fields_64[] = {
	{ XX(1, 1), .name = "entry-point", .meaning = "where secondary execution contexts start",
	  .source = CALL_TABLE },
	UNUSED_X7(2),
	UNUSED_X17,
};

#define CONSOLE CALL_TABLE

static const struct ffa_field console_fields[] = {
	{ W(1, 31, 8), RULES(NONE, NONE, UNKNOWN, SBZ), .unknown = ONLY_1_3, .source = CONSOLE },
	{ W(1, 7, 0), .name = "count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of characters, at most 24", .source = CONSOLE },
	{ WW(2, 7), .name = "text", .type = FFA_TYPE_TEXT, .meaning = "characters",
	  .source = CONSOLE },
};

static const struct ffa_field console_fields_64[] = {
	{ W(1, 31, 8), RULES(NONE, NONE, UNKNOWN, SBZ), .unknown = ONLY_1_3, .source = CONSOLE },
	{ W(1, 7, 0), .name = "count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of characters, at most 128", .source = CONSOLE },
	{ XX(2, 17), .name = "text", .type = FFA_TYPE_TEXT, .meaning = "characters",
	  .source = CONSOLE },
};

#define ABORT CALL_TABLE

static const struct ffa_field abort_fields[] = {
	{ WW(1, 1), RULES(NONE, NONE, NONE, SBZ), .source = ABORT },
	{ WW(2, 2), .name = "information", .meaning = "implementation defined", .source = ABORT },
	UNUSED_W(3, 7),
};

static const struct ffa_field abort_fields_64[] = {
	{ WW(1, 1), RULES(NONE, NONE, NONE, SBZ), .source = ABORT },
	{ XX(2, 2), .name = "information", .meaning = "implementation defined", .source = ABORT },
	UNUSED_X(3, 17),
};

static const struct ffa_call calls[] = {
	{
		.name = "FFA_NORMAL_WORLD_RESUME",
		.fid = 0x8400007c,
		.since = FFA_VERSION_1_0,
		.summary = "goes on with the Normal world that an interrupt stopped",
		.caller = "SPMC at the Secure physical instance",
		CONDUITS(NOT, WHO, NOT, NOT),
		FIELDS(nothing_fields),
		.errors_note = NO_ERROR_LIST,
		.changes = "gives the CPU to the Normal world",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "NORMAL_WORLD_RESUME",
		.note = "NOT_SUPPORTED at every other instance (11, rule 6)",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_NORMAL_WORLD_RESUME_64",
		.fid = 0xc400007c,
		.since = FFA_VERSION_1_3,
		.summary = "goes on with the Normal world that an interrupt stopped",
		.caller = "SPMC at the Secure physical instance",
		CONDUITS(NOT, WHO, NOT, NOT),
		FIELDS(nothing_fields_64),
		.errors_note = NO_ERROR_LIST,
		.changes = "gives the CPU to the Normal world",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "NORMAL_WORLD_RESUME_64",
		.note = "NOT_SUPPORTED at every other instance (11, rule 6)",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_SECONDARY_EP_REGISTER",
		.fid = 0x84000087,
		.since = FFA_VERSION_1_1,
		.summary = "tells where secondary execution contexts of the caller start",
		CONDUITS_UNKNOWN,
		FIELDS(secondary_fields),
		ANSWER_PLAIN,
		.errors_note = NO_ERROR_LIST,
		.changes = "sets the entry point of the caller's secondary execution contexts",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "SECONDARY_EP_REGISTER",
		.note = "only the kernel's header has a 32-bit form",
		.source = HEADER,
	},
	{
		.name = "FFA_SECONDARY_EP_REGISTER_64",
		.fid = 0xc4000087,
		.since = FFA_VERSION_1_1,
		.summary = "tells where secondary execution contexts of the caller start",
		CONDUITS_UNKNOWN,
		FIELDS(secondary_fields_64),
		ANSWER_PLAIN,
		.errors_note = NO_ERROR_LIST,
		.changes = "sets the entry point of the caller's secondary execution contexts",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "SECONDARY_EP_REGISTER_64 entry-point=0x80000000",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_CONSOLE_LOG",
		.fid = 0x8400008a,
		.since = FFA_VERSION_1_2,
		.summary = "writes characters to the partition manager's console",
		.caller = "Secure world only",
		CONDUITS(NOT, WHO, NOT, WHO),
		FIELDS(console_fields),
		ANSWER_PLAIN,
		.errors_note = NO_ERROR_LIST,
		.example = "CONSOLE_LOG count=5 text=hello",
		.source = CONSOLE,
	},
	{
		.name = "FFA_CONSOLE_LOG_64",
		.fid = 0xc400008a,
		.since = FFA_VERSION_1_2,
		.summary = "writes characters to the partition manager's console",
		.caller = "Secure world only",
		CONDUITS(NOT, WHO, NOT, WHO),
		FIELDS(console_fields_64),
		ANSWER_PLAIN,
		.errors_note = NO_ERROR_LIST,
		.example = "CONSOLE_LOG_64 count=5 text=hello",
		.source = CONSOLE,
	},
	{
		.name = "FFA_EL3_INTR_HANDLE",
		.fid = 0x8400008c,
		.since = FFA_VERSION_1_2,
		.summary = "has EL3 handle an interrupt that is its own",
		.caller = "SPMC at the Secure physical instance",
		CONDUITS(NOT, SMC, NOT, NOT),
		FIELDS(nothing_fields),
		ANSWER_PLAIN,
		.errors_note = NO_ERROR_LIST,
		.changes = "has an EL3 interrupt handled",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "EL3_INTR_HANDLE",
		.note = "NOT_SUPPORTED at every other instance (11, rule 6)",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_ABORT",
		.fid = 0x84000090,
		.since = FFA_VERSION_1_3,
		.summary = "tells that the caller cannot go on",
		CONDUITS_UNKNOWN,
		FIELDS(abort_fields),
		.errors_note = NO_ERROR_LIST,
		.changes = "may end the caller",
		.consent = FFA_CONSENT_ALWAYS,
		.source = ABORT,
	},
	{
		.name = "FFA_ABORT_64",
		.fid = 0xc4000090,
		.since = FFA_VERSION_1_3,
		.summary = "tells that the caller cannot go on",
		CONDUITS_UNKNOWN,
		FIELDS(abort_fields_64),
		.errors_note = NO_ERROR_LIST,
		.changes = "may end the caller",
		.consent = FFA_CONSENT_ALWAYS,
		.source = ABORT,
	},
};

const struct ffa_table ffa_table_others = { LIST(calls) };
