/* SPDX-License-Identifier: BSD-2-Clause */
/* What many CPUs do at once: answer stage-2 faults, by compare-and-swap. */
#include "table.h"

static uint64_t *new_table(const struct armvirt_s2 *s, struct armvirt_pool *pool, uint64_t *desc)
{
	uint64_t *table = (uint64_t *)armvirt_pool_take(pool);

	if (!table)
		return NULL;
	for (unsigned i = 0; i < table_entries(&s->g); i++)
		table[i] = 0;
	*desc = addr_encode(&s->g, table_pa(s, table)) | D_TABLE | D_VALID;
	return table;
}

/* What an invalid descriptor, or a leaf, in the way means to somebody who would map. */
static enum armvirt_status in_the_way(const struct armvirt_s2 *s, uint64_t d, int level)
{
	if (desc_valid(d))
		return leaf_sane(&s->g, d, level) ? ARMVIRT_RETRY : ARMVIRT_E_CORRUPT;
	if (desc_is_pending(d))
		return ARMVIRT_RETRY;
	return note_sane(d) ? ARMVIRT_E_EXISTS : ARMVIRT_E_CORRUPT;
}

/* Links a new table where nothing is; whoever comes second uses the first one's. */
static enum armvirt_status link_table(struct armvirt_s2 *s, uint64_t *slot,
				      struct armvirt_pool *pool, uint64_t *desc)
{
	uint64_t mine, found, *table = new_table(s, pool, &mine);

	if (!table)
		return ARMVIRT_E_NOMEM;
	found = armvirt_seam_desc_cas(slot, 0, mine);
	if (found)
		armvirt_pool_add(pool, table);
	*desc = found ? found : mine;
	return ARMVIRT_OK;
}

static enum armvirt_status place_page(struct armvirt_s2 *s, armvirt_ipa_t ipa, uint64_t leaf,
				      struct armvirt_pool *pool)
{
	const struct armvirt_s2_geometry *g = &s->g;
	int level = g->start_level;
	uint64_t *slot = s->memory.root + (ipa >> level_shift_of(g, level)), d;

	for (; level < 3; level++) {
		d = armvirt_seam_desc_load_acquire(slot);
		if (!d) {
			enum armvirt_status status = link_table(s, slot, pool, &d);

			if (status)
				return status;
		}
		if ((d & 3) != 3)
			return in_the_way(s, d, level);
		if (!table_sane(g, d))
			return ARMVIRT_E_CORRUPT;
		slot = table_at(s, d) + index_of(g, ipa, level + 1);
	}
	d = armvirt_seam_desc_cas(slot, 0, leaf);
	return d ? in_the_way(s, d, 3) : ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_fault_map(struct armvirt_s2 *s,
					 const struct armvirt_s2_fault_request *r,
					 struct armvirt_pool *pool)
{
	const struct armvirt_s2_geometry *g = &s->g;
	enum armvirt_status status;
	uint64_t bits;

	if ((r->ipa | r->pa) & ((UINT64_C(1) << g->granule_shift) - 1))
		return ARMVIRT_E_ALIGN;
	if (r->ipa >> g->ipa_bits || r->pa >> g->pa_bits)
		return ARMVIRT_E_RANGE;
	status = armvirt_s2_attr_encode(g, r->attr, &bits);
	if (status)
		return status;
	status = place_page(s, r->ipa, addr_encode(g, r->pa) | bits | D_TABLE | D_VALID, pool);
	if (status == ARMVIRT_OK)
		armvirt_seam_dsb_ishst(); /* orders the descriptor before the guest's retry */
	return status;
}

enum armvirt_status armvirt_s2_fault_fix(struct armvirt_s2 *s, armvirt_ipa_t ipa, bool write,
					 struct armvirt_tlb_plan *plan)
{
	const struct armvirt_s2_geometry *g = &s->g;
	struct armvirt_tlb_gather stale = {0};
	struct place p;
	uint64_t new;

	if (ipa >> g->ipa_bits)
		return ARMVIRT_E_RANGE;
	place_root(s, ipa, &p);
	while (desc_is_table(p.desc, p.level)) {
		if (!table_sane(g, p.desc))
			return ARMVIRT_E_CORRUPT;
		place_down(s, ipa, &p, p.desc);
	}
	if (!desc_valid(p.desc))
		return desc_is_pending(p.desc)        ? ARMVIRT_RETRY
		       : !p.desc || note_sane(p.desc) ? ARMVIRT_E_ABSENT
						      : ARMVIRT_E_CORRUPT;
	if (!leaf_sane(g, p.desc, p.level))
		return ARMVIRT_E_CORRUPT;
	if (write && !(p.desc & (D_W | g->track)))
		return ARMVIRT_E_DENIED;
	new = p.desc | D_AF | (write ? D_W : 0);
	if (new == p.desc || armvirt_seam_desc_cas(p.table + p.index, p.desc, new) != p.desc)
		return ARMVIRT_RETRY;
	if (new & ~p.desc & D_W) {
		uint64_t span = armvirt_s2_span(g, p.level);
		struct armvirt_tlb_range r = {ipa & ~(span - 1), (ipa | (span - 1)) + 1,
					      (int8_t)p.level, (int8_t)p.level, false};

		armvirt_tlb_gather_add(&stale, &r);
	}
	stale.publish = true;
	armvirt_tlb_plan_build(plan, &stale, &g->tlb);
	return ARMVIRT_OK;
}
