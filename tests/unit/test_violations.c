// SPDX-License-Identifier: GPL-2.0-only
/* Calls with reserved bits set are counted for the driver that made them, and for no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ffa/version.h"
#include "report/report.h"

#define DIRECT_REQ_64 0xc400006f
#define FEATURES      0x84000064

static const char optee_stack[] = "ffa_msg_send_direct_req+0x80 [ffa_module]\n"
				  "optee_ffa_do_call_with_arg+0x5c [optee]\n"
				  "tee_ioctl+0x10 [tee]\n";
static const char vendor_stack[] = "__arm_ffa_fn_smc+0x20\nvendor_probe+0x44 [vendor_tee]\n";

struct output {
	struct report *report;
	FILE *file;
	char *text;
	size_t size;
};

static void begin(struct output *out, const struct report_ops *ops)
{
	struct report_options opts = { .ffa_version = FFA_VERSION_1_2 };

	out->file = open_memstream(&out->text, &out->size);
	opts.out = out->file;
	out->report = report_new(ops, &opts);
	assert_non_null(out->report);
}

/* Ends the report; out->text is the caller's. Returns the number of violating calls. */
static uint64_t finish(struct output *out)
{
	uint64_t violating;

	assert_int_equal(report_end(out->report), 0);
	violating = report_violating(out->report);
	report_free(out->report);
	fclose(out->file);
	return violating;
}

static void make(struct report *report, const char *task, const char *stack, uint32_t fid,
		 unsigned int reg, uint64_t value)
{
	struct host_call host = { .source = HOST_SOURCE_DRIVER };
	struct watched watched = { .host = &host };

	snprintf(host.comm, sizeof(host.comm), "%s", task);
	host.in[0] = fid;
	host.in[reg] = value;
	watched.call.in.x[0] = fid;
	watched.call.in.x[1] = fid == FEATURES ? 2 : 0x8001;
	if (reg)
		watched.call.in.x[reg] = value;
	report_watched(report, &watched, stack);
}

static void the_driver_is_named_with_the_right_count(void **state)
{
	struct output out;

	(void)state;
	begin(&out, &report_violations);
	for (unsigned int i = 0; i < 10000; i++) {
		make(out.report, "vendord", vendor_stack, DIRECT_REQ_64, i % 10 ? 0 : 9, 0xdead);
		make(out.report, "tee-supplicant", optee_stack, DIRECT_REQ_64, 0, 0);
	}
	assert_int_equal(finish(&out), 1000);
	assert_non_null(strstr(out.text,
			       "FFA_MSG_SEND_DIRECT_REQ_64 (0xc400006f) by vendor_tee, task "
			       "vendord: 1000 of 10000 calls\n"
			       "  x9[63:0]     SBZ    1000 calls, first 0xdead\n"
			       "  stack  __arm_ffa_fn_smc+0x20\n"
			       "         vendor_probe+0x44 [vendor_tee]\n"));
	assert_null(strstr(out.text, "optee"));
	assert_non_null(strstr(out.text,
			       "\n1000 of 20000 calls set reserved or unused bits (FF-A 1.2).\n"));
	free(out.text);
}

static void registers_without_a_parameter_count_as_unused(void **state)
{
	struct output out;

	(void)state;
	begin(&out, &report_violations);
	make(out.report, "a", "", FEATURES, 9, 1);
	make(out.report, "a", "", FEATURES, 5, UINT64_C(1) << 40);
	/* w1 is the feature: bits above it are no parameter, but the register is used. */
	make(out.report, "a", "", FEATURES, 1, UINT64_C(1) << 40 | 2);
	assert_int_equal(finish(&out), 2);
	assert_non_null(strstr(out.text, "  x5[63:32]    unused 1 call, first 0x100\n"
					 "  x9[63:0]     unused 1 call, first 0x1\n"));
	free(out.text);
}

static void canaries_of_ffascope_are_not_the_callers(void **state)
{
	struct host_call host = { .source = HOST_SOURCE_MODULE, .comm = "ffascope" };
	struct watched watched = { .host = &host };
	struct output out;

	(void)state;
	begin(&out, &report_violations);
	watched.call.in.x[0] = FEATURES;
	watched.call.in.x[1] = 2;
	verdict_add_canaries(&watched.call.in);
	report_watched(out.report, &watched, "");
	watched.call.in.x[9] = 0x77;
	report_watched(out.report, &watched, "");
	assert_int_equal(finish(&out), 1);
	assert_non_null(strstr(out.text, "by ffascope, task ffascope: 1 of 2 calls\n"));
	free(out.text);
}

static void foreign_names_cannot_steer_the_terminal(void **state)
{
	struct output out;

	(void)state;
	begin(&out, &report_violations);
	make(out.report, "\033[2Jevil", "f\033]0;x\007+0x1 [m\033]\n", DIRECT_REQ_64, 9, 1);
	assert_int_equal(finish(&out), 1);
	assert_null(strchr(out.text, '\033'));
	assert_null(strchr(out.text, '\007'));
	free(out.text);
}

static void as_json_it_is_one_object(void **state)
{
	struct output out;

	(void)state;
	begin(&out, &report_violations_json);
	make(out.report, "vendord", vendor_stack, DIRECT_REQ_64, 9, 0xdead);
	assert_int_equal(finish(&out), 1);
	assert_string_equal(
		out.text,
		"{\"format\":1,\"calls\":1,\"violating\":1,\"by_driver\":[{\"driver\":\"vendor_tee\",\"task\":\"vendord\","
		"\"call\":\"FFA_MSG_SEND_DIRECT_REQ_64\",\"fid\":\"0xc400006f\",\"calls\":1,\"violating\":1,"
		"\"bits\":[{\"bits\":\"x9[63:0]\",\"rule\":\"SBZ\",\"calls\":1,\"first\":\"0xdead\"}],"
		"\"stack\":\"__arm_ffa_fn_smc+0x20\\nvendor_probe+0x44 [vendor_tee]\\n\"}]}\n");
	free(out.text);
}

static void without_calls_there_is_a_result_too(void **state)
{
	struct output out;

	(void)state;
	begin(&out, &report_violations);
	assert_int_equal(finish(&out), 0);
	assert_string_equal(out.text, "0 of 0 calls set reserved or unused bits (FF-A 1.2).\n");
	free(out.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_driver_is_named_with_the_right_count),
		cmocka_unit_test(registers_without_a_parameter_count_as_unused),
		cmocka_unit_test(canaries_of_ffascope_are_not_the_callers),
		cmocka_unit_test(foreign_names_cannot_steer_the_terminal),
		cmocka_unit_test(as_json_it_is_one_object),
		cmocka_unit_test(without_calls_there_is_a_result_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
