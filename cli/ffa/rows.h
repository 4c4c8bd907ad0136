/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros for the rows of the catalogue. Used by the calls_*.c files only. */
#ifndef FFASCOPE_FFA_ROWS_H
#define FFASCOPE_FFA_ROWS_H

#include "ffa/call.h"

/* clang-format off */
/* Bits of a w register, of an x register, of several w or x registers in a row. */
#define W(r, h, l) .reg = (r), .regs = 1, .hi = (h), .lo = (l), .wide = false
#define X(r, h, l) .reg = (r), .regs = 1, .hi = (h), .lo = (l), .wide = true
#define WW(first, last) .reg = (first), .regs = (last) - (first) + 1, .hi = 31, .lo = 0
#define XX(first, last) \
	.reg = (first), .regs = (last) - (first) + 1, .hi = 63, .lo = 0, .wide = true
/* The same without .regs, for aliases. */
#define RW(r, h, l) .reg = (r), .hi = (h), .lo = (l)
#define BITS(r, h, l) { .reg = (r), .hi = (h), .lo = (l) }

/* The rules of 1.0, 1.1, 1.2 and 1.3. A row without RULES is a field in every version. */
#define RULES(v10, v11, v12, v13) \
	.rule = { FFA_RULE_##v10, FFA_RULE_##v11, FFA_RULE_##v12, FFA_RULE_##v13 }
/* clang-format on */

#define LIST(array)   array, sizeof(array) / sizeof((array)[0])
#define FIELDS(array) .fields = array, .nr_fields = sizeof(array) / sizeof((array)[0])
#define RESTRICTIONS(array) \
	.restrictions = array, .nr_restrictions = sizeof(array) / sizeof((array)[0])
#define VARIANTS(array) .variants = array, .nr_variants = sizeof(array) / sizeof((array)[0])
#define ALIASES(array)	.aliases = array, .nr_aliases = sizeof(array) / sizeof((array)[0])
#define ANSWERS(array)	.answers = array, .nr_answers = sizeof(array) / sizeof((array)[0])
#define ERRORS(array)	.errors = array, .nr_errors = sizeof(array) / sizeof((array)[0])

#define SPEC		"DEN0077A 1.3 ALP4 "
/* The parameter table in the description of the call itself. */
#define CALL_TABLE	SPEC "(table of the call)"

/*
 * Registers that no parameter uses. From 1.2 on SBZ, up to x17 in SMC64 calls (11.2, "Reserved
 * parameter convention"); in 1.0 and 1.1 MBZ, up to x7: their text was not at hand, the review of
 * the kernel's proxy (Will Deacon, 2026-06-25) and TF-A's tests (ffa_helpers.c) quote it.
 */
#define UNUSED_SOURCE	SPEC "11.2; 1.0, 1.1: kernel review 2026-06-25, TF-A tests ffa_helpers.c"
/* clang-format off */
#define UNUSED_W(first, last) \
	{ WW(first, last), RULES(MBZ, MBZ, SBZ, SBZ), .source = UNUSED_SOURCE }
#define UNUSED_X7(first) { XX(first, 7), RULES(MBZ, MBZ, SBZ, SBZ), .source = UNUSED_SOURCE }
#define UNUSED_X17 \
	{ XX(8, 17), RULES(NO_PARAMETER, NO_PARAMETER, SBZ, SBZ), .source = UNUSED_SOURCE }
/* The same for an identifier that is new in 1.2 or 1.3. */
#define UNUSED_X(first, last) \
	{ XX(first, last), RULES(NONE, NONE, SBZ, SBZ), .source = SPEC "11.2" }

/* Result registers that carry nothing (12.3). What came before 1.3 was not read. */
#define RESULT_UNKNOWN "only the 1.3 text of 12.3 was at hand"
#define RESULT_SOURCE SPEC "12.3"
#define NO_RESULT_W(first, last)                                  \
	{ WW(first, last), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), \
	  .unknown = RESULT_UNKNOWN, .source = RESULT_SOURCE }
#define NO_RESULT_X7(first)                                    \
	{ XX(first, 7), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), \
	  .unknown = RESULT_UNKNOWN, .source = RESULT_SOURCE }
#define NO_RESULT_X17                                                 \
	{ XX(8, 17), RULES(NO_PARAMETER, NO_PARAMETER, UNKNOWN, SBZ), \
	  .unknown = RESULT_UNKNOWN, .source = RESULT_SOURCE }
/* clang-format on */

/* Reserved bits inside a register that carries a parameter: seen in the 1.3 text only. */
#define ONLY_1_3	"only the 1.3 text of this table was at hand"

/* A call that is answered by FFA_SUCCESS without results. */
extern const struct ffa_answer ffa_answer_plain[1];
#define ANSWER_PLAIN	 .answers = ffa_answer_plain, .nr_answers = 1

/* Conduits: physical instances SMC and ERET, virtual ones SMC and HVC, Secure virtual SVC too. */
#define C_SMC		 FFA_CONDUIT_SMC
#define C_ERET		 FFA_CONDUIT_ERET
#define C_VIRT		 (FFA_CONDUIT_SMC | FFA_CONDUIT_HVC)
#define C_SVIRT		 (FFA_CONDUIT_SMC | FFA_CONDUIT_HVC | FFA_CONDUIT_SVC)
#define C_NOT		 0
#define C_WHO		 FFA_CONDUIT_UNKNOWN
/* clang-format off */
#define CONDUITS(ns_phys, s_phys, ns_virt, s_virt) \
	.conduits = { C_##ns_phys, C_##s_phys, C_##ns_virt, C_##s_virt }
/* clang-format on */
/* The sources have no table of instances for this call. */
#define CONDUITS_UNKNOWN CONDUITS(WHO, WHO, WHO, WHO)

#define NO_ERROR_LIST	 "the sources have no list of errors for this call"
/* Where the errors of calls come from. */
#define ACS_LIST	 "FF-A ACS docs/testcase_checklist.md, "
#define TFA_SPMC	 "TF-A services/std_svc/spm/el3_spmc/spmc_main.c, "
#define TFA_SPMD	 "TF-A services/std_svc/spmd/spmd_main.c, "
#define HAFNIUM_API	 "Hafnium src/api.c, "
#define TFA_MEM		 "TF-A services/std_svc/spm/el3_spmc/spmc_shared_mem.c, "
#define PROXY		 "arch/arm64/kvm/hyp/nvhe/ffa.c, "
/* Any call completes with NOT_SUPPORTED where it cannot be made. */
#define NOT_HERE                                                          \
	{                                                                 \
		-1, "not implemented at this instance", SPEC "11, rule 6" \
	}

/* One table a topic, in any order; catalogue.c sorts the identifiers. */
struct ffa_table {
	const struct ffa_call *calls;
	size_t nr;
};

/* The row at index in no order to rely on; NULL after the last. Cheap, unlike ffa_call_at(). */
const struct ffa_call *ffa_call_any(size_t index);

extern const struct ffa_table ffa_table_answers;
extern const struct ffa_table ffa_table_setup;
extern const struct ffa_table ffa_table_messages;
extern const struct ffa_table ffa_table_memory;
extern const struct ffa_table ffa_table_notifications;
extern const struct ffa_table ffa_table_notifications2;
extern const struct ffa_table ffa_table_others;

#endif
