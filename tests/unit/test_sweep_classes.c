// SPDX-License-Identifier: GPL-2.0-only
/* Classes of probes, findings and differences. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_proxy.h"
#include "ffa/catalogue.h"

static void add_one(struct sweep *sweep, const char *name)
{
	struct error err;

	*sweep = (struct sweep){ .version = FFA_VERSION_1_2 };
	assert_int_equal(sweep_add(sweep, ffa_call_find(name), &fake_machine, NULL, 0, true, &err),
			 0);
}

/* EL2's request for PARTITION_INFO_GET has w1 to w5 of the host's (do_ffa_part_get). */
static void what_el2_does_not_pass_on_is_dropped(void **state)
{
	struct fake f = { .passes = proxy_everything,
			  .accepts = proxy_everything,
			  .rebuilt = 0x84000068 };
	const struct sweep_port port = { .ctx = &f, .call = fake_call };
	struct sweep_finding *findings;
	size_t count[SWEEP_NR_CLASSES], nr;
	struct sweep sweep;

	(void)state;
	add_one(&sweep, "PARTITION_INFO_GET");
	assert_int_equal(sweep_run(&sweep, &port), 0);
	sweep_count(&sweep.calls[0], count);
	assert_int_equal(count[SWEEP_DROPPED], 64);
	assert_int_equal(count[SWEEP_ACCEPTED], 31);
	assert_int_equal(sweep_findings(&sweep, SWEEP_STRICT, &findings, &nr), 0);
	assert_int_equal(nr, 2);
	assert_non_null(strstr(findings[0].text, "w5[31:1] reaches TrustZone"));
	assert_non_null(strstr(findings[1].text, "w6-w7 are dropped by EL2"));
	free(findings);
	sweep_free(&sweep);
}

/* Another answer to a bit that never left EL2 shows that something else changed. */
static void a_dropped_bit_with_another_answer_is_unknown(void **state)
{
	const struct sweep_call call = {
		.fid = 0x84000067,
		.control = { .made = true,
			     .has_status = true,
			     .verdict = { .kind = VERDICT_FORWARDED, .rebuilt = true } },
	};
	struct sweep_probe probe = { .reg = 2, .result = call.control };

	(void)state;
	assert_int_equal(sweep_classify(&call, &probe), SWEEP_DROPPED);
	probe.result.status = INVALID_PARAMETERS;
	assert_int_equal(sweep_classify(&call, &probe), SWEEP_UNKNOWN);
}

/* Someone else destroys the bitmap while CREATE is swept: its answers change from then on. */
static void probes_of_another_state_are_unknown(void **state)
{
	(void)state;
	for (unsigned int at = 10; at < 170; at += 40) {
		struct fake f = { .passes = proxy_well_formed,
				  .accepts = proxy_everything,
				  .created = true,
				  .moves_at = at };
		const struct sweep_port port = { .ctx = &f, .call = fake_call };
		struct sweep_finding *findings;
		size_t count[SWEEP_NR_CLASSES], nr;
		struct sweep sweep;

		add_one(&sweep, "NOTIFICATION_BITMAP_CREATE");
		assert_int_equal(sweep_run(&sweep, &port), 0);
		sweep_count(&sweep.calls[0], count);
		assert_int_equal(count[SWEEP_UNKNOWN], sweep.calls[0].nr_probes);
		assert_string_equal(sweep.calls[0].moved,
				    "the control was answered DENIED first and SUCCESS later");
		assert_int_equal(sweep_findings(&sweep, SWEEP_STRICT, &findings, &nr), 0);
		assert_true(nr > 0);
		assert_non_null(strstr(findings[0].text, "the control is answered differently"));
		free(findings);
		sweep_free(&sweep);
	}
}

static bool w2_bit_9(const struct ffa_regs *in)
{
	return in->x[0] != FEATURES && in->x[2] >> 9 & 1;
}

static bool bitmap_calls(const struct ffa_regs *in)
{
	return in->x[0] == CREATE;
}

static void what_the_module_refuses_is_skipped_and_the_rest_is_swept(void **state)
{
	struct fake f = { .passes = proxy_well_formed,
			  .accepts = proxy_everything,
			  .created = true,
			  .module_refuses = w2_bit_9 };
	size_t count[SWEEP_NR_CLASSES];
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	sweep_count(fake_find(&sweep, GET), count);
	assert_int_equal(count[SWEEP_SKIPPED], 1);
	assert_int_equal(count[SWEEP_ENFORCED], fake_find(&sweep, GET)->nr_probes - 1);
	sweep_free(&sweep);

	f.module_refuses = bitmap_calls;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_non_null(strstr(fake_find(&sweep, CREATE)->skipped, "the module refuses it"));
	assert_false(fake_find(&sweep, CREATE)->not_possible);
	sweep_count(fake_find(&sweep, GET), count);
	assert_int_equal(count[SWEEP_ENFORCED], fake_find(&sweep, GET)->nr_probes);
	sweep_free(&sweep);
}

static void a_sweep_of_everything_has_a_result_for_each_call(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < FFA_NR_VERSIONS; n++) {
		struct sweep sweep = { .version = ffa_version_at(n) };
		struct error err;
		size_t skipped = 0;

		for (size_t i = 0; i < ffa_call_count(); i++)
			assert_int_equal(
				sweep_add_any(&sweep, ffa_call_at(i), &fake_machine, true, &err),
				0);
		assert_int_equal(sweep.nr_calls, ffa_call_count());
		for (size_t i = 0; i < sweep.nr_calls; i++)
			skipped += sweep.calls[i].skipped[0] != '\0';
		assert_true(skipped < sweep.nr_calls);
		sweep_free(&sweep);
	}
}

static void the_class_is_told_by_verdict_and_status(void **state)
{
#define RESULT(k, s)                                                                         \
	{                                                                                    \
		.made = true, .has_status = true, .status = (s), .verdict.kind = VERDICT_##k \
	}
	static const struct {
		struct sweep_result control, probe;
		enum sweep_class class;
	} table[] = {
		{ RESULT(FORWARDED, 0), RESULT(REJECTED, -2), SWEEP_ENFORCED },
		{ RESULT(FORWARDED, -6), RESULT(REJECTED, -6), SWEEP_ENFORCED },
		{ RESULT(ANSWERED, 0), RESULT(REJECTED, -2), SWEEP_ENFORCED },
		{ RESULT(FORWARDED, 0), RESULT(FORWARDED, -2), SWEEP_SECURE },
		{ RESULT(FORWARDED, -6), RESULT(FORWARDED, -2), SWEEP_SECURE },
		{ RESULT(FORWARDED, 0), RESULT(FORWARDED, 0), SWEEP_ACCEPTED },
		{ RESULT(FORWARDED, -6), RESULT(FORWARDED, -6), SWEEP_ACCEPTED },
		{ RESULT(FORWARDED, -6), RESULT(FORWARDED, 0), SWEEP_ACCEPTED },
		{ RESULT(ANSWERED, 0), RESULT(ANSWERED, 0), SWEEP_ACCEPTED },
		{ RESULT(FORWARDED, 0), RESULT(ANSWERED, 0), SWEEP_ACCEPTED },
		{ RESULT(REJECTED, -1), RESULT(REJECTED, -1), SWEEP_BLOCKED },
		{ RESULT(REJECTED, -1), RESULT(REJECTED, -2), SWEEP_BLOCKED },
		/* EL2 has the call, denies it in this state, and reads the bit before that. */
		{ RESULT(REJECTED, -6), RESULT(REJECTED, -2), SWEEP_ENFORCED },
		{ RESULT(REJECTED, -6), RESULT(REJECTED, -6), SWEEP_BLOCKED },
		{ RESULT(FORWARDED, -1), RESULT(FORWARDED, -1), SWEEP_ABSENT },
		{ RESULT(FORWARDED, -1), RESULT(REJECTED, -2), SWEEP_ENFORCED },
		/* The probe is forwarded although the control is not; this must be reported. */
		{ RESULT(REJECTED, -1), RESULT(FORWARDED, 0), SWEEP_ACCEPTED },
		{ RESULT(REJECTED, -1), RESULT(FORWARDED, -2), SWEEP_SECURE },
		{ RESULT(UNKNOWN, 0), RESULT(REJECTED, -2), SWEEP_UNKNOWN },
		{ RESULT(FORWARDED, 0), RESULT(UNKNOWN, -2), SWEEP_UNKNOWN },
		{ RESULT(FORWARDED, 0), { .made = false }, SWEEP_SKIPPED },
		{ { .made = false }, RESULT(REJECTED, -2), SWEEP_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct sweep_call call = { .fid = CREATE, .control = table[i].control };
		const struct sweep_probe probe = { .reg = 1, .result = table[i].probe };
		enum sweep_class class = sweep_classify(&call, &probe);

		if (class != table[i].class)
			fail_msg("row %zu: %s, not %s", i, sweep_class_name(class),
				 sweep_class_name(table[i].class));
	}
}

static void policies_differ_in_what_they_expect(void **state)
{
	static const struct {
		enum sweep_class class;
		enum ffa_rule rule;
		bool strict, spec;
	} table[] = {
		{ SWEEP_ENFORCED, FFA_RULE_MBZ, false, false },
		{ SWEEP_ENFORCED, FFA_RULE_SBZ, false, true },
		{ SWEEP_ENFORCED, FFA_RULE_UNKNOWN, false, false },
		{ SWEEP_SECURE, FFA_RULE_MBZ, true, false },
		{ SWEEP_SECURE, FFA_RULE_SBZ, true, true },
		{ SWEEP_SECURE, FFA_RULE_UNKNOWN, true, false },
		{ SWEEP_ACCEPTED, FFA_RULE_MBZ, true, true },
		{ SWEEP_ACCEPTED, FFA_RULE_SBZ, true, false },
		{ SWEEP_ACCEPTED, FFA_RULE_UNKNOWN, true, false },
		{ SWEEP_DROPPED, FFA_RULE_MBZ, true, true },
		{ SWEEP_DROPPED, FFA_RULE_SBZ, true, false },
		{ SWEEP_ABSENT, FFA_RULE_MBZ, true, false },
		{ SWEEP_ABSENT, FFA_RULE_SBZ, true, false },
		{ SWEEP_BLOCKED, FFA_RULE_SBZ, false, false },
		{ SWEEP_UNKNOWN, FFA_RULE_MBZ, false, false },
		{ SWEEP_SKIPPED, FFA_RULE_MBZ, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct sweep_call call = { .fid = CREATE };
		struct sweep_probe probe = { .class = table[i].class, .rule = table[i].rule };

		assert_int_equal(sweep_departs(&call, &probe, SWEEP_STRICT), table[i].strict);
		assert_int_equal(sweep_departs(&call, &probe, SWEEP_SPEC), table[i].spec);
		/* EL2 passes SPM_ID_GET through unread: no check is expected of it. */
		assert_false(sweep_departs(&(struct sweep_call){ .fid = 0x84000085 }, &probe,
					   SWEEP_STRICT));
	}
}

/* ---- ranges and differences ---- */

static void bits_that_are_alike_are_one_range(void **state)
{
	struct fake f = { .passes = proxy_everything,
			  .accepts = proxy_well_formed,
			  .created = true };
	static const char *const want[] = {
		"BITMAP_CREATE w1[31:16]",
		"BITMAP_CREATE w3-w7",
		"BITMAP_DESTROY w1[31:16]",
		"BITMAP_DESTROY w2-w7",
		"BIND w2[31:1]",
		"BIND w5-w7",
		"UNBIND w2",
		"UNBIND w5-w7",
		"SET w2[31:1]",
		"SET w5-w7",
		"GET w2[31:3]",
		"GET w2[1]",
		"GET w3-w7",
		"INFO_GET w1-w7",
		"INFO_GET_64 x1-x17",
	};
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr, bits = 0;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(sweep_findings(&sweep, SWEEP_STRICT, &findings, &nr), 0);
	for (size_t i = 0; i < nr; i++) {
		char text[80], range[40];

		if (findings[i].value)
			continue;
		assert_true(bits < sizeof(want) / sizeof(want[0]));

		sweep_format_range(&findings[i].range, range, sizeof(range));
		snprintf(text, sizeof(text), "%s %s", sweep_short_name(findings[i].range.call),
			 range);
		assert_string_equal(text, want[bits++]);
	}
	assert_int_equal(bits, sizeof(want) / sizeof(want[0]));
	free(findings);
	sweep_free(&sweep);
}

static void a_diff_names_what_changed_hands_and_nothing_else(void **state)
{
	struct fake strict = { .passes = proxy_well_formed,
			       .accepts = proxy_everything,
			       .created = true };
	struct fake faulty = { .passes = proxy_all_but_w2_bit_9,
			       .accepts = proxy_everything,
			       .created = true };
	struct fake blocked = { .passes = proxy_nothing,
				.accepts = proxy_everything,
				.created = true };
	struct sweep a, b, c, d;
	struct sweep_diff diff;

	(void)state;
	fake_run(&a, &strict);
	fake_run(&b, &faulty);
	fake_run(&c, &blocked);

	assert_int_equal(sweep_compare(&a, &a, &diff), 0);
	assert_int_equal(diff.nr, 0);
	sweep_diff_free(&diff);

	assert_int_equal(sweep_compare(&a, &b, &diff), 0);
	assert_int_equal(diff.nr, 7);
	assert_int_equal(diff.bits, 7);
	assert_int_equal(diff.controls, 0);
	assert_int_equal(diff.missing, 0);
	assert_int_equal(diff.changes[0].from, SWEEP_ENFORCED);
	assert_int_equal(diff.changes[0].to, SWEEP_ACCEPTED);
	assert_int_equal(diff.changes[0].range.hi, 9);
	assert_int_equal(diff.changes[0].range.lo, 9);
	sweep_diff_free(&diff);

	assert_int_equal(sweep_compare(&c, &a, &diff), 0);
	assert_int_equal(diff.bits, 2268);
	assert_int_equal(diff.controls, 8);
	sweep_diff_free(&diff);

	/* Other versions have other reserved bits: bits known to only one of them are not compared. */
	fake_plan(&d, FFA_VERSION_1_1, true);
	sweep_run(&d, &(struct sweep_port){ .ctx = &strict, .call = fake_call });
	assert_int_equal(sweep_compare(&a, &d, &diff), 0);
	assert_int_equal(diff.missing, 640);
	sweep_diff_free(&diff);

	sweep_free(&a);
	sweep_free(&b);
	sweep_free(&c);
	sweep_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_el2_does_not_pass_on_is_dropped),
		cmocka_unit_test(a_dropped_bit_with_another_answer_is_unknown),
		cmocka_unit_test(probes_of_another_state_are_unknown),
		cmocka_unit_test(what_the_module_refuses_is_skipped_and_the_rest_is_swept),
		cmocka_unit_test(a_sweep_of_everything_has_a_result_for_each_call),
		cmocka_unit_test(the_class_is_told_by_verdict_and_status),
		cmocka_unit_test(policies_differ_in_what_they_expect),
		cmocka_unit_test(bits_that_are_alike_are_one_range),
		cmocka_unit_test(a_diff_names_what_changed_hands_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
