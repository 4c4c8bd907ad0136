// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds descriptors with the structures of include/linux/arm_ffa.h, as the kernel's driver does, and
 * prints what each field has: DESCRIPTOR INDEX FIELD VALUE. kernel_structs.py compiles it with the header of
 * a kernel, and compares.
 *
 * kernel_structs DESCRIPTOR VERSION SEED FILE: VERSION as FFA_VERSION has it; FILE gets the bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/arm_ffa.h>

static _Alignas(16) unsigned char buf[8192];
static u64 state;

static u64 draw(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 16;
}

static void id(const char *part, int index, const char *field, unsigned int value)
{
	printf(value < 0x8000 ? "%s %d %s %u\n" : "%s %d %s 0x%x\n", part, index, field, value);
}

static void number(const char *part, int index, const char *field, unsigned long long value)
{
	printf("%s %d %s %llu\n", part, index, field, value);
}

static void hex(const char *part, int index, const char *field, unsigned long long value)
{
	printf("%s %d %s 0x%llx\n", part, index, field, value);
}

static void word(const char *part, int index, const char *field, const char *value)
{
	printf("%s %d %s %s\n", part, index, field, value);
}

static void uuid(const char *part, int index, const unsigned char *b)
{
	printf("%s %d uuid %02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n",
	       part, index, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	       b[11], b[12], b[13], b[14], b[15]);
}

static void set_attributes(struct ffa_mem_region *region)
{
	static const struct {
		u16 bits;
		const char *type, *share;
		unsigned int cache;
	} kinds[] = {
		{ FFA_MEM_NORMAL | FFA_MEM_WRITE_BACK | FFA_MEM_INNER_SHAREABLE, "normal", "inner",
		  3 },
		{ FFA_MEM_NORMAL | FFA_MEM_NON_CACHEABLE | FFA_MEM_OUTER_SHAREABLE, "normal",
		  "outer", 1 },
		{ FFA_MEM_DEVICE | FFA_DEV_nGnRE | FFA_MEM_NON_SHAREABLE, "device", "non", 1 },
		{ FFA_MEM_DEVICE | FFA_DEV_GRE, "device", "non", 3 },
		{ 0, "not-specified", "non", 0 },
	};
	unsigned int n = draw() % 5;

	region->attributes = kinds[n].bits;
	word("mem-transaction", 0, "type", kinds[n].type);
	word("mem-transaction", 0, "shareability", kinds[n].share);
	number("mem-transaction", 0, "cacheability", kinds[n].cache);
}

static void set_flags(struct ffa_mem_region *region)
{
	static const struct {
		u32 bits;
		const char *name;
	} types[] = {
		{ FFA_MEM_RETRIEVE_TYPE_IN_RESP, "not-specified" },
		{ FFA_MEM_RETRIEVE_TYPE_SHARE, "share" },
		{ FFA_MEM_RETRIEVE_TYPE_LEND, "lend" },
		{ FFA_MEM_RETRIEVE_TYPE_DONATE, "donate" },
	};
	unsigned int clear = draw() & 1, slice = draw() & 1, type = draw() % 4, align = draw() % 16;

	region->flags =
		(clear ? FFA_MEM_CLEAR : 0) | (slice ? FFA_TIME_SLICE_ENABLE : 0) |
		types[type].bits |
		(align ? FFA_MEM_RETRIEVE_ADDR_ALIGN_HINT | FFA_MEM_RETRIEVE_ADDR_ALIGN(align) : 0);
	number("mem-transaction", 0, "zero", clear);
	number("mem-transaction", 0, "time-slice", slice);
	word("mem-transaction", 0, "transaction", types[type].name);
	number("mem-transaction", 0, "hint-valid", align != 0);
	number("mem-transaction", 0, "alignment-hint", align);
}

static void set_access(struct ffa_mem_region_attributes *access, u32 version, int index)
{
	static const char *const data[] = { "not-specified", "ro", "rw" };
	static const char *const code[] = { "not-specified", "nx", "x" };
	static const u8 data_bits[] = { 0, FFA_MEM_RO, FFA_MEM_RW };
	static const u8 code_bits[] = { 0, FFA_MEM_NO_EXEC, FFA_MEM_EXEC };
	unsigned int d = draw() % 3, c = draw() % 3;

	access->receiver = 0x8000 + index;
	access->attrs = data_bits[d] | code_bits[c];
	access->flag = draw() & 1 ? FFA_MEM_RETRIEVE_SELF_BORROWER : 0;
	id("mem-access", index, "receiver", access->receiver);
	word("mem-access", index, "data-access", data[d]);
	word("mem-access", index, "instruction-access", code[c]);
	number("mem-access", index, "non-retrieval", access->flag != 0);
	number("mem-access", index, "composite-offset", access->composite_off);
	if (FFA_EMAD_HAS_IMPDEF_FIELD(version)) {
		access->impdef_val[0] = 0x5a;
		access->impdef_val[7] = 0x11;
		hex("mem-access", index, "impdef", 0x110000000000005aull);
	}
}

static size_t set_regions(size_t at)
{
	struct ffa_composite_mem_region *composite = (void *)(buf + at);
	unsigned int nr = 1 + draw() % 5;

	composite->addr_range_cnt = nr;
	for (unsigned int i = 0; i < nr; i++) {
		struct ffa_mem_region_addr_range *range = &composite->constituents[i];

		range->address = (draw() & 0xffffff) * FFA_PAGE_SIZE;
		range->pg_cnt = 1 + draw() % 512;
		composite->total_pg_cnt += range->pg_cnt;
		hex("constituent", (int)i, "address", range->address);
		number("constituent", (int)i, "page-count", range->pg_cnt);
	}
	number("composite-region", 0, "page-count", composite->total_pg_cnt);
	number("composite-region", 0, "constituent-count", nr);

	return at + CONSTITUENTS_OFFSET(nr);
}

static size_t build_transaction(u32 version)
{
	struct ffa_mem_region *region = (void *)buf;
	int nr = 1 + (int)(draw() % 4);

	region->sender_id = draw() & 0xffff;
	region->handle = draw();
	region->tag = draw();
	region->ep_count = (u32)nr;
	id("mem-transaction", 0, "sender", region->sender_id);
	hex("mem-transaction", 0, "handle", region->handle);
	hex("mem-transaction", 0, "tag", region->tag);
	number("mem-transaction", 0, "access-count", region->ep_count);
	set_attributes(region);
	set_flags(region);
	if (FFA_MEM_REGION_HAS_EP_MEM_OFFSET(version)) {
		region->ep_mem_size = ffa_emad_size_get(version);
		region->ep_mem_offset = sizeof(*region);
		number("mem-transaction", 0, "access-size", region->ep_mem_size);
		number("mem-transaction", 0, "access-offset", region->ep_mem_offset);
	}
	for (int i = 0; i < nr; i++) {
		struct ffa_mem_region_attributes *access =
			(void *)(buf + ffa_mem_desc_offset(region, i, version));

		access->composite_off = ffa_mem_desc_offset(region, nr, version);
		set_access(access, version, i);
	}

	return set_regions(ffa_mem_desc_offset(region, nr, version));
}

static size_t build_partitions(u32 version)
{
	size_t size = version == FFA_VERSION_1_0 ? FFA_1_0_PARTITON_INFO_SZ
						 : sizeof(struct ffa_partition_info);
	int nr = 1 + (int)(draw() % 5);

	for (int i = 0; i < nr; i++) {
		struct ffa_partition_info *info = (void *)(buf + size * (size_t)i);

		info->id = draw() & 0xffff;
		info->exec_ctxt = draw() & 0xff;
		info->properties = FFA_PARTITION_DIRECT_RECV | FFA_PARTITION_INDIRECT_MSG;
		id("partition-info", i, "id", info->id);
		number("partition-info", i, "contexts", info->exec_ctxt);
		word("partition-info", i, "properties", "receives-direct-req,indirect-messages");
		if (version == FFA_VERSION_1_0)
			continue;
		for (unsigned int k = 0; k < sizeof(info->uuid); k++)
			((unsigned char *)&info->uuid)[k] = draw() & 0xff;
		uuid("partition-info", i, (unsigned char *)&info->uuid);
	}

	return size * (size_t)nr;
}

static size_t build_message(void)
{
#ifdef HAVE_MESSAGE_UUID
	struct ffa_indirect_msg_hdr *msg = (void *)buf;

	msg->offset = sizeof(*msg);
	/* PACK_TARGET_INFO() of drivers/firmware/arm_ffa/driver.c. */
	msg->send_recv_id = 0x00058003;
	msg->size = (u32)(draw() % 100);
	for (unsigned int k = 0; k < sizeof(msg->uuid); k++)
		((unsigned char *)&msg->uuid)[k] = draw() & 0xff;
	number("message-header", 0, "offset", msg->offset);
	id("message-header", 0, "sender", 5);
	id("message-header", 0, "receiver", 0x8003);
	number("message-header", 0, "size", msg->size);
	uuid("message-header", 0, (unsigned char *)&msg->uuid);

	return msg->offset + msg->size;
#else
	return 0;
#endif
}

int main(int argc, char **argv)
{
	u32 version = argc > 4 ? (u32)strtoul(argv[2], NULL, 0) : 0;
	FILE *file = argc > 4 ? fopen(argv[4], "wb") : NULL;
	size_t len;

	if (!file)
		return 1;
	state = strtoull(argv[3], NULL, 0);
	if (!strcmp(argv[1], "mem-transaction"))
		len = build_transaction(version);
	else if (!strcmp(argv[1], "partition-info"))
		len = build_partitions(version);
	else
		len = build_message();
	fwrite(buf, 1, len, file);

	return fclose(file) != 0;
}
