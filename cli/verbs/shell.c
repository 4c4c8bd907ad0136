// SPDX-License-Identifier: GPL-2.0-only
/* The script language at a prompt. Tracing stays on between calls. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "report/report.h"
#include "command/verb.h"
#include "command/line_editor.h"
#include "command/script_backend.h"
#include "verbs/verbs.h"

#define MAX_ARGS  64
#define MAX_TALLY 64

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

/* Calls of a block, by what became of them. */
struct tally {
	uint32_t fid;
	enum verdict_kind kind;
	bool has_status;
	int32_t status;
	uint64_t calls;
};

struct shell {
	const struct options *opts;
	struct script_backend backend;
	struct script *script;
	struct script_run *run;
	struct line_editor *editor;
	bool terminal;
	char *record;
	bool in_block; /* inside a block, calls are counted instead of shown */
	struct tally tally[MAX_TALLY];
	unsigned int nr_tally;
	uint64_t rest; /* calls that no tally took */
	int sig;
	bool done;
	bool mistake, failed; /* for the exit status where stdin is no terminal */
};

/* ---- what the machine gives ---- */

static int on_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		   struct script_answer *answers, unsigned int *done, int *bad, char *err,
		   size_t err_size)
{
	struct shell *sh = ctx;

	return script_backend_call(&sh->backend, cpu, in, n, answers, done, bad, err, err_size);
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
		sh->sig = verb_stop;
		verb_stop = 0;
	} else if (!verb_stop) {
		verb_stop = sh->sig;
	}
}

static const char *on_refuse(void *ctx, const struct ffa_regs *in)
{
	struct shell *sh = ctx;

	return script_backend_refuse(&sh->backend, in);
}

/* ---- output ---- */

static void say(struct shell *sh, const char *key, const char *text, bool good)
{
	if (sh->opts->json) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, key, text);
		json_add_bool(obj, "ok", good);
		if (verb_put_json(sh->opts, stdout, obj))
			sh->failed = true;
		return;
	}
	if (verb_color(sh->opts))
		printf("\033[1;3%cm%s\033[0m\n", good ? '2' : '1', text);
	else
		puts(text);
}

static void count(struct shell *sh, const struct script_answer *answer)
{
	struct tally like = { .fid = (uint32_t)answer->call.in.x[0], .kind = answer->verdict.kind };

	like.has_status =
		ffa_answer_status(ffa_call_by_fid(like.fid), &answer->call.out, &like.status);
	for (unsigned int i = 0; i < sh->nr_tally; i++) {
		struct tally *t = &sh->tally[i];

		if (t->fid == like.fid && t->kind == like.kind &&
		    t->has_status == like.has_status &&
		    (!like.has_status || t->status == like.status)) {
			t->calls++;
			return;
		}
	}
	like.calls = 1;
	if (sh->nr_tally < MAX_TALLY)
		sh->tally[sh->nr_tally++] = like;
	else
		sh->rest++;
}

static void show_tally(struct shell *sh)
{
	for (unsigned int i = 0; i < sh->nr_tally; i++) {
		const struct tally *t = &sh->tally[i];
		const struct ffa_call *call = ffa_call_by_fid(t->fid);
		const char *status = t->has_status ? ffa_status_name(t->status) : "no status";

		printf("%10llu  ", (unsigned long long)t->calls);
		if (call)
			printf("%s", ffa_call_name(call));
		else
			printf("0x%08x", t->fid);
		printf("  %s, %s\n", verdict_kind_name(t->kind),
		       status ? status : "a status without a name");
	}
	if (sh->rest)
		printf("%10llu  others\n", (unsigned long long)sh->rest);
	sh->nr_tally = 0;
	sh->rest = 0;
}

static void on_called(void *ctx, const struct script_stmt *stmt, const struct script_answer *answer)
{
	struct shell *sh = ctx;
	struct report_options opts = {
		.out = stdout,
		.color = verb_color(sh->opts),
		.verbose = sh->opts->verbosity > 0,
		.ffa_version = script_backend_ffa_version(&sh->backend),
		.texts = script_backend_texts(&sh->backend),
	};
	struct report *report;

	(void)stmt;
	if (sh->in_block && !sh->opts->json && !opts.verbose) {
		count(sh, answer);
		return;
	}
	report = report_new(sh->opts->json ? &report_json : &report_text, &opts);
	if (report)
		report_call(report, &answer->call, &answer->verdict);
	if (!report || report_end(report)) {
		verb_error(sh->opts, "out of memory");
		sh->failed = true;
	}
	report_free(report);
}

static void on_checked(void *ctx, const struct script_check *check)
{
	struct shell *sh = ctx;
	char text[768];

	if (check->held && sh->in_block)
		return;
	if (check->held)
		snprintf(text, sizeof(text), "holds");
	else if (sh->in_block)
		snprintf(text, sizeof(text), "line %u, %s: %s: %s", check->stmt->at.line,
			 check->stmt->text, check->unknown ? "cannot be said" : "does not hold",
			 check->why);
	else
		snprintf(text, sizeof(text), "%s: %s",
			 check->unknown ? "cannot be said" : "does not hold", check->why);
	say(sh, "expect", text, check->held);
}

static void on_bound(void *ctx, const struct script_stmt *let, const char *name, uint64_t value)
{
	struct shell *sh = ctx;
	char text[160];

	(void)let;
	if (sh->in_block)
		return;
	snprintf(text, sizeof(text), "%s = 0x%llx (%llu)", name, (unsigned long long)value,
		 (unsigned long long)value);
	say(sh, "let", text, true);
}

static void on_skipped(void *ctx, const struct script_stmt *stmt, const char *reason)
{
	struct shell *sh = ctx;

	(void)stmt;
	say(sh, "require", reason, false);
}

static void on_trouble(void *ctx, const struct script_stmt *stmt, const char *text)
{
	struct shell *sh = ctx;

	(void)stmt;
	verb_error(sh->opts, "%s", text);
}

static void on_case_end(void *ctx, const struct script_case *c)
{
	static const char *const results[] = {
		[SCRIPT_PASS] = "ok",
		[SCRIPT_FAIL] = "not ok",
		[SCRIPT_SKIP] = "skipped",
	};
	struct shell *sh = ctx;
	char text[1024];

	snprintf(text, sizeof(text), "%s: %s%s%s", results[c->result], c->name,
		 c->reason[0] ? ": " : "", c->reason);
	say(sh, "test", text, c->result != SCRIPT_FAIL);
}

static const struct script_ops ops = {
	.call = on_call,
	.require = on_require,
	.cpus = on_cpus,
	.stopped = on_stopped,
	.cleanup = on_cleanup,
	.refuse = on_refuse,
	.called = on_called,
	.checked = on_checked,
	.bound = on_bound,
	.skipped = on_skipped,
	.trouble = on_trouble,
	.case_end = on_case_end,
};

/* ---- input ---- */

static const struct verb *find_verb(const char *name)
{
	const struct verb *verb;

	for (size_t i = 0; (verb = verb_at(i)); i++) {
		/* A call is a line of the language; a shell in a shell has no sense. */
		if (!strcmp(verb->name, name) && strcmp(name, "call") && strcmp(name, "shell"))
			return verb;
	}
	return NULL;
}

/* Whether a verb leaves the device and the trace alone. */
static bool is_pure(const char *name)
{
	static const char *const names[] = { "list", "describe", "decode", "replay", "diff" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/*
 * In a process of its own: a verb may end the program where its words are wrong, and Ctrl-C is to
 * end the verb only.
 */
static void run_verb(struct shell *sh, const struct verb *verb, int argc, char **argv)
{
	int status;
	pid_t pid;

	if (!is_pure(verb->name)) {
		if (sh->backend.session && sh->record)
			verb_note(sh->opts, "the recording %s ends here", sh->record);
		script_backend_close(&sh->backend);
		free(sh->record);
		sh->record = NULL;
		sh->backend.session_opts.record = NULL;
	}
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		verb_error(sh->opts, "fork: %s", strerror(errno));
		return;
	}
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		status = verb->run(sh->opts, argc, argv);
		fflush(NULL);
		if (verb_stop) {
			signal(verb_stop, SIG_DFL);
			raise(verb_stop);
		}
		_exit(status);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
		/* The one who asks only the shell to end means the verb too. */
		if (verb_stop && verb_stop != SIGINT)
			kill(pid, verb_stop);
	}
	sh->failed = sh->failed || !WIFEXITED(status) || WEXITSTATUS(status);
}

/* Words of a verb: blanks part them, quotes keep them together. */
static int split(char *line, char **argv, int max)
{
	char *from = line, *to = line;
	int argc = 0;

	while (argc < max - 1) {
		bool quoted = false;

		while (*from == ' ' || *from == '\t')
			from++;
		if (!*from || *from == '#')
			break;
		argv[argc++] = to;
		while (*from && (quoted || (*from != ' ' && *from != '\t'))) {
			if (*from == '"')
				quoted = !quoted;
			else
				*to++ = *from;
			from++;
		}
		if (*from)
			from++;
		*to++ = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

static void help(struct shell *sh, int argc, char **argv)
{
	const struct verb *describe = find_verb("describe");
	const struct verb *verb;

	if (argc > 1 && script_usage(argv[1])) {
		printf("%s\n", script_usage(argv[1]));
		return;
	}
	verb = argc > 1 ? find_verb(argv[1]) : NULL;
	if (verb) {
		char *words[] = { argv[1], (char *)"--help", NULL };

		run_verb(sh, verb, 2, words);
		return;
	}
	if (argc > 1 && describe) {
		run_verb(sh, describe, argc, argv);
		return;
	}

	puts("The language of scripts, ffascope-script(5):");
	for (size_t i = 0; script_keyword(i); i++)
		printf("  %s\n", script_usage(script_keyword(i)));
	puts("Verbs, as on the command line:");
	for (size_t i = 0; (verb = verb_at(i)); i++) {
		if (find_verb(verb->name))
			printf("  %-10s %s\n", verb->name, verb->help);
	}
	puts("Here only:\n"
	     "  help CALL     describes a call\n"
	     "  !record FILE  keeps the evidence of the calls that follow; !record alone ends that\n"
	     "  quit          or Ctrl-D; Ctrl-C ends a call");
}

static void record(struct shell *sh, const char *file)
{
	script_backend_close(&sh->backend);
	free(sh->record);
	sh->record = file ? strdup(file) : NULL;
	sh->backend.session_opts.record = sh->record;
	if (sh->record)
		verb_note(sh->opts, "recording to %s from the next call on", sh->record);
	else
		verb_note(sh->opts, "not recording");
}

/* Lines that are not of the language. False if it is one that is. */
static bool own_line(struct shell *sh, const char *line)
{
	char *copy, *argv[MAX_ARGS];
	const struct verb *verb;
	bool own = true;
	int argc;

	copy = strdup(line);
	if (!copy)
		return true;
	argc = split(copy, argv, MAX_ARGS);
	verb = argc ? find_verb(argv[0]) : NULL;
	if (!argc)
		own = script_open_blocks(sh->script) == 0;
	else if (script_open_blocks(sh->script))
		own = false;
	else if (!strcmp(argv[0], "quit") || !strcmp(argv[0], "exit"))
		sh->done = true;
	else if (!strcmp(argv[0], "help") || !strcmp(argv[0], "?"))
		help(sh, argc, argv);
	else if (!strcmp(argv[0], "!record"))
		record(sh, argc > 1 ? argv[1] : NULL);
	else if (verb)
		run_verb(sh, verb, argc, argv);
	else
		own = false;

	free(copy);
	return own;
}

static void tell_mistakes(struct shell *sh)
{
	const struct script_error *error;

	sh->mistake = true;
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

	if (own_line(sh, line))
		return;
	if (script_line(sh->script, line, strlen(line))) {
		tell_mistakes(sh);
		return;
	}
	if (script_open_blocks(sh->script))
		return;

	sh->in_block = was_open;
	ret = script_continue(sh->run, sh->script, err, sizeof(err));
	show_tally(sh);
	sh->in_block = false;
	sh->failed = sh->failed || ret == -ECANCELED;
	if (ret == -EINTR)
		fputs("stopped\n", stderr);
	else if (ret && ret != -ECANCELED)
		verb_error(sh->opts, "%s", err);
}

static void offer_word(const char *text, line_editor_candidate_fn fn, void *fn_ctx,
		       const char *typed, size_t len)
{
	if (!strncmp(text, typed, len))
		fn(fn_ctx, text);
}

static size_t complete(void *ctx, const char *line, size_t len, line_editor_candidate_fn fn,
		       void *fn_ctx)
{
	struct shell *sh = ctx;
	const char *others[40] = { "help", "quit", "!record" };
	const struct verb *verb;
	size_t n = 3, start = strspn(line, " \t");

	for (size_t i = 0; (verb = verb_at(i)) && n < 39; i++) {
		if (find_verb(verb->name))
			others[n++] = verb->name;
	}
	/* `help' takes whatever can be typed. */
	if (len > start + 5 && !strncmp(line + start, "help ", 5) &&
	    !memchr(line + start + 5, ' ', len - start - 5)) {
		for (size_t i = 0; i < n; i++)
			offer_word(others[i], fn, fn_ctx, line + start + 5, len - start - 5);
	}
	return script_complete(sh->script, line, len, others, fn, fn_ctx);
}

static void print_candidate(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

/* For each line on stdin what may stand at its end, and an empty line. */
static int complete_lines(struct shell *sh)
{
	const char *line;

	while ((line = line_editor_read(sh->editor, ""))) {
		complete(sh, line, strlen(line), print_candidate, NULL);
		puts("");
	}
	return STATUS_DONE;
}

/* ~/.local/state/ffascope/history, its folder made; NULL if there is no place for it. */
static char *history_file(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *file = NULL;

	/* XDG Base Directory: a relative path is to be ignored. */
	if (state && state[0] == '/') {
		if (asprintf(&file, "%s/ffascope/history", state) < 0)
			return NULL;
	} else if (!home || home[0] != '/' ||
		   asprintf(&file, "%s/.local/state/ffascope/history", home) < 0) {
		return NULL;
	}
	for (char *slash = strchr(file + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(file, 0700) && errno != EEXIST && errno != EROFS && errno != EACCES)
			break;
		*slash = '/';
	}
	return file;
}

static void loop(struct shell *sh)
{
	while (!sh->done) {
		bool open = script_open_blocks(sh->script);
		const char *line = line_editor_read(sh->editor, open ? "     ...> " : "ffascope> ");

		if (line) {
			do_line(sh, line);
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
		if (verb_stop && verb_stop != SIGINT)
			return;
		/* Without a terminal there is no more input to wait for. */
		if (verb_stop && !sh->terminal)
			return;
		if (verb_stop && !line)
			script_drop_blocks(sh->script);
		verb_stop = 0;
		fflush(stdout);
		if (ferror(stdout))
			return;
	}
}

static int status_of(const struct shell *sh)
{
	if (sh->terminal)
		return STATUS_DONE;
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
	struct shell sh = { .opts = opts, .terminal = isatty(STDIN_FILENO) };
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
	history = sh.terminal ? history_file() : NULL;
	sh.editor = line_editor_new("ffascope", history, complete, &sh);
	sh.script = script_new(script_backend_load, NULL);
	sh.run = script_run_new(&ops, &sh);
	if (sh.editor && sh.script && sh.run && args.complete) {
		status = complete_lines(&sh);
	} else if (sh.editor && sh.script && sh.run) {
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
