// SPDX-License-Identifier: GPL-2.0-only
/* Unloads and loads the module in a loop while its device is opened, used and closed. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

#define USERS 4

struct user {
	struct attacker a;
	pthread_t id;
	unsigned long opened, refused, requests;
};

static struct user users[USERS];
static _Atomic bool over;

/* Requests a notification, so that close relinquishes it and unloading has to wait. */
static void request_one(struct user *u, int fd, uint32_t id)
{
	struct ffascope_driver req = {
		.size = sizeof(req),
		.op = FFASCOPE_DRIVER_REQUEST,
		.partition = u->a.partition,
		.id = id,
		.cpu = -1,
	};

	ioctl(fd, FFASCOPE_DRIVER, &req);
}

static void *use(void *arg)
{
	struct user *u = arg;
	struct request req;

	while (!atomic_load(&over)) {
		int fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

		if (fd < 0) {
			u->refused++;
			usleep(1000);
			continue;
		}
		u->opened++;
		request_one(u, fd, 20 + (uint32_t)(u - users));
		for (uint64_t n = draw_bits(&u->a.draw) % 20; n; n--) {
			draw_request(&u->a, &req);
			ioctl(fd, req.cmd, req.arg);
			u->requests++;
		}
		close(fd);
		/* Leave time to unload it. */
		if (draw_bits(&u->a.draw) % 4 == 0)
			usleep(20000);
	}
	return NULL;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ffascope", O_NONBLOCK) ? errno : 0;
}

static int load(int module)
{
	return syscall(SYS_finit_module, module, "", 0) ? errno : 0;
}

int attack_unload(unsigned int seconds, uint64_t seed, const char *path)
{
	int module = open(path, O_RDONLY | O_CLOEXEC), fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	unsigned long unloaded = 0, in_use = 0, held = 0, requests = 0, opened = 0, refused = 0;
	time_t end;
	int err = 0;

	if (module < 0 || fd < 0 || attacker_look(&users[0].a, fd)) {
		perror(DEVICE);
		return 3;
	}
	close(fd);
	for (int i = 0; i < USERS; i++) {
		users[i].a.partition = users[0].a.partition;
		if (draw_init(&users[i].a.draw, seed + (unsigned int)i, 2) ||
		    area_init(&users[i].a.area))
			return 3;
		pthread_create(&users[i].id, NULL, use, &users[i]);
	}

	/* On a slow machine the threads above took long to start: end after both cases were met, a minute later at most. */
	end = time(NULL) + seconds;
	while (!err && (time(NULL) < end || ((!unloaded || !held) && time(NULL) < end + 60))) {
		fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		if (fd >= 0) {
			err = unload() == EWOULDBLOCK ? 0 : EBUSY;
			if (err)
				printf("FAILED  unloaded while a file was open\n");
			held++;
			close(fd);
		}
		for (int tries = 0; !err && tries < 200; tries++) {
			err = unload();
			if (!err) {
				unloaded++;
				usleep(2000);
				err = load(module);
				if (err)
					printf("FAILED  not loaded again: %s\n",
					       strerrorname_np(err));
				break;
			}
			if (err != EWOULDBLOCK) {
				printf("FAILED  not unloaded: %s\n", strerrorname_np(err));
				break;
			}
			in_use++;
			err = 0;
			usleep(500);
		}
	}
	atomic_store(&over, true);
	for (int i = 0; i < USERS; i++) {
		pthread_join(users[i].id, NULL);
		opened += users[i].opened;
		refused += users[i].refused;
		requests += users[i].requests;
	}
	printf("unloaded and loaded %lu times; refused %lu times with a file of ours open, %lu times with one of others\n",
	       unloaded, held, in_use);
	printf("meanwhile opened %lu times, not there %lu times, %lu ioctls\n", opened, refused,
	       requests);
	return err || !unloaded || !held;
}
