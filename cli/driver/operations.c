// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "driver/operations.h"

/* What sync_send_receive() carries. */
#define NR_DIRECT_DATA 5

int32_t driver_operation_status(int error)
{
	/* EAGAIN stands for two of them, EINVAL also for answers that arm_ffa does not know. */
	switch (-error) {
	case 0:
		return 0;
	case EOPNOTSUPP:
		return -1;
	case ENOMEM:
		return -3;
	case EBUSY:
		return -4;
	case EINTR:
		return -5;
	case EACCES:
		return -6;
	case ECANCELED:
		return -8;
	case ENODATA:
		return -9;
	default:
		return 1;
	}
}

bool driver_operation_made_one_call(const struct ffascope_driver *req)
{
	bool notifications = req->result & FFASCOPE_RESULT_NOTIFICATIONS;

	if (req->result & FFASCOPE_RESULT_MOVED)
		return false;

	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
		/* arm_ffa itself may have been short of memory. */
		return notifications && req->status != -ENOMEM;
	case FFASCOPE_DRIVER_RELINQUISH:
		/* arm_ffa also returns EINVAL for an ID that was not requested. */
		return notifications && req->status != -EINVAL;
	case FFASCOPE_DRIVER_SEND:
		return notifications;
	case FFASCOPE_DRIVER_DIRECT:
		return true;
	case FFASCOPE_DRIVER_DIRECT2:
		/* Said before the call where arm_ffa found that the firmware has none. */
		return req->status != -EOPNOTSUPP;
	default:
		return false;
	}
}

static const char *call_of(const struct ffascope_driver *req)
{
	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
		return "NOTIFICATION_BIND";
	case FFASCOPE_DRIVER_RELINQUISH:
		return "NOTIFICATION_UNBIND";
	case FFASCOPE_DRIVER_SEND:
		return "NOTIFICATION_SET";
	case FFASCOPE_DRIVER_DIRECT:
		return req->result & FFASCOPE_RESULT_32BIT ? "MSG_SEND_DIRECT_REQ"
							   : "MSG_SEND_DIRECT_REQ_64";
	case FFASCOPE_DRIVER_DIRECT2:
		return "MSG_SEND_DIRECT_REQ2";
	default:
		return "PARTITION_INFO_GET";
	}
}

static void set(const struct ffa_call *ffa, struct ffa_regs *regs, const char *field,
		uint64_t value)
{
	char word[64], err[256];

	snprintf(word, sizeof(word), "%s=0x%" PRIx64, field, value);
	/* The words are ours and fit their fields. */
	ffa_assign(ffa, regs, word, err, sizeof(err));
}

static void set_data(const struct ffa_call *ffa, struct ffa_regs *regs,
		     const struct ffascope_driver *req, unsigned int n)
{
	char name[16];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "data%u", i);
		set(ffa, regs, name, req->data[i]);
	}
}

static void set_uuid(const struct ffa_call *ffa, struct ffa_regs *regs, const uint8_t *uuid)
{
	char word[64] = "uuid=", err[256];

	ffa_format_uuid(uuid, word + strlen(word));
	ffa_assign(ffa, regs, word, err, sizeof(err));
}

void driver_operation_registers(const struct ffascope_driver *req, struct ffascope_call *call)
{
	const struct ffa_call *ffa = ffa_call_find(call_of(req));
	bool per_vcpu = req->flags & FFASCOPE_DRIVER_PER_VCPU;
	struct ffa_regs regs;

	/* Fields that are not set are 0: the host's endpoint ID, global notifications. */
	ffa_call_init(ffa, ffa_call_fid(ffa), &regs);
	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
		set(ffa, &regs, "per-vcpu", per_vcpu);
		/* fallthrough */
	case FFASCOPE_DRIVER_RELINQUISH:
		set(ffa, &regs, "sender", req->partition);
		set(ffa, &regs, "bitmap", UINT64_C(1) << (req->id & 63));
		break;
	case FFASCOPE_DRIVER_SEND:
		set(ffa, &regs, "receiver", req->partition);
		set(ffa, &regs, "per-vcpu", per_vcpu);
		set(ffa, &regs, "vcpu-id", req->vcpu);
		set(ffa, &regs, "bitmap", UINT64_C(1) << (req->id & 63));
		break;
	case FFASCOPE_DRIVER_DIRECT:
		set(ffa, &regs, "receiver", req->partition);
		set_data(ffa, &regs, req, NR_DIRECT_DATA);
		break;
	case FFASCOPE_DRIVER_DIRECT2:
		set(ffa, &regs, "receiver", req->partition);
		set_uuid(ffa, &regs, req->uuid);
		set_data(ffa, &regs, req, FFASCOPE_NR_DATA);
		break;
	case FFASCOPE_DRIVER_PARTITIONS:
		set_uuid(ffa, &regs, req->uuid);
		break;
	default:
		break;
	}

	memset(call, 0, sizeof(*call));
	memcpy(call->in, regs.x, sizeof(call->in));
}

void driver_operation_answer(const struct ffascope_driver *req, struct ffascope_call *call)
{
	/* An error, whichever: x0 of -1 is one that carries nothing else. */
	call->out[0] = req->status ? UINT64_MAX : FFA_FID_SUCCESS;
	call->begin_ns = req->begin_ns;
	call->end_ns = req->end_ns;
	call->cpu = req->made_on;
}

static uint64_t get(const struct ffa_call *ffa, const struct ffa_regs *in, const char *name)
{
	const struct ffa_field *field = ffa_field_by_name(ffa->fields, ffa->nr_fields, name);

	return field ? ffa_field_get(field, in) : 0;
}

static unsigned int lowest_id(const struct ffa_call *ffa, const struct ffa_regs *in)
{
	uint64_t bitmap = get(ffa, in, "bitmap");

	return bitmap ? (unsigned int)__builtin_ctzll(bitmap) : 0;
}

static void get_uuid(const struct ffa_call *ffa, const struct ffa_regs *in, uint8_t uuid[16])
{
	const struct ffa_field *field = ffa_field_by_name(ffa->fields, ffa->nr_fields, "uuid");
	char text[64] = "", *at = text;

	if (field)
		ffa_format_value(field, in, text, sizeof(text));
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int byte = 0;

		at += *at == '-';
		if (sscanf(at, "%2x", &byte) != 1)
			return;
		uuid[i] = (uint8_t)byte;
		at += 2;
	}
}

static void get_data(const struct ffa_call *ffa, const struct ffa_regs *in,
		     struct ffascope_driver *req, unsigned int n)
{
	char name[16];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "data%u", i);
		req->data[i] = get(ffa, in, name);
	}
}

int driver_operation_from_call(const struct ffa_regs *in, struct ffascope_driver *req, char *err,
			       size_t err_size)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)in->x[0]);
	const char *name = ffa ? ffa_call_name(ffa) : "";

	*req = (struct ffascope_driver){ .cpu = -1 };
	if (!strcmp(name, "FFA_NOTIFICATION_BIND")) {
		req->op = FFASCOPE_DRIVER_REQUEST;
		req->partition = (uint32_t)get(ffa, in, "sender");
		req->id = lowest_id(ffa, in);
	} else if (!strcmp(name, "FFA_NOTIFICATION_SET")) {
		req->op = FFASCOPE_DRIVER_SEND;
		req->partition = (uint32_t)get(ffa, in, "receiver");
		req->id = lowest_id(ffa, in);
	} else if (!strcmp(name, "FFA_MSG_SEND_DIRECT_REQ") ||
		   !strcmp(name, "FFA_MSG_SEND_DIRECT_REQ_64")) {
		req->op = FFASCOPE_DRIVER_DIRECT;
		req->partition = (uint32_t)get(ffa, in, "receiver");
		get_data(ffa, in, req, NR_DIRECT_DATA);
	} else if (!strcmp(name, "FFA_MSG_SEND_DIRECT_REQ2")) {
		req->op = FFASCOPE_DRIVER_DIRECT2;
		req->partition = (uint32_t)get(ffa, in, "receiver");
		get_data(ffa, in, req, FFASCOPE_NR_DATA);
	} else if (!strcmp(name, "FFA_PARTITION_INFO_GET")) {
		req->op = FFASCOPE_DRIVER_PARTITIONS;
		req->flags = FFASCOPE_DRIVER_UUID;
		get_uuid(ffa, in, req->uuid);
	} else if (!strcmp(name, "FFA_NOTIFICATION_UNBIND")) {
		snprintf(
			err, err_size,
			"arm_ffa unbinds only notifications that were bound through it; `ffascope notify bind' does both. --via registers makes this call alone");
		return -EINVAL;
	} else {
		snprintf(
			err, err_size,
			"arm_ffa has no operation for this call, only for NOTIFICATION_BIND and SET, MSG_SEND_DIRECT_REQ and REQ2, and PARTITION_INFO_GET; use --via registers instead");
		return -EINVAL;
	}

	if (get(ffa, in, "per-vcpu")) {
		req->flags |= FFASCOPE_DRIVER_PER_VCPU;
		if (req->op == FFASCOPE_DRIVER_SEND)
			req->vcpu = (uint32_t)get(ffa, in, "vcpu-id");
	}
	return 0;
}

int driver_operation_check(const struct ffa_regs *in, const struct ffascope_driver *req, char *err,
			   size_t err_size)
{
	struct ffascope_call sent;

	driver_operation_registers(req, &sent);
	if ((uint32_t)in->x[0] != (uint32_t)sent.in[0]) {
		snprintf(err, err_size, "arm_ffa sends %s to this partition, not %s",
			 ffa_call_name(ffa_call_by_fid((uint32_t)sent.in[0])),
			 ffa_call_name(ffa_call_by_fid((uint32_t)in->x[0])));
		return -EINVAL;
	}
	for (unsigned int i = 0; i < FFA_NR_REGS; i++) {
		if (in->x[i] == sent.in[i])
			continue;
		snprintf(err, err_size,
			 "x%u would be 0x%" PRIx64
			 ", but arm_ffa always sends 0x%llx there; use --via registers instead",
			 i, in->x[i], (unsigned long long)sent.in[i]);
		return -EINVAL;
	}
	return 0;
}
