// SPDX-License-Identifier: GPL-2.0-only
/* Finds the hypervisor's part of tracefs. */
#include <dirent.h>
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hyp/internal.h"

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Debian also mounts tracefs below debugfs on demand, so the mount table decides. */
static bool find_tracefs(char *dir, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent entry;
	char line[4096];
	bool found = false;

	if (!mounts)
		return false;

	while (!found && getmntent_r(mounts, &entry, line, sizeof(line))) {
		if (strcmp(entry.mnt_type, "tracefs"))
			continue;
		found = (size_t)snprintf(dir, size, "%s", entry.mnt_dir) < size;
	}
	endmntent(mounts);

	return found;
}

const char *hyp_run_dir(void)
{
	/* This folder survives reboots; the state file has a boot ID. */
	if (!is_dir("/run") && is_dir("/data/local/tmp"))
		return "/data/local/tmp/ffascope";
	return "/run/ffascope";
}

/*
 * Linux 7.1 and later (kernel/trace/trace_remote.c); Android 16 with 6.12 and later 6.6; Android 14
 * and early Android 15. Events of the same name differ between them.
 */
static const struct {
	const char *name, *group;
} layouts[] = {
	{ "remotes/hypervisor", "hypervisor" },
	{ "hypervisor", "hypervisor" },
	{ "hyp", "hyp" },
	{ "hyp", "hypervisor" },
};

static bool is_there(const char *dir, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !access(path, F_OK);
}

static bool is_decoded(const char *name)
{
	static const char *const known[] = { "hyp_enter",   "hyp_exit",	     "selftest",
					     "host_smc",    "host_ffa_call", "hyp_printk",
					     "__hyp_printk" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(known[i], name))
			return true;
	}
	return false;
}

static void find_others(struct hyp_layout *layout)
{
	DIR *dir = opendir(layout->events);
	const struct dirent *entry;

	while (dir && layout->nr_others < HYP_MAX_OTHERS && (entry = readdir(dir))) {
		char *slot = layout->others[layout->nr_others];
		char path[600];

		if (entry->d_name[0] == '.' || is_decoded(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%.255s", layout->events, entry->d_name);
		if (is_dir(path) && (size_t)snprintf(slot, sizeof(layout->others[0]), "%s",
						     entry->d_name) < sizeof(layout->others[0]))
			layout->nr_others++;
	}
	if (dir)
		closedir(dir);
}

void hyp_find_events(struct hyp_layout *layout)
{
	layout->selftest = is_there(layout->events, "selftest/enable");
	layout->host_smc = is_there(layout->events, "host_smc/enable");
	layout->host_ffa_call = is_there(layout->events, "host_ffa_call/enable");
	if (is_there(layout->events, "hyp_printk/enable"))
		layout->printk = "hyp_printk";
	else if (is_there(layout->events, "__hyp_printk/enable"))
		layout->printk = "__hyp_printk";
	find_others(layout);
}

static void look_closer(struct hyp_layout *layout)
{
	struct hyp_format format;

	layout->markers = is_there(layout->root, "write_event");
	hyp_find_events(layout);
	if (!hyp_format_load(layout, "hyp_enter", &format)) {
		for (unsigned int i = 0; i < format.nr; i++)
			layout->reasons |= !strcmp(format.fields[i], "reason");
	}
	/* Markers are read as selftest events. */
	layout->markers &= layout->selftest;
}

int hyp_find(const char *dir, struct hyp_layout *layout, struct error *err)
{
	char tracefs[200];

	*layout = (struct hyp_layout){ 0 };
	/* The state file has a line for it. */
	if (dir && (strlen(dir) >= sizeof(tracefs) || strchr(dir, '\n')))
		return error_set(err, -ENAMETOOLONG,
				 "--tracefs: at most %zu characters are supported, and no newline",
				 sizeof(tracefs) - 1);
	if (dir)
		snprintf(tracefs, sizeof(tracefs), "%s", dir);
	else if (!find_tracefs(tracefs, sizeof(tracefs)))
		return error_set(
			err, -ENOENT,
			"tracefs is not mounted. Run `mount -t tracefs nodev /sys/kernel/tracing' and try again");

	if (access(tracefs, R_OK | X_OK))
		return errno == ENOENT
			       ? error_set(
					 err, -ENOENT,
					 "%s: no such folder; --tracefs names the mount point of tracefs",
					 tracefs)
			       : error_set(err, -EACCES, "%s: %s. Run as root and try again",
					   tracefs, strerror(errno));

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		layout->name = layouts[i].name;
		layout->group = layouts[i].group;
		snprintf(layout->root, sizeof(layout->root), "%s/%s", tracefs, layout->name);
		snprintf(layout->events, sizeof(layout->events), "%s/events/%s", layout->root,
			 layout->group);
		if (is_dir(layout->events)) {
			look_closer(layout);
			return 0;
		}
	}

	return error_set(
		err, -ENODEV,
		"this kernel has no hypervisor tracing (%s has none of remotes/hypervisor, hypervisor and hyp). Build it with CONFIG_NVHE_EL2_DEBUG=y and CONFIG_NVHE_EL2_TRACING=y, and boot it at EL2 and with kvm-arm.mode=protected",
		tracefs);
}
