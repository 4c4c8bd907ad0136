// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's properties, and the answers to a few calls that change nothing.
 *
 * Below --root /dev/ffascope is a text: "abi 1", "ffa 0x10002", "conduit smc", "unsafe 0", "kept 0", and
 * for each call "call FID X1 -> X0 X1 X2 X3 el2|secure|-"; the sets of calibration.h as "registers el2
 * CANARIES STATUSES below CANARIES STATUSES writes MASK"; or "error" and why it does not open.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "doctor/doctor.h"
#include "verdict/calibration.h"

#define FID_FEATURES UINT64_C(0x84000064)

/* DEN0077A 13: identifiers; feature identifiers 1 and 2 are NPI and SRI (13.3). */
static const struct {
	uint64_t x0, x1, x5;
} calls[DOCTOR_NR_CALLS] = {
	[DOCTOR_VERSION] = { 0x84000063, 0x10002, 0 },
	[DOCTOR_ID_GET] = { 0x84000069, 0, 0 },
	[DOCTOR_SPM_ID_GET] = { 0x84000085, 0, 0 },
	/* w5 bit 0: return the count only, without using the RX buffer. */
	[DOCTOR_PARTITIONS] = { 0x84000068, 0, 1 },
	/* Nil UUID, start index 0: all partitions. */
	[DOCTOR_PARTITION_REGS] = { 0xc400008b, 0, 0 },
	[DOCTOR_RXTX_MAP] = { FID_FEATURES, 0xc4000066, 0 },
	[DOCTOR_BITMAP_CREATE] = { FID_FEATURES, 0x8400007d, 0 },
	[DOCTOR_NPI] = { FID_FEATURES, 1, 0 },
	[DOCTOR_SRI] = { FID_FEATURES, 2, 0 },
};

static const char *const suggest_words[] = {
	[VERDICT_SILENT] = "-",
	[VERDICT_SUGGESTS_EL2] = "el2",
	[VERDICT_SUGGESTS_SECURE] = "secure",
};

/* Without the trace the call itself shows whether EL2 or TrustZone answered. */
static void calibrate(struct device *dev, uint32_t version, struct calibration *cal)
{
	const struct verdict none[CALIBRATION_NR_PROBES] = { 0 };
	struct verdict_call made[CALIBRATION_NR_PROBES];
	unsigned int n = 0, done;
	struct error ignored;
	int bad;

	device_first_call(dev);
	for (int probe = 0; probe < CALIBRATION_NR_PROBES; probe++) {
		struct verdict_call *record = &made[n];
		struct ffascope_call call = { 0 };

		*record = (struct verdict_call){ 0 };
		if (!calibration_probe(probe, version, &record->in))
			continue;
		memcpy(call.in, record->in.x, sizeof(call.in));
		if (device_call(dev, &call, 1, -1, 0, &done, &bad, &ignored) || !done)
			continue;
		memcpy(record->out.x, call.out, sizeof(call.out));
		n++;
	}
	calibration_judge(cal, made, none, n);
}

static void make_call(struct device *dev, uint32_t version, enum doctor_call which,
		      const struct calibration *cal, struct doctor_answer *answer)
{
	struct ffascope_call call = { 0 };
	struct verdict_call record = { 0 };
	struct error err;
	struct ffa_regs in = { 0 };
	unsigned int done;
	int bad;

	in.x[0] = calls[which].x0;
	in.x[1] = which == DOCTOR_VERSION && version ? version : calls[which].x1;
	in.x[5] = calls[which].x5;
	verdict_add_canaries(&in);
	memcpy(call.in, in.x, sizeof(call.in));
	if (device_call(dev, &call, 1, -1, 0, &done, &bad, &err) || !done)
		return;

	record.in = in;
	memcpy(record.out.x, call.out, sizeof(call.out));
	*answer = (struct doctor_answer){
		.made = true,
		.x0 = call.out[0],
		.x1 = call.out[1],
		.x2 = call.out[2],
		.x3 = call.out[3],
		.inferred = calibration_infer(cal, &record),
	};
}

static void keep(struct doctor_source *src, const struct doctor_facts *facts)
{
	const struct calibration *cal = &facts->calibration;
	char text[2048];
	size_t at;

	at = (size_t)snprintf(
		text, sizeof(text),
		"abi %" PRIu32 "\nffa 0x%" PRIx32 "\nconduit %s\nunsafe %d\nkept %u\n", facts->abi,
		facts->ffa_version, facts->conduit_kind == FFASCOPE_CONDUIT_HVC ? "hvc" : "smc",
		facts->unsafe, facts->kept_pages);
	for (int i = 0; i < DOCTOR_NR_CALLS && at < sizeof(text); i++) {
		const struct doctor_answer *a = &facts->answers[i];

		if (a->made)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "call 0x%" PRIx64 " 0x%" PRIx64 " -> 0x%" PRIx64
					       " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " %s\n",
					       calls[i].x0, calls[i].x1, a->x0, a->x1, a->x2, a->x3,
					       suggest_words[a->inferred]);
	}
	if (at < sizeof(text) && cal->measured)
		snprintf(text + at, sizeof(text) - at,
			 "registers el2 %u %u below %u %u writes 0x%" PRIx32 "\n",
			 cal->el2.canaries, cal->el2.statuses, cal->below.canaries,
			 cal->below.statuses, cal->el2_writes);
	doctor_keep(src, DEVICE_PATH, text);
}

static void ask_device(struct doctor_source *src, const struct doctor_ask *ask,
		       struct doctor_facts *facts)
{
	struct error err;
	struct device *dev;
	char text[sizeof(err.text) + 8];
	int ret;

	ret = device_open(&dev, ask->device, &err);
	if (ret) {
		facts->device = ret == -ENOENT ? DOCTOR_DEVICE_NONE : DOCTOR_DEVICE_REFUSED;
		snprintf(text, sizeof(text), "error %s\n", err.text);
		facts->device_error = ret == -ENOENT ? "" : doctor_keep(src, DEVICE_PATH, text);
		facts->device_error = facts->device_error ? facts->device_error : "error";
		return;
	}

	facts->device = DOCTOR_DEVICE_OPEN;
	facts->abi = device_info(dev)->abi_version;
	facts->ffa_version = device_info(dev)->ffa_version;
	facts->conduit_kind = device_info(dev)->conduit;
	facts->unsafe = device_info(dev)->features & FFASCOPE_FEATURE_UNSAFE;
	facts->kept_pages = device_info(dev)->kept_pages;
	calibrate(dev, facts->ffa_version, &facts->calibration);
	for (int i = 0; i < DOCTOR_NR_CALLS; i++)
		make_call(dev, facts->ffa_version, (enum doctor_call)i, &facts->calibration,
			  &facts->answers[i]);
	device_close(dev);
	keep(src, facts);
}

static void take_answer(struct doctor_facts *facts, uint64_t fid, uint64_t first,
			const struct doctor_answer *answer, const char *suggests)
{
	for (int i = 0; i < DOCTOR_NR_CALLS; i++) {
		if (calls[i].x0 != fid || (calls[i].x1 != first && i != DOCTOR_VERSION))
			continue;
		facts->answers[i] = *answer;
		facts->answers[i].made = true;
		facts->answers[i].inferred = !strcmp(suggests, "el2")	   ? VERDICT_SUGGESTS_EL2
					     : !strcmp(suggests, "secure") ? VERDICT_SUGGESTS_SECURE
									   : VERDICT_SILENT;
	}
}

static void take_registers(struct doctor_facts *facts, const char *text)
{
	struct calibration cal = { .measured = true };

	if (sscanf(text, "registers el2 %u %u below %u %u writes %" SCNx32, &cal.el2.canaries,
		   &cal.el2.statuses, &cal.below.canaries, &cal.below.statuses,
		   &cal.el2_writes) == 5)
		facts->calibration = cal;
}

static void read_device(const char *text, struct doctor_facts *facts)
{
	facts->device = DOCTOR_DEVICE_OPEN;
	facts->device_error = "";
	facts->abi = FFASCOPE_ABI_VERSION;
	facts->conduit_kind = FFASCOPE_CONDUIT_SMC;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		struct doctor_answer answer = { 0 };
		uint64_t fid, first;
		char word[16] = "";
		unsigned int number;

		if (!strncmp(text, "error", 5)) {
			facts->device = DOCTOR_DEVICE_REFUSED;
			facts->device_error = text;
			return;
		}
		if (sscanf(text, "abi %u", &number) == 1)
			facts->abi = number;
		else if (sscanf(text, "ffa %x", &number) == 1)
			facts->ffa_version = number;
		else if (sscanf(text, "unsafe %u", &number) == 1)
			facts->unsafe = number;
		else if (sscanf(text, "kept %u", &number) == 1)
			facts->kept_pages = number;
		else if (sscanf(text, "conduit %15s", word) == 1)
			facts->conduit_kind =
				!strcmp(word, "hvc") ? FFASCOPE_CONDUIT_HVC : FFASCOPE_CONDUIT_SMC;
		else if (sscanf(text,
				"call %" SCNx64 " %" SCNx64 " -> %" SCNx64 " %" SCNx64 " %" SCNx64
				" %" SCNx64 " %15s",
				&fid, &first, &answer.x0, &answer.x1, &answer.x2, &answer.x3,
				word) == 7)
			take_answer(facts, fid, first, &answer, word);
		else
			take_registers(facts, text);
	}
}

void doctor_probe_device(struct doctor_source *src, const struct doctor_ask *ask,
			 struct doctor_facts *facts)
{
	const char *text;

	facts->device_error = "";
	facts->module_loaded = doctor_exists(src, "/sys/module/ffascope");
	if (!src->root[0]) {
		if (ask->touch)
			ask_device(src, ask, facts);
		return;
	}

	text = doctor_read(src, DEVICE_PATH, NULL);
	if (text)
		read_device(text, facts);
}
