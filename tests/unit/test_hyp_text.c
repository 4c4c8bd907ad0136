// SPDX-License-Identifier: GPL-2.0-only
/* Parsing the text of trace_pipe: events, and reports of lost ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/texts.h"
#include "hyp/internal.h"

#define MAX 64

struct seen {
	struct hyp_event ev[MAX];
	unsigned int nr;
	int ret;
};

static int take(void *ctx, const struct hyp_event *ev)
{
	struct seen *seen = ctx;

	assert_true(seen->nr < MAX);
	seen->ev[seen->nr++] = *ev;
	return seen->ret;
}

static struct seen feed(struct hyp_text *text, const char *data)
{
	struct seen seen = { 0 };

	assert_int_equal(hyp_text_feed(text, data, strlen(data), take, &seen), 0);
	return seen;
}

static void mainline_lines_are_events(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = feed(&text, "[000]\t   12.345678: hyp_enter reason=smc vcpu=0\n"
				       "[003]\t   12.345679: hyp_exit reason=eret_host vcpu=17\n"
				       "[000]\t 99999.000001: selftest id=18446744073709551615\n");

	(void)state;
	assert_int_equal(seen.nr, 3);
	assert_int_equal(seen.ev[0].type, HYP_EVENT_ENTER);
	assert_int_equal(seen.ev[0].reason, HYP_REASON_SMC);
	assert_int_equal(seen.ev[0].cpu, 0);
	assert_int_equal(seen.ev[0].ts, 12345678000);
	assert_int_equal(seen.ev[1].type, HYP_EVENT_EXIT);
	assert_int_equal(seen.ev[1].reason, HYP_REASON_ERET_HOST);
	assert_int_equal(seen.ev[1].cpu, 3);
	assert_int_equal(seen.ev[1].vcpu, 17);
	assert_int_equal(seen.ev[2].type, HYP_EVENT_SELFTEST);
	assert_true(seen.ev[2].id == UINT64_MAX);
	assert_int_equal(seen.ev[2].ts, 99999000001000);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(seen.ev[i].lost, 0);
}

static void every_reason_has_its_number(void **state)
{
	static const char *const names[] = { "smc",	  "hvc",	"sys",
					     "psci",	  "host_abort", "guest_exit",
					     "eret_host", "eret_guest", "unknown" };

	(void)state;
	for (unsigned int i = 0; i < 9; i++) {
		struct hyp_text text = { 0 };
		struct seen seen;
		char line[100];

		snprintf(line, sizeof(line), "[000]\t1.000000: hyp_enter reason=%s vcpu=0\n",
			 names[i]);
		seen = feed(&text, line);
		assert_int_equal(seen.nr, 1);
		assert_int_equal(seen.ev[0].reason, i);
		assert_int_equal(seen.ev[0].lost, 0);
	}
}

static void what_was_lost_goes_with_the_next_event_of_its_cpu(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = feed(&text, "CPU:1 [LOST 12 EVENTS]\n"
				       "[000]\t    1.000000: hyp_enter reason=hvc vcpu=0\n"
				       "[001]\t    1.000001: hyp_exit reason=smc vcpu=0\n"
				       "[001]\t    1.000002: hyp_enter reason=smc vcpu=0\n");

	(void)state;
	assert_int_equal(seen.nr, 3);
	assert_int_equal(seen.ev[0].lost, 0);
	assert_int_equal(seen.ev[1].lost, 12);
	assert_int_equal(seen.ev[2].lost, 0);
}

static void a_line_may_come_in_pieces(void **state)
{
	static const char data[] = "[000]\t    1.000000: hyp_enter reason=smc vcpu=0\n"
				   "[000]\t    1.000009: hyp_exit reason=eret_host vcpu=0\n";

	(void)state;
	for (size_t cut = 1; cut < sizeof(data) - 1; cut++) {
		struct hyp_text text = { 0 };
		struct seen seen = { 0 };

		hyp_text_feed(&text, data, cut, take, &seen);
		hyp_text_feed(&text, data + cut, sizeof(data) - 1 - cut, take, &seen);
		assert_int_equal(seen.nr, 2);
		assert_int_equal(seen.ev[0].reason, HYP_REASON_SMC);
		assert_int_equal(seen.ev[1].ts, 1000009000);
		assert_int_equal(seen.ev[1].lost, 0);
	}
}

static void text_that_is_not_understood_counts_as_lost(void **state)
{
	static const char *const lines[] = {
		"nonsense\n",
		"[000] 1.000000: hyp_enter reason=teleport vcpu=0\n",
		"[000] 1.00000: hyp_enter reason=smc vcpu=0\n",
		"[000] 1.1000000: hyp_enter reason=smc vcpu=0\n",
		"[000] 99999999999999999999.000000: hyp_enter reason=smc vcpu=0\n",
		"[-1] 1.000000: hyp_enter reason=smc vcpu=0\n",
		"[000] 1.000000 hyp_enter reason=smc vcpu=0\n",
		"[000] 1.000000: selftest id=x\n",
		"[000] 1.000000: selftest\n",
		"[000] 1.000000: host_smc id=5\n",
		"[000] 1.000000: host_smc id=5 forwarded=2\n",
		"[000] 1.000000: \n",
		"CPU:0 [LOST many EVENTS]\n",
		"CPU:0 [LOST 99999999999999999999 EVENTS]\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct hyp_text text = { 0 };
		struct seen seen = feed(&text, lines[i]);

		assert_int_equal(seen.nr, 1);
		assert_int_equal(seen.ev[0].type, 0);
		assert_int_equal(seen.ev[0].lost, 1);
	}
}

static void a_line_without_cpu_and_time_has_those_of_its_file(void **state)
{
	struct hyp_text text = { .cpu = 3 };
	struct seen seen = feed(&text, "[003]\t1.000005: hyp_exit reason=smc vcpu=0\nnonsense\n"
				       "[003]\t1.000007: hyp_enter reason=smc vcpu=0\n");

	(void)state;
	assert_int_equal(seen.nr, 3);
	assert_int_equal(seen.ev[1].lost, 1);
	assert_int_equal(seen.ev[1].cpu, 3);
	assert_int_equal(seen.ev[1].ts, 1000005000);
	assert_int_equal(seen.ev[2].ts, 1000007000);
	/* A line that cannot be read as a loss is one of this CPU too. */
	seen = feed(&text, "CPU:9 [LOST many EVENTS]\n");
	assert_int_equal(seen.ev[0].cpu, 3);
}

static void a_line_that_never_ends_is_one_loss(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		hyp_text_feed(&text, "x", 1, take, &seen);
	hyp_text_feed(&text, "\n", 1, take, &seen);
	assert_int_equal(seen.nr, 1);
	assert_int_equal(seen.ev[0].lost, 1);

	seen = feed(&text, "[000]\t1.000000: hyp_exit reason=smc vcpu=0\n");
	assert_int_equal(seen.ev[0].type, HYP_EVENT_EXIT);
}

static void other_events_are_no_loss(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = feed(&text, "[000]\t1.000000: host_hcall id=5 invalid=0\n"
				       "[000]\t1.000001: UNKNOWN id=9\n");

	(void)state;
	/* The last one can have more lines. */
	assert_int_equal(seen.nr, 1);
	assert_int_equal(hyp_text_end(&text, take, &seen), 0);
	assert_int_equal(seen.nr, 2);
	assert_int_equal(seen.ev[0].type, HYP_EVENT_OTHER);
	assert_int_equal(seen.ev[0].lost, 0);
	assert_int_equal(hyp_text_end(&text, take, &seen), 0);
	assert_int_equal(seen.nr, 2);
}

static void printed_text_can_have_several_lines(void **state)
{
	struct hyp_text text = { .texts = texts_new() };
	struct seen seen = feed(&text, "[001]\t1.000000: hyp_enter reason=smc vcpu=0\n"
				       "[001]\t1.000001: hyp_printk ffa: x0 0x84000069\n"
				       "second line\n"
				       "\n"
				       "[001]\t1.000002: hyp_exit reason=eret_host vcpu=0\n"
				       "not a line of the trace\n");

	(void)state;
	assert_int_equal(seen.nr, 4);
	assert_int_equal(seen.ev[1].type, HYP_EVENT_PRINTK);
	assert_int_equal(seen.ev[1].ts, 1000001000);
	assert_string_equal(texts_get(text.texts, seen.ev[1].id),
			    "ffa: x0 0x84000069\nsecond line");
	assert_int_equal(seen.ev[2].type, HYP_EVENT_EXIT);
	assert_int_equal(seen.ev[2].lost, 0);
	assert_int_equal(seen.ev[3].lost, 1);
	texts_free(text.texts);
}

static void a_loss_before_an_event_that_is_not_known_is_seen(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = feed(&text, "[001]\t1.000000: hyp_enter reason=smc vcpu=0\n"
				       "CPU:1 [LOST 2 EVENTS]\n"
				       "[001]\t1.000001: __hyp_printk x\n"
				       "[001]\t1.000002: hyp_exit reason=eret_host vcpu=0\n");

	(void)state;
	assert_int_equal(seen.nr, 3);
	assert_int_equal(seen.ev[1].lost, 2);
}

static void host_ffa_call_says_whether_el2_handled_it(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen =
		feed(&text, "[000]\t1.000000: host_ffa_call ffa_func=0x8400007d a1=0x0 a2=0x1 "
			    "a3=0x0 a4=0 handled=1 err=-1\n");

	(void)state;
	assert_int_equal(seen.nr, 1);
	assert_int_equal(seen.ev[0].type, HYP_EVENT_HOST_FFA_CALL);
	assert_int_equal(seen.ev[0].id, 0x8400007d);
	assert_int_equal(seen.ev[0].arg, 1);
	assert_int_equal(seen.ev[0].lost, 0);
}

static void android_lines_have_no_reasons(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = feed(&text, "[002]\t    1.000000: hyp_enter \n"
				       "[002]\t    1.000001: host_smc id=2214592612 forwarded=1\n"
				       "[002]\t    1.000002: hyp_exit\n");

	(void)state;
	assert_int_equal(seen.nr, 3);
	assert_int_equal(seen.ev[0].reason, HYP_REASON_NONE);
	assert_int_equal(seen.ev[1].type, HYP_EVENT_HOST_SMC);
	assert_int_equal(seen.ev[1].id, 0x84000064);
	assert_int_equal(seen.ev[1].arg, 1);
	assert_int_equal(seen.ev[2].type, HYP_EVENT_EXIT);
	assert_int_equal(seen.ev[2].reason, HYP_REASON_NONE);
}

/* Some builds print invalid= for the field `forwarded': recognised by the format file, or as known. */
static void the_format_file_says_which_field_a_word_shows(void **state)
{
	static const char line[] = "[000]\t1.000000: host_smc id=0x84000064 invalid=1\n";
	struct hyp_text text = { 0 };
	struct seen seen = feed(&text, line);

	(void)state;
	assert_int_equal(seen.ev[0].arg, 1);

	assert_int_equal(
		hyp_format_parse("name: host_smc\nprint fmt: \"id=%llu invalid=%u\", REC->id, "
				 "REC->forwarded\n",
				 &text.host_smc),
		0);
	assert_int_equal(text.host_smc.nr, 2);
	assert_string_equal(text.host_smc.keys[1], "invalid");
	assert_string_equal(text.host_smc.fields[1], "forwarded");
	seen = feed(&text, line);
	assert_int_equal(seen.ev[0].arg, 1);
	assert_int_equal(seen.ev[0].lost, 0);

	/* A field that really is `invalid' does not tell whether the call was forwarded. */
	assert_int_equal(
		hyp_format_parse("print fmt: \"id=%llu invalid=%u\", REC->id, REC->invalid\n",
				 &text.host_smc),
		0);
	seen = feed(&text, line);
	assert_int_equal(seen.ev[0].lost, 1);
}

static void formats_that_cannot_be_read(void **state)
{
	static const char *const texts[] = { "", "print fmt: ", "print fmt: \"id=%u",
					     "print fmt: \"id=%u\", x" };
	struct hyp_format format;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_true(hyp_format_parse(texts[i], &format) < 0);
	/* Mainline's format, with a function around the field. */
	assert_int_equal(hyp_format_parse("print fmt: \"reason=%s vcpu=%d\", "
					  "__hyp_enter_exit_reason_str(REC->reason), REC->vcpu\n",
					  &format),
			 0);
	assert_int_equal(format.nr, 2);
	assert_string_equal(format.fields[0], "reason");
	/* No fields at all. */
	assert_int_equal(hyp_format_parse("print fmt: \" \"\n", &format), 0);
	assert_int_equal(format.nr, 0);
}

static void an_error_of_the_taker_ends_it(void **state)
{
	struct hyp_text text = { 0 };
	struct seen seen = { .ret = -5 };
	static const char data[] = "[000]\t1.000000: hyp_exit\n[000]\t1.000001: hyp_enter\n";

	(void)state;
	assert_int_equal(hyp_text_feed(&text, data, sizeof(data) - 1, take, &seen), -5);
	assert_int_equal(seen.nr, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mainline_lines_are_events),
		cmocka_unit_test(every_reason_has_its_number),
		cmocka_unit_test(what_was_lost_goes_with_the_next_event_of_its_cpu),
		cmocka_unit_test(a_line_may_come_in_pieces),
		cmocka_unit_test(text_that_is_not_understood_counts_as_lost),
		cmocka_unit_test(a_line_without_cpu_and_time_has_those_of_its_file),
		cmocka_unit_test(a_line_that_never_ends_is_one_loss),
		cmocka_unit_test(other_events_are_no_loss),
		cmocka_unit_test(printed_text_can_have_several_lines),
		cmocka_unit_test(a_loss_before_an_event_that_is_not_known_is_seen),
		cmocka_unit_test(host_ffa_call_says_whether_el2_handled_it),
		cmocka_unit_test(android_lines_have_no_reasons),
		cmocka_unit_test(the_format_file_says_which_field_a_word_shows),
		cmocka_unit_test(formats_that_cannot_be_read),
		cmocka_unit_test(an_error_of_the_taker_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
