/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel stacks: numbered, and told by name. */
#ifndef FFASCOPE_STACKS_H
#define FFASCOPE_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stacks;

/*
 * symbols: with the names of /proc/kallsyms; where reading that is not allowed stacks are
 * addresses. NULL without memory.
 */
struct stacks *stacks_new(bool symbols);
void stacks_free(struct stacks *stacks);

/* The number of a stack of HOST_MAX_STACK addresses (0 at its end), from 1; 0 without memory. */
uint32_t stacks_number(struct stacks *stacks, const unsigned long long *ip);

/* The next stack of a recording, by its text. -EINVAL: its number is not the next one; -ENOMEM. */
int stacks_add(struct stacks *stacks, uint32_t number, const char *text);

/* How many there are. */
uint32_t stacks_count(const struct stacks *stacks);

/* "optee_ffa_yielding_call+0x58\n...", the nearest caller first. "" for a number that is not known. */
const char *stacks_text(const struct stacks *stacks, uint32_t number);

#endif
