// SPDX-License-Identifier: GPL-2.0-only
/* Names of the functions on a stack, from a made-up /proc/kallsyms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "driver/stacks.h"

static const char *text_of(struct driver_stacks *stacks, unsigned long long ip)
{
	const unsigned long long stack[HOST_MAX_STACK] = { ip };

	return driver_stacks_text(stacks, driver_stacks_number(stacks, stack));
}

static void lines_of_any_length_and_kind_are_read(void **state)
{
	struct driver_stacks *stacks = driver_stacks_new(false);
	char *lines = NULL, *name = calloc(1, 2001);
	char expected[2100];
	size_t size;
	FILE *f = open_memstream(&lines, &size);

	(void)state;
	memset(name, 'n', 2000);
	fprintf(f, "ffff000000001000 T first\n");
	fprintf(f, "ffff000000002000 t %s\t[rust_module]\n", name);
	fprintf(f, "ffff000000003000 d some_data\n");
	fprintf(f, "ffff000000004000 t $x\n");
	fprintf(f, "0000000000000000 T hidden\n");
	fprintf(f, "no symbol at all\n\n");
	fprintf(f, "ffff000000005000 t last\t[optee]");
	fclose(f);
	f = fmemopen(lines, size, "r");
	driver_stacks_read(stacks, f);
	fclose(f);

	assert_string_equal(text_of(stacks, 0xffff000000001008), "first+0x8\n");
	snprintf(expected, sizeof(expected), "%s+0x10 [rust_module]\n", name);
	assert_string_equal(text_of(stacks, 0xffff000000002010), expected);
	snprintf(expected, sizeof(expected), "%s+0x2008 [rust_module]\n", name);
	assert_string_equal(text_of(stacks, 0xffff000000004008), expected);
	assert_string_equal(text_of(stacks, 0xffff000000005020), "last+0x20 [optee]\n");
	assert_string_equal(text_of(stacks, 0x10), "0x10\n");

	driver_stacks_free(stacks);
	free(lines);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_any_length_and_kind_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
