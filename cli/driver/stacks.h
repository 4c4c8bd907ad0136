/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel stacks, numbered, with the names of their functions. */
#ifndef FFASCOPE_DRIVER_STACKS_H
#define FFASCOPE_DRIVER_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct driver_stacks;

/*
 * symbols: with the names of /proc/kallsyms; where reading that is not allowed stacks are
 * addresses. NULL without memory.
 */
struct driver_stacks *driver_stacks_new(bool symbols);
void driver_stacks_free(struct driver_stacks *stacks);

/* Takes the symbols of a file like /proc/kallsyms, as many as memory allows. */
void driver_stacks_read(struct driver_stacks *stacks, FILE *f);

/* The number of a stack of HOST_MAX_STACK addresses (0 at its end), from 1; 0 without memory. */
uint32_t driver_stacks_number(struct driver_stacks *stacks, const unsigned long long *ip);

/* The next stack of a recording, by its text. -EINVAL: its number is not the next one; -ENOMEM. */
int driver_stacks_add(struct driver_stacks *stacks, uint32_t number, const char *text);

/* How many there are. */
uint32_t driver_stacks_count(const struct driver_stacks *stacks);

/*
 * "optee_ffa_yielding_call+0x58 [optee]\n...", the nearest caller first; built-in code has no module.
 * "" for a number that is not known.
 */
const char *driver_stacks_text(const struct driver_stacks *stacks, uint32_t number);

#endif
