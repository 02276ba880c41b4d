/* SPDX-License-Identifier: BSD-2-Clause */
/* Shape of a routine in assembly, and the property that lets BTI be enforced. */
#ifndef ARMVIRT_ASM_H
#define ARMVIRT_ASM_H

/*
 * Each routine in a section of its own, as functions in C have it. stack: bytes in use at its
 * entry. The comment before it states what it clobbers; tests/gates/archive-asm holds it to that.
 */
.macro armvirt_func name:req, stack=0
	.section .text.\name, "ax", %progbits
	.balign	16
	.globl	\name
	.type	\name, %function
\name:
	.cfi_startproc
	.cfi_def_cfa_offset \stack
	hint	#34			/* bti c */
.endm

.macro armvirt_endfunc name:req
	.cfi_endproc
	.size	\name, . - \name
.endm

/* GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI */
.macro armvirt_asm_end
	.section .note.gnu.property, "a", %note
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 1, 0
	.section .note.GNU-stack, "", %progbits
.endm

#endif
