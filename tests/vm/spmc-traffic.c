// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic through arm_ffa with the partitions of lab/spmc.
 *
 * spmc-traffic messages COUNT PARTITION [CPU]: direct messages, each with its own number;
 * checks that the partition echoes it. A partition with a context on each CPU needs CPU: arm_ffa
 * may migrate between FFA_INTERRUPT and FFA_RUN.
 * spmc-traffic notifications COUNT PARTITION: binds the 64 notifications (32 to 47 per vCPU), as
 * many as arm_ffa takes at a time, sends COUNT of them one after the other, and waits for each to
 * come back. Prints how many were bound at a time, how many were lost, doubled or on the wrong
 * vCPU, and the best and median time in ns.
 * spmc-traffic samples COUNT PARTITION: the same, and prints the time of each for ffalab bench.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "ffascope.h"

#define NOTIFICATIONS  64
#define FIRST_PER_VCPU 32
#define LAST_PER_VCPU  47
#define WAIT_MS	       5000
#define MOST_BUSY      1000

static int fd;

static int operation(struct ffascope_driver *req, unsigned int op, unsigned int partition)
{
	req->size = sizeof(*req);
	req->op = op;
	req->partition = partition;
	req->cpu = -1;
	if (ioctl(fd, FFASCOPE_DRIVER, req))
		return -errno;
	return req->status;
}

static int messages(unsigned long count, unsigned int partition)
{
	unsigned long wrong = 0, busy = 0;

	for (unsigned long i = 1; i <= count; i++) {
		struct ffascope_driver req = { .data = { i, ~i, getpid(), 0x1234, i << 32 } };
		uint64_t sent[5];
		int ret;

		memcpy(sent, req.data, sizeof(sent));
		ret = operation(&req, FFASCOPE_DRIVER_DIRECT, partition);
		/* Another task has the partition's context. */
		if (ret == -EBUSY && ++busy < MOST_BUSY) {
			usleep(200);
			i--;
			continue;
		}
		busy = 0;
		if (ret || memcmp(sent, req.data, sizeof(sent))) {
			wrong++;
			printf("message %lu: status %d, word %#llx\n", i, ret,
			       (unsigned long long)req.data[0]);
		}
	}
	printf("messages %lu wrong %lu\n", count, wrong);
	return wrong != 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* The next notification. Returns false if none comes in timeout_ms. */
static bool next(struct ffascope_notification *note, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1 && read(fd, note, sizeof(*note)) == sizeof(*note);
}

/* As the echo partition has bound them (lab/spmc/notification.c). */
static bool is_per_vcpu(unsigned int id)
{
	return id >= FIRST_PER_VCPU && id <= LAST_PER_VCPU;
}

struct tally {
	unsigned long lost, doubled, misplaced;
};

/* One notification there and back. Returns the time it took in ns, 0 if it did not come back. */
static uint64_t round_trip(unsigned int id, unsigned int vcpu, unsigned int partition,
			   struct tally *tally)
{
	struct ffascope_driver req = { .id = id };
	struct ffascope_notification note;
	uint64_t begin;

	if (is_per_vcpu(id)) {
		req.flags = FFASCOPE_DRIVER_PER_VCPU;
		req.vcpu = vcpu;
	}
	begin = clock_ns(CLOCK_BOOTTIME);
	if (operation(&req, FFASCOPE_DRIVER_SEND, partition) || !next(&note, WAIT_MS)) {
		tally->lost++;
		return 0;
	}
	if (note.lost || note.id != req.id)
		tally->doubled++;
	if (is_per_vcpu(id) && note.cpu != req.vcpu)
		tally->misplaced++;
	return note.time_ns > begin ? note.time_ns - begin : 1;
}

/*
 * Requests notifications of *left and takes those that are held off it. arm_ffa looks for a notifier
 * by the hash of its ID only, so it refuses an ID that shares a bucket with another one
 * (examples/findings/README.md). Returns how many are held.
 */
static unsigned int request(uint64_t *left, unsigned int partition,
			    unsigned int held[NOTIFICATIONS])
{
	unsigned int nr_held = 0;

	for (unsigned int id = 0; id < NOTIFICATIONS; id++) {
		struct ffascope_driver req = { .id = id };

		if (is_per_vcpu(id))
			req.flags = FFASCOPE_DRIVER_PER_VCPU;
		if (!(*left >> id & 1) || operation(&req, FFASCOPE_DRIVER_REQUEST, partition))
			continue;
		held[nr_held++] = id;
		*left &= ~(UINT64_C(1) << id);
	}
	return nr_held;
}

static int relinquish(unsigned int partition, const unsigned int *held, unsigned int nr_held)
{
	int ret = 0;

	for (unsigned int i = 0; i < nr_held && !ret; i++) {
		struct ffascope_driver req = { .id = held[i] };

		ret = operation(&req, FFASCOPE_DRIVER_RELINQUISH, partition);
	}
	return ret;
}

static void show(uint64_t *ns, unsigned long count, const struct tally *tally)
{
	qsort(ns, count, sizeof(*ns), compare);
	printf("notifications %lu lost %lu doubled %lu misplaced %lu\n", count, tally->lost,
	       tally->doubled, tally->misplaced);
	printf("best %llu median %llu\n", (unsigned long long)ns[tally->lost],
	       (unsigned long long)ns[count / 2]);
}

/* Sends the notifications in portions, each of its share of the count. Returns how many were made. */
static unsigned long portions(uint64_t *ns, unsigned long count, unsigned int partition,
			      struct tally *tally, bool quiet)
{
	unsigned int cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int held[NOTIFICATIONS], nr_held;
	struct ffascope_notification note;
	uint64_t left = UINT64_MAX;
	unsigned long made = 0;

	while (left && (nr_held = request(&left, partition, held))) {
		unsigned long share = left ? count * nr_held / NOTIFICATIONS : count - made;

		for (unsigned long i = 0; i < share; i++)
			ns[made++] =
				round_trip(held[i % nr_held], (unsigned int)(i / nr_held) % cpus,
					   partition, tally);
		while (next(&note, 300))
			tally->doubled++;
		if (!quiet)
			printf("held %u\n", nr_held);
		if (relinquish(partition, held, nr_held))
			break;
	}
	return left ? 0 : made;
}

static int notifications(unsigned long count, unsigned int partition, bool samples)
{
	uint64_t *ns = calloc(count, sizeof(*ns));
	struct tally tally = { 0 };
	unsigned long made;

	if (!ns)
		return 5;
	made = portions(ns, count, partition, &tally, samples);
	for (unsigned long i = 0; samples && i < made; i++)
		if (ns[i])
			printf("notify.round-trip %llu\n", (unsigned long long)ns[i]);
	if (!samples)
		show(ns, count, &tally);
	free(ns);
	return made != count || tally.lost || tally.doubled || tally.misplaced;
}

int main(int argc, char **argv)
{
	unsigned long count = argc >= 4 ? strtoul(argv[2], NULL, 0) : 0;
	unsigned int partition = argc >= 4 ? (unsigned int)strtoul(argv[3], NULL, 0) : 0;

	fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);
	if (!count || fd < 0) {
		perror("spmc-traffic");
		return 2;
	}
	if (argc == 5) {
		cpu_set_t cpus;

		CPU_ZERO(&cpus);
		CPU_SET(atoi(argv[4]), &cpus);
		if (sched_setaffinity(0, sizeof(cpus), &cpus)) {
			perror("spmc-traffic");
			return 2;
		}
	}
	if (!strcmp(argv[1], "messages"))
		return messages(count, partition);
	return notifications(count, partition, !strcmp(argv[1], "samples"));
}
