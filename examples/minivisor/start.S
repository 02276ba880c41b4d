/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the image. QEMU enters CPU 0 here with the MMU off. */

	.section .text.start, "ax"
	.globl	start
	.type	start, %function
start:
	bti	c
	msr	daifset, #15
	adrp	x1, boot_stack_end
	add	sp, x1, :lo12:boot_stack_end
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
	bl	minivisor_main
3:	wfe
	b	3b
	.size	start, . - start

	/* uint64_t firmware(uint64_t function, uint64_t a, uint64_t b, uint64_t c): PSCI of the machine */
	.text
	.globl	firmware
	.type	firmware, %function
firmware:
	bti	c
	mrs	x4, CurrentEL
	cmp	x4, #8
	b.eq	4f
	hvc	#0
	ret
4:	smc	#0
	ret
	.size	firmware, . - firmware

	.section .bss.stacks, "aw", %nobits
	.balign	16
	.globl	boot_stack
boot_stack:
	.skip	16384
	.globl	boot_stack_end
boot_stack_end:

	.section .note.gnu.property, "a"
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 3, 0
