/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of `notify' share. */
#ifndef FFASCOPE_NOTIFY_H
#define FFASCOPE_NOTIFY_H

#include "report/report.h"
#include "session/session.h"
#include "command/verb.h"
#include "command/driver_call.h"

/* A notification that arrived, or a number of lost ones. Returns 0, or -ENOMEM after a message. */
int notify_show_arrived(const struct options *opts, const struct ffascope_notification *note);
/* How many arrived and were lost; returns the same. */
int notify_show_end(const struct options *opts, uint64_t arrived, uint64_t lost);

/*
 * Says, after `listen' heard nothing, which call the sender would have had to make and what has to
 * follow. id: 0 to 63.
 */
void notify_tell_silence(const struct options *opts, uint32_t sender, uint32_t id, bool per_vcpu);

/* notify pending: INFO_GET, then GET for each vCPU that it names. Returns an exit status. */
int notify_pending(const struct options *opts, bool no_trace);

#endif
