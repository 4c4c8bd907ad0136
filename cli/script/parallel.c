// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executes parallel: the calls of each CPU are collected a batch at a time, made together, and
 * then reported and checked CPU by CPU.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/exec.h"

struct part {
	int cpu;
	struct cursor ahead, walk;	  /* the next call to collect, and to report */
	const struct script_stmt *waits;  /* the call at which walk waits for its answer */
	struct ffa_regs *in;		  /* room for MAX_AHEAD */
	const struct script_stmt **stmts; /* of each call */
	struct script_answer *answers;
	unsigned int max_answers;
};

struct parts {
	struct part *part;
	struct script_lane *lanes;
	unsigned int n;
};

static enum outcome no_memory(struct script_run *run)
{
	return exec_give_up(run, NULL, -ENOMEM, "out of memory");
}

static bool has_cpu(const struct parts *parts, int cpu)
{
	for (unsigned int i = 0; i < parts->n; i++) {
		if (parts->part[i].cpu == cpu)
			return true;
	}
	return false;
}

static bool add_part(struct parts *parts, const struct script_stmt *stmt, int cpu)
{
	struct part *part = &parts->part[parts->n];

	*part = (struct part){ .cpu = cpu };
	exec_start(&part->ahead, stmt->body, cpu, false);
	exec_start(&part->walk, stmt->body, cpu, false);
	part->in = calloc(MAX_AHEAD, sizeof(*part->in));
	part->stmts = calloc(MAX_AHEAD, sizeof(*part->stmts));
	parts->n++;
	return part->in && part->stmts;
}

static void free_parts(struct parts *parts)
{
	for (unsigned int i = 0; i < parts->n; i++) {
		free(parts->part[i].in);
		free(parts->part[i].stmts);
		free(parts->part[i].answers);
	}
	free(parts->part);
	free(parts->lanes);
}

/* The parts that name their CPU. */
static enum outcome add_named(struct script_run *run, struct parts *parts,
			      const struct script_stmt *stmt)
{
	for (; stmt; stmt = stmt->next) {
		struct frame frame;
		char why[512];

		if (stmt->cpu == SCRIPT_CPU_ALL)
			continue;
		if (!exec_set_cpu(run, &frame, stmt, why, sizeof(why)))
			return exec_give_up(run, stmt, -EINVAL, why);
		if (has_cpu(parts, frame.cpu)) {
			snprintf(why, sizeof(why), "CPU %d has two parts of this parallel",
				 frame.cpu);
			return exec_give_up(run, stmt, -EINVAL, why);
		}
		if (!add_part(parts, stmt, frame.cpu))
			return no_memory(run);
	}
	return DONE;
}

/* `cpu all': a part for each CPU that the others do not name. */
static enum outcome add_rest(struct script_run *run, struct parts *parts,
			     const struct script_stmt *stmt)
{
	int *cpus;
	unsigned int n;
	bool good = true;

	while (stmt && stmt->cpu != SCRIPT_CPU_ALL)
		stmt = stmt->next;
	if (!stmt)
		return DONE;
	cpus = calloc(MAX_CPUS, sizeof(*cpus));
	n = cpus ? run->ops->cpus(run->ctx, cpus, MAX_CPUS) : 0;
	for (unsigned int i = 0; i < n && i < MAX_CPUS && good; i++)
		good = has_cpu(parts, cpus[i]) || add_part(parts, stmt, cpus[i]);
	free(cpus);
	return cpus && good ? DONE : no_memory(run);
}

static enum outcome add_parts(struct script_run *run, struct parts *parts,
			      const struct script_stmt *stmt)
{
	unsigned int max = MAX_CPUS;
	enum outcome outcome;

	for (const struct script_stmt *part = stmt->body; part; part = part->next)
		max++;
	parts->part = calloc(max, sizeof(*parts->part));
	parts->lanes = calloc(max, sizeof(*parts->lanes));
	if (!parts->part || !parts->lanes)
		return no_memory(run);
	outcome = add_named(run, parts, stmt->body);
	return outcome == DONE ? add_rest(run, parts, stmt->body) : outcome;
}

static bool has_room(struct part *part, unsigned int n)
{
	struct script_answer *answers;

	if (n <= part->max_answers)
		return true;
	answers = reallocarray(part->answers, n, sizeof(*answers));
	if (!answers)
		return false;
	part->answers = answers;
	part->max_answers = n;
	return true;
}

/* Collects the next calls of a part. */
static enum outcome collect(struct script_run *run, struct part *part, struct script_lane *lane)
{
	char why[512];
	unsigned int n = 0;

	while (n < MAX_AHEAD) {
		const struct script_stmt *stmt =
			exec_step(run, &part->ahead, false, why, sizeof(why));

		if (!stmt && why[0])
			return exec_give_up(run, part->ahead.last, -EINVAL, why);
		if (!stmt)
			break;
		if (stmt->kind != SCRIPT_CALL)
			continue;
		if (!exec_build(run, stmt, &part->in[n], why, sizeof(why)))
			return exec_give_up(run, stmt, -EINVAL, why);
		part->stmts[n++] = stmt;
	}
	if (!has_room(part, n))
		return no_memory(run);
	*lane = (struct script_lane){
		.cpu = part->cpu, .in = part->in, .n = n, .answers = part->answers, .bad = -1
	};
	return DONE;
}

/* Reports and checks the answers of a part. *held: whether all expectations held so far. */
static enum outcome report(struct script_run *run, struct part *part,
			   const struct script_lane *lane, bool *held)
{
	unsigned int used = 0;
	char why[512];

	for (;;) {
		const struct script_stmt *stmt = part->waits;

		if (!stmt)
			stmt = exec_step(run, &part->walk, false, why, sizeof(why));
		part->waits = NULL;
		if (!stmt)
			return DONE;
		if (stmt->kind == SCRIPT_EXPECT) {
			*held = exec_expect(run, stmt) && *held;
			continue;
		}
		if (used == lane->done) {
			part->waits = stmt;
			return DONE;
		}
		exec_forget_last(run);
		if (!exec_keep_answer(run, stmt, &lane->answers[used++]))
			return no_memory(run);
	}
}

/* Makes the next batch of each part of a parallel statement. *more: there was one. */
static enum outcome make_round(struct script_run *run, const struct script_stmt *parallel,
			       struct parts *parts, bool *more, bool *held)
{
	enum outcome outcome = DONE;
	char err[768] = "";
	unsigned int n = 0;
	int ret;

	*more = false;
	for (unsigned int i = 0; i < parts->n && outcome == DONE; i++) {
		outcome = collect(run, &parts->part[i], &parts->lanes[i]);
		n += parts->lanes[i].n;
	}
	if (outcome != DONE || !n)
		return outcome;
	*more = true;
	ret = run->ops->call_parallel(run->ctx, parts->lanes, parts->n, err, sizeof(err));
	for (unsigned int i = 0; i < parts->n && outcome == DONE; i++)
		outcome = report(run, &parts->part[i], &parts->lanes[i], held);
	if (outcome != DONE || !ret)
		return outcome;
	for (unsigned int i = 0; i < parts->n; i++) {
		const struct script_lane *lane = &parts->lanes[i];

		if (lane->bad >= 0)
			return exec_give_up(run, parts->part[i].stmts[lane->bad], ret, err);
	}
	/* Not about one call: a CPU that is not there, for instance. */
	return exec_give_up(run, parallel, ret, err);
}

enum outcome exec_parallel(struct script_run *run, const struct script_stmt *stmt, bool stop)
{
	struct parts parts = { 0 };
	enum outcome outcome;
	bool more = true, held = true;

	exec_forget_last(run);
	exec_drop_ahead(run);
	outcome = add_parts(run, &parts, stmt);
	while (outcome == DONE && more && (held || !stop)) {
		if (run->ops->stopped && run->ops->stopped(run->ctx))
			outcome = exec_give_up(run, stmt, -EINTR, "");
		else
			outcome = make_round(run, stmt, &parts, &more, &held);
	}
	exec_forget_last(run);
	if (outcome == DONE && stop && !held) {
		snprintf(run->reason, sizeof(run->reason),
			 "on-failure stop: an expectation in the parallel of line %u of %s failed",
			 stmt->at.line, stmt->at.file);
		outcome = STOPPED;
	}
	free_parts(&parts);
	return outcome;
}
