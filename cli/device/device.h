/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's device, /dev/ffascope. */
#ifndef FFASCOPE_DEVICE_H
#define FFASCOPE_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "ffascope.h"

#define DEVICE_PATH "/dev/ffascope"

struct device_error {
	char text[512];
};

struct device;

/*
 * Opens the device (path, else DEVICE_PATH) and asks for its ABI version. On failure returns a
 * negative errno with one message and its mend in err:
 * -ENOENT: no module. -EPERM, -EACCES: no rights, or lockdown. -EPROTO: a module of another ABI.
 */
int device_open(struct device **dev, const char *path, struct device_error *err);
void device_close(struct device *dev);

const struct ffascope_info *device_info(const struct device *dev);

/*
 * Makes the calls in order, at most device_info()->max_calls, on the CPU that the caller is
 * pinned to (cpu), with a pause of guard_ns before and after each. *done is how many were made,
 * whatever is returned: 0, -EINTR after a signal, -EXDEV where the CPU went away, or another
 * negative errno with a message; *bad is then the index of a call that is refused, else -1.
 */
int device_call(struct device *dev, struct ffascope_call *calls, unsigned int count, int cpu,
		unsigned int guard_ns, unsigned int *done, int *bad, struct device_error *err);

#endif
