// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "verbs/verbs.h"

static const struct verb *const verbs[] = {
	&verb_list,   &verb_describe, &verb_decode,  &verb_call,   &verb_sweep,
	&verb_fuzz,   &verb_diff,     &verb_compare, &verb_run,	   &verb_shell,
	&verb_notify, &verb_trace,    &verb_replay,  &verb_doctor,
};

const struct verb *verb_at(size_t index)
{
	return index < sizeof(verbs) / sizeof(verbs[0]) ? verbs[index] : NULL;
}

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	}
	return NULL;
}
