// SPDX-License-Identifier: GPL-2.0-only
/* One run with the hypervisor's trace: on, attached, drained marker by marker, and off again. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "ffascope.skel.h"
#include "hyp/internal.h"

#define DEFAULT_RUN_DIR	  "/run/ffascope"
#define DEFAULT_BUFFER_KB 256

/* A blocked read is looked after this often. */
#define TICK_US		  20000

/* A signal in mid-load ends it with EAGAIN; libbpf itself tries five times in a row. */
#define LOAD_TRIES	  20

struct hyp_trace {
	struct hyp_layout layout;
	struct hyp_settings found;
	struct hyp_settings now;
	const char *run_dir;
	unsigned int ring_bytes;
	const volatile int *stop;
	int lock_fd;
	int marker_fd;
	bool saved;
	bool handles_alarm;
	struct sigaction old_alarm;
	enum hyp_reader reader;
	struct ffascope_bpf *bpf;
	struct ring_buffer *ring;
	uint64_t next_marker;

	/* Of the drain that is going on. */
	hyp_event_fn fn;
	void *ctx;
	struct hyp_marker *from, *until;
	int ret;

	char text[65536];
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Switching on sleeps for 100 ms in the kernel while BPF loads. */
struct switching {
	struct hyp_trace *trace;
	unsigned int buffer_kb;
	struct hyp_error err;
	int ret;
};

static void *switch_on(void *arg)
{
	struct switching *sw = arg;

	sw->ret =
		hyp_settings_apply(&sw->trace->layout, &sw->trace->found, sw->buffer_kb, &sw->err);
	return NULL;
}

static int take_event(void *ctx, void *data, size_t size)
{
	struct hyp_trace *trace = ctx;
	const struct hyp_event *ev = data;

	if (size < sizeof(*ev))
		return 0;

	if (ev->type == HYP_EVENT_SELFTEST) {
		if (trace->from && ev->id == trace->from->id)
			trace->from->ts = ev->ts;
		if (trace->until && ev->id == trace->until->id)
			trace->until->ts = ev->ts;
	}

	if (!trace->ret && trace->fn)
		trace->ret = trace->fn(trace->ctx, ev);
	return 0;
}

static int load_bpf_once(struct hyp_trace *trace, enum hyp_reader reader)
{
	bool kprobe = reader == HYP_READER_KPROBE;
	struct ffascope_bpf *bpf = ffascope_bpf__open();
	int ret;

	if (!bpf)
		return -errno;

	bpf_program__set_autoload(bpf->progs.fentry_hyp_enter, !kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_hyp_exit, !kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_selftest, !kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_hyp_enter, kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_hyp_exit, kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_selftest, kprobe);

	ret = trace->ring_bytes ? bpf_map__set_max_entries(bpf->maps.events, trace->ring_bytes) : 0;
	if (!ret)
		ret = ffascope_bpf__load(bpf);
	if (!ret)
		ret = ffascope_bpf__attach(bpf);
	if (ret) {
		ffascope_bpf__destroy(bpf);
		return ret;
	}

	trace->ring = ring_buffer__new(bpf_map__fd(bpf->maps.events), take_event, trace, NULL);
	if (!trace->ring) {
		ret = -errno;
		ffascope_bpf__destroy(bpf);
		return ret;
	}

	trace->bpf = bpf;
	trace->reader = reader;
	return 0;
}

static int load_bpf(struct hyp_trace *trace, enum hyp_reader reader)
{
	int ret = -EAGAIN;

	for (int i = 0; i < LOAD_TRIES && ret == -EAGAIN && !(trace->stop && *trace->stop); i++)
		ret = load_bpf_once(trace, reader);
	return ret;
}

static int attach(struct hyp_trace *trace, struct hyp_error *err)
{
	int fentry, kprobe;

	libbpf_set_print(NULL);

	fentry = load_bpf(trace, HYP_READER_FENTRY);
	if (!fentry)
		return 0;

	kprobe = load_bpf(trace, HYP_READER_KPROBE);
	if (!kprobe)
		return 0;

	if (fentry == -EPERM || fentry == -EACCES)
		return hyp_fail(err, -EPERM,
				"BPF: %s. Run as root (CAP_BPF and CAP_PERFMON) and try again",
				strerror(-fentry));

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return hyp_fail(
			err, -ENOTSUP,
			"this kernel tells no types (/sys/kernel/btf/vmlinux is not there). Build it with CONFIG_DEBUG_INFO_BTF=y");

	return hyp_fail(
		err, -ENOTSUP,
		"BPF can attach neither by fentry (%s) nor by kprobe (%s). Build the kernel with CONFIG_BPF_SYSCALL=y, CONFIG_BPF_JIT=y and CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBES=y",
		strerror(-fentry), strerror(-kprobe));
}

/* Only there to end a read() that blocks. */
static void on_alarm(int sig)
{
	(void)sig;
}

static int start(struct hyp_trace *trace, unsigned int buffer_kb, struct hyp_error *err)
{
	struct sigaction alarm_action = { .sa_handler = on_alarm };
	struct switching sw = { .trace = trace, .buffer_kb = buffer_kb };
	char path[512];
	pthread_t thread;
	int ret;

	ret = hyp_settings_read(&trace->layout, &trace->found, err);
	if (!ret)
		ret = hyp_state_save(trace->run_dir, &trace->layout, &trace->found, err);
	if (ret)
		return ret;
	trace->saved = true;

	if (sigaction(SIGALRM, &alarm_action, &trace->old_alarm))
		return hyp_fail(err, -errno, "sigaction: %s", strerror(errno));
	trace->handles_alarm = true;

	ret = pthread_create(&thread, NULL, switch_on, &sw);
	if (ret)
		return hyp_fail(err, -ret, "pthread_create: %s", strerror(ret));
	ret = attach(trace, err);
	pthread_join(thread, NULL);
	if (sw.ret) {
		*err = sw.err;
		return sw.ret;
	}
	if (ret)
		return ret;

	snprintf(path, sizeof(path), "%s/write_event", trace->layout.root);
	trace->marker_fd = open(path, O_WRONLY | O_CLOEXEC);
	if (trace->marker_fd < 0)
		return hyp_fail(err, -errno, "%s: %s", path, strerror(errno));

	return hyp_settings_read(&trace->layout, &trace->now, err);
}

int hyp_open(struct hyp_trace **out, const struct hyp_options *opts, struct hyp_error *err)
{
	struct hyp_trace *trace;
	struct hyp_layout layout;
	int ret;

	ret = hyp_find(opts->tracefs, &layout, err);
	if (ret)
		return ret;

	trace = calloc(1, sizeof(*trace));
	if (!trace)
		return hyp_fail(err, -ENOMEM, "out of memory");

	trace->layout = layout;
	trace->run_dir = opts->run_dir ? opts->run_dir : DEFAULT_RUN_DIR;
	trace->ring_bytes = opts->ring_bytes;
	trace->stop = opts->stop;
	trace->marker_fd = -1;
	trace->next_marker = (uint64_t)getpid() << 32 | 1;

	trace->lock_fd = hyp_lock(trace->run_dir, err);
	ret = trace->lock_fd < 0 ? trace->lock_fd : hyp_state_repair(trace->run_dir, err);
	if (ret >= 0)
		ret = start(trace, opts->buffer_kb ? opts->buffer_kb : DEFAULT_BUFFER_KB, err);
	if (ret) {
		hyp_close(trace);
		return ret;
	}

	*out = trace;
	return 0;
}

#define NR_LINKS 3

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Closes every file but those of the n that are given. */
static void close_others(int *keep, size_t n)
{
	unsigned int next = 0;

	qsort(keep, n, sizeof(*keep), compare_fds);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned int)keep[i] > next)
			close_range(next, (unsigned int)keep[i] - 1, 0);
		next = (unsigned int)keep[i] + 1;
	}
	close_range(next, ~0U, 0);
}

/*
 * To detach a function that fentry hooks the kernel waits for grace periods of RCU tasks, 100 to
 * 200 ms for each function, one after the other, and who wants a verdict should not wait for that.
 * A process of its own keeps the links open until this one has closed them, and so is the one that
 * waits. Returns what to close then, -1 where it could not be done: all the same, only slower.
 */
static int hold_links(const struct ffascope_bpf *bpf)
{
	int keep[NR_LINKS + 1] = {
		bpf_link__fd(bpf->links.fentry_hyp_enter),
		bpf_link__fd(bpf->links.fentry_hyp_exit),
		bpf_link__fd(bpf->links.fentry_selftest),
	};
	int released[2];
	pid_t pid;
	char none;

	if (pipe2(released, O_CLOEXEC))
		return -1;
	keep[NR_LINKS] = released[0];

	pid = fork();
	if (!pid) {
		/* Nobody's child, and no member of the job that a signal ends. */
		if (fork())
			_exit(0);
		setsid();
		close_others(keep, NR_LINKS + 1);
		if (read(released[0], &none, 1))
			_exit(1);
		_exit(0);
	}

	close(released[0]);
	if (pid < 0) {
		close(released[1]);
		return -1;
	}
	waitpid(pid, NULL, 0);
	return released[1];
}

static void detach(struct hyp_trace *trace)
{
	int hold = -1;

	if (trace->bpf && trace->reader == HYP_READER_FENTRY)
		hold = hold_links(trace->bpf);
	ring_buffer__free(trace->ring);
	ffascope_bpf__destroy(trace->bpf);
	if (hold >= 0)
		close(hold);
}

int hyp_end(struct hyp_trace *trace, struct hyp_error *err)
{
	int ret = 0;

	if (!trace)
		return 0;

	detach(trace);
	if (trace->marker_fd >= 0)
		close(trace->marker_fd);
	if (trace->handles_alarm)
		sigaction(SIGALRM, &trace->old_alarm, NULL);
	/* Where it cannot be put back the state stays, for the next run to try. */
	if (trace->saved)
		ret = hyp_settings_restore(&trace->layout, &trace->found, err);
	if (trace->saved && !ret)
		hyp_state_drop(trace->run_dir);
	if (trace->lock_fd >= 0)
		close(trace->lock_fd);
	free(trace);
	return ret;
}

void hyp_close(struct hyp_trace *trace)
{
	struct hyp_error ignored;

	hyp_end(trace, &ignored);
}

enum hyp_reader hyp_reader(const struct hyp_trace *trace)
{
	return trace->reader;
}

size_t hyp_buffer_size(const struct hyp_trace *trace)
{
	return trace->now.buffer_kb * 1024;
}

bool hyp_is_on(const struct hyp_trace *trace)
{
	struct hyp_error ignored;
	char text[8];

	return !hyp_read_file(trace->layout.root, "tracing_on", text, sizeof(text), &ignored) &&
	       text[0] == '1';
}

int hyp_mark(struct hyp_trace *trace, struct hyp_marker *marker, struct hyp_error *err)
{
	char text[32];
	int len;

	*marker = (struct hyp_marker){ .id = trace->next_marker++ };
	len = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)marker->id);

	marker->before_ns = now_ns(CLOCK_BOOTTIME);
	if (pwrite(trace->marker_fd, text, (size_t)len, 0) < 0)
		return hyp_fail(err, -errno, "%s/write_event: %s", trace->layout.root,
				strerror(errno));
	marker->after_ns = now_ns(CLOCK_BOOTTIME);

	return 0;
}

/* The reads of one drain; the timer is armed. */
static int read_until(struct hyp_trace *trace, int fd, uint64_t deadline_ns)
{
	while (!trace->until->ts) {
		ssize_t len = read(fd, trace->text, sizeof(trace->text));
		int ret;

		if (len < 0 && errno != EINTR)
			return -errno;

		ret = ring_buffer__consume(trace->ring);
		if (ret < 0)
			return ret;
		if (trace->ret)
			return trace->ret;
		if (trace->until->ts)
			break;

		if (trace->stop && *trace->stop)
			return -EINTR;
		/* Nothing is left to be read, and nothing more will come. */
		if (len < 0 && !hyp_is_on(trace))
			return -ETIMEDOUT;
		if (now_ns(CLOCK_MONOTONIC) > deadline_ns)
			return -ETIMEDOUT;
	}

	return 0;
}

int hyp_drain(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
	      struct hyp_marker *until, unsigned int timeout_ms, hyp_event_fn fn, void *ctx,
	      struct hyp_error *err)
{
	const struct itimerval tick = { { 0, TICK_US }, { 0, TICK_US } }, none = { 0 };
	char path[512];
	int fd, ret;

	trace->fn = fn;
	trace->ctx = ctx;
	trace->from = from;
	trace->until = until;
	trace->ret = 0;

	/* Opening looks for new events at once; a file that stays open does so every 100 ms only. */
	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe", trace->layout.root, cpu);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return hyp_fail(err, -errno, "%s: %s", path, strerror(errno));

	setitimer(ITIMER_REAL, &tick, NULL);
	ret = read_until(trace, fd, now_ns(CLOCK_MONOTONIC) + timeout_ms * UINT64_C(1000000));
	setitimer(ITIMER_REAL, &none, NULL);
	close(fd);

	trace->fn = NULL;
	trace->from = NULL;
	trace->until = NULL;

	switch (ret) {
	case 0:
	case -EINTR:
		return ret;
	case -ETIMEDOUT:
		return hyp_fail(err, ret, "%s: the marker did not come within %u ms: %s", path,
				timeout_ms,
				hyp_is_on(trace) ? "somebody resets or resizes the buffer"
						 : "somebody switched tracing off");
	default:
		return hyp_fail(err, ret, "%s: %s", path, strerror(-ret));
	}
}

bool hyp_marker_offset(const struct hyp_marker *marker, int64_t *low, int64_t *high)
{
	if (!marker->ts)
		return false;

	*low = (int64_t)(marker->ts - marker->after_ns);
	*high = (int64_t)(marker->ts - marker->before_ns);
	return true;
}
