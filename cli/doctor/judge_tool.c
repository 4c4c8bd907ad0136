// SPDX-License-Identifier: GPL-2.0-only
/* Rights, the module, the hypervisor's trace and what reads it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "doctor/doctor.h"
#include "ffa/ffa.h"

/* include/uapi/linux/capability.h */
#define CAP_SYS_ADMIN 21

#define REGISTERS_ONLY \
	"every verdict of a call is unknown (tracing-off), and `inferred' says what the registers look like, which proves nothing"

void doctor_judge_rights(const struct doctor_facts *facts, struct doctor_link *link)
{
	doctor_source_of(link, "/proc/self/status");
	if (!facts->capabilities_known) {
		doctor_found(link, DOCTOR_UNKNOWN, "no capabilities are told");
		doctor_fix(link, "Run as root");
	} else if (facts->capabilities >> CAP_SYS_ADMIN & 1) {
		doctor_found(link, DOCTOR_GOOD, "CAP_SYS_ADMIN");
	} else {
		doctor_found(link, DOCTOR_BAD, "no CAP_SYS_ADMIN");
		doctor_effect(link, "neither the module nor the trace can be used");
		doctor_fix(link, "Run as root");
	}
}

void doctor_judge_lockdown(const struct doctor_facts *facts, struct doctor_link *link)
{
	/* "none [integrity] confidentiality": the one in brackets is in force. */
	const char *mode = strchr(facts->lockdown, '[');

	char line[160];

	doctor_source_of(link, "/sys/kernel/security/lockdown, the kernel's log and command line");
	if (mode && !strncmp(mode, "[none]", 6)) {
		doctor_found(link, DOCTOR_GOOD, "none");
		return;
	}

	/* Without securityfs, as on Android, the file is missing whatever is in force. */
	if (mode) {
		doctor_found(link, DOCTOR_BAD, "the kernel is locked down: %s", facts->lockdown);
	} else if (doctor_log_find(facts->log, "Kernel is locked down", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "%s", line);
	} else if (strstr(facts->cmdline, "lockdown=")) {
		doctor_found(
			link, DOCTOR_UNKNOWN,
			"lockdown= is on the command line; whether it is in force is not told");
		doctor_effect(link, "where it is, the module refuses all calls");
		doctor_fix(
			link,
			"Run `mount -t securityfs nodev /sys/kernel/security' and `ffascope doctor' again");
		return;
	} else {
		doctor_found(link, DOCTOR_GOOD, "nothing tells of any");
		return;
	}
	doctor_effect(
		link,
		"the module refuses all calls, and with [confidentiality] BPF and tracefs are closed too");
	doctor_fix(link, "Boot without lockdown= and without Secure Boot");
}

void doctor_judge_selinux(const struct doctor_facts *facts, struct doctor_link *link)
{
	doctor_source_of(link, "/sys/fs/selinux/enforce, /proc/self/attr/current");
	if (facts->selinux[0] != '1') {
		doctor_found(link, DOCTOR_GOOD, "%s",
			     facts->selinux[0] ? "permissive" : "not there");
		return;
	}

	doctor_found(link, DOCTOR_UNKNOWN, "enforcing%s%s",
		     facts->context[0] ? "; this process is " : "", facts->context);
	doctor_effect(link,
		      "a refusal (EACCES) of the device, of tracefs or of BPF may be its work");
	doctor_fix(
		link,
		"Where something is refused: `dmesg | grep avc' names the rule, `setenforce 0' switches it off until the next boot");
}

/* Why the module was refused the last time, in its own words or in the kernel's. */
static bool was_refused(const struct doctor_facts *facts, struct doctor_link *link)
{
#define OTHER_KERNEL \
	"It was built for another kernel. Build it for this one: with DKMS, with `kmod/build.sh', or with `lab/ffalab tarball --kernel-build TREE'"
#define SIGNED_ONLY \
	"This kernel takes signed modules only. Sign it with a key that the kernel knows (its scripts/sign-file), or boot without module.sig_enforce, lockdown= and Secure Boot"
	/* kmod/main.c; kernel/module/main.c, version.c and signing.c. What only taints is left out. */
	static const struct {
		const char *words, *fix;
	} lines[] = {
		{ "ffascope: firmware has ", "See `firmware'; then `modprobe ffascope'" },
		{ "ffascope: no FF-A in this firmware", "See `FF-A driver'" },
		{ "ffascope: FFA_ID_GET: error", "See `FF-A driver'; then `modprobe ffascope'" },
		{ "ffascope: cannot ", "`dmesg' has more; `modprobe ffascope' tries again" },
		{ "ffascope: Unknown symbol", OTHER_KERNEL },
		{ "ffascope: version magic", OTHER_KERNEL },
		{ "ffascope: disagrees about version", OTHER_KERNEL },
		{ "Loading of unsigned module", SIGNED_ONLY },
		{ "Loading of module with un", SIGNED_ONLY },
		{ "Lockdown: insmod: unsigned module", SIGNED_ONLY },
		{ "Lockdown: modprobe: unsigned module", SIGNED_ONLY },
	};
	const char *fix = NULL;
	char line[200];

	for (const char *at = facts->log; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		size_t len = strcspn(at, "\n");

		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			const char *words = memmem(at, len, lines[i].words, strlen(lines[i].words));

			if (!words)
				continue;
			snprintf(line, sizeof(line), "%.*s", (int)(len - (size_t)(words - at)),
				 words);
			fix = lines[i].fix;
		}
	}
	if (!fix)
		return false;

	doctor_found(link, DOCTOR_BAD, "not loaded; it was refused: %s", line);
	doctor_fix(link, "%s", fix);
	return true;
}

void doctor_judge_module(const struct doctor_facts *facts, struct doctor_link *link)
{
	const char *text = facts->device_error, *stop;
	char version[16];

	doctor_source_of(link, DEVICE_PATH ", /sys/module/ffascope, the kernel's log (ffascope)");
	switch (facts->device) {
	case DOCTOR_DEVICE_OPEN:
		if (facts->abi != FFASCOPE_ABI_VERSION) {
			doctor_found(
				link, DOCTOR_BAD,
				"the module that is loaded has ABI version %u, this ffascope needs %d",
				facts->abi, FFASCOPE_ABI_VERSION);
			doctor_effect(link, "no calls can be made with it");
			doctor_fix(
				link,
				"Load the module that came with this ffascope: `rmmod ffascope; modprobe ffascope'");
			return;
		}
		ffa_format_version(facts->ffa_version, version, sizeof(version));
		doctor_found(link, DOCTOR_GOOD, "ABI %u, FF-A %s, conduit %s%s", facts->abi,
			     facts->ffa_version ? version : "version not known",
			     facts->conduit_kind == FFASCOPE_CONDUIT_HVC ? "HVC" : "SMC",
			     facts->unsafe ? ", unsafe=1" : "");
		return;
	case DOCTOR_DEVICE_REFUSED:
		/* The message of device_open(): what is wrong, a full stop, the fix. */
		text += strncmp(text, "error ", 6) ? 0 : 6;
		stop = strstr(text, ". ");
		doctor_found(link, DOCTOR_BAD, "%.*s",
			     (int)(stop ? (size_t)(stop - text) : strcspn(text, "\n")), text);
		doctor_effect(link, "no calls can be made");
		if (stop)
			doctor_fix(link, "%.*s", (int)strcspn(stop + 2, "\n"), stop + 2);
		return;
	case DOCTOR_DEVICE_NONE:
		break;
	}

	doctor_effect(link, "no calls can be made");
	if (facts->module_loaded) {
		doctor_found(link, DOCTOR_BAD,
			     "the module is loaded, but " DEVICE_PATH " is not there");
		doctor_fix(
			link,
			"devtmpfs or udev should make it: `cat /sys/class/misc/ffascope/dev' gives the numbers for mknod");
	} else if (strstr(facts->config, "CONFIG_ARM_FFA_TRANSPORT=") == NULL && facts->config[0]) {
		doctor_found(link, DOCTOR_BAD,
			     "not loaded; this kernel has no arm_ffa, which it needs");
		doctor_fix(link, "See `FF-A driver'");
	} else if (facts->config[0] && !strstr(facts->config, "CONFIG_MODULES=y")) {
		doctor_found(link, DOCTOR_BAD, "not loaded; this kernel loads no modules");
		doctor_fix(link, "Build the kernel with CONFIG_MODULES=y");
	} else if (was_refused(facts, link)) {
		return;
	} else {
		doctor_found(link, DOCTOR_BAD, "not loaded (" DEVICE_PATH " is not there)");
		doctor_fix(
			link,
			"Run `modprobe ffascope' (or `insmod ffascope.ko'); `dmesg' says why where it refuses");
	}
}

void doctor_judge_registers(const struct doctor_facts *facts, struct doctor_link *link)
{
	const struct calibration *cal = &facts->calibration;
	char canaries[256], statuses[256];

	doctor_source_of(link, "a few calls that change nothing, compared with each other");
	if (!cal->measured) {
		doctor_found(link, DOCTOR_UNKNOWN, "not measured");
		doctor_effect(link, "without a trace `inferred' stays empty");
		doctor_fix(link, "See `module'");
		return;
	}
	calibration_sentence(cal, 0, canaries, sizeof(canaries));
	calibration_sentence(cal, 1, statuses, sizeof(statuses));
	doctor_found(link, DOCTOR_GOOD, "%s; %s", canaries, statuses);
	if (!calibration_uses_canaries(cal) && !calibration_uses_statuses(cal))
		doctor_effect(
			link,
			"the registers do not show who answered: without a trace `inferred' stays empty, with one they cannot contradict it");
}

static bool has_event(const struct doctor_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->nr_events; i++) {
		if (!strcmp(facts->events[i], name))
			return true;
	}
	return false;
}

void doctor_judge_trace(const struct doctor_facts *facts, struct doctor_link *link)
{
	const char *stop;
	char events[300] = "";
	size_t at = 0;

	doctor_source_of(link, "tracefs: remotes/hypervisor, hypervisor, hyp");
	if (!facts->has_tracefs) {
		doctor_found(link, DOCTOR_BAD, "tracefs is not mounted");
		doctor_effect(link, REGISTERS_ONLY);
		doctor_fix(link, "Run `mount -t tracefs nodev /sys/kernel/tracing'");
		return;
	}
	if (!facts->layout[0] && strstr(facts->config, "CONFIG_NVHE_EL2_TRACING=y") &&
	    strstr(facts->trace_error, "no hypervisor tracing")) {
		doctor_found(
			link, DOCTOR_BAD,
			"this kernel has hypervisor tracing built in, and tracefs has none of it");
		doctor_effect(link, REGISTERS_ONLY);
		doctor_fix(
			link,
			"Nothing is traced without EL2 or with VHE: see `exception level' and `protected KVM'");
		return;
	}
	if (!facts->layout[0]) {
		stop = strstr(facts->trace_error, ". ");
		doctor_found(link, DOCTOR_BAD, "%.*s",
			     (int)(stop ? (size_t)(stop - facts->trace_error)
					: strlen(facts->trace_error)),
			     facts->trace_error);
		doctor_effect(link, REGISTERS_ONLY);
		doctor_fix(link, "%s", stop ? stop + 2 : "Run as root");
		return;
	}

	for (size_t i = 0; i < facts->nr_events && at < sizeof(events) - 1; i++)
		at += (size_t)snprintf(events + at, sizeof(events) - at, " %s", facts->events[i]);
	if (!has_event(facts, "hyp_enter") || !has_event(facts, "hyp_exit")) {
		doctor_found(link, DOCTOR_BAD,
			     "%s is there, without hyp_enter and hyp_exit (events:%s)",
			     facts->layout, events);
		doctor_effect(link, REGISTERS_ONLY);
		doctor_fix(
			link,
			"A kernel whose hypervisor has these events (7.1 and later, or Android's android14-5.15 and later)");
		return;
	}
	doctor_found(link, DOCTOR_GOOD, "%s, events%s, %s%s", facts->layout, events,
		     facts->has_write_event ? "markers" : "no markers (write_event)",
		     facts->tracing_on ? ", on already" : "");
}

void doctor_judge_reader(const struct doctor_facts *facts, struct doctor_link *link)
{
	char why[300] = "";
	size_t at = 0;

	doctor_source_of(link, "%s",
			 facts->reader[0] || facts->reader_error[0]
				 ? "tried: BPF attached and let go"
				 : "/sys/kernel/btf/vmlinux, BPF, kprobes; not tried");
	if (!facts->layout[0]) {
		doctor_found(link, DOCTOR_UNKNOWN, "there is no trace to read");
		doctor_fix(link, "See `hypervisor trace'");
		return;
	}

	if (!strcmp(facts->reader, "fentry") || !strcmp(facts->reader, "kprobe")) {
		doctor_found(link, DOCTOR_GOOD, "BPF by %s, to the nanosecond", facts->reader);
		return;
	}

	if (!facts->has_btf)
		at += (size_t)snprintf(why + at, sizeof(why) - at,
				       "; no types (CONFIG_DEBUG_INFO_BTF)");
	else if (!facts->btf_fits)
		at += (size_t)snprintf(why + at, sizeof(why) - at,
				       "; its types are not those of mainline's events");
	if (!facts->has_bpf)
		at += (size_t)snprintf(why + at, sizeof(why) - at, "; no BPF (CONFIG_BPF_SYSCALL)");
	if (!facts->has_kprobes)
		snprintf(why + at, sizeof(why) - at, "; no kprobes (CONFIG_KPROBE_EVENTS)");

	if (!strcmp(facts->reader, "text") || !facts->has_btf || !facts->has_bpf) {
		doctor_found(link, DOCTOR_GOOD, "the text of trace_pipe, to the microsecond%s",
			     why);
		doctor_effect(link,
			      "calls that lie closer together than that are unknown: ambiguous");
		doctor_fix(
			link,
			"For nanoseconds: CONFIG_BPF_SYSCALL=y, CONFIG_DEBUG_INFO_BTF=y, and CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBE_EVENTS=y");
	} else if (facts->reader_error[0]) {
		doctor_found(link, DOCTOR_BAD, "%s", facts->reader_error);
		doctor_effect(link, "the trace is there, and cannot be read");
		doctor_fix(
			link,
			"Run as root (CAP_BPF, CAP_PERFMON), and look at `lockdown' and `SELinux'");
	} else {
		doctor_found(link, DOCTOR_GOOD, "BPF can decode it%s", why);
	}
}

void doctor_judge_state(const struct doctor_facts *facts, struct doctor_link *link)
{
	doctor_source_of(link, "/run/ffascope (on Android /data/local/tmp/ffascope)");
	if (facts->owner[0]) {
		doctor_found(link, DOCTOR_GOOD, "ffascope, process %s, uses the trace now",
			     facts->owner);
		doctor_effect(link, "a second run is refused until it has ended");
	} else if (!facts->state[0]) {
		doctor_found(link, DOCTOR_GOOD, "none");
	} else if (facts->state_is_old) {
		doctor_found(link, DOCTOR_GOOD,
			     "that of a run before the last boot, which says nothing any more");
	} else {
		doctor_found(link, DOCTOR_BAD,
			     "a run was killed and has left the trace as it had set it");
		doctor_effect(
			link,
			"the hypervisor's trace may be on, with a bigger buffer: every trap costs more");
		doctor_fix(
			link,
			"Run `ffascope doctor --repair'; the next call, sweep or run does the same");
	}
}
