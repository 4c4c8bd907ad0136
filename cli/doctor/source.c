// SPDX-License-Identifier: GPL-2.0-only
/* Reads files of this machine or below a folder, and keeps their text. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "doctor/doctor.h"

#define TRACEFS			  "/sys/kernel/tracing"

#define SYSLOG_ACTION_READ_ALL	  3
#define SYSLOG_ACTION_SIZE_BUFFER 10

/* Upper limit in bytes; the biggest file, a kernel's BTF, has some 8 MiB. */
#define MAX_SIZE		  (64u << 20)

static void full_path(const struct doctor_source *src, const char *path, char *full, size_t size)
{
	size_t prefix = strlen(TRACEFS);

	if (!src->root[0] && src->tracefs && !strncmp(path, TRACEFS, prefix))
		snprintf(full, size, "%s%s", src->tracefs, path + prefix);
	else
		snprintf(full, size, "%s%s", src->root, path);
}

static struct doctor_file *find_file(const struct doctor_source *src, const char *path)
{
	for (size_t i = 0; i < src->nr_files; i++) {
		if (!strcmp(src->files[i].path, path))
			return &src->files[i];
	}
	return NULL;
}

/* Takes over data, and frees it on failure. */
static const char *add_file(struct doctor_source *src, const char *path, char *data, size_t size)
{
	struct doctor_file *file = find_file(src, path);

	if (!file) {
		struct doctor_file *files =
			reallocarray(src->files, src->nr_files + 1, sizeof(*files));

		if (files)
			src->files = files;
		file = files ? &files[src->nr_files] : NULL;
		if (!file || !(file->path = strdup(path))) {
			free(data);
			errno = ENOMEM;
			return NULL;
		}
		src->nr_files++;
	} else {
		free(file->data);
	}

	file->data = data;
	file->size = size;
	return data;
}

/* zlib passes uncompressed files through; only config.gz may be compressed. */
static char *slurp(const char *path, size_t *size)
{
	size_t room = 65536, len = 0;
	char *data = malloc(room + 1);
	gzFile f = gzopen(path, "rbe");
	int got = -1;

	if (!f || !data)
		goto fail;

	while ((got = gzread(f, data + len, (unsigned int)(room - len))) > 0) {
		len += (size_t)got;
		if (len == room) {
			char *more = room < MAX_SIZE ? realloc(data, 2 * room + 1) : NULL;

			if (!more)
				goto fail;
			data = more;
			room *= 2;
		}
	}
	if (got < 0)
		goto fail;

	gzclose(f);
	data[len] = '\0';
	*size = len;
	return data;

fail:
	/* Folders open, and do not read. */
	if (f) {
		gzclose(f);
		errno = errno ? errno : EIO;
	}
	free(data);
	return NULL;
}

static char *read_log(size_t *size)
{
	int room = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0), len;
	char *log;

	if (room < 1 << 16)
		room = 1 << 16;
	log = malloc((size_t)room + 1);
	if (!log)
		return NULL;

	len = klogctl(SYSLOG_ACTION_READ_ALL, log, room);
	if (len < 0) {
		free(log);
		return NULL;
	}
	log[len] = '\0';
	*size = (size_t)len;
	return log;
}

/* Drops the lines that keep() rejects; returns the new size. */
static size_t filter(char *data, size_t size, doctor_keep_fn keep)
{
	size_t out = 0;

	for (size_t at = 0; at < size;) {
		const char *nl = memchr(data + at, '\n', size - at);
		size_t len = nl ? (size_t)(nl - (data + at)) : size - at;

		if (keep(data + at, len)) {
			memmove(data + out, data + at, len);
			out += len;
			data[out++] = '\n';
		}
		at += len + 1;
	}
	/* The last line may have had no newline; the buffer has room for the NUL. */
	if (out > size)
		out = size;
	data[out] = '\0';
	return out;
}

const char *doctor_read(struct doctor_source *src, const char *path, doctor_keep_fn keep)
{
	char full[512];
	size_t size;
	char *data;

	errno = 0;
	full_path(src, path, full, sizeof(full));
	data = !src->root[0] && !strcmp(path, "/kmsg") ? read_log(&size) : slurp(full, &size);
	if (!data)
		return NULL;

	if (keep)
		size = filter(data, size, keep);
	return add_file(src, path, data, size);
}

bool doctor_exists(struct doctor_source *src, const char *path)
{
	char full[512];
	struct stat st;

	full_path(src, path, full, sizeof(full));
	if (stat(full, &st))
		return false;
	/* A bundle holds files only: keep an empty file to show that the folder exists. */
	snprintf(full, sizeof(full), "%s%s", path, S_ISDIR(st.st_mode) ? "/.folder" : "");
	if (!find_file(src, full))
		doctor_keep(src, full, "");
	return true;
}

const char *doctor_keep(struct doctor_source *src, const char *path, const char *text)
{
	char *copy = strdup(text);

	return copy ? add_file(src, path, copy, strlen(copy)) : NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

size_t doctor_names(struct doctor_source *src, const char *path, char names[][64], size_t n)
{
	struct dirent *entry;
	char full[512];
	size_t found = 0;
	DIR *dir;

	full_path(src, path, full, sizeof(full));
	dir = opendir(full);
	if (!dir)
		return 0;
	while (found < n && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < 64)
			memcpy(names[found++], entry->d_name, strlen(entry->d_name) + 1);
	}
	closedir(dir);
	qsort(names, found, 64, compare_names);
	return found;
}

void doctor_source_free(struct doctor_source *src)
{
	for (size_t i = 0; i < src->nr_files; i++) {
		free(src->files[i].path);
		free(src->files[i].data);
	}
	free(src->files);
	src->files = NULL;
	src->nr_files = 0;
}
