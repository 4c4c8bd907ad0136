// SPDX-License-Identifier: GPL-2.0-only
#include "report/calibration.h"

static struct json_object *witness(const char *el2, const char *below, bool used)
{
	struct json_object *obj = json_new_object();

	json_add_string(obj, "el2", el2);
	json_add_string(obj, "below", below);
	json_add_bool(obj, "used", used);
	return obj;
}

static struct json_object *fact(enum calibration_fact fact)
{
	return fact == CALIBRATION_NOT_KNOWN ? NULL : json_new_bool(fact == CALIBRATION_YES);
}

/* The probe measures x3-x17; pKVM's proxies write x0-x2 of every answer. */
static struct json_object *written(const struct calibration *cal)
{
	struct json_object *array;

	if (!cal->el2_writes)
		return NULL;
	array = json_new_array();
	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		if (cal->el2_writes & (UINT32_C(1) << reg))
			json_append(array, json_new_int(reg));
	}
	return array;
}

struct json_object *report_calibration_object(const struct calibration *cal)
{
	struct json_object *obj;

	if (!cal->measured)
		return NULL;
	obj = json_new_object();
	json_add_bool(obj, "traced", cal->traced);
	json_add(obj, "canaries",
		 witness(calibration_canaries_name(cal->el2.canaries),
			 calibration_canaries_name(cal->below.canaries),
			 calibration_uses_canaries(cal)));
	json_add(obj, "status_width",
		 witness(calibration_statuses_name(cal->el2.statuses),
			 calibration_statuses_name(cal->below.statuses),
			 calibration_uses_statuses(cal)));
	json_add(obj, "el2_writes", written(cal));
	json_add(obj, "passed_traced", fact(cal->passed_traced));
	json_add(obj, "reissued_traced", fact(cal->reissued_traced));
	json_add(obj, "extra_smcs", fact(cal->extra_smcs));
	return obj;
}
