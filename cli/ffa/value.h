/* SPDX-License-Identifier: GPL-2.0-only */
/* The value of a field, up to 1024 bits over 16 registers. Used in this folder only. */
#ifndef FFASCOPE_FFA_VALUE_H
#define FFASCOPE_FFA_VALUE_H

#include "ffa/regs.h"
#include "ffa/text.h"

struct ffa_call;
struct ffa_field;
struct ffa_restriction;
struct ffa_violation;

#define VALUE_WORDS 16

/* The lowest 64 bits in word[0]. */
struct value {
	uint64_t word[VALUE_WORDS];
	unsigned int words; /* how many of them the field has, 1 or more */
	unsigned int bits;  /* width of the field */
};

/* ---- rules.c ---- */

/* Whether the bits that a restriction depends on were given and are 0. */
bool ffa_restriction_applies(const struct ffa_restriction *r, const struct ffa_dump *regs);
/* The register after the descriptors that an answer can have; FFA_NR_REGS if that is not known. */
unsigned int ffa_partitions_end(const struct ffa_call *call, const struct ffa_dump *in,
				const struct ffa_dump *out);
/* Whether a field has a value that it cannot have; the violation. */
bool rules_bad_value(const struct ffa_field *f, const struct ffa_dump *regs,
		     struct ffa_violation *violation);

/* The highest bit of a range that was given. */
static inline unsigned int rules_highest_given(const struct ffa_dump *regs, unsigned int reg,
					       unsigned int hi)
{
	return hi > 31 && !ffa_given(regs, reg, hi, 32) ? 31 : hi;
}

/* ---- format.c ---- */

/* The value of a field as its type is written. */
void text_field(struct text *text, const struct ffa_field *f, const struct ffa_dump *regs);
/* How many bytes of a text count: all, or as many as its length says. */
unsigned int text_bytes(const struct ffa_field *f, const struct ffa_dump *regs);
/* "w1[31:16]", or "x2" for all of the register. */
void text_place(struct text *text, unsigned int reg, unsigned int hi, unsigned int lo, bool wide);

/* A field of more than one register takes 32 or 64 bits of each. */
static inline struct value value_get(const struct ffa_field *f, const struct ffa_regs *regs)
{
	unsigned int width = f->hi - f->lo + 1u;
	struct value v;

	v.bits = width * f->regs;
	v.words = (v.bits + 63) / 64;
	if (f->regs == 1) {
		v.word[0] = ffa_bits_get(regs, f->reg, f->hi, f->lo);
		return v;
	}
	for (unsigned int i = 0; i < f->regs; i++) {
		uint64_t part = ffa_bits_get(regs, f->reg + i, f->hi, f->lo);

		if (width == 64)
			v.word[i] = part;
		else if (i & 1)
			v.word[i / 2] |= part << 32;
		else
			v.word[i / 2] = part;
	}

	return v;
}

static inline void value_set(const struct ffa_field *f, struct ffa_regs *regs,
			     const struct value *v)
{
	unsigned int width = f->hi - f->lo + 1u;

	for (unsigned int i = 0; i < f->regs; i++) {
		uint64_t part = width == 64 ? v->word[i] : v->word[i / 2] >> (i & 1 ? 32 : 0);

		ffa_bits_set(regs, f->reg + i, f->hi, f->lo, part);
	}
}

static inline unsigned char value_byte(const struct value *v, unsigned int i)
{
	return (unsigned char)(v->word[i / 8] >> i % 8 * 8);
}

#endif
