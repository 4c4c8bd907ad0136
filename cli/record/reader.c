// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/foreign.h"
#include "record/internal.h"

/* Largest clock offset in ns, 36 years. Sums of such numbers do not overflow. */
#define MAX_CLOCK (INT64_C(1) << 60)

struct record_reader {
	FILE *file;
	char *path;
	uint64_t at; /* bytes read so far */
	struct totals totals;
	void *data[NR_CHUNKS]; /* one buffer a chunk type; [0] is for unknown types */
	size_t size[NR_CHUNKS];
	struct record_meta meta;
	struct record_about about;
	struct record_calibration calibration;
	long first_item; /* offset of the first chunk after the description; -1: cannot seek */
	uint64_t first_at;
	struct chunk_header pending; /* read ahead, together with its data */
	int pending_ret;
	bool has_pending;
	bool ended;
};

/* Returns 1, 0 if the file ends inside the chunk, or a negative errno. */
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

	if (record_checksum(header, header->length ? reader->data[slot] : "") != header->crc)
		return error_set(err, -EBADMSG,
				 "%s: damaged before byte %llu: the checksum is wrong",
				 reader->path, (unsigned long long)reader->at);
	return 1;
}

/* Reads the next chunk of a known type; returns as read_one(). */
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
		if (!header->type || header->length > RECORD_MAX_CHUNK || header->reserved)
			return error_set(err, -EBADMSG,
					 "%s: damaged near byte %llu: no chunk starts there",
					 reader->path, (unsigned long long)reader->at);
		reader->at += sizeof(*header);

		/* Check an unknown chunk's CRC before skipping it: a damaged type looks unknown. */
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
		return error_set(
			err, -EBADMSG,
			"%s: damaged: chunk %u of %u bytes instead of chunk %d of %zu bytes",
			reader->path, header.type, header.length, type, length);
	return 1;
}

/* A recording may come from any machine. lines: newlines stay. */
static void clean(void *text, size_t len, bool lines)
{
	foreign_clean(text, len, lines ? "\n" : "");
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
	else if (!strcmp(word, "sweep-order"))
		about->sweep_order = (unsigned int)strtoul(value, NULL, 10);
	else if (!strcmp(word, "unsafe"))
		about->unsafe = strtoul(value, NULL, 10) != 0;
	else if (!strcmp(word, "note"))
		text = &about->note;
	else if (!strcmp(word, "tool"))
		text = &about->tool;
	/* Ignore unknown words: newer versions may add some. */
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

static int take_file(struct record_about *about, char *data, size_t len)
{
	const char *nul = len ? memchr(data, '\0', len) : NULL;

	if (!nul)
		return -EBADMSG;
	clean(data, (size_t)(nul - data), false);
	/* A script, which can hold tabs, or a sweep. */
	foreign_clean(data + (nul + 1 - data), len - (size_t)(nul + 1 - data), "\n\t\r");
	return record_about_file(about, data, nul + 1, len - (size_t)(nul + 1 - data));
}

static int cut_off(struct record_reader *reader, struct error *err)
{
	return error_set(err, -ENODATA, "%s: cut off after %llu calls", reader->path,
			 (unsigned long long)reader->totals.calls);
}

static int check_batch(const struct record_reader *reader, const struct record_batch *batch,
		       struct error *err)
{
	if (batch->reason > VERDICT_EVIDENCE_CONFLICT || batch->clock.slack_ns > MAX_CLOCK ||
	    batch->clock.offset_ns > MAX_CLOCK || batch->clock.offset_ns < -MAX_CLOCK)
		return error_set(err, -EBADMSG, "%s: damaged: a batch with impossible numbers",
				 reader->path);
	return 0;
}

static void *copy_of(const void *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

/* A session that had to calibrate twice wrote both: the last one counts. */
static int take_calibration(struct record_reader *reader, size_t length, struct error *err)
{
	struct record_calibration *cal = &reader->calibration;
	size_t calls, events;
	int ret;

	if (length != sizeof(cal->batch))
		return error_set(err, -EBADMSG, "%s: damaged: a calibration of %zu bytes",
				 reader->path, length);
	memcpy(&cal->batch, reader->data[CHUNK_CALIBRATION], sizeof(cal->batch));
	ret = check_batch(reader, &cal->batch, err);
	if (ret)
		return ret;

	calls = cal->batch.nr_calls * sizeof(*cal->calls);
	events = cal->batch.nr_events * sizeof(*cal->events);
	ret = expect_chunk(reader, CHUNK_CALLS, calls, err);
	if (ret > 0)
		ret = expect_chunk(reader, CHUNK_EVENTS, events, err);
	if (ret <= 0)
		return ret ? ret : cut_off(reader, err);

	free(cal->calls);
	free(cal->events);
	cal->calls = copy_of(reader->data[CHUNK_CALLS], calls);
	cal->events = copy_of(reader->data[CHUNK_EVENTS], events);
	return cal->calls && cal->events ? 0 : error_no_memory(err);
}

/* Reads everything before the first batch, and that batch's header as `pending'. */
static int read_about(struct record_reader *reader, struct error *err)
{
	for (;;) {
		struct chunk_header header;
		int ret;

		reader->first_item = ftell(reader->file);
		reader->first_at = reader->at;
		ret = read_chunk(reader, &header, err);
		if (ret < 0)
			return ret;
		if (ret && header.type == CHUNK_CALIBRATION) {
			ret = take_calibration(reader, header.length, err);
			if (ret)
				return ret;
			continue;
		}
		if (ret && header.type == CHUNK_ABOUT) {
			clean(reader->data[CHUNK_ABOUT], header.length, true);
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
			return error_set(
				err, ret, "%s: %s", reader->path,
				ret == -ENOMEM
					? "out of memory"
					: "damaged: the description of the run cannot be read");
	}
}

const struct record_calibration *record_calibration(const struct record_reader *reader)
{
	return &reader->calibration;
}

const struct record_meta *record_meta(const struct record_reader *reader)
{
	return &reader->meta;
}

const char *record_path(const struct record_reader *reader)
{
	return reader->path;
}

bool record_can_rewind(const struct record_reader *reader)
{
	return reader->first_item >= 0;
}

int record_rewind(struct record_reader *reader)
{
	clearerr(reader->file);
	if (fseek(reader->file, reader->first_item, SEEK_SET))
		return -errno;
	reader->at = reader->first_at;
	reader->totals = (struct totals){ 0 };
	reader->has_pending = false;
	reader->ended = false;
	return 0;
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
	    memcmp(header.magic, RECORD_MAGIC, sizeof(header.magic)))
		return error_set(
			err, -EBADMSG,
			"%s: not an ffascope recording (it does not start with FFASCOPE). Make one with --record",
			reader->path);

	if (header.byte_order != RECORD_BYTE_ORDER_MARK)
		return error_set(err, -EBADMSG, "%s: made on a machine with another byte order",
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
	clean(meta->verb, sizeof(meta->verb), false);
	clean(meta->kernel, sizeof(meta->kernel), false);
	reader->meta = *meta;
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

/* A recording without calibration is read twice, which a pipe does not allow. */
static FILE *copy_stdin(void)
{
	FILE *copy = tmpfile();
	char buf[65536];
	size_t len;

	if (!copy)
		return NULL;
	while ((len = fread(buf, 1, sizeof(buf), stdin))) {
		if (fwrite(buf, 1, len, copy) != len)
			break;
	}
	if (ferror(stdin) || ferror(copy) || fflush(copy)) {
		fclose(copy);
		return NULL;
	}
	rewind(copy);
	return copy;
}

int record_open(struct record_reader **out, const char *path, struct record_meta *meta,
		struct error *err)
{
	bool from_stdin = !strcmp(path, "-");
	const char *name = from_stdin ? "(stdin)" : path;
	FILE *file = from_stdin ? copy_stdin() : fopen(path, "re");

	if (!file)
		return error_set(err, errno ? -errno : -EIO, "%s: %s", name, strerror(errno));
	return record_open_stream(out, file, name, meta, err);
}

static int at_end(struct record_reader *reader, const struct chunk_header *header,
		  struct error *err)
{
	if (header->length != sizeof(struct totals) ||
	    memcmp(reader->data[CHUNK_END], &reader->totals, sizeof(struct totals)))
		return error_set(err, -EBADMSG, "%s: damaged: the totals at its end are wrong",
				 reader->path);

	if (fgetc(reader->file) != EOF)
		return error_set(err, -EBADMSG, "%s: damaged: data follows its end", reader->path);
	reader->ended = true;
	return 0;
}

static int take_batch(struct record_reader *reader, struct record_item *item, struct error *err)
{
	const struct record_batch *batch = &item->batch;
	int ret;

	item->kind = RECORD_BATCH;
	memcpy(&item->batch, reader->data[CHUNK_BATCH], sizeof(item->batch));
	ret = check_batch(reader, batch, err);
	if (ret)
		return ret;
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
	char *data = reader->data[CHUNK_FAILURE];

	item->kind = RECORD_FAILURE;
	if (length < 9 || data[length - 1])
		return error_set(err, -EBADMSG, "%s: damaged: a failure of %zu bytes", reader->path,
				 length);
	memcpy(&item->failure.error, data, 4);
	memcpy(&item->failure.bad, data + 4, 4);
	clean(data + 8, length - 8, true);
	item->failure.text = data + 8;
	/* Linux error numbers end at 4095 (MAX_ERRNO). */
	if (item->failure.error >= 0 || item->failure.error < -4095)
		return error_set(err, -EBADMSG, "%s: damaged: a failure with number %d",
				 reader->path, item->failure.error);
	return 1;
}

static int take_state(struct record_reader *reader, struct record_item *item, struct error *err)
{
	struct watch_state *state = reader->data[CHUNK_STATE];

	if (state->nr_calls > WATCH_STATE_CALLS || state->nr_devices > WATCH_STATE_DEVICES)
		return error_set(err, -EBADMSG, "%s: damaged: the state has too many entries",
				 reader->path);
	for (uint32_t i = 0; i < WATCH_STATE_DEVICES; i++) {
		state->device[i].name[sizeof(state->device[i].name) - 1] = '\0';
		state->device[i].uuid[sizeof(state->device[i].uuid) - 1] = '\0';
		clean(state->device[i].name, sizeof(state->device[i].name), false);
		clean(state->device[i].uuid, sizeof(state->device[i].uuid), false);
	}
	item->kind = RECORD_STATE;
	item->state = state;
	return 1;
}

static int take_stack(struct record_reader *reader, size_t length, struct record_item *item,
		      struct error *err)
{
	char *data = reader->data[CHUNK_STACK];

	if (length < 5 || data[length - 1])
		return error_set(err, -EBADMSG, "%s: damaged: a stack of %zu bytes", reader->path,
				 length);
	item->kind = RECORD_STACK;
	memcpy(&item->stack.number, data, 4);
	clean(data + 4, length - 4, true);
	item->stack.text = data + 4;
	return 1;
}

static int take_text(struct record_reader *reader, size_t length, struct record_item *item,
		     struct error *err)
{
	char *data = reader->data[CHUNK_TEXT];

	if (length < 5 || data[length - 1])
		return error_set(err, -EBADMSG, "%s: damaged: a text of %zu bytes", reader->path,
				 length);
	item->kind = RECORD_TEXT;
	memcpy(&item->text.number, data, 4);
	clean(data + 4, length - 4, true);
	item->text.text = data + 4;
	return 1;
}

static int take_round(struct record_reader *reader, struct record_item *item, struct error *err)
{
	struct watch_round *round = &item->round;
	struct host_call *watched;
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

	watched = reader->data[CHUNK_WATCHED];
	for (uint32_t i = 0; i < round->nr_calls; i++)
		clean(watched[i].comm, sizeof(watched[i].comm), false);
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
	if (header.type == CHUNK_TEXT)
		return take_text(reader, header.length, item, err);
	if (header.type == CHUNK_ROUND && header.length == sizeof(item->round))
		return take_round(reader, item, err);
	return error_set(err, -EBADMSG, "%s: damaged: chunk %u instead of a batch", reader->path,
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
	free(reader->calibration.calls);
	free(reader->calibration.events);
	record_about_free(&reader->about);
	free(reader->path);
	free(reader);
}
