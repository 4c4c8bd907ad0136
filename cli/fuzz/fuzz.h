/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random calls against a model. A sweep learns which single thing EL2 refuses; the model says from
 * that what EL2 does with several things set at once: it refuses the call if it refuses one of them
 * alone. A call that departs from the prediction is a finding. Pure: struct fuzz_port makes the calls.
 */
#ifndef FFASCOPE_FUZZ_H
#define FFASCOPE_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "sweep/sweep.h"

#define FUZZ_MAX_UNITS	64
#define FUZZ_MAX_BEFORE 16
#define FUZZ_BATCH	512

/* The parts of a call that are set as one: a field, or the reserved bits of one register. */
struct fuzz_unit {
	const char *name; /* of the field; NULL: reserved bits, or bits that are no parameter */
	const struct ffa_field *field; /* of a name */
	uint8_t reg, regs;	       /* first register, and how many have these bits */
	uint8_t hi, lo;
	bool wide;
};

/*
 * A well-formed call on which things are set, and what EL2 does with each bit flipped alone. Where a
 * rule of the call depends on a field, there is a base for each value of the field.
 */
struct fuzz_base {
	struct ffa_regs in;	       /* with canaries */
	enum verdict_kind kind;	       /* what EL2 does with it */
	uint32_t most_smcs;	       /* that EL2 sent for it, or for it with one bit flipped */
	uint64_t usable[FFA_NR_REGS];  /* bits that are flipped */
	uint64_t refused[FFA_NR_REGS]; /* of these, the ones that EL2 refuses alone */
};

/* A call that is drawn. */
struct fuzz_call {
	const struct sweep_call *sc;
	struct fuzz_unit units[FUZZ_MAX_UNITS];
	size_t nr_units;
	struct fuzz_base *bases;
	size_t nr_bases;
	bool ours;	/* the state that it removes is created before and removed after a batch */
	bool dropped;	/* the module refuses it */
	uint64_t calls; /* made, those of confirming and reducing left out */
	uint64_t departures;
	uint64_t unknown;
	size_t nr_findings;
};

/* How a call departs from the prediction. */
enum fuzz_kind {
	FUZZ_AS_PREDICTED,
	FUZZ_PASSES,	/* EL2 should refuse it */
	FUZZ_REFUSED,	/* EL2 should not */
	FUZZ_OTHER_WAY, /* EL2 forwards it and should answer it, or the reverse */
	FUZZ_MORE_SMCS, /* it leaves EL2 more often than it should */
	FUZZ_SLOW,
	FUZZ_NR_KINDS
};

/* When it departs. */
enum fuzz_when {
	FUZZ_ALWAYS,
	FUZZ_FIRST,	/* the sweep saw something else than later calls */
	FUZZ_AFTER,	/* after other calls */
	FUZZ_SOMETIMES, /* in some of many calls */
	FUZZ_AT_ONCE,	/* in some of many calls, while other CPUs make another one */
};

struct fuzz_finding {
	const struct fuzz_call *call;
	const struct fuzz_base *base;
	enum fuzz_kind kind;
	enum fuzz_when when;
	struct ffa_regs in;	    /* reduced */
	struct sweep_result result; /* of the reduced call */
	struct ffa_regs drawn;	    /* as it was found */
	int cpu;		    /* it departs on this CPU only; -1: on all that were tried */
	unsigned int times, tries;  /* of FUZZ_SOMETIMES and FUZZ_AT_ONCE */
	/* Of FUZZ_AFTER; of FUZZ_AT_ONCE, the one call that other CPUs make. */
	struct ffa_regs before[FUZZ_MAX_BEFORE];
	unsigned int nr_before;
	uint64_t seen;	/* departures that are taken for this one */
	char text[512]; /* one sentence, without a full stop */
};

struct fuzz_options {
	uint64_t seed;
	uint64_t count;	  /* calls; 0: until the port says */
	uint64_t slow_ns; /* a call that takes longer is a finding; 0: none is */
	bool consent;
};

struct fuzz {
	struct fuzz_options opts;
	uint32_t version;
	uint64_t state; /* of the generator */
	struct fuzz_call *calls;
	size_t nr_calls;
	struct fuzz_finding *findings;
	size_t nr_findings, max_findings;
	uint64_t made;		/* calls drawn and made */
	uint64_t more;		/* calls made to learn, confirm and reduce */
	uint64_t unknown;	/* verdicts of drawn calls */
	uint64_t departures;	/* drawn calls */
	uint64_t passing;	/* of departures: those that could not be repeated */
	char passing_text[512]; /* the first of them */
};

/* A batch of one CPU, made while others make theirs. */
struct fuzz_lane {
	int cpu;
	const struct ffa_regs *in;
	unsigned int n; /* at most FUZZ_BATCH */
	struct sweep_result *out;
};

/* How calls are made. */
struct fuzz_port {
	void *ctx;
	const int *cpus; /* used in turn, or at once */
	size_t nr_cpus;	 /* 1 or more */
	/* As struct sweep_port has it, on one CPU. */
	int (*call)(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n, bool must,
		    struct sweep_result *out);
	/*
	 * Makes the calls of all lanes at the same time; their CPUs differ. Otherwise as `call', but
	 * if the module refuses a call, other lanes' calls may have been made.
	 */
	int (*call_at_once)(void *ctx, const struct fuzz_lane *lanes, size_t nr_lanes);
	/*
	 * Each so many-th turn is a batch on every CPU at once; the others are a batch on one CPU,
	 * while the rest is idle. 0: none is.
	 */
	unsigned int at_once_every;
	/* Whether another batch may begin: the time is not over. */
	bool (*go_on)(void *ctx);
};

/*
 * Takes the calls of a sweep that was made and ended. Calls that were skipped, or whose control has
 * no verdict, are left out. The sweep must outlive the model. Returns 0 or -ENOMEM.
 */
int fuzz_init(struct fuzz *fuzz, const struct sweep *sweep, const struct fuzz_options *opts);
void fuzz_free(struct fuzz *fuzz);

/* Whether a call is drawn without having been named: one that EL2 handles or blocks. */
bool fuzz_is_default(const struct sweep_call *call);

/*
 * Flips each bit of each base. A bit of which the sweep says something else is a finding. Returns 0
 * or a negative errno of the port.
 */
int fuzz_learn(struct fuzz *fuzz, const struct fuzz_port *port);

/*
 * Draws and makes calls, and confirms, reduces and keeps what departs. Everything that a batch
 * changed is undone after it. Returns 0 when it is done, or a negative errno of the port.
 */
int fuzz_run(struct fuzz *fuzz, const struct fuzz_port *port);

/* ---- drawing ---- */

/* The next number of the generator. */
uint64_t fuzz_random(struct fuzz *fuzz);

/* Draws a call. False: there is none to draw. Pure: the same seed gives the same calls. */
bool fuzz_draw(struct fuzz *fuzz, struct ffa_regs *in, struct fuzz_call **call,
	       const struct fuzz_base **base);

/* ---- the model ---- */

/* What EL2 does with a call that differs from its base in usable bits. VERDICT_UNKNOWN: not known. */
enum verdict_kind fuzz_predict(const struct fuzz_base *base, const struct ffa_regs *in);

/* What a right proxy does with the call of a finding. */
enum verdict_kind fuzz_expected(const struct fuzz_finding *finding);

/* How a result departs. */
enum fuzz_kind fuzz_judge(const struct fuzz *fuzz, const struct fuzz_base *base,
			  const struct ffa_regs *in, const struct sweep_result *result);

/* ---- words ---- */

/* "w2[9]=1 vcpu-id=3": what differs from the base. Length as snprintf(). */
size_t fuzz_format_words(const struct fuzz_call *call, const struct fuzz_base *base,
			 const struct ffa_regs *in, char *buf, size_t size);

/* Whether a unit differs from the base. */
bool fuzz_unit_differs(const struct fuzz_unit *unit, const struct fuzz_base *base,
		       const uint64_t x[FFA_NR_REGS]);

/* Fills finding->text. */
void fuzz_describe(struct fuzz_finding *finding);

/* "passes", "refused", ... */
const char *fuzz_kind_name(enum fuzz_kind kind);
/* "always", "first", ... */
const char *fuzz_when_name(enum fuzz_when when);

/*
 * Writes a script for ffascope-script(5) that fails where the finding is and passes where EL2 does as
 * predicted. False: no script can show it, as it was seen once only.
 */
bool fuzz_script(FILE *out, const struct fuzz_finding *finding, uint64_t seed);

#endif
