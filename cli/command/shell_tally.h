/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of a block of the shell, counted by their outcome. */
#ifndef FFASCOPE_SHELL_TALLY_H
#define FFASCOPE_SHELL_TALLY_H

#include "script/script.h"

#define SHELL_MAX_TALLY 64

/* Calls with the same identifier, verdict and status. */
struct shell_outcome {
	uint32_t fid;
	enum verdict_kind kind;
	bool has_status;
	int32_t status;
	uint64_t calls;
};

/* Initialise to zero. */
struct shell_tally {
	struct shell_outcome outcome[SHELL_MAX_TALLY];
	unsigned int nr;
	uint64_t rest; /* calls without room in outcome */
};

void shell_tally_count(struct shell_tally *tally, const struct script_answer *answer);
/* Prints one line an outcome on stdout and starts again from zero. */
void shell_tally_show(struct shell_tally *tally);

#endif
