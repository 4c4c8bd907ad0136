// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command/request.h"

#define MAX_NEAREST 5

void request_no_such_call(const struct options *opts, const char *word)
{
	const struct ffa_call *near[MAX_NEAREST];
	size_t n = ffa_call_nearest(word, near, MAX_NEAREST);
	char list[MAX_NEAREST * 64] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list);

		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
			 ffa_call_name(near[i]));
	}

	if (n)
		verb_error(opts, "%s: no such call. Nearest: %s", word, list);
	else
		verb_error(opts, "%s: no such call; `ffascope list' shows them all", word);
}

int request_build(const struct options *opts, char **words, int n, struct ffa_regs *in)
{
	const struct ffa_call *call;
	char err[1024];
	uint32_t fid;

	if (ffa_call_parse_fid(words[0], &fid)) {
		request_no_such_call(opts, words[0]);
		return -EINVAL;
	}

	call = ffa_call_by_fid(fid);
	ffa_call_init(call, fid, in);
	for (int i = 1; i < n; i++) {
		if (ffa_assign(call, in, words[i], err, sizeof(err))) {
			verb_error(opts, "%s", err);
			return -EINVAL;
		}
	}
	return 0;
}

const char *request_changes(const struct ffa_regs *in)
{
	const struct ffa_call *call = ffa_call_by_fid((uint32_t)in->x[0]);

	return call ? ffa_call_needs_consent(call, in) : NULL;
}
