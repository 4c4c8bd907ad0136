// SPDX-License-Identifier: GPL-2.0-only
/* Parses the options before the verb and runs the verb. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "ffa/version.h"
#include "command/verb.h"
#include "verbs/verbs.h"

enum {
	OPT_JSON = 0x100,
	OPT_COLOR,
	OPT_DEVICE,
	OPT_TRACEFS,
	OPT_FFA,
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, NULL, 0, "JSON on stdout, one object a line", 0 },
	{ "color", OPT_COLOR, "WHEN", 0, "auto (the default), always or never", 0 },
	{ "quiet", 'q', NULL, 0, "No notes on stderr, errors only", 0 },
	{ "verbose", 'v', NULL, 0, "More: registers, events, how the verdict was found", 0 },
	{ "device", OPT_DEVICE, "PATH", 0, "The module's device (/dev/ffascope)", 0 },
	{ "tracefs", OPT_TRACEFS, "DIR", 0, "Where tracefs is mounted", 0 },
	{ "ffa", OPT_FFA, "VERSION", 0,
	  "Rules of which FF-A version: 1.0, 1.1, 1.2 or 1.3 (the negotiated one, else 1.2)", 0 },
	{ 0 },
};

struct command_line {
	struct options opts;
	int verb; /* index into argv, 0: none given */
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct command_line *cl = state->input;
	struct options *opts = &cl->opts;

	switch (key) {
	case OPT_JSON:
		opts->json = true;
		return 0;
	case OPT_COLOR:
		if (!strcmp(arg, "auto"))
			opts->color = COLOR_AUTO;
		else if (!strcmp(arg, "always"))
			opts->color = COLOR_ALWAYS;
		else if (!strcmp(arg, "never"))
			opts->color = COLOR_NEVER;
		else
			argp_error(state, "--color=%s: give auto, always or never", arg);
		return 0;
	case 'q':
		opts->verbosity = -1;
		return 0;
	case 'v':
		opts->verbosity = 1;
		return 0;
	case OPT_DEVICE:
		opts->device = arg;
		return 0;
	case OPT_TRACEFS:
		opts->tracefs = arg;
		return 0;
	case OPT_FFA:
		if (ffa_version_parse(arg, &opts->ffa_version))
			argp_error(state, "--ffa %s: give 1.0, 1.1, 1.2 or 1.3", arg);
		return 0;
	case ARGP_KEY_ARG:
		/* The rest is the verb's own. */
		cl->verb = state->next - 1;
		state->next = state->argc;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* In the order of enum exit_status; ffascope.1 says more of each. */
static const char *const statuses[] = {
	[STATUS_DONE] = "done, and every expectation held",
	[STATUS_FAILED] = "an expectation failed, or the result differs from the baseline",
	[STATUS_USAGE] = "wrong usage",
	[STATUS_CANNOT] = "not supported or not permitted on this machine",
	[STATUS_UNKNOWN] = "a verdict was unknown",
	[STATUS_INTERNAL] = "an I/O or internal error",
};

static char *help_filter(int key, const char *text, void *input)
{
	const struct verb *verb;
	char *out = NULL;
	size_t size;
	FILE *f;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;

	f = open_memstream(&out, &size);
	if (!f)
		return NULL;
	fputs("Verbs:\n", f);
	for (size_t i = 0; (verb = verb_at(i)); i++)
		fprintf(f, "  %-10s %s\n", verb->name, verb->help);
	fputs("\nExit status:\n", f);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		fprintf(f, "  %zu  %s\n", i, statuses[i]);
	fputs("\n`ffascope VERB --help' says more of each; ffascope(1) says all.\n", f);
	fclose(f);

	return out;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "VERB [ARG...]",
	.doc = "Sends FF-A calls through the proxy of protected KVM and reports where each ended: "
	       "rejected by the hypervisor, or forwarded to TrustZone.\v",
	.help_filter = help_filter,
};

const char *argp_program_version = "ffascope " FFASCOPE_VERSION;

/* Runs the verb argv[0] with a copy of its words. */
static int run_verb(const struct verb *verb, struct options *opts, int argc, char **argv)
{
	int status;

	opts->nr_words = argc;
	opts->words = malloc((size_t)argc * sizeof(*argv));
	if (!opts->words) {
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}
	memcpy(opts->words, argv, (size_t)argc * sizeof(*argv));

	status = verb->run(opts, argc, argv);
	free(opts->words);
	return status;
}

int main(int argc, char **argv)
{
	struct command_line cl = { 0 };
	const struct verb *verb;
	int status;

	argp_err_exit_status = STATUS_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &cl)) {
		verb_error(&cl.opts, "out of memory");
		return STATUS_INTERNAL;
	}

	if (!cl.verb) {
		verb_error(&cl.opts, "no verb given: `ffascope --help' lists them");
		return STATUS_USAGE;
	}

	verb = verb_find(argv[cl.verb]);
	if (!verb) {
		verb_error(&cl.opts, "%s: no such verb; `ffascope --help' lists them",
			   argv[cl.verb]);
		return STATUS_USAGE;
	}

	status = run_verb(verb, &cl.opts, argc - cl.verb, argv + cl.verb);
	if (verb_stop) {
		/* Everything is restored. Raise the signal again, so that the parent sees why this ended. */
		fflush(stdout);
		signal(verb_stop, SIG_DFL);
		raise(verb_stop);
	}
	/* A full disk must not look like success. */
	if (fflush(stdout) || ferror(stdout)) {
		verb_error(&cl.opts, "writing to stdout: %s", strerror(errno));
		return status == STATUS_DONE ? STATUS_INTERNAL : status;
	}
	return status;
}
