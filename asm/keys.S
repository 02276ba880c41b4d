/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

#define SCTLR_ENIA (1 << 31)
#define SCTLR_ENIB (1 << 30)
#define SCTLR_ENDA (1 << 27)
#define SCTLR_ENDB (1 << 13)

/* x2: keys in memory. Clobbers x4, x5. */
.macro armvirt_key_from_cpu offset:req, lo:req, hi:req
	mrs	x4, \lo
	mrs	x5, \hi
	stp	x4, x5, [x2, #\offset]
.endm

/*
 * void armvirt_hw_el2_keys(struct armvirt_cpu *cpu, const struct armvirt_el2_keys *keys)
 * In: x0 CPU, x1 keys or 0. Nothing may have been signed that is still to be authenticated.
 * Clobbers x2 to x5 and the flags.
 */
armvirt_func armvirt_hw_el2_keys
	str	x1, [x0, #ARMVIRT_CPU_EL2_KEYS]
	mrs	x3, s3_4_c1_c0_0	/* sctlr_el2 */
	mov	w2, #SCTLR_ENDB
	movk	w2, #((SCTLR_ENIA | SCTLR_ENIB | SCTLR_ENDA) >> 16 & 0xffff), lsl #16
	bic	x3, x3, x2
	cbz	x1, 1f
	mov	x2, x1
	armvirt_key_to_guest 0, s3_0_c2_c1_0, s3_0_c2_c1_1
	orr	x3, x3, #0x80000000	/* EnIA */
	ldr	w4, [x1, #ARMVIRT_EL2_KEYS_MODE]
	cmp	w4, #ARMVIRT_KEYS_ALL
	b.ne	1f
	armvirt_other_keys armvirt_key_to_guest
	mov	w2, #SCTLR_ENDB
	movk	w2, #((SCTLR_ENIA | SCTLR_ENIB | SCTLR_ENDA) >> 16 & 0xffff), lsl #16
	orr	x3, x3, x2
1:	isb				/* orders the keys before they are enabled */
	msr	s3_4_c1_c0_0, x3
	isb				/* orders both before anything is signed */
	ret
armvirt_endfunc armvirt_hw_el2_keys

/* All keys but APIA, which EL2 uses: void armvirt_hw_keys_save(struct armvirt_ctx_pauth *p)
 * Clobbers x2, x4, x5. */
armvirt_func armvirt_hw_keys_save
	mov	x2, x0
	armvirt_other_keys armvirt_key_from_cpu
	ret
armvirt_endfunc armvirt_hw_keys_save

/* void armvirt_hw_keys_restore(const struct armvirt_ctx_pauth *p), as above. Clobbers x2, x4, x5. */
armvirt_func armvirt_hw_keys_restore
	mov	x2, x0
	armvirt_other_keys armvirt_key_to_guest
	ret
armvirt_endfunc armvirt_hw_keys_restore

armvirt_asm_end
