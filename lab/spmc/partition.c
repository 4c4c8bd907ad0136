// SPDX-License-Identifier: GPL-2.0-only
/*
 * The partitions. They are functions of the SPMC and not programs at S-EL0, because what the normal
 * world sees of a partition is what this SPMC is for: properties, answers, and how long it takes.
 */
#include "spmc.h"

/* e06c1d7d-110a-4e8c-a0b1-00000000000N, in words as registers carry it. */
#define UUID(n)                                               \
	{                                                     \
		0x7d1d6ce0, 0x8c4e0a11, 0x0000b1a0, (n) << 24 \
	}

#define DIRECT (HAS_DIRECT_RECEIVE | HAS_DIRECT2_RECEIVE)

struct partition partitions[] = {
	/* Sends back what it gets. */
	{ .id = ECHO_ID,
	  .contexts = CPUS,
	  .properties = DIRECT | HAS_DIRECT_SEND | HAS_INDIRECT | HAS_NOTIFICATIONS | IS_AARCH64,
	  .uuid = UUID(1) },
	/* Runs on any CPU. The normal world schedules it: its notifications wait until FFA_RUN. */
	{ .id = WORKER_ID,
	  .contexts = 1,
	  .properties = HAS_DIRECT_RECEIVE | HAS_NOTIFICATIONS | IS_AARCH64,
	  .uuid = UUID(2) },
	/* Takes orders: control.c. */
	{ .id = CONTROL_ID, .contexts = CPUS, .properties = DIRECT | IS_AARCH64, .uuid = UUID(3) },
	/* A 32-bit partition that takes no messages. */
	{ .id = 0x8004, .contexts = 1, .properties = 0, .uuid = UUID(4) },
	/* Devices behind an SMMU: they have an ID and no execution contexts. */
	{ .id = 0x8005, .contexts = 0, .properties = IS_PERIPHERAL, .uuid = UUID(5) },
	{ .id = 0x8006,
	  .contexts = ECHO_ID,
	  .properties = IS_DEPENDENT_PERIPHERAL,
	  .uuid = UUID(6) },
};
const unsigned int partition_count = COUNT(partitions);

struct partition *partition_find(uint16_t id)
{
	for (unsigned int i = 0; i < COUNT(partitions); i++)
		if (partitions[i].id == id)
			return &partitions[i];
	return NULL;
}

/* The nil UUID is every partition's. */
bool partition_matches(const struct partition *p, const uint32_t uuid[4])
{
	bool nil = true, same = true;

	for (unsigned int i = 0; i < 4; i++) {
		nil &= uuid[i] == 0;
		same &= uuid[i] == p->uuid[i];
	}
	return nil || same;
}

/*
 * A direct request in *regs becomes its response. The payload is w3-w7, or x4-x17 of REQ2, whose x2
 * and x3 are a UUID.
 */
void partition_message(struct partition *p, struct regs *regs)
{
	uint32_t function = (uint32_t)regs->x[0];

	if (p->id == CONTROL_ID)
		control_message(regs);
	if (function == FFA_MSG_SEND_DIRECT_REQ2_64) {
		regs->x[0] = FFA_MSG_SEND_DIRECT_RESP2_64;
		regs->x[3] = 0;
	} else {
		regs->x[0] = FFA_MSG_SEND_DIRECT_RESP | (function & FFA_64);
	}
	regs->x[1] = pack16(p->id, high16(regs->x[1]));
	regs->x[2] = 0;
}
