/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings: the two inputs of a verdict in a file, so that it can be given again anywhere. The
 * format is described in ffascope-recording(5).
 *
 * A header, then chunks, each with its type, length and CRC-32; a chunk of type END with the
 * totals comes last, so that a file that was cut off is known as such. Little-endian.
 */
#ifndef FFASCOPE_RECORD_H
#define FFASCOPE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "event.h"
#include "verdict/verdict.h"
#include "watch/state.h"
#include "watch/watch.h"

#define RECORD_FORMAT 1

/* What the recording is of: written once, at its start. */
struct record_meta {
	char verb[16];	       /* "call" */
	char kernel[120];      /* release of the kernel it was made on */
	uint32_t ffa_version;  /* whose rules were applied */
	uint32_t conduit_hvc;  /* 1: the calls' conduit is HVC */
	uint64_t count;	       /* calls that were asked for */
	uint64_t precision_ns; /* times of events are multiples of it; 0: 1 */
};

/* A batch of calls on one CPU with the events of the trace around it. */
struct record_batch {
	uint32_t cpu;
	uint32_t reason;  /* enum verdict_reason for the whole batch, 0: by the trace */
	uint64_t from_ns; /* the trace is whole from here to until_ns, hypervisor's clock */
	uint64_t until_ns;
	struct verdict_clock clock;
	uint32_t nr_calls;
	uint32_t nr_events;
};

/* A file that the recorded run read: a script, a baseline. */
struct record_file {
	char *name; /* as the run named it */
	char *data; /* with a NUL behind it */
	size_t len; /* without that NUL */
};

/*
 * How it was run: all that a verb needs to do the same again, without the machine. What is not
 * known is NULL or 0.
 */
struct record_about {
	char **argv; /* the verb and what stood behind it; NULL behind the last */
	size_t argc;
	struct record_file *files;
	size_t nr_files;
	int *cpus; /* that the process could run on */
	size_t nr_cpus;
	unsigned int cpus_configured;
	unsigned int partition; /* of the secure world, as sweeps use it */
	char *note;		/* why there is no trace */
	char *tool;		/* the version of ffascope that made the recording */
};

/* Copies are taken. -ENOMEM. */
int record_about_arg(struct record_about *about, const char *arg);
int record_about_file(struct record_about *about, const char *name, const char *data, size_t len);
int record_about_cpu(struct record_about *about, int cpu);
/* Frees what is in it. */
void record_about_free(struct record_about *about);
/* NULL: the recording has no such file. */
const struct record_file *record_about_find(const struct record_about *about, const char *name);

/* A request for calls that could not be carried out, or not to its end. */
struct record_failure {
	int32_t error;	  /* negative errno, Linux's numbers */
	int32_t bad;	  /* index of the call that was refused, -1: it is not about one */
	const char *text; /* the message; "" for -EINTR */
};

/* A kernel stack that calls refer to by its number: its callers, one a line. */
struct record_stack {
	uint32_t number;
	const char *text;
};

struct record_writer;

/* Creates or replaces the file; what is not ended by record_finish() is a cut-off recording. */
int record_create(struct record_writer **writer, const char *path, const struct record_meta *meta,
		  struct error *err);
/* Known only once the trace is open: before the first batch. */
void record_set_precision(struct record_writer *writer, uint64_t precision_ns);
/* Once, before all batches. */
int record_write_about(struct record_writer *writer, const struct record_about *about,
		       struct error *err);
int record_write_batch(struct record_writer *writer, const struct record_batch *batch,
		       const struct verdict_call *calls, const struct hyp_event *events,
		       struct error *err);
int record_write_failure(struct record_writer *writer, const struct record_failure *failure,
			 struct error *err);
/* What was found before anything was watched; once, before all rounds. */
int record_write_state(struct record_writer *writer, const struct watch_state *state,
		       struct error *err);
/* Before the first round that refers to it. */
int record_write_stack(struct record_writer *writer, const struct record_stack *stack,
		       struct error *err);
int record_write_round(struct record_writer *writer, const struct watch_round *round,
		       const struct watch_mark *marks, const struct host_call *calls,
		       const struct hyp_event *events, struct error *err);
/* Writes the end and closes. NULL is allowed. */
int record_finish(struct record_writer *writer, struct error *err);

struct record_reader;

/*
 * "-" is standard input.
 * -EBADMSG: not a recording, of another format, or damaged; the message says which. A recording
 * that is cut off behind its start can be opened, record_next() tells.
 */
int record_open(struct record_reader **reader, const char *path, struct record_meta *meta,
		struct error *err);

/* The same for a file that is open, and is closed with the reader; name is for messages. */
int record_open_stream(struct record_reader **reader, FILE *file, const char *name,
		       struct record_meta *meta, struct error *err);

/* How the recorded run was made; all NULL and 0 where the recording does not say. */
const struct record_about *record_about(const struct record_reader *reader);

enum record_kind {
	RECORD_BATCH,
	RECORD_FAILURE,
	RECORD_STATE,
	RECORD_STACK,
	RECORD_ROUND,
};

/* What stands next in a recording. */
struct record_item {
	enum record_kind kind;
	/* RECORD_BATCH */
	struct record_batch batch;
	const struct verdict_call *calls;
	const struct hyp_event *events; /* of RECORD_ROUND too */
	/* RECORD_FAILURE */
	struct record_failure failure;
	/* RECORD_STATE */
	const struct watch_state *state;
	/* RECORD_STACK */
	struct record_stack stack;
	/* RECORD_ROUND */
	struct watch_round round;
	const struct watch_mark *marks;
	const struct host_call *watched;
};

/*
 * The next item; what it points to stays valid until the next call. Returns 1, or 0 at the end, or
 * a negative errno: -ENODATA where the recording was cut off (what came before is whole), -EBADMSG
 * where it is damaged, -ENOTSUP where it has something that this version does not know and must
 * not pass over.
 */
int record_next(struct record_reader *reader, struct record_item *item, struct error *err);
void record_close(struct record_reader *reader);

#endif
