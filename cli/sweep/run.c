// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of a sweep's calls. Every probe sees the state that the control saw, and the sweep ends
 * in the state in which it began.
 *
 * The control is made again at the end of each batch of probes. If it is answered differently,
 * something changed the state unseen, and the probes since the last equal answer are unknown.
 *
 * Probes are made in batches. When a probe succeeds and changes state, the results of the later
 * probes in its batch are discarded: the change is undone, and those probes are made again. They
 * can only have made the same change, so one undo is enough. A proxy that checks reserved bits
 * refuses the whole batch; for one that does not, batches shrink to one probe and grow again.
 *
 * Values change different things, each of which has its own undo. All changes of a batch are undone,
 * the last one first. Results up to the first change count. The other values are made again, those
 * that changed nothing first, so that a batch more is needed for each change but the first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "sweep/sweep.h"

/* Other activity on the machine can hide a verdict; such a call is repeated. */
#define MAX_TRIES 4

struct run {
	const struct sweep_port *port;
	struct sweep_call *sc;
	bool one_by_one;    /* no batches */
	bool repeat;	    /* make the control again after each batch */
	bool at_once;	    /* the same in the batch itself, and values in batches */
	bool refused;	    /* the module refuses the call itself */
	bool nothing_there; /* the state that the call removes cannot exist */
	size_t *todo;	    /* indices of probes not made yet, in order */
	size_t nr_todo;
	size_t *doubtful;    /* the probes of the batch that is being made */
	size_t *later;	     /* room for a part of the list */
	struct ffa_regs *in; /* room for the control and all probes */
	struct sweep_result *out;
};

bool sweep_changed(const struct ffa_call *call, const struct sweep_result *result)
{
	if (!result->made || !result->has_status || result->status || !call || !call->changes)
		return false;
	/* A success returned by EL2 itself changes nothing in TrustZone. */
	if (result->verdict.kind == VERDICT_ANSWERED)
		return false;
	/* A call whose effect depends on a field asks for consent for that value. */
	return call->consent < FFA_CONSENT_IF_SET || ffa_call_needs_consent(call, &result->call.in);
}

static bool is_noise(const struct sweep_result *result)
{
	switch (result->verdict.reason) {
	case VERDICT_LOST_EVENTS:
	case VERDICT_NO_EVENTS:
	case VERDICT_AMBIGUOUS:
		return true;
	case VERDICT_REASON_NONE:
	case VERDICT_TRACING_OFF:
	case VERDICT_EVIDENCE_CONFLICT:
	case VERDICT_NOT_TRACED:
		break;
	}
	return false;
}

static int call_once(const struct run *run, const struct ffa_regs *in, bool must,
		     struct sweep_result *out)
{
	*out = (struct sweep_result){ 0 };
	return run->port->call(run->port->ctx, in, 1, must, out);
}

static const char *status_of(const struct sweep_result *result)
{
	const char *name = result->has_status ? ffa_status_name(result->status) : NULL;

	return !result->made ? "not made" : name ? name : "an answer without a status";
}

/* Whether a change has to be undone now. Counts the changes that cannot be undone. */
static bool has_to_be_undone(const struct run *run, const struct sweep_result *result)
{
	if (!sweep_changed(run->sc->ffa, result) || run->nothing_there)
		return false;
	if (run->sc->harmless && ffa_call_changes_nothing(run->sc->ffa, &result->call.in))
		return false;

	run->sc->kept += !run->sc->has_undo;
	return run->sc->has_undo;
}

/* The module refuses the call itself, so there is nothing to sweep. */
static int skip_refused(struct run *run, int ret)
{
	if (ret != -EACCES)
		return ret;
	run->refused = true;
	snprintf(run->sc->skipped, sizeof(run->sc->skipped),
		 "the module refuses it; it needs `modprobe ffascope unsafe=1'");
	return 0;
}

static int put_back(const struct run *run, const struct ffa_regs *undo)
{
	struct sweep_call *sc = run->sc;
	struct sweep_result result;
	int ret;

	ret = call_once(run, undo, true, &result);
	if (!result.made || !result.has_status || result.status) {
		snprintf(sc->left, sizeof(sc->left), "%s, to undo %s, returned: %s",
			 ffa_call_name(ffa_call_by_fid((uint32_t)undo->x[0])), sc->name,
			 status_of(&result));
		return ret ? ret : -ENOTRECOVERABLE;
	}
	return 0;
}

/* Makes the control, and repeats it while its verdict is unknown. */
static int make_control(struct run *run, struct sweep_result *control)
{
	for (unsigned int tries = 0; tries < MAX_TRIES; tries++) {
		int ret = call_once(run, &run->sc->in, false, control), back = 0;

		if (has_to_be_undone(run, control))
			back = put_back(run, &run->sc->undo);
		if (ret || back)
			return ret ? ret : back;
		if (!is_noise(control))
			break;
	}
	return 0;
}

/* An unknown verdict does not indicate a changed state; a different status does. */
static bool same_answer(const struct sweep_result *a, const struct sweep_result *b)
{
	return sweep_same_status(a, b) &&
	       (a->verdict.kind == b->verdict.kind || a->verdict.kind == VERDICT_UNKNOWN ||
		b->verdict.kind == VERDICT_UNKNOWN);
}

/* Repeats the control to find out whether the state has changed since. */
static int check_state(struct run *run, bool *same)
{
	struct sweep_call *sc = run->sc;
	struct sweep_result again = { 0 };
	int ret = 0;

	*same = !run->repeat;
	for (unsigned int tries = 0; tries < MAX_TRIES && !ret && !*same; tries++) {
		ret = make_control(run, &again);
		*same = !ret && same_answer(&sc->control, &again);
	}
	if (!*same && !ret) {
		char first[64];

		snprintf(first, sizeof(first), "%s", status_of(&sc->control));
		snprintf(sc->moved, sizeof(sc->moved),
			 "the control was answered %s first and %s later", first,
			 status_of(&again));
	}
	return ret;
}

/* A value of a field that the harmless control sets is lost. */
static bool is_control(const struct sweep_call *sc, const struct sweep_probe *probe)
{
	return probe->value && !memcmp(&probe->value->in, &sc->in, sizeof(sc->in));
}

/* Puts those of n probes from `first` on that have no result yet onto the list. */
static void plan_todo(struct run *run, size_t first, size_t n)
{
	run->nr_todo = 0;
	for (size_t i = first; i < first + n; i++) {
		const struct sweep_probe *probe = &run->sc->probes[i];

		if (!probe->needs_consent && !probe->result.made && !probe->refused &&
		    !probe->other_state && !is_control(run->sc, probe))
			run->todo[run->nr_todo++] = i;
	}
}

/* The registers of the first n probes of the list. */
static void list_calls(const struct run *run, size_t n, struct ffa_regs *in)
{
	for (size_t i = 0; i < n; i++)
		sweep_probe_regs(run->sc, &run->sc->probes[run->todo[i]], &in[i]);
}

/* Keeps a result, unless its verdict was lost and the probe can be made once more. */
static bool keep_result(struct sweep_probe *probe, const struct sweep_result *result)
{
	if (is_noise(result) && ++probe->tries < MAX_TRIES)
		return false;
	probe->result = *result;
	return true;
}

/*
 * Accepts the results of the first n probes of the to-do list, up to the first that has to be
 * undone. The rest stays on the list. Returns the probe that has to be undone, or NULL.
 */
static const struct sweep_probe *take_over(struct run *run, const struct sweep_result *out,
					   size_t n)
{
	struct sweep_call *sc = run->sc;
	const struct sweep_probe *changed = NULL;
	size_t left = 0, i;

	for (i = 0; i < n && out[i].made && !changed; i++) {
		struct sweep_probe *probe = &sc->probes[run->todo[i]];

		changed = has_to_be_undone(run, &out[i]) ? probe : NULL;
		if (!keep_result(probe, &out[i]))
			run->todo[left++] = run->todo[i];
	}
	memmove(run->todo + left, run->todo + i, (run->nr_todo - i) * sizeof(*run->todo));
	run->nr_todo -= i - left;
	return changed;
}

/* Makes calls 0 to n - 1 of run->in. */
static int make_batch(struct run *run, size_t n)
{
	memset(run->out, 0, n * sizeof(*run->out));
	return run->port->call(run->port->ctx, run->in, (unsigned int)n, false, run->out);
}

/* Takes the probes that the module refuses off the first n of the list. Returns how many. */
static size_t drop_refused(struct run *run, size_t n)
{
	size_t left = 0, i;

	for (i = 0; i < run->nr_todo; i++) {
		if (i < n && run->out[i].refused)
			run->sc->probes[run->todo[i]].refused = true;
		else
			run->todo[left++] = run->todo[i];
	}
	run->nr_todo = left;
	return i - left;
}

/* The state is another one than the control met: nothing is known of these probes. */
static void give_up(struct run *run, const size_t *doubtful, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		run->sc->probes[doubtful[i]].other_state = true;
	for (size_t i = 0; i < run->nr_todo; i++)
		run->sc->probes[run->todo[i]].other_state = true;
	run->nr_todo = 0;
}

/*
 * A value that changes nothing, such as an empty bitmap, may succeed and not be undoable. The control
 * tells: if it is answered as before, there was nothing to undo.
 */
static int put_back_probe(struct run *run, const struct sweep_probe *probe, bool *same)
{
	struct sweep_call *sc = run->sc;
	int ret = put_back(run, probe->value ? &probe->value->undo : &sc->undo);
	int again;

	if (ret != -ENOTRECOVERABLE || !probe->value)
		return ret;
	again = check_state(run, same);
	if (!again && *same)
		sc->left[0] = '\0';
	return again ? again : *same ? 0 : ret;
}

/* The control was the last call of the batch. It is made again if its answer is another one. */
static int check_end(struct run *run, const struct sweep_result *control, bool *same)
{
	if (control->made && same_answer(&run->sc->control, control)) {
		*same = true;
		return 0;
	}
	return check_state(run, same);
}

/*
 * Makes the first n probes of the list and checks the state after them. For n == 1 the probe's own
 * result stands: the state before it was the control's.
 */
static int make_some(struct run *run, size_t n, bool *changed)
{
	/* A single probe is likely to change the state, which is undone before the control. */
	bool control = run->at_once && n > 1;
	const struct sweep_probe *probe;
	bool same = true;
	int ret, back;

	list_calls(run, n, run->in);
	run->in[n] = run->sc->in;
	memcpy(run->doubtful, run->todo, n * sizeof(*run->todo));
	ret = make_batch(run, n + control);
	if (ret == -EACCES && drop_refused(run, n))
		return 0;

	probe = take_over(run, run->out, n);
	*changed = probe != NULL;
	/* The control can only have made the same change as a probe. */
	if (probe)
		back = put_back_probe(run, probe, &same);
	else
		back = control && has_to_be_undone(run, &run->out[n])
			       ? put_back(run, &run->sc->undo)
			       : 0;
	ret = ret ? ret : back;
	if (!ret)
		ret = control && !probe ? check_end(run, &run->out[n], &same)
					: check_state(run, &same);
	if (!same)
		give_up(run, run->doubtful, n > 1 ? n : 0);
	return ret;
}

static int make_probes(struct run *run)
{
	size_t chunk = run->one_by_one ? 1 : run->nr_todo;
	int ret = 0;

	while (run->nr_todo && !ret) {
		size_t n = run->nr_todo < chunk ? run->nr_todo : chunk;
		bool changed = false;

		ret = make_some(run, n, &changed);
		chunk = changed || run->one_by_one ? 1 : 2 * chunk;
	}
	return ret;
}

/* ---- values ---- */

/*
 * Takes the results of n values up to the first that changed something, and puts the other values on
 * the list: those that changed nothing, then the others. Returns whether there was a change.
 */
static bool take_values(struct run *run, const struct sweep_result *out, size_t n)
{
	size_t later = 0, left = 0;
	bool changed = false;

	for (size_t i = 0; i < n && out[i].made; i++) {
		bool changes = has_to_be_undone(run, &out[i]);

		if (changed && changes)
			run->later[later++] = run->todo[i];
		else if (changed || !keep_result(&run->sc->probes[run->todo[i]], &out[i]))
			run->todo[left++] = run->todo[i];
		changed |= changes;
	}
	memcpy(run->todo + left, run->later, later * sizeof(*run->later));
	run->nr_todo = left + later;
	return changed;
}

/* Undoes one change. A value that changed nothing may have succeeded; see put_back_probe(). */
static int put_back_value(struct run *run, const struct ffa_regs *undo,
			  const struct sweep_result *made)
{
	if (!made->made)
		return put_back(run, undo);
	if (made->has_status && !made->status)
		return 0;
	snprintf(run->sc->left, sizeof(run->sc->left), "%s, to undo %s, returned: %s",
		 ffa_call_name(ffa_call_by_fid((uint32_t)undo->x[0])), run->sc->name,
		 status_of(made));
	return -ENOTRECOVERABLE;
}

/* Undoes what n calls changed, the last one first, in one batch. */
static int put_back_all(struct run *run, size_t n)
{
	struct ffa_regs *undo = calloc(n, sizeof(*undo));
	struct sweep_result *out = calloc(n, sizeof(*out));
	unsigned int nr = 0;
	int ret = undo && out ? 0 : -ENOMEM;

	for (size_t i = n; i-- > 0 && !ret;) {
		if (has_to_be_undone(run, &run->out[i]))
			sweep_undo_regs(run->sc, &run->out[i].call.in, &undo[nr++]);
	}
	if (!ret && nr)
		ret = run->port->call(run->port->ctx, undo, nr, true, out);
	for (unsigned int i = 0; i < nr && out; i++) {
		int back = put_back_value(run, &undo[i], &out[i]);

		ret = ret ? ret : back;
	}
	free(undo);
	free(out);
	return ret;
}

/* Makes the values of the list and the control after them, and undoes what they changed. */
static int make_values_once(struct run *run, bool *same)
{
	size_t n = run->nr_todo;
	bool changed;
	int ret, back;

	list_calls(run, n, run->in);
	run->in[n] = run->sc->in;
	ret = make_batch(run, n + 1);
	if (ret == -EACCES && drop_refused(run, n))
		return 0;
	back = run->sc->has_undo ? put_back_all(run, n + 1) : 0;
	changed = take_values(run, run->out, n);
	/* The control says whether there was something to undo. */
	if (!ret && back == -ENOTRECOVERABLE) {
		ret = check_state(run, same);
		if (!ret && *same) {
			run->sc->left[0] = '\0';
			return 0;
		}
	}
	ret = ret ? ret : back;
	if (ret)
		return ret;
	return changed ? check_state(run, same) : check_end(run, &run->out[n], same);
}

static int make_values(struct run *run)
{
	size_t nr;
	bool same = true;
	int ret = 0;

	plan_todo(run, run->sc->nr_probes, run->sc->nr_values);
	if (!run->at_once) {
		run->one_by_one = run->sc->has_undo;
		return make_probes(run);
	}
	nr = run->nr_todo;
	memcpy(run->doubtful, run->todo, nr * sizeof(*run->todo));
	while (run->nr_todo && same && !ret)
		ret = make_values_once(run, &same);
	if (!same)
		give_up(run, run->doubtful, nr);
	return ret;
}

/* ---- calls that nothing undoes ---- */

/* Takes the probes of the list, and the state after them: that of the control which follows them. */
static int take_part(struct run *run, const struct sweep_result *out)
{
	size_t n = run->nr_todo;
	bool same = true;
	int ret;

	memcpy(run->doubtful, run->todo, n * sizeof(*run->todo));
	take_over(run, out, n);
	ret = run->at_once ? check_end(run, &out[n], &same) : check_state(run, &same);
	if (!same)
		give_up(run, run->doubtful, n);
	return ret;
}

/*
 * Makes the control and the probes in one batch: nothing has to be undone in between. With at_once,
 * the control is made again after the reserved bits, and after the values.
 */
static int make_together(struct run *run)
{
	struct sweep_call *sc = run->sc;
	size_t bits = run->nr_todo, n = bits + 1, values = 0;
	int ret;

	run->in[0] = sc->in;
	list_calls(run, bits, run->in + 1);
	if (run->at_once) {
		run->in[n++] = sc->in;
		plan_todo(run, sc->nr_probes, sc->nr_values);
		values = run->nr_todo;
		list_calls(run, values, run->in + n);
		run->in[n + values] = sc->in;
		n += values ? values + 1 : 0;
		plan_todo(run, 0, sc->nr_probes);
	}
	ret = make_batch(run, n);

	if (ret == -EACCES) {
		/* The control decides whether the call can be swept; make_probes() does the rest. */
		return make_control(run, &sc->control);
	}
	sc->control = run->out[0];
	has_to_be_undone(run, &sc->control);
	if (ret) {
		take_over(run, run->out + 1, bits);
		return ret;
	}
	if (is_noise(&sc->control))
		ret = make_control(run, &sc->control);
	if (!ret)
		ret = take_part(run, run->out + 1);
	if (!ret && values && !sc->moved[0]) {
		size_t *todo = run->todo;
		size_t left = run->nr_todo;

		/* The bits that are left stay on the list. */
		run->todo += left;
		plan_todo(run, sc->nr_probes, sc->nr_values);
		ret = take_part(run, run->out + bits + 2);
		run->todo = todo;
		run->nr_todo = left;
	}
	return ret;
}

static void ask_feature(uint32_t fid, struct ffa_regs *regs)
{
	const struct ffa_call *features = ffa_call_find("FFA_FEATURES");
	char word[32], err[256];

	ffa_call_init(features, ffa_call_fid(features), regs);
	snprintf(word, sizeof(word), "feature=%#x", fid);
	ffa_assign(features, regs, word, err, sizeof(err));
}

static void skip_not_undone(struct sweep_call *sc)
{
	sc->not_possible = true;
	snprintf(sc->skipped, sizeof(sc->skipped),
		 "it could not be undone: FFA_FEATURES has no %s here",
		 ffa_call_name(ffa_call_by_fid((uint32_t)sc->undo.x[0])));
}

/*
 * Takes a control that changes nothing, for a call that nothing undoes here. Without one the call is
 * skipped.
 */
static void avoid_change(struct sweep_call *sc, unsigned int order)
{
	if (order < SWEEP_ORDER_AT_ONCE || !sc->ffa->harmless) {
		skip_not_undone(sc);
		return;
	}
	sc->harmless = sc->ffa->harmless;
	sc->in = sc->harmless_in;
	sc->has_undo = false;
	for (size_t i = 0; i < sc->nr_values; i++)
		sc->values[i].in = sc->values[i].harmless_in;
}

/*
 * Asks FFA_FEATURES for the calls that have to be undone and for the calls that undo them. A proxy
 * may forward a call but not the one that undoes it.
 */
static int check_undo(struct sweep *sweep, const struct sweep_port *port)
{
	struct ffa_regs *in = calloc(2 * sweep->nr_calls + 1, sizeof(*in));
	struct sweep_result *out = calloc(2 * sweep->nr_calls + 1, sizeof(*out));
	unsigned int n = 0;
	int ret = -ENOMEM;

	for (size_t i = 0; in && out && i < sweep->nr_calls; i++) {
		const struct sweep_call *sc = &sweep->calls[i];

		if (!sc->has_undo || sc->skipped[0])
			continue;
		ask_feature(sc->fid, &in[n++]);
		ask_feature((uint32_t)sc->undo.x[0], &in[n++]);
	}
	if (in && out)
		ret = n ? port->call(port->ctx, in, n, false, out) : 0;

	n = 0;
	for (size_t i = 0; !ret && i < sweep->nr_calls; i++) {
		struct sweep_call *sc = &sweep->calls[i];

		if (!sc->has_undo || sc->skipped[0])
			continue;
		sc->can_do = out[n].has_status && !out[n].status;
		sc->can_undo = out[n + 1].has_status && !out[n + 1].status;
		n += 2;
		if (sc->can_do && !sc->can_undo)
			avoid_change(sc, sweep->order);
	}
	free(in);
	free(out);
	return ret;
}

static bool is_refused_by_el2(const struct sweep_result *result)
{
	return result->verdict.kind == VERDICT_REJECTED ||
	       (result->verdict.kind == VERDICT_UNKNOWN &&
		result->verdict.inferred == VERDICT_SUGGESTS_EL2);
}

/*
 * Creates the state that the call removes. The call is skipped if another user owns that state and
 * it could not be restored, or if EL2 does not forward the call that restores it.
 */
static int prepare(struct run *run, bool *ours)
{
	struct sweep_call *sc = run->sc;
	struct sweep_result result;
	const char *undo;
	int ret;

	*ours = false;
	if (sc->ffa->first == FFA_FIRST_NOTHING || !sc->has_undo)
		return 0;

	/* Do not create state that cannot be removed again. */
	if (!sc->can_do) {
		run->nothing_there = sc->ffa->first == FFA_FIRST_OURS;
		return 0;
	}

	undo = ffa_call_name(ffa_call_by_fid((uint32_t)sc->undo.x[0]));
	ret = call_once(run, &sc->undo, false, &result);
	*ours = result.made && result.has_status && !result.status;
	if (ret || *ours)
		return ret;

	if (is_refused_by_el2(&result)) {
		/* EL2 refuses these fields, so no caller can have created the state through it. */
		run->nothing_there = sc->ffa->first == FFA_FIRST_OURS;
		if (!run->nothing_there)
			snprintf(sc->skipped, sizeof(sc->skipped),
				 "it could not be undone: EL2 answers %s with %s", undo,
				 status_of(&result));
	} else if (sc->ffa->first == FFA_FIRST_OURS) {
		snprintf(sc->skipped, sizeof(sc->skipped),
			 "it may remove another user's state: %s returned %s; choose other "
			 "fields with FIELD=VALUE",
			 undo, status_of(&result));
	}
	return 0;
}

/* Removes the state that prepare() created. */
static int finish(const struct run *run)
{
	struct sweep_call *sc = run->sc;
	struct sweep_result result;
	struct ffa_regs regs;
	int ret;

	verdict_without_canaries(&sc->in, &regs);
	ret = call_once(run, &regs, true, &result);
	if (!result.made || !result.has_status || result.status) {
		snprintf(sc->left, sizeof(sc->left),
			 "%s, to remove the state created for it, returned: %s", sc->name,
			 status_of(&result));
		return ret ? ret : -ENOTRECOVERABLE;
	}
	return 0;
}

static int run_call(struct run *run)
{
	struct sweep_call *sc = run->sc;
	bool ours = false;
	int ret, last = 0;

	plan_todo(run, 0, sc->nr_probes);
	ret = skip_refused(run, prepare(run, &ours));
	if (!ret && !sc->skipped[0])
		ret = skip_refused(run, sc->has_undo ? make_control(run, &sc->control)
						     : make_together(run));
	/* EL2 checks the words of the harmless control, so no probe of it shows anything. */
	if (!ret && !sc->skipped[0] && sc->harmless && is_refused_by_el2(&sc->control))
		skip_not_undone(sc);
	if (!ret && !sc->skipped[0])
		ret = make_probes(run);
	if (!ret && !sc->skipped[0] && !sc->moved[0])
		ret = make_values(run);
	sc->not_possible = sc->skipped[0] && !run->refused;
	if (ours && !sc->left[0])
		last = finish(run);

	return ret ? ret : last;
}

static int run_planned(struct sweep_call *sc, const struct sweep_port *port, unsigned int order)
{
	/* The control comes before bits and values, and after both. */
	size_t nr = sc->nr_probes + sc->nr_values + 3;
	struct run run = {
		.port = port,
		.sc = sc,
		.repeat = order >= SWEEP_ORDER_REPEAT,
		.at_once = order >= SWEEP_ORDER_AT_ONCE,
		.doubtful = calloc(nr, sizeof(*run.doubtful)),
		.todo = calloc(nr, sizeof(*run.todo)),
		.later = calloc(nr, sizeof(*run.later)),
		.in = calloc(nr, sizeof(*run.in)),
		.out = calloc(nr, sizeof(*run.out)),
	};
	int ret = -ENOMEM;

	if (run.todo && run.doubtful && run.later && run.in && run.out)
		ret = run_call(&run);
	free(run.todo);
	free(run.doubtful);
	free(run.later);
	free(run.in);
	free(run.out);

	/* The other calls do not share this state. */
	return ret == -ENOTRECOVERABLE ? 0 : ret;
}

int sweep_run(struct sweep *sweep, const struct sweep_port *port)
{
	int ret = check_undo(sweep, port);

	for (size_t i = 0; i < sweep->nr_calls && !ret; i++) {
		struct sweep_call *sc = &sweep->calls[i];

		if (!sc->skipped[0])
			ret = run_planned(sc, port, sweep->order);
		for (size_t p = 0; p < sc->nr_probes + sc->nr_values; p++)
			sc->probes[p].class = sweep_classify(sc, &sc->probes[p]);
	}
	return ret;
}
