/* SPDX-License-Identifier: BSD-2-Clause */
/* What many CPUs do at once: answer stage-2 faults, by compare-and-swap. */
#include "attr.h"
#include "table.h"

/* Any geometry, and tables that are missing. Apart, so that the common path saves no registers. */
static APART enum armvirt_status place_page(struct armvirt_s2 *s,
					    const struct armvirt_s2_fault_request *r, uint64_t bits,
					    struct armvirt_pool *pool)
{
	for (;;) {
		enum armvirt_status status = ARMVIRT_E_CORRUPT;
		uint64_t new = bits | addr_encode(&s->g, r->pa), none = 0;
		struct place p;

		if (armvirt_s2_walk(s, r->ipa, WALK_READ, &p))
			status = armvirt_s2_judge(&s->g, &p);
		if (status != ARMVIRT_E_ABSENT)
			return status ? status : ARMVIRT_RETRY;
		if (p.level < 3)
			new = armvirt_s2_new_table(s, pool);
		if (!new)
			return ARMVIRT_E_NOMEM;
		/* Whoever comes second uses what the first one put there. */
		if (!armvirt_seam_desc_try(p.slot, &none, new)) {
			if (p.level < 3)
				armvirt_pool_add(pool, table_at(s, new));
		} else if (p.level == 3) {
			armvirt_seam_dsb_ishst(); /* orders the descriptor before the retry */
			return ARMVIRT_OK;
		}
	}
}

/* Maps a page where geometry is plain_4k, its tables are there, and it is not. */
static inline bool place_4k(const struct armvirt_s2 *s, const struct armvirt_s2_fault_request *r,
			    uint64_t bits)
{
	const uint64_t low = MASK64(47, 12);
	uint64_t d = armvirt_seam_desc_load_acquire(s->memory.root + (r->ipa >> 30)), none = 0;

	if ((d & ~low) != 3)
		return false;
	d = armvirt_seam_desc_load_acquire(table_4k(s, d & low) + ((r->ipa >> 21) & 511));
	if ((d & ~low) != 3)
		return false;
	return armvirt_seam_desc_try(table_4k(s, d & low) + ((r->ipa >> 12) & 511), &none,
				     bits | r->pa);
}

enum armvirt_status armvirt_s2_fault_map(struct armvirt_s2 *s,
					 const struct armvirt_s2_fault_request *r,
					 struct armvirt_pool *pool)
{
	const struct armvirt_s2_geometry *g = &s->g;
	uint64_t bits;

	if ((r->ipa | r->pa) & g->page_mask)
		return ARMVIRT_E_ALIGN;
	if (r->ipa >= g->ipa_limit || r->pa >= g->pa_limit)
		return ARMVIRT_E_RANGE;
	if (!attr_encode(g, r->attr, &bits))
		return ARMVIRT_E_ATTR;
	bits |= stage2_permissions(g, r->attr) | D_TABLE | D_VALID;
	if (!g->plain_4k || !place_4k(s, r, bits))
		return place_page(s, r, bits, pool);
	armvirt_seam_dsb_ishst(); /* orders the descriptor before the guest's retry */
	return ARMVIRT_OK;
}

/* The plan of one changed entry; widened: CPUs may hold what allows less. */
static APART void plan_entry(const struct armvirt_s2_geometry *g, const struct place *p,
			     bool widened, struct armvirt_tlb_plan *plan)
{
	struct armvirt_tlb_gather changed;

	changed.range[0] = (struct armvirt_tlb_range){p->ipa, p->ipa + p->span, (int8_t)p->level,
						      (int8_t)p->level, false};
	changed.count = widened;
	changed.everything = false;
	changed.publish = true;
	armvirt_tlb_plan_build(plan, &changed, &g->tlb);
}

COLD enum armvirt_status armvirt_s2_fault_fix(struct armvirt_s2 *s, armvirt_ipa_t ipa, bool write,
					      struct armvirt_tlb_plan *plan)
{
	const struct armvirt_s2_geometry *g = &s->g;
	enum armvirt_status status = ARMVIRT_E_CORRUPT;
	struct place p;
	uint64_t new;

	if (ipa >= g->ipa_limit)
		return ARMVIRT_E_RANGE;
	if (armvirt_s2_walk(s, ipa, WALK_READ, &p))
		status = armvirt_s2_judge(g, &p);
	if (status)
		return status == ARMVIRT_E_EXISTS ? ARMVIRT_E_ABSENT : status;
	if (write && !(p.desc & (D_W | g->track)))
		return ARMVIRT_E_DENIED;
	new = p.desc | D_AF | (write ? D_W : 0);
	if (new == p.desc || armvirt_seam_desc_cas(p.slot, p.desc, new) != p.desc)
		return ARMVIRT_RETRY;
	plan_entry(g, &p, new & ~p.desc &D_W, plan);
	return ARMVIRT_OK;
}
