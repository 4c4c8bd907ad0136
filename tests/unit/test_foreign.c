// SPDX-License-Identifier: GPL-2.0-only
/* What of a foreign text reaches a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/foreign.h"

static void becomes(const char *text, const char *expected, const char *kept)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "%s", text);
	foreign_clean(buf, strlen(buf), kept);
	assert_string_equal(buf, expected);
}

static void text_stays(void **state)
{
	(void)state;
	becomes("", "", "");
	becomes("a b~", "a b~", "");
	becomes("a\nb\tc", "a\nb\tc", "\n\t");
	becomes("\u00a0\u00fc\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff",
		"\u00a0\u00fc\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff", "");
}

static void control_characters_go(void **state)
{
	(void)state;
	becomes("\033]0;title\a", "?]0;title?", "");
	becomes("a\nb\rc\177", "a?b?c?", "");
	becomes("a\nb\rc", "a\nb?c", "\n");
	/* CSI in eight bits, and as UTF-8. */
	becomes("\x9b"
		"31m",
		"?31m", "");
	becomes("\xc2\x9b"
		"31m",
		"??31m", "");
	becomes("\xc2\x80\xc2\x9f", "????", "");
}

static void bytes_that_are_no_text_go(void **state)
{
	(void)state;
	becomes("\xff\xfe\xc0\xaf\xc1\x81", "??????", "");
	/* Too long a form, a surrogate, above U+10FFFF. */
	becomes("\xe0\x9f\xbf\xed\xa0\x80\xf4\x90\x80\x80\xf5\x80\x80\x80", "??????????????", "");
	/* Cut off, at the end and by another character. */
	becomes("a\xe2\x82", "a??", "");
	becomes("\xe2\x82"
		"a\xc3",
		"??a?", "");
}

static void a_nul_is_no_end(void **state)
{
	char buf[] = "a\0\033b";

	(void)state;
	foreign_clean(buf, sizeof(buf), "");
	assert_memory_equal(buf, "a\0?b", sizeof(buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays),
		cmocka_unit_test(control_characters_go),
		cmocka_unit_test(bytes_that_are_no_text_go),
		cmocka_unit_test(a_nul_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
