/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The interface of /dev/ffascope. It makes FF-A calls from the kernel, each isolated in the trace
 * of its CPU, and calls arm_ffa's own operations.
 *
 * Every structure starts with its size and with flags. A structure may be shorter than declared
 * here (older caller: missing fields are zero) or longer (newer caller: fields that this module
 * does not know must be zero, else E2BIG). Unknown flags return EINVAL. Every request and read(2)
 * need CAP_SYS_ADMIN and are refused under lockdown (EPERM); poll(2) then returns POLLERR.
 */
#ifndef _UAPI_FFASCOPE_H
#define _UAPI_FFASCOPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Incremented when a program built for the previous version would misinterpret an answer. */
#define FFASCOPE_ABI_VERSION 1

#define FFASCOPE_NR_REGS 18
#define FFASCOPE_MAX_CALLS 4096	      /* in one FFASCOPE_REGISTERS request */
#define FFASCOPE_MAX_GUARD_NS 100000  /* 100 us, with interrupts off */
#define FFASCOPE_MAX_PAGES 4096	      /* of an open file, in FFASCOPE_PAGES requests */

enum {
	FFASCOPE_CONDUIT_SMC = 1,
	FFASCOPE_CONDUIT_HVC = 2,
};

/* ffascope_info.features */
#define FFASCOPE_FEATURE_UNSAFE (1U << 0) /* loaded with unsafe=1 */
#define FFASCOPE_FEATURE_DRIVER (1U << 1) /* FFASCOPE_DRIVER and read(2) are available */
#define FFASCOPE_FEATURE_IRQS_ON (1U << 2) /* FFASCOPE_REGISTERS_IRQS_ON is available */
#define FFASCOPE_FEATURE_LIMIT (1U << 3) /* ffascope_registers.limit_us is available */
#define FFASCOPE_FEATURE_MEMORY (1U << 4) /* FFASCOPE_REGISTERS_BUFFERS and FFASCOPE_PAGES */

struct ffascope_info {
	__u32 size;	    /* in: sizeof(struct ffascope_info) */
	__u32 flags;	    /* in: 0 */
	__u32 abi_version;  /* FFASCOPE_ABI_VERSION of the module */
	__u32 features;	    /* FFASCOPE_FEATURE_* */
	__u32 ffa_version;  /* negotiated by arm_ffa: major 30:16, minor 15:0; 0: unknown */
	__u32 conduit;	    /* FFASCOPE_CONDUIT_* */
	__u32 max_calls;    /* in one request */
	__u32 max_guard_ns;
	__u32 kept_pages;   /* pages of closed files that are still shared with the secure world */
	__u32 reserved;	    /* 0 */
};

/* One call. in[0] bits 31:0 are the function identifier; bits 63:32 are not checked. */
struct ffascope_call {
	__u64 in[FFASCOPE_NR_REGS];
	__u64 out[FFASCOPE_NR_REGS];
	__u64 begin_ns; /* CLOCK_BOOTTIME just before the conduit instruction, after the pause */
	__u64 end_ns;	/* just after it, before the second pause */
	__u32 cpu;	/* the CPU that made the call */
	__u32 flags;	/* 0 */
};

/* ffascope_registers.flags */
/*
 * Interrupts stay on during each call, as they do for arm_ffa's, and guard_ns is not waited: other
 * traps can lie within begin_ns and end_ns. Only preemption is off.
 */
#define FFASCOPE_REGISTERS_IRQS_ON (1U << 0)
/*
 * Needs unsafe=1. The calls use arm_ffa's RX and TX buffers, under its own locks, so that arm_ffa
 * waits and its mapping stays as it is. Before each call the TX buffer gets the tx_len bytes at tx,
 * then zeros; after the last one, rx_len bytes of the RX buffer are written to rx.
 */
#define FFASCOPE_REGISTERS_BUFFERS (1U << 1)

/*
 * A batch of calls, made in order. Interrupts are off during each call and during a pause of
 * guard_ns before and after it, so this CPU takes no other trap within guard_ns of the call.
 *
 * The whole request is checked before the first call: a refused request makes no call.
 *
 * Returns 0 with done == count, or with less if limit_us was reached, or
 *   EINTR   a signal ended the batch: calls[0..done) were made
 *   EXDEV   the caller no longer runs on `cpu`: calls[0..done) were made
 *   EACCES  calls[bad] needs unsafe=1, nothing was called
 *   EINVAL  unknown flags, count of 0 or above max_calls, guard_ns above max_guard_ns, a function
 *           identifier outside the fast calls of the standard service with numbers 0x60 to 0xff
 *           (then bad is its index), nothing was called
 *   EFAULT  the memory at calls cannot be read or written; if it cannot be written, done is the
 *           number of calls made before the copy failed
 *   ENOMEM  nothing was called
 * With FFASCOPE_REGISTERS_BUFFERS also, without a call:
 *   ENODEV    arm_ffa has no device
 *   ENOENT    the kernel does not give the address of arm_ffa's data: it has no KPROBES or no
 *             KALLSYMS_ALL
 *   EPROTO    arm_ffa's data does not have the layout that this module knows
 *   EMSGSIZE  tx_len or rx_len is more than the buffer has
 * Once the request itself has been read, done and bad are written with every outcome.
 *
 * Without unsafe=1 (EACCES) these calls are refused: VERSION with any other version than the
 * negotiated one (all, if it is unknown), PARTITION_INFO_GET without the count-only flag,
 * NS_RES_INFO_GET, RX_ACQUIRE, RX_RELEASE, RXTX_MAP, RXTX_UNMAP, RUN, MEM_PERM_GET and
 * MEM_PERM_SET, and the memory management calls with numbers 0x71 to 0x7b except MEM_OP_PAUSE of
 * handle 0.
 */
struct ffascope_registers {
	__u32 size;	/* in: sizeof(struct ffascope_registers) */
	__u32 flags;	/* in: FFASCOPE_REGISTERS_* */
	__u64 calls;	/* in: address of an array of struct ffascope_call */
	__u32 count;	/* in: number of calls */
	__u32 done;	/* out: number of calls made */
	__u32 bad;	/* out: index of the call that caused EACCES or EINVAL, else ~0 */
	__s32 cpu;	/* in: the CPU that the caller must run on; -1: any */
	__u32 guard_ns; /* in: the pause before and after each call */
	/*
	 * in: no call begins later than this many us after the first one; 0: no limit. Modules
	 * without FFASCOPE_FEATURE_LIMIT refuse any other value (EINVAL).
	 */
	__u32 limit_us;
	__u64 tx;	/* in: with FFASCOPE_REGISTERS_BUFFERS; else 0, as the next three */
	__u64 rx;	/* in: address that rx_len bytes are written to */
	__u32 tx_len;	/* in: bytes */
	__u32 rx_len;	/* in: bytes */
};

/* ffascope_pages.flags */
#define FFASCOPE_PAGES_CONTIGUOUS (1U << 0) /* each after the one before */
#define FFASCOPE_PAGES_KEEP	  (1U << 1) /* do not reclaim the file's pages when it is closed */

/*
 * Allocates zeroed pages that the open file owns, for a memory transaction. Needs unsafe=1.
 *
 * The module remembers the handle of each memory transaction that succeeds on the file, or of which
 * it saw a fragment arrive. When the file is closed it reclaims these handles. If one cannot be
 * reclaimed, or with FFASCOPE_PAGES_KEEP, all pages of the file stay allocated until a
 * FFA_MEM_RECLAIM of its last handle succeeds on any open file: a page that the secure world can
 * still use is never freed. The kernel log and ffascope_info.kept_pages report such pages.
 *
 * Returns 0, or EACCES without unsafe=1, EINVAL for unknown flags or a count of 0, ENOSPC if the
 * file would have more than FFASCOPE_MAX_PAGES, ENOMEM, EFAULT. A request that fails allocates
 * nothing.
 */
struct ffascope_pages {
	__u32 size;	 /* in: sizeof(struct ffascope_pages) */
	__u32 flags;	 /* in: FFASCOPE_PAGES_* */
	__u64 addresses; /* in: address of an array of count __u64 that takes physical addresses */
	__u32 count;	 /* in: pages of page_size bytes */
	__u32 page_size; /* out: the kernel's, in bytes */
};

/*
 * One of arm_ffa's own operations (struct ffa_ops of linux/arm_ffa.h), on a device of its bus.
 *
 * A notification obtained with FFASCOPE_DRIVER_REQUEST belongs to the open file until
 * FFASCOPE_DRIVER_RELINQUISH or until the file is closed, including at process exit. While the
 * file holds it, read(2) returns its notifications as they arrive.
 *
 * If arm_ffa is a module, an open file on which a request used it keeps it loaded until close.
 */
enum {
	FFASCOPE_DRIVER_REQUEST = 1,	/* notify_request(id): BIND; read(2) reports arrivals */
	FFASCOPE_DRIVER_RELINQUISH = 2, /* notify_relinquish(id): UNBIND */
	FFASCOPE_DRIVER_SEND = 3,	/* notify_send(id): SET */
	FFASCOPE_DRIVER_DIRECT = 4,	/* sync_send_receive(data[0..4]): MSG_SEND_DIRECT_REQ */
	FFASCOPE_DRIVER_DIRECT2 = 5,	/* sync_send_receive2(data[0..13]): MSG_SEND_DIRECT_REQ2 */
	FFASCOPE_DRIVER_QUERY = 6,	/* no call: what arm_ffa knows about the partition */
	/*
	 * partition_info_get(uuid): data[0] is the number of partitions with the UUID; data[1] to
	 * data[13] describe the first 13: ID 15:0, execution contexts 31:16, properties 63:32.
	 */
	FFASCOPE_DRIVER_PARTITIONS = 7,
};

/* ffascope_driver.flags */
#define FFASCOPE_DRIVER_PER_VCPU (1U << 0) /* REQUEST, SEND: per-vCPU, else global */
#define FFASCOPE_DRIVER_FOREIGN (1U << 1)  /* RELINQUISH: held by another driver; needs unsafe=1 */
#define FFASCOPE_DRIVER_UUID (1U << 2)	   /* uuid selects one of the partition's devices */

/* ffascope_driver.result */
#define FFASCOPE_RESULT_ISOLATED (1U << 0) /* made with interrupts off, between two pauses */
#define FFASCOPE_RESULT_MOVED (1U << 1) /* the caller migrated from CPU made_on */
#define FFASCOPE_RESULT_32BIT (1U << 2) /* this device uses 32-bit direct messages */
/* arm_ffa has notifications enabled, so EOPNOTSUPP is the answer to the call, not arm_ffa's own */
#define FFASCOPE_RESULT_NOTIFICATIONS (1U << 3)

#define FFASCOPE_NR_DATA 14
#define FFASCOPE_MAX_NOTIFICATIONS 64
#define FFASCOPE_QUEUE 256 /* unread notifications kept per open file */

/*
 * Returns 0 if the operation was called: status is its return value. Otherwise nothing was called:
 *   ENODEV      arm_ffa has no device for this partition (and UUID); PARTITIONS: no device
 *   EBUSY       an open file of /dev/ffascope already holds this ID
 *   ENOENT      RELINQUISH: this file does not hold this ID
 *   EACCES      FFASCOPE_DRIVER_FOREIGN without unsafe=1
 *   EOPNOTSUPP  this arm_ffa does not have the operation
 *   EXDEV       the caller does not run on `cpu`
 *   EINVAL      unknown flags or operation, an ID above 63, a partition or vCPU above 65535, or a
 *               nonzero field that the operation does not use
 *   EINTR       a signal arrived before the operation was called
 * If the answer cannot be written (EFAULT), a notification that REQUEST obtained is relinquished.
 */
struct ffascope_driver {
	__u32 size;	  /* in: sizeof(struct ffascope_driver) */
	__u32 flags;	  /* in: FFASCOPE_DRIVER_* */
	__u32 op;	  /* in: FFASCOPE_DRIVER_REQUEST ... */
	__u32 partition;  /* in: endpoint ID; PARTITIONS: ignored */
	__u32 id;	  /* in: notification ID, 0 to 63 */
	__u32 vcpu;	  /* in: SEND with FFASCOPE_DRIVER_PER_VCPU: 0 to 65535 */
	__s32 cpu;	  /* in: the CPU that the caller must run on; -1: any */
	__u32 guard_ns;	  /* in: SEND: pause before and after the call */
	__s32 status;	  /* out: 0 or the negative errno that arm_ffa returned */
	__u32 made_on;	  /* out: the CPU that started the operation */
	__u32 result;	  /* out: FFASCOPE_RESULT_* */
	__u32 properties; /* out: the partition's, encoded as in FFA_PARTITION_INFO_GET */
	__u64 begin_ns;	  /* out: CLOCK_BOOTTIME just before the operation */
	__u64 end_ns;	  /* out: just after it */
	__u8 uuid[16];	  /* in: with FFASCOPE_DRIVER_UUID and PARTITIONS; out: the device's */
	__u64 data[FFASCOPE_NR_DATA]; /* in: DIRECT, DIRECT2; out: the answer */
};

/*
 * read(2) returns whole records; EINVAL if the buffer is smaller than one. It waits for the first
 * record (EAGAIN with O_NONBLOCK); poll(2) reports POLLIN when one is queued. Notifications that
 * arrive while the queue is full are counted as lost.
 */
#define FFASCOPE_NOTE_NOTHING (1U << 0) /* no notification: the record only reports `lost` */

struct ffascope_notification {
	__u64 time_ns;	 /* CLOCK_BOOTTIME when arm_ffa called the module */
	__u64 lost;	 /* notifications lost just before this one */
	__u32 partition; /* the partition that the request named */
	__u32 id;
	__u32 cpu; /* the CPU on which arm_ffa called the module */
	__u32 flags;
};

#define FFASCOPE_IOC_MAGIC 0xfa
#define FFASCOPE_INFO _IOWR(FFASCOPE_IOC_MAGIC, 0x00, struct ffascope_info)
#define FFASCOPE_REGISTERS _IOWR(FFASCOPE_IOC_MAGIC, 0x01, struct ffascope_registers)
#define FFASCOPE_DRIVER _IOWR(FFASCOPE_IOC_MAGIC, 0x02, struct ffascope_driver)
#define FFASCOPE_PAGES _IOWR(FFASCOPE_IOC_MAGIC, 0x03, struct ffascope_pages)

#endif
