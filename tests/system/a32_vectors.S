/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_vectors a32_vectors, general=armvirt_vcpu_leave, irq=a32_irq, el2=a32_el2

armvirt_asm_end
