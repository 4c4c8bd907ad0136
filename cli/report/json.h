/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json-c for a program that ends where there is no memory: an object that lacks a member would be
 * a wrong one, and json-c tells of a failure at each of some hundred places. Included instead of
 * json-c's own header by whoever makes objects.
 */
#ifndef FFASCOPE_REPORT_JSON_H
#define FFASCOPE_REPORT_JSON_H

#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

/*
 * What was printed goes out, then the program ends with a message and the status of an internal
 * error. The next run puts the trace back, as it does for one that was killed.
 */
_Noreturn static inline void report_out_of_memory(void)
{
	fflush(stdout);
	fputs("ffascope: out of memory\n", stderr);
	_exit(5); /* STATUS_INTERNAL */
}

static inline void *report_have(const void *made)
{
	if (!made)
		report_out_of_memory();
	return (void *)made;
}

static inline void report_did(int ret)
{
	if (ret)
		report_out_of_memory();
}

#define json_object_new_object()	    report_have(json_object_new_object())
#define json_object_new_array()		    report_have(json_object_new_array())
#define json_object_new_array_ext(size)	    report_have(json_object_new_array_ext(size))
#define json_object_new_string(text)	    report_have(json_object_new_string(text))
#define json_object_new_string_len(text, n) report_have(json_object_new_string_len(text, n))
#define json_object_new_int(value)	    report_have(json_object_new_int(value))
#define json_object_new_int64(value)	    report_have(json_object_new_int64(value))
#define json_object_new_uint64(value)	    report_have(json_object_new_uint64(value))
#define json_object_new_boolean(value)	    report_have(json_object_new_boolean(value))
#define json_object_object_add(obj, key, v) report_did(json_object_object_add(obj, key, v))
#define json_object_array_add(array, value) report_did(json_object_array_add(array, value))
/*
 * Where its buffer cannot grow json-c leaves text out, and only errno tells. malloc(3) may set it
 * though it found memory elsewhere in the end (where brk(2) was refused); then a second time, for
 * which the buffer is large enough, sets nothing.
 */
static inline const char *report_json_text(struct json_object *obj, int flags, size_t *len)
{
	for (int tries = 0; tries < 2; tries++) {
		const char *text;

		errno = 0;
		text = json_object_to_json_string_length(obj, flags, len);
		if (text && errno != ENOMEM)
			return text;
	}
	report_out_of_memory();
}

#define json_object_to_json_string_ext(obj, flags)	   report_json_text(obj, flags, NULL)
#define json_object_to_json_string_length(obj, flags, len) report_json_text(obj, flags, len)

#endif
