/* SPDX-License-Identifier: GPL-2.0-only */
/* The message that goes with a negative errno. */
#ifndef FFASCOPE_BASE_ERROR_H
#define FFASCOPE_BASE_ERROR_H

struct error {
	char text[768]; /* one line without its newline: what failed, and what to type */
};

/*
 * Writes the message and returns ret, which is a negative errno. The arguments may refer to
 * err->text, so a caller can add to the message that it got.
 */
int error_set(struct error *err, int ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The message for -ENOMEM. */
int error_no_memory(struct error *err);

#endif
