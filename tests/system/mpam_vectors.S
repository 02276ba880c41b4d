/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>

	.text
	armvirt_vectors mpam_vectors, general=mpam_general, irq=mpam_irq, el2=mpam_undefined, nested=1

	.section .note.gnu.property, "a"
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 3, 0
