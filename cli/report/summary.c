// SPDX-License-Identifier: GPL-2.0-only
/* Counts of calls as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/internal.h"
#include "report/summary_internal.h"

#define ROWS	    14
#define TAIL_ROWS   12

/* Fewer calls are listed without a histogram. */
#define LEAST_CALLS 8

#define BAR_WIDTH   13

/* Columns of a call's name: those of the longest one. */
#define TABLE_NAME  31

struct report_summary *report_summary_new(void)
{
	return calloc(1, sizeof(struct report_summary));
}

void report_summary_free(struct report_summary *s)
{
	if (!s)
		return;

	for (size_t i = 0; i < s->nr_calls; i++)
		free(s->calls[i]);
	free(s->calls);
	free(s);
}

/* ---- counting ---- */

static struct report_summary_call *find_call(struct report_summary *s, uint32_t fid)
{
	struct report_summary_call **calls, *call;

	if (s->last < s->nr_calls && s->calls[s->last]->fid == fid)
		return s->calls[s->last];

	for (size_t i = 0; i < s->nr_calls; i++) {
		if (s->calls[i]->fid == fid || s->calls[i]->others) {
			s->last = s->calls[i]->others ? SIZE_MAX : i;
			return s->calls[i];
		}
	}

	calls = reallocarray(s->calls, s->nr_calls + 1, sizeof(struct report_summary_call *));
	if (calls)
		s->calls = calls;
	call = calls ? calloc(1, sizeof(*call)) : NULL;
	/* Without memory for an entry, count it under `other calls'. */
	if (!call)
		return s->nr_calls ? s->calls[s->nr_calls - 1] : NULL;
	call->fid = fid;
	call->others = s->nr_calls == SUMMARY_MAX_CALLS;
	s->last = s->nr_calls;
	s->calls[s->nr_calls++] = call;
	return call;
}

static void count_answer(struct report_summary_call *call, const struct verdict_call *made)
{
	struct report_summary_answer like = { 0 };
	unsigned int i;

	like.has_status = ffa_answer_status(ffa_call_by_fid((uint32_t)made->in.x[0]), &made->out,
					    &like.status);
	for (i = 0; i < call->nr_answers; i++) {
		if (call->answers[i].has_status == like.has_status &&
		    call->answers[i].status == like.status)
			break;
	}
	if (i == call->nr_answers && i < SUMMARY_MAX_ANSWERS)
		call->answers[call->nr_answers++] = like;

	if (i < SUMMARY_MAX_ANSWERS)
		call->answers[i].calls++;
	else
		call->other_answers++;
}

void report_summary_add(struct report_summary *s, const struct verdict_call *made,
			const struct verdict *v)
{
	struct report_summary_call *call = find_call(s, (uint32_t)made->in.x[0]);

	if (!s->total || made->begin_ns < s->begin_ns)
		s->begin_ns = made->begin_ns;
	if (made->end_ns > s->end_ns)
		s->end_ns = made->end_ns;
	s->total++;
	s->verdicts[v->kind]++;
	s->reasons[v->reason]++;
	if (!call)
		return;

	call->n++;
	call->verdicts[v->kind]++;
	count_answer(call, made);
	if (!v->from_trace)
		return;

	report_histogram_add(&call->legs[LEG_TOTAL], v->total_ns);
	report_histogram_add(&call->legs[LEG_EL2], v->el2_before_ns + v->el2_after_ns);
	if (v->smcs)
		report_histogram_add(&call->legs[LEG_SECURE], v->secure_ns);
}

void report_summary_lost(struct report_summary *s, const char *what, uint64_t n)
{
	unsigned int i;

	for (i = 0; i < s->nr_lost && strcmp(s->lost[i].what, what); i++)
		;
	/* The last entry takes losses that have no entry of their own. */
	if (i == SUMMARY_MAX_LOST)
		snprintf(s->lost[--i].what, sizeof(s->lost[i].what), "elsewhere");
	else if (i == s->nr_lost)
		snprintf(s->lost[s->nr_lost++].what, sizeof(s->lost[i].what), "%s", what);
	s->lost[i].n += n;
}

void report_summary_calibration(struct report_summary *s, const struct calibration *cal)
{
	s->calibrated = true;
	s->calibration = *cal;
}

/* ---- words ---- */

const char *report_summary_leg_name(enum report_leg leg)
{
	static const char *const names[] = {
		[LEG_TOTAL] = "total",
		[LEG_EL2] = "EL2",
		[LEG_SECURE] = "secure world",
	};

	return names[leg];
}

const char *report_summary_answer_name(const struct report_summary_answer *answer, char buf[16])
{
	const char *name = answer->has_status ? ffa_status_name(answer->status) : "no status";

	if (name)
		return name;
	snprintf(buf, 16, "%d", answer->status);
	return buf;
}

static int by_count(const void *a, const void *b)
{
	const struct report_summary_call *x = *(const struct report_summary_call *const *)a;
	const struct report_summary_call *y = *(const struct report_summary_call *const *)b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->fid < y->fid ? -1 : x->fid > y->fid;
}

const struct report_summary_call **report_summary_sorted(const struct report_summary *s)
{
	const struct report_summary_call **calls = calloc(s->nr_calls + 1, sizeof(*calls));

	if (!calls)
		return NULL;
	for (size_t i = 0; i < s->nr_calls; i++)
		calls[i] = s->calls[i];
	qsort(calls, s->nr_calls, sizeof(*calls), by_count);
	return calls;
}

/* ---- text ---- */

struct page {
	FILE *out;
	const struct report_summary_style *style;
};

static const char *paint(const struct page *page, const char *sequence)
{
	return page->style->color ? sequence : "";
}

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

/* Order of the verdicts, most important first. */
static const enum verdict_kind kinds[] = { VERDICT_FORWARDED, VERDICT_REJECTED, VERDICT_ANSWERED,
					   VERDICT_UNKNOWN };

static void show_verdicts(const struct page *page, const uint64_t *verdicts)
{
	const char *comma = "";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		enum verdict_kind kind = kinds[i];

		if (!verdicts[kind])
			continue;
		fprintf(page->out, "%s%llu %s%s%s", comma, (unsigned long long)verdicts[kind],
			paint(page, report_verdict_color(kind)), verdict_kind_name(kind),
			paint(page, PLAIN));
		comma = ", ";
	}
	fputc('\n', page->out);
}

static void show_label(const struct page *page, const char *label)
{
	fprintf(page->out, "  %s%-13s%s ", paint(page, DIM), label, paint(page, PLAIN));
}

static void show_answers(const struct page *page, const struct report_summary_call *call)
{
	char buf[16];

	show_label(page, "answers");
	for (unsigned int i = 0; i < call->nr_answers; i++)
		fprintf(page->out, "%s%llu %s", i ? ", " : "",
			(unsigned long long)call->answers[i].calls,
			report_summary_answer_name(&call->answers[i], buf));
	if (call->other_answers)
		fprintf(page->out, ", %llu others", (unsigned long long)call->other_answers);
	fputc('\n', page->out);
}

/* If nothing left EL2 there are no phases, only the total. */
static bool has_leg(const struct report_summary_call *call, unsigned int leg)
{
	return call->legs[leg].n && (leg == LEG_TOTAL || call->legs[LEG_SECURE].n);
}

static const char *leg_title(const struct report_summary_call *call, unsigned int leg)
{
	return call->legs[LEG_SECURE].n ? report_summary_leg_name(leg) : "all in EL2";
}

static void show_times(const struct page *page, const struct report_summary_call *call)
{
	static const unsigned int percents[] = { 50, 90, 99 };
	char text[24];

	show_label(page, "time");
	fprintf(page->out, "%s%10s %10s %10s %10s %10s %10s%s\n", paint(page, DIM), "least",
		"average", "50 % by", "90 % by", "99 % by", "most", paint(page, PLAIN));
	for (unsigned int leg = 0; leg < NR_LEGS; leg++) {
		const struct report_histogram *hist = &call->legs[leg];

		if (!has_leg(call, leg))
			continue;
		fprintf(page->out, "    %-11s ", leg_title(call, leg));
		report_format_time(hist->min, text);
		fprintf(page->out, "%10s", text);
		report_format_time(hist->sum / hist->n, text);
		fprintf(page->out, " %10s", text);
		for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
			report_format_time(report_histogram_percentile(hist, percents[i]), text);
			fprintf(page->out, " %10s", text);
		}
		report_format_time(hist->max, text);
		fprintf(page->out, " %10s\n", text);
	}
}

/* A bar of n/most of `width' columns, padded with blanks; at least one mark if n > 0. */
static void show_bar(const struct page *page, uint64_t n, uint64_t most, unsigned int width)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	unsigned int steps = page->style->utf8 ? 8 : 1, columns;
	/* n may be any number, so no product: it could overflow. */
	double share = most ? (double)n / (double)most : 0;
	unsigned int filled = (unsigned int)(share * width * steps + 0.5);

	if (n && !filled)
		filled = 1;
	columns = filled / steps;
	for (unsigned int i = 0; i < columns; i++)
		fputs(page->style->utf8 ? "█" : "#", page->out);
	if (filled % steps) {
		fputs(eighths[filled % steps], page->out);
		columns++;
	}
	for (; columns < width; columns++)
		fputc(' ', page->out);
}

static void show_row(const struct page *page, const struct report_summary_call *call,
		     const struct report_histogram_rows *rows, unsigned int row,
		     const uint64_t most[NR_LEGS])
{
	char from[24];

	report_format_time(rows->border[row], from);
	fprintf(page->out, "    %11s ", from);
	for (unsigned int leg = 0; leg < NR_LEGS; leg++) {
		uint64_t n = report_histogram_between(&call->legs[leg], rows->border[row],
						      rows->border[row + 1]);

		if (!has_leg(call, leg))
			continue;
		fputs(page->style->utf8 ? "│" : "|", page->out);
		show_bar(page, n, most[leg], BAR_WIDTH);
		if (n)
			fprintf(page->out, " %-7llu", (unsigned long long)n);
		else
			fprintf(page->out, "%8s", "");
	}
	fputc('\n', page->out);
}

/* One scale for all phases, so that they can be compared. */
static void show_histogram(const struct page *page, const struct report_summary_call *call)
{
	uint64_t min = UINT64_MAX, max = 0, usual = 0, most[NR_LEGS] = { 0 };
	struct report_histogram_rows rows;

	for (unsigned int leg = 0; leg < NR_LEGS; leg++) {
		const struct report_histogram *hist = &call->legs[leg];

		if (hist->n && hist->min < min)
			min = hist->min;
		if (hist->n && hist->max > max)
			max = hist->max;
		if (hist->n && report_histogram_percentile(hist, 99) > usual)
			usual = report_histogram_percentile(hist, 99);
	}
	/* Outliers get one row a decade, which leaves finer rows for the bulk. */
	report_histogram_plan(min, usual, ROWS, &rows);
	while (rows.border[rows.nr] <= max && rows.nr < ROWS + TAIL_ROWS) {
		uint64_t decade = 1;

		while (decade <= rows.border[rows.nr])
			decade *= 10;
		rows.border[++rows.nr] = decade;
	}
	for (unsigned int leg = 0; leg < NR_LEGS; leg++) {
		for (unsigned int i = 0; i < rows.nr; i++) {
			uint64_t n = report_histogram_between(&call->legs[leg], rows.border[i],
							      rows.border[i + 1]);

			most[leg] = n > most[leg] ? n : most[leg];
		}
	}

	fprintf(page->out, "    %s%11s ", paint(page, DIM), "from");
	for (unsigned int leg = 0; leg < NR_LEGS; leg++) {
		if (has_leg(call, leg))
			fprintf(page->out, " %-*s", BAR_WIDTH + 8, leg_title(call, leg));
	}
	fprintf(page->out, "%s\n", paint(page, PLAIN));
	for (unsigned int i = 0; i < rows.nr; i++)
		show_row(page, call, &rows, i, most);
}

static void show_call(const struct page *page, const struct report_summary_call *call)
{
	char name[16];

	if (call->others)
		fprintf(page->out, "\n%sother calls%s: %llu calls\n", paint(page, BOLD),
			paint(page, PLAIN), (unsigned long long)call->n);
	else
		fprintf(page->out, "\n%s%s%s (0x%08x): %llu call%s\n", paint(page, BOLD),
			report_name(call->fid, name), paint(page, PLAIN), call->fid,
			(unsigned long long)call->n, call->n == 1 ? "" : "s");
	show_label(page, "verdicts");
	show_verdicts(page, call->verdicts);
	show_answers(page, call);
	if (!call->legs[LEG_TOTAL].n)
		return;
	show_times(page, call);
	if (call->legs[LEG_TOTAL].n >= LEAST_CALLS)
		show_histogram(page, call);
}

static void table_row(const struct page *page, const struct report_summary_call *call)
{
	const struct report_histogram *total = &call->legs[LEG_TOTAL];
	char name[16], median[24] = "-", most[24] = "-";

	if (total->n) {
		report_format_time(report_histogram_percentile(total, 50), median);
		report_format_time(total->max, most);
	}
	fprintf(page->out, "  %-*s %10llu", TABLE_NAME,
		call->others ? "other calls" : report_name(call->fid, name),
		(unsigned long long)call->n);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (call->verdicts[kinds[i]])
			fprintf(page->out, " %10llu", (unsigned long long)call->verdicts[kinds[i]]);
		else
			fprintf(page->out, " %10s", "-");
	}
	fprintf(page->out, " %10s %10s\n", median, most);
}

static void show_table(const struct page *page, const struct report_summary_call **calls, size_t nr)
{
	fprintf(page->out, "\n  %s%-*s %10s", paint(page, DIM), TABLE_NAME, "call", "calls");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fprintf(page->out, " %10s", verdict_kind_name(kinds[i]));
	fprintf(page->out, " %10s %10s%s\n", "median", "most", paint(page, PLAIN));
	for (size_t i = 0; i < nr; i++)
		table_row(page, calls[i]);
}

static void show_evidence(const struct page *page, const struct calibration *cal)
{
	char text[256];

	fprintf(page->out, "\n%sevidence%s, %s:\n", paint(page, BOLD), paint(page, PLAIN),
		cal->measured ? "calibrated when the session opened"
			      : "not calibrated; what these calls show of it");
	for (unsigned int i = 0; calibration_sentence(cal, i, text, sizeof(text)); i++)
		fprintf(page->out, "  %s\n", text);
}

void report_summary_print(const struct report_summary *s, FILE *out,
			  const struct report_summary_style *style)
{
	const struct page page = { .out = out, .style = style };
	const struct report_summary_call **calls = report_summary_sorted(s);
	char span[24];

	report_format_time(s->end_ns - s->begin_ns, span);
	fprintf(out, "%s%llu call%s%s", paint(&page, BOLD), (unsigned long long)s->total,
		s->total == 1 ? "" : "s", paint(&page, PLAIN));
	if (s->total) {
		fprintf(out, " in %s: ", span);
		show_verdicts(&page, s->verdicts);
	} else {
		fputc('\n', out);
	}
	for (unsigned int i = VERDICT_LOST_EVENTS; i < SUMMARY_NR_REASONS; i++) {
		if (s->reasons[i])
			fprintf(out, "  %10llu  unknown, %s\n", (unsigned long long)s->reasons[i],
				report_reason_meaning(i));
	}
	for (unsigned int i = 0; i < s->nr_lost; i++)
		fprintf(out, "  %10llu  lost, %s\n", (unsigned long long)s->lost[i].n,
			s->lost[i].what);

	if (calls && style->table && s->nr_calls)
		show_table(&page, calls, s->nr_calls);
	for (size_t i = 0; calls && !style->table && i < s->nr_calls; i++)
		show_call(&page, calls[i]);
	free(calls);
	if (s->calibrated && !style->table)
		show_evidence(&page, &s->calibration);
}

/* ---- as a format of calls ---- */

static void take(struct report *report, const struct verdict_call *call, const struct verdict *v)
{
	if (!report->own)
		report->own = report_summary_new();
	if (report->own)
		report_summary_add(report->own, call, v);
	else
		report->error = -ENOMEM;
}

/* The summary, complete; NULL: no memory. */
static const struct report_summary *complete(struct report *report)
{
	if (!report->own)
		report->own = report_summary_new();
	if (report->own && report->opts.calibration)
		report_summary_calibration(report->own, report->opts.calibration);
	return report->own;
}

static void end(struct report *report)
{
	const struct report_summary_style style = {
		.color = report->opts.color,
		.utf8 = report->opts.utf8,
	};

	const struct report_summary *summary = complete(report);

	if (summary)
		report_summary_print(summary, report->opts.out, &style);
	else
		report->error = -ENOMEM;
}

static void end_json(struct report *report)
{
	const struct report_summary *summary = complete(report);

	if (!summary || report_summary_print_json(summary, report->opts.out))
		report->error = -ENOMEM;
}

static void put_away(struct report *report)
{
	report_summary_free(report->own);
}

const struct report_ops report_summary = { .call = take, .end = end, .free = put_away };
const struct report_ops report_summary_json = { .call = take, .end = end_json, .free = put_away };
