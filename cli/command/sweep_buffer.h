/* SPDX-License-Identifier: GPL-2.0-only */
/* `sweep --buffer': sweeps of the TX buffer of memory transactions. */
#ifndef FFASCOPE_COMMAND_SWEEP_BUFFER_H
#define FFASCOPE_COMMAND_SWEEP_BUFFER_H

#include "session/session.h"
#include "sweep/buffer.h"
#include "command/verb.h"

/*
 * Sweeps the descriptor of a call and prints the result, as text or as JSON. receiver: an endpoint
 * that takes memory. Returns an exit status; STATUS_FAILED if the hypervisor let something through
 * that it has to refuse.
 */
int sweep_buffer(const struct options *opts, struct session *session, const struct ffa_call *call,
		 uint16_t receiver, int cpu);

#endif
