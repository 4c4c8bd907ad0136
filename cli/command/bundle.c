// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/foreign.h"
#include "command/bundle.h"
#include "tar/tar.h"

FILE *bundle_open(const struct options *opts, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!file)
		verb_error(opts, "%s: %s", path, strerror(errno));
	return file;
}

int bundle_peek(FILE *file)
{
	int c = getc(file);

	return c == EOF ? EOF : ungetc(c, file);
}

/* The higher of two exit statuses: an error, then an unknown verdict. */
static int worse(int a, int b)
{
	return a > b ? a : b;
}

static bool is_recording(const char *name, size_t size)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".ffarec") && size;
}

static int each_recording(const struct options *opts, const char *name, const void *data,
			  size_t size, bundle_fn fn, void *ctx)
{
	FILE *file = fmemopen((void *)data, size, "r");
	struct record_reader *reader;
	struct record_meta meta;
	struct error err;
	int status;

	if (!file || record_open_stream(&reader, file, name, &meta, &err)) {
		verb_error(opts, "%s", file ? err.text : "out of memory");
		return STATUS_INTERNAL;
	}
	status = fn(ctx, name, reader, &meta);
	record_close(reader);
	return status;
}

static void take_text(bundle_text_fn fn, void *ctx, const void *data, size_t size)
{
	char *text = strndup(data, size);

	if (!text)
		return;
	foreign_clean(text, strlen(text), "\n");
	fn(ctx, text);
	free(text);
}

int bundle_each(const struct options *opts, FILE *file, const char *path, bundle_fn fn,
		bundle_text_fn text, void *ctx)
{
	struct tar_reader *tar = NULL;
	struct error err;
	int status = STATUS_DONE, ret;
	const void *data;
	bool any = false;
	char name[101];
	size_t size;

	ret = tar_open(&tar, file, path, &err);
	while (!ret && (ret = tar_next(tar, name, &data, &size, &err)) > 0) {
		ret = 0;
		if (text && !strcmp(name, "doctor.txt"))
			take_text(text, ctx, data, size);
		if (!is_recording(name, size))
			continue;
		any = true;
		status = worse(status, each_recording(opts, name, data, size, fn, ctx));
	}
	if (ret < 0)
		verb_error(opts, "%s", err.text);
	else if (!any)
		verb_error(opts, "%s: no recording is in it", path);
	tar_close(tar);
	return ret < 0 || !any ? STATUS_INTERNAL : status;
}
