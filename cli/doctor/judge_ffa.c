// SPDX-License-Identifier: GPL-2.0-only
/* FF-A: the driver, the proxy, the SPMC and its partitions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor.h"
#include "doctor/judge.h"
#include "ffa/answer.h"
#include "ffa/call.h"

bool doctor_succeeded(const struct doctor_answer *answer)
{
	return answer->made && ((uint32_t)answer->x0 == FFA_FID_SUCCESS ||
				(uint32_t)answer->x0 == FFA_FID_SUCCESS_64);
}

void doctor_answer_name(const struct doctor_answer *answer, char *buf, size_t size)
{
	const char *name = ffa_status_name((int32_t)answer->x2);

	if (doctor_succeeded(answer))
		snprintf(buf, size, "SUCCESS");
	else if ((uint32_t)answer->x0 != FFA_FID_ERROR)
		snprintf(buf, size, "x0 = 0x%" PRIx64, answer->x0);
	else if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "error %d", (int32_t)answer->x2);
}

const char *doctor_answered_by(const struct doctor_facts *facts, const struct doctor_answer *answer)
{
	bool el2 = answer->inferred == VERDICT_SUGGESTS_EL2;

	if (doctor_protected(facts) == DOCTOR_BAD || (uint32_t)answer->x0 != FFA_FID_ERROR)
		return "";
	/* Without calibration: EL2 leaves the status sign-extended to 64 bits in x2, EL3 32 bits. */
	if (!facts->calibration.measured)
		el2 = answer->x2 >> 32 == UINT32_MAX;
	else if (answer->inferred == VERDICT_SILENT)
		return "";
	return el2 ? " (the registers suggest an answer from the hypervisor, not proven)"
		   : " (the registers suggest an answer from EL3 or the secure world, not proven)";
}

/* ---- arm_ffa ---- */

/* Quotes devices_deferred if arm_ffa's probe is deferred: from 7.2 on it waits for pKVM. */
static bool is_deferred(const struct doctor_facts *facts, struct doctor_result *result)
{
	if (!facts->deferred[0])
		return false;

	doctor_source_of(result, "/sys/kernel/debug/devices_deferred");
	doctor_seen(result, "%.*s", (int)strcspn(facts->deferred, "\n"), facts->deferred);
	if (doctor_protected(facts) == DOCTOR_BAD &&
	    strstr(facts->cmdline, "kvm-arm.mode=protected")) {
		doctor_skip(result, "pkvm");
		return true;
	}
	doctor_found(result, DOCTOR_BAD, "arm_ffa waits for pKVM: its probe is deferred");
	doctor_effect(result, "no version is negotiated yet; this says nothing about the firmware");
	doctor_fix(
		result,
		"When pKVM is up (see pkvm), run `echo arm-ffa >/sys/bus/platform/drivers_probe'");
	return true;
}

static void no_driver(const struct doctor_facts *facts, struct doctor_result *result)
{
	bool module = strstr(facts->config, "CONFIG_ARM_FFA_TRANSPORT=m");
	bool absent = facts->config[0] && !strstr(facts->config, "CONFIG_ARM_FFA_TRANSPORT=");

	doctor_found(result, DOCTOR_BAD, "%s",
		     module ? "arm_ffa is not loaded" : "the kernel has no FF-A driver");
	doctor_seen(result, "/sys/bus/arm_ffa: missing");
	doctor_effect(result, "no version is negotiated; the module needs arm_ffa to load");
	if (module)
		doctor_fix(result, "Run `modprobe arm_ffa'");
	else if (absent)
		doctor_fix(result, "Build the kernel with CONFIG_ARM_FFA_TRANSPORT=m");
	else
		doctor_fix(
			result,
			"Run `modprobe arm_ffa', or build the kernel with CONFIG_ARM_FFA_TRANSPORT=m");
}

/* A line in which arm_ffa says why it gave up. */
static bool gave_up(const struct doctor_facts *facts, struct doctor_result *result)
{
	/* drivers/firmware/arm_ffa/driver.c of Linux 7.3 */
	static const struct {
		const char *words, *found, *fix;
	} lines[] = {
		{ "Incompatible v", "driver and firmware have no common version",
		  "Use a firmware with FF-A 1.0 to 1.2, or a kernel as new as the firmware" },
		{ "failed to obtain VM id", "arm_ffa gave up: FFA_ID_GET failed",
		  "Earlier lines of `dmesg | grep FF-A' say why; calls of ffascope may still work" },
		{ "failed to setup partitions", "arm_ffa gave up: no partitions",
		  "Earlier lines of `dmesg | grep FF-A' say why; calls of ffascope may still work" },
		{ "FFA_VERSION returned not supported", "the firmware has no FF-A",
		  "The firmware needs an SPMD at EL3 (TF-A: SPD=spmd) and an SPMC" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!doctor_log_says(facts, result, lines[i].words))
			continue;
		doctor_found(result, DOCTOR_BAD, "%s", lines[i].found);
		doctor_effect(result, "drivers on this machine cannot use FF-A");
		doctor_fix(result, "%s", lines[i].fix);
		return true;
	}
	return false;
}

/* The last "Driver version 1.2" or the like; 0 if the log has none. */
static uint32_t logged_version(const struct doctor_facts *facts, const char *words)
{
	unsigned int major, minor;
	uint32_t version = 0;

	for (const char *at = strstr(facts->log, words); at; at = strstr(at + 1, words)) {
		if (sscanf(at + strlen(words), "%u.%u", &major, &minor) == 2)
			version = (uint32_t)(major << 16 | minor);
	}
	return version;
}

/* Versions of driver and firmware, and the one that is spoken: the lower of the two. */
static bool versions(const struct doctor_facts *facts, struct doctor_result *result)
{
	uint32_t driver = logged_version(facts, "ARM FF-A: Driver version ");
	uint32_t firmware = logged_version(facts, "ARM FF-A: Firmware version ");
	uint32_t spoken = firmware && firmware < driver ? firmware : driver;
	char text[3][16];

	/* The module asked arm_ffa. */
	if (facts->ffa_version)
		spoken = facts->ffa_version;
	ffa_format_version(driver, text[0], sizeof(text[0]));
	ffa_format_version(firmware, text[1], sizeof(text[1]));
	ffa_format_version(spoken, text[2], sizeof(text[2]));
	if (!spoken || (!facts->ffa_version && !firmware))
		return false;

	if (driver && firmware)
		doctor_found(result, DOCTOR_GOOD, "driver %s, firmware %s: FF-A %s is spoken",
			     text[0], text[1], text[2]);
	else
		doctor_found(result, DOCTOR_GOOD, "FF-A %s is spoken", text[2]);
	if (!doctor_log_says(facts, result, "downgrading"))
		doctor_log_says(facts, result, "Firmware version ");
	return true;
}

DOCTOR_JUDGE(driver)
{
	bool before = gave_up(facts, result);

	doctor_source_of(result, "/sys/bus/arm_ffa, kernel log (ARM FF-A), module");
	if (!facts->has_ffa_bus) {
		no_driver(facts, result);
		return;
	}
	/* What the log says of an earlier try does not count if arm_ffa has partitions now. */
	if (before && !facts->nr_partitions && !facts->ffa_version)
		return;
	result->effect[0] = result->fix[0] = result->seen[0] = '\0';

	if (versions(facts, result))
		return;
	if (facts->nr_partitions) {
		doctor_found(result, DOCTOR_GOOD,
			     "arm_ffa has partitions; its version is not known");
		return;
	}
	if (is_deferred(facts, result))
		return;
	if (!doctor_log_from_boot(facts->log)) {
		doctor_found(result, DOCTOR_UNKNOWN,
			     "arm_ffa has no partitions; the log does not reach back to its start");
		doctor_fix(result, "Run `modprobe ffascope' (or `insmod ffascope.ko')");
		return;
	}
	doctor_found(result, DOCTOR_BAD, "arm_ffa found no FF-A");
	doctor_seen(result, "no `ARM FF-A: Firmware version' in the kernel log");
	doctor_effect(result, "there is no FF-A to call");
	doctor_fix(
		result,
		"`dmesg | grep FF-A' may say why. The firmware needs SMCCC 1.2 and an SPMD at EL3 (TF-A: SPD=spmd)");
}

/* ---- the order of arm_ffa and pKVM ---- */

/*
 * The proxy sees only calls that are made after pKVM came up. Built in, arm_ffa of 6.16 to 7.1 (and
 * of 6.12, seen in the lab) negotiates before: the proxy then knows neither version nor buffers, and
 * refuses. From 7.2 on its probe waits for pKVM (ffa_probe() returns -EPROBE_DEFER).
 */
static void came_up_first(struct doctor_result *result, const char *ffa, const char *kvm)
{
	doctor_found(result, DOCTOR_BAD, "arm_ffa came up before pKVM");
	doctor_seen(result, "%.*s ... %.*s", (int)strcspn(ffa, "\n"), ffa, (int)strcspn(kvm, "\n"),
		    kvm);
	doctor_effect(
		result,
		"version and buffers were negotiated behind the hypervisor's back: its proxy does not know them, and refuses FF-A calls");
	doctor_fix(
		result,
		"Build arm_ffa as a module (CONFIG_ARM_FFA_TRANSPORT=m), or use Linux 7.2 or later, where it waits for pKVM");
}

DOCTOR_JUDGE(order)
{
	const char *ffa = doctor_log_line(facts->log, "ARM FF-A: Driver version ");
	const char *kvm = doctor_log_line(facts->log, "Protected hVHE mode initialized");

	kvm = kvm ? kvm : doctor_log_line(facts->log, "Protected nVHE mode initialized");
	ffa = ffa ? ffa : doctor_log_line(facts->log, "ARM FF-A: Firmware version ");
	doctor_source_of(result, "order of arm_ffa's and pKVM's lines in the kernel log");

	if (doctor_protected(facts) == DOCTOR_BAD)
		doctor_found(result, DOCTOR_GOOD, "no pKVM, so the order does not matter");
	else if (ffa && kvm && ffa < kvm)
		came_up_first(result, ffa, kvm);
	else if (ffa && kvm)
		doctor_found(result, DOCTOR_GOOD, "arm_ffa came up after pKVM");
	else if (doctor_release(facts) >= 702)
		doctor_found(result, DOCTOR_GOOD, "arm_ffa waits for pKVM since Linux 7.2");
	else if (strstr(facts->config, "CONFIG_ARM_FFA_TRANSPORT=m"))
		doctor_found(result, DOCTOR_GOOD, "arm_ffa is a module, loaded after pKVM came up");
	else {
		doctor_found(result, DOCTOR_UNKNOWN,
			     "the log does not say whether arm_ffa came up before pKVM");
		doctor_fix(result,
			   "Look for `ARM FF-A' and `kvm' in the log of the boot (as root)");
	}
}

/* ---- proxy and SPMC ---- */

DOCTOR_JUDGE(proxy)
{
	const struct doctor_answer *answer = &facts->answers[DOCTOR_VERSION];
	char version[16];

	doctor_source_of(result, "FFA_VERSION through the module");
	if (!answer->made) {
		doctor_found(result, DOCTOR_UNKNOWN, "FFA_VERSION was not called");
		doctor_fix(result, "See `module'");
		return;
	}
	if ((int32_t)answer->x0 < 0) {
		doctor_found(result, DOCTOR_BAD, "FFA_VERSION fails");
		doctor_seen(result, "x0 = %d", (int32_t)answer->x0);
		doctor_effect(result, "kernel and firmware have no common version");
		doctor_fix(result, "`ffascope call ffa-version' shows who refuses");
		return;
	}
	/* EL2 answers FFA_VERSION in every proxy so far, so there is nothing to infer. */
	ffa_format_version((uint32_t)answer->x0, version, sizeof(version));
	doctor_found(result, DOCTOR_GOOD, "the proxy speaks FF-A %s", version);
}

/* Android's proxies answer FFA_ID_GET at EL2; mainline passes it on. */
static bool proxy_answers_id(const struct doctor_facts *facts)
{
	return doctor_is_android(facts) && doctor_protected(facts) != DOCTOR_BAD;
}

static void id_get_failed(const struct doctor_facts *facts, struct doctor_result *result)
{
	const struct doctor_answer *id = &facts->answers[DOCTOR_ID_GET];
	char why[40];

	doctor_answer_name(id, why, sizeof(why));
	doctor_found(result, DOCTOR_BAD, "FFA_ID_GET fails: %s%s", why,
		     doctor_answered_by(facts, id));
	doctor_seen(result, "x0 = 0x%" PRIx64 ", x2 = 0x%" PRIx64, id->x0, id->x2);
	doctor_effect(result, "this kernel is not an FF-A endpoint");
	doctor_fix(result,
		   "Read the firmware's own log: is the SPMC up, and was a version negotiated?");
}

DOCTOR_JUDGE(spmc)
{
	const struct doctor_answer *spm = &facts->answers[DOCTOR_SPM_ID_GET];
	const struct doctor_answer *id = &facts->answers[DOCTOR_ID_GET];
	unsigned int own = (unsigned int)id->x2 & 0xffff;
	char why[40];

	doctor_source_of(result, "FFA_ID_GET and FFA_SPM_ID_GET through the module");
	doctor_answer_name(spm, why, sizeof(why));
	if (!id->made) {
		doctor_found(result, DOCTOR_UNKNOWN, "FFA_ID_GET was not called");
		doctor_fix(result, "See `module'");
	} else if (!doctor_succeeded(id)) {
		id_get_failed(facts, result);
	} else if (doctor_succeeded(spm)) {
		doctor_found(result, DOCTOR_GOOD,
			     "SPMC 0x%04x answers; this kernel is endpoint 0x%04x",
			     (unsigned int)spm->x2 & 0xffff, own);
	} else if (proxy_answers_id(facts)) {
		doctor_found(
			result, DOCTOR_UNKNOWN,
			"the hypervisor itself answers FFA_ID_GET on Android kernels, and FFA_SPM_ID_GET fails: %s. Nothing is known of the SPMC",
			why);
		doctor_seen(result, "FFA_SPM_ID_GET: x0 = 0x%" PRIx64 ", x2 = 0x%" PRIx64, spm->x0,
			    spm->x2);
		doctor_effect(result, "FFA_ID_GET says nothing about the secure world");
		doctor_fix(result,
			   "The verdict of `ffascope call spm-id-get' shows who refuses it");
	} else {
		doctor_found(
			result, DOCTOR_GOOD,
			"FFA_ID_GET is answered; the SPMC's ID is unknown (%s); this kernel is endpoint 0x%04x",
			why, own);
	}
}

/* ---- partitions and buffers ---- */

/* Properties out of x3 of PARTITION_INFO_GET_REGS: ID 15:0, properties 63:32. */
static void properties(uint64_t x3, char *buf, size_t size)
{
	/* DEN0077A 6.2, partition properties. */
	static const struct {
		unsigned int bit;
		const char *can;
	} bits[] = {
		{ 0, "takes direct requests" },
		{ 1, "sends direct requests" },
		{ 2, "indirect messages" },
		{ DOCTOR_PROPERTY_NOTIFICATIONS, "notifications" },
		{ 9, "takes direct requests 2" },
		{ 10, "sends direct requests 2" },
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

/* arm_ffa also registers this kernel's own endpoint: nil UUID, ID 0 under pKVM. */
static bool is_own(const struct doctor_facts *facts, const struct doctor_partition *part)
{
	const struct doctor_answer *id = &facts->answers[DOCTOR_ID_GET];
	uint64_t own = doctor_succeeded(id) ? id->x2 & 0xffff : 0;

	return part->id[0] && strtoul(part->id, NULL, 0) == own &&
	       part->uuid[strspn(part->uuid, "0-")] == '\0';
}

/* Lists the registered partitions; returns how many are not this kernel itself. */
static size_t list_partitions(const struct doctor_facts *facts, char *text, size_t size)
{
	size_t at = 0, others = 0;

	for (size_t i = 0; i < facts->nr_partitions && at < size - 1; i++) {
		const struct doctor_partition *part = &facts->partitions[i];

		if (is_own(facts, part)) {
			at += (size_t)snprintf(text + at, size - at, "%s%s %s (this kernel)",
					       i ? ", " : "", part->name, part->id);
			continue;
		}
		at += (size_t)snprintf(text + at, size - at, "%s%s %s %.36s (%s%s)", i ? ", " : "",
				       part->name, part->id[0] ? part->id : "unknown ID",
				       part->uuid, part->driver[0] ? "driver " : "no driver",
				       part->driver);
		others++;
	}
	return others;
}

DOCTOR_JUDGE(partitions)
{
	const struct doctor_answer *count = &facts->answers[DOCTOR_PARTITIONS];
	const struct doctor_answer *regs = &facts->answers[DOCTOR_PARTITION_REGS];
	char text[500] = "", can[160] = "", why[40];

	doctor_source_of(
		result,
		"/sys/bus/arm_ffa/devices, FFA_PARTITION_INFO_GET (count), FFA_PARTITION_INFO_GET_REGS");
	doctor_answer_name(regs, why, sizeof(why));
	if (doctor_succeeded(regs))
		properties(regs->x3, can, sizeof(can));
	else if (regs->made)
		snprintf(can, sizeof(can), "; properties unknown (%s)", why);

	if (list_partitions(facts, text, sizeof(text))) {
		doctor_found(result, DOCTOR_GOOD, "%.400s%s", text, can);
	} else if (doctor_succeeded(count) && count->x2) {
		doctor_found(result, DOCTOR_BAD,
			     "the SPMC has %" PRIu64 " partition%s, arm_ffa registered none",
			     count->x2, count->x2 == 1 ? "" : "s");
		doctor_seen(result, "FFA_PARTITION_INFO_GET: w2 = %" PRIu64, count->x2);
		doctor_effect(result, "drivers cannot reach any partition");
		doctor_fix(result, "`dmesg | grep FF-A' says why arm_ffa could not register them");
	} else if (doctor_log_says(facts, result, "No partitions found") ||
		   doctor_succeeded(count)) {
		doctor_found(result, DOCTOR_BAD, "the SPMC shows no partition to this kernel");
		if (!result->seen[0])
			doctor_seen(result, "FFA_PARTITION_INFO_GET: w2 = 0");
		doctor_effect(result, "calls to a partition have no receiver; the others work");
		doctor_fix(result, "The SPMC's manifest or build defines the partitions");
	} else {
		doctor_found(result, DOCTOR_UNKNOWN, "no partition is known");
		doctor_fix(result, "See `arm-ffa' and `module'");
	}
}

DOCTOR_JUDGE(buffers)
{
	/* FFA_FEATURES of RXTX_MAP, w2[1:0]: DEN0077A 13.3. */
	static const unsigned int kib[] = { 4, 64, 16, 0 };
	const struct doctor_answer *answer = &facts->answers[DOCTOR_RXTX_MAP];
	char why[40];

	doctor_source_of(result, "kernel log (ARM FF-A), FFA_FEATURES(RXTX_MAP)");
	doctor_answer_name(answer, why, sizeof(why));
	if (doctor_log_says(facts, result, "failed to register FFA RxTx buffers")) {
		doctor_found(result, DOCTOR_BAD, "arm_ffa could not map its buffers, and gave up");
		doctor_effect(result, "calls of drivers, and all calls that use a buffer, fail");
		doctor_fix(
			result,
			"Another owner mapped buffers (a kernel before kexec, a hypervisor), or the page size does not fit. Reboot cold, or try a kernel with 4 KiB pages");
	} else if (doctor_succeeded(answer)) {
		doctor_found(result, DOCTOR_GOOD, "at least %u KiB each%s", kib[answer->x2 & 3],
			     facts->nr_partitions ? "; arm_ffa mapped them" : "");
	} else if (facts->nr_partitions) {
		doctor_found(result, DOCTOR_GOOD, "arm_ffa mapped them");
	} else if (answer->made) {
		doctor_found(result, DOCTOR_UNKNOWN, "the size is not known: FFA_FEATURES: %s%s",
			     why, doctor_answered_by(facts, answer));
		doctor_fix(result, "`ffascope call features feature=0xc4000066' shows who refuses");
	} else {
		doctor_found(result, DOCTOR_UNKNOWN, "not known");
		doctor_fix(result, "See `arm-ffa' and `module'");
	}
}
