/* SPDX-License-Identifier: BSD-2-Clause */
/* Start level, root and VTCR_EL2 out of features and wishes. */
#include "table.h"

#define FLAGS_ALL                                                                    \
	(ARMVIRT_S2_USE_LPA2 | ARMVIRT_S2_USE_HW_AF | ARMVIRT_S2_USE_HW_DIRTY |      \
	 ARMVIRT_S2_USE_CONTIGUOUS | ARMVIRT_S2_NO_FWB | ARMVIRT_S2_ALLOW_CONFLICT | \
	 ARMVIRT_S2_USE_VMID8 | ARMVIRT_S2_NO_NT)

#define VTCR_SL0_SHIFT  6
#define VTCR_WALK_WB_IS ((UINT64_C(1) << 8) | (UINT64_C(1) << 10) | (UINT64_C(3) << 12))
#define VTCR_TG0_SHIFT  14
#define VTCR_PS_SHIFT   16
#define VTCR_VS         BIT64(19)
#define VTCR_HA         BIT64(21)
#define VTCR_HD         BIT64(22)
#define VTCR_RES1       BIT64(31)
#define VTCR_DS         BIT64(32)
#define VTCR_SL2        BIT64(33)

/* What the architecture says of a granule: 4K, 16K, 64K. */
struct facts {
	int8_t top;            /* highest start level of any processor */
	int8_t top_ds;         /* highest of all, under LPA2: one table; -9: none */
	uint8_t above;         /* physical address bits from which one level above top is allowed */
	uint8_t tg;            /* VTCR_EL2.TG0 */
	uint8_t sl;            /* VTCR_EL2.SL0 plus the level */
	int8_t block[2];       /* highest level of a block: 48-bit, 52-bit addresses */
	uint8_t contiguous[5]; /* log2 of the entries of a run at levels -1 to 3 */
};

static const struct facts all_facts[3] = {
	{1, -1, 44, 0, 2, {1, 0}, {0, 0, 4, 4, 4}},
	{2, 0, 42, 2, 3, {2, 1}, {0, 0, 0, 5, 7}},
	{2, -9, 44, 1, 3, {2, 1}, {0, 0, 0, 5, 5}},
};

static COLD unsigned output_bits(const struct armvirt_features *f,
				 const struct armvirt_s2_config *c)
{
	bool wide = c->granule == ARMVIRT_GRANULE_64K || (c->flags & ARMVIRT_S2_USE_LPA2);

	return f->pa_bits > 48 && !wide ? 48 : f->pa_bits;
}

static unsigned level_shift(enum armvirt_granule granule, int level)
{
	return (unsigned)granule + (unsigned)(3 - level) * ((unsigned)granule - 3);
}

static COLD int start_level(const struct armvirt_s2_config *c, unsigned pa_bits)
{
	const struct facts *k = &all_facts[(c->granule - ARMVIRT_GRANULE_4K) / 2];

	for (int level = 3; level >= -1; level--) {
		unsigned shift = level_shift(c->granule, level), stride = (unsigned)c->granule - 3;
		bool ds = level == k->top_ds, allowed = level >= k->top;

		if (c->start_level != ARMVIRT_S2_START_AUTO && c->start_level != level)
			continue;
		allowed |= level == k->top - 1 && pa_bits >= k->above;
		allowed |= ds && (c->flags & ARMVIRT_S2_USE_LPA2);
		/* From two entries up to sixteen tables of them, one table at the top. */
		if (allowed && c->ipa_bits > shift && c->ipa_bits - shift <= stride + (ds ? 0 : 4))
			return level;
	}
	return ARMVIRT_S2_START_AUTO;
}

COLD enum armvirt_s2_rule armvirt_s2_geometry_check(const struct armvirt_features *f,
						    const struct armvirt_s2_config *c)
{
	unsigned support = c->granule == ARMVIRT_GRANULE_4K    ? f->s2_granule_4k
			   : c->granule == ARMVIRT_GRANULE_16K ? f->s2_granule_16k
			   : c->granule == ARMVIRT_GRANULE_64K ? f->s2_granule_64k
							       : 0;
	bool ds = c->flags & ARMVIRT_S2_USE_LPA2, wide = ds;

	if (c->flags & ~FLAGS_ALL)
		return ARMVIRT_S2_RULE_FLAGS;
	if (!support)
		return ARMVIRT_S2_RULE_GRANULE;
	if (c->granule == ARMVIRT_GRANULE_64K) {
		if (ds)
			return ARMVIRT_S2_RULE_LPA2;
		wide = f->pa_bits >= 52;
	}
	if (ds && support < 2)
		return ARMVIRT_S2_RULE_LPA2;
	if (c->ipa_bits < 32 || c->ipa_bits > (wide ? 52 : 48))
		return ARMVIRT_S2_RULE_IPA_BITS;
	if (c->ipa_bits > f->pa_bits)
		return ARMVIRT_S2_RULE_PA_BITS;
	if (start_level(c, output_bits(f, c)) == ARMVIRT_S2_START_AUTO)
		return ARMVIRT_S2_RULE_START_LEVEL;
	if ((c->flags & ARMVIRT_S2_USE_HW_AF) && !armvirt_has(f, ARMVIRT_FEAT_HAF))
		return ARMVIRT_S2_RULE_HW_AF;
	if ((c->flags & ARMVIRT_S2_USE_HW_DIRTY) &&
	    (!armvirt_has(f, ARMVIRT_FEAT_HDBS) || !(c->flags & ARMVIRT_S2_USE_HW_AF)))
		return ARMVIRT_S2_RULE_HW_DIRTY;
	return ARMVIRT_S2_RULE_NONE;
}

/* The largest size that does not exceed what is there. */
static COLD uint64_t ps_field(unsigned pa_bits)
{
	uint64_t ps = (uint64_t)(pa_bits >= 36) + (pa_bits >= 40) + (pa_bits >= 42) +
		      (pa_bits >= 44) + (pa_bits >= 48) + (pa_bits >= 52);

	return ps << VTCR_PS_SHIFT;
}

static COLD uint64_t vtcr(const struct armvirt_s2_geometry *g, const struct facts *k)
{
	static const uint32_t flags[2] = {ARMVIRT_S2_USE_HW_AF, ARMVIRT_S2_USE_HW_DIRTY};
	uint64_t v = VTCR_RES1 | VTCR_WALK_WB_IS | (64u - g->ipa_bits) |
		     (uint64_t)k->tg << VTCR_TG0_SHIFT | ps_field(g->pa_bits);

	v |= g->start_level < 0 ? VTCR_SL2 : (uint64_t)(k->sl - g->start_level) << VTCR_SL0_SHIFT;
	for (unsigned i = 0; i < 2; i++)
		v |= (g->flags & flags[i]) ? VTCR_HA << i : 0;
	v |= (g->flags & ARMVIRT_S2_USE_LPA2) ? VTCR_DS : 0;
	return v | (g->vmid_bits == 16 ? VTCR_VS : 0);
}

/* MemAttr in place by memory type, without and with FWB; XN and SH by execute and share bits, for
 * either kind of descriptor without and with XNX. 0xff: none. */
#define NO 0xff
static const uint8_t mem_encode[2][16] = {
	{0, 4, 8, 12, NO, 20, 24, 28, NO, 36, 40, 44, NO, 52, 56, 60},
	{0, 4, 8, 12, 28, 20, NO, NO, NO, NO, NO, NO, NO, NO, NO, 24},
};
static const uint8_t xsh_encode[4][16] = {
	{14, NO, NO, 12, NO, NO, NO, NO, 10, NO, NO, 8, 2, NO, NO, 0},
	{14, 15, 13, 12, NO, NO, NO, NO, 10, 11, 9, 8, 2, 3, 1, 0},
	{2, NO, NO, 0, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO},
	{2, 3, 1, 0, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO},
};

static COLD void levels(struct armvirt_s2_geometry *restrict g, const struct facts *restrict k,
			bool wide)
{
	/* PBHA and above, nG, what DBM or tracking does not use, the address bits that are not. */
	uint64_t never = (MASK64(63, 59) | BIT64(11) | D_VALID | D_TABLE | MASK64(50, g->low_bits) |
			  D_DBM | D_SW_DIRTY) &
			 ~g->track;

	if (!g->xnx)
		never |= BIT64(D_XN_SHIFT);
	g->block_level = k->block[wide] < g->start_level ? g->start_level : k->block[wide];
	for (int level = -1; level <= 3; level++) {
		unsigned shift = level_shift((enum armvirt_granule)g->granule_shift, level);
		uint64_t zero = never, address = MASK64(shift < 48 ? shift - 1 : 46, 12);

		g->shift[level + 1] = (uint8_t)(shift > 63 ? 63 : shift);
		g->leaf_type[level + 1] = level == 3 ? 3 : level >= g->block_level;
		g->contiguous[level + 1] = k->contiguous[level + 1];
		/* A run larger than the root would reach outside the address space. */
		if (level == g->start_level && g->root_entries < 1u << g->contiguous[level + 1])
			g->contiguous[level + 1] = 0;
		if (level < 3)
			zero |= D_NT; /* set only while an update splits the block */
		if (shift > 12)
			zero |= address & ~g->addr_high;
		if (!g->contiguous[level + 1])
			zero |= D_CONTIGUOUS;
		g->leaf_zero[level + 1] = zero;
	}
}

static COLD void capabilities(struct armvirt_s2_geometry *restrict g,
			      const struct armvirt_features *restrict f)
{
	bool ds = g->flags & ARMVIRT_S2_USE_LPA2;

	g->fwb = armvirt_has(f, ARMVIRT_FEAT_S2FWB) && !(g->flags & ARMVIRT_S2_NO_FWB);
	g->xnx = armvirt_has(f, ARMVIRT_FEAT_XNX);
	g->cnp = armvirt_has(f, ARMVIRT_FEAT_CNP);
	g->hw_update = g->flags & (ARMVIRT_S2_USE_HW_AF | ARMVIRT_S2_USE_HW_DIRTY);
	g->track = (g->flags & ARMVIRT_S2_USE_HW_DIRTY) ? D_DBM : D_SW_DIRTY;
	g->vmid_bits =
		armvirt_has(f, ARMVIRT_FEAT_VMID16) && !(g->flags & ARMVIRT_S2_USE_VMID8) ? 16 : 8;
	/* Level 2 may raise TLB conflict aborts: only for callers who answer them. */
	g->bbm_level = f->bbm_level > 2 ? 2 : f->bbm_level;
	if (g->bbm_level == 2 && !(g->flags & ARMVIRT_S2_ALLOW_CONFLICT))
		g->bbm_level = 1;
	if (g->bbm_level == 1 && (g->flags & ARMVIRT_S2_NO_NT))
		g->bbm_level = 0;
	g->mem_decode = g->fwb ? UINT64_C(0x4f0000004f503210) : UINT64_C(0xfedcba9876543210);
	__builtin_memcpy(g->mem_encode, mem_encode[g->fwb], 16);
	__builtin_memcpy(g->xsh_encode, xsh_encode[2 * ds + g->xnx], 16);
	g->tlb.granule_shift = g->granule_shift;
	g->tlb.finest_level = 3;
	g->tlb.range = armvirt_has(f, ARMVIRT_FEAT_TLBIRANGE);
	g->tlb.ttl = armvirt_has(f, ARMVIRT_FEAT_TTL);
	g->tlb.lpa2 = ds;
}

/* What a refusal says, by rule. */
static const int8_t refusals[] = {
	ARMVIRT_OK,
	ARMVIRT_E_UNSUPPORTED,
	ARMVIRT_E_RANGE,
	ARMVIRT_E_RANGE,
	ARMVIRT_E_UNSUPPORTED,
	ARMVIRT_E_RANGE,
	ARMVIRT_E_UNSUPPORTED,
	ARMVIRT_E_UNSUPPORTED,
	ARMVIRT_E_ARG,
};

COLD enum armvirt_status armvirt_s2_geometry_solve(struct armvirt_s2_geometry *restrict g,
						   const struct armvirt_features *restrict f,
						   const struct armvirt_s2_config *restrict c)
{
	enum armvirt_s2_rule rule = armvirt_s2_geometry_check(f, c);
	bool ds = c->flags & ARMVIRT_S2_USE_LPA2, lpa;
	unsigned stride = (unsigned)c->granule - 3;
	const struct facts *k;

	if (rule)
		return (enum armvirt_status)refusals[rule];
	*g = (struct armvirt_s2_geometry){.regime = ARMVIRT_REGIME_S2, .root_count = 1};
	k = &all_facts[(c->granule - ARMVIRT_GRANULE_4K) / 2];
	g->flags = c->flags;
	g->granule_shift = (uint8_t)c->granule;
	g->ipa_bits = c->ipa_bits;
	g->pa_bits = (uint8_t)output_bits(f, c);
	g->start_level = (int8_t)start_level(c, g->pa_bits);
	g->page_mask = (UINT64_C(1) << g->granule_shift) - 1;
	g->pa_limit = UINT64_C(1) << g->pa_bits;
	g->ipa_limit = UINT64_C(1) << c->ipa_bits;
	g->root_entries = 1u << (c->ipa_bits - level_shift(c->granule, g->start_level));
	g->root_bytes = g->root_entries * 8;
	g->root_align = g->root_bytes < 64 ? 64 : g->root_bytes;
	if (g->root_entries >> stride)
		g->root_count = (uint8_t)(g->root_entries >> stride);
	lpa = c->granule == ARMVIRT_GRANULE_64K && g->pa_bits == 52;
	/* Where the address bits above 47 (LPA: 48, LPA2: 50) stand. */
	g->low_bits = ds ? 50 : 48;
	g->addr_low = MASK64(g->low_bits - 1, g->granule_shift);
	g->addr_high = ds ? MASK64(9, 8) : lpa ? MASK64(15, 12) : 0;
	g->high_shift = ds ? 42 : 36;
	g->table_bits = ~(g->addr_low | g->addr_high);
	capabilities(g, f);
	g->plain_4k = g->granule_shift == 12 && g->start_level == 1 && !g->addr_high;
	levels(g, k, ds || lpa);
	g->vtcr = vtcr(g, k);
	return ARMVIRT_OK;
}
