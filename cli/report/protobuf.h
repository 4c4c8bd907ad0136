/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes messages in the wire format of protocol buffers (protobuf.dev/programming-guides/encoding),
 * as much of it as the reports need. A field that does not fit is left out.
 */
#ifndef FFASCOPE_REPORT_PROTOBUF_H
#define FFASCOPE_REPORT_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

#define PROTOBUF_MAX 8192

struct protobuf {
	size_t len;
	uint8_t data[PROTOBUF_MAX];
};

/* Makes an empty message. */
void protobuf_clear(struct protobuf *msg);

/* field: its number in the schema, below 2048. */
void protobuf_uint(struct protobuf *msg, unsigned int field, uint64_t value);
void protobuf_bytes(struct protobuf *msg, unsigned int field, const void *data, size_t len);
void protobuf_text(struct protobuf *msg, unsigned int field, const char *text);
void protobuf_message(struct protobuf *msg, unsigned int field, const struct protobuf *inner);

#endif
