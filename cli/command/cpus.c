// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/cpus.h"

static void keep(const bool *wanted, struct cpus *cpus)
{
	cpus->n = 0;
	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		if (wanted[cpu])
			cpus->cpu[cpus->n++] = cpu;
	}
}

int cpus_allowed(struct cpus *cpus)
{
	cpu_set_t set;

	cpus->n = 0;
	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	for (int cpu = 0; cpu < CPUS_MAX && cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			cpus->cpu[cpus->n++] = cpu;
	}
	return 0;
}

static int all(struct cpus *cpus, char *err, size_t size)
{
	int ret = cpus_allowed(cpus);

	if (!ret)
		return 0;
	snprintf(err, size, "--cpus all: sched_getaffinity: %s", strerror(-ret));
	return -EINVAL;
}

/* A CPU number at *text, which moves behind it. -1: there is none. */
static int number(const char **text)
{
	unsigned long value;
	char *end;

	if (**text < '0' || **text > '9')
		return -1;
	value = strtoul(*text, &end, 10);
	*text = end;
	return value < CPUS_MAX ? (int)value : -1;
}

/* "N" or "N-M" at *text, which moves behind it. */
static bool range(const char **text, bool *wanted)
{
	int first = number(text), last = first;

	if (**text == '-') {
		(*text)++;
		last = number(text);
	}
	if (first < 0 || last < first)
		return false;
	while (first <= last)
		wanted[first++] = true;
	return true;
}

int cpus_parse(const char *text, struct cpus *cpus, char *err, size_t size)
{
	bool wanted[CPUS_MAX] = { false };
	const char *at = text;

	if (!strcmp(text, "all"))
		return all(cpus, err, size);
	while (range(&at, wanted)) {
		if (!*at) {
			keep(wanted, cpus);
			return 0;
		}
		if (*at++ != ',')
			break;
	}
	snprintf(
		err, size,
		"--cpus %s: give CPUs from 0 to %d, such as 0,2-3, or all for those that this process may use",
		text, CPUS_MAX - 1);
	return -EINVAL;
}
