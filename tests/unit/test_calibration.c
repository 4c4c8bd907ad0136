// SPDX-License-Identifier: GPL-2.0-only
/* Calibration and the verdicts that it allows, for each generation of proxy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/proxy.h"
#include "verdict/calibration.h"

#define FID_CREATE	       0x8400007d
#define FID_PARTITION_INFO_GET 0x84000068
#define FID_INFO_GET_64	       0xc4000083
#define FID_UNKNOWN	       0x840000ad
#define VERSION_1_2	       0x10002

/* Who answers, and what that leaves in the registers. */
struct machine {
	bool el2_writes_all; /* SMCCC 1.2 style: x0-x17; else x0-x3 */
	bool spmc_el2;	     /* an SPMC at S-EL2: EL3 returns x8-x17 of its own */
	bool untraced_reissues;
	bool loses_inner_pair;
	bool keeps_x9;	     /* EL2's own answers leave x9 alone */
	bool extra;	     /* EL2 sends two SMCs before every call */
	bool forwards_local; /* MEM_OP_PAUSE is passed through */
	bool no_proxy;	     /* there is no pKVM: all goes to EL3 */
	bool no_trace;
};

static struct verdict_call asked(uint32_t fid)
{
	struct verdict_call call = { .in.x[0] = fid };

	verdict_add_canaries(&call.in);
	call.out = call.in;
	return call;
}

static void answer_from_el2(const struct machine *m, struct verdict_call *call, uint64_t x0,
			    int64_t x2)
{
	unsigned int last = m->el2_writes_all ? FFA_NR_REGS - 1 : 3;
	uint64_t x9 = call->out.x[9];

	for (unsigned int i = 0; i <= last; i++)
		call->out.x[i] = 0;
	call->out.x[0] = x0;
	call->out.x[2] = (uint64_t)x2;
	if (m->keeps_x9)
		call->out.x[9] = x9;
}

static void answer_from_below(const struct machine *m, struct verdict_call *call, uint64_t x0,
			      uint32_t x2)
{
	for (unsigned int i = 0; i < 8; i++)
		call->out.x[i] = 0;
	for (unsigned int i = 8; i < FFA_NR_REGS && m->spmc_el2; i++)
		call->out.x[i] = 0;
	call->out.x[0] = x0;
	call->out.x[2] = x2;
}

/* What the trace shows of a call that sent `smcs` SMCs. */
static struct verdict seen(const struct machine *m, const struct verdict_call *call,
			   unsigned int smcs, bool reissued)
{
	struct verdict v = { .reason = VERDICT_TRACING_OFF };
	int32_t status;

	if (m->no_trace)
		return v;
	if (m->loses_inner_pair || (reissued && m->untraced_reissues))
		smcs = 0;
	if (m->extra)
		smcs += 2;
	v = (struct verdict){ .from_trace = true, .smcs = smcs, .kind = VERDICT_ANSWERED };
	if (smcs)
		v.kind = VERDICT_FORWARDED;
	else if (call->out.x[0] == UINT64_MAX ||
		 (ffa_answer_status(NULL, &call->out, &status) && status < 0))
		v.kind = VERDICT_REJECTED;
	return v;
}

static struct calibration calibrate(const struct machine *m)
{
	struct verdict_call calls[CALIBRATION_NR_PROBES];
	struct verdict verdicts[CALIBRATION_NR_PROBES];
	struct calibration cal;

	for (int i = 0; i < CALIBRATION_NR_PROBES; i++) {
		bool local = i == CALIBRATION_LOCAL || i == CALIBRATION_VERSION;
		bool below = m->no_proxy || !local || (i == CALIBRATION_LOCAL && m->forwards_local);

		calls[i] = (struct verdict_call){ 0 };
		assert_true(calibration_probe(i, VERSION_1_2, &calls[i].in));
		calls[i].out = calls[i].in;
		if (i == CALIBRATION_LOCAL && !below)
			answer_from_el2(m, &calls[i], FFA_FID_ERROR, -1);
		else if (i == CALIBRATION_LOCAL || i == CALIBRATION_ERROR)
			answer_from_below(m, &calls[i], FFA_FID_ERROR, UINT32_MAX);
		else if (i == CALIBRATION_VERSION && !below)
			answer_from_el2(m, &calls[i], VERSION_1_2, 0);
		else if (i == CALIBRATION_REISSUE && !m->no_proxy)
			answer_from_el2(m, &calls[i], FFA_FID_SUCCESS, 2);
		else
			answer_from_below(m, &calls[i], FFA_FID_SUCCESS, 1);
		verdicts[i] = seen(m, &calls[i], below, i == CALIBRATION_REISSUE);
	}
	calibration_judge(&cal, calls, verdicts, CALIBRATION_NR_PROBES);
	return cal;
}

/* The verdict of a call that the machine answers in this way, with the calibration of the machine. */
static struct verdict judge(const struct machine *m, const struct calibration *cal,
			    struct verdict_call call, unsigned int smcs)
{
	uint32_t fid = (uint32_t)call.in.x[0];
	struct verdict v = seen(m, &call, smcs, ffa_call_el2_reissues(ffa_call_by_fid(fid)));

	v.inferred = calibration_infer(cal, &call);
	if (v.from_trace)
		calibration_check(cal, &call, &v);
	return v;
}

static struct verdict refused_by_el2(const struct machine *m, const struct calibration *cal)
{
	struct verdict_call call = asked(FID_CREATE);

	answer_from_el2(m, &call, FFA_FID_ERROR, -1);
	return judge(m, cal, call, 0);
}

static struct verdict refused_below(const struct machine *m, const struct calibration *cal)
{
	struct verdict_call call = asked(FID_CREATE);

	answer_from_below(m, &call, FFA_FID_ERROR, (uint32_t)-2);
	return judge(m, cal, call, 1);
}

static struct verdict succeeded_below(const struct machine *m, const struct calibration *cal)
{
	struct verdict_call call = asked(FID_CREATE);

	answer_from_below(m, &call, FFA_FID_SUCCESS, 0);
	return judge(m, cal, call, 1);
}

static struct verdict reissued(const struct machine *m, const struct calibration *cal)
{
	struct verdict_call call = asked(FID_PARTITION_INFO_GET);

	answer_from_el2(m, &call, FFA_FID_SUCCESS, 2);
	return judge(m, cal, call, 1);
}

static void the_generation_of_6_18_has_both_witnesses(void **state)
{
	const struct machine m = { .el2_writes_all = true };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_true(calibration_is_complete(&cal));
	assert_true(calibration_uses_canaries(&cal));
	assert_true(calibration_uses_statuses(&cal));
	assert_int_equal(cal.el2_writes, 0x3fff8);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
	assert_int_equal(refused_by_el2(&m, &cal).inferred, VERDICT_SUGGESTS_EL2);
	assert_int_equal(refused_below(&m, &cal).kind, VERDICT_FORWARDED);
	assert_int_equal(refused_below(&m, &cal).inferred, VERDICT_SUGGESTS_SECURE);
	assert_int_equal(reissued(&m, &cal).kind, VERDICT_FORWARDED);
	assert_true(reissued(&m, &cal).rebuilt);
	assert_false(refused_below(&m, &cal).rebuilt);
}

/* Android up to 6.12, mainline before 6.18. */
static void the_generation_that_writes_x0_to_x3_only_is_not_accused(void **state)
{
	const struct machine m = { .el2_writes_all = false };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_false(calibration_uses_canaries(&cal));
	assert_true(calibration_uses_statuses(&cal));
	assert_int_equal(cal.el2_writes, 1 << 3);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
	assert_int_equal(refused_below(&m, &cal).kind, VERDICT_FORWARDED);
	assert_int_equal(succeeded_below(&m, &cal).kind, VERDICT_FORWARDED);
	assert_int_equal(succeeded_below(&m, &cal).inferred, VERDICT_SILENT);
}

static void an_spmc_that_writes_x8_to_x17_is_told_from_an_el2_that_does_not(void **state)
{
	const struct machine m = { .spmc_el2 = true };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_true(calibration_uses_canaries(&cal));
	assert_int_equal(succeeded_below(&m, &cal).inferred, VERDICT_SUGGESTS_SECURE);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
}

static void an_spmc_that_zeroes_as_el2_does_leaves_no_such_witness(void **state)
{
	const struct machine m = { .el2_writes_all = true, .spmc_el2 = true };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_false(calibration_uses_canaries(&cal));
	assert_int_equal(succeeded_below(&m, &cal).inferred, VERDICT_SILENT);
	assert_int_equal(succeeded_below(&m, &cal).kind, VERDICT_FORWARDED);
	assert_int_equal(refused_below(&m, &cal).inferred, VERDICT_SUGGESTS_SECURE);
}

static void a_reissued_call_without_a_trace_of_it_is_not_traced(void **state)
{
	const struct machine m = { .el2_writes_all = true, .untraced_reissues = true };
	struct calibration cal = calibrate(&m);
	struct verdict v = reissued(&m, &cal);

	(void)state;
	assert_int_equal(cal.reissued_traced, CALIBRATION_NO);
	assert_int_equal(v.kind, VERDICT_UNKNOWN);
	assert_string_equal(verdict_reason_name(v.reason), "not-traced");
	/* The count can only come from TrustZone. */
	assert_int_equal(v.inferred, VERDICT_SUGGESTS_SECURE);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
	assert_int_equal(refused_below(&m, &cal).kind, VERDICT_FORWARDED);
}

static void a_call_that_is_refused_before_the_proxy_is_not_reissued(void **state)
{
	const struct machine m = { .el2_writes_all = true, .untraced_reissues = true };
	struct calibration cal = calibrate(&m);
	struct verdict_call call = asked(FID_PARTITION_INFO_GET);

	(void)state;
	call.in.x[0] |= UINT64_C(1) << 40;
	call.out = call.in;
	call.out.x[0] = UINT64_MAX;
	assert_int_equal(judge(&m, &cal, call, 0).kind, VERDICT_REJECTED);
}

static void a_trace_that_loses_the_inner_pair_is_no_witness(void **state)
{
	const struct machine m = { .el2_writes_all = true, .loses_inner_pair = true };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_int_equal(cal.passed_traced, CALIBRATION_NO);
	assert_int_equal(refused_below(&m, &cal).kind, VERDICT_UNKNOWN);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_UNKNOWN);
}

static void a_pair_that_is_lost_later_is_a_conflict(void **state)
{
	const struct machine whole = { .el2_writes_all = true };
	const struct machine m = { .el2_writes_all = true, .loses_inner_pair = true };
	struct calibration cal = calibrate(&whole);

	(void)state;
	assert_int_equal(refused_below(&m, &cal).reason, VERDICT_EVIDENCE_CONFLICT);
	assert_int_equal(succeeded_below(&m, &cal).reason, VERDICT_EVIDENCE_CONFLICT);
	assert_int_equal(reissued(&m, &cal).reason, VERDICT_EVIDENCE_CONFLICT);
}

static void a_lost_pair_of_an_unknown_call_is_a_conflict(void **state)
{
	const struct machine whole = { .el2_writes_all = true };
	const struct machine m = { .el2_writes_all = true, .loses_inner_pair = true };
	struct calibration cal = calibrate(&whole);
	struct verdict_call call = asked(FID_UNKNOWN);

	(void)state;
	/* EL3 leaves x1-x17 alone when it does not know a call (SMC_UNK of TF-A). */
	call.out.x[0] = UINT64_MAX;
	assert_int_equal(judge(&m, &cal, call, 1).reason, VERDICT_EVIDENCE_CONFLICT);
	assert_int_equal(judge(&m, &cal, call, 1).inferred, VERDICT_SUGGESTS_SECURE);
	answer_from_el2(&m, &call, UINT64_MAX, 0);
	assert_int_equal(judge(&m, &cal, call, 0).kind, VERDICT_REJECTED);
}

static void a_lost_pair_of_a_64_bit_call_is_a_conflict(void **state)
{
	const struct machine whole = { .el2_writes_all = true };
	const struct machine m = { .el2_writes_all = true, .loses_inner_pair = true };
	struct calibration cal = calibrate(&whole);
	struct verdict_call call = { .in.x = { FID_INFO_GET_64, [12] = 5 } };

	(void)state;
	call.out = call.in;
	answer_from_below(&m, &call, FFA_FID_SUCCESS_64, 0);
	assert_int_equal(judge(&m, &cal, call, 1).reason, VERDICT_EVIDENCE_CONFLICT);
	answer_from_el2(&m, &call, FFA_FID_SUCCESS_64, 0);
	assert_int_equal(judge(&m, &cal, call, 0).kind, VERDICT_ANSWERED);
}

static void code_of_el2_that_claims_a_call_can_leave_the_registers(void **state)
{
	const struct machine m = { .el2_writes_all = true };
	struct calibration cal = calibrate(&m);
	struct verdict_call call = asked(FID_UNKNOWN);
	struct verdict v = { .kind = VERDICT_REJECTED, .from_trace = true, .claimed = true };

	(void)state;
	call.out.x[0] = UINT64_MAX;
	calibration_check(&cal, &call, &v);
	assert_int_equal(v.kind, VERDICT_REJECTED);
}

static void answers_of_el2_that_are_neither_kept_nor_zero_are_no_witness(void **state)
{
	const struct machine m = { .el2_writes_all = true, .keeps_x9 = true };
	struct calibration cal = calibrate(&m);
	char text[256];

	(void)state;
	assert_false(calibration_uses_canaries(&cal));
	assert_true(calibration_sentence(&cal, 0, text, sizeof(text)));
	assert_non_null(strstr(text, "not used"));
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
}

static void smcs_that_el2_adds_to_every_call_prove_nothing(void **state)
{
	const struct machine m = { .el2_writes_all = true, .extra = true };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_int_equal(cal.extra_smcs, CALIBRATION_YES);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_UNKNOWN);
	assert_int_equal(succeeded_below(&m, &cal).kind, VERDICT_UNKNOWN);
}

static void a_local_call_that_is_forwarded_is_not_taken_for_extra_smcs(void **state)
{
	const struct machine m = { .el2_writes_all = true, .forwards_local = true };
	struct calibration cal = calibrate(&m);

	(void)state;
	assert_int_equal(cal.extra_smcs, CALIBRATION_NO);
	assert_int_equal(cal.local_blocked, CALIBRATION_NO);
	assert_int_equal(refused_below(&m, &cal).kind, VERDICT_FORWARDED);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
}

static void without_a_trace_the_mark_of_el2_decides(void **state)
{
	const struct machine new = { .el2_writes_all = true, .no_trace = true };
	const struct machine old = { .no_trace = true };
	const struct machine none = { .no_trace = true, .no_proxy = true, .spmc_el2 = true };
	struct calibration cal = calibrate(&new);

	(void)state;
	assert_int_equal(refused_by_el2(&new, &cal).inferred, VERDICT_SUGGESTS_EL2);
	assert_int_equal(succeeded_below(&new, &cal).inferred, VERDICT_SUGGESTS_SECURE);

	cal = calibrate(&old);
	assert_int_equal(refused_by_el2(&old, &cal).inferred, VERDICT_SUGGESTS_EL2);
	assert_int_equal(succeeded_below(&old, &cal).inferred, VERDICT_SILENT);

	/* Nothing shows that there is a proxy at all. */
	cal = calibrate(&none);
	assert_int_equal(refused_below(&none, &cal).inferred, VERDICT_SILENT);
	assert_int_equal(succeeded_below(&none, &cal).inferred, VERDICT_SILENT);
}

static void nothing_known_uses_no_witness(void **state)
{
	const struct machine m = { .el2_writes_all = true };
	const struct calibration nothing = { 0 };

	(void)state;
	assert_int_equal(refused_by_el2(&m, &nothing).kind, VERDICT_REJECTED);
	assert_int_equal(refused_by_el2(&m, &nothing).inferred, VERDICT_SILENT);
	assert_int_equal(refused_below(&m, &nothing).kind, VERDICT_FORWARDED);
	assert_int_equal(reissued(&m, &nothing).kind, VERDICT_FORWARDED);
}

/* ---- an old recording ---- */

static void learn(const struct machine *m, struct calibration_learner *learner, unsigned int smcs)
{
	struct verdict_call call = asked(FID_CREATE);
	struct verdict v;

	if (smcs)
		answer_from_below(m, &call, FFA_FID_ERROR, (uint32_t)-2);
	else
		answer_from_el2(m, &call, FFA_FID_ERROR, -1);
	v = seen(m, &call, smcs, false);
	calibration_learn(learner, &call, &v);
}

static void a_recording_with_both_origins_proves_its_witness(void **state)
{
	const struct machine m = { .el2_writes_all = true };
	const struct machine lost = { .el2_writes_all = true, .loses_inner_pair = true };
	struct calibration_learner learner = { 0 };
	struct calibration cal;

	(void)state;
	learn(&m, &learner, 0);
	learn(&m, &learner, 1);
	/* A call that does not fit is a conflict. */
	learn(&lost, &learner, 1);
	calibration_learned(&learner, &cal);
	assert_false(cal.measured);
	assert_true(calibration_uses_canaries(&cal));
	assert_int_equal(refused_below(&lost, &cal).reason, VERDICT_EVIDENCE_CONFLICT);
}

static void a_recording_of_rejected_calls_alone_proves_none(void **state)
{
	const struct machine m = { .el2_writes_all = false };
	struct calibration_learner learner = { 0 };
	struct calibration cal;

	(void)state;
	learn(&m, &learner, 0);
	calibration_learned(&learner, &cal);
	assert_int_equal(refused_by_el2(&m, &cal).kind, VERDICT_REJECTED);
	assert_int_equal(refused_by_el2(&m, &cal).inferred, VERDICT_SILENT);
}

static void a_recording_shows_whether_reissues_are_traced(void **state)
{
	const struct machine m = { .el2_writes_all = true };
	const struct machine lost = { .el2_writes_all = true, .untraced_reissues = true };
	struct verdict_call call = asked(FID_PARTITION_INFO_GET);
	struct calibration_learner learner = { 0 };
	struct calibration cal;
	struct verdict v;

	(void)state;
	answer_from_el2(&m, &call, FFA_FID_SUCCESS, 2);
	v = seen(&m, &call, 1, true);
	calibration_learn(&learner, &call, &v);
	calibration_learned(&learner, &cal);
	assert_int_equal(cal.reissued_traced, CALIBRATION_YES);

	v = seen(&lost, &call, 1, true);
	calibration_learn(&learner, &call, &v);
	calibration_learned(&learner, &cal);
	assert_int_equal(cal.reissued_traced, CALIBRATION_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_generation_of_6_18_has_both_witnesses),
		cmocka_unit_test(the_generation_that_writes_x0_to_x3_only_is_not_accused),
		cmocka_unit_test(an_spmc_that_writes_x8_to_x17_is_told_from_an_el2_that_does_not),
		cmocka_unit_test(an_spmc_that_zeroes_as_el2_does_leaves_no_such_witness),
		cmocka_unit_test(a_reissued_call_without_a_trace_of_it_is_not_traced),
		cmocka_unit_test(a_call_that_is_refused_before_the_proxy_is_not_reissued),
		cmocka_unit_test(a_trace_that_loses_the_inner_pair_is_no_witness),
		cmocka_unit_test(a_pair_that_is_lost_later_is_a_conflict),
		cmocka_unit_test(a_lost_pair_of_an_unknown_call_is_a_conflict),
		cmocka_unit_test(a_lost_pair_of_a_64_bit_call_is_a_conflict),
		cmocka_unit_test(code_of_el2_that_claims_a_call_can_leave_the_registers),
		cmocka_unit_test(answers_of_el2_that_are_neither_kept_nor_zero_are_no_witness),
		cmocka_unit_test(smcs_that_el2_adds_to_every_call_prove_nothing),
		cmocka_unit_test(a_local_call_that_is_forwarded_is_not_taken_for_extra_smcs),
		cmocka_unit_test(without_a_trace_the_mark_of_el2_decides),
		cmocka_unit_test(nothing_known_uses_no_witness),
		cmocka_unit_test(a_recording_with_both_origins_proves_its_witness),
		cmocka_unit_test(a_recording_of_rejected_calls_alone_proves_none),
		cmocka_unit_test(a_recording_shows_whether_reissues_are_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
