/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many sweeps side by side: a column for each sweep, a row for each reserved field and each value. Sweeps with equal
 * results form a group, which keeps one byte per probe. A sweep that was added can be freed.
 */
#ifndef FFASCOPE_SWEEP_TABLE_H
#define FFASCOPE_SWEEP_TABLE_H

#include "sweep/sweep.h"

/* A sweep that was added, in the order of adding. */
struct table_column {
	char *name;
	char kernel[120];
	uint32_t version; /* of FF-A, whose rules apply */
	size_t group;	  /* index into groups */
};

/*
 * Sweeps with equal results. A cell is 0 where the sweep did not try the bit or value; else enum sweep_class
 * plus 1, or for a control enum verdict_kind plus 1.
 */
struct table_group {
	uint8_t *cells; /* by slot; slots from nr on are 0 */
	size_t nr;
	uint64_t hash;
	size_t members;
	size_t first; /* index of its first column */
};

/* One call of any of the sweeps, with the union of their probes. */
struct table_call {
	struct sweep_call call;	    /* name, fid, ffa and probes only */
	size_t control;		    /* slot of the control */
	size_t *slots;		    /* of each probe, after sweep_table_finish() */
	uint8_t *rules;		    /* of each probe: bit N is set if a sweep has enum ffa_rule N */
	uint32_t *index;	    /* by place: 1 + slot, 0 if no sweep has it; see table.c */
	struct table_value *values; /* in the order in which sweeps had them first */
	size_t nr_values, max_values;
};

/* A value that a sweep tried. */
struct table_value {
	struct sweep_value value; /* words only */
	size_t slot;
};

/* Adjacent bits that have equal cells in every group, or a value, or a control. */
struct table_row {
	const struct table_call *call;
	bool is_control;
	const struct sweep_value *value; /* NULL: bits, or a control */
	struct sweep_range range;	 /* of bits */
	uint8_t rules;			 /* bit mask of enum ffa_rule */
	size_t slot;
	size_t bits;  /* 1 for a control or a value */
	bool differs; /* two sweeps that both tried it have different results */
};

struct sweep_table {
	/* Only calls that match one of these patterns of ffa_call_matches(); none: every call. */
	char *const *patterns;
	size_t nr_patterns;

	struct table_column *columns;
	size_t nr_columns, max_columns;
	struct table_group *groups; /* the largest first, then in the order of adding */
	size_t nr_groups, max_groups;
	struct table_call *calls;
	size_t nr_calls, max_calls;
	struct table_row *rows;
	size_t nr_rows, max_rows;
	uint8_t *slot_rules; /* by slot */
	size_t nr_slots, max_slots;
};

/* Adds a sweep as a column. Returns 0 or -ENOMEM. */
int sweep_table_add(struct sweep_table *table, const char *name, const struct sweep *sweep);

/* Sorts groups, and makes the rows. To be called once, after the last sweep. 0 or -ENOMEM. */
int sweep_table_finish(struct sweep_table *table);

void sweep_table_free(struct sweep_table *table);

/* The cell of a group: 0, or a class or verdict plus 1. */
uint8_t sweep_table_cell(const struct table_group *group, size_t slot);

/* "enforced", "forwarded"; "-" for a bit that was not tried. */
const char *sweep_table_cell_name(const struct table_row *row, uint8_t cell);

/* Rules of a row: "MBZ", or "MBZ/SBZ" where the sweeps' FF-A versions differ. Length as snprintf(). */
size_t sweep_table_rules(const struct table_row *row, char *buf, size_t size);

/* "w2[31:4]", "per-vcpu=1", "control". Length as snprintf(). */
size_t sweep_table_place(const struct table_row *row, char *buf, size_t size);

/* A difference between two groups, adjacent bits merged. */
struct table_change {
	struct table_row row;
	uint8_t from, to; /* cells; both are not 0 */
};

/*
 * Calls fn for each difference between two groups; bits that only one of them tried are left out.
 * Returns how many there are.
 */
size_t sweep_table_compare(const struct sweep_table *table, size_t from, size_t to,
			   void (*fn)(void *ctx, const struct table_change *change), void *ctx);

#endif
