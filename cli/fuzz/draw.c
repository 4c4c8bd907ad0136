// SPDX-License-Identifier: GPL-2.0-only
/* Draws calls: valid values of fields, and reserved bits set together in ways that checks get wrong. */
#include <string.h>

#include "fuzz/internal.h"

/* xorshift64* (Vigna 2016). */
uint64_t fuzz_random(struct fuzz *fuzz)
{
	fuzz->state ^= fuzz->state >> 12;
	fuzz->state ^= fuzz->state << 25;
	fuzz->state ^= fuzz->state >> 27;
	return fuzz->state * UINT64_C(2685821657736338717);
}

/* 0 to n - 1. The low bits of the generator are its weakest. */
static uint64_t below(struct fuzz *fuzz, uint64_t n)
{
	return (fuzz_random(fuzz) >> 16) % n;
}

static uint64_t draw_value(struct fuzz *fuzz)
{
	switch (below(fuzz, 8)) {
	case 0:
		return UINT64_MAX;
	case 1:
		return UINT64_C(1) << below(fuzz, 64);
	case 2:
		return below(fuzz, 16);
	case 3:
		return fuzz_random(fuzz) << 32; /* the upper half alone */
	case 4:
		return (uint32_t)fuzz_random(fuzz);
	case 5:
		return UINT64_MAX >> below(fuzz, 64);
	case 6:
		return (uint16_t)fuzz_random(fuzz);
	default:
		return fuzz_random(fuzz);
	}
}

/* Registers of which many bits are reserved or no parameters. */
static size_t reserved_registers(const struct fuzz_call *call, const struct fuzz_base *base,
				 uint64_t mask[FFA_NR_REGS], uint8_t list[FFA_NR_REGS])
{
	size_t nr = 0;

	memcpy(mask, base->usable, FFA_NR_REGS * sizeof(*mask));
	for (size_t i = 0; i < call->nr_units; i++) {
		const struct fuzz_unit *unit = &call->units[i];
		uint64_t bits = fuzz_unit_bits(unit);

		for (unsigned int n = 0; unit->name && n < unit->regs; n++)
			mask[unit->reg + n] &= ~bits;
	}
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		if (mask[reg])
			list[nr++] = (uint8_t)reg;
	}
	return nr;
}

struct drawing {
	struct fuzz *fuzz;
	struct fuzz_call *call;
	const struct fuzz_base *base;
	struct ffa_regs *in;
	uint64_t mask[FFA_NR_REGS]; /* reserved bits, and bits that are no parameter */
	uint8_t regs[FFA_NR_REGS];  /* registers that have some */
	size_t nr_regs;
};

static void put(const struct drawing *d, uint8_t reg, uint64_t value)
{
	d->in->x[reg] = (d->in->x[reg] & ~d->mask[reg]) | (value & d->mask[reg]);
}

static uint8_t draw_reg(const struct drawing *d)
{
	return d->regs[below(d->fuzz, d->nr_regs)];
}

/* Two registers, different ones if there are two. */
static void draw_pair(const struct drawing *d, uint8_t *a, uint8_t *b)
{
	size_t first = below(d->fuzz, d->nr_regs);
	size_t second = first;

	if (d->nr_regs > 1)
		second = (first + 1 + below(d->fuzz, d->nr_regs - 1)) % d->nr_regs;
	*a = d->regs[first];
	*b = d->regs[second];
}

/* Sets reserved bits of one or more registers. */
static void draw_reserved(const struct drawing *d)
{
	uint64_t value = draw_value(d->fuzz);
	uint64_t pick = below(d->fuzz, 12);
	uint8_t a, b;

	if (!d->nr_regs)
		return;
	draw_pair(d, &a, &b);
	put(d, a, value);
	switch (pick) {
	case 0: /* one alone */
	case 1:
		break;
	case 2: /* equal */
		put(d, b, value);
		break;
	case 3: /* complementary */
		put(d, b, ~value);
		break;
	case 4: /* summing to zero */
		put(d, b, -value);
		break;
	case 5: /* the same in 32 bits, upper halves clear */
		put(d, a, (uint32_t)value);
		put(d, b, (uint32_t)-value);
		break;
	case 6: /* a copy of another register */
		put(d, b, d->in->x[below(d->fuzz, 8)]);
		break;
	case 7: /* all of them */
		for (size_t i = 0; i < d->nr_regs; i++)
			put(d, d->regs[i], value);
		break;
	case 8: { /* three that cancel out */
		uint8_t c = draw_reg(d);
		uint64_t other = draw_value(d->fuzz);

		put(d, b, other);
		if (c != a && c != b)
			put(d, c, below(d->fuzz, 2) ? value ^ other : -(value + other));
		break;
	}
	case 9: /* disjoint */
		put(d, a, value & UINT64_C(0x5555555555555555));
		put(d, b, value & UINT64_C(0xaaaaaaaaaaaaaaaa));
		break;
	case 10: /* upper halves */
		put(d, a, value << 32);
		put(d, b, draw_value(d->fuzz) << 32);
		break;
	default:
		put(d, b, draw_value(d->fuzz));
		break;
	}
}

/* A value of a field: an end, a value near an end, a single bit, or any. */
static uint64_t draw_field_value(struct fuzz *fuzz, unsigned int bits)
{
	uint64_t max = ffa_bits_max(bits - 1, 0);

	switch (below(fuzz, 10)) {
	case 8:
	case 9:
	case 0:
		return 0;
	case 1:
		return max;
	case 2:
		return max - below(fuzz, 3);
	case 3:
		return UINT64_C(1) << below(fuzz, bits);
	case 4:
		return 1 + below(fuzz, 8);
	case 5:
		return max >> 1;
	default:
		return fuzz_random(fuzz) & max;
	}
}

/* Whether the field has bits that EL2 lets a caller set. */
static bool can_be_set(const struct drawing *d, const struct fuzz_unit *unit)
{
	uint64_t bits = fuzz_unit_bits(unit);

	return unit->name &&
	       bits & d->base->usable[unit->reg] &
		       (d->base->kind == VERDICT_REJECTED ? UINT64_MAX
							  : ~d->base->refused[unit->reg]);
}

/* One of these fields; NULL: there is none. */
static const struct fuzz_unit *pick_field(const struct drawing *d)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < d->call->nr_units; i++)
		nr += can_be_set(d, &d->call->units[i]);
	if (!nr)
		return NULL;
	nr = below(d->fuzz, nr);
	for (size_t i = 0; i < d->call->nr_units; i++) {
		if (can_be_set(d, &d->call->units[i]) && !nr--)
			return &d->call->units[i];
	}
	return NULL;
}

static void draw_field(const struct drawing *d)
{
	const struct fuzz_unit *unit = pick_field(d);
	struct ffa_regs was = *d->in;
	uint64_t some = 0;

	if (!unit)
		return;
	for (unsigned int n = 0; n < unit->regs; n++) {
		unsigned int reg = unit->reg + n, width = unit->hi - unit->lo + 1U;
		uint64_t bits = fuzz_unit_bits(unit) & d->base->usable[reg];
		uint64_t value = draw_field_value(d->fuzz, width) << unit->lo;

		d->in->x[reg] = (d->in->x[reg] & ~bits) | (value & bits);
		some |= d->in->x[reg];
	}
	/* A bitmap has at least one bit. */
	if (unit->regs > 1 && !some)
		*d->in = was;
}

bool fuzz_draw(struct fuzz *fuzz, struct ffa_regs *in, struct fuzz_call **call,
	       const struct fuzz_base **base)
{
	struct drawing d = { .fuzz = fuzz, .in = in };
	size_t left = 0, which;

	for (size_t i = 0; i < fuzz->nr_calls; i++)
		left += !fuzz->calls[i].dropped;
	if (!left)
		return false;
	which = below(fuzz, left);
	for (d.call = fuzz->calls; d.call->dropped || which--;)
		d.call++;
	d.base = &d.call->bases[below(fuzz, d.call->nr_bases)];
	d.nr_regs = reserved_registers(d.call, d.base, d.mask, d.regs);
	*in = d.base->in;

	switch (below(fuzz, 8)) {
	case 0: /* valid values alone */
	case 1:
		for (uint64_t n = 1 + below(fuzz, 3); n; n--)
			draw_field(&d);
		break;
	case 2: /* a valid value beside reserved bits */
	case 3:
	case 4:
		for (uint64_t n = 1 + below(fuzz, 2); n; n--)
			draw_field(&d);
		draw_reserved(&d);
		break;
	default:
		draw_reserved(&d);
		break;
	}
	*call = d.call;
	*base = d.base;
	return true;
}
