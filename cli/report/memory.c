// SPDX-License-Identifier: GPL-2.0-only
/* A descriptor of the catalogue as text. */
#include <string.h>

#include "report/page.h"
#include "report/picture.h"

/* "0x24-0x2f", "0x02[15:7]". */
static size_t format_place(const struct ffa_member *m, char *buf, size_t size)
{
	char bits[16];

	ffa_member_format_bits(m, bits, sizeof(bits));
	if (bits[0] || m->bytes == 1)
		return (size_t)snprintf(buf, size, "0x%02x%s", m->at, bits);

	return (size_t)snprintf(buf, size, "0x%02x-0x%02x", m->at, m->at + m->bytes - 1);
}

static struct page_columns measure(const struct page *page, const struct ffa_layout *layout,
				   unsigned int versions)
{
	struct page_columns c = { .place = 4, .name = sizeof("(reserved)") - 1 };
	char place[32];

	for (size_t i = 0; i < layout->nr_members; i++) {
		const struct ffa_member *m = &layout->members[i];
		unsigned int len = (unsigned int)format_place(m, place, sizeof(place));

		c.place = len > c.place ? len : c.place;
		len = m->name ? (unsigned int)strlen(m->name) : 0;
		c.name = len > c.name ? len : c.name;
	}
	for (; versions; versions &= versions - 1)
		c.rules += PAGE_RULE_WIDTH;
	c.below = 2 + c.place + 2 + c.name + 2 + c.rules + 24 > page->width;

	return c;
}

static void put_members(struct page *page, const struct ffa_layout *layout)
{
	unsigned int versions = ffa_layout_versions(layout);
	struct page_columns c = measure(page, layout, versions);

	page_columns(page, &c, versions);
	for (size_t i = 0; i < layout->nr_members; i++) {
		const struct ffa_member *m = &layout->members[i];
		char place[32], meaning[400];
		size_t len;

		format_place(m, place, sizeof(place));
		fprintf(page->out, "  %-*s  %-*s  ", (int)c.place, place, (int)c.name,
			m->name ? m->name : "(reserved)");
		len = (size_t)snprintf(meaning, sizeof(meaning), "%s",
				       m->meaning ? m->meaning : "");
		for (const struct ffa_symbol *s = m->symbols; s && s->name && len < sizeof(meaning);
		     s++)
			len += (size_t)snprintf(meaning + len, sizeof(meaning) - len, "%s%llu=%s",
						s != m->symbols ? ", "
						: *meaning	? ": "
								: "",
						(unsigned long long)s->value, s->name);
		page_rules(page, &c, versions, m->rule, m->unknown, meaning);
	}
	page_notes(page);
}

static void put_versions(const struct page *page, const struct ffa_layout *layout)
{
	char text[80];

	if (layout->until == layout->since)
		snprintf(text, sizeof(text), "FF-A %s: %u bytes", ffa_version_name(layout->since),
			 layout->size);
	else if (layout->until)
		snprintf(text, sizeof(text), "FF-A %s to %s: %u bytes",
			 ffa_version_name(layout->since), ffa_version_name(layout->until),
			 layout->size);
	else
		snprintf(text, sizeof(text), "FF-A %s and later: %u bytes",
			 ffa_version_name(layout->since), layout->size);
	page_heading(page, text);
}

static void put_sources(const struct page *page, const struct ffa_descriptor *type)
{
	const char *told[64];
	size_t nr = 0;

	page_heading(page, "Sources");
	for (size_t i = 0; i < type->nr_layouts; i++) {
		const struct ffa_layout *layout = &type->layouts[i];

		for (size_t m = 0; m < layout->nr_members && nr < 64; m++) {
			const char *source = layout->members[m].source;
			bool again = false;

			for (size_t t = 0; t < nr; t++)
				again |= !strcmp(told[t], source);
			if (again)
				continue;
			told[nr++] = source;
			fputs("  ", page->out);
			page_text(page, 2, 6, source);
		}
	}
}

void report_memory(FILE *out, const struct ffa_descriptor *type, uint32_t version,
		   const struct picture_style *style)
{
	struct page page = { .out = out, .style = style, .width = style->width };
	const struct ffa_layout *drawn = ffa_layout_of(type, version);
	bool properties = false;

	if (!drawn)
		drawn = &type->layouts[0];
	if (!ffa_layout_known_in(drawn, version))
		version = drawn->since;
	fprintf(out, "%s%s%s  %s\n\n", style->color ? "\033[1m" : "", type->name,
		style->color ? "\033[0m" : "", type->title);
	page_entry(&page, "Where", type->place);
	page_entry(&page, "Refers to", type->follows);
	put_versions(&page, drawn);
	report_picture_memory(out, drawn, version, style);
	fputc('\n', out);
	put_members(&page, drawn);
	for (size_t i = 0; i < type->nr_layouts; i++) {
		for (size_t m = 0; m < type->layouts[i].nr_members; m++)
			properties |= type->layouts[i].members[m].props;
		if (&type->layouts[i] == drawn)
			continue;
		put_versions(&page, &type->layouts[i]);
		put_members(&page, &type->layouts[i]);
	}
	if (properties)
		page_properties(&page);
	put_sources(&page, type);
}
