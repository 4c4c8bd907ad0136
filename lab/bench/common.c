// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cost.h"
#include "ffa/version.h"
#include "report/report.h"

#define BUFFER_KB "4096"

const struct bench_kind bench_kinds[BENCH_NR_KINDS] = {
	{ "rejected", 0x84000082 /* NOTIFICATION_GET */, VERDICT_REJECTED },
	{ "forwarded", 0x84000069 /* ID_GET */, VERDICT_FORWARDED },
};

void __attribute__((noreturn, format(printf, 1, 2))) bench_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("bench-cost: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(5);
}

double bench_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

void bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_die("CPU %d: %s", cpu, strerror(errno));
}

void bench_put(const char *file, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), BENCH_TRACE "%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bench_die("%s: %s", path, strerror(errno));
	close(fd);
}

void bench_trace_on(void)
{
	bench_put("buffer_size_kb", BUFFER_KB);
	bench_put("events/enable", "1");
	bench_put("tracing_on", "1");
}

void bench_trace_off(void)
{
	bench_put("tracing_on", "0");
	bench_put("trace", "0");
	bench_put("events/enable", "0");
	bench_put("buffer_size_kb", "7");
}

void bench_say(const char *what, const struct bench_kind *kind, double us)
{
	printf("%s.%s %.4f\n", what, kind->name, us);
	fflush(stdout);
}

/* ---- the bare loop in the module ---- */

void bench_loop_open(struct bench_loop *loop, const struct bench_kind *kind, unsigned int n)
{
	struct error err;

	if (device_open(&loop->device, NULL, &err))
		bench_die("%s", err.text);
	loop->n = n;
	loop->batch = n < FFASCOPE_MAX_CALLS ? n : FFASCOPE_MAX_CALLS;
	loop->calls = calloc(loop->batch, sizeof(*loop->calls));
	if (!loop->calls)
		bench_die("out of memory");
	for (unsigned int i = 0; i < loop->batch; i++)
		loop->calls[i].in[0] = kind->fid;
}

void bench_loop_close(struct bench_loop *loop)
{
	device_close(loop->device);
	free(loop->calls);
}

double bench_loop_run(struct bench_loop *loop, int cpu)
{
	double begin = bench_now_us();
	struct error err;
	unsigned int done = 0;
	int bad;

	for (unsigned int made = 0; made < loop->n; made += done) {
		unsigned int now = loop->n - made < loop->batch ? loop->n - made : loop->batch;

		if (device_call(loop->device, loop->calls, now, cpu, 0, &done, &bad, &err))
			bench_die("%s", err.text);
	}
	return bench_now_us() - begin;
}

/* ---- verdicts ---- */

struct tally {
	struct report *report;
	enum verdict_kind kind;
	unsigned int right, n;
};

static void take(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct tally *tally = ctx;

	(void)tag;
	tally->n++;
	tally->right += v->kind == tally->kind;
	report_call(tally->report, call, v);
}

struct session *bench_session(void)
{
	const struct session_options opts = { .verb = "call" };
	struct error err;
	struct session *session;

	if (session_open(&session, &opts, &err))
		bench_die("%s", err.text);
	if (session_note(session))
		bench_die("%s", session_note(session));
	return session;
}

/* Makes and counts verdicts as `call --count' does. Returns the total time in us. */
static struct report *new_report(void)
{
	const struct report_options opts = {
		.out = stdout,
		.summary_only = true,
		.ffa_version = FFA_VERSION_1_2,
	};
	struct report *report = report_new(&report_text, &opts);

	if (!report)
		bench_die("out of memory");
	return report;
}

/* Checks the verdicts of n calls, and ends the report. */
static void check_tally(struct tally *tally, const struct bench_kind *kind, unsigned int n,
			unsigned int *unknown)
{
	if (tally->n != n || tally->right + report_unknown(tally->report) != n)
		bench_die("%u of %u calls, %u %s", tally->n, n, tally->right, kind->name);
	*unknown += (unsigned int)report_unknown(tally->report);
	report_free(tally->report);
}

double bench_verdicts(struct session *session, int cpu, const struct bench_kind *kind,
		      unsigned int n, unsigned int *unknown)
{
	struct tally tally = { .report = new_report(), .kind = kind->verdict };
	struct ffa_regs in = { .x = { kind->fid } };
	struct error err;
	double begin;
	int bad;

	verdict_add_canaries(&in);
	begin = bench_now_us();
	if (session_call(session, cpu, &in, 1, n, &bad, take, &tally, &err))
		bench_die("%s", err.text);
	begin = bench_now_us() - begin;
	check_tally(&tally, kind, n, unknown);
	return begin;
}

double bench_verdicts_at_once(struct session *session, int cpus, const struct bench_kind *kind,
			      unsigned int n, unsigned int *unknown)
{
	struct tally tally = { .report = new_report(), .kind = kind->verdict };
	struct ffa_regs in = { .x = { kind->fid } };
	struct session_lane lanes[8];
	struct error err;
	double begin;

	verdict_add_canaries(&in);
	for (int i = 0; i < cpus && i < 8; i++)
		lanes[i] = (struct session_lane){
			.cpu = i, .in = &in, .n = 1, .repeat = n, .ctx = &tally
		};
	begin = bench_now_us();
	if (session_call_parallel(session, lanes, (unsigned int)cpus, take, &err))
		bench_die("%s", err.text);
	begin = bench_now_us() - begin;
	check_tally(&tally, kind, n * (unsigned int)cpus, unknown);
	return begin;
}

/* A background process detaches the hooks (cli/hyp/trace.c) and keeps the kernel busy meanwhile. */
static bool hooks_held(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool held = false;

	while (proc && !held && (entry = readdir(proc))) {
		char path[300], name[32] = "";
		int pid = atoi(entry->d_name), fd;

		if (!pid || pid == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		held = read(fd, name, sizeof(name) - 1) > 0 &&
		       (!strcmp(name, "bench-cost\n") || !strcmp(name, "ffascope\n"));
		close(fd);
	}
	if (proc)
		closedir(proc);
	return held;
}

void bench_wait_for_quiet(void)
{
	for (int i = 0; i < 200 && hooks_held(); i++)
		usleep(20000);
	usleep(100000);
}
