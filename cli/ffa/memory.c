// SPDX-License-Identifier: GPL-2.0-only
/* The TX buffer of a call, from words. */
#include <errno.h>
#include <string.h>

#include "ffa/call.h"
#include "ffa/memory.h"
#include "ffa/text.h"

/* Function numbers (DEN0077A; the memory management calls are in DEN0140). */
#define NUMBER(fid)   ((fid)&0xff)
#define MEM_DONATE    0x71
#define MEM_LEND      0x72
#define MEM_SHARE     0x73
#define RETRIEVE_REQ  0x74

#define FID_RECLAIM   UINT32_C(0x84000077)
#define FID_FRAG_RX   UINT32_C(0x8400007a)
#define FID_FRAG_TX   UINT32_C(0x8400007b)

/*
 * Normal memory, write-back, inner shareable: what arm_ffa says of shared memory (drivers/firmware/
 * arm_ffa/driver.c, ffa_memory_attributes_get()). Memory that is lent or given away has none.
 */
#define SHARED_MEMORY 0x2f

bool ffa_mem_is_transaction(uint32_t fid)
{
	return NUMBER(fid) >= MEM_DONATE && NUMBER(fid) <= RETRIEVE_REQ;
}

bool ffa_mem_gives(uint32_t fid)
{
	return ffa_mem_is_transaction(fid) && NUMBER(fid) != RETRIEVE_REQ;
}

/* ---- words ---- */

struct reading {
	struct ffa_mem_request *request;
	const char *word;
	const char *value; /* after the = */
	char *err;
	size_t size;
};

static int wrong(const struct reading *r, const char *why)
{
	struct text text = text_into(r->err, r->size);

	text_string(&text, r->word);
	text_string(&text, ": ");
	text_string(&text, why);
	text_end(&text);

	return -EINVAL;
}

static int number(const struct reading *r, uint64_t max, uint64_t *value)
{
	if (text_number(r->value, strlen(r->value), value))
		return wrong(r, "give a number: decimal, 0x or 0b");
	if (*value > max)
		return wrong(r, "the number is too large for this field");

	return 0;
}

static int read_receivers(struct reading *r)
{
	const char *at = r->value;

	r->request->nr_receivers = 0;
	for (;;) {
		size_t len = strcspn(at, ",");
		struct ffa_mem_request *q = r->request;
		uint64_t id;

		if (text_number(at, len, &id) || id > UINT16_MAX)
			return wrong(r, "give endpoint IDs of 16 bits, with commas between them");
		if (q->nr_receivers == FFA_MEM_MAX_RECEIVERS)
			return wrong(r, "16 receivers at most");
		q->receivers[q->nr_receivers++] = (struct ffa_mem_receiver){ .id = (uint16_t)id };
		if (!at[len])
			return 0;
		at += len + 1;
	}
}

/* Sets bits hi:lo of the permissions by one of the names, whose values are their positions. */
static int read_permission(struct reading *r, const char *const *names, unsigned int lo,
			   const char *why)
{
	for (unsigned int i = 0; i < 4 && names[i]; i++) {
		if (strcmp(r->value, names[i]))
			continue;
		r->request->permissions &= (uint8_t) ~(3u << lo);
		r->request->permissions |= (uint8_t)(i << lo);
		return 0;
	}

	return wrong(r, why);
}

static int read_range(struct reading *r)
{
	struct ffa_mem_request *q = r->request;
	size_t len = strcspn(r->value, ":");
	uint64_t address, pages = 1;

	if (text_number(r->value, len, &address) ||
	    (r->value[len] &&
	     text_number(r->value + len + 1, strlen(r->value + len + 1), &pages)) ||
	    pages > UINT32_MAX)
		return wrong(r, "give ADDRESS or ADDRESS:PAGES, pages of 4096 bytes");
	if (q->nr_ranges == FFA_MEM_MAX_RANGES)
		return wrong(r, "16 ranges at most");
	q->ranges[q->nr_ranges++] = (struct ffa_mem_range){ address, (uint32_t)pages };

	return 0;
}

static int read_edit(struct reading *r, const char *place, size_t len)
{
	struct ffa_mem_request *q = r->request;
	const char *colon = memchr(place, ':', len);
	size_t first = colon ? (size_t)(colon - place) : len;
	uint64_t at, last, value;
	uint32_t bytes;

	if (text_number(place, first, &at) ||
	    (colon && text_number(colon + 1, len - first - 1, &last)))
		return wrong(r, "give tx[OFFSET]= or tx[FIRST:LAST]=, in bytes");
	if (!colon)
		last = at;
	if (last < at || last - at > 7 || last >= FFA_MEM_MAX_BUFFER)
		return wrong(r, "1 to 8 bytes, in ascending order, within 131072 bytes");
	bytes = (uint32_t)(last - at) + 1;
	if (number(r, bytes == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * bytes) - 1, &value))
		return -EINVAL;
	if (q->nr_edits == FFA_MEM_MAX_EDITS)
		return wrong(r, "64 such words at most");
	q->edits[q->nr_edits++] = (struct ffa_mem_edit){ (uint32_t)at, bytes, value };

	return 0;
}

static int read_file(struct reading *r)
{
	if (!r->value[1])
		return wrong(r, "give a file's name after the @");
	if (strlen(r->value + 1) >= FFA_MEM_MAX_FILE)
		return wrong(r, "the file's name is too long");
	memcpy(r->request->file, r->value + 1, strlen(r->value));

	return 0;
}

/* tx=@FILE, tx[...]=. Returns 1 if it is such a word. */
static int read_tx(struct reading *r, size_t name_len)
{
	int ret;

	/* RXTX_MAP has a field of the name tx. */
	if (name_len == 2 && r->value[0] == '@')
		ret = read_file(r);
	else if (name_len > 2 && r->word[2] == '[' && r->word[name_len - 1] == ']')
		ret = read_edit(r, r->word + 3, name_len - 4);
	else
		return 0;
	r->request->buffer = true;

	return ret ? ret : 1;
}

enum field {
	RECEIVER,
	ACCESS,
	INSTRUCTION,
	PAGES,
	PAGES_OF,
	CONTIGUOUS,
	TWICE,
	RANGE,
	FRAGMENT,
	SENDER,
	ATTRIBUTES,
	FLAGS,
	HANDLE,
	TAG,
	NR_FIELDS,
};

static const struct {
	const char *name;
	uint64_t max;
} fields[NR_FIELDS] = {
	[RECEIVER] = { "receiver", 0 },
	[ACCESS] = { "access", 0 },
	[INSTRUCTION] = { "instruction", 0 },
	[PAGES] = { "pages", FFA_MEM_MAX_PAGES },
	[PAGES_OF] = { "pages-of", UINT64_MAX },
	[CONTIGUOUS] = { "contiguous", 1 },
	[TWICE] = { "twice", 1 },
	[RANGE] = { "range", 0 },
	[FRAGMENT] = { "fragment", UINT32_MAX },
	[SENDER] = { "sender", UINT16_MAX },
	[ATTRIBUTES] = { "attributes", UINT16_MAX },
	[FLAGS] = { "flags", UINT32_MAX },
	[HANDLE] = { "handle", UINT64_MAX },
	[TAG] = { "tag", UINT64_MAX },
};

static void set_number(struct ffa_mem_request *q, enum field field, uint64_t value)
{
	switch (field) {
	case PAGES:
		q->pages = (uint32_t)value;
		q->pages_given = true;
		return;
	case PAGES_OF:
		q->pages_of = value;
		q->pages_of_given = true;
		return;
	case CONTIGUOUS:
		q->contiguous = value;
		return;
	case TWICE:
		q->twice = value;
		return;
	case FRAGMENT:
		q->fragment = (uint32_t)value;
		return;
	case SENDER:
		q->sender = (uint16_t)value;
		return;
	case ATTRIBUTES:
		q->attributes = (uint16_t)value;
		q->attributes_given = true;
		return;
	case FLAGS:
		q->flags = (uint32_t)value;
		return;
	case HANDLE:
		q->handle = value;
		return;
	case TAG:
		q->tag = value;
		return;
	default:
		return;
	}
}

static int read_field(struct reading *r, enum field field)
{
	/* mem-access in descriptors.c: data-access and instruction-access. */
	static const char *const access[] = { "none", "ro", "rw", NULL };
	static const char *const instruction[] = { "none", "nx", "x", NULL };
	uint64_t value;

	switch (field) {
	case RECEIVER:
		return read_receivers(r);
	case ACCESS:
		return read_permission(r, access, 0, "give none, ro or rw");
	case INSTRUCTION:
		return read_permission(r, instruction, 2, "give none, nx or x");
	case RANGE:
		return read_range(r);
	default:
		if (number(r, fields[field].max, &value))
			return -EINVAL;
		set_number(r->request, field, value);
		return 0;
	}
}

/* The lengths in w1 and w2 are the descriptor's unless a word sets them. */
static void note_lengths(struct ffa_mem_request *q, const char *word)
{
	size_t len = strcspn(word, "=[");

	if (text_same_name(word, len, "w1") || text_same_name(word, len, "x1") ||
	    text_same_name(word, len, "total-length"))
		q->total_given = true;
	if (text_same_name(word, len, "w2") || text_same_name(word, len, "x2") ||
	    text_same_name(word, len, "fragment-length"))
		q->fragment_given = true;
}

int ffa_mem_word(struct ffa_mem_request *request, uint32_t fid, const char *word, char *err,
		 size_t err_size)
{
	struct reading r = { .request = request, .word = word, .err = err, .size = err_size };
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : 0;

	if (!equals)
		return 0;
	r.value = equals + 1;
	if (len >= 2 && !strncmp(word, "tx", 2))
		return read_tx(&r, len);
	if (!ffa_mem_is_transaction(fid))
		return 0;

	for (enum field field = 0; field < NR_FIELDS; field++) {
		if (!text_same_name(word, len, fields[field].name))
			continue;
		request->buffer = true;
		request->transaction = true;
		return read_field(&r, field) ? -EINVAL : 1;
	}
	note_lengths(request, word);

	return 0;
}

/* ---- the buffer ---- */

uint32_t ffa_mem_pages(const struct ffa_mem_request *request, uint32_t page_size)
{
	uint64_t bytes = request->pages * FFA_PAGE_SIZE;

	return (uint32_t)((bytes + page_size - 1) / page_size);
}

/* One constituent for each page, or for all contiguous ones. Returns their number. */
static uint32_t allocated_ranges(const struct ffa_mem_request *q, const uint64_t *addresses,
				 uint32_t page_size, struct ffa_mem_range *to)
{
	uint32_t in_page = page_size / (uint32_t)FFA_PAGE_SIZE, left = q->pages, n = 0;

	if (q->contiguous && left) {
		to[0] = (struct ffa_mem_range){ addresses[0], left };
		return 1;
	}
	for (; left; n++) {
		uint32_t pages = left < in_page ? left : in_page;

		to[n] = (struct ffa_mem_range){ addresses[n], pages };
		left -= pages;
	}
	if (q->twice) {
		memcpy(to + n, to, n * sizeof(*to));
		n *= 2;
	}

	return n;
}

static size_t build(const struct ffa_mem_request *q, uint32_t fid, uint32_t version,
		    const uint64_t *addresses, uint32_t page_size, uint8_t *buf, size_t size)
{
	struct ffa_mem_receiver receivers[FFA_MEM_MAX_RECEIVERS];
	/* Listed twice, half of the pages fit the longest buffer. */
	struct ffa_mem_range ranges[FFA_MEM_MAX_RANGES + FFA_MEM_MAX_PAGES];
	struct ffa_mem_region region = {
		.sender = q->sender,
		.attributes = q->attributes,
		.flags = q->flags,
		.handle = q->handle,
		.tag = q->tag,
		.receivers = receivers,
		.nr_receivers = q->nr_receivers,
		.ranges = ranges,
		.nr_ranges = q->nr_ranges,
	};

	if (q->twice && q->pages > FFA_MEM_MAX_PAGES / 2)
		return 0;
	if (!q->attributes_given && NUMBER(fid) == MEM_SHARE)
		region.attributes = SHARED_MEMORY;
	for (uint32_t i = 0; i < q->nr_receivers; i++) {
		receivers[i] = q->receivers[i];
		receivers[i].permissions = q->permissions;
	}
	memcpy(ranges, q->ranges, q->nr_ranges * sizeof(ranges[0]));
	region.nr_ranges += allocated_ranges(q, addresses, page_size, ranges + q->nr_ranges);

	return ffa_mem_build(&region, version, buf, size);
}

size_t ffa_mem_compose(const struct ffa_mem_request *request, uint32_t fid, uint32_t version,
		       const uint64_t *addresses, uint32_t page_size, const uint8_t *file,
		       size_t file_len, uint8_t *buf, size_t size)
{
	size_t len = 0;

	if (request->file[0]) {
		if (file_len > size)
			return 0;
		memcpy(buf, file, file_len);
		len = file_len;
	} else if (request->transaction) {
		len = build(request, fid, version, addresses, page_size, buf, size);
		if (!len || len > size)
			return 0;
	}

	for (uint32_t i = 0; i < request->nr_edits; i++) {
		const struct ffa_mem_edit *edit = &request->edits[i];
		size_t end = (size_t)edit->at + edit->bytes;

		if (end > size)
			return 0;
		if (end > len) {
			memset(buf + len, 0, end - len);
			len = end;
		}
		for (uint32_t b = 0; b < edit->bytes; b++)
			buf[edit->at + b] = (uint8_t)(edit->value >> 8 * b);
	}

	return len;
}

uint32_t ffa_mem_fragment(const struct ffa_mem_request *request, size_t len, size_t buffer)
{
	size_t most = request->fragment && request->fragment < buffer ? request->fragment : buffer;

	return (uint32_t)(len < most ? len : most);
}

/* ---- answers ---- */

static uint64_t pair(const struct ffa_regs *regs, unsigned int low)
{
	return (uint32_t)regs->x[low] | regs->x[low + 1] << 32;
}

enum ffa_mem_state ffa_mem_state(const struct ffa_regs *out, uint64_t *handle)
{
	switch ((uint32_t)out->x[0]) {
	case FFA_FID_SUCCESS:
	case FFA_FID_SUCCESS | UINT32_C(1) << 30:
		*handle = pair(out, 2);
		return FFA_MEM_GIVEN;
	case FID_FRAG_RX:
		*handle = pair(out, 1);
		return FFA_MEM_NEXT;
	case FFA_FID_ERROR:
		return FFA_MEM_FAILED;
	default:
		return (int64_t)out->x[0] == -1 ? FFA_MEM_FAILED : FFA_MEM_OTHER;
	}
}

void ffa_mem_frag_tx(struct ffa_regs *in, uint64_t handle, uint32_t len)
{
	*in = (struct ffa_regs){ .x = { FID_FRAG_TX, (uint32_t)handle, handle >> 32, len } };
}

void ffa_mem_reclaim(struct ffa_regs *in, uint64_t handle)
{
	*in = (struct ffa_regs){ .x = { FID_RECLAIM, (uint32_t)handle, handle >> 32 } };
}
