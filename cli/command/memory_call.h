/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls with contents of the TX buffer: memory transactions, which take pages and several calls. */
#ifndef FFASCOPE_COMMAND_MEMORY_CALL_H
#define FFASCOPE_COMMAND_MEMORY_CALL_H

#include "ffa/memory.h"
#include "session/session.h"
#include "command/verb.h"

/* A page of the module's. */
struct memory_page {
	uint64_t address;
	bool busy; /* in a transaction */
	uint64_t handle;
};

/* Initialise to zero but for session. */
struct memory_maker {
	struct session *session;
	bool canaries; /* as verdict_add_canaries() */
	bool keep;     /* pages stay shared when the session ends */
	struct memory_page *pages;
	size_t nr_pages, max_pages;
};

struct memory_outcome {
	enum ffa_mem_state state; /* of the last call */
	uint64_t handle;	  /* of the transaction, unless it failed at its first call */
	bool has_handle;
	uint32_t pages; /* of 4096 bytes that it described */
	unsigned int fragments;
};

/*
 * Reads the words of a call: those for its TX buffer into request, the others into registers.
 * words[0] is the call. Returns 0, or -EINVAL after a message.
 */
int memory_read_words(const struct options *opts, char **words, int n, struct ffa_regs *in,
		      struct ffa_mem_request *request);

/*
 * Makes the call with its buffer, and one FFA_MEM_FRAG_TX for each further fragment that is asked
 * for; fn gets each call. Fills in w1 and w2 of a transaction that the words did not set. Returns
 * as session_call(), or -EINVAL with a message for a request that cannot be built.
 */
int memory_call(struct memory_maker *maker, int cpu, const struct ffa_regs *in,
		const struct ffa_mem_request *request, verdict_fn fn, void *ctx,
		struct memory_outcome *outcome, struct error *err);

/* Reclaims a transaction. *done: it was reclaimed. Returns as session_call(). */
int memory_reclaim(struct memory_maker *maker, int cpu, uint64_t handle, verdict_fn fn, void *ctx,
		   bool *done, struct error *err);

/* Notes a call that was made in another way: a successful FFA_MEM_RECLAIM returns pages. */
void memory_note(struct memory_maker *maker, const struct verdict_call *call);

void memory_maker_free(struct memory_maker *maker);

/* Prints the buffer that the request describes, with made-up addresses. Returns an exit status. */
int memory_show(const struct options *opts, const struct ffa_regs *in,
		const struct ffa_mem_request *request);

/* The lengths in w1 and w2 for --dry-run. Returns 0 or -EINVAL after a message. */
int memory_fill_lengths(const struct options *opts, struct ffa_regs *in,
			const struct ffa_mem_request *request);

#endif
