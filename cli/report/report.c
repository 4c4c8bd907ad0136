// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/vector.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/internal.h"

struct report *report_new(const struct report_ops *ops, const struct report_options *opts)
{
	struct report *report = calloc(1, sizeof(*report));

	if (!report)
		return NULL;

	report->ops = ops;
	report->opts = *opts;
	return report;
}

void report_free(struct report *report)
{
	if (!report)
		return;

	if (report->ops->free)
		report->ops->free(report);
	for (size_t i = 0; i < report->nr_groups; i++)
		free(report->groups[i].cpus);
	free(report->groups);
	free(report);
}

static struct report_group *find_group(struct report *report, const struct report_group *like)
{
	struct report_group *groups;

	for (size_t i = 0; i < report->nr_groups; i++) {
		struct report_group *group = &report->groups[i];

		if (group->kind == like->kind && group->reason == like->reason &&
		    group->has_status == like->has_status && group->status == like->status)
			return group;
	}

	groups = reallocarray(report->groups, report->nr_groups + 1, sizeof(*groups));
	if (!groups)
		return NULL;
	report->groups = groups;
	groups[report->nr_groups] = *like;
	groups[report->nr_groups].min_ns = UINT64_MAX;
	return &groups[report->nr_groups++];
}

static int count_cpu(struct report_group *group, uint32_t cpu)
{
	size_t i = 0;

	while (i < group->nr_cpus && group->cpus[i].cpu != cpu)
		i++;
	if (i == group->nr_cpus) {
		if (!vector_room(&group->cpus, &group->max_cpus, i, sizeof(*group->cpus)))
			return -ENOMEM;
		group->cpus[group->nr_cpus++] = (struct report_cpu){ .cpu = cpu };
	}
	group->cpus[i].calls++;
	return 0;
}

static void count(struct report *report, const struct verdict_call *call, const struct verdict *v)
{
	struct report_group like = { .kind = v->kind, .reason = v->reason };
	struct report_group *group;

	like.has_status = ffa_answer_status(ffa_call_by_fid((uint32_t)call->in.x[0]), &call->out,
					    &like.status);
	group = find_group(report, &like);
	if (!group) {
		report->error = -ENOMEM;
		return;
	}

	if (report->opts.by_cpu && count_cpu(group, call->cpu))
		report->error = -ENOMEM;
	group->calls++;
	group->total_ns += v->total_ns;
	group->secure_ns += v->secure_ns;
	if (v->total_ns < group->min_ns)
		group->min_ns = v->total_ns;
	if (v->total_ns > group->max_ns)
		group->max_ns = v->total_ns;
}

void report_call(struct report *report, const struct verdict_call *call, const struct verdict *v)
{
	if (!report->calls++)
		report->fid = (uint32_t)call->in.x[0];
	report->unknown += v->kind == VERDICT_UNKNOWN;

	if (report->error)
		return;
	if (report->opts.summary_only)
		count(report, call, v);
	else
		report->ops->call(report, call, v);
}

void report_events(struct report *report, const struct hyp_event *events, unsigned int n)
{
	if (report->ops->events && report->opts.verbose && !report->error)
		report->ops->events(report, events, n);
}

const char *report_event_words(const struct report *report, const struct hyp_event *ev)
{
	const char *text;

	if (ev->type != HYP_EVENT_PRINTK)
		return verdict_event_reason(ev->reason);
	text = texts_get(report->opts.texts, (uint32_t)ev->id);
	return text ? text : "(text not kept)";
}

void report_watched(struct report *report, const struct watched *watched, const char *stack)
{
	if (!report->ops->watched || report->opts.summary_only) {
		if (watched->host->source == HOST_SOURCE_SRI)
			return;
		report_call(report, &watched->call, &watched->verdict);
		return;
	}

	if (watched->host->source != HOST_SOURCE_SRI) {
		report->calls++;
		report->unknown += watched->verdict.kind == VERDICT_UNKNOWN;
	}
	if (!report->error)
		report->ops->watched(report, watched, stack);
}

void report_state(struct report *report, const struct watch_state *state)
{
	report->optee = watch_state_optee(state);
	if (report->ops->state && !report->error)
		report->ops->state(report, state);
}

int report_dry_run(struct report *report, const struct ffa_regs *in)
{
	report->ops->dry_run(report, in);
	return report->error;
}

int report_end(struct report *report)
{
	if (report->ops->end && !report->error)
		report->ops->end(report);
	return report->error;
}

uint64_t report_unknown(const struct report *report)
{
	return report->unknown;
}

const char *report_name(uint32_t fid, char buf[16])
{
	const struct ffa_call *call = ffa_call_by_fid(fid);

	if (call)
		return ffa_call_name(call);

	snprintf(buf, 16, "0x%08x", fid);
	return buf;
}
