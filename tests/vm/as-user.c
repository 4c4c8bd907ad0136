// SPDX-License-Identifier: GPL-2.0-only
/* as-user COMMAND...: runs it as user 1000, without capabilities. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;

	if (setgid(1000) || setuid(1000)) {
		perror("as-user");
		return 5;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
