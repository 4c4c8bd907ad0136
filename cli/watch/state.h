/* SPDX-License-Identifier: GPL-2.0-only */
/* What FF-A had to say of itself before anything was watched. Pure: no I/O. */
#ifndef FFASCOPE_WATCH_STATE_H
#define FFASCOPE_WATCH_STATE_H

#include "verdict/verdict.h"

struct ffa_partition;

#define WATCH_STATE_CALLS   24
#define WATCH_STATE_DEVICES 16

/* A partition that arm_ffa has made a device of. */
struct watch_device {
	char name[24]; /* "arm-ffa-1" */
	char uuid[40];
};

/* Fixed width: recordings keep it. */
struct watch_state {
	uint32_t nr_calls;
	uint32_t nr_devices;
	struct verdict_call call[WATCH_STATE_CALLS]; /* that asked, with their answers */
	struct watch_device device[WATCH_STATE_DEVICES];
};

/* Any endpoint: the only partition that there is. */
#define WATCH_OPTEE_ANY UINT32_C(0xffffffff)

/* The endpoint ID of OP-TEE, WATCH_OPTEE_ANY, or 0 where it is not there or not known. */
uint32_t watch_state_optee(const struct watch_state *state);

/* The version that was negotiated, 0 where that is not known. */
uint32_t watch_state_version(const struct watch_state *state);

/*
 * The first partition after those that an answer to PARTITION_INFO_GET_REGS holds, and the tag to
 * ask for it with. False where there are no more.
 */
bool watch_state_next(const struct verdict_call *call, uint64_t *start, uint64_t *tag);

/* The partitions in the answer of a call; 0 for any other call. At most n into list. */
size_t watch_state_partitions(const struct verdict_call *call, struct ffa_partition *list,
			      size_t n);

/* Whether this is the UUID under which OP-TEE can be found. */
bool watch_is_optee(const char *uuid);

#endif
