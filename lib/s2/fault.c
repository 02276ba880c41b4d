/* SPDX-License-Identifier: BSD-2-Clause */
/* What many CPUs do at once: answer stage-2 faults, by compare-and-swap. */
#include "attr.h"
#include "table.h"

static uint64_t *new_table(const struct armvirt_s2 *s, struct armvirt_pool *pool, uint64_t *desc)
{
	uint64_t *table = (uint64_t *)armvirt_pool_take(pool);

	if (!table)
		return NULL;
	for (uint64_t *t = table, *end = t + table_entries(&s->g); t != end; t += 32) {
		t[0] = t[1] = t[2] = t[3] = t[4] = t[5] = t[6] = t[7] = 0;
		t[8] = t[9] = t[10] = t[11] = t[12] = t[13] = t[14] = t[15] = 0;
		t[16] = t[17] = t[18] = t[19] = t[20] = t[21] = t[22] = t[23] = 0;
		t[24] = t[25] = t[26] = t[27] = t[28] = t[29] = t[30] = t[31] = 0;
	}
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

/* Apart, so that the common path saves no registers for it. */
static __attribute__((noinline)) enum armvirt_status
place_page(struct armvirt_s2 *s, armvirt_ipa_t ipa, uint64_t leaf, struct armvirt_pool *pool)
{
	const struct armvirt_s2_geometry *g = &s->g;
	unsigned stride = g->granule_shift - 3u, shift = level_shift_of(g, g->start_level);
	uint64_t *slot = s->memory.root + (ipa >> shift), d;
	int level = g->start_level;

	for (; level < 3; level++) {
		d = armvirt_seam_desc_load_acquire(slot);
		if (!d) {
			enum armvirt_status status = link_table(s, slot, pool, &d);

			if (status)
				return status;
		}
		if ((d & g->table_bits) != 3)
			return in_the_way(s, d, level);
		shift -= stride;
		slot = table_at(s, d) + ((ipa >> shift) & ((UINT64_C(1) << stride) - 1));
	}
	d = armvirt_seam_desc_cas(slot, 0, leaf);
	return d ? in_the_way(s, d, 3) : ARMVIRT_OK;
}

/* Maps a page where geometry is plain_4k, its tables are there, and it is not. */
static inline bool place_4k(const struct armvirt_s2 *s, armvirt_ipa_t ipa, uint64_t leaf)
{
	const uint64_t low = MASK64(47, 12);
	uint64_t d = armvirt_seam_desc_load_acquire(s->memory.root + (ipa >> 30)), none = 0;

	if ((d & ~low) != 3)
		return false;
	d = armvirt_seam_desc_load_acquire(table_4k(s, d & low) + ((ipa >> 21) & 511));
	if ((d & ~low) != 3)
		return false;
	return armvirt_seam_desc_try(table_4k(s, d & low) + ((ipa >> 12) & 511), &none, leaf);
}

enum armvirt_status armvirt_s2_fault_map(struct armvirt_s2 *s,
					 const struct armvirt_s2_fault_request *r,
					 struct armvirt_pool *pool)
{
	const struct armvirt_s2_geometry *g = &s->g;
	enum armvirt_status status;
	uint64_t bits;

	if ((r->ipa | r->pa) & g->page_mask)
		return ARMVIRT_E_ALIGN;
	if (r->ipa >= g->ipa_limit || r->pa >= g->pa_limit)
		return ARMVIRT_E_RANGE;
	if (!attr_encode(g, r->attr, &bits))
		return ARMVIRT_E_ATTR;
	bits |= stage2_permissions(g, r->attr) | D_TABLE | D_VALID;
	if (!g->plain_4k || !place_4k(s, r->ipa, bits | r->pa)) {
		status = place_page(s, r->ipa, bits | addr_encode(g, r->pa), pool);
		if (status)
			return status;
	}
	armvirt_seam_dsb_ishst(); /* orders the descriptor before the guest's retry */
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_fault_fix(struct armvirt_s2 *s, armvirt_ipa_t ipa, bool write,
					 struct armvirt_tlb_plan *plan)
{
	const struct armvirt_s2_geometry *g = &s->g;
	struct armvirt_tlb_gather stale = {0};
	struct place p;
	uint64_t new;

	if (ipa >= g->ipa_limit)
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
