// SPDX-License-Identifier: GPL-2.0-only
/* A sweep as one self-contained page, to attach to a mail or a review. */
#include <string.h>

#include "base/markup.h"
#include "config.h"
#include "ffa/answer.h"
#include "ffa/format.h"
#include "report/sweep.h"

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--dim:#6b6b6b;--line:#d8d8d8;"
	"--E:#1a7f37;--S:#9a6700;--A:#c62828;--B:#3858b8;--Q:#8e24aa;"
	"--L:#a9803a;--D:#00838f;--cell:#fff;--free:#f0f0f0}"
	"@media(prefers-color-scheme:dark){:root{--bg:#141618;--fg:#e4e4e4;--dim:#9a9a9a;"
	"--line:#3a3d40;--E:#3fa55a;--S:#d4a02a;--A:#f06060;--B:#7d9bf0;--Q:#cf7be6;"
	"--L:#b8954f;--D:#3fb8c4;--cell:#141618;"
	"--free:#202326}}"
	"body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;"
	"max-width:76rem;margin:1.5rem auto;padding:0 1rem}"
	"h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.8rem 0 .2rem}"
	"p{margin:.2rem 0 .6rem}.dim,th{color:var(--dim)}code{font-family:ui-monospace,monospace}"
	".m{overflow-x:auto}table{border-collapse:separate;border-spacing:1px}"
	"th{font:11px ui-monospace,monospace;text-align:right;padding:0 .4rem 0 0}"
	"thead th{padding:0;text-align:center;font-size:9px}"
	"td{width:1.02rem;height:1.1rem;padding:0;text-align:center;"
	"font:bold 11px/1.1rem ui-monospace,monospace}"
	".g{border-left:5px solid var(--bg)}td.r{width:auto;padding-left:.6rem;font-weight:normal}"
	".E,.S,.A,.B,.Q,.L,.D{color:var(--cell);border-radius:2px}"
	".E{background:var(--E)}.S{background:var(--S)}.A{background:var(--A)}.B{background:var(--B)}"
	".Q{background:var(--Q)}.L{background:var(--L)}.D{background:var(--D)}.N{outline:1px solid var(--line);outline-offset:-1px}"
	".F{background:var(--free)}ul{margin:.3rem 0;padding-left:1.3rem}"
	".key b{font-weight:normal;white-space:nowrap;margin-right:1.1rem}"
	".key span{display:inline-block;width:1.1rem;text-align:center;"
	"font:bold 11px/1.1rem ui-monospace,monospace;margin-right:.4rem}";

static char css_class(enum sweep_class class)
{
	switch (class) {
	case SWEEP_UNKNOWN:
		return 'Q';
	case SWEEP_SKIPPED:
		return 'N';
	case SWEEP_ABSENT:
		return 'L';
	default:
		return sweep_class_letter(class);
	}
}

/* Registers that are not 0, without the canaries that were sent. */
static void put_registers(FILE *out, const char *title, const struct ffa_regs *regs)
{
	struct ffa_regs asked;

	verdict_without_canaries(regs, &asked);
	fprintf(out, "\n%s", title);
	for (unsigned int i = 0; i < FFA_NR_REGS; i++) {
		if (asked.x[i])
			fprintf(out, " x%u=%llx", i, (unsigned long long)asked.x[i]);
	}
}

static void put_outcome(FILE *out, const struct sweep_result *result)
{
	const char *status = result->has_status ? ffa_status_name(result->status) : NULL;
	const char *reason = verdict_reason_name(result->verdict.reason);

	fputs(verdict_kind_name(result->verdict.kind), out);
	if (reason)
		fprintf(out, " (%s)", reason);
	if (status)
		fprintf(out, ", %s", status);
}

static void put_cell(FILE *out, const struct sweep_probe *probe, bool group)
{
	fprintf(out, "<td class=\"%c%s\" title=\"%c%u[%u] %s: %s", css_class(probe->class),
		group ? " g" : "", probe->wide ? 'x' : 'w', probe->reg, probe->bit,
		ffa_rule_name(probe->rule), sweep_class_name(probe->class));
	if (probe->result.made) {
		fputs("\n", out);
		put_outcome(out, &probe->result);
		put_registers(out, "in ", &probe->result.call.in);
		put_registers(out, "out", &probe->result.call.out);
	}
	fprintf(out, "\">%c</td>", sweep_class_letter(probe->class));
}

static void put_row(FILE *out, const struct sweep_call *call, const struct report_row *row,
		    size_t *next, unsigned int width)
{
	fprintf(out, "<tr><th>%c%u</th>", row->wide ? 'x' : 'w', row->first);
	for (unsigned int bit = width; bit-- > 0;) {
		const struct sweep_probe *probe = &call->probes[*next];
		bool group = bit % 8 == 7 && bit != width - 1;

		if (*next < call->nr_probes && probe->reg == row->first && probe->bit == bit) {
			put_cell(out, probe, group);
			++*next;
		} else {
			fprintf(out, "<td class=\"%s%s\"></td>",
				bit < (row->wide ? 64U : 32U) ? "F" : "", group ? " g" : "");
		}
	}
	fprintf(out, "<td class=\"r dim\">%s</td></tr>\n", row->rules);
}

static void put_matrix(FILE *out, const struct sweep_call *call)
{
	struct report_row rows[17];
	unsigned int nr = report_rows(call, false, rows), width = 32;
	size_t next = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (rows[i].wide)
			width = 64;
	}
	fputs("<div class=\"m\"><table><thead><tr><th></th>", out);
	for (unsigned int bit = width; bit-- > 0;) {
		fprintf(out, "<th%s>", bit % 8 == 7 && bit != width - 1 ? " class=\"g\"" : "");
		if (bit % 8 == 7 || bit % 8 == 0)
			fprintf(out, "%u", bit);
		fputs("</th>", out);
	}
	fputs("<th></th></tr></thead><tbody>\n", out);
	for (unsigned int i = 0; i < nr; i++)
		put_row(out, call, &rows[i], &next, width);
	fputs("</tbody></table></div>\n", out);
}

static void put_values(FILE *out, const struct sweep_call *call)
{
	if (!call->nr_values)
		return;
	fputs("<pre>", out);
	for (size_t i = 0; i < call->nr_values; i++) {
		const struct sweep_probe *probe = &call->probes[call->nr_probes + i];

		fprintf(out, "%c ", sweep_class_letter(probe->class));
		report_value(out, probe);
		fputc('\n', out);
	}
	fputs("</pre>\n", out);
}

static void put_call(FILE *out, const struct sweep_call *call)
{
	struct ffa_regs asked;
	char fields[256];

	fprintf(out, "<h2>%s <span class=\"dim\">0x%08x</span></h2>\n", call->name, call->fid);
	if (call->skipped[0]) {
		fputs("<p>Not swept: ", out);
		markup_put(out, call->skipped);
		fputs("</p>\n", out);
		return;
	}
	verdict_without_canaries(&call->in, &asked);
	ffa_format_fields(call->ffa, &asked, fields, sizeof(fields));
	fputs("<p>Control", out);
	if (fields[0]) {
		fputs(" <code>", out);
		markup_put(out, fields);
		fputs("</code>", out);
	}
	fputs(": <span title=\"", out);
	put_registers(out, "in ", &call->control.call.in);
	put_registers(out, "out", &call->control.call.out);
	fputs("\">", out);
	put_outcome(out, &call->control);
	fputs("</span></p>\n", out);
	put_matrix(out, call);
	put_values(out, call);
}

static void put_findings(FILE *out, const struct report_sweep *report)
{
	fprintf(out, "<h2>%s</h2>\n<p class=\"dim\">", report_findings_heading(report));
	markup_put(out, report_policy(report->policy));
	fputs("</p>\n", out);
	if (!report->nr_findings)
		return;
	fputs("<ul>\n", out);
	for (size_t i = 0; i < report->nr_findings; i++) {
		fputs("<li><code>", out);
		markup_put(out, report->findings[i].text);
		fputs("</code></li>\n", out);
	}
	fputs("</ul>\n", out);
}

void report_html(FILE *out, const struct report_sweep *report)
{
	static const struct {
		enum sweep_class class;
		const char *meaning;
	} keys[] = {
		{ SWEEP_ENFORCED, "enforced by EL2" },
		{ SWEEP_SECURE, "refused by the secure world" },
		{ SWEEP_ACCEPTED, "accepted as the control was" },
		{ SWEEP_ABSENT, "TrustZone does not have this call" },
		{ SWEEP_DROPPED, "dropped: EL2 does not pass it on" },
		{ SWEEP_BLOCKED, "blocked: so is the control" },
		{ SWEEP_UNKNOWN, "unknown" },
		{ SWEEP_SKIPPED, "not made" },
	};
	const struct sweep *sweep = report->sweep;

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>ffascope sweep, Linux ",
	      out);
	markup_put(out, sweep->kernel);
	fprintf(out,
		"</title>\n<style>%s</style></head>\n<body>\n<h1>Who checks reserved bits</h1>\n",
		style);
	fputs("<p class=\"dim\">Linux ", out);
	markup_put(out, sweep->kernel);
	fprintf(out,
		", FF-A %s, ffascope %s. One cell is one call: the control with this bit set. "
		"Point at a cell to see its registers.</p>\n<p class=\"key\">",
		ffa_version_name(sweep->version), FFASCOPE_VERSION);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		fprintf(out, "<b><span class=\"%c\">%c</span>%s</b> ", css_class(keys[i].class),
			sweep_class_letter(keys[i].class), keys[i].meaning);
	fputs("<b><span class=\"F\">&nbsp;</span>not reserved</b></p>\n", out);

	put_findings(out, report);
	for (size_t i = 0; i < sweep->nr_calls; i++)
		put_call(out, &sweep->calls[i]);
	fputs("</body></html>\n", out);
}
