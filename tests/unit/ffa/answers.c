// SPDX-License-Identifier: GPL-2.0-only
/* Decoding of answers. */
#include <errno.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "unit.h"

/* The example of DEN0077A 1.3 ALP4 Table 16.50: four lists. */
static const struct ffa_regs example_32 = { .x = {
						    FFA_FID_SUCCESS,
						    0,
						    0x0004b200,
						    0x00000000,
						    0x00030002,
						    0x00040000,
						    0x00020006,
						    0x00010003,
					    } };
static const struct ffa_regs example_64 = { .x = {
						    FFA_FID_SUCCESS_64,
						    0,
						    0x4b200,
						    0x0003000200000000,
						    0x0002000600040000,
						    0x10003,
					    } };

static void check_example(const struct ffa_regs *out)
{
	static const struct ffa_info_list want[] = {
		{ 0, 3, { 0, 2, 3 } },
		{ 0, 2, { 4, 6 } },
		{ 2, 0, { 0 } },
		{ 3, 1, { 1 } },
	};
	struct ffa_info info;

	assert_int_equal(ffa_info_decode(out, &info), 0);
	assert_false(info.more);
	assert_int_equal(info.nr_lists, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(info.list[i].endpoint, want[i].endpoint);
		assert_int_equal(info.list[i].nr_vcpus, want[i].nr_vcpus);
		for (unsigned int v = 0; v < want[i].nr_vcpus; v++)
			assert_int_equal(info.list[i].vcpu[v], want[i].vcpu[v]);
	}
}

static void the_worked_example_has_four_lists(void **state)
{
	char text[300];

	(void)state;
	check_example(&example_32);
	check_example(&example_64);
	ffa_format_answer(ffa_call_find("NOTIFICATION_INFO_GET_64"), &example_64, FFA_VERSION_1_2,
			  text, sizeof(text));
	assert_string_equal(text,
			    "4 lists: endpoint 0 vcpu 0 2 3, endpoint 0 vcpu 4 6, endpoint 2, "
			    "endpoint 3 vcpu 1");
	/* The SMC64 call may be answered by the 32-bit FFA_SUCCESS. */
	ffa_format_answer(ffa_call_find("NOTIFICATION_INFO_GET_64"), &example_32, FFA_VERSION_1_2,
			  text, sizeof(text));
	assert_non_null(strstr(text, "4 lists"));
}

static void lists_that_do_not_fit_are_told_of(void **state)
{
	struct ffa_regs out = { .x = { FFA_FID_SUCCESS } };
	struct ffa_info info;

	(void)state;
	/* Ten lists of one ID each fit ten places. */
	out.x[2] = 10 << 7 | 1;
	assert_int_equal(ffa_info_decode(&out, &info), 0);
	assert_true(info.more);
	assert_int_equal(info.nr_lists, 10);
	/* Three lists of four IDs do not. */
	out.x[2] = 3 << 7 | 0x3f << 12;
	assert_int_equal(ffa_info_decode(&out, &info), -EOVERFLOW);
	assert_int_equal(info.nr_lists, 2);
	/* Fifteen lists are more than there are sizes for. */
	out.x[2] = 15 << 7;
	assert_int_equal(ffa_info_decode(&out, &info), -EOVERFLOW);
	assert_int_equal(info.nr_lists, 10);

	out.x[0] = FFA_FID_SUCCESS_64;
	out.x[2] = 20 << 7;
	assert_int_equal(ffa_info_decode(&out, &info), 0);
	assert_int_equal(info.nr_lists, 20);
	out.x[2] = 31 << 7;
	assert_int_equal(ffa_info_decode(&out, &info), -EOVERFLOW);
	assert_int_equal(info.nr_lists, 20);

	out.x[0] = FFA_FID_ERROR;
	assert_int_equal(ffa_info_decode(&out, &info), -EINVAL);
	assert_int_equal(info.nr_lists, 0);
}

/* No register content causes a write beyond the lists. */
static void any_registers_can_be_taken_apart(void **state)
{
	struct ffa_partition partitions[FFA_PARTITIONS_MAX];
	struct ffa_info info;
	uint64_t seed = 88172645463325252;

	(void)state;
	for (unsigned int n = 0; n < 20000; n++) {
		struct ffa_regs out;

		for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			out.x[reg] = seed;
		}
		out.x[0] = n & 1 ? FFA_FID_SUCCESS : FFA_FID_SUCCESS_64;
		ffa_info_decode(&out, &info);
		assert_true(info.nr_lists <= FFA_INFO_MAX_LISTS);
		assert_true(ffa_partitions_decode(&out, n % 7, partitions, FFA_PARTITIONS_MAX) <=
			    FFA_PARTITIONS_MAX);
	}
}

static void answers_in_words(void **state)
{
	static const struct {
		const char *call;
		const char *word; /* of the call; NULL: its registers are not known */
		const char *text;
		struct ffa_regs out;
	} cases[] = {
		{ "VERSION", "version=1.2", "version 1.2", { { 0x10002 } } },
		{ "VERSION", "version=1.2", "not supported (-1 in x0)", { { 0xffffffff } } },
		{ "VERSION", "version=1.2", "not supported (-1 in x0)", { { UINT64_MAX } } },
		{ "VERSION", "version=1.3", "error -3 in w0", { { 0xfffffffd } } },
		{ "ID_GET", NULL, "id 0", { { FFA_FID_SUCCESS } } },
		{ "SPM_ID_GET", NULL, "id 0x8000", { { FFA_FID_SUCCESS, 0, 0x8000 } } },
		{ "NOTIFICATION_INFO_GET", NULL, "no data", { { FFA_FID_ERROR, 0, 0xfffffff7 } } },
		{ "NOTIFICATION_SET", NULL, "success", { { FFA_FID_SUCCESS } } },
		{ "NOTIFICATION_SET",
		  NULL,
		  "invalid parameters",
		  { { FFA_FID_ERROR, 0, 0xfffffffffffffffe } } },
		{ "NOTIFICATION_SET", NULL, "status -99", { { FFA_FID_ERROR, 0, 0xffffff9d } } },
		{ "FEATURES", "feature=sri", "interrupt 8", { { FFA_FID_SUCCESS, 0, 8 } } },
		{ "FEATURES", NULL, "properties 0x8", { { FFA_FID_SUCCESS, 0, 8 } } },
		{ "FEATURES",
		  "feature=RXTX_MAP_64",
		  "max-pages 16, min-size 4K",
		  { { FFA_FID_SUCCESS, 0, 0x100000 } } },
		{ "FEATURES",
		  "feature=notification",
		  "sp-notifications 1, no-sp-per-vcpu 1, no-vm-per-vcpu 1",
		  { { FFA_FID_SUCCESS, 0, 0x803 } } },
		{ "NOTIFICATION_GET",
		  NULL,
		  "sp-bitmap 0x100000000, vm-bitmap 0x0, spm-bitmap 0x1, hyp-bitmap 0x0",
		  { { FFA_FID_SUCCESS, 0, 0, 1, 0, 0, 1 } } },
		{ "RUN",
		  NULL,
		  "FFA_INTERRUPT endpoint=0x8001 vcpu-id=0 interrupt=0",
		  { { 0x84000062, 0x80010000 } } },
		{ "MEM_SHARE", NULL, "handle 0x200000001", { { FFA_FID_SUCCESS, 0, 1, 2 } } },
		{ "ID_GET", NULL, "x0=0x12345678", { { 0x12345678 } } },
	};
	char text[300], err[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ffa_call *call = ffa_call_find(cases[i].call);
		struct ffa_regs in;

		ffa_call_init(call, 0, &in);
		if (cases[i].word)
			assert_int_equal(ffa_assign(call, &in, cases[i].word, err, sizeof(err)), 0);
		ffa_format_answer_to(call, cases[i].word ? &in : NULL, &cases[i].out,
				     FFA_VERSION_1_2, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
	ffa_format_answer(NULL, &example_32, FFA_VERSION_1_2, text, sizeof(text));
	assert_string_equal(text, "success");
}

static void status_of_an_answer(void **state)
{
	static const struct {
		const char *call;
		uint64_t x0;
		uint64_t x2;
		bool has;
		int32_t code;
	} cases[] = {
		{ "ID_GET", FFA_FID_SUCCESS, 0, true, 0 },
		{ "NOTIFICATION_INFO_GET_64", FFA_FID_SUCCESS_64, 5, true, 0 },
		{ "ID_GET", FFA_FID_ERROR, 0xfffffffa, true, -6 },
		{ "ID_GET", FFA_FID_ERROR, 0xfffffffffffffffa, true, -6 },
		{ "ID_GET", FFA_FID_ERROR_64, 0xfffffffa, true, -6 },
		{ "ID_GET", UINT64_MAX, 0, true, -1 },
		{ "ID_GET", 0xffffffff, 0, true, -1 },
		{ "VERSION", 0x10002, 0, false, 0 },
		{ "VERSION", 0xffffffff, 0, true, -1 },
		{ "VERSION", 0xfffffffd, 0, false, 0 },
		{ "RUN", 0x84000062, 0, false, 0 },
		{ "MSG_SEND_DIRECT_REQ", 0x84000070, 0, false, 0 },
		{ NULL, FFA_FID_ERROR, 0xffffffff, true, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ffa_call *call = cases[i].call ? ffa_call_find(cases[i].call) : NULL;
		struct ffa_regs out = { .x = { cases[i].x0, 0, cases[i].x2 } };
		int32_t code = 77;

		assert_int_equal(ffa_answer_status(call, &out, &code), cases[i].has);
		assert_int_equal(code, cases[i].has ? cases[i].code : 77);
	}
}

static void status_codes_have_names_both_ways(void **state)
{
	int32_t code;

	(void)state;
	for (int32_t i = 0; i >= -10; i--) {
		assert_non_null(ffa_status_name(i));
		assert_int_equal(ffa_status_by_name(ffa_status_name(i), &code), 0);
		assert_int_equal(code, i);
	}
	assert_string_equal(ffa_status_name(-2), "INVALID_PARAMETERS");
	assert_string_equal(ffa_status_name(-10), "NOT_READY");
	assert_null(ffa_status_name(-11));
	assert_null(ffa_status_name(1));
	assert_null(ffa_status_name(INT32_MIN));
	assert_int_equal(ffa_status_by_name("invalid-parameters", &code), 0);
	assert_int_equal(ffa_status_by_name("OOPS", &code), -EINVAL);
	assert_int_equal(ffa_status_by_name("", &code), -EINVAL);
}

static void partitions_come_out_of_registers(void **state)
{
	/* Two of 24 bytes: 0x8001 with one context, 0x8002 with two. */
	struct ffa_regs out = { .x = {
					FFA_FID_SUCCESS_64,
					0,
					0x0018000000010001,
					0x0000070b00018001,
					0xe311f8e7e0786148,
					0x1bc5d5a502005ebc,
					0x0000000100028002,
					0,
					0,
				} };
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	char text[200];

	(void)state;
	assert_int_equal(ffa_partitions_decode(&out, 0, list, FFA_PARTITIONS_MAX), 2);
	assert_int_equal(list[0].id, 0x8001);
	assert_int_equal(list[0].contexts, 1);
	assert_int_equal(list[0].properties, 0x70b);
	ffa_format_uuid(list[0].uuid, text);
	assert_string_equal(text, "486178e0-e7f8-11e3-bc5e-0002a5d5c51b");
	ffa_format_properties(list[0].properties, text, sizeof(text));
	assert_string_equal(text,
			    "receives-direct-req,sends-direct-req,receives-notifications,aarch64,"
			    "receives-direct-req2,sends-direct-req2");
	ffa_format_properties(0x80000030, text, sizeof(text));
	assert_string_equal(text, "auxiliary,0x80000000");
	assert_int_equal(list[1].contexts, 2);
	assert_int_equal(ffa_partitions_decode(&out, 0, list, 1), 1);
	ffa_format_answer(ffa_call_find("PARTITION_INFO_GET_REGS"), &out, FFA_VERSION_1_2, text,
			  sizeof(text));
	assert_string_equal(text, "2 partitions in these registers: 0x8001, 0x8002; the call's "
				  "start-index was not given");
	ffa_format_answer_to(ffa_call_find("PARTITION_INFO_GET_REGS"),
			     &(struct ffa_regs){ .x = { 0xc400008b } }, &out, FFA_VERSION_1_2, text,
			     sizeof(text));
	assert_string_equal(text, "2 partitions: 0x8001, 0x8002");

	/* Requested from index 1 on, only index 1 is returned. */
	assert_int_equal(ffa_partitions_decode(&out, 1, list, FFA_PARTITIONS_MAX), 1);
	/* Descriptors too small, an index that decreases, more than fits. */
	out.x[2] = 0x0010000000010001;
	assert_int_equal(ffa_partitions_decode(&out, 0, list, FFA_PARTITIONS_MAX), 0);
	out.x[2] = 0x0018000000010001;
	assert_int_equal(ffa_partitions_decode(&out, 2, list, FFA_PARTITIONS_MAX), 0);
	out.x[2] = 0x0018000000050005;
	assert_int_equal(ffa_partitions_decode(&out, 0, list, FFA_PARTITIONS_MAX), 0);
	out.x[0] = FFA_FID_ERROR;
	assert_int_equal(ffa_partitions_decode(&out, 0, list, FFA_PARTITIONS_MAX), 0);
}

static void reserved_bits_of_answers_are_seen(void **state)
{
	const struct ffa_call *info = ffa_call_find("NOTIFICATION_INFO_GET_64");
	struct ffa_regs out = example_64;
	struct ffa_violation v[4];

	(void)state;
	assert_int_equal(ffa_answer_violations(info, NULL, &out, FFA_VERSION_1_2, v, 4), 0);
	out.x[2] |= 2;
	assert_int_equal(ffa_answer_violations(info, NULL, &out, FFA_VERSION_1_2, v, 4), 1);
	assert_true(v[0].reg == 2 && v[0].hi == 6 && v[0].lo == 1 && v[0].rule == FFA_RULE_MBZ);
	out.x[17] = 1;
	out.x[1] = 1;
	assert_int_equal(ffa_answer_violations(info, NULL, &out, FFA_VERSION_1_3, v, 4), 3);
	assert_int_equal(v[0].reg, 1);
	out = (struct ffa_regs){ .x = { FFA_FID_ERROR, 0, 0xfffffffe, 7 } };
	assert_int_equal(ffa_answer_violations(info, NULL, &out, FFA_VERSION_1_3, v, 4), 1);
	assert_int_equal(v[0].rule, FFA_RULE_SBZ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_example_has_four_lists),
		cmocka_unit_test(lists_that_do_not_fit_are_told_of),
		cmocka_unit_test(any_registers_can_be_taken_apart),
		cmocka_unit_test(answers_in_words),
		cmocka_unit_test(status_of_an_answer),
		cmocka_unit_test(status_codes_have_names_both_ways),
		cmocka_unit_test(partitions_come_out_of_registers),
		cmocka_unit_test(reserved_bits_of_answers_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
