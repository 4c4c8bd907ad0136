/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of a register layout: fields, reserved bits, and their rules by version. Data only. */
#ifndef FFASCOPE_FFA_FIELD_H
#define FFASCOPE_FFA_FIELD_H

#include "ffa/regs.h"
#include "ffa/version.h"
#include <stddef.h>

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

/* The row with this name among nr rows; NULL if there is none. Exact, as the table has it. */
const struct ffa_field *ffa_field_by_name(const struct ffa_field *fields, size_t nr,
					  const char *name);

/* The value of a field of at most 64 bits; of a wider one, its lowest 64. */
uint64_t ffa_field_get(const struct ffa_field *field, const struct ffa_regs *regs);

/* Whether all bits of a field were given. */
bool ffa_field_given(const struct ffa_field *field, const struct ffa_dump *regs);

#endif
