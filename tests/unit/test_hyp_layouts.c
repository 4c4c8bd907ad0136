// SPDX-License-Identifier: GPL-2.0-only
/* Made-up tracefs roots: Android's two layouts are read as text, and their settings are restored. */
#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hyp/hyp.h"

#define FORMAT "name: x\nprint fmt: \"\"\n"

struct root {
	char dir[64];
	char tracefs[128]; /* the argument of --tracefs */
	char run[128];
	char base[160]; /* the hypervisor's folder */
	char group[16];
};

static void put(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const char *get(const char *dir, const char *name)
{
	static char text[512];
	char path[512];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	fclose(f);
	return text;
}

static void make(struct root *root, const char *layout, const char *group, const char *print_fmt)
{
	static const char *const events[] = { "hyp_enter", "hyp_exit", "host_smc" };
	char name[128];

	strcpy(root->dir, "/tmp/ffascope-layout.XXXXXX");
	assert_non_null(mkdtemp(root->dir));
	snprintf(root->tracefs, sizeof(root->tracefs), "%s/trace fs", root->dir);
	snprintf(root->run, sizeof(root->run), "%s/run", root->dir);
	snprintf(root->base, sizeof(root->base), "%s/%s", root->tracefs, layout);
	snprintf(root->group, sizeof(root->group), "%s", group);

	put(root->base, "tracing_on", "0\n");
	put(root->base, "buffer_size_kb", "7\n");
	put(root->base, "trace", "");
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "events/%s/%s/enable", group, events[i]);
		put(root->base, name, i ? "0\n" : "1\n");
		snprintf(name, sizeof(name), "events/%s/%s/format", group, events[i]);
		put(root->base, name, i == 2 ? print_fmt : FORMAT);
	}
}

static void away(const struct root *root)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root->dir);
	assert_int_equal(system(command), 0);
}

static void switches(const struct root *root, char buf[16])
{
	static const char *const names[] = { "hyp_enter", "hyp_exit", "host_smc" };
	char name[64];

	buf[0] = get(root->base, "tracing_on")[0];
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "events/%s/%s/enable", root->group, names[i]);
		buf[i + 1] = get(root->base, name)[0];
	}
	buf[4] = '\0';
}

struct seen {
	struct hyp_event ev[32];
	unsigned int nr;
};

static int take(void *ctx, const struct hyp_event *ev)
{
	struct seen *seen = ctx;

	assert_true(seen->nr < 32);
	seen->ev[seen->nr++] = *ev;
	return 0;
}

static void read_layout(const char *layout, const char *group, const char *print_fmt,
			const char *smc)
{
	struct hyp_options opts = { 0 };
	struct hyp_trace *trace;
	struct seen seen = { 0 };
	struct error err;
	struct root root;
	char text[512], now[16];

	make(&root, layout, group, print_fmt);
	/* Copied from the lab's kernel `android'. */
	snprintf(text, sizeof(text),
		 "[001]\t    2.855443: hyp_enter  \n[001]\t    2.855480: %s\n"
		 "[001]\t    2.855484: hyp_exit  \n[001]\t    2.855525: hyp_enter  \n"
		 "[001]\t    2.855540: hyp_exit  \n",
		 smc);
	put(root.base, "per_cpu/cpu1/trace_pipe", text);

	opts.tracefs = root.tracefs;
	opts.run_dir = root.run;
	assert_int_equal(hyp_open(&trace, &opts, &err), 0);
	assert_int_equal(hyp_reader(trace), HYP_READER_TEXT);
	assert_int_equal(hyp_precision(trace), 1000);
	assert_false(hyp_has_markers(trace));
	switches(&root, now);
	assert_string_equal(now, "1111");
	/* Whether the buffer is in use is unknown, so it is never resized. */
	assert_string_equal(get(root.base, "buffer_size_kb"), "7\n");

	assert_int_equal(hyp_drain_all(trace, 1, NULL, 1000, take, &seen, &err), 0);
	assert_int_equal(seen.nr, 5);
	assert_int_equal(seen.ev[1].type, HYP_EVENT_HOST_SMC);
	assert_int_equal(seen.ev[1].id, 0x84000069);
	assert_int_equal(seen.ev[1].arg, 1);
	assert_int_equal(seen.ev[4].reason, HYP_REASON_NONE);
	assert_int_equal(seen.ev[4].ts, 2855540000);
	for (unsigned int i = 0; i < seen.nr; i++)
		assert_int_equal(seen.ev[i].lost, 0);

	hyp_close(trace);
	switches(&root, now);
	assert_string_equal(now, "0100");
	assert_null(get(root.run, "state"));
	away(&root);
}

#define SAYS_FORWARDED \
	"name: host_smc\nprint fmt: \"id=%llu forwarded=%u\", REC->id, REC->forwarded\n"
#define SAYS_INVALID "name: host_smc\nprint fmt: \"id=%llu invalid=%u\", REC->id, REC->forwarded\n"

static void android_16_is_read_as_text(void **state)
{
	(void)state;
	read_layout("hypervisor", "hypervisor", SAYS_FORWARDED,
		    "host_smc id=2214592617 forwarded=1");
}

static void android_14_is_read_as_text(void **state)
{
	(void)state;
	read_layout("hyp", "hyp", SAYS_INVALID, "host_smc id=2214592617 invalid=1");
}

static void what_a_killed_run_left_is_put_back(void **state)
{
	struct hyp_options opts = { 0 };
	struct hyp_trace *trace;
	struct error err;
	struct root root;
	char now[16];
	int status;
	pid_t pid;

	(void)state;
	make(&root, "hyp", "hyp", SAYS_FORWARDED);
	opts.tracefs = root.tracefs;
	opts.run_dir = root.run;

	assert_int_equal(hyp_repair(root.run, &err), 0);
	pid = fork();
	if (!pid)
		_exit(hyp_open(&trace, &opts, &err) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	switches(&root, now);
	assert_string_equal(now, "1111");

	assert_int_equal(hyp_repair(root.run, &err), 1);
	switches(&root, now);
	assert_string_equal(now, "0100");
	assert_int_equal(hyp_repair(root.run, &err), 0);
	away(&root);
}

static void a_run_that_goes_on_is_left_alone(void **state)
{
	struct hyp_options opts = { 0 };
	struct hyp_trace *trace;
	struct error err;
	struct root root;
	char now[16], pid[32];

	(void)state;
	make(&root, "hypervisor", "hypervisor", SAYS_FORWARDED);
	opts.tracefs = root.tracefs;
	opts.run_dir = root.run;
	assert_int_equal(hyp_open(&trace, &opts, &err), 0);

	assert_int_equal(hyp_repair(root.run, &err), -EBUSY);
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	assert_non_null(strstr(err.text, pid));
	switches(&root, now);
	assert_string_equal(now, "1111");
	hyp_close(trace);
	away(&root);
}

/* Without reasons and identifiers, traps cannot be matched to calls. */
static void events_of_unknown_meaning_are_no_trace(void **state)
{
	struct hyp_options opts = { 0 };
	struct hyp_trace *trace;
	struct error err;
	struct root root;
	char path[300], now[16];

	(void)state;
	make(&root, "hypervisor", "hypervisor", SAYS_FORWARDED);
	snprintf(path, sizeof(path), "%s/events/hypervisor/host_smc/enable", root.base);
	opts.tracefs = root.tracefs;
	opts.run_dir = root.run;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(hyp_open(&trace, &opts, &err), -ENOTSUP);
	put(root.base, "events/hypervisor/host_smc/enable", "0\n");
	switches(&root, now);
	assert_string_equal(now, "0100");
	away(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(android_16_is_read_as_text),
		cmocka_unit_test(android_14_is_read_as_text),
		cmocka_unit_test(what_a_killed_run_left_is_put_back),
		cmocka_unit_test(a_run_that_goes_on_is_left_alone),
		cmocka_unit_test(events_of_unknown_meaning_are_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
