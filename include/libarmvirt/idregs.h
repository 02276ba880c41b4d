/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief ID registers of many CPUs made one, and what of it a guest is shown.
 */
#ifndef LIBARMVIRT_IDREGS_H
#define LIBARMVIRT_IDREGS_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup idregs ID registers
 * @brief One set of ID registers for a machine, and for a guest.
 *
 * `armvirt_hw_idregs_read()` on every CPU, armvirt_idregs_sanitise() over all of them,
 * armvirt_features_derive() for the library; then armvirt_idregs_limit() makes the registers of
 * a guest, from which armvirt_trapcfg_build() makes traps and register sets. A field that the
 * library does not know is hidden.
 * @{
 */

/**
 * @name Parts of the architecture that are shown to a guest only on demand
 * What none of these names is either harmless (it has no state, or state that is always
 * switched) and shown, or never shown. A part that the machine lacks is not shown either.
 * @{
 */
#define ARMVIRT_SHOW_FP    (UINT32_C(1) << 0)  /**< FP and SIMD */
#define ARMVIRT_SHOW_GIC   (UINT32_C(1) << 1)  /**< the GIC's system registers */
#define ARMVIRT_SHOW_RAS   (UINT32_C(1) << 2)  /**< ESB and DISR; no error records */
#define ARMVIRT_SHOW_PAUTH (UINT32_C(1) << 3)  /**< pointer authentication */
#define ARMVIRT_SHOW_SVE   (UINT32_C(1) << 4)  /**< SVE */
#define ARMVIRT_SHOW_MTE   (UINT32_C(1) << 5)  /**< memory tagging */
#define ARMVIRT_SHOW_AA32  (UINT32_C(1) << 6)  /**< AArch32 at EL0, and EL1 where it exists */
#define ARMVIRT_SHOW_DEBUG (UINT32_C(1) << 7)  /**< breakpoints, watchpoints: switched; no OS lock \
						*/
#define ARMVIRT_SHOW_PMU    (UINT32_C(1) << 8) /**< performance counters, switched */
#define ARMVIRT_SHOW_SCXT   (UINT32_C(1) << 9) /**< SCXTNUM_EL0 and SCXTNUM_EL1 */
#define ARMVIRT_SHOW_TCR2   (UINT32_C(1) << 10) /**< TCR2_EL1 */
#define ARMVIRT_SHOW_SCTLR2 (UINT32_C(1) << 11) /**< SCTLR2_EL1 */
#define ARMVIRT_SHOW_S1PIE  (UINT32_C(1) << 12) /**< stage 1 permission indirection */
#define ARMVIRT_SHOW_S1POE  (UINT32_C(1) << 13) /**< stage 1 permission overlays */
#define ARMVIRT_SHOW_AIE    (UINT32_C(1) << 14) /**< MAIR2_EL1, AMAIR2_EL1 */
#define ARMVIRT_SHOW_PFAR   (UINT32_C(1) << 15) /**< PFAR_EL1 */
#define ARMVIRT_SHOW_FPMR   (UINT32_C(1) << 16) /**< FPMR and 8-bit floating point */
#define ARMVIRT_SHOW_GCS    (UINT32_C(1) << 17) /**< guarded control stacks */
#define ARMVIRT_SHOW_SPE    (UINT32_C(1) << 18) /**< statistical profiling */
#define ARMVIRT_SHOW_TRBE   (UINT32_C(1) << 19) /**< trace buffer and filter */
#define ARMVIRT_SHOW_MPAM   (UINT32_C(1) << 20) /**< MPAM */
#define ARMVIRT_SHOW_ALL    UINT32_C(0x1fffff)  /**< all of them */
/** @} */

/** What a guest may see. */
struct armvirt_policy {
	uint32_t show;        /**< ARMVIRT_SHOW_... */
	uint8_t baseline;     /**< 1: hide even what is harmless, if it is newer than Armv8.0 */
	uint8_t ipa_bits;     /**< 32 to 52: size of the guest's physical space; 0: as the CPU's */
	uint8_t trap_wfi;     /**< 1: WFI (and WFIT) exits */
	uint8_t trap_wfe;     /**< 1: WFE (and WFET) exits */
	uint8_t pmu_reserved; /**< event counters that EL2 keeps for itself */
	uint8_t migrates;     /**< 1: vCPUs move between CPUs: HCR_EL2.FB and BSU */
	uint8_t trap_setway;  /**< 1: cache maintenance by set and way exits; else it is native */
	uint8_t reserved[5];  /**< 0 */
};

/** Ready-made policies. */
enum armvirt_policy_preset {
	ARMVIRT_POLICY_BASELINE = 0, /**< Armv8.0, FP and GIC: the same on every CPU */
	ARMVIRT_POLICY_DEFAULT = 1,  /**< everything harmless, FP, GIC, RAS */
	ARMVIRT_POLICY_SUPPORTED = 2 /**< everything that the library can switch */
};

/** The policy of a preset; `migrates` is 1, nothing else is trapped or reserved. Pure. */
struct armvirt_policy armvirt_policy_preset(enum armvirt_policy_preset preset);

/**
 * @brief Makes one set of registers of several CPUs': what all of them have.
 * @param all starts as the registers of one CPU, ends as those of the set
 * @param cpu another CPU
 *
 * Per field: the lower value, the higher one (block sizes of the cache registers), or equal and
 * otherwise the value that promises nothing. MIDR, MPIDR, REVIDR, AIDR, CLIDR stay as they are
 * in @p all. Commutative and associative but for these. Pure.
 */
void armvirt_idregs_sanitise(struct armvirt_idregs *all, const struct armvirt_idregs *cpu);

/**
 * @brief Limits registers to what a policy shows.
 * @param guest written whole; may be @p machine
 * @param machine sanitised registers of the machine
 * @param p    the policy
 *
 * Never shows more than the machine has. The caches become one fictitious level: CLIDR_EL1 and
 * CCSIDR_EL1 do not tell how the machine is built. Pure; limiting twice changes nothing.
 * ARMVIRT_E_ARG: an unknown bit in show, or ipa_bits outside its range.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_idregs_limit(struct armvirt_idregs *guest,
							   const struct armvirt_idregs *machine,
							   const struct armvirt_policy *p);

/**
 * @brief The value that a guest reads from a trapped register which has a fixed value.
 * @param guest as armvirt_idregs_limit() made it
 * @param key   ARMVIRT_SYSREG_...
 * @param value written when the result is ARMVIRT_OK
 *
 * Covers the whole ID space (what is unallocated there reads as zero, never UNDEFINED), the
 * cache registers, and the registers that are RAZ/WI although present: debug while it is not
 * shown (the architecture has no CPU without), error records (there are none), ACTLR_EL1,
 * ICC_SRE_EL1. ARMVIRT_E_DENIED: no such register for this guest, which means UNDEFINED. Pure, in
 * constant time.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_idregs_guest_read(const struct armvirt_idregs *guest,
								uint32_t key, uint64_t *value);

/**
 * @brief Whether a guest's write to a register with a fixed value is ignored.
 *
 * ARMVIRT_OK: ignored (write-ignored as the architecture has it, or fixed); ARMVIRT_E_DENIED:
 * UNDEFINED. The arguments are those of armvirt_idregs_guest_read(). Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_idregs_guest_write(const struct armvirt_idregs *guest,
								 uint32_t key);

/** Bits of a register that a guest cannot change. */
struct armvirt_reserved {
	uint64_t zeros; /**< RES0 */
	uint64_t ones;  /**< RES1 */
};

/** The layouts that some registers of EL2 have, by HCR_EL2.E2H. */
enum armvirt_layout {
	ARMVIRT_LAYOUT_ANY = 0,  /**< a bit counts as existing that exists in one of them */
	ARMVIRT_LAYOUT_E2H0 = 1, /**< HCR_EL2.E2H = 0 */
	ARMVIRT_LAYOUT_E2H1 = 2  /**< HCR_EL2.E2H = 1 */
};

/**
 * @brief The bits that are RES0 and RES1 in a register, given ID registers.
 * @param id     of a machine (for the registers of EL2) or of a guest
 * @param key    ARMVIRT_SYSREG_... of a register that is switched, that has a place in the page of
 *               VNCR_EL2, or of an EL2 control register that the library writes
 * @param layout which layout of CPTR_EL2, CNTHCTL_EL2, TCR_EL2 and SCTLR_EL2
 * @param out    written when the result is true
 * @return false: nothing is known of its fields (take every bit for writable)
 *
 * A feature that the library cannot tell from ID registers counts as absent: its bits are said to
 * be reserved, never the other way round. Pure; a binary search and a walk over the rules of one
 * register.
 */
bool armvirt_idregs_reserved_layout(const struct armvirt_idregs *id, uint32_t key,
				    enum armvirt_layout layout, struct armvirt_reserved *out);

/**
 * @brief The bits that are RES0 and RES1 in a register of a guest, given what it is shown.
 * @param guest as armvirt_idregs_limit() made it
 * @param key   as armvirt_idregs_reserved_layout() has it
 * @param out   written when the result is true
 * @return false: nothing is known of its fields (take every bit for writable)
 *
 * For state that comes from outside, and for a new guest: a value v is clean if
 * `(v & zeros) == 0 && (v & ones) == ones`. Of registers with several layouts, a bit counts as
 * existing that exists in one of them. Pure.
 */
bool armvirt_idregs_reserved(const struct armvirt_idregs *guest, uint32_t key,
			     struct armvirt_reserved *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
