// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control partition. Its direct messages are orders; README.md documents them. Most build a
 * rule, one part each: ARM then says for which calls it is. A rule is looked up once for each call,
 * before it is carried out.
 */
#include "spmc.h"

#define RULES  16
#define TIMERS 16
#define LAYOUT 1 /* of the messages; raise it when they change */

/* w3[7:0] */
enum order {
	ORDER_ABOUT = 0,
	ORDER_REGISTERS = 1,
	ORDER_DELAY = 2,
	ORDER_PHASES = 3,
	ORDER_HANG = 4,
	ORDER_RX = 5,
	ORDER_ARM = 6,
	ORDER_NOTIFY = 7,
	ORDER_FRAMEWORK = 8,
	ORDER_MEMORY = 9,
	ORDER_PARTITION = 10,
	ORDER_DESCRIPTOR_SIZE = 11,
	ORDER_LOG = 12,
	ORDER_FORGET = 13,
	ORDER_COUNT = 14,
};

/* A notification that is due later. */
struct timer {
	uint64_t due_us; /* 0: free */
	unsigned int cpu;
	uint16_t sender, receiver, vcpu, more_vcpus;
	uint32_t flags;
	uint64_t bitmap;
};

static struct rule draft, rules[RULES], taken[CPUS];
static struct timer timers[TIMERS];
const struct rule *current_rule[CPUS];
static uint32_t random_state = 1;
static uint64_t calls;

/* xorshift32 */
uint32_t random_below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % bound;
}

static bool to_control(const struct regs *regs)
{
	uint32_t function = (uint32_t)regs->x[0];

	return ((function & ~FFA_64) == FFA_MSG_SEND_DIRECT_REQ ||
		function == FFA_MSG_SEND_DIRECT_REQ2_64) &&
	       low16(regs->x[1]) == CONTROL_ID;
}

/* The call that a rule speaks of. The SPMD asks for FFA_VERSION by a message of its own. */
static uint32_t function_of(const struct regs *regs)
{
	if ((uint32_t)regs->x[0] != FFA_MSG_SEND_DIRECT_REQ || high16(regs->x[1]) != SPMD_ID)
		return (uint32_t)regs->x[0];
	return (regs->x[2] & 0xff) == FRAMEWORK_VERSION_REQ ? FFA_VERSION : 0;
}

/* The rule for this call, NULL without one. It counts as used. */
const struct rule *rule_take(const struct regs *regs)
{
	uint32_t function = function_of(regs);
	unsigned int cpu = this_cpu();

	calls++;
	if (to_control(regs) || !function)
		return NULL;
	for (unsigned int i = 0; i < RULES; i++) {
		struct rule *rule = &rules[i];

		if (!rule->left || (rule->function && rule->function != function) ||
		    (!rule->function && function == FFA_VERSION))
			continue;
		/* A copy: an order on another CPU may change the rules while this call waits. */
		taken[cpu] = *rule;
		if (rule->left != UINT32_MAX)
			rule->left--;
		return &taken[cpu];
	}
	return NULL;
}

void rules_forget(void)
{
	__builtin_memset(rules, 0, sizeof(rules));
	__builtin_memset(&draft, 0, sizeof(draft));
	__builtin_memset(timers, 0, sizeof(timers));
	descriptor_size = 24;
	for (unsigned int i = 0; i < partition_count; i++)
		partitions[i].aborted = false;
}

/* ARM: w4 call, w5 how many (0xffffffff: all from now on), w6[0] instead of carrying it out. */
static int rule_arm(const uint64_t *word)
{
	for (unsigned int i = 0; i < RULES; i++) {
		if (rules[i].left)
			continue;
		rules[i] = draft;
		rules[i].function = (uint32_t)word[1];
		rules[i].left = (uint32_t)word[2];
		rules[i].instead = word[3] & 1;
		__builtin_memset(&draft, 0, sizeof(draft));
		return OK;
	}
	return NO_MEMORY;
}

/* REGISTERS: w3[15:8] the first, w3[23:16] how many, their values from w4 on. */
static int draft_registers(const uint64_t *word)
{
	unsigned int first = word[0] >> 8 & 0xff, count = word[0] >> 16 & 0xff;

	if (!count || count > 4 || first + count > 18)
		return INVALID_PARAMETERS;
	for (unsigned int i = 0; i < count; i++) {
		draft.regs.x[first + i] = word[1 + i];
		draft.mask |= BIT(first + i);
	}
	return OK;
}

static int draft_rx(const uint64_t *word)
{
	if (draft.rx_count == COUNT(draft.rx) || word[1] % 4)
		return INVALID_PARAMETERS;
	draft.rx[draft.rx_count].offset = (uint32_t)word[1];
	draft.rx[draft.rx_count++].value = (uint32_t)word[2];
	return OK;
}

/* The earliest of this CPU's timers is what its hardware timer is set to. */
static void timers_arm(void)
{
	uint64_t first = 0;

	for (unsigned int i = 0; i < TIMERS; i++)
		if (timers[i].due_us && timers[i].cpu == this_cpu() &&
		    (!first || timers[i].due_us < first))
			first = timers[i].due_us;
	timer_set_us(first);
}

static int timer_add(const struct timer *timer)
{
	for (unsigned int i = 0; i < TIMERS; i++) {
		if (timers[i].due_us)
			continue;
		timers[i] = *timer;
		timers_arm();
		return OK;
	}
	return NO_MEMORY;
}

static int notify(const struct timer *t)
{
	int status = OK;

	for (unsigned int i = 0; i <= t->more_vcpus && status == OK; i++)
		status = notification_raise(t->sender, t->receiver, t->flags & FLAG_PER_VCPU,
					    (uint16_t)(t->vcpu + i), t->bitmap);

	/* w5[1]: without the interrupt. */
	if (status == OK && !(t->flags & 2))
		schedule_receiver_interrupt();
	return status;
}

void timer_expired(void)
{
	uint64_t now = now_us();

	for (unsigned int i = 0; i < TIMERS; i++) {
		if (!timers[i].due_us || timers[i].cpu != this_cpu() || timers[i].due_us > now)
			continue;
		if (notify(&timers[i]) != OK)
			log_text("a timed notification was refused", timers[i].bitmap,
				 timers[i].receiver);
		timers[i].due_us = 0;
	}
	timers_arm();
}

/*
 * NOTIFY: w4[31:16] sender, w4[15:0] receiver; w5[0] per vCPU, w5[1] without the interrupt,
 * w5[31:16] vCPU; w6[7:0] the notification, w6[15:8] how many more from there on, w6[23:16] how
 * many more vCPUs; w7 in so many us, 0: now.
 */
static int order_notify(const uint64_t *word)
{
	unsigned int id = word[3] & 0xff, last = id + (word[3] >> 8 & 0xff);
	struct timer timer = { .sender = high16(word[1]),
			       .receiver = low16(word[1]),
			       .vcpu = high16(word[2]),
			       .flags = word[2] & 3,
			       .more_vcpus = word[3] >> 16 & 0xff,
			       .cpu = this_cpu() };

	if (last >= 64)
		return INVALID_PARAMETERS;
	for (unsigned int i = id; i <= last; i++)
		timer.bitmap |= BIT(i);
	if (!word[4])
		return notify(&timer);
	timer.due_us = now_us() + (uint32_t)word[4];
	return timer_add(&timer);
}

/* PARTITION: w4 its ID, w5[0] aborted. The control partition stays well, to hear the next order. */
static int order_partition(const uint64_t *word)
{
	struct partition *p = partition_find(low16(word[1]));

	if (!p || p->id == CONTROL_ID)
		return INVALID_PARAMETERS;
	p->aborted = word[2] & 1;
	return OK;
}

static int order_descriptor_size(const uint64_t *word)
{
	if (word[1] < 24 || word[1] > 120 || word[1] % 8)
		return INVALID_PARAMETERS;
	descriptor_size = (uint32_t)word[1];
	return OK;
}

/*
 * FORGET: rules, timers, what was ordered of partitions; w4[0] open conversations too; w4[1]
 * memory; w4[2] bitmaps.
 */
static int order_forget(const uint64_t *word)
{
	rules_forget();
	timers_arm();
	if (word[1] & 1)
		conversations_forget();
	if (word[1] & 2)
		memory_forget();
	if (word[1] & 4)
		notifications_set_up();
	return OK;
}

/* word[0] is w3, and so on. An order may leave results in word[1] and behind. */
static int obey(uint64_t *word)
{
	switch ((enum order)(word[0] & 0xff)) {
	case ORDER_ABOUT:
		word[1] = LAYOUT;
		word[2] = ffa_version;
		word[3] = partition_count;
		return OK;
	case ORDER_REGISTERS:
		return draft_registers(word);
	case ORDER_DELAY:
		draft.delay_us = (uint32_t)word[1];
		return OK;
	case ORDER_PHASES:
		draft.phases = word[1] & 31;
		draft.yields = (uint32_t)word[2];
		draft.random_phases = word[3] & 1;
		if (word[4])
			random_state = (uint32_t)word[4];
		return OK;
	case ORDER_HANG:
		draft.hang_ms = word[1] < 60000 ? (uint32_t)word[1] : 60000;
		return OK;
	case ORDER_RX:
		return draft_rx(word);
	case ORDER_ARM:
		return rule_arm(word);
	case ORDER_NOTIFY:
		return order_notify(word);
	case ORDER_FRAMEWORK:
		framework_notification_raise((uint32_t)word[1], word[2] & 1, word[2] & 2);
		return OK;
	case ORDER_MEMORY:
		return memory_use(pack32(word[1], word[2]), word[3] & 3, (uint32_t)word[3] >> 8,
				  &word[4]);
	case ORDER_PARTITION:
		return order_partition(word);
	case ORDER_DESCRIPTOR_SIZE:
		return order_descriptor_size(word);
	case ORDER_LOG:
		logging = word[1] & 1;
		return OK;
	case ORDER_FORGET:
		return order_forget(word);
	case ORDER_COUNT:
		word[1] = calls;
		word[2] = memory_count();
		return OK;
	}
	return NOT_SUPPORTED;
}

/* The response has the order's status in the first word, and results behind it. */
void control_message(struct regs *regs)
{
	/* REQ2's payload begins at x4. */
	uint64_t *word = &regs->x[(uint32_t)regs->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64 ? 4 : 3];

	word[0] = (uint32_t)obey(word);
}
