// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a caller does first: ask what there is (FFA_FEATURES), give the SPMC a pair of buffers
 * (FFA_RXTX_MAP), and find the partitions (FFA_PARTITION_INFO_GET).
 */
#include "spmc.h"

struct mailbox mailbox;
uint32_t descriptor_size = 24;

/*
 * The calls that FFA_FEATURES says yes to. Where a call has two identifiers, both are supported
 * (section 11, rule 5).
 */
static const uint32_t features[] = {
	FFA_ERROR,
	FFA_SUCCESS,
	FFA_INTERRUPT,
	FFA_VERSION,
	FFA_FEATURES,
	FFA_RX_RELEASE,
	FFA_RXTX_MAP,
	FFA_RXTX_MAP | FFA_64,
	FFA_RXTX_UNMAP,
	FFA_PARTITION_INFO_GET,
	FFA_ID_GET,
	FFA_SPM_ID_GET,
	FFA_YIELD,
	FFA_RUN,
	FFA_MSG_SEND_DIRECT_REQ,
	FFA_MSG_SEND_DIRECT_REQ | FFA_64,
	FFA_MSG_SEND2,
	FFA_MEM_LEND,
	FFA_MEM_LEND | FFA_64,
	FFA_MEM_SHARE,
	FFA_MEM_SHARE | FFA_64,
	FFA_MEM_RETRIEVE_REQ,
	FFA_MEM_RETRIEVE_REQ | FFA_64,
	FFA_MEM_RELINQUISH,
	FFA_MEM_RECLAIM,
	FFA_MEM_FRAG_RX,
	FFA_MEM_FRAG_TX,
	FFA_NOTIFICATION_BITMAP_CREATE,
	FFA_NOTIFICATION_BITMAP_DESTROY,
	FFA_NOTIFICATION_BIND,
	FFA_NOTIFICATION_UNBIND,
	FFA_NOTIFICATION_SET,
	FFA_NOTIFICATION_GET,
	FFA_NOTIFICATION_INFO_GET,
	FFA_NOTIFICATION_INFO_GET | FFA_64,
};

static const uint32_t features_1_2[] = { FFA_PARTITION_INFO_GET_REGS_64,
					 FFA_MSG_SEND_DIRECT_REQ2_64 };

static bool is_among(uint32_t id, const uint32_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

void ffa_features(struct regs *regs)
{
	uint32_t id = (uint32_t)regs->x[1];

	/* Bit 31 tells function IDs from feature IDs. */
	if (!(id >> 31)) {
		if (id & 0x7fffff00)
			return answer_error(regs, INVALID_PARAMETERS);
		if (id == FEATURE_SCHEDULE_RECEIVER)
			return answer(regs, FFA_SUCCESS, INTERRUPT_SRI, 0);
		/*
		 * No notification pending interrupt: the normal world is no partition of ours
		 * (section 10.9).
		 */
		return answer_error(regs, NOT_SUPPORTED);
	}
	if (is_among(id, features, COUNT(features)) ||
	    (ffa_version >= 0x10002 && is_among(id, features_1_2, COUNT(features_1_2))))
		/* For FFA_RXTX_MAP: w2[1:0] 0, buffers of at least 4 KB. */
		return answer_success(regs);
	answer_error(regs, NOT_SUPPORTED);
}

void ffa_rxtx_map(struct regs *regs)
{
	uint64_t tx = regs->x[1], rx = regs->x[2], size = (regs->x[3] & 0x3f) * PAGE;

	if (mailbox.tx)
		return answer_error(regs, DENIED);
	if (!size || tx % PAGE || rx % PAGE || !normal_world_memory(tx, size) ||
	    !normal_world_memory(rx, size) || (tx < rx + size && rx < tx + size))
		return answer_error(regs, INVALID_PARAMETERS);
	mailbox = (struct mailbox){ (uint8_t *)tx, (uint8_t *)rx, (uint32_t)size, false };
	answer_success(regs);
}

void ffa_rxtx_unmap(struct regs *regs)
{
	/* w1[31:16]: whose buffers. Only the normal world as a whole has some. */
	if (high16(regs->x[1]) != NORMAL_WORLD || !mailbox.tx)
		return answer_error(regs, INVALID_PARAMETERS);
	mailbox = (struct mailbox){ 0 };
	answer_success(regs);
}

void ffa_rx_release(struct regs *regs)
{
	if (low16(regs->x[1]) != NORMAL_WORLD)
		return answer_error(regs, INVALID_PARAMETERS);
	if (!mailbox.rx_full)
		return answer_error(regs, DENIED);
	mailbox.rx_full = false;
	answer_success(regs);
}

/*
 * A partition information descriptor, Table 6.1: 24 bytes; a later version may append to it, and
 * zeros do so here.
 */
static void descriptor_write(uint64_t *to, const struct partition *p, bool with_uuid)
{
	to[0] = p->id | (uint64_t)p->contexts << 16 | (uint64_t)p->properties << 32;
	/* The UUID is left out where the caller named it. */
	to[1] = with_uuid ? pack32(p->uuid[0], p->uuid[1]) : 0;
	to[2] = with_uuid ? pack32(p->uuid[2], p->uuid[3]) : 0;
	for (unsigned int i = 3; i < descriptor_size / 8; i++)
		to[i] = 0;
}

void ffa_partition_info_get(struct regs *regs)
{
	const uint32_t uuid[4] = { regs->x[1], regs->x[2], regs->x[3], regs->x[4] };
	bool count_only = regs->x[5] & 1, any = !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);
	uint32_t count = 0;

	if (!count_only && (!mailbox.rx || mailbox.rx_full))
		return answer_error(regs, BUSY);
	for (unsigned int i = 0; i < partition_count; i++) {
		if (!partition_matches(&partitions[i], uuid))
			continue;
		if (!count_only) {
			if ((count + 1) * descriptor_size > mailbox.size)
				return answer_error(regs, NO_MEMORY);
			descriptor_write((uint64_t *)(mailbox.rx + count * descriptor_size),
					 &partitions[i], any);
		}
		count++;
	}
	if (!count)
		return answer_error(regs, INVALID_PARAMETERS);
	if (!count_only)
		mailbox.rx_full = true;
	answer(regs, FFA_SUCCESS, count, count_only ? 0 : descriptor_size);
}

/*
 * The same without a buffer, since FF-A 1.2. x3[15:0] is the index to begin with; x2 of the answer
 * tells the last index, the index of the last descriptor that is in the answer, a tag, and the
 * descriptor's size. They begin at x3.
 */
void ffa_partition_info_get_regs(struct regs *regs)
{
	const uint32_t uuid[4] = { regs->x[1], regs->x[1] >> 32, regs->x[2], regs->x[2] >> 32 };
	uint32_t start = low16(regs->x[3]), words = descriptor_size / 8, count = 0;
	bool any = !(uuid[0] | uuid[1] | uuid[2] | uuid[3]);
	struct regs out = { { FFA_SUCCESS | FFA_64 } };
	uint32_t fits = 15 / words, put = 0;

	if (ffa_version < 0x10002)
		return answer_error(regs, NOT_SUPPORTED);
	for (unsigned int i = 0; i < partition_count; i++) {
		if (!partition_matches(&partitions[i], uuid))
			continue;
		if (count >= start && put < fits)
			descriptor_write(&out.x[3 + put++ * words], &partitions[i], any);
		count++;
	}
	if (!count || start >= count || !put)
		return answer_error(regs, INVALID_PARAMETERS);
	out.x[2] =
		(count - 1) | (uint64_t)(start + put - 1) << 16 | (uint64_t)descriptor_size << 48;
	*regs = out;
}
