// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the hypervisor's events from the kernel's own reader, typed and with ns resolution. The
 * events are not tracepoints. But when a task reads trace_pipe, the kernel calls
 * remote_event_print_<event>(evt, seq) in that task for each event, and BPF can hook that function.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stdbool.h>

#include "event.h"

#define CORE __attribute__((preserve_access_index))

/* The members of kernel/trace/trace_remote.c and include/linux/trace_seq.h that are read here. */
struct seq_buf {
	char *buffer;
	unsigned long len;
} CORE;

struct trace_seq {
	struct seq_buf seq;
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

/* include/trace/define_remote_events.h defines one structure per event. */
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

char LICENSE[] SEC("license") = "GPL";

/*
 * Allows direct loads from kernel memory; otherwise each member needs a helper call
 * (kernel/bpf/helpers.c, Linux 6.2). The kprobe programs do not use it: they are for kernels with
 * fewer features.
 */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

#define CAST(type, ptr) ((type *)bpf_rdonly_cast(ptr, bpf_core_type_id_kernel(type)))

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* By traced CPU: events dropped because the ring buffer was full. Added to the next event. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} dropped SEC(".maps");

/* Whether `dropped' has entries: a lookup costs as much as the rest of an event. */
bool any_dropped;

static __always_inline __u32 take_dropped(__u32 cpu)
{
	__u32 *count, taken;

	if (!any_dropped)
		return 0;

	count = bpf_map_lookup_elem(&dropped, &cpu);
	if (!count || !*count)
		return 0;

	taken = *count;
	__sync_fetch_and_add(count, -taken);
	return taken;
}

/* Where and when the event happened, from the iterator. */
struct place {
	__u64 ts, lost;
	__u32 cpu, how;
};

/* The event itself, and the loss that it reports. */
static __always_inline void count_dropped(const struct place *place)
{
	__u32 cpu = place->cpu, more = place->lost < 0x7fffffff ? place->lost + 1 : 0x7fffffff;
	__u32 *count = bpf_map_lookup_elem(&dropped, &cpu);

	any_dropped = true;
	if (count)
		__sync_fetch_and_add(count, more);
	else
		bpf_map_update_elem(&dropped, &cpu, &more, BPF_NOEXIST);
}

static __always_inline void load_place(struct place *place, const void *seq)
{
	const struct trace_remote_iterator *iter =
		CAST(struct trace_remote_iterator,
		     seq - bpf_core_field_offset(struct trace_remote_iterator, seq));

	place->how = iter->type;
	place->cpu = iter->evt_cpu;
	place->lost = iter->lost_events;
	place->ts = iter->ts;
}

static __always_inline void fill_event(struct hyp_event *ev, const struct place *place, __u8 type)
{
	__u64 lost = place->lost + take_dropped(place->cpu);

	ev->ts = place->ts;
	ev->cpu = place->cpu;
	ev->lost = lost > 0xffffffff ? 0xffffffff : lost;
	ev->type = type;
	ev->reason = HYP_REASON_NONE;
	ev->id = 0;
	ev->vcpu = 0;
	ev->arg = 0;
}

/* Fills the common members. NULL if the event is not reported, or was dropped. */
static __always_inline struct hyp_event *begin_event(const struct place *place, __u8 type)
{
	struct hyp_event *ev;

	/* A reader of `trace` does not consume: the event will come again. */
	if (place->how == bpf_core_enum_value(enum tri_type, TRI_NONCONSUMING))
		return NULL;

	ev = bpf_ringbuf_reserve(&events, sizeof(*ev), 0);
	if (!ev) {
		count_dropped(place);
		return NULL;
	}

	fill_event(ev, place, type);
	return ev;
}

/* The tool polls after each read; a wakeup per event would cost more. */
static __always_inline int end_event(struct hyp_event *ev)
{
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline int put_entry(const struct place *place, __u8 type, __u8 reason, int vcpu)
{
	struct hyp_event *ev = begin_event(place, type);

	if (!ev)
		return 0;
	ev->reason = reason;
	ev->vcpu = vcpu;
	return end_event(ev);
}

/* Android's events have neither reason nor vcpu. */
#define REASON(entry) (bpf_core_field_exists((entry)->reason) ? (entry)->reason : HYP_REASON_NONE)
#define VCPU(entry)   (bpf_core_field_exists((entry)->vcpu) ? (entry)->vcpu : 0)
static __always_inline int put_selftest(const struct place *place, __u64 id)
{
	struct hyp_event *ev = begin_event(place, HYP_EVENT_SELFTEST);

	if (!ev)
		return 0;
	ev->id = id;
	return end_event(ev);
}

SEC("fentry/remote_event_print_hyp_enter")
int fentry_hyp_enter(unsigned long long *ctx)
{
	const struct remote_event_format_hyp_enter *entry =
		CAST(struct remote_event_format_hyp_enter, (const void *)ctx[0]);
	struct place place;

	load_place(&place, (const void *)ctx[1]);
	return put_entry(&place, HYP_EVENT_ENTER, REASON(entry), VCPU(entry));
}

SEC("fentry/remote_event_print_hyp_exit")
int fentry_hyp_exit(unsigned long long *ctx)
{
	const struct remote_event_format_hyp_exit *entry =
		CAST(struct remote_event_format_hyp_exit, (const void *)ctx[0]);
	struct place place;

	load_place(&place, (const void *)ctx[1]);
	return put_entry(&place, HYP_EVENT_EXIT, REASON(entry), VCPU(entry));
}

SEC("fentry/remote_event_print_selftest")
int fentry_selftest(unsigned long long *ctx)
{
	const struct remote_event_format_selftest *entry =
		CAST(struct remote_event_format_selftest, (const void *)ctx[0]);
	struct place place;

	load_place(&place, (const void *)ctx[1]);
	return put_selftest(&place, entry->id);
}

/*
 * HYP_LIGHT: only these three programs. A loader that runs in the kernel loads them (cli/hyp/light.c);
 * the programs below depend on the kernel's layout, which the tool compares with before it loads them.
 */
#ifndef HYP_LIGHT

/* Android only, not in mainline; see event.h. */
struct remote_event_format_host_smc {
	unsigned long long id;
	unsigned char forwarded;
} CORE;

/* The first argument registers of a kprobe: arch/arm64/include/uapi/asm/ptrace.h. */
struct user_pt_regs {
	unsigned long long regs[31];
} CORE;

static __always_inline void probe_place(struct place *place, const void *seq)
{
	const struct trace_remote_iterator *iter =
		seq - bpf_core_field_offset(struct trace_remote_iterator, seq);

	place->how = BPF_CORE_READ(iter, type);
	place->cpu = BPF_CORE_READ(iter, evt_cpu);
	place->lost = BPF_CORE_READ(iter, lost_events);
	place->ts = BPF_CORE_READ(iter, ts);
}

#define PROBE_REASON(entry) \
	(bpf_core_field_exists((entry)->reason) ? BPF_CORE_READ(entry, reason) : HYP_REASON_NONE)
#define PROBE_VCPU(entry) (bpf_core_field_exists((entry)->vcpu) ? BPF_CORE_READ(entry, vcpu) : 0)

static __always_inline int put_host_smc(const struct place *place, __u64 id, __u8 forwarded)
{
	struct hyp_event *ev = begin_event(place, HYP_EVENT_HOST_SMC);

	if (!ev)
		return 0;
	ev->id = id;
	ev->arg = forwarded;
	return end_event(ev);
}

SEC("fentry/remote_event_print_host_smc")
int fentry_host_smc(unsigned long long *ctx)
{
	const struct remote_event_format_host_smc *entry =
		CAST(struct remote_event_format_host_smc, (const void *)ctx[0]);
	struct place place;

	load_place(&place, (const void *)ctx[1]);
	return put_host_smc(&place, entry->id, entry->forwarded);
}

/* Without the function tracer there is no fentry; kprobes on the same functions work. */
SEC("kprobe/remote_event_print_hyp_enter")
int kprobe_hyp_enter(struct user_pt_regs *regs)
{
	const struct remote_event_format_hyp_enter *entry =
		(const void *)BPF_CORE_READ(regs, regs[0]);
	struct place place;

	probe_place(&place, (const void *)BPF_CORE_READ(regs, regs[1]));
	return put_entry(&place, HYP_EVENT_ENTER, PROBE_REASON(entry), PROBE_VCPU(entry));
}

SEC("kprobe/remote_event_print_hyp_exit")
int kprobe_hyp_exit(struct user_pt_regs *regs)
{
	const struct remote_event_format_hyp_exit *entry =
		(const void *)BPF_CORE_READ(regs, regs[0]);
	struct place place;

	probe_place(&place, (const void *)BPF_CORE_READ(regs, regs[1]));
	return put_entry(&place, HYP_EVENT_EXIT, PROBE_REASON(entry), PROBE_VCPU(entry));
}

SEC("kprobe/remote_event_print_selftest")
int kprobe_selftest(struct user_pt_regs *regs)
{
	const struct remote_event_format_selftest *entry =
		(const void *)BPF_CORE_READ(regs, regs[0]);
	struct place place;

	probe_place(&place, (const void *)BPF_CORE_READ(regs, regs[1]));
	return put_selftest(&place, BPF_CORE_READ(entry, id));
}

SEC("kprobe/remote_event_print_host_smc")
int kprobe_host_smc(struct user_pt_regs *regs)
{
	const struct remote_event_format_host_smc *entry =
		(const void *)BPF_CORE_READ(regs, regs[0]);
	struct place place;

	probe_place(&place, (const void *)BPF_CORE_READ(regs, regs[1]));
	return put_host_smc(&place, BPF_CORE_READ(entry, id), BPF_CORE_READ(entry, forwarded));
}

/*
 * Events that are not decoded here. The kernel counts a loss on the event after it, and reading
 * clears the count: without these programs such a loss would go unseen. The tool sets the
 * functions: one program each for fentry, the same one for all of them for kprobes.
 */
static __always_inline int put_other(const struct place *place)
{
	struct hyp_event *ev = begin_event(place, HYP_EVENT_OTHER);

	return ev ? end_event(ev) : 0;
}

#define FENTRY_OTHER(n)                                   \
	SEC("fentry/remote_event_print_selftest")         \
	int fentry_other##n(unsigned long long *ctx)      \
	{                                                 \
		struct place place;                       \
                                                          \
		load_place(&place, (const void *)ctx[1]); \
		return put_other(&place);                 \
	}

FENTRY_OTHER(0)
FENTRY_OTHER(1)
FENTRY_OTHER(2)
FENTRY_OTHER(3)
FENTRY_OTHER(4)
FENTRY_OTHER(5)
FENTRY_OTHER(6)
FENTRY_OTHER(7)

SEC("kprobe")
int kprobe_other(struct user_pt_regs *regs)
{
	struct place place;

	probe_place(&place, (const void *)BPF_CORE_READ(regs, regs[1]));
	return put_other(&place);
}

/*
 * hyp_printk: the kernel formats the text, so it is taken from the sequence once the function has
 * returned. Between the two programs the task that reads cannot print another event.
 */
struct printing {
	const struct trace_seq *seq;
	__u64 len; /* of the sequence before the event */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* thread ID */
	__type(value, struct printing);
} printing SEC(".maps");

static __always_inline int begin_printk(const struct trace_seq *seq)
{
	struct printing now = { .seq = seq, .len = BPF_CORE_READ(seq, seq.len) };
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	bpf_map_update_elem(&printing, &tid, &now, BPF_ANY);
	return 0;
}

static __always_inline void copy_text(char *text, const struct printing *now)
{
	/* A variable of its own: struct printing is not a type of the kernel. */
	const struct trace_seq *seq = now->seq;
	const char *buffer = BPF_CORE_READ(seq, seq.buffer);
	__u64 end = BPF_CORE_READ(seq, seq.len);
	__u64 len = end > now->len ? end - now->len : 0;

	if (len > HYP_TEXT_LEN - 1)
		len = HYP_TEXT_LEN - 1;
	len &= HYP_TEXT_LEN - 1;
	if (bpf_probe_read_kernel(text, len, buffer + now->len))
		len = 0;
	text[len] = 0;
}

static __always_inline int end_printk(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct printing *found = bpf_map_lookup_elem(&printing, &tid);
	struct hyp_event_text *record;
	struct printing now;
	struct place place;

	if (!found)
		return 0;
	now = *found;
	bpf_map_delete_elem(&printing, &tid);
	probe_place(&place, now.seq);
	if (place.how == bpf_core_enum_value(enum tri_type, TRI_NONCONSUMING))
		return 0;

	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count_dropped(&place);
		return 0;
	}
	fill_event(&record->event, &place, HYP_EVENT_PRINTK);
	copy_text(record->text, &now);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("fentry/remote_event_print_hyp_printk")
int fentry_printk(unsigned long long *ctx)
{
	return begin_printk((const void *)ctx[1]);
}

SEC("fexit/remote_event_print_hyp_printk")
int fexit_printk(unsigned long long *ctx __attribute__((unused)))
{
	return end_printk();
}

SEC("kprobe/remote_event_print_hyp_printk")
int kprobe_printk(struct user_pt_regs *regs)
{
	return begin_printk((const void *)BPF_CORE_READ(regs, regs[1]));
}

SEC("kretprobe/remote_event_print_hyp_printk")
int kretprobe_printk(struct user_pt_regs *regs __attribute__((unused)))
{
	return end_printk();
}

#endif /* HYP_LIGHT */
