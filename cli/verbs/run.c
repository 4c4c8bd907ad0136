// SPDX-License-Identifier: GPL-2.0-only
/* Scripts with expectations, and KTAP out of them. */
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "report/cases.h"
#include "base/json.h"
#include "report/report.h"
#include "command/verb.h"
#include "command/script_backend.h"
#include "command/replay.h"
#include "verbs/verbs.h"

/* Of a case; how many more there are is said. */
#define MAX_SHOWN 5

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

/* The report of one case. */
struct log {
	FILE *out;
	char *text;
	size_t size;
	uint64_t shown; /* expectations that did not hold */
	uint64_t began_ns;
};

struct run {
	const struct options *opts;
	const struct run_args *args;
	struct script_backend backend;
	FILE *out;
	struct script **scripts;
	int sig; /* that asked to end, while cleanup is done */

	struct report_cases ktap, junit;
	FILE *junit_out;
	unsigned int number;
	char *script_name;
	/* What stands outside the tests is a case that goes on around them. */
	struct log loose, test, *log;

	bool lost_output; /* no memory for an object */
	uint64_t failed, unknown_cases;
};

/* ---- what the machine gives ---- */

static int on_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		   struct script_answer *answers, unsigned int *done, int *bad, char *err,
		   size_t err_size)
{
	struct run *run = ctx;

	return script_backend_call(&run->backend, cpu, in, n, answers, done, bad, err, err_size);
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
	return verb_stop || ferror(run->out);
}

static void on_cleanup(void *ctx, bool begin)
{
	struct run *run = ctx;

	/* A second signal ends the cleanup too. */
	if (begin) {
		run->sig = verb_stop;
		verb_stop = 0;
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

static void put_json(struct run *run, struct json_object *obj)
{
	if (verb_put_json(run->opts, run->out, obj))
		run->lost_output = true;
}

static void add_place(struct json_object *obj, const struct script_stmt *stmt)
{
	json_add_string(obj, "file", stmt->at.file);
	json_add_int(obj, "line", stmt->at.line);
}

/* Lines into the report and into the log of the case. */
static void tell(struct run *run, const char *text)
{
	if (!run->opts->json)
		report_cases_lines(&run->ktap, text);
	if (run->log->out)
		fputs(text, run->log->out);
}

static void begin_log(struct log *log)
{
	*log = (struct log){ .began_ns = clock_ns(CLOCK_MONOTONIC) };
	log->out = open_memstream(&log->text, &log->size);
}

static void close_log(struct log *log)
{
	if (log->out)
		fclose(log->out);
	log->out = NULL;
}

static void free_log(struct log *log)
{
	close_log(log);
	free(log->text);
}

static void on_case_begin(void *ctx, const char *name)
{
	struct run *run = ctx;

	run->log = name == run->script_name ? &run->loose : &run->test;
	if (run->log == &run->test)
		begin_log(run->log);
}

/* The object of the call, as the verb call prints it, with its place before the rest. */
static void on_called(void *ctx, const struct script_stmt *stmt, const struct script_answer *answer)
{
	struct run *run = ctx;
	struct report_options opts = {
		.ffa_version = script_backend_ffa_version(&run->backend),
		.texts = script_backend_texts(&run->backend),
	};
	struct json_object *place;
	struct report *report;
	char *text = NULL;
	size_t size;

	if (!run->opts->json)
		return;
	opts.out = open_memstream(&text, &size);
	report = opts.out ? report_new(&report_json, &opts) : NULL;
	if (report)
		report_call(report, &answer->call, &answer->verdict);
	if (!report || report_end(report))
		run->lost_output = true;
	report_free(report);
	if (opts.out)
		fclose(opts.out);

	if (text && !strncmp(text, JSON_HEAD, strlen(JSON_HEAD))) {
		const char *head;

		place = json_new_object();
		add_place(place, stmt);
		head = json_text(place, NULL);
		/* {"file":..,"line":..} and {"call":...}: one object. */
		if (head)
			fprintf(run->out, JSON_HEAD ",%.*s%s", (int)strlen(head) - 2, head + 1,
				text + strlen(JSON_HEAD));
		else
			run->lost_output = true;
		json_free(place);
	}
	free(text);
}

static void show_check(struct run *run, const struct script_check *check)
{
	char *about = script_backend_describe(&run->backend, check->answer);
	char *text = NULL;

	if (asprintf(&text, "%s:%u: %s\n  %s: %s\n  the call, %s:%u: %s\n%s", check->stmt->at.file,
		     check->stmt->at.line, check->stmt->text,
		     check->unknown ? "cannot be said" : "does not hold", check->why,
		     check->call->at.file, check->call->at.line, check->call->text,
		     about ? about : "") >= 0)
		tell(run, text);
	free(text);
	free(about);
}

static void on_checked(void *ctx, const struct script_check *check)
{
	struct run *run = ctx;

	if (run->opts->json) {
		struct json_object *obj = json_new_object();

		add_place(obj, check->stmt);
		json_add_string(obj, "expect", check->stmt->text);
		json_add_bool(obj, "held", check->held);
		json_add_bool(obj, "unknown", check->unknown);
		json_add(obj, "why", check->held ? NULL : json_new_string(check->why));
		put_json(run, obj);
	}
	if (check->held)
		return;
	if (++run->log->shown <= MAX_SHOWN)
		show_check(run, check);
}

static void on_trouble(void *ctx, const struct script_stmt *stmt, const char *text)
{
	struct run *run = ctx;
	char *line = NULL;

	if (asprintf(&line, "%s:%u: %s\n  %s\n", stmt->at.file, stmt->at.line, stmt->text, text) >=
	    0)
		tell(run, line);
	free(line);
}

static void put_case(struct run *run, const struct report_case *c)
{
	static const char *const results[] = {
		[REPORT_PASS] = "pass",
		[REPORT_FAIL] = "fail",
		[REPORT_SKIP] = "skip",
	};
	struct json_object *obj = json_new_object();

	json_add_int(obj, "case", c->number);
	json_add_string(obj, "name", c->name);
	json_add_string(obj, "result", results[c->result]);
	json_add(obj, "reason", c->reason[0] ? json_new_string(c->reason) : NULL);
	json_add_uint(obj, "calls", c->calls);
	json_add_uint(obj, "expectations", c->expectations);
	json_add_uint(obj, "failures", c->failures);
	put_json(run, obj);
}

static void on_case_end(void *ctx, const struct script_case *now)
{
	static const enum report_result results[] = {
		[SCRIPT_PASS] = REPORT_PASS,
		[SCRIPT_FAIL] = REPORT_FAIL,
		[SCRIPT_SKIP] = REPORT_SKIP,
	};
	struct run *run = ctx;
	struct report_case c = {
		.number = ++run->number,
		.script = run->script_name,
		.name = now->name,
		.result = results[now->result],
		.reason = now->reason,
		.log = "",
		.calls = now->calls,
		.expectations = now->expectations,
		.failures = now->failures,
		.ns = clock_ns(CLOCK_MONOTONIC) - run->log->began_ns,
	};
	char more[64];

	if (run->log->shown > MAX_SHOWN) {
		snprintf(more, sizeof(more), "and %llu more expectations that did not hold\n",
			 (unsigned long long)(run->log->shown - MAX_SHOWN));
		tell(run, more);
	}
	close_log(run->log);
	if (run->log->text)
		c.log = run->log->text;

	if (now->result == SCRIPT_FAIL) {
		/* Where there was nothing but verdicts that are unknown, that is the trouble. */
		if (now->unknown && now->unknown == now->failures)
			run->unknown_cases++;
		else
			run->failed++;
	}
	if (run->opts->json)
		put_case(run, &c);
	else
		report_cases_result(&run->ktap, &c);
	if (run->junit_out)
		report_cases_result(&run->junit, &c);
	free_log(run->log);
	run->log = &run->loose;
}

static const struct script_ops ops = {
	.call = on_call,
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

/* The file's name without folder and ending, freed by the caller. */
static char *script_name(const char *file)
{
	char *copy = strdup(file), *name = NULL;
	const char *base;
	size_t len;

	if (!copy)
		return NULL;
	base = strcmp(file, "-") ? basename(copy) : "stdin";
	len = strlen(base);
	if (len > 4 && !strcmp(base + len - 4, ".ffa"))
		len -= 4;
	name = strndup(base, len);
	free(copy);
	return name;
}

struct consent {
	const struct options *opts;
	unsigned int found;
};

static void tell_consent(void *ctx, const struct script_stmt *call, const char *changes)
{
	struct consent *consent = ctx;

	consent->found++;
	verb_error(consent->opts,
		   "%s:%u:%u: this call %s. Use --allow-state-change to make it anyway",
		   call->at.file, call->at.line, call->at.column, changes);
}

static int no_memory(const struct run *run)
{
	verb_error(run->opts, "out of memory");
	return STATUS_INTERNAL;
}

/* Reads all scripts and prints their mistakes. */
static int load(struct run *run)
{
	const struct run_args *args = run->args;
	size_t mistakes = 0;

	run->scripts = calloc((size_t)args->nr_files, sizeof(struct script *));
	if (!run->scripts)
		return no_memory(run);

	for (int i = 0; i < args->nr_files; i++) {
		run->scripts[i] = script_new(script_backend_load, &run->backend);
		if (!run->scripts[i])
			return no_memory(run);
		mistakes += script_load(run->scripts[i], args->files[i]);
		script_backend_tell_mistakes(run->opts, run->scripts[i]);
	}
	return mistakes ? STATUS_USAGE : STATUS_DONE;
}

static int check_consent(struct run *run)
{
	struct consent consent = { .opts = run->opts };

	for (int i = 0; i < run->args->nr_files && !run->args->common.allow; i++)
		script_consents(run->scripts[i], tell_consent, &consent);
	return consent.found ? STATUS_USAGE : STATUS_DONE;
}

static int execute_all(struct run *run, struct script_run *how, char *err, size_t size)
{
	int ret = 0;

	for (int i = 0; i < run->args->nr_files; i++) {
		run->script_name = script_name(run->args->files[i]);
		if (!run->script_name) {
			snprintf(err, size, "out of memory");
			return -ENOMEM;
		}
		run->log = &run->loose;
		begin_log(run->log);
		script_run_name(how, run->script_name);
		if (!ret)
			ret = script_execute(how, run->scripts[i], err, size);
		else
			script_skip(how, run->scripts[i], "the run was ended before this test");
		if (!script_has_loose_case(run->scripts[i]))
			free_log(&run->loose);
		free(run->script_name);
	}
	return ret;
}

static unsigned int count_cases(const struct run *run)
{
	unsigned int n = 0;

	for (int i = 0; i < run->args->nr_files; i++)
		n += script_nr_cases(run->scripts[i]);
	return n;
}

static int status_of(const struct run *run, const struct script_run *how, int ret)
{
	if (ret && ret != -EINTR)
		return run->backend.status ? run->backend.status : STATUS_INTERNAL;
	if (run->lost_output)
		return STATUS_INTERNAL;
	if (run->backend.status)
		return run->backend.status;
	if (run->failed)
		return STATUS_FAILED;
	return script_run_unknown(how) || run->unknown_cases ? STATUS_UNKNOWN : STATUS_DONE;
}

static void begin_reports(struct run *run)
{
	unsigned int planned = count_cases(run);

	if (!run->opts->json)
		report_cases_begin(&run->ktap, &report_ktap, run->out, planned);
	if (run->junit_out)
		report_cases_begin(&run->junit, &report_junit, run->junit_out, planned);
}

static int end_reports(struct run *run, const char *bail)
{
	if (!run->opts->json)
		report_cases_end(&run->ktap, bail);
	if (!run->junit_out)
		return 0;

	report_cases_end(&run->junit, bail);
	if (ferror(run->junit_out) | fclose(run->junit_out)) {
		verb_error(run->opts, "%s: %s", run->args->junit, strerror(errno));
		return -EIO;
	}
	return 0;
}

static int execute(struct run *run)
{
	struct script_run *how = script_run_new(&ops, run);
	char err[768] = "";
	int ret, status;

	if (!how)
		return no_memory(run);
	if (run->args->junit) {
		run->junit_out = fopen(run->args->junit, "we");
		if (!run->junit_out) {
			verb_error(run->opts, "%s: %s", run->args->junit, strerror(errno));
			script_run_free(how);
			return STATUS_INTERNAL;
		}
	}

	if (!run->backend.recorded)
		verb_catch_signals();
	begin_reports(run);
	ret = execute_all(run, how, err, sizeof(err));
	if (ret && ret != -EINTR)
		verb_error(run->opts, "%s", err);
	status = status_of(run, how, ret);
	if (script_run_unknown(how))
		verb_note(run->opts, "%llu verdict%s unknown",
			  (unsigned long long)script_run_unknown(how),
			  script_run_unknown(how) == 1 ? " was" : "s were");
	script_run_free(how);

	if (script_backend_close(&run->backend) || end_reports(run, ret ? err : NULL))
		return STATUS_INTERNAL;
	return status;
}

/* After script_backend_init(). */
static int run_all(struct run *run)
{
	const struct run_args *args = run->args;
	int status;

	run->backend.allow = args->common.allow;
	run->backend.session_opts.no_trace |= args->common.no_trace;

	status = load(run);
	if (!status && !args->check)
		status = check_consent(run);
	if (!status && !args->check)
		status = execute(run);

	for (int i = 0; run->scripts && i < args->nr_files; i++)
		script_free(run->scripts[i]);
	free(run->scripts);
	script_backend_free(&run->backend);
	return status;
}

static int run_run(const struct options *opts, int argc, char **argv)
{
	struct run_args args = { 0 };
	struct run run = { .opts = opts, .args = &args, .out = stdout };
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
	return run_all(&run);
}

static int run_replay(const struct options *opts, const struct replay *replay)
{
	const struct record_about *about = record_about(replay->reader);
	struct run_args args = { 0 };
	struct run run = { .opts = opts, .args = &args, .out = replay->out };

	if (verb_parse(&argp, (int)about->argc, about->argv, &args))
		return STATUS_INTERNAL;

	args.junit = NULL;
	script_backend_init_replay(&run.backend, opts, replay->reader, replay->meta);
	run.backend.session_opts.no_trace = replay->no_trace;
	return run_all(&run);
}

const struct verb verb_run = {
	.name = "run",
	.help = "Carries out scripts with expectations, KTAP out",
	.run = run_run,
	.replay = run_replay,
};
