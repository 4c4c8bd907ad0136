/* SPDX-License-Identifier: GPL-2.0-only */
/* What arm_ffa's operations say to the firmware, from reading drivers/firmware/arm_ffa/driver.c. */
#ifndef FFASCOPE_SESSION_DRIVER_H
#define FFASCOPE_SESSION_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "ffascope.h"

/*
 * The call that an operation makes, without the data of a direct message. Of the answer only
 * whether it is an error: FFA_SUCCESS in x0, or -1. Times and CPU are those of the operation.
 */
void driver_call(const struct ffascope_driver *req, struct ffascope_call *call);

/*
 * Whether it is certain that the operation made its call, on the CPU that it began on, and that
 * its errno is the call's answer. It may have made further ones: they leave traps of their own.
 */
bool driver_made_one_call(const struct ffascope_driver *req);

/*
 * The status code that arm_ffa turned into this errno (0 or negative; ffa_linux_errmap), 1 where
 * several or none fit.
 */
int32_t driver_status(int error);

#endif
