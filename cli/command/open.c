// SPDX-License-Identifier: GPL-2.0-only
#include "command/open.h"

int verb_session_open(struct session **session, const struct session_options *session_opts,
		      const struct options *opts)
{
	struct error err;
	int ret = session_open(session, session_opts, &err);

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
