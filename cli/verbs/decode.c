// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/decode.h"
#include "command/verb.h"
#include "dump/dump.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "verbs/verbs.h"

enum {
	OPT_RESULT = 0x100,
	OPT_EXPLAIN,
	OPT_FORMATS,
	OPT_BUFFER,
	OPT_WORDS,
};

static const struct argp_option options[] = {
	{ "result", OPT_RESULT, "CALL", 0,
	  "The registers are an answer to this call; FIELD=VALUE words may follow in the quotes",
	  0 },
	{ "explain", OPT_EXPLAIN, NULL, 0, "The meaning and the source of each field", 0 },
	{ "buffer", OPT_BUFFER, "NAME", 0,
	  "WORD is a file, or - for stdin, with this descriptor: its bytes, or a hexadecimal dump",
	  0 },
	{ "words", OPT_WORDS, NULL, 0,
	  "With --buffer: groups of digits are little-endian numbers, not bytes in order", 0 },
	{ "formats", OPT_FORMATS, NULL, 0, "Lists the formats of lines that are recognised", 0 },
	{ 0 },
};

struct arguments {
	struct decode decode;
	const char *result;
	const char *buffer;
	bool word_order;
	bool formats;
	char **words;
	int nr_words;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *args = state->input;

	switch (key) {
	case OPT_RESULT:
		args->result = arg;
		return 0;
	case OPT_EXPLAIN:
		args->decode.explain = true;
		return 0;
	case OPT_BUFFER:
		args->buffer = arg;
		return 0;
	case OPT_WORDS:
		args->word_order = true;
		return 0;
	case OPT_FORMATS:
		args->formats = true;
		return 0;
	case ARGP_KEY_ARGS:
		args->words = state->argv + state->next;
		args->nr_words = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[WORD...]",
	.doc = "Explains registers: which call, its fields, the rules that it breaks in each FF-A "
	       "version (or in the one given by --ffa). Without WORDs it explains the lines on "
	       "stdin; a line without registers is passed through with a note.\n"
	       "Words are hexadecimal, x0 first. Lines may be those of logs, register dumps, source "
	       "code and traces (--formats lists them), or the JSON of a call. A register that "
	       "is not in the text is \"not given\", not zero.\n"
	       "With --buffer it explains a descriptor in memory, which RX and TX buffers have: its "
	       "fields, the rules of the version of --ffa (1.2) that it breaks, and what points "
	       "outside of it. `ffascope list --descriptors' names them."
	       "\v"
	       "  ffascope decode 0x8400007d 0x10001 4\n"
	       "  ffascope decode --result ID_GET 0x84000061 0 0\n"
	       "  ffascope decode --result 'FEATURES feature=sri' 0x84000061 0 8\n"
	       "  ffascope decode < monitor.log\n"
	       "  xxd tx.bin | ffascope --ffa 1.1 decode --buffer mem-transaction -\n",
};

/* ---- records ---- */

static void put_pass(struct decode *d, const struct dump_record *record, const char *note)
{
	if (d->opts->json)
		decode_json_pass(d, record->text, record->len, note);
	else if (!record->len)
		decode_puts(d, "\n");
	else
		decode_text_pass(d, record->text, record->len, note);
}

/* Why a record is passed through; NULL: it is decoded. */
static const char *reason_to_pass(const struct decode *d, const struct dump_line *line, char *buf,
				  size_t size)
{
	switch (line->kind) {
	case DUMP_NOTHING:
		return "no registers in this line";
	case DUMP_FAULT:
		snprintf(buf, size, "not understood: %s", line->fault);
		return buf;
	case DUMP_FRAGMENT:
		return "x0 is missing, so the call is unknown";
	case DUMP_CODE:
		return NULL;
	case DUMP_REGS:
		break;
	}
	/* Any exception dumps registers. */
	if (line->named && !d->result && !dump_is_ffa((uint32_t)line->regs.x[0])) {
		snprintf(buf, size, "x0 is 0x%llx, not an FF-A call",
			 (unsigned long long)line->regs.x[0]);
		return buf;
	}

	return NULL;
}

static void put_record(void *ctx, const struct dump_record *record)
{
	struct decode *d = ctx;
	char buf[160];
	const char *pass = reason_to_pass(d, record->line, buf, sizeof(buf));

	if (pass)
		put_pass(d, record, pass);
	else if (d->opts->json)
		decode_json_record(d, record);
	else
		decode_text_record(d, record);
}

/* Explains the "in" and "out" of a call's JSON. Returns false if the line has none. */
static bool put_json_line(struct decode *d, const char *line, size_t len)
{
	struct ffa_dump in, out;
	char err[120], note[160];
	bool has_out;

	switch (decode_json_parse(line, len, &in, &out, &has_out, err, sizeof(err))) {
	case DECODE_NOT_JSON:
		return false;
	case DECODE_WRONG:
		snprintf(note, sizeof(note), "not understood: %s", err);
		put_pass(d, &(struct dump_record){ .text = line, .len = len }, note);
		return true;
	case DECODE_PARSED:
		break;
	}
	if (d->opts->json)
		decode_json_pair(d, &in, has_out ? &out : NULL);
	else
		decode_text_pair(d, &in, has_out ? &out : NULL);

	return true;
}

/* One line without its newline. */
static void decode_line(struct decode *d, struct dump_reader *reader, const char *line, size_t len)
{
	if (len && line[0] == '{' && !d->result) {
		dump_reader_flush(reader);
		if (put_json_line(d, line, len))
			return;
	}
	dump_reader_line(reader, line, len);
}

/* ---- stdin ---- */

/* How long a dump may stay unfinished while no more lines come. */
#define IDLE_MS 300

static bool is_idle(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return !poll(&fd, 1, IDLE_MS);
}

struct input {
	char *buf;
	size_t have;
	bool tail; /* of a line that is too long */
};

static void take_lines(struct decode *d, struct dump_reader *reader, struct input *in)
{
	char *start = in->buf, *end;

	while ((end = memchr(start, '\n', in->have - (size_t)(start - in->buf)))) {
		if (in->tail)
			decode_put(d, start, (size_t)(end - start) + 1);
		else
			decode_line(d, reader, start, (size_t)(end - start));
		in->tail = false;
		start = end + 1;
	}
	in->have -= (size_t)(start - in->buf);
	memmove(in->buf, start, in->have);
	if (in->have < DECODE_MAX_LINE)
		return;
	if (!in->tail) {
		dump_reader_flush(reader);
		decode_puts(d, "# the next line is too long to be decoded\n");
	}
	decode_put(d, in->buf, in->have);
	in->tail = true;
	in->have = 0;
}

/* The last line may have no newline. */
static void take_rest(struct decode *d, struct dump_reader *reader, const struct input *in)
{
	if (in->have && in->tail)
		decode_put(d, in->buf, in->have);
	else if (in->have)
		decode_line(d, reader, in->buf, in->have);
	dump_reader_flush(reader);
}

static int read_stdin(struct decode *d, struct dump_reader *reader, struct input *in)
{
	ssize_t n;

	while (!d->error) {
		n = read(STDIN_FILENO, in->buf + in->have, DECODE_MAX_LINE - in->have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		in->have += (size_t)n;
		take_lines(d, reader, in);
		if (n >= DECODE_MAX_LINE / 2 || !is_idle())
			continue;
		/* A terminal or a slow pipe: show the decoded lines. */
		dump_reader_flush(reader);
		decode_out_flush(d);
		fflush(stdout);
	}
	take_rest(d, reader, in);

	return 0;
}

static int decode_stdin(struct decode *d)
{
	struct dump_reader *reader = malloc(sizeof(*reader));
	struct input in = { .buf = malloc(DECODE_MAX_LINE) };
	int ret = -ENOMEM;

	if (reader && in.buf) {
		dump_reader_init(reader, d->result, put_record, d);
		ret = read_stdin(d, reader, &in);
	}
	free(in.buf);
	free(reader);

	return ret;
}

/* ---- words ---- */

static int join_words(char **words, int n, char **line)
{
	size_t len = 1, at = 0;

	for (int i = 0; i < n; i++)
		len += strlen(words[i]) + 1;
	*line = malloc(len);
	if (!*line)
		return -ENOMEM;
	**line = '\0';
	for (int i = 0; i < n; i++)
		at += (size_t)snprintf(*line + at, len - at, "%s%s", i ? " " : "", words[i]);

	return 0;
}

/* Returns 0, -ENOMEM, or -EINVAL with the reason in why. */
static int decode_words(struct decode *d, char **words, int n, char *why, size_t size)
{
	struct dump_line read;
	struct dump_record record = { .line = &read };
	char *line;
	int ret = join_words(words, n, &line);

	if (ret)
		return ret;
	dump_read(line, strlen(line), d->result, &read);
	record.text = line;
	record.len = strlen(line);
	if (read.kind == DUMP_FAULT || read.kind == DUMP_FRAGMENT) {
		reason_to_pass(d, &read, why, size);
		if (read.kind == DUMP_FRAGMENT)
			snprintf(why, size, "x0 is missing, so the call is unknown");
		ret = -EINVAL;
	} else if (read.kind == DUMP_NOTHING) {
		ret = -EINVAL;
	} else if (read.kind == DUMP_CODE || read.has_answer || d->opts->json) {
		put_record(d, &record);
	} else {
		decode_text_explain(d, &read.regs);
		if (read.two_readings) {
			decode_puts(d, "or, with numbers without 0x read as decimal:\n");
			decode_text_explain(d, &read.decimal);
		}
	}
	free(line);

	return ret;
}

/* ---- --result, --formats ---- */

static int no_such_call(const struct decode *d, const char *word)
{
	const struct ffa_call *near;

	if (word && ffa_call_nearest(word, &near, 1))
		verb_error(d->opts, "--result: no call is named %.60s; the nearest: %s", word,
			   near->name);
	else
		verb_error(d->opts, "--result: no such call; 'ffascope list' shows them all");

	return STATUS_USAGE;
}

/* The bits that FIELD=VALUE names have been given. */
static int give_word(const struct decode *d, struct ffa_dump *in, const char *word)
{
	struct ffa_regs zeros, ones;
	char err[400];

	/* A word touches the bits that differ after it was put on zeros and on ones. */
	memset(&zeros, 0, sizeof(zeros));
	memset(&ones, 0xff, sizeof(ones));
	if (ffa_assign(d->result, &in->regs, word, err, sizeof(err))) {
		verb_error(d->opts, "--result: %s", err);
		return STATUS_USAGE;
	}
	ffa_assign(d->result, &zeros, word, NULL, 0);
	ffa_assign(d->result, &ones, word, NULL, 0);
	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		uint64_t touched = ~(zeros.x[reg] ^ ones.x[reg]);

		in->missing &= ~((uint64_t) !!(uint32_t)touched << 2 * reg);
		in->missing &= ~((uint64_t) !!(touched >> 32) << (2 * reg + 1));
	}

	return STATUS_DONE;
}

/* --result "CALL FIELD=VALUE ...". Returns an exit status. */
static int take_result(struct decode *d, const char *text)
{
	char *copy = strdup(text), *word, *rest = NULL;
	int status = STATUS_DONE;

	if (!copy)
		return STATUS_INTERNAL;
	word = strtok_r(copy, " ", &rest);
	d->result = word ? ffa_call_find(word) : NULL;
	if (!d->result) {
		status = no_such_call(d, word);
	} else {
		ffa_call_init(d->result, 0, &d->result_in.regs);
		d->result_in.missing = FFA_MISSING_ARGUMENTS;
		while (status == STATUS_DONE && (word = strtok_r(NULL, " ", &rest)))
			status = give_word(d, &d->result_in, word);
	}
	free(copy);

	return status;
}

/* The table that the parser works from. */
static void put_formats(struct decode *d)
{
	const struct dump_format *f;
	const struct dump_name *name;

	for (size_t i = 0; (f = dump_format_at(i)); i++) {
		decode_printf(d, "%s: %s\n", f->name, f->writer);
		for (const char *s = f->lines; *s;) {
			size_t len = strcspn(s, "\n");

			decode_printf(d, "  %.*s\n", (int)len, s);
			s += len + !!s[len];
		}
		decode_printf(d, "  -> %s\n", f->decoded);
	}
	decode_puts(d, "names of registers:");
	for (size_t i = 0; (name = dump_name_at(i)); i++) {
		if (name->is_call)
			decode_printf(d, " %s (x0)", name->base);
		else
			decode_printf(d, " %s0 %s[0]%s", name->base, name->base,
				      name->narrow ? " (bits 31:0)" : "");
	}
	decode_puts(d, "\n");
}

/* Returns an exit status. */
static int end_output(const struct decode *d)
{
	if (d->error == -ENOMEM) {
		verb_error(d->opts, "out of memory");
		return STATUS_INTERNAL;
	}
	if (d->error || fflush(stdout)) {
		verb_error(d->opts, "cannot write to stdout: %m");
		return STATUS_INTERNAL;
	}

	return STATUS_DONE;
}

/* ---- --buffer ---- */

/* Returns an exit status. */
static int decode_buffer(struct arguments *args)
{
	struct decode *d = &args->decode;
	const struct ffa_descriptor *type = ffa_descriptor_find(args->buffer);
	uint32_t version = decode_version(d);
	char why[200];
	int ret;

	if (!type) {
		verb_error(d->opts,
			   "--buffer: no descriptor is named %.60s; `ffascope list --descriptors' "
			   "has them all",
			   args->buffer);
		return STATUS_USAGE;
	}
	if (!ffa_layout_of(type, version)) {
		verb_error(d->opts, "--buffer: FF-A %s does not have %s; it is since %s",
			   ffa_version_name(version), type->name,
			   ffa_version_name(type->layouts[0].since));
		return STATUS_USAGE;
	}
	if (args->nr_words != 1 || args->result) {
		verb_error(d->opts, "--buffer takes one file, or - for stdin%s",
			   args->result ? ", and no --result" : "");
		return STATUS_USAGE;
	}
	ret = decode_buffer_file(d, type, args->words[0], args->word_order, why, sizeof(why));
	decode_out_flush(d);
	if (ret == -EINVAL) {
		verb_error(d->opts, "%s: %s", args->words[0], why);
		return STATUS_USAGE;
	}
	if (ret) {
		errno = -ret;
		verb_error(d->opts, "%s: %m", args->words[0]);
		return STATUS_INTERNAL;
	}

	return end_output(d);
}

static int decode(struct arguments *args)
{
	struct decode *d = &args->decode;
	char why[160] = "";
	int ret = 0;

	if (args->formats)
		put_formats(d);
	else if (args->nr_words)
		ret = decode_words(d, args->words, args->nr_words, why, sizeof(why));
	else
		ret = decode_stdin(d);
	decode_out_flush(d);

	if (ret == -EINVAL && args->nr_words) {
		verb_error(d->opts,
			   "\"%.60s\": %s%sgive registers, hexadecimal, x0 first, as in 0x8400007d "
			   "0x1 0x4, or x0=0x8400007d x1=0x1",
			   args->words[0], why, why[0] ? "; " : "");
		return STATUS_USAGE;
	}
	if (ret) {
		errno = -ret;
		verb_error(d->opts, "%s: %m", args->nr_words ? "decode" : "stdin");
		return STATUS_INTERNAL;
	}

	return end_output(d);
}

static int run(const struct options *opts, int argc, char **argv)
{
	struct arguments args = { .decode.opts = opts };
	int status;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_USAGE;
	if (args.result) {
		status = take_result(&args.decode, args.result);
		if (status)
			return status;
	}
	if (decode_out_open(&args.decode)) {
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}
	status = args.buffer ? decode_buffer(&args) : decode(&args);
	decode_out_close(&args.decode);

	return status;
}

const struct verb verb_decode = {
	.name = "decode",
	.help = "Explains registers given as words, or lines on stdin",
	.run = run,
};
