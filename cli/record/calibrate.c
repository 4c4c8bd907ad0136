// SPDX-License-Identifier: GPL-2.0-only
/* What the evidence of a recorded machine is worth. */
#include <errno.h>

#include "record/internal.h"

static void learn_call(void *ctx, const struct verdict_call *call, void *tag,
		       const struct verdict *v)
{
	(void)tag;
	calibration_learn(ctx, call, v);
}

static void learn_watched(void *ctx, const struct watched *watched)
{
	calibration_learn(ctx, &watched->call, &watched->verdict);
}

static int learn_batch(struct verdict_join *join, const struct record_item *item,
		       struct calibration_learner *learner)
{
	const struct record_batch *batch = &item->batch;
	struct verdict_clock clock = batch->clock;
	int ret = 0;

	for (uint32_t i = 0; i < batch->nr_calls && !ret; i++)
		ret = item->calls[i].cpu == batch->cpu
			      ? verdict_join_call(join, &item->calls[i], NULL)
			      : -EBADMSG;
	for (uint32_t i = 0; i < batch->nr_events && !ret; i++)
		ret = verdict_join_event(join, &item->events[i]);
	if (!ret)
		verdict_join_settle(join, batch->cpu, batch->from_ns, batch->until_ns, &clock,
				    batch->reason, learn_call, learner);
	return ret;
}

/* Stops where the recording is damaged; the replay reports that. */
static int learn_all(struct record_reader *reader, struct calibration_learner *learner)
{
	const struct record_meta *meta = record_meta(reader);
	const struct watch_options opts = { .hvc = meta->conduit_hvc };
	struct verdict_join *join = verdict_join_new(meta->conduit_hvc);
	struct watch *watch = watch_new(&opts);
	struct record_item item;
	struct error ignored;
	int ret = join && watch ? 0 : -ENOMEM;

	if (!ret)
		verdict_join_set_precision(join, (unsigned int)meta->precision_ns);
	while (!ret && record_next(reader, &item, &ignored) > 0) {
		if (item.kind == RECORD_BATCH)
			ret = learn_batch(join, &item, learner);
		else if (item.kind == RECORD_ROUND)
			ret = watch_round(watch, &item.round, item.marks, item.watched, item.events,
					  learn_watched, learner);
	}
	verdict_join_free(join);
	watch_free(watch);
	return ret == -ENOMEM ? ret : 0;
}

static int learn(struct record_reader *reader, struct calibration *cal)
{
	struct calibration_learner learner = { 0 };
	int ret, back;

	if (!record_can_rewind(reader))
		return 0;
	ret = learn_all(reader, &learner);
	calibration_learned(&learner, cal);
	back = record_rewind(reader);
	return ret ? ret : back;
}

int record_calibrate(struct record_reader *reader, bool no_trace, struct calibration *cal,
		     struct error *err)
{
	const struct record_calibration *made = record_calibration(reader);
	const struct record_batch *batch = &made->batch;
	const struct calibration_run run = {
		.hvc = record_meta(reader)->conduit_hvc,
		.precision_ns = (unsigned int)record_meta(reader)->precision_ns,
		.cpu = batch->cpu,
		.reason = no_trace ? VERDICT_TRACING_OFF : batch->reason,
		.from_ns = batch->from_ns,
		.until_ns = batch->until_ns,
		.clock = batch->clock,
		.nr_calls = batch->nr_calls,
		.nr_events = batch->nr_events,
	};
	int ret = 0;

	*cal = (struct calibration){ 0 };
	if (made->calls)
		ret = calibration_run(cal, &run, made->calls, made->events);
	else if (!no_trace)
		ret = learn(reader, cal);

	if (!ret || ret == -ENOMEM)
		return ret ? error_no_memory(err) : 0;
	return error_set(err, -EBADMSG, "%s: damaged: its calibration has impossible numbers",
			 record_path(reader));
}
