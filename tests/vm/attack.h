/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of attack: random requests to /dev/ffascope, and their outcomes. */
#ifndef FFASCOPE_TESTS_ATTACK_H
#define FFASCOPE_TESTS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw.h"
#include "ffascope.h"

#define DEVICE "/dev/ffascope"

/* Kinds of requests that are counted; those of DRIVER are in the order of their numbers. */
enum kind {
	KIND_INFO,
	KIND_REGISTERS,
	KIND_PAGES,
	KIND_REQUEST,
	KIND_RELINQUISH,
	KIND_SEND,
	KIND_DIRECT,
	KIND_DIRECT2,
	KIND_LOOK,
	KIND_PARTITIONS,
	KIND_NO_OPERATION, /* DRIVER with an unknown operation */
	KIND_NO_NUMBER,	   /* our magic letter, unknown request number */
	KIND_FOREIGN,	   /* another magic letter, or not _IOWR */
	NR_KINDS,
};

/*
 * An attacker's memory, in three views of the same pages: writable, read-only, and one whose mapping
 * another thread changes. The page after each is unmapped.
 */
#define AREA_PAGES 21
#define AREA_SIZE  ((size_t)AREA_PAGES * 65536)
#define CALLS_AT   ((size_t)16 * 4096)

struct area {
	char *rw, *ro, *shaky;
	int memfd;
};

#define NR_OUTCOMES 256

struct attacker {
	struct draw draw;
	struct area area;
	bool unsafe;	    /* the module is loaded with unsafe=1 */
	uint32_t partition; /* OP-TEE's endpoint ID */
	uint8_t uuid[16];   /* its device's */

	/* By errno, 0: success; [1]: success, by the errno that arm_ffa returned. */
	uint64_t outcomes[NR_KINDS][2][NR_OUTCOMES];
	uint64_t calls; /* calls made by REGISTERS */
};

struct request {
	unsigned int cmd;
	void *arg;
	enum kind kind;
	const char *answer; /* the structure after the request; NULL: not readable */
};

int area_init(struct area *area);

/* Changes the mapping of the third view at random. */
void area_shake(const struct area *area, uint64_t bits);

/* Finds OP-TEE's device for the attacker, through an open file. Returns 0 or -1. */
int attacker_look(struct attacker *a, int fd);

/* Any pointer that a program can pass: to @size bytes in the area, or unmapped. */
void *draw_pointer(struct attacker *a, size_t size, size_t *offset);

/* Draws the next request from a->draw, and writes what it points to. */
void draw_request(struct attacker *a, struct request *req);

/* Counts the request. Returns whether ffascope.h lists this outcome (an errno, or 0) for it. */
bool count_outcome(struct attacker *a, const struct request *req, int err);

void add_outcomes(struct attacker *sum, const struct attacker *a);

/* Prints a line of outcomes per kind of request; returns the number of requests. */
uint64_t print_outcomes(const struct attacker *a);

/* The other modes; each returns the program's exit status. */
int attack_as_user(uint64_t count, uint64_t seed);
int attack_unload(unsigned int seconds, uint64_t seed, const char *module);
int attack_notes(unsigned int seconds, uint64_t seed);

#endif
