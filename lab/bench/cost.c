// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench-cost: measures the cost of a verdict and of cheaper alternatives. Runs in the VM; prints one
 * sample per line, "NAME VALUE". README.md describes the methods; `ffalab bench' runs it.
 *
 *   bench-cost rounds ROUNDS CALLS   a rejected and a forwarded call, each method in turn, ROUNDS times
 *   bench-cost parts TIMES CALLS     the same, broken down by step
 *   bench-cost cpus CALLS            verdicts and bare calls on every CPU of this machine
 *   bench-cost once FID              makes one call, without a verdict
 *   bench-cost by-hand TIMES AWK     one process per call, and awk on the trace's text
 *   bench-cost run NAME TIMES COMMAND...
 *                                    a process: time to its first line, to its exit, its memory
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cost.h"

/* A reader that runs longer has missed its marker; SIGALRM then ends the program. */
#define READ_LIMIT_S  60
#define NR_PROMPT     20
#define MAX_CPUS      8
#define LONG_GUARD_NS 20000 /* the former default */

/* ---- readers that discard the events ---- */

/* Reads as cat(1) does, up to the marker, and discards the data. */
static double read_away(void)
{
	static char buf[65536];
	const char *seen = NULL;
	double begin;
	ssize_t got;
	int fd;

	bench_put("write_event", BENCH_MARKER);
	alarm(READ_LIMIT_S);
	begin = bench_now_us();
	fd = open(BENCH_PIPE, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && !seen && (got = read(fd, buf, sizeof(buf))) > 0)
		seen = memmem(buf, (size_t)got, "id=" BENCH_MARKER, strlen("id=" BENCH_MARKER));
	if (!seen)
		bench_die(BENCH_PIPE ": no marker came");
	close(fd);
	alarm(0);
	return bench_now_us() - begin;
}

struct cat {
	pid_t pid;
	clockid_t clock;
	double last;
};

/* CPU time of the process, in us. */
static double cat_us(const struct cat *cat)
{
	struct timespec ts;

	if (clock_gettime(cat->clock, &ts))
		bench_die("cat " BENCH_PIPE " exited unexpectedly");
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void start_cat(struct cat *cat)
{
	cat->pid = fork();
	if (!cat->pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execlp("cat", "cat", BENCH_PIPE, NULL);
		_exit(127);
	}
	if (cat->pid < 0 || clock_getcpuclockid(cat->pid, &cat->clock))
		bench_die("no process for cat");
	/* Wait until it sleeps in read(2), to exclude its startup time. */
	usleep(300000);
	cat->last = cat_us(cat);
}

/* Lets it drain the buffer, polling every 100 ms. Returns the CPU time it used, in us. */
static double let_cat_read(struct cat *cat)
{
	double last = cat->last;

	usleep(250000);
	cat->last = cat_us(cat);
	return cat->last - last;
}

static void end_cat(const struct cat *cat)
{
	kill(cat->pid, SIGKILL);
	waitpid(cat->pid, NULL, 0);
}

/* ---- rounds ---- */

static void bare(const struct bench_kind *kind, unsigned int n)
{
	struct bench_loop loop;
	struct cat cat;
	double us;

	bench_loop_open(&loop, kind, n);
	bench_loop_run(&loop, BENCH_CPU);
	for (int i = 0; i < BENCH_NR_SAMPLES; i++)
		bench_say("loop-off", kind, bench_loop_run(&loop, BENCH_CPU) / n);

	bench_trace_on();
	for (int i = 0; i < BENCH_NR_SAMPLES; i++) {
		us = bench_loop_run(&loop, BENCH_CPU);
		bench_say("loop-on", kind, us / n);
		bench_say("read", kind, (us + read_away()) / n);
	}

	start_cat(&cat);
	for (int i = 0; i < BENCH_NR_SAMPLES; i++) {
		us = bench_loop_run(&loop, BENCH_CPU);
		bench_say("cat", kind, (us + let_cat_read(&cat)) / n);
	}
	end_cat(&cat);
	bench_trace_off();
	bench_loop_close(&loop);
}

static void judged(struct session *session, const struct bench_kind *kind, unsigned int n)
{
	unsigned int unknown = 0;
	uint64_t slack;
	int64_t offset;

	bench_verdicts(session, BENCH_CPU, kind, n, &unknown);
	for (int i = 0; i < BENCH_NR_SAMPLES; i++)
		bench_say("batch", kind, bench_verdicts(session, BENCH_CPU, kind, n, &unknown) / n);
	if (session_clock(session, &offset, &slack))
		bench_say("slack-ns", kind, (double)slack);
	for (int i = 0; i < NR_PROMPT; i++)
		bench_say("prompt", kind, bench_verdicts(session, BENCH_CPU, kind, 1, &unknown));

	session_set_guard(session, LONG_GUARD_NS);
	for (int i = 0; i < BENCH_NR_SAMPLES; i++)
		bench_say("batch-20us", kind,
			  bench_verdicts(session, BENCH_CPU, kind, n, &unknown) / n);
	session_set_guard(session, 0);
	bench_say("unknown", kind, unknown);
}

/*
 * Each round opens a session after the methods without one have run: the session's hooks would slow
 * down every other reader.
 */
static int rounds(int times, unsigned int n)
{
	bench_pin(BENCH_CPU);
	for (int i = 0; i < times; i++) {
		struct error err;
		struct session *session;

		bench_wait_for_quiet();
		for (size_t k = 0; k < BENCH_NR_KINDS; k++)
			bare(&bench_kinds[k], n);
		session = bench_session();
		for (size_t k = 0; k < BENCH_NR_KINDS; k++)
			judged(session, &bench_kinds[k], n);
		if (session_close(session, &err))
			bench_die("%s", err.text);
	}
	bench_wait_for_quiet();
	return 0;
}

/* ---- CPUs ---- */

struct runner {
	pthread_t thread;
	struct bench_loop loop;
	int cpu;
};

static void *run_loop(void *arg)
{
	struct runner *runner = arg;

	bench_pin(runner->cpu);
	bench_loop_run(&runner->loop, runner->cpu);
	return NULL;
}

/* n bare calls on each of the first CPUs, in parallel; returns the total time in us. */
static double together(const struct bench_kind *kind, int cpus, unsigned int n)
{
	struct runner runners[MAX_CPUS];
	double begin;

	for (int i = 0; i < cpus; i++) {
		runners[i].cpu = i;
		bench_loop_open(&runners[i].loop, kind, n);
	}
	begin = bench_now_us();
	for (int i = 0; i < cpus; i++) {
		if (pthread_create(&runners[i].thread, NULL, run_loop, &runners[i]))
			bench_die("pthread_create failed");
	}
	for (int i = 0; i < cpus; i++)
		pthread_join(runners[i].thread, NULL);
	begin = bench_now_us() - begin;
	for (int i = 0; i < cpus; i++)
		bench_loop_close(&runners[i].loop);
	return begin;
}

static void rate(const char *what, int cpus, const struct bench_kind *kind, double calls, double us)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-rate-%d", what, cpus);
	bench_say(name, kind, calls / us * 1e6);
}

static void rates(const struct bench_kind *kind, int nr, unsigned int n)
{
	unsigned int each = n / (unsigned int)nr, unknown = 0;
	struct error err;
	struct session *session;

	for (int i = 0; i < BENCH_NR_SAMPLES; i++)
		rate("loop", nr, kind, n * (unsigned int)nr, together(kind, nr, n));

	session = bench_session();
	bench_verdicts(session, BENCH_CPU, kind, n, &unknown);
	for (int i = 0; i < BENCH_NR_SAMPLES; i++) {
		double us = 0;

		rate("verdict", nr, kind, n, bench_verdicts(session, BENCH_CPU, kind, n, &unknown));
		/* Like `cpu all' in a script: one CPU after another. */
		for (int cpu = 0; cpu < nr; cpu++)
			us += bench_verdicts(session, cpu, kind, each, &unknown);
		rate("all", nr, kind, each * (unsigned int)nr, us);
		rate("at-once", nr, kind, n * (unsigned int)nr,
		     bench_verdicts_at_once(session, nr, kind, n, &unknown));
	}
	if (session_close(session, &err))
		bench_die("%s", err.text);
	bench_wait_for_quiet();
}

static int cpus(unsigned int n)
{
	int nr = (int)sysconf(_SC_NPROCESSORS_ONLN);

	for (size_t k = 0; k < BENCH_NR_KINDS; k++)
		rates(&bench_kinds[k], nr < MAX_CPUS ? nr : MAX_CPUS, n);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	if (!strcmp(verb, "rounds") && argc == 4)
		return rounds(atoi(argv[2]), (unsigned int)atoi(argv[3]));
	if (!strcmp(verb, "parts") && argc == 4)
		return bench_parts(atoi(argv[2]), (unsigned int)atoi(argv[3]));
	if (!strcmp(verb, "cpus") && argc == 3)
		return cpus((unsigned int)atoi(argv[2]));
	if (!strcmp(verb, "once") && argc == 3)
		return bench_once(strtoull(argv[2], NULL, 0));
	if (!strcmp(verb, "by-hand") && argc == 4)
		return bench_by_hand(atoi(argv[2]), argv[3]);
	if (!strcmp(verb, "run") && argc > 4) {
		for (int i = 0; i < atoi(argv[3]); i++)
			bench_run(argv[2], argv + 4);
		return 0;
	}
	fputs("bench-cost: wrong usage; see lab/bench/cost.c\n", stderr);
	return 2;
}
