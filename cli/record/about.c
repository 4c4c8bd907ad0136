// SPDX-License-Identifier: GPL-2.0-only
/* How a recorded run was made. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

int record_about_arg(struct record_about *about, const char *arg)
{
	char **argv = reallocarray(about->argv, about->argc + 2, sizeof(*argv));

	if (!argv)
		return -ENOMEM;
	about->argv = argv;
	argv[about->argc + 1] = NULL;
	argv[about->argc] = strdup(arg);
	if (!argv[about->argc])
		return -ENOMEM;
	about->argc++;
	return 0;
}

int record_about_file(struct record_about *about, const char *name, const char *data, size_t len)
{
	struct record_file *files, file = { .len = len };

	/* A file that was read twice is kept once. */
	if (record_about_find(about, name))
		return 0;

	files = reallocarray(about->files, about->nr_files + 1, sizeof(*files));
	if (!files)
		return -ENOMEM;
	about->files = files;

	file.name = strdup(name);
	file.data = malloc(len + 1);
	if (!file.name || !file.data) {
		free(file.name);
		free(file.data);
		return -ENOMEM;
	}
	memcpy(file.data, data, len);
	file.data[len] = '\0';
	files[about->nr_files++] = file;
	return 0;
}

int record_about_cpu(struct record_about *about, int cpu)
{
	int *cpus = reallocarray(about->cpus, about->nr_cpus + 1, sizeof(*cpus));

	if (!cpus)
		return -ENOMEM;
	about->cpus = cpus;
	cpus[about->nr_cpus++] = cpu;
	return 0;
}

const struct record_file *record_about_find(const struct record_about *about, const char *name)
{
	for (size_t i = 0; i < about->nr_files; i++) {
		if (!strcmp(about->files[i].name, name))
			return &about->files[i];
	}
	return NULL;
}

void record_about_free(struct record_about *about)
{
	for (size_t i = 0; i < about->argc; i++)
		free(about->argv[i]);
	for (size_t i = 0; i < about->nr_files; i++) {
		free(about->files[i].name);
		free(about->files[i].data);
	}
	free(about->argv);
	free(about->files);
	free(about->cpus);
	free(about->note);
	free(about->tool);
	*about = (struct record_about){ 0 };
}
