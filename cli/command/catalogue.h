/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the catalogue as JSON, for the verbs that show it. */
#ifndef FFASCOPE_COMMAND_CATALOGUE_H
#define FFASCOPE_COMMAND_CATALOGUE_H

#include "ffa/descriptor.h"

struct ffa_call;

struct json_object;

/* The errors of a call, as an array. */
struct json_object *catalogue_errors(const struct ffa_call *call);
/* {"MBZ":0, ...}: the names of values. */
struct json_object *catalogue_symbols(const struct ffa_symbol *symbols);
/* Rules by version; bit n of versions: the version of this index has one. */
struct json_object *catalogue_rules(const enum ffa_rule *rule, unsigned int versions);
/* "hex", "decimal" and so on. */
const char *catalogue_type(enum ffa_type type);
/* The partition properties, as an array. */
struct json_object *catalogue_properties(void);
/* A descriptor with its layouts, without members that lead it in. */
struct json_object *catalogue_descriptor(const struct ffa_descriptor *type);

#endif
