/* SPDX-License-Identifier: GPL-2.0-only */
/* Scripts on this machine: what `run' and `shell' share. */
#ifndef FFASCOPE_SCRIPT_BACKEND_H
#define FFASCOPE_SCRIPT_BACKEND_H

#include "script/script.h"
#include "session/session.h"
#include "command/memory_call.h"
#include "command/verb.h"

struct script_backend {
	const struct options *opts;
	struct session_options session_opts;
	bool allow; /* state changes */
	struct record_about about;
	const struct record_about *recorded; /* of a replay: files and CPUs are those of it */

	struct session *session; /* NULL until the first call */
	struct memory_maker memory;
	enum exit_status status; /* of a call that could not be made: STATUS_CANNOT, ... */
	int cpus[SCRIPT_MAX_CPU + 1];
	unsigned int nr_cpus;
};

/* Opens nothing yet. */
void script_backend_init(struct script_backend *backend, const struct options *opts);
/* The same for a recording. */
void script_backend_init_replay(struct script_backend *backend, const struct options *opts,
				struct record_reader *reader, const struct record_meta *meta);
/* Puts back what the calls changed. Returns 0 or a negative errno after telling why. */
int script_backend_close(struct script_backend *backend);
/* After script_backend_close(): what script_backend_init() and script_backend_load() have kept. */
void script_backend_free(struct script_backend *backend);

/* Texts that EL2 printed; NULL: there is no session yet. */
const struct texts *script_backend_texts(const struct script_backend *backend);
/* The version whose rules apply, whether there is a session or not. */
uint32_t script_backend_ffa_version(const struct script_backend *backend);

/* script_ops.call_parallel. */
int script_backend_call_parallel(struct script_backend *backend, struct script_lane *lanes,
				 unsigned int nr_lanes, char *err, size_t err_size);

/* As struct script_ops has them; ctx is the struct script_backend. */
int script_backend_call(struct script_backend *backend, int cpu, const struct ffa_regs *in,
			unsigned int n, struct script_answer *answers, unsigned int *done, int *bad,
			char *err, size_t err_size);
int script_backend_call_memory(struct script_backend *backend, int cpu, const struct ffa_regs *in,
			       const struct ffa_mem_request *request, struct script_answer *answer,
			       char *err, size_t err_size);
int script_backend_require(struct script_backend *backend, const struct script_stmt *stmt,
			   char *why, size_t size);
unsigned int script_backend_cpus(const struct script_backend *backend, int *cpu, unsigned int n);
const char *script_backend_refuse(struct script_backend *backend, const struct ffa_regs *in);

/*
 * Reads a script, for script_new(); ctx is the struct script_backend, which keeps its text for a recording
 * and, in a replay, has it from there. "-" is stdin. ctx NULL: it is not kept.
 */
int script_backend_load(void *ctx, const char *from, const char *path, char **name, char **text,
			size_t *len, char *err, size_t err_size);

/* Prints the mistakes in a script, one a line: FILE:LINE:COLUMN: the mistake and its fix. */
void script_backend_tell_mistakes(const struct options *opts, const struct script *script);

/*
 * Describes a call for a failed expectation, as lines of text: its verdict and its answer; with -v
 * the call with all its registers and the events of its trap too. Freed by the caller; NULL without
 * memory.
 */
char *script_backend_describe(const struct script_backend *backend,
			      const struct script_answer *answer);

#endif
