// SPDX-License-Identifier: GPL-2.0-only
/*
 * module-memory PARTITION [ROUNDS [KILLS]]: checks the requests of /dev/ffascope that concern memory
 * transactions, on a module with unsafe=1. Shares 1 to 512 pages with the partition and reclaims
 * them, ROUNDS times; kills a process in mid-transaction, KILLS times. Prints a line per check that
 * fails, then "N passed, N failed".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ffa/descriptor.h"
#include "ffascope.h"

#define MEM_LEND    0xc4000072
#define MEM_SHARE   0xc4000073
#define MEM_RECLAIM 0x84000077
#define FRAG_RX	    0x8400007a
#define FRAG_TX	    0x8400007b
#define SUCCESS	    0x84000061
#define DENIED	    ((uint32_t)-6)

#define BUFFER	    4096
#define MOST_PAGES  512
/* Normal memory, write-back, inner shareable, as arm_ffa says of shared memory (driver.c). */
#define NORMAL	    0x2f

static uint32_t version;
static uint16_t partition;
static int passed, failed;

static void check(bool good, const char *what)
{
	if (!good)
		printf("FAILED %s\n", what);
	*(good ? &passed : &failed) += 1;
}

static int open_device(void)
{
	int fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		perror("/dev/ffascope");
	return fd;
}

static struct ffascope_info info_of(int fd)
{
	struct ffascope_info info = { .size = sizeof(info) };

	check(!ioctl(fd, FFASCOPE_INFO, &info), "INFO answers");
	return info;
}

static int pages(int fd, uint64_t *addresses, uint32_t count, uint32_t flags)
{
	struct ffascope_pages req = { .size = sizeof(req),
				      .flags = flags,
				      .count = count,
				      .addresses = (uintptr_t)addresses };

	return ioctl(fd, FFASCOPE_PAGES, &req) ? errno : 0;
}

/* One call with len bytes in the TX buffer. Returns 0 or an errno. */
static int call(int fd, struct ffascope_call *one, const void *tx, size_t len)
{
	struct ffascope_registers req = {
		.size = sizeof(req),
		.flags = FFASCOPE_REGISTERS_BUFFERS,
		.calls = (uintptr_t)one,
		.count = 1,
		.cpu = -1,
		.tx = (uintptr_t)tx,
		.tx_len = (uint32_t)len,
	};

	return ioctl(fd, FFASCOPE_REGISTERS, &req) ? errno : 0;
}

/* Returns the function identifier of the answer, 0 if the module refused. */
static uint32_t send(int fd, struct ffascope_call *one, const void *tx, size_t len)
{
	return call(fd, one, tx, len) ? 0 : (uint32_t)one->out[0];
}

static uint32_t reclaim(int fd, uint64_t handle)
{
	struct ffascope_call one = { .in = { MEM_RECLAIM, (uint32_t)handle, handle >> 32 } };

	return send(fd, &one, NULL, 0);
}

/*
 * Sends a descriptor of nr pages, in fragments where it is longer than a buffer; at most nr_fragments
 * of them. Returns the last answer; *handle is the transaction's.
 */
static uint32_t give(int fd, uint32_t fid, const uint64_t *addresses, uint32_t nr,
		     unsigned int nr_fragments, uint64_t *handle, uint32_t *status)
{
	static struct ffa_mem_range ranges[MOST_PAGES];
	static uint8_t buf[64 + 16 * MOST_PAGES + 64];
	const struct ffa_mem_receiver receiver = { .id = partition, .permissions = 2 };
	const struct ffa_mem_region region = { .attributes = fid == MEM_SHARE ? NORMAL : 0,
					       .receivers = &receiver,
					       .nr_receivers = 1,
					       .ranges = ranges,
					       .nr_ranges = nr };
	struct ffascope_call one = { .in = { fid } };
	size_t len, at;
	uint32_t answer;

	for (uint32_t i = 0; i < nr; i++)
		ranges[i] = (struct ffa_mem_range){ addresses[i], 1 };
	len = ffa_mem_build(&region, version, buf, sizeof(buf));
	at = len < BUFFER ? len : BUFFER;
	one.in[1] = len;
	one.in[2] = at;
	answer = send(fd, &one, buf, at);
	while (--nr_fragments && answer == FRAG_RX) {
		size_t part = len - at < BUFFER ? len - at : BUFFER;

		*handle = (uint32_t)one.out[1] | one.out[2] << 32;
		one = (struct ffascope_call){ .in = { FRAG_TX, (uint32_t)*handle, *handle >> 32,
						      part } };
		answer = send(fd, &one, buf + at, part);
		at += part;
	}
	if (answer == SUCCESS)
		*handle = (uint32_t)one.out[2] | one.out[3] << 32;
	*status = (uint32_t)one.out[2];
	return answer;
}

static void requests(int fd)
{
	uint64_t addresses[8] = { 0 };
	struct ffascope_call one = { .in = { 0x84000069 } };
	uint8_t *much = calloc(1, 1 << 20);

	check(info_of(fd).features & FFASCOPE_FEATURE_MEMORY, "INFO names the feature");
	check(!pages(fd, addresses, 3, FFASCOPE_PAGES_CONTIGUOUS), "pages are allocated");
	check(addresses[0] && !(addresses[0] % BUFFER), "a page's address is aligned");
	check(addresses[1] > addresses[0] &&
		      addresses[2] - addresses[1] == addresses[1] - addresses[0],
	      "contiguous pages follow each other");
	check(pages(fd, addresses, 0, 0) == EINVAL, "zero pages are refused");
	check(pages(fd, addresses, 1, 4) == EINVAL, "unknown flags are refused");
	check(pages(fd, addresses, FFASCOPE_MAX_PAGES + 1, 0) == ENOSPC,
	      "too many pages are refused");
	check(pages(fd, addresses, UINT32_MAX, 0) == ENOSPC, "far too many pages are refused");
	check(pages(fd, NULL, 1, 0) == EFAULT, "address 0 is EFAULT");
	check(call(fd, &one, NULL, 1) == EFAULT, "TX bytes at address 0 are EFAULT");
	check(call(fd, &one, much, 1 << 20) == EMSGSIZE, "more than the buffer is EMSGSIZE");
	check(call(fd, &one, much, BUFFER) == 0 && (uint32_t)one.out[0] == SUCCESS,
	      "a call is made with a full buffer");
	free(much);
}

static void transactions(int fd)
{
	uint64_t addresses[2], handle = 0, second = 0;
	uint32_t status;

	check(!pages(fd, addresses, 2, 0), "two pages");
	check(give(fd, MEM_SHARE, addresses, 2, 9, &handle, &status) == SUCCESS, "SHARE succeeds");
	check(give(fd, MEM_SHARE, addresses, 2, 9, &second, &status) != SUCCESS && status == DENIED,
	      "a second SHARE of the pages is denied");
	check(reclaim(fd, handle) == SUCCESS, "RECLAIM succeeds");
	check(reclaim(fd, handle) != SUCCESS, "a second RECLAIM does not");
	check(give(fd, MEM_LEND, addresses, 1, 9, &handle, &status) == SUCCESS, "LEND succeeds");
	check(reclaim(fd, handle) == SUCCESS, "RECLAIM of it succeeds");
}

/* Sizes from 1 to 512 pages, spread evenly on a logarithmic scale, and the limits of a fragment. */
static void shares(int fd, int rounds)
{
	static const uint32_t sizes[] = {
		1, 2, 3, 7, 16, 50, 128, 246, 247, 248, 300, 503, 504, 512
	};
	static uint64_t addresses[MOST_PAGES];
	uint64_t handle = 0;
	uint32_t status;

	check(!pages(fd, addresses, MOST_PAGES, 0), "512 pages");
	for (int i = 0; i < rounds; i++) {
		uint32_t nr = sizes[(size_t)i % (sizeof(sizes) / sizeof(sizes[0]))];

		check(give(fd, i & 1 ? MEM_LEND : MEM_SHARE, addresses, nr, 9, &handle, &status) ==
			      SUCCESS,
		      "SHARE or LEND succeeds");
		check(reclaim(fd, handle) == SUCCESS, "its RECLAIM succeeds");
	}
}

/* Shares pages in another process, which then ends: by a signal if kill is true. Returns its handle. */
static uint64_t share_elsewhere(uint32_t nr, uint32_t flags, unsigned int nr_fragments,
				bool kill_it)
{
	static uint64_t addresses[MOST_PAGES];
	uint64_t handle = 0;
	uint32_t status;
	int ends[2], told;
	pid_t pid;

	if (pipe(ends))
		return 0;
	pid = fork();
	if (!pid) {
		int fd = open_device();

		if (fd < 0 || pages(fd, addresses, nr, flags))
			_exit(1);
		give(fd, MEM_SHARE, addresses, nr, nr_fragments, &handle, &status);
		if (write(ends[1], &handle, sizeof(handle)) < 0)
			_exit(1);
		while (kill_it)
			pause();
		_exit(0);
	}
	close(ends[1]);
	check(read(ends[0], &handle, sizeof(handle)) == sizeof(handle), "the other process shares");
	close(ends[0]);
	if (kill_it)
		kill(pid, SIGKILL);
	waitpid(pid, &told, 0);
	return handle;
}

static void endings(int fd, int kills)
{
	uint32_t before = info_of(fd).kept_pages;
	uint64_t handle;

	for (int i = 0; i < kills; i++)
		share_elsewhere(1 + (uint32_t)i * 37 % MOST_PAGES, 0, 9, true);
	check(info_of(fd).kept_pages == before, "a killed process leaves nothing shared");

	handle = share_elsewhere(3, FFASCOPE_PAGES_KEEP, 9, false);
	check(info_of(fd).kept_pages == before + 3, "pages to be kept stay shared");
	check(reclaim(fd, handle) == SUCCESS, "another process reclaims them");
	check(info_of(fd).kept_pages == before, "then they are free");

	share_elsewhere(MOST_PAGES, 0, 1, true);
	check(info_of(fd).kept_pages == before + MOST_PAGES,
	      "pages of an unfinished transaction are not freed");
}

int main(int argc, char **argv)
{
	int fd = open_device();

	if (fd < 0 || argc < 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	partition = (uint16_t)strtoul(argv[1], NULL, 0);
	version = info_of(fd).ffa_version;
	requests(fd);
	transactions(fd);
	shares(fd, argc > 2 ? atoi(argv[2]) : 28);
	endings(fd, argc > 3 ? atoi(argv[3]) : 3);
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
