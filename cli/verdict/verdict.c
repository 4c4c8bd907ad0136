// SPDX-License-Identifier: GPL-2.0-only
/* The words of a verdict, and the canaries. */
#include "ffa/call.h"
#include "verdict/verdict.h"

/* x8 to x17: parameters of SMC64 calls only (DEN0028 2.6). */
#define FIRST_CANARY 8

uint64_t verdict_canary(unsigned int reg)
{
	return UINT64_C(0xca9a5a7ef0070000) | reg;
}

void verdict_add_canaries(struct ffa_regs *in)
{
	if (!ffa_call_takes_canary((uint32_t)in->x[0]))
		return;

	for (unsigned int reg = FIRST_CANARY; reg < FFA_NR_REGS; reg++) {
		if (!in->x[reg])
			in->x[reg] = verdict_canary(reg);
	}
}

void verdict_without_canaries(const struct ffa_regs *in, struct ffa_regs *asked)
{
	*asked = *in;
	for (unsigned int reg = FIRST_CANARY; reg < FFA_NR_REGS; reg++) {
		if (in->x[reg] == verdict_canary(reg))
			asked->x[reg] = 0;
	}
}

const char *verdict_event_name(unsigned char type)
{
	static const char *const names[] = {
		[HYP_EVENT_ENTER] = "hyp_enter",
		[HYP_EVENT_EXIT] = "hyp_exit",
		[HYP_EVENT_SELFTEST] = "selftest",
		[HYP_EVENT_HOST_SMC] = "host_smc",
		[HYP_EVENT_OTHER] = "(another event)",
		[HYP_EVENT_PRINTK] = "hyp_printk",
		[HYP_EVENT_HOST_FFA_CALL] = "host_ffa_call",
	};

	return type < sizeof(names) / sizeof(names[0]) && names[type] ? names[type] : "?";
}

const char *verdict_event_reason(unsigned char reason)
{
	static const char *const names[] = HYP_REASON_NAMES;

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "";
}

const char *verdict_kind_name(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_REJECTED:
		return "rejected";
	case VERDICT_ANSWERED:
		return "answered";
	case VERDICT_FORWARDED:
		return "forwarded";
	case VERDICT_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *verdict_by(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_REJECTED:
	case VERDICT_ANSWERED:
		return "el2";
	case VERDICT_FORWARDED:
		return "secure-world";
	case VERDICT_UNKNOWN:
		break;
	}
	return NULL;
}

const char *verdict_reason_name(enum verdict_reason reason)
{
	switch (reason) {
	case VERDICT_LOST_EVENTS:
		return "lost-events";
	case VERDICT_NO_EVENTS:
		return "no-events";
	case VERDICT_AMBIGUOUS:
		return "ambiguous";
	case VERDICT_TRACING_OFF:
		return "tracing-off";
	case VERDICT_EVIDENCE_CONFLICT:
		return "evidence-conflict";
	case VERDICT_NOT_TRACED:
		return "not-traced";
	case VERDICT_REASON_NONE:
		break;
	}
	return NULL;
}

const char *verdict_inferred_name(enum verdict_inferred inferred)
{
	switch (inferred) {
	case VERDICT_SUGGESTS_EL2:
		return "registers-suggest-el2";
	case VERDICT_SUGGESTS_SECURE:
		return "registers-suggest-secure-world";
	case VERDICT_SILENT:
		break;
	}
	return NULL;
}
