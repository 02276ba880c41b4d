/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_layout.h>
#include "asm/asm.h"

	.arch	armv8.2-a+sve

/* Z0 to Z31 at x0, the predicates behind them and FFR as a seventeenth, at x1. */
.macro armvirt_sve_vectors op:req
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	z\n, [x0, #\n, mul vl]
	.endr
.endm

.macro armvirt_sve_predicates op:req
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\op	p\n, [x2, #\n, mul vl]
	.endr
.endm

/*
 * void armvirt_hw_sve_save(void *area, struct armvirt_fp *fp): SVE must not trap, ZCR_EL2 is the
 * owner's. Of fp only FPSR and FPCR. Clobbers x2 to x4, and p0 until it is back.
 */
armvirt_func armvirt_hw_sve_save
	armvirt_sve_vectors str
	addvl	x2, x0, #16
	addvl	x2, x2, #16
	armvirt_sve_predicates str
	rdffr	p0.b
	str	p0, [x2, #16, mul vl]
	ldr	p0, [x2]
	mrs	x3, fpsr
	mrs	x4, fpcr
	str	x3, [x1, #ARMVIRT_FP_FPSR]
	str	x4, [x1, #ARMVIRT_FP_FPCR]
	ret
armvirt_endfunc armvirt_hw_sve_save

/*
 * void armvirt_hw_sve_restore(const void *area, const struct armvirt_fp *fp), as above.
 * Clobbers x2 to x4, z0 to z31, p0 to p15.
 */
armvirt_func armvirt_hw_sve_restore
	armvirt_sve_vectors ldr
	addvl	x2, x0, #16
	addvl	x2, x2, #16
	ldr	p0, [x2, #16, mul vl]
	wrffr	p0.b
	armvirt_sve_predicates ldr
	ldr	x3, [x1, #ARMVIRT_FP_FPSR]
	ldr	x4, [x1, #ARMVIRT_FP_FPCR]
	msr	fpsr, x3
	msr	fpcr, x4
	ret
armvirt_endfunc armvirt_hw_sve_restore

/* unsigned armvirt_hw_sve_vl(void): bytes of a vector at EL2. SVE must not trap. */
armvirt_func armvirt_hw_sve_vl
	rdvl	x0, #1
	ret
armvirt_endfunc armvirt_hw_sve_vl

armvirt_asm_end
