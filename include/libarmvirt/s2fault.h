/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief What a stage-2 fault means: from an exit and the tables to a verdict.
 */
#ifndef LIBARMVIRT_S2FAULT_H
#define LIBARMVIRT_S2FAULT_H

#include <libarmvirt/exit.h>
#include <libarmvirt/s2.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/** What is to be done about an abort of a guest. Numbers are fixed for ever. */
enum armvirt_s2_verdict {
	/** Nothing is wrong (any more): enter the guest again. */
	ARMVIRT_VERDICT_RETRY = 0,
	/** The address is not known: translate u.abort.va, set ipa and ipa_source, ask again. */
	ARMVIRT_VERDICT_TRANSLATE = 1,
	/** Nothing is mapped or annotated: armvirt_s2_fault_map(), or an abort for the guest. */
	ARMVIRT_VERDICT_UNMAPPED = 2,
	/** An emulated device (kind TRAP): armvirt_mmio_start(). */
	ARMVIRT_VERDICT_DEVICE = 3,
	/** Another annotation (OWNER, or the caller's kinds): the note says which. */
	ARMVIRT_VERDICT_ANNOTATED = 4,
	/** The access flag is clear: armvirt_s2_fault_fix(). */
	ARMVIRT_VERDICT_ACCESS_FLAG = 5,
	/** A write to a tracked page: armvirt_s2_fault_fix() with write. */
	ARMVIRT_VERDICT_DIRTY = 6,
	/** The mapping forbids the access. */
	ARMVIRT_VERDICT_PERMISSION = 7,
	/** A descriptor of the guest's stage 1 lies where none can: an External abort on a walk. */
	ARMVIRT_VERDICT_STAGE1_WALK = 8,
	/** Outside the guest's address space: an Address size fault or External abort. */
	ARMVIRT_VERDICT_OUTSIDE = 9,
	/** A TLB conflict: execute what armvirt_tlb_plan_conflict() says, enter the guest again. */
	ARMVIRT_VERDICT_TLB_CONFLICT = 10,
	/** An External abort or memory error, synchronous: u.abort.ras says how bad. */
	ARMVIRT_VERDICT_EXTERNAL = 11,
	/** An access that the memory type does not support (alignment, exclusive, atomic, tags). */
	ARMVIRT_VERDICT_UNSUPPORTED = 12,
	/** A descriptor that the library cannot have written. */
	ARMVIRT_VERDICT_CORRUPT = 13,
	/** A granule protection fault: the memory belongs to another world. */
	ARMVIRT_VERDICT_GRANULE = 14,
	/** No abort of a guest, or a reserved status. */
	ARMVIRT_VERDICT_NONE = 15,
	ARMVIRT_VERDICT_COUNT /**< number of verdicts */
};

/** What the tables say about the faulting address. */
struct armvirt_s2_finding {
	enum armvirt_status lookup;  /**< result of armvirt_s2_lookup() */
	armvirt_s2_attr_t attr;      /**< attributes, if that is ARMVIRT_OK */
	struct armvirt_s2_leaf leaf; /**< mapping, if that is ARMVIRT_OK */
	struct armvirt_s2_note note; /**< annotation, if that is ARMVIRT_E_ABSENT */
};

/**
 * @brief Asks the tables about the address of an abort.
 * @param finding written whole
 * @param s       the guest's tables
 * @param exit    an abort whose address is known (else the finding is "absent")
 *
 * Shared: takes no lock, as armvirt_s2_lookup().
 */
void armvirt_s2_fault_find(struct armvirt_s2_finding *finding, const struct armvirt_s2 *s,
			   const struct armvirt_exit *exit);

/**
 * @brief What an abort of a guest means.
 * @param exit    any exit
 * @param finding from armvirt_s2_fault_find(), or made by the caller
 *
 * Pure and total. The loop of a hypervisor around it:
 * @code
 * armvirt_s2_fault_find(&f, s2, &exit);
 * switch (armvirt_s2_fault_classify(&exit, &f)) {
 * case ARMVIRT_VERDICT_RETRY:       break;
 * case ARMVIRT_VERDICT_TRANSLATE:   translate_va_and_ask_again(); break;
 * case ARMVIRT_VERDICT_UNMAPPED:    status = armvirt_s2_fault_map(s2, &page, pool); break;
 * case ARMVIRT_VERDICT_DEVICE:      status = armvirt_mmio_start(&mmio, &exit, frame, sctlr); break;
 * case ARMVIRT_VERDICT_ACCESS_FLAG: status = armvirt_s2_fault_fix(s2, ipa, false, &plan); break;
 * case ARMVIRT_VERDICT_DIRTY:       status = armvirt_s2_fault_fix(s2, ipa, true, &plan); break;
 * default:                          status = armvirt_inject_abort(&target, &abort); break;
 * }
 * @endcode
 */
enum armvirt_s2_verdict armvirt_s2_fault_classify(const struct armvirt_exit *exit,
						  const struct armvirt_s2_finding *finding);

/** Name of a verdict for people; "none" past the last. Pure, static text. */
const char *armvirt_s2_verdict_name(enum armvirt_s2_verdict verdict);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
