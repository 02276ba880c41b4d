/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The hypervisor's own stage-1 map.
 */
#ifndef LIBARMVIRT_EL2_H
#define LIBARMVIRT_EL2_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>
#include <libarmvirt/pool.h>
#include <libarmvirt/s2.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup el2_map EL2 stage-1 map
 * @brief Maps the hypervisor itself, for EL2 (E2H=0) and EL2&0 (E2H=1), never writable and
 * executable.
 * @{
 */

/** What is wished. */
struct armvirt_el2_map_config {
	enum armvirt_granule granule; /**< translation granule */
	uint8_t va_bits;              /**< virtual address bits, 25 to 48 */
	bool e2h;                     /**< HCR_EL2.E2H, as it is when the map is in use */
};

/** What a region holds; decides permissions and memory type. */
enum armvirt_el2_kind {
	ARMVIRT_EL2_TEXT = 0,   /**< read and execute, write-back */
	ARMVIRT_EL2_RODATA = 1, /**< read, write-back */
	ARMVIRT_EL2_DATA = 2,   /**< read and write, write-back */
	ARMVIRT_EL2_DEVICE = 3  /**< read and write, Device-nGnRE */
};

/** A region of the hypervisor's address space. */
struct armvirt_el2_region {
	uint64_t va;                /**< first virtual address, granule aligned */
	armvirt_pa_t pa;            /**< first physical address, granule aligned */
	uint64_t size;              /**< bytes, granule aligned, not 0 */
	enum armvirt_el2_kind kind; /**< what it holds */
};

/** The hypervisor's map. The caller owns the memory; opaque but for what functions tell. */
struct armvirt_el2_map {
	struct armvirt_s2 tables; /**< private */
	struct armvirt_s2_update
		update; /**< private: too large for a stack of 256 bytes a function */
};

/** Register values that switch the map on. */
struct armvirt_el2_values {
	uint64_t ttbr0; /**< TTBR0_EL2 */
	uint64_t tcr;   /**< TCR_EL2 in the layout of the configured E2H */
	uint64_t mair;  /**< MAIR_EL2 */
	uint64_t sctlr; /**< bits to set in SCTLR_EL2: M, C, SA, I, WXN */
};

/**
 * @brief Solves the geometry of an EL2 map.
 * @param g written whole on success; root_bytes and root_align say what the root must be
 * @param f what every CPU can do
 * @param c what is wished
 * @retval ARMVIRT_E_RANGE       va_bits outside 25 to 48
 * @retval ARMVIRT_E_UNSUPPORTED no such granule at stage 1, or no FEAT_VHE
 *
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_el2_geometry_solve(struct armvirt_s2_geometry *g, const struct armvirt_features *f,
			   const struct armvirt_el2_map_config *c);

/**
 * @brief Makes an empty map. Results as @ref armvirt_s2_init.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_el2_map_init(struct armvirt_el2_map *map,
							   const struct armvirt_s2_geometry *g,
							   const struct armvirt_s2_memory *m);

/**
 * @brief Adds a region.
 * @param map    the map
 * @param pool   where table pages come from
 * @param region the region
 * @retval ARMVIRT_E_ARG    no such kind
 * @retval ARMVIRT_E_EXISTS the addresses are in use
 * @retval ARMVIRT_E_ATTR   its memory would be writable in one place and executable in another
 * @retval ARMVIRT_E_NOMEM  the pool has too few pages
 *
 * Other refusals as @ref armvirt_s2_map. Exclusive. On refusal nothing has changed. Only
 * invalid descriptors become valid, so no TLB invalidation follows; while the map is in use a
 * DSB ISHST and an ISB must, before the MMU is on the tables' memory must be clean.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_el2_map_add(struct armvirt_el2_map *map,
							  struct armvirt_pool *pool,
							  const struct armvirt_el2_region *region);

/**
 * @brief Removes exactly a range.
 * @param map   the map
 * @param pool  pages for splitting larger leaves at the ends
 * @param range virtual addresses
 * @param limbo detached tables are added
 *
 * At EL2. Executes the invalidation. Results as @ref armvirt_s2_unmap.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_el2_map_remove(struct armvirt_el2_map *map,
							     struct armvirt_pool *pool,
							     struct armvirt_ipa_range range,
							     struct armvirt_pool *limbo);

/** What to write to the registers. Pure. */
void armvirt_el2_map_values(const struct armvirt_el2_map *map, struct armvirt_el2_values *values);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
