// SPDX-License-Identifier: GPL-2.0-only
/* The offset of the hypervisor's clock, and the pause around calls that it requires. */
#include <errno.h>

#include "base/clock.h"
#include "session/internal.h"

/*
 * The default guard is the slack of the offset (with more slack than guard a verdict is unknown),
 * plus the error of the hypervisor's clock that the kernel tolerates without a warning
 * (arch/arm64/kvm/hyp_trace.c).
 */
#define CLOCK_ERROR_NS	 1000

/* Number of calls from which a new comparison of the clocks costs less than a longer guard. */
#define MANY_CALLS	 64
#define GOOD_SLACK_NS	 2000

/* Markers written at the start to compare the clocks. */
#define NR_START_MARKERS 8

/* Slack of clocks that were never compared: a year. */
#define NOT_KNOWN_NS	 (INT64_C(31536000) * 1000000000)
/*
 * Without markers: the error that the kernel allows. The calls themselves narrow it. If it is
 * wrong, no trap fits and the verdicts are unknown.
 */
#define CLOCKS_APART_NS	 2000

bool session_clock_note(struct session *s, const struct hyp_marker *marker)
{
	struct clock_range *clock = &s->clock;
	uint64_t now = marker->after_ns;
	int64_t low, high, drift;
	bool agrees = true;

	if (!hyp_marker_offset(s->trace, marker, &low, &high))
		return true;

	if (clock->known) {
		drift = (int64_t)verdict_clock_drift(now - clock->at_ns);
		agrees = low <= clock->high + drift && high >= clock->low - drift;
		if (agrees && high - low >= clock->high - clock->low + 2 * drift)
			return true;
	}

	*clock = (struct clock_range){ .known = true, .low = low, .high = high, .at_ns = now };
	return agrees;
}

/* The range at a time before or after its measurement. */
static void clock_at(const struct clock_range *range, uint64_t ns, struct verdict_clock *clock)
{
	uint64_t age_ns = ns > range->at_ns ? ns - range->at_ns : range->at_ns - ns;
	int64_t slack;

	if (!range->known) {
		clock->offset_ns = 0;
		clock->slack_ns = NOT_KNOWN_NS;
		return;
	}
	clock->offset_ns = range->low + (range->high - range->low) / 2;
	/* Prefer an offset of 0: the hypervisor's clock follows the kernel's. */
	if (range->low <= 0 && range->high >= 0)
		clock->offset_ns = 0;
	slack = range->high - clock->offset_ns;
	if (clock->offset_ns - range->low > slack)
		slack = clock->offset_ns - range->low;
	clock->slack_ns = (uint64_t)slack + verdict_clock_drift(age_ns);
}

void session_clock_get(const struct session *s, struct verdict_clock *clock)
{
	clock->guard_ns = s->guard_ns;
	clock_at(&s->clock, clock_ns(CLOCK_BOOTTIME), clock);
}

/*
 * The slack grows with time, and between the calls and the end of the drain much time can pass. So
 * the offset is taken at the calls, from whichever side is more exact. For a last call that takes
 * very long the slack may be too small: its trap then does not fit, which makes it unknown.
 */
void session_clock_of_calls(const struct session *s, const struct clock_range *before, bool agrees,
			    uint64_t first_ns, uint64_t last_ns, struct verdict_clock *clock)
{
	struct verdict_clock then, later;
	struct clock_range both;

	clock->guard_ns = s->guard_ns;
	clock_at(before, last_ns, &then);
	clock_at(&s->clock, first_ns, &later);
	if (before->known && !agrees) {
		/* The kernel adjusted the clock in between: each call saw one of the two offsets. */
		both = (struct clock_range){ .known = true, .at_ns = last_ns };
		both.low = then.offset_ns - (int64_t)then.slack_ns;
		both.high = then.offset_ns + (int64_t)then.slack_ns;
		if (later.offset_ns - (int64_t)later.slack_ns < both.low)
			both.low = later.offset_ns - (int64_t)later.slack_ns;
		if (later.offset_ns + (int64_t)later.slack_ns > both.high)
			both.high = later.offset_ns + (int64_t)later.slack_ns;
		clock_at(&both, last_ns, clock);
		return;
	}

	if (s->clock.at_ns < last_ns || then.slack_ns <= later.slack_ns)
		later = then;
	clock->offset_ns = later.offset_ns;
	clock->slack_ns = later.slack_ns;
}

int session_clock_compare(struct session *s, struct error *err)
{
	struct hyp_marker markers[NR_START_MARKERS];
	int ret = 0;

	if (!hyp_has_markers(s->trace)) {
		s->clock = (struct clock_range){
			.known = true,
			.low = -(int64_t)CLOCKS_APART_NS,
			.high = CLOCKS_APART_NS,
			.at_ns = clock_ns(CLOCK_BOOTTIME),
		};
		return 0;
	}

	for (int i = 0; !ret && i < NR_START_MARKERS; i += 2) {
		ret = hyp_mark(s->trace, &markers[i], err);
		if (!ret)
			ret = hyp_mark(s->trace, &markers[i + 1], err);
		if (!ret)
			ret = hyp_drain(s->trace, (unsigned int)s->pinned_cpu, &markers[i],
					&markers[i + 1], HYP_DRAIN_TIMEOUT_MS, session_take_event,
					s, err);
		if (ret)
			return ret;
		session_clock_note(s, &markers[i]);
		session_clock_note(s, &markers[i + 1]);
	}

	return ret;
}

/* On a busy machine both markers of a batch may be slow, so the clocks are compared before it. */
int session_clock_watch(struct session *s, unsigned int n, struct error *err)
{
	uint64_t limit = (s->guard_given ? s->guard_ns : DEVICE_LONG_GUARD_NS) / 2;
	struct verdict_clock clock;
	int ret;

	if (!s->trace)
		return 0;

	if (!s->guard_given && n >= MANY_CALLS)
		limit = GOOD_SLACK_NS;
	session_clock_get(s, &clock);
	if (clock.slack_ns <= limit || !hyp_is_on(s->trace))
		return 0;

	/* A missing marker is not an error: the calls become unknown. */
	ret = session_clock_compare(s, err);
	return ret == -ETIMEDOUT ? 0 : ret;
}

void session_clock_choose_guard(struct session *s)
{
	struct verdict_clock clock;
	uint64_t guard;

	if (s->guard_given || !s->trace)
		return;

	session_clock_get(s, &clock);
	guard = clock.slack_ns + CLOCK_ERROR_NS;
	/* Rounded times, and clocks that only the calls compare, need the longest guard. */
	if (!hyp_has_markers(s->trace) || hyp_precision(s->trace) > 1)
		guard = DEVICE_LONG_GUARD_NS;
	s->guard_ns = guard > DEVICE_LONG_GUARD_NS ? DEVICE_LONG_GUARD_NS : (unsigned int)guard;
}

void session_clock_keep(struct session *s, const struct verdict_clock *measured,
			const struct verdict_clock *refined, uint64_t at_ns)
{
	uint64_t age_ns = clock_ns(CLOCK_BOOTTIME) - at_ns;
	struct verdict_clock now;

	if (!s->trace || refined->slack_ns >= measured->slack_ns)
		return;
	session_clock_get(s, &now);
	if (refined->slack_ns + verdict_clock_drift(age_ns) >= now.slack_ns)
		return;

	s->clock = (struct clock_range){
		.known = true,
		.low = refined->offset_ns - (int64_t)refined->slack_ns,
		.high = refined->offset_ns + (int64_t)refined->slack_ns,
		.at_ns = at_ns,
	};
}

bool session_clock(const struct session *s, int64_t *offset_ns, uint64_t *slack_ns)
{
	struct verdict_clock clock;

	if (!s->clock.known)
		return false;

	session_clock_get(s, &clock);
	*offset_ns = clock.offset_ns;
	*slack_ns = clock.slack_ns;
	return true;
}
