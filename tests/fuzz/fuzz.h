/* SPDX-License-Identifier: GPL-2.0-only */
/* What libFuzzer calls; replay.c calls it where there is no libFuzzer. */
#ifndef FFASCOPE_FUZZ_H
#define FFASCOPE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
