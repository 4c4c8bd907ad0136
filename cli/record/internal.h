/* SPDX-License-Identifier: GPL-2.0-only */
/* The file format that reader and writer share; ffascope-recording(5) describes it. */
#ifndef FFASCOPE_RECORD_INTERNAL_H
#define FFASCOPE_RECORD_INTERNAL_H

#include "record/record.h"

#define RECORD_MAGIC	       "FFASCOPE"
#define RECORD_BYTE_ORDER_MARK UINT32_C(0x01020304)

/* Longest chunk in bytes. A batch has at most a few thousand calls, so no valid chunk reaches it. */
#define RECORD_MAX_CHUNK       (UINT32_C(64) << 20)

enum chunk_type {
	CHUNK_META = 1,
	CHUNK_BATCH,
	CHUNK_CALLS,
	CHUNK_EVENTS,
	CHUNK_END,
	CHUNK_ABOUT,
	CHUNK_FILE,
	CHUNK_FAILURE,
	CHUNK_STATE,
	CHUNK_STACK,
	CHUNK_ROUND,
	CHUNK_MARKS,
	CHUNK_WATCHED,
	CHUNK_CALIBRATION,
	CHUNK_TEXT,
	NR_CHUNKS
};

/*
 * A reader skips an unknown chunk whose type has this bit. An unknown chunk without it changes the
 * meaning of later chunks, so the reader stops there.
 */
#define CHUNK_OPTIONAL UINT32_C(0x80000000)

struct file_header {
	char magic[8];
	uint32_t format;
	uint32_t byte_order;
};

struct chunk_header {
	uint32_t type;
	uint32_t length; /* bytes that follow */
	uint32_t crc;	 /* CRC-32 of type, length and the bytes that follow */
	uint32_t reserved;
};

struct totals {
	uint64_t calls;
	uint64_t events;
};

/* CRC-32 of header.type, header.length and header.length bytes of data. */
uint32_t record_checksum(const struct chunk_header *header, const void *data);

/* ---- reader.c, for calibrate.c ---- */

/* The calls that the session was calibrated with. calls is NULL: the recording has none. */
struct record_calibration {
	struct record_batch batch;
	struct verdict_call *calls;
	struct hyp_event *events;
};

const struct record_calibration *record_calibration(const struct record_reader *reader);
const struct record_meta *record_meta(const struct record_reader *reader);
const char *record_path(const struct record_reader *reader);

/* Back to the first item, as record_open() left the reader. False: the file cannot seek. */
bool record_can_rewind(const struct record_reader *reader);
int record_rewind(struct record_reader *reader);

#endif
