/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizes and offsets of the structures of ffascope.h. The module, the tool and the BPF program are
 * compiled separately, each with its own compiler; each checks its own view at compile time.
 */
#ifndef FFASCOPE_LAYOUT_H
#define FFASCOPE_LAYOUT_H

#define FFASCOPE_CHECK_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), "size of " #type)
#define FFASCOPE_CHECK_AT(type, field, offset) \
	_Static_assert(__builtin_offsetof(type, field) == (offset), #type ": " #field)

/* struct ffascope_call, and the copy of it in bpf/driver.bpf.c. */
#define FFASCOPE_CHECK_CALL(type) \
	FFASCOPE_CHECK_SIZE(type, 312); \
	FFASCOPE_CHECK_AT(type, in, 0); \
	FFASCOPE_CHECK_AT(type, out, 144); \
	FFASCOPE_CHECK_AT(type, begin_ns, 288); \
	FFASCOPE_CHECK_AT(type, end_ns, 296); \
	FFASCOPE_CHECK_AT(type, cpu, 304); \
	FFASCOPE_CHECK_AT(type, flags, 308)

#define FFASCOPE_CHECK_LAYOUT() \
	FFASCOPE_CHECK_CALL(struct ffascope_call); \
	FFASCOPE_CHECK_SIZE(struct ffascope_info, 40); \
	FFASCOPE_CHECK_AT(struct ffascope_info, ffa_version, 16); \
	FFASCOPE_CHECK_AT(struct ffascope_info, max_guard_ns, 28); \
	FFASCOPE_CHECK_AT(struct ffascope_info, kept_pages, 32); \
	FFASCOPE_CHECK_SIZE(struct ffascope_registers, 64); \
	FFASCOPE_CHECK_AT(struct ffascope_registers, calls, 8); \
	FFASCOPE_CHECK_AT(struct ffascope_registers, bad, 24); \
	FFASCOPE_CHECK_AT(struct ffascope_registers, limit_us, 36); \
	FFASCOPE_CHECK_AT(struct ffascope_registers, tx, 40); \
	FFASCOPE_CHECK_AT(struct ffascope_registers, rx_len, 60); \
	FFASCOPE_CHECK_SIZE(struct ffascope_pages, 24); \
	FFASCOPE_CHECK_AT(struct ffascope_pages, addresses, 8); \
	FFASCOPE_CHECK_AT(struct ffascope_pages, page_size, 20); \
	FFASCOPE_CHECK_SIZE(struct ffascope_driver, 192); \
	FFASCOPE_CHECK_AT(struct ffascope_driver, cpu, 24); \
	FFASCOPE_CHECK_AT(struct ffascope_driver, result, 40); \
	FFASCOPE_CHECK_AT(struct ffascope_driver, begin_ns, 48); \
	FFASCOPE_CHECK_AT(struct ffascope_driver, uuid, 64); \
	FFASCOPE_CHECK_AT(struct ffascope_driver, data, 80); \
	FFASCOPE_CHECK_SIZE(struct ffascope_notification, 32); \
	FFASCOPE_CHECK_AT(struct ffascope_notification, partition, 16); \
	FFASCOPE_CHECK_AT(struct ffascope_notification, flags, 28)

#endif
