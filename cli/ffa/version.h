/* SPDX-License-Identifier: GPL-2.0-only */
/* Versions of FF-A. */
#ifndef FFASCOPE_FFA_VERSION_H
#define FFASCOPE_FFA_VERSION_H

#include <stddef.h>
#include <stdint.h>

/* Versions of FF-A, encoded as in FFA_VERSION: major 30:16, minor 15:0. */
#define FFA_VERSION_OF(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))
#define FFA_VERSION_1_0		     FFA_VERSION_OF(1, 0)
#define FFA_VERSION_1_1		     FFA_VERSION_OF(1, 1)
#define FFA_VERSION_1_2		     FFA_VERSION_OF(1, 2)
#define FFA_VERSION_1_3		     FFA_VERSION_OF(1, 3)
#define FFA_VERSION_DEFAULT	     FFA_VERSION_1_2

/* Number of versions in a row of the catalogue: 1.0, 1.1, 1.2, 1.3, in this order. */
#define FFA_NR_VERSIONS		     4

/* "1.0" to "1.3" -> version. Returns 0, or -EINVAL for what the catalogue does not know. */
int ffa_version_parse(const char *text, uint32_t *version);

/* "1.2"; the string is as long as the program runs for the four versions of the catalogue. */
const char *ffa_version_name(uint32_t version);

/* The same for any version, into buf. Returns its length as snprintf() does. */
size_t ffa_format_version(uint32_t version, char *buf, size_t size);

/* Index of a version in a row's rules: later minor versions count as the last one known. */
unsigned int ffa_version_index(uint32_t version);

/* The version of an index below FFA_NR_VERSIONS. */
static inline uint32_t ffa_version_at(unsigned int index)
{
	return FFA_VERSION_OF(1, index);
}

#endif
