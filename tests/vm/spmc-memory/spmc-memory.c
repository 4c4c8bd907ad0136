// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that shares memory with the echo partition of lab/spmc and lends memory to it, through
 * arm_ffa. The control partition is ordered to use the memory on the other side. A line in the
 * kernel log for each kind of failure, and the totals at the end:
 *
 * insmod spmc-memory.ko rounds=N messages=N
 */
#include <linux/arm_ffa.h>
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/uuid.h>

#define RANGES	   600 /* of 16 bytes: a description of three fragments */
#define MAX_PAGES  4   /* of a range */
#define REGIONS	   16  /* that the SPMC keeps: lab/spmc/memory.c */
#define DENIED	   ((u32)-6)
#define MEMORY	   9 /* orders: lab/spmc/README.md */
#define COUNT	   14
#define LOOK	   0
#define RETRIEVE   1
#define RELINQUISH 2
#define WRITE	   3

static int rounds = 100;
module_param(rounds, int, 0);
static int messages = 10;
module_param(messages, int, 0);

static struct ffa_device *echo, *control;
static struct page *ranges[RANGES]; /* each of MAX_PAGES pages */
static struct scatterlist list[RANGES];
static int failed;
static DECLARE_COMPLETION(answered);

/* A round shares the first pages of the first ranges. */
static const struct shape {
	int ranges, pages;
} shapes[] = { { 1, 1 }, { 3, 1 }, { RANGES, 1 }, { 2, 3 }, { 150, 4 } };

static void check(long got, long expected, const char *what)
{
	if (got == expected)
		return;
	failed++;
	pr_err("spmc-memory: FAILED %s: %ld instead of %ld\n", what, got, expected);
}

static u64 *word_of(const struct shape *shape, int page)
{
	return (u64 *)((u8 *)page_address(ranges[page / shape->pages]) +
		       page % shape->pages * PAGE_SIZE);
}

/* Returns arm_ffa's answer. *handle stays as it is unless it is 0. */
static int give(const struct shape *shape, int first, bool lend, u64 *handle)
{
	struct ffa_mem_region_attributes receiver = { .receiver = echo->vm_id,
						      .attrs = FFA_MEM_RW };
	struct ffa_mem_ops_args args = {
		.use_txbuf = true, .nattrs = 1, .attrs = &receiver, .sg = list
	};
	int ret;

	sg_init_table(list, shape->ranges);
	for (int i = 0; i < shape->ranges; i++)
		sg_set_page(&list[i], ranges[first + i], shape->pages * PAGE_SIZE, 0);
	ret = lend ? echo->ops->mem_ops->memory_lend(&args)
		   : echo->ops->mem_ops->memory_share(&args);
	if (!ret)
		*handle = args.g_handle;
	return ret;
}

static int reclaim(u64 handle)
{
	return echo->ops->mem_ops->memory_reclaim(handle, 0);
}

/* Returns the order's status in FF-A's numbers. *value is what the partition reads or writes. */
static u32 use(u64 handle, int what, int page, u64 *value)
{
	struct ffa_send_direct_data order = { .data0 = MEMORY,
					      .data1 = lower_32_bits(handle),
					      .data2 = upper_32_bits(handle),
					      .data3 = what | page << 8,
					      .data4 = *value };
	int ret = control->ops->msg_ops->sync_send_receive(control, &order);

	check(ret, 0, "an order");
	*value = order.data4;
	return (u32)order.data0;
}

static long regions_shared(void)
{
	struct ffa_send_direct_data order = { .data0 = COUNT };

	check(control->ops->msg_ops->sync_send_receive(control, &order), 0, "the order to count");
	return (u32)order.data2;
}

/* The partition reads each page and changes it. */
static void borrow(const struct shape *shape, u64 handle, u64 mark)
{
	int count = shape->ranges * shape->pages;
	u64 value = 0;

	check(use(handle, LOOK, 0, &value), DENIED, "a look before RETRIEVE");
	check(use(handle, RETRIEVE, 0, &value), 0, "RETRIEVE");
	check(reclaim(handle), -EACCES, "RECLAIM of memory that is in use");
	/* All of few, some of many. */
	for (int page = 0; page<count; page += count> 10 ? 37 : 1) {
		check(use(handle, LOOK, page, &value), 0, "a look");
		check(value, mark + page, "what the partition reads");
		value = ~(mark + page);
		check(use(handle, WRITE, page, &value), 0, "a write");
	}
	check(use(handle, LOOK, count - 1, &value), 0, "a look at the last page");
	check(use(handle, LOOK, count, &value), (u32)-2, "a look behind the last page");
	check(use(handle, RELINQUISH, 0, &value), 0, "RELINQUISH");
}

static void round(const struct shape *shape, bool lend, u64 mark)
{
	int count = shape->ranges * shape->pages;
	u64 handle = 0, second = 0;
	int ret;

	for (int page = 0; page < count; page++)
		*word_of(shape, page) = mark + page;
	check(give(shape, 0, lend, &handle), 0, "SHARE or LEND");
	check(regions_shared(), 1, "regions after SHARE");
	ret = give(shape, 0, !lend, &second);
	/* EL2 refuses the first fragment; arm_ffa says ENXIO for each that is not the last. */
	if (shape->ranges == RANGES && ret == -ENXIO)
		ret = -EACCES;
	check(ret, -EACCES, "a second SHARE of the same pages");
	borrow(shape, handle, mark);
	check(reclaim(handle), 0, "RECLAIM");
	check(reclaim(handle), -EINVAL, "a second RECLAIM");
	for (int page = 0; page < count; page++) {
		u64 expected = page % (count > 10 ? 37 : 1) ? mark + page : ~(mark + page);

		check(*word_of(shape, page), expected, "what Linux reads");
	}
	check(regions_shared(), 0, "regions after RECLAIM");
}

/* As many regions as the SPMC keeps, and one more; the refused pages stay Linux's own. */
static void fill(void)
{
	u64 handles[REGIONS] = {}, more = 0;

	for (int i = 0; i < REGIONS; i++)
		check(give(&shapes[0], i, i & 1, &handles[i]), 0, "SHARE of many");
	check(give(&shapes[0], REGIONS, false, &more), -ENOMEM, "SHARE of one too many");
	for (int i = 0; i < REGIONS; i++)
		check(reclaim(handles[i * 7 % REGIONS]), 0, "RECLAIM in another order");
	check(give(&shapes[0], REGIONS, false, &more), 0, "SHARE of the page that was refused");
	check(reclaim(more), 0, "RECLAIM of it");
}

static void answer_came(int id, void *unused, void *text)
{
	if (!strcmp(text, "To the echo"))
		complete(&answered);
}

/*
 * Indirect messages, which come back through the RX buffer. pKVM's proxy forwards FFA_MSG_SEND2 but
 * does not copy the message into its own TX buffer, which the SPMC reads: the SPMC refuses it.
 */
static void talk(void)
{
	char text[] = "To the echo";
	int ret = 0, got = 0, sent = 0;

	check(echo->ops->notifier_ops->fwk_notify_request(echo, answer_came, NULL, 0), 0,
	      "a handler of answers");
	for (int i = 0; i < messages; i++) {
		ret = echo->ops->msg_ops->indirect_send(echo, text, sizeof(text));
		if (ret)
			break;
		sent++;
		got += wait_for_completion_timeout(&answered, HZ) > 0;
	}
	pr_info("spmc-memory: indirect messages %d answers %d error %d\n", sent, got, ret);
	check(echo->ops->notifier_ops->fwk_notify_relinquish(echo, 0), 0, "its end");
}

static int probe(struct ffa_device *device)
{
	if (device->properties & FFA_PARTITION_INDIRECT_MSG)
		echo = device;
	else
		control = device;
	return 0;
}

#define PARTITION(n)                                                                \
	{                                                                           \
		UUID_INIT(0xe06c1d7d, 0x110a, 0x4e8c, 0xa0, 0xb1, 0, 0, 0, 0, 0, n) \
	}

static const struct ffa_device_id ids[] = { PARTITION(1), PARTITION(3), {} };

static struct ffa_driver driver = { .name = "spmc-memory", .probe = probe, .id_table = ids };

static void run(void)
{
	for (int i = 0; i < rounds; i++)
		round(&shapes[i % ARRAY_SIZE(shapes)], i / ARRAY_SIZE(shapes) & 1,
		      ((u64)i + 1) << 32);
	if (rounds)
		fill();
	if (messages)
		talk();
	pr_info("spmc-memory: rounds %d failed %d shared %ld\n", rounds, failed, regions_shared());
}

static int __init start(void)
{
	int ret = -ENOMEM;

	for (int i = 0; i < RANGES; i++) {
		ranges[i] = alloc_pages(GFP_KERNEL, get_order(MAX_PAGES * PAGE_SIZE));
		if (!ranges[i])
			goto free;
	}
	ret = ffa_register(&driver);
	if (ret)
		goto free;
	if (echo && control) {
		run();
		return 0;
	}
	ffa_unregister(&driver);
	ret = -ENODEV;
free:
	for (int i = 0; i < RANGES && ranges[i]; i++)
		__free_pages(ranges[i], get_order(MAX_PAGES * PAGE_SIZE));
	return ret;
}

static void __exit stop(void)
{
	ffa_unregister(&driver);
	for (int i = 0; i < RANGES; i++)
		__free_pages(ranges[i], get_order(MAX_PAGES * PAGE_SIZE));
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Shares memory with the partitions of lab/spmc");
MODULE_LICENSE("GPL");
