/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of a page of the catalogue: wrapped lines, headings, rules in columns by version. */
#ifndef FFASCOPE_REPORT_PAGE_H
#define FFASCOPE_REPORT_PAGE_H

#include "report/picture.h"

#define PAGE_MAX_NOTES	16
#define PAGE_RULE_WIDTH 7

struct page {
	FILE *out;
	const struct picture_style *style;
	unsigned int width;
	const char *notes[PAGE_MAX_NOTES]; /* why a rule is unknown */
	unsigned int nr_notes;
};

/* Widths of the columns of a table: place, name, one column for each version, meaning. */
struct page_columns {
	unsigned int place;
	unsigned int name;
	unsigned int rules; /* sum of all versions */
	bool below;	    /* the meaning goes on a line of its own */
};

/* Writes text from `column` on and wraps it at words; further lines start at `indent`. */
void page_text(const struct page *page, unsigned int column, unsigned int indent, const char *text);
/* A heading on the left, text (NULL: nothing at all) on the right. */
void page_entry(const struct page *page, const char *head, const char *text);
void page_heading(const struct page *page, const char *text);
/* The heads of the columns; bit n of versions: the version of this index has one. */
void page_columns(const struct page *page, const struct page_columns *c, unsigned int versions);
/* Rules and meaning (may be "") of a row, without trailing blanks. */
void page_rules(struct page *page, const struct page_columns *c, unsigned int versions,
		const enum ffa_rule *rule, const char *unknown, const char *meaning);
/* The reasons for the unknown rules since the last time. */
void page_notes(struct page *page);
/* The partition properties of the catalogue. */
void page_properties(const struct page *page);

#endif
