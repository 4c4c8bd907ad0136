// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the descriptors of a buffer, following their offsets and counts. Nothing in the buffer is
 * trusted: sums are made in 64 bits out of 32-bit values, and each part is held against the length.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/rules.h"
#include "ffa/descriptor.h"

/* TF-A and Arm's crate refuse what these checks find. */
#define TFA_START      "TF-A spmc_shared_mem.c, spmc_validate_mtd_start()"
#define TFA_CHECK      "TF-A spmc_shared_mem.c, spmc_shmem_check_obj()"
#define TFA_REGION     "TF-A spmc_shared_mem.c, spmc_shmem_obj_get_comp_mrd()"
#define TFA_GIVE_UP    "TF-A spmc_shared_mem.c, spmc_ffa_mem_relinquish()"
#define XEN_MESSAGE    "Xen xen/arch/arm/tee/ffa_msg.c, ffa_handle_msg_send2()"
#define HAFNIUM_RXTX   "Hafnium inc/vmapi/hf/ffa.h, struct ffa_endpoint_rx_tx_descriptor"

/* Different composite descriptors that the receivers of one transaction may have. */
#define MAX_COMPOSITES 16

struct walk {
	const uint8_t *buf;
	size_t len;
	uint32_t version;
	const struct ffa_reader *reader;
	size_t end; /* of what was read */
};

/* ---- findings ---- */

/* field: its name, or NULL. */
static void __attribute__((format(printf, 6, 7)))
find(const struct walk *w, enum ffa_finding_kind kind, const struct ffa_part *part,
     const char *field, const char *source, const char *fmt, ...)
{
	struct ffa_finding f = {
		.kind = kind,
		.part = part,
		.member = field ? ffa_part_member(part, field) : NULL,
		.source = source,
	};
	va_list args;

	va_start(args, fmt);
	vsnprintf(f.text, sizeof(f.text), fmt, args);
	va_end(args);
	w->reader->finding(w->reader->ctx, &f);
}

static bool is_allowed(const struct ffa_member *m, uint64_t value)
{
	for (const struct ffa_symbol *s = m->symbols; s && s->name; s++) {
		if (s->value == value)
			return true;
	}

	return !m->closed;
}

static void find_rule(const struct walk *w, const struct ffa_part *part, const struct ffa_member *m,
		      const uint64_t value[2])
{
	enum ffa_rule rule = m->rule[ffa_version_index(w->version)];
	struct ffa_finding f = {
		.part = part, .member = m, .rule = rule, .value = value[0], .source = m->source
	};

	if (rule == FFA_RULE_NONE && !is_allowed(m, value[0])) {
		f.kind = FFA_FINDING_VALUE;
		snprintf(f.text, sizeof(f.text), "%llu is no %s", (unsigned long long)value[0],
			 m->name);
	} else if ((rule == FFA_RULE_MBZ || rule == FFA_RULE_SBZ || rule == FFA_RULE_UNKNOWN) &&
		   (value[0] || value[1])) {
		f.kind = FFA_FINDING_RULE;
		if (rule == FFA_RULE_UNKNOWN)
			snprintf(f.text, sizeof(f.text), "reserved, rule unknown: %s", m->unknown);
		else
			snprintf(f.text, sizeof(f.text), "reserved, %s", ffa_rule_name(rule));
	} else {
		return;
	}
	w->reader->finding(w->reader->ctx, &f);
}

/* Reads a descriptor and passes it on with its broken rules. Returns whether it is whole. */
static bool visit(struct walk *w, const char *name, const struct ffa_layout *layout, size_t at,
		  unsigned int index, struct ffa_part *part)
{
	*part = (struct ffa_part){
		.type = ffa_descriptor_find(name), .layout = layout, .at = at, .index = index
	};
	if (!layout)
		part->layout = ffa_layout_of(part->type, w->version);
	ffa_part_read(part, w->buf, w->len);
	if (part->at + part->have > w->end)
		w->end = part->at + part->have;
	w->reader->part(w->reader->ctx, part);
	for (size_t i = 0; i < part->layout->nr_members; i++)
		find_rule(w, part, &part->layout->members[i], part->value[i]);
	if (part->have == part->layout->size)
		return true;
	find(w, FFA_FINDING_OUTSIDE, part, NULL, NULL, "the buffer has %zu of its %u bytes",
	     part->have, part->layout->size);

	return false;
}

/* ---- regions ---- */

static void check_constituent(const struct walk *w, const struct ffa_part *part)
{
	uint64_t address = ffa_part_get(part, "address"), pages = ffa_part_get(part, "page-count");

	if (address % FFA_PAGE_SIZE)
		find(w, FFA_FINDING_MISFIT, part, "address", TFA_CHECK, "no multiple of 4096");
	if (pages && pages - 1 > (UINT64_MAX - address) / FFA_PAGE_SIZE)
		find(w, FFA_FINDING_MISFIT, part, "page-count", NULL,
		     "the pages end beyond the last address");
}

/*
 * Constituents from `at' on, as the field `count' of a descriptor says. Returns how many are in the
 * buffer; adds their pages to *pages.
 */
static uint64_t read_constituents(struct walk *w, const struct ffa_part *owner, const char *count,
				  size_t at, uint64_t *pages)
{
	uint64_t nr = ffa_part_get(owner, count), i;
	struct ffa_part part;

	for (i = 0; i < nr; i++) {
		const struct ffa_layout *layout =
			ffa_layout_of(ffa_descriptor_find("constituent"), w->version);

		if (at >= w->len || w->len - at < layout->size)
			break;
		visit(w, "constituent", layout, at, (unsigned int)i, &part);
		check_constituent(w, &part);
		*pages += ffa_part_get(&part, "page-count");
		at += layout->size;
	}
	if (i < nr)
		find(w, FFA_FINDING_OUTSIDE, owner, count, NULL,
		     "constituents %llu to %llu are not in the buffer; further fragments "
		     "(FFA_MEM_FRAG_TX) can have them",
		     (unsigned long long)i, (unsigned long long)nr - 1);

	return i;
}

static void read_composite(struct walk *w, size_t at, unsigned int index)
{
	uint64_t pages = 0, nr;
	struct ffa_part part;

	if (!visit(w, "composite-region", NULL, at, index, &part))
		return;
	nr = ffa_part_get(&part, "constituent-count");
	if (!nr)
		find(w, FFA_FINDING_REMARK, &part, "constituent-count", NULL,
		     "describes no memory");
	if (read_constituents(w, &part, "constituent-count", at + part.layout->size, &pages) < nr)
		return;
	if (pages != ffa_part_get(&part, "page-count"))
		find(w, FFA_FINDING_MISFIT, &part, "page-count", TFA_CHECK,
		     "the constituents have %llu", (unsigned long long)pages);
}

/* The composite descriptor to which a field refers; lowest: the first byte that it can have. */
static void follow_composite(struct walk *w, const struct ffa_part *from, const char *field,
			     uint64_t lowest, unsigned int index)
{
	uint64_t at = ffa_part_get(from, field);

	if (at % 8)
		find(w, FFA_FINDING_MISFIT, from, field,
		     from->type == ffa_descriptor_find("rxtx-descriptor") ? HAFNIUM_RXTX
									  : TFA_REGION,
		     "no multiple of 8");
	if (at < lowest)
		find(w, FFA_FINDING_MISFIT, from, field, TFA_CHECK,
		     "points into the descriptors before, which end at %llu",
		     (unsigned long long)lowest);
	if (at >= w->len) {
		find(w, FFA_FINDING_OUTSIDE, from, field, NULL,
		     "points outside of the buffer, which has %zu bytes", w->len);
		return;
	}
	read_composite(w, (size_t)at, index);
}

/* ---- memory transaction ---- */

/* Where the access descriptors are. */
struct accesses {
	const struct ffa_layout *layout;
	uint64_t at, size, nr;
};

static void check_start(const struct walk *w, const struct ffa_part *head,
			const struct accesses *all)
{
	if (!all->nr)
		find(w, FFA_FINDING_MISFIT, head, "access-count", TFA_START,
		     "there is no receiver");
	if (head->layout->until == FFA_VERSION_1_0)
		return;
	if (all->at % 16)
		find(w, FFA_FINDING_MISFIT, head, "access-offset", TFA_START, "no multiple of 16");
	if (all->at < head->layout->size)
		find(w, FFA_FINDING_MISFIT, head, "access-offset", TFA_START,
		     "points into this descriptor, which has %u bytes", head->layout->size);
	if (all->size % 16)
		find(w, FFA_FINDING_MISFIT, head, "access-size", TFA_START, "no multiple of 16");
	if (!all->layout)
		find(w, FFA_FINDING_MISFIT, head, "access-size", TFA_START, "less than 16%s",
		     all->size ? "" : "; is this a descriptor of 1.0?");
	else if (all->size > all->layout->size)
		find(w, FFA_FINDING_REMARK, head, "access-size", NULL,
		     "the bytes of each beyond %u are not explained", all->layout->size);
	else if (w->version >= FFA_VERSION_1_2 && all->size < 32)
		find(w, FFA_FINDING_REMARK, head, "access-size", NULL,
		     "the access descriptors are those of 1.1");
}

static struct accesses find_accesses(const struct ffa_part *head)
{
	const struct ffa_descriptor *type = ffa_descriptor_find("mem-access");
	struct accesses all = { .at = head->layout->size,
				.nr = ffa_part_get(head, "access-count") };

	if (head->layout->until == FFA_VERSION_1_0) {
		all.layout = ffa_layout_of(type, FFA_VERSION_1_0);
		all.size = all.layout->size;
		return all;
	}
	all.at = ffa_part_get(head, "access-offset");
	all.size = ffa_part_get(head, "access-size");
	/* The size tells the layout, as in Hafnium's ffa_version_from_memory_access_desc_size(). */
	for (size_t i = 0; i < type->nr_layouts; i++) {
		if (type->layouts[i].size <= all.size)
			all.layout = &type->layouts[i];
	}

	return all;
}

/* The composite descriptors that were read. */
struct composites {
	uint64_t at[MAX_COMPOSITES];
	unsigned int nr;
};

static void read_access_region(struct walk *w, const struct ffa_part *access, uint64_t lowest,
			       struct composites *seen)
{
	uint64_t at = ffa_part_get(access, "composite-offset");

	if (!at)
		return;
	for (unsigned int i = 0; i < seen->nr; i++) {
		if (seen->at[i] == at)
			return;
	}
	if (seen->nr == 1)
		find(w, FFA_FINDING_REMARK, access, "composite-offset", TFA_CHECK,
		     "differs from that of another receiver; FFA_MEM_SHARE and _LEND take one");
	if (seen->nr == MAX_COMPOSITES) {
		find(w, FFA_FINDING_REMARK, access, "composite-offset", NULL,
		     "more than %d different ones: not followed", MAX_COMPOSITES);
		return;
	}
	seen->at[seen->nr++] = at;
	follow_composite(w, access, "composite-offset", lowest, seen->nr - 1);
}

/* Twice, because a region is shown after all of the receivers. */
static void read_accesses(struct walk *w, const struct ffa_part *head, const struct accesses *all)
{
	uint64_t end = all->at + all->size * all->nr, nr = 0;
	uint8_t receivers[65536 / 8] = { 0 };
	struct composites seen = { .nr = 0 };
	struct ffa_part part;

	for (; nr < all->nr; nr++) {
		uint64_t at = all->at + all->size * nr, id;

		if (at >= w->len || w->len - at < all->layout->size)
			break;
		visit(w, "mem-access", all->layout, (size_t)at, (unsigned int)nr, &part);
		id = ffa_part_get(&part, "receiver");
		if (receivers[id / 8] >> id % 8 & 1)
			find(w, FFA_FINDING_MISFIT, &part, "receiver", TFA_CHECK,
			     "is a receiver already");
		receivers[id / 8] |= (uint8_t)(1u << id % 8);
	}
	if (nr < all->nr)
		find(w, FFA_FINDING_OUTSIDE, head, "access-count", NULL,
		     "access descriptors %llu to %llu end at %llu, outside of the buffer, which has "
		     "%zu bytes",
		     (unsigned long long)nr, (unsigned long long)all->nr - 1,
		     (unsigned long long)end, w->len);
	part = (struct ffa_part){ .type = ffa_descriptor_find("mem-access"),
				  .layout = all->layout };
	for (uint64_t i = 0; i < nr; i++) {
		part.at = (size_t)(all->at + all->size * i);
		part.index = (unsigned int)i;
		ffa_part_read(&part, w->buf, w->len);
		read_access_region(w, &part, end, &seen);
	}
}

static void read_transaction(struct walk *w)
{
	struct accesses all;
	struct ffa_part head;

	if (!visit(w, "mem-transaction", NULL, 0, 0, &head))
		return;
	all = find_accesses(&head);
	check_start(w, &head, &all);
	if (all.layout)
		read_accesses(w, &head, &all);
}

/* ---- the others ---- */

static void read_relinquish(struct walk *w)
{
	struct ffa_part head, part;
	uint64_t nr, i;
	size_t at;

	if (!visit(w, "relinquish", NULL, 0, 0, &head))
		return;
	nr = ffa_part_get(&head, "endpoint-count");
	if (!nr)
		find(w, FFA_FINDING_MISFIT, &head, "endpoint-count", TFA_GIVE_UP,
		     "there is no endpoint");
	at = head.layout->size;
	for (i = 0; i < nr && w->len - at >= 2; i++, at += 2)
		visit(w, "endpoint", NULL, at, (unsigned int)i, &part);
	if (i < nr)
		find(w, FFA_FINDING_OUTSIDE, &head, "endpoint-count", NULL,
		     "endpoints %llu to %llu are outside of the buffer, which has %zu bytes",
		     (unsigned long long)i, (unsigned long long)nr - 1, w->len);
}

static void read_rxtx(struct walk *w)
{
	struct ffa_part head;
	uint64_t pages = 0, nr;

	if (!visit(w, "rxtx-descriptor", NULL, 0, 0, &head))
		return;
	if (head.layout->until == FFA_VERSION_1_0) {
		nr = read_constituents(w, &head, "rx-count", head.layout->size, &pages);
		/* Those of TX follow those of RX, so they are nowhere if one of RX is missing. */
		if (nr == ffa_part_get(&head, "rx-count"))
			read_constituents(w, &head, "tx-count", head.layout->size + (size_t)nr * 16,
					  &pages);
		return;
	}
	follow_composite(w, &head, "rx-offset", head.layout->size, 0);
	follow_composite(w, &head, "tx-offset", head.layout->size, 1);
}

static void read_message(struct walk *w)
{
	struct ffa_part head;
	unsigned long long offset, size;

	if (!visit(w, "message-header", NULL, 0, 0, &head))
		return;
	offset = ffa_part_get(&head, "offset");
	size = ffa_part_get(&head, "size");
	if (offset < head.layout->size)
		find(w, FFA_FINDING_MISFIT, &head, "offset", XEN_MESSAGE,
		     "the message begins in this header, which has %u bytes", head.layout->size);
	if (offset + size > w->len)
		find(w, FFA_FINDING_OUTSIDE, &head, "size", NULL,
		     "the message ends at %llu, outside of the buffer, which has %zu bytes",
		     offset + size, w->len);
	if (offset + size > w->end)
		w->end = offset + size < w->len ? (size_t)(offset + size) : w->len;
}

/* Bits 5:4 of the properties: what the ID stands for (DEN0077A 1.3 ALP4 Table 6.2). */
#define ID_TYPE(properties) ((properties) >> 4 & 3)
#define ID_OF_ENDPOINT	    0
#define ID_OF_DEPENDENT	    2

static void check_partition(const struct walk *w, const struct ffa_part *part)
{
	uint64_t properties = ffa_part_get(part, "properties");
	const struct ffa_property *p;

	for (size_t i = 0; (p = ffa_property_at(i)); i++) {
		if (p->since > w->version && properties >> p->lo & 1)
			find(w, FFA_FINDING_REMARK, part, "properties", NULL, "%s is since %s",
			     p->name, ffa_version_name(p->since));
	}
	if (ID_TYPE(properties) != ID_OF_ENDPOINT && ID_TYPE(properties) != ID_OF_DEPENDENT &&
	    ffa_part_get(part, "contexts"))
		find(w, FFA_FINDING_MISFIT, part, "contexts",
		     "Arm's arm-ffa crate, src/ffa_v1_3.rs, Table 6.1",
		     "reserved for this type of ID, MBZ in 1.3");
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i])
			return false;
	}

	return true;
}

/* Descriptors without a count: up to the end, or to the zeros that fill a page of RX. */
static void read_array(struct walk *w, const struct ffa_descriptor *type)
{
	const struct ffa_layout *layout = ffa_layout_of(type, w->version);
	bool partitions = !strcmp(type->name, "partition-info");
	struct ffa_part part;
	size_t at = 0;

	for (unsigned int i = 0; at < w->len || !i; i++, at += layout->size) {
		if (i && partitions && all_zero(w->buf + at, w->len - at))
			return;
		if (!visit(w, type->name, layout, at, i, &part))
			return;
		if (partitions)
			check_partition(w, &part);
		else if (!strcmp(type->name, "constituent"))
			check_constituent(w, &part);
	}
}

static void read_region(struct walk *w)
{
	read_composite(w, 0, 0);
}

int ffa_descriptor_read(const struct ffa_descriptor *type, uint32_t version, const uint8_t *buf,
			size_t len, const struct ffa_reader *reader)
{
	static const struct {
		const char *name;
		void (*read)(struct walk *w);
	} ways[] = {
		{ "mem-transaction", read_transaction }, { "relinquish", read_relinquish },
		{ "rxtx-descriptor", read_rxtx },	 { "message-header", read_message },
		{ "composite-region", read_region },
	};
	struct walk w = { .buf = buf, .len = len, .version = version, .reader = reader };
	bool done = false;

	if (!ffa_layout_of(type, version))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].name, type->name))
			continue;
		ways[i].read(&w);
		done = true;
	}
	if (!done)
		read_array(&w, type);
	if (!all_zero(buf + w.end, len - w.end)) {
		struct ffa_part rest = { .type = type, .layout = ffa_layout_of(type, version) };

		ffa_part_read(&rest, buf, len);
		find(&w, FFA_FINDING_REMARK, &rest, NULL, NULL,
		     "bytes %zu to %zu belong to no descriptor", w.end, len - 1);
	}

	return 0;
}

const char *ffa_finding_name(enum ffa_finding_kind kind)
{
	switch (kind) {
	case FFA_FINDING_RULE:
		return "rule";
	case FFA_FINDING_VALUE:
		return "value";
	case FFA_FINDING_OUTSIDE:
		return "outside";
	case FFA_FINDING_MISFIT:
		return "misfit";
	case FFA_FINDING_REMARK:
		break;
	}

	return "remark";
}
