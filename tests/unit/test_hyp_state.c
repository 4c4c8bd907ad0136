// SPDX-License-Identifier: GPL-2.0-only
/*
 * The folder with the lock and the saved settings. On Android the user `shell' owns its parent and
 * can put links there: no link is followed, and a folder that others can write to is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hyp/internal.h"

#define VICTIM "precious"

struct place {
	char top[64]; /* of a user that is not trusted */
	char run[80];
	char victim[80];
};

static const char *in_run(const struct place *place, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", place->run, name);
	return path;
}

static void assert_victim_is_whole(const struct place *place)
{
	char text[16] = "";
	int fd = open(place->victim, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text) - 1), strlen(VICTIM));
	assert_string_equal(text, VICTIM);
	close(fd);
}

static int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	int fd;

	assert_non_null(place);
	snprintf(place->top, sizeof(place->top), "/tmp/hyp-state-XXXXXX");
	assert_non_null(mkdtemp(place->top));
	snprintf(place->run, sizeof(place->run), "%s/run", place->top);
	snprintf(place->victim, sizeof(place->victim), "%s/victim", place->top);
	fd = open(place->victim, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, VICTIM, strlen(VICTIM)), strlen(VICTIM));
	close(fd);
	*state = place;
	return 0;
}

static int drop_place(void **state)
{
	static const char *const names[] = { "lock", "state", "state.new" };
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_run(place, names[i]));
	if (rmdir(place->run))
		unlink(place->run);
	unlink(place->victim);
	rmdir(place->top);
	free(place);
	return 0;
}

static int save(const struct place *place, struct error *err)
{
	const struct hyp_layout layout = { .root = "/sys/kernel/tracing/remotes/hypervisor",
					   .events = "/sys/kernel/tracing/events/hypervisor" };
	const struct hyp_settings found = { .buffer_kb = 7 };

	return hyp_state_save(place->run, &layout, &found, err);
}

static void a_folder_of_its_own_is_used(void **state)
{
	const struct place *place = *state;
	struct error err;
	struct stat st;
	int lock = hyp_lock(place->run, &err);

	assert_true(lock >= 0);
	assert_int_equal(hyp_lock(place->run, &err), -EBUSY);
	assert_int_equal(save(place, &err), 0);
	assert_int_equal(lstat(in_run(place, "state"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	hyp_state_drop(place->run);
	assert_int_equal(lstat(in_run(place, "state"), &st), -1);
	close(lock);
}

static void a_link_in_place_of_the_folder_is_refused(void **state)
{
	const struct place *place = *state;
	struct error err;

	assert_int_equal(symlink(place->top, place->run), 0);
	assert_true(hyp_lock(place->run, &err) < 0);
	assert_non_null(strstr(err.text, "not a link"));
	assert_true(save(place, &err) < 0);
	assert_true(hyp_state_repair(place->run, &err) < 0);
	assert_int_equal(access(place->victim, F_OK), 0);
}

static void a_link_in_place_of_a_file_is_not_followed(void **state)
{
	const struct place *place = *state;
	struct error err;

	assert_int_equal(mkdir(place->run, 0700), 0);
	assert_int_equal(symlink(place->victim, in_run(place, "lock")), 0);
	assert_int_equal(symlink(place->victim, in_run(place, "state.new")), 0);
	assert_int_equal(symlink(place->victim, in_run(place, "state")), 0);
	assert_true(hyp_lock(place->run, &err) < 0);
	assert_true(save(place, &err) < 0);
	assert_true(hyp_state_repair(place->run, &err) < 0);
	assert_victim_is_whole(place);
}

static void a_folder_that_others_can_write_to_is_refused(void **state)
{
	const struct place *place = *state;
	struct error err;

	assert_int_equal(mkdir(place->run, 0700), 0);
	assert_int_equal(chmod(place->run, 0770), 0);
	assert_int_equal(hyp_lock(place->run, &err), -EPERM);
	assert_non_null(strstr(err.text, "can write to it"));
	assert_int_equal(save(place, &err), -EPERM);
}

static void files_of_another_user_are_refused(void **state)
{
	const struct place *place = *state;
	struct error err;
	int fd;

	if (geteuid())
		skip();
	assert_int_equal(mkdir(place->run, 0700), 0);
	fd = open(in_run(place, "state"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(fchown(fd, 65534, 65534), 0);
	close(fd);
	assert_int_equal(hyp_state_repair(place->run, &err), -EPERM);
	assert_int_equal(chown(place->run, 65534, 65534), 0);
	assert_int_equal(hyp_lock(place->run, &err), -EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_folder_of_its_own_is_used),
		TEST(a_link_in_place_of_the_folder_is_refused),
		TEST(a_link_in_place_of_a_file_is_not_followed),
		TEST(a_folder_that_others_can_write_to_is_refused),
		TEST(files_of_another_user_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
