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

/* A device that is not removed, of an arm_ffa that is not unloaded, until ffascope_ops_let_go(). */
struct ffascope_hold {
	struct ffa_device *dev;
	struct module *arm_ffa;	/* NULL: built in */
	u32 version;			/* that arm_ffa negotiated; 0: it does not say */
	int idx;
};

/* Returns 0, or -ENODEV if arm_ffa has no device. */
int ffascope_ops_hold(struct ffascope_file *file, struct ffascope_hold *hold);
void ffascope_ops_let_go(struct ffascope_hold *hold);

int ffascope_ops_init(void);
void ffascope_ops_exit(void);

/* arm_ffa's buffers, of @size bytes each. */
struct arm_ffa_data;
struct ffascope_buffers {
	struct ffascope_hold hold;
	struct arm_ffa_data *data;
	void *tx;
	void *rx;
	size_t size;
};

/*
 * Finds arm_ffa's buffers and takes the locks under which arm_ffa uses them. Returns 0, -ENODEV,
 * -ENOENT or -EPROTO as listed in ffascope.h.
 */
int ffascope_buffers_lock(struct ffascope_file *file, struct ffascope_buffers *buffers);
void ffascope_buffers_unlock(struct ffascope_buffers *buffers);

/* The pages of an open file and the memory handles that may refer to them. */
struct ffascope_pool;

struct ffascope_pool *ffascope_pool_open(void);

/* Reclaims the handles and frees the pages, or keeps the pages as long as one remains. */
void ffascope_pool_release(struct ffascope_pool *pool);

/* Carries out FFASCOPE_PAGES. Returns 0 or a negative errno as listed in ffascope.h. */
int ffascope_pool_request(struct ffascope_pool *pool, struct ffascope_pages *req);

/* Updates the handles after a call that was made through the pool's file. */
void ffascope_pool_note(struct ffascope_pool *pool, const struct ffascope_call *call);

/* Number of pages that closed files left shared. */
u32 ffascope_pool_kept(void);
void ffascope_pool_exit(void);

/* Makes one call over the conduit that arm_ffa uses. */
void ffascope_invoke(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);

/* The endpoint ID of this kernel. */
u16 ffascope_own_id(void);

/* Busy-waits for @ns nanoseconds. */
void ffascope_pause(u32 ns);

#endif
