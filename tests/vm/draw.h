/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls drawn at random, each with a number of its own in x17 by which a log can be searched. */
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

/* A run can be made again by its seed. Returns 0 or a negative errno. */
int draw_init(struct draw *draw, uint64_t seed, unsigned int cpus);
void draw_free(struct draw *draw);

/* Any 64 bits. */
uint64_t draw_bits(struct draw *draw);

/*
 * A call that the module makes without unsafe=1: of the function numbers 0x60 to 0xff, in both
 * widths, with registers that are random, nearly zero or zero, or well-formed but for a bit or two;
 * now and then with an identifier whose upper half is not zero. None unbinds the notification of
 * OP-TEE's driver.
 */
void draw_call(struct draw *draw, struct ffa_regs *in, uint64_t nonce);

#endif
