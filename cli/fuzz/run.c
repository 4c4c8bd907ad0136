// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the calls. What a batch changed is undone after it, the last change first, so that each batch
 * finds the state of the sweep. The verdict of EL2 does not depend on that state for the calls that are
 * drawn by default; the status that TrustZone returns does, and the model does not look at it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "ffa/call.h"
#include "ffa/proxy.h"
#include "ffa/rules.h"
#include "fuzz/internal.h"

#define MAX_TRIES 4

static struct fuzz_call *find_call(struct fuzz *fuzz, const struct ffa_regs *in)
{
	for (size_t i = 0; i < fuzz->nr_calls; i++) {
		if (fuzz->calls[i].sc->fid == (uint32_t)in->x[0])
			return &fuzz->calls[i];
	}
	return NULL;
}

/* A call that succeeds though nothing is left to remove cannot be undone, so failures do not count. */
int fuzz_undo(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, unsigned int n,
	      const struct sweep_result *out)
{
	int ret = 0;

	while (n--) {
		struct sweep_result result = { 0 };
		const struct fuzz_call *call;
		struct ffa_regs regs;

		if (!out[n].made || ret)
			continue;
		call = find_call(fuzz, &out[n].call.in);
		if (!call || !call->sc->has_undo || !sweep_changed(call->sc->ffa, &out[n]))
			continue;
		sweep_undo_regs(call->sc, &out[n].call.in, &regs);
		ret = port->call(port->ctx, cpu, &regs, 1, true, &result);
		fuzz->more++;
	}
	return ret;
}

/* Creates or removes the state that calls of the batch remove. */
int fuzz_ours(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, const struct ffa_regs *in,
	      unsigned int n, bool create)
{
	for (size_t i = 0; i < fuzz->nr_calls; i++) {
		const struct fuzz_call *call = &fuzz->calls[i];
		struct sweep_result result = { 0 };
		struct ffa_regs regs;
		bool there = false;
		int ret;

		for (unsigned int c = 0; call->ours && c < n && !there; c++)
			there = (uint32_t)in[c].x[0] == call->sc->fid;
		if (!there)
			continue;
		verdict_without_canaries(&call->sc->in, &regs);
		ret = port->call(port->ctx, cpu, create ? &call->sc->undo : &regs, 1, !create,
				 &result);
		fuzz->more++;
		if (ret)
			return ret;
	}
	return 0;
}

int fuzz_make(struct fuzz *fuzz, const struct fuzz_port *port, int cpu, const struct ffa_regs *in,
	      unsigned int n, struct sweep_result *out)
{
	int ret, back, last;

	memset(out, 0, n * sizeof(*out));
	ret = fuzz_ours(fuzz, port, cpu, in, n, true);
	if (ret)
		return ret;
	ret = port->call(port->ctx, cpu, in, n, false, out);
	back = fuzz_undo(fuzz, port, cpu, n, out);
	last = fuzz_ours(fuzz, port, cpu, in, n, false);
	return ret ? ret : back ? back : last;
}

struct fuzz_finding *fuzz_add(struct fuzz *fuzz, const struct fuzz_finding *finding)
{
	struct fuzz_call *call = find_call(fuzz, &finding->base->in);
	struct fuzz_finding *added;

	if (!vector_room(&fuzz->findings, &fuzz->max_findings, fuzz->nr_findings, sizeof(*added)))
		return NULL;
	added = &fuzz->findings[fuzz->nr_findings++];
	*added = *finding;
	added->seen = 1;
	fuzz_describe(added);
	if (call)
		call->nr_findings++;
	return added;
}

/* ---- learning ---- */

/* Bits of a base that are still to be flipped. */
struct flips {
	uint16_t bit[FFA_NR_REGS * 64]; /* register * 64 + bit */
	size_t nr;
};

static void plan_flips(const struct fuzz *fuzz, const struct fuzz_call *call,
		       struct fuzz_base *base, struct flips *flips)
{
	const struct ffa_call *ffa = call->sc->ffa;
	bool asks = !fuzz->opts.consent;

	flips->nr = 0;
	for (unsigned int reg = 1; reg < FFA_NR_REGS; reg++) {
		for (unsigned int bit = 0; bit < 64; bit++) {
			struct ffa_regs in = base->in;

			if (!(base->usable[reg] >> bit & 1))
				continue;
			in.x[reg] ^= UINT64_C(1) << bit;
			if (asks && ffa_call_needs_consent(ffa, &in))
				base->usable[reg] &= ~(UINT64_C(1) << bit);
			else
				flips->bit[flips->nr++] = (uint16_t)(reg * 64 + bit);
		}
	}
}

static void forget(struct fuzz_base *base, unsigned int bit)
{
	base->usable[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

/* Takes what a flip shows. Returns false if it showed nothing. */
static bool learn_flip(struct fuzz_base *base, unsigned int bit, const struct sweep_result *result)
{
	enum verdict_kind kind = result->verdict.kind;

	if (!result->made || kind == VERDICT_UNKNOWN)
		return false;
	if (kind == VERDICT_REJECTED)
		base->refused[bit / 64] |= UINT64_C(1) << bit % 64;
	else if (kind != base->kind && base->kind != VERDICT_REJECTED)
		forget(base, bit);
	else if (result->verdict.smcs > base->most_smcs)
		base->most_smcs = result->verdict.smcs;
	return true;
}

struct room {
	struct ffa_regs *in;
	struct sweep_result *out;
	struct fuzz_call **call;
	const struct fuzz_base **base;
};

/* Flips up to FUZZ_BATCH bits of the list and takes those that are settled off it. */
static int learn_some(struct fuzz *fuzz, const struct fuzz_port *port, struct fuzz_base *base,
		      struct flips *flips, const struct room *room)
{
	size_t n = flips->nr < FUZZ_BATCH ? flips->nr : FUZZ_BATCH, left = 0;
	int ret;

	for (size_t i = 0; i < n; i++) {
		room->in[i] = base->in;
		room->in[i].x[flips->bit[i] / 64] ^= UINT64_C(1) << flips->bit[i] % 64;
	}
	ret = fuzz_make(fuzz, port, port->cpus[0], room->in, (unsigned int)n, room->out);
	fuzz->more += n;
	if (ret && ret != -EACCES)
		return ret;
	for (size_t i = 0; i < flips->nr; i++) {
		if (i < n && room->out[i].refused)
			forget(base, flips->bit[i]);
		else if (i >= n || !learn_flip(base, flips->bit[i], &room->out[i]))
			flips->bit[left++] = flips->bit[i];
	}
	flips->nr = left;
	return 0;
}

/* The verdict of the base itself. */
static int learn_base(struct fuzz *fuzz, const struct fuzz_port *port, struct fuzz_base *base,
		      struct sweep_result *out)
{
	for (unsigned int tries = 0; tries < MAX_TRIES; tries++) {
		int ret = fuzz_make(fuzz, port, port->cpus[0], &base->in, 1, out);

		fuzz->more++;
		if (ret)
			return ret;
		base->kind = out->verdict.kind;
		base->most_smcs = out->verdict.smcs;
		if (base->kind != VERDICT_UNKNOWN)
			break;
	}
	return 0;
}

/* Flips the bits of the list. */
static int learn_list(struct fuzz *fuzz, const struct fuzz_port *port, struct fuzz_base *base,
		      const struct flips *list, const struct room *room)
{
	struct flips flips = *list;
	size_t idle = 0;
	int ret = 0;

	while (flips.nr && idle < MAX_TRIES && !ret) {
		size_t before = flips.nr;

		ret = learn_some(fuzz, port, base, &flips, room);
		idle = flips.nr == before ? idle + 1 : 0;
	}
	/* No verdict, so nothing is known of these bits. */
	for (size_t i = 0; i < flips.nr; i++)
		forget(base, flips.bit[i]);
	return ret;
}

/* Takes what the last pass shows of these bits. */
static void take_bits(struct fuzz_base *base, const struct fuzz_base *from,
		      const struct flips *flips)
{
	for (size_t i = 0; i < flips->nr; i++) {
		unsigned int reg = flips->bit[i] / 64;
		uint64_t bit = UINT64_C(1) << flips->bit[i] % 64;

		base->usable[reg] &= from->usable[reg] | ~bit;
		base->refused[reg] = (base->refused[reg] & ~bit) | (from->refused[reg] & bit);
	}
	if (from->most_smcs > base->most_smcs)
		base->most_smcs = from->most_smcs;
}

/*
 * Flips each bit twice, the second time in the reverse order: a proxy may be wrong about a call because
 * of the one before it. Where the two differ, the bit is flipped twice in a row, so that it follows
 * itself; it is taken for refused if it is so once.
 */
static int learn_flips(struct fuzz *fuzz, const struct fuzz_port *port,
		       const struct fuzz_call *call, struct fuzz_base *base,
		       const struct room *room)
{
	struct flips flips, back = { 0 }, differ = { 0 };
	struct fuzz_base second, third;
	int ret;

	plan_flips(fuzz, call, base, &flips);
	for (size_t i = flips.nr; i-- > 0;)
		back.bit[back.nr++] = flips.bit[i];
	second = third = *base;
	ret = learn_list(fuzz, port, base, &flips, room);
	if (!ret)
		ret = learn_list(fuzz, port, &second, &back, room);
	for (size_t i = 0; i < flips.nr && !ret; i++) {
		unsigned int bit = flips.bit[i];

		if (!((base->refused[bit / 64] ^ second.refused[bit / 64]) >> bit % 64 & 1))
			continue;
		for (size_t n = 0; n < 2 && differ.nr < sizeof(differ.bit) / sizeof(*differ.bit);
		     n++)
			differ.bit[differ.nr++] = flips.bit[i];
	}
	if (!ret)
		ret = learn_list(fuzz, port, &third, &differ, room);
	take_bits(base, &second, &flips);
	take_bits(base, &third, &differ);
	return ret;
}

/* The sweep saw a bit that EL2 let through and refuses now, or the reverse. */
static int compare_with_sweep(struct fuzz *fuzz, const struct fuzz_port *port,
			      const struct fuzz_call *call)
{
	const struct fuzz_base *base = &call->bases[0];
	struct fuzz_finding finding = {
		.call = call, .base = base, .when = FUZZ_FIRST, .in = base->in, .cpu = -1
	};
	const struct sweep_probe *first = NULL;

	for (size_t i = 0; i < call->sc->nr_probes; i++) {
		const struct sweep_probe *probe = &call->sc->probes[i];
		uint64_t bit = UINT64_C(1) << probe->bit;
		bool then = probe->result.verdict.kind == VERDICT_REJECTED;
		bool now = base->refused[probe->reg] & bit;

		if (!probe->result.made || probe->result.verdict.kind == VERDICT_UNKNOWN ||
		    !(base->usable[probe->reg] & bit) || then == now)
			continue;
		if (!first)
			first = probe;
		if (first->reg == probe->reg &&
		    first->result.verdict.kind == probe->result.verdict.kind)
			finding.in.x[probe->reg] ^= bit;
	}
	if (!first)
		return 0;
	finding.kind = first->result.verdict.kind == VERDICT_REJECTED ? FUZZ_REFUSED : FUZZ_PASSES;
	finding.result = first->result;
	finding.drawn = finding.in;
	return fuzz_explain_first(fuzz, port, &finding);
}

/* Bits of the field that the rules let a caller set, and that EL2 refuses. */
static uint64_t valid_but_refused(const struct fuzz *fuzz, const struct fuzz_call *call,
				  const struct fuzz_base *base, unsigned int reg, uint64_t bits)
{
	struct ffa_violation range;
	struct ffa_bits id;

	bits &= base->refused[reg];
	for (size_t i = 0; ffa_reserved_at(call->sc->ffa, fuzz->version, &base->in, i, &range);
	     i++) {
		if (range.reg == reg)
			bits &= ~ffa_bits_mask(range.hi, range.lo);
	}
	if (ffa_call_el2_checks_id(call->sc->fid, &id) && id.reg == reg)
		bits &= ~ffa_bits_mask(id.hi, id.lo);
	return bits;
}

/*
 * EL2 forwards the call, and refuses a valid value of a field. What it does with other values of the
 * field cannot be told from single bits: it may check a range.
 */
static int check_values(struct fuzz *fuzz, const struct fuzz_port *port,
			const struct fuzz_call *call, struct fuzz_base *base,
			struct sweep_result *out)
{
	for (size_t i = 0; i < call->nr_units && base->kind != VERDICT_REJECTED; i++) {
		const struct fuzz_unit *unit = &call->units[i];
		uint64_t bits = fuzz_unit_bits(unit);
		struct fuzz_finding finding = {
			.call = call, .base = base, .kind = FUZZ_REFUSED, .in = base->in, .cpu = -1
		};
		int ret;

		bits = unit->name ? valid_but_refused(fuzz, call, base, unit->reg, bits) : 0;
		if (!bits)
			continue;
		base->usable[unit->reg] &= ~bits;
		if (base != call->bases)
			continue;
		finding.in.x[unit->reg] ^= bits & -bits;
		finding.drawn = finding.in;
		ret = fuzz_make(fuzz, port, port->cpus[0], &finding.in, 1, out);
		fuzz->more++;
		finding.result = *out;
		if (ret)
			return ret;
		if (!fuzz_add(fuzz, &finding))
			return -ENOMEM;
	}
	return 0;
}

static int learn_call(struct fuzz *fuzz, const struct fuzz_port *port, struct fuzz_call *call,
		      const struct room *room)
{
	size_t left = 0;
	int ret = 0;

	for (size_t i = 0; i < call->nr_bases && !ret; i++) {
		struct fuzz_base *base = &call->bases[i];

		ret = learn_base(fuzz, port, base, room->out);
		if (ret == -EACCES || (!ret && base->kind == VERDICT_UNKNOWN)) {
			ret = 0;
			continue;
		}
		if (!ret)
			ret = learn_flips(fuzz, port, call, base, room);
		call->bases[left++] = *base;
	}
	if (!ret) {
		call->nr_bases = left;
		call->dropped = !left;
	}
	if (!ret && left && !memcmp(&call->bases[0].in, &call->sc->in, sizeof(call->sc->in)))
		ret = compare_with_sweep(fuzz, port, call);
	for (size_t i = 0; i < left && !ret; i++)
		ret = check_values(fuzz, port, call, &call->bases[i], room->out);
	return ret;
}

static int room_new(struct room *room)
{
	*room = (struct room){
		.in = calloc(FUZZ_BATCH, sizeof(*room->in)),
		.out = calloc(FUZZ_BATCH, sizeof(*room->out)),
		.call = calloc(FUZZ_BATCH, sizeof(*room->call)),
		.base = calloc(FUZZ_BATCH, sizeof(*room->base)),
	};
	return room->in && room->out && room->call && room->base ? 0 : -ENOMEM;
}

static void room_free(struct room *room)
{
	free(room->in);
	free(room->out);
	free(room->call);
	free(room->base);
}

static void rooms_free(struct room *rooms, size_t nr)
{
	for (size_t i = 0; i < nr && rooms; i++)
		room_free(&rooms[i]);
	free(rooms);
}

int fuzz_learn(struct fuzz *fuzz, const struct fuzz_port *port)
{
	struct room room;
	int ret = room_new(&room);

	for (size_t i = 0; i < fuzz->nr_calls && !ret; i++)
		ret = learn_call(fuzz, port, &fuzz->calls[i], &room);
	room_free(&room);
	return ret;
}

/* ---- running ---- */

/* The module refuses a call of the batch: this call is drawn no more. */
static bool drop_refused(const struct room *room, unsigned int n)
{
	bool dropped = false;

	for (unsigned int i = 0; i < n; i++) {
		if (room->out[i].refused && room->call[i])
			room->call[i]->dropped = dropped = true;
	}
	return dropped;
}

static int take_over(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		     const struct room *room, unsigned int n, const struct fuzz_round *round)
{
	int ret = 0;

	for (unsigned int i = 0; i < n && !ret; i++) {
		struct fuzz_call *call = room->call[i];

		if (!call || !room->out[i].made)
			continue;
		fuzz->made++;
		call->calls++;
		if (room->out[i].verdict.kind == VERDICT_UNKNOWN) {
			fuzz->unknown++;
			call->unknown++;
			continue;
		}
		if (fuzz_judge(fuzz, room->base[i], &room->in[i], &room->out[i]) ==
		    FUZZ_AS_PREDICTED)
			continue;
		fuzz->departures++;
		call->departures++;
		ret = fuzz_investigate(fuzz, port, cpu, room->in, i, call, room->base[i],
				       &room->out[i], round);
	}
	return ret;
}

/* How many calls a batch has, if so many are planned before it. */
static unsigned int batch_size(const struct fuzz *fuzz, uint64_t planned)
{
	uint64_t left = FUZZ_BATCH;

	if (fuzz->opts.count)
		left = fuzz->opts.count - fuzz->made - planned;
	return left < FUZZ_BATCH ? (unsigned int)left : FUZZ_BATCH;
}

static bool draw_batch(struct fuzz *fuzz, const struct room *room, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!fuzz_draw(fuzz, &room->in[i], &room->call[i], &room->base[i]))
			return false;
	}
	return true;
}

static int run_batch(struct fuzz *fuzz, const struct fuzz_port *port, int cpu,
		     const struct room *room)
{
	unsigned int n = batch_size(fuzz, 0);
	int ret;

	if (!draw_batch(fuzz, room, n))
		return -ENOENT;
	ret = fuzz_make(fuzz, port, cpu, room->in, n, room->out);
	if (ret == -EACCES && drop_refused(room, n))
		return 0;
	return ret ? ret : take_over(fuzz, port, cpu, room, n, NULL);
}

/* A batch on each CPU at the same time. */
static int run_round(struct fuzz *fuzz, const struct fuzz_port *port, const struct room *rooms,
		     struct fuzz_lane *lanes)
{
	const struct fuzz_round round = { .lanes = lanes, .nr_lanes = port->nr_cpus };
	uint64_t planned = 0;
	bool dropped = false;
	int ret;

	for (size_t i = 0; i < port->nr_cpus; i++) {
		unsigned int n = batch_size(fuzz, planned);

		if (!draw_batch(fuzz, &rooms[i], n))
			return -ENOENT;
		lanes[i] = (struct fuzz_lane){
			.cpu = port->cpus[i], .in = rooms[i].in, .n = n, .out = rooms[i].out
		};
		planned += n;
	}
	ret = fuzz_make_at_once(fuzz, port, lanes, port->nr_cpus);
	for (size_t i = 0; i < port->nr_cpus && ret == -EACCES; i++)
		dropped = drop_refused(&rooms[i], lanes[i].n) || dropped;
	if (ret)
		return dropped ? 0 : ret;
	for (size_t i = 0; i < port->nr_cpus && !ret; i++)
		ret = take_over(fuzz, port, lanes[i].cpu, &rooms[i], lanes[i].n, &round);
	return ret;
}

static bool goes_on(const struct fuzz *fuzz, const struct fuzz_port *port)
{
	return (!fuzz->opts.count || fuzz->made < fuzz->opts.count) && port->go_on(port->ctx);
}

/* Room for a batch on each CPU. */
static struct room *rooms_new(size_t nr)
{
	struct room *rooms = calloc(nr, sizeof(*rooms));
	bool all = rooms;

	for (size_t i = 0; i < nr && rooms; i++)
		all = !room_new(&rooms[i]) && all;
	if (all)
		return rooms;
	rooms_free(rooms, nr);
	return NULL;
}

int fuzz_run(struct fuzz *fuzz, const struct fuzz_port *port)
{
	struct fuzz_lane *lanes = calloc(port->nr_cpus, sizeof(*lanes));
	struct room *rooms = rooms_new(port->nr_cpus);
	int ret = lanes && rooms ? 0 : -ENOMEM;
	size_t cpu = 0;

	for (unsigned int turn = 1; !ret && goes_on(fuzz, port); turn++) {
		if (port->at_once_every && turn % port->at_once_every == 0)
			ret = run_round(fuzz, port, rooms, lanes);
		else
			ret = run_batch(fuzz, port, port->cpus[cpu++ % port->nr_cpus], rooms);
	}
	rooms_free(rooms, port->nr_cpus);
	free(lanes);
	/* There was nothing to draw. */
	return ret == -ENOENT ? 0 : ret;
}
