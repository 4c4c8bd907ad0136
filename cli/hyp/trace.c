// SPDX-License-Identifier: GPL-2.0-only
/* A run with the hypervisor's trace: switch on, attach, write markers, switch off. */
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
		hyp_format_load(&trace->layout, "host_smc", &trace->host_smc);
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
	trace->texts = opts->texts;
	pthread_mutex_init(&trace->mutex, NULL);
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
	hyp_free_lanes(trace);
	if (trace->handles_alarm)
		sigaction(SIGALRM, &trace->old_alarm, NULL);
	/* If restoring failed, the state file stays: the next run tries again. */
	if (trace->saved)
		ret = hyp_settings_restore(&trace->layout, &trace->found, err);
	if (trace->saved && !ret)
		hyp_state_drop(trace->run_dir);
	if (trace->lock_fd >= 0)
		close(trace->lock_fd);
	pthread_mutex_destroy(&trace->mutex);
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
