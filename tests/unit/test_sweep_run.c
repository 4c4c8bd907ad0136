// SPDX-License-Identifier: GPL-2.0-only
/* Sweeps against a made-up proxy and SPMC: calls and restored state. */
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

static void a_proxy_that_checks_lets_nothing_but_controls_through(void **state)
{
	struct fake f = { .passes = proxy_well_formed,
			  .accepts = proxy_everything,
			  .created = true,
			  .others = 1 };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	fake_all_are(&sweep, SWEEP_ENFORCED, 0);
	/* 30 values are refused. The others and the controls have verdicts of their own. */
	assert_true(f.calls >= 2268 + 30 + f.forwarded);
	assert_true(f.forwarded < 100);
	assert_true(f.batches < 56);
	assert_true(f.created);
	assert_int_equal(f.bound, 0);
	assert_int_equal(f.others, 1);
	sweep_free(&sweep);
}

static void a_proxy_that_blocks_teaches_nothing(void **state)
{
	struct fake f = { .passes = proxy_nothing, .accepts = proxy_everything, .created = true };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	fake_all_are(&sweep, SWEEP_BLOCKED, 0);
	sweep_free(&sweep);
}

/*
 * The SPMC answers DENIED if something already exists or is absent: if the state differed for some
 * probe, that probe would be `secure`.
 */
static void every_probe_meets_the_state_that_the_control_met(void **state)
{
	(void)state;
	for (unsigned int created = 0; created < 2; created++) {
		for (unsigned int others = 0; others <= created; others++) {
			struct fake f = { .passes = proxy_everything,
					  .accepts = proxy_everything,
					  .created = created,
					  .others = others };
			struct sweep sweep;

			assert_int_equal(fake_run(&sweep, &f), 0);
			fake_all_are(&sweep, SWEEP_ACCEPTED, 0);
			assert_int_equal(f.created, created);
			assert_int_equal(f.bound, 0);
			assert_int_equal(f.others, others);
			/* A probe, its undo, the control to check the state, and its undo. */
			assert_true(f.calls < 4 * 2268 + 2800);
			sweep_free(&sweep);
		}
	}
}

static void one_bit_that_gets_through_is_named_alone(void **state)
{
	struct fake f = { .passes = proxy_all_but_w2_bit_9,
			  .accepts = proxy_everything,
			  .created = true };
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(sweep_findings(&sweep, SWEEP_STRICT, &findings, &nr), 0);
	assert_int_equal(nr, 7);
	assert_string_equal(findings[0].text,
			    "BITMAP_DESTROY: w2[9] reaches TrustZone, SBZ, accepted (SUCCESS)");
	assert_string_equal(findings[1].text,
			    "BIND: w2[9] reaches TrustZone, ?, accepted (SUCCESS)");
	assert_string_equal(findings[6].text,
			    "INFO_GET_64: x2[9] reaches TrustZone, SBZ, accepted (NO_DATA)");
	assert_true(f.created);
	assert_int_equal(f.bound, 0);
	free(findings);
	sweep_free(&sweep);
}

static void an_id_of_another_endpoint_that_gets_through_is_named(void **state)
{
	struct fake f = { .passes = proxy_no_reserved_bits,
			  .accepts = proxy_everything,
			  .created = true };
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(sweep_findings(&sweep, SWEEP_STRICT, &findings, &nr), 0);
	/* Five IDs of six calls. */
	assert_int_equal(nr, 30);
	assert_string_equal(findings[0].text,
			    "BITMAP_CREATE: vm-id=1 reaches TrustZone, value, accepted (DENIED)");
	free(findings);
	assert_int_equal(sweep_findings(&sweep, SWEEP_SPEC, &findings, &nr), 0);
	for (size_t i = 0; i < nr; i++)
		assert_null(findings[i].value);
	free(findings);
	/* What the values bound and destroyed was put back, each with its own undo. */
	assert_true(f.created);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);
}

static void values_have_classes_of_their_own(void **state)
{
	struct fake f = { .passes = proxy_well_formed,
			  .accepts = proxy_everything,
			  .created = true };
	struct fake all = { .passes = proxy_everything,
			    .accepts = proxy_everything,
			    .created = true };
	struct sweep sweep, other;
	struct sweep_diff diff;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(fake_find_value(&sweep, GET, "receiver=0xffff")->class, SWEEP_ENFORCED);
	assert_int_equal(fake_find_value(&sweep, SET, "sender=32769")->class, SWEEP_ENFORCED);
	assert_int_equal(fake_find_value(&sweep, SET, "per-vcpu=1 vcpu-id=65535")->class,
			 SWEEP_ABSENT);
	assert_int_equal(fake_find_value(&sweep, BIND, "bitmap=0")->class, SWEEP_ACCEPTED);
	assert_int_equal(fake_find_value(&sweep, CREATE, "vcpu-count=0")->class, SWEEP_ACCEPTED);
	assert_int_equal(f.bound, 0);

	assert_int_equal(fake_run(&other, &all), 0);
	assert_int_equal(sweep_compare(&sweep, &other, &diff), 0);
	assert_int_equal(diff.values, 30);
	assert_int_equal(diff.bits, 2268);
	sweep_diff_free(&diff);
	sweep_free(&sweep);
	sweep_free(&other);
}

static void a_signal_at_any_call_leaves_the_state_as_it_was(void **state)
{
	static bool (*const proxies[])(const struct ffa_regs *in) = { proxy_well_formed,
								      proxy_everything };

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		for (unsigned int created = 0; created < 2; created++) {
			bool ended = false;

			/* No signal arrives after the last call. */
			for (unsigned int at = 1; !ended; at += p ? 7 : 1) {
				struct fake f = { .passes = proxies[p],
						  .accepts = proxy_everything,
						  .created = created,
						  .stop_after = at };
				struct sweep sweep;
				int ret = fake_run(&sweep, &f);

				ended = ret == 0;
				assert_true(ended || ret == -EINTR);
				if (f.created != created || f.bound)
					fail_msg("signal at call %u: created %d, bound %llx", at,
						 f.created, (unsigned long long)f.bound);
				for (size_t i = 0; i < sweep.nr_calls; i++)
					assert_string_equal(sweep.calls[i].left, "");
				sweep_free(&sweep);
			}
		}
	}
}

static void lost_verdicts_are_asked_for_again(void **state)
{
	static const unsigned int every[] = { 2, 3, 7, 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		struct fake f = { .passes = proxy_well_formed,
				  .accepts = proxy_everything,
				  .created = true,
				  .noise = every[i] };
		size_t count[SWEEP_NR_CLASSES], unknown = 0;
		struct sweep sweep;

		assert_int_equal(fake_run(&sweep, &f), 0);
		for (size_t n = 0; n < sweep.nr_calls; n++) {
			sweep_count(&sweep.calls[n], count);
			unknown += count[SWEEP_UNKNOWN];
		}
		/* The first try and three more. */
		assert_true(unknown <= 2268 / every[i] / every[i] / every[i]);
		assert_true(f.created && !f.bound);
		sweep_free(&sweep);
	}
}

static void a_check_behind_the_forward_is_a_finding_of_its_own(void **state)
{
	struct fake f = { .passes = proxy_everything,
			  .accepts = proxy_well_formed,
			  .created = true,
			  .conflict = GET };
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr, seen = 0;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(sweep_findings(&sweep, SWEEP_SPEC, &findings, &nr), 0);
	for (size_t i = 0; i < nr; i++) {
		if (findings[i].class != SWEEP_UNKNOWN)
			continue;
		assert_int_equal(findings[i].range.call->fid, GET);
		assert_false(findings[i].departs);
		if (!seen++)
			assert_string_equal(
				findings[i].text,
				"GET: w2[31:3] reaches EL3, refused after, SBZ, unknown: "
				"evidence-conflict");
	}
	assert_int_equal(seen, 3);
	free(findings);
	sweep_free(&sweep);
}

static void without_a_trace_all_is_unknown_and_put_back(void **state)
{
	struct fake f = { .passes = proxy_everything,
			  .accepts = proxy_everything,
			  .created = true,
			  .untraced = true };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	fake_all_are(&sweep, SWEEP_UNKNOWN, 0);
	assert_true(f.created && !f.bound);
	sweep_free(&sweep);
}

static void what_could_not_be_undone_is_not_done(void **state)
{
	struct fake f = { .passes = proxy_well_formed,
			  .accepts = proxy_everything,
			  .created = true,
			  .without = UNBIND };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);

	/* An existing bitmap could not be created again. */
	f = (struct fake){ .passes = proxy_well_formed,
			   .accepts = proxy_everything,
			   .created = true,
			   .without = CREATE };
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_non_null(strstr(fake_find(&sweep, DESTROY)->skipped, "could not be undone"));
	assert_true(fake_find(&sweep, DESTROY)->not_possible);
	assert_false(fake_find(&sweep, DESTROY)->control.made);
	assert_true(f.created);
	sweep_free(&sweep);
}

static void a_call_that_nothing_undoes_is_swept_with_a_control_that_changes_nothing(void **state)
{
	static bool (*const proxies[])(const struct ffa_regs *in) = { proxy_well_formed,
								      proxy_everything };
	static const uint32_t calls[][2] = { { CREATE, DESTROY }, { BIND, UNBIND } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct fake f = { .passes = proxies[i / 2],
				  .accepts = proxy_everything,
				  .without = calls[i % 2][1] };
		size_t count[SWEEP_NR_CLASSES];
		const struct sweep_call *call;
		struct sweep sweep;

		assert_int_equal(fake_run(&sweep, &f), 0);
		call = fake_find(&sweep, calls[i % 2][0]);
		assert_string_equal(call->skipped, "");
		assert_non_null(call->harmless);
		assert_int_equal(call->control.verdict.kind, VERDICT_FORWARDED);
		sweep_count(call, count);
		assert_int_equal(count[i < 2 ? SWEEP_ENFORCED : SWEEP_ACCEPTED], call->nr_probes);
		/* Nothing was changed, so nothing is left and nothing is said to be. */
		assert_int_equal(f.bound, 0);
		assert_false(f.created);
		assert_int_equal(call->kept, 0);
		assert_string_equal(call->left, "");
		sweep_free(&sweep);
	}
}

static void a_harmless_value_is_the_control_and_not_tried(void **state)
{
	struct fake f = { .passes = proxy_well_formed,
			  .accepts = proxy_everything,
			  .without = DESTROY };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_int_equal(fake_find_value(&sweep, CREATE, "vm-id=1")->class, SWEEP_ENFORCED);
	assert_int_equal(fake_find_value(&sweep, CREATE, "vcpu-count=65535")->class, SWEEP_SKIPPED);
	assert_int_equal(fake_find_value(&sweep, CREATE, "vcpu-count=0")->class, SWEEP_SKIPPED);
	sweep_free(&sweep);
}

static bool few_vcpus(const struct ffa_regs *in)
{
	return proxy_well_formed(in) && (in->x[0] != CREATE || in->x[2] < 1024);
}

static void a_harmless_control_that_el2_refuses_is_no_control(void **state)
{
	struct fake f = { .passes = few_vcpus, .accepts = proxy_everything, .without = DESTROY };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_non_null(strstr(fake_find(&sweep, CREATE)->skipped, "could not be undone"));
	assert_true(fake_find(&sweep, CREATE)->not_possible);
	assert_false(f.created);
	sweep_free(&sweep);
}

/* Recordings of older sweeps replay their calls in the order of then. */
static void sweeps_of_older_versions_have_the_same_classes(void **state)
{
	(void)state;
	for (unsigned int order = SWEEP_ORDER_REPEAT; order < SWEEP_ORDER; order++) {
		struct fake now = { .passes = proxy_all_but_w2_bit_9,
				    .accepts = proxy_everything,
				    .created = true };
		struct fake then = now;
		const struct sweep_port port = { .ctx = &then, .call = fake_call };
		struct sweep sweep, old;
		struct sweep_diff diff;

		assert_int_equal(fake_run(&sweep, &now), 0);
		fake_plan(&old, FFA_VERSION_1_2, true);
		old.order = order;
		assert_int_equal(sweep_run(&old, &port), 0);
		assert_int_equal(sweep_compare(&old, &sweep, &diff), 0);
		assert_int_equal(diff.nr, 0);
		assert_true(then.batches > now.batches);
		assert_false(then.bound);
		sweep_diff_free(&diff);
		sweep_free(&sweep);
		sweep_free(&old);
	}
}

static void notifications_of_others_are_left_alone(void **state)
{
	struct fake f = { .passes = proxy_everything,
			  .accepts = proxy_everything,
			  .created = true,
			  .others = HIGH_BITS };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	assert_non_null(strstr(fake_find(&sweep, UNBIND)->skipped, "another user's state"));
	assert_false(fake_find(&sweep, UNBIND)->control.made);
	/* BIND is DENIED, as its control is. */
	fake_all_are(&sweep, SWEEP_ACCEPTED, UNBIND);
	assert_int_equal(f.others, HIGH_BITS);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);
}

static void a_proxy_that_refuses_canaries_is_put_back_without_them(void **state)
{
	struct fake f = { .passes = proxy_no_canaries,
			  .accepts = proxy_everything,
			  .created = true };
	struct sweep sweep;

	(void)state;
	assert_int_equal(fake_run(&sweep, &f), 0);
	fake_all_are(&sweep, SWEEP_BLOCKED, 0xc4000083);
	assert_true(f.created);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxy_that_checks_lets_nothing_but_controls_through),
		cmocka_unit_test(a_proxy_that_blocks_teaches_nothing),
		cmocka_unit_test(every_probe_meets_the_state_that_the_control_met),
		cmocka_unit_test(one_bit_that_gets_through_is_named_alone),
		cmocka_unit_test(an_id_of_another_endpoint_that_gets_through_is_named),
		cmocka_unit_test(values_have_classes_of_their_own),
		cmocka_unit_test(a_signal_at_any_call_leaves_the_state_as_it_was),
		cmocka_unit_test(lost_verdicts_are_asked_for_again),
		cmocka_unit_test(a_check_behind_the_forward_is_a_finding_of_its_own),
		cmocka_unit_test(without_a_trace_all_is_unknown_and_put_back),
		cmocka_unit_test(what_could_not_be_undone_is_not_done),
		cmocka_unit_test(
			a_call_that_nothing_undoes_is_swept_with_a_control_that_changes_nothing),
		cmocka_unit_test(a_harmless_value_is_the_control_and_not_tried),
		cmocka_unit_test(a_harmless_control_that_el2_refuses_is_no_control),
		cmocka_unit_test(sweeps_of_older_versions_have_the_same_classes),
		cmocka_unit_test(notifications_of_others_are_left_alone),
		cmocka_unit_test(a_proxy_that_refuses_canaries_is_put_back_without_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
