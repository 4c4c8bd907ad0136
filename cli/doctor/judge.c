// SPDX-License-Identifier: GPL-2.0-only
/* The chain of links, and what can be had with it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"

static void put(char *buf, size_t size, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static void put(char *buf, size_t size, const char *fmt, va_list args)
{
	vsnprintf(buf, size, fmt, args);
}

void doctor_found(struct doctor_link *link, enum doctor_state state, const char *fmt, ...)
{
	va_list args;

	link->state = state;
	va_start(args, fmt);
	put(link->found, sizeof(link->found), fmt, args);
	va_end(args);
}

void doctor_source_of(struct doctor_link *link, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(link->source, sizeof(link->source), fmt, args);
	va_end(args);
}

void doctor_effect(struct doctor_link *link, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(link->effect, sizeof(link->effect), fmt, args);
	va_end(args);
}

void doctor_fix(struct doctor_link *link, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(link->fix, sizeof(link->fix), fmt, args);
	va_end(args);
}

/* From the bottom up: a link can only be as good as those before it. */
static const struct {
	const char *name;
	enum doctor_need need;
	doctor_judge_fn judge;
} chain[] = {
	{ "processor", DOCTOR_FOR_CALLS, doctor_judge_processor },
	{ "exception level", DOCTOR_FOR_VERDICTS, doctor_judge_level },
	{ "firmware", DOCTOR_FOR_CALLS, doctor_judge_firmware },
	{ "protected KVM", DOCTOR_FOR_VERDICTS, doctor_judge_kvm },
	{ "FF-A driver", DOCTOR_FOR_CALLS, doctor_judge_driver },
	{ "FF-A proxy", DOCTOR_FOR_NOTHING, doctor_judge_proxy },
	{ "SPMC", DOCTOR_FOR_CALLS, doctor_judge_spmc },
	{ "partitions", DOCTOR_FOR_NOTHING, doctor_judge_partitions },
	{ "RX/TX buffers", DOCTOR_FOR_NOTHING, doctor_judge_buffers },
	{ "notifications", DOCTOR_FOR_NOTHING, doctor_judge_notifications },
	{ "rights", DOCTOR_FOR_CALLS, doctor_judge_rights },
	{ "lockdown", DOCTOR_FOR_CALLS, doctor_judge_lockdown },
	{ "SELinux", DOCTOR_FOR_NOTHING, doctor_judge_selinux },
	{ "module", DOCTOR_FOR_CALLS, doctor_judge_module },
	{ "registers", DOCTOR_FOR_NOTHING, doctor_judge_registers },
	{ "hypervisor trace", DOCTOR_FOR_VERDICTS, doctor_judge_trace },
	{ "trace reader", DOCTOR_FOR_VERDICTS, doctor_judge_reader },
	{ "left-over state", DOCTOR_FOR_NOTHING, doctor_judge_state },
};

size_t doctor_judge(const struct doctor_facts *facts, struct doctor_link links[DOCTOR_MAX_LINKS])
{
	size_t n = sizeof(chain) / sizeof(chain[0]);

	_Static_assert(sizeof(chain) / sizeof(chain[0]) <= DOCTOR_MAX_LINKS, "room for all links");
	for (size_t i = 0; i < n; i++) {
		links[i] = (struct doctor_link){ .name = chain[i].name, .need = chain[i].need };
		chain[i].judge(facts, &links[i]);
		if (links[i].state == DOCTOR_UNKNOWN && !links[i].effect[0])
			doctor_effect(&links[i], "what rests on it is not known either");
	}
	return n;
}

const char *doctor_evidence_level(const struct doctor_facts *facts, const struct doctor_link *links,
				  size_t n)
{
	bool calls = true, verdicts = true;

	for (size_t i = 0; i < n; i++) {
		calls &= links[i].state != DOCTOR_BAD || links[i].need != DOCTOR_FOR_CALLS;
		verdicts &= links[i].state != DOCTOR_BAD || links[i].need != DOCTOR_FOR_VERDICTS;
	}

	if (!calls)
		return "no calls can be made here; list, describe, decode, replay and diff work";
	if (!verdicts)
		return "calls can be made; every verdict is unknown, and `inferred' says what the registers look like, which proves nothing";
	if (!strcmp(facts->reader, "text"))
		return "calls can be made; verdicts rest on the text of the hypervisor's trace, to the microsecond";
	return "calls can be made; verdicts rest on the hypervisor's trace, to the nanosecond";
}
