// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls as a trace for Perfetto (ui.perfetto.dev, trace_processor): track events in packets. Each
 * CPU has a track with the traps, split into EL2 and secure world; each task of a driver has one
 * with its calls. Times are those of the boot clock, Perfetto's default, so that the trace can be
 * merged with others of the machine.
 *
 * Field numbers: Perfetto's protos/perfetto/trace/trace_packet.proto and
 * trace/track_event/{track_event,track_descriptor,thread_descriptor,debug_annotation}.proto.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/texts.h"
#include "base/vector.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "report/internal.h"
#include "report/protobuf.h"

enum {
	TRACE_PACKET = 1,
};

enum packet {
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10, /* trusted_packet_sequence_id */
	PACKET_EVENT = 11,
	PACKET_FLAGS = 13, /* sequence_flags */
	PACKET_TRACK = 60,
};

/* TracePacket.SequenceFlags */
#define SEQ_INCREMENTAL_STATE_CLEARED 1

enum track {
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_THREAD = 4,
	TRACK_PARENT = 5,
};

enum thread {
	THREAD_PID = 1,
	THREAD_TID = 2,
	THREAD_NAME = 5,
};

enum event {
	EVENT_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23,
};

/* TrackEvent.Type */
enum type {
	TYPE_BEGIN = 1,
	TYPE_END = 2,
	TYPE_INSTANT = 3,
};

enum annotation {
	ANNOTATION_UINT = 3,
	ANNOTATION_STRING = 6,
	ANNOTATION_NAME = 10,
};

#define UUID_ROOT 1
#define UUID_CPU  UINT64_C(0x100000000)
#define UUID_TASK UINT64_C(0x200000000)

struct perfetto {
	uint64_t *tracks; /* the UUIDs that are described */
	size_t nr_tracks, cap_tracks;
	struct protobuf packet, event, inner;
};

static void put_packet(struct report *report, struct protobuf *packet)
{
	FILE *out = report->opts.out;
	struct protobuf head;

	protobuf_clear(&head);
	protobuf_uint(packet, PACKET_SEQUENCE, 1);
	/* The key and the length; the packet follows. */
	protobuf_uint(&head, TRACE_PACKET, packet->len);
	head.data[0] = TRACE_PACKET << 3 | 2;
	fwrite(head.data, 1, head.len, out);
	fwrite(packet->data, 1, packet->len, out);
}

/* Whether the track is new; it counts as described from now on. */
static bool is_new(struct report *report, struct perfetto *own, uint64_t uuid)
{
	for (size_t i = own->nr_tracks; i-- > 0;) {
		if (own->tracks[i] == uuid)
			return false;
	}
	if (!vector_room(&own->tracks, &own->cap_tracks, own->nr_tracks, sizeof(*own->tracks))) {
		report->error = -ENOMEM;
		return false;
	}
	own->tracks[own->nr_tracks++] = uuid;
	return true;
}

/* Starts the description of a track in own->inner. */
static struct protobuf *start_track(struct perfetto *own, uint64_t uuid)
{
	protobuf_clear(&own->inner);
	protobuf_uint(&own->inner, TRACK_UUID, uuid);
	return &own->inner;
}

static void put_track(struct report *report, struct perfetto *own)
{
	protobuf_clear(&own->packet);
	if (own->nr_tracks == 1)
		protobuf_uint(&own->packet, PACKET_FLAGS, SEQ_INCREMENTAL_STATE_CLEARED);
	protobuf_message(&own->packet, PACKET_TRACK, &own->inner);
	put_packet(report, &own->packet);
}

static void put_root(struct report *report, struct perfetto *own)
{
	const char *title = report->opts.title ? report->opts.title : "FF-A calls";

	if (!is_new(report, own, UUID_ROOT))
		return;
	protobuf_text(start_track(own, UUID_ROOT), TRACK_NAME, title);
	put_track(report, own);
}

static uint64_t cpu_track(struct report *report, struct perfetto *own, uint32_t cpu)
{
	uint64_t uuid = UUID_CPU + cpu;
	struct protobuf *track;
	char name[24];

	if (!is_new(report, own, uuid))
		return uuid;
	snprintf(name, sizeof(name), "CPU %u", cpu);
	track = start_track(own, uuid);
	protobuf_uint(track, TRACK_PARENT, UUID_ROOT);
	protobuf_text(track, TRACK_NAME, name);
	put_track(report, own);
	return uuid;
}

static uint64_t task_track(struct report *report, struct perfetto *own,
			   const struct host_call *host)
{
	uint64_t uuid = UUID_TASK + host->tid;
	struct protobuf thread;

	if (!is_new(report, own, uuid))
		return uuid;
	protobuf_clear(&thread);
	protobuf_uint(&thread, THREAD_PID, host->pid);
	protobuf_uint(&thread, THREAD_TID, host->tid);
	protobuf_bytes(&thread, THREAD_NAME, host->comm, strnlen(host->comm, sizeof(host->comm)));
	protobuf_message(start_track(own, uuid), TRACK_THREAD, &thread);
	put_track(report, own);
	return uuid;
}

static struct perfetto *get(struct report *report)
{
	struct perfetto *own = report->own;

	if (own)
		return own;
	own = calloc(1, sizeof(*own));
	if (!own) {
		report->error = -ENOMEM;
		return NULL;
	}
	report->own = own;
	put_root(report, own);
	return own;
}

/* Starts an event in own->event. name: NULL for the end of a slice. */
static struct protobuf *start(struct perfetto *own, enum type type, uint64_t track,
			      const char *name)
{
	struct protobuf *event = &own->event;

	protobuf_clear(event);
	protobuf_uint(event, EVENT_TYPE, type);
	protobuf_uint(event, EVENT_TRACK, track);
	if (name) {
		protobuf_text(event, EVENT_CATEGORY, "ffa");
		protobuf_text(event, EVENT_NAME, name);
	}
	return event;
}

static void put_event(struct report *report, struct perfetto *own, uint64_t ns)
{
	protobuf_clear(&own->packet);
	protobuf_uint(&own->packet, PACKET_TIMESTAMP, ns);
	protobuf_message(&own->packet, PACKET_EVENT, &own->event);
	put_packet(report, &own->packet);
}

static void annotate(struct protobuf *event, const char *name, const char *text)
{
	struct protobuf note;

	if (!text || !*text)
		return;
	protobuf_clear(&note);
	protobuf_text(&note, ANNOTATION_NAME, name);
	protobuf_text(&note, ANNOTATION_STRING, text);
	protobuf_message(event, EVENT_ANNOTATION, &note);
}

static void annotate_number(struct protobuf *event, const char *name, uint64_t value)
{
	struct protobuf note;

	protobuf_clear(&note);
	protobuf_text(&note, ANNOTATION_NAME, name);
	protobuf_uint(&note, ANNOTATION_UINT, value);
	protobuf_message(event, EVENT_ANNOTATION, &note);
}

static void annotate_call(struct report *report, struct protobuf *event,
			  const struct verdict_call *call, const struct verdict *v)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	struct ffa_regs asked;
	char text[1024];
	int32_t status;

	annotate(event, "verdict", verdict_kind_name(v->kind));
	annotate(event, "by", verdict_by(v->kind));
	annotate(event, "reason", verdict_reason_name(v->reason));
	if (v->from_trace)
		annotate_number(event, "smcs", v->smcs);
	if (ffa_answer_status(ffa, &call->out, &status))
		annotate(event, "status", ffa_status_name(status));
	verdict_without_canaries(&call->in, &asked);
	ffa_format_fields(ffa, &asked, text, sizeof(text));
	annotate(event, "fields", text);
	ffa_format_answer_to(ffa, &call->in, &call->out, report->opts.ffa_version, text,
			     sizeof(text));
	annotate(event, "answer", text);
	for (uint32_t i = 0; i < v->nr_printks && i < VERDICT_MAX_PRINTKS; i++)
		annotate(event, "hyp_printk", texts_get(report->opts.texts, v->printks[i]));
}

struct span {
	uint64_t begin, end;
};

/* Slices on a track must nest: the trap's times, which come from another clock, are cut to them. */
static uint64_t within(const struct span *span, uint64_t ns)
{
	if (ns < span->begin)
		return span->begin;
	return ns > span->end ? span->end : ns;
}

static void put_slice(struct report *report, struct perfetto *own, uint64_t track,
		      const struct span *span, const char *name)
{
	if (span->begin >= span->end)
		return;
	start(own, TYPE_BEGIN, track, name);
	put_event(report, own, span->begin);
	start(own, TYPE_END, track, NULL);
	put_event(report, own, span->end);
}

/* The time in EL2 and below it, inside a slice of the same track. */
static void put_phases(struct report *report, struct perfetto *own, uint64_t track,
		       const struct span *around, const struct verdict *v)
{
	uint64_t down = within(around, v->enter_ns + v->el2_before_ns);
	uint64_t up = within(around, v->enter_ns + v->el2_before_ns + v->secure_ns);
	const struct span before = { within(around, v->enter_ns), down };
	const struct span secure = { down, up };
	const struct span after = { up, within(around, v->enter_ns + v->total_ns) };

	if (v->smcs) {
		put_slice(report, own, track, &before, "EL2");
		put_slice(report, own, track, &secure, "secure world");
		put_slice(report, own, track, &after, "EL2");
	} else {
		const struct span all = { before.begin, after.end };

		put_slice(report, own, track, &all, "EL2");
	}
}

static void put_instant(struct report *report, struct perfetto *own, uint64_t track, uint64_t ns,
			const char *name)
{
	start(own, TYPE_INSTANT, track, name);
	put_event(report, own, ns);
}

/* Marks on the CPU's track: missing events, and notifications that the call fetched. */
static void put_marks(struct report *report, struct perfetto *own, uint64_t track,
		      const struct verdict_call *call, const struct verdict *v)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	uint64_t pending = 0;
	int32_t status;

	if (v->reason == VERDICT_LOST_EVENTS)
		put_instant(report, own, track, call->begin_ns, "events lost");
	if (!ffa || strcmp(ffa_call_name(ffa), "FFA_NOTIFICATION_GET") ||
	    !ffa_answer_status(ffa, &call->out, &status) || status)
		return;
	/* The bitmaps of SPs, VMs, and of hypervisor and SPM (DEN0077A 16.5). */
	for (unsigned int i = 2; i < 8; i++)
		pending |= (uint32_t)call->out.x[i];
	if (pending)
		put_instant(report, own, track, call->end_ns, "notifications fetched");
}

/* A slice with everything about the call, and the phases inside it. */
static void put_whole(struct report *report, struct perfetto *own, uint64_t track,
		      const struct span *span, const struct verdict_call *call,
		      const struct verdict *v, bool phases)
{
	char name[16];
	struct protobuf *event =
		start(own, TYPE_BEGIN, track, report_name((uint32_t)call->in.x[0], name));

	annotate_call(report, event, call, v);
	put_event(report, own, span->begin);
	if (phases)
		put_phases(report, own, track, span, v);
	start(own, TYPE_END, track, NULL);
	put_event(report, own, span->end);
}

static void put_call(struct report *report, const struct verdict_call *call,
		     const struct verdict *v)
{
	const struct span span = { call->begin_ns, call->end_ns };
	struct perfetto *own = get(report);
	uint64_t track;

	if (!own)
		return;
	track = cpu_track(report, own, call->cpu);
	put_whole(report, own, track, &span, call, v, v->from_trace);
	put_marks(report, own, track, call, v);
}

/*
 * The call is on its task's track, its trap on the CPU's: another task may run, and call, between
 * the two.
 */
static void put_watched(struct report *report, const struct watched *watched, const char *stack)
{
	const struct host_call *host = watched->host;
	const struct verdict *v = &watched->verdict;
	struct perfetto *own = get(report);
	uint64_t cpu, task;

	(void)stack;
	if (!own)
		return;
	if (host->source == HOST_SOURCE_SRI) {
		cpu = cpu_track(report, own, host->cpu);
		put_instant(report, own, cpu, host->begin_ns, "Schedule Receiver interrupt");
		return;
	}
	task = task_track(report, own, host);
	put_whole(report, own, task, &(struct span){ host->begin_ns, host->end_ns }, &watched->call,
		  v, false);
	cpu = cpu_track(report, own, watched->call.cpu);
	if (v->from_trace)
		put_whole(report, own, cpu,
			  &(struct span){ v->enter_ns, v->enter_ns + v->total_ns }, &watched->call,
			  v, true);
	put_marks(report, own, cpu, &watched->call, v);
}

static void put_end(struct report *report)
{
	/* A trace without calls has its track, at least. */
	get(report);
}

static void put_away(struct report *report)
{
	struct perfetto *own = report->own;

	if (own)
		free(own->tracks);
	free(own);
}

const struct report_ops report_perfetto = {
	.call = put_call,
	.watched = put_watched,
	.end = put_end,
	.free = put_away,
};
