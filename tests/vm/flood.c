// SPDX-License-Identifier: GPL-2.0-only
/*
 * flood FILE: until it is killed, writes markers to FILE (write_event) on every CPU, in bursts that
 * overflow a trace buffer of 7 KB. A marker is three events: the hypercall's enter, the marker, its
 * exit. Each CPU's markers have consecutive numbers, so that a reader can count those that are
 * missing: the CPU in bits 47:32, the number below. Its processes end with it.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define BURST	 300

/* Random pauses, so that bursts meet every phase of a batch of calls. */
#define LEAST_US 10000
#define MORE_US	 100000

static int flood(const char *path, int cpu)
{
	uint64_t number = 0;
	cpu_set_t set;
	char text[24];
	int fd, len;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || sched_setaffinity(0, sizeof(set), &set)) {
		perror(path);
		return 1;
	}
	srandom((unsigned int)getpid());
	for (;;) {
		for (int i = 0; i < BURST; i++) {
			len = snprintf(text, sizeof(text), "%llu\n",
				       (unsigned long long)cpu << 32 | ++number);
			if (pwrite(fd, text, (size_t)len, 0) != len) {
				perror(path);
				return 1;
			}
		}
		usleep(LEAST_US + (unsigned int)random() % MORE_US);
	}
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;

	if (argc != 2 || sched_getaffinity(0, sizeof(cpus), &cpus))
		return 2;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		pid_t pid = CPU_ISSET(cpu, &cpus) ? fork() : -1;

		if (!pid)
			_exit(flood(argv[1], cpu));
	}
	for (;;)
		pause();
}
