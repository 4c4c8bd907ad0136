// SPDX-License-Identifier: GPL-2.0-only
/* A sweep as one object (ffascope.1, JSON), and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "report/internal.h"
#include "base/json.h"
#include "report/sweep.h"

static void add_identity(struct json_object *obj, const struct sweep_call *call)
{
	json_add_string(obj, "call", call->name);
	json_add_hex(obj, "fid", call->fid, 8);
}

static void add_reg(struct json_object *obj, unsigned int reg, bool wide)
{
	char text[8];

	snprintf(text, sizeof(text), "%c%u", wide ? 'x' : 'w', reg % 100);
	json_add_string(obj, "reg", text);
}

static const char *status_of(const struct sweep_result *result)
{
	return result->has_status ? ffa_status_name(result->status) : NULL;
}

/* Two sweeps of one proxy are equal as text: what differs by chance is left out. */
static struct json_object *control_object(const struct sweep *sweep, const struct sweep_call *call)
{
	struct json_object *obj;

	if (!call->control.made)
		return NULL;
	obj = report_call_object(&call->control.call, &call->control.verdict, sweep->version);
	json_remove(obj, "cpu");
	json_remove(obj, "time_ns");
	return obj;
}

static struct json_object *probe_object(const struct sweep_probe *probe)
{
	const struct verdict *v = &probe->result.verdict;
	struct json_object *obj = json_new_object();
	bool made = probe->result.made;

	if (probe->value) {
		json_add_string(obj, "value", probe->value->words);
	} else {
		add_reg(obj, probe->reg, probe->wide);
		json_add_int(obj, "bit", probe->bit);
		json_add_string(obj, "rule", ffa_rule_name(probe->rule));
	}
	json_add_string(obj, "class", sweep_class_name(probe->class));
	json_add_string(obj, "verdict", made ? verdict_kind_name(v->kind) : NULL);
	json_add_string(obj, "by", made ? verdict_by(v->kind) : NULL);
	json_add_string(obj, "status", status_of(&probe->result));
	/* Said where there is something to say: most probes are alike. */
	if (made && v->rebuilt)
		json_add_bool(obj, "rebuilt", true);
	if (probe->other_state)
		json_add_bool(obj, "other_state", true);
	if (made && v->kind == VERDICT_UNKNOWN) {
		json_add_string(obj, "reason", verdict_reason_name(v->reason));
		json_add(obj, "smcs", v->from_trace ? json_new_int(v->smcs) : NULL);
	}
	return obj;
}

static struct json_object *summary_object(const struct sweep_call *call)
{
	struct json_object *obj = json_new_object();
	size_t count[SWEEP_NR_CLASSES];

	sweep_count(call, count);
	for (unsigned int i = 0; i < SWEEP_NR_CLASSES; i++)
		json_add_int(obj, sweep_class_name((enum sweep_class)i), count[i]);
	return obj;
}

static struct json_object *call_object(const struct sweep *sweep, const struct sweep_call *call)
{
	struct json_object *obj = json_new_object(), *probes = json_new_array();
	struct json_object *values = json_new_array();

	for (size_t i = 0; i < call->nr_probes; i++)
		json_append(probes, probe_object(&call->probes[i]));
	for (size_t i = 0; i < call->nr_values; i++)
		json_append(values, probe_object(&call->probes[call->nr_probes + i]));
	add_identity(obj, call);
	json_add_string(obj, "skipped", call->skipped[0] ? call->skipped : NULL);
	json_add_string(obj, "state_changed", call->moved[0] ? call->moved : NULL);
	if (call->harmless)
		json_add_string(obj, "control_words", call->harmless);
	json_add(obj, "control", control_object(sweep, call));
	json_add(obj, "probes", probes);
	json_add(obj, "values", values);
	json_add(obj, "summary", summary_object(call));
	return obj;
}

static void add_place(struct json_object *obj, const struct sweep_value *value,
		      const struct sweep_range *range)
{
	char text[64];

	sweep_format_place(value, range, text, sizeof(text));
	json_add_string(obj, "bits", text);
}

static struct json_object *finding_object(const struct sweep_finding *finding)
{
	struct json_object *obj = json_new_object();

	add_identity(obj, finding->range.call);
	add_place(obj, finding->value, &finding->range);
	json_add_string(obj, "rule", ffa_rule_name(finding->rule));
	json_add_string(obj, "class", sweep_class_name(finding->class));
	json_add_string(obj, "text", finding->text);
	return obj;
}

int report_plan_json(FILE *out, const struct sweep *sweep)
{
	struct json_object *obj = json_new_object(), *calls = json_new_array();

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];
		struct json_object *entry = json_new_object();
		struct json_object *in = json_new_array();
		size_t probes = 0;

		for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++)
			json_append(in, json_new_hex(call->in.x[reg], 1));
		for (size_t p = 0; p < call->nr_probes && !call->skipped[0]; p++)
			probes += !call->probes[p].needs_consent;
		add_identity(entry, call);
		json_add_string(entry, "skipped", call->skipped[0] ? call->skipped : NULL);
		json_add(entry, "in", in);
		json_add_int(entry, "probes", probes);
		json_append(calls, entry);
	}
	json_add_string(obj, "ffa", ffa_version_name(sweep->version));
	json_add(obj, "calls", calls);
	return json_print(out, obj);
}

/* ---- differences ---- */

static void add_control(struct json_object *obj, const char *key,
			const struct sweep_result *control)
{
	struct json_object *entry = NULL;

	if (control) {
		entry = json_new_object();
		json_add_string(entry, "verdict", verdict_kind_name(control->verdict.kind));
		json_add_string(entry, "status", status_of(control));
	}
	json_add(obj, key, entry);
}

static bool is_missing(const struct sweep_change *change)
{
	if (change->is_control)
		return !change->before || !change->after;
	return change->from == SWEEP_SKIPPED || change->to == SWEEP_SKIPPED;
}

static void add_class(struct json_object *obj, const char *key, enum sweep_class class)
{
	json_add_string(obj, key, class == SWEEP_SKIPPED ? NULL : sweep_class_name(class));
}

static struct json_object *diff_object(const struct sweep *from, const struct sweep *to,
				       const struct sweep_diff *diff, bool missing)
{
	struct json_object *obj = json_new_object(), *changes = json_new_array();

	for (size_t i = 0; i < diff->nr; i++) {
		const struct sweep_change *change = &diff->changes[i];
		struct json_object *entry;

		if (is_missing(change) && !missing)
			continue;
		entry = json_new_object();
		add_identity(entry, change->call);
		if (change->is_control) {
			json_add_string(entry, "bits", "control");
			add_control(entry, "from", change->before);
			add_control(entry, "to", change->after);
		} else {
			add_place(entry, change->value, &change->range);
			json_add_string(entry, "rule", ffa_rule_name(change->rule));
			add_class(entry, "from", change->from);
			add_class(entry, "to", change->to);
		}
		json_append(changes, entry);
	}
	json_add_string(obj, "from", from->kernel);
	json_add_string(obj, "to", to->kernel);
	json_add_int(obj, "changed_bits", diff->bits);
	json_add_int(obj, "changed_values", diff->values);
	json_add_int(obj, "changed_controls", diff->controls);
	json_add_int(obj, "not_compared", diff->missing);
	json_add(obj, "changes", changes);
	return obj;
}

int report_diff_json(FILE *out, const struct sweep *from, const struct sweep *to,
		     const struct sweep_diff *diff)
{
	return json_print(out, diff_object(from, to, diff, true));
}

/* ---- a sweep ---- */

int report_sweep_json(FILE *out, const struct report_sweep *report)
{
	const struct sweep *sweep = report->sweep;
	struct json_object *obj = json_new_object();
	struct json_object *calls = json_new_array(), *findings = json_new_array();

	for (size_t i = 0; i < sweep->nr_calls; i++)
		json_append(calls, call_object(sweep, &sweep->calls[i]));
	for (size_t i = 0; i < report->nr_findings; i++)
		json_append(findings, finding_object(&report->findings[i]));

	json_add_string(obj, "kernel", sweep->kernel);
	if (*sweep->build)
		json_add_string(obj, "build", sweep->build);
	json_add_string(obj, "ffa", ffa_version_name(sweep->version));
	json_add(obj, "calls", calls);
	json_add_string(obj, "policy", report->policy == SWEEP_STRICT ? "strict" : "spec");
	json_add(obj, "findings", findings);
	if (report->diff)
		json_add(obj, "baseline",
			 diff_object(report->baseline, sweep, report->diff, false));
	return json_print(out, obj);
}
