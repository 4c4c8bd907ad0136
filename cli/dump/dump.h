/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads registers out of text: logs, register dumps, source code. Pure: no I/O.
 *
 * A line is split into words and numbers. The table of formats (formats.c) says what names a
 * register, what introduces a list of values, and what the rest of the line means.
 */
#ifndef FFASCOPE_DUMP_DUMP_H
#define FFASCOPE_DUMP_DUMP_H

#include "ffa/regs.h"

/* ---- formats ---- */

enum dump_shape {
	DUMP_LIST,   /* values in order, x0 first, after an introduction */
	DUMP_NAMED,  /* names of registers with their values, in any order and over several lines */
	DUMP_CALL,   /* the name of a call, with its arguments in brackets or its answer */
	DUMP_STATUS, /* a status code on its own */
};

struct dump_format {
	const char *name;
	enum dump_shape shape;
	/* Text right before the values of a list. NULL: the values have to begin with an FF-A call. */
	const char *intro;
	bool any_call;	     /* after the introduction, x0 may be any number */
	bool hexadecimal;    /* the numbers have no 0x */
	const char *lines;   /* an example, as the writer prints it */
	const char *decoded; /* what it is decoded as: call, and fields that are given */
	const char *writer;  /* who prints it, and the file in which */
};

/* The table, in the order in which formats are tried. NULL after the last. */
const struct dump_format *dump_format_at(size_t index);

/* A name of registers: followed by a number, x7 or X07, or by an index, regs[7]. */
struct dump_name {
	const char *base;
	unsigned int len; /* of base */
	bool is_call;	  /* the whole name: it stands for x0, the function identifier */
	bool narrow;	  /* bits 31:0 only */
};

const struct dump_name *dump_name_at(size_t index);

/* ---- lines ---- */

enum dump_kind {
	DUMP_NOTHING,  /* no registers in this line */
	DUMP_REGS,     /* registers, x0 among them */
	DUMP_FRAGMENT, /* registers without x0 */
	DUMP_CODE,     /* a status code on its own */
	DUMP_FAULT,    /* looks like registers, but cannot be read: fault says why */
};

struct dump_line {
	enum dump_kind kind;
	const char *prefix; /* points into the text that precedes the registers */
	size_t prefix_len;
	const char *rest; /* and follows them */
	size_t rest_len;
	struct ffa_dump regs;
	bool has_answer;
	struct ffa_dump answer;	 /* where the line has a call and its answer */
	bool two_readings;	 /* numbers without 0x can be hexadecimal or decimal */
	struct ffa_dump decimal; /* regs, with those read as decimal */
	bool named;		 /* by names, so that it may go on in the next line */
	uint64_t others;	 /* bit n: x18 to x30 that the line names */
	int forwarded;		 /* what the hypervisor did with the call: 1, 0, or -1: not said */
	char world;		 /* 'n' or 's': which world made the call; 0: not said */
	int32_t code;		 /* of DUMP_CODE */
	char fault[120];
};

/*
 * Reads one line (len bytes, needs no NUL). answers: x0 may hold any number, because the registers
 * are known to be the answer to a call.
 */
void dump_read(const char *line, size_t len, bool answers, struct dump_line *out);

/* ---- several lines ---- */

#define DUMP_MAX_LINES 48   /* of one dump */
#define DUMP_MAX_TEXT  8192 /* bytes of them */

/* One or more lines that belong together. */
struct dump_record {
	const struct dump_line *line;
	const char *text; /* the lines as they were, with \n between them */
	size_t len;
};

typedef void (*dump_fn)(void *ctx, const struct dump_record *record);

struct dump_reader {
	bool answers;
	dump_fn fn;
	void *ctx;
	/* A dump by names that may continue on the next line. */
	bool pending;
	struct dump_line line;
	unsigned int nr_lines;
	size_t len;
	char text[DUMP_MAX_TEXT];
};

void dump_reader_init(struct dump_reader *reader, bool answers, dump_fn fn, void *ctx);
/* A line of at most DUMP_MAX_TEXT bytes may be kept; a longer one is handed on at once. */
void dump_reader_line(struct dump_reader *reader, const char *line, size_t len);
/* Passes on a pending dump: at the end, or if no more lines arrive for a while. */
void dump_reader_flush(struct dump_reader *reader);

/* Whether a number is an identifier of an FF-A call, the SVE hint aside (DEN0028 2.5, 6). */
bool dump_is_ffa(uint64_t value);

#endif
