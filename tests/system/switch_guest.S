/* SPDX-License-Identifier: BSD-2-Clause */
#include "asm/asm.h"
#include "switch.h"

	.arch	armv8.1-a+fp+simd

/*
 * The list of registers is the test's own: what the library's table lacks, the
 * test misses. first, second: names at EL1; mask in struct guest.
 */
.macro each_register do:req
	\do	0, sctlr_el1
	\do	1, cpacr_el1
	\do	2, tcr_el1
	\do	3, ttbr0_el1
	\do	4, ttbr1_el1
	\do	5, esr_el1
	\do	6, far_el1
	\do	7, mair_el1
	\do	8, vbar_el1
	\do	9, contextidr_el1
	\do	10, cntkctl_el1
	\do	11, spsr_el1
	\do	12, elr_el1
	\do	13, sp_el0
	\do	14, tpidr_el0
	\do	15, tpidrro_el0
	\do	16, tpidr_el1
	\do	17, par_el1
	\do	18, afsr0_el1
	\do	19, afsr1_el1
	\do	20, amair_el1
.endm

.macro read_one index:req, name:req
	mrs	x1, \name
	str	x1, [x0, #(8 * \index)]
.endm

.macro write_one index:req, name:req
	ldr	x1, [x0, #(8 * \index)]
	msr	\name, x1
.endm

/* void guest_write(const uint64_t values[]); void guest_read(uint64_t values[]) */
armvirt_func guest_write
	each_register write_one
	isb
	ret
armvirt_endfunc guest_write

armvirt_func guest_read
	each_register read_one
	ret
armvirt_endfunc guest_read

/* The deferred virtual SError of cores with FEAT_RAS. */
armvirt_func guest_write_disr
	msr	s3_0_c12_c1_1, x0
	ret
armvirt_endfunc guest_write_disr

armvirt_func guest_read_disr
	mrs	x0, s3_0_c12_c1_1
	ret
armvirt_endfunc guest_read_disr

/*
 * Optional sets, each if its bit is in the mask: void guest_write_sets(const
 * uint64_t values[], unsigned sets), void guest_read_sets(uint64_t values[], unsigned sets).
 */
.macro each_optional do:req
	tbz	w2, #SETS_AUX, 1f
	\do	0, csselr_el1
1:	tbz	w2, #SETS_PAUTH, 1f
	\do	1, s3_0_c2_c1_0		/* APIAKeyLo_EL1 */
	\do	2, s3_0_c2_c1_1
	\do	3, s3_0_c2_c1_2		/* APIBKeyLo_EL1 */
	\do	4, s3_0_c2_c1_3
	\do	5, s3_0_c2_c2_0		/* APDAKeyLo_EL1 */
	\do	6, s3_0_c2_c2_1
	\do	7, s3_0_c2_c2_2		/* APDBKeyLo_EL1 */
	\do	8, s3_0_c2_c2_3
	\do	9, s3_0_c2_c3_0		/* APGAKeyLo_EL1 */
	\do	10, s3_0_c2_c3_1
1:	tbz	w2, #SETS_SCXT, 1f
	\do	11, s3_0_c13_c0_7	/* SCXTNUM_EL1 */
	\do	12, s3_3_c13_c0_7	/* SCXTNUM_EL0 */
1:	tbz	w2, #SETS_DEBUG, 1f
	\do	13, mdscr_el1
	\do	14, dbgbvr0_el1
	\do	15, dbgbcr0_el1
	\do	16, dbgbvr1_el1
	\do	17, dbgbcr1_el1
	\do	18, dbgwvr0_el1
	\do	19, dbgwcr0_el1
	\do	20, dbgwvr1_el1
	\do	21, dbgwcr1_el1
1:	tbz	w2, #SETS_PMU, 1f
	\do	22, pmuserenr_el0
	\do	23, pmselr_el0
	\do	24, pmccntr_el0
	\do	25, pmccfiltr_el0
	\do	26, pmevcntr0_el0
	\do	27, pmevtyper0_el0
	\do	28, pmevcntr1_el0
	\do	29, pmevtyper1_el0
	\do	30, pmintenset_el1
	\do	31, pmovsset_el0
	\do	32, pmcntenset_el0
1:	tbz	w2, #SETS_TIMER, 1f
	\do	33, cntv_cval_el0
	\do	34, cntv_ctl_el0
	\do	35, cntp_cval_el0
	\do	36, cntp_ctl_el0
1:	tbz	w2, #SETS_MTE, 1f
	\do	37, s3_0_c5_c6_0		/* TFSR_EL1 */
	\do	38, s3_0_c5_c6_1		/* TFSRE0_EL1 */
	\do	39, s3_0_c1_c0_5		/* RGSR_EL1 */
	\do	40, s3_0_c1_c0_6		/* GCR_EL1 */
1:
.endm

armvirt_func guest_write_sets
	mov	w2, w1
	tbz	w2, #SETS_PMU, 1f
	mov	x1, #-1			/* of the pairs for setting and clearing */
	msr	pmintenclr_el1, x1
	msr	pmovsclr_el0, x1
	msr	pmcntenclr_el0, x1
1:	each_optional write_one
	isb
	ret
armvirt_endfunc guest_write_sets

armvirt_func guest_read_sets
	mov	w2, w1
	each_optional read_one
	ret
armvirt_endfunc guest_read_sets

.macro all_but_x29 op:req, from:req
	\op	x2, x3, [x29, #(\from + 16)]
	\op	x4, x5, [x29, #(\from + 32)]
	\op	x6, x7, [x29, #(\from + 48)]
	\op	x8, x9, [x29, #(\from + 64)]
	\op	x10, x11, [x29, #(\from + 80)]
	\op	x12, x13, [x29, #(\from + 96)]
	\op	x14, x15, [x29, #(\from + 112)]
	\op	x16, x17, [x29, #(\from + 128)]
	\op	x18, x19, [x29, #(\from + 144)]
	\op	x20, x21, [x29, #(\from + 160)]
	\op	x22, x23, [x29, #(\from + 176)]
	\op	x24, x25, [x29, #(\from + 192)]
	\op	x26, x27, [x29, #(\from + 208)]
.endm

/*
 * void guest_round(struct guest *g, uint64_t spin): canaries into the general
 * registers and NZCV, a hypercall (spin = 0) or a loop during which interrupts
 * come, and everything back to memory. X29 points at the canaries: if it is lost, nothing works.
 */
armvirt_func guest_round
	stp	x29, x30, [sp, #-112]!
	stp	x27, x28, [sp, #16]
	stp	x25, x26, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x21, x22, [sp, #64]
	stp	x19, x20, [sp, #80]
	str	x18, [sp, #96]
	mov	x29, x0
	cbnz	x1, 2f
	ldr	x2, [x29, #GUEST_NZCV]
	msr	nzcv, x2
	all_but_x29 ldp, GUEST_X
	ldp	x0, x1, [x29, #GUEST_X]
	ldr	x28, [x29, #(GUEST_X + 8 * 28)]
	ldr	x30, [x29, #(GUEST_X + 8 * 30)]
	hvc	#0
	stp	x0, x1, [x29, #GUEST_OUT]
	b	3f
2:	all_but_x29 ldp, GUEST_X
	ldr	x28, [x29, #(GUEST_X + 8 * 28)]
	ldr	x30, [x29, #(GUEST_X + 8 * 30)]
	ldr	x0, [x29, #GUEST_NZCV]
	msr	nzcv, x0
	ldr	x0, [x29, #GUEST_X]
4:	sub	x1, x1, #1		/* NZCV is a canary too */
	cbnz	x1, 4b
	ldr	x1, [x29, #(GUEST_X + 8)]
	stp	x0, x1, [x29, #GUEST_OUT]
3:	all_but_x29 stp, GUEST_OUT
	str	x28, [x29, #(GUEST_OUT + 8 * 28)]
	str	x30, [x29, #(GUEST_OUT + 8 * 30)]
	mrs	x0, nzcv
	str	x0, [x29, #GUEST_NZCV_OUT]
	ldr	x18, [sp, #96]
	ldp	x19, x20, [sp, #80]
	ldp	x21, x22, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #32]
	ldp	x27, x28, [sp, #16]
	ldp	x29, x30, [sp], #112
	ret
armvirt_endfunc guest_round

/* void guest_fp_load(const struct guest_fp *), guest_fp_store(struct guest_fp *) */
.macro fp_pairs op:req
	\op	q0, q1, [x0]
	\op	q2, q3, [x0, #32]
	\op	q4, q5, [x0, #64]
	\op	q6, q7, [x0, #96]
	\op	q8, q9, [x0, #128]
	\op	q10, q11, [x0, #160]
	\op	q12, q13, [x0, #192]
	\op	q14, q15, [x0, #224]
	\op	q16, q17, [x0, #256]
	\op	q18, q19, [x0, #288]
	\op	q20, q21, [x0, #320]
	\op	q22, q23, [x0, #352]
	\op	q24, q25, [x0, #384]
	\op	q26, q27, [x0, #416]
	\op	q28, q29, [x0, #448]
	\op	q30, q31, [x0, #480]
.endm

armvirt_func guest_fp_load
	fp_pairs ldp
	ldr	x1, [x0, #512]
	ldr	x2, [x0, #520]
	msr	fpcr, x1
	msr	fpsr, x2
	ret
armvirt_endfunc guest_fp_load

armvirt_func guest_fp_store
	fp_pairs stp
	mrs	x1, fpcr
	mrs	x2, fpsr
	str	x1, [x0, #512]
	str	x2, [x0, #520]
	ret
armvirt_endfunc guest_fp_store

	.arch	armv8.2-a+sve

/* void guest_sve_load(const struct guest_sve *), guest_sve_store(struct guest_sve *) */
.macro sve_registers op:req
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	z\n, [x0, #\n, mul vl]
	.endr
	rdvl	x1, #31
	add	x1, x1, x0
	rdvl	x2, #1
	add	x1, x1, x2
.endm

armvirt_func guest_sve_load
	sve_registers ldr
	ldr	p5, [x1, #16, mul vl]
	wrffr	p5.b
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	ldr	p\n, [x1, #\n, mul vl]
	.endr
	ret
armvirt_endfunc guest_sve_load

armvirt_func guest_sve_store
	sve_registers str
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	str	p\n, [x1, #\n, mul vl]
	.endr
	rdffr	p5.b
	str	p5, [x1, #16, mul vl]
	ldr	p5, [x1, #5, mul vl]
	ret
armvirt_endfunc guest_sve_store

armvirt_func guest_set_zcr
	msr	s3_0_c1_c2_0, x0
	isb
	rdvl	x0, #1
	ret
armvirt_endfunc guest_set_zcr

armvirt_func guest_get_zcr
	mrs	x0, s3_0_c1_c2_0
	ret
armvirt_endfunc guest_get_zcr

/* The hypervisor skips both, as nobody has given this guest SVE: x0 and x1 stay. */
armvirt_func guest_try_sve
	rdvl	x0, #1
	mrs	x1, s3_0_c1_c2_0
	ret
armvirt_endfunc guest_try_sve

/* Nobody has SME: x0 stays. */
armvirt_func guest_try_sme
	.inst	0x04bf5820		/* rdsvl x0, #1 */
	ret
armvirt_endfunc guest_try_sme

/* void guest_report(index, expected, found): to the hypervisor, for good */
armvirt_func guest_report
	hvc	#1
	b	.
armvirt_endfunc guest_report

/* First instruction of a guest: x0 its structure, x1 its stack. */
armvirt_func guest_entry
	mov	sp, x1
	bl	guest_main
armvirt_endfunc guest_entry

armvirt_asm_end
