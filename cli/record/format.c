// SPDX-License-Identifier: GPL-2.0-only
#include <zlib.h>

#include "record/internal.h"

/* Files hold these structures as they are in memory: fixed width, no padding. */
_Static_assert(sizeof(struct hyp_event) == 32, "layout of events in recordings");
_Static_assert(sizeof(struct verdict_call) == 312, "layout of calls in recordings");
_Static_assert(sizeof(struct record_batch) == 56, "layout of batches in recordings");
_Static_assert(sizeof(struct record_meta) == 160, "layout of the start of recordings");
_Static_assert(sizeof(struct host_call) == 352, "layout of watched calls in recordings");
_Static_assert(sizeof(struct watch_mark) == 32, "layout of markers in recordings");
_Static_assert(sizeof(struct watch_round) == 40, "layout of rounds in recordings");
_Static_assert(sizeof(struct watch_state) == 8520, "layout of the state in recordings");

uint32_t record_checksum(const struct chunk_header *header, const void *data)
{
	uLong crc = crc32(0, (const Bytef *)header, 2 * sizeof(uint32_t));

	return (uint32_t)crc32(crc, data, header->length);
}
