// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "device/device.h"
#include "hyp/hyp.h"
#include "session/driver.h"
#include "session/session.h"

/*
 * The guard, where nobody asked for one: what the clocks may be apart (with more slack than guard a
 * verdict is unknown), and the microsecond by which the hypervisor's clock may be wrong before the
 * kernel complains (arch/arm64/kvm/hyp_trace.c). The longest is for clocks that could not be
 * compared well.
 */
#define MAX_GUARD_NS	 20000
#define CLOCK_ERROR_NS	 1000

/* From so many calls on it pays to compare the clocks again for the sake of a shorter guard. */
#define MANY_CALLS	 64
#define GOOD_SLACK_NS	 2000

#define MAX_BATCH	 1024

/*
 * Room in the trace buffer for one call: a forwarded one leaves four events of 16 bytes
 * (kernel/trace/simple_ring_buffer.c), the rest is for what else happens on the CPU meanwhile.
 */
#define BYTES_A_CALL	 256

#define DRAIN_TIMEOUT_MS 1000

/* Markers that are written at the start to compare the clocks. */
#define NR_START_MARKERS 8

/*
 * The hypervisor's clock is set anew every 500 ms, and the kernel complains when it was off by
 * more than 1 us (arch/arm64/kvm/hyp_trace.c): so fast an old measurement loses its worth.
 */
#define DRIFT_NS_A_MS	 2

/* What clocks may be apart that were never compared: a year. */
#define NOT_KNOWN_NS	 (INT64_C(31536000) * 1000000000)
/*
 * Without markers the clocks are taken to be as near to each other as the kernel keeps them; the
 * calls themselves tell more. Where that is wrong no trap fits, and the verdicts are unknown.
 */
#define CLOCKS_APART_NS	 2000

struct clock_range {
	bool known;
	int64_t low, high;
	uint64_t at_ns;
};

struct session {
	struct device *device;
	bool device_stays;
	struct ffascope_driver *driver; /* what the next batch calls instead of registers */
	struct hyp_trace *trace;
	struct verdict_join *join;
	struct record_writer *writer;
	struct record_reader *replay; /* in place of device and trace */
	bool no_trace;		      /* of a replay */
	uint32_t ffa_version;
	unsigned int guard_ns;
	bool guard_given; /* else it follows the clocks */
	unsigned int batch;
	const volatile int *stop;
	struct clock_range clock;
	char note[512];
	uint64_t latency_ns;
	cpu_set_t old_cpus;
	bool pinned;
	int pinned_cpu;

	struct ffascope_call *calls; /* room for a batch */
	struct verdict_call *records;
	struct hyp_event *events; /* of the batch, kept for the recording and session_trap() only */
	size_t nr_events, max_events;
	size_t trap_at; /* events before it are of calls that have been asked about */
	bool keep_events;
	struct verdict_clock batch_clock; /* of the batch that is handed on */
};

static int __attribute__((format(printf, 3, 4)))
fail(struct session_error *err, int ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return ret;
}

static uint64_t boot_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int pin(struct session *s, int cpu, struct session_error *err)
{
	cpu_set_t set;

	if (s->pinned && s->pinned_cpu == cpu)
		return 0;

	if (!s->pinned && sched_getaffinity(0, sizeof(s->old_cpus), &s->old_cpus))
		return fail(err, -errno, "sched_getaffinity: %s", strerror(errno));

	if (cpu >= CPU_SETSIZE)
		return fail(err, -EINVAL, "CPU %d: the highest number possible is %d", cpu,
			    CPU_SETSIZE - 1);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return fail(
			err, -errno,
			"CPU %d: %s; /sys/devices/system/cpu/online lists those that can be used",
			cpu, errno == EINVAL ? "not there, or offline" : strerror(errno));

	s->pinned = true;
	s->pinned_cpu = cpu;
	return 0;
}

/* Returns false where the marker contradicts what was known: one of the clocks was set anew. */
static bool note_clock(struct session *s, const struct hyp_marker *marker)
{
	struct clock_range *clock = &s->clock;
	uint64_t now = marker->after_ns;
	int64_t low, high, drift;
	bool agrees = true;

	if (!hyp_marker_offset(s->trace, marker, &low, &high))
		return true;

	if (clock->known) {
		drift = (int64_t)((now - clock->at_ns) / 1000000 * DRIFT_NS_A_MS);
		agrees = low <= clock->high + drift && high >= clock->low - drift;
		if (agrees && high - low >= clock->high - clock->low + 2 * drift)
			return true;
	}

	*clock = (struct clock_range){ .known = true, .low = low, .high = high, .at_ns = now };
	return agrees;
}

static void get_clock(const struct session *s, struct verdict_clock *clock)
{
	const struct clock_range *range = &s->clock;
	uint64_t age_ms = (boot_ns() - range->at_ns) / 1000000;
	int64_t slack;

	clock->guard_ns = s->guard_ns;
	if (!range->known) {
		clock->offset_ns = 0;
		clock->slack_ns = NOT_KNOWN_NS;
		return;
	}
	clock->offset_ns = range->low + (range->high - range->low) / 2;
	/* Clocks that may be equal are taken as equal: the hypervisor's follows the kernel's. */
	if (range->low <= 0 && range->high >= 0)
		clock->offset_ns = 0;
	slack = range->high - clock->offset_ns;
	if (clock->offset_ns - range->low > slack)
		slack = clock->offset_ns - range->low;
	clock->slack_ns = (uint64_t)slack + age_ms * DRIFT_NS_A_MS;
}

static int take_event(void *ctx, const struct hyp_event *ev)
{
	struct session *s = ctx;

	if (s->writer || s->keep_events) {
		if (s->nr_events == s->max_events) {
			size_t max = s->max_events ? 2 * s->max_events : 4096;
			struct hyp_event *events = reallocarray(s->events, max, sizeof(*events));

			if (!events)
				return -ENOMEM;
			s->events = events;
			s->max_events = max;
		}
		s->events[s->nr_events++] = *ev;
	}

	return verdict_join_event(s->join, ev);
}

/*
 * Markers in quick succession: the quickest of them says best how the clocks stand. The process is
 * pinned.
 */
static int compare_clocks(struct session *s, struct session_error *err)
{
	struct hyp_marker markers[NR_START_MARKERS];
	struct hyp_error hyp_err;
	int ret = 0;

	if (!hyp_has_markers(s->trace)) {
		s->clock = (struct clock_range){
			.known = true,
			.low = -(int64_t)CLOCKS_APART_NS,
			.high = CLOCKS_APART_NS,
			.at_ns = boot_ns(),
		};
		return 0;
	}

	for (int i = 0; !ret && i < NR_START_MARKERS; i += 2) {
		ret = hyp_mark(s->trace, &markers[i], &hyp_err);
		if (!ret)
			ret = hyp_mark(s->trace, &markers[i + 1], &hyp_err);
		if (!ret)
			ret = hyp_drain(s->trace, (unsigned int)s->pinned_cpu, &markers[i],
					&markers[i + 1], DRAIN_TIMEOUT_MS, take_event, s, &hyp_err);
		if (ret)
			return ret == -EINTR ? ret : fail(err, ret, "%s", hyp_err.text);
		note_clock(s, &markers[i]);
		note_clock(s, &markers[i + 1]);
	}

	return ret;
}

/* On a busy machine the markers around a batch may both be slow: measure before it matters. */
static int watch_clock(struct session *s, unsigned int n, struct session_error *err)
{
	uint64_t limit = (s->guard_given ? s->guard_ns : MAX_GUARD_NS) / 2;
	struct verdict_clock clock;
	int ret;

	if (!s->trace)
		return 0;

	if (!s->guard_given && n >= MANY_CALLS)
		limit = GOOD_SLACK_NS;
	get_clock(s, &clock);
	if (clock.slack_ns <= limit || !hyp_is_on(s->trace))
		return 0;

	/* Where no marker comes the calls will be unknown, which is their verdict and no error. */
	ret = compare_clocks(s, err);
	return ret == -ETIMEDOUT ? 0 : ret;
}

static void choose_guard(struct session *s)
{
	struct verdict_clock clock;
	uint64_t guard;

	if (s->guard_given || !s->trace)
		return;

	get_clock(s, &clock);
	guard = clock.slack_ns + CLOCK_ERROR_NS;
	/* Times that are cut down ask for more, and clocks that only the calls compare for all. */
	if (!hyp_has_markers(s->trace) || hyp_precision(s->trace) > 1)
		guard = MAX_GUARD_NS;
	s->guard_ns = guard > MAX_GUARD_NS ? MAX_GUARD_NS : (unsigned int)guard;
}

/* What the calls of a batch told of the clocks serves the next one. */
static void keep_clock(struct session *s, const struct verdict_clock *measured,
		       const struct verdict_clock *refined)
{
	if (!s->trace || refined->slack_ns >= measured->slack_ns)
		return;

	s->clock = (struct clock_range){
		.known = true,
		.low = refined->offset_ns - (int64_t)refined->slack_ns,
		.high = refined->offset_ns + (int64_t)refined->slack_ns,
		.at_ns = boot_ns(),
	};
}

static int open_trace(struct session *s, const struct session_options *opts,
		      struct session_error *err)
{
	const struct hyp_options hyp_opts = {
		.tracefs = opts->tracefs,
		.ring_bytes = opts->ring_bytes,
		.stop = opts->stop,
	};
	struct hyp_error hyp_err;
	unsigned int batch;
	int ret;

	if (opts->no_trace) {
		snprintf(s->note, sizeof(s->note), "the trace is left alone, as --no-trace asks");
		return 0;
	}

	ret = hyp_open(&s->trace, &hyp_opts, &hyp_err);
	if (ret == -ENODEV || ret == -ENOTSUP) {
		snprintf(s->note, sizeof(s->note), "%s", hyp_err.text);
		return 0;
	}
	if (ret)
		return fail(err, ret, "%s", hyp_err.text);

	batch = (unsigned int)(hyp_buffer_size(s->trace) / BYTES_A_CALL);
	s->batch = batch > MAX_BATCH ? MAX_BATCH : batch ? batch : 1;
	verdict_join_set_precision(s->join, hyp_precision(s->trace));
	ret = pin(s, sched_getcpu(), err);
	if (ret)
		return ret;

	/* Somebody switches tracing off at once: that is for the verdicts to say. */
	ret = compare_clocks(s, err);
	return ret == -ETIMEDOUT ? 0 : ret;
}

static int open_record(struct session *s, const struct session_options *opts,
		       struct session_error *err)
{
	struct record_meta meta = {
		.ffa_version = s->ffa_version,
		.conduit_hvc = device_info(s->device)->conduit == FFASCOPE_CONDUIT_HVC,
		.count = opts->count,
	};
	struct record_error rec_err;
	struct utsname uts;
	int ret;

	snprintf(meta.verb, sizeof(meta.verb), "%s", opts->verb);
	if (!uname(&uts))
		snprintf(meta.kernel, sizeof(meta.kernel), "%s", uts.release);

	ret = record_create(&s->writer, opts->record, &meta, &rec_err);
	/* -EIO whatever it was: a path that is not there is not a machine that cannot. */
	return ret ? fail(err, -EIO, "%s", rec_err.text) : 0;
}

/* What a later replay needs to know of this machine. */
static int write_about(struct session *s, const struct record_about *given,
		       struct session_error *err)
{
	struct record_error rec_err = { "out of memory" };
	long configured = sysconf(_SC_NPROCESSORS_CONF);
	struct record_about about = *given, cpus = { 0 };
	cpu_set_t set = s->old_cpus;
	int ret = 0;

	if (!s->pinned && sched_getaffinity(0, sizeof(set), &set))
		CPU_ZERO(&set);
	for (int cpu = 0; cpu < CPU_SETSIZE && !ret; cpu++)
		ret = CPU_ISSET(cpu, &set) ? record_about_cpu(&cpus, cpu) : 0;

	about.cpus = cpus.cpus;
	about.nr_cpus = cpus.nr_cpus;
	about.cpus_configured = configured > 0 ? (unsigned int)configured : 0;
	about.note = s->note[0] ? s->note : NULL;
	about.tool = (char *)FFASCOPE_VERSION;
	if (!ret)
		ret = record_write_about(s->writer, &about, &rec_err);
	record_about_free(&cpus);
	return ret ? fail(err, -EIO, "%s", rec_err.text) : 0;
}

static int open_replay(struct session *s, const struct session_options *opts,
		       struct session_error *err)
{
	const struct record_about *about = record_about(opts->replay);

	s->replay = opts->replay;
	s->no_trace = opts->no_trace;
	s->ffa_version = opts->ffa_version ? opts->ffa_version : opts->replay_meta->ffa_version;
	if (about->note)
		snprintf(s->note, sizeof(s->note), "%s", about->note);
	s->join = verdict_join_new(opts->replay_meta->conduit_hvc);
	if (!s->join)
		return fail(err, -ENOMEM, "out of memory");
	verdict_join_set_precision(s->join, (unsigned int)opts->replay_meta->precision_ns);
	return 0;
}

static int open_all(struct session *s, const struct session_options *opts,
		    struct session_error *err)
{
	struct device_error dev_err;
	int ret;

	if (opts->replay)
		return open_replay(s, opts, err);

	s->device = opts->opened;
	s->device_stays = opts->opened;
	ret = opts->opened ? 0 : device_open(&s->device, opts->device, &dev_err);
	if (ret)
		return fail(err, ret, "%s", dev_err.text);

	s->ffa_version = opts->ffa_version;
	if (!s->ffa_version)
		s->ffa_version = device_info(s->device)->ffa_version;
	if (!s->ffa_version)
		s->ffa_version = FFA_VERSION_DEFAULT;

	s->join = verdict_join_new(device_info(s->device)->conduit == FFASCOPE_CONDUIT_HVC);
	s->calls = calloc(MAX_BATCH, sizeof(*s->calls));
	s->records = calloc(MAX_BATCH, sizeof(*s->records));
	if (!s->join || !s->calls || !s->records)
		return fail(err, -ENOMEM, "out of memory");

	/* A file that cannot be written is known before the trace is touched. */
	ret = opts->record ? open_record(s, opts, err) : 0;
	if (!ret)
		ret = open_trace(s, opts, err);
	if (!ret && s->writer && s->trace)
		record_set_precision(s->writer, hyp_precision(s->trace));
	if (!ret && s->writer && opts->about)
		ret = write_about(s, opts->about, err);
	return ret;
}

int session_open(struct session **out, const struct session_options *opts,
		 struct session_error *err)
{
	struct session *s = calloc(1, sizeof(*s));
	struct session_error ignored;
	int ret;

	if (!s)
		return fail(err, -ENOMEM, "out of memory");

	session_set_guard(s, opts->guard_ns);
	s->stop = opts->stop;
	s->keep_events = opts->keep_events;
	s->batch = MAX_BATCH;

	ret = open_all(s, opts, err);
	if (ret) {
		session_close(s, &ignored);
		return ret;
	}

	*out = s;
	return 0;
}

int session_close(struct session *s, struct session_error *err)
{
	struct record_error rec_err;
	struct hyp_error hyp_err;
	int ret, not_put_back;

	if (!s)
		return 0;

	not_put_back = hyp_end(s->trace, &hyp_err);
	if (not_put_back)
		fail(err, not_put_back, "%s: the trace is not put back; the next run does that",
		     hyp_err.text);
	if (s->pinned)
		sched_setaffinity(0, sizeof(s->old_cpus), &s->old_cpus);
	ret = record_finish(s->writer, &rec_err);
	if (ret)
		fail(err, ret, "%s", rec_err.text);
	else
		ret = not_put_back;
	if (!s->device_stays)
		device_close(s->device);
	verdict_join_free(s->join);
	free(s->calls);
	free(s->records);
	/* Those of a recording are the reader's. */
	if (!s->replay)
		free(s->events);
	free(s);
	return ret;
}

void session_set_guard(struct session *s, unsigned int guard_ns)
{
	s->guard_given = guard_ns;
	s->guard_ns = guard_ns ? guard_ns : MAX_GUARD_NS;
}

uint32_t session_ffa_version(const struct session *s)
{
	return s->ffa_version;
}

const char *session_note(const struct session *s)
{
	return s->note[0] ? s->note : NULL;
}

const char *session_reader(const struct session *s)
{
	return s->trace ? hyp_reader_name(hyp_reader(s->trace)) : "none";
}

const char *session_degree(const struct session *s)
{
	if (!s->trace)
		return "registers only: every verdict is unknown; what is inferred proves nothing";
	if (hyp_precision(s->trace) > 1)
		return hyp_has_markers(s->trace)
			       ? "trace as text: verdicts by the trace, times to the microsecond; what is closer together than that is unknown"
			       : "trace as text, without markers: verdicts by the trace, times to the microsecond, the clocks compared by the calls alone";
	if (!hyp_has_markers(s->trace))
		return "trace through BPF, without markers: verdicts by the trace, the clocks compared by the calls alone";
	return "trace through BPF: verdicts by the trace, times to the nanosecond";
}

bool session_clock(const struct session *s, int64_t *offset_ns, uint64_t *slack_ns)
{
	struct verdict_clock clock;

	if (!s->clock.known)
		return false;

	get_clock(s, &clock);
	*offset_ns = clock.offset_ns;
	*slack_ns = clock.slack_ns;
	return true;
}

uint64_t session_latency_ns(const struct session *s)
{
	return s->latency_ns;
}

/* What a drain's failure means for the calls of the batch; 0 where the batch is to go on. */
static int drain_failed(struct session *s, int ret, struct record_batch *batch,
			const struct hyp_error *hyp_err, struct session_error *err)
{
	switch (ret) {
	case -ETIMEDOUT:
		batch->reason = hyp_is_on(s->trace) ? VERDICT_LOST_EVENTS : VERDICT_TRACING_OFF;
		return 0;
	case -EINTR:
		batch->reason = VERDICT_LOST_EVENTS;
		return ret;
	default:
		batch->reason = VERDICT_LOST_EVENTS;
		return fail(err, ret, "%s", hyp_err->text);
	}
}

/* The trace of the batch, up to its second marker, into the join. */
static int drain(struct session *s, struct hyp_marker *from, struct hyp_marker *until,
		 struct record_batch *batch, struct session_error *err)
{
	struct hyp_error hyp_err;
	int ret;

	ret = hyp_drain(s->trace, batch->cpu, from, until, DRAIN_TIMEOUT_MS, take_event, s,
			&hyp_err);
	if (ret)
		return drain_failed(s, ret, batch, &hyp_err, err);

	note_clock(s, from);
	/* Set anew between the two: no call of the batch can be placed. */
	if (!note_clock(s, until))
		batch->reason = VERDICT_AMBIGUOUS;
	get_clock(s, &batch->clock);
	batch->from_ns = from->ts;
	batch->until_ns = until->ts;
	/* Without the first marker nothing says since when the trace is whole. */
	if (!from->ts)
		batch->reason = VERDICT_LOST_EVENTS;
	return 0;
}

/*
 * Without markers: all that is there, before the calls (into nothing: the join only learns where
 * the events stand) and after them. What EL2 wrote before a file was opened is read from it, so
 * that the trace is whole from the first drain's end to the second one's begin.
 */
static int drain_without_markers(struct session *s, bool before, uint64_t *mark_ns,
				 struct record_batch *batch, struct session_error *err)
{
	struct hyp_error hyp_err;
	int ret;

	if (!before)
		*mark_ns = boot_ns();
	ret = hyp_drain_all(s->trace, (unsigned int)s->pinned_cpu, DRAIN_TIMEOUT_MS, take_event, s,
			    &hyp_err);
	if (before)
		*mark_ns = boot_ns();
	if (ret)
		return drain_failed(s, ret, batch, &hyp_err, err);
	if (!before && !hyp_is_on(s->trace))
		batch->reason = VERDICT_TRACING_OFF;
	get_clock(s, &batch->clock);
	return 0;
}

static int keep_calls(struct session *s, unsigned int n, struct session_error *err)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct ffascope_call *call = &s->calls[i];
		struct verdict_call *rec = &s->records[i];

		memcpy(rec->in.x, call->in, sizeof(call->in));
		memcpy(rec->out.x, call->out, sizeof(call->out));
		rec->begin_ns = call->begin_ns;
		rec->end_ns = call->end_ns;
		rec->cpu = call->cpu;
		rec->reserved = 0;
		if (verdict_join_call(s->join, rec, (void *)(uintptr_t)i))
			return fail(err, -ENOMEM, "out of memory");
	}
	return 0;
}

/* Tags of a batch count from 0; those of the whole request go on. */
struct retag {
	verdict_fn fn;
	void *ctx;
	uint64_t first;
	unsigned int n;
};

static void hand_on(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	const struct retag *retag = ctx;
	uint64_t index = (retag->first + (uintptr_t)tag) % retag->n;

	retag->fn(retag->ctx, call, (void *)(uintptr_t)index, v);
}

static int make_calls(struct session *s, unsigned int n, unsigned int *done, int *bad,
		      enum verdict_reason *reason, struct session_error *err)
{
	struct device_error dev_err;
	int ret;

	if (s->driver) {
		driver_call(s->driver, &s->calls[0]);
		ret = device_driver(s->device, s->driver, &dev_err);
		*done = !ret;
		*bad = -1;
		if (!ret) {
			driver_answer(s->driver, &s->calls[0]);
			if (!*reason && !driver_made_one_call(s->driver))
				*reason = VERDICT_AMBIGUOUS;
		}
	} else {
		ret = device_call(s->device, s->calls, n, s->pinned_cpu, s->guard_ns, done, bad,
				  &dev_err);
	}
	if (ret && ret != -EINTR)
		fail(err, ret, "%s", dev_err.text);
	return ret;
}

static int make_batch(struct session *s, unsigned int n, unsigned int *made, struct retag *retag,
		      int *bad, struct session_error *err)
{
	struct record_batch batch = { .cpu = (uint32_t)s->pinned_cpu };
	struct hyp_marker from = { 0 }, until = { 0 };
	struct hyp_error hyp_err;
	struct record_error rec_err;
	uint64_t start = boot_ns();
	enum verdict_reason reason = VERDICT_REASON_NONE;
	struct verdict_clock clock;
	bool marks = s->trace && hyp_has_markers(s->trace);
	unsigned int done = 0;
	int ret, later = 0;

	*made = 0;
	ret = watch_clock(s, n, err);
	if (ret)
		return ret;
	choose_guard(s);

	s->nr_events = s->trap_at = 0;
	if (s->clock.known)
		get_clock(s, &batch.clock);
	batch.reason = s->trace ? VERDICT_REASON_NONE : VERDICT_TRACING_OFF;
	if (marks && hyp_mark(s->trace, &from, &hyp_err))
		return fail(err, -EIO, "%s", hyp_err.text);
	if (s->trace && !marks)
		ret = drain_without_markers(s, true, &batch.from_ns, &batch, err);
	if (ret)
		return ret;

	ret = make_calls(s, n, &done, bad, &reason, err);
	/* Where its CPU went away the kernel has let the process go elsewhere, for good. */
	if (ret == -EXDEV)
		s->pinned_cpu = -1;
	*made = done;
	if (!done)
		return ret;

	later = keep_calls(s, done, err);
	if (!later && s->trace && !marks) {
		later = drain_without_markers(s, false, &batch.until_ns, &batch, err);
		batch.from_ns += (uint64_t)batch.clock.offset_ns;
		batch.until_ns += (uint64_t)batch.clock.offset_ns;
	} else if (!later && s->trace) {
		later = hyp_mark(s->trace, &until, &hyp_err);
		if (later)
			fail(err, later, "%s", hyp_err.text);
		else
			later = drain(s, &from, &until, &batch, err);
	}
	/* What the trace lacks is said first. */
	if (!batch.reason)
		batch.reason = reason;
	batch.nr_calls = done;
	batch.nr_events = (uint32_t)s->nr_events;

	/* The recording keeps what was measured; settling makes it more exact in the same way again. */
	clock = s->batch_clock = batch.clock;
	s->latency_ns = boot_ns() - start;
	verdict_join_settle(s->join, batch.cpu, batch.from_ns, batch.until_ns, &clock, batch.reason,
			    hand_on, retag);
	keep_clock(s, &batch.clock, &clock);
	if (s->writer && record_write_batch(s->writer, &batch, s->records, s->events, &rec_err))
		return fail(err, -EIO, "%s", rec_err.text);

	return ret ? ret : later;
}

static int feed(struct verdict_join *join, const struct record_batch *batch,
		const struct verdict_call *calls, const struct hyp_event *events)
{
	int ret = 0;

	if (batch->reason > VERDICT_EVIDENCE_CONFLICT)
		return -EBADMSG;

	for (uint32_t i = 0; i < batch->nr_calls && !ret; i++)
		ret = calls[i].cpu == batch->cpu
			      ? verdict_join_call(join, &calls[i], (void *)(uintptr_t)i)
			      : -EBADMSG;
	for (uint32_t i = 0; i < batch->nr_events && !ret; i++)
		ret = verdict_join_event(join, &events[i]);

	return ret;
}

/* Whether the calls of a batch are those that are asked for now, on the CPU that is asked for. */
static bool is_asked_for(const struct record_item *item, int cpu, const struct ffa_regs *in,
			 unsigned int n, uint64_t made)
{
	if (cpu >= 0 && item->batch.cpu != (uint32_t)cpu)
		return false;
	for (uint32_t i = 0; i < item->batch.nr_calls; i++) {
		if (memcmp(&item->calls[i].in, &in[(made + i) % n], sizeof(*in)))
			return false;
	}
	return true;
}

static int replay_batch(struct session *s, const struct record_item *item, verdict_fn fn, void *ctx,
			struct session_error *err)
{
	const struct record_batch *batch = &item->batch;
	struct verdict_clock clock = batch->clock;
	int ret;

	ret = feed(s->join, batch, item->calls, item->events);
	if (ret)
		return fail(err, ret, "%s",
			    ret == -ENOMEM ? "out of memory"
					   : "the recording is damaged: its numbers do not fit");
	s->events = (struct hyp_event *)item->events;
	s->nr_events = batch->nr_events;
	s->trap_at = 0;
	s->batch_clock = batch->clock;
	verdict_join_settle(s->join, batch->cpu, batch->from_ns, batch->until_ns, &clock,
			    s->no_trace ? VERDICT_TRACING_OFF : batch->reason, fn, ctx);
	return 0;
}

/* The same request again, with the answers that it got then. */
static int call_again(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		      uint64_t total, int *bad, verdict_fn fn, void *ctx, struct session_error *err)
{
	struct retag retag = { .fn = fn, .ctx = ctx, .n = n };
	uint64_t made = 0;

	while (made < total) {
		struct record_item item;
		struct record_error rec_err;
		int ret = record_next(s->replay, &item, &rec_err);

		if (!ret)
			return fail(err, -EINTR, "the recorded run was ended here");
		if (ret < 0)
			return fail(err, ret, "%s", rec_err.text);

		if (item.kind == RECORD_FAILURE) {
			if (item.failure.bad >= 0 && (unsigned int)item.failure.bad < n)
				*bad = item.failure.bad;
			return fail(err, item.failure.error, "%s", item.failure.text);
		}
		if (item.kind != RECORD_BATCH || item.batch.nr_calls > total - made ||
		    !is_asked_for(&item, cpu, in, n, made)) {
			const char *tool = record_about(s->replay)->tool;

			return fail(
				err, -EBADMSG,
				"the recording has other calls here than this ffascope (%s) "
				"would make; it was made with %s. --calls shows them one by one",
				FFASCOPE_VERSION, tool ? tool : "another version");
		}
		retag.first = made;
		ret = replay_batch(s, &item, hand_on, &retag, err);
		if (ret)
			return ret;
		made += item.batch.nr_calls;
	}
	return 0;
}

static int call_now(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		    uint64_t total, int *bad, verdict_fn fn, void *ctx, struct session_error *err)
{
	struct retag retag = { .fn = fn, .ctx = ctx, .n = n };
	uint64_t made = 0;
	unsigned int done;
	int ret;

	ret = pin(s, cpu < 0 ? sched_getcpu() : cpu, err);

	while (!ret && made < total) {
		unsigned int now =
			total - made < s->batch ? (unsigned int)(total - made) : s->batch;

		if (s->stop && *s->stop)
			return -EINTR;

		for (unsigned int i = 0; i < now; i++) {
			s->calls[i] = (struct ffascope_call){ 0 };
			memcpy(s->calls[i].in, in[(made + i) % n].x, sizeof(s->calls[i].in));
		}
		retag.first = made;
		ret = make_batch(s, now, &done, &retag, bad, err);
		if (*bad >= 0)
			*bad = (int)((made + (unsigned int)*bad) % n);
		made += done;
		/* A signal that asks for nothing, such as the one that continues a stopped job. */
		if (ret == -EINTR && !(s->stop && *s->stop))
			ret = 0;
	}

	return ret;
}

int session_call(struct session *s, int cpu, const struct ffa_regs *in, unsigned int n,
		 uint64_t repeat, int *bad, verdict_fn fn, void *ctx, struct session_error *err)
{
	uint64_t total = n * repeat;
	struct record_failure failure;
	struct record_error rec_err;
	int ret;

	*bad = -1;
	if (s->replay)
		return call_again(s, cpu, in, n, total, bad, fn, ctx, err);

	ret = call_now(s, cpu, in, n, total, bad, fn, ctx, err);
	if (!ret || !s->writer)
		return ret;

	/* Whoever replays it has to get the same answer. */
	failure = (struct record_failure){
		.error = ret,
		.bad = *bad,
		.text = ret == -EINTR ? "" : err->text,
	};
	if (record_write_failure(s->writer, &failure, &rec_err))
		return fail(err, -EIO, "%s", rec_err.text);
	return ret;
}

struct one {
	struct verdict_call *call;
	struct verdict *verdict;
};

static void keep_one(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct one *one = ctx;

	(void)tag;
	*one->call = *call;
	*one->verdict = *v;
}

int session_driver(struct session *s, struct ffascope_driver *req, struct verdict_call *call,
		   struct verdict *verdict, struct session_error *err)
{
	struct one one = { .call = call, .verdict = verdict };
	struct retag retag = { .fn = keep_one, .ctx = &one, .n = 1 };
	unsigned int made;
	int bad, ret;

	*verdict = (struct verdict){ .reason = VERDICT_TRACING_OFF };
	ret = pin(s, sched_getcpu(), err);
	if (ret)
		return ret;

	req->cpu = s->pinned_cpu;
	req->guard_ns = s->guard_ns;
	s->calls[0] = (struct ffascope_call){ 0 };
	s->driver = req;
	ret = make_batch(s, 1, &made, &retag, &bad, err);
	s->driver = NULL;

	/* What the registers suggest is not known: arm_ffa keeps them. */
	verdict->inferred = VERDICT_SILENT;
	return ret;
}

unsigned int session_trap(struct session *s, const struct verdict_call *call, struct hyp_event *out,
			  unsigned int n)
{
	const struct verdict_clock *clock = &s->batch_clock;
	uint64_t from = call->begin_ns + (uint64_t)clock->offset_ns - clock->guard_ns;
	uint64_t until = call->end_ns + (uint64_t)clock->offset_ns + clock->guard_ns;
	unsigned int found = 0;

	if (!clock->guard_ns)
		return 0;

	for (size_t i = s->trap_at; i < s->nr_events && found < n; i++) {
		const struct hyp_event *ev = &s->events[i];

		if (ev->cpu != call->cpu || ev->ts < from)
			continue;
		if (ev->ts > until)
			break;
		if (!found)
			s->trap_at = i;
		out[found++] = *ev;
	}
	return found;
}

int session_replay(struct record_reader *reader, const struct record_meta *meta,
		   struct session_replay *replay, struct session_error *err)
{
	struct session s = { .join = verdict_join_new(meta->conduit_hvc),
			     .no_trace = replay->no_trace };
	struct record_item item;
	struct record_error rec_err;
	int ret;

	if (!s.join)
		return fail(err, -ENOMEM, "out of memory");
	verdict_join_set_precision(s.join, (unsigned int)meta->precision_ns);

	replay->failed = 0;
	while ((ret = record_next(reader, &item, &rec_err)) > 0) {
		if (item.kind == RECORD_FAILURE) {
			replay->failed =
				fail(&replay->failure, item.failure.error, "%s", item.failure.text);
			continue;
		}
		if (item.kind != RECORD_BATCH)
			continue;
		ret = replay_batch(&s, &item, replay->fn, replay->ctx, err);
		if (ret) {
			verdict_join_free(s.join);
			return ret;
		}
	}
	verdict_join_free(s.join);

	return ret ? fail(err, ret, "%s", rec_err.text) : 0;
}
