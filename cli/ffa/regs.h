/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of a call or of its answer, all of them or those that a log gives, and bits of them. */
#ifndef FFASCOPE_FFA_REGS_H
#define FFASCOPE_FFA_REGS_H

#include <stdbool.h>
#include <stdint.h>

/* The registers of a call or of its answer: x0 to x17 (DEN0028, SMC64 calling convention 1.2). */
#define FFA_NR_REGS 18

struct ffa_regs {
	uint64_t x[FFA_NR_REGS];
};

/*
 * Registers as a log gives them. One that was not given is not zero: nothing may be concluded from
 * it. Its value in x is 0. Functions that take one are named ffa_dump_...: a field that was not given
 * has the value "not given" and is left out of FIELD=VALUE words; it breaks no rule, and a rule that
 * depends on it holds for nothing. Where they take the call as `in', NULL means that none of its
 * registers is known.
 */
struct ffa_dump {
	union {
		struct ffa_regs regs;
		uint64_t x[FFA_NR_REGS];
	};
	uint64_t missing; /* bit 2n: x[n] bits 31:0 were not given; bit 2n + 1: bits 63:32 */
};

/* Every register but x0. */
#define FFA_MISSING_ARGUMENTS UINT64_C(0xffffffffc)
#define FFA_MISSING_ALL	      UINT64_C(0xfffffffff)

/* A range of bits of one register. hi == lo == reg == 0: no range. */
struct ffa_bits {
	uint8_t reg; /* 0 to 17 */
	uint8_t hi;  /* highest bit */
	uint8_t lo;
};

/* The highest value of bits hi:lo, 0 <= lo <= hi <= 63. */
static inline uint64_t ffa_bits_max(unsigned int hi, unsigned int lo)
{
	return UINT64_MAX >> (63 - (hi - lo));
}

/* Bits hi:lo set, in their place. */
static inline uint64_t ffa_bits_mask(unsigned int hi, unsigned int lo)
{
	return ffa_bits_max(hi, lo) << lo;
}

/* Bits reg[hi:lo], shifted down to bit 0. */
static inline uint64_t ffa_bits_get(const struct ffa_regs *regs, unsigned int reg, unsigned int hi,
				    unsigned int lo)
{
	return regs->x[reg] >> lo & ffa_bits_max(hi, lo);
}

void ffa_bits_set(struct ffa_regs *regs, unsigned int reg, unsigned int hi, unsigned int lo,
		  uint64_t value);

/* Whether all of reg[hi:lo] were given. */
static inline bool ffa_given(const struct ffa_dump *regs, unsigned int reg, unsigned int hi,
			     unsigned int lo)
{
	uint64_t halves = (lo < 32 ? 1u : 0u) | (hi > 31 ? 2u : 0u);

	return !(regs->missing >> 2 * reg & halves);
}

/* Sets a register and marks it as given; wide: all 64 bits of it, else 31:0. */
static inline void ffa_give(struct ffa_dump *regs, unsigned int reg, uint64_t value, bool wide)
{
	regs->x[reg] = value;
	regs->missing &= ~((wide ? UINT64_C(3) : UINT64_C(1)) << 2 * reg);
}

#endif
