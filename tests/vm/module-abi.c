// SPDX-License-Identifier: GPL-2.0-only
/*
 * module-abi: holds /dev/ffascope against what ffascope.h promises, request by request. Prints a
 * line a check, and at the end "N passed, N failed".
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ffascope.h"

#define ID_GET	0x84000069
#define VERSION 0x84000063

static int fd, passed, failed;

static void check(bool good, const char *what)
{
	printf("%s %s\n", good ? "ok    " : "FAILED", what);
	*(good ? &passed : &failed) += 1;
}

static int request(struct ffascope_registers *req)
{
	return ioctl(fd, FFASCOPE_REGISTERS, req) ? errno : 0;
}

static struct ffascope_registers one(struct ffascope_call *call)
{
	return (struct ffascope_registers){
		.size = sizeof(struct ffascope_registers),
		.calls = (uintptr_t)call,
		.count = 1,
		.cpu = -1,
	};
}

static int call_fid(uint64_t fid, uint64_t w1)
{
	struct ffascope_call call = { .in = { fid, w1 } };
	struct ffascope_registers req = one(&call);

	return request(&req);
}

static void info_requests(void)
{
	struct {
		struct ffascope_info info;
		uint64_t more;
	} longer = { .info.size = sizeof(longer) };
	struct ffascope_info info = { .size = sizeof(info) };
	uint32_t small[2] = { sizeof(small) };

	check(!ioctl(fd, FFASCOPE_INFO, &info), "INFO answers");
	check(info.abi_version == FFASCOPE_ABI_VERSION, "INFO names the ABI version");
	check(info.max_calls == FFASCOPE_MAX_CALLS, "INFO names the largest batch");
	check(info.ffa_version >= 0x10001, "INFO names the version that arm_ffa negotiated");

	info.size = sizeof(info);
	info.flags = 1;
	check(ioctl(fd, FFASCOPE_INFO, &info) && errno == EINVAL, "unknown flags are refused");

	info = (struct ffascope_info){ .size = 8 };
	check(ioctl(fd, FFASCOPE_INFO, &info) && errno == EINVAL,
	      "a size that differs from the request's is refused");

	check(!ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0, small), small),
	      "a shorter structure of an older program is taken");
	check(!ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0, longer), &longer),
	      "a longer one is taken if the rest is zero");
	longer.info.size = sizeof(longer);
	longer.info.flags = 0;
	longer.more = 1;
	check(ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0, longer), &longer) && errno == E2BIG,
	      "and refused if it is not");

	check(ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0x55, info), &info) && errno == ENOTTY,
	      "an unknown request is ENOTTY");
	check(ioctl(fd, _IOWR('T', 0, info), &info) && errno == ENOTTY,
	      "a request of another device is ENOTTY");
	check(ioctl(fd, _IO(FFASCOPE_IOC_MAGIC, 0), &info) && errno == ENOTTY,
	      "a request without a size is ENOTTY");
	check(ioctl(fd, FFASCOPE_INFO, NULL) && errno == EFAULT, "a null pointer is EFAULT");
}

static void register_requests(void)
{
	struct ffascope_call calls[3] = { { .in = { ID_GET } },
					  { .in = { ID_GET } },
					  { .in = { 0 } } };
	struct ffascope_registers req = one(calls);

	check(!request(&req) && req.done == 1, "a call is made");
	check((uint32_t)calls[0].out[0] == 0x84000061, "FFA_ID_GET succeeds");
	check(calls[0].end_ns > calls[0].begin_ns && calls[0].begin_ns,
	      "the call carries its time");

	req = one(calls);
	req.guard_ns = FFASCOPE_MAX_GUARD_NS;
	check(!request(&req), "the longest pause is taken");
	req = one(calls);
	req.guard_ns = FFASCOPE_MAX_GUARD_NS + 1;
	check(request(&req) == EINVAL, "a longer one is refused");
	req = one(calls);
	req.flags = 1;
	check(request(&req) == EINVAL, "flags are refused");
	req = one(calls);
	req.reserved = 1;
	check(request(&req) == EINVAL, "a reserved field must be zero");
	req = one(calls);
	req.count = 0;
	check(request(&req) == EINVAL, "no calls are refused");
	req = one(calls);
	req.count = FFASCOPE_MAX_CALLS + 1;
	check(request(&req) == EINVAL, "too many calls are refused");
	req = one(calls);
	req.count = UINT32_MAX;
	check(request(&req) == EINVAL, "far too many calls are refused");
	req = one(calls);
	req.cpu = -2;
	check(request(&req) == EINVAL, "CPU -2 is refused");
	req = one(NULL);
	check(request(&req) == EFAULT, "calls at address 0 are EFAULT");

	calls[1].out[0] = 0x1234;
	req = one(calls);
	req.count = 3;
	check(request(&req) == EINVAL && req.bad == 2 && !req.done && calls[1].out[0] == 0x1234,
	      "a bad call at the end: its index, and nothing was called");
	calls[2] = (struct ffascope_call){ .in = { ID_GET }, .flags = 1 };
	req = one(calls);
	req.count = 3;
	check(request(&req) == EINVAL && req.bad == 2, "flags of a call are refused");
}

static void identifiers(void)
{
	static const uint64_t foreign[] = { 0,		0x84000000, 0x8400005f, 0x84000100,
					    0x04000069, 0x86000069, 0xbf000069, 0x80000069,
					    0x84020069, 0xc4800069 };
	static const uint64_t unsafe[] = { 0x84000065, 0x84000066, 0xc4000066, 0x84000067,
					   0x84000068, 0x8400006d, 0xc400006d, 0x84000071,
					   0xc4000073, 0x84000077, 0x84000078, 0x8400007b,
					   0x84000084, 0x84000088, 0xc4000089 };
	char text[80];

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		snprintf(text, sizeof(text), "identifier %#llx is refused",
			 (unsigned long long)foreign[i]);
		check(call_fid(foreign[i], 0) == EINVAL, text);
	}
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		snprintf(text, sizeof(text), "identifier %#llx needs unsafe=1",
			 (unsigned long long)unsafe[i]);
		check(call_fid(unsafe[i], 0) == EACCES, text);
		check(call_fid(unsafe[i] | 1ULL << 40, 0) == EACCES,
		      "and so it does with bit 40 set");
		check(call_fid(unsafe[i] | 1 << 16, 0) == EACCES, "and with the SVE hint");
	}
	check(call_fid(VERSION, 0x10001) == EACCES, "a lower version needs unsafe=1");
	check(call_fid(VERSION, 0x10002) == 0, "the same version does not");
	check(call_fid(0x840000ff, 0) == 0, "the highest function number is taken");
	check(call_fid(ID_GET | 1ULL << 32, 0) == 0, "anything may stand in the upper half of x0");
}

static void processors(void)
{
	struct ffascope_call call = { .in = { ID_GET } };
	struct ffascope_registers req = one(&call);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	req.cpu = 0;
	check(!request(&req) && call.cpu == 0, "a call on the CPU that was asked for");
	req = one(&call);
	req.cpu = 1;
	check(request(&req) == EXDEV && !req.done, "not on another one");
}

static void memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct ffascope_call *calls = (void *)(two + page - sizeof(*calls));
	struct ffascope_registers req;

	*calls = (struct ffascope_call){ .in = { ID_GET } };
	munmap(two + page, page);
	req = one(calls);
	check(!request(&req), "a call at the end of what is mapped");
	req = one(calls);
	req.count = 2;
	check(request(&req) == EFAULT, "one more would be EFAULT");
	mprotect(two, page, PROT_READ);
	req = one(calls);
	check(request(&req) == EFAULT && req.done == 1,
	      "results that cannot be written are EFAULT, done is told");
	munmap(two, page);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void signals(void)
{
	static struct ffascope_call calls[FFASCOPE_MAX_CALLS];
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 50000 };
	struct ffascope_registers req = one(calls);
	int ret;

	for (int i = 0; i < FFASCOPE_MAX_CALLS; i++)
		calls[i].in[0] = ID_GET;
	req.count = FFASCOPE_MAX_CALLS;
	req.guard_ns = FFASCOPE_MAX_GUARD_NS;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	ret = request(&req);
	check(ret == EINTR && req.done > 0 && req.done < req.count,
	      "a signal ends a batch between two calls");
	check(calls[req.done - 1].end_ns && !calls[req.done].end_ns,
	      "what was made is returned, no more");
}

static void rights(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct ffascope_info info = { .size = sizeof(info) };
		int bad = 0;

		if (setgid(1000) || setuid(1000))
			_exit(9);
		/* A file that root opened and passed on. */
		bad |= !ioctl(fd, FFASCOPE_INFO, &info) || errno != EPERM;
		bad |= (call_fid(ID_GET, 0) != EPERM) << 1;
		bad |= (open("/dev/ffascope", O_RDWR) >= 0 || errno != EACCES) << 2;
		_exit(bad);
	}
	waitpid(pid, &status, 0);
	check(WIFEXITED(status) && !WEXITSTATUS(status),
	      "a user without CAP_SYS_ADMIN gets EPERM from everything");
}

int main(void)
{
	fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/ffascope");
		return 3;
	}

	info_requests();
	register_requests();
	identifiers();
	memory();
	signals();
	rights();
	processors();
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
