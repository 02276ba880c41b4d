/* SPDX-License-Identifier: BSD-2-Clause */
/* Start and vectors of the bare guests: EL1h, MMU off, one stack a CPU. */

	.section .text.start, "ax"
	.globl	start
start:
	adr	x1, vectors
	msr	vbar_el1, x1
	adr	x1, stacks_end
	mov	sp, x1
	isb
	bl	guest_main
	mov	x0, #0
	b	guest_power_off

	/* A second CPU, from PSCI CPU_ON: x0 is its stack. */
	.globl	start_second
start_second:
	adr	x1, vectors
	msr	vbar_el1, x1
	mov	sp, x0
	isb
	bl	guest_second
1:	wfi
	b	1b

	.globl	guest_power_off
guest_power_off:
	movz	w0, #0x8400, lsl #16
	movk	w0, #0x0008
	hvc	#0
2:	wfi
	b	2b

	/* struct smc_result { x[4] } smccc(uint64_t x[4]): by HVC, or SMC */
	.globl	guest_hvc
guest_hvc:
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	ldp	x2, x3, [x19, #16]
	ldp	x0, x1, [x19]
	hvc	#0
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	ldp	x19, x30, [sp], #16
	ret

	.globl	guest_smc
guest_smc:
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	ldp	x2, x3, [x19, #16]
	ldp	x0, x1, [x19]
	smc	#0
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	ldp	x19, x30, [sp], #16
	ret

	/* Saves what C may change, calls C, goes on. */
	.macro	slot handler
	.balign	128
	sub	sp, sp, #192
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	bl	\handler
	b	leave
	.endm

	.balign	2048
vectors:
	.rept	4
	slot	guest_fault
	.endr
	slot	guest_fault
	slot	guest_irq
	slot	guest_fault
	slot	guest_fault
	.rept	8
	slot	guest_fault
	.endr

leave:
	ldp	x18, x30, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #192
	eret

	.bss
	.balign	16
	.skip	32768
stacks_end:
