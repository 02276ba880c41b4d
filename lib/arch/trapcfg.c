/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/arch/fgt.h"

#include <libarmvirt/regs.h>

/* The machine has it and the guest is not shown it. */
static bool hidden(const struct armvirt_features *host, const struct armvirt_features *guest,
		   enum armvirt_feature x)
{
	return armvirt_has(host, x) && !armvirt_has(guest, x);
}

static uint64_t when(bool yes, uint64_t bits)
{
	return yes ? bits : 0;
}

#define HCR_ALWAYS                                                                               \
	(ARMVIRT_HCR_EL2_VM | ARMVIRT_HCR_EL2_SWIO | ARMVIRT_HCR_EL2_FMO | ARMVIRT_HCR_EL2_IMO | \
	 ARMVIRT_HCR_EL2_AMO | ARMVIRT_HCR_EL2_TSC | ARMVIRT_HCR_EL2_TIDCP |                     \
	 ARMVIRT_HCR_EL2_TACR | ARMVIRT_HCR_EL2_TID3 | ARMVIRT_HCR_EL2_TID1 | ARMVIRT_HCR_EL2_RW)

/* BSU = 1: barriers of a guest reach at least the inner shareable domain. */
#define BSU_INNER (UINT64_C(1) << ARMVIRT_HCR_EL2_BSU_SHIFT)

static uint64_t hcr(const struct armvirt_features *host, const struct armvirt_features *guest,
		    const struct armvirt_policy *p)
{
	uint64_t v = HCR_ALWAYS;

	v |= when(p->migrates, ARMVIRT_HCR_EL2_FB | BSU_INNER);
	v |= when(p->trap_wfi, ARMVIRT_HCR_EL2_TWI) | when(p->trap_wfe, ARMVIRT_HCR_EL2_TWE);
	v |= when(p->trap_setway, ARMVIRT_HCR_EL2_TSW);
	/* the cache ID registers, with CTR_EL0 left alone where hardware can */
	v |= armvirt_has(host, ARMVIRT_FEAT_EVT) ? ARMVIRT_HCR_EL2_TID4 : ARMVIRT_HCR_EL2_TID2;
	v |= when(armvirt_has(host, ARMVIRT_FEAT_RAS), ARMVIRT_HCR_EL2_TERR | ARMVIRT_HCR_EL2_TEA);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_LOR), ARMVIRT_HCR_EL2_TLOR);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_PAUTH) ||
			  armvirt_has(guest, ARMVIRT_FEAT_PAUTHGEN),
		  ARMVIRT_HCR_EL2_API | ARMVIRT_HCR_EL2_APK);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_MTE2), ARMVIRT_HCR_EL2_ATA);
	v |= when(hidden(host, guest, ARMVIRT_FEAT_MTE2), ARMVIRT_HCR_EL2_TID5);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_CSV2_2), ARMVIRT_HCR_EL2_ENSCXT);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_AA32EL0), ARMVIRT_HCR_EL2_TID0);
	return v;
}

static uint64_t hcrx(const struct armvirt_features *host, const struct armvirt_features *guest)
{
	uint64_t v = 0;

	if (!armvirt_has(host, ARMVIRT_FEAT_HCX))
		return 0;
	v |= when(hidden(host, guest, ARMVIRT_FEAT_NMI), ARMVIRT_HCRX_EL2_TALLINT);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_MOPS), ARMVIRT_HCRX_EL2_MSCEN);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_CMOW), ARMVIRT_HCRX_EL2_CMOW);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_TCR2), ARMVIRT_HCRX_EL2_TCR2EN);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_SCTLR2), ARMVIRT_HCRX_EL2_SCTLR2EN);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_FPMR), ARMVIRT_HCRX_EL2_ENFPM);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_GCS), ARMVIRT_HCRX_EL2_GCSEN);
	return v;
}

/* E2H = 0: bits that trap when set, in a register full of RES1. */
#define CPTR_E2H0_RES1 ARMVIRT_U64(0x22ff)

static uint64_t cptr_e2h0(const struct armvirt_features *host, const struct armvirt_features *guest)
{
	uint64_t v = CPTR_E2H0_RES1;

	v |= when(!armvirt_has(guest, ARMVIRT_FEAT_FP), ARMVIRT_CPTR_EL2_E2H0_TFP);
	v |= when(!armvirt_has(guest, ARMVIRT_FEAT_SVE), ARMVIRT_CPTR_EL2_E2H0_TZ);
	v |= ARMVIRT_CPTR_EL2_E2H0_TSM; /* RES1 without FEAT_SME */
	v |= when(armvirt_has(host, ARMVIRT_FEAT_AMU), ARMVIRT_CPTR_EL2_E2H0_TAM);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_TRACE), ARMVIRT_CPTR_EL2_E2H0_TTA);
	return v;
}

/* E2H = 1: the layout of CPACR_EL1, two bits that allow when both are set. */
static uint64_t cptr_e2h1(const struct armvirt_features *host, const struct armvirt_features *guest)
{
	uint64_t v = 0;

	if (!armvirt_has(host, ARMVIRT_FEAT_VHE))
		return 0;
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_FP), ARMVIRT_CPTR_EL2_E2H1_FPEN);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_SVE), ARMVIRT_CPTR_EL2_E2H1_ZEN);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_S1POE), ARMVIRT_CPTR_EL2_E2H1_E0POE);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_AMU), ARMVIRT_CPTR_EL2_E2H1_TAM);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_TRACE), ARMVIRT_CPTR_EL2_E2H1_TTA);
	return v;
}

/* Two means: the profiling or trace buffer belongs to EL1 and its registers do not trap. */
#define OWNER_EL1(name) (UINT64_C(3) << ARMVIRT_MDCR_EL2_##name##_SHIFT)

static bool debug_switched(const struct armvirt_policy *p)
{
	return p->show & ARMVIRT_SHOW_DEBUG;
}

static uint64_t mdcr_pmu(const struct armvirt_features *host, const struct armvirt_features *guest,
			 const struct armvirt_policy *p)
{
	uint64_t v;

	if (!armvirt_has(host, ARMVIRT_FEAT_PMU))
		return 0;
	v = host->pmu_counters - p->pmu_reserved; /* HPMN */
	v |= when(p->pmu_reserved, ARMVIRT_MDCR_EL2_HPME);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_PMUV3P1), ARMVIRT_MDCR_EL2_HPMD);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_PMUV3P5), ARMVIRT_MDCR_EL2_HCCD);
	v |= when(!armvirt_has(guest, ARMVIRT_FEAT_PMU),
		  ARMVIRT_MDCR_EL2_TPM | ARMVIRT_MDCR_EL2_TPMCR);
	return v;
}

static uint64_t mdcr(const struct armvirt_features *host, const struct armvirt_features *guest,
		     const struct armvirt_policy *p)
{
	uint64_t v = mdcr_pmu(host, guest, p);

	/* TDE stays 0: BRK belongs to the guest */
	v |= ARMVIRT_MDCR_EL2_TDRA | ARMVIRT_MDCR_EL2_TDOSA;
	v |= when(!debug_switched(p), ARMVIRT_MDCR_EL2_TDA);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_FGT), ARMVIRT_MDCR_EL2_TDCC);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_SPE), OWNER_EL1(E2PB));
	v |= when(hidden(host, guest, ARMVIRT_FEAT_SPE), ARMVIRT_MDCR_EL2_TPMS);
	v |= when(armvirt_has(guest, ARMVIRT_FEAT_TRBE), OWNER_EL1(E2TB));
	v |= when(hidden(host, guest, ARMVIRT_FEAT_TRF), ARMVIRT_MDCR_EL2_TTRF);
	return v;
}

/* AArch32 that the machine has and the guest is not shown traps with every CP15 register. */
#define HSTR_ALL ARMVIRT_U64(0xbfef)

static uint64_t hstr(const struct armvirt_features *host, const struct armvirt_features *guest)
{
	if (!armvirt_has(host, ARMVIRT_FEAT_AA32EL0))
		return 0;
	return armvirt_has(guest, ARMVIRT_FEAT_AA32EL0) ? ARMVIRT_HSTR_EL2_T15 : HSTR_ALL;
}

static void mpam(struct armvirt_trapcfg *t, const struct armvirt_features *host,
		 const struct armvirt_features *guest)
{
	uint64_t idr = host->id.reg[ARMVIRT_IDREG_MPAMIDR_EL1];

	if (!hidden(host, guest, ARMVIRT_FEAT_MPAM))
		return;
	t->mpam2_el2 = ARMVIRT_MPAM2_EL2_TRAPMPAM0EL1 | ARMVIRT_MPAM2_EL2_TRAPMPAM1EL1;
	t->mpam2_el2 |= when(idr & ARMVIRT_MPAMIDR_EL1_HAS_TIDR, ARMVIRT_MPAM2_EL2_TIDR);
	t->mpamhcr_el2 =
		when(idr & ARMVIRT_MPAMIDR_EL1_HAS_HCR, ARMVIRT_MPAMHCR_EL2_TRAP_MPAMIDR_EL1);
}

static void fgt(struct armvirt_trapcfg *t, const struct armvirt_features *host,
		const struct armvirt_features *guest)
{
	const struct armvirt_fgt_rule *r;

	if (!armvirt_has(host, ARMVIRT_FEAT_FGT))
		return;
	for (unsigned i = 0; (r = armvirt_fgt_rule(i)); i++) {
		enum armvirt_feature x = (enum armvirt_feature)r->feature;

		if (r->reg >= ARMVIRT_FGT_HFGRTR2 && !armvirt_has(host, ARMVIRT_FEAT_FGT2))
			continue;
		if (r->negative ? armvirt_has(guest, x) : hidden(host, guest, x))
			t->fgt[r->reg] |= r->mask;
	}
}

/* What the guest is shown and what must be switched for it. */
static const struct {
	uint64_t sets;
	uint8_t feature;
} switched[] = {
	{ARMVIRT_SET_RAS, ARMVIRT_FEAT_RAS},
	{ARMVIRT_SET_FP, ARMVIRT_FEAT_FP},
	{ARMVIRT_SET_PAUTH, ARMVIRT_FEAT_PAUTH},
	{ARMVIRT_SET_PAUTH, ARMVIRT_FEAT_PAUTHGEN},
	{ARMVIRT_SET_SVE, ARMVIRT_FEAT_SVE},
	{ARMVIRT_SET_MTE, ARMVIRT_FEAT_MTE2},
	{ARMVIRT_SET_A32, ARMVIRT_FEAT_AA32EL1},
	{ARMVIRT_SET_A32FP, ARMVIRT_FEAT_AA32EL1},
	{ARMVIRT_SET_PMU, ARMVIRT_FEAT_PMU},
	{ARMVIRT_SET_PMEV, ARMVIRT_FEAT_PMU},
	{ARMVIRT_SET_SCXT, ARMVIRT_FEAT_CSV2_2},
	{ARMVIRT_SET_TCR2, ARMVIRT_FEAT_TCR2},
	{ARMVIRT_SET_SCTLR2, ARMVIRT_FEAT_SCTLR2},
	{ARMVIRT_SET_S1PIE, ARMVIRT_FEAT_S1PIE},
	{ARMVIRT_SET_S1POE, ARMVIRT_FEAT_S1POE},
	{ARMVIRT_SET_AIE, ARMVIRT_FEAT_AIE},
	{ARMVIRT_SET_PFAR, ARMVIRT_FEAT_PFAR},
	{ARMVIRT_SET_FPMR, ARMVIRT_FEAT_FPMR},
	{ARMVIRT_SET_GCS, ARMVIRT_FEAT_GCS},
	{ARMVIRT_SET_SPE, ARMVIRT_FEAT_SPE},
	{ARMVIRT_SET_TRBE, ARMVIRT_FEAT_TRBE},
	{ARMVIRT_SET_TRF, ARMVIRT_FEAT_TRF},
	{ARMVIRT_SET_MPAM, ARMVIRT_FEAT_MPAM},
	{ARMVIRT_SET_GIC | ARMVIRT_SET_GICAP | ARMVIRT_SET_GICLR, ARMVIRT_FEAT_GIC3},
};

#define DEBUG_SETS (ARMVIRT_SET_DEBUG | ARMVIRT_SET_BRP | ARMVIRT_SET_WRP)

/*
 * FEAT_RAS of the machine and not of the guest: ESB works all the same and DISR cannot trap, so
 * the set follows the machine. AArch32 likewise: EL1 has its state whether shown or not, but
 * only an AArch32 guest can change it.
 */
static uint64_t sets(const struct armvirt_features *host, const struct armvirt_features *guest,
		     const struct armvirt_policy *p)
{
	uint64_t v = ARMVIRT_SET_EL1 | ARMVIRT_SET_IMPDEF | ARMVIRT_SET_TIMER;

	for (size_t i = 0; i < sizeof(switched) / sizeof(switched[0]); i++)
		v |= when(armvirt_has(guest, (enum armvirt_feature)switched[i].feature),
			  switched[i].sets);
	v |= when(armvirt_has(host, ARMVIRT_FEAT_RAS), ARMVIRT_SET_RAS);
	v |= when(debug_switched(p), DEBUG_SETS);
	return v;
}

/* Features of the machine that a guest may have none of. */
static bool switchable(const struct armvirt_features *guest)
{
	return !armvirt_has(guest, ARMVIRT_FEAT_SME) && !armvirt_has(guest, ARMVIRT_FEAT_AMU) &&
	       !armvirt_has(guest, ARMVIRT_FEAT_NV) && !armvirt_has(guest, ARMVIRT_FEAT_D128) &&
	       !armvirt_has(guest, ARMVIRT_FEAT_VHE) && !armvirt_has(guest, ARMVIRT_FEAT_BRBE) &&
	       !armvirt_has(guest, ARMVIRT_FEAT_TRACE) && !armvirt_has(guest, ARMVIRT_FEAT_LOR) &&
	       !armvirt_has(guest, ARMVIRT_FEAT_NMI) && !armvirt_has(guest, ARMVIRT_FEAT_THE) &&
	       !armvirt_has(guest, ARMVIRT_FEAT_EBEP) && !armvirt_has(guest, ARMVIRT_FEAT_SEBEP);
}

static bool subset(const struct armvirt_features *host, const struct armvirt_features *guest)
{
	for (unsigned x = 0; x < ARMVIRT_FEAT_COUNT; x++) {
		if (x == ARMVIRT_FEAT_DOUBLELOCK || x == ARMVIRT_FEAT_E2H0_RES)
			continue; /* of these, "yes" promises less */
		if (armvirt_has(guest, (enum armvirt_feature)x) &&
		    !armvirt_has(host, (enum armvirt_feature)x))
			return false;
	}
	return true;
}

enum armvirt_status armvirt_trapcfg_build(struct armvirt_trapcfg *t,
					  const struct armvirt_features *host,
					  const struct armvirt_features *guest,
					  const struct armvirt_policy *p)
{
	if (!subset(host, guest) || (p->show & ~ARMVIRT_SHOW_ALL) ||
	    (p->pmu_reserved && p->pmu_reserved >= host->pmu_counters))
		return ARMVIRT_E_ARG;
	if (!switchable(guest))
		return ARMVIRT_E_UNSUPPORTED;
	*t = (struct armvirt_trapcfg){.hcr_el2 = hcr(host, guest, p)};
	t->hcrx_el2 = hcrx(host, guest);
	t->cptr_el2[0] = cptr_e2h0(host, guest);
	t->cptr_el2[1] = cptr_e2h1(host, guest);
	t->mdcr_el2 = mdcr(host, guest, p);
	/* CNTHCTL_EL2 is 0 in both layouts: the physical timer and counter trap, the virtual not */
	t->hstr_el2 = hstr(host, guest);
	mpam(t, host, guest);
	t->ich_hcr_el2 = when(hidden(host, guest, ARMVIRT_FEAT_GIC3),
			      ARMVIRT_ICH_HCR_EL2_TC | ARMVIRT_ICH_HCR_EL2_TALL0 |
				      ARMVIRT_ICH_HCR_EL2_TALL1);
	fgt(t, host, guest);
	t->sets = sets(host, guest, p);
	return ARMVIRT_OK;
}
