// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "draw.h"
#include "ffa/catalogue.h"

/* 2^64 over the golden ratio, odd: neighbouring seeds start far apart. */
#define SPREAD	   UINT64_C(0x9e3779b97f4a7c15)

#define FIRST	   0x60
#define KNOWN_LAST 0x97 /* the highest defined function number */
#define LAST	   0xff
#define FLAG_COUNT 5	       /* PARTITION_INFO_GET, w5[0] */
#define PARTITION  0x8001      /* the first ID that an SPMC assigns to a partition */
#define DRIVERS	   UINT64_C(1) /* the notification that OP-TEE's driver binds */

/* xorshift64* (Vigna 2016). */
uint64_t draw_bits(struct draw *draw)
{
	draw->state ^= draw->state >> 12;
	draw->state ^= draw->state << 25;
	draw->state ^= draw->state >> 27;
	return draw->state * UINT64_C(2685821657736338717);
}

static uint64_t draw_register(struct draw *draw)
{
	switch (draw_bits(draw) % 4) {
	case 0:
		return draw_bits(draw);
	case 1:
		return draw_bits(draw) & 0xffffffff;
	case 2:
		return UINT64_C(1) << draw_bits(draw) % 64;
	default:
		return 0;
	}
}

/* Calls that the module refuses without unsafe=1 (kmod/main.c, call_is_unsafe). */
static bool refused(const struct ffa_regs *in)
{
	uint32_t nr = (uint32_t)in->x[0] & 0xffff;

	switch (nr) {
	case 0x63:
		return (uint32_t)in->x[1] != FFA_VERSION_1_2;
	case 0x68:
		return !(in->x[FLAG_COUNT] & 1);
	case 0x65 ... 0x67:
	case 0x6d:
	case 0x71 ... 0x7b:
	case 0x84:
	case 0x88:
	case 0x89:
	case 0x8f:
		return true;
	default:
		return false;
	}
}

/* Whether the call delivers a message that a partition might act on. */
static bool is_message(const struct ffa_regs *in)
{
	uint32_t nr = (uint32_t)in->x[0] & 0xffff;

	return nr == 0x6f || nr == 0x8d;
}

/*
 * OP-TEE's driver must keep its notification. Once unbound, its bitmap can be destroyed and created
 * again, and OP-TEE panics when its watchdog fires (notif_send_async() in
 * core/arch/arm/kernel/thread_spmc.c), which stops the machine.
 */
static void leave_the_drivers(struct ffa_regs *in)
{
	if (((uint32_t)in->x[0] & 0xffff) == 0x80)
		in->x[3] &= ~DRIVERS;
}

static void draw_registers(struct draw *draw, struct ffa_regs *in)
{
	bool calm = draw_bits(draw) % 3 == 0;
	unsigned int last = draw_bits(draw) % 8 ? KNOWN_LAST : LAST;

	*in = (struct ffa_regs){ 0 };
	in->x[0] = 0x84000000 | (FIRST + draw_bits(draw) % (last - FIRST + 1));
	if (draw_bits(draw) & 1)
		in->x[0] |= FFA_FID_SMC64;
	for (int i = 1; i < 8; i++)
		in->x[i] = calm && draw_bits(draw) % 4 ? 0 : draw_register(draw);
	for (int i = 8; i < DRAW_NONCE_REG; i++)
		in->x[i] = draw_register(draw);
}

static void draw_nearly_valid(struct draw *draw, struct ffa_regs *in)
{
	const struct sweep_call *sc =
		&draw->controls.calls[draw_bits(draw) % draw->controls.nr_calls];

	*in = sc->in;
	for (uint64_t flips = draw_bits(draw) % 3; flips; flips--)
		in->x[1 + draw_bits(draw) % 7] ^= UINT64_C(1) << draw_bits(draw) % 32;
}

void draw_call(struct draw *draw, struct ffa_regs *in, uint64_t nonce)
{
	do {
		if (draw_bits(draw) % 3 == 0)
			draw_nearly_valid(draw, in);
		else
			draw_registers(draw, in);
	} while (refused(in));
	leave_the_drivers(in);
	in->x[DRAW_NONCE_REG] = nonce;
	/* Occasionally corrupt the identifier. */
	if (draw_bits(draw) % 40 == 0)
		in->x[0] |= UINT64_C(1) << (32 + draw_bits(draw) % 32);
}

int draw_init(struct draw *draw, uint64_t seed, unsigned int cpus)
{
	const struct sweep_machine machine = { .cpus = cpus, .partition = PARTITION };
	struct error err;
	int ret = 0;

	*draw = (struct draw){ .state = seed * SPREAD | 1, .controls.version = FFA_VERSION_1_3 };
	for (size_t i = 0; i < ffa_call_count() && !ret; i++) {
		const struct ffa_call *call = ffa_call_at(i);
		struct ffa_regs regs;

		ffa_call_init(call, call->fid, &regs);
		if (!is_message(&regs) && ffa_call_known_in(call, draw->controls.version))
			ret = sweep_add(&draw->controls, call, &machine, NULL, 0, true, &err);
	}
	if (!ret && !draw->controls.nr_calls)
		ret = -EINVAL;
	if (ret)
		draw_free(draw);
	return ret;
}

void draw_free(struct draw *draw)
{
	sweep_free(&draw->controls);
}
