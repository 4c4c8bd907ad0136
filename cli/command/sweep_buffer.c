// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/rules.h"
#include "ffa/version.h"
#include "command/memory_call.h"
#include "command/sweep_buffer.h"

/* ---- making the calls ---- */

struct maker {
	struct memory_maker memory;
	int cpu;
	struct sweep_result *out;
	struct error err;
};

static void keep(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct maker *maker = ctx;

	(void)tag;
	maker->out->made = true;
	maker->out->call = *call;
	maker->out->verdict = *v;
	maker->out->has_status = ffa_answer_status(ffa_call_by_fid((uint32_t)call->in.x[0]),
						   &call->out, &maker->out->status);
}

static void drop(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	(void)ctx;
	(void)call;
	(void)tag;
	(void)v;
}

static int make(void *ctx, const struct ffa_regs *in, const struct ffa_mem_request *request,
		struct sweep_result *out, bool *left)
{
	struct maker *maker = ctx;
	struct memory_outcome outcome;
	bool reclaimed = true;
	int ret;

	*out = (struct sweep_result){ 0 };
	maker->out = out;
	ret = memory_call(&maker->memory, maker->cpu, in, request, keep, maker, &outcome,
			  &maker->err);
	if (!ret && outcome.has_handle)
		ret = memory_reclaim(&maker->memory, maker->cpu, outcome.handle, drop, NULL,
				     &reclaimed, &maker->err);
	*left = !reclaimed;
	return ret;
}

/* ---- text ---- */

static const char *status_of(const struct sweep_result *result)
{
	if (!result->has_status)
		return "no status";
	return ffa_status_name(result->status) ?: "an unnamed status";
}

static bool is_alike(const struct buffer_probe *a, const struct buffer_probe *b)
{
	return a->is_bit && b->is_bit && a->what == b->what && a->rule == b->rule &&
	       a->class == b->class && a->left == b->left &&
	       sweep_same_status(&a->result, &b->result);
}

static void put_probe(const struct buffer_probe *probe, const struct buffer_probe *last)
{
	printf("  %c  ", sweep_class_letter(probe->class));
	if (!probe->is_bit)
		printf("%s: %s", probe->place, probe->what);
	else if (probe == last)
		printf("%s %s, %s", probe->what, probe->place, ffa_violation_name(probe->rule));
	else
		printf("%s %s to %s, %s", probe->what, probe->place, last->place,
		       ffa_violation_name(probe->rule));
	printf("  %s%s%s\n", status_of(&probe->result),
	       probe->must_refuse && buffer_probe_departs(probe)
		       ? "; the hypervisor has to refuse this"
		       : "",
	       probe->left ? "; its pages could not be reclaimed" : "");
}

static void put_text(const struct buffer_sweep *s)
{
	size_t count[SWEEP_NR_CLASSES] = { 0 };

	printf("%s, descriptor of FF-A %s, receiver 0x%04x\n  control: %s, %s\n",
	       ffa_call_name(s->call), ffa_version_name(s->version), s->receiver,
	       verdict_kind_name(s->control.verdict.kind), status_of(&s->control));
	for (size_t i = 0; i < s->nr_probes; i++) {
		size_t first = i;

		count[s->probes[i].class]++;
		while (i + 1 < s->nr_probes && is_alike(&s->probes[first], &s->probes[i + 1]))
			count[s->probes[++i].class]++;
		put_probe(&s->probes[first], &s->probes[i]);
	}
	printf("  %zu probes:", s->nr_probes);
	for (int class = 0; class < SWEEP_NR_CLASSES; class ++)
		if (count[class])
			printf(" %zu %s", count[class], sweep_class_name((enum sweep_class) class));
	printf("\n  control again: %s, %s%s\n", verdict_kind_name(s->again.verdict.kind),
	       status_of(&s->again), s->left ? "; its pages could not be reclaimed" : "");
}

/* ---- JSON ---- */

static struct json_object *result_of(const struct sweep_result *result)
{
	struct json_object *obj = json_new_object();

	json_add_string(obj, "verdict", verdict_kind_name(result->verdict.kind));
	json_add_string(obj, "status", result->has_status ? ffa_status_name(result->status) : NULL);
	return obj;
}

static int put_json(const struct options *opts, const struct buffer_sweep *s)
{
	struct json_object *obj = json_new_object(), *probes = json_new_array();

	json_add_string(obj, "buffer_sweep", ffa_call_name(s->call));
	json_add_string(obj, "ffa_version", ffa_version_name(s->version));
	json_add_int(obj, "receiver", s->receiver);
	json_add(obj, "control", result_of(&s->control));
	json_add(obj, "control_again", result_of(&s->again));
	for (size_t i = 0; i < s->nr_probes; i++) {
		const struct buffer_probe *probe = &s->probes[i];
		struct json_object *one = result_of(&probe->result);

		json_add_string(one, "place", probe->place);
		json_add_string(one, "what", probe->what);
		json_add_string(one, "rule",
				probe->is_bit ? ffa_violation_name(probe->rule) : NULL);
		json_add_string(one, "class", sweep_class_name(probe->class));
		json_add_bool(one, "must_refuse", probe->must_refuse);
		json_add_bool(one, "left_shared", probe->left);
		json_append(probes, one);
	}
	json_add(obj, "probes", probes);
	json_add_int(obj, "findings", (int64_t)buffer_sweep_findings(s));
	return verb_put_json(opts, stdout, obj);
}

/* ---- the whole ---- */

static int status_of_sweep(const struct buffer_sweep *s)
{
	if (buffer_sweep_findings(s))
		return STATUS_FAILED;
	for (size_t i = 0; i < s->nr_probes; i++) {
		if (s->probes[i].class == SWEEP_UNKNOWN)
			return STATUS_UNKNOWN;
	}
	return STATUS_DONE;
}

int sweep_buffer(const struct options *opts, struct session *session, const struct ffa_call *call,
		 uint16_t receiver, int cpu)
{
	struct maker maker = { .memory = { .session = session, .canaries = true }, .cpu = cpu };
	const struct buffer_port port = { .ctx = &maker, .make = make };
	struct buffer_sweep sweep;
	int ret, status = STATUS_DONE;

	ret = buffer_sweep_plan(&sweep, call, session_ffa_version(session), receiver);
	if (ret) {
		verb_error(opts, "%s",
			   ret == -ENOMEM ? "out of memory"
					  : "this version of FF-A has no such descriptor");
		return verb_status(ret);
	}
	ret = buffer_sweep_run(&sweep, &port);
	if (ret && ret != -EINTR) {
		verb_error(opts, "%s", maker.err.text);
		status = verb_status(ret);
	} else if (!opts->json) {
		put_text(&sweep);
	} else if (put_json(opts, &sweep)) {
		status = STATUS_INTERNAL;
	}
	if (status == STATUS_DONE && !ret)
		status = status_of_sweep(&sweep);
	memory_maker_free(&maker.memory);
	buffer_sweep_free(&sweep);
	return status;
}
