/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from recordings, archives, other tasks and EL2: it must not control the terminal. */
#ifndef FFASCOPE_FOREIGN_H
#define FFASCOPE_FOREIGN_H

#include <stddef.h>

/*
 * Replaces in place, by '?', control characters, those of ISO 6429 above 0x80 among them, and bytes
 * that are not UTF-8 (RFC 3629 section 4). NULs stay, and so do the characters in kept. The length
 * stays the same.
 */
void foreign_clean(char *text, size_t len, const char *kept);

#endif
