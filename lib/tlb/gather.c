/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges whose translations changed: sorted, disjoint, few. */
#include <libarmvirt/tlb.h>

static void absorb(struct armvirt_tlb_range *into, const struct armvirt_tlb_range *r)
{
	into->base = r->base < into->base ? r->base : into->base;
	into->end = r->end > into->end ? r->end : into->end;
	into->finest = r->finest > into->finest ? r->finest : into->finest;
	into->coarsest = r->coarsest < into->coarsest ? r->coarsest : into->coarsest;
	into->tables |= r->tables;
}

static void remove_at(struct armvirt_tlb_gather *g, unsigned i)
{
	g->count--;
	for (; i < g->count; i++)
		g->range[i] = g->range[i + 1];
}

/* Joins the two neighbours with the smallest gap. */
static void join_nearest(struct armvirt_tlb_gather *g)
{
	unsigned best = 0;

	for (unsigned i = 1; i + 1 < g->count; i++) {
		if (g->range[i + 1].base - g->range[i].end <
		    g->range[best + 1].base - g->range[best].end)
			best = i;
	}
	absorb(&g->range[best], &g->range[best + 1]);
	remove_at(g, best + 1);
}

/* Takes every range that touches r out of the list and into r; returns r's place. */
static unsigned swallow(struct armvirt_tlb_gather *g, struct armvirt_tlb_range *r)
{
	unsigned i = g->count;

	while (i && g->range[i - 1].base > r->end)
		i--;
	while (i && g->range[i - 1].end >= r->base) {
		i--;
		absorb(r, &g->range[i]);
		remove_at(g, i);
	}
	return i;
}

void armvirt_tlb_gather_add(struct armvirt_tlb_gather *g, const struct armvirt_tlb_range *add)
{
	struct armvirt_tlb_range r = *add;
	unsigned i = swallow(g, &r);

	if (g->count == ARMVIRT_TLB_RANGES) {
		join_nearest(g);
		i = swallow(g, &r);
	}
	for (unsigned j = g->count++; j > i; j--)
		g->range[j] = g->range[j - 1];
	g->range[i] = r;
}
