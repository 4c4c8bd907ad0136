// SPDX-License-Identifier: GPL-2.0-only
/* Makes random calls and shows those that EL2 does not treat as a sweep predicts. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/fuzz.h"
#include "session/session.h"
#include "command/cpus.h"
#include "command/open.h"
#include "command/replay.h"
#include "command/sweep_port.h"
#include "command/verb.h"
#include "verbs/verbs.h"

#define NS_PER_S     1000000000ULL
#define DEFAULT_TIME 60	 /* s */
#define DEFAULT_SLOW 100 /* ms; a call takes less than 1 ms in the lab's emulator */
#define MAX_CPUS     256
#define MIXED_TURNS  4 /* one turn of so many is made on all CPUs at once */

enum {
	OPT_SEED = 0x100,
	OPT_TIME,
	OPT_COUNT,
	OPT_SLOW,
	OPT_SAVE,
	OPT_KTAP,
	OPT_CPUS,
};

static const struct argp_option options[] = {
	{ "seed", OPT_SEED, "N", 0, "The same number gives the same calls (1)", 0 },
	{ "time", OPT_TIME, "SECONDS", 0, "End after this time (60, unless --count is given)", 0 },
	{ "count", OPT_COUNT, "N", 0, "End after this many calls", 0 },
	{ "slow", OPT_SLOW, "MS", 0, "A call that takes longer is a finding too; 0: none is (100)",
	  0 },
	{ "cpus", OPT_CPUS, "LIST", 0,
	  "Make all calls on these CPUs at the same time: 0,2-3, or all", 0 },
	{ "save", OPT_SAVE, "DIR", 0, "Write each finding as a script for `ffascope run'", 0 },
	{ "ktap", OPT_KTAP, NULL, 0, "Report in KTAP, a case for each call", 0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &call_options_evidence },
	{ .argp = &call_options_consent },
	{ .argp = &call_options_place },
	{ 0 },
};

struct fuzz_args {
	struct call_options common;
	char **calls; /* names, patterns, numbers */
	int nr_calls;
	uint64_t seed, time, count, slow;
	bool time_given, ktap;
	const char *save;

	struct record_about about;
	struct sweep_machine machine;
	char kernel[120];
	int cpus[MAX_CPUS];
	size_t nr_cpus;
	bool at_once, all; /* --cpus, --cpus all */
	struct cpus list;  /* of --cpus */
	FILE *out;
};

static uint64_t number(const struct argp_state *state, const char *option, const char *text,
		       uint64_t min, uint64_t max)
{
	uint64_t value = 0;

	if (!verb_parse_number(text, min, max, &value))
		argp_error(state, "--%s %s: give a number from %llu to %llu", option, text,
			   (unsigned long long)min, (unsigned long long)max);
	return value;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct fuzz_args *args = state->input;
	char err[256];

	switch (key) {
	case ARGP_KEY_INIT:
		call_options_hand_on(state, children, &args->common);
		return 0;
	case OPT_SEED:
		args->seed = number(state, "seed", arg, 0, UINT32_MAX);
		return 0;
	case OPT_TIME:
		args->time = number(state, "time", arg, 1, 31536000);
		args->time_given = true;
		return 0;
	case OPT_COUNT:
		args->count = number(state, "count", arg, 1, UINT32_MAX);
		return 0;
	case OPT_SLOW:
		args->slow = number(state, "slow", arg, 0, 3600000);
		return 0;
	case OPT_CPUS:
		if (cpus_parse(arg, &args->list, err, sizeof(err)))
			argp_error(state, "%s", err);
		if (args->list.n > MAX_CPUS)
			argp_error(state, "--cpus %s: more than %d CPUs", arg, MAX_CPUS);
		args->at_once = true;
		args->all = !strcmp(arg, "all");
		return 0;
	case OPT_SAVE:
		args->save = arg;
		return 0;
	case OPT_KTAP:
		args->ktap = true;
		return 0;
	case ARGP_KEY_ARGS:
		args->calls = state->argv + state->next;
		args->nr_calls = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (args->at_once && args->common.cpu >= 0)
			argp_error(state, "--cpu and --cpus exclude each other");
		if (args->count && !args->time_given)
			args->time = 0;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
	.args_doc = "[CALL...]",
	.doc = "Sweeps the calls to learn what EL2 refuses, then makes random ones: valid values of "
	       "fields, and several reserved things at once. A call that EL2 does not treat as the "
	       "sweep predicts is a finding; it is repeated and reduced.\v"
	       "CALL is a name, a function identifier, or a pattern with * and ?; without one, the "
	       "calls that EL2 handles or blocks are made.\n\n"
	       "  ffascope fuzz\n"
	       "  ffascope fuzz --allow-state-change --time 600 --save found\n"
	       "  ffascope fuzz --cpus all\n"
	       "  ffascope fuzz --seed 7 --count 10000 'notification-*'",
};

/* ---- plan ---- */

static bool is_asked_for(const struct fuzz_args *args, const struct ffa_call *call)
{
	for (int i = 0; i < args->nr_calls; i++) {
		uint32_t fid;

		if (strpbrk(args->calls[i], "*?") ? ffa_call_matches(call, args->calls[i])
						  : !ffa_call_parse_fid(args->calls[i], &fid) &&
							    fid == ffa_call_fid(call))
			return true;
	}
	return !args->nr_calls;
}

static int plan(const struct options *opts, const struct fuzz_args *args, struct sweep *sweep)
{
	const struct ffa_call *call;
	struct error err;

	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (!is_asked_for(args, call) || (!args->nr_calls && !call->example))
			continue;
		if (sweep_add_any(sweep, call, &args->machine, args->common.allow, &err)) {
			verb_error(opts, "%s", err.text);
			return STATUS_USAGE;
		}
	}
	for (int i = 0; i < args->nr_calls; i++) {
		bool any = false;

		for (size_t c = 0; c < sweep->nr_calls && !any; c++) {
			const struct fuzz_args one = { .calls = &args->calls[i], .nr_calls = 1 };

			any = is_asked_for(&one, sweep->calls[c].ffa);
		}
		if (!any) {
			request_no_such_call(opts, args->calls[i]);
			return STATUS_USAGE;
		}
	}
	return STATUS_DONE;
}

/* Without names, calls that EL2 passes through unread are left out. */
static void leave_out(const struct fuzz_args *args, struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->nr_calls && !args->nr_calls; i++) {
		struct sweep_call *call = &sweep->calls[i];

		if (!call->skipped[0] && !fuzz_is_default(call))
			snprintf(call->skipped, sizeof(call->skipped), "EL2 passes it through");
	}
}

static void tell_skipped(const struct options *opts, const struct fuzz_args *args,
			 const struct sweep *sweep)
{
	size_t asking = 0;

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];

		asking += call->asks_consent;
		if (args->nr_calls && call->skipped[0] && !call->asks_consent)
			verb_note(opts, "%s is left out: %s", call->name, call->skipped);
	}
	if (asking)
		verb_note(opts,
			  "%zu of %zu calls change state and are left out; --allow-state-change "
			  "makes them too",
			  asking, sweep->nr_calls);
}

/* ---- run ---- */

struct port {
	struct sweep_calls calls;
	uint64_t end_ns; /* on CLOCK_BOOTTIME; 0: no end */
};

static int port_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n, bool must,
		     struct sweep_result *out)
{
	struct port *port = ctx;

	return sweep_calls_on(&port->calls, cpu, in, n, must, out);
}

static int port_call_at_once(void *ctx, const struct fuzz_lane *lanes, size_t nr_lanes)
{
	struct port *port = ctx;

	return sweep_calls_at_once(&port->calls, lanes, nr_lanes);
}

static bool port_go_on(void *ctx)
{
	const struct port *port = ctx;

	return !verb_stop && (!port->end_ns || clock_ns(CLOCK_BOOTTIME) < port->end_ns);
}

/* Returns the path of the script, or NULL. */
static char *save_one(const struct options *opts, const struct fuzz_args *args,
		      const struct fuzz *fuzz, size_t at)
{
	const struct fuzz_finding *finding = &fuzz->findings[at];
	bool written = false;
	char *path = NULL;
	FILE *out;

	if (asprintf(&path, "%s/%s-%zu.ffa", args->save, sweep_short_name(finding->call->sc),
		     at + 1) < 0)
		return NULL;
	out = fopen(path, "we");
	if (out) {
		written = fuzz_script(out, finding, fuzz->opts.seed);
		if (!fclose(out) && written)
			return path;
	}
	if (!out || written)
		verb_error(opts, "%s: %s", path, strerror(errno));
	if (out)
		remove(path);
	free(path);
	return NULL;
}

static enum exit_status judge(const struct fuzz *fuzz)
{
	if (fuzz->nr_findings)
		return STATUS_FAILED;
	/* A few verdicts are lost on a busy machine; the others still show something. */
	if (!fuzz->made || fuzz->unknown > fuzz->made / 10)
		return STATUS_UNKNOWN;
	return STATUS_DONE;
}

static int show(const struct options *opts, const struct fuzz_args *args, const struct fuzz *fuzz,
		uint64_t ns)
{
	char **saved = calloc(fuzz->nr_findings + 1, sizeof(*saved));
	struct report_fuzz report = {
		.fuzz = fuzz, .kernel = args->kernel, .ns = ns, .saved = saved
	};
	int ret = saved ? 0 : -ENOMEM;

	for (size_t i = 0; i < fuzz->nr_findings && saved && args->save; i++)
		saved[i] = save_one(opts, args, fuzz, i);
	if (ret)
		;
	else if (args->ktap)
		report_fuzz_ktap(args->out, &report, verb_stop ? "ended by a signal" : NULL);
	else if (opts->json)
		ret = report_fuzz_json(args->out, &report);
	else
		report_fuzz_text(args->out, &report);
	for (size_t i = 0; i < fuzz->nr_findings && saved; i++)
		free(saved[i]);
	free(saved);
	if (!ret)
		return (int)judge(fuzz);
	verb_error(opts, "out of memory");
	return STATUS_INTERNAL;
}

/* Without options, faults of both kinds are looked for: on one CPU, and of CPUs that meet. */
static unsigned int at_once_every(const struct fuzz_args *args)
{
	if (args->nr_cpus < 2)
		return 0;
	return args->at_once ? 1 : MIXED_TURNS;
}

/* Sweeps, learns and fuzzes. Returns 0 or a negative errno; a recording ends with -EINTR. */
static int make_calls(const struct options *opts, const struct fuzz_args *args, struct port *port,
		      struct sweep *sweep, struct fuzz *fuzz)
{
	const struct sweep_port sweep_port = { .ctx = &port->calls, .call = sweep_calls_make };
	const struct fuzz_port fuzz_port = { .ctx = port,
					     .cpus = args->cpus,
					     .nr_cpus = args->nr_cpus,
					     .call = port_call,
					     .call_at_once = port_call_at_once,
					     .at_once_every = at_once_every(args),
					     .go_on = port_go_on };
	const struct fuzz_options fuzz_opts = { .seed = args->seed,
						.count = args->count,
						.slow_ns = args->slow * 1000000,
						.consent = args->common.allow };
	int ret = sweep_run(sweep, &sweep_port);

	leave_out(args, sweep);
	tell_skipped(opts, args, sweep);
	if (fuzz_init(fuzz, sweep, &fuzz_opts))
		return -ENOMEM;
	if (!ret)
		ret = fuzz_learn(fuzz, &fuzz_port);
	if (!ret)
		ret = fuzz_run(fuzz, &fuzz_port);
	return ret;
}

static int run(const struct options *opts, const struct fuzz_args *args, struct session *session,
	       struct sweep *sweep, bool replayed)
{
	uint64_t begin = clock_ns(CLOCK_BOOTTIME);
	struct port port = {
		.calls = { .session = session,
			   .cpu = args->cpus[0],
			   .quick = !args->common.guard_ns },
		.end_ns = args->time && !replayed ? begin + args->time * NS_PER_S : 0,
	};
	struct fuzz fuzz = { 0 };
	int ret, status;

	sweep->version = session_ffa_version(session);
	status = plan(opts, args, sweep);
	if (status)
		return status;
	ret = make_calls(opts, args, &port, sweep, &fuzz);
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		if (sweep->calls[i].left[0]) {
			verb_error(opts, "not put back: %s", sweep->calls[i].left);
			status = STATUS_INTERNAL;
		}
	}
	if (ret && ret != -EINTR) {
		verb_error(opts, "%s", ret == -ENOMEM ? "out of memory" : port.calls.err.text);
		status = (int)verb_status(ret);
	} else {
		ret = show(opts, args, &fuzz, replayed ? 0 : clock_ns(CLOCK_BOOTTIME) - begin);
		status = status ? status : ret;
	}
	fuzz_free(&fuzz);
	return status;
}

/* ---- the state afterwards ---- */

static int sweep_controls(const struct options *opts, const struct fuzz_args *args,
			  struct session *session, const struct sweep *before, struct sweep *after)
{
	struct sweep_calls calls = { .session = session, .cpu = args->cpus[0] };
	const struct sweep_port port = { .ctx = &calls, .call = sweep_calls_make };
	struct error err;

	after->version = before->version;
	for (size_t i = 0; i < before->nr_calls; i++) {
		if (!before->calls[i].skipped[0] && before->calls[i].ffa->changes &&
		    sweep_add(after, before->calls[i].ffa, &args->machine, NULL, 0, true, &err)) {
			verb_error(opts, "%s", err.text);
			return -EINVAL;
		}
	}
	for (size_t i = 0; i < after->nr_calls; i++)
		after->calls[i].nr_probes = after->calls[i].nr_values = 0;
	return sweep_run(after, &port);
}

/* Makes the controls again, outside the recording. Returns false after telling what differs. */
static bool state_is_as_before(const struct options *opts, const struct fuzz_args *args,
			       const struct sweep *before)
{
	const struct session_options session_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.verb = "fuzz",
		.ffa_version = opts->ffa_version,
		.no_trace = true,
	};
	struct session *session;
	struct sweep after = { 0 };
	struct error err;
	bool same = true;

	if (session_open(&session, &session_opts, &err)) {
		verb_error(opts, "%s", err.text);
		return false;
	}
	same = !sweep_controls(opts, args, session, before, &after);
	for (size_t i = 0; i < after.nr_calls; i++) {
		const struct sweep_call *now = &after.calls[i];

		for (size_t b = 0; b < before->nr_calls; b++) {
			const struct sweep_call *was = &before->calls[b];

			if (was->ffa != now->ffa || !now->control.made ||
			    sweep_same_status(&was->control, &now->control))
				continue;
			verb_error(opts, "not put back: %s was answered %s before and %s after",
				   now->name,
				   was->control.has_status ? ffa_status_name(was->control.status)
							   : "otherwise",
				   now->control.has_status ? ffa_status_name(now->control.status)
							   : "otherwise");
			same = false;
		}
	}
	sweep_free(&after);
	return !verb_session_close(session, opts, same ? STATUS_DONE : STATUS_FAILED);
}

/* The CPUs that options name. Returns false if they leave it to the machine. */
static bool take_named_cpus(struct fuzz_args *args)
{
	if (args->common.cpu >= 0)
		args->cpus[args->nr_cpus++] = args->common.cpu;
	for (unsigned int i = 0; args->at_once && !args->all && i < args->list.n; i++)
		args->cpus[args->nr_cpus++] = args->list.cpu[i];
	return args->nr_cpus;
}

static void find_cpus(struct fuzz_args *args)
{
	struct cpus mine;

	if (take_named_cpus(args))
		return;
	if (!cpus_allowed(&mine)) {
		for (unsigned int i = 0; i < mine.n && args->nr_cpus < MAX_CPUS; i++)
			args->cpus[args->nr_cpus++] = mine.cpu[i];
	}
	if (!args->nr_cpus)
		args->cpus[args->nr_cpus++] = -1;
}

static int live(const struct options *opts, struct fuzz_args *args)
{
	const struct session_options session_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.record = args->common.record,
		.verb = "fuzz",
		.ffa_version = opts->ffa_version,
		.guard_ns = args->common.guard_ns ? args->common.guard_ns : SWEEP_GUARD_NS,
		.no_trace = args->common.no_trace,
		.stop = &verb_stop,
		.about = &args->about,
	};
	struct sweep sweep = { 0 };
	struct session *session;
	int status;

	if (args->save && mkdir(args->save, 0777) && errno != EEXIST) {
		verb_error(opts, "%s: %s", args->save, strerror(errno));
		return STATUS_INTERNAL;
	}
	find_cpus(args);
	sweep_machine_find(opts, &args->machine, &args->about, args->kernel, sizeof(args->kernel));
	verb_catch_signals();
	status = verb_session_open(&session, &session_opts, opts);
	if (status)
		return status;
	status = verb_session_close(session, opts, run(opts, args, session, &sweep, false));
	if (args->common.allow && status != STATUS_USAGE && !verb_stop &&
	    !state_is_as_before(opts, args, &sweep))
		status = STATUS_INTERNAL;
	sweep_free(&sweep);
	return status;
}

static void set_defaults(struct fuzz_args *args, FILE *out)
{
	*args = (struct fuzz_args){
		.common.cpu = -1, .out = out, .seed = 1, .time = DEFAULT_TIME, .slow = DEFAULT_SLOW
	};
}

static int fuzz_verb_run(const struct options *opts, int argc, char **argv)
{
	struct fuzz_args args;
	int status = STATUS_INTERNAL;

	set_defaults(&args, stdout);
	if (!verb_keep_words(opts, &args.about) && !verb_parse(&argp, argc, argv, &args))
		status = live(opts, &args);
	record_about_free(&args.about);
	return status;
}

/* ---- from a recording ---- */

static int fuzz_replay(const struct options *opts, const struct replay *replay)
{
	const struct record_about *about = record_about(replay->reader);
	struct session_options session_opts = {
		.ffa_version = opts->ffa_version,
		.no_trace = replay->no_trace,
		.replay = replay->reader,
		.replay_meta = replay->meta,
	};
	struct sweep sweep = { 0 };
	struct session *session;
	struct fuzz_args args;
	struct error err;
	int status = STATUS_INTERNAL;

	set_defaults(&args, replay->out);
	if (verb_parse(&argp, (int)about->argc, about->argv, &args))
		return STATUS_INTERNAL;
	args.save = args.common.record = NULL;
	sweep_machine_recorded(about, &args.machine);
	snprintf(args.kernel, sizeof(args.kernel), "%s", replay->meta->kernel);
	if (!take_named_cpus(&args)) {
		for (size_t i = 0; i < about->nr_cpus && args.nr_cpus < MAX_CPUS; i++)
			args.cpus[args.nr_cpus++] = about->cpus[i];
	}
	if (!args.nr_cpus)
		args.cpus[args.nr_cpus++] = -1;

	if (!verb_session_open(&session, &session_opts, opts)) {
		status = run(opts, &args, session, &sweep, true);
		session_close(session, &err);
	}
	sweep_free(&sweep);
	return status;
}

const struct verb verb_fuzz = {
	.name = "fuzz",
	.help = "Makes random calls and compares with what a sweep predicts",
	.run = fuzz_verb_run,
	.replay = fuzz_replay,
};
