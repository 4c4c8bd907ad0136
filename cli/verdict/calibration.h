/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the evidence is worth on one machine. Proxies differ between kernels: in the registers that
 * EL2 writes when it answers a call without TrustZone, and in whether the SMCs that it sends are
 * traced. Nothing of this is derived from a version number; it is measured with a few harmless
 * calls when a session opens, or learned from the calls of an old recording. Pure: no I/O.
 */
#ifndef FFASCOPE_CALIBRATION_H
#define FFASCOPE_CALIBRATION_H

#include "verdict/verdict.h"

/* The calls that are made to calibrate, in this order. */
enum calibration_probe {
	CALIBRATION_LOCAL,   /* MEM_OP_PAUSE: pKVM's proxies block it */
	CALIBRATION_FAR,     /* SPM_ID_GET: pKVM's proxies pass it through */
	CALIBRATION_ERROR,   /* FEATURES of an undefined feature: an error from below EL2 */
	CALIBRATION_REISSUE, /* PARTITION_INFO_GET, count only: EL2 sends its own request */
	CALIBRATION_VERSION, /* the version that arm_ffa negotiated: EL2 answers */
	CALIBRATION_NR_PROBES,
};

enum calibration_fact {
	CALIBRATION_NOT_KNOWN,
	CALIBRATION_NO,
	CALIBRATION_YES,
};

/* What can come back in x8-x17 of a call that sent canaries there; a set. */
enum {
	CALIBRATION_KEPT = 1,	 /* as sent */
	CALIBRATION_ZEROED = 2,	 /* all zero */
	CALIBRATION_FOREIGN = 4, /* neither */
};

/* The forms of a negative status in x2; a set. */
enum {
	CALIBRATION_STATUS_64 = 1, /* sign-extended to 64 bits */
	CALIBRATION_STATUS_32 = 2, /* upper half zero */
};

/* What the answers of one origin looked like. */
struct calibration_seen {
	unsigned int canaries; /* set of CALIBRATION_KEPT ... */
	unsigned int statuses; /* set of CALIBRATION_STATUS_64 ... */
};

/* All zero: nothing is known, and the registers are not a witness. */
struct calibration {
	bool measured;		       /* by calls made for it; else learned from other calls */
	bool traced;		       /* the trace showed the calls that were made for it */
	struct calibration_seen el2;   /* answers that EL2 wrote without sending an SMC */
	struct calibration_seen below; /* answers of calls that EL2 passed through */
	uint32_t el2_writes; /* bit n: EL2's own answer wrote x<n>; x3-x17 only; 0: not known */
	enum calibration_fact passed_traced;   /* an SMC that EL2 passes through is traced */
	enum calibration_fact reissued_traced; /* EL2's own SMCs are traced */
	enum calibration_fact extra_smcs;      /* EL2 sends its own SMCs before every call */
	enum calibration_fact local_blocked;   /* MEM_OP_PAUSE never left EL2 */
};

/* Fills in the call of a probe. version: what arm_ffa negotiated, 0: that probe is not made. */
bool calibration_probe(enum calibration_probe probe, uint32_t version, struct ffa_regs *in);

/*
 * Judges the calls that were made to calibrate. verdicts: of the same n calls, by the trace alone
 * (a verdict_join without calibration). Without a trace, the call itself tells the origin;
 * facts that the answers do not confirm are not used.
 */
void calibration_judge(struct calibration *cal, const struct verdict_call *calls,
		       const struct verdict *verdicts, unsigned int n);

/* A batch of such calls and its part of the trace, as struct record_batch has them. */
struct calibration_run {
	bool hvc;
	unsigned int precision_ns;
	uint32_t cpu;
	enum verdict_reason reason; /* not VERDICT_REASON_NONE: there is no trace of them */
	uint64_t from_ns, until_ns;
	struct verdict_clock clock;
	uint32_t nr_calls, nr_events;
};

/* Judges it. -ENOMEM; -EINVAL: an impossible CPU number, or calls of several CPUs. */
int calibration_run(struct calibration *cal, const struct calibration_run *run,
		    const struct verdict_call *calls, const struct hyp_event *events);

/* Whether nothing more can be learned by another try with the trace. */
bool calibration_is_complete(const struct calibration *cal);

/* What the calls of an old recording show by their trace. All zero to begin with. */
struct calibration_learner {
	struct calibration_seen el2, below;
	bool reissue_seen;   /* an SMC of a call that EL2 re-issues is in the trace */
	bool reissue_missed; /* such a call had success, and none was in the trace */
};

/* Takes the next call with its verdict by the trace alone. */
void calibration_learn(struct calibration_learner *learner, const struct verdict_call *call,
		       const struct verdict *v);
void calibration_learned(const struct calibration_learner *learner, struct calibration *cal);

/* Which witnesses can be used. */
bool calibration_uses_canaries(const struct calibration *cal);
bool calibration_uses_statuses(const struct calibration *cal);

/* Whom the registers of a call suggest as the author of its answer. */
enum verdict_inferred calibration_infer(const struct calibration *cal,
					const struct verdict_call *call);

/* Combines the evidence of the trace and the registers; changes kind, reason and inferred of *v. */
void calibration_check(const struct calibration *cal, const struct verdict_call *call,
		       struct verdict *v);

/*
 * What was found, in sentences for -v and doctor: the index-th, from 0, into buf. False after the
 * last one.
 */
bool calibration_sentence(const struct calibration *cal, unsigned int index, char *buf,
			  size_t size);

/* "kept", "zeroed", "kept or zeroed" and so on; NULL: not known. */
const char *calibration_canaries_name(unsigned int set);

/* "64-bit", "32-bit", "either"; NULL: not known. */
const char *calibration_statuses_name(unsigned int set);

#endif
