/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices that arm_ffa has registered on its bus: one for each partition that it found. */
#ifndef FFASCOPE_DRIVER_BUS_H
#define FFASCOPE_DRIVER_BUS_H

#include <stddef.h>
#include <stdint.h>

#define DRIVER_BUS	   "/sys/bus/arm_ffa"
#define DRIVER_BUS_DEVICES DRIVER_BUS "/devices"

struct driver_device {
	char name[24]; /* "arm-ffa-1" */
	char uuid[40]; /* "" where the kernel has no such attribute */
	uint16_t id;   /* endpoint ID; 0 where it cannot be read */
};

/* The devices in the order of their names, at most max. Returns how many. */
size_t driver_bus_devices(struct driver_device *list, size_t max);

#endif
