// SPDX-License-Identifier: GPL-2.0-only
/* How reliable the evidence is on one machine, and what it proves. */
#include <stdio.h>

#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/proxy.h"
#include "verdict/calibration.h"

/* DEN0077A 13.3: feature identifiers are 1 to 3; this one is reserved. */
#define UNDEFINED_FEATURE  0xff

/* x8 to x17: parameters of SMC64 calls only (DEN0028 2.6). */
#define FIRST_CANARY	   8

/* x1 and x2 of MEM_OP_PAUSE are parameters; canaries start after them. */
#define FIRST_LOCAL_CANARY 3

static const char *const names[CALIBRATION_NR_PROBES] = {
	[CALIBRATION_LOCAL] = "FFA_MEM_OP_PAUSE", [CALIBRATION_FAR] = "FFA_SPM_ID_GET",
	[CALIBRATION_ERROR] = "FFA_FEATURES",	  [CALIBRATION_REISSUE] = "FFA_PARTITION_INFO_GET",
	[CALIBRATION_VERSION] = "FFA_VERSION",
};

static bool is_probe(const struct verdict_call *call, enum calibration_probe probe)
{
	return (uint32_t)call->in.x[0] == ffa_call_find(names[probe])->fid;
}

static bool is_reissued(const struct verdict_call *call)
{
	return ffa_call_el2_reissues(ffa_call_by_fid((uint32_t)call->in.x[0]));
}

static bool is_success(const struct verdict_call *call)
{
	uint32_t x0 = (uint32_t)call->out.x[0];

	return x0 == FFA_FID_SUCCESS || x0 == FFA_FID_SUCCESS_64;
}

bool calibration_probe(enum calibration_probe probe, uint32_t version, struct ffa_regs *in)
{
	const struct ffa_call *ffa = ffa_call_find(names[probe]);
	char ignored[128];

	ffa_call_init(ffa, ffa_call_fid(ffa), in);
	switch (probe) {
	case CALIBRATION_LOCAL:
		for (unsigned int reg = FIRST_LOCAL_CANARY; reg < FIRST_CANARY; reg++)
			in->x[reg] = verdict_canary(reg);
		break;
	case CALIBRATION_ERROR:
		in->x[1] = UNDEFINED_FEATURE;
		break;
	case CALIBRATION_REISSUE:
		/* Without it the answer fills arm_ffa's RX buffer (DEN0077A 13.8). */
		if (ffa_assign(ffa, in, "count-only=1", ignored, sizeof(ignored)))
			return false;
		break;
	case CALIBRATION_VERSION:
		in->x[1] = version;
		break;
	case CALIBRATION_FAR:
	case CALIBRATION_NR_PROBES:
		break;
	}
	verdict_add_canaries(in);
	return probe != CALIBRATION_VERSION || version;
}

/* ---- one answer ---- */

/* One of CALIBRATION_KEPT and so on; 0 where no canary was sent. */
static unsigned int classify_canaries(const struct verdict_call *call)
{
	bool sent = false, kept = true, zeroed = true;

	if (!ffa_call_takes_canary((uint32_t)call->in.x[0]))
		return 0;

	for (unsigned int reg = FIRST_CANARY; reg < FFA_NR_REGS; reg++) {
		sent |= call->in.x[reg] != 0;
		kept &= call->out.x[reg] == call->in.x[reg];
		zeroed &= call->out.x[reg] == 0;
	}

	if (!sent)
		return 0;
	if (kept)
		return CALIBRATION_KEPT;
	return zeroed ? CALIBRATION_ZEROED : CALIBRATION_FOREIGN;
}

/* One of CALIBRATION_STATUS_64 and so on; 0 for an answer that is no FFA_ERROR. */
static unsigned int classify_status(const struct verdict_call *call)
{
	int32_t high = (int32_t)(call->out.x[2] >> 32);

	if ((uint32_t)call->out.x[0] != FFA_FID_ERROR || (int32_t)call->out.x[2] >= 0)
		return 0;
	if (high == -1)
		return CALIBRATION_STATUS_64;
	return high == 0 ? CALIBRATION_STATUS_32 : 0;
}

static void see(struct calibration_seen *seen, const struct verdict_call *call)
{
	/* -1 in x0: EL2 before its FF-A code and EL3 both leave the other registers alone. */
	if (call->out.x[0] == UINT64_MAX)
		return;
	seen->canaries |= classify_canaries(call);
	seen->statuses |= classify_status(call);
}

/* ---- calls that were made to calibrate ---- */

static void see_writes(struct calibration *cal, const struct verdict_call *call)
{
	for (unsigned int reg = FIRST_LOCAL_CANARY; reg < FFA_NR_REGS; reg++) {
		if (call->in.x[reg] && call->out.x[reg] != call->in.x[reg])
			cal->el2_writes |= UINT32_C(1) << reg;
	}
}

static void judge_by_trace(struct calibration *cal, const struct verdict_call *call,
			   const struct verdict *v)
{
	bool passed = is_probe(call, CALIBRATION_FAR) || is_probe(call, CALIBRATION_ERROR);

	if (passed && v->smcs)
		cal->passed_traced = CALIBRATION_YES;
	else if (is_probe(call, CALIBRATION_FAR) && !cal->passed_traced)
		cal->passed_traced = CALIBRATION_NO;

	if (is_probe(call, CALIBRATION_REISSUE) && v->smcs)
		cal->reissued_traced = CALIBRATION_YES;
	else if (is_probe(call, CALIBRATION_REISSUE) && is_success(call))
		cal->reissued_traced = CALIBRATION_NO;

	if (is_probe(call, CALIBRATION_LOCAL)) {
		cal->local_blocked = v->smcs ? CALIBRATION_NO : CALIBRATION_YES;
		if (!v->smcs)
			see_writes(cal, call);
	}
	/* EL2 writes the answer of a call that it re-issues: it is of neither kind. */
	if (is_reissued(call) && (v->smcs || !is_probe(call, CALIBRATION_VERSION)))
		return;
	see(v->smcs ? &cal->below : &cal->el2, call);
}

/*
 * Which call it is tells where the answer came from, if pKVM's proxy is there at all. EL2 writes
 * its errors as signed 64-bit numbers; without that mark nothing shows that EL2 answered.
 */
static void judge_by_identity(struct calibration *cal, const struct verdict_call *calls,
			      unsigned int n)
{
	bool marked = false;

	for (unsigned int i = 0; i < n; i++)
		marked |= is_probe(&calls[i], CALIBRATION_LOCAL) &&
			  classify_status(&calls[i]) == CALIBRATION_STATUS_64;
	if (!marked)
		return;

	for (unsigned int i = 0; i < n; i++) {
		if (is_probe(&calls[i], CALIBRATION_LOCAL)) {
			see(&cal->el2, &calls[i]);
			see_writes(cal, &calls[i]);
		} else if (is_probe(&calls[i], CALIBRATION_FAR) ||
			   is_probe(&calls[i], CALIBRATION_ERROR)) {
			see(&cal->below, &calls[i]);
		}
	}
}

void calibration_judge(struct calibration *cal, const struct verdict_call *calls,
		       const struct verdict *verdicts, unsigned int n)
{
	uint32_t local = 0, version = 0;

	*cal = (struct calibration){ .measured = n > 0 };
	for (unsigned int i = 0; i < n; i++)
		cal->traced |= verdicts[i].from_trace;
	if (!cal->traced) {
		judge_by_identity(cal, calls, n);
		return;
	}

	for (unsigned int i = 0; i < n; i++) {
		if (is_probe(&calls[i], CALIBRATION_LOCAL))
			local = verdicts[i].smcs;
		if (is_probe(&calls[i], CALIBRATION_VERSION))
			version = verdicts[i].smcs;
	}
	cal->extra_smcs = local && version ? CALIBRATION_YES : CALIBRATION_NO;

	for (unsigned int i = 0; i < n && cal->extra_smcs == CALIBRATION_NO; i++) {
		if (verdicts[i].from_trace)
			judge_by_trace(cal, &calls[i], &verdicts[i]);
	}
}

/* ---- calls of an old recording ---- */

void calibration_learn(struct calibration_learner *learner, const struct verdict_call *call,
		       const struct verdict *v)
{
	if (!v->from_trace)
		return;

	if (is_reissued(call)) {
		learner->reissue_seen |= v->smcs != 0;
		learner->reissue_missed |= !v->smcs && is_success(call);
		return;
	}
	see(v->smcs ? &learner->below : &learner->el2, call);
}

/*
 * A recording with answers of both origins, each with its mark, proves the witness. A call whose
 * answer does not fit is then a conflict.
 */
static void prove(unsigned int *el2, unsigned int *below, unsigned int mark_el2,
		  unsigned int mark_below)
{
	if ((*el2 & mark_el2) && (*below & mark_below)) {
		*el2 = mark_el2;
		*below &= ~mark_el2;
	}
}

void calibration_learned(const struct calibration_learner *learner, struct calibration *cal)
{
	*cal = (struct calibration){ .el2 = learner->el2, .below = learner->below };
	prove(&cal->el2.canaries, &cal->below.canaries, CALIBRATION_ZEROED, CALIBRATION_KEPT);
	prove(&cal->el2.statuses, &cal->below.statuses, CALIBRATION_STATUS_64,
	      CALIBRATION_STATUS_32);
	if (learner->reissue_missed)
		cal->reissued_traced = CALIBRATION_NO;
	else if (learner->reissue_seen)
		cal->reissued_traced = CALIBRATION_YES;
}

/* ---- what the registers suggest ---- */

/* EL2's answers are all alike, and some of those from below are not like them. */
bool calibration_uses_canaries(const struct calibration *cal)
{
	unsigned int el2 = cal->el2.canaries;

	return (el2 == CALIBRATION_ZEROED || el2 == CALIBRATION_KEPT) &&
	       (cal->below.canaries & ~el2);
}

bool calibration_uses_statuses(const struct calibration *cal)
{
	return cal->el2.statuses == CALIBRATION_STATUS_64 &&
	       cal->below.statuses == CALIBRATION_STATUS_32;
}

static enum verdict_inferred infer_from_canaries(const struct calibration *cal,
						 const struct verdict_call *call)
{
	unsigned int seen = classify_canaries(call);

	if (!seen || !calibration_uses_canaries(cal))
		return VERDICT_SILENT;
	if (seen != cal->el2.canaries)
		return VERDICT_SUGGESTS_SECURE;
	/*
	 * EL3 leaves x8-x17 alone when it answers a call itself, so kept ones prove nothing where
	 * EL2 keeps them too.
	 */
	if (seen == CALIBRATION_KEPT || (cal->below.canaries & seen))
		return VERDICT_SILENT;
	return VERDICT_SUGGESTS_EL2;
}

static enum verdict_inferred infer_from_status(const struct calibration *cal,
					       const struct verdict_call *call)
{
	unsigned int seen = classify_status(call);

	if (!seen || !calibration_uses_statuses(cal))
		return VERDICT_SILENT;
	return seen == CALIBRATION_STATUS_32 ? VERDICT_SUGGESTS_SECURE : VERDICT_SUGGESTS_EL2;
}

/* Success of a call that only TrustZone can carry out; VERSION has no FFA_SUCCESS. */
static bool only_below_succeeds(const struct verdict_call *call)
{
	return is_success(call) && is_reissued(call);
}

enum verdict_inferred calibration_infer(const struct calibration *cal,
					const struct verdict_call *call)
{
	enum verdict_inferred canaries, status;

	if (call->out.x[0] == UINT64_MAX)
		return VERDICT_SILENT;

	canaries = infer_from_canaries(cal, call);
	status = infer_from_status(cal, call);
	/* Without a search: what all of the following would return. */
	if (canaries == VERDICT_SUGGESTS_SECURE && status != VERDICT_SUGGESTS_EL2)
		return VERDICT_SUGGESTS_SECURE;
	if (only_below_succeeds(call))
		return VERDICT_SUGGESTS_SECURE;
	/* EL2 also writes the answers of calls that it re-issues. The search is slow: once a call. */
	if ((canaries == VERDICT_SUGGESTS_EL2 || status == VERDICT_SUGGESTS_EL2) &&
	    is_reissued(call)) {
		canaries = canaries == VERDICT_SUGGESTS_EL2 ? VERDICT_SILENT : canaries;
		status = status == VERDICT_SUGGESTS_EL2 ? VERDICT_SILENT : status;
	}
	if (canaries == VERDICT_SILENT)
		return status;
	if (status == VERDICT_SILENT || status == canaries)
		return canaries;
	return VERDICT_SILENT;
}

/* ---- trace and registers together ---- */

/* EL2 refuses bits above the identifier with -1, before its FF-A code. */
static bool is_refused_early(const struct verdict_call *call)
{
	return call->in.x[0] >> 32 && call->out.x[0] == UINT64_MAX;
}

/*
 * EL2 re-issues VERSION once, before a version is negotiated. Whether that was so is measured with
 * the rest; recordings of older versions were made after arm_ffa negotiated at its start.
 */
static bool may_be_reissued(const struct calibration *cal, const struct verdict_call *call)
{
	return is_reissued(call) && !is_refused_early(call) &&
	       (cal->measured || cal->reissued_traced || !is_probe(call, CALIBRATION_VERSION));
}

/*
 * Whether a register that EL2's own answers write came back as it was sent, so that EL2 cannot have
 * written this answer. Shows it for -1 and for SMC64 calls, where neither canaries nor the width of
 * an error does. x3-x7 of other answers are results, which can equal a parameter.
 */
static bool keeps_what_el2_writes(const struct calibration *cal, const struct verdict_call *call)
{
	unsigned int first = call->out.x[0] == UINT64_MAX ? FIRST_LOCAL_CANARY : FIRST_CANARY;

	for (unsigned int reg = first; reg < FFA_NR_REGS; reg++) {
		if ((cal->el2_writes & (UINT32_C(1) << reg)) && call->in.x[reg] &&
		    call->out.x[reg] == call->in.x[reg])
			return true;
	}
	return false;
}

/*
 * What the registers of a call suggest that, by the trace, never left EL2. Other code of EL2 than
 * the proxy may claim a call, and refuses bits above the identifier: it leaves x1-x17 alone.
 */
static enum verdict_inferred infer_local(const struct calibration *cal,
					 const struct verdict_call *call, const struct verdict *v)
{
	if (v->inferred == VERDICT_SILENT && !v->claimed && !is_refused_early(call) &&
	    keeps_what_el2_writes(cal, call))
		return VERDICT_SUGGESTS_SECURE;
	return v->inferred;
}

static enum verdict_reason doubt_local(const struct calibration *cal,
				       const struct verdict_call *call, const struct verdict *v)
{
	if (cal->passed_traced == CALIBRATION_NO)
		return VERDICT_NOT_TRACED;
	if (cal->reissued_traced != CALIBRATION_YES && may_be_reissued(cal, call))
		return VERDICT_NOT_TRACED;
	/* What EL2 cannot have written came from below, by an SMC that the trace does not show. */
	if (v->inferred == VERDICT_SUGGESTS_SECURE)
		return cal->reissued_traced == CALIBRATION_NO ? VERDICT_NOT_TRACED
							      : VERDICT_EVIDENCE_CONFLICT;
	return VERDICT_REASON_NONE;
}

static enum verdict_reason doubt_forwarded(const struct calibration *cal,
					   const struct verdict_call *call, const struct verdict *v)
{
	/* The SMCs may be those that EL2 sends before every call. */
	if (cal->extra_smcs == CALIBRATION_YES && !v->passed_on)
		return VERDICT_AMBIGUOUS;
	/* An error of EL2's own: it had nothing to send. */
	if (v->inferred == VERDICT_SUGGESTS_EL2 && classify_status(call) == CALIBRATION_STATUS_64)
		return VERDICT_EVIDENCE_CONFLICT;
	return VERDICT_REASON_NONE;
}

void calibration_check(const struct calibration *cal, const struct verdict_call *call,
		       struct verdict *v)
{
	if (v->kind == VERDICT_UNKNOWN)
		return;

	if (!v->smcs)
		v->inferred = infer_local(cal, call, v);
	v->reason = v->smcs ? doubt_forwarded(cal, call, v) : doubt_local(cal, call, v);
	if (v->reason)
		v->kind = VERDICT_UNKNOWN;
	v->rebuilt = v->kind == VERDICT_FORWARDED && !v->passed_on && is_reissued(call);
}

/* ---- in words ---- */

const char *calibration_canaries_name(unsigned int set)
{
	static const char *const words[] = {
		NULL,
		"kept",
		"zeroed",
		"kept or zeroed",
		"overwritten",
		"kept or overwritten",
		"zeroed or overwritten",
		"kept, zeroed or overwritten",
	};

	return words[set & 7];
}

const char *calibration_statuses_name(unsigned int set)
{
	static const char *const words[] = { NULL, "64-bit", "32-bit", "64-bit or 32-bit" };

	return words[set & 3];
}

static void say_canaries(const struct calibration *cal, char *buf, size_t size)
{
	const char *el2 = calibration_canaries_name(cal->el2.canaries);
	const char *below = calibration_canaries_name(cal->below.canaries);

	if (!el2 || !below)
		snprintf(buf, size, "x8-x17 are not used as a witness: no answer of %s was seen",
			 el2 ? "the secure world" : "EL2's own");
	else if (calibration_uses_canaries(cal))
		snprintf(
			buf, size,
			"x8-x17 are used as a witness: %s in EL2's own answers, %s in answers from below",
			el2, below);
	else
		snprintf(
			buf, size,
			"x8-x17 are not used as a witness, they cannot tell EL2 from TrustZone here: %s in EL2's own answers, %s in answers from below",
			el2, below);
}

static void say_statuses(const struct calibration *cal, char *buf, size_t size)
{
	const char *el2 = calibration_statuses_name(cal->el2.statuses);
	const char *below = calibration_statuses_name(cal->below.statuses);

	if (!el2 || !below)
		snprintf(buf, size,
			 "the width of an error is not used as a witness: no error of %s was seen",
			 el2 ? "the secure world" : "EL2's own");
	else
		snprintf(
			buf, size,
			"the width of an error is %s as a witness: %s in EL2's own answers, %s in answers from below",
			calibration_uses_statuses(cal) ? "used" : "not used", el2, below);
}

static void say_trace(const struct calibration *cal, char *buf, size_t size)
{
	if (cal->extra_smcs == CALIBRATION_YES)
		snprintf(
			buf, size,
			"EL2 sends its own SMCs before every call, so the trace cannot show that a call was forwarded");
	else if (cal->passed_traced == CALIBRATION_NO)
		snprintf(
			buf, size,
			"the trace is not a witness for rejected calls: it did not show that FFA_SPM_ID_GET left EL2");
	else if (cal->reissued_traced == CALIBRATION_NO)
		snprintf(
			buf, size,
			"the SMCs that EL2 sends for calls it re-issues are not traced: such calls are unknown (not-traced)");
	else if (cal->reissued_traced == CALIBRATION_NOT_KNOWN)
		snprintf(
			buf, size,
			"it is not known whether the SMCs that EL2 sends for calls it re-issues are traced: such calls can be unknown (not-traced)");
	else
		snprintf(buf, size,
			 "the trace shows both the SMCs that EL2 passes through and its own SMCs");
}

static void say_writes(const struct calibration *cal, char *buf, size_t size)
{
	unsigned int last = 3;

	if (cal->local_blocked == CALIBRATION_NO) {
		snprintf(buf, size,
			 "FFA_MEM_OP_PAUSE left EL2, so it did not measure an answer of EL2");
		return;
	}
	for (unsigned int reg = FIRST_LOCAL_CANARY; reg < FFA_NR_REGS; reg++) {
		if (cal->el2_writes & (UINT32_C(1) << reg))
			last = reg;
	}
	if (cal->el2_writes)
		snprintf(buf, size, "EL2's own answers write x0 to x%u", last);
	else
		snprintf(buf, size, "which registers EL2's own answers write is not known");
}

bool calibration_sentence(const struct calibration *cal, unsigned int index, char *buf, size_t size)
{
	switch (index) {
	case 0:
		say_canaries(cal, buf, size);
		return true;
	case 1:
		say_statuses(cal, buf, size);
		return true;
	case 2:
		say_writes(cal, buf, size);
		return true;
	case 3:
		if (!cal->traced)
			return false;
		say_trace(cal, buf, size);
		return true;
	default:
		return false;
	}
}
