/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in HTML and XML. */
#ifndef FFASCOPE_BASE_MARKUP_H
#define FFASCOPE_BASE_MARKUP_H

#include <stdio.h>

/* Writes text with markup escaped. Control characters, which XML 1.0 (2.2) forbids, become ?. */
void markup_put(FILE *out, const char *text);

/* The same for the value of an attribute, where a parser would turn line ends into blanks. */
void markup_put_attribute(FILE *out, const char *text);

#endif
