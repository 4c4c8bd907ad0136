// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "record/internal.h"

struct record_writer {
	FILE *file;
	char *path;
	struct record_meta meta;
	bool begun; /* meta has been written */
	struct totals totals;
	int failed; /* negative errno of the first write that failed; nothing is written after it */
	struct error failure;
};

/* Keeps the error of a failed write, so that every later write fails with it. */
static int write_failed(struct record_writer *writer, struct error *err)
{
	writer->failed = errno ? -errno : -EIO;
	error_set(&writer->failure, 0, "%s: %s; the recording is incomplete", writer->path,
		  strerror(-writer->failed));
	*err = writer->failure;
	return writer->failed;
}

static int put_chunk(struct record_writer *writer, enum chunk_type type, const void *data,
		     size_t length, struct error *err)
{
	struct chunk_header header = { .type = type, .length = (uint32_t)length };

	header.crc = record_checksum(&header, data ? data : "");
	if (fwrite(&header, sizeof(header), 1, writer->file) != 1 ||
	    (length && fwrite(data, length, 1, writer->file) != 1))
		return write_failed(writer, err);

	return 0;
}

/*
 * META holds the precision of the trace, known only once the trace is open. It is written together
 * with the second chunk.
 */
static int write_chunk(struct record_writer *writer, enum chunk_type type, const void *data,
		       size_t length, struct error *err)
{
	int ret = 0;

	if (writer->failed) {
		*err = writer->failure;
		return writer->failed;
	}
	if (!writer->begun) {
		writer->begun = true;
		ret = put_chunk(writer, CHUNK_META, &writer->meta, sizeof(writer->meta), err);
	}
	return ret ? ret : put_chunk(writer, type, data, length, err);
}

static int writer_free(struct record_writer *writer)
{
	int ret = fclose(writer->file) ? -errno : 0;

	free(writer->path);
	free(writer);
	return ret;
}

int record_create(struct record_writer **out, const char *path, const struct record_meta *meta,
		  struct error *err)
{
	struct file_header header = { .format = RECORD_FORMAT,
				      .byte_order = RECORD_BYTE_ORDER_MARK };
	struct record_writer *writer = calloc(1, sizeof(*writer));
	int ret;

	if (!writer)
		return error_no_memory(err);

	writer->path = strdup(path);
	writer->file = writer->path ? fopen(path, "we") : NULL;
	if (!writer->file) {
		ret = error_set(err, -errno, "%s: %s", path, strerror(errno));
		free(writer->path);
		free(writer);
		return ret;
	}

	memcpy(header.magic, RECORD_MAGIC, sizeof(header.magic));
	writer->meta = *meta;
	ret = fwrite(&header, sizeof(header), 1, writer->file) == 1
		      ? 0
		      : error_set(err, -errno, "%s: %s", path, strerror(errno));
	/* Find a full disk before the first call is made. */
	if (!ret && fflush(writer->file))
		ret = error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (ret) {
		writer_free(writer);
		return ret;
	}

	*out = writer;
	return 0;
}

void record_set_precision(struct record_writer *writer, uint64_t precision_ns)
{
	writer->meta.precision_ns = precision_ns;
}

/* A batch and its calls and events, which follow it. */
static int write_batch(struct record_writer *writer, enum chunk_type type,
		       const struct record_batch *batch, const struct verdict_call *calls,
		       const struct hyp_event *events, struct error *err)
{
	int ret;

	ret = write_chunk(writer, type, batch, sizeof(*batch), err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_CALLS, calls, batch->nr_calls * sizeof(*calls),
				  err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_EVENTS, events, batch->nr_events * sizeof(*events),
				  err);
	return ret;
}

int record_write_calibration(struct record_writer *writer, const struct record_batch *batch,
			     const struct verdict_call *calls, const struct hyp_event *events,
			     struct error *err)
{
	return write_batch(writer, CHUNK_CALIBRATION, batch, calls, events, err);
}

int record_write_batch(struct record_writer *writer, const struct record_batch *batch,
		       const struct verdict_call *calls, const struct hyp_event *events,
		       struct error *err)
{
	int ret = write_batch(writer, CHUNK_BATCH, batch, calls, events, err);

	writer->totals.calls += batch->nr_calls;
	writer->totals.events += batch->nr_events;

	return ret;
}

static void put_word(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s=%s", key, value);
	fputc('\0', out);
}

static void put_number(FILE *out, const char *key, unsigned int value)
{
	fprintf(out, "%s=%u", key, value);
	fputc('\0', out);
}

static int write_file(struct record_writer *writer, const struct record_file *file,
		      struct error *err)
{
	size_t name = strlen(file->name) + 1;
	char *data;
	int ret;

	if (file->len > RECORD_MAX_CHUNK - name)
		return error_set(err, -EFBIG, "%s: too long for a recording", file->name);
	data = malloc(name + file->len);
	if (!data)
		return error_no_memory(err);
	memcpy(data, file->name, name);
	memcpy(data + name, file->data, file->len);
	ret = write_chunk(writer, CHUNK_FILE, data, name + file->len, err);
	free(data);
	return ret;
}

int record_write_about(struct record_writer *writer, const struct record_about *about,
		       struct error *err)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int ret;

	if (!out)
		return error_no_memory(err);
	for (size_t i = 0; i < about->argc; i++)
		put_word(out, "arg", about->argv[i]);
	for (size_t i = 0; i < about->nr_cpus; i++)
		put_number(out, "cpu", (unsigned int)about->cpus[i]);
	if (about->cpus_configured)
		put_number(out, "cpus", about->cpus_configured);
	if (about->partition)
		put_number(out, "partition", about->partition);
	if (about->sweep_order)
		put_number(out, "sweep-order", about->sweep_order);
	if (about->unsafe)
		put_number(out, "unsafe", 1);
	if (about->note)
		put_word(out, "note", about->note);
	if (about->tool)
		put_word(out, "tool", about->tool);
	ret = fclose(out) ? error_no_memory(err) : write_chunk(writer, CHUNK_ABOUT, text, len, err);
	free(text);

	for (size_t i = 0; i < about->nr_files && !ret; i++)
		ret = write_file(writer, &about->files[i], err);
	if (!ret && fflush(writer->file))
		ret = write_failed(writer, err);
	return ret;
}

int record_write_failure(struct record_writer *writer, const struct record_failure *failure,
			 struct error *err)
{
	char data[1024];
	int len;

	memcpy(data, &failure->error, 4);
	memcpy(data + 4, &failure->bad, 4);
	len = snprintf(data + 8, sizeof(data) - 8, "%s", failure->text);
	if (len > (int)sizeof(data) - 9)
		len = (int)sizeof(data) - 9;
	return write_chunk(writer, CHUNK_FAILURE, data, 8 + (size_t)len + 1, err);
}

int record_write_state(struct record_writer *writer, const struct watch_state *state,
		       struct error *err)
{
	return write_chunk(writer, CHUNK_STATE, state, sizeof(*state), err);
}

static int write_numbered(struct record_writer *writer, enum chunk_type type, uint32_t number,
			  const char *text, struct error *err)
{
	size_t len = strlen(text) + 1;
	char *data = malloc(4 + len);
	int ret;

	if (!data)
		return error_no_memory(err);
	memcpy(data, &number, 4);
	memcpy(data + 4, text, len);
	ret = write_chunk(writer, type, data, 4 + len, err);
	free(data);
	return ret;
}

int record_write_stack(struct record_writer *writer, const struct record_stack *stack,
		       struct error *err)
{
	return write_numbered(writer, CHUNK_STACK, stack->number, stack->text, err);
}

int record_write_text(struct record_writer *writer, const struct record_text *text,
		      struct error *err)
{
	return write_numbered(writer, CHUNK_TEXT, text->number, text->text, err);
}

int record_write_texts(struct record_writer *writer, const struct texts *texts, uint32_t *written,
		       struct error *err)
{
	int ret = 0;

	while (!ret && *written < texts_count(texts)) {
		const struct record_text text = {
			.number = ++*written,
			.text = texts_get(texts, *written),
		};

		ret = record_write_text(writer, &text, err);
	}
	return ret;
}

int record_write_round(struct record_writer *writer, const struct watch_round *round,
		       const struct watch_mark *marks, const struct host_call *calls,
		       const struct hyp_event *events, struct error *err)
{
	int ret;

	ret = write_chunk(writer, CHUNK_ROUND, round, sizeof(*round), err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_MARKS, marks, round->nr_marks * sizeof(*marks),
				  err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_WATCHED, calls, round->nr_calls * sizeof(*calls),
				  err);
	if (!ret)
		ret = write_chunk(writer, CHUNK_EVENTS, events, round->nr_events * sizeof(*events),
				  err);
	writer->totals.calls += round->nr_calls;
	writer->totals.events += round->nr_events;
	return ret;
}

int record_finish(struct record_writer *writer, struct error *err)
{
	bool reported;
	int ret;

	if (!writer)
		return 0;

	/* No END chunk after a failed write: the reader then knows that chunks are missing. */
	reported = writer->failed;
	if (!reported)
		write_chunk(writer, CHUNK_END, &writer->totals, sizeof(writer->totals), err);
	if (!writer->failed && fflush(writer->file))
		write_failed(writer, err);
	ret = reported ? 0 : writer->failed;
	writer_free(writer);
	return ret;
}
