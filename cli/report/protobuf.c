// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>

#include "report/protobuf.h"

/* A key and a length of at most ten bytes each. */
#define MAX_HEAD    20

#define WIRE_VARINT 0
#define WIRE_LENGTH 2

void protobuf_clear(struct protobuf *msg)
{
	msg->len = 0;
}

static void put_varint(struct protobuf *msg, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		msg->data[msg->len++] = (uint8_t)(value | 0x80);
	msg->data[msg->len++] = (uint8_t)value;
}

static bool has_room(const struct protobuf *msg, size_t len)
{
	return len <= sizeof(msg->data) && msg->len <= sizeof(msg->data) - len;
}

void protobuf_uint(struct protobuf *msg, unsigned int field, uint64_t value)
{
	if (!has_room(msg, MAX_HEAD))
		return;
	put_varint(msg, field << 3 | WIRE_VARINT);
	put_varint(msg, value);
}

void protobuf_bytes(struct protobuf *msg, unsigned int field, const void *data, size_t len)
{
	if (!has_room(msg, len + MAX_HEAD))
		return;
	put_varint(msg, field << 3 | WIRE_LENGTH);
	put_varint(msg, len);
	memcpy(msg->data + msg->len, data, len);
	msg->len += len;
}

void protobuf_text(struct protobuf *msg, unsigned int field, const char *text)
{
	protobuf_bytes(msg, field, text, strlen(text));
}

void protobuf_message(struct protobuf *msg, unsigned int field, const struct protobuf *inner)
{
	protobuf_bytes(msg, field, inner->data, inner->len);
}
