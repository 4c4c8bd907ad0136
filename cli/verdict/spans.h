/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts from Android's trace, whose hyp_enter and hyp_exit have no reason. Its host_smc names
 * each SMC of the host and says whether a handler at EL2 claimed it. Pure.
 */
#ifndef FFASCOPE_SPANS_H
#define FFASCOPE_SPANS_H

#include "verdict/verdict.h"

/* From an entry to EL2 to the next exit, for any reason. */
struct span {
	uint64_t enter_ns;
	uint64_t exit_ns;
	uint64_t id; /* from host_smc */
	bool has_id;
	uint8_t named_by; /* enum hyp_event_type */
	bool forwarded;	  /* no handler at EL2 claimed the call */
	bool mixed;	  /* it has more than one host_smc */
};

struct spans {
	struct span *data;
	size_t len, cap;
	struct span open;
	bool is_open;
	bool begun; /* there was an exit: the events after it are complete */
};

/* Adds the next event. Returns 0, 1 if entries and exits do not alternate (a gap), -ENOMEM. */
int spans_event(struct spans *spans, const struct hyp_event *ev);

/* Events were lost: drops the open span, and ignores events up to the next exit. */
void spans_lose(struct spans *spans);

/* Judges the call by the spans in [begin, end], hypervisor's clock. */
void spans_judge(const struct spans *spans, const struct verdict_call *call, uint64_t begin,
		 uint64_t end, int64_t offset_ns, struct verdict *v);

/*
 * The n-th span from `from` to `until` whose host_smc names a call of FF-A, in order; NULL after
 * the last one.
 */
const struct span *spans_nth(const struct spans *spans, uint64_t from, uint64_t until, size_t n);

void spans_free(struct spans *spans);

#endif
