/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief TLB maintenance of a virtual machine: gathered, planned as data, executed at EL2.
 */
#ifndef LIBARMVIRT_TLB_H
#define LIBARMVIRT_TLB_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup tlb TLB maintenance
 * @brief What must be invalidated is gathered, turned into a bounded plan, and executed.
 *
 * A plan is plain data without pointers: tests compare it, an EL1 host hands it
 * to its EL2 part, an IOMMU driver reads it.
 * @{
 */

/** Distinct ranges that a gather keeps apart; more are merged with their nearest neighbour. */
#define ARMVIRT_TLB_RANGES 6
/** Most operations in one plan; what needs more becomes the whole VMID. */
#define ARMVIRT_TLB_OPS 16

/** What the processor offers for stage-2 invalidation by address. */
struct armvirt_tlb_caps {
	uint8_t granule_shift; /**< 12, 14 or 16 */
	uint8_t finest_level;  /**< always 3 for the translations of this library */
	bool range;            /**< FEAT_TLBIRANGE */
	bool ttl;              /**< FEAT_TTL */
	bool lpa2;             /**< VTCR_EL2.DS: range addresses in units of 64K */
	bool el2;              /**< the tables are the hypervisor's own (EL2 stage 1) */
};

/** One range of addresses whose translations changed. */
struct armvirt_tlb_range {
	uint64_t base;   /**< first address */
	uint64_t end;    /**< first address past the range */
	int8_t finest;   /**< deepest level of a changed leaf entry, -1 to 3 */
	int8_t coarsest; /**< highest level of a changed entry */
	bool tables;     /**< a table was unlinked: walk caches too */
};

/** Ranges to invalidate. Zeroed memory is an empty gather. */
struct armvirt_tlb_gather {
	/** Sorted, disjoint; one more than are kept, while one is added. */
	struct armvirt_tlb_range range[ARMVIRT_TLB_RANGES + 1];
	uint8_t count;   /**< ranges in use, at most ARMVIRT_TLB_RANGES */
	bool everything; /**< the whole VMID */
	bool publish;    /**< descriptors became valid: barrier only */
};

/** Kind of one operation of a plan. Numbers are fixed for ever. */
enum armvirt_tlb_kind {
	ARMVIRT_TLB_IPA = 0,        /**< TLBI IPAS2E1IS */
	ARMVIRT_TLB_IPA_LAST = 1,   /**< TLBI IPAS2LE1IS */
	ARMVIRT_TLB_RANGE = 2,      /**< TLBI RIPAS2E1IS */
	ARMVIRT_TLB_RANGE_LAST = 3, /**< TLBI RIPAS2LE1IS */
	ARMVIRT_TLB_VMID = 4,       /**< TLBI VMALLS12E1IS */
	ARMVIRT_TLB_EL2_VA = 5,     /**< TLBI VAE2IS */
	ARMVIRT_TLB_EL2_ALL = 6,    /**< TLBI ALLE2IS */
	ARMVIRT_TLB_ALL_VMIDS = 7,  /**< TLBI ALLE1IS */
	ARMVIRT_TLB_VMID_LOCAL = 8  /**< TLBI VMALLE1, this CPU only */
};

/** The plan has stores to publish: a DSB ISHST and an ISB, even without an operation. */
#define ARMVIRT_TLB_PUBLISH (1u << 0)
/** Combined stage-1 and stage-2 entries must follow (TLBI VMALLE1IS after the IPA forms). */
#define ARMVIRT_TLB_COMBINED (1u << 1)
/** Memory was unmapped without FEAT_S2FWB: data cache maintenance is needed after the plan, by
 *  finish (@ref armvirt_s2_maintain_caches) or by the caller. */
#define ARMVIRT_TLB_CACHE (1u << 2)
/** Instruction caches must be invalidated too (VMID rollover). */
#define ARMVIRT_TLB_ICACHE (1u << 3)
/** Instruction caches of this CPU must be invalidated too (another vCPU of the same machine). */
#define ARMVIRT_TLB_ICACHE_LOCAL (1u << 4)

/** TLB maintenance as data. Holds no pointer. */
struct armvirt_tlb_plan {
	uint64_t operand[ARMVIRT_TLB_OPS]; /**< Xt of the TLBI; 0 for forms without one */
	uint8_t kind[ARMVIRT_TLB_OPS];     /**< @ref armvirt_tlb_kind */
	uint8_t count;                     /**< operations */
	uint8_t flags;                     /**< ARMVIRT_TLB_PUBLISH and friends */
};

/** VTTBR_EL2 and VTCR_EL2 hold the target's values, and an ISB or exception entry has followed:
 * armvirt_hw_vcpu_load() issues none. */
#define ARMVIRT_TLB_LOADED (1u << 0)
/** HCR_EL2.E2H is 1 and TGE may be 1: TGE is cleared around the operations. */
#define ARMVIRT_TLB_HOST_E2H (1u << 1)
/** Erratum: broadcast completion needs the operation repeated. */
#define ARMVIRT_TLB_ERRATUM_REPEAT (1u << 2)
/** Erratum: speculative AT walks with a mixed context must be kept out. */
#define ARMVIRT_TLB_ERRATUM_SPECULATIVE_AT (1u << 3)

/** Whose translations a plan invalidates. */
struct armvirt_tlb_target {
	uint64_t vttbr; /**< VTTBR_EL2 of the virtual machine, VMID included */
	uint64_t vtcr;  /**< VTCR_EL2 of the virtual machine */
	uint32_t flags; /**< ARMVIRT_TLB_LOADED, _HOST_E2H, _ERRATUM_* */
};

/**
 * @brief Adds a range to a gather.
 * @param gather the gather
 * @param add    the range, its levels, whether tables were unlinked
 *
 * Per object. A range that cannot be kept apart is merged, which may widen but
 * never narrow what is invalidated.
 */
void armvirt_tlb_gather_add(struct armvirt_tlb_gather *gather, const struct armvirt_tlb_range *add);

/**
 * @brief Turns what was gathered into a plan.
 * @param plan   written whole
 * @param gather what changed
 * @param caps   what the processor offers
 *
 * Pure. Uses range operations where they exist, a level hint (TTL) where every
 * changed entry of a range had one known level, and the whole VMID when more
 * than @ref ARMVIRT_TLB_OPS operations would be needed. Operand layouts: TLBI
 * IPAS2E1IS and TLBI RIPAS2E1IS of the architecture.
 */
void armvirt_tlb_plan_build(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_gather *gather,
			    const struct armvirt_tlb_caps *caps);

/**
 * @brief The plan that answers a TLB conflict abort of a guest.
 * @param plan written whole: the whole VMID, both stages, on every CPU
 *
 * For geometries with ARMVIRT_S2_ALLOW_CONFLICT, which change sizes of live mappings by FEAT_BBM
 * level 2: a CPU that holds the old entry and the new may raise this abort (status code 0b110000,
 * @ref ARMVIRT_VERDICT_TLB_CONFLICT) instead of an answer. In the loop
 * of faults: execute the plan with the virtual machine loaded or not, then enter the guest at the
 * same instruction. It may happen again as long as the update that changed the size is not
 * finished; nothing need be kept out. Pure.
 */
static inline void armvirt_tlb_plan_conflict(struct armvirt_tlb_plan *plan)
{
	plan->operand[0] = 0;
	plan->kind[0] = (uint8_t)ARMVIRT_TLB_VMID;
	plan->count = 1;
	plan->flags = 0;
}

/**
 * @brief Executes a plan. At EL2 only, interrupts masked unless the target is loaded.
 * @param plan   the plan
 * @param target the virtual machine
 *
 * Issues, in this order: DSB ISHST; the operations; DSB ISH; TLBI VMALLE1IS and
 * DSB ISH if combined entries must follow; ISB. On return no CPU of the inner
 * shareable domain translates through what the plan names. Changes no register
 * of the caller's context for good.
 */
void armvirt_hw_tlb_execute(const struct armvirt_tlb_plan *plan,
			    const struct armvirt_tlb_target *target);

/** Data: what was written through caches is in memory, what was not is not hidden by a line. */
#define ARMVIRT_CACHE_DATA (1u << 0)
/** Instructions: fetches see what was written. */
#define ARMVIRT_CACHE_FETCH (1u << 1)

/**
 * @brief Maintains the caches for memory that a guest gets or gave back. At EL2, or at EL1 for its
 *        own memory.
 * @param va    where the caller sees the memory
 * @param bytes its length, 0: none
 * @param what  ARMVIRT_CACHE_DATA, ARMVIRT_CACHE_FETCH
 *
 * Data: DC CIVAC for every line, to the point of coherency. Instructions: the same unless
 * CTR_EL0.IDC, then IC IALLUIS unless CTR_EL0.DIC. Ends with DSB ISH. @ref
 * armvirt_s2_maintain_caches makes verbs call it; before @ref armvirt_s2_fault_map it is the
 * caller's: DATA where FEAT_S2FWB is not in use, FETCH where the page may be executed.
 */
void armvirt_hw_cache_maintain(uint64_t va, uint64_t bytes, unsigned what);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
