// SPDX-License-Identifier: GPL-2.0-only
#include "base/json.h"
#include "command/catalogue.h"

struct json_object *catalogue_errors(const struct ffa_call *call)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < call->nr_errors; i++) {
		const struct ffa_error *e = &call->errors[i];
		struct json_object *obj = json_new_object();

		json_add_string(obj, "status", ffa_status_name(e->code));
		json_add_int(obj, "status_code", e->code);
		json_add_string(obj, "when", e->when);
		json_add_string(obj, "source", e->source ? e->source : call->source);
		json_append(array, obj);
	}

	return array;
}
