// SPDX-License-Identifier: GPL-2.0-only
/* Reduces a finding: first whole units, then bits, then values that are easier to read. */
#include <string.h>

#include "fuzz/internal.h"

struct reduction {
	struct fuzz *fuzz;
	const struct fuzz_port *port;
	int cpu;
	struct fuzz_finding *finding;
	bool changed;
};

/* Keeps a simpler call if it departs as well. */
static int attempt(struct reduction *r, const struct ffa_regs *in)
{
	bool departs;
	int ret;

	if (!memcmp(in, &r->finding->in, sizeof(*in)))
		return 0;
	ret = fuzz_departs(r->fuzz, r->port, r->cpu, r->finding, in, &departs);
	if (!ret && departs) {
		r->finding->in = *in;
		r->changed = true;
	}
	return ret;
}

static void revert(const struct reduction *r, struct ffa_regs *in, unsigned int reg, uint64_t bits)
{
	in->x[reg] = (in->x[reg] & ~bits) | (r->finding->base->in.x[reg] & bits);
}

static int drop_units(struct reduction *r)
{
	const struct fuzz_call *call = r->finding->call;
	int ret = 0;

	do {
		r->changed = false;
		for (size_t i = 0; i < call->nr_units && !ret; i++) {
			const struct fuzz_unit *unit = &call->units[i];
			struct ffa_regs in = r->finding->in;

			for (unsigned int n = 0; n < unit->regs; n++)
				revert(r, &in, unit->reg + n, fuzz_unit_bits(unit));
			ret = attempt(r, &in);
		}
	} while (r->changed && !ret);
	return ret;
}

/* Pieces of each register, from halves down to bits. */
static int drop_bits(struct reduction *r)
{
	int ret = 0;

	for (unsigned int size = 32; size && !ret; size /= 2) {
		for (unsigned int reg = 1; reg < FFA_NR_REGS && !ret; reg++) {
			for (unsigned int lo = 0; lo < 64 && !ret; lo += size) {
				struct ffa_regs in = r->finding->in;

				revert(r, &in, reg, ffa_bits_mask(lo + size - 1, lo));
				ret = attempt(r, &in);
			}
		}
	}
	return ret;
}

/* The same piece of all registers, for checks that compare registers with each other. */
static int drop_bits_everywhere(struct reduction *r)
{
	int ret = 0;

	for (unsigned int size = 32; size && !ret; size /= 2) {
		for (unsigned int lo = 0; lo < 64 && !ret; lo += size) {
			struct ffa_regs in = r->finding->in;

			for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++)
				revert(r, &in, reg, ffa_bits_mask(lo + size - 1, lo));
			ret = attempt(r, &in);
		}
	}
	return ret;
}

/* Tries the finding with these two registers only, and with few bits in them. */
static int try_pair(struct reduction *r, unsigned int a, unsigned int b)
{
	static const struct {
		uint64_t a, b;
	} pairs[] = {
		{ UINT64_C(1) << 31, UINT64_C(1) << 31 },
		{ UINT64_C(1) << 63, UINT64_C(1) << 63 },
		{ 1, 1 },
		{ 1, UINT32_MAX },
		{ 1, UINT64_MAX },
	};
	const struct fuzz_base *base = r->finding->base;
	int ret = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]) && !ret && !r->changed; i++) {
		struct ffa_regs in = base->in;

		in.x[a] ^= pairs[i].a & base->usable[a];
		in.x[b] ^= pairs[i].b & base->usable[b];
		ret = attempt(r, &in);
	}
	return ret;
}

/* For registers that cancel out: two of them with values that do so too, and that have few bits. */
static int simplify_pair(struct reduction *r)
{
	const struct fuzz_base *base = r->finding->base;
	unsigned int regs[FFA_NR_REGS], nr = 0, bits = 0;
	int ret = 0;

	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		uint64_t flipped = base->in.x[reg] ^ r->finding->in.x[reg];

		bits += (unsigned int)__builtin_popcountll(flipped);
		if (flipped)
			regs[nr++] = reg;
	}
	r->changed = false;
	for (unsigned int a = 0; a < nr && bits > 2 && !r->changed && !ret; a++) {
		for (unsigned int b = a + 1; b < nr && !r->changed && !ret; b++)
			ret = try_pair(r, regs[a], regs[b]);
	}
	return ret;
}

int fuzz_reduce(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		struct fuzz_finding *finding)
{
	struct reduction r = { .fuzz = fuzz, .port = port, .cpu = cpu, .finding = finding };
	int ret = drop_units(&r);

	if (!ret)
		ret = simplify_pair(&r);
	if (!ret)
		ret = drop_bits_everywhere(&r);
	if (!ret)
		ret = drop_bits(&r);
	if (!ret)
		ret = drop_units(&r);
	return ret;
}
