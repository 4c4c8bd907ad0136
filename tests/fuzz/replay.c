// SPDX-License-Identifier: GPL-2.0-only
/* Runs a fuzz target on all files of the given folders: tests the corpus with any compiler. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define LARGEST 65536

static int replay(const char *path)
{
	uint8_t *data = malloc(LARGEST);
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file || !data) {
		perror(path);
		return 1;
	}
	size = fread(data, 1, LARGEST, file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);

	return 0;
}

int main(int argc, char **argv)
{
	unsigned int n = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (!dir) {
			perror(argv[i]);
			return 1;
		}
		while ((entry = readdir(dir))) {
			char path[4096];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			if (replay(path))
				return 1;
			n++;
		}
		closedir(dir);
	}
	printf("%u inputs\n", n);

	return !n;
}
