// SPDX-License-Identifier: GPL-2.0-only
/* with-signals COMMAND...: runs it with the default SIGINT action, which a shell's background job lacks. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;

	signal(SIGINT, SIG_DFL);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
