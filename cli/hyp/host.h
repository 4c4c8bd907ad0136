/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FF-A calls that the host makes, watched in the kernel through BPF: those of arm_ffa and of
 * the drivers above it, and those of the module ffascope for other processes.
 */
#ifndef FFASCOPE_HYP_HOST_H
#define FFASCOPE_HYP_HOST_H

#include "hyp/hyp.h"

/* Function identifiers by bits 7:0, and bit 30 as bit 8. */
#define HYP_HOST_IDENTIFIERS   512
#define HYP_HOST_INDEX(fid)    (((fid)&0xff) | ((fid) >> 30 & 1) << 8)

/* Where w1 of an identifier holds an endpoint ID. */
#define HYP_HOST_ENDPOINT_LOW  1
#define HYP_HOST_ENDPOINT_HIGH 2

/* What is to be seen. All of it is looked at in BPF, before a call costs anything more. */
struct hyp_host_filter {
	uint32_t pid;	   /* this process or thread only; 0: all */
	const char *comm;  /* tasks of this name only; NULL: all */
	bool calls;	   /* those of `call` only */
	bool has_endpoint; /* calls that name `endpoint` in w1 only */
	uint16_t endpoint;
	uint8_t call[HYP_HOST_IDENTIFIERS];
	uint8_t halves[HYP_HOST_IDENTIFIERS]; /* HYP_HOST_ENDPOINT_* */
};

struct hyp_host;

/*
 * Attaches. The caller's own calls are left out. ring_kb: room for calls that have not been read
 * yet, made a power of two; a call takes 360 bytes. -ENOENT: this kernel has no arm_ffa, or it is a
 * module that is not loaded. -ENOTSUP, -EPERM: BPF cannot attach. -ENOMEM.
 */
int hyp_host_open(struct hyp_host **host, const struct hyp_host_filter *filter, bool stacks,
		  unsigned int ring_kb, struct hyp_error *err);

/* Whether calls of the module ffascope are watched too: it has to be loaded before. */
bool hyp_host_sees_module(const struct hyp_host *host);

/* ip: HOST_MAX_STACK return addresses, 0 behind the last; NULL where stacks are not taken. */
typedef int (*hyp_host_fn)(void *ctx, const struct host_call *call, const unsigned long long *ip);

/*
 * Hands on the calls that have ended; does not wait for any. *dropped and *missed are what was not
 * kept since the last read: see struct watch_round. Returns 0 or what fn returned.
 */
int hyp_host_read(struct hyp_host *host, hyp_host_fn fn, void *ctx, uint64_t *dropped,
		  uint64_t *missed);

/* Whether there is anything to read. */
bool hyp_host_waits(const struct hyp_host *host);

/* Detaches; what has been seen before can still be read. */
void hyp_host_detach(struct hyp_host *host);

/* NULL is allowed. */
void hyp_host_close(struct hyp_host *host);

#endif
