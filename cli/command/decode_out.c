// SPDX-License-Identifier: GPL-2.0-only
/* Buffered output of decode, and what its text and its JSON share. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/foreign.h"
#include "command/decode.h"
#include "ffa/catalogue.h"

#define OUT_SIZE (4 * DECODE_MAX_LINE)

int decode_out_open(struct decode *d)
{
	d->out_len = 0;
	d->out = malloc(OUT_SIZE);
	d->terminal = isatty(STDOUT_FILENO);

	return d->out ? 0 : -ENOMEM;
}

void decode_out_flush(struct decode *d)
{
	/* Lines of another machine's log; a file or a pipe gets them as they are. */
	if (d->terminal)
		foreign_clean(d->out, d->out_len, "\n\t\r");
	if (d->out_len && !d->error && fwrite(d->out, 1, d->out_len, stdout) != d->out_len)
		d->error = errno ? -errno : -EIO;
	d->out_len = 0;
}

void decode_out_close(struct decode *d)
{
	free(d->out);
	d->out = NULL;
}

char *decode_room(struct decode *d, size_t size)
{
	if (OUT_SIZE - d->out_len < size)
		decode_out_flush(d);

	return d->out + d->out_len;
}

void decode_took(struct decode *d, size_t len)
{
	d->out_len += len;
}

void decode_put(struct decode *d, const char *s, size_t len)
{
	if (len < OUT_SIZE - d->out_len) {
		memcpy(d->out + d->out_len, s, len);
		d->out_len += len;
		return;
	}
	while (len) {
		size_t n = len < OUT_SIZE - d->out_len ? len : OUT_SIZE - d->out_len;

		memcpy(d->out + d->out_len, s, n);
		d->out_len += n;
		s += n;
		len -= n;
		if (d->out_len == OUT_SIZE)
			decode_out_flush(d);
	}
}

void decode_printf(struct decode *d, const char *fmt, ...)
{
	char text[DECODE_PART];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	decode_put(d, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

uint32_t decode_version(const struct decode *d)
{
	return d->opts->ffa_version ? d->opts->ffa_version : FFA_VERSION_DEFAULT;
}

const struct ffa_call *decode_row(uint64_t x0)
{
	enum ffa_fid_fault fault;
	const struct ffa_call *call = ffa_call_closest((uint32_t)x0, &fault);

	return fault == FFA_FID_WIDTH ? NULL : call;
}

size_t decode_format_note(const struct decode *d, uint64_t x0, char *buf, size_t size)
{
	enum ffa_fid_fault fault;
	uint32_t fid = (uint32_t)x0, version = decode_version(d);
	const struct ffa_call *call = ffa_call_closest(fid, &fault);
	const char *hint = fault == FFA_FID_HINT ? "bit 16 is SMCCC's SVE hint" : "";

	if (fault == FFA_FID_EXACT && ffa_call_known_in(call, version)) {
		buf[0] = '\0';
		return 0;
	}
	if (!call)
		return (size_t)snprintf(buf, size, "not in the catalogue");
	if (fault == FFA_FID_WIDTH)
		return (size_t)snprintf(buf, size, "0x%08x is not defined; 0x%08x is %s", fid,
					call->fid, call->name);
	if (ffa_call_known_in(call, version))
		return (size_t)snprintf(buf, size, "%s", hint);

	return (size_t)snprintf(buf, size, "%s%s%s %s; rules of %s shown", hint, *hint ? "; " : "",
				version < call->since ? "since" : "until",
				ffa_version_name(version < call->since ? call->since : call->until),
				ffa_version_name(ffa_rules_version(call, version)));
}
