// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "ffa/call.h"
#include "ffa/rules.h"
#include "report/picture.h"

#define LABEL_WIDTH 10 /* "x17[63:32]" */
#define BITS_A_ROW  32
#define MAX_ROWS    (2 * FFA_NR_REGS)
#define MAX_KEYS    26

/* One row: 32 bits of a register, or registers that hold one field each. */
struct row {
	char label[LABEL_WIDTH + 2];
	unsigned int reg;
	unsigned int shift;	       /* of its lowest bit */
	const struct ffa_field *whole; /* the field that fills the row, else NULL */
	uint64_t borders; /* bit n: a line left of bit n - 1; bits 32 and 0 are the ends */
};

struct picture {
	const struct ffa_call *call;
	bool memory;	      /* the registers are words of 4 bytes of a descriptor */
	unsigned int version; /* index */
	const struct picture_style *style;
	unsigned int step; /* columns a bit, including its left line */
	struct row rows[MAX_ROWS];
	unsigned int nr_rows;
	const struct ffa_field *keys[MAX_KEYS]; /* names too long for their cell, lettered a to z */
	unsigned int nr_keys;
	bool seen[FFA_RULE_NO_PARAMETER + 1];
};

struct shade {
	const char *utf8;
	char ascii;
	const char *legend;
};

static const struct shade shades[] = {
	[FFA_RULE_NONE] = { " ", ' ', NULL },
	[FFA_RULE_MBZ] = { "▒", '#', "MBZ" },
	[FFA_RULE_SBZ] = { "░", '/', "SBZ" },
	[FFA_RULE_UNKNOWN] = { "?", '?', "reserved, rule not known" },
	[FFA_RULE_NO_PARAMETER] = { "·", '.', "no parameter" },
};

/* ---- rows ---- */

static const struct ffa_field *field_at(const struct ffa_call *call, unsigned int reg,
					unsigned int bit)
{
	for (size_t i = 0; i < call->nr_fields; i++) {
		const struct ffa_field *f = &call->fields[i];

		if (reg >= f->reg && reg < f->reg + f->regs && bit <= f->hi && bit >= f->lo)
			return f;
	}

	return NULL;
}

static bool of_one_piece(const struct ffa_field *f)
{
	return !f->lo && f->hi == (f->wide ? 63 : 31);
}

static void add_row(struct picture *p, unsigned int reg, unsigned int last, bool wide,
		    unsigned int shift, const struct ffa_field *whole)
{
	struct row *row = &p->rows[p->nr_rows++];
	char kind = wide ? 'x' : 'w';

	*row = (struct row){
		.reg = reg, .shift = shift, .whole = whole, .borders = UINT64_C(1) << BITS_A_ROW | 1
	};
	if (p->memory)
		snprintf(row->label, sizeof(row->label), last > reg ? "0x%02x-0x%02x" : "0x%02x",
			 4 * reg % 256, (4 * last + 3) % 256);
	else if (last > reg)
		snprintf(row->label, sizeof(row->label), "%c%u-%c%u", kind, reg % 100, kind,
			 last % 100);
	else if (whole || !wide)
		snprintf(row->label, sizeof(row->label), "%c%u", kind, reg % 100);
	else
		snprintf(row->label, sizeof(row->label), "%c%u[%s]", kind, reg % 100,
			 shift ? "63:32" : "31:0");
	if (whole)
		return;
	for (unsigned int bit = 0; bit < BITS_A_ROW; bit++) {
		const struct ffa_field *f = field_at(p->call, reg, bit + shift);

		if (f && bit + shift == f->hi)
			row->borders |= UINT64_C(1) << (bit + 1);
		if (f && bit + shift == f->lo)
			row->borders |= UINT64_C(1) << bit;
	}
}

/* Rule for drawing: the one of this instance if there is one, else the table's. */
static enum ffa_rule rule_of(const struct picture *p, const struct ffa_field *f)
{
	if (f->rule[p->version] != FFA_RULE_NONE)
		return f->rule[p->version];
	for (size_t i = 0; i < p->call->nr_restrictions; i++) {
		const struct ffa_restriction *r = &p->call->restrictions[i];

		if (!r->zero.reg && r->reg == f->reg && r->hi == f->hi && r->lo == f->lo)
			return r->rule[p->version];
	}

	return FFA_RULE_NONE;
}

/* Whether both rows look the same in this version and can share one drawing. */
static bool look_alike(const struct picture *p, const struct ffa_field *a,
		       const struct ffa_field *b)
{
	return b && of_one_piece(b) && a->wide == b->wide && a->rule[p->version] != FFA_RULE_NONE &&
	       a->rule[p->version] == b->rule[p->version];
}

static void find_rows(struct picture *p)
{
	for (unsigned int reg = !p->memory; reg < FFA_NR_REGS; reg++) {
		const struct ffa_field *f = field_at(p->call, reg, 0);

		if (!f || p->nr_rows + 2 > MAX_ROWS)
			continue;
		if (of_one_piece(f)) {
			const struct ffa_field *next;
			unsigned int last = f->reg + f->regs - 1u;

			while (last + 1 < FFA_NR_REGS && (next = field_at(p->call, last + 1, 0)) &&
			       look_alike(p, f, next))
				last = next->reg + next->regs - 1u;
			add_row(p, reg, last, f->wide, 0, f);
			reg = last;
		} else {
			if (f->wide)
				add_row(p, reg, reg, true, 32, NULL);
			add_row(p, reg, reg, f->wide, 0, NULL);
		}
	}
}

/* ---- drawing ---- */

static void put_shade(const struct picture *p, FILE *out, enum ffa_rule rule, unsigned int n)
{
	while (n--) {
		if (p->style->utf8)
			fputs(shades[rule].utf8, out);
		else
			fputc(shades[rule].ascii, out);
	}
}

static char key_of(struct picture *p, const struct ffa_field *f)
{
	unsigned int i = 0;

	while (i < p->nr_keys && p->keys[i] != f)
		i++;
	if (i == MAX_KEYS)
		return '*';
	if (i == p->nr_keys)
		p->keys[p->nr_keys++] = f;

	return (char)('a' + i);
}

/* f: NULL for bits outside of the descriptor. */
static void put_cell(struct picture *p, FILE *out, const struct ffa_field *f, unsigned int width)
{
	enum ffa_rule rule;
	const char *text;
	char key[2] = "";
	unsigned int len, left;

	if (!f) {
		fprintf(out, "%*s", (int)width, "");
		return;
	}
	rule = rule_of(p, f);
	text = f->name;
	p->seen[rule] = true;
	/* Fields of other versions appear only in the table below. */
	if (!text || f->rule[p->version] != FFA_RULE_NONE)
		text = rule == FFA_RULE_NO_PARAMETER ? "" : ffa_rule_name(rule);
	len = (unsigned int)strlen(text);
	if (f->name && f->rule[p->version] == FFA_RULE_NONE && len > width) {
		key[0] = key_of(p, f);
		text = key;
		len = 1;
	} else if (rule != FFA_RULE_NONE && (len + 2 > width || rule == FFA_RULE_UNKNOWN)) {
		/* Without room for a word the shade shows the rule. Names must stay. */
		if (text != f->name)
			len = 0;
	}

	left = (width - len) / 2;
	if (p->style->color && rule != FFA_RULE_NONE)
		fputs("\033[2m", out);
	if (rule != FFA_RULE_NONE && len && len + 2 <= width) {
		put_shade(p, out, rule, left - 1);
		fprintf(out, " %.*s ", (int)len, text);
		put_shade(p, out, rule, width - len - left - 1);
	} else {
		put_shade(p, out, rule, left);
		fprintf(out, "%.*s", (int)len, text);
		put_shade(p, out, rule, width - len - left);
	}
	if (p->style->color && rule != FFA_RULE_NONE)
		fputs("\033[0m", out);
}

static void put_row(struct picture *p, FILE *out, const struct row *row)
{
	const char *line = p->style->utf8 ? "│" : "|";
	unsigned int hi = BITS_A_ROW;

	fprintf(out, "%-*s ", LABEL_WIDTH, row->label);
	while (hi) {
		unsigned int lo = hi - 1;

		while (!(row->borders >> lo & 1))
			lo--;
		fputs(line, out);
		put_cell(p, out,
			 row->whole ? row->whole : field_at(p->call, row->reg, lo + row->shift),
			 (hi - lo) * p->step - 1);
		hi = lo;
	}
	fprintf(out, "%s\n", line);
}

/* The line between two rows; above or below is NULL at the ends. */
static void put_line(const struct picture *p, FILE *out, const struct row *above,
		     const struct row *below)
{
	/* [line above][line below] at the left end, between, at the right end */
	static const char *const corners[2][2][3] = {
		{ { "─", "─", "─" }, { "┌", "┬", "┐" } },
		{ { "└", "┴", "┘" }, { "├", "┼", "┤" } },
	};

	fprintf(out, "%*s", LABEL_WIDTH + 1, "");
	for (unsigned int bit = BITS_A_ROW;; bit--) {
		bool up = above && above->borders >> bit & 1;
		bool down = below && below->borders >> bit & 1;
		unsigned int place = bit == BITS_A_ROW ? 0 : bit ? 1 : 2;

		if (p->style->utf8)
			fputs(corners[up][down][place], out);
		else
			fputc(up || down ? '+' : '-', out);
		if (!bit)
			break;
		for (unsigned int i = 1; i < p->step; i++)
			fputs(p->style->utf8 ? "─" : "-", out);
	}
	fputc('\n', out);
}

static void put_ruler(const struct picture *p, FILE *out)
{
	unsigned int every = p->step > 2 ? 4 : 8;
	unsigned int column = 0, at;

	fprintf(out, "%*s", LABEL_WIDTH + 1, "");
	for (unsigned int bit = BITS_A_ROW; bit--;) {
		char number[12];

		if (bit && (bit + 1) % every)
			continue;
		snprintf(number, sizeof(number), "%u", bit);
		at = (BITS_A_ROW - 1 - bit) * p->step + 1;
		fprintf(out, "%*s%s", (int)(at - column), "", number);
		column = at + (unsigned int)strlen(number);
	}
	fputc('\n', out);
}

static void put_legend(const struct picture *p, FILE *out)
{
	unsigned int column = LABEL_WIDTH + 1;
	bool any = p->nr_keys;

	for (unsigned int rule = 0; rule <= FFA_RULE_NO_PARAMETER; rule++)
		any |= p->seen[rule] && shades[rule].legend;
	if (!any)
		return;
	any = false;
	fprintf(out, "%*s", (int)column, "");
	for (unsigned int rule = 0; rule <= FFA_RULE_NO_PARAMETER; rule++) {
		if (!p->seen[rule] || !shades[rule].legend)
			continue;
		fputs(any ? "   " : "", out);
		put_shade(p, out, rule, 2);
		fprintf(out, " %s", shades[rule].legend);
		column += (any ? 6 : 3) + (unsigned int)strlen(shades[rule].legend);
		any = true;
	}
	for (unsigned int i = 0; i < p->nr_keys; i++) {
		enum ffa_rule rule = rule_of(p, p->keys[i]);
		char key[64];
		unsigned int len;

		len = (unsigned int)snprintf(key, sizeof(key), "%c %s%s%s", 'a' + (char)i,
					     p->keys[i]->name, rule ? ": " : "",
					     rule ? ffa_rule_name(rule) : "");
		if (any && column + 3 + len > p->style->width) {
			fprintf(out, "\n%*s", LABEL_WIDTH + 1, "");
			column = LABEL_WIDTH + 1;
			any = false;
		}
		fprintf(out, "%s%s", any ? "   " : "", key);
		column += len + (any ? 3 : 0);
		any = true;
	}
	fputc('\n', out);
}

static void draw(struct picture *p, FILE *out)
{
	unsigned int width = p->style->width;

	p->step = width > LABEL_WIDTH + 2 ? (width - LABEL_WIDTH - 2) / BITS_A_ROW : 0;
	if (p->step < 2)
		return;

	find_rows(p);
	if (!p->nr_rows)
		return;
	put_ruler(p, out);
	for (unsigned int i = 0; i < p->nr_rows; i++) {
		put_line(p, out, i ? &p->rows[i - 1] : NULL, &p->rows[i]);
		put_row(p, out, &p->rows[i]);
	}
	put_line(p, out, &p->rows[p->nr_rows - 1], NULL);
	put_legend(p, out);
}

void report_picture(FILE *out, const struct ffa_call *call, uint32_t version,
		    const struct picture_style *style)
{
	struct picture p = { .call = call, .version = ffa_version_index(version), .style = style };

	draw(&p, out);
}

/* A member as bits of words of 4 bytes. */
static struct ffa_field field_of(const struct ffa_member *m)
{
	unsigned int words = (m->bytes + 3u) / 4, shift = m->at % 4 * 8;
	struct ffa_field f = { .reg = m->at / 4,
			       .regs = (uint8_t)words,
			       .hi = 31,
			       .lo = 0,
			       .name = m->name,
			       .source = m->source };

	if (words == 1) {
		f.hi = (uint8_t)(m->hi + shift);
		f.lo = (uint8_t)(m->lo + shift);
	}
	memcpy(f.rule, m->rule, sizeof(f.rule));

	return f;
}

void report_picture_memory(FILE *out, const struct ffa_layout *layout, uint32_t version,
			   const struct picture_style *style)
{
	struct ffa_field fields[FFA_MAX_MEMBERS];
	const struct ffa_call call = { .fields = fields, .nr_fields = layout->nr_members };
	struct picture p = {
		.call = &call, .memory = true, .version = ffa_version_index(version), .style = style
	};

	for (size_t i = 0; i < layout->nr_members; i++)
		fields[i] = field_of(&layout->members[i]);
	draw(&p, out);
}
