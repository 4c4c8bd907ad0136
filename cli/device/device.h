/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's device, /dev/ffascope. */
#ifndef FFASCOPE_DEVICE_H
#define FFASCOPE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ffascope.h"

#define DEVICE_PATH	     "/dev/ffascope"

/* Pause around calls, in ns, that is long enough even if the clocks are poorly calibrated. */
#define DEVICE_LONG_GUARD_NS 20000

struct device;

/*
 * Opens the device (path, else DEVICE_PATH) and asks for its ABI version. On failure returns a
 * negative errno with a message in err that names the fix:
 * -ENOENT: no module. -EPERM, -EACCES: no rights, or lockdown. -EPROTO: a module of another ABI.
 */
int device_open(struct device **dev, const char *path, struct error *err);
void device_close(struct device *dev);

const struct ffascope_info *device_info(const struct device *dev);

/*
 * Makes the calls in order, at most device_info()->max_calls, on the CPU that the caller is
 * pinned to (cpu), with a pause of guard_ns before and after each. *done is how many were made,
 * whatever is returned: 0, -EINTR after a signal, -EXDEV if the CPU went offline, or another
 * negative errno with a message; *bad is then the index of a call that is refused, else -1.
 */
int device_call(struct device *dev, struct ffascope_call *calls, unsigned int count, int cpu,
		unsigned int guard_ns, unsigned int *done, int *bad, struct error *err);

/*
 * The same, but no call begins later than limit_us after the first one; then *done < count with 0.
 * Older modules have no limit and make all calls.
 */
int device_call_within(struct device *dev, unsigned int limit_us, struct ffascope_call *calls,
		       unsigned int count, int cpu, unsigned int guard_ns, unsigned int *done,
		       int *bad, struct error *err);

/*
 * What the TX buffer has in the calls from now on, len bytes and then zeros; the calls then hold
 * arm_ffa's locks of its buffers. tx NULL: calls that leave the buffers alone, as at first. The bytes
 * stay the caller's.
 */
void device_set_tx(struct device *dev, const void *tx, uint32_t len);

/*
 * Allocates count pages of *page_size bytes for memory transactions; *page_size is set. keep: they
 * stay shared when the device is closed. Returns 0 or a negative errno with a message: -EACCES
 * without unsafe=1, -EPROTO if the module is older than this.
 */
int device_pages(struct device *dev, uint64_t *addresses, uint32_t count, bool contiguous,
		 bool keep, uint32_t *page_size, struct error *err);

/*
 * One harmless call (FFA_ID_GET) with interrupts on. Android's EL2 sends messages to partitions at
 * the first call that is made, and refuses that call where a partition cannot finish because the
 * caller has interrupts off. Does nothing where the module cannot do it.
 */
void device_first_call(struct device *dev);

/*
 * One of arm_ffa's operations (ffascope.h, struct ffascope_driver; size is filled in). Returns 0
 * when it was called: req->status says how it went. Otherwise a negative errno with a message;
 * -EPROTO: the module is older than this request. -EINTR has no message.
 */
int device_driver(struct device *dev, struct ffascope_driver *req, struct error *err);

/*
 * Waits until a notification has arrived, timeout_ms at the longest (-1: for ever), and gives at
 * most n. Returns how many, 0 when the time is over, -EINTR after a signal, or another negative
 * errno with a message.
 */
int device_notifications(struct device *dev, struct ffascope_notification *notes, unsigned int n,
			 int timeout_ms, struct error *err);

#endif
