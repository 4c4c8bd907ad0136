// SPDX-License-Identifier: GPL-2.0-only
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "command/run_files.h"

static int no_memory(const struct options *opts)
{
	verb_error(opts, "out of memory");
	return STATUS_INTERNAL;
}

int run_files_load(struct run_files *files, struct script_backend *backend, char **names, int nr)
{
	size_t mistakes = 0;

	files->scripts = calloc((size_t)nr, sizeof(struct script *));
	if (!files->scripts)
		return no_memory(backend->opts);
	files->nr = nr;

	for (int i = 0; i < nr; i++) {
		files->scripts[i] = script_new(script_backend_load, backend);
		if (!files->scripts[i])
			return no_memory(backend->opts);
		mistakes += script_load(files->scripts[i], names[i]);
		script_backend_tell_mistakes(backend->opts, files->scripts[i]);
		if (script_out_of_memory(files->scripts[i]))
			return STATUS_INTERNAL;
	}
	return mistakes ? STATUS_USAGE : STATUS_DONE;
}

void run_files_free(struct run_files *files)
{
	for (int i = 0; i < files->nr; i++)
		script_free(files->scripts[i]);
	free(files->scripts);
}

struct consent {
	const struct options *opts;
	unsigned int found;
};

static void tell_consent(void *ctx, const struct script_stmt *call, const char *changes)
{
	struct consent *consent = ctx;

	consent->found++;
	verb_error(consent->opts,
		   "%s:%u:%u: this call %s. Use --allow-state-change to make it anyway",
		   call->at.file, call->at.line, call->at.column, changes);
}

int run_files_consent(const struct run_files *files, const struct options *opts)
{
	struct consent consent = { .opts = opts };

	for (int i = 0; i < files->nr; i++)
		script_consents(files->scripts[i], tell_consent, &consent);
	return consent.found ? STATUS_USAGE : STATUS_DONE;
}

unsigned int run_files_cases(const struct run_files *files)
{
	unsigned int n = 0;

	for (int i = 0; i < files->nr; i++)
		n += script_nr_cases(files->scripts[i]);
	return n;
}

char *run_files_name(const char *file)
{
	char *copy = strdup(file), *name = NULL;
	const char *base;
	size_t len;

	if (!copy)
		return NULL;
	base = strcmp(file, "-") ? basename(copy) : "stdin";
	len = strlen(base);
	if (len > 4 && !strcmp(base + len - 4, ".ffa"))
		len -= 4;
	name = strndup(base, len);
	free(copy);
	return name;
}
