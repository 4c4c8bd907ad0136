// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded (LD_PRELOAD), makes allocations fail: the one numbered NOMEM_AT, counted from
 * 1, or with NOMEM_ON all from there on. Writes the number of requests to the file NOMEM_LOG.
 * With NOMEM_STALE none fails, but each sets errno to ENOMEM, as malloc() may.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* glibc's own allocator, under names reserved for replacements. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *reallocarray(void *old, size_t n, size_t size);

static atomic_ulong asked;
static unsigned long at;
static bool on, stale;

static bool fails(void)
{
	unsigned long n = atomic_fetch_add(&asked, 1) + 1;

	if (!at || (on ? n < at : n != at))
		return false;
	errno = ENOMEM;
	return true;
}

static void *leave(void *made)
{
	if (stale)
		errno = ENOMEM;
	return made;
}

void *malloc(size_t size)
{
	return fails() ? NULL : leave(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : leave(__libc_calloc(n, size));
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : leave(__libc_realloc(old, size));
}

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("NOMEM_AT");

	at = text ? strtoul(text, NULL, 10) : 0;
	on = getenv("NOMEM_ON") != NULL;
	stale = getenv("NOMEM_STALE") != NULL;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("NOMEM_LOG");
	char text[32];
	int fd, len;

	if (!path)
		return;
	len = snprintf(text, sizeof(text), "%lu\n", atomic_load(&asked));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		_exit(99);
	close(fd);
}
