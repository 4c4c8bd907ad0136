// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>

#include "base/foreign.h"

/* The number of continuation bytes, -1: no character starts so. *low, *high: range of the first. */
static int more_bytes(unsigned char c, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (c < 0x80)
		return 0;
	if (c >= 0xc2 && c <= 0xdf) {
		/* U+0080 to U+009F are control characters. */
		*low = c == 0xc2 ? 0xa0 : 0x80;
		return 1;
	}
	if (c >= 0xe0 && c <= 0xef) {
		/* No longer form than needed, and no surrogates. */
		*low = c == 0xe0 ? 0xa0 : 0x80;
		*high = c == 0xed ? 0x9f : 0xbf;
		return 2;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		*low = c == 0xf0 ? 0x90 : 0x80;
		*high = c == 0xf4 ? 0x8f : 0xbf;
		return 3;
	}
	return -1;
}

/* The length of the character at the start of len bytes, 0: none. */
static size_t character(const unsigned char *at, size_t len)
{
	unsigned char low, high;
	int more = more_bytes(at[0], &low, &high);

	if (more < 0 || (size_t)more >= len)
		return 0;
	for (int i = 1; i <= more; i++) {
		if (at[i] < low || at[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return (size_t)more + 1;
}

void foreign_clean(char *text, size_t len, const char *kept)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t bytes = character((const unsigned char *)text + i, len - i);
		bool control = c && (c < ' ' || c == 0x7f) && !strchr(kept, c);

		if (!bytes || control)
			text[i] = '?';
		i += bytes ? bytes : 1;
	}
}
