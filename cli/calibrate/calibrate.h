/* SPDX-License-Identifier: GPL-2.0-only */
/* Measures what the evidence of this machine proves: see verdict/calibration.h. */
#ifndef FFASCOPE_CALIBRATE_H
#define FFASCOPE_CALIBRATE_H

#include "record/record.h"
#include "verdict/calibration.h"

struct hyp_trace;

struct calibrate_options {
	struct device *device;
	struct hyp_trace *trace;      /* NULL: there is none */
	struct record_writer *writer; /* NULL: no recording */
	const volatile int *stop;     /* NULL, or not zero: a signal asked to end */
};

/*
 * Makes one call with interrupts on, then the calls of calibration.h on the CPU that the caller is
 * on, and judges them; calls that the module refuses are left out. With nothing that could be
 * made *cal is all zero, which is not an error. -EIO: the recording cannot be written; -ENOMEM.
 */
int calibrate_evidence(const struct calibrate_options *opts, struct calibration *cal,
		       struct error *err);

#endif
