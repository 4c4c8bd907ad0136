/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The interface of /dev/ffascope: FF-A calls made from the kernel, one by one, each alone in the
 * trace of its CPU; and arm_ffa's own operations.
 *
 * Every structure starts with its own size and with flags. A structure may be shorter than the
 * one here (an older caller: what is missing counts as zero) or longer (a newer one: what this
 * module does not know must be zero, else E2BIG). Flags that this module does not know: EINVAL.
 * All requests need CAP_SYS_ADMIN (EPERM) and are refused under lockdown (EPERM), read(2) as well;
 * poll(2) says POLLERR then.
 */
#ifndef _UAPI_FFASCOPE_H
#define _UAPI_FFASCOPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Raised when a program that was built for the old number would misunderstand the module. */
#define FFASCOPE_ABI_VERSION 1

#define FFASCOPE_NR_REGS 18
#define FFASCOPE_MAX_CALLS 4096	      /* in one FFASCOPE_REGISTERS request */
#define FFASCOPE_MAX_GUARD_NS 100000  /* 100 us, with interrupts off */

enum {
	FFASCOPE_CONDUIT_SMC = 1,
	FFASCOPE_CONDUIT_HVC = 2,
};

/* ffascope_info.features */
#define FFASCOPE_FEATURE_UNSAFE (1U << 0) /* loaded with unsafe=1 */
#define FFASCOPE_FEATURE_DRIVER (1U << 1) /* there is FFASCOPE_DRIVER, and read(2) */

struct ffascope_info {
	__u32 size;	    /* in: sizeof(struct ffascope_info) */
	__u32 flags;	    /* in: 0 */
	__u32 abi_version;  /* FFASCOPE_ABI_VERSION of the module */
	__u32 features;	    /* FFASCOPE_FEATURE_* */
	__u32 ffa_version;  /* negotiated by arm_ffa: major 30:16, minor 15:0; 0: not known */
	__u32 conduit;	    /* FFASCOPE_CONDUIT_* */
	__u32 max_calls;    /* in one request */
	__u32 max_guard_ns;
};

/* One call. in[0] is the function identifier, with anything in its upper half. */
struct ffascope_call {
	__u64 in[FFASCOPE_NR_REGS];
	__u64 out[FFASCOPE_NR_REGS];
	__u64 begin_ns; /* CLOCK_BOOTTIME just before the conduit instruction, after the pause */
	__u64 end_ns;	/* and just after it, before the pause */
	__u32 cpu;	/* where it was made */
	__u32 flags;	/* 0 */
};

/*
 * A batch of calls, made in order, each with interrupts off and with a pause of guard_ns before
 * and after it, so that no other trap of this CPU lies within guard_ns of it.
 *
 * Everything is looked at before the first call is made: a request that is refused has called
 * nothing.
 *
 * Returns 0 with done == count, or
 *   EINTR   a signal ended the batch: calls[0..done) were made
 *   EXDEV   the caller no longer runs on `cpu`: calls[0..done) were made
 *   EACCES  calls[bad] may not be made without unsafe=1, nothing was called
 *   EINVAL  unknown flags, count of 0 or above max_calls, guard_ns above max_guard_ns, a function
 *           identifier outside the fast calls of the standard service with numbers 0x60 to 0xff
 *           (then bad is its index), nothing was called
 *   EFAULT  the memory at calls cannot be read or written; when it cannot be written, done says
 *           how many calls were made all the same
 */
struct ffascope_registers {
	__u32 size;	/* in: sizeof(struct ffascope_registers) */
	__u32 flags;	/* in: 0 */
	__u64 calls;	/* in: address of an array of struct ffascope_call */
	__u32 count;	/* in: how many */
	__u32 done;	/* out: how many were made */
	__u32 bad;	/* out: with EACCES and EINVAL the index of the call at fault, else ~0 */
	__s32 cpu;	/* in: calls are made only while the caller runs there; -1: anywhere */
	__u32 guard_ns; /* in: the pause before and after each call */
	__u32 reserved; /* in: 0 */
};

/*
 * One of arm_ffa's own operations (struct ffa_ops of linux/arm_ffa.h), on a device of its bus.
 *
 * What FFASCOPE_DRIVER_REQUEST obtained belongs to the open file: it is given back by
 * FFASCOPE_DRIVER_RELINQUISH, or when the file is closed, whatever ended the process. Meanwhile
 * read(2) gives the notifications as they arrive.
 */
enum {
	FFASCOPE_DRIVER_REQUEST = 1,	/* notify_request(id): BIND, and read(2) tells of it */
	FFASCOPE_DRIVER_RELINQUISH = 2, /* notify_relinquish(id): UNBIND */
	FFASCOPE_DRIVER_SEND = 3,	/* notify_send(id): SET */
	FFASCOPE_DRIVER_DIRECT = 4,	/* sync_send_receive(data[0..4]): MSG_SEND_DIRECT_REQ */
	FFASCOPE_DRIVER_DIRECT2 = 5,	/* sync_send_receive2(data[0..13]): MSG_SEND_DIRECT_REQ2 */
	FFASCOPE_DRIVER_QUERY = 6,	/* no call: what arm_ffa knows of the partition */
	/*
	 * partition_info_get(uuid): data[0] is how many partitions have the UUID, data[1] to
	 * data[13] the first of them: ID 15:0, execution contexts 31:16, properties 63:32.
	 */
	FFASCOPE_DRIVER_PARTITIONS = 7,
};

/* ffascope_driver.flags */
#define FFASCOPE_DRIVER_PER_VCPU (1U << 0) /* REQUEST, SEND: of one vCPU, else global */
#define FFASCOPE_DRIVER_FOREIGN (1U << 1)  /* RELINQUISH: held by another driver; needs unsafe=1 */
#define FFASCOPE_DRIVER_UUID (1U << 2)	   /* uuid says which of the partition's devices */

/* ffascope_driver.result */
#define FFASCOPE_RESULT_ISOLATED (1U << 0) /* made with interrupts off, between two pauses */
#define FFASCOPE_RESULT_MOVED (1U << 1) /* the caller ended up on another CPU than made_on */
#define FFASCOPE_RESULT_32BIT (1U << 2) /* direct messages of this device are 32-bit ones */
/* arm_ffa has notifications switched on: EOPNOTSUPP is then what the call was answered with */
#define FFASCOPE_RESULT_NOTIFICATIONS (1U << 3)

#define FFASCOPE_NR_DATA 14
#define FFASCOPE_MAX_NOTIFICATIONS 64
#define FFASCOPE_QUEUE 256 /* notifications that wait to be read, of one file */

/*
 * Returns 0 when the operation was called: status is what it returned. Else nothing was called:
 *   ENODEV      arm_ffa has no device of this partition (and UUID)
 *   EBUSY       an open file of /dev/ffascope has requested this ID already
 *   ENOENT      RELINQUISH of what this file has not requested
 *   EACCES      FFASCOPE_DRIVER_FOREIGN without unsafe=1
 *   EOPNOTSUPP  this arm_ffa has no such operation
 *   EXDEV       the caller does not run on `cpu`
 *   EINVAL      unknown flags or operation, an ID above 63, a partition or vCPU above 65535, what
 *               the operation does not use is not zero
 *   EINTR       a signal came before the operation was called
 * When the answer cannot be written (EFAULT), what REQUEST obtained is given back.
 */
struct ffascope_driver {
	__u32 size;	  /* in: sizeof(struct ffascope_driver) */
	__u32 flags;	  /* in: FFASCOPE_DRIVER_* */
	__u32 op;	  /* in: FFASCOPE_DRIVER_REQUEST ... */
	__u32 partition;  /* in: endpoint ID; for PARTITIONS of any device that there is */
	__u32 id;	  /* in: of the notification, 0 to 63 */
	__u32 vcpu;	  /* in: SEND with FFASCOPE_DRIVER_PER_VCPU: 0 to 65535 */
	__s32 cpu;	  /* in: only while the caller runs there; -1: anywhere */
	__u32 guard_ns;	  /* in: pause before and after, where FFASCOPE_RESULT_ISOLATED can be had */
	__s32 status;	  /* out: 0 or the negative errno that arm_ffa returned */
	__u32 made_on;	  /* out: the CPU on which it began */
	__u32 result;	  /* out: FFASCOPE_RESULT_* */
	__u32 properties; /* out: of the partition, as FFA_PARTITION_INFO_GET has them */
	__u64 begin_ns;	  /* out: CLOCK_BOOTTIME just before, and just after */
	__u64 end_ns;
	__u8 uuid[16];	  /* in: with FFASCOPE_DRIVER_UUID, for PARTITIONS; out: of the device */
	__u64 data[FFASCOPE_NR_DATA]; /* in: DIRECT, DIRECT2; out: the answer */
};

/*
 * What read(2) gives, whole ones only: EINVAL where not even one fits. It waits for the first
 * (EAGAIN with O_NONBLOCK); poll(2) tells when there is one. Where the queue is full, what arrives
 * is counted instead.
 */
#define FFASCOPE_NOTE_NOTHING (1U << 0) /* no notification: only tells what was lost */

struct ffascope_notification {
	__u64 time_ns;	 /* CLOCK_BOOTTIME when arm_ffa called the module */
	__u64 lost;	 /* how many were lost just before this one */
	__u32 partition; /* for which it was requested */
	__u32 id;
	__u32 cpu; /* on which the module was called */
	__u32 flags;
};

#define FFASCOPE_IOC_MAGIC 0xfa
#define FFASCOPE_INFO _IOWR(FFASCOPE_IOC_MAGIC, 0x00, struct ffascope_info)
#define FFASCOPE_REGISTERS _IOWR(FFASCOPE_IOC_MAGIC, 0x01, struct ffascope_registers)
#define FFASCOPE_DRIVER _IOWR(FFASCOPE_IOC_MAGIC, 0x02, struct ffascope_driver)

#endif
