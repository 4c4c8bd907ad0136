// SPDX-License-Identifier: GPL-2.0-only
/* Counts of calls as JSON. */
#include <stdlib.h>

#include "report/internal.h"
#include "base/json.h"
#include "report/calibration.h"
#include "report/summary_internal.h"

static struct json_object *verdicts(const uint64_t counts[])
{
	struct json_object *obj = json_new_object();

	for (unsigned int kind = 0; kind <= VERDICT_FORWARDED; kind++)
		json_add_uint(obj, verdict_kind_name(kind), counts[kind]);
	return obj;
}

static struct json_object *reasons(const uint64_t counts[])
{
	struct json_object *obj = json_new_object();

	for (unsigned int i = VERDICT_LOST_EVENTS; i < SUMMARY_NR_REASONS; i++)
		json_add_uint(obj, verdict_reason_name(i), counts[i]);
	return obj;
}

static struct json_object *answers(const struct report_summary_call *call)
{
	struct json_object *obj = json_new_object();
	char buf[16];

	for (unsigned int i = 0; i < call->nr_answers; i++)
		json_add_uint(obj, report_summary_answer_name(&call->answers[i], buf),
			      call->answers[i].calls);
	if (call->other_answers)
		json_add_uint(obj, "others", call->other_answers);
	return obj;
}

static struct json_object *leg(const struct report_histogram *hist)
{
	struct json_object *obj, *buckets;
	struct report_histogram_rows rows;

	if (!hist->n)
		return NULL;

	obj = json_new_object();
	json_add_uint(obj, "calls", hist->n);
	json_add_uint(obj, "min", hist->min);
	json_add_uint(obj, "mean", hist->sum / hist->n);
	json_add_uint(obj, "p50", report_histogram_percentile(hist, 50));
	json_add_uint(obj, "p90", report_histogram_percentile(hist, 90));
	json_add_uint(obj, "p99", report_histogram_percentile(hist, 99));
	json_add_uint(obj, "max", hist->max);

	buckets = json_new_array();
	report_histogram_plan(hist->min, hist->max, 60, &rows);
	for (unsigned int i = 0; i < rows.nr; i++) {
		uint64_t n = report_histogram_between(hist, rows.border[i], rows.border[i + 1]);
		struct json_object *bucket;

		if (!n)
			continue;
		bucket = json_new_object();
		json_add_uint(bucket, "from", rows.border[i]);
		json_add_uint(bucket, "below", rows.border[i + 1]);
		json_add_uint(bucket, "calls", n);
		json_append(buckets, bucket);
	}
	json_add(obj, "buckets", buckets);
	return obj;
}

static struct json_object *call_object(const struct report_summary_call *call)
{
	struct json_object *obj = json_new_object(), *legs = json_new_object();
	char text[16];

	json_add_string(obj, "call", call->others ? "others" : report_name(call->fid, text));
	snprintf(text, sizeof(text), "0x%08x", call->fid);
	json_add(obj, "fid", call->others ? NULL : json_new_string(text));
	json_add_uint(obj, "calls", call->n);
	json_add(obj, "verdicts", verdicts(call->verdicts));
	json_add(obj, "answers", answers(call));
	json_add(legs, "total", leg(&call->legs[LEG_TOTAL]));
	json_add(legs, "el2", leg(&call->legs[LEG_EL2]));
	json_add(legs, "secure", leg(&call->legs[LEG_SECURE]));
	json_add(obj, "time_ns", legs);
	return obj;
}

int report_summary_print_json(const struct report_summary *s, FILE *out)
{
	const struct report_summary_call **calls = report_summary_sorted(s);
	struct json_object *obj = json_new_object(), *list = json_new_array();
	struct json_object *lost = json_new_object();

	json_add_uint(obj, "calls", s->total);
	json_add_uint(obj, "span_ns", s->end_ns - s->begin_ns);
	json_add(obj, "verdicts", verdicts(s->verdicts));
	json_add(obj, "reasons", reasons(s->reasons));
	for (unsigned int i = 0; i < s->nr_lost; i++)
		json_add_uint(lost, s->lost[i].what, s->lost[i].n);
	json_add(obj, "lost", lost);
	json_add(obj, "calibration",
		 s->calibrated ? report_calibration_object(&s->calibration) : NULL);
	for (size_t i = 0; calls && i < s->nr_calls; i++)
		json_append(list, call_object(calls[i]));
	json_add(obj, "by_call", list);

	free(calls);
	return json_print(out, obj);
}
