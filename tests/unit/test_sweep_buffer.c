// SPDX-License-Identifier: GPL-2.0-only
/* Sweeps of a descriptor, on a made-up proxy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "sweep/buffer.h"

#define DENIED	  ((uint32_t)-6)
#define INVALID	  ((uint32_t)-2)
#define FIRST_BIT 0x24 /* reserved bytes of the head from 1.1 on: descriptors.c */

/* EL2 refuses what a descriptor must not be; TrustZone refuses reserved bits below FIRST_BIT. */
struct proxy {
	const char *passes; /* `what' of the probe that EL2 lets through; NULL: none */
	const char *leaves; /* that of the probe whose pages stay shared */
	const struct buffer_sweep *sweep;
	unsigned int made, fail_at;
	bool blocked; /* EL2 refuses the control */
};

static void answer(struct sweep_result *out, enum verdict_kind kind, uint32_t status)
{
	*out = (struct sweep_result){
		.made = true, .verdict.kind = kind, .has_status = true, .status = (int32_t)status
	};
}

static const struct buffer_probe *find(const struct proxy *proxy, const struct ffa_regs *in,
				       const struct ffa_mem_request *request)
{
	for (size_t i = 0; i < proxy->sweep->nr_probes; i++) {
		const struct buffer_probe *probe = &proxy->sweep->probes[i];

		if (in == &probe->in && request == &probe->request)
			return probe;
	}
	return NULL;
}

static bool is(const char *name, const struct buffer_probe *probe)
{
	return name && probe && !strcmp(name, probe->what);
}

static int make(void *ctx, const struct ffa_regs *in, const struct ffa_mem_request *request,
		struct sweep_result *out, bool *left)
{
	struct proxy *proxy = ctx;
	const struct buffer_probe *probe = find(proxy, in, request);

	*left = is(proxy->leaves, probe);
	if (proxy->made++ == proxy->fail_at)
		return -EINTR;
	if (proxy->blocked)
		answer(out, VERDICT_REJECTED, DENIED);
	else if (probe && probe->must_refuse && !is(proxy->passes, probe))
		answer(out, VERDICT_REJECTED, INVALID);
	else if (probe && probe->is_bit && request->edits[0].at < FIRST_BIT)
		answer(out, VERDICT_FORWARDED, INVALID);
	else
		answer(out, VERDICT_FORWARDED, 0);
	return 0;
}

static void plan(struct buffer_sweep *sweep, const char *call, uint32_t version)
{
	assert_int_equal(buffer_sweep_plan(sweep, ffa_call_find(call), version, 0x8001), 0);
}

static size_t run(struct buffer_sweep *sweep, struct proxy *proxy)
{
	const struct buffer_port port = { .ctx = proxy, .make = make };

	proxy->sweep = sweep;
	proxy->fail_at = proxy->fail_at ? proxy->fail_at : UINT32_MAX;
	plan(sweep, "FFA_MEM_SHARE", FFA_VERSION_1_2);
	assert_int_equal(buffer_sweep_run(sweep, &port), 0);
	return buffer_sweep_findings(sweep);
}

static size_t count(const struct buffer_sweep *sweep, enum sweep_class class)
{
	size_t n = 0;

	for (size_t i = 0; i < sweep->nr_probes; i++)
		n += sweep->probes[i].class == class;
	return n;
}

static void probes_differ_from_the_control_and_from_each_other(void **state)
{
	static uint8_t control[1024], bytes[1024];
	static const uint64_t pages[] = { 0x80000000, 0x80005000 };

	(void)state;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		struct buffer_sweep s;
		size_t len;

		plan(&s, "FFA_MEM_LEND", ffa_version_at(v));
		assert_true(s.nr_probes > 100);
		len = ffa_mem_compose(&s.request, 0x84000072, s.version, pages, 4096, NULL, 0,
				      control, sizeof(control));
		assert_true(len > 64);
		for (size_t i = 0; i < s.nr_probes; i++) {
			const struct buffer_probe *p = &s.probes[i];
			size_t got = ffa_mem_compose(&p->request, 0x84000072, s.version, pages,
						     4096, NULL, 0, bytes, sizeof(bytes));
			bool same = got == len && !memcmp(bytes, control, len) &&
				    !memcmp(&p->in, &s.in, sizeof(p->in)) &&
				    !p->request.total_given && !p->request.fragment_given;

			assert_false(same);
			if (i)
				assert_string_not_equal(p->place, s.probes[i - 1].place);
			if (!p->is_bit)
				continue;
			/* Exactly one bit. */
			for (size_t b = 0, bits = 0; b <= len; b++) {
				if (b == len)
					assert_int_equal(bits, 1);
				else
					bits += (size_t)__builtin_popcount(bytes[b] ^ control[b]);
			}
		}
		buffer_sweep_free(&s);
	}
}

static void a_right_proxy_has_no_finding(void **state)
{
	struct buffer_sweep s;
	struct proxy proxy = { 0 };

	(void)state;
	assert_int_equal(run(&s, &proxy), 0);
	assert_int_equal(proxy.made, s.nr_probes + 2);
	assert_true(count(&s, SWEEP_ENFORCED) > 30);
	assert_true(count(&s, SWEEP_SECURE) > 20);
	assert_true(count(&s, SWEEP_ACCEPTED) > 100);
	assert_int_equal(count(&s, SWEEP_UNKNOWN), 0);
	buffer_sweep_free(&s);
}

static void what_passes_and_must_not_is_found(void **state)
{
	static const char *const faults[] = { "another sender", "no access descriptor",
					      "the most pages of a range", "each page twice",
					      "two receivers" };

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct buffer_sweep s;
		struct proxy proxy = { .passes = faults[i] };

		assert_int_equal(run(&s, &proxy), 1);
		for (size_t p = 0; p < s.nr_probes; p++)
			assert_int_equal(buffer_probe_departs(&s.probes[p]),
					 is(faults[i], &s.probes[p]));
		buffer_sweep_free(&s);
	}
}

static void pages_that_stay_shared_are_found(void **state)
{
	struct buffer_sweep s;
	struct proxy proxy = { .leaves = "a range without pages" };

	(void)state;
	assert_int_equal(run(&s, &proxy), 1);
	buffer_sweep_free(&s);
}

static void without_a_control_nothing_is_shown(void **state)
{
	struct buffer_sweep s;
	struct proxy proxy = { .blocked = true };

	(void)state;
	assert_int_equal(run(&s, &proxy), 0);
	assert_int_equal(count(&s, SWEEP_BLOCKED), s.nr_probes);
	buffer_sweep_free(&s);
}

static void an_interrupted_sweep_leaves_probes_out(void **state)
{
	struct buffer_sweep s;
	struct proxy proxy = { .fail_at = 3, .sweep = &s };
	const struct buffer_port port = { .ctx = &proxy, .make = make };

	(void)state;
	plan(&s, "FFA_MEM_SHARE", FFA_VERSION_1_1);
	assert_int_equal(buffer_sweep_run(&s, &port), -EINTR);
	assert_int_equal(proxy.made, 4);
	assert_int_equal(s.probes[s.nr_probes - 1].class, SWEEP_UNKNOWN);
	buffer_sweep_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_differ_from_the_control_and_from_each_other),
		cmocka_unit_test(a_right_proxy_has_no_finding),
		cmocka_unit_test(what_passes_and_must_not_is_found),
		cmocka_unit_test(pages_that_stay_shared_are_found),
		cmocka_unit_test(without_a_control_nothing_is_shown),
		cmocka_unit_test(an_interrupted_sweep_leaves_probes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
