// SPDX-License-Identifier: GPL-2.0-only
/* notify pending: what waits for whom, out of INFO_GET and GET, made as arm_ffa makes them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "command/notify.h"
#include "command/open.h"
#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"

/* As arm_ffa makes them: the SMC64 form, and bitmaps of secure partitions and of the SPM. */
#define INFO_GET   "NOTIFICATION_INFO_GET_64"
#define GET	   "NOTIFICATION_GET"

#define HOST	   0u
#define MAX_VCPU   60 /* what the lists of one answer can name */
#define MAX_ROUNDS 64

struct pending {
	const struct options *opts;
	struct report_options report;
	struct session *session;
	struct verdict_call call;
	struct verdict verdict;
	bool made; /* the last call */
	bool unknown;
};

static const char *status_of(const struct verdict_call *call, int32_t *status)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);

	if (!ffa_answer_status(ffa, &call->out, status))
		*status = -1;
	return ffa_status_name(*status);
}

static struct json_object *call_object(const char *what, const struct verdict_call *call,
				       const struct verdict *v)
{
	struct json_object *obj = json_new_object();
	int32_t status;
	const char *name = status_of(call, &status);
	const char *reason = verdict_reason_name(v->reason);
	const char *by = verdict_by(v->kind);

	json_add_string(obj, "notify", what);
	json_add_string(obj, "verdict", verdict_kind_name(v->kind));
	json_add_string(obj, "by", by);
	json_add_string(obj, "reason", reason);
	json_add_string(obj, "status", name);
	json_add_int(obj, "status_code", status);
	return obj;
}

static void show_call(const struct report_options *opts, const struct verdict_call *call,
		      const struct verdict *verdict)
{
	struct report *report = report_new(&report_text, opts);

	if (report)
		report_call(report, call, verdict);
	report_free(report);
}

/* Returns 0, or -ENOMEM after a message. */
static int show_info(const struct pending *p, const struct ffa_info *info)
{
	if (p->opts->json) {
		struct json_object *obj = call_object("info", &p->call, &p->verdict);
		struct json_object *lists = json_new_array();

		for (unsigned int i = 0; i < info->nr_lists; i++) {
			struct json_object *list = json_new_object();
			struct json_object *vcpus = json_new_array();

			for (unsigned int v = 0; v < info->list[i].nr_vcpus; v++)
				json_append(vcpus, json_new_int(info->list[i].vcpu[v]));
			json_add_hex(list, "endpoint", info->list[i].endpoint, 4);
			json_add(list, "vcpus", vcpus);
			json_append(lists, list);
		}
		json_add(obj, "lists", lists);
		json_add_bool(obj, "more", info->more);
		return verb_put_json(p->opts, stdout, obj);
	}

	show_call(&p->report, &p->call, &p->verdict);
	for (unsigned int i = 0; i < info->nr_lists; i++) {
		const struct ffa_info_list *list = &info->list[i];

		printf("  %-10sendpoint 0x%04x%s: ", i ? "" : "pending", list->endpoint,
		       list->endpoint == HOST ? " (this host)" : "");
		for (unsigned int v = 0; v < list->nr_vcpus; v++)
			printf("%s%u", v ? ", " : "vCPU ", list->vcpu[v]);
		puts(list->nr_vcpus ? "" : "for all of it");
	}
	return 0;
}

static struct json_object *bits_array(uint64_t bits)
{
	struct json_object *array = json_new_array();

	for (int i = 0; i < 64; i++) {
		if (bits >> i & 1)
			json_append(array, json_new_int(i));
	}
	return array;
}

static void show_bits(const char *from, uint64_t bits)
{
	const char *before = bits & (bits - 1) ? "ids " : "id ";

	printf("  %-10s%s: ", "", from);
	for (int i = 0; i < 64; i++) {
		if (bits >> i & 1) {
			printf("%s%d", before, i);
			before = ", ";
		}
	}
	puts(bits ? "" : "none");
}

/* A field of the answer by name; 0 where it has none. */
static uint64_t result(const struct verdict_call *call, const char *name)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)call->in.x[0]);
	const struct ffa_answer *answer = ffa_answer_find(ffa, &call->in, &call->out);
	const struct ffa_field *field =
		answer ? ffa_field_by_name(answer->fields, answer->nr_fields, name) : NULL;

	return field ? ffa_field_get(field, &call->out) : 0;
}

/* Returns 0, or -ENOMEM after a message. */
static int show_get(const struct pending *p, unsigned int vcpu)
{
	uint64_t sp = result(&p->call, "sp-bitmap"), spm = result(&p->call, "spm-bitmap");
	int32_t status;

	status_of(&p->call, &status);
	if (p->opts->json) {
		struct json_object *obj = call_object("get", &p->call, &p->verdict);

		json_add_int(obj, "vcpu", (int)vcpu);
		json_add(obj, "partitions", status ? NULL : bits_array(sp));
		json_add(obj, "framework", status ? NULL : bits_array(spm));
		return verb_put_json(p->opts, stdout, obj);
	}

	show_call(&p->report, &p->call, &p->verdict);
	if (status)
		return 0;
	show_bits("from secure partitions", sp);
	show_bits(spm & 1 ? "from the SPM (0: the RX buffer is full)" : "from the SPM", spm);
	return 0;
}

static void keep(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct pending *p = ctx;

	(void)tag;
	p->made = true;
	p->call = *call;
	p->verdict = *v;
	p->unknown |= v->kind == VERDICT_UNKNOWN;
}

/* Returns 0 or a negative errno after telling why. */
static int make(struct pending *p, const char *name, const char *vcpu_word)
{
	const char *const words[] = { "sp=1", "spm=1", vcpu_word };
	const struct ffa_call *call = ffa_call_find(name);
	struct error err;
	struct ffa_regs in;
	char why[256];
	int bad, ret;

	ffa_call_init(call, ffa_call_fid(call), &in);
	for (int i = 0; vcpu_word && i < 3; i++)
		ffa_assign(call, &in, words[i], why, sizeof(why));
	verdict_add_canaries(&in);
	p->made = false;
	ret = session_call(p->session, -1, &in, 1, 1, &bad, keep, p, &err);
	/* GET has cleared what it read, so it is shown although a signal has arrived. */
	if (ret == -EINTR && p->made)
		return 0;
	if (ret && ret != -EINTR)
		verb_error(p->opts, "%s", err.text);
	return ret;
}

/* Those of this host that INFO_GET names, each once; global ones come with any vCPU. */
static unsigned int add_vcpus(const struct ffa_info *info, uint16_t *vcpus, unsigned int n)
{
	for (unsigned int i = 0; i < info->nr_lists; i++) {
		const struct ffa_info_list *list = &info->list[i];

		for (unsigned int v = 0; list->endpoint == HOST && v < list->nr_vcpus; v++) {
			unsigned int k = 0;

			while (k < n && vcpus[k] != list->vcpu[v])
				k++;
			if (k == n && n < MAX_VCPU)
				vcpus[n++] = list->vcpu[v];
		}
	}
	return n;
}

static int tell_refusal(const struct pending *p, int32_t status)
{
	const char *call = ffa_call_name(ffa_call_by_fid((uint32_t)p->call.in.x[0]));

	if (status == -1 && p->verdict.kind == VERDICT_REJECTED)
		verb_error(
			p->opts,
			"the hypervisor's proxy blocks %s, as Linux up to 7.3 does. Run a kernel with the series `KVM: arm64: Forward FFA_NOTIFICATION* calls to TrustZone' (Linux 7.4, or examples/proxy-series)",
			call);
	else
		verb_error(p->opts, "%s was answered with %s: nothing can be read here", call,
			   ffa_status_name(status) ? ffa_status_name(status) : "an error");
	return STATUS_CANNOT;
}

static int read_all(struct pending *p)
{
	uint16_t vcpus[MAX_VCPU] = { 0 };
	unsigned int nr_vcpus = 1;
	struct ffa_info info = { .more = true };
	int32_t status = 0;
	int ret;

	for (int i = 0; i < MAX_ROUNDS && info.more; i++) {
		ret = make(p, INFO_GET, NULL);
		if (ret)
			return verb_status(ret);
		/* Otherwise no lists: info is empty. */
		ffa_info_decode(&p->call.out, &info);
		if (show_info(p, &info))
			return STATUS_INTERNAL;
		status_of(&p->call, &status);
		/* NO_DATA: nothing is pending. */
		if (status && status != -9)
			return tell_refusal(p, status);
		nr_vcpus = add_vcpus(&info, vcpus, nr_vcpus);
	}

	for (unsigned int i = 0; i < nr_vcpus; i++) {
		char word[32];

		snprintf(word, sizeof(word), "vcpu-id=%u", vcpus[i]);
		ret = make(p, GET, word);
		if (ret)
			return verb_status(ret);
		if (show_get(p, vcpus[i]))
			return STATUS_INTERNAL;
		status_of(&p->call, &status);
		if (status)
			return tell_refusal(p, status);
	}
	return p->unknown ? STATUS_UNKNOWN : STATUS_DONE;
}

int notify_pending(const struct options *opts, bool no_trace)
{
	struct session_options session_opts = {
		.device = opts->device,
		.tracefs = opts->tracefs,
		.ffa_version = opts->ffa_version,
		.no_trace = no_trace,
		.stop = &verb_stop,
	};
	struct pending p = {
		.opts = opts,
		.report = { .out = stdout,
			    .color = verb_color(opts),
			    .verbose = opts->verbosity > 0 },
	};
	int status;

	status = verb_session_open(&p.session, &session_opts, opts);
	if (status)
		return status;
	verb_note(
		opts,
		"reading clears pending notifications: those shown here no longer reach their driver");

	p.report.ffa_version = session_ffa_version(p.session);
	status = read_all(&p);
	fflush(stdout);
	return verb_session_close(p.session, opts, status);
}
