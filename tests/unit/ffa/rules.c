// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules of the notification calls by version, written independently from the sources and
 * independently of the table, and the results derived from them.
 */
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/proxy.h"
#include "ffa/rules.h"
#include "unit.h"

/* One character a version, 1.1, 1.2, 1.3: M MBZ, S SBZ, ? not known, - no rule. */
static const struct {
	const char *call;
	unsigned int reg;
	unsigned int hi;
	unsigned int lo;
	const char *rules;
} cases[] = {
	{ "NOTIFICATION_BITMAP_CREATE", 1, 31, 16, "MMM" },
	{ "NOTIFICATION_BITMAP_CREATE", 1, 15, 0, "---" },
	{ "NOTIFICATION_BITMAP_CREATE", 2, 31, 0, "---" },
	{ "NOTIFICATION_BITMAP_CREATE", 3, 31, 9, "MSS" },
	{ "NOTIFICATION_BITMAP_CREATE", 3, 8, 0, "MS-" },
	{ "NOTIFICATION_BITMAP_CREATE", 4, 31, 0, "MSS" },
	{ "NOTIFICATION_BITMAP_CREATE", 7, 31, 0, "MSS" },
	{ "NOTIFICATION_BITMAP_DESTROY", 1, 31, 16, "??S" },
	{ "NOTIFICATION_BITMAP_DESTROY", 1, 15, 0, "---" },
	{ "NOTIFICATION_BITMAP_DESTROY", 2, 31, 0, "MSS" },
	{ "NOTIFICATION_BIND", 1, 31, 0, "---" },
	{ "NOTIFICATION_BIND", 2, 31, 1, "M?S" },
	{ "NOTIFICATION_BIND", 2, 0, 0, "---" },
	{ "NOTIFICATION_BIND", 3, 31, 0, "---" },
	{ "NOTIFICATION_BIND", 4, 31, 0, "---" },
	{ "NOTIFICATION_BIND", 5, 31, 0, "MSS" },
	{ "NOTIFICATION_UNBIND", 2, 31, 0, "M?S" },
	{ "NOTIFICATION_UNBIND", 4, 31, 0, "---" },
	{ "NOTIFICATION_UNBIND", 6, 31, 0, "MSS" },
	{ "NOTIFICATION_SET", 2, 31, 16, "MMM" }, /* while per-vcpu is 0, as here */
	{ "NOTIFICATION_SET", 2, 15, 2, "MMM" },
	{ "NOTIFICATION_SET", 2, 1, 1, "?MM" },
	{ "NOTIFICATION_SET", 2, 0, 0, "---" },
	{ "NOTIFICATION_SET", 5, 31, 0, "MSS" },
	{ "NOTIFICATION_GET", 1, 31, 0, "---" },
	{ "NOTIFICATION_GET", 2, 31, 4, "MSS" },
	{ "NOTIFICATION_GET", 2, 3, 3, "MSS" },
	{ "NOTIFICATION_GET", 2, 2, 2, "---" },
	{ "NOTIFICATION_GET", 2, 1, 1, "MSS" },
	{ "NOTIFICATION_GET", 2, 0, 0, "---" },
	{ "NOTIFICATION_GET", 3, 31, 0, "MSS" },
	{ "NOTIFICATION_INFO_GET", 1, 31, 0, "?SS" },
	{ "NOTIFICATION_INFO_GET", 7, 31, 0, "?SS" },
	{ "NOTIFICATION_INFO_GET", 8, 63, 0, "---" },
	{ "NOTIFICATION_INFO_GET_64", 1, 63, 0, "?SS" },
	{ "NOTIFICATION_INFO_GET_64", 8, 63, 0, "-SS" },
	{ "NOTIFICATION_INFO_GET_64", 17, 63, 0, "-SS" },
	{ "ID_GET", 1, 31, 0, "MSS" },
	{ "ID_GET", 1, 63, 32, "---" },
	{ "ID_GET", 9, 63, 0, "---" },
	{ "RXTX_MAP_64", 5, 63, 0, "MSS" },
	{ "RXTX_MAP_64", 9, 63, 0, "-SS" },
	{ "VERSION", 1, 31, 31, "MMM" },
	{ "VERSION", 2, 1, 0, "MS-" },
	{ "VERSION", 2, 31, 2, "MSS" },
	{ "FEATURES", 1, 30, 8, "?MM" },
	{ "FEATURES", 2, 31, 0, "?M?" },
	{ "NOTIFICATION_BIND2", 2, 63, 1, "--S" },
	{ "NOTIFICATION_SET2", 2, 15, 2, "--M" },
	{ "NOTIFICATION_GET2", 17, 63, 0, "--S" },
};

static char letter(enum ffa_rule rule)
{
	switch (rule) {
	case FFA_RULE_MBZ:
		return 'M';
	case FFA_RULE_SBZ:
		return 'S';
	case FFA_RULE_UNKNOWN:
		return '?';
	case FFA_RULE_NONE:
	case FFA_RULE_VALUE:
	case FFA_RULE_NO_PARAMETER:
		break;
	}

	return '-';
}

/* Each bit on its own, as a sweep sends them. */
static void each_bit_breaks_the_rule_of_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ffa_call *call = ffa_call_find(cases[i].call);

		assert_non_null(call);
		for (unsigned int bit = cases[i].lo; bit <= cases[i].hi; bit++) {
			for (unsigned int v = 1; v < FFA_NR_VERSIONS; v++) {
				struct ffa_violation got[4];
				struct ffa_regs regs;
				size_t n;
				char want = cases[i].rules[v - 1];

				ffa_call_init(call, 0, &regs);
				regs.x[cases[i].reg] |= UINT64_C(1) << bit;
				/* A version without the call has the rules of the nearest one. */
				if (!ffa_call_known_in(call, ffa_version_at(v)))
					continue;
				n = ffa_violations(call, &regs, ffa_version_at(v), got, 4);
				if (n != (want != '-') || (n && letter(got[0].rule) != want))
					fail_msg("%s x%u bit %u in %s: %c, not %c", call->name,
						 cases[i].reg, bit,
						 ffa_version_name(ffa_version_at(v)),
						 n ? letter(got[0].rule) : '-', want);
				if (!n)
					continue;
				assert_int_equal(got[0].reg, cases[i].reg);
				assert_int_equal(got[0].hi, cases[i].hi);
				assert_int_equal(got[0].lo, cases[i].lo);
				assert_int_equal(got[0].value, UINT64_C(1) << (bit - cases[i].lo));
				assert_int_equal(!!got[0].unknown, want == '?');
			}
		}
	}
}

static void a_version_without_the_call_has_the_rules_of_the_nearest(void **state)
{
	const struct ffa_call *bind2 = ffa_call_find("NOTIFICATION_BIND2");
	const struct ffa_call *bind = ffa_call_find("NOTIFICATION_BIND");
	const struct ffa_call *poll = ffa_call_find("MSG_POLL");
	struct ffa_regs regs;

	(void)state;
	memset(&regs, 0xff, sizeof(regs));
	assert_false(ffa_call_known_in(bind2, FFA_VERSION_1_2));
	assert_int_equal(ffa_rules_version(bind2, FFA_VERSION_1_2), FFA_VERSION_1_3);
	assert_int_equal(ffa_rules_version(poll, FFA_VERSION_1_3), FFA_VERSION_1_0);
	assert_int_equal(ffa_rules_version(bind, FFA_VERSION_1_2), FFA_VERSION_1_2);
	assert_int_equal(ffa_violations(bind2, &regs, FFA_VERSION_1_2, NULL, 0),
			 ffa_violations(bind2, &regs, FFA_VERSION_1_3, NULL, 0));
	assert_int_equal(ffa_reserved_count(bind2, FFA_VERSION_1_2, NULL), 0);
	assert_int_equal(ffa_reserved_count(bind2, FFA_VERSION_1_3, NULL), 10);
	assert_int_equal(ffa_violations(bind, &regs, FFA_VERSION_1_0, NULL, 0),
			 ffa_violations(bind, &regs, FFA_VERSION_1_1, NULL, 0));
	assert_true(ffa_violations(bind, &regs, FFA_VERSION_1_0, NULL, 0) > 0);
	assert_true(ffa_call_known_in(poll, FFA_VERSION_1_0));
	assert_false(ffa_call_known_in(poll, FFA_VERSION_1_1));
	assert_int_equal(ffa_violations(NULL, &regs, FFA_VERSION_1_2, NULL, 0), 0);
}

/* A minor version later than the last known one has the last one's rules. */
static void later_versions_count_as_the_last_known(void **state)
{
	const struct ffa_call *bind2 = ffa_call_find("NOTIFICATION_BIND2");

	(void)state;
	assert_int_equal(ffa_reserved_count(bind2, FFA_VERSION_OF(1, 4), NULL), 10);
	assert_int_equal(ffa_version_index(FFA_VERSION_OF(2, 0)), 3);
	assert_int_equal(ffa_version_index(0), 0);
}

static void vcpu_id_is_reserved_while_per_vcpu_is_0(void **state)
{
	const struct ffa_call *call = ffa_call_find("NOTIFICATION_SET");
	struct ffa_violation v[4];
	struct ffa_regs regs;

	(void)state;
	ffa_call_init(call, 0, &regs);
	regs.x[2] = 0x30000;
	assert_int_equal(ffa_violations(call, &regs, FFA_VERSION_1_2, v, 4), 1);
	assert_string_equal(v[0].field, "vcpu-id");
	assert_string_equal(v[0].when, "while per-vcpu is 0");
	regs.x[2] |= 1;
	assert_int_equal(ffa_violations(call, &regs, FFA_VERSION_1_2, v, 4), 0);
	/* Then there is nothing to probe. */
	assert_int_equal(ffa_reserved_count(call, FFA_VERSION_1_2, NULL),
			 ffa_reserved_count(call, FFA_VERSION_1_2, &regs) + 1);
}

/* For every call and version: a sweep probes exactly the ranges that break a rule. */
static void reserved_ranges_are_those_that_break_rules(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
			uint32_t version = ffa_version_at(v);
			unsigned int last_reg = 0, last_hi = 0;
			struct ffa_violation range;
			size_t n;

			for (n = 0; ffa_reserved_at(call, version, NULL, n, &range); n++) {
				struct ffa_violation got[4];
				struct ffa_regs regs;
				bool found = false;
				size_t broken;

				/* In order: registers ascending, bits descending. */
				assert_true(range.reg > last_reg ||
					    (range.reg == last_reg && range.hi < last_hi));
				last_reg = range.reg;
				last_hi = range.hi;

				ffa_call_init(call, 0, &regs);
				ffa_bits_set(&regs, range.reg, range.hi, range.lo, 1);
				broken = ffa_violations(call, &regs, version, got, 4);
				for (size_t b = 0; b < broken && b < 4; b++)
					found |= got[b].reg == range.reg && got[b].hi == range.hi &&
						 got[b].lo == range.lo && got[b].rule == range.rule;
				assert_true(found);
			}
			assert_int_equal(n, ffa_reserved_count(call, version, NULL));
		}
	}
}

static void how_many_there_are_is_told_whatever_fits(void **state)
{
	const struct ffa_call *call = ffa_call_find("NOTIFICATION_INFO_GET_64");
	struct ffa_violation v[2];
	struct ffa_regs regs;

	(void)state;
	memset(&regs, 0xff, sizeof(regs));
	v[1].reg = 99;
	assert_int_equal(ffa_violations(call, &regs, FFA_VERSION_1_2, v, 1), 17);
	assert_int_equal(v[0].reg, 1);
	assert_int_equal(v[1].reg, 99);
}

static void rules_of_all_versions_in_one_line(void **state)
{
	const struct ffa_call *call = ffa_call_find("NOTIFICATION_BIND");
	struct ffa_regs regs;
	char text[200];

	(void)state;
	ffa_call_init(call, 0, &regs);
	assert_int_equal(ffa_format_rules(call, &regs, 0, text, sizeof(text)), 0);
	regs.x[2] = 2;
	regs.x[6] = 0xff;
	ffa_format_rules(call, &regs, 0, text, sizeof(text));
	assert_string_equal(text, "w2[31:1]=0x1 (1.1 MBZ, 1.2 unknown, 1.3 SBZ), "
				  "w6=0xff (1.1 MBZ, 1.2 SBZ, 1.3 SBZ)");
	ffa_format_rules(call, &regs, FFA_VERSION_1_2, text, sizeof(text));
	assert_string_equal(text, "w2[31:1]=0x1 (1.2 unknown), w6=0xff (1.2 SBZ)");
}

static void consent_depends_on_the_query(void **state)
{
	static const struct {
		const char *call;
		const char *word;
		bool needed;
	} needs[] = {
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=0", false },
		{ "NOTIFICATION_BITMAP_DESTROY", "vm-id=0", true },
		{ "NOTIFICATION_BIND", "sender=0", true },
		{ "NOTIFICATION_UNBIND", "sender=0", true },
		{ "NOTIFICATION_SET", "sender=0", true },
		{ "NOTIFICATION_GET", "receiver=0", false },
		{ "NOTIFICATION_GET", "vcpu-id=1", false },
		{ "NOTIFICATION_GET", "sp=1", true },
		{ "NOTIFICATION_GET", "hyp=1", true },
		{ "NOTIFICATION_INFO_GET", "w1=0", true },
		{ "NOTIFICATION_INFO_GET_64", "w1=0", true },
		{ "NS_RES_INFO_GET", "target=0", true },
		{ "ID_GET", "w1=1", false },
		{ "SPM_ID_GET", "w1=1", false },
		{ "FEATURES", "feature=sri", false },
		{ "VERSION", "version=1.2", false },
		{ "VERSION", "version=1.1", true },
		{ "PARTITION_INFO_GET", "count-only=1", false },
		{ "PARTITION_INFO_GET", "count-only=0", true },
		{ "PARTITION_INFO_GET_REGS", "start-index=0", false },
		{ "RXTX_MAP_64", "tx=0", true },
		{ "RXTX_UNMAP", "vm-id=0", true },
		{ "RX_RELEASE", "vm-id=0", true },
		{ "RUN", "vcpu-id=0", true },
		{ "MEM_SHARE", "address=0", true },
		{ "MEM_RECLAIM", "handle=0", true },
		{ "SUCCESS", "w2=0", true },
	};
	struct ffa_regs regs;
	char err[400];

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct ffa_call *call = ffa_call_find(needs[i].call);

		ffa_call_init(call, 0, &regs);
		assert_int_equal(ffa_assign(call, &regs, needs[i].word, err, sizeof(err)), 0);
		if (!ffa_call_needs_consent(call, &regs) == needs[i].needed)
			fail_msg("%s %s", needs[i].call, needs[i].word);
	}
	assert_non_null(ffa_call_needs_consent(NULL, &regs));
}

/* The cases of kvm_host_ffa_handler() that do not forward the caller's registers. */
static void what_the_proxy_issues_itself(void **state)
{
	static const uint32_t own[] = {
		0x84000063, 0xc4000066, 0x84000067, 0x84000068, 0x84000072,
		0xc4000072, 0x84000073, 0xc4000073, 0x84000077, 0x8400007b,
	};
	const struct ffa_call *call;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_true(ffa_call_el2_reissues(ffa_call_by_fid(own[i])));
	for (size_t i = 0; (call = ffa_call_at(i)); i++)
		n += ffa_call_el2_reissues(call);
	assert_int_equal(n, sizeof(own) / sizeof(own[0]));
	assert_false(ffa_call_el2_reissues(NULL));
	assert_true(ffa_call_takes_canary(0x84000083));
	assert_false(ffa_call_takes_canary(0xc4000083));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bit_breaks_the_rule_of_its_row),
		cmocka_unit_test(a_version_without_the_call_has_the_rules_of_the_nearest),
		cmocka_unit_test(later_versions_count_as_the_last_known),
		cmocka_unit_test(vcpu_id_is_reserved_while_per_vcpu_is_0),
		cmocka_unit_test(reserved_ranges_are_those_that_break_rules),
		cmocka_unit_test(how_many_there_are_is_told_whatever_fits),
		cmocka_unit_test(rules_of_all_versions_in_one_line),
		cmocka_unit_test(consent_depends_on_the_query),
		cmocka_unit_test(what_the_proxy_issues_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
