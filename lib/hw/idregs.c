/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/features.h>
#include <libarmvirt/regs.h>

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

/* By encoding: assemblers of any age take it. */
#define READ(id, name) \
	__asm__ volatile("mrs %0, " TEXT(ARMVIRT_SR_##name) : "=r"((id)->reg[ARMVIRT_IDREG_##name]))

/* Encodings of the AArch64 ID space that a CPU does not know read as zero: never UNDEFINED. */
static void read_aarch64(struct armvirt_idregs *id)
{
	READ(id, MIDR_EL1);
	READ(id, MPIDR_EL1);
	READ(id, REVIDR_EL1);
	READ(id, ID_AA64PFR0_EL1);
	READ(id, ID_AA64PFR1_EL1);
	READ(id, ID_AA64PFR2_EL1);
	READ(id, ID_AA64ZFR0_EL1);
	READ(id, ID_AA64SMFR0_EL1);
	READ(id, ID_AA64FPFR0_EL1);
	READ(id, ID_AA64DFR0_EL1);
	READ(id, ID_AA64DFR1_EL1);
	READ(id, ID_AA64DFR2_EL1);
	READ(id, ID_AA64AFR0_EL1);
	READ(id, ID_AA64AFR1_EL1);
	READ(id, ID_AA64ISAR0_EL1);
	READ(id, ID_AA64ISAR1_EL1);
	READ(id, ID_AA64ISAR2_EL1);
	READ(id, ID_AA64ISAR3_EL1);
	READ(id, ID_AA64MMFR0_EL1);
	READ(id, ID_AA64MMFR1_EL1);
	READ(id, ID_AA64MMFR2_EL1);
	READ(id, ID_AA64MMFR3_EL1);
	READ(id, ID_AA64MMFR4_EL1);
	READ(id, CTR_EL0);
	READ(id, DCZID_EL0);
	READ(id, CLIDR_EL1);
	READ(id, AIDR_EL1);
}

/* Without AArch32 these are UNKNOWN. */
static void read_aarch32(struct armvirt_idregs *id)
{
	READ(id, ID_PFR0_EL1);
	READ(id, ID_PFR1_EL1);
	READ(id, ID_PFR2_EL1);
	READ(id, ID_DFR0_EL1);
	READ(id, ID_DFR1_EL1);
	READ(id, ID_AFR0_EL1);
	READ(id, ID_MMFR0_EL1);
	READ(id, ID_MMFR1_EL1);
	READ(id, ID_MMFR2_EL1);
	READ(id, ID_MMFR3_EL1);
	READ(id, ID_MMFR4_EL1);
	READ(id, ID_MMFR5_EL1);
	READ(id, ID_ISAR0_EL1);
	READ(id, ID_ISAR1_EL1);
	READ(id, ID_ISAR2_EL1);
	READ(id, ID_ISAR3_EL1);
	READ(id, ID_ISAR4_EL1);
	READ(id, ID_ISAR5_EL1);
	READ(id, ID_ISAR6_EL1);
	READ(id, MVFR0_EL1);
	READ(id, MVFR1_EL1);
	READ(id, MVFR2_EL1);
}

#define AT_LEAST(id, r, field, least) \
	(((id)->reg[ARMVIRT_IDREG_##r] >> ARMVIRT_##r##_##field##_SHIFT & 15) >= (least))

static bool gic_sysregs_enabled(void)
{
	uint64_t sre;

	__asm__ volatile("mrs %0, " TEXT(ARMVIRT_SR_ICC_SRE_EL2) : "=r"(sre));
	return sre & ARMVIRT_ICC_SRE_EL2_SRE;
}

void armvirt_hw_idregs_read(struct armvirt_idregs *id)
{
	for (size_t i = 0; i < ARMVIRT_IDREG_COUNT; i++)
		id->reg[i] = 0;
	read_aarch64(id);
	if (AT_LEAST(id, ID_AA64PFR0_EL1, EL0, 2))
		read_aarch32(id);
	if (AT_LEAST(id, ID_AA64PFR1_EL1, MTE, 2))
		READ(id, GMID_EL1);
	if (AT_LEAST(id, ID_AA64PFR0_EL1, MPAM, 1) || AT_LEAST(id, ID_AA64PFR1_EL1, MPAM_FRAC, 1))
		READ(id, MPAMIDR_EL1);
	if (AT_LEAST(id, ID_AA64PFR0_EL1, GIC, 1) && gic_sysregs_enabled())
		READ(id, ICH_VTR_EL2);
}
