/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers to calls, shared by the checks of FF-A and of notifications. */
#ifndef FFASCOPE_DOCTOR_JUDGE_H
#define FFASCOPE_DOCTOR_JUDGE_H

#include "doctor/doctor.h"

/* Partition property: the partition can receive notifications (DEN0077A 6.2). */
#define DOCTOR_PROPERTY_NOTIFICATIONS 3

/* Whether the call was made and succeeded. */
bool doctor_succeeded(const struct doctor_answer *answer);

/* "SUCCESS", "NOT_SUPPORTED", "error -77", "x0 = 0x5". */
void doctor_answer_name(const struct doctor_answer *answer, char *buf, size_t size);

/*
 * Which side an error suggests, in brackets; "" if the answer suggests none. A success suggests
 * none: proxies before 6.18 leave x4-x17 as they were sent, as EL3 does.
 */
const char *doctor_answered_by(const struct doctor_facts *facts,
			       const struct doctor_answer *answer);

#endif
