// SPDX-License-Identifier: GPL-2.0-only
/* Lookup of rows by number, name and order; queries about a whole row. */
#include <errno.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/proxy.h"
#include "ffa/rows.h"
#include "ffa/text.h"

char text_fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');

	return c == '_' ? '-' : c;
}

bool text_same_name(const char *word, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		if (!name[i] || text_fold(word[i]) != text_fold(name[i]))
			return false;
	}

	return !name[len];
}

int text_number(const char *word, size_t len, uint64_t *value)
{
	unsigned int base = 10;
	uint64_t sum = 0;
	size_t i = 0;

	if (len > 2 && word[0] == '0' && text_fold(word[1]) == 'x') {
		base = 16;
		i = 2;
	} else if (len > 2 && word[0] == '0' && text_fold(word[1]) == 'b') {
		base = 2;
		i = 2;
	}
	if (i == len)
		return -EINVAL;

	for (int late = 0; i < len; i++) {
		char c = text_fold(word[i]);
		unsigned int digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned int)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned int)(c - 'a') + 10;
		else
			return -EINVAL;
		if (digit >= base)
			return -EINVAL;
		if (late || __builtin_mul_overflow(sum, (uint64_t)base, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)digit, &sum))
			late = 1; /* go on: what follows may show that it is not a number at all */
		if (late && i + 1 == len)
			return -ERANGE;
	}
	*value = sum;

	return 0;
}

/* Searched in this order for every verdict: the most frequent calls come first. */
static const struct ffa_table *const tables[] = {
	&ffa_table_notifications, &ffa_table_notifications2, &ffa_table_setup,
	&ffa_table_messages,	  &ffa_table_memory,	     &ffa_table_others,
	&ffa_table_answers,
};

#define NR_TABLES (sizeof(tables) / sizeof(tables[0]))

size_t ffa_call_count(void)
{
	size_t n = 0;

	for (size_t t = 0; t < NR_TABLES; t++)
		n += tables[t]->nr;

	return n;
}

const struct ffa_call *ffa_call_any(size_t index)
{
	for (size_t t = 0; t < NR_TABLES; t++) {
		if (index < tables[t]->nr)
			return &tables[t]->calls[index];
		index -= tables[t]->nr;
	}

	return NULL;
}

/* Function number first, then SMC32 before SMC64. Never 0 for a row. */
static uint32_t order_of(uint32_t fid)
{
	return (fid & 0xffff) << 1 | !!(fid & FFA_FID_SMC64);
}

const struct ffa_call *ffa_call_at(size_t index)
{
	const struct ffa_call *next = NULL;
	size_t at[NR_TABLES] = { 0 }; /* each table is sorted: its first row that was not taken */

	for (size_t i = 0; i <= index; i++) {
		size_t least = NR_TABLES;

		next = NULL;
		for (size_t t = 0; t < NR_TABLES; t++) {
			const struct ffa_call *call = &tables[t]->calls[at[t]];

			if (at[t] == tables[t]->nr ||
			    (next && order_of(call->fid) > order_of(next->fid)))
				continue;
			next = call;
			least = t;
		}
		if (!next)
			return NULL;
		at[least]++;
	}

	return next;
}

const struct ffa_call *ffa_call_by_fid(uint32_t fid)
{
	/* A fast call of the standard service; most words of a log are none. */
	if ((fid & ~(FFA_FID_SMC64 | 0xff)) != 0x84000000)
		return NULL;
	for (size_t t = 0; t < NR_TABLES; t++) {
		const struct ffa_call *calls = tables[t]->calls;
		size_t nr = tables[t]->nr;

		/* Each table is sorted by function number (bits 7:0). */
		if ((fid & 0xff) > (calls[nr - 1].fid & 0xff))
			continue;
		for (size_t c = 0; c < nr && (calls[c].fid & 0xff) <= (fid & 0xff); c++) {
			if (calls[c].fid == fid)
				return &calls[c];
		}
	}

	return NULL;
}

/* The SVE hint of SMCCC 1.3 in an identifier (DEN0028 2.5). */
#define FID_HINT UINT32_C(0x10000)

const struct ffa_call *ffa_call_closest(uint32_t fid, enum ffa_fid_fault *fault)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);

	*fault = FFA_FID_EXACT;
	if (call)
		return call;
	*fault = FFA_FID_HINT;
	if (fid & FID_HINT && (call = ffa_call_by_fid(fid & ~FID_HINT)))
		return call;
	*fault = FFA_FID_WIDTH;
	call = ffa_call_by_fid(fid ^ FFA_FID_SMC64);
	if (!call)
		*fault = FFA_FID_UNKNOWN;

	return call;
}

/* A word or a name without FFA_ in front. */
static const char *bare(const char *name)
{
	return text_same_name(name, strnlen(name, 4), "FFA_") ? name + 4 : name;
}

const struct ffa_call *ffa_call_find(const char *word)
{
	const struct ffa_call *call;
	uint64_t number;
	size_t len;

	if (!text_number(word, strlen(word), &number))
		return number <= UINT32_MAX ? ffa_call_by_fid((uint32_t)number) : NULL;

	word = bare(word);
	len = strlen(word);
	for (size_t t = 0; t < NR_TABLES; t++) {
		for (size_t c = 0; c < tables[t]->nr; c++) {
			call = &tables[t]->calls[c];
			if (text_same_name(word, len, bare(call->name)))
				return call;
		}
	}

	/* _64 names a call that has no other form, too. */
	if (len <= 3 || !text_same_name(word + len - 3, 3, "_64"))
		return NULL;
	for (size_t t = 0; t < NR_TABLES; t++) {
		for (size_t c = 0; c < tables[t]->nr; c++) {
			call = &tables[t]->calls[c];
			if (call->fid & FFA_FID_SMC64 &&
			    text_same_name(word, len - 3, bare(call->name)))
				return call;
		}
	}

	return NULL;
}

int ffa_call_parse_fid(const char *word, uint32_t *fid)
{
	const struct ffa_call *call;
	uint64_t number;

	if (!text_number(word, strlen(word), &number)) {
		if (number > UINT32_MAX)
			return -EINVAL;
		*fid = (uint32_t)number;
		return 0;
	}

	call = ffa_call_find(word);
	if (!call)
		return -EINVAL;
	*fid = call->fid;

	return 0;
}

#define MAX_NAME 40

/*
 * The number of insertions, deletions and changes that turn a into a prefix of b; the
 * rest of b counts little.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int best = UINT32_MAX;
	unsigned int row[MAX_NAME + 1];
	size_t b_len = strnlen(b, MAX_NAME);

	for (unsigned int j = 0; j <= b_len; j++)
		row[j] = j;
	for (unsigned int i = 0; a[i]; i++) {
		unsigned int diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b_len; j++) {
			unsigned int change = diagonal + (text_fold(a[i]) != text_fold(b[j]));
			unsigned int other = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;

			diagonal = row[j + 1];
			row[j + 1] = change < other ? change : other;
		}
	}

	for (size_t j = 0; j <= b_len; j++) {
		unsigned int d = row[j] * 2 + (unsigned int)(b_len - j + 3) / 4;

		best = d < best ? d : best;
	}

	return best;
}

static bool contains(const char *name, const char *part, size_t len)
{
	for (; strlen(name) >= len; name++) {
		size_t i = 0;

		while (i < len && text_fold(name[i]) == text_fold(part[i]))
			i++;
		if (i == len)
			return true;
	}

	return false;
}

/* Lower is nearer; UINT32_MAX: nothing in common. */
static unsigned int farness(const char *word, const char *name)
{
	size_t len = strlen(word);
	unsigned int d;

	if (!len || len > MAX_NAME)
		return UINT32_MAX;

	d = distance(word, name);
	if (len >= 2 && contains(name, word, len))
		return d < 8 ? d / 2 : 4;

	return d <= len + 2 ? d + 1 : UINT32_MAX;
}

/* Whether a ranks before b for a word: nearer, or equally near and earlier in the catalogue. */
static bool is_nearer(const char *word, const struct ffa_call *a, const struct ffa_call *b)
{
	unsigned int far_a = farness(word, bare(a->name));
	unsigned int far_b = farness(word, bare(b->name));

	return far_a != far_b ? far_a < far_b : order_of(a->fid) < order_of(b->fid);
}

size_t ffa_call_nearest(const char *word, const struct ffa_call **out, size_t n)
{
	const struct ffa_call *call;
	size_t found = 0;

	word = bare(word);
	for (size_t index = 0; (call = ffa_call_any(index)); index++) {
		size_t place = found;

		if (farness(word, bare(call->name)) == UINT32_MAX)
			continue;
		while (place && is_nearer(word, call, out[place - 1]))
			place--;
		if (place >= n)
			continue;
		if (found < n)
			found++;
		memmove(&out[place + 1], &out[place], (found - 1 - place) * sizeof(*out));
		out[place] = call;
	}

	return found;
}

/* * and ? as in a shell; the text ends with a NUL. */
static bool glob(const char *pattern, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s) {
		if (*pattern == '*') {
			star = ++pattern;
			back = s;
		} else if (*pattern == '?' || (*pattern && text_fold(*pattern) == text_fold(*s))) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;

	return !*pattern;
}

bool text_matches(const char *name, const char *pattern)
{
	return strpbrk(pattern, "*?") ? glob(pattern, name)
				      : contains(name, pattern, strlen(pattern));
}

bool ffa_call_matches(const struct ffa_call *call, const char *pattern)
{
	return text_matches(call->name, pattern) ||
	       (strpbrk(pattern, "*?") && glob(bare(pattern), bare(call->name)));
}

const char *ffa_call_name(const struct ffa_call *call)
{
	return call->name;
}

uint32_t ffa_call_fid(const struct ffa_call *call)
{
	return call->fid;
}

unsigned int ffa_call_versions(const struct ffa_call *call)
{
	unsigned int versions = 0;

	for (unsigned int v = 0; v < FFA_NR_VERSIONS; v++)
		versions |= (unsigned int)ffa_call_known_in(call, ffa_version_at(v)) << v;

	return versions;
}

uint32_t ffa_rules_version(const struct ffa_call *call, uint32_t version)
{
	if (version < call->since)
		return call->since;

	return call->until && version > call->until ? call->until : version;
}

bool ffa_call_changes_nothing(const struct ffa_call *call, const struct ffa_regs *regs)
{
	const struct ffa_field *bitmap = ffa_field_by_name(call->fields, call->nr_fields, "bitmap");
	uint64_t bits = 0;

	for (unsigned int n = 0; bitmap && n < bitmap->regs; n++)
		bits |= ffa_bits_get(regs, bitmap->reg + n, bitmap->hi, bitmap->lo);
	return bitmap && !bits;
}

const char *ffa_call_needs_consent(const struct ffa_call *call, const struct ffa_regs *regs)
{
	const struct ffa_bits *bits;
	uint64_t value;

	if (!call)
		return "may change anything: no source describes this identifier";

	bits = &call->consent_bits;
	value = ffa_bits_get(regs, bits->reg, bits->hi, bits->lo);
	switch (call->consent) {
	case FFA_CONSENT_NEVER:
		return NULL;
	case FFA_CONSENT_ALWAYS:
		return call->changes;
	case FFA_CONSENT_IF_SET:
		return value ? call->changes : NULL;
	case FFA_CONSENT_IF_CLEAR:
		return value ? NULL : call->changes;
	case FFA_CONSENT_IF_OLDER:
		return value < FFA_VERSION_DEFAULT ? call->changes : NULL;
	}

	return call->changes;
}

const char *ffa_call_undo(const struct ffa_call *call)
{
	return call->undo;
}

bool ffa_call_el2_reissues(const struct ffa_call *call)
{
	return call && call->el2_reissues;
}

bool ffa_call_takes_canary(uint32_t fid)
{
	return !(fid & FFA_FID_SMC64);
}

void ffa_call_init(const struct ffa_call *call, uint32_t fid, struct ffa_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	regs->x[0] = call ? call->fid : fid;
}

/* ---- versions ---- */

static const char *const version_names[FFA_NR_VERSIONS] = { "1.0", "1.1", "1.2", "1.3" };

int ffa_version_parse(const char *text, uint32_t *version)
{
	for (unsigned int i = 0; i < FFA_NR_VERSIONS; i++) {
		if (!strcmp(text, version_names[i])) {
			*version = ffa_version_at(i);
			return 0;
		}
	}

	return -EINVAL;
}

unsigned int ffa_version_index(uint32_t version)
{
	if (version < FFA_VERSION_1_0)
		return 0;

	return version < FFA_VERSION_1_3 ? version & 0xffff : FFA_NR_VERSIONS - 1;
}

const char *ffa_version_name(uint32_t version)
{
	return version_names[ffa_version_index(version)];
}

size_t ffa_format_version(uint32_t version, char *buf, size_t size)
{
	struct text text = text_into(buf, size);

	text_decimal(&text, version >> 16);
	text_char(&text, '.');
	text_decimal(&text, version & 0xffff);

	return text_end(&text);
}
