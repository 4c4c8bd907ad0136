// SPDX-License-Identifier: GPL-2.0-only
/* Plans the calls of a sweep from the catalogue alone: no call is named in this file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/proxy.h"
#include "ffa/rules.h"
#include "sweep/sweep.h"

#define DEFAULT_CALLS "NOTIFICATION_*"
#define MAX_WORDS     256

bool sweep_is_default(const struct ffa_call *call, uint32_t version)
{
	return ffa_call_matches(call, DEFAULT_CALLS) && ffa_call_known_in(call, version);
}

/* Replaces {cpus}, {last-cpu}, {partition} and {version} in a control's words. */
static void fill_in(const char *words, const struct sweep_machine *machine, uint32_t version,
		    char buf[MAX_WORDS])
{
	const struct {
		const char *word;
		unsigned int value;
	} places[] = {
		{ "{cpus}", machine->cpus },
		{ "{last-cpu}", machine->cpus - 1 },
		{ "{partition}", machine->partition },
		{ "{version}", version },
	};
	size_t len = 0;

	while (*words && len < MAX_WORDS - 12) {
		bool found = false;

		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++) {
			size_t size = strlen(places[i].word);

			if (strncmp(words, places[i].word, size))
				continue;
			len += (size_t)snprintf(buf + len, MAX_WORDS - len, "%u", places[i].value);
			words += size;
			found = true;
		}
		if (!found)
			buf[len++] = *words++;
	}
	buf[len] = '\0';
}

/* Sets FIELD=VALUE words, which it takes apart. */
static int assign_words(const struct ffa_call *call, char *words, struct ffa_regs *regs,
			struct error *err)
{
	char *word;

	while ((word = strsep(&words, " "))) {
		if (ffa_assign(call, regs, word, err->text, sizeof(err->text)))
			return -EINVAL;
	}
	return 0;
}

/* The same for words of which some may be {words}. */
static int set_words(const struct ffa_call *call, const char *words,
		     const struct sweep_machine *machine, uint32_t version, struct ffa_regs *regs,
		     struct error *err)
{
	char filled[MAX_WORDS];

	fill_in(words, machine, version, filled);
	return assign_words(call, filled, regs, err);
}

/* control: NULL: all fields are 0. */
static int set_control(const struct ffa_call *call, const char *control,
		       const struct sweep_machine *machine, uint32_t version, struct ffa_regs *regs,
		       struct error *err)
{
	ffa_call_init(call, call->fid, regs);
	if (!control)
		return 0;
	/* Before SWEEP_ORDER the controls of the other calls were empty. */
	if (!machine->order && !ffa_call_matches(call, DEFAULT_CALLS))
		return 0;
	return set_words(call, control, machine, version, regs, err);
}

/* Gives the fields that the undoing call shares with the call their values in `in`. */
static void share_fields(const struct ffa_call *call, const struct ffa_regs *in,
			 const struct ffa_call *undo, struct ffa_regs *regs)
{
	for (size_t i = 0; i < undo->nr_fields; i++) {
		const struct ffa_field *to = &undo->fields[i];
		const struct ffa_field *from;

		if (!to->name)
			continue;
		from = ffa_field_by_name(call->fields, call->nr_fields, to->name);
		if (!from || from->regs != to->regs || from->hi - from->lo != to->hi - to->lo)
			continue;
		for (unsigned int n = 0; n < to->regs; n++)
			ffa_bits_set(regs, to->reg + n, to->hi, to->lo,
				     ffa_bits_get(in, from->reg + n, from->hi, from->lo));
	}
}

/* The control of the undoing call. Fields that both calls have get the values of the call. */
static int set_undo(struct sweep_call *sc, const struct sweep_machine *machine, uint32_t version,
		    struct error *err)
{
	const struct ffa_call *undo = sc->ffa->undo_fid ? ffa_call_by_fid(sc->ffa->undo_fid) : NULL;

	if (!undo)
		return 0;
	if (!machine->order && !ffa_call_matches(sc->ffa, DEFAULT_CALLS))
		return 0;
	if (set_control(undo, sc->ffa->undo_control ? sc->ffa->undo_control : undo->control,
			machine, version, &sc->undo, err))
		return -EINVAL;
	share_fields(sc->ffa, &sc->in, undo, &sc->undo);
	/* No canaries: a proxy that rejects them would prevent the undo. */
	sc->has_undo = true;
	return 0;
}

void sweep_undo_regs(const struct sweep_call *sc, const struct ffa_regs *in, struct ffa_regs *undo)
{
	*undo = sc->undo;
	share_fields(sc->ffa, in, ffa_call_by_fid((uint32_t)sc->undo.x[0]), undo);
}

void sweep_probe_regs(const struct sweep_call *sc, const struct sweep_probe *probe,
		      struct ffa_regs *regs)
{
	if (probe->value) {
		*regs = probe->value->in;
		return;
	}
	*regs = sc->in;
	ffa_bits_set(regs, probe->reg, probe->bit, probe->bit, 1);
}

static int set_harmless(const struct ffa_call *call, const struct sweep_machine *machine,
			uint32_t version, const struct ffa_regs *in, struct ffa_regs *harmless,
			struct error *err)
{
	*harmless = *in;
	return call->harmless ? set_words(call, call->harmless, machine, version, harmless, err)
			      : 0;
}

static size_t count_values(const struct ffa_call *call)
{
	size_t nr = call->values ? 1 : 0;

	for (const char *at = call->values; at && (at = strstr(at, "; ")); at += 2)
		nr++;
	return nr;
}

/* Where the first word's field is. */
static struct ffa_bits first_field(const struct ffa_call *call, const char *words)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(words, "="), words);
	for (size_t i = 0; i < call->nr_fields; i++) {
		const struct ffa_field *field = &call->fields[i];

		if (field->name && !strcmp(field->name, name))
			return (struct ffa_bits){ field->reg, field->hi, field->lo };
	}
	return (struct ffa_bits){ 0 };
}

/* Another ID than the host's, where EL2 compares the two. */
static bool is_checked(const struct sweep_call *sc, const struct ffa_regs *in)
{
	struct ffa_bits id;

	return ffa_call_el2_checks_id(sc->fid, &id) && ffa_bits_get(in, id.reg, id.hi, id.lo);
}

static int set_value(struct sweep_call *sc, const char *words, size_t len,
		     const struct sweep_machine *machine, uint32_t version,
		     struct sweep_value *value, struct error *err)
{
	char one[MAX_WORDS], filled[MAX_WORDS];

	snprintf(one, sizeof(one), "%.*s", (int)len, words);
	fill_in(one, machine, version, filled);
	snprintf(value->words, sizeof(value->words), "%.63s", filled);
	value->bits = first_field(sc->ffa, filled);
	value->in = sc->in;
	if (assign_words(sc->ffa, filled, &value->in, err) ||
	    set_harmless(sc->ffa, machine, version, &value->in, &value->harmless_in, err))
		return -EINVAL;
	value->checked = is_checked(sc, &value->in);
	if (sc->has_undo)
		sweep_undo_regs(sc, &value->in, &value->undo);
	return 0;
}

/* Adds the values that the control does not have already. */
static int add_values(struct sweep_call *sc, uint32_t version, const struct sweep_machine *machine,
		      struct error *err)
{
	const char *words = sc->ffa->values;

	if (machine->order < SWEEP_ORDER_VALUES || !words || sc->skipped[0])
		return 0;
	sc->values = calloc(count_values(sc->ffa), sizeof(*sc->values));
	if (!sc->values)
		return error_no_memory(err);

	while (words) {
		struct sweep_value *value = &sc->values[sc->nr_values];
		const char *end = strstr(words, "; ");
		size_t len = end ? (size_t)(end - words) : strlen(words);

		if (set_value(sc, words, len, machine, version, value, err))
			return -EINVAL;
		if (memcmp(&value->in, &sc->in, sizeof(sc->in)))
			sc->nr_values++;
		words = end ? end + 2 : NULL;
	}
	return 0;
}

static void add_value_probes(struct sweep_call *sc, bool consent)
{
	for (size_t i = 0; i < sc->nr_values; i++) {
		const struct sweep_value *value = &sc->values[i];

		sc->probes[sc->nr_probes + i] = (struct sweep_probe){
			.value = value,
			.reg = value->bits.reg,
			.bit = value->bits.hi,
			.rule = FFA_RULE_VALUE,
			.class = SWEEP_SKIPPED,
			.needs_consent = !consent && ffa_call_needs_consent(sc->ffa, &value->in),
		};
	}
}

static int add_probes(struct sweep_call *sc, uint32_t version, bool consent)
{
	struct ffa_violation range;
	size_t nr = 0, next = 0;

	for (size_t i = 0; ffa_reserved_at(sc->ffa, version, &sc->in, i, &range); i++)
		nr += range.hi - range.lo + 1;
	sc->probes = calloc(nr + sc->nr_values + 1, sizeof(*sc->probes));
	if (!sc->probes)
		return -ENOMEM;
	sc->nr_probes = nr;
	add_value_probes(sc, consent);

	for (size_t i = 0; ffa_reserved_at(sc->ffa, version, &sc->in, i, &range); i++) {
		for (unsigned int bit = range.hi + 1; bit-- > range.lo;) {
			struct sweep_probe *probe = &sc->probes[next++];
			struct ffa_regs regs;

			*probe = (struct sweep_probe){
				.reg = (uint8_t)range.reg,
				.bit = (uint8_t)bit,
				.wide = range.wide,
				.rule = range.rule,
				.class = SWEEP_SKIPPED,
			};
			sweep_probe_regs(sc, probe, &regs);
			probe->needs_consent = !consent && ffa_call_needs_consent(sc->ffa, &regs);
		}
	}
	return 0;
}

/* Not so for a value that a field does not have, such as a count of 0. */
static bool sets_reserved_bits(const struct ffa_call *call, const struct ffa_regs *regs,
			       uint32_t version)
{
	struct ffa_violation found[8];
	size_t n = ffa_violations(call, regs, version, found, 8);

	for (size_t i = 0; i < n && i < 8; i++) {
		if (found[i].rule != FFA_RULE_VALUE)
			return true;
	}
	return false;
}

static int plan_call(struct sweep_call *sc, uint32_t version, const struct sweep_machine *machine,
		     char *const *words, int nr, bool consent, struct error *err)
{
	const char *changes;
	int ret;

	if (set_control(sc->ffa, sc->ffa->control, machine, version, &sc->in, err))
		return -EINVAL;
	/* A field of the control that this version does not have: all fields are 0 then. */
	if (sets_reserved_bits(sc->ffa, &sc->in, version))
		ffa_call_init(sc->ffa, sc->ffa->fid, &sc->in);
	for (int i = 0; i < nr; i++) {
		if (ffa_assign(sc->ffa, &sc->in, words[i], err->text, sizeof(err->text)))
			return -EINVAL;
	}
	if ((uint32_t)sc->in.x[0] != sc->fid)
		return error_set(err, -EINVAL, "%s: a word must not change the function identifier",
				 sc->name);
	if (sets_reserved_bits(sc->ffa, &sc->in, version))
		return error_set(err, -EINVAL,
				 "%s: a sweep begins with a well-formed call, and these words set "
				 "reserved bits. `ffascope call --dry-run' shows which",
				 sc->name);

	changes = ffa_call_needs_consent(sc->ffa, &sc->in);
	sc->asks_consent = changes && !consent && !sc->ffa->no_sweep;
	if (sc->asks_consent)
		snprintf(sc->skipped, sizeof(sc->skipped), "it %s; --allow-state-change makes it",
			 changes);
	if (sc->ffa->no_sweep)
		snprintf(sc->skipped, sizeof(sc->skipped), "%s", sc->ffa->no_sweep);
	verdict_add_canaries(&sc->in);

	if (set_undo(sc, machine, version, err) ||
	    set_harmless(sc->ffa, machine, version, &sc->in, &sc->harmless_in, err))
		return -EINVAL;
	ret = add_values(sc, version, machine, err);
	if (ret)
		return ret;
	if (add_probes(sc, version, consent)) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return -ENOMEM;
	}
	return 0;
}

static bool has_call(const struct sweep *sweep, const struct ffa_call *call)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		if (sweep->calls[i].ffa == call)
			return true;
	}
	return false;
}

/* Adds a call without control and probes. NULL: out of memory. */
static struct sweep_call *add_empty(struct sweep *sweep, const struct ffa_call *call,
				    struct error *err)
{
	struct sweep_call *calls, *sc;

	calls = reallocarray(sweep->calls, sweep->nr_calls + 1, sizeof(*calls));
	if (!calls) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return NULL;
	}
	sweep->calls = calls;
	sc = &calls[sweep->nr_calls++];
	*sc = (struct sweep_call){ .fid = ffa_call_fid(call), .ffa = call };
	snprintf(sc->name, sizeof(sc->name), "%s", ffa_call_name(call));
	return sc;
}

int sweep_add(struct sweep *sweep, const struct ffa_call *call, const struct sweep_machine *machine,
	      char *const *words, int nr, bool consent, struct error *err)
{
	struct sweep_call *sc;

	sweep->order = machine->order;
	if (!ffa_call_known_in(call, sweep->version))
		return error_set(err, -EINVAL,
				 "FF-A %s has no %s; --ffa says which version's rules hold",
				 ffa_version_name(sweep->version), ffa_call_name(call));
	if (has_call(sweep, call))
		return 0;

	sc = add_empty(sweep, call, err);
	return sc ? plan_call(sc, sweep->version, machine, words, nr, consent, err) : -ENOMEM;
}

int sweep_add_any(struct sweep *sweep, const struct ffa_call *call,
		  const struct sweep_machine *machine, bool consent, struct error *err)
{
	bool known = ffa_call_known_in(call, sweep->version);
	struct sweep_call *sc;

	if (known && call->example)
		return sweep_add(sweep, call, machine, NULL, 0, consent, err);
	if (has_call(sweep, call))
		return 0;

	sc = add_empty(sweep, call, err);
	if (!sc)
		return -ENOMEM;
	ffa_call_init(call, call->fid, &sc->in);
	if (known)
		snprintf(sc->skipped, sizeof(sc->skipped), "a host never makes this call");
	else
		snprintf(sc->skipped, sizeof(sc->skipped), "FF-A %s does not have it",
			 ffa_version_name(sweep->version));
	return 0;
}

void sweep_free(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->nr_calls; i++) {
		free(sweep->calls[i].probes);
		free(sweep->calls[i].values);
	}
	free(sweep->calls);
	*sweep = (struct sweep){ 0 };
}
