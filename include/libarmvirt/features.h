/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief What a processor can do, as data.
 */
#ifndef LIBARMVIRT_FEATURES_H
#define LIBARMVIRT_FEATURES_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup features Features
 * @brief ID registers as data, and the questions that the library asks of them.
 *
 * `armvirt_hw_idregs_read()` fills the registers of one CPU; everything else is
 * pure. A PC test fills the same structure with any values it likes.
 * @{
 */

/** Index of an ID register in @ref armvirt_idregs. Numbers are fixed for ever. */
enum armvirt_idreg {
	ARMVIRT_IDREG_MIDR_EL1 = 0,          /**< MIDR_EL1 */
	ARMVIRT_IDREG_MPIDR_EL1 = 1,         /**< MPIDR_EL1 */
	ARMVIRT_IDREG_REVIDR_EL1 = 2,        /**< REVIDR_EL1 */
	ARMVIRT_IDREG_ID_AA64PFR0_EL1 = 3,   /**< ID_AA64PFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64PFR1_EL1 = 4,   /**< ID_AA64PFR1_EL1 */
	ARMVIRT_IDREG_ID_AA64PFR2_EL1 = 5,   /**< ID_AA64PFR2_EL1 */
	ARMVIRT_IDREG_ID_AA64ZFR0_EL1 = 6,   /**< ID_AA64ZFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64SMFR0_EL1 = 7,  /**< ID_AA64SMFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64FPFR0_EL1 = 8,  /**< ID_AA64FPFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64DFR0_EL1 = 9,   /**< ID_AA64DFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64DFR1_EL1 = 10,  /**< ID_AA64DFR1_EL1 */
	ARMVIRT_IDREG_ID_AA64DFR2_EL1 = 11,  /**< ID_AA64DFR2_EL1 */
	ARMVIRT_IDREG_ID_AA64AFR0_EL1 = 12,  /**< ID_AA64AFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64AFR1_EL1 = 13,  /**< ID_AA64AFR1_EL1 */
	ARMVIRT_IDREG_ID_AA64ISAR0_EL1 = 14, /**< ID_AA64ISAR0_EL1 */
	ARMVIRT_IDREG_ID_AA64ISAR1_EL1 = 15, /**< ID_AA64ISAR1_EL1 */
	ARMVIRT_IDREG_ID_AA64ISAR2_EL1 = 16, /**< ID_AA64ISAR2_EL1 */
	ARMVIRT_IDREG_ID_AA64ISAR3_EL1 = 17, /**< ID_AA64ISAR3_EL1 */
	ARMVIRT_IDREG_ID_AA64MMFR0_EL1 = 18, /**< ID_AA64MMFR0_EL1 */
	ARMVIRT_IDREG_ID_AA64MMFR1_EL1 = 19, /**< ID_AA64MMFR1_EL1 */
	ARMVIRT_IDREG_ID_AA64MMFR2_EL1 = 20, /**< ID_AA64MMFR2_EL1 */
	ARMVIRT_IDREG_ID_AA64MMFR3_EL1 = 21, /**< ID_AA64MMFR3_EL1 */
	ARMVIRT_IDREG_ID_AA64MMFR4_EL1 = 22, /**< ID_AA64MMFR4_EL1 */
	ARMVIRT_IDREG_CTR_EL0 = 23,          /**< CTR_EL0 */
	ARMVIRT_IDREG_DCZID_EL0 = 24,        /**< DCZID_EL0 */
	ARMVIRT_IDREG_CLIDR_EL1 = 25,        /**< CLIDR_EL1 */
	ARMVIRT_IDREG_GMID_EL1 = 26,         /**< GMID_EL1 (FEAT_MTE2, else 0) */
	ARMVIRT_IDREG_MPAMIDR_EL1 = 27,      /**< MPAMIDR_EL1 (FEAT_MPAM, else 0) */
	ARMVIRT_IDREG_ICH_VTR_EL2 = 28,      /**< ICH_VTR_EL2 (GIC system registers, else 0) */
	ARMVIRT_IDREG_AIDR_EL1 = 29,         /**< AIDR_EL1 */
	ARMVIRT_IDREG_ID_PFR0_EL1 = 30,      /**< ID_PFR0_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_PFR1_EL1 = 31,      /**< ID_PFR1_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_PFR2_EL1 = 32,      /**< ID_PFR2_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_DFR0_EL1 = 33,      /**< ID_DFR0_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_DFR1_EL1 = 34,      /**< ID_DFR1_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_AFR0_EL1 = 35,      /**< ID_AFR0_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_MMFR0_EL1 = 36,     /**< ID_MMFR0_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_MMFR1_EL1 = 37,     /**< ID_MMFR1_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_MMFR2_EL1 = 38,     /**< ID_MMFR2_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_MMFR3_EL1 = 39,     /**< ID_MMFR3_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_MMFR4_EL1 = 40,     /**< ID_MMFR4_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_MMFR5_EL1 = 41,     /**< ID_MMFR5_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR0_EL1 = 42,     /**< ID_ISAR0_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR1_EL1 = 43,     /**< ID_ISAR1_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR2_EL1 = 44,     /**< ID_ISAR2_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR3_EL1 = 45,     /**< ID_ISAR3_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR4_EL1 = 46,     /**< ID_ISAR4_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR5_EL1 = 47,     /**< ID_ISAR5_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_ID_ISAR6_EL1 = 48,     /**< ID_ISAR6_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_MVFR0_EL1 = 49,        /**< MVFR0_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_MVFR1_EL1 = 50,        /**< MVFR1_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_MVFR2_EL1 = 51,        /**< MVFR2_EL1 (AArch32 at EL0, else 0) */
	ARMVIRT_IDREG_COUNT                  /**< number of indices */
};

/** The ID registers of one CPU, or of a set of CPUs after sanitising. */
struct armvirt_idregs {
	uint64_t reg[ARMVIRT_IDREG_COUNT]; /**< raw values, by @ref armvirt_idreg */
};

/** A question with the answer yes or no. Numbers are not stable: never store them. */
enum armvirt_feature {
	ARMVIRT_FEAT_VHE,          /**< FEAT_VHE: HCR_EL2.E2H and TGE, EL12 accessors */
	ARMVIRT_FEAT_E2H0_RES,     /**< E2H is RES1 (ID_AA64MMFR4_EL1.E2H0 says so) */
	ARMVIRT_FEAT_RAS,          /**< FEAT_RAS: ESB, DISR, VSESR */
	ARMVIRT_FEAT_XNX,          /**< FEAT_XNX: two-bit execute-never in stage 2 */
	ARMVIRT_FEAT_S2FWB,        /**< FEAT_S2FWB */
	ARMVIRT_FEAT_HAF,          /**< hardware access flag */
	ARMVIRT_FEAT_HDBS,         /**< hardware dirty state */
	ARMVIRT_FEAT_TTL,          /**< FEAT_TTL: level hint in TLBI */
	ARMVIRT_FEAT_TLBIOS,       /**< outer shareable TLBI */
	ARMVIRT_FEAT_TLBIRANGE,    /**< FEAT_TLBIRANGE */
	ARMVIRT_FEAT_CNP,          /**< FEAT_TTCNP */
	ARMVIRT_FEAT_VMID16,       /**< FEAT_VMID16 */
	ARMVIRT_FEAT_LPA,          /**< 52-bit PA with 64K granule (PARange says 52) */
	ARMVIRT_FEAT_HCX,          /**< FEAT_HCX: HCRX_EL2 */
	ARMVIRT_FEAT_FGT,          /**< FEAT_FGT: HFGxTR_EL2 and friends */
	ARMVIRT_FEAT_FGT2,         /**< FEAT_FGT2 */
	ARMVIRT_FEAT_EVT,          /**< FEAT_EVT: TID4, TOCU, TICAB */
	ARMVIRT_FEAT_EVT2,         /**< FEAT_EVT level 2: TTLBIS, TTLBOS */
	ARMVIRT_FEAT_ECV,          /**< FEAT_ECV: self-synchronised counters, CNTHCTL traps */
	ARMVIRT_FEAT_ECV_POFF,     /**< FEAT_ECV_POFF: CNTPOFF_EL2 */
	ARMVIRT_FEAT_PAUTH,        /**< address authentication, any algorithm */
	ARMVIRT_FEAT_PAUTHGEN,     /**< generic authentication, any algorithm */
	ARMVIRT_FEAT_BTI,          /**< FEAT_BTI */
	ARMVIRT_FEAT_MTE,          /**< FEAT_MTE: instructions at EL0 */
	ARMVIRT_FEAT_MTE2,         /**< FEAT_MTE2: tags in memory */
	ARMVIRT_FEAT_SSBS,         /**< FEAT_SSBS: PSTATE.SSBS */
	ARMVIRT_FEAT_PAN,          /**< FEAT_PAN */
	ARMVIRT_FEAT_UAO,          /**< FEAT_UAO */
	ARMVIRT_FEAT_DIT,          /**< FEAT_DIT */
	ARMVIRT_FEAT_NMI,          /**< FEAT_NMI: PSTATE.ALLINT */
	ARMVIRT_FEAT_GCS,          /**< FEAT_GCS */
	ARMVIRT_FEAT_EBEP,         /**< FEAT_EBEP: PSTATE.PM */
	ARMVIRT_FEAT_SEBEP,        /**< FEAT_SEBEP: PSTATE.PPEND */
	ARMVIRT_FEAT_DOUBLEFAULT2, /**< FEAT_DoubleFault2: SCTLR2.EASE */
	ARMVIRT_FEAT_FP,           /**< FP and SIMD */
	ARMVIRT_FEAT_SVE,          /**< FEAT_SVE */
	ARMVIRT_FEAT_SME,          /**< FEAT_SME */
	ARMVIRT_FEAT_FPMR,         /**< FEAT_FPMR */
	ARMVIRT_FEAT_NV,           /**< FEAT_NV */
	ARMVIRT_FEAT_NV2,          /**< FEAT_NV2 */
	ARMVIRT_FEAT_TCR2,         /**< FEAT_TCR2 */
	ARMVIRT_FEAT_SCTLR2,       /**< FEAT_SCTLR2 */
	ARMVIRT_FEAT_S1PIE,        /**< FEAT_S1PIE */
	ARMVIRT_FEAT_S2PIE,        /**< FEAT_S2PIE */
	ARMVIRT_FEAT_S1POE,        /**< FEAT_S1POE */
	ARMVIRT_FEAT_S2POE,        /**< FEAT_S2POE */
	ARMVIRT_FEAT_D128,         /**< FEAT_D128 */
	ARMVIRT_FEAT_LOR,          /**< FEAT_LOR */
	ARMVIRT_FEAT_CSV2_2,       /**< SCXTNUM_ELx exist */
	ARMVIRT_FEAT_WFXT,         /**< FEAT_WFxT */
	ARMVIRT_FEAT_TIDCP1,       /**< FEAT_TIDCP1 */
	ARMVIRT_FEAT_AMU,          /**< FEAT_AMUv1 */
	ARMVIRT_FEAT_MPAM,         /**< FEAT_MPAM */
	ARMVIRT_FEAT_PMU,          /**< FEAT_PMUv3 */
	ARMVIRT_FEAT_SPE,          /**< FEAT_SPE */
	ARMVIRT_FEAT_TRBE,         /**< FEAT_TRBE */
	ARMVIRT_FEAT_TRF,          /**< FEAT_TRF */
	ARMVIRT_FEAT_TRACE,        /**< trace unit system registers */
	ARMVIRT_FEAT_BRBE,         /**< FEAT_BRBE */
	ARMVIRT_FEAT_DOUBLELOCK,   /**< FEAT_DoubleLock: OSDLR_EL1 */
	ARMVIRT_FEAT_GIC3,         /**< GIC CPU interface as system registers */
	ARMVIRT_FEAT_AA32EL0,      /**< AArch32 at EL0 */
	ARMVIRT_FEAT_AA32EL1,      /**< AArch32 at EL1 */
	ARMVIRT_FEAT_IDST,         /**< FEAT_IDST: EL0 reads of ID registers report EC 0x18 */
	ARMVIRT_FEAT_LSE,          /**< FEAT_LSE */
	ARMVIRT_FEAT_ETS2,         /**< FEAT_ETS2 */
	ARMVIRT_FEAT_IDC,          /**< CTR_EL0.IDC: no data clean for instruction coherence */
	ARMVIRT_FEAT_DIC,          /**< CTR_EL0.DIC: no I-cache invalidation needed */
	ARMVIRT_FEAT_RASV1P1,      /**< FEAT_RASv1p1: error record injection */
	ARMVIRT_FEAT_PAN2,         /**< FEAT_PAN2: AT S1E1RP, AT S1E1WP */
	ARMVIRT_FEAT_DPB,          /**< FEAT_DPB: DC CVAP */
	ARMVIRT_FEAT_DPB2,         /**< FEAT_DPB2: DC CVADP */
	ARMVIRT_FEAT_SPECRES,      /**< FEAT_SPECRES: CFP, DVP, CPP RCTX */
	ARMVIRT_FEAT_SPECRES2,     /**< FEAT_SPECRES2: COSP RCTX */
	ARMVIRT_FEAT_ATS1A,        /**< FEAT_ATS1A: AT S1E1A */
	ARMVIRT_FEAT_PMUV3P1,      /**< FEAT_PMUv3p1: counting prohibited at EL2 */
	ARMVIRT_FEAT_PMUV3P4,      /**< FEAT_PMUv3p4: PMMIR_EL1 */
	ARMVIRT_FEAT_PMUV3P5,      /**< FEAT_PMUv3p5: cycle counter prohibited at EL2 */
	ARMVIRT_FEAT_AIE,          /**< FEAT_AIE: MAIR2_EL1, AMAIR2_EL1 */
	ARMVIRT_FEAT_THE,          /**< FEAT_THE: RCWMASK_EL1 */
	ARMVIRT_FEAT_PFAR,         /**< FEAT_PFAR: PFAR_EL1 */
	ARMVIRT_FEAT_ACCDATA,      /**< FEAT_LS64_ACCDATA: ACCDATA_EL1 */
	ARMVIRT_FEAT_MOPS,         /**< FEAT_MOPS: memory copy and set */
	ARMVIRT_FEAT_CMOW,         /**< FEAT_CMOW: cache maintenance needs write permission */
	ARMVIRT_FEAT_COUNT         /**< number of features */
};

/** What one CPU, or every CPU of a set, can do. */
struct armvirt_features {
	struct armvirt_idregs id;                     /**< the registers it was made from */
	uint64_t has[(ARMVIRT_FEAT_COUNT + 63) / 64]; /**< bit n: @ref armvirt_feature n */
	uint8_t pa_bits;                              /**< physical address bits, 32 to 52 */
	uint8_t bbm_level;                            /**< FEAT_BBM level 0 to 2 */
	uint8_t s2_granule_4k;  /**< stage 2, 4K granule: 0 no, 1 yes, 2 with LPA2 */
	uint8_t s2_granule_16k; /**< stage 2, 16K granule: 0 no, 1 yes, 2 with LPA2 */
	uint8_t s2_granule_64k; /**< stage 2, 64K granule: 0 no, 1 yes */
	uint8_t s1_granule_4k;  /**< stage 1, 4K granule: 0 no, 1 yes, 2 with LPA2 */
	uint8_t s1_granule_16k; /**< stage 1, 16K granule: 0 no, 1 yes, 2 with LPA2 */
	uint8_t s1_granule_64k; /**< stage 1, 64K granule: 0 no, 1 yes */
	uint8_t pmu_counters;   /**< event counters: filled by the caller from PMCR_EL0.N, else 0 */
	uint8_t brp_count;      /**< breakpoints, 0 to 64 */
	uint8_t wrp_count;      /**< watchpoints, 0 to 64 */
};

/**
 * @brief Derives everything in @p f from ID registers.
 * @param f  written whole
 * @param id registers of one CPU, or sanitised over all
 *
 * Pure. An unknown higher value of a field counts as the highest value that the
 * library knows (ID scheme of the architecture: fields grow, features stay).
 */
void armvirt_features_derive(struct armvirt_features *f, const struct armvirt_idregs *id);

/**
 * @brief Reads the ID registers of the CPU that this runs on.
 * @param id written whole
 *
 * At EL2. Registers that this CPU lacks become 0; none is read that could be UNDEFINED here:
 * GMID_EL1 and MPAMIDR_EL1 need their features, ICH_VTR_EL2 needs ICC_SRE_EL2.SRE = 1 and is 0
 * before that is set. At EL1 under a hypervisor the function does not work. EL3 firmware that
 * traps MPAM registers (MPAM3_EL3.TRAPLOWER) although it shows the feature is not supported.
 * Per-object; issues no barrier.
 */
void armvirt_hw_idregs_read(struct armvirt_idregs *id);

/** Whether feature @p x is there. Pure. */
static inline bool armvirt_has(const struct armvirt_features *f, enum armvirt_feature x)
{
	return (f->has[(unsigned)x / 64] >> ((unsigned)x % 64)) & 1;
}

/** Name of a feature as the architecture writes it, "FEAT_VHE"; NULL past the last. Pure. */
const char *armvirt_feature_name(enum armvirt_feature x);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
