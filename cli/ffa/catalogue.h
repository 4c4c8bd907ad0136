/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls, features and partition properties of FF-A, and how to find them by number and by name. */
#ifndef FFASCOPE_FFA_CATALOGUE_H
#define FFASCOPE_FFA_CATALOGUE_H

#include "ffa/call.h"

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

size_t ffa_feature_count(void);
const struct ffa_feature *ffa_feature_at(size_t index);
size_t ffa_property_count(void);
const struct ffa_property *ffa_property_at(size_t index);

#endif
