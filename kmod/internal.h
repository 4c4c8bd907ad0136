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

struct ffascope_file *ffascope_ops_open(void);

/* Relinquishes every notification that the file holds and frees it. */
void ffascope_ops_release(struct ffascope_file *file);

/*
 * Carries out FFASCOPE_DRIVER and writes the answer to @req. @unsafe permits
 * FFASCOPE_DRIVER_FOREIGN. Returns 0 or a negative errno as listed in ffascope.h.
 */
int ffascope_ops_request(struct ffascope_file *file, struct ffascope_driver *req, bool unsafe);

/* The version that arm_ffa negotiated; 0 without a device, whose operations report it. */
u32 ffascope_ops_version(struct ffascope_file *file);

ssize_t ffascope_ops_read(struct ffascope_file *file, char __user *buf, size_t len, bool nonblock);
__poll_t ffascope_ops_poll(struct ffascope_file *file, struct file *filp, poll_table *wait);

int ffascope_ops_init(void);
void ffascope_ops_exit(void);

/* Makes one call over the conduit that arm_ffa uses. */
void ffascope_invoke(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);

/* The endpoint ID of this kernel. */
u16 ffascope_own_id(void);

/* Busy-waits for @ns nanoseconds. */
void ffascope_pause(u32 ns);

#endif
