// SPDX-License-Identifier: GPL-2.0-only
/* Names of calls and versions, and registers in lines of text. */
#include <errno.h>

#include "ffa/catalogue.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_find_their_call),
		cmocka_unit_test(any_number_of_32_bits_is_an_identifier),
		cmocka_unit_test(a_slip_leads_to_the_nearest_name),
		cmocka_unit_test(patterns_pick_names),
		cmocka_unit_test(versions_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
