// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "command/shell.h"

static void offer_word(const char *text, line_editor_candidate_fn fn, void *fn_ctx,
		       const char *typed, size_t len)
{
	if (!strncmp(text, typed, len))
		fn(fn_ctx, text);
}

size_t shell_complete(void *ctx, const char *line, size_t len, line_editor_candidate_fn fn,
		      void *fn_ctx)
{
	struct shell *sh = ctx;
	const char *others[40] = { "help", "quit", "!record" };
	const struct verb *verb;
	size_t n = 3, start = strspn(line, " \t");

	for (size_t i = 0; (verb = sh->verb_at(i)) && n < 39; i++) {
		if (shell_verb(sh, verb->name))
			others[n++] = verb->name;
	}
	/* `help' takes whatever can be typed. */
	if (len > start + 5 && !strncmp(line + start, "help ", 5) &&
	    !memchr(line + start + 5, ' ', len - start - 5)) {
		for (size_t i = 0; i < n; i++)
			offer_word(others[i], fn, fn_ctx, line + start + 5, len - start - 5);
	}
	return script_complete(sh->script, line, len, others, fn, fn_ctx);
}

static void print_candidate(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

void shell_complete_lines(struct shell *sh)
{
	const char *line;

	while ((line = line_editor_read(sh->editor, ""))) {
		shell_complete(sh, line, strlen(line), print_candidate, NULL);
		puts("");
	}
}
