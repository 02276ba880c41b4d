/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief What the register table knows of a register: traps, aliases, VNCR offset, reset value.
 */
#ifndef LIBARMVIRT_REGINFO_H
#define LIBARMVIRT_REGINFO_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup reginfo Facts of registers
 * @brief The register table as data: for trap handlers, nested virtualization and tools.
 *
 * Every register and SYS instruction of docs/registers.md. The tables (about 30 KiB, constant,
 * without pointers) are only linked if these functions are called. Bits that are RES0 and RES1
 * follow from ID registers: armvirt_idregs_reserved_layout(). Names: armvirt_sysreg_name(). Where a
 * switched register lives: armvirt_ctx_find(). Source: Arm ARM, the register descriptions and the
 * accessibility pseudocode there; the column `src` of the table says which public description
 * confirms a row.
 * @{
 */

/** A register of EL2 whose bits trap accesses of EL1 and EL0. */
enum armvirt_control {
	ARMVIRT_CONTROL_HFGRTR_EL2 = 0,    /**< HFGRTR_EL2; to 10: as enum armvirt_fgt */
	ARMVIRT_CONTROL_HFGWTR_EL2 = 1,    /**< HFGWTR_EL2 */
	ARMVIRT_CONTROL_HFGITR_EL2 = 2,    /**< HFGITR_EL2 */
	ARMVIRT_CONTROL_HDFGRTR_EL2 = 3,   /**< HDFGRTR_EL2 */
	ARMVIRT_CONTROL_HDFGWTR_EL2 = 4,   /**< HDFGWTR_EL2 */
	ARMVIRT_CONTROL_HAFGRTR_EL2 = 5,   /**< HAFGRTR_EL2 */
	ARMVIRT_CONTROL_HFGRTR2_EL2 = 6,   /**< HFGRTR2_EL2 */
	ARMVIRT_CONTROL_HFGWTR2_EL2 = 7,   /**< HFGWTR2_EL2 */
	ARMVIRT_CONTROL_HFGITR2_EL2 = 8,   /**< HFGITR2_EL2 */
	ARMVIRT_CONTROL_HDFGRTR2_EL2 = 9,  /**< HDFGRTR2_EL2 */
	ARMVIRT_CONTROL_HDFGWTR2_EL2 = 10, /**< HDFGWTR2_EL2 */
	ARMVIRT_CONTROL_HCR_EL2 = 11,      /**< HCR_EL2 */
	ARMVIRT_CONTROL_HCRX_EL2 = 12,     /**< HCRX_EL2 */
	ARMVIRT_CONTROL_CPTR_EL2 = 13,     /**< CPTR_EL2, in two layouts */
	ARMVIRT_CONTROL_MDCR_EL2 = 14,     /**< MDCR_EL2 */
	ARMVIRT_CONTROL_CNTHCTL_EL2 = 15,  /**< CNTHCTL_EL2, in two layouts */
	ARMVIRT_CONTROL_MPAM2_EL2 = 16,    /**< MPAM2_EL2 */
	ARMVIRT_CONTROL_MPAMHCR_EL2 = 17,  /**< MPAMHCR_EL2 */
	ARMVIRT_CONTROL_ICH_HCR_EL2 = 18,  /**< ICH_HCR_EL2 */
	ARMVIRT_CONTROL_ICC_SRE_EL2 = 19,  /**< ICC_SRE_EL2 */
	ARMVIRT_CONTROL_COUNT              /**< number of them */
};

#define ARMVIRT_WAY_READ  1 /**< MRS */
#define ARMVIRT_WAY_WRITE 2 /**< MSR, SYS */

/** One bit that traps a register. The bit traps whether or not the CPU has it: RES0 bits of a
 *  control register are 0, so ask for the feature of the control register where 0 traps. */
struct armvirt_reginfo_trap {
	uint8_t control;     /**< @ref armvirt_control */
	uint8_t ways;        /**< which accesses it traps: ARMVIRT_WAY_... */
	uint8_t reserved[6]; /**< 0 */
	uint64_t mask[2];    /**< the bit, by HCR_EL2.E2H; 0: that layout has no such trap */
	uint64_t traps[2];   /**< accesses trap when `(value & mask) == traps`; by HCR_EL2.E2H */
};

/** What is known of one encoding. */
struct armvirt_reginfo {
	uint8_t ways;        /**< accesses that the register has: ARMVIRT_WAY_... */
	uint8_t trap_count;  /**< how many bits trap it: armvirt_reginfo_trap_at() */
	uint16_t vncr;       /**< offset in the page of VNCR_EL2, ARMVIRT_VNCR_NONE: it has none */
	uint16_t alias;      /**< encoding of its name for E2H = 1 (_EL12, _EL02), or 0 */
	uint16_t alias_of;   /**< it is such a name itself: of this register, or 0 */
	const char *feature; /**< what must be there, as the architecture calls it: "" every CPU;
				`|` any,
				`+` all. Static */
	uint64_t
		reset_mask; /**< bits of the register with a defined value in a guest that starts */
	uint64_t reset;     /**< their value */
	uint16_t reset_copy;  /**< or the value of this register, ARMVIRT_SYSREG_...; 0: none */
	uint16_t reserved[3]; /**< 0 */
};

/** A register has no place in the page of VNCR_EL2. */
#define ARMVIRT_VNCR_NONE UINT16_C(0xffff)

/**
 * @brief What is known of a register or SYS instruction.
 * @param key ARMVIRT_SYSREG_...
 * @param out written when the result is true
 * @return false: the encoding is not allocated, as far as the table knows
 *
 * Of names that share an encoding (ICC_ and ICV_), the one of EL2. Pure; a binary search.
 */
bool armvirt_reginfo_find(uint32_t key, struct armvirt_reginfo *out);

/**
 * @brief One of the bits that trap a register.
 * @param key ARMVIRT_SYSREG_...
 * @param i   0 to `trap_count` - 1
 * @param out written when the result is true
 * @return false: there is no such register, or no such bit
 *
 * Accesses trap to EL2 if any of the bits does. What holds for all of them is not part of it: EL2
 * is there and enabled, the guest runs with HCR_EL2.TGE = 0, and for the fine-grained ones
 * SCR_EL3.FGTEn (FGTEn2) is 1. HCR_EL2.NV stands with the registers of EL2; while HCR_EL2.NV2 is 1
 * too, those with a place in the page of VNCR_EL2 go there instead. Not told: the traps that need
 * more than one bit (HCR_EL2.NV1, CNTHCTL_EL2.{EL1NVPCT,EL1NVVCT}, MDCR_EL2.HPMN), traps of what is
 * no register (WFI, ERET ...), and HSTR_EL2, which traps CP15 by CRn. Pure.
 */
bool armvirt_reginfo_trap_at(uint32_t key, unsigned i, struct armvirt_reginfo_trap *out);

/**
 * @brief Whether a value of a control register traps an access by this bit.
 * @param t     from armvirt_reginfo_trap_at()
 * @param value what the control register @p t->control holds
 * @param e2h   HCR_EL2.E2H
 *
 * Pure.
 */
static inline bool armvirt_reginfo_traps(const struct armvirt_reginfo_trap *t, uint64_t value,
					 bool e2h)
{
	return t->mask[e2h] != 0 && (value & t->mask[e2h]) == t->traps[e2h];
}

/** The encoding of a control register, ARMVIRT_SYSREG_...; 0 past the last. Pure. */
uint32_t armvirt_reginfo_control_key(enum armvirt_control control);

/**
 * @brief The register that has a place in the page of VNCR_EL2.
 * @param offset 0 to 0xff8
 * @return ARMVIRT_SYSREG_..., 0 if the table knows none there
 *
 * Pure; a walk over the table: not for a hot path.
 */
uint32_t armvirt_reginfo_at_vncr(unsigned offset);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
