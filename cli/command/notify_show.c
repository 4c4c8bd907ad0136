// SPDX-License-Identifier: GPL-2.0-only
/* Notifications as `notify' shows them. */
#include <inttypes.h>
#include <stdio.h>

#include "report/json.h"
#include "command/notify.h"

#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static void put(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, FLAGS));
	json_object_put(obj);
}

static void add(struct json_object *obj, const char *name, const char *text)
{
	json_object_object_add(obj, name, text ? json_object_new_string(text) : NULL);
}

static void add_hex(struct json_object *obj, const char *name, uint64_t value, int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%0*" PRIx64, digits, value);
	add(obj, name, text);
}

static void add_number(struct json_object *obj, const char *name, uint64_t value)
{
	json_object_object_add(obj, name, json_object_new_uint64(value));
}

void notify_show_arrived(const struct options *opts, const struct ffascope_notification *note)
{
	bool nothing = note->flags & FFASCOPE_NOTE_NOTHING;

	if (opts->json) {
		struct json_object *obj = json_object_new_object();

		add(obj, "notify", nothing ? "lost" : "notification");
		if (!nothing) {
			add_hex(obj, "endpoint", note->partition, 4);
			add_number(obj, "id", note->id);
			add_number(obj, "cpu", note->cpu);
		}
		add_number(obj, "lost", note->lost);
		add_number(obj, "boot_ns", note->time_ns);
		put(obj);
		return;
	}

	if (note->lost)
		printf("  %14s  %" PRIu64
		       " notification%s lost: they came faster than they were read\n",
		       "", (uint64_t)note->lost, note->lost == 1 ? "" : "s");
	if (!nothing)
		printf("  %7" PRIu64 ".%06" PRIu64 "  id %u of endpoint 0x%04x, on CPU %u\n",
		       (uint64_t)note->time_ns / 1000000000,
		       (uint64_t)note->time_ns % 1000000000 / 1000, note->id, note->partition,
		       note->cpu);
}

void notify_show_end(const struct options *opts, uint64_t arrived, uint64_t lost)
{
	if (opts->json) {
		struct json_object *obj = json_object_new_object();

		add(obj, "notify", "end");
		add_number(obj, "arrived", arrived);
		add_number(obj, "lost", lost);
		put(obj);
		return;
	}
	printf("%" PRIu64 " arrived, %" PRIu64 " lost\n", arrived, lost);
}
