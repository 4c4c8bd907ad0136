/* SPDX-License-Identifier: GPL-2.0-only */
/* The entry point for libFuzzer; replay.c calls it without libFuzzer. */
#ifndef FFASCOPE_FUZZ_H
#define FFASCOPE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
