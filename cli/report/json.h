/* SPDX-License-Identifier: GPL-2.0-only */
/* json-c's names for base/json.h, for verbs/decode.c. */
#ifndef FFASCOPE_REPORT_JSON_H
#define FFASCOPE_REPORT_JSON_H

#include "base/json.h"

#define json_object_new_object()	    json_new_object()
#define json_object_new_array()		    json_new_array()
#define json_object_new_string(text)	    json_new_string(text)
#define json_object_new_string_len(text, n) json_new_string_len(text, n)
#define json_object_new_int(value)	    json_new_int(value)
#define json_object_new_boolean(value)	    json_new_bool(value)
#define json_object_object_add(obj, key, v) json_add(obj, key, v)
#define json_object_array_add(array, value) json_append(array, value)

#endif
