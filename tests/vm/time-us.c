// SPDX-License-Identifier: GPL-2.0-only
/*
 * time-us COMMAND...: runs it, passes its output on, then prints "first output after M us" and the
 * total time, "N us"; exits with the command's status.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	long long start, first = -1, took;
	int status, out[2];
	char buf[65536];
	ssize_t len;
	pid_t pid;

	if (argc < 2 || pipe(out))
		return 2;

	start = now_us();
	pid = fork();
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	close(out[1]);
	while ((len = read(out[0], buf, sizeof(buf))) > 0) {
		if (first < 0)
			first = now_us() - start;
		if (write(STDOUT_FILENO, buf, (size_t)len) < 0)
			return 5;
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 5;

	took = now_us() - start;
	printf("first output after %lld us\n%lld us\n", first, took);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
