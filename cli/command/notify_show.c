// SPDX-License-Identifier: GPL-2.0-only
/* Notifications as `notify' shows them. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "command/notify.h"

int notify_show_arrived(const struct options *opts, const struct ffascope_notification *note)
{
	bool nothing = note->flags & FFASCOPE_NOTE_NOTHING;

	if (opts->json) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, "notify", nothing ? "lost" : "notification");
		if (!nothing) {
			json_add_hex(obj, "endpoint", note->partition, 4);
			json_add_uint(obj, "id", note->id);
			json_add_uint(obj, "cpu", note->cpu);
		}
		json_add_uint(obj, "lost", note->lost);
		json_add_uint(obj, "boot_ns", note->time_ns);
		return verb_put_json(opts, stdout, obj);
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
	return 0;
}

void notify_tell_silence(const struct options *opts, uint32_t sender, uint32_t id, bool per_vcpu)
{
	/* FFA_NOTIFICATION_SET: w3 has notifications 0 to 31, w4 those above. */
	uint32_t low = id < 32 ? 1u << id : 0, high = id < 32 ? 0 : 1u << (id - 32);

	verb_note(
		opts,
		"nothing arrived. Endpoint 0x%04x has to call FFA_NOTIFICATION_SET with w1 0x%04x0000 (sender 0x%04x, receiver 0), w2 %s, w3 0x%x, w4 0x%x (notification %u). Its SPMC then raises the Schedule Receiver interrupt, on which arm_ffa fetches the notification",
		sender, sender, sender,
		per_vcpu ? "0xVVVV0001 (per-vCPU, of vCPU 0xVVVV)" : "0 (global)", low, high, id);
	verb_note(
		opts,
		"`ffascope trace' shows whether the interrupt and FFA_NOTIFICATION_GET come; `ffascope doctor --notifications' checks what they need. OP-TEE sends only the notification that a driver's direct message enables (ffascope(1), notify)");
}

int notify_show_end(const struct options *opts, uint64_t arrived, uint64_t lost)
{
	if (opts->json) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, "notify", "end");
		json_add_uint(obj, "arrived", arrived);
		json_add_uint(obj, "lost", lost);
		return verb_put_json(opts, stdout, obj);
	}
	printf("%" PRIu64 " arrived, %" PRIu64 " lost\n", arrived, lost);
	return 0;
}
