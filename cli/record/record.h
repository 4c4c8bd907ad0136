/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings: a file with both inputs of a verdict, so that `replay' can judge again on any machine.
 * ffascope-recording(5) describes the format.
 *
 * A header, then chunks, each with its type, length and CRC-32. The last chunk is END with the
 * totals; a file without it is incomplete. Little-endian.
 */
#ifndef FFASCOPE_RECORD_H
#define FFASCOPE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/texts.h"
#include "event.h"
#include "verdict/calibration.h"
#include "verdict/verdict.h"
#include "watch/state.h"
#include "watch/watch.h"

#define RECORD_FORMAT	  1

/* Every recording begins with "FFASCOPE". */
#define RECORD_FIRST_BYTE 'F'

/* Written once, at the start. */
struct record_meta {
	char verb[16];	       /* "call" */
	char kernel[120];      /* release of the kernel that was recorded */
	uint32_t ffa_version;  /* version whose rules applied */
	uint32_t conduit_hvc;  /* 1: the calls' conduit is HVC */
	uint64_t count;	       /* calls requested */
	uint64_t precision_ns; /* event times are multiples of it; 0 means 1 */
};

/* A batch of calls on one CPU, with the trace events around it. */
struct record_batch {
	uint32_t cpu;
	uint32_t reason;  /* enum verdict_reason for the whole batch; 0: the trace decides */
	uint64_t from_ns; /* no events are missing up to until_ns; hypervisor clock */
	uint64_t until_ns;
	struct verdict_clock clock;
	uint32_t nr_calls;
	uint32_t nr_events;
};

/* A file that the recorded run read: script or baseline. */
struct record_file {
	char *name; /* as the run named it */
	char *data; /* NUL-terminated */
	size_t len; /* without the NUL */
};

/* Everything that a verb needs to repeat the run without the machine. Unknown: NULL or 0. */
struct record_about {
	char **argv; /* the verb and its arguments, NULL-terminated */
	size_t argc;
	struct record_file *files;
	size_t nr_files;
	int *cpus; /* CPUs that the process could run on */
	size_t nr_cpus;
	unsigned int cpus_configured;
	unsigned int partition;	  /* secure partition that sweeps use */
	unsigned int sweep_order; /* SWEEP_ORDER of the tool; 0: before there was one */
	bool unsafe;		  /* the module was loaded with unsafe=1 */
	char *note;		  /* why there is no trace */
	char *tool;		  /* version of ffascope that made the recording */
};

/* These copy their arguments. 0 or -ENOMEM. */
int record_about_arg(struct record_about *about, const char *arg);
int record_about_file(struct record_about *about, const char *name, const char *data, size_t len);
int record_about_cpu(struct record_about *about, int cpu);
/* Frees the members and zeroes the structure. */
void record_about_free(struct record_about *about);
/* NULL if the recording has no such file. */
const struct record_file *record_about_find(const struct record_about *about, const char *name);

/* A request for calls that failed, possibly after some of them. */
struct record_failure {
	int32_t error;	  /* negative errno, Linux's numbers */
	int32_t bad;	  /* index of the refused call; -1: the error is not about one call */
	const char *text; /* message; "" for -EINTR */
};

/* A kernel stack, one caller a line. Calls refer to it by number. */
struct record_stack {
	uint32_t number;
	const char *text;
};

/* A text that EL2 printed. Events refer to it by number, counted from 1. */
struct record_text {
	uint32_t number;
	const char *text;
};

struct record_writer;

/*
 * Creates or replaces the file. Errors of all writers are sticky: after a failed write nothing is
 * written any more and every writer returns the first error. Without record_finish(), and after a
 * failed write, the file has no END chunk, and readers report it as cut off.
 */
int record_create(struct record_writer **writer, const char *path, const struct record_meta *meta,
		  struct error *err);
/* Known only once the trace is open. Call before the first batch. */
void record_set_precision(struct record_writer *writer, uint64_t precision_ns);
/* Once, before the first batch. */
int record_write_about(struct record_writer *writer, const struct record_about *about,
		       struct error *err);
/* The calls that the session was calibrated with; before all batches and the state. */
int record_write_calibration(struct record_writer *writer, const struct record_batch *batch,
			     const struct verdict_call *calls, const struct hyp_event *events,
			     struct error *err);
int record_write_batch(struct record_writer *writer, const struct record_batch *batch,
		       const struct verdict_call *calls, const struct hyp_event *events,
		       struct error *err);
int record_write_failure(struct record_writer *writer, const struct record_failure *failure,
			 struct error *err);
/* State found before watching started. Once, before the first round. */
int record_write_state(struct record_writer *writer, const struct watch_state *state,
		       struct error *err);
/* Before the first round that refers to it. */
int record_write_stack(struct record_writer *writer, const struct record_stack *stack,
		       struct error *err);
/* Before the first batch or round that refers to it. */
int record_write_text(struct record_writer *writer, const struct record_text *text,
		      struct error *err);
/* All texts after the *written-th; *written is then their number. texts may be NULL. */
int record_write_texts(struct record_writer *writer, const struct texts *texts, uint32_t *written,
		       struct error *err);
int record_write_round(struct record_writer *writer, const struct watch_round *round,
		       const struct watch_mark *marks, const struct host_call *calls,
		       const struct hyp_event *events, struct error *err);
/*
 * Writes END and closes. writer may be NULL. Returns 0, or the error of a write that failed here;
 * an error that an earlier writer returned is not reported again.
 */
int record_finish(struct record_writer *writer, struct error *err);

struct record_reader;

/*
 * "-" is standard input.
 * -EBADMSG: not a recording, another format, or damaged; the message says which. A recording cut
 * off after its start opens; record_next() reports the cut.
 */
int record_open(struct record_reader **reader, const char *path, struct record_meta *meta,
		struct error *err);

/* The same for an open file; record_close() closes it. name is for messages. */
int record_open_stream(struct record_reader **reader, FILE *file, const char *name,
		       struct record_meta *meta, struct error *err);

/* How the recorded run was made. Members that the recording lacks are NULL or 0. */
const struct record_about *record_about(const struct record_reader *reader);

/*
 * What the evidence of the recorded machine is worth. From the calls that were made to calibrate;
 * a recording of an older version has none, and then from what its own calls show by their trace.
 * That reads the recording once, up to where it is damaged, and returns to its start.
 * no_trace: as if there were no trace. -ENOMEM.
 */
int record_calibrate(struct record_reader *reader, bool no_trace, struct calibration *cal,
		     struct error *err);

enum record_kind {
	RECORD_BATCH,
	RECORD_FAILURE,
	RECORD_STATE,
	RECORD_STACK,
	RECORD_ROUND,
	RECORD_TEXT,
};

/* One item of a recording. */
struct record_item {
	enum record_kind kind;
	/* RECORD_BATCH */
	struct record_batch batch;
	const struct verdict_call *calls;
	const struct hyp_event *events; /* RECORD_ROUND uses it too */
	/* RECORD_FAILURE */
	struct record_failure failure;
	/* RECORD_STATE */
	const struct watch_state *state;
	/* RECORD_STACK */
	struct record_stack stack;
	/* RECORD_TEXT */
	struct record_text text;
	/* RECORD_ROUND */
	struct watch_round round;
	const struct watch_mark *marks;
	const struct host_call *watched;
};

/*
 * Reads the next item, whose pointers stay valid until the next call. Returns 1, 0 at the end, or a
 * negative errno: -ENODATA if the recording is cut off here (earlier items are complete), -EBADMSG
 * if it is damaged, -ENOTSUP at a chunk of a newer version that must not be skipped.
 */
int record_next(struct record_reader *reader, struct record_item *item, struct error *err);
void record_close(struct record_reader *reader);

#endif
