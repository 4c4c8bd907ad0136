// SPDX-License-Identifier: GPL-2.0-only
/* Layouts of descriptors, and reading and writing them. */
#include "ffa/catalogue.h"
#include "unit.h"

#include <errno.h>

#include "ffa/descriptor.h"

/* ---- the table ---- */

static void every_bit_of_a_layout_belongs_to_one_row(void **state)
{
	const struct ffa_descriptor *type;

	(void)state;
	for (size_t i = 0; (type = ffa_descriptor_at(i)); i++) {
		for (size_t l = 0; l < type->nr_layouts; l++) {
			const struct ffa_layout *layout = &type->layouts[l];
			unsigned char rows[8 * 64] = { 0 };

			assert_in_range(layout->nr_members, 1, FFA_MAX_MEMBERS);
			for (size_t m = 0; m < layout->nr_members; m++) {
				const struct ffa_member *member = &layout->members[m];

				for (unsigned int bit = member->lo; bit <= member->hi; bit++)
					rows[8 * member->at + bit]++;
			}
			for (unsigned int bit = 0; bit < sizeof(rows); bit++)
				assert_int_equal(rows[bit], bit < 8u * layout->size);
		}
	}
}

static bool is_reserved(enum ffa_rule rule)
{
	return rule == FFA_RULE_MBZ || rule == FFA_RULE_SBZ || rule == FFA_RULE_UNKNOWN;
}

static void every_row_has_a_rule_or_a_name_and_a_source(void **state)
{
	const struct ffa_descriptor *type;

	(void)state;
	for (size_t i = 0; (type = ffa_descriptor_at(i)); i++) {
		for (size_t l = 0; l < type->nr_layouts; l++) {
			const struct ffa_layout *layout = &type->layouts[l];

			for (size_t m = 0; m < layout->nr_members; m++) {
				const struct ffa_member *member = &layout->members[m];

				assert_non_null(member->source);
				for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
					bool known = ffa_layout_versions(layout) >> v & 1;

					if (known && !member->name)
						assert_true(is_reserved(member->rule[v]));
					if (known && member->rule[v] == FFA_RULE_UNKNOWN)
						assert_non_null(member->unknown);
				}
			}
		}
	}
}

static void each_version_from_the_first_on_has_one_layout(void **state)
{
	const struct ffa_descriptor *type;

	(void)state;
	for (size_t i = 0; (type = ffa_descriptor_at(i)); i++) {
		assert_ptr_equal(ffa_descriptor_find(type->name), type);
		assert_null(ffa_call_find(type->name));
		for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
			unsigned int n = 0;

			for (size_t l = 0; l < type->nr_layouts; l++)
				n += ffa_layout_versions(&type->layouts[l]) >> v & 1;
			assert_int_equal(n, ffa_version_at(v) >= type->layouts[0].since);
		}
	}
}

/* ---- random buffers ---- */

static uint64_t seed = 1;

/* xorshift64*: the same numbers in each run. */
static uint64_t draw(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;

	return seed * UINT64_C(2685821657736338717);
}

static uint64_t below(uint64_t n)
{
	return draw() % n;
}

struct image {
	uint8_t bytes[4096];
	size_t len;
};

/* The numbers are stored here apart from the code that is tested. */
static void put(struct image *image, size_t at, unsigned int n, uint64_t value)
{
	assert_true(at + n <= sizeof(image->bytes));
	for (unsigned int i = 0; i < n; i++)
		image->bytes[at + i] = (uint8_t)(value >> 8 * i);
	if (at + n > image->len)
		image->len = at + n;
}

/* Any bits, none of the bytes 0: a part that is not read is missing from the copy. */
static void fill(struct image *image, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(image, at + i, 1, draw() | 1);
}

static size_t draw_composite(struct image *image, size_t at)
{
	uint32_t nr = (uint32_t)below(9), pages = 0;

	fill(image, at, 16);
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t n = (uint32_t)below(1000);

		fill(image, at + 16 + 16 * i, 16);
		put(image, at + 16 + 16 * i + 8, 4, n);
		pages += n;
	}
	put(image, at, 4, pages);
	put(image, at + 4, 4, nr);

	return at + 16 + 16 * nr;
}

static void draw_transaction(struct image *image, uint32_t version)
{
	bool old = version == FFA_VERSION_1_0;
	size_t size = version < FFA_VERSION_1_2 || below(4) == 0 ? 16 : 32;
	uint32_t nr = 1 + (uint32_t)below(5), composites = (uint32_t)below(nr < 3 ? nr + 1 : 4);
	size_t first = old ? 32 : 48 + 16 * below(4), at = first + size * nr, places[3];

	fill(image, 0, old ? 32 : 48);
	put(image, 28, 4, nr);
	if (!old) {
		put(image, 24, 4, size);
		put(image, 32, 4, first);
	}
	for (uint32_t i = 0; i < composites; i++) {
		places[i] = at + 8 * below(3);
		at = draw_composite(image, places[i]);
	}
	for (uint32_t i = 0; i < nr; i++) {
		fill(image, first + size * i, size);
		/* All of them are used; further ones use any, or none. */
		put(image, first + size * i + 4, 4,
		    i < composites	     ? places[i]
		    : composites && below(2) ? places[below(composites)]
					     : 0);
	}
}

static void draw_relinquish(struct image *image, uint32_t version)
{
	uint32_t nr = (uint32_t)below(20);

	(void)version;
	fill(image, 0, 16 + 2 * nr);
	put(image, 12, 4, nr);
}

static void draw_rxtx(struct image *image, uint32_t version)
{
	uint32_t rx = (uint32_t)below(5), tx = (uint32_t)below(5);
	size_t at;

	fill(image, 0, 12);
	if (version == FFA_VERSION_1_0) {
		put(image, 4, 4, rx);
		put(image, 8, 4, tx);
		fill(image, 12, 16 * (rx + tx));
		return;
	}
	at = 16 + 8 * below(4);
	put(image, 4, 4, at);
	at = draw_composite(image, at) + 8 * below(2);
	put(image, 8, 4, at);
	draw_composite(image, at);
}

static void draw_message(struct image *image, uint32_t version)
{
	fill(image, 0, version < FFA_VERSION_1_2 ? 20 : 40);
	put(image, 8, 4, image->len);
	put(image, 16, 4, 0);
}

static void draw_array(struct image *image, size_t size)
{
	fill(image, 0, size * (1 + below(10)));
}

/* ---- reading and writing back ---- */

struct copy {
	struct image image;
	unsigned int parts;
	unsigned int outside, misfit;
};

static void write_part(void *ctx, const struct ffa_part *part)
{
	struct copy *copy = ctx;

	copy->parts++;
	assert_int_equal(ffa_part_write(part, copy->image.bytes, sizeof(copy->image.bytes)), 0);
}

static void count_finding(void *ctx, const struct ffa_finding *f)
{
	struct copy *copy = ctx;

	copy->outside += f->kind == FFA_FINDING_OUTSIDE;
	copy->misfit += f->kind == FFA_FINDING_MISFIT;
	assert_true(f->text[0]);
}

static void read_back(const char *name, uint32_t version, const struct image *image,
		      struct copy *copy)
{
	const struct ffa_reader reader = { write_part, count_finding, copy };

	memset(copy, 0, sizeof(*copy));
	assert_int_equal(ffa_descriptor_read(ffa_descriptor_find(name), version, image->bytes,
					     image->len, &reader),
			 0);
}

static void draw_one(const char *name, uint32_t version, struct image *image)
{
	const struct ffa_descriptor *type = ffa_descriptor_find(name);

	memset(image, 0, sizeof(*image));
	if (!strcmp(name, "mem-transaction"))
		draw_transaction(image, version);
	else if (!strcmp(name, "relinquish"))
		draw_relinquish(image, version);
	else if (!strcmp(name, "rxtx-descriptor"))
		draw_rxtx(image, version);
	else if (!strcmp(name, "message-header"))
		draw_message(image, version);
	else if (!strcmp(name, "composite-region"))
		draw_composite(image, 0);
	else
		draw_array(image, ffa_layout_of(type, version)->size);
}

static void encoding_what_was_decoded_gives_the_same_bytes(void **state)
{
	const struct ffa_descriptor *type;
	static struct image image;
	static struct copy copy;

	(void)state;
	for (size_t i = 0; (type = ffa_descriptor_at(i)); i++) {
		for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
			if (!ffa_layout_of(type, ffa_version_at(v)))
				continue;
			for (unsigned int n = 0; n < 2000; n++) {
				draw_one(type->name, ffa_version_at(v), &image);
				read_back(type->name, ffa_version_at(v), &image, &copy);
				assert_int_equal(copy.outside, 0);
				assert_memory_equal(copy.image.bytes, image.bytes, image.len);
			}
		}
	}
}

static void count_part(void *ctx, const struct ffa_part *part)
{
	struct copy *copy = ctx;

	copy->parts++;
	assert_true(part->at + part->have <= copy->image.len);
}

/* A cut buffer is read up to its end; a finding says that something is missing. */
static void what_is_cut_off_is_outside(void **state)
{
	static struct image image;
	static struct copy copy;
	const struct ffa_reader reader = { count_part, count_finding, &copy };

	(void)state;
	for (unsigned int n = 0; n < 200; n++) {
		draw_one("mem-transaction", FFA_VERSION_1_2, &image);
		for (size_t len = 0; len < image.len; len++) {
			/* Its own memory, so that a sanitizer sees a read behind it. */
			uint8_t *bytes = malloc(len ? len : 1);

			assert_non_null(bytes);
			memcpy(bytes, image.bytes, len);
			copy = (struct copy){ .image.len = len };
			ffa_descriptor_read(ffa_descriptor_find("mem-transaction"), FFA_VERSION_1_2,
					    bytes, len, &reader);
			free(bytes);
			assert_true(copy.parts > 0);
			assert_true(copy.outside > 0);
		}
	}
}

/* ---- building ---- */

static void a_built_transaction_has_what_it_was_built_from(void **state)
{
	static const struct ffa_mem_range ranges[] = { { 0x40000000, 2 }, { 0x880000000, 510 } };
	static struct image image;
	static struct copy copy;

	(void)state;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		uint32_t version = ffa_version_at(v);
		size_t head = v ? 48 : 32, access = v < 2 ? 16 : 32;
		struct ffa_mem_receiver receivers[2] = {
			{ .id = 0x8001, .permissions = 2 | 1 << 2 },
			{ .id = 0x8002, .permissions = 1, .flags = 1, .impdef = { [15] = 0xab } },
		};
		struct ffa_mem_region region = {
			.sender = 0x1234,
			.attributes = 0x2f,
			.flags = 3,
			.handle = 0x1122334455667788,
			.tag = 5,
			.receivers = receivers,
			.nr_receivers = 2,
			.ranges = ranges,
			.nr_ranges = 2,
		};
		size_t len = head + 2 * access + 16 + 2 * 16;

		memset(&image, 0xff, sizeof(image));
		assert_int_equal(ffa_mem_build(&region, version, image.bytes, sizeof(image.bytes)),
				 len);
		image.len = len;
		read_back("mem-transaction", version, &image, &copy);
		assert_int_equal(copy.parts, 1 + 2 + 1 + 2);
		assert_int_equal(copy.outside + copy.misfit, 0);
		assert_memory_equal(copy.image.bytes, image.bytes, len);
		assert_int_equal(image.bytes[0] | image.bytes[1] << 8, 0x1234);
		assert_int_equal(image.bytes[2], 0x2f);
		assert_int_equal(image.bytes[head], 0x01);
		assert_int_equal(image.bytes[head + access], 0x02);
		assert_int_equal(image.bytes[head + access + 3], 1);
		/* The composite descriptor: 512 pages in 2 constituents. */
		assert_int_equal(image.bytes[head + 4], head + 2 * access);
		assert_int_equal(image.bytes[head + 2 * access + 1], 2);
		assert_int_equal(image.bytes[head + 2 * access + 4], 2);
		if (access == 32)
			assert_int_equal(image.bytes[head + access + 8 + 15], 0xab);

		/* Too small: nothing behind the end, and the length that is needed. */
		memset(&image, 0xff, sizeof(image));
		assert_int_equal(ffa_mem_build(&region, version, image.bytes, 40), len);
		for (size_t at = 40; at < sizeof(image.bytes); at++)
			assert_int_equal(image.bytes[at], 0xff);

		region.nr_ranges = 0;
		assert_int_equal(ffa_mem_build(&region, version, image.bytes, sizeof(image.bytes)),
				 head + 2 * access);
		assert_int_equal(image.bytes[head + 4], 0);
	}
}

static void a_field_is_set_by_name_if_it_fits(void **state)
{
	struct ffa_part part = { .type = ffa_descriptor_find("mem-access") };
	uint8_t buf[16] = { 0 };

	(void)state;
	part.layout = ffa_layout_of(part.type, FFA_VERSION_1_1);
	assert_int_equal(ffa_part_set(&part, "receiver", 0x8001), 0);
	assert_int_equal(ffa_part_set(&part, "receiver", 0x10000), -ERANGE);
	assert_int_equal(ffa_part_set(&part, "data-access", 4), -ERANGE);
	assert_int_equal(ffa_part_set(&part, "data-access", 2), 0);
	assert_int_equal(ffa_part_set(&part, "impdef", 1), -ENOENT);
	assert_int_equal(ffa_part_get(&part, "receiver"), 0x8001);
	part.at = 1;
	assert_int_equal(ffa_part_write(&part, buf, sizeof(buf)), -ENOSPC);
	part.at = 0;
	assert_int_equal(ffa_part_write(&part, buf, sizeof(buf)), 0);
	assert_memory_equal(buf, "\x01\x80\x02", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_a_layout_belongs_to_one_row),
		cmocka_unit_test(every_row_has_a_rule_or_a_name_and_a_source),
		cmocka_unit_test(each_version_from_the_first_on_has_one_layout),
		cmocka_unit_test(encoding_what_was_decoded_gives_the_same_bytes),
		cmocka_unit_test(what_is_cut_off_is_outside),
		cmocka_unit_test(a_built_transaction_has_what_it_was_built_from),
		cmocka_unit_test(a_field_is_set_by_name_if_it_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
