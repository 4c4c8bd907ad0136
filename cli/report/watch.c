// SPDX-License-Identifier: GPL-2.0-only
/* Drivers' calls as text, one line each. */
#include <string.h>

#include "base/texts.h"
#include "report/internal.h"

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

static const char *paint(const struct report *report, const char *sequence)
{
	return report->opts.color ? sequence : "";
}

/* A task can put any byte into its name. */
static void show_task(FILE *out, const struct host_call *host)
{
	char text[64];
	int len;

	len = snprintf(text, sizeof(text), "%s/%u", host->comm, host->tid);
	for (int i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	}
	fprintf(out, "%-18s", text);
}

/* "3", or "0>1" if the task moved to another CPU during the call. */
static void show_cpu(FILE *out, const struct host_call *host)
{
	char text[32];

	if (host->cpu == host->end_cpu)
		snprintf(text, sizeof(text), "%u", host->cpu);
	else
		snprintf(text, sizeof(text), "%u>%u", host->cpu, host->end_cpu);
	fprintf(out, "cpu%-3s", text);
}

static void show_verdict(const struct report *report, const struct verdict *v)
{
	FILE *out = report->opts.out;

	fprintf(out, "%s%s%s", paint(report, report_verdict_color(v->kind)),
		verdict_kind_name(v->kind), paint(report, PLAIN));
	if (v->kind == VERDICT_UNKNOWN)
		fprintf(out, " (%s)", verdict_reason_name(v->reason));
	if (v->kind == VERDICT_FORWARDED && v->smcs != 1)
		fprintf(out, " (%u SMCs)", v->smcs);
}

static void show_answer(const struct report *report, const struct verdict_call *call)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	const char *name;
	char answer[512];
	int32_t status;

	ffa_format_answer_to(ffa, &call->in, &call->out, report->opts.ffa_version, answer,
			     sizeof(answer));
	if (!ffa_answer_status(ffa, &call->out, &status)) {
		fputs(answer, report->opts.out);
		return;
	}

	name = ffa_status_name(status);
	if (name)
		fputs(name, report->opts.out);
	else
		fprintf(report->opts.out, "status %d", status);
	/* The answer text of an error only repeats its name. */
	if (!status && answer[0])
		fprintf(report->opts.out, ": %s", answer);
}

static void show_legs(const struct report *report, const struct verdict *v)
{
	char total[24], before[24], secure[24], after[24];

	if (!v->from_trace)
		return;

	report_format_time(v->total_ns, total);
	fprintf(report->opts.out, ", %s", total);
	if (!v->smcs)
		return;
	report_format_time(v->el2_before_ns, before);
	report_format_time(v->secure_ns, secure);
	report_format_time(v->el2_after_ns, after);
	fprintf(report->opts.out, " (EL2 %s, secure world %s, EL2 %s)", before, secure, after);
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
		const char *text = ev->type == HYP_EVENT_PRINTK
					   ? texts_get(report->opts.texts, ev->id)
					   : verdict_event_reason(ev->reason);

		fprintf(out, "%s%-10s%s %s %s at +%llu ns on CPU %u\n", paint(report, DIM),
			i ? "" : "    trace", paint(report, PLAIN), verdict_event_name(ev->type),
			text ? text : "(text not kept)", ev->ts - watched->events[0].ts, ev->cpu);
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

void report_watched_line(struct report *report, const struct watched *watched, const char *stack)
{
	const struct host_call *host = watched->host;
	FILE *out = report->opts.out;
	char name[16], fields[512];
	struct ffa_regs asked;
	uint32_t fid = (uint32_t)watched->call.in.x[0];

	if (host->source == HOST_SOURCE_SRI) {
		show_interrupt(report, host);
		return;
	}
	verdict_without_canaries(&watched->call.in, &asked);
	ffa_format_fields(ffa_call_by_fid(fid), &asked, fields, sizeof(fields));

	fprintf(out, "%s%5llu.%06llu%s ", paint(report, DIM), host->begin_ns / 1000000000,
		host->begin_ns % 1000000000 / 1000, paint(report, PLAIN));
	show_cpu(out, host);
	fputc(' ', out);
	show_task(out, host);
	if (watched->conversation)
		fprintf(out, " #%llu.%u", (unsigned long long)watched->conversation, watched->step);
	fprintf(out, " %s%s%s%s%s: ", paint(report, BOLD), report_name(fid, name),
		paint(report, PLAIN), fields[0] ? " " : "", fields);
	show_verdict(report, &watched->verdict);
	fputs(", ", out);
	show_answer(report, &watched->call);
	show_legs(report, &watched->verdict);
	fputc('\n', out);

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
