// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of a line: hexadecimal or decimal. */
#include "dump/scan.h"

bool dump_is_ffa(uint64_t value)
{
	/* A fast call of the standard service, with or without hint, number 0x60 to 0xff. */
	return (value & ~UINT64_C(0x400100ff)) == 0x84000000 && (value & 0xff) >= 0x60;
}

bool scan_is_call_in_hex(const struct token *t)
{
	return dump_is_ffa(t->hex) && (t->marked || t->digits == 8 || t->digits == 16);
}

bool scan_is_call_in_decimal(const struct token *t)
{
	return t->dec != UINT64_MAX && dump_is_ffa(t->dec);
}

/* How the numbers without 0x are meant: the identifier tells, or the form of another number. */
enum radix scan_radix(const struct scan *s)
{
	bool differ = false;

	if (s->hexadecimal || !s->unmarked)
		return HEXADECIMAL;
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		const struct token *t = s->pair[i].value;

		if (!t || t->marked)
			continue;
		if (!s->pair[i].reg && scan_is_call_in_hex(t))
			return HEXADECIMAL;
		if (!s->pair[i].reg && scan_is_call_in_decimal(t))
			return DECIMAL;
	}
	for (unsigned int i = 0; i < s->nr_pairs; i++) {
		const struct token *t = s->pair[i].value;

		if (!t || t->marked)
			continue;
		if (t->letters || (t->digits >= 8 && *t->s == '0'))
			return HEXADECIMAL;
		differ |= t->hex != t->dec;
	}

	return differ ? UNSURE : HEXADECIMAL;
}
