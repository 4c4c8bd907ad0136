/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The interface of /dev/ffascope: FF-A calls made from the kernel, one by one, each alone in the
 * trace of its CPU.
 *
 * Every structure starts with its own size and with flags. A structure may be shorter than the
 * one here (an older caller: what is missing counts as zero) or longer (a newer one: what this
 * module does not know must be zero, else E2BIG). Flags that this module does not know: EINVAL.
 * All requests need CAP_SYS_ADMIN (EPERM) and are refused under lockdown (EPERM).
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

#define FFASCOPE_IOC_MAGIC 0xfa
#define FFASCOPE_INFO _IOWR(FFASCOPE_IOC_MAGIC, 0x00, struct ffascope_info)
#define FFASCOPE_REGISTERS _IOWR(FFASCOPE_IOC_MAGIC, 0x01, struct ffascope_registers)

#endif
