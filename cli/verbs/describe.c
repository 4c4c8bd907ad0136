// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "base/json.h"
#include "report/picture.h"
#include "command/catalogue.h"
#include "command/verb.h"
#include "verbs/verbs.h"

enum {
	OPT_WIDTH = 0x100,
	OPT_ASCII,
};

static const struct argp_option options[] = {
	{ "width", OPT_WIDTH, "COLUMNS", 0,
	  "Width of the text (the terminal's, else $COLUMNS, else 80)", 0 },
	{ "ascii", OPT_ASCII, NULL, 0, "Print only ASCII characters, in any locale", 0 },
	{ 0 },
};

struct describe {
	unsigned int width;
	bool ascii;
	char **words;
	int nr_words;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct describe *d = state->input;
	char *end;
	unsigned long width;

	switch (key) {
	case OPT_WIDTH:
		width = strtoul(arg, &end, 10);
		if (*end || width < VERB_MIN_WIDTH || width > VERB_MAX_WIDTH)
			argp_error(state, "--width %s: give %d to %d columns", arg, VERB_MIN_WIDTH,
				   VERB_MAX_WIDTH);
		d->width = (unsigned int)width;
		return 0;
	case OPT_ASCII:
		d->ascii = true;
		return 0;
	case ARGP_KEY_ARGS:
		d->words = state->argv + state->next;
		d->nr_words = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no call is named; `ffascope list' lists all");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "NAME...",
	.doc = "Shows each call: its registers as a picture, every field and reserved bit with the "
	       "rule of each FF-A version, answers, errors, what it changes, an example.\n"
	       "NAME is a call's, with or without FFA_, in any case, with - or _, or a number; or a "
	       "descriptor's, which `ffascope list' shows after the calls. The picture is of the "
	       "version given by --ffa (1.2)."
	       "\v"
	       "  ffascope describe notification-set notification-get\n"
	       "  ffascope --ffa 1.1 describe INFO_GET_64\n"
	       "  ffascope describe mem-transaction mem-access\n"
	       "  ffascope --json describe 0x8400007d\n",
};

/* ---- JSON ---- */

static struct json_object *new_hex(uint32_t value, const char *format)
{
	char buf[16];

	snprintf(buf, sizeof(buf), format, value);

	return json_new_string(buf);
}

/* The reason for an unknown rule; null if no rule of the call is unknown. */
static struct json_object *new_unknown(const struct ffa_call *call, const enum ffa_rule *rule,
				       const char *why)
{
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (ffa_call_known_in(call, ffa_version_at(v)) && rule[v] == FFA_RULE_UNKNOWN)
			return json_new_string(why);
	}

	return NULL;
}

/* {"reg":"w3","bits":"31:0"} for each register of the row. */
static struct json_object *new_places(const struct ffa_field *f)
{
	struct json_object *array = json_new_array();

	for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
		struct json_object *obj = json_new_object();
		char buf[16];

		snprintf(buf, sizeof(buf), "%c%u", f->wide ? 'x' : 'w', reg);
		json_add(obj, "reg", json_new_string(buf));
		ffa_format_bits(f->hi, f->lo, buf, sizeof(buf));
		json_add(obj, "bits", json_new_string(buf));
		json_append(array, obj);
	}

	return array;
}

static struct json_object *new_fields(const struct ffa_call *call, const struct ffa_field *fields,
				      size_t nr)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = &fields[i];
		struct json_object *obj = json_new_object();

		json_add(obj, "name", json_new_string(f->name));
		json_add(obj, "at", new_places(f));
		if (f->name)
			json_add(obj, "type", json_new_string(catalogue_type(f->type)));
		json_add(obj, "rules", catalogue_rules(f->rule, ffa_call_versions(call)));
		json_add(obj, "unknown", new_unknown(call, f->rule, f->unknown));
		json_add(obj, "meaning", json_new_string(f->meaning));
		if (f->symbols)
			json_add(obj, "values", catalogue_symbols(f->symbols));
		json_add(obj, "source", json_new_string(f->source));
		json_append(array, obj);
	}

	return array;
}

static struct json_object *new_restrictions(const struct ffa_call *call)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];
		struct ffa_field f = {
			.reg = r->reg, .regs = r->regs, .hi = r->hi, .lo = r->lo, .wide = r->wide
		};
		struct json_object *obj = json_new_object();

		json_add(obj, "at", new_places(&f));
		json_add(obj, "when", json_new_string(r->when));
		json_add(obj, "rules", catalogue_rules(r->rule, ffa_call_versions(call)));
		json_add(obj, "unknown", new_unknown(call, r->rule, r->unknown));
		json_add(obj, "source", json_new_string(r->source));
		json_append(array, obj);
	}

	return array;
}

static struct json_object *new_answers(const struct ffa_call *call)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < call->nr_answers; i++) {
		const struct ffa_answer *a = &call->answers[i];
		const struct ffa_call *row = a->fid ? ffa_call_by_fid(a->fid) : NULL;
		struct json_object *obj = json_new_object();

		json_add(obj, "answer", row ? json_new_string(row->name) : NULL);
		json_add(obj, "fid", a->fid ? new_hex(a->fid, "0x%08x") : NULL);
		json_add(obj, "when", json_new_string(a->when));
		json_add(obj, "fields", new_fields(call, a->fields, a->nr_fields));
		json_add(obj, "note", json_new_string(a->note));
		json_add(obj, "source", json_new_string(a->source));
		json_append(array, obj);
	}

	return array;
}

static struct json_object *new_instances(const struct ffa_call *call)
{
	static const char *const names[FFA_NR_INSTANCES] = {
		"non_secure_physical",
		"secure_physical",
		"non_secure_virtual",
		"secure_virtual",
	};
	static const char *const conduits[] = { "SMC", "HVC", "SVC", "ERET" };
	struct json_object *obj = json_new_object();

	for (unsigned int i = 0; i < FFA_NR_INSTANCES; i++) {
		struct json_object *array = NULL;

		/* null: the sources do not say */
		if (call->conduits[i] != FFA_CONDUIT_UNKNOWN) {
			array = json_new_array();
			for (unsigned int c = 0; c < 4; c++) {
				if (call->conduits[i] >> c & 1)
					json_append(array, json_new_string(conduits[c]));
			}
		}
		json_add(obj, names[i], array);
	}

	return obj;
}

/* Rows for a value of other bits: payloads of framework messages by their type. */
static struct json_object *new_variants(const struct ffa_call *call)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < call->nr_variants; i++) {
		const struct ffa_variant *v = &call->variants[i];
		struct json_object *obj = json_new_object();

		json_add_string(obj, "name", v->name);
		json_add_string(obj, "since", ffa_version_name(v->since));
		json_add(obj, "fields", new_fields(call, v->fields, v->nr_fields));
		json_add_string(obj, "source", v->source);
		json_append(array, obj);
	}

	return array;
}

/* Feature identifiers, for a call that takes one; NULL for others. */
static struct json_object *new_features(const struct ffa_call *call)
{
	struct json_object *array;
	bool takes = false;

	for (size_t i = 0; i < call->nr_fields; i++)
		takes |= call->fields[i].type == FFA_TYPE_FUNCTION;
	if (!takes)
		return NULL;

	array = json_new_array();
	for (size_t i = 0; i < ffa_feature_count(); i++) {
		const struct ffa_feature *f = ffa_feature_at(i);
		struct json_object *obj = json_new_object();

		json_add(obj, "name", json_new_string(f->name));
		json_add(obj, "id", json_new_int(f->id));
		json_add(obj, "since",
			 json_new_string(f->since ? ffa_version_name(f->since) : NULL));
		json_add(obj, "meaning", json_new_string(f->meaning));
		json_append(array, obj);
	}

	return array;
}

/* Partition properties, for a call that tells of partitions; NULL for others. */
static struct json_object *new_properties(const struct ffa_call *call)
{
	bool tells = false;

	for (size_t i = 0; i < call->nr_answers; i++)
		tells |= call->answers[i].result == FFA_RESULT_DESCRIPTORS ||
			 call->answers[i].result == FFA_RESULT_IN_BUFFER;
	if (!tells)
		return NULL;

	return catalogue_properties();
}

static int put_json(const struct options *opts, const struct ffa_call *call)
{
	static const char *const consents[] = {
		[FFA_CONSENT_NEVER] = "never",	     [FFA_CONSENT_ALWAYS] = "always",
		[FFA_CONSENT_IF_SET] = "if-set",     [FFA_CONSENT_IF_CLEAR] = "if-clear",
		[FFA_CONSENT_IF_OLDER] = "if-older",
	};
	struct json_object *obj = json_new_object();
	char example[200];

	json_add(obj, "call", json_new_string(call->name));
	json_add(obj, "fid", new_hex(call->fid, "0x%08x"));
	json_add(obj, "convention",
		 json_new_string(ffa_call_takes_canary(call->fid) ? "SMC32" : "SMC64"));
	json_add(obj, "since", json_new_string(ffa_version_name(call->since)));
	json_add(obj, "until", call->until ? json_new_string(ffa_version_name(call->until)) : NULL);
	json_add(obj, "summary", json_new_string(call->summary));
	json_add(obj, "caller", json_new_string(call->caller));
	json_add(obj, "instances", new_instances(call));
	json_add(obj, "fields", new_fields(call, call->fields, call->nr_fields));
	if (call->nr_variants)
		json_add(obj, "variants", new_variants(call));
	json_add(obj, "restrictions", new_restrictions(call));
	json_add(obj, "answers", new_answers(call));
	json_add(obj, "features", new_features(call));
	json_add(obj, "partition_properties", new_properties(call));
	json_add(obj, "errors", catalogue_errors(call));
	json_add(obj, "errors_note", json_new_string(call->errors_note));
	json_add(obj, "changes", json_new_string(call->changes));
	json_add(obj, "undo", json_new_string(call->undo));
	json_add(obj, "consent", json_new_string(consents[call->consent]));
	json_add(obj, "el2_reissues", json_new_bool(call->el2_reissues));
	json_add(obj, "example",
		 ffa_format_example(call, example, sizeof(example)) ? json_new_string(example)
								    : NULL);
	json_add(obj, "note", json_new_string(call->note));
	json_add(obj, "source", json_new_string(call->source));
	return verb_put_json(opts, stdout, obj);
}

/* ---- text ---- */

static void complain(const struct options *opts, const char *word)
{
	const struct ffa_call *near[3];
	char names[160] = "";
	size_t n, len = 0;
	uint32_t fid;

	if (!ffa_call_parse_fid(word, &fid)) {
		verb_error(opts, "no source of the catalogue has the identifier 0x%08x", fid);
		return;
	}
	n = ffa_call_nearest(word, near, 3);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					near[i]->name);
	if (n)
		verb_error(opts, "no call is named %.60s; the nearest: %s", word, names);
	else
		verb_error(opts, "no call is named %.60s; 'ffascope list' has them all", word);
}

static struct picture_style style_of(const struct options *opts, const struct describe *d)
{
	return (struct picture_style){
		.width = d->width ? d->width : verb_width(),
		.utf8 = !d->ascii && verb_utf8(),
		.color = verb_color(opts),
	};
}

static int describe(const struct options *opts, const struct describe *d,
		    const struct ffa_call *call)
{
	uint32_t version = opts->ffa_version ? opts->ffa_version : FFA_VERSION_DEFAULT;
	struct picture_style style = style_of(opts, d);

	if (opts->ffa_version && !ffa_call_known_in(call, version))
		verb_note(opts, "FF-A %s does not have %s; this is of %s",
			  ffa_version_name(version), call->name,
			  ffa_version_name(ffa_rules_version(call, version)));
	if (opts->json)
		return put_json(opts, call);
	report_layout(stdout, call, ffa_rules_version(call, version), &style);

	return 0;
}

static int describe_descriptor(const struct options *opts, const struct describe *d,
			       const struct ffa_descriptor *type)
{
	uint32_t version = opts->ffa_version ? opts->ffa_version : FFA_VERSION_DEFAULT;
	struct picture_style style = style_of(opts, d);

	if (opts->ffa_version && !ffa_layout_of(type, version))
		verb_note(opts, "FF-A %s does not have the descriptor %s",
			  ffa_version_name(version), type->name);
	if (opts->json)
		return verb_put_json(opts, stdout, catalogue_descriptor(type));
	report_memory(stdout, type, version, &style);

	return 0;
}

static int describe_word(const struct options *opts, const struct describe *d, const char *word)
{
	const struct ffa_descriptor *type = ffa_descriptor_find(word);

	return type ? describe_descriptor(opts, d, type) : describe(opts, d, ffa_call_find(word));
}

static int run(const struct options *opts, int argc, char **argv)
{
	struct describe d = { 0 };

	if (verb_parse(&argp, argc, argv, &d))
		return STATUS_USAGE;

	/* Check every word before printing anything. */
	for (int i = 0; i < d.nr_words; i++) {
		if (!ffa_descriptor_find(d.words[i]) && !ffa_call_find(d.words[i])) {
			complain(opts, d.words[i]);
			return STATUS_USAGE;
		}
	}
	for (int i = 0; i < d.nr_words; i++) {
		if (i && !opts->json)
			putchar('\n');
		if (describe_word(opts, &d, d.words[i]))
			return STATUS_INTERNAL;
	}
	if (fflush(stdout) || ferror(stdout)) {
		verb_error(opts, "cannot write to stdout: %m");
		return STATUS_INTERNAL;
	}

	return STATUS_DONE;
}

const struct verb verb_describe = {
	.name = "describe",
	.help = "A call's registers as a picture, its rules by version, answers, errors",
	.run = run,
};
