// SPDX-License-Identifier: GPL-2.0-only
#include "command/call_options.h"
#include "command/verb.h"

#define MAX_CPU	     4095
#define MAX_GUARD_NS 100000

enum {
	OPT_RECORD = 0x200,
	OPT_NO_TRACE,
	OPT_ALLOW,
	OPT_CPU,
	OPT_GUARD,
};

static const struct argp_option evidence[] = {
	{ "record", OPT_RECORD, "FILE", 0, "Keep the evidence, for `ffascope replay'", 0 },
	{ "no-trace", OPT_NO_TRACE, NULL, 0,
	  "Leave the hypervisor's trace alone; every verdict is unknown then", 0 },
	{ 0 },
};

static const struct argp_option consent[] = {
	{ "allow-state-change", OPT_ALLOW, NULL, 0,
	  "Also make calls that change what others rely on", 0 },
	{ 0 },
};

static const struct argp_option place[] = {
	{ "cpu", OPT_CPU, "N", 0, "Make the calls on this CPU", 0 },
	{ "guard", OPT_GUARD, "NS", 0,
	  "Pause before and after each call, 0 to 100000 ns (default: what this machine needs)",
	  0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct call_options *opts = state->input;
	uint64_t value;

	switch (key) {
	case OPT_RECORD:
		opts->record = arg;
		return 0;
	case OPT_NO_TRACE:
		opts->no_trace = true;
		return 0;
	case OPT_ALLOW:
		opts->allow = true;
		return 0;
	case OPT_CPU:
		if (!verb_parse_number(arg, 0, MAX_CPU, &value))
			argp_error(state, "--cpu %s: give a number from 0 to %d", arg, MAX_CPU);
		opts->cpu = (int)value;
		return 0;
	case OPT_GUARD:
		if (!verb_parse_number(arg, 0, MAX_GUARD_NS, &value))
			argp_error(state, "--guard %s: give ns from 0 to %d", arg, MAX_GUARD_NS);
		opts->guard_ns = value ? (unsigned int)value : 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void call_options_hand_on(struct argp_state *state, struct call_options *opts)
{
	for (int i = 0; state->root_argp->children[i].argp; i++)
		state->child_inputs[i] = opts;
}

const struct argp call_options_evidence = { .options = evidence, .parser = parse_option };
const struct argp call_options_consent = { .options = consent, .parser = parse_option };
const struct argp call_options_place = { .options = place, .parser = parse_option };
