// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* Marks an object that has lost a member: its user data points here. */
static char incomplete;

static bool is_failed(struct json_object *obj)
{
	return obj == JSON_FAILED || (obj && json_object_get_userdata(obj) == &incomplete);
}

static struct json_object *or_failed(struct json_object *obj)
{
	return obj ? obj : JSON_FAILED;
}

struct json_object *json_new_object(void)
{
	return or_failed(json_object_new_object());
}

struct json_object *json_new_array(void)
{
	return or_failed(json_object_new_array());
}

struct json_object *json_new_string(const char *text)
{
	return text ? or_failed(json_object_new_string(text)) : NULL;
}

struct json_object *json_new_string_len(const char *text, size_t len)
{
	return or_failed(json_object_new_string_len(text, (int)len));
}

struct json_object *json_new_int(int64_t value)
{
	return or_failed(json_object_new_int64(value));
}

struct json_object *json_new_uint(uint64_t value)
{
	return or_failed(json_object_new_uint64(value));
}

struct json_object *json_new_bool(bool value)
{
	return or_failed(json_object_new_boolean(value));
}

struct json_object *json_new_hex(uint64_t value, int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%0*" PRIx64, digits, value);
	return json_new_string(text);
}

void json_fail(struct json_object *obj)
{
	if (obj && obj != JSON_FAILED)
		json_object_set_userdata(obj, &incomplete, NULL);
}

void json_free(struct json_object *obj)
{
	if (obj != JSON_FAILED)
		json_object_put(obj);
}

void json_add(struct json_object *obj, const char *key, struct json_object *value)
{
	if (obj == JSON_FAILED || is_failed(value) || json_object_object_add(obj, key, value)) {
		json_free(value);
		json_fail(obj);
	}
}

void json_append(struct json_object *array, struct json_object *value)
{
	if (array == JSON_FAILED || is_failed(value) || json_object_array_add(array, value)) {
		json_free(value);
		json_fail(array);
	}
}

void json_remove(struct json_object *obj, const char *key)
{
	if (obj != JSON_FAILED)
		json_object_object_del(obj, key);
}

void json_add_string(struct json_object *obj, const char *key, const char *text)
{
	json_add(obj, key, json_new_string(text));
}

void json_add_int(struct json_object *obj, const char *key, int64_t value)
{
	json_add(obj, key, json_new_int(value));
}

void json_add_uint(struct json_object *obj, const char *key, uint64_t value)
{
	json_add(obj, key, json_new_uint(value));
}

void json_add_bool(struct json_object *obj, const char *key, bool value)
{
	json_add(obj, key, json_new_bool(value));
}

void json_add_hex(struct json_object *obj, const char *key, uint64_t value, int digits)
{
	json_add(obj, key, json_new_hex(value, digits));
}

/*
 * json-c leaves text out where its buffer cannot grow, and reports that through errno only.
 * malloc(3) may set errno although it found memory elsewhere in the end (where brk(2) was
 * refused). The second attempt finds the buffer large enough and sets nothing.
 */
const char *json_text(struct json_object *obj, size_t *len)
{
	for (int tries = 0; tries < 2 && !is_failed(obj); tries++) {
		const char *text;

		errno = 0;
		text = json_object_to_json_string_length(obj, FLAGS, len);
		if (text && errno != ENOMEM)
			return text;
	}
	return NULL;
}

int json_print(FILE *out, struct json_object *obj)
{
	const char *text = json_text(obj, NULL);

	if (text)
		fprintf(out, JSON_HEAD "%s%s\n", text[1] == '}' ? "" : ",", text + 1);
	json_free(obj);
	return text ? 0 : -ENOMEM;
}
