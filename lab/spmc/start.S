/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way in, the way out, and what happens on an exception.
 *
 * The SPMD starts each CPU here, at S-EL1 with the MMU off and all exceptions masked. x4 is the
 * CPU's number (TF-A does so for SPMCs that were not made for FF-A; MPIDR would tell it too).
 */
	.section .text.start, "ax"
	.global _start
_start:
	mov	x19, x4
	adr	x0, __bss_start
	adrp	x1, __bss_end
	add	x1, x1, :lo12:__bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	bl	set_up
	bl	tables_write
	bl	mmu_on
	mov	x0, x19
	bl	boot_primary
	b	.

	/*
	 * Each further CPU comes here when the normal world switches it on:
	 * FFA_SECONDARY_EP_REGISTER said so.
	 */
	.global secondary_start
secondary_start:
	mov	x19, x4
	bl	set_up
	bl	mmu_on
	mov	x0, x19
	bl	boot_secondary
	b	.

/* A stack for the CPU that x19 names, and the vectors. */
set_up:
	adrp	x0, stacks
	add	x0, x0, :lo12:stacks
	add	x1, x19, #1
	lsl	x1, x1, #13	/* STACK_SIZE */
	add	x0, x0, x1
	mov	sp, x0
	adr	x0, vectors
	msr	vbar_el1, x0
	isb
	ret

/*
 * void conduit(struct regs *regs): one SMC to the SPMD with x0-x17 from *regs. It returns when the
 * SPMD enters the SPMC again, with the registers of that entry in *regs: what goes out is an
 * answer, what comes back is the next request.
 */
	.global conduit
conduit:
	stp	x29, x30, [sp, #-32]!
	str	x0, [sp, #16]
	mov	x30, x0
	ldp	x0, x1, [x30]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	smc	#0
	ldr	x30, [sp, #16]
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	ldp	x29, x30, [sp], #32
	ret

/*
 * Interrupts stay masked for good (machine.c looks for them), so every exception here is a fault of
 * the SPMC.
 */
	.balign	2048
vectors:
	.rept	16
	.balign	128
	b	fault_entry
	.endr

fault_entry:
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	bl	fault
	b	.

	.bss
	.balign	16
stacks:
	.skip	8 * 8192
