// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "ffa/text.h"

void text_decimal(struct text *text, uint64_t value)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		text_char(text, digits[--n]);
}

void text_digits(struct text *text, uint64_t value, unsigned int digits)
{
	while (digits--)
		text_char(text, "0123456789abcdef"[value >> 4 * digits & 0xf]);
}

void text_hex(struct text *text, uint64_t value)
{
	unsigned int digits = 1;

	while (digits < 16 && value >> 4 * digits)
		digits++;
	text_char(text, '0');
	text_char(text, 'x');
	text_digits(text, value, digits);
}

char text_fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');

	return c == '_' ? '-' : c;
}

bool text_same_name(const char *word, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		if (!name[i] || text_fold(word[i]) != text_fold(name[i]))
			return false;
	}

	return !name[len];
}

int text_number(const char *word, size_t len, uint64_t *value)
{
	unsigned int base = 10;
	uint64_t sum = 0;
	size_t i = 0;

	if (len > 2 && word[0] == '0' && text_fold(word[1]) == 'x') {
		base = 16;
		i = 2;
	} else if (len > 2 && word[0] == '0' && text_fold(word[1]) == 'b') {
		base = 2;
		i = 2;
	}
	if (i == len)
		return -EINVAL;

	for (int late = 0; i < len; i++) {
		char c = text_fold(word[i]);
		unsigned int digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned int)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned int)(c - 'a') + 10;
		else
			return -EINVAL;
		if (digit >= base)
			return -EINVAL;
		if (late || __builtin_mul_overflow(sum, (uint64_t)base, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)digit, &sum))
			late = 1; /* go on: what follows may show that it is no number at all */
		if (late && i + 1 == len)
			return -ERANGE;
	}
	*value = sum;

	return 0;
}
