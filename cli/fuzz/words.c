// SPDX-License-Identifier: GPL-2.0-only
/* Findings in words, and as scripts. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "fuzz/internal.h"

static const char *const kinds[FUZZ_NR_KINDS] = {
	[FUZZ_AS_PREDICTED] = "as-predicted", [FUZZ_PASSES] = "passes",
	[FUZZ_REFUSED] = "refused",	      [FUZZ_OTHER_WAY] = "other-way",
	[FUZZ_MORE_SMCS] = "more-smcs",	      [FUZZ_SLOW] = "slow",
};

static const char *const whens[] = {
	[FUZZ_ALWAYS] = "always",	[FUZZ_FIRST] = "first",	    [FUZZ_AFTER] = "after",
	[FUZZ_SOMETIMES] = "sometimes", [FUZZ_AT_ONCE] = "at-once",
};

const char *fuzz_kind_name(enum fuzz_kind kind)
{
	return kinds[kind];
}

const char *fuzz_when_name(enum fuzz_when when)
{
	return whens[when];
}

/* A text that is cut where the buffer ends. */
struct text {
	char *buf;
	size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *fmt, ...)
{
	size_t at = text->len < text->size ? text->len : text->size;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text->buf + at, text->size - at, fmt, args);
	va_end(args);
	text->len += n > 0 ? (size_t)n : 0;
}

bool fuzz_unit_differs(const struct fuzz_unit *unit, const struct fuzz_base *base,
		       const uint64_t x[FFA_NR_REGS])
{
	for (unsigned int n = 0; n < unit->regs; n++) {
		unsigned int reg = unit->reg + n;

		if ((base->in.x[reg] ^ x[reg]) & fuzz_unit_bits(unit))
			return true;
	}
	return false;
}

static bool is_low_half(const struct fuzz_unit *unit)
{
	return !unit->name && unit->hi == 31 && !unit->lo && !unit->wide;
}

/* The upper half of a register whose lower half differs as well: the two are one word. */
static bool is_joined(const struct fuzz_call *call, const struct fuzz_base *base,
		      const struct ffa_regs *in, const struct fuzz_unit *unit, bool upper)
{
	for (size_t i = 0; i < call->nr_units; i++) {
		const struct fuzz_unit *other = &call->units[i];
		bool is_upper = other->hi == 63 && other->lo == 32;

		if (other->reg == unit->reg && (upper ? is_low_half(other) : is_upper) &&
		    fuzz_unit_differs(other, base, in->x))
			return true;
	}
	return false;
}

static void add_word(struct text *text, const struct fuzz_call *call, const struct fuzz_base *base,
		     const struct fuzz_unit *unit, const struct ffa_regs *in)
{
	uint64_t value = (in->x[unit->reg] & fuzz_unit_bits(unit)) >> unit->lo;
	char buf[64];

	if (text->len)
		add(text, " ");
	if (unit->name) {
		ffa_format_value(unit->field, in, buf, sizeof(buf));
		add(text, "%s=%s", unit->name, buf);
	} else if (is_low_half(unit) && is_joined(call, base, in, unit, false)) {
		add(text, "x%u=%#llx", unit->reg, (unsigned long long)in->x[unit->reg]);
	} else if (!unit->lo && unit->hi == (unit->wide ? 63 : 31)) {
		add(text, "%c%u=%#llx", unit->wide ? 'x' : 'w', unit->reg,
		    (unsigned long long)value);
	} else if (unit->hi == unit->lo) {
		add(text, "%c%u[%u]=%llu", unit->wide ? 'x' : 'w', unit->reg, unit->hi,
		    (unsigned long long)value);
	} else {
		add(text, "%c%u[%u:%u]=%#llx", unit->wide ? 'x' : 'w', unit->reg, unit->hi,
		    unit->lo, (unsigned long long)value);
	}
}

/* Whether EL2 refuses bits of the unit that differ. */
static bool is_refused(const struct fuzz_unit *unit, const struct fuzz_base *base,
		       const struct ffa_regs *in)
{
	for (unsigned int n = 0; n < unit->regs; n++) {
		unsigned int reg = unit->reg + n;

		if ((base->in.x[reg] ^ in->x[reg]) & fuzz_unit_bits(unit) & base->refused[reg])
			return true;
	}
	return false;
}

enum which { ALL, REFUSED_ALONE, LET_THROUGH };

/* Returns how many words there are. */
static unsigned int words(const struct fuzz_call *call, const struct fuzz_base *base,
			  const struct ffa_regs *in, enum which which, struct text *text)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < call->nr_units; i++) {
		const struct fuzz_unit *unit = &call->units[i];
		bool upper = !unit->name && unit->hi == 63 && unit->lo == 32;

		if (!fuzz_unit_differs(unit, base, in->x) ||
		    (upper && is_joined(call, base, in, unit, true)))
			continue;
		if (which != ALL && is_refused(unit, base, in) != (which == REFUSED_ALONE))
			continue;
		add_word(text, call, base, unit, in);
		nr++;
	}
	return nr;
}

size_t fuzz_format_words(const struct fuzz_call *call, const struct fuzz_base *base,
			 const struct ffa_regs *in, char *buf, size_t size)
{
	struct text text = { .buf = buf, .size = size };

	if (size)
		buf[0] = '\0';
	words(call, base, in, ALL, &text);
	return text.len;
}

static bool is_one_bit(const struct fuzz_finding *f)
{
	unsigned int bits = 0;

	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++)
		bits += (unsigned int)__builtin_popcountll(f->base->in.x[reg] ^ f->in.x[reg]);
	return bits <= 1;
}

static void say_passes(const struct fuzz_finding *f, struct text *text)
{
	char refused[256] = "", beside[256] = "";
	struct text r = { .buf = refused, .size = sizeof(refused) };
	struct text b = { .buf = beside, .size = sizeof(beside) };
	unsigned int nr = words(f->call, f->base, &f->in, REFUSED_ALONE, &r);
	unsigned int nr_beside = words(f->call, f->base, &f->in, LET_THROUGH, &b);

	if (!nr) {
		/* A call that EL2 blocks. */
		add(text, "EL2 lets %s pass, and refuses the well-formed call",
		    nr_beside ? beside : "it");
		return;
	}
	add(text, "EL2 lets %s pass%s", refused, nr > 1 ? " together" : "");
	if (nr_beside)
		add(text, " beside %s", beside);
	if (nr > 1)
		add(text, ", and refuses each alone");
	else if (nr_beside)
		add(text, ", and refuses it alone");
	else if (!is_one_bit(f))
		add(text, ", and refuses each of its bits alone");
}

static void say_refused(const struct fuzz_finding *f, struct text *text)
{
	const char *status = f->result.has_status ? ffa_status_name(f->result.status) : NULL;
	char all[256] = "";
	struct text t = { .buf = all, .size = sizeof(all) };
	unsigned int nr = words(f->call, f->base, &f->in, ALL, &t);

	add(text, "EL2 refuses %s", nr ? all : "the well-formed call");
	if (status)
		add(text, " (%s)", status);
	if (fuzz_predict(f->base, &f->in) != f->base->kind)
		add(text, ", a valid value of the field");
	else if (nr > 1)
		add(text, ", and lets each pass alone");
	else if (!is_one_bit(f))
		add(text, ", and lets each of its bits pass alone");
}

static void say_first(const struct fuzz_finding *f, struct text *text)
{
	char all[256] = "";
	struct text t = { .buf = all, .size = sizeof(all) };

	words(f->call, f->base, &f->in, ALL, &t);
	if (f->kind == FUZZ_PASSES)
		add(text, "EL2 let a bit of %s pass the first time, and refuses it now", all);
	else
		add(text, "EL2 refused a bit of %s the first time, and lets it pass now", all);
}

static void say_what(const struct fuzz_finding *f, struct text *text)
{
	char all[256] = "";
	struct text t = { .buf = all, .size = sizeof(all) };

	switch (f->kind) {
	case FUZZ_PASSES:
		say_passes(f, text);
		return;
	case FUZZ_REFUSED:
		say_refused(f, text);
		return;
	default:
		break;
	}
	if (!words(f->call, f->base, &f->in, ALL, &t))
		snprintf(all, sizeof(all), "the well-formed call");
	if (f->kind == FUZZ_OTHER_WAY && f->result.verdict.kind == VERDICT_ANSWERED)
		add(text, "EL2 answers %s itself, and forwards each part alone", all);
	else if (f->kind == FUZZ_OTHER_WAY)
		add(text, "EL2 forwards %s, and answers each part alone itself", all);
	else if (f->kind == FUZZ_MORE_SMCS)
		add(text, "EL2 sends %u SMCs for %s, and no more than %u for a part of it",
		    f->result.verdict.smcs, all, f->base->most_smcs);
	else
		add(text, "%s takes %llu us", all,
		    (unsigned long long)f->result.verdict.total_ns / 1000);
}

/* The call with its fields, as a script has it. */
static void add_line(struct text *text, const struct ffa_regs *in)
{
	const struct ffa_call *call = ffa_call_by_fid((uint32_t)in->x[0]);
	struct ffa_regs asked;
	char fields[512];

	verdict_without_canaries(in, &asked);
	ffa_format_fields(call, &asked, fields, sizeof(fields));
	add(text, "%s%s%s", ffa_call_name(call), fields[0] ? " " : "", fields);
}

void fuzz_describe(struct fuzz_finding *f)
{
	struct text text = { .buf = f->text, .size = sizeof(f->text) };
	char with[128];

	add(&text, "%s", sweep_short_name(f->call->sc));
	if (f->base != f->call->bases) {
		fuzz_format_words(f->call, f->call->bases, &f->base->in, with, sizeof(with));
		add(&text, " with %s", with);
	}
	add(&text, ": ");
	if (f->when == FUZZ_FIRST)
		say_first(f, &text);
	else
		say_what(f, &text);
	if (f->when == FUZZ_AFTER) {
		add(&text, ", after ");
		add_line(&text, &f->before[f->nr_before - 1]);
		if (f->nr_before > 1)
			add(&text, " and %u calls before it", f->nr_before - 1);
	}
	if (f->when == FUZZ_AT_ONCE) {
		add(&text, ", while other CPUs make ");
		add_line(&text, &f->before[0]);
	}
	if (f->when == FUZZ_SOMETIMES || f->when == FUZZ_AT_ONCE)
		add(&text, ", in %u of %u calls", f->times, f->tries);
	if (f->cpu >= 0)
		add(&text, ", on CPU %d only", f->cpu);
}

static void put_line(FILE *out, const char *indent, const struct ffa_regs *in)
{
	char line[640];
	struct text text = { .buf = line, .size = sizeof(line) };

	add_line(&text, in);
	fprintf(out, "%scall %s\n", indent, line);
}

static void put_expectation(FILE *out, const char *indent, const struct fuzz_finding *f)
{
	if (f->kind == FUZZ_MORE_SMCS)
		fprintf(out, "%sexpect smcs<=%u\n", indent, f->base->most_smcs);
	else
		fprintf(out, "%sexpect %s\n", indent, verdict_kind_name(fuzz_expected(f)));
}

/* The call on one CPU, and the one that it meets on all others. */
static void put_parallel(FILE *out, const struct fuzz_finding *f)
{
	fprintf(out, "\tparallel\n\t\tcpu %u\n\t\trepeat %u\n", f->result.call.cpu, 16 * f->tries);
	put_line(out, "\t\t\t", &f->in);
	put_expectation(out, "\t\t\t", f);
	fprintf(out, "\t\tend\n\t\tcpu all\n\t\trepeat %u\n", 16 * f->tries);
	put_line(out, "\t\t\t", &f->before[0]);
	fprintf(out, "\t\tend\n\tend\nend\n");
}

bool fuzz_script(FILE *out, const struct fuzz_finding *f, uint64_t seed)
{
	bool many = f->when == FUZZ_SOMETIMES;
	const char *indent = many ? "\t\t" : "\t";

	if (f->when == FUZZ_FIRST || f->kind == FUZZ_SLOW)
		return false;
	fprintf(out, "# Found by ffascope fuzz --seed %llu.\n", (unsigned long long)seed);
	if (f->call->sc->ffa->changes)
		fprintf(out, "# The call %s.%s%s\n", f->call->sc->ffa->changes,
			f->call->sc->ffa->undo ? " To undo it: " : "",
			f->call->sc->ffa->undo ? f->call->sc->ffa->undo : "");
	fprintf(out, "require tracing\n\ntest \"%s\"\n", f->text);
	if (f->when == FUZZ_AT_ONCE) {
		put_parallel(out, f);
		return true;
	}
	if (f->cpu >= 0)
		fprintf(out, "\tcpu %d\n", f->cpu);
	if (many)
		fprintf(out, "\trepeat %u\n", f->tries);
	for (unsigned int i = 0; i < f->nr_before; i++)
		put_line(out, indent, &f->before[i]);
	put_line(out, indent, &f->in);
	put_expectation(out, indent, f);
	fprintf(out, "%send\n", many ? "\tend\n" : "");
	return true;
}
