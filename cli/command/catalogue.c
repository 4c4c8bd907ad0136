// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/json.h"
#include "command/catalogue.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

struct json_object *catalogue_errors(const struct ffa_call *call)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < call->nr_errors; i++) {
		const struct ffa_error *e = &call->errors[i];
		struct json_object *obj = json_new_object();

		json_add_string(obj, "status", ffa_status_name(e->code));
		json_add_int(obj, "status_code", e->code);
		json_add_string(obj, "when", e->when);
		json_add_string(obj, "source", e->source ? e->source : call->source);
		json_append(array, obj);
	}

	return array;
}

struct json_object *catalogue_symbols(const struct ffa_symbol *symbols)
{
	struct json_object *obj = json_new_object();

	for (; symbols && symbols->name; symbols++)
		json_add(obj, symbols->name, json_new_int(symbols->value));

	return obj;
}

struct json_object *catalogue_rules(const enum ffa_rule *rule, unsigned int versions)
{
	struct json_object *obj = json_new_object();

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++) {
		if (!(versions >> v & 1))
			continue;
		json_add_string(obj, ffa_version_name(ffa_version_at(v)),
				rule[v] == FFA_RULE_NO_PARAMETER ? "no-parameter"
								 : ffa_rule_name(rule[v]));
	}

	return obj;
}

const char *catalogue_type(enum ffa_type type)
{
	static const char *const types[] = {
		[FFA_TYPE_HEX] = "hex",	       [FFA_TYPE_DECIMAL] = "decimal",
		[FFA_TYPE_ID] = "endpoint-id", [FFA_TYPE_VERSION] = "version",
		[FFA_TYPE_STATUS] = "status",  [FFA_TYPE_FUNCTION] = "function",
		[FFA_TYPE_UUID] = "uuid",      [FFA_TYPE_TEXT] = "text",
	};

	return types[type];
}

struct json_object *catalogue_properties(void)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < ffa_property_count(); i++) {
		const struct ffa_property *p = ffa_property_at(i);
		struct json_object *obj = json_new_object();
		char bits[16];

		ffa_format_bits(p->hi, p->lo, bits, sizeof(bits));
		json_add(obj, "name", json_new_string(p->name));
		json_add(obj, "bits", json_new_string(bits));
		json_add(obj, "since",
			 json_new_string(p->since ? ffa_version_name(p->since) : NULL));
		json_add(obj, "meaning", json_new_string(p->meaning));
		if (p->symbols)
			json_add(obj, "values", catalogue_symbols(p->symbols));
		json_append(array, obj);
	}

	return array;
}

/* ---- descriptors ---- */

static struct json_object *new_member(const struct ffa_member *m, unsigned int versions)
{
	struct json_object *obj = json_new_object();
	bool unknown = false;
	char bits[16];

	json_add_string(obj, "name", m->name);
	json_add_int(obj, "offset", m->at);
	json_add_int(obj, "bytes", m->bytes);
	ffa_format_bits(m->hi, m->lo, bits, sizeof(bits));
	json_add_string(obj, "bits", bits);
	if (m->name)
		json_add_string(obj, "type", catalogue_type(m->type));
	json_add(obj, "rules", catalogue_rules(m->rule, versions));
	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		unknown |= versions >> v & 1 && m->rule[v] == FFA_RULE_UNKNOWN;
	json_add_string(obj, "unknown", unknown ? m->unknown : NULL);
	json_add_string(obj, "meaning", m->meaning);
	if (m->symbols)
		json_add(obj, "values", catalogue_symbols(m->symbols));
	json_add_string(obj, "source", m->source);

	return obj;
}

static struct json_object *new_layout(const struct ffa_layout *layout)
{
	struct json_object *obj = json_new_object(), *members = json_new_array();
	unsigned int versions = 0;

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		versions |= (unsigned int)ffa_layout_known_in(layout, ffa_version_at(v)) << v;
	json_add_string(obj, "since", ffa_version_name(layout->since));
	json_add_string(obj, "until", layout->until ? ffa_version_name(layout->until) : NULL);
	json_add_int(obj, "size", layout->size);
	for (size_t i = 0; i < layout->nr_members; i++)
		json_append(members, new_member(&layout->members[i], versions));
	json_add(obj, "members", members);

	return obj;
}

struct json_object *catalogue_descriptor(const struct ffa_descriptor *type)
{
	struct json_object *obj = json_new_object(), *layouts = json_new_array();
	bool properties = false;

	json_add_string(obj, "descriptor", type->name);
	json_add_string(obj, "title", type->title);
	json_add_string(obj, "place", type->place);
	json_add_string(obj, "follows", type->follows);
	for (size_t i = 0; i < type->nr_layouts; i++) {
		json_append(layouts, new_layout(&type->layouts[i]));
		for (size_t m = 0; m < type->layouts[i].nr_members; m++)
			properties |= type->layouts[i].members[m].props;
	}
	json_add(obj, "layouts", layouts);
	if (properties)
		json_add(obj, "partition_properties", catalogue_properties());
	json_add_string(obj, "source", type->source);

	return obj;
}
