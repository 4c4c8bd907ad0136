/* SPDX-License-Identifier: GPL-2.0-only */
/* What arm_ffa's operations say to the firmware, from reading drivers/firmware/arm_ffa/driver.c. */
#ifndef FFASCOPE_DRIVER_OPERATIONS_H
#define FFASCOPE_DRIVER_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ffascope.h"

struct ffa_regs;

/*
 * The registers of the call that an operation makes, into call->in; out of req as it is before. A
 * direct message has the width that req->result says, and the UUID of req->uuid.
 */
void driver_operation_registers(const struct ffascope_driver *req, struct ffascope_call *call);

/*
 * The rest of *call out of req as it is afterwards: times, CPU, and of the answer only whether it
 * is an error, FFA_SUCCESS in x0 or -1.
 */
void driver_operation_answer(const struct ffascope_driver *req, struct ffascope_call *call);

/*
 * The operation for the call with these registers (no canaries). Whether arm_ffa then sends just
 * these is what driver_operation_check() says. Returns 0, or -EINVAL with a message that names the fix.
 */
int driver_operation_from_call(const struct ffa_regs *in, struct ffascope_driver *req, char *err,
			       size_t err_size);

/*
 * Whether the operation sends these registers: req->result and req->uuid are those that
 * FFASCOPE_DRIVER_QUERY returned for the partition. Returns 0, or -EINVAL with a message.
 */
int driver_operation_check(const struct ffa_regs *in, const struct ffascope_driver *req, char *err,
			   size_t err_size);

/*
 * Whether it is certain that the operation made its call, on the CPU that it began on, and that
 * its errno is the call's answer. It may have made further ones: they leave traps of their own.
 */
bool driver_operation_made_one_call(const struct ffascope_driver *req);

/*
 * The status code that arm_ffa turned into this errno (0 or negative; ffa_linux_errmap), 1 where
 * several or none fit.
 */
int32_t driver_operation_status(int error);

#endif
