// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzing of made-up proxies: right ones have no findings, and each kind of fault is found and reduced. */
#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ffa/catalogue.h"
#include "ffa/proxy.h"
#include "ffa/rules.h"
#include "fuzz/fuzz.h"
#include "identifiers.h"

#define CALLS	    60000
#define MS	    1000000ULL
/* All batches at once, or some of them. */
#define EVERY(seed) ((seed) % 2 ? 1 : 4)

struct fake;
typedef enum verdict_kind (*proxy_fn)(struct fake *f, const struct ffa_regs *in, int cpu);

/* A machine whose SPMC accepts everything and keeps bound notifications. */
struct fake {
	proxy_fn proxy;
	uint64_t bound;
	unsigned int calls, batches, smcs;
	uint64_t ns;
	bool after_success; /* the last call was well-formed and succeeded */
	unsigned int noise; /* one in this many verdicts is lost; 0: none */
	uint32_t module_refuses;
	uint32_t meanwhile; /* what another CPU calls at the same time; 0: nothing */
	uint64_t now_ns;
};

static bool well_formed(const struct ffa_regs *in)
{
	struct ffa_regs asked;
	struct ffa_violation v;
	struct ffa_bits id;

	verdict_without_canaries(in, &asked);
	for (unsigned int reg = 1; reg <= 7; reg++) {
		/* As a proxy that compares whole registers. */
		if (!(in->x[0] & FFA_FID_SMC64) && asked.x[reg] >> 32)
			return false;
	}
	if (ffa_call_el2_checks_id((uint32_t)in->x[0], &id) &&
	    ffa_bits_get(in, id.reg, id.hi, id.lo))
		return false;
	return !ffa_violations(ffa_call_by_fid((uint32_t)in->x[0]), &asked, FFA_VERSION_1_2, &v, 1);
}

static enum verdict_kind strict(struct fake *f, const struct ffa_regs *in, int cpu)
{
	(void)f;
	(void)cpu;
	return in->x[0] == FEATURES || well_formed(in) ? VERDICT_FORWARDED : VERDICT_REJECTED;
}

static enum verdict_kind blocks(struct fake *f, const struct ffa_regs *in, int cpu)
{
	(void)f;
	(void)cpu;
	return in->x[0] == 0xc4000083 ? VERDICT_FORWARDED : VERDICT_REJECTED;
}

static enum verdict_kind lets_all_pass(struct fake *f, const struct ffa_regs *in, int cpu)
{
	(void)f;
	(void)in;
	(void)cpu;
	return VERDICT_FORWARDED;
}

/* Passes where `skip` is true, which is for some combinations of GET. */
#define FAULTY(name, condition)                                                           \
	static enum verdict_kind name(struct fake *f, const struct ffa_regs *in, int cpu) \
	{                                                                                 \
		const uint64_t *x = in->x;                                                \
                                                                                          \
		(void)x;                                                                  \
		(void)cpu;                                                                \
		if (in->x[0] == GET && (condition))                                       \
			return VERDICT_FORWARDED;                                         \
		return strict(f, in, cpu);                                                \
	}

static bool rest_is_clean(const struct ffa_regs *in)
{
	struct ffa_regs regs = *in;

	regs.x[3] = regs.x[4] = regs.x[5] = regs.x[6] = regs.x[7] = 0;
	return well_formed(&regs);
}

FAULTY(sums, rest_is_clean(in) && !(x[3] + x[4] + x[5] + x[6] + x[7]))
FAULTY(sums_32, rest_is_clean(in) && !(uint32_t)(x[3] + x[4] + x[5] + x[6] + x[7]) &&
			!((x[3] | x[4] | x[5] | x[6] | x[7]) >> 32))
FAULTY(xors, rest_is_clean(in) && !(x[3] ^ x[4] ^ x[5] ^ x[6] ^ x[7]))
FAULTY(ands, rest_is_clean(in) && x[3] && x[4] && !(x[3] & x[4]) && !x[5] && !x[6] && !x[7])
FAULTY(skips_for_vcpu_3, ffa_bits_get(in, 1, 31, 16) == 3)
FAULTY(skips_beside_bit_9, x[2] >> 9 & 1 && x[3])
FAULTY(skips_all_ones, rest_is_clean(in) && (uint32_t)x[3] == UINT32_MAX)
FAULTY(only_on_cpu_1, cpu == 1 && rest_is_clean(in) && !x[4])
FAULTY(after_a_success, f->after_success)
FAULTY(while_another_binds, f->meanwhile == BIND && rest_is_clean(in) && !x[4])
FAULTY(every_50th, f->calls % 50 == 0 && x[3])

static enum verdict_kind refuses_vcpus(struct fake *f, const struct ffa_regs *in, int cpu)
{
	/* Not with one bit flipped: the control has vCPU 1. */
	if (in->x[0] == GET && __builtin_popcountll(ffa_bits_get(in, 1, 31, 16)) > 2)
		return VERDICT_REJECTED;
	return strict(f, in, cpu);
}

static enum verdict_kind refuses_high_vcpus(struct fake *f, const struct ffa_regs *in, int cpu)
{
	return in->x[0] == GET && ffa_bits_get(in, 1, 31, 16) > 8 ? VERDICT_REJECTED
								  : strict(f, in, cpu);
}

static enum verdict_kind refuses_on_cpu_1(struct fake *f, const struct ffa_regs *in, int cpu)
{
	return in->x[0] == GET && cpu == 1 ? VERDICT_REJECTED : strict(f, in, cpu);
}

static enum verdict_kind answers(struct fake *f, const struct ffa_regs *in, int cpu)
{
	enum verdict_kind kind = strict(f, in, cpu);

	return kind == VERDICT_FORWARDED && in->x[0] == GET && ffa_bits_get(in, 1, 31, 16) == 7
		       ? VERDICT_ANSWERED
		       : kind;
}

static enum verdict_kind sends_twice(struct fake *f, const struct ffa_regs *in, int cpu)
{
	f->smcs = in->x[0] == GET && ffa_bits_get(in, 1, 31, 16) == 7 ? 2 : 1;
	return strict(f, in, cpu);
}

static enum verdict_kind is_slow(struct fake *f, const struct ffa_regs *in, int cpu)
{
	f->ns = in->x[0] == GET && ffa_bits_get(in, 1, 31, 16) == 7 ? 300 * MS : 1000;
	return strict(f, in, cpu);
}

static enum verdict_kind first_time_only(struct fake *f, const struct ffa_regs *in, int cpu)
{
	if (in->x[0] == GET && in->x[3] && !f->batches) {
		f->batches = 1;
		return VERDICT_FORWARDED;
	}
	return strict(f, in, cpu);
}

static enum verdict_kind opens_blocked(struct fake *f, const struct ffa_regs *in, int cpu)
{
	if (in->x[0] == GET && in->x[5] && in->x[5] == in->x[6])
		return VERDICT_FORWARDED;
	return blocks(f, in, cpu);
}

static enum verdict_kind opens_for_per_vcpu(struct fake *f, const struct ffa_regs *in, int cpu)
{
	if (in->x[0] == SET && in->x[2] & 1 && in->x[5] && in->x[5] == in->x[6])
		return VERDICT_FORWARDED;
	return strict(f, in, cpu);
}

/* ---- the machine ---- */

static int32_t serve(struct fake *f, const struct ffa_regs *in)
{
	uint64_t bits = (in->x[3] & UINT32_MAX) | in->x[4] << 32;

	switch (in->x[0]) {
	case BIND:
		if (f->bound & bits)
			return DENIED;
		f->bound |= bits;
		return 0;
	case UNBIND:
		f->bound &= ~bits;
		return 0;
	case GET:
	case FEATURES:
		return 0;
	default:
		return DENIED;
	}
}

static void make(struct fake *f, int cpu, const struct ffa_regs *in, struct sweep_result *out)
{
	enum verdict_kind kind;

	f->calls++;
	f->smcs = 1;
	f->ns = 1000;
	kind = in->x[0] == FEATURES && f->proxy != blocks ? VERDICT_FORWARDED
							  : f->proxy(f, in, cpu);
	*out = (struct sweep_result){ .made = true, .has_status = true };
	out->call.in = *in;
	out->status = kind == VERDICT_REJECTED	  ? INVALID_PARAMETERS
		      : kind == VERDICT_FORWARDED ? serve(f, in)
						  : 0;
	out->verdict.kind = kind;
	out->verdict.from_trace = true;
	out->verdict.smcs = kind == VERDICT_FORWARDED ? f->smcs : 0;
	out->verdict.total_ns = f->ns;
	if (f->noise && f->calls % f->noise == 0) {
		out->verdict.kind = VERDICT_UNKNOWN;
		out->verdict.reason = VERDICT_NO_EVENTS;
	}
	f->after_success = well_formed(in) && kind == VERDICT_FORWARDED && !out->status;
}

static int fake_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n, bool must,
		     struct sweep_result *out)
{
	struct fake *f = ctx;

	(void)must;
	for (unsigned int i = 0; f->module_refuses && i < n; i++) {
		if (in[i].x[0] == f->module_refuses && in[i].x[4]) {
			out[i].refused = true;
			return -EACCES;
		}
	}
	for (unsigned int i = 0; i < n; i++)
		make(f, cpu, &in[i], &out[i]);
	return 0;
}

/* The CPUs make their calls in step. */
static int fake_call_at_once(void *ctx, const struct fuzz_lane *lanes, size_t nr_lanes)
{
	struct fake *f = ctx;

	for (unsigned int i = 0; i < FUZZ_BATCH; i++) {
		f->now_ns += MS;
		for (size_t l = 0; l < nr_lanes; l++) {
			const struct fuzz_lane *lane = &lanes[l], *other = &lanes[!l];

			if (i >= lane->n)
				continue;
			f->meanwhile = i < other->n ? (uint32_t)other->in[i].x[0] : 0;
			make(f, lane->cpu, &lane->in[i], &lane->out[i]);
			lane->out[i].call.cpu = (uint32_t)lane->cpu;
			lane->out[i].call.begin_ns = f->now_ns;
			lane->out[i].call.end_ns = f->now_ns + 1000;
		}
	}
	f->meanwhile = 0;
	return 0;
}

static int sweep_call(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		      struct sweep_result *out)
{
	return fake_call(ctx, 0, in, n, must, out);
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static const int cpus[] = { 0, 1 };

struct run {
	struct sweep sweep;
	struct fuzz fuzz;
};

static void start(struct run *run, struct fake *f, uint64_t seed, uint64_t count)
{
	static const struct sweep_machine machine = { .cpus = 2,
						      .partition = 0x8001,
						      .order = SWEEP_ORDER };
	const struct sweep_port sweep_port = { .ctx = f, .call = sweep_call };
	const struct fuzz_options opts = {
		.seed = seed, .count = count, .slow_ns = 100 * MS, .consent = true
	};
	const struct ffa_call *call;
	struct error err;

	run->sweep = (struct sweep){ .version = FFA_VERSION_1_2 };
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (sweep_is_default(call, FFA_VERSION_1_2))
			assert_int_equal(
				sweep_add(&run->sweep, call, &machine, NULL, 0, true, &err), 0);
	}
	assert_int_equal(sweep_run(&run->sweep, &sweep_port), 0);
	assert_int_equal(fuzz_init(&run->fuzz, &run->sweep, &opts), 0);
	assert_true(run->fuzz.nr_calls >= 6);
}

static void go_with(struct run *run, struct fake *f, uint64_t seed, unsigned int at_once_every)
{
	const struct fuzz_port port = {
		.ctx = f,
		.cpus = cpus,
		.nr_cpus = 2,
		.call = fake_call,
		.call_at_once = fake_call_at_once,
		.at_once_every = at_once_every,
		.go_on = always,
	};

	start(run, f, seed, CALLS);
	assert_int_equal(fuzz_learn(&run->fuzz, &port), 0);
	assert_int_equal(fuzz_run(&run->fuzz, &port), 0);
	assert_int_equal(run->fuzz.made, CALLS);
	assert_int_equal(f->bound, 0);
}

static void go(struct run *run, struct fake *f, uint64_t seed)
{
	go_with(run, f, seed, 0);
}

static void end(struct run *run)
{
	fuzz_free(&run->fuzz);
	sweep_free(&run->sweep);
}

/* ---- right proxies ---- */

static void a_right_proxy_has_no_findings(void **state)
{
	static const proxy_fn proxies[] = { strict, blocks, lets_all_pass };

	(void)state;
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		for (uint64_t seed = 1; seed <= 3; seed++) {
			struct fake f = { .proxy = proxies[i] };
			struct run run;

			go(&run, &f, seed);
			if (run.fuzz.nr_findings)
				fail_msg("proxy %zu: %s", i, run.fuzz.findings[0].text);
			assert_int_equal(run.fuzz.departures, 0);
			end(&run);
		}
	}
}

static void a_lost_verdict_is_no_finding(void **state)
{
	struct fake f = { .proxy = strict, .noise = 7 };
	struct run run;

	(void)state;
	go(&run, &f, 1);
	assert_int_equal(run.fuzz.nr_findings, 0);
	assert_true(run.fuzz.unknown > CALLS / 8 && run.fuzz.unknown < CALLS / 6);
	end(&run);
}

static void what_the_module_refuses_is_left_out(void **state)
{
	struct fake f = { .proxy = strict };
	struct run run;

	(void)state;
	const struct fuzz_port port = {
		.ctx = &f, .cpus = cpus, .nr_cpus = 2, .call = fake_call, .go_on = always
	};
	start(&run, &f, 1, 2000);
	f.module_refuses = GET;
	assert_int_equal(fuzz_learn(&run.fuzz, &port), 0);
	assert_int_equal(fuzz_run(&run.fuzz, &port), 0);
	assert_int_equal(run.fuzz.nr_findings, 0);
	for (size_t i = 0; i < run.fuzz.nr_calls; i++) {
		const struct fuzz_call *call = &run.fuzz.calls[i];

		assert_true(call->calls > 100);
		if (call->sc->fid == GET)
			assert_int_equal(call->bases[0].usable[4], 0);
	}
	end(&run);
}

static void the_same_seed_gives_the_same_calls(void **state)
{
	struct fake f = { .proxy = strict };
	const struct fuzz_port port = {
		.ctx = &f, .cpus = cpus, .nr_cpus = 2, .call = fake_call, .go_on = always
	};
	struct run a, b, c;
	unsigned int same = 0;

	(void)state;
	start(&a, &f, 5, CALLS);
	start(&b, &f, 5, CALLS);
	start(&c, &f, 6, CALLS);
	fuzz_learn(&a.fuzz, &port);
	fuzz_learn(&b.fuzz, &port);
	fuzz_learn(&c.fuzz, &port);
	for (unsigned int i = 0; i < 1000; i++) {
		struct fuzz_call *call;
		const struct fuzz_base *base;
		struct ffa_regs x, y, z;

		assert_true(fuzz_draw(&a.fuzz, &x, &call, &base));
		assert_true(fuzz_draw(&b.fuzz, &y, &call, &base));
		assert_true(fuzz_draw(&c.fuzz, &z, &call, &base));
		assert_memory_equal(&x, &y, sizeof(x));
		same += !memcmp(&x, &z, sizeof(x));
	}
	assert_true(same < 50);
	end(&a);
	end(&b);
	end(&c);
}

/* ---- faults ---- */

struct fault {
	const char *name;
	proxy_fn proxy;
	enum fuzz_kind kind;
	enum fuzz_when when;
	int cpu;
	unsigned int units; /* at most */
	const char *says;
};

static const struct fault faults[] = {
	{ "sums", sums, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2, "together, and refuses each alone" },
	{ "sums_32", sums_32, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2, "together, and refuses each alone" },
	{ "xors", xors, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2, "together, and refuses each alone" },
	{ "ands", ands, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2, "together, and refuses each alone" },
	{ "skips_for_vcpu_3", skips_for_vcpu_3, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2,
	  "beside vcpu-id=3, and refuses it alone" },
	{ "skips_beside_bit_9", skips_beside_bit_9, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2, "w2[" },
	{ "skips_all_ones", skips_all_ones, FUZZ_PASSES, FUZZ_ALWAYS, -1, 1,
	  "EL2 lets w3=0xffffffff pass, and refuses each of its bits alone" },
	{ "only_on_cpu_1", only_on_cpu_1, FUZZ_PASSES, FUZZ_ALWAYS, 1, 1, "on CPU 1 only" },
	{ "after_a_success", after_a_success, FUZZ_PASSES, FUZZ_AFTER, -1, 1,
	  ", after FFA_NOTIFICATION_" },
	{ "every_50th", every_50th, FUZZ_PASSES, FUZZ_SOMETIMES, -1, 1, " calls" },
	{ "refuses_vcpus", refuses_vcpus, FUZZ_REFUSED, FUZZ_ALWAYS, -1, 1,
	  "(INVALID_PARAMETERS), and lets each of its bits pass alone" },
	{ "refuses_high_vcpus", refuses_high_vcpus, FUZZ_REFUSED, FUZZ_ALWAYS, -1, 1,
	  "EL2 refuses vcpu-id=9 (INVALID_PARAMETERS), a valid value of the field" },
	{ "refuses_on_cpu_1", refuses_on_cpu_1, FUZZ_REFUSED, FUZZ_ALWAYS, 1, 0,
	  "EL2 refuses the well-formed call (INVALID_PARAMETERS), on CPU 1 only" },
	{ "answers", answers, FUZZ_OTHER_WAY, FUZZ_ALWAYS, -1, 1, "EL2 answers vcpu-id=7 itself" },
	{ "sends_twice", sends_twice, FUZZ_MORE_SMCS, FUZZ_ALWAYS, -1, 1, "EL2 sends 2 SMCs" },
	{ "is_slow", is_slow, FUZZ_SLOW, FUZZ_ALWAYS, -1, 1, "vcpu-id=7 takes 300000 us" },
	{ "first_time_only", first_time_only, FUZZ_PASSES, FUZZ_FIRST, -1, 1,
	  "pass the first time, and refuses it now" },
	{ "opens_blocked", opens_blocked, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2, "together" },
	{ "opens_for_per_vcpu", opens_for_per_vcpu, FUZZ_PASSES, FUZZ_ALWAYS, -1, 2,
	  "SET with per-vcpu=1: EL2 lets " },
};

/* Registers that differ from the base. */
static unsigned int registers(const struct fuzz_finding *finding)
{
	unsigned int nr = 0;

	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++)
		nr += finding->in.x[reg] != finding->base->in.x[reg];
	return nr;
}

static void check_fault(const struct fault *fault, uint64_t seed)
{
	struct fake f = { .proxy = fault->proxy };
	const struct fuzz_finding *found;
	struct run run;

	go(&run, &f, seed);
	if (!run.fuzz.nr_findings)
		fail_msg("%s: not found", fault->name);
	for (size_t i = 0; i < run.fuzz.nr_findings; i++) {
		found = &run.fuzz.findings[i];
		if (found->kind != fault->kind || found->when != fault->when ||
		    registers(found) > fault->units || !strstr(found->text, fault->says))
			fail_msg("%s, seed %llu: %s (%s, %s)", fault->name,
				 (unsigned long long)seed, found->text, fuzz_kind_name(found->kind),
				 fuzz_when_name(found->when));
		assert_int_equal(found->cpu, fault->cpu);
	}
	end(&run);
}

static void each_kind_of_fault_is_found_reduced_and_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint64_t seed = 1; seed <= 3; seed++)
			check_fault(&faults[i], seed);
	}
}

static void a_fault_that_another_cpu_causes_is_found_with_its_cause(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct fake right = { .proxy = strict }, f = { .proxy = while_another_binds };
		const struct fuzz_finding *found;
		char *text = NULL;
		size_t size = 0;
		struct run run;
		FILE *out;

		go_with(&run, &right, seed, EVERY(seed));
		assert_int_equal(run.fuzz.nr_findings, 0);
		assert_int_equal(run.fuzz.departures, 0);
		end(&run);

		/* One CPU after the other, it is not there. */
		go(&run, &f, seed);
		assert_int_equal(run.fuzz.nr_findings, 0);
		end(&run);

		go_with(&run, &f, seed, EVERY(seed));
		assert_int_equal(run.fuzz.nr_findings, 1);
		found = &run.fuzz.findings[0];
		assert_int_equal(found->kind, FUZZ_PASSES);
		assert_int_equal(found->when, FUZZ_AT_ONCE);
		assert_int_equal(found->cpu, -1);
		assert_int_equal(registers(found), 1);
		assert_non_null(
			strstr(found->text, ", while other CPUs make FFA_NOTIFICATION_BIND "));
		out = open_memstream(&text, &size);
		assert_true(fuzz_script(out, found, seed));
		fclose(out);
		assert_non_null(strstr(text, "\tparallel\n\t\tcpu "));
		assert_non_null(strstr(text, "\t\t\texpect rejected\n\t\tend\n\t\tcpu all\n"));
		free(text);
		end(&run);
	}
}

static void a_finding_is_kept_once(void **state)
{
	struct fake f = { .proxy = skips_for_vcpu_3 };
	struct run run;

	(void)state;
	go(&run, &f, 1);
	assert_int_equal(run.fuzz.passing, 0);
	for (size_t i = 0; i < run.fuzz.nr_findings; i++) {
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(run.fuzz.findings[i].text,
						run.fuzz.findings[n].text);
	}
	end(&run);
}

static void a_script_makes_the_reduced_call_with_what_was_predicted(void **state)
{
	struct fake f = { .proxy = skips_all_ones };
	char *text = NULL;
	size_t size = 0;
	struct run run;
	FILE *out;

	(void)state;
	go(&run, &f, 1);
	assert_int_equal(run.fuzz.nr_findings, 1);
	out = open_memstream(&text, &size);
	assert_true(fuzz_script(out, &run.fuzz.findings[0], 1));
	fclose(out);
	assert_non_null(strstr(text, "\tcall FFA_NOTIFICATION_GET "));
	assert_non_null(strstr(text, " w3=0xffffffff\n\texpect rejected\nend\n"));
	free(text);
	end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_proxy_has_no_findings),
		cmocka_unit_test(a_lost_verdict_is_no_finding),
		cmocka_unit_test(what_the_module_refuses_is_left_out),
		cmocka_unit_test(the_same_seed_gives_the_same_calls),
		cmocka_unit_test(each_kind_of_fault_is_found_reduced_and_named),
		cmocka_unit_test(a_fault_that_another_cpu_causes_is_found_with_its_cause),
		cmocka_unit_test(a_finding_is_kept_once),
		cmocka_unit_test(a_script_makes_the_reduced_call_with_what_was_predicted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
