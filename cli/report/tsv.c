// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tab-separated lines for shell scripts (ffascope(1), TAB-SEPARATED OUTPUT). They never change: the
 * first word names the kind of line, new kinds may be added, "-" stands for nothing.
 */
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/internal.h"
#include "report/sweep.h"

static void put_text(FILE *out, const char *text)
{
	fputc('\t', out);
	if (!text || !*text)
		fputc('-', out);
	for (; text && *text; text++)
		fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
}

static void put_number(FILE *out, bool known, uint64_t value)
{
	if (known)
		fprintf(out, "\t%llu", (unsigned long long)value);
	else
		fputs("\t-", out);
}

/* "0x84000069,0x0,..." */
static void put_registers(FILE *out, const struct ffa_regs *regs)
{
	for (unsigned int i = 0; i < FFA_NR_REGS; i++)
		fprintf(out, "%c0x%llx", i ? ',' : '\t', (unsigned long long)regs->x[i]);
}

static void put_identity(FILE *out, const char *kind, uint32_t fid)
{
	char buf[16];

	fprintf(out, "%s\t%s\t0x%08x", kind, report_name(fid, buf), fid);
}

static void put_verdict(FILE *out, const struct verdict *v)
{
	put_text(out, verdict_kind_name(v->kind));
	put_text(out, verdict_by(v->kind));
	put_text(out, verdict_reason_name(v->reason));
}

static const char *status_of(const struct verdict_call *call)
{
	int32_t status;

	if (!ffa_answer_status(ffa_call_by_fid((uint32_t)call->in.x[0]), &call->out, &status))
		return NULL;
	return ffa_status_name(status);
}

static void put_call(FILE *out, const char *kind, const struct verdict_call *call,
		     const struct verdict *v)
{
	put_identity(out, kind, (uint32_t)call->in.x[0]);
	put_number(out, true, call->cpu);
	put_verdict(out, v);
	put_number(out, v->from_trace, v->smcs);
	put_text(out, status_of(call));
	put_number(out, v->from_trace, v->total_ns);
	put_number(out, v->from_trace, v->el2_before_ns + v->el2_after_ns);
	put_number(out, v->from_trace, v->secure_ns);
	put_registers(out, &call->in);
	put_registers(out, &call->out);
}

static void tsv_call(struct report *report, const struct verdict_call *call,
		     const struct verdict *v)
{
	put_call(report->opts.out, "call", call, v);
	fputc('\n', report->opts.out);
}

static void tsv_watched(struct report *report, const struct watched *watched, const char *stack)
{
	const struct host_call *host = watched->host;
	FILE *out = report->opts.out;

	(void)stack;
	if (host->source == HOST_SOURCE_SRI) {
		fprintf(out, "interrupt\t%u\t%llu\n", host->cpu, host->begin_ns);
		return;
	}
	put_call(out, "watched", &watched->call, &watched->verdict);
	fprintf(out, "\t%llu\t%llu\t%u\t%u", host->begin_ns, host->end_ns, host->tid, host->pid);
	put_text(out, host->comm);
	put_text(out, host->source == HOST_SOURCE_MODULE ? "module" : "driver");
	fputc('\n', out);
}

static void put_plan(FILE *out, const struct ffa_regs *in)
{
	put_identity(out, "plan", (uint32_t)in->x[0]);
	put_registers(out, in);
	fputc('\n', out);
}

static void tsv_dry_run(struct report *report, const struct ffa_regs *in)
{
	put_plan(report->opts.out, in);
}

const struct report_ops report_tsv = {
	.call = tsv_call,
	.watched = tsv_watched,
	.dry_run = tsv_dry_run,
};

/* ---- sweeps ---- */

static void put_status(FILE *out, const struct sweep_result *result)
{
	put_text(out, result->has_status ? ffa_status_name(result->status) : NULL);
}

static void put_probe(FILE *out, const struct sweep_call *call, const struct sweep_probe *probe)
{
	put_identity(out, probe->value ? "value" : "probe", call->fid);
	if (probe->value) {
		put_text(out, probe->value->words);
	} else {
		fprintf(out, "\t%c%u\t%u", probe->wide ? 'x' : 'w', probe->reg, probe->bit);
		put_text(out, ffa_rule_name(probe->rule));
	}
	put_text(out, sweep_class_name(probe->class));
	if (probe->result.made)
		put_verdict(out, &probe->result.verdict);
	else
		fputs("\t-\t-\t-", out);
	put_status(out, &probe->result);
	fputc('\n', out);
}

static void put_sweep_call(FILE *out, const struct sweep_call *call)
{
	if (call->skipped[0]) {
		put_identity(out, "skipped", call->fid);
		put_text(out, call->skipped);
		fputc('\n', out);
		return;
	}
	put_identity(out, "control", call->fid);
	put_verdict(out, &call->control.verdict);
	put_status(out, &call->control);
	fputc('\n', out);
	for (size_t i = 0; i < call->nr_probes + call->nr_values; i++)
		put_probe(out, call, &call->probes[i]);
}

void report_plan_tsv(FILE *out, const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];

		if (call->skipped[0])
			put_sweep_call(out, call);
		else
			put_plan(out, &call->in);
	}
}

void report_sweep_tsv(FILE *out, const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->nr_calls; i++)
		put_sweep_call(out, &sweep->calls[i]);
}
