// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"
#include "verbs/live.h"
#include "verbs/request.h"

#define MAX_FILE (64 << 20)

void live_init(struct live *live, const struct options *opts)
{
	cpu_set_t set;

	*live = (struct live){
		.opts = opts,
		.session_opts = {
			.device = opts->device,
			.tracefs = opts->tracefs,
			.verb = "run",
			.ffa_version = opts->ffa_version,
			.keep_events = true,
			.stop = &verb_stop,
			.about = &live->about,
		},
	};
	/* Before the first call pins the process to one of them. */
	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	for (int cpu = 0; cpu <= SCRIPT_MAX_CPU && cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			live->cpus[live->nr_cpus++] = cpu;
	}
}

void live_init_replay(struct live *live, const struct options *opts, struct record_reader *reader,
		      const struct record_meta *meta)
{
	const struct record_about *about = record_about(reader);

	*live = (struct live){
		.opts = opts,
		.session_opts = {
			.ffa_version = opts->ffa_version ? opts->ffa_version : meta->ffa_version,
			.keep_events = true,
			.replay = reader,
			.replay_meta = meta,
		},
		.recorded = about,
	};
	for (size_t i = 0; i < about->nr_cpus && live->nr_cpus <= SCRIPT_MAX_CPU; i++)
		live->cpus[live->nr_cpus++] = about->cpus[i];
}

void live_free(struct live *live)
{
	record_about_free(&live->about);
}

int live_close(struct live *live)
{
	struct session_error err;
	int ret = session_close(live->session, &err);

	live->session = NULL;
	if (ret)
		verb_error(live->opts, "%s", err.text);
	return ret;
}

uint32_t live_ffa_version(const struct live *live)
{
	if (live->session)
		return session_ffa_version(live->session);
	return live->session_opts.ffa_version ? live->session_opts.ffa_version
					      : FFA_VERSION_DEFAULT;
}

static void note_status(struct live *live, enum exit_status status)
{
	if (live->status != STATUS_INTERNAL && status != STATUS_DONE)
		live->status = status;
}

static int open_session(struct live *live, char *err, size_t err_size)
{
	struct session_error why;
	int ret;

	if (live->session)
		return 0;

	ret = session_open(&live->session, &live->session_opts, &why);
	if (ret) {
		live->session = NULL;
		snprintf(err, err_size, "%s", why.text);
		return ret;
	}
	if (session_note(live->session))
		verb_note(live->opts, "no trace: %s", session_note(live->session));
	return 0;
}

struct answers {
	struct session *session;
	struct script_answer *answers;
	unsigned int nr;
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
}

int live_call(struct live *live, int cpu, const struct ffa_regs *in, unsigned int n,
	      struct script_answer *answers, unsigned int *done, int *bad, char *err,
	      size_t err_size)
{
	struct answers kept = { .answers = answers };
	struct session_error why = { "" };
	struct ffa_regs *sent;
	int ret;

	*done = 0;
	*bad = -1;
	ret = open_session(live, err, err_size);
	if (ret) {
		note_status(live, ret == -EINTR ? STATUS_DONE : verb_status(ret));
		/* The machine, not this call: no other one is any better. */
		return ret == -EACCES || ret == -EINVAL || ret == -EXDEV ? -ENODEV : ret;
	}

	sent = calloc(n, sizeof(*sent));
	if (!sent)
		return -ENOMEM;
	memcpy(sent, in, n * sizeof(*sent));
	for (unsigned int i = 0; i < n; i++)
		verdict_add_canaries(&sent[i]);

	kept.session = live->session;
	ret = session_call(live->session, cpu, sent, n, 1, bad, keep_answer, &kept, &why);
	free(sent);
	*done = kept.nr;
	if (!ret || ret == -EINTR)
		return ret;

	snprintf(err, err_size, "%s", why.text);
	/* A CPU that is not there and a call that the module refuses: this machine cannot. */
	if (*bad <= 0)
		note_status(live,
			    ret == -EINVAL || ret == -EXDEV ? STATUS_CANNOT : verb_status(ret));
	return ret;
}

int live_require(struct live *live, const struct script_stmt *stmt, char *why, size_t size)
{
	int ret = open_session(live, why, size);
	char have[16];

	if (ret == -EINTR)
		return ret;
	if (ret && stmt->requirement == SCRIPT_REQUIRE_MODULE && verb_status(ret) == STATUS_CANNOT)
		return 0;
	if (ret) {
		note_status(live, verb_status(ret));
		return ret == -EACCES || ret == -EINVAL ? -ENODEV : ret;
	}

	switch (stmt->requirement) {
	case SCRIPT_REQUIRE_TRACING:
		if (!session_note(live->session))
			return 1;
		snprintf(why, size, "no trace: %s", session_note(live->session));
		return 0;
	case SCRIPT_REQUIRE_FFA:
		if (session_ffa_version(live->session) >= stmt->version)
			return 1;
		ffa_format_version(session_ffa_version(live->session), have, sizeof(have));
		snprintf(why, size, "FF-A %s is in force here, %s is wanted", have,
			 ffa_version_name(stmt->version));
		return 0;
	default:
		return 1;
	}
}

unsigned int live_cpus(const struct live *live, int *cpu, unsigned int n)
{
	for (unsigned int i = 0; i < n && i < live->nr_cpus; i++)
		cpu[i] = live->cpus[i];
	return live->nr_cpus;
}

const char *live_refuse(struct live *live, const struct ffa_regs *in)
{
	const char *changes = live->allow ? NULL : request_changes(in);

	if (changes)
		note_status(live, STATUS_USAGE);
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

int live_load(void *ctx, const char *from, const char *path, char **name, char **text, size_t *len,
	      char *err, size_t err_size)
{
	struct live *live = ctx;
	int ret;

	*name = resolve(from, path);
	if (!*name)
		return -ENOMEM;

	if (live && live->recorded)
		ret = load_recorded(live->recorded, *name, text, len);
	else
		ret = load_file(!from && !strcmp(path, "-"), *name, text, len);
	if (!ret && live && live->session_opts.record &&
	    record_about_file(&live->about, *name, *text, *len)) {
		free(*text);
		ret = -ENOMEM;
	}
	if (ret) {
		snprintf(err, err_size, "%s: %s", *name,
			 live && live->recorded ? "not in the recording" : strerror(-ret));
		free(*name);
	}
	return ret;
}

void live_tell_mistakes(const struct options *opts, const struct script *script)
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

static const char *reason_name(unsigned char reason)
{
	static const char *const names[] = {
		[HYP_REASON_SMC] = "smc",
		[HYP_REASON_HVC] = "hvc",
		[HYP_REASON_SYS] = "sys",
		[HYP_REASON_PSCI] = "psci",
		[HYP_REASON_HOST_ABORT] = "host_abort",
		[HYP_REASON_GUEST_EXIT] = "guest_exit",
		[HYP_REASON_ERET_HOST] = "eret_host",
		[HYP_REASON_ERET_GUEST] = "eret_guest",
		[HYP_REASON_UNKNOWN] = "unknown",
	};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "";
}

static void describe_events(FILE *out, const struct script_answer *answer)
{
	static const char *const types[] = {
		[HYP_EVENT_ENTER] = "hyp_enter",
		[HYP_EVENT_EXIT] = "hyp_exit",
		[HYP_EVENT_SELFTEST] = "selftest",
		[HYP_EVENT_HOST_SMC] = "host_smc",
	};

	for (unsigned int i = 0; i < answer->nr_events; i++) {
		const struct hyp_event *ev = &answer->events[i];

		fprintf(out, "  %-10s+%llu ns %s %s\n", i ? "" : "trace",
			ev->ts - answer->events[0].ts,
			ev->type <= HYP_EVENT_HOST_SMC && types[ev->type] ? types[ev->type] : "?",
			reason_name(ev->reason));
	}
}

char *live_describe(const struct live *live, const struct script_answer *answer)
{
	char *text = NULL;
	size_t size;
	const struct report_options opts = {
		.out = open_memstream(&text, &size),
		.verbose = true,
		.ffa_version = live_ffa_version(live),
	};
	struct report *report = opts.out ? report_new(&report_text, &opts) : NULL;

	if (report) {
		report_call(report, &answer->call, &answer->verdict);
		describe_events(opts.out, answer);
	}
	report_free(report);
	if (opts.out)
		fclose(opts.out);
	return text;
}
