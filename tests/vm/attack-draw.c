// SPDX-License-Identifier: GPL-2.0-only
/* Random requests: from well-formed ones to noise, with pointers to anywhere. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attack.h"

#define PAGE	  65536 /* the largest page of arm64: a multiple of the others */
#define ID_GET	  0x84000069
#define MAX_SIZE  16383 /* the most that an ioctl number can encode */
#define FEW_CALLS 16

static uint64_t below(struct attacker *a, uint64_t n)
{
	return draw_bits(&a->draw) % n;
}

static bool one_in(struct attacker *a, uint64_t n)
{
	return !below(a, n);
}

/* ---- memory ---- */

int area_init(struct area *area)
{
	const size_t view = AREA_SIZE + PAGE;
	char *base = mmap(NULL, 3 * view, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	area->memfd = memfd_create("area", MFD_CLOEXEC);
	if (base == MAP_FAILED || area->memfd < 0 || ftruncate(area->memfd, AREA_SIZE))
		return -1;

	area->rw = mmap(base, AREA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			area->memfd, 0);
	area->ro = mmap(base + view, AREA_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, area->memfd, 0);
	area->shaky = base + 2 * view;
	area_shake(area, 0);
	return area->rw == MAP_FAILED || area->ro == MAP_FAILED ? -1 : 0;
}

void area_shake(const struct area *area, uint64_t bits)
{
	static const int prot[] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_READ | PROT_WRITE,
				    PROT_NONE };
	size_t page = (bits >> 8) % AREA_PAGES, pages = 1 + (bits >> 24) % (AREA_PAGES - page);

	if (!bits) {
		page = 0;
		pages = AREA_PAGES;
	}
	/* PROT_NONE instead of munmap(): another mapping could reuse a free range. */
	if (bits % 5 == 4)
		mmap(area->shaky + page * PAGE, pages * PAGE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	else
		mmap(area->shaky + page * PAGE, pages * PAGE, prot[bits % 5],
		     MAP_SHARED | MAP_FIXED, area->memfd, (off_t)(page * PAGE));
}

static void *nowhere(struct attacker *a)
{
	static const uintptr_t places[] = {
		0,
		8,
		0xfff,
		UINTPTR_MAX,
		UINTPTR_MAX - 64,
		(uintptr_t)1 << 63,
		0xffff800080000000, /* the kernel and its modules */
		0xffff000000000000, /* its linear map */
		0x0000ffffffffffff, /* the end of user space */
		0x0001000000000000,
		0x0000fffffffff000,
	};
	uintptr_t tag = below(a, 256) << 56;

	switch (below(a, 4)) {
	case 0:
		return (void *)(uintptr_t)draw_bits(&a->draw);
	case 1:
		return (void *)((uintptr_t)a->area.rw | tag);
	default:
		return (void *)(places[below(a, sizeof(places) / sizeof(places[0]))] +
				(one_in(a, 4) ? below(a, 4096) : 0));
	}
}

void *draw_pointer(struct attacker *a, size_t size, size_t *offset)
{
	char *view = a->area.rw;

	switch (below(a, 40)) {
	case 0: /* the last mapped byte */
		*offset = AREA_SIZE - size;
		break;
	case 1: /* up to the last few bytes */
		*offset = AREA_SIZE - (size ? below(a, size) : 0);
		break;
	case 2:
	case 3:
		view = a->area.ro;
		break;
	case 4:
	case 5:
	case 6:
		view = a->area.shaky;
		break;
	case 7:
		*offset = AREA_SIZE;
		break;
	case 8:
		return nowhere(a);
	case 9: /* across the end of a page, at an odd address */
		if (size / 2 + 8 < PAGE)
			*offset += PAGE - size / 2 - below(a, 8);
		break;
	default:
		break;
	}
	return view + *offset;
}

/* Copies what a program could read there; false if part of it is unmapped. */
static bool put(struct attacker *a, size_t offset, const void *data, size_t size)
{
	size_t room = offset < AREA_SIZE ? AREA_SIZE - offset : 0;

	memcpy(a->area.rw + offset, data, size < room ? size : room);
	return size <= room;
}

/* ---- content ---- */

static uint32_t draw_word(struct attacker *a)
{
	static const uint32_t words[] = { 0,
					  1,
					  2,
					  63,
					  64,
					  0xffff,
					  0x10000,
					  INT32_MAX,
					  1u << 31,
					  UINT32_MAX,
					  FFASCOPE_MAX_CALLS,
					  FFASCOPE_MAX_CALLS + 1,
					  FFASCOPE_MAX_GUARD_NS + 1 };

	if (one_in(a, 3))
		return (uint32_t)draw_bits(&a->draw);
	if (one_in(a, 3))
		return 1u << below(a, 32);
	return words[below(a, sizeof(words) / sizeof(words[0]))];
}

/* Corrupts up to three words. */
static void break_some(struct attacker *a, void *data, size_t size)
{
	uint32_t *words = data;

	for (uint64_t n = 1 + below(a, 3); n; n--) {
		uint32_t *word = &words[below(a, size / sizeof(*words))];

		*word = one_in(a, 2) ? *word ^ 1u << below(a, 32) : draw_word(a);
	}
}

static int32_t draw_cpu(struct attacker *a)
{
	switch (below(a, 12)) {
	case 0:
		return (int32_t)draw_word(a);
	case 1:
	case 2:
		return (int32_t)below(a, 5) - 1;
	default:
		return -1;
	}
}

static uint32_t draw_guard(struct attacker *a)
{
	switch (below(a, 40)) {
	case 0:
		return draw_word(a);
	case 1:
		return (uint32_t)below(a, 2000);
	case 2:
		return one_in(a, 50) ? FFASCOPE_MAX_GUARD_NS : 1;
	default:
		return 0;
	}
}

/* Calls that take something away from arm_ffa; not drawn when the module would make them. */
static uint64_t draw_refused(struct attacker *a)
{
	static const uint32_t fids[] = { 0x84000065, 0x84000066, 0xc4000066, 0x84000067, 0x84000068,
					 0x8400006d, 0x84000071, 0xc4000073, 0x8400007b, 0x84000084,
					 0x84000088, 0xc4000089, 0x8400008f, 0x84000063, 0,
					 0x8400005f, 0x84000100, 0x04000069, 0x86000069, 0xbf000069,
					 0xc4800069 };

	return fids[below(a, sizeof(fids) / sizeof(fids[0]))];
}

static void draw_a_call(struct attacker *a, struct ffascope_call *call)
{
	struct ffa_regs in;

	memset(call, 0, sizeof(*call));
	draw_call(&a->draw, &in, draw_bits(&a->draw));
	memcpy(call->in, in.x, sizeof(call->in));
	if (a->unsafe)
		return;
	if (one_in(a, 12))
		call->in[0] = draw_refused(a);
	if (one_in(a, 12))
		break_some(a, call, sizeof(*call));
}

/* Up to two kernel pages, and sometimes more than any buffer has. */
static uint32_t draw_length(struct attacker *a)
{
	if (one_in(a, 16))
		return draw_word(a);
	return (uint32_t)(one_in(a, 4) ? below(a, 8193) : below(a, 200));
}

static void draw_buffers(struct attacker *a, struct ffascope_registers *req)
{
	size_t offset = 8 * below(a, 256);

	if (!one_in(a, 8))
		req->flags |= FFASCOPE_REGISTERS_BUFFERS;
	req->tx_len = draw_length(a);
	req->rx_len = one_in(a, 2) ? 0 : draw_length(a);
	req->tx = (uintptr_t)draw_pointer(a, req->tx_len % 65536, &offset);
	req->rx = (uintptr_t)draw_pointer(a, req->rx_len % 65536, &offset);
}

static void draw_pages(struct attacker *a, struct ffascope_pages *req)
{
	size_t offset = 8 * below(a, 256);

	*req = (struct ffascope_pages){
		.size = sizeof(*req),
		.flags = one_in(a, 3) ? FFASCOPE_PAGES_CONTIGUOUS : 0,
		.count = one_in(a, 16) ? draw_word(a) : (uint32_t)below(a, 9),
	};
	if (one_in(a, 4))
		req->flags |= FFASCOPE_PAGES_KEEP;
	req->addresses = (uintptr_t)draw_pointer(a, req->count % 64 * sizeof(uint64_t), &offset);
}

static void draw_registers(struct attacker *a, struct ffascope_registers *req)
{
	struct ffascope_call calls[FEW_CALLS];
	size_t offset = CALLS_AT + 8 * below(a, 64), size;
	uint32_t count = 1;

	if (one_in(a, 16))
		count = 1 + (uint32_t)below(a, FEW_CALLS);
	if (one_in(a, 20000))
		count = FFASCOPE_MAX_CALLS;
	size = count * sizeof(calls[0]);

	*req = (struct ffascope_registers){
		.size = sizeof(*req),
		.flags = one_in(a, 8) ? FFASCOPE_REGISTERS_IRQS_ON : 0,
		.count = count,
		.cpu = draw_cpu(a),
		.guard_ns = draw_guard(a),
		.limit_us = one_in(a, 4) ? (uint32_t)below(a, 200) : 0,
		.done = draw_word(a),
		.bad = draw_word(a),
	};
	req->calls = (uintptr_t)draw_pointer(a, size, &offset);
	if (one_in(a, 4))
		draw_buffers(a, req);
	for (uint32_t i = 0; i < count && i < FEW_CALLS; i++)
		draw_a_call(a, &calls[i]);
	for (uint32_t i = 0; i < count; i += FEW_CALLS) {
		uint32_t n = count - i < FEW_CALLS ? count - i : FEW_CALLS;

		put(a, offset + i * sizeof(calls[0]), calls, n * sizeof(calls[0]));
	}
}

/* OP-TEE service calls that have no effect or do not exist (linux: optee_ffa.h). */
static uint32_t draw_service(struct attacker *a)
{
	static const uint32_t services[] = { 0, 1, 2, 4, 6, 0x7fffffff };

	return one_in(a, 4) ? (uint32_t)below(a, 1u << 31) | 0x100
			    : services[below(a, sizeof(services) / sizeof(services[0]))];
}

static void draw_driver(struct attacker *a, struct ffascope_driver *req)
{
	static const uint32_t ops[] = {
		FFASCOPE_DRIVER_REQUEST, FFASCOPE_DRIVER_REQUEST,    FFASCOPE_DRIVER_REQUEST,
		FFASCOPE_DRIVER_REQUEST, FFASCOPE_DRIVER_RELINQUISH, FFASCOPE_DRIVER_RELINQUISH,
		FFASCOPE_DRIVER_SEND,	 FFASCOPE_DRIVER_SEND,	     FFASCOPE_DRIVER_DIRECT,
		FFASCOPE_DRIVER_DIRECT2, FFASCOPE_DRIVER_QUERY,	     FFASCOPE_DRIVER_QUERY,
	};

	*req = (struct ffascope_driver){
		.size = sizeof(*req),
		.op = ops[below(a, sizeof(ops) / sizeof(ops[0]))],
		.partition = one_in(a, 8) ? (uint32_t)below(a, 3) : a->partition,
		.cpu = draw_cpu(a),
		.guard_ns = draw_guard(a),
	};
	/* Rare, because it clears megabytes. */
	if (one_in(a, 2000))
		req->op = FFASCOPE_DRIVER_PARTITIONS;
	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
	case FFASCOPE_DRIVER_RELINQUISH:
	case FFASCOPE_DRIVER_SEND:
		/* Few IDs, so that threads collide. */
		req->id = (uint32_t)(one_in(a, 4) ? below(a, FFASCOPE_MAX_NOTIFICATIONS)
						  : 4 + below(a, 4));
		if (req->op != FFASCOPE_DRIVER_RELINQUISH && one_in(a, 4))
			req->flags |= FFASCOPE_DRIVER_PER_VCPU;
		else if (req->op == FFASCOPE_DRIVER_RELINQUISH && one_in(a, 20))
			req->flags |= FFASCOPE_DRIVER_FOREIGN;
		if (req->op == FFASCOPE_DRIVER_SEND && req->flags & FFASCOPE_DRIVER_PER_VCPU)
			req->vcpu = (uint32_t)below(a, 4);
		break;
	case FFASCOPE_DRIVER_DIRECT2:
	case FFASCOPE_DRIVER_DIRECT:
		req->data[0] = draw_service(a);
		break;
	default:
		break;
	}
	if (one_in(a, 6)) {
		req->flags |= FFASCOPE_DRIVER_UUID;
		memcpy(req->uuid, a->uuid, sizeof(req->uuid));
	}
}

/* ---- the request ---- */

static unsigned int draw_command(struct attacker *a, unsigned int cmd)
{
	switch (below(a, 5)) {
	case 0:
		return (unsigned int)draw_bits(&a->draw);
	case 1: /* another request number */
		return (cmd & ~0xffu) | (unsigned int)below(a, 256);
	case 2: /* another direction */
		return cmd ^ (unsigned int)(1 + below(a, 3)) << _IOC_DIRSHIFT;
	case 3: /* another magic letter */
		return cmd ^ (unsigned int)(1 + below(a, 255)) << _IOC_TYPESHIFT;
	default:
		return cmd;
	}
}

static enum kind kind_of(unsigned int cmd, const void *data)
{
	const size_t at = offsetof(struct ffascope_driver, op);
	size_t size = _IOC_SIZE(cmd);
	uint32_t op = 0;

	if (_IOC_TYPE(cmd) != FFASCOPE_IOC_MAGIC || _IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE))
		return KIND_FOREIGN;

	switch (_IOC_NR(cmd)) {
	case 0:
		return KIND_INFO;
	case 1:
		return KIND_REGISTERS;
	case 3:
		return KIND_PAGES;
	case 2:
		/* Fields beyond a short request are zero. */
		if (size > at)
			memcpy(&op, (const char *)data + at,
			       size - at < sizeof(op) ? size - at : sizeof(op));
		return op - 1 < FFASCOPE_DRIVER_PARTITIONS ? (enum kind)(KIND_REQUEST + op - 1)
							   : KIND_NO_OPERATION;
	default:
		return KIND_NO_NUMBER;
	}
}

void draw_request(struct attacker *a, struct request *req)
{
	union {
		uint32_t size;
		struct ffascope_info info;
		struct ffascope_registers registers;
		struct ffascope_driver driver;
		struct ffascope_pages pages;
		char room[MAX_SIZE + 1];
	} data;
	uint64_t kind = below(a, 22);
	size_t offset = 8 * below(a, 256), size;

	if (kind < 9) {
		draw_registers(a, &data.registers);
		req->cmd = FFASCOPE_REGISTERS;
	} else if (kind < 18) {
		draw_driver(a, &data.driver);
		req->cmd = FFASCOPE_DRIVER;
	} else if (kind < 20) {
		draw_pages(a, &data.pages);
		req->cmd = FFASCOPE_PAGES;
	} else {
		data.info = (struct ffascope_info){ .size = sizeof(data.info) };
		req->cmd = FFASCOPE_INFO;
	}
	size = _IOC_SIZE(req->cmd);
	if (one_in(a, 4))
		break_some(a, &data, size);

	if (one_in(a, 12)) {
		size_t before = size;

		size = one_in(a, 2) ? below(a, 256) : below(a, MAX_SIZE + 1);
		if (size > before)
			memset(data.room + before, 0, size - before);
		if (size > before && one_in(a, 3))
			data.room[before + below(a, size - before)] = 1;
		if (!one_in(a, 4))
			data.size = (uint32_t)size;
		req->cmd =
			_IOC(_IOC_READ | _IOC_WRITE, FFASCOPE_IOC_MAGIC, _IOC_NR(req->cmd), size);
	}
	if (one_in(a, 12))
		req->cmd = draw_command(a, req->cmd);

	req->kind = kind_of(req->cmd, &data);
	req->arg = draw_pointer(a, size, &offset);
	req->answer = put(a, offset, &data, size) ? a->area.rw + offset : NULL;
}

/* OP-TEE's is the only device with a partition ID that is not the kernel's own. */
int attacker_look(struct attacker *a, int fd)
{
	for (uint32_t id = 0x8001; id < 0x8010; id++) {
		struct ffascope_driver look = { .size = sizeof(look),
						.op = FFASCOPE_DRIVER_QUERY,
						.partition = id,
						.cpu = -1 };

		if (ioctl(fd, FFASCOPE_DRIVER, &look))
			continue;
		a->partition = id;
		memcpy(a->uuid, look.uuid, sizeof(a->uuid));
		return 0;
	}
	return -1;
}
