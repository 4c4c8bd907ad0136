// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ffa/ffa.h"
#include "base/json.h"
#include "command/verb.h"
#include "verbs/verbs.h"

/* Longest line that is looked into; what is longer is passed through. */
#define MAX_LINE 65536
/* Most that one decoded line makes. */
#define MAX_TEXT 12288
#define OUT_SIZE (4 * MAX_LINE)

enum {
	OPT_RESULT = 0x100,
};

static const struct argp_option options[] = {
	{ "result", OPT_RESULT, "CALL", 0,
	  "The registers are an answer to this call; FIELD=VALUE words may follow in the quotes",
	  0 },
	{ 0 },
};

struct decode {
	const struct options *opts;
	const struct ffa_call *result; /* NULL: the registers are those of a call */
	struct ffa_regs result_in;     /* the call that was answered, as far as it is known */
	struct json_tokener *json;
	bool no_memory; /* for an object */
	char *out;
	size_t out_len;
	bool failed; /* stdout takes no more */
	char **words;
	int nr_words;
	const char *result_word;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct decode *d = state->input;

	switch (key) {
	case OPT_RESULT:
		d->result_word = arg;
		return 0;
	case ARGP_KEY_ARGS:
		d->words = state->argv + state->next;
		d->nr_words = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[WORD...]",
	.doc = "Explains registers: which call, its fields, the rules that it breaks in each FF-A "
	       "version (or in the one given by --ffa). Without WORDs it explains the lines on "
	       "stdin, one line for each; a line without registers is passed through with a note.\n"
	       "Words are hexadecimal, x0 first. Lines may also be \"SPM(0): 0x8400007d ...\", "
	       "\"x0=0x8400007d x1=...\", or the JSON of a call."
	       "\v"
	       "  ffascope decode 0x8400007d 0x10001 4\n"
	       "  ffascope decode --result ID_GET 0x84000061 0 0\n"
	       "  ffascope decode --result 'FEATURES feature=sri' 0x84000061 0 8\n"
	       "  ffascope decode < monitor.log\n",
};

/* ---- output ---- */

static void flush_out(struct decode *d)
{
	if (d->out_len && fwrite(d->out, 1, d->out_len, stdout) != d->out_len)
		d->failed = true;
	d->out_len = 0;
}

/* Room for one decoded line. */
static void make_room(struct decode *d)
{
	if (d->out_len + MAX_TEXT > OUT_SIZE)
		flush_out(d);
}

static void put(struct decode *d, const char *s, size_t len)
{
	while (len) {
		size_t n = len < OUT_SIZE - d->out_len ? len : OUT_SIZE - d->out_len;

		memcpy(d->out + d->out_len, s, n);
		d->out_len += n;
		s += n;
		len -= n;
		if (d->out_len == OUT_SIZE)
			flush_out(d);
	}
}

static void put_string(struct decode *d, const char *s)
{
	put(d, s, strlen(s));
}

static void put_fid(struct decode *d, uint64_t fid)
{
	char hex[24];

	put(d, hex, (size_t)snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)fid));
}

/* What a function of the catalogue appends; len is what it returned. */
static void took(struct decode *d, size_t len, size_t room)
{
	d->out_len += len < room ? len : room - 1;
}

#define PART 4000

/* ---- one line of text for each line ---- */

static void put_call(struct decode *d, const struct ffa_call *call, const struct ffa_regs *regs)
{
	size_t start, len;

	if (call)
		put_string(d, call->name);
	else
		put_fid(d, (uint32_t)regs->x[0]);

	start = d->out_len;
	put_string(d, " ");
	len = ffa_format_fields(call, regs, d->out + d->out_len, PART);
	if (len)
		took(d, len, PART);
	else
		d->out_len = start;
	if (!call)
		put_string(d, "  # not in the catalogue");
}

/* Broken rules behind a call, nothing if there are none. */
static void put_rules(struct decode *d, const struct ffa_call *call, const struct ffa_regs *regs,
		      const char *before)
{
	size_t start = d->out_len, len;

	put_string(d, before);
	len = ffa_format_rules(call, regs, d->opts->ffa_version, d->out + d->out_len, PART);
	if (len)
		took(d, len, PART);
	else
		d->out_len = start;
}

static uint32_t version_of(const struct decode *d)
{
	return d->opts->ffa_version ? d->opts->ffa_version : FFA_VERSION_DEFAULT;
}

static void put_violations(struct decode *d, const struct ffa_violation *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ffa_field f = { .reg = (uint8_t)v[i].reg,
				       .regs = 1,
				       .hi = (uint8_t)v[i].hi,
				       .lo = (uint8_t)v[i].lo,
				       .wide = v[i].wide };
		char place[32], text[96];

		ffa_format_place(&f, place, sizeof(place));
		snprintf(text, sizeof(text), "%s%s=0x%llx %s", i ? ", " : "  ! ", place,
			 (unsigned long long)v[i].value, ffa_rule_name(v[i].rule));
		put_string(d, text);
	}
}

#define MAX_VIOLATIONS 40

static size_t at_most(size_t n)
{
	return n < MAX_VIOLATIONS ? n : MAX_VIOLATIONS;
}

static void put_answer(struct decode *d, const struct ffa_call *call, const struct ffa_regs *in,
		       const struct ffa_regs *out)
{
	struct ffa_violation list[MAX_VIOLATIONS];

	took(d, ffa_format_answer_to(call, in, out, version_of(d), d->out + d->out_len, PART),
	     PART);
	put_violations(
		d, list,
		at_most(ffa_answer_violations(call, in, out, version_of(d), list, MAX_VIOLATIONS)));
}

/* ---- JSON ---- */

static void put_object(struct decode *d, struct json_object *obj)
{
	size_t len;
	const char *s = json_text(obj, &len);

	if (!s) {
		d->no_memory = true;
		return;
	}
	put(d, s, len);
	put(d, "\n", 1);
}

static struct json_object *new_hex(uint64_t value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%llx", (unsigned long long)value);

	return json_new_string(buf);
}

static void add_fields(struct json_object *obj, const struct ffa_field *fields, size_t nr,
		       const struct ffa_regs *regs)
{
	struct json_object *values = json_new_object();
	char value[600];

	for (size_t i = 0; i < nr; i++) {
		if (!fields[i].name)
			continue;
		ffa_format_value(&fields[i], regs, value, sizeof(value));
		json_add(values, fields[i].name, json_new_string(value));
	}
	json_add(obj, "fields", values);
}

static struct json_object *new_violations(const struct ffa_violation *v, size_t n)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_new_object();
		char buf[16];

		snprintf(buf, sizeof(buf), "%c%u", v[i].wide ? 'x' : 'w', v[i].reg);
		json_add_string(item, "reg", buf);
		if (v[i].hi == v[i].lo)
			snprintf(buf, sizeof(buf), "%u", v[i].hi);
		else
			snprintf(buf, sizeof(buf), "%u:%u", v[i].hi, v[i].lo);
		json_add_string(item, "bits", buf);
		json_add_string(item, "rule", ffa_rule_name(v[i].rule));
		json_add(item, "value", new_hex(v[i].value));
		json_append(array, item);
	}

	return array;
}

static void add_lists(struct json_object *obj, const struct ffa_regs *out)
{
	struct json_object *lists = json_new_array();
	struct ffa_info info;

	ffa_info_decode(out, &info);
	for (unsigned int i = 0; i < info.nr_lists; i++) {
		struct json_object *list = json_new_object();
		struct json_object *vcpus = json_new_array();

		for (unsigned int v = 0; v < info.list[i].nr_vcpus; v++)
			json_append(vcpus, json_new_int(info.list[i].vcpu[v]));
		json_add_int(list, "endpoint", info.list[i].endpoint);
		json_add(list, "vcpus", vcpus);
		json_append(lists, list);
	}
	json_add(obj, "lists", lists);
	json_add_bool(obj, "more", info.more);
}

/* Where the list in an answer begins: what the call asked for, 0 if that is not known. */
static unsigned int start_index(const struct ffa_call *call, const struct ffa_regs *in)
{
	const struct ffa_field *f =
		call ? ffa_field_by_name(call->fields, call->nr_fields, "start-index") : NULL;

	return in && f ? (unsigned int)ffa_field_get(f, in) : 0;
}

static void add_partitions(struct json_object *obj, const struct ffa_call *call,
			   const struct ffa_regs *in, const struct ffa_regs *out)
{
	struct json_object *array = json_new_array();
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	size_t n;

	n = ffa_partitions_decode(out, start_index(call, in), list, FFA_PARTITIONS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_new_object();
		char text[512];

		json_add(item, "id", new_hex(list[i].id));
		json_add_int(item, "contexts", list[i].contexts);
		ffa_format_properties(list[i].properties, text, sizeof(text));
		json_add_string(item, "properties", text);
		ffa_format_uuid(list[i].uuid, text);
		json_add_string(item, "uuid", text);
		json_append(array, item);
	}
	json_add(obj, "partitions", array);
}

static struct json_object *new_call(struct decode *d, const struct ffa_regs *regs)
{
	const struct ffa_call *call = ffa_call_by_fid((uint32_t)regs->x[0]);
	struct json_object *obj = json_new_object();
	struct json_object *violations = json_new_object();
	char text[PART];

	json_add(obj, "call", call ? json_new_string(call->name) : NULL);
	json_add(obj, "fid", new_hex((uint32_t)regs->x[0]));
	ffa_format_fields(call, regs, text, sizeof(text));
	json_add_string(obj, "words", text);
	add_fields(obj, call ? call->fields : NULL, call ? call->nr_fields : 0, regs);
	for (unsigned int i = 0; call && i < FFA_NR_VERSIONS; i++) {
		struct ffa_violation list[MAX_VIOLATIONS];
		uint32_t version = ffa_version_at(i);

		if (d->opts->ffa_version ? d->opts->ffa_version != version
					 : !ffa_call_known_in(call, version))
			continue;
		json_add(violations, ffa_version_name(version),
			 new_violations(list, at_most(ffa_violations(call, regs, version, list,
								     MAX_VIOLATIONS))));
	}
	json_add(obj, "violations", violations);

	return obj;
}

static struct json_object *new_answer(struct decode *d, const struct ffa_call *call,
				      const struct ffa_regs *in, const struct ffa_regs *out)
{
	const struct ffa_answer *answer = ffa_answer_find(call, in, out);
	const struct ffa_call *row = ffa_call_by_fid((uint32_t)out->x[0]);
	struct json_object *obj = json_new_object();
	struct ffa_violation list[MAX_VIOLATIONS];
	const char *name = NULL;
	char text[PART];
	int32_t code = 0;
	bool status = ffa_answer_status(call, out, &code);

	if (status)
		name = ffa_status_name(code);
	json_add(obj, "result_of", call ? json_new_string(call->name) : NULL);
	json_add(obj, "answer", row ? json_new_string(row->name) : NULL);
	json_add(obj, "status", name ? json_new_string(name) : NULL);
	json_add(obj, "status_code", status ? json_new_int(code) : NULL);
	ffa_format_answer_to(call, in, out, version_of(d), text, sizeof(text));
	json_add_string(obj, "text", text);
	if (answer && answer->fields)
		add_fields(obj, answer->fields, answer->nr_fields, out);
	else
		add_fields(obj, row ? row->fields : NULL, row ? row->nr_fields : 0, out);
	if (answer && answer->result == FFA_RESULT_LISTS)
		add_lists(obj, out);
	if (answer && answer->result == FFA_RESULT_DESCRIPTORS)
		add_partitions(obj, call, in, out);
	json_add(obj, "violations",
		 new_violations(list, at_most(ffa_answer_violations(call, in, out, version_of(d),
								    list, MAX_VIOLATIONS))));

	return obj;
}

/* Takes the reference to obj. */
static void put_and_drop(struct decode *d, struct json_object *obj)
{
	put_object(d, obj);
	json_free(obj);
}

/* ---- one line ---- */

/* An array of hexadecimal strings, x0 first. */
static bool regs_of_json(struct json_object *obj, const char *key, struct ffa_regs *regs)
{
	struct json_object *array;
	size_t n;

	memset(regs, 0, sizeof(*regs));
	if (!json_object_object_get_ex(obj, key, &array) ||
	    !json_object_is_type(array, json_type_array))
		return false;
	n = json_object_array_length(array);
	if (!n || n > FFA_NR_REGS)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(array, i);
		const char *s;
		char *end;

		if (!json_object_is_type(item, json_type_string))
			return false;
		s = json_object_get_string(item);
		errno = 0;
		regs->x[i] = strtoull(s, &end, 0);
		if (end == s || *end || errno)
			return false;
	}

	return true;
}

/* Explains the "in" and "out" of a call's JSON. Returns false if the line is none. */
static bool decode_json(struct decode *d, const char *line, size_t len)
{
	const struct ffa_call *call;
	struct json_object *obj;
	struct ffa_regs in, out;
	bool has_in, has_out;

	json_tokener_reset(d->json);
	obj = json_tokener_parse_ex(d->json, line, (int)len);
	if (!obj)
		return false;
	has_in = json_object_is_type(obj, json_type_object) && regs_of_json(obj, "in", &in);
	has_out = has_in && regs_of_json(obj, "out", &out);
	json_object_put(obj);
	if (!has_in)
		return false;

	call = ffa_call_by_fid((uint32_t)in.x[0]);
	if (d->opts->json) {
		obj = new_call(d, &in);
		if (has_out)
			json_add(obj, "answer", new_answer(d, call, &in, &out));
		put_and_drop(d, obj);
		return true;
	}
	put_call(d, call, &in);
	put_rules(d, call, &in, "  ! ");
	if (has_out) {
		put_string(d, "  -> ");
		put_answer(d, call, &in, &out);
	}
	put(d, "\n", 1);

	return true;
}

static void pass_through(struct decode *d, const char *line, size_t len, const char *note)
{
	struct json_object *obj;

	if (d->opts->json) {
		obj = json_new_object();
		json_add(obj, "line", json_new_string_len(line, (int)len));
		json_add_string(obj, "note", note);
		put_and_drop(d, obj);
		return;
	}
	put(d, line, len);
	put_string(d, "  # ");
	put_string(d, note);
	put(d, "\n", 1);
}

/* One line without its newline. */
static void decode_line(struct decode *d, const char *line, size_t len)
{
	const struct ffa_call *call;
	struct ffa_regs regs;

	make_room(d);
	if (!len && !d->opts->json) {
		put(d, "\n", 1);
		return;
	}
	if (len && line[0] == '{' && !d->result && decode_json(d, line, len))
		return;
	if (ffa_parse_line(line, len, &regs) < 0) {
		pass_through(d, line, len, "no registers in this line");
		return;
	}

	if (d->opts->json) {
		put_and_drop(d, d->result ? new_answer(d, d->result, &d->result_in, &regs)
					  : new_call(d, &regs));
	} else if (d->result) {
		put_string(d, d->result->name);
		put_string(d, " -> ");
		put_answer(d, d->result, &d->result_in, &regs);
		put(d, "\n", 1);
	} else {
		call = ffa_call_by_fid((uint32_t)regs.x[0]);
		put_call(d, call, &regs);
		put_rules(d, call, &regs, "  ! ");
		put(d, "\n", 1);
	}
}

/* ---- stdin ---- */

static int decode_stdin(struct decode *d)
{
	char *buf = malloc(MAX_LINE);
	size_t have = 0;
	bool tail = false; /* of a line that is too long */
	ssize_t n;

	if (!buf)
		return -ENOMEM;

	do {
		char *start = buf, *end;

		n = read(STDIN_FILENO, buf + have, MAX_LINE - have);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			n = -errno;
			break;
		}
		have += (size_t)n;
		while ((end = memchr(start, '\n', have - (size_t)(start - buf)))) {
			if (tail)
				put(d, start, (size_t)(end - start) + 1);
			else
				decode_line(d, start, (size_t)(end - start));
			tail = false;
			start = end + 1;
		}
		have -= (size_t)(start - buf);
		memmove(buf, start, have);
		if (have == MAX_LINE) {
			if (!tail)
				put_string(d, "# the next line is too long to be looked into\n");
			put(d, buf, have);
			tail = true;
			have = 0;
		} else if (!n && have) {
			/* The last line has no newline. */
			if (tail)
				put(d, buf, have);
			else
				decode_line(d, buf, have);
		} else if (n && n < MAX_LINE / 2) {
			/* A terminal or a slow pipe: show what is there. */
			flush_out(d);
			fflush(stdout);
		}
	} while (n && !d->failed);
	free(buf);

	return n < 0 ? (int)n : 0;
}

/* ---- words ---- */

/* A value longer than this is not waited for by the comments of the others. */
#define VALUE_WIDTH 20

static int longer(int a, int b)
{
	return a > b ? a : b;
}

static void put_table(struct decode *d, const struct ffa_field *fields, size_t nr,
		      const struct ffa_regs *regs)
{
	int place_width = 0, name_width = 0, value_width = 0;
	char place[32], value[PART / 2], line[PART];

	for (size_t i = 0; i < nr; i++) {
		int len;

		if (!fields[i].name)
			continue;
		len = (int)ffa_format_place(&fields[i], place, sizeof(place));
		place_width = longer(place_width, len);
		name_width = longer(name_width, (int)strlen(fields[i].name));
		len = (int)ffa_format_value(&fields[i], regs, value, sizeof(value));
		if (len <= VALUE_WIDTH)
			value_width = longer(value_width, len);
	}
	for (size_t i = 0; i < nr; i++) {
		if (!fields[i].name)
			continue;
		ffa_format_place(&fields[i], place, sizeof(place));
		ffa_format_value(&fields[i], regs, value, sizeof(value));
		snprintf(line, sizeof(line), "  %-*s  %-*s  ", place_width, place, name_width,
			 fields[i].name);
		put_string(d, line);
		if (fields[i].meaning)
			snprintf(line, sizeof(line), "%-*s  # %s\n", value_width, value,
				 fields[i].meaning);
		else
			snprintf(line, sizeof(line), "%s\n", value);
		put_string(d, line);
	}
}

static void put_partitions(struct decode *d, const struct ffa_regs *regs)
{
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	size_t n = ffa_partitions_decode(regs, start_index(d->result, &d->result_in), list,
					 FFA_PARTITIONS_MAX);

	for (size_t i = 0; i < n; i++) {
		char uuid[37], properties[400], line[512];

		ffa_format_uuid(list[i].uuid, uuid);
		ffa_format_properties(list[i].properties, properties, sizeof(properties));
		snprintf(line, sizeof(line), "  partition 0x%x  contexts %u  uuid %s  %s\n",
			 list[i].id, list[i].contexts, uuid, properties);
		put_string(d, line);
	}
}

/* A call or an answer over several lines. */
static void explain(struct decode *d, const struct ffa_regs *regs)
{
	const struct ffa_call *row = ffa_call_by_fid((uint32_t)regs->x[0]);
	const struct ffa_answer *answer = NULL;

	make_room(d);
	if (d->result) {
		put_string(d, d->result->name);
		put_string(d, " -> ");
		put_answer(d, d->result, &d->result_in, regs);
		put(d, "\n", 1);
		answer = ffa_answer_find(d->result, &d->result_in, regs);
		if (answer && answer->fields)
			put_table(d, answer->fields, answer->nr_fields, regs);
		else if (row)
			put_table(d, row->fields, row->nr_fields, regs);
		if (answer && answer->result == FFA_RESULT_DESCRIPTORS)
			put_partitions(d, regs);
		return;
	}
	put_call(d, row, regs);
	put(d, "\n", 1);
	if (!row)
		return;
	put_table(d, row->fields, row->nr_fields, regs);
	put_rules(d, row, regs, "  breaks: ");
	if (d->out[d->out_len - 1] != '\n')
		put(d, "\n", 1);
}

static int decode_words(struct decode *d)
{
	struct ffa_regs regs;
	char *line;
	size_t len = 1, at = 0;
	int ret;

	for (int i = 0; i < d->nr_words; i++)
		len += strlen(d->words[i]) + 1;
	line = malloc(len);
	if (!line)
		return -ENOMEM;
	line[0] = '\0';
	for (int i = 0; i < d->nr_words; i++)
		at += (size_t)snprintf(line + at, len - at, "%s%s", i ? " " : "", d->words[i]);

	ret = ffa_parse_line(line, strlen(line), &regs);
	if (ret > 0 && !d->opts->json)
		explain(d, &regs);
	else if (ret > 0)
		decode_line(d, line, strlen(line));
	free(line);

	return ret < 0 ? ret : 0;
}

/* --result "CALL FIELD=VALUE ...". Returns an exit status. */
static int take_result(struct decode *d)
{
	char *copy, *word, *rest = NULL;
	char err[400];
	int status = STATUS_DONE;

	copy = strdup(d->result_word);
	if (!copy)
		return STATUS_INTERNAL;
	word = strtok_r(copy, " ", &rest);
	d->result = word ? ffa_call_find(word) : NULL;
	if (!d->result) {
		const struct ffa_call *near;

		if (word && ffa_call_nearest(word, &near, 1))
			verb_error(d->opts, "--result: no call is named %.60s; the nearest: %s",
				   word, near->name);
		else
			verb_error(d->opts, "--result: no such call; 'ffascope list' has them all");
		status = STATUS_USAGE;
	} else {
		ffa_call_init(d->result, 0, &d->result_in);
		while (status == STATUS_DONE && (word = strtok_r(NULL, " ", &rest))) {
			if (ffa_assign(d->result, &d->result_in, word, err, sizeof(err))) {
				verb_error(d->opts, "--result: %s", err);
				status = STATUS_USAGE;
			}
		}
	}
	free(copy);

	return status;
}

static int run(const struct options *opts, int argc, char **argv)
{
	struct decode d = { .opts = opts };
	int status = STATUS_INTERNAL, ret;

	if (verb_parse(&argp, argc, argv, &d))
		return STATUS_USAGE;
	if (d.result_word) {
		ret = take_result(&d);
		if (ret)
			return ret;
	}

	d.out = malloc(OUT_SIZE);
	d.json = json_tokener_new();
	if (!d.out || !d.json) {
		verb_error(opts, "out of memory");
		goto out;
	}

	ret = d.nr_words ? decode_words(&d) : decode_stdin(&d);
	flush_out(&d);
	if (ret == -EINVAL && d.nr_words) {
		verb_error(opts,
			   "\"%.60s\": registers are wanted, hexadecimal, x0 first, as in "
			   "0x8400007d 0x1 0x4, or x0=0x8400007d x1=0x1",
			   d.words[0]);
		status = STATUS_USAGE;
	} else if (ret) {
		errno = -ret;
		verb_error(opts, "%s: %m", d.nr_words ? "decode" : "stdin");
	} else if (d.no_memory) {
		verb_error(opts, "out of memory");
	} else if (d.failed || fflush(stdout)) {
		verb_error(opts, "cannot write to stdout: %m");
	} else {
		status = STATUS_DONE;
	}

out:
	if (d.json)
		json_tokener_free(d.json);
	free(d.out);

	return status;
}

const struct verb verb_decode = {
	.name = "decode",
	.help = "Explains registers given as words, or lines on stdin",
	.run = run,
};
