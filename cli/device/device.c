// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device/device.h"
#include "layout.h"

FFASCOPE_CHECK_LAYOUT();

struct device {
	int fd;
	char path[256];
	struct ffascope_info info;
	const void *tx; /* NULL: the calls leave arm_ffa's buffers alone */
	uint32_t tx_len;
};

static int explain_open(const char *path, int error, struct error *err)
{
	switch (error) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return error_set(
			err, -ENOENT,
			"%s is not there: the module is not loaded. Run `modprobe ffascope' (or `insmod ffascope.ko'); `dmesg' has the reason if that fails",
			path);
	case EPERM:
	case EACCES:
		if (geteuid())
			return error_set(err, -EPERM, "%s: %s. Run as root and try again", path,
					 strerror(error));
		return error_set(
			err, -EPERM,
			"%s: %s. It needs CAP_SYS_ADMIN, and a kernel that is not locked down (cat /sys/kernel/security/lockdown)",
			path, strerror(error));
	default:
		return error_set(err, -error, "%s: %s", path, strerror(error));
	}
}

static int get_info(struct device *dev, struct error *err)
{
	dev->info = (struct ffascope_info){ .size = sizeof(dev->info) };

	if (ioctl(dev->fd, FFASCOPE_INFO, &dev->info)) {
		if (errno == EPERM)
			return explain_open(dev->path, errno, err);
		return error_set(
			err, -EPROTO,
			"%s does not respond like the ffascope module (%s). Load the module of this version (ABI %d)",
			dev->path, strerror(errno), FFASCOPE_ABI_VERSION);
	}

	if (dev->info.abi_version != FFASCOPE_ABI_VERSION)
		return error_set(
			err, -EPROTO,
			"the loaded module has ABI version %u, but this ffascope needs %d. Load the module that came with it (rmmod ffascope; modprobe ffascope)",
			dev->info.abi_version, FFASCOPE_ABI_VERSION);

	return 0;
}

int device_open(struct device **out, const char *path, struct error *err)
{
	struct device *dev = calloc(1, sizeof(*dev));
	int ret;

	if (!dev)
		return error_no_memory(err);

	snprintf(dev->path, sizeof(dev->path), "%s", path ? path : DEVICE_PATH);
	dev->fd = open(dev->path, O_RDWR | O_CLOEXEC);
	ret = dev->fd < 0 ? explain_open(dev->path, errno, err) : get_info(dev, err);
	if (ret) {
		device_close(dev);
		return ret;
	}

	*out = dev;
	return 0;
}

void device_close(struct device *dev)
{
	if (!dev)
		return;

	if (dev->fd >= 0)
		close(dev->fd);
	free(dev);
}

const struct ffascope_info *device_info(const struct device *dev)
{
	return &dev->info;
}

void device_set_tx(struct device *dev, const void *tx, uint32_t len)
{
	dev->tx = tx;
	dev->tx_len = len;
}

#define MODULE_IS_OLDER                                                                  \
	"the module that is loaded cannot %s: it is older than this ffascope. Load the " \
	"module that came with it (rmmod ffascope; modprobe ffascope unsafe=1)"

int device_pages(struct device *dev, uint64_t *addresses, uint32_t count, bool contiguous,
		 bool keep, uint32_t *page_size, struct error *err)
{
	struct ffascope_pages req = {
		.size = sizeof(req),
		.flags = (contiguous ? FFASCOPE_PAGES_CONTIGUOUS : 0) |
			 (keep ? FFASCOPE_PAGES_KEEP : 0),
		.addresses = (uintptr_t)addresses,
		.count = count,
	};

	if (!(dev->info.features & FFASCOPE_FEATURE_MEMORY))
		return error_set(err, -EPROTO, MODULE_IS_OLDER, "allocate pages");
	if (!ioctl(dev->fd, FFASCOPE_PAGES, &req)) {
		*page_size = req.page_size;
		return 0;
	}

	switch (errno) {
	case EACCES:
		return error_set(
			err, -EACCES,
			"the module does not share memory. Where that is acceptable: `rmmod ffascope; modprobe ffascope unsafe=1'");
	case ENOSPC:
		return error_set(err, -ENOSPC, "the module allocates %u pages at most",
				 FFASCOPE_MAX_PAGES);
	case EPERM:
		return explain_open(dev->path, EPERM, err);
	default:
		return error_set(err, -errno, "%u pages%s: %s", count,
				 contiguous ? " in a row" : "", strerror(errno));
	}
}

/* Why calls with contents of the TX buffer cannot be made; 0: the error has another reason. */
static int explain_buffers(int error, struct error *err)
{
	switch (error) {
	case ENODEV:
		return error_set(
			err, -ENODEV,
			"arm_ffa has no device, so its buffers cannot be used; `ffascope doctor' says why");
	case ENOENT:
		return error_set(
			err, -ENOTSUP,
			"the module cannot find arm_ffa's buffers: this kernel needs CONFIG_KPROBES=y and CONFIG_KALLSYMS_ALL=y");
	case EPROTO:
		return error_set(
			err, -ENOTSUP,
			"the module cannot use arm_ffa's buffers: this kernel's arm_ffa keeps them in a way that the module does not know");
	case EMSGSIZE:
		return error_set(err, -EMSGSIZE, "the bytes do not fit arm_ffa's TX buffer");
	default:
		return 0;
	}
}

int device_call(struct device *dev, struct ffascope_call *calls, unsigned int count, int cpu,
		unsigned int guard_ns, unsigned int *done, int *bad, struct error *err)
{
	return device_call_within(dev, 0, calls, count, cpu, guard_ns, done, bad, err);
}

int device_call_within(struct device *dev, unsigned int limit_us, struct ffascope_call *calls,
		       unsigned int count, int cpu, unsigned int guard_ns, unsigned int *done,
		       int *bad, struct error *err)
{
	struct ffascope_registers req = {
		.size = sizeof(req),
		.calls = (uintptr_t)calls,
		.count = count,
		.bad = UINT32_MAX,
		.cpu = cpu,
		.guard_ns = guard_ns,
		.limit_us = dev->info.features & FFASCOPE_FEATURE_LIMIT ? limit_us : 0,
	};
	int error = 0, ret;

	*bad = -1;
	*done = 0;
	if (dev->tx) {
		if (!(dev->info.features & FFASCOPE_FEATURE_MEMORY))
			return error_set(err, -EPROTO, MODULE_IS_OLDER, "use arm_ffa's buffers");
		req.flags |= FFASCOPE_REGISTERS_BUFFERS;
		req.tx = (uintptr_t)dev->tx;
		req.tx_len = dev->tx_len;
	}
	if (ioctl(dev->fd, FFASCOPE_REGISTERS, &req))
		error = errno;

	*done = req.done;
	if (req.bad < count)
		*bad = (int)req.bad;
	ret = dev->tx ? explain_buffers(error, err) : 0;
	if (ret)
		return ret;

	switch (error) {
	case 0:
	case EINTR:
		return -error;
	case EXDEV:
		return error_set(err, -EXDEV,
				 "CPU %d went offline, or the process was moved to another CPU",
				 cpu);
	case EACCES:
		return error_set(
			err, -EACCES,
			"the module refuses this call: it would take buffers, memory or a conversation away from arm_ffa. Where that does not matter: `rmmod ffascope; modprobe ffascope unsafe=1'");
	case EINVAL:
		return error_set(
			err, -EINVAL,
			"the module refuses this call: only fast calls of the standard service with function numbers 0x60 to 0xff are made");
	case EPERM:
		return explain_open(dev->path, error, err);
	default:
		return error_set(err, -error, "%s: %s", dev->path, strerror(error));
	}
}

/* DEN0077A 13.10: no parameters, no state. */
#define FFA_ID_GET 0x84000069u

void device_first_call(struct device *dev)
{
	struct ffascope_call call = { .in[0] = FFA_ID_GET };
	struct ffascope_registers req = {
		.size = sizeof(req),
		.flags = FFASCOPE_REGISTERS_IRQS_ON,
		.calls = (uintptr_t)&call,
		.count = 1,
		.cpu = -1,
	};

	/* Ignore its answer: later calls report the same errors. */
	if (dev->info.features & FFASCOPE_FEATURE_IRQS_ON)
		(void)ioctl(dev->fd, FFASCOPE_REGISTERS, &req);
}

int device_driver(struct device *dev, struct ffascope_driver *req, struct error *err)
{
	if (!(dev->info.features & FFASCOPE_FEATURE_DRIVER))
		return error_set(
			err, -EPROTO,
			"the module that is loaded cannot call arm_ffa's operations: it is older than this ffascope. Load the module that came with it (rmmod ffascope; modprobe ffascope)");

	req->size = sizeof(*req);
	if (!ioctl(dev->fd, FFASCOPE_DRIVER, req))
		return 0;

	switch (errno) {
	case EINTR:
		return -EINTR;
	case ENODEV:
		return error_set(
			err, -ENODEV,
			"arm_ffa has no device for partition 0x%04x%s; `grep . /sys/bus/arm_ffa/devices/*/{partition_id,uuid}' lists the existing ones",
			req->partition, req->flags & FFASCOPE_DRIVER_UUID ? " with this UUID" : "");
	case EBUSY:
		return error_set(
			err, -EBUSY,
			"another ffascope already uses notification %u; stop it or choose another --id",
			req->id);
	case ENOENT:
		return error_set(err, -ENOENT, "notification %u was not requested by this process",
				 req->id);
	case EACCES:
		return error_set(
			err, -EACCES,
			"the module refuses to unbind notification %u, which belongs to a driver. To allow it: `rmmod ffascope; modprobe ffascope unsafe=1'",
			req->id);
	case EOPNOTSUPP:
		return error_set(err, -ENOTSUP, "this kernel's arm_ffa has no such operation");
	case EXDEV:
		return error_set(err, -EXDEV,
				 "CPU %d went offline, or the process was moved to another CPU",
				 req->cpu);
	case EPERM:
		return explain_open(dev->path, errno, err);
	default:
		return error_set(err, -errno, "%s: %s", dev->path, strerror(errno));
	}
}

int device_notifications(struct device *dev, struct ffascope_notification *notes, unsigned int n,
			 int timeout_ms, struct error *err)
{
	struct pollfd poll_fd = { .fd = dev->fd, .events = POLLIN };
	ssize_t len;
	int ret;

	ret = poll(&poll_fd, 1, timeout_ms);
	if (ret < 0)
		return errno == EINTR ? -EINTR
				      : error_set(err, -errno, "poll: %s", strerror(errno));
	if (!ret)
		return 0;

	len = read(dev->fd, notes, n * sizeof(*notes));
	if (len < 0)
		return errno == EINTR
			       ? -EINTR
			       : error_set(err, -errno, "%s: %s", dev->path, strerror(errno));
	return (int)((size_t)len / sizeof(*notes));
}
