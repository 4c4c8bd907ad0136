// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct messages. A request is answered at once, or it becomes a conversation: the partition is
 * interrupted (FFA_INTERRUPT) or gives its time away (FFA_YIELD), and the caller goes on with
 * FFA_RUN until the response comes.
 */
#include "spmc.h"

/* What an execution context is in the middle of. */
struct conversation {
	bool open;
	uint32_t phases, yields; /* those to come */
	uint64_t end_us;	 /* not before this time; 0: at once */
	struct regs response;
};

/* One for each context of each partition that takes messages. */
static struct conversation conversations[3][CPUS];

static struct conversation *conversation_of(const struct partition *p, unsigned int context)
{
	return &conversations[p->id - ECHO_ID][context];
}

/*
 * Contexts of a partition with more than one are bound to their CPUs; a single one goes where it is
 * called.
 */
static unsigned int context_here(const struct partition *p)
{
	return p->contexts > 1 ? this_cpu() : 0;
}

/* The next step: an interruption if one is due, else the response. */
static void step(const struct partition *p, unsigned int context, struct regs *regs)
{
	struct conversation *c = conversation_of(p, context);
	bool yields = c->yields & 1, interrupted = false;

	if (!c->phases && c->end_us) {
		/* The time passes without the lock: the other CPUs have their calls meanwhile. */
		unlock();
		while (now_us() < c->end_us && !interrupted)
			interrupted = normal_world_interrupt();
		lock();
	}
	if (!c->phases && !interrupted) {
		*regs = c->response;
		c->open = false;
		return;
	}
	if (c->phases) {
		c->phases--;
		c->yields >>= 1;
	}
	/* Both name who is to be run again: endpoint and vCPU in w1. */
	answer(regs, yields && !interrupted ? FFA_YIELD : FFA_INTERRUPT, 0, 0);
	regs->x[1] = pack16(p->id, (uint16_t)context);
}

static bool is_request_valid(const struct regs *regs)
{
	/*
	 * w2 of REQ is flags: neither a framework message nor a reserved bit. x2 and x3 of REQ2 are
	 * a UUID.
	 */
	return high16(regs->x[1]) == NORMAL_WORLD &&
	       ((uint32_t)regs->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64 || !regs->x[2]);
}

static int request_refuse(const struct partition *p, const struct regs *regs)
{
	bool second = (uint32_t)regs->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64;
	const uint32_t uuid[4] = { regs->x[2], regs->x[2] >> 32, regs->x[3], regs->x[3] >> 32 };

	if (second && ffa_version < 0x10002)
		return NOT_SUPPORTED;
	if (!p || !is_request_valid(regs) || (second && !partition_matches(p, uuid)))
		return INVALID_PARAMETERS;
	if (!(p->properties & (second ? HAS_DIRECT2_RECEIVE : HAS_DIRECT_RECEIVE)))
		return DENIED;
	if (p->aborted)
		return ABORTED;
	return conversation_of(p, context_here(p))->open ? BUSY : OK;
}

void ffa_direct_request(struct regs *regs)
{
	struct partition *p = partition_find(low16(regs->x[1]));
	const struct rule *rule = current_rule[this_cpu()];
	int status = request_refuse(p, regs);
	struct conversation *c;
	unsigned int context;

	if (status != OK)
		return answer_error(regs, status);
	context = context_here(p);
	c = conversation_of(p, context);
	partition_message(p, regs);
	if (!rule || !(rule->phases || rule->delay_us))
		return;
	*c = (struct conversation){
		.open = true, .response = *regs, .phases = rule->phases, .yields = rule->yields
	};
	if (rule->delay_us)
		c->end_us = now_us() + rule->delay_us;
	if (rule->random_phases) {
		c->phases = random_below(rule->phases + 1);
		c->yields = random_below(1u << 31);
	}
	step(p, context, regs);
}

void ffa_run(struct regs *regs)
{
	struct partition *p = partition_find(high16(regs->x[1]));
	unsigned int context = low16(regs->x[1]);

	if (!p || !(p->properties & HAS_DIRECT_RECEIVE) || context >= p->contexts ||
	    (p->contexts > 1 && context != this_cpu()))
		return answer_error(regs, INVALID_PARAMETERS);
	if (p->aborted)
		return answer_error(regs, ABORTED);
	if (conversation_of(p, context)->open)
		return step(p, context, regs);
	/* A context that waits gets time to look after its notifications, and waits again. */
	notification_take(p, (uint16_t)context);
	answer(regs, FFA_MSG_WAIT, 0, 0);
}

/* The header of an indirect message, Table 7.2. */
struct indirect {
	uint32_t flags, reserved, offset;
	uint16_t receiver, sender;
	uint32_t size;
};

/*
 * An indirect message to the echo partition comes back through the RX buffer, with a framework
 * notification.
 */
void ffa_send2(struct regs *regs)
{
	struct indirect message;
	const struct partition *p;

	if (!mailbox.tx || high16(regs->x[1]) != NORMAL_WORLD)
		return answer_error(regs, mailbox.tx ? INVALID_PARAMETERS : DENIED);
	__builtin_memcpy(&message, mailbox.tx, sizeof(message));
	p = partition_find(message.receiver);
	if (!p || message.sender != NORMAL_WORLD || message.offset < sizeof(message) ||
	    message.offset > mailbox.size || message.size > mailbox.size - message.offset)
		return answer_error(regs, INVALID_PARAMETERS);
	if (!(p->properties & HAS_INDIRECT))
		return answer_error(regs, DENIED);
	if (mailbox.rx_full)
		return answer_error(regs, BUSY);
	for (uint32_t i = 0; i < message.offset + message.size; i++)
		mailbox.rx[i] = mailbox.tx[i];
	message.receiver = NORMAL_WORLD;
	message.sender = p->id;
	__builtin_memcpy(mailbox.rx, &message, sizeof(message));
	mailbox.rx_full = true;
	framework_notification_raise(RX_BUFFER_FULL, false, false);
	answer_success(regs);
}

void conversations_forget(void)
{
	for (unsigned int i = 0; i < COUNT(conversations); i++)
		for (unsigned int j = 0; j < CPUS; j++)
			conversations[i][j] = (struct conversation){ 0 };
}
