/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the SPMC's files share. README.md says which file does what, and in which order to read
 * them.
 */
#ifndef SPMC_H
#define SPMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ffa.h"

#define CPUS	     4 /* as many as the lab gives a VM */
/* Of the normal world; FFA_NOTIFICATION_BITMAP_CREATE may ask for no more. */
#define VCPUS	     32
#define PAGE	     4096u
#define BIT(n)	     (1ul << (n))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct regs {
	uint64_t x[18];
};

/* The four fields that FF-A packs two endpoint IDs, or an endpoint and a vCPU, into. */
static inline uint16_t high16(uint64_t w)
{
	return (uint16_t)(w >> 16);
}
static inline uint16_t low16(uint64_t w)
{
	return (uint16_t)w;
}
static inline uint32_t pack16(uint16_t high, uint16_t low)
{
	return (uint32_t)high << 16 | low;
}
static inline uint64_t pack32(uint64_t low, uint64_t high)
{
	return (uint32_t)low | high << 32;
}

/* start.S */
extern char secondary_start[];
void conduit(struct regs *regs);

/* main.c */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
void boot_primary(unsigned int cpu);
void boot_secondary(unsigned int cpu);
void answer(struct regs *regs, uint32_t function, uint64_t x2, uint64_t x3);
void answer_success(struct regs *regs);
void answer_error(struct regs *regs, int status);
void answer_handle(struct regs *regs, uint32_t function, uint64_t handle, uint64_t x3, uint64_t x4);
void lock(void);
void unlock(void);
unsigned int this_cpu(void);
/* The version that the normal world is told: 0x10001 or 0x10002. */
extern uint32_t ffa_version;

/* machine.c: MMU, time, GIC */
void tables_write(void);
void mmu_on(void);
void gic_set_up(unsigned int cpu);
void schedule_receiver_interrupt(void);
bool normal_world_interrupt(void);
uint64_t now_us(void);
void wait_until_us(uint64_t time);
void timer_set_us(uint64_t time); /* for this CPU; 0: none */
unsigned int interrupt_take(void);
void interrupt_end(unsigned int id);
bool normal_world_memory(uint64_t address, uint64_t size);
#define INTERRUPT_SRI	8  /* an SGI, given to the normal world */
#define INTERRUPT_TIMER 29 /* the secure physical timer of each CPU */
#define INTERRUPT_NONE	1023

/* log.c */
extern bool logging;
void log_regs(const struct regs *regs, const char *world);
void log_text(const char *text, uint64_t a, uint64_t b);
_Noreturn void fault(uint64_t esr, uint64_t elr, uint64_t far);

/* setup.c: what a caller does before it sends anything */
struct mailbox {
	uint8_t *tx, *rx; /* as the normal world names them: it writes tx, the SPMC writes rx */
	uint32_t size;
	bool rx_full; /* the normal world owns rx until FFA_RX_RELEASE */
};
extern struct mailbox mailbox;
extern uint32_t descriptor_size; /* of FFA_PARTITION_INFO_GET's answer, in bytes */
void ffa_features(struct regs *regs);
void ffa_rxtx_map(struct regs *regs);
void ffa_rxtx_unmap(struct regs *regs);
void ffa_rx_release(struct regs *regs);
void ffa_partition_info_get(struct regs *regs);
void ffa_partition_info_get_regs(struct regs *regs);

/* partition.c */
struct partition {
	uint16_t id;
	uint16_t contexts; /* of a dependent peripheral: its proxy's ID */
	uint32_t properties;
	uint32_t uuid[4];
	bool aborted;
};
extern struct partition partitions[];
extern const unsigned int partition_count;
#define ECHO_ID	   0x8001
#define WORKER_ID  0x8002
#define CONTROL_ID 0x8003
struct partition *partition_find(uint16_t id);
bool partition_matches(const struct partition *p, const uint32_t uuid[4]);
void partition_message(struct partition *p, struct regs *regs);

/* message.c: direct messages, and the conversations that they can become */
void ffa_direct_request(struct regs *regs);
void ffa_run(struct regs *regs);
void ffa_send2(struct regs *regs);
void conversations_forget(void);

/* notification.c */
void notifications_set_up(void);
void notification_call(struct regs *regs);
int notification_raise(uint16_t sender, uint16_t receiver, uint32_t flags, uint16_t vcpu,
		       uint64_t bitmap);
void framework_notification_raise(uint32_t bits, bool from_hypervisor, bool quiet);
uint64_t notification_take(struct partition *p, uint16_t vcpu);

/* memory.c */
void memory_call(struct regs *regs);
int memory_use(uint64_t handle, unsigned int what, uint32_t page, uint64_t *value);
unsigned int memory_count(void);
void memory_forget(void);

/* control.c: the partition that takes orders, and the rules that come of them */
struct rule {
	/* The call that it is for; 0: any, but for messages to the control partition. */
	uint32_t function;
	uint32_t left; /* how many calls it still is for; 0: the rule is free */
	uint32_t mask; /* registers of the answer to replace */
	struct regs regs;
	bool instead; /* the call is not carried out */
	uint32_t delay_us, hang_ms;
	uint32_t phases,
		yields; /* so many interruptions of a direct request; bit n: the nth is a yield */
	bool random_phases;
	struct {
		uint32_t offset, value;
	} rx[8]; /* words to change in the RX buffer after the call */
	uint32_t rx_count;
};
void control_message(struct regs *regs);
const struct rule *rule_take(const struct regs *regs);
void rules_forget(void);
void timer_expired(void);
uint32_t random_below(uint32_t bound);
extern const struct rule *current_rule[CPUS];

#endif
