/* SPDX-License-Identifier: GPL-2.0-only */
/* The scripts of one run. */
#ifndef FFASCOPE_RUN_FILES_H
#define FFASCOPE_RUN_FILES_H

#include "command/script_backend.h"

/* Initialise to zero. */
struct run_files {
	struct script **scripts;
	int nr;
};

/*
 * Reads all scripts and prints their mistakes. Returns an exit status, STATUS_USAGE after a mistake.
 * Call run_files_free() in any case.
 */
int run_files_load(struct run_files *files, struct script_backend *backend, char **names, int nr);
void run_files_free(struct run_files *files);

/* Prints each call that needs --allow-state-change. Returns STATUS_USAGE if there is one. */
int run_files_consent(const struct run_files *files, const struct options *opts);

/* Number of cases in all scripts. */
unsigned int run_files_cases(const struct run_files *files);

/* The file's name without folder and ending. Freed by the caller; NULL without memory. */
char *run_files_name(const char *file);

#endif
