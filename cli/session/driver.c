// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ffa/ffa.h"
#include "session/driver.h"

int32_t driver_status(int error)
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

bool driver_made_one_call(const struct ffascope_driver *req)
{
	bool notifications = req->facts & FFASCOPE_FACT_NOTIFICATIONS;

	if (req->facts & FFASCOPE_FACT_MOVED)
		return false;

	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
		/* arm_ffa itself may have been short of memory. */
		return notifications && req->status != -ENOMEM;
	case FFASCOPE_DRIVER_RELINQUISH:
		/* EINVAL is also what it says of an ID that nobody has requested. */
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
		return req->facts & FFASCOPE_FACT_32BIT ? "MSG_SEND_DIRECT_REQ"
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

void driver_call(const struct ffascope_driver *req, struct ffascope_call *call)
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
	case FFASCOPE_DRIVER_DIRECT2:
		set(ffa, &regs, "receiver", req->partition);
		break;
	default:
		break;
	}

	memset(call, 0, sizeof(*call));
	memcpy(call->in, regs.x, sizeof(call->in));
	/* An error, whichever: x0 of -1 is one that carries nothing else. */
	call->out[0] = req->status ? UINT64_MAX : FFA_FID_SUCCESS;
	call->begin_ns = req->begin_ns;
	call->end_ns = req->end_ns;
	call->cpu = req->made_on;
}
