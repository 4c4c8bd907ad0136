/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the catalogue as text: registers drawn as rows of bits, and their description. */
#ifndef FFASCOPE_PICTURE_H
#define FFASCOPE_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "ffa/descriptor.h"

struct ffa_call;

struct picture_style {
	unsigned int width; /* columns */
	bool utf8;	    /* box and shade characters, else ASCII */
	bool color;
};

/*
 * Draws the registers of a call in this version, 32 bits a row, with a legend. An x register that
 * holds several fields takes two rows. Draws nothing below 75 columns.
 */
void report_picture(FILE *out, const struct ffa_call *call, uint32_t version,
		    const struct picture_style *style);

/* The same for a descriptor in memory: 4 bytes a row, the lowest address at the top. */
void report_picture_memory(FILE *out, const struct ffa_layout *layout, uint32_t version,
			   const struct picture_style *style);

/* Everything that the catalogue has about a call; the drawing shows this version. */
void report_layout(FILE *out, const struct ffa_call *call, uint32_t version,
		   const struct picture_style *style);

/* Everything about a descriptor; the drawing shows this version, or the first one that has it. */
void report_memory(FILE *out, const struct ffa_descriptor *type, uint32_t version,
		   const struct picture_style *style);

#endif
