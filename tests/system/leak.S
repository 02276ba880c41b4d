/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_vectors leak_vectors, general=leak_general, irq=leak_irq, el2=leak_el2

armvirt_asm_end
