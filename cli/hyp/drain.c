// SPDX-License-Identifier: GPL-2.0-only
/* Reads the trace of a CPU, from marker to marker. Threads may read one CPU each at the same time. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/clock.h"
#include "hyp/internal.h"

/* Interval at which a blocked read is interrupted. */
#define TICK_NS		       20000000

/*
 * On a machine that stalls, time passes without the kernel looking for events. So a drain up to
 * a marker also waits for this many ticks, which stop with the machine, but at most TIMEOUT_STRETCH
 * times as long.
 */
#define MIN_TICKS	       50
#define TIMEOUT_STRETCH	       20

/* glibc has no name for the member before 2.38. */
#define sigev_notify_thread_id _sigev_un._tid

/* Checks for markers and passes the event on. trace->mutex is held. */
static int take_event(struct hyp_lane *lane, const struct hyp_event *ev)
{
	if (ev->type == HYP_EVENT_SELFTEST) {
		if (lane->wish.from && ev->id == lane->wish.from->id)
			lane->wish.from->ts = ev->ts;
		if (lane->wish.until && ev->id == lane->wish.until->id)
			lane->wish.until->ts = ev->ts;
	}

	if (!lane->ret && lane->wish.fn)
		lane->ret = lane->wish.fn(lane->wish.ctx, ev);
	return lane->ret;
}

/* The drain that gets an event of this CPU, or NULL. */
static struct hyp_lane *find_drain(const struct hyp_trace *trace, unsigned int cpu)
{
	struct hyp_lane *only = NULL;

	for (struct hyp_lane *lane = trace->lanes; lane; lane = lane->next) {
		if (lane->active && lane->cpu == cpu)
			return lane;
		if (lane->active)
			only = lane;
	}
	return trace->nr_active == 1 ? only : NULL;
}

int hyp_take_record(void *ctx, void *data, size_t size)
{
	struct hyp_trace *trace = ctx;
	struct hyp_event_text *text = data;
	struct hyp_lane *lane;
	struct hyp_event ev;

	if (size < sizeof(ev))
		return 0;
	memcpy(&ev, data, sizeof(ev));
	if (ev.type == HYP_EVENT_PRINTK)
		ev.id = size < sizeof(*text) ? 0 : hyp_keep_text(trace->texts, text->text);
	lane = find_drain(trace, ev.cpu);
	/* An error stays in the drain, which then drops the rest of its events. */
	if (lane)
		take_event(lane, &ev);
	return 0;
}

static int take_text(void *ctx, const struct hyp_event *ev)
{
	return take_event(ctx, ev);
}

static struct hyp_lane *find_lane(struct hyp_trace *trace, unsigned int cpu)
{
	struct hyp_lane *lane = trace->lanes;

	while (lane && lane->cpu != cpu)
		lane = lane->next;
	if (lane)
		return lane;
	lane = calloc(1, sizeof(*lane));
	if (!lane)
		return NULL;
	lane->trace = trace;
	lane->cpu = cpu;
	lane->parser.host_smc = trace->host_smc;
	lane->parser.texts = trace->texts;
	lane->parser.cpu = cpu;
	lane->next = trace->lanes;
	trace->lanes = lane;
	return lane;
}

static void drop_ticker(struct hyp_lane *lane)
{
	if (lane->ticker_tid)
		timer_delete(lane->ticker);
	lane->ticker_tid = 0;
}

void hyp_free_lanes(struct hyp_trace *trace)
{
	struct hyp_lane *lane;

	while ((lane = trace->lanes)) {
		trace->lanes = lane->next;
		drop_ticker(lane);
		free(lane);
	}
}

/* A timer whose SIGALRM goes to the calling thread, which is the one that reads. */
static int make_ticker(struct hyp_lane *lane)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
	pid_t tid = gettid();

	if (lane->ticker_tid == tid)
		return 0;
	drop_ticker(lane);
	event.sigev_notify_thread_id = tid;
	if (timer_create(CLOCK_MONOTONIC, &event, &lane->ticker))
		return -errno;
	lane->ticker_tid = tid;
	return 0;
}

/* Takes what a read has brought. Returns 1 at the marker, 0 before it, or a negative errno. */
static int take(struct hyp_lane *lane, ssize_t len)
{
	struct hyp_trace *trace = lane->trace;
	int ret = 0;

	pthread_mutex_lock(&trace->mutex);
	if (trace->reader != HYP_READER_TEXT)
		ret = ring_buffer__consume(trace->ring);
	else if (len > 0)
		ret = hyp_text_feed(&lane->parser, lane->text, (size_t)len, take_text, lane);
	if (ret >= 0)
		ret = lane->ret ? lane->ret : lane->wish.until && lane->wish.until->ts;
	pthread_mutex_unlock(&trace->mutex);
	return ret;
}

/*
 * Reads for one drain; the timer is armed. Without a marker it ends when a read has waited for one
 * tick: the kernel looked for new events when the file was opened, and looks again after 100 ms.
 */
static int read_until(struct hyp_lane *lane, int fd, uint64_t timeout_ns)
{
	struct hyp_trace *trace = lane->trace;
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC), waited_ns;
	unsigned int ticks = 0;

	for (;;) {
		ssize_t len = read(fd, lane->text, sizeof(lane->text));
		int ret;

		if (len < 0 && errno != EINTR)
			return -errno;
		if (len <= 0 && !lane->wish.until)
			return 0;

		ret = take(lane, len);
		if (ret)
			return ret > 0 ? 0 : ret;

		if (trace->stop && *trace->stop)
			return -EINTR;
		/* Tracing is off and everything has been read. */
		if (len < 0 && !hyp_is_on(trace))
			return -ETIMEDOUT;
		if (len < 0)
			ticks++;
		waited_ns = clock_ns(CLOCK_MONOTONIC) - begin_ns;
		if ((waited_ns > timeout_ns && (ticks >= MIN_TICKS || !lane->wish.until)) ||
		    waited_ns > timeout_ns * TIMEOUT_STRETCH)
			return -ETIMEDOUT;
	}
}

static int read_file(struct hyp_lane *lane, const char *path, unsigned int timeout_ms)
{
	const struct itimerspec tick = { { 0, TICK_NS }, { 0, TICK_NS } }, none = { 0 };
	int fd, ret;

	ret = make_ticker(lane);
	if (ret)
		return ret;
	/* Opening looks for new events at once; an open file looks only every 100 ms. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	timer_settime(lane->ticker, 0, &tick, NULL);
	ret = read_until(lane, fd, timeout_ms * UINT64_C(1000000));
	timer_settime(lane->ticker, 0, &none, NULL);
	close(fd);
	return ret;
}

static struct hyp_lane *begin_drain(struct hyp_trace *trace, unsigned int cpu,
				    const struct hyp_wish *wish)
{
	struct hyp_lane *lane;

	pthread_mutex_lock(&trace->mutex);
	lane = find_lane(trace, cpu);
	if (lane) {
		lane->wish = *wish;
		lane->ret = 0;
		lane->active = true;
		trace->nr_active++;
	}
	pthread_mutex_unlock(&trace->mutex);
	return lane;
}

static void end_drain(struct hyp_lane *lane, int ret)
{
	struct hyp_trace *trace = lane->trace;

	pthread_mutex_lock(&trace->mutex);
	if (trace->reader == HYP_READER_TEXT && (!ret || ret == -ETIMEDOUT))
		hyp_text_end(&lane->parser, take_text, lane);
	/* The rest of an incomplete line is not in another file. */
	lane->parser.len = 0;
	lane->parser.too_long = false;
	lane->active = false;
	trace->nr_active--;
	pthread_mutex_unlock(&trace->mutex);
}

static int drain(struct hyp_trace *trace, unsigned int cpu, const struct hyp_wish *wish,
		 unsigned int timeout_ms, struct error *err)
{
	struct hyp_lane *lane = begin_drain(trace, cpu, wish);
	char path[512];
	int ret;

	if (!lane)
		return error_no_memory(err);
	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe", trace->layout.root, cpu);
	ret = read_file(lane, path, timeout_ms);
	end_drain(lane, ret);
	if (!ret || ret == -EINTR)
		return ret;
	if (ret != -ETIMEDOUT)
		return error_set(err, ret, "%s: %s", path, strerror(-ret));
	if (!wish->until)
		return error_set(err, ret, "%s: events arrive faster than they can be read", path);
	return error_set(err, ret, "%s: the marker did not arrive within %u ms: %s", path,
			 timeout_ms,
			 hyp_is_on(trace) ? "another process resets or resizes the buffer"
					  : "another process switched tracing off");
}

int hyp_drain(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
	      struct hyp_marker *until, unsigned int timeout_ms, hyp_event_fn fn, void *ctx,
	      struct error *err)
{
	const struct hyp_wish wish = { .fn = fn, .ctx = ctx, .from = from, .until = until };

	return drain(trace, cpu, &wish, timeout_ms, err);
}

int hyp_drain_all(struct hyp_trace *trace, unsigned int cpu, struct hyp_marker *from,
		  unsigned int timeout_ms, hyp_event_fn fn, void *ctx, struct error *err)
{
	const struct hyp_wish wish = { .fn = fn, .ctx = ctx, .from = from };

	return drain(trace, cpu, &wish, timeout_ms, err);
}
