// SPDX-License-Identifier: GPL-2.0-only
/* A made-up proxy and SPMC: calls and state. */
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
#include "ffa/proxy.h"
#include "ffa/rules.h"

#define MAX_VCPUS 1024

bool proxy_nothing(const struct ffa_regs *in)
{
	(void)in;
	return false;
}

bool proxy_everything(const struct ffa_regs *in)
{
	(void)in;
	return true;
}

/* Rejects any reserved bit. */
bool proxy_no_reserved_bits(const struct ffa_regs *in)
{
	struct ffa_regs asked;
	struct ffa_violation v;

	verdict_without_canaries(in, &asked);
	return !ffa_violations(ffa_call_by_fid((uint32_t)in->x[0]), &asked, FFA_VERSION_1_2, &v, 1);
}

static bool is_the_hosts(const struct ffa_regs *in)
{
	struct ffa_bits id;

	return !ffa_call_el2_checks_id((uint32_t)in->x[0], &id) ||
	       !ffa_bits_get(in, id.reg, id.hi, id.lo);
}

bool proxy_well_formed(const struct ffa_regs *in)
{
	return proxy_no_reserved_bits(in) && is_the_hosts(in);
}

bool proxy_all_but_w2_bit_9(const struct ffa_regs *in)
{
	struct ffa_regs regs = *in;

	regs.x[2] &= ~(UINT64_C(1) << 9);
	return proxy_well_formed(&regs);
}

bool proxy_no_canaries(const struct ffa_regs *in)
{
	return proxy_well_formed(in) && !in->x[8];
}

static int32_t bind(struct fake *f, uint64_t bits)
{
	if ((f->bound | f->others) & bits)
		return DENIED;
	f->bound |= bits;
	return 0;
}

/* Stricter than OP-TEE: what does not exist cannot be removed. */
static int32_t serve(struct fake *f, const struct ffa_regs *in)
{
	uint64_t bits = (in->x[3] & UINT32_MAX) | in->x[4] << 32;

	if (in->x[0] == FEATURES)
		return 0;
	if (!f->accepts(in))
		return INVALID_PARAMETERS;
	switch (in->x[0]) {
	case CREATE:
		if (in->x[2] > MAX_VCPUS)
			return INVALID_PARAMETERS;
		if (f->created)
			return DENIED;
		f->created = true;
		return 0;
	case DESTROY:
		if (!f->created || f->bound || f->others)
			return DENIED;
		f->created = false;
		return 0;
	case BIND:
		return bind(f, bits);
	case UNBIND:
		if (bits & ~f->bound)
			return DENIED;
		f->bound &= ~bits;
		return 0;
	case GET:
		return 0;
	case SET:
		return NOT_SUPPORTED;
	default:
		return NO_DATA;
	}
}

static void make(struct fake *f, const struct ffa_regs *in, struct sweep_result *out)
{
	bool passes = in->x[0] != f->without && f->passes(in);
	int32_t status;

	if (f->moves_at && f->calls + 1 == f->moves_at)
		f->created = !f->created;

	if (in->x[0] == FEATURES)
		passes = in->x[1] != f->without && f->passes != proxy_nothing;
	status = passes			      ? serve(f, in)
		 : f->passes == proxy_nothing ? NOT_SUPPORTED
					      : INVALID_PARAMETERS;
	if (!passes && in->x[0] == FEATURES)
		status = NOT_SUPPORTED;
	f->calls++;
	f->forwarded += passes;

	*out = (struct sweep_result){ .made = true, .has_status = true, .status = status };
	out->call.in = *in;
	out->verdict.kind = passes ? VERDICT_FORWARDED : VERDICT_REJECTED;
	out->verdict.from_trace = true;
	out->verdict.smcs = passes;
	out->verdict.rebuilt = passes && f->rebuilt == in->x[0];
	out->verdict.inferred = passes ? VERDICT_SUGGESTS_SECURE : VERDICT_SUGGESTS_EL2;
	if (f->conflict == in->x[0] && !proxy_no_reserved_bits(in)) {
		out->status = INVALID_PARAMETERS;
		out->verdict.reason = VERDICT_EVIDENCE_CONFLICT;
	}
	if (f->noise && f->calls % f->noise == 0)
		out->verdict.reason = VERDICT_NO_EVENTS;
	if (f->untraced)
		out->verdict.reason = VERDICT_TRACING_OFF;
	if (out->verdict.reason)
		out->verdict.kind = VERDICT_UNKNOWN;
}

int fake_call(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
	      struct sweep_result *out)
{
	struct fake *f = ctx;

	f->batches++;
	for (unsigned int i = 0; f->module_refuses && i < n; i++) {
		out[i].refused = f->module_refuses(&in[i]);
		if (out[i].refused)
			return -EACCES;
	}
	for (unsigned int i = 0; i < n; i++) {
		if (f->stop_after && f->calls + 1 >= f->stop_after && !must)
			return -EINTR;
		make(f, &in[i], &out[i]);
	}
	return 0;
}

const struct sweep_machine fake_machine = { .cpus = 2, .partition = 0x8001, .order = SWEEP_ORDER };

void fake_plan(struct sweep *sweep, uint32_t version, bool consent)
{
	struct error err;
	const struct ffa_call *call;

	*sweep = (struct sweep){ .version = version };
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (sweep_is_default(call, version))
			assert_int_equal(
				sweep_add(sweep, call, &fake_machine, NULL, 0, consent, &err), 0);
	}
}

int fake_run(struct sweep *sweep, struct fake *f)
{
	const struct sweep_port port = { .ctx = f, .call = fake_call };

	fake_plan(sweep, FFA_VERSION_1_2, true);
	return sweep_run(sweep, &port);
}

const struct sweep_call *fake_find(const struct sweep *sweep, uint32_t fid)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		if (sweep->calls[i].fid == fid)
			return &sweep->calls[i];
	}
	fail_msg("no call %#x", fid);
	return NULL;
}

void fake_all_are(const struct sweep *sweep, enum sweep_class class, uint32_t but)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];
		size_t count[SWEEP_NR_CLASSES];

		enum sweep_class want = class;

		if (call->fid == but)
			continue;
		if (call->fid == SET && class == SWEEP_ACCEPTED)
			want = SWEEP_ABSENT;
		sweep_count(call, count);
		if (call->skipped[0] || count[want] != call->nr_probes)
			fail_msg("%s: %zu of %zu are %s; %s", call->name, count[want],
				 call->nr_probes, sweep_class_name(want), call->skipped);
		assert_string_equal(call->left, "");
	}
}

const struct sweep_probe *fake_find_value(const struct sweep *sweep, uint32_t fid,
					  const char *words)
{
	const struct sweep_call *call = fake_find(sweep, fid);

	for (size_t i = 0; i < call->nr_values; i++) {
		if (!strcmp(call->values[i].words, words))
			return &call->probes[call->nr_probes + i];
	}
	fail_msg("%s has no value %s", call->name, words);
	return NULL;
}
