// SPDX-License-Identifier: GPL-2.0-only
/* Decoded registers as text. */
#include <stdio.h>
#include <string.h>

#include "command/decode.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

#define MAX_VIOLATIONS 40

static size_t at_most(size_t n)
{
	return n < MAX_VIOLATIONS ? n : MAX_VIOLATIONS;
}

/* ---- one line ---- */

/* rules: with those that it breaks, of all versions that have it or of the one of --ffa. */
static void put_call(struct decode *d, const struct ffa_call *call, const struct ffa_dump *regs,
		     bool rules)
{
	char *text = decode_room(d, DECODE_ROOM);
	size_t len = ffa_format_call(call, regs, d->opts->ffa_version, rules, text, DECODE_ROOM);

	decode_took(d, len < DECODE_ROOM ? len : DECODE_ROOM - 1);
}

static void put_note(struct decode *d, uint64_t x0)
{
	char text[200];

	if (!decode_format_note(d, x0, text, sizeof(text)))
		return;
	decode_puts(d, "  # ");
	decode_puts(d, text);
}

static void put_whole_call(struct decode *d, const struct ffa_dump *regs)
{
	const struct ffa_call *call = decode_row(regs->x[0]);

	put_call(d, call, regs, true);
	if (!call || (uint32_t)regs->x[0] != call->fid ||
	    !ffa_call_known_in(call, decode_version(d)))
		put_note(d, regs->x[0]);
}

static void put_violations(struct decode *d, const struct ffa_violation *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ffa_field f = { .reg = (uint8_t)v[i].reg,
				       .regs = 1,
				       .hi = (uint8_t)v[i].hi,
				       .lo = (uint8_t)v[i].lo,
				       .wide = v[i].wide };
		char place[32];

		ffa_format_place(&f, place, sizeof(place));
		decode_printf(d, "%s%s=0x%llx ", i ? ", " : "  ! ", place,
			      (unsigned long long)v[i].value);
		if (v[i].rule == FFA_RULE_UNKNOWN)
			decode_puts(d, "reserved, rule unknown");
		else if (v[i].rule == FFA_RULE_VALUE)
			decode_printf(d, "is no %s", v[i].field);
		else
			decode_puts(d, ffa_rule_name(v[i].rule));
	}
}

static void put_answer(struct decode *d, const struct ffa_call *call, const struct ffa_dump *in,
		       const struct ffa_dump *out)
{
	struct ffa_violation list[MAX_VIOLATIONS];
	uint32_t version = decode_version(d);
	char text[DECODE_PART];

	ffa_dump_answer_text(call, in, out, version, text, sizeof(text));
	decode_puts(d, text);
	put_violations(
		d, list,
		at_most(ffa_dump_answer_violations(call, in, out, version, list, MAX_VIOLATIONS)));
}

static void put_regs(struct decode *d, const struct ffa_dump *regs)
{
	if (d->result) {
		decode_puts(d, d->result->name);
		decode_puts(d, " -> ");
		put_answer(d, d->result, &d->result_in, regs);
		put_note(d, d->result->fid);
		return;
	}
	put_whole_call(d, regs);
}

static void put_meaning(struct decode *d, const struct dump_line *line)
{
	put_regs(d, &line->regs);
	if (line->has_answer) {
		decode_puts(d, "  -> ");
		put_answer(d, decode_row(line->regs.x[0]), &line->regs, &line->answer);
	}
	if (line->two_readings) {
		decode_puts(d, "  # or, with numbers without 0x read as decimal: ");
		put_regs(d, &line->decimal);
	}
	if (line->forwarded >= 0)
		decode_puts(d,
			    line->forwarded ? "  # forwarded by EL2" : "  # not forwarded by EL2");
	if (line->world)
		decode_puts(d, line->world == 'n' ? "  # from the Normal world"
						  : "  # from the Secure world");
}

void decode_text_pass(struct decode *d, const char *text, size_t len, const char *note)
{
	const char *end = text + len;

	for (;;) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));

		decode_put(d, text, (size_t)((line_end ? line_end : end) - text));
		decode_puts(d, "  # ");
		decode_puts(d, note);
		decode_puts(d, "\n");
		if (!line_end)
			return;
		text = line_end + 1;
	}
}

void decode_text_record(struct decode *d, const struct dump_record *record)
{
	const struct dump_line *line = record->line;

	decode_put(d, line->prefix, line->prefix_len);
	if (line->prefix_len)
		decode_puts(d, " ");
	if (line->kind == DUMP_CODE) {
		decode_printf(d, "%s  # %d as a status code of FF-A", ffa_status_name(line->code),
			      line->code);
	} else if (d->explain) {
		decode_text_explain(d, &line->regs);
		return;
	} else {
		put_meaning(d, line);
	}
	if (line->rest_len) {
		decode_puts(d, "  | ");
		decode_put(d, line->rest, line->rest_len);
	}
	decode_puts(d, "\n");
}

void decode_text_pair(struct decode *d, const struct ffa_dump *in, const struct ffa_dump *out)
{
	put_whole_call(d, in);
	if (out) {
		decode_puts(d, "  -> ");
		put_answer(d, decode_row(in->x[0]), in, out);
	}
	decode_puts(d, "\n");
}

/* ---- several lines ---- */

/* A value longer than this does not widen the column of values. */
#define VALUE_WIDTH 20

struct widths {
	int place, name, value;
};

static int longer(int a, int b)
{
	return a > b ? a : b;
}

static struct widths measure(const struct ffa_field *const *rows, size_t nr,
			     const struct ffa_dump *regs)
{
	struct widths w = { 0 };
	char text[DECODE_PART / 2];

	for (size_t i = 0; i < nr; i++) {
		int len;

		if (!rows[i]->name)
			continue;
		w.place = longer(w.place, (int)ffa_format_place(rows[i], text, sizeof(text)));
		w.name = longer(w.name, (int)strlen(rows[i]->name));
		len = (int)ffa_dump_value(rows[i], regs, text, sizeof(text));
		if (len <= VALUE_WIDTH)
			w.value = longer(w.value, len);
	}

	return w;
}

static const char *symbol_meaning(const struct ffa_field *f, const struct ffa_dump *regs)
{
	for (const struct ffa_symbol *s = f->symbols; s && s->name; s++) {
		if (f->regs == 1 && ffa_field_given(f, regs) &&
		    (!f->needs.reg ||
		     ffa_bits_get(&regs->regs, f->needs.reg, f->needs.hi, f->needs.lo)) &&
		    s->value == ffa_field_get(f, &regs->regs))
			return s->meaning;
	}

	return NULL;
}

static void put_row(struct decode *d, const struct ffa_field *f, const struct ffa_dump *regs,
		    const struct widths *w)
{
	char place[32], value[DECODE_PART / 2];
	const char *symbol = symbol_meaning(f, regs);

	ffa_format_place(f, place, sizeof(place));
	ffa_dump_value(f, regs, value, sizeof(value));
	decode_printf(d, "  %-*s  %-*s  ", w->place, place, w->name, f->name);
	if (f->meaning || d->explain)
		decode_printf(d, "%-*s  # %s", w->value, value, f->meaning ? f->meaning : "");
	else
		decode_puts(d, value);
	if (symbol)
		decode_printf(d, ": %s", symbol);
	if (d->explain)
		decode_printf(d, " [%s]", f->source);
	decode_puts(d, "\n");
}

static void put_table(struct decode *d, const struct ffa_field *const *rows, size_t nr,
		      const struct ffa_dump *regs)
{
	struct widths w = measure(rows, nr, regs);

	for (size_t i = 0; i < nr; i++) {
		if (rows[i]->name)
			put_row(d, rows[i], regs, &w);
	}
}

static void put_partitions(struct decode *d, const struct ffa_dump *regs)
{
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	bool known;
	size_t n = ffa_dump_partitions(d->result, &d->result_in, regs, list, FFA_PARTITIONS_MAX,
				       &known);

	for (size_t i = 0; i < n; i++) {
		const struct ffa_partition *p = &list[i];
		char uuid[37], properties[400], version[16];

		ffa_format_uuid(p->uuid, uuid);
		ffa_format_properties(p->properties, properties, sizeof(properties));
		decode_printf(d, "  partition 0x%x  ", p->id);
		if (p->proxy)
			decode_printf(d, "proxy 0x%x", p->proxy);
		else
			decode_printf(d, "contexts %u", p->contexts);
		decode_printf(d, "  uuid %s  %s", uuid, properties);
		if (p->has_image) {
			ffa_format_uuid(p->image, uuid);
			ffa_format_version(p->version, version, sizeof(version));
			decode_printf(d, "  image %s  FF-A %s", uuid, version);
		}
		decode_puts(d, "\n");
	}
}

static size_t answer_rows(const struct decode *d, const struct ffa_dump *regs,
			  const struct ffa_answer *answer, const struct ffa_field **rows)
{
	size_t nr = 0;

	if (!answer || !answer->fields)
		return ffa_call_rows(ffa_call_by_fid((uint32_t)regs->x[0]), regs, rows);
	for (; nr < answer->nr_fields && nr < FFA_MAX_ROWS; nr++)
		rows[nr] = &answer->fields[nr];
	(void)d;

	return nr;
}

void decode_text_explain(struct decode *d, const struct ffa_dump *regs)
{
	const struct ffa_field *rows[FFA_MAX_ROWS];
	const struct ffa_call *row = decode_row(regs->x[0]);
	const struct ffa_answer *answer;
	char text[DECODE_PART];

	if (d->result) {
		put_regs(d, regs);
		decode_puts(d, "\n");
		answer = ffa_dump_answer(d->result, &d->result_in, regs);
		put_table(d, rows, answer_rows(d, regs, answer, rows), regs);
		if (answer && answer->result == FFA_RESULT_DESCRIPTORS)
			put_partitions(d, regs);
		return;
	}
	put_call(d, row, regs, false);
	put_note(d, regs->x[0]);
	decode_puts(d, "\n");
	if (!row)
		return;
	put_table(d, rows, ffa_call_rows(row, regs, rows), regs);
	if (!ffa_dump_rules(row, regs, d->opts->ffa_version, text, sizeof(text)))
		return;
	decode_puts(d, "  breaks: ");
	decode_puts(d, text);
	decode_puts(d, "\n");
}
