/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The guest's own stage 1, walked in software.
 */
#ifndef LIBARMVIRT_GUESTWALK_H
#define LIBARMVIRT_GUESTWALK_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/** The registers that control a guest's EL1&0 translation. */
struct armvirt_guest_mmu {
	uint64_t sctlr;  /**< SCTLR_EL1 */
	uint64_t tcr;    /**< TCR_EL1 */
	uint64_t tcr2;   /**< TCR2_EL1, 0 if the guest has none */
	uint64_t ttbr0;  /**< TTBR0_EL1 */
	uint64_t ttbr1;  /**< TTBR1_EL1 */
	uint64_t mair;   /**< MAIR_EL1 */
	uint8_t pa_bits; /**< physical address bits that the guest has been shown, 32 to 52 */
	bool lva;        /**< FEAT_LVA: 52-bit virtual addresses with 64K */
	bool lpa2;       /**< FEAT_LPA2: TCR_EL1.DS counts */
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
	uint64_t va; /**< virtual address */
	bool write;  /**< a write */
	bool fetch;  /**< an instruction fetch */
	bool el0;    /**< with the permissions of EL0 (EL0, LDTR, STTR) */
	bool pan;    /**< PSTATE.PAN */
};

/** Status of a translation that does not fault. */
#define ARMVIRT_GUEST_NO_FAULT 0xff

/** What a translation gives. */
struct armvirt_guest_translation {
	armvirt_ipa_t ipa;   /**< the result, exact to the byte; 0 after a fault */
	armvirt_ipa_t walk;  /**< address of the last descriptor read, 0 if none was */
	uint64_t descriptor; /**< that descriptor, 0 if none was read */
	uint8_t status; /**< ARMVIRT_GUEST_NO_FAULT, or the fault status code that the guest would
			   see in ESR_EL1 (a descriptor outside its memory: External abort on a
			   walk) */
	uint8_t attr;   /**< memory attributes, a byte of MAIR_EL1 (0: Device-nGnRnE) */
	uint8_t sh;     /**< shareability: 0 none, 2 outer, 3 inner */
	int8_t level;   /**< level of the leaf; 0 with the MMU off */
};

/**
 * @brief Translates an address through a guest's stage 1.
 * @param out written whole on success: a translation, or the fault that the guest would take
 * @param mmu    the guest's registers
 * @param memory the guest's memory
 * @param access what to translate
 * @return ARMVIRT_OK; ARMVIRT_E_UNSUPPORTED if the guest uses what the walker does not know
 *         (permission indirection, permission overlays, 128-bit descriptors).
 *
 * Nothing is written to guest memory: an access flag or dirty state that hardware would set
 * (TCR_EL1.HA, HD) counts as set. At most five descriptors are read, each once, so a guest that
 * changes its tables meanwhile gets the result of some interleaving, never a loop or a read
 * outside the spans. MMU off (SCTLR_EL1.M = 0) is flat. Not modelled: HCR_EL2.DC, memory tags.
 *
 * Pure. Architecture: AArch64.S1Translate(), AArch64.S1Walk().
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_guest_translate(struct armvirt_guest_translation *out, const struct armvirt_guest_mmu *mmu,
			const struct armvirt_guest_memory *memory,
			const struct armvirt_guest_access *access);

/**
 * @brief Reads the A64 instruction at an address, for armvirt_insn_decode().
 * @param word   receives the instruction
 * @param mmu    the guest's registers
 * @param memory the guest's memory
 * @param access where; fetch is implied
 * @return ARMVIRT_OK; ARMVIRT_RETRY if it cannot be read now (the translation faults: enter the
 *         guest again, it takes the fault or succeeds); ARMVIRT_E_ALIGN if the address is not a
 *         multiple of 4; ARMVIRT_E_ABSENT if it is not in the spans; ARMVIRT_E_UNSUPPORTED as
 *         armvirt_guest_translate().
 *
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_guest_fetch(uint32_t *word, const struct armvirt_guest_mmu *mmu,
		    const struct armvirt_guest_memory *memory,
		    const struct armvirt_guest_access *access);

/**
 * @brief Where a range of guest memory is here, or NULL if it is not inside one span.
 *
 * Pure. Any address and size are allowed.
 */
const void *armvirt_guest_at(const struct armvirt_guest_memory *memory,
			     const struct armvirt_ipa_range *range);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
