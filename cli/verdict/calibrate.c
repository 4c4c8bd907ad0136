// SPDX-License-Identifier: GPL-2.0-only
/* From the calls that were made to calibrate, and their part of the trace, to a calibration. */
#include <errno.h>
#include <string.h>

#include "verdict/calibration.h"

struct taken {
	struct verdict_call calls[CALIBRATION_NR_PROBES];
	struct verdict verdicts[CALIBRATION_NR_PROBES];
	unsigned int n;
};

static void take(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct taken *taken = ctx;

	(void)tag;
	if (taken->n == CALIBRATION_NR_PROBES)
		return;
	taken->calls[taken->n] = *call;
	taken->verdicts[taken->n++] = *v;
}

static int feed(struct verdict_join *join, const struct calibration_run *run,
		const struct verdict_call *calls, const struct hyp_event *events)
{
	int ret = 0;

	for (uint32_t i = 0; i < run->nr_calls && !ret; i++)
		ret = calls[i].cpu == run->cpu ? verdict_join_call(join, &calls[i], NULL) : -EINVAL;
	for (uint32_t i = 0; i < run->nr_events && !ret; i++)
		ret = verdict_join_event(join, &events[i]);
	return ret;
}

int calibration_run(struct calibration *cal, const struct calibration_run *run,
		    const struct verdict_call *calls, const struct hyp_event *events)
{
	struct verdict_join *join = verdict_join_new(run->hvc);
	struct verdict_clock clock = run->clock;
	struct taken taken = { .n = 0 };
	int ret;

	*cal = (struct calibration){ 0 };
	if (!join)
		return -ENOMEM;

	verdict_join_set_precision(join, run->precision_ns);
	ret = feed(join, run, calls, events);
	if (!ret) {
		verdict_join_settle(join, run->cpu, run->from_ns, run->until_ns, &clock,
				    run->reason, take, &taken);
		calibration_judge(cal, taken.calls, taken.verdicts, taken.n);
	}
	verdict_join_free(join);
	return ret;
}

bool calibration_is_complete(const struct calibration *cal)
{
	return cal->measured && cal->traced && cal->passed_traced && cal->reissued_traced &&
	       cal->local_blocked;
}
