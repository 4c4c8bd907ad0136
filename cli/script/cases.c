// SPDX-License-Identifier: GPL-2.0-only
/* Cases: tests, cleanup, whole scripts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/exec.h"

static enum outcome do_test(struct script_run *run, const struct script_stmt *test, int cpu,
			    bool stop);

static enum outcome do_stmt(struct script_run *run, const struct script_stmt *stmt,
			    const struct cursor *cur)
{
	const struct frame *frame = &cur->frames[cur->depth];
	enum outcome outcome;

	switch (stmt->kind) {
	case SCRIPT_CALL:
		return exec_call(run, stmt, cur);
	case SCRIPT_EXPECT:
		if (exec_expect(run, stmt) || !frame->stop || run->cleaning)
			return DONE;
		snprintf(run->reason, sizeof(run->reason),
			 "on-failure stop: the expectation in line %u of %s failed", stmt->at.line,
			 stmt->at.file);
		return STOPPED;
	case SCRIPT_LET:
		if (exec_let(run, stmt))
			return DONE;
		/* Statements that use the variable cannot be executed. */
		snprintf(run->reason, sizeof(run->reason),
			 "line %u of %s could not set its variable", stmt->at.line, stmt->at.file);
		run->now->failures++;
		return STOPPED;
	case SCRIPT_REQUIRE:
		return exec_require(run, stmt);
	case SCRIPT_PARALLEL:
		return exec_parallel(run, stmt, frame->stop && !run->cleaning);
	case SCRIPT_TEST:
		exec_forget_last(run);
		outcome = do_test(run, stmt, frame->cpu, frame->stop);
		/* Only a stop outside the tests skips the rest of a file. */
		return outcome == STOPPED && !frame->stop ? DONE : outcome;
	default:
		return DONE;
	}
}

static enum outcome walk(struct script_run *run, struct cursor *cur)
{
	enum outcome outcome = DONE;
	char why[512];

	exec_drop_ahead(run);
	while (outcome == DONE) {
		const struct script_stmt *stmt = exec_step(run, cur, false, why, sizeof(why));

		if (!stmt && !why[0])
			break;
		if (run->ops->stopped && run->ops->stopped(run->ctx))
			outcome = exec_give_up(run, stmt, -EINTR, "");
		else
			outcome = stmt ? do_stmt(run, stmt, cur)
				       : exec_give_up(run, cur->last, -EINVAL, why);
	}
	exec_drop_ahead(run);
	return exec_raise_pending(run, cur->last, outcome);
}

static enum outcome do_block(struct script_run *run, struct cursor *cur)
{
	enum outcome outcome = walk(run, cur);

	exec_forget_last(run);
	return outcome;
}

/* Executes all cleanup blocks among these statements, also after one has failed. */
static enum outcome clean_up(struct script_run *run, const struct script_stmt *first, int cpu)
{
	enum outcome outcome = DONE;

	for (const struct script_stmt *stmt = first; stmt; stmt = stmt->next) {
		char reason[sizeof(run->reason)];
		enum outcome this_one;
		struct cursor cur;

		if (stmt->kind != SCRIPT_CLEANUP)
			continue;
		memcpy(reason, run->reason, sizeof(reason));
		exec_start(&cur, stmt->body, cpu, false);
		run->cleaning = true;
		if (run->ops->cleanup)
			run->ops->cleanup(run->ctx, true);
		this_one = do_block(run, &cur);
		if (run->ops->cleanup)
			run->ops->cleanup(run->ctx, false);
		run->cleaning = false;
		if (outcome == DONE)
			outcome = this_one;
		/* Keep the first reason. */
		if (reason[0])
			memcpy(run->reason, reason, sizeof(reason));
	}
	return outcome;
}

static void begin_case(struct script_run *run, struct script_case *now, const char *name)
{
	*now = (struct script_case){ .name = name };
	run->now = now;
	run->reason[0] = '\0';
	if (run->ops->case_begin)
		run->ops->case_begin(run->ctx, name);
}

static void end_case(struct script_run *run, struct script_case *now, enum outcome outcome,
		     bool cleaned)
{
	if (now->failures || outcome == STOPPED || outcome == ABORTED || !cleaned)
		now->result = SCRIPT_FAIL;
	else if (outcome == SKIPPED)
		now->result = SCRIPT_SKIP;
	if (outcome != DONE || !cleaned)
		snprintf(now->reason, sizeof(now->reason), "%s", run->reason);
	if (run->ops->case_end)
		run->ops->case_end(run->ctx, now);
}

/* A case that was not executed. */
static void leave_out(struct script_run *run, const char *name, enum outcome why,
		      const char *reason)
{
	struct script_case now;

	begin_case(run, &now, name);
	snprintf(run->reason, sizeof(run->reason), "%s", reason);
	end_case(run, &now, why, true);
}

/* "SCRIPT: NAME". Valid until the next one. */
static const char *case_name(const struct script_run *run, const char *name, char *buf, size_t size)
{
	if (!run->name)
		return name;
	snprintf(buf, size, "%s: %s", run->name, name);
	return buf;
}

static enum outcome do_test(struct script_run *run, const struct script_stmt *test, int cpu,
			    bool stop)
{
	struct script_case *outer = run->now;
	char outer_reason[sizeof(run->reason)];
	bool set[SCRIPT_MAX_VARIABLES];
	struct script_case now;
	struct cursor cur;
	enum outcome outcome, cleaned = DONE;
	char name[512];

	memcpy(set, run->set, sizeof(set));
	memcpy(outer_reason, run->reason, sizeof(outer_reason));
	begin_case(run, &now, case_name(run, test->name, name, sizeof(name)));
	exec_start(&cur, test->body, cpu, stop);
	outcome = do_block(run, &cur);
	if (now.calls)
		cleaned = clean_up(run, test->body, cpu);
	if (cleaned == ABORTED)
		outcome = ABORTED;
	end_case(run, &now, outcome, cleaned == DONE);

	/* Variables of a test are local to it. */
	memcpy(run->set, set, sizeof(set));
	run->now = outer;
	if (outcome == ABORTED)
		return ABORTED;
	if (now.result == SCRIPT_FAIL) {
		snprintf(run->reason, sizeof(run->reason), "on-failure stop: \"%s\" failed",
			 test->name);
		return STOPPED;
	}
	memcpy(run->reason, outer_reason, sizeof(outer_reason));
	return DONE;
}

/* ---- scripts ---- */

struct script_run *script_run_new(const struct script_ops *ops, void *ctx)
{
	struct script_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->ops = ops;
	run->ctx = ctx;
	run->settings.cpu = SCRIPT_CPU_ANY;
	if (exec_make_room(run, 1))
		return run;

	script_run_free(run);
	return NULL;
}

void script_run_free(struct script_run *run)
{
	if (!run)
		return;

	free(run->ahead);
	free(run->ahead_stmt);
	free(run->ahead_in);
	free(run->last);
	free(run);
}

void script_run_name(struct script_run *run, const char *name)
{
	run->name = name;
}

#define NOT_REACHED "the run was ended before this test"

/*
 * The tests from this statement on, which were not reached. After ABORTED the first of them fails,
 * so that a reader of the results that ignores `Bail out!' sees the failure too.
 */
static void leave_out_tests(struct script_run *run, const struct script_stmt *stmt,
			    enum outcome why, const char *reason)
{
	char kept[sizeof(run->reason)], name[512];

	snprintf(kept, sizeof(kept), "%s", reason);
	for (; stmt; stmt = stmt->next) {
		if (stmt->kind != SCRIPT_TEST)
			continue;
		leave_out(run, case_name(run, stmt->name, name, sizeof(name)), why, kept);
		if (why == ABORTED) {
			why = SKIPPED;
			snprintf(kept, sizeof(kept), NOT_REACHED);
		}
	}
}

int script_execute(struct script_run *run, const struct script *script, char *err, size_t err_size)
{
	const char *name = run->name ? run->name : "script";
	enum outcome outcome, cleaned = DONE;
	struct script_case loose = { .name = name };
	char reason[sizeof(run->reason)];
	struct cursor cur;

	run->script = script;
	run->error = 0;
	run->reason[0] = '\0';
	memset(run->set, 0, sizeof(run->set));
	run->now = &loose;

	exec_start(&cur, script->first, SCRIPT_CPU_ANY, false);
	outcome = do_block(run, &cur);
	memcpy(reason, run->reason, sizeof(reason));
	if (outcome != DONE) {
		/* Whether a failed case reports the abort, here or later. */
		bool told = outcome != ABORTED || script_has_loose_case(script) ||
			    (cur.last && cur.last->kind == SCRIPT_TEST);

		leave_out_tests(run, cur.frames[0].next, told ? SKIPPED : ABORTED,
				outcome == ABORTED && told ? NOT_REACHED : reason);
	}

	run->now = &loose;
	memcpy(run->reason, reason, sizeof(reason));
	if (loose.calls)
		cleaned = clean_up(run, script->first, SCRIPT_CPU_ANY);
	if (script_has_loose_case(script)) {
		/* A failed test has been reported. */
		bool by_test = outcome == STOPPED && cur.last && cur.last->kind == SCRIPT_TEST;

		if (run->ops->case_begin)
			run->ops->case_begin(run->ctx, name);
		end_case(run, &loose, by_test ? DONE : outcome, cleaned == DONE);
	}
	run->now = NULL;
	if (outcome != ABORTED && cleaned != ABORTED)
		return 0;

	snprintf(err, err_size, "%s", run->reason);
	return run->error ? run->error : -EIO;
}

void script_skip(struct script_run *run, const struct script *script, const char *reason)
{
	run->script = script;
	leave_out_tests(run, script->first, SKIPPED, reason);
	if (script_has_loose_case(script))
		leave_out(run, run->name ? run->name : "script", SKIPPED, reason);
	run->now = NULL;
}

int script_continue(struct script_run *run, const struct script *script, char *err, size_t err_size)
{
	const struct script_stmt *first = run->done ? run->done->next : script->first;
	struct script_case loose = { .name = "" };
	enum outcome outcome, cleaned = DONE;
	struct cursor cur;

	if (!first)
		return 0;
	run->script = script;
	run->error = 0;
	run->reason[0] = '\0';
	run->now = &loose;
	for (const struct script_stmt *stmt = first; stmt; stmt = stmt->next)
		run->done = stmt;

	/* expect refers to the answer of an earlier line. */
	exec_start(&cur, first, run->settings.cpu, run->settings.stop);
	outcome = walk(run, &cur);
	run->settings.cpu = cur.frames[0].cpu;
	run->settings.stop = cur.frames[0].stop;
	if (loose.calls)
		cleaned = clean_up(run, first, run->settings.cpu);
	run->now = NULL;

	if (outcome == ABORTED || cleaned == ABORTED) {
		snprintf(err, err_size, "%s", run->reason);
		return run->error ? run->error : -EIO;
	}
	return outcome == DONE && !loose.failures ? 0 : -ECANCELED;
}

uint64_t script_run_unknown(const struct script_run *run)
{
	return run->unknown;
}

bool script_run_variable(const struct script_run *run, unsigned int index, uint64_t *value)
{
	*value = run->values[index];
	return run->set[index];
}
