// SPDX-License-Identifier: GPL-2.0-only
/* Reads a saved sweep: what report/sweep_json.c wrote. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/foreign.h"
#include "base/json.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "sweep/sweep.h"

/* Where in the file something is wrong, for the message. */
struct place {
	struct error *err;
	int call, probe; /* -1: not in one */
};

static int __attribute__((format(printf, 2, 3))) wrong(const struct place *at, const char *fmt, ...)
{
	size_t size = sizeof(at->err->text), len = 0;
	char *text = at->err->text;
	va_list args;

	if (at->call >= 0)
		len += (size_t)snprintf(text, size, "calls[%d]", at->call);
	if (at->probe >= 0)
		len += (size_t)snprintf(text + len, size - len, ".probes[%d]", at->probe);
	if (len)
		len += (size_t)snprintf(text + len, size - len, ": ");
	va_start(args, fmt);
	vsnprintf(text + len, size - len, fmt, args);
	va_end(args);
	return -EBADMSG;
}

static struct json_object *member(struct json_object *obj, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static const char *text_of(struct json_object *obj, const char *key)
{
	struct json_object *value = member(obj, key, json_type_string);
	const char *text = value ? json_object_get_string(value) : NULL;

	/* The object owns the text and is not printed again. */
	if (text)
		foreign_clean((char *)text, strlen(text), "");
	return text;
}

static int parse_kind(const char *text, enum verdict_kind *kind)
{
	static const enum verdict_kind kinds[] = { VERDICT_UNKNOWN, VERDICT_REJECTED,
						   VERDICT_ANSWERED, VERDICT_FORWARDED };

	for (size_t i = 0; text && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(text, verdict_kind_name(kinds[i]))) {
			*kind = kinds[i];
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_result(struct json_object *obj, struct sweep_result *result,
			const struct place *at)
{
	const char *verdict = text_of(obj, "verdict"), *status = text_of(obj, "status");

	if (parse_kind(verdict, &result->verdict.kind))
		return wrong(at, "\"verdict\" is missing or unknown");
	if (status && ffa_status_by_name(status, &result->status))
		return wrong(at, "\"status\": no such status, %s", status);
	result->has_status = status != NULL;
	result->made = true;
	return 0;
}

static int parse_rule(const char *text, enum ffa_rule *rule)
{
	static const enum ffa_rule rules[] = { FFA_RULE_MBZ, FFA_RULE_SBZ, FFA_RULE_UNKNOWN };

	for (size_t i = 0; text && i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!strcmp(text, ffa_rule_name(rules[i]))) {
			*rule = rules[i];
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_probe(struct json_object *obj, struct sweep_probe *probe, const struct place *at)
{
	const char *reg = text_of(obj, "reg"), *class = text_of(obj, "class");
	struct json_object *bit = member(obj, "bit", json_type_int);
	long number;
	char *end;

	if (!reg || (reg[0] != 'w' && reg[0] != 'x') || reg[1] < '0' || reg[1] > '9')
		return wrong(at, "\"reg\" is missing or not a register");
	number = strtol(reg + 1, &end, 10);
	if (*end || number >= FFA_NR_REGS)
		return wrong(at, "\"reg\": no register %.20s", reg);
	probe->reg = (uint8_t)number;
	probe->wide = reg[0] == 'x';

	if (!bit || json_object_get_int64(bit) < 0 ||
	    json_object_get_int64(bit) > (probe->wide ? 63 : 31))
		return wrong(at, "\"bit\" is missing or not in %.20s", reg);
	probe->bit = (uint8_t)json_object_get_int64(bit);

	if (parse_rule(text_of(obj, "rule"), &probe->rule))
		return wrong(at, "\"rule\" is missing or not one of MBZ, SBZ, ?");
	if (!class || sweep_class_by_name(class, &probe->class))
		return wrong(at, "\"class\" is missing or unknown");
	if (probe->class == SWEEP_SKIPPED)
		return 0;
	return parse_result(obj, &probe->result, at);
}

static int parse_value(struct json_object *obj, struct sweep_call *call, const struct place *at)
{
	struct sweep_value *value = &call->values[call->nr_values];
	struct sweep_probe *probe = &call->probes[call->nr_probes + call->nr_values];
	const char *words = text_of(obj, "value"), *class = text_of(obj, "class");

	if (!words || strlen(words) >= sizeof(value->words))
		return wrong(at, "\"value\" is missing or too long");
	if (!class || sweep_class_by_name(class, &probe->class))
		return wrong(at, "\"class\" of the value %s is missing or unknown", words);
	snprintf(value->words, sizeof(value->words), "%s", words);
	probe->value = value;
	probe->rule = FFA_RULE_VALUE;
	call->nr_values++;
	return probe->class == SWEEP_SKIPPED ? 0 : parse_result(obj, &probe->result, at);
}

static int parse_call(struct json_object *obj, struct sweep_call *call, struct place *at)
{
	struct json_object *probes = member(obj, "probes", json_type_array);
	struct json_object *values = member(obj, "values", json_type_array);
	size_t nr_values = values ? json_object_array_length(values) : 0;
	struct json_object *control = member(obj, "control", json_type_object);
	const char *name = text_of(obj, "call"), *fid = text_of(obj, "fid");
	const char *skipped = text_of(obj, "skipped");
	int ret;

	if (!name || !fid || ffa_call_parse_fid(fid, &call->fid))
		return wrong(at, "\"call\" or \"fid\" is missing, or no function identifier");
	if (!probes)
		return wrong(at, "\"probes\" is missing");
	if (!control && !skipped)
		return wrong(at, "\"control\" is missing");

	snprintf(call->name, sizeof(call->name), "%s", name);
	snprintf(call->skipped, sizeof(call->skipped), "%s", skipped ? skipped : "");
	call->ffa = ffa_call_by_fid(call->fid);
	ret = control ? parse_result(control, &call->control, at) : 0;
	if (ret)
		return ret;

	call->probes =
		calloc(json_object_array_length(probes) + nr_values + 1, sizeof(*call->probes));
	if (nr_values)
		call->values = calloc(nr_values, sizeof(*call->values));
	if (!call->probes || (nr_values && !call->values))
		return -ENOMEM;
	call->nr_probes = json_object_array_length(probes);
	for (size_t i = 0; i < call->nr_probes && !ret; i++) {
		at->probe = (int)i;
		ret = parse_probe(json_object_array_get_idx(probes, i), &call->probes[i], at);
	}
	at->probe = -1;
	for (size_t i = 0; i < nr_values && !ret; i++)
		ret = parse_value(json_object_array_get_idx(values, i), call, at);
	return ret;
}

static int parse_sweep(struct json_object *obj, struct sweep *sweep, struct place *at)
{
	struct json_object *calls = member(obj, "calls", json_type_array);
	const char *kernel = text_of(obj, "kernel"), *version = text_of(obj, "ffa");
	const char *build = text_of(obj, "build");
	int ret = 0;

	if (!calls || !kernel || !version)
		return wrong(at,
			     "not an ffascope sweep: \"kernel\", \"ffa\" or \"calls\" is missing");
	if (ffa_version_parse(version, &sweep->version))
		return wrong(at, "\"ffa\": FF-A %.20s is not known here", version);
	snprintf(sweep->kernel, sizeof(sweep->kernel), "%s", kernel);
	snprintf(sweep->build, sizeof(sweep->build), "%s", build ? build : "");

	sweep->calls = calloc(json_object_array_length(calls) + 1, sizeof(*sweep->calls));
	if (!sweep->calls)
		return -ENOMEM;
	sweep->nr_calls = json_object_array_length(calls);
	for (size_t i = 0; i < sweep->nr_calls && !ret; i++) {
		at->call = (int)i;
		ret = parse_call(json_object_array_get_idx(calls, i), &sweep->calls[i], at);
	}
	return ret;
}

/*
 * json-c drops what it has no memory for, and only errno tells; an allocation that succeeds may leave
 * ENOMEM there too. If a second attempt gives the same text, it is complete.
 */
static bool is_whole(struct json_object *obj, const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *again = NULL;
	bool same;

	if (tokener)
		again = json_tokener_parse_ex(tokener, text, (int)len);
	same = again && json_object_equal(obj, again);
	json_object_put(again);
	if (tokener)
		json_tokener_free(tokener);
	return same;
}

int sweep_parse(const char *text, size_t len, struct sweep *sweep, struct error *err)
{
	struct json_tokener *tokener = json_tokener_new();
	struct place at = { .err = err, .call = -1, .probe = -1 };
	struct json_object *obj;
	int ret;

	*sweep = (struct sweep){ 0 };
	if (!tokener)
		return wrong(&at, "out of memory");
	if (len > INT32_MAX) {
		json_tokener_free(tokener);
		return wrong(&at, "too long to be a sweep");
	}

	errno = 0;
	obj = json_tokener_parse_ex(tokener, text, (int)len);
	if (errno == ENOMEM && obj && !is_whole(obj, text, len))
		ret = wrong(&at, "out of memory");
	else if (json_tokener_get_error(tokener) == json_tokener_continue)
		ret = wrong(&at, "cut off, or empty");
	else if (json_tokener_get_error(tokener) != json_tokener_success)
		ret = wrong(&at, "not JSON: %s at character %zu",
			    json_tokener_error_desc(json_tokener_get_error(tokener)),
			    json_tokener_get_parse_end(tokener));
	else if (strspn(text + json_tokener_get_parse_end(tokener), " \t\r\n") !=
		 len - json_tokener_get_parse_end(tokener))
		ret = wrong(&at, "text follows the sweep");
	else
		ret = parse_sweep(obj, sweep, &at);
	json_object_put(obj);
	json_tokener_free(tokener);

	if (ret)
		sweep_free(sweep);
	return ret;
}
