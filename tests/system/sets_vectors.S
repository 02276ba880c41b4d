/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>

	.text
	armvirt_vectors sets_vectors, general=sets_general, irq=sets_irq, el2=sets_undefined, nested=1

	.section .note.gnu.property, "a"
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 3, 0
