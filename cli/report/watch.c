// SPDX-License-Identifier: GPL-2.0-only
/* Drivers' calls as text, one line each. */
#include <string.h>

#include "base/texts.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "report/internal.h"

#define BOLD	 "\033[1m"
#define DIM	 "\033[2m"
#define PLAIN	 "\033[0m"

/* Columns of a line. */
#define MAX_LINE 159
/* Of the line with an answer that does not fit. */
#define INDENT	 8

static const char *paint(const struct report *report, const char *sequence)
{
	return report->opts.color ? sequence : "";
}

/* A task can put any byte into its name. */
static int show_task(FILE *out, const struct host_call *host)
{
	char text[64];
	int len;

	len = snprintf(text, sizeof(text), "%s/%u", host->comm, host->tid);
	for (int i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	}
	return fprintf(out, "%-18s", text);
}

/* "3", or "0>1" if the task moved to another CPU during the call. */
static int show_cpu(FILE *out, const struct host_call *host)
{
	char text[32];

	if (host->cpu == host->end_cpu)
		snprintf(text, sizeof(text), "%u", host->cpu);
	else
		snprintf(text, sizeof(text), "%u>%u", host->cpu, host->end_cpu);
	return fprintf(out, "cpu%-3s", text);
}

/* Returns how many columns it takes. */
static size_t show_verdict(const struct report *report, const struct verdict *v)
{
	FILE *out = report->opts.out;
	int n;

	fputs(paint(report, report_verdict_color(v->kind)), out);
	n = fprintf(out, "%s", verdict_kind_name(v->kind));
	fputs(paint(report, PLAIN), out);
	if (v->kind == VERDICT_UNKNOWN)
		n += fprintf(out, " (%s)", verdict_reason_name(v->reason));
	if (v->kind == VERDICT_FORWARDED && v->smcs != 1)
		n += fprintf(out, " (%u SMCs)", v->smcs);
	return (size_t)n;
}

/* drivers/tee/optee/optee_ffa.h: w3 of a direct message to OP-TEE. */
static const char *optee_function(uint32_t w3)
{
	switch (w3) {
	case 0:
		return "GET_API_VERSION";
	case 1:
		return "GET_OS_VERSION";
	case 2:
		return "EXCHANGE_CAPABILITIES";
	case 3:
		return "UNREGISTER_SHM";
	case 5:
		return "ENABLE_ASYNC_NOTIF";
	case 8:
		return "RELEASE_PROTMEM";
	case 0x80000000:
		return "CALL_WITH_ARG";
	case 0x80000001:
		return "CALL_RESUME";
	default:
		return NULL;
	}
}

static uint64_t field_of(const struct ffa_call *ffa, const char *name, const struct ffa_regs *in)
{
	const struct ffa_field *field = ffa_field_by_name(ffa->fields, ffa->nr_fields, name);

	return field ? ffa_field_get(field, in) : 0;
}

/* The function that a call asks OP-TEE for, NULL: none, or one that is not known. */
static const char *optee_request(const struct report *report, const struct ffa_call *ffa,
				 const struct ffa_regs *in)
{
	if (!report->optee || !ffa || ffa != ffa_call_find("FFA_MSG_SEND_DIRECT_REQ") ||
	    (report->optee != WATCH_OPTEE_ANY && report->optee != field_of(ffa, "receiver", in)))
		return NULL;
	return optee_function((uint32_t)field_of(ffa, "data0", in));
}

static void assign(const struct ffa_call *ffa, struct ffa_regs *regs, const char *name,
		   uint64_t value)
{
	char word[64], ignored[128];

	snprintf(word, sizeof(word), "%s=%llu", name, (unsigned long long)value);
	ffa_assign(ffa, regs, word, ignored, sizeof(ignored));
}

/* Endpoints stand before OP-TEE's function, everything else after it. */
static void split_request(const struct ffa_call *ffa, const struct ffa_regs *asked,
			  struct ffa_regs *endpoints, struct ffa_regs *parameters)
{
	static const char *const names[] = { "sender", "receiver" };

	*parameters = *asked;
	ffa_call_init(ffa, (uint32_t)asked->x[0], endpoints);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assign(ffa, endpoints, names[i], field_of(ffa, names[i], asked));
		assign(ffa, parameters, names[i], 0);
	}
	assign(ffa, parameters, "data0", 0);
}

void report_watched_call(const struct report *report, const struct ffa_regs *in, char *buf,
			 size_t size)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)in->x[0]);
	char name[16], fields[512], rest[512] = "";
	struct ffa_regs asked, endpoints, parameters;
	const char *function;

	verdict_without_canaries(in, &asked);
	function = optee_request(report, ffa, &asked);
	if (function) {
		split_request(ffa, &asked, &endpoints, &parameters);
		ffa_format_set_fields(ffa, &parameters, rest, sizeof(rest));
	}
	ffa_format_set_fields(ffa, function ? &endpoints : &asked, fields, sizeof(fields));
	snprintf(buf, size, "%s%s%s%s%s%s%s", report_name((uint32_t)in->x[0], name),
		 fields[0] ? " " : "", fields, function ? " " : "", function ? function : "",
		 rest[0] ? " " : "", rest);
}

void report_watched_answer(const struct report *report, const struct verdict_call *call, char *buf,
			   size_t size)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	const char *name;
	char answer[512];
	int32_t status;

	ffa_format_answer_brief(ffa, &call->in, &call->out, report->opts.ffa_version, answer,
				sizeof(answer));
	if (!ffa_answer_status(ffa, &call->out, &status)) {
		snprintf(buf, size, "%s", answer);
		return;
	}

	name = ffa_status_name(status);
	/* The answer text of an error, or of a success without results, only repeats its name. */
	if (status || !strcmp(answer, "success"))
		answer[0] = '\0';
	if (name)
		snprintf(buf, size, "%s%s%s", name, answer[0] ? ": " : "", answer);
	else
		snprintf(buf, size, "status %d", status);
}

/* ", 312.4 us (secure world 307.5 us)" */
static void format_legs(const struct verdict *v, char *buf, size_t size)
{
	char total[24], secure[24];

	buf[0] = '\0';
	if (!v->from_trace)
		return;
	report_format_time(v->total_ns, total);
	report_format_time(v->secure_ns, secure);
	if (v->smcs)
		snprintf(buf, size, ", %s (secure world %s)", total, secure);
	else
		snprintf(buf, size, ", %s", total);
}

/* Prints at most room columns; cut at a blank, with an ellipsis. */
static void put_cut(FILE *out, const char *text, size_t room)
{
	size_t len = strlen(text), cut;

	if (len <= room) {
		fputs(text, out);
		return;
	}
	room = room > 4 ? room - 4 : 0;
	cut = room;
	while (cut && text[cut] != ' ')
		cut--;
	fprintf(out, "%.*s ...", (int)(cut ? cut : room), text);
}

static void show_registers(const struct report *report, const char *title,
			   const struct ffa_regs *regs)
{
	for (unsigned int i = 0; i < FFA_NR_REGS; i++)
		fprintf(report->opts.out, "%s%-10s%s x%-2u %016llx%s",
			i % 4 ? "" : paint(report, DIM),
			i % 4 ? ""
			: i   ? ""
			      : title,
			i % 4 ? "" : paint(report, PLAIN), i, (unsigned long long)regs->x[i],
			i % 4 == 3 || i == FFA_NR_REGS - 1 ? "\n" : " ");
}

static void show_more(const struct report *report, const struct watched *watched)
{
	FILE *out = report->opts.out;

	show_registers(report, "    sent", &watched->call.in);
	show_registers(report, "    came", &watched->call.out);
	for (unsigned int i = 0; i < watched->nr_events; i++) {
		const struct hyp_event *ev = &watched->events[i];

		fprintf(out, "%s%-10s%s %s %s at +%llu ns on CPU %u\n", paint(report, DIM),
			i ? "" : "    trace", paint(report, PLAIN), verdict_event_name(ev->type),
			report_event_words(report, ev), ev->ts - watched->events[0].ts, ev->cpu);
	}
}

static void show_stack(const struct report *report, const char *stack)
{
	while (*stack) {
		size_t len = strcspn(stack, "\n");

		fprintf(report->opts.out, "%s        %.*s%s\n", paint(report, DIM), (int)len, stack,
			paint(report, PLAIN));
		stack += len + (stack[len] == '\n');
	}
}

static void show_interrupt(const struct report *report, const struct host_call *host)
{
	fprintf(report->opts.out, "%s%5llu.%06llu%s ", paint(report, DIM),
		host->begin_ns / 1000000000, host->begin_ns % 1000000000 / 1000,
		paint(report, PLAIN));
	show_cpu(report->opts.out, host);
	fprintf(report->opts.out, " %-18s SRI: notifications are pending\n", "(interrupt)");
}

/* "    5.366870 cpu0   tee-supplicant/81 #3.1 ". Returns how many columns it takes. */
static size_t show_place(const struct report *report, const struct watched *watched)
{
	const struct host_call *host = watched->host;
	FILE *out = report->opts.out;
	int n;

	fputs(paint(report, DIM), out);
	n = fprintf(out, "%5llu.%06llu", host->begin_ns / 1000000000,
		    host->begin_ns % 1000000000 / 1000);
	fprintf(out, "%s ", paint(report, PLAIN));
	n += show_cpu(out, host);
	fputc(' ', out);
	n += show_task(out, host);
	if (watched->conversation)
		n += fprintf(out, " #%llu.%u", (unsigned long long)watched->conversation,
			     watched->step);
	fputc(' ', out);
	return (size_t)n + 3;
}

/* The name in bold; a call that is too long for the line is cut off. */
static void show_call(const struct report *report, const char *call, size_t room)
{
	int name = (int)strcspn(call, " ");

	fprintf(report->opts.out, "%s%.*s%s", paint(report, BOLD), name, call,
		paint(report, PLAIN));
	put_cut(report->opts.out, call + name, room > (size_t)name ? room - (size_t)name : 0);
	fputs(": ", report->opts.out);
}

void report_watched_line(struct report *report, const struct watched *watched, const char *stack)
{
	/* "unknown (evidence-conflict)" and the longest other verdicts. */
	const size_t verdict = 30;
	char call[1100], answer[600], legs[80];
	FILE *out = report->opts.out;
	size_t left, tail;

	if (watched->host->source == HOST_SOURCE_SRI) {
		show_interrupt(report, watched->host);
		return;
	}
	report_watched_call(report, &watched->call.in, call, sizeof(call));
	report_watched_answer(report, &watched->call, answer, sizeof(answer));
	format_legs(&watched->verdict, legs, sizeof(legs));

	left = MAX_LINE - show_place(report, watched);
	show_call(report, call, left - verdict - 2);
	left -= strlen(call) + 2 < left - verdict ? strlen(call) + 2 : left - verdict;
	left -= show_verdict(report, &watched->verdict);
	tail = strlen(legs) + 2;
	if (strlen(answer) + tail > left) {
		fprintf(out, ",\n%*s", INDENT, "");
		put_cut(out, answer, MAX_LINE - INDENT - tail);
	} else {
		fprintf(out, ", %s", answer);
	}
	fprintf(out, "%s\n", legs);

	if (report->opts.verbose)
		show_more(report, watched);
	show_stack(report, stack);
}

/* ---- the state at the start ---- */

/* Features that decide whether notifications work, explained. */
static const char *feature_meaning(const char *feature, bool there)
{
	if (!strcmp(feature, "NOTIFICATION_BITMAP_CREATE"))
		return there ? "the kernel can create its notification bitmap"
			     : "the kernel cannot create a notification bitmap";
	if (!strcmp(feature, "sri"))
		return there ? "Schedule Receiver interrupt" : "no Schedule Receiver interrupt";
	if (!strcmp(feature, "npi"))
		return there ? "Notification pending interrupt"
			     : "no Notification pending interrupt";
	return there ? "there" : "not there";
}

static void show_state_call(struct report *report, const struct verdict_call *call)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	const struct ffa_field *row =
		ffa ? ffa_field_by_name(ffa->fields, ffa->nr_fields, "feature") : NULL;
	char name[16], answer[512], feature[64] = "";
	int32_t status;
	bool refused = ffa_answer_status(ffa, &call->out, &status) && status;

	ffa_format_answer_to(ffa, &call->in, &call->out, report->opts.ffa_version, answer,
			     sizeof(answer));
	if (row)
		ffa_format_value(row, &call->in, feature, sizeof(feature));
	fprintf(report->opts.out, "%s%s%s: ", report_name((uint32_t)call->in.x[0], name),
		row ? " " : "", feature);
	if (row)
		fprintf(report->opts.out, "%s, ", feature_meaning(feature, !refused));
	if (refused && ffa_status_name(status))
		fprintf(report->opts.out, "%s\n", ffa_status_name(status));
	else
		fprintf(report->opts.out, "%s\n", answer);
}

static void show_partitions(struct report *report, const struct verdict_call *call)
{
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	size_t n = watch_state_partitions(call, list, FFA_PARTITIONS_MAX);

	for (size_t i = 0; i < n; i++) {
		char uuid[37], properties[256];

		ffa_format_uuid(list[i].uuid, uuid);
		ffa_format_properties(list[i].properties, properties, sizeof(properties));
		fprintf(report->opts.out, "partition 0x%04x: %s%s, %u contexts, %s\n", list[i].id,
			uuid, watch_is_optee(uuid) ? " (OP-TEE)" : "", list[i].contexts,
			properties);
	}
}

void report_state_lines(struct report *report, const struct watch_state *state)
{
	for (uint32_t i = 0; i < state->nr_calls && i < WATCH_STATE_CALLS; i++) {
		show_state_call(report, &state->call[i]);
		show_partitions(report, &state->call[i]);
	}
	for (uint32_t i = 0; i < state->nr_devices && i < WATCH_STATE_DEVICES; i++)
		fprintf(report->opts.out, "device %s: %s%s\n", state->device[i].name,
			state->device[i].uuid,
			watch_is_optee(state->device[i].uuid) ? " (OP-TEE)" : "");
	if (state->nr_calls || state->nr_devices)
		fputc('\n', report->opts.out);
}
