/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the image. QEMU enters CPU 0 here with the MMU off; PSCI the others, below. */

#define STACK_BYTES 0x4000 /* CPU_STACK_BYTES: the stack is the first member of struct cpu */

	.section .text.start, "ax"
	.globl	start
	.type	start, %function
start:
	bti	c
	msr	daifset, #15
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
	adrp	x1, cpus
	add	x1, x1, :lo12:cpus
	add	sp, x1, #STACK_BYTES
	bl	minivisor_main
3:	wfe
	b	3b
	.size	start, . - start

	/* From CPU_ON: x0 is this CPU's struct cpu. */
	.globl	start_secondary
	.type	start_secondary, %function
start_secondary:
	bti	c
	msr	daifset, #15
	add	sp, x0, #STACK_BYTES
	bl	minivisor_secondary
4:	wfe
	b	4b
	.size	start_secondary, . - start_secondary

	/* uint64_t firmware(uint64_t function, uint64_t a, uint64_t b, uint64_t c): PSCI of the machine */
	.text
	.globl	firmware
	.type	firmware, %function
firmware:
	bti	c
	mrs	x4, CurrentEL
	cmp	x4, #8
	b.eq	5f
	hvc	#0
	ret
5:	smc	#0
	ret
	.size	firmware, . - firmware

	.section .note.gnu.property, "a"
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 3, 0
