// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "watch/filter.h"

/* The words of a list joined by |, one after the other. */
static bool next_word(const char **words, char *word, size_t size)
{
	size_t len = strcspn(*words, "|");

	if (!len || len >= size)
		return false;
	memcpy(word, *words, len);
	word[len] = '\0';
	*words += len;
	/* Nothing may follow the last bar. */
	if (**words == '|' && !*++*words)
		return false;
	return true;
}

int watch_filter_verdicts(struct watch_filter *filter, const char *words)
{
	char word[32];

	do {
		bool found = false;

		if (!next_word(&words, word, sizeof(word)))
			return -EINVAL;
		for (int kind = VERDICT_UNKNOWN; kind <= VERDICT_FORWARDED; kind++) {
			if (strcmp(word, verdict_kind_name(kind)))
				continue;
			filter->verdicts |= UINT32_C(1) << kind;
			found = true;
		}
		if (!found)
			return -EINVAL;
	} while (*words);
	return 0;
}

int watch_filter_statuses(struct watch_filter *filter, const char *words)
{
	char word[32], *end;

	do {
		int32_t status;

		if (!next_word(&words, word, sizeof(word)))
			return -EINVAL;
		if (ffa_status_by_name(word, &status)) {
			status = (int32_t)strtol(word, &end, 10);
			if (end == word || *end)
				return -EINVAL;
		}
		if (filter->nr_statuses == WATCH_MAX_STATUSES)
			return -E2BIG;
		filter->status[filter->nr_statuses++] = status;
	} while (*words);
	return 0;
}

int watch_parse_time(const char *text, uint64_t bare_ns, uint64_t *ns)
{
	const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{ "", bare_ns },   { "ns", 1 },		{ "us", 1000 },
		{ "ms", 1000000 }, { "s", 1000000000 },
	};
	uint64_t value;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(end, units[i].unit))
			return __builtin_mul_overflow(value, units[i].ns, ns) ? -EINVAL : 0;
	}
	return -EINVAL;
}

uint64_t watch_time_ns(const struct watched *watched)
{
	if (watched->verdict.from_trace)
		return watched->verdict.total_ns;
	return watched->call.end_ns - watched->call.begin_ns;
}

static bool has_status(const struct watch_filter *filter, const struct watched *watched)
{
	const struct ffa_call *ffa = ffa_call_by_fid((uint32_t)watched->call.in.x[0]);
	int32_t status;

	if (!ffa_answer_status(ffa, &watched->call.out, &status))
		return false;
	for (uint32_t i = 0; i < filter->nr_statuses && i < WATCH_MAX_STATUSES; i++) {
		if (filter->status[i] == status)
			return true;
	}
	return false;
}

bool watch_passes(const struct watch_filter *filter, const struct watched *watched)
{
	/* An interrupt has nothing that could be filtered by. */
	if (watched->host->source == HOST_SOURCE_SRI)
		return !filter->verdicts && !filter->nr_statuses && !filter->slower_ns;
	if (filter->verdicts && !(filter->verdicts >> watched->verdict.kind & 1))
		return false;
	if (filter->nr_statuses && !has_status(filter, watched))
		return false;
	return !filter->slower_ns || watch_time_ns(watched) > filter->slower_ns;
}
