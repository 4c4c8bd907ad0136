// SPDX-License-Identifier: GPL-2.0-only
/* What verbs share: messages, signals, exit status, options of calls, and building a call. */
#include <argp.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/foreign.h"
#include "base/json.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "record/record.h"
#include "command/verb.h"

#define MAX_CPU	     4095
#define MAX_GUARD_NS 100000

#define MAX_NEAREST  5

static void say(const struct options *opts, const char *kind, const char *fmt, va_list args)
{
	/* Not from the heap: out of memory is a message too. */
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, args);
	/* Messages quote files and names of any origin. */
	foreign_clean(text, strlen(text), "\n\t");
	if (opts->json) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, kind, text);
		if (!json_print(stderr, obj))
			return;
	}
	fprintf(stderr, "ffascope: %s\n", text);
}

void verb_error(const struct options *opts, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(opts, "error", fmt, args);
	va_end(args);
}

void verb_note(const struct options *opts, const char *fmt, ...)
{
	va_list args;

	if (opts->verbosity < 0)
		return;

	va_start(args, fmt);
	say(opts, "note", fmt, args);
	va_end(args);
}

int verb_put_json(const struct options *opts, FILE *out, struct json_object *obj)
{
	int ret = json_print(out, obj);

	if (ret)
		verb_error(opts, "out of memory");
	return ret;
}

bool verb_color(const struct options *opts)
{
	const char *no_color = getenv("NO_COLOR");

	if (opts->color != COLOR_AUTO)
		return opts->color == COLOR_ALWAYS;

	/* no-color.org: present and not empty, with any value. */
	return !(no_color && *no_color) && isatty(STDOUT_FILENO);
}

int verb_keep_words(const struct options *opts, struct record_about *about)
{
	int ret = 0;

	for (int i = 0; i < opts->nr_words && !ret; i++)
		ret = record_about_arg(about, opts->words[i]);
	if (ret)
		verb_error(opts, "out of memory");
	return ret;
}

int verb_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	char name[64];
	char *verb = argv[0];
	int ret;

	snprintf(name, sizeof(name), "ffascope %s", verb);
	argv[0] = name;
	ret = argp_parse(argp, argc, argv, 0, NULL, input);
	argv[0] = verb;
	if (ret == ENOMEM)
		fputs("ffascope: out of memory\n", stderr);

	return -ret;
}

unsigned int verb_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	if (columns && verb_parse_number(columns, VERB_MIN_WIDTH, VERB_MAX_WIDTH, &width))
		return (unsigned int)width;
	return 80;
}

bool verb_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);

	return utf8;
}

volatile int verb_stop;

int verb_take_stop(void)
{
	return __atomic_exchange_n(&verb_stop, 0, __ATOMIC_SEQ_CST);
}

static void on_signal(int sig)
{
	verb_stop = sig;
}

void verb_catch_signals(void)
{
	/* No SA_RESTART: a signal has to interrupt system calls that wait. */
	const struct sigaction stop = { .sa_handler = on_signal };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup(1) and shells in the background ignore some of them on purpose. */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &stop, NULL);
	}
	sigaction(SIGPIPE, &ignore, NULL);
}

enum exit_status verb_status(int error)
{
	switch (error) {
	case 0:
		return STATUS_DONE;
	case -EINVAL:
		return STATUS_USAGE;
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
	case -ENOTSUP:
	case -EPROTO:
	case -EPERM:
	case -EACCES:
	case -EBUSY:
	case -EXDEV:
		return STATUS_CANNOT;
	default:
		return STATUS_INTERNAL;
	}
}

bool verb_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	/* strtoull() takes spaces and signs, and 0 at the start for octal. */
	if (text[0] < '0' || text[0] > '9')
		return false;

	errno = 0;
	*value = strtoull(text, &end, hex ? 16 : 10);
	return !errno && !*end && *value >= min && *value <= max;
}

enum {
	OPT_RECORD = 0x200,
	OPT_NO_TRACE,
	OPT_ALLOW,
	OPT_CPU,
	OPT_GUARD,
	OPT_TSV,
};

static const struct argp_option evidence[] = {
	{ "record", OPT_RECORD, "FILE", 0, "Keep the evidence, for `ffascope replay'", 0 },
	{ "no-trace", OPT_NO_TRACE, NULL, 0,
	  "Leave the hypervisor's trace alone; every verdict is unknown then", 0 },
	{ 0 },
};

static const struct argp_option consent[] = {
	{ "allow-state-change", OPT_ALLOW, NULL, 0,
	  "Also make calls that change what others rely on", 0 },
	{ 0 },
};

static const struct argp_option place[] = {
	{ "cpu", OPT_CPU, "N", 0, "Make the calls on this CPU", 0 },
	{ "guard", OPT_GUARD, "NS", 0,
	  "Pause before and after each call, 0 to 100000 ns (default: what this machine needs)",
	  0 },
	{ 0 },
};

static const struct argp_option form[] = {
	{ "tsv", OPT_TSV, NULL, 0, "Tab-separated lines that never change, for shell scripts", 0 },
	{ 0 },
};

static error_t parse_call_option(int key, char *arg, struct argp_state *state)
{
	struct call_options *opts = state->input;
	uint64_t value = 0;

	switch (key) {
	case OPT_RECORD:
		opts->record = arg;
		return 0;
	case OPT_NO_TRACE:
		opts->no_trace = true;
		return 0;
	case OPT_ALLOW:
		opts->allow = true;
		return 0;
	case OPT_CPU:
		if (!verb_parse_number(arg, 0, MAX_CPU, &value))
			argp_error(state, "--cpu %s: give a number from 0 to %d", arg, MAX_CPU);
		opts->cpu = (int)value;
		return 0;
	case OPT_GUARD:
		if (!verb_parse_number(arg, 0, MAX_GUARD_NS, &value))
			argp_error(state, "--guard %s: give ns from 0 to %d", arg, MAX_GUARD_NS);
		opts->guard_ns = value ? (unsigned int)value : 1;
		return 0;
	case OPT_TSV:
		opts->tsv = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void call_options_hand_on(struct argp_state *state, const struct argp_child *children,
			  struct call_options *opts)
{
	/* Not root_argp's children: argp wraps a verb's argp in one of its own. */
	for (int i = 0; children[i].argp; i++)
		state->child_inputs[i] = opts;
}

const struct argp call_options_evidence = { .options = evidence, .parser = parse_call_option };
const struct argp call_options_consent = { .options = consent, .parser = parse_call_option };
const struct argp call_options_place = { .options = place, .parser = parse_call_option };
const struct argp call_options_form = { .options = form, .parser = parse_call_option };

void request_no_such_call(const struct options *opts, const char *word)
{
	const struct ffa_call *near[MAX_NEAREST];
	size_t n = ffa_call_nearest(word, near, MAX_NEAREST);
	char list[MAX_NEAREST * 64] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list);

		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
			 ffa_call_name(near[i]));
	}

	if (n)
		verb_error(opts, "%s: no such call. Nearest: %s", word, list);
	else
		verb_error(opts, "%s: no such call; `ffascope list' lists all", word);
}

const char *request_changes(const struct ffa_regs *in)
{
	const struct ffa_call *call = ffa_call_by_fid((uint32_t)in->x[0]);

	return call ? ffa_call_needs_consent(call, in) : NULL;
}
