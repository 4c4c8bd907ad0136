// SPDX-License-Identifier: GPL-2.0-only
/* Rights, the module, the hypervisor's trace and its reader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "doctor/doctor.h"
#include "ffa/version.h"

/* include/uapi/linux/capability.h */
#define CAP_SYS_ADMIN  21

#define REGISTERS_ONLY "every verdict is unknown (tracing-off), and inferred answers are not proven"

/* Splits "What failed. What to type" of an error; the fix is "" if there is none. */
static void put_error(struct doctor_result *result, const char *text, const char *fix)
{
	size_t end = strcspn(text, "\n");
	const char *stop = strstr(text, ". ");
	size_t len = stop && stop < text + end ? (size_t)(stop - text) : end;

	doctor_found(result, DOCTOR_BAD, "%.*s", (int)len, text);
	doctor_seen(result, "%.*s", (int)len, text);
	if (len < end)
		doctor_fix(result, "%.*s", (int)(end - len - 2), text + len + 2);
	else
		doctor_fix(result, "%s", fix);
}

DOCTOR_JUDGE(rights)
{
	doctor_source_of(result, "/proc/self/status");
	doctor_seen(result, "CapEff: %016llx", (unsigned long long)facts->capabilities);
	if (!facts->capabilities_known) {
		doctor_found(result, DOCTOR_UNKNOWN, "the capabilities are not known");
		doctor_seen(result, "no CapEff in /proc/self/status");
		doctor_fix(result, "Run as root");
	} else if (facts->capabilities >> CAP_SYS_ADMIN & 1) {
		doctor_found(result, DOCTOR_GOOD, "CAP_SYS_ADMIN");
	} else {
		doctor_found(result, DOCTOR_BAD, "no CAP_SYS_ADMIN");
		doctor_effect(result, "neither module nor trace can be used");
		doctor_fix(result, "Run as root");
	}
}

/* ---- lockdown ---- */

/* The mode in brackets: "none [integrity] confidentiality"; NULL without securityfs. */
static const char *lockdown_mode(const struct doctor_facts *facts)
{
	const char *mode = strchr(facts->lockdown, '[');

	return mode ? mode + 1 : NULL;
}

bool doctor_tracing_locked(const struct doctor_facts *facts)
{
	const char *mode = lockdown_mode(facts);

	/* security/security.c: LOCKDOWN_TRACEFS belongs to confidentiality, not to integrity. */
	if (mode)
		return !strncmp(mode, "confidentiality", strlen("confidentiality"));
	return strstr(facts->log, "Kernel is locked down") ||
	       strstr(facts->cmdline, "lockdown=confidentiality");
}

DOCTOR_JUDGE(lockdown)
{
	const char *mode = lockdown_mode(facts);

	doctor_source_of(result, "/sys/kernel/security/lockdown, kernel log, command line");
	if (mode && !strncmp(mode, "none]", 5)) {
		doctor_found(result, DOCTOR_GOOD, "off");
		return;
	}

	/* Without securityfs, on Android for example, the file is missing in any mode. */
	if (mode) {
		doctor_found(result, DOCTOR_BAD, "the kernel is locked down: %.*s",
			     (int)strcspn(mode, "]"), mode);
		doctor_seen(result, "%s", facts->lockdown);
	} else if (doctor_log_says(facts, result, "Kernel is locked down")) {
		doctor_found(result, DOCTOR_BAD, "the kernel is locked down");
	} else if (strstr(facts->cmdline, "lockdown=")) {
		doctor_found(result, DOCTOR_UNKNOWN,
			     "lockdown= is on the command line; whether it is active is not known");
		doctor_seen(result, "%s", facts->cmdline);
		doctor_effect(result, "if it is active, the module refuses all calls");
		doctor_fix(
			result,
			"Run `mount -t securityfs nodev /sys/kernel/security' and `ffascope doctor' again");
		return;
	} else {
		doctor_found(result, DOCTOR_GOOD, "no sign of any");
		return;
	}
	doctor_effect(
		result, "the module refuses all calls%s",
		doctor_tracing_locked(facts)
			? "; the kernel may also hide tracefs and refuse BPF (confidentiality)"
			: "");
	doctor_fix(result, "Boot without lockdown= and without Secure Boot");
}

DOCTOR_JUDGE(selinux)
{
	doctor_source_of(result, "/sys/fs/selinux/enforce, /proc/self/attr/current");
	if (facts->selinux[0] != '1') {
		doctor_found(result, DOCTOR_GOOD, "%s", facts->selinux[0] ? "permissive" : "off");
		return;
	}

	doctor_found(result, DOCTOR_UNKNOWN, "enforcing%s%s",
		     facts->context[0] ? "; context of this process: " : "", facts->context);
	doctor_seen(result, "%s", facts->selinux);
	doctor_effect(result, "it may refuse the device, tracefs or BPF (EACCES)");
	doctor_fix(
		result,
		"If it refuses something, `dmesg | grep avc' shows the rule; `setenforce 0' makes it permissive until the next boot");
}

/* ---- the module ---- */

#define OTHER_KERNEL \
	"It was built for another kernel. Build it for this one: with DKMS, with `kmod/build.sh', or with `lab/ffalab tarball --kernel-build TREE'"
#define SIGNED_ONLY \
	"This kernel loads signed modules only. Sign it with a key that the kernel knows (scripts/sign-file), or boot without module.sig_enforce, lockdown= and Secure Boot"

/* kmod/main.c; kernel/module/main.c, version.c and signing.c. Lines that only taint are left out. */
static const struct refusal {
	const char *words, *fix;
} refusals[] = {
	{ "ffascope: firmware has ", "See `firmware'; then run `modprobe ffascope'" },
	{ "ffascope: no FF-A in this firmware", "See `arm-ffa'" },
	{ "ffascope: FFA_ID_GET: error", "See `arm-ffa'; then run `modprobe ffascope'" },
	{ "ffascope: cannot ", "`dmesg' has more; `modprobe ffascope' tries again" },
	{ "ffascope: Unknown symbol", OTHER_KERNEL },
	{ "ffascope: version magic", OTHER_KERNEL },
	{ "ffascope: disagrees about version", OTHER_KERNEL },
	{ "Loading of unsigned module", SIGNED_ONLY },
	{ "Loading of module with un", SIGNED_ONLY },
	{ "Lockdown: insmod: unsigned module", SIGNED_ONLY },
	{ "Lockdown: modprobe: unsigned module", SIGNED_ONLY },
};

/* Why the module was refused the last time. */
static bool was_refused(const struct doctor_facts *facts, struct doctor_result *result)
{
	const struct refusal *last = NULL;
	const char *last_line = NULL;
	char line[200];

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *at = doctor_log_line(facts->log, refusals[i].words);

		if (at && (!last_line || at > last_line)) {
			last_line = at;
			last = &refusals[i];
		}
	}
	if (!last)
		return false;

	doctor_log_find(facts->log, last->words, line, sizeof(line));
	doctor_log_says(facts, result, last->words);
	doctor_found(result, DOCTOR_BAD, "not loaded; it was refused: %s", line);
	doctor_fix(result, "%s", last->fix);
	return true;
}

static void device_open_result(const struct doctor_facts *facts, struct doctor_result *result)
{
	char version[16];

	if (facts->abi != FFASCOPE_ABI_VERSION) {
		doctor_found(result, DOCTOR_BAD,
			     "the loaded module has ABI version %u, this ffascope needs %d",
			     facts->abi, FFASCOPE_ABI_VERSION);
		doctor_seen(result, "ABI %u", facts->abi);
		doctor_effect(result, "no calls can be made with it");
		doctor_fix(result,
			   "Load the module of this ffascope: `rmmod ffascope; modprobe ffascope'");
		return;
	}
	ffa_format_version(facts->ffa_version, version, sizeof(version));
	doctor_found(result, DOCTOR_GOOD, "ABI %u, FF-A %s, conduit %s%s", facts->abi,
		     facts->ffa_version ? version : "version not known",
		     facts->conduit_kind == FFASCOPE_CONDUIT_HVC ? "HVC" : "SMC",
		     facts->unsafe ? ", unsafe=1" : "");
	if (!facts->kept_pages)
		return;
	doctor_effect(
		result,
		"%u pages of programs that ended are still shared with the secure world, so the kernel cannot use them",
		facts->kept_pages);
	doctor_fix(
		result,
		"`dmesg | grep \"memory handle\"' names the handles that could not be reclaimed; `ffascope call --allow-state-change mem-reclaim handle=H' tries again, a reboot returns the pages");
}

static void no_device(const struct doctor_facts *facts, struct doctor_result *result)
{
	doctor_effect(result, "no calls can be made");
	doctor_seen(result, DEVICE_PATH ": missing");
	if (facts->module_loaded) {
		doctor_found(result, DOCTOR_BAD,
			     "the module is loaded, but " DEVICE_PATH " is missing");
		doctor_fix(
			result,
			"devtmpfs or udev should create it; `cat /sys/class/misc/ffascope/dev' gives the numbers for mknod");
	} else if (facts->config[0] && !strstr(facts->config, "CONFIG_MODULES=y")) {
		doctor_found(result, DOCTOR_BAD, "not loaded; this kernel loads no modules");
		doctor_fix(result, "Build the kernel with CONFIG_MODULES=y");
	} else if (!was_refused(facts, result)) {
		doctor_found(result, DOCTOR_BAD, "not loaded (" DEVICE_PATH " is missing)");
		doctor_fix(
			result,
			"Run `modprobe ffascope' (or `insmod ffascope.ko'); if it fails, `dmesg' says why");
	}
}

DOCTOR_JUDGE(module)
{
	const char *text = facts->device_error;

	doctor_source_of(result, DEVICE_PATH ", /sys/module/ffascope, kernel log (ffascope)");
	switch (facts->device) {
	case DOCTOR_DEVICE_OPEN:
		device_open_result(facts, result);
		return;
	case DOCTOR_DEVICE_REFUSED:
		/* The message of device_open(). */
		put_error(result, text + (strncmp(text, "error ", 6) ? 0 : 6),
			  "Run as root; `dmesg' may say more");
		doctor_effect(result, "no calls can be made");
		return;
	case DOCTOR_DEVICE_NONE:
		no_device(facts, result);
		return;
	}
}

DOCTOR_JUDGE(registers)
{
	const struct calibration *cal = &facts->calibration;
	char canaries[256], statuses[256];

	doctor_source_of(result, "a few calls that change nothing, compared with each other");
	if (!cal->measured) {
		doctor_found(result, DOCTOR_UNKNOWN, "registers: not measured");
		doctor_effect(result, "without a trace `inferred' stays empty");
		doctor_fix(result, "See `module'");
		return;
	}
	calibration_sentence(cal, 0, canaries, sizeof(canaries));
	calibration_sentence(cal, 1, statuses, sizeof(statuses));
	doctor_found(result, DOCTOR_GOOD, "%s; %s", canaries, statuses);
	if (!calibration_uses_canaries(cal) && !calibration_uses_statuses(cal))
		doctor_effect(
			result,
			"the registers do not show who answered: without a trace `inferred' stays empty, and with one they cannot contradict it");
}

/* ---- the hypervisor's trace ---- */

static bool has_event(const struct doctor_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->nr_events; i++) {
		if (!strcmp(facts->events[i], name))
			return true;
	}
	return false;
}

static void no_trace(const struct doctor_facts *facts, struct doctor_result *result)
{
	if (doctor_tracing_locked(facts)) {
		doctor_skip(result, "lockdown");
		return;
	}
	doctor_effect(result, REGISTERS_ONLY);
	if (!facts->has_tracefs) {
		doctor_found(result, DOCTOR_BAD, "tracefs is not mounted");
		doctor_seen(result, "/sys/kernel/tracing: missing");
		doctor_fix(result, "Run `mount -t tracefs nodev /sys/kernel/tracing'");
	} else if (strstr(facts->config, "CONFIG_NVHE_EL2_TRACING=y") &&
		   strstr(facts->trace_error, "no hypervisor tracing")) {
		doctor_found(result, DOCTOR_BAD,
			     "this kernel has hypervisor tracing, but tracefs does not show it");
		doctor_seen(result, "CONFIG_NVHE_EL2_TRACING=y; tracefs has no remotes/hypervisor");
		doctor_fix(
			result,
			"It needs EL2 without VHE: see `exception-level' and `pkvm'; `dmesg | grep -i \"hyp trace\"' may say why it failed");
	} else {
		put_error(result, facts->trace_error, "Run as root");
		doctor_seen(result, "no remotes/hypervisor, hypervisor or hyp below tracefs");
	}
}

static const char *layout_era(const struct doctor_facts *facts)
{
	if (!strcmp(facts->layout, "hyp"))
		return " (Android 13 to 15)";
	return !strcmp(facts->layout, "hypervisor") ? " (Android 15 and later)" : "";
}

DOCTOR_JUDGE(trace)
{
	char events[300] = "";
	size_t at = 0;

	doctor_source_of(result, "tracefs: remotes/hypervisor, hypervisor, hyp");
	if (!facts->layout[0]) {
		no_trace(facts, result);
		return;
	}

	for (size_t i = 0; i < facts->nr_events && at < sizeof(events) - 1; i++)
		at += (size_t)snprintf(events + at, sizeof(events) - at, " %s", facts->events[i]);
	doctor_seen(result, "events:%s", events);
	if (!has_event(facts, "hyp_enter") || !has_event(facts, "hyp_exit")) {
		doctor_found(result, DOCTOR_BAD, "%s has no hyp_enter and hyp_exit", facts->layout);
		doctor_effect(result, REGISTERS_ONLY);
		doctor_fix(
			result,
			"Use a kernel whose hypervisor has these events (7.1 and later, or Android's android14-5.15 and later)");
		return;
	}
	doctor_found(result, DOCTOR_GOOD, "%s%s, events%s, %s%s", facts->layout, layout_era(facts),
		     events, facts->has_write_event ? "markers" : "no markers (write_event)",
		     facts->tracing_on ? ", already on" : "");
}

/* ---- what reads the trace ---- */

enum doctor_reading doctor_reading(const struct doctor_facts *facts)
{
	if (!facts->layout[0])
		return DOCTOR_READ_NOTHING;
	if (!strcmp(facts->reader, "fentry") || !strcmp(facts->reader, "kprobe"))
		return DOCTOR_READ_BPF;
	if (!strcmp(facts->reader, "text"))
		return DOCTOR_READ_TEXT;
	/* Not tried: what the files say. */
	return facts->has_btf && facts->btf_fits && facts->has_bpf ? DOCTOR_READ_BPF
								   : DOCTOR_READ_TEXT;
}

static void reads_text(const struct doctor_facts *facts, struct doctor_result *result)
{
	const char *why = "";

	if (!facts->has_btf)
		why = "; the kernel has no types (CONFIG_DEBUG_INFO_BTF)";
	else if (!facts->btf_fits)
		why = "; its types are not those of mainline's events";
	else if (!facts->has_bpf)
		why = "; no BPF (CONFIG_BPF_SYSCALL)";
	else if (!facts->has_kprobes)
		why = "; no kprobes (CONFIG_KPROBE_EVENTS)";
	doctor_found(result, DOCTOR_GOOD, "text of trace_pipe, to the microsecond%s", why);
	doctor_effect(result, "calls closer together than that are unknown: ambiguous");
	doctor_fix(
		result,
		"For nanoseconds: CONFIG_BPF_SYSCALL=y, CONFIG_DEBUG_INFO_BTF=y, and CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBE_EVENTS=y");
}

DOCTOR_JUDGE(reader)
{
	bool tried = facts->reader[0] || facts->reader_error[0];

	doctor_source_of(result, "%s",
			 tried ? "attached BPF and detached it"
			       : "/sys/kernel/btf/vmlinux, BPF, kprobes; not tried");
	if (facts->reader_error[0] && !facts->reader[0]) {
		put_error(result, facts->reader_error,
			  "Run as root (CAP_BPF, CAP_PERFMON); see `lockdown' and `selinux'");
		doctor_effect(result, "the trace exists, but cannot be read");
		return;
	}

	switch (doctor_reading(facts)) {
	case DOCTOR_READ_BPF:
		if (facts->reader[0])
			doctor_found(result, DOCTOR_GOOD, "BPF by %s, to the nanosecond",
				     facts->reader);
		else
			doctor_found(result, DOCTOR_GOOD, "BPF, to the nanosecond%s",
				     facts->has_kprobes ? ""
							: "; no kprobes (CONFIG_KPROBE_EVENTS)");
		return;
	case DOCTOR_READ_TEXT:
		reads_text(facts, result);
		return;
	case DOCTOR_READ_NOTHING:
		doctor_found(result, DOCTOR_UNKNOWN, "no trace to read");
		doctor_fix(result, "See `hyp-trace'");
		return;
	}
}

DOCTOR_JUDGE(hook)
{
	static const char effect[] =
		"`trace' shows no calls of drivers; `call' and `sweep' do not need it";

	doctor_source_of(result, "%s",
			 facts->hook[0] || facts->hook_error[0]
				 ? "attached BPF to arm_ffa and detached it"
				 : "/proc/sys/kernel (BPF); not tried");
	if (facts->hook[0]) {
		doctor_found(result, DOCTOR_GOOD, "`trace' sees the drivers' calls through %s",
			     facts->hook);
	} else if (facts->hook_error[0]) {
		put_error(result, facts->hook_error,
			  "Run as root (CAP_BPF, CAP_PERFMON); see `lockdown'");
		doctor_effect(result, effect);
	} else if (facts->has_bpf) {
		doctor_found(result, DOCTOR_GOOD, "BPF; not tried");
	} else {
		doctor_found(result, DOCTOR_UNKNOWN, "no BPF");
		doctor_effect(result, effect);
		doctor_fix(result,
			   "For `trace': CONFIG_BPF_SYSCALL=y and CONFIG_DEBUG_INFO_BTF=y, with "
			   "CONFIG_FPROBE=y or CONFIG_KPROBE_EVENTS=y");
	}
}

DOCTOR_JUDGE(state)
{
	doctor_source_of(result, "/run/ffascope (on Android /data/local/tmp/ffascope)");
	if (facts->owner[0]) {
		doctor_found(result, DOCTOR_GOOD, "ffascope, process %s, uses the trace now",
			     facts->owner);
		doctor_effect(result, "a second run is refused until it ends");
	} else if (!facts->state[0]) {
		doctor_found(result, DOCTOR_GOOD, "none");
	} else if (facts->state_is_old) {
		doctor_found(result, DOCTOR_GOOD, "of a run before the last boot, without effect");
	} else {
		doctor_found(result, DOCTOR_BAD, "a killed run did not restore the trace settings");
		doctor_seen(result, "/run/ffascope/state");
		doctor_effect(
			result,
			"the hypervisor's trace may be on, with a bigger buffer: every trap costs more");
		doctor_fix(
			result,
			"Run `ffascope doctor --repair'; the next call, sweep or run does the same");
	}
}
