/* SPDX-License-Identifier: BSD-2-Clause */
#include "asm/asm.h"

/* uint64_t guest_access(unsigned n, uint64_t value): access n at EL1, and back by HVC. */
armvirt_func guest_access
	stp	x29, x30, [sp, #-16]!
	adrp	x2, accesses
	add	x2, x2, :lo12:accesses
	add	x2, x2, x0, lsl #3
	mov	x3, #0x3c5			/* EL1h, DAIF masked */
	msr	elr_el2, x2
	msr	spsr_el2, x3
	mov	x0, x1
	eret
	dsb	nsh
	isb
armvirt_endfunc guest_access

	.balign	8
accesses:
	.macro	rd reg
	mrs	x0, \reg
	hvc	#0
	.endm
	.macro	wr reg
	msr	\reg, x0
	hvc	#0
	.endm
	rd	s3_0_c12_c8_0			/* 0 ICC_IAR0_EL1 */
	rd	s3_0_c12_c12_0			/* 1 ICC_IAR1_EL1 */
	wr	s3_0_c12_c8_1			/* 2 ICC_EOIR0_EL1 */
	wr	s3_0_c12_c12_1			/* 3 ICC_EOIR1_EL1 */
	wr	s3_0_c12_c11_1			/* 4 ICC_DIR_EL1 */
	wr	s3_0_c4_c6_0			/* 5 ICC_PMR_EL1 */
	wr	s3_0_c12_c8_3			/* 6 ICC_BPR0_EL1 */
	wr	s3_0_c12_c12_3			/* 7 ICC_BPR1_EL1 */
	wr	s3_0_c12_c12_6			/* 8 ICC_IGRPEN0_EL1 */
	wr	s3_0_c12_c12_7			/* 9 ICC_IGRPEN1_EL1 */
	wr	s3_0_c12_c12_4			/* 10 ICC_CTLR_EL1 */
	rd	s3_0_c12_c8_2			/* 11 ICC_HPPIR0_EL1 */
	rd	s3_0_c12_c12_2			/* 12 ICC_HPPIR1_EL1 */
	rd	s3_0_c12_c11_3			/* 13 ICC_RPR_EL1 */
	rd	s3_0_c4_c6_0			/* 14 ICC_PMR_EL1 */
	rd	s3_0_c12_c8_3			/* 15 ICC_BPR0_EL1 */
	rd	s3_0_c12_c12_3			/* 16 ICC_BPR1_EL1 */
	rd	s3_0_c12_c1_0			/* 17 ISR_EL1 */
	wr	s3_0_c12_c12_5			/* 18 ICC_SRE_EL1 */

	.balign	2048
	.globl	vgic_vectors
vgic_vectors:
	.skip	0x400
	ldp	x29, x30, [sp], #16		/* from EL1: x0 is the answer */
	ret
	.balign	2048

armvirt_asm_end
