// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "record/record.h"

static const char magic[8] = { 'F', 'F', 'A', 'S', 'C', 'O', 'P', 'E' };

#define BYTE_ORDER_MARK UINT32_C(0x01020304)

/* No chunk of a whole recording is longer: a batch has at most a few thousand calls. */
#define MAX_CHUNK	(UINT32_C(64) << 20)

enum chunk_type {
	CHUNK_META = 1,
	CHUNK_BATCH,
	CHUNK_CALLS,
	CHUNK_EVENTS,
	CHUNK_END,
};

struct file_header {
	char magic[8];
	uint32_t format;
	uint32_t byte_order;
};

struct chunk_header {
	uint32_t type;
	uint32_t length; /* bytes that follow */
	uint32_t crc;	 /* of type, length and what follows */
	uint32_t reserved;
};

struct totals {
	uint64_t calls;
	uint64_t events;
};

/* The structures stand in the file as they are in memory: fixed width, no padding. */
_Static_assert(sizeof(struct hyp_event) == 32, "layout of events in recordings");
_Static_assert(sizeof(struct verdict_call) == 312, "layout of calls in recordings");
_Static_assert(sizeof(struct record_batch) == 56, "layout of batches in recordings");
_Static_assert(sizeof(struct record_meta) == 160, "layout of the start of recordings");

struct record_writer {
	FILE *file;
	char *path;
	struct totals totals;
};

struct record_reader {
	FILE *file;
	char *path;
	struct totals totals;
	void *data[CHUNK_END + 1]; /* one buffer for each type */
	size_t size[CHUNK_END + 1];
};

static int __attribute__((format(printf, 3, 4)))
fail(struct record_error *err, int ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return ret;
}

static uint32_t checksum(const struct chunk_header *header, const void *data)
{
	uLong crc = crc32(0, (const Bytef *)header, 2 * sizeof(uint32_t));

	return (uint32_t)crc32(crc, data, header->length);
}

static int write_chunk(struct record_writer *writer, enum chunk_type type, const void *data,
		       size_t length, struct record_error *err)
{
	struct chunk_header header = { .type = type, .length = (uint32_t)length };

	header.crc = checksum(&header, data ? data : "");
	if (fwrite(&header, sizeof(header), 1, writer->file) != 1 ||
	    (length && fwrite(data, length, 1, writer->file) != 1))
		return fail(err, errno ? -errno : -EIO, "%s: %s", writer->path, strerror(errno));

	return 0;
}

static int writer_free(struct record_writer *writer)
{
	int ret = fclose(writer->file) ? -errno : 0;

	free(writer->path);
	free(writer);
	return ret;
}

int record_create(struct record_writer **out, const char *path, const struct record_meta *meta,
		  struct record_error *err)
{
	struct file_header header = { .format = RECORD_FORMAT, .byte_order = BYTE_ORDER_MARK };
	struct record_writer *writer = calloc(1, sizeof(*writer));
	int ret;

	if (!writer)
		return fail(err, -ENOMEM, "out of memory");

	writer->path = strdup(path);
	writer->file = writer->path ? fopen(path, "we") : NULL;
	if (!writer->file) {
		ret = fail(err, -errno, "%s: %s", path, strerror(errno));
		free(writer->path);
		free(writer);
		return ret;
	}

	memcpy(header.magic, magic, sizeof(magic));
	ret = fwrite(&header, sizeof(header), 1, writer->file) == 1
		      ? write_chunk(writer, CHUNK_META, meta, sizeof(*meta), err)
		      : fail(err, -errno, "%s: %s", path, strerror(errno));
	/* A full disk is known before the first call is made. */
	if (!ret && fflush(writer->file))
		ret = fail(err, -errno, "%s: %s", path, strerror(errno));
	if (ret) {
		writer_free(writer);
		return ret;
	}

	*out = writer;
	return 0;
}

int record_write_batch(struct record_writer *writer, const struct record_batch *batch,
		       const struct verdict_call *calls, const struct hyp_event *events,
		       struct record_error *err)
{
	int ret;

	ret = write_chunk(writer, CHUNK_BATCH, batch, sizeof(*batch), err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_CALLS, calls, batch->nr_calls * sizeof(*calls),
				  err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_EVENTS, events, batch->nr_events * sizeof(*events),
				  err);
	writer->totals.calls += batch->nr_calls;
	writer->totals.events += batch->nr_events;

	return ret;
}

int record_finish(struct record_writer *writer, struct record_error *err)
{
	char path[256];
	int ret, closed;

	if (!writer)
		return 0;

	snprintf(path, sizeof(path), "%s", writer->path);
	ret = write_chunk(writer, CHUNK_END, &writer->totals, sizeof(writer->totals), err);
	closed = writer_free(writer);
	if (!ret && closed)
		ret = fail(err, closed, "%s: %s", path, strerror(-closed));

	return ret;
}

/* Returns 1, 0 where the file ends before the chunk does, or a negative errno. */
static int read_chunk(struct record_reader *reader, struct chunk_header *header,
		      struct record_error *err)
{
	if (fread(header, sizeof(*header), 1, reader->file) != 1)
		return ferror(reader->file) ? fail(err, -EIO, "%s: read error", reader->path) : 0;

	if (header->type < CHUNK_META || header->type > CHUNK_END || header->length > MAX_CHUNK ||
	    header->reserved)
		return fail(err, -EBADMSG, "%s: damaged near byte %ld: no chunk starts there",
			    reader->path, ftell(reader->file) - (long)sizeof(*header));

	if (header->length > reader->size[header->type]) {
		void *data = realloc(reader->data[header->type], header->length);

		if (!data)
			return fail(err, -ENOMEM, "%s: out of memory", reader->path);
		reader->data[header->type] = data;
		reader->size[header->type] = header->length;
	}

	if (header->length &&
	    fread(reader->data[header->type], header->length, 1, reader->file) != 1)
		return ferror(reader->file) ? fail(err, -EIO, "%s: read error", reader->path) : 0;

	if (checksum(header, header->length ? reader->data[header->type] : "") != header->crc)
		return fail(err, -EBADMSG, "%s: damaged before byte %ld: the checksum is wrong",
			    reader->path, ftell(reader->file));

	return 1;
}

static int expect_chunk(struct record_reader *reader, enum chunk_type type, size_t length,
			struct record_error *err)
{
	struct chunk_header header;
	int ret = read_chunk(reader, &header, err);

	if (ret <= 0)
		return ret;

	if (header.type != type || header.length != length)
		return fail(err, -EBADMSG,
			    "%s: damaged: chunk %u of %u bytes where chunk %d of %zu was due",
			    reader->path, header.type, header.length, type, length);
	return 1;
}

static int read_start(struct record_reader *reader, struct record_meta *meta,
		      struct record_error *err)
{
	struct file_header header;
	int ret;

	if (fread(&header, sizeof(header), 1, reader->file) != 1 ||
	    memcmp(header.magic, magic, sizeof(magic)))
		return fail(
			err, -EBADMSG,
			"%s: not a recording of ffascope (it does not begin with FFASCOPE). --record makes one",
			reader->path);

	if (header.byte_order != BYTE_ORDER_MARK)
		return fail(err, -EBADMSG, "%s: of a machine with another byte order",
			    reader->path);

	if (header.format != RECORD_FORMAT)
		return fail(
			err, -EBADMSG,
			"%s: format %u, this ffascope reads format %d. Use the version that made it",
			reader->path, header.format, RECORD_FORMAT);

	ret = expect_chunk(reader, CHUNK_META, sizeof(*meta), err);
	if (!ret)
		return fail(err, -EBADMSG, "%s: cut off before the first call", reader->path);
	if (ret < 0)
		return ret;

	memcpy(meta, reader->data[CHUNK_META], sizeof(*meta));
	meta->verb[sizeof(meta->verb) - 1] = '\0';
	meta->kernel[sizeof(meta->kernel) - 1] = '\0';
	return 0;
}

int record_open(struct record_reader **out, const char *path, struct record_meta *meta,
		struct record_error *err)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));
	int ret;

	if (!reader)
		return fail(err, -ENOMEM, "out of memory");

	reader->path = strdup(path);
	reader->file = reader->path ? fopen(path, "re") : NULL;
	ret = reader->file ? read_start(reader, meta, err)
			   : fail(err, -errno, "%s: %s", path, strerror(errno));
	if (ret) {
		record_close(reader);
		return ret;
	}

	*out = reader;
	return 0;
}

static int cut_off(struct record_reader *reader, struct record_error *err)
{
	return fail(err, -ENODATA, "%s: cut off after %llu calls", reader->path,
		    (unsigned long long)reader->totals.calls);
}

static int at_end(struct record_reader *reader, const struct chunk_header *header,
		  struct record_error *err)
{
	if (header->length != sizeof(struct totals) ||
	    memcmp(reader->data[CHUNK_END], &reader->totals, sizeof(struct totals)))
		return fail(err, -EBADMSG, "%s: damaged: the totals at its end are wrong",
			    reader->path);

	if (fgetc(reader->file) != EOF)
		return fail(err, -EBADMSG, "%s: damaged: something follows its end", reader->path);
	return 0;
}

int record_next(struct record_reader *reader, struct record_batch *batch,
		const struct verdict_call **calls, const struct hyp_event **events,
		struct record_error *err)
{
	struct chunk_header header;
	int ret;

	ret = read_chunk(reader, &header, err);
	if (!ret)
		return cut_off(reader, err);
	if (ret < 0)
		return ret;

	if (header.type == CHUNK_END)
		return at_end(reader, &header, err);
	if (header.type != CHUNK_BATCH || header.length != sizeof(*batch))
		return fail(err, -EBADMSG, "%s: damaged: chunk %u where a batch was due",
			    reader->path, header.type);

	memcpy(batch, reader->data[CHUNK_BATCH], sizeof(*batch));
	ret = expect_chunk(reader, CHUNK_CALLS, batch->nr_calls * sizeof(**calls), err);
	if (ret > 0)
		ret = expect_chunk(reader, CHUNK_EVENTS, batch->nr_events * sizeof(**events), err);
	if (!ret)
		return cut_off(reader, err);
	if (ret < 0)
		return ret;

	*calls = reader->data[CHUNK_CALLS];
	*events = reader->data[CHUNK_EVENTS];
	reader->totals.calls += batch->nr_calls;
	reader->totals.events += batch->nr_events;
	return 1;
}

void record_close(struct record_reader *reader)
{
	if (!reader)
		return;

	if (reader->file)
		fclose(reader->file);
	for (size_t i = 0; i < sizeof(reader->data) / sizeof(reader->data[0]); i++)
		free(reader->data[i]);
	free(reader->path);
	free(reader);
}
