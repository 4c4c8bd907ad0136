// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scripts: parsed as a file, and line by line as at a prompt, and executed on a machine whose answers
 * are the last bytes of the input. A NUL ends the file and starts the file that it includes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/call.h"
#include "fuzz.h"
#include "script/script.h"

/* Limits, because a repeat can run for years and files can include each other a thousand times. */
#define MAX_CALLS 300
#define MAX_LOADS 20

struct machine {
	const uint8_t *data;
	size_t size;
	unsigned int calls;
	unsigned int cases;
	unsigned int loads;
};

static void check(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

static int load(void *ctx, const char *from, const char *path, char **name, char **text,
		size_t *len, char *err, size_t err_size)
{
	struct machine *m = ctx;
	const uint8_t *nul = m->size ? memchr(m->data, 0, m->size) : NULL;

	(void)from;
	if (!nul || ++m->loads > MAX_LOADS) {
		snprintf(err, err_size, "%s: nothing to include", path);
		return -ENOENT;
	}
	*len = m->size - (size_t)(nul + 1 - m->data);
	*name = strdup(path);
	*text = malloc(*len + 1);
	if (!*name || !*text)
		abort();
	memcpy(*text, nul + 1, *len);
	return 0;
}

static int on_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		   struct script_answer *answers, unsigned int *done, int *bad, char *err,
		   size_t err_size)
{
	struct machine *m = ctx;

	*bad = -1;
	for (*done = 0; *done < n; ++*done) {
		struct script_answer *a = &answers[*done];
		uint8_t byte = m->data[m->size - 1 - m->calls % m->size];

		if (++m->calls > MAX_CALLS || byte == 0xff) {
			snprintf(err, err_size, "enough");
			return -EINTR;
		}
		*a = (struct script_answer){ .call.in = in[*done] };
		a->call.cpu = cpu < 0 ? 0 : (uint32_t)cpu;
		a->call.out.x[0] = byte & 4 ? FFA_FID_SUCCESS : FFA_FID_ERROR;
		a->call.out.x[2] = byte & 4 ? byte : -(uint64_t)byte;
		a->verdict.kind = (enum verdict_kind)(byte & 3);
		a->verdict.reason = a->verdict.kind ? VERDICT_REASON_NONE : VERDICT_LOST_EVENTS;
		a->verdict.from_trace = a->verdict.kind;
	}
	return 0;
}

static int on_call_parallel(void *ctx, struct script_lane *lanes, unsigned int nr_lanes, char *err,
			    size_t err_size)
{
	int ret = 0;

	for (unsigned int i = 0; i < nr_lanes && !ret; i++)
		ret = on_call(ctx, lanes[i].cpu, lanes[i].in, lanes[i].n, lanes[i].answers,
			      &lanes[i].done, &lanes[i].bad, err, err_size);
	return ret;
}

static int on_require(void *ctx, const struct script_stmt *stmt, char *why, size_t size)
{
	(void)ctx;
	snprintf(why, size, "no");
	return stmt->at.line % 2;
}

static unsigned int on_cpus(void *ctx, int *cpu, unsigned int n)
{
	(void)ctx;
	for (unsigned int i = 0; i < 2 && i < n; i++)
		cpu[i] = (int)i;
	return 2;
}

static bool on_stopped(void *ctx)
{
	const struct machine *m = ctx;

	return m->calls > MAX_CALLS;
}

static void on_case_end(void *ctx, const struct script_case *c)
{
	struct machine *m = ctx;

	m->cases++;
	check(c->failures <= c->expectations + 1, "more failures than expectations");
	check(c->result != SCRIPT_PASS || !c->failures, "a failed case passes");
}

static const struct script_ops ops = {
	.call = on_call,
	.call_parallel = on_call_parallel,
	.require = on_require,
	.cpus = on_cpus,
	.stopped = on_stopped,
	.case_end = on_case_end,
};

static void as_a_file(struct machine *m, const char *text, size_t len)
{
	struct script *script = script_new(load, m);
	struct script_run *run;
	char err[512];

	if (!script_parse(script, "fuzz", text, len)) {
		check(!script_open_blocks(script), "a block is still open at the end");
		run = script_run_new(&ops, m);
		script_execute(run, script, err, sizeof(err));
		check(m->cases == script_nr_cases(script),
		      "the number of cases differs from the announced one");
		script_run_free(run);
	} else {
		check(script_error_at(script, 0)->text[0], "a mistake without a message");
	}
	script_free(script);
}

static void as_typed(struct machine *m, const char *text, size_t len)
{
	struct script *script = script_new(load, m);
	struct script_run *run = script_run_new(&ops, m);
	char err[512];

	m->calls = m->loads = 0;
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		unsigned int depth = script_open_blocks(script);

		if (script_line(script, text, n))
			check(script_open_blocks(script) == depth, "a mistake changed the blocks");
		else if (!script_open_blocks(script))
			script_continue(run, script, err, sizeof(err));
		n += !!end;
		text += n;
		len -= n;
	}
	script_run_free(run);
	script_free(script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine m = { .data = data, .size = size };
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t len = nul ? (size_t)(nul - data) : size;

	if (!size)
		return 0;
	as_a_file(&m, (const char *)data, len);
	as_typed(&m, (const char *)data, len);

	return 0;
}
