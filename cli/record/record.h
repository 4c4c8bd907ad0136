/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings: the two inputs of a verdict in a file, so that it can be given again anywhere.
 *
 * A header, then chunks, each with its type, length and CRC-32; a chunk of type END with the
 * totals comes last, so that a file that was cut off is known as such. Little-endian.
 */
#ifndef FFASCOPE_RECORD_H
#define FFASCOPE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "verdict/verdict.h"

#define RECORD_FORMAT 1

struct record_error {
	char text[512];
};

/* What the recording is of: written once, at its start. */
struct record_meta {
	char verb[16];	      /* "call" */
	char kernel[120];     /* release of the kernel it was made on */
	uint32_t ffa_version; /* whose rules were applied */
	uint32_t conduit_hvc; /* 1: the calls' conduit is HVC */
	uint64_t count;	      /* calls that were asked for */
	uint64_t reserved;    /* 0 */
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

struct record_writer;

/* Creates or replaces the file; what is not ended by record_finish() is a cut-off recording. */
int record_create(struct record_writer **writer, const char *path, const struct record_meta *meta,
		  struct record_error *err);
int record_write_batch(struct record_writer *writer, const struct record_batch *batch,
		       const struct verdict_call *calls, const struct hyp_event *events,
		       struct record_error *err);
/* Writes the end and closes. NULL is allowed. */
int record_finish(struct record_writer *writer, struct record_error *err);

struct record_reader;

/* -EBADMSG: not a recording, of another format, or damaged; the message says which. */
int record_open(struct record_reader **reader, const char *path, struct record_meta *meta,
		struct record_error *err);

/*
 * The next batch; the arrays stay valid until the next call. Returns 1, or 0 at the end, or a
 * negative errno: -ENODATA where the recording was cut off (what came before is whole), -EBADMSG
 * where it is damaged.
 */
int record_next(struct record_reader *reader, struct record_batch *batch,
		const struct verdict_call **calls, const struct hyp_event **events,
		struct record_error *err);
void record_close(struct record_reader *reader);

#endif
