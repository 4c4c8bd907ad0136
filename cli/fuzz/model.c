// SPDX-License-Identifier: GPL-2.0-only
/* The calls that are drawn, their bases, and what EL2 is expected to do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/proxy.h"
#include "ffa/rules.h"
#include "fuzz/internal.h"

bool fuzz_is_default(const struct sweep_call *call)
{
	const struct ffa_call *ffa = call->ffa;

	/*
	 * Their answers depend on buffers and memory that other calls change. Once a version is agreed
	 * on, the well-formed FFA_VERSION changes nothing.
	 */
	if (ffa_call_el2_reissues(ffa) && ffa->changes && ffa->consent != FFA_CONSENT_IF_OLDER)
		return false;
	return ffa_call_el2_checks(call->fid) || call->control.verdict.kind == VERDICT_REJECTED;
}

static bool has_verdict(const struct sweep_call *sc)
{
	/* A call that nothing undoes here would be drawn with other values as well. */
	return !sc->harmless && !sc->skipped[0] && !sc->moved[0] && !sc->left[0] &&
	       sc->control.made && sc->control.verdict.kind != VERDICT_UNKNOWN;
}

/* ---- units ---- */

static void add_unit(struct fuzz_call *call, const struct fuzz_unit *unit)
{
	if (call->nr_units < FUZZ_MAX_UNITS)
		call->units[call->nr_units++] = *unit;
}

static void add_row(struct fuzz_call *call, const struct ffa_field *row)
{
	if (!row->reg)
		return;
	if (row->name) {
		add_unit(call, &(struct fuzz_unit){ .name = row->name,
						    .field = row,
						    .reg = row->reg,
						    .regs = row->regs,
						    .hi = row->hi,
						    .lo = row->lo,
						    .wide = row->wide });
		return;
	}
	for (uint8_t n = 0; n < row->regs; n++)
		add_unit(call, &(struct fuzz_unit){ .reg = row->reg + n,
						    .regs = 1,
						    .hi = row->hi,
						    .lo = row->lo,
						    .wide = row->wide });
}

/*
 * The fields and reserved bits of the call, and the upper halves of w1 to w7, which a proxy that looks
 * at whole registers sees too.
 */
static void add_units(struct fuzz_call *call)
{
	const struct ffa_field *rows[FFA_MAX_ROWS];
	const struct ffa_dump dump = { .regs = call->sc->in };
	size_t nr = ffa_call_rows(call->sc->ffa, &dump, rows);

	for (size_t i = 0; i < nr; i++)
		add_row(call, rows[i]);
	for (uint8_t reg = 1; reg <= 7; reg++) {
		if (ffa_not_parameter(call->sc->ffa, reg, 63))
			add_unit(call,
				 &(struct fuzz_unit){
					 .reg = reg, .regs = 1, .hi = 63, .lo = 32, .wide = true });
	}
}

/* ---- bases ---- */

static void freeze(struct fuzz_base *base, const struct ffa_bits *bits)
{
	if (bits->hi || bits->lo || bits->reg)
		base->usable[bits->reg] &= ~ffa_bits_mask(bits->hi, bits->lo);
}

/* EL2 looks at the whole value of such a field, not at bits. */
static bool is_opaque(const struct fuzz_unit *unit)
{
	return unit->field &&
	       (unit->field->type == FFA_TYPE_FUNCTION || unit->field->type == FFA_TYPE_VERSION);
}

/* What the call removes and nothing could restore: only bits of the sweep's own state. */
static void keep_to_ours(const struct fuzz_call *call, struct fuzz_base *base)
{
	const struct ffa_call *undo = ffa_call_by_fid((uint32_t)call->sc->undo.x[0]);

	for (size_t i = 0; i < call->nr_units; i++) {
		const struct fuzz_unit *unit = &call->units[i];

		if (!unit->name || unit->field->type == FFA_TYPE_ID ||
		    !ffa_field_by_name(undo->fields, undo->nr_fields, unit->name))
			continue;
		for (unsigned int n = 0; n < unit->regs; n++)
			base->usable[unit->reg + n] &=
				~fuzz_unit_bits(unit) | base->in.x[unit->reg + n];
	}
}

static void set_usable(const struct fuzz_call *call, struct fuzz_base *base)
{
	const struct ffa_call *ffa = call->sc->ffa;

	for (size_t i = 0; i < call->nr_units; i++) {
		const struct fuzz_unit *unit = &call->units[i];

		if (is_opaque(unit))
			continue;
		for (unsigned int n = 0; n < unit->regs; n++)
			base->usable[unit->reg + n] |= fuzz_unit_bits(unit);
	}
	/* The rules of the base hold for its values of these fields. */
	for (size_t i = 0; i < ffa->nr_restrictions; i++)
		freeze(base, &ffa->restrictions[i].zero);
	for (size_t i = 0; i < ffa->nr_variants; i++)
		base->usable[ffa->variants[i].select] &= ~(uint64_t)ffa->variants[i].mask;
	/* As in a sweep, notifications of others are not taken away. */
	if (ffa->consent == FFA_CONSENT_IF_SET || ffa->consent == FFA_CONSENT_IF_CLEAR ||
	    ffa->consent == FFA_CONSENT_IF_OLDER)
		freeze(base, &ffa->consent_bits);
	if (call->ours)
		keep_to_ours(call, base);
}

static int add_base(struct fuzz_call *call, const struct ffa_regs *in)
{
	struct fuzz_base *more;

	for (size_t i = 0; i < call->nr_bases; i++) {
		if (!memcmp(&call->bases[i].in, in, sizeof(*in)))
			return 0;
	}
	more = reallocarray(call->bases, call->nr_bases + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	call->bases = more;
	more[call->nr_bases] = (struct fuzz_base){ .in = *in };
	set_usable(call, &more[call->nr_bases++]);
	return 0;
}

/* The control, and where a rule depends on other bits, the control with these set. */
static int add_bases(struct fuzz_call *call)
{
	const struct ffa_call *ffa = call->sc->ffa;
	int ret = add_base(call, &call->sc->in);

	for (size_t i = 0; i < ffa->nr_restrictions && !ret; i++) {
		const struct ffa_bits *zero = &ffa->restrictions[i].zero;
		struct ffa_regs in = call->sc->in;

		if (!zero->hi && !zero->lo && !zero->reg)
			continue;
		in.x[zero->reg] ^= ffa_bits_mask(zero->hi, zero->lo);
		if (!ffa_call_needs_consent(ffa, &in) || ffa_call_needs_consent(ffa, &call->sc->in))
			ret = add_base(call, &in);
	}
	/* Another value of a field that EL2 reads as a whole. */
	for (size_t i = 0; i < call->sc->nr_values && !ret; i++) {
		for (size_t u = 0; u < call->nr_units; u++) {
			const struct fuzz_unit *unit = &call->units[u];

			if (is_opaque(unit) && unit->reg == call->sc->values[i].bits.reg)
				ret = add_base(call, &call->sc->values[i].in);
		}
	}
	return ret;
}

int fuzz_init(struct fuzz *fuzz, const struct sweep *sweep, const struct fuzz_options *opts)
{
	*fuzz = (struct fuzz){ .opts = *opts, .version = sweep->version };
	/* xorshift needs a state that is not 0, and neighbouring seeds should start far apart. */
	fuzz->state = (opts->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	fuzz->calls = calloc(sweep->nr_calls + 1, sizeof(*fuzz->calls));
	if (!fuzz->calls)
		return -ENOMEM;

	for (size_t i = 0; i < sweep->nr_calls; i++) {
		const struct sweep_call *sc = &sweep->calls[i];
		struct fuzz_call *call = &fuzz->calls[fuzz->nr_calls];

		if (!has_verdict(sc))
			continue;
		*call = (struct fuzz_call){ .sc = sc };
		call->ours = sc->has_undo && sc->ffa->first == FFA_FIRST_OURS;
		add_units(call);
		fuzz->nr_calls++;
		if (add_bases(call)) {
			fuzz_free(fuzz);
			return -ENOMEM;
		}
	}
	return 0;
}

void fuzz_free(struct fuzz *fuzz)
{
	for (size_t i = 0; i < fuzz->nr_calls; i++)
		free(fuzz->calls[i].bases);
	free(fuzz->calls);
	free(fuzz->findings);
	*fuzz = (struct fuzz){ 0 };
}

/* ---- prediction ---- */

enum verdict_kind fuzz_predict(const struct fuzz_base *base, const struct ffa_regs *in)
{
	bool refused = false, let_through = false;

	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		uint64_t flipped = base->in.x[reg] ^ in->x[reg];

		if (flipped & ~base->usable[reg])
			return VERDICT_UNKNOWN;
		refused |= (flipped & base->refused[reg]) != 0;
		let_through |= (flipped & ~base->refused[reg]) != 0;
	}
	/* Of a call that EL2 blocks, the bits that open it are no guide to the rest. */
	if (base->kind == VERDICT_REJECTED)
		return let_through ? VERDICT_UNKNOWN : VERDICT_REJECTED;
	return refused ? VERDICT_REJECTED : base->kind;
}

enum verdict_kind fuzz_expected(const struct fuzz_finding *finding)
{
	/* A valid value that EL2 refuses alone. */
	if (finding->kind == FUZZ_REFUSED)
		return finding->base->kind;
	return fuzz_predict(finding->base, &finding->in);
}

enum fuzz_kind fuzz_judge(const struct fuzz *fuzz, const struct fuzz_base *base,
			  const struct ffa_regs *in, const struct sweep_result *result)
{
	enum verdict_kind want = fuzz_predict(base, in), got = result->verdict.kind;

	if (!result->made || got == VERDICT_UNKNOWN)
		return FUZZ_AS_PREDICTED;
	if (want != VERDICT_UNKNOWN && want != got) {
		if (want == VERDICT_REJECTED)
			return FUZZ_PASSES;
		return got == VERDICT_REJECTED ? FUZZ_REFUSED : FUZZ_OTHER_WAY;
	}
	if (want != VERDICT_UNKNOWN && got == VERDICT_FORWARDED && base->most_smcs &&
	    result->verdict.smcs > base->most_smcs)
		return FUZZ_MORE_SMCS;
	if (fuzz->opts.slow_ns && result->verdict.from_trace &&
	    result->verdict.total_ns > fuzz->opts.slow_ns)
		return FUZZ_SLOW;
	return FUZZ_AS_PREDICTED;
}
