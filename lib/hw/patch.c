/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/patch.h>

#include "lib/hw/seam.h"

#define CTR_IMINLINE(ctr) (4u << ((ctr)&15))
#define CTR_DMINLINE(ctr) (4u << ((ctr) >> 16 & 15))

void armvirt_hw_patch_sync(const void *text, size_t bytes, const struct armvirt_features *f)
{
	uint64_t ctr = f->id.reg[ARMVIRT_IDREG_CTR_EL0];
	uintptr_t end = (uintptr_t)text + bytes, line;

	if (!armvirt_has(f, ARMVIRT_FEAT_IDC)) {
		line = (uintptr_t)text & ~(uintptr_t)(CTR_DMINLINE(ctr) - 1);
		for (; line < end; line += CTR_DMINLINE(ctr))
			__asm__ volatile("dc cvau, %0" ::"r"(line) : "memory");
	}
	armvirt_seam_dsb_ish(); /* orders the new code before the old one is dropped */
	if (!armvirt_has(f, ARMVIRT_FEAT_DIC)) {
		line = (uintptr_t)text & ~(uintptr_t)(CTR_IMINLINE(ctr) - 1);
		for (; line < end; line += CTR_IMINLINE(ctr))
			__asm__ volatile("ic ivau, %0" ::"r"(line) : "memory");
		armvirt_seam_dsb_ish(); /* orders the invalidation before what follows */
	}
	armvirt_seam_isb(); /* orders all of it before the next fetch of this CPU */
}
