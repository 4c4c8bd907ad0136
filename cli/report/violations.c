// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls with reserved bits set, by driver, task and call: what a strict hypervisor refuses. Linux 7.4
 * checks unused registers in all 64 bits (3e9df0b0ebd5, "Enforce strict SBZ checks in the FF-A
 * proxy"); Android kernels that checked x8-x17 too broke drivers that left values there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/vector.h"
#include "ffa/catalogue.h"
#include "ffa/rules.h"
#include "report/internal.h"

#define MAX_RANGES 64

/* One reserved range that was set. */
struct range {
	struct ffa_violation bits;
	bool unused; /* no parameter of the call, so no rule of FF-A applies */
	uint64_t calls;
};

/* All calls of one identifier that a driver made in tasks of one name. */
struct origin {
	char driver[32];
	char task[HOST_COMM_LEN];
	uint32_t fid;
	uint64_t calls, violating;
	struct range ranges[MAX_RANGES];
	size_t nr_ranges;
	char *stack; /* of the first violating call; NULL: unknown */
};

struct violations {
	struct vector origins;
	uint64_t calls, violating;
};

/* ---- the bits that are set ---- */

/* Whether all of w<reg> is reserved in this call. */
static bool is_unused(const struct ffa_call *call, uint32_t version, const struct ffa_regs *regs,
		      unsigned int reg)
{
	struct ffa_violation v;

	for (size_t i = 0; ffa_reserved_at(call, version, regs, i, &v); i++) {
		if (v.reg == reg && v.lo == 0 && v.hi == 31 && !v.wide)
			return true;
	}
	return false;
}

/* Adds the bits of registers that carry nothing: x8-x17 of SMC32 calls, x1-x7[63:32] if unused. */
static size_t add_unused(const struct ffa_call *call, uint32_t version, const struct ffa_regs *regs,
			 struct ffa_violation *list, size_t nr, size_t room)
{
	for (unsigned int reg = 1; reg < FFA_NR_REGS && nr < room; reg++) {
		unsigned int lo = reg < 8 ? 32 : 0;
		uint64_t value = ffa_bits_get(regs, reg, 63, lo);

		if (!value || !ffa_not_parameter(call, reg, 63) ||
		    (lo && !is_unused(call, version, regs, reg)))
			continue;
		list[nr++] = (struct ffa_violation){
			.reg = reg, .hi = 63, .lo = lo, .wide = true, .value = value
		};
	}
	return nr;
}

/* The entry of a range, by register and bit; a new one if there is none. NULL: too many. */
static struct range *find_range(struct origin *origin, const struct ffa_violation *v, bool unused)
{
	size_t at = 0;

	for (; at < origin->nr_ranges; at++) {
		const struct ffa_violation *bits = &origin->ranges[at].bits;

		if (bits->reg == v->reg && bits->hi == v->hi && bits->lo == v->lo &&
		    bits->wide == v->wide)
			return &origin->ranges[at];
		if (bits->reg > v->reg || (bits->reg == v->reg && bits->lo > v->lo))
			break;
	}
	if (origin->nr_ranges == MAX_RANGES)
		return NULL;

	memmove(&origin->ranges[at + 1], &origin->ranges[at],
		(origin->nr_ranges++ - at) * sizeof(origin->ranges[0]));
	origin->ranges[at] = (struct range){ .bits = *v, .unused = unused };
	return &origin->ranges[at];
}

/* ---- who did it ---- */

/*
 * The driver is the module of the nearest caller outside arm_ffa: "optee_ffa_do_call+0x5c [optee]".
 * Built-in code has no module, so its function is shown instead.
 */
static void driver_of(const struct host_call *host, const char *stack, char *buf, size_t size)
{
	bool named = false;

	snprintf(buf, size, "%s",
		 host->source == HOST_SOURCE_MODULE ? "ffascope" : "unknown driver");
	for (; *stack && host->source != HOST_SOURCE_MODULE;
	     stack += strcspn(stack, "\n"), stack += *stack == '\n') {
		size_t len = strcspn(stack, "\n"), name = strcspn(stack, "+ \n");
		const char *open = memchr(stack, '[', len);
		bool ffa = !strncmp(stack, "ffa_", 4) || !strncmp(stack, "__ffa_", 6) ||
			   !strncmp(stack, "__arm_ffa", 9) || (open && !strncmp(open, "[ffa", 4));

		if (ffa)
			continue;
		if (open) {
			snprintf(buf, size, "%.*s", (int)strcspn(open + 1, "]\n"), open + 1);
			return;
		}
		if (!named)
			snprintf(buf, size, "%.*s", (int)name, stack);
		named = true;
	}
}

static struct origin *find_origin(struct violations *all, const struct host_call *host,
				  const char *driver, uint32_t fid)
{
	struct origin *list = all->origins.data, *origin;

	for (size_t i = 0; i < all->origins.len; i++) {
		if (list[i].fid == fid && !strcmp(list[i].driver, driver) &&
		    !strncmp(list[i].task, host->comm, sizeof(list[i].task)))
			return &list[i];
	}
	origin = vector_push(&all->origins, sizeof(*origin));
	if (!origin)
		return NULL;

	*origin = (struct origin){ .fid = fid };
	snprintf(origin->driver, sizeof(origin->driver), "%s", driver);
	snprintf(origin->task, sizeof(origin->task), "%.*s", HOST_COMM_LEN - 1, host->comm);
	return origin;
}

static void take(struct report *report, const struct host_call *host,
		 const struct verdict_call *call, const char *stack)
{
	struct violations *all = report->own;
	uint32_t fid = (uint32_t)call->in.x[0], version = report->opts.ffa_version;
	const struct ffa_call *ffa = ffa_call_by_fid(fid);
	struct ffa_violation found[MAX_VIOLATIONS];
	struct ffa_regs asked;
	struct origin *origin;
	size_t reserved, nr;
	char driver[32];

	/* Canaries of ffascope's own calls are not the caller's. */
	verdict_without_canaries(&call->in, &asked);
	reserved = ffa_violations(ffa, &asked, version, found, MAX_VIOLATIONS);
	reserved = reserved < MAX_VIOLATIONS ? reserved : MAX_VIOLATIONS;
	nr = ffa ? add_unused(ffa, version, &asked, found, reserved, MAX_VIOLATIONS) : reserved;

	driver_of(host, stack, driver, sizeof(driver));
	origin = find_origin(all, host, driver, fid);
	if (!origin) {
		report->error = -ENOMEM;
		return;
	}
	all->calls++;
	origin->calls++;
	if (!nr)
		return;
	if (!origin->violating++ && *stack)
		origin->stack = strdup(stack);
	all->violating++;
	for (size_t i = 0; i < nr; i++) {
		struct range *range = find_range(origin, &found[i], i >= reserved);

		if (range)
			range->calls++;
	}
}

static void take_watched(struct report *report, const struct watched *watched, const char *stack)
{
	if (!report->own)
		report->own = calloc(1, sizeof(struct violations));
	if (!report->own)
		report->error = -ENOMEM;
	else if (watched->host->source != HOST_SOURCE_SRI)
		take(report, watched->host, &watched->call, stack);
}

/* A call of ffascope itself, from a recording of `call' for example. */
static void take_call(struct report *report, const struct verdict_call *call,
		      const struct verdict *verdict)
{
	const struct host_call host = { .source = HOST_SOURCE_MODULE, .comm = "ffascope" };
	const struct watched watched = { .host = &host, .call = *call, .verdict = *verdict };

	take_watched(report, &watched, "");
}

static void violations_free(struct report *report)
{
	struct violations *all = report->own;
	struct origin *list = all ? all->origins.data : NULL;

	for (size_t i = 0; all && i < all->origins.len; i++)
		free(list[i].stack);
	free(list);
	free(all);
}

uint64_t report_violating(const struct report *report)
{
	const struct violations *all = report->own;

	return all ? all->violating : 0;
}

/* ---- as text ---- */

/* "x9[63:0]" */
static void place_of(const struct ffa_violation *v, char buf[24])
{
	if (v->hi == v->lo)
		snprintf(buf, 24, "%c%u[%u]", v->wide ? 'x' : 'w', v->reg, v->hi);
	else
		snprintf(buf, 24, "%c%u[%u:%u]", v->wide ? 'x' : 'w', v->reg, v->hi, v->lo);
}

static const char *rule_of(const struct range *range)
{
	return range->unused ? "unused" : ffa_rule_name(range->bits.rule);
}

/* Names of tasks and symbols are foreign text. */
static void put_foreign(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len && text[i]; i++)
		fputc(text[i] < ' ' || text[i] > '~' ? '?' : text[i], out);
}

static void put_origin(FILE *out, const struct origin *origin)
{
	char name[16];

	fprintf(out, "%s (0x%08x) by ", report_name(origin->fid, name), origin->fid);
	put_foreign(out, origin->driver, sizeof(origin->driver));
	fputs(", task ", out);
	put_foreign(out, origin->task, sizeof(origin->task));
	fprintf(out, ": %llu of %llu calls\n", (unsigned long long)origin->violating,
		(unsigned long long)origin->calls);

	for (size_t i = 0; i < origin->nr_ranges; i++) {
		const struct range *range = &origin->ranges[i];
		char place[24];

		place_of(&range->bits, place);
		fprintf(out, "  %-12s %-6s %llu call%s, first 0x%llx%s%s\n", place, rule_of(range),
			(unsigned long long)range->calls, range->calls == 1 ? "" : "s",
			(unsigned long long)range->bits.value, range->bits.when ? " " : "",
			range->bits.when ? range->bits.when : "");
	}
	for (const char *at = origin->stack ? origin->stack : ""; *at;) {
		size_t len = strcspn(at, "\n");

		fputs(at == origin->stack ? "  stack  " : "         ", out);
		put_foreign(out, at, len);
		fputc('\n', out);
		at += len + (at[len] == '\n');
	}
	fputc('\n', out);
}

static void put_text(struct report *report)
{
	static const struct violations none;
	const struct violations *all = report->own ? report->own : &none;
	const struct origin *list = all->origins.data;
	char version[16];

	for (size_t i = 0; i < all->origins.len; i++) {
		if (list[i].violating)
			put_origin(report->opts.out, &list[i]);
	}
	ffa_format_version(report->opts.ffa_version, version, sizeof(version));
	fprintf(report->opts.out, "%llu of %llu calls set reserved or unused bits (FF-A %s).\n",
		(unsigned long long)all->violating, (unsigned long long)all->calls, version);
}

const struct report_ops report_violations = {
	.call = take_call,
	.watched = take_watched,
	.end = put_text,
	.free = violations_free,
};

/* ---- as JSON ---- */

static struct json_object *range_object(const struct range *range)
{
	struct json_object *obj = json_new_object();
	char place[24];

	place_of(&range->bits, place);
	json_add_string(obj, "bits", place);
	json_add_string(obj, "rule", rule_of(range));
	json_add_uint(obj, "calls", range->calls);
	json_add_hex(obj, "first", range->bits.value, 1);
	return obj;
}

static struct json_object *origin_object(const struct origin *origin)
{
	struct json_object *obj = json_new_object(), *ranges = json_new_array();
	char name[16];

	json_add_string(obj, "driver", origin->driver);
	json_add_string(obj, "task", origin->task);
	json_add_string(obj, "call", report_name(origin->fid, name));
	json_add_hex(obj, "fid", origin->fid, 8);
	json_add_uint(obj, "calls", origin->calls);
	json_add_uint(obj, "violating", origin->violating);
	for (size_t i = 0; i < origin->nr_ranges; i++)
		json_append(ranges, range_object(&origin->ranges[i]));
	json_add(obj, "bits", ranges);
	json_add_string(obj, "stack", origin->stack);
	return obj;
}

static void put_json(struct report *report)
{
	static const struct violations none;
	const struct violations *all = report->own ? report->own : &none;
	const struct origin *list = all->origins.data;
	struct json_object *obj = json_new_object(), *origins = json_new_array();

	json_add_uint(obj, "calls", all->calls);
	json_add_uint(obj, "violating", all->violating);
	for (size_t i = 0; i < all->origins.len; i++) {
		if (list[i].violating)
			json_append(origins, origin_object(&list[i]));
	}
	json_add(obj, "by_driver", origins);
	if (json_print(report->opts.out, obj))
		report->error = -ENOMEM;
}

const struct report_ops report_violations_json = {
	.call = take_call,
	.watched = take_watched,
	.end = put_json,
	.free = violations_free,
};
