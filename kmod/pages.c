// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages for memory transactions. A page that the secure world may still use must not return to the
 * kernel's allocator, so each open file's pages stay until the last memory handle obtained through
 * that file is reclaimed, even if the file is closed long before. See ffascope.h, struct
 * ffascope_pages.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/arm_ffa.h>
#include <linux/bitfield.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* Function numbers of memory transactions (DEN0140), without the bit of 64-bit calls. */
#define NUMBER(fid)	((fid) & 0xff)

struct block {
	struct list_head list;
	void *address;
	size_t bytes;
};

struct ffascope_pool {
	struct list_head list;		/* in kept, once the file is closed */
	struct list_head blocks;
	struct list_head handles;
	u32 nr_pages;
	bool keep, closed;
};

/* A memory transaction that has begun and was not reclaimed. */
struct handle {
	struct list_head list;
	struct ffascope_pool *pool;
	u64 value;
};

/* Pools of closed files. pools_lock protects all pools, handles and this list. */
static LIST_HEAD(kept);
static LIST_HEAD(open_pools);
static u32 nr_kept;
static DEFINE_MUTEX(pools_lock);

/* ---- pages ---- */

static void free_blocks(struct list_head *blocks)
{
	struct block *block, *next;

	list_for_each_entry_safe(block, next, blocks, list) {
		list_del(&block->list);
		free_pages_exact(block->address, block->bytes);
		kfree(block);
	}
}

static int add_block(struct list_head *blocks, size_t bytes)
{
	struct block *block = kmalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);

	if (!block)
		return -ENOMEM;
	block->bytes = bytes;
	block->address = alloc_pages_exact(bytes, GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	if (!block->address) {
		kfree(block);
		return -ENOMEM;
	}
	list_add_tail(&block->list, blocks);
	return 0;
}

static int allocate(struct list_head *blocks, u32 count, bool contiguous)
{
	u32 step = contiguous ? count : 1;

	for (u32 done = 0; done < count; done += step) {
		int ret = add_block(blocks, (size_t)step * PAGE_SIZE);

		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

static int tell_addresses(const struct list_head *blocks, u64 __user *to)
{
	const struct block *block;

	list_for_each_entry(block, blocks, list) {
		for (size_t at = 0; at < block->bytes; at += PAGE_SIZE) {
			if (put_user((u64)virt_to_phys(block->address + at), to++))
				return -EFAULT;
		}
	}
	return 0;
}

int ffascope_pool_request(struct ffascope_pool *pool, struct ffascope_pages *req)
{
	LIST_HEAD(blocks);
	int ret;

	if (req->flags & ~(FFASCOPE_PAGES_CONTIGUOUS | FFASCOPE_PAGES_KEEP) || !req->count)
		return -EINVAL;
	if (req->count > FFASCOPE_MAX_PAGES)
		return -ENOSPC;

	ret = allocate(&blocks, req->count, req->flags & FFASCOPE_PAGES_CONTIGUOUS);
	if (!ret)
		ret = tell_addresses(&blocks, u64_to_user_ptr(req->addresses));
	if (ret)
		goto out_free;

	mutex_lock(&pools_lock);
	if (req->count > FFASCOPE_MAX_PAGES - pool->nr_pages) {
		ret = -ENOSPC;
	} else {
		pool->nr_pages += req->count;
		pool->keep |= !!(req->flags & FFASCOPE_PAGES_KEEP);
		list_splice_tail_init(&blocks, &pool->blocks);
	}
	mutex_unlock(&pools_lock);
	req->page_size = PAGE_SIZE;
out_free:
	free_blocks(&blocks);
	return ret;
}

/* ---- handles ---- */

static struct handle *find_in(struct ffascope_pool *pool, u64 value)
{
	struct handle *handle;

	list_for_each_entry(handle, &pool->handles, list) {
		if (handle->value == value)
			return handle;
	}
	return NULL;
}

static struct handle *find_handle(u64 value)
{
	struct ffascope_pool *pool;
	struct handle *handle;

	list_for_each_entry(pool, &open_pools, list) {
		handle = find_in(pool, value);
		if (handle)
			return handle;
	}
	list_for_each_entry(pool, &kept, list) {
		handle = find_in(pool, value);
		if (handle)
			return handle;
	}
	return NULL;
}

static void free_pool(struct ffascope_pool *pool)
{
	free_blocks(&pool->blocks);
	kfree(pool);
}

static void begin(struct ffascope_pool *pool, u64 value)
{
	struct handle *handle;

	mutex_lock(&pools_lock);
	if (!find_handle(value)) {
		/* The memory is shared now; failing to note it would free pages in use. */
		handle = kmalloc(sizeof(*handle), GFP_KERNEL | __GFP_NOFAIL);
		handle->value = value;
		handle->pool = pool;
		list_add_tail(&handle->list, &pool->handles);
	}
	mutex_unlock(&pools_lock);
}

/* The caller holds pools_lock. Frees the pool with the last handle of a closed file. */
static void forget(struct handle *handle)
{
	struct ffascope_pool *pool = handle->pool;

	list_del(&handle->list);
	kfree(handle);
	if (pool->closed && list_empty(&pool->handles)) {
		list_del(&pool->list);
		nr_kept -= pool->nr_pages;
		free_pool(pool);
	}
}

static void end(u64 value)
{
	struct handle *handle;

	mutex_lock(&pools_lock);
	handle = find_handle(value);
	if (handle)
		forget(handle);
	mutex_unlock(&pools_lock);
}

static u64 pair(u64 low, u64 high)
{
	return lower_32_bits(low) | (u64)lower_32_bits(high) << 32;
}

void ffascope_pool_note(struct ffascope_pool *pool, const struct ffascope_call *call)
{
	u32 answer = lower_32_bits(call->out[0]);
	bool success = answer == FFA_SUCCESS || answer == FFA_FN64_SUCCESS;

	switch (NUMBER(lower_32_bits(call->in[0]))) {
	case NUMBER(FFA_MEM_DONATE):
	case NUMBER(FFA_MEM_LEND):
	case NUMBER(FFA_MEM_SHARE):
	case NUMBER(FFA_MEM_OP_RESUME):
	case NUMBER(FFA_MEM_FRAG_TX):
		if (success)
			begin(pool, pair(call->out[2], call->out[3]));
		/* The transaction goes on (DEN0140): the handle is in w1 and w2. */
		else if (answer == FFA_MEM_FRAG_RX || answer == FFA_MEM_OP_PAUSE)
			begin(pool, pair(call->out[1], call->out[2]));
		break;
	case NUMBER(FFA_MEM_RECLAIM):
		if (success)
			end(pair(call->in[1], call->in[2]));
		break;
	}
}

/* ---- an open file's pool ---- */

struct ffascope_pool *ffascope_pool_open(void)
{
	struct ffascope_pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);

	if (!pool)
		return NULL;
	INIT_LIST_HEAD(&pool->blocks);
	INIT_LIST_HEAD(&pool->handles);
	mutex_lock(&pools_lock);
	list_add_tail(&pool->list, &open_pools);
	mutex_unlock(&pools_lock);
	return pool;
}

static bool reclaim(u64 value)
{
	const struct arm_smccc_1_2_regs args = {
		.a0 = FFA_MEM_RECLAIM,
		.a1 = lower_32_bits(value),
		.a2 = upper_32_bits(value),
	};
	struct arm_smccc_1_2_regs res;

	ffascope_invoke(&args, &res);
	return lower_32_bits(res.a0) == FFA_SUCCESS;
}

/* The caller holds pools_lock. */
static void reclaim_all(struct ffascope_pool *pool)
{
	struct handle *handle, *next;

	list_for_each_entry_safe(handle, next, &pool->handles, list) {
		if (!reclaim(handle->value))
			continue;
		list_del(&handle->list);
		kfree(handle);
	}
}

static void warn_of(const struct ffascope_pool *pool)
{
	const struct handle *handle;

	list_for_each_entry(handle, &pool->handles, list)
		pr_warn("memory handle %#llx cannot be reclaimed: the %u pages of its file stay allocated\n",
			handle->value, pool->nr_pages);
}

void ffascope_pool_release(struct ffascope_pool *pool)
{
	mutex_lock(&pools_lock);
	if (!pool->keep)
		reclaim_all(pool);
	list_del(&pool->list);
	if (list_empty(&pool->handles)) {
		free_pool(pool);
	} else {
		if (!pool->keep)
			warn_of(pool);
		pool->closed = true;
		nr_kept += pool->nr_pages;
		list_add_tail(&pool->list, &kept);
	}
	mutex_unlock(&pools_lock);
}

u32 ffascope_pool_kept(void)
{
	u32 pages;

	mutex_lock(&pools_lock);
	pages = nr_kept;
	mutex_unlock(&pools_lock);
	return pages;
}

void ffascope_pool_exit(void)
{
	struct ffascope_pool *pool, *next;
	struct handle *handle, *next_handle;

	mutex_lock(&pools_lock);
	list_for_each_entry_safe(pool, next, &kept, list) {
		reclaim_all(pool);
		list_del(&pool->list);
		if (list_empty(&pool->handles)) {
			free_pool(pool);
			continue;
		}

		/* The pages are leaked on purpose; only the records of them are freed. */
		warn_of(pool);
		list_for_each_entry_safe(handle, next_handle, &pool->handles, list)
			kfree(handle);
		while (!list_empty(&pool->blocks)) {
			struct block *block = list_first_entry(&pool->blocks, struct block, list);

			list_del(&block->list);
			kfree(block);
		}
		kfree(pool);
	}
	mutex_unlock(&pools_lock);
}
