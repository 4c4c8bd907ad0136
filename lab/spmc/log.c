// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log on the secure world's own UART: one line for each request and one for each answer, in the
 * form that the lab's TF-A gives its lines, so that the same tools read both. "ns" made the
 * request, "s" gave the answer.
 */
#include "spmc.h"

bool logging;

/* PL011: UART1 of QEMU's machine, which only the secure state reaches. */
#define UART	   ((volatile uint32_t *)0x09040000)
#define UART_FLAGS 6 /* word offset of UARTFR */
#define UART_FULL  0x20u

static void put_char(char c)
{
	while (UART[UART_FLAGS] & UART_FULL)
		;
	UART[0] = (unsigned char)c;
}

static void put_text(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_hex(uint64_t value)
{
	int shift = 60;

	put_text("0x");
	while (shift > 0 && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[value >> shift & 15]);
}

static void put_prefix(void)
{
	put_text("SPMC(");
	put_char((char)('0' + this_cpu()));
	put_text("): ");
}

void log_regs(const struct regs *regs, const char *world)
{
	if (!logging)
		return;
	put_prefix();
	for (unsigned int i = 0; i < 18; i++) {
		if (i == 8) {
			put_text("| ");
			put_text(world);
			put_char(' ');
		}
		/* The identifier is 32 bits wide. */
		put_hex(i == 0 ? (uint32_t)regs->x[0] : regs->x[i]);
		put_char(i == 17 ? '\n' : ' ');
	}
}

void log_text(const char *text, uint64_t a, uint64_t b)
{
	if (!logging)
		return;
	put_prefix();
	put_text(text);
	put_char(' ');
	put_hex(a);
	put_char(' ');
	put_hex(b);
	put_char('\n');
}

/* A fault of the SPMC, logged in any case. The lab looks for "Panic at" and ends the VM. */
_Noreturn void fault(uint64_t esr, uint64_t elr, uint64_t far)
{
	logging = true;
	log_text("Panic at", elr, far);
	log_text("syndrome", esr, 0);
	for (;;)
		__asm__ volatile("wfi");
}
