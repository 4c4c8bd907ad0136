// SPDX-License-Identifier: GPL-2.0-only
/* Saves, changes and restores the settings of the hypervisor's trace, also after a kill. */
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

/* How long to wait for another reader before giving up on the buffer size: two seconds. */
#define RESIZE_TRIES	100
#define RESIZE_PAUSE_NS 20000000

#define STATE_VERSION	2

/* Maximum size of a pipe without privileges (/proc/sys/fs/pipe-max-size). */
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
	/* The oldest Android layout accepts exactly two bytes. */
	return hyp_write_file(dir, name, on ? "1\n" : "0\n", err);
}

static const char *const event_names[HYP_NR_EVENTS] = {
	[HYP_ENTER] = "hyp_enter",
	[HYP_EXIT] = "hyp_exit",
	[HYP_SELFTEST] = "selftest",
	[HYP_HOST_SMC] = "host_smc",
	[HYP_HOST_FFA_CALL] = "host_ffa_call",
	[HYP_PRINTK] = "hyp_printk",
};

/* Name of the event's folder; NULL: this layout lacks the event. */
static const char *folder_of(const struct hyp_layout *layout, size_t event)
{
	switch (event) {
	case HYP_SELFTEST:
		return layout->selftest ? event_names[event] : NULL;
	case HYP_HOST_SMC:
		return layout->host_smc ? event_names[event] : NULL;
	case HYP_HOST_FFA_CALL:
		return layout->host_ffa_call ? event_names[event] : NULL;
	case HYP_PRINTK:
		return layout->printk;
	default:
		return event_names[event];
	}
}

static int write_events(const struct hyp_layout *layout, const struct hyp_settings *now,
			const bool to[HYP_NR_EVENTS], struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < HYP_NR_EVENTS; i++) {
		struct error later;
		const char *folder = folder_of(layout, i);
		char name[64];
		int one;

		if (!folder || now->events[i] == to[i])
			continue;
		snprintf(name, sizeof(name), "%s/enable", folder);
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
		const char *folder = folder_of(layout, i);

		snprintf(name, sizeof(name), "%s/enable", folder ? folder : "");
		if (folder)
			ret = read_switch(layout->events, name, &found->events[i], err);
	}

	return ret;
}

/*
 * Occupies PIPE_BYTES of kernel memory until the pipe is closed. Like the trace
 * buffer's pages, and unlike those of a mapping, a pipe's pages are not movable (fs/pipe.c).
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
 * The kernel shares the pages of its buffer with EL2 one by one. EL2 refuses (EPERM) a page that is
 * still shared with the secure world; OP-TEE's driver, for instance, frees such pages if their
 * reclaim fails. The allocator returns the pages freed last first, so a retry would get the same
 * pages. Occupying memory in between avoids them.
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
	static const bool all_on[HYP_NR_EVENTS] = { true, true, true, true, true, true };
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
 * The kernel unloads, and so can resize, only an empty buffer; the remaining events are our own.
 * Another reader keeps it loaded for a while.
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

/*
 * On Android the user `shell' owns the parent folder and could put a link in place of this one. All
 * files are opened relative to this descriptor, without following links.
 */
static int open_run_dir(const char *run_dir, struct error *err)
{
	struct stat st;
	int fd;

	if (mkdir(run_dir, 0700) && errno != EEXIST)
		return error_set(err, -errno, "%s: %s%s", run_dir, strerror(errno),
				 errno == EACCES ? ". Run as root and try again" : "");

	fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(
			err, -errno, "%s: %s%s", run_dir, strerror(errno),
			errno == EACCES ? ". Run as root and try again"
			: errno == ELOOP || errno == ENOTDIR
				? ": this must be a folder, not a link or file. Remove it and try again"
				: "");
	if (!fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;

	close(fd);
	return error_set(
		err, -EPERM,
		"%s: another user owns this folder or can write to it. Remove it and try again",
		run_dir);
}

/* Opens a file in it, which must be a regular file of this user. */
static int open_in_run_dir(const char *run_dir, const char *name, int flags, struct error *err)
{
	int dir = open_run_dir(run_dir, err), fd, error;
	struct stat st;

	if (dir < 0)
		return dir;

	fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	error = errno;
	close(dir);
	if (fd < 0)
		return error_set(err, -error, "%s/%s: %s%s", run_dir, name, strerror(error),
				 error == EACCES ? ". Run as root and try again" : "");
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid())
		return fd;

	close(fd);
	return error_set(err, -EPERM, "%s/%s: not a file of this user. Remove it and try again",
			 run_dir, name);
}

int hyp_lock(const char *run_dir, struct error *err)
{
	char path[300], owner[32] = "";
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/lock", run_dir);
	fd = open_in_run_dir(run_dir, "lock", O_RDWR | O_CREAT, err);
	if (fd < 0)
		return fd;

	/* ENOSYS: without CONFIG_FILE_LOCKING other processes cannot be kept out. */
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
			"another ffascope (process %s) uses the hypervisor's trace. Wait for it or end it, and try again",
			owner[0] ? owner : "not known");
	}

	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0) {
		int ret = error_set(err, -errno, "%s: %s", path, strerror(errno));

		close(fd);
		return ret;
	}

	return fd;
}

/* A state file of an earlier boot is ignored. */
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
	int dir, fd, failed;
	char boot[64];
	FILE *f;

	dir = open_run_dir(run_dir, err);
	if (dir < 0)
		return dir;
	read_boot_id(boot, sizeof(boot));

	fd = open_in_run_dir(run_dir, "state.new", O_WRONLY | O_CREAT | O_TRUNC, err);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		close(dir);
		return fd < 0 ? fd : error_no_memory(err);
	}

	fprintf(f, "ffascope-state %d\nboot %s\nroot %s\nevents %s\n", STATE_VERSION, boot,
		layout->root, layout->events);
	fprintf(f, "tracing_on %d\nloaded %d\nbuffer_kb %lu\n", found->tracing_on, found->loaded,
		found->buffer_kb);
	for (size_t i = 0; i < HYP_NR_EVENTS; i++)
		fprintf(f, "%s %d\n", event_names[i], found->events[i]);
	failed = ferror(f);
	failed |= fclose(f);
	failed = failed || renameat(dir, "state.new", dir, "state");
	if (failed)
		error_set(err, -EIO, "cannot write %s/state: %s", run_dir, strerror(errno));
	close(dir);
	return failed ? -EIO : 0;
}

void hyp_state_drop(const char *run_dir)
{
	struct error ignored;
	int dir = open_run_dir(run_dir, &ignored);

	if (dir < 0)
		return;
	unlinkat(dir, "state", 0);
	close(dir);
}

static bool parse_state(FILE *f, struct hyp_layout *layout, struct hyp_settings *found)
{
	char boot[64], this_boot[64], name[32];
	bool listed[HYP_NR_EVENTS] = { false };
	int version, on, loaded, event_on;

	if (fscanf(f,
		   "ffascope-state %d boot %63s root %255[^\n] events %299[^\n] tracing_on %d loaded %d buffer_kb %lu",
		   &version, boot, layout->root, layout->events, &on, &loaded,
		   &found->buffer_kb) != 7)
		return false;

	/* Earlier versions of the tool list fewer events and did not change the others. */
	while (fscanf(f, "%31s %d", name, &event_on) == 2) {
		size_t i = 0;

		while (i < HYP_NR_EVENTS && strcmp(name, event_names[i]))
			i++;
		if (i == HYP_NR_EVENTS)
			return false;
		found->events[i] = event_on;
		listed[i] = true;
	}

	hyp_find_events(layout);
	layout->host_ffa_call &= listed[HYP_HOST_FFA_CALL];
	if (!listed[HYP_PRINTK])
		layout->printk = NULL;
	read_boot_id(this_boot, sizeof(this_boot));
	found->tracing_on = on;
	found->loaded = loaded;

	return version == STATE_VERSION && !strcmp(boot, this_boot);
}

int hyp_state_repair(const char *run_dir, struct error *err)
{
	struct hyp_layout layout = { 0 };
	struct hyp_settings found = { 0 };
	bool valid;
	FILE *f;
	int ret, fd;

	fd = open_in_run_dir(run_dir, "state", O_RDONLY, err);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return error_no_memory(err);
	}

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
