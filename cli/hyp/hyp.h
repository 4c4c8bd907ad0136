/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's trace: finds it, switches it on, reads it CPU by CPU and restores its settings.
 *
 * Functions that fail return a negative errno and write one message with the fix into *err.
 */
#ifndef FFASCOPE_HYP_H
#define FFASCOPE_HYP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "event.h"

/* Events that are not decoded: more than any kernel has. */
#define HYP_MAX_OTHERS 24

struct texts;

/* Where the trace is and what it offers, found by looking. */
struct hyp_layout {
	char root[256];	    /* "/sys/kernel/tracing/remotes/hypervisor" */
	char events[300];   /* the folder of the events */
	const char *name;   /* "remotes/hypervisor", or Android's "hypervisor", "hyp" */
	const char *group;  /* "hypervisor", "hyp": the last part of events */
	bool reasons;	    /* hyp_enter and hyp_exit say why */
	bool markers;	    /* write_event is there */
	bool selftest;	    /* the event that write_event makes */
	bool host_smc;	    /* Android: the identifier of each call, and whether EL2 handled it */
	bool host_ffa_call; /* some Android kernels: the same for FF-A calls only */
	const char *printk; /* "hyp_printk", Android's "__hyp_printk"; NULL: there is none */
	char others[HYP_MAX_OTHERS][64]; /* names of all other events, in no order */
	unsigned int nr_others;
};

/*
 * Finds tracefs (dir, else the mount table by type) and in it the hypervisor's part.
 * -ENOENT: no tracefs. -ENODEV: none of the hypervisor in it. -EACCES: no rights.
 */
int hyp_find(const char *dir, struct hyp_layout *layout, struct error *err);

/* Where lock and state file are: /run/ffascope, or on Android, which has no /run, a place below /data. */
const char *hyp_run_dir(void);

struct hyp_options {
	const char *tracefs;	  /* NULL: where the mount table says */
	const char *run_dir;	  /* lock and state file; NULL: hyp_run_dir() */
	unsigned int buffer_kb;	  /* of each CPU, where the buffer can be resized; 0: 256 */
	unsigned int ring_bytes;  /* between BPF and the tool, a power of two; 0: 1 MiB */
	const volatile int *stop; /* not zero: a signal asked to end */
	struct texts *texts;	  /* where the texts of hyp_printk go; NULL: they are not kept */
};

/* How the events are read. */
enum hyp_reader {
	HYP_READER_FENTRY,
	HYP_READER_KPROBE,
	HYP_READER_TEXT, /* where BPF cannot attach: to the microsecond */
};

/* "fentry", "kprobe", "text". */
const char *hyp_reader_name(enum hyp_reader reader);

/*
 * Which reader this machine allows; BPF is attached and detached, the trace is not touched. The
 * message says why it is not BPF. Errors as hyp_open().
 */
int hyp_try_reader(const char *tracefs, enum hyp_reader *reader, struct error *err);

/*
 * Puts back what a killed run has left, without a run of its own. run_dir: NULL for the usual one.
 * 1: something was put back; 0: nothing was left; -EBUSY: a run is going on, the message names it.
 */
int hyp_repair(const char *run_dir, struct error *err);

struct hyp_trace;

/*
 * Takes the lock, restores the settings that a killed run changed, saves the settings, changes them
 * and attaches. Tracing is on when it returns.
 * -EBUSY: another run has it; the message names its process. -ENOENT, -ENODEV: see hyp_find().
 * -EACCES, -EPERM: no rights. -ENOTSUP: this layout of events is not supported. -ENOMEM.
 */
int hyp_open(struct hyp_trace **trace, const struct hyp_options *opts, struct error *err);

/*
 * Restores the settings that hyp_open() changed. NULL is allowed. Returns 0, or a negative errno if
 * that failed; the next run tries again.
 */
int hyp_end(struct hyp_trace *trace, struct error *err);

/* The same, ignoring errors. */
void hyp_close(struct hyp_trace *trace);

enum hyp_reader hyp_reader(const struct hyp_trace *trace);

/* Event times are rounded down to a multiple of this many ns: 1, or 1000 for the text reader. */
unsigned int hyp_precision(const struct hyp_trace *trace);

/* Whether hyp_mark() works. Without it a drain ends when no more events arrive. */
bool hyp_has_markers(const struct hyp_trace *trace);

/* Bytes of the trace buffer of one CPU. */
size_t hyp_buffer_size(const struct hyp_trace *trace);

/* Whether tracing is on now: another process may have switched it off. */
bool hyp_is_on(const struct hyp_trace *trace);

/* A marker in the trace of the CPU to which the caller is pinned. */
struct hyp_marker {
	uint64_t id;
	uint64_t before_ns; /* boot clock just before it was written */
	uint64_t after_ns;  /* and just after */
	uint64_t ts;	    /* hypervisor's clock; 0 until hyp_drain() has seen it */
};

int hyp_mark(struct hyp_trace *trace, struct hyp_marker *marker, struct error *err);

/* For hyp_drain(): longer than a marker takes on any working machine. */
#define HYP_DRAIN_TIMEOUT_MS 1000

/* Receives an event; a negative errno ends the drain. */
typedef int (*hyp_event_fn)(void *ctx, const struct hyp_event *event);

/*
 * Reads the trace of a CPU up to the marker `until`, for timeout_ms, or longer while the machine
 * stalls. Sets ts of both markers if they were read (`from` may be NULL). Threads may each drain a
 * CPU of their own at the same time.
 * Also passes on events of other CPUs that another reader consumes meanwhile.
 * -ETIMEDOUT: no marker (tracing was switched off, or another process reset the buffer).
 * -EINTR: opts.stop was set.
 */
int hyp_drain(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
	      struct hyp_marker *until, unsigned int timeout_ms, hyp_event_fn fn, void *ctx,
	      struct error *err);

/*
 * Reads all events of a CPU, for at most timeout_ms, and sets ts of the marker if it was read (from
 * may be NULL). -ETIMEDOUT: there were more.
 */
int hyp_drain_all(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
		  unsigned int timeout_ms, hyp_event_fn fn, void *ctx, struct error *err);

/*
 * The range of the clock offset (hypervisor minus boot, in ns) that one marker gives. False: the
 * marker was not read.
 */
bool hyp_marker_offset(const struct hyp_trace *trace, const struct hyp_marker *marker, int64_t *low,
		       int64_t *high);

#endif
