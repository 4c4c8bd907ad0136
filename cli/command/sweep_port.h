/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine that `sweep' and `fuzz' work on, and their calls through a session. */
#ifndef FFASCOPE_SWEEP_PORT_H
#define FFASCOPE_SWEEP_PORT_H

#include "record/record.h"
#include "session/session.h"
#include "sweep/sweep.h"
#include "command/verb.h"

/*
 * What the plan of a sweep needs to know of this machine; also kept in `about`, for a recording.
 * kernel: gets the release of the running kernel.
 */
void sweep_machine_find(const struct options *opts, struct sweep_machine *machine,
			struct record_about *about, char *kernel, size_t size);

/*
 * Writes the GNU build ID of the running kernel in hexadecimal, size characters at most. Two builds of
 * one release differ in it. Empty if the kernel does not tell it.
 */
void sweep_build_find(char *build, size_t size);

/* The same from a recording. */
void sweep_machine_recorded(const struct record_about *about, struct sweep_machine *machine);

struct sweep_calls {
	struct session *session;
	int cpu; /* -1: any */
	struct error err;
	int bad;
	bool quick; /* the shorter pause is in use */
};

/* Makes calls on a CPU; as struct sweep_port has it. */
int sweep_calls_on(struct sweep_calls *calls, int cpu, const struct ffa_regs *in, unsigned int n,
		   bool must, struct sweep_result *out);
/* The same on calls->cpu, for struct sweep_port; ctx is a struct sweep_calls. */
int sweep_calls_make(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		     struct sweep_result *out);

struct fuzz_lane;

/* Makes the calls of all lanes at the same time; as struct fuzz_port has it. */
int sweep_calls_at_once(struct sweep_calls *calls, const struct fuzz_lane *lanes, size_t nr_lanes);

#endif
