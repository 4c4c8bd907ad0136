// SPDX-License-Identifier: GPL-2.0-only
/* Lines that belong together: a dump by names continues while its lines match. */
#include <string.h>

#include "dump/dump.h"

void dump_reader_init(struct dump_reader *reader, bool answers, dump_fn fn, void *ctx)
{
	reader->answers = answers;
	reader->fn = fn;
	reader->ctx = ctx;
	reader->pending = false;
}

void dump_reader_flush(struct dump_reader *reader)
{
	const struct dump_record record = { .line = &reader->line,
					    .text = reader->text,
					    .len = reader->len };

	if (!reader->pending)
		return;
	reader->pending = false;
	reader->fn(reader->ctx, &record);
}

/* ---- whether two lines fit ---- */

/* Registers that both have must be equal, and only one may have the identifier. */
static bool registers_fit(const struct dump_line *a, const struct dump_line *b)
{
	uint64_t both = ~a->regs.missing & ~b->regs.missing;

	if (a->has_answer || b->has_answer || a->others & b->others || both & 1)
		return false;
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		if (both >> 2 * reg & 1 && a->regs.x[reg] != b->regs.x[reg])
			return false;
	}

	return true;
}

/* Behind a time stamp: digits, dots, colons and brackets at the beginning. */
static const char *behind_time(const char *s, const char *end)
{
	const char *at = s;

	while (at < end && strchr("[]()0123456789.: \t", *at))
		at++;

	return at;
}

/* Prefixes fit if one begins with the other, times aside: they come from the same writer. */
static bool prefixes_fit(const struct dump_line *a, const struct dump_line *b)
{
	const char *a_end = a->prefix + a->prefix_len, *b_end = b->prefix + b->prefix_len;
	const char *x = behind_time(a->prefix, a_end), *y = behind_time(b->prefix, b_end);

	for (;;) {
		while (x < a_end && strchr(" \t", *x))
			x++;
		while (y < b_end && strchr(" \t", *y))
			y++;
		if (x == a_end || y == b_end)
			return true;
		if (*x++ != *y++)
			return false;
	}
}

static void merge(struct ffa_dump *into, const struct ffa_dump *from)
{
	for (unsigned int reg = 0; reg < FFA_NR_REGS; reg++) {
		uint64_t halves = from->missing >> 2 * reg & 3;

		if (!(halves & 1))
			ffa_give(into, reg, into->x[reg] | from->x[reg], !halves);
	}
}

static void go_on(struct dump_reader *reader, const struct dump_line *line)
{
	struct dump_line *all = &reader->line;

	if (line->two_readings || all->two_readings) {
		struct ffa_dump first = all->two_readings ? all->decimal : all->regs;

		merge(&first, line->two_readings ? &line->decimal : &line->regs);
		all->decimal = first;
		all->two_readings = true;
	}
	merge(&all->regs, &line->regs);
	all->others |= line->others;
	if (line->kind == DUMP_REGS)
		all->kind = DUMP_REGS;
}

/* ---- text ---- */

/* Keeps the line, and moves what points into it. False if there is no room. */
static bool keep(struct dump_reader *reader, const char *text, size_t len, struct dump_line *line)
{
	size_t at = reader->pending ? reader->len + 1 : 0;

	if (at + len > DUMP_MAX_TEXT || (reader->pending && reader->nr_lines == DUMP_MAX_LINES))
		return false;
	if (at)
		reader->text[at - 1] = '\n';
	memcpy(reader->text + at, text, len);
	reader->len = at + len;
	line->prefix = reader->text + at + (line->prefix - text);
	line->rest = reader->text + at + (line->rest - text);

	return true;
}

void dump_reader_line(struct dump_reader *reader, const char *text, size_t len)
{
	struct dump_line line;

	dump_read(text, len, reader->answers, &line);
	if (reader->pending && line.named && line.kind != DUMP_FAULT &&
	    registers_fit(&reader->line, &line) && prefixes_fit(&reader->line, &line) &&
	    keep(reader, text, len, &line)) {
		reader->nr_lines++;
		go_on(reader, &line);
		return;
	}
	dump_reader_flush(reader);
	if (line.named && !line.has_answer && line.kind != DUMP_FAULT &&
	    keep(reader, text, len, &line)) {
		reader->line = line;
		reader->nr_lines = 1;
		reader->pending = true;
		return;
	}
	reader->fn(reader->ctx, &(struct dump_record){ .line = &line, .text = text, .len = len });
}
