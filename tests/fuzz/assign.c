// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIELD=VALUE, words for a TX buffer, and words for calls. The first byte selects the call, the rest is the word. Checked in
 * addition to the sanitizers: a refused word changes nothing, and formatted fields parse back to the
 * same registers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/memory.h"
#include "fuzz.h"

static void check(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

static void check_words(const struct ffa_call *call, const struct ffa_regs *regs)
{
	char text[6000], err[200], *word, *rest = NULL;
	struct ffa_regs back;

	check(ffa_format_fields(call, regs, text, sizeof(text)) < sizeof(text), "words too long");
	ffa_call_init(call, (uint32_t)regs->x[0], &back);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		check(!ffa_assign(call, &back, word, err, sizeof(err)),
		      "a formatted word is refused");
	/* w0 is the identifier and has no field, but a word may still set it. */
	back.x[0] = (back.x[0] & ~UINT64_C(0xffffffff)) | (uint32_t)regs->x[0];
	check(!memcmp(&back, regs, sizeof(back)), "formatted words parse to other registers");
}

/* The word for a TX buffer, and the buffer that it describes. */
static void check_buffer(const char *word)
{
	static const uint64_t pages[FFA_MEM_MAX_PAGES];
	static uint8_t buf[FFA_MEM_MAX_BUFFER];
	const uint32_t fid = 0x84000073;
	struct ffa_mem_request request = { 0 };
	char err[200], small[16];

	if (ffa_mem_word(&request, fid, word, small, sizeof(small)) <= 0)
		return;
	ffa_mem_word(&request, fid, word, err, sizeof(err));
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		check(ffa_mem_compose(&request, fid, ffa_version_at(v), pages, 4096, buf, 10, buf,
				      sizeof(buf)) <= sizeof(buf),
		      "a buffer that is too long");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ffa_call *near[3], *call;
	struct ffa_regs regs, before;
	struct ffa_bits bits;
	char err[200], small[16];
	uint64_t value;
	uint32_t fid;
	char *word;

	if (!size)
		return 0;
	word = malloc(size);
	if (!word)
		return 0;
	memcpy(word, data + 1, size - 1);
	word[size - 1] = '\0';

	/* One more than the catalogue has: an identifier that is not in it. */
	call = ffa_call_at(data[0] % (ffa_call_count() + 1));
	ffa_call_init(call, 0x840000ff, &regs);
	before = regs;
	if (ffa_assign(call, &regs, word, err, sizeof(err)))
		check(!memcmp(&before, &regs, sizeof(regs)), "a refused word changed registers");
	else
		check_words(call, &regs);
	ffa_assign(call, &regs, word, small, sizeof(small));

	check_buffer(word);
	ffa_parse_register(word, &bits, &value, err, sizeof(err));
	/* Skip the lookup of words that cannot be the name of a call: it is slow. */
	if (!strchr(word, '=')) {
		if (ffa_call_find(word))
			check(!ffa_call_parse_fid(word, &fid), "a call's word is no identifier");
		ffa_call_nearest(word, near, 3);
		ffa_call_matches(ffa_call_by_fid(0xc4000083), word);
	}
	free(word);

	return 0;
}
