/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The guest's own stage 1, walked in software.
 */
#ifndef LIBARMVIRT_GUESTWALK_H
#define LIBARMVIRT_GUESTWALK_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>
#include <libarmvirt/frame.h>
#include <libarmvirt/inject.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/**
 * @name What the processor has that changes a walk
 * Bits of armvirt_guest_mmu::has. A control bit whose feature is not there is RES0 and ignored.
 * @{
 */
#define ARMVIRT_GUEST_HAS_LVA   (UINT32_C(1) << 0)  /**< FEAT_LVA: 52-bit addresses with 64K */
#define ARMVIRT_GUEST_HAS_LPA2  (UINT32_C(1) << 1)  /**< FEAT_LPA2: TCR_EL1.DS */
#define ARMVIRT_GUEST_HAS_TTST  (UINT32_C(1) << 2)  /**< FEAT_TTST: TnSZ up to 48 */
#define ARMVIRT_GUEST_HAS_HAF   (UINT32_C(1) << 3)  /**< FEAT_HAFDBS: TCR_EL1.HA */
#define ARMVIRT_GUEST_HAS_HDBS  (UINT32_C(1) << 4)  /**< FEAT_HAFDBS: TCR_EL1.HD */
#define ARMVIRT_GUEST_HAS_HPD   (UINT32_C(1) << 5)  /**< FEAT_HPDS: TCR_EL1.HPDn */
#define ARMVIRT_GUEST_HAS_HPD32 (UINT32_C(1) << 6)  /**< FEAT_AA32HPD: TTBCR2.HPDn */
#define ARMVIRT_GUEST_HAS_E0PD  (UINT32_C(1) << 7)  /**< FEAT_E0PD: TCR_EL1.E0PDn */
#define ARMVIRT_GUEST_HAS_PAN3  (UINT32_C(1) << 8)  /**< FEAT_PAN3: SCTLR_EL1.EPAN */
#define ARMVIRT_GUEST_HAS_TBID  (UINT32_C(1) << 9)  /**< FEAT_PAuth: TCR_EL1.TBIDn */
#define ARMVIRT_GUEST_HAS_MTX   (UINT32_C(1) << 10) /**< FEAT_MTE4: TCR_EL1.MTXn */
#define ARMVIRT_GUEST_HAS_S1PIE (UINT32_C(1) << 11) /**< FEAT_S1PIE: TCR2_EL1.PIE */
#define ARMVIRT_GUEST_HAS_S1POE (UINT32_C(1) << 12) /**< FEAT_S1POE: TCR2_EL1.POE, E0POE */
#define ARMVIRT_GUEST_HAS_AIE   (UINT32_C(1) << 13) /**< FEAT_AIE: TCR2_EL1.AIE */
/** @} */

/**
 * The registers that control a guest's EL1&0 translation, AArch64 or AArch32.
 * armvirt_guest_mmu_init() sets what does not change while the guest runs.
 */
struct armvirt_guest_mmu {
	uint64_t hcr;    /**< HCR_EL2 with which the guest runs: RW, E2H, TGE, DC and NV1 count */
	uint64_t sctlr;  /**< SCTLR_EL1 (AArch32: SCTLR) */
	uint64_t tcr;    /**< TCR_EL1 (AArch32: TTBCR, and TTBCR2 in 63:32) */
	uint64_t tcr2;   /**< TCR2_EL1; 0 if it is not enabled for the guest, and for AArch32 */
	uint64_t ttbr0;  /**< TTBR0_EL1 */
	uint64_t ttbr1;  /**< TTBR1_EL1 */
	uint64_t mair;   /**< MAIR_EL1 (AArch32: MAIR0 or PRRR, and MAIR1 or NMRR in 63:32) */
	uint64_t mair2;  /**< MAIR2_EL1, if TCR2_EL1.AIE */
	uint64_t pir;    /**< PIR_EL1, if TCR2_EL1.PIE */
	uint64_t pire0;  /**< PIRE0_EL1, if TCR2_EL1.PIE */
	uint64_t por;    /**< POR_EL1, if TCR2_EL1.POE */
	uint64_t por0;   /**< POR_EL0, if TCR2_EL1.E0POE */
	uint32_t dacr;   /**< DACR32_EL2; AArch32 with short descriptors */
	uint32_t has;    /**< ARMVIRT_GUEST_HAS_*, of the processor */
	uint8_t pa_bits; /**< physical address bits of the processor, 32 to 52 */
};

/** A piece of guest memory as the caller can read it. Both addresses are multiples of 8. */
struct armvirt_guest_span {
	armvirt_ipa_t base; /**< first address in the guest */
	uint64_t size;      /**< bytes */
	const void *memory; /**< where they are here */
};

/** Guest memory: pieces in any order, without overlap. */
struct armvirt_guest_memory {
	const struct armvirt_guest_span *span; /**< the pieces */
	uint32_t count;                        /**< their number */
};

/** An access to be translated. */
struct armvirt_guest_access {
	uint64_t va; /**< virtual address (AArch32: zero-extended) */
	bool write;  /**< a write */
	bool fetch;  /**< an instruction fetch */
	bool el0;    /**< with the permissions of EL0 (EL0, LDTR, STTR) */
	bool pan;    /**< PSTATE.PAN */
};

/** Status of a translation that does not fault. */
#define ARMVIRT_GUEST_NO_FAULT 0xff

/** Status of a Domain fault of AArch32 short descriptors at level 1; at level 2 one more. */
#define ARMVIRT_GUEST_DOMAIN_FAULT 0x3d

/** What a translation gives. */
struct armvirt_guest_translation {
	armvirt_ipa_t ipa;   /**< the result, exact to the byte; 0 after a fault */
	armvirt_ipa_t walk;  /**< address of the last descriptor read, 0 if none was */
	uint64_t descriptor; /**< that descriptor, 0 if none was read */
	uint32_t fsr;   /**< EL1 is AArch32 and a fault: DFSR, or IFSR for a fetch, without WnR and
			   ExT, in the format that TTBCR.EAE says; else 0 */
	uint8_t status; /**< ARMVIRT_GUEST_NO_FAULT, or the fault status code as ESR_EL1 and PAR_EL1
			   have it (a descriptor outside its memory: External abort on a walk) */
	uint8_t attr; /**< memory attributes as a byte of MAIR_EL1, as SCTLR_EL1.C and I leave them
			 (0: Device-nGnRnE, also for encodings that the architecture reserves) */
	uint8_t sh;   /**< effective shareability: 0 none, 2 outer, 3 inner */
	int8_t level; /**< level of the leaf or the fault; 0 with the MMU off */
};

/**
 * @brief Prepares the registers of a guest's MMU.
 * @param mmu receives `has` and `pa_bits`, HCR_EL2.RW set, everything else 0
 * @param id  the ID registers of the processor (sanitised over all of them), not those that the
 *            guest has been shown: hiding a feature does not change what its control bits do
 *
 * Pure.
 */
void armvirt_guest_mmu_init(struct armvirt_guest_mmu *mmu, const struct armvirt_idregs *id);

/**
 * @brief Translates an address through a guest's stage 1.
 * @param out written whole on success: a translation, or the fault that the guest would take
 * @param mmu    the guest's registers
 * @param memory the guest's memory
 * @param access what to translate
 * @return ARMVIRT_OK; ARMVIRT_E_UNSUPPORTED if the tables are not those of EL1&0 (HCR_EL2.E2H and
 *         TGE), have 128-bit descriptors (TCR2_EL1.D128), or are those of a virtual EL2 without
 *         VHE (HCR_EL2.NV1).
 *
 * The regime is that of EL1: AArch64 tables (4K, 16K, 64K) with HCR_EL2.RW, also for AArch32 at
 * EL0; else AArch32 tables, long or short descriptors as TTBCR.EAE says, and the upper half of the
 * address is ignored. Stage 1 is off with SCTLR_EL1.M clear, and with HCR_EL2.DC or TGE.
 *
 * Nothing is written to guest memory: an access flag or dirty state that hardware would set
 * (TCR_EL1.HA, HD) counts as set. At most five descriptors are read, each once, so a guest that
 * changes its tables meanwhile gets the result of some interleaving, never a loop or a read
 * outside the spans. Addresses of descriptors are the guest's physical ones: the spans stand for
 * its stage 2.
 *
 * Where the architecture leaves a choice: TnSZ out of range faults; a reserved TGn is 4K; a
 * reserved DACR field is no access; reserved and IMPLEMENTATION DEFINED memory attributes are
 * Device-nGnRnE; a contiguous bit, nT and instruction fetches from Device memory do not fault.
 * Memory tags are not modelled.
 *
 * Pure. Architecture: AArch64.S1Translate(), AArch64.S1Walk(), AArch32.S1TranslateLD(),
 * AArch32.S1TranslateSD().
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_guest_translate(struct armvirt_guest_translation *out, const struct armvirt_guest_mmu *mmu,
			const struct armvirt_guest_memory *memory,
			const struct armvirt_guest_access *access);

/**
 * @brief Reads the instruction at a guest's PC, for armvirt_insn_decode() or
 *        armvirt_insn32_decode().
 * @param word   receives an A64 or A32 instruction, a T32 halfword, or two of them with the first
 *               one above
 * @param mmu    the guest's registers
 * @param memory the guest's memory
 * @param frame  PC and PSTATE of the guest: EL0 or EL1, A64, A32 or T32
 * @return ARMVIRT_OK; ARMVIRT_RETRY if it cannot be read now (the translation faults: enter the
 *         guest again, it takes the fault or succeeds); ARMVIRT_E_ALIGN if the PC is not a
 *         multiple of 4 (T32: of 2); ARMVIRT_E_ABSENT if it is not in the spans;
 *         ARMVIRT_E_UNSUPPORTED as armvirt_guest_translate().
 *
 * The halves of a T32 instruction that crosses a page are translated each. Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_guest_fetch(uint32_t *word,
							  const struct armvirt_guest_mmu *mmu,
							  const struct armvirt_guest_memory *memory,
							  const struct armvirt_frame *frame);

/**
 * @brief Where a range of guest memory is here, or NULL if it is not inside one span.
 *
 * Pure. Any address and size are allowed.
 */
const void *armvirt_guest_at(const struct armvirt_guest_memory *memory,
			     const struct armvirt_ipa_range *range);

/**
 * @brief Reads the registers of the loaded guest for a walk.
 * @param mmu   as armvirt_guest_mmu_init() left it; HCR_EL2.RW becomes what where says, DC, E2H and
 *              TGE stay the caller's
 * @param where how
 *
 * Registers that came with FEAT_S1PIE, FEAT_S1POE and FEAT_AIE are read if `has` says that they are
 * there: for a guest without HCRX_EL2.TCR2En clear those three bits after armvirt_guest_mmu_init(),
 * TCR2_EL1 has no effect on it.
 *
 * At EL2, on the CPU that holds the guest's EL1 set. No barrier: the exit synchronised.
 */
void armvirt_hw_guest_mmu_load(struct armvirt_guest_mmu *mmu, const struct armvirt_excwhere *where);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
