/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/el2_setup.h>

#include "lib/hw/seam.h"
#include "lib/hw/sysreg.h"

#define HCR_FMO (UINT64_C(1) << 3)
#define HCR_IMO (UINT64_C(1) << 4)
#define HCR_AMO (UINT64_C(1) << 5)
#define HCR_RW  (UINT64_C(1) << 31)
#define HCR_E2H (UINT64_C(1) << 34)

/*
 * SA, and the bits that are RES1 with E2H = 0: 29, 28, 23, 22, 18, 16, 11, 5, 4. With E2H = 1 they
 * are the values that change nothing for a hypervisor without EL0 of its own.
 */
#define SCTLR_BASE UINT64_C(0x30c50838)
#define SCTLR_M    (UINT64_C(1) << 0)
#define SCTLR_C    (UINT64_C(1) << 2)
#define SCTLR_I    (UINT64_C(1) << 12)
#define SCTLR_WXN  (UINT64_C(1) << 19)

#define CPTR0_RES1 UINT64_C(0x33ff) /* TZ and TSM with it: RES1 without SVE and SME */
#define CPTR0_TFP  (UINT64_C(1) << 10)
#define CPTR0_TTA  (UINT64_C(1) << 20)
#define CPTR1_FPEN (UINT64_C(3) << 20)
#define CPTR1_ZEN  (UINT64_C(3) << 16)
#define CPTR1_SMEN (UINT64_C(3) << 24)
#define CPTR1_TTA  (UINT64_C(1) << 28)
#define CPTR_TAM   (UINT64_C(1) << 30)
#define CPTR_TCPAC (UINT64_C(1) << 31)
#define CPTR0_TZ   (UINT64_C(1) << 8)
#define CPTR0_TSM  (UINT64_C(1) << 12)

#define MDCR_TPMCR (UINT64_C(1) << 5)
#define MDCR_TPM   (UINT64_C(1) << 6)
#define MDCR_HPME  (UINT64_C(1) << 7)
#define MDCR_TDA   (UINT64_C(1) << 9)
#define MDCR_TDOSA (UINT64_C(1) << 10)
#define MDCR_TDRA  (UINT64_C(1) << 11)
#define MDCR_TPMS  (UINT64_C(1) << 14)
#define MDCR_TTRF  (UINT64_C(1) << 19)

#define VTCR_RES1   (UINT64_C(1) << 31)
#define MPAM2_TRAPS (UINT64_C(3) << 48) /* TRAPMPAM0EL1, TRAPMPAM1EL1 */
#define ICC_SRE_ALL UINT64_C(0xf)       /* SRE, DFB, DIB, Enable */

static void write_hcr(uint64_t hcr)
{
	armvirt_msr(ARMVIRT_S_HCR_EL2, hcr);
	armvirt_isb(); /* orders the mode before accesses whose meaning it changes */
}

/* With E2H set, the name of an EL1 register reaches the EL2 register. */
static bool e2h_took_effect(uint64_t hcr)
{
	uint64_t far1, far2;
	bool alias;

	write_hcr(hcr);
	far2 = armvirt_mrs(ARMVIRT_S_FAR_EL2);
	far1 = armvirt_mrs(ARMVIRT_S_FAR_EL1);
	armvirt_msr(ARMVIRT_S_FAR_EL2, 0x5a5a);
	armvirt_msr(ARMVIRT_S_FAR_EL1, 0xa5a5);
	armvirt_isb(); /* orders the write by one name before the read by the other */
	alias = armvirt_mrs(ARMVIRT_S_FAR_EL2) == 0xa5a5;
	armvirt_msr(ARMVIRT_S_FAR_EL1, far1);
	armvirt_msr(ARMVIRT_S_FAR_EL2, far2);
	return alias;
}

enum armvirt_e2h_modes armvirt_hw_el2_e2h(const struct armvirt_features *f)
{
	uint64_t hcr;
	unsigned modes = 0;

	if (!armvirt_has(f, ARMVIRT_FEAT_VHE))
		return ARMVIRT_E2H_ONLY_0;
	hcr = armvirt_mrs(ARMVIRT_S_HCR_EL2);
	if (!e2h_took_effect(hcr & ~HCR_E2H))
		modes |= ARMVIRT_E2H_ONLY_0;
	if (e2h_took_effect(hcr | HCR_E2H))
		modes |= ARMVIRT_E2H_ONLY_1;
	write_hcr(hcr);
	return (enum armvirt_e2h_modes)modes;
}

static uint64_t cptr_host(const struct armvirt_features *f, bool e2h)
{
	uint64_t v = CPTR_TCPAC;

	if (armvirt_has(f, ARMVIRT_FEAT_AMU))
		v |= CPTR_TAM;
	if (e2h) {
		v |= CPTR1_FPEN;
		if (armvirt_has(f, ARMVIRT_FEAT_TRACE))
			v |= CPTR1_TTA;
		return v;
	}
	v |= CPTR0_RES1 & ~CPTR0_TFP;
	if (armvirt_has(f, ARMVIRT_FEAT_TRACE))
		v |= CPTR0_TTA;
	return v;
}

static uint64_t mdcr_host(const struct armvirt_el2_config *c)
{
	const struct armvirt_features *f = c->features;
	uint64_t v = MDCR_TDA | MDCR_TDOSA | MDCR_TDRA;

	if (armvirt_has(f, ARMVIRT_FEAT_PMU)) {
		v |= MDCR_TPM | MDCR_TPMCR;
		v |= (armvirt_mrs(ARMVIRT_S_PMCR_EL0) >> 11 & 31) - c->pmu_reserved;
		if (c->pmu_reserved)
			v |= MDCR_HPME;
	}
	if (armvirt_has(f, ARMVIRT_FEAT_SPE))
		v |= MDCR_TPMS;
	if (armvirt_has(f, ARMVIRT_FEAT_TRF))
		v |= MDCR_TTRF;
	return v;
}

/* A length that is not implemented becomes the next shorter one. */
static uint16_t vector_lengths(void)
{
	unsigned lengths = 0;

	for (unsigned len = 16; len--;) {
		armvirt_msr(ARMVIRT_S_ZCR_EL2, len);
		armvirt_isb(); /* orders the length before it is read */
		lengths |= 1u << (armvirt_rdvl() / 16 - 1);
	}
	return (uint16_t)lengths;
}

/* Vector length and streaming mode: their registers trap unless CPTR_EL2 is open for a moment. */
static uint16_t set_vectors_off(const struct armvirt_features *f, bool e2h, uint64_t cptr)
{
	bool sve = armvirt_has(f, ARMVIRT_FEAT_SVE), sme = armvirt_has(f, ARMVIRT_FEAT_SME);
	uint64_t open = e2h ? cptr | CPTR1_ZEN | CPTR1_SMEN : cptr & ~(CPTR0_TZ | CPTR0_TSM);
	uint16_t lengths = 0;

	if (!sve)
		open = e2h ? open & ~CPTR1_ZEN : open | CPTR0_TZ;
	if (!sme)
		open = e2h ? open & ~CPTR1_SMEN : open | CPTR0_TSM;
	armvirt_msr(ARMVIRT_S_CPTR_EL2, open);
	armvirt_isb(); /* orders CPTR_EL2 before the accesses that it lets through */
	if (sme) {
		armvirt_msr(ARMVIRT_S_SVCR, 0);
		armvirt_msr(ARMVIRT_S_SMCR_EL2, 0);
	}
	if (sve)
		lengths = vector_lengths(); /* the last one that it tries is 0 */
	armvirt_msr(ARMVIRT_S_CPTR_EL2, cptr);
	return lengths;
}

static void set_traps(struct armvirt_cpu *cpu, const struct armvirt_el2_config *c)
{
	const struct armvirt_features *f = c->features;
	struct armvirt_vcpu_traps *now = &cpu->now;

	now->cptr_el2 = cptr_host(f, c->e2h);
	cpu->sve_vls = set_vectors_off(f, c->e2h, now->cptr_el2);
	now->mdcr_el2 = mdcr_host(c);
	armvirt_msr(ARMVIRT_S_MDCR_EL2, now->mdcr_el2);
	now->vtcr_el2 = VTCR_RES1;
	armvirt_msr(ARMVIRT_S_VTCR_EL2, now->vtcr_el2);
	now->vpidr_el2 = armvirt_mrs(ARMVIRT_S_MIDR_EL1);
	now->vmpidr_el2 = armvirt_mrs(ARMVIRT_S_MPIDR_EL1);
	armvirt_msr(ARMVIRT_S_VPIDR_EL2, now->vpidr_el2);
	armvirt_msr(ARMVIRT_S_VMPIDR_EL2, now->vmpidr_el2);
	armvirt_msr(ARMVIRT_S_VTTBR_EL2, 0);
	armvirt_msr(ARMVIRT_S_HSTR_EL2, 0);
	armvirt_msr(ARMVIRT_S_HACR_EL2, 0);
	armvirt_msr(ARMVIRT_S_CNTHCTL_EL2, 0);
	armvirt_msr(ARMVIRT_S_CNTVOFF_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_HCX))
		armvirt_msr(ARMVIRT_S_HCRX_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_MPAM))
		armvirt_msr(ARMVIRT_S_MPAM2_EL2, MPAM2_TRAPS);
	if (armvirt_has(f, ARMVIRT_FEAT_NV2))
		armvirt_msr(ARMVIRT_S_VNCR_EL2, 0);
}

/* Zero: bits of negative polarity trap, the others add no trap. */
static void set_fine_grained(const struct armvirt_features *f)
{
	if (!armvirt_has(f, ARMVIRT_FEAT_FGT))
		return;
	armvirt_msr(ARMVIRT_S_HFGRTR_EL2, 0);
	armvirt_msr(ARMVIRT_S_HFGWTR_EL2, 0);
	armvirt_msr(ARMVIRT_S_HFGITR_EL2, 0);
	armvirt_msr(ARMVIRT_S_HDFGRTR_EL2, 0);
	armvirt_msr(ARMVIRT_S_HDFGWTR_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_AMU))
		armvirt_msr(ARMVIRT_S_HAFGRTR_EL2, 0);
	if (!armvirt_has(f, ARMVIRT_FEAT_FGT2))
		return;
	armvirt_msr(ARMVIRT_S_HFGRTR2_EL2, 0);
	armvirt_msr(ARMVIRT_S_HFGWTR2_EL2, 0);
	armvirt_msr(ARMVIRT_S_HFGITR2_EL2, 0);
	armvirt_msr(ARMVIRT_S_HDFGRTR2_EL2, 0);
	armvirt_msr(ARMVIRT_S_HDFGWTR2_EL2, 0);
}

static void set_timers(const struct armvirt_features *f, bool e2h)
{
	if (armvirt_has(f, ARMVIRT_FEAT_ECV_POFF))
		armvirt_msr(ARMVIRT_S_CNTPOFF_EL2, 0);
	armvirt_msr(ARMVIRT_S_CNTHP_CTL_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_VHE))
		armvirt_msr(ARMVIRT_S_CNTHV_CTL_EL2, 0);
	if (e2h) {
		armvirt_msr(ARMVIRT_S_CNTP_CTL_EL02, 0);
		armvirt_msr(ARMVIRT_S_CNTV_CTL_EL02, 0);
	} else {
		armvirt_msr(ARMVIRT_S_CNTP_CTL_EL0, 0);
		armvirt_msr(ARMVIRT_S_CNTV_CTL_EL0, 0);
	}
}

static void set_debug(const struct armvirt_features *f)
{
	armvirt_msr(ARMVIRT_S_MDSCR_EL1, 0);
	armvirt_msr(ARMVIRT_S_MDCCINT_EL1, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_PMU)) {
		armvirt_msr(ARMVIRT_S_PMUSERENR_EL0, 0);
		armvirt_msr(ARMVIRT_S_PMSELR_EL0, 0);
	}
	if (armvirt_has(f, ARMVIRT_FEAT_AMU))
		armvirt_msr(ARMVIRT_S_AMUSERENR_EL0, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_SPE))
		armvirt_msr(ARMVIRT_S_PMSCR_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_TRF))
		armvirt_msr(ARMVIRT_S_TRFCR_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_BRBE))
		armvirt_msr(ARMVIRT_S_BRBCR_EL2, 0);
}

static void set_rest(const struct armvirt_features *f, bool e2h)
{
	if (armvirt_has(f, ARMVIRT_FEAT_RAS)) {
		armvirt_msr(ARMVIRT_S_VSESR_EL2, 0);
		armvirt_msr(ARMVIRT_S_VDISR_EL2, 0);
		armvirt_msr(ARMVIRT_S_DISR_EL1, 0);
	}
	if (armvirt_has(f, ARMVIRT_FEAT_MTE2))
		armvirt_msr(ARMVIRT_S_TFSR_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_LOR))
		armvirt_msr(ARMVIRT_S_LORC_EL1, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_CSV2_2))
		armvirt_msr(ARMVIRT_S_SCXTNUM_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_GCS))
		armvirt_msr(ARMVIRT_S_GCSCR_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_SCTLR2))
		armvirt_msr(ARMVIRT_S_SCTLR2_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_TCR2))
		armvirt_msr(ARMVIRT_S_TCR2_EL2, 0);
	if (armvirt_has(f, ARMVIRT_FEAT_VHE))
		armvirt_msr(ARMVIRT_S_CONTEXTIDR_EL2, 0);
	if (e2h)
		armvirt_msr(ARMVIRT_S_TTBR1_EL2, 0);
}

static enum armvirt_status set_gic(const struct armvirt_features *f)
{
	if (!armvirt_has(f, ARMVIRT_FEAT_GIC3))
		return ARMVIRT_OK;
	armvirt_msr(ARMVIRT_S_ICC_SRE_EL2, ICC_SRE_ALL);
	armvirt_isb(); /* orders SRE before the registers that it makes accessible */
	if (!(armvirt_mrs(ARMVIRT_S_ICC_SRE_EL2) & 1))
		return ARMVIRT_E_HARDWARE;
	armvirt_msr(ARMVIRT_S_ICH_HCR_EL2, 0);
	return ARMVIRT_OK;
}

/* The three registers that most cores have as RES0 need no switch there. */
static bool impdef_el1(bool e2h)
{
	uint64_t ones;

	if (e2h) {
		armvirt_msr(ARMVIRT_S_AFSR0_EL12, ~UINT64_C(0));
		armvirt_msr(ARMVIRT_S_AFSR1_EL12, ~UINT64_C(0));
		armvirt_msr(ARMVIRT_S_AMAIR_EL12, ~UINT64_C(0));
		armvirt_isb(); /* orders the writes before they are read back */
		ones = armvirt_mrs(ARMVIRT_S_AFSR0_EL12) | armvirt_mrs(ARMVIRT_S_AFSR1_EL12) |
		       armvirt_mrs(ARMVIRT_S_AMAIR_EL12);
		armvirt_msr(ARMVIRT_S_AFSR0_EL12, 0);
		armvirt_msr(ARMVIRT_S_AFSR1_EL12, 0);
		armvirt_msr(ARMVIRT_S_AMAIR_EL12, 0);
	} else {
		armvirt_msr(ARMVIRT_S_AFSR0_EL1, ~UINT64_C(0));
		armvirt_msr(ARMVIRT_S_AFSR1_EL1, ~UINT64_C(0));
		armvirt_msr(ARMVIRT_S_AMAIR_EL1, ~UINT64_C(0));
		armvirt_isb(); /* orders the writes before they are read back */
		ones = armvirt_mrs(ARMVIRT_S_AFSR0_EL1) | armvirt_mrs(ARMVIRT_S_AFSR1_EL1) |
		       armvirt_mrs(ARMVIRT_S_AMAIR_EL1);
		armvirt_msr(ARMVIRT_S_AFSR0_EL1, 0);
		armvirt_msr(ARMVIRT_S_AFSR1_EL1, 0);
		armvirt_msr(ARMVIRT_S_AMAIR_EL1, 0);
	}
	return ones != 0;
}

static void set_mmu(const struct armvirt_el2_config *c)
{
	uint64_t sctlr = SCTLR_BASE;

	armvirt_msr(ARMVIRT_S_SCTLR_EL2, sctlr);
	armvirt_msr(ARMVIRT_S_MAIR_EL2, c->mair_el2);
	armvirt_msr(ARMVIRT_S_AMAIR_EL2, 0);
	armvirt_msr(ARMVIRT_S_TCR_EL2, c->tcr_el2);
	armvirt_msr(ARMVIRT_S_TTBR0_EL2, c->ttbr0_el2);
	armvirt_isb(); /* orders the new regime before the invalidation */
	armvirt_seam_tlbi(ARMVIRT_TLBI_ALLE2, 0);
	armvirt_seam_tlbi(ARMVIRT_TLBI_ALLE1, 0);
	armvirt_ic_iallu();
	armvirt_seam_dsb_nsh(); /* orders the invalidations before the MMU is on */
	armvirt_isb();          /* orders them before the next instruction fetch */
	if (!c->mmu)
		return;
	armvirt_msr(ARMVIRT_S_SCTLR_EL2, sctlr | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_WXN);
	armvirt_isb(); /* orders the MMU before the next access */
}

static uint64_t cpu_bits(const struct armvirt_el2_config *c)
{
	const struct armvirt_features *f = c->features;
	uint64_t has = 0;

	has |= (uint64_t)c->e2h << ARMVIRT_CPU_E2H;
	has |= (uint64_t)armvirt_has(f, ARMVIRT_FEAT_RAS) << ARMVIRT_CPU_RAS;
	has |= (uint64_t)armvirt_has(f, ARMVIRT_FEAT_HCX) << ARMVIRT_CPU_HCX;
	has |= (uint64_t)armvirt_has(f, ARMVIRT_FEAT_FGT) << ARMVIRT_CPU_FGT;
	has |= (uint64_t)armvirt_has(f, ARMVIRT_FEAT_FGT2) << ARMVIRT_CPU_FGT2;
	if (armvirt_has(f, ARMVIRT_FEAT_FGT) && armvirt_has(f, ARMVIRT_FEAT_AMU))
		has |= UINT64_C(1) << ARMVIRT_CPU_HAFGRTR;
	if (c->serror == ARMVIRT_SERROR_AT_SWITCH)
		has |= UINT64_C(1) << ARMVIRT_CPU_SERROR_SYNC;
	return has;
}

static enum armvirt_status config_check(const struct armvirt_el2_config *c)
{
	unsigned counters = 0, modes;

	if (armvirt_mrs(ARMVIRT_S_CURRENTEL) >> 2 != 2 ||
	    armvirt_mrs(ARMVIRT_S_SCTLR_EL2) & SCTLR_M)
		return ARMVIRT_E_STATE;
	if ((uintptr_t)c->vectors % 2048)
		return ARMVIRT_E_ALIGN;
	if (armvirt_has(c->features, ARMVIRT_FEAT_PMU))
		counters = armvirt_mrs(ARMVIRT_S_PMCR_EL0) >> 11 & 31;
	modes = armvirt_hw_el2_e2h(c->features);
	if (c->pmu_reserved > counters || !(modes & (c->e2h ? 2u : 1u)))
		return ARMVIRT_E_UNSUPPORTED;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_hw_el2_setup(struct armvirt_cpu *cpu,
					 const struct armvirt_el2_config *c)
{
	enum armvirt_status s = config_check(c);

	if (s != ARMVIRT_OK)
		return s;
	*cpu = (struct armvirt_cpu){.has = cpu_bits(c),
				    .sets = armvirt_vcpu_sets(c->features),
				    .brp_count = c->features->brp_count,
				    .wrp_count = c->features->wrp_count};
	cpu->now.hcr_el2 = HCR_RW | HCR_AMO | HCR_IMO | HCR_FMO | (c->e2h ? HCR_E2H : 0);
	write_hcr(cpu->now.hcr_el2);
	armvirt_msr(ARMVIRT_S_VBAR_EL2, (uintptr_t)c->vectors);
	set_traps(cpu, c);
	cpu->pmev_count = cpu->now.mdcr_el2 & 31;
	set_fine_grained(c->features);
	set_timers(c->features, c->e2h);
	set_debug(c->features);
	set_rest(c->features, c->e2h);
	if (impdef_el1(c->e2h))
		cpu->has |= UINT64_C(1) << ARMVIRT_CPU_IMPDEF;
	s = set_gic(c->features);
	set_mmu(c);
	return s;
}
