// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layouts of descriptors. The memory management protocol (DEN0140) was not at hand: its tables are
 * quoted by the sources that the rows name.
 */
#include "ffa/descriptor.h"
#include "ffa/rows.h"
#include "ffa/text.h"

/* clang-format off */
/* A number of a layout as a whole, and bits of it. */
#define U8(offset)	.at = (offset), .bytes = 1, .hi = 7, .lo = 0
#define U16(offset)	.at = (offset), .bytes = 2, .hi = 15, .lo = 0
#define U32(offset)	.at = (offset), .bytes = 4, .hi = 31, .lo = 0
#define U64(offset)	.at = (offset), .bytes = 8, .hi = 63, .lo = 0
#define BYTES(offset, n)	.at = (offset), .bytes = (n), .hi = 8 * (n) - 1, .lo = 0
#define OF(offset, n, h, l)	.at = (offset), .bytes = (n), .hi = (h), .lo = (l)
/* clang-format on */

#define MEMBERS(array) .members = array, .nr_members = sizeof(array) / sizeof((array)[0])
#define LAYOUTS(array) .layouts = array, .nr_layouts = sizeof(array) / sizeof((array)[0])

#define HAFNIUM	       "Hafnium inc/vmapi/hf/ffa.h, "
#define CRATE	       "Arm's arm-ffa crate, src/ffa_v1_3.rs, "
#define EDK2	       "EDK2 ArmFfaMemMgmt.h (DEN0140 1.3 ALP1), "
#define TFA_STRUCTS    "TF-A include/services/el3_spmc_ffa_memory.h, "
#define LINUX	       "include/linux/arm_ffa.h, "

#define NO_FLAG_RULE \
	"Hafnium refuses them (src/ffa_memory.c); no source quotes the table of this version"
#define NO_TABLE "no source quotes the table of this version"

/* ---- memory transaction ---- */

static const struct ffa_symbol shareabilities[] = {
	{ "non", 0, "not shareable" },
	{ "outer", 2, "outer shareable" },
	{ "inner", 3, "inner shareable" },
	{ 0 },
};

static const struct ffa_symbol mem_types[] = {
	{ "not-specified", 0, "the receiver does not say" },
	{ "device", 1, "Device memory" },
	{ "normal", 2, "Normal memory" },
	{ 0 },
};

static const struct ffa_symbol transactions[] = {
	{ "not-specified", 0, NULL },
	{ "share", 1, NULL },
	{ "lend", 2, NULL },
	{ "donate", 3, NULL },
	{ 0 },
};

#define ATTRIBUTES   "Table 1.18; " HAFNIUM "ffa_memory_attributes_t"
#define FLAGS_SOURCE EDK2 "Tables 1.21 to 1.23; " TFA_STRUCTS "ffa_mtd_flag32_t"
#define TRANSACTION  CRATE "Table 1.20; " LINUX "struct ffa_mem_region"

/* clang-format off */
#define ATTRIBUTE_BITS(n)                                                                          \
	{ OF(2, n, 5, 4), .name = "type", .symbols = mem_types, .closed = true,                    \
	  .type = FFA_TYPE_DECIMAL, .meaning = "memory type",                       \
	  .source = EDK2 ATTRIBUTES },                                                             \
	{ OF(2, n, 3, 2), .name = "cacheability", .type = FFA_TYPE_DECIMAL,                        \
	  .meaning = "of Normal memory: 1 not cacheable, 3 write-back; of Device memory: 0 nGnRnE, 1 nGnRE, 2 nGRE, 3 GRE", \
	  .source = EDK2 ATTRIBUTES },                                                             \
	{ OF(2, n, 1, 0), .name = "shareability", .symbols = shareabilities, .closed = true,       \
	  .type = FFA_TYPE_DECIMAL, .source = EDK2 ATTRIBUTES }
#define FLAGS_TO_TAG                                                                                  \
	{ OF(4, 4, 31, 11), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN), .unknown = NO_FLAG_RULE,    \
	  .source = FLAGS_SOURCE },                                                                \
	{ OF(4, 4, 10, 10), RULES(UNKNOWN, NONE, NONE, NONE), .name = "bypass-borrowers",          \
	  .type = FFA_TYPE_DECIMAL,                                                                \
	  .meaning = "of FFA_MEM_RETRIEVE_REQ: 1: other borrowers are not checked",                \
	  .unknown = "Hafnium's header of 1.0 does not have it", .source = FLAGS_SOURCE },         \
	{ OF(4, 4, 9, 9), .name = "hint-valid", .type = FFA_TYPE_DECIMAL,                          \
	  .meaning = "of FFA_MEM_RETRIEVE_REQ: 1: alignment-hint is used",                         \
	  .source = FLAGS_SOURCE },                                                                \
	{ OF(4, 4, 8, 5), .name = "alignment-hint", .type = FFA_TYPE_DECIMAL,                      \
	  .meaning = "of FFA_MEM_RETRIEVE_REQ: alignment of the address that is asked for",        \
	  .source = FLAGS_SOURCE },                                                                \
	{ OF(4, 4, 4, 3), .name = "transaction", .symbols = transactions,                          \
	  .type = FFA_TYPE_DECIMAL,                                                                \
	  .meaning = "of FFA_MEM_RETRIEVE_REQ and _RESP: how the memory was sent",                 \
	  .source = FLAGS_SOURCE },                                                                \
	{ OF(4, 4, 2, 2), .name = "zero-after", .type = FFA_TYPE_DECIMAL,                          \
	  .meaning = "of FFA_MEM_RETRIEVE_REQ: 1: zero the memory after it is relinquished",       \
	  .source = FLAGS_SOURCE },                                                                \
	{ OF(4, 4, 1, 1), .name = "time-slice", .type = FFA_TYPE_DECIMAL,                          \
	  .meaning = "1: the callee may return before it is done (FFA_MEM_OP_PAUSE)",              \
	  .source = FLAGS_SOURCE },                                                                \
	{ OF(4, 4, 0, 0), .name = "zero", .type = FFA_TYPE_DECIMAL,                                \
	  .meaning = "1: zero the memory before the receiver maps it", .source = FLAGS_SOURCE },   \
	{ U64(8), .name = "handle", .meaning = "0 in FFA_MEM_SHARE, _LEND and _DONATE",            \
	  .source = TRANSACTION },                                                                 \
	{ U64(16), .name = "tag", .meaning = "chosen by the sender; the same in later calls",      \
	  .source = TRANSACTION }
#define SENDER                                                                       \
	{ U16(0), .name = "sender", .type = FFA_TYPE_ID, .meaning = "owner of the memory", \
	  .source = TRANSACTION }
#define ACCESS_COUNT                                                                  \
	{ U32(28), .name = "access-count", .type = FFA_TYPE_DECIMAL,                  \
	  .meaning = "number of endpoint memory access descriptors", .source = TRANSACTION }
/* clang-format on */

#define MBZ_1_0	     TFA_STRUCTS "struct ffa_mtd_v1_0; " LINUX "struct ffa_mem_region (MBZ pre v1.1)"

static const struct ffa_member transaction_1_0[] = {
	SENDER,
	{ OF(2, 1, 7, 6), RULES(UNKNOWN, NONE, NONE, NONE),
	  .unknown = "TF-A has the security bit (6) in 1.0 too; no source quotes the table of 1.0",
	  .source = TFA_STRUCTS "ffa_mem_attr8_t" },
	ATTRIBUTE_BITS(1),
	{ U8(3), RULES(MBZ, NONE, NONE, NONE), .source = MBZ_1_0 },
	FLAGS_TO_TAG,
	{ U32(24), RULES(MBZ, NONE, NONE, NONE), .source = MBZ_1_0 },
	ACCESS_COUNT,
};

static const struct ffa_member transaction_1_1[] = {
	SENDER,
	{ OF(2, 2, 15, 7), RULES(NONE, MBZ, MBZ, UNKNOWN),
	  .unknown = "SBZ in EDK2 ArmFfaMemMgmt.h (Table 1.18), MBZ in Arm's arm-ffa crate, "
		     "src/memory_management.rs",
	  .source = HAFNIUM "FFA_MEMORY_ATTRIBUTES_MBZ_MASK (1.1 EAC0)" },
	{ OF(2, 2, 6, 6), .name = "security", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: Non-secure memory; reserved in all but FFA_MEM_RETRIEVE_RESP",
	  .source = EDK2 "1.10.4.1" },
	ATTRIBUTE_BITS(2),
	FLAGS_TO_TAG,
	{ U32(24), .name = "access-size", .type = FFA_TYPE_DECIMAL,
	  .meaning = "bytes of each endpoint memory access descriptor", .source = TRANSACTION },
	ACCESS_COUNT,
	{ U32(32), .name = "access-offset", .type = FFA_TYPE_DECIMAL,
	  .meaning = "where the first of them is; a multiple of 16", .source = TRANSACTION },
	{ BYTES(36, 12), RULES(NONE, MBZ, MBZ, SBZ),
	  .source = LINUX "struct ffa_mem_region; 1.3: " CRATE "Table 1.20" },
};

static const struct ffa_layout transaction_layouts[] = {
	{ FFA_VERSION_1_0, FFA_VERSION_1_0, 32, MEMBERS(transaction_1_0) },
	{ FFA_VERSION_1_1, 0, 48, MEMBERS(transaction_1_1) },
};

/* ---- endpoint memory access ---- */

#define ACCESS	    CRATE "Tables 1.15, 1.16; " LINUX "struct ffa_mem_region_attributes"
#define NO_BORROWER EDK2 "Table 1.17; " TFA_STRUCTS "ffa_mem_flag8_t"

static const struct ffa_symbol data_accesses[] = {
	{ "not-specified", 0, NULL },
	{ "ro", 1, "read only" },
	{ "rw", 2, "read and write" },
	{ 0 },
};

static const struct ffa_symbol instruction_accesses[] = {
	{ "not-specified", 0, NULL },
	{ "nx", 1, "not executable" },
	{ "x", 2, "executable" },
	{ 0 },
};

/* clang-format off */
#define ACCESS_BITS                                                                            \
	{ U16(0), .name = "receiver", .type = FFA_TYPE_ID,                                     \
	  .meaning = "endpoint to which the permissions apply", .source = ACCESS },            \
	{ OF(2, 1, 7, 4), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), .unknown = NO_TABLE,          \
	  .source = CRATE "Table 1.15" },                                                      \
	{ OF(2, 1, 3, 2), .name = "instruction-access", .symbols = instruction_accesses,       \
	  .closed = true, .type = FFA_TYPE_DECIMAL, \
	  .source = ACCESS },                                                                  \
	{ OF(2, 1, 1, 0), .name = "data-access", .symbols = data_accesses, .closed = true,     \
	  .type = FFA_TYPE_DECIMAL, .source = ACCESS },            \
	{ OF(3, 1, 7, 1), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN), .unknown = NO_TABLE,      \
	  .source = NO_BORROWER },                                                             \
	{ OF(3, 1, 0, 0), .name = "non-retrieval", .type = FFA_TYPE_DECIMAL,                   \
	  .meaning = "of FFA_MEM_RETRIEVE_*: 1: not retrieved on behalf of this endpoint",     \
	  .source = NO_BORROWER },                                                             \
	{ U32(4), .name = "composite-offset", .type = FFA_TYPE_DECIMAL,                        \
	  .meaning = "composite descriptor, from the start of the transaction; 0: the handle " \
		     "names the memory",                                                       \
	  .source = ACCESS }
/* clang-format on */

static const struct ffa_member access_1_0[] = {
	ACCESS_BITS,
	{ U64(8), RULES(MBZ, MBZ, NONE, NONE), .source = TFA_STRUCTS "struct ffa_emad_v1_0" },
};

static const struct ffa_member access_1_2[] = {
	ACCESS_BITS,
	{ BYTES(8, 16), .name = "impdef", .meaning = "implementation defined, byte 0 in bits 7:0",
	  .source = ACCESS },
	{ U64(24), RULES(NONE, NONE, UNKNOWN, SBZ), .unknown = NO_TABLE,
	  .source = CRATE "Table 1.16" },
};

static const struct ffa_layout access_layouts[] = {
	{ FFA_VERSION_1_0, FFA_VERSION_1_1, 16, MEMBERS(access_1_0) },
	{ FFA_VERSION_1_2, 0, 32, MEMBERS(access_1_2) },
};

/* ---- composite and constituent ---- */

#define COMPOSITE   CRATE "Table 1.13; " LINUX "struct ffa_composite_mem_region"
#define CONSTITUENT CRATE "Table 1.14; " LINUX "struct ffa_mem_region_addr_range"
#define HAFNIUM_MBZ \
	"Hafnium inc/vmapi/hf/ffa.h (1.0 EAC Tables 39, 40; 1.1 EAC0 Tables 10.13, 10.14)"

static const struct ffa_member composite[] = {
	{ U32(0), .name = "page-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "4K pages of all constituents", .source = COMPOSITE },
	{ U32(4), .name = "constituent-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "constituents that follow", .source = COMPOSITE },
	{ U64(8), RULES(MBZ, MBZ, UNKNOWN, SBZ), .unknown = NO_TABLE,
	  .source = HAFNIUM_MBZ "; 1.3: " CRATE "Table 1.13" },
};

static const struct ffa_layout composite_layouts[] = {
	{ FFA_VERSION_1_0, 0, 16, MEMBERS(composite) },
};

static const struct ffa_member constituent[] = {
	{ U64(0), .name = "address", .meaning = "of its first byte; a multiple of 4096",
	  .source = CONSTITUENT },
	{ U32(8), .name = "page-count", .type = FFA_TYPE_DECIMAL, .meaning = "4K pages",
	  .source = CONSTITUENT },
	{ U32(12), RULES(MBZ, MBZ, UNKNOWN, SBZ), .unknown = NO_TABLE,
	  .source = HAFNIUM_MBZ "; 1.3: " CRATE "Table 1.14" },
};

static const struct ffa_layout constituent_layouts[] = {
	{ FFA_VERSION_1_0, 0, 16, MEMBERS(constituent) },
};

/* ---- relinquish ---- */

#define RELINQUISH	 CRATE "Table 2.25; " HAFNIUM "struct ffa_mem_relinquish"
#define RELINQUISH_FLAGS "TF-A services/std_svc/spm/el3_spmc/spmc_shared_mem.h (1.0, 1.1)"

static const struct ffa_member relinquish[] = {
	{ U64(0), .name = "handle", .meaning = "of the memory region", .source = RELINQUISH },
	{ OF(8, 4, 31, 2), RULES(MBZ, MBZ, UNKNOWN, UNKNOWN), .unknown = NO_TABLE,
	  .source = RELINQUISH_FLAGS },
	{ OF(8, 4, 1, 1), .name = "time-slice", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: the callee may return before it is done (FFA_MEM_OP_PAUSE)",
	  .source = RELINQUISH_FLAGS },
	{ OF(8, 4, 0, 0), .name = "zero", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: zero the memory after unmapping it; 0 if it was shared",
	  .source = RELINQUISH_FLAGS },
	{ U32(12), .name = "endpoint-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "endpoint IDs that follow", .source = RELINQUISH },
};

static const struct ffa_layout relinquish_layouts[] = {
	{ FFA_VERSION_1_0, 0, 16, MEMBERS(relinquish) },
};

static const struct ffa_member endpoint[] = {
	{ U16(0), .name = "endpoint", .type = FFA_TYPE_ID, .source = RELINQUISH },
};

static const struct ffa_layout endpoint_layouts[] = {
	{ FFA_VERSION_1_0, 0, 2, MEMBERS(endpoint) },
};

/* ---- RX/TX of an endpoint ---- */

#define RXTX                                                                                         \
	"Xen xen/arch/arm/tee/ffa_rxtx.c; Hafnium inc/vmapi/hf/ffa.h (1.1 EAC0 Table 13.27), which " \
	"pads it to 16 bytes"

/* clang-format off */
#define RXTX_HEAD                                                                        \
	{ U16(0), .name = "endpoint", .type = FFA_TYPE_ID, .meaning = "owner of the buffers", \
	  .source = RXTX },                                                              \
	{ U16(2), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN), .unknown = NO_TABLE, .source = RXTX }
/* clang-format on */

static const struct ffa_member rxtx_1_0[] = {
	RXTX_HEAD,
	{ U32(4), .name = "rx-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "constituents of the RX buffer", .source = RXTX },
	{ U32(8), .name = "tx-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "constituents of the TX buffer, after those", .source = RXTX },
};

static const struct ffa_member rxtx_1_1[] = {
	RXTX_HEAD,
	{ U32(4), .name = "rx-offset", .type = FFA_TYPE_DECIMAL,
	  .meaning = "composite descriptor of the RX buffer; a multiple of 8", .source = RXTX },
	{ U32(8), .name = "tx-offset", .type = FFA_TYPE_DECIMAL,
	  .meaning = "composite descriptor of the TX buffer; a multiple of 8", .source = RXTX },
};

static const struct ffa_layout rxtx_layouts[] = {
	{ FFA_VERSION_1_0, FFA_VERSION_1_0, 12, MEMBERS(rxtx_1_0) },
	{ FFA_VERSION_1_1, 0, 12, MEMBERS(rxtx_1_1) },
};

/* ---- partition information ---- */

#define PARTITION SPEC "Table 6.1, 6.2; " CRATE "Table 6.1"
#define OLDER_PARTITION                                                                     \
	"TF-A include/services/ffa_svc.h, struct ffa_partition_info_v1_0 and _v1_1; " LINUX \
	"struct ffa_partition_info"

/* clang-format off */
#define PARTITION_HEAD                                                                       \
	{ U16(0), .name = "id", .type = FFA_TYPE_ID, .meaning = "of the partition",          \
	  .source = PARTITION },                                                             \
	{ U16(2), .name = "contexts", .type = FFA_TYPE_DECIMAL,                              \
	  .meaning = "number of execution contexts; ID of the proxy if id-type is 2",        \
	  .source = PARTITION },                                                             \
	{ OF(4, 4, 31, 14), RULES(UNKNOWN, UNKNOWN, UNKNOWN, MBZ), .unknown = NO_TABLE,      \
	  .source = PARTITION },                                                             \
	{ OF(4, 4, 13, 0), .name = "properties", .props = true, .meaning = "flags, see the list of properties", \
	  .source = PARTITION }
/* clang-format on */

static const struct ffa_member partition_1_0[] = {
	PARTITION_HEAD,
};

static const struct ffa_member partition_1_1[] = {
	PARTITION_HEAD,
	{ BYTES(8, 16), .name = "uuid", .type = FFA_TYPE_UUID,
	  .meaning = "protocol; 0 if the call asked for one UUID", .source = OLDER_PARTITION },
};

static const struct ffa_member partition_1_3[] = {
	PARTITION_HEAD,
	{ BYTES(8, 16), .name = "uuid", .type = FFA_TYPE_UUID,
	  .meaning = "protocol; MBZ if the call asked for one", .source = PARTITION },
	{ BYTES(24, 16), .name = "image-uuid", .type = FFA_TYPE_UUID,
	  .meaning = "of the partition's image; 0: not specified", .source = PARTITION },
	{ OF(40, 4, 31, 31), RULES(NONE, NONE, NONE, MBZ), .source = PARTITION },
	{ OF(40, 4, 30, 0), .name = "ffa-version", .type = FFA_TYPE_VERSION,
	  .meaning = "FF-A version of the partition", .source = PARTITION },
	{ U32(44), RULES(NONE, NONE, NONE, MBZ), .source = PARTITION },
};

static const struct ffa_layout partition_layouts[] = {
	{ FFA_VERSION_1_0, FFA_VERSION_1_0, 8, MEMBERS(partition_1_0) },
	{ FFA_VERSION_1_1, FFA_VERSION_1_2, 24, MEMBERS(partition_1_1) },
	{ FFA_VERSION_1_3, 0, 48, MEMBERS(partition_1_3) },
};

/* ---- indirect message ---- */

#define MESSAGE                                                                                                \
	"TF-A tests include/runtime_services/ffa_helpers.h, struct ffa_partition_rxtx_header (1.1 EAC0 Table " \
	"6.2); Xen xen/arch/arm/tee/ffa_msg.c"

/* clang-format off */
#define MESSAGE_HEAD                                                                       \
	{ U32(0), RULES(NONE, MBZ, UNKNOWN, UNKNOWN), .unknown = NO_TABLE,                 \
	  .source = HAFNIUM "struct ffa_partition_rxtx_header (flags)" },                  \
	{ U32(4), RULES(NONE, SBZ, SBZ, UNKNOWN), .unknown = NO_TABLE, .source = MESSAGE }, \
	{ U32(8), .name = "offset", .type = FFA_TYPE_DECIMAL,                              \
	  .meaning = "where the message begins", .source = MESSAGE },                      \
	{ OF(12, 4, 31, 16), .name = "sender", .type = FFA_TYPE_ID, .source = MESSAGE },   \
	{ OF(12, 4, 15, 0), .name = "receiver", .type = FFA_TYPE_ID, .source = MESSAGE },  \
	{ U32(16), .name = "size", .type = FFA_TYPE_DECIMAL, .meaning = "bytes of the message", \
	  .source = MESSAGE }
/* clang-format on */

static const struct ffa_member message_1_1[] = {
	MESSAGE_HEAD,
};

static const struct ffa_member message_1_2[] = {
	MESSAGE_HEAD,
	{ U32(20), RULES(NONE, NONE, SBZ, UNKNOWN), .unknown = NO_TABLE, .source = MESSAGE },
	{ BYTES(24, 16), .name = "uuid", .type = FFA_TYPE_UUID, .meaning = "protocol",
	  .source = MESSAGE },
};

static const struct ffa_layout message_layouts[] = {
	{ FFA_VERSION_1_1, FFA_VERSION_1_1, 20, MEMBERS(message_1_1) },
	{ FFA_VERSION_1_2, 0, 40, MEMBERS(message_1_2) },
};

/* ---- all ---- */

static const struct ffa_descriptor descriptors[] = {
	{ "mem-transaction", "Memory transaction descriptor",
	  "TX of FFA_MEM_SHARE, _LEND, _DONATE, _RETRIEVE_REQ; RX of FFA_MEM_RETRIEVE_RESP",
	  "mem-access descriptors at access-offset (1.0: 32), and a composite-region at the "
	  "composite-offset of each",
	  false, LAYOUTS(transaction_layouts), TRANSACTION },
	{ "mem-access", "Endpoint memory access descriptor", "in a mem-transaction", NULL, false,
	  LAYOUTS(access_layouts), ACCESS },
	{ "composite-region", "Composite memory region descriptor",
	  "in a mem-transaction or an rxtx-descriptor", "constituents, right after it", false,
	  LAYOUTS(composite_layouts), COMPOSITE },
	{ "constituent", "Constituent memory region descriptor",
	  "after a composite-region; TX of FFA_MEM_FRAG_TX", NULL, true,
	  LAYOUTS(constituent_layouts), CONSTITUENT },
	{ "relinquish", "Descriptor to relinquish a memory region", "TX of FFA_MEM_RELINQUISH",
	  "endpoints, right after it", false, LAYOUTS(relinquish_layouts), RELINQUISH },
	{ "endpoint", "Endpoint ID", "after a relinquish", NULL, true, LAYOUTS(endpoint_layouts),
	  RELINQUISH },
	{ "rxtx-descriptor", "Endpoint RX/TX descriptor",
	  "TX of FFA_RXTX_MAP with addresses 0, on behalf of a VM",
	  "a composite-region at rx-offset and at tx-offset (1.0: constituents, right after it)",
	  false, LAYOUTS(rxtx_layouts), RXTX },
	{ "partition-info", "Partition information descriptor",
	  "RX of FFA_PARTITION_INFO_GET; registers of FFA_PARTITION_INFO_GET_REGS", NULL, false,
	  LAYOUTS(partition_layouts), PARTITION },
	{ "message-header", "Partition message header", "TX of FFA_MSG_SEND2, RX of its receiver",
	  "the message, at offset", false, LAYOUTS(message_layouts), MESSAGE },
};

#define NR_DESCRIPTORS (sizeof(descriptors) / sizeof(descriptors[0]))

const struct ffa_descriptor *ffa_descriptor_at(size_t index)
{
	return index < NR_DESCRIPTORS ? &descriptors[index] : NULL;
}

const struct ffa_descriptor *ffa_descriptor_find(const char *word)
{
	size_t len = 0;

	while (word[len])
		len++;
	for (size_t i = 0; i < NR_DESCRIPTORS; i++) {
		if (text_same_name(word, len, descriptors[i].name))
			return &descriptors[i];
	}

	return NULL;
}

bool ffa_descriptor_matches(const struct ffa_descriptor *type, const char *pattern)
{
	return text_matches(type->name, pattern);
}

bool ffa_layout_known_in(const struct ffa_layout *layout, uint32_t version)
{
	return version >= layout->since && (!layout->until || version <= layout->until);
}

const struct ffa_layout *ffa_layout_of(const struct ffa_descriptor *type, uint32_t version)
{
	for (size_t i = 0; i < type->nr_layouts; i++) {
		if (ffa_layout_known_in(&type->layouts[i], version))
			return &type->layouts[i];
	}

	return NULL;
}

unsigned int ffa_layout_versions(const struct ffa_layout *layout)
{
	unsigned int versions = 0;

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		versions |= (unsigned int)ffa_layout_known_in(layout, ffa_version_at(v)) << v;

	return versions;
}
