/* SPDX-License-Identifier: BSD-2-Clause */
#include "asm/asm.h"
#include "trap.h"

/* void native_run(struct native *n): enters it, and returns when EL2 takes an exception. */
armvirt_func native_run
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #96]
	ldp	x1, x2, [x0, #NATIVE_PC]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	ldp	x2, x3, [x0, #16]
	ldp	x16, x20, [x0, #128]
	ldr	x22, [x0, #176]
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret
	dsb	nsh
	isb
armvirt_endfunc native_run

/* x0, x1 of the guest are on the stack; x1 is the vector's number. */
armvirt_func native_left
	ldr	x0, [sp, #16 + 96]
	str	x1, [x0, #NATIVE_VECTOR]
	stp	x2, x3, [x0, #16]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x29, x30, [x0, #232]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x2, x3, [x0, #NATIVE_PC]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret
armvirt_endfunc native_left

	.section .text.trap_vectors, "ax"
	.balign	2048
	.globl	trap_vectors
trap_vectors:
	.set	n, 0
	.rept	16
	.balign	128
	stp	x0, x1, [sp, #-16]!
	mov	x1, #n
	b	native_left
	.set	n, n + 1
	.endr

/* Every vector of the guest leaves at once. */
	.balign	2048
	.globl	guest_vectors
guest_vectors:
	.rept	16
	.balign	128
	hvc	#0x77
	.endr

	.balign	32
	.globl	guest_vectors32
guest_vectors32:			/* A32: each vector has its mrs r0, spsr; hvc #0 */
	.set	n, 0
	.rept	8
	.inst	0xea000006 + n
	.set	n, n + 1
	.endr
	.rept	8
	.inst	0xe14f0000, 0xe1400070
	.endr

armvirt_asm_end
