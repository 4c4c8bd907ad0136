// SPDX-License-Identifier: GPL-2.0-only
/* The words of a verdict, and what the registers alone suggest. */
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

enum canaries {
	CANARIES_NONE,	 /* none were sent, or what came back is neither of the two */
	CANARIES_KEPT,	 /* all came back as they were sent */
	CANARIES_ZEROED, /* all came back as zero */
};

static enum canaries look_at_canaries(const struct verdict_call *call)
{
	bool sent = false, kept = true, zeroed = true;

	if (!ffa_call_takes_canary((uint32_t)call->in.x[0]))
		return CANARIES_NONE;

	for (unsigned int reg = FIRST_CANARY; reg < FFA_NR_REGS; reg++) {
		sent |= call->in.x[reg] != 0;
		kept &= call->out.x[reg] == call->in.x[reg];
		zeroed &= call->out.x[reg] == 0;
	}

	if (!sent)
		return CANARIES_NONE;
	if (kept)
		return CANARIES_KEPT;
	return zeroed ? CANARIES_ZEROED : CANARIES_NONE;
}

enum verdict_inferred verdict_from_registers(const struct verdict_call *call)
{
	const struct ffa_regs *out = &call->out;
	bool error = (uint32_t)out->x[0] == FFA_FID_ERROR;
	int32_t status_high = (int32_t)(out->x[2] >> 32);

	switch (look_at_canaries(call)) {
	case CANARIES_KEPT:
		/* EL2 before its FF-A code and EL3 both leave the rest alone when they answer -1. */
		return out->x[0] == UINT64_MAX ? VERDICT_SILENT : VERDICT_SUGGESTS_SECURE;
	case CANARIES_ZEROED:
		/* EL2 also writes the answers of calls for which it sends SMCs of its own. */
		return ffa_call_el2_reissues(ffa_call_by_fid((uint32_t)call->in.x[0]))
			       ? VERDICT_SILENT
			       : VERDICT_SUGGESTS_EL2;
	case CANARIES_NONE:
		break;
	}

	/* EL2 holds its error as a signed 64-bit number; EL3 returns 32 bits (spmd_main.c). */
	if (error && (int32_t)out->x[2] < 0) {
		if (status_high == -1)
			return VERDICT_SUGGESTS_EL2;
		if (status_high == 0)
			return VERDICT_SUGGESTS_SECURE;
	}

	return VERDICT_SILENT;
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
