// SPDX-License-Identifier: GPL-2.0-only
/* Registers out of text: the table of formats, lines of every shape, and lines that belong together. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/dump.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

#define NO UINT64_MAX /* not given */

struct seen {
	unsigned int records;
	struct dump_line line; /* of the last record */
};

static void keep(void *ctx, const struct dump_record *record)
{
	struct seen *seen = ctx;

	seen->records++;
	seen->line = *record->line;
}

/* Feeds lines, each in memory of its own size: ASan sees a read beyond the end. */
static struct seen feed(const char *text)
{
	struct dump_reader *reader = malloc(sizeof(*reader));
	struct seen seen = { 0 };

	dump_reader_init(reader, false, keep, &seen);
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *exact = malloc(len + !len);

		memcpy(exact, text, len);
		dump_reader_line(reader, exact, len);
		free(exact);
		text += len + (text[len] == '\n');
	}
	dump_reader_flush(reader);
	free(reader);

	return seen;
}

static uint64_t reg(const struct ffa_dump *dump, unsigned int n)
{
	return ffa_given(dump, n, 31, 0) ? dump->x[n] : NO;
}

static void every_format_decodes_its_example(void **state)
{
	const struct dump_format *f;
	size_t i;

	(void)state;
	for (i = 0; (f = dump_format_at(i)); i++) {
		struct seen seen = feed(f->lines);
		const struct ffa_call *call;
		char text[600], fields[500];

		if (f->shape == DUMP_STATUS) {
			assert_int_equal(seen.line.kind, DUMP_CODE);
			assert_string_equal(ffa_status_name(seen.line.code), f->decoded);
			continue;
		}
		if (seen.records != 1 || seen.line.kind != DUMP_REGS)
			fail_msg("%s: %u records, kind %d", f->name, seen.records, seen.line.kind);
		call = ffa_call_by_fid((uint32_t)seen.line.regs.x[0]);
		assert_non_null(call);
		ffa_dump_fields(call, &seen.line.regs, fields, sizeof(fields));
		snprintf(text, sizeof(text), "%s %s", ffa_call_name(call), fields);
		/* Each word of the example's decoding is among those that were decoded. */
		for (const char *s = f->decoded; *s;) {
			size_t len = strcspn(s, " ");
			char word[80];

			snprintf(word, sizeof(word), "%.*s", (int)len, s);
			if (!strstr(text, word))
				fail_msg("%s: no \"%s\" in \"%s\"", f->name, word, text);
			s += len + (s[len] == ' ');
		}
	}
	assert_true(i >= 20);
}

static void a_line_gives_the_registers_that_it_has(void **state)
{
	static const struct {
		const char *line;
		enum dump_kind kind;
		uint64_t x0, x1, x2;
	} cases[] = {
		{ "VERBOSE: SPM(0): 0x84000069 0x1 0x2 0x3", DUMP_REGS, 0x84000069, 1, 2 },
		{ "[  12.5] VERBOSE: SPM(1): 0x8400007d 0x10000 0x4\r\n", DUMP_REGS, 0x8400007d,
		  0x10000, 4 },
		{ "SPM(0): 0x84000069 oops", DUMP_REGS, 0x84000069, NO, NO },
		{ "SPM(0): 0x0 0x1", DUMP_REGS, 0, 1, NO },
		{ "SPM(0):", DUMP_NOTHING, 0, 0, 0 },
		{ "x0=0x84000069 x1=0x1 x2=0x2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "x2=0x2 x0=0x84000069 x1=0x1", DUMP_REGS, 0x84000069, 1, 2 },
		{ "x0: 84000069, x1: a, x2: 2", DUMP_REGS, 0x84000069, 10, 2 },
		{ "w0=0x84000069,w2=0x2", DUMP_REGS, 0x84000069, NO, 2 },
		{ "trap: x0=0x84000069 x17=0x1 and so on", DUMP_REGS, 0x84000069, NO, NO },
		{ "{x0 = 0x84000069 x1 = 1}", DUMP_REGS, 0x84000069, 1, NO },
		{ "X0=0xC4000083 X1=0xFFFFFFFFFFFFFFFE", DUMP_REGS, 0xc4000083, UINT64_MAX - 1,
		  NO },
		{ "x0=0x84000069 x1=zz", DUMP_REGS, 0x84000069, NO, NO },
		{ "x0=0x84000069 x18=1", DUMP_REGS, 0x84000069, NO, NO },
		{ "x0=0x84000069 x0=1", DUMP_FAULT, 0, 0, 0 },
		{ "w0=0x184000069", DUMP_FAULT, 0, 0, 0 },
		{ "x0=here", DUMP_FAULT, 0, 0, 0 },
		{ "x1=0x84000069", DUMP_FRAGMENT, NO, 0x84000069, NO },
		{ "0x84000069 0x1 0x2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "84000069 1 2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "0000000084000069 1 2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "  0x84000069\t0x1,0x2  ", DUMP_REGS, 0x84000069, 1, 2 },
		{ "[0x84000069, 0x1, 0x2]", DUMP_REGS, 0x84000069, 1, 2 },
		{ "{0x84000069UL, 1, 2ULL};", DUMP_REGS, 0x84000069, 1, 2 },
		{ "0x8400_0069 0x1 0x2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "0X84000069 0X1 0X2.", DUMP_REGS, 0x84000069, 1, 2 },
		{ "2214592617 16 2", DUMP_REGS, 0x84000069, 16, 2 },
		{ "0x10002", DUMP_REGS, 0x10002, NO, NO },
		{ "dead beef", DUMP_NOTHING, 0, 0, 0 },
		{ "smc 0x84000069 0x1 2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "smc 0x84000069 0x1 two", DUMP_REGS, 0x84000069, 1, NO },
		{ "smc 0x84000050 0x1", DUMP_NOTHING, 0, 0, 0 },
		{ "smc 0x84000069: x1=1 x2=2", DUMP_REGS, 0x84000069, 1, 2 },
		{ "0x84000069 1 2 3 4 5 6 7 8 9 a b c d e f 10 11", DUMP_REGS, 0x84000069, 1, 2 },
		{ "0x84000069 1 2 3 4 5 6 7 8 9 a b c d e f 10 11 12", DUMP_FAULT, 0, 0, 0 },
		{ "0x184000069ffffffff 1", DUMP_NOTHING, 0, 0, 0 },
		{ "box0=1", DUMP_NOTHING, 0, 0, 0 },
		{ "at 84000069.5 s", DUMP_NOTHING, 0, 0, 0 },
		{ "", DUMP_NOTHING, 0, 0, 0 },
		{ "   ", DUMP_NOTHING, 0, 0, 0 },
		{ "Booting Linux on physical CPU 0x0000000000 [0x000f0510]", DUMP_NOTHING, 0, 0,
		  0 },
		{ "-2", DUMP_CODE, 0, 0, 0 },
		{ "0xfffffffe", DUMP_CODE, 0, 0, 0 },
		{ "0xfffffffffffffffe", DUMP_CODE, 0, 0, 0 },
		{ "status: -6", DUMP_CODE, 0, 0, 0 },
		{ "-22", DUMP_NOTHING, 0, 0, 0 },
		{ "smc failed: -2", DUMP_NOTHING, 0, 0, 0 },
		{ "a0=0x84000060 a1=0 a2=-2", DUMP_REGS, 0x84000060, 0, UINT64_MAX - 1 },
		{ ".func = FFA_ERROR, .arg2 = 0xfffffffe", DUMP_REGS, 0x84000060, NO, 0xfffffffe },
		{ "{\"x0\": \"0x84000069\", \"x1\": \"0x1\"}", DUMP_REGS, 0x84000069, 1, NO },
		{ "x0 (/64): 0x0000000084000069", DUMP_REGS, 0x84000069, NO, NO },
		{ "x0 | 0x84000069 | x1 | 0x1", DUMP_REGS, 0x84000069, 1, NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = feed(cases[i].line);
		const struct ffa_dump *regs = &seen.line.regs;

		if (!*cases[i].line)
			continue;
		if (seen.line.kind != cases[i].kind)
			fail_msg("\"%s\": kind %d, %s", cases[i].line, seen.line.kind,
				 seen.line.fault);
		if (cases[i].kind != DUMP_REGS && cases[i].kind != DUMP_FRAGMENT)
			continue;
		if (reg(regs, 0) != cases[i].x0 || reg(regs, 1) != cases[i].x1 ||
		    reg(regs, 2) != cases[i].x2)
			fail_msg("\"%s\": %llx %llx %llx", cases[i].line,
				 (unsigned long long)reg(regs, 0), (unsigned long long)reg(regs, 1),
				 (unsigned long long)reg(regs, 2));
	}
}

static void a_call_and_its_answer_are_kept_apart(void **state)
{
	static const char *const lines[] = {
		"smc(0x84000069, 0x0) = 0x84000061 0x0 0x5",
		"FFA_ID_GET(0x0) -> 0x84000061 0x0 0x5",
		"x0=0x84000069 x1=0x0 -> x0=0x84000061 x1=0x0 x2=0x5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct seen seen = feed(lines[i]);

		assert_int_equal(seen.line.kind, DUMP_REGS);
		assert_true(seen.line.has_answer);
		assert_int_equal(reg(&seen.line.regs, 0), 0x84000069);
		assert_true(reg(&seen.line.regs, 2) == NO);
		assert_int_equal(reg(&seen.line.answer, 0), 0x84000061);
		assert_int_equal(reg(&seen.line.answer, 2), 5);
	}
}

static void numbers_that_can_be_read_in_two_ways_are_marked(void **state)
{
	struct seen seen = feed("0x8400007d 1 16");

	(void)state;
	assert_true(seen.line.two_readings);
	assert_int_equal(reg(&seen.line.regs, 2), 0x16);
	assert_int_equal(reg(&seen.line.decimal, 2), 16);
	/* A letter or leading zeros in another number tell. */
	assert_false(feed("0x8400007d a 16").line.two_readings);
	assert_false(feed("x0=0x8400007d x1=0000000000000010").line.two_readings);
	assert_false(feed("2214592637 1 16").line.two_readings);
	/* So does a number that is the same in both. */
	assert_false(feed("0x8400007d 1 4").line.two_readings);
}

static void lines_that_belong_together_are_one_dump(void **state)
{
	static const struct {
		const char *lines;
		unsigned int records;
		uint64_t x0, x1, x2; /* of the last */
	} cases[] = {
		{ "x3 : 0000000000000000 x2 : 00000000fffffffe\nx1 : 0000000000000000 x0 : "
		  "0000000084000060",
		  1, 0x84000060, 0, 0xfffffffe },
		{ "[1.5] x29: ffff800080003d30 x28: 0000000000000000\n[1.6] x0 : 0000000084000069",
		  1, 0x84000069, NO, NO },
		/* Two dumps, one after the other. */
		{ "x0=0x84000069 x1=0x1\nx0=0x84000060 x2=0xfffffffe", 2, 0x84000060, NO,
		  0xfffffffe },
		/* What a register cannot be at once is another dump. */
		{ "x0=0x84000069 x1=0x1\nx1=0x2 x2=0x3", 2, NO, 2, 3 },
		/* Another writer. */
		{ "optee: x0=0x84000069 x1=0x1\nkvm: x2=0x3 x3=0x4", 2, NO, NO, 3 },
		/* A line between them. */
		{ "x0=0x84000069 x1=0x1\nhello\nx2=0x3 x3=0x4", 3, NO, NO, 3 },
		{ ".a0 = 0x84000069,\n.a1 = 0x1,\n.a2 = 0x2,", 1, 0x84000069, 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = feed(cases[i].lines);
		const struct ffa_dump *regs = &seen.line.regs;

		if (seen.records != cases[i].records)
			fail_msg("\"%s\": %u records", cases[i].lines, seen.records);
		if (reg(regs, 0) != cases[i].x0 || reg(regs, 1) != cases[i].x1 ||
		    reg(regs, 2) != cases[i].x2)
			fail_msg("\"%s\": %llx %llx %llx", cases[i].lines,
				 (unsigned long long)reg(regs, 0), (unsigned long long)reg(regs, 1),
				 (unsigned long long)reg(regs, 2));
	}
}

static void a_w_register_gives_the_low_half_only(void **state)
{
	struct seen seen = feed("w0=0x84000069 w2=0x5");

	(void)state;
	assert_true(ffa_given(&seen.line.regs, 2, 31, 0));
	assert_false(ffa_given(&seen.line.regs, 2, 63, 32));
}

static void what_surrounds_the_registers_is_kept(void **state)
{
	struct seen seen = feed("host_smc id=2214592637 forwarded=0");

	(void)state;
	assert_int_equal(seen.line.forwarded, 0);
	assert_int_equal(seen.line.rest_len, 0);
	seen = feed("(XEN) d0v0 ffa: 0x84000069 0x0 (again)");
	assert_int_equal(seen.line.prefix_len, strlen("(XEN) d0v0 ffa:"));
	assert_int_equal(seen.line.rest_len, strlen("(again)"));
	seen = feed("SPM(0): 0x84000069 0x0 0x0 0x0 0x0 0x0 0x0 0x0 | s 0x8 0x9");
	assert_int_equal(seen.line.world, 's');
	assert_int_equal(reg(&seen.line.regs, 9), 9);
	assert_true(reg(&seen.line.regs, 10) == NO);
}

static void every_name_of_the_table_is_read(void **state)
{
	const struct dump_name *name;
	struct dump_line line;
	char text[64];

	(void)state;
	for (size_t i = 0; (name = dump_name_at(i)); i++) {
		for (unsigned int upper = 0; upper < 2; upper++) {
			int len = snprintf(text, sizeof(text), "%s%s=0x84000069", name->base,
					   name->is_call ? "" : "0");

			if (upper)
				text[0] = (char)(text[0] - 0x20);
			dump_read(text, (size_t)len, false, &line);
			assert_int_equal(line.kind, DUMP_REGS);
			assert_int_equal(line.regs.x[0], 0x84000069);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_the_table_is_read),
		cmocka_unit_test(every_format_decodes_its_example),
		cmocka_unit_test(a_line_gives_the_registers_that_it_has),
		cmocka_unit_test(a_call_and_its_answer_are_kept_apart),
		cmocka_unit_test(numbers_that_can_be_read_in_two_ways_are_marked),
		cmocka_unit_test(lines_that_belong_together_are_one_dump),
		cmocka_unit_test(a_w_register_gives_the_low_half_only),
		cmocka_unit_test(what_surrounds_the_registers_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
