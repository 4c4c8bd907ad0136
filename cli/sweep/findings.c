// SPDX-License-Identifier: GPL-2.0-only
/* Deviations from a policy, one line per range of equal class. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ffa/answer.h"
#include "ffa/proxy.h"
#include "sweep/sweep.h"

bool sweep_departs(const struct sweep_call *call, const struct sweep_probe *probe,
		   enum sweep_policy policy)
{
	bool strict = policy == SWEEP_STRICT;

	if (strict && !ffa_call_el2_checks(call->fid))
		return false;
	/* Only that of another endpoint is expected to be refused, and by EL2. */
	if (probe->value && (!strict || !probe->value->checked))
		return false;
	switch (probe->class) {
	case SWEEP_ENFORCED:
		return !strict && probe->rule == FFA_RULE_SBZ;
	case SWEEP_SECURE:
		return strict || probe->rule == FFA_RULE_SBZ;
	case SWEEP_ACCEPTED:
	case SWEEP_DROPPED:
		return strict || probe->rule == FFA_RULE_MBZ;
	case SWEEP_ABSENT:
		return strict;
	case SWEEP_BLOCKED:
	case SWEEP_UNKNOWN:
	case SWEEP_SKIPPED:
	case SWEEP_NR_CLASSES:
		break;
	}
	return false;
}

static bool alike(const void *ctx, const struct sweep_call *call, size_t a, size_t b)
{
	const struct sweep_probe *x = &call->probes[a], *y = &call->probes[b];

	(void)ctx;
	return x->class == y->class && x->rule == y->rule && x->other_state == y->other_state &&
	       x->result.verdict.kind == y->result.verdict.kind &&
	       x->result.verdict.reason == y->result.verdict.reason &&
	       (x->class != SWEEP_UNKNOWN || x->result.verdict.smcs == y->result.verdict.smcs) &&
	       sweep_same_status(&x->result, &y->result);
}

/* The verb phrase after a range: "reaches TrustZone". */
static const char *what_happens(const struct sweep_probe *probe, bool many)
{
	const struct verdict *v = &probe->result.verdict;

	if (probe->class == SWEEP_DROPPED)
		return many ? "are dropped by EL2" : "is dropped by EL2";
	if (probe->class == SWEEP_UNKNOWN && v->kind != VERDICT_UNKNOWN)
		return many ? "are not known" : "is not known";
	switch (v->kind) {
	case VERDICT_FORWARDED:
		return many ? "reach TrustZone" : "reaches TrustZone";
	case VERDICT_ANSWERED:
		return many ? "are let through and answered by EL2"
			    : "is let through and answered by EL2";
	case VERDICT_REJECTED:
		return many ? "are refused by EL2" : "is refused by EL2";
	case VERDICT_UNKNOWN:
		break;
	}
	if (v->reason == VERDICT_EVIDENCE_CONFLICT && v->smcs)
		return many ? "reach EL3, refused after" : "reaches EL3, refused after";
	return many ? "are not known" : "is not known";
}

/* What follows the class: ": no-events", " (DENIED)". */
static void explain(const struct sweep_probe *probe, char *buf, size_t size)
{
	const struct sweep_result *result = &probe->result;
	const char *status = result->has_status ? ffa_status_name(result->status) : NULL;
	const char *reason = verdict_reason_name(result->verdict.reason);

	buf[0] = '\0';
	if (reason)
		snprintf(buf, size, ": %s", reason);
	else if (probe->other_state)
		snprintf(buf, size, ": the control is answered differently now");
	else if (probe->class == SWEEP_UNKNOWN)
		snprintf(buf, size, ": EL2 does not pass it on, and yet the answer is %s",
			 status ? status : "another");
	else if (status)
		snprintf(buf, size, " (%s)", status);
}

static void describe(struct sweep_finding *f)
{
	const struct sweep_probe *probe = &f->range.call->probes[f->range.first];
	char range[64], why[80];

	sweep_format_place(f->value, &f->range, range, sizeof(range));
	explain(probe, why, sizeof(why));
	snprintf(f->text, sizeof(f->text), "%s: %s %s, %s, %s%s", sweep_short_name(f->range.call),
		 range, what_happens(probe, f->range.last > f->range.reg),
		 ffa_rule_name(probe->rule), sweep_class_name(probe->class), why);
}

static int add(struct sweep_finding **list, size_t *nr, const struct sweep_finding *finding)
{
	struct sweep_finding *more = reallocarray(*list, *nr + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*list = more;
	more[(*nr)++] = *finding;
	return 0;
}

static int find_bits(const struct sweep_call *call, enum sweep_policy policy,
		     struct sweep_finding **findings, size_t *nr)
{
	struct sweep_finding finding = { 0 };

	for (size_t p = 0; p < call->nr_probes;) {
		const struct sweep_probe *probe = &call->probes[p];

		p = sweep_next_range(call, p, alike, NULL, &finding.range);
		finding.departs = sweep_departs(call, probe, policy);
		if (!finding.departs && probe->class != SWEEP_UNKNOWN)
			continue;

		finding.class = probe->class;
		finding.rule = probe->rule;
		describe(&finding);
		if (add(findings, nr, &finding))
			return -ENOMEM;
	}
	return 0;
}

static int find_values(const struct sweep_call *call, enum sweep_policy policy,
		       struct sweep_finding **findings, size_t *nr)
{
	for (size_t i = 0; i < call->nr_values; i++) {
		const struct sweep_value *value = &call->values[i];
		const struct sweep_probe *probe = &call->probes[call->nr_probes + i];
		struct sweep_finding finding = {
			.range = { .call = call,
				   .first = call->nr_probes + i,
				   .reg = value->bits.reg,
				   .last = value->bits.reg,
				   .hi = value->bits.hi,
				   .lo = value->bits.lo },
			.value = value,
			.class = probe->class,
			.rule = probe->rule,
			.departs = sweep_departs(call, probe, policy),
		};

		if (!finding.departs && probe->class != SWEEP_UNKNOWN)
			continue;
		describe(&finding);
		if (add(findings, nr, &finding))
			return -ENOMEM;
	}
	return 0;
}

int sweep_findings(const struct sweep *sweep, enum sweep_policy policy,
		   struct sweep_finding **findings, size_t *nr)
{
	*findings = NULL;
	*nr = 0;

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *call = &sweep->calls[i];

		if (find_bits(call, policy, findings, nr) ||
		    find_values(call, policy, findings, nr)) {
			free(*findings);
			return -ENOMEM;
		}
	}
	return 0;
}
