// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "config.h"
#include "verbs/edit.h"

#ifdef HAVE_LIBEDIT
#include <histedit.h>
#include <signal.h>
#include <wchar.h>

#include "verbs/verb.h"

#define HISTORY_SIZE 1000
#endif

struct edit {
	char *line; /* where there is no editing */
	size_t size;
#ifdef HAVE_LIBEDIT
	EditLine *el;
	History *history;
	char *file;
	const char *prompt;
	edit_complete_fn complete;
	void *ctx;
#endif
};

/* A line from a file or a pipe. */
static const char *plain_line(struct edit *edit)
{
	ssize_t len;

	errno = 0;
	len = getline(&edit->line, &edit->size, stdin);
	if (len < 0) {
		clearerr(stdin);
		return NULL;
	}
	/* A NUL in it would hide what comes behind. */
	for (ssize_t i = 0; i < len; i++)
		edit->line[i] = edit->line[i] ? edit->line[i] : '\1';
	if (len && edit->line[len - 1] == '\n')
		edit->line[len - 1] = '\0';
	return edit->line;
}

#ifdef HAVE_LIBEDIT

struct candidates {
	char **text;
	size_t nr;
};

static void keep_candidate(void *ctx, const char *text)
{
	struct candidates *all = ctx;
	char **more;

	for (size_t i = 0; i < all->nr; i++) {
		if (!strcmp(all->text[i], text))
			return;
	}
	more = reallocarray(all->text, all->nr + 1, sizeof(*more));
	if (!more)
		return;
	all->text = more;
	all->text[all->nr] = strdup(text);
	all->nr += !!all->text[all->nr];
}

/* How many characters all candidates have in common. */
static size_t common_length(const struct candidates *all)
{
	size_t len = strlen(all->text[0]);

	for (size_t i = 1; i < all->nr; i++) {
		size_t same = 0;

		while (same < len && all->text[i][same] == all->text[0][same])
			same++;
		len = same;
	}
	return len;
}

static void show_candidates(const struct candidates *all)
{
	struct winsize size = { 0 };
	size_t width = 0, columns;

	for (size_t i = 0; i < all->nr; i++)
		width = strlen(all->text[i]) > width ? strlen(all->text[i]) : width;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		size.ws_col = 80;
	columns = size.ws_col / (width + 1);
	columns = columns ? columns : 1;

	putchar('\n');
	for (size_t i = 0; i < all->nr; i++)
		printf("%-*s%s", (int)width, all->text[i],
		       i % columns == columns - 1 || i == all->nr - 1 ? "\n" : " ");
	fflush(stdout);
}

static unsigned char on_tab(EditLine *el, int key)
{
	struct candidates all = { 0 };
	const LineInfo *info = el_line(el);
	size_t len = (size_t)(info->cursor - info->buffer), from, common;
	unsigned char ret = CC_ERROR;
	struct edit *edit;

	(void)key;
	el_get(el, EL_CLIENTDATA, &edit);
	from = edit->complete(edit->ctx, info->buffer, len, keep_candidate, &all);
	if (!all.nr)
		return CC_ERROR;

	common = common_length(&all);
	if (all.nr == 1 || common > len - from) {
		char *text = strndup(all.text[0], common);

		/* The candidate may be written in another case than what was typed. */
		if (text) {
			el_deletestr(el, (int)(len - from));
			ret = el_insertstr(el, text) ? CC_ERROR : CC_REFRESH;
		}
		free(text);
	} else {
		show_candidates(&all);
		ret = CC_REDISPLAY;
	}
	for (size_t i = 0; i < all.nr; i++)
		free(all.text[i]);
	free(all.text);
	return ret;
}

/* The last of SIGWINCH and SIGCONT that was not seen to. */
static volatile sig_atomic_t changed;

static void on_change(int sig)
{
	changed = sig;
}

/* libedit's own handlers would send each signal on to the whole process group. */
static void catch_changes(void)
{
	const struct sigaction change = { .sa_handler = on_change };

	sigaction(SIGWINCH, &change, NULL);
	sigaction(SIGCONT, &change, NULL);
}

static void see_to_changes(EditLine *el)
{
	int sig = changed;

	if (!sig)
		return;
	changed = 0;
	el_resize(el);
	if (sig == SIGCONT) {
		/* Whoever had the terminal meanwhile has changed its modes. */
		el_set(el, EL_PREP_TERM, 0);
		el_set(el, EL_PREP_TERM, 1);
	}
	el_set(el, EL_REFRESH);
}

static int get_character(EditLine *el, wchar_t *c)
{
	for (;;) {
		unsigned char byte;
		ssize_t n;

		see_to_changes(el);
		if (verb_stop) {
			errno = EINTR;
			return -1;
		}
		n = read(STDIN_FILENO, &byte, 1);
		if (n > 0)
			/* The language is ASCII. */
			*c = byte < 0x80 ? (wchar_t)byte : L'?';
		if (n >= 0 || errno != EINTR)
			return (int)n;
	}
}

static char *get_prompt(EditLine *el)
{
	struct edit *edit;

	el_get(el, EL_CLIENTDATA, &edit);
	return (char *)edit->prompt;
}

static void open_history(struct edit *edit, const char *file)
{
	HistEvent ev;

	edit->history = history_init();
	if (!edit->history)
		return;

	history(edit->history, &ev, H_SETSIZE, HISTORY_SIZE);
	history(edit->history, &ev, H_SETUNIQUE, 1);
	if (file) {
		edit->file = strdup(file);
		history(edit->history, &ev, H_LOAD, file);
	}
	el_set(edit->el, EL_HIST, history, edit->history);
}

static void open_editor(struct edit *edit, const char *name, const char *file)
{
	edit->el = el_init(name, stdin, stdout, stderr);
	if (!edit->el)
		return;

	el_set(edit->el, EL_CLIENTDATA, edit);
	el_set(edit->el, EL_PROMPT, get_prompt);
	el_set(edit->el, EL_EDITOR, "emacs");
	el_set(edit->el, EL_SIGNAL, 0);
	el_set(edit->el, EL_GETCFN, get_character);
	catch_changes();
	el_set(edit->el, EL_ADDFN, "ffascope-complete", "Completes a word", on_tab);
	el_set(edit->el, EL_BIND, "^I", "ffascope-complete", NULL);
	el_set(edit->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	open_history(edit, file);
	el_source(edit->el, NULL);
}

static const char *edited_line(struct edit *edit, const char *prompt)
{
	const char *line;
	HistEvent ev;
	int n = 0;

	edit->prompt = prompt;
	/* libedit prints the prompt first, and what is typed until then would be lost. */
	el_set(edit->el, EL_PREP_TERM, 1);
	errno = 0;
	line = el_gets(edit->el, &n);
	if (!line || n <= 0) {
		/* What was typed so far is dropped. At the end of the input n is 0. */
		if (n < 0 && errno == EINTR)
			el_reset(edit->el);
		errno = n < 0 ? errno : 0;
		return NULL;
	}

	free(edit->line);
	edit->line = strndup(line, (size_t)n);
	if (!edit->line)
		return NULL;
	edit->line[strcspn(edit->line, "\n")] = '\0';
	if (edit->history && edit->line[strspn(edit->line, " \t")])
		history(edit->history, &ev, H_ENTER, edit->line);
	return edit->line;
}

#endif

struct edit *edit_new(const char *name, const char *file, edit_complete_fn complete, void *ctx)
{
	struct edit *edit = calloc(1, sizeof(*edit));

	if (!edit)
		return NULL;
#ifdef HAVE_LIBEDIT
	edit->complete = complete;
	edit->ctx = ctx;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		open_editor(edit, name, file);
#else
	(void)name;
	(void)file;
	(void)complete;
	(void)ctx;
#endif
	return edit;
}

void edit_free(struct edit *edit)
{
	if (!edit)
		return;

#ifdef HAVE_LIBEDIT
	if (edit->history) {
		HistEvent ev;

		if (edit->file)
			history(edit->history, &ev, H_SAVE, edit->file);
		history_end(edit->history);
	}
	if (edit->el)
		el_end(edit->el);
	free(edit->file);
#endif
	free(edit->line);
	free(edit);
}

const char *edit_line(struct edit *edit, const char *prompt)
{
#ifdef HAVE_LIBEDIT
	if (edit->el)
		return edited_line(edit, prompt);
#endif
	if (isatty(STDIN_FILENO)) {
		fputs(prompt, stdout);
		fflush(stdout);
	}
	return plain_line(edit);
}
