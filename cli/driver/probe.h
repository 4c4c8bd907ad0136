/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FF-A calls that the host makes, watched in the kernel through BPF: those of arm_ffa and of
 * the drivers above it, and those of the module ffascope for other processes.
 */
#ifndef FFASCOPE_DRIVER_PROBE_H
#define FFASCOPE_DRIVER_PROBE_H

#include "hyp/hyp.h"

/* Function identifiers by bits 7:0, and bit 30 as bit 8. */
#define DRIVER_IDENTIFIERS   512
#define DRIVER_INDEX(fid)    (((fid)&0xff) | ((fid) >> 30 & 1) << 8)

/* Where w1 of an identifier holds an endpoint ID. */
#define DRIVER_ENDPOINT_LOW  1
#define DRIVER_ENDPOINT_HIGH 2

/* Which calls are reported. BPF applies the filter before it copies anything. */
struct driver_filter {
	uint32_t pid;	   /* this process or thread only; 0: all */
	const char *comm;  /* tasks of this name only; NULL: all */
	bool calls;	   /* those of `call` only */
	bool has_endpoint; /* calls that name `endpoint` in w1 only */
	uint16_t endpoint;
	uint8_t call[DRIVER_IDENTIFIERS];
	uint8_t halves[DRIVER_IDENTIFIERS]; /* DRIVER_ENDPOINT_* */
};

struct driver_probe;

/* How the calls of arm_ffa are hooked. The first that the kernel has is taken. */
enum driver_way {
	DRIVER_WAY_TRACEPOINTS, /* of arm_ffa, see examples/kernel-tracepoints */
	DRIVER_WAY_FPROBE,	/* the function tracer: arm64 since 6.14, with CONFIG_FPROBE */
	DRIVER_WAY_KPROBES,	/* breakpoints at entry and return */
	NR_DRIVER_WAYS,
};

/*
 * Attaches. The caller's own calls are left out. ring_kb: room for calls that have not been read
 * yet, made a power of two; a call takes 360 bytes. -ENOENT: this kernel has no arm_ffa, or it is a
 * module that is not loaded. -ENOTSUP, -EPERM: BPF cannot attach. -ENOMEM.
 */
int driver_probe_open(struct driver_probe **probe, const struct driver_filter *filter, bool stacks,
		      unsigned int ring_kb, struct error *err);

/* Whether calls of the module ffascope are watched too: it has to be loaded before. */
bool driver_probe_sees_module(const struct driver_probe *probe);

enum driver_way driver_probe_way(const struct driver_probe *probe);

/* For messages: "tracepoints of arm_ffa". */
const char *driver_way_name(enum driver_way way);

/* ip: HOST_MAX_STACK return addresses, 0 after the last; NULL where stacks are not taken. */
typedef int (*driver_probe_fn)(void *ctx, const struct host_call *call,
			       const unsigned long long *ip);

/*
 * Passes on the calls that have ended; does not wait for any. *dropped and *missed are what was not
 * kept since the last read: see struct watch_round. Returns 0 or what fn returned.
 */
int driver_probe_read(struct driver_probe *probe, driver_probe_fn fn, void *ctx, uint64_t *dropped,
		      uint64_t *missed);

/* Whether there is anything to read. */
bool driver_probe_waits(const struct driver_probe *probe);

/* Detaches; calls that were seen before can still be read. */
void driver_probe_detach(struct driver_probe *probe);

/* NULL is allowed. */
void driver_probe_close(struct driver_probe *probe);

#endif
