// SPDX-License-Identifier: GPL-2.0-only
/* Text of a page of the catalogue. */
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/rules.h"
#include "report/page.h"

/* ---- lines ---- */

void page_text(const struct page *page, unsigned int column, unsigned int indent, const char *text)
{
	bool first = true;

	while (*text) {
		unsigned int len = (unsigned int)strcspn(text, " ");

		if (!first && column + 1 + len > page->width) {
			fprintf(page->out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		fprintf(page->out, "%s%.*s", first ? "" : " ", (int)len, text);
		column += len + !first;
		first = false;
		text += len;
		while (*text == ' ')
			text++;
	}
	fputc('\n', page->out);
}

void page_entry(const struct page *page, const char *head, const char *text)
{
	if (!text)
		return;
	fprintf(page->out, "%-11s ", head);
	page_text(page, 12, 12, text);
}

void page_heading(const struct page *page, const char *text)
{
	fprintf(page->out, "\n%s%s%s\n", page->style->color ? "\033[1m" : "", text,
		page->style->color ? "\033[0m" : "");
}

/* Number of a note, from 1; adds it if it is new. */
static unsigned int note_of(struct page *page, const char *text)
{
	for (unsigned int i = 0; i < page->nr_notes; i++) {
		if (!strcmp(page->notes[i], text))
			return i + 1;
	}
	if (page->nr_notes < PAGE_MAX_NOTES)
		page->notes[page->nr_notes++] = text;

	return page->nr_notes;
}

void page_notes(struct page *page)
{
	for (unsigned int i = 0; i < page->nr_notes; i++) {
		char head[16];

		snprintf(head, sizeof(head), "  ?%u", i + 1);
		fprintf(page->out, "%-5s ", head);
		page_text(page, 6, 6, page->notes[i]);
	}
	page->nr_notes = 0;
}

/* ---- tables ---- */

void page_columns(const struct page *page, const struct page_columns *c, unsigned int versions)
{
	fprintf(page->out, "  %-*s  %-*s  ", (int)c->place, "Bits", (int)c->name, "Name");
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		const char *name = ffa_version_name(ffa_version_at(v));

		if (!(versions >> v & 1))
			continue;
		/* No trailing blanks. */
		if (c->below && !(versions >> (v + 1)))
			fputs(name, page->out);
		else
			fprintf(page->out, "%-*s", PAGE_RULE_WIDTH, name);
	}
	fprintf(page->out, "%s\n", c->below ? "" : "Meaning");
}

void page_rules(struct page *page, const struct page_columns *c, unsigned int versions,
		const enum ffa_rule *rule, const char *unknown, const char *meaning)
{
	char line[FFA_NR_VERSIONS * PAGE_RULE_WIDTH + 1] = "";
	unsigned int column = 2 + c->place + 2 + c->name + 2 + c->rules;
	size_t len = 0;

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		char cell[16];

		if (!(versions >> v & 1))
			continue;
		if (rule[v] == FFA_RULE_UNKNOWN && unknown)
			snprintf(cell, sizeof(cell), "?%u", note_of(page, unknown));
		else
			snprintf(cell, sizeof(cell), "%s", ffa_rule_name(rule[v]));
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%-*s", PAGE_RULE_WIDTH,
					cell);
	}
	if (*meaning && !c->below) {
		fputs(line, page->out);
		page_text(page, column, column, meaning);
		return;
	}
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	fprintf(page->out, "%s\n", line);
	if (*meaning) {
		column = 2 + c->place + 2;
		fprintf(page->out, "%*s", (int)column, "");
		page_text(page, column, column, meaning);
	}
}

void page_properties(const struct page *page)
{
	page_heading(page, "Partition properties");
	fprintf(page->out, "  %-6s %-22s %-5s Meaning\n", "Bits", "Name", "Since");
	for (size_t i = 0; i < ffa_property_count(); i++) {
		const struct ffa_property *p = ffa_property_at(i);
		char bits[16];

		if (p->hi == p->lo)
			snprintf(bits, sizeof(bits), "[%u]", p->hi);
		else
			snprintf(bits, sizeof(bits), "[%u:%u]", p->hi, p->lo);
		fprintf(page->out, "  %-6s %-22s %-5s ", bits, p->name,
			p->since ? ffa_version_name(p->since) : "?");
		page_text(page, 38, 38, p->meaning);
		for (const struct ffa_symbol *s = p->symbols; s && s->name; s++)
			fprintf(page->out, "%*s%llu: %s\n", 38, "", (unsigned long long)s->value,
				s->meaning);
	}
}
