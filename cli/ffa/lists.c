// SPDX-License-Identifier: GPL-2.0-only
/* Results that are lists packed into registers: pending notifications, partition descriptors. */
#include <errno.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
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
			     const struct ffa_dump *out)
{
	const struct ffa_field *f = ffa_field_by_name(answer->fields, answer->nr_fields, name);

	return f ? value_get(f, &out->regs) : (struct value){ .words = 1 };
}

static uint16_t half_word(const struct value *v, unsigned int i)
{
	return (uint16_t)(v->word[i / 4] >> i % 4 * 16);
}

/* Whether the first n IDs of 16 bits in a field were given. */
static bool ids_given(const struct ffa_answer *answer, const struct ffa_dump *out, unsigned int n)
{
	const struct ffa_field *f = ffa_field_by_name(answer->fields, answer->nr_fields, "ids");
	unsigned int per_reg = f->wide ? 4 : 2;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int bit = i % per_reg * 16;

		if (!ffa_given(out, f->reg + i / per_reg, bit + 15, bit))
			return false;
	}

	return true;
}

static bool field_given(const struct ffa_answer *answer, const char *name,
			const struct ffa_dump *out)
{
	const struct ffa_field *f = ffa_field_by_name(answer->fields, answer->nr_fields, name);

	return f && ffa_field_given(f, out);
}

int ffa_dump_info(const struct ffa_dump *out, struct ffa_info *info)
{
	const struct ffa_answer *answer = answer_with(FFA_RESULT_LISTS, (uint32_t)out->x[0]);
	struct value sizes, ids;
	unsigned int lists, fit, next = 0;

	memset(info, 0, sizeof(*info));
	if (!answer)
		return -EINVAL;
	if (!field_given(answer, "lists", out))
		return -ENODATA;

	info->more = value_of(answer, "more", out).word[0];
	lists = (unsigned int)value_of(answer, "lists", out).word[0];
	info->announced = lists;
	info->cut = lists && !field_given(answer, "sizes", out);
	sizes = value_of(answer, "sizes", out);
	ids = value_of(answer, "ids", out);
	fit = sizes.bits / 2;
	if (lists > fit)
		lists = fit;

	for (unsigned int i = 0; i < lists && !info->cut; i++) {
		unsigned int vcpus = sizes.word[0] >> 2 * i & 3;
		struct ffa_info_list *list = &info->list[i];

		if ((next + 1 + vcpus) * 16 > ids.bits)
			return -EOVERFLOW;
		info->cut = !ids_given(answer, out, next + 1 + vcpus);
		if (info->cut)
			break;
		list->endpoint = half_word(&ids, next++);
		list->nr_vcpus = (uint8_t)vcpus;
		for (unsigned int v = 0; v < vcpus; v++)
			list->vcpu[v] = half_word(&ids, next++);
		info->nr_lists++;
	}

	return info->announced > fit ? -EOVERFLOW : 0;
}

/*
 * Registers of a descriptor: ID and properties, UUID; from 1.3 on also the image's UUID and the
 * version (Arm's arm-ffa crate, partition_info; TF-A include/services/ffa_svc.h).
 */
#define DESCRIPTOR_1_1	    3
#define DESCRIPTOR_1_3	    6

/* Bits 5:4 of the properties: the ID is that of a dependent SEPID (Table 6.2). */
#define ID_TYPE(properties) ((properties) >> 4 & 3)
#define SEPID_DEPENDENT	    2

static void copy_uuid(uint8_t uuid[16], const uint64_t *low)
{
	for (unsigned int b = 0; b < 16; b++)
		uuid[b] = (uint8_t)(low[b / 8] >> b % 8 * 8);
}

static void read_descriptor(const uint64_t *d, unsigned int size, struct ffa_partition *p)
{
	uint16_t half = (uint16_t)(d[0] >> 16);

	*p = (struct ffa_partition){ .id = (uint16_t)d[0], .properties = (uint32_t)(d[0] >> 32) };
	/* Bits 31:16 are the number of execution contexts of a PE endpoint only. */
	if (ID_TYPE(p->properties) == 0)
		p->contexts = half;
	else if (ID_TYPE(p->properties) == SEPID_DEPENDENT)
		p->proxy = half;
	copy_uuid(p->uuid, d + 1);
	if (size < DESCRIPTOR_1_3)
		return;
	p->has_image = true;
	copy_uuid(p->image, d + 3);
	p->version = (uint32_t)d[5];
}

static bool is_given(const struct ffa_dump *out, unsigned int reg, unsigned int n, bool *empty)
{
	*empty = true;
	for (unsigned int i = reg; i < reg + n; i++) {
		if (!ffa_given(out, i, 63, 0))
			return false;
		*empty &= !out->x[i];
	}

	return true;
}

#define FIRST_DESCRIPTOR 3 /* register */

size_t ffa_dump_partitions(const struct ffa_call *call, const struct ffa_dump *in,
			   const struct ffa_dump *out, struct ffa_partition *list, size_t n,
			   bool *known)
{
	const struct ffa_field *start =
		call ? ffa_field_by_name(call->fields, call->nr_fields, "start-index") : NULL;
	const struct ffa_answer *answer = answer_with(FFA_RESULT_DESCRIPTORS, (uint32_t)out->x[0]);
	uint64_t current, last, size, first;
	size_t nr = 0, most;

	*known = in && start && ffa_field_given(start, in);
	if (!answer || !ffa_given(out, 2, 63, 0))
		return 0;

	current = value_of(answer, "current-index", out).word[0];
	last = value_of(answer, "last-index", out).word[0];
	size = value_of(answer, "descriptor-size", out).word[0];
	first = *known ? ffa_field_get(start, &in->regs) : 0;
	if (size % 8 || size / 8 < DESCRIPTOR_1_1 || current > last || current < first)
		return 0;

	size /= 8;
	most = current - first + 1;
	if (*known && most * size > FFA_NR_REGS - FIRST_DESCRIPTOR)
		return 0;
	for (; nr < most && nr < n && (nr + 1) * size <= FFA_NR_REGS - FIRST_DESCRIPTOR; nr++) {
		unsigned int reg = FIRST_DESCRIPTOR + (unsigned int)(nr * size);
		bool empty;

		if (!is_given(out, reg, (unsigned int)size, &empty) || (!*known && empty))
			break;
		read_descriptor(&out->x[reg], (unsigned int)size, &list[nr]);
	}

	return nr;
}

unsigned int ffa_partitions_end(const struct ffa_call *call, const struct ffa_dump *in,
				const struct ffa_dump *out)
{
	const struct ffa_field *start =
		call ? ffa_field_by_name(call->fields, call->nr_fields, "start-index") : NULL;
	uint64_t x2 = out->x[2], first = 0, end;

	if (!ffa_given(out, 2, 63, 0) || (x2 >> 16 & 0xffff) > (x2 & 0xffff))
		return FFA_NR_REGS;
	if (in && start && ffa_field_given(start, in))
		first = ffa_field_get(start, &in->regs);
	if ((x2 >> 16 & 0xffff) < first)
		return FFA_NR_REGS;
	end = FIRST_DESCRIPTOR + ((x2 >> 16 & 0xffff) - first + 1) * (x2 >> 51);

	return end < FFA_NR_REGS ? (unsigned int)end : FFA_NR_REGS;
}

size_t ffa_partitions_decode(const struct ffa_regs *out, unsigned int start_index,
			     struct ffa_partition *list, size_t n)
{
	const struct ffa_call *call = ffa_call_by_fid(0xc400008b);
	struct ffa_dump dump = { .regs = *out }, in = { .x = { 0, 0, 0, start_index } };
	bool known;

	return ffa_dump_partitions(call, &in, &dump, list, n, &known);
}
