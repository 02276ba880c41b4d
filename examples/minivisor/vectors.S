/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>

	.text
	armvirt_vectors minivisor_vectors, general=guest_exit, irq=guest_irq, el2=hypervisor_exception

	.section .note.gnu.property, "a"
	.balign	8
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 3, 0
