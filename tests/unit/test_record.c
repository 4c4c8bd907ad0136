// SPDX-License-Identifier: GPL-2.0-only
/* Recordings: written data is read back; damage is detected and never read as other data. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "ffa/call.h"
#include "record/record.h"

static char path[] = "/tmp/ffascope-record-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static const struct record_meta meta = {
	.verb = "call",
	.kernel = "7.3.4-test",
	.ffa_version = FFA_VERSION_1_2,
	.count = 3,
};

/* Two batches: two calls with three events, one call with none. */
static void write_recording(void)
{
	const struct record_batch first = {
		.cpu = 1,
		.from_ns = 10,
		.until_ns = 90,
		.clock = { 5, 6, 7 },
		.nr_calls = 2,
		.nr_events = 3,
	};
	const struct record_batch second = { .reason = VERDICT_TRACING_OFF, .nr_calls = 1 };
	struct verdict_call calls[2] = { { .begin_ns = 20, .cpu = 1 },
					 { .begin_ns = 30, .cpu = 1 } };
	const struct hyp_event events[3] = { { .ts = 21 }, { .ts = 22 }, { .ts = 31 } };
	struct record_writer *writer;
	struct error err;

	calls[1].out.x[17] = 0x1234;
	assert_int_equal(record_create(&writer, path, &meta, &err), 0);
	assert_int_equal(record_write_batch(writer, &first, calls, events, &err), 0);
	assert_int_equal(record_write_batch(writer, &second, calls, NULL, &err), 0);
	assert_int_equal(record_finish(writer, &err), 0);
}

static char *slurp(long *size)
{
	FILE *f = fopen(path, "r");
	char *data;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*size = ftell(f);
	rewind(f);
	data = malloc((size_t)*size);
	assert_int_equal(fread(data, (size_t)*size, 1, f), 1);
	fclose(f);
	return data;
}

static void spill(const char *data, long size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	if (size)
		assert_int_equal(fwrite(data, (size_t)size, 1, f), 1);
	fclose(f);
}

/* Reads the whole recording; returns the number of calls and how reading ended. */
static unsigned int read_recording(int *end, struct error *err)
{
	struct record_reader *reader;
	struct record_item item;
	struct record_meta found;
	unsigned int n = 0;

	*end = record_open(&reader, path, &found, err);
	if (*end)
		return 0;
	while ((*end = record_next(reader, &item, err)) > 0)
		n += item.kind == RECORD_BATCH ? item.batch.nr_calls : 0;
	record_close(reader);
	return n;
}

static void what_was_written_is_read_again(void **state)
{
	struct record_reader *reader;
	struct record_item item;
	struct record_meta found;
	struct error err;

	(void)state;
	write_recording();
	assert_int_equal(record_open(&reader, path, &found, &err), 0);
	assert_memory_equal(&found, &meta, sizeof(meta));

	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.batch.nr_calls, 2);
	assert_int_equal(item.batch.clock.slack_ns, 6);
	assert_int_equal(item.calls[1].out.x[17], 0x1234);
	assert_int_equal(item.events[2].ts, 31);

	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.batch.reason, VERDICT_TRACING_OFF);
	assert_int_equal(record_next(reader, &item, &err), 0);
	record_close(reader);
}

static void a_cut_at_every_byte_is_known_as_a_cut(void **state)
{
	struct error err;
	char *whole;
	long size;
	int end;

	(void)state;
	write_recording();
	whole = slurp(&size);
	for (long cut = 0; cut < size; cut++) {
		unsigned int calls;

		spill(whole, cut);
		calls = read_recording(&end, &err);
		assert_true(end == -ENODATA || end == -EBADMSG);
		/* Whole batches only: 0, 2 or 3 calls. */
		assert_true(calls == 0 || calls == 2 || calls == 3);
		if (end == -ENODATA)
			assert_non_null(strstr(err.text, "cut off"));
	}
	spill(whole, size);
	assert_int_equal(read_recording(&end, &err), 3);
	assert_int_equal(end, 0);
	free(whole);
}

static void a_flipped_bit_anywhere_is_found(void **state)
{
	struct error err;
	char *whole;
	long size;
	int end;

	(void)state;
	write_recording();
	whole = slurp(&size);
	for (long i = 0; i < size; i++) {
		whole[i] ^= 0x10;
		spill(whole, size);
		read_recording(&end, &err);
		assert_true(end < 0);
		whole[i] ^= 0x10;
	}
	free(whole);
}

static void something_behind_the_end_is_found(void **state)
{
	struct error err;
	FILE *f;
	int end;

	(void)state;
	write_recording();
	f = fopen(path, "a");
	fputc('x', f);
	fclose(f);
	read_recording(&end, &err);
	assert_int_equal(end, -EBADMSG);
}

static void a_foreign_file_is_named_as_such(void **state)
{
	struct error err;
	int end;

	(void)state;
	spill("PERFILE2 this is something else altogether", 42);
	read_recording(&end, &err);
	assert_int_equal(end, -EBADMSG);
	assert_non_null(strstr(err.text, "not an ffascope recording"));
}

/* An unknown chunk before the second batch. */
static void with_chunk(uint32_t type, unsigned int *calls, int *end, struct error *err)
{
	uint32_t chunk[5] = { type, 4, 0, 0, 0x12345678 };
	/* Header, META, BATCH, two CALLS, three EVENTS. */
	const long at = 16 + 16 + 160 + 16 + 56 + 16 + 2 * 312 + 16 + 3 * 32;
	char *whole;
	long size;
	FILE *f;

	chunk[2] = (uint32_t)crc32(crc32(0, (void *)chunk, 8), (void *)&chunk[4], 4);
	write_recording();
	whole = slurp(&size);
	f = fopen(path, "w");
	assert_non_null(f);
	fwrite(whole, (size_t)at, 1, f);
	fwrite(chunk, sizeof(chunk), 1, f);
	fwrite(whole + at, (size_t)(size - at), 1, f);
	fclose(f);
	free(whole);
	*calls = read_recording(end, err);
}

static void an_unknown_chunk_is_passed_over_only_if_it_says_so(void **state)
{
	struct error err;
	unsigned int calls;
	int end;

	(void)state;
	with_chunk(0x80001234, &calls, &end, &err);
	assert_int_equal(end, 0);
	assert_int_equal(calls, 3);

	with_chunk(0x1234, &calls, &end, &err);
	assert_int_equal(end, -ENOTSUP);
	assert_int_equal(calls, 2);
	assert_non_null(strstr(err.text, "4660"));
}

static void how_it_was_made_is_read_again(void **state)
{
	char verb[] = "run", word[] = "a=b c", note[] = "no trace";
	char *argv[] = { verb, word, NULL };
	const struct record_about about = {
		.argv = argv,
		.argc = 2,
		.cpus_configured = 4,
		.partition = 0x8001,
		.unsafe = true,
		.note = note,
	};
	struct record_about with_file = about;
	struct record_file file = { .name = word, .data = (char *)"x\0y", .len = 3 };
	const struct record_failure failure = { .error = -EACCES, .bad = 2, .text = "refused" };
	const struct record_about *found;
	struct record_writer *writer;
	struct record_reader *reader;
	struct record_meta start;
	struct record_item item;
	struct error err;

	(void)state;
	with_file.files = &file;
	with_file.nr_files = 1;
	assert_int_equal(record_create(&writer, path, &meta, &err), 0);
	assert_int_equal(record_write_about(writer, &with_file, &err), 0);
	assert_int_equal(record_write_failure(writer, &failure, &err), 0);
	assert_int_equal(record_finish(writer, &err), 0);

	assert_int_equal(record_open(&reader, path, &start, &err), 0);
	found = record_about(reader);
	assert_int_equal(found->argc, 2);
	assert_string_equal(found->argv[1], "a=b c");
	assert_int_equal(found->cpus_configured, 4);
	assert_int_equal(found->partition, 0x8001);
	assert_true(found->unsafe);
	assert_string_equal(found->note, "no trace");
	assert_null(record_about_find(found, "run"));
	assert_memory_equal(record_about_find(found, "a=b c")->data, "x\0y", 4);

	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.kind, RECORD_FAILURE);
	assert_int_equal(item.failure.error, -EACCES);
	assert_int_equal(item.failure.bad, 2);
	assert_string_equal(item.failure.text, "refused");
	assert_int_equal(record_next(reader, &item, &err), 0);
	assert_int_equal(record_next(reader, &item, &err), 0);
	record_close(reader);
}

/* A call with its two or four events, 1000 ns after `at'. */
static unsigned int add_trap(struct verdict_call *call, struct hyp_event *events, uint64_t at,
			     bool leaves)
{
	const int reasons[] = { HYP_REASON_SMC, HYP_REASON_SMC, HYP_REASON_SMC,
				HYP_REASON_ERET_HOST };
	unsigned int n = 0;

	for (unsigned int i = 0; i < 4; i++) {
		if (!leaves && (i == 1 || i == 2))
			continue;
		events[n++] = (struct hyp_event){
			.ts = at + 1000 + 100 * i,
			.type = i & 1 ? HYP_EVENT_EXIT : HYP_EVENT_ENTER,
			.reason = (unsigned char)reasons[i],
		};
	}
	call->begin_ns = at + 900;
	call->end_ns = at + 1400;
	return n;
}

/* As a proxy of SMCCC 1.1 style answers: x4-x17 come back as they were sent. */
static void write_calibration(struct record_writer *writer, struct error *err)
{
	struct verdict_call calls[2] = { 0 };
	struct hyp_event events[6];
	struct record_batch batch = {
		.from_ns = 1,
		.until_ns = 100000,
		.clock = { 0, 10, 5000 },
		.nr_calls = 2,
	};

	for (unsigned int i = 0; i < 2; i++) {
		assert_true(calibration_probe(i ? CALIBRATION_FAR : CALIBRATION_LOCAL, 0,
					      &calls[i].in));
		calls[i].out = calls[i].in;
		calls[i].out.x[3] = 0;
		calls[i].out.x[0] = i ? FFA_FID_SUCCESS : FFA_FID_ERROR;
		calls[i].out.x[2] = i ? 0x8000 : UINT64_MAX;
		batch.nr_events +=
			add_trap(&calls[i], events + batch.nr_events, 10000 * (i + 1), i);
	}
	assert_int_equal(record_write_calibration(writer, &batch, calls, events, err), 0);
}

static void a_calibration_is_judged_again(void **state)
{
	const struct record_text text = { .number = 1, .text = "ffa: x0 0x84000069" };
	struct record_writer *writer;
	struct record_reader *reader;
	struct record_item item;
	struct record_meta found;
	struct calibration cal;
	struct error err;

	(void)state;
	assert_int_equal(record_create(&writer, path, &meta, &err), 0);
	write_calibration(writer, &err);
	assert_int_equal(record_write_text(writer, &text, &err), 0);
	assert_int_equal(record_finish(writer, &err), 0);

	assert_int_equal(record_open(&reader, path, &found, &err), 0);
	assert_int_equal(record_calibrate(reader, false, &cal, &err), 0);
	assert_true(cal.measured);
	assert_int_equal(cal.local_blocked, CALIBRATION_YES);
	assert_int_equal(cal.passed_traced, CALIBRATION_YES);
	assert_int_equal(cal.el2.canaries, CALIBRATION_KEPT);
	assert_int_equal(cal.el2_writes, 1 << 3);
	assert_int_equal(record_calibrate(reader, true, &cal, &err), 0);
	assert_false(cal.traced);
	assert_int_equal(cal.el2.statuses, CALIBRATION_STATUS_64);

	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.kind, RECORD_TEXT);
	assert_int_equal(item.text.number, 1);
	assert_string_equal(item.text.text, text.text);
	assert_int_equal(record_next(reader, &item, &err), 0);
	record_close(reader);
}

static void a_recording_without_calibration_is_read_from_its_start_again(void **state)
{
	struct record_reader *reader;
	struct record_item item;
	struct record_meta found;
	struct calibration cal;
	struct error err;

	(void)state;
	write_recording();
	assert_int_equal(record_open(&reader, path, &found, &err), 0);
	assert_int_equal(record_calibrate(reader, false, &cal, &err), 0);
	assert_false(cal.measured);
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.batch.nr_calls, 2);
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(record_next(reader, &item, &err), 0);
	record_close(reader);
}

static void a_full_disk_is_an_error(void **state)
{
	struct record_writer *writer;
	struct error err;

	(void)state;
	if (access("/dev/full", W_OK))
		skip();
	assert_int_equal(record_create(&writer, "/dev/full", &meta, &err), -ENOSPC);
}

/* ---- of trace ---- */

static const struct watch_state state = {
	.nr_calls = 1,
	.nr_devices = 1,
	.device = { { "arm-ffa-1", "486178e0-e7f8-11e3-bc5e-0002a5d5c51b" } },
};

/* The state, a stack, a round with one of each. */
/* The disk is full for a while: the failed write is the end of the recording. */
static void a_recording_ends_at_the_first_failed_write(void **unused)
{
	const struct record_batch batch = { .nr_calls = 2 };
	const struct verdict_call calls[2] = { { .cpu = 1 } };
	struct rlimit old, small;
	struct record_writer *writer;
	struct record_reader *reader;
	struct record_meta read;
	struct error err;
	struct record_item item;
	unsigned int batches = 0;
	int ret = 0;

	(void)unused;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 16384;
	assert_int_equal(record_create(&writer, path, &meta, &err), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	while (!ret && batches++ < 1000)
		ret = record_write_batch(writer, &batch, calls, NULL, &err);
	assert_int_equal(ret, -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);

	err.text[0] = '\0';
	assert_int_equal(record_write_batch(writer, &batch, calls, NULL, &err), -EFBIG);
	assert_non_null(strstr(err.text, "the recording is incomplete"));
	/* Already reported. */
	assert_int_equal(record_finish(writer, &err), 0);

	assert_int_equal(record_open(&reader, path, &read, &err), 0);
	while ((ret = record_next(reader, &item, &err)) > 0)
		batches--;
	assert_int_equal(ret, -ENODATA);
	assert_in_range(batches, 1, 1000);
	record_close(reader);
}

static void write_watch(const struct watch_state *found)
{
	const struct record_stack stack = { 1, "ffa_run+0x10\n" };
	const struct watch_round round = {
		.dropped = 3, .nr_marks = 1, .nr_calls = 1, .nr_events = 2
	};
	const struct watch_mark mark = { 10, 12, 11, 1, 0 };
	const struct host_call call = { .begin_ns = 20, .tid = 7, .stack = 1, .comm = "test" };
	const struct hyp_event events[2] = { { .ts = 21 }, { .ts = 22 } };
	struct record_writer *writer;
	struct error err;

	assert_int_equal(record_create(&writer, path, &meta, &err), 0);
	assert_int_equal(record_write_state(writer, found, &err), 0);
	assert_int_equal(record_write_stack(writer, &stack, &err), 0);
	assert_int_equal(record_write_round(writer, &round, &mark, &call, events, &err), 0);
	assert_int_equal(record_finish(writer, &err), 0);
}

static void what_was_watched_is_read_again(void **unused)
{
	struct record_reader *reader;
	struct record_item item;
	struct record_meta found;
	struct error err;

	(void)unused;
	write_watch(&state);
	assert_int_equal(record_open(&reader, path, &found, &err), 0);
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.kind, RECORD_STATE);
	assert_memory_equal(item.state, &state, sizeof(state));
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.kind, RECORD_STACK);
	assert_int_equal(item.stack.number, 1);
	assert_string_equal(item.stack.text, "ffa_run+0x10\n");
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_int_equal(item.kind, RECORD_ROUND);
	assert_int_equal(item.round.dropped, 3);
	assert_int_equal(item.marks[0].ts, 11);
	assert_int_equal(item.watched[0].tid, 7);
	assert_int_equal(item.events[1].ts, 22);
	assert_int_equal(record_next(reader, &item, &err), 0);
	record_close(reader);
}

/* A recording may come from any machine, and its texts reach a terminal. */
static void control_characters_do_not_leave_a_recording(void **unused)
{
	static const char evil[] = "\033]0;x\007\033[2J";
	struct record_meta sent = meta, read;
	const struct record_failure failure = { .error = -5, .bad = -1, .text = evil };
	const struct record_stack stack = { .number = 1, .text = "a\n\033[2J\n" };
	const struct watch_round round = { .nr_calls = 1 };
	struct record_about about = { .note = (char *)evil };
	struct watch_state found = { .nr_devices = 1 };
	struct host_call call = { .comm = "a\033[2Jb" };
	struct record_writer *writer;
	struct record_reader *reader;
	struct record_item item;
	struct error err;

	(void)unused;
	snprintf(sent.kernel, sizeof(sent.kernel), "7.3%s", evil);
	snprintf(found.device[0].name, sizeof(found.device[0].name), "%s", evil);
	assert_int_equal(record_create(&writer, path, &sent, &err), 0);
	assert_int_equal(record_about_arg(&about, evil), 0);
	assert_int_equal(record_write_about(writer, &about, &err), 0);
	assert_int_equal(record_write_state(writer, &found, &err), 0);
	assert_int_equal(record_write_failure(writer, &failure, &err), 0);
	assert_int_equal(record_write_stack(writer, &stack, &err), 0);
	assert_int_equal(record_write_round(writer, &round, NULL, &call, NULL, &err), 0);
	assert_int_equal(record_finish(writer, &err), 0);
	free(about.argv[0]);
	free(about.argv);

	assert_int_equal(record_open(&reader, path, &read, &err), 0);
	assert_string_equal(read.kernel, "7.3?]0;x??[2J");
	assert_string_equal(record_about(reader)->argv[0], "?]0;x??[2J");
	assert_string_equal(record_about(reader)->note, "?]0;x??[2J");
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_string_equal(item.state->device[0].name, "?]0;x??[2J");
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_string_equal(item.failure.text, "?]0;x??[2J");
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_string_equal(item.stack.text, "a\n?[2J\n");
	assert_int_equal(record_next(reader, &item, &err), 1);
	assert_string_equal(item.watched[0].comm, "a?[2Jb");
	record_close(reader);
}

/* A recording is passed on to others. */
static void the_name_of_a_user_is_not_recorded(void **unused)
{
	static const char *const words[][2] = {
		{ "/home/alice/a.ffa", "/home/user/a.ffa" },
		{ "--record=/home/alice", "--record=/home/user" },
		{ "../home/b/c/d", "../home/user/c/d" },
		{ "/home/", "/home/" },
		{ "/homestead/alice", "/homestead/alice" },
		{ "id-get", "id-get" },
	};
	struct record_about about = { 0 };

	(void)unused;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(record_about_arg(&about, words[i][0]), 0);
		assert_string_equal(about.argv[i], words[i][1]);
	}
	assert_int_equal(record_about_file(&about, "/home/alice/a.ffa", "x", 1), 0);
	assert_int_equal(record_about_file(&about, "/home/alice/a.ffa", "x", 1), 0);
	assert_int_equal(about.nr_files, 1);
	assert_string_equal(about.files[0].name, "/home/user/a.ffa");
	record_about_free(&about);
}

static void a_state_with_too_much_in_it_is_damaged(void **unused)
{
	struct watch_state bad = state;
	struct record_reader *reader;
	struct record_item item;
	struct record_meta found;
	struct error err;

	(void)unused;
	bad.nr_calls = WATCH_STATE_CALLS + 1;
	write_watch(&bad);
	assert_int_equal(record_open(&reader, path, &found, &err), 0);
	assert_int_equal(record_next(reader, &item, &err), -EBADMSG);
	record_close(reader);
}

/* Truncated at every byte: no incomplete round is returned, and the truncation is reported. */
static void a_cut_watch_has_whole_rounds_only(void **unused)
{
	long size;
	char *data;

	(void)unused;
	write_watch(&state);
	data = slurp(&size);
	for (long cut = size - 1; cut > 0; cut--) {
		struct record_reader *reader;
		struct record_item item;
		struct record_meta found;
		struct error err;
		unsigned int rounds = 0;
		int ret;

		spill(data, cut);
		ret = record_open(&reader, path, &found, &err);
		if (ret)
			continue;
		while ((ret = record_next(reader, &item, &err)) > 0)
			rounds += item.kind == RECORD_ROUND;
		assert_int_equal(ret, -ENODATA);
		/* END: 16 bytes and 16 bytes of totals. */
		assert_int_equal(rounds, cut >= size - 32);
		record_close(reader);
	}
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_again),
		cmocka_unit_test(a_cut_at_every_byte_is_known_as_a_cut),
		cmocka_unit_test(a_flipped_bit_anywhere_is_found),
		cmocka_unit_test(something_behind_the_end_is_found),
		cmocka_unit_test(a_foreign_file_is_named_as_such),
		cmocka_unit_test(an_unknown_chunk_is_passed_over_only_if_it_says_so),
		cmocka_unit_test(how_it_was_made_is_read_again),
		cmocka_unit_test(a_calibration_is_judged_again),
		cmocka_unit_test(a_recording_without_calibration_is_read_from_its_start_again),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_recording_ends_at_the_first_failed_write),
		cmocka_unit_test(what_was_watched_is_read_again),
		cmocka_unit_test(control_characters_do_not_leave_a_recording),
		cmocka_unit_test(the_name_of_a_user_is_not_recorded),
		cmocka_unit_test(a_state_with_too_much_in_it_is_damaged),
		cmocka_unit_test(a_cut_watch_has_whole_rounds_only),
	};

	return cmocka_run_group_tests_name("record", tests, make_file, remove_file);
}
