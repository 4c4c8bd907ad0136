// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts from a trace like Android's: no reasons, host_smc, times to the microsecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calibrated.h"
#include "ffa/call.h"
#include "verdict/verdict.h"

#define FID	 0x84000069u
#define NOT_SUPP UINT64_C(0xffffffffffffffff)

enum { E = HYP_EVENT_ENTER, X = HYP_EVENT_EXIT, S = HYP_EVENT_HOST_SMC };

struct step {
	int type;
	uint64_t ts;
	uint64_t id;
	int forwarded;
};

struct fixture {
	struct verdict_join *join;
	struct verdict_call call;
	struct verdict_clock clock;
	struct verdict got;
	unsigned int settled;
	bool from_nothing; /* the CPU's trace has no event before the first step */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->join = verdict_join_new(false);
	verdict_join_calibrate(f->join, &calibrated_smccc_1_2);
	f->call = (struct verdict_call){ .begin_ns = 100000, .end_ns = 130000 };
	f->call.in.x[0] = FID;
	verdict_add_canaries(&f->call.in);
	f->clock = (struct verdict_clock){ .slack_ns = 2000, .guard_ns = 20000 };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	verdict_join_free(f->join);
	free(f);
	return 0;
}

/* EL2's own answer: a 64-bit error followed by zeros. */
static void answer_of_el2(struct fixture *f)
{
	memset(&f->call.out, 0, sizeof(f->call.out));
	f->call.out.x[0] = FFA_FID_ERROR;
	f->call.out.x[2] = NOT_SUPP;
}

/* An answer that EL2 passed through. */
static void answer_from_below(struct fixture *f)
{
	f->call.out = f->call.in;
	f->call.out.x[0] = FFA_FID_SUCCESS;
	f->call.out.x[2] = 0;
}

static void keep(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct fixture *f = ctx;

	(void)call;
	(void)tag;
	f->got = *v;
	f->settled++;
}

static void play(struct fixture *f, const struct step *steps, size_t n)
{
	/* An exit long before: events are trusted from there on. */
	struct hyp_event ev = { .type = X, .ts = 1000, .reason = HYP_REASON_NONE };

	if (!f->from_nothing)
		assert_int_equal(verdict_join_event(f->join, &ev), 0);
	assert_int_equal(verdict_join_call(f->join, &f->call, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		ev = (struct hyp_event){
			.type = (unsigned char)steps[i].type,
			.ts = steps[i].ts,
			.id = steps[i].id,
			.arg = (unsigned short)steps[i].forwarded,
			.reason = HYP_REASON_NONE,
		};
		assert_int_equal(verdict_join_event(f->join, &ev), 0);
	}
	verdict_join_settle(f->join, 0, 2000, 1000000, &f->clock, VERDICT_REASON_NONE, keep, f);
	assert_int_equal(f->settled, 1);
}

#define PLAY(f, ...)                                                \
	do {                                                        \
		static const struct step steps[] = { __VA_ARGS__ }; \
		play(f, steps, sizeof(steps) / sizeof(steps[0]));   \
	} while (0)

static void one_span_with_an_error_is_rejected(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { S, 111000, FID, 0 }, { X, 112000 });
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
	assert_int_equal(f->got.total_ns, 2000);
}

static void the_first_span_of_a_cpu_is_whole(void **state)
{
	struct fixture *f = *state;

	f->from_nothing = true;
	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { S, 111000, FID, 0 }, { X, 112000 });
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
}

/* The trace is complete from 2000 on. */
static void the_rest_of_a_span_from_before_is_no_trap(void **state)
{
	struct fixture *f = *state;

	f->from_nothing = true;
	answer_of_el2(f);
	PLAY(f, { S, 1500, FID, 1 }, { X, 1600 }, { E, 110000 }, { S, 111000, FID, 0 },
	     { X, 112000 });
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
}

static void the_return_of_an_smc_from_before_is_no_trap(void **state)
{
	struct fixture *f = *state;

	f->from_nothing = true;
	answer_from_below(f);
	PLAY(f, { E, 1500 }, { X, 1600 }, { E, 110000 }, { S, 111000, FID, 1 }, { X, 112000 },
	     { E, 118000 }, { X, 119000 });
	assert_int_equal(f->got.kind, VERDICT_FORWARDED);
	assert_int_equal(f->got.smcs, 1);
}

static void one_span_with_success_is_answered(void **state)
{
	struct fixture *f = *state;

	f->call.out.x[0] = FFA_FID_SUCCESS;
	PLAY(f, { E, 110000 }, { S, 111000, FID, 0 }, { X, 112000 });
	assert_int_equal(f->got.kind, VERDICT_ANSWERED);
}

static void a_call_that_no_handler_claimed_is_forwarded(void **state)
{
	struct fixture *f = *state;

	answer_from_below(f);
	PLAY(f, { E, 110000 }, { S, 111000, FID, 1 }, { X, 112000 }, { E, 118000 }, { X, 119000 });
	assert_int_equal(f->got.kind, VERDICT_FORWARDED);
	assert_int_equal(f->got.smcs, 1);
	assert_int_equal(f->got.secure_ns, 6000);
	assert_int_equal(f->got.el2_before_ns, 2000);
	assert_int_equal(f->got.el2_after_ns, 1000);
}

static void a_handler_that_passes_the_call_on_is_forwarded(void **state)
{
	struct fixture *f = *state;

	answer_from_below(f);
	PLAY(f, { E, 110000 }, { X, 112000 }, { E, 118000 }, { S, 118500, FID, 0 }, { X, 119000 });
	assert_int_equal(f->got.kind, VERDICT_FORWARDED);
	assert_int_equal(f->got.smcs, 1);
}

/* A host fault right before a rejected call looks the same except for the registers. */
static void a_fault_before_a_refused_call_is_no_smc(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { X, 112000 }, { E, 118000 }, { S, 118500, FID, 0 }, { X, 119000 });
	assert_int_equal(f->got.kind, VERDICT_UNKNOWN);
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void a_fault_after_a_refused_call_is_no_smc(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { S, 110500, FID, 0 }, { X, 112000 }, { E, 118000 }, { X, 119000 });
	assert_int_equal(f->got.kind, VERDICT_UNKNOWN);
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void a_forwarded_call_with_a_third_span_is_ambiguous(void **state)
{
	struct fixture *f = *state;

	answer_from_below(f);
	PLAY(f, { E, 110000 }, { S, 110500, FID, 1 }, { X, 111000 }, { E, 112000 }, { X, 113000 },
	     { E, 114000 }, { X, 115000 });
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void a_forwarded_call_that_never_left_is_ambiguous(void **state)
{
	struct fixture *f = *state;

	answer_from_below(f);
	PLAY(f, { E, 110000 }, { S, 110500, FID, 1 }, { X, 111000 });
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void another_call_is_not_ours(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { S, 110500, FID + 1, 0 }, { X, 111000 });
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void two_calls_in_the_window_are_ambiguous(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { S, 110500, FID, 0 }, { X, 111000 }, { E, 114000 },
	     { S, 114500, FID, 0 }, { X, 115000 });
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void a_trap_without_host_smc_is_ambiguous(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { X, 111000 });
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

/* Bits above the identifier: EL2 refuses the call before it logs anything. */
static void a_call_that_is_refused_early_has_no_host_smc(void **state)
{
	struct fixture *f = *state;

	f->call.in.x[0] |= UINT64_C(1) << 40;
	f->call.out = f->call.in;
	f->call.out.x[0] = UINT64_MAX;
	PLAY(f, { E, 110000 }, { X, 111000 });
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
}

static void an_early_refusal_with_another_span_is_ambiguous(void **state)
{
	struct fixture *f = *state;

	f->call.in.x[0] |= UINT64_C(1) << 40;
	f->call.out = f->call.in;
	f->call.out.x[0] = UINT64_MAX;
	PLAY(f, { E, 110000 }, { X, 111000 }, { E, 112000 }, { X, 113000 });
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

static void host_ffa_call_gives_a_verdict_like_host_smc(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { HYP_EVENT_HOST_FFA_CALL, 111000, FID, 1 }, { X, 112000 });
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
	assert_true(f->got.claimed);
}

static void both_events_of_one_call_agree(void **state)
{
	struct fixture *f = *state;

	answer_from_below(f);
	PLAY(f, { E, 110000 }, { HYP_EVENT_HOST_FFA_CALL, 110500, FID, 0 }, { S, 111000, FID, 1 },
	     { X, 112000 }, { E, 118000 }, { X, 119000 });
	assert_int_equal(f->got.kind, VERDICT_FORWARDED);
	assert_true(f->got.passed_on);
}

static void no_trap_is_no_events(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 200000 }, { S, 200500, FID, 0 }, { X, 201000 });
	/* The only trap is too far away to be the call's. */
	assert_int_equal(f->got.kind, VERDICT_UNKNOWN);
	assert_int_equal(f->got.reason, VERDICT_NO_EVENTS);
}

static void registers_that_contradict_are_a_conflict(void **state)
{
	struct fixture *f = *state;

	answer_from_below(f);
	PLAY(f, { E, 110000 }, { S, 111000, FID, 0 }, { X, 112000 });
	assert_int_equal(f->got.kind, VERDICT_UNKNOWN);
	assert_int_equal(f->got.reason, VERDICT_EVIDENCE_CONFLICT);
}

static void an_entry_that_was_lost_makes_a_hole(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { E, 110000 }, { E, 112000 }, { S, 112500, FID, 0 }, { X, 113000 });
	assert_int_equal(f->got.reason, VERDICT_LOST_EVENTS);
}

static void an_exit_that_was_lost_makes_a_hole(void **state)
{
	struct fixture *f = *state;

	answer_of_el2(f);
	PLAY(f, { X, 110000 }, { E, 112000 }, { S, 112500, FID, 0 }, { X, 113000 });
	assert_int_equal(f->got.reason, VERDICT_LOST_EVENTS);
}

/* ---- mainline's events with times truncated to microseconds ---- */

static void play_cut(struct fixture *f, unsigned int precision, uint64_t enter, uint64_t leave)
{
	const struct hyp_event events[] = {
		{ .type = X, .ts = 1000, .reason = HYP_REASON_ERET_HOST },
		{ .type = E, .ts = enter / precision * precision, .reason = HYP_REASON_SMC },
		{ .type = X, .ts = leave / precision * precision, .reason = HYP_REASON_ERET_HOST },
	};

	answer_of_el2(f);
	verdict_join_set_precision(f->join, precision);
	assert_int_equal(verdict_join_call(f->join, &f->call, NULL), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(verdict_join_event(f->join, &events[i]), 0);
	verdict_join_settle(f->join, 0, 2000, 1000000, &f->clock, VERDICT_REASON_NONE, keep, f);
}

/* The entry's truncated time is before the call began; it still belongs to the call. */
static void a_time_that_was_cut_still_fits(void **state)
{
	struct fixture *f = *state;

	f->call.begin_ns = 100900;
	f->call.end_ns = 101990;
	f->clock.slack_ns = 0;
	play_cut(f, 1000, 100950, 101950);
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
}

static void a_guard_below_what_was_cut_gives_no_verdict(void **state)
{
	struct fixture *f = *state;

	f->call.begin_ns = 100900;
	f->call.end_ns = 101990;
	f->clock.slack_ns = 100;
	f->clock.guard_ns = 1000;
	play_cut(f, 1000, 100950, 101950);
	assert_int_equal(f->got.kind, VERDICT_UNKNOWN);
	assert_int_equal(f->got.reason, VERDICT_AMBIGUOUS);
}

/* Truncation does not narrow the range of possible clock offsets. */
static void the_clock_is_refined_by_whole_bounds_only(void **state)
{
	struct fixture *f = *state;

	f->call.begin_ns = 100900;
	f->call.end_ns = 102100;
	f->clock.slack_ns = 1500;
	play_cut(f, 1000, 100950, 101950);
	assert_int_equal(f->got.kind, VERDICT_REJECTED);
	/* The offset 0 must remain possible. */
	assert_true(f->clock.offset_ns - (int64_t)f->clock.slack_ns <= 0);
	assert_true(f->clock.offset_ns + (int64_t)f->clock.slack_ns >= 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_span_with_an_error_is_rejected),
		TEST(the_first_span_of_a_cpu_is_whole),
		TEST(the_rest_of_a_span_from_before_is_no_trap),
		TEST(the_return_of_an_smc_from_before_is_no_trap),
		TEST(one_span_with_success_is_answered),
		TEST(a_call_that_no_handler_claimed_is_forwarded),
		TEST(a_handler_that_passes_the_call_on_is_forwarded),
		TEST(a_fault_before_a_refused_call_is_no_smc),
		TEST(a_fault_after_a_refused_call_is_no_smc),
		TEST(a_forwarded_call_with_a_third_span_is_ambiguous),
		TEST(a_forwarded_call_that_never_left_is_ambiguous),
		TEST(another_call_is_not_ours),
		TEST(two_calls_in_the_window_are_ambiguous),
		TEST(a_trap_without_host_smc_is_ambiguous),
		TEST(a_call_that_is_refused_early_has_no_host_smc),
		TEST(an_early_refusal_with_another_span_is_ambiguous),
		TEST(host_ffa_call_gives_a_verdict_like_host_smc),
		TEST(both_events_of_one_call_agree),
		TEST(no_trap_is_no_events),
		TEST(registers_that_contradict_are_a_conflict),
		TEST(an_entry_that_was_lost_makes_a_hole),
		TEST(an_exit_that_was_lost_makes_a_hole),
		TEST(a_time_that_was_cut_still_fits),
		TEST(a_guard_below_what_was_cut_gives_no_verdict),
		TEST(the_clock_is_refined_by_whole_bounds_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
