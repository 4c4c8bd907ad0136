// SPDX-License-Identifier: GPL-2.0-only
/* Sweeps against a made-up proxy and SPMC: calls, restored state, findings. */
#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sweep/sweep.h"

/* Function identifiers (DEN0077A chapter 16). */
enum {
	FEATURES = 0x84000064,
	CREATE = 0x8400007d,
	DESTROY = 0x8400007e,
	BIND = 0x8400007f,
	UNBIND = 0x84000080,
	SET = 0x84000081,
	GET = 0x84000082,
	INFO_GET = 0x84000083,
};

#define INVALID_PARAMETERS -2
#define NOT_SUPPORTED	   -1
#define DENIED		   -6
#define NO_DATA		   -9
#define HIGH_BITS	   0x8000000080000000ULL

/* A machine: which calls its proxy forwards, and the state of its SPMC for VM 0. */
struct fake {
	bool (*passes)(const struct ffa_regs *in);  /* the proxy's check */
	bool (*accepts)(const struct ffa_regs *in); /* the SPMC's, for reserved bits */
	uint32_t without;			    /* a call that the proxy never forwards */
	bool created;
	uint64_t bound, others; /* to the sweep's sender; to others */

	unsigned int calls, forwarded;
	unsigned int stop_after; /* a signal arrives before this call; 0: none */
	unsigned int noise;	 /* one in this many verdicts is lost; 0: none */
	uint32_t conflict;	 /* EL2 overwrites this call's answer after forwarding it */
	bool untraced;
	uint32_t rebuilt;      /* EL2 sends its own requests for this call */
	unsigned int moves_at; /* someone else destroys the bitmap before this call; 0: none */
	bool (*module_refuses)(const struct ffa_regs *in);
};

static bool nothing(const struct ffa_regs *in)
{
	(void)in;
	return false;
}

static bool everything(const struct ffa_regs *in)
{
	(void)in;
	return true;
}

/* Rejects any reserved bit. */
static bool no_reserved_bits(const struct ffa_regs *in)
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

/* Like the proxy series: rejects any reserved bit, and IDs that are not the host's. */
static bool well_formed(const struct ffa_regs *in)
{
	return no_reserved_bits(in) && is_the_hosts(in);
}

static bool all_but_w2_bit_9(const struct ffa_regs *in)
{
	struct ffa_regs regs = *in;

	regs.x[2] &= ~(UINT64_C(1) << 9);
	return well_formed(&regs);
}

static bool no_canaries(const struct ffa_regs *in)
{
	return well_formed(in) && !in->x[8];
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
		passes = in->x[1] != f->without && f->passes != nothing;
	status = passes ? serve(f, in) : f->passes == nothing ? NOT_SUPPORTED : INVALID_PARAMETERS;
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
	if (f->conflict == in->x[0] && !no_reserved_bits(in)) {
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

static int fake_call(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		     struct sweep_result *out)
{
	struct fake *f = ctx;

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

static const struct sweep_machine machine = { .cpus = 2,
					      .partition = 0x8001,
					      .order = SWEEP_ORDER };

static void plan(struct sweep *sweep, uint32_t version, bool consent)
{
	struct error err;
	const struct ffa_call *call;

	*sweep = (struct sweep){ .version = version };
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (sweep_is_default(call, version))
			assert_int_equal(sweep_add(sweep, call, &machine, NULL, 0, consent, &err),
					 0);
	}
}

static int run(struct sweep *sweep, struct fake *f)
{
	const struct sweep_port port = { .ctx = f, .call = fake_call };

	plan(sweep, FFA_VERSION_1_2, true);
	return sweep_run(sweep, &port);
}

static const struct sweep_call *find(const struct sweep *sweep, uint32_t fid)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		if (sweep->calls[i].fid == fid)
			return &sweep->calls[i];
	}
	fail_msg("no call %#x", fid);
	return NULL;
}

/*
 * Every probe that was made has this class, except those of `but`. The made-up SPMC does not have
 * SET, so what it accepts elsewhere is `absent` there.
 */
static void all_are(const struct sweep *sweep, enum sweep_class class, uint32_t but)
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

/* ---- plan ---- */

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

		plan(&sweep, want[i].version, true);
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

		plan(&sweep, ffa_version_at(v), true);
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
	assert_int_equal(sweep_add(&sweep, ffa_call_by_fid(BIND), &machine, words, 3, true, &err),
			 0);
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

		assert_int_equal(
			sweep_add(&sweep, ffa_call_by_fid(BIND), &machine, &bad[i], 1, true, &err),
			-EINVAL);
		assert_true(err.text[0]);
		sweep_free(&sweep);
	}

	struct sweep sweep = { .version = FFA_VERSION_1_0 };

	assert_int_equal(sweep_add(&sweep, ffa_call_by_fid(BIND), &machine, NULL, 0, true, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "FF-A 1.0 has no FFA_NOTIFICATION_BIND"));
	sweep_free(&sweep);
}

static void what_changes_state_is_skipped_without_consent(void **state)
{
	struct fake f = { .passes = everything, .accepts = everything, .created = true };
	const struct sweep_port port = { .ctx = &f, .call = fake_call };
	size_t count[SWEEP_NR_CLASSES];
	struct sweep sweep;

	(void)state;
	plan(&sweep, FFA_VERSION_1_2, false);
	assert_int_equal(sweep_run(&sweep, &port), 0);
	for (size_t i = 0; i < sweep.nr_calls; i++) {
		const struct sweep_call *call = &sweep.calls[i];
		bool skipped = call->fid == DESTROY || call->fid == BIND || call->fid == UNBIND ||
			       call->fid == SET || (call->fid & 0xff) == 0x83;

		assert_int_equal(call->skipped[0] != '\0', skipped);
		assert_int_equal(call->control.made, !skipped);
	}
	/* Two flags of GET would retrieve pending notifications. */
	sweep_count(find(&sweep, GET), count);
	assert_int_equal(count[SWEEP_SKIPPED], 2);
	sweep_free(&sweep);
}

/* ---- run ---- */

static void a_proxy_that_checks_lets_nothing_but_controls_through(void **state)
{
	struct fake f = {
		.passes = well_formed, .accepts = everything, .created = true, .others = 1
	};
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	all_are(&sweep, SWEEP_ENFORCED, 0);
	/*
	 * Controls 8, repeated 8, FFA_FEATURES 8, made first 2, undone 4, taken away again 1. Values:
	 * 30 are refused; the others, what undoes them, and the control after each batch are 71.
	 */
	assert_int_equal(f.calls, 2268 + 30 + f.forwarded);
	assert_int_equal(f.forwarded, 31 + 71);
	assert_true(f.created);
	assert_int_equal(f.bound, 0);
	assert_int_equal(f.others, 1);
	sweep_free(&sweep);
}

static void a_proxy_that_blocks_teaches_nothing(void **state)
{
	struct fake f = { .passes = nothing, .accepts = everything, .created = true };
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	all_are(&sweep, SWEEP_BLOCKED, 0);
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
			struct fake f = { .passes = everything,
					  .accepts = everything,
					  .created = created,
					  .others = others };
			struct sweep sweep;

			assert_int_equal(run(&sweep, &f), 0);
			all_are(&sweep, SWEEP_ACCEPTED, 0);
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
	struct fake f = { .passes = all_but_w2_bit_9, .accepts = everything, .created = true };
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
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

static const struct sweep_probe *find_value(const struct sweep *sweep, uint32_t fid,
					    const char *words)
{
	const struct sweep_call *call = find(sweep, fid);

	for (size_t i = 0; i < call->nr_values; i++) {
		if (!strcmp(call->values[i].words, words))
			return &call->probes[call->nr_probes + i];
	}
	fail_msg("%s has no value %s", call->name, words);
	return NULL;
}

static void an_id_of_another_endpoint_that_gets_through_is_named(void **state)
{
	struct fake f = { .passes = no_reserved_bits, .accepts = everything, .created = true };
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
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
	struct fake f = { .passes = well_formed, .accepts = everything, .created = true };
	struct fake all = { .passes = everything, .accepts = everything, .created = true };
	struct sweep sweep, other;
	struct sweep_diff diff;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	assert_int_equal(find_value(&sweep, GET, "receiver=0xffff")->class, SWEEP_ENFORCED);
	assert_int_equal(find_value(&sweep, SET, "sender=32769")->class, SWEEP_ENFORCED);
	assert_int_equal(find_value(&sweep, SET, "per-vcpu=1 vcpu-id=65535")->class, SWEEP_ABSENT);
	assert_int_equal(find_value(&sweep, BIND, "bitmap=0")->class, SWEEP_ACCEPTED);
	assert_int_equal(find_value(&sweep, CREATE, "vcpu-count=0")->class, SWEEP_ACCEPTED);
	assert_int_equal(f.bound, 0);

	assert_int_equal(run(&other, &all), 0);
	assert_int_equal(sweep_compare(&sweep, &other, &diff), 0);
	assert_int_equal(diff.values, 30);
	assert_int_equal(diff.bits, 2268);
	sweep_diff_free(&diff);
	sweep_free(&sweep);
	sweep_free(&other);
}

static void a_signal_at_any_call_leaves_the_state_as_it_was(void **state)
{
	static bool (*const proxies[])(const struct ffa_regs *in) = { well_formed, everything };

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		for (unsigned int created = 0; created < 2; created++) {
			bool ended = false;

			/* No signal arrives after the last call. */
			for (unsigned int at = 1; !ended; at += p ? 7 : 1) {
				struct fake f = { .passes = proxies[p],
						  .accepts = everything,
						  .created = created,
						  .stop_after = at };
				struct sweep sweep;
				int ret = run(&sweep, &f);

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
		struct fake f = { .passes = well_formed,
				  .accepts = everything,
				  .created = true,
				  .noise = every[i] };
		size_t count[SWEEP_NR_CLASSES], unknown = 0;
		struct sweep sweep;

		assert_int_equal(run(&sweep, &f), 0);
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
	struct fake f = {
		.passes = everything, .accepts = well_formed, .created = true, .conflict = GET
	};
	struct sweep_finding *findings;
	struct sweep sweep;
	size_t nr, seen = 0;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
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
	struct fake f = {
		.passes = everything, .accepts = everything, .created = true, .untraced = true
	};
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	all_are(&sweep, SWEEP_UNKNOWN, 0);
	assert_true(f.created && !f.bound);
	sweep_free(&sweep);
}

static void what_could_not_be_undone_is_not_done(void **state)
{
	struct fake f = {
		.passes = well_formed, .accepts = everything, .created = true, .without = UNBIND
	};
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	assert_non_null(strstr(find(&sweep, BIND)->skipped, "could not be undone"));
	assert_true(find(&sweep, BIND)->not_possible);
	assert_false(find(&sweep, BIND)->control.made);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);

	/* An existing bitmap could not be created again. */
	f = (struct fake){
		.passes = well_formed, .accepts = everything, .created = true, .without = CREATE
	};
	assert_int_equal(run(&sweep, &f), 0);
	assert_false(find(&sweep, DESTROY)->control.made);
	assert_true(f.created);
	sweep_free(&sweep);
}

static void notifications_of_others_are_left_alone(void **state)
{
	struct fake f = {
		.passes = everything, .accepts = everything, .created = true, .others = HIGH_BITS
	};
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	assert_non_null(strstr(find(&sweep, UNBIND)->skipped, "another user's state"));
	assert_false(find(&sweep, UNBIND)->control.made);
	/* BIND is DENIED, as its control is. */
	all_are(&sweep, SWEEP_ACCEPTED, UNBIND);
	assert_int_equal(f.others, HIGH_BITS);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);
}

static void a_proxy_that_refuses_canaries_is_put_back_without_them(void **state)
{
	struct fake f = { .passes = no_canaries, .accepts = everything, .created = true };
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	all_are(&sweep, SWEEP_BLOCKED, 0xc4000083);
	assert_true(f.created);
	assert_int_equal(f.bound, 0);
	sweep_free(&sweep);
}

/* ---- classes ---- */

static void add_one(struct sweep *sweep, const char *name)
{
	struct error err;

	*sweep = (struct sweep){ .version = FFA_VERSION_1_2 };
	assert_int_equal(sweep_add(sweep, ffa_call_find(name), &machine, NULL, 0, true, &err), 0);
}

/* EL2's request for PARTITION_INFO_GET has w1 to w5 of the host's (do_ffa_part_get). */
static void what_el2_does_not_pass_on_is_dropped(void **state)
{
	struct fake f = { .passes = everything, .accepts = everything, .rebuilt = 0x84000068 };
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
		struct fake f = { .passes = well_formed,
				  .accepts = everything,
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
	struct fake f = { .passes = well_formed,
			  .accepts = everything,
			  .created = true,
			  .module_refuses = w2_bit_9 };
	size_t count[SWEEP_NR_CLASSES];
	struct sweep sweep;

	(void)state;
	assert_int_equal(run(&sweep, &f), 0);
	sweep_count(find(&sweep, GET), count);
	assert_int_equal(count[SWEEP_SKIPPED], 1);
	assert_int_equal(count[SWEEP_ENFORCED], find(&sweep, GET)->nr_probes - 1);
	sweep_free(&sweep);

	f.module_refuses = bitmap_calls;
	assert_int_equal(run(&sweep, &f), 0);
	assert_non_null(strstr(find(&sweep, CREATE)->skipped, "the module refuses it"));
	assert_false(find(&sweep, CREATE)->not_possible);
	sweep_count(find(&sweep, GET), count);
	assert_int_equal(count[SWEEP_ENFORCED], find(&sweep, GET)->nr_probes);
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
				sweep_add_any(&sweep, ffa_call_at(i), &machine, true, &err), 0);
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
	struct fake f = { .passes = everything, .accepts = well_formed, .created = true };
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
	assert_int_equal(run(&sweep, &f), 0);
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
	struct fake strict = { .passes = well_formed, .accepts = everything, .created = true };
	struct fake faulty = { .passes = all_but_w2_bit_9, .accepts = everything, .created = true };
	struct fake blocked = { .passes = nothing, .accepts = everything, .created = true };
	struct sweep a, b, c, d;
	struct sweep_diff diff;

	(void)state;
	run(&a, &strict);
	run(&b, &faulty);
	run(&c, &blocked);

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
	plan(&d, FFA_VERSION_1_1, true);
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
		cmocka_unit_test(the_default_is_the_notification_calls_of_the_version),
		cmocka_unit_test(controls_are_well_formed_and_undone_by_what_the_catalogue_names),
		cmocka_unit_test(words_change_the_control_and_what_undoes_it),
		cmocka_unit_test(bad_words_and_versions_are_refused),
		cmocka_unit_test(what_changes_state_is_skipped_without_consent),
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
		cmocka_unit_test(notifications_of_others_are_left_alone),
		cmocka_unit_test(a_proxy_that_refuses_canaries_is_put_back_without_them),
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
