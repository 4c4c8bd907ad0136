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
	char *name;
};

struct stack {
	unsigned long long ip[HOST_MAX_STACK];
	char *text;
};

struct driver_stacks {
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

/* "ffff800080000000 T name\t[module]". Returns its name, or NULL: not code, or no symbol. */
static char *parse_symbol(char *line, unsigned long long *address)
{
	int at = 0;
	char type;

	/* The address is 0 where kptr_restrict hides it. */
	if (sscanf(line, "%llx %c %n", address, &type, &at) != 2 || !at || !*address)
		return NULL;
	line += at;
	line[strcspn(line, "\t\n")] = '\0';
	return strchr("tTwW", type) && line[0] && line[0] != '$' ? line : NULL;
}

void driver_stacks_read(struct driver_stacks *stacks, FILE *f)
{
	unsigned long long address;
	size_t cap = stacks->nr_symbols, size = 0;
	char *line = NULL;

	/* The kernel limits names to KSYM_NAME_LEN, which differs between versions. */
	while (getline(&line, &size, f) >= 0) {
		char *name = parse_symbol(line, &address);

		if (!name)
			continue;
		name = strdup(name);
		if (!name || !vector_room(&stacks->symbols, &cap, stacks->nr_symbols,
					  sizeof(*stacks->symbols))) {
			free(name);
			break;
		}
		stacks->symbols[stacks->nr_symbols++] = (struct symbol){ address, name };
	}
	free(line);
	if (stacks->nr_symbols)
		qsort(stacks->symbols, stacks->nr_symbols, sizeof(*stacks->symbols),
		      compare_symbols);
}

struct driver_stacks *driver_stacks_new(bool symbols)
{
	struct driver_stacks *stacks = calloc(1, sizeof(*stacks));

	FILE *f = stacks && symbols ? fopen("/proc/kallsyms", "re") : NULL;

	if (f) {
		driver_stacks_read(stacks, f);
		fclose(f);
	}
	return stacks;
}

void driver_stacks_free(struct driver_stacks *stacks)
{
	if (!stacks)
		return;

	for (size_t i = 0; i < stacks->nr_symbols; i++)
		free(stacks->symbols[i].name);
	for (size_t i = 0; i < stacks->len; i++)
		free(stacks->list[i].text);
	free(stacks->symbols);
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

		if (symbol && symbol->name)
			fprintf(f, "%s+0x%llx\n", symbol->name, ip[i] - symbol->address);
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
	list[stacks->len].text = describe(stacks, ip);
	return (uint32_t)++stacks->len;
}

const char *driver_stacks_text(const struct driver_stacks *stacks, uint32_t number)
{
	if (!number || number > stacks->len || !stacks->list[number - 1].text)
		return "";
	return stacks->list[number - 1].text;
}
