// SPDX-License-Identifier: GPL-2.0-only
/* The offset of the clocks that the calls of a batch are judged with. Pure: no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/internal.h"

#define MS UINT64_C(1000000)
#define S  (1000 * MS)

static void a_stall_after_the_calls_costs_no_accuracy(void **state)
{
	/* Measured at 10 s; drift is 2 ns a ms. */
	struct session s = { .clock = { true, -300, 300, 10 * S }, .guard_ns = 1300 };
	struct verdict_clock clock;

	(void)state;
	session_clock_of_calls(&s, &s.clock, true, 10 * S, 10 * S + 100 * MS, &clock);
	assert_int_equal(clock.offset_ns, 0);
	assert_int_equal(clock.slack_ns, 500);
	assert_int_equal(clock.guard_ns, 1300);
}

static void the_measurement_nearer_to_the_calls_is_used(void **state)
{
	struct clock_range before = { true, -300, 300, 5 * S };
	struct session s = { .clock = { true, 100, 500, 10 * S + 50 * MS } };
	struct verdict_clock clock;

	(void)state;
	session_clock_of_calls(&s, &before, true, 10 * S, 10 * S + 20 * MS, &clock);
	assert_int_equal(clock.offset_ns, 300);
	assert_int_equal(clock.slack_ns, 200 + 100);
	/* The later one is of a time before the last call: it says nothing about that call. */
	s.clock.at_ns = 10 * S + 10 * MS;
	session_clock_of_calls(&s, &before, true, 10 * S, 10 * S + 20 * MS, &clock);
	assert_int_equal(clock.offset_ns, 0);
	assert_int_equal(clock.slack_ns, 300 + 10040);
}

static void an_adjusted_clock_widens_the_offset_to_both_values(void **state)
{
	struct clock_range before = { true, -100, 100, 10 * S };
	struct session s = { .clock = { true, 800, 1000, 10 * S + 10 * MS } };
	struct verdict_clock clock;

	(void)state;
	session_clock_of_calls(&s, &before, false, 10 * S, 10 * S + 10 * MS, &clock);
	/* -120 to 1020 */
	assert_int_equal(clock.offset_ns - (int64_t)clock.slack_ns <= -120, 1);
	assert_int_equal(clock.offset_ns + (int64_t)clock.slack_ns >= 1020, 1);
	assert_true(clock.slack_ns <= 1020);
}

static void an_offset_that_was_never_measured_proves_nothing(void **state)
{
	struct session s = { .guard_ns = 1 };
	struct verdict_clock clock;

	(void)state;
	session_clock_of_calls(&s, &s.clock, true, 10 * S, 10 * S, &clock);
	assert_true(clock.slack_ns > 1000 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stall_after_the_calls_costs_no_accuracy),
		cmocka_unit_test(the_measurement_nearer_to_the_calls_is_used),
		cmocka_unit_test(an_adjusted_clock_widens_the_offset_to_both_values),
		cmocka_unit_test(an_offset_that_was_never_measured_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
