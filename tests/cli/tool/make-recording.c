// SPDX-License-Identifier: GPL-2.0-only
/*
 * make-recording FILE EVENTS: writes a made-up recording of that many events: calls that EL2 forwards,
 * with four events each, and every tenth one that it rejects, with two.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ffa/call.h"
#include "record/record.h"

#define BATCH	  1000
#define STEP_NS	  50000
#define OFFSET_NS 1500
#define FORWARDED 4
#define REJECTED  2

static unsigned int add_event(struct hyp_event *ev, uint64_t ts, unsigned char type,
			      unsigned char reason)
{
	*ev = (struct hyp_event){ .ts = ts, .type = type, .reason = reason };
	return 1;
}

/* Returns the number of events. */
static unsigned int make_call(uint64_t number, struct verdict_call *call, struct hyp_event *ev)
{
	uint64_t at = (number + 1) * STEP_NS, trap = at + OFFSET_NS + 200,
		 secure = 1500 + number % 700;
	unsigned int n = 0;

	*call = (struct verdict_call){ .begin_ns = at, .end_ns = at + 5000 };
	call->in.x[0] = 0x84000069; /* FFA_ID_GET */
	verdict_add_canaries(&call->in);
	call->out.x[0] = FFA_FID_SUCCESS;

	n += add_event(ev + n, trap, HYP_EVENT_ENTER, HYP_REASON_SMC);
	if (number % 10 == 9) {
		call->out.x[0] = FFA_FID_ERROR;
		call->out.x[2] = (uint64_t)-1;
		n += add_event(ev + n, trap + 500, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
		return n;
	}
	for (unsigned int reg = 8; reg < FFA_NR_REGS; reg++)
		call->out.x[reg] = call->in.x[reg];
	n += add_event(ev + n, trap + 400, HYP_EVENT_EXIT, HYP_REASON_SMC);
	n += add_event(ev + n, trap + 400 + secure, HYP_EVENT_ENTER, HYP_REASON_SMC);
	n += add_event(ev + n, trap + 700 + secure, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
	return n;
}

static int write_all(struct record_writer *writer, uint64_t events, struct error *err)
{
	static struct verdict_call calls[BATCH];
	static struct hyp_event evs[BATCH * FORWARDED + 1];
	uint64_t made = 0, number = 0;
	int ret = 0;

	while (made < events && !ret) {
		/* A CPU's trace may begin with a return to the host without its entry. */
		struct record_batch batch = {
			.from_ns = number * STEP_NS + OFFSET_NS + STEP_NS / 2,
			.clock = { .offset_ns = OFFSET_NS, .slack_ns = 100, .guard_ns = 20000 },
		};

		batch.nr_events =
			add_event(evs, batch.from_ns, HYP_EVENT_EXIT, HYP_REASON_ERET_HOST);
		if (number)
			batch.nr_events = 0;
		for (; batch.nr_calls < BATCH && made + batch.nr_events < events; number++)
			batch.nr_events +=
				make_call(number, &calls[batch.nr_calls++], evs + batch.nr_events);
		batch.until_ns = (number + 1) * STEP_NS;
		made += batch.nr_events;
		ret = record_write_batch(writer, &batch, calls, evs, err);
	}
	return ret;
}

int main(int argc, char **argv)
{
	const struct record_meta meta = {
		.verb = "call-many",
		.kernel = "7.3.4-made-up",
		.ffa_version = FFA_VERSION_1_2,
	};
	struct record_writer *writer;
	struct error err;

	if (argc != 3) {
		fprintf(stderr, "usage: make-recording FILE EVENTS\n");
		return 2;
	}
	if (record_create(&writer, argv[1], &meta, &err) ||
	    write_all(writer, strtoull(argv[2], NULL, 10), &err) || record_finish(writer, &err)) {
		fprintf(stderr, "make-recording: %s\n", err.text);
		return 1;
	}
	return 0;
}
