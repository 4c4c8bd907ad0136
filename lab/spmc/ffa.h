/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of FF-A that the SPMC needs. "Table" and "section" are those of Arm DEN0077A v1.3 ALP4.
 */
#ifndef FFA_H
#define FFA_H

#define FFA_64 0x40000000u /* set in the identifier of a call with 64-bit parameters */

enum ffa_call {
	FFA_ERROR = 0x84000060,
	FFA_SUCCESS = 0x84000061,
	FFA_INTERRUPT = 0x84000062,
	FFA_VERSION = 0x84000063,
	FFA_FEATURES = 0x84000064,
	FFA_RX_RELEASE = 0x84000065,
	FFA_RXTX_MAP = 0x84000066,
	FFA_RXTX_UNMAP = 0x84000067,
	FFA_PARTITION_INFO_GET = 0x84000068,
	FFA_ID_GET = 0x84000069,
	FFA_MSG_WAIT = 0x8400006b,
	FFA_YIELD = 0x8400006c,
	FFA_RUN = 0x8400006d,
	FFA_MSG_SEND_DIRECT_REQ = 0x8400006f,
	FFA_MSG_SEND_DIRECT_RESP = 0x84000070,
	FFA_MEM_LEND = 0x84000072,
	FFA_MEM_SHARE = 0x84000073,
	FFA_MEM_RETRIEVE_REQ = 0x84000074,
	FFA_MEM_RETRIEVE_RESP = 0x84000075,
	FFA_MEM_RELINQUISH = 0x84000076,
	FFA_MEM_RECLAIM = 0x84000077,
	FFA_MEM_FRAG_RX = 0x8400007a,
	FFA_MEM_FRAG_TX = 0x8400007b,
	FFA_NORMAL_WORLD_RESUME = 0x8400007c,
	FFA_NOTIFICATION_BITMAP_CREATE = 0x8400007d,
	FFA_NOTIFICATION_BITMAP_DESTROY = 0x8400007e,
	FFA_NOTIFICATION_BIND = 0x8400007f,
	FFA_NOTIFICATION_UNBIND = 0x84000080,
	FFA_NOTIFICATION_SET = 0x84000081,
	FFA_NOTIFICATION_GET = 0x84000082,
	FFA_NOTIFICATION_INFO_GET = 0x84000083,
	FFA_SPM_ID_GET = 0x84000085,
	FFA_MSG_SEND2 = 0x84000086,
	FFA_SECONDARY_EP_REGISTER_64 = 0xc4000087,
	FFA_PARTITION_INFO_GET_REGS_64 = 0xc400008b,
	FFA_MSG_SEND_DIRECT_REQ2_64 = 0xc400008d,
	FFA_MSG_SEND_DIRECT_RESP2_64 = 0xc400008e,
};

/* Table 12.4. */
enum ffa_status {
	OK = 0,
	NOT_SUPPORTED = -1,
	INVALID_PARAMETERS = -2,
	NO_MEMORY = -3,
	BUSY = -4,
	DENIED = -6,
	ABORTED = -8,
	NO_DATA = -9,
};

/* Feature IDs of FFA_FEATURES, Table 13.13. */
#define FEATURE_SCHEDULE_RECEIVER 2

/* Endpoint IDs. */
#define NORMAL_WORLD		  0 /* the hypervisor, or the OS kernel where there is none */
#define SPMC_ID			  0x8000
#define SPMD_ID			  0xffff

/*
 * Framework messages from TF-A's SPMD: w2 of a direct request. Section 18.2, and TF-A's
 * spmd_private.h for VERSION.
 */
#define FRAMEWORK_MESSAGE	  0x80000000u
#define FRAMEWORK_PSCI_REQ	  0
#define FRAMEWORK_PSCI_RESP	  2
#define FRAMEWORK_VERSION_REQ	  8
#define FRAMEWORK_VERSION_RESP	  9

/* Partition properties, Table 6.2. */
#define HAS_DIRECT_RECEIVE	  (1u << 0)
#define HAS_DIRECT_SEND		  (1u << 1)
#define HAS_INDIRECT		  (1u << 2)
#define HAS_NOTIFICATIONS	  (1u << 3)
#define IS_PERIPHERAL		  (1u << 4) /* stream endpoint of an independent device */
#define IS_DEPENDENT_PERIPHERAL	  (2u << 4) /* the same, with a proxy endpoint */
#define IS_AARCH64		  (1u << 8)
#define HAS_DIRECT2_RECEIVE	  (1u << 9)

/* FFA_NOTIFICATION_BIND and SET, w2. */
#define FLAG_PER_VCPU		  1u
/* FFA_NOTIFICATION_GET, w2. */
#define FLAG_FROM_SPS		  1u
#define FLAG_FROM_VMS		  2u
#define FLAG_FROM_SPM		  4u
#define FLAG_FROM_HYPERVISOR	  8u
/* The only framework notification, section 10.8.1. */
#define RX_BUFFER_FULL		  1u

/* Memory: the transaction descriptor and its parts (DEN0140), as FF-A 1.1 and later have them. */
struct memory_region {
	unsigned short sender, attributes;
	unsigned int flags;
	unsigned long handle, tag;
	unsigned int access_size, access_count, access_offset, reserved[3];
};

struct memory_access {
	unsigned short receiver;
	unsigned char permissions, flags;
	unsigned int composite_offset; /* from the start of the memory_region */
	unsigned long reserved;	       /* FF-A 1.2 adds 16 bytes before this field */
};

struct memory_range {
	unsigned long address;
	unsigned int pages, reserved;
};

struct memory_composite {
	unsigned int pages, range_count;
	unsigned long reserved;
	struct memory_range ranges[];
};

#endif
