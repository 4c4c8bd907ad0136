// SPDX-License-Identifier: GPL-2.0-only
/* Checks an answer against expect, and extracts the value for let. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "script/internal.h"

static bool compare(uint64_t a, enum script_op op, uint64_t b)
{
	switch (op) {
	case SCRIPT_EQ:
		return a == b;
	case SCRIPT_NE:
		return a != b;
	case SCRIPT_LT:
		return a < b;
	case SCRIPT_LE:
		return a <= b;
	case SCRIPT_GT:
		return a > b;
	case SCRIPT_GE:
		return a >= b;
	}
	return false;
}

/* Adds a reason why an expectation failed. */
static void __attribute__((format(printf, 2, 3)))
no(struct script_check *check, const char *fmt, ...)
{
	size_t len = strlen(check->why);
	va_list args;

	check->held = false;
	if (len && len + 2 < sizeof(check->why))
		len += (size_t)snprintf(check->why + len, sizeof(check->why) - len, "; ");
	if (len >= sizeof(check->why) - 1)
		return;
	va_start(args, fmt);
	vsnprintf(check->why + len, sizeof(check->why) - len, fmt, args);
	va_end(args);
}

/* A word such as w0=5 replaces the identifier that the statement names. */
static const struct ffa_call *row_of(const struct script_check *check)
{
	uint32_t fid = (uint32_t)check->answer->call.in.x[0];

	return fid == check->call->fid ? check->call->row : ffa_call_by_fid(fid);
}

static void look_at_verdict(struct script_check *check, const struct script_term *term)
{
	const struct verdict *v = &check->answer->verdict;

	if (term->verdicts & 1u << v->kind)
		return;

	if (v->kind == VERDICT_UNKNOWN)
		no(check, "the verdict is unknown (%s)", verdict_reason_name(v->reason));
	else
		no(check, "the verdict is %s", verdict_kind_name(v->kind));
}

static void look_at_status(struct script_check *check, const struct script_term *term)
{
	const struct verdict_call *call = &check->answer->call;
	const char *name;
	int32_t code;

	if (!ffa_answer_status(row_of(check), &call->out, &code)) {
		no(check, "the answer carries no status");
		return;
	}
	for (unsigned int i = 0; i < term->nr_statuses; i++) {
		if (term->statuses[i] == code)
			return;
	}
	name = ffa_status_name(code);
	no(check, "the status is %s (%d)", name ? name : "no name for this code", code);
}

static void look_at_smcs(struct script_check *check, const struct script_term *term,
			 const char *right)
{
	uint64_t value;

	if (!check->answer->verdict.from_trace) {
		no(check, "how many SMCs left EL2 is not known (%s)",
		   verdict_reason_name(check->answer->verdict.reason) ?: "no trace");
		return;
	}
	if (!script_number(right, &value))
		no(check, "smcs%s%s: no number", script_op_name(term->op), right);
	else if (!compare(check->answer->verdict.smcs, term->op, value))
		no(check, "smcs is %u", check->answer->verdict.smcs);
}

static void look_at_rebuilt(struct script_check *check, const struct script_term *term,
			    const char *right)
{
	const struct verdict *v = &check->answer->verdict;
	uint64_t value;

	if (v->kind == VERDICT_UNKNOWN)
		no(check, "whether EL2 rebuilt the call is not known (%s)",
		   verdict_reason_name(v->reason));
	else if (!script_number(right, &value))
		no(check, "rebuilt%s%s: no number", script_op_name(term->op), right);
	else if (!compare(v->rebuilt, term->op, value))
		no(check, "rebuilt is %d", v->rebuilt);
}

static void look_at_register(struct script_check *check, const struct script_term *term,
			     const char *right)
{
	char word[512], err[512];
	struct ffa_bits bits;
	uint64_t value, found;

	snprintf(word, sizeof(word), "%s=%s", term->left, right);
	if (ffa_parse_register(word, &bits, &value, err, sizeof(err))) {
		no(check, "%s", err);
		return;
	}
	found = ffa_bits_get(&check->answer->call.out, bits.reg, bits.hi, bits.lo);
	if (!compare(found, term->op, value))
		no(check, "%s is 0x%llx", term->left, (unsigned long long)found);
}

/* A field can be wider than 64 bits: compares all its registers. */
static bool compare_fields(const struct ffa_field *field, const struct ffa_regs *a,
			   enum script_op op, const struct ffa_regs *b)
{
	bool equal = true;

	if (op != SCRIPT_EQ && op != SCRIPT_NE)
		return compare(ffa_field_get(field, a), op, ffa_field_get(field, b));

	for (unsigned int i = 0; i < field->regs; i++)
		equal = equal && ffa_bits_get(a, field->reg + i, field->hi, field->lo) ==
					 ffa_bits_get(b, field->reg + i, field->hi, field->lo);
	return equal == (op == SCRIPT_EQ);
}

static void look_at_field(struct script_check *check, const struct script_term *term,
			  const char *right)
{
	const struct verdict_call *made = &check->answer->call;
	const struct ffa_call *call = row_of(check);
	char name[96], word[512], text[256], err[1024];
	struct ffa_regs wanted = { { 0 } };
	const struct ffa_field *field;
	struct ffa_call row;

	row = script_answer_row(call, ffa_answer_find(call, &made->in, &made->out), name);
	field = script_row_field(&row, term->left);
	if (!field) {
		no(check, "the answer has no %s", term->left);
		return;
	}
	snprintf(word, sizeof(word), "%s=%s", term->left, right);
	if (ffa_assign(&row, &wanted, word, err, sizeof(err))) {
		no(check, "%s", err);
		return;
	}
	if (compare_fields(field, &made->out, term->op, &wanted))
		return;

	ffa_format_value(field, &made->out, text, sizeof(text));
	no(check, "%s is %s", term->left, text);
}

void script_evaluate(struct script_check *check, script_lookup_fn lookup, const void *ctx)
{
	bool other = false;

	check->held = true;
	check->unknown = false;
	check->why[0] = '\0';
	for (const struct script_term *term = check->stmt->terms; term; term = term->next) {
		bool held_before = check->held;
		char right[512];
		const char *name = "";
		size_t len = 0;

		check->held = true;
		right[0] = '\0';
		if (term->right &&
		    script_expand(term->right, lookup, ctx, right, sizeof(right), &name, &len)) {
			no(check, "$%.*s is not set", (int)len, name);
			other = true;
			continue;
		}
		switch (term->kind) {
		case SCRIPT_TERM_VERDICT:
			look_at_verdict(check, term);
			break;
		case SCRIPT_TERM_STATUS:
			look_at_status(check, term);
			other = other || !check->held;
			break;
		case SCRIPT_TERM_SMCS:
			look_at_smcs(check, term, right);
			if (check->answer->verdict.from_trace)
				other = other || !check->held;
			break;
		case SCRIPT_TERM_REBUILT:
			look_at_rebuilt(check, term, right);
			if (check->answer->verdict.kind != VERDICT_UNKNOWN)
				other = other || !check->held;
			break;
		case SCRIPT_TERM_REGISTER:
			look_at_register(check, term, right);
			other = other || !check->held;
			break;
		case SCRIPT_TERM_FIELD:
			look_at_field(check, term, right);
			other = other || !check->held;
			break;
		}
		check->held = check->held && held_before;
	}
	check->unknown = !check->held && !other && check->answer->verdict.kind == VERDICT_UNKNOWN;
}

int script_take(const char *source, const struct script_stmt *call,
		const struct script_answer *answer, uint64_t *value, char *why, size_t size)
{
	const struct verdict_call *made = &answer->call;
	const struct ffa_call *ffa = call->row;
	const struct ffa_field *field;
	struct ffa_bits bits;
	struct ffa_call row;
	char name[96];

	if (!strcmp(source, "smcs")) {
		if (!answer->verdict.from_trace) {
			snprintf(why, size, "how many SMCs left EL2 is not known");
			return -EINVAL;
		}
		*value = answer->verdict.smcs;
		return 0;
	}
	if (!script_place_of(source, &bits)) {
		*value = ffa_bits_get(&made->out, bits.reg, bits.hi, bits.lo);
		return 0;
	}

	row = script_answer_row(ffa, ffa_answer_find(ffa, &made->in, &made->out), name);
	field = script_row_field(&row, source);
	if (!field) {
		snprintf(why, size, "the answer has no %s", source);
		return -EINVAL;
	}
	*value = ffa_field_get(field, &made->out);
	return 0;
}
