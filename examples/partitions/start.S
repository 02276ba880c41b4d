/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the kernel, its vectors and its stack. QEMU enters CPU 0 with the MMU off. */
#include <libarmvirt/vectors.h>

	.section .text.start, "ax"
	.globl	start
	.type	start, %function
start:
	bti	c
	msr	daifset, #15
	adrp	x1, stack_end
	add	x1, x1, :lo12:stack_end
	mov	sp, x1
	adrp	x1, bss_start
	add	x1, x1, :lo12:bss_start
	adrp	x2, bss_end
	add	x2, x2, :lo12:bss_end
1:	cmp	x1, x2
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b
2:	mrs	x0, CurrentEL
	lsr	x0, x0, #2
	bl	partitions_main
3:	wfe
	b	3b
	.size	start, . - start

	.text
	.globl	power_off
	.type	power_off, %function
power_off:
	bti	c
	movz	w0, #0x8400, lsl #16
	movk	w0, #0x0008
	smc	#0
4:	wfe
	b	4b
	.size	power_off, . - power_off

	armvirt_vectors partition_vectors, general=guest_exit, irq=guest_irq, el2=kernel_exception

	.section .bss.stack, "aw", %nobits
	.balign	16
	.skip	8192
	.globl	stack_end
stack_end:

	.section .note.gnu.property, "a"
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 3, 0
