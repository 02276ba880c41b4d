/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Free table pages, as a list threaded through themselves.
 */
#ifndef LIBARMVIRT_POOL_H
#define LIBARMVIRT_POOL_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup pool Page pool
 * @brief Where table pages come from and go to.
 *
 * A pool is a list of free pages, each of the size and alignment of one
 * translation table (the granule). The link stands in the first word of a page,
 * so a pool costs no memory. Pages need be neither contiguous nor zeroed. A pool
 * has one owner at a time: nothing here is atomic (concurrency class: per
 * object). A limbo list is a pool whose pages wait for a grace period.
 * @{
 */

/** A list of free table pages. Zeroed memory is an empty pool. */
struct armvirt_pool {
	uint64_t *first; /**< first free page, NULL if none */
	size_t count;    /**< pages in the list */
};

/**
 * @brief Puts a free page into a pool.
 * @param pool the pool
 * @param page start of the page, aligned to its size, not referenced by anybody
 *
 * Per object. Issues no barrier.
 */
static inline void armvirt_pool_add(struct armvirt_pool *pool, void *page)
{
	uint64_t *p = (uint64_t *)page;

	p[0] = (uint64_t)(uintptr_t)pool->first;
	pool->first = p;
	pool->count++;
}

/**
 * @brief Takes a page out of a pool; NULL if it is empty.
 *
 * The contents of the page are unspecified. Per object. Issues no barrier.
 */
static inline void *armvirt_pool_take(struct armvirt_pool *pool)
{
	uint64_t *p = pool->first;

	if (p) {
		pool->first = (uint64_t *)(uintptr_t)p[0];
		pool->count--;
	}
	return p;
}

/**
 * @brief Cuts a block of memory into pages and adds each to a pool.
 * @param pool  the pool
 * @param start first byte, aligned to @p page_bytes
 * @param bytes length, a multiple of @p page_bytes
 * @param page_bytes size of one table: 4096, 16384 or 65536
 * @retval ARMVIRT_E_ARG   no such page size
 * @retval ARMVIRT_E_ALIGN misaligned start or length
 *
 * Per object. Issues no barrier.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_pool_add_memory(struct armvirt_pool *pool, void *start, size_t bytes, size_t page_bytes);

/**
 * @brief Moves every page of @p from into @p to (a limbo list after its grace period).
 *
 * Per object, both. Takes time in proportion to the pages of @p from. Issues no barrier.
 */
void armvirt_pool_move(struct armvirt_pool *to, struct armvirt_pool *from);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
