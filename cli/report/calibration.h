/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FFASCOPE_REPORT_CALIBRATION_H
#define FFASCOPE_REPORT_CALIBRATION_H

#include "base/json.h"
#include "verdict/calibration.h"

/* What the evidence proves on a machine, as ffascope-json(5) describes it; NULL: not measured. */
struct json_object *report_calibration_object(const struct calibration *cal);

#endif
