/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the formats. */
#ifndef FFASCOPE_REPORT_INTERNAL_H
#define FFASCOPE_REPORT_INTERNAL_H

#include "report/report.h"

#define MAX_VIOLATIONS 64

/* Calls with the same outcome, for the summary. */
struct report_group {
	enum verdict_kind kind;
	enum verdict_reason reason;
	bool has_status;
	int32_t status;
	uint64_t calls;
	uint64_t total_ns, secure_ns; /* sums */
	uint64_t min_ns, max_ns;      /* of the total time */
	/* By CPU, with options.by_cpu only. */
	struct report_cpu {
		uint32_t cpu;
		uint64_t calls;
	} * cpus;
	size_t nr_cpus, max_cpus;
};

struct report {
	const struct report_ops *ops;
	struct report_options opts;
	uint64_t calls, unknown;
	int error;	/* -ENOMEM: something could not be shown, and nothing more is */
	uint32_t fid;	/* of the first call */
	uint32_t optee; /* watch_state_optee() */
	struct report_group *groups;
	size_t nr_groups;
	void *own; /* private data of the format */
};

struct json_object;

/* A call with its verdict as one object; the caller releases it with json_object_put(). */
struct json_object *report_call_object(const struct verdict_call *call, const struct verdict *v,
				       uint32_t ffa_version);

/* "FFA_ID_GET", or the number if the catalogue has no such identifier. */
const char *report_name(uint32_t fid, char buf[16]);

/* What follows an event's name: its reason, or the text that EL2 printed. */
const char *report_event_words(const struct report *report, const struct hyp_event *ev);

/* One line for a call of a driver; with -v also registers and stack. */
void report_watched_line(struct report *report, const struct watched *watched, const char *stack);

void report_state_lines(struct report *report, const struct watch_state *state);

/*
 * "FFA_MSG_SEND_DIRECT_REQ receiver=0x8001 CALL_WITH_ARG data2=0x1000": a call of a driver with the
 * fields that are set, and OP-TEE's functions by name.
 */
void report_watched_call(const struct report *report, const struct ffa_regs *in, char *buf,
			 size_t size);

/* The status and what came with it. */
void report_watched_answer(const struct report *report, const struct verdict_call *call, char *buf,
			   size_t size);

/* "912 ns", "12.3 us", "1.2 ms". */
void report_format_time(uint64_t ns, char buf[24]);

/* The escape sequence that starts the verdict's colour. */
const char *report_verdict_color(enum verdict_kind kind);

/* Explains a reason in words; "" for VERDICT_REASON_NONE. */
const char *report_reason_meaning(enum verdict_reason reason);

#endif
