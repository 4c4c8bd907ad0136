/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of attack share: requests to /dev/ffascope drawn at random, and how they ended. */
#ifndef FFASCOPE_TESTS_ATTACK_H
#define FFASCOPE_TESTS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw.h"
#include "ffascope.h"

#define DEVICE "/dev/ffascope"

/* Kinds of requests, as they are counted; those of DRIVER stand in the order of their numbers. */
enum kind {
	KIND_INFO,
	KIND_REGISTERS,
	KIND_REQUEST,
	KIND_RELINQUISH,
	KIND_SEND,
	KIND_DIRECT,
	KIND_DIRECT2,
	KIND_LOOK,
	KIND_PARTITIONS,
	KIND_NO_OPERATION, /* DRIVER with none of these */
	KIND_NO_NUMBER,	   /* our letter, a number that is no request */
	KIND_FOREIGN,	   /* another letter, or not _IOWR */
	NR_KINDS,
};

/*
 * Memory of an attacker, in three views of the same pages: one that can be written, one that can
 * only be read, one whose mapping another thread changes. Nothing is mapped behind each.
 */
#define AREA_PAGES 336
#define AREA_SIZE  ((size_t)AREA_PAGES * 4096)
#define CALLS_AT   ((size_t)16 * 4096)

struct area {
	char *rw, *ro, *shaky;
	int memfd;
};

#define NR_OUTCOMES 256

struct attacker {
	struct draw draw;
	struct area area;
	bool unsafe;	    /* the module makes the calls that are kept out otherwise */
	uint32_t partition; /* OP-TEE's endpoint ID */
	uint8_t uuid[16];   /* of its device */

	/* By errno, 0: done; [1]: done, and what arm_ffa returned. */
	uint64_t outcomes[NR_KINDS][2][NR_OUTCOMES];
	uint64_t calls; /* of REGISTERS, that were made */
};

struct request {
	unsigned int cmd;
	void *arg;
	enum kind kind;
	const char *answer; /* where the structure can be read after the request; NULL: nowhere */
};

int area_init(struct area *area);

/* Changes the view that is not to be relied on, by the random bits. */
void area_shake(const struct area *area, uint64_t bits);

/* Finds OP-TEE's device for the attacker, through an open file. Returns 0 or -1. */
int attacker_look(struct attacker *a, int fd);

/* Any pointer that a program can pass: to @size bytes somewhere in the area, or to nowhere. */
void *draw_pointer(struct attacker *a, size_t size, size_t *offset);

/* Draws the next request from a->draw, and writes what it points to. */
void draw_request(struct attacker *a, struct request *req);

/* Counts it. Returns whether ffascope.h has this outcome (an errno, or 0) for it. */
bool count_outcome(struct attacker *a, const struct request *req, int err);

void add_outcomes(struct attacker *sum, const struct attacker *a);

/* A line a kind of request, how many ended how; returns how many there were. */
uint64_t print_outcomes(const struct attacker *a);

/* The other parts; each returns the exit status of the program. */
int attack_as_user(uint64_t count, uint64_t seed);
int attack_unload(unsigned int seconds, uint64_t seed, const char *module);
int attack_notes(unsigned int seconds, uint64_t seed);

#endif
