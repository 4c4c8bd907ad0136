// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "watch/state.h"

bool watch_is_optee(const char *uuid)
{
	/* drivers/tee/optee/ffa_abi.c, optee_ffa_device_id. */
	return !strcmp(uuid, "486178e0-e7f8-11e3-bc5e-0002a5d5c51b");
}

static bool is_call(const struct verdict_call *call, const char *name)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);

	return ffa && ffa == ffa_call_find(name);
}

static bool field(const struct ffa_field *fields, size_t n, const char *name,
		  const struct ffa_regs *regs, uint64_t *value)
{
	const struct ffa_field *row = ffa_field_by_name(fields, n, name);

	if (!row)
		return false;
	*value = ffa_field_get(row, regs);
	return true;
}

static uint64_t start_of(const struct verdict_call *call)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	uint64_t start = 0;

	field(ffa->fields, ffa->nr_fields, "start-index", &call->in, &start);
	return start;
}

size_t watch_state_partitions(const struct verdict_call *call, struct ffa_partition *list, size_t n)
{
	size_t found = 0;

	if (is_call(call, "PARTITION_INFO_GET_REGS"))
		found = ffa_partitions_decode(&call->out, (unsigned int)start_of(call), list, n);
	return found < n ? found : n;
}

bool watch_state_next(const struct verdict_call *call, uint64_t *start, uint64_t *tag)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	const struct ffa_answer *answer = ffa_answer_find(ffa, &call->in, &call->out);
	uint64_t last, current;

	if (!answer || !field(answer->fields, answer->nr_fields, "last-index", &call->out, &last) ||
	    !field(answer->fields, answer->nr_fields, "current-index", &call->out, &current) ||
	    !field(answer->fields, answer->nr_fields, "tag", &call->out, tag) ||
	    current < start_of(call) || current >= last)
		return false;
	*start = current + 1;
	return true;
}

/* arm_ffa also makes a device, without a UUID, of each partition that takes notifications only. */
static bool only_device_is_optee(const struct watch_state *state)
{
	unsigned int others = 0, optee = 0;

	for (uint32_t i = 0; i < state->nr_devices && i < WATCH_STATE_DEVICES; i++) {
		const char *uuid = state->device[i].uuid;

		if (watch_is_optee(uuid))
			optee++;
		else if (strspn(uuid, "0-") != strlen(uuid))
			others++;
	}
	return optee == 1 && !others;
}

uint32_t watch_state_optee(const struct watch_state *state)
{
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	char uuid[37];

	for (uint32_t i = 0; i < state->nr_calls && i < WATCH_STATE_CALLS; i++) {
		size_t n = watch_state_partitions(&state->call[i], list, FFA_PARTITIONS_MAX);

		for (size_t j = 0; j < n; j++) {
			ffa_format_uuid(list[j].uuid, uuid);
			if (watch_is_optee(uuid))
				return list[j].id;
		}
	}
	/* The bus does not expose endpoint IDs; with only one device, none is needed. */
	return only_device_is_optee(state) ? WATCH_OPTEE_ANY : 0;
}

uint32_t watch_state_version(const struct watch_state *state)
{
	int32_t status;

	for (uint32_t i = 0; i < state->nr_calls && i < WATCH_STATE_CALLS; i++) {
		const struct verdict_call *call = &state->call[i];
		const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);

		if (is_call(call, "VERSION") && !ffa_answer_status(ffa, &call->out, &status) &&
		    (int32_t)call->out.x[0] > 0)
			return (uint32_t)call->out.x[0];
	}
	return 0;
}
