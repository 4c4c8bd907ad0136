/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads bytes out of text: the dumps of a buffer that tools and kernels print. Pure: no I/O. */
#ifndef FFASCOPE_DUMP_BYTES_H
#define FFASCOPE_DUMP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dump_bytes {
	uint8_t *buf;
	size_t size;   /* room in buf */
	size_t len;    /* bytes that were read */
	bool words;    /* groups are little-endian numbers; else unless the text shows otherwise */
	bool unsure;   /* groups were read as bytes in order, but could be numbers */
	char why[160]; /* what was not understood, with its line */
};

/* Whether len bytes are text: no control characters but blanks and line ends. */
bool dump_is_text(const uint8_t *bytes, size_t len);

/*
 * Reads text of len bytes: xxd, hexdump, hexdump -C, od -tx1, print_hex_dump() behind the prefix of a
 * log, gdb's x, U-Boot's md, numbers with 0x and commas, bytes with \x, or plain digits. Returns 0;
 * -EINVAL with the reason in why; -ENOSPC if it does not fit.
 */
int dump_bytes_read(const char *text, size_t len, struct dump_bytes *out);

#endif
