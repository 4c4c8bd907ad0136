// SPDX-License-Identifier: GPL-2.0-only
/* Calls from a recording. */
#include <errno.h>
#include <string.h>

#include "config.h"
#include "session/internal.h"

static int feed(struct verdict_join *join, const struct record_batch *batch,
		const struct verdict_call *calls, const struct hyp_event *events)
{
	int ret = 0;

	if (batch->reason > VERDICT_EVIDENCE_CONFLICT)
		return -EBADMSG;

	for (uint32_t i = 0; i < batch->nr_calls && !ret; i++)
		ret = calls[i].cpu == batch->cpu
			      ? verdict_join_call(join, &calls[i], (void *)(uintptr_t)i)
			      : -EBADMSG;
	for (uint32_t i = 0; i < batch->nr_events && !ret; i++)
		ret = verdict_join_event(join, &events[i]);

	return ret;
}

/* The lane whose next calls a recorded batch has, or NULL. */
static struct session_lane *find_lane(const struct record_item *item, struct session_lane *lanes,
				      unsigned int nr_lanes)
{
	const struct record_batch *batch = &item->batch;
	struct session_lane *lane = lanes;

	while (lane < lanes + nr_lanes && lane->cpu >= 0 && batch->cpu != (uint32_t)lane->cpu)
		lane++;
	if (lane == lanes + nr_lanes || batch->nr_calls > lane->n * lane->repeat - lane->made)
		return NULL;
	for (uint32_t i = 0; i < batch->nr_calls; i++) {
		if (memcmp(&item->calls[i].in, &lane->in[(lane->made + i) % lane->n],
			   sizeof(*lane->in)))
			return NULL;
	}
	return lane;
}

static bool all_made(const struct session_lane *lanes, unsigned int nr_lanes)
{
	for (unsigned int i = 0; i < nr_lanes; i++) {
		if (lanes[i].made < lanes[i].n * lanes[i].repeat)
			return false;
	}
	return true;
}

static int replay_batch(struct session *s, const struct record_item *item, verdict_fn fn, void *ctx,
			struct error *err)
{
	const struct record_batch *batch = &item->batch;
	struct verdict_clock clock = batch->clock;
	int ret;

	ret = feed(s->join, batch, item->calls, item->events);
	if (ret)
		return error_set(err, ret, "%s",
				 ret == -ENOMEM
					 ? "out of memory"
					 : "the recording is damaged: its numbers do not fit");
	s->own.events = (struct hyp_event *)item->events;
	s->own.nr_events = batch->nr_events;
	s->own.trap_at = 0;
	s->own.batch = *batch;
	s->shown = &s->own;
	verdict_join_settle(s->join, batch->cpu, batch->from_ns, batch->until_ns, &clock,
			    s->no_trace ? VERDICT_TRACING_OFF : batch->reason, fn, ctx);
	return 0;
}

/* The next item that is no text; texts go to s->texts. Returns as record_next() does. */
static int next_item(struct session *s, struct record_item *item, struct error *err)
{
	int ret;

	while ((ret = record_next(s->replay, item, err)) > 0 && item->kind == RECORD_TEXT) {
		if (s->texts && texts_add(s->texts, item->text.text) != item->text.number)
			return error_set(err, -EBADMSG,
					 "the recording is damaged: a text is out of order");
	}
	return ret;
}

static int not_asked_for(const struct session *s, struct error *err)
{
	const char *tool = record_about(s->replay)->tool;

	return error_set(err, -EBADMSG,
			 "the recorded calls differ from those that this ffascope (%s) makes; "
			 "the recording is from %s. Use --calls to show them one by one",
			 FFASCOPE_VERSION, tool ? tool : "another version");
}

int session_call_replayed(struct session *s, struct session_lane *lanes, unsigned int nr_lanes,
			  verdict_fn fn, struct error *err)
{
	while (!all_made(lanes, nr_lanes)) {
		struct session_retag retag = { .fn = fn };
		struct session_lane *lane;
		struct record_item item;
		int ret = next_item(s, &item, err);

		if (!ret)
			return error_set(err, -EINTR, "the recorded run was interrupted here");
		if (ret < 0)
			return ret;

		if (item.kind == RECORD_FAILURE) {
			if (item.failure.bad >= 0 && (unsigned int)item.failure.bad < lanes[0].n)
				lanes[0].bad = item.failure.bad;
			return error_set(err, item.failure.error, "%s", item.failure.text);
		}
		lane = item.kind == RECORD_BATCH ? find_lane(&item, lanes, nr_lanes) : NULL;
		if (!lane)
			return not_asked_for(s, err);
		retag.ctx = lane->ctx;
		retag.first = lane->made;
		retag.n = lane->n;
		ret = replay_batch(s, &item, session_hand_on, &retag, err);
		if (ret)
			return ret;
		lane->made += item.batch.nr_calls;
	}
	return 0;
}

int session_replay_calibrate(struct session *s, struct error *err)
{
	struct calibration cal;
	int ret = record_calibrate(s->replay, s->no_trace, &cal, err);

	if (ret)
		return ret;
	verdict_join_calibrate(s->join, &cal);
	return 0;
}

int session_replay(struct record_reader *reader, const struct record_meta *meta,
		   struct session_replay *replay, struct error *err)
{
	struct session s = { .join = verdict_join_new(meta->conduit_hvc),
			     .no_trace = replay->no_trace,
			     .texts = replay->texts };
	struct record_item item;
	int ret;

	if (!s.join)
		return error_no_memory(err);
	verdict_join_set_precision(s.join, (unsigned int)meta->precision_ns);
	s.replay = reader;
	ret = session_replay_calibrate(&s, err);
	if (ret) {
		verdict_join_free(s.join);
		return ret;
	}

	if (replay->session)
		*replay->session = &s;
	replay->failed = 0;
	replay->calibration = *verdict_join_calibration(s.join);
	while ((ret = next_item(&s, &item, err)) > 0) {
		if (item.kind == RECORD_FAILURE) {
			replay->failed = error_set(&replay->failure, item.failure.error, "%s",
						   item.failure.text);
			continue;
		}
		if (item.kind != RECORD_BATCH)
			continue;
		ret = replay_batch(&s, &item, replay->fn, replay->ctx, err);
		if (ret) {
			verdict_join_free(s.join);
			return ret;
		}
	}
	verdict_join_free(s.join);

	return ret;
}
