// SPDX-License-Identifier: GPL-2.0-only
/* A call of the catalogue as text. */
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "report/page.h"
#include "report/picture.h"

struct layout {
	struct page page;
	const struct ffa_call *call;
};

/* ---- tables of fields ---- */

static unsigned int max(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static struct page_columns measure(const struct layout *l, const struct ffa_field *fields,
				   size_t nr, const struct ffa_restriction *restrictions,
				   size_t nr_restrictions)
{
	struct page_columns c = { .place = 4, .name = 4 };
	char place[32];

	for (size_t i = 0; i < nr; i++) {
		c.place = max(c.place,
			      (unsigned int)ffa_format_place(&fields[i], place, sizeof(place)));
		if (fields[i].name)
			c.name = max(c.name, (unsigned int)strlen(fields[i].name));
		else
			c.name = max(c.name, (unsigned int)strlen("(reserved)"));
	}
	for (size_t i = 0; i < nr_restrictions; i++) {
		const struct ffa_restriction *r = &restrictions[i];
		struct ffa_field f = {
			.reg = r->reg, .regs = r->regs, .hi = r->hi, .lo = r->lo, .wide = r->wide
		};

		c.place = max(c.place, (unsigned int)ffa_format_place(&f, place, sizeof(place)));
		c.name = max(c.name, (unsigned int)strlen("  reserved"));
	}
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		c.rules += ffa_call_versions(l->call) >> v & 1 ? PAGE_RULE_WIDTH : 0;
	c.below = 2 + c.place + 2 + c.name + 2 + c.rules + 24 > l->page.width;

	return c;
}

static void put_field(struct layout *l, const struct page_columns *c, const struct ffa_field *f)
{
	char place[32], meaning[512];
	size_t len;

	ffa_format_place(f, place, sizeof(place));
	fprintf(l->page.out, "  %-*s  %-*s  ", (int)c->place, place, (int)c->name,
		f->name ? f->name : "(reserved)");
	len = (size_t)snprintf(meaning, sizeof(meaning), "%s", f->meaning ? f->meaning : "");
	for (const struct ffa_symbol *s = f->symbols; s && s->name && len < sizeof(meaning); s++)
		len += (size_t)snprintf(meaning + len, sizeof(meaning) - len, "%s%llu=%s",
					s == f->symbols ? ": " : ", ", (unsigned long long)s->value,
					s->name);
	page_rules(&l->page, c, ffa_call_versions(l->call), f->rule, f->unknown, meaning);
}

static void put_restriction(struct layout *l, const struct page_columns *c,
			    const struct ffa_restriction *r)
{
	struct ffa_field f = {
		.reg = r->reg, .regs = r->regs, .hi = r->hi, .lo = r->lo, .wide = r->wide
	};
	char place[32];

	ffa_format_place(&f, place, sizeof(place));
	fprintf(l->page.out, "  %-*s  %-*s  ", (int)c->place, place, (int)c->name, "  reserved");
	page_rules(&l->page, c, ffa_call_versions(l->call), r->rule, r->unknown, r->when);
}

static bool covers(const struct ffa_field *f, const struct ffa_restriction *r)
{
	return r->reg == f->reg && r->hi <= f->hi && r->lo >= f->lo;
}

static void put_fields(struct layout *l, const struct ffa_field *fields, size_t nr,
		       const struct ffa_restriction *restrictions, size_t nr_restrictions)
{
	struct page_columns c = measure(l, fields, nr, restrictions, nr_restrictions);

	page_columns(&l->page, &c, ffa_call_versions(l->call));
	for (size_t i = 0; i < nr; i++) {
		put_field(l, &c, &fields[i]);
		for (size_t r = 0; r < nr_restrictions; r++) {
			if (covers(&fields[i], &restrictions[r]))
				put_restriction(l, &c, &restrictions[r]);
		}
	}
}

/* Rows for a value of other bits: payloads of framework messages by their type. */
static void put_variants(struct layout *l)
{
	for (size_t i = 0; i < l->call->nr_variants; i++) {
		const struct ffa_variant *v = &l->call->variants[i];

		if (!i)
			page_heading(&l->page, "Framework messages");
		fprintf(l->page.out, "message-type=%s, since %s\n", v->name,
			ffa_version_name(v->since));
		put_fields(l, v->fields, v->nr_fields, NULL, 0);
	}
	if (l->call->nr_variants)
		page_notes(&l->page);
}

/* Registers without a row. */
static void put_no_parameters(const struct layout *l)
{
	const struct ffa_call *call = l->call;
	bool upper = false;

	if (ffa_call_takes_canary(call->fid)) {
		fputs("  x1-x7[63:32] and x8-x17 are no parameters of an SMC32 call.\n",
		      l->page.out);
		return;
	}
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		if (!ffa_not_parameter(call, reg, 63))
			continue;
		fprintf(l->page.out, "%sx%u[63:32]", upper ? ", " : "  No parameters: ", reg);
		upper = true;
	}
	if (upper)
		fputs(".\n", l->page.out);
}

/* ---- the parts ---- */

static void put_head(struct layout *l, uint32_t version)
{
	static const char *const instances[FFA_NR_INSTANCES] = {
		"Non-secure physical",
		"Secure physical",
		"Non-secure virtual",
		"Secure virtual",
	};
	static const char *const conduits[] = { "SMC", "HVC", "SVC", "ERET" };
	const struct ffa_call *call = l->call;
	char text[512];
	size_t len = 0;
	bool known = false;

	fprintf(l->page.out, "%s%s%s  0x%08x  %s, FF-A %s", l->page.style->color ? "\033[1m" : "",
		call->name, l->page.style->color ? "\033[0m" : "", call->fid,
		ffa_call_takes_canary(call->fid) ? "SMC32" : "SMC64",
		ffa_version_name(call->since));
	if (call->until == call->since)
		fputs(" only\n", l->page.out);
	else if (call->until)
		fprintf(l->page.out, " to %s\n", ffa_version_name(call->until));
	else
		fputs(" and later\n", l->page.out);
	page_text(&l->page, 0, 0, call->summary);
	fputc('\n', l->page.out);
	page_entry(&l->page, "Made by", call->caller);

	for (unsigned int i = 0; i < FFA_NR_INSTANCES; i++) {
		bool any = false;

		known |= call->conduits[i] != FFA_CONDUIT_UNKNOWN;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? "; " : "",
					instances[i]);
		for (unsigned int c = 0; c < 4; c++) {
			if (!(call->conduits[i] >> c & 1))
				continue;
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						any ? ", " : ": ", conduits[c]);
			any = true;
		}
		if (!any)
			len += (size_t)snprintf(text + len, sizeof(text) - len, ": %s",
						call->conduits[i] ? "?" : "no");
	}
	page_entry(&l->page, "Instances",
		   known ? text : "the sources do not say where it can be made");
	page_entry(&l->page, "Note", call->note);

	snprintf(text, sizeof(text), "Registers in FF-A %s", ffa_version_name(version));
	page_heading(&l->page, text);
}

static void put_features(const struct layout *l)
{
	page_heading(&l->page, "Feature identifiers");
	for (size_t i = 0; i < ffa_feature_count(); i++) {
		const struct ffa_feature *f = ffa_feature_at(i);

		fprintf(l->page.out, "  %u  %-14s %s%s%s\n", f->id, f->name, f->meaning,
			f->since ? ", since " : "", f->since ? ffa_version_name(f->since) : "");
	}
}

static void put_answers(struct layout *l)
{
	const struct ffa_call *call = l->call;
	bool properties = false;

	if (call->nr_answers)
		page_heading(&l->page, "Answers");
	for (size_t i = 0; i < call->nr_answers; i++) {
		const struct ffa_answer *a = &call->answers[i];
		const struct ffa_answer *next = i + 1 < call->nr_answers ? a + 1 : NULL;
		const struct ffa_call *row = ffa_call_by_fid(a->fid);

		fprintf(l->page.out, "%s%s%s",
			a->fid && row ? row->name : "the result itself, in w0", a->when ? " " : "",
			a->when ? a->when : "");
		/* Inputs with the same results share one entry. */
		if (next && next->fields && next->fields == a->fields && next->fid == a->fid) {
			fputc('\n', l->page.out);
			continue;
		}
		if (a->note) {
			fputs(": ", l->page.out);
			page_text(&l->page,
				  (unsigned int)(row && a->fid ? strlen(row->name) : 24) + 2, 2,
				  a->note);
		} else {
			fputc('\n', l->page.out);
		}
		if (a->fields)
			put_fields(l, a->fields, a->nr_fields, NULL, 0);
		properties |=
			a->result == FFA_RESULT_DESCRIPTORS || a->result == FFA_RESULT_IN_BUFFER;
	}
	page_notes(&l->page);
	if (properties)
		page_properties(&l->page);
	for (size_t i = 0; i < call->nr_fields; i++) {
		if (call->fields[i].type == FFA_TYPE_FUNCTION)
			put_features(l);
	}
}

static void put_errors(struct layout *l)
{
	const struct ffa_call *call = l->call;

	if (!call->nr_errors && !call->errors_note)
		return;
	page_heading(&l->page, "Errors");
	for (size_t i = 0; i < call->nr_errors; i++) {
		const char *name = ffa_status_name(call->errors[i].code);

		fprintf(l->page.out, "  %-18s ", name ? name : "");
		page_text(&l->page, 21, 21, call->errors[i].when);
	}
	if (call->errors_note) {
		fputs("  ", l->page.out);
		page_text(&l->page, 2, 2, call->errors_note);
	}
}

/* Appends a word to the comma-separated list in buf. */
static void append(char *buf, size_t size, const char *word)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s", len ? ", " : "", word);
}

/* Names of the fields within the deciding bits: "sp, vm, spm, hyp". */
static void consent_fields(const struct ffa_call *call, char *buf, size_t size)
{
	const struct ffa_bits *bits = &call->consent_bits;

	buf[0] = '\0';
	for (size_t i = call->nr_fields; i--;) {
		const struct ffa_field *f = &call->fields[i];

		if (f->name && f->reg == bits->reg && f->hi <= bits->hi && f->lo >= bits->lo)
			append(buf, size, f->name);
	}
}

static void put_state(struct layout *l)
{
	const struct ffa_call *call = l->call;
	char names[128], text[256];

	page_heading(&l->page, "State");
	page_entry(&l->page, "  Changes", call->changes ? call->changes : "nothing");
	page_entry(&l->page, "  Undone by",
		   call->undo	   ? call->undo
		   : call->changes ? "nothing"
				   : NULL);
	consent_fields(call, names, sizeof(names));
	switch (call->consent) {
	case FFA_CONSENT_NEVER:
		break;
	case FFA_CONSENT_ALWAYS:
		page_entry(&l->page, "  Needs", "--allow-state-change");
		break;
	case FFA_CONSENT_IF_SET:
		snprintf(text, sizeof(text), "--allow-state-change, unless %s: all 0", names);
		page_entry(&l->page, "  Needs", text);
		break;
	case FFA_CONSENT_IF_CLEAR:
		snprintf(text, sizeof(text), "--allow-state-change, if %s is 0", names);
		page_entry(&l->page, "  Needs", text);
		break;
	case FFA_CONSENT_IF_OLDER:
		snprintf(text, sizeof(text), "--allow-state-change for a version before %s",
			 ffa_version_name(FFA_VERSION_DEFAULT));
		page_entry(&l->page, "  Needs", text);
		break;
	}
	if (call->el2_reissues)
		page_entry(&l->page, "  pKVM",
			   "the proxy answers it and issues its own SMCs for it");
}

static void put_sources(struct layout *l)
{
	const struct ffa_call *call = l->call;

	page_heading(&l->page, "Sources");
	page_entry(&l->page, "  call", call->source);
	for (size_t i = 0; i < call->nr_fields; i++) {
		char head[400] = "", text[700];
		bool told = false;

		for (size_t j = 0; j < i; j++)
			told |= !strcmp(call->fields[j].source, call->fields[i].source);
		if (told)
			continue;
		for (size_t j = i; j < call->nr_fields; j++) {
			char place[32];

			if (strcmp(call->fields[j].source, call->fields[i].source))
				continue;
			ffa_format_place(&call->fields[j], place, sizeof(place));
			append(head, sizeof(head), place);
		}
		snprintf(text, sizeof(text), "%s: %s", head, call->fields[i].source);
		fputs("  ", l->page.out);
		page_text(&l->page, 2, 6, text);
	}
	for (size_t i = 0; i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];
		struct ffa_field f = {
			.reg = r->reg, .regs = r->regs, .hi = r->hi, .lo = r->lo, .wide = r->wide
		};
		char place[32], text[400];

		ffa_format_place(&f, place, sizeof(place));
		snprintf(text, sizeof(text), "%s %s: %s", place, r->when, r->source);
		fputs("  ", l->page.out);
		page_text(&l->page, 2, 6, text);
	}
}

void report_layout(FILE *out, const struct ffa_call *call, uint32_t version,
		   const struct picture_style *style)
{
	struct layout l = { .page = { .out = out, .style = style, .width = style->width },
			    .call = call };
	char example[200];

	put_head(&l, version);
	report_picture(out, call, version, style);
	put_no_parameters(&l);
	fputc('\n', out);
	put_fields(&l, call->fields, call->nr_fields, call->restrictions, call->nr_restrictions);
	page_notes(&l.page);
	put_variants(&l);
	put_answers(&l);
	put_errors(&l);
	put_state(&l);
	if (ffa_format_example(call, example, sizeof(example))) {
		page_heading(&l.page, "Example");
		fprintf(out, "  %s\n", example);
	}
	put_sources(&l);
}
