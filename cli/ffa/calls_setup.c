// SPDX-License-Identifier: GPL-2.0-only
/* Versions, features, buffers, identities and partitions (DEN0077A 1.3 ALP4 chapter 13). */
#include "ffa/rows.h"

/* ---- VERSION ---- */

static const struct ffa_field version_fields[] = {
	{ W(1, 31, 31), RULES(MBZ, MBZ, MBZ, MBZ),
	  .source = SPEC "13.2; 1.0 to 1.2: TF-A tests test_ffa_version_bit31, Hafnium api.c" },
	{ W(1, 30, 16), .name = "major", .type = FFA_TYPE_DECIMAL,
	  .meaning = "major version that the caller speaks", .source = SPEC "13.2" },
	{ W(1, 15, 0), .name = "minor", .type = FFA_TYPE_DECIMAL,
	  .meaning = "minor version that the caller speaks", .source = SPEC "13.2" },
	{ W(2, 31, 2), RULES(MBZ, MBZ, SBZ, SBZ), .source = SPEC "13.2; 1.0 to 1.2: w2 is unused" },
	{ W(2, 1, 0), RULES(MBZ, MBZ, SBZ, NONE), .name = "query", .type = FFA_TYPE_DECIMAL,
	  .symbols =
		  (const struct ffa_symbol[]){
			  { "negotiate", 0, "negotiate a version" },
			  { "compatible", 1, "ask which version is compatible" },
			  { "negotiated", 2, "ask which version was negotiated" },
			  { 0 } },
	  .meaning = "1.3: kind of query", .source = SPEC "13.2; 1.0 to 1.2: w2 is unused" },
	UNUSED_W(3, 7),
};

static const struct ffa_alias version_aliases[] = {
	{ RW(1, 30, 0), .name = "version", .type = FFA_TYPE_VERSION },
};

static const struct ffa_field version_success[] = {
	{ W(0, 31, 31), RULES(MBZ, MBZ, MBZ, MBZ), .source = SPEC "13.2" },
	{ W(0, 30, 0), .name = "version", .type = FFA_TYPE_VERSION,
	  .meaning = "the callee's version; 1.3: 0.0 if it is in use or the downgrade is refused",
	  .source = SPEC "13.2" },
	{ WW(1, 7), RULES(MBZ, MBZ, MBZ, MBZ),
	  .source = "FF-A ACS test_pool/setup_discovery/ffa_version (checks w1 to w7)" },
};

static const struct ffa_answer version_answers[] = {
	{ .fid = 0,
	  FIELDS(version_success),
	  .note = "compatible if the major versions are equal and the caller's minor version is "
		  "not the higher",
	  .source = SPEC "13.2" },
};

/* ---- FEATURES ---- */

#define FEATURE_ONLY_1_3 "only the texts of 1.2 and 1.3 were at hand"

static const struct ffa_field features_fields[] = {
	{ WW(1, 1), .name = "feature", .type = FFA_TYPE_FUNCTION,
	  .meaning = "function identifier (bit 31 is 1), or feature identifier in 7:0",
	  .source = SPEC "Table 13.12" },
	{ WW(2, 2), .name = "properties", .meaning = "input properties of the function",
	  .source = SPEC "Table 13.12" },
	UNUSED_W(3, 7),
};

static const struct ffa_restriction features_restrictions[] = {
	{ W(1, 30, 8), .zero = BITS(1, 31, 31), RULES(UNKNOWN, UNKNOWN, MBZ, MBZ),
	  .when = "while feature is a feature identifier", .unknown = FEATURE_ONLY_1_3,
	  .source = SPEC "Table 13.12; 1.2: Hafnium src/api.c (1.2 ALP1 13.3)" },
	{ W(2, 31, 0), .zero = BITS(1, 31, 31), RULES(UNKNOWN, UNKNOWN, MBZ, UNKNOWN),
	  .when = "while feature is a feature identifier",
	  .unknown = "1.3: Table 13.12 says MBZ, Table 13.14 SBZ; 1.0 and 1.1 were not at hand",
	  .source = SPEC "Tables 13.12, 13.14; 1.2: Hafnium src/api.c (1.2 ALP1 13.3)" },
};

static const struct ffa_field features_interrupt[] = {
	{ WW(2, 2), .name = "interrupt", .type = FFA_TYPE_DECIMAL, .meaning = "interrupt ID",
	  .source = SPEC "Table 13.14" },
	NO_RESULT_W(3, 7),
};

static const struct ffa_field features_notifications[] = {
	{ W(2, 31, 20), RULES(UNKNOWN, UNKNOWN, UNKNOWN, MBZ),
	  .unknown = "the feature is new in 1.3", .source = SPEC "Table 13.14" },
	{ W(2, 19, 11), .name = "sp-notifications", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of SP notifications, less 64 (Hafnium: MBZ at the Non-secure "
		     "physical instance)",
	  .source = SPEC "Table 13.14; Hafnium src/api.c" },
	{ W(2, 10, 2), RULES(UNKNOWN, UNKNOWN, UNKNOWN, MBZ), .name = "vm-notifications",
	  .type = FFA_TYPE_DECIMAL, .unknown = "the feature is new in 1.3",
	  .meaning =
		  "number of VM notifications, less 64 (0 to 320); MBZ at the Non-secure physical "
		  "instance",
	  .source = SPEC "Table 13.14; Hafnium src/api.c" },
	{ W(2, 1, 1), .name = "no-sp-per-vcpu", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: SP notifications cannot be per-vCPU", .source = SPEC "Table 13.14" },
	{ W(2, 0, 0), .name = "no-vm-per-vcpu", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: VM notifications cannot be per-vCPU", .source = SPEC "Table 13.14" },
	NO_RESULT_W(3, 7),
};

#define ACS_FEATURES "FF-A ACS ffa_features_client.c"

static const struct ffa_symbol granules[] = {
	{ "4K", 0, NULL }, { "64K", 1, NULL }, { "16K", 2, NULL }, { 0 }
};

static const struct ffa_field features_rxtx[] = {
	{ W(2, 31, 16), RULES(MBZ, MBZ, NONE, NONE), .name = "max-pages", .type = FFA_TYPE_DECIMAL,
	  .meaning = "from 1.2 on: most pages of a buffer, 0: no limit",
	  .source = CALL_TABLE "; 1.0, 1.1: " ACS_FEATURES },
	{ W(2, 15, 2), RULES(MBZ, MBZ, MBZ, MBZ),
	  .source = CALL_TABLE "; 1.0 to 1.2: " ACS_FEATURES },
	{ W(2, 1, 0), .name = "min-size", .type = FFA_TYPE_DECIMAL, .symbols = granules,
	  .closed = true, .meaning = "least size and alignment of a buffer; 3 is reserved",
	  .source = CALL_TABLE "; include/linux/arm_ffa.h" },
	{ WW(3, 3), RULES(MBZ, MBZ, MBZ, MBZ), .source = CALL_TABLE "; 1.0 to 1.2: " ACS_FEATURES },
	NO_RESULT_W(4, 7),
};

/* What the memory calls report. DEN0140 was not at hand; these agree. */
#define MEM_FEATURES \
	"Hafnium inc/vmapi/hf/ffa.h; FF-A ACS ffa_features_client.c; OP-TEE thread_spmc.c"

static const struct ffa_field features_send[] = {
	{ W(2, 31, 1), RULES(MBZ, MBZ, UNKNOWN, UNKNOWN),
	  .unknown = "the sources are of 1.0 and 1.1", .source = MEM_FEATURES },
	{ W(2, 0, 0), .name = "dynamic-buffers", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: the descriptor can be in a buffer other than TX", .source = MEM_FEATURES },
	NO_RESULT_W(3, 7),
};

static const struct ffa_field features_retrieve[] = {
	{ W(2, 31, 3), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
	  .unknown = "the sources name bits 2:0 only", .source = MEM_FEATURES },
	{ W(2, 2, 2), .name = "hypervisor-retrieve", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: the hypervisor can retrieve on behalf of a VM", .source = MEM_FEATURES },
	{ W(2, 1, 1), .name = "ns-bit", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: the answer contains the security state of the memory (NS bit)",
	  .source = MEM_FEATURES },
	{ W(2, 0, 0), .name = "dynamic-buffers", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: the descriptor can be in a buffer other than TX", .source = MEM_FEATURES },
	{ W(3, 31, 8), RULES(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
	  .unknown = "the sources name bits 7:0 only", .source = MEM_FEATURES },
	{ W(3, 7, 0), .name = "outstanding", .type = FFA_TYPE_DECIMAL,
	  .meaning = "how often a region can be retrieved before it is relinquished, "
		     "as encoded in DEN0140",
	  .source = MEM_FEATURES },
	NO_RESULT_W(4, 7),
};

static const struct ffa_field features_any[] = {
	{ WW(2, 3), .name = "properties",
	  .meaning = "properties of the function; 0 for those that have none, notifications among "
		     "them",
	  .source = CALL_TABLE },
	NO_RESULT_W(4, 7),
};

#define FEATURE_IS(id, text) .bits = BITS(1, 31, 0), .value = (id), .when = text
#define FEATURES_SOURCE	     SPEC "Table 13.14"

/* clang-format off */
#define FEATURES_SEND(id, name)                                                    \
	{ .fid = FFA_FID_SUCCESS, FEATURE_IS(id, "if feature=" name), FIELDS(features_send), \
	  .source = MEM_FEATURES }
#define FEATURES_RETRIEVE(id, name)                                                    \
	{ .fid = FFA_FID_SUCCESS, FEATURE_IS(id, "if feature=" name), FIELDS(features_retrieve), \
	  .source = MEM_FEATURES }
/* clang-format on */

static const struct ffa_answer features_answers[] = {
	{ .fid = FFA_FID_SUCCESS,
	  FEATURE_IS(1, "if feature=npi"),
	  FIELDS(features_interrupt),
	  .source = FEATURES_SOURCE },
	{ .fid = FFA_FID_SUCCESS,
	  FEATURE_IS(2, "if feature=sri"),
	  FIELDS(features_interrupt),
	  .source = FEATURES_SOURCE },
	{ .fid = FFA_FID_SUCCESS,
	  FEATURE_IS(3, "if feature=managed-exit"),
	  FIELDS(features_interrupt),
	  .source = FEATURES_SOURCE },
	{ .fid = FFA_FID_SUCCESS,
	  FEATURE_IS(4, "if feature=notification"),
	  FIELDS(features_notifications),
	  .source = FEATURES_SOURCE },
	{ .fid = FFA_FID_SUCCESS,
	  FEATURE_IS(0x84000066, "if feature=RXTX_MAP"),
	  FIELDS(features_rxtx),
	  .source = FEATURES_SOURCE },
	{ .fid = FFA_FID_SUCCESS,
	  FEATURE_IS(0xc4000066, "if feature=RXTX_MAP_64"),
	  FIELDS(features_rxtx),
	  .source = FEATURES_SOURCE },
	FEATURES_SEND(0x84000071, "MEM_DONATE"),
	FEATURES_SEND(0xc4000071, "MEM_DONATE_64"),
	FEATURES_SEND(0x84000072, "MEM_LEND"),
	FEATURES_SEND(0xc4000072, "MEM_LEND_64"),
	FEATURES_SEND(0x84000073, "MEM_SHARE"),
	FEATURES_SEND(0xc4000073, "MEM_SHARE_64"),
	FEATURES_RETRIEVE(0x84000074, "MEM_RETRIEVE_REQ"),
	FEATURES_RETRIEVE(0xc4000074, "MEM_RETRIEVE_REQ_64"),
	{ .fid = FFA_FID_SUCCESS, FIELDS(features_any), .source = FEATURES_SOURCE },
};

static const struct ffa_error features_errors[] = {
	{ -1, "the function or feature is not implemented, or the identifier is not valid", NULL },
	{ -1, "the callee has no notifications, and their features or functions are asked for",
	  SPEC "10.7" },
	{ -1, "reserved bits of the feature identifier or its properties are set",
	  "Hafnium src/api.c (1.2 ALP1 13.3)" },
};

static const struct ffa_error release_errors[] = {
	{ -6, "the caller does not own the RX buffer",
	  ACS_LIST "8.3; " TFA_SPMC "rx_release_handler()" },
	{ -1, "not implemented at this instance", ACS_LIST "8.3" },
};

static const struct ffa_error map_errors[] = {
	{ -2, "a field is not valid: addresses, alignment, page count", ACS_LIST "8.4" },
	{ -3, "no memory to map the buffers", ACS_LIST "8.4" },
	{ -6, "buffers are registered already", ACS_LIST "8.4" },
	{ -1, "not implemented at this instance", ACS_LIST "8.4" },
};

static const struct ffa_error unmap_errors[] = {
	{ -2, "no buffers are registered for the caller", ACS_LIST "8.5" },
	{ -1, "not implemented at this instance", ACS_LIST "8.5" },
};

static const struct ffa_error partition_errors[] = {
	{ -2, "the UUID is not recognised", ACS_LIST "8.6" },
	{ -4, "the RX buffer of the caller is not free", ACS_LIST "8.6" },
	{ -4, "pKVM's proxy: the host has registered no buffers", PROXY "do_ffa_part_get()" },
	{ -3, "the results do not fit the RX buffer", ACS_LIST "8.6" },
	{ -6, "the callee is not in a state to handle the call", ACS_LIST "8.6" },
	{ -8, "pKVM's proxy: the results do not fit its buffers", PROXY "do_ffa_part_get()" },
	{ -1, "not implemented at this instance", ACS_LIST "8.6" },
};

static const struct ffa_error partition_regs_errors[] = {
	{ -7, "the tag is not that of the information that the callee has",
	  "Arm's arm-ffa crate, src/lib.rs (InvalidInformationTag)" },
	NOT_HERE,
};

static const struct ffa_error id_errors[] = {
	{ -1, "not implemented at this instance", ACS_LIST "8.7" },
};

#define ACQUIRE_ERROR HAFNIUM_API "api_ffa_rx_acquire()"

static const struct ffa_error acquire_errors[] = {
	{ -2, "no buffers are registered for the VM", ACQUIRE_ERROR },
	{ -6, "the RX buffer is not free", ACQUIRE_ERROR },
	{ -1, "the caller is not the hypervisor, or the ID is not that of a VM", ACQUIRE_ERROR },
	NOT_HERE,
};

static const struct ffa_error spm_id_errors[] = {
	{ -1, "the SPMD speaks 1.0 only", TFA_SPMD "spmd_smc_handler()" },
	NOT_HERE,
};

static const struct ffa_error ns_res_errors[] = {
	{ -1, "the caller is not in the Normal world",
	  "Hafnium src/ffa/hypervisor/setup_and_discovery.c, ffa_ns_res_info_get_forward()" },
	NOT_HERE,
};

/* ---- buffers ---- */

static const struct ffa_field rx_vm_fields[] = {
	{ W(1, 31, 16), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ W(1, 15, 0), .name = "vm-id", .type = FFA_TYPE_ID,
	  .meaning = "VM whose RX buffer it is (Non-secure physical instance only)",
	  .source = CALL_TABLE },
	UNUSED_W(2, 7),
};

#define PAGES_SOURCE CALL_TABLE "; arch/arm64/kvm/hyp/nvhe/ffa.c"

static const struct ffa_field rxtx_map_fields[] = {
	{ WW(1, 1), .name = "tx", .meaning = "address of the TX buffer", .source = PAGES_SOURCE },
	{ WW(2, 2), .name = "rx", .meaning = "address of the RX buffer", .source = PAGES_SOURCE },
	{ W(3, 31, 6), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ W(3, 5, 0), .name = "page-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "size of each buffer in 4K pages", .source = PAGES_SOURCE },
	UNUSED_W(4, 7),
};

static const struct ffa_field rxtx_map_fields_64[] = {
	{ XX(1, 1), .name = "tx", .meaning = "address of the TX buffer", .source = PAGES_SOURCE },
	{ XX(2, 2), .name = "rx", .meaning = "address of the RX buffer", .source = PAGES_SOURCE },
	{ W(3, 31, 6), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ W(3, 5, 0), .name = "page-count", .type = FFA_TYPE_DECIMAL,
	  .meaning = "size of each buffer in 4K pages", .source = PAGES_SOURCE },
	UNUSED_X7(4),
	UNUSED_X17,
};

static const struct ffa_field rxtx_unmap_fields[] = {
	{ W(1, 31, 16), .name = "vm-id", .type = FFA_TYPE_ID,
	  .meaning = "VM whose buffers they are (Non-secure physical instance only)",
	  .source = CALL_TABLE },
	{ W(1, 15, 0), RULES(UNKNOWN, UNKNOWN, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	UNUSED_W(2, 7),
};

/* ---- partitions and identities ---- */

static const struct ffa_field partition_fields[] = {
	{ WW(1, 4), .name = "uuid", .type = FFA_TYPE_UUID,
	  .meaning = "partitions with this UUID; the Nil UUID (0): all", .source = CALL_TABLE },
	{ W(5, 31, 1), RULES(MBZ, UNKNOWN, UNKNOWN, SBZ),
	  .unknown = "only the 1.3 text of this table was at hand",
	  .source = CALL_TABLE "; 1.0: w5 is unused" },
	{ W(5, 0, 0), RULES(MBZ, NONE, NONE, NONE), .name = "count-only", .type = FFA_TYPE_DECIMAL,
	  .meaning = "from 1.1 on: 1: return their number, leave the RX buffer alone",
	  .source = CALL_TABLE "; 1.0: w5 is unused" },
	UNUSED_W(6, 7),
};

static const struct ffa_field partition_success[] = {
	{ WW(2, 2), .name = "count", .type = FFA_TYPE_DECIMAL, .meaning = "number of partitions",
	  .source = CALL_TABLE },
	{ WW(3, 3), RULES(UNKNOWN, NONE, NONE, NONE), .name = "descriptor-size",
	  .type = FFA_TYPE_DECIMAL,
	  .meaning = "from 1.1 on: bytes of each descriptor in the RX buffer",
	  .unknown = "the 1.0 table was not at hand; the kernel reads no size there",
	  .source = CALL_TABLE "; drivers/firmware/arm_ffa/driver.c" },
	NO_RESULT_W(4, 7),
};

static const struct ffa_field partition_count[] = {
	{ WW(2, 2), .name = "count", .type = FFA_TYPE_DECIMAL, .meaning = "number of partitions",
	  .source = CALL_TABLE },
	{ WW(3, 3), RULES(MBZ, MBZ, MBZ, MBZ),
	  .source = "FF-A ACS ffa_partition_info_get_client.c" },
	NO_RESULT_W(4, 7),
};

static const struct ffa_answer partition_answers[] = {
	{ .fid = FFA_FID_SUCCESS,
	  .bits = BITS(5, 0, 0),
	  .value = 1,
	  .when = "if count-only=1",
	  FIELDS(partition_count),
	  .note = "the RX buffer is left alone",
	  .source = CALL_TABLE },
	{ .fid = FFA_FID_SUCCESS,
	  FIELDS(partition_success),
	  .result = FFA_RESULT_IN_BUFFER,
	  .note = "the descriptors are in the RX buffer, which belongs to the caller until "
		  "FFA_RX_RELEASE",
	  .source = CALL_TABLE },
};

static const struct ffa_field partition_regs_fields[] = {
	{ XX(1, 2), .name = "uuid", .type = FFA_TYPE_UUID,
	  .meaning = "partitions with this UUID; the Nil UUID (0): all", .source = CALL_TABLE },
	{ X(3, 63, 32), RULES(NONE, NONE, UNKNOWN, SBZ), .unknown = ONLY_1_3,
	  .source = CALL_TABLE },
	{ X(3, 31, 16), .name = "tag", .type = FFA_TYPE_HEX,
	  .meaning = "that of the answer before; it shows whether the information has changed",
	  .source = CALL_TABLE "; drivers/firmware/arm_ffa/driver.c" },
	{ X(3, 15, 0), .name = "start-index", .type = FFA_TYPE_DECIMAL,
	  .meaning = "index of the first partition to return",
	  .source = CALL_TABLE "; drivers/firmware/arm_ffa/driver.c" },
	UNUSED_X(4, 17),
};

static const struct ffa_restriction partition_regs_restrictions[] = {
	{ X(3, 31, 16), .zero = BITS(3, 15, 0), RULES(NONE, NONE, UNKNOWN, MBZ),
	  .when = "while start-index is 0", .unknown = ONLY_1_3, .source = CALL_TABLE },
};

#define DRIVER "drivers/firmware/arm_ffa/driver.c (PARTITION_INFO_GET_REGS)"

static const struct ffa_field partition_regs_success[] = {
	{ X(2, 63, 48), .name = "descriptor-size", .type = FFA_TYPE_DECIMAL,
	  .meaning = "bytes of a descriptor, 8 for each register", .source = DRIVER },
	{ X(2, 47, 32), .name = "tag", .meaning = "to be given with the next call",
	  .source = DRIVER },
	{ X(2, 31, 16), .name = "current-index", .type = FFA_TYPE_DECIMAL,
	  .meaning = "index of the last partition in this answer", .source = DRIVER },
	{ X(2, 15, 0), .name = "last-index", .type = FFA_TYPE_DECIMAL,
	  .meaning = "number of partitions, less 1", .source = DRIVER },
	{ XX(3, 17), .name = "descriptors",
	  .meaning = "ID 15:0, number of execution contexts 31:16, properties 63:32 of the first "
		     "register, UUID in the two after it",
	  .source = DRIVER },
};

static const struct ffa_answer partition_regs_answers[] = {
	{ .fid = FFA_FID_SUCCESS_64,
	  FIELDS(partition_regs_success),
	  .result = FFA_RESULT_DESCRIPTORS,
	  .source = DRIVER },
};

static const struct ffa_field nothing_fields[] = {
	UNUSED_W(1, 7),
};

static const struct ffa_field id_success[] = {
	{ W(2, 31, 16), RULES(MBZ, MBZ, MBZ, MBZ), .source = "FF-A ACS ffa_id_get_client.c (1.0)" },
	{ W(2, 15, 0), .name = "id", .type = FFA_TYPE_ID, .meaning = "endpoint ID",
	  .source = CALL_TABLE },
	NO_RESULT_W(3, 7),
};

static const struct ffa_answer id_answers[] = {
	{ .fid = FFA_FID_SUCCESS, FIELDS(id_success), .source = CALL_TABLE },
};

#define NS_RES "Hafnium inc/vmapi/hf/ffa.h, src/api.c"

static const struct ffa_field ns_res_fields[] = {
	{ X(1, 63, 16), RULES(NONE, NONE, NONE, SBZ), .source = CALL_TABLE },
	{ X(1, 15, 0), .name = "target", .type = FFA_TYPE_ID,
	  .meaning = "endpoint that is asked for, if target-valid is 1", .source = CALL_TABLE },
	{ X(2, 63, 5), RULES(NONE, NONE, NONE, SBZ), .source = CALL_TABLE },
	{ X(2, 4, 4), .name = "continue", .type = FFA_TYPE_DECIMAL,
	  .meaning = "0: start, 1: continue with what did not fit the RX buffer",
	  .source = NS_RES },
	{ X(2, 3, 2), .name = "resource-type", .type = FFA_TYPE_DECIMAL,
	  .symbols = (const struct ffa_symbol[]){ { "memory", 0, "memory regions" }, { 0 } },
	  .closed = true, .meaning = "kind of resource; 0 only", .source = NS_RES },
	{ X(2, 1, 1), RULES(NONE, NONE, NONE, SBZ), .source = CALL_TABLE },
	{ X(2, 0, 0), .name = "target-valid", .type = FFA_TYPE_DECIMAL,
	  .meaning = "1: of the endpoint in target, 0: of all", .source = NS_RES },
	UNUSED_X(3, 17),
};

static const struct ffa_field ns_res_success[] = {
	{ X(2, 63, 32), .name = "written", .type = FFA_TYPE_DECIMAL,
	  .meaning = "bytes that were written to the RX buffer", .source = NS_RES },
	{ X(2, 31, 0), .name = "remaining", .type = FFA_TYPE_DECIMAL,
	  .meaning = "bytes that are left; to be asked for with continue=1", .source = NS_RES },
	UNUSED_X(3, 17),
};

static const struct ffa_answer ns_res_answers[] = {
	{ .fid = FFA_FID_SUCCESS_64,
	  FIELDS(ns_res_success),
	  .note = "the RX buffer belongs to the caller until FFA_RX_RELEASE",
	  .source = NS_RES },
};

static const struct ffa_call calls[] = {
	{
		.name = "FFA_VERSION",
		.fid = 0x84000063,
		.since = FFA_VERSION_1_0,
		.summary = "negotiates the version of FF-A",
		CONDUITS_UNKNOWN,
		FIELDS(version_fields),
		ALIASES(version_aliases),
		ANSWERS(version_answers),
		.errors_note = "errors are SMCCC's, in w0: -1 NOT_SUPPORTED; 1.3 also -3 "
			       "INVALID_PARAMETER, if w1[31] is set",
		.changes = "may bring the version of FF-A down below the one in use",
		.consent = FFA_CONSENT_IF_OLDER,
		.consent_bits = BITS(1, 30, 0),
		.el2_reissues = true,
		.control = "version={version}",
		.example = "VERSION version=1.2",
		.note = "to come before any other call, which is NOT_SUPPORTED otherwise (R0209); "
			"pKVM's proxy answers INVALID_PARAMETERS",
		.source = SPEC "13.2",
	},
	{
		.name = "FFA_FEATURES",
		.fid = 0x84000064,
		.since = FFA_VERSION_1_0,
		.summary = "asks whether a function or feature is there, and for its properties",
		CONDUITS_UNKNOWN,
		FIELDS(features_fields),
		RESTRICTIONS(features_restrictions),
		ANSWERS(features_answers),
		ERRORS(features_errors),
		.control = "feature=RXTX_MAP_64",
		.values = "feature=0; feature=0xff; feature=0xffffffff",
		.example = "FEATURES feature=sri",
		.source = SPEC "Tables 13.12, 13.14",
	},
	{
		.name = "FFA_RX_RELEASE",
		.fid = 0x84000065,
		.since = FFA_VERSION_1_0,
		.summary = "gives the RX buffer back to its producer",
		CONDUITS_UNKNOWN,
		FIELDS(rx_vm_fields),
		ANSWER_PLAIN,
		ERRORS(release_errors),
		.changes =
			"lets the producer write to the RX buffer that the caller's driver reads",
		.consent = FFA_CONSENT_ALWAYS,
		.undo = "FFA_PARTITION_INFO_GET with count-only=0, which fills the RX buffer",
		.undo_fid = 0x84000068,
		.undo_control = "count-only=0",
		.first = FFA_FIRST_ANYBODY,
		.example = "RX_RELEASE vm-id=0",
		.source = CALL_TABLE "; drivers/firmware/arm_ffa/driver.c",
	},
	{
		.name = "FFA_RXTX_MAP",
		.fid = 0x84000066,
		.since = FFA_VERSION_1_0,
		.summary = "registers the caller's RX and TX buffers",
		CONDUITS_UNKNOWN,
		FIELDS(rxtx_map_fields),
		ANSWER_PLAIN,
		ERRORS(map_errors),
		.changes = "registers memory as the host's RX and TX buffers",
		.undo = "FFA_RXTX_UNMAP",
		.consent = FFA_CONSENT_ALWAYS,
		.control = "page-count=1",
		.example = "RXTX_MAP tx=0x80000000 rx=0x80001000 page-count=1",
		.note = "with both addresses 0 at the physical instances: on behalf of a VM, whose "
			"buffers a descriptor in TX names (TF-A spmc_main.c, Hafnium)",
		.source = PAGES_SOURCE,
	},
	{
		.name = "FFA_RXTX_MAP_64",
		.fid = 0xc4000066,
		.since = FFA_VERSION_1_0,
		.summary = "registers the caller's RX and TX buffers",
		CONDUITS_UNKNOWN,
		FIELDS(rxtx_map_fields_64),
		ANSWER_PLAIN,
		ERRORS(map_errors),
		.changes = "registers memory as the host's RX and TX buffers",
		.undo = "FFA_RXTX_UNMAP",
		.consent = FFA_CONSENT_ALWAYS,
		.el2_reissues = true,
		.control = "page-count=1",
		.example = "RXTX_MAP_64 tx=0x880000000 rx=0x880001000 page-count=1",
		.note = "with both addresses 0 at the physical instances: on behalf of a VM, whose "
			"buffers a descriptor in TX names (TF-A spmc_main.c, Hafnium)",
		.source = PAGES_SOURCE,
	},
	{
		.name = "FFA_RXTX_UNMAP",
		.fid = 0x84000067,
		.since = FFA_VERSION_1_0,
		.summary = "takes the registration of RX and TX buffers back",
		CONDUITS_UNKNOWN,
		FIELDS(rxtx_unmap_fields),
		ANSWER_PLAIN,
		ERRORS(unmap_errors),
		.changes = "takes the RX and TX buffers away from the host's driver",
		.undo = "FFA_RXTX_MAP with the same addresses",
		.consent = FFA_CONSENT_ALWAYS,
		.el2_reissues = true,
		.no_sweep = "only a reboot would give arm_ffa its buffers back",
		.example = "RXTX_UNMAP vm-id=0",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_PARTITION_INFO_GET",
		.fid = 0x84000068,
		.since = FFA_VERSION_1_0,
		.summary = "describes partitions, in the RX buffer",
		CONDUITS_UNKNOWN,
		FIELDS(partition_fields),
		ANSWERS(partition_answers),
		ERRORS(partition_errors),
		.changes = "fills the RX buffer and makes it the caller's",
		.undo = "FFA_RX_RELEASE with vm-id=0",
		.undo_fid = 0x84000065,
		.consent = FFA_CONSENT_IF_CLEAR,
		.consent_bits = BITS(5, 0, 0),
		.el2_reissues = true,
		.control = "count-only=1",
		.example = "PARTITION_INFO_GET count-only=1",
		.note = "with count-only it changes nothing",
		.source = CALL_TABLE "; Table 6.2",
	},
	{
		.name = "FFA_ID_GET",
		.fid = 0x84000069,
		.since = FFA_VERSION_1_0,
		.summary = "returns the caller's endpoint ID",
		CONDUITS_UNKNOWN,
		FIELDS(nothing_fields),
		ANSWERS(id_answers),
		ERRORS(id_errors),
		.example = "ID_GET",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_RX_ACQUIRE",
		.fid = 0x84000084,
		.since = FFA_VERSION_1_1,
		.summary = "takes a VM's RX buffer from it, to write a message",
		.caller = "hypervisor",
		CONDUITS(SMC, ERET, NOT, NOT),
		FIELDS(rx_vm_fields),
		ANSWER_PLAIN,
		ERRORS(acquire_errors),
		.changes = "takes the RX buffer of the VM",
		.undo = "FFA_RX_RELEASE of the same vm-id",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "RX_ACQUIRE vm-id=0",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_SPM_ID_GET",
		.fid = 0x84000085,
		.since = FFA_VERSION_1_1,
		.summary = "returns the endpoint ID of the SPMC or SPMD",
		CONDUITS_UNKNOWN,
		FIELDS(nothing_fields),
		ANSWERS(id_answers),
		ERRORS(spm_id_errors),
		.example = "SPM_ID_GET",
		.source = CALL_TABLE,
	},
	{
		.name = "FFA_PARTITION_INFO_GET_REGS",
		.fid = 0xc400008b,
		.since = FFA_VERSION_1_2,
		.summary = "describes partitions, in registers",
		CONDUITS_UNKNOWN,
		FIELDS(partition_regs_fields),
		RESTRICTIONS(partition_regs_restrictions),
		ANSWERS(partition_regs_answers),
		ERRORS(partition_regs_errors),
		.example = "PARTITION_INFO_GET_REGS",
		.source = CALL_TABLE "; " DRIVER,
	},
	{
		.name = "FFA_NS_RES_INFO_GET",
		.fid = 0xc400008f,
		.since = FFA_VERSION_1_3,
		.summary = "describes Non-secure resources of an endpoint",
		CONDUITS_UNKNOWN,
		FIELDS(ns_res_fields),
		ANSWERS(ns_res_answers),
		ERRORS(ns_res_errors),
		.changes = "fills the RX buffer and makes it the caller's",
		.undo = "FFA_RX_RELEASE",
		.consent = FFA_CONSENT_ALWAYS,
		.example = "NS_RES_INFO_GET target=0x8001 target-valid=1",
		.source = CALL_TABLE "; " NS_RES,
	},
};

const struct ffa_table ffa_table_setup = { LIST(calls) };
