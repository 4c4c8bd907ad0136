/* SPDX-License-Identifier: GPL-2.0-only */
/* From words to the registers of a call, for all verbs that make calls. */
#ifndef FFASCOPE_REQUEST_H
#define FFASCOPE_REQUEST_H

#include "ffa/ffa.h"
#include "command/verb.h"

/* Tells that there is no such call, and which names are near. */
void request_no_such_call(const struct options *opts, const char *word);

/*
 * The registers of "CALL FIELD=VALUE...": words[0] is the call. Canaries are not in them. Returns 0,
 * or -EINVAL after telling why.
 */
int request_build(const struct options *opts, char **words, int n, struct ffa_regs *in);

/*
 * What a call with these registers would change that others rely on, NULL: nothing. Of an
 * identifier that no specification has yet, nothing can be said: NULL.
 */
const char *request_changes(const struct ffa_regs *in);

#endif
