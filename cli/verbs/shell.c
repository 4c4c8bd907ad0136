// SPDX-License-Identifier: GPL-2.0-only
/* The script language at a prompt. Tracing stays on between calls. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/shell.h"
#include "verbs/verbs.h"

enum {
	OPT_COMPLETE = 0x100,
};

static const struct argp_option options[] = {
	/* For completion/generate.py. */
	{ "complete", OPT_COMPLETE, NULL, OPTION_HIDDEN, "", 0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &call_options_evidence },
	{ .argp = &call_options_consent },
	{ 0 },
};

struct shell_args {
	struct call_options common;
	bool complete;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct shell_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		call_options_hand_on(state, children, &args->common);
		return 0;
	case OPT_COMPLETE:
		args->complete = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: a script is carried out by `ffascope run'", arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.children = children,
	.doc = "Takes the lines of a script at a prompt, and other verbs; tracing stays on between "
	       "calls.\v"
	       "`help' says what can be typed. Ctrl-C ends a call, Ctrl-D the shell.",
};

/* ---- what the machine gives ---- */

static int on_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		   struct script_answer *answers, unsigned int *done, int *bad, char *err,
		   size_t err_size)
{
	struct shell *sh = ctx;

	return script_backend_call(&sh->backend, cpu, in, n, answers, done, bad, err, err_size);
}

static int on_call_memory(void *ctx, int cpu, const struct ffa_regs *in,
			  const struct ffa_mem_request *request, struct script_answer *answer,
			  char *err, size_t err_size)
{
	struct shell *sh = ctx;

	return script_backend_call_memory(&sh->backend, cpu, in, request, answer, err, err_size);
}

static int on_call_parallel(void *ctx, struct script_lane *lanes, unsigned int nr_lanes, char *err,
			    size_t err_size)
{
	struct shell *sh = ctx;

	return script_backend_call_parallel(&sh->backend, lanes, nr_lanes, err, err_size);
}

static int on_require(void *ctx, const struct script_stmt *stmt, char *why, size_t size)
{
	struct shell *sh = ctx;

	return script_backend_require(&sh->backend, stmt, why, size);
}

static unsigned int on_cpus(void *ctx, int *cpu, unsigned int n)
{
	struct shell *sh = ctx;

	return script_backend_cpus(&sh->backend, cpu, n);
}

static bool on_stopped(void *ctx)
{
	(void)ctx;
	return verb_stop || ferror(stdout);
}

static void on_cleanup(void *ctx, bool begin)
{
	struct shell *sh = ctx;

	if (begin) {
		sh->sig = verb_take_stop();
	} else if (!verb_stop) {
		verb_stop = sh->sig;
	}
}

static const char *on_refuse(void *ctx, const struct ffa_regs *in)
{
	struct shell *sh = ctx;

	return script_backend_refuse(&sh->backend, in);
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
	.called = shell_show_call,
	.checked = shell_show_check,
	.bound = shell_show_variable,
	.skipped = shell_show_skip,
	.trouble = shell_show_trouble,
	.case_end = shell_show_case,
};

/* ---- input ---- */

static void tell_mistakes(struct shell *sh)
{
	const struct script_error *error;

	sh->mistake = true;
	if (script_out_of_memory(sh->script)) {
		sh->no_memory = true;
		sh->done = !sh->terminal;
	}
	for (size_t i = 0; (error = script_error_at(sh->script, i)); i++) {
		if (strcmp(error->at.file, "(typed)"))
			verb_error(sh->opts, "%s:%u:%u: %s", error->at.file, error->at.line,
				   error->at.column, error->text);
		else if (sh->terminal)
			verb_error(sh->opts, "column %u: %s", error->at.column, error->text);
		else
			verb_error(sh->opts, "line %u, column %u: %s", error->at.line,
				   error->at.column, error->text);
	}
}

static void do_line(struct shell *sh, const char *line)
{
	bool was_open = script_open_blocks(sh->script);
	char err[768];
	int ret;

	if (shell_command(sh, line))
		return;
	if (script_line(sh->script, line, strlen(line))) {
		tell_mistakes(sh);
		return;
	}
	if (script_open_blocks(sh->script))
		return;

	sh->in_block = was_open;
	ret = script_continue(sh->run, sh->script, err, sizeof(err));
	shell_tally_show(&sh->tally);
	sh->in_block = false;
	sh->failed = sh->failed || ret == -ECANCELED;
	if (ret == -EINTR)
		fputs("stopped\n", stderr);
	else if (ret && ret != -ECANCELED)
		verb_error(sh->opts, "%s", err);
}

static void loop(struct shell *sh)
{
	while (!sh->done) {
		bool open = script_open_blocks(sh->script);
		const char *line = line_editor_read(sh->editor, open ? "     ...> " : "ffascope> ");
		int sig;

		if (line) {
			do_line(sh, line);
		} else if (errno == ENOMEM) {
			verb_error(sh->opts, "out of memory: no further line is read");
			sh->no_memory = true;
			return;
		} else if (errno != EINTR && !verb_stop) {
			/* A block that is open is not carried out: its end never came. */
			if (open) {
				verb_error(sh->opts, "end of input: the open block is ignored");
				sh->mistake = true;
			}
			if (sh->terminal)
				putchar('\n');
			return;
		} else if (sh->terminal) {
			putchar('\n');
		}
		sig = verb_take_stop();
		/* Without a terminal there is no more input to wait for. */
		if (sig && (sig != SIGINT || !sh->terminal)) {
			verb_stop = sig;
			return;
		}
		if (sig && !line)
			script_drop_blocks(sh->script);
		fflush(stdout);
		if (ferror(stdout))
			return;
	}
}

static int status_of(const struct shell *sh)
{
	if (sh->terminal)
		return STATUS_DONE;
	if (sh->no_memory)
		return STATUS_INTERNAL;
	if (sh->backend.status)
		return sh->backend.status;
	if (sh->mistake)
		return STATUS_USAGE;
	if (sh->failed)
		return STATUS_FAILED;
	return script_run_unknown(sh->run) ? STATUS_UNKNOWN : STATUS_DONE;
}

static int shell_run(const struct options *opts, int argc, char **argv)
{
	struct shell sh = { .opts = opts, .verb_at = verb_at, .terminal = isatty(STDIN_FILENO) };
	struct shell_args args = { 0 };
	int status = STATUS_INTERNAL;
	char *history;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_INTERNAL;

	script_backend_init(&sh.backend, opts);
	sh.backend.allow = args.common.allow;
	sh.backend.session_opts.no_trace = args.common.no_trace;
	sh.backend.session_opts.verb = "shell";
	sh.record = args.common.record ? strdup(args.common.record) : NULL;
	sh.backend.session_opts.record = sh.record;

	verb_catch_signals();
	history = sh.terminal ? shell_history_file() : NULL;
	sh.editor = line_editor_new("ffascope", history, shell_complete, &sh);
	sh.script = script_new(script_backend_load, NULL);
	sh.run = script_run_new(&ops, &sh);
	if (!sh.editor || !sh.script || !sh.run || (args.common.record && !sh.record)) {
		verb_error(opts, "out of memory");
	} else if (args.complete) {
		shell_complete_lines(&sh);
		status = STATUS_DONE;
	} else {
		loop(&sh);
		status = status_of(&sh);
	}
	line_editor_free(sh.editor);
	script_run_free(sh.run);
	script_free(sh.script);
	if (script_backend_close(&sh.backend))
		status = STATUS_INTERNAL;
	free(sh.record);
	free(history);
	return status;
}

const struct verb verb_shell = {
	.name = "shell",
	.help = "Takes the same lines at a prompt",
	.run = shell_run,
};
