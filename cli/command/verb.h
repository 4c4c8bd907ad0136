/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by main.c and all verbs. A verb is data: its file ends in its struct verb. */
#ifndef FFASCOPE_VERB_H
#define FFASCOPE_VERB_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ffa_regs;

/* Exit status of the program (ffascope.1, EXIT STATUS). */
enum exit_status {
	STATUS_DONE = 0,     /* done, and every expectation held */
	STATUS_FAILED = 1,   /* an expectation failed, or the result differs from the baseline */
	STATUS_USAGE = 2,    /* wrong usage */
	STATUS_CANNOT = 3,   /* not supported or not permitted here; the fix is on stderr */
	STATUS_UNKNOWN = 4,  /* a verdict was unknown */
	STATUS_INTERNAL = 5, /* an I/O or internal error */
};

enum color_when {
	COLOR_AUTO, /* where stdout is a terminal and NO_COLOR is not set */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* The options that stand before the verb. */
struct options {
	bool json;
	enum color_when color;
	int verbosity;	      /* -1 with -q, 0, 1 with -v */
	const char *device;   /* NULL: the usual one */
	const char *tracefs;  /* NULL: where the mount table says */
	uint32_t ffa_version; /* major 30:16, minor 15:0; 0: not given */
	char **words;	      /* the verb and its arguments as typed; argp reorders argv */
	int nr_words;
};

struct replay;

struct verb {
	const char *name;
	const char *help; /* one line, no full stop */
	/*
	 * Runs the verb. argv[0] is its name. Returns an exit status; usage errors found by argp
	 * end the program with STATUS_USAGE.
	 */
	int (*run)(const struct options *opts, int argc, char **argv);
	/*
	 * Prints what a recorded run of the verb printed; opts->json: as with --json. Writes no file
	 * but replay->out. Returns an exit status. NULL: the verb has nothing but its calls.
	 */
	int (*replay)(const struct options *opts, const struct replay *replay);
};

/*
 * One message on stderr: "ffascope: ...", or with --json one object {"error": "..."}. No newline
 * at the end of fmt.
 */
void verb_error(const struct options *opts, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for a note, which -q suppresses. */
void verb_note(const struct options *opts, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct json_object;

/* Prints the object as one line and drops it. Returns 0, or -ENOMEM after a message. */
int verb_put_json(const struct options *opts, FILE *out, struct json_object *obj);

/* Whether stdout takes colour, by --color, the terminal and NO_COLOR. */
bool verb_color(const struct options *opts);

/* Widths of text that options accept, in columns. */
#define VERB_MIN_WIDTH 40
#define VERB_MAX_WIDTH 1000

/* The terminal's width, else $COLUMNS, else 80. */
unsigned int verb_width(void);

/* Whether the locale's characters are UTF-8. */
bool verb_utf8(void);

/* The signal that asked to end, 0 for none. Set only after verb_catch_signals(). */
extern volatile int verb_stop;

/* Returns verb_stop and clears it, in one step: a signal between the two would be lost. */
int verb_take_stop(void);

/*
 * For verbs that change something in the kernel: SIGINT, SIGTERM and SIGHUP set verb_stop, so that
 * all can be put back; main() then ends by the same signal. SIGPIPE becomes a write error.
 */
void verb_catch_signals(void);

/* The exit status for a negative errno of session_open() and its like. */
enum exit_status verb_status(int error);

/* A whole number from min to max, decimal or 0x. False if it is none. */
bool verb_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);

struct record_about;

/* Copies opts->words into what a recording says about its run. Returns 0, or -ENOMEM after a message. */
int verb_keep_words(const struct options *opts, struct record_about *about);

/*
 * argp_parse() for a verb: its name in messages is "ffascope VERB", wrong usage ends the program
 * with STATUS_USAGE. input is what the parser sees as state->input. Returns 0 or a negative errno.
 */
int verb_parse(const struct argp *argp, int argc, char **argv, void *input);

/* ---- options of the verbs that make or watch calls: children of a verb's argp ---- */

/* Initialise to zero, and cpu to -1. */
struct call_options {
	const char *record;    /* --record FILE; NULL: no recording */
	bool no_trace;	       /* --no-trace */
	bool allow;	       /* --allow-state-change */
	int cpu;	       /* --cpu N; -1: not given */
	unsigned int guard_ns; /* --guard NS; 0: not given, 1 for 0 */
	bool tsv;	       /* --tsv */
};

extern const struct argp call_options_evidence; /* --record, --no-trace */
extern const struct argp call_options_consent;	/* --allow-state-change */
extern const struct argp call_options_place;	/* --cpu, --guard */
extern const struct argp call_options_form;	/* --tsv */

/* Call it in the verb's parser on ARGP_KEY_INIT: makes opts the input of all child parsers. */
void call_options_hand_on(struct argp_state *state, const struct argp_child *children,
			  struct call_options *opts);

/* ---- from words to the registers of a call ---- */

/* Prints that there is no such call, and the nearest names. */
void request_no_such_call(const struct options *opts, const char *word);

/*
 * What a call with these registers changes that others rely on, as the end of a sentence. NULL if
 * it changes nothing, or if no specification defines the identifier.
 */
const char *request_changes(const struct ffa_regs *in);

#endif
