/* SPDX-License-Identifier: GPL-2.0-only */
/* What fuzzing has found, as text, JSON and KTAP. */
#ifndef FFASCOPE_REPORT_FUZZ_H
#define FFASCOPE_REPORT_FUZZ_H

#include <stdbool.h>
#include <stdio.h>

#include "fuzz/fuzz.h"

struct report_fuzz {
	const struct fuzz *fuzz;
	const char *kernel;
	uint64_t ns;	    /* duration; 0: not known */
	char *const *saved; /* for each finding the script that was written, or NULL; may be NULL */
};

void report_fuzz_text(FILE *out, const struct report_fuzz *report);
/* One object, one line. Returns 0, or -ENOMEM having printed nothing. */
int report_fuzz_json(FILE *out, const struct report_fuzz *report);
/* A case for each call. bail: why the run ended early; NULL if it did not. */
void report_fuzz_ktap(FILE *out, const struct report_fuzz *report, const char *bail);

#endif
