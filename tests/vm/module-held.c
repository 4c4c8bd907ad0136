// SPDX-License-Identifier: GPL-2.0-only
/*
 * module-held REFCNT: on a kernel where arm_ffa is a module, whose reference count the file REFCNT
 * shows, an open file of /dev/ffascope that has made a request keeps it loaded. "-": arm_ffa is not
 * loaded; no request reaches for its operations. Prints a line per check.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ffascope.h"

#define THREADS 8

static int fd, failed;

static void check(bool good, const char *what)
{
	printf("%s %s\n", good ? "ok    " : "FAILED", what);
	failed += !good;
}

static int count_of(const char *path)
{
	FILE *f = fopen(path, "re");
	int count = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &count) != 1)
		count = -1;
	fclose(f);
	return count;
}

static uint32_t version(void)
{
	struct ffascope_info info = { .size = sizeof(info) };

	return ioctl(fd, FFASCOPE_INFO, &info) ? UINT32_MAX : info.ffa_version;
}

static int query(uint32_t op)
{
	struct ffascope_driver req = { .size = sizeof(req), .op = op, .cpu = -1 };

	return ioctl(fd, FFASCOPE_DRIVER, &req) ? errno : 0;
}

static int call(uint64_t fid, uint64_t x1)
{
	struct ffascope_call call = { .in = { fid, x1 } };
	struct ffascope_registers req = {
		.size = sizeof(req), .calls = (uintptr_t)&call, .count = 1, .cpu = -1
	};

	return ioctl(fd, FFASCOPE_REGISTERS, &req) ? errno : 0;
}

static void *ask(void *unused)
{
	(void)unused;
	for (int i = 0; i < 1000; i++)
		version();
	return NULL;
}

static void held(const char *refcnt)
{
	int before = count_of(refcnt);
	pthread_t threads[THREADS];

	check(before >= 0, "arm_ffa is a module");
	fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, ask, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check(version() >= 0x10001 && version() != UINT32_MAX,
	      "INFO returns the negotiated version");
	check(count_of(refcnt) == before + 1, "the file holds one reference to arm_ffa");
	check(syscall(SYS_delete_module, "ffa_module", O_NONBLOCK) && errno == EWOULDBLOCK,
	      "arm_ffa cannot be unloaded");
	close(fd);
	check(count_of(refcnt) == before, "close drops the reference");

	fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);
	query(FFASCOPE_DRIVER_PARTITIONS);
	check(count_of(refcnt) == before + 1, "so does a request of an operation");
	close(fd);
	check(count_of(refcnt) == before, "close drops that reference");
}

static void without(void)
{
	fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);
	check(fd >= 0, "the device opens without arm_ffa");
	check(version() == 0, "INFO returns no version");
	check(call(0x84000069, 0) == 0, "FFA_ID_GET is still made");
	check(call(0x84000063, 0x10002) == EACCES, "every VERSION needs unsafe=1");
	check(query(FFASCOPE_DRIVER_QUERY) == ENODEV, "a query finds no device");
	check(query(FFASCOPE_DRIVER_PARTITIONS) == ENODEV, "PARTITIONS finds no device");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (strcmp(argv[1], "-"))
		held(argv[1]);
	else
		without();
	return failed ? 1 : 0;
}
