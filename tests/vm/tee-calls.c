// SPDX-License-Identifier: GPL-2.0-only
/*
 * tee-calls N [KIND]: makes N requests to OP-TEE through its driver, which sends a direct message for
 * each; prints the time per request. KIND: "invoke" (default) calls an unknown command in a session
 * with the pseudo TA that lists devices; "open" opens and closes a session, which also shares
 * memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/tee.h>

#include "base/clock.h"

/* lib/libutee/include/pta_device.h of OP-TEE, in the order of RFC 4122. */
static const uint8_t device_pta[16] = { 0x70, 0x11, 0xa6, 0x88, 0xdd, 0xde, 0x40, 0x53,
					0xa5, 0xa9, 0x7b, 0x3c, 0x4d, 0xdf, 0x13, 0xb8 };

#define NO_SUCH_COMMAND 0x7fffffff

static int request(int fd, unsigned long number, void *arg, size_t len)
{
	struct tee_ioctl_buf_data buf = { .buf_ptr = (uintptr_t)arg, .buf_len = len };

	return ioctl(fd, number, &buf);
}

static int open_session(int fd, uint32_t *session)
{
	struct tee_ioctl_open_session_arg arg = { .clnt_login = TEE_IOCTL_LOGIN_PUBLIC };

	memcpy(arg.uuid, device_pta, sizeof(arg.uuid));
	if (request(fd, TEE_IOC_OPEN_SESSION, &arg, sizeof(arg)))
		return -errno;
	*session = arg.session;
	return arg.ret ? -EPROTO : 0;
}

static int close_session(int fd, uint32_t session)
{
	struct tee_ioctl_close_session_arg arg = { .session = session };

	return ioctl(fd, TEE_IOC_CLOSE_SESSION, &arg) ? -errno : 0;
}

static int invoke(int fd, uint32_t session)
{
	struct tee_ioctl_invoke_arg arg = { .func = NO_SUCH_COMMAND, .session = session };

	return request(fd, TEE_IOC_INVOKE, &arg, sizeof(arg)) ? -errno : 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0, ret, fd;
	int opens = argc > 2 && !strcmp(argv[2], "open");
	uint32_t session = 0;
	uint64_t *ns, sum = 0;

	if (n < 1 || argc > 3)
		return 2;

	ns = calloc((size_t)n, sizeof(*ns));
	fd = open("/dev/tee0", O_RDWR | O_CLOEXEC);
	if (!ns || fd < 0) {
		perror("tee-calls: /dev/tee0");
		return 3;
	}

	ret = opens ? 0 : open_session(fd, &session);
	for (int i = 0; i < n && !ret; i++) {
		uint64_t start = clock_ns(CLOCK_MONOTONIC);

		if (!opens)
			ret = invoke(fd, session);
		else if (!(ret = open_session(fd, &session)))
			ret = close_session(fd, session);
		ns[i] = clock_ns(CLOCK_MONOTONIC) - start;
		sum += ns[i];
	}
	if (!ret && !opens)
		ret = close_session(fd, session);
	if (ret) {
		fprintf(stderr, "tee-calls: %s\n", strerror(-ret));
		return 4;
	}

	qsort(ns, (size_t)n, sizeof(*ns), compare);
	printf("%d requests: least %llu ns, median %llu ns, average %llu ns\n", n,
	       (unsigned long long)ns[0], (unsigned long long)ns[n / 2],
	       (unsigned long long)(sum / (uint64_t)n));
	free(ns);
	return close(fd) ? 5 : 0;
}
