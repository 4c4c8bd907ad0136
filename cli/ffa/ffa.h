/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of the Firmware Framework for Arm A-profile (DEN0077A) as data, and functions over that
 * data. Pure: no I/O, no kernel, no mutable global state.
 *
 * The rules apply to the caller that ffascope is: the host at the Non-secure physical instance,
 * endpoint ID 0.
 */
#ifndef FFASCOPE_FFA_H
#define FFASCOPE_FFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The registers of a call or of its answer: x0 to x17 (DEN0028, SMC64 calling convention 1.2). */
#define FFA_NR_REGS 18

struct ffa_regs {
	uint64_t x[FFA_NR_REGS];
};

/*
 * Registers as a log gives them. One that was not given is not zero: nothing may be concluded from
 * it. Its value in x is 0.
 */
struct ffa_dump {
	union {
		struct ffa_regs regs;
		uint64_t x[FFA_NR_REGS];
	};
	uint64_t missing; /* bit 2n: x[n] bits 31:0 were not given; bit 2n + 1: bits 63:32 */
};

/* Every register but x0. */
#define FFA_MISSING_ARGUMENTS	     UINT64_C(0xffffffffc)
#define FFA_MISSING_ALL		     UINT64_C(0xfffffffff)

/* Versions of FF-A, encoded as in FFA_VERSION: major 30:16, minor 15:0. */
#define FFA_VERSION_OF(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))
#define FFA_VERSION_1_0		     FFA_VERSION_OF(1, 0)
#define FFA_VERSION_1_1		     FFA_VERSION_OF(1, 1)
#define FFA_VERSION_1_2		     FFA_VERSION_OF(1, 2)
#define FFA_VERSION_1_3		     FFA_VERSION_OF(1, 3)
#define FFA_VERSION_DEFAULT	     FFA_VERSION_1_2

/* Number of versions in a row of the catalogue: 1.0, 1.1, 1.2, 1.3, in this order. */
#define FFA_NR_VERSIONS		     4

/* Function identifiers of the answers (DEN0077A 12.2, 12.3). */
#define FFA_FID_ERROR		     UINT32_C(0x84000060)
#define FFA_FID_ERROR_64	     UINT32_C(0xc4000060)
#define FFA_FID_SUCCESS		     UINT32_C(0x84000061)
#define FFA_FID_SUCCESS_64	     UINT32_C(0xc4000061)

/* Bit 30 of a function identifier: the SMC64 convention (DEN0028 2.5). */
#define FFA_FID_SMC64		     UINT32_C(0x40000000)

/* The rule of one version of the specification for a range of bits. */
enum ffa_rule {
	FFA_RULE_NONE,	  /* the bits are a field, or the call does not exist in this version */
	FFA_RULE_MBZ,	  /* must be zero: the callee answers INVALID_PARAMETERS otherwise */
	FFA_RULE_SBZ,	  /* should be zero: the callee ignores them (DEN0077A 1.2, 11.2) */
	FFA_RULE_UNKNOWN, /* reserved; the sources do not say which of the two */
	FFA_RULE_NO_PARAMETER, /* not a parameter of the call in this version, so no rule at all */
	FFA_RULE_VALUE,	       /* of a violation only: the field does not have this value */
} __attribute__((packed));

/* How the value of a field is written and read. Each takes a plain number as well. */
enum ffa_type {
	FFA_TYPE_HEX,	   /* 0x..., any width */
	FFA_TYPE_DECIMAL,  /* up to 64 bits */
	FFA_TYPE_ID,	   /* endpoint ID: decimal below 0x8000, else 0x... */
	FFA_TYPE_VERSION,  /* 1.2 */
	FFA_TYPE_STATUS,   /* int32, by name: DENIED */
	FFA_TYPE_FUNCTION, /* function or feature identifier, by name: sri, NOTIFICATION_SET */
	FFA_TYPE_UUID,	   /* 128 bits, as RFC 9562 writes them */
	FFA_TYPE_TEXT,	   /* characters, the first in bits 7:0 of the first register */
};

/* A name of the specification for one value of a field. A list ends with name == NULL. */
struct ffa_symbol {
	const char *name;
	uint64_t value;
	const char *meaning;
};

/* A range of bits of one register. hi == lo == reg == 0: no range. */
struct ffa_bits {
	uint8_t reg; /* 0 to 17 */
	uint8_t hi;  /* highest bit */
	uint8_t lo;
};

/*
 * One row of a register layout: a field, or reserved bits. The rows of a call and the bits that are
 * not parameters cover every bit of x1 to x17 exactly once.
 */
struct ffa_field {
	uint8_t reg;  /* first register, 0 to 17 */
	uint8_t regs; /* how many registers in a row have these bits, 1 or more, low bits first */
	uint8_t hi;   /* highest bit, the same in each register */
	uint8_t lo;
	bool wide; /* bits of an x register, else of a w one */
	enum ffa_type type;
	enum ffa_rule rule[FFA_NR_VERSIONS];
	uint16_t min, max;	/* values that the field can have; max 0: all that fit */
	bool closed;		/* it can have the values in symbols only */
	struct ffa_bits length; /* of FFA_TYPE_TEXT: where the number of characters is */
	struct ffa_bits needs;	/* the symbols are names only while these bits are not 0 */
	const char *name;	/* NULL: reserved in every version */
	const char *meaning;	/* may be NULL for reserved bits */
	const struct ffa_symbol *symbols; /* NULL, or names for values */
	const char *unknown;		  /* why a rule is FFA_RULE_UNKNOWN; NULL if none is */
	const char *source;
};

/* Bits of a field that are reserved at this instance, or for a value of another field. */
struct ffa_restriction {
	uint8_t reg;
	uint8_t regs;
	uint8_t hi;
	uint8_t lo;
	bool wide;
	struct ffa_bits zero; /* the rule holds while these bits are 0; no range: always */
	enum ffa_rule rule[FFA_NR_VERSIONS];
	const char *when;    /* "at the Non-secure physical instance", "while per-vcpu is 0" */
	const char *unknown; /* as in struct ffa_field */
	const char *source;
};

/*
 * The rows from register `reg` on for a value of other bits, in place of those that the call has
 * there: the payload of a framework message by its type.
 */
struct ffa_variant {
	const char *name;
	uint32_t since; /* version */
	uint32_t mask;	/* it applies while w[select] & mask == value */
	uint32_t value;
	uint8_t select;
	uint8_t reg;
	const struct ffa_field *fields;
	size_t nr_fields;
	const char *source;
};

/* A second name for bits that the fields cover already, for FIELD=VALUE only. */
struct ffa_alias {
	uint8_t reg;
	uint8_t hi;
	uint8_t lo;
	enum ffa_type type;
	bool flags; /* the value may be names of the one-bit fields in this range, joined by | */
	const char *name;
};

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

/* A feature identifier of FFA_FEATURES (DEN0077A 1.3 ALP4 Table 13.14). */
struct ffa_feature {
	const char *name; /* as FIELD=VALUE takes it: "sri" */
	uint32_t id;
	uint32_t since; /* 0: the sources do not say */
	const char *meaning;
};

/* A bit or a range of the partition properties (DEN0077A 1.3 ALP4 Table 6.2). */
struct ffa_property {
	uint8_t hi;
	uint8_t lo;
	uint32_t since; /* 0: the sources do not say */
	const char *name;
	const char *meaning;
	const struct ffa_symbol *symbols; /* NULL for a flag */
};

/* A rule of the catalogue that a set of registers breaks: one for each row and register. */
struct ffa_violation {
	unsigned int reg; /* 0 to 17 */
	unsigned int hi;  /* highest bit of the reserved range */
	unsigned int lo;
	bool wide; /* the range belongs to an x register, not to a w one */
	enum ffa_rule rule;
	uint64_t value;	     /* the bits found there, shifted down to bit 0 */
	const char *field;   /* the field that these bits are elsewhere, or NULL */
	const char *when;    /* why the field is reserved here, or NULL */
	const char *unknown; /* why the rule is not known, or NULL */
	const char *source;
};

/* ---- the rows ---- */

/* Number of identifiers, which are in order of function number, SMC32 before SMC64. */
size_t ffa_call_count(void);
/* The row at index (from 0), NULL after the last. */
const struct ffa_call *ffa_call_at(size_t index);
/* The row of a function identifier, NULL if the catalogue has none. */
const struct ffa_call *ffa_call_by_fid(uint32_t fid);
/* The difference between an identifier that is not in the catalogue and one that is. */
enum ffa_fid_fault {
	FFA_FID_EXACT,
	FFA_FID_HINT,  /* the SVE hint, bit 16, is set (DEN0028 2.5); the call is that without it */
	FFA_FID_WIDTH, /* only the other convention (bit 30) has this function number */
	FFA_FID_UNKNOWN, /* no row */
};

/* The row of an identifier, or of the one that it comes close to. NULL only if UNKNOWN. */
const struct ffa_call *ffa_call_closest(uint32_t fid, enum ffa_fid_fault *fault);
/*
 * The row that a word names: the specification's name with or without FFA_, any case, - or _;
 * _64 at the end for the SMC64 form (also where there is no other); or the number of a known
 * call, decimal or 0x. NULL if there is none.
 */
const struct ffa_call *ffa_call_find(const char *word);
/* The same, but any number that fits 32 bits will do. Returns 0, or -EINVAL. */
int ffa_call_parse_fid(const char *word, uint32_t *fid);
/*
 * Writes the rows with the names nearest to a word into out, best first, at most n. Returns how many
 * were written. Names that share nothing with the word are left out.
 */
size_t ffa_call_nearest(const char *word, const struct ffa_call **out, size_t n);
/* Whether a name fits a shell pattern (* and ?), with or without FFA_, any case, - or _. */
bool ffa_call_matches(const struct ffa_call *call, const char *pattern);
const char *ffa_call_name(const struct ffa_call *call);
uint32_t ffa_call_fid(const struct ffa_call *call);
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
/*
 * An example command, "ffascope call ...", with the consent option that it needs. Returns the length
 * as snprintf() does; empty for a call that a host does not make.
 */
size_t ffa_format_example(const struct ffa_call *call, char *buf, size_t size);
/* Whether the call has a bitmap of what it changes, and no bit is set in it. */
bool ffa_call_changes_nothing(const struct ffa_call *call, const struct ffa_regs *regs);

/* What undoes the call, in words; NULL if nothing can or has to be undone. */
const char *ffa_call_undo(const struct ffa_call *call);
/*
 * Whether pKVM's proxy answers this call itself and issues its own SMCs for it, so that the
 * registers of the answer do not tell what left EL2 (arch/arm64/kvm/hyp/nvhe/ffa.c,
 * kvm_host_ffa_handler).
 */
bool ffa_call_el2_reissues(const struct ffa_call *call);
/*
 * Whether Linux expects the proxy to refuse reserved bits of this call: the calls that it handles,
 * and not those that it passes through unread (proxy.c names the sources).
 */
bool ffa_call_el2_checks(uint32_t fid);
/*
 * Of a call that EL2 rebuilds: whether EL2's own request carries this bit of the host's register.
 * success: the call succeeded. False for a call that EL2 does not rebuild.
 */
bool ffa_call_el2_passes(uint32_t fid, unsigned int reg, unsigned int bit, bool success);
/*
 * Of a call that carries the caller's endpoint ID: where. Linux expects the proxy to refuse an ID that
 * is not the host's there (proxy.c names the sources). False: the proxy checks no ID of this call.
 */
bool ffa_call_el2_checks_id(uint32_t fid, struct ffa_bits *id);
/* Whether x8 to x17 are never parameters of this identifier, in any version: SMC32 ones. */
bool ffa_call_takes_canary(uint32_t fid);
/* x0 = fid, everything else 0: the call with every field at its default. */
void ffa_call_init(const struct ffa_call *call, uint32_t fid, struct ffa_regs *regs);

size_t ffa_feature_count(void);
const struct ffa_feature *ffa_feature_at(size_t index);
size_t ffa_property_count(void);
const struct ffa_property *ffa_property_at(size_t index);

/* ---- versions ---- */

/* "1.0" to "1.3" -> version. Returns 0, or -EINVAL for what the catalogue does not know. */
int ffa_version_parse(const char *text, uint32_t *version);
/* "1.2"; the string is as long as the program runs for the four versions of the catalogue. */
const char *ffa_version_name(uint32_t version);
/* The same for any version, into buf. Returns its length as snprintf() does. */
size_t ffa_format_version(uint32_t version, char *buf, size_t size);
/* Index of a version in a row's rules: later minor versions count as the last one known. */
unsigned int ffa_version_index(uint32_t version);
/* The version of an index below FFA_NR_VERSIONS. */
static inline uint32_t ffa_version_at(unsigned int index)
{
	return FFA_VERSION_OF(1, index);
}

/* ---- rules ---- */

/* "MBZ", "SBZ", "?", "field" or "-". */
const char *ffa_rule_name(enum ffa_rule rule);
/* The same for a violation, as a word: "MBZ", "SBZ", "unknown", "value". */
const char *ffa_violation_name(enum ffa_rule rule);
#define FFA_MAX_ROWS 40

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
/* The highest value of bits hi:lo, 0 <= lo <= hi <= 63. */
static inline uint64_t ffa_bits_max(unsigned int hi, unsigned int lo)
{
	return UINT64_MAX >> (63 - (hi - lo));
}

/* Bits hi:lo set, in their place. */
static inline uint64_t ffa_bits_mask(unsigned int hi, unsigned int lo)
{
	return ffa_bits_max(hi, lo) << lo;
}

/* Bits reg[hi:lo], shifted down to bit 0. */
static inline uint64_t ffa_bits_get(const struct ffa_regs *regs, unsigned int reg, unsigned int hi,
				    unsigned int lo)
{
	return regs->x[reg] >> lo & ffa_bits_max(hi, lo);
}

/* "31:16" or "9"; returns the length as snprintf(). */
size_t ffa_format_bits(unsigned int hi, unsigned int lo, char *buf, size_t size);
void ffa_bits_set(struct ffa_regs *regs, unsigned int reg, unsigned int hi, unsigned int lo,
		  uint64_t value);
/*
 * The rules of a version that these registers break; those of ffa_rules_version() if the version
 * does not have the call. Writes at most n, returns how many there are. None for call == NULL.
 */
size_t ffa_violations(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
		      struct ffa_violation *out, size_t n);
/*
 * The index-th reserved range of a call in a version, for any value of the bits: one register each,
 * in order of the table, value = what regs has there. Fields that are reserved at this instance
 * are among them, and those that are reserved by the value of another field in regs (NULL: all
 * registers 0). Returns false after the last.
 */
bool ffa_reserved_at(const struct ffa_call *call, uint32_t version, const struct ffa_regs *regs,
		     size_t index, struct ffa_violation *out);
size_t ffa_reserved_count(const struct ffa_call *call, uint32_t version,
			  const struct ffa_regs *regs);

/* The row with this name among nr rows; NULL if there is none. Exact, as the table has it. */
const struct ffa_field *ffa_field_by_name(const struct ffa_field *fields, size_t nr,
					  const char *name);
/* The value of a field of at most 64 bits; of a wider one, its lowest 64. */
uint64_t ffa_field_get(const struct ffa_field *field, const struct ffa_regs *regs);

/* ---- FIELD=VALUE ---- */

/*
 * One word FIELD=VALUE onto registers: a field's name, or w2=5, x4=0x1, w1[31:16]=0xdead, w2[9]=1;
 * registers 0 to 17, of which wN touches bits 31:0 only. Values: decimal, 0x, 0b, and the names
 * that the specification has. call is NULL for an identifier that is not in the catalogue.
 * Returns 0, or -EINVAL with a message in err that names the word, the place in it and the fix;
 * then nothing was changed.
 */
int ffa_assign(const struct ffa_call *call, struct ffa_regs *regs, const char *word, char *err,
	       size_t err_size);

/*
 * Parses a register word of the same grammar ("w2[31:0]=0xfffffffe") into reg[hi:lo] and a value, for
 * comparison. Returns 0, or -EINVAL with a message in err.
 */
int ffa_parse_register(const char *word, struct ffa_bits *bits, uint64_t *value, char *err,
		       size_t err_size);

/*
 * The fields of these registers as words that ffa_assign() takes: "vm-id=0 vcpu-count=4", each
 * field of the table, then the set bits that are reserved or no parameters
 * ("w1[31:16]=0x1"). Fields of a later version are left out while they are 0. Returns the length
 * as snprintf() does.
 */
size_t ffa_format_fields(const struct ffa_call *call, const struct ffa_regs *regs, char *buf,
			 size_t size);

/* The same without fields that are 0, for a reader. */
size_t ffa_format_set_fields(const struct ffa_call *call, const struct ffa_regs *regs, char *buf,
			     size_t size);

/* The value of one field of these registers, as its type is written. Length as snprintf(). */
size_t ffa_format_value(const struct ffa_field *field, const struct ffa_regs *regs, char *buf,
			size_t size);

/* "w1[31:16]", "x2", "w3-w7". Length as snprintf(). */
size_t ffa_format_place(const struct ffa_field *field, char *buf, size_t size);

/*
 * Reserved bits that are set, with what each version says of them, "w1[31:16]=0x1 (1.1 MBZ, 1.2
 * MBZ, 1.3 MBZ)"; version 0: all versions that have the call. Empty if there are none.
 */
size_t ffa_format_rules(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
			char *buf, size_t size);

/*
 * A call as one line: its name or number, its fields as words, what was not given, and with rules,
 * the reserved bits that are set, as ffa_format_rules() has them. "FFA_ID_GET  ! w1=0x1 (1.0 MBZ,
 * ...)". Length as snprintf(). call may be NULL.
 */
size_t ffa_format_call(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		       bool rules, char *buf, size_t size);

/* ---- answers ---- */

/*
 * The status code in an answer: 0 for FFA_SUCCESS, w2 of FFA_ERROR, -1 for SMCCC's "unknown
 * function". False if the answer carries none: FFA_VERSION's version, FFA_INTERRUPT, a response.
 * call may be NULL.
 */
bool ffa_answer_status(const struct ffa_call *call, const struct ffa_regs *out, int32_t *code);
/* "SUCCESS", "NOT_SUPPORTED", ...; NULL if the code has no name. */
const char *ffa_status_name(int32_t code);
/* The reverse, any case, - or _. Returns 0, or -EINVAL. */
int ffa_status_by_name(const char *name, int32_t *code);
/* The catalogue's entry for the answer `out` to the call `in` (NULL: registers not known). */
const struct ffa_answer *ffa_answer_find(const struct ffa_call *call, const struct ffa_regs *in,
					 const struct ffa_regs *out);
/*
 * An answer in a few words: "version 1.2", "id 0", "no data". Length as snprintf(). version is
 * the one in force. call may be NULL.
 */
size_t ffa_format_answer(const struct ffa_call *call, const struct ffa_regs *out, uint32_t version,
			 char *buf, size_t size);
/* The same where the registers of the call are known: FFA_FEATURES' results depend on them. */
size_t ffa_format_answer_to(const struct ffa_call *call, const struct ffa_regs *in,
			    const struct ffa_regs *out, uint32_t version, char *buf, size_t size);
/*
 * The same without fields that are 0, unless all are, and without the endpoints of a message, which
 * are those of the call.
 */
size_t ffa_format_answer_brief(const struct ffa_call *call, const struct ffa_regs *in,
			       const struct ffa_regs *out, uint32_t version, char *buf,
			       size_t size);
/* Whether an answer of this identifier is one of the call's, but of the other convention. */
bool ffa_answer_width_differs(const struct ffa_call *call, uint32_t fid);
/* Reserved bits of an answer that are set. As ffa_violations(). */
size_t ffa_answer_violations(const struct ffa_call *call, const struct ffa_regs *in,
			     const struct ffa_regs *out, uint32_t version,
			     struct ffa_violation *list, size_t n);

/* A decoded answer of FFA_NOTIFICATION_INFO_GET (DEN0077A 1.3 ALP4 Tables 16.48 to 16.50). */
#define FFA_INFO_MAX_LISTS 20

struct ffa_info_list {
	uint16_t endpoint;
	uint8_t nr_vcpus; /* 0: global notifications only */
	uint16_t vcpu[3];
};

struct ffa_info {
	bool more;		/* call again */
	bool cut;		/* IDs of a list were not given */
	unsigned int announced; /* number of lists that the answer announces */
	unsigned int nr_lists;
	struct ffa_info_list list[FFA_INFO_MAX_LISTS];
};

/*
 * Takes the lists out of an answer, by the width of its identifier. Returns 0; -EINVAL if it is no
 * FFA_SUCCESS; -EOVERFLOW if it announces more IDs or lists than fit: those that do are in info.
 */
int ffa_info_decode(const struct ffa_regs *out, struct ffa_info *info);

/* A partition, as FFA_PARTITION_INFO_GET_REGS gives it (DEN0077A 1.3 ALP4 Table 6.1, 6.2). */
struct ffa_partition {
	uint16_t id;
	uint16_t contexts; /* number of execution contexts; 0 where the field is the proxy's ID */
	uint16_t proxy;	   /* ID of the proxy endpoint of a dependent SEPID, else 0 */
	uint32_t properties;
	uint8_t uuid[16];  /* in the order in which a UUID is written */
	bool has_image;	   /* the two below were given: descriptors of 1.3, 48 bytes */
	uint8_t image[16]; /* UUID of the partition's image */
	uint32_t version;  /* FF-A version of the partition */
};

#define FFA_PARTITIONS_MAX 5 /* three registers each, x3 to x17 */

/*
 * Takes the descriptors out of an answer to a call that began at start_index. Returns how many, 0
 * for anything but a well-formed answer.
 */
size_t ffa_partitions_decode(const struct ffa_regs *out, unsigned int start_index,
			     struct ffa_partition *list, size_t n);
/* "receives-direct-req,aarch64": the properties that are set. Length as snprintf(). */
size_t ffa_format_properties(uint32_t properties, char *buf, size_t size);
/* 36 characters and a NUL. */
void ffa_format_uuid(const uint8_t uuid[16], char buf[37]);

/* ---- registers that were given only in part ---- */

/* Whether all of reg[hi:lo] were given. */
static inline bool ffa_given(const struct ffa_dump *regs, unsigned int reg, unsigned int hi,
			     unsigned int lo)
{
	uint64_t halves = (lo < 32 ? 1u : 0u) | (hi > 31 ? 2u : 0u);

	return !(regs->missing >> 2 * reg & halves);
}

/* Whether all bits of a field were given. */
bool ffa_field_given(const struct ffa_field *field, const struct ffa_dump *regs);
/* Sets a register and marks it as given; wide: all 64 bits of it, else 31:0. */
static inline void ffa_give(struct ffa_dump *regs, unsigned int reg, uint64_t value, bool wide)
{
	regs->x[reg] = value;
	regs->missing &= ~((wide ? UINT64_C(3) : UINT64_C(1)) << 2 * reg);
}

/*
 * The registers with fields that were not given, "w3-w4, w7"; empty if there are none. Length as
 * snprintf().
 */
size_t ffa_format_not_given(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			    size_t size);

/*
 * The functions above for a dump. A field that was not given has the value "not given" and is left
 * out of FIELD=VALUE words; it breaks no rule, and a rule that depends on it holds for nothing.
 * in: the known registers of the call; NULL if none.
 */
size_t ffa_dump_violations(const struct ffa_call *call, const struct ffa_dump *regs,
			   uint32_t version, struct ffa_violation *out, size_t n);
size_t ffa_dump_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
		       size_t size);
size_t ffa_dump_set_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			   size_t size);
size_t ffa_dump_value(const struct ffa_field *field, const struct ffa_dump *regs, char *buf,
		      size_t size);
size_t ffa_dump_rules(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		      char *buf, size_t size);
bool ffa_dump_status(const struct ffa_call *call, const struct ffa_dump *out, int32_t *code);
const struct ffa_answer *ffa_dump_answer(const struct ffa_call *call, const struct ffa_dump *in,
					 const struct ffa_dump *out);
size_t ffa_dump_answer_text(const struct ffa_call *call, const struct ffa_dump *in,
			    const struct ffa_dump *out, uint32_t version, char *buf, size_t size);
size_t ffa_dump_answer_brief(const struct ffa_call *call, const struct ffa_dump *in,
			     const struct ffa_dump *out, uint32_t version, char *buf, size_t size);
size_t ffa_dump_answer_violations(const struct ffa_call *call, const struct ffa_dump *in,
				  const struct ffa_dump *out, uint32_t version,
				  struct ffa_violation *list, size_t n);
/* -ENODATA: the register with the number of lists was not given; info is empty. */
int ffa_dump_info(const struct ffa_dump *out, struct ffa_info *info);
/*
 * in: the call, or NULL. Without its start index: the descriptors that are in the registers, and
 * *known is false, for how many of the answer's partitions these are cannot be told.
 */
size_t ffa_dump_partitions(const struct ffa_call *call, const struct ffa_dump *in,
			   const struct ffa_dump *out, struct ffa_partition *list, size_t n,
			   bool *known);

#endif
