// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's log, command line and configuration: what of them a diagnosis needs. All else stays
 * where it is, serial numbers and names among it.
 */
#include <string.h>

#include "doctor/doctor.h"

static bool starts(const char *line, size_t len, const char *words)
{
	return len >= strlen(words) && !strncmp(line, words, strlen(words));
}

/*
 * Where the message of a line begins, behind level, time and what some kernels put in brackets next
 * to it: "<6>[    0.500000][    T1] ARM FF-A: ...".
 */
static const char *message(const char *line, const char *end)
{
	const char *close;

	if (line < end && *line == '<') {
		close = memchr(line, '>', (size_t)(end - line));
		line = close ? close + 1 : line;
	}
	for (;;) {
		while (line < end && *line == ' ')
			line++;
		close = line < end && *line == '[' ? memchr(line, ']', (size_t)(end - line)) : NULL;
		if (!close)
			return line;
		line = close + 1;
	}
}

bool doctor_log_keep(const char *line, size_t len)
{
	/*
	 * How the messages of these subsystems begin, their pr_fmt() or the first words. Only there:
	 * the kernel's own command line, serial number and all, is a message that may hold any of them.
	 */
	static const char *const words[] = {
		"kvm [",
		"KVM is not available",
		"kvm: ",
		"Protected KVM",
		"Failed to finalize Hyp protection",
		"ARM FF-A:",
		"arm_ffa",
		"ffa_core:",
		"ffa_module:",
		"optee:",
		"optee ",
		"psci: ",
		"CPU: All CPU(s) started at",
		"CPU: CPUs started in inconsistent modes",
		"ffascope:",
		"hyp trace",
		"Kernel is locked down",
		"Lockdown: ffascope:",
		"Lockdown: insmod:",
		"Lockdown: modprobe:",
		"Loading of unsigned module is rejected",
		"Loading of module with un",
	};
	const char *text = message(line, line + len);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (starts(text, len - (size_t)(text - line), words[i]))
			return true;
	}
	return false;
}

bool doctor_log_from_boot(const char *log)
{
	/* Either is older than KVM and FF-A; what is missing after it was not said. */
	return strstr(log, "psci: probing for conduit method") || strstr(log, "started at EL") ||
	       strstr(log, "CPUs started in inconsistent modes");
}

bool doctor_cmdline_keep(const char *word, size_t len)
{
	static const char *const names[] = {
		"kvm-arm.", "lockdown=", "arm_ffa.", "ffascope.",	   "id_aa64",
		"arm64.no", "nokaslr",	 "selinux=", "enforcing=",	   "trace_",
		"ftrace",   "nosmp",	 "maxcpus=", "module.sig_enforce",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (starts(word, len, names[i]))
			return true;
	}
	return false;
}

bool doctor_config_keep(const char *line, size_t len)
{
	static const char *const options[] = {
		"CONFIG_KVM=",
		"CONFIG_NVHE_EL2_DEBUG=",
		"CONFIG_NVHE_EL2_TRACING=",
		"CONFIG_ARM_FFA_TRANSPORT=",
		"CONFIG_BPF_SYSCALL=",
		"CONFIG_BPF_JIT=",
		"CONFIG_BPF_EVENTS=",
		"CONFIG_DEBUG_INFO_BTF=",
		"CONFIG_FUNCTION_TRACER=",
		"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=",
		"CONFIG_KPROBES=",
		"CONFIG_KPROBE_EVENTS=",
		"CONFIG_MODULES=",
		"CONFIG_MODULE_SIG_FORCE=",
		"CONFIG_OPTEE=",
		"CONFIG_FTRACE=",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (starts(line, len, options[i]))
			return true;
	}
	return false;
}

bool doctor_log_find(const char *log, const char *words, char *buf, size_t size)
{
	const char *at = NULL;

	/* The last one: a driver may have been loaded again. */
	for (const char *next = strstr(log, words); next; next = strstr(next + 1, words))
		at = next;
	if (!at)
		return false;

	snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

const char *doctor_log_explain(const char *line)
{
	/* drivers/firmware/arm_ffa/driver.c and drivers/tee/optee/ffa_abi.c of 7.3. */
	static const struct {
		const char *words, *means;
	} lines[] = {
		{ "Notification bitmap create error",
		  "FFA_FEATURES knows NOTIFICATION_BITMAP_CREATE, but the call itself failed: the SPMC (or the proxy) refused the bitmap" },
		{ "Failed to retrieve FF-A Notification Pending",
		  "FFA_FEATURES gave an error for the Notification Pending Interrupt other than NOT_SUPPORTED" },
		{ "Failed to retrieve FF-A Schedule Receiver",
		  "FFA_FEATURES gave an error for the Schedule Receiver Interrupt other than NOT_SUPPORTED" },
		{ "Failed to create IRQ mapping",
		  "the firmware names an interrupt that this kernel's interrupt controller cannot map; arm_ffa wants an SGI of a GICv3" },
		{ "Error registering percpu SRI",
		  "the Schedule Receiver Interrupt is known but could not be taken: somebody has it already" },
		{ "Error registering percpu NPI",
		  "the Notification Pending Interrupt is known but could not be taken: somebody has it already" },
		{ "Notification setup failed -6",
		  "arm_ffa found no interrupt that it could use: this machine's device tree has no GICv3, or the firmware names none" },
		{ "Notification setup failed",
		  "arm_ffa found neither a Schedule Receiver nor a Notification Pending Interrupt that it could use" },
		{ "Notification Info fetch failed",
		  "the secure world raised the Schedule Receiver Interrupt, but FFA_NOTIFICATION_INFO_GET, by which arm_ffa asks what is pending, was refused" },
		{ "Failed to retrieve notifications",
		  "arm_ffa was told that notifications are pending, but FFA_NOTIFICATION_GET was refused" },
		{ "failed to obtain VM id",
		  "FFA_ID_GET was refused: what is behind EL3 does not take this kernel for an endpoint" },
		{ "failed to register FFA RxTx buffers",
		  "FFA_RXTX_MAP was refused: somebody has mapped buffers already, or their size or place does not please" },
		{ "failed to setup partitions",
		  "no partition could be asked for or registered; the lines before say which" },
		{ "Failed to initialize async notifications: -95",
		  "OP-TEE's driver asked arm_ffa for a notification and was told that it has none (EOPNOTSUPP): NOTIFICATION_BIND is refused, or arm_ffa has notifications off" },
		{ "Failed to initialize async notifications",
		  "OP-TEE's driver could not have a notification" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strstr(line, lines[i].words))
			return lines[i].means;
	}
	return NULL;
}
