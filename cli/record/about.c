// SPDX-License-Identifier: GPL-2.0-only
/* How a recorded run was made. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

/*
 * A copy of a word of the command line, or of a file's name: in "/home/NAME/..." the name of a person
 * is replaced, as a recording is passed on. NULL without memory.
 */
static char *without_user(const char *text)
{
	static const char home[] = "/home/", user[] = "user";
	const char *at = strstr(text, home), *rest;
	char *copy;

	if (!at || !at[sizeof(home) - 1])
		return strdup(text);
	at += sizeof(home) - 1;
	rest = at + strcspn(at, "/");
	if (asprintf(&copy, "%.*s%s%s", (int)(at - text), text, user, rest) < 0)
		return NULL;
	return copy;
}

int record_about_arg(struct record_about *about, const char *arg)
{
	char **argv = reallocarray(about->argv, about->argc + 2, sizeof(*argv));

	if (!argv)
		return -ENOMEM;
	about->argv = argv;
	argv[about->argc + 1] = NULL;
	argv[about->argc] = without_user(arg);
	if (!argv[about->argc])
		return -ENOMEM;
	about->argc++;
	return 0;
}

int record_about_file(struct record_about *about, const char *name, const char *data, size_t len)
{
	struct record_file *files, file = { .len = len, .name = without_user(name) };

	if (!file.name)
		return -ENOMEM;
	/* A file that was read twice is kept once. */
	if (record_about_find(about, file.name)) {
		free(file.name);
		return 0;
	}

	files = reallocarray(about->files, about->nr_files + 1, sizeof(*files));
	if (!files) {
		free(file.name);
		return -ENOMEM;
	}
	about->files = files;

	file.data = malloc(len + 1);
	if (!file.data) {
		free(file.name);
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
