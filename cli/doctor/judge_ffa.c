// SPDX-License-Identifier: GPL-2.0-only
/* FF-A from the driver down to the SPMC, and what it offers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor.h"
#include "ffa/ffa.h"

/* Made and answered with success. */
static bool succeeded(const struct doctor_answer *answer)
{
	return answer->made && ((uint32_t)answer->x0 == FFA_FID_SUCCESS ||
				(uint32_t)answer->x0 == FFA_FID_SUCCESS_64);
}

/* "NOT_SUPPORTED", a number, or "-1 in x0". */
static void error_name(const struct doctor_answer *answer, char buf[40])
{
	const char *name = ffa_status_name((int32_t)answer->x2);

	if ((uint32_t)answer->x0 != FFA_FID_ERROR)
		snprintf(buf, 40, "x0 = 0x%" PRIx64, answer->x0);
	else if (name)
		snprintf(buf, 40, "%s", name);
	else
		snprintf(buf, 40, "error %d", (int32_t)answer->x2);
}

static const char *who(const struct doctor_answer *answer)
{
	switch (answer->inferred) {
	case VERDICT_SUGGESTS_EL2:
		return "; the registers look like an answer of the hypervisor's own";
	case VERDICT_SUGGESTS_SECURE:
		return "; the registers look like an answer from EL3 or the secure world";
	case VERDICT_SILENT:
		break;
	}
	return "";
}

static bool is_protected(const struct doctor_facts *facts)
{
	char line[8];

	return doctor_log_find(facts->log, "Protected hVHE", line, sizeof(line)) ||
	       doctor_log_find(facts->log, "Protected nVHE", line, sizeof(line));
}

void doctor_judge_driver(const struct doctor_facts *facts, struct doctor_link *link)
{
	char line[160], version[16];

	doctor_source_of(link, "/sys/bus/arm_ffa, the kernel's log (ARM FF-A), the module");
	if (!facts->has_ffa_bus) {
		doctor_found(link, DOCTOR_BAD,
			     "the kernel has no FF-A driver (/sys/bus/arm_ffa is not there)");
		doctor_effect(
			link,
			"nobody negotiates a version; the module needs arm_ffa and does not load");
		doctor_fix(
			link,
			strstr(facts->config, "CONFIG_ARM_FFA_TRANSPORT=m")
				? "Run `modprobe arm_ffa'"
				: "Run `modprobe arm_ffa', or build the kernel with CONFIG_ARM_FFA_TRANSPORT=y");
		return;
	}

	if (facts->ffa_version) {
		ffa_format_version(facts->ffa_version, version, sizeof(version));
		if (!doctor_log_find(facts->log, "Driver version ", line, sizeof(line)))
			snprintf(line, sizeof(line), "Driver version not known");
		doctor_found(link, DOCTOR_GOOD, "arm_ffa negotiated FF-A %s (%s)", version, line);
	} else if (doctor_log_find(facts->log, "Incompatible v", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "arm_ffa and the firmware agree on no version: %s",
			     line);
		doctor_effect(link, "arm_ffa has given up, and there is no FF-A here");
		doctor_fix(
			link,
			"A firmware that speaks FF-A 1.0 to 1.2, or a kernel that is as new as the firmware");
	} else if (doctor_log_find(facts->log, "failed to register FFA RxTx buffers", line,
				   sizeof(line)) ||
		   doctor_log_find(facts->log, "failed to obtain VM id", line, sizeof(line)) ||
		   doctor_log_find(facts->log, "failed to setup partitions", line, sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "arm_ffa has given up: %s", line);
		doctor_effect(link, "no driver has FF-A here: %s", doctor_log_explain(line));
		doctor_fix(
			link,
			"`dmesg | grep FF-A' has what came before it; ffascope's own calls may work all the same");
	} else if (doctor_log_find(facts->log, "Firmware version ", line, sizeof(line)) ||
		   doctor_log_find(facts->log, "Firmware version higher", line, sizeof(line))) {
		doctor_found(link, DOCTOR_GOOD, "arm_ffa: %s", line);
	} else if (facts->nr_partitions) {
		doctor_found(link, DOCTOR_GOOD, "arm_ffa has partitions; the version is not known");
	} else if (doctor_log_find(facts->log, "FFA_VERSION returned not supported", line,
				   sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "arm_ffa found no FF-A in this firmware: %s", line);
		doctor_effect(link, "there is no FF-A here to make calls to");
		doctor_fix(
			link,
			"The firmware needs an SPMD at EL3 (TF-A: SPD=spmd) and an SPMC behind it");
	} else if (!doctor_log_from_boot(facts->log)) {
		doctor_found(
			link, DOCTOR_UNKNOWN,
			"arm_ffa is there and has no partitions; what it said at the boot is not in the log");
		doctor_effect(link, "nothing by itself: the module finds out when it is loaded");
		doctor_fix(link, "Run `modprobe ffascope' (or `insmod ffascope.ko')");
	} else {
		doctor_found(link, DOCTOR_BAD, "arm_ffa found no FF-A in this firmware");
		doctor_effect(link, "there is no FF-A here to make calls to");
		doctor_fix(
			link,
			"`dmesg | grep FF-A' says why. The firmware needs SMCCC 1.2 and an SPMD at EL3 (TF-A: SPD=spmd)");
	}
}

void doctor_judge_proxy(const struct doctor_facts *facts, struct doctor_link *link)
{
	const struct doctor_answer *answer = &facts->answers[DOCTOR_VERSION];
	char version[16];

	doctor_source_of(link, "FFA_VERSION through the module");
	if (!is_protected(facts) && doctor_log_from_boot(facts->log)) {
		doctor_found(link, DOCTOR_UNKNOWN,
			     "this kernel has none: its KVM is not protected");
		doctor_effect(link, "calls go to the firmware as they are");
		doctor_fix(link, "See `protected KVM'");
	} else if (!answer->made) {
		doctor_found(link, DOCTOR_UNKNOWN, "not asked: no calls can be made yet");
		doctor_fix(link, "See `module'");
	} else if ((int32_t)answer->x0 < 0) {
		doctor_found(link, DOCTOR_BAD, "FFA_VERSION is answered with %d",
			     (int32_t)answer->x0);
		doctor_effect(link, "no version is in force between this kernel and the firmware");
		doctor_fix(link, "`ffascope call ffa-version' shows who answers so");
	} else {
		ffa_format_version((uint32_t)answer->x0, version, sizeof(version));
		doctor_found(link, DOCTOR_GOOD, "FF-A %s is in force at the hypervisor%s", version,
			     who(answer));
	}
}

void doctor_judge_spmc(const struct doctor_facts *facts, struct doctor_link *link)
{
	const struct doctor_answer *spm = &facts->answers[DOCTOR_SPM_ID_GET];
	const struct doctor_answer *id = &facts->answers[DOCTOR_ID_GET];
	char why[40], version[16];

	doctor_source_of(link, "FFA_ID_GET and FFA_SPM_ID_GET through the module");
	if (!id->made) {
		doctor_found(link, DOCTOR_UNKNOWN, "not asked: no calls can be made yet");
		doctor_fix(link, "See `module'");
		return;
	}
	if (!succeeded(id)) {
		error_name(id, why);
		doctor_found(link, DOCTOR_BAD, "FFA_ID_GET fails: %s%s", why, who(id));
		doctor_effect(link, "what is behind EL3 does not take this kernel for an endpoint");
		doctor_fix(
			link,
			"Look at the firmware's own log: is the SPMC up, and was a version negotiated?");
		return;
	}

	/* The proxy asked for its own version and took the lower of the two: it cannot be more. */
	ffa_format_version((uint32_t)facts->answers[DOCTOR_VERSION].x0, version, sizeof(version));
	if (succeeded(spm)) {
		doctor_found(
			link, DOCTOR_GOOD,
			"SPMC 0x%04x answers, EL3 speaks FF-A %s or later; this kernel is endpoint 0x%04x",
			(unsigned int)spm->x2 & 0xffff,
			facts->answers[DOCTOR_VERSION].made ? version : "1.0",
			(unsigned int)id->x2 & 0xffff);
	} else {
		error_name(spm, why);
		doctor_found(
			link, DOCTOR_GOOD,
			"the secure world answers; its SPMC's ID is not told (%s); this kernel is endpoint 0x%04x",
			why, (unsigned int)id->x2 & 0xffff);
	}
}

/* What a partition can do, out of x3 of PARTITION_INFO_GET_REGS: ID 15:0, properties 63:32. */
static void properties(uint64_t x3, char *buf, size_t size)
{
	/* DEN0077A 6.2, partition properties. */
	static const struct {
		unsigned int bit;
		const char *can;
	} bits[] = {
		{ 0, "takes direct requests" },	  { 1, "sends direct requests" },
		{ 2, "indirect messages" },	  { 3, "notifications" },
		{ 9, "takes direct requests 2" }, { 10, "sends direct requests 2" },
	};
	size_t at = (size_t)snprintf(buf, size, "; 0x%04x:", (unsigned int)x3 & 0xffff);
	const char *comma = " ";

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]) && at < size; i++) {
		if (!(x3 >> (32 + bits[i].bit) & 1))
			continue;
		at += (size_t)snprintf(buf + at, size - at, "%s%s", comma, bits[i].can);
		comma = ", ";
	}
}

/* arm_ffa makes a device of this kernel's own endpoint, too: without a UUID, 0 under pKVM. */
static bool is_own(const struct doctor_facts *facts, const struct doctor_partition *part)
{
	const struct doctor_answer *id = &facts->answers[DOCTOR_ID_GET];
	uint64_t own = succeeded(id) ? id->x2 & 0xffff : 0;

	return part->id[0] && strtoul(part->id, NULL, 0) == own &&
	       part->uuid[strspn(part->uuid, "0-")] == '\0';
}

void doctor_judge_partitions(const struct doctor_facts *facts, struct doctor_link *link)
{
	const struct doctor_answer *count = &facts->answers[DOCTOR_PARTITIONS];
	const struct doctor_answer *regs = &facts->answers[DOCTOR_PARTITION_REGS];
	char text[500] = "", can[160] = "", line[160], why[40];
	size_t at = 0, others = 0;

	doctor_source_of(
		link,
		"/sys/bus/arm_ffa/devices, FFA_PARTITION_INFO_GET (count), FFA_PARTITION_INFO_GET_REGS");
	error_name(regs, why);
	if (succeeded(regs))
		properties(regs->x3, can, sizeof(can));
	else if (regs->made)
		snprintf(can, sizeof(can), "; properties are not told (%s)", why);
	for (size_t i = 0; i < facts->nr_partitions && at < sizeof(text) - 1; i++) {
		const struct doctor_partition *part = &facts->partitions[i];

		if (is_own(facts, part)) {
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s%s %s (this kernel itself)", i ? ", " : "",
					       part->name, part->id);
			continue;
		}
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s %s %.36s (%s%s)",
				       i ? ", " : "", part->name,
				       part->id[0] ? part->id : "no ID told", part->uuid,
				       part->driver[0] ? "driver " : "no driver", part->driver);
		others++;
	}

	if (others) {
		doctor_found(link, DOCTOR_GOOD, "%.400s%s", text, can);
		return;
	}
	if (succeeded(count) && count->x2) {
		doctor_found(link, DOCTOR_BAD,
			     "the SPMC has %" PRIu64 ", arm_ffa has registered none", count->x2);
		doctor_effect(link, "no driver can talk to a partition");
		doctor_fix(link, "`dmesg | grep FF-A' says why arm_ffa could not register them");
	} else if (doctor_log_find(facts->log, "No partitions found", line, sizeof(line)) ||
		   succeeded(count)) {
		doctor_found(link, DOCTOR_BAD, "the SPMC has none that this kernel may see");
		doctor_effect(link, "calls to a partition have no receiver; the others work");
		doctor_fix(link, "The SPMC's manifest or build decides which partitions there are");
	} else {
		doctor_found(link, DOCTOR_UNKNOWN, "none is known");
		doctor_effect(link, "calls to a partition have no receiver that is known");
		doctor_fix(link, "See `FF-A driver'");
	}
}

void doctor_judge_buffers(const struct doctor_facts *facts, struct doctor_link *link)
{
	/* FFA_FEATURES of RXTX_MAP, w2[1:0]: DEN0077A 13.3. */
	static const unsigned int kib[] = { 4, 64, 16, 0 };
	const struct doctor_answer *answer = &facts->answers[DOCTOR_RXTX_MAP];
	char line[160], why[40];

	doctor_source_of(link, "the kernel's log (ARM FF-A), FFA_FEATURES(RXTX_MAP)");
	if (doctor_log_find(facts->log, "failed to register FFA RxTx buffers", line,
			    sizeof(line))) {
		doctor_found(link, DOCTOR_BAD, "arm_ffa could not map them: %s", line);
		doctor_effect(link, "arm_ffa has given up; nothing that takes a buffer works");
		doctor_fix(
			link,
			"Another owner has mapped them (a kernel before kexec, another hypervisor), or the page size does not fit. Reboot cold, or try a kernel with 4 KiB pages");
	} else if (succeeded(answer)) {
		doctor_found(link, DOCTOR_GOOD, "%u KiB at least each%s", kib[answer->x2 & 3],
			     facts->nr_partitions ? "; arm_ffa has mapped them" : "");
	} else if (facts->nr_partitions) {
		doctor_found(link, DOCTOR_GOOD, "arm_ffa has mapped them");
	} else if (answer->made) {
		error_name(answer, why);
		doctor_found(link, DOCTOR_UNKNOWN, "FFA_FEATURES(RXTX_MAP): %s%s", why,
			     who(answer));
		doctor_effect(link, "the size of the buffers is not told");
		doctor_fix(link, "`ffascope call features feature=0xc4000066' shows who refuses");
	} else {
		doctor_found(link, DOCTOR_UNKNOWN, "not known");
		doctor_fix(link, "See `FF-A driver' and `module'");
	}
}

/* The last line of arm_ffa or OP-TEE that tells why they are off. */
static bool complaint(const char *log, char *line, size_t size, const char **means)
{
	static const char *const words[] = {
		"Notification bitmap create error", "Failed to retrieve FF-A",
		"Failed to create IRQ mapping",	    "Error registering percpu",
		"Notification setup failed",	    "Notification Info fetch failed",
		"Failed to retrieve notifications", "Failed to initialize async notifications",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!doctor_log_find(log, words[i], line, size))
			continue;
		*means = doctor_log_explain(line);
		return true;
	}
	return false;
}

#define NO_NOTIFICATIONS \
	"partitions cannot notify this kernel; `ffascope notify' and OP-TEE's asynchronous notifications stay off"

void doctor_judge_notifications(const struct doctor_facts *facts, struct doctor_link *link)
{
	const struct doctor_answer *create = &facts->answers[DOCTOR_BITMAP_CREATE];
	const struct doctor_answer *sri = &facts->answers[DOCTOR_SRI];
	const struct doctor_answer *npi = &facts->answers[DOCTOR_NPI];
	char line[160] = "", why[40];
	const char *means = NULL;
	bool said = complaint(facts->log, line, sizeof(line), &means);

	doctor_source_of(
		link,
		"FFA_FEATURES of BITMAP_CREATE, SRI and NPI; the kernel's log; /proc/interrupts");
	if (create->made && !succeeded(create)) {
		error_name(create, why);
		doctor_found(link, DOCTOR_BAD, "FFA_FEATURES(NOTIFICATION_BITMAP_CREATE): %s%s%s%s",
			     why, who(create), said ? ". " : "", line);
		doctor_effect(link, NO_NOTIFICATIONS);
		doctor_fix(
			link,
			create->inferred == VERDICT_SUGGESTS_EL2
				? "It seems that the proxy of this kernel refuses notifications. With a trace `ffascope call notification-bitmap-create' shows whether it does; examples/proxy-series/ has patches that forward them"
				: "`ffascope call features feature=0x8400007d' shows who refuses; an SPMC must have notifications built in (OP-TEE has, TF-A's SPMC at EL3 has not)");
	} else if (create->made && !succeeded(sri) && !succeeded(npi)) {
		error_name(sri, why);
		doctor_found(
			link, DOCTOR_BAD,
			"the bitmap is there, but FFA_FEATURES knows neither the Schedule Receiver nor the Notification Pending Interrupt (%s)",
			why);
		doctor_effect(link,
			      "notifications can be set, but this kernel never hears of them");
		doctor_fix(
			link,
			"The SPMC or the firmware must give an interrupt to the normal world (OP-TEE: CFG_CORE_ASYNC_NOTIF, TF-A: an SGI for the normal world)");
	} else if (said && means) {
		doctor_found(link, DOCTOR_BAD, "%s: %s", line, means);
		doctor_effect(link, NO_NOTIFICATIONS);
		doctor_fix(
			link,
			create->made
				? "FFA_FEATURES offers them: a reboot or `modprobe -r' and `modprobe' of the driver may take them up"
				: "See `module': with it FFA_FEATURES is asked, which tells who refuses");
	} else if (create->made) {
		doctor_found(link, DOCTOR_GOOD, "bitmap yes, SRI %s, NPI %s%s",
			     succeeded(sri) ? "yes" : "no", succeeded(npi) ? "yes" : "no",
			     facts->ffa_interrupts[0] ? "; arm_ffa has its interrupt" : "");
	} else if (facts->ffa_interrupts[0]) {
		doctor_found(link, DOCTOR_GOOD, "arm_ffa has its interrupt for them");
	} else {
		doctor_found(link, DOCTOR_UNKNOWN, "not asked: no calls can be made yet");
		doctor_fix(link, "See `module'");
	}
}
