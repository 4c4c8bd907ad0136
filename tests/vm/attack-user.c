// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users without permission, with a file that root opened and passed on: a user without capabilities,
 * the same user as root of a user namespace, and root without CAP_SYS_ADMIN.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>

#include "attack.h"

#define NOBODY 65534

static bool is_refused(struct attacker *a, int fd)
{
	switch (draw_bits(&a->draw) % 3) {
	case 0:
		return read(fd, a->area.rw, draw_bits(&a->draw) % 100) < 0 && errno == EPERM;
	case 1:
		return open(DEVICE, O_RDWR | O_CLOEXEC) < 0 && errno == EPERM;
	default:
		return open(DEVICE, O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM;
	}
}

/* Runs in a child that has become this user. */
static int as_this_user(struct attacker *a, int fd, uint64_t count, const char *who)
{
	uint64_t others = 0, wrong = 0;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	struct request req;

	for (uint64_t i = 0; i < count; i++) {
		int err;

		draw_request(a, &req);
		err = ioctl(fd, req.cmd, req.arg) ? errno : 0;
		count_outcome(a, &req, err);
		if (err != EPERM && wrong++ < 10)
			printf("FAILED  %s: %#x: %s\n", who, req.cmd,
			       err ? strerrorname_np(err) : "done");
		if (i % 8)
			continue;
		others++;
		if (!is_refused(a, fd) && wrong++ < 10)
			printf("FAILED  %s: read or open\n", who);
	}
	if (poll(&poll_fd, 1, 0) != 1 || poll_fd.revents != POLLERR) {
		printf("FAILED  %s: poll says %#x\n", who, (unsigned int)poll_fd.revents);
		wrong++;
	}
	printf("%s:\n", who);
	print_outcomes(a);
	printf("%s: %" PRIu64 " ioctls, %" PRIu64 " reads and opens, %" PRIu64 " not refused\n",
	       who, count, others, wrong);
	return wrong ? 1 : 0;
}

static int become_nobody(void)
{
	return setgid(NOBODY) || setuid(NOBODY);
}

static int become_root_at_home(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (become_nobody() || unshare(CLONE_NEWUSER))
		return -1;
	/* Otherwise this would repeat the previous test. */
	if (syscall(SYS_capget, &head, caps) || !(caps[0].effective & 1u << CAP_SYS_ADMIN))
		return -1;
	return 0;
}

static int lose_the_right(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &head, caps))
		return -1;
	caps[0].effective &= ~(1u << CAP_SYS_ADMIN);
	caps[0].permitted &= ~(1u << CAP_SYS_ADMIN);
	return (int)syscall(SYS_capset, &head, caps);
}

int attack_as_user(uint64_t count, uint64_t seed)
{
	static const struct {
		const char *name;
		int (*become)(void);
	} users[] = {
		{ "user without capabilities", become_nobody },
		{ "root of a user namespace", become_root_at_home },
		{ "root without CAP_SYS_ADMIN", lose_the_right },
	};
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK), failed = 0, status;
	static struct attacker a;

	if (fd < 0 || draw_init(&a.draw, seed, 2) || area_init(&a.area) || attacker_look(&a, fd)) {
		perror(DEVICE);
		return 3;
	}

	/* With the default mode 0600, then with mode 0666 set by an administrator. */
	if (!fork())
		_exit(become_nobody() || open(DEVICE, O_RDWR | O_CLOEXEC) >= 0 || errno != EACCES);
	wait(&status);
	if (status) {
		printf("FAILED  the device can be opened without permission\n");
		failed = 1;
	}
	chmod(DEVICE, 0666);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		fflush(stdout);
		if (!fork()) {
			if (users[i].become()) {
				perror(users[i].name);
				_exit(3);
			}
			status = as_this_user(&a, fd, count / 3, users[i].name);
			fflush(stdout);
			_exit(status);
		}
		wait(&status);
		failed |= !!status;
	}
	chmod(DEVICE, 0600);
	return failed;
}
