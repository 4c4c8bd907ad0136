// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "record/record.h"
#include "base/json.h"
#include "command/verb.h"

static void say(const struct options *opts, const char *kind, const char *fmt, va_list args)
{
	/* Not from the heap: out of memory is a message too. */
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, args);
	if (opts->json) {
		struct json_object *obj = json_new_object();

		json_add_string(obj, kind, text);
		if (!json_print(stderr, obj))
			return;
	}
	fprintf(stderr, "ffascope: %s\n", text);
}

void verb_error(const struct options *opts, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(opts, "error", fmt, args);
	va_end(args);
}

void verb_note(const struct options *opts, const char *fmt, ...)
{
	va_list args;

	if (opts->verbosity < 0)
		return;

	va_start(args, fmt);
	say(opts, "note", fmt, args);
	va_end(args);
}

int verb_put_json(const struct options *opts, FILE *out, struct json_object *obj)
{
	int ret = json_print(out, obj);

	if (ret)
		verb_error(opts, "out of memory");
	return ret;
}

bool verb_color(const struct options *opts)
{
	const char *no_color = getenv("NO_COLOR");

	if (opts->color != COLOR_AUTO)
		return opts->color == COLOR_ALWAYS;

	/* no-color.org: present and not empty, whatever its value. */
	return !(no_color && *no_color) && isatty(STDOUT_FILENO);
}

int verb_keep_words(struct record_about *about, int argc, char **argv)
{
	int ret = 0;

	for (int i = 0; i < argc && !ret; i++)
		ret = record_about_arg(about, argv[i]);
	if (ret)
		fputs("ffascope: out of memory\n", stderr);
	return ret;
}

int verb_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	char name[64];
	char *verb = argv[0];
	int ret;

	snprintf(name, sizeof(name), "ffascope %s", verb);
	argv[0] = name;
	ret = argp_parse(argp, argc, argv, 0, NULL, input);
	argv[0] = verb;
	if (ret == ENOMEM)
		fputs("ffascope: out of memory\n", stderr);

	return -ret;
}

unsigned int verb_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	if (columns && verb_parse_number(columns, VERB_MIN_WIDTH, VERB_MAX_WIDTH, &width))
		return (unsigned int)width;
	return 80;
}

bool verb_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);

	return utf8;
}

volatile int verb_stop;

static void on_signal(int sig)
{
	verb_stop = sig;
}

void verb_catch_signals(void)
{
	/* No SA_RESTART: a call that waits is to end. */
	const struct sigaction stop = { .sa_handler = on_signal };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup(1) and shells in the background ignore some of them on purpose. */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &stop, NULL);
	}
	sigaction(SIGPIPE, &ignore, NULL);
}

enum exit_status verb_status(int error)
{
	switch (error) {
	case 0:
		return STATUS_DONE;
	case -EINVAL:
		return STATUS_USAGE;
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
	case -ENOTSUP:
	case -EPROTO:
	case -EPERM:
	case -EACCES:
	case -EBUSY:
	case -EXDEV:
		return STATUS_CANNOT;
	default:
		return STATUS_INTERNAL;
	}
}

bool verb_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	/* strtoull() takes spaces and signs, and 0 at the start for octal. */
	if (text[0] < '0' || text[0] > '9')
		return false;

	errno = 0;
	*value = strtoull(text, &end, hex ? 16 : 10);
	return !errno && !*end && *value >= min && *value <= max;
}
