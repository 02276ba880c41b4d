/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/guestwalk.h>
#include <libarmvirt/regs.h>

#include "lib/hw/sysreg.h"

/* The loaded guest's registers: EL12 names where E2H redirects the EL1 ones. */
#define READ(e2h, name) ((e2h) ? armvirt_mrs(name##_EL12) : armvirt_mrs(name##_EL1))

#define SCTLR_EL1  "s3_0_c1_c0_0"
#define SCTLR_EL12 "s3_5_c1_c0_0"
#define TTBR0_EL1  "s3_0_c2_c0_0"
#define TTBR0_EL12 "s3_5_c2_c0_0"
#define TTBR1_EL1  "s3_0_c2_c0_1"
#define TTBR1_EL12 "s3_5_c2_c0_1"
#define TCR_EL1    "s3_0_c2_c0_2"
#define TCR_EL12   "s3_5_c2_c0_2"
#define TCR2_EL1   "s3_0_c2_c0_3"
#define TCR2_EL12  "s3_5_c2_c0_3"
#define MAIR_EL1   "s3_0_c10_c2_0"
#define MAIR_EL12  "s3_5_c10_c2_0"
#define MAIR2_EL1  "s3_0_c10_c2_1"
#define MAIR2_EL12 "s3_5_c10_c2_1"
#define PIRE0_EL1  "s3_0_c10_c2_2"
#define PIRE0_EL12 "s3_5_c10_c2_2"
#define PIR_EL1    "s3_0_c10_c2_3"
#define PIR_EL12   "s3_5_c10_c2_3"
#define POR_EL1    "s3_0_c10_c2_4"
#define POR_EL12   "s3_5_c10_c2_4"
#define POR_EL0    "s3_3_c10_c2_4"
#define DACR32_EL2 "s3_4_c3_c0_0"

void armvirt_hw_guest_mmu_load(struct armvirt_guest_mmu *mmu, const struct armvirt_excwhere *where)
{
	bool e2h = where->e2h;

	mmu->sctlr = READ(e2h, SCTLR);
	mmu->tcr = READ(e2h, TCR);
	mmu->ttbr0 = READ(e2h, TTBR0);
	mmu->ttbr1 = READ(e2h, TTBR1);
	mmu->mair = READ(e2h, MAIR);
	mmu->hcr &= ~ARMVIRT_HCR_EL2_RW;
	if (where->el1_aarch32) {
		mmu->dacr = (uint32_t)armvirt_mrs(DACR32_EL2);
		return;
	}
	mmu->hcr |= ARMVIRT_HCR_EL2_RW;
	if (mmu->has & (ARMVIRT_GUEST_HAS_S1PIE | ARMVIRT_GUEST_HAS_S1POE | ARMVIRT_GUEST_HAS_AIE))
		mmu->tcr2 = READ(e2h, TCR2);
	if (mmu->has & ARMVIRT_GUEST_HAS_AIE)
		mmu->mair2 = READ(e2h, MAIR2);
	if (mmu->has & ARMVIRT_GUEST_HAS_S1PIE) {
		mmu->pir = READ(e2h, PIR);
		mmu->pire0 = READ(e2h, PIRE0);
	}
	if (mmu->has & ARMVIRT_GUEST_HAS_S1POE) {
		mmu->por = READ(e2h, POR);
		mmu->por0 = armvirt_mrs(POR_EL0);
	}
}
