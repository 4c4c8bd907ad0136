// SPDX-License-Identifier: GPL-2.0-only
/*
 * decode --buffer. The first byte: bits 1:0 the version, 2 JSON out, 3 a dump in place of bytes; 7:4 pick the
 * descriptor. Parts that are read are written back, and must be the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "command/decode.h"
#include "dump/bytes.h"

#include "fuzz.h"

#define MAX_SIZE 65536

struct copy {
	const uint8_t *bytes;
	uint8_t *again;
	size_t len;
};

static void write_part(void *ctx, const struct ffa_part *part)
{
	struct copy *copy = ctx;

	if (part->at + part->have > copy->len)
		abort();
	if (part->have < part->layout->size)
		return;
	if (ffa_part_write(part, copy->again, copy->len) ||
	    memcmp(copy->again + part->at, copy->bytes + part->at, part->layout->size))
		abort();
}

static void check_finding(void *ctx, const struct ffa_finding *f)
{
	(void)ctx;
	if (!f->part || !f->text[0])
		abort();
}

static void try_buffer(const struct ffa_descriptor *type, const struct options *opts,
		       const uint8_t *bytes, size_t len)
{
	struct decode d = { .opts = opts };
	struct copy copy = { .bytes = bytes, .again = calloc(1, len ? len : 1), .len = len };
	struct ffa_reader reader = { write_part, check_finding, &copy };

	if (copy.again && !ffa_descriptor_read(type, opts->ffa_version, bytes, len, &reader) &&
	    !decode_out_open(&d)) {
		decode_buffer_put(&d, type, bytes, len, false);
		d.out_len = 0;
		decode_out_close(&d);
	}
	free(copy.again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options opts = { 0 };
	const struct ffa_descriptor *type;
	struct dump_bytes dump = { 0 };
	uint8_t *bytes;

	if (!size || size > MAX_SIZE)
		return 0;
	opts.ffa_version = ffa_version_at(data[0] & 3);
	opts.json = data[0] & 4;
	type = ffa_descriptor_at(data[0] >> 4);
	/* Its own copy, so that a read beyond the end is seen. */
	bytes = malloc(size);
	if (!bytes)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	if (data[0] & 8) {
		dump.size = size;
		dump.buf = malloc(size);
		dump.words = size & 1;
		if (dump.buf && !dump_bytes_read((char *)bytes, size - 1, &dump) && type)
			try_buffer(type, &opts, dump.buf, dump.len);
		free(dump.buf);
	} else if (type) {
		try_buffer(type, &opts, bytes, size - 1);
	}
	free(bytes);

	return 0;
}
