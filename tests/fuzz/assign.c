// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIELD=VALUE, and words for calls. The first byte picks the call, the rest is the word. Beyond
 * what the sanitizers see: a word that is refused changes nothing, and what was set comes back
 * from its words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/ffa.h"
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
		      "a word of its own is refused");
	/* w0 has no field: it is the identifier, and a word may set it all the same. */
	back.x[0] = (back.x[0] & ~UINT64_C(0xffffffff)) | (uint32_t)regs->x[0];
	check(!memcmp(&back, regs, sizeof(back)), "registers do not come back from their words");
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

	/* One more than there are: an identifier that is not in the catalogue. */
	call = ffa_call_at(data[0] % (ffa_call_count() + 1));
	ffa_call_init(call, 0x840000ff, &regs);
	before = regs;
	if (ffa_assign(call, &regs, word, err, sizeof(err)))
		check(!memcmp(&before, &regs, sizeof(regs)), "a refused word changed registers");
	else
		check_words(call, &regs);
	ffa_assign(call, &regs, word, small, sizeof(small));

	ffa_parse_register(word, &bits, &value, err, sizeof(err));
	/* What can be no name of a call need not be looked for: that is slow. */
	if (!strchr(word, '=')) {
		if (ffa_call_find(word))
			check(!ffa_call_parse_fid(word, &fid), "a call's word is no identifier");
		ffa_call_nearest(word, near, 3);
		ffa_call_matches(ffa_call_by_fid(0xc4000083), word);
	}
	free(word);

	return 0;
}
