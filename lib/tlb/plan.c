/* SPDX-License-Identifier: BSD-2-Clause */
/* What was gathered, as TLBI operations. */
#include <libarmvirt/tlb.h>

#define COLD __attribute__((cold))

#define TTL_SHIFT         44
#define RANGE_TTL_SHIFT   37
#define RANGE_NUM_SHIFT   39
#define RANGE_SCALE_SHIFT 44
#define RANGE_TG_SHIFT    46
#define RANGE_MAX_PAGES   (UINT64_C(32) << 16) /* NUM 31, SCALE 3 */

_Static_assert(ARMVIRT_TLB_RANGE - ARMVIRT_TLB_IPA == 2 &&
		       ARMVIRT_TLB_RANGE_LAST - ARMVIRT_TLB_IPA_LAST == 2 &&
		       ARMVIRT_TLB_IPA_LAST - ARMVIRT_TLB_IPA == 1,
	       "kinds of operations are computed");

/* The level all changed entries of the range have, or 0: unknown. */
static uint64_t hint(const struct armvirt_tlb_range *r, const struct armvirt_tlb_caps *c)
{
	/* Level 1 of 16K and 64K is a legal hint with 52-bit addresses only. */
	int lowest = c->granule_shift == 12 ? 1 : 2;

	if (!c->ttl || r->tables || r->finest != r->coarsest || r->finest < lowest)
		return 0;
	return (uint64_t)r->finest;
}

/* The operand for the most pages from ipa on that one operation takes; their number. */
static COLD uint64_t range_operand(uint64_t pages, uint64_t *operand)
{
	unsigned scale = 3;
	uint64_t num;

	if (pages > RANGE_MAX_PAGES)
		pages = RANGE_MAX_PAGES;
	/* (NUM + 1) * 2^(5 * SCALE + 1) pages: the largest scale that does not exceed. */
	while (scale && pages >> (5 * scale + 1) == 0)
		scale--;
	num = pages >> (5 * scale + 1);
	num = num > 32 ? 32 : num;
	*operand |= (num - 1) << RANGE_NUM_SHIFT | (uint64_t)scale << RANGE_SCALE_SHIFT;
	return num << (5 * scale + 1);
}

static COLD bool add_range(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_range *r,
			   const struct armvirt_tlb_caps *c)
{
	unsigned shift = c->granule_shift, unit = c->lpa2 ? 16 : shift;
	uint64_t step = UINT64_C(1) << (shift + (unsigned)(3 - r->finest) * (shift - 3u));
	/* TG of the TTL and range operands: 1 is 4K, 2 is 16K, 3 is 64K. */
	uint64_t level = hint(r, c), tg = (shift - 10u) / 2, operand;

	for (uint64_t ipa = r->base; ipa < r->end;) {
		unsigned kind = r->tables ? ARMVIRT_TLB_IPA : ARMVIRT_TLB_IPA_LAST;

		if (plan->count == ARMVIRT_TLB_OPS)
			return false;
		/* The base of a range operation is in units of 64K under LPA2. */
		if (!c->range || c->el2 || (ipa & ((UINT64_C(1) << unit) - 1)) ||
		    r->end - ipa <= step) {
			operand = ipa >> 12 | (level ? tg << 2 | level : 0) << TTL_SHIFT;
			kind = c->el2 ? ARMVIRT_TLB_EL2_VA : kind;
			ipa += step;
		} else {
			operand = ipa >> unit | tg << RANGE_TG_SHIFT;
			if (!(ipa & (step - 1)))
				operand |= level << RANGE_TTL_SHIFT;
			kind += ARMVIRT_TLB_RANGE - ARMVIRT_TLB_IPA;
			ipa += range_operand((r->end - ipa) >> shift, &operand) << shift;
		}
		plan->kind[plan->count] = (uint8_t)kind;
		plan->operand[plan->count++] = operand;
	}
	return true;
}

COLD void armvirt_tlb_plan_build(struct armvirt_tlb_plan *plan, const struct armvirt_tlb_gather *g,
				 const struct armvirt_tlb_caps *c)
{
	bool fits = !g->everything;

	*plan = (struct armvirt_tlb_plan){.flags = g->publish ? ARMVIRT_TLB_PUBLISH : 0};
	for (unsigned i = 0; fits && i < g->count; i++)
		fits = add_range(plan, &g->range[i], c);
	if (!fits) {
		plan->count = 1;
		plan->operand[0] = 0;
		plan->kind[0] = c->el2 ? ARMVIRT_TLB_EL2_ALL : ARMVIRT_TLB_VMID;
	} else if (plan->count && !c->el2) {
		plan->flags |= ARMVIRT_TLB_COMBINED;
	}
}
