// SPDX-License-Identifier: GPL-2.0-only
/* What this machine lacks, from the processor to the tool, and how to fix it. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "hyp/hyp.h"
#include "base/json.h"
#include "command/verb.h"
#include "verbs/verbs.h"

enum {
	OPT_ROOT = 0x100,
	OPT_REPAIR,
	OPT_BUNDLE,
	OPT_IGNORE,
	OPT_ONLY,
	OPT_NOTIFICATIONS,
};

static const struct argp_option options[] = {
	{ "repair", OPT_REPAIR, NULL, 0, "First restore what a killed run left behind", 0 },
	{ "bundle", OPT_BUNDLE, "FILE", 0,
	  "Gather the diagnosis, the log, some calls and a sweep in FILE (.tar.gz)", 0 },
	{ "ignore", OPT_IGNORE, "NAME", 0,
	  "Leave out the check NAME, and do not let others rest on it (several: commas)", 0 },
	{ "only", OPT_ONLY, "NAME", 0,
	  "Show only the check NAME, and the failed ones that it rests on (several: commas)", 0 },
	{ "notifications", OPT_NOTIFICATIONS, NULL, 0,
	  "Why do notifications not arrive? Show the steps of a notification, and the cause", 0 },
	{ "root", OPT_ROOT, "DIR", 0,
	  "Look below this folder for proc, sys, dev, run and kmsg instead of at this machine", 0 },
	{ 0 },
};

struct doctor_args {
	const char *root; /* "" for this machine */
	const char *bundle;
	bool repair;
	struct doctor_choice choice;
};

/* Adds the checks of a list, "pkvm,module". */
static void add_checks(struct argp_state *state, const char *arg, const char **list)
{
	size_t nr = 0;
	char names[600];

	while (list[nr])
		nr++;
	for (; *arg; arg += strcspn(arg, ","), arg += *arg == ',') {
		size_t len = strcspn(arg, ",");
		const char *name = doctor_check_name(arg, len);

		if (!name) {
			doctor_check_names(names, sizeof(names));
			argp_error(state, "%.*s: no such check. There are: %s", (int)len, arg,
				   names);
			return;
		}
		if (nr < DOCTOR_MAX_CHECKS)
			list[nr++] = name;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct doctor_args *args = state->input;

	switch (key) {
	case OPT_ROOT:
		args->root = arg;
		return 0;
	case OPT_REPAIR:
		args->repair = true;
		return 0;
	case OPT_BUNDLE:
		args->bundle = arg;
		return 0;
	case OPT_IGNORE:
		add_checks(state, arg, args->choice.ignore);
		return 0;
	case OPT_ONLY:
		add_checks(state, arg, args->choice.only);
		return 0;
	case OPT_NOTIFICATIONS:
		args->choice.notifications = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: doctor takes no arguments", arg);
		return EINVAL;
	case ARGP_KEY_END:
		if (args->repair && args->root[0])
			argp_error(state, "--repair and --root exclude each other");
		if (args->choice.notifications && args->choice.only[0])
			argp_error(state, "--notifications and --only exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Checks, from the processor up, whether this machine has what ffascope needs. Each check "
	       "shows what was seen, its effect and what to type, and ends in its name. A check that "
	       "rests on a failed one is not run. Exit status 3 if a check fails that calls or verdicts "
	       "need; with --only or --notifications, if any shown check fails.",
};

static int repair(const struct options *opts)
{
	struct error err;
	int ret = hyp_repair(NULL, &err);

	if (ret < 0) {
		verb_error(opts, "%s", err.text);
		return verb_status(ret);
	}
	verb_note(opts, ret ? "restored the trace settings that a killed run had changed"
			    : "nothing to restore");
	return STATUS_DONE;
}

struct told {
	const struct options *opts;
	struct json_object *files;
};

static void tell(void *ctx, const char *name, size_t size)
{
	struct told *told = ctx;

	if (told->opts->json)
		json_append(told->files, json_new_string(name));
	else
		printf("  %8zu  %s\n", size, name);
}

static int bundle(const struct options *opts, const struct doctor_args *args,
		  const struct doctor_source *src, const struct doctor_facts *facts)
{
	const struct doctor_bundle how = {
		.path = args->bundle,
		.device = opts->device,
		.tracefs = opts->tracefs,
		.make_calls = !args->root[0] && facts->device == DOCTOR_DEVICE_OPEN,
		.stop = &verb_stop,
	};
	struct told told = { .opts = opts, .files = json_new_array() };
	struct json_object *obj = json_new_object();
	char err[512];
	int ret;

	if (!opts->json)
		printf("\n%s holds\n", args->bundle);
	fflush(stdout);
	ret = doctor_bundle(&how, src, facts, tell, &told, err, sizeof(err));
	if (ret && !verb_stop)
		verb_error(opts, "%s", err);
	fflush(stdout);
	if (!ret && !how.make_calls && !args->root[0])
		verb_note(opts, "it holds no calls, trace and sweep: none can be made here");

	json_add_string(obj, "bundle", args->bundle);
	json_add(obj, "files", told.files);
	if (!opts->json || ret) {
		json_free(obj);
		return ret;
	}
	return verb_put_json(opts, stdout, obj);
}

static int examine(const struct options *opts, const struct doctor_args *args,
		   struct doctor_source *src)
{
	const struct doctor_ask ask = { .device = opts->device, .touch = !args->root[0] };
	struct doctor_results results;
	struct doctor_facts facts;

	if (doctor_probe(src, &ask, &facts)) {
		verb_error(opts, "%s: nothing can be read there", args->root);
		return STATUS_INTERNAL;
	}

	doctor_check(&facts, &args->choice, &results);
	if (!opts->json) {
		doctor_show_text(stdout, &facts, &results, &args->choice, verb_color(opts),
				 opts->verbosity > 0);
	} else if (doctor_show_json(stdout, &facts, &results, &args->choice)) {
		verb_error(opts, "out of memory");
		return STATUS_INTERNAL;
	}

	if (args->bundle && bundle(opts, args, src, &facts))
		return STATUS_INTERNAL;
	return doctor_failed(&results, &args->choice) ? STATUS_CANNOT : STATUS_DONE;
}

static int doctor_run(const struct options *opts, int argc, char **argv)
{
	struct doctor_args args = { .root = "" };
	struct doctor_source src;
	int status = STATUS_DONE;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_INTERNAL;

	verb_catch_signals();
	if (args.repair)
		status = repair(opts);
	if (status)
		return status;

	src = (struct doctor_source){ .root = args.root, .tracefs = opts->tracefs };
	status = examine(opts, &args, &src);
	doctor_source_free(&src);
	return status;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.help = "What this machine lacks, and how to fix it",
	.run = doctor_run,
};
