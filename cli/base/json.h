/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON objects, built without a check after each step.
 *
 * A function that runs out of memory returns JSON_FAILED (an invalid pointer, like the kernel's
 * ERR_PTR). An object or array that takes it fails as well, and so does everything above, up to
 * json_print(), which then prints nothing and returns -ENOMEM. NULL is JSON's null.
 */
#ifndef FFASCOPE_BASE_JSON_H
#define FFASCOPE_BASE_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_FAILED ((struct json_object *)-1)

/*
 * The beginning of each printed object: the number of the format (ffascope-json(5)). Within a number
 * members are only added. Renaming or removing one raises it, and needs new schema files.
 */
#define JSON_HEAD   "{\"format\":1"

struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *text); /* NULL: null */
struct json_object *json_new_string_len(const char *text, size_t len);
struct json_object *json_new_int(int64_t value);
struct json_object *json_new_uint(uint64_t value);
struct json_object *json_new_bool(bool value);
/* "0x84000069"; at least so many digits. */
struct json_object *json_new_hex(uint64_t value, int digits);

/* Both take over the value. */
void json_add(struct json_object *obj, const char *key, struct json_object *value);
void json_append(struct json_object *array, struct json_object *value);

void json_add_string(struct json_object *obj, const char *key, const char *text);
void json_add_int(struct json_object *obj, const char *key, int64_t value);
void json_add_uint(struct json_object *obj, const char *key, uint64_t value);
void json_add_bool(struct json_object *obj, const char *key, bool value);
void json_add_hex(struct json_object *obj, const char *key, uint64_t value, int digits);

/* Nothing happens where there is no such member. */
void json_remove(struct json_object *obj, const char *key);

/* Marks an object as incomplete: for a caller that adds to it in its own way. */
void json_fail(struct json_object *obj);

/* Drops the object; JSON_FAILED and NULL are allowed. */
void json_free(struct json_object *obj);

/*
 * The object as text without spaces, which stays valid as long as the object; len may be NULL.
 * Returns NULL where the object is incomplete or there is no memory for the text.
 */
const char *json_text(struct json_object *obj, size_t *len);

/*
 * Prints the object as one line, with JSON_HEAD, and drops it. Returns 0, or -ENOMEM having printed nothing. Errors
 * of writing are left to the stream.
 */
int json_print(FILE *out, struct json_object *obj);

#endif
