// SPDX-License-Identifier: GPL-2.0-only
/* From statement to statement: blocks, rounds, variables. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script/exec.h"

/* ---- variables ---- */

bool exec_look_up(const void *ctx, const char *name, size_t len, uint64_t *value)
{
	const struct script_run *run = ctx;

	for (unsigned int i = 0; i < run->script->nr_variables; i++) {
		const char *known = run->script->variables[i];

		if (strlen(known) == len && !memcmp(known, name, len)) {
			*value = run->values[i];
			return run->set[i];
		}
	}
	return false;
}

bool exec_expand(const struct script_run *run, const char *text, char *buf, size_t size, char *why,
		 size_t why_size)
{
	const char *name = "";
	size_t len = 0;
	int ret = script_expand(text, exec_look_up, run, buf, size, &name, &len);

	if (ret == -ENOENT)
		snprintf(why, why_size, "$%.*s is not set: what sets it was left out", (int)len,
			 name);
	else if (ret)
		snprintf(why, why_size, "\"%.60s\" is too long with its variables", text);
	return !ret;
}

static bool number_of(const struct script_run *run, const char *text, uint64_t max, uint64_t *value,
		      char *why, size_t size)
{
	char buf[128];

	if (!exec_expand(run, text, buf, sizeof(buf), why, size))
		return false;
	if (script_number(buf, value) && *value <= max)
		return true;
	snprintf(why, size, "%.40s is %.40s; at most %llu is possible here", text, buf,
		 (unsigned long long)max);
	return false;
}

/* ---- walking ---- */

void exec_start(struct cursor *cur, const struct script_stmt *first, int cpu, bool stop)
{
	cur->depth = 0;
	cur->last = NULL;
	cur->frames[0] = (struct frame){ .next = first, .cpu = cpu, .stop = stop };
}

static void leave_block(struct cursor *cur)
{
	struct frame *frame = exec_top(cur);
	const struct frame *outer = frame - 1;

	/* A round without a statement to execute: all further rounds are the same. */
	if (frame->busy && --frame->left) {
		frame->busy = false;
		frame->next = frame->loop->body;
		frame->cpu = outer->cpu;
		frame->stop = outer->stop;
	} else {
		cur->depth--;
	}
}

/* Enters a repeat. */
static bool enter_block(const struct script_run *run, struct cursor *cur,
			const struct script_stmt *loop, char *why, size_t size)
{
	const struct frame *outer = exec_top(cur);
	uint64_t count = loop->count;

	if (loop->value && !number_of(run, loop->value, SCRIPT_MAX_REPEAT, &count, why, size))
		return false;
	if (!count)
		return true;

	cur->frames[++cur->depth] = (struct frame){
		.next = loop->body,
		.loop = loop,
		.left = count,
		.cpu = outer->cpu,
		.stop = outer->stop,
	};
	return true;
}

bool exec_set_cpu(const struct script_run *run, struct frame *frame, const struct script_stmt *stmt,
		  char *why, size_t size)
{
	uint64_t cpu;

	frame->cpu = stmt->cpu;
	if (!stmt->value)
		return true;
	if (!number_of(run, stmt->value, SCRIPT_MAX_CPU, &cpu, why, size))
		return false;
	frame->cpu = (int)cpu;
	return true;
}

const struct script_stmt *exec_step(const struct script_run *run, struct cursor *cur, bool fixed,
				    char *why, size_t size)
{
	why[0] = '\0';
	for (;;) {
		const struct script_stmt *stmt = exec_top(cur)->next;

		if (!stmt) {
			if (!cur->depth)
				return NULL;
			leave_block(cur);
			continue;
		}

		exec_top(cur)->next = stmt->next;
		cur->last = stmt;
		switch (stmt->kind) {
		case SCRIPT_REPEAT:
			if (fixed && stmt->value)
				return NULL;
			if (!enter_block(run, cur, stmt, why, size))
				return NULL;
			break;
		case SCRIPT_CPU:
			if (fixed && stmt->value)
				return NULL;
			if (!exec_set_cpu(run, exec_top(cur), stmt, why, size))
				return NULL;
			break;
		case SCRIPT_ON_FAILURE:
			exec_top(cur)->stop = stmt->stop;
			break;
		case SCRIPT_CLEANUP:
			break;
		default:
			for (unsigned int i = 0; i <= cur->depth; i++)
				cur->frames[i].busy = true;
			return stmt;
		}
	}
}
