// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of QEMU's machine "virt" that an SPMC uses: translation tables, the counter, the GIC.
 * Interrupts stay masked in the SPMC. Those of the normal world are looked for where it waits; its
 * own, the secure timer, interrupts the normal world only, and comes in through the SPMD.
 */
#include "spmc.h"

#define read_sysreg(name)                                         \
	({                                                        \
		uint64_t value_;                                  \
		__asm__ volatile("mrs %0, " name : "=r"(value_)); \
		value_;                                           \
	})
#define write_sysreg(name, value) \
	__asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(value)) : "memory")

/* hw/arm/virt.c of QEMU */
#define DEVICES		       0x08000000ul
#define DEVICES_END	       0x09200000ul
#define SECURE_RAM	       0x0e000000ul
#define SECURE_RAM_END	       0x0f000000ul
#define DRAM		       0x40000000ul
#define DRAM_END	       0xc0000000ul
#define GIC_REDISTRIBUTOR(cpu) (0x080a0000ul + (cpu)*0x20000ul)

/*
 * Translation: addresses are physical ones. The normal world's memory carries the NS bit, without
 * which an access from the secure state goes to the secure address space.
 */
#define TABLE		       3ul
#define BLOCK		       (1ul | 1ul << 10)      /* valid, and accessed */
#define DEVICE		       (0ul << 2 | 3ul << 53) /* MAIR index 0, never executed */
#define MEMORY		       (1ul << 2 | 3ul << 8)  /* MAIR index 1, inner shareable */
#define NON_SECURE	       (1ul << 5 | 3ul << 53)

static uint64_t level1[512] __attribute__((aligned(4096)));
static uint64_t level2[512] __attribute__((aligned(4096)));

void tables_write(void)
{
	uint64_t a;

	for (a = DEVICES; a < DEVICES_END; a += 1ul << 21)
		level2[a >> 21] = a | BLOCK | DEVICE;
	for (a = SECURE_RAM; a < SECURE_RAM_END; a += 1ul << 21)
		level2[a >> 21] = a | BLOCK | MEMORY;
	level1[0] = (uintptr_t)level2 | TABLE;
	for (a = DRAM; a < DRAM_END; a += 1ul << 30)
		level1[a >> 30] = a | BLOCK | MEMORY | NON_SECURE;
}

void mmu_on(void)
{
	write_sysreg("mair_el1", 0xff00);
	/*
	 * 39 bits of address from level 1, 4 KB pages, write-back tables, 36 bits of output, no
	 * TTBR1.
	 */
	write_sysreg("tcr_el1", 25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23 | 1ul << 32);
	write_sysreg("ttbr0_el1", (uintptr_t)level1);
	__asm__ volatile("dsb sy; tlbi vmalle1; dsb sy; isb" ::: "memory");
	write_sysreg("sctlr_el1",
		     read_sysreg("sctlr_el1") | 1ul | 1ul << 2 | 1ul << 12); /* MMU and caches */
	__asm__ volatile("isb" ::: "memory");
}

bool normal_world_memory(uint64_t address, uint64_t size)
{
	return address >= DRAM && address < DRAM_END && size <= DRAM_END - address;
}

/* Microseconds since reset. */
uint64_t now_us(void)
{
	uint64_t ticks, frequency = read_sysreg("cntfrq_el0");

	__asm__ volatile("isb" ::: "memory");
	ticks = read_sysreg("cntpct_el0");
	return ticks / frequency * 1000000 + ticks % frequency * 1000000 / frequency;
}

void wait_until_us(uint64_t time)
{
	while (now_us() < time)
		__asm__ volatile("yield");
}

/* CNTPS_CVAL_EL1 and CNTPS_CTL_EL1; TF-A lets S-EL1 use them (SCR_EL3.ST). */
void timer_set_us(uint64_t time)
{
	uint64_t frequency = read_sysreg("cntfrq_el0");

	write_sysreg("s3_7_c14_c2_2",
		     time / 1000000 * frequency + time % 1000000 * frequency / 1000000);
	write_sysreg("s3_7_c14_c2_1", time ? 1 : 0);
	__asm__ volatile("isb" ::: "memory");
}

static volatile uint32_t *redistributor(unsigned int cpu, unsigned int offset)
{
	/* The second frame of 64 KB has the registers of SGIs and PPIs. */
	return (volatile uint32_t *)(GIC_REDISTRIBUTOR(cpu) + 0x10000 + offset);
}

/*
 * Each bit of GICR_IGROUPR0 and GICR_IGRPMODR0 is one SGI or PPI. Together 1,0: the normal world's;
 * 0,1: secure group 1, which the SPMC gets. TF-A has made the SGIs from 8 up secure: the schedule
 * receiver interrupt is given away here, and Linux enables it.
 */
void gic_set_up(unsigned int cpu)
{
	*redistributor(cpu, 0x080) |= 1u << INTERRUPT_SRI;
	*redistributor(cpu, 0xd00) &= ~(1u << INTERRUPT_SRI);
	*redistributor(cpu, 0x080) &= ~(1u << INTERRUPT_TIMER);
	*redistributor(cpu, 0xd00) |= 1u << INTERRUPT_TIMER;
	*((volatile uint8_t *)redistributor(cpu, 0x400) + INTERRUPT_TIMER) =
		0x10;					    /* priority: above all of Linux */
	*redistributor(cpu, 0x100) = 1u << INTERRUPT_TIMER; /* enabled */
	timer_set_us(0);
	write_sysreg("s3_0_c12_c12_7", 1); /* ICC_IGRPEN1_EL1: secure group 1 */
	__asm__ volatile("isb" ::: "memory");
}

/*
 * ICC_ASGI1R_EL1 sends an SGI of group 1 to the other security state; to this CPU, which takes it
 * when it is back.
 */
void schedule_receiver_interrupt(void)
{
	write_sysreg("s3_0_c12_c11_6", (uint64_t)INTERRUPT_SRI << 24 | 1ul << this_cpu());
	__asm__ volatile("isb" ::: "memory");
}

/* In the secure state an interrupt of the normal world's group 1 shows as an FIQ: ISR_EL1.F. */
bool normal_world_interrupt(void)
{
	return read_sysreg("isr_el1") & BIT(6);
}

unsigned int interrupt_take(void)
{
	return read_sysreg("s3_0_c12_c12_0") & 0xffffff; /* ICC_IAR1_EL1 */
}

void interrupt_end(unsigned int id)
{
	write_sysreg("s3_0_c12_c12_1", id); /* ICC_EOIR1_EL1 */
}
