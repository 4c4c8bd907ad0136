/* SPDX-License-Identifier: GPL-2.0-only */
/* What the decode verb prints: shared by verbs/decode.c and the command/decode_*.c files. */
#ifndef FFASCOPE_COMMAND_DECODE_H
#define FFASCOPE_COMMAND_DECODE_H

#include <string.h>

#include "command/verb.h"
#include "dump/dump.h"
#include "ffa/descriptor.h"

struct ffa_call;

struct json_object;

/* Longest line that is looked into; a longer one is passed through. */
#define DECODE_MAX_LINE 65536
/* Most text that one formatting function makes. */
#define DECODE_PART	4000
/* Room for a call: its fields, and its rules. */
#define DECODE_ROOM	(3 * DECODE_PART)

struct decode {
	const struct options *opts;
	bool explain;
	const struct ffa_call *result; /* NULL: the registers are those of a call */
	struct ffa_dump result_in;     /* the given registers of that call */
	int error;		       /* negative errno; later output is dropped */
	char *out;
	size_t out_len;
	bool terminal; /* control characters in the lines must not steer it */
};

/* ---- decode_out.c: buffered output to stdout ---- */

/* Returns 0 or -ENOMEM. */
int decode_out_open(struct decode *d);
void decode_out_flush(struct decode *d);
void decode_out_close(struct decode *d);
void decode_put(struct decode *d, const char *s, size_t len);
static inline void decode_puts(struct decode *d, const char *s)
{
	decode_put(d, s, strlen(s));
}

/* Room for `size' bytes, which decode_took() takes as output. size: at most DECODE_ROOM. */
char *decode_room(struct decode *d, size_t size);
void decode_took(struct decode *d, size_t len);
void decode_printf(struct decode *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- what text and JSON share ---- */

/* The version whose rules hold. */
uint32_t decode_version(const struct decode *d);
/* Whether a name is for the call of this identifier, the SVE hint aside; else NULL. */
const struct ffa_call *decode_row(uint64_t x0);
/*
 * Remarks on the identifier and the version: not in the catalogue, wrong width, hint,
 * not in this version. Empty without remarks. Length as snprintf().
 */
size_t decode_format_note(const struct decode *d, uint64_t x0, char *buf, size_t size);

/* ---- decode_text.c ---- */

/* A record as one line, with its prefix; several lines with --explain. */
void decode_text_record(struct decode *d, const struct dump_record *record);
/* Registers over several lines, for words of the command line. */
void decode_text_explain(struct decode *d, const struct ffa_dump *regs);
/* A call and its answer (NULL: none). */
void decode_text_pair(struct decode *d, const struct ffa_dump *in, const struct ffa_dump *out);
/* Text as it was, with a note after each line. */
void decode_text_pass(struct decode *d, const char *text, size_t len, const char *note);

/* ---- decode_buffer.c ---- */

/* Descriptors of a buffer. unsure: the order of its bytes is not certain. */
void decode_buffer_put(struct decode *d, const struct ffa_descriptor *type, const uint8_t *buf,
		       size_t len, bool unsure);
/*
 * Bytes of a file ("-": stdin), which has the bytes or a dump of them; words: groups of digits are
 * little-endian numbers. *unsure: the order of the bytes is not certain. The caller frees *bytes.
 * Returns 0 or a negative errno; -EINVAL: not understood, why says where.
 */
int decode_buffer_load(const char *file, bool words, uint8_t **bytes, size_t *len, bool *unsure,
		       char *why, size_t size);
/*
 * The same of a file ("-": stdin), which has the bytes or a dump of them; words: groups of digits
 * are little-endian numbers. Returns 0 or a negative errno; -EINVAL: not understood, why says where.
 */
int decode_buffer_file(struct decode *d, const struct ffa_descriptor *type, const char *file,
		       bool words, char *why, size_t size);

/* ---- decode_json.c ---- */

/* Takes over an object without "format". */
void decode_json_put(struct decode *d, struct json_object *obj);
void decode_json_record(struct decode *d, const struct dump_record *record);
void decode_json_pair(struct decode *d, const struct ffa_dump *in, const struct ffa_dump *out);
void decode_json_pass(struct decode *d, const char *text, size_t len, const char *note);

enum decode_parsed {
	DECODE_NOT_JSON, /* or no "in" in it */
	DECODE_PARSED,
	DECODE_WRONG, /* err says which number is wrong */
};

/* "in" and "out" of an object on one line; *has_out: it has the second. */
enum decode_parsed decode_json_parse(const char *line, size_t len, struct ffa_dump *in,
				     struct ffa_dump *out, bool *has_out, char *err,
				     size_t err_size);

#endif
