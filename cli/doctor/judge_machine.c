// SPDX-License-Identifier: GPL-2.0-only
/* Processor, firmware and hypervisor. */
#include <stdio.h>
#include <string.h>

#include "device/device.h"
#include "doctor/doctor.h"

/* Where the kernel's own words were looked for. */
static void how_log(const struct doctor_facts *facts, struct doctor_link *link)
{
	if (doctor_log_from_boot(facts->log))
		doctor_source_of(link, "the kernel's log");
	else if (facts->log_denied)
		doctor_source_of(link, "the kernel's log may not be read by this user");
	else
		doctor_source_of(link, "the kernel's log, which does not reach back to the boot");
}

void doctor_judge_processor(const struct doctor_facts *facts, struct doctor_link *link)
{
	doctor_source_of(link, "/proc/sys/kernel/arch, uname");
	if (!strcmp(facts->arch, "aarch64")) {
		doctor_found(link, DOCTOR_GOOD, "aarch64%s%s", facts->release[0] ? ", Linux " : "",
			     facts->release);
		return;
	}

	doctor_found(link, facts->arch[0] ? DOCTOR_BAD : DOCTOR_UNKNOWN, "%s",
		     facts->arch[0] ? facts->arch : "not known");
	doctor_effect(
		link,
		"FF-A and pKVM are there on arm64 only. Here list, describe, decode, replay and diff work");
	doctor_fix(link, "`lab/ffalab demo' starts an arm64 machine");
}

void doctor_judge_level(const struct doctor_facts *facts, struct doctor_link *link)
{
	char line[128];

	how_log(facts, link);
	/* arch/arm64/kernel/smp.c, hyp_mode_check(). */
	if (doctor_log_find(facts->log, "started at EL2", line, sizeof(line))) {
		doctor_found(link, DOCTOR_GOOD, "all CPUs were started at EL2");
		return;
	}

	if (doctor_log_find(facts->log, "started at EL1", line, sizeof(line)) ||
	    doctor_log_find(facts->log, "HYP mode not available", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "the kernel was started at EL1");
		doctor_effect(
			link,
			"KVM cannot run: calls go past no hypervisor of this kernel, and every verdict is unknown");
		doctor_fix(
			link,
			"The boot loader or another hypervisor keeps EL2. Boot the kernel at EL2 (QEMU: -M virt,virtualization=on; U-Boot and EDK2 do so where nothing else runs there)");
	} else if (doctor_log_find(facts->log, "CPUs started in inconsistent modes", line,
				   sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "some CPUs were started at EL2, some at EL1");
		doctor_effect(link, "KVM cannot run, and every verdict is unknown");
		doctor_fix(link, "The firmware's CPU_ON (PSCI) must start all CPUs at EL2");
	} else if (facts->layout[0]) {
		/* Without EL2, and with VHE, the kernel does not make these files. */
		doctor_source_of(link,
				 "the hypervisor's trace; the log does not reach back to the boot");
		doctor_found(link, DOCTOR_GOOD, "KVM has EL2: it is traced there");
	} else {
		doctor_found(link, DOCTOR_UNKNOWN, "not known");
		doctor_effect(
			link,
			"nothing by itself: `protected KVM' and what comes after it tell more");
		doctor_fix(link, "Look for `started at EL' in the log of the boot (as root)");
	}
}

void doctor_judge_firmware(const struct doctor_facts *facts, struct doctor_link *link)
{
	unsigned int major = 0, minor = 0;
	char line[128];
	bool known;

	doctor_source_of(link, "the kernel's log (psci), device tree (/psci/method)");
	known = doctor_log_find(facts->log, "SMC Calling Convention v", line, sizeof(line)) &&
		sscanf(line, "SMC Calling Convention v%u.%u", &major, &minor) == 2;

	if (known && major == 1 && minor < 2) {
		doctor_found(link, DOCTOR_BAD, "SMCCC %u.%u, conduit %s", major, minor,
			     facts->conduit[0] ? facts->conduit : "not known");
		doctor_effect(link, "FF-A needs SMCCC 1.2 (x8 to x17): arm_ffa finds no firmware");
		doctor_fix(link, "A newer TF-A (2.4 or later) at EL3");
		return;
	}

	if (doctor_log_find(facts->log, "Using PSCI v0.1", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "%s: it has no SMCCC version", line);
		doctor_effect(link, "FF-A needs SMCCC 1.2: arm_ffa finds no firmware");
		doctor_fix(link, "A firmware with PSCI 1.0 and SMCCC 1.2 (TF-A 2.4 or later)");
		return;
	}

	if (known || facts->conduit[0] || facts->device == DOCTOR_DEVICE_OPEN) {
		/* The module loads with SMCCC 1.2 and a conduit only. */
		bool enough = known || facts->device == DOCTOR_DEVICE_OPEN;
		const char *conduit = facts->conduit[0] ? facts->conduit : "not known";
		char version[32] = "version not known";

		/* With ACPI there is no device tree; the module knows what it uses. */
		if (!facts->conduit[0] && facts->device == DOCTOR_DEVICE_OPEN)
			conduit = facts->conduit_kind == FFASCOPE_CONDUIT_HVC ? "hvc" : "smc";

		if (facts->device == DOCTOR_DEVICE_OPEN && !known)
			snprintf(version, sizeof(version), "1.2 or later");
		if (known)
			snprintf(version, sizeof(version), "%u.%u", major, minor);
		doctor_found(link, enough ? DOCTOR_GOOD : DOCTOR_UNKNOWN, "SMCCC %s, conduit %s",
			     version, conduit);
		if (!enough)
			doctor_fix(
				link,
				"`dmesg | grep psci' after the boot names the version; 1.2 is needed");
		return;
	}

	doctor_found(link, DOCTOR_UNKNOWN, "SMCCC version and conduit not known");
	doctor_effect(link, "nothing by itself: whether arm_ffa found a firmware tells more");
	doctor_fix(link, "`dmesg | grep psci' after the boot names the version; 1.2 is needed");
}

#define CALLS_GO_PAST \
	"no proxy: calls go straight to the firmware, and every verdict is unknown (no-events, or tracing-off)"

/* Why KVM did not come up though the kernel has it, and what to do about that. */
static bool kvm_failed(const struct doctor_facts *facts, struct doctor_link *link)
{
	/* arch/arm64/kvm/arm.c and pkvm.c of 7.3; the first that was said is the cause. */
	static const struct {
		const char *words, *fix;
	} lines[] = {
		{ "Cannot initialize protected mode without PSCI",
		  "The firmware needs PSCI 1.0 at EL3 (TF-A has it), named in the device tree or by ACPI" },
		{ "Failed to register hyp memblocks",
		  "The memory map of the firmware has too many pieces for the hypervisor; `dmesg | grep memblock' lists them" },
		{ "Failed to reserve hyp memory",
		  "The hypervisor found no memory for itself: give the machine more, or reserve less (cma=, crashkernel=)" },
		{ "pKVM requires firmware support",
		  "A newer firmware at EL3, with the workaround that the line names" },
		{ "Failed to initialize Hyp tracing",
		  "`dmesg | grep -i \"hyp trace\"' says why; a kernel without CONFIG_NVHE_EL2_TRACING comes up, and has no verdicts" },
		{ "Failed to init hyp memory protection",
		  "`dmesg | grep kvm' has what came before it" },
		{ "error initializing Hyp mode", "`dmesg | grep kvm' has what came before it" },
	};
	char line[256];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!doctor_log_find(facts->log, lines[i].words, line, sizeof(line)))
			continue;
		doctor_found(link, DOCTOR_BAD, "KVM did not come up: %s", line);
		doctor_effect(link, CALLS_GO_PAST);
		doctor_fix(link, "%s", lines[i].fix);
		return true;
	}
	return false;
}

void doctor_judge_kvm(const struct doctor_facts *facts, struct doctor_link *link)
{
	bool asked = strstr(facts->cmdline, "kvm-arm.mode=protected");
	char line[256], mode[64] = "";

	/* The last one counts; boot loaders put theirs behind what is there. */
	doctor_log_find(facts->cmdline, "kvm-arm.mode=", mode, sizeof(mode));
	mode[strcspn(mode, " ")] = '\0';

	how_log(facts, link);
	/* arch/arm64/kvm/arm.c, kvm_arm_init(): "", "Protected " or "Hyp ", then h, n or nothing. */
	if (doctor_log_find(facts->log, "Failed to finalize Hyp protection", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "protected KVM gave up in the end: %s", line);
		doctor_effect(link, CALLS_GO_PAST);
		doctor_fix(link, "The lines before this one in `dmesg | grep kvm' say why");
	} else if (doctor_log_find(facts->log, "Protected hVHE", line, sizeof(line)) ||
		   doctor_log_find(facts->log, "Protected nVHE", line, sizeof(line))) {
		doctor_found(link, DOCTOR_GOOD, "%s", line);
	} else if (doctor_log_find(facts->log, "KVM disabled from command line", line,
				   sizeof(line)) ||
		   strstr(facts->cmdline, "kvm-arm.mode=none")) {
		doctor_found(link, DOCTOR_BAD, "KVM is switched off on the kernel's command line");
		doctor_effect(link, CALLS_GO_PAST);
		doctor_fix(link, "Boot with kvm-arm.mode=protected instead of kvm-arm.mode=none");
	} else if (doctor_log_find(facts->log, "HYP mode not available", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "KVM found no EL2: %s", line);
		doctor_effect(link, CALLS_GO_PAST);
		doctor_fix(link, "See `exception level'");
	} else if (doctor_log_find(facts->log, "Protected KVM not available with VHE", line,
				   sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "%s", line);
		doctor_effect(link, CALLS_GO_PAST);
		doctor_fix(
			link,
			"Something forces VHE on (id_aa64mmfr1.vh on the command line?). Take it away, with kvm-arm.mode=protected");
	} else if (doctor_log_find(facts->log, "Hyp hVHE mode initialized", line, sizeof(line)) ||
		   doctor_log_find(facts->log, "Hyp nVHE mode initialized", line, sizeof(line)) ||
		   doctor_log_find(facts->log, "VHE mode initialized", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "KVM is there, but not protected: %s%s", line,
			     asked ? " (though kvm-arm.mode=protected was asked for)" : "");
		doctor_effect(link, CALLS_GO_PAST);
		if (mode[0] && strcmp(mode, "kvm-arm.mode=protected"))
			doctor_fix(
				link,
				"Boot with kvm-arm.mode=protected instead of %s: the last one counts",
				mode);
		else if (asked)
			doctor_fix(link, "`dmesg | grep -i kvm' says why it was not heeded");
		else
			doctor_fix(link, "Boot with kvm-arm.mode=protected");
	} else if (kvm_failed(facts, link)) {
		return;
	} else if (asked && (facts->has_kvm || !doctor_log_from_boot(facts->log))) {
		doctor_found(
			link, DOCTOR_UNKNOWN,
			"asked for on the kernel's command line; its log does not say (any more) whether it came up");
		doctor_effect(link, "nothing by itself: calls and the trace will tell");
		doctor_fix(link, "Look for `kvm' in the log of the boot (as root)");
	} else if (facts->has_kvm || facts->layout[0]) {
		bool whole = doctor_log_from_boot(facts->log);

		doctor_found(link, whole ? DOCTOR_BAD : DOCTOR_UNKNOWN,
			     "KVM is there; nothing says that it is protected");
		doctor_effect(link, "%s%s", whole ? "" : "if it is not: ", CALLS_GO_PAST);
		doctor_fix(link, "Boot with kvm-arm.mode=protected%s",
			   whole ? "" : "; the log of the boot says `kvm [1]: Protected ...' then");
	} else {
		doctor_source_of(link, "the kernel's log, /dev/kvm");
		doctor_found(link, DOCTOR_BAD, "no KVM (/dev/kvm is not there)");
		doctor_effect(link, CALLS_GO_PAST);
		doctor_fix(
			link,
			"Boot a kernel with CONFIG_KVM=y, started at EL2, with kvm-arm.mode=protected");
	}
}
