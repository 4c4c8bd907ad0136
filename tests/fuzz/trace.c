// SPDX-License-Identifier: GPL-2.0-only
/* The text of trace_pipe. The first byte: 0 lines, 1 a format file. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "hyp/internal.h"

static int take(void *ctx, const struct hyp_event *ev)
{
	unsigned int *events = ctx;

	if (ev->type > HYP_EVENT_HOST_FFA_CALL ||
	    (ev->reason > HYP_REASON_UNKNOWN && ev->reason != HYP_REASON_NONE))
		abort();
	return ++*events > 10000 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hyp_text text = { 0 };
	unsigned int events = 0;
	char *copy;

	if (!size)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	copy[size - 1] = '\0';

	if (data[0] & 1) {
		hyp_format_parse(copy, &text.host_smc);
		if (text.host_smc.nr > HYP_MAX_FIELDS)
			abort();
	} else {
		/* In pieces, as a pipe may return it. */
		size_t half = (size - 1) / 2;

		hyp_text_feed(&text, copy, half, take, &events);
		hyp_text_feed(&text, copy + half, size - 1 - half, take, &events);
		hyp_text_end(&text, take, &events);
	}
	free(copy);
	return 0;
}
