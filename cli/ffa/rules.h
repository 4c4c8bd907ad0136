/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reserved bits, and the rules that registers break. They apply to the caller that ffascope is: the host at
 * the Non-secure physical instance, endpoint ID 0.
 */
#ifndef FFASCOPE_FFA_RULES_H
#define FFASCOPE_FFA_RULES_H

#include "ffa/field.h"

struct ffa_call;

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

/* "MBZ", "SBZ", "?", "field" or "-". */
const char *ffa_rule_name(enum ffa_rule rule);

/* The same for a violation, as a word: "MBZ", "SBZ", "unknown", "value". */
const char *ffa_violation_name(enum ffa_rule rule);
#define FFA_MAX_ROWS 40

/*
 * The rules of a version that these registers break; those of ffa_rules_version() if the version
 * does not have the call. Writes at most n, returns how many there are. None for call == NULL.
 */
size_t ffa_violations(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
		      struct ffa_violation *out, size_t n);

size_t ffa_dump_violations(const struct ffa_call *call, const struct ffa_dump *regs,
			   uint32_t version, struct ffa_violation *out, size_t n);

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

#endif
