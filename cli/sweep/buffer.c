// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "ffa/call.h"
#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "sweep/buffer.h"

/* Pages of the control. Each is a range of its own. */
#define PAGES	   2u

#define MAX_BUFFER 512

/* Where the parts of the control are. */
struct places {
	size_t access, composite, ranges, end;
};

static const struct ffa_layout *layout(const struct buffer_sweep *s, const char *name)
{
	return ffa_layout_of(ffa_descriptor_find(name), s->version);
}

static struct places find_places(const struct buffer_sweep *s)
{
	struct places at;

	at.access = layout(s, "mem-transaction")->size;
	at.composite = at.access + layout(s, "mem-access")->size;
	at.ranges = at.composite + layout(s, "composite-region")->size;
	at.end = at.ranges + (size_t)PAGES * layout(s, "constituent")->size;
	return at;
}

/* ---- the plan ---- */

/* Applies a word to a request or to registers. The words of this file are right. */
static void apply(const struct buffer_sweep *s, struct buffer_probe *probe, const char *word)
{
	char err[200];

	if (!ffa_mem_word(&probe->request, ffa_call_fid(s->call), word, err, sizeof(err)))
		ffa_assign(s->call, &probe->in, word, err, sizeof(err));
}

static struct buffer_probe *add(struct buffer_sweep *s)
{
	struct buffer_probe *probe;

	if (!vector_room(&s->probes, &s->max_probes, s->nr_probes, sizeof(*s->probes)))
		return NULL;
	probe = &s->probes[s->nr_probes++];
	*probe = (struct buffer_probe){ .in = s->in, .request = s->request };
	return probe;
}

/* One probe for each reserved bit of a descriptor at an offset of the buffer. */
static int add_bits(struct buffer_sweep *s, const uint8_t *control, const char *name, size_t at)
{
	const struct ffa_layout *l = layout(s, name);
	int index = ffa_version_index(s->version);

	for (size_t i = 0; i < l->nr_members; i++) {
		const struct ffa_member *m = &l->members[i];

		if (m->rule[index] == FFA_RULE_NONE)
			continue;
		for (unsigned int bit = m->lo; bit <= m->hi; bit++) {
			struct buffer_probe *probe = add(s);
			size_t byte = at + m->at + bit / 8;
			char word[64];

			if (!probe)
				return -ENOMEM;
			probe->is_bit = true;
			probe->rule = m->rule[index];
			probe->what = ffa_descriptor_find(name)->name;
			snprintf(probe->place, sizeof(probe->place), "0x%02zx[%u]", byte, bit % 8);
			snprintf(word, sizeof(word), "tx[%zu]=%u", byte,
				 control[byte] | 1u << bit % 8);
			apply(s, probe, word);
		}
	}
	return 0;
}

enum base { HEAD, ACCESS, COMPOSITE, RANGES };

/* A number in the descriptor: its offset in a part, its bytes, and the value. */
struct limit {
	const char *what;
	enum base base;
	unsigned int at, bytes;
	uint64_t value;
	enum { ABSOLUTE, FROM_END } from; /* FROM_END: value is subtracted from the end */
	bool must_refuse;
	bool not_in_1_0;
};

/* clang-format off */
/* Offsets: tables of descriptors.c. access-count is at 28 in 1.0 too. */
static const struct limit limits[] = {
	{ "no access descriptor",                    HEAD, 28, 4, 0, ABSOLUTE, true, false },
	{ "access descriptors beyond the buffer",    HEAD, 28, 4, 0xffff, ABSOLUTE, true, false },
	{ "size of the access descriptors overflows", HEAD, 28, 4, 0x10000000, ABSOLUTE, true, false },
	{ "the most access descriptors",             HEAD, 28, 4, 0xffffffff, ABSOLUTE, true, false },
	{ "access descriptor in the head",           HEAD, 32, 4, 16, ABSOLUTE, true, true },
	{ "access descriptor at the end",            HEAD, 32, 4, 0, FROM_END, true, true },
	{ "access descriptor across the end",        HEAD, 32, 4, 15, FROM_END, true, true },
	{ "access descriptor beyond the buffers",    HEAD, 32, 4, 0x1000, ABSOLUTE, true, true },
	{ "offset of the access descriptor overflows", HEAD, 32, 4, 0xfffffff0, ABSOLUTE, true, true },
	{ "the highest offset of the access descriptor", HEAD, 32, 4, 0xffffffff, ABSOLUTE, true, true },
	{ "size of an access descriptor: 0",         HEAD, 24, 4, 0, ABSOLUTE, false, true },
	{ "size of an access descriptor: the most",  HEAD, 24, 4, 0xffffffff, ABSOLUTE, false, true },
	{ "no composite descriptor",                 ACCESS, 4, 4, 0, ABSOLUTE, true, false },
	{ "composite descriptor in the head",        ACCESS, 4, 4, 16, ABSOLUTE, true, false },
	{ "composite descriptor, unaligned",         ACCESS, 4, 4, 24, FROM_END, true, false },
	{ "composite descriptor, without ranges",    ACCESS, 4, 4, 16, FROM_END, false, false },
	{ "composite descriptor across the end",     ACCESS, 4, 4, 15, FROM_END, true, false },
	{ "composite descriptor at the end",         ACCESS, 4, 4, 0, FROM_END, true, false },
	{ "composite descriptor beyond the buffers", ACCESS, 4, 4, 0x1000, ABSOLUTE, true, false },
	{ "offset of the composite descriptor overflows", ACCESS, 4, 4, 0xfffffff0, ABSOLUTE, true, false },
	{ "the highest offset of the composite descriptor", ACCESS, 4, 4, 0xffffffff, ABSOLUTE, true, false },
	{ "all pages: 0",                            COMPOSITE, 0, 4, 0, ABSOLUTE, false, false },
	{ "all pages: too few",                      COMPOSITE, 0, 4, PAGES - 1, ABSOLUTE, false, false },
	{ "all pages: the most",                     COMPOSITE, 0, 4, 0xffffffff, ABSOLUTE, false, false },
	{ "no range",                                COMPOSITE, 4, 4, 0, ABSOLUTE, false, false },
	{ "too many ranges",                         COMPOSITE, 4, 4, PAGES + 1, ABSOLUTE, false, false },
	{ "size of the ranges overflows",            COMPOSITE, 4, 4, 0x10000000, ABSOLUTE, false, false },
	{ "the most ranges",                         COMPOSITE, 4, 4, 0xffffffff, ABSOLUTE, false, false },
	{ "unaligned address",                       RANGES, 0, 1, 1, ABSOLUTE, true, false },
	{ "address 0",                               RANGES, 0, 8, 0, ABSOLUTE, true, false },
	{ "address above all memory",                RANGES, 0, 8, UINT64_C(0x1000000000000), ABSOLUTE, true, false },
	{ "the highest address",                     RANGES, 0, 8, UINT64_C(0xfffffffffffff000), ABSOLUTE, true, false },
	{ "second range: unaligned address",         RANGES, 16, 1, 1, ABSOLUTE, true, false },
	{ "second range: address 0",                 RANGES, 16, 8, 0, ABSOLUTE, true, false },
	{ "the most pages of a range",               RANGES, 8, 4, 0xffffffff, ABSOLUTE, true, false },
	{ "pages of a range beyond all memory",      RANGES, 8, 4, 0x10000000, ABSOLUTE, true, false },
	{ "a range without pages",                   RANGES, 8, 4, 0, ABSOLUTE, false, false },
};

/* What words say: registers, and fields of the descriptor. */
static const struct {
	const char *what, *words[2];
	bool must_refuse;
} others[] = {
	{ "another sender", { "sender=1" }, true },
	{ "a sender of the secure world", { "sender=0x8001" }, true },
	{ "a receiver that does not exist", { "receiver=0x7fff" }, false },
	{ "the sender as the receiver", { "receiver=0" }, false },
	{ "a handle", { "handle=1" }, false },
	{ "each page twice", { "twice=1" }, true },
	{ "no pages", { "pages=0" }, true },
	{ "buffer at an address", { "address=0x80000000" }, true },
	{ "pages of a buffer", { "page-count=1" }, true },
	{ "total length 0", { "total-length=0" }, true },
	{ "total length less than the fragment's", { "total-length=100" }, true },
	{ "total length beyond the hypervisor's buffer", { "total-length=0x7ffffff0" }, true },
	{ "the most total length", { "total-length=0xffffffff" }, true },
	{ "fragment length 0", { "fragment-length=0" }, true },
	{ "fragment length of half a head", { "fragment-length=24" }, true },
	{ "fragment longer than the buffers", { "fragment-length=0x1010", "total-length=0x1010" }, true },
	{ "the most fragment length", { "fragment-length=0xffffffff", "total-length=0xffffffff" }, true },
};
/* clang-format on */

static int add_limit(struct buffer_sweep *s, const struct limit *limit, const struct places *at)
{
	const size_t bases[] = { [HEAD] = 0,
				 [ACCESS] = at->access,
				 [COMPOSITE] = at->composite,
				 [RANGES] = at->ranges };
	size_t place = bases[limit->base] + limit->at;
	uint64_t value = limit->from == FROM_END ? at->end - limit->value : limit->value;
	struct buffer_probe *probe;

	if (limit->not_in_1_0 && s->version == FFA_VERSION_1_0)
		return 0;
	probe = add(s);
	if (!probe)
		return -ENOMEM;
	probe->what = limit->what;
	probe->must_refuse = limit->must_refuse;
	snprintf(probe->place, sizeof(probe->place), "tx[0x%zx:0x%zx]=0x%llx", place,
		 place + limit->bytes - 1, (unsigned long long)value);
	apply(s, probe, probe->place);
	return 0;
}

static int add_others(struct buffer_sweep *s)
{
	char twice[32];

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct buffer_probe *probe = add(s);

		if (!probe)
			return -ENOMEM;
		probe->what = others[i].what;
		probe->must_refuse = others[i].must_refuse;
		snprintf(probe->place, sizeof(probe->place), "%s%s%s", others[i].words[0],
			 others[i].words[1] ? " " : "",
			 others[i].words[1] ? others[i].words[1] : "");
		for (size_t w = 0; w < 2 && others[i].words[w]; w++)
			apply(s, probe, others[i].words[w]);
	}
	for (unsigned int n = 0; n < 2; n++) {
		struct buffer_probe *probe = add(s);

		if (!probe)
			return -ENOMEM;
		probe->what = n ? "two receivers" : "the receiver twice";
		probe->must_refuse = true; /* pKVM's proxy takes one */
		snprintf(twice, sizeof(twice), "receiver=0x%x,0x%x", s->receiver, s->receiver + n);
		snprintf(probe->place, sizeof(probe->place), "%s", twice);
		apply(s, probe, twice);
	}
	return 0;
}

static int plan(struct buffer_sweep *s)
{
	static const uint64_t none[PAGES];
	struct places at = find_places(s);
	uint8_t control[MAX_BUFFER];
	int ret;

	if (!ffa_mem_compose(&s->request, ffa_call_fid(s->call), s->version, none, FFA_PAGE_SIZE,
			     NULL, 0, control, sizeof(control)))
		return -EINVAL;
	ret = add_bits(s, control, "mem-transaction", 0);
	if (!ret)
		ret = add_bits(s, control, "mem-access", at.access);
	if (!ret)
		ret = add_bits(s, control, "composite-region", at.composite);
	if (!ret)
		ret = add_bits(s, control, "constituent", at.ranges);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && !ret; i++)
		ret = add_limit(s, &limits[i], &at);
	return ret ? ret : add_others(s);
}

int buffer_sweep_plan(struct buffer_sweep *s, const struct ffa_call *call, uint32_t version,
		      uint16_t receiver)
{
	struct buffer_probe words;
	char text[64];
	int ret;

	*s = (struct buffer_sweep){ .call = call, .version = version, .receiver = receiver };
	if (!layout(s, "mem-transaction"))
		return -EINVAL;
	words = (struct buffer_probe){ 0 };
	ffa_call_init(call, ffa_call_fid(call), &words.in);
	snprintf(text, sizeof(text), "receiver=0x%x", receiver);
	apply(s, &words, text);
	snprintf(text, sizeof(text), "pages=%u", PAGES);
	apply(s, &words, text);
	apply(s, &words, "access=rw");
	s->in = words.in;
	s->request = words.request;

	ret = plan(s);
	if (ret)
		buffer_sweep_free(s);
	return ret;
}

void buffer_sweep_free(struct buffer_sweep *s)
{
	free(s->probes);
	*s = (struct buffer_sweep){ 0 };
}

/* ---- the run ---- */

static bool is_good_control(const struct sweep_result *control)
{
	return control->made && control->verdict.kind == VERDICT_FORWARDED && control->has_status &&
	       !control->status;
}

static enum sweep_class classify(const struct sweep_result *control,
				 const struct sweep_result *result)
{
	if (!result->made)
		return SWEEP_SKIPPED;
	if (result->verdict.kind == VERDICT_UNKNOWN)
		return SWEEP_UNKNOWN;
	if (!is_good_control(control))
		return SWEEP_BLOCKED;
	if (result->verdict.kind == VERDICT_REJECTED)
		return SWEEP_ENFORCED;
	if (result->verdict.kind != VERDICT_FORWARDED)
		return SWEEP_UNKNOWN;
	return sweep_same_status(control, result) ? SWEEP_ACCEPTED : SWEEP_SECURE;
}

int buffer_sweep_run(struct buffer_sweep *s, const struct buffer_port *port)
{
	bool left = false;
	int ret = port->make(port->ctx, &s->in, &s->request, &s->control, &s->left);

	for (size_t i = 0; i < s->nr_probes && !ret; i++) {
		struct buffer_probe *probe = &s->probes[i];

		ret = port->make(port->ctx, &probe->in, &probe->request, &probe->result,
				 &probe->left);
		probe->class = classify(&s->control, &probe->result);
	}
	if (!ret)
		ret = port->make(port->ctx, &s->in, &s->request, &s->again, &left);
	s->left = s->left || left;
	return ret;
}

bool buffer_probe_departs(const struct buffer_probe *probe)
{
	return probe->left || (probe->must_refuse &&
			       (probe->class == SWEEP_ACCEPTED || probe->class == SWEEP_SECURE));
}

size_t buffer_sweep_findings(const struct buffer_sweep *s)
{
	/* The control at the end fails if a probe left a page shared. */
	size_t n = s->left ||
		   (is_good_control(&s->control) && s->again.made &&
		    s->again.verdict.kind != VERDICT_UNKNOWN && !is_good_control(&s->again));

	for (size_t i = 0; i < s->nr_probes; i++)
		n += buffer_probe_departs(&s->probes[i]);
	return n;
}
