// SPDX-License-Identifier: GPL-2.0-only
/* Tries every reserved bit of the calls on its own and shows who stopped it. */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "report/sweep.h"
#include "session/session.h"
#include "command/open.h"
#include "command/replay.h"
#include "command/sweep_buffer.h"
#include "command/sweep_file.h"
#include "command/sweep_port.h"
#include "command/verb.h"
#include "verbs/verbs.h"

enum {
	OPT_ALL = 0x100,
	OPT_DRY_RUN,
	OPT_SAVE,
	OPT_BASELINE,
	OPT_HTML,
	OPT_POLICY,
	OPT_BUFFER,
};

static const struct argp_option options[] = {
	{ "all", OPT_ALL, NULL, 0,
	  "Sweep every call of the catalogue, with a line per call first; as '*'", 0 },
	{ "dry-run", OPT_DRY_RUN, NULL, 0, "Print the controls and how many probes there would be",
	  0 },
	{ "save", OPT_SAVE, "FILE", 0, "Keep the sweep, for `ffascope diff' and --baseline", 0 },
	{ "baseline", OPT_BASELINE, "FILE", 0,
	  "Expect what this saved sweep shows; status 1 and the differences otherwise", 0 },
	{ "html", OPT_HTML, "FILE", 0, "Also write the matrix as one self-contained page", 0 },
	{ "buffer", OPT_BUFFER, NULL, 0,
	  "Sweep the descriptor in the TX buffer of mem-share or mem-lend, not the registers: "
	  "reserved bits, and offsets, counts and addresses at their limits",
	  0 },
	{ "policy", OPT_POLICY, "NAME", 0,
	  "Expect that no bit departs from it: strict (EL2 refuses every reserved bit) or spec (MBZ "
	  "is refused by someone, SBZ makes no difference)",
	  0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &call_options_evidence },
	{ .argp = &call_options_consent },
	{ .argp = &call_options_place },
	{ .argp = &call_options_form },
	{ 0 },
};

struct sweep_args {
	struct call_options common;
	char **calls; /* names, patterns, numbers */
	int nr_calls;
	char **words; /* FIELD=VALUE after the call */
	int nr_words;
	bool all; /* every call of the catalogue */
	bool dry_run;
	bool buffer;
	bool policy_given;
	enum sweep_policy policy;
	const char *save, *baseline, *html;

	struct record_about about;
	struct sweep_machine machine;
	FILE *out;
	bool color;
	bool page; /* print the matrix as a page */
};

static void take_words(struct sweep_args *args, struct argp_state *state)
{
	args->calls = state->argv + state->next;
	while (state->next + args->nr_calls < state->argc &&
	       !strchr(args->calls[args->nr_calls], '='))
		args->nr_calls++;
	args->words = args->calls + args->nr_calls;
	args->nr_words = state->argc - state->next - args->nr_calls;

	for (int i = 0; i < args->nr_words; i++) {
		if (!strchr(args->words[i], '='))
			argp_error(state, "%s: calls come before FIELD=VALUE", args->words[i]);
	}
	if (args->nr_calls == 1 && !strcmp(args->calls[0], "*")) {
		args->all = true;
		args->nr_calls = 0;
	}
	if (args->all && (args->nr_calls || args->nr_words))
		argp_error(state, "--all: %s: every call is swept already",
			   args->nr_calls ? args->calls[0] : args->words[0]);
	if (args->nr_words && args->nr_calls != 1)
		argp_error(state, "%s: FIELD=VALUE goes with one call, not %d", args->words[0],
			   args->nr_calls);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct sweep_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		call_options_hand_on(state, children, &args->common);
		return 0;
	case OPT_ALL:
		args->all = true;
		return 0;
	case OPT_DRY_RUN:
		args->dry_run = true;
		return 0;
	case OPT_BUFFER:
		args->buffer = true;
		return 0;
	case OPT_SAVE:
		args->save = arg;
		return 0;
	case OPT_BASELINE:
		args->baseline = arg;
		return 0;
	case OPT_HTML:
		args->html = arg;
		return 0;
	case OPT_POLICY:
		if (!strcmp(arg, "strict"))
			args->policy = SWEEP_STRICT;
		else if (!strcmp(arg, "spec"))
			args->policy = SWEEP_SPEC;
		else
			argp_error(state, "--policy %s: give strict or spec", arg);
		args->policy_given = true;
		return 0;
	case ARGP_KEY_ARGS:
		take_words(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
	.args_doc = "[CALL... | CALL FIELD=VALUE...]",
	.doc = "Makes each call well-formed, then with each reserved bit set on its own, and shows who "
	       "refused what: EL2, the secure world, or neither.\v"
	       "CALL is a name, a function identifier, or a pattern with * and ?; without one, the "
	       "notification calls are swept. FIELD=VALUE changes the well-formed call that is the "
	       "control.\n\n"
	       "  ffascope sweep\n"
	       "  ffascope sweep --all\n"
	       "  ffascope sweep --allow-state-change --save new.json --baseline old.json\n"
	       "  ffascope sweep --policy strict notification-get vcpu-id=1",
};

/* ---- plan ---- */

static int add_pattern(const struct options *opts, const struct sweep_args *args,
		       struct sweep *sweep, const struct sweep_machine *machine,
		       const char *pattern)
{
	struct error err;
	const struct ffa_call *call;
	size_t before = sweep->nr_calls;

	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		bool wanted = pattern ? ffa_call_matches(call, pattern) &&
						ffa_call_known_in(call, sweep->version)
				      : sweep_is_default(call, sweep->version);

		if (wanted && sweep_add(sweep, call, machine, NULL, 0, args->common.allow, &err)) {
			verb_error(opts, "%s", err.text);
			return -EINVAL;
		}
	}
	if (sweep->nr_calls > before)
		return 0;
	verb_error(opts, "FF-A %s has no call like %s; `ffascope list' lists all",
		   ffa_version_name(sweep->version), pattern ? pattern : "NOTIFICATION_*");
	return -EINVAL;
}

static int add_all(const struct options *opts, const struct sweep_args *args, struct sweep *sweep)
{
	const struct ffa_call *call;
	struct error err;

	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (sweep_add_any(sweep, call, &args->machine, args->common.allow, &err)) {
			verb_error(opts, "%s", err.text);
			return -EINVAL;
		}
	}
	return 0;
}

static int add_call(const struct options *opts, const struct sweep_args *args, struct sweep *sweep,
		    const struct sweep_machine *machine, const char *word)
{
	const struct ffa_call *call;
	struct error err;
	uint32_t fid;

	if (strpbrk(word, "*?"))
		return add_pattern(opts, args, sweep, machine, word);

	if (ffa_call_parse_fid(word, &fid)) {
		request_no_such_call(opts, word);
		return -EINVAL;
	}
	call = ffa_call_by_fid(fid);
	if (!call) {
		verb_error(
			opts,
			"%s: not in the catalogue, so that nothing is known of its reserved bits",
			word);
		return -EINVAL;
	}
	if (sweep_add(sweep, call, machine, args->words, args->nr_words, args->common.allow,
		      &err)) {
		verb_error(opts, "%s", err.text);
		return -EINVAL;
	}
	return 0;
}

static int plan(const struct options *opts, const struct sweep_args *args, struct sweep *sweep)
{
	size_t skipped = 0, asking = 0;
	int ret = 0;

	for (int i = 0; i < args->nr_calls && !ret; i++)
		ret = add_call(opts, args, sweep, &args->machine, args->calls[i]);
	if (args->all)
		ret = add_all(opts, args, sweep);
	else if (!args->nr_calls)
		ret = add_pattern(opts, args, sweep, &args->machine, NULL);
	if (ret || args->dry_run)
		return ret;

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		skipped += sweep->calls[i].skipped[0] != '\0';
		asking += sweep->calls[i].asks_consent;
	}
	if (skipped == sweep->nr_calls && !args->all) {
		verb_error(opts, "%s: %s", sweep->calls[0].name, sweep->calls[0].skipped);
		return -EINVAL;
	}
	if (asking)
		verb_note(opts,
			  "%zu of %zu calls change state and are skipped; --allow-state-change "
			  "sweeps them too",
			  asking, sweep->nr_calls);
	return 0;
}

/* ---- run ---- */

static void tell_what_is_left(const struct options *opts, const struct sweep *sweep, bool *left)
{
	*left = false;
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];

		if (call->left[0]) {
			verb_error(opts, "not put back: %s", call->left);
			*left = true;
		}
		if (call->kept)
			verb_note(opts, "%s succeeded %u times: it %s, and nothing undoes that",
				  call->name, call->kept, call->ffa->changes);
	}
}

/* ---- what came out ---- */

static enum exit_status judge(const struct sweep *sweep, const struct report_sweep *report)
{
	const struct sweep_diff *diff = report->diff;
	bool failed = false, unknown = false;

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];
		size_t count[SWEEP_NR_CLASSES];

		sweep_count(call, count);
		for (size_t v = 0; v < call->nr_values; v++)
			unknown |= call->probes[call->nr_probes + v].class == SWEEP_UNKNOWN;
		unknown |= count[SWEEP_UNKNOWN] || call->not_possible ||
			   (call->control.made && call->control.verdict.kind == VERDICT_UNKNOWN);
	}
	for (size_t i = 0; i < report->nr_findings; i++)
		failed |= report->expected && report->findings[i].departs;
	/* An unknown verdict is not a difference; it has its own exit status. */
	if (diff)
		failed |= diff->bits + diff->values > diff->newly_unknown ||
			  diff->controls > diff->controls_unknown;

	return failed ? STATUS_FAILED : unknown ? STATUS_UNKNOWN : STATUS_DONE;
}

struct files {
	struct sweep_file save, html;
	struct sweep baseline;
};

/* Findings and differences, which the caller frees. */
static int find(const struct sweep_args *args, const struct sweep *sweep,
		const struct sweep *baseline, struct report_sweep *report,
		struct sweep_finding **findings, struct sweep_diff *diff)
{
	if (sweep_findings(sweep, args->policy, findings, &report->nr_findings))
		return -ENOMEM;
	report->findings = *findings;
	if (!args->baseline)
		return 0;

	if (sweep_compare(baseline, sweep, diff))
		return -ENOMEM;
	report->baseline = baseline;
	report->diff = diff;
	return 0;
}

static int show(const struct options *opts, const struct sweep_args *args,
		const struct sweep *sweep, struct files *files)
{
	struct report_sweep report = { .sweep = sweep,
				       .policy = args->policy,
				       .summary = args->all,
				       .expected = args->policy_given };
	struct sweep_finding *findings = NULL;
	struct sweep_diff diff = { 0 };
	int status = STATUS_INTERNAL;

	if (find(args, sweep, &files->baseline, &report, &findings, &diff)) {
		verb_error(opts, "out of memory");
	} else {
		int ret = 0;

		if (args->common.tsv)
			report_sweep_tsv(args->out, sweep);
		else if (opts->json)
			ret = report_sweep_json(args->out, &report);
		else if (args->page)
			report_html(args->out, &report);
		else
			report_matrix(args->out, &report, args->color);
		status = (int)judge(sweep, &report);

		if (diff.missing && !args->nr_calls)
			verb_note(opts, "%s: %zu bits were looked at by one of the two sweeps only",
				  args->baseline, diff.missing);
		report.diff = NULL;
		if (args->save && !ret)
			ret = report_sweep_json(sweep_file_begin(&files->save), &report);
		if (args->html)
			report_html(sweep_file_begin(&files->html), &report);
		if (ret) {
			verb_error(opts, "out of memory");
			status = STATUS_INTERNAL;
		}
	}
	free(findings);
	sweep_diff_free(&diff);
	return status;
}

static int run(const struct options *opts, const struct sweep_args *args, struct session *session,
	       struct sweep *sweep, struct files *files)
{
	struct sweep_calls port = { .session = session,
				    .cpu = args->common.cpu,
				    .quick = !args->common.guard_ns };
	const struct sweep_port calls = { .ctx = &port, .call = sweep_calls_make };
	bool left;
	int ret;

	sweep->version = session_ffa_version(session);
	if (plan(opts, args, sweep))
		return STATUS_USAGE;

	ret = sweep_run(sweep, &calls);
	if (ret == -ENODATA) {
		/* A recording that was cut off: show what it has; there is no state to restore. */
		show(opts, args, sweep, files);
		verb_error(opts, "%s; later calls are shown as not made", port.err.text);
		return STATUS_INTERNAL;
	}
	if (ret != -EBADMSG)
		tell_what_is_left(opts, sweep, &left);
	if (ret == -EINTR) {
		if (!verb_stop)
			verb_error(opts,
				   "the recorded sweep was ended by a signal; --calls shows what "
				   "it had made");
		return STATUS_INTERNAL;
	}
	if (ret) {
		verb_error(opts, "%s", ret == -ENOMEM ? "out of memory" : port.err.text);
		return port.bad >= 0 && ret == -EINVAL ? STATUS_USAGE : (int)verb_status(ret);
	}

	ret = show(opts, args, sweep, files);
	return left ? STATUS_INTERNAL : ret;
}

static int live(const struct options *opts, struct sweep_args *args, struct files *files)
{
	const struct session_options session_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.record = args->common.record,
		.verb = "sweep",
		.ffa_version = opts->ffa_version,
		.guard_ns = args->common.guard_ns ? args->common.guard_ns : SWEEP_GUARD_NS,
		.no_trace = args->common.no_trace,
		.stop = &verb_stop,
		.about = &args->about,
	};
	struct sweep sweep = { 0 };
	struct session *session;
	int status;

	sweep_machine_find(opts, &args->machine, &args->about, sweep.kernel, sizeof(sweep.kernel));
	sweep_build_find(sweep.build, sizeof(sweep.build));
	verb_catch_signals();
	status = verb_session_open(&session, &session_opts, opts);
	if (status)
		return status;

	status = run(opts, args, session, &sweep, files);
	sweep_free(&sweep);
	return verb_session_close(session, opts, status);
}

static int dry_run(const struct options *opts, struct sweep_args *args)
{
	struct sweep sweep = {
		.version = opts->ffa_version ? opts->ffa_version : FFA_VERSION_DEFAULT,
	};
	int ret, status = STATUS_DONE;

	sweep_machine_find(opts, &args->machine, &args->about, sweep.kernel, sizeof(sweep.kernel));
	sweep_build_find(sweep.build, sizeof(sweep.build));
	ret = plan(opts, args, &sweep);
	if (ret) {
		status = STATUS_USAGE;
	} else if (args->common.tsv) {
		report_plan_tsv(stdout, &sweep);
	} else if (!opts->json) {
		report_plan(stdout, &sweep);
	} else if (report_plan_json(stdout, &sweep)) {
		verb_error(opts, "out of memory");
		status = STATUS_INTERNAL;
	}
	sweep_free(&sweep);
	return status;
}

/* ---- descriptors ---- */

static const struct ffa_call *buffer_call(const struct options *opts, const char *word)
{
	const struct ffa_call *call = NULL;
	uint32_t fid;

	if (!ffa_call_parse_fid(word, &fid))
		call = ffa_call_by_fid(fid);
	if (call && ffa_mem_gives(fid))
		return call;
	verb_error(opts, "--buffer: %s: give mem-share, mem-lend or mem-donate", word);
	return NULL;
}

/* The endpoint that gets the memory: that of the word receiver=, else the machine's. */
static int buffer_receiver(const struct options *opts, const struct sweep_args *args, uint16_t *id)
{
	uint32_t share = ffa_call_fid(ffa_call_find("FFA_MEM_SHARE"));
	struct ffa_mem_request request = { 0 };
	char err[256];

	*id = args->machine.partition;
	for (int i = 0; i < args->nr_words; i++) {
		int ret = ffa_mem_word(&request, share, args->words[i], err, sizeof(err));

		if (ret != 1 || request.nr_receivers != 1) {
			verb_error(opts, "--buffer: %s: the only word is receiver=ID",
				   args->words[i]);
			return -EINVAL;
		}
		*id = request.receivers[0].id;
	}
	return 0;
}

static int sweep_buffers(const struct options *opts, struct sweep_args *args)
{
	const struct session_options session_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.verb = "sweep",
		.ffa_version = opts->ffa_version,
		.guard_ns = args->common.guard_ns,
		.no_trace = args->common.no_trace,
		.stop = &verb_stop,
	};
	int status = STATUS_DONE, worst = STATUS_DONE;
	struct session *session;
	uint16_t receiver;
	char kernel[120];

	if (args->save || args->baseline || args->html || args->common.record || args->common.tsv ||
	    args->policy_given || args->dry_run || args->all || !args->nr_calls) {
		verb_error(opts, "--buffer goes with calls, receiver=, --cpu, --guard, --no-trace "
				 "and --allow-state-change only");
		return STATUS_USAGE;
	}
	if (!args->common.allow) {
		verb_error(opts, "--buffer shares memory of this kernel and reclaims it. Use "
				 "--allow-state-change to do so");
		return STATUS_USAGE;
	}
	sweep_machine_find(opts, &args->machine, &args->about, kernel, sizeof(kernel));
	if (buffer_receiver(opts, args, &receiver))
		return STATUS_USAGE;
	for (int i = 0; i < args->nr_calls; i++) {
		if (!buffer_call(opts, args->calls[i]))
			return STATUS_USAGE;
	}

	verb_catch_signals();
	status = verb_session_open(&session, &session_opts, opts);
	if (status)
		return status;
	for (int i = 0; i < args->nr_calls && !verb_stop; i++) {
		status = sweep_buffer(opts, session, buffer_call(opts, args->calls[i]), receiver,
				      args->common.cpu);
		worst = worst == STATUS_DONE || status == STATUS_FAILED ? status : worst;
	}
	return verb_session_close(session, opts, worst);
}

static int run_live(const struct options *opts, struct sweep_args *args, int argc, char **argv)
{
	struct files files = { 0 };
	int status = STATUS_INTERNAL;

	if (verb_parse(&argp, argc, argv, args))
		return STATUS_INTERNAL;
	if (args->buffer)
		return sweep_buffers(opts, args);
	if (args->dry_run)
		return dry_run(opts, args);

	if (args->baseline && sweep_file_load(opts, args->baseline, &files.baseline,
					      args->common.record ? &args->about : NULL))
		return STATUS_INTERNAL;
	if (!sweep_file_open(opts, args->save, &files.save) &&
	    !sweep_file_open(opts, args->html, &files.html))
		status = live(opts, args, &files);
	if (sweep_file_close(opts, &files.save) | sweep_file_close(opts, &files.html))
		status = STATUS_INTERNAL;
	sweep_free(&files.baseline);
	return status;
}

static int sweep_verb_run(const struct options *opts, int argc, char **argv)
{
	struct sweep_args args = { .common.cpu = -1, .out = stdout, .color = verb_color(opts) };
	int status = STATUS_INTERNAL;

	if (!verb_keep_words(opts, &args.about))
		status = run_live(opts, &args, argc, argv);
	record_about_free(&args.about);
	return status;
}

/* ---- from a recording ---- */

static int load_recorded(const struct options *opts, const struct record_about *about,
			 const char *path, struct sweep *sweep)
{
	const struct record_file *file = record_about_find(about, path);

	if (!file) {
		verb_error(opts, "the baseline %s is not in the recording", path);
		return -ENODATA;
	}
	return sweep_file_parse(opts, path, file->data, file->len, sweep);
}

static int sweep_replay(const struct options *opts, const struct replay *replay)
{
	const struct record_about *about = record_about(replay->reader);
	struct sweep_args args = { .common.cpu = -1, .out = replay->out, .color = replay->color };
	struct session_options session_opts = {
		.ffa_version = opts->ffa_version,
		.no_trace = replay->no_trace,
		.replay = replay->reader,
		.replay_meta = replay->meta,
	};
	struct sweep sweep = { 0 };
	struct files files = { 0 };
	struct session *session;
	struct error err;
	int status = STATUS_INTERNAL;

	if (verb_parse(&argp, (int)about->argc, about->argv, &args))
		return STATUS_INTERNAL;
	args.save = args.html = args.common.record = NULL;
	args.common.tsv |= replay->tsv;
	args.page = replay->html;
	sweep_machine_recorded(about, &args.machine);
	snprintf(sweep.kernel, sizeof(sweep.kernel), "%s", replay->meta->kernel);

	if (args.baseline && load_recorded(opts, about, args.baseline, &files.baseline))
		return STATUS_INTERNAL;
	if (!verb_session_open(&session, &session_opts, opts)) {
		status = run(opts, &args, session, &sweep, &files);
		session_close(session, &err);
	}
	sweep_free(&sweep);
	sweep_free(&files.baseline);
	return status;
}

const struct verb verb_sweep = {
	.name = "sweep",
	.help = "Tries every reserved bit and shows who stops it",
	.run = sweep_verb_run,
	.replay = sweep_replay,
};
