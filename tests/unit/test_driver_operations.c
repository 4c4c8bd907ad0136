// SPDX-License-Identifier: GPL-2.0-only
/* When an operation of arm_ffa proves that it made its call, and what that call was. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "driver/operations.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

#define ON FFASCOPE_RESULT_NOTIFICATIONS

static bool certain(uint32_t op, uint32_t result, int status)
{
	const struct ffascope_driver req = { .op = op, .result = result, .status = status };

	return driver_operation_made_one_call(&req);
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
	assert_false(certain(FFASCOPE_DRIVER_QUERY, ON, 0));
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
	assert_false(certain(FFASCOPE_DRIVER_REQUEST, ON | FFASCOPE_RESULT_MOVED, 0));
	assert_false(certain(FFASCOPE_DRIVER_DIRECT, FFASCOPE_RESULT_MOVED, 0));
}

static void test_errno_of_one_status_only_names_it(void **state)
{
	(void)state;
	assert_int_equal(driver_operation_status(0), 0);
	assert_int_equal(driver_operation_status(-EOPNOTSUPP), -1);
	assert_int_equal(driver_operation_status(-EACCES), -6);
	assert_int_equal(driver_operation_status(-ENODATA), -9);
	assert_int_equal(driver_operation_status(-EINVAL), 1);
	assert_int_equal(driver_operation_status(-EAGAIN), 1);
	assert_int_equal(driver_operation_status(-EIO), 1);
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
	driver_operation_registers(&req, &call);
	driver_operation_answer(&req, &call);
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
	driver_operation_registers(&req, &call);
	driver_operation_answer(&req, &call);
	assert_int_equal(call.in[0], 0x84000081);
	assert_int_equal(call.in[1], 0x8001);
	assert_int_equal(call.in[2], 0xffff0001);
	assert_int_equal(call.in[3], 0x80000000);
	assert_int_equal(call.in[4], 0);
	assert_true(call.out[0] == UINT64_MAX);
}

static struct ffa_regs regs_of(const char *name, const char *const *words)
{
	const struct ffa_call *ffa = ffa_call_find(name);
	struct ffa_regs regs;
	char err[256];

	ffa_call_init(ffa, ffa_call_fid(ffa), &regs);
	for (; *words; words++)
		assert_int_equal(ffa_assign(ffa, &regs, *words, err, sizeof(err)), 0);
	return regs;
}

#define REGS(name, ...) regs_of(name, (const char *const[]){ __VA_ARGS__, NULL })

/* Whether arm_ffa can say it, to a partition whose result flags are these. */
static bool can_say(struct ffa_regs regs, uint32_t result, struct ffascope_driver *req)
{
	char err[512] = "";
	int ret = driver_operation_from_call(&regs, req, err, sizeof(err));

	req->result = result;
	if (!ret)
		ret = driver_operation_check(&regs, req, err, sizeof(err));
	assert_int_equal(ret != 0, err[0] != 0);
	return !ret;
}

static void test_what_the_operations_can_say(void **state)
{
	struct ffascope_driver req;

	(void)state;
	assert_true(
		can_say(REGS("NOTIFICATION_BIND", "sender=0x8001", "bitmap=0x100000000"), 0, &req));
	assert_int_equal(req.op, FFASCOPE_DRIVER_REQUEST);
	assert_int_equal(req.partition, 0x8001);
	assert_int_equal(req.id, 32);
	assert_true(can_say(
		REGS("NOTIFICATION_SET", "receiver=0x8002", "bitmap=1", "per-vcpu=1", "vcpu-id=3"),
		0, &req));
	assert_int_equal(req.op, FFASCOPE_DRIVER_SEND);
	assert_int_equal(req.flags, FFASCOPE_DRIVER_PER_VCPU);
	assert_int_equal(req.vcpu, 3);
	assert_true(can_say(REGS("MSG_SEND_DIRECT_REQ", "receiver=0x8001", "data4=7"),
			    FFASCOPE_RESULT_32BIT, &req));
	assert_int_equal(req.data[4], 7);
	assert_true(can_say(REGS("MSG_SEND_DIRECT_REQ_64", "receiver=0x8001"), 0, &req));
	assert_true(can_say(REGS("PARTITION_INFO_GET", "uuid=486178e0-e7f8-11e3-bc5e-0002a5d5c51b"),
			    0, &req));
	assert_int_equal(req.uuid[0], 0x48);
	assert_int_equal(req.uuid[15], 0x1b);
}

static void test_what_they_cannot_say(void **state)
{
	struct ffascope_driver req;

	(void)state;
	assert_false(can_say(REGS("ID_GET", "w1=0"), 0, &req));
	assert_false(can_say(REGS("MSG_POLL", "w1=0"), 0, &req));
	assert_false(can_say(REGS("NOTIFICATION_UNBIND", "sender=0x8001", "bitmap=1"), 0, &req));
	assert_false(can_say(REGS("NOTIFICATION_BIND", "sender=0x8001", "bitmap=3"), 0, &req));
	assert_false(can_say(REGS("NOTIFICATION_BIND", "sender=0x8001", "bitmap=0"), 0, &req));
	assert_false(can_say(REGS("NOTIFICATION_BIND", "sender=0x8001", "bitmap=1", "receiver=2"),
			     0, &req));
	assert_false(
		can_say(REGS("NOTIFICATION_BIND", "sender=0x8001", "bitmap=1", "w5=1"), 0, &req));
	assert_false(
		can_say(REGS("NOTIFICATION_SET", "receiver=1", "bitmap=1", "vcpu-id=1"), 0, &req));
	assert_false(can_say(REGS("NOTIFICATION_SET", "receiver=1", "bitmap=1", "delay-sri=1"), 0,
			     &req));
	assert_false(can_say(REGS("MSG_SEND_DIRECT_REQ", "receiver=0x8001"), 0, &req));
	assert_false(can_say(REGS("MSG_SEND_DIRECT_REQ_64", "receiver=0x8001"),
			     FFASCOPE_RESULT_32BIT, &req));
	assert_false(can_say(REGS("MSG_SEND_DIRECT_REQ_64", "receiver=0x8001", "w2=1"), 0, &req));
	assert_false(can_say(REGS("PARTITION_INFO_GET", "w5=1"), 0, &req));
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
		cmocka_unit_test(test_what_the_operations_can_say),
		cmocka_unit_test(test_what_they_cannot_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
