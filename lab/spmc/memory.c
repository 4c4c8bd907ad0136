// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the normal world shares with a partition or lends to it. The description of it comes
 * through the TX buffer, in fragments where it is larger than that (DEN0140). The SPMC keeps the
 * description: a hypervisor asks for it back before it reclaims the memory, as it keeps none.
 */
#include "spmc.h"

#define REGIONS	    16
#define DESCRIPTION 65536u

struct region {
	bool used, complete;
	unsigned int borrowers; /* partitions that have retrieved it */
	uint64_t handle;
	uint32_t size, got; /* of the description, in bytes */
	uint8_t description[DESCRIPTION] __attribute__((aligned(16)));
};

static struct region regions[REGIONS];
static uint64_t next_handle = 1;

static struct region *region_find(uint64_t handle)
{
	for (unsigned int i = 0; i < REGIONS; i++)
		if (regions[i].used && regions[i].handle == handle)
			return &regions[i];
	return NULL;
}

static struct region *region_new(void)
{
	for (unsigned int i = 0; i < REGIONS; i++) {
		struct region *r = &regions[i];

		if (r->used)
			continue;
		r->used = true;
		r->complete = false;
		r->borrowers = r->size = r->got = 0;
		r->handle = next_handle++;
		return r;
	}
	return NULL;
}

static const struct memory_composite *composite_of(const struct region *r)
{
	const struct memory_region *head = (const void *)r->description;
	const struct memory_access *access = (const void *)(r->description + head->access_offset);

	return (const void *)(r->description + access->composite_offset);
}

static int access_check(const struct region *r, const struct memory_region *head)
{
	for (uint32_t i = 0; i < head->access_count; i++) {
		uint64_t at = head->access_offset + (uint64_t)i * head->access_size;
		const struct memory_access *access = (const void *)(r->description + at);

		if (at + head->access_size > r->size || !partition_find(access->receiver) ||
		    (uint64_t)access->composite_offset + sizeof(struct memory_composite) > r->size)
			return INVALID_PARAMETERS;
	}
	return OK;
}

static bool ranges_overlap(const struct memory_range *a, const struct memory_range *b)
{
	return a->address < b->address + (uint64_t)b->pages * PAGE &&
	       b->address < a->address + (uint64_t)a->pages * PAGE;
}

static bool is_taken_from(const struct region *r, const struct memory_range *range)
{
	const struct memory_composite *composite = composite_of(r);

	for (uint32_t i = 0; i < composite->range_count; i++)
		if (ranges_overlap(&composite->ranges[i], range))
			return true;
	return false;
}

/* The lender has to own its memory alone: a page is in one region at most. */
static bool is_taken(const struct memory_range *range)
{
	for (unsigned int i = 0; i < REGIONS; i++)
		if (regions[i].used && regions[i].complete && is_taken_from(&regions[i], range))
			return true;
	return false;
}

/* A description that is whole: is it one? */
static int description_check(const struct region *r)
{
	const struct memory_region *head = (const void *)r->description;
	const struct memory_composite *composite;
	uint64_t pages = 0;

	if (r->size < sizeof(*head) || head->sender != NORMAL_WORLD || head->handle ||
	    !head->access_count || head->access_count > 16 ||
	    head->access_size < sizeof(struct memory_access) || head->access_offset % 8 ||
	    access_check(r, head) != OK)
		return INVALID_PARAMETERS;
	composite = composite_of(r);
	if ((const uint8_t *)&composite->ranges[composite->range_count] > r->description + r->size)
		return INVALID_PARAMETERS;
	for (uint32_t i = 0; i < composite->range_count; i++) {
		const struct memory_range *range = &composite->ranges[i];

		if (range->address % PAGE ||
		    !normal_world_memory(range->address, (uint64_t)range->pages * PAGE))
			return INVALID_PARAMETERS;
		if (is_taken(range))
			return DENIED;
		pages += range->pages;
	}
	return pages && pages == composite->pages ? OK : INVALID_PARAMETERS;
}

/*
 * Takes a fragment from the TX buffer. The answer is the handle, or how far the description has
 * come.
 */
static void fragment_take(struct regs *regs, struct region *r, uint32_t size)
{
	int status;

	for (uint32_t i = 0; i < size; i++)
		r->description[r->got + i] = mailbox.tx[i];
	r->got += size;
	if (r->got < r->size)
		return answer_handle(regs, FFA_MEM_FRAG_RX, r->handle, r->got, 0);
	status = description_check(r);
	if (status != OK) {
		r->used = false;
		return answer_error(regs, status);
	}
	r->complete = true;
	((struct memory_region *)(void *)r->description)->handle = r->handle;
	answer(regs, FFA_SUCCESS, (uint32_t)r->handle, r->handle >> 32);
}

/*
 * MEM_SHARE and MEM_LEND: w1 size, w2 size of the first fragment, w3 and w4 a buffer other than TX,
 * which is refused.
 */
static void share(struct regs *regs)
{
	uint32_t size = (uint32_t)regs->x[1], fragment = (uint32_t)regs->x[2];
	struct region *r;

	if (!mailbox.tx || regs->x[3] || regs->x[4] || !fragment || fragment > size ||
	    fragment > mailbox.size)
		return answer_error(regs, INVALID_PARAMETERS);
	if (size > DESCRIPTION)
		return answer_error(regs, NO_MEMORY);
	r = region_new();
	if (!r)
		return answer_error(regs, NO_MEMORY);
	r->size = size;
	fragment_take(regs, r, fragment);
}

/* MEM_FRAG_TX: w1 and w2 handle, w3 size. The next fragment of a description. */
static void fragment_next(struct regs *regs)
{
	struct region *r = region_find(pack32(regs->x[1], regs->x[2]));
	uint32_t size = (uint32_t)regs->x[3];

	if (!mailbox.tx || !r || r->complete || !size || size > mailbox.size ||
	    size > r->size - r->got)
		return answer_error(regs, INVALID_PARAMETERS);
	fragment_take(regs, r, size);
}

/* Puts a piece of a description into the RX buffer. Returns its size. */
static uint32_t piece_give(const struct region *r, uint32_t offset)
{
	uint32_t size = r->size - offset < mailbox.size ? r->size - offset : mailbox.size;

	for (uint32_t i = 0; i < size; i++)
		mailbox.rx[i] = r->description[offset + i];
	mailbox.rx_full = true;
	return size;
}

/*
 * MEM_RETRIEVE_REQ from the normal world is a hypervisor's: it names the handle, in the TX buffer,
 * and no receiver. It gets the description as the lender gave it: w1 whole size, w2 size of the
 * part in the RX buffer.
 */
static void retrieve(struct regs *regs)
{
	struct memory_region head;
	const struct region *r;

	if (!mailbox.tx || regs->x[1] < sizeof(head) || regs->x[1] != regs->x[2])
		return answer_error(regs, INVALID_PARAMETERS);
	__builtin_memcpy(&head, mailbox.tx, sizeof(head));
	r = region_find(head.handle);
	if (!r || !r->complete || head.sender != NORMAL_WORLD)
		return answer_error(regs, INVALID_PARAMETERS);
	if (mailbox.rx_full)
		return answer_error(regs, BUSY);
	answer(regs, FFA_MEM_RETRIEVE_RESP, piece_give(r, 0), 0);
	regs->x[1] = r->size;
}

/*
 * MEM_FRAG_RX: w1 and w2 handle, w3 offset: asks for more. The answer is MEM_FRAG_TX with the size.
 */
static void fragment_give(struct regs *regs)
{
	struct region *r = region_find(pack32(regs->x[1], regs->x[2]));

	if (!mailbox.rx || !r || !r->complete || regs->x[3] >= r->size)
		return answer_error(regs, INVALID_PARAMETERS);
	if (mailbox.rx_full)
		return answer_error(regs, BUSY);
	answer_handle(regs, FFA_MEM_FRAG_TX, r->handle, piece_give(r, (uint32_t)regs->x[3]), 0);
}

/* MEM_RECLAIM: w1 and w2 handle. Not while a partition has the memory. */
static void reclaim(struct regs *regs)
{
	struct region *r = region_find(pack32(regs->x[1], regs->x[2]));

	if (!r)
		return answer_error(regs, INVALID_PARAMETERS);
	if (r->borrowers)
		return answer_error(regs, DENIED);
	r->used = false;
	answer_success(regs);
}

void memory_call(struct regs *regs)
{
	switch ((uint32_t)regs->x[0] & ~FFA_64) {
	case FFA_MEM_SHARE:
	case FFA_MEM_LEND:
		return share(regs);
	case FFA_MEM_FRAG_TX:
		return fragment_next(regs);
	case FFA_MEM_RETRIEVE_REQ:
		return retrieve(regs);
	case FFA_MEM_FRAG_RX:
		return fragment_give(regs);
	case FFA_MEM_RECLAIM:
		return reclaim(regs);
	}
	/* MEM_RELINQUISH: the normal world borrows nothing here. */
	answer_error(regs, DENIED);
}

/* The address of a page, counted over all ranges of a description; 0: it has fewer pages. */
static uint64_t page_address(const struct memory_composite *composite, uint32_t page)
{
	for (uint32_t i = 0; i < composite->range_count; i++) {
		if (page < composite->ranges[i].pages)
			return composite->ranges[i].address + (uint64_t)page * PAGE;
		page -= composite->ranges[i].pages;
	}
	return 0;
}

/*
 * A partition's side of it, by order of the control partition. 0: look; 1: retrieve; 2: relinquish;
 * 3: write. *value is the first double word of the page, which 3 writes and the others read.
 */
int memory_use(uint64_t handle, unsigned int what, uint32_t page, uint64_t *value)
{
	struct region *r = region_find(handle);
	volatile uint64_t *memory;

	if (!r || !r->complete)
		return INVALID_PARAMETERS;
	if (what != 1 && !r->borrowers)
		return DENIED;
	memory = (volatile uint64_t *)page_address(composite_of(r), page);
	if (!memory)
		return INVALID_PARAMETERS;
	if (what == 3)
		*memory = *value;
	else
		*value = *memory;
	if (what == 1)
		r->borrowers++;
	else if (what == 2)
		r->borrowers--;
	return OK;
}

/* How many regions are shared or lent, or on the way to it. */
unsigned int memory_count(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < REGIONS; i++)
		count += regions[i].used;
	return count;
}

void memory_forget(void)
{
	for (unsigned int i = 0; i < REGIONS; i++)
		regions[i].used = false;
}
