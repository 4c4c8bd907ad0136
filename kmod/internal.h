/* SPDX-License-Identifier: GPL-2.0-only */
/* Declarations shared by the module's files. */
#ifndef FFASCOPE_INTERNAL_H
#define FFASCOPE_INTERNAL_H

#include <linux/arm-smccc.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/types.h>

#include "ffascope.h"

/* An open file: its queue of unread notifications. The slots table says which IDs it holds. */
struct ffascope_file;

struct ffascope_file *ops_open(void);

/* Relinquishes every notification that the file holds and frees it. */
void ops_release(struct ffascope_file *file);

/*
 * Carries out FFASCOPE_DRIVER and writes the answer to @req. @unsafe permits
 * FFASCOPE_DRIVER_FOREIGN. Returns 0 or a negative errno as listed in ffascope.h.
 */
int ops_request(struct ffascope_file *file, struct ffascope_driver *req, bool unsafe);

ssize_t ops_read(struct ffascope_file *file, char __user *buf, size_t len, bool nonblock);
__poll_t ops_poll(struct ffascope_file *file, struct file *filp, poll_table *wait);

int ops_init(void);
void ops_exit(void);

/* Makes one call over the conduit that arm_ffa uses. */
void ffascope_invoke(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);

/* The endpoint ID of this kernel. */
u16 ffascope_own_id(void);

/* Busy-waits for @ns nanoseconds. */
void ffascope_pause(u32 ns);

#endif
