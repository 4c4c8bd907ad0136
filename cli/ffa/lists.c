// SPDX-License-Identifier: GPL-2.0-only
/* Results that are lists packed into registers: pending notifications, partition descriptors. */
#include <errno.h>
#include <string.h>

#include "ffa/rows.h"
#include "ffa/value.h"

/* The row of an answer: that of the first identifier in the catalogue with such a result. */
static const struct ffa_answer *answer_with(enum ffa_result result, uint32_t fid)
{
	for (size_t index = 0;; index++) {
		const struct ffa_call *call = ffa_call_any(index);

		if (!call)
			return NULL;
		for (size_t i = 0; i < call->nr_answers; i++) {
			if (call->answers[i].result == result && call->answers[i].fid == fid)
				return &call->answers[i];
		}
	}
}

static struct value value_of(const struct ffa_answer *answer, const char *name,
			     const struct ffa_regs *out)
{
	const struct ffa_field *f = ffa_field_by_name(answer->fields, answer->nr_fields, name);

	return f ? value_get(f, out) : (struct value){ .words = 1 };
}

static uint16_t half_word(const struct value *v, unsigned int i)
{
	return (uint16_t)(v->word[i / 4] >> i % 4 * 16);
}

int ffa_info_decode(const struct ffa_regs *out, struct ffa_info *info)
{
	const struct ffa_answer *answer = answer_with(FFA_RESULT_LISTS, (uint32_t)out->x[0]);
	struct value sizes, ids;
	unsigned int lists, fit, next = 0;

	memset(info, 0, sizeof(*info));
	if (!answer)
		return -EINVAL;

	info->more = value_of(answer, "more", out).word[0];
	lists = (unsigned int)value_of(answer, "lists", out).word[0];
	sizes = value_of(answer, "sizes", out);
	ids = value_of(answer, "ids", out);
	fit = sizes.bits / 2;
	if (lists > fit)
		lists = fit;

	for (unsigned int i = 0; i < lists; i++) {
		unsigned int vcpus = sizes.word[0] >> 2 * i & 3;
		struct ffa_info_list *list = &info->list[i];

		if ((next + 1 + vcpus) * 16 > ids.bits)
			return -EOVERFLOW;
		list->endpoint = half_word(&ids, next++);
		list->nr_vcpus = (uint8_t)vcpus;
		for (unsigned int v = 0; v < vcpus; v++)
			list->vcpu[v] = half_word(&ids, next++);
		info->nr_lists++;
	}

	return value_of(answer, "lists", out).word[0] > fit ? -EOVERFLOW : 0;
}

/* In units of registers (drivers/firmware/arm_ffa/driver.c: at least ID and properties, UUID). */
#define DESCRIPTOR_MIN 3

size_t ffa_partitions_decode(const struct ffa_regs *out, unsigned int start_index,
			     struct ffa_partition *list, size_t n)
{
	const struct ffa_answer *answer = answer_with(FFA_RESULT_DESCRIPTORS, (uint32_t)out->x[0]);
	struct value regs;
	unsigned int current, size;
	size_t nr;

	if (!answer)
		return 0;

	current = (unsigned int)value_of(answer, "current-index", out).word[0];
	size = (unsigned int)value_of(answer, "descriptor-size", out).word[0] / 8;
	regs = value_of(answer, "descriptors", out);
	if (size < DESCRIPTOR_MIN || current < start_index ||
	    (current - start_index + 1) * size > regs.words)
		return 0;

	nr = current - start_index + 1;
	for (size_t i = 0; i < nr && i < n; i++) {
		const uint64_t *d = &regs.word[i * size];

		list[i].id = (uint16_t)d[0];
		list[i].contexts = (uint16_t)(d[0] >> 16);
		list[i].properties = (uint32_t)(d[0] >> 32);
		for (unsigned int b = 0; b < 16; b++)
			list[i].uuid[b] = (uint8_t)(d[1 + b / 8] >> b % 8 * 8);
	}

	return nr < n ? nr : n;
}
