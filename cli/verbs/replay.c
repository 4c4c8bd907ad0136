// SPDX-License-Identifier: GPL-2.0-only
/* Prints the verdicts of a recording, on any machine. */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/markup.h"
#include "ffa/version.h"
#include "report/report.h"
#include "session/session.h"
#include "command/bundle.h"
#include "command/open.h"
#include "command/replay.h"
#include "verbs/verbs.h"

enum {
	OPT_NO_TRACE = 0x100,
	OPT_AS,
	OPT_SKIP,
	OPT_CALLS,
};

static const struct argp_option options[] = {
	{ "as", OPT_AS, "FORM", 0,
	  "text (what the recorded run printed), json, tsv (tab-separated calls), summary (counts and "
	  "histograms), violations (calls with reserved bits set), html (a page with a timeline) or "
	  "perfetto (a trace for ui.perfetto.dev)",
	  0 },
	{ "calls", OPT_CALLS, NULL, 0,
	  "Of a sweep or a script, each call on its own instead of the matrix or the report", 0 },
	{ "output", 'o', "FILE", 0, "Write there instead of to standard output", 0 },
	{ "skip", OPT_SKIP, "N", 0, "Leave N calls out at the beginning of a page's timeline", 0 },
	{ "no-trace", OPT_NO_TRACE, NULL, 0,
	  "Leave the recorded trace out: what the registers alone would have suggested", 0 },
	{ 0 },
};

enum form { AS_TEXT, AS_JSON, AS_TSV, AS_SUMMARY, AS_VIOLATIONS, AS_HTML, AS_PERFETTO };

struct replay_args {
	const char *file, *output;
	bool no_trace;
	bool form_given;
	bool calls;
	enum form form;
	bool in_page; /* of a bundle: sweeps show their matrix */
	uint64_t skip;
};

static bool parse_form(const char *text, enum form *form)
{
	static const char *const names[] = {
		[AS_TEXT] = "text",
		[AS_JSON] = "json",
		[AS_TSV] = "tsv",
		[AS_SUMMARY] = "summary",
		[AS_VIOLATIONS] = "violations",
		[AS_HTML] = "html",
		[AS_PERFETTO] = "perfetto",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			*form = i;
			return true;
		}
	}
	return false;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct replay_args *args = state->input;

	switch (key) {
	case OPT_NO_TRACE:
		args->no_trace = true;
		return 0;
	case OPT_AS:
		if (!parse_form(arg, &args->form))
			argp_error(
				state,
				"--as %s: give text, json, tsv, summary, violations, html or perfetto",
				arg);
		args->form_given = true;
		return 0;
	case OPT_CALLS:
		args->calls = true;
		return 0;
	case 'o':
		args->output = arg;
		return 0;
	case OPT_SKIP:
		if (!verb_parse_number(arg, 0, UINT64_MAX, &args->skip))
			argp_error(state, "--skip %s: give a number of calls", arg);
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
	.doc = "Gives the verdicts of a recording again, from the registers and events in it. FILE may be a "
	       "bundle of `ffascope doctor': each recording in it is replayed.",
};

static const struct report_ops *ops_of(const struct options *opts, enum form form)
{
	switch (form) {
	case AS_JSON:
		return &report_json;
	case AS_TSV:
		return &report_tsv;
	case AS_SUMMARY:
		return opts->json ? &report_summary_json : &report_summary;
	case AS_VIOLATIONS:
		return opts->json ? &report_violations_json : &report_violations;
	case AS_HTML:
		return &report_timeline;
	case AS_PERFETTO:
		return &report_perfetto;
	case AS_TEXT:
		break;
	}
	return &report_text;
}

/* "ffascope call on Linux 6.12.0, FF-A 1.2". */
static void make_title(const struct record_meta *meta, uint32_t version, char *buf, size_t size)
{
	const char *verb = strcmp(meta->verb, "call-many") ? meta->verb : "call";
	char text[16];

	ffa_format_version(version, text, sizeof(text));
	snprintf(buf, size, "ffascope %s on Linux %s, FF-A %s", verb, meta->kernel, text);
}

/* The exit status of the recorded run. */
static int status_of_failure(const struct options *opts, const struct record_meta *meta,
			     const struct session_replay *how)
{
	/* Scripts and sweeps report a failure among their results. */
	if (!how->failed || how->failed == -EINTR || strncmp(meta->verb, "call", 4))
		return STATUS_DONE;
	verb_error(opts, "the recorded run ended with: %s", how->failure.text);
	return how->failed == -EINVAL ? STATUS_USAGE : (int)verb_status(how->failed);
}

static int replay_watched(const struct options *opts, const struct replay_args *args,
			  struct record_reader *reader, const struct record_meta *meta,
			  const struct report_options *report_opts)
{
	const struct replay again = {
		.reader = reader,
		.meta = meta,
		.out = report_opts->out,
		.color = report_opts->color,
		.no_trace = args->no_trace,
		.ops = ops_of(opts, args->form),
		.report_opts = report_opts,
	};
	struct options as = *opts;

	as.json = args->form == AS_JSON ||
		  (opts->json && (args->form == AS_SUMMARY || args->form == AS_VIOLATIONS));
	return verb_trace.replay(&as, &again);
}

/*
 * Whether the recorded run had an option. argp takes abbreviations: at least `least' characters of
 * the name.
 */
static bool had_option(const struct record_about *about, const char *name, size_t least)
{
	for (size_t i = 1; i < about->argc && strcmp(about->argv[i], "--"); i++) {
		size_t len = strcspn(about->argv[i], "=");

		if (len >= least && len <= strlen(name) && !strncmp(about->argv[i], name, len))
			return true;
	}
	return false;
}

static int replay_calls(const struct options *opts, const struct replay_args *args, FILE *out,
			struct record_reader *reader, const struct record_meta *meta)
{
	uint32_t version = opts->ffa_version ? opts->ffa_version : meta->ffa_version;
	char title[200];
	struct report_options report_opts = {
		.out = out,
		.color = !args->output && verb_color(opts),
		.utf8 = verb_utf8(),
		.verbose = opts->verbosity > 0,
		/* --cpu is another option, so this one has no abbreviation. */
		.by_cpu = had_option(record_about(reader), "--cpus", strlen("--cpus")),
		.summary_only = args->form == AS_TEXT && !strcmp(meta->verb, "call-many") &&
				opts->verbosity < 1,
		.ffa_version = version,
		.title = title,
		.skip = args->skip,
	};
	struct verb_show show = { .events = opts->verbosity > 0 };
	struct session_replay how = {
		.no_trace = args->no_trace,
		.fn = verb_show_call,
		.ctx = &show,
		.session = &show.session,
	};
	struct error err;
	struct report *report;
	int ret, status;

	make_title(meta, version, title, sizeof(title));
	if (!strcmp(meta->verb, "trace"))
		return replay_watched(opts, args, reader, meta, &report_opts);

	report_opts.texts = how.texts = texts_new();
	report_opts.calibration = &how.calibration;
	report = report_opts.texts ? report_new(ops_of(opts, args->form), &report_opts) : NULL;
	if (!report) {
		texts_free(how.texts);
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}
	show.report = report;
	ret = session_replay(reader, meta, &how, &err);
	/* The complete part has been shown; report the truncation. */
	if (report_end(report) && !ret)
		ret = error_no_memory(&err);
	if (ret)
		verb_error(opts, "%s", err.text);
	status = ret ? STATUS_INTERNAL : status_of_failure(opts, meta, &how);
	if (!status && args->form == AS_VIOLATIONS)
		status = report_violating(report) ? STATUS_FAILED : STATUS_DONE;
	else if (!status && report_unknown(report))
		status = STATUS_UNKNOWN;
	report_free(report);
	texts_free(how.texts);

	return status;
}

static int replay(const struct options *opts, const struct replay_args *given, FILE *out,
		  struct record_reader *reader, const struct record_meta *meta)
{
	const struct record_about *about = record_about(reader);
	struct replay_args with = *given;
	const struct replay_args *args = &with;
	struct replay again = {
		.reader = reader,
		.meta = meta,
		.out = out,
		.color = !args->output && verb_color(opts),
		.no_trace = args->no_trace,
		.html = args->form == AS_HTML && args->in_page,
	};
	const struct verb *verb = about->argc ? verb_find(about->argv[0]) : NULL;
	struct options as = *opts;

	if (!with.form_given && !opts->json && had_option(about, "--tsv", 3))
		with.form = AS_TSV;
	/* An old recording does not say which verb made it; its calls are shown then. */
	if (!verb || !verb->replay || verb == &verb_trace)
		return replay_calls(opts, args, out, reader, meta);
	if (again.html && verb == &verb_sweep)
		return verb->replay(&as, &again);
	if (args->calls || args->form > AS_TSV || (args->form == AS_TSV && verb != &verb_sweep))
		return replay_calls(opts, args, out, reader, meta);

	as.json = args->form == AS_JSON;
	again.tsv = args->form == AS_TSV;
	return verb->replay(&as, &again);
}

static FILE *open_output(const struct options *opts, const struct replay_args *args)
{
	FILE *out = args->output ? fopen(args->output, "we") : stdout;

	if (!out)
		verb_error(opts, "%s: %s", args->output, strerror(errno));
	return out;
}

/* path: the file's name; NULL: out is standard output. */
static int close_output(const struct options *opts, const char *path, FILE *out, int status)
{
	errno = 0;
	if (path && (ferror(out) | fclose(out))) {
		verb_error(opts, "%s: %s", path, strerror(errno ? errno : EIO));
		return STATUS_INTERNAL;
	}
	return status;
}

static int to_file(const struct options *opts, const struct replay_args *args,
		   struct record_reader *reader, const struct record_meta *meta)
{
	const char *path = args->output;
	FILE *out = open_output(opts, args);

	if (!out)
		return STATUS_INTERNAL;
	return close_output(opts, path, out, replay(opts, args, out, reader, meta));
}

struct bundle {
	const struct options *opts;
	const struct replay_args *args;
	FILE *out;
};

static int replay_recording(void *ctx, const char *name, struct record_reader *reader,
			    const struct record_meta *meta)
{
	const struct bundle *bundle = ctx;

	verb_note(bundle->opts, "%s of %s", name, bundle->args->file);
	return replay(bundle->opts, bundle->args, bundle->out, reader, meta);
}

/* ---- a bundle as one page ---- */

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n<title>ffascope: a bundle</title>\n"
	"<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem auto;"
	"max-width:150rem;padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.6rem 0 .3rem}"
	"pre{font:12px/1.4 ui-monospace,monospace;overflow-x:auto}"
	"iframe{width:100%;height:60rem;border:1px solid #888}</style></head>\n"
	"<body>\n<h1>What ffascope doctor found</h1>\n";

static void put_diagnosis(void *ctx, const char *text)
{
	struct bundle *bundle = ctx;

	fputs("<h2>Diagnosis</h2>\n<pre>", bundle->out);
	markup_put(bundle->out, text);
	fputs("</pre>\n", bundle->out);
}

/* Each recording is a page of its own inside the page, with its own styles and scripts. */
static int put_recording(void *ctx, const char *name, struct record_reader *reader,
			 const struct record_meta *meta)
{
	const struct bundle *bundle = ctx;
	int status = STATUS_INTERNAL;
	char *page = NULL;
	size_t size;
	FILE *out = open_memstream(&page, &size);

	if (out)
		status = replay(bundle->opts, bundle->args, out, reader, meta);
	if (!out || fclose(out)) {
		verb_error(bundle->opts, "out of memory");
		free(page);
		return STATUS_INTERNAL;
	}
	fputs("<h2>", bundle->out);
	markup_put(bundle->out, name);
	fputs("</h2>\n<iframe title=\"", bundle->out);
	markup_put_attribute(bundle->out, name);
	fputs("\" srcdoc=\"", bundle->out);
	markup_put_attribute(bundle->out, page);
	fputs("\"></iframe>\n", bundle->out);
	free(page);
	return status;
}

static int each_as_page(const struct options *opts, const struct replay_args *args, FILE *file,
			FILE *out)
{
	struct replay_args in_page = *args;
	struct bundle bundle = { .opts = opts, .args = &in_page, .out = out };
	int status;

	in_page.in_page = true;
	fputs(page_head, out);
	status = bundle_each(opts, file, args->file, put_recording, put_diagnosis, &bundle);
	fputs("</body></html>\n", out);
	return status;
}

static int replay_bundle(const struct options *opts, const struct replay_args *args, FILE *file)
{
	struct bundle bundle = { .opts = opts, .args = args, .out = open_output(opts, args) };
	int status;

	if (!bundle.out) {
		fclose(file);
		return STATUS_INTERNAL;
	}
	if (args->form == AS_HTML)
		status = each_as_page(opts, args, file, bundle.out);
	else
		status = bundle_each(opts, file, args->file, replay_recording, NULL, &bundle);
	return close_output(opts, args->output, bundle.out, status);
}

static int replay_run(const struct options *opts, int argc, char **argv)
{
	struct replay_args args = { 0 };
	struct record_reader *reader;
	struct record_meta meta;
	struct error err;
	FILE *file;
	int status;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_INTERNAL;
	if (!args.form_given && opts->json)
		args.form = AS_JSON;
	if (args.form == AS_PERFETTO && !args.output && isatty(STDOUT_FILENO)) {
		verb_error(opts,
			   "a Perfetto trace is binary; write it to a file with --output FILE");
		return STATUS_USAGE;
	}

	file = bundle_open(opts, args.file);
	if (!file)
		return STATUS_INTERNAL;
	if (bundle_peek(file) == BUNDLE_FIRST_BYTE)
		return replay_bundle(opts, &args, file);

	if (record_open_stream(&reader, file, file == stdin ? "(stdin)" : args.file, &meta, &err)) {
		verb_error(opts, "%s", err.text);
		return STATUS_INTERNAL;
	}

	status = to_file(opts, &args, reader, &meta);
	record_close(reader);
	return status;
}

const struct verb verb_replay = {
	.name = "replay",
	.help = "Gives the verdicts of a recording again",
	.run = replay_run,
};
