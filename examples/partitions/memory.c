/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: the kernel's own map, a stage-2 table for each partition, and nothing that is allocated.
 */
#include <libarmvirt/el2.h>

#include "partitions.h"

#include "../common/gic.h"
#include "../common/mem.h"
#include "../minivisor/config.h"
#include "guests/rt.h"
#include "images.h"
#include "kernel.h"

enum { IPA_BITS = 32, KERNEL_TABLES = 12, TABLES_MAX = 4 };

extern char image_text[], image_rodata[], image_data[], image_end[];

static uint64_t kernel_root[512] __attribute__((aligned(TABLE_BYTES)));
static uint64_t kernel_tables[KERNEL_TABLES][512] __attribute__((aligned(TABLE_BYTES)));
static uint64_t roots[PARTITIONS][512] __attribute__((aligned(TABLE_BYTES)));
static uint64_t tables[PARTITIONS][TABLES_MAX][512] __attribute__((aligned(TABLE_BYTES)));

static uint64_t address(const void *p)
{
	return (uintptr_t)p;
}

static void add(struct armvirt_el2_map *map, struct armvirt_pool *pool, uint64_t start,
		uint64_t end, enum armvirt_el2_kind kind)
{
	const struct armvirt_el2_region r = {start, start, end - start, kind};
	enum armvirt_status s = armvirt_el2_map_add(map, pool, &r);

	if (s != ARMVIRT_OK)
		stop("the kernel's map: %s", armvirt_strstatus(s));
}

void kernel_map_make(const struct armvirt_features *f, struct kernel_map *out)
{
	const struct armvirt_el2_map_config wish = {ARMVIRT_GRANULE_4K, 39, false};
	const struct armvirt_s2_memory m = {kernel_root, address(kernel_root), 0};
	struct armvirt_pool pool = {0};
	struct armvirt_s2_geometry g;
	struct armvirt_el2_map map;
	struct armvirt_el2_values v;

	if (armvirt_el2_geometry_solve(&g, f, &wish) || armvirt_el2_map_init(&map, &g, &m) ||
	    armvirt_pool_add_memory(&pool, kernel_tables, sizeof(kernel_tables), TABLE_BYTES))
		stop("the kernel's map cannot be made on this CPU");
	add(&map, &pool, address(image_text), address(image_rodata), ARMVIRT_EL2_TEXT);
	add(&map, &pool, address(image_rodata), address(image_data), ARMVIRT_EL2_RODATA);
	add(&map, &pool, address(image_data), address(image_end), ARMVIRT_EL2_DATA);
	add(&map, &pool, CONSOLE_BASE, CONSOLE_BASE + TABLE_BYTES, ARMVIRT_EL2_DEVICE);
	add(&map, &pool, GICD_BASE, GICD_BASE + GICD_BYTES, ARMVIRT_EL2_DEVICE);
	add(&map, &pool, GICR_BASE, GICR_BASE + GICR_STRIDE, ARMVIRT_EL2_DEVICE);
	add(&map, &pool, CONFIG_PA, CONFIG_PA + TABLE_BYTES, ARMVIRT_EL2_DATA);
	for (unsigned p = 0; p < PARTITIONS; p++) {
		const struct region *ram = &partitions[p].region[0];

		/* Linux's memory is nothing to the kernel. */
		if (partitions[p].kind == REAL_TIME)
			add(&map, &pool, ram->pa, ram->pa + ram->bytes, ARMVIRT_EL2_DATA);
	}
	armvirt_el2_map_values(&map, &v);
	*out = (struct kernel_map){v.ttbr0, v.tcr, v.mair};
}

static void map_region(struct armvirt_s2_update *u, const struct region *r, const char *name)
{
	const struct armvirt_s2_map_request q = {
		.ipa = r->ipa,
		.pa = r->pa,
		.size = r->bytes,
		.attr = r->device ? armvirt_s2_attr(ARMVIRT_S2_DEVICE_nGnRE,
						    ARMVIRT_S2_R | ARMVIRT_S2_W)
				  : armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX),
	};
	enum armvirt_status s;

	if (r->bytes == 0)
		return;
	s = armvirt_s2_map(u, &q);
	if (s != ARMVIRT_OK)
		stop("memory of %s at 0x%lx: %s", name, r->ipa, armvirt_strstatus(s));
}

void memory_make_partition(unsigned p, const struct armvirt_features *f)
{
	const struct armvirt_s2_config wish = {ARMVIRT_GRANULE_4K, IPA_BITS, 1, 0};
	const struct armvirt_s2_memory m = {roots[p], address(roots[p]), 0};
	struct partition_state *s = &states[p];
	struct armvirt_s2_geometry g;
	struct armvirt_s2_update u;
	struct armvirt_pool pool = {0};
	struct armvirt_tlb_target target;

	if (armvirt_s2_geometry_solve(&g, f, &wish) || g.root_bytes > sizeof(roots[p]) ||
	    armvirt_s2_init(&s->s2, &g, &m) ||
	    armvirt_pool_add_memory(&pool, tables[p], partitions[p].tables * sizeof(tables[p][0]),
				    TABLE_BYTES))
		stop("stage 2 of %s cannot be made on this CPU", partitions[p].name);
	armvirt_s2_begin(&u, &s->s2, &pool, 0);
	for (unsigned i = 0; i < MAP_REGIONS; i++)
		map_region(&u, &partitions[p].region[i], partitions[p].name);
	target =
		(struct armvirt_tlb_target){armvirt_s2_vttbr(&s->s2, (uint16_t)(p + 1)), g.vtcr, 0};
	armvirt_s2_commit(&u, &target, &pool);
	if (pool.count != 0)
		stop("%s has %u tables too many", partitions[p].name, (unsigned)pool.count);
}

/* Code that was written must be seen by instruction fetches. */
static void make_executable(uint64_t start, uint64_t bytes)
{
	for (uint64_t a = start; a < start + bytes; a += 16)
		__asm__ volatile("dc cvau, %0" ::"r"(a) : "memory");
	__asm__ volatile("dsb ish" ::: "memory"); /* orders the cleaning before the invalidation */
	__asm__ volatile("ic ialluis" ::: "memory");
	__asm__ volatile("dsb ish\n\tisb" ::: "memory"); /* orders it before what is fetched next */
}

void memory_renew(unsigned p)
{
	const struct region *ram = &partitions[p].region[0];
	struct image image = image_get(partitions[p].image);

	memset((void *)(uintptr_t)ram->pa, 0, ram->bytes);
	memcpy((void *)(uintptr_t)ram->pa, image.start, image.bytes);
	make_executable(ram->pa, image.bytes);
}

uint64_t memory_static_bytes(void)
{
	return (uint64_t)(image_end - image_text);
}
