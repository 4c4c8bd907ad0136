// SPDX-License-Identifier: GPL-2.0-only
/*
 * module-abi [PARTITION]: checks /dev/ffascope against ffascope.h, request by request. With an
 * endpoint ID, checks only arm_ffa's operations, on a kernel where that partition can send
 * notifications. Prints a line per check, then "N passed, N failed".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ffascope.h"

#define ID_GET	     0x84000069
#define VERSION	     0x84000063
#define MEM_OP_PAUSE 0x84000078

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
	check(info.abi_version == FFASCOPE_ABI_VERSION, "INFO returns the ABI version");
	check(info.max_calls == FFASCOPE_MAX_CALLS, "INFO returns the largest batch");
	check(info.ffa_version >= 0x10001, "INFO returns the version that arm_ffa negotiated");

	info.size = sizeof(info);
	info.flags = 1;
	check(ioctl(fd, FFASCOPE_INFO, &info) && errno == EINVAL, "unknown flags are refused");

	info = (struct ffascope_info){ .size = 8 };
	check(ioctl(fd, FFASCOPE_INFO, &info) && errno == EINVAL,
	      "a size that differs from the ioctl number's is refused");

	check(!ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0, small), small),
	      "a shorter structure (older program) is accepted");
	check(!ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0, longer), &longer),
	      "a longer one is accepted if the rest is zero");
	longer.info.size = sizeof(longer);
	longer.info.flags = 0;
	longer.more = 1;
	check(ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0, longer), &longer) && errno == E2BIG,
	      "a longer one is refused if the rest is not zero");

	check(ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 0x55, info), &info) && errno == ENOTTY,
	      "an unknown request is ENOTTY");
	check(ioctl(fd, _IOWR('T', 0, info), &info) && errno == ENOTTY,
	      "a request of another device is ENOTTY");
	check(ioctl(fd, _IO(FFASCOPE_IOC_MAGIC, 0), &info) && errno == ENOTTY,
	      "a request without a size is ENOTTY");
	check(ioctl(fd, FFASCOPE_INFO, NULL) && errno == EFAULT, "a null pointer is EFAULT");
}

/* Refuses the request as a whole: done and bad say so. */
static void refused(struct ffascope_registers req, const char *what)
{
	req.done = req.bad = 77;
	check(request(&req) == EINVAL && req.bad == UINT32_MAX && !req.done, what);
}

static void register_requests(void)
{
	struct ffascope_call calls[3] = { { .in = { ID_GET } },
					  { .in = { ID_GET } },
					  { .in = { 0 } } };
	struct ffascope_registers req = one(calls);

	check(!request(&req) && req.done == 1, "a call is made");
	check((uint32_t)calls[0].out[0] == 0x84000061, "FFA_ID_GET succeeds");
	check(calls[0].end_ns > calls[0].begin_ns && calls[0].begin_ns, "the call has its times");

	req = one(calls);
	req.guard_ns = FFASCOPE_MAX_GUARD_NS;
	check(!request(&req), "the longest pause is accepted");
	req = one(calls);
	req.guard_ns = FFASCOPE_MAX_GUARD_NS + 1;
	refused(req, "a longer pause is refused");
	req = one(calls);
	req.flags = FFASCOPE_REGISTERS_IRQS_ON;
	check(!request(&req) && (uint32_t)calls[0].out[0] == 0x84000061,
	      "a call is made with interrupts on");
	req = one(calls);
	req.flags = FFASCOPE_REGISTERS_BUFFERS << 1;
	refused(req, "unknown flags are refused");
	req = one(calls);
	req.flags = FFASCOPE_REGISTERS_BUFFERS;
	check(request(&req) == EACCES && !req.done, "arm_ffa's buffers need unsafe=1");
	req = one(calls);
	req.tx_len = 1;
	refused(req, "bytes for a buffer without the flag are refused");
	req = one(calls);
	req.count = 2;
	req.limit_us = 10000000;
	check(!request(&req) && req.done == 2, "a limit that is not reached does not matter");
	req.guard_ns = FFASCOPE_MAX_GUARD_NS;
	req.limit_us = 1;
	check(!request(&req) && req.done == 1, "after the limit no call begins");
	req = one(calls);
	req.count = 0;
	refused(req, "zero calls are refused");
	req = one(calls);
	req.count = FFASCOPE_MAX_CALLS + 1;
	refused(req, "too many calls are refused");
	req = one(calls);
	req.count = UINT32_MAX;
	refused(req, "far too many calls are refused");
	req = one(calls);
	req.cpu = -2;
	refused(req, "CPU -2 is refused");
	req = one(NULL);
	req.bad = 77;
	check(request(&req) == EFAULT && req.bad == UINT32_MAX, "calls at address 0 are EFAULT");

	calls[1].out[0] = 0x1234;
	req = one(calls);
	req.count = 3;
	check(request(&req) == EINVAL && req.bad == 2 && !req.done && calls[1].out[0] == 0x1234,
	      "an invalid last call: its index is returned and no call is made");
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
					   0xc4000073, 0x84000077, 0x84000079, 0x8400007b,
					   0x84000084, 0x84000088, 0xc4000089, 0x8400008f };
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
		      "it needs unsafe=1 with bit 40 set");
		check(call_fid(unsafe[i] | 1 << 16, 0) == EACCES,
		      "it needs unsafe=1 with the SVE hint");
	}
	check(call_fid(MEM_OP_PAUSE, 1) == EACCES, "MEM_OP_PAUSE of a handle needs unsafe=1");
	check(call_fid(MEM_OP_PAUSE, 0) == 0, "MEM_OP_PAUSE of no handle does not");
	check(call_fid(VERSION, 0x10001) == EACCES, "a lower version needs unsafe=1");
	check(call_fid(VERSION, 0x10002) == 0, "the same version does not");
	check(call_fid(VERSION, 0x10003) == EACCES, "a higher version needs unsafe=1");
	check(call_fid(VERSION, 0x80010002) == EACCES, "and so does a version with bit 31 set");
	check(call_fid(0x840000ff, 0) == 0, "the highest function number is accepted");
	check(call_fid(ID_GET | 1ULL << 32, 0) == 0, "the upper half of x0 is not checked");
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
	check(!request(&req) && call.cpu == 0, "a call is made on the requested CPU");
	req = one(&call);
	req.cpu = 1;
	check(request(&req) == EXDEV && !req.done, "a call for another CPU is not made");
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
	check(!request(&req), "a call at the end of mapped memory is made");
	req = one(calls);
	req.count = 2;
	check(request(&req) == EFAULT, "one call beyond mapped memory is EFAULT");
	mprotect(two, page, PROT_READ);
	req = one(calls);
	check(request(&req) == EFAULT && req.done == 1,
	      "results that cannot be written are EFAULT, done is returned");
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
	bool ended = false;

	sigaction(SIGALRM, &action, NULL);
	/* On a busy machine the signal may come before the first call. */
	for (int tries = 0; tries < 50 && !ended; tries++) {
		req = one(calls);
		req.count = FFASCOPE_MAX_CALLS;
		req.guard_ns = FFASCOPE_MAX_GUARD_NS;
		for (int i = 0; i < FFASCOPE_MAX_CALLS; i++)
			calls[i] = (struct ffascope_call){ .in = { ID_GET } };
		setitimer(ITIMER_REAL, &soon, NULL);
		ended = request(&req) == EINTR && req.done > 0 && req.done < req.count;
	}
	check(ended, "a signal ends a batch between two calls");
	check(ended && calls[req.done - 1].end_ns && !calls[req.done].end_ns,
	      "only the calls made are returned");
}

static struct ffascope_driver op(uint32_t what, uint32_t partition, uint32_t id)
{
	return (struct ffascope_driver){
		.size = sizeof(struct ffascope_driver),
		.op = what,
		.partition = partition,
		.id = id,
		.cpu = -1,
	};
}

static int drive_by(int file, struct ffascope_driver req)
{
	return ioctl(file, FFASCOPE_DRIVER, &req) ? errno : req.status;
}

static int drive(struct ffascope_driver req)
{
	return drive_by(fd, req);
}

static void bad_driver_requests(void)
{
	struct {
		struct ffascope_driver req;
		uint64_t more;
	} longer = { .req = op(FFASCOPE_DRIVER_QUERY, 0, 0) };
	struct {
		uint32_t size, flags, op, partition, id, vcpu;
		int32_t cpu;
	} shorter = { .size = sizeof(shorter), .op = FFASCOPE_DRIVER_QUERY, .cpu = -1 };
	struct ffascope_info info = { .size = sizeof(info) };
	struct ffascope_driver req;

	ioctl(fd, FFASCOPE_INFO, &info);
	check(info.features & FFASCOPE_FEATURE_DRIVER, "INFO reports the DRIVER feature");

	check(drive(op(FFASCOPE_DRIVER_QUERY, 0, 0)) == 0, "the host's own ID can be queried");
	check(!ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 2, shorter), &shorter),
	      "a shorter DRIVER is accepted");
	longer.req.size = sizeof(longer);
	check(!ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 2, longer), &longer),
	      "a longer DRIVER is accepted if the rest is zero");
	longer.req = op(FFASCOPE_DRIVER_QUERY, 0, 0);
	longer.req.size = sizeof(longer);
	longer.more = 1;
	check(ioctl(fd, _IOWR(FFASCOPE_IOC_MAGIC, 2, longer), &longer) && errno == E2BIG,
	      "a longer DRIVER is refused if the rest is not zero");
	check(ioctl(fd, FFASCOPE_DRIVER, NULL) && errno == EFAULT, "DRIVER at address 0: EFAULT");
	check(drive((struct ffascope_driver){ .size = 8 }) == EINVAL,
	      "DRIVER with a size that differs from the ioctl number's is refused");

	for (uint32_t what = FFASCOPE_DRIVER_REQUEST; what <= FFASCOPE_DRIVER_PARTITIONS; what++) {
		char text[80];

		for (unsigned int bit = 3; bit < 32; bit++) {
			req = op(what, 0, 0);
			req.flags = 1u << bit;
			snprintf(text, sizeof(text), "operation %u: flag %u is refused", what, bit);
			check(drive(req) == EINVAL, text);
		}
		snprintf(text, sizeof(text), "operation %u: values out of range are refused", what);
		req = op(what, 0x10000, 0);
		check(drive(req) == EINVAL, text);
		req = op(what, 0, 64);
		check(drive(req) == EINVAL, text);
		req = op(what, 0, UINT32_MAX);
		check(drive(req) == EINVAL, text);
		req = op(what, 0, 0);
		req.cpu = -2;
		check(drive(req) == EINVAL, text);
		req = op(what, 0, 0);
		req.guard_ns = FFASCOPE_MAX_GUARD_NS + 1;
		check(drive(req) == EINVAL, text);
		req = op(what, 0, 0);
		req.vcpu = 1;
		check(drive(req) == EINVAL, "a vCPU without its flag is refused");
		req = op(what, 0, 0);
		req.uuid[15] = 1;
		check(drive(req) == EINVAL, "a UUID without its flag is refused");
		req = op(what, 0, 0);
		req.data[what == FFASCOPE_DRIVER_DIRECT ? 5 : 0] = 1;
		if (what != FFASCOPE_DRIVER_DIRECT2)
			check(drive(req) == EINVAL, "unused data is refused");
		if (what != FFASCOPE_DRIVER_PARTITIONS) {
			req = op(what, 0, 0);
			req.flags = FFASCOPE_DRIVER_UUID;
			req.uuid[0] = 0x77;
			check(drive(req) == ENODEV, "no device has this UUID");
			check(drive(op(what, 0x7ffe, 0)) == ENODEV, "no such partition");
		}
	}
	check(drive(op(FFASCOPE_DRIVER_PARTITIONS, 0x7ffe, 0)) == 0,
	      "PARTITIONS works through any device");
	check(drive(op(0, 0, 0)) == EINVAL && drive(op(8, 0, 0)) == EINVAL &&
		      drive(op(UINT32_MAX, 0, 0)) == EINVAL,
	      "an unknown operation is refused");
	req = op(FFASCOPE_DRIVER_SEND, 0, 0);
	req.flags = FFASCOPE_DRIVER_PER_VCPU;
	req.vcpu = 0x10000;
	check(drive(req) == EINVAL, "a vCPU of more than 16 bits is refused");
	req = op(FFASCOPE_DRIVER_RELINQUISH, 0, 1);
	req.flags = FFASCOPE_DRIVER_PER_VCPU;
	check(drive(req) == EINVAL, "a flag of another operation is refused");
	req.flags = FFASCOPE_DRIVER_FOREIGN;
	check(drive(req) == EACCES, "FOREIGN needs unsafe=1");
	check(drive(op(FFASCOPE_DRIVER_RELINQUISH, 0, 1)) == ENOENT,
	      "an ID that was not requested cannot be relinquished");
}

static void reading(void)
{
	struct ffascope_notification note;
	struct pollfd poll_fd = { .events = POLLIN };
	int file = open("/dev/ffascope", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	poll_fd.fd = file;
	check(read(file, &note, sizeof(note) - 1) < 0 && errno == EINVAL,
	      "a buffer for less than one notification is refused");
	check(read(file, &note, sizeof(note)) < 0 && errno == EAGAIN,
	      "O_NONBLOCK: nothing to read is EAGAIN");
	check(poll(&poll_fd, 1, 0) == 0, "poll() reports nothing to read");
	check(write(file, &note, sizeof(note)) < 0 && errno == EINVAL, "write() is refused");
	close(file);
}

/* On a kernel where the partition can be bound: ownership and release of notifications. */
static void ownership(uint32_t partition)
{
	struct ffascope_driver look = op(FFASCOPE_DRIVER_QUERY, partition, 0);
	int other = open("/dev/ffascope", O_RDWR | O_CLOEXEC), third;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ffascope_driver *locked =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	check(!ioctl(fd, FFASCOPE_DRIVER, &look) && look.result & FFASCOPE_RESULT_NOTIFICATIONS,
	      "arm_ffa has notifications enabled");
	check(drive(op(FFASCOPE_DRIVER_REQUEST, partition, 40)) == 0, "a notification is bound");
	check(drive(op(FFASCOPE_DRIVER_REQUEST, partition, 40)) == EBUSY, "not twice");
	check(drive_by(other, op(FFASCOPE_DRIVER_REQUEST, partition, 40)) == EBUSY,
	      "another file cannot bind it");
	check(drive_by(other, op(FFASCOPE_DRIVER_RELINQUISH, partition, 40)) == ENOENT,
	      "another file cannot relinquish it");
	check(drive(op(FFASCOPE_DRIVER_RELINQUISH, partition, 40)) == 0,
	      "its own file can relinquish it");
	check(drive(op(FFASCOPE_DRIVER_RELINQUISH, partition, 40)) == ENOENT, "once");
	check(drive_by(other, op(FFASCOPE_DRIVER_REQUEST, partition, 40)) == 0,
	      "then another file can bind it");

	third = dup(other);
	close(other);
	check(drive(op(FFASCOPE_DRIVER_REQUEST, partition, 40)) == EBUSY,
	      "a file that is open twice keeps it when one is closed");
	close(third);
	check(drive(op(FFASCOPE_DRIVER_REQUEST, partition, 40)) == 0,
	      "the last close relinquishes it");

	*locked = op(FFASCOPE_DRIVER_REQUEST, partition, 41);
	mprotect(locked, page, PROT_READ);
	check(ioctl(fd, FFASCOPE_DRIVER, locked) && errno == EFAULT,
	      "an answer that cannot be written is EFAULT");
	check(drive(op(FFASCOPE_DRIVER_REQUEST, partition, 41)) == 0,
	      "what was bound is relinquished");
	munmap(locked, page);

	pid = fork();
	if (!pid) {
		int mine = open("/dev/ffascope", O_RDWR | O_CLOEXEC);

		for (uint32_t id = 42; id < 64; id++)
			drive_by(mine, op(FFASCOPE_DRIVER_REQUEST, partition, id));
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
	check(drive(op(FFASCOPE_DRIVER_REQUEST, partition, 42)) == 0 &&
		      drive(op(FFASCOPE_DRIVER_REQUEST, partition, 63)) == 0,
	      "a process that is killed leaves nothing bound");
	for (uint32_t id = 40; id < 64; id++)
		drive(op(FFASCOPE_DRIVER_RELINQUISH, partition, id));
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
		/* An inherited file that root opened. */
		bad |= !ioctl(fd, FFASCOPE_INFO, &info) || errno != EPERM;
		bad |= (call_fid(ID_GET, 0) != EPERM) << 1;
		bad |= (open("/dev/ffascope", O_RDWR) >= 0 || errno != EACCES) << 2;
		bad |= (drive(op(FFASCOPE_DRIVER_QUERY, 0, 0)) != EPERM) << 3;
		bad |= (read(fd, &info, sizeof(info)) >= 0 || errno != EPERM) << 4;
		_exit(bad);
	}
	waitpid(pid, &status, 0);
	check(WIFEXITED(status) && !WEXITSTATUS(status),
	      "a user without CAP_SYS_ADMIN gets EPERM from everything");
}

int main(int argc, char **argv)
{
	fd = open("/dev/ffascope", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/ffascope");
		return 3;
	}

	if (argc > 1) {
		ownership((uint32_t)strtoul(argv[1], NULL, 0));
	} else {
		info_requests();
		register_requests();
		identifiers();
		memory();
		bad_driver_requests();
		reading();
		signals();
		rights();
		processors();
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
