// SPDX-License-Identifier: GPL-2.0-only
/* Compares two saved sweeps: which bits changed hands. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/sweep.h"
#include "command/sweep_file.h"
#include "command/verb.h"
#include "verbs/verbs.h"

#define MAX_LABEL 40 /* characters */

struct diff_args {
	const char *file[2];
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct diff_args *args = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (state->arg_num >= 2)
			argp_error(state, "%s: two sweeps can be compared, not more", arg);
		args->file[state->arg_num] = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state,
				   "which two sweeps? `ffascope sweep --save FILE' saves one");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "A B",
	.doc = "Shows the differences between two saved sweeps: which bits of which call are refused "
	       "elsewhere now.\v"
	       "Differences are no failure: the exit status is 0. "
	       "`ffascope sweep --baseline' is for expectations.",
};

/* Column heading of a file: its name, if that is short and differs from the other one. */
static const char *label_of(const char *path, const char *other, const char *otherwise)
{
	const char *a = strrchr(path, '/'), *b = strrchr(other, '/');

	a = a ? a + 1 : path;
	b = b ? b + 1 : other;
	return strcmp(a, b) && strlen(a) <= MAX_LABEL ? a : otherwise;
}

#define BUILD_SHOWN 12 /* characters of a build ID */

static void show_kernel(const char *word, const char *file, const struct sweep *sweep)
{
	printf("%s %s: Linux %s", word, file, sweep->kernel);
	if (*sweep->build)
		printf(" (build %.*s)", BUILD_SHOWN, sweep->build);
	printf(", FF-A %s\n", ffa_version_name(sweep->version));
}

static int show(const struct options *opts, const struct diff_args *args, const struct sweep *from,
		const struct sweep *to)
{
	struct sweep_diff diff;
	int ret = 0;

	if (sweep_compare(from, to, &diff)) {
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}

	if (opts->json) {
		ret = report_diff_json(stdout, from, to, &diff);
	} else {
		show_kernel("from", args->file[0], from);
		show_kernel("to  ", args->file[1], to);
		putchar('\n');
		report_diff(stdout, label_of(args->file[0], args->file[1], "from"),
			    label_of(args->file[1], args->file[0], "to"), &diff, true,
			    verb_color(opts));
	}
	sweep_diff_free(&diff);
	if (ret)
		verb_error(opts, "out of memory");
	return ret ? STATUS_INTERNAL : STATUS_DONE;
}

static int diff_run(const struct options *opts, int argc, char **argv)
{
	struct diff_args args = { 0 };
	struct sweep from, to;
	int status;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_INTERNAL;

	if (sweep_file_load(opts, args.file[0], &from, NULL))
		return STATUS_INTERNAL;
	if (sweep_file_load(opts, args.file[1], &to, NULL)) {
		sweep_free(&from);
		return STATUS_INTERNAL;
	}
	status = show(opts, &args, &from, &to);
	sweep_free(&from);
	sweep_free(&to);
	return status;
}

const struct verb verb_diff = {
	.name = "diff",
	.help = "Compares two saved sweeps",
	.run = diff_run,
};
