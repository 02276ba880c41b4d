/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Bringing EL2 of one CPU up.
 */
#ifndef LIBARMVIRT_EL2_SETUP_H
#define LIBARMVIRT_EL2_SETUP_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>
#include <libarmvirt/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup el2_setup EL2 set-up
 * @brief Every EL2 control register to a known value, on every CPU.
 *
 * Most control registers of EL2 are UNKNOWN at reset, and what firmware leaves
 * in them decides what a guest may do.
 * @{
 */

/** SErrors: how the program treats them, see libarmvirt/vectors.h. */
enum armvirt_serror_policy {
	ARMVIRT_SERROR_AT_SWITCH = 0, /**< taken when vCPUs change; every CPU */
	ARMVIRT_SERROR_AT_EXIT = 1    /**< the vectors do it: `deferred` or `every_exit` */
};

/** What armvirt_hw_el2_setup() cannot know. */
struct armvirt_el2_config {
	const struct armvirt_features *features; /**< of this CPU */
	bool e2h;             /**< HCR_EL2.E2H while the program runs; see armvirt_hw_el2_e2h() */
	uint8_t pmu_reserved; /**< event counters that EL2 keeps for itself (MDCR_EL2.HPMN) */
	enum armvirt_serror_policy serror; /**< as the vectors were made */
	const void *vectors;               /**< a table made by `armvirt_vectors`, to VBAR_EL2 */
	bool mmu;           /**< turn stage 1 of EL2 and the caches on, with the three below */
	uint64_t ttbr0_el2; /**< TTBR0_EL2 */
	uint64_t tcr_el2;   /**< TCR_EL2 in the layout of the E2H mode */
	uint64_t mair_el2;  /**< MAIR_EL2 */
};

/** Which values HCR_EL2.E2H can have on this CPU. */
enum armvirt_e2h_modes {
	ARMVIRT_E2H_ONLY_0 = 1, /**< no FEAT_VHE */
	ARMVIRT_E2H_ONLY_1 = 2, /**< RES1, whether or not an ID register says so */
	ARMVIRT_E2H_BOTH = 3    /**< it can be chosen */
};

/**
 * @brief Finds out which values HCR_EL2.E2H can have.
 * @param f of this CPU
 *
 * Tries it with the aliasing of FAR_EL1 and FAR_EL2, as some CPUs have E2H
 * fixed to 1 without saying so in ID_AA64MMFR4_EL1. At EL2, MMU of EL2 off,
 * exceptions masked; ISBs inside; everything is as before afterwards.
 */
enum armvirt_e2h_modes armvirt_hw_el2_e2h(const struct armvirt_features *f);

/**
 * @brief Sets every EL2 control register of this CPU, and the MMU of EL2 on.
 * @param cpu written whole; stays with the CPU as long as it runs guests
 * @param c   see @ref armvirt_el2_config
 *
 * Traps end closed: until a vCPU is loaded, EL1 would find everything denied
 * that can be denied. EL2's virtual GIC interface, timers, trace, profiling
 * and debug are off; physical IRQ, FIQ and SError go to EL2; FP and SIMD are
 * usable at EL2; VPIDR_EL2 and VMPIDR_EL2 are the CPU's own. Not touched:
 * TPIDR_EL2, ACTLR_EL2 and other IMPLEMENTATION DEFINED registers.
 *
 * At EL2 with exceptions masked and its MMU off, on each CPU. Issues TLBI ALLE2, TLBI ALLE1,
 * IC IALLU, with the DSBs and ISBs that order them. Data written with the MMU off must have been
 * cleaned or invalidated by the caller. After it, the program runs with the new map: code and
 * stack must be mapped at the addresses they had.
 *
 * ARMVIRT_E_STATE: not at EL2, or the MMU of EL2 is on; ARMVIRT_E_UNSUPPORTED:
 * this CPU cannot have the E2H mode asked for, or not that many event counters;
 * ARMVIRT_E_ALIGN: vectors not 2 KiB aligned (nothing is changed in these cases);
 * ARMVIRT_E_HARDWARE: firmware does not let EL2 use the system registers of the GIC.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_hw_el2_setup(struct armvirt_cpu *cpu,
							   const struct armvirt_el2_config *c);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
