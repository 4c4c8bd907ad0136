/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls through the operations of arm_ffa, for `notify' and for `call --via driver'. */
#ifndef FFASCOPE_DRIVER_CALL_H
#define FFASCOPE_DRIVER_CALL_H

#include "device/device.h"
#include "session/session.h"
#include "command/verb.h"

/* What arm_ffa did: the call that it made, how it went and what became of it. */
struct driver_call_result {
	struct ffascope_driver req;
	struct verdict_call call;
	struct verdict verdict;
	uint32_t ffa_version;
};

/*
 * Calls done->req, with the trace on only for that call, so that others can use it meanwhile.
 * Returns 0 when it was called, else a negative errno after telling why (but -EINTR).
 */
int driver_call_operate(const struct options *opts, struct device *device, bool no_trace,
			struct driver_call_result *done);

/*
 * Shows the result and, for a refused call, who refused it and how to fix it. With --json `key'
 * is the name and `what' the value that the object begins with. Returns an exit status.
 */
int driver_call_show(const struct options *opts, const char *key, const char *what,
		     const struct driver_call_result *done);

/* `call --via driver': the call with these registers. Returns an exit status. */
int driver_call_registers(const struct options *opts, const struct ffa_regs *in, bool no_trace);

#endif
