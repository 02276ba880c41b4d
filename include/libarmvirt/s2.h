/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Stage-2 translation tables.
 */
#ifndef LIBARMVIRT_S2_H
#define LIBARMVIRT_S2_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>
#include <libarmvirt/pool.h>
#include <libarmvirt/tlb.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup s2_geometry Stage-2 geometry
 * @brief Start level, root, VTCR_EL2: solved as pure data from features and wishes.
 * @{
 */

/** Translation granule; the number is the base-2 logarithm of its size. */
enum armvirt_granule {
	ARMVIRT_GRANULE_4K = 12,  /**< 4 KiB */
	ARMVIRT_GRANULE_16K = 14, /**< 16 KiB */
	ARMVIRT_GRANULE_64K = 16  /**< 64 KiB */
};

/** Let the solver choose the start level with the fewest levels. */
#define ARMVIRT_S2_START_AUTO (-128)

/** VTCR_EL2.DS: 52-bit descriptors with 4K or 16K (FEAT_LPA2). Needed for level -1 and beyond 48
 * bits. */
#define ARMVIRT_S2_USE_LPA2 (1u << 0)
/** VTCR_EL2.HA: hardware sets the access flag. */
#define ARMVIRT_S2_USE_HW_AF (1u << 1)
/** VTCR_EL2.HD: hardware sets the dirty state (needs @ref ARMVIRT_S2_USE_HW_AF). */
#define ARMVIRT_S2_USE_HW_DIRTY (1u << 2)
/** Map with the contiguous hint where a whole run allows it. */
#define ARMVIRT_S2_USE_CONTIGUOUS (1u << 3)
/** Do not use FEAT_S2FWB even if it is there. */
#define ARMVIRT_S2_NO_FWB (1u << 4)
/** FEAT_BBM level 2 may be used: the caller answers TLB conflict aborts by invalidating the VMID.
 */
#define ARMVIRT_S2_ALLOW_CONFLICT (1u << 5)
/** Eight-bit VMIDs even if FEAT_VMID16 is there. */
#define ARMVIRT_S2_USE_VMID8 (1u << 6)
/** Do not use FEAT_BBM level 1 (nT) even if it is there. */
#define ARMVIRT_S2_NO_NT (1u << 7)

/** What the caller wishes. */
struct armvirt_s2_config {
	enum armvirt_granule granule; /**< translation granule */
	uint8_t ipa_bits;             /**< size of the guest's physical address space, 32 to 52 */
	int8_t start_level;           /**< -1 to 3, or @ref ARMVIRT_S2_START_AUTO */
	uint32_t flags;               /**< ARMVIRT_S2_USE_* and ARMVIRT_S2_NO_* */
};

/** Which rule a refused configuration broke. Numbers are fixed for ever. */
enum armvirt_s2_rule {
	ARMVIRT_S2_RULE_NONE = 0,        /**< none, the configuration is good */
	ARMVIRT_S2_RULE_GRANULE = 1,     /**< stage 2 does not support this granule */
	ARMVIRT_S2_RULE_IPA_BITS = 2,    /**< below 32 or above what the granule and DS allow */
	ARMVIRT_S2_RULE_PA_BITS = 3,     /**< more than the processor's physical address bits */
	ARMVIRT_S2_RULE_LPA2 = 4,        /**< no FEAT_LPA2 for this granule at stage 2 */
	ARMVIRT_S2_RULE_START_LEVEL = 5, /**< no such start level for this size */
	ARMVIRT_S2_RULE_HW_AF = 6,       /**< hardware does not update the access flag */
	ARMVIRT_S2_RULE_HW_DIRTY =
		7,                /**< hardware does not update dirty state, or no HW_AF asked */
	ARMVIRT_S2_RULE_FLAGS = 8 /**< unknown flag bits */
};

/** Which translation regime a geometry describes. */
enum armvirt_regime {
	ARMVIRT_REGIME_S2 = 0,  /**< stage 2 of EL1&0 */
	ARMVIRT_REGIME_EL2 = 1, /**< stage 1 of EL2 (HCR_EL2.E2H = 0) */
	ARMVIRT_REGIME_EL20 = 2 /**< stage 1 of EL2&0, TTBR0 half (HCR_EL2.E2H = 1) */
};

/**
 * Everything about a table that follows from features and configuration. Filled
 * by @ref armvirt_s2_geometry_solve; read it, do not write it.
 */
struct armvirt_s2_geometry {
	uint64_t vtcr;          /**< VTCR_EL2 */
	uint64_t addr_low;      /**< descriptor bits that hold address bits in place */
	uint64_t addr_high;     /**< descriptor bits that hold the address bits above those */
	uint64_t ipa_limit;     /**< first address past the input addresses */
	uint64_t pa_limit;      /**< first address past the output addresses */
	uint64_t page_mask;     /**< bytes of a page less one */
	uint64_t table_bits;    /**< bits that say "this is a table", reserved ones included */
	uint64_t track;         /**< descriptor bit "writable, tracked": DBM, or a software bit */
	uint64_t mem_decode;    /**< memory type by MemAttr, four bits each */
	uint64_t leaf_zero[5];  /**< bits that are never set in a leaf of level -1 to 3 */
	uint32_t root_bytes;    /**< bytes of the root, all concatenated tables */
	uint32_t root_align;    /**< alignment of the root in bytes */
	uint32_t root_entries;  /**< descriptors in the root */
	uint32_t flags;         /**< the configuration's flags, those not granted cleared */
	uint8_t regime;         /**< @ref armvirt_regime */
	uint8_t granule_shift;  /**< 12, 14 or 16 */
	uint8_t ipa_bits;       /**< input address bits */
	uint8_t pa_bits;        /**< output address bits */
	uint8_t root_count;     /**< concatenated tables at the start level, 1 to 16 */
	uint8_t high_shift;     /**< how far addr_high is moved */
	uint8_t low_bits;       /**< address bits that stand in place, 48 or 50 */
	uint8_t vmid_bits;      /**< 8 or 16 */
	uint8_t bbm_level;      /**< break-before-make level in use, 0 to 2 */
	int8_t start_level;     /**< -1 to 3 */
	int8_t block_level;     /**< highest level at which a block may stand */
	bool fwb;               /**< HCR_EL2.FWB must be 1 */
	bool xnx;               /**< separate execute permission for EL1 and EL0 */
	bool cnp;               /**< FEAT_TTCNP: the CnP bit may be set */
	bool plain_4k;          /**< 4K granule, 48-bit addresses, start level 1: the short walk */
	bool hw_update;         /**< hardware may write live descriptors */
	uint8_t shift[5];       /**< log2 of the bytes that an entry of level -1 to 3 spans */
	uint8_t mem_encode[16]; /**< MemAttr in place by memory type, 0xff: none */
	uint8_t xsh_encode[16]; /**< XN and SH by execute and share bits, 0xff: none */
	uint8_t leaf_type[5];   /**< bits 1:0 of a leaf of level -1 to 3; 0: no leaf may stand there
				 */
	uint8_t contiguous[5];  /**< log2 of the entries of a contiguous run at level -1 to 3, 0:
				   none */
	struct armvirt_tlb_caps tlb; /**< what TLB maintenance may use */
};

/**
 * @brief Solves a geometry.
 * @param g    written whole on success
 * @param f    what every CPU of the system can do
 * @param c    what is wished
 * @retval ARMVIRT_E_ARG         no such granule, or flag
 * @retval ARMVIRT_E_RANGE       address size or start level impossible
 * @retval ARMVIRT_E_UNSUPPORTED the processor lacks what was asked for
 *
 * Pure. @ref armvirt_s2_geometry_check says which rule was broken. Implements the
 * start level, concatenation and alignment rules of AArch64 stage 2
 * (AArch64.S2StartLevel, S2InvalidSL and S2InconsistentSL in the pseudocode).
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_geometry_solve(struct armvirt_s2_geometry *g,
								const struct armvirt_features *f,
								const struct armvirt_s2_config *c);

/** The rule that makes @ref armvirt_s2_geometry_solve refuse @p c, or none. Pure. */
enum armvirt_s2_rule armvirt_s2_geometry_check(const struct armvirt_features *f,
					       const struct armvirt_s2_config *c);

/** Bytes that an entry of @p level spans, -1 to 3. Pure. */
static inline uint64_t armvirt_s2_span(const struct armvirt_s2_geometry *g, int level)
{
	return UINT64_C(1) << g->shift[level + 1];
}

/** @} */

/**
 * @defgroup s2_attr Stage-2 attributes
 * @brief Memory type, permissions and flags of a mapping as one scalar.
 * @{
 */

/** Attributes of a mapping; made by @ref armvirt_s2_attr, never descriptor bits. */
typedef uint32_t armvirt_s2_attr_t;

/**
 * Memory type. Without FEAT_S2FWB stage 2 limits what the guest asks for; with it,
 * WB and NC decide. Normal types name the outer, then the inner cacheability.
 */
enum armvirt_s2_memory_type {
	ARMVIRT_S2_DEVICE_nGnRnE = 0, /**< Device-nGnRnE */
	ARMVIRT_S2_DEVICE_nGnRE = 1,  /**< Device-nGnRE */
	ARMVIRT_S2_DEVICE_nGRE = 2,   /**< Device-nGRE */
	ARMVIRT_S2_DEVICE_GRE = 3,    /**< Device-GRE */
	ARMVIRT_S2_AS_GUEST = 4,      /**< as stage 1 says (FEAT_S2FWB in use only) */
	ARMVIRT_S2_NORMAL_NC = 5,     /**< non-cacheable */
	ARMVIRT_S2_NORMAL_NC_WT = 6,  /**< outer NC, inner write-through (no FWB) */
	ARMVIRT_S2_NORMAL_NC_WB = 7,  /**< outer NC, inner write-back (no FWB) */
	ARMVIRT_S2_NORMAL_WT_NC = 9,  /**< outer write-through, inner NC (no FWB) */
	ARMVIRT_S2_NORMAL_WT = 10,    /**< write-through (no FWB) */
	ARMVIRT_S2_NORMAL_WT_WB = 11, /**< outer write-through, inner write-back (no FWB) */
	ARMVIRT_S2_NORMAL_WB_NC = 13, /**< outer write-back, inner NC (no FWB) */
	ARMVIRT_S2_NORMAL_WB_WT = 14, /**< outer write-back, inner write-through (no FWB) */
	ARMVIRT_S2_NORMAL_WB = 15     /**< write-back; with FWB whatever the guest says */
};

/** Mask of the memory type. */
#define ARMVIRT_S2_MEMORY_MASK 0xfu
/** The guest may read. */
#define ARMVIRT_S2_R (1u << 4)
/** The guest may write. */
#define ARMVIRT_S2_W (1u << 5)
/** EL1 may execute. */
#define ARMVIRT_S2_X_EL1 (1u << 6)
/** EL0 may execute. */
#define ARMVIRT_S2_X_EL0 (1u << 7)
/** EL1 and EL0 may execute. */
#define ARMVIRT_S2_X (ARMVIRT_S2_X_EL1 | ARMVIRT_S2_X_EL0)
/** Read, write and execute. */
#define ARMVIRT_S2_RWX (ARMVIRT_S2_R | ARMVIRT_S2_W | ARMVIRT_S2_X)
/** All permission bits. */
#define ARMVIRT_S2_PERMISSIONS ARMVIRT_S2_RWX
/** Shareability: shift of the two-bit field. */
#define ARMVIRT_S2_SHARE_SHIFT 8
/** Mask of the shareability. */
#define ARMVIRT_S2_SHARE_MASK (3u << ARMVIRT_S2_SHARE_SHIFT)
/** Inner shareable; the only choice under LPA2, where VTCR_EL2.SH0 says it. */
#define ARMVIRT_S2_SHARE_INNER (0u << ARMVIRT_S2_SHARE_SHIFT)
/** Outer shareable. */
#define ARMVIRT_S2_SHARE_OUTER (2u << ARMVIRT_S2_SHARE_SHIFT)
/** Non-shareable. */
#define ARMVIRT_S2_SHARE_NONE (3u << ARMVIRT_S2_SHARE_SHIFT)
/** Starts old: the access flag is clear, the first access sets it or faults. */
#define ARMVIRT_S2_OLD (1u << 10)
/** Write tracking is on: a mapping without W becomes dirty, not forbidden, by a write. */
#define ARMVIRT_S2_TRACKED (1u << 11)
/** Software bits: shift of the three-bit field that belongs to the caller. */
#define ARMVIRT_S2_SW_SHIFT 12
/** Mask of the software bits. */
#define ARMVIRT_S2_SW_MASK (7u << ARMVIRT_S2_SW_SHIFT)

/** Attributes of a memory type and permission bits, inner shareable and young. Pure. */
static inline armvirt_s2_attr_t armvirt_s2_attr(enum armvirt_s2_memory_type memory,
						uint32_t permissions)
{
	return (uint32_t)memory | permissions;
}

/** Memory type of attributes. Pure. */
static inline enum armvirt_s2_memory_type armvirt_s2_attr_memory(armvirt_s2_attr_t attr)
{
	return (enum armvirt_s2_memory_type)(attr & ARMVIRT_S2_MEMORY_MASK);
}

/**
 * @brief Descriptor bits of attributes.
 * @param g    the geometry
 * @param attr the attributes
 * @param bits written on success: everything of a leaf but address, type and validity
 * @retval ARMVIRT_E_ATTR the attributes do not exist or this geometry cannot encode them
 *
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_s2_attr_encode(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t attr, uint64_t *bits);

/**
 * @brief Attributes of a leaf descriptor. Pure, total: every value has an answer.
 * @param g          the geometry
 * @param descriptor a leaf descriptor that the library wrote
 */
armvirt_s2_attr_t armvirt_s2_attr_decode(const struct armvirt_s2_geometry *g, uint64_t descriptor);

/** @} */

/**
 * @defgroup s2 Stage-2 tables
 * @brief Map, unmap, protect, annotate, split, fold, age and track, as transactions.
 *
 * **Two classes of concurrency.** Shared: @ref armvirt_s2_lookup, @ref
 * armvirt_s2_annotation, @ref armvirt_s2_next, @ref armvirt_s2_fault_map and
 * @ref armvirt_s2_fault_fix, any number at once, without a lock. Exclusive: an update,
 * from @ref armvirt_s2_begin to @ref armvirt_s2_finish; the caller keeps other
 * updates and `fault_*` of the same table out, not lookups and not the
 * hardware's walkers. Pools belong to one CPU at a time. Detached tables go to a
 * limbo list; the caller gives its pages back to a pool when no lookup that began
 * before can still run.
 *
 * **An update** is begun, takes any number of verbs, is sealed (every break is
 * stored, nothing is made), its TLB plan is executed, and it is finished (every
 * make is stored). Each verb is done whole or, when refused, changes nothing. Where
 * an earlier verb of the same update left something that waits for finish, a later
 * one refuses with ARMVIRT_E_BUSY; only an unmap takes tables with such entries away.
 * @{
 */

/** Where the tables are. */
struct armvirt_s2_memory {
	uint64_t *root;       /**< the root, of geometry's size and alignment */
	armvirt_pa_t root_pa; /**< its physical address */
	uint64_t
		va_minus_pa; /**< pointer minus physical address of every table page, modulo 2^64 */
};

/** A stage-2 address space. The caller owns the memory; read it, do not write it. */
struct armvirt_s2 {
	struct armvirt_s2_geometry g;    /**< its geometry */
	struct armvirt_s2_memory memory; /**< its memory */
};

/** Guest memory as the caller sees it, through a cacheable mapping. */
struct armvirt_s2_guest {
	uint64_t va_minus_pa; /**< pointer minus physical address of all of it, modulo 2^64 */
};

/** What is stored in entries that map nothing. Numbers are fixed for ever. */
enum armvirt_s2_kind {
	ARMVIRT_S2_KIND_NONE = 0,    /**< nothing */
	ARMVIRT_S2_KIND_PENDING = 1, /**< the library's own: broken, not yet made */
	ARMVIRT_S2_KIND_TRAP = 2,    /**< a device range that the hypervisor emulates */
	ARMVIRT_S2_KIND_OWNER = 3,   /**< memory that belongs to somebody else */
	ARMVIRT_S2_KIND_USER = 8,    /**< first of eight kinds for the caller, 8 to 15 */
	ARMVIRT_S2_KIND_MAX = 15     /**< the highest kind */
};

/** An annotation: a kind and a payload of 48 bits. */
struct armvirt_s2_note {
	enum armvirt_s2_kind kind; /**< TRAP, OWNER or one of the caller's kinds */
	uint64_t payload;          /**< below 2^48 */
};

/** What translates an address. */
struct armvirt_s2_leaf {
	armvirt_pa_t pa;     /**< output address of the address that was looked up */
	uint64_t descriptor; /**< the leaf descriptor */
	int level;           /**< its level, -1 to 3 */
};

/** Only pages, no blocks. */
#define ARMVIRT_S2_MAP_PAGES (1u << 0)
/** Mappings and annotations that are there are replaced; without it they refuse the request. */
#define ARMVIRT_S2_MAP_REPLACE (1u << 1)

/** A request to map. */
struct armvirt_s2_map_request {
	armvirt_ipa_t ipa;      /**< first guest physical address, granule aligned */
	armvirt_pa_t pa;        /**< first physical address, granule aligned */
	uint64_t size;          /**< bytes, granule aligned, not 0 */
	armvirt_s2_attr_t attr; /**< attributes of every page of it */
	uint32_t flags;         /**< ARMVIRT_S2_MAP_* */
};

/** A bitmap over pages of a granule, bit 0 of word 0 being the page at `base`. */
struct armvirt_s2_bitmap {
	uint64_t *word;     /**< the words; bits are set, never cleared */
	armvirt_ipa_t base; /**< address of bit 0, aligned to the granule */
	uint64_t pages;     /**< number of bits; pages outside are not reported */
};

/** An update under way. The caller owns the memory (stack will do); opaque. */
struct armvirt_s2_update {
	struct armvirt_s2 *s2;                 /**< private */
	struct armvirt_pool *pool;             /**< private */
	struct armvirt_tlb_gather gather;      /**< private */
	const struct armvirt_s2_bitmap *dirty; /**< private */
	const struct armvirt_s2_guest *guest;  /**< private */
	armvirt_pa_t run_pa;                   /**< private */
	uint64_t run_size;                     /**< private */
	armvirt_ipa_t pending_base;            /**< private */
	armvirt_ipa_t pending_end;             /**< private */
	armvirt_ipa_t done;                    /**< private: see @ref armvirt_s2_done */
	uint64_t *nt_slot[4];                  /**< private */
	uint64_t nt_table[4];                  /**< private */
	uint64_t *fresh_slot;                  /**< private */
	uint64_t fresh;                        /**< private */
	uint32_t budget;                       /**< private */
	uint32_t flags;                        /**< private */
	uint8_t lines;                         /**< private */
	uint8_t nt_count;                      /**< private */
	uint8_t state;                         /**< private */
	bool noted;                            /**< private */
	bool cache;                            /**< private */
};

/**
 * @brief Makes an empty address space.
 * @param s written whole
 * @param g the geometry, copied
 * @param m the memory; the root is zeroed here
 * @retval ARMVIRT_E_ARG   no root
 * @retval ARMVIRT_E_ALIGN root or root_pa misaligned
 * @retval ARMVIRT_E_RANGE root_pa beyond the physical addresses
 *
 * Per object. No barrier: issue one before the first VTTBR_EL2 is written.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_init(struct armvirt_s2 *s,
						      const struct armvirt_s2_geometry *g,
						      const struct armvirt_s2_memory *m);

/**
 * @brief VTTBR_EL2 (or TTBR0_EL2 of EL2's own map) of an address space.
 * @param s    the address space
 * @param vmid VMID, or ASID for EL2&0, that fits the geometry's width
 *
 * Pure. CnP is left 0: set bit 0 where every CPU uses the same tables.
 */
uint64_t armvirt_s2_vttbr(const struct armvirt_s2 *s, uint16_t vmid);

/**
 * @brief Table pages that a map request needs now, exactly.
 * @param s     the address space
 * @param r     the request
 * @param pages written on success
 * @return what @ref armvirt_s2_map would say, but for ARMVIRT_E_NOMEM
 *
 * Exclusive, or the answer may be old. Takes time in proportion to the tables in the range.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_s2_need(const struct armvirt_s2 *s, const struct armvirt_s2_map_request *r, size_t *pages);

/**
 * @brief Table pages that splitting at the ends of a range needs now, exactly.
 * @param s     the address space
 * @param r     the range of an unmap, protect, annotate or dirty
 * @param holes whether holes are split too, as annotate does
 * @param pages written on success
 * @return what the verb would say of the range, but for ARMVIRT_E_NOMEM
 *
 * Concurrency as @ref armvirt_s2_need.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_need_range(const struct armvirt_s2 *s,
							    struct armvirt_ipa_range r, bool holes,
							    size_t *pages);

/** Split and fold stop with ARMVIRT_MORE after one table each, so that each break can have a TLB
 * sequence of its own: finish the update before the next. Other verbs are as without it. */
#define ARMVIRT_S2_SERIAL (1u << 0)
/** Tables that become empty stay. */
#define ARMVIRT_S2_KEEP_TABLES (1u << 1)

/**
 * @brief Begins an update.
 * @param u     written whole
 * @param s     the address space
 * @param pool  where table pages come from; the calling CPU's own
 * @param flags ARMVIRT_S2_SERIAL, ARMVIRT_S2_KEEP_TABLES
 *
 * Exclusive until @ref armvirt_s2_finish. No barrier.
 */
void armvirt_s2_begin(struct armvirt_s2_update *u, struct armvirt_s2 *s, struct armvirt_pool *pool,
		      unsigned flags);

/**
 * @brief Limits every verb of the update to about @p tables tables of work each; 0: no limit.
 *
 * A verb that stops returns ARMVIRT_MORE; everything below @ref armvirt_s2_done
 * is done then, nothing above. Call it again with the rest.
 */
static inline void armvirt_s2_budget(struct armvirt_s2_update *u, uint32_t tables)
{
	u->budget = tables;
}

/** First address that the last verb of @p u has not done. Pure. */
static inline armvirt_ipa_t armvirt_s2_done(const struct armvirt_s2_update *u)
{
	return u->done;
}

/**
 * Where unmap, replacing, and withdrawing write permission report pages that were written while
 * tracked; NULL: nowhere. The bitmap is in use until the update is finished. Per object.
 */
static inline void armvirt_s2_report_dirty(struct armvirt_s2_update *u,
					   const struct armvirt_s2_bitmap *dirty)
{
	u->dirty = dirty;
}

/**
 * @brief Lets the verbs of @p u maintain caches; NULL: that is left to the caller.
 * @param u     the update
 * @param guest where the caller sees the guest's memory; in use until the update is finished
 *
 * Normal memory only, in runs that are contiguous, bounded by the budget as the rest of a verb is:
 *
 *  - @ref armvirt_s2_map, before the first entry of the range is stored: to the point of coherency
 *    where FEAT_S2FWB is not in use, so that a guest whose caches are off reads what the caller
 *    wrote; for fetches, if the mapping is executable.
 *  - unmapping (unmap, unmap_matching, destroy), in @ref armvirt_s2_finish, hence after the
 *    invalidation: where FEAT_S2FWB is not in use, so that the caller reads what a guest with
 * caches off wrote.
 *  - @ref armvirt_s2_protect that allows execution: instruction caches, before the first store.
 *
 * Where FEAT_S2FWB is not in use a map with ARMVIRT_S2_MAP_REPLACE and an annotation then refuse
 * with ARMVIRT_E_EXISTS what is mapped: unmap and finish first. This is how a memory type is
 * changed. Per object.
 */
static inline void armvirt_s2_maintain_caches(struct armvirt_s2_update *u,
					      const struct armvirt_s2_guest *guest)
{
	u->guest = guest;
	u->lines = guest && !u->s2->g.fwb ? 12u << 2 : 0; /* MemAttr bits of Normal memory */
}

/**
 * @brief Maps a range, with the largest leaves that its alignment allows.
 * @retval ARMVIRT_MORE       budget spent
 * @retval ARMVIRT_E_ALIGN    address or size not granule aligned
 * @retval ARMVIRT_E_RANGE    empty, wrapping, beyond the IPA or PA size
 * @retval ARMVIRT_E_ATTR     attributes that cannot be encoded
 * @retval ARMVIRT_E_EXISTS   something is mapped or annotated there (without REPLACE)
 * @retval ARMVIRT_E_NOMEM    the pool has too few pages
 * @retval ARMVIRT_E_BUSY     something there waits for this update's finish
 * @retval ARMVIRT_E_CORRUPT  a descriptor that the library cannot have written
 *
 * Exclusive. On refusal nothing has changed. No barrier here.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_map(struct armvirt_s2_update *u,
						     const struct armvirt_s2_map_request *r);

/**
 * @brief Unmaps exactly a range: mappings and annotations; holes are no error.
 *
 * Larger leaves at its ends are split and keep what lies outside. Tables that
 * become empty are detached. Refusals as @ref armvirt_s2_map.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_unmap(struct armvirt_s2_update *u,
						       struct armvirt_ipa_range r);

/**
 * @brief Unmaps a range if every byte of it is mapped linearly to @p pa.
 * @retval ARMVIRT_E_MISMATCH something of it is not mapped, or elsewhere
 *
 * Other refusals as @ref armvirt_s2_unmap.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_s2_unmap_matching(struct armvirt_s2_update *u, struct armvirt_ipa_range r, armvirt_pa_t pa);

/** Permissions, flags and software bits to set and to clear: R, W, X, OLD, TRACKED, SW. */
struct armvirt_s2_protection {
	armvirt_s2_attr_t set;   /**< bits to set */
	armvirt_s2_attr_t clear; /**< bits to clear */
};

/**
 * @brief Changes permissions and software bits of everything mapped in a range.
 * @retval ARMVIRT_E_ATTR memory type or shareability asked for, a bit both set and cleared,
 *                        or execute permissions that cannot be encoded
 *
 * Holes and annotations stay. Other refusals as @ref armvirt_s2_unmap.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_protect(struct armvirt_s2_update *u,
							 struct armvirt_ipa_range r,
							 const struct armvirt_s2_protection *p);

/**
 * @brief Unmaps a range and stores an annotation in every entry of it.
 * @retval ARMVIRT_E_ARG kind not TRAP, OWNER or the caller's, payload too large
 *
 * Other refusals as @ref armvirt_s2_map.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_annotate(struct armvirt_s2_update *u,
							  struct armvirt_ipa_range r,
							  const struct armvirt_s2_note *note);

/**
 * @brief Splits every leaf of a range down to @p level, from the pool.
 * @param u     the update
 * @param r     the range
 * @param level deepest level wanted, at most 3
 *
 * Attributes, access flag and dirty state carry over. Refusals as @ref armvirt_s2_unmap;
 * with ARMVIRT_E_NOMEM nothing was split.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_split(struct armvirt_s2_update *u,
						       struct armvirt_ipa_range r, int level);

/**
 * @brief Folds tables of a range into blocks, and entries into contiguous runs, where
 *        their contents agree; what does not agree stays.
 *
 * Needs no memory. Refusals as @ref armvirt_s2_unmap.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_fold(struct armvirt_s2_update *u,
						      struct armvirt_ipa_range r);

/**
 * @brief Reports which pages of a range were accessed, and makes them old.
 * @param u      the update
 * @param r      the range
 * @param young  bits are set for accessed pages; NULL: only clear
 *
 * A leaf or contiguous run that is only partly in the range is reported, not cleared.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_age(struct armvirt_s2_update *u,
						     struct armvirt_ipa_range r,
						     const struct armvirt_s2_bitmap *young);

/** What @ref armvirt_s2_dirty does. */
enum armvirt_s2_dirty_mode {
	ARMVIRT_S2_DIRTY_START = 0,   /**< writable pages become tracked and clean */
	ARMVIRT_S2_DIRTY_COLLECT = 1, /**< written pages are reported and become clean again */
	ARMVIRT_S2_DIRTY_STOP =
		2 /**< tracked pages are reported if written and become plain writable */
};

/**
 * @brief Dirty tracking of a range, by hardware where the geometry has it, else by
 *        write protection; the same calls.
 * @param u     the update
 * @param r     the range
 * @param mode  what to do
 * @param dirty bits are set for written pages; may be NULL
 *
 * Starting unfolds contiguous runs. A leaf that is only partly in the range is reported, not
 * changed, by COLLECT; START and STOP split it.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_dirty(struct armvirt_s2_update *u,
						       struct armvirt_ipa_range r,
						       enum armvirt_s2_dirty_mode mode,
						       const struct armvirt_s2_bitmap *dirty);

/**
 * @brief Unmaps everything and detaches every table. Refusals as @ref armvirt_s2_unmap.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_destroy(struct armvirt_s2_update *u);

/**
 * @brief Ends the breaks of an update and says what must be invalidated.
 * @param u    the update
 * @param plan written whole
 * @retval ARMVIRT_E_STATE sealed already
 *
 * Exclusive. No barrier. After it no verb, only @ref armvirt_s2_finish.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_seal(struct armvirt_s2_update *u,
						      struct armvirt_tlb_plan *plan);

/**
 * @brief Stores what waited for the invalidation, and hands over detached tables.
 * @param u     the update, sealed, its plan executed on return of which this is called
 * @param limbo detached tables are added
 * @retval ARMVIRT_OK    done; nothing is left to publish
 * @retval ARMVIRT_RETRY done; descriptors became valid: a DSB ISHST must follow before a
 *                       guest relies on them
 *
 * Exclusive.
 */
enum armvirt_status armvirt_s2_finish(struct armvirt_s2_update *u, struct armvirt_pool *limbo);

/**
 * @brief Seals, executes and finishes. At EL2 only.
 * @param u      the update
 * @param target the virtual machine
 * @param limbo  detached tables are added
 *
 * Exclusive. Issues every barrier that the update needs.
 */
void armvirt_s2_commit(struct armvirt_s2_update *u, const struct armvirt_tlb_target *target,
		       struct armvirt_pool *limbo);

/**
 * @brief Brings a table to rest whose update was abandoned after any of its stores: the CPU was
 *        reset, or an exception or longjmp left the call for good. At EL2 only.
 * @param u      the abandoned update, in whatever state, in memory that survived
 * @param target the virtual machine
 * @param limbo  detached tables are added
 *
 * After every store of a verb or of @ref armvirt_s2_finish the table can be walked, by hardware and
 * by lookups, and every address translates as before the verb, as after it, or not at all (a lookup
 * says ARMVIRT_RETRY) because it is broken and not yet made. This call invalidates the whole VMID,
 * makes what waits, and hands over what was detached: then every address translates as before or
 * as after, no freed table can be reached, no page is lost. It does not do the rest of the verb:
 * ask for it again. Contiguous runs that were changed in part lose the hint. What the verb reports
 * in bitmaps may be incomplete: take every page of its range for accessed and written.
 *
 * Exclusive: nobody may begin another update of the table before. Takes time in proportion to the
 * tables in use. Issues every barrier. What an abandoned @ref armvirt_hw_tlb_execute left in
 * VTTBR_EL2, VTCR_EL2 and HCR_EL2 is the caller's to set again. Shared operations need no recovery.
 */
void armvirt_s2_recover(struct armvirt_s2_update *u, const struct armvirt_tlb_target *target,
			struct armvirt_pool *limbo);

/** One page that a guest touched. */
struct armvirt_s2_fault_request {
	armvirt_ipa_t ipa;      /**< guest physical address, aligned to the granule */
	armvirt_pa_t pa;        /**< physical address, aligned to the granule */
	armvirt_s2_attr_t attr; /**< attributes */
};

/**
 * @brief Maps one page if nothing is there: the concurrent path of a stage-2 fault.
 * @param s    the address space
 * @param r    the page
 * @param pool the calling CPU's own pool; gets back a page whose link was lost to another CPU
 * @retval ARMVIRT_OK        mapped, and a DSB ISHST issued
 * @retval ARMVIRT_RETRY     mapped by another, or an update is under way there: enter the guest
 * again
 * @retval ARMVIRT_E_EXISTS  annotated
 * @retval ARMVIRT_E_NOMEM   the pool is empty; tables linked so far stay and are of use
 *
 * Shared. Other refusals as @ref armvirt_s2_map.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_fault_map(struct armvirt_s2 *s,
							   const struct armvirt_s2_fault_request *r,
							   struct armvirt_pool *pool);

/**
 * @brief Answers an access-flag fault, or a write to a tracked page.
 * @param s     the address space
 * @param ipa   the faulting address
 * @param write whether the access was a write
 * @param plan  written on ARMVIRT_OK: execute it, then enter the guest again
 * @retval ARMVIRT_OK       the entry now allows the access
 * @retval ARMVIRT_RETRY    it did already, or an update is under way there
 * @retval ARMVIRT_E_ABSENT nothing is mapped
 * @retval ARMVIRT_E_DENIED the mapping forbids it
 *
 * Shared, by compare-and-swap. Sets the access flag, and write permission of a tracked page.
 * The plan publishes the change, and takes away read-only translations that a CPU may still
 * hold after permission was added. No barrier here.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_s2_fault_fix(struct armvirt_s2 *s, armvirt_ipa_t ipa,
							   bool write,
							   struct armvirt_tlb_plan *plan);

/**
 * @brief What translates an address.
 * @param s   the address space
 * @param ipa any address
 * @param out written on ARMVIRT_OK
 * @retval ARMVIRT_RETRY     an update is under way there
 * @retval ARMVIRT_E_ABSENT  nothing is mapped
 * @retval ARMVIRT_E_RANGE   outside the address space
 * @retval ARMVIRT_E_CORRUPT a descriptor that the library cannot have written
 *
 * Shared.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_s2_lookup(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct armvirt_s2_leaf *out);

/**
 * @brief The annotation of an address. Results as @ref armvirt_s2_lookup, and
 *        ARMVIRT_E_EXISTS if the address is mapped. Shared.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_s2_annotation(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct armvirt_s2_note *out);

/** Attributes of what a lookup found. Pure. */
static inline armvirt_s2_attr_t armvirt_s2_leaf_attr(const struct armvirt_s2 *s,
						     const struct armvirt_s2_leaf *leaf)
{
	return armvirt_s2_attr_decode(&s->g, leaf->descriptor);
}

/** A maximal run of addresses of one nature. */
struct armvirt_s2_run {
	armvirt_ipa_t ipa;           /**< first address */
	uint64_t size;               /**< bytes */
	armvirt_pa_t pa;             /**< first output address, if mapped */
	armvirt_s2_attr_t attr;      /**< attributes, if mapped */
	struct armvirt_s2_note note; /**< kind and payload, if not mapped; kind NONE is a hole */
	bool mapped;                 /**< whether it is mapped, linearly, with equal attributes */
	bool corrupt;                /**< a descriptor that the library cannot have written */
};

/** A walk over runs. The caller sets it by @ref armvirt_s2_iterate; opaque. */
struct armvirt_s2_iter {
	const struct armvirt_s2 *s2; /**< private */
	armvirt_ipa_t next;          /**< private */
	armvirt_ipa_t end;           /**< private */
};

/**
 * @brief Prepares a walk over the runs of a range.
 * @param it written whole
 * @param s  the address space
 * @param r  the range; a size of 0 means up to the end of the address space
 *
 * Pure.
 */
void armvirt_s2_iterate(struct armvirt_s2_iter *it, const struct armvirt_s2 *s,
			struct armvirt_ipa_range r);

/**
 * @brief The next run, holes included; false at the end.
 *
 * Shared. A run is what was there while it was read: others may change it. An
 * entry that an update is changing appears as annotation PENDING.
 */
bool armvirt_s2_next(struct armvirt_s2_iter *it, struct armvirt_s2_run *run);

/**
 * @brief Table pages in use, the root not counted. Exclusive. Walks every table.
 */
size_t armvirt_s2_table_count(const struct armvirt_s2 *s);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
