// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings. Checked in addition to the sanitizers: calls come only from chunks with a correct
 * checksum, and a verdict that is not unknown has its trap among the events read; an independent
 * search verifies that.
 *
 * The fuzzer's mutator corrects most checksums, because otherwise nothing after the first chunk would
 * be reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fuzz.h"
#include "record/record.h"

#define HEADER	    16
#define CHUNK_BATCH 2
#define MAX_EVENTS  4096

struct seen {
	struct hyp_event events[MAX_EVENTS];
	unsigned int nr_events;
	bool full;
	struct record_batch batch;
	uint64_t settled;
};

static void check(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

static uint32_t get32(const uint8_t *data)
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return value;
}

static uint32_t checksum(const uint8_t *chunk, size_t length)
{
	return (uint32_t)crc32(crc32(0, chunk, 8), chunk + HEADER, (uInt)length);
}

/* Upper bound: the number of calls that the batches before the first damage declare. */
static uint64_t calls_before_damage(const uint8_t *data, size_t size)
{
	uint64_t calls = 0;
	size_t at = HEADER;

	while (at + HEADER <= size) {
		size_t length = get32(data + at + 4);

		if (length > size - at - HEADER ||
		    get32(data + at + 8) != checksum(data + at, length))
			break;
		if (get32(data + at) == CHUNK_BATCH && length == sizeof(struct record_batch))
			calls += get32(data + at + HEADER + 48);
		at += HEADER + length;
	}
	return calls;
}

/* Whether a trap on the call's CPU and within its window matches the verdict. */
static bool has_trap(const struct seen *seen, const struct verdict_call *call,
		     const struct verdict *v)
{
	const struct verdict_clock *clock = &seen->batch.clock;
	uint64_t from = call->begin_ns + (uint64_t)clock->offset_ns - 2 * clock->slack_ns;
	uint64_t until = call->end_ns + (uint64_t)clock->offset_ns + 2 * clock->slack_ns;

	for (unsigned int i = 0; i < seen->nr_events; i++) {
		const struct hyp_event *enter = &seen->events[i];
		uint32_t smcs = 0;

		if (enter->cpu != call->cpu || enter->type != HYP_EVENT_ENTER)
			continue;
		/* Ignore a window that wraps around. */
		if (from <= until && (enter->ts < from || enter->ts > until))
			continue;
		for (unsigned int k = i + 1; k < seen->nr_events; k++) {
			const struct hyp_event *ev = &seen->events[k];

			if (ev->cpu != call->cpu || ev->type > HYP_EVENT_EXIT)
				continue;
			if (ev->lost)
				break;
			if (ev->type != HYP_EVENT_EXIT)
				continue;
			smcs += ev->reason == HYP_REASON_SMC;
			if (ev->reason != HYP_REASON_ERET_HOST && ev->reason != HYP_REASON_PSCI)
				continue;
			if (smcs == v->smcs && ev->ts - enter->ts == v->total_ns)
				return true;
			break;
		}
	}
	return false;
}

static void judge(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct seen *seen = ctx;

	(void)tag;
	seen->settled++;
	check((v->kind == VERDICT_UNKNOWN) == (v->reason != VERDICT_REASON_NONE),
	      "a verdict and its reason do not fit");
	if (v->kind == VERDICT_UNKNOWN)
		return;
	check(!seen->batch.reason, "a verdict in a batch that is marked as having none");
	check(v->from_trace, "a verdict without a trap");
	check((v->kind == VERDICT_FORWARDED) == (v->smcs > 0), "forwarded without an SMC");
	check(v->total_ns == v->el2_before_ns + v->secure_ns + v->el2_after_ns,
	      "phases do not add up to the total");
	check(seen->full || has_trap(seen, call, v),
	      "a verdict whose trap is not in the recording");
}

/* An event may be repeated. */
static void keep(struct seen *seen, const struct hyp_event *ev)
{
	for (unsigned int i = seen->nr_events; i-- > 0;) {
		const struct hyp_event *last = &seen->events[i];

		if (last->cpu != ev->cpu)
			continue;
		if (last->ts == ev->ts && last->type == ev->type && last->reason == ev->reason &&
		    last->id == ev->id)
			return;
		break;
	}
	seen->full |= seen->nr_events == MAX_EVENTS;
	if (!seen->full)
		seen->events[seen->nr_events++] = *ev;
}

/* Like session_replay(). */
static bool take(struct verdict_join *join, const struct record_item *item, struct seen *seen)
{
	struct verdict_clock clock = item->batch.clock;

	if (item->batch.reason > VERDICT_EVIDENCE_CONFLICT)
		return false;
	seen->batch = item->batch;
	for (uint32_t i = 0; i < item->batch.nr_calls; i++) {
		if (item->calls[i].cpu != item->batch.cpu ||
		    verdict_join_call(join, &item->calls[i], NULL))
			return false;
	}
	for (uint32_t i = 0; i < item->batch.nr_events; i++) {
		if (verdict_join_event(join, &item->events[i]))
			return false;
		keep(seen, &item->events[i]);
	}
	verdict_join_settle(join, item->batch.cpu, item->batch.from_ns, item->batch.until_ns,
			    &clock, item->batch.reason, judge, seen);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	struct verdict_join *join;
	struct record_reader *reader;
	struct record_meta meta;
	struct error err;
	struct record_item item;
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;

	if (!file || !seen) {
		free(seen);
		return 0;
	}
	if (record_open_stream(&reader, file, "input", &meta, &err)) {
		free(seen);
		return 0;
	}
	join = verdict_join_new(meta.conduit_hvc);
	check(join, "out of memory");
	while (record_next(reader, &item, &err) > 0) {
		if (item.kind == RECORD_BATCH && !take(join, &item, seen))
			break;
	}
	check(seen->settled <= calls_before_damage(data, size),
	      "calls from a chunk with a wrong checksum");
	verdict_join_free(join);
	record_close(reader);
	free(seen);
	return 0;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Corrects the last chunk's length and all checksums. */
static void mend(uint8_t *data, size_t size)
{
	size_t at = HEADER;

	while (at + HEADER <= size) {
		uint32_t length = get32(data + at + 4), crc;

		if (length > size - at - HEADER) {
			length = (uint32_t)(size - at - HEADER);
			memcpy(data + at + 4, &length, 4);
		}
		crc = checksum(data + at, length);
		memcpy(data + at + 8, &crc, 4);
		at += HEADER + length;
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size = LLVMFuzzerMutate(data, size, max_size);
	if (seed % 8)
		mend(data, size);
	return size;
}
