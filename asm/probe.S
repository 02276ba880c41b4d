/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/fixup.h>
#include "asm/asm.h"

/* In: x0 address, x1 value. Out: x0 value, x1 ESR_EL2 of a fault. Clobbers x0 to x6. */
armvirt_fixups_begin armvirt_hw_fixups
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_read8, ldrb w0, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_read16, ldrh w0, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_read32, ldr w0, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_read64, ldr x0, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_write8, strb w1, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_write16, strh w1, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_write32, str w1, [x0]
armvirt_probe armvirt_hw_fixups, armvirt_hw_probe_write64, str x1, [x0]
armvirt_fixups_end armvirt_hw_fixups

armvirt_asm_end
