/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields as words: FIELD=VALUE onto registers, and registers as words. */
#ifndef FFASCOPE_FFA_FORMAT_H
#define FFASCOPE_FFA_FORMAT_H

#include "ffa/regs.h"

struct ffa_call;
struct ffa_field;

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

size_t ffa_dump_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
		       size_t size);

/* The same without fields that are 0, for a reader. */
size_t ffa_format_set_fields(const struct ffa_call *call, const struct ffa_regs *regs, char *buf,
			     size_t size);

size_t ffa_dump_set_fields(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			   size_t size);

/* The value of one field of these registers, as its type is written. Length as snprintf(). */
size_t ffa_format_value(const struct ffa_field *field, const struct ffa_regs *regs, char *buf,
			size_t size);

size_t ffa_dump_value(const struct ffa_field *field, const struct ffa_dump *regs, char *buf,
		      size_t size);

/* "w1[31:16]", "x2", "w3-w7". Length as snprintf(). */
size_t ffa_format_place(const struct ffa_field *field, char *buf, size_t size);

/* "31:16" or "9"; returns the length as snprintf(). */
size_t ffa_format_bits(unsigned int hi, unsigned int lo, char *buf, size_t size);

/*
 * Reserved bits that are set, with what each version says of them, "w1[31:16]=0x1 (1.1 MBZ, 1.2
 * MBZ, 1.3 MBZ)"; version 0: all versions that have the call. Empty if there are none.
 */
size_t ffa_format_rules(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
			char *buf, size_t size);

size_t ffa_dump_rules(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		      char *buf, size_t size);

/*
 * The registers with fields that were not given, "w3-w4, w7"; empty if there are none. Length as
 * snprintf().
 */
size_t ffa_format_not_given(const struct ffa_call *call, const struct ffa_dump *regs, char *buf,
			    size_t size);

/*
 * A call as one line: its name or number, its fields as words, what was not given, and with rules,
 * the reserved bits that are set, as ffa_format_rules() has them. "FFA_ID_GET  ! w1=0x1 (1.0 MBZ,
 * ...)". Length as snprintf(). call may be NULL.
 */
size_t ffa_format_call(const struct ffa_call *call, const struct ffa_dump *regs, uint32_t version,
		       bool rules, char *buf, size_t size);

/*
 * An example command, "ffascope call ...", with the consent option that it needs. Returns the length
 * as snprintf() does; empty for a call that a host does not make.
 */
size_t ffa_format_example(const struct ffa_call *call, char *buf, size_t size);

#endif
