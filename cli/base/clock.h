/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FFASCOPE_BASE_CLOCK_H
#define FFASCOPE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The clock's time in ns: of CLOCK_BOOTTIME, as the hypervisor's trace has it, or another. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

#endif
