/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors: the structures of FF-A in memory, mostly in RX and TX buffers. Their layouts as data,
 * and functions that read and write them. All numbers are little-endian. Pure: no I/O.
 */
#ifndef FFASCOPE_FFA_DESCRIPTOR_H
#define FFASCOPE_FFA_DESCRIPTOR_H

#include "ffa/field.h"

/* The granule in which FF-A counts memory (DEN0077A; include/linux/arm_ffa.h, FFA_PAGE_SIZE). */
#define FFA_PAGE_SIZE UINT64_C(4096)

/*
 * One row of a layout: a field, or reserved bits. The rows of a layout cover every bit of it exactly
 * once.
 */
struct ffa_member {
	uint8_t at;    /* offset in bytes of the number that holds the bits */
	uint8_t bytes; /* width of that number, 1 to 16 */
	uint8_t hi;    /* highest bit in that number */
	uint8_t lo;
	enum ffa_type type;
	enum ffa_rule rule[FFA_NR_VERSIONS];
	bool closed;	  /* the field can have the values in symbols only */
	bool props;	  /* the properties of a partition (ffa_property_at()) */
	const char *name; /* NULL: reserved in every version that has the layout */
	const char *meaning;
	const struct ffa_symbol *symbols;
	const char *unknown; /* why a rule is FFA_RULE_UNKNOWN; NULL if none is */
	const char *source;
};

/* A descriptor as one or several versions have it. */
struct ffa_layout {
	uint32_t since; /* version */
	uint32_t until; /* last version that has it, 0: all since */
	uint8_t size;	/* bytes */
	const struct ffa_member *members;
	size_t nr_members;
};

struct ffa_descriptor {
	const char *name;    /* "mem-transaction" */
	const char *title;   /* "Memory transaction descriptor" */
	const char *place;   /* where it lies, for which call */
	const char *follows; /* what its offsets and counts refer to; NULL: nothing */
	bool array;	     /* small, many in a row: each is one line of text */
	const struct ffa_layout *layouts;
	size_t nr_layouts;
	const char *source;
};

/* Most rows of a layout. */
#define FFA_MAX_MEMBERS 20

/* The descriptors by index, NULL after the last. */
const struct ffa_descriptor *ffa_descriptor_at(size_t index);
/* By name, any case, - or _; NULL if there is none. */
const struct ffa_descriptor *ffa_descriptor_find(const char *word);
/* Whether its name fits a pattern, as ffa_call_matches(). */
bool ffa_descriptor_matches(const struct ffa_descriptor *type, const char *pattern);
/* Its layout in a version; NULL if that version does not have it. */
const struct ffa_layout *ffa_layout_of(const struct ffa_descriptor *type, uint32_t version);
/* Whether a version has the layout. */
bool ffa_layout_known_in(const struct ffa_layout *layout, uint32_t version);
/* All that have it: bit n is the version of index n (ffa_version_index()). */
unsigned int ffa_layout_versions(const struct ffa_layout *layout);

/* ---- one descriptor ---- */

/* A descriptor that was found in a buffer. */
struct ffa_part {
	const struct ffa_descriptor *type;
	const struct ffa_layout *layout;
	size_t at;	    /* offset in bytes from the start of the buffer */
	size_t have;	    /* bytes of it in the buffer; less than layout->size: it is cut */
	unsigned int index; /* number among those of its kind in an array, from 0 */
	/* The bits of each member, shifted down to bit 0; [1]: bits 127:64. 0 if not given. */
	uint64_t value[FFA_MAX_MEMBERS][2];
};

/* Reads the bytes at part->at of a buffer of len bytes; type, layout, at and index are set. */
void ffa_part_read(struct ffa_part *part, const uint8_t *buf, size_t len);
/*
 * Writes all of a part to part->at of a buffer of size bytes. Returns 0, or -ENOSPC if it does not
 * fit; then nothing was written.
 */
int ffa_part_write(const struct ffa_part *part, uint8_t *buf, size_t size);
/* Whether the bytes of a member lie in the buffer. */
bool ffa_part_given(const struct ffa_part *part, const struct ffa_member *member);
/* The field of this name; NULL if the layout has none. */
const struct ffa_member *ffa_part_member(const struct ffa_part *part, const char *name);
/* The value of a field of at most 64 bits by name; 0 if the layout has no such field. */
uint64_t ffa_part_get(const struct ffa_part *part, const char *name);
/* Sets a field by name. Returns 0; -ENOENT: no such field; -ERANGE: it does not fit. */
int ffa_part_set(struct ffa_part *part, const char *name, uint64_t value);
/* The value of a member as its type is written. Length as snprintf(). */
size_t ffa_part_format(const struct ffa_part *part, const struct ffa_member *member, char *buf,
		       size_t size);
/* "[1:0]", "[6]"; empty for all bits of the number. Length as snprintf(). */
size_t ffa_member_format_bits(const struct ffa_member *member, char *buf, size_t size);

/* ---- a buffer ---- */

enum ffa_finding_kind {
	FFA_FINDING_RULE,    /* reserved bits that are set */
	FFA_FINDING_VALUE,   /* a value that the field cannot have */
	FFA_FINDING_OUTSIDE, /* an offset or a count that points outside of the buffer */
	FFA_FINDING_MISFIT,  /* values that do not fit each other */
	FFA_FINDING_REMARK,  /* not wrong */
};

struct ffa_finding {
	enum ffa_finding_kind kind;
	const struct ffa_part *part;
	const struct ffa_member *member; /* the field that is wrong; NULL: the part as a whole */
	enum ffa_rule rule; /* of FFA_FINDING_RULE, in the version that was asked for */
	uint64_t value;	    /* of FFA_FINDING_RULE and _VALUE */
	const char *source;
	char text[200]; /* the finding in words, without its place */
};

const char *ffa_finding_name(enum ffa_finding_kind kind);

/* Takes the parts of a buffer in the order in which they are found, each before its findings. */
struct ffa_reader {
	void (*part)(void *ctx, const struct ffa_part *part);
	void (*finding)(void *ctx, const struct ffa_finding *finding);
	void *ctx;
};

/*
 * Reads a descriptor at the start of a buffer of len bytes, and all that its offsets and counts
 * refer to. A descriptor that has no count of its own (partition-info, constituent, mem-access,
 * endpoint) is read as an array up to the end of the buffer. Returns 0, or -EINVAL if the version
 * does not have it.
 */
int ffa_descriptor_read(const struct ffa_descriptor *type, uint32_t version, const uint8_t *buf,
			size_t len, const struct ffa_reader *reader);

/* ---- building ---- */

struct ffa_mem_receiver {
	uint16_t id;
	uint8_t permissions; /* data access 1:0, instruction access 3:2 */
	uint8_t flags;
	uint8_t impdef[16]; /* from 1.2 on */
};

struct ffa_mem_range {
	uint64_t address; /* a multiple of FFA_PAGE_SIZE */
	uint32_t pages;
};

struct ffa_mem_region {
	uint16_t sender;
	uint16_t attributes; /* 1.0: 8 bits */
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	const struct ffa_mem_receiver *receivers;
	uint32_t nr_receivers;
	const struct ffa_mem_range *ranges; /* none: no composite descriptor, offsets are 0 */
	uint32_t nr_ranges;
};

/*
 * Writes a memory transaction with its access descriptors and one composite descriptor, each right
 * after the one before, as Linux does (drivers/firmware/arm_ffa/driver.c,
 * ffa_setup_and_transmit()). Returns its length, which can be more than size: then only what fits was
 * written. 0: the version is not known or the length does not fit 32 bits.
 */
size_t ffa_mem_build(const struct ffa_mem_region *region, uint32_t version, uint8_t *buf,
		     size_t size);

#endif
