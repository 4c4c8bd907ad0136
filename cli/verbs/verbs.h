/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of the verbs. */
#ifndef FFASCOPE_VERBS_H
#define FFASCOPE_VERBS_H

#include "command/verb.h"

/* The verbs in the order of --help; NULL after the last. */
const struct verb *verb_at(size_t index);

/* NULL: there is no verb of this name. */
const struct verb *verb_find(const char *name);

extern const struct verb verb_call;
extern const struct verb verb_compare;
extern const struct verb verb_decode;
extern const struct verb verb_describe;
extern const struct verb verb_diff;
extern const struct verb verb_doctor;
extern const struct verb verb_fuzz;
extern const struct verb verb_list;
extern const struct verb verb_notify;
extern const struct verb verb_replay;
extern const struct verb verb_run;
extern const struct verb verb_shell;
extern const struct verb verb_sweep;
extern const struct verb verb_trace;

#endif
