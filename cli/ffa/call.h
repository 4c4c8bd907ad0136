/* SPDX-License-Identifier: GPL-2.0-only */
/* A row of the catalogue: a call with its registers, answers, errors and effects, and queries about it. */
#ifndef FFASCOPE_FFA_CALL_H
#define FFASCOPE_FFA_CALL_H

#include "ffa/field.h"

/* Function identifiers of the answers (DEN0077A 12.2, 12.3). */
#define FFA_FID_ERROR	   UINT32_C(0x84000060)
#define FFA_FID_ERROR_64   UINT32_C(0xc4000060)
#define FFA_FID_SUCCESS	   UINT32_C(0x84000061)
#define FFA_FID_SUCCESS_64 UINT32_C(0xc4000061)

/* Bit 30 of a function identifier: the SMC64 convention (DEN0028 2.5). */
#define FFA_FID_SMC64	   UINT32_C(0x40000000)

/* How the results of an answer are read beyond its fields. */
enum ffa_result {
	FFA_RESULT_FIELDS,
	FFA_RESULT_LISTS,	/* NOTIFICATION_INFO_GET: lists of endpoint and vCPU IDs */
	FFA_RESULT_DESCRIPTORS, /* PARTITION_INFO_GET_REGS: partition descriptors */
	FFA_RESULT_IN_BUFFER,	/* PARTITION_INFO_GET: the descriptors are in the RX buffer */
};

/* An answer to a call that did not fail. w1 of FFA_SUCCESS is described once, there. */
struct ffa_answer {
	uint32_t fid;			/* x0 of the answer; 0: x0 is the result itself */
	struct ffa_bits bits;		/* only where these bits of the call ... */
	uint64_t value;			/* ... have this value; no range: always */
	int32_t code;			/* of FFA_ERROR: for this status only */
	const char *when;		/* the same in words, NULL: always */
	const struct ffa_field *fields; /* from w2 on; NULL: see note, or the call named by fid */
	size_t nr_fields;
	enum ffa_result result;
	const char *note; /* a remark, or why the fields are not known; may be NULL */
	const char *source;
};

/* An error of a call, and when it is given. */
struct ffa_error {
	int32_t code;
	const char *when;
	const char *source; /* NULL: that of the call */
};

/* Where a call can be made (DEN0077A 11): instance by instance, through which conduits. */
enum ffa_instance {
	FFA_INSTANCE_NS_PHYSICAL,
	FFA_INSTANCE_S_PHYSICAL,
	FFA_INSTANCE_NS_VIRTUAL,
	FFA_INSTANCE_S_VIRTUAL,
	FFA_NR_INSTANCES
};

enum {
	FFA_CONDUIT_SMC = 1,
	FFA_CONDUIT_HVC = 2,
	FFA_CONDUIT_SVC = 4,
	FFA_CONDUIT_ERET = 8,
	FFA_CONDUIT_UNKNOWN = 16, /* the sources do not say; alone */
};

/* When a call changes state that others rely on. */
enum ffa_consent {
	FFA_CONSENT_NEVER,
	FFA_CONSENT_ALWAYS,
	FFA_CONSENT_IF_SET,   /* if the bits consent_bits are not all 0 */
	FFA_CONSENT_IF_CLEAR, /* if they are all 0 */
	FFA_CONSENT_IF_OLDER, /* if they hold a version before FFA_VERSION_DEFAULT */
};

/* Whether the undoing call has to be made first, to create the state that the call removes. */
enum ffa_first {
	FFA_FIRST_NOTHING,
	FFA_FIRST_ANYBODY, /* yes; existing state of another user can be removed, it can be restored */
	FFA_FIRST_OURS,	   /* yes; state of another user could not be restored */
};

/* One row of the catalogue: a function identifier. */
struct ffa_call {
	const char *name; /* FFA_...; the SMC64 form of a call that has both ends in _64 */
	uint32_t fid;
	uint32_t since;			    /* version */
	uint32_t until;			    /* last version that has it, 0: all since */
	const char *summary;		    /* one line, no full stop */
	const char *caller;		    /* who makes it at which instance; may be NULL */
	uint8_t conduits[FFA_NR_INSTANCES]; /* 0: cannot be made there */

	const struct ffa_field *fields;
	size_t nr_fields;
	const struct ffa_variant *variants;
	size_t nr_variants;
	const struct ffa_restriction *restrictions;
	size_t nr_restrictions;
	const struct ffa_alias *aliases;
	size_t nr_aliases;
	const struct ffa_answer *answers; /* none: it is itself an answer, or is not answered */
	size_t nr_answers;
	const struct ffa_error *errors;
	size_t nr_errors;
	const char *errors_note; /* why the list is short or empty; may be NULL */

	const char *changes; /* a clause: "takes away the VM's bitmap"; NULL: changes no state */
	const char *undo;    /* what undoes it; NULL: nothing does */
	enum ffa_consent consent;
	struct ffa_bits consent_bits;
	uint32_t undo_fid; /* the call that `undo` names, where it can be made at once; 0: none */
	enum ffa_first first;
	const char *undo_control; /* as control, for the call undo_fid; NULL: its own control */
	const char *no_sweep;	  /* why sweep never makes the call; NULL: it does */
	bool el2_reissues; /* pKVM's proxy issues its own SMCs for it and writes the answer */

	/*
	 * FIELD=VALUE words of the well-formed call on which sweep sets reserved bits. It uses its
	 * fields and changes as little as possible. {cpus}, {last-cpu}, {partition} and
	 * {version} are replaced by values of the machine. NULL: all fields 0.
	 */
	const char *control;
	/*
	 * Changes to the control that sweep tries one at a time: other endpoints, values at and beyond
	 * the ends of a field. FIELD=VALUE words as in control; "; " separates the changes. NULL:
	 * none.
	 */
	const char *values;
	/*
	 * Words that turn the control into one that changes nothing: the secure world refuses it, or
	 * there is nothing to change. For a machine on which nothing undoes the call. NULL: none.
	 */
	const char *harmless;
	const char *example; /* name and words; NULL: not to be called by a host */
	const char *note;    /* may be NULL */
	const char *source;
};

/* Whether a version of FF-A has this identifier. */
static inline bool ffa_call_known_in(const struct ffa_call *call, uint32_t version)
{
	return version >= call->since && (!call->until || version <= call->until);
}

/* All that have it: bit n is the version of index n. */
unsigned int ffa_call_versions(const struct ffa_call *call);

/* The version whose rules apply: `version`, or the nearest one that has the call. */
uint32_t ffa_rules_version(const struct ffa_call *call, uint32_t version);

/*
 * NULL if a call with these registers changes nothing that others rely on, else a clause that names
 * the change: "takes away the VM's notification bitmap". call may be NULL: the effect of an
 * identifier outside the catalogue is unknown, and the clause says so.
 */
const char *ffa_call_needs_consent(const struct ffa_call *call, const struct ffa_regs *regs);

/* Whether the call has a bitmap of what it changes, and no bit is set in it. */
bool ffa_call_changes_nothing(const struct ffa_call *call, const struct ffa_regs *regs);

/* What undoes the call, in words; NULL if nothing can or has to be undone. */
const char *ffa_call_undo(const struct ffa_call *call);

/* Whether x8 to x17 are never parameters of this identifier, in any version: SMC32 ones. */
bool ffa_call_takes_canary(uint32_t fid);

/* x0 = fid, everything else 0: the call with every field at its default. */
void ffa_call_init(const struct ffa_call *call, uint32_t fid, struct ffa_regs *regs);

/*
 * The rows of a call with these registers: its fields, with those of the variant that applies.
 * Returns how many, at most FFA_MAX_ROWS.
 */
size_t ffa_call_rows(const struct ffa_call *call, const struct ffa_dump *regs,
		     const struct ffa_field **rows);

/* The variant that applies; NULL: none, or what selects it was not given. */
const struct ffa_variant *ffa_call_variant(const struct ffa_call *call,
					   const struct ffa_dump *regs);

/*
 * Whether a bit of x0 to x17 carries nothing in this call (SMCCC: bits 63:32 of a w register, and
 * x8 to x17 of an SMC32 call). Such a bit is neither field nor reserved.
 */
bool ffa_not_parameter(const struct ffa_call *call, unsigned int reg, unsigned int bit);

#endif
