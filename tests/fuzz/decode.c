// SPDX-License-Identifier: GPL-2.0-only
/* decode's lines. Bits of the first byte: 0 JSON out, 1 an answer, 2 words; 7:3 pick the call. */
#include "verbs/decode.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options opts = { 0 };
	struct decode d = { .opts = &opts };
	struct ffa_regs regs;
	char *line;

	if (!size || size > MAX_LINE)
		return 0;
	/* A copy without a terminating NUL, so that ASan detects a read beyond the end. */
	line = malloc(size);
	d.out = malloc(OUT_SIZE);
	d.json = json_tokener_new();
	if (!line || !d.out || !d.json)
		goto out;
	memcpy(line, data + 1, size - 1);

	opts.json = data[0] & 1;
	if (data[0] & 2) {
		d.result = ffa_call_at((data[0] >> 3) * 2 % ffa_call_count());
		ffa_call_init(d.result, 0, &d.result_in);
		if (size > 4)
			d.result_in.x[1] = data[size - 1];
	}
	if (data[0] & 4 && ffa_parse_line(line, size - 1, &regs) > 0)
		explain(&d, &regs);
	else
		decode_line(&d, line, size - 1);
	if (d.out_len > OUT_SIZE)
		abort();

out:
	json_tokener_free(d.json);
	free(d.out);
	free(line);

	return 0;
}
