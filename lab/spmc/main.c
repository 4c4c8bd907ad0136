// SPDX-License-Identifier: GPL-2.0-only
/*
 * An SPMC's life: each CPU boots once, says so with FFA_MSG_WAIT, and from then on answers one
 * request after the other. The SPMD enters the SPMC as the answer of its last SMC, so this is a
 * loop and not a table of entry points.
 */
#include "spmc.h"

uint32_t ffa_version = 0x10002;

/*
 * The lab's boot choices: a word that QEMU's loader puts into the last page of the DRAM. Linux may
 * use the page later.
 */
#define CHOICES	       ((const volatile uint32_t *)0xbffff000)
#define CHOICES_MAGIC  0x53504d00u /* in bits [31:8] */
#define CHOICE_LOG     1u
#define CHOICE_FFA_1_1 2u

static int big_lock;

/* The compiler calls these, without a libc too. */
void *memcpy(void *to, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
	return to;
}

void *memset(void *to, int value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((unsigned char *)to)[i] = (unsigned char)value;
	return to;
}

/*
 * One CPU at a time, except while it waits. Simple, and an order of events that the log can tell.
 */
void lock(void)
{
	while (__atomic_exchange_n(&big_lock, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&big_lock, __ATOMIC_RELAXED))
			__asm__ volatile("yield");
}

void unlock(void)
{
	__atomic_store_n(&big_lock, 0, __ATOMIC_RELEASE);
}

unsigned int this_cpu(void)
{
	uint64_t mpidr;

	__asm__ volatile("mrs %0, mpidr_el1" : "=r"(mpidr));
	return mpidr & 0xff;
}

/*
 * An answer replaces x0-x7. x8-x17 stay as the caller sent them: they are no results of an SMC32
 * call, and SMCCC wants them preserved then (DEN0028, section 2.6).
 */
void answer(struct regs *regs, uint32_t function, uint64_t x2, uint64_t x3)
{
	for (unsigned int i = 0; i < 8; i++)
		regs->x[i] = 0;
	regs->x[0] = function;
	regs->x[2] = x2;
	regs->x[3] = x3;
}

void answer_success(struct regs *regs)
{
	answer(regs, FFA_SUCCESS, 0, 0);
}

void answer_error(struct regs *regs, int status)
{
	answer(regs, FFA_ERROR, (uint32_t)status, 0);
}

void answer_handle(struct regs *regs, uint32_t function, uint64_t handle, uint64_t x3, uint64_t x4)
{
	answer(regs, function, handle >> 32, x3);
	regs->x[1] = (uint32_t)handle;
	regs->x[4] = x4;
}

/*
 * A direct message from the SPMD itself: power management, and the version that the normal world
 * asked for.
 */
static void framework_message(struct regs *regs)
{
	uint32_t kind = regs->x[2] & 0xff;
	uint64_t result = 0;

	if (kind == FRAMEWORK_VERSION_REQ)
		/*
		 * The structures before 1.1 differ. Section 13.2.1: NOT_SUPPORTED for a version
		 * that is not compatible.
		 */
		result = regs->x[3] >= 0x10001 && regs->x[3] >> 16 == 1 ? ffa_version
									: (uint32_t)NOT_SUPPORTED;
	if (current_rule[this_cpu()] && kind == FRAMEWORK_VERSION_REQ)
		result = current_rule[this_cpu()]->regs.x[0];
	regs->x[0] = FFA_MSG_SEND_DIRECT_RESP;
	regs->x[1] = pack16(SPMC_ID, SPMD_ID);
	regs->x[2] = FRAMEWORK_MESSAGE |
		     (kind == FRAMEWORK_VERSION_REQ ? FRAMEWORK_VERSION_RESP : FRAMEWORK_PSCI_RESP);
	regs->x[3] = result;
}

static bool from_spmd(const struct regs *regs)
{
	return (uint32_t)regs->x[0] == FFA_MSG_SEND_DIRECT_REQ && high16(regs->x[1]) == SPMD_ID;
}

/* The parameters of an SMC32 call are w registers. */
static void clear_upper_halves(struct regs *regs)
{
	if (!(regs->x[0] & FFA_64))
		for (unsigned int i = 1; i < 8; i++)
			regs->x[i] = (uint32_t)regs->x[i];
}

static void carry_out(struct regs *regs)
{
	uint32_t function = (uint32_t)regs->x[0];

	clear_upper_halves(regs);
	switch (function) {
	case FFA_FEATURES:
		return ffa_features(regs);
	case FFA_RXTX_MAP:
	case FFA_RXTX_MAP | FFA_64:
		return ffa_rxtx_map(regs);
	case FFA_RXTX_UNMAP:
		return ffa_rxtx_unmap(regs);
	case FFA_RX_RELEASE:
		return ffa_rx_release(regs);
	case FFA_PARTITION_INFO_GET:
		return ffa_partition_info_get(regs);
	case FFA_PARTITION_INFO_GET_REGS_64:
		return ffa_partition_info_get_regs(regs);
	case FFA_ID_GET: /* the SPMD answers this and SPM_ID_GET; here for one that would not */
		return answer(regs, FFA_SUCCESS, NORMAL_WORLD, 0);
	case FFA_SPM_ID_GET:
		return answer(regs, FFA_SUCCESS, SPMC_ID, 0);
	case FFA_MSG_SEND_DIRECT_REQ:
	case FFA_MSG_SEND_DIRECT_REQ | FFA_64:
	case FFA_MSG_SEND_DIRECT_REQ2_64:
		return ffa_direct_request(regs);
	case FFA_RUN:
		return ffa_run(regs);
	case FFA_MSG_SEND2:
		return ffa_send2(regs);
	case FFA_NOTIFICATION_BITMAP_CREATE ... FFA_NOTIFICATION_INFO_GET:
	case FFA_NOTIFICATION_INFO_GET | FFA_64:
		return notification_call(regs);
	case FFA_MEM_LEND:
	case FFA_MEM_LEND | FFA_64:
	case FFA_MEM_SHARE:
	case FFA_MEM_SHARE | FFA_64:
	case FFA_MEM_RETRIEVE_REQ:
	case FFA_MEM_RETRIEVE_REQ | FFA_64:
	case FFA_MEM_RELINQUISH:
	case FFA_MEM_RECLAIM:
	case FFA_MEM_FRAG_RX:
	case FFA_MEM_FRAG_TX:
		return memory_call(regs);
	}
	answer_error(regs, NOT_SUPPORTED);
}

/* The SPMD enters with FFA_INTERRUPT where a secure interrupt came while the normal world ran. */
static void secure_interrupt(struct regs *regs)
{
	unsigned int id = interrupt_take();

	if (id == INTERRUPT_TIMER)
		timer_expired();
	if (id != INTERRUPT_NONE)
		interrupt_end(id);
	answer(regs, FFA_NORMAL_WORLD_RESUME, 0, 0);
}

static void handle(struct regs *regs)
{
	unsigned int cpu = this_cpu();
	const struct rule *rule;

	if ((uint32_t)regs->x[0] == FFA_INTERRUPT)
		return secure_interrupt(regs);
	rule = current_rule[cpu] = rule_take(regs);
	if (rule && rule->hang_ms) {
		uint64_t end = now_us() + rule->hang_ms * 1000ul;

		unlock();
		wait_until_us(end);
		lock();
		log_text("watchdog: no answer for ms", rule->hang_ms, 0);
		return answer_error(regs, ABORTED);
	}
	if (from_spmd(regs))
		return framework_message(regs);
	if (rule && rule->instead)
		answer(regs, 0, 0, 0);
	else
		carry_out(regs);
	if (!rule)
		return;
	for (unsigned int i = 0; i < 18; i++)
		if (rule->mask & BIT(i))
			regs->x[i] = rule->regs.x[i];
	for (unsigned int i = 0; i < rule->rx_count; i++)
		if (rule->rx[i].offset + 4 <= mailbox.size)
			*(uint32_t *)(mailbox.rx + rule->rx[i].offset) = rule->rx[i].value;
	if (rule->delay_us && !rule->phases) {
		uint64_t end = now_us() + rule->delay_us;

		unlock();
		wait_until_us(end);
		lock();
	}
}

/*
 * FFA_MSG_WAIT tells the SPMD that this CPU is ready. It returns with the first request; from then
 * on each SMC is an answer.
 */
static _Noreturn void serve(void)
{
	struct regs regs = { { FFA_MSG_WAIT } };

	for (;;) {
		conduit(&regs);
		lock();
		/* The secure timer is not a call of the normal world. */
		if ((uint32_t)regs.x[0] != FFA_INTERRUPT)
			log_regs(&regs, "ns");
		handle(&regs);
		if ((uint32_t)regs.x[0] != FFA_NORMAL_WORLD_RESUME)
			log_regs(&regs, "s");
		unlock();
	}
}

static void choices_read(void)
{
	uint32_t choices = *CHOICES;

	if ((choices & ~0xffu) != CHOICES_MAGIC)
		return;
	logging = choices & CHOICE_LOG;
	if (choices & CHOICE_FFA_1_1)
		ffa_version = 0x10001;
}

void boot_primary(unsigned int cpu)
{
	struct regs regs = { { FFA_SECONDARY_EP_REGISTER_64, (uintptr_t)secondary_start } };

	choices_read();
	log_text("SPMC for FF-A", ffa_version, 0);
	/*
	 * Where the other CPUs enter. Without it they would come in at the image's start, and clear
	 * the memory.
	 */
	conduit(&regs);
	if (regs.x[0] == FFA_ERROR)
		log_text("FFA_SECONDARY_EP_REGISTER failed", regs.x[2], 0);
	notifications_set_up();
	rules_forget();
	boot_secondary(cpu);
}

void boot_secondary(unsigned int cpu)
{
	gic_set_up(cpu);
	serve();
}
