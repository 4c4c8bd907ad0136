// SPDX-License-Identifier: GPL-2.0-only
/*
 * module-reload COUNT COMMAND: on a kernel where arm_ffa is a module, unloads it COUNT times and
 * loads it again with COMMAND, while threads open /dev/ffascope, make requests and close it. An open
 * file that made a request through arm_ffa keeps it loaded. Prints how often each outcome was met.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ffascope.h"

#define THREADS	   4
#define TRIES	   10000 /* of unloading, 0.5 ms apart */
#define PAUSE_US   500
#define HOLD_US	   1000
#define FFA_ID_GET 0x84000069

static _Atomic bool over;
static _Atomic unsigned long opened, requests;

static void request(int fd)
{
	struct ffascope_info info = { .size = sizeof(info) };
	struct ffascope_driver driver = { .size = sizeof(driver), .cpu = -1 };
	struct ffascope_call call = { .in = { FFA_ID_GET } };
	struct ffascope_registers registers = {
		.size = sizeof(registers), .calls = (uintptr_t)&call, .count = 1, .cpu = -1
	};

	ioctl(fd, FFASCOPE_INFO, &info);
	driver.op = FFASCOPE_DRIVER_PARTITIONS;
	ioctl(fd, FFASCOPE_DRIVER, &driver);
	ioctl(fd, FFASCOPE_REGISTERS, &registers);
	requests += 3;
}

static void *use(void *unused)
{
	(void)unused;
	while (!over) {
		int fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);

		if (fd >= 0) {
			opened++;
			request(fd);
			usleep(HOLD_US);
			close(fd);
		}
		/* Leave time to unload it. */
		usleep(4 * HOLD_US);
	}
	return NULL;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ffa_module", O_NONBLOCK) ? errno : 0;
}

/*
 * EL2 refuses arm_ffa's buffers where they lie in pages that OP-TEE still has ("failed to register
 * FFA RxTx buffers"): then arm_ffa is loaded without devices, and no request uses it.
 */
static bool has_devices(void)
{
	glob_t found;
	bool any = !glob("/sys/bus/arm_ffa/devices/*", 0, NULL, &found);

	globfree(&found);
	return any;
}

/* A file of our own: arm_ffa cannot be unloaded while it is open. Returns whether that held. */
static bool is_held(void)
{
	int fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC), err;

	if (fd < 0)
		return false;
	request(fd);
	err = unload();
	close(fd);
	if (err != EWOULDBLOCK)
		printf("FAILED  with an open file: %s\n", err ? strerror(err) : "unloaded");
	return err == EWOULDBLOCK;
}

static bool reload(const char *command, unsigned long *in_use)
{
	int err = EWOULDBLOCK;

	for (int i = 0; i < TRIES && err == EWOULDBLOCK; i++) {
		err = unload();
		*in_use += err == EWOULDBLOCK;
		if (err == EWOULDBLOCK)
			usleep(PAUSE_US);
	}
	if (err) {
		printf("FAILED  not unloaded: %s\n", strerror(err));
		return false;
	}
	if (!system(command)) /* NOLINT(cert-env33-c) */
		return true;
	printf("FAILED  not loaded again\n");
	return false;
}

int main(int argc, char **argv)
{
	unsigned long wanted, reloads = 0, held = 0, in_use = 0;
	bool good = true;
	pthread_t threads[THREADS];

	if (argc != 3)
		return 2;
	wanted = strtoul(argv[1], NULL, 10);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, use, NULL);
	while (good && reloads < wanted) {
		bool devices = has_devices();

		good = (!devices || is_held()) && reload(argv[2], &in_use);
		reloads += good;
		held += good && devices;
	}
	over = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("reloaded arm_ffa %lu times; refused %lu times with a file of ours open, %lu times with one of others\n",
	       reloads, held, in_use);
	printf("meanwhile opened %lu times, %lu requests\n", opened, requests);
	return reloads == wanted && held && opened ? 0 : 1;
}
