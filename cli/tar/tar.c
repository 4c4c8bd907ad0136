// SPDX-License-Identifier: GPL-2.0-only
/*
 * The subset of the ustar format that a bundle needs: plain files, compressed with zlib. A static
 * libarchive would add libxml2, ICU and six more libraries to save these 200 lines.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <tar.h>
#include <unistd.h>
#include <zlib.h>

#include "base/foreign.h"
#include "tar/tar.h"

#define BLOCK	 512
#define MAX_FILE (64u << 20)

/* POSIX.1-2017, pax: ustar Interchange Format. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char chksum[8];
	char typeflag;
	char linkname[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char pad[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

struct tar_writer {
	gzFile file;
	char path[256];
};

struct tar_reader {
	gzFile file;
	char path[256];
	void *data;
};

static unsigned int checksum(const struct header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned int sum = 0;

	/* The checksum counts its own field as blanks. */
	for (size_t i = 0; i < BLOCK; i++) {
		bool own = i >= offsetof(struct header, chksum) &&
			   i < offsetof(struct header, typeflag);

		sum += own ? ' ' : bytes[i];
	}
	return sum;
}

int tar_create(struct tar_writer **out, const char *path, struct error *err)
{
	struct tar_writer *tar = calloc(1, sizeof(*tar));

	if (!tar)
		return error_no_memory(err);

	snprintf(tar->path, sizeof(tar->path), "%s", path);
	errno = 0;
	tar->file = gzopen(path, "wbe");
	if (!tar->file) {
		int ret = error_set(err, errno ? -errno : -ENOMEM, "%s: %s", path,
				    strerror(errno ? errno : ENOMEM));

		free(tar);
		return ret;
	}

	*out = tar;
	return 0;
}

static int put(struct tar_writer *tar, const void *data, size_t size, struct error *err)
{
	errno = 0;
	if (size && gzwrite(tar->file, data, (unsigned int)size) != (int)size)
		return error_set(err, -EIO, "%s: %s", tar->path, strerror(errno ? errno : EIO));
	return 0;
}

int tar_add(struct tar_writer *tar, const char *name, const void *data, size_t size,
	    struct error *err)
{
	static const char zeros[BLOCK];
	struct header header = { .typeflag = REGTYPE };
	int ret;

	if (strlen(name) >= sizeof(header.name) || size > MAX_FILE)
		return error_set(err, -ENAMETOOLONG, "%s: %s: too long for the archive", tar->path,
				 name);

	memcpy(header.name, name, strlen(name));
	/* No owner and no time: they could identify the sender. */
	memcpy(header.mode, "0000644", 8);
	memcpy(header.uid, "0000000", 8);
	memcpy(header.gid, "0000000", 8);
	snprintf(header.size, sizeof(header.size), "%011zo", size);
	memcpy(header.mtime, "00000000000", 12);
	memcpy(header.magic, TMAGIC, TMAGLEN);
	memcpy(header.version, TVERSION, TVERSLEN);
	snprintf(header.chksum, sizeof(header.chksum), "%06o", checksum(&header));
	header.chksum[7] = ' ';

	ret = put(tar, &header, sizeof(header), err);
	if (!ret)
		ret = put(tar, data, size, err);
	return ret ? ret : put(tar, zeros, -size % BLOCK, err);
}

int tar_finish(struct tar_writer *tar, struct error *err)
{
	static const char end[2 * BLOCK];
	int ret;

	if (!tar)
		return 0;

	ret = put(tar, end, sizeof(end), err);
	if (gzclose(tar->file) != Z_OK && !ret)
		ret = error_set(err, -EIO, "%s: %s", tar->path, strerror(errno ? errno : EIO));
	free(tar);
	return ret;
}

/* Copies the rest of a file into memory, because zlib needs a descriptor. Returns it, or -1. */
static int copy_to_memory(FILE *file)
{
	int fd = memfd_create("ffascope-bundle", MFD_CLOEXEC);
	char block[1 << 14];
	size_t len;

	while (fd >= 0 && (len = fread(block, 1, sizeof(block), file)) > 0) {
		if (write(fd, block, len) != (ssize_t)len) {
			close(fd);
			return -1;
		}
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

int tar_open(struct tar_reader **out, FILE *file, const char *name, struct error *err)
{
	struct tar_reader *tar = NULL;
	int fd = copy_to_memory(file);
	int status = ferror(file) ? EIO : ENOMEM;

	if (fd >= 0 && !ferror(file))
		tar = calloc(1, sizeof(*tar));
	fclose(file);
	if (tar) {
		snprintf(tar->path, sizeof(tar->path), "%s", name);
		tar->file = gzdopen(fd, "rb");
	}
	if (tar && tar->file) {
		*out = tar;
		return 0;
	}
	error_set(err, -status, "%s: %s", name, strerror(status));
	if (fd >= 0)
		close(fd);
	free(tar);
	return -EIO;
}

static int damaged(const struct tar_reader *tar, struct error *err)
{
	return error_set(err, -EBADMSG, "%s: not an ffascope bundle, damaged or truncated",
			 tar->path);
}

int tar_next(struct tar_reader *tar, char name[101], const void **data, size_t *size,
	     struct error *err)
{
	static const struct header end;
	struct header header;
	char digits[13] = "";
	size_t room;

	if (gzread(tar->file, &header, sizeof(header)) != sizeof(header))
		return damaged(tar, err);
	if (!memcmp(&header, &end, sizeof(end)))
		return 0;

	memcpy(digits, header.chksum, sizeof(header.chksum));
	if (memcmp(header.magic, TMAGIC, TMAGLEN) || header.prefix[0] ||
	    strtoul(digits, NULL, 8) != checksum(&header))
		return damaged(tar, err);

	memcpy(name, header.name, sizeof(header.name));
	name[sizeof(header.name)] = '\0';
	foreign_clean(name, strlen(name), "");
	memcpy(digits, header.size, sizeof(header.size));
	*size = strtoul(digits, NULL, 8);
	if (*size > MAX_FILE)
		return damaged(tar, err);

	room = *size + -*size % BLOCK;
	free(tar->data);
	tar->data = malloc(room + 1);
	if (!tar->data)
		return error_set(err, -ENOMEM, "%s: out of memory", tar->path);
	if (gzread(tar->file, tar->data, (unsigned int)room) != (int)room)
		return damaged(tar, err);

	*data = tar->data;
	return 1;
}

void tar_close(struct tar_reader *tar)
{
	if (!tar)
		return;

	gzclose(tar->file);
	free(tar->data);
	free(tar);
}
