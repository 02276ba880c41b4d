/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and vectors of a real-time guest: EL1h, MMU off. */
#include "rt.h"

	.section .text.start, "ax"
	.globl	start
start:
	adr	x4, vectors
	msr	vbar_el1, x4
	movz	x4, #(RT_REPORT_IPA >> 16), lsl #16
	movk	x4, #(RT_REPORT_IPA & 0xffff)
	mov	sp, x4
	isb
	bl	rt_main
1:	wfi
	b	1b

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
	.rept	5
	slot	rt_fault
	.endr
	slot	rt_irq
	.rept	10
	slot	rt_fault
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
	dsb	nsh
	isb
