/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/fixup.h>
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_vectors vectors_tail, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, fixups=armvirt_hw_fixups
armvirt_vectors vectors_deferred, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=deferred, harden=loop, fixups=test_fixups
armvirt_vectors vectors_window, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=every_exit, scrub=1, fixups=test_fixups
armvirt_vectors vectors_return, general=armvirt_vcpu_leave, irq=on_irq, el2=on_el2, fast=on_fast, nested=1, fixups=test_fixups

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
