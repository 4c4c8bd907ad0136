// SPDX-License-Identifier: GPL-2.0-only
/* Counts of calls, for programs. */
#include <stdlib.h>

#include "report/internal.h"
#include "report/json.h"
#include "report/summary_internal.h"

#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static void add_number(struct json_object *obj, const char *key, uint64_t value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

static struct json_object *verdicts(const uint64_t counts[])
{
	struct json_object *obj = json_object_new_object();

	for (unsigned int kind = 0; kind <= VERDICT_FORWARDED; kind++)
		add_number(obj, verdict_kind_name(kind), counts[kind]);
	return obj;
}

static struct json_object *reasons(const uint64_t counts[])
{
	struct json_object *obj = json_object_new_object();

	for (unsigned int i = VERDICT_LOST_EVENTS; i < SUMMARY_NR_REASONS; i++)
		add_number(obj, verdict_reason_name(i), counts[i]);
	return obj;
}

static struct json_object *answers(const struct report_summary_call *call)
{
	struct json_object *obj = json_object_new_object();
	char buf[16];

	for (unsigned int i = 0; i < call->nr_answers; i++)
		add_number(obj, report_summary_answer_name(&call->answers[i], buf),
			   call->answers[i].calls);
	if (call->other_answers)
		add_number(obj, "others", call->other_answers);
	return obj;
}

static struct json_object *leg(const struct report_histogram *hist)
{
	struct json_object *obj, *buckets;
	struct report_histogram_rows rows;

	if (!hist->n)
		return NULL;

	obj = json_object_new_object();
	add_number(obj, "calls", hist->n);
	add_number(obj, "min", hist->min);
	add_number(obj, "mean", hist->sum / hist->n);
	add_number(obj, "p50", report_histogram_percentile(hist, 50));
	add_number(obj, "p90", report_histogram_percentile(hist, 90));
	add_number(obj, "p99", report_histogram_percentile(hist, 99));
	add_number(obj, "max", hist->max);

	buckets = json_object_new_array();
	report_histogram_plan(hist->min, hist->max, 60, &rows);
	for (unsigned int i = 0; i < rows.nr; i++) {
		uint64_t n = report_histogram_between(hist, rows.border[i], rows.border[i + 1]);
		struct json_object *bucket;

		if (!n)
			continue;
		bucket = json_object_new_object();
		add_number(bucket, "from", rows.border[i]);
		add_number(bucket, "below", rows.border[i + 1]);
		add_number(bucket, "calls", n);
		json_object_array_add(buckets, bucket);
	}
	json_object_object_add(obj, "buckets", buckets);
	return obj;
}

static struct json_object *call_object(const struct report_summary_call *call)
{
	struct json_object *obj = json_object_new_object(), *legs = json_object_new_object();
	char text[16];

	json_object_object_add(
		obj, "call",
		json_object_new_string(call->others ? "others" : report_name(call->fid, text)));
	snprintf(text, sizeof(text), "0x%08x", call->fid);
	json_object_object_add(obj, "fid", call->others ? NULL : json_object_new_string(text));
	add_number(obj, "calls", call->n);
	json_object_object_add(obj, "verdicts", verdicts(call->verdicts));
	json_object_object_add(obj, "answers", answers(call));
	json_object_object_add(legs, "total", leg(&call->legs[LEG_TOTAL]));
	json_object_object_add(legs, "el2", leg(&call->legs[LEG_EL2]));
	json_object_object_add(legs, "secure", leg(&call->legs[LEG_SECURE]));
	json_object_object_add(obj, "time_ns", legs);
	return obj;
}

void report_summary_print_json(const struct report_summary *s, FILE *out)
{
	const struct report_summary_call **calls = report_summary_sorted(s);
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	struct json_object *lost = json_object_new_object();

	add_number(obj, "calls", s->total);
	add_number(obj, "span_ns", s->end_ns - s->begin_ns);
	json_object_object_add(obj, "verdicts", verdicts(s->verdicts));
	json_object_object_add(obj, "reasons", reasons(s->reasons));
	for (unsigned int i = 0; i < s->nr_lost; i++)
		add_number(lost, s->lost[i].what, s->lost[i].n);
	json_object_object_add(obj, "lost", lost);
	for (size_t i = 0; calls && i < s->nr_calls; i++)
		json_object_array_add(list, call_object(calls[i]));
	json_object_object_add(obj, "by_call", list);

	fprintf(out, "%s\n", json_object_to_json_string_ext(obj, FLAGS));
	json_object_put(obj);
	free(calls);
}
