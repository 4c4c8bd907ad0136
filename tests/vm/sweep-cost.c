// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep-cost N: compares the cost of a sweep with the same calls in one loop in the module, without
 * pauses and with a trace that is on and drained by cat(1) but not interpreted. Runs each N times and
 * prints the fastest in us, and separately the time before and after a sweep: opening and closing
 * the session.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device/device.h"
#include "ffa/catalogue.h"
#include "session/session.h"
#include "sweep/sweep.h"
#include "command/sweep_port.h"

#define TRACE  "/sys/kernel/tracing/remotes/hypervisor/"
#define MARKER "424242"
#define CPU    0

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static void put(const char *file, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), TRACE "%s", file);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		fprintf(stderr, "sweep-cost: %s: %s\n", path, strerror(errno));
		exit(3);
	}
	close(fd);
}

/* The output of cat, up to the marker. */
static void *read_all(void *ctx)
{
	char buf[65536 + 1];
	size_t kept = 0;
	ssize_t got;

	while ((got = read(*(int *)ctx, buf + kept, sizeof(buf) - 1 - kept)) > 0) {
		kept += (size_t)got;
		buf[kept] = '\0';
		if (strstr(buf, "id=" MARKER))
			return ctx;
		/* The marker may be split across two reads. */
		if (kept > 64) {
			memmove(buf, buf + kept - 64, 64);
			kept = 64;
		}
	}
	return NULL;
}

static pid_t start_cat(int *out)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		exit(5);
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		execlp("cat", "cat", TRACE "trace_pipe", NULL);
		_exit(127);
	}
	close(fds[1]);
	*out = fds[0];
	return pid;
}

static void plan(struct sweep *sweep)
{
	const struct sweep_machine machine = {
		.cpus = 2,
		.partition = 0x8001,
		.order = SWEEP_ORDER,
	};
	const struct ffa_call *call;
	struct error err;

	*sweep = (struct sweep){ .version = FFA_VERSION_1_2 };
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (sweep_is_default(call, sweep->version) &&
		    sweep_add(sweep, call, &machine, NULL, 0, true, &err))
			exit(5);
	}
}

/* ---- a sweep ---- */

struct port {
	struct sweep_calls tool; /* makes them as the tool does */
	unsigned int calls, batches;
};

static int port_call(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		     struct sweep_result *out)
{
	struct port *port = ctx;

	port->calls += n;
	port->batches++;
	return sweep_calls_make(&port->tool, in, n, must, out);
}

/* The parts of a sweep in us: setup, the calls with their verdicts, teardown. */
struct cost {
	long long before, calls, after;
};

static unsigned int time_sweep(struct cost *cost, unsigned int *batches)
{
	const struct session_options opts = { .verb = "sweep", .guard_ns = SWEEP_GUARD_NS };
	struct port port = { .tool = { .cpu = CPU, .quick = true } };
	const struct sweep_port calls = { .ctx = &port, .call = port_call };
	long long begin = now_us(), opened, swept;
	struct error err;
	struct sweep sweep;

	if (session_open(&port.tool.session, &opts, &err)) {
		fprintf(stderr, "sweep-cost: %s\n", err.text);
		exit(3);
	}
	opened = now_us();
	plan(&sweep);
	if (sweep_run(&sweep, &calls))
		exit(5);
	swept = now_us();
	session_close(port.tool.session, &err);
	*cost = (struct cost){ opened - begin, swept - opened, now_us() - swept };

	for (size_t i = 0; i < sweep.nr_calls; i++) {
		size_t count[SWEEP_NR_CLASSES];

		sweep_count(&sweep.calls[i], count);
		if (count[SWEEP_UNKNOWN] || count[SWEEP_SKIPPED])
			printf("not whole: %s, %zu unknown: %s%s%s\n", sweep.calls[i].name,
			       count[SWEEP_UNKNOWN], sweep.calls[i].moved, sweep.calls[i].left,
			       sweep.calls[i].skipped);
	}
	sweep_free(&sweep);
	*batches = port.batches;
	return port.calls;
}

/* ---- the loop ---- */

/* Controls and probes, in the order of a sweep. */
static struct ffascope_call *list_calls(unsigned int *n)
{
	struct ffascope_call *calls;
	struct sweep sweep;
	size_t max = 0;

	plan(&sweep);
	for (size_t i = 0; i < sweep.nr_calls; i++)
		max += 1 + sweep.calls[i].nr_probes;
	calls = calloc(max, sizeof(*calls));
	if (!calls)
		exit(5);

	*n = 0;
	for (size_t i = 0; i < sweep.nr_calls; i++) {
		const struct sweep_call *sc = &sweep.calls[i];

		memcpy(calls[(*n)++].in, sc->in.x, sizeof(sc->in.x));
		for (size_t p = 0; p < sc->nr_probes; p++) {
			struct ffa_regs regs;

			sweep_probe_regs(sc, &sc->probes[p], &regs);
			memcpy(calls[(*n)++].in, regs.x, sizeof(regs.x));
		}
	}
	sweep_free(&sweep);
	return calls;
}

static unsigned int time_loop(struct cost *cost)
{
	long long begin = now_us(), started, made;
	struct error err;
	struct device *device;
	struct ffascope_call *calls;
	unsigned int n, done;
	pthread_t reader;
	void *found;
	int bad, out;
	pid_t cat;

	if (device_open(&device, NULL, &err)) {
		fprintf(stderr, "sweep-cost: %s\n", err.text);
		exit(3);
	}
	calls = list_calls(&n);
	put("buffer_size_kb", "1024");
	put("events/enable", "1");
	put("tracing_on", "1");
	cat = start_cat(&out);
	if (pthread_create(&reader, NULL, read_all, &out))
		exit(5);
	started = now_us();

	if (device_call(device, calls, n, CPU, 0, &done, &bad, &err) || done != n) {
		fprintf(stderr, "sweep-cost: %u of %u calls: %s\n", done, n, err.text);
		exit(5);
	}
	put("write_event", MARKER);
	pthread_join(reader, &found);
	made = now_us();

	kill(cat, SIGKILL);
	waitpid(cat, NULL, 0);
	close(out);
	put("tracing_on", "0");
	put("trace", "0");
	put("events/enable", "0");
	put("buffer_size_kb", "7");
	device_close(device);
	free(calls);
	*cost = (struct cost){ started - begin, made - started, now_us() - made };
	if (!found)
		exit(5);
	return n;
}

static void keep_least(struct cost *best, const struct cost *cost)
{
	if (cost->before < best->before)
		best->before = cost->before;
	if (cost->calls < best->calls)
		best->calls = cost->calls;
	if (cost->after < best->after)
		best->after = cost->after;
}

int main(int argc, char **argv)
{
	struct cost sweep = { LLONG_MAX, LLONG_MAX, LLONG_MAX }, loop = sweep, cost;
	int times = argc > 1 ? atoi(argv[1]) : 0;
	unsigned int in_sweep = 0, in_loop = 0, batches = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(CPU, &set);
	if (times < 1 || sched_setaffinity(0, sizeof(set), &set))
		return 2;

	for (int i = 0; i < times; i++) {
		in_sweep = time_sweep(&cost, &batches);
		keep_least(&sweep, &cost);
		in_loop = time_loop(&cost);
		keep_least(&loop, &cost);
	}
	printf("sweep: %u calls in %u batches, %lld us; before %lld us, after %lld us\n", in_sweep,
	       batches, sweep.calls, sweep.before, sweep.after);
	printf("loop: %u calls, %lld us; before %lld us, after %lld us\n", in_loop, loop.calls,
	       loop.before, loop.after);
	return 0;
}
