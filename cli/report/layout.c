// SPDX-License-Identifier: GPL-2.0-only
/* A call of the catalogue as text. */
#include <stdlib.h>
#include <string.h>

#include "report/picture.h"

#define MAX_NOTES 16

struct layout {
	FILE *out;
	const struct ffa_call *call;
	const struct picture_style *style;
	unsigned int width;
	const char *notes[MAX_NOTES]; /* why a rule is unknown */
	unsigned int nr_notes;
};

/* ---- lines ---- */

/* Writes text from `column` on and wraps it at words; further lines start at `indent`. */
static void put_text(const struct layout *l, unsigned int column, unsigned int indent,
		     const char *text)
{
	bool first = true;

	while (*text) {
		unsigned int len = (unsigned int)strcspn(text, " ");

		if (!first && column + 1 + len > l->width) {
			fprintf(l->out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		fprintf(l->out, "%s%.*s", first ? "" : " ", (int)len, text);
		column += len + !first;
		first = false;
		text += len;
		while (*text == ' ')
			text++;
	}
	fputc('\n', l->out);
}

/* A heading on the left, text on the right. */
static void put_entry(const struct layout *l, const char *head, const char *text)
{
	if (!text)
		return;
	fprintf(l->out, "%-11s ", head);
	put_text(l, 12, 12, text);
}

static void put_heading(const struct layout *l, const char *text)
{
	fprintf(l->out, "\n%s%s%s\n", l->style->color ? "\033[1m" : "", text,
		l->style->color ? "\033[0m" : "");
}

/* Number of a note, from 1; adds it if it is new. */
static unsigned int note_of(struct layout *l, const char *text)
{
	for (unsigned int i = 0; i < l->nr_notes; i++) {
		if (!strcmp(l->notes[i], text))
			return i + 1;
	}
	if (l->nr_notes < MAX_NOTES)
		l->notes[l->nr_notes++] = text;

	return l->nr_notes;
}

static void put_notes(struct layout *l)
{
	for (unsigned int i = 0; i < l->nr_notes; i++) {
		char head[16];

		snprintf(head, sizeof(head), "  ?%u", i + 1);
		fprintf(l->out, "%-5s ", head);
		put_text(l, 6, 6, l->notes[i]);
	}
	l->nr_notes = 0;
}

/* ---- tables of fields ---- */

/* Widths of the columns: place, name, one column for each version that has the call, meaning. */
struct columns {
	unsigned int place;
	unsigned int name;
	unsigned int rules; /* sum of all versions */
	bool below;	    /* the meaning goes on a line of its own */
};

#define RULE_WIDTH 7

static unsigned int max(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static struct columns measure(const struct layout *l, const struct ffa_field *fields, size_t nr,
			      const struct ffa_restriction *restrictions, size_t nr_restrictions)
{
	struct columns c = { .place = 4, .name = 4 };
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
		c.rules += ffa_call_known_in(l->call, ffa_version_at(v)) ? RULE_WIDTH : 0;
	c.below = 2 + c.place + 2 + c.name + 2 + c.rules + 24 > l->width;

	return c;
}

/* Rules and meaning (may be "") of a row, without trailing blanks. */
static void put_rules(struct layout *l, const struct columns *c, const enum ffa_rule *rule,
		      const char *unknown, const char *meaning)
{
	char line[FFA_NR_VERSIONS * RULE_WIDTH + 1] = "";
	unsigned int column = 2 + c->place + 2 + c->name + 2 + c->rules;
	size_t len = 0;

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		char cell[16];

		if (!ffa_call_known_in(l->call, ffa_version_at(v)))
			continue;
		if (rule[v] == FFA_RULE_UNKNOWN && unknown)
			snprintf(cell, sizeof(cell), "?%u", note_of(l, unknown));
		else
			snprintf(cell, sizeof(cell), "%s", ffa_rule_name(rule[v]));
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%-*s", RULE_WIDTH, cell);
	}
	if (*meaning && !c->below) {
		fputs(line, l->out);
		put_text(l, column, column, meaning);
		return;
	}
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	fprintf(l->out, "%s\n", line);
	if (*meaning) {
		column = 2 + c->place + 2;
		fprintf(l->out, "%*s", (int)column, "");
		put_text(l, column, column, meaning);
	}
}

static void put_field(struct layout *l, const struct columns *c, const struct ffa_field *f)
{
	char place[32], meaning[512];
	size_t len;

	ffa_format_place(f, place, sizeof(place));
	fprintf(l->out, "  %-*s  %-*s  ", (int)c->place, place, (int)c->name,
		f->name ? f->name : "(reserved)");
	len = (size_t)snprintf(meaning, sizeof(meaning), "%s", f->meaning ? f->meaning : "");
	for (const struct ffa_symbol *s = f->symbols; s && s->name && len < sizeof(meaning); s++)
		len += (size_t)snprintf(meaning + len, sizeof(meaning) - len, "%s%llu=%s",
					s == f->symbols ? ": " : ", ", (unsigned long long)s->value,
					s->name);
	put_rules(l, c, f->rule, f->unknown, meaning);
}

static void put_restriction(struct layout *l, const struct columns *c,
			    const struct ffa_restriction *r)
{
	struct ffa_field f = {
		.reg = r->reg, .regs = r->regs, .hi = r->hi, .lo = r->lo, .wide = r->wide
	};
	char place[32];

	ffa_format_place(&f, place, sizeof(place));
	fprintf(l->out, "  %-*s  %-*s  ", (int)c->place, place, (int)c->name, "  reserved");
	put_rules(l, c, r->rule, r->unknown, r->when);
}

static bool covers(const struct ffa_field *f, const struct ffa_restriction *r)
{
	return r->reg == f->reg && r->hi <= f->hi && r->lo >= f->lo;
}

static void put_fields(struct layout *l, const struct ffa_field *fields, size_t nr,
		       const struct ffa_restriction *restrictions, size_t nr_restrictions)
{
	struct columns c = measure(l, fields, nr, restrictions, nr_restrictions);

	fprintf(l->out, "  %-*s  %-*s  ", (int)c.place, "Bits", (int)c.name, "Name");
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		const char *name = ffa_version_name(ffa_version_at(v));

		if (!ffa_call_known_in(l->call, ffa_version_at(v)))
			continue;
		if (c.below && v == FFA_NR_VERSIONS - 1)
			fputs(name, l->out);
		else
			fprintf(l->out, "%-*s", RULE_WIDTH, name);
	}
	fprintf(l->out, "%s\n", c.below ? "" : "Meaning");
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
			put_heading(l, "Framework messages");
		fprintf(l->out, "message-type=%s, since %s\n", v->name, ffa_version_name(v->since));
		put_fields(l, v->fields, v->nr_fields, NULL, 0);
	}
	if (l->call->nr_variants)
		put_notes(l);
}

/* Registers without a row. */
static void put_no_parameters(const struct layout *l)
{
	const struct ffa_call *call = l->call;
	bool upper = false;

	if (ffa_call_takes_canary(call->fid)) {
		fputs("  x1-x7[63:32] and x8-x17 are no parameters of an SMC32 call.\n", l->out);
		return;
	}
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		if (!ffa_not_parameter(call, reg, 63))
			continue;
		fprintf(l->out, "%sx%u[63:32]", upper ? ", " : "  No parameters: ", reg);
		upper = true;
	}
	if (upper)
		fputs(".\n", l->out);
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

	fprintf(l->out, "%s%s%s  0x%08x  %s, FF-A %s", l->style->color ? "\033[1m" : "", call->name,
		l->style->color ? "\033[0m" : "", call->fid,
		ffa_call_takes_canary(call->fid) ? "SMC32" : "SMC64",
		ffa_version_name(call->since));
	if (call->until == call->since)
		fputs(" only\n", l->out);
	else if (call->until)
		fprintf(l->out, " to %s\n", ffa_version_name(call->until));
	else
		fputs(" and later\n", l->out);
	put_text(l, 0, 0, call->summary);
	fputc('\n', l->out);
	put_entry(l, "Made by", call->caller);

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
	put_entry(l, "Instances", known ? text : "the sources do not say where it can be made");
	put_entry(l, "Note", call->note);

	snprintf(text, sizeof(text), "Registers in FF-A %s", ffa_version_name(version));
	put_heading(l, text);
}

static void put_features(const struct layout *l)
{
	put_heading(l, "Feature identifiers");
	for (size_t i = 0; i < ffa_feature_count(); i++) {
		const struct ffa_feature *f = ffa_feature_at(i);

		fprintf(l->out, "  %u  %-14s %s%s%s\n", f->id, f->name, f->meaning,
			f->since ? ", since " : "", f->since ? ffa_version_name(f->since) : "");
	}
}

static void put_properties(const struct layout *l)
{
	put_heading(l, "Partition properties");
	fprintf(l->out, "  %-6s %-22s %-5s Meaning\n", "Bits", "Name", "Since");
	for (size_t i = 0; i < ffa_property_count(); i++) {
		const struct ffa_property *p = ffa_property_at(i);
		char bits[16];

		if (p->hi == p->lo)
			snprintf(bits, sizeof(bits), "[%u]", p->hi);
		else
			snprintf(bits, sizeof(bits), "[%u:%u]", p->hi, p->lo);
		fprintf(l->out, "  %-6s %-22s %-5s ", bits, p->name,
			p->since ? ffa_version_name(p->since) : "?");
		put_text(l, 38, 38, p->meaning);
		for (const struct ffa_symbol *s = p->symbols; s && s->name; s++)
			fprintf(l->out, "%*s%llu: %s\n", 38, "", (unsigned long long)s->value,
				s->meaning);
	}
}

static void put_answers(struct layout *l)
{
	const struct ffa_call *call = l->call;
	bool properties = false;

	if (call->nr_answers)
		put_heading(l, "Answers");
	for (size_t i = 0; i < call->nr_answers; i++) {
		const struct ffa_answer *a = &call->answers[i];
		const struct ffa_answer *next = i + 1 < call->nr_answers ? a + 1 : NULL;
		const struct ffa_call *row = ffa_call_by_fid(a->fid);

		fprintf(l->out, "%s%s%s", a->fid && row ? row->name : "the result itself, in w0",
			a->when ? " " : "", a->when ? a->when : "");
		/* Inputs with the same results share one entry. */
		if (next && next->fields && next->fields == a->fields && next->fid == a->fid) {
			fputc('\n', l->out);
			continue;
		}
		if (a->note) {
			fputs(": ", l->out);
			put_text(l, (unsigned int)(row && a->fid ? strlen(row->name) : 24) + 2, 2,
				 a->note);
		} else {
			fputc('\n', l->out);
		}
		if (a->fields)
			put_fields(l, a->fields, a->nr_fields, NULL, 0);
		properties |=
			a->result == FFA_RESULT_DESCRIPTORS || a->result == FFA_RESULT_IN_BUFFER;
	}
	put_notes(l);
	if (properties)
		put_properties(l);
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
	put_heading(l, "Errors");
	for (size_t i = 0; i < call->nr_errors; i++) {
		const char *name = ffa_status_name(call->errors[i].code);

		fprintf(l->out, "  %-18s ", name ? name : "");
		put_text(l, 21, 21, call->errors[i].when);
	}
	if (call->errors_note) {
		fputs("  ", l->out);
		put_text(l, 2, 2, call->errors_note);
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

	put_heading(l, "State");
	put_entry(l, "  Changes", call->changes ? call->changes : "nothing");
	put_entry(l, "  Undone by", call->undo ? call->undo : call->changes ? "nothing" : NULL);
	consent_fields(call, names, sizeof(names));
	switch (call->consent) {
	case FFA_CONSENT_NEVER:
		break;
	case FFA_CONSENT_ALWAYS:
		put_entry(l, "  Needs", "--allow-state-change");
		break;
	case FFA_CONSENT_IF_SET:
		snprintf(text, sizeof(text), "--allow-state-change, unless %s: all 0", names);
		put_entry(l, "  Needs", text);
		break;
	case FFA_CONSENT_IF_CLEAR:
		snprintf(text, sizeof(text), "--allow-state-change, if %s is 0", names);
		put_entry(l, "  Needs", text);
		break;
	case FFA_CONSENT_IF_OLDER:
		snprintf(text, sizeof(text), "--allow-state-change for a version before %s",
			 ffa_version_name(FFA_VERSION_DEFAULT));
		put_entry(l, "  Needs", text);
		break;
	}
	if (call->el2_reissues)
		put_entry(l, "  pKVM", "the proxy answers it and issues its own SMCs for it");
}

static void put_sources(struct layout *l)
{
	const struct ffa_call *call = l->call;

	put_heading(l, "Sources");
	put_entry(l, "  call", call->source);
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
		fputs("  ", l->out);
		put_text(l, 2, 6, text);
	}
	for (size_t i = 0; i < call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &call->restrictions[i];
		struct ffa_field f = {
			.reg = r->reg, .regs = r->regs, .hi = r->hi, .lo = r->lo, .wide = r->wide
		};
		char place[32], text[400];

		ffa_format_place(&f, place, sizeof(place));
		snprintf(text, sizeof(text), "%s %s: %s", place, r->when, r->source);
		fputs("  ", l->out);
		put_text(l, 2, 6, text);
	}
}

void report_layout(FILE *out, const struct ffa_call *call, uint32_t version,
		   const struct picture_style *style)
{
	struct layout l = { .out = out, .call = call, .style = style, .width = style->width };
	char example[200];

	put_head(&l, version);
	report_picture(out, call, version, style);
	put_no_parameters(&l);
	fputc('\n', out);
	put_fields(&l, call->fields, call->nr_fields, call->restrictions, call->nr_restrictions);
	put_notes(&l);
	put_variants(&l);
	put_answers(&l);
	put_errors(&l);
	put_state(&l);
	if (ffa_format_example(call, example, sizeof(example))) {
		put_heading(&l, "Example");
		fprintf(out, "  %s\n", example);
	}
	put_sources(&l);
}
