/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens and closes a session for a verb, with the messages of one. */
#ifndef FFASCOPE_COMMAND_OPEN_H
#define FFASCOPE_COMMAND_OPEN_H

#include "report/report.h"
#include "session/session.h"
#include "command/verb.h"

/* Where calls and their verdicts are shown. */
struct verb_show {
	struct report *report;
	struct session *session; /* that makes them */
	bool events;		 /* -v: those of each trap too */
};

/* Shows a call, and the events of its trap; a verdict_fn whose ctx is a struct verb_show. */
void verb_show_call(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v);

/*
 * Opens a session. If another process uses the trace (-EBUSY), the message names --no-trace, which
 * every verb that makes calls has.
 */
int verb_session_start(struct session **session, const struct session_options *session_opts,
		       struct error *err);

/*
 * The same, and notes why it has no trace. Returns 0, or the verb's exit status after a
 * message; a signal needs none.
 */
int verb_session_open(struct session **session, const struct session_options *session_opts,
		      const struct options *opts);

/* Closes it. Returns the status that the verb has, or STATUS_INTERNAL after a message. */
int verb_session_close(struct session *session, const struct options *opts, int status);

#endif
