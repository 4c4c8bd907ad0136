// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects what a diagnosis needs from the kernel's log, command line and configuration. The rest,
 * serial numbers and names for example, stays on the machine.
 */
#include <string.h>

#include "doctor/doctor.h"

static bool starts(const char *line, size_t len, const char *words)
{
	return len >= strlen(words) && !strncmp(line, words, strlen(words));
}

/*
 * Skips level, time and further brackets: "<6>[    0.500000][    T1] ARM FF-A: ...", and the prefix
 * of /dev/kmsg: "6,345,500000,-;ARM FF-A: ...".
 */
static const char *message(const char *line, const char *end)
{
	const char *close;

	if (line < end && *line >= '0' && *line <= '9') {
		close = memchr(line, ';', (size_t)(end - line));
		line = close && strspn(line, "0123456789,-c") == (size_t)(close - line) ? close + 1
											: line;
	}
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
	 * Starts of messages: pr_fmt() or the first words. Only the start counts: the line with the
	 * kernel's command line, and the serial number in it, may hold any of these words.
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
		/* Other hypervisors: arch/arm/xen, virt/gunyah, Hafnium's driver, Hyper-V, Jailhouse. */
		"Xen ",
		"gunyah",
		"Running under Gunyah",
		"hafnium",
		"Hafnium",
		"smccc: KVM:",
		"Hyper-V:",
		"The Jailhouse",
		"GICv3: [Firmware Bug]: Illegal GSI",
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
	/* The kernel prints these before it starts KVM and FF-A. */
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
		"CONFIG_ACPI=",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (starts(line, len, options[i]))
			return true;
	}
	return false;
}

const char *doctor_log_line(const char *log, const char *words)
{
	const char *at = NULL, *start;

	for (const char *next = strstr(log, words); next; next = strstr(next + 1, words))
		at = next;
	if (!at)
		return NULL;

	start = memrchr(log, '\n', (size_t)(at - log));
	return start ? start + 1 : log;
}

bool doctor_log_find(const char *log, const char *words, char *buf, size_t size)
{
	const char *at = doctor_log_line(log, words);

	if (!at)
		return false;

	at = strstr(at, words);
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

bool doctor_log_says(const struct doctor_facts *facts, struct doctor_result *result,
		     const char *words)
{
	const char *line = doctor_log_line(facts->log, words), *text;
	size_t len;

	if (!line)
		return false;

	len = strcspn(line, "\n");
	text = message(line, line + len);
	doctor_seen(result, "%.*s", (int)(line + len - text), text);
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
		  "the firmware names an interrupt that this kernel cannot map; arm_ffa needs an SGI of a GICv3" },
		{ "Error registering percpu SRI",
		  "the Schedule Receiver Interrupt is known but is taken by another driver" },
		{ "Error registering percpu NPI",
		  "the Notification Pending Interrupt is known but is taken by another driver" },
		{ "Notification setup failed -6",
		  "arm_ffa found no usable interrupt: the device tree has no GICv3, or the firmware names none" },
		{ "Notification setup failed",
		  "arm_ffa found no usable Schedule Receiver or Notification Pending Interrupt" },
		{ "Notification Info fetch failed",
		  "the secure world raised the Schedule Receiver Interrupt, but FFA_NOTIFICATION_INFO_GET, which lists pending notifications, was refused" },
		{ "Failed to retrieve notifications",
		  "notifications are pending, but FFA_NOTIFICATION_GET was refused" },
		{ "failed to obtain VM id",
		  "FFA_ID_GET was refused: the SPMC does not accept this kernel as an endpoint" },
		{ "failed to register FFA RxTx buffers",
		  "FFA_RXTX_MAP was refused: buffers are mapped already, or the SPMC does not accept their size or address" },
		{ "failed to setup partitions",
		  "partitions could not be queried or registered; earlier lines say which" },
		{ "Failed to initialize async notifications: -95",
		  "OP-TEE's driver got EOPNOTSUPP from arm_ffa: NOTIFICATION_BIND is refused, or arm_ffa has notifications off" },
		{ "Failed to initialize async notifications",
		  "OP-TEE's driver could not get a notification" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strstr(line, lines[i].words))
			return lines[i].means;
	}
	return NULL;
}
