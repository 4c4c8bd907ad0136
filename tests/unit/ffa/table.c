// SPDX-License-Identifier: GPL-2.0-only
/* Invariants of every row of the catalogue. */
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/rules.h"
#include "unit.h"

static bool is_reserved(enum ffa_rule rule)
{
	return rule == FFA_RULE_MBZ || rule == FFA_RULE_SBZ || rule == FFA_RULE_UNKNOWN;
}

/* Returns the number of rows that contain this bit. */
static unsigned int rows_at(const struct ffa_field *fields, size_t nr, unsigned int reg,
			    unsigned int bit)
{
	unsigned int n = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct ffa_field *f = &fields[i];

		n += reg >= f->reg && reg < f->reg + f->regs && bit >= f->lo && bit <= f->hi;
	}

	return n;
}

/* Whether an SMC64 call declares this register as w. */
static bool narrow(const struct ffa_field *fields, size_t nr, unsigned int reg)
{
	for (size_t i = 0; i < nr; i++) {
		if (reg >= fields[i].reg && reg < fields[i].reg + fields[i].regs && !fields[i].wide)
			return true;
	}

	return false;
}

static void every_bit_belongs_to_one_row(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
			for (unsigned int bit = 0; bit < 64; bit++) {
				bool carried = call->fid & FFA_FID_SMC64
						       ? bit < 32 || !narrow(call->fields,
									     call->nr_fields, reg)
						       : bit < 32 && reg < 8;
				unsigned int n = rows_at(call->fields, call->nr_fields, reg, bit);

				if (n != carried)
					fail_msg("%s: x%u bit %u is in %u rows", call->name, reg,
						 bit, n);
				if (ffa_not_parameter(call, reg, bit) == carried)
					fail_msg("%s: x%u bit %u: both a parameter and not one",
						 call->name, reg, bit);
			}
		}
	}
}

/* The same for answers, from w2 on; FFA_SUCCESS describes w1. */
static void every_bit_of_an_answer_belongs_to_one_row(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		for (size_t a = 0; a < call->nr_answers; a++) {
			const struct ffa_answer *answer = &call->answers[a];
			bool wide = answer->fid & FFA_FID_SMC64;

			if (!answer->fields) {
				assert_true(ffa_call_by_fid(answer->fid));
				continue;
			}
			for (unsigned int reg = answer->fid ? 2 : 0; reg < FFA_NR_REGS; reg++) {
				for (unsigned int bit = 0; bit < 64; bit++) {
					bool carried = wide || (bit < 32 && reg < 8);

					if (rows_at(answer->fields, answer->nr_fields, reg, bit) !=
					    carried)
						fail_msg("%s: answer %zu: x%u bit %u", call->name,
							 a, reg, bit);
				}
			}
		}
	}
}

static void check_row(const struct ffa_call *call, const struct ffa_field *f)
{
	unsigned int width = f->hi - f->lo + 1u;
	bool unknown = false;

	assert_true(f->regs >= 1 && f->reg + f->regs <= FFA_NR_REGS);
	assert_true(f->hi >= f->lo && f->hi < (f->wide ? 64 : 32));
	if (f->regs > 1)
		assert_true(!f->lo && width == (f->wide ? 64 : 32));
	if (!f->source || !*f->source)
		fail_msg("%s: w%u[%u:%u] has no source", call->name, f->reg, f->hi, f->lo);
	if (f->name)
		assert_true(f->meaning || !strncmp(f->name, "data", 4));
	if (f->type == FFA_TYPE_UUID)
		assert_int_equal(width * f->regs, 128);
	else if (f->type != FFA_TYPE_HEX && f->type != FFA_TYPE_TEXT)
		assert_true(width * f->regs <= 64);

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (!ffa_call_known_in(call, ffa_version_at(v)))
			continue;
		/* Bits without a name are reserved, or not parameters in this version. */
		if (!f->name && f->rule[v] == FFA_RULE_NONE)
			fail_msg("%s: w%u[%u:%u] has no meaning in %s", call->name, f->reg, f->hi,
				 f->lo, ffa_version_name(ffa_version_at(v)));
		unknown |= f->rule[v] == FFA_RULE_UNKNOWN;
	}
	if (unknown && (!f->unknown || !*f->unknown))
		fail_msg("%s: w%u[%u:%u] does not say why its rule is unknown", call->name, f->reg,
			 f->hi, f->lo);
}

static void every_row_has_a_source_and_a_reason(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		assert_true(call->source && *call->source);
		assert_true(call->summary && *call->summary);
		for (size_t f = 0; f < call->nr_fields; f++)
			check_row(call, &call->fields[f]);
		for (size_t v = 0; v < call->nr_variants; v++) {
			assert_true(call->variants[v].source && *call->variants[v].name);
			for (size_t f = 0; f < call->variants[v].nr_fields; f++)
				check_row(call, &call->variants[v].fields[f]);
		}
		for (size_t a = 0; a < call->nr_answers; a++) {
			assert_true(call->answers[a].source && *call->answers[a].source);
			for (size_t f = 0; f < call->answers[a].nr_fields; f++)
				check_row(call, &call->answers[a].fields[f]);
		}
	}
}

static void no_two_fields_of_a_call_share_a_name(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		for (size_t f = 0; f < call->nr_fields; f++) {
			const char *name = call->fields[f].name;

			if (!name)
				continue;
			assert_ptr_equal(ffa_field_by_name(call->fields, call->nr_fields, name),
					 &call->fields[f]);
			for (size_t a = 0; a < call->nr_aliases; a++)
				assert_string_not_equal(call->aliases[a].name, name);
			/* It must not look like a register, or FIELD=VALUE would parse it as one. */
			assert_false((name[0] == 'w' || name[0] == 'x') && name[1] >= '0' &&
				     name[1] <= '9');
		}
	}
}

static void restrictions_are_about_fields(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		for (size_t n = 0; n < call->nr_restrictions; n++) {
			const struct ffa_restriction *r = &call->restrictions[n];
			const struct ffa_field *field = NULL;
			bool unknown = false, rule = false;

			for (size_t f = 0; f < call->nr_fields; f++) {
				if (call->fields[f].reg == r->reg && r->hi <= call->fields[f].hi &&
				    r->lo >= call->fields[f].lo)
					field = &call->fields[f];
			}
			assert_non_null(field);
			assert_non_null(field->name);
			assert_int_equal(field->wide, r->wide);
			assert_true(r->reg + r->regs <= field->reg + field->regs);
			assert_true(r->when && *r->when && r->source && *r->source);
			for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
				if (!ffa_call_known_in(call, ffa_version_at(v)))
					continue;
				unknown |= r->rule[v] == FFA_RULE_UNKNOWN;
				rule |= is_reserved(r->rule[v]);
			}
			assert_true(rule);
			assert_true(!unknown || r->unknown);
		}
	}
}

static void no_two_calls_share_an_identifier_or_a_name(void **state)
{
	const struct ffa_call *call, *other;
	uint32_t last = 0;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		uint32_t order = (call->fid & 0xffff) << 1 | !!(call->fid & FFA_FID_SMC64);

		assert_true(order > last);
		last = order;
		assert_int_equal(call->fid & ~(FFA_FID_SMC64 | 0xff), 0x84000000);
		assert_ptr_equal(ffa_call_by_fid(call->fid), call);
		assert_ptr_equal(ffa_call_find(call->name), call);
		for (size_t j = 0; j < i && (other = ffa_call_at(j)); j++)
			assert_string_not_equal(call->name, other->name);
	}
	assert_int_equal(ffa_call_count(), 73);
}

/* A name ends in _64 if and only if an SMC32 form exists. */
static void names_tell_the_width(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		size_t len = strlen(call->name);
		bool suffix = len > 3 && !strcmp(call->name + len - 3, "_64");
		const struct ffa_call *pair = ffa_call_by_fid(call->fid ^ FFA_FID_SMC64);

		assert_int_equal(suffix, call->fid & FFA_FID_SMC64 && pair);
		if (suffix) {
			assert_int_equal(strlen(pair->name), len - 3);
			assert_memory_equal(pair->name, call->name, len - 3);
		}
	}
}

/* 0x60 to 0x97; no source defines 0x91 to 0x93. */
static void every_function_number_is_there(void **state)
{
	(void)state;
	for (uint32_t number = 0x60; number <= 0x97; number++) {
		bool there = ffa_call_by_fid(0x84000000 | number) ||
			     ffa_call_by_fid(0xc4000000 | number);

		if (there == (number >= 0x91 && number <= 0x93))
			fail_msg("function number 0x%x", number);
	}
}

static void examples_are_well_formed(void **state)
{
	const struct ffa_call *call;
	struct ffa_violation v;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		char words[200], err[400] = "", *word, *rest = NULL;
		struct ffa_regs regs;

		if (!call->example)
			continue;
		snprintf(words, sizeof(words), "%s", call->example);
		word = strtok_r(words, " ", &rest);
		assert_ptr_equal(ffa_call_find(word), call);
		ffa_call_init(call, 0, &regs);
		while ((word = strtok_r(NULL, " ", &rest))) {
			if (ffa_assign(call, &regs, word, err, sizeof(err)))
				fail_msg("%s: %s", call->name, err);
		}
		for (unsigned int n = 1; n < FFA_NR_VERSIONS; n++)
			assert_int_equal(ffa_violations(call, &regs, ffa_version_at(n), &v, 1), 0);
		ffa_format_example(call, words, sizeof(words));
		assert_int_equal(!!strstr(words, " --allow-state-change "),
				 !!ffa_call_needs_consent(call, &regs));
	}
}

static void a_call_that_needs_consent_says_what_it_changes(void **state)
{
	const struct ffa_call *call;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		assert_true(call->consent == FFA_CONSENT_NEVER || call->changes);
		assert_true(!call->undo || call->changes);
		if (call->consent > FFA_CONSENT_ALWAYS)
			assert_true(call->consent_bits.reg);
	}
}

/* {cpus} and similar are placeholders for numbers: 1 is valid for each. */
static void fill_in(char *buf, size_t size, const char *words)
{
	size_t len = 0;

	while (*words && len + 1 < size) {
		if (*words == '{') {
			words += strcspn(words, "}");
			assert_int_equal(*words, '}');
			buf[len++] = '1';
			words++;
		} else {
			buf[len++] = *words++;
		}
	}
	buf[len] = '\0';
}

static void controls_are_well_formed(void **state)
{
	const struct ffa_call *call;
	struct ffa_violation v;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		char words[200], err[400] = "", *word, *rest = NULL;
		struct ffa_regs regs;

		if (!call->control)
			continue;
		fill_in(words, sizeof(words), call->control);
		ffa_call_init(call, 0, &regs);
		for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
			if (ffa_assign(call, &regs, word, err, sizeof(err)))
				fail_msg("%s: %s", call->name, err);
		}
		/* sweep falls back to an empty control in a version without these fields. */
		for (unsigned int n = ffa_version_index(FFA_VERSION_1_1); n < FFA_NR_VERSIONS; n++)
			assert_int_equal(ffa_violations(call, &regs, ffa_version_at(n), &v, 1), 0);
	}
}

static void the_call_that_undoes_is_the_one_that_is_named(void **state)
{
	const struct ffa_call *call, *undo;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (!call->undo_fid) {
			assert_int_equal(call->first, FFA_FIRST_NOTHING);
			continue;
		}
		undo = ffa_call_by_fid(call->undo_fid);
		assert_non_null(undo);
		assert_non_null(call->undo);
		assert_memory_equal(call->undo, undo->name, strlen(undo->name));
		assert_int_equal(call->undo[strlen(undo->name)], ' ');
		assert_int_equal(undo->undo_fid, call->fid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_belongs_to_one_row),
		cmocka_unit_test(every_bit_of_an_answer_belongs_to_one_row),
		cmocka_unit_test(every_row_has_a_source_and_a_reason),
		cmocka_unit_test(no_two_fields_of_a_call_share_a_name),
		cmocka_unit_test(restrictions_are_about_fields),
		cmocka_unit_test(no_two_calls_share_an_identifier_or_a_name),
		cmocka_unit_test(names_tell_the_width),
		cmocka_unit_test(every_function_number_is_there),
		cmocka_unit_test(examples_are_well_formed),
		cmocka_unit_test(a_call_that_needs_consent_says_what_it_changes),
		cmocka_unit_test(controls_are_well_formed),
		cmocka_unit_test(the_call_that_undoes_is_the_one_that_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
