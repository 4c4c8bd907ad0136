// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ffa/version.h"
#include "report/report.h"
#include "command/cpus.h"
#include "command/open.h"
#include "command/script_backend.h"
#include "command/verb.h"

#define MAX_FILE (64 << 20)

void script_backend_init(struct script_backend *backend, const struct options *opts)
{
	struct cpus mine;

	*backend = (struct script_backend){
		.opts = opts,
		.session_opts = {
			.device = opts->device,
			.tracefs = opts->tracefs,
			.verb = "run",
			.ffa_version = opts->ffa_version,
			.stop = &verb_stop,
			.about = &backend->about,
		},
	};
	/* Before the first call pins the process to one of them. */
	if (cpus_allowed(&mine))
		return;
	for (unsigned int i = 0; i < mine.n && mine.cpu[i] <= SCRIPT_MAX_CPU; i++)
		backend->cpus[backend->nr_cpus++] = mine.cpu[i];
}

void script_backend_init_replay(struct script_backend *backend, const struct options *opts,
				struct record_reader *reader, const struct record_meta *meta)
{
	const struct record_about *about = record_about(reader);

	*backend = (struct script_backend){
		.opts = opts,
		.session_opts = {
			.ffa_version = opts->ffa_version ? opts->ffa_version : meta->ffa_version,
			.replay = reader,
			.replay_meta = meta,
		},
		.recorded = about,
	};
	for (size_t i = 0; i < about->nr_cpus && backend->nr_cpus <= SCRIPT_MAX_CPU; i++)
		backend->cpus[backend->nr_cpus++] = about->cpus[i];
}

void script_backend_free(struct script_backend *backend)
{
	record_about_free(&backend->about);
	memory_maker_free(&backend->memory);
}

int script_backend_close(struct script_backend *backend)
{
	struct error err;
	int ret = session_close(backend->session, &err);

	backend->session = NULL;
	if (ret)
		verb_error(backend->opts, "%s", err.text);
	return ret;
}

const struct texts *script_backend_texts(const struct script_backend *backend)
{
	return backend->session ? session_texts(backend->session) : NULL;
}

uint32_t script_backend_ffa_version(const struct script_backend *backend)
{
	if (backend->session)
		return session_ffa_version(backend->session);
	return backend->session_opts.ffa_version ? backend->session_opts.ffa_version
						 : FFA_VERSION_DEFAULT;
}

static void note_status(struct script_backend *backend, enum exit_status status)
{
	if (backend->status != STATUS_INTERNAL && status != STATUS_DONE)
		backend->status = status;
}

static int open_session(struct script_backend *backend, char *err, size_t err_size)
{
	struct error why;
	int ret;

	if (backend->session)
		return 0;

	ret = verb_session_start(&backend->session, &backend->session_opts, &why);
	if (ret) {
		backend->session = NULL;
		snprintf(err, err_size, "%s", why.text);
		return ret;
	}
	if (session_note(backend->session))
		verb_note(backend->opts, "no trace: %s", session_note(backend->session));
	return 0;
}

struct answers {
	struct session *session;
	struct memory_maker *memory; /* NULL: calls on several CPUs, which reclaim nothing */
	struct script_answer *answers;
	unsigned int nr;
	struct ffa_regs *sent;
};

static void keep_answer(void *ctx, const struct verdict_call *call, void *tag,
			const struct verdict *v)
{
	struct answers *answers = ctx;
	struct script_answer *answer = &answers->answers[answers->nr++];

	(void)tag;
	answer->call = *call;
	answer->verdict = *v;
	answer->nr_events = session_trap(answers->session, call, answer->events, SCRIPT_MAX_EVENTS);
	if (answers->memory)
		memory_note(answers->memory, call);
}

/* The registers with canaries; freed by the caller, NULL without memory. */
static struct ffa_regs *with_canaries(const struct ffa_regs *in, unsigned int n)
{
	struct ffa_regs *sent = calloc(n ? n : 1, sizeof(*sent));

	if (!sent)
		return NULL;
	memcpy(sent, in, n * sizeof(*sent));
	for (unsigned int i = 0; i < n; i++)
		verdict_add_canaries(&sent[i]);
	return sent;
}

/* Opens the session for calls. */
static int open_for_calls(struct script_backend *backend, char *err, size_t err_size)
{
	int ret = open_session(backend, err, err_size);

	if (!ret)
		return 0;
	note_status(backend, ret == -EINTR ? STATUS_DONE : verb_status(ret));
	/* The machine, not this call: no other one is any better. */
	return ret == -EACCES || ret == -EINVAL || ret == -EXDEV ? -ENODEV : ret;
}

/* What a failed request means for the exit status. bad: index of the refused call, or -1. */
static int calls_failed(struct script_backend *backend, int ret, int bad, const struct error *why,
			char *err, size_t err_size)
{
	if (!ret || ret == -EINTR)
		return ret;

	snprintf(err, err_size, "%s", why->text);
	/* A CPU that is not there and a call that the module refuses: this machine cannot. */
	if (bad <= 0)
		note_status(backend,
			    ret == -EINVAL || ret == -EXDEV ? STATUS_CANNOT : verb_status(ret));
	return ret;
}

int script_backend_call(struct script_backend *backend, int cpu, const struct ffa_regs *in,
			unsigned int n, struct script_answer *answers, unsigned int *done, int *bad,
			char *err, size_t err_size)
{
	struct answers kept = { .answers = answers };
	struct error why = { "" };
	int ret;

	*done = 0;
	*bad = -1;
	ret = open_for_calls(backend, err, err_size);
	if (ret)
		return ret;

	kept.sent = with_canaries(in, n);
	if (!kept.sent)
		return -ENOMEM;
	kept.session = backend->session;
	kept.memory = &backend->memory;
	ret = session_call(backend->session, cpu, kept.sent, n, 1, bad, keep_answer, &kept, &why);
	free(kept.sent);
	*done = kept.nr;
	return calls_failed(backend, ret, *bad, &why, err, err_size);
}

/* Each call replaces the one before: that of the last fragment stays. */
static void keep_last(void *ctx, const struct verdict_call *call, void *tag,
		      const struct verdict *v)
{
	struct answers *answers = ctx;

	answers->nr = 0;
	keep_answer(answers, call, tag, v);
}

int script_backend_call_memory(struct script_backend *backend, int cpu, const struct ffa_regs *in,
			       const struct ffa_mem_request *request, struct script_answer *answer,
			       char *err, size_t err_size)
{
	struct answers kept = { .answers = answer };
	struct memory_outcome outcome;
	struct error why = { "" };
	int ret;

	ret = open_for_calls(backend, err, err_size);
	if (ret)
		return ret;

	backend->memory.session = kept.session = backend->session;
	backend->memory.canaries = true;
	ret = memory_call(&backend->memory, cpu, in, request, keep_last, &kept, &outcome, &why);
	return calls_failed(backend, ret, -1, &why, err, err_size);
}

static int call_lanes(struct script_backend *backend, struct session_lane *calls,
		      struct answers *kept, struct script_lane *lanes, unsigned int nr_lanes,
		      struct error *why)
{
	unsigned int nr_calls = 0;
	int ret = 0;

	for (unsigned int i = 0; i < nr_lanes && !ret; i++) {
		kept[i] = (struct answers){ .session = backend->session,
					    .answers = lanes[i].answers,
					    .sent = with_canaries(lanes[i].in, lanes[i].n) };
		if (!kept[i].sent)
			ret = error_no_memory(why);
		/* A CPU may have fewer batches than the others. */
		if (lanes[i].n)
			calls[nr_calls++] = (struct session_lane){ .cpu = lanes[i].cpu,
								   .in = kept[i].sent,
								   .n = lanes[i].n,
								   .repeat = 1,
								   .ctx = &kept[i] };
	}
	if (!ret)
		ret = session_call_parallel(backend->session, calls, nr_calls, keep_answer, why);
	for (unsigned int i = 0, j = 0; i < nr_lanes; i++) {
		lanes[i].done = kept[i].nr;
		if (lanes[i].n)
			lanes[i].bad = calls[j++].bad;
		free(kept[i].sent);
	}
	return ret;
}

int script_backend_call_parallel(struct script_backend *backend, struct script_lane *lanes,
				 unsigned int nr_lanes, char *err, size_t err_size)
{
	struct session_lane *calls;
	struct error why = { "" };
	struct answers *kept;
	int ret, bad = -1;

	ret = open_for_calls(backend, err, err_size);
	if (ret)
		return ret;

	calls = calloc(nr_lanes, sizeof(*calls));
	kept = calloc(nr_lanes, sizeof(*kept));
	ret = calls && kept ? call_lanes(backend, calls, kept, lanes, nr_lanes, &why) : -ENOMEM;
	free(calls);
	free(kept);
	for (unsigned int i = 0; i < nr_lanes && bad < 0; i++)
		bad = lanes[i].bad;
	return calls_failed(backend, ret, bad, &why, err, err_size);
}

int script_backend_require(struct script_backend *backend, const struct script_stmt *stmt,
			   char *why, size_t size)
{
	int ret = open_session(backend, why, size);
	char have[16];

	if (ret == -EINTR)
		return ret;
	if (ret && stmt->requirement == SCRIPT_REQUIRE_MODULE && verb_status(ret) == STATUS_CANNOT)
		return 0;
	if (ret) {
		note_status(backend, verb_status(ret));
		return ret == -EACCES || ret == -EINVAL ? -ENODEV : ret;
	}

	switch (stmt->requirement) {
	case SCRIPT_REQUIRE_TRACING:
		if (!session_note(backend->session))
			return 1;
		snprintf(why, size, "no trace: %s", session_note(backend->session));
		return 0;
	case SCRIPT_REQUIRE_UNSAFE:
		if (session_unsafe(backend->session))
			return 1;
		snprintf(
			why, size,
			"the module is loaded without unsafe=1, which this needs: `rmmod ffascope; modprobe ffascope unsafe=1'");
		return 0;
	case SCRIPT_REQUIRE_FFA:
		if (session_ffa_version(backend->session) >= stmt->version)
			return 1;
		ffa_format_version(session_ffa_version(backend->session), have, sizeof(have));
		snprintf(why, size, "FF-A %s is in force here, %s is wanted", have,
			 ffa_version_name(stmt->version));
		return 0;
	default:
		return 1;
	}
}

unsigned int script_backend_cpus(const struct script_backend *backend, int *cpu, unsigned int n)
{
	for (unsigned int i = 0; i < n && i < backend->nr_cpus; i++)
		cpu[i] = backend->cpus[i];
	return backend->nr_cpus;
}

const char *script_backend_refuse(struct script_backend *backend, const struct ffa_regs *in)
{
	const char *changes = backend->allow ? NULL : request_changes(in);

	if (changes)
		note_status(backend, STATUS_USAGE);
	return changes;
}

/* ---- files ---- */

static int read_all(FILE *file, char **text, size_t *len)
{
	char *buf = NULL;
	size_t size = 0;

	*len = 0;
	errno = 0;
	for (;;) {
		size_t n;

		if (size - *len < 4096) {
			char *bigger =
				size > MAX_FILE ? NULL : realloc(buf, size = 2 * size + 8192);

			if (!bigger) {
				free(buf);
				return size > MAX_FILE ? -EFBIG : -ENOMEM;
			}
			buf = bigger;
		}
		n = fread(buf + *len, 1, size - *len, file);
		*len += n;
		if (!n)
			break;
	}
	*text = buf;
	if (!ferror(file))
		return 0;
	free(buf);
	*text = NULL;
	return errno ? -errno : -EIO;
}

/* The name of a script that another one includes; freed by the caller, NULL without memory. */
static char *resolve(const char *from, const char *path)
{
	char *folder = from && path[0] != '/' ? strdup(from) : NULL, *name = NULL;

	if (!from && !strcmp(path, "-"))
		return strdup("(stdin)");
	if (asprintf(&name, "%s%s%s", folder && strchr(folder, '/') ? dirname(folder) : "",
		     folder && strchr(from, '/') ? "/" : "", path) < 0)
		name = NULL;
	free(folder);
	return name;
}

static int load_recorded(const struct record_about *about, const char *name, char **text,
			 size_t *len)
{
	const struct record_file *file = record_about_find(about, name);

	if (!file)
		return -ENOENT;
	*text = malloc(file->len + 1);
	if (!*text)
		return -ENOMEM;
	memcpy(*text, file->data, file->len + 1);
	*len = file->len;
	return 0;
}

static int load_file(bool is_stdin, const char *name, char **text, size_t *len)
{
	FILE *file = is_stdin ? stdin : fopen(name, "re");
	int ret = file ? read_all(file, text, len) : -errno;

	if (file && !is_stdin)
		fclose(file);
	return ret;
}

int script_backend_load(void *ctx, const char *from, const char *path, char **name, char **text,
			size_t *len, char *err, size_t err_size)
{
	struct script_backend *backend = ctx;
	int ret;

	*name = resolve(from, path);
	if (!*name)
		return -ENOMEM;

	if (backend && backend->recorded)
		ret = load_recorded(backend->recorded, *name, text, len);
	else
		ret = load_file(!from && !strcmp(path, "-"), *name, text, len);
	if (!ret && backend && backend->session_opts.record &&
	    record_about_file(&backend->about, *name, *text, *len)) {
		free(*text);
		ret = -ENOMEM;
	}
	if (ret) {
		snprintf(err, err_size, "%s: %s", *name,
			 backend && backend->recorded ? "not in the recording" : strerror(-ret));
		free(*name);
	}
	return ret;
}

void script_backend_tell_mistakes(const struct options *opts, const struct script *script)
{
	const struct script_error *error;
	size_t i;

	for (i = 0; (error = script_error_at(script, i)); i++) {
		if (error->at.line)
			verb_error(opts, "%s:%u:%u: %s", error->at.file, error->at.line,
				   error->at.column, error->text);
		else
			verb_error(opts, "%s", error->text);
	}
	if (script_nr_errors(script) > i)
		verb_error(opts, "%zu more mistakes", script_nr_errors(script) - i);
}

/* ---- what became of a call ---- */

char *script_backend_describe(const struct script_backend *backend,
			      const struct script_answer *answer)
{
	bool verbose = backend->opts->verbosity > 0;
	char *text = NULL;
	size_t size;
	const struct report_options opts = {
		.out = open_memstream(&text, &size),
		.verbose = verbose,
		.brief = !verbose,
		.ffa_version = script_backend_ffa_version(backend),
		.texts = script_backend_texts(backend),
	};
	struct report *report = opts.out ? report_new(&report_text, &opts) : NULL;

	if (report) {
		report_call(report, &answer->call, &answer->verdict);
		report_events(report, answer->events, answer->nr_events);
	}
	report_free(report);
	if (opts.out)
		fclose(opts.out);
	return text;
}
