/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Derives the verdict of a call from its record and from the events of the hypervisor's trace.
 * Pure: no I/O. Live runs and recordings use the same functions.
 *
 * Times are in ns. Those of calls are on the kernel's boot clock, those of events on the
 * hypervisor's; `offset` is the second minus the first.
 */
#ifndef FFASCOPE_VERDICT_H
#define FFASCOPE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "ffa/regs.h"

enum verdict_kind {
	VERDICT_UNKNOWN,
	VERDICT_REJECTED,  /* nothing reached EL3, the caller got an error */
	VERDICT_ANSWERED,  /* nothing reached EL3, the caller got success */
	VERDICT_FORWARDED, /* at least one SMC left EL2 for EL3 */
};

enum verdict_reason {
	VERDICT_REASON_NONE,
	VERDICT_LOST_EVENTS, /* events are missing at the time of the call */
	VERDICT_NO_EVENTS,   /* the trace is complete there and has no trap */
	VERDICT_AMBIGUOUS,   /* more than one trap fits, or the clocks do not agree well enough */
	VERDICT_TRACING_OFF, /* there is no trace of this call */
	VERDICT_EVIDENCE_CONFLICT, /* the registers contradict the trace */
	VERDICT_NOT_TRACED, /* this kernel does not trace the SMCs that EL2 may send for such a call */
};

/* What the registers alone suggest; not proven. */
enum verdict_inferred {
	VERDICT_SILENT,
	VERDICT_SUGGESTS_EL2,	 /* EL2 seems to have written the answer */
	VERDICT_SUGGESTS_SECURE, /* the answer seems to have come from EL3 or below it */
};

/* One call as the device made it. */
struct verdict_call {
	struct ffa_regs in;
	struct ffa_regs out;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint32_t cpu;
	uint32_t reserved;
};

/* Texts of one call that are kept. */
#define VERDICT_MAX_PRINTKS 8

struct verdict {
	enum verdict_kind kind;
	enum verdict_reason reason; /* of VERDICT_UNKNOWN */
	bool from_trace;	    /* the trace has its trap */
	bool rebuilt;	/* of VERDICT_FORWARDED: EL2 sent its own requests instead of the call */
	bool claimed;	/* host_smc, host_ffa_call: a handler of EL2 took the call */
	bool passed_on; /* host_smc, host_ffa_call: no handler did, EL2 passed the call on */
	enum verdict_inferred inferred;
	uint32_t smcs;	   /* SMCs that left EL2 for EL3 during the call */
	uint64_t enter_ns; /* entry to EL2 on the boot clock, within the accuracy of the offset */
	uint64_t total_ns; /* from the trap to the return to the host */
	uint64_t el2_before_ns;
	uint64_t secure_ns;    /* outside EL2, below it, all SMCs together */
	uint64_t el2_after_ns; /* the rest of total_ns */
	uint32_t nr_printks;   /* how often EL2 printed during the call (hyp_printk) */
	uint32_t printks[VERDICT_MAX_PRINTKS]; /* numbers of the first texts; 0: not kept */
};

/* Called for each settled call, in the order in which the calls of a CPU were made. */
typedef void (*verdict_fn)(void *ctx, const struct verdict_call *call, void *tag,
			   const struct verdict *verdict);

/*
 * The canary for x8 to x17 of an SMC32 call, where they are not parameters (DEN0028 2.6). What
 * comes back in them tells EL2's own answers from others on some machines: see calibration.h.
 */
uint64_t verdict_canary(unsigned int reg);

/* Puts canaries into those of x8 to x17 that are zero, where fid is an SMC32 identifier. */
void verdict_add_canaries(struct ffa_regs *in);

/* The registers without canaries, as the user gave them. */
void verdict_without_canaries(const struct ffa_regs *in, struct ffa_regs *asked);

struct verdict_join;

/* Returns NULL without memory. hvc: the calls' conduit is HVC, not SMC. */
struct verdict_join *verdict_join_new(bool hvc);
void verdict_join_free(struct verdict_join *join);

/*
 * Event times are rounded down to a multiple of precision_ns: 1 (the default), or 1000 if the trace
 * is read as text.
 */
void verdict_join_set_precision(struct verdict_join *join, unsigned int precision_ns);

/*
 * What the evidence proves on this machine; copied. By default the registers are not used, and it
 * is not known whether the SMCs that EL2 issues itself are traced.
 */
struct calibration;
void verdict_join_calibrate(struct verdict_join *join, const struct calibration *cal);
const struct calibration *verdict_join_calibration(const struct verdict_join *join);

/*
 * Makes room for a CPU. Afterwards events, calls and settling of this CPU may be in another thread
 * than those of other CPUs with room. -ENOMEM, -EINVAL: bad CPU.
 */
int verdict_join_room(struct verdict_join *join, uint32_t cpu);

/* Takes the next event; those of one CPU in the order of its trace. -ENOMEM, -EINVAL: bad CPU. */
int verdict_join_event(struct verdict_join *join, const struct hyp_event *event);

/* Takes a call (a copy is kept); those of one CPU in the order of time. -ENOMEM, -EINVAL. */
int verdict_join_call(struct verdict_join *join, const struct verdict_call *call, void *tag);

/* The offset between the two clocks. */
struct verdict_clock {
	int64_t offset_ns; /* hypervisor minus boot clock */
	uint64_t slack_ns; /* maximum error of the offset */
	uint64_t guard_ns; /* no other trap of the CPU is closer to a call */
};

/*
 * How far the clocks may have moved apart since an offset was measured, in ns: 2 ns a ms. The
 * kernel readjusts the hypervisor's clock every 500 ms and complains when it was off by more than
 * 1 us (arch/arm64/kvm/hyp_trace.c).
 */
static inline uint64_t verdict_clock_drift(uint64_t age_ns)
{
	return age_ns / 1000000 * 2;
}

/*
 * Settles all calls that wait on cpu. The trace of that CPU is whole from `from` to `until`
 * (hypervisor's clock) but for what the events themselves say was lost. reason: with
 * VERDICT_REASON_NONE each call gets its verdict from the trace; with another each becomes unknown
 * for that reason. *clock is what was measured; it is made more exact where the calls allow it.
 */
void verdict_join_settle(struct verdict_join *join, uint32_t cpu, uint64_t from, uint64_t until,
			 struct verdict_clock *clock, enum verdict_reason reason, verdict_fn fn,
			 void *ctx);

/*
 * Whether an event is the one before it on its CPU, seen again: when its page of text is full, the
 * kernel prints the last event, with the number of those lost before it, again at the next read
 * (kernel/trace/trace_remote.c, trace_pipe_read()).
 */
static inline bool verdict_is_repeat(const struct hyp_event *last, const struct hyp_event *ev)
{
	return last->ts == ev->ts && last->type == ev->type && last->reason == ev->reason &&
	       last->id == ev->id && last->cpu == ev->cpu && (!ev->lost || ev->lost == last->lost);
}

/* "hyp_enter" and so on, "?" for a type that is not known. */
const char *verdict_event_name(unsigned char type);

/* "smc", "eret_host" and so on, in the kernel's words; "" for none. */
const char *verdict_event_reason(unsigned char reason);

/* "rejected", "answered", "forwarded", "unknown". */
const char *verdict_kind_name(enum verdict_kind kind);

/* "el2", "secure-world", NULL for unknown. */
const char *verdict_by(enum verdict_kind kind);

/* "lost-events" and so on, NULL for none. */
const char *verdict_reason_name(enum verdict_reason reason);

/* "registers-suggest-el2", "registers-suggest-secure-world", NULL where they are silent. */
const char *verdict_inferred_name(enum verdict_inferred inferred);

#endif
