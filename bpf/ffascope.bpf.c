// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the events of the hypervisor's trace out of the kernel's own reader, typed and to the
 * nanosecond. The events are no tracepoints; but for each one that a reader takes out of the
 * buffer the kernel calls remote_event_print_<event>(evt, seq), in the task that reads, and
 * that function can be hooked.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stdbool.h>

#include "event.h"

#define CORE __attribute__((preserve_access_index))

/* As much of kernel/trace/trace_remote.c and include/linux/trace_seq.h as is read here. */
struct trace_seq {
	int full;
} CORE;

enum tri_type {
	TRI_CONSUMING,
	TRI_NONCONSUMING,
};

struct trace_remote_iterator {
	struct trace_seq seq;
	unsigned long lost_events;
	unsigned long long ts;
	int evt_cpu;
	enum tri_type type;
} CORE;

/* include/trace/define_remote_events.h makes one structure an event. */
struct remote_event_format_hyp_enter {
	unsigned char reason;
	int vcpu;
} CORE;

struct remote_event_format_hyp_exit {
	unsigned char reason;
	int vcpu;
} CORE;

struct remote_event_format_selftest {
	unsigned long long id;
} CORE;

/* Not mainline's: Android's meaning (see event.h), where a kernel has it. */
struct remote_event_format_host_smc {
	unsigned long long id;
	unsigned char forwarded;
} CORE;

/* The first argument registers of a kprobe: arch/arm64/include/uapi/asm/ptrace.h. */
struct user_pt_regs {
	unsigned long long regs[31];
} CORE;

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* Events that the ring buffer could not take, by the CPU they tell of; put into the next one. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} dropped SEC(".maps");

static __always_inline void count_dropped(__u32 cpu)
{
	__u32 one = 1, *count = bpf_map_lookup_elem(&dropped, &cpu);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&dropped, &cpu, &one, BPF_NOEXIST);
}

static __always_inline __u32 take_dropped(__u32 cpu)
{
	__u32 *count = bpf_map_lookup_elem(&dropped, &cpu);
	__u32 taken;

	if (!count || !*count)
		return 0;

	taken = *count;
	__sync_fetch_and_add(count, -taken);
	return taken;
}

/* Fills what every event has. NULL where the event is not to be told, or could not be. */
static __always_inline struct hyp_event *begin_event(const void *seq, __u8 type)
{
	const struct trace_remote_iterator *iter =
		seq - bpf_core_field_offset(struct trace_remote_iterator, seq);
	struct hyp_event *ev;
	__u64 lost;
	__u32 cpu;

	/* Somebody looks at `trace`, which shows events again that a later reader will take out. */
	if (BPF_CORE_READ(iter, type) == bpf_core_enum_value(enum tri_type, TRI_NONCONSUMING))
		return NULL;

	cpu = BPF_CORE_READ(iter, evt_cpu);
	ev = bpf_ringbuf_reserve(&events, sizeof(*ev), 0);
	if (!ev) {
		count_dropped(cpu);
		return NULL;
	}

	lost = BPF_CORE_READ(iter, lost_events) + take_dropped(cpu);
	ev->ts = BPF_CORE_READ(iter, ts);
	ev->cpu = cpu;
	ev->lost = lost > 0xffffffff ? 0xffffffff : lost;
	ev->type = type;
	ev->reason = HYP_REASON_NONE;
	ev->id = 0;
	ev->vcpu = 0;
	ev->arg = 0;
	return ev;
}

/* The tool looks after each read of its own; waking it up for each event would cost more. */
static __always_inline int end_event(struct hyp_event *ev)
{
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline int take_enter(const void *evt, const void *seq)
{
	const struct remote_event_format_hyp_enter *entry = evt;
	struct hyp_event *ev = begin_event(seq, HYP_EVENT_ENTER);

	if (!ev)
		return 0;
	if (bpf_core_field_exists(entry->reason))
		ev->reason = BPF_CORE_READ(entry, reason);
	if (bpf_core_field_exists(entry->vcpu))
		ev->vcpu = BPF_CORE_READ(entry, vcpu);
	return end_event(ev);
}

static __always_inline int take_exit(const void *evt, const void *seq)
{
	const struct remote_event_format_hyp_exit *entry = evt;
	struct hyp_event *ev = begin_event(seq, HYP_EVENT_EXIT);

	if (!ev)
		return 0;
	if (bpf_core_field_exists(entry->reason))
		ev->reason = BPF_CORE_READ(entry, reason);
	if (bpf_core_field_exists(entry->vcpu))
		ev->vcpu = BPF_CORE_READ(entry, vcpu);
	return end_event(ev);
}

static __always_inline int take_selftest(const void *evt, const void *seq)
{
	const struct remote_event_format_selftest *entry = evt;
	struct hyp_event *ev = begin_event(seq, HYP_EVENT_SELFTEST);

	if (!ev)
		return 0;
	ev->id = BPF_CORE_READ(entry, id);
	return end_event(ev);
}

static __always_inline int take_host_smc(const void *evt, const void *seq)
{
	const struct remote_event_format_host_smc *entry = evt;
	struct hyp_event *ev = begin_event(seq, HYP_EVENT_HOST_SMC);

	if (!ev)
		return 0;
	ev->id = BPF_CORE_READ(entry, id);
	ev->arg = BPF_CORE_READ(entry, forwarded);
	return end_event(ev);
}

SEC("fentry/remote_event_print_hyp_enter")
int fentry_hyp_enter(unsigned long long *ctx)
{
	return take_enter((const void *)ctx[0], (const void *)ctx[1]);
}

SEC("fentry/remote_event_print_hyp_exit")
int fentry_hyp_exit(unsigned long long *ctx)
{
	return take_exit((const void *)ctx[0], (const void *)ctx[1]);
}

SEC("fentry/remote_event_print_selftest")
int fentry_selftest(unsigned long long *ctx)
{
	return take_selftest((const void *)ctx[0], (const void *)ctx[1]);
}

SEC("fentry/remote_event_print_host_smc")
int fentry_host_smc(unsigned long long *ctx)
{
	return take_host_smc((const void *)ctx[0], (const void *)ctx[1]);
}

/* Kernels without a function tracer have no fentry; the same functions take a kprobe. */
SEC("kprobe/remote_event_print_hyp_enter")
int kprobe_hyp_enter(struct user_pt_regs *regs)
{
	return take_enter((const void *)BPF_CORE_READ(regs, regs[0]),
			  (const void *)BPF_CORE_READ(regs, regs[1]));
}

SEC("kprobe/remote_event_print_hyp_exit")
int kprobe_hyp_exit(struct user_pt_regs *regs)
{
	return take_exit((const void *)BPF_CORE_READ(regs, regs[0]),
			 (const void *)BPF_CORE_READ(regs, regs[1]));
}

SEC("kprobe/remote_event_print_selftest")
int kprobe_selftest(struct user_pt_regs *regs)
{
	return take_selftest((const void *)BPF_CORE_READ(regs, regs[0]),
			     (const void *)BPF_CORE_READ(regs, regs[1]));
}

SEC("kprobe/remote_event_print_host_smc")
int kprobe_host_smc(struct user_pt_regs *regs)
{
	return take_host_smc((const void *)BPF_CORE_READ(regs, regs[0]),
			     (const void *)BPF_CORE_READ(regs, regs[1]));
}
