// SPDX-License-Identifier: GPL-2.0-only
/* One operation of arm_ffa: called, shown, and explained where it was refused. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "report/report.h"
#include "driver/operations.h"
#include "command/driver_call.h"

int driver_call_operate(const struct options *opts, struct device *device, bool no_trace,
			struct driver_call_result *done)
{
	struct session_options session_opts = {
		.opened = device,
		.tracefs = opts->tracefs,
		.ffa_version = opts->ffa_version,
		.no_trace = no_trace,
		/* Ctrl-C does not interrupt an unbind. */
		.stop = done->req.op == FFASCOPE_DRIVER_RELINQUISH ? NULL : &verb_stop,
	};
	struct error err = { "" };
	struct session *session;
	int ret;

	ret = session_open(&session, &session_opts, &err);
	if (ret == -EBUSY) {
		/* Another run uses the trace. Make the call without a verdict. */
		verb_note(opts, "no trace: %s", err.text);
		session_opts.no_trace = true;
		ret = session_open(&session, &session_opts, &err);
	} else if (!ret && session_note(session)) {
		verb_note(opts, "no trace: %s", session_note(session));
	}
	if (ret) {
		if (!verb_stop)
			verb_error(opts, "%s", err.text);
		return ret;
	}

	done->ffa_version = session_ffa_version(session);
	ret = session_driver(session, &done->req, &done->call, &done->verdict, &err);
	if (ret && ret != -EINTR)
		verb_error(opts, "%s", err.text);
	if (session_close(session, &err) && !ret) {
		verb_error(opts, "%s", err.text);
		ret = -EIO;
	}
	return ret;
}

static bool has_id(const struct ffascope_driver *req)
{
	return req->op <= FFASCOPE_DRIVER_SEND;
}

/* How much of the answer there is. */
static unsigned int nr_data(const struct ffascope_driver *req)
{
	if (req->status)
		return 0;

	switch (req->op) {
	case FFASCOPE_DRIVER_DIRECT:
		return 5;
	case FFASCOPE_DRIVER_DIRECT2:
		return FFASCOPE_NR_DATA;
	case FFASCOPE_DRIVER_PARTITIONS:
		return req->data[0] + 1 > FFASCOPE_NR_DATA ? FFASCOPE_NR_DATA
							   : (unsigned int)req->data[0] + 1;
	default:
		return 0;
	}
}

static int show_json(const struct options *opts, const char *key, const char *what,
		     const struct driver_call_result *done)
{
	const struct ffascope_driver *req = &done->req;
	const struct verdict *v = &done->verdict;
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)done->call.in.x[0]);
	int32_t status = driver_operation_status(req->status);
	struct json_object *obj = json_new_object(), *time = NULL;

	json_add_string(obj, key, what);
	json_add_hex(obj, "endpoint", req->partition, 4);
	if (has_id(req))
		json_add_uint(obj, "id", req->id);
	json_add_string(obj, "call", ffa_call_name(ffa));
	json_add_hex(obj, "fid", ffa_call_fid(ffa), 8);
	json_add_uint(obj, "cpu", req->made_on);
	json_add_string(obj, "verdict", verdict_kind_name(v->kind));
	json_add_string(obj, "by", verdict_by(v->kind));
	json_add_string(obj, "reason", verdict_reason_name(v->reason));
	json_add(obj, "smcs", v->from_trace ? json_new_int(v->smcs) : NULL);
	json_add_string(obj, "status", status <= 0 ? ffa_status_name(status) : NULL);
	json_add(obj, "status_code", status <= 0 ? json_new_int(status) : NULL);
	json_add_string(obj, "errno", req->status ? strerrorname_np(-req->status) : NULL);
	if (v->from_trace) {
		time = json_new_object();
		json_add_uint(time, "total", v->total_ns);
		json_add_uint(time, "el2", v->el2_before_ns + v->el2_after_ns);
		json_add_uint(time, "secure", v->secure_ns);
	}
	json_add(obj, "time_ns", time);
	if (nr_data(req)) {
		struct json_object *data = json_new_array();

		for (unsigned int i = 0; i < nr_data(req); i++)
			json_append(data, json_new_hex(req->data[i], 1));
		json_add(obj, "data", data);
	}
	return verb_put_json(opts, stdout, obj);
}

static void show_data(const struct ffascope_driver *req)
{
	if (req->status)
		return;
	if (req->op == FFASCOPE_DRIVER_PARTITIONS) {
		printf("  %-10s%" PRIu64, "there are", (uint64_t)req->data[0]);
		for (unsigned int i = 1; i < nr_data(req); i++)
			printf("%s0x%04" PRIx64, i > 1 ? ", " : ": ",
			       (uint64_t)req->data[i] & 0xffff);
		puts(req->data[0] + 1 > FFASCOPE_NR_DATA ? ", ..." : "");
		return;
	}

	for (unsigned int i = 0; i < nr_data(req); i++)
		printf("  %-10s0x%" PRIx64 "\n", i ? "" : "data", (uint64_t)req->data[i]);
}

/* Returns 0, or -ENOMEM after a message. */
static int show(const struct options *opts, const char *key, const char *what,
		const struct driver_call_result *done)
{
	struct report_options report = {
		.out = stdout,
		.color = verb_color(opts),
		.ffa_version = done->ffa_version,
	};
	int32_t status = driver_operation_status(done->req.status);
	const char *error = strerrorname_np(-done->req.status);
	char answer[64];

	if (opts->json) {
		return show_json(opts, key, what, done);
	}
	if (status > 0)
		snprintf(answer, sizeof(answer), "%s", error ? error : "an unknown error code");
	else if (!status)
		snprintf(answer, sizeof(answer), "SUCCESS (0)");
	else
		snprintf(answer, sizeof(answer), "%s (%d)", ffa_status_name(status), status);
	report_text_of_driver(&report, &done->call.in, answer, &done->verdict);
	show_data(&done->req);
	return 0;
}

/* When a row of `refusals' applies, besides its status. */
enum when {
	WHEN_ALWAYS,
	WHEN_NO_ID, /* the operation is not about a notification */
	WHEN_NOTIFICATIONS_OFF,
	WHEN_FORWARDED,
	WHEN_REJECTED,
	WHEN_PER_VCPU,
	WHEN_BIND,
	WHEN_UNBIND,
};

/* The first row that applies explains the status that arm_ffa returned. */
static const struct {
	int status; /* 0: any other than 0 */
	enum when when;
	const char *text; /* {call}, {id}, {endpoint} and {error} are filled in */
} refusals[] = {
	{ -EOPNOTSUPP, WHEN_NOTIFICATIONS_OFF,
	  "arm_ffa disabled notifications at boot and made no call: it found no interrupt for them, "
	  "or no bitmap (`dmesg | grep \"ARM FF-A\"', `ffascope doctor')" },
	{ -EOPNOTSUPP, WHEN_FORWARDED,
	  "{call} reached TrustZone, which does not implement it for the host. The SPMC has to "
	  "support it; OP-TEE's has no FFA_NOTIFICATION_SET" },
	{ -EOPNOTSUPP, WHEN_REJECTED,
	  "the hypervisor's proxy blocks {call}, as Linux up to 7.3 does. Run a kernel with "
	  "the series `KVM: arm64: Forward FFA_NOTIFICATION* calls to TrustZone' (Linux 7.4, or "
	  "examples/proxy-series)" },
	{ -EOPNOTSUPP, WHEN_ALWAYS,
	  "the firmware or the hypervisor's proxy does not support {call}. If the verdict does not "
	  "say which, `ffascope call --via registers' does" },
	{ 0, WHEN_NO_ID, "{call}: arm_ffa says {error}" },
	{ -EACCES, WHEN_PER_VCPU,
	  "{call}: denied. Notification {id} is bound already, or endpoint {endpoint} has no "
	  "notifications per vCPU (OP-TEE has none): try it without --per-vcpu" },
	{ -EACCES, WHEN_BIND,
	  "{call}: denied. Notification {id} is bound already, by a driver (optee takes the first "
	  "free one) or by an earlier run; choose another --id" },
	{ -EACCES, WHEN_ALWAYS,
	  "{call}: denied. The receiver has not bound notification {id}, or it is still pending" },
	{ -EINVAL, WHEN_UNBIND,
	  "notification {id} was not requested from arm_ffa, or TrustZone finds it invalid" },
	{ -EINVAL, WHEN_ALWAYS,
	  "{call}: a parameter is invalid, or arm_ffa does not know the answer. Is notification "
	  "{id} of endpoint {endpoint} taken by another driver, does that endpoint use "
	  "notifications?" },
	{ 0, WHEN_ALWAYS, "{call}: arm_ffa says {error}" },
};

static bool applies(enum when when, const struct driver_call_result *done)
{
	const struct ffascope_driver *req = &done->req;

	switch (when) {
	case WHEN_ALWAYS:
		return true;
	case WHEN_NO_ID:
		return !has_id(req);
	case WHEN_NOTIFICATIONS_OFF:
		return has_id(req) && !(req->result & FFASCOPE_RESULT_NOTIFICATIONS);
	case WHEN_FORWARDED:
		return done->verdict.kind == VERDICT_FORWARDED;
	case WHEN_REJECTED:
		return done->verdict.kind == VERDICT_REJECTED;
	case WHEN_PER_VCPU:
		return req->flags & FFASCOPE_DRIVER_PER_VCPU;
	case WHEN_BIND:
		return req->op == FFASCOPE_DRIVER_REQUEST;
	case WHEN_UNBIND:
		return req->op == FFASCOPE_DRIVER_RELINQUISH;
	}
	return false;
}

static void fill_in(const char *text, const struct driver_call_result *done, char *buf, size_t size)
{
	const struct ffascope_driver *req = &done->req;
	char id[12], endpoint[12];
	const struct {
		const char *name, *value;
	} words[] = {
		{ "{call}", ffa_call_name(ffa_call_by_fid((uint32_t)done->call.in.x[0])) },
		{ "{id}", id },
		{ "{endpoint}", endpoint },
		{ "{error}", strerror(-req->status) },
	};
	FILE *out = fmemopen(buf, size, "w");

	if (!out) {
		snprintf(buf, size, "%s", strerror(-req->status));
		return;
	}
	snprintf(id, sizeof(id), "%u", req->id);
	snprintf(endpoint, sizeof(endpoint), "0x%04x", req->partition);
	while (*text) {
		size_t i = 0, n = sizeof(words) / sizeof(words[0]);

		while (i < n && strncmp(text, words[i].name, strlen(words[i].name)))
			i++;
		if (i < n) {
			fputs(words[i].value, out);
			text += strlen(words[i].name);
		} else {
			fputc(*text++, out);
		}
	}
	fclose(out);
}

static void explain_refusal(const struct options *opts, const struct driver_call_result *done)
{
	int status = done->req.status;
	char text[512];
	size_t i = 0;

	if (!status)
		return;
	while ((refusals[i].status && refusals[i].status != status) ||
	       !applies(refusals[i].when, done))
		i++;
	fill_in(refusals[i].text, done, text, sizeof(text));
	verb_error(opts, "%s", text);
}

int driver_call_show(const struct options *opts, const char *key, const char *what,
		     const struct driver_call_result *done)
{
	if (show(opts, key, what, done))
		return STATUS_INTERNAL;
	fflush(stdout);
	if (done->verdict.reason == VERDICT_AMBIGUOUS &&
	    !driver_operation_made_one_call(&done->req))
		verb_note(
			opts,
			done->req.op == FFASCOPE_DRIVER_PARTITIONS
				? "arm_ffa makes several calls for this one, so no single trap can be attributed to it"
				: "arm_ffa may have answered without a call, so no trap can be attributed to it");
	explain_refusal(opts, done);
	if (done->req.status)
		return STATUS_CANNOT;
	return done->verdict.kind == VERDICT_UNKNOWN ? STATUS_UNKNOWN : STATUS_DONE;
}

static int call_by(const struct options *opts, struct device *device, const struct ffa_regs *in,
		   bool no_trace)
{
	struct driver_call_result done = { 0 };
	struct ffascope_driver look;
	struct error err;
	char why[512];
	int ret;

	if (driver_operation_from_call(in, &done.req, why, sizeof(why))) {
		verb_error(opts, "%s", why);
		return STATUS_USAGE;
	}

	look = (struct ffascope_driver){ .op = FFASCOPE_DRIVER_QUERY,
					 .partition = done.req.partition,
					 .cpu = -1 };
	/* PARTITION_INFO_GET is not about an endpoint, so there may be no device to query. */
	ret = done.req.op == FFASCOPE_DRIVER_PARTITIONS ? 0 : device_driver(device, &look, &err);
	if (ret) {
		if (ret != -EINTR)
			verb_error(opts, "%s", err.text);
		return verb_status(ret);
	}
	done.req.result = look.result;
	if (done.req.op == FFASCOPE_DRIVER_DIRECT2) {
		done.req.flags |= FFASCOPE_DRIVER_UUID;
		memcpy(done.req.uuid, look.uuid, sizeof(look.uuid));
	}
	if (driver_operation_check(in, &done.req, why, sizeof(why))) {
		verb_error(opts, "%s", why);
		return STATUS_USAGE;
	}

	ret = driver_call_operate(opts, device, no_trace, &done);
	if (ret)
		return verb_status(ret == -EINVAL ? -ENODEV : ret);
	if (done.req.op == FFASCOPE_DRIVER_REQUEST && !done.req.status)
		verb_note(opts,
			  "it is unbound when ffascope exits; `ffascope notify bind' keeps it");
	return driver_call_show(opts, "via", "driver", &done);
}

int driver_call_registers(const struct options *opts, const struct ffa_regs *in, bool no_trace)
{
	struct error err;
	struct device *device;
	int ret, status;

	ret = device_open(&device, opts->device, &err);
	if (ret) {
		verb_error(opts, "%s", err.text);
		return verb_status(ret);
	}
	status = call_by(opts, device, in, no_trace);
	device_close(device);
	return status;
}
