/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_vectors cost_at_switch, general=cost_general, irq=cost_irq, el2=cost_el2, fast=cost_fast
armvirt_vectors cost_deferred, general=cost_general, irq=cost_irq, el2=cost_el2, fast=cost_fast, policy=deferred
armvirt_vectors cost_every_exit, general=cost_general, irq=cost_irq, el2=cost_el2, fast=cost_fast, policy=every_exit

armvirt_vectors cost_apia, general=cost_general, irq=cost_irq, el2=cost_el2, fast=cost_fast, policy=deferred, keys=apia
armvirt_vectors cost_all, general=cost_general, irq=cost_irq, el2=cost_el2, fast=cost_fast, policy=deferred, keys=all

/* unsigned cost_fast(vcpu, esr): hypercalls are answered here, everything else is not. */
armvirt_func cost_fast
	lsr	x1, x1, #26
	cmp	w1, #0x16
	cset	w0, ne
	ret
armvirt_endfunc cost_fast

/*
 * The guest. bench/switch.py knows the paths by the labels: what runs at EL2
 * between path_NAME and the next instruction of the guest belongs to NAME.
 */
armvirt_func guest_paths
	mov	x19, #8
1:
	.globl path_hvc_fast
path_hvc_fast:
	hvc	#0
	.globl path_trap_general
path_trap_general:
	mrs	x20, id_aa64pfr0_el1
	.globl path_trap_abort
path_trap_abort:
	ldr	w21, [x0]
	.globl path_vcpu_switch
path_vcpu_switch:
	smc	#0
	sub	x19, x19, #1
	cbnz	x19, 1b
	.globl path_irq_exit
path_irq_exit:
	b	path_irq_exit
	.globl path_end
path_end:
armvirt_endfunc guest_paths

armvirt_asm_end
