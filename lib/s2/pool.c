/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/pool.h>

enum armvirt_status armvirt_pool_add_memory(struct armvirt_pool *pool, void *start, size_t bytes,
					    size_t page_bytes)
{
	if (page_bytes != 4096 && page_bytes != 16384 && page_bytes != 65536)
		return ARMVIRT_E_ARG;
	if (((uintptr_t)start | bytes) & (page_bytes - 1))
		return ARMVIRT_E_ALIGN;
	/* The first page comes out first: the list is built from the end. */
	for (size_t at = bytes; at; at -= page_bytes)
		armvirt_pool_add(pool, (uint8_t *)start + at - page_bytes);
	return ARMVIRT_OK;
}

void armvirt_pool_move(struct armvirt_pool *to, struct armvirt_pool *from)
{
	void *page;

	while ((page = armvirt_pool_take(from)))
		armvirt_pool_add(to, page);
}
