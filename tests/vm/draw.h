/* SPDX-License-Identifier: GPL-2.0-only */
/* Random calls. Each carries its own number in x17, which identifies it in a log. */
#ifndef FFASCOPE_TESTS_DRAW_H
#define FFASCOPE_TESTS_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "sweep/sweep.h"

#define DRAW_NONCE_REG 17

struct draw {
	uint64_t state;
	struct sweep controls; /* well-formed calls */
};

/* The seed makes a run reproducible. Returns 0 or a negative errno. */
int draw_init(struct draw *draw, uint64_t seed, unsigned int cpus);
void draw_free(struct draw *draw);

/* Any 64 bits. */
uint64_t draw_bits(struct draw *draw);

/*
 * Draws a call that the module makes without unsafe=1: function numbers 0x60 to 0xff in both widths,
 * with registers that are random, nearly zero, zero, or well-formed except for a bit or two;
 * occasionally with a nonzero upper half of the identifier. No call unbinds the notification of
 * OP-TEE's driver.
 */
void draw_call(struct draw *draw, struct ffa_regs *in, uint64_t nonce);

#endif
