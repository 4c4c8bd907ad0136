/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens and closes a session for a verb, with the messages of one. */
#ifndef FFASCOPE_COMMAND_OPEN_H
#define FFASCOPE_COMMAND_OPEN_H

#include "session/session.h"
#include "command/verb.h"

/*
 * Opens a session, and notes why it has no trace. Returns 0, or the verb's exit status after a
 * message; a signal needs none.
 */
int verb_session_open(struct session **session, const struct session_options *session_opts,
		      const struct options *opts);

/* Closes it. Returns the status that the verb has, or STATUS_INTERNAL after a message. */
int verb_session_close(struct session *session, const struct options *opts, int status);

#endif
