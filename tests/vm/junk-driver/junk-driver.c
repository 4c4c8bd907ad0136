// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that breaks the rules: some of its calls have something in x9, which is reserved. No
 * operation of arm_ffa has such a parameter, so the driver calls the function with the conduit
 * instruction, as a vendor's patch to arm_ffa would.
 *
 * insmod junk-driver.ko calls=N every=N: every how many calls x9 is set.
 */
#include <linux/arm-smccc.h>
#include <linux/arm_ffa.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#define JUNK  0xdead
#define PIECE 100 /* calls between two pauses */

static int calls = 10000;
module_param(calls, int, 0);
static int every = 4;
module_param(every, int, 0);

/* drivers/firmware/arm_ffa/smccc.c */
typedef void (*conduit_fn)(struct arm_smccc_1_2_regs args, struct arm_smccc_1_2_regs *res);

static conduit_fn find_conduit(void)
{
	struct kprobe probe = { .symbol_name = "__arm_ffa_fn_smc" };
	conduit_fn found = NULL;

	if (!register_kprobe(&probe)) {
		found = (conduit_fn)probe.addr;
		unregister_kprobe(&probe);
	}
	return found;
}

static noinline void junk_send(conduit_fn conduit, u64 junk)
{
	struct arm_smccc_1_2_regs args = { .a0 = FFA_PARTITION_INFO_GET_REGS, .a9 = junk };

	conduit(args, &args);
}

static int __init start(void)
{
	conduit_fn conduit = find_conduit();

	if (!conduit)
		return -ENOENT;
	for (int i = 0; i < calls; i++) {
		junk_send(conduit, i % every ? 0 : JUNK);
		if (i % PIECE == PIECE - 1)
			msleep(10);
	}
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Sends FF-A calls with reserved bits set");
MODULE_LICENSE("GPL");
