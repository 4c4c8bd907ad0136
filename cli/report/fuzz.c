// SPDX-License-Identifier: GPL-2.0-only
/* What fuzzing has found. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "report/cases.h"
#include "report/fuzz.h"

/* "FFA_NOTIFICATION_GET receiver=0 w3=0x1" */
static void format_call(const struct ffa_regs *in, char *buf, size_t size)
{
	const struct ffa_call *call = ffa_call_by_fid((uint32_t)in->x[0]);
	struct ffa_regs asked;
	char fields[512];

	verdict_without_canaries(in, &asked);
	ffa_format_fields(call, &asked, fields, sizeof(fields));
	snprintf(buf, size, "%s%s%s", ffa_call_name(call), fields[0] ? " " : "", fields);
}

/* ---- text ---- */

static void put_finding(FILE *out, const struct report_fuzz *report, size_t at)
{
	const struct fuzz_finding *finding = &report->fuzz->findings[at];
	const char *saved = report->saved ? report->saved[at] : NULL;
	char call[640];

	fprintf(out, "  %s\n", finding->text);
	for (unsigned int i = 0; i < finding->nr_before; i++) {
		format_call(&finding->before[i], call, sizeof(call));
		fprintf(out, "      ffascope call %s\n", call);
	}
	format_call(&finding->in, call, sizeof(call));
	fprintf(out, "      ffascope call %s\n", call);
	if (finding->seen > 1)
		fprintf(out, "      %llu calls show it\n", (unsigned long long)finding->seen);
	if (saved)
		fprintf(out, "      saved as %s\n", saved);
}

void report_fuzz_text(FILE *out, const struct report_fuzz *report)
{
	const struct fuzz *fuzz = report->fuzz;
	size_t drawn = 0;

	fprintf(out, "Linux %s, FF-A %s, seed %llu\n\n", report->kernel,
		ffa_version_name(fuzz->version), (unsigned long long)fuzz->opts.seed);
	for (size_t i = 0; i < fuzz->nr_calls; i++) {
		const struct fuzz_call *call = &fuzz->calls[i];

		drawn += !call->dropped;
		fprintf(out, "  %-34s%9llu calls", call->sc->name, (unsigned long long)call->calls);
		if (call->dropped)
			fputs(", the module refuses it", out);
		if (call->departures)
			fprintf(out, ", %llu not as predicted",
				(unsigned long long)call->departures);
		if (call->unknown)
			fprintf(out, ", %llu unknown", (unsigned long long)call->unknown);
		fputc('\n', out);
	}

	fprintf(out, "\n%llu calls of %zu", (unsigned long long)fuzz->made, drawn);
	if (report->ns)
		fprintf(out, " in %llu s",
			(unsigned long long)(report->ns + 500000000) / 1000000000);
	fprintf(out, ", and %llu to learn, confirm and reduce\n", (unsigned long long)fuzz->more);
	if (fuzz->passing)
		fprintf(out, "%llu departed once and could not be repeated, the first: %s\n",
			(unsigned long long)fuzz->passing, fuzz->passing_text);
	fprintf(out, "%s\n", fuzz->nr_findings ? "Findings" : "No findings");
	for (size_t i = 0; i < fuzz->nr_findings; i++)
		put_finding(out, report, i);
}

/* ---- JSON ---- */

static struct json_object *registers(const struct ffa_regs *regs)
{
	struct json_object *list = json_new_array();

	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++)
		json_append(list, json_new_hex(regs->x[reg], 1));
	return list;
}

static struct json_object *finding_object(const struct report_fuzz *report, size_t at)
{
	const struct fuzz_finding *finding = &report->fuzz->findings[at];
	struct json_object *obj = json_new_object(), *before = json_new_array();
	char words[512];

	for (unsigned int i = 0; i < finding->nr_before; i++)
		json_append(before, registers(&finding->before[i]));
	fuzz_format_words(finding->call, finding->base, &finding->in, words, sizeof(words));
	json_add_string(obj, "call", finding->call->sc->name);
	json_add_hex(obj, "fid", finding->call->sc->fid, 8);
	json_add_string(obj, "kind", fuzz_kind_name(finding->kind));
	json_add_string(obj, "when", fuzz_when_name(finding->when));
	json_add_string(obj, "text", finding->text);
	json_add_string(obj, "words", words);
	json_add_string(obj, "predicted", verdict_kind_name(fuzz_expected(finding)));
	json_add_string(obj, "verdict", verdict_kind_name(finding->result.verdict.kind));
	json_add_string(obj, "status",
			finding->result.has_status ? ffa_status_name(finding->result.status)
						   : NULL);
	json_add(obj, "cpu", finding->cpu >= 0 ? json_new_int((uint64_t)finding->cpu) : NULL);
	json_add_int(obj, "seen", finding->seen);
	json_add(obj, "in", registers(&finding->in));
	json_add(obj, "drawn", registers(&finding->drawn));
	json_add(obj, "before", before);
	json_add_string(obj, "saved", report->saved ? report->saved[at] : NULL);
	return obj;
}

int report_fuzz_json(FILE *out, const struct report_fuzz *report)
{
	const struct fuzz *fuzz = report->fuzz;
	struct json_object *obj = json_new_object();
	struct json_object *calls = json_new_array(), *findings = json_new_array();

	for (size_t i = 0; i < fuzz->nr_calls; i++) {
		const struct fuzz_call *call = &fuzz->calls[i];
		struct json_object *entry = json_new_object();

		json_add_string(entry, "call", call->sc->name);
		json_add_hex(entry, "fid", call->sc->fid, 8);
		json_add_int(entry, "calls", call->calls);
		json_add_int(entry, "departures", call->departures);
		json_add_int(entry, "unknown", call->unknown);
		json_append(calls, entry);
	}
	for (size_t i = 0; i < fuzz->nr_findings; i++)
		json_append(findings, finding_object(report, i));

	json_add_string(obj, "kernel", report->kernel);
	json_add_string(obj, "ffa", ffa_version_name(fuzz->version));
	json_add_int(obj, "seed", fuzz->opts.seed);
	json_add_int(obj, "made", fuzz->made);
	json_add_int(obj, "more", fuzz->more);
	json_add_int(obj, "departures", fuzz->departures);
	json_add_int(obj, "not_repeated", fuzz->passing);
	json_add_int(obj, "unknown", fuzz->unknown);
	json_add(obj, "fuzzed", calls);
	json_add(obj, "findings", findings);
	return json_print(out, obj);
}

/* ---- KTAP ---- */

static void put_case(struct report_cases *cases, const struct report_fuzz *report,
		     const struct fuzz_call *call, unsigned int number)
{
	struct report_case result = { .number = number,
				      .script = "fuzz",
				      .name = call->sc->name,
				      .reason = "",
				      .log = "",
				      .calls = call->calls };

	for (size_t i = 0; i < report->fuzz->nr_findings; i++) {
		if (report->fuzz->findings[i].call == call)
			report_cases_lines(cases, report->fuzz->findings[i].text);
	}
	if (call->nr_findings)
		result.result = REPORT_FAIL;
	else if (!call->calls) {
		result.result = REPORT_SKIP;
		result.reason = "no call was made";
	} else if (call->unknown == call->calls) {
		result.result = REPORT_SKIP;
		result.reason = "no call has a verdict";
	}
	report_cases_result(cases, &result);
}

void report_fuzz_ktap(FILE *out, const struct report_fuzz *report, const char *bail)
{
	struct report_cases cases;

	report_cases_begin(&cases, &report_ktap, out, (unsigned int)report->fuzz->nr_calls);
	for (size_t i = 0; i < report->fuzz->nr_calls; i++)
		put_case(&cases, report, &report->fuzz->calls[i], (unsigned int)i + 1);
	report_cases_end(&cases, bail);
}
