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

static const struct ffa_field secondary_fields[] = {
	{ WW(1, 1), .name = "entry-point", .meaning = "where secondary execution contexts start",
	  .source = "Arm's arm-ffa crate (SecondaryEpRegister32); FF-A ACS val_ffa.h" },
	UNUSED_W(2, 7),
};

static const struct ffa_field secondary_fields_64[] = {
	{ XX(1, 1), .name = "entry-point", .meaning = "where secondary execution contexts start",
	  .source = CALL_TABLE },
	UNUSED_X7(2),
	UNUSED_X17,
};

#define CONSOLE	      CALL_TABLE
#define CONSOLE_ERROR TFA_SPMC "spmc_ffa_console_log()"

static const struct ffa_field console_fields[] = {
	{ W(1, 31, 8), RULES(NONE, NONE, UNKNOWN, SBZ), .unknown = ONLY_1_3, .source = CONSOLE },
	{ W(1, 7, 0), .name = "count", .type = FFA_TYPE_DECIMAL, .min = 1, .max = 24,
	  .meaning = "number of characters, 1 to 24", .source = CONSOLE "; " CONSOLE_ERROR },
	{ WW(2, 7), .name = "text", .type = FFA_TYPE_TEXT, .length = BITS(1, 7, 0),
	  .meaning = "characters, as many as count says", .source = CONSOLE },
};

static const struct ffa_field console_fields_64[] = {
	{ W(1, 31, 8), RULES(NONE, NONE, UNKNOWN, SBZ), .unknown = ONLY_1_3, .source = CONSOLE },
	{ W(1, 7, 0), .name = "count", .type = FFA_TYPE_DECIMAL, .min = 1, .max = 128,
	  .meaning = "number of characters, 1 to 128", .source = CONSOLE "; " CONSOLE_ERROR },
	{ XX(2, 17), .name = "text", .type = FFA_TYPE_TEXT, .length = BITS(1, 7, 0),
	  .meaning = "characters, as many as count says", .source = CONSOLE },
};

#define CONSOLE_RETRY "Arm's arm-ffa crate, src/interface.rs (error_arg of FFA_ERROR)"

static const struct ffa_field console_retry[] = {
	{ WW(2, 2), .name = "code", .type = FFA_TYPE_STATUS, .meaning = "status code",
	  .source = SPEC "Table 12.2" },
	{ WW(3, 3), .name = "written", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of characters that were written", .source = CONSOLE_RETRY },
	NO_RESULT_W(4, 7),
};

static const struct ffa_answer console_answers[] = {
	{ .fid = FFA_FID_SUCCESS,
	  .fields = (const struct ffa_field[]){ NO_RESULT_W(2, 7) },
	  .nr_fields = 1,
	  .source = RESULT_SOURCE },
	{ .fid = FFA_FID_ERROR,
	  .code = -7,
	  FIELDS(console_retry),
	  .note = "some of the characters were written",
	  .source = CONSOLE_RETRY },
};

static const struct ffa_error console_errors[] = {
	{ -2, "count is 0 or too high", CONSOLE_ERROR },
	{ -7, "not all characters were written; w3 of FFA_ERROR says how many were",
	  CONSOLE_RETRY },
	{ -1, "called from the Normal world", CONSOLE_ERROR },
};

static const struct ffa_error resume_errors[] = {
	{ -6, "the callee is not in a state to handle the call", ACS_LIST "9.4" },
	{ -1, "called at another instance than the Secure physical one", ACS_LIST "9.4" },
};

#define EP_ERROR TFA_SPMC "ffa_sec_ep_register_handler()"

static const struct ffa_error secondary_errors[] = {
	{ -2, "the entry point is not valid", EP_ERROR },
	{ -6, "the caller runs at S-EL0, or is past its initialization", EP_ERROR },
	{ -1, "called from the Normal world", EP_ERROR },
};

static const struct ffa_error el3_errors[] = {
	{ -1, "called from the Normal world", TFA_SPMD "spmd_smc_handler()" },
	NOT_HERE,
};

#define ABORT_ERROR HAFNIUM_API "FFA_ABORT"

static const struct ffa_error abort_errors[] = {
	{ -1, "called from the Normal world", ABORT_ERROR },
	{ -2, "x1, x3 to x7 are not 0", ABORT_ERROR },
	NOT_HERE,
};

/* Hafnium src/api.c refuses what the text calls SBZ. */
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
		.summary = "resumes the Normal world after an interrupt",
		.caller = "SPMC at the Secure physical instance",
		CONDUITS(NOT, WHO, NOT, NOT),
		FIELDS(nothing_fields),
		ERRORS(resume_errors),
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
		.summary = "resumes the Normal world after an interrupt",
		.caller = "SPMC at the Secure physical instance",
		CONDUITS(NOT, WHO, NOT, NOT),
		FIELDS(nothing_fields_64),
		ERRORS(resume_errors),
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
		.summary = "registers the entry point of the caller's secondary execution contexts",
		CONDUITS_UNKNOWN,
		FIELDS(secondary_fields),
		ANSWER_PLAIN,
		ERRORS(secondary_errors),
		.changes = "sets the entry point of the caller's secondary execution contexts",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "SECONDARY_EP_REGISTER entry-point=0x80000000",
		.source = "Arm's arm-ffa crate; FF-A ACS val_ffa.h; include/linux/arm_ffa.h",
	},
	{
		.name = "FFA_SECONDARY_EP_REGISTER_64",
		.fid = 0xc4000087,
		.since = FFA_VERSION_1_1,
		.summary = "registers the entry point of the caller's secondary execution contexts",
		CONDUITS_UNKNOWN,
		FIELDS(secondary_fields_64),
		ANSWER_PLAIN,
		ERRORS(secondary_errors),
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
		.caller = "Secure world; Hafnium as hypervisor takes it from VMs too",
		CONDUITS(NOT, WHO, WHO, WHO),
		FIELDS(console_fields),
		ANSWERS(console_answers),
		ERRORS(console_errors),
		.control = "count=5 text=hello",
		.example = "CONSOLE_LOG count=5 text=hello",
		.source = CONSOLE,
	},
	{
		.name = "FFA_CONSOLE_LOG_64",
		.fid = 0xc400008a,
		.since = FFA_VERSION_1_2,
		.summary = "writes characters to the partition manager's console",
		.caller = "Secure world; Hafnium as hypervisor takes it from VMs too",
		CONDUITS(NOT, WHO, WHO, WHO),
		FIELDS(console_fields_64),
		ANSWERS(console_answers),
		ERRORS(console_errors),
		.control = "count=5 text=hello",
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
		ERRORS(el3_errors),
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
		.summary = "reports that the caller cannot continue",
		CONDUITS_UNKNOWN,
		FIELDS(abort_fields),
		ERRORS(abort_errors),
		.changes = "may end the caller",
		.consent = FFA_CONSENT_ALWAYS,
		.source = ABORT,
	},
	{
		.name = "FFA_ABORT_64",
		.fid = 0xc4000090,
		.since = FFA_VERSION_1_3,
		.summary = "reports that the caller cannot continue",
		CONDUITS_UNKNOWN,
		FIELDS(abort_fields_64),
		ERRORS(abort_errors),
		.changes = "may end the caller",
		.consent = FFA_CONSENT_ALWAYS,
		.source = ABORT,
	},
};

const struct ffa_table ffa_table_others = { LIST(calls) };
