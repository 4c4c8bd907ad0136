// SPDX-License-Identifier: GPL-2.0-only
/* Makes a call, once or many times, and prints the verdict. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/version.h"
#include "report/report.h"
#include "session/session.h"
#include "command/cpus.h"
#include "command/open.h"
#include "command/verb.h"
#include "verbs/verbs.h"
#include "command/driver_call.h"
#include "command/memory_call.h"

#define MAX_COUNT UINT64_C(1000000000)

enum {
	OPT_DRY_RUN = 0x100,
	OPT_COUNT,
	OPT_CPUS,
	OPT_NO_CANARY,
	OPT_VIA,
	OPT_NO_RECLAIM,
};

static const struct argp_option options[] = {
	{ "dry-run", OPT_DRY_RUN, NULL, 0,
	  "Print the registers and the rules that they break, and stop", 0 },
	{ "count", OPT_COUNT, "N", 0,
	  "Make it N times; one line for each outcome, with --json one object a call", 0 },
	{ "cpus", OPT_CPUS, "LIST", 0,
	  "Make it on these CPUs at the same time, N times on each: 0,2-3, or all", 0 },
	{ "no-canary", OPT_NO_CANARY, NULL, 0, "Send zeros in x8-x17 of an SMC32 call", 0 },
	{ "via", OPT_VIA, "WAY", 0,
	  "registers (the default), or driver: through arm_ffa, where that can say it", 0 },
	{ "no-reclaim", OPT_NO_RECLAIM, NULL, 0,
	  "Leave memory shared that the call shares, also after the program has ended", 0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &call_options_evidence },
	{ .argp = &call_options_consent },
	{ .argp = &call_options_place },
	{ .argp = &call_options_form },
	{ 0 },
};

struct call_args {
	struct call_options common;
	const char *call;
	char **words;
	int nr_words;
	bool dry_run, no_canary;
	bool many, via_driver, no_reclaim;
	struct ffa_mem_request memory; /* contents of the TX buffer */
	uint64_t count;
	bool at_once; /* on all of cpus */
	struct cpus cpus;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct call_args *args = state->input;
	char err[256];

	switch (key) {
	case ARGP_KEY_INIT:
		call_options_hand_on(state, children, &args->common);
		return 0;
	case OPT_DRY_RUN:
		args->dry_run = true;
		return 0;
	case OPT_COUNT:
		if (!verb_parse_number(arg, 1, MAX_COUNT, &args->count))
			argp_error(state, "--count %s: give a number from 1 to %llu", arg,
				   (unsigned long long)MAX_COUNT);
		args->many = true;
		return 0;
	case OPT_CPUS:
		if (cpus_parse(arg, &args->cpus, err, sizeof(err)))
			argp_error(state, "%s", err);
		args->at_once = true;
		return 0;
	case OPT_NO_CANARY:
		args->no_canary = true;
		return 0;
	case OPT_VIA:
		if (strcmp(arg, "driver") && strcmp(arg, "registers"))
			argp_error(state, "--via %s: give registers or driver", arg);
		args->via_driver = !strcmp(arg, "driver");
		return 0;
	case OPT_NO_RECLAIM:
		args->no_reclaim = true;
		return 0;
	case ARGP_KEY_END:
		if (args->via_driver &&
		    (args->many || args->common.tsv || args->common.record ||
		     args->common.guard_ns || args->common.cpu >= 0 || args->at_once))
			argp_error(
				state,
				"--count, --record, --tsv, --cpu, --cpus and --guard are for --via registers: arm_ffa makes the call here");
		if (args->at_once && args->common.cpu >= 0)
			argp_error(state, "--cpu and --cpus exclude each other");
		return 0;
	case ARGP_KEY_ARGS:
		args->call = state->argv[state->next];
		args->words = state->argv + state->next + 1;
		args->nr_words = state->argc - state->next - 1;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no call is named; `ffascope list' lists all");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
	.args_doc = "CALL [FIELD=VALUE...]",
	.doc = "Makes an FF-A call and says whether the hypervisor refused it or TrustZone got it.\v"
	       "CALL is the specification's name (with or without FFA_, _64 for the 64-bit form) or a "
	       "function identifier. FIELD=VALUE is a field's name, or w2=5, x4=0x1, w1[31:16]=0xdead, "
	       "w2[9]=1; the later wins. The TX buffer of a call: tx=@FILE, tx[0x20]=1, and for "
	       "memory transactions the fields that ffascope(1) lists.\n\n"
	       "  ffascope call notification-bitmap-create vm-id=0 vcpu-count=4\n"
	       "  ffascope call notification-bitmap-create vm-id=0 vcpu-count=4 w1[31:16]=1\n"
	       "  ffascope call --count 1000 id-get\n"
	       "  ffascope call --cpus all --count 1000 id-get\n"
	       "  ffascope call --allow-state-change mem-share receiver=0x8001 pages=2 access=rw",
};

static int build(const struct options *opts, struct call_args *args, struct ffa_regs *in)
{
	/* The call's name is the argument before its words. */
	int ret = memory_read_words(opts, args->words - 1, args->nr_words + 1, in, &args->memory);

	if (ret)
		return ret;
	if (args->memory.buffer && (args->via_driver || args->at_once)) {
		verb_error(opts, "--via driver and --cpus make no call with a TX buffer");
		return -EINVAL;
	}
	/* arm_ffa sends none. */
	if (!args->no_canary && !args->via_driver)
		verdict_add_canaries(in);
	return args->memory.buffer && args->dry_run ? memory_fill_lengths(opts, in, &args->memory)
						    : 0;
}

/* The same call on each of the CPUs. Adds to *overlapped the calls that another CPU's met. */
static int make_at_once(const struct call_args *args, struct verb_show *show,
			struct session *session, const struct ffa_regs *in, int *bad,
			uint64_t *overlapped, struct error *err)
{
	struct session_lane *lanes = calloc(args->cpus.n, sizeof(*lanes));
	int ret;

	*bad = -1;
	if (!lanes)
		return error_no_memory(err);
	for (unsigned int i = 0; i < args->cpus.n; i++)
		lanes[i] = (struct session_lane){ .cpu = args->cpus.cpu[i],
						  .in = in,
						  .n = 1,
						  .repeat = args->count,
						  .ctx = show };
	ret = session_call_parallel(session, lanes, args->cpus.n, verb_show_call, err);
	for (unsigned int i = 0; i < args->cpus.n; i++) {
		*bad = lanes[i].bad >= 0 ? lanes[i].bad : *bad;
		*overlapped += lanes[i].overlapped;
	}
	free(lanes);
	return ret;
}

/* "0x8001, 0x8002" */
static const char *name_receivers(const struct ffa_mem_request *request, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < request->nr_receivers && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s0x%04x", i ? ", " : "",
					request->receivers[i].id);
	return request->nr_receivers ? buf : "the receiver";
}

/* Says who holds the pages of a transaction. */
static void tell_holder(const struct options *opts, const struct call_args *args,
			const struct memory_outcome *outcome, bool reclaimed)
{
	char receivers[FFA_MEM_MAX_RECEIVERS * 8];
	unsigned long long handle = outcome->handle;

	if (opts->verbosity < 0)
		return;
	name_receivers(&args->memory, receivers, sizeof(receivers));
	if (reclaimed)
		verb_note(opts, "handle 0x%llx was reclaimed: the kernel holds its %u pages again",
			  handle, outcome->pages);
	else if (args->no_reclaim && outcome->state == FFA_MEM_GIVEN)
		verb_note(
			opts,
			"handle 0x%llx: %s can use %u pages until `ffascope call --allow-state-change mem-reclaim handle=0x%llx'",
			handle, receivers, outcome->pages, handle);
	else
		verb_note(
			opts,
			"handle 0x%llx was not reclaimed: %s may still use %u pages; the module keeps them from the kernel, and `ffascope doctor' counts them",
			handle, receivers, outcome->pages);
}

/* Of the reclaims of many transactions: only the transactions are counted. */
static void show_nothing(void *ctx, const struct verdict_call *call, void *tag,
			 const struct verdict *v)
{
	(void)ctx;
	(void)call;
	(void)tag;
	(void)v;
}

/* The call with its buffer, args->count times; each transaction is reclaimed before the next. */
static int make_with_buffer(const struct options *opts, const struct call_args *args,
			    struct verb_show *show, struct session *session,
			    const struct ffa_regs *in, bool summary_only, struct error *err)
{
	verdict_fn show_reclaim = summary_only ? show_nothing : verb_show_call;
	struct memory_maker maker = { .session = session,
				      .canaries = !args->no_canary,
				      .keep = args->no_reclaim };
	struct memory_outcome outcome;
	int ret = 0;

	for (uint64_t i = 0; i < args->count && !ret; i++) {
		bool reclaimed = false;
		struct error later;

		ret = memory_call(&maker, args->common.cpu, in, &args->memory, verb_show_call, show,
				  &outcome, err);
		if (!outcome.has_handle || outcome.state == FFA_MEM_OTHER)
			continue;
		if (!args->no_reclaim) {
			int after = memory_reclaim(&maker, args->common.cpu, outcome.handle,
						   show_reclaim, show, &reclaimed, &later);

			if (after && !ret) {
				*err = later;
				ret = after;
			}
		}
		if (!args->many || !reclaimed) {
			fflush(stdout);
			tell_holder(opts, args, &outcome, reclaimed);
		}
	}
	memory_maker_free(&maker);
	return ret;
}

static int make(const struct options *opts, const struct call_args *args, struct report *report,
		struct session *session, const struct ffa_regs *in, bool summary_only)
{
	struct verb_show show = { .report = report,
				  .session = session,
				  .events = opts->verbosity > 0 };
	uint64_t overlapped = 0;
	struct error err;
	int bad = -1, ret, no_memory;

	if (args->memory.buffer)
		ret = make_with_buffer(opts, args, &show, session, in, summary_only, &err);
	else if (args->at_once)
		ret = make_at_once(args, &show, session, in, &bad, &overlapped, &err);
	else
		ret = session_call(session, args->common.cpu, in, 1, args->count, &bad,
				   verb_show_call, &show, &err);
	/* Report the calls made before a failure. */
	no_memory = report_end(report);
	/* Show the verdict now; restoring the trace takes a moment longer. */
	fflush(stdout);
	if (args->at_once && opts->verbosity >= 0)
		verb_note(opts, "%llu calls met a call of another CPU",
			  (unsigned long long)overlapped);
	if (ret && ret != -EINTR) {
		verb_error(opts, "%s", err.text);
		/* The module refused this call; the machine itself is fine. */
		return bad >= 0 && ret == -EINVAL ? STATUS_USAGE : verb_status(ret);
	}
	if (no_memory) {
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}
	return report_unknown(report) ? STATUS_UNKNOWN : STATUS_DONE;
}

static void tell_how(const struct options *opts, const struct session *session)
{
	int64_t offset;
	uint64_t slack;
	char text[256];

	if (opts->verbosity < 1)
		return;

	verb_note(opts, "trace read through: %s", session_reader(session));
	verb_note(opts, "evidence level: %s", session_evidence_level(session));
	for (unsigned int i = 0;
	     calibration_sentence(session_calibration(session), i, text, sizeof(text)); i++)
		verb_note(opts, "%s", text);
	if (session_clock(session, &offset, &slack))
		verb_note(
			opts,
			"clocks: hypervisor minus boot %lld ns, +-%llu ns; last verdict after %llu us",
			(long long)offset, (unsigned long long)slack,
			(unsigned long long)session_latency_ns(session) / 1000);
}

static int live(const struct options *opts, const struct call_args *args,
		const struct record_about *about, const struct report_ops *ops,
		struct report_options *report_opts, const struct ffa_regs *in)
{
	struct session_options session_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.record = args->common.record,
		.verb = args->many ? "call-many" : "call",
		.ffa_version = opts->ffa_version,
		.count = args->count * (args->at_once ? args->cpus.n : 1),
		.about = about,
		.guard_ns = args->common.guard_ns,
		.no_trace = args->common.no_trace,
		.stop = &verb_stop,
	};
	struct session *session;
	struct report *report;
	int status;

	verb_catch_signals();
	status = verb_session_open(&session, &session_opts, opts);
	if (status)
		return status;

	report_opts->ffa_version = session_ffa_version(session);
	report_opts->texts = session_texts(session);
	report = report_new(ops, report_opts);
	status = STATUS_INTERNAL;
	if (report)
		status = make(opts, args, report, session, in, report_opts->summary_only);
	else
		verb_error(opts, "out of memory");
	report_free(report);

	tell_how(opts, session);
	return verb_session_close(session, opts, status);
}

static int live_recorded(const struct options *opts, const struct call_args *args,
			 const struct report_ops *ops, struct report_options *report_opts,
			 const struct ffa_regs *in)
{
	struct record_about about = { 0 };
	int status = STATUS_INTERNAL;

	if (!verb_keep_words(opts, &about))
		status = live(opts, args, &about, ops, report_opts, in);
	record_about_free(&about);
	return status;
}

static int run(const struct options *opts, struct call_args *args, int argc, char **argv)
{
	const struct report_ops *ops = opts->json ? &report_json : &report_text;
	struct report_options report_opts = {
		.out = stdout,
		.color = verb_color(opts),
		.verbose = opts->verbosity > 0,
		.ffa_version = opts->ffa_version ? opts->ffa_version : FFA_VERSION_DEFAULT,
	};
	struct ffa_regs in;
	const char *changes;

	if (verb_parse(&argp, argc, argv, args))
		return STATUS_INTERNAL;

	if (args->common.tsv)
		ops = &report_tsv;
	if (build(opts, args, &in))
		return STATUS_USAGE;

	if (args->dry_run) {
		struct report *report = report_new(ops, &report_opts);
		int no_memory = report ? report_dry_run(report, &in) : -ENOMEM;

		report_free(report);
		if (no_memory)
			verb_error(opts, "out of memory");
		if (no_memory || !args->memory.buffer)
			return no_memory ? STATUS_INTERNAL : STATUS_DONE;
		return memory_show(opts, &in, &args->memory);
	}

	changes = request_changes(&in);
	if (changes && !args->common.allow) {
		verb_error(opts, "%s: this call %s. Use --allow-state-change to make it anyway",
			   args->call, changes);
		return STATUS_USAGE;
	}

	if (args->via_driver) {
		verb_catch_signals();
		return driver_call_registers(opts, &in, args->common.no_trace);
	}

	report_opts.by_cpu = args->at_once;
	report_opts.summary_only =
		args->many && !opts->json && !args->common.tsv && opts->verbosity < 1;
	if (!args->common.record)
		return live(opts, args, NULL, ops, &report_opts, &in);
	return live_recorded(opts, args, ops, &report_opts, &in);
}

static int call_run(const struct options *opts, int argc, char **argv)
{
	struct call_args args = { .common.cpu = -1, .count = 1 };

	return run(opts, &args, argc, argv);
}

const struct verb verb_call = {
	.name = "call",
	.help = "Makes a call and reports where it ended",
	.run = call_run,
};
