// SPDX-License-Identifier: GPL-2.0-only
/* The marks of a Perfetto trace that no recording of the tests has; tests/cli/tool/perfetto.py reads whole traces. */
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ffa/call.h"
#include "report/protobuf.h"
#include "report/report.h"

struct written {
	char *data;
	size_t len;
};

static struct written trace_of(const struct watched *watched)
{
	struct written written;
	FILE *out = open_memstream(&written.data, &written.len);
	const struct report_options opts = { .out = out, .ffa_version = 0x10002 };
	struct report *report = report_new(&report_perfetto, &opts);

	report_watched(report, watched, "");
	assert_int_equal(report_end(report), 0);
	report_free(report);
	assert_int_equal(fclose(out), 0);
	return written;
}

static bool has(const struct watched *watched, const char *text)
{
	struct written written = trace_of(watched);
	bool found = memmem(written.data, written.len, text, strlen(text));

	free(written.data);
	return found;
}

static struct host_call host = { .source = HOST_SOURCE_DRIVER,
				 .tid = 7,
				 .pid = 7,
				 .comm = "worker",
				 .begin_ns = 1000,
				 .end_ns = 3000 };

/* NOTIFICATION_GET, answered with a bitmap of SPs. */
static struct watched fetched(uint64_t bitmap)
{
	struct watched watched = { .host = &host };

	watched.call.in.x[0] = 0x84000082;
	watched.call.out.x[0] = FFA_FID_SUCCESS;
	watched.call.out.x[2] = bitmap;
	watched.call.begin_ns = 1000;
	watched.call.end_ns = 3000;
	watched.verdict.kind = VERDICT_FORWARDED;
	return watched;
}

static void test_fetched_notifications_are_an_instant(void **state)
{
	const struct watched none = fetched(0), one = fetched(0x20);

	(void)state;
	assert_false(has(&none, "notifications fetched"));
	assert_true(has(&one, "notifications fetched"));
	assert_true(has(&one, "worker"));
}

static void test_lost_events_are_marked(void **state)
{
	struct watched watched = fetched(0);

	(void)state;
	watched.verdict.kind = VERDICT_UNKNOWN;
	watched.verdict.reason = VERDICT_NO_EVENTS;
	assert_false(has(&watched, "events lost"));
	watched.verdict.reason = VERDICT_LOST_EVENTS;
	assert_true(has(&watched, "events lost"));
}

static void test_an_interrupt_is_an_instant_without_a_task(void **state)
{
	struct host_call sri = {
		.source = HOST_SOURCE_SRI, .cpu = 3, .begin_ns = 5, .comm = "worker"
	};
	const struct watched watched = { .host = &sri };

	(void)state;
	assert_true(has(&watched, "Schedule Receiver interrupt"));
	assert_true(has(&watched, "CPU 3"));
	assert_false(has(&watched, "worker"));
}

static void test_a_field_that_does_not_fit_is_left_out(void **state)
{
	static char large[PROTOBUF_MAX];
	static struct protobuf msg;

	(void)state;
	protobuf_uint(&msg, 1, UINT64_MAX);
	assert_int_equal(msg.len, 11);
	protobuf_bytes(&msg, 2, large, sizeof(large));
	assert_int_equal(msg.len, 11);
	protobuf_bytes(&msg, 60, large, 300);
	/* Key 60 << 3 | 2, length 300. */
	assert_memory_equal(msg.data + 11, "\xe2\x03\xac\x02", 4);
	assert_int_equal(msg.len, 11 + 4 + 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetched_notifications_are_an_instant),
		cmocka_unit_test(test_lost_events_are_marked),
		cmocka_unit_test(test_an_interrupt_is_an_instant_without_a_task),
		cmocka_unit_test(test_a_field_that_does_not_fit_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
