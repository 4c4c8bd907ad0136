// SPDX-License-Identifier: GPL-2.0-only
/* Reads, writes and formats one descriptor, and builds a memory transaction out of several. */
#include <errno.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/format.h"
#include "ffa/descriptor.h"
#include "ffa/text.h"

/* ---- numbers in memory ---- */

/* Little-endian, n bytes, at most 16. */
static void load(const uint8_t *bytes, unsigned int n, uint64_t number[2])
{
	number[0] = number[1] = 0;
	for (unsigned int i = 0; i < n; i++)
		number[i / 8] |= (uint64_t)bytes[i] << i % 8 * 8;
}

static void store(uint8_t *bytes, unsigned int n, const uint64_t number[2])
{
	for (unsigned int i = 0; i < n; i++)
		bytes[i] = (uint8_t)(number[i / 8] >> i % 8 * 8);
}

static bool is_long(const struct ffa_member *m)
{
	return m->bytes > 8;
}

static size_t index_of(const struct ffa_part *part, const struct ffa_member *member)
{
	return (size_t)(member - part->layout->members);
}

/* ---- one descriptor ---- */

bool ffa_part_given(const struct ffa_part *part, const struct ffa_member *member)
{
	return (size_t)member->at + member->bytes <= part->have;
}

void ffa_part_read(struct ffa_part *part, const uint8_t *buf, size_t len)
{
	size_t left = part->at < len ? len - part->at : 0;

	part->have = left < part->layout->size ? left : part->layout->size;
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const struct ffa_member *m = &part->layout->members[i];
		uint64_t *value = part->value[i];

		value[0] = value[1] = 0;
		if (!ffa_part_given(part, m))
			continue;
		load(buf + part->at + m->at, m->bytes, value);
		if (!is_long(m))
			value[0] = value[0] >> m->lo & ffa_bits_max(m->hi, m->lo);
	}
}

int ffa_part_write(const struct ffa_part *part, uint8_t *buf, size_t size)
{
	if (part->at > size || size - part->at < part->layout->size)
		return -ENOSPC;
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const struct ffa_member *m = &part->layout->members[i];
		uint8_t *bytes = buf + part->at + m->at;
		uint64_t number[2];

		if (is_long(m)) {
			store(bytes, m->bytes, part->value[i]);
			continue;
		}
		load(bytes, m->bytes, number);
		number[0] &= ~(ffa_bits_max(m->hi, m->lo) << m->lo);
		number[0] |= (part->value[i][0] & ffa_bits_max(m->hi, m->lo)) << m->lo;
		store(bytes, m->bytes, number);
	}

	return 0;
}

const struct ffa_member *ffa_part_member(const struct ffa_part *part, const char *name)
{
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const struct ffa_member *m = &part->layout->members[i];

		if (m->name && !strcmp(m->name, name))
			return m;
	}

	return NULL;
}

uint64_t ffa_part_get(const struct ffa_part *part, const char *name)
{
	const struct ffa_member *m = ffa_part_member(part, name);

	return m ? part->value[index_of(part, m)][0] : 0;
}

int ffa_part_set(struct ffa_part *part, const char *name, uint64_t value)
{
	const struct ffa_member *m = ffa_part_member(part, name);

	if (!m)
		return -ENOENT;
	if (!is_long(m) && value & ~ffa_bits_max(m->hi, m->lo))
		return -ERANGE;
	part->value[index_of(part, m)][0] = value;
	part->value[index_of(part, m)][1] = 0;

	return 0;
}

size_t ffa_part_format(const struct ffa_part *part, const struct ffa_member *member, char *buf,
		       size_t size)
{
	const uint64_t *value = part->value[index_of(part, member)];
	/* A field of two x registers with the same bits: the types are written in one place. */
	const struct ffa_field field = { .regs = is_long(member) ? 2 : 1,
					 .hi = 63,
					 .wide = true,
					 .type = member->type,
					 .symbols = member->symbols };
	const struct ffa_dump regs = { .x = { value[0], value[1] } };

	if (!ffa_part_given(part, member)) {
		struct text text = text_into(buf, size);

		text_string(&text, "not in the buffer");
		return text_end(&text);
	}
	if (member->props)
		return ffa_format_properties((uint32_t)value[0], buf, size);

	return ffa_dump_value(&field, &regs, buf, size);
}

size_t ffa_member_format_bits(const struct ffa_member *member, char *buf, size_t size)
{
	struct text text = text_into(buf, size);

	if (member->hi - member->lo + 1 < 8 * member->bytes) {
		text_char(&text, '[');
		text_decimal(&text, member->hi);
		if (member->hi != member->lo) {
			text_char(&text, ':');
			text_decimal(&text, member->lo);
		}
		text_char(&text, ']');
	}

	return text_end(&text);
}

/* ---- building ---- */

static void put(const char *type, uint32_t version, struct ffa_part *part)
{
	*part = (struct ffa_part){ .type = ffa_descriptor_find(type) };
	part->layout = ffa_layout_of(part->type, version);
}

/* The bits of several members that make up one number. */
static void set_bits(struct ffa_part *part, unsigned int at, uint64_t number)
{
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const struct ffa_member *m = &part->layout->members[i];

		if (m->at == at)
			part->value[i][0] = number >> m->lo & ffa_bits_max(m->hi, m->lo);
	}
}

static void write_head(const struct ffa_mem_region *r, uint32_t version, size_t access_size,
		       uint8_t *buf, size_t size)
{
	struct ffa_part head;

	put("mem-transaction", version, &head);
	ffa_part_set(&head, "sender", r->sender);
	set_bits(&head, 2, r->attributes);
	set_bits(&head, 4, r->flags);
	ffa_part_set(&head, "handle", r->handle);
	ffa_part_set(&head, "tag", r->tag);
	/* 1.0 has neither of these two. */
	ffa_part_set(&head, "access-size", access_size);
	ffa_part_set(&head, "access-offset", head.layout->size);
	ffa_part_set(&head, "access-count", r->nr_receivers);
	ffa_part_write(&head, buf, size);
}

static void write_receiver(const struct ffa_mem_receiver *r, uint32_t version, size_t at,
			   size_t composite_at, uint8_t *buf, size_t size)
{
	struct ffa_part access;

	put("mem-access", version, &access);
	access.at = at;
	ffa_part_set(&access, "receiver", r->id);
	set_bits(&access, 2, r->permissions);
	set_bits(&access, 3, r->flags);
	ffa_part_set(&access, "composite-offset", composite_at);
	for (size_t i = 0; i < access.layout->nr_members; i++) {
		if (is_long(&access.layout->members[i]))
			load(r->impdef, sizeof(r->impdef), access.value[i]);
	}
	ffa_part_write(&access, buf, size);
}

static void write_ranges(const struct ffa_mem_region *r, uint32_t version, size_t at, uint8_t *buf,
			 size_t size)
{
	struct ffa_part composite, range;
	uint64_t pages = 0;

	put("composite-region", version, &composite);
	put("constituent", version, &range);
	for (uint32_t i = 0; i < r->nr_ranges; i++) {
		pages += r->ranges[i].pages;
		range.at = at + composite.layout->size + (size_t)i * range.layout->size;
		ffa_part_set(&range, "address", r->ranges[i].address);
		ffa_part_set(&range, "page-count", r->ranges[i].pages);
		ffa_part_write(&range, buf, size);
	}
	composite.at = at;
	ffa_part_set(&composite, "page-count", (uint32_t)pages);
	ffa_part_set(&composite, "constituent-count", r->nr_ranges);
	ffa_part_write(&composite, buf, size);
}

static size_t size_of(const char *type, uint32_t version)
{
	const struct ffa_layout *layout = ffa_layout_of(ffa_descriptor_find(type), version);

	return layout ? layout->size : 0;
}

size_t ffa_mem_build(const struct ffa_mem_region *region, uint32_t version, uint8_t *buf,
		     size_t size)
{
	size_t head = size_of("mem-transaction", version);
	size_t access = size_of("mem-access", version);
	uint64_t composite_at = head + (uint64_t)access * region->nr_receivers, len = composite_at;

	if (region->nr_ranges)
		len += size_of("composite-region", version) +
		       (uint64_t)size_of("constituent", version) * region->nr_ranges;
	if (!head || len > UINT32_MAX)
		return 0;
	memset(buf, 0, len < size ? len : size);
	write_head(region, version, access, buf, size);
	for (uint32_t i = 0; i < region->nr_receivers; i++)
		write_receiver(&region->receivers[i], version, head + (size_t)i * access,
			       region->nr_ranges ? composite_at : 0, buf, size);
	if (region->nr_ranges)
		write_ranges(region, version, composite_at, buf, size);

	return len;
}
