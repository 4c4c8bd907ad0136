// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts for event streams like those of the lab's kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calibrated.h"
#include "verdict/verdict.h"

#define FID_CREATE	       0x8400007d
#define FID_ID_GET	       0x84000069
#define FID_VERSION	       0x84000063
#define FID_INFO_GET_64	       0xc4000083
#define FID_PARTITION_INFO_GET 0x84000068

#define GUARD		       5000

/* A stream: each event is 100 ns after the previous one, unless at() moved the clock. */
struct stream {
	struct verdict_join *join;
	uint64_t now;
	uint32_t cpu;
};

static void event(struct stream *s, int type, int reason, uint64_t id, uint32_t lost)
{
	const struct hyp_event ev = {
		.ts = s->now,
		.cpu = s->cpu,
		.type = type,
		.reason = reason,
		.id = id,
		.lost = lost,
	};

	assert_int_equal(verdict_join_event(s->join, &ev), 0);
	s->now += 100;
}

static void enter(struct stream *s, enum hyp_reason reason)
{
	event(s, HYP_EVENT_ENTER, reason, 0, 0);
}

static void leave(struct stream *s, enum hyp_reason reason)
{
	event(s, HYP_EVENT_EXIT, reason, 0, 0);
}

static void marker(struct stream *s)
{
	enter(s, HYP_REASON_HVC);
	event(s, HYP_EVENT_SELFTEST, HYP_REASON_NONE, s->now, 0);
	leave(s, HYP_REASON_ERET_HOST);
}

static void rejected(struct stream *s)
{
	enter(s, HYP_REASON_SMC);
	leave(s, HYP_REASON_ERET_HOST);
}

static void forwarded(struct stream *s)
{
	enter(s, HYP_REASON_SMC);
	leave(s, HYP_REASON_SMC);
	enter(s, HYP_REASON_SMC);
	leave(s, HYP_REASON_ERET_HOST);
}

static struct verdict_join *new_join(void)
{
	struct verdict_join *join = verdict_join_new(false);

	assert_non_null(join);
	verdict_join_calibrate(join, &calibrated_smccc_1_2);
	return join;
}

static struct stream begin(void)
{
	struct stream s = { .join = new_join(), .now = 1000000, .cpu = 1 };

	marker(&s);
	return s;
}

static struct verdict_call answer(uint32_t fid, uint64_t x0, uint64_t x2)
{
	struct verdict_call call = { .in.x[0] = fid, .out.x[0] = x0, .out.x[2] = x2, .cpu = 1 };

	verdict_add_canaries(&call.in);
	return call;
}

/* What EL2 writes: x0-x17, the error as a signed 64-bit number. */
static struct verdict_call by_el2(uint32_t fid)
{
	return answer(fid, 0x84000060, UINT64_MAX);
}

/* An answer passed through EL2: x8-x17 as sent, the error in 32 bits. */
static struct verdict_call by_tz(uint32_t fid)
{
	struct verdict_call call = answer(fid, 0x84000060, 0xfffffffe);

	for (int i = 8; i < FFA_NR_REGS; i++)
		call.out.x[i] = call.in.x[i];
	return call;
}

static void add_call(struct stream *s, struct verdict_call *call, uint64_t begin_ns)
{
	call->begin_ns = begin_ns - 50;
	call->end_ns = s->now - 100 + 50;
	assert_int_equal(verdict_join_call(s->join, call, NULL), 0);
}

struct result {
	struct verdict v[8];
	int n;
};

static void keep(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct result *result = ctx;

	(void)call;
	(void)tag;
	assert_true(result->n < 8);
	result->v[result->n++] = *v;
}

static struct result settle_with(struct stream *s, struct verdict_clock clock,
				 enum verdict_reason reason)
{
	struct result result = { .n = 0 };

	verdict_join_settle(s->join, s->cpu, 1000100, s->now, &clock, reason, keep, &result);
	verdict_join_free(s->join);
	return result;
}

static struct verdict settle(struct stream *s)
{
	const struct verdict_clock clock = { .slack_ns = 200, .guard_ns = GUARD };
	struct result result;

	marker(s);
	result = settle_with(s, clock, VERDICT_REASON_NONE);
	assert_int_equal(result.n, 1);
	return result.v[0];
}

/* One call with the given trap and a pause on both sides. */
static struct verdict judge_on(struct stream *s, struct verdict_call call,
			       void (*trap)(struct stream *))
{
	uint64_t start = s->now += GUARD;

	trap(s);
	add_call(s, &call, start);
	s->now += GUARD;
	return settle(s);
}

static struct verdict judge(struct verdict_call call, void (*trap)(struct stream *))
{
	struct stream s = begin();

	return judge_on(&s, call, trap);
}

/* Like judge(), on a CPU whose trace begins with this, 1000 ns before the time from which it is complete. */
static struct verdict judge_first(struct verdict_call call, void (*before)(struct stream *),
				  void (*trap)(struct stream *))
{
	struct stream s = { .join = new_join(), .now = 999100, .cpu = 1 };

	before(&s);
	s.now = 1000100;
	return judge_on(&s, call, trap);
}

static void expect_unknown(struct verdict v, enum verdict_reason reason)
{
	assert_string_equal(verdict_kind_name(v.kind), "unknown");
	assert_string_equal(verdict_reason_name(v.reason), verdict_reason_name(reason));
	assert_null(verdict_by(v.kind));
}

static void a_trap_that_never_leaves_el2_with_an_error_is_rejected(void **state)
{
	struct verdict v = judge(by_el2(FID_CREATE), rejected);

	(void)state;
	assert_int_equal(v.kind, VERDICT_REJECTED);
	assert_string_equal(verdict_by(v.kind), "el2");
	assert_int_equal(v.smcs, 0);
	assert_int_equal(v.total_ns, 100);
	assert_int_equal(v.el2_before_ns, 100);
	assert_int_equal(v.secure_ns, 0);
	assert_int_equal(v.inferred, VERDICT_SUGGESTS_EL2);
}

static void nothing(struct stream *s)
{
	(void)s;
}

static void return_to_the_host(struct stream *s)
{
	leave(s, HYP_REASON_ERET_HOST);
}

static void rejected_behind_a_loss(struct stream *s)
{
	event(s, HYP_EVENT_ENTER, HYP_REASON_SMC, 0, 1);
	leave(s, HYP_REASON_ERET_HOST);
}

static void the_first_trap_of_a_cpu_is_whole(void **state)
{
	(void)state;
	assert_int_equal(judge_first(by_el2(FID_CREATE), nothing, rejected).kind, VERDICT_REJECTED);
	assert_int_equal(judge_first(by_tz(FID_CREATE), nothing, forwarded).kind,
			 VERDICT_FORWARDED);
}

static void the_rest_of_a_trap_from_before_is_none(void **state)
{
	(void)state;
	/* The second half of a forwarded trap looks like a rejected one. */
	assert_int_equal(judge_first(by_tz(FID_CREATE), rejected, forwarded).smcs, 1);
	assert_int_equal(judge_first(by_tz(FID_CREATE), return_to_the_host, forwarded).smcs, 1);
}

static void the_first_trap_of_a_cpu_behind_a_loss_is_not_believed(void **state)
{
	(void)state;
	expect_unknown(judge_first(by_el2(FID_CREATE), nothing, rejected_behind_a_loss),
		       VERDICT_LOST_EVENTS);
}

static void minus_one_in_x0_is_rejected_and_the_registers_are_silent(void **state)
{
	struct verdict_call call = by_tz(FID_ID_GET);
	struct verdict v;

	(void)state;
	call.in.x[0] |= UINT64_C(1) << 32;
	call.out.x[0] = UINT64_MAX;
	v = judge(call, rejected);
	assert_int_equal(v.kind, VERDICT_REJECTED);
	assert_int_equal(v.inferred, VERDICT_SILENT);
}

static void success_without_an_smc_is_answered(void **state)
{
	struct verdict v = judge(answer(FID_VERSION, 0x10002, 0), rejected);

	(void)state;
	assert_int_equal(v.kind, VERDICT_ANSWERED);
	assert_string_equal(verdict_by(v.kind), "el2");
}

static void a_version_that_is_refused_is_rejected(void **state)
{
	struct verdict v = judge(answer(FID_VERSION, UINT64_MAX, 0), rejected);

	(void)state;
	assert_int_equal(v.kind, VERDICT_REJECTED);
}

static void a_trap_that_leaves_el2_once_is_forwarded_with_its_legs(void **state)
{
	struct verdict v = judge(by_tz(FID_CREATE), forwarded);

	(void)state;
	assert_int_equal(v.kind, VERDICT_FORWARDED);
	assert_string_equal(verdict_by(v.kind), "secure-world");
	assert_int_equal(v.smcs, 1);
	assert_int_equal(v.total_ns, 300);
	assert_int_equal(v.el2_before_ns, 100);
	assert_int_equal(v.secure_ns, 100);
	assert_int_equal(v.el2_after_ns, 100);
}

static void two_smcs(struct stream *s)
{
	enter(s, HYP_REASON_SMC);
	leave(s, HYP_REASON_SMC);
	enter(s, HYP_REASON_SMC);
	leave(s, HYP_REASON_SMC);
	enter(s, HYP_REASON_SMC);
	leave(s, HYP_REASON_ERET_HOST);
}

static void smcs_that_el2_sends_itself_are_counted(void **state)
{
	struct verdict v = judge(answer(FID_PARTITION_INFO_GET, 0x84000061, 0), two_smcs);

	(void)state;
	assert_int_equal(v.kind, VERDICT_FORWARDED);
	assert_int_equal(v.smcs, 2);
	assert_int_equal(v.secure_ns, 200);
	assert_int_equal(v.el2_after_ns, 200);
}

static void traps_of_other_kinds_are_not_the_call_s(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start;

	(void)state;
	enter(&s, HYP_REASON_HOST_ABORT);
	leave(&s, HYP_REASON_ERET_HOST);
	start = s.now += GUARD;
	forwarded(&s);
	/* A stage-2 fault between the conduit instruction and the end of the window. */
	enter(&s, HYP_REASON_HOST_ABORT);
	leave(&s, HYP_REASON_ERET_HOST);
	add_call(&s, &call, start);
	s.now += GUARD;
	assert_int_equal(settle(&s).kind, VERDICT_FORWARDED);
}

static void a_call_without_a_trap_is_unknown(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	s.now += 400;
	add_call(&s, &call, start);
	s.now += GUARD;
	expect_unknown(settle(&s), VERDICT_NO_EVENTS);
}

static void two_traps_in_the_window_are_ambiguous(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	rejected(&s);
	rejected(&s);
	add_call(&s, &call, start);
	s.now += GUARD;
	expect_unknown(settle(&s), VERDICT_AMBIGUOUS);
}

static void a_trap_that_sticks_out_of_the_window_is_ambiguous(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	enter(&s, HYP_REASON_SMC);
	s.now += 1000;
	leave(&s, HYP_REASON_SMC);
	enter(&s, HYP_REASON_SMC);
	leave(&s, HYP_REASON_ERET_HOST);
	add_call(&s, &call, start + 600);
	s.now += GUARD;
	expect_unknown(settle(&s), VERDICT_AMBIGUOUS);
}

/* A call between markers, with a clock uncertainty greater than the distance between calls. */
static struct verdict with_coarse_clocks(bool another_trap)
{
	const struct verdict_clock clock = { .slack_ns = 50 * GUARD, .guard_ns = GUARD };
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start;

	s.now += 100 * GUARD;
	if (another_trap)
		rejected(&s);
	start = s.now += GUARD;
	rejected(&s);
	add_call(&s, &call, start);
	s.now += 100 * GUARD;
	marker(&s);
	return settle_with(&s, clock, VERDICT_REASON_NONE).v[0];
}

static void clocks_that_differ_more_than_calls_are_apart_are_ambiguous(void **state)
{
	(void)state;
	expect_unknown(with_coarse_clocks(true), VERDICT_AMBIGUOUS);
}

static void as_many_traps_as_calls_tell_how_the_clocks_stand(void **state)
{
	(void)state;
	assert_int_equal(with_coarse_clocks(false).kind, VERDICT_REJECTED);
}

/* Two calls whose traps are 1 us long and 10 us apart; the second call's record is moved. */
static struct result two_calls(int64_t second_moved)
{
	const struct verdict_clock clock = { .slack_ns = 50 * GUARD, .guard_ns = GUARD };
	struct stream s = begin();
	uint64_t start;

	s.now += 100 * GUARD;
	for (int i = 0; i < 2; i++) {
		struct verdict_call call = i ? by_tz(FID_CREATE) : by_el2(FID_CREATE);

		start = s.now += 2 * GUARD;
		if (i)
			forwarded(&s);
		else
			rejected(&s);
		call.begin_ns = start - 50 + (i ? (uint64_t)second_moved : 0);
		call.end_ns = s.now - 50 + (i ? (uint64_t)second_moved : 0);
		assert_int_equal(verdict_join_call(s.join, &call, NULL), 0);
	}
	s.now += 100 * GUARD;
	marker(&s);
	return settle_with(&s, clock, VERDICT_REASON_NONE);
}

static void bounds_that_contradict_each_other_tell_nothing(void **state)
{
	struct result agree = two_calls(0), differ = two_calls(1000);

	(void)state;
	assert_int_equal(agree.v[0].kind, VERDICT_REJECTED);
	assert_int_equal(agree.v[1].kind, VERDICT_FORWARDED);
	expect_unknown(differ.v[0], VERDICT_AMBIGUOUS);
	expect_unknown(differ.v[1], VERDICT_AMBIGUOUS);
}

static void the_measured_offset_moves_the_window(void **state)
{
	const struct verdict_clock clock = {
		.offset_ns = -700000,
		.slack_ns = 200,
		.guard_ns = GUARD,
	};
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	forwarded(&s);
	call.begin_ns = start - 50 + 700000;
	call.end_ns = s.now - 50 + 700000;
	assert_int_equal(verdict_join_call(s.join, &call, NULL), 0);
	s.now += GUARD;
	marker(&s);
	assert_int_equal(settle_with(&s, clock, VERDICT_REASON_NONE).v[0].kind, VERDICT_FORWARDED);
}

/* The danger that these rules prevent: half of a forwarded call looks like a rejected one. */
static void the_second_half_of_a_forwarded_call_is_not_rejected(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	s.now += 200; /* enter smc and exit smc are lost */
	event(&s, HYP_EVENT_ENTER, HYP_REASON_SMC, 0, 2);
	leave(&s, HYP_REASON_ERET_HOST);
	add_call(&s, &call, start);
	s.now += GUARD;
	expect_unknown(settle(&s), VERDICT_LOST_EVENTS);
}

static void the_same_half_without_a_word_of_loss_is_held_against_the_registers(void **state)
{
	struct verdict v = judge(by_tz(FID_CREATE), rejected);

	(void)state;
	expect_unknown(v, VERDICT_EVIDENCE_CONFLICT);
	assert_string_equal(verdict_inferred_name(v.inferred), "registers-suggest-secure-world");
}

/* The kernel counts a loss on the event that is read next, whatever that is. */
static void a_loss_before_an_event_that_is_not_decoded_is_seen(void **state)
{
	static const int types[] = { HYP_EVENT_OTHER, HYP_EVENT_PRINTK };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stream s = begin();
		struct verdict_call call = answer(FID_ID_GET, 0x84000061, 0);
		uint64_t start = s.now += GUARD;

		enter(&s, HYP_REASON_SMC);
		s.now += 200; /* exit smc and enter smc are lost */
		event(&s, types[i], HYP_REASON_NONE, 0, 2);
		leave(&s, HYP_REASON_ERET_HOST);
		add_call(&s, &call, start);
		s.now += GUARD;
		expect_unknown(settle(&s), VERDICT_LOST_EVENTS);
	}
}

static void what_el2_prints_belongs_to_the_call_in_whose_trap_it_is(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	struct verdict v;
	uint64_t start;

	(void)state;
	event(&s, HYP_EVENT_PRINTK, HYP_REASON_NONE, 1, 0);
	start = s.now += GUARD;
	enter(&s, HYP_REASON_SMC);
	event(&s, HYP_EVENT_PRINTK, HYP_REASON_NONE, 2, 0);
	event(&s, HYP_EVENT_PRINTK, HYP_REASON_NONE, 3, 0);
	leave(&s, HYP_REASON_ERET_HOST);
	add_call(&s, &call, start);
	s.now += GUARD;
	event(&s, HYP_EVENT_PRINTK, HYP_REASON_NONE, 4, 0);
	v = settle(&s);
	assert_int_equal(v.kind, VERDICT_REJECTED);
	assert_int_equal(v.nr_printks, 2);
	assert_int_equal(v.printks[0], 2);
	assert_int_equal(v.printks[1], 3);
}

static void events_lost_elsewhere_do_not_touch_a_call(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start;

	(void)state;
	event(&s, HYP_EVENT_ENTER, HYP_REASON_HVC, 0, 7);
	leave(&s, HYP_REASON_ERET_HOST);
	start = s.now += GUARD;
	rejected(&s);
	add_call(&s, &call, start);
	s.now += GUARD;
	assert_int_equal(settle(&s).kind, VERDICT_REJECTED);
}

static void events_that_do_not_alternate_make_a_hole(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	enter(&s, HYP_REASON_SMC);
	/* exit smc was not logged: the event was disabled and enabled again */
	enter(&s, HYP_REASON_SMC);
	leave(&s, HYP_REASON_ERET_HOST);
	add_call(&s, &call, start);
	s.now += GUARD;
	expect_unknown(settle(&s), VERDICT_LOST_EVENTS);
}

static void a_call_before_the_first_marker_is_unknown(void **state)
{
	const struct verdict_clock clock = { .slack_ns = 200, .guard_ns = GUARD };
	struct stream s = { .join = new_join(), .now = 900000, .cpu = 1 };
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start = s.now;

	(void)state;
	rejected(&s);
	add_call(&s, &call, start);
	s.now = 1000000;
	marker(&s);
	expect_unknown(settle_with(&s, clock, VERDICT_REASON_NONE).v[0], VERDICT_LOST_EVENTS);
}

static void a_trap_that_is_still_open_is_not_judged(void **state)
{
	const struct verdict_clock clock = { .slack_ns = 200, .guard_ns = GUARD };
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	enter(&s, HYP_REASON_SMC);
	s.now += 100;
	add_call(&s, &call, start);
	s.now += GUARD;
	expect_unknown(settle_with(&s, clock, VERDICT_REASON_NONE).v[0], VERDICT_LOST_EVENTS);
}

static void an_event_that_is_printed_twice_counts_once(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_tz(FID_CREATE);
	uint64_t start = s.now += GUARD;

	(void)state;
	enter(&s, HYP_REASON_SMC);
	leave(&s, HYP_REASON_SMC);
	s.now -= 100;
	leave(&s, HYP_REASON_SMC);
	enter(&s, HYP_REASON_SMC);
	leave(&s, HYP_REASON_ERET_HOST);
	add_call(&s, &call, start);
	s.now += GUARD;
	assert_int_equal(settle(&s).smcs, 1);
}

static void a_cpu_that_was_suspended_comes_back_by_its_entry_point(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start;

	(void)state;
	enter(&s, HYP_REASON_SMC);
	leave(&s, HYP_REASON_SMC);
	s.now += 1000;
	enter(&s, HYP_REASON_PSCI);
	leave(&s, HYP_REASON_PSCI);
	start = s.now += GUARD;
	rejected(&s);
	add_call(&s, &call, start);
	s.now += GUARD;
	assert_int_equal(settle(&s).kind, VERDICT_REJECTED);
}

static void a_guest_that_runs_is_no_secure_leg(void **state)
{
	struct stream s = begin();
	struct verdict_call call = by_el2(FID_CREATE);
	uint64_t start;

	(void)state;
	enter(&s, HYP_REASON_HVC);
	leave(&s, HYP_REASON_ERET_GUEST);
	enter(&s, HYP_REASON_GUEST_EXIT);
	leave(&s, HYP_REASON_ERET_HOST);
	start = s.now += GUARD;
	rejected(&s);
	add_call(&s, &call, start);
	s.now += GUARD;
	assert_int_equal(settle(&s).kind, VERDICT_REJECTED);
}

static void calls_of_two_cpus_keep_to_their_own_traps(void **state)
{
	struct verdict_clock clock = { .slack_ns = 200, .guard_ns = GUARD };
	struct stream one = begin(), two = { .join = one.join, .now = 1000000, .cpu = 2 };
	struct verdict_call a = by_el2(FID_CREATE), b = by_tz(FID_CREATE);
	struct result result = { .n = 0 };
	uint64_t start = one.now += GUARD;

	(void)state;
	marker(&two);
	two.now = start;
	rejected(&one);
	forwarded(&two);
	add_call(&one, &a, start);
	b.cpu = 2;
	add_call(&two, &b, start);
	one.now += GUARD;
	two.now += GUARD;
	marker(&one);
	marker(&two);
	verdict_join_settle(one.join, 1, 1000100, one.now, &clock, 0, keep, &result);
	verdict_join_settle(one.join, 2, 1000100, two.now, &clock, 0, keep, &result);
	verdict_join_free(one.join);
	assert_int_equal(result.n, 2);
	assert_int_equal(result.v[0].kind, VERDICT_REJECTED);
	assert_int_equal(result.v[1].kind, VERDICT_FORWARDED);
}

static void a_neighbours_trap_is_not_taken_where_the_traps_are_counted(void **state)
{
	const struct verdict_clock clock = { .slack_ns = 200, .guard_ns = GUARD };
	struct verdict_call a = by_el2(FID_CREATE), b = by_el2(FID_CREATE);
	struct stream s = begin();
	uint64_t first = s.now += 4 * GUARD;
	struct result result;

	(void)state;
	/* Clocks that are off by the distance between two calls: b's window covers a's trap. */
	a.begin_ns = first - 2 * GUARD - 50;
	a.end_ns = a.begin_ns + 200;
	assert_int_equal(verdict_join_call(s.join, &a, NULL), 0);
	rejected(&s);
	add_call(&s, &b, first);
	s.now += 2 * GUARD;
	rejected(&s);
	marker(&s);
	result = settle_with(&s, clock, VERDICT_REASON_NONE);
	assert_int_equal(result.n, 2);
	expect_unknown(result.v[1], VERDICT_AMBIGUOUS);
}

static void without_a_trace_the_registers_only_suggest(void **state)
{
	const struct verdict_clock clock = { .guard_ns = GUARD };
	struct stream s = { .join = new_join(), .now = 1000000, .cpu = 1 };
	struct verdict_call call = by_el2(FID_CREATE);
	struct verdict v;

	(void)state;
	add_call(&s, &call, s.now);
	v = settle_with(&s, clock, VERDICT_TRACING_OFF).v[0];
	expect_unknown(v, VERDICT_TRACING_OFF);
	assert_false(v.from_trace);
	assert_string_equal(verdict_inferred_name(v.inferred), "registers-suggest-el2");
}

static void an_error_of_el2_with_an_smc_before_it_is_a_conflict(void **state)
{
	(void)state;
	expect_unknown(judge(by_el2(FID_CREATE), forwarded), VERDICT_EVIDENCE_CONFLICT);
	/* unless EL2 is known to send its own SMCs for this call */
	assert_int_equal(judge(by_el2(FID_PARTITION_INFO_GET), forwarded).kind, VERDICT_FORWARDED);
}

static void canaries_go_into_smc32_calls_only_and_never_over_a_value(void **state)
{
	struct ffa_regs in = { .x = { FID_CREATE } };

	(void)state;
	in.x[9] = 7;
	verdict_add_canaries(&in);
	assert_int_equal(in.x[7], 0);
	assert_int_equal(in.x[8], verdict_canary(8));
	assert_int_equal(in.x[9], 7);
	assert_int_equal(in.x[17], verdict_canary(17));

	in = (struct ffa_regs){ .x = { FID_INFO_GET_64 } };
	verdict_add_canaries(&in);
	for (int i = 1; i < FFA_NR_REGS; i++)
		assert_int_equal(in.x[i], 0);
}

static void without_canaries_the_width_of_the_error_suggests(void **state)
{
	struct verdict_call call = { .in.x[0] = FID_INFO_GET_64, .out.x[0] = 0x84000060 };

	(void)state;
	call.out.x[2] = 0xfffffff7;
	assert_int_equal(calibration_infer(&calibrated_smccc_1_2, &call), VERDICT_SUGGESTS_SECURE);
	call.out.x[2] = UINT64_MAX - 1;
	assert_int_equal(calibration_infer(&calibrated_smccc_1_2, &call), VERDICT_SUGGESTS_EL2);
	call.out.x[0] = 0x84000061;
	assert_int_equal(calibration_infer(&calibrated_smccc_1_2, &call), VERDICT_SILENT);
}

static void a_cpu_number_beyond_any_machine_is_refused(void **state)
{
	const struct hyp_event ev = { .cpu = 1u << 20, .type = HYP_EVENT_ENTER };
	struct verdict_join *join = verdict_join_new(false);

	(void)state;
	assert_int_equal(verdict_join_event(join, &ev), -22);
	verdict_join_free(join);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trap_that_never_leaves_el2_with_an_error_is_rejected),
		cmocka_unit_test(the_first_trap_of_a_cpu_is_whole),
		cmocka_unit_test(the_rest_of_a_trap_from_before_is_none),
		cmocka_unit_test(the_first_trap_of_a_cpu_behind_a_loss_is_not_believed),
		cmocka_unit_test(minus_one_in_x0_is_rejected_and_the_registers_are_silent),
		cmocka_unit_test(success_without_an_smc_is_answered),
		cmocka_unit_test(a_version_that_is_refused_is_rejected),
		cmocka_unit_test(a_trap_that_leaves_el2_once_is_forwarded_with_its_legs),
		cmocka_unit_test(smcs_that_el2_sends_itself_are_counted),
		cmocka_unit_test(traps_of_other_kinds_are_not_the_call_s),
		cmocka_unit_test(a_call_without_a_trap_is_unknown),
		cmocka_unit_test(two_traps_in_the_window_are_ambiguous),
		cmocka_unit_test(a_trap_that_sticks_out_of_the_window_is_ambiguous),
		cmocka_unit_test(clocks_that_differ_more_than_calls_are_apart_are_ambiguous),
		cmocka_unit_test(as_many_traps_as_calls_tell_how_the_clocks_stand),
		cmocka_unit_test(bounds_that_contradict_each_other_tell_nothing),
		cmocka_unit_test(the_measured_offset_moves_the_window),
		cmocka_unit_test(the_second_half_of_a_forwarded_call_is_not_rejected),
		cmocka_unit_test(
			the_same_half_without_a_word_of_loss_is_held_against_the_registers),
		cmocka_unit_test(a_loss_before_an_event_that_is_not_decoded_is_seen),
		cmocka_unit_test(what_el2_prints_belongs_to_the_call_in_whose_trap_it_is),
		cmocka_unit_test(events_lost_elsewhere_do_not_touch_a_call),
		cmocka_unit_test(events_that_do_not_alternate_make_a_hole),
		cmocka_unit_test(a_call_before_the_first_marker_is_unknown),
		cmocka_unit_test(a_trap_that_is_still_open_is_not_judged),
		cmocka_unit_test(an_event_that_is_printed_twice_counts_once),
		cmocka_unit_test(a_cpu_that_was_suspended_comes_back_by_its_entry_point),
		cmocka_unit_test(a_guest_that_runs_is_no_secure_leg),
		cmocka_unit_test(calls_of_two_cpus_keep_to_their_own_traps),
		cmocka_unit_test(a_neighbours_trap_is_not_taken_where_the_traps_are_counted),
		cmocka_unit_test(without_a_trace_the_registers_only_suggest),
		cmocka_unit_test(an_error_of_el2_with_an_smc_before_it_is_a_conflict),
		cmocka_unit_test(canaries_go_into_smc32_calls_only_and_never_over_a_value),
		cmocka_unit_test(without_canaries_the_width_of_the_error_suggests),
		cmocka_unit_test(a_cpu_number_beyond_any_machine_is_refused),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
