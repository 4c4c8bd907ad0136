// SPDX-License-Identifier: GPL-2.0-only
/* Answers: status codes, results, lists of pending notifications, partitions. */
#include <errno.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "ffa/text.h"

/* DEN0077A 1.3 ALP4 Table 12.2. 0 is the kernel's (include/linux/arm_ffa.h). */
static const char *const codes[] = {
	"SUCCESS",   "NOT_SUPPORTED", "INVALID_PARAMETERS",
	"NO_MEMORY", "BUSY",	      "INTERRUPTED",
	"DENIED",    "RETRY",	      "ABORTED",
	"NO_DATA",   "NOT_READY",
};

const char *ffa_status_name(int32_t code)
{
	if (code > 0 || code <= -(int32_t)(sizeof(codes) / sizeof(codes[0])))
		return NULL;

	return codes[-code];
}

int ffa_status_by_name(const char *name, int32_t *code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (text_same_name(name, strlen(name), codes[i])) {
			*code = -(int32_t)i;
			return 0;
		}
	}

	return -EINVAL;
}

static bool is_error(uint32_t fid)
{
	return fid == FFA_FID_ERROR || fid == FFA_FID_ERROR_64;
}

static bool is_success(uint32_t fid)
{
	return fid == FFA_FID_SUCCESS || fid == FFA_FID_SUCCESS_64;
}

/* SMCCC's answer to an unknown function identifier: -1, in 32 or 64 bits (DEN0028 5.2). */
static bool is_unknown_function(const struct ffa_dump *out)
{
	return (uint32_t)out->x[0] == UINT32_MAX;
}

/*
 * Whether the result itself stands in w0 and is an error of SMCCC's, a negative number
 * (DEN0077A 1.3 ALP4 13.2).
 */
static bool is_error_in_w0(const struct ffa_call *call, const struct ffa_dump *out)
{
	return call && call->nr_answers && !call->answers[0].fid && out->x[0] >> 31 & 1 &&
	       !is_error((uint32_t)out->x[0]);
}

bool ffa_dump_status(const struct ffa_call *call, const struct ffa_dump *out, int32_t *code)
{
	uint32_t fid = (uint32_t)out->x[0];

	/* FFA_VERSION returns SMCCC error codes; only -1 means the same in both. */
	if (is_unknown_function(out)) {
		*code = -1;
		return true;
	}
	if (call && call->nr_answers && !call->answers[0].fid)
		return false;
	if (is_error(fid)) {
		if (!ffa_given(out, 2, 31, 0))
			return false;
		*code = (int32_t)(uint32_t)out->x[2];
		return true;
	}
	if (is_success(fid)) {
		*code = 0;
		return true;
	}

	return false;
}

/* Whether the call's bits that the answer depends on are known and match it. */
static bool fits_call(const struct ffa_answer *a, const struct ffa_dump *in)
{
	const struct ffa_bits *b = &a->bits;

	return !a->when || (in && ffa_given(in, b->reg, b->hi, b->lo) &&
			    ffa_bits_get(&in->regs, b->reg, b->hi, b->lo) == a->value);
}

static const struct ffa_answer *find_row(const struct ffa_call *call, const struct ffa_dump *in,
					 uint32_t fid)
{
	for (size_t i = 0; call && i < call->nr_answers; i++) {
		const struct ffa_answer *a = &call->answers[i];

		if ((!a->fid || a->fid == fid) && !a->code && fits_call(a, in))
			return a;
	}

	return NULL;
}

/* What an error carries beyond its status. */
static const struct ffa_answer *find_error(const struct ffa_call *call, const struct ffa_dump *out)
{
	for (size_t i = 0; call && i < call->nr_answers; i++) {
		const struct ffa_answer *a = &call->answers[i];

		if (a->code && a->fid == (uint32_t)out->x[0] && ffa_given(out, 2, 31, 0) &&
		    a->code == (int32_t)(uint32_t)out->x[2])
			return a;
	}

	return NULL;
}

bool ffa_answer_width_differs(const struct ffa_call *call, uint32_t fid)
{
	if (!call || !call->nr_answers || !call->answers[0].fid || is_error(fid))
		return false;
	for (size_t i = 0; i < call->nr_answers; i++) {
		if (call->answers[i].fid == fid)
			return false;
	}
	for (size_t i = 0; i < call->nr_answers; i++) {
		if (call->answers[i].fid == (fid ^ FFA_FID_SMC64))
			return true;
	}

	return false;
}

const struct ffa_answer *ffa_dump_answer(const struct ffa_call *call, const struct ffa_dump *in,
					 const struct ffa_dump *out)
{
	uint32_t fid = (uint32_t)out->x[0];
	const struct ffa_answer *a;

	if (!call || is_unknown_function(out))
		return NULL;
	if (is_error(fid))
		return find_error(call, out);
	if (is_error_in_w0(call, out))
		return NULL;

	a = find_row(call, in, fid);
	if (a || !ffa_answer_width_differs(call, fid))
		return a;

	/* In the layout of the call of that width if there is one, else in this call's. */
	a = find_row(ffa_call_by_fid(call->fid ^ FFA_FID_SMC64), in, fid);

	return a ? a : find_row(call, in, fid ^ FFA_FID_SMC64);
}

static void format_status(struct text *text, int32_t code)
{
	const char *name = ffa_status_name(code);

	if (!name) {
		text_string(text, "status ");
		if (code < 0)
			text_char(text, '-');
		text_decimal(text, code < 0 ? -(int64_t)code : code);
		return;
	}
	for (; *name; name++)
		text_char(text, *name == '_' ? ' ' : text_fold(*name));
}

static void format_id(struct text *text, uint16_t id)
{
	if (id < 0x8000)
		text_decimal(text, id);
	else
		text_hex(text, id);
}

static void format_lists(struct text *text, const struct ffa_dump *out)
{
	struct ffa_info info;
	int ret = ffa_dump_info(out, &info);

	if (ret == -ENODATA) {
		text_string(text, "lists not given");
		return;
	}
	text_decimal(text, info.announced);
	text_string(text, info.announced == 1 ? " list" : " lists");
	for (unsigned int i = 0; i < info.nr_lists; i++) {
		const struct ffa_info_list *list = &info.list[i];

		text_string(text, i ? ", endpoint " : ": endpoint ");
		format_id(text, list->endpoint);
		for (unsigned int v = 0; v < list->nr_vcpus; v++) {
			text_string(text, v ? " " : " vcpu ");
			text_decimal(text, list->vcpu[v]);
		}
	}
	if (info.cut)
		text_string(text, info.nr_lists ? ", the rest not given" : ", not given");
	if (info.more)
		text_string(text, ", more pending");
	if (ret == -EOVERFLOW)
		text_string(text, ", announces more than fits");
}

static bool is_zero(const struct ffa_field *f, const struct ffa_dump *out)
{
	for (unsigned int reg = f->reg; reg < f->reg + f->regs; reg++) {
		if (ffa_bits_get(&out->regs, reg, f->hi, f->lo))
			return false;
	}
	return true;
}

static bool all_zero(const struct ffa_answer *answer, const struct ffa_dump *out)
{
	for (size_t i = 0; i < answer->nr_fields; i++) {
		if (answer->fields[i].name && !is_zero(&answer->fields[i], out))
			return false;
	}
	return true;
}

static void format_results(struct text *text, const struct ffa_answer *answer,
			   const struct ffa_dump *out, uint32_t version, bool brief)
{
	unsigned int v = ffa_version_index(version);
	char value[320];
	bool any = false;

	brief = brief && !all_zero(answer, out);

	for (size_t i = 0; i < answer->nr_fields; i++) {
		const struct ffa_field *f = &answer->fields[i];

		if (!f->name || f->rule[v] != FFA_RULE_NONE || (brief && is_zero(f, out)))
			continue;
		if (any)
			text_string(text, ", ");
		any = true;
		ffa_dump_value(f, out, value, sizeof(value));
		text_string(text, f->name);
		text_char(text, ' ');
		text_string(text, value);
	}
	if (!any)
		text_string(text, "success");
}

/* Why an answer of PARTITION_INFO_GET_REGS cannot be decoded; NULL if it can. */
static const char *partitions_fault(const struct ffa_dump *out)
{
	uint64_t x2 = out->x[2];

	if (!ffa_given(out, 2, 63, 0))
		return "partitions not given";
	if ((x2 >> 16 & 0xffff) > (x2 & 0xffff))
		return "not well-formed: current-index is above last-index";
	if (x2 >> 48 < 24 || x2 >> 48 & 7)
		return "not well-formed: no descriptor has this descriptor-size";

	return NULL;
}

static void format_partitions(struct text *text, const struct ffa_call *call,
			      const struct ffa_dump *in, const struct ffa_dump *out)
{
	struct ffa_partition list[FFA_PARTITIONS_MAX];
	const char *fault = partitions_fault(out);
	bool known;
	size_t n;

	if (fault) {
		text_string(text, fault);
		return;
	}
	n = ffa_dump_partitions(call, in, out, list, FFA_PARTITIONS_MAX, &known);
	text_decimal(text, n);
	text_string(text, n == 1 ? " partition" : " partitions");
	if (!known)
		text_string(text, " in these registers");
	for (size_t i = 0; i < n; i++) {
		text_string(text, i ? ", " : ": ");
		text_hex(text, list[i].id);
	}
	if (!known)
		text_string(text, "; the call's start-index was not given");
}

/* The fields of another call that came as the answer. */
static size_t format_other(const struct ffa_call *other, const struct ffa_dump *out, bool brief,
			   char *buf, size_t size)
{
	struct ffa_dump rest = *out;

	if (!brief)
		return ffa_dump_fields(other, out, buf, size);
	/* Sender and receiver of a message are in w1 (DEN0077A 15.3). */
	if (ffa_field_by_name(other->fields, other->nr_fields, "sender"))
		rest.x[1] = 0;
	return ffa_dump_set_fields(other, &rest, buf, size);
}

static size_t answer_text(const struct ffa_call *call, const struct ffa_dump *in,
			  const struct ffa_dump *out, uint32_t version, bool brief, char *buf,
			  size_t size)
{
	const struct ffa_answer *answer = ffa_dump_answer(call, in, out);
	const struct ffa_call *other = ffa_call_by_fid((uint32_t)out->x[0]);
	struct text text = text_into(buf, size);

	if (is_unknown_function(out)) {
		text_string(&text, "not supported (-1 in x0)");
	} else if (answer && answer->result == FFA_RESULT_LISTS) {
		format_lists(&text, out);
	} else if (answer && answer->result == FFA_RESULT_DESCRIPTORS) {
		format_partitions(&text, call, in, out);
	} else if (answer && answer->fields) {
		format_results(&text, answer, out, version, brief);
	} else if (is_error_in_w0(call, out)) {
		text_string(&text, "error -");
		text_decimal(&text, (uint64_t) - (int64_t)(int32_t)out->x[0]);
		text_string(&text, " in w0");
	} else if (is_error((uint32_t)out->x[0]) && !ffa_given(out, 2, 31, 0)) {
		text_string(&text, "error, status not given");
	} else if (is_error((uint32_t)out->x[0])) {
		format_status(&text, (int32_t)(uint32_t)out->x[2]);
	} else if (is_success((uint32_t)out->x[0])) {
		text_string(&text, "success");
	} else if (other) {
		size_t len;

		text_string(&text, other->name);
		text_char(&text, ' ');
		len = text.len < size ? text.len : size;
		text.len += format_other(other, out, brief, buf + len, size - len);
		/* No fields: no blank at the end. */
		if (text.len && text.len < size && buf[text.len - 1] == ' ')
			text.len--;
	} else {
		text_string(&text, "x0=");
		text_hex(&text, out->x[0]);
	}
	if (ffa_answer_width_differs(call, (uint32_t)out->x[0])) {
		text_string(&text, other ? " (answered by " : " (");
		text_string(&text, other ? other->name : "");
		text_string(&text, ", the other width)");
	}

	return text_end(&text);
}

size_t ffa_dump_answer_text(const struct ffa_call *call, const struct ffa_dump *in,
			    const struct ffa_dump *out, uint32_t version, char *buf, size_t size)
{
	return answer_text(call, in, out, version, false, buf, size);
}

size_t ffa_dump_answer_brief(const struct ffa_call *call, const struct ffa_dump *in,
			     const struct ffa_dump *out, uint32_t version, char *buf, size_t size)
{
	return answer_text(call, in, out, version, true, buf, size);
}
