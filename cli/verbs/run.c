// SPDX-License-Identifier: GPL-2.0-only
/* Scripts with expectations, and KTAP out of them. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/replay.h"
#include "command/run_files.h"
#include "command/run_report.h"
#include "verbs/verbs.h"

enum {
	OPT_CHECK = 0x100,
	OPT_JUNIT,
};

static const struct argp_option options[] = {
	{ "check", OPT_CHECK, NULL, 0, "Read the scripts, tell of mistakes, and stop", 0 },
	{ "junit", OPT_JUNIT, "FILE", 0, "Write the results as JUnit XML too", 0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &call_options_evidence },
	{ .argp = &call_options_consent },
	{ 0 },
};

struct run_args {
	struct call_options common;
	char **files;
	int nr_files;
	bool check;
	const char *junit;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		call_options_hand_on(state, children, &args->common);
		return 0;
	case OPT_CHECK:
		args->check = true;
		return 0;
	case OPT_JUNIT:
		args->junit = arg;
		return 0;
	case ARGP_KEY_ARGS:
		args->files = state->argv + state->next;
		args->nr_files = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which script? ffascope-script(5) says how to write one");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
	.args_doc = "FILE...",
	.doc = "Carries out scripts of calls with expectations and reports in KTAP.\v"
	       "A script is a text file, one statement a line; - is standard input. "
	       "ffascope-script(5) describes the language.\n\n"
	       "  call NOTIFICATION_BITMAP_CREATE vm-id=0 vcpu-count=4\n"
	       "  expect forwarded DENIED|SUCCESS",
};

struct run {
	const struct options *opts;
	const struct run_args *args;
	struct script_backend backend;
	struct run_files files;
	struct run_report report;
	int sig; /* a stop signal from before the cleanup */
};

/* ---- what the machine gives ---- */

static int on_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		   struct script_answer *answers, unsigned int *done, int *bad, char *err,
		   size_t err_size)
{
	struct run *run = ctx;

	return script_backend_call(&run->backend, cpu, in, n, answers, done, bad, err, err_size);
}

static int on_call_memory(void *ctx, int cpu, const struct ffa_regs *in,
			  const struct ffa_mem_request *request, struct script_answer *answer,
			  char *err, size_t err_size)
{
	struct run *run = ctx;

	return script_backend_call_memory(&run->backend, cpu, in, request, answer, err, err_size);
}

static int on_call_parallel(void *ctx, struct script_lane *lanes, unsigned int nr_lanes, char *err,
			    size_t err_size)
{
	struct run *run = ctx;

	return script_backend_call_parallel(&run->backend, lanes, nr_lanes, err, err_size);
}

static int on_require(void *ctx, const struct script_stmt *stmt, char *why, size_t size)
{
	struct run *run = ctx;

	return script_backend_require(&run->backend, stmt, why, size);
}

static unsigned int on_cpus(void *ctx, int *cpu, unsigned int n)
{
	struct run *run = ctx;

	return script_backend_cpus(&run->backend, cpu, n);
}

static bool on_stopped(void *ctx)
{
	const struct run *run = ctx;

	/* The reader of the results has gone. */
	return verb_stop || ferror(run->report.out);
}

static void on_cleanup(void *ctx, bool begin)
{
	struct run *run = ctx;

	/* A second signal ends the cleanup too. */
	if (begin) {
		run->sig = verb_take_stop();
	} else if (!verb_stop) {
		verb_stop = run->sig;
	}
}

static const char *on_refuse(void *ctx, const struct ffa_regs *in)
{
	struct run *run = ctx;

	return script_backend_refuse(&run->backend, in);
}

/* ---- output ---- */

static void on_case_begin(void *ctx, const char *name)
{
	struct run *run = ctx;

	run_report_case(&run->report, name);
}

static void on_called(void *ctx, const struct script_stmt *stmt, const struct script_answer *answer)
{
	struct run *run = ctx;

	run_report_call(&run->report, stmt, answer);
}

static void on_checked(void *ctx, const struct script_check *check)
{
	struct run *run = ctx;

	run_report_check(&run->report, check);
}

static void on_trouble(void *ctx, const struct script_stmt *stmt, const char *text)
{
	struct run *run = ctx;

	run_report_trouble(&run->report, stmt, text);
}

static void on_case_end(void *ctx, const struct script_case *now)
{
	struct run *run = ctx;

	run_report_case_end(&run->report, now);
}

static const struct script_ops ops = {
	.call = on_call,
	.call_memory = on_call_memory,
	.call_parallel = on_call_parallel,
	.require = on_require,
	.cpus = on_cpus,
	.stopped = on_stopped,
	.cleanup = on_cleanup,
	.refuse = on_refuse,
	.case_begin = on_case_begin,
	.called = on_called,
	.checked = on_checked,
	.trouble = on_trouble,
	.case_end = on_case_end,
};

/* ---- the whole ---- */

static int execute_script(struct run *run, struct script_run *how, int i, int before, char *err,
			  size_t size)
{
	const struct script *script = run->files.scripts[i];
	char *name = run_files_name(run->args->files[i]);
	int ret = before;

	if (!name) {
		snprintf(err, size, "out of memory");
		return -ENOMEM;
	}
	run_report_script(&run->report, name);
	script_run_name(how, name);
	if (!before)
		ret = script_execute(how, script, err, size);
	else
		script_skip(how, script, "the run was ended before this test");
	run_report_script_end(&run->report, script_has_loose_case(script));
	free(name);
	return ret;
}

static int execute_all(struct run *run, struct script_run *how, char *err, size_t size)
{
	int ret = 0;

	for (int i = 0; i < run->files.nr; i++)
		ret = execute_script(run, how, i, ret, err, size);
	return ret;
}

static int status_of(const struct run *run, const struct script_run *how, int ret)
{
	if (ret && ret != -EINTR)
		return run->backend.status ? run->backend.status : STATUS_INTERNAL;
	if (run->report.lost_output)
		return STATUS_INTERNAL;
	if (run->backend.status)
		return run->backend.status;
	if (run->report.failed)
		return STATUS_FAILED;
	return script_run_unknown(how) || run->report.unknown_cases ? STATUS_UNKNOWN : STATUS_DONE;
}

static void note_unknown(const struct run *run, uint64_t n)
{
	if (n)
		verb_note(run->opts, "%llu verdict%s unknown", (unsigned long long)n,
			  n == 1 ? " was" : "s were");
}

static int execute_with(struct run *run, struct script_run *how)
{
	char err[768] = "";
	int ret, status;

	if (!run->backend.recorded)
		verb_catch_signals();
	run_report_begin(&run->report, run_files_cases(&run->files));
	ret = execute_all(run, how, err, sizeof(err));
	if (ret && ret != -EINTR)
		verb_error(run->opts, "%s", err);
	status = status_of(run, how, ret);
	note_unknown(run, script_run_unknown(how));

	if (script_backend_close(&run->backend) || run_report_end(&run->report, ret ? err : NULL))
		return STATUS_INTERNAL;
	return status;
}

static int execute(struct run *run)
{
	struct script_run *how = script_run_new(&ops, run);
	int status = STATUS_INTERNAL;

	if (!how)
		verb_error(run->opts, "out of memory");
	else if (!run_report_open(&run->report))
		status = execute_with(run, how);
	script_run_free(how);
	return status;
}

/* After script_backend_init(). */
static int run_all(struct run *run, FILE *out)
{
	const struct run_args *args = run->args;
	int status;

	run->backend.allow = args->common.allow;
	run->backend.session_opts.no_trace |= args->common.no_trace;
	run->report = (struct run_report){
		.opts = run->opts,
		.backend = &run->backend,
		.out = out,
		.junit_file = args->junit,
	};

	status = run_files_load(&run->files, &run->backend, args->files, args->nr_files);
	if (!status && !args->check && !args->common.allow)
		status = run_files_consent(&run->files, run->opts);
	if (!status && !args->check)
		status = execute(run);

	run_files_free(&run->files);
	script_backend_free(&run->backend);
	return status;
}

static int run_run(const struct options *opts, int argc, char **argv)
{
	struct run_args args = { 0 };
	struct run run = { .opts = opts, .args = &args };
	int ret;

	script_backend_init(&run.backend, opts);
	ret = verb_keep_words(opts, &run.backend.about);
	if (!ret)
		ret = verb_parse(&argp, argc, argv, &args);
	if (ret) {
		script_backend_free(&run.backend);
		return STATUS_INTERNAL;
	}
	run.backend.session_opts.record = args.common.record;
	return run_all(&run, stdout);
}

static int run_replay(const struct options *opts, const struct replay *replay)
{
	const struct record_about *about = record_about(replay->reader);
	struct run_args args = { 0 };
	struct run run = { .opts = opts, .args = &args };

	if (verb_parse(&argp, (int)about->argc, about->argv, &args))
		return STATUS_INTERNAL;

	args.junit = NULL;
	script_backend_init_replay(&run.backend, opts, replay->reader, replay->meta);
	run.backend.session_opts.no_trace = replay->no_trace;
	return run_all(&run, replay->out);
}

const struct verb verb_run = {
	.name = "run",
	.help = "Carries out scripts with expectations, KTAP out",
	.run = run_run,
	.replay = run_replay,
};
