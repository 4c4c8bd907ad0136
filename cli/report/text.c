// SPDX-License-Identifier: GPL-2.0-only
/* Calls as text. */
#include <string.h>

#include "base/texts.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "report/internal.h"

enum paint { PLAIN, BOLD, DIM };

static const char *paint(const struct report *report, enum paint how)
{
	static const char *const sequences[] = {
		[PLAIN] = "\033[0m",
		[BOLD] = "\033[1m",
		[DIM] = "\033[2m",
	};

	return report->opts.color ? sequences[how] : "";
}

const char *report_verdict_color(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_REJECTED:
		return "\033[1;31m";
	case VERDICT_ANSWERED:
		return "\033[1;34m";
	case VERDICT_FORWARDED:
		return "\033[1;32m";
	case VERDICT_UNKNOWN:
		break;
	}
	return "\033[1;33m";
}

static const char *verdict_paint(const struct report *report, enum verdict_kind kind)
{
	return report->opts.color ? report_verdict_color(kind) : "";
}

const char *report_reason_meaning(enum verdict_reason reason)
{
	switch (reason) {
	case VERDICT_LOST_EVENTS:
		return "lost-events: events are missing from the trace at the time of this call";
	case VERDICT_NO_EVENTS:
		return "no-events: the hypervisor's trace shows no trap at the time of this call (without protected KVM there are no traps)";
	case VERDICT_AMBIGUOUS:
		return "ambiguous: more than one trap fits the call, or the clocks differ by too much";
	case VERDICT_TRACING_OFF:
		return "tracing-off: the hypervisor's trace was off or unreadable during this call";
	case VERDICT_EVIDENCE_CONFLICT:
		return "evidence-conflict: trace and registers contradict each other";
	case VERDICT_NOT_TRACED:
		return "not-traced: this kernel does not trace the SMCs that EL2 sends for such a call, so whether it reached TrustZone is not known";
	case VERDICT_REASON_NONE:
		break;
	}
	return "";
}

/* Explains a verdict in words. */
static const char *verdict_meaning(const struct verdict *v)
{
	switch (v->kind) {
	case VERDICT_REJECTED:
		return v->claimed
			       ? "by code at EL2 (the FF-A proxy or a vendor's module); nothing reached TrustZone"
			       : "by the hypervisor (EL2); nothing reached TrustZone";
	case VERDICT_ANSWERED:
		return v->claimed
			       ? "by code at EL2 (the FF-A proxy or a vendor's module); nothing reached TrustZone"
			       : "by the hypervisor (EL2) itself; nothing reached TrustZone";
	case VERDICT_FORWARDED:
		return "to the secure world";
	case VERDICT_UNKNOWN:
		break;
	}

	return report_reason_meaning(v->reason);
}

void report_format_time(uint64_t ns, char buf[24])
{
	if (ns < 10000)
		snprintf(buf, 24, "%llu ns", (unsigned long long)ns);
	else if (ns < 10000000)
		snprintf(buf, 24, "%llu.%llu us", (unsigned long long)ns / 1000,
			 (unsigned long long)ns % 1000 / 100);
	else if (ns < UINT64_C(10000000000))
		snprintf(buf, 24, "%llu.%llu ms", (unsigned long long)ns / 1000000,
			 (unsigned long long)ns % 1000000 / 100000);
	else
		snprintf(buf, 24, "%llu.%llu s", (unsigned long long)ns / 1000000000,
			 (unsigned long long)ns % 1000000000 / 100000000);
}

static void label(struct report *report, const char *text)
{
	fprintf(report->opts.out, "  %s%-10s%s", paint(report, DIM), text, paint(report, PLAIN));
}

static void show_registers(struct report *report, const char *title, const struct ffa_regs *regs)
{
	for (unsigned int i = 0; i < FFA_NR_REGS; i++) {
		if (i % 4 == 0)
			label(report, i ? "" : title);
		fprintf(report->opts.out, "x%-2u %016llx%s", i, (unsigned long long)regs->x[i],
			i % 4 == 3 || i == FFA_NR_REGS - 1 ? "\n" : "  ");
	}
}

static void show_head(struct report *report, const struct ffa_regs *in)
{
	uint32_t fid = (uint32_t)in->x[0];
	struct ffa_regs asked;
	char name[16], fields[512];

	verdict_without_canaries(in, &asked);
	ffa_format_fields(ffa_call_by_fid(fid), &asked, fields, sizeof(fields));
	fprintf(report->opts.out, "%s%s%s (0x%08x)%s%s\n", paint(report, BOLD),
		report_name(fid, name), paint(report, PLAIN), fid, fields[0] ? "  " : "", fields);
}

/* One broken rule, or bits that are reserved by an unknown rule. */
static void show_violation(struct report *report, const struct ffa_violation *v,
			   const char *version, const char **head)
{
	const char *word = v->rule == FFA_RULE_UNKNOWN ? "reserved" : "broken";
	char bits[16];

	ffa_format_bits(v->hi, v->lo, bits, sizeof(bits));
	/* The word once for all that follow. */
	label(report, word == *head ? "" : word);
	*head = word;
	fprintf(report->opts.out, "%c%u[%s] = 0x%llx, ", v->wide ? 'x' : 'w', v->reg, bits,
		(unsigned long long)v->value);
	if (v->rule == FFA_RULE_UNKNOWN)
		fprintf(report->opts.out, "rule unknown in FF-A %s", version);
	else if (v->rule == FFA_RULE_VALUE)
		fprintf(report->opts.out, "not a value of %s", v->field);
	else
		fprintf(report->opts.out, "%s in FF-A %s", ffa_rule_name(v->rule), version);
	fprintf(report->opts.out, "%s%s\n", v->when ? " " : "", v->when ? v->when : "");
}

static void show_violations(struct report *report, const struct ffa_regs *in)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)in->x[0]);
	struct ffa_violation found[MAX_VIOLATIONS];
	uint32_t in_force = report->opts.ffa_version, version;
	char name[16], other[16];
	const char *head = NULL;
	size_t n;

	if (!ffa)
		return;
	version = ffa_rules_version(ffa, in_force);
	ffa_format_version(version == in_force ? in_force : version, name, sizeof(name));
	if (!ffa_call_known_in(ffa, in_force)) {
		ffa_format_version(in_force, other, sizeof(other));
		label(report, "version");
		fprintf(report->opts.out, "not in FF-A %s; %s %s, rules of %s shown\n", other,
			in_force < ffa->since ? "since" : "until", name, name);
	}
	n = ffa_violations(ffa, in, in_force, found, MAX_VIOLATIONS);
	for (size_t i = 0; i < n && i < MAX_VIOLATIONS; i++)
		show_violation(report, &found[i], name, &head);
}

static void show_status(struct report *report, const struct verdict_call *call)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	const char *name;
	char answer[512];
	int32_t status;

	label(report, "answer");
	ffa_format_answer_to(ffa, &call->in, &call->out, report->opts.ffa_version, answer,
			     sizeof(answer));
	if (!ffa_answer_status(ffa, &call->out, &status)) {
		fprintf(report->opts.out, "%s\n", answer);
		return;
	}

	name = ffa_status_name(status);
	fprintf(report->opts.out, "%s (%d)", name ? name : "unnamed code", status);
	/* The answer text of an error only repeats its name. */
	if (!status && answer[0])
		fprintf(report->opts.out, ": %s", answer);
	fputc('\n', report->opts.out);
}

static void show_time(struct report *report, const struct verdict *v)
{
	char total[24], before[24], secure[24], after[24];

	if (!v->from_trace)
		return;

	report_format_time(v->total_ns, total);
	label(report, "time");
	if (!v->smcs) {
		fprintf(report->opts.out, "%s, all of it in EL2\n", total);
		return;
	}

	report_format_time(v->el2_before_ns, before);
	report_format_time(v->secure_ns, secure);
	report_format_time(v->el2_after_ns, after);
	fprintf(report->opts.out, "%s: EL2 %s, secure world %s, EL2 %s\n", total, before, secure,
		after);
}

static void show_evidence(struct report *report, const struct verdict *v)
{
	const char *suggest =
		v->inferred == VERDICT_SUGGESTS_EL2
			? "the registers suggest an answer from pKVM's proxy (not proven; they do not show whether anything reached EL3)"
			: "the registers suggest an answer from EL3 or the secure world (not proven)";

	label(report, "evidence");
	if (v->from_trace && v->inferred == VERDICT_SILENT)
		fputs("the trace (the registers are inconclusive)\n", report->opts.out);
	else if (v->from_trace && v->kind != VERDICT_UNKNOWN)
		fputs("the trace; the registers agree\n", report->opts.out);
	else if (v->inferred == VERDICT_SILENT)
		fputs("none: the registers are inconclusive\n", report->opts.out);
	else
		fprintf(report->opts.out, "%s\n", suggest);
}

/* What EL2 printed during the call; a text can have several lines. */
static void show_printks(struct report *report, const struct verdict *v)
{
	for (uint32_t i = 0; i < v->nr_printks && i < VERDICT_MAX_PRINTKS; i++) {
		const char *text = texts_get(report->opts.texts, v->printks[i]);

		for (text = text ? text : "(text not kept)"; *text; text += *text == '\n') {
			size_t len = strcspn(text, "\n");

			label(report, "printk");
			fprintf(report->opts.out, "%.*s\n", (int)len, text);
			text += len;
		}
	}
	if (v->nr_printks > VERDICT_MAX_PRINTKS) {
		label(report, "printk");
		fprintf(report->opts.out, "... and %u more\n", v->nr_printks - VERDICT_MAX_PRINTKS);
	}
}

static void show_verdict(struct report *report, const struct verdict *v)
{
	fprintf(report->opts.out, "  %s%s%s %s", verdict_paint(report, v->kind),
		verdict_kind_name(v->kind), paint(report, PLAIN), verdict_meaning(v));
	if (v->kind == VERDICT_FORWARDED)
		fprintf(report->opts.out, " (%u SMC%s left EL2)", v->smcs, v->smcs == 1 ? "" : "s");
	fputc('\n', report->opts.out);
	if (v->rebuilt && !report->opts.brief) {
		label(report, "rebuilt");
		fputs("EL2 sent its own request; registers that it does not pass on never reached TrustZone\n",
		      report->opts.out);
	}
}

void report_text_of_driver(const struct report_options *opts, const struct ffa_regs *in,
			   const char *answer, const struct verdict *v)
{
	struct report report = { .opts = *opts };

	show_head(&report, in);
	show_verdict(&report, v);
	label(&report, "answer");
	fprintf(opts->out, "%s, reported by arm_ffa\n", answer);
	show_time(&report, v);
}

static void text_events(struct report *report, const struct hyp_event *events, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		label(report, i ? "" : "trace");
		fprintf(report->opts.out, "+%llu ns %s %s\n", events[i].ts - events[0].ts,
			verdict_event_name(events[i].type), report_event_words(report, &events[i]));
	}
}

static void text_call(struct report *report, const struct verdict_call *call,
		      const struct verdict *v)
{
	if (report->opts.brief) {
		show_verdict(report, v);
		show_status(report, call);
		return;
	}
	show_head(report, &call->in);
	show_verdict(report, v);
	show_status(report, call);
	show_time(report, v);
	show_violations(report, &call->in);
	if (report->opts.verbose || v->kind == VERDICT_UNKNOWN)
		show_evidence(report, v);
	if (report->opts.by_cpu && !report->opts.verbose) {
		label(report, "cpu");
		fprintf(report->opts.out, "%u\n", call->cpu);
	}
	if (report->opts.verbose) {
		show_printks(report, v);
		label(report, "cpu");
		fprintf(report->opts.out, "%u, at %llu.%09llu s since boot\n", call->cpu,
			(unsigned long long)call->begin_ns / 1000000000,
			(unsigned long long)call->begin_ns % 1000000000);
		show_registers(report, "sent", &call->in);
		show_registers(report, "came back", &call->out);
	}
}

static void text_dry_run(struct report *report, const struct ffa_regs *in)
{
	show_head(report, in);
	show_registers(report, "registers", in);
	show_violations(report, in);
}

static void show_group(struct report *report, const struct report_group *group)
{
	struct verdict v = { .kind = group->kind, .reason = group->reason };
	const char *status = group->has_status ? ffa_status_name(group->status) : "(no status)";
	char mean[24], min[24], max[24];

	report_format_time(group->total_ns / group->calls, mean);
	report_format_time(group->min_ns, min);
	report_format_time(group->max_ns, max);
	fprintf(report->opts.out, "  %10llu  %s%s%s %s\n  %10s  %s",
		(unsigned long long)group->calls, verdict_paint(report, group->kind),
		verdict_kind_name(group->kind), paint(report, PLAIN), verdict_meaning(&v), "",
		status ? status : "an unnamed status");
	if (group->total_ns)
		fprintf(report->opts.out, ", %s on average (%s to %s)", mean, min, max);
	for (size_t i = 0; i < group->nr_cpus; i++)
		fprintf(report->opts.out, "%sCPU %u: %llu", i ? ", " : "\n              ",
			group->cpus[i].cpu, (unsigned long long)group->cpus[i].calls);
	fputc('\n', report->opts.out);
}

static void text_end(struct report *report)
{
	char name[16];

	if (!report->opts.summary_only || !report->calls)
		return;

	fprintf(report->opts.out, "%s%s%s (0x%08x): %llu calls\n", paint(report, BOLD),
		report_name(report->fid, name), paint(report, PLAIN), report->fid,
		(unsigned long long)report->calls);
	for (size_t i = 0; i < report->nr_groups; i++)
		show_group(report, &report->groups[i]);
}

const struct report_ops report_text = {
	.call = text_call,
	.events = text_events,
	.watched = report_watched_line,
	.state = report_state_lines,
	.dry_run = text_dry_run,
	.end = text_end,
};
