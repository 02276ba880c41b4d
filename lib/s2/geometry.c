/* SPDX-License-Identifier: BSD-2-Clause */
/* Start level, root and VTCR_EL2 out of features and wishes. */
#include "descriptor.h"

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

static unsigned granule_support(const struct armvirt_features *f, enum armvirt_granule granule)
{
	switch (granule) {
	case ARMVIRT_GRANULE_4K:
		return f->s2_granule_4k;
	case ARMVIRT_GRANULE_16K:
		return f->s2_granule_16k;
	case ARMVIRT_GRANULE_64K:
		return f->s2_granule_64k;
	}
	return 0;
}

static unsigned output_bits(const struct armvirt_features *f, const struct armvirt_s2_config *c)
{
	bool wide = c->granule == ARMVIRT_GRANULE_64K || (c->flags & ARMVIRT_S2_USE_LPA2);

	return f->pa_bits > 48 && !wide ? 48 : f->pa_bits;
}

static unsigned level_shift(enum armvirt_granule granule, int level)
{
	return (unsigned)granule + (unsigned)(3 - level) * ((unsigned)granule - 3);
}

/* The highest start level of a granule, and the physical address size that it asks for. */
static bool level_allowed(const struct armvirt_s2_config *c, unsigned pa_bits, int level)
{
	bool ds = c->flags & ARMVIRT_S2_USE_LPA2;

	switch (c->granule) {
	case ARMVIRT_GRANULE_4K:
		return level > 0 || (level == 0 && pa_bits >= 44) || (level == -1 && ds);
	case ARMVIRT_GRANULE_16K:
		return level > 1 || (level == 1 && pa_bits >= 42) || (level == 0 && ds);
	case ARMVIRT_GRANULE_64K:
		return level > 1 || (level == 1 && pa_bits >= 44);
	}
	return false;
}

/* Entries of a root at a level: from 2 up to sixteen tables of them, one table at the top. */
static bool level_fits(const struct armvirt_s2_config *c, int level)
{
	unsigned shift = level_shift(c->granule, level), stride = (unsigned)c->granule - 3;
	unsigned bits;
	bool top = (c->granule == ARMVIRT_GRANULE_4K && level == -1) ||
		   (c->granule == ARMVIRT_GRANULE_16K && level == 0);

	if (c->ipa_bits <= shift)
		return false;
	bits = c->ipa_bits - shift;
	return bits <= stride + (top ? 0 : 4);
}

static int start_level(const struct armvirt_s2_config *c, unsigned pa_bits)
{
	for (int level = 3; level >= -1; level--) {
		if (c->start_level != ARMVIRT_S2_START_AUTO && c->start_level != level)
			continue;
		if (level_allowed(c, pa_bits, level) && level_fits(c, level))
			return level;
	}
	return ARMVIRT_S2_START_AUTO;
}

static unsigned ipa_limit(const struct armvirt_s2_config *c, const struct armvirt_features *f)
{
	if (c->granule == ARMVIRT_GRANULE_64K)
		return f->pa_bits >= 52 ? 52 : 48;
	return (c->flags & ARMVIRT_S2_USE_LPA2) ? 52 : 48;
}

enum armvirt_s2_rule armvirt_s2_geometry_check(const struct armvirt_features *f,
					       const struct armvirt_s2_config *c)
{
	unsigned support = granule_support(f, c->granule);
	bool ds = c->flags & ARMVIRT_S2_USE_LPA2;

	if (c->flags & ~FLAGS_ALL)
		return ARMVIRT_S2_RULE_FLAGS;
	if (!support)
		return ARMVIRT_S2_RULE_GRANULE;
	if (ds && (c->granule == ARMVIRT_GRANULE_64K || support < 2))
		return ARMVIRT_S2_RULE_LPA2;
	if (c->ipa_bits < 32 || c->ipa_bits > ipa_limit(c, f))
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

static uint64_t sl_field(enum armvirt_granule granule, int level)
{
	if (granule != ARMVIRT_GRANULE_4K)
		return (uint64_t)(3 - level) << VTCR_SL0_SHIFT;
	return level < 0 ? VTCR_SL2 : (uint64_t)(2 - level) << VTCR_SL0_SHIFT;
}

static uint64_t tg_field(enum armvirt_granule granule)
{
	uint64_t tg = granule == ARMVIRT_GRANULE_4K ? 0 : granule == ARMVIRT_GRANULE_64K ? 1 : 2;

	return tg << VTCR_TG0_SHIFT;
}

static uint64_t ps_field(unsigned pa_bits)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52};
	uint64_t ps = 0;

	/* The largest size that does not exceed what is there. */
	for (unsigned i = 0; i < sizeof(sizes); i++) {
		if (sizes[i] <= pa_bits)
			ps = i;
	}
	return ps << VTCR_PS_SHIFT;
}

static uint64_t vtcr(const struct armvirt_s2_geometry *g, enum armvirt_granule granule)
{
	return VTCR_RES1 | VTCR_WALK_WB_IS | (64u - g->ipa_bits) |
	       sl_field(granule, g->start_level) | tg_field(granule) | ps_field(g->pa_bits) |
	       (g->vmid_bits == 16 ? VTCR_VS : 0) |
	       ((g->flags & ARMVIRT_S2_USE_HW_AF) ? VTCR_HA : 0) |
	       ((g->flags & ARMVIRT_S2_USE_HW_DIRTY) ? VTCR_HD : 0) |
	       ((g->flags & ARMVIRT_S2_USE_LPA2) ? VTCR_DS : 0);
}

/* Where the address bits above 47 (LPA: 48, LPA2: 50) stand. */
static void address_layout(struct armvirt_s2_geometry *g, bool ds, bool lpa)
{
	g->low_bits = ds ? 50 : 48;
	g->addr_low = MASK64(g->low_bits - 1, g->granule_shift);
	g->addr_high = ds ? MASK64(9, 8) : lpa ? MASK64(15, 12) : 0;
	g->high_shift = ds ? 42 : 36;
	g->table_bits = ~(g->addr_low | g->addr_high);
}

static void memory_types(struct armvirt_s2_geometry *g)
{
	static const uint8_t fwb[16] = {0,    1,    2,    3,    7,    5,    0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 6};

	g->mem_decode = g->fwb ? UINT64_C(0x4f0000004f503210) : UINT64_C(0xfedcba9876543210);
	for (unsigned i = 0; i < 16; i++) {
		unsigned mem = g->fwb ? fwb[i] : i == 4 || i == 8 || i == 12 ? 0xff : i;

		g->mem_encode[i] = mem == 0xff ? 0xff : (uint8_t)(mem << D_MEM_SHIFT);
	}
}

/* XN[1:0] by {EL0, EL1} may execute; SH by share bits; together by all four. */
static void permissions(struct armvirt_s2_geometry *g)
{
	static const uint8_t xn[4] = {2, 3, 1, 0}, sh[4] = {3, 0xff, 2, 0};
	bool ds = g->flags & ARMVIRT_S2_USE_LPA2;

	for (unsigned i = 0; i < 16; i++) {
		unsigned x = i & 3, share = i >> 2;
		bool one = x == 1 || x == 2;

		if (sh[share] == 0xff || (one && !g->xnx) || (ds && share))
			g->xsh_encode[i] = 0xff;
		else
			g->xsh_encode[i] = (uint8_t)(xn[x] | (ds ? 0 : sh[share] << 2));
	}
}

static uint8_t contiguous_bits(enum armvirt_granule granule, int level)
{
	switch (granule) {
	case ARMVIRT_GRANULE_4K:
		return level >= 1 ? 4 : 0;
	case ARMVIRT_GRANULE_16K:
		return level == 3 ? 7 : level == 2 ? 5 : 0;
	case ARMVIRT_GRANULE_64K:
		return level >= 2 ? 5 : 0;
	}
	return 0;
}

static void levels(struct armvirt_s2_geometry *g, enum armvirt_granule granule, bool wide)
{
	g->block_level = granule == ARMVIRT_GRANULE_4K ? (wide ? 0 : 1) : (wide ? 1 : 2);
	if (g->block_level < g->start_level)
		g->block_level = g->start_level;
	for (int level = -1; level <= 3; level++) {
		unsigned shift = level_shift(granule, level);
		uint64_t zero = MASK64(63, 59) | BIT64(11) | D_VALID | D_TABLE;

		g->shift[level + 1] = (uint8_t)(shift > 63 ? 63 : shift);
		g->leaf_type[level + 1] = level == 3 ? 3 : level >= g->block_level;
		g->contiguous[level + 1] = contiguous_bits(granule, level);
		/* A run larger than the root would reach outside the address space. */
		if (level == g->start_level && g->root_entries < 1u << g->contiguous[level + 1])
			g->contiguous[level + 1] = 0;
		zero |= MASK64(50, g->low_bits) | (D_DBM | D_SW_DIRTY);
		zero &= ~g->track;
		if (shift > granule && shift <= 47)
			zero |= MASK64(shift - 1, granule) & ~g->addr_high;
		if (level < 3)
			zero |= D_NT; /* set only while an update splits the block */
		if (granule != ARMVIRT_GRANULE_4K)
			zero |= MASK64((unsigned)granule - 1, 12) & ~g->addr_high;
		if (!g->contiguous[level + 1])
			zero |= D_CONTIGUOUS;
		if (!g->xnx && g->regime == ARMVIRT_REGIME_S2)
			zero |= BIT64(D_XN_SHIFT);
		g->leaf_zero[level + 1] = zero;
	}
}

static void tlb_caps(struct armvirt_s2_geometry *g, const struct armvirt_features *f)
{
	g->tlb.granule_shift = g->granule_shift;
	g->tlb.finest_level = 3;
	g->tlb.range = armvirt_has(f, ARMVIRT_FEAT_TLBIRANGE);
	g->tlb.ttl = armvirt_has(f, ARMVIRT_FEAT_TTL);
	g->tlb.lpa2 = g->flags & ARMVIRT_S2_USE_LPA2;
	g->tlb.el2 = false;
}

static void capabilities(struct armvirt_s2_geometry *g, const struct armvirt_features *f)
{
	bool conflict = g->flags & ARMVIRT_S2_ALLOW_CONFLICT;

	g->fwb = armvirt_has(f, ARMVIRT_FEAT_S2FWB) && !(g->flags & ARMVIRT_S2_NO_FWB);
	g->xnx = armvirt_has(f, ARMVIRT_FEAT_XNX);
	g->cnp = armvirt_has(f, ARMVIRT_FEAT_CNP);
	g->hw_update = g->flags & (ARMVIRT_S2_USE_HW_AF | ARMVIRT_S2_USE_HW_DIRTY);
	g->track = (g->flags & ARMVIRT_S2_USE_HW_DIRTY) ? D_DBM : D_SW_DIRTY;
	g->vmid_bits =
		armvirt_has(f, ARMVIRT_FEAT_VMID16) && !(g->flags & ARMVIRT_S2_USE_VMID8) ? 16 : 8;
	/* Level 2 may raise TLB conflict aborts: only for callers who answer them. */
	g->bbm_level = f->bbm_level >= 2 ? (conflict ? 2 : 1) : f->bbm_level;
	if (g->bbm_level == 1 && (g->flags & ARMVIRT_S2_NO_NT))
		g->bbm_level = 0;
}

enum armvirt_status armvirt_s2_geometry_solve(struct armvirt_s2_geometry *g,
					      const struct armvirt_features *f,
					      const struct armvirt_s2_config *c)
{
	unsigned shift, stride = (unsigned)c->granule - 3;
	bool ds = c->flags & ARMVIRT_S2_USE_LPA2, lpa;

	switch (armvirt_s2_geometry_check(f, c)) {
	case ARMVIRT_S2_RULE_NONE:
		break;
	case ARMVIRT_S2_RULE_FLAGS:
		return ARMVIRT_E_ARG;
	case ARMVIRT_S2_RULE_IPA_BITS:
	case ARMVIRT_S2_RULE_PA_BITS:
	case ARMVIRT_S2_RULE_START_LEVEL:
		return ARMVIRT_E_RANGE;
	default:
		return ARMVIRT_E_UNSUPPORTED;
	}
	*g = (struct armvirt_s2_geometry){.regime = ARMVIRT_REGIME_S2};
	g->flags = c->flags;
	g->granule_shift = (uint8_t)c->granule;
	g->ipa_bits = c->ipa_bits;
	g->pa_bits = (uint8_t)output_bits(f, c);
	g->start_level = (int8_t)start_level(c, g->pa_bits);
	shift = level_shift(c->granule, g->start_level);
	g->page_mask = (UINT64_C(1) << g->granule_shift) - 1;
	g->pa_limit = UINT64_C(1) << g->pa_bits;
	g->ipa_limit = UINT64_C(1) << c->ipa_bits;
	g->root_entries = 1u << (c->ipa_bits - shift);
	g->root_bytes = g->root_entries * 8;
	g->root_align = g->root_bytes < 64 ? 64 : g->root_bytes;
	g->root_count = (uint8_t)(g->root_entries >> stride ? g->root_entries >> stride : 1);
	lpa = c->granule == ARMVIRT_GRANULE_64K && g->pa_bits == 52;
	capabilities(g, f);
	address_layout(g, ds, lpa);
	memory_types(g);
	permissions(g);
	g->plain_4k = g->granule_shift == 12 && g->start_level == 1 && !g->addr_high;
	levels(g, c->granule, ds || lpa);
	g->vtcr = vtcr(g, c->granule);
	tlb_caps(g, f);
	return ARMVIRT_OK;
}
