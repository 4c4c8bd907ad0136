/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of FF-A calls and of status codes, for tests. */
#ifndef FFASCOPE_TESTS_IDENTIFIERS_H
#define FFASCOPE_TESTS_IDENTIFIERS_H

/* Function identifiers (DEN0077A chapter 16). */
enum {
	FEATURES = 0x84000064,
	CREATE = 0x8400007d,
	DESTROY = 0x8400007e,
	BIND = 0x8400007f,
	UNBIND = 0x84000080,
	SET = 0x84000081,
	GET = 0x84000082,
	INFO_GET = 0x84000083,
};

/* Status codes, as in cli/ffa/answer.c. */
#define INVALID_PARAMETERS -2
#define NOT_SUPPORTED	   -1
#define DENIED		   -6
#define NO_DATA		   -9

#endif
