/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Barriers and sequences for errata, chosen once when the program starts.
 */
#ifndef LIBARMVIRT_PATCH_H
#define LIBARMVIRT_PATCH_H

/**
 * @defgroup patch Patching
 * @brief Instructions that are replaced at start-up: for barriers and errata only.
 *
 * What a CPU can do is otherwise decided by bits at run time; here a branch would cost more than the
 * work, or would be speculated. **As assembled, every site is right on every CPU**, only slower: not
 * patching at all is a mode of its own, for code in ROM or memory that is never writable.
 *
 * Each unit of assembly has its own table, offsets relative to itself: no section to collect, no
 * relocation. The library's are @ref armvirt_hw_resume_patches and @ref armvirt_hw_serror_patches;
 * a user's unit with vectors has one if it says so:
 *
 *     #include <libarmvirt/patch.h>
 *     #include <libarmvirt/vectors.h>
 *     armvirt_patches_begin my_patches
 *     armvirt_vectors my_vectors, ..., policy=patched, harden=patched
 *     armvirt_patches_end my_patches
 *
 * `armvirt_patch CAPABILITY, FROM, TO, "INSTRUCTION; INSTRUCTION"` names the code between two
 * labels and what replaces it, padded with NOP. Of several for one site the last that
 * applies counts. No branch, literal or PC-relative address may be among the instructions.
 *
 * The order: armvirt_patch_apply() for each table, with what all CPUs can do, through an alias that can
 * be written; armvirt_hw_patch_sync(); both before another CPU runs the code, or with the others held
 * elsewhere, where each executes ISB before it goes on.
 * @{
 */

#define ARMVIRT_PATCH_SB 0     /**< capability: FEAT_SB, one instruction behind ERET */
#define ARMVIRT_PATCH_RAS 1    /**< capability: FEAT_RAS, DISR_EL1 is read at each exit */
#define ARMVIRT_PATCH_CLRBHB 2 /**< capability: FEAT_CLRBHB instead of the loop */
#define ARMVIRT_PATCH_NO_BHB 3 /**< capability: branch history of EL1 does not reach EL2 */
#define ARMVIRT_PATCH_USER 32  /**< the first of the user's own; 63 is the last */

#ifndef __ASSEMBLER__
#include <libarmvirt/base.h>
#include <libarmvirt/features.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An entry: offsets from the field itself. The first of a table holds its size in bytes and 0. */
struct armvirt_patch {
	int32_t site;        /**< to the first instruction that is replaced */
	int32_t replacement; /**< to the first that replaces it */
	uint16_t capability; /**< bit of the mask that decides */
	uint8_t site_bytes;  /**< what is replaced */
	uint8_t bytes;       /**< what replaces it, no more than that */
};

/** Code that is patched, and where it can be written. */
struct armvirt_patch_text {
	uint64_t base;  /**< address at which it is executed */
	uint64_t bytes; /**< of it */
	void *alias;    /**< the same memory, writable; may be the same address */
};

/** The table of armvirt_vcpu_resume(). */
extern const struct armvirt_patch armvirt_hw_resume_patches[];
/** The table of the SError window. */
extern const struct armvirt_patch armvirt_hw_serror_patches[];

/**
 * @brief The capabilities of the library's sites, ARMVIRT_PATCH_..., as bits.
 * @param f of all CPUs that will run the code
 *
 * Branch history: FEAT_CSV2_3 or FEAT_ECBHB. A caller who knows better about errata changes the mask.
 * Pure.
 */
uint64_t armvirt_patch_capabilities(const struct armvirt_features *f);

/**
 * @brief Replaces what the capabilities allow.
 * @param table        made by `armvirt_patches_begin`
 * @param capabilities what every CPU has
 * @param text         holds every site of the table
 * @param applied      the number of sites that were replaced
 *
 * Touches memory through text->alias only, each site once: twice is as good as once, and
 * what is applied stays. No barrier: armvirt_hw_patch_sync(). Per-object. ARMVIRT_E_RANGE: a site outside
 * the text; ARMVIRT_E_CORRUPT: an entry that cannot be, or a replacement that depends on
 * its address. Nothing is written after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_patch_apply(const struct armvirt_patch *table,
							  uint64_t capabilities,
							  const struct armvirt_patch_text *text,
							  unsigned *applied);

/**
 * @brief Looks whether all that the capabilities allow has been replaced: the self-test.
 * @param table        as armvirt_patch_apply() had it
 * @param capabilities the same
 * @param text         the same; only read
 * @param applied      the number of sites that should be and are replaced
 *
 * Pure. ARMVIRT_E_MISMATCH: a site holds something else; otherwise as armvirt_patch_apply().
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_patch_verify(const struct armvirt_patch *table,
							   uint64_t capabilities,
							   const struct armvirt_patch_text *text,
							   unsigned *applied);

/**
 * @brief Makes patched code visible to instruction fetches of all CPUs.
 * @param text  the code, at the address at which it is executed
 * @param bytes of it
 * @param f     of this CPU: CTR_EL0 says how long lines are and what need not be done
 *
 * DC CVAU of each line, DSB ISH, IC IVAU of each line, DSB ISH (order the code before its
 * invalidation, and both before what follows), ISB (for this CPU; each other executes its own before it
 * runs the code). At EL2; per-object.
 */
void armvirt_hw_patch_sync(const void *text, size_t bytes, const struct armvirt_features *f);

/** @} */

#ifdef __cplusplus
}
#endif

#else /* __ASSEMBLER__ */

.macro armvirt_patches_begin table:req
	.pushsection .rodata.armvirt_patches, "a", %progbits
	.balign	4
	.globl	\table
	.type	\table, %object
\table:
	.word	.L\table\()_end - \table
	.word	0, 0
	.popsection
.endm

.macro armvirt_patches_end table:req
	.pushsection .rodata.armvirt_patches, "a", %progbits
.L\table\()_end:
	.size	\table, . - \table
	.popsection
.endm

.macro armvirt_patch capability:req, from:req, to:req, insns=
	.pushsection .rodata.armvirt_patch_code, "a", %progbits
.Larmvirt_patch_\@:
	\insns
.Larmvirt_patch_end_\@:
	.popsection
	.pushsection .rodata.armvirt_patches, "a", %progbits
	.balign	4
	.word	\from - .
	.word	.Larmvirt_patch_\@ - .
	.hword	\capability
	.byte	\to - \from
	.byte	.Larmvirt_patch_end_\@ - .Larmvirt_patch_\@
	.popsection
.endm

#endif
#endif
