// SPDX-License-Identifier: GPL-2.0-only
/* When an operation of arm_ffa proves that it made its call, and what that call was. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/driver.h"

#define ON FFASCOPE_FACT_NOTIFICATIONS

static bool certain(uint32_t op, uint32_t facts, int status)
{
	const struct ffascope_driver req = { .op = op, .facts = facts, .status = status };

	return driver_made_one_call(&req);
}

static void test_success_proves_a_call(void **state)
{
	(void)state;
	assert_true(certain(FFASCOPE_DRIVER_REQUEST, ON, 0));
	assert_true(certain(FFASCOPE_DRIVER_RELINQUISH, ON, 0));
	assert_true(certain(FFASCOPE_DRIVER_SEND, ON, 0));
	assert_true(certain(FFASCOPE_DRIVER_DIRECT, 0, 0));
	assert_true(certain(FFASCOPE_DRIVER_DIRECT2, 0, 0));
}

static void test_what_arm_ffa_says_by_itself_proves_nothing(void **state)
{
	(void)state;
	assert_false(certain(FFASCOPE_DRIVER_REQUEST, 0, -EOPNOTSUPP));
	assert_false(certain(FFASCOPE_DRIVER_SEND, 0, -EOPNOTSUPP));
	assert_false(certain(FFASCOPE_DRIVER_REQUEST, ON, -ENOMEM));
	assert_false(certain(FFASCOPE_DRIVER_RELINQUISH, ON, -EINVAL));
	assert_false(certain(FFASCOPE_DRIVER_DIRECT2, ON, -EOPNOTSUPP));
	assert_false(certain(FFASCOPE_DRIVER_LOOK, ON, 0));
	assert_false(certain(FFASCOPE_DRIVER_PARTITIONS, ON, 0));
}

static void test_refusals_with_notifications_on_come_from_the_call(void **state)
{
	(void)state;
	assert_true(certain(FFASCOPE_DRIVER_REQUEST, ON, -EOPNOTSUPP));
	assert_true(certain(FFASCOPE_DRIVER_REQUEST, ON, -EACCES));
	assert_true(certain(FFASCOPE_DRIVER_SEND, ON, -EOPNOTSUPP));
}

static void test_another_cpu_at_the_end_proves_nothing(void **state)
{
	(void)state;
	assert_false(certain(FFASCOPE_DRIVER_REQUEST, ON | FFASCOPE_FACT_MOVED, 0));
	assert_false(certain(FFASCOPE_DRIVER_DIRECT, FFASCOPE_FACT_MOVED, 0));
}

static void test_errno_of_one_status_only_names_it(void **state)
{
	(void)state;
	assert_int_equal(driver_status(0), 0);
	assert_int_equal(driver_status(-EOPNOTSUPP), -1);
	assert_int_equal(driver_status(-EACCES), -6);
	assert_int_equal(driver_status(-ENODATA), -9);
	assert_int_equal(driver_status(-EINVAL), 1);
	assert_int_equal(driver_status(-EAGAIN), 1);
	assert_int_equal(driver_status(-EIO), 1);
}

static void test_registers_are_those_of_arm_ffa(void **state)
{
	struct ffascope_driver req = {
		.op = FFASCOPE_DRIVER_REQUEST,
		.flags = FFASCOPE_DRIVER_PER_VCPU,
		.partition = 0x8001,
		.id = 33,
		.made_on = 3,
		.begin_ns = 10,
		.end_ns = 20,
	};
	struct ffascope_call call;

	(void)state;
	driver_call(&req, &call);
	assert_int_equal(call.in[0], 0x8400007f);
	assert_int_equal(call.in[1], 0x80010000);
	assert_int_equal(call.in[2], 1);
	assert_int_equal(call.in[3], 0);
	assert_int_equal(call.in[4], 2);
	assert_int_equal(call.cpu, 3);
	assert_int_equal(call.begin_ns, 10);
	assert_int_equal(call.end_ns, 20);
	assert_int_equal(call.out[0], 0x84000061);

	req.op = FFASCOPE_DRIVER_SEND;
	req.vcpu = 0xffff;
	req.id = 31;
	req.status = -EOPNOTSUPP;
	driver_call(&req, &call);
	assert_int_equal(call.in[0], 0x84000081);
	assert_int_equal(call.in[1], 0x8001);
	assert_int_equal(call.in[2], 0xffff0001);
	assert_int_equal(call.in[3], 0x80000000);
	assert_int_equal(call.in[4], 0);
	assert_true(call.out[0] == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_success_proves_a_call),
		cmocka_unit_test(test_what_arm_ffa_says_by_itself_proves_nothing),
		cmocka_unit_test(test_refusals_with_notifications_on_come_from_the_call),
		cmocka_unit_test(test_another_cpu_at_the_end_proves_nothing),
		cmocka_unit_test(test_errno_of_one_status_only_names_it),
		cmocka_unit_test(test_registers_are_those_of_arm_ffa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
