// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command/shell.h"

static void make_folders(char *file)
{
	for (char *slash = strchr(file + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(file, 0700) && errno != EEXIST && errno != EROFS && errno != EACCES)
			break;
		*slash = '/';
	}
}

char *shell_history_file(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *file = NULL;

	/* XDG Base Directory: a relative path is to be ignored. */
	if (state && state[0] == '/') {
		if (asprintf(&file, "%s/ffascope/history", state) < 0)
			return NULL;
	} else if (!home || home[0] != '/' ||
		   asprintf(&file, "%s/.local/state/ffascope/history", home) < 0) {
		return NULL;
	}
	make_folders(file);
	return file;
}
