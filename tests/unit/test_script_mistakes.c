// SPDX-License-Identifier: GPL-2.0-only
/* A mistake in a script is reported with its place and a fix; valid scripts are accepted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/script.h"

/* Files that can be included: name and text. */
static const char *const files[][2] = {
	{ "good.ffa", "call ID_GET\nexpect SUCCESS\n" },
	{ "tests.ffa", "test \"included\"\ncall ID_GET\nend\n" },
	{ "open.ffa", "repeat 2\ncall ID_GET\n" },
	{ "end.ffa", "end\n" },
	{ "bad.ffa", "\n  frobnicate\n" },
	{ "self.ffa", "include self.ffa\n" },
	{ "a.ffa", "include b.ffa\n" },
	{ "b.ffa", "include a.ffa\n" },
	{ "let.ffa", "let answer = 42\n" },
	{ "d1", "include d2\n" },
	{ "d2", "include d3\n" },
	{ "d3", "include d4\n" },
	{ "d4", "include d5\n" },
	{ "d5", "include d6\n" },
	{ "d6", "include d7\n" },
	{ "d7", "include d8\n" },
	{ "ten", "include ten2\ninclude ten2\ninclude ten2\ninclude ten2\ninclude ten2\n"
		 "include ten2\ninclude ten2\ninclude ten2\ninclude ten2\ninclude ten2\n" },
	{ "ten2", "include ten3\ninclude ten3\ninclude ten3\ninclude ten3\ninclude ten3\n"
		  "include ten3\ninclude ten3\ninclude ten3\ninclude ten3\ninclude ten3\n" },
	{ "ten3", "include let.ffa\ninclude let.ffa\ninclude let.ffa\ninclude let.ffa\n"
		  "include let.ffa\ninclude let.ffa\ninclude let.ffa\ninclude let.ffa\n"
		  "include let.ffa\ninclude let.ffa\n" },
	{ "d8", "call ID_GET\n" },
};

static int load(void *ctx, const char *from, const char *path, char **name, char **text,
		size_t *len, char *err, size_t err_size)
{
	(void)ctx;
	(void)from;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(files[i][0], path))
			continue;
		*name = strdup(path);
		*text = strdup(files[i][1]);
		*len = strlen(*text);
		return 0;
	}
	snprintf(err, err_size, "%s: %s", path, strerror(ENOENT));
	return -ENOENT;
}

#define T "test \"t\"\n"
#define E "\nend"

static const struct {
	const char *script;
	const char *place; /* "2:5" */
	const char *what;  /* a part of the message */
} mistakes[] = {
	/* statements */
	{ "frobnicate", "1:1", "is not a statement; there are call, expect" },
	{ "ID_GET", "1:1", "a call begins with the word call: call ID_GET" },
	{ "\"call\" ID_GET", "1:1", "is not a statement" },
	{ "Call ID_GET", "1:1", "is not a statement" },
	/* text */
	{ "call ID_GET \x01", "1:13", "a byte 0x01" },
	{ "\n test \"x", "2:7", "this quote is not closed" },
	{ "\xef\xbb\xbf"
	  "call ID_GET",
	  "1:1", "byte order mark" },
	/* call */
	{ "call", "1:1", "no call is named" },
	{ "call NOTIFICATON_GET", "1:6", "Nearest: FFA_NOTIFICATION_GET" },
	{ "call zzzzzzzzzzzzzzzzzzzz", "1:6", "no such call" },
	{ "call --dry-run ID_GET", "1:6", "options of the verb do not stand in a script" },
	{ "call NOTIFICATION_GET  reciever=1", "1:24", "is it receiver?" },
	{ "call NOTIFICATION_GET receiver=0x10000", "1:32", "does not fit its 16 bits" },
	{ "call NOTIFICATION_GET receiver", "1:31", "FIELD=VALUE is wanted" },
	{ "call NOTIFICATION_GET receiver=", "1:32", "no value after the =" },
	{ "call ID_GET w18=1", "1:14", "registers 0 to 17" },
	{ "call ID_GET w1[32]=1", "1:16", "has bits 31 to 0" },
	{ "call ID_GET w1[3:5]=1", "1:18", "the higher bit comes first" },
	{ "call 0x84000099 vm-id=1", "1:17", "not in the catalogue" },
	{ "call NOTIFICATION_GET receiver=$id", "1:32", "$id is not set here" },
	{ "call NOTIFICATION_GET receiver=$", "1:23", "a $ without a name" },
	{ "call MEM_SHARE pages=5000", "1:16", "too large" },
	{ "call ID_GET tx[0:8]=1", "1:13", "1 to 8 bytes" },
	{ "parallel\ncpu 0\ncall MEM_SHARE pages=1\nend", "3:1", "cannot be part of parallel" },
	/* expect */
	{ "expect forwarded", "1:1", "there is none outside the blocks" },
	{ T "expect forwarded" E, "2:1", "in the same block" },
	{ "call ID_GET\n" T "expect forwarded" E, "3:1", "in the same block" },
	{ "call ID_GET\nexpect", "2:1", "nothing to expect" },
	{ "call ID_GET\nexpect forwardet", "2:8", "\"forwardet\" is not a verdict" },
	{ "call ID_GET\nexpect forwarded|DENIED", "2:18", "a status beside a verdict" },
	{ "call ID_GET\nexpect DENIED|forwarded", "2:15", "a verdict beside a status" },
	{ "call ID_GET\nexpect forwarded|", "2:18", "nothing on one side of the |" },
	{ "call ID_GET\nexpect DENIED SUCCESS", "2:15", "a second status" },
	{ "call ID_GET\nexpect forwarded rejected", "2:18", "a second verdict" },
	{ "call ID_GET\nexpect w2[31:0]=", "2:17", "no value after the =" },
	{ "call ID_GET\nexpect w2[40]=1", "2:11", "has bits 31 to 0" },
	{ "call ID_GET\nexpect w2!=0x100000000", "2:12", "does not fit its 32 bits" },
	{ "call ID_GET\nexpect =1", "2:8", "nothing to compare before the =" },
	{ "call ID_GET\nexpect w2!1", "2:10", "= must follow !" },
	{ "call ID_GET\nexpect smcs=many", "2:13", "smcs is a count" },
	{ "call ID_GET\nexpect receiver=1", "2:8", "has no field \"receiver\"; its fields are" },
	{ "call ID_GET\nexpect id=0x10000", "2:11", "does not fit" },
	{ "call ID_GET\nexpect w2=$x", "2:11", "$x is not set here" },
	{ "call ID_GET\ncpu 1\nexpect SUCCESS", "3:1", "there is none" },
	/* let */
	{ "let", "1:1", "which variable?" },
	{ "let x", "1:5", "the = is missing" },
	{ "let x =", "1:7", "no value after the =" },
	{ "let x = 1 + 2", "1:11", "no arithmetic here" },
	{ "let 1x = 1", "1:5", "is not a name for a variable" },
	{ "let $x = 1", "1:5", "is not a name for a variable" },
	{ "let x = 0xfffffffffffffffff", "1:9", "is not a number of 64 bits" },
	{ "let x = w2", "1:1", "let refers to the call before it" },
	{ "call ID_GET\nlet x = w2[99]", "2:12", "has bits 31 to 0" },
	{ "call ID_GET\nlet x = sri", "2:9", "has no field \"sri\"" },
	{ "let x = $y", "1:9", "$y is not set here" },
	{ "let y = 1\nlet x = 1$y", "2:9", "a variable stands alone here" },
	{ "cpu all\ncall ID_GET\nlet x = id", "3:9", "one answer a CPU" },
	{ T "let x = 1" E "\ncall NOTIFICATION_GET receiver=$x", "4:32",
	  "$x is not set here: its let is in test \"t\" (s:1) and ends with it" },
	{ T "repeat 2\ncall ID_GET\nlet x = id" E E "\ncall NOTIFICATION_GET receiver=$x", "7:32",
	  "its let is in test \"t\"" },
	{ "call ID_GET\ncleanup\nlet x = 1\ncall ID_GET" E "\ncall NOTIFICATION_GET receiver=$x",
	  "6:32", "its let is in the cleanup of s:2 and ends with it" },
	{ "call NOTIFICATION_GET receiver=$x\nlet x = 1", "1:32", "must come before this line" },
	/* require */
	{ "require", "1:1", "nothing to require" },
	{ "require luck", "1:9", "luck cannot be required" },
	{ "require forwarding", "1:9", "a word is missing" },
	{ "require forwarding NOTIFICATION_GETT", "1:20", "Nearest: FFA_NOTIFICATION_GET" },
	{ "require ffa 2.0", "1:13", "a version is wanted" },
	{ "require tracing now", "1:17", "one word too many" },
	{ "require unsafe=1", "1:9", "`tracing', `module' and `unsafe' can" },
	{ "cleanup\nrequire module" E, "2:1", "require is not allowed in cleanup" },
	/* blocks */
	{ "test", "1:1", "a word is missing after test" },
	{ "test create" E, "1:6", "must be in quotes: test \"create\"" },
	{ "test \"\"" E, "1:6", "the test has no name" },
	{ "test \"a # b\"" E, "1:6", "no # in the name" },
	{ "test \" a\"" E, "1:6", "begins and ends with no blank" },
	{ "test \"a\"\nend\ntest \"a\"\nend", "3:6",
	  "a second test of this name; the first is at s:1" },
	{ "repeat 2\ncall ID_GET\n" T "end\nend", "3:1", "a test stands outside all blocks" },
	{ T "call ID_GET", "1:1", "this block has no end" },
	{ "end", "1:1", "end without a beginning" },
	{ "repeat 2\ncall ID_GET\nend repeat", "3:5", "one word too many" },
	{ "repeat\ncall ID_GET" E, "1:1", "a word is missing after repeat" },
	{ "repeat 0\ncall ID_GET" E, "1:8", "a number from 1 to 1000000000" },
	{ "repeat -1\ncall ID_GET" E, "1:8", "a number from 1" },
	{ "repeat 3\ncpu 0" E, "3:1", "the repeat of line 1 makes no call" },
	{ "repeat 3\ncall ID_GET\ncleanup\nend" E, "3:1", "not into repeat" },
	{ "cleanup 3\ncall ID_GET" E, "1:9", "one word too many" },
	{ "cleanup\ncleanup\nend\nend", "2:1", "not into cleanup" },
	{ "repeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\n"
	  "call ID_GET\nend\nend\nend\nend\nend\nend\nend\nend\n",
	  "9:1", "more than 8 blocks" },
	/* settings */
	{ "cpu", "1:1", "a word is missing after cpu" },
	{ "cpu 4096", "1:5", "cpu (or all, any) needs a number from 0 to 4095" },
	{ "on-failure", "1:1", "a word is missing" },
	{ "on-failure panic", "1:12", "on-failure needs stop or continue" },
	/* include */
	{ "include", "1:1", "a word is missing after include" },
	{ "include \"\"", "1:9", "needs the name of a file" },
	{ "include nowhere.ffa", "1:9", "nowhere.ffa: No such file" },
	{ "include bad.ffa", "bad.ffa:2:3", "\"frobnicate\" is not a statement" },
	{ "include self.ffa", "self.ffa:1:9", "self.ffa includes itself" },
	{ "include a.ffa", "b.ffa:1:9", "a.ffa includes itself through other files" },
	{ "include d1", "d7:1:9", "more than 8 files" },
	{ "include ten", "ten:10:9", "more than 1000 files" },
	{ "include open.ffa\nend", "open.ffa:1:1", "this block has no end" },
	{ "repeat 2\ncall ID_GET\ninclude end.ffa\nend", "end.ffa:1:1",
	  "a block ends in the file in which it begins" },
	{ T "include tests.ffa" E, "tests.ffa:1:1", "a test stands outside all blocks" },
};

static void each_mistake_is_told_with_its_place_and_mend(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct script *script = script_new(load, NULL);
		const char *text = mistakes[i].script;
		const struct script_error *err;
		char place[64];

		script_parse(script, "s", text, strlen(text));
		err = script_error_at(script, 0);
		if (!err) {
			print_error("no mistake in:\n%s\n", text);
			wrong++;
			script_free(script);
			continue;
		}
		if (strcmp(err->at.file, "s"))
			snprintf(place, sizeof(place), "%s:%u:%u", err->at.file, err->at.line,
				 err->at.column);
		else
			snprintf(place, sizeof(place), "%u:%u", err->at.line, err->at.column);
		if (strcmp(place, mistakes[i].place) || !strstr(err->text, mistakes[i].what)) {
			print_error("%s\n  expected %s ...%s...\n  got      %s %s\n", text,
				    mistakes[i].place, mistakes[i].what, place, err->text);
			wrong++;
		}
		script_free(script);
	}
	assert_int_equal(wrong, 0);
}

static const char *const good[] = {
	"",
	"# nothing\n\n   # more of it",
	"call ID_GET\r\nexpect forwarded SUCCESS\r\n",
	"call ID_GET # the endpoint\n\texpect\tforwarded",
	"call 0x84000099 w1=5 x4[63:32]=1 w2[9]=1",
	"call ffa-notification_get receiver=0 sp=1",
	"call MSG_SEND_DIRECT_REQ2 uuid=\"00000000-0000-0000-0000-000000000001\"",
	"call ID_GET\nexpect rejected|answered|forwarded|unknown",
	"call ID_GET\nexpect success|denied|No-Data|INVALID_PARAMETERS",
	"call ID_GET\nexpect smcs=1 smcs!=0 smcs<2 smcs<=1 smcs>0 smcs>=1",
	"call ID_GET\nexpect w2[15:0]=0 w2==0 x0!=5 id<1 id>=0",
	"call VERSION version=1.2\nexpect version>=1.0",
	"let a = 5\nlet b=0x10\nlet c= $a\nlet d =0b1\nlet e = ${a}",
	"call ID_GET\nlet id = id\nlet x = x0\nlet y = w2[15:0]\nlet n = smcs\nexpect id=$id w0!=$x",
	"let n = 3\nrepeat $n\ncall ID_GET\nend\ncpu $n\ncall NOTIFICATION_GET receiver=${n}",
	"repeat 2\nlet in_repeat = 1\ncall ID_GET\nend\ncall NOTIFICATION_GET receiver=$in_repeat",
	"repeat 1000000000\nrepeat 2\ncall ID_GET\nend\nend",
	"cpu 0\ncpu all\ncpu any\non-failure stop\non-failure continue",
	"test \"a b\"\ncall ID_GET\nend\ntest \"c\"\ncleanup\ncall ID_GET\nexpect SUCCESS\nend\nend",
	"require forwarding NOTIFICATION_GET\nrequire forwarding 0x84000082\nrequire tracing\nrequire unsafe\n"
	"require module\nrequire ffa 1.1",
	"test \"t\"\nrequire tracing\nend",
	"include good.ffa\ninclude \"tests.ffa\"\ninclude good.ffa",
	"include let.ffa\ncall NOTIFICATION_GET receiver=$answer",
	"include d2",
	T "include good.ffa" E,
	"call ID_GET\nexpect \"forwarded\"",
};

static void valid_scripts_are_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct script *script = script_new(load, NULL);

		script_parse(script, "s", good[i], strlen(good[i]));
		if (script_nr_errors(script))
			print_error("%s\n  %s\n", good[i], script_error_at(script, 0)->text);
		assert_int_equal(script_nr_errors(script), 0);
		script_free(script);
	}
}

static void all_mistakes_of_a_script_are_told(void **state)
{
	static const char text[] = "frob\ncall ID_GET x=1 y=2\nexpect foo bar=1\nend\n";
	struct script *script = script_new(NULL, NULL);

	(void)state;
	assert_int_equal(script_parse(script, "s", text, strlen(text)), 6);
	assert_int_equal(script_error_at(script, 0)->at.line, 1);
	assert_int_equal(script_error_at(script, 2)->at.line, 2);
	assert_int_equal(script_error_at(script, 2)->at.column, 17);
	assert_int_equal(script_error_at(script, 5)->at.line, 4);
	assert_null(script_error_at(script, 6));
	script_free(script);
}

static void more_mistakes_than_are_kept_are_counted(void **state)
{
	char text[3 * 500 + 1] = "";
	struct script *script = script_new(NULL, NULL);

	(void)state;
	for (int i = 0; i < 500; i++)
		strcat(text, "xx\n");
	assert_int_equal(script_parse(script, "s", text, strlen(text)), 500);
	assert_non_null(script_error_at(script, 99));
	assert_null(script_error_at(script, 100));
	script_free(script);
}

static void a_line_too_long_and_words_too_many_are_mistakes(void **state)
{
	char text[SCRIPT_MAX_LINE + 100];
	struct script *script = script_new(NULL, NULL);

	(void)state;
	memset(text, 'a', sizeof(text));
	script_parse(script, "s", text, sizeof(text));
	assert_non_null(strstr(script_error_at(script, 0)->text, "longer than 4096"));
	assert_int_equal(script_error_at(script, 0)->at.column, 4097);
	script_free(script);

	script = script_new(NULL, NULL);
	for (size_t i = 0; i < 200; i++)
		text[i] = i % 2 ? ' ' : 'a';
	script_parse(script, "s", text, 200);
	assert_non_null(strstr(script_error_at(script, 0)->text, "more than 64 words"));
	script_free(script);
}

static void variables_are_limited(void **state)
{
	struct script *script = script_new(NULL, NULL);
	char line[32];

	(void)state;
	for (int i = 0; i < SCRIPT_MAX_VARIABLES; i++) {
		snprintf(line, sizeof(line), "let v%d = %d", i, i);
		assert_int_equal(script_line(script, line, strlen(line)), 0);
	}
	assert_int_equal(script_line(script, "let more = 1", 12), 1);
	assert_non_null(strstr(script_error_at(script, 0)->text, "more than 256 variables"));
	assert_int_equal(script_line(script, "let v0 = 1", 10), 0);
	script_free(script);
}

static void a_line_with_a_mistake_at_a_prompt_changes_nothing(void **state)
{
	struct script *script = script_new(load, NULL);

	(void)state;
	assert_int_equal(script_line(script, "call ID_GET", 11), 0);
	assert_int_equal(script_line(script, "expect nonsense", 15), 1);
	assert_null(script_statements(script)->next);
	assert_int_equal(script_line(script, "repeat 0", 8), 1);
	assert_int_equal(script_open_blocks(script), 0);
	assert_int_equal(script_line(script, "repeat 2", 8), 0);
	assert_int_equal(script_open_blocks(script), 1);
	assert_int_equal(script_line(script, "call NONSENSE", 13), 1);
	assert_int_equal(script_open_blocks(script), 1);
	assert_int_equal(script_line(script, "call ID_GET", 11), 0);
	assert_int_equal(script_line(script, "end of it", 9), 2 - 1);
	assert_int_equal(script_open_blocks(script), 1);
	assert_int_equal(script_line(script, "end", 3), 0);
	assert_int_equal(script_open_blocks(script), 0);
	assert_non_null(script_statements(script)->next);
	assert_int_equal(script_line(script, "test \"x", 7), 1);
	assert_int_equal(script_line(script, "test \"x\"", 8), 0);
	/* A dropped block leaves no trace. */
	assert_non_null(script_statements(script)->next->next);
	script_drop_blocks(script);
	assert_int_equal(script_open_blocks(script), 0);
	assert_null(script_statements(script)->next->next);
	assert_int_equal(script_line(script, "test \"x\"", 8), 0);
	assert_int_equal(script_line(script, "end", 3), 0);
	assert_int_equal(script_statements(script)->next->next->kind, SCRIPT_TEST);
	script_free(script);
}

static void cases_are_counted(void **state)
{
	static const struct {
		const char *text;
		unsigned int cases;
		bool loose;
	} scripts[] = {
		{ "", 1, true },
		{ "call ID_GET", 1, true },
		{ "test \"a\"\ncall ID_GET\nend", 1, false },
		{ "require tracing\ntest \"a\"\ncall ID_GET\nend\ntest \"b\"\nend", 2, false },
		{ "call ID_GET\ntest \"a\"\ncall ID_GET\nend", 2, true },
		{ "test \"a\"\nend\ncleanup\ncall ID_GET\nend", 2, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct script *script = script_new(NULL, NULL);

		script_parse(script, "s", scripts[i].text, strlen(scripts[i].text));
		assert_int_equal(script_nr_errors(script), 0);
		assert_int_equal(script_nr_cases(script), scripts[i].cases);
		assert_int_equal(script_has_loose_case(script), scripts[i].loose);
		script_free(script);
	}
}

static void note_consent(void *ctx, const struct script_stmt *call, const char *changes)
{
	unsigned int *lines = ctx;

	assert_non_null(changes);
	*lines = *lines * 10 + call->at.line;
}

static void calls_that_need_consent_are_found_in_all_blocks(void **state)
{
	static const char text[] = "call NOTIFICATION_BITMAP_CREATE vm-id=0 vcpu-count=1\n"
				   "call NOTIFICATION_BITMAP_DESTROY vm-id=0\n"
				   "test \"t\"\ncall NOTIFICATION_GET receiver=0\n"
				   "call NOTIFICATION_GET receiver=0 sp=1\n"
				   "cleanup\ncall NOTIFICATION_UNBIND\nend\nend\n";
	struct script *script = script_new(NULL, NULL);
	unsigned int lines = 0;

	(void)state;
	assert_int_equal(script_parse(script, "s", text, strlen(text)), 0);
	script_consents(script, note_consent, &lines);
	assert_int_equal(lines, 257);
	script_free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_told_with_its_place_and_mend),
		cmocka_unit_test(valid_scripts_are_accepted),
		cmocka_unit_test(all_mistakes_of_a_script_are_told),
		cmocka_unit_test(more_mistakes_than_are_kept_are_counted),
		cmocka_unit_test(a_line_too_long_and_words_too_many_are_mistakes),
		cmocka_unit_test(variables_are_limited),
		cmocka_unit_test(a_line_with_a_mistake_at_a_prompt_changes_nothing),
		cmocka_unit_test(cases_are_counted),
		cmocka_unit_test(calls_that_need_consent_are_found_in_all_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
