/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef FFASCOPE_HYP_INTERNAL_H
#define FFASCOPE_HYP_INTERNAL_H

#include "hyp/hyp.h"

/* Writes the message and returns ret. */
int hyp_fail(struct hyp_error *err, int ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The switches of the trace as they were found, or as they are to be. */
struct hyp_settings {
	bool tracing_on;
	bool loaded; /* the buffer holds data or is in use: it cannot be resized */
	unsigned long buffer_kb;
	bool enter, exit, selftest; /* event switches */
};

/* One number out of a file below the root of the trace, or into it. */
int hyp_read_file(const char *dir, const char *name, char *buf, size_t size, struct hyp_error *err);
int hyp_write_file(const char *dir, const char *name, const char *text, struct hyp_error *err);

int hyp_settings_read(const struct hyp_layout *layout, struct hyp_settings *found,
		      struct hyp_error *err);

/*
 * Sets what differs from `found`, for a run that wants buffer_kb. Where the buffer is loaded its
 * size stays. What has been changed when it fails is put back.
 */
int hyp_settings_apply(const struct hyp_layout *layout, const struct hyp_settings *found,
		       unsigned int buffer_kb, struct hyp_error *err);

/* Puts `found` back. Goes on after an error; the first one is returned and told. */
int hyp_settings_restore(const struct hyp_layout *layout, const struct hyp_settings *found,
			 struct hyp_error *err);

/* The lock that keeps a second run out. Returns a file descriptor or a negative errno. */
int hyp_lock(const char *run_dir, struct hyp_error *err);

/* What to put back, kept in a file so that a run that is killed can be repaired. */
int hyp_state_save(const char *run_dir, const struct hyp_layout *layout,
		   const struct hyp_settings *found, struct hyp_error *err);
void hyp_state_drop(const char *run_dir);

/* Puts back what a killed run left; 1 if there was something, 0 if not. */
int hyp_state_repair(const char *run_dir, struct hyp_error *err);

#endif
