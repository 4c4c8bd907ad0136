// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "command/open.h"

/* More than the trap of any call has. */
#define MAX_EVENTS 64

void verb_show_call(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	const struct verb_show *show = ctx;
	struct hyp_event events[MAX_EVENTS];

	(void)tag;
	report_call(show->report, call, v);
	if (show->events)
		report_events(show->report, events,
			      session_trap(show->session, call, events, MAX_EVENTS));
}

int verb_session_start(struct session **session, const struct session_options *session_opts,
		       struct error *err)
{
	int ret = session_open(session, session_opts, err);

	if (ret != -EBUSY || session_opts->no_trace)
		return ret;
	return error_set(
		err, ret,
		"%s. With --no-trace the calls can be made now, but every verdict is unknown",
		err->text);
}

int verb_session_open(struct session **session, const struct session_options *session_opts,
		      const struct options *opts)
{
	struct error err;
	int ret = verb_session_start(session, session_opts, &err);

	if (ret) {
		if (!verb_stop)
			verb_error(opts, "%s", err.text);
		return (int)verb_status(ret);
	}
	if (session_note(*session))
		verb_note(opts, "no trace: %s", session_note(*session));
	return STATUS_DONE;
}

int verb_session_close(struct session *session, const struct options *opts, int status)
{
	struct error err;

	if (!session_close(session, &err))
		return status;
	verb_error(opts, "%s", err.text);
	return STATUS_INTERNAL;
}
