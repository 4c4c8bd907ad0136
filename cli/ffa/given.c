// SPDX-License-Identifier: GPL-2.0-only
/* The functions over dumps, for registers that were all given. */
#include "ffa/answer.h"
#include "ffa/call.h"
#include "ffa/format.h"

static struct ffa_dump whole(const struct ffa_regs *regs)
{
	struct ffa_dump dump = { .missing = 0 };

	if (regs)
		dump.regs = *regs;
	else
		dump.missing = FFA_MISSING_ALL;

	return dump;
}

size_t ffa_violations(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
		      struct ffa_violation *out, size_t n)
{
	struct ffa_dump dump = whole(regs);

	return ffa_dump_violations(call, &dump, version, out, n);
}

size_t ffa_format_fields(const struct ffa_call *call, const struct ffa_regs *regs, char *buf,
			 size_t size)
{
	struct ffa_dump dump = whole(regs);

	return ffa_dump_fields(call, &dump, buf, size);
}

size_t ffa_format_set_fields(const struct ffa_call *call, const struct ffa_regs *regs, char *buf,
			     size_t size)
{
	struct ffa_dump dump = whole(regs);

	return ffa_dump_set_fields(call, &dump, buf, size);
}

size_t ffa_format_value(const struct ffa_field *field, const struct ffa_regs *regs, char *buf,
			size_t size)
{
	struct ffa_dump dump = whole(regs);

	return ffa_dump_value(field, &dump, buf, size);
}

size_t ffa_format_rules(const struct ffa_call *call, const struct ffa_regs *regs, uint32_t version,
			char *buf, size_t size)
{
	struct ffa_dump dump = whole(regs);

	return ffa_dump_rules(call, &dump, version, buf, size);
}

bool ffa_answer_status(const struct ffa_call *call, const struct ffa_regs *out, int32_t *code)
{
	struct ffa_dump dump = whole(out);

	return ffa_dump_status(call, &dump, code);
}

const struct ffa_answer *ffa_answer_find(const struct ffa_call *call, const struct ffa_regs *in,
					 const struct ffa_regs *out)
{
	struct ffa_dump dump_in = whole(in), dump_out = whole(out);

	return ffa_dump_answer(call, &dump_in, &dump_out);
}

size_t ffa_format_answer_to(const struct ffa_call *call, const struct ffa_regs *in,
			    const struct ffa_regs *out, uint32_t version, char *buf, size_t size)
{
	struct ffa_dump dump_in = whole(in), dump_out = whole(out);

	return ffa_dump_answer_text(call, &dump_in, &dump_out, version, buf, size);
}

size_t ffa_format_answer_brief(const struct ffa_call *call, const struct ffa_regs *in,
			       const struct ffa_regs *out, uint32_t version, char *buf, size_t size)
{
	struct ffa_dump dump_in = whole(in), dump_out = whole(out);

	return ffa_dump_answer_brief(call, &dump_in, &dump_out, version, buf, size);
}

size_t ffa_format_answer(const struct ffa_call *call, const struct ffa_regs *out, uint32_t version,
			 char *buf, size_t size)
{
	return ffa_format_answer_to(call, NULL, out, version, buf, size);
}

size_t ffa_answer_violations(const struct ffa_call *call, const struct ffa_regs *in,
			     const struct ffa_regs *out, uint32_t version,
			     struct ffa_violation *list, size_t n)
{
	struct ffa_dump dump_in = whole(in), dump_out = whole(out);

	return ffa_dump_answer_violations(call, &dump_in, &dump_out, version, list, n);
}

int ffa_info_decode(const struct ffa_regs *out, struct ffa_info *info)
{
	struct ffa_dump dump = whole(out);

	return ffa_dump_info(&dump, info);
}
