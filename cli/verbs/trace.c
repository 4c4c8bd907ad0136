// SPDX-License-Identifier: GPL-2.0-only
/* Watches the FF-A calls that the host's drivers make. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "ffa/catalogue.h"
#include "report/report.h"
#include "report/summary.h"
#include "driver/state.h"
#include "driver/watch.h"
#include "command/replay.h"
#include "command/verb.h"
#include "verbs/verbs.h"
#include "watch/filter.h"

/* What a recording has room for, of one CPU in one round. */
#define MAX_BUFFER_KB 16384

enum {
	OPT_CALL = 0x100,
	OPT_ENDPOINT,
	OPT_TASK,
	OPT_VERDICT,
	OPT_STATUS,
	OPT_SLOWER,
	OPT_DURATION,
	OPT_COUNT,
	OPT_STACK,
	OPT_BUFFER,
	OPT_VIOLATIONS,
};

static const struct argp_option options[] = {
	{ "call", OPT_CALL, "CALL", 0, "Only this call, or calls that fit a pattern; repeatable",
	  0 },
	{ "endpoint", OPT_ENDPOINT, "ID", 0, "Only calls that name this endpoint in w1", 0 },
	{ "task", OPT_TASK, "NAME|PID", 0, "Only calls of this task, thread or process", 0 },
	{ "verdict", OPT_VERDICT, "VERDICT", 0, "Only calls with this verdict; A|B for either", 0 },
	{ "status", OPT_STATUS, "STATUS", 0, "Only calls answered like this; A|B for either", 0 },
	{ "slower-than", OPT_SLOWER, "TIME", 0, "Only calls that took longer: 500us, 2ms", 0 },
	{ "duration", OPT_DURATION, "TIME", 0, "End after this time: 10 (seconds), 500ms", 0 },
	{ "count", OPT_COUNT, "N", 0, "End after showing N calls", 0 },
	{ "stack", OPT_STACK, NULL, 0, "Show the kernel's stack of each call", 0 },
	{ "violations", OPT_VIOLATIONS, NULL, 0,
	  "Show only calls with reserved bits set: which driver and task, how many, the first stack",
	  0 },
	{ "buffer", OPT_BUFFER, "KB", 0, "Size of the trace buffer of each CPU (4096)", 0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &call_options_evidence },
	{ .argp = &call_options_form },
	{ 0 },
};

struct trace_args {
	struct call_options common;
	struct driver_filter host;
	struct watch_filter filter;
	uint64_t duration_ns, count, buffer_kb;
	struct record_about about;
	bool stack;
	bool violations;
};

static void want_calls(struct trace_args *args, const char *word, struct argp_state *state)
{
	const struct ffa_call *nearest[1];
	bool found = false;
	uint32_t fid;

	args->host.calls = true;
	if (!ffa_call_parse_fid(word, &fid)) {
		args->host.call[DRIVER_INDEX(fid)] = 1;
		return;
	}
	for (size_t i = 0; i < ffa_call_count(); i++) {
		const struct ffa_call *call = ffa_call_at(i);

		if (!ffa_call_matches(call, word))
			continue;
		args->host.call[DRIVER_INDEX(ffa_call_fid(call))] = 1;
		found = true;
	}
	if (found)
		return;
	if (ffa_call_nearest(word, nearest, 1))
		argp_error(state, "--call %s: no such call. Nearest: %s", word,
			   ffa_call_name(nearest[0]));
	argp_error(state, "--call %s: no such call; `ffascope list' lists all", word);
}

static void want_endpoint(struct trace_args *args, const char *word, struct argp_state *state)
{
	uint64_t value;

	if (!verb_parse_number(word, 0, 0xffff, &value))
		argp_error(state, "--endpoint %s: give an ID from 0 to 0xffff", word);
	args->host.has_endpoint = true;
	args->host.endpoint = (uint16_t)value;

	for (size_t i = 0; i < ffa_call_count(); i++) {
		const struct ffa_call *call = ffa_call_at(i);
		uint8_t *halves = &args->host.halves[DRIVER_INDEX(ffa_call_fid(call))];

		for (size_t j = 0; j < call->nr_fields; j++) {
			const struct ffa_field *field = &call->fields[j];

			if (field->reg != 1 || field->type != FFA_TYPE_ID)
				continue;
			if (field->lo == 0)
				*halves |= DRIVER_ENDPOINT_LOW;
			if (field->lo == 16)
				*halves |= DRIVER_ENDPOINT_HIGH;
		}
	}
}

static void want_task(struct trace_args *args, char *word, struct argp_state *state)
{
	uint64_t value;

	if (verb_parse_number(word, 1, 0x7fffffff, &value)) {
		args->host.pid = (uint32_t)value;
		return;
	}
	if (!word[0] || strlen(word) >= HOST_COMM_LEN)
		argp_error(state, "--task %s: a task's name has 1 to %d characters", word,
			   HOST_COMM_LEN - 1);
	args->host.comm = word;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct trace_args *args = state->input;

	switch (key) {
	case ARGP_KEY_END:
		if (args->common.tsv && args->violations)
			argp_error(state, "--tsv and --violations exclude each other");
		return 0;
	case ARGP_KEY_INIT:
		call_options_hand_on(state, children, &args->common);
		return 0;
	case OPT_CALL:
		want_calls(args, arg, state);
		return 0;
	case OPT_ENDPOINT:
		want_endpoint(args, arg, state);
		return 0;
	case OPT_TASK:
		want_task(args, arg, state);
		return 0;
	case OPT_VERDICT:
		if (watch_filter_verdicts(&args->filter, arg))
			argp_error(state,
				   "--verdict %s: give rejected, answered, forwarded, unknown",
				   arg);
		return 0;
	case OPT_STATUS:
		if (watch_filter_statuses(&args->filter, arg))
			argp_error(state, "--status %s: give names like DENIED or codes like -6",
				   arg);
		return 0;
	case OPT_SLOWER:
		if (watch_parse_time(arg, 1000, &args->filter.slower_ns))
			argp_error(state, "--slower-than %s: give a time like 500us, 2ms or 1s",
				   arg);
		return 0;
	case OPT_DURATION:
		if (watch_parse_time(arg, 1000000000, &args->duration_ns) || !args->duration_ns)
			argp_error(state, "--duration %s: give a time like 10 (seconds) or 500ms",
				   arg);
		return 0;
	case OPT_COUNT:
		if (!verb_parse_number(arg, 1, UINT64_MAX, &args->count))
			argp_error(state, "--count %s: give a number from 1", arg);
		return 0;
	case OPT_STACK:
		args->stack = true;
		return 0;
	case OPT_VIOLATIONS:
		args->violations = args->stack = true;
		return 0;
	case OPT_BUFFER:
		if (!verb_parse_number(arg, 4, MAX_BUFFER_KB, &args->buffer_kb))
			argp_error(state, "--buffer %s: give KB from 4 to %d", arg, MAX_BUFFER_KB);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: trace takes options only; --call %s?", arg, arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
	.doc = "Shows each FF-A call that arm_ffa, the drivers above it and other users of the module "
	       "make, with its verdict; Ctrl-C ends it with a summary.\v"
	       "  ffascope trace\n"
	       "  ffascope trace --call 'notification-*' --duration 10\n"
	       "  ffascope trace --verdict rejected|unknown --stack\n"
	       "  ffascope trace --violations --duration 60",
};

struct show {
	const struct trace_args *args;
	struct driver_watch *watch;
	struct report *report;
	struct report_summary *summary; /* one of the two may be NULL */
	FILE *out;
	bool color;
	bool replay;
	bool violations; /* report counts calls with reserved bits set */
	uint64_t shown, unknown;
};

static bool is_enough(const struct show *show)
{
	return show->args->count && show->shown >= show->args->count;
}

static void take(void *ctx, const struct watched *watched)
{
	struct show *show = ctx;

	if (is_enough(show) || !watch_passes(&show->args->filter, watched))
		return;
	if (watched->host->source == HOST_SOURCE_SRI) {
		if (show->report)
			report_watched(show->report, watched, "");
		return;
	}

	show->shown++;
	show->unknown += watched->verdict.kind == VERDICT_UNKNOWN;
	if (show->report)
		report_watched(show->report, watched,
			       driver_watch_stack(show->watch, watched->host->stack));
	if (show->summary)
		report_summary_add(show->summary, &watched->call, &watched->verdict);
}

static bool is_over(const struct show *show, uint64_t start)
{
	return is_enough(show) || (show->args->duration_ns &&
				   clock_ns(CLOCK_MONOTONIC) - start >= show->args->duration_ns);
}

/* A recording is read to its end, which is where the run that made it ended. */
static int watch(struct show *show, struct error *err)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	int ret = 0, later;

	while (!ret && !verb_stop && (show->replay || !is_over(show, start))) {
		ret = driver_watch_round(show->watch, false, take, show, err);
		/* Who reads along sees each call as soon as it is settled. */
		if (fflush(show->out))
			break;
	}
	if (ret < 0 && !show->replay)
		return ret;
	later = driver_watch_round(show->watch, true, take, show, err);
	return ret < 0 ? ret : later;
}

static void add_calibration(struct show *show)
{
	const struct calibration *cal = watch_calibration(driver_watch_matching(show->watch));

	if (cal)
		report_summary_calibration(show->summary, cal);
}

static void add_losses(struct show *show)
{
	const struct watch *watched = driver_watch_matching(show->watch);
	struct watch_totals totals;
	char what[64];

	watch_totals(watched, &totals);
	if (totals.dropped)
		report_summary_lost(show->summary, "calls, the ring buffer of BPF was full",
				    totals.dropped);
	if (totals.missed)
		report_summary_lost(show->summary, "calls, of which one end was not seen",
				    totals.missed);
	for (uint32_t cpu = 0; cpu < watch_nr_cpus(watched); cpu++) {
		if (!watch_lost(watched, cpu))
			continue;
		snprintf(what, sizeof(what), "events in the trace buffer of CPU %u", cpu);
		report_summary_lost(show->summary, what, watch_lost(watched, cpu));
	}
}

/* Returns 0 or -ENOMEM. */
static int end(const struct options *opts, struct show *show)
{
	const struct report_summary_style style = {
		.color = show->color,
		.utf8 = verb_utf8(),
		.table = show->report && opts->verbosity < 1,
	};
	int ret = show->report ? report_end(show->report) : 0;

	if (ret || !show->summary)
		return ret;

	/* Lines of one kind only: the summary has another form. */
	if (show->args->common.tsv)
		return 0;
	add_losses(show);
	add_calibration(show);
	if (opts->json)
		return report_summary_print_json(show->summary, show->out);
	if (show->report)
		fputc('\n', show->out);
	report_summary_print(show->summary, show->out, &style);
	return 0;
}

static void tell_how(const struct options *opts, const struct show *show)
{
	struct watch_totals totals;

	if (opts->verbosity < 1)
		return;

	watch_totals(driver_watch_matching(show->watch), &totals);
	verb_note(opts, "%llu SMCs of others: PSCI, calls that were filtered out",
		  (unsigned long long)totals.other_traps);
	if (totals.clock_known)
		verb_note(opts, "clocks: hypervisor minus boot between %lld and %lld ns",
			  (long long)totals.offset_low_ns, (long long)totals.offset_high_ns);
}

/* Calls that were not seen may have set reserved bits too, so `none' is not proven then. */
static int violations_status(const struct options *opts, const struct show *show)
{
	struct watch_totals totals;

	if (report_violating(show->report))
		return STATUS_FAILED;
	watch_totals(driver_watch_matching(show->watch), &totals);
	if (!totals.dropped && !totals.missed)
		return STATUS_DONE;
	verb_note(opts, "%llu calls were not seen; they may set reserved bits",
		  (unsigned long long)totals.dropped + (unsigned long long)totals.missed);
	return STATUS_UNKNOWN;
}

static int show_all(const struct options *opts, struct show *show, const struct watch_state *state)
{
	struct error err;
	int ret;

	if (show->report)
		report_state(show->report, state);
	fflush(show->out);
	if (!show->replay)
		verb_note(opts, "watching; Ctrl-C ends it");

	ret = watch(show, &err);
	/* Show the complete part of a truncated recording, then report the truncation. */
	if ((!ret || show->replay) && end(opts, show) && !ret)
		ret = error_no_memory(&err);
	fflush(show->out);
	if (ret) {
		verb_error(opts, "%s", err.text);
		return STATUS_INTERNAL;
	}
	tell_how(opts, show);
	if (show->violations)
		return violations_status(opts, show);
	return show->unknown ? STATUS_UNKNOWN : STATUS_DONE;
}

static const struct report_ops *ops_of(const struct options *opts, const struct show *show)
{
	if (show->violations)
		return opts->json ? &report_violations_json : &report_violations;
	if (show->args->common.tsv)
		return &report_tsv;
	return opts->json ? &report_json : &report_text;
}

static int live(const struct options *opts, struct show *show, const struct watch_state *state,
		uint32_t version)
{
	const struct report_options report_opts = {
		.out = stdout,
		.color = show->color,
		.verbose = opts->verbosity > 0,
		.ffa_version = version,
		.texts = driver_watch_texts(show->watch),
	};
	int status = STATUS_INTERNAL;

	if (driver_watch_note(show->watch) && !show->violations)
		verb_note(opts, "no trace: %s", driver_watch_note(show->watch));
	if (opts->verbosity > 0)
		verb_note(opts, "arm_ffa is hooked through %s", driver_watch_way(show->watch));
	if (!driver_watch_sees_module(show->watch))
		verb_note(opts, "calls through the module are not watched: it is not loaded");

	show->report = report_new(ops_of(opts, show), &report_opts);
	if (!show->violations)
		show->summary = report_summary_new();
	if (show->report && (show->summary || show->violations))
		status = show_all(opts, show, state);
	report_free(show->report);
	report_summary_free(show->summary);
	return status;
}

static uint32_t version_in_force(const struct options *opts, const struct watch_state *state)
{
	uint32_t version = opts->ffa_version ? opts->ffa_version : watch_state_version(state);

	return version ? version : FFA_VERSION_DEFAULT;
}

static int run(const struct options *opts, struct trace_args *args)
{
	struct show show = {
		.args = args,
		.out = stdout,
		.color = verb_color(opts),
		.violations = args->violations,
	};
	struct watch_state state;
	struct driver_watch_options watch_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.record = args->common.record,
		.about = &args->about,
		.state = &state,
		.buffer_kb = (unsigned int)args->buffer_kb,
		/* Violations need no verdicts: leave the hypervisor's trace to others. */
		.no_trace = args->common.no_trace || (args->violations && !args->common.record),
		.stacks = args->stack,
		.keep_events = opts->verbosity > 0,
		.filter = &args->host,
		.stop = &verb_stop,
	};
	struct error err;
	int ret, status;

	verb_catch_signals();
	if (driver_query_state(opts->device, &state, &err))
		verb_note(opts, "the state is not known: %s", err.text);
	watch_opts.ffa_version = version_in_force(opts, &state);

	ret = driver_watch_open(&show.watch, &watch_opts, &err);
	if (ret) {
		if (!verb_stop)
			verb_error(opts, "%s", err.text);
		return verb_status(ret);
	}
	status = live(opts, &show, &state, watch_opts.ffa_version);
	if (driver_watch_close(show.watch, &err)) {
		verb_error(opts, "%s", err.text);
		return STATUS_INTERNAL;
	}
	return status;
}

static int trace_run(const struct options *opts, int argc, char **argv)
{
	struct trace_args args = { 0 };
	int status = STATUS_INTERNAL;

	if (!verb_keep_words(opts, &args.about) && !verb_parse(&argp, argc, argv, &args))
		status = run(opts, &args);
	record_about_free(&args.about);
	return status;
}

static int trace_replay(const struct options *opts, const struct replay *replay)
{
	const struct record_about *about = record_about(replay->reader);
	const struct driver_watch_replay how = {
		.reader = replay->reader,
		.hvc = replay->meta->conduit_hvc,
		.no_trace = replay->no_trace,
		.keep_events = opts->verbosity > 0,
	};
	struct report_options report_opts = *replay->report_opts;
	struct trace_args args = { 0 };
	struct show show = {
		.args = &args, .replay = true, .out = replay->out, .color = replay->color
	};
	struct watch_state state;
	struct error err;
	int status;

	if (about->argc && verb_parse(&argp, (int)about->argc, about->argv, &args))
		return STATUS_INTERNAL;
	if (driver_watch_replay(&show.watch, &how, &state, &err)) {
		verb_error(opts, "%s", err.text);
		return STATUS_INTERNAL;
	}

	report_opts.texts = driver_watch_texts(show.watch);
	report_opts.calibration = watch_calibration(driver_watch_matching(show.watch));
	if (replay->ops == &report_tsv)
		args.common.tsv = true;
	show.violations =
		replay->ops == &report_violations || replay->ops == &report_violations_json ||
		(args.violations && (replay->ops == &report_text || replay->ops == &report_json));
	/* A live trace ends with the summary, which includes the losses. */
	if (show.violations)
		show.report = report_new(ops_of(opts, &show), &report_opts);
	else if (replay->ops != &report_summary && replay->ops != &report_summary_json)
		show.report = report_new(replay->ops, &report_opts);
	if (replay->ops != &report_timeline && replay->ops != &report_perfetto && !show.violations)
		show.summary = report_summary_new();
	status = show_all(opts, &show, &state);
	report_free(show.report);
	report_summary_free(show.summary);
	driver_watch_close(show.watch, &err);
	return status;
}

const struct verb verb_trace = {
	.name = "trace",
	.help = "Watches the FF-A calls of the host's drivers",
	.run = trace_run,
	.replay = trace_replay,
};
