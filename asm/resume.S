/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

armvirt_patches_begin armvirt_hw_resume_patches

/*
 * void armvirt_vcpu_resume(struct armvirt_vcpu *vcpu), noreturn
 * In: x0 vCPU, its state loaded; any stack. Out: the guest runs, SP_EL2 = vcpu.
 */
armvirt_func armvirt_vcpu_resume
	msr	daifset, #15		/* nothing may come between SPSR_EL2 and ERET */
	ldr	x1, [x0, #ARMVIRT_VCPU_HOST_SP]
	ldp	x2, x3, [x0, #ARMVIRT_VCPU_PC]
	ldr	w4, [x0, #ARMVIRT_VCPU_MODES]
	str	x0, [x1]		/* exits find the vCPU there */
	lsr	w4, w4, w3		/* shifts by M[4:0] */
	tbz	w4, #0, 2f
1:	msr	elr_el2, x2
	msr	spsr_el2, x3
	mov	sp, x0
	ldr	x2, [x0, #ARMVIRT_VCPU_KEYS]
	cbnz	x2, 3f
4:
	armvirt_fill_rest
	armvirt_fill_volatile
	eret
	armvirt_speculation_barrier

	/* Such a PSTATE would stay at EL2: the guest gets an illegal state at EL1h instead. */
2:	mov	x3, #0x3c5		/* DAIF, EL1h */
	movk	x3, #0x10, lsl #16	/* IL */
	str	x3, [x0, #ARMVIRT_VCPU_PSTATE]
	b	1b

	/* EL2 has keys of its own: the guest's are in memory. */
3:	ldr	x3, [x0, #(ARMVIRT_VCPU_KEYS + 8)]
	ldr	w3, [x3, #ARMVIRT_EL2_KEYS_MODE]
	armvirt_key_to_guest 0, s3_0_c2_c1_0, s3_0_c2_c1_1
	cmp	w3, #ARMVIRT_KEYS_ALL
	b.ne	4b
	armvirt_other_keys armvirt_key_to_guest
	b	4b
armvirt_endfunc armvirt_vcpu_resume

armvirt_patches_end armvirt_hw_resume_patches
armvirt_asm_end
