// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches the FF-A calls of the host. Calls of arm_ffa: at entry and return of the function with
 * the conduit instruction (drivers/firmware/arm_ffa/smccc.c). Calls of the module ffascope: at the
 * function that it calls after each call (kmod/ffascope.c).
 *
 * Three ways to hook arm_ffa; cli/driver/probe.c loads the first that the kernel has:
 *   tracepoints  ffa_call_enter and ffa_call_exit of examples/kernel-tracepoints
 *   fprobe       the function tracer's entry and return (CONFIG_FPROBE)
 *   kprobes      two breakpoints
 *
 * The kernel refuses fentry for arm_ffa's function, which takes a structure by value. AAPCS64 6.8.2
 * B.4 passes a structure of more than 16 bytes by reference: x0 points to the registers of the
 * call, x1 to the buffer for the answer.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stdbool.h>

#include "event.h"
#include "layout.h"

#define CORE __attribute__((preserve_access_index))

struct sched_entity {
	unsigned long long nr_migrations;
} CORE;

struct task_struct {
	struct sched_entity se;
	unsigned long nvcsw;
	unsigned long nivcsw;
	char comm[HOST_COMM_LEN];
} CORE;

/* The context of a kprobe begins so: arch/arm64/include/uapi/asm/ptrace.h. */
struct user_pt_regs {
	unsigned long long regs[31];
};

/* struct ffascope_call of kmod/ffascope.h. */
struct module_call {
	__u64 in[HOST_NR_REGS];
	__u64 out[HOST_NR_REGS];
	__u64 begin_ns;
	__u64 end_ns;
	__u32 cpu;
	__u32 flags;
};

FFASCOPE_CHECK_CALL(struct module_call);

char LICENSE[] SEC("license") = "GPL";

/* Frames to leave out of the stack: the hooked function; its callers matter. */
#define SKIP_OWN	1
/* Of a tracepoint also those of BPF between it and the function: seen on 7.3. */
#define SKIP_TRACEPOINT 5

/* Filters; all 0: no filter. */
const volatile __u32 own_pid;  /* hide the tool */
const volatile __u32 want_pid; /* only this process or thread */
const volatile char want_comm[HOST_COMM_LEN];
const volatile bool want_stacks;
const volatile bool filter_calls;   /* use the two tables below */
const volatile __u32 want_endpoint; /* with bit 16 set: only this endpoint */

/* By function number (bits 7:0 of x0) and convention (bit 30). */
#define NR_IDENTIFIERS 512
const volatile __u8 want_call[NR_IDENTIFIERS];
const volatile __u8
	endpoint_halves[NR_IDENTIFIERS]; /* halves of w1 with an endpoint ID: 1 low, 2 high */

/* Wanted calls that were lost. */
__u64 dropped; /* the ring buffer was full */
__u64 missed;  /* only the entry or only the return was seen */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24); /* cli/driver/probe.c sets it */
} calls SEC(".maps");

/* A call in progress, one per task: the function does not sleep and does not nest. */
struct begun {
	__u64 in[HOST_NR_REGS];
	__u64 res;
	__u64 begin_ns;
	__u64 switches;
	__u64 migrations;
	__u32 cpu;
	__u32 active;
	__u64 ip[HOST_MAX_STACK];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct begun);
} begun_calls SEC(".maps");

static __always_inline bool same_comm(const char *comm)
{
	for (int i = 0; i < HOST_COMM_LEN; i++) {
		if (comm[i] != want_comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

static __always_inline bool is_wanted_task(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	char comm[HOST_COMM_LEN];

	if (own_pid && id >> 32 == own_pid)
		return false;
	if (want_pid && id >> 32 != want_pid && (__u32)id != want_pid)
		return false;
	if (!want_comm[0])
		return true;
	return !bpf_get_current_comm(comm, sizeof(comm)) && same_comm(comm);
}

static __always_inline bool is_wanted_call(__u64 x0, __u64 x1)
{
	__u32 index = (x0 & 0xff) | (x0 >> 30 & 1) << 8;
	__u32 endpoint = want_endpoint & 0xffff;
	__u8 halves;

	if (filter_calls && !want_call[index & (NR_IDENTIFIERS - 1)])
		return false;
	if (!want_endpoint)
		return true;

	halves = endpoint_halves[index & (NR_IDENTIFIERS - 1)];
	return ((halves & 1) && (x1 & 0xffff) == endpoint) ||
	       ((halves & 2) && (x1 >> 16 & 0xffff) == endpoint);
}

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Reserves space for one call in the ring buffer; NULL if it is full. */
static __always_inline struct host_call *reserve(void)
{
	struct host_call *call;

	if (want_stacks)
		call = bpf_ringbuf_reserve(&calls, sizeof(struct host_call_stack), 0);
	else
		call = bpf_ringbuf_reserve(&calls, sizeof(struct host_call), 0);
	if (!call)
		count(&dropped);
	return call;
}

static __always_inline void fill_task(struct host_call *call)
{
	__u64 id = bpf_get_current_pid_tgid();

	call->tid = (__u32)id;
	call->pid = id >> 32;
	call->stack = 0;
	if (bpf_get_current_comm(call->comm, sizeof(call->comm)))
		call->comm[0] = '\0';
}

/* The tool polls; a wakeup per call would cost more. */
#define SUBMIT BPF_RB_NO_WAKEUP

/* args: the call's registers. res: where its answer will be. ctx, skip: for the stack. */
static __always_inline void on_begin(void *ctx, const void *args, __u64 res, __u64 skip)
{
	struct task_struct *task;
	struct begun *begun;

	if (!is_wanted_task())
		return;

	task = (struct task_struct *)bpf_get_current_task_btf();
	begun = bpf_task_storage_get(&begun_calls, (void *)task, NULL,
				     BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!begun) {
		count(&missed);
		return;
	}

	if (begun->active) {
		count(&missed);
		begun->active = 0;
	}
	if (bpf_probe_read_kernel(begun->in, sizeof(begun->in), args)) {
		count(&missed);
		return;
	}
	if ((filter_calls || want_endpoint) && !is_wanted_call(begun->in[0], begun->in[1]))
		return;

	begun->res = res;
	if (want_stacks) {
		long len = bpf_get_stack(ctx, begun->ip, sizeof(begun->ip), skip);

		for (int i = 0; i < HOST_MAX_STACK; i++) {
			if (i * 8 >= len)
				begun->ip[i] = 0;
		}
	}
	begun->cpu = bpf_get_smp_processor_id();
	begun->switches = task->nvcsw + task->nivcsw;
	begun->migrations = task->se.nr_migrations;
	begun->active = 1;
	begun->begin_ns = bpf_ktime_get_boot_ns();
}

/* res: where the answer is; NULL: where the entry said. */
static __always_inline int on_end_at(const void *res)
{
	__u64 end_ns = bpf_ktime_get_boot_ns();
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct begun *begun = bpf_task_storage_get(&begun_calls, (void *)task, NULL, 0);
	struct host_call *call;

	/* Entered before the hooks were attached, or filtered out. */
	if (!begun || !begun->active)
		return 0;

	begun->active = 0;
	call = reserve();
	if (!call)
		return 0;

	__builtin_memcpy(call->in, begun->in, sizeof(call->in));
	if (!res)
		res = (const void *)begun->res;
	if (bpf_probe_read_kernel(call->out, sizeof(call->out), res)) {
		bpf_ringbuf_discard(call, SUBMIT);
		count(&missed);
		return 0;
	}
	call->begin_ns = begun->begin_ns;
	call->end_ns = end_ns;
	call->cpu = begun->cpu;
	call->end_cpu = bpf_get_smp_processor_id();
	call->switches = task->nvcsw + task->nivcsw - begun->switches;
	call->migrations = task->se.nr_migrations - begun->migrations;
	call->source = HOST_SOURCE_DRIVER;
	fill_task(call);
	if (want_stacks)
		__builtin_memcpy(((struct host_call_stack *)call)->ip, begun->ip,
				 sizeof(begun->ip));
	bpf_ringbuf_submit(call, SUBMIT);
	return 0;
}

static __always_inline int on_end(void)
{
	return on_end_at(NULL);
}

static __always_inline void on_entry(struct user_pt_regs *regs)
{
	on_begin(regs, (const void *)regs->regs[0], regs->regs[1], SKIP_OWN);
}

/*
 * Both functions of arm_ffa. Not one kprobe.session: the prototype of bpf_session_is_return() has
 * changed, and libbpf refuses an object with the other one.
 */
SEC("kprobe.multi")
int begin_multi(struct user_pt_regs *regs)
{
	on_entry(regs);
	return 0;
}

SEC("kretprobe.multi")
int end_multi(struct user_pt_regs *regs)
{
	(void)regs;
	return on_end();
}

SEC("kprobe/__arm_ffa_fn_smc")
int begin_smc(struct user_pt_regs *regs)
{
	on_entry(regs);
	return 0;
}

SEC("kretprobe/__arm_ffa_fn_smc")
int end_smc(struct user_pt_regs *regs)
{
	(void)regs;
	return on_end();
}

SEC("kprobe/__arm_ffa_fn_hvc")
int begin_hvc(struct user_pt_regs *regs)
{
	on_entry(regs);
	return 0;
}

SEC("kretprobe/__arm_ffa_fn_hvc")
int end_hvc(struct user_pt_regs *regs)
{
	(void)regs;
	return on_end();
}

/* The interrupt by which the secure world announces notifications. Not a call. */
SEC("kprobe/ffa_sched_recv_irq_handler")
int schedule_receiver(struct user_pt_regs *regs)
{
	struct host_call *call;

	(void)regs;
	if (filter_calls || want_endpoint || want_pid || want_comm[0])
		return 0;
	call = reserve();
	if (!call)
		return 0;

	__builtin_memset(call, 0, sizeof(*call));
	call->begin_ns = bpf_ktime_get_boot_ns();
	call->end_ns = call->begin_ns;
	call->cpu = bpf_get_smp_processor_id();
	call->end_cpu = call->cpu;
	call->source = HOST_SOURCE_SRI;
	if (want_stacks)
		__builtin_memset(((struct host_call_stack *)call)->ip, 0,
				 sizeof(((struct host_call_stack *)call)->ip));
	bpf_ringbuf_submit(call, SUBMIT);
	return 0;
}

/* The module makes calls with interrupts off, so the task is never switched or moved. */
static __always_inline int on_module_call(struct user_pt_regs *regs)
{
	const struct module_call *made = (const void *)regs->regs[0];
	struct host_call *call;
	__u64 head[2];

	if (!is_wanted_task())
		return 0;
	if (filter_calls || want_endpoint) {
		if (bpf_probe_read_kernel(head, sizeof(head), made->in)) {
			count(&missed);
			return 0;
		}
		if (!is_wanted_call(head[0], head[1]))
			return 0;
	}

	call = reserve();
	if (!call)
		return 0;

	if (bpf_probe_read_kernel(call->in, 2 * sizeof(call->in) + 2 * sizeof(__u64), made->in) ||
	    bpf_probe_read_kernel(&call->cpu, sizeof(call->cpu), &made->cpu)) {
		bpf_ringbuf_discard(call, SUBMIT);
		count(&missed);
		return 0;
	}
	call->end_cpu = call->cpu;
	call->switches = 0;
	call->migrations = 0;
	call->source = HOST_SOURCE_MODULE;
	fill_task(call);
	if (want_stacks) {
		struct host_call_stack *stack = (struct host_call_stack *)call;
		long len = bpf_get_stack(regs, stack->ip, sizeof(stack->ip), SKIP_OWN);

		for (int i = 0; i < HOST_MAX_STACK; i++) {
			if (i * 8 >= len)
				stack->ip[i] = 0;
		}
	}
	bpf_ringbuf_submit(call, SUBMIT);
	return 0;
}

SEC("kprobe/ffascope_call_made")
int module_call(struct user_pt_regs *regs)
{
	return on_module_call(regs);
}

/* With fprobe: without a breakpoint too. */
SEC("kprobe.multi")
int module_call_multi(struct user_pt_regs *regs)
{
	return on_module_call(regs);
}

/* Arguments: the call's registers; at the exit, those of the answer too. */
SEC("raw_tp/ffa_call_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	on_begin(ctx, (const void *)ctx->args[0], 0, SKIP_TRACEPOINT);
	return 0;
}

SEC("raw_tp/ffa_call_exit")
int leave(struct bpf_raw_tracepoint_args *ctx)
{
	return on_end_at((const void *)ctx->args[1]);
}
