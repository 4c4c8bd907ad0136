// SPDX-License-Identifier: GPL-2.0-only
/*
 * soak COUNT SEED FIRST [RING]: makes COUNT random calls (draw.h) on every CPU in turn, numbered from
 * FIRST up, and prints a line for each verdict:
 *
 *   NUMBER CPU VERDICT REASON SMCS X0 X1 ... X17
 *
 * followed by "end VERDICTS NOT-MADE NS". CPUs may go offline: calls not made for that reason are
 * counted and replaced by others. RING is the size of the BPF ring buffer in bytes, to test one that
 * is too small.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "draw.h"
#include "session/session.h"

#define MAX_BATCH    128
/* Consecutive failures; one is expected while a CPU is offline. */
#define MAX_MISTAKES 1000

struct soak {
	struct session *session;
	struct draw draw;
	long cpus;
	uint64_t next; /* number of the next call */
	uint64_t verdicts;
	uint64_t not_made;
};

static void show(void *ctx, const struct verdict_call *call, void *tag, const struct verdict *v)
{
	struct soak *soak = ctx;
	const char *reason = verdict_reason_name(v->reason);

	(void)tag;
	soak->verdicts++;
	printf("%" PRIx64 " %u %s %s %u", call->in.x[DRAW_NONCE_REG], call->cpu,
	       verdict_kind_name(v->kind), reason ? reason : "-", v->smcs);
	for (int i = 0; i < FFA_NR_REGS; i++)
		printf(" %" PRIx64, call->in.x[i]);
	putchar('\n');
}

static int make_batch(struct soak *soak, int cpu, unsigned int n, struct error *err)
{
	struct ffa_regs in[MAX_BATCH];
	uint64_t before = soak->verdicts;
	int bad, ret;

	for (unsigned int i = 0; i < n; i++)
		draw_call(&soak->draw, &in[i], soak->next++);
	ret = session_call(soak->session, cpu, in, n, 1, &bad, show, soak, err);
	soak->not_made += n - (soak->verdicts - before);
	fflush(stdout);

	/* The CPU is offline or went offline. */
	return ret == -EXDEV || (ret == -EINVAL && bad < 0) ? -EXDEV : ret;
}

static int run(struct soak *soak, uint64_t count, struct error *err)
{
	static const unsigned int sizes[] = { 1, 8, 40, 40, MAX_BATCH };
	int mistakes = 0;

	for (int cpu = 0; soak->verdicts < count; cpu = (int)((cpu + 1) % soak->cpus)) {
		uint64_t left = count - soak->verdicts;
		unsigned int n = sizes[draw_bits(&soak->draw) % (sizeof(sizes) / sizeof(sizes[0]))];
		int ret = make_batch(soak, cpu, left < n ? (unsigned int)left : n, err);

		mistakes = ret ? mistakes + 1 : 0;
		if ((ret && ret != -EXDEV) || mistakes > MAX_MISTAKES)
			return ret;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct session_options opts = { .verb = "soak" };
	static char buffer[1 << 18];
	struct soak soak = { .cpus = sysconf(_SC_NPROCESSORS_CONF) };
	struct error err;
	uint64_t begin;
	int ret;

	if (argc < 4)
		return 2;
	if (argc > 4)
		opts.ring_bytes = (unsigned int)strtoul(argv[4], NULL, 0);

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	if (draw_init(&soak.draw, strtoull(argv[2], NULL, 0), (unsigned int)soak.cpus))
		return 5;
	soak.next = strtoull(argv[3], NULL, 0);
	if (session_open(&soak.session, &opts, &err)) {
		fprintf(stderr, "soak: %s\n", err.text);
		return 3;
	}
	if (session_note(soak.session)) {
		fprintf(stderr, "soak: no trace: %s\n", session_note(soak.session));
		return 3;
	}

	begin = clock_ns(CLOCK_BOOTTIME);
	ret = run(&soak, strtoull(argv[1], NULL, 0), &err);
	if (ret)
		fprintf(stderr, "soak: %s\n", err.text);
	printf("end %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", soak.verdicts, soak.not_made,
	       clock_ns(CLOCK_BOOTTIME) - begin);
	if (session_close(soak.session, &err)) {
		fprintf(stderr, "soak: %s\n", err.text);
		ret = -EIO;
	}
	draw_free(&soak.draw);
	return ret || fflush(stdout) || ferror(stdout) ? 5 : 0;
}
