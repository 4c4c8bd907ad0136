// SPDX-License-Identifier: GPL-2.0-only
/* A run with the hypervisor's trace: switch on, attach, drain from marker to marker, switch off. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/clock.h"
#include "hyp/internal.h"

#define DEFAULT_BUFFER_KB 256

/* Interval at which a blocked read is interrupted. */
#define TICK_US		  20000

/*
 * On a machine that stalls, time passes without the kernel looking for events. So a drain up to
 * a marker also waits for this many ticks, which stop with the machine, but at most TIMEOUT_STRETCH
 * times as long.
 */
#define MIN_TICKS	  50
#define TIMEOUT_STRETCH	  20

/* Switching on sleeps for 100 ms in the kernel; BPF loads in parallel. */
struct switching {
	struct hyp_trace *trace;
	unsigned int buffer_kb;
	struct error err;
	int ret;
};

static void *switch_on(void *arg)
{
	struct switching *sw = arg;

	sw->ret =
		hyp_settings_apply(&sw->trace->layout, &sw->trace->found, sw->buffer_kb, &sw->err);
	return NULL;
}

int hyp_take_event(struct hyp_trace *trace, const struct hyp_event *ev)
{
	if (ev->type == HYP_EVENT_SELFTEST) {
		if (trace->from && ev->id == trace->from->id)
			trace->from->ts = ev->ts;
		if (trace->until && ev->id == trace->until->id)
			trace->until->ts = ev->ts;
	}

	if (!trace->ret && trace->fn)
		trace->ret = trace->fn(trace->ctx, ev);
	return trace->ret;
}

int hyp_take_record(void *ctx, void *data, size_t size)
{
	struct hyp_trace *trace = ctx;
	struct hyp_event_text *text = data;
	struct hyp_event ev;

	if (size < sizeof(ev))
		return 0;
	memcpy(&ev, data, sizeof(ev));
	if (ev.type == HYP_EVENT_PRINTK)
		ev.id = size < sizeof(*text) ? 0 : hyp_keep_text(trace->texts, text->text);
	/* An error stays in the trace, which then drops the rest of the ring. */
	hyp_take_event(trace, &ev);
	return 0;
}

static int take_text(void *ctx, const struct hyp_event *ev)
{
	return hyp_take_event(ctx, ev);
}

static int attach(struct hyp_trace *trace, struct error *err)
{
	int ret = hyp_bpf_attach(trace, err);

	if (ret != -ENOTSUP)
		return ret;

	/* Without reasons and without identifiers traps cannot be assigned to calls. */
	if (!trace->layout.reasons && !trace->layout.host_smc && !trace->layout.host_ffa_call)
		return error_set(
			err, -ENOTSUP,
			"the events in %s have neither a reason field nor host_smc; this layout is not supported. Send the file of `ffascope doctor --bundle FILE' to the project",
			trace->layout.events);

	trace->reader = HYP_READER_TEXT;
	if (trace->layout.host_smc)
		hyp_format_load(&trace->layout, "host_smc", &trace->parser.host_smc);
	return 0;
}

/* Interrupts a blocking read(). */
static void on_alarm(int sig)
{
	(void)sig;
}

static int start(struct hyp_trace *trace, unsigned int buffer_kb, struct error *err)
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
		return error_set(err, -errno, "sigaction: %s", strerror(errno));
	trace->handles_alarm = true;

	ret = pthread_create(&thread, NULL, switch_on, &sw);
	if (ret)
		return error_set(err, -ret, "pthread_create: %s", strerror(ret));
	ret = attach(trace, err);
	pthread_join(thread, NULL);
	if (sw.ret) {
		*err = sw.err;
		return sw.ret;
	}
	if (ret)
		return ret;

	snprintf(path, sizeof(path), "%s/tracing_on", trace->layout.root);
	trace->on_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (trace->on_fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));

	snprintf(path, sizeof(path), "%s/write_event", trace->layout.root);
	if (trace->layout.markers)
		trace->marker_fd = open(path, O_WRONLY | O_CLOEXEC);
	if (trace->layout.markers && trace->marker_fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));

	return hyp_settings_read(&trace->layout, &trace->now, err);
}

int hyp_open(struct hyp_trace **out, const struct hyp_options *opts, struct error *err)
{
	struct hyp_trace *trace;
	struct hyp_layout layout;
	int ret;

	ret = hyp_find(opts->tracefs, &layout, err);
	if (ret)
		return ret;

	trace = calloc(1, sizeof(*trace));
	if (!trace)
		return error_no_memory(err);

	trace->layout = layout;
	trace->run_dir = opts->run_dir ? opts->run_dir : hyp_run_dir();
	trace->ring_bytes = opts->ring_bytes;
	trace->stop = opts->stop;
	trace->texts = trace->parser.texts = opts->texts;
	trace->marker_fd = -1;
	trace->on_fd = -1;
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

int hyp_end(struct hyp_trace *trace, struct error *err)
{
	int ret = 0;

	if (!trace)
		return 0;

	hyp_bpf_detach(trace);
	if (trace->marker_fd >= 0)
		close(trace->marker_fd);
	if (trace->on_fd >= 0)
		close(trace->on_fd);
	if (trace->handles_alarm)
		sigaction(SIGALRM, &trace->old_alarm, NULL);
	/* If restoring failed, the state file stays: the next run tries again. */
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
	struct error ignored;

	hyp_end(trace, &ignored);
}

enum hyp_reader hyp_reader(const struct hyp_trace *trace)
{
	return trace->reader;
}

const char *hyp_reader_name(enum hyp_reader reader)
{
	static const char *const names[] = {
		[HYP_READER_FENTRY] = "fentry",
		[HYP_READER_KPROBE] = "kprobe",
		[HYP_READER_TEXT] = "text",
	};

	return names[reader];
}

unsigned int hyp_precision(const struct hyp_trace *trace)
{
	return trace->reader == HYP_READER_TEXT ? 1000 : 1;
}

bool hyp_has_markers(const struct hyp_trace *trace)
{
	return trace->layout.markers;
}

int hyp_try_reader(const char *tracefs, enum hyp_reader *reader, struct error *err)
{
	struct hyp_trace *trace = calloc(1, sizeof(*trace));
	int ret;

	if (!trace)
		return error_no_memory(err);

	err->text[0] = '\0';
	ret = hyp_find(tracefs, &trace->layout, err);
	if (!ret)
		ret = attach(trace, err);
	*reader = trace->reader;
	hyp_bpf_detach(trace);
	free(trace);
	return ret;
}

size_t hyp_buffer_size(const struct hyp_trace *trace)
{
	return trace->now.buffer_kb * 1024;
}

bool hyp_is_on(const struct hyp_trace *trace)
{
	char state;

	return pread(trace->on_fd, &state, 1, 0) == 1 && state == '1';
}

int hyp_mark(struct hyp_trace *trace, struct hyp_marker *marker, struct error *err)
{
	char text[32];
	int len;

	*marker = (struct hyp_marker){ .id = trace->next_marker++ };
	len = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)marker->id);

	marker->before_ns = clock_ns(CLOCK_BOOTTIME);
	if (pwrite(trace->marker_fd, text, (size_t)len, 0) < 0)
		return error_set(err, -errno, "%s/write_event: %s", trace->layout.root,
				 strerror(errno));
	marker->after_ns = clock_ns(CLOCK_BOOTTIME);

	return 0;
}

/*
 * Reads for one drain; the timer is armed. Without a marker it ends when a read has waited for one
 * tick: the kernel looked for new events when the file was opened, and looks again after 100 ms.
 */
static int read_until(struct hyp_trace *trace, int fd, uint64_t timeout_ns)
{
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC), waited_ns;
	unsigned int ticks = 0;

	for (;;) {
		ssize_t len = read(fd, trace->text, sizeof(trace->text));
		int ret = 0;

		if (len < 0 && errno != EINTR)
			return -errno;
		if (len <= 0 && !trace->until)
			return 0;

		if (trace->reader != HYP_READER_TEXT)
			ret = ring_buffer__consume(trace->ring);
		else if (len > 0)
			ret = hyp_text_feed(&trace->parser, trace->text, (size_t)len, take_text,
					    trace);
		if (ret < 0)
			return ret;
		if (trace->ret)
			return trace->ret;
		if (trace->until && trace->until->ts)
			return 0;

		if (trace->stop && *trace->stop)
			return -EINTR;
		/* Tracing is off and everything has been read. */
		if (len < 0 && !hyp_is_on(trace))
			return -ETIMEDOUT;
		if (len < 0)
			ticks++;
		waited_ns = clock_ns(CLOCK_MONOTONIC) - begin_ns;
		if ((waited_ns > timeout_ns && (ticks >= MIN_TICKS || !trace->until)) ||
		    waited_ns > timeout_ns * TIMEOUT_STRETCH)
			return -ETIMEDOUT;
	}
}

static int drain(struct hyp_trace *trace, unsigned int cpu, const char *path,
		 unsigned int timeout_ms, struct error *err)
{
	const struct itimerval tick = { { 0, TICK_US }, { 0, TICK_US } }, none = { 0 };
	int fd, ret;

	trace->ret = 0;
	if (trace->parser.cpu != cpu)
		trace->parser.last_ts = 0;
	trace->parser.cpu = cpu;
	/* Opening looks for new events at once; an open file looks only every 100 ms. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));

	setitimer(ITIMER_REAL, &tick, NULL);
	ret = read_until(trace, fd, timeout_ms * UINT64_C(1000000));
	setitimer(ITIMER_REAL, &none, NULL);
	close(fd);

	if (trace->reader == HYP_READER_TEXT && (!ret || ret == -ETIMEDOUT))
		hyp_text_end(&trace->parser, take_text, trace);
	/* The rest of an incomplete line is not in another file. */
	trace->parser.len = 0;
	trace->parser.too_long = false;
	trace->fn = NULL;
	trace->from = NULL;
	trace->until = NULL;

	if (ret && ret != -EINTR && ret != -ETIMEDOUT)
		return error_set(err, ret, "%s: %s", path, strerror(-ret));
	return ret;
}

int hyp_drain(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
	      struct hyp_marker *until, unsigned int timeout_ms, hyp_event_fn fn, void *ctx,
	      struct error *err)
{
	char path[512];
	int ret;

	trace->fn = fn;
	trace->ctx = ctx;
	trace->from = from;
	trace->until = until;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe", trace->layout.root, cpu);
	ret = drain(trace, cpu, path, timeout_ms, err);
	if (ret == -ETIMEDOUT)
		return error_set(err, ret, "%s: the marker did not arrive within %u ms: %s", path,
				 timeout_ms,
				 hyp_is_on(trace) ? "another process resets or resizes the buffer"
						  : "another process switched tracing off");
	return ret;
}

int hyp_drain_all(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
		  unsigned int timeout_ms, hyp_event_fn fn, void *ctx, struct error *err)
{
	char path[512];
	int ret;

	trace->fn = fn;
	trace->ctx = ctx;
	trace->from = from;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe", trace->layout.root, cpu);
	ret = drain(trace, cpu, path, timeout_ms, err);
	if (ret == -ETIMEDOUT)
		return error_set(err, ret, "%s: events arrive faster than they can be read", path);
	return ret;
}

bool hyp_marker_offset(const struct hyp_trace *trace, const struct hyp_marker *marker, int64_t *low,
		       int64_t *high)
{
	if (!marker->ts)
		return false;

	*low = (int64_t)(marker->ts - marker->after_ns);
	/* Event times may be rounded down. */
	*high = (int64_t)(marker->ts + hyp_precision(trace) - 1 - marker->before_ns);
	return true;
}
