// SPDX-License-Identifier: GPL-2.0-only
/* decode's lines. Bits of the first byte: 0 JSON out, 1 an answer, 2 words; 7:3 pick the call. */
#include "verbs/decode.c"

#include "fuzz.h"

static void feed(struct decode *d, struct dump_reader *reader, const char *text, size_t size)
{
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t len = end ? (size_t)(end - text) : size;
		/* Its own copy, without a NUL behind it, so that a read beyond the end is seen. */
		char *line = malloc(len ? len : 1);

		if (!line)
			return;
		memcpy(line, text, len);
		decode_line(d, reader, line, len);
		free(line);
		len += !!end;
		text += len;
		size -= len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options opts = { 0 };
	struct decode d = { .opts = &opts };
	struct dump_reader *reader;
	char why[160];

	if (!size || size > DECODE_MAX_LINE)
		return 0;
	reader = malloc(sizeof(*reader));
	if (!reader || decode_out_open(&d))
		goto out;

	opts.json = data[0] & 1;
	d.explain = (data[0] & 0x18) == 0x18;
	if (data[0] & 2) {
		d.result = ffa_call_at((data[0] >> 3) * 2 % ffa_call_count());
		ffa_call_init(d.result, 0, &d.result_in.regs);
		d.result_in.missing = FFA_MISSING_ARGUMENTS;
		if (size > 4)
			ffa_give(&d.result_in, 1, data[size - 1], true);
	}
	if (data[0] & 4) {
		char *text = malloc(size);

		if (text) {
			memcpy(text, data + 1, size - 1);
			text[size - 1] = '\0';
			decode_words(&d, (char *[]){ text }, 1, why, sizeof(why));
		}
		free(text);
	} else {
		dump_reader_init(reader, d.result, put_record, &d);
		feed(&d, reader, (const char *)data + 1, size - 1);
		dump_reader_flush(reader);
	}
	d.out_len = 0;

out:
	decode_out_close(&d);
	free(reader);

	return 0;
}
