// SPDX-License-Identifier: GPL-2.0-only
/*
 * load: keeps every CPU busy until it is killed, with a mix of work: arithmetic, system calls, page
 * faults, new processes, pipes between two processes, timers, and memory whose mapping changes under
 * several CPUs. Its processes end with it.
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define SLICE_NS    20000000
#define TOUCH_BYTES (1 << 20)

static volatile uint64_t sink;

static void arithmetic(void)
{
	for (uint64_t i = 0; i < 20000; i++)
		sink += i * i ^ sink >> 3;
}

static void system_calls(void)
{
	for (int i = 0; i < 200; i++)
		syscall(SYS_getppid);
}

static void page_faults(void)
{
	char *mem =
		mmap(NULL, TOUCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return;
	for (size_t i = 0; i < TOUCH_BYTES; i += 4096)
		mem[i] = 1;
	mprotect(mem, TOUCH_BYTES, PROT_READ);
	munmap(mem, TOUCH_BYTES);
}

static void processes(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void pipes(void)
{
	char byte = 0;
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		return;
	pid = fork();
	if (!pid) {
		close(fds[1]);
		while (read(fds[0], &byte, 1) == 1)
			sink += (uint64_t)byte;
		_exit(0);
	}
	close(fds[0]);
	for (int i = 0; pid > 0 && i < 50; i++) {
		if (write(fds[1], &byte, 1) != 1)
			break;
	}
	close(fds[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void timers(void)
{
	for (int i = 0; i < 10; i++) {
		const struct timespec ts = { .tv_nsec = 100000 };

		nanosleep(&ts, NULL);
		sched_yield();
	}
}

static void work(int cpu)
{
	static void (*const kinds[])(void) = {
		arithmetic, system_calls, page_faults, processes, pipes, timers,
	};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	for (unsigned int i = (unsigned int)cpu;; i++) {
		uint64_t end = clock_ns(CLOCK_MONOTONIC) + SLICE_NS;

		/* Fails while the CPU is offline; it may be back by now. */
		sched_setaffinity(0, sizeof(set), &set);
		do {
			kinds[i % (sizeof(kinds) / sizeof(kinds[0]))]();
		} while (clock_ns(CLOCK_MONOTONIC) < end);
	}
}

int main(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	for (int cpu = 0; cpu < cpus; cpu++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("load: fork");
			return 1;
		}
		if (!pid) {
			/* Processes started by a worker end on their own. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(cpu);
		}
	}
	for (;;)
		pause();
}
