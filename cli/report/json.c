// SPDX-License-Identifier: GPL-2.0-only
/* One object a line; ffascope(1), JSON, describes it. */
#include <errno.h>
#include <json-c/printbuf.h>
#include <stdlib.h>
#include <string.h>

#include "base/texts.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/internal.h"
#include "base/json.h"

/* ["0x84000069","0x0",...] as one string: an object each would be slow. */
static int put_registers(struct json_object *obj, struct printbuf *buf, int level, int flags)
{
	const struct ffa_regs *regs = json_object_get_userdata(obj);
	char text[FFA_NR_REGS * sizeof("\"0x0123456789abcdef\",") + 2];
	char *end = text;

	(void)level;
	(void)flags;
	for (unsigned int i = 0; i < FFA_NR_REGS; i++) {
		int shift = regs->x[i] ? (63 - __builtin_clzll(regs->x[i])) / 4 * 4 : 0;

		*end++ = i ? ',' : '[';
		*end++ = '"';
		*end++ = '0';
		*end++ = 'x';
		for (; shift >= 0; shift -= 4)
			*end++ = "0123456789abcdef"[regs->x[i] >> shift & 15];
		*end++ = '"';
	}
	*end++ = ']';
	return printbuf_memappend(buf, text, (int)(end - text));
}

/* Prints as an array, but has no elements. */
static struct json_object *registers(const struct ffa_regs *regs)
{
	struct json_object *array = json_new_array();
	struct ffa_regs *copy = malloc(sizeof(*copy));

	if (!copy || array == JSON_FAILED) {
		free(copy);
		json_free(array);
		return JSON_FAILED;
	}
	*copy = *regs;
	json_object_set_serializer(array, put_registers, copy, json_object_free_userdata);
	return array;
}

static void add_identity(struct json_object *obj, const struct ffa_regs *in)
{
	uint32_t fid = (uint32_t)in->x[0];
	char buf[16];

	json_add_string(obj, "call", report_name(fid, buf));
	json_add(obj, "fid", json_new_hex(fid, 8));
}

static struct json_object *violations(const struct ffa_regs *in, uint32_t version)
{
	struct ffa_violation found[MAX_VIOLATIONS];
	size_t n = ffa_violations(ffa_call_by_fid((uint32_t)in->x[0]), in, version, found,
				  MAX_VIOLATIONS);
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < n && i < MAX_VIOLATIONS; i++) {
		struct json_object *obj = json_new_object();
		char text[24];

		snprintf(text, sizeof(text), "%c%u", found[i].wide ? 'x' : 'w', found[i].reg);
		json_add_string(obj, "reg", text);
		snprintf(text, sizeof(text), "%u:%u", found[i].hi, found[i].lo);
		json_add_string(obj, "bits", text);
		json_add_string(obj, "rule", ffa_violation_name(found[i].rule));
		json_add(obj, "value", json_new_hex(found[i].value, 1));
		json_append(array, obj);
	}
	return array;
}

/* The rules are those of another version where the one in force does not have the call. */
static void add_violations(struct json_object *obj, const struct ffa_regs *in, uint32_t version)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)in->x[0]);

	json_add(obj, "violations", violations(in, version));
	if (ffa && !ffa_call_known_in(ffa, version))
		json_add_string(obj, "rules_of", ffa_version_name(ffa_rules_version(ffa, version)));
}

static void put(struct report *report, struct json_object *obj)
{
	if (json_print(report->opts.out, obj))
		report->error = -ENOMEM;
}

static struct json_object *evidence(const struct verdict *v)
{
	struct json_object *array = json_new_array();

	if (v->from_trace)
		json_append(array, json_new_string("trace"));
	if (v->inferred != VERDICT_SILENT)
		json_append(array, json_new_string("registers"));
	return array;
}

static struct json_object *times(const struct verdict *v)
{
	struct json_object *obj;

	if (!v->from_trace)
		return NULL;

	obj = json_new_object();
	json_add_uint(obj, "total", v->total_ns);
	json_add_uint(obj, "el2", v->el2_before_ns + v->el2_after_ns);
	json_add_uint(obj, "secure", v->secure_ns);
	return obj;
}

struct json_object *report_call_object(const struct verdict_call *call, const struct verdict *v,
				       uint32_t ffa_version)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	struct json_object *obj = json_new_object();
	bool unknown = v->kind == VERDICT_UNKNOWN;
	int32_t status;
	bool has_status = ffa_answer_status(ffa, &call->out, &status);

	add_identity(obj, &call->in);
	json_add_int(obj, "cpu", call->cpu);
	json_add(obj, "in", registers(&call->in));
	json_add(obj, "out", registers(&call->out));
	json_add_string(obj, "verdict", verdict_kind_name(v->kind));
	json_add_string(obj, "by", verdict_by(v->kind));
	json_add_string(obj, "reason", verdict_reason_name(v->reason));
	json_add(obj, "smcs", v->from_trace ? json_new_int(v->smcs) : NULL);
	json_add(obj, "rebuilt", unknown ? NULL : json_new_bool(v->rebuilt));
	json_add(obj, "evidence", evidence(v));
	json_add(obj, "inferred",
		 unknown ? json_new_string(verdict_inferred_name(v->inferred)) : NULL);
	json_add(obj, "status", has_status ? json_new_string(ffa_status_name(status)) : NULL);
	json_add(obj, "status_code", has_status ? json_new_int(status) : NULL);
	json_add(obj, "time_ns", times(v));
	add_violations(obj, &call->in, ffa_version);
	return obj;
}

/* Only where EL2 printed something; a text that was not kept is null. */
static void add_printks(struct json_object *obj, const struct report *report,
			const struct verdict *v)
{
	struct json_object *array;

	if (!v->nr_printks)
		return;
	array = json_new_array();
	for (uint32_t i = 0; i < v->nr_printks && i < VERDICT_MAX_PRINTKS; i++) {
		const char *text = texts_get(report->opts.texts, v->printks[i]);

		json_append(array, text ? json_new_string(text) : NULL);
	}
	json_add(obj, "printk", array);
}

static void json_call(struct report *report, const struct verdict_call *call,
		      const struct verdict *v)
{
	struct json_object *obj = report_call_object(call, v, report->opts.ffa_version);

	add_printks(obj, report, v);
	put(report, obj);
}

static struct json_object *stack_lines(const char *stack)
{
	struct json_object *array = json_new_array();

	while (*stack) {
		int len = (int)strcspn(stack, "\n");

		json_append(array, json_new_string_len(stack, len));
		stack += len + (stack[len] == '\n');
	}
	return array;
}

static void json_watched(struct report *report, const struct watched *watched, const char *stack)
{
	const struct host_call *host = watched->host;
	struct json_object *obj;

	if (host->source == HOST_SOURCE_SRI) {
		obj = json_new_object();
		json_add_string(obj, "interrupt", "SRI");
		json_add_int(obj, "cpu", host->cpu);
		json_add_uint(obj, "begin_ns", host->begin_ns);
		put(report, obj);
		return;
	}
	obj = report_call_object(&watched->call, &watched->verdict, report->opts.ffa_version);

	json_add_uint(obj, "begin_ns", host->begin_ns);
	json_add_uint(obj, "end_ns", host->end_ns);
	json_add(obj, "enter_ns",
		 watched->verdict.from_trace ? json_new_uint(watched->verdict.enter_ns) : NULL);
	json_add_int(obj, "begin_cpu", host->cpu);
	json_add_int(obj, "end_cpu", host->end_cpu);
	json_add_string(obj, "task", host->comm);
	json_add_int(obj, "pid", host->pid);
	json_add_int(obj, "tid", host->tid);
	json_add_string(obj, "source", host->source == HOST_SOURCE_MODULE ? "module" : "driver");
	json_add(obj, "conversation",
		 watched->conversation ? json_new_uint(watched->conversation) : NULL);
	json_add_int(obj, "step", watched->step);
	add_printks(obj, report, &watched->verdict);
	if (*stack)
		json_add(obj, "stack", stack_lines(stack));
	put(report, obj);
}

static void json_state(struct report *report, const struct watch_state *state)
{
	struct json_object *obj = json_new_object(), *array = json_new_array();
	struct json_object *devices = json_new_array();
	const struct verdict_call *calls = state->call;

	for (uint32_t i = 0; i < state->nr_calls && i < WATCH_STATE_CALLS; i++) {
		const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)calls[i].in.x[0]);
		struct json_object *call = json_new_object();
		char answer[512];

		ffa_format_answer_to(ffa, &calls[i].in, &calls[i].out, report->opts.ffa_version,
				     answer, sizeof(answer));
		add_identity(call, &calls[i].in);
		json_add(call, "in", registers(&calls[i].in));
		json_add(call, "out", registers(&calls[i].out));
		json_add_string(call, "answer", answer);
		json_append(array, call);
	}
	for (uint32_t i = 0; i < state->nr_devices && i < WATCH_STATE_DEVICES; i++) {
		struct json_object *device = json_new_object();

		json_add_string(device, "name", state->device[i].name);
		json_add_string(device, "uuid", state->device[i].uuid);
		json_append(devices, device);
	}
	json_add(obj, "state", array);
	json_add(obj, "devices", devices);
	put(report, obj);
}

static void json_dry_run(struct report *report, const struct ffa_regs *in)
{
	struct json_object *obj = json_new_object();

	add_identity(obj, in);
	json_add(obj, "in", registers(in));
	add_violations(obj, in, report->opts.ffa_version);
	put(report, obj);
}

const struct report_ops report_json = {
	.call = json_call,
	.watched = json_watched,
	.state = json_state,
	.dry_run = json_dry_run,
};
