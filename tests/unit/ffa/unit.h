/* SPDX-License-Identifier: GPL-2.0-only */
/* The headers that cmocka.h requires, and cmocka.h. */
#ifndef FFASCOPE_TEST_FFA_UNIT_H
#define FFASCOPE_TEST_FFA_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
