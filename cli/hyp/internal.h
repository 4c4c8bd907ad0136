/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_HYP_INTERNAL_H
#define FFASCOPE_HYP_INTERNAL_H

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "hyp/hyp.h"

/* Finds the events in the folder layout->events. */
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

/* Settings of the trace. */
struct hyp_settings {
	bool tracing_on;
	bool loaded; /* the buffer has data or is in use, so it cannot be resized */
	unsigned long buffer_kb;
	bool events[HYP_NR_EVENTS]; /* enabled; false if the layout lacks the event */
};

/* Reads or writes a file below the root of the trace. */
int hyp_read_file(const char *dir, const char *name, char *buf, size_t size, struct error *err);
int hyp_write_file(const char *dir, const char *name, const char *text, struct error *err);

int hyp_settings_read(const struct hyp_layout *layout, struct hyp_settings *found,
		      struct error *err);

/*
 * Changes the settings for a run, starting from `found`. A loaded buffer keeps its size. Undoes its
 * changes on failure.
 */
int hyp_settings_apply(const struct hyp_layout *layout, const struct hyp_settings *found,
		       unsigned int buffer_kb, struct error *err);

/* Restores `found`. Continues after errors; returns and reports the first one. */
int hyp_settings_restore(const struct hyp_layout *layout, const struct hyp_settings *found,
			 struct error *err);

/* Locks out other runs. Returns a file descriptor or a negative errno. */
int hyp_lock(const char *run_dir, struct error *err);

/* Keeps the settings to restore in a file, for the case that the run is killed. */
int hyp_state_save(const char *run_dir, const struct hyp_layout *layout,
		   const struct hyp_settings *found, struct error *err);
void hyp_state_drop(const char *run_dir);

/* Restores the settings that a killed run changed. 1: restored; 0: nothing to do. */
int hyp_state_repair(const char *run_dir, struct error *err);

/* ---- text.c: pure but for hyp_format_load() ---- */

#define HYP_MAX_FIELDS 8

/* The keys that an event's text prints, and their fields, from its `format' file. */
struct hyp_format {
	unsigned int nr;
	char keys[HYP_MAX_FIELDS][24];
	char fields[HYP_MAX_FIELDS][24];
};

/*
 * Parses the line "print fmt:" of a format file. Ignores offsets, which are wrong in mainline.
 * -EBADMSG: there is none.
 */
int hyp_format_parse(const char *text, struct hyp_format *format);

/* The same, read from the format file of an event. Negative errno. */
int hyp_format_load(const struct hyp_layout *layout, const char *event, struct hyp_format *format);

/* State of the text parser. Initialize to zero. */
struct hyp_text {
	struct hyp_format host_smc;
	struct texts *texts; /* texts of hyp_printk; NULL: not kept */
	uint32_t cpu;	     /* whose trace it is */
	uint64_t last_ts;    /* of the last event, for lines without a time */
	uint32_t lost;	     /* events lost on lost_cpu, not yet reported */
	uint32_t lost_cpu;
	char line[512]; /* incomplete line */
	size_t len;
	bool too_long;
	bool holds;	       /* `held' can have more lines */
	struct hyp_event held; /* hyp_printk, or an event that is not known */
	char held_text[HYP_TEXT_LEN];
};

/*
 * Parses text and passes each event to fn; returns the first negative errno of fn. A line that is
 * not understood becomes an event of type 0 with lost = 1; if it names no CPU and time, it has those
 * of the file and of the event before it.
 */
int hyp_text_feed(struct hyp_text *text, const char *data, size_t len, hyp_event_fn fn, void *ctx);

/* Ends the text: passes on the event that could have had more lines. */
int hyp_text_end(struct hyp_text *text, hyp_event_fn fn, void *ctx);

/* ---- trace.c, drain.c, bpf.c ---- */

struct bpf_link;
struct hyp_bpf;
struct hyp_light_bpf;
struct ring_buffer;

/* What a caller wants of a drain; fn and both markers may be NULL. */
struct hyp_wish {
	hyp_event_fn fn;
	void *ctx;
	struct hyp_marker *from, *until;
};

/* Reads the trace of one CPU. Made when that CPU is drained first, freed with the trace. */
struct hyp_lane {
	struct hyp_lane *next;
	struct hyp_trace *trace;
	unsigned int cpu;
	struct hyp_text parser;
	timer_t ticker;	  /* interrupts a blocking read of ticker_tid */
	pid_t ticker_tid; /* 0: there is no timer */

	/* Of the current drain; trace->mutex guards them. */
	bool active;
	struct hyp_wish wish;
	int ret;

	char text[65536];
};

struct hyp_trace {
	struct hyp_layout layout;
	struct hyp_settings found;
	struct hyp_settings now;
	const char *run_dir;
	unsigned int ring_bytes;
	const volatile int *stop;
	int lock_fd;
	int marker_fd;
	int on_fd; /* tracing_on, kept open to see whether another process switches it off */
	bool saved;
	bool handles_alarm;
	struct sigaction old_alarm;
	enum hyp_reader reader;
	/* One of the two: loaded by libbpf, or by a loader in the kernel. */
	struct hyp_bpf *bpf;
	struct hyp_light_bpf *light;
	struct bpf_link *others[HYP_MAX_OTHERS]; /* kprobes on events that are not decoded */
	struct ring_buffer *ring;
	struct texts *texts;
	struct hyp_format host_smc; /* for parsers of text */
	_Atomic uint64_t next_marker;

	/* Guards the ring's consumer, texts, the list of lanes and their drains. */
	pthread_mutex_t mutex;
	struct hyp_lane *lanes;
	unsigned int nr_active;
};

/* The number of a text of hyp_printk as the kernel prints it; 0: it is not kept. */
uint32_t hyp_keep_text(struct texts *texts, const char *text);

/*
 * Takes a record of the BPF ring: a ring_buffer_sample_fn; ctx is the struct hyp_trace. Passes it to
 * the drain of its CPU; if there is only one drain, to that. trace->mutex is held.
 */
int hyp_take_record(void *ctx, void *data, size_t size);

void hyp_free_lanes(struct hyp_trace *trace);

/* Loads and attaches with fentry, or else kprobes. -EPERM, -ENOTSUP with a message. */
int hyp_bpf_attach(struct hyp_trace *trace, struct error *err);

/* Members may be NULL. */
void hyp_bpf_detach(struct hyp_trace *trace);

/* ---- light.c ---- */

#define HYP_LIGHT_LINKS 3

/* Whether the kernel has the events that the light programs read, and no others. */
bool hyp_light_fits(const struct hyp_layout *layout);

/* ring_bytes: as hyp_options.ring_bytes. A negative errno: bpf.c can still attach, or knows why not. */
int hyp_light_attach(struct hyp_light_bpf **light, unsigned int ring_bytes);

/* Descriptors: of the ring buffer, and of what keeps the programs attached. */
int hyp_light_ring(const struct hyp_light_bpf *light);
void hyp_light_links(const struct hyp_light_bpf *light, int links[HYP_LIGHT_LINKS]);

/* NULL is allowed. */
void hyp_light_detach(struct hyp_light_bpf *light);

#endif
