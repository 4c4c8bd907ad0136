/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sweeps: for each call the control (well-formed), then every reserved bit on its own on top of
 * it, and who stopped what. Pure: calls are made through a struct sweep_port.
 */
#ifndef FFASCOPE_SWEEP_H
#define FFASCOPE_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "verdict/verdict.h"

/* The pause beside each call, while the clocks agree that well; a sweep makes thousands of them. */
#define SWEEP_GUARD_NS 3000

enum sweep_class {
	SWEEP_UNKNOWN,	/* it cannot be said */
	SWEEP_ENFORCED, /* EL2 refused the probe, though it lets the control pass */
	SWEEP_SECURE,	/* EL2 let it through, TrustZone refused it: not what the control got */
	SWEEP_ACCEPTED, /* let through, and answered as the control was */
	SWEEP_BLOCKED,	/* EL2 refuses the control itself: nothing can be learned */
	SWEEP_SKIPPED,	/* not made */
	SWEEP_NR_CLASSES
};

/* What became of one call. */
struct sweep_result {
	bool made;
	struct verdict_call call;
	struct verdict verdict;
	bool has_status;
	int32_t status;
};

/* A reserved bit. */
struct sweep_probe {
	uint8_t reg; /* 0 to 17 */
	uint8_t bit;
	bool wide; /* of an x register */
	enum ffa_rule rule;
	enum sweep_class class;
	bool needs_consent; /* with this bit set the call changes what others rely on */
	uint8_t tries;
	struct sweep_result result;
};

/* One call of a sweep. Probes stand in order of registers, higher bits first. */
struct sweep_call {
	char name[48];
	uint32_t fid;
	const struct ffa_call *ffa; /* NULL: read from a file, and not in this catalogue */
	struct ffa_regs in;	    /* the control, with canaries */
	struct sweep_result control;
	struct sweep_probe *probes;
	size_t nr_probes;
	char skipped[256];    /* why the call was not swept; empty: it was */
	bool not_possible;    /* it was skipped for what the machine answered */
	char left[256];	      /* what could not be put back; empty: nothing */
	unsigned int kept;    /* how often it succeeded, where nothing undoes what it changes */
	struct ffa_regs undo; /* undoes the control and its probes */
	bool has_undo;
	bool can_do, can_undo; /* FFA_FEATURES knows the call, and what undoes it */
};

struct sweep {
	char kernel[120];
	uint32_t version; /* whose rules it is about */
	struct sweep_call *calls;
	size_t nr_calls;
};

/* ---- plan ---- */

/* What the words of the catalogue's controls stand for. */
struct sweep_machine {
	unsigned int cpus;  /* 1 or more */
	uint16_t partition; /* an endpoint of the secure world */
};

/*
 * Adds a call: its control, with nr FIELD=VALUE words on top of what the catalogue has, its
 * probes, what undoes it. Canaries stand in x8-x17 where these are no parameters. Without consent
 * what changes state is planned as skipped.
 * -EINVAL: the version has no such call, or a word is wrong, with a message. -ENOMEM.
 */
int sweep_add(struct sweep *sweep, const struct ffa_call *call, const struct sweep_machine *machine,
	      char *const *words, int nr, bool consent, struct error *err);

/* Whether a sweep that is not told which calls looks at this one. */
bool sweep_is_default(const struct ffa_call *call, uint32_t version);

/* The registers of a probe. */
void sweep_probe_regs(const struct sweep_call *call, const struct sweep_probe *probe,
		      struct ffa_regs *regs);

void sweep_free(struct sweep *sweep);

/* ---- run ---- */

/* How calls are made. */
struct sweep_port {
	void *ctx;
	/*
	 * Makes n calls in order; those that were made are marked so in `out`. must: also when
	 * a signal has asked to end. Returns 0 or a negative errno; -EINTR for a signal.
	 */
	int (*call)(void *ctx, const struct ffa_regs *in, unsigned int n, bool must,
		    struct sweep_result *out);
};

/*
 * Makes the calls of a planned sweep, gives each probe its class, and leaves the state as it was
 * found: what a call changed is undone before the next probe counts. Returns 0, or a negative
 * errno of the port (then what was changed has been put back all the same). What could not be put
 * back is in `left` of the call.
 */
int sweep_run(struct sweep *sweep, const struct sweep_port *port);

/* Whether the call succeeded and with that changed something that others rely on. */
bool sweep_changed(const struct ffa_call *call, const struct sweep_result *result);

/* ---- classes ---- */

/* The class of a probe by what became of it and of the control. */
enum sweep_class sweep_classify(const struct sweep_result *control,
				const struct sweep_result *probe);

/* "enforced" and so on. */
const char *sweep_class_name(enum sweep_class class);
/* The reverse. Returns 0, or -EINVAL. */
int sweep_class_by_name(const char *name, enum sweep_class *class);
/* 'E', 'S', 'A', 'B', '?', '-'. */
char sweep_class_letter(enum sweep_class class);

/* How many probes of a call have each class. */
void sweep_count(const struct sweep_call *call, size_t count[SWEEP_NR_CLASSES]);

/* ---- ranges ---- */

/* Neighbouring bits that are alike, or the same bits of neighbouring registers. */
struct sweep_range {
	const struct sweep_call *call;
	size_t first;	   /* index of its first probe */
	uint8_t reg, last; /* registers */
	uint8_t hi, lo;
	bool wide;
};

/* Whether two probes of a call may stand in one range. */
typedef bool (*sweep_alike_fn)(const void *ctx, const struct sweep_call *call, size_t a, size_t b);

/*
 * The range that begins with probe `from` of a call, as far as its probes are alike: bits first,
 * then whole registers. Returns the index behind it.
 */
size_t sweep_next_range(const struct sweep_call *call, size_t from, sweep_alike_fn alike,
			const void *ctx, struct sweep_range *range);

/* "w2[31:4]", "w2[1]", "x1-x7", "w3". Length as snprintf(). */
size_t sweep_format_range(const struct sweep_range *range, char *buf, size_t size);

/* The name of a call without FFA_ and NOTIFICATION_. */
const char *sweep_short_name(const struct sweep_call *call);

/* ---- findings ---- */

enum sweep_policy {
	SWEEP_STRICT, /* every reserved bit is refused by EL2 */
	SWEEP_SPEC,   /* MBZ bits are refused by someone, SBZ bits make no difference */
};

/* Whether a probe departs from a policy. What is not known and what was not made do not. */
bool sweep_departs(const struct sweep_probe *probe, enum sweep_policy policy);

struct sweep_finding {
	struct sweep_range range;
	enum sweep_class class;
	enum ffa_rule rule;
	bool departs; /* else it is unknown */
	char text[200];
};

/*
 * What departs from the policy and what is unknown, in order, adjacent bits merged. The caller
 * frees the array. Returns 0 or -ENOMEM.
 */
int sweep_findings(const struct sweep *sweep, enum sweep_policy policy,
		   struct sweep_finding **findings, size_t *nr);

/* ---- diff ---- */

/* A difference: bits whose class is another one, or a control with another verdict. */
struct sweep_change {
	const struct sweep_call *call; /* of the sweep that has it; the newer one, if both have */
	bool is_control;
	struct sweep_range range; /* not of a control */
	enum ffa_rule rule;
	enum sweep_class from, to;	   /* SWEEP_SKIPPED: not in this sweep, or not made */
	const struct sweep_result *before; /* of a control; NULL: the sweep does not have it */
	const struct sweep_result *after;
};

struct sweep_diff {
	struct sweep_change *changes;
	size_t nr;
	size_t bits;		 /* that have another class */
	size_t missing;		 /* that only one of the two has looked at; they are no changes */
	size_t newly_unknown;	 /* of bits: those that are unknown now */
	size_t controls;	 /* controls with another verdict */
	size_t controls_unknown; /* of them: those that are unknown now */
};

/* From one sweep to another; both must outlive the diff. Returns 0 or -ENOMEM. */
int sweep_compare(const struct sweep *from, const struct sweep *to, struct sweep_diff *diff);
void sweep_diff_free(struct sweep_diff *diff);

#endif
