/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_vectors s2_vectors, general=armvirt_vcpu_leave, irq=s2_irq, el2=s2_el2

armvirt_asm_end
