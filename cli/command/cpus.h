/* SPDX-License-Identifier: GPL-2.0-only */
/* The value of --cpus. */
#ifndef FFASCOPE_CPUS_H
#define FFASCOPE_CPUS_H

#include <stddef.h>

#define CPUS_MAX 4096

struct cpus {
	int cpu[CPUS_MAX]; /* in ascending order, each once */
	unsigned int n;
};

/* The CPUs on which the calling process may run. Returns 0 or a negative errno. */
int cpus_allowed(struct cpus *cpus);

/*
 * Reads a list such as "0,2-3", or "all": the CPUs on which the calling process may run. Returns 0,
 * or -EINVAL with a message in err.
 */
int cpus_parse(const char *text, struct cpus *cpus, char *err, size_t size);

#endif
