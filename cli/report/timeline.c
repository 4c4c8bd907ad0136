// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls as a page with a timeline: a queue a CPU, each call a bar. The page needs nothing else;
 * timeline.js in it draws its lines of text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/markup.h"
#include "config.h"
#include "base/texts.h"
#include "report/internal.h"
#include "report/summary.h"
#include "timeline.css.h"
#include "timeline.js.h"

/* A browser on a small machine still draws this many calls quickly. */
#define MAX_CALLS 20000

/* Cache of call and answer texts, so that the page holds most of them only once. */
#define NR_WORDS  4096

struct words {
	char *text;
	unsigned int number;
};

struct timeline {
	struct report_summary *summary;
	uint64_t seen, put;
	uint64_t base_ns; /* begin of the first call on the page */
	struct words words[NR_WORDS];
	unsigned int nr_words;
};

/* Pattern and colour of each verdict: the pattern is for print and for colour-blind readers. */
static const char patterns[] =
	"<pattern id=\"forwarded\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
	"<rect width=\"8\" height=\"8\" class=\"forwarded\"/></pattern>"
	"<pattern id=\"rejected\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"rejected\"/>"
	"<rect width=\"2\" height=\"6\" fill=\"#fff\"/></pattern>"
	"<pattern id=\"answered\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<rect width=\"6\" height=\"6\" class=\"answered\"/>"
	"<circle cx=\"3\" cy=\"3\" r=\"1.4\" fill=\"#fff\"/></pattern>"
	"<pattern id=\"unknown\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<rect width=\"6\" height=\"6\" fill=\"#fff\"/><path d=\"M0 0L6 6M6 0L0 6\" "
	"stroke=\"#a06000\" stroke-width=\"1.3\"/></pattern>";

static const struct {
	enum verdict_kind kind;
	const char *meaning;
} keys[] = {
	{ VERDICT_FORWARDED, "forwarded to the secure world" },
	{ VERDICT_REJECTED, "rejected by EL2" },
	{ VERDICT_ANSWERED, "answered by EL2 itself" },
	{ VERDICT_UNKNOWN, "unknown" },
};

/* A JSON string that is safe inside a script element. */
static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == '"' || c == '\\' || c == '<')
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputs("\"\n", out);
}

static void put_head(struct report *report)
{
	FILE *out = report->opts.out;
	const char *title = report->opts.title ? report->opts.title : "";

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>ffascope: ",
	      out);
	markup_put(out, title);
	fprintf(out,
		"</title>\n<style>\n%s</style></head>\n<body>\n<h1>Outcome of each call</h1>\n",
		timeline_css);
	fputs("<p class=\"dim\">", out);
	markup_put(out, title);
	fprintf(out, "%sffascope %s</p>\n", title[0] ? "; " : "", FFASCOPE_VERSION);
	fputs("<script type=\"text/plain\" id=\"calls\">\n", out);
}

static struct timeline *get(struct report *report)
{
	struct timeline *timeline = report->own;

	if (timeline)
		return timeline;

	timeline = calloc(1, sizeof(*timeline));
	if (timeline)
		timeline->summary = report_summary_new();
	report->own = timeline;
	put_head(report);
	return timeline;
}

/* Number of this text; writes it first if it is new. */
static unsigned int intern(struct timeline *timeline, FILE *out, const char *text)
{
	struct words *words;
	uint32_t hash = 2166136261; /* FNV-1a */

	for (const char *c = text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619;
	words = &timeline->words[hash % NR_WORDS];
	if (words->text && !strcmp(words->text, text))
		return words->number;

	free(words->text);
	words->text = strdup(text);
	words->number = timeline->nr_words++;
	put_string(out, text);
	return words->number;
}

static unsigned int intern_call(struct timeline *timeline, const struct report *report,
				const struct ffa_regs *in)
{
	char text[1100];

	report_watched_call(report, in, text, sizeof(text));
	return intern(timeline, report->opts.out, text);
}

/* "tee-supplicant/81" */
static unsigned int intern_task(struct timeline *timeline, FILE *out, const struct host_call *host)
{
	char text[HOST_COMM_LEN + 16];

	snprintf(text, sizeof(text), "%.*s/%u", HOST_COMM_LEN, host->comm, host->tid);
	return intern(timeline, out, text);
}

/* Appends what EL2 printed during the call, on one line. */
static void add_printks(char *text, size_t size, const struct report *report,
			const struct verdict *v)
{
	size_t len = strlen(text);

	for (uint32_t i = 0; i < v->nr_printks && i < VERDICT_MAX_PRINTKS && len < size; i++) {
		const char *printed = texts_get(report->opts.texts, v->printks[i]);

		len += (size_t)snprintf(
			text + len, size - len, "%s%s",
			i ? " | " : "; hyp_printk: ", printed ? printed : "(text not kept)");
	}
	for (char *c = text; *c; c++) {
		if (*c == '\n')
			*c = ' ';
	}
}

static unsigned int intern_answer(struct timeline *timeline, const struct report *report,
				  const struct verdict_call *call, const struct verdict *v)
{
	char text[1400];

	report_watched_answer(report, call, text, 600);
	add_printks(text, sizeof(text), report, v);
	return intern(timeline, report->opts.out, text);
}

/* host: who made it, NULL: ffascope. */
static void put(struct report *report, const struct verdict_call *call, const struct verdict *v,
		const struct host_call *host)
{
	struct timeline *timeline = get(report);
	unsigned int name, answer, task = 0;
	FILE *out = report->opts.out;

	if (!timeline)
		return;
	if (timeline->summary)
		report_summary_add(timeline->summary, call, v);
	if (timeline->seen++ < report->opts.skip || timeline->put == MAX_CALLS)
		return;

	if (!timeline->put++)
		timeline->base_ns = call->begin_ns;
	name = intern_call(timeline, report, &call->in);
	answer = intern_answer(timeline, report, call, v);
	if (host)
		task = intern_task(timeline, out, host);
	fprintf(out, "%u %lld %lld ", call->cpu, (long long)(call->begin_ns - timeline->base_ns),
		(long long)(call->end_ns - timeline->base_ns));
	if (v->from_trace)
		fprintf(out, "%lld %llu %llu %llu", (long long)(v->enter_ns - timeline->base_ns),
			(unsigned long long)v->el2_before_ns, (unsigned long long)v->secure_ns,
			(unsigned long long)v->el2_after_ns);
	else
		fputs("- 0 0 0", out);
	fprintf(out, " %d %d %u %u %u %llu", (int)v->kind, (int)v->reason, v->smcs, name, answer,
		(unsigned long long)timeline->seen);
	if (host)
		fprintf(out, " %u", task);
	fputc('\n', out);
}

static void put_call(struct report *report, const struct verdict_call *call,
		     const struct verdict *v)
{
	put(report, call, v, NULL);
}

static void put_watched(struct report *report, const struct watched *watched, const char *stack)
{
	(void)stack;
	if (watched->host->source != HOST_SOURCE_SRI)
		put(report, &watched->call, &watched->verdict, watched->host);
}

static void put_key(FILE *out)
{
	fputs("<p class=\"key\">", out);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		fprintf(out,
			"<b><svg width=\"26\" height=\"16\"><rect x=\"1\" y=\"1\" width=\"24\" height=\"14\" "
			"class=\"edge\" fill=\"url(#%s)\"/></svg>%s</b> ",
			verdict_kind_name(keys[i].kind), keys[i].meaning);
	fputs("<b><svg width=\"50\" height=\"16\"><path d=\"M1 7.5h48v1H1z\" class=\"around\" "
	      "fill=\"currentColor\"/><rect x=\"6\" y=\"1\" width=\"9\" height=\"14\" class=\"edge\" "
	      "fill=\"url(#forwarded)\"/><rect x=\"15\" y=\"5\" width=\"20\" height=\"6\" "
	      "class=\"edge secure\" fill=\"url(#forwarded)\"/><rect x=\"35\" y=\"1\" width=\"9\" "
	      "height=\"14\" class=\"edge\" fill=\"url(#forwarded)\"/></svg>"
	      "kernel &ndash; EL2 &ndash; secure world &ndash; EL2 &ndash; kernel</b></p>\n",
	      out);
}

static void put_chart(FILE *out)
{
	static const char *const buttons[][2] = {
		{ "all", "All" },
		{ "in", "Zoom in" },
		{ "out", "Zoom out" },
		{ "left", "&larr;" },
		{ "right", "&rarr;" },
		{ "back", "Previous call" },
		{ "next", "Next call" },
		{ "rejected", "Next rejected" },
		{ "unknown", "Next unknown" },
	};

	fputs("<p class=\"buttons\">", out);
	for (size_t i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++)
		fprintf(out, "<button type=\"button\" data-do=\"%s\">%s</button>", buttons[i][0],
			buttons[i][1]);
	fputs("</p>\n<svg id=\"chart\" tabindex=\"0\" role=\"img\" aria-label=\"Timeline of the calls; "
	      "the table below lists those in view\" aria-describedby=\"shown\"><g id=\"drawing\">"
	      "</g></svg>\n<div id=\"tip\"></div>\n"
	      "<p class=\"dim\" id=\"shown\">The timeline needs JavaScript; the counts below do not.</p>\n"
	      "<p class=\"dim screen\">Wheel, + and - zoom, dragging and the arrow keys move, n and p "
	      "go to the next and the previous call, 0 shows all.</p>\n"
	      "<h2>Calls in view</h2>\n<div class=\"scroll\"><table><thead><tr><th class=\"n\">no.</th>"
	      "<th class=\"n\">at</th><th class=\"n\">CPU</th><th class=\"task\">task</th><th>call</th>"
	      "<th>verdict</th><th class=\"n\">time</th><th class=\"n\">secure world</th>"
	      "<th>answer</th></tr></thead><tbody id=\"rows\"></tbody></table></div>\n",
	      out);
}

static void put_left_out(FILE *out, const struct timeline *timeline, uint64_t skip)
{
	if (timeline->put == timeline->seen)
		return;

	fprintf(out, "<p class=\"left-out\">%llu of %llu calls are left out of the timeline: ",
		(unsigned long long)(timeline->seen - timeline->put),
		(unsigned long long)timeline->seen);
	if (timeline->put)
		fprintf(out, "it shows no. %llu to %llu. ", (unsigned long long)skip + 1,
			(unsigned long long)skip + timeline->put);
	fputs("<code>ffascope replay --as html --skip N</code> begins with another one. "
	      "The counts include all calls.</p>\n",
	      out);
}

static void put_tail(struct report *report)
{
	struct timeline *timeline = get(report);
	const struct report_summary_style plain = { .utf8 = true };
	FILE *out = report->opts.out;
	char *counts = NULL;
	size_t size;
	FILE *text;

	if (!timeline)
		return;

	fputs("</script>\n<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\">"
	      "<defs>",
	      out);
	fputs(patterns, out);
	fputs("</defs></svg>\n", out);
	put_key(out);
	put_left_out(out, timeline, report->opts.skip);
	put_chart(out);

	fputs("<h2>Counts</h2>\n<pre>", out);
	text = timeline->summary ? open_memstream(&counts, &size) : NULL;
	if (text) {
		if (report->opts.calibration)
			report_summary_calibration(timeline->summary, report->opts.calibration);
		report_summary_print(timeline->summary, text, &plain);
		fclose(text);
		markup_put(out, counts);
	}
	free(counts);
	fprintf(out, "</pre>\n<script>\n%s</script>\n</body></html>\n", timeline_js);
}

static void put_away(struct report *report)
{
	struct timeline *timeline = report->own;

	if (!timeline)
		return;
	for (size_t i = 0; i < NR_WORDS; i++)
		free(timeline->words[i].text);
	report_summary_free(timeline->summary);
	free(timeline);
}

const struct report_ops report_timeline = {
	.call = put_call,
	.watched = put_watched,
	.end = put_tail,
	.free = put_away,
};
