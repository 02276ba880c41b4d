/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/fixup.h>
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_patches_begin patched_patches
armvirt_vectors vectors_patched, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=patched, harden=patched, fixups=test_fixups
armvirt_patches_end patched_patches
armvirt_vectors vectors_tail, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, fixups=armvirt_hw_fixups
armvirt_vectors vectors_deferred, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=deferred, harden=loop, fixups=test_fixups
armvirt_vectors vectors_window, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=every_exit, scrub=1, fixups=test_fixups
armvirt_vectors vectors_return, general=armvirt_vcpu_leave, irq=on_irq, el2=on_el2, fast=on_fast, nested=1, fixups=test_fixups

/* EL1's: an exception from EL1 with SP_EL1 says so to EL2. */
	.balign	2048
	.globl	illegal_vectors
illegal_vectors:
	.skip	0x200
	hvc	#2
	b	.
	.balign	2048

/* uint64_t patch_me(void): 1, or 2 where the first capability of the user is there, 3 with the next. */
	.section .text.vectors, "ax"
armvirt_vectors vectors_apia, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, keys=apia, fixups=test_fixups
armvirt_vectors vectors_all, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=deferred, harden=loop, keys=all, fixups=test_fixups
armvirt_vectors vectors_apia_return, general=armvirt_vcpu_leave, irq=on_irq, el2=on_el2, fast=on_fast, scrub=1, nested=1, keys=apia, fixups=test_fixups
	.text

armvirt_patches_begin own_patches
armvirt_func patch_me
1:	mov	x0, #1
	nop
	nop
2:
	armvirt_patch ARMVIRT_PATCH_USER, 1b, 2b, "mov x0, #2"
	armvirt_patch ARMVIRT_PATCH_USER + 1, 1b, 2b, "mov x0, #1; add x0, x0, #2"
	ret
armvirt_endfunc patch_me
armvirt_patches_end own_patches

armvirt_fixups_begin test_fixups
armvirt_probe test_fixups, probe_load, ldr x0, [x0]
armvirt_probe test_fixups, probe_store, str x1, [x0]
armvirt_probe test_fixups, probe_absent, mrs x0, s3_4_c7_c0_0
armvirt_probe test_fixups, probe_present, mrs x0, midr_el1
armvirt_fixups_end test_fixups

/* uint64_t window_taken(const char *vector, uint64_t esr) */
armvirt_func window_taken
	mrs	x2, elr_el2		/* as armvirt_hw_serror_sync() keeps them */
	mrs	x3, spsr_el2
	mrs	x4, esr_el2
	msr	esr_el2, x1
	adrp	x5, armvirt_serror_window
	add	x5, x5, :lo12:armvirt_serror_window
	msr	elr_el2, x5
	mov	x5, #0x2c9		/* EL2h, A open */
	msr	spsr_el2, x5
	br	x0
armvirt_endfunc window_taken

armvirt_asm_end
