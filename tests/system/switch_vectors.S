/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vectors.h>
#include "asm/asm.h"

	.section .text.vectors, "ax"
armvirt_vectors vectors_tail, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast
armvirt_vectors vectors_deferred, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=deferred, harden=loop
armvirt_vectors vectors_window, general=on_general, irq=on_irq, el2=on_el2, fast=on_fast, policy=every_exit, scrub=1
armvirt_vectors vectors_return, general=armvirt_vcpu_leave, irq=on_irq, el2=on_el2, fast=on_fast, nested=1

armvirt_asm_end
