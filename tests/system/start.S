/* SPDX-License-Identifier: BSD-2-Clause */
#include "asm/asm.h"
#include "system.h"

	.section .text.start, "ax"
	.globl	start
start:
	msr	daifset, #15
	adrp	x1, bss_start
	add	x1, x1, :lo12:bss_start
	adrp	x2, bss_end
	add	x2, x2, :lo12:bss_end
1:	stp	xzr, xzr, [x1], #16
	cmp	x1, x2
	b.lo	1b
	mov	x0, #0
	b	2f
	.globl	start_secondary
start_secondary:			/* x0: number of the CPU */
	msr	daifset, #15
2:	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x2, x0, #1
	add	x1, x1, x2, lsl #STACK_SHIFT
	mov	sp, x1
	cbnz	x0, 3f
	bl	system_main
3:	bl	system_secondary
4:	wfe
	b	4b

/* uint64_t smc_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c) */
armvirt_func smc_call
	smc	#0
	ret
armvirt_endfunc smc_call

/* uint64_t semihost(uint64_t operation, void *block) */
armvirt_func semihost
	hlt	#0xf000
	ret
armvirt_endfunc semihost

	.section .bss.stacks, "aw", %nobits
	.balign	4096
	.globl	stacks
stacks:
	.skip	CPUS << STACK_SHIFT

armvirt_asm_end
