/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of the catalogue as text: registers drawn as rows of bits, and what is said of them. */
#ifndef FFASCOPE_PICTURE_H
#define FFASCOPE_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "ffa/ffa.h"

struct picture_style {
	unsigned int width; /* columns */
	bool utf8;	    /* box and shade characters, else ASCII */
	bool color;
};

/*
 * Draws the registers of a call as version has them: 32 bits a row, two rows for an x register
 * that is not of one piece; a legend beneath. Draws nothing where width is less than 75 columns.
 */
void report_picture(FILE *out, const struct ffa_call *call, uint32_t version,
		    const struct picture_style *style);

/* All that the catalogue says of a call; the picture is of version. */
void report_layout(FILE *out, const struct ffa_call *call, uint32_t version,
		   const struct picture_style *style);

#endif
