/* SPDX-License-Identifier: GPL-2.0-only */
/* Scripts on this machine: what `run' and `shell' share. */
#ifndef FFASCOPE_LIVE_H
#define FFASCOPE_LIVE_H

#include "script/script.h"
#include "session/session.h"
#include "verbs/verb.h"

struct live {
	const struct options *opts;
	struct session_options session_opts;
	bool allow; /* state changes */
	struct record_about about;
	const struct record_about *recorded; /* of a replay: files and CPUs are those of it */

	struct session *session; /* NULL until the first call */
	enum exit_status status; /* of a call that could not be made: STATUS_CANNOT, ... */
	int cpus[SCRIPT_MAX_CPU + 1];
	unsigned int nr_cpus;
};

/* Opens nothing yet. */
void live_init(struct live *live, const struct options *opts);
/* The same for a recording. */
void live_init_replay(struct live *live, const struct options *opts, struct record_reader *reader,
		      const struct record_meta *meta);
/* Puts back what the calls changed. Returns 0 or a negative errno after telling why. */
int live_close(struct live *live);
/* After live_close(): what live_init() and live_load() have kept. */
void live_free(struct live *live);

/* The version whose rules apply, whether there is a session or not. */
uint32_t live_ffa_version(const struct live *live);

/* As struct script_ops has them; ctx is the struct live. */
int live_call(struct live *live, int cpu, const struct ffa_regs *in, unsigned int n,
	      struct script_answer *answers, unsigned int *done, int *bad, char *err,
	      size_t err_size);
int live_require(struct live *live, const struct script_stmt *stmt, char *why, size_t size);
unsigned int live_cpus(const struct live *live, int *cpu, unsigned int n);
const char *live_refuse(struct live *live, const struct ffa_regs *in);

/*
 * Reads a script, for script_new(); ctx is the struct live, which keeps its text for a recording
 * and, in a replay, has it from there. "-" is stdin. ctx NULL: it is not kept.
 */
int live_load(void *ctx, const char *from, const char *path, char **name, char **text, size_t *len,
	      char *err, size_t err_size);

/* Tells of the mistakes in a script, one a line: FILE:LINE:COLUMN: what and the mend. */
void live_tell_mistakes(const struct options *opts, const struct script *script);

/*
 * What became of a call, for somebody who asks why: the call, its verdict, all registers and the
 * events of its trap, as lines of text. Freed by the caller; NULL without memory.
 */
char *live_describe(const struct live *live, const struct script_answer *answer);

#endif
