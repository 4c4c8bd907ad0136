// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads trace_pipe as text, for machines where BPF cannot attach. Lines look like
 *
 *	[000]	   12.345678: hyp_enter reason=smc vcpu=0
 *	CPU:0 [LOST 12 EVENTS]
 *
 * with the CPU in brackets and the time in seconds, rounded down to microseconds
 * (kernel/trace/trace_remote.c). The second line counts the events lost before the next line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/texts.h"
#include "hyp/internal.h"

/* Replaces a line that is too long. */
#define TOO_LONG    "?"

#define MAX_SECONDS (UINT64_MAX / 1000000000 - 1)

/* Finds the next field of an argument list: "REC->reason". */
static const char *next_field(const char *text, char *field, size_t size)
{
	size_t len;

	text = strstr(text, "REC->");
	if (!text)
		return NULL;
	text += 5;
	len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	snprintf(field, size, "%.*s", (int)len, text);
	return text + len;
}

/*
 * "id=%llu forwarded=%u", REC->id, REC->forwarded: the n-th key prints the n-th field, whatever its
 * name. Some Android builds print the field `forwarded' as invalid=.
 */
int hyp_format_parse(const char *text, struct hyp_format *format)
{
	const char *at = strstr(text, "print fmt: \""), *end, *field;

	*format = (struct hyp_format){ 0 };
	if (!at)
		return -EBADMSG;
	at += strlen("print fmt: \"");
	end = strchr(at, '"');
	if (!end)
		return -EBADMSG;

	field = end;
	while (at < end && format->nr < HYP_MAX_FIELDS) {
		size_t len = strcspn(at, " ,\"");
		const char *equals = memchr(at, '=', len);

		if (equals && equals[1] == '%') {
			snprintf(format->keys[format->nr], sizeof(format->keys[0]), "%.*s",
				 (int)(equals - at), at);
			field = next_field(field, format->fields[format->nr],
					   sizeof(format->fields[0]));
			if (!field)
				return -EBADMSG;
			format->nr++;
		}
		at += len;
		at += strspn(at, " ,");
	}
	return 0;
}

int hyp_format_load(const struct hyp_layout *layout, const char *event, struct hyp_format *format)
{
	char text[2048], name[64];
	struct error ignored;
	int ret;

	*format = (struct hyp_format){ 0 };
	snprintf(name, sizeof(name), "%s/format", event);
	ret = hyp_read_file(layout->events, name, text, sizeof(text), &ignored);
	return ret ? ret : hyp_format_parse(text, format);
}

/* Parses a decimal or 0x number at *at; false if there is none or it exceeds max. */
static bool take_number(const char **at, uint64_t max, uint64_t *value)
{
	bool hex = (*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X');
	char *end;

	if ((*at)[0] < '0' || (*at)[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(*at, &end, hex ? 16 : 10);
	if (errno || *value > max)
		return false;
	*at = end;
	return true;
}

/* Finds the value of "key=" in a line; its length in *len. NULL: not found. */
static const char *find_value(const char *words, const char *key, size_t *len)
{
	size_t key_len = strlen(key);

	while (*words) {
		size_t word = strcspn(words, " ");

		if (word > key_len && words[key_len] == '=' && !strncmp(words, key, key_len)) {
			*len = word - key_len - 1;
			return words + key_len + 1;
		}
		words += word;
		words += strspn(words, " ");
	}
	return NULL;
}

/* The key that prints a field, from the format file; without that file the field's own name. */
static const char *key_of(const struct hyp_format *format, const char *field)
{
	for (unsigned int i = 0; i < format->nr; i++) {
		if (!strcmp(format->fields[i], field))
			return format->keys[i];
	}
	return format->nr ? NULL : field;
}

static bool take_field(const struct hyp_format *format, const char *words, const char *field,
		       uint64_t max, uint64_t *value)
{
	const char *key = key_of(format, field);
	const char *text;
	size_t len;

	text = key ? find_value(words, key, &len) : NULL;
	return text && take_number(&text, max, value) && (*text == ' ' || !*text);
}

static bool take_reason(const char *words, unsigned char *reason)
{
	static const char *const names[] = HYP_REASON_NAMES;
	const char *text;
	size_t len;

	text = find_value(words, "reason", &len);
	if (!text) {
		*reason = HYP_REASON_NONE;
		return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == len && !strncmp(text, names[i], len)) {
			*reason = (unsigned char)i;
			return true;
		}
	}
	return false;
}

static bool is_word(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(at, word, len);
}

static bool take_host_smc(const struct hyp_text *text, const char *words, struct hyp_event *ev)
{
	static const struct hyp_format plain;
	uint64_t value = 0;

	ev->type = HYP_EVENT_HOST_SMC;
	if (!take_field(&text->host_smc, words, "id", UINT64_MAX, &value))
		return false;
	ev->id = value;
	/* Without a format file: some builds print the wrong word. */
	if (!take_field(&text->host_smc, words, "forwarded", 1, &value) &&
	    (text->host_smc.nr || !take_field(&plain, words, "invalid", 1, &value)))
		return false;
	ev->arg = (unsigned short)value;
	return true;
}

/* "ffa_func=0x84000069 a1=0x0 ... handled=1 err=0", of some kernels of Android 14. */
static bool take_host_ffa_call(const char *words, struct hyp_event *ev)
{
	static const struct hyp_format plain;
	uint64_t value = 0;

	ev->type = HYP_EVENT_HOST_FFA_CALL;
	if (!take_field(&plain, words, "ffa_func", UINT64_MAX, &value) &&
	    !take_field(&plain, words, "func_id", UINT64_MAX, &value))
		return false;
	ev->id = value;
	if (!take_field(&plain, words, "handled", 1, &value))
		return false;
	ev->arg = (unsigned short)value;
	return true;
}

/* Parses the text after the time. False: not understood. */
static bool take_words(const struct hyp_text *text, const char *at, struct hyp_event *ev)
{
	static const struct hyp_format plain;
	size_t len = strcspn(at, " ");
	const char *words = at + len + strspn(at + len, " ");
	uint64_t value = 0;

	if (is_word(at, len, "hyp_enter") || is_word(at, len, "hyp_exit")) {
		ev->type = is_word(at, len, "hyp_enter") ? HYP_EVENT_ENTER : HYP_EVENT_EXIT;
		if (take_field(&plain, words, "vcpu", INT32_MAX, &value))
			ev->vcpu = (int)value;
		return take_reason(words, &ev->reason);
	}
	if (is_word(at, len, "selftest")) {
		ev->type = HYP_EVENT_SELFTEST;
		if (!take_field(&plain, words, "id", UINT64_MAX, &value))
			return false;
		ev->id = value;
		return true;
	}
	if (is_word(at, len, "host_smc"))
		return take_host_smc(text, words, ev);
	if (is_word(at, len, "host_ffa_call"))
		return take_host_ffa_call(words, ev);
	if (is_word(at, len, "hyp_printk") || is_word(at, len, "__hyp_printk")) {
		ev->type = HYP_EVENT_PRINTK;
		return true;
	}

	ev->type = HYP_EVENT_OTHER;
	return len > 0;
}

static int take_lost(struct hyp_text *text, const char *line)
{
	uint64_t cpu, lost;

	line += strlen("CPU:");
	if (!take_number(&line, UINT32_MAX, &cpu) || strncmp(line, " [LOST ", 7))
		return -EBADMSG;
	line += 7;
	if (!take_number(&line, UINT64_MAX, &lost) || strcmp(line, " EVENTS]"))
		return -EBADMSG;

	text->lost = lost > UINT32_MAX ? UINT32_MAX : (uint32_t)lost;
	text->lost_cpu = (uint32_t)cpu;
	return 0;
}

/* Parses CPU and time, up to the colon. */
static bool take_head(const char **line, struct hyp_event *ev)
{
	uint64_t cpu, seconds, us;
	const char *at = *line + 1, *dot;

	if (!take_number(&at, UINT32_MAX, &cpu) || *at++ != ']')
		return false;
	at += strspn(at, " \t");
	if (!take_number(&at, MAX_SECONDS, &seconds) || *at != '.')
		return false;
	dot = at++;
	if (!take_number(&at, 999999, &us) || at - dot != 7 || strncmp(at, ": ", 2))
		return false;

	ev->cpu = (uint32_t)cpu;
	ev->ts = seconds * 1000000000 + us * 1000;
	*line = at + 2;
	return true;
}

uint32_t hyp_keep_text(struct texts *texts, const char *text)
{
	/* "hyp_printk TEXT": the kernel puts the event's name first. */
	const char *name = strstr(text, "hyp_printk");

	if (!texts)
		return 0;
	if (name) {
		text = name + strlen("hyp_printk");
		text += *text == ' ';
	}
	return texts_add(texts, text);
}

int hyp_text_end(struct hyp_text *text, hyp_event_fn fn, void *ctx)
{
	if (!text->holds)
		return 0;
	text->holds = false;
	if (text->held.type == HYP_EVENT_PRINTK)
		text->held.id = hyp_keep_text(text->texts, text->held_text);
	return fn(ctx, &text->held);
}

static void hold(struct hyp_text *text, const struct hyp_event *ev, const char *line)
{
	text->holds = true;
	text->held = *ev;
	snprintf(text->held_text, sizeof(text->held_text), "%s", line);
}

static void hold_more(struct hyp_text *text, const char *line)
{
	size_t len = strlen(text->held_text);

	snprintf(text->held_text + len, sizeof(text->held_text) - len, "\n%s", line);
}

static int take_line(struct hyp_text *text, hyp_event_fn fn, void *ctx)
{
	struct hyp_event ev = {
		.reason = HYP_REASON_NONE,
		.cpu = text->cpu,
		.ts = text->last_ts,
	};
	const char *line = text->line;
	bool has_head, understood;
	int ret;

	if (!strncmp(line, "CPU:", 4) && !take_lost(text, line))
		return hyp_text_end(text, fn, ctx);

	has_head = line[0] == '[' && take_head(&line, &ev);
	/*
	 * Texts of hyp_printk and of unknown events can have several lines. A line that is too long
	 * counts as a loss, because it may have been any event.
	 */
	if (!has_head && text->holds && strcmp(text->line, TOO_LONG)) {
		hold_more(text, text->line);
		return 0;
	}
	if (!text->line[0])
		return 0;

	text->last_ts = ev.ts;
	understood = has_head && take_words(text, line, &ev);
	if (text->lost && (!understood || text->lost_cpu == ev.cpu)) {
		ev.lost = text->lost;
		text->lost = 0;
	}
	if (!understood) {
		ev.type = 0;
		ev.lost += ev.lost < UINT32_MAX;
	}
	ret = hyp_text_end(text, fn, ctx);
	if (ret)
		return ret;
	if (ev.type == HYP_EVENT_PRINTK || ev.type == HYP_EVENT_OTHER) {
		hold(text, &ev, line);
		return 0;
	}
	return fn(ctx, &ev);
}

int hyp_text_feed(struct hyp_text *text, const char *data, size_t len, hyp_event_fn fn, void *ctx)
{
	int ret = 0;

	for (size_t i = 0; i < len && !ret; i++) {
		if (data[i] != '\n') {
			/* A NUL would end the line early. */
			text->too_long |= text->len == sizeof(text->line) - 1 || !data[i];
			if (!text->too_long)
				text->line[text->len++] = data[i];
			continue;
		}

		text->line[text->len] = '\0';
		if (text->too_long)
			strcpy(text->line, TOO_LONG);
		text->len = 0;
		text->too_long = false;
		ret = take_line(text, fn, ctx);
	}
	return ret;
}
