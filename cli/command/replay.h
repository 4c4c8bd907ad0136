/* SPDX-License-Identifier: GPL-2.0-only */
/* Verbs that do more with their calls than show them: the same again from a recording. */
#ifndef FFASCOPE_COMMAND_REPLAY_H
#define FFASCOPE_COMMAND_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

#include "record/record.h"
#include "report/report.h"
#include "command/verb.h"

struct replay {
	struct record_reader *reader;
	const struct record_meta *meta;
	FILE *out;
	bool color;
	bool no_trace; /* verdicts from the registers alone */
};

/*
 * What the recorded run printed, on replay->out; no other file is written. Both return an exit
 * status. opts->json: as the run would have printed it with --json.
 */
int sweep_replay(const struct options *opts, const struct replay *replay);
int run_replay(const struct options *opts, const struct replay *replay);

/* The same for calls that were watched, in any form. */
int trace_replay(const struct options *opts, const struct replay *replay,
		 const struct report_ops *ops, const struct report_options *report_opts);

#endif
