// SPDX-License-Identifier: GPL-2.0-only
/* Where the hypervisor's part of tracefs is. */
#include <errno.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hyp/internal.h"

int hyp_fail(struct hyp_error *err, int ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return ret;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Debian mounts tracefs on demand below debugfs as well; the mount table is what tells. */
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

int hyp_find(const char *dir, struct hyp_layout *layout, struct hyp_error *err)
{
	char tracefs[200];

	*layout = (struct hyp_layout){ 0 };
	if (dir)
		snprintf(tracefs, sizeof(tracefs), "%s", dir);
	else if (!find_tracefs(tracefs, sizeof(tracefs)))
		return hyp_fail(
			err, -ENOENT,
			"tracefs is not mounted. Run `mount -t tracefs nodev /sys/kernel/tracing' and try again");

	if (access(tracefs, R_OK | X_OK))
		return errno == ENOENT
			       ? hyp_fail(
					 err, -ENOENT,
					 "%s: no such folder; --tracefs names the mount point of tracefs",
					 tracefs)
			       : hyp_fail(err, -EACCES, "%s: %s. Run as root and try again",
					  tracefs, strerror(errno));

	/* Linux 7.1 and later: kernel/trace/trace_remote.c. */
	snprintf(layout->root, sizeof(layout->root), "%s/remotes/hypervisor", tracefs);
	if (is_dir(layout->root)) {
		snprintf(layout->events, sizeof(layout->events), "%s/events/hypervisor",
			 layout->root);
		layout->mainline = true;
		return 0;
	}

	return hyp_fail(
		err, -ENODEV,
		"this kernel has no hypervisor tracing (%s is not there). Build it with CONFIG_NVHE_EL2_DEBUG=y and CONFIG_NVHE_EL2_TRACING=y, boot with kvm-arm.mode=protected",
		layout->root);
}
