// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/foreign.h"
#include "base/vector.h"
#include "config.h"
#include "device/device.h"
#include "driver/stacks.h"
#include "driver/watch.h"
#include "calibrate/calibrate.h"

/* Events of so many forwarded calls of one CPU, of which nothing is read for a while. */
#define DEFAULT_BUFFER_KB 4096

/*
 * Room for calls, against that for events of one CPU: a call is kept in 360 bytes, its two to four
 * events in some 20 each; and CPUs that are busy keep calls from being read as well.
 */
#define CALLS_FOR_EVENTS  4

/* Interval between two reads; bounds the delay of a verdict. */
#define LOOK_NS		  20000000

/* Polls without a call before the trace is drained anyway. */
#define IDLE_LOOKS	  25

/* Events that are kept before they are looked at; a CPU may bring as many again. */
#define MAX_EVENTS	  (1 << 19)

/* Marks of each CPU at the start, for the clocks. */
#define NR_START_MARKS	  8

struct driver_watch {
	struct hyp_trace *trace;
	struct driver_probe *probe;
	struct watch *watch;
	struct driver_stacks *stacks;
	uint32_t stacks_written;
	struct texts *texts; /* that EL2 printed */
	uint32_t texts_written;
	struct record_writer *writer;
	struct record_reader *replay; /* in place of the hooks and the trace */
	bool no_trace;		      /* of a replay */
	const volatile int *stop;
	char note[sizeof(struct error)];
	bool tracing_off;

	int *cpus; /* that are online */
	size_t nr_cpus, max_cpus;
	cpu_set_t old_cpus;

	struct hyp_marker *markers; /* of a round, one a CPU */
	struct watch_mark *marks;
	struct host_call *calls;
	size_t nr_calls, max_calls;
	struct hyp_event *events;
	size_t nr_events, max_events;
};

static int take_event(void *ctx, const struct hyp_event *ev)
{
	struct driver_watch *w = ctx;

	if (!vector_room(&w->events, &w->max_events, w->nr_events, sizeof(*w->events)))
		return -ENOMEM;
	w->events[w->nr_events++] = *ev;
	return 0;
}

static int take_call(void *ctx, const struct host_call *call, const unsigned long long *ip)
{
	struct driver_watch *w = ctx;
	struct host_call *kept;

	if (!vector_room(&w->calls, &w->max_calls, w->nr_calls, sizeof(*w->calls)))
		return -ENOMEM;
	kept = &w->calls[w->nr_calls++];
	*kept = *call;
	/* A task can put any byte into its name. */
	foreign_clean(kept->comm, sizeof(kept->comm), "");
	kept->stack = ip && ip[0] && w->stacks ? driver_stacks_number(w->stacks, ip) : 0;
	return 0;
}

/* ---- CPUs ---- */

/* Reads "0-3,8" of /sys/devices/system/cpu/online. */
static int find_cpus(struct driver_watch *w, struct error *err)
{
	static const char path[] = "/sys/devices/system/cpu/online";
	FILE *f = fopen(path, "re");
	int first, last, ret = 0;

	w->nr_cpus = 0;
	if (!f)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));

	while (!ret && fscanf(f, "%d", &first) == 1) {
		last = first;
		if (fscanf(f, "-%d", &last) < 0 && ferror(f))
			break;
		for (int cpu = first; cpu <= last && cpu < CPU_SETSIZE; cpu++) {
			if (!vector_room(&w->cpus, &w->max_cpus, w->nr_cpus, sizeof(*w->cpus))) {
				ret = error_no_memory(err);
				break;
			}
			w->cpus[w->nr_cpus++] = cpu;
		}
		if (fgetc(f) != ',')
			break;
	}
	fclose(f);
	if (ret)
		return ret;
	return w->nr_cpus ? 0 : error_set(err, -EIO, "%s: does not name a CPU", path);
}

/* A marker on every CPU that is there; what cannot be marked is left out. */
static int mark_cpus(struct driver_watch *w, struct error *err)
{
	const struct timespec moment = { .tv_nsec = 1 };
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < w->nr_cpus && !ret; i++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(w->cpus[i], &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			continue;
		w->marks[n].cpu = (uint32_t)w->cpus[i];
		ret = hyp_mark(w->trace, &w->markers[n++], err);
	}
	w->nr_cpus = n;
	sched_setaffinity(0, sizeof(w->old_cpus), &w->old_cpus);
	/* Sleeping lets the scheduler wake this task on an idle CPU, away from tasks that make calls. */
	nanosleep(&moment, NULL);
	return ret ? -EIO : 0;
}

/* Drains up to the marker. While events keep arriving, a timeout only means a busy CPU. */
static int drain_cpu(struct driver_watch *w, size_t i, struct error *err)
{
	size_t before;
	int ret;

	do {
		before = w->nr_events;
		ret = hyp_drain(w->trace, w->marks[i].cpu, NULL, &w->markers[i],
				HYP_DRAIN_TIMEOUT_MS, take_event, w, err);
	} while (ret == -ETIMEDOUT && w->nr_events > before);
	return ret;
}

static int end_round(struct driver_watch *w, const struct watch_round *round, watch_fn fn,
		     void *ctx, struct error *err);

/* Drains each CPU up to its marker. */
static int drain_cpus(struct driver_watch *w, uint32_t *reason, watch_fn fn, void *ctx,
		      struct error *err)
{
	for (size_t i = 0; i < w->nr_cpus; i++) {
		int ret = drain_cpu(w, i, err);

		if (ret == -ETIMEDOUT && !hyp_is_on(w->trace)) {
			w->tracing_off = true;
			*reason = VERDICT_TRACING_OFF;
			return 0;
		}
		if (ret && ret != -ETIMEDOUT)
			return ret;

		w->marks[i].before_ns = w->markers[i].before_ns;
		w->marks[i].after_ns = w->markers[i].after_ns;
		w->marks[i].ts = w->markers[i].ts;
		w->marks[i].reserved = 0;

		/* A part of the round of its own, so that no round is too long for a recording. */
		if (w->nr_events > MAX_EVENTS) {
			const struct watch_round part = { .nr_events = (uint32_t)w->nr_events };

			ret = end_round(w, &part, fn, ctx, err);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* Records exactly what the verdicts are derived from. */
static int record_round(struct driver_watch *w, const struct watch_round *round, struct error *err)
{
	int ret = 0;

	while (!ret && w->stacks && w->stacks_written < driver_stacks_count(w->stacks)) {
		const struct record_stack stack = {
			.number = ++w->stacks_written,
			.text = driver_stacks_text(w->stacks, w->stacks_written),
		};

		ret = record_write_stack(w->writer, &stack, err);
	}
	if (!ret)
		ret = record_write_texts(w->writer, w->texts, &w->texts_written, err);
	if (!ret)
		ret = record_write_round(w->writer, round, w->marks, w->calls, w->events, err);
	return ret ? -EIO : 0;
}

static int end_round(struct driver_watch *w, const struct watch_round *round, watch_fn fn,
		     void *ctx, struct error *err)
{
	int ret = w->writer ? record_round(w, round, err) : 0;

	if (ret)
		return ret;
	ret = watch_round(w->watch, round, w->marks, w->calls, w->events, fn, ctx);
	w->nr_events = w->nr_calls = 0;
	return ret ? error_set(err, ret, "out of memory") : 0;
}

static int take_round(struct driver_watch *w, bool last, watch_fn fn, void *ctx, struct error *err)
{
	struct watch_round round = { .last = last };
	int ret = 0;

	w->nr_events = w->nr_calls = w->nr_cpus = 0;
	if (!w->trace || w->tracing_off)
		round.reason = VERDICT_TRACING_OFF;
	else
		ret = find_cpus(w, err);

	if (!ret && !round.reason) {
		w->markers = reallocarray(w->markers, w->nr_cpus, sizeof(*w->markers));
		w->marks = reallocarray(w->marks, w->nr_cpus, sizeof(*w->marks));
		if (!w->markers || !w->marks)
			return error_no_memory(err);
		ret = mark_cpus(w, err);
		if (!ret)
			ret = drain_cpus(w, &round.reason, fn, ctx, err);
	}
	/* After the markers: no call that ended before them is missing. */
	if (!ret && w->probe &&
	    driver_probe_read(w->probe, take_call, w, &round.dropped, &round.missed))
		ret = error_no_memory(err);
	if (ret)
		return ret;

	round.nr_marks = round.reason ? 0 : (uint32_t)w->nr_cpus;
	round.nr_calls = (uint32_t)w->nr_calls;
	round.nr_events = (uint32_t)w->nr_events;
	return end_round(w, &round, fn, ctx, err);
}

/* ---- from open to close ---- */

static void ignore_call(void *ctx, const struct watched *watched)
{
	(void)ctx;
	(void)watched;
}

/* The conduit, from the device tree, as arm_ffa finds it. */
static bool conduit_is_hvc(void)
{
	char method[8] = "";
	FILE *f = fopen("/proc/device-tree/psci/method", "re");

	if (!f)
		return false;
	if (!fgets(method, sizeof(method), f))
		method[0] = '\0';
	fclose(f);
	return !strcmp(method, "hvc");
}

static int open_trace(struct driver_watch *w, const struct driver_watch_options *opts,
		      struct error *err)
{
	const struct hyp_options hyp_opts = {
		.tracefs = opts->tracefs,
		.buffer_kb = opts->buffer_kb ? opts->buffer_kb : DEFAULT_BUFFER_KB,
		.texts = w->texts,
		/* No .stop: a signal ends the watch, but the events before it are still read. */
	};
	int ret;

	if (opts->no_trace) {
		snprintf(w->note, sizeof(w->note), "--no-trace: the trace is not used");
		return 0;
	}

	ret = hyp_open(&w->trace, &hyp_opts, err);
	if (ret == -ENODEV || ret == -ENOTSUP) {
		snprintf(w->note, sizeof(w->note), "%s", err->text);
		return 0;
	}
	if (ret)
		return ret;

	/* Other callers do not pause around their calls, so telling the calls apart takes ns precision. */
	if (!hyp_has_markers(w->trace) || hyp_precision(w->trace) > 1) {
		snprintf(
			w->note, sizeof(w->note),
			"%s, which is too imprecise for calls of other processes: verdicts are "
			"unknown. `ffascope call' can still give verdicts",
			hyp_has_markers(w->trace)
				? "this kernel's hypervisor trace has times in microseconds only, as text"
				: "this kernel's hypervisor trace has no markers (write_event) to compare the clocks");
		hyp_close(w->trace);
		w->trace = NULL;
		return 0;
	}

	return 0;
}

/* Checks that every CPU's trace is complete before the first call is watched. */
static int take_first_rounds(struct driver_watch *w, struct error *err)
{
	int ret = 0;

	for (int i = 0; w->trace && i < NR_START_MARKS && !ret; i++)
		ret = take_round(w, false, ignore_call, NULL, err);
	return ret;
}

/* The module makes the calls for it; without it nothing is known of the registers. */
static int calibrate(struct driver_watch *w, const char *path, struct error *err)
{
	struct calibrate_options opts = { .trace = w->trace, .writer = w->writer, .stop = w->stop };
	struct error ignored;
	struct calibration cal;
	int ret;

	if (device_open(&opts.device, path, &ignored))
		return 0;
	ret = calibrate_evidence(&opts, &cal, err);
	device_close(opts.device);
	if (!ret)
		watch_calibrate(w->watch, &cal);
	return ret;
}

static int open_record(struct driver_watch *w, const struct driver_watch_options *opts, bool hvc,
		       struct error *err)
{
	struct record_meta meta = {
		.verb = "trace",
		.ffa_version = opts->ffa_version,
		.conduit_hvc = hvc,
	};
	struct record_about about = *opts->about;
	struct utsname uts;
	int ret;

	if (!uname(&uts))
		snprintf(meta.kernel, sizeof(meta.kernel), "%s", uts.release);
	about.tool = (char *)FFASCOPE_VERSION;

	ret = record_create(&w->writer, opts->record, &meta, err);
	if (!ret)
		ret = record_write_about(w->writer, &about, err);
	return ret ? -EIO : 0;
}

/* Behind the calibration, which is part of how it was made. */
static int write_state(struct driver_watch *w, const struct watch_state *state, struct error *err)
{
	return w->writer && record_write_state(w->writer, state, err) ? -EIO : 0;
}

static int open_all(struct driver_watch *w, const struct driver_watch_options *opts,
		    struct error *err)
{
	const struct watch_options watch_opts = {
		.hvc = conduit_is_hvc(),
		.keep_events = opts->keep_events,
		.optee = watch_state_optee(opts->state),
	};
	unsigned int buffer_kb = opts->buffer_kb ? opts->buffer_kb : DEFAULT_BUFFER_KB;
	int ret;

	if (sched_getaffinity(0, sizeof(w->old_cpus), &w->old_cpus))
		return error_set(err, -errno, "sched_getaffinity: %s", strerror(errno));

	w->watch = watch_new(&watch_opts);
	if (opts->stacks)
		w->stacks = driver_stacks_new(true);
	if (!w->watch || (opts->stacks && !w->stacks))
		return error_no_memory(err);

	/* Fail on an unwritable file before changing the trace. */
	ret = opts->record ? open_record(w, opts, watch_opts.hvc, err) : 0;
	if (!ret)
		ret = open_trace(w, opts, err);
	if (!ret)
		ret = calibrate(w, opts->device, err);
	if (!ret)
		ret = write_state(w, opts->state, err);
	if (!ret)
		ret = take_first_rounds(w, err);
	if (ret)
		return ret;

	return driver_probe_open(&w->probe, opts->filter, opts->stacks,
				 CALLS_FOR_EVENTS * buffer_kb, err);
}

int driver_watch_open(struct driver_watch **out, const struct driver_watch_options *opts,
		      struct error *err)
{
	struct driver_watch *w = calloc(1, sizeof(*w));
	struct error ignored;
	int ret;

	if (!w)
		return error_no_memory(err);

	w->stop = opts->stop;
	w->texts = texts_new();
	ret = w->texts ? open_all(w, opts, err) : error_no_memory(err);
	if (ret) {
		driver_watch_close(w, &ignored);
		return ret;
	}

	*out = w;
	return 0;
}

const struct texts *driver_watch_texts(const struct driver_watch *w)
{
	return w->texts;
}

const char *driver_watch_note(const struct driver_watch *w)
{
	return w->note[0] ? w->note : NULL;
}

const char *driver_watch_way(const struct driver_watch *w)
{
	return w->probe ? driver_way_name(driver_probe_way(w->probe)) : NULL;
}

bool driver_watch_sees_module(const struct driver_watch *w)
{
	return w->replay || driver_probe_sees_module(w->probe);
}

/* ---- from a recording ---- */

/* Handles the items before the next round and returns that round in *item. */
static int next_round(struct driver_watch *w, struct record_item *item, struct watch_state *state,
		      struct error *err)
{
	int ret;

	while ((ret = record_next(w->replay, item, err)) > 0) {
		if (item->kind == RECORD_STATE && state) {
			*state = *item->state;
			return 1;
		}
		if (item->kind == RECORD_ROUND)
			return 1;
		if (item->kind == RECORD_TEXT &&
		    texts_add(w->texts, item->text.text) != item->text.number)
			return error_set(err, -EBADMSG,
					 "the recording is damaged: a text is out of order");
		if (item->kind == RECORD_STACK &&
		    driver_stacks_add(w->stacks, item->stack.number, item->stack.text))
			return error_set(err, -EBADMSG,
					 "the recording is damaged: a stack is out of order");
	}
	return ret;
}

static int replay_round(struct driver_watch *w, bool last, watch_fn fn, void *ctx,
			struct error *err)
{
	const struct watch_round nothing = { .last = 1 };
	struct record_item item = { 0 };
	int ret;

	if (last) {
		/* A truncated recording has calls without a verdict yet: settle them as they are. */
		watch_round(w->watch, &nothing, NULL, NULL, NULL, fn, ctx);
		return 0;
	}

	ret = next_round(w, &item, NULL, err);
	if (ret <= 0)
		return ret ? ret : 1;

	if (w->no_trace)
		item.round.reason = VERDICT_TRACING_OFF;
	ret = watch_round(w->watch, &item.round, item.marks, item.watched, item.events, fn, ctx);
	if (ret)
		return error_set(err, ret == -ENOMEM ? ret : -EBADMSG, "%s",
				 ret == -ENOMEM
					 ? "out of memory"
					 : "the recording is damaged: CPU numbers do not fit");
	return 0;
}

int driver_watch_replay(struct driver_watch **out, const struct driver_watch_replay *replay,
			struct watch_state *state, struct error *err)
{
	struct watch_options opts = { .hvc = replay->hvc, .keep_events = replay->keep_events };
	struct driver_watch *w = calloc(1, sizeof(*w));
	struct error ignored;
	struct record_item item = { 0 };
	struct calibration cal;
	int ret;

	if (!w)
		return error_no_memory(err);

	w->replay = replay->reader;
	w->texts = texts_new();
	w->no_trace = replay->no_trace;
	w->stacks = driver_stacks_new(false);
	*state = (struct watch_state){ 0 };
	ret = record_calibrate(w->replay, w->no_trace, &cal, err);
	if (!ret)
		ret = w->stacks && w->texts ? next_round(w, &item, state, err)
					    : error_no_memory(err);
	if (!ret || (ret > 0 && item.kind != RECORD_STATE))
		ret = error_set(err, -EBADMSG,
				"the recording is damaged: it does not begin with the state");
	if (ret > 0) {
		opts.optee = watch_state_optee(state);
		w->watch = watch_new(&opts);
		if (w->watch)
			watch_calibrate(w->watch, &cal);
		ret = w->watch ? 0 : error_no_memory(err);
	}
	if (ret) {
		driver_watch_close(w, &ignored);
		return ret;
	}
	*out = w;
	return 0;
}

int driver_watch_round(struct driver_watch *w, bool last, watch_fn fn, void *ctx, struct error *err)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };

	if (w->replay)
		return replay_round(w, last, fn, ctx, err);
	if (last)
		driver_probe_detach(w->probe);
	for (int i = 0; i < IDLE_LOOKS && !last && !*w->stop && !driver_probe_waits(w->probe); i++)
		nanosleep(&look, NULL);
	return take_round(w, last, fn, ctx, err);
}

const struct watch *driver_watch_matching(const struct driver_watch *w)
{
	return w->watch;
}

const char *driver_watch_stack(const struct driver_watch *w, uint32_t number)
{
	return w->stacks ? driver_stacks_text(w->stacks, number) : "";
}

int driver_watch_close(struct driver_watch *w, struct error *err)
{
	int ret;

	if (!w)
		return 0;

	driver_probe_close(w->probe);
	hyp_close(w->trace);
	ret = record_finish(w->writer, err);
	watch_free(w->watch);
	driver_stacks_free(w->stacks);
	texts_free(w->texts);
	free(w->cpus);
	free(w->markers);
	free(w->marks);
	free(w->calls);
	free(w->events);
	free(w);
	return ret;
}
