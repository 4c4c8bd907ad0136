/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that verbs share which make calls, or watch them: as children of a verb's argp. */
#ifndef FFASCOPE_CALL_OPTIONS_H
#define FFASCOPE_CALL_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

/* Zeroed but for cpu, which begins as -1. */
struct call_options {
	const char *record;    /* --record FILE; NULL: no recording */
	bool no_trace;	       /* --no-trace */
	bool allow;	       /* --allow-state-change */
	int cpu;	       /* --cpu N; -1: not given */
	unsigned int guard_ns; /* --guard NS; 0: not given, 1 for 0 */
};

extern const struct argp call_options_evidence; /* --record, --no-trace */
extern const struct argp call_options_consent;	/* --allow-state-change */
extern const struct argp call_options_place;	/* --cpu, --guard */

/* For the verb's own parser, on ARGP_KEY_INIT: makes opts the input of all its children. */
void call_options_hand_on(struct argp_state *state, struct call_options *opts);

#endif
