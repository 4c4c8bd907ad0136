// SPDX-License-Identifier: GPL-2.0-only
/* Decoded registers as JSON, and registers out of JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "command/decode.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

#define MAX_VIOLATIONS 40

static size_t at_most(size_t n)
{
	return n < MAX_VIOLATIONS ? n : MAX_VIOLATIONS;
}

void decode_json_put(struct decode *d, struct json_object *obj)
{
	size_t len;
	const char *s = json_text(obj, &len);

	if (s) {
		decode_put(d, JSON_HEAD ",", strlen(JSON_HEAD ","));
		decode_put(d, s + 1, len - 1);
		decode_put(d, "\n", 1);
	} else {
		d->error = -ENOMEM;
	}
	json_free(obj);
}

/* ---- objects ---- */

/* null: not given. */
static void add_fields(struct json_object *obj, const struct ffa_field *const *rows, size_t nr,
		       const struct ffa_dump *regs, bool explain)
{
	struct json_object *values = json_new_object(), *sources = NULL, *meanings = NULL;
	char value[600];

	if (explain) {
		sources = json_new_object();
		meanings = json_new_object();
	}
	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = rows[i];

		if (!f->name)
			continue;
		ffa_dump_value(f, regs, value, sizeof(value));
		json_add_string(values, f->name, ffa_field_given(f, regs) ? value : NULL);
		if (explain) {
			json_add_string(meanings, f->name, f->meaning);
			json_add_string(sources, f->name, f->source);
		}
	}
	json_add(obj, "fields", values);
	if (explain) {
		json_add(obj, "meanings", meanings);
		json_add(obj, "sources", sources);
	}
}

static struct json_object *new_violations(const struct ffa_violation *v, size_t n)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_new_object();
		char buf[16];

		snprintf(buf, sizeof(buf), "%c%u", v[i].wide ? 'x' : 'w', v[i].reg);
		json_add_string(item, "reg", buf);
		ffa_format_bits(v[i].hi, v[i].lo, buf, sizeof(buf));
		json_add_string(item, "bits", buf);
		json_add_string(item, "rule", ffa_violation_name(v[i].rule));
		json_add_hex(item, "value", v[i].value, 1);
		json_append(array, item);
	}

	return array;
}

static void add_lists(struct json_object *obj, const struct ffa_dump *out)
{
	struct json_object *lists = json_new_array();
	struct ffa_info info;
	int ret = ffa_dump_info(out, &info);

	for (unsigned int i = 0; i < info.nr_lists; i++) {
		struct json_object *list = json_new_object();
		struct json_object *vcpus = json_new_array();

		for (unsigned int v = 0; v < info.list[i].nr_vcpus; v++)
			json_append(vcpus, json_new_int(info.list[i].vcpu[v]));
		json_add_int(list, "endpoint", info.list[i].endpoint);
		json_add(list, "vcpus", vcpus);
		json_append(lists, list);
	}
	if (ret == -ENODATA) {
		json_free(lists);
		json_add(obj, "lists", NULL);
		json_add(obj, "more", NULL);
		return;
	}
	json_add(obj, "lists", lists);
	json_add_bool(obj, "more", info.more);
	json_add_bool(obj, "lists_cut", info.cut);
}

static struct json_object *new_partition(const struct ffa_partition *p)
{
	struct json_object *item = json_new_object();
	char text[512];

	json_add_hex(item, "id", p->id, 1);
	if (p->proxy)
		json_add_hex(item, "proxy", p->proxy, 1);
	else
		json_add_int(item, "contexts", p->contexts);
	ffa_format_properties(p->properties, text, sizeof(text));
	json_add_string(item, "properties", text);
	ffa_format_uuid(p->uuid, text);
	json_add_string(item, "uuid", text);
	if (p->has_image) {
		ffa_format_uuid(p->image, text);
		json_add_string(item, "image_uuid", text);
		ffa_format_version(p->version, text, sizeof(text));
		json_add_string(item, "ffa_version", text);
	}

	return item;
}

static void add_partitions(struct json_object *obj, const struct ffa_call *call,
			   const struct ffa_dump *in, const struct ffa_dump *out)
{
	struct json_object *array = json_new_array();
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	bool known;
	size_t n = ffa_dump_partitions(call, in, out, list, FFA_PARTITIONS_MAX, &known);

	for (size_t i = 0; i < n; i++)
		json_append(array, new_partition(&list[i]));
	json_add(obj, "partitions", array);
	json_add_bool(obj, "start_index_known", known);
}

static void add_not_given(struct json_object *obj, const struct ffa_call *call,
			  const struct ffa_dump *regs)
{
	struct json_object *array = json_new_array();
	char name[8];

	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		uint64_t halves = regs->missing >> 2 * reg & 3;

		if (!halves || (call && ffa_not_parameter(call, reg, 0)))
			continue;
		/* Of a w register nothing is missing if bits 31:0 are there. */
		if (halves == 2 && (!reg || (call && ffa_not_parameter(call, reg, 63))))
			continue;
		snprintf(name, sizeof(name), "%c%u",
			 call && ffa_not_parameter(call, reg, 63) ? 'w' : 'x', reg);
		json_append(array, json_new_string(name));
	}
	json_add(obj, "not_given", array);
}

/* A member only if there is something to say. */
static void add_note(struct json_object *obj, const struct decode *d, uint64_t x0)
{
	char text[200];

	if (decode_format_note(d, x0, text, sizeof(text)))
		json_add_string(obj, "note", text);
}

static void add_call_violations(struct json_object *obj, const struct decode *d,
				const struct ffa_call *call, const struct ffa_dump *regs)
{
	struct json_object *violations = json_new_object();
	struct ffa_violation list[MAX_VIOLATIONS];
	uint32_t only = d->opts->ffa_version;

	if (call && only)
		only = ffa_rules_version(call, only);
	for (unsigned int i = 0; call && i < FFA_NR_VERSIONS; i++) {
		uint32_t version = ffa_version_at(i);

		if (only ? only != version : !ffa_call_known_in(call, version))
			continue;
		json_add(violations, ffa_version_name(version),
			 new_violations(list, at_most(ffa_dump_violations(call, regs, version, list,
									  MAX_VIOLATIONS))));
	}
	json_add(obj, "violations", violations);
}

static struct json_object *new_call(const struct decode *d, const struct ffa_dump *regs)
{
	const struct ffa_call *call = decode_row(regs->x[0]);
	const struct ffa_field *rows[FFA_MAX_ROWS];
	struct json_object *obj = json_new_object();
	char text[DECODE_PART];

	json_add_string(obj, "call", call ? call->name : NULL);
	json_add_hex(obj, "fid", (uint32_t)regs->x[0], 1);
	ffa_dump_fields(call, regs, text, sizeof(text));
	json_add_string(obj, "words", text);
	add_fields(obj, rows, ffa_call_rows(call, regs, rows), regs, d->explain);
	add_not_given(obj, call, regs);
	add_call_violations(obj, d, call, regs);
	add_note(obj, d, regs->x[0]);

	return obj;
}

static void add_answer_fields(struct json_object *obj, const struct decode *d,
			      const struct ffa_answer *answer, const struct ffa_dump *out)
{
	const struct ffa_call *row = ffa_call_by_fid((uint32_t)out->x[0]);
	const struct ffa_field *rows[FFA_MAX_ROWS];
	size_t nr = 0;

	if (answer && answer->fields) {
		for (; nr < answer->nr_fields && nr < FFA_MAX_ROWS; nr++)
			rows[nr] = &answer->fields[nr];
	} else {
		nr = ffa_call_rows(row, out, rows);
	}
	add_fields(obj, rows, nr, out, d->explain);
}

static struct json_object *new_answer(const struct decode *d, const struct ffa_call *call,
				      const struct ffa_dump *in, const struct ffa_dump *out)
{
	const struct ffa_answer *answer = ffa_dump_answer(call, in, out);
	const struct ffa_call *row = ffa_call_by_fid((uint32_t)out->x[0]);
	uint32_t version = decode_version(d);
	struct json_object *obj = json_new_object();
	struct ffa_violation list[MAX_VIOLATIONS];
	char text[DECODE_PART];
	int32_t code = 0;
	bool status = ffa_dump_status(call, out, &code);

	json_add_string(obj, "result_of", call ? call->name : NULL);
	json_add_string(obj, "answer", row ? row->name : NULL);
	json_add_string(obj, "status", status ? ffa_status_name(code) : NULL);
	json_add(obj, "status_code", status ? json_new_int(code) : NULL);
	ffa_dump_answer_text(call, in, out, version, text, sizeof(text));
	json_add_string(obj, "text", text);
	json_add_bool(obj, "other_width", ffa_answer_width_differs(call, (uint32_t)out->x[0]));
	add_answer_fields(obj, d, answer, out);
	add_not_given(obj, row, out);
	if (answer && answer->result == FFA_RESULT_LISTS)
		add_lists(obj, out);
	if (answer && answer->result == FFA_RESULT_DESCRIPTORS)
		add_partitions(obj, call, in, out);
	json_add(obj, "violations",
		 new_violations(list, at_most(ffa_dump_answer_violations(call, in, out, version,
									 list, MAX_VIOLATIONS))));
	if (call)
		add_note(obj, d, call->fid);

	return obj;
}

/* ---- records ---- */

static struct json_object *new_meaning(const struct decode *d, const struct ffa_dump *regs)
{
	return d->result ? new_answer(d, d->result, &d->result_in, regs) : new_call(d, regs);
}

static void add_surroundings(struct json_object *obj, const struct dump_line *line)
{
	if (line->prefix_len)
		json_add(obj, "prefix", json_new_string_len(line->prefix, line->prefix_len));
	if (line->rest_len)
		json_add(obj, "rest", json_new_string_len(line->rest, line->rest_len));
	if (line->forwarded >= 0)
		json_add_bool(obj, "forwarded", line->forwarded);
	if (line->world)
		json_add_string(obj, "world", line->world == 'n' ? "normal" : "secure");
}

void decode_json_record(struct decode *d, const struct dump_record *record)
{
	const struct dump_line *line = record->line;
	struct json_object *obj;

	if (line->kind == DUMP_CODE) {
		obj = json_new_object();
		json_add_string(obj, "status", ffa_status_name(line->code));
		json_add_int(obj, "status_code", line->code);
		decode_json_put(d, obj);
		return;
	}
	obj = new_meaning(d, &line->regs);
	if (line->has_answer)
		json_add(obj, "answer",
			 new_answer(d, decode_row(line->regs.x[0]), &line->regs, &line->answer));
	if (line->two_readings)
		json_add(obj, "if_decimal", new_meaning(d, &line->decimal));
	add_surroundings(obj, line);
	decode_json_put(d, obj);
}

void decode_json_pair(struct decode *d, const struct ffa_dump *in, const struct ffa_dump *out)
{
	struct json_object *obj = new_call(d, in);

	if (out)
		json_add(obj, "answer", new_answer(d, decode_row(in->x[0]), in, out));
	decode_json_put(d, obj);
}

void decode_json_pass(struct decode *d, const char *text, size_t len, const char *note)
{
	const char *end = text + len;

	for (;;) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		struct json_object *obj = json_new_object();

		json_add(obj, "line",
			 json_new_string_len(text, (size_t)((line_end ? line_end : end) - text)));
		json_add_string(obj, "note", note);
		decode_json_put(d, obj);
		if (!line_end)
			return;
		text = line_end + 1;
	}
}

/* ---- reading ---- */

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;

	return s;
}

/* The text of a register: hexadecimal or decimal, unsigned. NULL, or why it is wrong. */
static const char *read_register(const char *s, uint64_t *value)
{
	char *end;
	int base;

	s = skip_blanks(s);
	if (*s == '-')
		return "is negative; registers are unsigned";
	base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
	if (*s < '0' || *s > '9')
		return "is not a number; give 0x and hexadecimal digits, or decimal digits";
	errno = 0;
	*value = strtoull(s, &end, base);
	if (*skip_blanks(end))
		return "is not a number; give 0x and hexadecimal digits, or decimal digits";

	return errno ? "does not fit 64 bits" : NULL;
}

/* Registers, x0 first; null: not given. */
static bool read_array(struct json_object *array, const char *key, struct ffa_dump *regs, char *err,
		       size_t err_size)
{
	size_t n = json_object_array_length(array);

	*regs = (struct ffa_dump){ .missing = FFA_MISSING_ALL };
	if (!n || n > FFA_NR_REGS) {
		snprintf(err, err_size, "%s has %zu values; a call has 1 to 18 registers", key, n);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(array, i);
		const char *text = item ? json_object_get_string(item) : NULL, *why;
		uint64_t value;

		if (!item)
			continue;
		why = !json_object_is_type(item, json_type_string) &&
				      !json_object_is_type(item, json_type_int)
			      ? "is not a number"
		      : text ? read_register(text, &value)
			     : "is not a number";
		if (why) {
			snprintf(err, err_size, "%s[%zu]: \"%.30s\" %s", key, i, text ? text : "",
				 why);
			return false;
		}
		ffa_give(regs, (unsigned int)i, value, true);
	}

	return true;
}

enum decode_parsed decode_json_parse(const char *line, size_t len, struct ffa_dump *in,
				     struct ffa_dump *out, bool *has_out, char *err,
				     size_t err_size)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *obj, *array;
	enum decode_parsed parsed = DECODE_NOT_JSON;

	if (!tokener)
		return DECODE_NOT_JSON;
	obj = json_tokener_parse_ex(tokener, line, (int)len);
	json_tokener_free(tokener);
	if (!obj)
		return DECODE_NOT_JSON;
	*has_out = false;
	if (json_object_is_type(obj, json_type_object) &&
	    json_object_object_get_ex(obj, "in", &array) &&
	    json_object_is_type(array, json_type_array)) {
		parsed = read_array(array, "in", in, err, err_size) ? DECODE_PARSED : DECODE_WRONG;
		*has_out = parsed == DECODE_PARSED &&
			   json_object_object_get_ex(obj, "out", &array) &&
			   json_object_is_type(array, json_type_array);
		if (*has_out && !read_array(array, "out", out, err, err_size))
			parsed = DECODE_WRONG;
		if (parsed == DECODE_PARSED && !ffa_given(in, 0, 31, 0)) {
			snprintf(err, err_size, "in[0] is null: which call it is was not given");
			parsed = DECODE_WRONG;
		}
	}
	json_object_put(obj);

	return parsed;
}
