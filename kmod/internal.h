/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share. */
#ifndef FFASCOPE_INTERNAL_H
#define FFASCOPE_INTERNAL_H

#include <linux/arm-smccc.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/types.h>

#include "ffascope.h"

/* An open file: the notifications that wait to be read, and through slots what it requested. */
struct ffascope_file;

struct ffascope_file *ops_open(void);

/* Gives back what the file requested. */
void ops_release(struct ffascope_file *file);

/*
 * FFASCOPE_DRIVER: @unsafe allows to give back what others requested. The answer is in @req.
 * Returns what ffascope.h says of the request.
 */
int ops_request(struct ffascope_file *file, struct ffascope_driver *req, bool unsafe);

ssize_t ops_read(struct ffascope_file *file, char __user *buf, size_t len, bool nonblock);
__poll_t ops_poll(struct ffascope_file *file, struct file *filp, poll_table *wait);

int ops_init(void);
void ops_exit(void);

/* One call by the conduit that arm_ffa uses too. */
void ffascope_invoke(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);

/* The endpoint ID of this kernel. */
u16 ffascope_own_id(void);

/* With interrupts off, busy. */
void ffascope_pause(u32 ns);

#endif
