/* SPDX-License-Identifier: GPL-2.0-only */
/* Calibrations of known generations of proxy. */
#ifndef FFASCOPE_TEST_CALIBRATED_H
#define FFASCOPE_TEST_CALIBRATED_H

#include "verdict/calibration.h"

/* Linux 6.18 and later, an SPMC at S-EL1: EL2's own answers write x0-x17. */
static const struct calibration calibrated_smccc_1_2 = {
	.measured = true,
	.traced = true,
	.el2 = { CALIBRATION_ZEROED, CALIBRATION_STATUS_64 },
	.below = { CALIBRATION_KEPT, CALIBRATION_STATUS_32 },
	.passed_traced = CALIBRATION_YES,
	.reissued_traced = CALIBRATION_YES,
	.extra_smcs = CALIBRATION_NO,
	.local_blocked = CALIBRATION_YES,
};

#endif
