/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_HYP_INTERNAL_H
#define FFASCOPE_HYP_INTERNAL_H

#include <signal.h>

#include "hyp/hyp.h"

/* Which events there are in layout->events, the folder. */
void hyp_find_events(struct hyp_layout *layout);

enum {
	HYP_ENTER,
	HYP_EXIT,
	HYP_SELFTEST,
	HYP_HOST_SMC,
	HYP_HOST_FFA_CALL,
	HYP_PRINTK,
	HYP_NR_EVENTS,
};

/* The switches of the trace as they were found, or as they are to be. */
struct hyp_settings {
	bool tracing_on;
	bool loaded; /* the buffer holds data or is in use: it cannot be resized */
	unsigned long buffer_kb;
	bool events[HYP_NR_EVENTS]; /* switches; false where the layout has no such event */
};

/* One number out of a file below the root of the trace, or into it. */
int hyp_read_file(const char *dir, const char *name, char *buf, size_t size, struct error *err);
int hyp_write_file(const char *dir, const char *name, const char *text, struct error *err);

int hyp_settings_read(const struct hyp_layout *layout, struct hyp_settings *found,
		      struct error *err);

/*
 * Sets what differs from `found`, for a run that wants buffer_kb. Where the buffer is loaded its
 * size stays. What has been changed when it fails is put back.
 */
int hyp_settings_apply(const struct hyp_layout *layout, const struct hyp_settings *found,
		       unsigned int buffer_kb, struct error *err);

/* Puts `found` back. Goes on after an error; the first one is returned and told. */
int hyp_settings_restore(const struct hyp_layout *layout, const struct hyp_settings *found,
			 struct error *err);

/* The lock that keeps a second run out. Returns a file descriptor or a negative errno. */
int hyp_lock(const char *run_dir, struct error *err);

/* What to put back, kept in a file so that a run that is killed can be repaired. */
int hyp_state_save(const char *run_dir, const struct hyp_layout *layout,
		   const struct hyp_settings *found, struct error *err);
void hyp_state_drop(const char *run_dir);

/* Puts back what a killed run left; 1 if there was something, 0 if not. */
int hyp_state_repair(const char *run_dir, struct error *err);

/* ---- text.c: pure but for hyp_format_load() ---- */

#define HYP_MAX_FIELDS 8

/* What an event's `format' file says of its text: the key that is printed, and the field behind. */
struct hyp_format {
	unsigned int nr;
	char keys[HYP_MAX_FIELDS][24];
	char fields[HYP_MAX_FIELDS][24];
};

/*
 * Reads the line "print fmt:" of a format file. Offsets are not looked at: mainline's are wrong.
 * -EBADMSG: there is none.
 */
int hyp_format_parse(const char *text, struct hyp_format *format);

/* The same for an event of the layout, out of its file. Negative errno. */
int hyp_format_load(const struct hyp_layout *layout, const char *event, struct hyp_format *format);

/* Turns the lines of trace_pipe into events. Zero it first; formats only where they are known. */
struct hyp_text {
	struct hyp_format host_smc;
	struct texts *texts; /* of hyp_printk; NULL: they are not kept */
	uint32_t lost;	     /* said of lost_cpu, and not yet put into an event */
	uint32_t lost_cpu;
	char line[512]; /* the start of a line whose end has not come yet */
	size_t len;
	bool too_long;
	bool holds;	       /* `held' can have more lines */
	struct hyp_event held; /* hyp_printk, or an event that is not known */
	char held_text[HYP_TEXT_LEN];
};

/*
 * Takes text and hands each event on; a negative errno of fn ends it and is returned. A line that
 * is not understood is an event of its own with type 0 and lost = 1: what it told is not known.
 */
int hyp_text_feed(struct hyp_text *text, const char *data, size_t len, hyp_event_fn fn, void *ctx);

/* No more text comes: hands on the event that could have had more lines. */
int hyp_text_end(struct hyp_text *text, hyp_event_fn fn, void *ctx);

/* ---- trace.c, bpf.c ---- */

struct bpf_link;
struct hyp_bpf;
struct ring_buffer;

struct hyp_trace {
	struct hyp_layout layout;
	struct hyp_settings found;
	struct hyp_settings now;
	const char *run_dir;
	unsigned int ring_bytes;
	const volatile int *stop;
	int lock_fd;
	int marker_fd;
	bool saved;
	bool handles_alarm;
	struct sigaction old_alarm;
	enum hyp_reader reader;
	struct hyp_bpf *bpf;
	struct bpf_link *others[HYP_MAX_OTHERS]; /* kprobes on events that are not decoded */
	struct ring_buffer *ring;
	struct texts *texts;
	struct hyp_text parser;
	uint64_t next_marker;

	/* Of the drain that is going on. */
	hyp_event_fn fn;
	void *ctx;
	struct hyp_marker *from, *until;
	int ret;

	char text[65536];
};

/* The number of a text of hyp_printk as the kernel prints it; 0: it is not kept. */
uint32_t hyp_keep_text(struct texts *texts, const char *text);

/* Takes an event of either reader: looks for the markers and hands it on. */
int hyp_take_event(struct hyp_trace *trace, const struct hyp_event *ev);

/* Loads and attaches, by fentry or else by kprobe. -EPERM; -ENOTSUP: the message says why not. */
int hyp_bpf_attach(struct hyp_trace *trace, struct error *err);

/* Hands on what the programs have put into their ring. A negative errno of libbpf. */
int hyp_bpf_consume(struct hyp_trace *trace);

/* NULL members are allowed. */
void hyp_bpf_detach(struct hyp_trace *trace);

#endif
