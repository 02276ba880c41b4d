/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges whose translations changed: sorted, disjoint, few. */
#include <libarmvirt/tlb.h>

#define COLD __attribute__((cold))

static __attribute__((noinline)) COLD void absorb(struct armvirt_tlb_range *into, const struct armvirt_tlb_range *r)
{
	into->base = r->base < into->base ? r->base : into->base;
	into->end = r->end > into->end ? r->end : into->end;
	into->finest = r->finest > into->finest ? r->finest : into->finest;
	into->coarsest = r->coarsest < into->coarsest ? r->coarsest : into->coarsest;
	into->tables |= r->tables;
}

COLD void armvirt_tlb_gather_add(struct armvirt_tlb_gather *g, const struct armvirt_tlb_range *add)
{
	struct armvirt_tlb_range r = *add, *range = g->range;
	unsigned n = 0, best = 0;

	/* What r touches goes into it; the rest closes up. */
	for (unsigned i = 0; i < g->count; i++) {
		if (range[i].base <= r.end && r.base <= range[i].end)
			absorb(&r, &range[i]);
		else
			range[n++] = range[i];
	}
	for (g->count = (uint8_t)(n + 1); n && range[n - 1].base > r.base; n--)
		range[n] = range[n - 1];
	range[n] = r;
	if (g->count <= ARMVIRT_TLB_RANGES)
		return;
	/* One too many: the two neighbours with the smallest gap become one. */
	for (unsigned i = 1; i < ARMVIRT_TLB_RANGES; i++) {
		if (range[i + 1].base - range[i].end < range[best + 1].base - range[best].end)
			best = i;
	}
	absorb(&range[best], &range[best + 1]);
	g->count--;
	while (++best < ARMVIRT_TLB_RANGES)
		range[best] = range[best + 1];
}
