// SPDX-License-Identifier: GPL-2.0-only
/* Processor, firmware and hypervisor. */
#include <stdio.h>
#include <string.h>

#include "device/device.h"
#include "doctor/doctor.h"

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what several checks ask ---- */

unsigned int doctor_release(const struct doctor_facts *facts)
{
	unsigned int major, minor;

	return sscanf(facts->release, "%u.%u", &major, &minor) == 2 ? 100 * major + minor : 0;
}

bool doctor_is_android(const struct doctor_facts *facts)
{
	return strstr(facts->release, "android") || !strcmp(facts->layout, "hypervisor") ||
	       !strcmp(facts->layout, "hyp");
}

static void log_source(const struct doctor_facts *facts, struct doctor_result *result)
{
	if (doctor_log_from_boot(facts->log))
		doctor_source_of(result, "kernel log");
	else if (facts->log_denied)
		doctor_source_of(result, "kernel log, which this user may not read");
	else
		doctor_source_of(result, "kernel log, which does not reach back to the boot");
}

DOCTOR_JUDGE(processor)
{
	doctor_source_of(result, "/proc/sys/kernel/arch, uname");
	if (!strcmp(facts->arch, "aarch64")) {
		doctor_found(result, DOCTOR_GOOD, "aarch64%s%s",
			     facts->release[0] ? ", Linux " : "", facts->release);
		return;
	}

	if (facts->arch[0])
		doctor_found(result, DOCTOR_BAD, "the processor is %s, not aarch64", facts->arch);
	else
		doctor_found(result, DOCTOR_UNKNOWN, "the architecture is not known");
	doctor_seen(result, "%s", facts->arch[0] ? facts->arch : "/proc/sys/kernel/arch: missing");
	doctor_effect(
		result,
		"FF-A and pKVM exist on arm64 only. Here list, describe, decode, replay and diff work");
	doctor_fix(result, "`lab/ffalab demo' starts an arm64 machine");
}

/* ---- other hypervisors ---- */

const char *doctor_foreign_hypervisor(const struct doctor_facts *facts, char *line, size_t size)
{
	/*
	 * arch/arm/xen/enlighten.c, Gunyah's drivers (virt/gunyah), Hafnium's driver, arch/arm64/hyperv,
	 * Jailhouse's driver, drivers/firmware/smccc/kvm_guest.c.
	 */
	static const struct {
		const char *words, *name;
	} lines[] = {
		{ " support found", "Xen" },
		{ "Running under Gunyah", "Gunyah" },
		{ "Hafnium successfully loaded", "Hafnium" },
		{ "Hyper-V: ", "Hyper-V" },
		{ "The Jailhouse is opening", "Jailhouse" },
		{ "smccc: KVM: hypervisor services", "KVM of another host" },
	};
	/* /sys/hypervisor/type, and compatible of /hypervisor in the device tree. */
	static const struct {
		const char *words, *name;
	} types[] = { { "xen", "Xen" }, { "gunyah", "Gunyah" }, { "hafnium", "Hafnium" } };

	for (size_t i = 0; i < SIZE(lines); i++) {
		if (!doctor_log_find(facts->log, lines[i].words, line, size))
			continue;
		if (strcmp(lines[i].name, "Xen") || strstr(facts->log, "Xen "))
			return lines[i].name;
	}
	for (size_t i = 0; i < SIZE(types); i++) {
		if (strncmp(facts->hypervisor, types[i].words, strlen(types[i].words)))
			continue;
		snprintf(line, size, "%s", facts->hypervisor);
		return types[i].name;
	}
	return NULL;
}

DOCTOR_JUDGE(hypervisor)
{
	char line[160];
	const char *name = doctor_foreign_hypervisor(facts, line, sizeof(line));

	doctor_source_of(result,
			 "kernel log, /sys/hypervisor/type, device tree (/hypervisor/compatible)");
	if (!name) {
		doctor_found(result, DOCTOR_GOOD, "no other hypervisor is named");
		return;
	}

	if (!doctor_log_says(facts, result, line))
		doctor_seen(result, "%s", line);
	/* Nested virtualization: the hypervisor below gives this kernel an EL2 of its own. */
	if (strstr(facts->log, "started at EL2") || doctor_protected(facts) == DOCTOR_GOOD) {
		doctor_found(result, DOCTOR_GOOD, "%s runs below and gives this kernel EL2", name);
		return;
	}
	doctor_found(result, DOCTOR_BAD, "%s has EL2; this kernel runs as its guest", name);
	doctor_effect(
		result,
		"calls trap into %s, which ffascope cannot trace: every verdict is unknown, and %s decides which FF-A calls exist",
		name, name);
	doctor_fix(result, "Boot this kernel at EL2 without %s, with kvm-arm.mode=protected", name);
}

DOCTOR_JUDGE(level)
{
	log_source(facts, result);
	/* arch/arm64/kernel/smp.c, hyp_mode_check(). */
	if (doctor_log_says(facts, result, "started at EL2")) {
		doctor_found(result, DOCTOR_GOOD, "all CPUs started at EL2");
	} else if (doctor_log_says(facts, result, "CPUs started in inconsistent modes")) {
		doctor_found(result, DOCTOR_BAD, "some CPUs started at EL2, some at EL1");
		doctor_effect(result, "KVM cannot run, and every verdict is unknown");
		doctor_fix(result, "The firmware's CPU_ON (PSCI) must start all CPUs at EL2");
	} else if (doctor_log_says(facts, result, "started at EL1") ||
		   doctor_log_says(facts, result, "HYP mode not available")) {
		doctor_found(result, DOCTOR_BAD, "the kernel started at EL1");
		doctor_effect(
			result,
			"KVM cannot run: calls bypass this kernel's hypervisor, and every verdict is unknown");
		doctor_fix(
			result,
			"The boot loader or another hypervisor keeps EL2. Boot the kernel at EL2 (QEMU: -M virt,virtualization=on; U-Boot and EDK2 do so if nothing else runs there)");
	} else if (facts->layout[0]) {
		/* Without EL2, and with VHE, the kernel does not create these files. */
		doctor_source_of(result, "tracefs; the log does not reach back to the boot");
		doctor_found(result, DOCTOR_GOOD, "EL2 belongs to KVM: its trace exists");
	} else {
		doctor_found(result, DOCTOR_UNKNOWN, "the exception level is not known");
		doctor_fix(result, "Look for `started at EL' in the log of the boot (as root)");
	}
}

/* ---- firmware ---- */

#define NEEDS_SMCCC "FF-A needs SMCCC 1.2 (x8 to x17): arm_ffa finds no firmware"

/* An SMCCC that is too old; the hypervisor below, if there is one, chose it. */
static void old_firmware(const struct doctor_facts *facts, struct doctor_result *result)
{
	char line[160];

	if (doctor_foreign_hypervisor(facts, line, sizeof(line)) &&
	    !strstr(facts->log, "started at EL2")) {
		doctor_skip(result, "hypervisor");
		return;
	}
	doctor_effect(result, NEEDS_SMCCC);
	doctor_fix(result, "Use TF-A 2.4 or later at EL3 (PSCI 1.0, SMCCC 1.2)");
}

static void good_firmware(const struct doctor_facts *facts, struct doctor_result *result,
			  unsigned int major, unsigned int minor)
{
	const char *conduit = facts->conduit[0] ? facts->conduit : "not known";
	bool open = facts->device == DOCTOR_DEVICE_OPEN;

	/* With ACPI there is no device tree; the module knows the conduit. */
	if (!facts->conduit[0] && open)
		conduit = facts->conduit_kind == FFASCOPE_CONDUIT_HVC ? "hvc" : "smc";
	if (major)
		doctor_found(result, DOCTOR_GOOD, "SMCCC %u.%u, conduit %s", major, minor, conduit);
	else
		doctor_found(result, DOCTOR_GOOD, "SMCCC 1.2 or later, conduit %s", conduit);
}

DOCTOR_JUDGE(firmware)
{
	unsigned int major = 0, minor = 0;
	char line[128];

	doctor_source_of(result, "kernel log (psci), device tree (/psci/method)");
	if (doctor_log_find(facts->log, "SMC Calling Convention v", line, sizeof(line)))
		sscanf(line, "SMC Calling Convention v%u.%u", &major, &minor);
	if (major == 1 && minor < 2) {
		doctor_log_says(facts, result, "SMC Calling Convention v");
		doctor_found(result, DOCTOR_BAD, "the firmware has SMCCC %u.%u", major, minor);
		old_firmware(facts, result);
	} else if (doctor_log_says(facts, result, "Using PSCI v0.1")) {
		doctor_found(result, DOCTOR_BAD, "PSCI 0.1 has no SMCCC version");
		old_firmware(facts, result);
	} else if (major || facts->device == DOCTOR_DEVICE_OPEN) {
		/* The module loads only with SMCCC 1.2 and a conduit. */
		good_firmware(facts, result, major, minor);
	} else {
		doctor_found(result, DOCTOR_UNKNOWN, "SMCCC version not known, conduit %s",
			     facts->conduit[0] ? facts->conduit : "not known");
		doctor_fix(result,
			   "`dmesg | grep psci' after the boot shows the version; 1.2 is needed");
	}
}

/* ---- protected KVM ---- */

#define NO_PROXY \
	"no proxy: calls go straight to the firmware, and every verdict is unknown (no-events, or tracing-off)"

/* arch/arm64/kvm/arm.c and pkvm.c of Linux 7.3, most significant first. */
static const struct kvm_line {
	const char *words;
	enum doctor_state state;
	const char *found; /* NULL: the line itself */
	const char *fix;   /* NULL: depends on the command line */
} kvm_lines[] = {
	{ "Failed to finalize Hyp protection", DOCTOR_BAD,
	  "protected KVM came up, then gave up protection",
	  "Earlier lines of `dmesg | grep kvm' say why" },
	{ "Protected hVHE mode initialized", DOCTOR_GOOD, NULL, NULL },
	{ "Protected nVHE mode initialized", DOCTOR_GOOD, NULL, NULL },
	{ "KVM disabled from command line", DOCTOR_BAD, "KVM is disabled on the command line",
	  "Boot with kvm-arm.mode=protected instead of kvm-arm.mode=none" },
	{ "HYP mode not available", DOCTOR_BAD, "KVM found no EL2",
	  "Boot the kernel at EL2, not at EL1 or as a guest" },
	{ "Protected KVM not available with VHE", DOCTOR_BAD,
	  "VHE is forced on, and pKVM needs it off",
	  "Remove id_aa64mmfr1.vh from the command line and keep kvm-arm.mode=protected" },
	{ "Hyp hVHE mode initialized", DOCTOR_BAD, "KVM is not protected", NULL },
	{ "Hyp nVHE mode initialized", DOCTOR_BAD, "KVM is not protected", NULL },
	{ "VHE mode initialized", DOCTOR_BAD, "KVM is not protected", NULL },
	{ "Cannot initialize protected mode without PSCI", DOCTOR_BAD, "KVM did not come up",
	  "Use a firmware with PSCI 1.0 at EL3 (TF-A), named in the device tree or ACPI" },
	{ "Failed to register hyp memblocks", DOCTOR_BAD, "KVM did not come up",
	  "The firmware's memory map has too many regions for the hypervisor; `dmesg | grep memblock' lists them" },
	{ "Failed to reserve hyp memory", DOCTOR_BAD, "KVM did not come up",
	  "The hypervisor got no memory: add memory, or reserve less (cma=, crashkernel=)" },
	{ "pKVM requires firmware support", DOCTOR_BAD, "KVM did not come up",
	  "Use a newer firmware at EL3 with the workaround that the line names" },
	{ "Failed to initialize Hyp tracing", DOCTOR_BAD, "KVM did not come up",
	  "`dmesg | grep -i \"hyp trace\"' says why; a kernel without CONFIG_NVHE_EL2_TRACING comes up, but has no verdicts" },
	{ "Failed to init hyp memory protection", DOCTOR_BAD, "KVM did not come up",
	  "Earlier lines of `dmesg | grep kvm' say why" },
	{ "error initializing Hyp mode", DOCTOR_BAD, "KVM did not come up",
	  "Earlier lines of `dmesg | grep kvm' say why" },
};

static const struct kvm_line *kvm_line(const struct doctor_facts *facts)
{
	char line[8];

	for (size_t i = 0; i < SIZE(kvm_lines); i++) {
		if (doctor_log_find(facts->log, kvm_lines[i].words, line, sizeof(line)))
			return &kvm_lines[i];
	}
	return NULL;
}

enum doctor_state doctor_protected(const struct doctor_facts *facts)
{
	const struct kvm_line *line = kvm_line(facts);

	if (line)
		return line->state;
	if (strstr(facts->cmdline, "kvm-arm.mode=none"))
		return DOCTOR_BAD;
	/* The log of the boot has no line about KVM at all, so KVM was not asked for protection. */
	if (doctor_log_from_boot(facts->log) && !strstr(facts->cmdline, "kvm-arm.mode=protected"))
		return DOCTOR_BAD;
	return !facts->has_kvm && !facts->layout[0] && doctor_log_from_boot(facts->log)
		       ? DOCTOR_BAD
		       : DOCTOR_UNKNOWN;
}

/* What to put on the command line; the last kvm-arm.mode counts, and boot loaders append. */
static void fix_mode(const struct doctor_facts *facts, struct doctor_result *result)
{
	char mode[64] = "";

	for (const char *at = facts->cmdline; (at = strstr(at, "kvm-arm.mode=")); at++)
		snprintf(mode, sizeof(mode), "%.*s", (int)strcspn(at, " "), at);

	if (!mode[0])
		doctor_fix(result, "Boot with kvm-arm.mode=protected");
	else if (strcmp(mode, "kvm-arm.mode=protected"))
		doctor_fix(result,
			   "Boot with kvm-arm.mode=protected instead of %s (the last counts)",
			   mode);
	else
		doctor_fix(
			result,
			"kvm-arm.mode=protected is on the command line; `dmesg | grep -i kvm' says why it had no effect");
}

/* Without a line in the log: command line and /dev/kvm. */
static void pkvm_without_line(const struct doctor_facts *facts, struct doctor_result *result)
{
	bool whole = doctor_log_from_boot(facts->log);
	bool asked = strstr(facts->cmdline, "kvm-arm.mode=protected");

	if (strstr(facts->cmdline, "kvm-arm.mode=none")) {
		doctor_found(result, DOCTOR_BAD, "KVM is disabled on the command line");
		doctor_seen(result, "%s", facts->cmdline);
		fix_mode(facts, result);
	} else if (asked && (facts->has_kvm || !whole)) {
		doctor_found(
			result, DOCTOR_UNKNOWN,
			"the command line asks for protected KVM; the log does not say whether it came up");
		doctor_seen(result, "%s", facts->cmdline);
		doctor_fix(result, "Look for `kvm' in the log of the boot (as root)");
		return;
	} else if (facts->has_kvm || facts->layout[0]) {
		doctor_found(result, whole ? DOCTOR_BAD : DOCTOR_UNKNOWN,
			     "KVM exists; nothing says that it is protected");
		doctor_seen(result, "%s", facts->has_kvm ? "/dev/kvm" : facts->layout);
		doctor_fix(
			result,
			"Boot with kvm-arm.mode=protected; the log then says `kvm [1]: Protected ...'");
	} else {
		doctor_source_of(result, "kernel log, /dev/kvm");
		doctor_found(result, DOCTOR_BAD, "no KVM");
		doctor_seen(result, "/dev/kvm: missing");
		doctor_fix(result,
			   "Boot a kernel with CONFIG_KVM=y at EL2, with kvm-arm.mode=protected");
	}
	doctor_effect(result, "%s%s",
		      result->state == DOCTOR_BAD ? "" : "if it is not: ", NO_PROXY);
}

DOCTOR_JUDGE(pkvm)
{
	const struct kvm_line *line = kvm_line(facts);
	char text[160];

	log_source(facts, result);
	if (!line) {
		pkvm_without_line(facts, result);
		return;
	}

	doctor_log_says(facts, result, line->words);
	doctor_log_find(facts->log, line->words, text, sizeof(text));
	doctor_found(result, line->state, "%s", line->found ? line->found : text);
	if (line->state == DOCTOR_GOOD)
		return;
	doctor_effect(result, NO_PROXY);
	if (line->fix)
		doctor_fix(result, "%s", line->fix);
	else
		fix_mode(facts, result);
}

/* Android: modules at EL2 may take SMCs before the proxy sees them. */
DOCTOR_JUDGE(el2_modules)
{
	static const char words[] = "kvm-arm.protected_modules=";
	const char *at = strstr(facts->cmdline, words);

	doctor_source_of(result, "kernel command line (kvm-arm.protected_modules)");
	if (!at) {
		doctor_found(result, DOCTOR_GOOD, "no modules at EL2 are named");
		return;
	}
	doctor_seen(result, "%.*s", (int)strcspn(at, " "), at);
	at += strlen(words);
	doctor_found(result, DOCTOR_GOOD, "modules at EL2: %.*s", (int)strcspn(at, " "), at);
	doctor_effect(
		result,
		"one of them may handle SMCs: host_smc with forwarded=0 means the FF-A proxy or such a module");
}
