/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts from a trace whose hyp_enter and hyp_exit do not say why: Android's. There host_smc
 * names each SMC of the host and says whether a handler of EL2 has claimed it. Pure.
 */
#ifndef FFASCOPE_SPANS_H
#define FFASCOPE_SPANS_H

#include "verdict/verdict.h"

/* From an entry of EL2 to the next exit, whatever either was for. */
struct span {
	uint64_t enter_ns;
	uint64_t exit_ns;
	uint64_t id; /* of host_smc in it */
	bool has_id;
	uint8_t named_by; /* enum hyp_event_type */
	bool forwarded;	  /* no handler of EL2 has claimed the call */
	bool mixed;	  /* more than one host_smc in it */
};

struct spans {
	struct span *data;
	size_t len, cap;
	struct span open;
	bool is_open;
	bool begun; /* an exit was seen: from there on the events are whole */
};

/* The next event of the CPU: 0, 1 where entries and exits do not alternate (a gap), -ENOMEM. */
int spans_event(struct spans *spans, const struct hyp_event *ev);

/* Events were lost: what is open is not believed, nor what follows before the next exit. */
void spans_lose(struct spans *spans);

/* What lies in [begin, end] on the hypervisor's clock, judged as the trap of the call. */
void spans_judge(const struct spans *spans, const struct verdict_call *call, uint64_t begin,
		 uint64_t end, int64_t offset_ns, struct verdict *v);

/*
 * The n-th span from `from` to `until` whose host_smc names a call of FF-A, in order; NULL behind
 * the last one.
 */
const struct span *spans_nth(const struct spans *spans, uint64_t from, uint64_t until, size_t n);

void spans_free(struct spans *spans);

#endif
