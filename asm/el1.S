/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_layout.h>
#include "asm/asm.h"

/*
 * void armvirt_hw_el1_save_e2h0(struct armvirt_el1 *, uint64_t has), ..._e2h1, and restore.
 * EL1 and EL0 registers between the CPU and memory, in the order of the
 * structure; each clone uses the names that reach EL1 in its E2H mode. The
 * last ones only if the CPU has them. Clobbers x2, x3. No barrier: the caller
 * orders walks, ERET synchronises.
 */
.macro armvirt_el1_list pair:req, single:req, e2h:req
	.if \e2h
	\pair	0, s3_5_c1_c0_0, s3_5_c1_c0_2	/* SCTLR_EL12, CPACR_EL12 */
	\pair	16, s3_5_c2_c0_2, s3_5_c2_c0_0	/* TCR_EL12, TTBR0_EL12 */
	\pair	32, s3_5_c2_c0_1, s3_5_c5_c2_0	/* TTBR1_EL12, ESR_EL12 */
	\pair	48, s3_5_c6_c0_0, s3_5_c10_c2_0	/* FAR_EL12, MAIR_EL12 */
	\pair	64, s3_5_c12_c0_0, s3_5_c13_c0_1	/* VBAR_EL12, CONTEXTIDR_EL12 */
	\pair	80, s3_5_c14_c1_0, s3_5_c4_c0_0	/* CNTKCTL_EL12, SPSR_EL12 */
	\pair	96, s3_5_c4_c0_1, sp_el1	/* ELR_EL12 */
	.else
	\pair	0, sctlr_el1, cpacr_el1
	\pair	16, tcr_el1, ttbr0_el1
	\pair	32, ttbr1_el1, esr_el1
	\pair	48, far_el1, mair_el1
	\pair	64, vbar_el1, contextidr_el1
	\pair	80, cntkctl_el1, spsr_el1
	\pair	96, elr_el1, sp_el1
	.endif
	\pair	112, sp_el0, tpidr_el0
	\pair	128, tpidrro_el0, tpidr_el1
	\single	144, par_el1
	tbz	x1, #ARMVIRT_CPU_RAS, 1f
	\single	152, s3_4_c12_c1_1	/* VDISR_EL2 */
1:	tbz	x1, #ARMVIRT_CPU_IMPDEF, 2f
	.if \e2h
	\pair	160, s3_5_c5_c1_0, s3_5_c5_c1_1	/* AFSR0_EL12, AFSR1_EL12 */
	\single	176, s3_5_c10_c3_0	/* AMAIR_EL12 */
	.else
	\pair	160, afsr0_el1, afsr1_el1
	\single	176, amair_el1
	.endif
2:	ret
.endm

.macro armvirt_pair_save offset:req, first:req, second:req
	mrs	x2, \first
	mrs	x3, \second
	stp	x2, x3, [x0, #\offset]
.endm

.macro armvirt_single_save offset:req, name:req
	mrs	x2, \name
	str	x2, [x0, #\offset]
.endm

.macro armvirt_pair_restore offset:req, first:req, second:req
	ldp	x2, x3, [x0, #\offset]
	msr	\first, x2
	msr	\second, x3
.endm

.macro armvirt_single_restore offset:req, name:req
	ldr	x2, [x0, #\offset]
	msr	\name, x2
.endm

armvirt_func armvirt_hw_el1_save_e2h0
	armvirt_el1_list armvirt_pair_save, armvirt_single_save, 0
armvirt_endfunc armvirt_hw_el1_save_e2h0

armvirt_func armvirt_hw_el1_restore_e2h0
	armvirt_el1_list armvirt_pair_restore, armvirt_single_restore, 0
armvirt_endfunc armvirt_hw_el1_restore_e2h0

armvirt_func armvirt_hw_el1_save_e2h1
	armvirt_el1_list armvirt_pair_save, armvirt_single_save, 1
armvirt_endfunc armvirt_hw_el1_save_e2h1

armvirt_func armvirt_hw_el1_restore_e2h1
	armvirt_el1_list armvirt_pair_restore, armvirt_single_restore, 1
armvirt_endfunc armvirt_hw_el1_restore_e2h1

armvirt_asm_end
