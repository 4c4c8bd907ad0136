// SPDX-License-Identifier: GPL-2.0-only
/* Lines of the shell that are not of the language of scripts: its own commands, and other verbs. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/shell.h"

#define MAX_ARGS 64

const struct verb *shell_verb(const struct shell *sh, const char *name)
{
	const struct verb *verb;

	for (size_t i = 0; (verb = sh->verb_at(i)); i++) {
		/* A call is a line of the language; a shell in a shell has no sense. */
		if (!strcmp(verb->name, name) && strcmp(name, "call") && strcmp(name, "shell"))
			return verb;
	}
	return NULL;
}

/* Whether a verb leaves the device and the trace alone. */
static bool is_pure(const char *name)
{
	static const char *const names[] = { "list", "describe", "decode", "replay", "diff" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* Another verb opens the device itself, so the shell closes it first. */
static void leave_machine(struct shell *sh)
{
	if (sh->backend.session && sh->record)
		verb_note(sh->opts, "the recording %s ends here", sh->record);
	script_backend_close(&sh->backend);
	free(sh->record);
	sh->record = NULL;
	sh->backend.session_opts.record = NULL;
}

static void __attribute__((noreturn))
verb_process(const struct options *opts, const struct verb *verb, int argc, char **argv)
{
	int status;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	status = verb->run(opts, argc, argv);
	fflush(NULL);
	if (verb_stop) {
		signal(verb_stop, SIG_DFL);
		raise(verb_stop);
	}
	_exit(status);
}

/* In a child process: wrong usage of a verb ends the program, and Ctrl-C must end only the verb. */
static void run_verb(struct shell *sh, const struct verb *verb, int argc, char **argv)
{
	int status;
	pid_t pid;

	if (!is_pure(verb->name))
		leave_machine(sh);
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		verb_error(sh->opts, "fork: %s", strerror(errno));
		return;
	}
	if (!pid)
		verb_process(sh->opts, verb, argc, argv);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
		/* A request to end the shell alone is passed to the verb. */
		if (verb_stop && verb_stop != SIGINT)
			kill(pid, verb_stop);
	}
	sh->failed = sh->failed || !WIFEXITED(status) || WEXITSTATUS(status);
}

/* Words of a verb: blanks part them, quotes keep them together. */
static int split(char *line, char **argv, int max)
{
	char *from = line, *to = line;
	int argc = 0;

	while (argc < max - 1) {
		bool quoted = false;

		while (*from == ' ' || *from == '\t')
			from++;
		if (!*from || *from == '#')
			break;
		argv[argc++] = to;
		while (*from && (quoted || (*from != ' ' && *from != '\t'))) {
			if (*from == '"')
				quoted = !quoted;
			else
				*to++ = *from;
			from++;
		}
		if (*from)
			from++;
		*to++ = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

static void list_commands(const struct shell *sh)
{
	const struct verb *verb;

	puts("The language of scripts, ffascope-script(5):");
	for (size_t i = 0; script_keyword(i); i++)
		printf("  %s\n", script_usage(script_keyword(i)));
	puts("Verbs, as on the command line:");
	for (size_t i = 0; (verb = sh->verb_at(i)); i++) {
		if (shell_verb(sh, verb->name))
			printf("  %-10s %s\n", verb->name, verb->help);
	}
	puts("Here only:\n"
	     "  help CALL     describes a call\n"
	     "  !record FILE  keeps the evidence of the calls that follow; !record alone ends that\n"
	     "  quit          or Ctrl-D; Ctrl-C ends a call");
}

static void help(struct shell *sh, int argc, char **argv)
{
	const struct verb *describe = shell_verb(sh, "describe");
	const struct verb *verb;

	if (argc > 1 && script_usage(argv[1])) {
		printf("%s\n", script_usage(argv[1]));
		return;
	}
	verb = argc > 1 ? shell_verb(sh, argv[1]) : NULL;
	if (verb) {
		char *words[] = { argv[1], (char *)"--help", NULL };

		run_verb(sh, verb, 2, words);
		return;
	}
	if (argc > 1 && describe) {
		run_verb(sh, describe, argc, argv);
		return;
	}
	list_commands(sh);
}

static void no_memory(struct shell *sh)
{
	verb_error(sh->opts, "out of memory: this line is ignored");
	sh->no_memory = true;
	/* Lines that follow in a file can depend on this one. */
	sh->done = !sh->terminal;
}

static void record(struct shell *sh, const char *file)
{
	script_backend_close(&sh->backend);
	free(sh->record);
	sh->record = file ? strdup(file) : NULL;
	sh->backend.session_opts.record = sh->record;
	if (file && !sh->record)
		no_memory(sh);
	else if (sh->record)
		verb_note(sh->opts, "recording to %s from the next call on", sh->record);
	else
		verb_note(sh->opts, "not recording");
}

bool shell_command(struct shell *sh, const char *line)
{
	char *copy, *argv[MAX_ARGS];
	const struct verb *verb;
	bool own = true;
	int argc;

	copy = strdup(line);
	if (!copy) {
		no_memory(sh);
		return true;
	}
	argc = split(copy, argv, MAX_ARGS);
	verb = argc ? shell_verb(sh, argv[0]) : NULL;
	if (!argc)
		own = script_open_blocks(sh->script) == 0;
	else if (script_open_blocks(sh->script))
		own = false;
	else if (!strcmp(argv[0], "quit") || !strcmp(argv[0], "exit"))
		sh->done = true;
	else if (!strcmp(argv[0], "help") || !strcmp(argv[0], "?"))
		help(sh, argc, argv);
	else if (!strcmp(argv[0], "!record"))
		record(sh, argc > 1 ? argv[1] : NULL);
	else if (verb)
		run_verb(sh, verb, argc, argv);
	else
		own = false;

	free(copy);
	return own;
}
