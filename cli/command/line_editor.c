// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "config.h"
#include "command/line_editor.h"

#ifdef HAVE_LIBEDIT
#include <histedit.h>
#include <signal.h>
#include <wchar.h>

#include "command/verb.h"

#define HISTORY_SIZE 1000
#endif

struct line_editor {
	char *line; /* where there is no editing */
	size_t size;
#ifdef HAVE_LIBEDIT
	EditLine *el;
	History *history;
	char *file;
	const char *prompt;
	line_editor_complete_fn complete;
	void *ctx;
#endif
};

/* A line from a file or a pipe. */
static const char *plain_line(struct line_editor *editor)
{
	ssize_t len;

	errno = 0;
	len = getline(&editor->line, &editor->size, stdin);
	if (len < 0) {
		clearerr(stdin);
		return NULL;
	}
	/* A NUL in it would hide the rest of the line. */
	for (ssize_t i = 0; i < len; i++)
		editor->line[i] = editor->line[i] ? editor->line[i] : '\1';
	if (len && editor->line[len - 1] == '\n')
		editor->line[len - 1] = '\0';
	return editor->line;
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
	struct line_editor *editor;

	(void)key;
	el_get(el, EL_CLIENTDATA, &editor);
	from = editor->complete(editor->ctx, info->buffer, len, keep_candidate, &all);
	if (!all.nr)
		return CC_ERROR;

	common = common_length(&all);
	if (all.nr == 1 || common > len - from) {
		char *text = strndup(all.text[0], common);

		/* The candidate's case may differ from the typed text. */
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
		/* The program that ran in the foreground may have changed the terminal's modes. */
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
	struct line_editor *editor;

	el_get(el, EL_CLIENTDATA, &editor);
	return (char *)editor->prompt;
}

static void open_history(struct line_editor *editor, const char *file)
{
	HistEvent ev;

	editor->history = history_init();
	if (!editor->history)
		return;

	history(editor->history, &ev, H_SETSIZE, HISTORY_SIZE);
	history(editor->history, &ev, H_SETUNIQUE, 1);
	if (file) {
		editor->file = strdup(file);
		history(editor->history, &ev, H_LOAD, file);
	}
	el_set(editor->el, EL_HIST, history, editor->history);
}

static void open_editor(struct line_editor *editor, const char *name, const char *file)
{
	editor->el = el_init(name, stdin, stdout, stderr);
	if (!editor->el)
		return;

	el_set(editor->el, EL_CLIENTDATA, editor);
	el_set(editor->el, EL_PROMPT, get_prompt);
	el_set(editor->el, EL_EDITOR, "emacs");
	el_set(editor->el, EL_SIGNAL, 0);
	el_set(editor->el, EL_GETCFN, get_character);
	catch_changes();
	el_set(editor->el, EL_ADDFN, "ffascope-complete", "Completes a word", on_tab);
	el_set(editor->el, EL_BIND, "^I", "ffascope-complete", NULL);
	el_set(editor->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	open_history(editor, file);
	el_source(editor->el, NULL);
}

static const char *edited_line(struct line_editor *editor, const char *prompt)
{
	const char *line;
	HistEvent ev;
	int n = 0;

	editor->prompt = prompt;
	/* libedit prints the prompt first and would lose the input typed before that. */
	el_set(editor->el, EL_PREP_TERM, 1);
	errno = 0;
	line = el_gets(editor->el, &n);
	if (!line || n <= 0) {
		/* Drop the line typed so far. n is 0 at the end of the input. */
		if (n < 0 && errno == EINTR)
			el_reset(editor->el);
		errno = n < 0 ? errno : 0;
		return NULL;
	}

	free(editor->line);
	editor->line = strndup(line, (size_t)n);
	if (!editor->line)
		return NULL;
	editor->line[strcspn(editor->line, "\n")] = '\0';
	if (editor->history && editor->line[strspn(editor->line, " \t")])
		history(editor->history, &ev, H_ENTER, editor->line);
	return editor->line;
}

#endif

struct line_editor *line_editor_new(const char *name, const char *file,
				    line_editor_complete_fn complete, void *ctx)
{
	struct line_editor *editor = calloc(1, sizeof(*editor));

	if (!editor)
		return NULL;
#ifdef HAVE_LIBEDIT
	editor->complete = complete;
	editor->ctx = ctx;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		open_editor(editor, name, file);
#else
	(void)name;
	(void)file;
	(void)complete;
	(void)ctx;
#endif
	return editor;
}

void line_editor_free(struct line_editor *editor)
{
	if (!editor)
		return;

#ifdef HAVE_LIBEDIT
	if (editor->history) {
		HistEvent ev;

		if (editor->file)
			history(editor->history, &ev, H_SAVE, editor->file);
		history_end(editor->history);
	}
	if (editor->el)
		el_end(editor->el);
	free(editor->file);
#endif
	free(editor->line);
	free(editor);
}

const char *line_editor_read(struct line_editor *editor, const char *prompt)
{
#ifdef HAVE_LIBEDIT
	if (editor->el)
		return edited_line(editor, prompt);
#endif
	if (isatty(STDIN_FILENO)) {
		fputs(prompt, stdout);
		fflush(stdout);
	}
	return plain_line(editor);
}
