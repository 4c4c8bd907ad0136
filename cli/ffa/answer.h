/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers: status codes, results, and the lists and descriptors in registers. */
#ifndef FFASCOPE_FFA_ANSWER_H
#define FFASCOPE_FFA_ANSWER_H

#include "ffa/rules.h"

struct ffa_answer;

/*
 * The status code in an answer: 0 for FFA_SUCCESS, w2 of FFA_ERROR, -1 for SMCCC's "unknown
 * function". False if the answer carries none: FFA_VERSION's version, FFA_INTERRUPT, a response.
 * call may be NULL.
 */
bool ffa_answer_status(const struct ffa_call *call, const struct ffa_regs *out, int32_t *code);

bool ffa_dump_status(const struct ffa_call *call, const struct ffa_dump *out, int32_t *code);

/* "SUCCESS", "NOT_SUPPORTED", ...; NULL if the code has no name. */
const char *ffa_status_name(int32_t code);

/* The reverse, any case, - or _. Returns 0, or -EINVAL. */
int ffa_status_by_name(const char *name, int32_t *code);

/* The catalogue's entry for the answer `out` to the call `in` (NULL: registers not known). */
const struct ffa_answer *ffa_answer_find(const struct ffa_call *call, const struct ffa_regs *in,
					 const struct ffa_regs *out);

const struct ffa_answer *ffa_dump_answer(const struct ffa_call *call, const struct ffa_dump *in,
					 const struct ffa_dump *out);

/*
 * An answer in a few words: "version 1.2", "id 0", "no data". Length as snprintf(). version is
 * the one in force. call may be NULL.
 */
size_t ffa_format_answer(const struct ffa_call *call, const struct ffa_regs *out, uint32_t version,
			 char *buf, size_t size);

/* The same where the registers of the call are known: FFA_FEATURES' results depend on them. */
size_t ffa_format_answer_to(const struct ffa_call *call, const struct ffa_regs *in,
			    const struct ffa_regs *out, uint32_t version, char *buf, size_t size);

size_t ffa_dump_answer_text(const struct ffa_call *call, const struct ffa_dump *in,
			    const struct ffa_dump *out, uint32_t version, char *buf, size_t size);

/*
 * The same without fields that are 0, unless all are, and without the endpoints of a message, which
 * are those of the call.
 */
size_t ffa_format_answer_brief(const struct ffa_call *call, const struct ffa_regs *in,
			       const struct ffa_regs *out, uint32_t version, char *buf,
			       size_t size);

size_t ffa_dump_answer_brief(const struct ffa_call *call, const struct ffa_dump *in,
			     const struct ffa_dump *out, uint32_t version, char *buf, size_t size);

/* Whether an answer of this identifier is one of the call's, but of the other convention. */
bool ffa_answer_width_differs(const struct ffa_call *call, uint32_t fid);

/* Reserved bits of an answer that are set. As ffa_violations(). */
size_t ffa_answer_violations(const struct ffa_call *call, const struct ffa_regs *in,
			     const struct ffa_regs *out, uint32_t version,
			     struct ffa_violation *list, size_t n);

size_t ffa_dump_answer_violations(const struct ffa_call *call, const struct ffa_dump *in,
				  const struct ffa_dump *out, uint32_t version,
				  struct ffa_violation *list, size_t n);

/* A decoded answer of FFA_NOTIFICATION_INFO_GET (DEN0077A 1.3 ALP4 Tables 16.48 to 16.50). */
#define FFA_INFO_MAX_LISTS 20

struct ffa_info_list {
	uint16_t endpoint;
	uint8_t nr_vcpus; /* 0: global notifications only */
	uint16_t vcpu[3];
};

struct ffa_info {
	bool more;		/* call again */
	bool cut;		/* IDs of a list were not given */
	unsigned int announced; /* number of lists that the answer announces */
	unsigned int nr_lists;
	struct ffa_info_list list[FFA_INFO_MAX_LISTS];
};

/*
 * Takes the lists out of an answer, by the width of its identifier. Returns 0; -EINVAL if it is no
 * FFA_SUCCESS; -EOVERFLOW if it announces more IDs or lists than fit: those that do are in info.
 */
int ffa_info_decode(const struct ffa_regs *out, struct ffa_info *info);

/* -ENODATA: the register with the number of lists was not given; info is empty. */
int ffa_dump_info(const struct ffa_dump *out, struct ffa_info *info);

/* A partition, as FFA_PARTITION_INFO_GET_REGS gives it (DEN0077A 1.3 ALP4 Table 6.1, 6.2). */
struct ffa_partition {
	uint16_t id;
	uint16_t contexts; /* number of execution contexts; 0 where the field is the proxy's ID */
	uint16_t proxy;	   /* ID of the proxy endpoint of a dependent SEPID, else 0 */
	uint32_t properties;
	uint8_t uuid[16];  /* in the order in which a UUID is written */
	bool has_image;	   /* the two below were given: descriptors of 1.3, 48 bytes */
	uint8_t image[16]; /* UUID of the partition's image */
	uint32_t version;  /* FF-A version of the partition */
};

#define FFA_PARTITIONS_MAX 5 /* three registers each, x3 to x17 */

/*
 * Takes the descriptors out of an answer to a call that began at start_index. Returns how many, 0
 * for anything but a well-formed answer.
 */
size_t ffa_partitions_decode(const struct ffa_regs *out, unsigned int start_index,
			     struct ffa_partition *list, size_t n);

/*
 * in: the call, or NULL. Without its start index: the descriptors that are in the registers, and
 * *known is false, for how many of the answer's partitions these are cannot be told.
 */
size_t ffa_dump_partitions(const struct ffa_call *call, const struct ffa_dump *in,
			   const struct ffa_dump *out, struct ffa_partition *list, size_t n,
			   bool *known);

/* "receives-direct-req,aarch64": the properties that are set. Length as snprintf(). */
size_t ffa_format_properties(uint32_t properties, char *buf, size_t size);

/* 36 characters and a NUL. */
void ffa_format_uuid(const uint8_t uuid[16], char buf[37]);

#endif
