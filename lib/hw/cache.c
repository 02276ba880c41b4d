/* SPDX-License-Identifier: BSD-2-Clause */
/* Data and instruction caches for memory that changes hands. */
#include <libarmvirt/tlb.h>

#include <lib/hw/seam.h>

#define CTR_IDC (UINT64_C(1) << 28)
#define CTR_DIC (UINT64_C(1) << 29)

void armvirt_hw_cache_maintain(uint64_t va, uint64_t bytes, unsigned what)
{
	uint64_t ctr = armvirt_seam_read_reg(ARMVIRT_SEAM_CTR_EL0);
	bool fetches = what & ARMVIRT_CACHE_FETCH;

	if (bytes && ((what & ARMVIRT_CACHE_DATA) || (fetches && !(ctr & CTR_IDC))))
		armvirt_seam_dcache_clean_inval((const void *)(uintptr_t)va, (size_t)bytes);
	/* Whole, because lines of other virtual addresses may hold the same memory. */
	if (fetches && !(ctr & CTR_DIC))
		armvirt_seam_icache_inval_all_is();
}
