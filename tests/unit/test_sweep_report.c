// SPDX-License-Identifier: GPL-2.0-only
/* Sweeps as text, HTML and JSON, and JSON read back. */
#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ffa/catalogue.h"
#include "report/sweep.h"

#define MAX_COLUMNS 100

static const struct sweep_machine machine = { .cpus = 4, .partition = 0x8001 };

/* A probe of each class in turn, with a matching result. */
static void fill(struct sweep_result *result, const struct ffa_regs *in, enum sweep_class class)
{
	static const enum verdict_kind kinds[SWEEP_NR_CLASSES] = {
		[SWEEP_UNKNOWN] = VERDICT_UNKNOWN,  [SWEEP_ENFORCED] = VERDICT_REJECTED,
		[SWEEP_SECURE] = VERDICT_FORWARDED, [SWEEP_ACCEPTED] = VERDICT_FORWARDED,
		[SWEEP_BLOCKED] = VERDICT_REJECTED, [SWEEP_SKIPPED] = VERDICT_UNKNOWN,
	};

	*result = (struct sweep_result){ .made = class != SWEEP_SKIPPED };
	if (!result->made)
		return;
	result->call.in = *in;
	result->call.out.x[0] = FFA_FID_ERROR;
	result->call.out.x[2] = 0xfffffffe;
	result->verdict.kind = kinds[class];
	result->verdict.from_trace = true;
	result->verdict.smcs = class != SWEEP_ENFORCED && class != SWEEP_BLOCKED;
	if (class == SWEEP_UNKNOWN)
		result->verdict.reason = VERDICT_EVIDENCE_CONFLICT;
	result->has_status = true;
	result->status = -2;
}

/* Every call of the catalogue, every class; the last call is not swept. */
static void make(struct sweep *sweep, uint32_t version)
{
	const struct ffa_call *call;
	struct error err;
	unsigned int next = 0;

	*sweep = (struct sweep){ .version = version, .kernel = "7.3.4-<a&b>\"c\"" };
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		struct sweep_call *sc;

		if (!ffa_call_known_in(call, version))
			continue;
		assert_int_equal(sweep_add(sweep, call, &machine, NULL, 0, true, &err), 0);
		sc = &sweep->calls[sweep->nr_calls - 1];
		fill(&sc->control, &sc->in, SWEEP_ACCEPTED);
		for (size_t p = 0; p < sc->nr_probes; p++) {
			struct ffa_regs regs;

			sweep_probe_regs(sc, &sc->probes[p], &regs);
			/* Runs of several lengths. */
			next += p % 5 == 0 || sc->probes[p].bit == 31;
			sc->probes[p].class = (enum sweep_class)(next % SWEEP_NR_CLASSES);
			fill(&sc->probes[p].result, &regs, sc->probes[p].class);
		}
	}
	assert_true(sweep->nr_calls > 20);
	sweep->calls[sweep->nr_calls - 1].control.made = false;
	for (size_t p = 0; p < sweep->calls[sweep->nr_calls - 1].nr_probes; p++) {
		sweep->calls[sweep->nr_calls - 1].probes[p].class = SWEEP_SKIPPED;
		sweep->calls[sweep->nr_calls - 1].probes[p].result = (struct sweep_result){ 0 };
	}
	snprintf(sweep->calls[sweep->nr_calls - 1].skipped, 256,
		 "it changes \"everything\" & more");
}

static void as_json(FILE *out, const struct report_sweep *report)
{
	assert_int_equal(report_sweep_json(out, report), 0);
}

static char *render(void (*how)(FILE *out, const struct report_sweep *report),
		    const struct sweep *sweep, enum sweep_policy policy)
{
	struct report_sweep report = { .sweep = sweep, .policy = policy };
	struct sweep_finding *findings;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(sweep_findings(sweep, policy, &findings, &report.nr_findings), 0);
	report.findings = findings;
	how(f, &report);
	fclose(f);
	free(findings);
	return text;
}

static void plain(FILE *out, const struct report_sweep *report)
{
	report_matrix(out, report, false);
}

static void colored(FILE *out, const struct report_sweep *report)
{
	report_matrix(out, report, true);
}

static void no_line_is_wider_than_100_columns(void **state)
{
	(void)state;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		struct sweep sweep;
		char *text, *rest, *line;

		make(&sweep, ffa_version_at(v));
		text = rest = render(plain, &sweep, v % 2 ? SWEEP_STRICT : SWEEP_SPEC);
		while ((line = strsep(&rest, "\n"))) {
			if (strlen(line) > MAX_COLUMNS)
				fail_msg("%zu columns: %s", strlen(line), line);
			if (line[0])
				assert_int_not_equal(line[strlen(line) - 1], ' ');
		}
		free(text);
		sweep_free(&sweep);
	}
}

static void colour_adds_nothing_to_the_letters(void **state)
{
	struct sweep sweep;
	char *text, *color, *to;

	(void)state;
	make(&sweep, FFA_VERSION_1_2);
	text = render(plain, &sweep, SWEEP_STRICT);
	color = render(colored, &sweep, SWEEP_STRICT);
	assert_non_null(strchr(color, '\033'));
	to = color;
	for (const char *from = color; (*to = *from); from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			to++;
	}
	assert_string_equal(text, color);
	free(text);
	free(color);
	sweep_free(&sweep);
}

/* The rows match the probes, bit by bit. */
static void every_cell_is_a_bit(void **state)
{
	struct sweep sweep;

	(void)state;
	make(&sweep, FFA_VERSION_1_3);
	for (size_t i = 0; i < sweep.nr_calls; i++) {
		const struct sweep_call *call = &sweep.calls[i];
		struct report_row rows[17];
		unsigned int nr = report_rows(call, i % 2, rows);
		size_t cells = 0;

		for (unsigned int r = 0; r < nr; r++) {
			for (unsigned int bit = 0; bit < 64; bit++) {
				if (rows[r].cell[bit] == '.')
					continue;
				cells += rows[r].last - rows[r].first + 1;
				assert_true(bit < (rows[r].wide ? 64 : 32));
			}
		}
		assert_int_equal(cells, call->nr_probes);
		for (size_t p = 0; p < call->nr_probes; p++) {
			const struct sweep_probe *probe = &call->probes[p];
			unsigned int r = 0;

			while (r < nr && probe->reg > rows[r].last)
				r++;
			assert_int_equal(rows[r].cell[probe->bit],
					 sweep_class_letter(probe->class));
		}
	}
	sweep_free(&sweep);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void the_page_stands_alone(void **state)
{
	static const char *const tags[] = { "table", "tr",    "h2",    "p",    "ul",
					    "li",    "code",  "div",   "html", "body",
					    "head",  "style", "title", "b" };
	struct sweep sweep;
	size_t probes = 0;
	char *page;

	(void)state;
	make(&sweep, FFA_VERSION_1_2);
	page = render(report_html, &sweep, SWEEP_STRICT);
	for (size_t i = 0; i < sweep.nr_calls; i++)
		probes += sweep.calls[i].skipped[0] ? 0 : sweep.calls[i].nr_probes;
	/* One cell per probe and per control, with its registers. */
	assert_int_equal(count(page, "<td class=") - count(page, "<td class=\"F") -
				 count(page, "<td class=\"r dim\">") -
				 count(page, "<td class=\"\"") - count(page, "<td class=\" g\""),
			 probes);
	assert_true(count(page, "title=\"") >= probes);

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		char open[16], with[16], close[16];

		snprintf(open, sizeof(open), "<%s>", tags[i]);
		snprintf(with, sizeof(with), "<%s ", tags[i]);
		snprintf(close, sizeof(close), "</%s>", tags[i]);
		assert_int_equal(count(page, open) + count(page, with), count(page, close));
	}
	assert_int_equal(count(page, "://"), 0);
	assert_int_equal(count(page, "<script"), 0);
	assert_int_equal(count(page, "<link"), 0);
	/* Strings from the machine are escaped. */
	assert_int_equal(count(page, "<a&b>"), 0);
	assert_true(count(page, "7.3.4-&lt;a&amp;b&gt;&quot;c&quot;") >= 2);
	free(page);
	sweep_free(&sweep);
}

static void json_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		struct sweep sweep, again;
		struct error err;
		struct sweep_diff diff;
		char *text, *twice;

		make(&sweep, ffa_version_at(v));
		text = render(as_json, &sweep, SWEEP_STRICT);
		assert_int_equal(count(text, "\n"), 1);
		if (sweep_parse(text, strlen(text), &again, &err))
			fail_msg("%s", err.text);
		assert_string_equal(again.kernel, sweep.kernel);
		assert_int_equal(again.version, sweep.version);
		assert_int_equal(again.nr_calls, sweep.nr_calls);
		for (size_t i = 0; i < sweep.nr_calls; i++) {
			assert_string_equal(again.calls[i].name, sweep.calls[i].name);
			assert_string_equal(again.calls[i].skipped, sweep.calls[i].skipped);
			assert_int_equal(again.calls[i].nr_probes, sweep.calls[i].nr_probes);
			for (size_t p = 0; p < sweep.calls[i].nr_probes; p++) {
				const struct sweep_probe *a = &sweep.calls[i].probes[p];
				const struct sweep_probe *b = &again.calls[i].probes[p];

				assert_int_equal(a->class, b->class);
				assert_int_equal(a->rule, b->rule);
				assert_int_equal(a->reg, b->reg);
				assert_int_equal(a->bit, b->bit);
				assert_int_equal(a->wide, b->wide);
				assert_int_equal(a->result.made, b->result.made);
				assert_int_equal(a->result.status, b->result.status);
				assert_int_equal(a->result.verdict.kind, b->result.verdict.kind);
			}
		}
		assert_int_equal(sweep_compare(&sweep, &again, &diff), 0);
		assert_int_equal(diff.nr, 0);
		sweep_diff_free(&diff);

		twice = render(as_json, &sweep, SWEEP_STRICT);
		assert_string_equal(text, twice);
		free(text);
		free(twice);
		sweep_free(&sweep);
		sweep_free(&again);
	}
}

static void refused(const char *text, size_t len, const char *words)
{
	struct sweep sweep;
	struct error err;

	assert_int_equal(sweep_parse(text, len, &sweep, &err), -EBADMSG);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
	assert_int_equal(sweep.nr_calls, 0);
	assert_null(sweep.calls);
}

static void foreign_files_are_told_apart(void **state)
{
#define HEAD "{\"kernel\":\"k\",\"ffa\":\"1.2\",\"calls\":["
#define CALL \
	HEAD "{\"call\":\"FFA_X\",\"fid\":\"0x84000082\",\"control\":{\"verdict\":\"forwarded\"},"
#define PROBE CALL "\"probes\":[{\"reg\":\"w2\",\"bit\":31,\"rule\":\"SBZ\",\"class\":\"enforced\""
	static const struct {
		const char *text, *words;
	} bad[] = {
		{ "", "cut off, or empty" },
		{ "   ", "cut off, or empty" },
		{ "hello", "not JSON" },
		{ "[]", "not an ffascope sweep" },
		{ "3 ", "not an ffascope sweep" },
		{ "null ", "not an ffascope sweep" },
		{ "{\"call\":\"FFA_ID_GET\",\"verdict\":\"forwarded\"}", "not an ffascope sweep" },
		{ "{\"kernel\":\"k\",\"ffa\":\"9.9\",\"calls\":[]}", "FF-A 9.9 is not known" },
		{ HEAD "]} {}", "follows the sweep" },
		{ HEAD "3]}", "calls[0]: \"call\" or \"fid\"" },
		{ HEAD "{\"call\":\"FFA_X\",\"fid\":\"zwei\"}]}", "calls[0]: \"call\" or \"fid\"" },
		{ HEAD "{\"call\":\"FFA_X\",\"fid\":\"0x84000082\"}]}", "calls[0]: \"probes\"" },
		{ HEAD "{\"call\":\"FFA_X\",\"fid\":\"0x84000082\",\"probes\":[]}]}",
		  "calls[0]: \"control\"" },
		{ HEAD "{\"call\":\"FFA_X\",\"fid\":\"0x84000082\",\"control\":{},\"probes\":[]}]}",
		  "calls[0]: \"verdict\"" },
		{ CALL "\"probes\":[{}]}]}", "calls[0].probes[0]: \"reg\"" },
		{ CALL "\"probes\":[{\"reg\":\"w18\"}]}]}", "no register w18" },
		{ CALL "\"probes\":[{\"reg\":\"w2\",\"bit\":32}]}]}", "not in w2" },
		{ CALL "\"probes\":[{\"reg\":\"x2\",\"bit\":-1}]}]}", "not in x2" },
		{ CALL "\"probes\":[{\"reg\":\"w2\",\"bit\":\"3\"}]}]}", "not in w2" },
		{ CALL "\"probes\":[{\"reg\":\"w2\",\"bit\":3,\"rule\":\"field\"}]}]}",
		  "\"rule\"" },
		{ CALL
		  "\"probes\":[{\"reg\":\"w2\",\"bit\":3,\"rule\":\"MBZ\",\"class\":\"good\"}]}]}",
		  "\"class\"" },
		{ PROBE "}]}]}", "calls[0].probes[0]: \"verdict\"" },
		{ PROBE ",\"verdict\":\"rejected\",\"status\":\"FINE\"}]}]}",
		  "no such status, FINE" },
	};
	static const char good[] = PROBE ",\"verdict\":\"rejected\",\"status\":\"DENIED\"}]}]}\n";
	struct sweep sweep;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i].text, strlen(bad[i].text), bad[i].words);
	assert_int_equal(sweep_parse(good, strlen(good), &sweep, &err), 0);
	sweep_free(&sweep);
}

static void truncated_or_damaged_sweeps_are_refused_or_read_whole(void **state)
{
	struct sweep sweep, again;
	struct error err;
	unsigned int seed = 1;
	size_t len, all;
	char *text;

	(void)state;
	make(&sweep, FFA_VERSION_1_1);
	all = sweep.nr_calls;
	sweep.nr_calls = 3;
	text = render(as_json, &sweep, SWEEP_STRICT);
	len = strlen(text) - 1;
	for (size_t n = 0; n < len; n += 1 + n / 50)
		refused(text, n, "cut off");

	/* A flipped byte never causes a crash or a partly read sweep. */
	for (unsigned int i = 0; i < 1000; i++) {
		size_t at;
		char old;

		seed = seed * 1103515245 + 12345;
		at = (seed >> 4) % len;
		old = text[at];
		text[at] = (char)(seed >> 24);
		if (sweep_parse(text, len, &again, &err))
			assert_null(again.calls);
		else
			sweep_free(&again);
		text[at] = old;
	}
	free(text);
	sweep.nr_calls = all;
	sweep_free(&sweep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_is_wider_than_100_columns),
		cmocka_unit_test(colour_adds_nothing_to_the_letters),
		cmocka_unit_test(every_cell_is_a_bit),
		cmocka_unit_test(the_page_stands_alone),
		cmocka_unit_test(json_is_read_as_it_was_written),
		cmocka_unit_test(foreign_files_are_told_apart),
		cmocka_unit_test(truncated_or_damaged_sweeps_are_refused_or_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
