// SPDX-License-Identifier: GPL-2.0-only
/* Executes statements. Makes calls ahead of time where the result is the same. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "script/exec.h"

/* Statements to look ahead for calls. */
#define MAX_LOOK  4096

/* Of expect and let. */
#define NO_ANSWER "there is no answer: no call was made before this line"

/* ---- calls ---- */

bool exec_make_room(struct script_run *run, unsigned int n)
{
	unsigned int max = 2 * n < MAX_AHEAD ? 2 * n : MAX_AHEAD;
	struct script_answer *answers;
	const struct script_stmt **stmts;
	struct ffa_regs *in;

	if (n <= run->max_ahead)
		return true;

	answers = reallocarray(run->ahead, max, sizeof(*answers));
	run->ahead = answers ? answers : run->ahead;
	stmts = reallocarray(run->ahead_stmt, max, sizeof(*stmts));
	run->ahead_stmt = stmts ? stmts : run->ahead_stmt;
	in = reallocarray(run->ahead_in, max, sizeof(*in));
	run->ahead_in = in ? in : run->ahead_in;
	if (!answers || !stmts || !in)
		return false;
	run->max_ahead = max;
	return true;
}

void exec_drop_ahead(struct script_run *run)
{
	run->nr_ahead = run->first_ahead = 0;
}

static void tell_trouble(struct script_run *run, const struct script_stmt *stmt, const char *text)
{
	if (run->ops->trouble)
		run->ops->trouble(run->ctx, stmt, text);
}

/* Reads the words of a call, those for its TX buffer into request. */
static bool build_words(const struct script_run *run, const struct script_stmt *stmt,
			struct ffa_regs *in, struct ffa_mem_request *request, char *why,
			size_t size)
{
	*request = (struct ffa_mem_request){ 0 };
	ffa_call_init(stmt->row, stmt->fid, in);
	for (const struct script_word *word = stmt->words; word; word = word->next) {
		char text[1024];
		int ret;

		if (!exec_expand(run, word->text, text, sizeof(text), why, size))
			return false;
		ret = ffa_mem_word(request, stmt->fid, text, why, size);
		if (ret < 0 || (!ret && ffa_assign(stmt->row, in, text, why, size)))
			return false;
	}
	return true;
}

static bool build(const struct script_run *run, const struct script_stmt *stmt, struct ffa_regs *in,
		  struct ffa_mem_request *request, char *why, size_t size)
{
	const char *changes;

	if (!stmt->words)
		*in = *stmt->in;
	else if (!build_words(run, stmt, in, request, why, size))
		return false;

	changes = run->ops->refuse ? run->ops->refuse(run->ctx, in) : NULL;
	if (changes)
		snprintf(why, size, "this call %s; use --allow-state-change to make it", changes);
	return !changes;
}

bool exec_build(const struct script_run *run, const struct script_stmt *stmt, struct ffa_regs *in,
		char *why, size_t size)
{
	struct ffa_mem_request unused;

	return build(run, stmt, in, &unused, why, size);
}

/* A call with contents of the TX buffer: never part of a batch. Returns as struct script_ops has it. */
static int make_with_buffer(struct script_run *run, const struct script_stmt *stmt, int cpu,
			    struct script_answer *answer, char *err, size_t err_size)
{
	struct ffa_mem_request request;
	struct ffa_regs in;

	if (!build(run, stmt, &in, &request, err, err_size))
		return -EINVAL;
	if (!run->ops->call_memory) {
		snprintf(err, err_size,
			 "a call with contents of the TX buffer cannot be made here");
		return -EINVAL;
	}
	return run->ops->call_memory(run->ctx, cpu, &in, &request, answer, err, err_size);
}

/* Whether a call may be made ahead, although an earlier statement could still end the case. */
static bool is_harmless(const struct script_stmt *stmt)
{
	return stmt->row && !stmt->row->changes && !stmt->row->el2_reissues;
}

/* Collects the calls that fit one batch, the first in ahead_stmt[0]. Returns their number. */
static unsigned int look_ahead(struct script_run *run, const struct cursor *from)
{
	const int cpu = from->frames[from->depth].cpu;
	struct cursor cur = *from;
	bool fixed = false, guess = false;
	unsigned int n = 1;
	char why[256];

	if (cpu == SCRIPT_CPU_ALL)
		return 1;

	for (unsigned int looked = 0; n < MAX_AHEAD && looked < MAX_LOOK; looked++) {
		const struct script_stmt *stmt = exec_step(run, &cur, fixed, why, sizeof(why));

		if (!stmt || stmt->kind == SCRIPT_TEST || stmt->kind == SCRIPT_REQUIRE ||
		    stmt->kind == SCRIPT_PARALLEL)
			break;
		if (stmt->kind == SCRIPT_EXPECT)
			guess = guess || exec_top(&cur)->stop;
		if (stmt->kind == SCRIPT_LET)
			fixed = true;
		if (stmt->kind != SCRIPT_CALL)
			continue;
		if (stmt->memory || exec_top(&cur)->cpu != cpu || (fixed && stmt->words) ||
		    (guess && !is_harmless(stmt)) || !exec_make_room(run, n + 1) ||
		    !exec_build(run, stmt, &run->ahead_in[n], why, sizeof(why)))
			break;
		run->ahead_stmt[n++] = stmt;
	}
	return n;
}

enum outcome exec_give_up(struct script_run *run, const struct script_stmt *stmt, int ret,
			  const char *err)
{
	if (ret == -EINVAL || ret == -EACCES || ret == -EXDEV) {
		snprintf(run->reason, sizeof(run->reason), "%s", err);
		tell_trouble(run, stmt, err);
		run->error = run->error ? run->error : ret;
		return STOPPED;
	}
	snprintf(run->reason, sizeof(run->reason), "%s",
		 ret == -EINTR ? "stopped by a signal"
		 : err[0]      ? err
			       : "the call was not made");
	run->error = ret ? ret : -EIO;
	return ABORTED;
}

static void keep_pending(struct script_run *run, int ret, const char *err)
{
	run->pending = ret;
	snprintf(run->pending_why, sizeof(run->pending_why), "%s", err);
}

enum outcome exec_raise_pending(struct script_run *run, const struct script_stmt *stmt,
				enum outcome outcome)
{
	int ret = run->pending;

	run->pending = 0;
	return ret && outcome != ABORTED ? exec_give_up(run, stmt, ret, run->pending_why) : outcome;
}

/* Makes this call, and the later calls that can share its batch. */
static enum outcome make(struct script_run *run, const struct script_stmt *stmt,
			 const struct cursor *cur)
{
	unsigned int n, done = 0;
	int bad = -1, ret;
	char err[768] = "";

	exec_drop_ahead(run);
	if (stmt->memory) {
		ret = make_with_buffer(run, stmt, cur->frames[cur->depth].cpu, run->ahead, err,
				       sizeof(err));
		run->ahead_stmt[0] = stmt;
		run->nr_ahead = !ret;
		return ret ? exec_give_up(run, stmt, ret, err) : DONE;
	}
	if (!exec_build(run, stmt, &run->ahead_in[0], err, sizeof(err)))
		return exec_give_up(run, stmt, -EINVAL, err);
	run->ahead_stmt[0] = stmt;
	n = look_ahead(run, cur);

	ret = run->ops->call(run->ctx, cur->frames[cur->depth].cpu, run->ahead_in, n, run->ahead,
			     &done, &bad, err, sizeof(err));
	/* The calls before the refused one. */
	if (ret && bad > 0 && !done)
		ret = run->ops->call(run->ctx, cur->frames[cur->depth].cpu, run->ahead_in,
				     (unsigned int)bad, run->ahead, &done, &bad, err, sizeof(err));
	run->nr_ahead = done;
	if (!done)
		return exec_give_up(run, stmt, ret, err);
	/* A call that the module refuses is reported at its own statement. */
	if (ret && bad < 0)
		keep_pending(run, ret, err);
	return DONE;
}

static void count_unknown(struct script_run *run)
{
	if (run->last_counted)
		return;
	run->last_counted = true;
	for (unsigned int i = 0; i < run->nr_last; i++)
		run->unknown += run->last[i].verdict.kind == VERDICT_UNKNOWN;
}

void exec_forget_last(struct script_run *run)
{
	count_unknown(run);
	run->nr_last = 0;
	run->last_stmt = NULL;
}

bool exec_keep_answer(struct script_run *run, const struct script_stmt *stmt,
		      const struct script_answer *answer)
{
	if (!vector_room(&run->last, &run->max_last, run->nr_last, sizeof(*run->last)))
		return false;
	run->last[run->nr_last++] = *answer;
	run->last_stmt = stmt;
	run->last_counted = false;
	run->now->calls++;
	if (run->ops->called)
		run->ops->called(run->ctx, stmt, answer);
	return true;
}

static enum outcome call_everywhere(struct script_run *run, const struct script_stmt *stmt)
{
	static const char none[] = "no CPU is available for the call";
	struct ffa_regs in;
	char err[768] = "";
	unsigned int n;
	int *cpus;

	if (!exec_build(run, stmt, &in, err, sizeof(err)))
		return exec_give_up(run, stmt, -EINVAL, err);

	cpus = calloc(MAX_CPUS, sizeof(*cpus));
	n = cpus ? run->ops->cpus(run->ctx, cpus, MAX_CPUS) : 0;
	for (unsigned int i = 0; i < n && i < MAX_CPUS; i++) {
		unsigned int done = 0;
		int bad, ret;

		if (stmt->memory) {
			ret = make_with_buffer(run, stmt, cpus[i], run->ahead, err, sizeof(err));
			done = !ret;
		} else {
			ret = run->ops->call(run->ctx, cpus[i], &in, 1, run->ahead, &done, &bad,
					     err, sizeof(err));
		}
		if (!done) {
			free(cpus);
			return exec_give_up(run, stmt, ret, err);
		}
		if (!exec_keep_answer(run, stmt, run->ahead)) {
			free(cpus);
			return exec_give_up(run, stmt, -ENOMEM, "out of memory");
		}
		if (ret) {
			free(cpus);
			return exec_give_up(run, stmt, ret, err);
		}
	}
	free(cpus);
	return n ? DONE : exec_give_up(run, stmt, -EINVAL, none);
}

enum outcome exec_call(struct script_run *run, const struct script_stmt *stmt,
		       const struct cursor *cur)
{
	exec_forget_last(run);
	if (cur->frames[cur->depth].cpu == SCRIPT_CPU_ALL)
		return call_everywhere(run, stmt);

	if (run->first_ahead == run->nr_ahead) {
		enum outcome outcome = exec_raise_pending(run, stmt, DONE);

		if (outcome == DONE)
			outcome = make(run, stmt, cur);

		if (outcome != DONE)
			return outcome;
	}
	if (!exec_keep_answer(run, stmt, &run->ahead[run->first_ahead++]))
		return exec_give_up(run, stmt, -ENOMEM, "out of memory");
	return DONE;
}

/* ---- the other statements ---- */

static void take_check(struct script_run *run, const struct script_check *check)
{
	run->now->expectations++;
	run->now->failures += !check->held;
	run->now->unknown += check->unknown;
	if (run->ops->checked)
		run->ops->checked(run->ctx, check);
}

static bool names_unknown(const struct script_stmt *stmt)
{
	for (const struct script_term *term = stmt->terms; term; term = term->next) {
		if (term->kind == SCRIPT_TERM_VERDICT && term->verdicts & 1u << VERDICT_UNKNOWN)
			return true;
	}
	return false;
}

bool exec_expect(struct script_run *run, const struct script_stmt *stmt)
{
	bool held = true;

	if (!run->nr_last) {
		run->now->expectations++;
		run->now->failures++;
		tell_trouble(run, stmt, NO_ANSWER);
		return false;
	}
	for (unsigned int i = 0; i < run->nr_last; i++) {
		struct script_check check;

		/* Do not clear all of it: the buffer for reasons is large and rarely used. */
		check.stmt = stmt;
		check.call = run->last_stmt;
		check.answer = &run->last[i];
		script_evaluate(&check, exec_look_up, run);
		take_check(run, &check);
		held = held && check.held;
	}
	/* Do not report an unknown verdict that the script expects. */
	if (names_unknown(stmt))
		run->last_counted = true;
	return held;
}

static bool expand_number(const struct script_run *run, const char *text, uint64_t *value,
			  char *why, size_t size)
{
	char number[128];

	if (!exec_expand(run, text, number, sizeof(number), why, size))
		return false;
	if (script_number(number, value))
		return true;
	snprintf(why, size, "%s is not a number", number);
	return false;
}

bool exec_let(struct script_run *run, const struct script_stmt *stmt)
{
	char why[512] = NO_ANSWER;
	uint64_t value = 0;
	bool good;

	if (script_has_variable(stmt->value))
		good = expand_number(run, stmt->value, &value, why, sizeof(why));
	else if (script_number(stmt->value, &value))
		good = true;
	else
		good = run->nr_last && !script_take(stmt->value, run->last_stmt, &run->last[0],
						    &value, why, sizeof(why));

	run->set[stmt->variable] = good;
	run->values[stmt->variable] = value;
	if (!good)
		tell_trouble(run, stmt, why);
	else if (run->ops->bound)
		run->ops->bound(run->ctx, stmt, run->script->variables[stmt->variable], value);
	return good;
}

bool script_probe(uint32_t fid, struct ffa_regs *in)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);
	const struct ffa_call *features = ffa_call_find("FFA_FEATURES");

	ffa_call_init(call, fid, in);
	/* With an empty bitmap nothing is bound, unbound or set; with flags 0 nothing is taken. */
	if (call && ((!call->changes && call->consent == FFA_CONSENT_NEVER) ||
		     call->consent == FFA_CONSENT_IF_SET ||
		     ffa_field_by_name(call->fields, call->nr_fields, "bitmap")))
		return true;

	ffa_call_init(features, ffa_call_fid(features), in);
	in->x[1] = fid;
	return false;
}

static int probe(struct script_run *run, const struct script_stmt *stmt, char *why, size_t size)
{
	const struct ffa_call *call = stmt->row;
	struct script_answer *answer = run->ahead;
	unsigned int done = 0;
	struct ffa_regs in;
	const char *status = "no status", *name;
	char number[16];
	bool itself = script_probe(stmt->fid, &in);
	int32_t code;
	int bad, ret;

	snprintf(number, sizeof(number), "0x%08x", stmt->fid);
	name = call ? ffa_call_name(call) : number;
	ret = run->ops->call(run->ctx, SCRIPT_CPU_ANY, &in, 1, answer, &done, &bad, why, size);
	if (!done || ret)
		return ret ? ret : -EIO;
	if (answer->verdict.kind == VERDICT_FORWARDED) {
		if (itself || !ffa_answer_status(NULL, &answer->call.out, &code) || code >= 0)
			return 1;
		snprintf(why, size, "FFA_FEATURES reports that %s is not supported (%s)", name,
			 ffa_status_name(code) ?: "an error");
		return 0;
	}

	if (answer->verdict.kind == VERDICT_UNKNOWN) {
		run->unknown++;
		snprintf(why, size, "whether %s is forwarded cannot be told (unknown: %s)", name,
			 verdict_reason_name(answer->verdict.reason));
		return 0;
	}
	if (ffa_answer_status(call, &answer->call.out, &code))
		status = ffa_status_name(code) ?: "an error";
	snprintf(why, size, "%s is not forwarded: %sthe hypervisor %s%s (%s)", name,
		 itself ? "" : "asked by FFA_FEATURES, ",
		 answer->verdict.kind == VERDICT_REJECTED ? "rejects it" : "answers it itself", "",
		 status);
	return 0;
}

enum outcome exec_require(struct script_run *run, const struct script_stmt *stmt)
{
	char why[700] = "";
	int ret;

	exec_forget_last(run);
	ret = stmt->requirement == SCRIPT_REQUIRE_FORWARDING
		      ? probe(run, stmt, why, sizeof(why))
		      : run->ops->require(run->ctx, stmt, why, sizeof(why));
	if (ret > 0)
		return DONE;
	if (ret < 0)
		return exec_give_up(run, stmt, ret, why);

	snprintf(run->reason, sizeof(run->reason), "%s", why);
	if (run->ops->skipped)
		run->ops->skipped(run->ctx, stmt, why);
	return SKIPPED;
}
