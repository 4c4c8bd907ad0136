// SPDX-License-Identifier: GPL-2.0-only
/* latency N: gets N verdicts one by one in one process; prints minimum, median and maximum. */
#include <stdio.h>
#include <stdlib.h>

#include "session/session.h"

#define FID_NOTIFICATION_GET 0x84000082

static void take(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	(void)call;
	(void)tag;
	*(int *)ctx += v->kind == VERDICT_REJECTED;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

int main(int argc, char **argv)
{
	const struct session_options opts = { .verb = "call" };
	struct ffa_regs in = { .x = { FID_NOTIFICATION_GET } };
	int n = argc == 2 ? atoi(argv[1]) : 0, rejected = 0, bad;
	struct error err;
	struct session *session;
	uint64_t *ns;

	if (n < 1)
		return 2;

	ns = calloc((size_t)n, sizeof(*ns));
	if (!ns || session_open(&session, &opts, &err)) {
		fprintf(stderr, "latency: %s\n", ns ? err.text : "out of memory");
		return 3;
	}

	for (int i = 0; i < n; i++) {
		if (session_call(session, 0, &in, 1, 1, &bad, take, &rejected, &err)) {
			fprintf(stderr, "latency: %s\n", err.text);
			break;
		}
		ns[i] = session_latency_ns(session);
	}
	session_close(session, &err);

	qsort(ns, (size_t)n, sizeof(*ns), compare);
	printf("quickest %llu us\nmedian %llu us\nslowest %llu us\n",
	       (unsigned long long)ns[0] / 1000, (unsigned long long)ns[n / 2] / 1000,
	       (unsigned long long)ns[n - 1] / 1000);
	free(ns);
	return rejected == n ? 0 : 4;
}
