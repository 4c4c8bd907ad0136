// SPDX-License-Identifier: GPL-2.0-only
/* FIELD=VALUE in both directions: formatted values parse back, mistakes are reported. */
#include <errno.h>

#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "unit.h"

/* xorshift64, so that a failure is reproducible. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;

	return *seed;
}

/* Registers with few, half or most bits set, or a few registers only. */
static void randomize(struct ffa_regs *regs, uint32_t fid, uint64_t *seed)
{
	unsigned int kind = (unsigned int)(next_random(seed) % 4);

	memset(regs, 0, sizeof(*regs));
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		uint64_t value = next_random(seed);

		if (kind == 1)
			value &= next_random(seed) & next_random(seed);
		else if (kind == 2)
			value |= next_random(seed) | next_random(seed);
		else if (kind == 3 && next_random(seed) & 3)
			value = 0;
		regs->x[reg] = value;
	}
	regs->x[0] = fid | (kind == 2 ? next_random(seed) << 32 : 0);
}

static void round_trip(const struct ffa_call *call, uint32_t fid, const struct ffa_regs *regs)
{
	char text[6000], err[400] = "", *word, *rest = NULL;
	struct ffa_regs back;
	size_t len = ffa_format_fields(call, regs, text, sizeof(text));

	assert_true(len < sizeof(text));
	assert_int_equal(strlen(text), len);
	ffa_call_init(call, fid, &back);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (ffa_assign(call, &back, word, err, sizeof(err)))
			fail_msg("0x%x: %s", fid, err);
	}
	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		if (back.x[reg] != regs->x[reg])
			fail_msg("0x%x: x%u is 0x%llx, not 0x%llx", fid, reg,
				 (unsigned long long)back.x[reg], (unsigned long long)regs->x[reg]);
	}
}

static void registers_come_back_from_their_words(void **state)
{
	const struct ffa_call *call;
	uint64_t seed = 0x9e3779b97f4a7c15;
	struct ffa_regs regs;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		for (unsigned int n = 0; n < 1000; n++) {
			randomize(&regs, call->fid, &seed);
			round_trip(call, call->fid, &regs);
		}
	}
	for (unsigned int n = 0; n < 1000; n++) {
		randomize(&regs, 0x840000ff, &seed);
		round_trip(NULL, 0x840000ff, &regs);
	}
}

/* The returned length is that of the whole text, and nothing is written beyond the buffer. */
static void a_short_buffer_takes_the_beginning(void **state)
{
	const struct ffa_call *call = ffa_call_find("NOTIFICATION_SET");
	struct ffa_regs regs;
	char whole[200], part[32];
	size_t len;

	(void)state;
	ffa_call_init(call, 0, &regs);
	len = ffa_format_fields(call, &regs, whole, sizeof(whole));
	for (size_t size = 0; size <= sizeof(part) - 1; size++) {
		memset(part, '#', sizeof(part));
		assert_int_equal(ffa_format_fields(call, &regs, part, size), len);
		assert_int_equal(part[size], '#');
		if (size) {
			assert_int_equal(strlen(part), size - 1);
			assert_memory_equal(part, whole, size - 1);
		}
	}
}

static void set(struct ffa_regs *regs, const char *name, const char *words)
{
	const struct ffa_call *call = ffa_call_find(name);
	char copy[300], err[400] = "", *word, *rest = NULL;

	assert_non_null(call);
	ffa_call_init(call, 0, regs);
	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (ffa_assign(call, regs, word, err, sizeof(err)))
			fail_msg("%s: %s", name, err);
	}
}

static void words_set_the_bits_that_they_name(void **state)
{
	static const struct {
		const char *call;
		const char *words;
		unsigned int reg;
		uint64_t value;
	} cases[] = {
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=1 vcpu-count=4", 1, 1 },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=1 vcpu-count=4", 2, 4 },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=1 w1[31:16]=0xdead", 1, 0xdead0001 },
		{ "NOTIFICATION_BITMAP_CREATE", "w1[31:16]=0xdead vm-id=1", 1, 0xdead0001 },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=1 vm-id=2", 1, 2 },
		{ "NOTIFICATION_BITMAP_CREATE", "x4=0x100000001 w4=2", 4, 0x100000002 },
		{ "NOTIFICATION_BITMAP_CREATE", "w4=2 x4[63:32]=1", 4, 0x100000002 },
		{ "NOTIFICATION_BITMAP_CREATE", "VM_ID=3", 1, 3 },
		{ "NOTIFICATION_BITMAP_CREATE", "x0[63:32]=1", 0, 0x18400007d },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[9]=1", 2, 0x200 },
		{ "NOTIFICATION_BITMAP_CREATE", "w17=0b101", 17, 5 },
		{ "NOTIFICATION_BIND", "sender=0x8001 receiver=2", 1, 0x80010002 },
		{ "NOTIFICATION_BIND", "bitmap=0x8000000000000001", 3, 1 },
		{ "NOTIFICATION_BIND", "bitmap=0x8000000000000001", 4, 0x80000000 },
		{ "NOTIFICATION_BIND", "flags=per-vcpu", 2, 1 },
		{ "NOTIFICATION_BIND", "flags=0", 2, 0 },
		{ "NOTIFICATION_SET", "vcpu-id=7 flags=per-vcpu|delay-sri", 2, 0x70003 },
		{ "NOTIFICATION_GET", "vcpu-id=3 receiver=1", 1, 0x30001 },
		{ "NOTIFICATION_GET", "flags=sp|spm", 2, 5 },
		{ "NOTIFICATION_GET", "flags=vm,hyp", 2, 10 },
		{ "NOTIFICATION_GET", "sp=1 vm=1 spm=1 hyp=1", 2, 15 },
		{ "NOTIFICATION_GET2", "hyp-mask=0xffffffffffffffff", 16, UINT64_MAX },
		{ "NOTIFICATION_BIND2",
		  "bitmap=0x1000000000000000200000000000000030000000000000004", 3, 4 },
		{ "NOTIFICATION_BIND2",
		  "bitmap=0x1000000000000000200000000000000030000000000000004", 6, 1 },
		{ "FEATURES", "feature=sri", 1, 2 },
		{ "FEATURES", "feature=managed_exit", 1, 3 },
		{ "FEATURES", "feature=NOTIFICATION_SET", 1, 0x84000081 },
		{ "FEATURES", "feature=notification-info-get-64", 1, 0xc4000083 },
		{ "FEATURES", "feature=0x7f", 1, 0x7f },
		{ "VERSION", "version=1.2", 1, 0x10002 },
		{ "VERSION", "version=0x20000", 1, 0x20000 },
		{ "VERSION", "major=1 minor=3 query=negotiated", 2, 2 },
		{ "PARTITION_INFO_GET", "uuid=486178e0-e7f8-11e3-bc5e-0002a5d5c51b", 1,
		  0xe0786148 },
		{ "PARTITION_INFO_GET", "uuid=486178e0-e7f8-11e3-bc5e-0002a5d5c51b", 4,
		  0x1bc5d5a5 },
		{ "PARTITION_INFO_GET_REGS", "uuid=486178e0-e7f8-11e3-bc5e-0002a5d5c51b", 1,
		  0xe311f8e7e0786148 },
		{ "ERROR", "code=DENIED", 2, 0xfffffffa },
		{ "ERROR", "code=-2", 2, 0xfffffffe },
		{ "ERROR", "code=no-data", 2, 0xfffffff7 },
		{ "CONSOLE_LOG", "count=5 text=hello", 2, 0x6c6c6568 },
		{ "CONSOLE_LOG", "text=a\\x20b", 2, 0x622061 },
		{ "CONSOLE_LOG_64", "text=12345678", 2, 0x3837363534333231 },
		{ "MEM_RECLAIM", "handle=0x100000002", 2, 1 },
	};
	struct ffa_regs regs;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&regs, cases[i].call, cases[i].words);
		if (regs.x[cases[i].reg] != cases[i].value)
			fail_msg("%s %s: x%u is 0x%llx", cases[i].call, cases[i].words,
				 cases[i].reg, (unsigned long long)regs.x[cases[i].reg]);
	}
}

/* Values are never truncated, nothing is changed, and the message gives the place. */
static void wrong_words_change_nothing(void **state)
{
	static const struct {
		const char *call;
		const char *word;
		const char *message; /* a part of it */
	} cases[] = {
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=0x10000",
		  "column 7: does not fit its 16 bits" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=65536", "the most is 0xffff" },
		{ "NOTIFICATION_BITMAP_CREATE", "vcpu-count=0x100000000", "32 bits" },
		{ "NOTIFICATION_BITMAP_CREATE", "vcpu-count=99999999999999999999", "32 bits" },
		{ "NOTIFICATION_BITMAP_CREATE", "sender=1",
		  "column 1: FFA_NOTIFICATION_BITMAP_CREATE has no field \"sender\"" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm=1", "is it vm-id?" },
		{ "NOTIFICATION_BITMAP_CREATE", "vcpus=1",
		  "its fields are vm-id vcpu-count sp-notifications" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id", "column 6: FIELD=VALUE" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=", "column 7: no value" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=-1", "column 7: not a value" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=1x", "column 7: not a value" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id= 1", "column 7: not a value" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=0x", "column 7: not a value" },
		{ "NOTIFICATION_BITMAP_CREATE", "vm-id=0b2", "column 7: not a value" },
		{ "NOTIFICATION_BITMAP_CREATE", "=1", "has no field \"\"" },
		{ "NOTIFICATION_BITMAP_CREATE", "w18=1", "column 2: there are registers 0 to 17" },
		{ "NOTIFICATION_BITMAP_CREATE", "w999999999999=1", "column 2" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[32]=1", "column 4: w2 has bits 31 to 0" },
		{ "NOTIFICATION_BITMAP_CREATE", "x2[64]=1", "column 4: x2 has bits 63 to 0" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[3:9]=1", "the higher bit comes first" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[9]=2",
		  "does not fit its 1 bit; the most is 0x1" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[9=1", "column 5: bits are written as" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[]=1", "column 4: the number of a bit" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2[9]x=1", "column 5: bits are written as" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2x=1", "column 3: a register is followed by" },
		{ "NOTIFICATION_BITMAP_CREATE", "w2=0x100000000",
		  "column 4: does not fit its 32 bits" },
		{ "NOTIFICATION_BITMAP_CREATE", "x2=0x10000000000000000", "64 bits" },
		{ "NOTIFICATION_INFO_GET", "vm-id=1", "it has none" },
		{ "NOTIFICATION_GET", "flags=sp|zz", "names joined by |: hyp spm vm sp" },
		{ "NOTIFICATION_GET", "flags=sp|", "not a value" },
		{ "NOTIFICATION_GET", "flags=0x10", "4 bits" },
		{ "NOTIFICATION_BIND", "bitmap=0x10000000000000000", "64 bits" },
		{ "FEATURES", "feature=zz", "npi, sri, managed-exit, notification" },
		{ "VERSION", "version=1.x", "or a version" },
		{ "VERSION", "version=1.65536", "31 bits" },
		{ "VERSION", "query=maybe", "negotiate, compatible, negotiated" },
		{ "PARTITION_INFO_GET", "uuid=486178e0-e7f8-11e3-bc5e-0002a5d5c51", "or a UUID" },
		{ "PARTITION_INFO_GET", "uuid=486178e0-e7f8-11e3-bc5e-0002a5d5c51g", "or a UUID" },
		{ "CONSOLE_LOG", "text=0123456789012345678901234", "24 characters" },
		{ "CONSOLE_LOG", "text=\\x2", "not a value" },
		{ "ERROR", "code=OOPS", "name of a status code" },
		{ "ERROR", "code=-2147483649", "32 bits" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ffa_call *call = ffa_call_find(cases[i].call);
		struct ffa_regs regs, before;
		char err[600] = "";

		assert_non_null(call);
		memset(&regs, 0x5a, sizeof(regs));
		before = regs;
		if (ffa_assign(call, &regs, cases[i].word, err, sizeof(err)) != -EINVAL)
			fail_msg("%s %s was taken", cases[i].call, cases[i].word);
		assert_memory_equal(&regs, &before, sizeof(regs));
		if (!strstr(err, cases[i].message) || !strstr(err, "column "))
			fail_msg("%s %s: %s", cases[i].call, cases[i].word, err);
		/* A caller without a message buffer, or with a small one. */
		assert_int_equal(ffa_assign(call, &regs, cases[i].word, NULL, 0), -EINVAL);
		assert_int_equal(ffa_assign(call, &regs, cases[i].word, err, 10), -EINVAL);
		assert_true(strlen(err) < 10);
	}
}

static void an_unknown_identifier_takes_registers_only(void **state)
{
	struct ffa_regs regs;
	char err[400];

	(void)state;
	ffa_call_init(NULL, 0x840000fe, &regs);
	assert_int_equal(regs.x[0], 0x840000fe);
	assert_int_equal(ffa_assign(NULL, &regs, "w1=5", err, sizeof(err)), 0);
	assert_int_equal(regs.x[1], 5);
	assert_int_equal(ffa_assign(NULL, &regs, "vm-id=5", err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "not in the catalogue"));
}

static void expectations_read_registers(void **state)
{
	struct ffa_bits bits;
	uint64_t value;
	char err[400];

	(void)state;
	assert_int_equal(ffa_parse_register("w2[31:0]=0xfffffffe", &bits, &value, err, sizeof(err)),
			 0);
	assert_true(bits.reg == 2 && bits.hi == 31 && bits.lo == 0 && value == 0xfffffffe);
	assert_int_equal(
		ffa_parse_register("x3=0xffffffffffffffff", &bits, &value, err, sizeof(err)), 0);
	assert_true(bits.reg == 3 && bits.hi == 63 && bits.lo == 0 && value == UINT64_MAX);
	assert_int_equal(ffa_parse_register("w2[4]=2", &bits, &value, err, sizeof(err)), -EINVAL);
	assert_int_equal(ffa_parse_register("vm-id=2", &bits, &value, err, sizeof(err)), -EINVAL);
	assert_int_equal(ffa_parse_register("w2", &bits, &value, err, sizeof(err)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_come_back_from_their_words),
		cmocka_unit_test(a_short_buffer_takes_the_beginning),
		cmocka_unit_test(words_set_the_bits_that_they_name),
		cmocka_unit_test(wrong_words_change_nothing),
		cmocka_unit_test(an_unknown_identifier_takes_registers_only),
		cmocka_unit_test(expectations_read_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
