// SPDX-License-Identifier: GPL-2.0-only
/* Contents of the TX buffer, and pages for memory transactions. */
#include <unistd.h>

#include "ffa/descriptor.h"
#include "session/internal.h"

/* Addresses in a replay: they are in no register, so none is compared with the recording. */
#define MADE_UP_ADDRESS UINT64_C(0x80000000)

void session_set_tx(struct session *s, const void *tx, uint32_t len)
{
	if (s->device)
		device_set_tx(s->device, tx, len);
}

uint32_t session_page_size(const struct session *s)
{
	return s->device ? (uint32_t)sysconf(_SC_PAGESIZE) : (uint32_t)FFA_PAGE_SIZE;
}

int session_pages(struct session *s, uint64_t *addresses, uint32_t count, bool contiguous,
		  bool keep, uint32_t *page_size, struct error *err)
{
	if (s->device)
		return device_pages(s->device, addresses, count, contiguous, keep, page_size, err);

	*page_size = (uint32_t)FFA_PAGE_SIZE;
	for (uint32_t i = 0; i < count; i++)
		addresses[i] = MADE_UP_ADDRESS + i * FFA_PAGE_SIZE;
	return 0;
}
