// SPDX-License-Identifier: GPL-2.0-only
/* Feature identifiers and partition properties. */
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/rows.h"
#include "ffa/text.h"

/*
 * DEN0077A 1.3 ALP4 Table 13.14; notifications and managed exit came with 1.1 (TF-A tests, 1.1
 * Table 13.10). Since 0: the sources do not say.
 */
static const struct ffa_feature features[] = {
	{ "npi", 1, FFA_VERSION_1_1, "Notification pending interrupt" },
	{ "sri", 2, FFA_VERSION_1_1, "Schedule Receiver interrupt" },
	{ "managed-exit", 3, FFA_VERSION_1_1, "Managed exit interrupt" },
	{ "notification", 4, FFA_VERSION_1_3, "how many notifications, and whether per-vCPU" },
};

static const struct ffa_symbol id_types[] = {
	{ "pe-endpoint", 0, "the ID is that of a PE endpoint" },
	{ "sepid-independent", 1, "the ID is that of a SEPID, independent" },
	{ "sepid-dependent", 2, "the ID is that of a SEPID, dependent" },
	{ "auxiliary", 3, "the ID is an auxiliary one" },
	{ 0 }
};

/*
 * DEN0077A 1.3 ALP4 Table 6.2; 1.0 has bits 2:0 only (OP-TEE thread_spmc.c), 8 came with 1.1
 * (drivers/firmware/arm_ffa/driver.c), 5:4, 6 and 7 too (Xen, Hafnium). Since 0: the sources do not say.
 */
static const struct ffa_property properties[] = {
	{ 0, 0, FFA_VERSION_1_0, "receives-direct-req", "can receive FFA_MSG_SEND_DIRECT_REQ",
	  NULL },
	{ 1, 1, FFA_VERSION_1_0, "sends-direct-req", "can send FFA_MSG_SEND_DIRECT_REQ", NULL },
	{ 2, 2, FFA_VERSION_1_0, "indirect-messages", "can send and receive indirect messages",
	  NULL },
	{ 3, 3, FFA_VERSION_1_1, "receives-notifications", "supports receipt of notifications",
	  NULL },
	{ 5, 4, FFA_VERSION_1_1, "id-type", "what the ID stands for", id_types },
	{ 6, 6, FFA_VERSION_1_1, "vm-created", "takes the message that a VM was created", NULL },
	{ 7, 7, FFA_VERSION_1_1, "vm-destroyed", "takes the message that a VM was destroyed",
	  NULL },
	{ 8, 8, FFA_VERSION_1_1, "aarch64", "runs in AArch64", NULL },
	{ 9, 9, FFA_VERSION_1_2, "receives-direct-req2", "can receive FFA_MSG_SEND_DIRECT_REQ2",
	  NULL },
	{ 10, 10, FFA_VERSION_1_2, "sends-direct-req2", "can send FFA_MSG_SEND_DIRECT_REQ2", NULL },
	{ 11, 11, FFA_VERSION_1_3, "live-activation", "supports live activation", NULL },
	{ 12, 12, FFA_VERSION_1_3, "cpu-rendezvous", "CPU rendezvous", NULL },
	{ 13, 13, FFA_VERSION_1_3, "smc64-cpu-cycles",
	  "takes the SMC64 identifiers of CPU cycle calls", NULL },
};

size_t ffa_feature_count(void)
{
	return sizeof(features) / sizeof(features[0]);
}

const struct ffa_feature *ffa_feature_at(size_t index)
{
	return index < ffa_feature_count() ? &features[index] : NULL;
}

size_t ffa_property_count(void)
{
	return sizeof(properties) / sizeof(properties[0]);
}

const struct ffa_property *ffa_property_at(size_t index)
{
	return index < ffa_property_count() ? &properties[index] : NULL;
}

size_t ffa_format_properties(uint32_t value, char *buf, size_t size)
{
	struct text text = text_into(buf, size);
	uint32_t rest = value;

	for (size_t i = 0; i < ffa_property_count(); i++) {
		const struct ffa_property *p = &properties[i];
		uint32_t mask = ((UINT32_C(1) << (p->hi - p->lo + 1)) - 1) << p->lo;
		uint32_t got = (value & mask) >> p->lo;

		rest &= ~mask;
		if (!got)
			continue;
		if (text.len)
			text_char(&text, ',');
		text_string(&text, p->symbols ? p->symbols[got].name : p->name);
	}
	if (rest) {
		if (text.len)
			text_char(&text, ',');
		text_hex(&text, rest);
	}

	return text_end(&text);
}
