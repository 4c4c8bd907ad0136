// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "driver/bus.h"
#include "driver/state.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

/* Returns the call with its answer, NULL where it could not be made. */
static const struct verdict_call *ask(struct device *dev, struct watch_state *state,
				      const char *name, const char *const *words)
{
	const struct ffa_call *ffa = ffa_call_find(name);
	struct ffascope_call call = { 0 };
	struct error ignored;
	unsigned int done = 0;
	struct ffa_regs in;
	char err[256];
	int bad;

	if (!ffa || state->nr_calls == WATCH_STATE_CALLS)
		return NULL;
	ffa_call_init(ffa, ffa_call_fid(ffa), &in);
	for (; words && *words; words++) {
		if (ffa_assign(ffa, &in, *words, err, sizeof(err)))
			return NULL;
	}

	memcpy(call.in, in.x, sizeof(call.in));
	if (device_call(dev, &call, 1, -1, 0, &done, &bad, &ignored) || !done)
		return NULL;

	state->call[state->nr_calls] = (struct verdict_call){ .in = in };
	memcpy(state->call[state->nr_calls].out.x, call.out, sizeof(call.out));
	return &state->call[state->nr_calls++];
}

static void ask_partitions(struct device *dev, struct watch_state *state)
{
	uint64_t start = 0, tag = 0;
	const struct verdict_call *call;

	do {
		char from[48], with[48];
		const char *const words[] = { from, with, NULL };

		snprintf(from, sizeof(from), "start-index=%llu", (unsigned long long)start);
		snprintf(with, sizeof(with), "tag=%llu", (unsigned long long)tag);
		call = ask(dev, state, "PARTITION_INFO_GET_REGS", words);
	} while (call && watch_state_next(call, &start, &tag));
}

/* The partitions that arm_ffa has found; needs no module. */
static void find_devices(struct watch_state *state)
{
	struct driver_device found[WATCH_STATE_DEVICES];
	size_t n = driver_bus_devices(found, WATCH_STATE_DEVICES);

	for (size_t i = 0; i < n; i++) {
		struct watch_device *device = &state->device[state->nr_devices];

		if (!found[i].uuid[0])
			continue;
		snprintf(device->name, sizeof(device->name), "%.23s", found[i].name);
		snprintf(device->uuid, sizeof(device->uuid), "%.39s", found[i].uuid);
		state->nr_devices++;
	}
}

int driver_query_state(const char *path, struct watch_state *state, struct error *err)
{
	static const char *const features[] = {
		"feature=NOTIFICATION_BITMAP_CREATE",
		"feature=NOTIFICATION_BIND",
		"feature=NOTIFICATION_SET",
		"feature=sri",
		"feature=npi",
	};
	char version[32] = "version=", *end = version + strlen(version);
	const char *const with_version[] = { version, NULL };
	struct device *dev;
	int ret;

	*state = (struct watch_state){ 0 };
	find_devices(state);
	ret = device_open(&dev, path, err);
	if (ret)
		return ret;

	/* The same version as was negotiated: another one could be taken as a new negotiation. */
	ffa_format_version(device_info(dev)->ffa_version, end, sizeof(version) - 8);
	if (device_info(dev)->ffa_version)
		ask(dev, state, "VERSION", with_version);
	ask(dev, state, "ID_GET", NULL);
	ask(dev, state, "SPM_ID_GET", NULL);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const char *const words[] = { features[i], NULL };

		ask(dev, state, "FEATURES", words);
	}
	ask_partitions(dev, state);
	device_close(dev);
	return 0;
}
