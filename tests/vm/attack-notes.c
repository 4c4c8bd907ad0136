// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications arrive (the test types into OP-TEE's console) faster than the queue is read. Two
 * threads read with valid and invalid buffers, and some copies fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

#define ID	     5
#define ENABLE_ASYNC 5 /* linux: optee_ffa.h, OPTEE_FFA_ENABLE_ASYNC_NOTIF */
#define MAX_READ     (8 * sizeof(struct ffascope_notification))
#define MAX_TURNS    10

struct reader {
	struct attacker a;
	pthread_t id;
	_Atomic uint64_t got, lost, faults, strange;
};

static int fd;
static _Atomic bool over;

static int drive(const struct attacker *a, uint32_t op, uint32_t id, uint64_t data)
{
	struct ffascope_driver req = {
		.size = sizeof(req),
		.op = op,
		.partition = a->partition,
		.id = id,
		.cpu = -1,
		.data = { data, op == FFASCOPE_DRIVER_DIRECT ? ID : 0 },
	};

	return ioctl(fd, FFASCOPE_DRIVER, &req) ? errno : -req.status;
}

static void take(struct reader *r, const char *at, ssize_t bytes)
{
	for (ssize_t i = 0; i + (ssize_t)sizeof(struct ffascope_notification) <= bytes;
	     i += (ssize_t)sizeof(struct ffascope_notification)) {
		struct ffascope_notification note;

		memcpy(&note, at + i, sizeof(note));
		r->lost += note.lost;
		if (note.flags == FFASCOPE_NOTE_NOTHING)
			continue;
		r->got++;
		if (note.id != ID || note.partition != r->a.partition || note.flags ||
		    !note.time_ns)
			r->strange++;
	}
}

static void *read_them(void *arg)
{
	struct reader *r = arg;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);

	while (!atomic_load(&over)) {
		size_t size = draw_bits(&r->a.draw) % MAX_READ, offset = 0;
		void *at = draw_pointer(&r->a, MAX_READ, &offset);
		ssize_t bytes;

		if (draw_bits(&r->a.draw) % 2)
			poll(&poll_fd, 1, 20);
		if (draw_bits(&r->a.draw) % 4 == 0)
			pwrite(fail_nth, "1", 1, 0);
		bytes = read(fd, at, size);
		while (pwrite(fail_nth, "0", 1, 0) < 0 && errno == EFAULT)
			;
		if (bytes > 0 && offset + (size_t)bytes <= AREA_SIZE)
			take(r, r->a.area.rw + offset, bytes);
		else if (bytes < 0 && errno == EFAULT)
			r->faults++;
		else if (bytes < 0 && errno != EINVAL && errno != EAGAIN && errno != EINTR)
			r->strange++;
	}
	return NULL;
}

int attack_notes(unsigned int seconds, uint64_t seed)
{
	static struct reader readers[2];
	uint64_t got = 0, lost = 0, faults = 0, strange = 0;
	int err, turns = 0;

	fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || attacker_look(&readers[0].a, fd)) {
		perror(DEVICE);
		return 3;
	}
	err = drive(&readers[0].a, FFASCOPE_DRIVER_REQUEST, ID, 0);
	if (!err)
		err = drive(&readers[0].a, FFASCOPE_DRIVER_DIRECT, 0, ENABLE_ASYNC);
	if (err) {
		printf("FAILED  no notification can be requested: %s\n", strerrorname_np(err));
		return 1;
	}
	puts("listening");
	/* Nothing reads yet, so the queue overflows. */
	sleep(seconds / 2);
	for (unsigned int i = 0; i < 2; i++) {
		readers[i].a.partition = readers[0].a.partition;
		if (draw_init(&readers[i].a.draw, seed + i, 2) || area_init(&readers[i].a.area))
			return 3;
		pthread_create(&readers[i].id, NULL, read_them, &readers[i]);
	}
	/* Whether a read with EFAULT dequeues a notification, which is then reported lost, is random. */
	do
		sleep(seconds - seconds / 2);
	while (++turns < MAX_TURNS &&
	       (!(readers[0].got + readers[1].got) || !(readers[0].lost + readers[1].lost)));
	atomic_store(&over, true);
	for (int i = 0; i < 2; i++) {
		pthread_join(readers[i].id, NULL);
		got += readers[i].got;
		lost += readers[i].lost;
		faults += readers[i].faults;
		strange += readers[i].strange;
	}
	/* Close with some still queued. */
	close(fd);
	printf("%" PRIu64 " notifications, %" PRIu64 " reported lost, %" PRIu64
	       " reads with EFAULT, %" PRIu64 " unexpected\n",
	       got, lost, faults, strange);
	return strange || !got || !lost;
}
