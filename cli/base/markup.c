// SPDX-License-Identifier: GPL-2.0-only
#include "base/markup.h"

static void put(FILE *out, char c, const char *line_end)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\n':
		fputs(line_end, out);
		break;
	default:
		fputc((unsigned char)c < ' ' && c != '\t' ? '?' : c, out);
	}
}

void markup_put(FILE *out, const char *text)
{
	for (; *text; text++)
		put(out, *text, "\n");
}

void markup_put_attribute(FILE *out, const char *text)
{
	for (; *text; text++)
		put(out, *text, "&#10;");
}
