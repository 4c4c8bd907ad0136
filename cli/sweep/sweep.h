/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sweeps. For each call: the control, which is well-formed, then one probe per reserved bit, which
 * is the control with that bit set; and who refused each. Pure: struct sweep_port makes the calls.
 */
#ifndef FFASCOPE_SWEEP_H
#define FFASCOPE_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ffa/field.h"
#include "verdict/verdict.h"

struct ffa_call;

/* Quiet time (ns) around each call while the clocks agree this well: a sweep makes thousands. */
#define SWEEP_GUARD_NS 3000

enum sweep_class {
	SWEEP_UNKNOWN,	/* no verdict */
	SWEEP_ENFORCED, /* EL2 refused the probe, and forwards the control */
	SWEEP_SECURE,	/* EL2 forwarded it; TrustZone refused it, unlike the control */
	SWEEP_ACCEPTED, /* EL2 forwarded it; same answer as the control */
	SWEEP_ABSENT,	/* EL2 forwarded it; TrustZone does not have this call */
	SWEEP_DROPPED,	/* EL2 sent its own request, without this bit */
	SWEEP_BLOCKED,	/* EL2 refuses the control: the probe shows nothing */
	SWEEP_SKIPPED,	/* not made */
	SWEEP_NR_CLASSES
};

/* The result of one call. */
struct sweep_result {
	bool made;
	bool refused; /* by the module: it needs unsafe=1 */
	struct verdict_call call;
	struct verdict verdict;
	bool has_status;
	int32_t status;
};

/* A value of the catalogue that is tried in place of the control's. */
struct sweep_value {
	char words[64];		     /* FIELD=VALUE, one or more: "per-vcpu=1 vcpu-id=65535" */
	struct ffa_regs in;	     /* the control with these values, and canaries */
	struct ffa_regs undo;	     /* undoes it; of a call with has_undo */
	struct ffa_regs harmless_in; /* `in' of a call whose control has become the harmless one */
	struct ffa_bits bits;	     /* the first of the fields */
	bool checked; /* Linux expects EL2 to refuse it: the ID of another endpoint */
};

/* A reserved bit, or a value. */
struct sweep_probe {
	const struct sweep_value *value; /* NULL: a reserved bit */
	uint8_t reg;			 /* 0 to 17; of a value, where its first field ends */
	uint8_t bit;
	bool wide; /* of an x register */
	enum ffa_rule rule;
	enum sweep_class class;
	bool needs_consent; /* with this bit set the call changes state that others rely on */
	bool refused;	    /* the module refuses the call with this bit set */
	bool other_state;   /* the control, made again, was answered differently */
	uint8_t tries;
	struct sweep_result result;
};

/*
 * One call of a sweep. Probes of reserved bits are in order of registers, highest bit first. Those of
 * values follow them in the same array: value n is tried by probes[nr_probes + n].
 */
struct sweep_call {
	char name[48];
	uint32_t fid;
	const struct ffa_call *ffa; /* NULL: read from a file, and not in this catalogue */
	struct ffa_regs in;	    /* the control, with canaries */
	struct sweep_result control;
	struct sweep_probe *probes;
	size_t nr_probes; /* reserved bits */
	struct sweep_value *values;
	size_t nr_values;
	char skipped[256]; /* why the call was not swept; empty: it was */
	bool asks_consent; /* it was skipped because it changes state */
	bool not_possible; /* it was skipped because of an answer of the machine */
	char left[256];	   /* the change that could not be undone; empty: none */
	char moved[256]; /* how the control's answer changed during the sweep; empty: it did not */
	unsigned int kept;    /* successes that nothing can undo */
	struct ffa_regs undo; /* undoes the control and its probes */
	bool has_undo;
	bool can_do, can_undo; /* FFA_FEATURES reports the call, and the call that undoes it */
	/*
	 * The words of the catalogue that changed the control, as nothing undoes the call on this
	 * machine; NULL: the control is as planned.
	 */
	const char *harmless;
	struct ffa_regs harmless_in; /* that control, with canaries */
};

struct sweep {
	char kernel[120];
	char build[41];	    /* the kernel's GNU build ID in hexadecimal; empty: not known */
	uint32_t version;   /* the FF-A version whose rules apply */
	unsigned int order; /* struct sweep_machine */
	struct sweep_call *calls;
	size_t nr_calls;
};

/* ---- plan ---- */

/* Values for the {words} in the catalogue's controls. */
struct sweep_machine {
	unsigned int cpus;  /* 1 or more */
	uint16_t partition; /* an endpoint of the secure world */
	/*
	 * How the sweep is made: SWEEP_ORDER, or less for a recording of an older one. 0: the control
	 * is made once, and only notification calls have controls with fields.
	 */
	unsigned int order;
};

#define SWEEP_ORDER_REPEAT  1 /* from here on the control is made again after each batch */
#define SWEEP_ORDER_VALUES  2 /* from here on values are tried after the reserved bits */
/* From here on the control is made again in the batch of the probes, and values are made in batches. */
#define SWEEP_ORDER_AT_ONCE 3
#define SWEEP_ORDER	    SWEEP_ORDER_AT_ONCE

/*
 * Adds a call: its control, which is the catalogue's plus nr FIELD=VALUE words, its probes, and the
 * call that undoes it. x8-x17 hold canaries where they are not parameters. Without consent, a call
 * that changes state is added as skipped.
 * Returns -EINVAL with a message if the version has no such call or a word is wrong; -ENOMEM.
 */
int sweep_add(struct sweep *sweep, const struct ffa_call *call, const struct sweep_machine *machine,
	      char *const *words, int nr, bool consent, struct error *err);

/*
 * The same for a sweep of everything: a call that the version does not have, or that a host does not
 * make, is added as skipped, with the reason.
 */
int sweep_add_any(struct sweep *sweep, const struct ffa_call *call,
		  const struct sweep_machine *machine, bool consent, struct error *err);

/* Whether the default sweep includes this call. */
bool sweep_is_default(const struct ffa_call *call, uint32_t version);

/* The registers of a probe of a reserved bit or of a value. */
void sweep_probe_regs(const struct sweep_call *call, const struct sweep_probe *probe,
		      struct ffa_regs *regs);

/* Of a call with has_undo: what undoes the call with these registers. */
void sweep_undo_regs(const struct sweep_call *call, const struct ffa_regs *in,
		     struct ffa_regs *undo);

void sweep_free(struct sweep *sweep);

/* ---- run ---- */

/* How calls are made. */
struct sweep_port {
	void *ctx;
	/*
	 * Makes n calls in order and marks each call that was made in `out`. must: make them even
	 * after a signal. Returns 0 or a negative errno; -EINTR for a signal; -EACCES if the module
	 * refuses a call: it is marked in `out`, and none of the n calls was made.
	 */
	int (*call)(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		    struct sweep_result *out);
};

/*
 * Makes the calls of a planned sweep, classifies each probe and restores the state: every change is
 * undone before the next probe counts. Returns 0, or a negative errno of the port; the changes made
 * until then have been undone. `left` of a call names a change that could not be undone.
 */
int sweep_run(struct sweep *sweep, const struct sweep_port *port);

/* Whether the call succeeded and changed state that others rely on. */
bool sweep_changed(const struct ffa_call *call, const struct sweep_result *result);

/* ---- classes ---- */

/* The class of a probe, from its result and that of the call's control. */
enum sweep_class sweep_classify(const struct sweep_call *call, const struct sweep_probe *probe);

/* Whether two results carry the same status, or both carry none. */
bool sweep_same_status(const struct sweep_result *a, const struct sweep_result *b);

/* "enforced" and so on. */
const char *sweep_class_name(enum sweep_class class);
/* The reverse. Returns 0, or -EINVAL. */
int sweep_class_by_name(const char *name, enum sweep_class *class);
/* 'E', 'S', 'A', 'N', 'D', 'B', 'U', '-'. */
char sweep_class_letter(enum sweep_class class);

/* How many reserved bits of a call have each class. */
void sweep_count(const struct sweep_call *call, size_t count[SWEEP_NR_CLASSES]);

/* ---- ranges ---- */

/* Adjacent bits of equal class, or the same bits of adjacent registers. */
struct sweep_range {
	const struct sweep_call *call;
	size_t first;	   /* index of its first probe */
	uint8_t reg, last; /* registers */
	uint8_t hi, lo;
	bool wide;
};

/* Whether two probes of a call can share a range. */
typedef bool (*sweep_alike_fn)(const void *ctx, const struct sweep_call *call, size_t a, size_t b);

/*
 * The range of equal probes that starts with probe `from` of a call: bits first, then whole
 * registers. Returns the index after it.
 */
size_t sweep_next_range(const struct sweep_call *call, size_t from, sweep_alike_fn alike,
			const void *ctx, struct sweep_range *range);

/* "w2[31:4]", "w2[1]", "x1-x7", "w3". Length as snprintf(). */
size_t sweep_format_range(const struct sweep_range *range, char *buf, size_t size);

/* The same for a probe of either kind: the words of a value, or the range if value is NULL. */
size_t sweep_format_place(const struct sweep_value *value, const struct sweep_range *range,
			  char *buf, size_t size);

/* The name of a call without FFA_ and NOTIFICATION_. */
const char *sweep_short_name(const struct sweep_call *call);

/* ---- findings ---- */

enum sweep_policy {
	SWEEP_STRICT, /* every reserved bit of a call that EL2 handles is refused by EL2 */
	SWEEP_SPEC,   /* MBZ bits are refused by EL2 or TrustZone; SBZ bits make no difference */
};

/* Whether a probe deviates from a policy. Unknown and skipped probes do not. */
bool sweep_departs(const struct sweep_call *call, const struct sweep_probe *probe,
		   enum sweep_policy policy);

struct sweep_finding {
	struct sweep_range range;
	const struct sweep_value *value; /* NULL: reserved bits */
	enum sweep_class class;
	enum ffa_rule rule;
	bool departs; /* else it is unknown */
	char text[200];
};

/*
 * Deviations from the policy and unknown probes, in order, adjacent bits merged. The caller frees
 * the array. Returns 0 or -ENOMEM.
 */
int sweep_findings(const struct sweep *sweep, enum sweep_policy policy,
		   struct sweep_finding **findings, size_t *nr);

/* ---- diff ---- */

/* A difference: bits that changed class, or a control whose verdict changed. */
struct sweep_change {
	const struct sweep_call *call; /* of the sweep that has it; the newer one, if both have */
	bool is_control;
	const struct sweep_value *value; /* NULL: reserved bits, or a control */
	struct sweep_range range;	 /* of reserved bits */
	enum ffa_rule rule;
	enum sweep_class from, to;	   /* SWEEP_SKIPPED: not in this sweep, or not made */
	const struct sweep_result *before; /* of a control; NULL: the sweep does not have it */
	const struct sweep_result *after;
};

struct sweep_diff {
	struct sweep_change *changes;
	size_t nr;
	size_t bits;		 /* that changed class */
	size_t values;		 /* that changed class */
	size_t missing;		 /* probed in one of the two sweeps only; not counted as changes */
	size_t newly_unknown;	 /* of bits and values: those that are now unknown */
	size_t controls;	 /* controls whose verdict changed */
	size_t controls_unknown; /* of controls: those that are now unknown */
};

/* Compares two sweeps, which must outlive the diff. Returns 0 or -ENOMEM. */
int sweep_compare(const struct sweep *from, const struct sweep *to, struct sweep_diff *diff);
void sweep_diff_free(struct sweep_diff *diff);

/* ---- read.c ---- */

/*
 * Reads a sweep that was saved as JSON. Returns 0, -ENOMEM, or -EBADMSG with a message that gives
 * the mistake and its place; then *sweep is empty.
 */
int sweep_parse(const char *text, size_t len, struct sweep *sweep, struct error *err);

#endif
