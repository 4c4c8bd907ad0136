// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched calls get their own trap or none: a migrated call, a call inside another, others' SMCs,
 * lost events, clock offsets.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch/filter.h"
#include "watch/state.h"
#include "watch/watch.h"

#define FID_ID_GET	0x84000069
#define FID_BIND	0x8400007f
#define FID_DIRECT_REQ	0x8400006f
#define FID_DIRECT_RESP 0x84000070
#define FID_INTERRUPT	0x84000062
#define FID_RUN		0x8400006d
#define FID_SUCCESS	0x84000061
#define FID_ERROR	0x84000060

#define MAX		256

/* Hypervisor clock minus boot clock in all streams of this test. */
#define OFFSET		1000000

static struct {
	struct watch *watch;
	struct hyp_event events[MAX];
	struct host_call calls[MAX];
	struct watch_mark marks[8];
	struct watch_round round;
	struct watched shown[MAX];
	struct host_call hosts[MAX];
	unsigned int nr_shown;
} t;

static void keep(void *ctx, const struct watched *watched)
{
	(void)ctx;
	assert_true(t.nr_shown < MAX);
	t.hosts[t.nr_shown] = *watched->host;
	t.shown[t.nr_shown] = *watched;
	t.shown[t.nr_shown].host = &t.hosts[t.nr_shown];
	t.nr_shown++;
}

static void event(uint32_t cpu, uint64_t at, enum hyp_event_type type, enum hyp_reason reason)
{
	t.events[t.round.nr_events++] =
		(struct hyp_event){ .ts = at + OFFSET, .cpu = cpu, .type = type, .reason = reason };
}

/* A marker whose times bound the offset of the clocks to +-slack. */
static void mark_slack(uint32_t cpu, uint64_t at, uint64_t slack)
{
	event(cpu, at, HYP_EVENT_ENTER, HYP_REASON_HVC);
	event(cpu, at + 1, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	t.marks[t.round.nr_marks++] = (struct watch_mark){
		.before_ns = at - slack, .after_ns = at + slack, .ts = at + OFFSET, .cpu = cpu
	};
}

static void mark(uint32_t cpu, uint64_t at)
{
	mark_slack(cpu, at, 0);
}

/* A trap that ends in EL2, and one that reaches EL3. */
static void trap(uint32_t cpu, uint64_t from, uint64_t until)
{
	event(cpu, from, HYP_EVENT_ENTER, HYP_REASON_SMC);
	event(cpu, until, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
}

static void forwarded(uint32_t cpu, uint64_t from, uint64_t until)
{
	event(cpu, from, HYP_EVENT_ENTER, HYP_REASON_SMC);
	event(cpu, from + 1, HYP_EVENT_EXIT, HYP_REASON_SMC);
	event(cpu, until - 1, HYP_EVENT_ENTER, HYP_REASON_SMC);
	event(cpu, until, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
}

static struct host_call *call(uint32_t cpu, uint32_t tid, uint64_t begin, uint64_t end)
{
	struct host_call *host = &t.calls[t.round.nr_calls++];

	*host = (struct host_call){
		/* An error that EL2 and EL3 both return, so the registers prove nothing. */
		.in = { FID_BIND },
		.out = { UINT64_MAX },
		.begin_ns = begin,
		.end_ns = end,
		.cpu = cpu,
		.end_cpu = cpu,
		.tid = tid,
		.pid = tid,
		.source = HOST_SOURCE_DRIVER,
		.comm = "test",
	};
	return host;
}

static void round_end(void)
{
	assert_int_equal(watch_round(t.watch, &t.round, t.marks, t.calls, t.events, keep, NULL), 0);
	t.round = (struct watch_round){ 0 };
}

static void last_round(void)
{
	t.round.last = 1;
	round_end();
}

static int begin(void **state)
{
	const struct watch_options opts = { .keep_events = true, .optee = 0x8001 };

	(void)state;
	memset(&t, 0, sizeof(t));
	t.watch = watch_new(&opts);
	mark(0, 1000);
	mark(1, 1000);
	round_end();
	return t.watch ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	watch_free(t.watch);
	return 0;
}

static const struct verdict *verdict_of(uint32_t tid)
{
	for (unsigned int i = 0; i < t.nr_shown; i++) {
		if (t.shown[i].host->tid == tid)
			return &t.shown[i].verdict;
	}
	fail_msg("the call of task %u was not shown", tid);
	return NULL;
}

#define IS(tid, kind_) assert_int_equal(verdict_of(tid)->kind, kind_)
#define IS_UNKNOWN(tid, reason_)                                          \
	do {                                                              \
		assert_int_equal(verdict_of(tid)->kind, VERDICT_UNKNOWN); \
		assert_int_equal(verdict_of(tid)->reason, reason_);       \
	} while (0)

static void one_trap_between_the_two_times_is_the_calls(void **state)
{
	(void)state;
	trap(0, 2010, 2020);
	call(0, 1, 2000, 2100);
	forwarded(1, 3010, 3090);
	call(1, 2, 3000, 3100);
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	IS(1, VERDICT_REJECTED);
	IS(2, VERDICT_FORWARDED);
	assert_int_equal(verdict_of(2)->total_ns, 80);
	assert_int_equal(verdict_of(2)->secure_ns, 78);
	assert_int_equal(t.shown[1].nr_events, 4);
}

static void a_call_waits_until_the_trace_has_come(void **state)
{
	(void)state;
	call(0, 1, 2000, 2100);
	mark(1, 9000);
	round_end();
	assert_int_equal(t.nr_shown, 0);
	trap(0, 2010, 2020);
	mark(0, 9000);
	round_end();
	IS(1, VERDICT_REJECTED);
}

static void an_smc_of_another_task_makes_it_ambiguous(void **state)
{
	(void)state;
	trap(0, 2010, 2020);
	forwarded(0, 2050, 2090);
	call(0, 1, 2000, 2100);
	mark(0, 9000);
	mark(1, 9000);
	last_round();
	IS_UNKNOWN(1, VERDICT_AMBIGUOUS);
}

static void a_call_in_the_middle_of_another_has_its_own(void **state)
{
	(void)state;
	/* The first task is preempted before its SMC; another task makes a call meanwhile. */
	forwarded(0, 2210, 2290);
	call(0, 2, 2200, 2300)->switches = 0;
	trap(0, 2400, 2410);
	call(0, 1, 2000, 2500)->switches = 1;
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	IS(2, VERDICT_FORWARDED);
	IS(1, VERDICT_REJECTED);
}

static void the_order_of_calls_decides_where_clocks_do_not(void **state)
{
	(void)state;
	/* So close together that each trap could belong to either call. */
	mark_slack(0, 1900, 500);
	mark_slack(1, 1900, 500);
	t.marks[0].before_ns -= 500;
	watch_free(t.watch);
	t.watch = watch_new(&(struct watch_options){ 0 });
	round_end();
	forwarded(0, 5010, 5020);
	call(0, 1, 5000, 5030);
	trap(0, 5050, 5060);
	call(0, 2, 5040, 5070);
	forwarded(0, 5090, 5100);
	call(0, 3, 5080, 5110);
	mark_slack(0, 9000, 500);
	mark_slack(1, 9000, 500);
	round_end();
	IS(1, VERDICT_FORWARDED);
	IS(2, VERDICT_REJECTED);
	IS(3, VERDICT_FORWARDED);
}

static void no_verdict_is_given_where_a_trap_is_missing(void **state)
{
	(void)state;
	watch_free(t.watch);
	t.watch = watch_new(&(struct watch_options){ 0 });
	mark_slack(0, 1900, 500);
	round_end();
	/* Two calls and one trap that fits both: it cannot be decided which call has no trap. */
	forwarded(0, 5010, 5020);
	call(0, 1, 5000, 5030);
	call(0, 2, 5040, 5070);
	mark_slack(0, 9000, 500);
	last_round();
	IS_UNKNOWN(1, VERDICT_AMBIGUOUS);
	IS_UNKNOWN(2, VERDICT_AMBIGUOUS);
}

static void a_call_without_a_trap_has_no_verdict(void **state)
{
	(void)state;
	call(0, 1, 2000, 2100);
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	IS_UNKNOWN(1, VERDICT_NO_EVENTS);
}

static void a_task_that_was_moved_has_its_trap_on_either_cpu(void **state)
{
	struct host_call *host;

	(void)state;
	forwarded(1, 2310, 2390);
	host = call(0, 1, 2000, 2400);
	host->end_cpu = 1;
	host->migrations = 1;
	host->switches = 1;
	/* A trap fits on both CPUs, so neither can be chosen. */
	trap(0, 3010, 3020);
	trap(1, 3310, 3320);
	host = call(0, 2, 3000, 3400);
	host->end_cpu = 1;
	host->migrations = 1;
	/* Migrated there and back: the CPU at both ends is not the one that made the call. */
	trap(1, 4310, 4320);
	host = call(0, 3, 4000, 4400);
	host->migrations = 2;
	mark(0, 9000);
	mark(1, 9000);
	last_round();
	IS(1, VERDICT_FORWARDED);
	assert_int_equal(t.shown[0].call.cpu, 1);
	IS_UNKNOWN(2, VERDICT_AMBIGUOUS);
	IS(3, VERDICT_REJECTED);
	assert_int_equal(t.shown[2].call.cpu, 1);
}

static void a_moved_call_gets_what_others_leave(void **state)
{
	struct host_call *host;

	(void)state;
	trap(0, 3010, 3020);
	call(0, 2, 3000, 3050);
	forwarded(1, 3310, 3320);
	host = call(0, 1, 2900, 3400);
	host->end_cpu = 1;
	host->migrations = 1;
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	IS(2, VERDICT_REJECTED);
	IS(1, VERDICT_FORWARDED);
}

static void calls_that_lost_events_touch_are_unknown(void **state)
{
	(void)state;
	trap(0, 2010, 2020);
	call(0, 1, 2000, 2100);
	trap(0, 2110, 2120);
	event(0, 3050, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	t.events[t.round.nr_events - 1].lost = 7;
	call(0, 2, 3000, 3100);
	trap(0, 4010, 4020);
	call(0, 3, 4000, 4100);
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	/* The events were lost somewhere between the last one present and the next one. */
	IS(1, VERDICT_REJECTED);
	IS_UNKNOWN(2, VERDICT_LOST_EVENTS);
	IS(3, VERDICT_REJECTED);
	assert_int_equal(watch_lost(t.watch, 0), 7);
}

/* When its page of text is full, the kernel prints the last event again, with its loss. */
static void a_repeated_event_counts_its_loss_once(void **state)
{
	struct watch_totals totals;

	(void)state;
	trap(0, 2010, 2020);
	call(0, 1, 2000, 2100);
	trap(0, 2110, 2120);
	event(0, 3050, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	t.events[t.round.nr_events - 1].lost = 7;
	event(0, 3050, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	t.events[t.round.nr_events - 1].lost = 7;
	event(0, 3060, HYP_EVENT_ENTER, HYP_REASON_SMC);
	event(0, 3060, HYP_EVENT_ENTER, HYP_REASON_SMC);
	event(0, 3070, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	trap(0, 4010, 4020);
	event(0, 4020, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	call(0, 2, 4000, 4100);
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	assert_int_equal(watch_lost(t.watch, 0), 7);
	watch_totals(t.watch, &totals);
	assert_int_equal(totals.lost_events, 7);
	IS(1, VERDICT_REJECTED);
	IS(2, VERDICT_REJECTED);
	assert_int_equal(t.shown[1].nr_events, 2);
}

static void a_marker_that_did_not_come_is_a_hole(void **state)
{
	(void)state;
	trap(0, 2010, 2020);
	call(0, 1, 2000, 2100);
	t.marks[0] = (struct watch_mark){ .before_ns = 9000, .after_ns = 9000, .cpu = 0 };
	t.round.nr_marks = 1;
	mark(1, 9000);
	round_end();
	IS_UNKNOWN(1, VERDICT_LOST_EVENTS);
	/* From the next marker on, verdicts are given again. */
	mark(0, 10000);
	mark(1, 10000);
	round_end();
	trap(0, 11010, 11020);
	call(0, 2, 11000, 11100);
	mark(0, 12000);
	mark(1, 12000);
	round_end();
	IS(2, VERDICT_REJECTED);
}

static void what_was_before_the_watch_is_not_believed(void **state)
{
	(void)state;
	/* It began before the first marker: another trap may have been its own. */
	trap(0, 2010, 2020);
	call(0, 1, 900, 2100);
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	IS_UNKNOWN(1, VERDICT_LOST_EVENTS);
}

static void without_a_trace_there_are_reasons_only(void **state)
{
	(void)state;
	call(0, 1, 2000, 2100);
	t.round.reason = VERDICT_TRACING_OFF;
	round_end();
	IS_UNKNOWN(1, VERDICT_TRACING_OFF);
}

static void a_clock_that_was_set_costs_verdicts_and_makes_none(void **state)
{
	(void)state;
	trap(0, 2010, 2020);
	call(0, 1, 2000, 2100);
	mark(0, 3000);
	mark(1, 3000);
	round_end();
	IS(1, VERDICT_REJECTED);
	/* The hypervisor's clock jumps by 50 us: either offset may be correct. */
	trap(0, 4010, 4020);
	trap(0, 54010, 54020);
	call(0, 2, 4000, 4100);
	forwarded(0, 58010, 58090);
	event(0, 60000, HYP_EVENT_ENTER, HYP_REASON_HVC);
	event(0, 60001, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	t.marks[0] = (struct watch_mark){ 10000, 10000, 60000 + OFFSET, 0, 0 };
	t.round.nr_marks = 1;
	last_round();
	IS_UNKNOWN(2, VERDICT_AMBIGUOUS);
}

static void traps_of_others_are_counted(void **state)
{
	struct watch_totals totals;

	(void)state;
	trap(0, 2010, 2020);
	trap(0, 2110, 2120);
	call(0, 1, 2000, 2100);
	t.round.dropped = 3;
	t.round.missed = 2;
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	watch_totals(t.watch, &totals);
	assert_int_equal(totals.calls, 1);
	assert_int_equal(totals.other_traps, 1);
	assert_int_equal(totals.dropped, 3);
	assert_int_equal(totals.missed, 2);
}

static void an_interrupt_stands_among_the_calls_and_is_none(void **state)
{
	struct watch_totals totals;

	(void)state;
	trap(0, 2010, 2020);
	call(0, 1, 2000, 2100);
	call(0, 9, 1900, 1900)->source = HOST_SOURCE_SRI;
	mark(0, 9000);
	mark(1, 9000);
	round_end();
	assert_int_equal(t.nr_shown, 2);
	assert_int_equal(t.shown[0].host->source, HOST_SOURCE_SRI);
	assert_int_equal(t.shown[0].verdict.reason, VERDICT_REASON_NONE);
	IS(1, VERDICT_REJECTED);
	watch_totals(t.watch, &totals);
	assert_int_equal(totals.calls, 1);
}

static void cpu_numbers_that_cannot_be_are_refused(void **state)
{
	(void)state;
	call(0xffffffff, 1, 2000, 2100);
	assert_int_equal(watch_round(t.watch, &t.round, t.marks, t.calls, t.events, keep, NULL),
			 -EINVAL);
}

/* ---- conversations ---- */

static void an_interrupted_request_is_one_conversation(void **state)
{
	struct host_call *host;

	(void)state;
	host = call(0, 1, 2000, 2100);
	host->in[0] = FID_DIRECT_REQ;
	host->out[0] = FID_INTERRUPT;
	host->out[1] = 0x80020001;
	call(1, 9, 2050, 2150);
	host = call(1, 1, 3000, 3100);
	host->in[0] = FID_RUN;
	host->in[1] = 0x80020001;
	host->out[0] = FID_INTERRUPT;
	host->out[1] = 0x80020001;
	host = call(1, 1, 4000, 4100);
	host->in[0] = FID_RUN;
	host->in[1] = 0x80020001;
	host->out[0] = FID_DIRECT_RESP;
	host = call(1, 1, 5000, 5100);
	host->in[0] = FID_DIRECT_REQ;
	host->out[0] = FID_DIRECT_RESP;
	t.round.reason = VERDICT_TRACING_OFF;
	round_end();

	assert_int_equal(t.nr_shown, 5);
	assert_int_equal(t.shown[0].conversation, 1);
	assert_int_equal(t.shown[0].step, 1);
	assert_int_equal(t.shown[1].conversation, 0);
	assert_int_equal(t.shown[2].conversation, 1);
	assert_int_equal(t.shown[2].step, 2);
	assert_int_equal(t.shown[3].conversation, 1);
	assert_int_equal(t.shown[3].step, 3);
	assert_int_equal(t.shown[4].conversation, 0);
}

static void half_done_calls_of_optee_are_one_conversation(void **state)
{
	struct host_call *host;

	(void)state;
	for (uint32_t tid = 1; tid <= 2; tid++) {
		host = call(tid - 1, tid, 2000 * tid, 2000 * tid + 100);
		host->in[0] = FID_DIRECT_REQ;
		host->in[1] = 0x8001;
		host->in[3] = 0x80000000;
		host->out[0] = FID_DIRECT_RESP;
		host->out[4] = 2;
		host->out[7] = tid;
	}
	for (uint32_t tid = 1; tid <= 2; tid++) {
		host = call(0, tid, 10000 * tid, 10000 * tid + 100);
		host->in[0] = FID_DIRECT_REQ;
		host->in[1] = 0x8001;
		host->in[3] = 0x80000001;
		host->in[7] = tid;
		host->out[0] = FID_DIRECT_RESP;
	}
	t.round.reason = VERDICT_TRACING_OFF;
	round_end();

	assert_int_equal(t.nr_shown, 4);
	assert_int_equal(t.shown[0].conversation, 1);
	assert_int_equal(t.shown[1].conversation, 2);
	assert_int_equal(t.shown[2].conversation, 1);
	assert_int_equal(t.shown[2].step, 2);
	assert_int_equal(t.shown[3].conversation, 2);
}

/* ---- filters ---- */

static void filters_are_read_and_applied(void **state)
{
	struct host_call host = { 0 };
	struct watched watched = { .host = &host };
	struct watch_filter filter = { 0 };
	uint64_t ns;

	(void)state;
	watched.call.in.x[0] = FID_BIND;
	watched.call.out.x[0] = FID_ERROR;
	watched.call.out.x[2] = 0xfffffffa;
	watched.verdict =
		(struct verdict){ .kind = VERDICT_REJECTED, .from_trace = true, .total_ns = 1500 };

	assert_true(watch_passes(&filter, &watched));
	assert_int_equal(watch_filter_verdicts(&filter, "forwarded|unknown"), 0);
	assert_false(watch_passes(&filter, &watched));
	assert_int_equal(watch_filter_verdicts(&filter, "rejected"), 0);
	assert_true(watch_passes(&filter, &watched));
	assert_int_equal(watch_filter_statuses(&filter, "BUSY|-1"), 0);
	assert_false(watch_passes(&filter, &watched));
	assert_int_equal(watch_filter_statuses(&filter, "denied"), 0);
	assert_true(watch_passes(&filter, &watched));
	filter.slower_ns = 1500;
	assert_false(watch_passes(&filter, &watched));

	assert_int_equal(watch_filter_verdicts(&filter, "refused"), -EINVAL);
	assert_int_equal(watch_filter_verdicts(&filter, "rejected|"), -EINVAL);
	assert_int_equal(watch_filter_verdicts(&filter, ""), -EINVAL);
	assert_int_equal(watch_filter_statuses(&filter, "NOT_A_STATUS"), -EINVAL);

	assert_int_equal(watch_parse_time("500", 1000, &ns), 0);
	assert_int_equal(ns, 500000);
	assert_int_equal(watch_parse_time("10", 1000000000, &ns), 0);
	assert_int_equal(ns, UINT64_C(10000000000));
	assert_int_equal(watch_parse_time("7ns", 1000, &ns), 0);
	assert_int_equal(ns, 7);
	assert_int_equal(watch_parse_time("2s", 1000, &ns), 0);
	assert_int_equal(ns, 2000000000);
	assert_int_equal(watch_parse_time("2h", 1000, &ns), -EINVAL);
	assert_int_equal(watch_parse_time("-2s", 1000, &ns), -EINVAL);
	assert_int_equal(watch_parse_time("99999999999999999999s", 1000, &ns), -EINVAL);
	assert_int_equal(watch_parse_time("18446744073709551s", 1000, &ns), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_trap_between_the_two_times_is_the_calls),
		TEST(a_call_waits_until_the_trace_has_come),
		TEST(an_smc_of_another_task_makes_it_ambiguous),
		TEST(a_call_in_the_middle_of_another_has_its_own),
		TEST(the_order_of_calls_decides_where_clocks_do_not),
		TEST(no_verdict_is_given_where_a_trap_is_missing),
		TEST(a_call_without_a_trap_has_no_verdict),
		TEST(a_task_that_was_moved_has_its_trap_on_either_cpu),
		TEST(a_moved_call_gets_what_others_leave),
		TEST(calls_that_lost_events_touch_are_unknown),
		TEST(a_repeated_event_counts_its_loss_once),
		TEST(a_marker_that_did_not_come_is_a_hole),
		TEST(what_was_before_the_watch_is_not_believed),
		TEST(without_a_trace_there_are_reasons_only),
		TEST(a_clock_that_was_set_costs_verdicts_and_makes_none),
		TEST(traps_of_others_are_counted),
		TEST(an_interrupt_stands_among_the_calls_and_is_none),
		TEST(cpu_numbers_that_cannot_be_are_refused),
		TEST(an_interrupted_request_is_one_conversation),
		TEST(half_done_calls_of_optee_are_one_conversation),
		TEST(filters_are_read_and_applied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
