// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications through arm_ffa, as drivers use them: bound, received, sent. A bound one
 * belongs to the open device, so it is unbound however this process ends.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "command/notify.h"
#include "verbs/verbs.h"

#define MAX_ENDPOINT 0xffff
#define MAX_VCPU     0xffff
#define MAX_COUNT    UINT64_C(1000000000)
#define MAX_SECONDS  UINT64_C(100000000)
#define NR_NOTES     64

enum {
	OPT_FROM = 0x100,
	OPT_TO,
	OPT_ID,
	OPT_VCPU,
	OPT_PER_VCPU,
	OPT_COUNT,
	OPT_DURATION,
	OPT_ALLOW,
	OPT_NO_TRACE,
};

static const struct argp_option options[] = {
	{ "from", OPT_FROM, "ENDPOINT", 0, "Who sends: listen, bind, unbind", 0 },
	{ "to", OPT_TO, "ENDPOINT", 0, "Who receives: send", 0 },
	{ "id", OPT_ID, "N", 0, "The notification, 0 to 63", 0 },
	{ "vcpu", OPT_VCPU, "N", 0, "Send it to this vCPU alone", 0 },
	{ "per-vcpu", OPT_PER_VCPU, NULL, 0, "Bind it per vCPU instead of globally", 0 },
	{ "count", OPT_COUNT, "N", 0, "Listen until N notifications have arrived", 0 },
	{ "duration", OPT_DURATION, "SECONDS", 0, "Listen, or stay bound, for so long", 0 },
	{ "allow-state-change", OPT_ALLOW, NULL, 0,
	  "Allow pending and unbind to affect other users' notifications", 0 },
	{ "no-trace", OPT_NO_TRACE, NULL, 0,
	  "Leave the hypervisor's trace alone; the verdict is unknown then", 0 },
	{ 0 },
};

enum action { ACTION_NONE, ACTION_PENDING, ACTION_LISTEN, ACTION_BIND, ACTION_UNBIND, ACTION_SEND };

static const char *const actions[] = {
	[ACTION_PENDING] = "pending", [ACTION_LISTEN] = "listen", [ACTION_BIND] = "bind",
	[ACTION_UNBIND] = "unbind",   [ACTION_SEND] = "send",
};

#define NR_ACTIONS  (sizeof(actions) / sizeof(actions[0]))

/* Which options an action takes, as bits of their keys. */
#define BIT_OF(key) (1u << ((key)-OPT_FROM))

static const unsigned int takes[NR_ACTIONS] = {
	[ACTION_PENDING] = BIT_OF(OPT_ALLOW),
	[ACTION_LISTEN] = BIT_OF(OPT_FROM) | BIT_OF(OPT_ID) | BIT_OF(OPT_PER_VCPU) |
			  BIT_OF(OPT_COUNT) | BIT_OF(OPT_DURATION),
	[ACTION_BIND] =
		BIT_OF(OPT_FROM) | BIT_OF(OPT_ID) | BIT_OF(OPT_PER_VCPU) | BIT_OF(OPT_DURATION),
	[ACTION_UNBIND] = BIT_OF(OPT_FROM) | BIT_OF(OPT_ID) | BIT_OF(OPT_ALLOW),
	[ACTION_SEND] = BIT_OF(OPT_TO) | BIT_OF(OPT_ID) | BIT_OF(OPT_VCPU),
};

static const unsigned int needs[NR_ACTIONS] = {
	[ACTION_LISTEN] = BIT_OF(OPT_FROM) | BIT_OF(OPT_ID),
	[ACTION_BIND] = BIT_OF(OPT_FROM) | BIT_OF(OPT_ID),
	[ACTION_UNBIND] = BIT_OF(OPT_FROM) | BIT_OF(OPT_ID),
	[ACTION_SEND] = BIT_OF(OPT_TO) | BIT_OF(OPT_ID),
};

struct notify_args {
	enum action action;
	unsigned int given; /* BIT_OF() */
	uint32_t endpoint, id, vcpu;
	uint64_t count;	   /* 0: no end */
	uint64_t duration; /* s, 0: no end */
	bool no_trace;
};

static void end_args(const struct notify_args *args, const struct argp_state *state)
{
	unsigned int over = args->given & ~takes[args->action];
	unsigned int missing = needs[args->action] & ~args->given;

	for (const struct argp_option *o = options; o->name; o++) {
		if (o->key >= OPT_NO_TRACE)
			continue;
		if (over & BIT_OF(o->key))
			argp_error(state, "--%s says nothing to `notify %s'", o->name,
				   actions[args->action]);
		if (missing & BIT_OF(o->key))
			argp_error(state, "`notify %s' needs --%s %s", actions[args->action],
				   o->name, o->arg);
	}
}

static void take_number(const struct argp_state *state, const char *name, const char *arg,
			uint64_t min, uint64_t max, uint64_t *value)
{
	if (!verb_parse_number(arg, min, max, value))
		argp_error(state, "--%s %s: give a number from %llu to %llu", name, arg,
			   (unsigned long long)min, (unsigned long long)max);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct notify_args *args = state->input;
	uint64_t value = 0;

	if (key >= OPT_FROM && key < OPT_NO_TRACE)
		args->given |= BIT_OF(key);

	switch (key) {
	case OPT_FROM:
	case OPT_TO:
		if (!verb_parse_number(arg, 0, MAX_ENDPOINT, &value))
			argp_error(
				state,
				"--%s %s: give an endpoint ID from 0 to 0xffff; `grep . /sys/bus/arm_ffa/devices/*/partition_id' shows those that there are",
				key == OPT_FROM ? "from" : "to", arg);
		args->endpoint = (uint32_t)value;
		return 0;
	case OPT_ID:
		take_number(state, "id", arg, 0, FFASCOPE_MAX_NOTIFICATIONS - 1, &value);
		args->id = (uint32_t)value;
		return 0;
	case OPT_VCPU:
		take_number(state, "vcpu", arg, 0, MAX_VCPU, &value);
		args->vcpu = (uint32_t)value;
		return 0;
	case OPT_COUNT:
		take_number(state, "count", arg, 1, MAX_COUNT, &args->count);
		return 0;
	case OPT_DURATION:
		take_number(state, "duration", arg, 1, MAX_SECONDS, &args->duration);
		return 0;
	case OPT_PER_VCPU:
	case OPT_ALLOW:
		return 0;
	case OPT_NO_TRACE:
		args->no_trace = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "%s: one thing at a time", arg);
		for (unsigned int i = 1; i < NR_ACTIONS; i++) {
			if (!strcmp(arg, actions[i]))
				args->action = i;
		}
		if (!args->action)
			argp_error(state, "%s: give pending, listen, bind, unbind or send", arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "what? Give pending, listen, bind, unbind or send");
		return EINVAL;
	case ARGP_KEY_END:
		end_args(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "pending|listen|bind|unbind|send",
	.doc = "Uses notifications through arm_ffa, as drivers do: waits for them, sends them, "
	       "and reports the verdict of each call.\v"
	       "  ffascope notify listen --from 0x8001 --id 5 --count 1\n"
	       "  ffascope notify send --to 0x8002 --id 3\n"
	       "  ffascope notify bind --from 0x8001 --id 5 --duration 60\n"
	       "  ffascope notify pending --allow-state-change",
};

/* ---- one operation ---- */

struct notify {
	const struct options *opts;
	const struct notify_args *args;
	struct device *device;
};

static int operate(const struct notify *n, struct driver_call_result *done)
{
	return driver_call_operate(n->opts, n->device, n->args->no_trace, done);
}

static struct driver_call_result operation(const struct notify_args *args, uint32_t op)
{
	struct driver_call_result done = {
		.req = { .op = op, .partition = args->endpoint, .id = args->id, .cpu = -1 },
	};

	if (args->given & (op == FFASCOPE_DRIVER_REQUEST ? BIT_OF(OPT_PER_VCPU)
			   : op == FFASCOPE_DRIVER_SEND	 ? BIT_OF(OPT_VCPU)
							 : 0))
		done.req.flags = FFASCOPE_DRIVER_PER_VCPU;
	if (op == FFASCOPE_DRIVER_SEND)
		done.req.vcpu = args->vcpu;
	return done;
}

static int tell(const struct notify *n, const char *what, const struct driver_call_result *done)
{
	return driver_call_show(n->opts, "notify", what, done);
}

static int once(const struct notify *n, const char *what, struct driver_call_result done)
{
	int ret = operate(n, &done);

	if (ret == -EINTR)
		return STATUS_DONE;
	return ret ? (int)verb_status(ret == -EINVAL ? -ENODEV : ret) : tell(n, what, &done);
}

/* ---- listening ---- */

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

/* What may be waited for at once, in ms; -1: for ever. */
static int time_left(uint64_t end_ms)
{
	uint64_t now = now_ms();

	if (!end_ms)
		return -1;
	if (now >= end_ms)
		return 0;
	return end_ms - now > 1000000 ? 1000000 : (int)(end_ms - now);
}

static int wait_for_notes(const struct notify *n, uint64_t *arrived, uint64_t *lost)
{
	const struct notify_args *args = n->args;
	uint64_t end_ms = args->duration ? now_ms() + args->duration * 1000 : 0;
	struct ffascope_notification notes[NR_NOTES];
	struct error err;

	while (!verb_stop && (!args->count || *arrived < args->count)) {
		uint64_t left = args->count ? args->count - *arrived : NR_NOTES;
		int timeout = time_left(end_ms);
		int nr;

		nr = device_notifications(n->device, notes,
					  left < NR_NOTES ? (unsigned int)left : NR_NOTES, timeout,
					  &err);
		if (nr == -EINTR)
			break;
		if (nr < 0) {
			verb_error(n->opts, "%s", err.text);
			return verb_status(nr);
		}
		if (!nr && end_ms && !time_left(end_ms))
			break;

		for (int i = 0; i < nr; i++) {
			*lost += notes[i].lost;
			*arrived += !(notes[i].flags & FFASCOPE_NOTE_NOTHING);
			if (args->action == ACTION_LISTEN &&
			    notify_show_arrived(n->opts, &notes[i]))
				return STATUS_INTERNAL;
		}
		if (fflush(stdout))
			return STATUS_INTERNAL;
	}
	return STATUS_DONE;
}

static int stay_bound(const struct notify *n)
{
	struct driver_call_result done = operation(n->args, FFASCOPE_DRIVER_REQUEST);
	struct driver_call_result back = operation(n->args, FFASCOPE_DRIVER_RELINQUISH);
	uint64_t arrived = 0, lost = 0;
	int status, later;
	int ret = operate(n, &done);

	if (ret == -EINTR)
		return STATUS_DONE;
	if (ret)
		return verb_status(ret == -EINVAL ? -ENODEV : ret);

	status = tell(n, "bind", &done);
	if (done.req.status)
		return status;

	verb_note(n->opts, n->args->action == ACTION_LISTEN ? "listening%s" : "bound%s",
		  n->args->duration || n->args->count ? "" : " until Ctrl-C");
	later = wait_for_notes(n, &arrived, &lost);

	/* Closing the device would do; asked for, it is seen how it goes. */
	ret = operate(n, &back);
	if (!ret && tell(n, "unbind", &back) == STATUS_CANNOT && !later)
		later = STATUS_CANNOT;
	if (n->args->action == ACTION_LISTEN && notify_show_end(n->opts, arrived, lost) && !later)
		later = STATUS_INTERNAL;
	if (n->args->action == ACTION_LISTEN && !arrived && !lost && !later)
		notify_tell_silence(n->opts, n->args->endpoint, n->args->id,
				    n->args->given & BIT_OF(OPT_PER_VCPU));
	if (ret && !later)
		later = STATUS_INTERNAL;
	if (!later && back.verdict.kind == VERDICT_UNKNOWN)
		status = STATUS_UNKNOWN;
	return later ? later : status;
}

static int unbind(const struct notify *n)
{
	struct driver_call_result done = operation(n->args, FFASCOPE_DRIVER_RELINQUISH);

	done.req.flags = FFASCOPE_DRIVER_FOREIGN;
	return once(n, "unbind", done);
}

static int act(const struct notify *n)
{
	switch (n->args->action) {
	case ACTION_LISTEN:
	case ACTION_BIND:
		return stay_bound(n);
	case ACTION_UNBIND:
		return unbind(n);
	default:
		return once(n, "send", operation(n->args, FFASCOPE_DRIVER_SEND));
	}
}

static int notify_run(const struct options *opts, int argc, char **argv)
{
	struct notify_args args = { 0 };
	struct notify notify = { .opts = opts, .args = &args };
	struct error err;
	int ret, status;

	if (verb_parse(&argp, argc, argv, &args))
		return STATUS_INTERNAL;

	if (args.action == ACTION_PENDING && !(args.given & BIT_OF(OPT_ALLOW))) {
		verb_error(
			opts,
			"reading pending notifications clears them: their driver no longer gets them. Use --allow-state-change to read them anyway");
		return STATUS_USAGE;
	}
	if (args.action == ACTION_UNBIND && !(args.given & BIT_OF(OPT_ALLOW))) {
		verb_error(
			opts,
			"this takes notification %u away from the driver that has it, without notice to it. Use --allow-state-change to do it anyway",
			args.id);
		return STATUS_USAGE;
	}

	verb_catch_signals();
	if (args.action == ACTION_PENDING)
		return notify_pending(opts, args.no_trace);

	ret = device_open(&notify.device, opts->device, &err);
	if (ret) {
		verb_error(opts, "%s", err.text);
		return verb_status(ret);
	}
	status = act(&notify);
	device_close(notify.device);
	return status;
}

const struct verb verb_notify = {
	.name = "notify",
	.help = "Receives and sends notifications through arm_ffa",
	.run = notify_run,
};
