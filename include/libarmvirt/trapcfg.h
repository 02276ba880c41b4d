/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Trap configuration and register sets of a guest, from one input.
 */
#ifndef LIBARMVIRT_TRAPCFG_H
#define LIBARMVIRT_TRAPCFG_H

#include <libarmvirt/base.h>
#include <libarmvirt/context.h>
#include <libarmvirt/features.h>
#include <libarmvirt/idregs.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup trapcfg Trap configuration
 * @brief What traps, and what is switched, follow from the same features and policy.
 *
 * So "shown to the guest but not switched" cannot be said. What a guest is not shown traps
 * wherever hardware can trap it; the documentation of registers lists what hardware cannot.
 * @{
 */

/** Index of the fine-grained trap registers in @ref armvirt_trapcfg. */
enum armvirt_fgt {
	ARMVIRT_FGT_HFGRTR = 0,    /**< HFGRTR_EL2 */
	ARMVIRT_FGT_HFGWTR = 1,    /**< HFGWTR_EL2 */
	ARMVIRT_FGT_HFGITR = 2,    /**< HFGITR_EL2 */
	ARMVIRT_FGT_HDFGRTR = 3,   /**< HDFGRTR_EL2 */
	ARMVIRT_FGT_HDFGWTR = 4,   /**< HDFGWTR_EL2 */
	ARMVIRT_FGT_HAFGRTR = 5,   /**< HAFGRTR_EL2 (FEAT_AMUv1) */
	ARMVIRT_FGT_HFGRTR2 = 6,   /**< HFGRTR2_EL2 (FEAT_FGT2) */
	ARMVIRT_FGT_HFGWTR2 = 7,   /**< HFGWTR2_EL2 (FEAT_FGT2) */
	ARMVIRT_FGT_HFGITR2 = 8,   /**< HFGITR2_EL2 (FEAT_FGT2) */
	ARMVIRT_FGT_HDFGRTR2 = 9,  /**< HDFGRTR2_EL2 (FEAT_FGT2) */
	ARMVIRT_FGT_HDFGWTR2 = 10, /**< HDFGWTR2_EL2 (FEAT_FGT2) */
	ARMVIRT_FGT_COUNT          /**< number of them */
};

/**
 * Values of the trap registers while a guest runs. Registers that the CPU lacks have the value
 * 0 and must not be written. The library's stage-2 geometry adds HCR_EL2.FWB; HCR_EL2.E2H is
 * always 0 here, the world switch adds the mode of the CPU. Bits that a CPU has as RES0 are 0.
 */
struct armvirt_trapcfg {
	uint64_t hcr_el2;        /**< HCR_EL2 */
	uint64_t hcrx_el2;       /**< HCRX_EL2 (FEAT_HCX) */
	uint64_t cptr_el2[2];    /**< CPTR_EL2, by HCR_EL2.E2H; FP open if the guest has it */
	uint64_t mdcr_el2;       /**< MDCR_EL2 */
	uint64_t cnthctl_el2[2]; /**< CNTHCTL_EL2, by HCR_EL2.E2H */
	uint64_t hstr_el2;       /**< HSTR_EL2 */
	uint64_t mpam2_el2;      /**< traps of MPAM2_EL2 (FEAT_MPAM); PARTIDs are not included */
	uint64_t mpamhcr_el2;    /**< traps of MPAMHCR_EL2 (if MPAMIDR_EL1.HAS_HCR) */
	uint64_t ich_hcr_el2;    /**< traps of ICH_HCR_EL2 (FEAT_GICv3), to be added to what the
				    virtual GIC wants there */
	uint64_t fgt[ARMVIRT_FGT_COUNT]; /**< by @ref armvirt_fgt (FEAT_FGT) */
	uint64_t sets;                   /**< ARMVIRT_SET_...: what must be switched */
};

/**
 * @brief Makes traps and register sets.
 * @param t     written whole
 * @param host  features of the machine; `pmu_counters` filled in if the CPUs have a PMU
 * @param guest features derived from what armvirt_idregs_limit() made of @p host->id
 * @param p     the same policy
 *
 * ICC_SRE_EL2.Enable is taken to be 0, so that ICC_SRE_EL1 traps. The set ARMVIRT_SET_EL1 is
 * always there; PMEV, BRP, WRP, GICAP and GICLR are counted sets, whose counts are those of the
 * features and of the GIC.
 *
 * Pure. ARMVIRT_E_ARG: the guest has what the host has not, or no event counter would be
 * left to it; ARMVIRT_E_UNSUPPORTED: the guest has a feature that the library cannot switch
 * (SME, AMU, nested virtualization, 128-bit descriptors).
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_trapcfg_build(struct armvirt_trapcfg *t,
							    const struct armvirt_features *host,
							    const struct armvirt_features *guest,
							    const struct armvirt_policy *p);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
