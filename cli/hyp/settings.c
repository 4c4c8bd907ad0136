// SPDX-License-Identifier: GPL-2.0-only
/* The switches of the hypervisor's trace: saved, set, put back; on a signal and after a kill too. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hyp/internal.h"

/* How long somebody else may have the buffer before its size stays as it is: two seconds. */
#define RESIZE_TRIES	100
#define RESIZE_PAUSE_NS 20000000

#define STATE_VERSION	2

/* A pipe holds as much without special rights (/proc/sys/fs/pipe-max-size). */
#define PIPE_BYTES	(1 << 20)

static int read_switch(const char *dir, const char *name, bool *on, struct error *err)
{
	char text[32] = "";
	int ret = hyp_read_file(dir, name, text, sizeof(text), err);

	if (!ret)
		*on = text[0] == '1';
	return ret;
}

static int write_switch(const char *dir, const char *name, bool on, struct error *err)
{
	/* The oldest Android layout takes exactly two bytes. */
	return hyp_write_file(dir, name, on ? "1\n" : "0\n", err);
}

static const char *const event_names[HYP_NR_EVENTS] = {
	[HYP_ENTER] = "hyp_enter",
	[HYP_EXIT] = "hyp_exit",
	[HYP_SELFTEST] = "selftest",
	[HYP_HOST_SMC] = "host_smc",
};

/* Whether this layout has the event. */
static bool has_event(const struct hyp_layout *layout, size_t event)
{
	switch (event) {
	case HYP_SELFTEST:
		return layout->selftest;
	case HYP_HOST_SMC:
		return layout->host_smc;
	default:
		return true;
	}
}

static int write_events(const struct hyp_layout *layout, const struct hyp_settings *now,
			const bool to[HYP_NR_EVENTS], struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < HYP_NR_EVENTS; i++) {
		struct error later;
		char name[64];
		int one;

		if (!has_event(layout, i) || now->events[i] == to[i])
			continue;
		snprintf(name, sizeof(name), "%s/enable", event_names[i]);
		one = write_switch(layout->events, name, to[i], &later);
		if (one && !ret) {
			ret = one;
			*err = later;
		}
	}
	return ret;
}

int hyp_settings_read(const struct hyp_layout *layout, struct hyp_settings *found,
		      struct error *err)
{
	char text[64], name[64];
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

	for (size_t i = 0; i < HYP_NR_EVENTS && !ret; i++) {
		snprintf(name, sizeof(name), "%s/enable", event_names[i]);
		if (has_event(layout, i))
			ret = read_switch(layout->events, name, &found->events[i], err);
	}

	return ret;
}

/*
 * Takes PIPE_BYTES of the kernel's free memory until the pipe is closed. A pipe's pages, unlike those
 * of a mapping, come from where the kernel takes its own (fs/pipe.c: no __GFP_MOVABLE).
 */
static int fill_pipe(int ends[2])
{
	static const char zeros[4096];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;

	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	while (write(ends[1], zeros, sizeof(zeros)) > 0)
		;
	return 0;
}

/*
 * The kernel shares the pages of its buffer with EL2 one by one, and EL2 refuses (EPERM) a page that
 * is still shared with the secure world: OP-TEE's driver, for one, frees such pages where their
 * reclaim has failed. Pages that were freed last are given out first, so that a retry would meet
 * the same ones; memory of our own that is taken meanwhile keeps them out of the way.
 */
static int switch_tracing_on(const struct hyp_layout *layout, struct error *err)
{
	enum { TRIES = 8, PIPES_A_TRY = 8 };
	int pipes[TRIES * PIPES_A_TRY][2];
	int nr = 0;
	int ret = write_switch(layout->root, "tracing_on", true, err);

	for (int i = 0; i < TRIES && ret == -EPERM && !geteuid(); i++) {
		for (int j = 0; j < PIPES_A_TRY && !fill_pipe(pipes[nr]); j++)
			nr++;
		ret = write_switch(layout->root, "tracing_on", true, err);
	}

	while (nr--) {
		close(pipes[nr][0]);
		close(pipes[nr][1]);
	}

	if (ret == -EPERM && !geteuid())
		error_set(
			err, ret,
			"%s/tracing_on: the hypervisor refuses the kernel's trace buffer (EPERM): pages of it are still shared with the secure world. A reboot frees them",
			layout->root);
	return ret;
}

int hyp_settings_apply(const struct hyp_layout *layout, const struct hyp_settings *found,
		       unsigned int buffer_kb, struct error *err)
{
	static const bool all_on[HYP_NR_EVENTS] = { true, true, true, true };
	struct error ignored;
	char size[32];
	int ret = 0;

	snprintf(size, sizeof(size), "%u\n", buffer_kb);
	if (!found->loaded && !found->tracing_on && found->buffer_kb != buffer_kb)
		ret = hyp_write_file(layout->root, "buffer_size_kb", size, err);
	if (!ret)
		ret = write_events(layout, found, all_on, err);
	if (!ret && !found->tracing_on)
		ret = switch_tracing_on(layout, err);

	if (ret)
		hyp_settings_restore(layout, found, &ignored);
	return ret;
}

/*
 * What is left in the buffer is ours: only an empty one is let go and can be resized. Somebody who
 * reads it holds it for that time.
 */
static int put_buffer_back(const struct hyp_layout *layout, const struct hyp_settings *now,
			   const struct hyp_settings *found, struct error *err)
{
	const struct timespec pause = { .tv_nsec = RESIZE_PAUSE_NS };
	char size[32];
	int ret = 0;

	snprintf(size, sizeof(size), "%lu\n", found->buffer_kb);
	for (int tries = 0; tries < RESIZE_TRIES; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		ret = 0;
		if (!found->tracing_on && !found->loaded)
			ret = hyp_write_file(layout->root, "trace", "0\n", err);
		if (!ret && now->buffer_kb != found->buffer_kb)
			ret = hyp_write_file(layout->root, "buffer_size_kb", size, err);
		if (ret != -EBUSY)
			break;
	}
	return ret;
}

int hyp_settings_restore(const struct hyp_layout *layout, const struct hyp_settings *found,
			 struct error *err)
{
	struct hyp_settings now;
	struct error later;
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
	PUT_BACK(write_events(layout, &now, found->events, &later));

	PUT_BACK(put_buffer_back(layout, &now, found, &later));
#undef PUT_BACK

	return first;
}

int hyp_lock(const char *run_dir, struct error *err)
{
	char path[300], owner[32] = "";
	ssize_t len;
	int fd;

	if (mkdir(run_dir, 0700) && errno != EEXIST)
		return error_set(err, -errno, "%s: %s%s", run_dir, strerror(errno),
				 errno == EACCES ? ". Run as root and try again" : "");

	snprintf(path, sizeof(path), "%s/lock", run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s%s", path, strerror(errno),
				 errno == EACCES ? ". Run as root and try again" : "");

	/* ENOSYS: a kernel without CONFIG_FILE_LOCKING can keep nobody out. */
	if (flock(fd, LOCK_EX | LOCK_NB) && errno != ENOSYS) {
		int ret = errno == EWOULDBLOCK ? -EBUSY : -errno;

		len = read(fd, owner, sizeof(owner) - 1);
		if (len > 0)
			owner[strcspn(owner, "\n")] = '\0';
		close(fd);
		if (ret != -EBUSY)
			return error_set(err, ret, "%s: %s", path, strerror(-ret));
		return error_set(
			err, ret,
			"the hypervisor's trace is in use by another ffascope (process %s). Wait for it, or end it, and try again",
			owner[0] ? owner : "not known");
	}

	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0) {
		int ret = error_set(err, -errno, "%s: %s", path, strerror(errno));

		close(fd);
		return ret;
	}

	return fd;
}

/* A state file of an earlier boot says nothing about this one. */
static void read_boot_id(char *id, size_t size)
{
	struct error ignored;

	if (hyp_read_file("/proc/sys/kernel/random", "boot_id", id, size, &ignored))
		snprintf(id, size, "none");
	id[strcspn(id, "\n")] = '\0';
}

int hyp_state_save(const char *run_dir, const struct hyp_layout *layout,
		   const struct hyp_settings *found, struct error *err)
{
	char path[300], temp[310], boot[64];
	FILE *f;
	int failed;

	snprintf(path, sizeof(path), "%s/state", run_dir);
	snprintf(temp, sizeof(temp), "%s.new", path);
	read_boot_id(boot, sizeof(boot));

	f = fopen(temp, "we");
	if (!f)
		return error_set(err, -errno, "%s: %s", temp, strerror(errno));

	fprintf(f, "ffascope-state %d\nboot %s\nroot %s\nevents %s\n", STATE_VERSION, boot,
		layout->root, layout->events);
	fprintf(f, "tracing_on %d\nloaded %d\nbuffer_kb %lu\n", found->tracing_on, found->loaded,
		found->buffer_kb);
	for (size_t i = 0; i < HYP_NR_EVENTS; i++)
		fprintf(f, "%s %d\n", event_names[i], found->events[i]);
	failed = ferror(f);
	failed |= fclose(f);
	if (failed || rename(temp, path))
		return error_set(err, -EIO, "%s: cannot be written: %s", path, strerror(errno));

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
	char boot[64], this_boot[64], name[32], path[400];
	int version, on, loaded;

	if (fscanf(f,
		   "ffascope-state %d boot %63s root %255s events %299s tracing_on %d loaded %d buffer_kb %lu",
		   &version, boot, layout->root, layout->events, &on, &loaded,
		   &found->buffer_kb) != 7)
		return false;

	for (size_t i = 0; i < HYP_NR_EVENTS; i++) {
		int event_on;

		if (fscanf(f, "%31s %d", name, &event_on) != 2 || strcmp(name, event_names[i]))
			return false;
		found->events[i] = event_on;
	}

	snprintf(path, sizeof(path), "%s/selftest/enable", layout->events);
	layout->selftest = !access(path, F_OK);
	snprintf(path, sizeof(path), "%s/host_smc/enable", layout->events);
	layout->host_smc = !access(path, F_OK);

	read_boot_id(this_boot, sizeof(this_boot));
	found->tracing_on = on;
	found->loaded = loaded;

	return version == STATE_VERSION && !strcmp(boot, this_boot);
}

int hyp_state_repair(const char *run_dir, struct error *err)
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
		return errno == ENOENT ? 0
				       : error_set(err, -errno, "%s: %s", path, strerror(errno));

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

int hyp_repair(const char *run_dir, struct error *err)
{
	int lock, ret;

	run_dir = run_dir ? run_dir : hyp_run_dir();
	lock = hyp_lock(run_dir, err);
	if (lock < 0)
		return lock;

	ret = hyp_state_repair(run_dir, err);
	close(lock);
	return ret;
}
