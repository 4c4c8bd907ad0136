// SPDX-License-Identifier: GPL-2.0-only
/* One archive with everything that the same diagnosis needs on another machine. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "tar/tar.h"

#define MAX_ARGS 20

static const char readme[] =
	"What `ffascope doctor --bundle' found on one machine.\n"
	"\n"
	"doctor.txt, doctor.json   the diagnosis, check by check\n"
	"root/                     the files that it rests on, cut to the relevant lines:\n"
	"                          `ffascope doctor --root root' repeats the diagnosis\n"
	"calls.*, sweep.*          calls and a sweep made there: `ffascope replay' of this archive\n"
	"                          repeats their verdicts\n"
	"trace.*                   half a second of drivers' calls: registers, names of tasks\n"
	"*.err                     messages of these runs\n"
	"\n"
	"Of the kernel's log only lines of KVM, PSCI, FF-A, OP-TEE, lockdown and ffascope are here, of\n"
	"its command line only parameters of these; no host name, no user, no network address, no serial\n"
	"number. Where the module is not loaded there are no calls, trace and sweep.\n";

struct bundling {
	const struct doctor_bundle *bundle;
	struct tar_writer *tar;
	struct error err;
	void (*tell)(void *ctx, const char *name, size_t size);
	void *ctx;
	char dir[300]; /* for the files made for the archive */
};

static int add(struct bundling *b, const char *name, const void *data, size_t size)
{
	int ret = tar_add(b->tar, name, data, size, &b->err);

	if (!ret)
		b->tell(b->ctx, name, size);
	return ret;
}

/* Adds a file of the folder, if it exists, and removes it. */
static int add_made(struct bundling *b, const char *name)
{
	char path[400];
	char *data = NULL;
	struct stat st;
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && st.st_size > 0)
		data = malloc((size_t)st.st_size);
	if (data && read(fd, data, (size_t)st.st_size) == st.st_size)
		ret = add(b, name, data, (size_t)st.st_size);
	free(data);
	close(fd);
	unlink(path);
	return ret;
}

static void child(const struct bundling *b, const char *name, char **argv)
{
	char path[400];
	int out, err;

	snprintf(path, sizeof(path), "%s/%s.txt", b->dir, name);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	snprintf(path, sizeof(path), "%s/%s.err", b->dir, name);
	err = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	/* The recording keeps the command's words: chdir() keeps this machine's paths out of them. */
	if (out < 0 || err < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir(b->dir))
		_exit(127);
	execv("/proc/self/exe", argv);
	_exit(127);
}

/* Runs this program with its output in files; -EINTR if a signal asked to end. */
static int run(const struct bundling *b, const char *name, const char *const *words)
{
	char *argv[MAX_ARGS] = { (char *)"ffascope" };
	int n = 1, status;
	pid_t pid;

	if (b->bundle->device) {
		argv[n++] = (char *)"--device";
		argv[n++] = (char *)b->bundle->device;
	}
	if (b->bundle->tracefs) {
		argv[n++] = (char *)"--tracefs";
		argv[n++] = (char *)b->bundle->tracefs;
	}
	while (*words && n < MAX_ARGS - 1)
		argv[n++] = (char *)*words++;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		child(b, name, argv);

	/* Let it restore what it changed. */
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
		kill(pid, SIGTERM);
	}
	return b->bundle->stop && *b->bundle->stop ? -EINTR : 0;
}

static int add_calls(struct bundling *b)
{
	static const char *const kinds[] = { "txt", "ffarec", "json", "err" };
	static const char *const names[] = { "calls", "trace", "sweep" };
	static const char *const calls[] = { "-v",	     "call",	    "--record",
					     "calls.ffarec", "--count",	    "20",
					     "features",     "feature=sri", NULL };
	static const char *const sweep[] = { "-v",	     "--color=never",
					     "sweep",	     "--record",
					     "sweep.ffarec", "--save",
					     "sweep.json",   NULL };
	/* Drivers' calls during this time; usually there are few. */
	static const char *const trace[] = { "--color=never", "trace", "--record", "trace.ffarec",
					     "--duration",    "500ms", NULL };
	char name[32];
	int ret;

	ret = run(b, "calls", calls);
	if (!ret)
		ret = run(b, "trace", trace);
	if (!ret)
		ret = run(b, "sweep", sweep);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			int added;

			snprintf(name, sizeof(name), "%s.%s", names[i], kinds[k]);
			added = add_made(b, name);
			ret = ret ? ret : added;
		}
	}
	return ret;
}

static int add_results(struct bundling *b, const struct doctor_facts *facts)
{
	static const struct doctor_choice all = { .notifications = false };
	struct doctor_results results;
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int ret;

	if (!f)
		return -ENOMEM;
	doctor_check(facts, &all, &results);
	doctor_show_text(f, facts, &results, &all, false, true);
	fclose(f);
	ret = add(b, "doctor.txt", text, size);
	free(text);

	text = NULL;
	f = ret ? NULL : open_memstream(&text, &size);
	if (!f)
		return ret ? ret : -ENOMEM;
	ret = doctor_show_json(f, facts, &results, &all);
	fclose(f);
	ret = ret ? ret : add(b, "doctor.json", text, size);
	free(text);
	return ret;
}

static int add_files(struct bundling *b, const struct doctor_source *src)
{
	char name[128];
	int ret = 0;

	for (size_t i = 0; i < src->nr_files && !ret; i++) {
		snprintf(name, sizeof(name), "root%s", src->files[i].path);
		ret = add(b, name, src->files[i].data, src->files[i].size);
	}
	return ret;
}

int doctor_bundle(const struct doctor_bundle *bundle, const struct doctor_source *src,
		  const struct doctor_facts *facts,
		  void (*tell)(void *ctx, const char *name, size_t size), void *ctx, char *err,
		  size_t err_size)
{
	struct bundling b = { .bundle = bundle, .tell = tell, .ctx = ctx };
	struct error end_err;
	int ret, ended;

	/* Next to the archive: some machines have no /tmp. */
	snprintf(b.dir, sizeof(b.dir), "%.280s.XXXXXX", bundle->path);
	if (!mkdtemp(b.dir)) {
		ret = -errno;
		snprintf(err, err_size, "%s: %s", bundle->path, strerror(-ret));
		return ret;
	}

	ret = tar_create(&b.tar, bundle->path, &b.err);
	if (!ret)
		ret = add(&b, "README", readme, strlen(readme));
	if (!ret)
		ret = add_results(&b, facts);
	if (!ret)
		ret = add_files(&b, src);
	if (!ret && bundle->make_calls)
		ret = add_calls(&b);
	ended = tar_finish(b.tar, &end_err);
	if (!ret && ended) {
		ret = ended;
		b.err = end_err;
	}
	rmdir(b.dir);
	if (ret)
		snprintf(err, err_size, "%s", ret == -EINTR ? "ended by a signal" : b.err.text);
	return ret;
}
