/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_layout.h>
#include "asm/asm.h"

	.arch	armv8-a+fp+simd

/* void armvirt_hw_fp_save(struct armvirt_fp *fp): FP must not trap. Clobbers x1, x2. */
armvirt_func armvirt_hw_fp_save
	stp	q0, q1, [x0, #ARMVIRT_FP_V(0)]
	stp	q2, q3, [x0, #ARMVIRT_FP_V(2)]
	stp	q4, q5, [x0, #ARMVIRT_FP_V(4)]
	stp	q6, q7, [x0, #ARMVIRT_FP_V(6)]
	stp	q8, q9, [x0, #ARMVIRT_FP_V(8)]
	stp	q10, q11, [x0, #ARMVIRT_FP_V(10)]
	stp	q12, q13, [x0, #ARMVIRT_FP_V(12)]
	stp	q14, q15, [x0, #ARMVIRT_FP_V(14)]
	stp	q16, q17, [x0, #ARMVIRT_FP_V(16)]
	stp	q18, q19, [x0, #ARMVIRT_FP_V(18)]
	stp	q20, q21, [x0, #ARMVIRT_FP_V(20)]
	stp	q22, q23, [x0, #ARMVIRT_FP_V(22)]
	stp	q24, q25, [x0, #ARMVIRT_FP_V(24)]
	stp	q26, q27, [x0, #ARMVIRT_FP_V(26)]
	stp	q28, q29, [x0, #ARMVIRT_FP_V(28)]
	stp	q30, q31, [x0, #ARMVIRT_FP_V(30)]
	mrs	x1, fpsr
	mrs	x2, fpcr
	str	x1, [x0, #ARMVIRT_FP_FPSR]
	str	x2, [x0, #ARMVIRT_FP_FPCR]
	ret
armvirt_endfunc armvirt_hw_fp_save

/* void armvirt_hw_fp_restore(const struct armvirt_fp *fp): FP must not trap. Clobbers x1, x2, q0 to q31. */
armvirt_func armvirt_hw_fp_restore
	ldp	q0, q1, [x0, #ARMVIRT_FP_V(0)]
	ldp	q2, q3, [x0, #ARMVIRT_FP_V(2)]
	ldp	q4, q5, [x0, #ARMVIRT_FP_V(4)]
	ldp	q6, q7, [x0, #ARMVIRT_FP_V(6)]
	ldp	q8, q9, [x0, #ARMVIRT_FP_V(8)]
	ldp	q10, q11, [x0, #ARMVIRT_FP_V(10)]
	ldp	q12, q13, [x0, #ARMVIRT_FP_V(12)]
	ldp	q14, q15, [x0, #ARMVIRT_FP_V(14)]
	ldp	q16, q17, [x0, #ARMVIRT_FP_V(16)]
	ldp	q18, q19, [x0, #ARMVIRT_FP_V(18)]
	ldp	q20, q21, [x0, #ARMVIRT_FP_V(20)]
	ldp	q22, q23, [x0, #ARMVIRT_FP_V(22)]
	ldp	q24, q25, [x0, #ARMVIRT_FP_V(24)]
	ldp	q26, q27, [x0, #ARMVIRT_FP_V(26)]
	ldp	q28, q29, [x0, #ARMVIRT_FP_V(28)]
	ldp	q30, q31, [x0, #ARMVIRT_FP_V(30)]
	ldr	x1, [x0, #ARMVIRT_FP_FPSR]
	ldr	x2, [x0, #ARMVIRT_FP_FPCR]
	msr	fpsr, x1
	msr	fpcr, x2
	ret
armvirt_endfunc armvirt_hw_fp_restore

armvirt_asm_end
