// SPDX-License-Identifier: GPL-2.0-only
/* Measures processes: of ffascope, and of the equivalent without it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cost.h"

int bench_once(uint64_t fid)
{
	const struct bench_kind kind = { .fid = fid };
	struct bench_loop loop;

	bench_pin(BENCH_CPU);
	bench_loop_open(&loop, &kind, 1);
	bench_loop_run(&loop, BENCH_CPU);
	return 0;
}

/* Starts a process; *out is its stdout. */
static pid_t start(char *const *argv, int *out)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		bench_die("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0)
		bench_die("fork: %s", strerror(errno));
	close(fds[1]);
	*out = fds[0];
	return pid;
}

/* Waits for it; ends the program if it failed. Returns its peak memory in KiB. */
static long end(pid_t pid, const char *name)
{
	struct rusage used;
	int status;

	if (wait4(pid, &status, 0, &used) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		bench_die("%s failed", name);
	return used.ru_maxrss;
}

/* One call without ffascope: a program that makes it, and a script that reads the trace. */
static void by_hand_once(const struct bench_kind *kind, char *awk)
{
	char fid[32], text[64] = "";
	char *call[] = { "/proc/self/exe", "once", fid, NULL };
	char *script[] = { "awk", awk, BENCH_PIPE, NULL };
	double begin = bench_now_us();
	pid_t pid;
	int out;

	snprintf(fid, sizeof(fid), "%#llx", (unsigned long long)kind->fid);
	pid = start(call, &out);
	close(out);
	end(pid, call[0]);
	bench_put("write_event", BENCH_MARKER);
	pid = start(script, &out);
	if (read(out, text, sizeof(text) - 1) <= 0)
		bench_die("awk printed nothing");
	close(out);
	end(pid, script[0]);
	text[strcspn(text, "\n")] = '\0';
	if (strcmp(text, kind->name))
		bench_die("awk printed '%s' for a call that is %s", text, kind->name);
	bench_say("by-hand", kind, bench_now_us() - begin);
}

int bench_by_hand(int times, char *awk)
{
	bench_pin(BENCH_CPU);
	bench_wait_for_quiet();
	bench_trace_on();
	for (int i = 0; i < times; i++) {
		for (size_t k = 0; k < BENCH_NR_KINDS; k++)
			by_hand_once(&bench_kinds[k], awk);
	}
	bench_trace_off();
	return 0;
}

void bench_run(const char *name, char **argv)
{
	double begin, first = 0;
	char buf[4096];
	ssize_t got;
	pid_t pid;
	long kib;
	int out;

	bench_wait_for_quiet();
	begin = bench_now_us();
	pid = start(argv, &out);
	while ((got = read(out, buf, sizeof(buf))) > 0) {
		if (!first)
			first = bench_now_us() - begin;
	}
	close(out);
	kib = end(pid, argv[0]);
	printf("%s-first %.1f\n%s-whole %.1f\n%s-kib %ld\n", name, first, name,
	       bench_now_us() - begin, name, kib);
	fflush(stdout);
}
