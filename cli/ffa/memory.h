/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A call with the contents of its TX buffer: words for the fields of a memory transaction and for raw
 * bytes, and the buffer that they describe. Pure: no I/O.
 */
#ifndef FFASCOPE_FFA_MEMORY_H
#define FFASCOPE_FFA_MEMORY_H

#include "ffa/descriptor.h"

#define FFA_MEM_MAX_RECEIVERS 16
#define FFA_MEM_MAX_RANGES    16   /* given by address */
#define FFA_MEM_MAX_EDITS     64   /* tx[...]= words */
#define FFA_MEM_MAX_PAGES     4096 /* allocated ones, of FFA_PAGE_SIZE */
#define FFA_MEM_MAX_FILE      256  /* characters of a file's name */
/* Longest buffer: a descriptor of 4096 constituents takes 65,7 KB. */
#define FFA_MEM_MAX_BUFFER    131072

/* Bytes of the buffer that are overwritten after it was built. */
struct ffa_mem_edit {
	uint32_t at;
	uint32_t bytes; /* 1 to 8 */
	uint64_t value; /* little-endian */
};

/* What the words of a call say about its TX buffer. */
struct ffa_mem_request {
	bool transaction; /* a field of the descriptor was given: build one */
	bool buffer;	  /* anything was given */
	bool contiguous;
	bool twice;			  /* each allocated page is in the descriptor twice */
	bool total_given, fragment_given; /* w1, w2: they stay as they are */
	uint32_t pages;			  /* to allocate, of FFA_PAGE_SIZE */
	bool pages_given, pages_of_given;
	uint64_t pages_of; /* the pages of this earlier transaction, instead of new ones */
	uint32_t fragment; /* most bytes of a fragment; 0: as many as a buffer has */
	struct ffa_mem_receiver receivers[FFA_MEM_MAX_RECEIVERS];
	uint32_t nr_receivers;
	uint8_t permissions;				 /* of each receiver */
	struct ffa_mem_range ranges[FFA_MEM_MAX_RANGES]; /* before the allocated pages */
	uint32_t nr_ranges;
	uint16_t sender;
	uint16_t attributes;
	bool attributes_given;
	uint32_t flags;
	uint64_t handle, tag;
	char file[FFA_MEM_MAX_FILE]; /* whose bytes replace the built ones; "": none */
	struct ffa_mem_edit edits[FFA_MEM_MAX_EDITS];
	uint32_t nr_edits;
};

/* Whether the call's TX buffer has a memory transaction descriptor: DONATE, LEND, SHARE, RETRIEVE_REQ. */
bool ffa_mem_is_transaction(uint32_t fid);
/* Whether the call gives memory away: DONATE, LEND or SHARE. */
bool ffa_mem_gives(uint32_t fid);

/*
 * Takes one word of a call: receiver=0x8001[,ID...], access=ro|rw, instruction=nx|x, pages=N,
 * pages-of=HANDLE, contiguous=0|1, twice=0|1, range=ADDRESS:PAGES, fragment=BYTES, sender=, attributes=, flags=, handle=, tag= of
 * a memory transaction; tx[0x20]=, tx[0x30:0x33]=, tx=@FILE of any call. Returns 1 if it was taken; 0
 * if it is another word (for ffa_assign()); -EINVAL with a message in err, which names the word.
 */
int ffa_mem_word(struct ffa_mem_request *request, uint32_t fid, const char *word, char *err,
		 size_t err_size);

/* Number of kernel pages of page_size bytes that the request needs. */
uint32_t ffa_mem_pages(const struct ffa_mem_request *request, uint32_t page_size);

/*
 * Builds the buffer of a call: the descriptor (or the bytes of request->file, which the caller has
 * read), then the edits. addresses: ffa_mem_pages() physical addresses. Returns its length, at most
 * FFA_MEM_MAX_BUFFER; 0 if the version is not known or it does not fit size.
 */
size_t ffa_mem_compose(const struct ffa_mem_request *request, uint32_t fid, uint32_t version,
		       const uint64_t *addresses, uint32_t page_size, const uint8_t *file,
		       size_t file_len, uint8_t *buf, size_t size);

/* How many bytes of len go into the next fragment, of a buffer of `buffer' bytes. */
uint32_t ffa_mem_fragment(const struct ffa_mem_request *request, size_t len, size_t buffer);

/* What an answer says about a transaction. */
enum ffa_mem_state {
	FFA_MEM_FAILED,
	FFA_MEM_NEXT, /* the next fragment is asked for */
	FFA_MEM_GIVEN,
	FFA_MEM_OTHER, /* paused or interrupted */
};

/* Of an answer to DONATE, LEND, SHARE or FRAG_TX; *handle unless FFA_MEM_FAILED or _OTHER. */
enum ffa_mem_state ffa_mem_state(const struct ffa_regs *out, uint64_t *handle);

/* The calls that continue a transaction and end it. */
void ffa_mem_frag_tx(struct ffa_regs *in, uint64_t handle, uint32_t len);
void ffa_mem_reclaim(struct ffa_regs *in, uint64_t handle);

#endif
