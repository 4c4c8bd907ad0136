// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "verdict/spans.h"
#include "verdict/traps.h"

/* DEN0028: fast calls of the standard service; FF-A's numbers are 0x60 to 0xff. */
#define FID_FIXED_MASK 0xbf00ff00u
#define FID_FIXED      0x84000000u

static bool is_ffa(uint64_t id)
{
	return id <= UINT32_MAX && ((uint32_t)id & FID_FIXED_MASK) == FID_FIXED &&
	       (id & 0xff) >= 0x60;
}

static int push(struct spans *spans)
{
	if (!vector_room(&spans->data, &spans->cap, spans->len, sizeof(*spans->data)))
		return -ENOMEM;
	spans->data[spans->len++] = spans->open;
	return 0;
}

void spans_lose(struct spans *spans)
{
	spans->is_open = false;
	spans->begun = false;
}

int spans_event(struct spans *spans, const struct hyp_event *ev)
{
	switch (ev->type) {
	case HYP_EVENT_ENTER:
		if (!spans->begun)
			return 0;
		if (spans->is_open) {
			spans_lose(spans);
			return 1;
		}
		spans->open = (struct span){ .enter_ns = ev->ts };
		spans->is_open = true;
		return 0;
	case HYP_EVENT_HOST_SMC:
	case HYP_EVENT_HOST_FFA_CALL:
		/* A kernel that has both events names the call twice. */
		spans->open.mixed |= spans->open.has_id &&
				     (spans->open.named_by == ev->type || spans->open.id != ev->id);
		spans->open.has_id = true;
		spans->open.named_by = ev->type;
		spans->open.id = ev->id;
		spans->open.forwarded = verdict_names_forwarded(ev);
		return 0;
	case HYP_EVENT_EXIT:
		if (!spans->begun) {
			spans->begun = true;
			return 0;
		}
		if (!spans->is_open) {
			spans_lose(spans);
			/* Spans are complete again from this exit on. */
			spans->begun = true;
			return 1;
		}
		spans->open.exit_ns = ev->ts;
		spans->is_open = false;
		return push(spans);
	default:
		return 0;
	}
}

static size_t first_from(const struct spans *spans, uint64_t from)
{
	size_t lo = 0, hi = spans->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (spans->data[mid].exit_ns < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct span *spans_nth(const struct spans *spans, uint64_t from, uint64_t until, size_t n)
{
	for (size_t i = first_from(spans, from); i < spans->len; i++) {
		const struct span *span = &spans->data[i];

		if (span->exit_ns > until)
			break;
		if (span->enter_ns >= from && span->has_id && is_ffa(span->id) && !n--)
			return span;
	}
	return NULL;
}

/*
 * Counts the SMCs of a call from the n >= 1 spans of its window. An entry for another reason (a
 * stage-2 fault of the host, for instance) looks like the return of an SMC. Returns false if the
 * two could be confused.
 *
 * EL2 logs host_smc after its handlers and before the default handler, which forwards. So an
 * unclaimed call has it in the first of exactly two spans; a claimed call has it in the last span,
 * and EL2 sent one SMC of its own for each earlier span.
 */
static bool count_smcs(const struct span *spans, size_t n, const struct verdict_call *call,
		       enum verdict_inferred inferred, uint32_t *smcs)
{
	uint32_t fid = (uint32_t)call->in.x[0];
	const struct span *named = NULL;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (!spans[i].has_id)
			continue;
		if (named || spans[i].mixed)
			return false;
		named = &spans[i];
		at = i;
	}

	/*
	 * EL2 refuses a call with bits above the identifier before its FF-A code, and does not log
	 * it. Every call makes a trap, so a single span in the window is that of the call.
	 */
	if (!named) {
		*smcs = 0;
		return n == 1 && call->in.x[0] >> 32 && call->out.x[0] == UINT64_MAX;
	}
	if ((uint32_t)named->id != fid)
		return false;

	*smcs = (uint32_t)(n - 1);
	if (named->forwarded)
		return n == 2 && at == 0;
	if (n == 1)
		return true;
	return at == n - 1 && inferred == VERDICT_SUGGESTS_SECURE;
}

void spans_judge(const struct spans *spans, const struct verdict_call *call, uint64_t begin,
		 uint64_t end, int64_t offset_ns, struct verdict *v)
{
	size_t first = first_from(spans, begin), n = 0;
	const struct span *in;
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	int32_t status;

	if (first >= spans->len) {
		v->reason = VERDICT_NO_EVENTS;
		return;
	}
	in = spans->data + first;
	while (first + n < spans->len && in[n].enter_ns <= end)
		n++;
	if (!n) {
		v->reason = VERDICT_NO_EVENTS;
		return;
	}
	if (in[0].enter_ns < begin || in[n - 1].exit_ns > end ||
	    !count_smcs(in, n, call, v->inferred, &v->smcs)) {
		v->reason = VERDICT_AMBIGUOUS;
		v->smcs = 0;
		return;
	}

	v->from_trace = true;
	for (size_t i = 0; i < n; i++) {
		v->claimed |= in[i].has_id && !in[i].forwarded;
		v->passed_on |= in[i].has_id && in[i].forwarded;
	}
	v->enter_ns = in[0].enter_ns - (uint64_t)offset_ns;
	v->total_ns = in[n - 1].exit_ns - in[0].enter_ns;
	v->el2_before_ns = in[0].exit_ns - in[0].enter_ns;
	for (size_t i = 1; i < n; i++)
		v->secure_ns += in[i].enter_ns - in[i - 1].exit_ns;
	v->el2_after_ns = v->total_ns - v->el2_before_ns - v->secure_ns;

	if (v->smcs)
		v->kind = VERDICT_FORWARDED;
	else if (call->out.x[0] == UINT64_MAX ||
		 (ffa_answer_status(ffa, &call->out, &status) && status < 0))
		v->kind = VERDICT_REJECTED;
	else
		v->kind = VERDICT_ANSWERED;
}

void spans_free(struct spans *spans)
{
	free(spans->data);
	*spans = (struct spans){ 0 };
}
