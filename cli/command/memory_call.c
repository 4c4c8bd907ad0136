// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "command/decode.h"
#include "command/memory_call.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

/* Of --dry-run, which allocates nothing. */
#define MADE_UP_ADDRESS UINT64_C(0x80000000)

int memory_read_words(const struct options *opts, char **words, int n, struct ffa_regs *in,
		      struct ffa_mem_request *request)
{
	const struct ffa_call *call;
	char err[1024];
	uint32_t fid;

	*request = (struct ffa_mem_request){ 0 };
	if (ffa_call_parse_fid(words[0], &fid)) {
		request_no_such_call(opts, words[0]);
		return -EINVAL;
	}
	call = ffa_call_by_fid(fid);
	ffa_call_init(call, fid, in);
	for (int i = 1; i < n; i++) {
		int ret = ffa_mem_word(request, fid, words[i], err, sizeof(err));

		if (!ret)
			ret = ffa_assign(call, in, words[i], err, sizeof(err));
		if (ret < 0) {
			verb_error(opts, "%s", err);
			return -EINVAL;
		}
	}
	return 0;
}

/* ---- pages ---- */

static bool is_free_run(const struct memory_maker *maker, size_t first, uint32_t count,
			uint32_t step)
{
	if (count > maker->nr_pages - first)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct memory_page *page = &maker->pages[first + i];

		if (page->busy ||
		    (step && page->address != maker->pages[first].address + (uint64_t)i * step))
			return false;
	}
	return true;
}

static int allocate(struct memory_maker *maker, uint32_t count, bool contiguous, uint32_t page_size,
		    struct error *err)
{
	uint64_t *addresses = calloc(count, sizeof(*addresses));
	uint32_t size;
	int ret;

	if (!addresses)
		return error_no_memory(err);
	ret = session_pages(maker->session, addresses, count, contiguous, maker->keep, &size, err);
	if (!ret && size != page_size)
		ret = error_set(err, -EIO, "the module's pages have %u bytes, the program's %u",
				size, page_size);
	for (uint32_t i = 0; i < count && !ret; i++) {
		if (!vector_room(&maker->pages, &maker->max_pages, maker->nr_pages,
				 sizeof(*maker->pages)))
			ret = error_no_memory(err);
		else
			maker->pages[maker->nr_pages++] =
				(struct memory_page){ .address = addresses[i] };
	}
	free(addresses);
	return ret;
}

/* Finds or allocates pages and marks them busy; *first is the index of the first, for put_pages(). */
static int take_pages(struct memory_maker *maker, uint32_t count, bool contiguous,
		      uint32_t page_size, size_t *first, struct error *err)
{
	int ret;

	for (*first = 0; *first < maker->nr_pages; (*first)++) {
		if (is_free_run(maker, *first, count, contiguous ? page_size : 0))
			break;
	}
	if (count && *first == maker->nr_pages) {
		ret = allocate(maker, count, contiguous, page_size, err);
		if (ret)
			return ret;
	}
	for (uint32_t i = 0; i < count; i++)
		maker->pages[*first + i] = (struct memory_page){
			.address = maker->pages[*first + i].address,
			.busy = true,
		};
	return 0;
}

static void put_pages(struct memory_maker *maker, uint64_t handle)
{
	for (size_t i = 0; i < maker->nr_pages; i++) {
		if (maker->pages[i].handle == handle)
			maker->pages[i].busy = false;
	}
}

void memory_note(struct memory_maker *maker, const struct verdict_call *call)
{
	struct ffa_regs reclaim;
	uint64_t unused;

	ffa_mem_reclaim(&reclaim, 0);
	if ((uint32_t)call->in.x[0] == (uint32_t)reclaim.x[0] &&
	    ffa_mem_state(&call->out, &unused) == FFA_MEM_GIVEN)
		put_pages(maker, (uint32_t)call->in.x[1] | call->in.x[2] << 32);
}

void memory_maker_free(struct memory_maker *maker)
{
	free(maker->pages);
	*maker = (struct memory_maker){ 0 };
}

/* ---- one call ---- */

struct made {
	verdict_fn fn;
	void *ctx;
	struct ffa_regs out;
	bool any;
};

static void hand_on(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct made *made = ctx;

	made->out = call->out;
	made->any = true;
	made->fn(made->ctx, call, tag, v);
}

/* A call with len bytes in the TX buffer. */
static int make(struct memory_maker *maker, int cpu, const struct ffa_regs *in, const uint8_t *tx,
		uint32_t len, struct made *made, struct error *err)
{
	struct ffa_regs sent = *in;
	int bad, ret;

	if (maker->canaries)
		verdict_add_canaries(&sent);
	made->any = false;
	session_set_tx(maker->session, tx, len);
	ret = session_call(maker->session, cpu, &sent, 1, 1, &bad, hand_on, made, err);
	session_set_tx(maker->session, NULL, 0);
	return ret || made->any ? ret : -EINTR;
}

int memory_reclaim(struct memory_maker *maker, int cpu, uint64_t handle, verdict_fn fn, void *ctx,
		   bool *done, struct error *err)
{
	struct made made = { .fn = fn, .ctx = ctx };
	struct ffa_regs in;
	uint64_t unused;
	int ret;

	*done = false;
	ffa_mem_reclaim(&in, handle);
	ret = make(maker, cpu, &in, NULL, 0, &made, err);
	if (ret)
		return ret;
	*done = ffa_mem_state(&made.out, &unused) == FFA_MEM_GIVEN;
	if (*done)
		put_pages(maker, handle);
	return 0;
}

/* ---- a transaction ---- */

struct buffer {
	uint8_t *bytes;
	size_t len;
};

static int too_long(struct error *err)
{
	return error_set(
		err, -EINVAL,
		"the buffer cannot be built: it has %u bytes at most, and FF-A of this version",
		FFA_MEM_MAX_BUFFER);
}

static int read_file(const struct ffa_mem_request *request, uint8_t **bytes, size_t *len,
		     struct error *err)
{
	bool unsure;
	char why[200];
	int ret;

	*bytes = NULL;
	*len = 0;
	if (!request->file[0])
		return 0;
	ret = decode_buffer_load(request->file, false, bytes, len, &unsure, why, sizeof(why));
	if (ret == -EINVAL)
		return error_set(err, -EINVAL, "%s: %s", request->file, why);
	return ret ? error_set(err, ret, "%s: %s", request->file, strerror(-ret)) : 0;
}

static int compose(const struct ffa_mem_request *request, uint32_t fid, uint32_t version,
		   const uint64_t *addresses, uint32_t page_size, struct buffer *buffer,
		   struct error *err)
{
	uint8_t *file;
	size_t len;
	int ret = read_file(request, &file, &len, err);

	buffer->bytes = ret ? NULL : malloc(FFA_MEM_MAX_BUFFER);
	if (!ret && !buffer->bytes)
		ret = error_no_memory(err);
	if (!ret) {
		buffer->len = ffa_mem_compose(request, fid, version, addresses, page_size, file,
					      len, buffer->bytes, FFA_MEM_MAX_BUFFER);
		if (!buffer->len)
			ret = too_long(err);
	}
	free(file);
	return ret;
}

static void set_lengths(const struct ffa_mem_request *request, struct ffa_regs *in, size_t len,
			uint32_t fragment)
{
	if (!ffa_mem_is_transaction((uint32_t)in->x[0]))
		return;
	if (!request->total_given)
		in->x[1] = len;
	if (!request->fragment_given)
		in->x[2] = fragment;
}

/* Sends the buffer. Each further fragment follows when the answer asks for it. */
static int send(struct memory_maker *maker, int cpu, const struct ffa_regs *in,
		const struct ffa_mem_request *request, const struct buffer *buffer,
		struct made *made, struct memory_outcome *outcome, struct error *err)
{
	uint32_t size = session_page_size(maker->session);
	bool gives = ffa_mem_gives((uint32_t)in->x[0]);
	uint32_t part = ffa_mem_fragment(request, buffer->len, size);
	struct ffa_regs regs = *in;
	size_t at = 0;
	int ret;

	set_lengths(request, &regs, buffer->len, part);
	for (;;) {
		ret = make(maker, cpu, &regs, buffer->bytes + at, part, made, err);
		if (ret || !gives)
			return ret;
		outcome->fragments++;
		at += part;
		outcome->state = ffa_mem_state(&made->out, &outcome->handle);
		if (outcome->state == FFA_MEM_GIVEN || outcome->state == FFA_MEM_NEXT)
			outcome->has_handle = true;
		if (outcome->state != FFA_MEM_NEXT || at == buffer->len)
			return 0;
		part = ffa_mem_fragment(request, buffer->len - at, size);
		ffa_mem_frag_tx(&regs, outcome->handle, part);
	}
}

/* The addresses of an earlier transaction's pages, at most count of them. Returns their number. */
static uint32_t addresses_of(const struct memory_maker *maker, uint64_t handle, uint64_t *addresses,
			     uint32_t count)
{
	uint32_t n = 0;

	for (size_t i = 0; i < maker->nr_pages && n < count; i++) {
		if (maker->pages[i].busy && maker->pages[i].handle == handle)
			addresses[n++] = maker->pages[i].address;
	}
	return n;
}

/* The call with the pages of an earlier transaction, which that keeps. */
static int call_again(struct memory_maker *maker, int cpu, const struct ffa_regs *in,
		      const struct ffa_mem_request *request, struct made *made,
		      struct memory_outcome *outcome, struct error *err)
{
	uint32_t page_size = session_page_size(maker->session);
	uint64_t *addresses = calloc(FFA_MEM_MAX_PAGES, sizeof(*addresses));
	struct ffa_mem_request again = *request;
	struct buffer buffer = { 0 };
	int ret;

	if (!addresses)
		return error_no_memory(err);
	again.pages = addresses_of(maker, request->pages_of, addresses, FFA_MEM_MAX_PAGES) *
		      (page_size / (uint32_t)FFA_PAGE_SIZE);
	if (again.pages > FFA_MEM_MAX_PAGES ||
	    (request->pages_given && request->pages < again.pages))
		again.pages = request->pages_given ? request->pages : FFA_MEM_MAX_PAGES;
	outcome->pages = again.pages;
	if (again.pages)
		ret = compose(&again, (uint32_t)in->x[0], session_ffa_version(maker->session),
			      addresses, page_size, &buffer, err);
	else
		ret = error_set(err, -EINVAL,
				"pages-of: this program has shared no pages with the handle 0x%llx",
				(unsigned long long)request->pages_of);
	if (!ret)
		ret = send(maker, cpu, in, &again, &buffer, made, outcome, err);
	free(addresses);
	free(buffer.bytes);
	return ret;
}

int memory_call(struct memory_maker *maker, int cpu, const struct ffa_regs *in,
		const struct ffa_mem_request *request, verdict_fn fn, void *ctx,
		struct memory_outcome *outcome, struct error *err)
{
	uint32_t page_size = session_page_size(maker->session);
	uint32_t count = ffa_mem_pages(request, page_size);
	struct made made = { .fn = fn, .ctx = ctx };
	struct buffer buffer = { 0 };
	uint64_t *addresses;
	size_t first;
	int ret;

	*outcome = (struct memory_outcome){ .pages = request->pages };
	if (request->pages_of_given)
		return call_again(maker, cpu, in, request, &made, outcome, err);
	ret = take_pages(maker, count, request->contiguous, page_size, &first, err);
	if (ret)
		return ret;
	addresses = calloc(count ? count : 1, sizeof(*addresses));
	for (uint32_t i = 0; i < count && addresses; i++)
		addresses[i] = maker->pages[first + i].address;

	ret = addresses ? compose(request, (uint32_t)in->x[0], session_ffa_version(maker->session),
				  addresses, page_size, &buffer, err)
			: error_no_memory(err);
	if (!ret)
		ret = send(maker, cpu, in, request, &buffer, &made, outcome, err);
	/* A transaction that has begun may hold the pages, however it ended. */
	for (uint32_t i = 0; i < count; i++) {
		maker->pages[first + i].busy = outcome->has_handle;
		maker->pages[first + i].handle = outcome->handle;
	}
	free(addresses);
	free(buffer.bytes);
	return ret;
}

/* ---- --dry-run ---- */

static int compose_dry(const struct options *opts, const struct ffa_regs *in,
		       const struct ffa_mem_request *request, struct buffer *buffer)
{
	uint32_t count = ffa_mem_pages(request, (uint32_t)FFA_PAGE_SIZE);
	uint64_t *addresses = calloc(count ? count : 1, sizeof(*addresses));
	struct error err;
	int ret;

	for (uint32_t i = 0; i < count && addresses; i++)
		addresses[i] = MADE_UP_ADDRESS + i * FFA_PAGE_SIZE;
	ret = addresses ? compose(request, (uint32_t)in->x[0],
				  opts->ffa_version ? opts->ffa_version : FFA_VERSION_DEFAULT,
				  addresses, (uint32_t)FFA_PAGE_SIZE, buffer, &err)
			: error_no_memory(&err);
	free(addresses);
	if (ret)
		verb_error(opts, "%s", err.text);
	return ret;
}

int memory_fill_lengths(const struct options *opts, struct ffa_regs *in,
			const struct ffa_mem_request *request)
{
	struct buffer buffer = { 0 };
	int ret = compose_dry(opts, in, request, &buffer);

	if (!ret)
		set_lengths(request, in, buffer.len,
			    ffa_mem_fragment(request, buffer.len, FFA_PAGE_SIZE));
	free(buffer.bytes);
	return ret;
}

int memory_show(const struct options *opts, const struct ffa_regs *in,
		const struct ffa_mem_request *request)
{
	const struct ffa_descriptor *type = ffa_descriptor_find("mem-transaction");
	struct decode decode = { .opts = opts };
	struct buffer buffer = { 0 };
	int ret;

	if (!ffa_mem_is_transaction((uint32_t)in->x[0]))
		return STATUS_DONE;
	ret = compose_dry(opts, in, request, &buffer);
	if (ret)
		return STATUS_USAGE;
	if (decode_out_open(&decode)) {
		free(buffer.bytes);
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}
	decode_buffer_put(&decode, type, buffer.bytes, buffer.len, false);
	if (!opts->json && request->pages)
		decode_puts(&decode,
			    "# the addresses of allocated pages are made up: 0x80000000 and up\n");
	decode_out_flush(&decode);
	decode_out_close(&decode);
	free(buffer.bytes);
	return decode.error ? STATUS_INTERNAL : STATUS_DONE;
}
