// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm COMMAND...: runs it under a storm of unrelated signals: it is stopped and continued
 * repeatedly, and gets SIGALRM once it handles that. Exits with the command's status.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVERY_US 20000

/* Whether the process has a handler for the signal: "SigCgt:" of /proc/PID/status. */
static bool handles(pid_t pid, int sig)
{
	char path[64], line[256];
	uint64_t caught = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "SigCgt:", 7))
			caught = strtoull(line + 7, NULL, 16);
	}
	if (f)
		fclose(f);
	return caught >> (sig - 1) & 1;
}

int main(int argc, char **argv)
{
	unsigned long signals = 0;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;

	pid = fork();
	if (!pid) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	while (pid > 0) {
		kill(pid, SIGSTOP);
		if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
			break;
		/* Stopped, it cannot remove a handler. */
		if (handles(pid, SIGALRM) && !kill(pid, SIGALRM))
			signals++;
		kill(pid, SIGCONT);
		signals += 2;
		usleep(EVERY_US);
	}
	fprintf(stderr, "storm: %lu signals\n", signals);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
