// SPDX-License-Identifier: GPL-2.0-only
/* The plan of a sweep: controls, probes, and calls that are skipped. */
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
#include "ffa/rules.h"

static void the_default_is_the_notification_calls_of_the_version(void **state)
{
	static const struct {
		uint32_t version;
		size_t calls, probes;
	} want[] = {
		{ FFA_VERSION_1_0, 0, 0 },
		/* INFO_GET_64 has x1-x7 before 1.2, x1-x17 since. */
		{ FFA_VERSION_1_1, 8, 2268 - 640 },
		{ FFA_VERSION_1_2, 8, 2268 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct sweep sweep;
		size_t probes = 0;

		fake_plan(&sweep, want[i].version, true);
		for (size_t n = 0; n < sweep.nr_calls; n++)
			probes += sweep.calls[n].nr_probes;
		assert_int_equal(sweep.nr_calls, want[i].calls);
		assert_int_equal(probes, want[i].probes);
		sweep_free(&sweep);
	}
}

static void controls_are_well_formed_and_undone_by_what_the_catalogue_names(void **state)
{
	(void)state;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		struct sweep sweep;

		fake_plan(&sweep, ffa_version_at(v), true);
		for (size_t i = 0; i < sweep.nr_calls; i++) {
			const struct sweep_call *call = &sweep.calls[i];
			struct ffa_regs asked;
			struct ffa_violation broken;

			verdict_without_canaries(&call->in, &asked);
			assert_int_equal(
				ffa_violations(call->ffa, &asked, sweep.version, &broken, 1), 0);
			if (!call->has_undo)
				continue;
			/* The text and the registers describe the same call. */
			assert_non_null(strstr(call->ffa->undo, ffa_call_name(ffa_call_by_fid(
									call->ffa->undo_fid))));
			assert_int_equal(call->undo.x[0], call->ffa->undo_fid);
			assert_int_equal(call->undo.x[1], asked.x[1]);
			assert_int_equal(call->undo.x[3], asked.x[3]);
			assert_int_equal(call->undo.x[4], asked.x[4]);
			/* Each call undoes the other. */
			assert_int_equal(ffa_call_by_fid(call->ffa->undo_fid)->undo_fid, call->fid);
		}
		sweep_free(&sweep);
	}
}

static void words_change_the_control_and_what_undoes_it(void **state)
{
	char *words[] = { "sender=0x8005", "bitmap=0x30", "per-vcpu=1" };
	struct sweep sweep = { .version = FFA_VERSION_1_2 };
	struct error err;

	(void)state;
	assert_int_equal(
		sweep_add(&sweep, ffa_call_by_fid(BIND), &fake_machine, words, 3, true, &err), 0);
	assert_int_equal(sweep.calls[0].in.x[1], 0x80050000);
	assert_int_equal(sweep.calls[0].in.x[2], 1);
	assert_int_equal(sweep.calls[0].in.x[3], 0x30);
	assert_int_equal(sweep.calls[0].in.x[4], 0);
	assert_int_equal(sweep.calls[0].undo.x[0], UNBIND);
	assert_int_equal(sweep.calls[0].undo.x[1], 0x80050000);
	assert_int_equal(sweep.calls[0].undo.x[2], 0);
	assert_int_equal(sweep.calls[0].undo.x[3], 0x30);
	sweep_free(&sweep);
}

static void bad_words_and_versions_are_refused(void **state)
{
	char *bad[] = { "sender=0x18001", "nonsense=1", "w2[9]=1", "w0=0x84000080" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sweep sweep = { .version = FFA_VERSION_1_2 };

		assert_int_equal(sweep_add(&sweep, ffa_call_by_fid(BIND), &fake_machine, &bad[i], 1,
					   true, &err),
				 -EINVAL);
		assert_true(err.text[0]);
		sweep_free(&sweep);
	}

	struct sweep sweep = { .version = FFA_VERSION_1_0 };

	assert_int_equal(
		sweep_add(&sweep, ffa_call_by_fid(BIND), &fake_machine, NULL, 0, true, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, "FF-A 1.0 has no FFA_NOTIFICATION_BIND"));
	sweep_free(&sweep);
}

static void what_changes_state_is_skipped_without_consent(void **state)
{
	struct fake f = { .passes = proxy_everything,
			  .accepts = proxy_everything,
			  .created = true };
	const struct sweep_port port = { .ctx = &f, .call = fake_call };
	size_t count[SWEEP_NR_CLASSES];
	struct sweep sweep;

	(void)state;
	fake_plan(&sweep, FFA_VERSION_1_2, false);
	assert_int_equal(sweep_run(&sweep, &port), 0);
	for (size_t i = 0; i < sweep.nr_calls; i++) {
		const struct sweep_call *call = &sweep.calls[i];
		bool skipped = call->fid == DESTROY || call->fid == BIND || call->fid == UNBIND ||
			       call->fid == SET || (call->fid & 0xff) == 0x83;

		assert_int_equal(call->skipped[0] != '\0', skipped);
		assert_int_equal(call->control.made, !skipped);
	}
	/* Two flags of GET would retrieve pending notifications. */
	sweep_count(fake_find(&sweep, GET), count);
	assert_int_equal(count[SWEEP_SKIPPED], 2);
	sweep_free(&sweep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_the_notification_calls_of_the_version),
		cmocka_unit_test(controls_are_well_formed_and_undone_by_what_the_catalogue_names),
		cmocka_unit_test(words_change_the_control_and_what_undoes_it),
		cmocka_unit_test(bad_words_and_versions_are_refused),
		cmocka_unit_test(what_changes_state_is_skipped_without_consent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
