/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/features.h>
#include <libarmvirt/regs.h>

/* "Feature f is there when the 4-bit field at shift of register reg is at least min." */
struct feature_rule {
	uint8_t feature;
	uint8_t reg;
	uint8_t shift;
	uint8_t min;
};

#define RULE(f, r, field, least)                                                                  \
	{                                                                                         \
		ARMVIRT_FEAT_##f, ARMVIRT_IDREG_ID_AA64##r, ARMVIRT_ID_AA64##r##_##field##_SHIFT, \
			least                                                                     \
	}

/* Fields are unsigned here, "not there" being 0. Several rules for one feature: any of them. */
static const struct feature_rule rules[] = {
	RULE(VHE, MMFR1_EL1, VH, 1),          RULE(RAS, PFR0_EL1, RAS, 1),
	RULE(XNX, MMFR1_EL1, XNX, 1),         RULE(S2FWB, MMFR2_EL1, FWB, 1),
	RULE(HAF, MMFR1_EL1, HAFDBS, 1),      RULE(HDBS, MMFR1_EL1, HAFDBS, 2),
	RULE(TTL, MMFR2_EL1, TTL, 1),         RULE(TLBIOS, ISAR0_EL1, TLB, 1),
	RULE(TLBIRANGE, ISAR0_EL1, TLB, 2),   RULE(CNP, MMFR2_EL1, CNP, 1),
	RULE(VMID16, MMFR1_EL1, VMIDBITS, 2), RULE(LPA, MMFR0_EL1, PARANGE, 6),
	RULE(HCX, MMFR1_EL1, HCX, 1),         RULE(FGT, MMFR0_EL1, FGT, 1),
	RULE(FGT2, MMFR0_EL1, FGT, 2),        RULE(EVT, MMFR2_EL1, EVT, 1),
	RULE(EVT2, MMFR2_EL1, EVT, 2),        RULE(ECV, MMFR0_EL1, ECV, 1),
	RULE(ECV_POFF, MMFR0_EL1, ECV, 2),    RULE(PAUTH, ISAR1_EL1, APA, 1),
	RULE(PAUTH, ISAR1_EL1, API, 1),       RULE(PAUTH, ISAR2_EL1, APA3, 1),
	RULE(PAUTHGEN, ISAR1_EL1, GPA, 1),    RULE(PAUTHGEN, ISAR1_EL1, GPI, 1),
	RULE(PAUTHGEN, ISAR2_EL1, GPA3, 1),   RULE(BTI, PFR1_EL1, BT, 1),
	RULE(MTE, PFR1_EL1, MTE, 1),          RULE(MTE2, PFR1_EL1, MTE, 2),
	RULE(SSBS, PFR1_EL1, SSBS, 1),        RULE(PAN, MMFR1_EL1, PAN, 1),
	RULE(UAO, MMFR2_EL1, UAO, 1),         RULE(DIT, PFR0_EL1, DIT, 1),
	RULE(NMI, PFR1_EL1, NMI, 1),          RULE(GCS, PFR1_EL1, GCS, 1),
	RULE(EBEP, DFR1_EL1, EBEP, 1),        RULE(SEBEP, DFR0_EL1, SEBEP, 1),
	RULE(DOUBLEFAULT2, PFR1_EL1, DF2, 1), RULE(SVE, PFR0_EL1, SVE, 1),
	RULE(SME, PFR1_EL1, SME, 1),          RULE(FPMR, PFR2_EL1, FPMR, 1),
	RULE(NV, MMFR2_EL1, NV, 1),           RULE(NV2, MMFR2_EL1, NV, 2),
	RULE(NV, MMFR4_EL1, NV_FRAC, 1),      RULE(NV2, MMFR4_EL1, NV_FRAC, 1),
	RULE(TCR2, MMFR3_EL1, TCRX, 1),       RULE(SCTLR2, MMFR3_EL1, SCTLRX, 1),
	RULE(S1PIE, MMFR3_EL1, S1PIE, 1),     RULE(S2PIE, MMFR3_EL1, S2PIE, 1),
	RULE(S1POE, MMFR3_EL1, S1POE, 1),     RULE(S2POE, MMFR3_EL1, S2POE, 1),
	RULE(D128, MMFR3_EL1, D128, 1),       RULE(LOR, MMFR1_EL1, LO, 1),
	RULE(CSV2_2, PFR0_EL1, CSV2, 2),      RULE(CSV2_2, PFR1_EL1, CSV2_FRAC, 2),
	RULE(WFXT, ISAR2_EL1, WFXT, 2),       RULE(TIDCP1, MMFR1_EL1, TIDCP1, 1),
	RULE(AMU, PFR0_EL1, AMU, 1),          RULE(MPAM, PFR0_EL1, MPAM, 1),
	RULE(MPAM, PFR1_EL1, MPAM_FRAC, 1),   RULE(SPE, DFR0_EL1, PMSVER, 1),
	RULE(TRBE, DFR0_EL1, TRACEBUFFER, 1), RULE(TRF, DFR0_EL1, TRACEFILT, 1),
	RULE(TRACE, DFR0_EL1, TRACEVER, 1),   RULE(BRBE, DFR0_EL1, BRBE, 1),
	RULE(GIC3, PFR0_EL1, GIC, 1),         RULE(AA32EL0, PFR0_EL1, EL0, 2),
	RULE(AA32EL1, PFR0_EL1, EL1, 2),      RULE(IDST, MMFR2_EL1, IDS, 1),
	RULE(LSE, ISAR0_EL1, ATOMIC, 2),      RULE(ETS2, MMFR1_EL1, ETS, 2),
	RULE(RASV1P1, PFR0_EL1, RAS, 2),      RULE(PAN2, MMFR1_EL1, PAN, 2),
	RULE(DPB, ISAR1_EL1, DPB, 1),         RULE(DPB2, ISAR1_EL1, DPB, 2),
	RULE(SPECRES, ISAR1_EL1, SPECRES, 1), RULE(SPECRES2, ISAR1_EL1, SPECRES, 2),
	RULE(ATS1A, ISAR2_EL1, ATS1A, 1),     RULE(AIE, MMFR3_EL1, AIE, 1),
	RULE(THE, PFR1_EL1, THE, 1),          RULE(PFAR, PFR1_EL1, PFAR, 1),
	RULE(ACCDATA, ISAR1_EL1, LS64, 3),    RULE(MOPS, ISAR2_EL1, MOPS, 1),
	RULE(CMOW, MMFR1_EL1, CMOW, 1),
};

static unsigned id_field(const struct armvirt_idregs *id, enum armvirt_idreg reg, unsigned shift)
{
	return (unsigned)(id->reg[reg] >> shift) & 15;
}

#define FIELD(id, r, field) \
	id_field(id, ARMVIRT_IDREG_ID_AA64##r, ARMVIRT_ID_AA64##r##_##field##_SHIFT)

static void set(struct armvirt_features *f, enum armvirt_feature x, bool there)
{
	if (there)
		f->has[(unsigned)x / 64] |= UINT64_C(1) << ((unsigned)x % 64);
}

/* Fields where "not there" is 15, or where the value 0 means "there". */
static void derive_signed(struct armvirt_features *f, const struct armvirt_idregs *id)
{
	unsigned pmu = FIELD(id, DFR0_EL1, PMUVER);

	set(f, ARMVIRT_FEAT_FP, FIELD(id, PFR0_EL1, FP) < 8);
	set(f, ARMVIRT_FEAT_PMU, pmu != 0 && pmu != 15);
	set(f, ARMVIRT_FEAT_PMUV3P1, pmu >= 4 && pmu != 15);
	set(f, ARMVIRT_FEAT_PMUV3P4, pmu >= 5 && pmu != 15);
	set(f, ARMVIRT_FEAT_PMUV3P5, pmu >= 6 && pmu != 15);
	set(f, ARMVIRT_FEAT_RASV1P1,
	    FIELD(id, PFR0_EL1, RAS) == 1 && FIELD(id, PFR1_EL1, RAS_FRAC) >= 1);
	set(f, ARMVIRT_FEAT_DOUBLELOCK, FIELD(id, DFR0_EL1, DOUBLELOCK) == 0);
	set(f, ARMVIRT_FEAT_E2H0_RES, FIELD(id, MMFR4_EL1, E2H0) >= 8);
	set(f, ARMVIRT_FEAT_IDC, id->reg[ARMVIRT_IDREG_CTR_EL0] & ARMVIRT_CTR_EL0_IDC);
	set(f, ARMVIRT_FEAT_DIC, id->reg[ARMVIRT_IDREG_CTR_EL0] & ARMVIRT_CTR_EL0_DIC);
}

/* TGRAN4 and TGRAN64 are signed: 15 is "no". TGRAN16: 0 is "no". */
static void derive_granules(struct armvirt_features *f, const struct armvirt_idregs *id)
{
	unsigned g4 = FIELD(id, MMFR0_EL1, TGRAN4), g16 = FIELD(id, MMFR0_EL1, TGRAN16);
	unsigned g64 = FIELD(id, MMFR0_EL1, TGRAN64);
	unsigned s4 = FIELD(id, MMFR0_EL1, TGRAN4_2), s16 = FIELD(id, MMFR0_EL1, TGRAN16_2);
	unsigned s64 = FIELD(id, MMFR0_EL1, TGRAN64_2);

	f->s1_granule_4k = g4 >= 8 ? 0 : g4 >= 1 ? 2 : 1;
	f->s1_granule_16k = (uint8_t)(g16 > 2 ? 2 : g16);
	f->s1_granule_64k = g64 < 8;
	/* stage 2: 0 is "as stage 1", 1 is "no" */
	f->s2_granule_4k = s4 == 0 ? f->s1_granule_4k : (uint8_t)(s4 > 3 ? 2 : s4 - 1);
	f->s2_granule_16k = s16 == 0 ? f->s1_granule_16k : (uint8_t)(s16 > 3 ? 2 : s16 - 1);
	f->s2_granule_64k = s64 == 0 ? f->s1_granule_64k : s64 >= 2;
}

static uint8_t pa_bits(unsigned parange)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52};

	/* 7 is 56 bits, which only 128-bit descriptors reach */
	return bits[parange < sizeof(bits) ? parange : sizeof(bits) - 1];
}

/* A count less one in a 4-bit field, or, when that is 15, in an 8-bit field of DFR1. */
static uint8_t count(const struct armvirt_idregs *id, unsigned shift, unsigned shift1)
{
	unsigned n = id_field(id, ARMVIRT_IDREG_ID_AA64DFR0_EL1, shift) + 1;
	unsigned more = (unsigned)(id->reg[ARMVIRT_IDREG_ID_AA64DFR1_EL1] >> shift1) & 255;

	if (n < 16 || more < 16)
		return (uint8_t)n;
	return (uint8_t)(more > 63 ? 64 : more + 1);
}

void armvirt_features_derive(struct armvirt_features *f, const struct armvirt_idregs *id)
{
	unsigned bbm = FIELD(id, MMFR2_EL1, BBM);

	if (id != &f->id)
		f->id = *id;
	id = &f->id;
	for (size_t i = 0; i < sizeof(f->has) / sizeof(f->has[0]); i++)
		f->has[i] = 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		set(f, (enum armvirt_feature)rules[i].feature,
		    id_field(id, (enum armvirt_idreg)rules[i].reg, rules[i].shift) >= rules[i].min);
	derive_signed(f, id);
	derive_granules(f, id);
	f->pa_bits = pa_bits(FIELD(id, MMFR0_EL1, PARANGE));
	f->bbm_level = (uint8_t)(bbm > 2 ? 2 : bbm);
	f->pmu_counters = 0;
	f->brp_count =
		count(id, ARMVIRT_ID_AA64DFR0_EL1_BRPS_SHIFT, ARMVIRT_ID_AA64DFR1_EL1_BRPS_SHIFT);
	f->wrp_count =
		count(id, ARMVIRT_ID_AA64DFR0_EL1_WRPS_SHIFT, ARMVIRT_ID_AA64DFR1_EL1_WRPS_SHIFT);
}

#define NAME(f, text) [ARMVIRT_FEAT_##f] = "FEAT_" text

/* Text inside the entries: no pointers, so no relocations. */
static const char names[ARMVIRT_FEAT_COUNT][20] = {
	NAME(VHE, "VHE"),         NAME(E2H0_RES, "E2H0_RES1"),
	NAME(RAS, "RAS"),         NAME(XNX, "XNX"),
	NAME(S2FWB, "S2FWB"),     NAME(HAF, "HAFDBS"),
	NAME(HDBS, "HAFDBS_DS"),  NAME(TTL, "TTL"),
	NAME(TLBIOS, "TLBIOS"),   NAME(TLBIRANGE, "TLBIRANGE"),
	NAME(CNP, "TTCNP"),       NAME(VMID16, "VMID16"),
	NAME(LPA, "LPA"),         NAME(HCX, "HCX"),
	NAME(FGT, "FGT"),         NAME(FGT2, "FGT2"),
	NAME(EVT, "EVT"),         NAME(EVT2, "EVT_TTLBxS"),
	NAME(ECV, "ECV"),         NAME(ECV_POFF, "ECV_POFF"),
	NAME(PAUTH, "PAuth"),     NAME(PAUTHGEN, "PAuth_generic"),
	NAME(BTI, "BTI"),         NAME(MTE, "MTE"),
	NAME(MTE2, "MTE2"),       NAME(SSBS, "SSBS"),
	NAME(PAN, "PAN"),         NAME(UAO, "UAO"),
	NAME(DIT, "DIT"),         NAME(NMI, "NMI"),
	NAME(GCS, "GCS"),         NAME(EBEP, "EBEP"),
	NAME(SEBEP, "SEBEP"),     NAME(DOUBLEFAULT2, "DoubleFault2"),
	NAME(FP, "FP"),           NAME(SVE, "SVE"),
	NAME(SME, "SME"),         NAME(FPMR, "FPMR"),
	NAME(NV, "NV"),           NAME(NV2, "NV2"),
	NAME(TCR2, "TCR2"),       NAME(SCTLR2, "SCTLR2"),
	NAME(S1PIE, "S1PIE"),     NAME(S2PIE, "S2PIE"),
	NAME(S1POE, "S1POE"),     NAME(S2POE, "S2POE"),
	NAME(D128, "D128"),       NAME(LOR, "LOR"),
	NAME(CSV2_2, "CSV2_2"),   NAME(WFXT, "WFxT"),
	NAME(TIDCP1, "TIDCP1"),   NAME(AMU, "AMUv1"),
	NAME(MPAM, "MPAM"),       NAME(PMU, "PMUv3"),
	NAME(SPE, "SPE"),         NAME(TRBE, "TRBE"),
	NAME(TRF, "TRF"),         NAME(TRACE, "ETE"),
	NAME(BRBE, "BRBE"),       NAME(DOUBLELOCK, "DoubleLock"),
	NAME(GIC3, "GICv3"),      NAME(AA32EL0, "AA32EL0"),
	NAME(AA32EL1, "AA32EL1"), NAME(IDST, "IDST"),
	NAME(LSE, "LSE"),         NAME(ETS2, "ETS2"),
	NAME(IDC, "CTR_IDC"),     NAME(DIC, "CTR_DIC"),
	NAME(RASV1P1, "RASv1p1"), NAME(PAN2, "PAN2"),
	NAME(DPB, "DPB"),         NAME(DPB2, "DPB2"),
	NAME(SPECRES, "SPECRES"), NAME(SPECRES2, "SPECRES2"),
	NAME(ATS1A, "ATS1A"),     NAME(PMUV3P1, "PMUv3p1"),
	NAME(PMUV3P4, "PMUv3p4"), NAME(PMUV3P5, "PMUv3p5"),
	NAME(AIE, "AIE"),         NAME(THE, "THE"),
	NAME(PFAR, "PFAR"),       NAME(ACCDATA, "LS64_ACCDATA"),
	NAME(MOPS, "MOPS"),       NAME(CMOW, "CMOW"),
};

const char *armvirt_feature_name(enum armvirt_feature x)
{
	return (unsigned)x < ARMVIRT_FEAT_COUNT ? names[x] : NULL;
}
