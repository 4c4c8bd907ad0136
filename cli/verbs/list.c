// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <stdio.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/descriptor.h"
#include "base/json.h"
#include "command/catalogue.h"
#include "command/verb.h"
#include "verbs/verbs.h"

enum {
	OPT_CHANGES_STATE = 0x100,
	OPT_SINCE,
	OPT_ERRORS,
	OPT_DESCRIPTORS,
};

static const struct argp_option options[] = {
	{ "changes-state", OPT_CHANGES_STATE, NULL, 0, "Only calls that change state", 0 },
	{ "since", OPT_SINCE, "VERSION", 0, "Only calls that came with FF-A 1.0, 1.1, 1.2 or 1.3",
	  0 },
	{ "errors", OPT_ERRORS, NULL, 0, "The errors of each call, and when it returns them", 0 },
	{ "descriptors", OPT_DESCRIPTORS, NULL, 0, "Only the descriptors in memory", 0 },
	{ 0 },
};

struct list {
	bool changes_state;
	bool descriptors;
	bool errors;
	uint32_t since;
	char **patterns;
	int nr_patterns;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct list *list = state->input;

	switch (key) {
	case OPT_CHANGES_STATE:
		list->changes_state = true;
		return 0;
	case OPT_ERRORS:
		list->errors = true;
		return 0;
	case OPT_DESCRIPTORS:
		list->descriptors = true;
		return 0;
	case OPT_SINCE:
		if (ffa_version_parse(arg, &list->since))
			argp_error(state, "--since %s: give 1.0, 1.1, 1.2 or 1.3", arg);
		return 0;
	case ARGP_KEY_ARGS:
		list->patterns = state->argv + state->next;
		list->nr_patterns = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PATTERN...]",
	.doc = "Lists the catalogue: name, identifier, versions that have it, what it changes; then "
	       "the descriptors in memory.\n"
	       "PATTERN is a part of a name, or a name with * and ?; what fits any of them "
	       "is listed."
	       "\v"
	       "  ffascope list notification\n"
	       "  ffascope list bind '*set'\n"
	       "  ffascope list --changes-state '*_64'\n",
};

static bool matches(const struct list *list, const struct ffa_call *call)
{
	for (int i = 0; i < list->nr_patterns; i++) {
		if (ffa_call_matches(call, list->patterns[i]))
			return true;
	}

	return !list->nr_patterns;
}

static bool wanted(const struct list *list, const struct ffa_call *call)
{
	return !list->descriptors && (!list->changes_state || call->changes) &&
	       (!list->since || call->since == list->since) && matches(list, call);
}

static void put_text(const struct ffa_call *call)
{
	char versions[16];

	if (call->until == call->since)
		snprintf(versions, sizeof(versions), "%s only", ffa_version_name(call->since));
	else if (call->until)
		snprintf(versions, sizeof(versions), "%s-%s", ffa_version_name(call->since),
			 ffa_version_name(call->until));
	else
		snprintf(versions, sizeof(versions), "%s", ffa_version_name(call->since));
	printf("%-31s 0x%08x  %-8s  %s\n", call->name, call->fid, versions,
	       call->changes ? call->changes : "-");
}

static void put_errors(const struct ffa_call *call)
{
	for (size_t i = 0; i < call->nr_errors; i++) {
		const struct ffa_error *e = &call->errors[i];

		printf("  %-18s  %s  [%s]\n", ffa_status_name(e->code), e->when,
		       e->source ? e->source : call->source);
	}
	if (call->errors_note)
		printf("  # %s\n", call->errors_note);
}

static int put_json(const struct options *opts, const struct ffa_call *call, bool errors)
{
	struct json_object *obj = json_new_object();

	json_add_string(obj, "call", call->name);
	json_add_hex(obj, "fid", call->fid, 8);
	json_add_string(obj, "since", ffa_version_name(call->since));
	json_add_string(obj, "until", call->until ? ffa_version_name(call->until) : NULL);
	json_add_string(obj, "summary", call->summary);
	json_add_string(obj, "changes", call->changes);
	json_add_string(obj, "undo", call->undo);
	if (errors)
		json_add(obj, "errors", catalogue_errors(call));
	return verb_put_json(opts, stdout, obj);
}

/* ---- descriptors ---- */

static bool wants_descriptor(const struct list *list, const struct ffa_descriptor *type)
{
	if (list->since && type->layouts[0].since != list->since)
		return false;
	for (int i = 0; i < list->nr_patterns; i++) {
		if (ffa_descriptor_matches(type, list->patterns[i]))
			return true;
	}

	return !list->nr_patterns;
}

static void put_descriptor(const struct ffa_descriptor *type)
{
	char sizes[64] = "";
	size_t len = 0;

	for (size_t i = 0; i < type->nr_layouts; i++)
		len += (size_t)snprintf(sizes + len, sizeof(sizes) - len, "%s%u (%s)",
					i ? ", " : "", type->layouts[i].size,
					ffa_version_name(type->layouts[i].since));
	printf("%-18s %-30s %s\n", type->name, sizes, type->title);
}

static int put_descriptor_json(const struct options *opts, const struct ffa_descriptor *type)
{
	struct json_object *obj = json_new_object();

	json_add_string(obj, "descriptor", type->name);
	json_add_string(obj, "title", type->title);
	json_add_string(obj, "since", ffa_version_name(type->layouts[0].since));
	json_add_string(obj, "place", type->place);

	return verb_put_json(opts, stdout, obj);
}

/*
 * Returns an exit status; *any: one was listed, or a call before. Without --descriptors JSON has calls
 * only, as format 1 had from its beginning.
 */
static int list_descriptors(const struct options *opts, const struct list *list, bool *any)
{
	const struct ffa_descriptor *type;
	bool head = false;

	if (!list->descriptors && (opts->json || list->changes_state || list->errors))
		return STATUS_DONE;
	for (size_t i = 0; (type = ffa_descriptor_at(i)); i++) {
		if (!wants_descriptor(list, type))
			continue;
		if (!head && !opts->json)
			printf("%s%-18s %-30s %s\n", *any ? "\n" : "", "DESCRIPTOR",
			       "BYTES (SINCE)", "MEANING");
		head = *any = true;
		if (!opts->json)
			put_descriptor(type);
		else if (put_descriptor_json(opts, type))
			return STATUS_INTERNAL;
	}

	return STATUS_DONE;
}

static int run(const struct options *opts, int argc, char **argv)
{
	struct list list = { 0 };
	const struct ffa_call *call;
	bool any = false;

	if (verb_parse(&argp, argc, argv, &list))
		return STATUS_USAGE;

	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (!wanted(&list, call))
			continue;
		if (!any && !opts->json)
			printf("%-31s %-10s  %-8s  %s\n", "CALL", "FID", "SINCE", "CHANGES");
		any = true;
		if (opts->json) {
			if (put_json(opts, call, list.errors))
				return STATUS_INTERNAL;
			continue;
		}
		put_text(call);
		if (list.errors)
			put_errors(call);
	}
	if (list_descriptors(opts, &list, &any))
		return STATUS_INTERNAL;
	if (!any)
		verb_note(opts, "no call and no descriptor matches");
	if (fflush(stdout) || ferror(stdout)) {
		verb_error(opts, "cannot write to stdout: %m");
		return STATUS_INTERNAL;
	}

	return STATUS_DONE;
}

const struct verb verb_list = {
	.name = "list",
	.help = "The catalogue: names, identifiers, versions, what they change",
	.run = run,
};
