/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layouts that the BPF programs pass to user space and that recordings store (cli/record). Fixed
 * width, no implicit padding. BPF and user space share this file, so it includes no other header.
 */
#ifndef FFASCOPE_EVENT_H
#define FFASCOPE_EVENT_H

enum hyp_event_type {
	HYP_EVENT_ENTER = 1,	     /* hyp_enter: EL2 is entered; reason: where from */
	HYP_EVENT_EXIT = 2,	     /* hyp_exit: EL2 is left; reason: where to */
	HYP_EVENT_SELFTEST = 3,	     /* written through write_event; id: that number */
	HYP_EVENT_HOST_SMC = 4,	     /* Android; id: function identifier, arg: forwarded */
	HYP_EVENT_OTHER = 5,	     /* any other event: only its time, CPU and loss are known */
	HYP_EVENT_PRINTK = 6,	     /* hyp_printk; id is the number of its text, 0: not kept */
	HYP_EVENT_HOST_FFA_CALL = 7, /* Android; id: as host_smc, arg: 1 if EL2 handled it */
};

/* enum hyp_enter_exit_reason of arch/arm64/include/asm/kvm_hypevents.h, same numbers. */
enum hyp_reason {
	HYP_REASON_SMC,
	HYP_REASON_HVC,
	HYP_REASON_SYS,
	HYP_REASON_PSCI,
	HYP_REASON_HOST_ABORT,
	HYP_REASON_GUEST_EXIT,
	HYP_REASON_ERET_HOST,
	HYP_REASON_ERET_GUEST,
	HYP_REASON_UNKNOWN,
	HYP_REASON_NONE = 255, /* the event has no reason field (Android) */
};

/* Their names in the trace (arch/arm64/kvm/hyp_trace.c, __hyp_enter_exit_reason_str()). */
/* clang-format off */
#define HYP_REASON_NAMES                                \
	{                                               \
		[HYP_REASON_SMC] = "smc",               \
		[HYP_REASON_HVC] = "hvc",               \
		[HYP_REASON_SYS] = "sys",               \
		[HYP_REASON_PSCI] = "psci",             \
		[HYP_REASON_HOST_ABORT] = "host_abort", \
		[HYP_REASON_GUEST_EXIT] = "guest_exit", \
		[HYP_REASON_ERET_HOST] = "eret_host",   \
		[HYP_REASON_ERET_GUEST] = "eret_guest", \
		[HYP_REASON_UNKNOWN] = "unknown",       \
	}
/* clang-format on */

struct hyp_event {
	unsigned long long ts; /* ns on the hypervisor's clock, which follows the boot clock */
	unsigned long long id; /* selftest: the number; host_smc: the function identifier */
	unsigned int cpu;
	unsigned int lost;    /* number of events lost just before this one */
	int vcpu;	      /* pid of the vCPU loaded on this CPU, 0 for none */
	unsigned char type;   /* enum hyp_event_type */
	unsigned char reason; /* enum hyp_reason */
	unsigned short arg;
};

#define HYP_TEXT_LEN 256

/* What BPF passes to user space for HYP_EVENT_PRINTK. */
struct hyp_event_text {
	struct hyp_event event;
	char text[HYP_TEXT_LEN]; /* as the kernel prints it, cut off; ends in a NUL */
};

/* Who made a watched call. */
enum host_source {
	HOST_SOURCE_DRIVER = 1, /* arm_ffa, for itself or for a driver above it */
	HOST_SOURCE_MODULE = 2, /* the module ffascope, for another process */
	HOST_SOURCE_SRI = 3,	/* not a call: Schedule Receiver interrupt, at begin_ns */
};

#define HOST_NR_REGS   18
#define HOST_COMM_LEN  16
#define HOST_MAX_STACK 16

/* One FF-A call of the host, seen in the kernel. Times: ns on the boot clock. */
struct host_call {
	unsigned long long in[HOST_NR_REGS];
	unsigned long long out[HOST_NR_REGS];
	unsigned long long begin_ns; /* before the conduit instruction */
	unsigned long long end_ns;   /* after it */
	unsigned int cpu;	     /* at begin_ns */
	unsigned int end_cpu;
	unsigned int tid;
	unsigned int pid;	 /* the process, as user space calls it */
	unsigned int switches;	 /* how often the task was switched out during the call */
	unsigned int migrations; /* how often it moved to another CPU during the call */
	unsigned int source;	 /* enum host_source */
	unsigned int stack;	 /* number of the caller's kernel stack, 0: not taken */
	char comm[HOST_COMM_LEN];
};

/* With stacks: the call, then return addresses, 0 after the last. */
struct host_call_stack {
	struct host_call call;
	unsigned long long ip[HOST_MAX_STACK];
};

#endif
