// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which calls belong together. A request that was not over with its answer goes on by another
 * call: FFA_RUN after FFA_INTERRUPT or FFA_YIELD (DEN0077A 1.3 ALP4 14.2, 14.4), whichever CPU or
 * task makes it; and the half-done calls of OP-TEE, which come back as a direct response and go on
 * by a direct request (drivers/tee/optee/optee_ffa.h).
 */
#include <stdlib.h>

#include "ffa/call.h"
#include "watch/state.h"
#include "watch/watch.h"

#define FFA_NUMBER(fid) ((uint32_t)(fid) & ~FFA_FID_SMC64)

enum {
	FID_INTERRUPT = 0x84000062,
	FID_YIELD = 0x8400006c,
	FID_RUN = 0x8400006d,
	FID_DIRECT_REQ = 0x8400006f,
	FID_DIRECT_RESP = 0x84000070,
};

/* drivers/tee/optee/optee_ffa.h: w3 of a request, w4 of its answer. */
#define OPTEE_WITH_ARG UINT32_C(0x80000000)
#define OPTEE_RESUME   UINT32_C(0x80000001)
#define OPTEE_DONE     0

/* More open conversations than CPUs and threads of the secure world can hold. */
#define MAX_OPEN       256

struct conversation {
	uint64_t number;
	uint32_t step;
	bool optee;
	uint32_t tid;	/* who spoke last */
	uint32_t key;	/* w1 of the answer; of OP-TEE: w7, its thread */
	uint64_t at_ns; /* when the last answer came */
};

struct watch_conversations {
	uint32_t optee;
	uint64_t last_number;
	size_t nr_open;
	struct conversation open[MAX_OPEN];
};

struct watch_conversations *watch_conversations_new(uint32_t optee)
{
	struct watch_conversations *all = calloc(1, sizeof(*all));

	if (all)
		all->optee = optee;
	return all;
}

void watch_conversations_free(struct watch_conversations *all)
{
	free(all);
}

static bool is_to_optee(const struct watch_conversations *all, const struct host_call *call)
{
	return all->optee && FFA_NUMBER(call->in[0]) == FID_DIRECT_REQ &&
	       (all->optee == WATCH_OPTEE_ANY || (call->in[1] & 0xffff) == all->optee);
}

/* Whether the request goes on after this answer; the key is what the next call of it will name. */
static bool goes_on(const struct watch_conversations *all, const struct host_call *call,
		    bool *optee, uint32_t *key)
{
	uint32_t answer = FFA_NUMBER(call->out[0]);

	*optee = false;
	if (answer == FID_INTERRUPT || answer == FID_YIELD) {
		*key = (uint32_t)call->out[1];
		return true;
	}

	*optee = true;
	*key = (uint32_t)call->out[7];
	return is_to_optee(all, call) && answer == FID_DIRECT_RESP && !(uint32_t)call->out[3] &&
	       ((uint32_t)call->in[3] == OPTEE_WITH_ARG || (uint32_t)call->in[3] == OPTEE_RESUME) &&
	       (uint32_t)call->out[4] != OPTEE_DONE;
}

/* The open conversation that a call takes up again, NULL where it begins something. */
static struct conversation *find_conversation(struct watch_conversations *all,
					      const struct host_call *call)
{
	bool run = FFA_NUMBER(call->in[0]) == FID_RUN;
	bool resume = is_to_optee(all, call) && (uint32_t)call->in[3] == OPTEE_RESUME;
	uint32_t key = run ? (uint32_t)call->in[1] : (uint32_t)call->in[7];
	struct conversation *found = NULL;

	if (!run && !resume)
		return NULL;

	for (size_t i = 0; i < all->nr_open; i++) {
		struct conversation *one = &all->open[i];

		if (one->key != key || one->optee != resume)
			continue;
		/* An execution context has one open call at a time, so the latest match is the right one. */
		if (!found || one->tid == call->tid)
			found = one;
	}
	return found;
}

static struct conversation *open_conversation(struct watch_conversations *all)
{
	size_t oldest = 0;

	if (all->nr_open < MAX_OPEN)
		return &all->open[all->nr_open++];

	for (size_t i = 1; i < MAX_OPEN; i++) {
		if (all->open[i].at_ns < all->open[oldest].at_ns)
			oldest = i;
	}
	return &all->open[oldest];
}

void watch_conversations_next(struct watch_conversations *all, const struct host_call *call,
			      uint64_t *conversation, uint32_t *step)
{
	struct conversation *open = find_conversation(all, call);
	uint32_t key;
	bool optee, more = goes_on(all, call, &optee, &key);

	*conversation = 0;
	*step = 1;
	if (!open && !more)
		return;

	if (!open) {
		open = open_conversation(all);
		*open = (struct conversation){ .number = ++all->last_number };
	}
	*conversation = open->number;
	*step = ++open->step;
	if (!more) {
		*open = all->open[--all->nr_open];
		return;
	}

	open->optee = optee;
	open->key = key;
	open->tid = call->tid;
	open->at_ns = call->end_ns;
}
