/* SPDX-License-Identifier: BSD-2-Clause */
#include "asm_call.h"
#include "asm/asm.h"

	.arch	armv8-a+fp+simd

/* Q0 to Q31 at base; op is stp or ldp. */
.macro vectors op:req, base:req
	\op	q0, q1, [\base]
	\op	q2, q3, [\base, #32]
	\op	q4, q5, [\base, #64]
	\op	q6, q7, [\base, #96]
	\op	q8, q9, [\base, #128]
	\op	q10, q11, [\base, #160]
	\op	q12, q13, [\base, #192]
	\op	q14, q15, [\base, #224]
	\op	q16, q17, [\base, #256]
	\op	q18, q19, [\base, #288]
	\op	q20, q21, [\base, #320]
	\op	q22, q23, [\base, #352]
	\op	q24, q25, [\base, #384]
	\op	q26, q27, [\base, #416]
	\op	q28, q29, [\base, #448]
	\op	q30, q31, [\base, #480]
.endm

/* X0 to X29 but for X18, the platform's, at base. */
.macro integers op:req, base:req
	\op	x0, x1, [\base]
	\op	x2, x3, [\base, #16]
	\op	x4, x5, [\base, #32]
	\op	x6, x7, [\base, #48]
	\op	x8, x9, [\base, #64]
	\op	x10, x11, [\base, #80]
	\op	x12, x13, [\base, #96]
	\op	x14, x15, [\base, #112]
	\op	x16, x17, [\base, #128]
	\op	x20, x21, [\base, #160]
	\op	x22, x23, [\base, #176]
	\op	x24, x25, [\base, #192]
	\op	x26, x27, [\base, #208]
	\op	x28, x29, [\base, #224]
.endm

/*
 * void asm_call(asm_routine *routine, struct asm_registers *r)
 * Calls the routine with all registers of r, and puts into r what it left.
 */
armvirt_func asm_call
	stp	x29, x30, [sp, #-192]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	str	x1, [sp, #160]
	str	x0, [sp, #168]
	mrs	x2, fpcr
	str	x2, [sp, #176]

	add	x2, x1, #ASM_V
	vectors ldp, x2
	ldp	x3, x4, [x1, #ASM_FPSR]
	msr	fpsr, x3
	msr	fpcr, x4
	ldr	x3, [x1, #ASM_NZCV]
	msr	nzcv, x3
	mov	x30, x1
	integers ldp, x30
	ldr	x19, [x30, #152]
	ldr	x30, [sp, #168]
	blr	x30

	ldr	x30, [sp, #160]
	integers stp, x30
	str	x19, [x30, #152]
	mrs	x3, nzcv
	str	x3, [x30, #ASM_NZCV]
	mrs	x3, fpsr
	mrs	x4, fpcr
	stp	x3, x4, [x30, #ASM_FPSR]
	add	x2, x30, #ASM_V
	vectors stp, x2

	ldr	x2, [sp, #176]
	msr	fpcr, x2
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x29, x30, [sp], #192
	ret
armvirt_endfunc asm_call

/*
 * In: x0 area and x1 FPSR, FPCR to load; x5 and x6 the same to store. What C could do between the
 * two would change vectors. Clobbers x0 to x4.
 */
armvirt_func asm_sve_through
	stp	x29, x30, [sp, #-16]!
	bl	armvirt_hw_sve_restore
	mov	x0, x5
	mov	x1, x6
	bl	armvirt_hw_sve_save
	bl	armvirt_hw_sve_save	/* the first one has left P0 as it was */
	ldp	x29, x30, [sp], #16
	ret
armvirt_endfunc asm_sve_through

armvirt_asm_end
