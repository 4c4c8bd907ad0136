/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel stacks: numbered, and told by name. */
#ifndef FFASCOPE_STACKS_H
#define FFASCOPE_STACKS_H

#include <stddef.h>
#include <stdint.h>

struct stacks;

/* Reads /proc/kallsyms; where that is not allowed stacks are addresses. NULL without memory. */
struct stacks *stacks_new(void);
void stacks_free(struct stacks *stacks);

/* The number of a stack of HOST_MAX_STACK addresses (0 at its end), from 1; 0 without memory. */
uint32_t stacks_number(struct stacks *stacks, const unsigned long long *ip);

/* "optee_ffa_yielding_call+0x58\n...", the nearest caller first. "" for a number that is not known. */
const char *stacks_text(const struct stacks *stacks, uint32_t number);

#endif
