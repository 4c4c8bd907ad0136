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
	bool tsv;      /* tab-separated lines; the sweep verb only */
	bool html;     /* the matrix as a page; the sweep verb only */

	/* For calls that were watched, which can be shown in any form. */
	const struct report_ops *ops;
	const struct report_options *report_opts;
};

#endif
