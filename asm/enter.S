/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

/*
 * The call/return form: the registers that C must find again wait on the
 * caller's stack, whose pointer is the vCPU's host stack meanwhile.
 */
.macro armvirt_callee_saved op:req
	\op	x18, x19, [sp, #16]
	\op	x20, x21, [sp, #32]
	\op	x22, x23, [sp, #48]
	\op	x24, x25, [sp, #64]
	\op	x26, x27, [sp, #80]
	\op	x28, x29, [sp, #96]
.endm

/* Where they are, for an unwinder that stops at the guest's exit. */
.macro armvirt_callee_saved_at
	.irp	r, 19,20,21,22,23,24,25,26,27,28,29,30
	.cfi_rel_offset \r, (\r - 18) * 8 + 16
	.endr
.endm

/*
 * unsigned armvirt_vcpu_enter(struct armvirt_vcpu *vcpu)
 * In: x0 vCPU, loaded. Out: w0 cause | answer << 8. Clobbers what C lets it.
 */
armvirt_func armvirt_vcpu_enter
	sub	sp, sp, #128
	.cfi_adjust_cfa_offset 128
	armvirt_callee_saved stp
	str	x30, [sp, #112]
	armvirt_callee_saved_at
	mov	x1, sp
	str	x1, [x0, #ARMVIRT_VCPU_HOST_SP]
	b	armvirt_vcpu_resume
armvirt_endfunc armvirt_vcpu_enter

/*
 * unsigned armvirt_vcpu_enter_unless_pending(struct armvirt_vcpu *vcpu)
 * In: x0 vCPU, loaded. Out: w0 cause | answer << 8. Clobbers what C lets it.
 */
armvirt_func armvirt_vcpu_enter_unless_pending
	msr	daifset, #15		/* what comes from here on is found below, or leaves the guest */
	dsb	nshst			/* orders stores of EL2, and what they break, before the look */
	isb				/* orders the look behind them */
	mrs	x1, isr_el1
	cbnz	x1, 1f
	b	armvirt_vcpu_enter
1:	ubfx	x1, x1, #6, #5		/* F, I, A, FS, IS */
	mov	w0, #ARMVIRT_CAUSE_PENDING
	orr	w0, w0, w1, lsl #8
	ret
armvirt_endfunc armvirt_vcpu_enter_unless_pending

/*
 * The general handler of tables for the call/return form.
 * In: x0 vCPU, w1 cause, w2 answer; SP as armvirt_vcpu_enter() left it. Out: w0 cause | answer << 8.
 */
armvirt_func armvirt_vcpu_leave, stack=128
	armvirt_callee_saved_at
	armvirt_callee_saved ldp
	ldr	x30, [sp, #112]
	.irp	r, 19,20,21,22,23,24,25,26,27,28,29,30
	.cfi_restore \r
	.endr
	add	sp, sp, #128
	.cfi_adjust_cfa_offset -128
	orr	w0, w1, w2, lsl #8
	ret
armvirt_endfunc armvirt_vcpu_leave

armvirt_asm_end
