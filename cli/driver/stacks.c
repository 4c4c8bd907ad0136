// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "event.h"
#include "driver/stacks.h"

struct symbol {
	unsigned long long address;
	char *name; /* "name" or "name [module]" */
	size_t len; /* of the name alone */
};

struct stack {
	unsigned long long ip[HOST_MAX_STACK];
	char *text;
};

struct driver_stacks {
	bool live;		/* with the symbols of this kernel */
	char *modules;		/* that were loaded when the symbols were read */
	struct symbol *symbols; /* in order of their addresses */
	size_t nr_symbols;
	struct stack *list;
	size_t len;
};

static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *left = a, *right = b;

	return left->address < right->address ? -1 : left->address > right->address;
}

/*
 * "ffff800080000000 T name\t[module]". Returns "name" or "name [module]" with *name its length, or
 * NULL: not code, or no symbol.
 */
static char *parse_symbol(char *line, unsigned long long *address, size_t *name)
{
	int at = 0;
	char type;

	/* The address is 0 where kptr_restrict hides it. */
	if (sscanf(line, "%llx %c %n", address, &type, &at) != 2 || !at || !*address)
		return NULL;
	line += at;
	line[strcspn(line, "\n")] = '\0';
	*name = strcspn(line, "\t");
	if (line[*name])
		line[*name] = ' ';
	return strchr("tTwW", type) && *name && line[0] != '$' ? line : NULL;
}

static void forget_symbols(struct driver_stacks *stacks)
{
	for (size_t i = 0; i < stacks->nr_symbols; i++)
		free(stacks->symbols[i].name);
	free(stacks->symbols);
	stacks->symbols = NULL;
	stacks->nr_symbols = 0;
}

void driver_stacks_read(struct driver_stacks *stacks, FILE *f)
{
	size_t cap = 0, size = 0, len;
	unsigned long long address;
	char *line = NULL;

	forget_symbols(stacks);
	/* The kernel limits names to KSYM_NAME_LEN, which differs between versions. */
	while (getline(&line, &size, f) >= 0) {
		char *name = parse_symbol(line, &address, &len);

		if (!name)
			continue;
		name = strdup(name);
		if (!name || !vector_room(&stacks->symbols, &cap, stacks->nr_symbols,
					  sizeof(*stacks->symbols))) {
			free(name);
			break;
		}
		stacks->symbols[stacks->nr_symbols++] = (struct symbol){ address, name, len };
	}
	free(line);
	if (stacks->nr_symbols)
		qsort(stacks->symbols, stacks->nr_symbols, sizeof(*stacks->symbols),
		      compare_symbols);
}

/* Names and addresses of /proc/modules ("NAME SIZE USERS BY STATE ADDRESS"); NULL without it. */
static char *list_modules(void)
{
	FILE *f = fopen("/proc/modules", "re"), *out;
	char *list = NULL, *line = NULL;
	size_t size = 0, list_size;

	out = f ? open_memstream(&list, &list_size) : NULL;
	while (out && getline(&line, &size, f) >= 0) {
		const char *address = strstr(line, " 0x");

		fprintf(out, "%.*s%s", (int)strcspn(line, " "), line, address ? address : "\n");
	}
	free(line);
	if (f)
		fclose(f);
	if (out && fclose(out)) {
		free(list);
		list = NULL;
	}
	return list;
}

/* A module that was loaded since has symbols of its own, at addresses above those of others. */
static void read_symbols(struct driver_stacks *stacks)
{
	char *modules = list_modules();
	FILE *f;

	if (stacks->modules && modules && !strcmp(modules, stacks->modules)) {
		free(modules);
		return;
	}
	free(stacks->modules);
	stacks->modules = modules;
	f = fopen("/proc/kallsyms", "re");
	if (!f)
		return;
	driver_stacks_read(stacks, f);
	fclose(f);
}

struct driver_stacks *driver_stacks_new(bool symbols)
{
	struct driver_stacks *stacks = calloc(1, sizeof(*stacks));

	if (stacks && symbols) {
		stacks->live = true;
		read_symbols(stacks);
	}
	return stacks;
}

void driver_stacks_free(struct driver_stacks *stacks)
{
	if (!stacks)
		return;

	forget_symbols(stacks);
	for (size_t i = 0; i < stacks->len; i++)
		free(stacks->list[i].text);
	free(stacks->modules);
	free(stacks->list);
	free(stacks);
}

static const struct symbol *find_symbol(const struct driver_stacks *stacks, unsigned long long ip)
{
	size_t lo = 0, hi = stacks->nr_symbols;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (stacks->symbols[mid].address <= ip)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &stacks->symbols[lo - 1] : NULL;
}

static char *describe(const struct driver_stacks *stacks, const unsigned long long *ip)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	for (int i = 0; i < HOST_MAX_STACK && ip[i]; i++) {
		const struct symbol *symbol = find_symbol(stacks, ip[i]);

		if (symbol)
			fprintf(f, "%.*s+0x%llx%s\n", (int)symbol->len, symbol->name,
				ip[i] - symbol->address, symbol->name + symbol->len);
		else
			fprintf(f, "0x%llx\n", ip[i]);
	}
	fclose(f);
	return text;
}

int driver_stacks_add(struct driver_stacks *stacks, uint32_t number, const char *text)
{
	struct stack *list;

	if (number != stacks->len + 1)
		return -EINVAL;
	list = reallocarray(stacks->list, stacks->len + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	stacks->list = list;
	list[stacks->len] = (struct stack){ .text = strdup(text) };
	stacks->len++;
	return 0;
}

uint32_t driver_stacks_count(const struct driver_stacks *stacks)
{
	return (uint32_t)stacks->len;
}

uint32_t driver_stacks_number(struct driver_stacks *stacks, const unsigned long long *ip)
{
	struct stack *list;

	/* A driver has a few dozen ways into arm_ffa. */
	for (size_t i = 0; i < stacks->len; i++) {
		if (!memcmp(stacks->list[i].ip, ip, sizeof(stacks->list[i].ip)))
			return (uint32_t)i + 1;
	}

	list = reallocarray(stacks->list, stacks->len + 1, sizeof(*list));
	if (!list)
		return 0;
	stacks->list = list;
	memcpy(list[stacks->len].ip, ip, sizeof(list[stacks->len].ip));
	if (stacks->live)
		read_symbols(stacks);
	list[stacks->len].text = describe(stacks, ip);
	return (uint32_t)++stacks->len;
}

const char *driver_stacks_text(const struct driver_stacks *stacks, uint32_t number)
{
	if (!number || number > stacks->len || !stacks->list[number - 1].text)
		return "";
	return stacks->list[number - 1].text;
}
