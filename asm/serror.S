/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

armvirt_patches_begin armvirt_hw_serror_patches

/*
 * uint64_t armvirt_hw_serror_sync(void)
 * Takes an SError that is pending, without FEAT_RAS. Out: its syndrome, or 0.
 * ELR_EL2, SPSR_EL2 and ESR_EL2 are as before. Clobbers x0 to x4.
 * SCR_EL3 or HCR_EL2.AMO routes it to EL2, whose vectors know the window.
 */
armvirt_func armvirt_hw_serror_sync
	dsb	sy			/* orders accesses of the guest before the look at ISR */
	isb
	mrs	x1, isr_el1
	mov	x0, xzr
	tbz	w1, #8, 1f
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	mrs	x4, esr_el2
	msr	daifclr, #4
	.globl	armvirt_serror_window
	.hidden	armvirt_serror_window
armvirt_serror_window:
	isb				/* it is taken here */
	msr	daifset, #4
	msr	elr_el2, x2
	msr	spsr_el2, x3
	msr	esr_el2, x4
1:	ret
armvirt_endfunc armvirt_hw_serror_sync

/* From the SError vector, when ELR_EL2 is in the window: back to it, masked, syndrome in x0. */
armvirt_func armvirt_serror_taken
	.hidden	armvirt_serror_taken
	mrs	x0, esr_el2
	mrs	x1, spsr_el2
	orr	x1, x1, #(1 << 8)	/* PSTATE.A */
	msr	spsr_el2, x1
	adr	x1, armvirt_serror_window
	add	x1, x1, #8
	msr	elr_el2, x1
	eret
	armvirt_speculation_barrier
armvirt_endfunc armvirt_serror_taken

armvirt_patches_end armvirt_hw_serror_patches
armvirt_asm_end
