// SPDX-License-Identifier: GPL-2.0-only
/* Names of calls and versions, and registers in lines of text. */
#include <errno.h>

#include "unit.h"

static void words_find_their_call(void **state)
{
	static const struct {
		const char *word;
		uint32_t fid; /* 0: none */
	} cases[] = {
		{ "FFA_NOTIFICATION_BIND", 0x8400007f },
		{ "NOTIFICATION_BIND", 0x8400007f },
		{ "notification-bind", 0x8400007f },
		{ "Ffa-Notification_Bind", 0x8400007f },
		{ "notification_info_get", 0x84000083 },
		{ "notification_info_get_64", 0xc4000083 },
		{ "notification-info-get-64", 0xc4000083 },
		{ "partition_info_get_regs", 0xc400008b },
		{ "partition_info_get_regs_64", 0xc400008b },
		{ "notification_bind2-64", 0xc4000094 },
		{ "notification_bind_64", 0 },
		{ "0x84000083", 0x84000083 },
		{ "2214592642", 0 }, /* 0x84000082 is 2214592642 */
		{ "0x840000ff", 0 },
		{ "0x184000083", 0 },
		{ "NOTIFICATION", 0 },
		{ "FFA_", 0 },
		{ "_64", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ffa_call *call = ffa_call_find(cases[i].word);
		uint32_t want = cases[i].fid;

		if (!strcmp(cases[i].word, "2214592642"))
			want = 0x84000082;
		if ((call ? call->fid : 0) != want)
			fail_msg("\"%s\" found %s", cases[i].word, call ? call->name : "nothing");
	}
}

static void any_number_of_32_bits_is_an_identifier(void **state)
{
	uint32_t fid = 1;

	(void)state;
	assert_int_equal(ffa_call_parse_fid("0x840000ff", &fid), 0);
	assert_int_equal(fid, 0x840000ff);
	assert_int_equal(ffa_call_parse_fid("0xffffffff", &fid), 0);
	assert_int_equal(ffa_call_parse_fid("id-get", &fid), 0);
	assert_int_equal(fid, 0x84000069);
	assert_int_equal(ffa_call_parse_fid("0x100000000", &fid), -EINVAL);
	assert_int_equal(ffa_call_parse_fid("0x10000000000000000", &fid), -EINVAL);
	assert_int_equal(ffa_call_parse_fid("nothing", &fid), -EINVAL);
	assert_int_equal(fid, 0x84000069);
}

static void a_slip_leads_to_the_nearest_name(void **state)
{
	static const char *const slips[][2] = {
		{ "NOTIFICATON_BIND", "FFA_NOTIFICATION_BIND" },
		{ "notification-bitmap-creat", "FFA_NOTIFICATION_BITMAP_CREATE" },
		{ "NOTIFICATION_BITMP", "FFA_NOTIFICATION_BITMAP_CREATE" },
		{ "ffa_id_gte", "FFA_ID_GET" },
		{ "FFA_VERSIN", "FFA_VERSION" },
		{ "featurs", "FFA_FEATURES" },
	};
	const struct ffa_call *near[3];

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_true(ffa_call_nearest(slips[i][0], near, 3) >= 1);
		assert_string_equal(near[0]->name, slips[i][1]);
	}
	assert_int_equal(ffa_call_nearest("notification", near, 3), 3);
	assert_int_equal(ffa_call_nearest("", near, 3), 0);
	assert_int_equal(
		ffa_call_nearest("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", near, 3),
		0);
	assert_int_equal(ffa_call_nearest("bind", near, 0), 0);
}

static void patterns_pick_names(void **state)
{
	const struct ffa_call *call = ffa_call_find("NOTIFICATION_INFO_GET_64");

	(void)state;
	assert_true(ffa_call_matches(call, "info"));
	assert_true(ffa_call_matches(call, "Notification-Info"));
	assert_true(ffa_call_matches(call, "*_64"));
	assert_true(ffa_call_matches(call, "notification*"));
	assert_true(ffa_call_matches(call, "ffa_notification*"));
	assert_true(ffa_call_matches(call, "*i?fo*"));
	assert_true(ffa_call_matches(call, "*"));
	assert_false(ffa_call_matches(call, "*_65"));
	assert_false(ffa_call_matches(call, "info*"));
	assert_false(ffa_call_matches(call, "bind"));
}

static void versions_have_names(void **state)
{
	uint32_t version = 1;
	char text[32];

	(void)state;
	assert_int_equal(ffa_version_parse("1.1", &version), 0);
	assert_int_equal(version, FFA_VERSION_1_1);
	assert_int_equal(ffa_version_parse("1.4", &version), -EINVAL);
	assert_int_equal(ffa_version_parse("1", &version), -EINVAL);
	assert_string_equal(ffa_version_name(FFA_VERSION_1_3), "1.3");
	ffa_format_version(FFA_VERSION_OF(2, 17), text, sizeof(text));
	assert_string_equal(text, "2.17");
}

static void lines_of_any_shape_give_registers(void **state)
{
	static const struct {
		const char *line;
		int n; /* -1: none */
		uint64_t x0, x1, x2;
	} cases[] = {
		{ "VERBOSE: SPM(0): 0x84000069 0x1 0x2 0x3 0x4 0x5 0x6 0x7", 8, 0x84000069, 1, 2 },
		{ "[  12.5] VERBOSE: SPM(1): 0x8400007d 0x10000 0x4\r\n", 3, 0x8400007d, 0x10000,
		  4 },
		{ "SPM(0): 0x84000069 oops", -1, 0, 0, 0 },
		{ "SPM(0):", -1, 0, 0, 0 },
		{ "x0=0x84000069 x1=0x1 x2=0x2", 3, 0x84000069, 1, 2 },
		{ "x0: 84000069, x1: 1, x2: 2", 3, 0x84000069, 1, 2 },
		{ "w0=0x84000069,w2=0x2", 2, 0x84000069, 0, 2 },
		{ "trap: x0=0x84000069 x17=0x1 and so on", 2, 0x84000069, 0, 0 },
		{ "{x0 = 0x84000069 x1 = 1}", -1, 0, 0, 0 },
		{ "X0=0xC4000083 X1=0xFFFFFFFFFFFFFFFF", 2, 0xc4000083, UINT64_MAX, 0 },
		{ "x0=0x84000069 x1=zz", -1, 0, 0, 0 },
		{ "x0=0x84000069 x18=1", -1, 0, 0, 0 },
		{ "x0=0x84000069 x0=1", -1, 0, 0, 0 },
		{ "w0=0x184000069", -1, 0, 0, 0 },
		{ "x1=0x84000069", -1, 0, 0, 0 },
		{ "0x84000069 0x1 0x2", 3, 0x84000069, 1, 2 },
		{ "84000069 1 2", 3, 0x84000069, 1, 2 },
		{ "0000000084000069 1 2", 3, 0x84000069, 1, 2 },
		{ "  0x84000069\t0x1,0x2  ", 3, 0x84000069, 1, 2 },
		{ "0x10002", 1, 0x10002, 0, 0 },
		{ "dead beef", -1, 0, 0, 0 },
		{ "smc 0x84000069 0x1 2", 3, 0x84000069, 1, 2 },
		{ "smc 0x84000069 0x1 two", -1, 0, 0, 0 },
		{ "smc 0x84000050 0x1", -1, 0, 0, 0 },
		{ "0x84000069 1 2 3 4 5 6 7 8 9 a b c d e f 10 11", 18, 0x84000069, 1, 2 },
		{ "0x84000069 1 2 3 4 5 6 7 8 9 a b c d e f 10 11 12", -1, 0, 0, 0 },
		{ "0x184000069ffffffff 1", -1, 0, 0, 0 },
		{ "box0=1", -1, 0, 0, 0 },
		{ "", -1, 0, 0, 0 },
		{ "   ", -1, 0, 0, 0 },
		{ "Booting Linux on physical CPU 0x0000000000 [0x000f0510]", -1, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].line);
		char *exact = malloc(
			len + !len); /* no terminating NUL: ASan detects a read beyond the end */
		struct ffa_regs regs;
		int n;

		memcpy(exact, cases[i].line, len);
		n = ffa_parse_line(exact, len, &regs);
		free(exact);
		if ((n < 0 ? -1 : n) != cases[i].n)
			fail_msg("\"%s\": %d", cases[i].line, n);
		if (regs.x[0] != cases[i].x0 || regs.x[1] != cases[i].x1 ||
		    regs.x[2] != cases[i].x2)
			fail_msg("\"%s\": %llx %llx %llx", cases[i].line,
				 (unsigned long long)regs.x[0], (unsigned long long)regs.x[1],
				 (unsigned long long)regs.x[2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_find_their_call),
		cmocka_unit_test(any_number_of_32_bits_is_an_identifier),
		cmocka_unit_test(a_slip_leads_to_the_nearest_name),
		cmocka_unit_test(patterns_pick_names),
		cmocka_unit_test(versions_have_names),
		cmocka_unit_test(lines_of_any_shape_give_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
