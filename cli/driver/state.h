/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FFASCOPE_DRIVER_STATE_H
#define FFASCOPE_DRIVER_STATE_H

#include "base/error.h"
#include "watch/state.h"

/*
 * Asks through the module for versions, IDs, notifications and partitions; none of the calls
 * changes anything. device: NULL for the usual one. Negative errno with a message where there is
 * no module; *state then has what can be found without it.
 */
int driver_query_state(const char *device, struct watch_state *state, struct error *err);

#endif
