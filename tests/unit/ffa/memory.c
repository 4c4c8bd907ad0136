// SPDX-License-Identifier: GPL-2.0-only
/* The contents of a TX buffer, from the words of a call. */
#include "unit.h"

#include <errno.h>

#include "ffa/memory.h"

#define SHARE	 0x84000073u
#define RETRIEVE 0xc4000074u
#define ID_GET	 0x84000069u
#define PAGE	 4096

static char err[256];

static int take(struct ffa_mem_request *request, uint32_t fid, const char *word)
{
	err[0] = '\0';
	return ffa_mem_word(request, fid, word, err, sizeof(err));
}

static struct ffa_mem_request words(uint32_t fid, const char *const *list)
{
	struct ffa_mem_request request = { 0 };

	for (; *list; list++)
		assert_int_equal(take(&request, fid, *list), 1);
	return request;
}

#define WORDS(fid, ...) words(fid, (const char *const[]){ __VA_ARGS__, NULL })

static void other_words_are_left_to_the_registers(void **state)
{
	struct ffa_mem_request request = { 0 };

	(void)state;
	assert_int_equal(take(&request, SHARE, "total-length=5"), 0);
	assert_true(request.total_given && !request.fragment_given && !request.buffer);
	assert_int_equal(take(&request, SHARE, "w2[31:16]=5"), 0);
	assert_true(request.fragment_given);
	assert_int_equal(take(&request, SHARE, "receiver"), 0);
	assert_int_equal(take(&request, ID_GET, "receiver=1"), 0);
	assert_int_equal(take(&request, ID_GET, "txt=1"), 0);
	/* FFA_RXTX_MAP has such a field. */
	assert_int_equal(take(&request, 0xc4000066, "tx=0x1000"), 0);
	assert_false(request.buffer);
}

static void a_wrong_word_is_named(void **state)
{
	static const char *const wrong[] = {
		"receiver=",
		"receiver=0x10000",
		"receiver=1,",
		"access=read",
		"instruction=rw",
		"pages=4097",
		"pages=-1",
		"contiguous=2",
		"range=1:",
		"range=x",
		"attributes=0x10000",

		"tx=@",
		"tx[]=1",
		"tx[1:0]=1",
		"tx[0:8]=1",
		"tx[0]=256",
		"tx[0x20000]=1",
		"tx[0:7]=0x10000000000000000",
		"tag=x",
	};
	struct ffa_mem_request request = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(take(&request, SHARE, wrong[i]), -EINVAL);
		assert_memory_equal(err, wrong[i], strlen(wrong[i]));
	}
}

static void limits_of_lists(void **state)
{
	struct ffa_mem_request request = { 0 };

	(void)state;
	assert_int_equal(take(&request, SHARE, "receiver=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"),
			 1);
	assert_int_equal(request.nr_receivers, 16);
	assert_int_equal(take(&request, SHARE, "receiver=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"),
			 -EINVAL);
	for (int i = 0; i < FFA_MEM_MAX_RANGES; i++)
		assert_int_equal(take(&request, SHARE, "range=0x1000:2"), 1);
	assert_int_equal(take(&request, SHARE, "range=0x1000:2"), -EINVAL);
	for (int i = 0; i < FFA_MEM_MAX_EDITS; i++)
		assert_int_equal(take(&request, SHARE, "tx[0]=1"), 1);
	assert_int_equal(take(&request, SHARE, "tx[0]=1"), -EINVAL);
}

struct got {
	uint64_t sender, attributes, tag, receivers[4], access[4], address[8], pages[8], total;
	unsigned int nr_receivers, nr_ranges, nr_findings;
};

static void take_part(void *ctx, const struct ffa_part *part)
{
	struct got *got = ctx;

	if (!strcmp(part->type->name, "mem-transaction")) {
		got->sender = ffa_part_get(part, "sender");
		got->tag = ffa_part_get(part, "tag");
		got->attributes = ffa_part_get(part, "cacheability");
	} else if (!strcmp(part->type->name, "mem-access")) {
		got->access[got->nr_receivers] = ffa_part_get(part, "data-access");
		got->receivers[got->nr_receivers++] = ffa_part_get(part, "receiver");
	} else if (!strcmp(part->type->name, "composite-region")) {
		got->total = ffa_part_get(part, "page-count");
	} else {
		got->address[got->nr_ranges] = ffa_part_get(part, "address");
		got->pages[got->nr_ranges++] = ffa_part_get(part, "page-count");
	}
}

static void take_finding(void *ctx, const struct ffa_finding *finding)
{
	((struct got *)ctx)->nr_findings += finding->kind != FFA_FINDING_REMARK;
}

static struct got read_back(uint32_t version, const uint8_t *buf, size_t len)
{
	struct got got = { 0 };
	const struct ffa_reader reader = { take_part, take_finding, &got };

	assert_int_equal(ffa_descriptor_read(ffa_descriptor_find("mem-transaction"), version, buf,
					     len, &reader),
			 0);
	return got;
}

static void a_descriptor_says_what_the_words_said(void **state)
{
	static const uint64_t addresses[] = { 0x80001000, 0x90000000, 0x80003000 };
	const struct ffa_mem_request request =
		WORDS(SHARE, "receiver=0x8001,0x8002", "pages=3", "access=rw", "tag=7",
		      "RANGE=0x1000:9", "sender=3");
	uint8_t buf[4096];

	(void)state;
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		size_t len = ffa_mem_compose(&request, SHARE, ffa_version_at(v), addresses, PAGE,
					     NULL, 0, buf, sizeof(buf));
		struct got got = read_back(ffa_version_at(v), buf, len);

		assert_int_equal(got.nr_findings, 0);
		assert_int_equal(got.sender, 3);
		assert_int_equal(got.tag, 7);
		assert_int_equal(got.attributes, 3);
		assert_int_equal(got.nr_receivers, 2);
		assert_int_equal(got.receivers[1], 0x8002);
		assert_int_equal(got.access[0], 2);
		assert_int_equal(got.nr_ranges, 4);
		assert_int_equal(got.address[0], 0x1000);
		assert_int_equal(got.pages[0], 9);
		assert_int_equal(got.address[2], 0x90000000);
		assert_int_equal(got.pages[2], 1);
		assert_int_equal(got.total, 12);
	}
}

static void large_pages_hold_several_of_the_specifications(void **state)
{
	static const uint64_t addresses[] = { 0x10000, 0x20000 };
	struct ffa_mem_request request = WORDS(SHARE, "receiver=1", "pages=5");
	uint8_t buf[4096];
	struct got got;

	(void)state;
	assert_int_equal(ffa_mem_pages(&request, 16384), 2);
	got = read_back(FFA_VERSION_1_2, buf,
			ffa_mem_compose(&request, SHARE, FFA_VERSION_1_2, addresses, 16384, NULL, 0,
					buf, sizeof(buf)));
	assert_int_equal(got.nr_ranges, 2);
	assert_int_equal(got.pages[0], 4);
	assert_int_equal(got.pages[1], 1);

	assert_int_equal(take(&request, SHARE, "contiguous=1"), 1);
	got = read_back(FFA_VERSION_1_2, buf,
			ffa_mem_compose(&request, SHARE, FFA_VERSION_1_2, addresses, 16384, NULL, 0,
					buf, sizeof(buf)));
	assert_int_equal(got.nr_ranges, 1);
	assert_int_equal(got.pages[0], 5);
}

static void bytes_are_overwritten_and_added(void **state)
{
	const struct ffa_mem_request request =
		WORDS(ID_GET, "tx[2:3]=0x1234", "tx[0]=7", "tx[2]=9");
	const struct ffa_mem_request file = WORDS(ID_GET, "tx=@name", "tx[1]=0xff");
	uint8_t buf[8];

	(void)state;
	assert_int_equal(ffa_mem_compose(&request, ID_GET, FFA_VERSION_1_2, NULL, PAGE, NULL, 0,
					 buf, sizeof(buf)),
			 4);
	assert_memory_equal(buf, "\x07\x00\x09\x12", 4);
	assert_string_equal(file.file, "name");
	assert_int_equal(ffa_mem_compose(&file, ID_GET, FFA_VERSION_1_2, NULL, PAGE,
					 (const uint8_t *)"abc", 3, buf, sizeof(buf)),
			 3);
	assert_memory_equal(buf,
			    "a\xff"
			    "c",
			    3);
	assert_int_equal(ffa_mem_compose(&file, ID_GET, FFA_VERSION_1_2, NULL, PAGE, buf, 9, buf,
					 sizeof(buf)),
			 0);
	assert_int_equal(
		ffa_mem_compose(&request, ID_GET, FFA_VERSION_1_2, NULL, PAGE, NULL, 0, buf, 3), 0);
}

static void a_descriptor_that_does_not_fit_is_not_cut(void **state)
{
	const struct ffa_mem_request request = WORDS(SHARE, "receiver=1", "range=0:1");
	uint8_t buf[128];

	(void)state;
	assert_int_equal(
		ffa_mem_compose(&request, SHARE, FFA_VERSION_1_2, NULL, PAGE, NULL, 0, buf, 111),
		0);
	assert_int_equal(
		ffa_mem_compose(&request, SHARE, FFA_VERSION_1_2, NULL, PAGE, NULL, 0, buf, 112),
		112);
}

static void fragments_fill_the_buffer_unless_told_otherwise(void **state)
{
	const struct ffa_mem_request whole = { 0 };
	const struct ffa_mem_request small = WORDS(SHARE, "fragment=100");
	const struct ffa_mem_request large = WORDS(SHARE, "fragment=10000");

	(void)state;
	assert_int_equal(ffa_mem_fragment(&whole, 10, 4096), 10);
	assert_int_equal(ffa_mem_fragment(&whole, 5000, 4096), 4096);
	assert_int_equal(ffa_mem_fragment(&small, 5000, 4096), 100);
	assert_int_equal(ffa_mem_fragment(&small, 50, 4096), 50);
	assert_int_equal(ffa_mem_fragment(&large, 50000, 4096), 4096);
}

static void answers_tell_how_a_transaction_stands(void **state)
{
	static const struct {
		struct ffa_regs out;
		enum ffa_mem_state state;
		uint64_t handle;
	} cases[] = {
		{ { .x = { 0x84000061, 0, 5, 6 } }, FFA_MEM_GIVEN, 0x600000005 },
		{ { .x = { 0xc4000061, 0, 5, 6 } }, FFA_MEM_GIVEN, 0x600000005 },
		{ { .x = { 0x8400007a, 5, 6, 96 } }, FFA_MEM_NEXT, 0x600000005 },
		{ { .x = { 0x84000060, 0, 0xfffffffa } }, FFA_MEM_FAILED, 77 },
		{ { .x = { UINT64_MAX } }, FFA_MEM_FAILED, 77 },
		{ { .x = { 0x84000078, 5, 6 } }, FFA_MEM_OTHER, 77 },
	};
	struct ffa_regs in;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t handle = 77;

		assert_int_equal(ffa_mem_state(&cases[i].out, &handle), cases[i].state);
		assert_int_equal(handle, cases[i].handle);
	}
	ffa_mem_frag_tx(&in, 0x600000005, 96);
	assert_int_equal(in.x[0], 0x8400007b);
	assert_int_equal(in.x[2], 6);
	assert_int_equal(in.x[3], 96);
	ffa_mem_reclaim(&in, 0x600000005);
	assert_int_equal(in.x[0], 0x84000077);
	assert_int_equal(in.x[1], 5);
	assert_int_equal(in.x[3], 0);
}

static void which_calls_have_a_descriptor(void **state)
{
	(void)state;
	assert_true(ffa_mem_is_transaction(SHARE) && ffa_mem_gives(SHARE));
	assert_true(ffa_mem_is_transaction(RETRIEVE) && !ffa_mem_gives(RETRIEVE));
	assert_false(ffa_mem_is_transaction(ID_GET) || ffa_mem_is_transaction(0x84000070));
	assert_false(ffa_mem_is_transaction(0x84000075));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_words_are_left_to_the_registers),
		cmocka_unit_test(a_wrong_word_is_named),
		cmocka_unit_test(limits_of_lists),
		cmocka_unit_test(a_descriptor_says_what_the_words_said),
		cmocka_unit_test(large_pages_hold_several_of_the_specifications),
		cmocka_unit_test(bytes_are_overwritten_and_added),
		cmocka_unit_test(a_descriptor_that_does_not_fit_is_not_cut),
		cmocka_unit_test(fragments_fill_the_buffer_unless_told_otherwise),
		cmocka_unit_test(answers_tell_how_a_transaction_stands),
		cmocka_unit_test(which_calls_have_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
