// SPDX-License-Identifier: GPL-2.0-only
/* The switches of the hypervisor's trace: saved, set, put back; on a signal and after a kill too. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hyp/internal.h"

#define STATE_VERSION 1

/* A multiple of what the kernel keeps of free pages for each CPU. */
#define TAKEN_BYTES   (8 << 20)

int hyp_read_file(const char *dir, const char *name, char *buf, size_t size, struct hyp_error *err)
{
	char path[512];
	ssize_t len;
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return hyp_fail(err, -errno, "%s: %s%s", path, strerror(errno),
				errno == EACCES ? ". Run as root and try again" : "");

	len = read(fd, buf, size - 1);
	if (len < 0)
		ret = hyp_fail(err, -errno, "%s: %s", path, strerror(errno));
	else
		buf[len] = '\0';
	close(fd);

	return ret;
}

int hyp_write_file(const char *dir, const char *name, const char *text, struct hyp_error *err)
{
	char path[512];
	ssize_t len;
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return hyp_fail(err, -errno, "%s: %s%s", path, strerror(errno),
				errno == EACCES ? ". Run as root and try again" : "");

	/* A signal without SA_RESTART must not leave a switch half set. */
	do {
		len = write(fd, text, strlen(text));
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		ret = hyp_fail(err, -errno, "writing %.*s to %s: %s", (int)strcspn(text, "\n"),
			       text, path, strerror(errno));
	close(fd);

	return ret;
}

static int read_switch(const char *dir, const char *name, bool *on, struct hyp_error *err)
{
	char text[32];
	int ret = hyp_read_file(dir, name, text, sizeof(text), err);

	if (!ret)
		*on = text[0] == '1';
	return ret;
}

static int write_switch(const char *dir, const char *name, bool on, struct hyp_error *err)
{
	/* The oldest Android layout takes exactly two bytes. */
	return hyp_write_file(dir, name, on ? "1\n" : "0\n", err);
}

int hyp_settings_read(const struct hyp_layout *layout, struct hyp_settings *found,
		      struct hyp_error *err)
{
	char text[64];
	int ret;

	*found = (struct hyp_settings){ 0 };
	ret = read_switch(layout->root, "tracing_on", &found->tracing_on, err);
	if (!ret)
		ret = hyp_read_file(layout->root, "buffer_size_kb", text, sizeof(text), err);
	if (ret)
		return ret;

	/* "7 (unloaded)": kernel/trace/trace_remote.c, buffer_size_kb_show(). */
	found->buffer_kb = strtoul(text, NULL, 10);
	found->loaded = !strstr(text, "unloaded");

	ret = read_switch(layout->events, "hyp_enter/enable", &found->enter, err);
	if (!ret)
		ret = read_switch(layout->events, "hyp_exit/enable", &found->exit, err);
	if (!ret)
		ret = read_switch(layout->events, "selftest/enable", &found->selftest, err);

	return ret;
}

/*
 * The kernel shares the pages of its buffer with EL2 one by one, and EL2 refuses (EPERM) a page that
 * is still shared with the secure world: OP-TEE's driver, for one, frees such pages where their
 * reclaim has failed. Pages that were freed last are given out first, so that a retry would meet
 * the same ones; memory of our own that is taken meanwhile keeps them out of the way.
 */
static int switch_tracing_on(const struct hyp_layout *layout, struct hyp_error *err)
{
	enum { TRIES = 5 };
	void *taken[TRIES] = { NULL };
	int ret = write_switch(layout->root, "tracing_on", true, err);

	for (int i = 0; i < TRIES && ret == -EPERM && !geteuid(); i++) {
		taken[i] = mmap(NULL, TAKEN_BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		ret = write_switch(layout->root, "tracing_on", true, err);
	}

	for (int i = 0; i < TRIES; i++) {
		if (taken[i] && taken[i] != MAP_FAILED)
			munmap(taken[i], TAKEN_BYTES);
	}

	if (ret == -EPERM && !geteuid())
		hyp_fail(
			err, ret,
			"%s/tracing_on: the hypervisor refuses the kernel's trace buffer (EPERM): pages of it are still shared with the secure world. A reboot frees them",
			layout->root);
	return ret;
}

int hyp_settings_apply(const struct hyp_layout *layout, const struct hyp_settings *found,
		       unsigned int buffer_kb, struct hyp_error *err)
{
	struct hyp_error ignored;
	char size[32];
	int ret = 0;

	snprintf(size, sizeof(size), "%u\n", buffer_kb);
	if (!found->loaded && !found->tracing_on && found->buffer_kb != buffer_kb)
		ret = hyp_write_file(layout->root, "buffer_size_kb", size, err);
	if (!ret && !found->enter)
		ret = write_switch(layout->events, "hyp_enter/enable", true, err);
	if (!ret && !found->exit)
		ret = write_switch(layout->events, "hyp_exit/enable", true, err);
	if (!ret && !found->selftest)
		ret = write_switch(layout->events, "selftest/enable", true, err);
	if (!ret && !found->tracing_on)
		ret = switch_tracing_on(layout, err);

	if (ret)
		hyp_settings_restore(layout, found, &ignored);
	return ret;
}

int hyp_settings_restore(const struct hyp_layout *layout, const struct hyp_settings *found,
			 struct hyp_error *err)
{
	struct hyp_settings now;
	struct hyp_error later;
	char size[32];
	int ret, first;

	first = hyp_settings_read(layout, &now, err);
	if (first)
		return first;

#define PUT_BACK(call)                \
	do {                          \
		ret = (call);         \
		if (ret && !first) {  \
			first = ret;  \
			*err = later; \
		}                     \
	} while (0)

	if (now.tracing_on != found->tracing_on)
		PUT_BACK(write_switch(layout->root, "tracing_on", found->tracing_on, &later));
	if (now.enter != found->enter)
		PUT_BACK(write_switch(layout->events, "hyp_enter/enable", found->enter, &later));
	if (now.exit != found->exit)
		PUT_BACK(write_switch(layout->events, "hyp_exit/enable", found->exit, &later));
	if (now.selftest != found->selftest)
		PUT_BACK(write_switch(layout->events, "selftest/enable", found->selftest, &later));

	/* What is left in the buffer is ours: only an empty buffer is let go and can be resized. */
	if (!found->tracing_on && !found->loaded)
		PUT_BACK(hyp_write_file(layout->root, "trace", "0\n", &later));
	if (now.buffer_kb != found->buffer_kb) {
		snprintf(size, sizeof(size), "%lu\n", found->buffer_kb);
		PUT_BACK(hyp_write_file(layout->root, "buffer_size_kb", size, &later));
	}
#undef PUT_BACK

	return first;
}

int hyp_lock(const char *run_dir, struct hyp_error *err)
{
	char path[300], owner[32] = "";
	ssize_t len;
	int fd;

	if (mkdir(run_dir, 0700) && errno != EEXIST)
		return hyp_fail(err, -errno, "%s: %s%s", run_dir, strerror(errno),
				errno == EACCES ? ". Run as root and try again" : "");

	snprintf(path, sizeof(path), "%s/lock", run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return hyp_fail(err, -errno, "%s: %s%s", path, strerror(errno),
				errno == EACCES ? ". Run as root and try again" : "");

	/* ENOSYS: a kernel without CONFIG_FILE_LOCKING can keep nobody out. */
	if (flock(fd, LOCK_EX | LOCK_NB) && errno != ENOSYS) {
		int ret = errno == EWOULDBLOCK ? -EBUSY : -errno;

		len = read(fd, owner, sizeof(owner) - 1);
		if (len > 0)
			owner[strcspn(owner, "\n")] = '\0';
		close(fd);
		if (ret != -EBUSY)
			return hyp_fail(err, ret, "%s: %s", path, strerror(-ret));
		return hyp_fail(
			err, ret,
			"the hypervisor's trace is in use by another ffascope (process %s). Wait for it, or end it, and try again",
			owner[0] ? owner : "not known");
	}

	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0) {
		int ret = hyp_fail(err, -errno, "%s: %s", path, strerror(errno));

		close(fd);
		return ret;
	}

	return fd;
}

/* A state file of an earlier boot says nothing about this one. */
static void read_boot_id(char *id, size_t size)
{
	struct hyp_error ignored;

	if (hyp_read_file("/proc/sys/kernel/random", "boot_id", id, size, &ignored))
		snprintf(id, size, "none");
	id[strcspn(id, "\n")] = '\0';
}

int hyp_state_save(const char *run_dir, const struct hyp_layout *layout,
		   const struct hyp_settings *found, struct hyp_error *err)
{
	char path[300], temp[310], boot[64];
	FILE *f;
	int failed;

	snprintf(path, sizeof(path), "%s/state", run_dir);
	snprintf(temp, sizeof(temp), "%s.new", path);
	read_boot_id(boot, sizeof(boot));

	f = fopen(temp, "we");
	if (!f)
		return hyp_fail(err, -errno, "%s: %s", temp, strerror(errno));

	fprintf(f, "ffascope-state %d\nboot %s\nroot %s\nevents %s\n", STATE_VERSION, boot,
		layout->root, layout->events);
	fprintf(f,
		"tracing_on %d\nloaded %d\nbuffer_kb %lu\nhyp_enter %d\nhyp_exit %d\nselftest %d\n",
		found->tracing_on, found->loaded, found->buffer_kb, found->enter, found->exit,
		found->selftest);
	failed = ferror(f);
	failed |= fclose(f);
	if (failed || rename(temp, path))
		return hyp_fail(err, -EIO, "%s: cannot be written: %s", path, strerror(errno));

	return 0;
}

void hyp_state_drop(const char *run_dir)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/state", run_dir);
	unlink(path);
}

static bool parse_state(FILE *f, struct hyp_layout *layout, struct hyp_settings *found)
{
	char boot[64], this_boot[64];
	int version, on, loaded, enter, exit, selftest;

	if (fscanf(f,
		   "ffascope-state %d boot %63s root %255s events %255s tracing_on %d loaded %d buffer_kb %lu hyp_enter %d hyp_exit %d selftest %d",
		   &version, boot, layout->root, layout->events, &on, &loaded, &found->buffer_kb,
		   &enter, &exit, &selftest) != 10)
		return false;

	read_boot_id(this_boot, sizeof(this_boot));
	found->tracing_on = on;
	found->loaded = loaded;
	found->enter = enter;
	found->exit = exit;
	found->selftest = selftest;

	return version == STATE_VERSION && !strcmp(boot, this_boot);
}

int hyp_state_repair(const char *run_dir, struct hyp_error *err)
{
	struct hyp_layout layout = { 0 };
	struct hyp_settings found = { 0 };
	char path[300];
	bool valid;
	FILE *f;
	int ret;

	snprintf(path, sizeof(path), "%s/state", run_dir);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? 0 : hyp_fail(err, -errno, "%s: %s", path, strerror(errno));

	valid = parse_state(f, &layout, &found);
	fclose(f);
	if (!valid) {
		hyp_state_drop(run_dir);
		return 0;
	}

	ret = hyp_settings_restore(&layout, &found, err);
	if (ret)
		return ret;

	hyp_state_drop(run_dir);
	return 1;
}
