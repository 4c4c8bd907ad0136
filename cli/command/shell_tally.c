// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "command/shell_tally.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/report.h"

static bool same_outcome(const struct shell_outcome *a, const struct shell_outcome *b)
{
	return a->fid == b->fid && a->kind == b->kind && a->has_status == b->has_status &&
	       (!a->has_status || a->status == b->status);
}

void shell_tally_count(struct shell_tally *tally, const struct script_answer *answer)
{
	struct shell_outcome now = { .fid = (uint32_t)answer->call.in.x[0],
				     .kind = answer->verdict.kind,
				     .calls = 1 };

	now.has_status =
		ffa_answer_status(ffa_call_by_fid(now.fid), &answer->call.out, &now.status);
	for (unsigned int i = 0; i < tally->nr; i++) {
		if (same_outcome(&tally->outcome[i], &now)) {
			tally->outcome[i].calls++;
			return;
		}
	}
	if (tally->nr < SHELL_MAX_TALLY)
		tally->outcome[tally->nr++] = now;
	else
		tally->rest++;
}

static void show_outcome(const struct shell_outcome *outcome)
{
	const struct ffa_call *call = ffa_call_by_fid(outcome->fid);
	const char *status = outcome->has_status ? ffa_status_name(outcome->status) : "no status";

	printf("%10llu  ", (unsigned long long)outcome->calls);
	if (call)
		printf("%s", ffa_call_name(call));
	else
		printf("0x%08x", outcome->fid);
	printf("  %s, %s\n", verdict_kind_name(outcome->kind),
	       status ? status : "a status without a name");
}

void shell_tally_show(struct shell_tally *tally)
{
	for (unsigned int i = 0; i < tally->nr; i++)
		show_outcome(&tally->outcome[i]);
	if (tally->rest)
		printf("%10llu  others\n", (unsigned long long)tally->rest);
	tally->nr = 0;
	tally->rest = 0;
}
