/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own map: stage-1 descriptors, in tables that the stage-2 engine builds. */
#include <libarmvirt/el2.h>

#define BIT64(n)       (UINT64_C(1) << (n))
#define MASK64(hi, lo) ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))

/* MAIR_EL2 index by memory type: NC 0, WB 1, WT 2, nGnRnE 3, nGnRE 4, nGRE 5, GRE 6. */
#define MAIR_VALUE UINT64_C(0x000c080400bbff44)
#define MEM_ENCODE UINT64_C(0x1000020000006543)
#define MEM_DECODE UINT64_C(0x0000000003210af5)
#define MEM_VALID  0x842fu

#define WALK_WB_IS    (BIT64(8) | BIT64(10) | UINT64_C(3) << 12)
#define TCR_TG0_SHIFT 14
#define TCR_E2H0_RES1 (BIT64(31) | BIT64(23))
#define TCR_E2H0_PS   16
#define TCR_E2H1_IPS  32
#define TCR_E2H1_EPD1 BIT64(23)
#define TCR_E2H1_TG1  (UINT64_C(2) << 30)
#define SCTLR_BITS    (BIT64(0) | BIT64(2) | BIT64(3) | BIT64(12) | BIT64(19))

static unsigned granule_support(const struct armvirt_features *f, enum armvirt_granule granule)
{
	switch (granule) {
	case ARMVIRT_GRANULE_4K:
		return f->s1_granule_4k;
	case ARMVIRT_GRANULE_16K:
		return f->s1_granule_16k;
	case ARMVIRT_GRANULE_64K:
		return f->s1_granule_64k;
	}
	return 0;
}

static void levels(struct armvirt_s2_geometry *g)
{
	unsigned stride = g->granule_shift - 3u;

	for (int level = -1; level <= 3; level++) {
		unsigned shift = g->granule_shift + (unsigned)(3 - level) * stride;

		g->shift[level + 1] = (uint8_t)(shift > 63 ? 63 : shift);
		/* Validity and type; what 48-bit addresses leave zero; PBHA and above. */
		g->leaf_zero[level + 1] = 3 | MASK64(50, 48) | MASK64(63, 59) | BIT64(52);
		if (shift > g->granule_shift && shift < 48)
			g->leaf_zero[level + 1] |= MASK64(shift - 1, g->granule_shift);
	}
	g->start_level = 3;
	while (g->start_level > 0 && g->ipa_bits > g->shift[g->start_level])
		g->start_level--;
	g->block_level = g->granule_shift == 12 ? 1 : 2;
	if (g->block_level < g->start_level)
		g->block_level = g->start_level;
	for (int level = -1; level <= 3; level++)
		g->leaf_type[level + 1] = level == 3 ? 3 : level >= g->block_level;
}

/* AttrIndx by memory type, and SH; execute permission is encoded apart. */
static void encodings(struct armvirt_s2_geometry *g)
{
	static const uint8_t index[16] = {3,    4,    5, 6,    0xff, 0,    0xff, 0xff,
					  0xff, 0xff, 2, 0xff, 0xff, 0xff, 0xff, 1};
	static const uint8_t sh[4] = {3, 0xff, 2, 0};

	for (unsigned i = 0; i < 16; i++) {
		g->mem_encode[i] = index[i] == 0xff ? 0xff : (uint8_t)(index[i] << 2);
		g->xsh_encode[i] = sh[i >> 2] == 0xff ? 0xff : (uint8_t)(sh[i >> 2] << 2);
	}
}

enum armvirt_status armvirt_el2_geometry_solve(struct armvirt_s2_geometry *g,
					       const struct armvirt_features *f,
					       const struct armvirt_el2_map_config *c)
{
	if (!granule_support(f, c->granule) || (c->e2h && !armvirt_has(f, ARMVIRT_FEAT_VHE)))
		return ARMVIRT_E_UNSUPPORTED;
	if (c->va_bits < 25 || c->va_bits > 48)
		return ARMVIRT_E_RANGE;
	*g = (struct armvirt_s2_geometry){.regime = c->e2h ? ARMVIRT_REGIME_EL20
							   : ARMVIRT_REGIME_EL2};
	g->granule_shift = (uint8_t)c->granule;
	g->ipa_bits = c->va_bits;
	g->pa_bits = f->pa_bits > 48 ? 48 : f->pa_bits;
	levels(g);
	g->page_mask = (UINT64_C(1) << g->granule_shift) - 1;
	g->pa_limit = UINT64_C(1) << g->pa_bits;
	g->ipa_limit = UINT64_C(1) << g->ipa_bits;
	g->root_entries = 1u << (g->ipa_bits - g->shift[g->start_level + 1]);
	g->root_bytes = g->root_entries * 8;
	g->root_align = g->root_bytes < 64 ? 64 : g->root_bytes;
	g->root_count = 1;
	g->low_bits = 48;
	g->addr_low = MASK64(47, g->granule_shift);
	g->high_shift = 36;
	g->table_bits = ~g->addr_low;
	encodings(g);
	g->mem_decode = MEM_DECODE;
	g->fwb = true; /* no guest can have written past the caches here */
	g->vmid_bits = 16;
	g->tlb.granule_shift = g->granule_shift;
	g->tlb.finest_level = 3;
	g->tlb.ttl = armvirt_has(f, ARMVIRT_FEAT_TTL);
	g->tlb.el2 = true;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_el2_map_init(struct armvirt_el2_map *map,
					 const struct armvirt_s2_geometry *g,
					 const struct armvirt_s2_memory *m)
{
	if (g->regime == ARMVIRT_REGIME_S2)
		return ARMVIRT_E_ARG;
	return armvirt_s2_init(&map->tables, g, m);
}

static armvirt_s2_attr_t attributes(enum armvirt_el2_kind kind)
{
	switch (kind) {
	case ARMVIRT_EL2_TEXT:
		return ARMVIRT_S2_NORMAL_WB | ARMVIRT_S2_R | ARMVIRT_S2_X_EL1;
	case ARMVIRT_EL2_RODATA:
		return ARMVIRT_S2_NORMAL_WB | ARMVIRT_S2_R;
	case ARMVIRT_EL2_DATA:
		return ARMVIRT_S2_NORMAL_WB | ARMVIRT_S2_R | ARMVIRT_S2_W;
	case ARMVIRT_EL2_DEVICE:
		return ARMVIRT_S2_DEVICE_nGnRE | ARMVIRT_S2_R | ARMVIRT_S2_W;
	}
	return 0;
}

/* The same memory under two addresses must not be writable here and executable there. */
static __attribute__((noinline)) bool alias_breaks_wx(const struct armvirt_el2_map *map,
						      const struct armvirt_el2_region *r,
						      armvirt_s2_attr_t attr)
{
	armvirt_s2_attr_t other = (attr & ARMVIRT_S2_W)       ? ARMVIRT_S2_X_EL1
				  : (attr & ARMVIRT_S2_X_EL1) ? ARMVIRT_S2_W
							      : 0;
	struct armvirt_s2_iter it;
	struct armvirt_s2_run run;

	armvirt_s2_iterate(&it, &map->tables, (struct armvirt_ipa_range){0, 0});
	while (other && armvirt_s2_next(&it, &run)) {
		if (run.mapped && (run.attr & other) && run.pa < r->pa + r->size &&
		    r->pa < run.pa + run.size)
			return true;
	}
	return false;
}

enum armvirt_status armvirt_el2_map_add(struct armvirt_el2_map *map, struct armvirt_pool *pool,
					const struct armvirt_el2_region *region)
{
	struct armvirt_s2_map_request request = {.ipa = region->va,
						 .pa = region->pa,
						 .size = region->size,
						 .attr = attributes(region->kind)};

	if (!request.attr)
		return ARMVIRT_E_ARG;
	if (alias_breaks_wx(map, region, request.attr))
		return ARMVIRT_E_ATTR;
	armvirt_s2_begin(&map->update, &map->tables, pool, 0);
	return armvirt_s2_map(&map->update, &request);
}

enum armvirt_status armvirt_el2_map_remove(struct armvirt_el2_map *map, struct armvirt_pool *pool,
					   struct armvirt_ipa_range range,
					   struct armvirt_pool *limbo)
{
	const struct armvirt_tlb_target target = {.flags = ARMVIRT_TLB_LOADED};
	enum armvirt_status status;

	armvirt_s2_begin(&map->update, &map->tables, pool, 0);
	status = armvirt_s2_unmap(&map->update, range);
	if (!status)
		armvirt_s2_commit(&map->update, &target, limbo);
	return status;
}

static uint64_t pa_size_field(unsigned pa_bits)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48};
	uint64_t field = 0;

	for (unsigned i = 0; i < sizeof(sizes); i++) {
		if (sizes[i] <= pa_bits)
			field = i;
	}
	return field;
}

void armvirt_el2_map_values(const struct armvirt_el2_map *map, struct armvirt_el2_values *values)
{
	const struct armvirt_s2_geometry *g = &map->tables.g;
	uint64_t t0sz = 64u - g->ipa_bits, ps = pa_size_field(g->pa_bits);
	uint64_t tg = g->granule_shift == 12 ? 0 : g->granule_shift == 16 ? 1 : 2;

	values->ttbr0 = armvirt_s2_vttbr(&map->tables, 0);
	values->mair = MAIR_VALUE;
	values->sctlr = SCTLR_BITS;
	values->tcr = t0sz | WALK_WB_IS | tg << TCR_TG0_SHIFT;
	if (g->regime == ARMVIRT_REGIME_EL2)
		values->tcr |= TCR_E2H0_RES1 | ps << TCR_E2H0_PS;
	else
		values->tcr |= ps << TCR_E2H1_IPS | TCR_E2H1_EPD1 | TCR_E2H1_TG1 | t0sz << 16;
}
