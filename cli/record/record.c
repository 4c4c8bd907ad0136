// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
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

/* No two clocks are that many ns apart, 36 years; sums of such numbers do not overflow. */
#define MAX_CLOCK	(INT64_C(1) << 60)

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
	NR_CHUNKS
};

/*
 * A chunk whose type has this bit may be passed over by a reader that does not know it; without
 * the bit the reader has to stop, for what follows would mean something else to it.
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
_Static_assert(sizeof(struct host_call) == 352, "layout of watched calls in recordings");
_Static_assert(sizeof(struct watch_mark) == 32, "layout of markers in recordings");
_Static_assert(sizeof(struct watch_round) == 40, "layout of rounds in recordings");
_Static_assert(sizeof(struct watch_state) == 8520, "layout of the state in recordings");

struct record_writer {
	FILE *file;
	char *path;
	struct record_meta meta;
	bool begun; /* meta has been written */
	struct totals totals;
};

struct record_reader {
	FILE *file;
	char *path;
	uint64_t at; /* bytes that were read */
	struct totals totals;
	void *data[NR_CHUNKS]; /* one buffer for each type; that of type 0 is for unknown ones */
	size_t size[NR_CHUNKS];
	struct record_about about;
	struct chunk_header pending; /* read ahead, with its data */
	int pending_ret;
	bool has_pending;
	bool ended;
};

static uint32_t checksum(const struct chunk_header *header, const void *data)
{
	uLong crc = crc32(0, (const Bytef *)header, 2 * sizeof(uint32_t));

	return (uint32_t)crc32(crc, data, header->length);
}

static int put_chunk(struct record_writer *writer, enum chunk_type type, const void *data,
		     size_t length, struct error *err)
{
	struct chunk_header header = { .type = type, .length = (uint32_t)length };

	header.crc = checksum(&header, data ? data : "");
	if (fwrite(&header, sizeof(header), 1, writer->file) != 1 ||
	    (length && fwrite(data, length, 1, writer->file) != 1))
		return error_set(err, errno ? -errno : -EIO, "%s: %s", writer->path,
				 strerror(errno));

	return 0;
}

/* The first chunk says what is known only once the trace is open: it is written before the second. */
static int write_chunk(struct record_writer *writer, enum chunk_type type, const void *data,
		       size_t length, struct error *err)
{
	int ret = 0;

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
	struct file_header header = { .format = RECORD_FORMAT, .byte_order = BYTE_ORDER_MARK };
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

	memcpy(header.magic, magic, sizeof(magic));
	writer->meta = *meta;
	ret = fwrite(&header, sizeof(header), 1, writer->file) == 1
		      ? 0
		      : error_set(err, -errno, "%s: %s", path, strerror(errno));
	/* A full disk is known before the first call is made. */
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

int record_write_batch(struct record_writer *writer, const struct record_batch *batch,
		       const struct verdict_call *calls, const struct hyp_event *events,
		       struct error *err)
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

	if (file->len > MAX_CHUNK - name)
		return error_set(err, -EFBIG, "%s: too long to be kept in a recording", file->name);
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
	if (about->note)
		put_word(out, "note", about->note);
	if (about->tool)
		put_word(out, "tool", about->tool);
	ret = fclose(out) ? error_no_memory(err) : write_chunk(writer, CHUNK_ABOUT, text, len, err);
	free(text);

	for (size_t i = 0; i < about->nr_files && !ret; i++)
		ret = write_file(writer, &about->files[i], err);
	if (!ret && fflush(writer->file))
		ret = error_set(err, -errno, "%s: %s", writer->path, strerror(errno));
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

int record_write_stack(struct record_writer *writer, const struct record_stack *stack,
		       struct error *err)
{
	size_t len = strlen(stack->text) + 1;
	char *data = malloc(4 + len);
	int ret;

	if (!data)
		return error_no_memory(err);
	memcpy(data, &stack->number, 4);
	memcpy(data + 4, stack->text, len);
	ret = write_chunk(writer, CHUNK_STACK, data, 4 + len, err);
	free(data);
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
	char path[256];
	int ret, closed;

	if (!writer)
		return 0;

	snprintf(path, sizeof(path), "%s", writer->path);
	ret = write_chunk(writer, CHUNK_END, &writer->totals, sizeof(writer->totals), err);
	closed = writer_free(writer);
	if (!ret && closed)
		ret = error_set(err, closed, "%s: %s", path, strerror(-closed));

	return ret;
}

/* Returns 1, 0 where the file ends before the chunk does, or a negative errno. */
static int read_one(struct record_reader *reader, struct chunk_header *header, unsigned int slot,
		    struct error *err)
{
	if (header->length > reader->size[slot]) {
		void *data = realloc(reader->data[slot], header->length);

		if (!data)
			return error_set(err, -ENOMEM, "%s: out of memory", reader->path);
		reader->data[slot] = data;
		reader->size[slot] = header->length;
	}

	if (header->length && fread(reader->data[slot], header->length, 1, reader->file) != 1)
		return ferror(reader->file) ? error_set(err, -EIO, "%s: read error", reader->path)
					    : 0;
	reader->at += header->length;

	if (checksum(header, header->length ? reader->data[slot] : "") != header->crc)
		return error_set(err, -EBADMSG,
				 "%s: damaged before byte %llu: the checksum is wrong",
				 reader->path, (unsigned long long)reader->at);
	return 1;
}

/* The next chunk that is known; returns as read_one() does. */
static int read_chunk(struct record_reader *reader, struct chunk_header *header, struct error *err)
{
	if (reader->has_pending) {
		reader->has_pending = false;
		*header = reader->pending;
		return reader->pending_ret;
	}

	for (;;) {
		bool known;
		int ret;

		if (fread(header, sizeof(*header), 1, reader->file) != 1)
			return ferror(reader->file)
				       ? error_set(err, -EIO, "%s: read error", reader->path)
				       : 0;
		known = header->type >= CHUNK_META && header->type < NR_CHUNKS;
		if (!header->type || header->length > MAX_CHUNK || header->reserved)
			return error_set(err, -EBADMSG,
					 "%s: damaged near byte %llu: no chunk starts there",
					 reader->path, (unsigned long long)reader->at);
		reader->at += sizeof(*header);

		/* What is unknown is believed to be there only if its checksum is right. */
		ret = read_one(reader, header, known ? header->type : 0, err);
		if (ret <= 0 || known)
			return ret;
		if (!(header->type & CHUNK_OPTIONAL))
			return error_set(
				err, -ENOTSUP,
				"%s: has chunks of type %u, which this ffascope does not know. "
				"Use the version that made it",
				reader->path, header->type);
	}
}

static int expect_chunk(struct record_reader *reader, enum chunk_type type, size_t length,
			struct error *err)
{
	struct chunk_header header;
	int ret = read_chunk(reader, &header, err);

	if (ret <= 0)
		return ret;

	if (header.type != type || header.length != length)
		return error_set(err, -EBADMSG,
				 "%s: damaged: chunk %u of %u bytes where chunk %d of %zu was due",
				 reader->path, header.type, header.length, type, length);
	return 1;
}

static int take_word(struct record_about *about, char *word)
{
	char *value = strchr(word, '=');
	char **text = NULL;

	if (!value)
		return -EBADMSG;
	*value++ = '\0';
	if (!strcmp(word, "arg"))
		return record_about_arg(about, value);
	if (!strcmp(word, "cpu"))
		return record_about_cpu(about, atoi(value));
	if (!strcmp(word, "cpus"))
		about->cpus_configured = (unsigned int)strtoul(value, NULL, 10);
	else if (!strcmp(word, "partition"))
		about->partition = (unsigned int)strtoul(value, NULL, 10);
	else if (!strcmp(word, "note"))
		text = &about->note;
	else if (!strcmp(word, "tool"))
		text = &about->tool;
	/* Words that are not known say nothing that this version would need. */
	if (!text)
		return 0;

	free(*text);
	*text = strdup(value);
	return *text ? 0 : -ENOMEM;
}

static int take_words(struct record_about *about, char *data, size_t len)
{
	int ret = 0;

	if (!len)
		return 0;
	if (data[len - 1])
		return -EBADMSG;
	for (char *word = data; !ret && word < data + len;) {
		size_t size = strlen(word) + 1;

		ret = take_word(about, word);
		word += size;
	}
	return ret;
}

static int take_file(struct record_about *about, const char *data, size_t len)
{
	const char *nul = len ? memchr(data, '\0', len) : NULL;

	if (!nul)
		return -EBADMSG;
	return record_about_file(about, data, nul + 1, len - (size_t)(nul + 1 - data));
}

/* What stands before the first batch, up to that. */
static int read_about(struct record_reader *reader, struct error *err)
{
	for (;;) {
		struct chunk_header header;
		int ret = read_chunk(reader, &header, err);

		if (ret < 0)
			return ret;
		if (ret && header.type == CHUNK_ABOUT) {
			ret = take_words(&reader->about, reader->data[CHUNK_ABOUT], header.length);
		} else if (ret && header.type == CHUNK_FILE) {
			ret = take_file(&reader->about, reader->data[CHUNK_FILE], header.length);
		} else {
			reader->pending = header;
			reader->pending_ret = ret;
			reader->has_pending = true;
			return 0;
		}
		if (ret)
			return error_set(err, ret, "%s: %s", reader->path,
					 ret == -ENOMEM
						 ? "out of memory"
						 : "damaged: how it was made cannot be read");
	}
}

const struct record_about *record_about(const struct record_reader *reader)
{
	return &reader->about;
}

static int read_start(struct record_reader *reader, struct record_meta *meta, struct error *err)
{
	struct file_header header;
	int ret;

	reader->at = sizeof(header);
	if (fread(&header, sizeof(header), 1, reader->file) != 1 ||
	    memcmp(header.magic, magic, sizeof(magic)))
		return error_set(
			err, -EBADMSG,
			"%s: not a recording of ffascope (it does not begin with FFASCOPE). --record makes one",
			reader->path);

	if (header.byte_order != BYTE_ORDER_MARK)
		return error_set(err, -EBADMSG, "%s: of a machine with another byte order",
				 reader->path);

	if (header.format != RECORD_FORMAT)
		return error_set(
			err, -EBADMSG,
			"%s: format %u, this ffascope reads format %d. Use the version that made it",
			reader->path, header.format, RECORD_FORMAT);

	ret = expect_chunk(reader, CHUNK_META, sizeof(*meta), err);
	if (!ret)
		return error_set(err, -EBADMSG, "%s: cut off before the first call", reader->path);
	if (ret < 0)
		return ret;

	memcpy(meta, reader->data[CHUNK_META], sizeof(*meta));
	meta->verb[sizeof(meta->verb) - 1] = '\0';
	meta->kernel[sizeof(meta->kernel) - 1] = '\0';
	return read_about(reader, err);
}

int record_open_stream(struct record_reader **out, FILE *file, const char *name,
		       struct record_meta *meta, struct error *err)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));
	int ret;

	if (!reader) {
		fclose(file);
		return error_no_memory(err);
	}

	reader->file = file;
	reader->path = strdup(name);
	ret = reader->path ? read_start(reader, meta, err) : error_no_memory(err);
	if (ret) {
		record_close(reader);
		return ret;
	}

	*out = reader;
	return 0;
}

int record_open(struct record_reader **out, const char *path, struct record_meta *meta,
		struct error *err)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!file)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	return record_open_stream(out, file, file == stdin ? "(stdin)" : path, meta, err);
}

static int cut_off(struct record_reader *reader, struct error *err)
{
	return error_set(err, -ENODATA, "%s: cut off after %llu calls", reader->path,
			 (unsigned long long)reader->totals.calls);
}

static int at_end(struct record_reader *reader, const struct chunk_header *header,
		  struct error *err)
{
	if (header->length != sizeof(struct totals) ||
	    memcmp(reader->data[CHUNK_END], &reader->totals, sizeof(struct totals)))
		return error_set(err, -EBADMSG, "%s: damaged: the totals at its end are wrong",
				 reader->path);

	if (fgetc(reader->file) != EOF)
		return error_set(err, -EBADMSG, "%s: damaged: something follows its end",
				 reader->path);
	reader->ended = true;
	return 0;
}

static int take_batch(struct record_reader *reader, struct record_item *item, struct error *err)
{
	const struct record_batch *batch = &item->batch;
	int ret;

	item->kind = RECORD_BATCH;
	memcpy(&item->batch, reader->data[CHUNK_BATCH], sizeof(item->batch));
	if (batch->reason > VERDICT_EVIDENCE_CONFLICT || batch->clock.slack_ns > MAX_CLOCK ||
	    batch->clock.offset_ns > MAX_CLOCK || batch->clock.offset_ns < -MAX_CLOCK)
		return error_set(err, -EBADMSG, "%s: damaged: a batch with numbers that cannot be",
				 reader->path);
	ret = expect_chunk(reader, CHUNK_CALLS, batch->nr_calls * sizeof(*item->calls), err);
	if (ret > 0)
		ret = expect_chunk(reader, CHUNK_EVENTS, batch->nr_events * sizeof(*item->events),
				   err);
	if (!ret)
		return cut_off(reader, err);
	if (ret < 0)
		return ret;

	item->calls = reader->data[CHUNK_CALLS];
	item->events = reader->data[CHUNK_EVENTS];
	reader->totals.calls += batch->nr_calls;
	reader->totals.events += batch->nr_events;
	return 1;
}

static int take_failure(struct record_reader *reader, size_t length, struct record_item *item,
			struct error *err)
{
	const char *data = reader->data[CHUNK_FAILURE];

	item->kind = RECORD_FAILURE;
	if (length < 9 || data[length - 1])
		return error_set(err, -EBADMSG, "%s: damaged: a failure of %zu bytes", reader->path,
				 length);
	memcpy(&item->failure.error, data, 4);
	memcpy(&item->failure.bad, data + 4, 4);
	item->failure.text = data + 8;
	/* The kernel's range of error numbers. */
	if (item->failure.error >= 0 || item->failure.error < -4095)
		return error_set(err, -EBADMSG, "%s: damaged: a failure with number %d",
				 reader->path, item->failure.error);
	return 1;
}

static int take_state(struct record_reader *reader, struct record_item *item, struct error *err)
{
	struct watch_state *state = reader->data[CHUNK_STATE];

	if (state->nr_calls > WATCH_STATE_CALLS || state->nr_devices > WATCH_STATE_DEVICES)
		return error_set(err, -EBADMSG, "%s: damaged: the state has too much in it",
				 reader->path);
	for (uint32_t i = 0; i < WATCH_STATE_DEVICES; i++) {
		state->device[i].name[sizeof(state->device[i].name) - 1] = '\0';
		state->device[i].uuid[sizeof(state->device[i].uuid) - 1] = '\0';
	}
	item->kind = RECORD_STATE;
	item->state = state;
	return 1;
}

static int take_stack(struct record_reader *reader, size_t length, struct record_item *item,
		      struct error *err)
{
	const char *data = reader->data[CHUNK_STACK];

	if (length < 5 || data[length - 1])
		return error_set(err, -EBADMSG, "%s: damaged: a stack of %zu bytes", reader->path,
				 length);
	item->kind = RECORD_STACK;
	memcpy(&item->stack.number, data, 4);
	item->stack.text = data + 4;
	return 1;
}

static int take_round(struct record_reader *reader, struct record_item *item, struct error *err)
{
	struct watch_round *round = &item->round;
	int ret;

	item->kind = RECORD_ROUND;
	memcpy(round, reader->data[CHUNK_ROUND], sizeof(*round));
	if (round->reason > VERDICT_EVIDENCE_CONFLICT)
		return error_set(err, -EBADMSG, "%s: damaged: a round with reason %u", reader->path,
				 round->reason);
	ret = expect_chunk(reader, CHUNK_MARKS, round->nr_marks * sizeof(*item->marks), err);
	if (ret > 0)
		ret = expect_chunk(reader, CHUNK_WATCHED, round->nr_calls * sizeof(*item->watched),
				   err);
	if (ret > 0)
		ret = expect_chunk(reader, CHUNK_EVENTS, round->nr_events * sizeof(*item->events),
				   err);
	if (!ret)
		return cut_off(reader, err);
	if (ret < 0)
		return ret;

	item->marks = reader->data[CHUNK_MARKS];
	item->watched = reader->data[CHUNK_WATCHED];
	item->events = reader->data[CHUNK_EVENTS];
	reader->totals.calls += round->nr_calls;
	reader->totals.events += round->nr_events;
	return 1;
}

int record_next(struct record_reader *reader, struct record_item *item, struct error *err)
{
	struct chunk_header header;
	int ret;

	if (reader->ended)
		return 0;
	ret = read_chunk(reader, &header, err);
	if (!ret)
		return cut_off(reader, err);
	if (ret < 0)
		return ret;

	if (header.type == CHUNK_END)
		return at_end(reader, &header, err);
	if (header.type == CHUNK_FAILURE)
		return take_failure(reader, header.length, item, err);
	if (header.type == CHUNK_BATCH && header.length == sizeof(item->batch))
		return take_batch(reader, item, err);
	if (header.type == CHUNK_STATE && header.length == sizeof(*item->state))
		return take_state(reader, item, err);
	if (header.type == CHUNK_STACK)
		return take_stack(reader, header.length, item, err);
	if (header.type == CHUNK_ROUND && header.length == sizeof(item->round))
		return take_round(reader, item, err);
	return error_set(err, -EBADMSG, "%s: damaged: chunk %u where a batch was due", reader->path,
			 header.type);
}

void record_close(struct record_reader *reader)
{
	if (!reader)
		return;

	if (reader->file)
		fclose(reader->file);
	for (size_t i = 0; i < sizeof(reader->data) / sizeof(reader->data[0]); i++)
		free(reader->data[i]);
	record_about_free(&reader->about);
	free(reader->path);
	free(reader);
}
