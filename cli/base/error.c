// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

int error_set(struct error *err, int ret, const char *fmt, ...)
{
	struct error new;
	va_list args;

	va_start(args, fmt);
	vsnprintf(new.text, sizeof(new.text), fmt, args);
	va_end(args);
	memcpy(err, &new, sizeof(new));
	return ret;
}

int error_no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}
