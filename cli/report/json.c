// SPDX-License-Identifier: GPL-2.0-only
/* One object a line (design of the contract: ffascope.1, JSON). */
#include <json-c/printbuf.h>
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "report/json.h"

#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static struct json_object *hex(uint64_t value, int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%0*llx", digits, (unsigned long long)value);
	return json_object_new_string(text);
}

static struct json_object *string_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

/* ["0x84000069","0x0",...], without an object for each. */
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

/* An array to whoever prints it; it has no elements to whoever asks. */
static struct json_object *registers(const struct ffa_regs *regs)
{
	struct json_object *array = json_object_new_array_ext(0);
	struct ffa_regs *copy = report_have(malloc(sizeof(*copy)));

	*copy = *regs;
	json_object_set_serializer(array, put_registers, copy, json_object_free_userdata);
	return array;
}

static void add_identity(struct json_object *obj, const struct ffa_regs *in)
{
	uint32_t fid = (uint32_t)in->x[0];
	char buf[16];

	json_object_object_add(obj, "call", json_object_new_string(report_name(fid, buf)));
	json_object_object_add(obj, "fid", hex(fid, 8));
}

static struct json_object *violations(const struct ffa_regs *in, uint32_t version)
{
	struct ffa_violation found[MAX_VIOLATIONS];
	size_t n = ffa_violations(ffa_call_by_fid((uint32_t)in->x[0]), in, version, found,
				  MAX_VIOLATIONS);
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < n && i < MAX_VIOLATIONS; i++) {
		struct json_object *obj = json_object_new_object();
		char text[24];

		snprintf(text, sizeof(text), "%c%u", found[i].wide ? 'x' : 'w', found[i].reg);
		json_object_object_add(obj, "reg", json_object_new_string(text));
		snprintf(text, sizeof(text), "%u:%u", found[i].hi, found[i].lo);
		json_object_object_add(obj, "bits", json_object_new_string(text));
		json_object_object_add(obj, "rule",
				       json_object_new_string(ffa_rule_name(found[i].rule)));
		json_object_object_add(obj, "value", hex(found[i].value, 0));
		json_object_array_add(array, obj);
	}
	return array;
}

static void put(struct report *report, struct json_object *obj)
{
	fputs(json_object_to_json_string_ext(obj, FLAGS), report->opts.out);
	fputc('\n', report->opts.out);
	json_object_put(obj);
}

static struct json_object *evidence(const struct verdict *v)
{
	struct json_object *array = json_object_new_array();

	if (v->from_trace)
		json_object_array_add(array, json_object_new_string("trace"));
	if (v->inferred != VERDICT_SILENT)
		json_object_array_add(array, json_object_new_string("registers"));
	return array;
}

static struct json_object *times(const struct verdict *v)
{
	struct json_object *obj;

	if (!v->from_trace)
		return NULL;

	obj = json_object_new_object();
	json_object_object_add(obj, "total", json_object_new_uint64(v->total_ns));
	json_object_object_add(obj, "el2",
			       json_object_new_uint64(v->el2_before_ns + v->el2_after_ns));
	json_object_object_add(obj, "secure", json_object_new_uint64(v->secure_ns));
	return obj;
}

struct json_object *report_call_object(const struct verdict_call *call, const struct verdict *v,
				       uint32_t ffa_version)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	struct json_object *obj = json_object_new_object();
	bool unknown = v->kind == VERDICT_UNKNOWN;
	int32_t status;
	bool has_status = ffa_answer_status(ffa, &call->out, &status);

	add_identity(obj, &call->in);
	json_object_object_add(obj, "cpu", json_object_new_int64(call->cpu));
	json_object_object_add(obj, "in", registers(&call->in));
	json_object_object_add(obj, "out", registers(&call->out));
	json_object_object_add(obj, "verdict", json_object_new_string(verdict_kind_name(v->kind)));
	json_object_object_add(obj, "by", string_or_null(verdict_by(v->kind)));
	json_object_object_add(obj, "reason", string_or_null(verdict_reason_name(v->reason)));
	json_object_object_add(obj, "smcs", v->from_trace ? json_object_new_int64(v->smcs) : NULL);
	json_object_object_add(obj, "evidence", evidence(v));
	json_object_object_add(obj, "inferred",
			       unknown ? string_or_null(verdict_inferred_name(v->inferred)) : NULL);
	json_object_object_add(obj, "status",
			       has_status ? string_or_null(ffa_status_name(status)) : NULL);
	json_object_object_add(obj, "status_code", has_status ? json_object_new_int(status) : NULL);
	json_object_object_add(obj, "time_ns", times(v));
	json_object_object_add(obj, "violations", violations(&call->in, ffa_version));
	return obj;
}

static void json_call(struct report *report, const struct verdict_call *call,
		      const struct verdict *v)
{
	put(report, report_call_object(call, v, report->opts.ffa_version));
}

static struct json_object *stack_lines(const char *stack)
{
	struct json_object *array = json_object_new_array();

	while (*stack) {
		int len = (int)strcspn(stack, "\n");

		json_object_array_add(array, json_object_new_string_len(stack, len));
		stack += len + (stack[len] == '\n');
	}
	return array;
}

static void json_watched(struct report *report, const struct watched *watched, const char *stack)
{
	const struct host_call *host = watched->host;
	struct json_object *obj;

	if (host->source == HOST_SOURCE_SRI) {
		obj = json_object_new_object();
		json_object_object_add(obj, "interrupt", json_object_new_string("SRI"));
		json_object_object_add(obj, "cpu", json_object_new_int64(host->cpu));
		json_object_object_add(obj, "begin_ns", json_object_new_uint64(host->begin_ns));
		put(report, obj);
		return;
	}
	obj = report_call_object(&watched->call, &watched->verdict, report->opts.ffa_version);

	json_object_object_add(obj, "begin_ns", json_object_new_uint64(host->begin_ns));
	json_object_object_add(obj, "end_ns", json_object_new_uint64(host->end_ns));
	json_object_object_add(obj, "enter_ns",
			       watched->verdict.from_trace
				       ? json_object_new_uint64(watched->verdict.enter_ns)
				       : NULL);
	json_object_object_add(obj, "begin_cpu", json_object_new_int64(host->cpu));
	json_object_object_add(obj, "end_cpu", json_object_new_int64(host->end_cpu));
	json_object_object_add(obj, "task", json_object_new_string(host->comm));
	json_object_object_add(obj, "pid", json_object_new_int64(host->pid));
	json_object_object_add(obj, "tid", json_object_new_int64(host->tid));
	json_object_object_add(
		obj, "source",
		json_object_new_string(host->source == HOST_SOURCE_MODULE ? "module" : "driver"));
	json_object_object_add(obj, "conversation",
			       watched->conversation ? json_object_new_uint64(watched->conversation)
						     : NULL);
	json_object_object_add(obj, "step", json_object_new_int64(watched->step));
	if (*stack)
		json_object_object_add(obj, "stack", stack_lines(stack));
	put(report, obj);
}

static void json_state(struct report *report, const struct watch_state *state)
{
	struct json_object *obj = json_object_new_object(), *array = json_object_new_array();
	struct json_object *devices = json_object_new_array();
	const struct verdict_call *calls = state->call;

	for (uint32_t i = 0; i < state->nr_calls && i < WATCH_STATE_CALLS; i++) {
		const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)calls[i].in.x[0]);
		struct json_object *call = json_object_new_object();
		char answer[512];

		ffa_format_answer_to(ffa, &calls[i].in, &calls[i].out, report->opts.ffa_version,
				     answer, sizeof(answer));
		add_identity(call, &calls[i].in);
		json_object_object_add(call, "in", registers(&calls[i].in));
		json_object_object_add(call, "out", registers(&calls[i].out));
		json_object_object_add(call, "answer", json_object_new_string(answer));
		json_object_array_add(array, call);
	}
	for (uint32_t i = 0; i < state->nr_devices && i < WATCH_STATE_DEVICES; i++) {
		struct json_object *device = json_object_new_object();

		json_object_object_add(device, "name",
				       json_object_new_string(state->device[i].name));
		json_object_object_add(device, "uuid",
				       json_object_new_string(state->device[i].uuid));
		json_object_array_add(devices, device);
	}
	json_object_object_add(obj, "state", array);
	json_object_object_add(obj, "devices", devices);
	put(report, obj);
}

static void json_dry_run(struct report *report, const struct ffa_regs *in)
{
	struct json_object *obj = json_object_new_object();

	add_identity(obj, in);
	json_object_object_add(obj, "in", registers(in));
	json_object_object_add(obj, "violations", violations(in, report->opts.ffa_version));
	put(report, obj);
}

const struct report_ops report_json = {
	.call = json_call,
	.watched = json_watched,
	.state = json_state,
	.dry_run = json_dry_run,
};
