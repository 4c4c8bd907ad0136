// SPDX-License-Identifier: GPL-2.0-only
/*
 * phase COMMAND [ARGUMENT...]: runs the command between two instructions that tell the plugin where it begins and ends.
 * Exits with the command's status.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status;
	pid_t child;

	if (argc < 2)
		return 2;
	__asm__ volatile("hint #0x65");
	child = fork();
	if (!child) {
		execvp(argv[1], argv + 1);
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	__asm__ volatile("hint #0x66");
	if (child < 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
