// SPDX-License-Identifier: GPL-2.0-only
/* Compares any number of saved sweeps: a column for each kernel or device. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/bundle.h"
#include "command/replay.h"
#include "command/sweep_file.h"
#include "ffa/catalogue.h"
#include "report/compare.h"
#include "verbs/verbs.h"

enum {
	OPT_EXPECT = 0x100,
	OPT_ALL,
	OPT_AS,
	OPT_CALL,
	OPT_WIDTH,
};

static const struct argp_option options[] = {
	{ "expect", OPT_EXPECT, "BASELINE", 0,
	  "Exit with status 1 and name the files that depart from this saved sweep", 0 },
	{ "all", OPT_ALL, NULL, 0, "Also show rows that do not differ", 0 },
	{ "call", OPT_CALL, "CALL", 0,
	  "Only this call, or calls that fit a pattern; may be given several times", 0 },
	{ "as", OPT_AS, "FORM", 0, "text, json, csv or html (a page with a filter)", 0 },
	{ "output", 'o', "FILE", 0, "Write there instead of to standard output", 0 },
	{ "width", OPT_WIDTH, "COLUMNS", 0,
	  "Width of the text (the terminal's, else $COLUMNS, else 80)", 0 },
	{ 0 },
};

enum form { AS_TEXT, AS_JSON, AS_CSV, AS_HTML };

struct compare_args {
	const char *expect, *output;
	char **files;
	size_t nr_files;
	char **patterns;
	size_t nr_patterns;
	bool all, form_given;
	enum form form;
	unsigned int width;
};

static bool parse_form(const char *text, enum form *form)
{
	static const char *const names[] = { "text", "json", "csv", "html" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			*form = i;
			return true;
		}
	}
	return false;
}

/* Adds to an array with room for argc words. */
static void add_word(char **words, size_t *nr, char *word)
{
	words[(*nr)++] = word;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct compare_args *args = state->input;
	uint64_t width;

	switch (key) {
	case OPT_EXPECT:
		args->expect = arg;
		return 0;
	case OPT_ALL:
		args->all = true;
		return 0;
	case OPT_CALL:
		if (!strpbrk(arg, "*?") && !ffa_call_find(arg))
			argp_error(state, "--call %s: no such call; `ffascope list' lists all",
				   arg);
		add_word(args->patterns, &args->nr_patterns, arg);
		return 0;
	case OPT_AS:
		if (!parse_form(arg, &args->form))
			argp_error(state, "--as %s: give text, json, csv or html", arg);
		args->form_given = true;
		return 0;
	case 'o':
		args->output = arg;
		return 0;
	case OPT_WIDTH:
		if (!verb_parse_number(arg, VERB_MIN_WIDTH, VERB_MAX_WIDTH, &width))
			argp_error(state, "--width %s: give %d to %d columns", arg, VERB_MIN_WIDTH,
				   VERB_MAX_WIDTH);
		args->width = (unsigned int)width;
		return 0;
	case ARGP_KEY_ARG:
		add_word(args->files, &args->nr_files, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which sweeps? `ffascope sweep --save FILE' saves one");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "FILE...",
	.doc = "Compares saved sweeps of many kernels or devices, a column for each; sweeps with equal "
	       "results are one column.\v"
	       "FILE is a saved sweep, a recording of one, or a bundle of `ffascope doctor'. Bits that a "
	       "sweep did not try are not compared.\n\n"
	       "  ffascope compare board-*.json\n"
	       "  ffascope compare --as html -o boards.html board-*.json\n"
	       "  ffascope compare --expect release.json board-*.json",
};

/* ---- reading ---- */

struct reading {
	const struct options *opts;
	struct sweep_table *table;
	const char *name;
	size_t sweeps; /* of this file */
};

static int add_sweep(struct reading *reading, struct sweep *sweep)
{
	int ret = sweep_table_add(reading->table, reading->name, sweep);

	sweep_free(sweep);
	if (ret)
		verb_error(reading->opts, "out of memory");
	reading->sweeps++;
	return ret ? STATUS_INTERNAL : STATUS_DONE;
}

/* Replays a recorded sweep and reads its JSON. */
static int add_recording(void *ctx, const char *name, struct record_reader *reader,
			 const struct record_meta *meta)
{
	struct reading *reading = ctx;
	struct options as = *reading->opts;
	struct sweep sweep;
	char *text = NULL;
	size_t len = 0;
	struct replay replay = { .reader = reader, .meta = meta };
	int status;

	if (strcmp(meta->verb, "sweep"))
		return STATUS_DONE;
	replay.out = open_memstream(&text, &len);
	if (!replay.out) {
		verb_error(reading->opts, "out of memory");
		return STATUS_INTERNAL;
	}
	as.json = true;
	as.verbosity = -1;
	status = verb_sweep.replay(&as, &replay);
	if (fclose(replay.out))
		status = STATUS_INTERNAL;
	/* A finding or an unknown result of that sweep is not a failure here. */
	if (status != STATUS_INTERNAL && status != STATUS_USAGE)
		status = sweep_file_parse(reading->opts, name, text, len, &sweep)
				 ? STATUS_INTERNAL
				 : add_sweep(reading, &sweep);
	free(text);
	return status;
}

static int read_recording(struct reading *reading, FILE *file, const char *path)
{
	struct record_reader *reader;
	struct record_meta meta;
	struct error err;
	int status;

	if (record_open_stream(&reader, file, path, &meta, &err)) {
		verb_error(reading->opts, "%s", err.text);
		return STATUS_INTERNAL;
	}
	status = add_recording(reading, path, reader, &meta);
	record_close(reader);
	return status;
}

static int read_file(const struct options *opts, struct sweep_table *table, const char *path,
		     const char *name)
{
	struct reading reading = { .opts = opts, .table = table, .name = name };
	FILE *file = bundle_open(opts, path);
	struct sweep sweep;
	int status, first = file ? bundle_peek(file) : EOF;

	/* A saved sweep begins with a brace. */
	if (!file)
		return STATUS_INTERNAL;
	if (first == BUNDLE_FIRST_BYTE)
		status = bundle_each(opts, file, path, add_recording, NULL, &reading);
	else if (first == RECORD_FIRST_BYTE)
		status = read_recording(&reading, file, path);
	else if (sweep_file_read(opts, file, path, &sweep, NULL))
		return STATUS_INTERNAL;
	else
		return add_sweep(&reading, &sweep);

	if (!status && !reading.sweeps) {
		verb_error(opts, "%s: no sweep is in it", path);
		status = STATUS_INTERNAL;
	}
	return status;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A file is called by its name without the folder if no two files have the same one. */
static bool has_unique_names(const struct compare_args *args)
{
	for (size_t i = 0; i < args->nr_files; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(base_name(args->files[i]), base_name(args->files[k])))
				return false;
		}
	}
	return true;
}

static int read_files(const struct options *opts, const struct compare_args *args,
		      struct sweep_table *table)
{
	bool short_names = has_unique_names(args);
	int status = STATUS_DONE;

	if (args->expect)
		status = read_file(opts, table, args->expect, base_name(args->expect));
	if (!status && args->expect && table->nr_columns != 1) {
		verb_error(opts, "--expect %s: it has more than one sweep", args->expect);
		status = STATUS_USAGE;
	}
	for (size_t i = 0; i < args->nr_files && !status; i++)
		status = read_file(opts, table, args->files[i],
				   short_names ? base_name(args->files[i]) : args->files[i]);
	if (!status && !table->nr_rows && sweep_table_finish(table)) {
		verb_error(opts, "out of memory");
		status = STATUS_INTERNAL;
	}
	return status;
}

/* ---- writing ---- */

static int put(const struct options *opts, const struct compare_args *args,
	       const struct sweep_table *table, FILE *out)
{
	const struct report_compare report = {
		.table = table,
		.all = args->all,
		.expected = args->expect != NULL,
		.color = !args->output && verb_color(opts),
		.verbose = opts->verbosity > 0,
		.width = args->width ? args->width : verb_width(),
	};
	int ret = 0;

	switch (args->form) {
	case AS_TEXT:
		report_compare_text(out, &report);
		break;
	case AS_JSON:
		ret = report_compare_json(out, &report);
		break;
	case AS_CSV:
		report_compare_csv(out, &report);
		break;
	case AS_HTML:
		report_compare_html(out, &report);
		break;
	}
	if (ret)
		verb_error(opts, "out of memory");
	return ret;
}

static int put_to_file(const struct options *opts, const struct compare_args *args,
		       const struct sweep_table *table)
{
	struct sweep_file file;
	int ret;

	if (!args->output)
		return put(opts, args, table, stdout);
	ret = sweep_file_open(opts, args->output, &file);
	if (ret)
		return ret;
	ret = put(opts, args, table, sweep_file_begin(&file));
	return sweep_file_close(opts, &file) ? -EIO : ret;
}

static int judge(const struct options *opts, const struct compare_args *args,
		 const struct sweep_table *table)
{
	size_t departs, unknown;

	if (!args->expect)
		return STATUS_DONE;
	report_compare_departures(table, &departs, &unknown);
	/* Text names them itself. */
	for (size_t i = 1; i < table->nr_columns && (args->form != AS_TEXT || args->output); i++) {
		if (report_compare_departs(table, table->columns[i].group))
			verb_note(opts, "%s departs from %s", table->columns[i].name,
				  table->columns[0].name);
	}
	return departs > unknown ? STATUS_FAILED : unknown ? STATUS_UNKNOWN : STATUS_DONE;
}

static int compare(const struct options *opts, struct compare_args *args, int argc, char **argv)
{
	struct sweep_table table = { 0 };
	int status;

	if (verb_parse(&argp, argc, argv, args))
		return STATUS_INTERNAL;
	if (!args->form_given && opts->json)
		args->form = AS_JSON;

	table.patterns = args->patterns;
	table.nr_patterns = args->nr_patterns;
	status = read_files(opts, args, &table);
	if (!status)
		status = put_to_file(opts, args, &table) ? STATUS_INTERNAL
							 : judge(opts, args, &table);
	sweep_table_free(&table);
	return status;
}

static int compare_run(const struct options *opts, int argc, char **argv)
{
	struct compare_args args = {
		.files = calloc((size_t)argc + 1, sizeof(*args.files)),
		.patterns = calloc((size_t)argc + 1, sizeof(*args.patterns)),
	};
	int status = STATUS_INTERNAL;

	if (args.files && args.patterns)
		status = compare(opts, &args, argc, argv);
	else
		verb_error(opts, "out of memory");
	free(args.files);
	free(args.patterns);
	return status;
}

const struct verb verb_compare = {
	.name = "compare",
	.help = "Compares saved sweeps of many kernels or devices",
	.run = compare_run,
};
