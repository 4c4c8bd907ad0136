// SPDX-License-Identifier: GPL-2.0-only
/* Small files of the kernel: read and written whole, with a message that says what to do. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hyp/internal.h"

int hyp_read_file(const char *dir, const char *name, char *buf, size_t size, struct error *err)
{
	char path[512];
	ssize_t len;
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s%s", path, strerror(errno),
				 errno == EACCES ? ". Run as root and try again" : "");

	len = read(fd, buf, size - 1);
	if (len < 0)
		ret = error_set(err, -errno, "%s: %s", path, strerror(errno));
	else
		buf[len] = '\0';
	close(fd);

	return ret;
}

int hyp_write_file(const char *dir, const char *name, const char *text, struct error *err)
{
	char path[512];
	ssize_t len;
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s%s", path, strerror(errno),
				 errno == EACCES ? ". Run as root and try again" : "");

	/* A signal without SA_RESTART must not leave a switch half set. */
	do {
		len = write(fd, text, strlen(text));
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		ret = error_set(err, -errno, "writing %.*s to %s: %s", (int)strcspn(text, "\n"),
				text, path, strerror(errno));
	close(fd);

	return ret;
}
