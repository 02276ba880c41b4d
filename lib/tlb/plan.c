/* SPDX-License-Identifier: BSD-2-Clause */
/* What was gathered, as TLBI operations. */
#include <libarmvirt/tlb.h>

#define TTL_SHIFT         44
#define RANGE_TTL_SHIFT   37
#define RANGE_NUM_SHIFT   39
#define RANGE_SCALE_SHIFT 44
#define RANGE_TG_SHIFT    46
#define RANGE_MAX_PAGES   (UINT64_C(32) << 16) /* NUM 31, SCALE 3 */

static unsigned level_shift(const struct armvirt_tlb_caps *c, int level)
{
	return c->granule_shift + (unsigned)(3 - level) * (c->granule_shift - 3u);
}

/* TG of the TTL and range operands: 1 is 4K, 2 is 16K, 3 is 64K. */
static uint64_t tg(const struct armvirt_tlb_caps *c)
{
	return (c->granule_shift - 10u) / 2;
}

/* The level all changed entries of the range have, or 0: unknown. */
static int hint(const struct armvirt_tlb_range *r, const struct armvirt_tlb_caps *c)
{
	/* Level 1 of 16K and 64K is a legal hint with 52-bit addresses only. */
	int lowest = c->granule_shift == 12 ? 1 : 2;

	if (!c->ttl || r->tables || r->finest != r->coarsest || r->finest < lowest)
		return 0;
	return r->finest;
}

static bool add(struct armvirt_tlb_plan *plan, enum armvirt_tlb_kind kind, uint64_t operand)
{
	if (plan->count == ARMVIRT_TLB_OPS)
		return false;
	plan->kind[plan->count] = (uint8_t)kind;
	plan->operand[plan->count++] = operand;
	return true;
}

static bool add_one(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_range *r,
		    const struct armvirt_tlb_caps *c, uint64_t ipa)
{
	int level = hint(r, c);
	uint64_t ttl = level ? tg(c) << 2 | (unsigned)level : 0;
	enum armvirt_tlb_kind kind = r->tables ? ARMVIRT_TLB_IPA : ARMVIRT_TLB_IPA_LAST;

	return add(plan, c->el2 ? ARMVIRT_TLB_EL2_VA : kind, ipa >> 12 | ttl << TTL_SHIFT);
}

static bool add_singles(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_range *r,
			const struct armvirt_tlb_caps *c)
{
	uint64_t step = UINT64_C(1) << level_shift(c, r->finest);

	if ((r->end - r->base) / step > ARMVIRT_TLB_OPS)
		return false;
	for (uint64_t ipa = r->base; ipa < r->end; ipa += step) {
		if (!add_one(plan, r, c, ipa))
			return false;
	}
	return true;
}

static bool add_ranges(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_range *r,
		       const struct armvirt_tlb_caps *c)
{
	unsigned unit = c->lpa2 ? 16 : c->granule_shift;
	uint64_t step = UINT64_C(1) << level_shift(c, r->finest), ipa = r->base;
	enum armvirt_tlb_kind kind = r->tables ? ARMVIRT_TLB_RANGE : ARMVIRT_TLB_RANGE_LAST;

	/* The base of a range operation is in units of 64K under LPA2. */
	for (; ipa < r->end && (ipa & ((UINT64_C(1) << unit) - 1)); ipa += step) {
		if (!add_one(plan, r, c, ipa))
			return false;
	}
	while (ipa < r->end) {
		uint64_t pages = (r->end - ipa) >> c->granule_shift, num, ttl = 0;
		unsigned scale = 3;

		if (pages * (UINT64_C(1) << c->granule_shift) <= step)
			return add_one(plan, r, c, ipa);
		if (pages == 1)
			return add_one(plan, r, c, ipa);
		if (pages > RANGE_MAX_PAGES)
			pages = RANGE_MAX_PAGES;
		/* (NUM + 1) * 2^(5 * SCALE + 1) pages: the largest scale that does not exceed. */
		while (scale && pages >> (5 * scale + 1) == 0)
			scale--;
		num = pages >> (5 * scale + 1);
		num = num > 32 ? 32 : num;
		if (!(ipa & (step - 1)))
			ttl = (uint64_t)hint(r, c);
		if (!add(plan, kind,
			 ipa >> unit | ttl << RANGE_TTL_SHIFT | (num - 1) << RANGE_NUM_SHIFT |
				 (uint64_t)scale << RANGE_SCALE_SHIFT | tg(c) << RANGE_TG_SHIFT))
			return false;
		ipa += num << (5 * scale + 1) << c->granule_shift;
		/* LPA2: what is left may start between two units. */
		for (; ipa < r->end && (ipa & ((UINT64_C(1) << unit) - 1)); ipa += step) {
			if (!add_one(plan, r, c, ipa))
				return false;
		}
	}
	return true;
}

void armvirt_tlb_plan_build(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_gather *g,
			    const struct armvirt_tlb_caps *c)
{
	bool fits = !g->everything;

	*plan = (struct armvirt_tlb_plan){0};
	if (g->publish)
		plan->flags |= ARMVIRT_TLB_PUBLISH;
	for (unsigned i = 0; fits && i < g->count; i++) {
		const struct armvirt_tlb_range *r = &g->range[i];

		fits = c->range && !c->el2 ? add_ranges(plan, r, c) : add_singles(plan, r, c);
	}
	if (!fits) {
		plan->count = 0;
		add(plan, c->el2 ? ARMVIRT_TLB_EL2_ALL : ARMVIRT_TLB_VMID, 0);
	} else if (plan->count && !c->el2) {
		plan->flags |= ARMVIRT_TLB_COMBINED;
	}
}
