// SPDX-License-Identifier: GPL-2.0-only
/* Gives the verdicts of a recording again, on any machine. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "session/session.h"
#include "verbs/verb.h"

enum {
	OPT_NO_TRACE = 0x100,
};

static const struct argp_option options[] = {
	{ "no-trace", OPT_NO_TRACE, NULL, 0,
	  "Leave the recorded trace out: what the registers alone would have suggested", 0 },
	{ 0 },
};

struct replay_args {
	const char *file;
	bool no_trace;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct replay_args *args = state->input;

	switch (key) {
	case OPT_NO_TRACE:
		args->no_trace = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "%s: one recording at a time", arg);
		args->file = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which recording? `ffascope call --record FILE' makes one");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "FILE",
	.doc = "Gives the verdicts of a recording again, from the registers and events in it.",
};

static void show(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	(void)tag;
	report_call(ctx, call, v);
}

static int replay(const struct options *opts, const struct replay_args *args,
		  struct record_reader *reader, const struct record_meta *meta)
{
	const struct report_options report_opts = {
		.out = stdout,
		.color = verb_color(opts),
		.verbose = opts->verbosity > 0,
		.summary_only =
			!strcmp(meta->verb, "call-many") && !opts->json && opts->verbosity < 1,
		.ffa_version = opts->ffa_version ? opts->ffa_version : meta->ffa_version,
	};
	struct report *report = report_new(opts->json ? &report_json : &report_text, &report_opts);
	struct session_replay how = { .no_trace = args->no_trace, .fn = show, .ctx = report };
	struct session_error err;
	int ret, status;

	if (!report)
		return STATUS_INTERNAL;

	ret = session_replay(reader, meta, &how, &err);
	/* What is whole was shown, the cut is said. */
	report_end(report);
	if (ret)
		verb_error(opts, "%s", err.text);
	status = ret ? STATUS_INTERNAL : report_unknown(report) ? STATUS_UNKNOWN : STATUS_DONE;
	report_free(report);

	return status;
}

static int replay_run(const struct options *opts, int argc, char **argv)
{
	struct replay_args args = { 0 };
	struct record_reader *reader;
	struct record_meta meta;
	struct record_error err;
	int ret, status;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_INTERNAL;

	ret = record_open(&reader, args.file, &meta, &err);
	if (ret) {
		verb_error(opts, "%s", err.text);
		return STATUS_INTERNAL;
	}

	status = replay(opts, &args, reader, &meta);
	record_close(reader);
	return status;
}

const struct verb verb_replay = {
	.name = "replay",
	.help = "Gives the verdicts of a recording again",
	.run = replay_run,
};
