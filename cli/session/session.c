// SPDX-License-Identifier: GPL-2.0-only
/* Opens and closes a session. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config.h"
#include "calibrate/calibrate.h"
#include "ffa/version.h"
#include "session/internal.h"

/*
 * Room in the trace buffer for one call: a forwarded one leaves four events of 16 bytes
 * (kernel/trace/simple_ring_buffer.c); the rest is for other events of the CPU.
 */
#define BYTES_A_CALL 256

static int open_trace(struct session *s, const struct session_options *opts, struct error *err)
{
	const struct hyp_options hyp_opts = {
		.tracefs = opts->tracefs,
		.ring_bytes = opts->ring_bytes,
		.stop = opts->stop,
		.texts = s->texts,
	};
	unsigned int batch;
	int ret;

	if (opts->no_trace) {
		snprintf(s->note, sizeof(s->note), "--no-trace: the trace is not used");
		return 0;
	}

	ret = hyp_open(&s->trace, &hyp_opts, err);
	if (ret == -ENODEV || ret == -ENOTSUP) {
		snprintf(s->note, sizeof(s->note), "%s", err->text);
		return 0;
	}
	if (ret)
		return ret;

	batch = (unsigned int)(hyp_buffer_size(s->trace) / BYTES_A_CALL);
	s->batch = batch > SESSION_MAX_BATCH ? SESSION_MAX_BATCH : batch ? batch : 1;
	verdict_join_set_precision(s->join, hyp_precision(s->trace));
	ret = session_pin(s, sched_getcpu(), err);
	if (ret)
		return ret;

	/* If tracing was switched off meanwhile, the verdicts report it. */
	ret = session_clock_compare(s, err);
	return ret == -ETIMEDOUT ? 0 : ret;
}

static int open_record(struct session *s, const struct session_options *opts, struct error *err)
{
	struct record_meta meta = {
		.ffa_version = s->ffa_version,
		.conduit_hvc = device_info(s->device)->conduit == FFASCOPE_CONDUIT_HVC,
		.count = opts->count,
	};
	struct utsname uts;
	int ret;

	snprintf(meta.verb, sizeof(meta.verb), "%s", opts->verb);
	if (!uname(&uts))
		snprintf(meta.kernel, sizeof(meta.kernel), "%s", uts.release);

	ret = record_create(&s->writer, opts->record, &meta, err);
	/* Always -EIO: the other errors mean that the machine is not supported. */
	return ret ? -EIO : 0;
}

/* Records the facts about this machine that a replay needs. */
static int write_about(struct session *s, const struct record_about *given, struct error *err)
{
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
	about.unsafe = session_unsafe(s);
	if (ret)
		error_no_memory(err);
	else
		ret = record_write_about(s->writer, &about, err);
	record_about_free(&cpus);
	return ret ? -EIO : 0;
}

static int calibrate(struct session *s, struct error *err)
{
	const struct calibrate_options opts = {
		.device = s->device,
		.trace = s->trace,
		.writer = s->writer,
		.stop = s->stop,
	};
	struct calibration cal;
	int ret = calibrate_evidence(&opts, &cal, err);

	if (!ret)
		verdict_join_calibrate(s->join, &cal);
	return ret;
}

static int open_replay(struct session *s, const struct session_options *opts, struct error *err)
{
	const struct record_about *about = record_about(opts->replay);

	s->replay = opts->replay;
	s->no_trace = opts->no_trace;
	s->ffa_version = opts->ffa_version ? opts->ffa_version : opts->replay_meta->ffa_version;
	if (about->note)
		snprintf(s->note, sizeof(s->note), "%s", about->note);
	s->join = verdict_join_new(opts->replay_meta->conduit_hvc);
	if (!s->join)
		return error_no_memory(err);
	verdict_join_set_precision(s->join, (unsigned int)opts->replay_meta->precision_ns);
	return session_replay_calibrate(s, err);
}

static int open_all(struct session *s, const struct session_options *opts, struct error *err)
{
	struct error dev_err;
	int ret;

	if (opts->replay)
		return open_replay(s, opts, err);

	s->device = opts->opened;
	s->device_stays = opts->opened;
	ret = opts->opened ? 0 : device_open(&s->device, opts->device, &dev_err);
	if (ret)
		return error_set(err, ret, "%s", dev_err.text);

	s->ffa_version = opts->ffa_version;
	if (!s->ffa_version)
		s->ffa_version = device_info(s->device)->ffa_version;
	if (!s->ffa_version)
		s->ffa_version = FFA_VERSION_DEFAULT;

	s->join = verdict_join_new(device_info(s->device)->conduit == FFASCOPE_CONDUIT_HVC);
	if (!s->join || session_part_init(&s->own))
		return error_no_memory(err);

	/* Create the file first: if that fails, the trace is not touched. */
	ret = opts->record ? open_record(s, opts, err) : 0;
	if (!ret)
		ret = open_trace(s, opts, err);
	if (!ret && s->writer && s->trace)
		record_set_precision(s->writer, hyp_precision(s->trace));
	if (!ret && s->writer && opts->about)
		ret = write_about(s, opts->about, err);
	return ret ? ret : calibrate(s, err);
}

int session_open(struct session **out, const struct session_options *opts, struct error *err)
{
	struct session *s = calloc(1, sizeof(*s));
	struct error ignored;
	int ret;

	if (!s)
		return error_no_memory(err);

	pthread_mutex_init(&s->clock_mutex, NULL);
	session_set_guard(s, opts->guard_ns);
	s->stop = opts->stop;
	s->batch = SESSION_MAX_BATCH;
	s->texts = texts_new();

	ret = s->texts ? open_all(s, opts, err) : error_no_memory(err);
	if (ret) {
		session_close(s, &ignored);
		return ret;
	}

	*out = s;
	return 0;
}

int session_close(struct session *s, struct error *err)
{
	int ret, not_put_back;

	if (!s)
		return 0;

	/* First: hyp_end() forks. */
	session_team_free(s);
	not_put_back = hyp_end(s->trace, err);
	if (not_put_back)
		error_set(err, not_put_back,
			  "%s: the trace is not restored; the next run restores it", err->text);
	if (s->pinned)
		sched_setaffinity(0, sizeof(s->old_cpus), &s->old_cpus);
	ret = record_finish(s->writer, err);
	if (!ret)
		ret = not_put_back;
	if (!s->device_stays)
		device_close(s->device);
	verdict_join_free(s->join);
	texts_free(s->texts);
	session_part_free(s, &s->own);
	pthread_mutex_destroy(&s->clock_mutex);
	free(s);
	return ret;
}

void session_set_guard(struct session *s, unsigned int guard_ns)
{
	s->guard_given = guard_ns;
	s->guard_ns = guard_ns ? guard_ns : DEVICE_LONG_GUARD_NS;
}

uint32_t session_ffa_version(const struct session *s)
{
	return s->ffa_version;
}

bool session_unsafe(const struct session *s)
{
	if (s->replay)
		return record_about(s->replay)->unsafe;
	return device_info(s->device)->features & FFASCOPE_FEATURE_UNSAFE;
}

const char *session_note(const struct session *s)
{
	return s->note[0] ? s->note : NULL;
}

const char *session_reader(const struct session *s)
{
	return s->trace ? hyp_reader_name(hyp_reader(s->trace)) : "none";
}

const char *session_evidence_level(const struct session *s)
{
	if (!s->trace)
		return "registers only: every verdict is unknown; inferred answers are not proven";
	if (hyp_precision(s->trace) > 1)
		return hyp_has_markers(s->trace)
			       ? "trace as text: verdicts from the trace, times to the microsecond; calls closer together than that are unknown"
			       : "trace as text, without markers: verdicts from the trace, times to the microsecond, clocks compared by the calls only";
	if (!hyp_has_markers(s->trace))
		return "trace through BPF, without markers: verdicts from the trace, clocks compared by the calls only";
	return "trace through BPF: verdicts from the trace, times to the nanosecond";
}

const struct texts *session_texts(const struct session *s)
{
	return s->texts;
}

const struct calibration *session_calibration(const struct session *s)
{
	return verdict_join_calibration(s->join);
}

uint64_t session_latency_ns(const struct session *s)
{
	return s->latency_ns;
}
