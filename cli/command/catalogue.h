/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the catalogue as JSON, for the verbs that show it. */
#ifndef FFASCOPE_COMMAND_CATALOGUE_H
#define FFASCOPE_COMMAND_CATALOGUE_H

#include "ffa/ffa.h"

struct json_object;

/* The errors of a call, as an array. */
struct json_object *catalogue_errors(const struct ffa_call *call);

#endif
