// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/sweep_file.h"

/* A sweep of every call of the catalogue has less. */
#define MAX_SIZE (64U << 20)

static int read_all(FILE *f, char **text, size_t *len)
{
	size_t size = 1 << 16, got;
	char *more;

	*text = malloc(size);
	*len = 0;
	while (*text && (got = fread(*text + *len, 1, size - *len - 1, f)) > 0) {
		*len += got;
		if (*len + 1 < size)
			continue;
		if (size > MAX_SIZE)
			return -EFBIG;
		size *= 2;
		more = realloc(*text, size);
		if (!more)
			return -ENOMEM;
		*text = more;
	}
	if (!*text)
		return -ENOMEM;
	(*text)[*len] = '\0';
	return ferror(f) ? -EIO : 0;
}

int sweep_file_parse(const struct options *opts, const char *path, const char *text, size_t len,
		     struct sweep *sweep)
{
	struct error err;
	int ret = sweep_parse(text, len, sweep, &err);

	if (ret)
		verb_error(opts, "%s: %s", path, ret == -ENOMEM ? "out of memory" : err.text);
	return ret;
}

int sweep_file_load(const struct options *opts, const char *path, struct sweep *sweep,
		    struct record_about *keep)
{
	FILE *f = fopen(path, "re");
	int ret = f ? 0 : -errno;

	if (f)
		return sweep_file_read(opts, f, path, sweep, keep);
	verb_error(opts, "%s: %s", path, strerror(-ret));
	return ret;
}

int sweep_file_read(const struct options *opts, FILE *f, const char *path, struct sweep *sweep,
		    struct record_about *keep)
{
	char *text = NULL;
	size_t len;
	int ret;

	errno = 0;
	ret = read_all(f, &text, &len);
	if (!ret && keep)
		ret = record_about_file(keep, path, text, len);
	if (ret)
		verb_error(opts, "%s: %s", path, strerror(ret == -EIO && errno ? errno : -ret));
	else
		ret = sweep_file_parse(opts, path, text, len, sweep);
	free(text);
	fclose(f);
	return ret;
}

int sweep_file_open(const struct options *opts, const char *path, struct sweep_file *file)
{
	int fd, ret;

	*file = (struct sweep_file){ .path = path };
	if (!path)
		return 0;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	file->created = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		file->file = fdopen(fd, "w");
	if (!file->file) {
		ret = -errno;
		verb_error(opts, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ret;
	}
	return 0;
}

FILE *sweep_file_begin(struct sweep_file *file)
{
	struct stat st;
	int fd = fileno(file->file);

	file->created = false;
	/* A terminal or a pipe cannot be emptied, and need not be. */
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && ftruncate(fd, 0))
		clearerr(file->file);
	return file->file;
}

int sweep_file_close(const struct options *opts, struct sweep_file *file)
{
	int ret = 0;

	if (!file->file)
		return 0;

	errno = 0;
	if (ferror(file->file) | fclose(file->file)) {
		ret = errno ? -errno : -EIO;
		verb_error(opts, "%s: %s", file->path, strerror(-ret));
	}
	file->file = NULL;
	if (file->created)
		unlink(file->path);
	return ret;
}
