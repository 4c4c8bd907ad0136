/* SPDX-License-Identifier: GPL-2.0-only */
/* The objects that run prints with --json, one a line. */
#ifndef FFASCOPE_RUN_JSON_H
#define FFASCOPE_RUN_JSON_H

#include <stdio.h>

#include "command/script_backend.h"
#include "report/cases.h"

/*
 * The call as the verb call prints it, with its place in the script before the rest. Returns 0, or
 * -ENOMEM without a message.
 */
int run_json_call(FILE *out, const struct script_backend *backend, const struct script_stmt *stmt,
		  const struct script_answer *answer);

/* Return 0, or -ENOMEM after a message. */
int run_json_check(FILE *out, const struct options *opts, const struct script_check *check);
int run_json_case(FILE *out, const struct options *opts, const struct report_case *c);

#endif
