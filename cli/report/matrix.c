// SPDX-License-Identifier: GPL-2.0-only
/* The matrix of a sweep: one row a register, one cell a bit. */
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "report/sweep.h"

#define LABEL_WIDTH 9 /* "x10-x17  " */
#define VALUE_WIDTH 28
#define MAX_WIDTH   100
#define LAST_SMC32  7 /* SMC32 calls have parameters up to w7 (DEN0028 2.6) */

static const char *const colors[SWEEP_NR_CLASSES] = {
	[SWEEP_UNKNOWN] = "\033[1;35m", [SWEEP_ENFORCED] = "\033[32m",
	[SWEEP_SECURE] = "\033[1;33m",	[SWEEP_ACCEPTED] = "\033[1;31m",
	[SWEEP_ABSENT] = "\033[33m",	[SWEEP_DROPPED] = "\033[36m",
	[SWEEP_BLOCKED] = "\033[34m",	[SWEEP_SKIPPED] = "\033[2m",
};

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

/* ---- rows ---- */

static void add_rule(struct report_row *row, enum ffa_rule rule)
{
	const char *name = ffa_rule_name(rule);
	size_t len = strlen(row->rules);

	if (!strstr(row->rules, name))
		snprintf(row->rules + len, sizeof(row->rules) - len, "%s%s", len ? " " : "", name);
}

unsigned int report_rows(const struct sweep_call *call, bool join, struct report_row rows[17])
{
	unsigned int last = LAST_SMC32, nr = 0;

	for (size_t i = 0; i < call->nr_probes; i++) {
		if (call->probes[i].reg > last)
			last = call->probes[i].reg;
	}

	for (unsigned int reg = 1; reg <= last; reg++) {
		struct report_row *row = &rows[nr];

		*row = (struct report_row){ .first = reg, .last = reg };
		row->wide = call->ffa && !ffa_not_parameter(call->ffa, reg, 63);
		memset(row->cell, '.', sizeof(row->cell));
		for (size_t i = 0; i < call->nr_probes; i++) {
			const struct sweep_probe *probe = &call->probes[i];

			if (probe->reg != reg)
				continue;
			row->cell[probe->bit] = sweep_class_letter(probe->class);
			add_rule(row, probe->rule);
		}

		if (join && nr && rows[nr - 1].wide == row->wide &&
		    !memcmp(rows[nr - 1].cell, row->cell, sizeof(row->cell)) &&
		    !strcmp(rows[nr - 1].rules, row->rules))
			rows[nr - 1].last = reg;
		else
			nr++;
	}
	return nr;
}

static const char *color_of(char letter)
{
	for (unsigned int i = 0; i < SWEEP_NR_CLASSES; i++) {
		if (sweep_class_letter((enum sweep_class)i) == letter)
			return colors[i];
	}
	return DIM;
}

static void put_label(FILE *out, const struct report_row *row)
{
	char kind = row->wide ? 'x' : 'w';
	char label[32];

	if (row->last > row->first)
		snprintf(label, sizeof(label), "%c%u-%c%u", kind, row->first, kind, row->last);
	else
		snprintf(label, sizeof(label), "%c%u", kind, row->first);
	fprintf(out, "  %-*s", LABEL_WIDTH, label);
}

/* width: 64 if any row of the call has 64 cells. Narrower rows are right-aligned. */
static void put_row(FILE *out, const struct report_row *row, unsigned int width, bool color)
{
	const char *now = NULL;

	put_label(out, row);
	for (unsigned int bit = width; bit-- > 0;) {
		bool there = bit < (row->wide ? 64U : 32U);
		char letter = there ? row->cell[bit] : ' ';

		if (color && there && color_of(letter) != now) {
			now = color_of(letter);
			fprintf(out, PLAIN "%s", now);
		}
		fputc(letter, out);
		if (bit % 8 == 0 && bit)
			fputc(' ', out);
	}
	fprintf(out, "%s%s%s\n", color ? PLAIN : "", row->rules[0] ? "  " : "", row->rules);
}

static void put_header(FILE *out, unsigned int width, bool color)
{
	fprintf(out, "  %s%*s", color ? DIM : "", LABEL_WIDTH, "");
	for (unsigned int bit = width; bit > 0; bit -= 8)
		fprintf(out, "%-2u%*u%s", bit - 1, 6, bit - 8, bit > 8 ? " " : "");
	fprintf(out, "%s\n", color ? PLAIN : "");
}

/* ---- calls ---- */

/*
 * Writes the fields of a call as text, wrapped at the column where `first` ends. Returns false,
 * and writes nothing, if the call has no fields.
 */
static bool put_fields(FILE *out, const struct sweep_call *call, const char *first, size_t column)
{
	struct ffa_regs asked;
	char fields[512];
	char *rest = fields, *word;
	size_t at = column;
	bool begun = false;

	verdict_without_canaries(&call->in, &asked);
	ffa_format_fields(call->ffa, &asked, fields, sizeof(fields));
	if (!fields[0])
		return false;

	fputs(first, out);
	while ((word = strsep(&rest, " "))) {
		if (begun && at + 1 + strlen(word) > MAX_WIDTH) {
			fprintf(out, "\n%*s", (int)column, "");
			at = column;
			begun = false;
		}
		at += (size_t)fprintf(out, "%s%s", begun ? " " : "", word);
		begun = true;
	}
	fputc('\n', out);
	return true;
}

static void put_control(FILE *out, const struct sweep_call *call, bool color)
{
	const struct sweep_result *control = &call->control;
	const char *status = control->has_status ? ffa_status_name(control->status) : NULL;
	const char *reason = verdict_reason_name(control->verdict.reason);

	fprintf(out, "%s%s%s (0x%08x)\n", color ? BOLD : "", call->name, color ? PLAIN : "",
		call->fid);
	if (call->skipped[0]) {
		fprintf(out, "  not swept: %s\n", call->skipped);
		return;
	}

	fprintf(out, "  %-*s", LABEL_WIDTH, "control");
	if (put_fields(out, call, "", 2 + LABEL_WIDTH))
		fprintf(out, "  %*s", LABEL_WIDTH, "");
	fputs(verdict_kind_name(control->verdict.kind), out);
	switch (control->verdict.kind) {
	case VERDICT_FORWARDED:
		fputs(control->verdict.rebuilt ? ": EL2 sends its own requests to the secure world"
					       : " to the secure world",
		      out);
		break;
	case VERDICT_REJECTED:
		fputs(" by EL2, so its probes show nothing", out);
		break;
	case VERDICT_ANSWERED:
		fputs(" by EL2 itself; nothing reaches TrustZone", out);
		break;
	case VERDICT_UNKNOWN:
		break;
	}
	fprintf(out, "%s%s%s%s\n", reason ? ": " : "", reason ? reason : "", status ? ": " : "",
		status ? status : "");
	if (call->harmless)
		fprintf(out, "  %-*sto %s, as FFA_FEATURES has no %s here to undo it\n",
			LABEL_WIDTH, "changed", call->harmless,
			ffa_call_name(ffa_call_by_fid((uint32_t)call->undo.x[0])));
	if (call->moved[0])
		fprintf(out, "  %-*s%s; the probes in between are unknown\n", LABEL_WIDTH, "state",
			call->moved);
}

static const enum sweep_class order[] = {
	SWEEP_ENFORCED, SWEEP_SECURE,  SWEEP_ACCEPTED, SWEEP_ABSENT,
	SWEEP_DROPPED,	SWEEP_BLOCKED, SWEEP_UNKNOWN,  SWEEP_SKIPPED,
};

static void put_counts(FILE *out, const size_t count[SWEEP_NR_CLASSES])
{
	size_t at = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		char text[48];
		size_t len;

		if (!count[order[i]])
			continue;
		len = (size_t)snprintf(text, sizeof(text), "%zu %s", count[order[i]],
				       sweep_class_name(order[i]));
		if (at && at + 2 + len > MAX_WIDTH - 4) {
			fputs(",\n  ", out);
			at = 0;
		} else if (at) {
			at += (size_t)fprintf(out, ", ");
		}
		at += (size_t)fprintf(out, "%s", text);
	}
	fputc('\n', out);
}

void report_value(FILE *out, const struct sweep_probe *probe)
{
	const struct sweep_result *result = &probe->result;
	const char *status = result->has_status ? ffa_status_name(result->status) : NULL;
	const char *reason = verdict_reason_name(result->verdict.reason);

	fprintf(out, "%-*s %s", VALUE_WIDTH, probe->value->words, sweep_class_name(probe->class));
	if (result->made)
		fprintf(out, ": %s%s%s%s%s", verdict_kind_name(result->verdict.kind),
			reason ? ", " : "", reason ? reason : "", status ? ", " : "",
			status ? status : "");
}

/* A row for each value, below the matrix. */
static void put_values(FILE *out, const struct sweep_call *call, bool color)
{
	for (size_t i = 0; i < call->nr_values; i++) {
		const struct sweep_probe *probe = &call->probes[call->nr_probes + i];

		fprintf(out, "  %s%c%s ", color ? colors[probe->class] : "",
			sweep_class_letter(probe->class), color ? PLAIN : "");
		report_value(out, probe);
		fputc('\n', out);
	}
}

static void put_call(FILE *out, const struct sweep_call *call, bool color)
{
	struct report_row rows[17];
	unsigned int nr = report_rows(call, true, rows), width = 32;

	put_control(out, call, color);
	if (call->skipped[0]) {
		fputc('\n', out);
		return;
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (rows[i].wide)
			width = 64;
	}
	put_header(out, width, color);
	for (unsigned int i = 0; i < nr; i++)
		put_row(out, &rows[i], width, color);
	put_values(out, call, color);
	fputc('\n', out);
}

/* ---- the end ---- */

const char *report_policy(enum sweep_policy policy)
{
	return policy == SWEEP_STRICT
		       ? "strict: every reserved bit of a call that EL2 handles is refused by EL2"
		       : "spec: MBZ bits are refused by someone, SBZ bits make no difference";
}

static void put_letter(FILE *out, enum sweep_class class, const char *meaning, bool color)
{
	fprintf(out, "%s%c%s %s", color ? colors[class] : "", sweep_class_letter(class),
		color ? PLAIN : "", meaning);
}

static void put_legend(FILE *out, bool color)
{
	fputs("  ", out);
	put_letter(out, SWEEP_ENFORCED, "enforced by EL2   ", color);
	put_letter(out, SWEEP_SECURE, "refused by the secure world   ", color);
	put_letter(out, SWEEP_ACCEPTED, "accepted as the control was\n  ", color);
	put_letter(out, SWEEP_ABSENT, "TrustZone does not have this call   ", color);
	put_letter(out, SWEEP_DROPPED, "dropped: EL2 does not pass it on\n  ", color);
	put_letter(out, SWEEP_BLOCKED, "blocked: so is the control   ", color);
	put_letter(out, SWEEP_UNKNOWN, "unknown   ", color);
	put_letter(out, SWEEP_SKIPPED, "not made   ", color);
	fputs(". not reserved\n", out);
}

/* "E 176, A 3": the classes of a call that occur. */
static void put_letters(FILE *out, const struct sweep_call *call, bool color)
{
	size_t count[SWEEP_NR_CLASSES];
	const char *before = "";

	sweep_count(call, count);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!count[order[i]])
			continue;
		fputs(before, out);
		put_letter(out, order[i], "", color);
		fprintf(out, "%zu", count[order[i]]);
		before = "  ";
	}
	if (!*before)
		fputs("no reserved bits", out);
}

/* One line per call, before the matrices. */
static void put_summary(FILE *out, const struct sweep *sweep, bool color)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];

		fprintf(out, "  %-34s", call->name);
		if (call->skipped[0]) {
			fprintf(out, "skipped: %s\n", call->skipped);
			continue;
		}
		fprintf(out, "%-10s", verdict_kind_name(call->control.verdict.kind));
		put_letters(out, call, color);
		fputc('\n', out);
	}
	fputc('\n', out);
}

void report_matrix(FILE *out, const struct report_sweep *report, bool color)
{
	const struct sweep *sweep = report->sweep;
	size_t total[SWEEP_NR_CLASSES] = { 0 }, bits = 0, swept = 0;

	fprintf(out, "%sLinux %s, FF-A %s%s\n\n", color ? BOLD : "", sweep->kernel,
		ffa_version_name(sweep->version), color ? PLAIN : "");
	if (report->summary)
		put_summary(out, sweep, color);
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		size_t count[SWEEP_NR_CLASSES];

		if (!report->summary || !sweep->calls[i].skipped[0])
			put_call(out, &sweep->calls[i], color);
		swept += !sweep->calls[i].skipped[0];
		sweep_count(&sweep->calls[i], count);
		for (unsigned int c = 0; c < SWEEP_NR_CLASSES; c++) {
			total[c] += count[c];
			bits += count[c];
		}
	}
	put_legend(out, color);

	fprintf(out, "\n%zu reserved bit%s of %zu call%s\n  ", bits, bits == 1 ? "" : "s",
		sweep->nr_calls, sweep->nr_calls == 1 ? "" : "s");
	put_counts(out, total);
	if (!swept)
		return;
	fprintf(out, "%s (%s)\n", report_findings_heading(report), report_policy(report->policy));
	for (size_t i = 0; i < report->nr_findings; i++)
		fprintf(out, "  %s\n", report->findings[i].text);
	if (report->diff) {
		fputc('\n', out);
		report_diff(out, "baseline", "this sweep", report->diff, false, color);
	}
}

const char *report_findings_heading(const struct report_sweep *report)
{
	const struct sweep *sweep = report->sweep;

	if (report->nr_findings)
		return "Findings";
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		if (sweep->calls[i].control.made)
			return "No findings";
	}
	return "Nothing was swept, so nothing was found";
}

void report_plan(FILE *out, const struct sweep *sweep)
{
	size_t bits = 0, values = 0;

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];
		size_t skipped = 0;

		for (size_t p = 0; p < call->nr_probes; p++)
			skipped += call->probes[p].needs_consent;
		values += call->skipped[0] ? 0 : call->nr_values;
		fprintf(out, "%s (0x%08x)\n", call->name, call->fid);
		put_fields(out, call, "  ", 2);
		for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++)
			fprintf(out, "  x%-2u %016llx%s", reg, (unsigned long long)call->in.x[reg],
				reg % 4 == 3 || reg == FFA_NR_REGS - 1 ? "\n" : "");
		if (call->skipped[0]) {
			fprintf(out, "  not swept: %s\n\n", call->skipped);
			continue;
		}
		bits += call->nr_probes - skipped;
		fprintf(out, "  %zu reserved bits", call->nr_probes - skipped);
		if (skipped)
			fprintf(out, ", and %zu that need --allow-state-change", skipped);
		fputs("\n\n", out);
	}
	fprintf(out, "%zu probes, %zu values, and one control for each call\n", bits, values);
}
