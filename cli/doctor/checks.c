// SPDX-License-Identifier: GPL-2.0-only
/* The table of checks, and the order in which one rests on another. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"

#define MAX_AFTER 5

struct check {
	const char *name;
	doctor_judge_fn judge;
	/* Names of earlier checks; one that is bad explains this one. */
	const char *after[MAX_AFTER];
	enum doctor_need need;
	bool notifications;
};

/* From the bottom up. A check names only checks above it in this table. */
static const struct check checks[] = {
	{ "processor", doctor_judge_processor, { NULL }, DOCTOR_FOR_CALLS },
	{ "hypervisor", doctor_judge_hypervisor, { "processor" }, DOCTOR_FOR_VERDICTS },
	{ "exception-level",
	  doctor_judge_level,
	  { "processor", "hypervisor" },
	  DOCTOR_FOR_VERDICTS },
	{ "firmware", doctor_judge_firmware, { "processor" }, DOCTOR_FOR_CALLS },
	{ "pkvm",
	  doctor_judge_pkvm,
	  { "processor", "hypervisor", "exception-level" },
	  DOCTOR_FOR_VERDICTS },
	{ "el2-modules", doctor_judge_el2_modules, { NULL }, DOCTOR_FOR_NOTHING },
	{ "arm-ffa", doctor_judge_driver, { "processor", "firmware" }, DOCTOR_FOR_CALLS, true },
	{ "ffa-order", doctor_judge_order, { "arm-ffa" }, DOCTOR_FOR_CALLS, true },
	{ "rights", doctor_judge_rights, { NULL }, DOCTOR_FOR_CALLS },
	{ "lockdown", doctor_judge_lockdown, { NULL }, DOCTOR_FOR_CALLS },
	{ "selinux", doctor_judge_selinux, { NULL }, DOCTOR_FOR_NOTHING },
	{ "module",
	  doctor_judge_module,
	  { "arm-ffa", "ffa-order", "rights", "lockdown" },
	  DOCTOR_FOR_CALLS },
	{ "registers", doctor_judge_registers, { "module" }, DOCTOR_FOR_NOTHING },
	{ "proxy",
	  doctor_judge_proxy,
	  { "pkvm", "arm-ffa", "ffa-order", "module" },
	  DOCTOR_FOR_NOTHING },
	{ "spmc", doctor_judge_spmc, { "arm-ffa", "ffa-order", "module" }, DOCTOR_FOR_CALLS },
	{ "partitions", doctor_judge_partitions, { "arm-ffa", "ffa-order" }, DOCTOR_FOR_NOTHING },
	{ "buffers", doctor_judge_buffers, { "arm-ffa", "ffa-order" }, DOCTOR_FOR_NOTHING },
	{ "notify-features",
	  doctor_judge_notify_features,
	  { "arm-ffa", "ffa-order" },
	  DOCTOR_FOR_NOTHING,
	  true },
	{ "notify-bitmap",
	  doctor_judge_notify_bitmap,
	  { "notify-features" },
	  DOCTOR_FOR_NOTHING,
	  true },
	{ "notify-interrupt",
	  doctor_judge_notify_interrupt,
	  { "notify-features" },
	  DOCTOR_FOR_NOTHING,
	  true },
	{ "notify-irq", doctor_judge_notify_irq, { "notify-interrupt" }, DOCTOR_FOR_NOTHING, true },
	{ "notify-driver",
	  doctor_judge_notify_driver,
	  { "notify-bitmap", "notify-irq" },
	  DOCTOR_FOR_NOTHING,
	  true },
	{ "notify-partition",
	  doctor_judge_notify_partition,
	  { "arm-ffa", "ffa-order", "notify-features" },
	  DOCTOR_FOR_NOTHING,
	  true },
	{ "hyp-trace",
	  doctor_judge_trace,
	  { "rights", "hypervisor", "exception-level", "pkvm" },
	  DOCTOR_FOR_VERDICTS },
	{ "reader", doctor_judge_reader, { "hyp-trace" }, DOCTOR_FOR_VERDICTS },
	{ "driver-hook", doctor_judge_hook, { "arm-ffa", "rights" }, DOCTOR_FOR_NOTHING },
	{ "left-over-state", doctor_judge_state, { NULL }, DOCTOR_FOR_NOTHING },
};

#define NR_CHECKS (sizeof(checks) / sizeof(checks[0]))

_Static_assert(NR_CHECKS <= DOCTOR_MAX_CHECKS, "room for the results");

const char *doctor_check_name(const char *name, size_t len)
{
	for (size_t i = 0; i < NR_CHECKS; i++) {
		if (strlen(checks[i].name) == len && !strncmp(checks[i].name, name, len))
			return checks[i].name;
	}
	return NULL;
}

void doctor_check_names(char *buf, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < NR_CHECKS && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? " " : "", checks[i].name);
}

static bool listed(const char *const *list, const char *name)
{
	for (; *list; list++) {
		if (!strcmp(*list, name))
			return true;
	}
	return false;
}

static struct doctor_result *result_of(struct doctor_results *results, const char *name)
{
	for (size_t i = 0; i < results->nr; i++) {
		if (!strcmp(results->at[i].name, name))
			return &results->at[i];
	}
	return NULL;
}

/* The bad check that this one rests on, directly or through others; NULL if there is none. */
static const char *blocked_by(const struct check *check, struct doctor_results *results)
{
	for (size_t i = 0; i < MAX_AFTER && check->after[i]; i++) {
		const struct doctor_result *before = result_of(results, check->after[i]);

		if (!before)
			continue; /* the table names checks above this one only */
		if (before->state == DOCTOR_BAD)
			return before->name;
		if (before->state == DOCTOR_SKIPPED)
			return before->see;
	}
	return NULL;
}

static void run(const struct check *check, const struct doctor_facts *facts,
		struct doctor_results *results)
{
	struct doctor_result *result = &results->at[results->nr];
	const char *see = blocked_by(check, results);

	if (see)
		doctor_skip(result, see);
	else
		check->judge(facts, result);
}

/* A skipped check is shown together with the check that it names. */
static void reveal_causes(struct doctor_results *results)
{
	for (size_t i = 0; i < results->nr; i++) {
		struct doctor_result *cause = NULL;

		if (!results->at[i].hidden && results->at[i].state == DOCTOR_SKIPPED)
			cause = result_of(results, results->at[i].see);
		if (cause)
			cause->hidden = false;
	}
}

void doctor_check(const struct doctor_facts *facts, const struct doctor_choice *choice,
		  struct doctor_results *results)
{
	results->nr = 0;
	for (size_t i = 0; i < NR_CHECKS; i++) {
		struct doctor_result *result = &results->at[i];

		*result = (struct doctor_result){
			.name = checks[i].name,
			.need = checks[i].need,
			.notifications = checks[i].notifications,
		};
		result->hidden = choice->notifications
					 ? !checks[i].notifications
					 : choice->only[0] && !listed(choice->only, result->name);
		if (listed(choice->ignore, result->name))
			doctor_found(result, DOCTOR_IGNORED, "not checked: --ignore %s",
				     result->name);
		else
			run(&checks[i], facts, results);
		results->nr++;
	}
	reveal_causes(results);
}

bool doctor_failed(const struct doctor_results *results, const struct doctor_choice *choice)
{
	bool chosen = choice->notifications || choice->only[0];

	for (size_t i = 0; i < results->nr; i++) {
		const struct doctor_result *r = &results->at[i];

		if (!r->hidden && (r->state == DOCTOR_BAD || r->state == DOCTOR_SKIPPED) &&
		    (chosen || r->need != DOCTOR_FOR_NOTHING))
			return true;
	}
	return false;
}

const char *doctor_evidence_level(const struct doctor_facts *facts,
				  const struct doctor_results *results)
{
	bool calls = true, verdicts = true;

	for (size_t i = 0; i < results->nr; i++) {
		const struct doctor_result *r = &results->at[i];
		bool bad = r->state == DOCTOR_BAD || r->state == DOCTOR_SKIPPED;

		calls &= !bad || r->need != DOCTOR_FOR_CALLS;
		verdicts &= !bad || r->need != DOCTOR_FOR_VERDICTS;
	}

	if (!calls)
		return "no calls can be made here; list, describe, decode, replay and diff work";
	if (!verdicts)
		return "calls can be made; every verdict is unknown, and inferred answers are not proven";
	if (doctor_reading(facts) == DOCTOR_READ_TEXT)
		return "calls can be made; verdicts rest on the text of the hypervisor's trace, to the microsecond";
	return "calls can be made; verdicts rest on the hypervisor's trace, to the nanosecond";
}

const struct doctor_result *doctor_notification_cause(const struct doctor_results *results)
{
	for (size_t i = 0; i < results->nr; i++) {
		const struct doctor_result *r = &results->at[i];

		if (!r->hidden && r->state == DOCTOR_BAD)
			return r;
	}
	return NULL;
}

static void __attribute__((format(printf, 3, 0)))
put(char *buf, size_t size, const char *fmt, va_list args)
{
	vsnprintf(buf, size, fmt, args);
	for (; *buf; buf++) {
		if (*buf < ' ' || *buf > '~')
			*buf = '?';
	}
}

void doctor_found(struct doctor_result *result, enum doctor_state state, const char *fmt, ...)
{
	va_list args;

	result->state = state;
	va_start(args, fmt);
	put(result->found, sizeof(result->found), fmt, args);
	va_end(args);
}

void doctor_seen(struct doctor_result *result, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(result->seen, sizeof(result->seen), fmt, args);
	va_end(args);
}

void doctor_source_of(struct doctor_result *result, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(result->source, sizeof(result->source), fmt, args);
	va_end(args);
}

void doctor_effect(struct doctor_result *result, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(result->effect, sizeof(result->effect), fmt, args);
	va_end(args);
}

void doctor_fix(struct doctor_result *result, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(result->fix, sizeof(result->fix), fmt, args);
	va_end(args);
}

void doctor_skip(struct doctor_result *result, const char *name)
{
	result->see = name;
	result->seen[0] = result->effect[0] = result->fix[0] = '\0';
	doctor_found(result, DOCTOR_SKIPPED, "not checked: see %s", name);
}
