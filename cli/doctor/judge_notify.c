// SPDX-License-Identifier: GPL-2.0-only
/* Why notifications do not arrive: one check a step, in the order in which arm_ffa takes them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "doctor/judge.h"

#define NO_NOTIFICATIONS \
	"partitions cannot notify this kernel; `ffascope notify' and OP-TEE's asynchronous notifications do not work"

/* arm_ffa has its interrupt only after it went all the way. */
static bool has_interrupt(const struct doctor_facts *facts, struct doctor_result *result)
{
	if (!facts->ffa_interrupts[0])
		return false;

	doctor_seen(result, "%.*s", (int)strcspn(facts->ffa_interrupts, "\n"),
		    facts->ffa_interrupts + strspn(facts->ffa_interrupts, " "));
	return true;
}

static void bad(struct doctor_result *result, const char *found, const char *fix)
{
	doctor_found(result, DOCTOR_BAD, "%s", found);
	doctor_effect(result, NO_NOTIFICATIONS);
	doctor_fix(result, "%s", fix);
}

/* Without an answer. The log does not help: arm_ffa prints nothing if all goes well. */
static void not_asked(const struct doctor_facts *facts, struct doctor_result *result)
{
	if (has_interrupt(facts, result)) {
		doctor_found(result, DOCTOR_GOOD, "arm_ffa has its interrupt, so this worked");
		return;
	}
	doctor_found(result, DOCTOR_UNKNOWN, "FFA_FEATURES was not called");
	doctor_fix(result, "See `module'");
}

DOCTOR_JUDGE(notify_features)
{
	const struct doctor_answer *create = &facts->answers[DOCTOR_BITMAP_CREATE];
	char why[40];
	bool el2;

	doctor_source_of(result, "FFA_FEATURES(FFA_NOTIFICATION_BITMAP_CREATE) through the module");
	if (!create->made) {
		not_asked(facts, result);
		return;
	}
	if (doctor_succeeded(create)) {
		doctor_found(result, DOCTOR_GOOD, "FFA_NOTIFICATION_BITMAP_CREATE is supported");
		return;
	}

	doctor_answer_name(create, why, sizeof(why));
	el2 = strstr(doctor_answered_by(facts, create), "hypervisor");
	bad(result, "",
	    el2 ? "The proxy of this kernel seems to refuse notifications. `ffascope call notification-bitmap-create' with a trace proves it; examples/proxy-series/ has patches that forward them"
		: "`ffascope call features feature=0x8400007d' shows who refuses. The SPMC must support notifications (OP-TEE does, TF-A's SPMC at EL3 does not)");
	doctor_found(result, DOCTOR_BAD, "FFA_FEATURES(NOTIFICATION_BITMAP_CREATE): %s%s", why,
		     doctor_answered_by(facts, create));
	doctor_seen(result, "x0 = 0x%" PRIx64 ", x2 = 0x%" PRIx64, create->x0, create->x2);
}

DOCTOR_JUDGE(notify_bitmap)
{
	doctor_source_of(result, "kernel log (ARM FF-A)");
	if (doctor_log_says(facts, result, "Notification bitmap create error"))
		bad(result, doctor_log_explain(result->seen),
		    "`ffascope call notification-bitmap-create' shows who refuses");
	else
		doctor_found(result, DOCTOR_GOOD, "the log has no error of the bitmap");
}

DOCTOR_JUDGE(notify_interrupt)
{
	const struct doctor_answer *sri = &facts->answers[DOCTOR_SRI];
	const struct doctor_answer *npi = &facts->answers[DOCTOR_NPI];
	char why[40];

	doctor_source_of(result, "FFA_FEATURES(SRI), FFA_FEATURES(NPI), kernel log (ARM FF-A)");
	doctor_answer_name(sri, why, sizeof(why));
	if (doctor_succeeded(sri) || doctor_succeeded(npi)) {
		doctor_found(result, DOCTOR_GOOD,
			     "Schedule Receiver Interrupt: %s, Notification Pending Interrupt: %s",
			     doctor_succeeded(sri) ? "yes" : "no",
			     doctor_succeeded(npi) ? "yes" : "no");
	} else if (sri->made) {
		bad(result, "",
		    "The firmware must give an SGI to the normal world (OP-TEE: CFG_CORE_ASYNC_NOTIF; TF-A: an SGI for the normal world)");
		doctor_found(
			result, DOCTOR_BAD,
			"neither the Schedule Receiver nor the Notification Pending Interrupt is supported (%s)",
			why);
		doctor_seen(result, "FFA_FEATURES(2): x0 = 0x%" PRIx64 ", x2 = 0x%" PRIx64, sri->x0,
			    sri->x2);
	} else if (doctor_log_says(facts, result, "Failed to create IRQ mapping") ||
		   doctor_log_says(facts, result, "Error registering percpu")) {
		doctor_found(result, DOCTOR_GOOD, "the firmware named an interrupt to arm_ffa");
	} else if (doctor_log_says(facts, result, "Failed to retrieve FF-A")) {
		bad(result, doctor_log_explain(result->seen),
		    "`ffascope call features feature=2' shows who refuses");
	} else {
		not_asked(facts, result);
	}
}

/*
 * ffa_irq_map() of arm_ffa maps the SGI that the firmware names. With ACPI, gic_irq_domain_translate()
 * of the GICv3 driver refuses interrupts below 16, and prints that it did.
 */
static bool with_acpi(const struct doctor_facts *facts)
{
	return strstr(facts->log, "conduit method from ACPI") || strstr(facts->log, "Illegal GSI");
}

static void not_mapped(const struct doctor_facts *facts, struct doctor_result *result)
{
	static const char acpi[] =
		"Boot with a device tree (acpi=off), or use a kernel whose GICv3 driver lets drivers map an SGI through ACPI. Reloading modules and FFA_FEATURES change nothing";
	unsigned int gsi;
	char line[80];

	if (doctor_log_find(facts->log, "Illegal GSI", line, sizeof(line)) &&
	    sscanf(line, "Illegal GSI%u", &gsi) == 1) {
		doctor_log_says(facts, result, "Illegal GSI");
		bad(result, "", acpi);
		doctor_found(
			result, DOCTOR_BAD,
			"the kernel cannot map the notification interrupt: it is SGI %u, and the GICv3 driver maps no SGI through ACPI",
			gsi);
	} else if (with_acpi(facts)) {
		bad(result,
		    "the kernel cannot map the notification interrupt through ACPI (it is an SGI if the GICv3 driver says `Illegal GSI')",
		    acpi);
	} else {
		bad(result, "the kernel cannot map the interrupt that the firmware names",
		    "arm_ffa maps an SGI of a GICv3 only: the device tree must have an arm,gic-v3, and the firmware must name an SGI (0 to 15)");
	}
}

DOCTOR_JUDGE(notify_irq)
{
	doctor_source_of(result, "kernel log (ARM FF-A, GICv3), /proc/interrupts");
	if (has_interrupt(facts, result)) {
		doctor_found(result, DOCTOR_GOOD, "arm_ffa has its interrupt");
	} else if (doctor_log_says(facts, result, "Failed to create IRQ mapping")) {
		not_mapped(facts, result);
	} else if (doctor_log_says(facts, result, "Error registering percpu")) {
		bad(result, doctor_log_explain(result->seen),
		    "`cat /proc/interrupts' shows which driver has the interrupt");
	} else if (doctor_log_says(facts, result, "Notification setup failed -6")) {
		bad(result, doctor_log_explain(result->seen),
		    "The device tree must have an interrupt controller with compatible arm,gic-v3");
	} else {
		doctor_found(result, DOCTOR_GOOD, "the log has no error of the interrupt");
	}
}

DOCTOR_JUDGE(notify_driver)
{
	static const struct {
		const char *words, *fix;
	} lines[] = {
		{ "Notification Info fetch failed",
		  "`ffascope call --allow-state-change notification-info-get-64' shows who refuses" },
		{ "Failed to retrieve notifications",
		  "`ffascope call notification-get receiver=0' shows who refuses" },
		{ "Notification setup failed",
		  "`dmesg | grep FF-A' has the step that failed; `ffascope call features feature=sri' shows who refuses" },
		{ "Failed to initialize async notifications",
		  "`dmesg | grep -e FF-A -e optee' has the step that failed; `ffascope call notification-bind' shows who refuses" },
	};

	doctor_source_of(result, "kernel log (ARM FF-A, optee), /proc/interrupts");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!doctor_log_says(facts, result, lines[i].words))
			continue;
		bad(result, doctor_log_explain(result->seen), lines[i].fix);
		return;
	}
	doctor_found(result, DOCTOR_GOOD, "%s",
		     has_interrupt(facts, result) ? "arm_ffa has its interrupt"
						  : "the log has no error of a driver");
}

DOCTOR_JUDGE(notify_partition)
{
	const struct doctor_answer *count = &facts->answers[DOCTOR_PARTITIONS];
	const struct doctor_answer *regs = &facts->answers[DOCTOR_PARTITION_REGS];
	unsigned int id = (unsigned int)regs->x3 & 0xffff;
	bool can = regs->x3 >> (32 + DOCTOR_PROPERTY_NOTIFICATIONS) & 1;

	doctor_source_of(result, "FFA_PARTITION_INFO_GET_REGS through the module");
	if (!doctor_succeeded(regs)) {
		doctor_found(result, DOCTOR_UNKNOWN, "the properties of partitions are not known");
		doctor_fix(result, "%s",
			   regs->made ? "`ffascope call partition-info-get-regs' shows who refuses"
				      : "See `module'");
	} else if (can) {
		doctor_found(result, DOCTOR_GOOD, "partition 0x%04x supports notifications", id);
	} else if (doctor_succeeded(count) && count->x2 == 1) {
		bad(result, "", "The partition's manifest must enable notifications");
		doctor_found(result, DOCTOR_BAD,
			     "the only partition, 0x%04x, does not support notifications", id);
		doctor_seen(result, "properties 0x%08" PRIx64, regs->x3 >> 32);
	} else {
		doctor_found(result, DOCTOR_UNKNOWN,
			     "partition 0x%04x does not support notifications; others may", id);
		doctor_fix(result, "Run `ffascope call partition-info-get-regs'");
	}
}
