// SPDX-License-Identifier: GPL-2.0-only
/* Counts how requests ended and checks that ffascope.h permits each outcome. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attack.h"

static const struct {
	const char *name;
	int errors[16]; /* outcomes in ffascope.h, and those of the kernel itself */
} kinds[NR_KINDS] = {
	[KIND_INFO] = { "INFO", { EFAULT, EINVAL, E2BIG } },
	[KIND_REGISTERS] = { "REGISTERS",
			     { EFAULT, EINVAL, E2BIG, ENOMEM, EACCES, EXDEV, EINTR, EMSGSIZE } },
	[KIND_PAGES] = { "PAGES", { EFAULT, EINVAL, E2BIG, ENOMEM, EACCES, ENOSPC } },
#define DRIVER_ERRORS EFAULT, EINVAL, E2BIG, ENODEV, EXDEV, EOPNOTSUPP
	[KIND_REQUEST] = { "DRIVER request", { DRIVER_ERRORS, EBUSY, EINTR } },
	[KIND_RELINQUISH] = { "DRIVER relinquish", { DRIVER_ERRORS, EBUSY, ENOENT, EACCES } },
	[KIND_SEND] = { "DRIVER send", { DRIVER_ERRORS, EINTR } },
	[KIND_DIRECT] = { "DRIVER direct", { DRIVER_ERRORS, EINTR } },
	[KIND_DIRECT2] = { "DRIVER direct2", { DRIVER_ERRORS, EINTR } },
	[KIND_LOOK] = { "DRIVER look", { DRIVER_ERRORS, EINTR } },
	[KIND_PARTITIONS] = { "DRIVER partitions", { DRIVER_ERRORS, ENOMEM, EINTR } },
	[KIND_NO_OPERATION] = { "DRIVER, no operation", { EFAULT, EINVAL, E2BIG } },
	[KIND_NO_NUMBER] = { "no such number", { ENOTTY } },
	[KIND_FOREIGN] = { "not ours", { ENOTTY } },
};

static bool is_known(const struct attacker *a, const struct request *req, int err)
{
	if (!err)
		return req->kind < KIND_NO_OPERATION;
	for (size_t i = 0; i < sizeof(kinds[0].errors) / sizeof(int); i++) {
		if (kinds[req->kind].errors[i] == err)
			return !(a->unsafe && err == EACCES);
	}
	return false;
}

bool count_outcome(struct attacker *a, const struct request *req, int err)
{
	int status = 0;

	if (req->kind == KIND_REGISTERS && req->answer && (!err || err == EINTR)) {
		uint32_t done;

		memcpy(&done, req->answer + offsetof(struct ffascope_registers, done),
		       sizeof(done));
		if (_IOC_SIZE(req->cmd) >= sizeof(struct ffascope_registers) &&
		    done <= FFASCOPE_MAX_CALLS)
			a->calls += done;
	}
	if (!err && req->kind >= KIND_REQUEST && req->kind <= KIND_PARTITIONS && req->answer &&
	    _IOC_SIZE(req->cmd) >= sizeof(struct ffascope_driver)) {
		memcpy(&status, req->answer + offsetof(struct ffascope_driver, status),
		       sizeof(status));
		if (status > 0 || status <= -NR_OUTCOMES)
			status = 0;
	}
	a->outcomes[req->kind][status != 0][status ? -status : err % NR_OUTCOMES]++;
	return is_known(a, req, err);
}

void add_outcomes(struct attacker *sum, const struct attacker *a)
{
	sum->calls += a->calls;
	for (int kind = 0; kind < NR_KINDS; kind++) {
		for (int i = 0; i < NR_OUTCOMES; i++) {
			sum->outcomes[kind][0][i] += a->outcomes[kind][0][i];
			sum->outcomes[kind][1][i] += a->outcomes[kind][1][i];
		}
	}
}

uint64_t print_outcomes(const struct attacker *a)
{
	uint64_t all = 0;

	for (int kind = 0; kind < NR_KINDS; kind++) {
		uint64_t sum = 0;

		for (int i = 0; i < NR_OUTCOMES; i++)
			sum += a->outcomes[kind][0][i] + a->outcomes[kind][1][i];
		printf("%-20s %9" PRIu64 ":", kinds[kind].name, sum);
		for (int i = 0; i < NR_OUTCOMES; i++) {
			const char *name = i ? strerrorname_np(i) : "done";

			if (a->outcomes[kind][0][i])
				printf(" %s %" PRIu64, name ? name : "?", a->outcomes[kind][0][i]);
		}
		for (int i = 0; i < NR_OUTCOMES; i++) {
			const char *name = strerrorname_np(i);

			if (a->outcomes[kind][1][i])
				printf(", done with %s %" PRIu64, name ? name : "?",
				       a->outcomes[kind][1][i]);
		}
		putchar('\n');
		all += sum;
	}
	return all;
}
